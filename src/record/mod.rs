//! Looks, never touches: metrics, events, tables and how they are stored.

pub mod atomic;
pub mod directory;
pub mod events;
pub mod hash;
pub mod manifest;
pub mod metrics;
pub mod recorder;
pub mod table;
