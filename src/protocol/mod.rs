//! Pure economics.

pub mod amm;
pub mod fx;
pub mod governance;
pub mod risk;
