//! Numbers.

mod arithmetic;
mod bits;
mod elementary;
mod factorial;
mod hash;
mod logarithm;
mod murmur;
mod rounding;
mod sign;
mod xxh;

use super::Entry;

/// All of them, by file.
pub(super) const ENTRIES: &[&[Entry]] = &[&[
    arithmetic::TRY_ADD,
    arithmetic::TRY_SUBTRACT,
    arithmetic::TRY_MULTIPLY,
    arithmetic::TRY_DIVIDE,
    arithmetic::TRY_MOD,
    arithmetic::MOD,
    arithmetic::PMOD,
    arithmetic::DIV,
    sign::ABS,
    sign::NEGATIVE,
    sign::POSITIVE,
    sign::SIGNUM,
    rounding::CEIL,
    rounding::FLOOR,
    rounding::ROUND,
    rounding::BROUND,
    rounding::RINT,
    elementary::SQRT,
    elementary::CBRT,
    elementary::EXP,
    elementary::EXPM1,
    elementary::SIN,
    elementary::COS,
    elementary::TAN,
    elementary::ASIN,
    elementary::ACOS,
    elementary::ATAN,
    elementary::SINH,
    elementary::COSH,
    elementary::TANH,
    elementary::ATAN2,
    elementary::HYPOT,
    elementary::POW,
    elementary::RADIANS,
    elementary::DEGREES,
    elementary::PI,
    elementary::E,
    logarithm::LN,
    logarithm::LOG,
    logarithm::LOG2,
    logarithm::LOG10,
    logarithm::LOG1P,
    factorial::ENTRY,
    bits::SHIFTLEFT,
    bits::SHIFTRIGHT,
    bits::SHIFTRIGHTUNSIGNED,
    bits::BIT_GET,
    bits::BIT_COUNT,
    hash::HASH,
    hash::XXHASH64,
]];
