//! Mathematics without finance.

pub mod philox;
