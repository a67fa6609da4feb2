//! What one change did: two experiments, run by run.
//!
//! Run `k` of two experiments with one seed sees the same market and the same draws, so that the difference of the two
//! shows the change and little of chance. Of each run two figures are compared: the mean over time of a metric, and its
//! value at the last tick.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::numerics::accumulator::Accumulator;
use crate::numerics::paired::{PairedDifference, Verdict};
use crate::record::table::{Cells, Table, TableError};

/// Columns that say where a row belongs and are no metrics.
const KEYS: [&str; 4] = ["run", "tick", "time", "variant"];

/// A difference of less than this share of the metric's size does not matter.
pub const RESOLUTION: f64 = 0.01;

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Name in tables and charts.
    pub name: String,
    /// Seed of its randomness.
    pub seed: u64,
    /// Its last tick.
    last_tick: i64,
    metrics: Vec<Metric>,
}

#[derive(Debug, Clone, PartialEq)]
struct Metric {
    name: String,
    unit: String,
    meaning: String,
    /// Mean over time and last value, by run.
    runs: BTreeMap<i64, [Option<f64>; 2]>,
}

impl Side {
    /// Reads the figures of every run off a table `series`.
    ///
    /// # Errors
    /// [`TableError`] without the columns `run` and `tick`.
    pub fn of(name: &str, seed: u64, series: &Table) -> Result<Self, TableError> {
        let (runs, ticks) = (series.integer("run")?, series.integer("tick")?);
        let mut metrics = Vec::new();
        for column in series.columns().iter().filter(|column| !KEYS.contains(&column.name.as_str())) {
            let Cells::Real(cells) = &column.cells else { continue };
            let mut means: BTreeMap<i64, Accumulator> = BTreeMap::new();
            let mut last: BTreeMap<i64, Option<f64>> = BTreeMap::new();
            for (run, cell) in runs.iter().zip(cells) {
                let cell = cell.filter(|value| value.is_finite());
                last.insert(*run, cell);
                let mean = means.entry(*run).or_default();
                if let Some(value) = cell {
                    mean.push(value);
                }
            }
            let runs =
                means.iter().map(|(run, mean)| (*run, [mean.mean(), last.get(run).copied().flatten()]));
            metrics.push(Metric {
                name: column.name.clone(),
                unit: column.unit.clone(),
                meaning: column.meaning.clone(),
                runs: runs.collect(),
            });
        }
        let last_tick = ticks.iter().copied().max().unwrap_or(0);
        Ok(Self { name: name.into(), seed, last_tick, metrics })
    }

    /// The names of the metrics.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|metric| metric.name.as_str())
    }

    fn runs(&self) -> Vec<i64> {
        self.metrics.first().map(|metric| metric.runs.keys().copied().collect()).unwrap_or_default()
    }
}

/// Two experiments side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the first.
    pub before: String,
    /// Name of the second.
    pub after: String,
    /// Runs that both have.
    pub pairs: usize,
    /// Whether paired runs share their randomness.
    pub same_seed: bool,
    /// What a reader should know before trusting the figures.
    pub warnings: Vec<String>,
    /// One entry a metric that both have.
    pub metrics: Vec<MetricComparison>,
}

/// One metric in both experiments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricComparison {
    /// Bare name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// One line of meaning.
    pub meaning: String,
    /// The means over time.
    pub time_mean: Contrast,
    /// The values at the last tick.
    #[serde(rename = "final")]
    pub last: Contrast,
}

/// One figure a run in both experiments: means, and the paired difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(into = "Written")]
pub struct Contrast {
    /// Mean of the first over the pairs.
    pub before: Option<f64>,
    /// Mean of the second over the pairs.
    pub after: Option<f64>,
    /// Mean of second less first.
    pub difference: Option<f64>,
    /// Standard deviation of the differences.
    pub sd: Option<f64>,
    /// Lower end of the interval of the mean difference.
    pub low_95: Option<f64>,
    /// Upper end of the interval of the mean difference.
    pub high_95: Option<f64>,
    /// Pairs in which both are defined.
    pub pairs: u64,
    /// What can be said.
    pub verdict: Verdict,
}

/// How a [`Contrast`] is written: the verdict as a name, a number and words.
#[derive(Serialize)]
struct Written {
    before: Option<f64>,
    after: Option<f64>,
    difference: Option<f64>,
    sd: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    pairs: u64,
    verdict: &'static str,
    more_runs_needed: Option<u64>,
    words: String,
}

impl From<Contrast> for Written {
    fn from(contrast: Contrast) -> Self {
        let Contrast { before, after, difference, sd, low_95, high_95, pairs, verdict } = contrast;
        let (name, more_runs_needed) = match verdict {
            Verdict::Differs => ("differs", None),
            Verdict::NoDifferenceSeen => ("no_difference_seen", None),
            Verdict::NeedsMoreRuns { about } => ("needs_more_runs", about),
        };
        let words = contrast.words();
        Self { before, after, difference, sd, low_95, high_95, pairs, verdict: name, more_runs_needed, words }
    }
}

impl Contrast {
    fn of(pairs: &[(f64, f64)]) -> Self {
        let before: Accumulator = pairs.iter().map(|pair| pair.0).collect();
        let after: Accumulator = pairs.iter().map(|pair| pair.1).collect();
        let size = before.mean().unwrap_or(0.0).abs();
        let found = PairedDifference::of(pairs.iter().copied(), RESOLUTION * size);
        Self {
            before: before.mean(),
            after: after.mean(),
            difference: found.mean,
            sd: found.sd,
            low_95: found.interval.map(|interval| interval.low),
            high_95: found.interval.map(|interval| interval.high),
            pairs: found.pairs,
            verdict: found.verdict,
        }
    }

    /// The verdict in plain words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.verdict {
            _ if self.pairs == 0 => "undefined in one of the two".into(),
            Verdict::Differs => "differs".into(),
            Verdict::NoDifferenceSeen => "no difference seen".into(),
            Verdict::NeedsMoreRuns { about: Some(1) } => "needs about 1 more run".into(),
            Verdict::NeedsMoreRuns { about: Some(runs) } => format!("needs about {runs} more runs"),
            Verdict::NeedsMoreRuns { about: None } => "needs more runs".into(),
        }
    }
}

/// Compares two experiments: the second less the first.
#[must_use]
pub fn compare(before: &Side, after: &Side) -> Comparison {
    let theirs = after.runs();
    let pairs: Vec<i64> = before.runs().into_iter().filter(|run| theirs.contains(run)).collect();
    let mut metrics = Vec::new();
    for mine in &before.metrics {
        let Some(other) = after.metrics.iter().find(|other| other.name == mine.name) else { continue };
        let figure = |place: usize| {
            let both =
                pairs.iter().filter_map(|run| mine.runs.get(run)?[place].zip(other.runs.get(run)?[place]));
            Contrast::of(&both.collect::<Vec<_>>())
        };
        metrics.push(MetricComparison {
            name: mine.name.clone(),
            unit: mine.unit.clone(),
            meaning: mine.meaning.clone(),
            time_mean: figure(0),
            last: figure(1),
        });
    }
    Comparison {
        before: before.name.clone(),
        after: after.name.clone(),
        pairs: pairs.len(),
        same_seed: before.seed == after.seed,
        warnings: warnings(before, after, pairs.len()),
        metrics,
    }
}

fn warnings(before: &Side, after: &Side, pairs: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    if before.seed != after.seed {
        warnings.push(format!(
            "the seeds differ ({} and {}): runs share no randomness, so that differences are less certain than they could \
             be; run both with one --seed",
            before.seed, after.seed
        ));
    }
    if before.last_tick != after.last_tick {
        warnings.push(format!(
            "the last ticks differ ({} and {}): means over time and last values are of different spans",
            before.last_tick, after.last_tick
        ));
    }
    let (mine, theirs) = (before.runs().len(), after.runs().len());
    if pairs < mine.max(theirs) {
        warnings.push(format!(
            "{pairs} runs are in both; `{}` has {mine}, `{}` has {theirs}",
            before.name, after.name
        ));
    }
    for (one, other) in [(before, after), (after, before)] {
        let alone: Vec<&str> =
            one.metrics().filter(|name| other.metrics().all(|found| found != *name)).collect();
        match alone.as_slice() {
            [] => {}
            [first] => warnings.push(format!("only `{}` has the metric `{first}`", one.name)),
            [first, ..] => {
                warnings.push(format!("only `{}` has {} metrics such as `{first}`", one.name, alone.len()));
            }
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::Column;

    fn side(name: &str, seed: u64, shift: f64, runs: i64) -> Side {
        let rows: Vec<(i64, i64)> = (0..runs).flat_map(|run| (0..3).map(move |tick| (run, tick))).collect();
        let column = |name: &str, cells| Column {
            name: name.into(),
            unit: "usd".into(),
            meaning: String::new(),
            cells,
        };
        let noise = |run: i64| (run * 7 % 5) as f64;
        let cell = |(run, tick): &(i64, i64)| Some(100.0 + noise(*run) + *tick as f64 + shift);
        let table = Table::new(vec![
            column("run", Cells::Integer(rows.iter().map(|row| row.0).collect())),
            column("tick", Cells::Integer(rows.iter().map(|row| row.1).collect())),
            column("x", Cells::Real(rows.iter().map(cell).collect())),
            column("never", Cells::Real(vec![None; rows.len()])),
        ]);
        Side::of(name, seed, &table.unwrap()).unwrap()
    }

    #[test]
    fn pairing_takes_the_noise_out() {
        let found = compare(&side("a", 1, 0.0, 4), &side("b", 1, 0.5, 4));
        assert_eq!((found.pairs, found.same_seed, found.warnings.len()), (4, true, 0));
        let x = &found.metrics[0];
        assert_eq!((x.time_mean.difference, x.time_mean.sd), (Some(0.5), Some(0.0)));
        assert_eq!((x.last.difference, x.last.words().as_str()), (Some(0.5), "differs"));
        // The last tick is one above the mean of three.
        assert_eq!(x.last.before.unwrap() - x.time_mean.before.unwrap(), 1.0);
        assert_eq!(found.metrics[1].time_mean.words(), "undefined in one of the two");
    }

    #[test]
    fn the_same_twice_shows_no_difference() {
        let found = compare(&side("a", 1, 0.0, 4), &side("a", 1, 0.0, 4));
        assert_eq!(found.metrics[0].time_mean.words(), "no difference seen");
    }

    #[test]
    fn what_does_not_match_is_said() {
        let found = compare(&side("a", 1, 0.0, 4), &side("b", 2, 0.0, 3));
        assert_eq!((found.pairs, found.same_seed, found.warnings.len()), (3, false, 2));
        let single = compare(&side("a", 1, 0.0, 1), &side("b", 1, 0.5, 1));
        assert_eq!(single.metrics[0].last.words(), "needs more runs");
    }
}
