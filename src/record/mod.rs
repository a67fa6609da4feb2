//! Looks, never touches: metrics, events, tables and how they are stored.

pub mod events;
pub mod metrics;
pub mod recorder;
pub mod table;
