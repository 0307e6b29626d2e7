//! xxHash with 64 bits (Yann Collet).

use super::hash::Hasher;

pub(super) const HASHER: Hasher = Hasher { int: of_int, long: of_long, bytes: of_bytes };

const P1: u64 = 0x9e37_79b1_85eb_ca87;
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const P3: u64 = 0x1656_67b1_9e37_79f9;
const P4: u64 = 0x85eb_ca77_c2b2_ae63;
const P5: u64 = 0x27d4_eb2f_1656_67c5;

fn of_int(value: i32, seed: i64) -> i64 {
    let start = seed.cast_unsigned().wrapping_add(P5).wrapping_add(4);
    finish(mix_word(start, value.cast_unsigned()))
}

fn of_long(value: i64, seed: i64) -> i64 {
    let start = seed.cast_unsigned().wrapping_add(P5).wrapping_add(8);
    finish(mix_long(start, value.cast_unsigned()))
}

fn of_bytes(bytes: &[u8], seed: i64) -> i64 {
    let seed = seed.cast_unsigned();
    let stripes = bytes.chunks_exact(32);
    let rest = stripes.remainder();
    let mut hash = if bytes.len() >= 32 { stripes_hash(stripes, seed) } else { seed.wrapping_add(P5) };
    hash = hash.wrapping_add(bytes.len() as u64);
    let longs = rest.chunks_exact(8);
    let rest = longs.remainder();
    for long in longs {
        hash = mix_long(hash, read_long(long));
    }
    let words = rest.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        hash = mix_word(hash, u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
    }
    finish(hash)
}

fn stripes_hash(stripes: std::slice::ChunksExact<'_, u8>, seed: u64) -> u64 {
    let mut lanes = [seed.wrapping_add(P1).wrapping_add(P2), seed.wrapping_add(P2), seed, seed.wrapping_sub(P1)];
    for stripe in stripes {
        for (lane, long) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
            *lane = round(*lane, read_long(long));
        }
    }
    let turns = [1, 7, 12, 18];
    let joined = lanes.iter().zip(turns).fold(0_u64, |sum, (lane, turn)| sum.wrapping_add(lane.rotate_left(turn)));
    lanes.iter().fold(joined, |hash, lane| (hash ^ round(0, *lane)).wrapping_mul(P1).wrapping_add(P4))
}

fn read_long(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn round(lane: u64, value: u64) -> u64 {
    lane.wrapping_add(value.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

fn mix_long(hash: u64, value: u64) -> u64 {
    (hash ^ round(0, value)).rotate_left(27).wrapping_mul(P1).wrapping_add(P4)
}

fn mix_word(hash: u64, value: u32) -> u64 {
    (hash ^ u64::from(value).wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3)
}

fn finish(mut hash: u64) -> i64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(P2);
    hash = (hash ^ (hash >> 29)).wrapping_mul(P3);
    (hash ^ (hash >> 32)).cast_signed()
}
