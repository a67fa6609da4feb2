//! Looks, never touches: metrics, events, tables and how they are stored.

pub mod assertion;
pub mod atomic;
pub mod csv;
pub mod directory;
pub mod events;
pub mod hash;
pub mod holders;
pub mod manifest;
pub mod metrics;
pub mod parquet;
pub mod recorder;
pub mod response;
pub mod store;
pub mod summarise;
pub mod summary;
pub mod table;
