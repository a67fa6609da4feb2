//! Pure economics.

pub mod amm;
pub mod crp;
pub mod fx;
pub mod governance;
pub mod launchpad;
pub mod reserve;
pub mod risk;
pub mod staking;
pub mod yield_token;
