//! Responses: what quantities come to in each variant of an experiment, and by how much a variant differs from the first.
//!
//! A quantity ([`super::assertion`]) is one figure a run. Variants share their seeds: run `k` of each sees the same market, so
//! that differences are taken run by run and say more than two means side by side.

use super::assertion::{Estimate, Quantity, Tally, figures};
use super::summary::ResponseOutcome;
use super::table::{Cells, Column, Table, TableError};
use crate::numerics::paired::PairedDifference;

/// A quantity as it is written and as it is understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// As it is written.
    pub text: String,
    /// What it means.
    pub quantity: Quantity,
}

/// Hears runs and keeps the figures of every quantity: eight bytes a run, quantity and variant.
#[derive(Debug, Clone)]
pub struct Responses {
    asked: Vec<Asked>,
    variants: Vec<Variant>,
    runs: u32,
    /// Unit of each quantity.
    units: Vec<String>,
}

#[derive(Debug, Clone)]
struct Variant {
    name: String,
    tick_seconds: u64,
    /// For each quantity the run, counted from zero in every variant, and its figure.
    figures: Vec<Vec<(i64, f64)>>,
}

impl Responses {
    /// Of these quantities in these variants, each with a name and the seconds of its ticks, of so many runs each.
    #[must_use]
    pub fn new(asked: Vec<Asked>, variants: impl IntoIterator<Item = (String, i64)>, runs: u32) -> Self {
        let variant = |(name, tick_seconds): (String, i64)| Variant {
            name,
            tick_seconds: u64::try_from(tick_seconds).unwrap_or(0),
            figures: vec![Vec::new(); asked.len()],
        };
        let variants = variants.into_iter().map(variant).collect();
        Self { units: vec![String::new(); asked.len()], asked, variants, runs: runs.max(1) }
    }

    /// Hears the runs of a `series` table: each whole, each once. Run numbers go through the variants one after the other.
    ///
    /// # Errors
    /// [`TableError::Missing`] if the table lacks a column that a quantity names, or `run` or `tick`.
    pub fn add(&mut self, table: &Table) -> Result<(), TableError> {
        let runs = i64::from(self.runs);
        for (place, asked) in self.asked.iter().enumerate() {
            self.units[place] = unit(&asked.quantity, table);
            // Variants may differ in the length of their ticks; most do not.
            let mut lengths: Vec<u64> = self.variants.iter().map(|variant| variant.tick_seconds).collect();
            lengths.sort_unstable();
            lengths.dedup();
            for length in lengths {
                for (number, figure) in figures(&asked.quantity, table, length)? {
                    let variant = usize::try_from(number.div_euclid(runs)).ok();
                    let variant = variant.and_then(|variant| self.variants.get_mut(variant));
                    let variant = variant.filter(|variant| variant.tick_seconds == length);
                    if let Some((variant, figure)) = variant.zip(figure) {
                        variant.figures[place].push((number.rem_euclid(runs), figure));
                    }
                }
            }
        }
        Ok(())
    }

    /// What each quantity comes to: quantities in their order, within each the variants in theirs.
    #[must_use]
    pub fn outcomes(&self) -> Vec<ResponseOutcome> {
        let mut outcomes = Vec::new();
        for (place, asked) in self.asked.iter().enumerate() {
            for (number, variant) in self.variants.iter().enumerate() {
                let mut tally = Tally::default();
                variant.figures[place].iter().for_each(|(_, figure)| tally.push(*figure));
                let first = self.variants.first().filter(|_| number > 0);
                let difference = first.map(|first| paired(&first.figures[place], &variant.figures[place]));
                let outcome = outcome(&tally.estimate(&asked.quantity), difference.as_ref());
                outcomes.push(ResponseOutcome {
                    quantity: asked.text.clone(),
                    unit: self.units[place].clone(),
                    variant: variant.name.clone(),
                    ..outcome
                });
            }
        }
        outcomes
    }

    /// The figures, a row a run: `quantity`, `variant`, `run` (counted from zero in every variant) and `figure`.
    ///
    /// # Errors
    /// None that a table of equally long columns could have.
    pub fn figures(&self) -> Result<Table, TableError> {
        let (mut quantities, mut names, mut runs, mut cells) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (place, asked) in self.asked.iter().enumerate() {
            for variant in &self.variants {
                for (run, figure) in &variant.figures[place] {
                    quantities.push(Some(asked.text.clone()));
                    names.push(Some(variant.name.clone()));
                    runs.push(*run);
                    cells.push(Some(*figure));
                }
            }
        }
        Table::new(vec![
            column("quantity", "one figure a run", Cells::Text(quantities)),
            column("variant", "variant of the experiment", Cells::Text(names)),
            column("run", "number of the run within its variant", Cells::Integer(runs)),
            column("figure", "what the quantity comes to in the run", Cells::Real(cells)),
        ])
    }
}

/// Every outcome as a row of a table, for charts and the report.
///
/// # Errors
/// None that a table of equally long columns could have.
pub fn table(outcomes: &[ResponseOutcome]) -> Result<Table, TableError> {
    let text = |read: fn(&ResponseOutcome) -> &str| {
        Cells::Text(outcomes.iter().map(|outcome| Some(read(outcome).to_owned())).collect())
    };
    let real = |read: fn(&ResponseOutcome) -> Option<f64>| Cells::Real(outcomes.iter().map(read).collect());
    let runs = outcomes.iter().map(|outcome| i64::try_from(outcome.runs).unwrap_or(i64::MAX)).collect();
    Table::new(vec![
        column("quantity", "one figure a run", text(|outcome| &outcome.quantity)),
        column("unit", "unit of the figure", text(|outcome| &outcome.unit)),
        column("variant", "variant of the experiment", text(|outcome| &outcome.variant)),
        column("mean", "mean over runs, or share of runs", real(|outcome| outcome.mean)),
        column("from", "lower end of the 95 % interval", real(|outcome| outcome.low_95)),
        column("to", "upper end of the 95 % interval", real(|outcome| outcome.high_95)),
        column("runs", "runs behind the mean", Cells::Integer(runs)),
        column("difference", "less the first variant, run by run", real(|outcome| outcome.difference)),
        column(
            "difference_from",
            "lower end of its 95 % interval",
            real(|outcome| outcome.difference_low_95),
        ),
        column("difference_to", "upper end of its 95 % interval", real(|outcome| outcome.difference_high_95)),
    ])
}

fn column(name: &str, meaning: &str, cells: Cells) -> Column {
    Column { name: name.into(), unit: String::new(), meaning: meaning.into(), cells }
}

/// The unit of a figure: that of its metric; shares have none.
fn unit(quantity: &Quantity, table: &Table) -> String {
    let unit = match quantity {
        Quantity::Figure(_, metric) => table.column(&metric.name).map(|column| column.unit.as_str()),
        Quantity::Probability(..) | Quantity::Share(_) => None,
    };
    unit.filter(|unit| *unit != "1").unwrap_or_default().to_owned()
}

/// The difference over the runs in which both have a figure.
fn paired(first: &[(i64, f64)], other: &[(i64, f64)]) -> PairedDifference {
    // Both are in the order of runs.
    let before =
        |run: i64| first.binary_search_by_key(&run, |(run, _)| *run).ok().map(|place| first[place].1);
    let pairs = other.iter().filter_map(|(run, after)| Some((before(*run)?, *after)));
    PairedDifference::of(pairs, 0.0)
}

/// The outcome, without its names.
fn outcome(estimate: &Estimate, difference: Option<&PairedDifference>) -> ResponseOutcome {
    let usable = |value: f64| value.is_finite().then_some(value + 0.0);
    let between = difference.and_then(|difference| difference.interval);
    ResponseOutcome {
        quantity: String::new(),
        unit: String::new(),
        variant: String::new(),
        mean: estimate.value,
        low_95: estimate.interval.map(|interval| interval.low),
        high_95: estimate.interval.map(|interval| interval.high),
        runs: estimate.runs,
        difference: difference.and_then(|difference| difference.mean).and_then(usable),
        difference_low_95: between.and_then(|interval| usable(interval.low)),
        difference_high_95: between.and_then(|interval| usable(interval.high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two variants of three runs, two ticks each: turnout begins at zero.
    fn series(ends: [Option<f64>; 6]) -> Table {
        let turnout = Column {
            unit: "%".into(),
            ..column(
                "turnout",
                "",
                Cells::Real(ends.iter().flat_map(|end| [end.map(|_| 0.0), *end]).collect()),
            )
        };
        Table::new(vec![
            column("run", "", Cells::Integer((0..6).flat_map(|run| [run, run]).collect())),
            column("tick", "", Cells::Integer([0, 1].repeat(6))),
            turnout,
        ])
        .unwrap()
    }

    fn heard(quantities: &[&str], ends: [Option<f64>; 6]) -> Responses {
        let asked = |text: &&str| Asked { text: (*text).to_owned(), quantity: text.parse().unwrap() };
        let variants = ["none", "some"].map(|name| (name.to_owned(), 3_600));
        let mut responses = Responses::new(quantities.iter().map(asked).collect(), variants, 3);
        responses.add(&series(ends)).unwrap();
        responses
    }

    /// Finals 4, 6, 8 against 5, 8, 11: means 6 and 8, standard errors 2/sqrt(3) and 3/sqrt(3), t(2) = 4.302653. The
    /// differences are 1, 2, 3: mean 2, standard error 1/sqrt(3), so the pairs see what the two intervals do not.
    #[test]
    fn a_worked_example_of_two_variants() {
        let ends = [4.0, 6.0, 8.0, 5.0, 8.0, 11.0].map(Some);
        let outcomes = heard(&["final(turnout)"], ends).outcomes();
        let [first, second] = &outcomes[..] else { panic!("{outcomes:?}") };
        assert_eq!(
            (first.variant.as_str(), first.unit.as_str(), first.mean, first.runs),
            ("none", "%", Some(6.0), 3)
        );
        assert_eq!((first.difference, first.difference_low_95), (None, None));
        assert_eq!((second.mean, second.difference), (Some(8.0), Some(2.0)));
        let t = 4.302_652_73 / 3.0_f64.sqrt();
        for (found, expected) in [
            (first.low_95, 6.0 - 2.0 * t),
            (first.high_95, 6.0 + 2.0 * t),
            (second.low_95, 8.0 - 3.0 * t),
            (second.difference_low_95, 2.0 - t),
            (second.difference_high_95, 2.0 + t),
        ] {
            assert!((found.unwrap() - expected).abs() < 1e-7, "{found:?} {expected}");
        }
    }

    #[test]
    fn pairs_are_of_runs_that_have_a_figure_in_both() {
        let ends = [Some(1.0), None, Some(3.0), None, Some(9.0), Some(4.0)];
        let responses = heard(&["max(turnout)", "P(turnout > 3.5)"], ends);
        let outcomes = responses.outcomes();
        let told: Vec<_> = outcomes.iter().map(|one| (one.mean, one.runs, one.difference)).collect();
        let expected = [
            (Some(2.0), 2, None),
            (Some(6.5), 2, Some(1.0)),
            (Some(0.0), 2, None),
            (Some(1.0), 2, Some(1.0)),
        ];
        assert_eq!(told, expected);
        assert_eq!(outcomes[1].difference_low_95, None, "one pair has no spread");
        assert_eq!(outcomes[2].unit, "");
        let figures = responses.figures().unwrap();
        assert_eq!(figures.integer("run").unwrap(), [0, 2, 1, 2, 0, 2, 1, 2]);
        assert_eq!(figures.real("figure").unwrap()[..4], [1.0, 3.0, 9.0, 4.0].map(Some));
        assert_eq!(table(&outcomes).unwrap().real("difference").unwrap()[3], Some(1.0));
    }

    #[test]
    fn parts_one_by_one_are_as_good_as_all_at_once() {
        let ends = [4.0, 6.0, 8.0, 5.0, 8.0, 11.0].map(Some);
        let mut parts = heard(&["mean(turnout)"], ends);
        let whole = parts.outcomes();
        parts.variants.iter_mut().for_each(|variant| variant.figures[0].clear());
        let all = series(ends);
        for run in 0..6 {
            let cut = |cells: &[i64]| cells[2 * run..2 * run + 2].to_vec();
            let columns = vec![
                column("run", "", Cells::Integer(cut(all.integer("run").unwrap()))),
                column("tick", "", Cells::Integer(cut(all.integer("tick").unwrap()))),
                Column {
                    unit: "%".into(),
                    ..column(
                        "turnout",
                        "",
                        Cells::Real(all.real("turnout").unwrap()[2 * run..2 * run + 2].to_vec()),
                    )
                },
            ];
            parts.add(&Table::new(columns).unwrap()).unwrap();
        }
        assert_eq!(parts.outcomes(), whole);
        assert!(parts.add(&Table::new(vec![column("run", "", Cells::Integer(vec![0]))]).unwrap()).is_err());
    }
}
