//! `summary.json`: each metric in a few figures, over the runs of an experiment.

use serde::{Deserialize, Serialize};

/// By whose rules a pool of loans was run: of two models of one thing, results must say which they are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanRules {
    /// The variant of the experiment, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The loan market.
    pub market: String,
    /// The profile: `contract` or `whitepaper`.
    pub profile: String,
}

/// The rules in a line: `eth_loan: whitepaper rules; in contract: contract rules`. Empty without loans.
#[must_use]
pub fn rules_in_words(rules: &[LoanRules]) -> String {
    let mut words = String::new();
    for (place, rule) in rules.iter().enumerate() {
        let first = rules.iter().position(|other| other.market == rule.market).unwrap_or(place);
        let part = match &rule.variant {
            _ if first == place => format!("{}: {} rules", rule.market, rule.profile),
            Some(variant) if rules[first].profile != rule.profile => {
                format!("{} in {variant}: {} rules", rule.market, rule.profile)
            }
            _ => continue,
        };
        words.push_str(if words.is_empty() { "" } else { "; " });
        words.push_str(&part);
    }
    words
}

/// What `summary.json` holds. An undefined figure is `None` here and `null` there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Runs seen.
    pub runs: u64,
    /// By whose rules loans were run; empty without loan markets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loan_rules: Vec<LoanRules>,
    /// One entry a metric, in the order of the columns.
    pub metrics: Vec<MetricSummary>,
    /// One entry an assertion of the experiment; with variants each judges its own, and this is empty.
    pub assertions: Vec<AssertionOutcome>,
    /// What the experiment's `response` asks for: each quantity in each variant; empty where it asks for nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<ResponseOutcome>,
    /// The same for each variant of the experiment, if it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<VariantSummary>,
}

/// The figures of one variant of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VariantSummary {
    /// Name of the variant.
    pub name: String,
    /// Its figures.
    pub summary: Summary,
}

/// One metric over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricSummary {
    /// Bare name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// One line of meaning.
    pub meaning: String,
    /// Smallest value at any tick of any run.
    pub minimum: Option<f64>,
    /// Largest value at any tick of any run.
    pub maximum: Option<f64>,
    /// The means over time, one a run.
    pub time_mean: Spread,
    /// The values at the last tick, one a run.
    #[serde(rename = "final")]
    pub last: Spread,
}

/// How one figure a run is spread over runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Runs in which the figure is defined.
    pub runs_with_data: u64,
    /// Mean over those runs.
    pub mean: Option<f64>,
    /// Sample standard deviation between those runs.
    pub sd: Option<f64>,
    /// Lower end of Student's 95 % interval of the mean.
    pub mean_low_95: Option<f64>,
    /// Upper end of the same interval.
    pub mean_high_95: Option<f64>,
    /// Quantile 5 % (exact up to some thousand runs, then within 0.05 % of its size, as the others).
    pub q05: Option<f64>,
    /// Quantile 25 %.
    pub q25: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// Quantile 75 %.
    pub q75: Option<f64>,
    /// Quantile 95 %.
    pub q95: Option<f64>,
}

/// What came of one assertion of the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssertionOutcome {
    /// The assertion as the config states it.
    pub assertion: String,
    /// Whether it holds.
    pub verdict: AssertionVerdict,
    /// The estimated figure or probability.
    pub estimate: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low_95: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high_95: Option<f64>,
    /// Runs behind the estimate.
    pub runs: u64,
}

/// What a quantity comes to in one variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResponseOutcome {
    /// The quantity as the config states it.
    pub quantity: String,
    /// Unit of its metric; empty of shares and probabilities.
    pub unit: String,
    /// Name of the variant; of the experiment where it has none.
    pub variant: String,
    /// Mean over runs of one figure a run; of a probability the share of runs.
    pub mean: Option<f64>,
    /// Lower end of its 95 % interval: Student's, of a probability Clopper and Pearson's.
    pub low_95: Option<f64>,
    /// Upper end of the same interval.
    pub high_95: Option<f64>,
    /// Runs behind the mean.
    pub runs: u64,
    /// Mean over runs of this variant less the first one, run by run on the same seeds; `None` of the first.
    pub difference: Option<f64>,
    /// Lower end of Student's 95 % interval of the difference; of a probability a rough one where few runs differ.
    pub difference_low_95: Option<f64>,
    /// Upper end of the same interval.
    pub difference_high_95: Option<f64>,
}

/// Whether an assertion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionVerdict {
    /// The whole interval says so.
    Holds,
    /// The whole interval says otherwise.
    Fails,
    /// The interval allows both: more runs are needed.
    Undecided,
}

impl AssertionVerdict {
    /// The word for it, as in `summary.json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
        }
    }
}

impl Summary {
    /// What came of every assertion, with the variant that it was judged in, if there are variants.
    pub fn outcomes(&self) -> impl Iterator<Item = (Option<&str>, &AssertionOutcome)> {
        let own = self.assertions.iter().map(|outcome| (None, outcome));
        own.chain(self.variants.iter().flat_map(|variant| {
            variant.summary.assertions.iter().map(|outcome| (Some(variant.name.as_str()), outcome))
        }))
    }

    /// How many assertions came to that verdict.
    #[must_use]
    pub fn count(&self, verdict: AssertionVerdict) -> usize {
        self.outcomes().filter(|(_, outcome)| outcome.verdict == verdict).count()
    }

    /// The text of `summary.json`: keys in the order of the fields, floats in the fewest digits that read back the same.
    ///
    /// # Errors
    /// What serde_json says; nothing in a summary provokes it.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_once_a_market_and_where_a_variant_has_others() {
        let rule = |variant: &str, market: &str, profile: &str| LoanRules {
            variant: (!variant.is_empty()).then(|| variant.to_owned()),
            market: market.into(),
            profile: profile.into(),
        };
        assert_eq!(rules_in_words(&[]), "");
        assert_eq!(rules_in_words(&[rule("", "eth", "contract")]), "eth: contract rules");
        let all =
            [rule("a", "eth", "whitepaper"), rule("b", "eth", "whitepaper"), rule("c", "eth", "contract")];
        assert_eq!(rules_in_words(&all), "eth: whitepaper rules; eth in c: contract rules");
    }
}
