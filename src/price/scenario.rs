//! Shipped stress scenarios: Brownian bridges through the prices of real episodes.
//!
//! Every seed passes through the same points and differs between them. The points and their sources are in
//! `history.rs`. Where BTC has no record its log move is assumed to be .74 of ETH's, and a note says so.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::world::streams::Streams;

use super::bridge::{Bridge, BridgeAsset, BridgePoint};
use super::correlation::Correlation;
use super::gbm::default_correlation;
use super::history::{BTC_ASSUMED_OPEN_USD, BTC_SHARE_OF_ETH, EPISODES, Episode, Leg};
use super::path::{Grid, MarketPath};
use super::problem::{PriceError, Problems};
use super::process::{CORRELATION, FieldNote, Process, ProcessNote, check_symbols, field};

/// A shipped stress scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: see [`Scenario::names`].
    pub name: String,
    /// Tickers, `ETH` or `BTC` or both. Default: ETH.
    #[serde(default = "only_eth")]
    pub assets: Vec<String>,
    /// Multiplies the volatility between the points; 0 gives straight lines in logarithms. Default: 1.
    #[serde(default = "one")]
    pub volatility_factor: f64,
    /// Correlation of the assets' draws between points. Default: 0.8.
    #[serde(default = "default_correlation")]
    pub correlation: Correlation,
}

fn only_eth() -> Vec<String> {
    vec!["ETH".into()]
}

fn one() -> f64 {
    1.0
}

/// The name under which the dollar's bridge draws: no asset may have it.
const USD_TOKEN: &str = "USD";

impl Scenario {
    pub(super) const NOTE: ProcessNote = ProcessNote {
        name: "Scenario",
        meaning: "a shipped stress episode, as a Brownian bridge through its prices",
        fields: &[
            field(
                "name",
                "name",
                "required",
                "black_thursday_2020, may_2021, ust_2022, three_arrows_2022, ftx_2022, usdc_2023, august_2024 or \
                 october_2025",
            ),
            field("assets", "list", "[\"ETH\"]", "tickers, ETH or BTC or both"),
            field("volatility_factor", "1", "1", "multiplies the volatility between the points"),
            CORRELATION,
        ],
        asset_fields: NO_FIELDS,
    };

    /// Every scenario: its name and what it was.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        EPISODES.iter().map(|episode| (episode.name, episode.meaning))
    }

    fn episode(&self) -> Option<&'static Episode> {
        EPISODES.iter().find(|episode| episode.name == self.name)
    }

    /// The bridge through the episode's points.
    fn bridge(&self, episode: &Episode) -> Bridge {
        let leg = |symbol: &str| match (symbol, episode.btc) {
            ("BTC", Some(btc)) => self.asset(symbol, btc),
            ("BTC", None) => self.follower(symbol, episode),
            _ => self.asset(symbol, episode.eth),
        };
        let assets = self.assets.iter().map(|symbol| leg(symbol)).collect();
        Bridge { assets, correlation: self.correlation.clone() }
    }

    fn asset(&self, symbol: &str, leg: Leg) -> BridgeAsset {
        BridgeAsset {
            symbol: symbol.into(),
            initial_usd: leg.open_usd,
            volatility: leg.volatility * self.volatility_factor,
            points: points(leg.points),
        }
    }

    /// BTC as a share of ETH's log moves.
    fn follower(&self, symbol: &str, episode: &Episode) -> BridgeAsset {
        let assumed = BTC_ASSUMED_OPEN_USD.iter().find(|(name, _)| *name == episode.name);
        let open_usd = assumed.map_or(40_000.0, |(_, open)| *open);
        let mut asset = self.asset(symbol, episode.eth);
        for point in &mut asset.points {
            point.usd = open_usd * libm::pow(point.usd / asset.initial_usd, BTC_SHARE_OF_ETH);
        }
        asset.initial_usd = open_usd;
        asset.volatility *= BTC_SHARE_OF_ETH;
        asset
    }
}

const NO_FIELDS: &[FieldNote] = &[];

fn points(written: &[(f64, f64)]) -> Vec<BridgePoint> {
    written.iter().map(|&(hours, usd)| BridgePoint { hours, usd, volatility: None }).collect()
}

impl Process for Scenario {
    fn symbols(&self) -> Vec<&str> {
        self.assets.iter().map(String::as_str).collect()
    }

    fn problems(&self, problems: &mut Problems) {
        if self.episode().is_none() {
            let names: Vec<&str> = EPISODES.iter().map(|episode| episode.name).collect();
            problems.push("name", format!("one of {}", names.join(", ")), format!("`{}`", self.name));
        }
        let fields: Vec<(String, &str)> = self
            .assets
            .iter()
            .enumerate()
            .map(|(place, symbol)| (format!("assets[{place}]"), symbol.as_str()))
            .collect();
        for (field, symbol) in &fields {
            if !matches!(*symbol, "ETH" | "BTC") {
                problems.push(field, "ETH or BTC", format!("`{symbol}`"));
            }
        }
        check_symbols("assets", fields, problems);
        problems.number("volatility_factor", self.volatility_factor, 0.0..=10.0);
        self.correlation.problems("correlation", self.assets.len(), problems);
    }

    fn generate(&self, grid: Grid, streams: &Streams, base_dir: &Path) -> Result<MarketPath, PriceError> {
        let Some(episode) = self.episode() else {
            return Err(PriceError::Invalid(Vec::new()));
        };
        let mut path = self.bridge(episode).generate(grid, streams, base_dir)?;
        if episode.btc.is_none() && path.index_of("BTC").is_some() {
            path.notes.push(format!(
                "BTC: no record of this episode; its log moves are assumed to be {BTC_SHARE_OF_ETH} of ETH's"
            ));
        }
        if !episode.usd_token.is_empty() {
            let points = episode.usd_token.iter().map(|&(hours, usd, volatility)| BridgePoint {
                hours,
                usd,
                volatility: Some(volatility * self.volatility_factor),
            });
            let dollar = BridgeAsset {
                symbol: USD_TOKEN.into(),
                initial_usd: 1.0,
                volatility: 0.0,
                points: points.collect(),
            };
            let bridge = Bridge { assets: vec![dollar], correlation: Correlation::Equal(0.0) };
            let ends = bridge.length_seconds().unwrap_or(0);
            let dollar = bridge.generate(grid, streams, base_dir)?;
            for (tick, price) in dollar.prices_usd.into_iter().flatten().enumerate() {
                // After its last point the dollar has its peg back.
                if tick as i64 * grid.tick_seconds <= ends {
                    path.usd_token_price[tick] = price;
                }
            }
        }
        path.start_unix_seconds = Some(episode.start_unix_seconds);
        Ok(path)
    }

    fn length_seconds(&self) -> Option<i64> {
        self.episode().and_then(|episode| self.bridge(episode).length_seconds())
    }
}
