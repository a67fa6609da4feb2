//! Swap mathematics: numbers in, numbers out.
//!
//! Every function takes the balances it needs and returns amounts; nothing here owns a pool. Amounts are in whole
//! units of their coins, prices are quote per base, and `net` means after a fee on the input.
//!
//! | file | curve | source |
//! |---|---|---|
//! | [`constant_product`] | `x y = k` | Uniswap v2 |
//! | [`exact`] | the same in integers: the guard of the ledger | Uniswap v2 |
//! | [`weighted`] | `x^w y^(1-w) = k` | Balancer v2, ALEX fixed-weight pool |
//! | [`stable_swap`], [`stable_liquidity`], [`amplification`] | StableSwap | Curve |
//! | [`curve`] | one of the three, for a pool of two coins | |
//! | [`arbitrage`], [`lvr`] | what an external price does to a pool | Milionis et al., loss-versus-rebalancing |
//! | [`limit`] | how much moves the price to a limit | Uniswap v3 |
//! | [`fixed_weight`], [`ratio_cap`] | the weighted pool of ALEX: capped quotes, fee split, oracle | ALEX |
//! | [`fees`] | who receives the fee | ALEX, Curve |
//! | [`twap`], [`resilient`] | the pool as an oracle: by time, by trades | Uniswap v3, Squeeth; ALEX |

pub mod amplification;
pub mod arbitrage;
pub mod constant_product;
pub mod curve;
pub mod error;
pub mod exact;
pub mod fees;
pub mod fixed_weight;
pub mod limit;
pub mod lvr;
pub mod ratio_cap;
pub mod resilient;
pub mod stable_liquidity;
pub mod stable_swap;
pub mod twap;
pub mod weighted;

pub use arbitrage::Trade;
pub use curve::{Curve, Side};
pub use error::SwapError;
