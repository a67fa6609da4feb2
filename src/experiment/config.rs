//! What an experiment is: the body of a file in `configs/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fx_settings::FxSettings;
use super::governance_settings::{GovernanceProfile, PhaseSettings, RulesChange, TeamSettings};
use super::launch_settings::{BootstrapSettings, LaunchSettings};
use super::lending_settings::{LoanSettings, ReserveSettings};
use super::liquidity_settings::LiquiditySettings;
use super::order_book_settings::OrderBookSettings;
use super::staking_settings::StakingSettings;
use super::token_settings::AllocationSettings;
use crate::agents::alarm::Alarm;
use crate::agents::roster::Profile;
use crate::agents::token_lender::LendsProfile;
use crate::agents::voter::CivicProfile;
use crate::price::PriceSpec;
use crate::protocol::amm::resilient;
use crate::venue::accrual::PegPrice;
use crate::venue::exchange::ExchangeSettings;
use crate::venue::governance::{Counts, VoteMarket};
use crate::venue::transactions::Logging;
use crate::world::mempool::Ordering;
use crate::world::oracle::OracleSettings;
use crate::world::phase::Blocks;

/// An experiment: one world, run several times with different randomness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name of the results' directory: letters, digits, `-` and `_`.
    pub name: String,
    /// The question it asks and what it is expected to show.
    #[serde(default)]
    pub description: String,
    /// Seed of all randomness: same config, same seed, same bytes.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Number of runs; run `k` of two experiments with one seed sees the same market.
    #[serde(default = "one_run")]
    pub runs: u32,
    /// Simulated time, in days.
    pub horizon_days: f64,
    /// Length of a tick, in hours.
    #[serde(default = "one_hour")]
    pub tick_hours: f64,
    /// Date of the first tick (RFC 3339); a replay starts at its first candle instead.
    #[serde(default = "default_start")]
    pub start: String,
    /// The outside market.
    pub price: PriceSpec,
    /// How the chain sees the outside price.
    #[serde(default)]
    pub oracle: OracleSettings,
    /// What trading outside costs.
    #[serde(default)]
    pub exchange: ExchangeSettings,
    /// Blocks, gas, ordering.
    #[serde(default)]
    pub network: NetworkSettings,
    /// The f(x) treasury, if there is one.
    #[serde(default)]
    pub fx: Option<FxSettings>,
    /// Pools.
    #[serde(default)]
    pub pools: Vec<PoolSettings>,
    /// Order books.
    #[serde(default)]
    pub order_books: Vec<OrderBookSettings>,
    /// Sales of the governance token by lottery.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launches: Vec<LaunchSettings>,
    /// Loan markets.
    #[serde(default)]
    pub loans: Vec<LoanSettings>,
    /// What stands behind the loan markets beside the fees they bring, and how much of it voters want there.
    #[serde(default)]
    pub reserve: ReserveSettings,
    /// The governance token and its votes, if there are any.
    #[serde(default)]
    pub governance: Option<GovernanceSettings>,
    /// Pools in which the governance token, or shares of pools, are staked for new tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staking: Vec<StakingSettings>,
    /// What news wakes people before their own time.
    #[serde(default)]
    pub alarm: Alarm,
    /// Who acts.
    #[serde(default)]
    pub populations: Vec<PopulationSettings>,
    /// What is recorded, and how often.
    #[serde(default)]
    pub record: RecordSettings,
    /// What the runs should confirm, such as `P(collateral_ratio < 1.3 for > 24h) < 0.01`; the grammar is in the README.
    #[serde(default)]
    pub assertions: Vec<String>,
    /// Variations of the experiment, each run on the same seeds; without any there is just the experiment itself.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// What the variants are compared by, such as `mean(turnout)`: quantities as in `assertions`, without the comparison.
    #[serde(default)]
    pub response: Vec<String>,
    /// A chart across the variants, if one is wanted.
    #[serde(default)]
    pub study: Option<Study>,
}

/// A variation: the experiment with some fields set otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name in tables and charts, unique.
    pub name: String,
    /// Fields and their values as RON text, as after `--set`: `{"fx.beta": "0.25"}`.
    pub set: BTreeMap<String, String>,
}

/// What is drawn across the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Study {
    /// Stability, scalability and growth over beta; each variant has a beta of its own.
    BetaSpectrum,
    /// What fETH is worth after a fall, by the rule of settlement; each variant is a rule.
    Settlement,
    /// What friction costs each loan market: what is left at the end of a term against a pool without friction.
    Friction,
    /// What each variant answers to every quantity of `response`, and by how much it differs from the first variant.
    Response,
    /// The main metrics of all variants on common axes.
    Overlay,
}

/// The chain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// Gas of one action, in dollars; paid by transactions that go through.
    pub gas_usd_per_action: f64,
    /// How a block orders its transactions.
    pub ordering: Ordering,
    /// Blocks in a tick, for people and for bots.
    pub blocks: Blocks,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self { gas_usd_per_action: 1.0, ordering: Ordering::PriorityFee, blocks: Blocks::default() }
    }
}

/// The curve of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum CurveSettings {
    /// `x y = k`.
    ConstantProduct,
    /// `x^w y^(1-w) = k`.
    Weighted {
        /// Weight of the base coin, between 0 and 1.
        base_weight: f64,
    },
    /// Curve's StableSwap.
    StableSwap {
        /// Amplification coefficient A, 1 to 10,000.
        amplification: f64,
        /// Whether the base coin counts at its net asset value, so that the pool's balance follows the NAV.
        #[serde(default)]
        nav_rate: bool,
    },
}

/// A pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSettings {
    /// Name, unique: the prefix of its metrics.
    pub name: String,
    /// Ticker of the base coin: the one that is priced.
    pub base: String,
    /// Ticker of the quote coin.
    #[serde(default = "dollar")]
    pub quote: String,
    /// The curve.
    #[serde(default = "constant_product")]
    pub curve: CurveSettings,
    /// Fee on the input, in basis points.
    pub fee_bps: f64,
    /// The share of the fee that liquidity providers keep; the rest goes to the reserve.
    #[serde(default = "all")]
    pub rebate_share: f64,
    /// Value of both sides together at the start, in dollars.
    pub initial_value_usd: f64,
    /// Hours over which the pool's price is averaged, geometrically, when it serves as an oracle.
    #[serde(default = "one_hour")]
    pub twap_hours: f64,
    /// Share of a reading of the resilient price (ALEX) that the price stored by past trades has; the rest is the price of
    /// the moment.
    #[serde(default = "alex_average")]
    pub resilient_average: f64,
    /// How the weight of a weighted curve slides: a liquidity bootstrapping pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<BootstrapSettings>,
    /// Rules on the provision of liquidity: cap, gate, insurance of commitments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liquidity: Option<LiquiditySettings>,
}

/// The governance token and the rules of its votes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernanceSettings {
    /// Ticker of the token.
    #[serde(default = "governance_token")]
    pub token: String,
    /// Supply at the start, in tokens.
    #[serde(default = "billion")]
    pub initial_supply: f64,
    /// Value of a token at the start, in dollars, by which endowments are counted.
    pub initial_price_usd: f64,
    /// Who gets how much of the initial supply, and when; with it the token can be issued, sold and bought back by vote.
    /// Without it the populations share out all of the supply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<AllocationSettings>,
    /// What a vote weighs: `Tokens`, in the wallet and staked, or `Apower`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
    /// By which price of fETH's pool voters judge the peg: `Spot` or `Twap`, the average over the pool's `twap_hours`.
    #[serde(default)]
    pub peg_price: PegPrice,
    /// Whose process it is: `Article`, `Contract` or `Plain`.
    #[serde(default)]
    pub profile: GovernanceProfile,
    /// What differs from the profile's rules.
    #[serde(default)]
    pub rules: RulesChange,
    /// The team beside the token holders, if there is one.
    #[serde(default)]
    pub team: Option<TeamSettings>,
    /// Progressive decentralisation.
    #[serde(default)]
    pub phases: PhaseSettings,
    /// Name of the population whose agents offer to vote for others; nobody if empty.
    #[serde(default)]
    pub delegates: String,
    /// How votes can be had for money: what becomes of tokens bought, on what terms they are lent.
    #[serde(default)]
    pub vote_market: VoteMarket,
}

/// A population: a profile and how many agents are drawn from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationSettings {
    /// Name of the population, unique: the profile's file name unless `name` says otherwise.
    pub profile: String,
    /// Name in tables and charts; the profile's name if empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// How many agents.
    pub count: u32,
    /// How its agents vote with the governance tokens that they hold, if they do. A population of voters needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub civic: Option<CivicProfile>,
    /// How its agents lend the governance tokens that they hold, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lends: Option<LendsProfile>,
    /// The profile itself; looked up by name when it is not written out.
    pub agent: Profile,
}

impl PopulationSettings {
    /// The name in tables and charts.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.name.is_empty() { &self.profile } else { &self.name }
    }
}

/// What is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordSettings {
    /// Read the metrics every so many ticks.
    pub every_ticks: u32,
    /// Read the metrics that look at every account (concentration, profit and loss) every so many ticks.
    pub survey_every_ticks: u32,
    /// What the table of events tells of transactions.
    pub transactions: Logging,
}

impl Default for RecordSettings {
    fn default() -> Self {
        Self { every_ticks: 1, survey_every_ticks: 24, transactions: Logging::Counted }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
fn default_seed() -> u64 {
    1
}
fn one_run() -> u32 {
    1
}
fn one_hour() -> f64 {
    1.0
}
fn default_start() -> String {
    "2024-01-01T00:00:00Z".into()
}
fn dollar() -> String {
    "USD".into()
}
fn constant_product() -> CurveSettings {
    CurveSettings::ConstantProduct
}
fn all() -> f64 {
    1.0
}
fn alex_average() -> f64 {
    resilient::ALEX_AVERAGE
}
fn governance_token() -> String {
    "GOV".into()
}
fn billion() -> f64 {
    1e9
}

impl Experiment {
    /// Length of a tick in seconds.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "validated to be at most a year")]
    pub fn tick_seconds(&self) -> i64 {
        (self.tick_hours * 3_600.0).round() as i64
    }

    /// Number of ticks after tick zero.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "validated to be at most twenty million")]
    pub fn horizon_ticks(&self) -> u32 {
        (self.horizon_days * 24.0 / self.tick_hours).round() as u32
    }
}
