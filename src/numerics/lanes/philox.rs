//! Philox4x32-10 with each 32-bit word in a 64-bit lane, where vector instruction sets have the product they need.

const WORD: u64 = 0xFFFF_FFFF;
const MULTIPLIER_0: u64 = 0xD251_1F53;
const MULTIPLIER_1: u64 = 0xCD9E_8D57;
const WEYL_0: u32 = 0x9E37_79B9;
const WEYL_1: u32 = 0xBB67_AE85;
const ROUNDS: u32 = 10;

/// The four random words, each below 2^32, of a 64-bit key and a 128-bit counter given as words below 2^32.
///
/// The same words as [`crate::numerics::philox::philox4x32`], which names the source.
#[inline(always)]
#[must_use]
pub fn philox4x32(mut key: [u32; 2], counter: [u64; 4]) -> [u64; 4] {
    // Only the lower half of each lane counts; what gathers above it is cut off where it would matter.
    let [mut a, mut b, mut c, mut d] = counter;
    for round in 0..ROUNDS {
        if round > 0 {
            key[0] = key[0].wrapping_add(WEYL_0);
            key[1] = key[1].wrapping_add(WEYL_1);
        }
        let product_0 = MULTIPLIER_0.wrapping_mul(a & WORD);
        let product_1 = MULTIPLIER_1.wrapping_mul(c & WORD);
        a = (product_1 >> 32) ^ b ^ u64::from(key[0]);
        b = product_1;
        c = (product_0 >> 32) ^ d ^ u64::from(key[1]);
        d = product_0;
    }
    [a & WORD, b & WORD, c & WORD, d & WORD]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::numerics::philox;

    proptest! {
        #[test]
        fn the_words_are_those_of_one_stream(key: [u32; 2], counter: [u32; 4]) {
            let words = philox4x32(key, counter.map(u64::from));
            prop_assert_eq!(words, philox::philox4x32(key, counter).map(u64::from));
        }
    }
}
