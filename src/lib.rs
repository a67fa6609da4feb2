#![doc = include_str!("../README.md")]

pub mod agents;
pub mod chart;
pub mod cli;
pub mod experiment;
pub mod numerics;
pub mod price;
pub mod protocol;
pub mod quantity;
pub mod record;
pub mod risk;
pub mod venue;
pub mod world;
