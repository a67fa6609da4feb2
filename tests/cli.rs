//! The program as a person meets it: exit codes, what stands on stdout and stderr, what lies in the results.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod command_line {
    pub mod assertions;
    pub mod compare;
    pub mod data;
    pub mod desk;
    pub mod interrupt;
    pub mod logging;
    pub mod mistakes;
    pub mod resolving;
    pub mod risk;
    pub mod running;
}
