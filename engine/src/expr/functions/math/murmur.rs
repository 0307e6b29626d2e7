//! Murmur3 (x86, 32 bits; Austin Appleby), with Spark's own treatment of the last bytes: each is mixed in by itself,
//! sign and all.

use super::hash::Hasher;

pub(super) const HASHER: Hasher = Hasher { int: of_int, long: of_long, bytes: of_bytes };

fn of_int(value: i32, seed: i64) -> i64 {
    finish(mix(seed_of(seed), mix_value(value.cast_unsigned())), 4)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are meant")]
fn of_long(value: i64, seed: i64) -> i64 {
    let value = value.cast_unsigned();
    let low = mix(seed_of(seed), mix_value(value as u32));
    finish(mix(low, mix_value((value >> 32) as u32)), 8)
}

#[expect(clippy::cast_possible_truncation, reason = "a text is shorter than 4 GiB")]
fn of_bytes(bytes: &[u8], seed: i64) -> i64 {
    let words = bytes.chunks_exact(4);
    let rest = words.remainder();
    let mut hash = seed_of(seed);
    for word in words {
        hash = mix(hash, mix_value(u32::from_le_bytes([word[0], word[1], word[2], word[3]])));
    }
    for byte in rest {
        hash = mix(hash, mix_value(i32::from(byte.cast_signed()).cast_unsigned()));
    }
    finish(hash, bytes.len() as u32)
}

#[expect(clippy::cast_possible_truncation, reason = "the seed is a hash of 32 bits")]
fn seed_of(seed: i64) -> u32 {
    (seed as i32).cast_unsigned()
}

fn mix_value(value: u32) -> u32 {
    value.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

fn mix(hash: u32, value: u32) -> u32 {
    (hash ^ value).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

fn finish(hash: u32, length: u32) -> i64 {
    let mut hash = hash ^ length;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    i64::from((hash ^ (hash >> 16)).cast_signed())
}
