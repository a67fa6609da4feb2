//! What is computed across the variants of an experiment: the tables behind the beta spectrum and the settlement chart.
//!
//! Both are pure functions of the table `series` of all runs, with the column `variant` that says which variant a run
//! belongs to, and of the variants' experiments.

use thiserror::Error;

use super::config::Experiment;
use crate::quantity::HOURS_PER_YEAR;
use crate::record::table::{Cells, Column, Table, TableError};

/// The fall of ETH that the value-at-risk of the f(x) white paper (May 2023) says the first threshold must survive: 25.34 %.
/// With it a beta of 0.1 needs a collateral ratio of 1.3055, the stability threshold of the deployed contracts.
pub const VALUE_AT_RISK_DROP: f64 = 0.2534;

/// Why there is no study.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StudyError {
    /// A column that the study needs is not recorded.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Runs of a variant that the experiment does not have.
    #[error("the results name a variant `{found}`, which the experiment does not have; it has {known}")]
    UnknownVariant {
        /// The name found.
        found: String,
        /// The names there are.
        known: String,
    },
    /// A variant without what the study is about.
    #[error("variant `{variant}` has no f(x) treasury: expected `fx: (...)`")]
    NoTreasury {
        /// Which variant.
        variant: String,
    },
}

/// The tables of the settlement study.
#[derive(Debug, Clone, PartialEq)]
pub struct SettlementStudy {
    /// A row a run that ends above water: `settlements`, `feth_nav` at the end.
    pub counts: Table,
    /// A row a recorded tick of the runs with the fewest and the most settlements and of those that end under water:
    /// `rule` (the variant), `eth_price`, `feth_nav`.
    pub paths: Table,
}

/// The collateral ratio at which a fall of ETH by `drop` since the last settlement just exhausts the collateral.
///
/// The ratio reaches one after a fall `d = 1 - (1 - beta) / (CR - beta)`; solved for `CR`, that is
/// `CR_min = beta + (1 - beta) / (1 - d)`. Source: value-at-risk of the f(x) white paper (May 2023).
///
/// # Examples
/// ```
/// use ballast::experiment::study::{VALUE_AT_RISK_DROP, least_safe_ratio};
/// assert!((least_safe_ratio(0.1, VALUE_AT_RISK_DROP) - 1.3055).abs() < 5e-5);
/// assert_eq!(least_safe_ratio(1.0, 0.5), 1.0);
/// ```
#[must_use]
pub fn least_safe_ratio(beta: f64, drop: f64) -> f64 {
    beta + (1.0 - beta) / (1.0 - drop)
}

/// A row a run: `variant`, `run`, `beta`, and what beta buys and costs.
///
/// - `feth_nav_volatility`, % a year: standard deviation about zero of the log returns of the fETH NAV from one record to
///   the next, times the square root of records in a year.
/// - `feth_capacity_usd`: how much fETH the collateral of genesis carries at equal risk: its value at the first recorded price
///   over [`least_safe_ratio`] at [`VALUE_AT_RISK_DROP`].
/// - `eth_growth_captured`, %: sum of the NAV's log returns over the records in which ETH rises, over the sum of ETH's own.
///
/// Cells are undefined where a run has too few records or where ETH never rises.
///
/// # Errors
/// [`StudyError`].
pub fn beta_spectrum(series: &Table, variants: &[(String, Experiment)]) -> Result<Table, StudyError> {
    let columns = Columns::of(series)?;
    let mut names = Vec::new();
    let mut runs = Vec::new();
    let mut cells: [Vec<Option<f64>>; 4] = Default::default();
    for run in columns.runs() {
        let (name, experiment) = run.variant(variants)?;
        let fx = experiment.fx.as_ref().ok_or_else(|| StudyError::NoTreasury { variant: name.to_owned() })?;
        let beta = fx.rules().beta;
        let returns = Returns::of(&columns, &run);
        let records_per_year =
            HOURS_PER_YEAR / (experiment.tick_hours * f64::from(experiment.record.every_ticks.max(1)));
        let opening =
            run.rows.clone().find_map(|row| columns.prices[row]).map(|usd| usd * fx.initial_collateral);
        names.push(Some(name.to_owned()));
        runs.push(run.number);
        cells[0].push(Some(beta));
        cells[1].push(returns.volatility().map(|one| 100.0 * one * records_per_year.sqrt()));
        cells[2].push(opening.map(|usd| usd / least_safe_ratio(beta, VALUE_AT_RISK_DROP)));
        cells[3].push(returns.captured().map(|share| 100.0 * share));
    }
    let [beta, volatility, capacity, growth] = cells;
    Ok(Table::new(vec![
        text("variant", "variant of the experiment", names),
        Column {
            name: "run".into(),
            unit: String::new(),
            meaning: "number of the run".into(),
            cells: Cells::Integer(runs),
        },
        real("beta", "1", "share of ETH's moves that fETH takes", beta),
        real("feth_nav_volatility", "%/yr", "volatility of the fETH net asset value", volatility),
        real(
            "feth_capacity_usd",
            "usd",
            "fETH that the collateral of genesis carries at equal risk",
            capacity,
        ),
        real("eth_growth_captured", "%", "share of ETH's rises that the fETH NAV keeps", growth),
    ])?)
}

/// What fETH is worth by the rule of settlement.
///
/// A run counts as under water if its last collateral ratio is below one: what fETH is worth there is the collateral, not
/// the formula `f = f0 product(1 + beta r_i)`, so that it has a path but is no point on the curve over settlements.
///
/// # Errors
/// [`StudyError`].
pub fn settlement(series: &Table, variants: &[(String, Experiment)]) -> Result<SettlementStudy, StudyError> {
    let columns = Columns::of(series)?;
    let (settlements, ratios) = (series.real("settlements")?, series.real("collateral_ratio")?);
    let mut counts = [Vec::new(), Vec::new()];
    let mut above: Vec<(f64, Run<'_>)> = Vec::new();
    let mut drawn: Vec<Run<'_>> = Vec::new();
    for run in columns.runs() {
        run.variant(variants)?;
        let last = run
            .rows
            .clone()
            .rev()
            .find_map(|row| Some((ratios[row]?, settlements[row]?, columns.navs[row]?)));
        let Some((ratio, settled, nav)) = last else { continue };
        if ratio < 1.0 {
            drawn.push(run);
            continue;
        }
        counts[0].push(Some(settled));
        counts[1].push(Some(nav));
        above.push((settled, run));
    }
    above.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.number.cmp(&b.1.number)));
    let most = if above.len() > 1 { above.pop() } else { None };
    let first = above.into_iter().next();
    let shown: Vec<Run<'_>> = first.into_iter().chain(most).map(|(_, run)| run).chain(drawn).collect();
    let mut paths: [Vec<Option<f64>>; 2] = Default::default();
    let mut rules = Vec::new();
    for run in &shown {
        for row in run.rows.clone() {
            rules.push(run.name.map(str::to_owned));
            paths[0].push(columns.prices[row]);
            paths[1].push(columns.navs[row]);
        }
    }
    let ([settled, ends], [prices, navs]) = (counts, paths);
    Ok(SettlementStudy {
        counts: Table::new(vec![
            real("settlements", "1", "settlements of the fETH NAV in the whole run", settled),
            real("feth_nav", "usd", "net asset value of fETH at the end", ends),
        ])?,
        paths: Table::new(vec![
            text("rule", "rule of settlement", rules),
            real("eth_price", "usd", "outside spot price of ETH", prices),
            real("feth_nav", "usd", "net asset value of fETH", navs),
        ])?,
    })
}

fn real(name: &str, unit: &str, meaning: &str, cells: Vec<Option<f64>>) -> Column {
    Column { name: name.into(), unit: unit.into(), meaning: meaning.into(), cells: Cells::Real(cells) }
}

fn text(name: &str, meaning: &str, cells: Vec<Option<String>>) -> Column {
    Column { name: name.into(), unit: String::new(), meaning: meaning.into(), cells: Cells::Text(cells) }
}

/// The columns that both studies read.
struct Columns<'a> {
    numbers: &'a [i64],
    names: &'a [Option<String>],
    prices: &'a [Option<f64>],
    navs: &'a [Option<f64>],
}

/// The rows of one run.
#[derive(Debug, Clone)]
struct Run<'a> {
    number: i64,
    name: Option<&'a str>,
    rows: std::ops::Range<usize>,
}

impl<'a> Columns<'a> {
    fn of(series: &'a Table) -> Result<Self, TableError> {
        Ok(Self {
            numbers: series.integer("run")?,
            names: series.text("variant")?,
            prices: series.real("eth_price")?,
            navs: series.real("feth_nav")?,
        })
    }

    /// The runs, in the order of the table; rows of a run follow one another.
    fn runs(&self) -> impl Iterator<Item = Run<'a>> {
        let mut start = 0;
        self.numbers.chunk_by(|a, b| a == b).filter_map(move |chunk| {
            let rows = start..start + chunk.len();
            start = rows.end;
            Some(Run { number: *chunk.first()?, name: self.names[rows.start].as_deref(), rows })
        })
    }
}

impl Run<'_> {
    fn variant<'v>(
        &self,
        variants: &'v [(String, Experiment)],
    ) -> Result<(&'v str, &'v Experiment), StudyError> {
        let name = self.name.unwrap_or_default();
        let found = variants.iter().find(|(known, _)| known == name);
        found.map(|(name, experiment)| (name.as_str(), experiment)).ok_or_else(|| {
            let known: Vec<&str> = variants.iter().map(|(name, _)| name.as_str()).collect();
            StudyError::UnknownVariant { found: name.to_owned(), known: known.join(", ") }
        })
    }
}

/// Log returns of ETH and of the fETH NAV from one record to the next; steps with a gap in them are left out.
struct Returns(Vec<(f64, f64)>);

impl Returns {
    fn of(columns: &Columns<'_>, run: &Run<'_>) -> Self {
        let at = |row: usize| Some((columns.prices[row]?, columns.navs[row]?));
        let positive = |(price, nav): &(f64, f64)| *price > 0.0 && *nav > 0.0;
        let points: Vec<_> = run.rows.clone().map(|row| at(row).filter(positive)).collect();
        let step = |two: &[Option<(f64, f64)>]| match two {
            [Some(a), Some(b)] => Some((libm::log(b.0 / a.0), libm::log(b.1 / a.1))),
            _ => None,
        };
        Self(points.windows(2).filter_map(step).collect())
    }

    /// Per square root of a record. The mean is taken to be zero: over hours it is noise.
    fn volatility(&self) -> Option<f64> {
        let squares: f64 = self.0.iter().map(|(_, nav)| nav * nav).sum();
        (!self.0.is_empty()).then(|| (squares / self.0.len() as f64).sqrt())
    }

    fn captured(&self) -> Option<f64> {
        let rises = self.0.iter().filter(|(price, _)| *price > 0.0);
        let (price, nav) = rises.fold((0.0, 0.0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
        (price > 0.0).then(|| nav / price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An experiment of hourly ticks with that beta and nothing else.
    fn experiment(beta: f64) -> Experiment {
        let options = ron::Options::default().with_default_extension(
            ron::extensions::Extensions::IMPLICIT_SOME | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES,
        );
        let text = format!(
            "(name: \"study\", horizon_days: 1, price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 100, volatility: 0.5)]), \
             fx: (profile: Deployed2023, initial_collateral: 10, beta: {beta}))"
        );
        options.from_str(&text).unwrap()
    }

    /// One row a tick: (run, variant, price, NAV, settlements, collateral ratio).
    type Row<'a> = (i64, &'a str, f64, f64, f64, f64);

    fn series(rows: &[Row<'_>]) -> Table {
        let all = |get: &dyn Fn(&Row<'_>) -> f64| rows.iter().map(|row| Some(get(row))).collect();
        Table::new(vec![
            Column {
                name: "run".into(),
                unit: String::new(),
                meaning: String::new(),
                cells: Cells::Integer(rows.iter().map(|row| row.0).collect()),
            },
            text("variant", "", rows.iter().map(|row| Some(row.1.to_owned())).collect()),
            real("eth_price", "usd", "", all(&|row| row.2)),
            real("feth_nav", "usd", "", all(&|row| row.3)),
            real("settlements", "1", "", all(&|row| row.4)),
            real("collateral_ratio", "1", "", all(&|row| row.5)),
        ])
        .unwrap()
    }

    #[test]
    fn the_thresholds_of_the_white_paper_follow_from_its_falls() {
        for (drop, ratio) in [(0.2534, 1.3055), (0.1868, 1.2067), (0.1378, 1.1439)] {
            assert!((least_safe_ratio(0.1, drop) - ratio).abs() < 1e-4, "{drop}");
        }
    }

    #[test]
    fn the_spectrum_has_a_row_a_run_with_the_three_figures() {
        // ETH doubles and comes back; with a beta of one fETH does so too, with none it stands still.
        let table = series(&[
            (0, "still", 100.0, 1.0, 0.0, 2.0),
            (0, "still", 200.0, 1.0, 0.0, 2.0),
            (0, "still", 100.0, 1.0, 0.0, 2.0),
            (1, "whole", 100.0, 1.0, 0.0, 2.0),
            (1, "whole", 200.0, 2.0, 0.0, 2.0),
            (1, "whole", 100.0, 1.0, 0.0, 2.0),
        ]);
        let variants = [("still".to_owned(), experiment(0.0)), ("whole".to_owned(), experiment(1.0))];
        let spectrum = beta_spectrum(&table, &variants).unwrap();
        assert_eq!(spectrum.real("beta").unwrap(), [Some(0.0), Some(1.0)]);
        assert_eq!(spectrum.real("eth_growth_captured").unwrap(), [Some(0.0), Some(100.0)]);
        let volatility = spectrum.real("feth_nav_volatility").unwrap();
        assert_eq!(volatility[0], Some(0.0));
        let whole = 100.0 * 2.0_f64.ln() * HOURS_PER_YEAR.sqrt();
        assert!((volatility[1].unwrap() / whole - 1.0).abs() < 1e-12);
        let capacity = spectrum.real("feth_capacity_usd").unwrap();
        assert!((capacity[0].unwrap() - 1_000.0 * (1.0 - VALUE_AT_RISK_DROP)).abs() < 1e-9);
        assert_eq!(capacity[1], Some(1_000.0));
    }

    #[test]
    fn a_gap_in_the_record_is_no_return() {
        let mut columns = series(&[
            (0, "a", 100.0, 1.0, 0.0, 2.0),
            (0, "a", 200.0, 1.1, 0.0, 2.0),
            (0, "a", 400.0, 1.2, 0.0, 2.0),
        ])
        .columns()
        .to_vec();
        columns[3].cells = Cells::Real(vec![Some(1.0), None, Some(1.2)]);
        let table = Table::new(columns).unwrap();
        let spectrum = beta_spectrum(&table, &[("a".to_owned(), experiment(0.1))]).unwrap();
        assert_eq!(spectrum.real("feth_nav_volatility").unwrap(), [None]);
        assert_eq!(spectrum.real("eth_growth_captured").unwrap(), [None]);
    }

    #[test]
    fn settlement_counts_what_is_above_water_and_draws_three_paths() {
        let mut rows = Vec::new();
        let ends = [
            ("every 2 h", 2.0, 0.935, 1.3),
            ("once", 1.0, 0.945, 1.3),
            ("under", 1.0, 0.9, 0.95),
            ("hourly", 9.0, 0.925, 1.3),
        ];
        for (run, (name, settled, nav, ratio)) in (0..).zip(ends) {
            rows.push((run, name, 2000.0, 1.0, 0.0, 2.0));
            rows.push((run, name, 900.0, nav, settled, ratio));
        }
        let variants: Vec<_> = ends.iter().map(|end| (end.0.to_owned(), experiment(0.1))).collect();
        let study = settlement(&series(&rows), &variants).unwrap();
        assert_eq!(study.counts.real("settlements").unwrap(), [Some(2.0), Some(1.0), Some(9.0)]);
        assert_eq!(study.counts.real("feth_nav").unwrap(), [Some(0.935), Some(0.945), Some(0.925)]);
        let rules: Vec<_> = study.paths.text("rule").unwrap().iter().flatten().map(String::as_str).collect();
        assert_eq!(rules, ["once", "once", "hourly", "hourly", "under", "under"]);
        assert_eq!(study.paths.real("eth_price").unwrap()[1], Some(900.0));
    }

    #[test]
    fn what_is_missing_is_named() {
        let table = series(&[(0, "strange", 100.0, 1.0, 0.0, 2.0)]);
        let variants = [("a".to_owned(), experiment(0.1))];
        let error = settlement(&table, &variants).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the results name a variant `strange`, which the experiment does not have; it has a"
        );
        let mut without = experiment(0.1);
        without.fx = None;
        let error = beta_spectrum(&table, &[("strange".to_owned(), without)]).unwrap_err();
        assert_eq!(error, StudyError::NoTreasury { variant: "strange".into() });
        assert!(matches!(beta_spectrum(&Table::default(), &variants), Err(StudyError::Table(_))));
    }
}
