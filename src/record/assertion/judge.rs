//! The verdict on assertions, from one run after another; memory does not grow with the number of runs.

use super::run::{Rows, figure, runs};
use super::{Assertion, Comparison, Tally};
use crate::numerics::statistics::Interval;
use crate::record::summary::{AssertionOutcome, AssertionVerdict};
use crate::record::table::{Table, TableError};

/// Judges assertions.
#[derive(Debug, Clone)]
pub struct Judge {
    tick_seconds: u64,
    cases: Vec<Case>,
}

/// An assertion and what the runs have said of it so far.
#[derive(Debug, Clone)]
struct Case {
    assertion: Assertion,
    /// One figure a run, of those with anything to say.
    figures: Tally,
}

impl Judge {
    /// A judge of these assertions about runs whose ticks have that many seconds.
    #[must_use]
    pub fn new(assertions: Vec<Assertion>, tick_seconds: i64) -> Self {
        let case = |assertion| Case { assertion, figures: Tally::default() };
        Self {
            tick_seconds: u64::try_from(tick_seconds).unwrap_or(0),
            cases: assertions.into_iter().map(case).collect(),
        }
    }

    /// Hears the runs of a `series` table: each whole, each once, in the order of runs.
    ///
    /// # Errors
    /// [`TableError::Missing`] if the table lacks a column that an assertion names, or `run` or `tick`.
    pub fn add(&mut self, table: &Table) -> Result<(), TableError> {
        for (_, run) in runs(table, self.tick_seconds)? {
            for case in &mut self.cases {
                case.hear(&run)?;
            }
        }
        Ok(())
    }

    /// The verdicts, in the order of the assertions.
    #[must_use]
    pub fn finish(self) -> Vec<AssertionOutcome> {
        self.cases.into_iter().map(Case::outcome).collect()
    }
}

impl Case {
    fn hear(&mut self, run: &Rows<'_>) -> Result<(), TableError> {
        if let Some(figure) = figure(&self.assertion.quantity, run)? {
            self.figures.push(figure);
        }
        Ok(())
    }

    fn outcome(self) -> AssertionOutcome {
        let found = self.figures.estimate(&self.assertion.quantity);
        AssertionOutcome {
            verdict: found.interval.map_or(AssertionVerdict::Undecided, |interval| {
                verdict(self.assertion.comparison, self.assertion.bound, interval)
            }),
            assertion: self.assertion.text,
            estimate: found.value,
            low_95: found.interval.map(|interval| interval.low),
            high_95: found.interval.map(|interval| interval.high),
            runs: found.runs,
        }
    }
}

/// What an interval says of the claim that the figure in it stands so to `bound`.
fn verdict(comparison: Comparison, bound: f64, interval: Interval) -> AssertionVerdict {
    match (comparison.holds(interval.low, bound), comparison.holds(interval.high, bound)) {
        (true, true) => AssertionVerdict::Holds,
        (false, false) => AssertionVerdict::Fails,
        _ => AssertionVerdict::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::table::{Cells, Column};
    use AssertionVerdict::{Fails, Holds, Undecided};

    /// A run for each value, of two hourly ticks: first zero, then the value.
    fn runs(first: i64, values: &[Option<f64>]) -> Table {
        let column = |name: &str, cells| Column {
            name: name.into(),
            unit: String::new(),
            meaning: String::new(),
            cells,
        };
        let numbers = (first..).take(values.len()).flat_map(|run| [run, run]).collect();
        Table::new(vec![
            column("run", Cells::Integer(numbers)),
            column("tick", Cells::Integer(values.iter().flat_map(|_| [0, 1]).collect())),
            column("a", Cells::Real(values.iter().flat_map(|value| [value.map(|_| 0.0), *value]).collect())),
        ])
        .unwrap()
    }

    fn judged(assertion: &str, values: &[Option<f64>]) -> AssertionOutcome {
        let mut judge = Judge::new(vec![assertion.parse().unwrap()], 3_600);
        judge.add(&runs(0, values)).unwrap();
        judge.finish().remove(0)
    }

    /// Two of ten: Clopper and Pearson's interval is 0.0252 to 0.5561.
    #[test]
    fn a_probability_is_judged_by_the_exact_interval() {
        let mut values = vec![Some(0.0); 8];
        values.extend([Some(1.0); 2]);
        let found = judged("P(a > 0.5) < 0.6", &values);
        assert_eq!((found.verdict, found.estimate, found.runs), (Holds, Some(0.2), 10));
        assert!((found.low_95.unwrap() - 0.025_210_73).abs() < 1e-8);
        assert!((found.high_95.unwrap() - 0.556_095_46).abs() < 1e-8);
        assert_eq!(judged("P(a > 0.5) < 0.5", &values).verdict, Undecided);
        assert_eq!(judged("P(a > 0.5) < 0.02", &values).verdict, Fails);
        assert_eq!(judged("P(a > 0.5) > 0.02", &values).verdict, Holds);
        assert_eq!(judged("P(a > 0.5) >= 0.56", &values).verdict, Fails);
    }

    /// The number of runs that the documentation states: `1 - 0.025^(1/n)` falls below 0.01 at 368.
    #[test]
    fn what_was_never_seen_takes_368_runs_to_be_rarer_than_one_in_a_hundred() {
        assert_eq!(judged("P(a > 0.5) < 0.01", &vec![Some(0.0); 367]).verdict, Undecided);
        assert_eq!(judged("P(a > 0.5) < 0.01", &vec![Some(0.0); 368]).verdict, Holds);
    }

    #[test]
    fn one_run_leaves_most_claims_open() {
        assert_eq!(judged("P(a > 0.5) < 0.5", &[Some(0.0)]).verdict, Undecided);
        assert_eq!(judged("P(a > 0.5) < 0.01", &[Some(1.0)]).verdict, Fails, "happened once: not that rare");
        let found = judged("mean(a) < 5", &[Some(1.0)]);
        assert_eq!((found.verdict, found.estimate, found.low_95), (Undecided, Some(0.5), None));
    }

    /// Finals 4, 6, 8: mean 6, standard error 2/sqrt(3), t(2) = 4.302653.
    #[test]
    fn a_figure_is_judged_by_students_interval_of_its_mean() {
        let values = [Some(4.0), Some(6.0), Some(8.0)];
        let found = judged("final(a) > 1", &values);
        assert_eq!((found.verdict, found.estimate, found.runs), (Holds, Some(6.0), 3));
        assert!((found.low_95.unwrap() - (6.0 - 4.302_652_73 * 2.0 / 3.0_f64.sqrt())).abs() < 1e-7);
        assert_eq!(judged("final(a) > 5", &values).verdict, Undecided);
        assert_eq!(judged("final(a) > 11", &values).verdict, Fails);
        // No spread, no doubt: the ends of the interval are the figure itself.
        let sure = [Some(2.0); 3];
        assert_eq!(
            (judged("max(a) <= 2", &sure).verdict, judged("max(a) < 2", &sure).verdict),
            (Holds, Fails)
        );
    }

    #[test]
    fn a_run_with_nothing_to_say_is_not_counted() {
        let found = judged("P(a > 0.5) < 0.9", &[Some(0.0), None, Some(0.0)]);
        assert_eq!((found.runs, found.estimate), (2, Some(0.0)));
        let found = judged("final(a) < 9", &[None, None]);
        assert_eq!((found.verdict, found.estimate, found.runs), (Undecided, None, 0));
        assert_eq!(Judge::new(Vec::new(), 1).finish(), []);
    }

    proptest! {
        /// As after an interruption: the parts one by one say what the whole says, to the bit.
        #[test]
        fn runs_one_by_one_are_as_good_as_all_at_once(values in prop::collection::vec(prop::option::of(-2.0..2.0_f64), 1..30)) {
            let texts = ["P(a > 1) < 0.2", "share(a > 0) < 0.4", "q50(a) > 0.1", "P(a <= 0 for > 1h) > 0.5"];
            let mut whole = Judge::new(texts.iter().map(|text| text.parse().unwrap()).collect(), 3_600);
            let mut parts = whole.clone();
            whole.add(&runs(0, &values)).unwrap();
            for (run, value) in (0..).zip(&values) {
                parts.add(&runs(run, &[*value])).unwrap();
            }
            prop_assert_eq!(whole.finish(), parts.finish());
        }

        /// A claim and its opposite are never both upheld, and neither fails where the other is open.
        #[test]
        fn a_claim_and_its_opposite_agree(happened in 0..40_usize, more in 0..40_usize, bound in 0.0..=1.0_f64) {
            let mut values = vec![Some(1.0); happened];
            values.extend(vec![Some(0.0); more]);
            let verdicts = ["<", ">="].map(|sign| judged(&format!("P(a > 0.5) {sign} {bound}"), &values).verdict);
            prop_assert!(matches!(verdicts, [Holds, Fails] | [Fails, Holds] | [Undecided, Undecided]), "{verdicts:?}");
        }
    }
}
