//! Ballast: an agent-based market and governance simulator.
//!
//! The direction of imports between the modules below is fixed and tested:
//! `quantity, numerics <- protocol <- world <- price, venue <- agents, record <- experiment <- chart <- cli`.

pub mod agents;
pub mod chart;
pub mod cli;
pub mod experiment;
pub mod numerics;
pub mod price;
pub mod protocol;
pub mod quantity;
pub mod record;
pub mod venue;
pub mod world;
