//! Exogenous markets: what happens outside, whatever the agents do.
//!
//! A path is generated whole before a run. [`PriceSpec`] is what stands under `price:` in a configuration; it yields a
//! [`MarketPath`]. One file is one process; a new one is a file that implements `Process`, named here and in the list of
//! `spec.rs`.
//!
//! | file | process | source |
//! |---|---|---|
//! | `gbm` | geometric Brownian motion | Black and Scholes 1973 |
//! | `merton` | normal jumps | Merton 1976 |
//! | `kou` | double exponential jumps | Kou 2002 |
//! | `heston` | square-root variance | Heston 1993, Andersen 2008 |
//! | `log_volatility` | two-factor log-volatility | after Gallant, Hsu and Tauchen 1999 |
//! | `regime` | Markov regimes | Hamilton 1989 |
//! | `replay` | real candles | the file |
//! | `bootstrap` | blocks of real candles | Politis and Romano 1994 |
//! | `bridge` | Brownian bridge through given points | |
//! | `scenario` | shipped stress episodes, as bridges | published prices |
//! | `shock` | scripted shocks over any of these | |
//!
//! Conventions: rates and volatilities are annual, in the 365-day year of [`crate::quantity`]. `drift` is the growth
//! rate of the *expected* price, jumps included: `E[S(T)] = S(0) exp(drift T)`, so that the default of zero favours
//! nobody. Every price is positive and finite. A path is a function of the specification, the seed and the data files.
//!
//! Every draw comes from a stream that is named by asset and purpose. Adding an asset, or adding jumps to a process,
//! does not change the other draws; with one correlation for all pairs (not a matrix) it does not change the other
//! assets' paths either.

mod bootstrap;
mod bridge;
mod calibration;
mod candle;
mod candle_reader;
mod correlation;
mod gbm;
mod heston;
mod history;
mod instant;
mod jump;
mod kou;
mod log_volatility;
mod merton;
mod noise;
mod path;
mod problem;
mod process;
mod regime;
mod replay;
mod scenario;
mod series;
mod shock;
mod spec;

pub use bootstrap::{Bootstrap, BootstrapAsset};
pub use bridge::{Bridge, BridgeAsset, BridgePoint};
pub use candle::{BadRow, Candle, CandleError, Candles, Missing};
pub use correlation::Correlation;
pub use gbm::{Gbm, GbmAsset};
pub use heston::{Heston, HestonAsset};
pub use kou::{Kou, KouAsset};
pub use log_volatility::{LogVolatility, LogVolatilityAsset};
pub use merton::{Merton, MertonAsset};
pub use path::MarketPath;
pub use problem::{PriceError, PriceProblem};
pub use process::{FieldNote, ProcessNote};
pub use regime::{Regime, RegimeAsset, RegimeSwitching};
pub use replay::{Replay, ReplayAsset};
pub use scenario::Scenario;
pub use series::{Between, PriceField};
pub use shock::{Shock, Shocked};
pub use spec::PriceSpec;
