//! What a study of risk is: the body of a file in `configs/risk/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::risk::{LEVELS, RiskModel, published, sensitivity};

/// The shipped study that is run where none is named.
pub const SHIPPED: &str = "alex_appendix";

/// A study of the risk of collateral pools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskStudy {
    /// Name of the results' directory: letters, digits, `-` and `_`.
    pub name: String,
    /// The question it asks and what it is expected to show.
    #[serde(default)]
    pub description: String,
    /// Seed of all randomness: same config, same seed, same bytes. All models see the same draws.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Paths simulated of each model, 2 to 100 million.
    #[serde(default = "default_paths")]
    pub paths: u64,
    /// The pool and the price of its collateral.
    pub model: RiskModel,
    /// Loans, as debt at face value over initial pool value.
    #[serde(default = "published_ltvs")]
    pub ltvs: Vec<f64>,
    /// Jump amplifiers, each a model of its own; without any the model is simulated as it stands.
    #[serde(default)]
    pub amplifiers: Vec<f64>,
    /// The loss whose probability is told, as a share of the initial pool value.
    #[serde(default = "default_threshold")]
    pub loss_threshold: f64,
    /// Levels of value-at-risk and expected shortfall, from .5 to .9999.
    #[serde(default = "default_levels")]
    pub confidence_levels: Vec<f64>,
    /// The one point of the grid that is told in words.
    #[serde(default)]
    pub headline: Option<Headline>,
    /// What happens to one base when one thing changes.
    #[serde(default)]
    pub sensitivity: Option<Sensitivity>,
    /// A second estimate of each point of the grid, for defaults that are too rare to be counted.
    #[serde(default)]
    pub rare: Option<RareSettings>,
    /// What losses mean in months of fees.
    #[serde(default)]
    pub case_study: Option<CaseStudySettings>,
    /// The published figures that the grid is compared with.
    #[serde(default)]
    pub published: Option<Published>,
}

/// A point of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// Its jump amplifier, one of `amplifiers`; none where the study lists none.
    #[serde(default)]
    pub amplifier: Option<f64>,
    /// Its loan-to-value, one of `ltvs`.
    pub ltv: f64,
}

/// Changes of a base, one at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensitivity {
    /// Loan-to-value of the base.
    pub ltv: f64,
    /// Fields of the study in which the base differs from its model, as after `--set`: `{"model.smoothing": "0.06"}`.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// The changes.
    pub variants: Vec<RiskVariant>,
}

/// A change of the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskVariant {
    /// Name in tables and charts, unique.
    pub name: String,
    /// Another loan-to-value.
    #[serde(default)]
    pub ltv: Option<f64>,
    /// Fields of the model and their values as RON text: `{"model.smoothing": "0.1"}`.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

/// Importance sampling of rare defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RareSettings {
    /// Weighted paths for each loan of the grid, 2 to 100 million.
    pub paths: u64,
}

/// Shares of a protocol and losses of its collateral pools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseStudySettings {
    /// Share of the total value locked that is lent, 0 to 1.
    pub lending_share: f64,
    /// Share of what is lent that stands as debt of the collateral pools, 0 to 1.
    pub yield_token_share: f64,
    /// Fees a year over the total value locked, above 0 up to 10.
    pub fees_per_year: f64,
    /// Share of fees that goes to the reserve, above 0 up to 1.
    pub reserve_share: f64,
    /// Losses to be made up for.
    pub cases: Vec<CaseStudyCase>,
}

/// A loss to be made up for by fees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseStudyCase {
    /// What it is.
    pub name: String,
    /// Loan-to-value at which the debt is backed by collateral, above 0 up to 1.
    pub sizing_ltv: f64,
    /// Loss as a share of the initial value of the collateral pools, 0 to 1.
    pub loss: f64,
}

/// Figures that others published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Published {
    /// The appendix of the original English ALEXnomics: quantiles of the loss given default.
    AlexAppendix,
}

impl RiskStudy {
    /// The levels in ascending order, so that the last is the highest.
    #[must_use]
    pub fn levels(&self) -> Vec<f64> {
        let mut levels = self.confidence_levels.clone();
        levels.sort_unstable_by(f64::total_cmp);
        levels
    }
}

fn default_seed() -> u64 {
    1
}

fn default_paths() -> u64 {
    20_000
}

fn default_levels() -> Vec<f64> {
    LEVELS.to_vec()
}

fn default_threshold() -> f64 {
    sensitivity::THRESHOLD
}

fn published_ltvs() -> Vec<f64> {
    published::LTVS.to_vec()
}
