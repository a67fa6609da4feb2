//! Swap mathematics.
