//! Mathematics without finance.

pub mod accumulator;
pub mod concentration;
pub mod distribution;
pub mod excursion;
pub mod lanes;
pub mod paired;
pub mod philox;
pub mod quantile;
pub mod roots;
pub mod special;
pub mod statistics;
pub mod tail;
