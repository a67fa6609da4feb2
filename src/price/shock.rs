//! Scripted shocks, laid over any process in the order in which they are listed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::path::{Grid, HIGHEST_USD, LOWEST_USD, MarketPath, hold};
use super::problem::{PriceError, Problems};
use super::process::{Process, ProcessNote, field};
use super::spec::PriceSpec;

/// A process with shocks over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shocked {
    /// The process underneath.
    pub base: Box<PriceSpec>,
    /// The shocks.
    pub shocks: Vec<Shock>,
}

/// One scripted shock. Hours count from tick 0; a shock without `symbols` hits every asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Shock {
    /// Multiplies prices by `factor`, gradually (a straight line in logarithms) over some hours, for good.
    Jump {
        /// When it starts.
        at_hours: f64,
        /// What prices are multiplied by: 0.5 halves them.
        factor: f64,
        /// How long it takes. Default: 0, at once.
        #[serde(default)]
        over_hours: f64,
        /// The assets it hits. Default: all.
        #[serde(default)]
        symbols: Vec<String>,
    },
    /// Multiplies each log return by `factor` for some hours.
    ///
    /// This scales volatility and drift alike: under a driftless diffusion of volatility σ the expected price rises by
    /// the factor exp(k (k - 1) σ² T / 2).
    VolatilityScale {
        /// When it starts.
        at_hours: f64,
        /// How long it lasts.
        for_hours: f64,
        /// What log returns are multiplied by, k.
        factor: f64,
        /// The assets it hits. Default: all.
        #[serde(default)]
        symbols: Vec<String>,
    },
    /// Multiplies the price of the on-chain dollar: down to `price`, held, and back.
    DepegUsd {
        /// When it starts.
        at_hours: f64,
        /// Dollars per on-chain dollar at the worst: 0.88.
        price: f64,
        /// How long the way down takes. Default: 0, at once.
        #[serde(default)]
        over_hours: f64,
        /// How long it stays there. Default: 0.
        #[serde(default)]
        hold_hours: f64,
        /// How long the way back takes. Without it the peg does not come back.
        #[serde(default)]
        recovery_hours: Option<f64>,
    },
}

const LATEST_HOURS: f64 = 1e7;

impl Shocked {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Shocked",
        meaning: "scripted shocks over another process",
        fields: &[
            field("base", "process", "required", "the process underneath"),
            field(
                "shocks",
                "list",
                "required",
                "Jump(at_hours, factor, over_hours: 0, symbols: []), VolatilityScale(at_hours, for_hours, factor, \
                 symbols: []), DepegUsd(at_hours, price, over_hours: 0, hold_hours: 0, recovery_hours)",
            ),
        ],
        asset_fields: &[],
    };
}

impl Process for Shocked {
    fn symbols(&self) -> Vec<&str> {
        self.base.process().symbols()
    }

    fn problems(&self, problems: &mut Problems) {
        problems.under("base", |problems| self.base.process().problems(problems));
        let known = self.symbols();
        for (place, shock) in self.shocks.iter().enumerate() {
            problems.under(&format!("shocks[{place}]"), |problems| shock.problems(&known, problems));
        }
    }

    fn generate(&self, grid: Grid, streams: &Streams, base_dir: &Path) -> Result<MarketPath, PriceError> {
        let mut path = self.base.process().generate(grid, streams, base_dir)?;
        for shock in &self.shocks {
            shock.lay_over(&mut path, grid);
        }
        for (symbol, prices) in path.assets.iter().zip(&path.prices_usd) {
            if let Some(tick) = prices.iter().position(|price| *price <= LOWEST_USD || *price >= HIGHEST_USD)
            {
                path.notes.push(format!(
                    "{symbol}: shocks reach {LOWEST_USD} or {HIGHEST_USD} usd at tick {tick}, held"
                ));
            }
        }
        Ok(path)
    }

    fn data_files(&self) -> Vec<PathBuf> {
        self.base.data_files()
    }

    fn length_seconds(&self) -> Option<i64> {
        self.base.process().length_seconds()
    }
}

impl Shock {
    fn problems(&self, known: &[&str], problems: &mut Problems) {
        match self {
            Self::Jump { at_hours, factor, over_hours, symbols } => {
                problems.number("at_hours", *at_hours, 0.0..=LATEST_HOURS);
                problems.number("factor", *factor, 1e-6..=1e6);
                problems.number("over_hours", *over_hours, 0.0..=LATEST_HOURS);
                check_known(symbols, known, problems);
            }
            Self::VolatilityScale { at_hours, for_hours, factor, symbols } => {
                problems.number("at_hours", *at_hours, 0.0..=LATEST_HOURS);
                problems.number("for_hours", *for_hours, 0.0..=LATEST_HOURS);
                problems.number("factor", *factor, 0.0..=100.0);
                check_known(symbols, known, problems);
            }
            Self::DepegUsd { at_hours, price, over_hours, hold_hours, recovery_hours } => {
                problems.number("at_hours", *at_hours, 0.0..=LATEST_HOURS);
                problems.number("price", *price, 1e-6..=1e6);
                problems.number("over_hours", *over_hours, 0.0..=LATEST_HOURS);
                problems.number("hold_hours", *hold_hours, 0.0..=LATEST_HOURS);
                if let Some(recovery_hours) = recovery_hours {
                    problems.number("recovery_hours", *recovery_hours, 0.0..=LATEST_HOURS);
                }
            }
        }
    }

    fn lay_over(&self, path: &mut MarketPath, grid: Grid) {
        match self {
            Self::Jump { at_hours, factor, over_hours, symbols } => {
                for prices in hit(path, symbols) {
                    for (tick, price) in prices.iter_mut().enumerate() {
                        *price = hold(*price * ramp(grid.hours_at(tick), *at_hours, *over_hours, *factor));
                    }
                }
            }
            Self::VolatilityScale { at_hours, for_hours, factor, symbols } => {
                for prices in hit(path, symbols) {
                    scale_returns(prices, grid, (*at_hours, at_hours + for_hours), *factor);
                }
            }
            Self::DepegUsd { at_hours, price, over_hours, hold_hours, recovery_hours } => {
                let recovers_at = at_hours + over_hours + hold_hours;
                for (tick, value) in path.usd_token_price.iter_mut().enumerate() {
                    let hours = grid.hours_at(tick);
                    *value *= ramp(hours, *at_hours, *over_hours, *price);
                    if let Some(recovery_hours) = recovery_hours {
                        *value *= ramp(hours, recovers_at, *recovery_hours, 1.0 / price);
                    }
                    *value = value.clamp(LOWEST_USD, HIGHEST_USD);
                }
            }
        }
    }
}

/// The prices that a shock hits.
fn hit<'a>(path: &'a mut MarketPath, symbols: &'a [String]) -> impl Iterator<Item = &'a mut Vec<f64>> {
    let MarketPath { assets, prices_usd, .. } = path;
    assets
        .iter()
        .zip(prices_usd)
        .filter(move |(asset, _)| symbols.is_empty() || symbols.contains(asset))
        .map(|(_, prices)| prices)
}

/// 1 before `at`, `factor` after `over` hours from there, geometric between.
fn ramp(hours: f64, at: f64, over: f64, factor: f64) -> f64 {
    if hours >= at + over {
        factor
    } else if hours <= at {
        1.0
    } else {
        libm::pow(factor, (hours - at) / over)
    }
}

/// Multiplies the log returns of the ticks that start inside the window.
fn scale_returns(prices: &mut [f64], grid: Grid, window: (f64, f64), factor: f64) {
    let mut gained = 1.0_f64;
    let mut before = prices.first().copied().unwrap_or(1.0);
    for (tick, price) in prices.iter_mut().enumerate().skip(1) {
        let started = grid.hours_at(tick - 1);
        if started >= window.0 && started < window.1 {
            // In logarithms r becomes k r: the level gains (k - 1) r.
            gained = (gained * libm::pow(*price / before, factor - 1.0)).clamp(1e-30, 1e30);
        }
        before = *price;
        *price = hold(*price * gained);
    }
}

fn check_known(symbols: &[String], known: &[&str], problems: &mut Problems) {
    for (place, symbol) in symbols.iter().enumerate() {
        if !known.contains(&symbol.as_str()) {
            problems.push(
                &format!("symbols[{place}]"),
                format!("one of {}", known.join(", ")),
                format!("`{symbol}`"),
            );
        }
    }
}
