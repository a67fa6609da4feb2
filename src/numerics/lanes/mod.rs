//! Elementary functions and random words for many values side by side.
//!
//! Each function is one formula without a branch, inlined, so that a loop over an array of values becomes vector
//! instructions at whatever width the loop is compiled for. They use the additions, multiplications, divisions and square
//! roots that IEEE 754 fixes to the last bit, and bit operations; Rust never fuses or reorders them. The bytes are
//! therefore the same at every vector width and on every platform. A fused multiplication and addition would be faster by
//! a tenth where processors have it, and slower by ten times where they do not.
//!
//! Numbers are in single precision, of which a register holds twice as many: seven digits, some ten thousand times finer
//! than the noise of a simulation. Sums over many steps belong into compensated ones.
//!
//! The largest errors are stated at each function and tested against `libm`: where one value at a time is wanted, take
//! [`crate::numerics::special`] or `libm`.
//!
//! | file | holds |
//! |---|---|
//! | `elementary` | exponential, logarithms |
//! | `normal` | both sides of the standard normal law, and draws from it |
//! | `philox` | Philox4x32-10, the same words as [`crate::numerics::philox`] |

mod elementary;
mod normal;
mod philox;

pub use elementary::{exp, ln, log_ratio};
pub use normal::{FARTHEST_ARGUMENT, FARTHEST_DRAW, mills_ratio, normal_pair, normal_sides};
pub use philox::philox4x32;
