//! Comparing paired runs, and reading figures off a run's tables.

use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunTables;
use ballast::record::table::Cells;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::shipped;

/// Level of the one-sided tests: one false alarm in a thousand.
const LEVEL: f64 = 1e-3;

/// Overrides as text.
pub fn sets(overrides: &[&str]) -> Vec<String> {
    overrides.iter().map(|set| (*set).to_owned()).collect()
}

/// The figure `measure` takes from each of the first `runs` runs.
pub fn over_runs(experiment: &Experiment, runs: u32, measure: impl Fn(&RunTables) -> f64) -> Vec<f64> {
    (0..runs).map(|run| measure(&shipped::run(experiment, run, run))).collect()
}

/// Fails unless `after` exceeds `before`, pair by pair, beyond what chance explains: Student's one-sided paired test, or the
/// sign test where all pairs agree.
#[track_caller]
pub fn assert_rises(what: &str, before: &[f64], after: &[f64]) {
    let differences: Vec<f64> = before.iter().zip(after).map(|(before, after)| after - before).collect();
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / (count - 1.0);
    let statistic = mean / (variance / count).sqrt();
    // All pairs agreeing is a test of its own, for differences far from normal.
    let all_agree = differences.iter().all(|one| *one > 0.0);
    let chance = if all_agree {
        0.5_f64.powf(count)
    } else if variance > 0.0 {
        1.0 - StudentsT::new(0.0, 1.0, count - 1.0).unwrap().cdf(statistic)
    } else {
        1.0
    };
    println!("{what}: {} -> {}, t = {statistic:.1}", average(before), average(after));
    assert!(chance < LEVEL, "{what} does not rise: {before:?} -> {after:?}, p = {chance}");
}

/// Fails unless `after` is below `before`.
#[track_caller]
pub fn assert_falls(what: &str, before: &[f64], after: &[f64]) {
    let negative = |values: &[f64]| values.iter().map(|value| -value).collect::<Vec<_>>();
    assert_rises(&format!("minus {what}"), &negative(before), &negative(after));
}

pub fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The defined cells of a column of the table `series`.
pub fn series(tables: &RunTables, name: &str) -> Vec<f64> {
    tables.series.real(name).unwrap().iter().flatten().copied().collect()
}

/// Mean size of a column of the table `series`.
pub fn mean_size(tables: &RunTables, name: &str) -> f64 {
    average(&series(tables, name).iter().map(|value| value.abs()).collect::<Vec<_>>())
}

/// Sum of a column of the table `agents` over the population `kind`.
pub fn total(tables: &RunTables, kind: &str, column: &str) -> f64 {
    let cells = |name: &str| &tables.agents.column(name).unwrap().cells;
    let (Cells::Text(kinds), Cells::Real(values)) = (cells("kind"), cells(column)) else {
        panic!("{column}")
    };
    let of_kind = kinds.iter().zip(values).filter(|(found, _)| found.as_deref() == Some(kind));
    of_kind.map(|(_, value)| value.unwrap_or(0.0)).sum()
}

#[test]
fn a_difference_that_chance_explains_is_no_rise() {
    let before: Vec<f64> = (0..12).map(f64::from).collect();
    let moved = |by: fn(f64) -> f64| before.iter().map(|value| value + by(*value)).collect::<Vec<_>>();
    assert_rises("a steady rise", &before, &moved(|_| 1.0));
    assert_rises(
        "a rise with one exception",
        &before,
        &moved(|value| if value == 3.0 { -0.1 } else { 1.0 + 0.1 * value }),
    );
    let noise =
        std::panic::catch_unwind(|| assert_rises("noise", &before, &moved(|value| (value * 2.0).sin())));
    assert!(noise.is_err());
    let fall = std::panic::catch_unwind(|| assert_rises("a fall", &before, &moved(|_| -1.0)));
    assert!(fall.is_err());
    let few = std::panic::catch_unwind(|| assert_rises("too few", &before[..3], &moved(|_| 1.0)[..3]));
    assert!(few.is_err());
}
