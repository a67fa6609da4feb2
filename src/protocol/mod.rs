//! Pure economics.

pub mod amm;
pub mod crp;
pub mod fx;
pub mod governance;
pub mod issuance;
pub mod launchpad;
pub mod liquidity;
pub mod order_book;
pub mod reserve;
pub mod risk;
pub mod securities_lending;
pub mod staking;
pub mod vesting;
pub mod yield_token;
