//! Staking and emission in a world: pools open by their crowd, principal and rewards are accounted for to the atom, staked
//! tokens vote once, vaults are rolled when it pays.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

#[path = "../common/mod.rs"]
mod common;
mod opening;
mod place;
#[path = "../common/transact.rs"]
mod transact;
mod voting;
mod walk;
