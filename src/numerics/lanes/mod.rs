//! Elementary functions and random words for many values side by side.
//!
//! Each function is one formula without a branch, inlined, so that a loop over an array of values becomes vector
//! instructions at whatever width the loop is compiled for. They use the additions, multiplications, divisions and square
//! roots that IEEE 754 fixes to the last bit, and bit operations; Rust never fuses or reorders them. The bytes are
//! therefore the same at every vector width and on every platform.
//!
//! The largest errors are stated at each function and tested against `libm`, which is an order of magnitude better and
//! slower: where one value at a time is wanted, take [`crate::numerics::special`] or `libm`.
//!
//! | file | holds |
//! |---|---|
//! | `elementary` | exponential, logarithm, log-odds |
//! | `normal` | distribution function and draws of the standard normal law |
//! | `philox` | Philox4x32-10, the same words as [`crate::numerics::philox`] |

mod elementary;
mod normal;
mod philox;

pub use elementary::{exp, ln, log_odds};
pub use normal::{FARTHEST_ARGUMENT, FARTHEST_DRAW, normal_cdf, normal_pair};
pub use philox::philox4x32;

/// 2^52 as bits: a whole number below 2^52 put into its mantissa is that number plus 2^52.
const WHOLE_BITS: u64 = 0x4330_0000_0000_0000;
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// A whole number below 2^52 as a float; vector instruction sets lack the conversion from 64-bit integers.
#[inline(always)]
fn float_of(whole: u64) -> f64 {
    f64::from_bits(WHOLE_BITS | whole) - WHOLE
}
