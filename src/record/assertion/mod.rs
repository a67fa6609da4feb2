//! Assertions: claims about an experiment that its runs confirm, refute or leave open.
//!
//! This is the reference of what may stand in the list `assertions` of a config. An assertion compares a quantity with a
//! number:
//!
//! ```text
//! assertion := quantity comparison number
//! quantity  := P ( condition )                     share of runs in which the condition is met at some time
//!            | P ( condition for > duration )      ... without a break for longer than that (also `for >=`)
//!            | P ( condition at end )              ... at the last tick
//!            | share ( condition )                 share of a run's time in which it is met
//!            | mean ( metric ) | min ( metric ) | max ( metric ) | final ( metric )
//!            | q01 ( metric ) ... q99 ( metric )   quantile over the time of a run
//! condition := metric comparison number, joined by `and` and `or`; `and` binds tighter
//! comparison := <  <=  >  >=
//! duration  := number and unit: min, h or d
//! ```
//!
//! Examples: `P(collateral_ratio < 1.3 for > 24h) < 0.01`, `P(stress_mode >= 1 and feth_price < 0.99) <= 0.05`,
//! `P(feth_nav < 1 at end) < 0.1`, `share(stress_mode >= 1) < 0.2`, `mean(turnout) > 0.04`, `q05(feth_price) > 0.98`.
//! A metric is compared in its own unit (`ballast list metrics`); probabilities and shares go from 0 to 1.
//!
//! A quantity alone, such as `mean(turnout)`, is what `response` in a config lists and compares across variants
//! ([`Quantity`] reads it, [`super::response`] evaluates it).
//!
//! # Time
//!
//! Only recorded ticks are looked at. A recorded tick stands for the time until the next one, the last for its own tick, so
//! that a condition met at 25 hourly ticks in a row is met for 25 h. Parts of a condition are met together: at one tick.
//!
//! A tick at which a metric of the condition is undefined (null) does not meet the condition and breaks a stretch. It counts
//! for no `mean` and no quantile either, and `share` leaves it out of the time. Metrics that are read at surveys are null in
//! between: they can be asked for, but not for how long, unless every recorded tick is a survey.
//!
//! # Confidence
//!
//! A probability has the exact interval of Clopper and Pearson, which is never too narrow, however rare the event. Every
//! other quantity is one figure a run; the estimate is its mean over runs, with Student's interval. Both are at 95 %. The
//! assertion holds if the whole interval says so, fails if the whole interval says otherwise, and is undecided in between:
//! more runs narrow the interval. For `P(...) < 0.01` an event never seen takes 368 runs.
//!
//! A run that has nothing to say is not counted: one in which the metric, or the condition, is defined at no tick that is
//! looked at. `final` and `at end` look at the last tick alone.

mod estimate;
mod judge;
mod parse;
mod run;

use std::ops::Range;

pub use estimate::{Estimate, Tally};
pub use judge::Judge;
pub use parse::SyntaxError;
pub use run::figures;

/// A claim about the runs of an experiment.
///
/// # Examples
/// ```
/// use ballast::record::assertion::Assertion;
/// let assertion: Assertion = "P(collateral_ratio < 1.3 for > 24h) < 0.01".parse().unwrap();
/// assert_eq!(assertion.mentions().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), ["collateral_ratio"]);
/// let error = "P(collateral_ratio < 1.3 for 24h) < 0.01".parse::<Assertion>().unwrap_err();
/// assert_eq!(error.to_string(), "expected `>` or `>=`, found `24h`");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    /// As it is written, on one line.
    pub text: String,
    /// What is compared.
    pub quantity: Quantity,
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub bound: f64,
}

/// What an assertion is about: one figure a run.
///
/// # Examples
/// ```
/// use ballast::record::assertion::Quantity;
/// let quantity: Quantity = "share(stress_mode >= 1)".parse().unwrap();
/// assert_eq!(quantity.mentions().count(), 1);
/// let error = "mean(turnout) > 0.1".parse::<Quantity>().unwrap_err();
/// assert_eq!(error.to_string(), "expected the end of the quantity, found `>`");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// The share of runs in which a condition is met.
    Probability(Condition, When),
    /// The share of a run's time in which a condition is met.
    Share(Condition),
    /// A figure of a metric over a run's time.
    Figure(Figure, Mention),
}

/// When a condition has to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At any recorded tick.
    Ever,
    /// Without a break for at least so many seconds.
    For {
        /// Seconds; of `for > 24h` one more than those of the 24 hours, since ticks are whole seconds.
        at_least_seconds: u64,
    },
    /// At the last recorded tick.
    AtEnd,
}

/// Met if all terms of any of its lists are.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Joined by `or`; within, joined by `and`.
    pub any_of: Vec<Vec<Term>>,
}

/// A metric compared with a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The metric.
    pub metric: Mention,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in the metric's unit.
    pub bound: f64,
}

/// A metric where an assertion names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Bare name.
    pub name: String,
    /// The bytes of the text in which it stands.
    pub range: Range<usize>,
}

/// One figure a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Mean over time.
    Mean,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Value at the last tick.
    Final,
    /// Quantile over time, in per cent.
    Quantile(u8),
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `value` stands so to `bound`.
    #[must_use]
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::More => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

impl Assertion {
    /// The metrics it names, in the order of the text.
    pub fn mentions(&self) -> impl Iterator<Item = &Mention> {
        self.quantity.mentions()
    }
}

impl Quantity {
    /// The metrics it names, in the order of the text.
    pub fn mentions(&self) -> impl Iterator<Item = &Mention> {
        let (condition, figure) = match self {
            Self::Probability(condition, _) | Self::Share(condition) => (Some(condition), None),
            Self::Figure(_, metric) => (None, Some(metric)),
        };
        let terms = condition.into_iter().flat_map(|condition| condition.any_of.iter().flatten());
        terms.map(|term| &term.metric).chain(figure)
    }

    /// Whether it asks how long a condition is met without a break.
    #[must_use]
    pub const fn asks_how_long(&self) -> bool {
        matches!(self, Self::Probability(_, When::For { .. }))
    }
}
