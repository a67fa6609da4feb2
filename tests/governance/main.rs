//! Governance from outside: whatever is proposed and voted, tokens are conserved and values stay within bounds; and in a
//! running world a passed proposal changes the pool's fee from the next tick on.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]
#![allow(
    unreachable_pub,
    reason = "a test binary exports nothing: here `pub` marks what a module offers its siblings"
)]

mod basics;
mod bench;
mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod differences;
mod every_venue;
mod executor;
mod loans;
mod money;
mod people;
mod stages;
mod team;
#[path = "../common/transact.rs"]
mod transact;
mod world;
