//! Pure economics.

pub mod amm;
pub mod crp;
pub mod fx;
pub mod governance;
pub mod liquidity;
pub mod reserve;
pub mod risk;
pub mod yield_token;
