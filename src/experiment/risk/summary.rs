//! What a study of risk found, as it stands in `summary.json`, with what its figures leave unsaid in words.

use serde::{Deserialize, Serialize};

use super::case::{BASE, Part, RiskCase, amplified_name};
use super::config::{CaseStudyCase, CaseStudySettings, Published, RiskStudy};
use crate::protocol::risk::CaseStudy;
use crate::risk::{
    Conversion, Exceedance, FEW_EVENTS, Figure, LEVELS, PriceLaw, RareEstimate, RiskEstimate, RiskModel,
    TailEstimate, published,
};

/// Everything a study found. The order of fields is the order in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskSummary {
    /// Seed of the study.
    pub seed: u64,
    /// Paths of each model.
    pub paths: u64,
    /// By whose rules the pool of the grid is run.
    #[serde(default)]
    pub rules: String,
    /// Levels of the tails, ascending.
    #[serde(default)]
    pub confidence_levels: Vec<f64>,
    /// Root of the mean squared difference from the published points, as a share of the initial pool value; none where
    /// nothing is compared.
    pub rms_error_published: Option<f64>,
    /// The largest difference from a published point.
    pub largest_error_published: Option<f64>,
    /// How many published points were compared.
    pub points_published: u64,
    /// The point of the grid that is told in words.
    pub headline: Option<HeadlineFigures>,
    /// What the figures rest on, in sentences.
    pub readings: Vec<String>,
    /// The figures that rest on fewer than 30 tail events.
    pub few_events: Vec<String>,
    /// The base and its changes.
    pub sensitivity: Vec<Change>,
    /// Losses in months of fees.
    pub case_study: Vec<Months>,
    /// Every loan of every model.
    pub estimates: Vec<Estimate>,
}

/// One loan of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Part of the study: `grid` or `sensitivity`.
    pub part: String,
    /// Name of the model.
    pub model: String,
    /// By whose rules its pool is run.
    #[serde(default)]
    pub rules: String,
    /// Its jump amplifier; none of a price process.
    pub jump_amplifier: Option<f64>,
    /// What was found.
    pub risk: RiskEstimate,
    /// Published quantiles of the loss given default at 95 and 99 %.
    pub published: Option<[f64; 2]>,
    /// The estimate by importance sampling, where one was asked for.
    pub rare: Option<RareEstimate>,
}

impl Estimate {
    /// The published quantile of the loss given default at a level, of which 95 and 99 % have one.
    #[must_use]
    pub fn published_at(&self, level: f64) -> Option<f64> {
        let place = LEVELS.iter().position(|published| *published == level)?;
        self.published.map(|published| published[place])
    }
}

/// The headline beside what it leaves unsaid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadlineFigures {
    /// Name of the model.
    pub model: String,
    /// Loan-to-value.
    pub ltv: f64,
    /// Whether and how the pool is converted.
    pub conversion: String,
    /// Jumps to be expected in the term; none of a price process.
    pub expected_jumps: Option<f64>,
    /// Probability of default.
    pub default_probability: Figure,
    /// Probability of a loss above the threshold, among all paths and among those that default.
    pub exceedance: Exceedance,
    /// Tail of the loss over all paths.
    pub tails: Vec<TailEstimate>,
    /// Tail of the loss over the paths that default.
    pub tails_given_default: Vec<TailEstimate>,
}

/// What a change of the base does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Name of the variant.
    pub name: String,
    /// Loan-to-value.
    pub ltv: f64,
    /// Probability of default.
    pub default_probability: Figure,
    /// The level of the quantile, the highest of the study.
    pub level: f64,
    /// The quantile of the loss over all paths at that level.
    pub value_at_risk: Figure,
    /// Probability of a loss above the threshold, over all paths.
    pub exceedance: Figure,
    /// The quantile less that of the base.
    pub change_of_value_at_risk: f64,
    /// `higher`, `lower`, `not told apart` (the intervals of the quantiles meet), or `base`.
    pub direction: String,
}

/// A loss in months of fees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Months {
    /// What it is.
    pub name: String,
    /// Loan-to-value at which the debt is backed by collateral.
    pub sizing_ltv: f64,
    /// Loss as a share of the initial value of the collateral pools.
    pub loss: f64,
    /// Collateral over total value locked.
    pub collateral_share: Option<f64>,
    /// Loss over total value locked.
    pub loss_of_tvl: Option<f64>,
    /// The reserve's income a month over total value locked.
    pub income_per_month: f64,
    /// Months of the reserve's income.
    pub months: Option<f64>,
}

/// A share in per cent, with as many decimals as tell something.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.abs() {
        0.0 => "0 %".into(),
        size if size < 0.01 => format!("{percent:.1e} %"),
        size if size < 10.0 => trimmed(&format!("{percent:.2}")),
        _ => trimmed(&format!("{percent:.1}")),
    }
}

/// A level in per cent, with as many decimals as tell 99.99 from 100.
#[must_use]
pub fn level_percent(level: f64) -> String {
    trimmed(&format!("{:.3}", 100.0 * level))
}

fn trimmed(number: &str) -> String {
    format!("{} %", number.trim_end_matches('0').trim_end_matches('.'))
}

/// A figure with its interval: `1.07 % (0.94 % to 1.22 %)`.
#[must_use]
pub fn with_interval(figure: &Figure) -> String {
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", percent(figure.value), percent(low), percent(high))
        }
        _ => format!("{} (no interval: too few events)", percent(figure.value)),
    }
}

/// The published quantiles of the loss given default of a model at a loan.
pub(super) fn published_point(study: &RiskStudy, case: &RiskCase, ltv: f64) -> Option<[f64; 2]> {
    let Published::AlexAppendix = study.published?;
    let amplifier = case.amplifier().filter(|_| case.part == Part::Grid)?;
    let place = published::LTVS.iter().position(|published| *published == ltv)?;
    let figure = published::FIGURES.iter().find(|figure| f64::from(figure.amplifier) == amplifier)?;
    Some([figure.quantile_95[place], figure.quantile_99[place]])
}

/// Sums the estimates up.
pub(super) fn summarise(study: &RiskStudy, cases: &[RiskCase], estimates: Vec<Estimate>) -> RiskSummary {
    let errors = errors(&estimates);
    let squares: f64 = errors.iter().map(|error| error * error).sum();
    let headline = headline(study, cases, &estimates);
    RiskSummary {
        seed: study.seed,
        paths: study.paths,
        rules: cases.first().map(RiskCase::rules).unwrap_or_default(),
        confidence_levels: study.levels(),
        rms_error_published: (!errors.is_empty()).then(|| (squares / errors.len() as f64).sqrt()),
        largest_error_published: errors.iter().map(|error| error.abs()).reduce(f64::max),
        points_published: errors.len() as u64,
        readings: headline.as_ref().map(|headline| readings(headline, &estimates, cases)).unwrap_or_default(),
        few_events: estimates.iter().flat_map(few_events).collect(),
        sensitivity: changes(&estimates),
        case_study: study
            .case_study
            .as_ref()
            .map(|settings| months(settings, headline.as_ref()))
            .unwrap_or_default(),
        headline,
        estimates,
    }
}

/// Simulated less published quantiles.
fn errors(estimates: &[Estimate]) -> Vec<f64> {
    let of_one = |estimate: &Estimate| {
        let error = |tail: &TailEstimate| Some(tail.value_at_risk.value - estimate.published_at(tail.level)?);
        estimate.risk.tails_given_default.iter().filter_map(error).collect::<Vec<f64>>()
    };
    estimates.iter().flat_map(of_one).collect()
}

fn headline(study: &RiskStudy, cases: &[RiskCase], estimates: &[Estimate]) -> Option<HeadlineFigures> {
    let wanted = study.headline?;
    let name = wanted.amplifier.map_or_else(|| "model".to_owned(), amplified_name);
    let case = cases.iter().find(|case| case.part == Part::Grid && case.name == name)?;
    let is_it = |estimate: &&Estimate| {
        estimate.part == Part::Grid.name() && estimate.model == name && estimate.risk.ltv == wanted.ltv
    };
    let risk = &estimates.iter().find(is_it)?.risk;
    Some(HeadlineFigures {
        model: name,
        ltv: wanted.ltv,
        conversion: conversion(&case.model).into(),
        expected_jumps: expected_jumps(&case.model),
        default_probability: risk.default_probability,
        exceedance: *risk.exceedances.first()?,
        tails: risk.tails.clone(),
        tails_given_default: risk.tails_given_default.clone(),
    })
}

fn conversion(model: &RiskModel) -> &'static str {
    match model.conversion {
        Conversion::Off => "off",
        Conversion::AtMarket(_) => "sale at the market",
        Conversion::OnCurve(_) => "forced on the curve",
    }
}

fn expected_jumps(model: &RiskModel) -> Option<f64> {
    match &model.price {
        PriceLaw::JumpDiffusion(law) => {
            Some(law.jump_probability_per_hour * law.jump_amplifier * f64::from(model.term_hours))
        }
        PriceLaw::Process(_) => None,
    }
}

/// What the headline leaves unsaid.
fn readings(headline: &HeadlineFigures, estimates: &[Estimate], cases: &[RiskCase]) -> Vec<String> {
    let (ltv, exceedance) = (percent(headline.ltv), &headline.exceedance);
    let name = if headline.model == "model" { String::new() } else { format!(", {} jumps", headline.model) };
    let mut told = vec![format!(
        "Loan-to-value {ltv}{name}: a loss of more than {} of the initial pool value has probability {} over all paths ({} tail events).",
        percent(exceedance.threshold),
        with_interval(&exceedance.probability),
        exceedance.tail_events
    )];
    told.push(match &exceedance.given_default {
        Some(given) => format!(
            "Given default it is {}; the loan defaults with probability {}.",
            with_interval(given),
            with_interval(&headline.default_probability)
        ),
        None => format!(
            "No path defaults; the probability of default is {}.",
            with_interval(&headline.default_probability)
        ),
    });
    if headline.default_probability.value > 0.999 {
        told.push(
            "Practically every loan defaults: the figure is how severe a default is, not how likely one is."
                .into(),
        );
    }
    if let Some(jumps) = headline.expected_jumps {
        let case = cases.iter().find(|case| case.name == headline.model);
        let size = case.map(|case| &case.model.price);
        if let Some(PriceLaw::JumpDiffusion(law)) = size {
            let jumps = if jumps < 10.0 { format!("{jumps:.2}") } else { format!("{jumps:.0}") };
            told.push(format!(
                "The price jumps by {} {jumps} times in the term on average.",
                percent(law.jump_size)
            ));
        }
    }
    if let Some(case) = cases.iter().find(|case| case.name == headline.model) {
        told.push(format!("The pool follows {} rules.", case.rules()));
    }
    told.push(match headline.conversion.as_str() {
        "off" => "Conversion is off: nothing is sold, however far the loan-to-value rises.".into(),
        other => format!("Conversion: {other}."),
    });
    told.extend(rarest(headline, estimates));
    told
}

/// The same loan at the lowest amplifier, over all paths beside given default.
fn rarest(headline: &HeadlineFigures, estimates: &[Estimate]) -> Option<String> {
    let grid = estimates.iter().filter(|one| one.part == Part::Grid.name() && one.risk.ltv == headline.ltv);
    let lowest =
        grid.min_by(|a, b| a.jump_amplifier.unwrap_or(0.0).total_cmp(&b.jump_amplifier.unwrap_or(0.0)))?;
    let (all, given) = (lowest.risk.tails.last()?, lowest.risk.tails_given_default.last()?);
    (lowest.model != headline.model).then(|| {
        format!(
            "With {} jumps the same loan defaults with probability {}; its {} quantile of the loss is {} over all paths and {} given default.",
            lowest.model,
            with_interval(&lowest.risk.default_probability),
            level_percent(all.level),
            percent(all.value_at_risk.value),
            percent(given.value_at_risk.value)
        )
    })
}

/// The figures of a loan that rest on too few events.
fn few_events(estimate: &Estimate) -> Vec<String> {
    let risk = &estimate.risk;
    let whose = format!("{}, loan-to-value {}", estimate.model, percent(risk.ltv));
    let mut found = Vec::new();
    let mut tell = |few: bool, events: u64, what: String| {
        if few {
            found.push(format!("{whose}: {what} rests on {events} tail events, fewer than {FEW_EVENTS}"));
        }
    };
    tell(risk.too_few_defaults, risk.defaults, "probability of default".into());
    for tail in &risk.tails {
        tell(
            tail.too_few_tail_events,
            tail.tail_events,
            format!("{} tail over all paths", level_percent(tail.level)),
        );
    }
    if estimate.part == Part::Grid.name() {
        for tail in &risk.tails_given_default {
            tell(
                tail.too_few_tail_events,
                tail.tail_events,
                format!("{} tail given default", level_percent(tail.level)),
            );
        }
    }
    for exceedance in &risk.exceedances {
        let what = format!("probability of a loss above {}", percent(exceedance.threshold));
        tell(exceedance.too_few_tail_events, exceedance.tail_events, what);
    }
    if let Some(rare) = &estimate.rare {
        tell(
            rare.too_few_tail_events,
            rare.tail_events,
            "probability of default by importance sampling".into(),
        );
    }
    found
}

fn changes(estimates: &[Estimate]) -> Vec<Change> {
    let rows = || estimates.iter().filter(|estimate| estimate.part == Part::Sensitivity.name());
    let tail = |estimate: &Estimate| estimate.risk.tails.last().map(|tail| tail.value_at_risk);
    let Some(base) = rows().find(|estimate| estimate.model == BASE).and_then(tail) else { return Vec::new() };
    let change = |estimate: &Estimate| {
        let (found, level) = (tail(estimate)?, estimate.risk.tails.last()?.level);
        let difference = found.value - base.value;
        let direction = match (estimate.model == BASE, apart(&found, &base), difference > 0.0) {
            (true, ..) => "base",
            (false, false, _) => "not told apart",
            (false, true, true) => "higher",
            (false, true, false) => "lower",
        };
        Some(Change {
            name: estimate.model.clone(),
            ltv: estimate.risk.ltv,
            default_probability: estimate.risk.default_probability,
            level,
            value_at_risk: found,
            exceedance: estimate.risk.exceedances.first()?.probability,
            change_of_value_at_risk: difference,
            direction: direction.into(),
        })
    };
    rows().filter_map(change).collect()
}

/// Whether two intervals have no value in common; a figure without an interval stands for itself.
fn apart(one: &Figure, other: &Figure) -> bool {
    let ends = |figure: &Figure| (figure.low.unwrap_or(figure.value), figure.high.unwrap_or(figure.value));
    let ((low, high), (other_low, other_high)) = (ends(one), ends(other));
    high < other_low || other_high < low
}

fn months(settings: &CaseStudySettings, headline: Option<&HeadlineFigures>) -> Vec<Months> {
    let simulated = headline.and_then(|headline| {
        let tail = headline.tails_given_default.last()?;
        let (loss, level) = (tail.value_at_risk.value, level_percent(tail.level));
        let name = format!("both at {}, simulated {level} quantile given default", percent(headline.ltv));
        Some(CaseStudyCase { name, sizing_ltv: headline.ltv, loss })
    });
    let row = |case: CaseStudyCase| {
        let study = CaseStudy {
            lending_share: settings.lending_share,
            yield_token_share: settings.yield_token_share,
            sizing_ltv: case.sizing_ltv,
            fees_per_year: settings.fees_per_year,
            reserve_share: settings.reserve_share,
        };
        Months {
            collateral_share: study.collateral_share(),
            loss_of_tvl: study.collateral_share().map(|share| share * case.loss),
            income_per_month: study.reserve_income_per_month(),
            months: study.months_of_fees(case.loss),
            name: case.name,
            sizing_ltv: case.sizing_ltv,
            loss: case.loss,
        }
    };
    settings.cases.iter().cloned().chain(simulated).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_with_the_decimals_that_matter() {
        let told = [0.0, 0.75, 0.125, 0.0107, 0.725, 1.0, 0.000_012, -0.2].map(percent);
        assert_eq!(told, ["0 %", "75 %", "12.5 %", "1.07 %", "72.5 %", "100 %", "1.2e-3 %", "-20 %"]);
        assert_eq!([0.95, 0.995, 0.9999].map(level_percent), ["95 %", "99.5 %", "99.99 %"]);
        let figure = Figure { value: 0.01, low: Some(0.009), high: Some(0.012) };
        assert_eq!(with_interval(&figure), "1 % (0.9 % to 1.2 %)");
    }

    #[test]
    fn intervals_that_meet_are_not_told_apart() {
        let figure = |low, high| Figure { value: 0.5 * (low + high), low: Some(low), high: Some(high) };
        assert!(!apart(&figure(0.1, 0.2), &figure(0.2, 0.3)));
        assert!(apart(&figure(0.1, 0.2), &figure(0.21, 0.3)) && apart(&figure(0.21, 0.3), &figure(0.1, 0.2)));
        assert!(apart(&Figure { value: 0.0, low: None, high: None }, &figure(0.1, 0.2)));
    }

    /// The appendix: 12.5 % of 31.25 % of what is locked at 1.25 % a month.
    #[test]
    fn the_case_study_names_its_steps() {
        let case = |sizing_ltv, loss| CaseStudyCase { name: "x".into(), sizing_ltv, loss };
        let settings = CaseStudySettings {
            lending_share: 0.5,
            yield_token_share: 0.5,
            fees_per_year: 0.3,
            reserve_share: 0.5,
            cases: vec![case(0.8, 0.125), case(0.75, 0.125)],
        };
        let rows = months(&settings, None);
        assert_eq!(rows[0].collateral_share, Some(0.3125));
        assert!((rows[0].income_per_month - 0.0125).abs() < 1e-15);
        assert_eq!((rows[0].loss_of_tvl, rows[0].months), (Some(0.039_062_5), Some(3.125)));
        assert!((rows[1].months.unwrap() - 10.0 / 3.0).abs() < 1e-12);
    }
}
