//! Pure economics.

pub mod amm;
pub mod crp;
pub mod fx;
pub mod governance;
pub mod risk;
