//! What an honest world must show: directions known from theory or from the contracts.
//!
//! Most are paired experiments: two worlds with the same seeds and one change between them. The sign of the mean difference
//! is judged by a one-sided paired test, so that chance that both worlds share cancels. Worlds are small; what they are
//! made of is shipped in `configs/` and `agents/`.

#![allow(
    unreachable_pub,
    reason = "a test binary exports nothing: here `pub` marks what a module offers its siblings"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a world that cannot be set up is a failed test")]

mod beta;
mod emission;
mod facts;
mod governance;
mod launch;
mod lending;
mod liquidity;
mod order_book;
mod paired;
mod peg;
mod provision;
mod settlement;
mod shipped;
mod stress;
