//! The governance token as an economy: what is allotted adds up and vests to the atom, its market gives it a value, and what
//! voters issue, sell and buy back moves the books, the price and the shares of everybody else as it must.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod allocation;
mod buy_back;
#[path = "../common/mod.rs"]
mod common;
mod people;
mod place;
mod sale;
#[path = "../common/transact.rs"]
mod transact;
mod votes;
mod walk;
