//! A loan market in the world: worked examples of a loan's life, and whatever anybody asks of it in whatever order.
//!
//! The arithmetic of the pools is tested where it stands; here it is the ledger: who pays, who is paid, what is left.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod chance;
#[path = "../common/mod.rs"]
mod common;
mod examples;
mod place;
mod reserve;
mod settlement;
mod terms;
mod walks;
