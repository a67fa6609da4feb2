//! Looks, never touches: metrics, events, tables and how they are stored.

pub mod table;
