//! Physics that everybody shares.

pub mod streams;
