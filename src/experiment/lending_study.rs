//! What friction costs a loan market: the table behind the chart that compares variants of one crash.
//!
//! A pure function of the table `series` of all runs. A term's outcome is read at its last recorded tick, the one after
//! which `NAME_terms` counts one more, or at the last tick of the run for the term that is still open.

use crate::record::table::{Cells, Column, Table, TableError};

/// A row a run and ended term (the open one where no term has ended): `variant`, `run`, `market`, and
///
/// - `performance`, `frictionless_performance`: what a unit of value brought at the start of the term had become;
/// - `loan_to_value`: debt over value, at the outside price;
/// - `loss`: what was missing of the debt, over what had been brought, zero where nothing was.
///
/// # Errors
/// [`TableError`] where a column of the market is missing.
pub fn friction(series: &Table, market: &str) -> Result<Table, TableError> {
    let numbers = series.integer("run")?;
    let names = series.text("variant")?;
    let metric = |suffix: &str| series.real(&format!("{market}_{suffix}"));
    let (terms, held) = (metric("terms")?, metric("performance")?);
    let (free, ratio) = (metric("frictionless_performance")?, metric("loan_to_value_outside")?);
    let mut rows = Vec::new();
    let mut start = 0;
    for chunk in numbers.chunk_by(|a, b| a == b) {
        let run = start..start + chunk.len();
        start = run.end;
        let mut ended: Vec<usize> =
            run.clone().skip(1).filter(|row| terms[*row] > terms[row - 1]).map(|row| row - 1).collect();
        if ended.is_empty() {
            ended.extend(run.last());
        }
        rows.extend(ended);
    }
    let cells =
        |read: &dyn Fn(usize) -> Option<f64>| Cells::Real(rows.iter().map(|row| read(*row)).collect());
    // Debt and value grow together with what is brought: the debt is the ratio times what the unit has become.
    let loss = |row: usize| Some((held[row]? * (ratio[row]? - 1.0)).max(0.0));
    Table::new(vec![
        column(
            "variant",
            "",
            "variant of the experiment",
            Cells::Text(rows.iter().map(|row| names[*row].clone()).collect()),
        ),
        column(
            "run",
            "",
            "number of the run",
            Cells::Integer(rows.iter().map(|row| numbers[*row]).collect()),
        ),
        column("performance", "1", "value of a unit brought, in the pool", cells(&|row| held[row])),
        column(
            "frictionless_performance",
            "1",
            "value of a unit brought, rebalanced at once and without friction",
            cells(&|row| free[row]),
        ),
        column("loan_to_value", "1", "debt at face value over value", cells(&|row| ratio[row])),
        column("loss", "1", "missing of the debt, over value brought", cells(&loss)),
    ])
}

fn column(name: &str, unit: &str, meaning: &str, cells: Cells) -> Column {
    Column { name: name.into(), unit: unit.into(), meaning: meaning.into(), cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_read_where_it_ends_and_an_open_one_at_the_end() {
        let real = |name: &str, cells: &[f64]| {
            column(name, "1", "", Cells::Real(cells.iter().map(|value| Some(*value)).collect()))
        };
        let words = ["a", "a", "a", "b", "b"].map(|name| Some(name.to_owned()));
        let series = Table::new(vec![
            column("run", "", "", Cells::Integer(vec![0, 0, 0, 1, 1])),
            column("variant", "", "", Cells::Text(words.to_vec())),
            real("eth_terms", &[1.0, 1.0, 2.0, 1.0, 1.0]),
            real("eth_performance", &[1.0, 0.7, 1.0, 1.0, 0.9]),
            real("eth_frictionless_performance", &[1.0, 0.8, 1.0, 1.0, 0.95]),
            real("eth_loan_to_value_outside", &[0.75, 1.1, 0.75, 0.75, 0.8]),
        ])
        .unwrap();
        let table = friction(&series, "eth").unwrap();
        assert_eq!(table.real("performance").unwrap(), [Some(0.7), Some(0.9)]);
        assert_eq!(table.real("frictionless_performance").unwrap(), [Some(0.8), Some(0.95)]);
        let loss = table.real("loss").unwrap();
        assert!((loss[0].unwrap() - 0.07).abs() < 1e-12, "0.7 of value against 0.77 of debt");
        assert_eq!(loss[1], Some(0.0));
        assert!(friction(&series, "btc").is_err());
    }
}
