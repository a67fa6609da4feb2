//! The few figures that sum an experiment up, among all that was recorded.

use crate::chart::axis;
use crate::record::summary::{MetricSummary, Summary, VariantSummary};

use super::terminal;

/// What an experiment with a treasury is about, in this order.
const MAIN: [&str; 7] = [
    "feth_peg_deviation",
    "feth_price",
    "collateral_ratio",
    "stress_mode",
    "xeth_nav",
    "xeth_leverage",
    "turnout",
];

/// Further ones by their ending: loan markets first, then order books, then prices and so on.
const FURTHER: [&str; 9] = [
    "_loan_to_value_outside",
    "_rate",
    "_shortfall",
    "reserve_months",
    "_pool_gap",
    "_spread",
    "_price",
    "_tvl",
    "_volume",
];

/// Up to this many in all.
const MOST: usize = 10;

/// The names of the main metrics among those recorded.
pub(super) fn main_metrics<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut chosen: Vec<&str> =
        MAIN.iter().filter_map(|wanted| names.iter().find(|name| *name == wanted).copied()).collect();
    for ending in FURTHER {
        let more = names.iter().filter(|name| name.ends_with(ending) && **name != "dollar_token_price");
        for name in more.copied() {
            if chosen.len() < MOST && !chosen.contains(&name) {
                chosen.push(name);
            }
        }
    }
    chosen
}

/// A number as a person reads it; a dash where it is undefined.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "\u{2013}".into(), |value| axis::number(value, 5))
}

/// The main metrics of every variant, one a line.
fn of_variants(summary: &Summary) -> String {
    let names: Vec<&str> = summary.metrics.iter().map(|metric| metric.name.as_str()).collect();
    let mut shown = main_metrics(&names);
    shown.truncate(6);
    let mean = |summary: &Summary, name: &str| {
        let metric = summary.metrics.iter().find(|metric| metric.name == name);
        number(metric.and_then(|metric| metric.time_mean.mean))
    };
    let row = |variant: &VariantSummary| {
        let figures = shown.iter().map(|name| mean(&variant.summary, name));
        std::iter::once(variant.name.clone()).chain(figures).collect()
    };
    let rows: Vec<Vec<String>> = summary.variants.iter().map(row).collect();
    let head: Vec<&str> = std::iter::once("mean over time").chain(shown.iter().copied()).collect();
    terminal::table(&head, &rows)
}

/// The main metrics and the profit of each population as lines.
pub(super) fn key_figures(summary: &Summary) -> String {
    if !summary.variants.is_empty() {
        return of_variants(summary);
    }
    let names: Vec<&str> = summary.metrics.iter().map(|metric| metric.name.as_str()).collect();
    let mut shown = main_metrics(&names);
    shown.extend(names.iter().filter(|name| name.starts_with("pnl_")).take(20));
    let row = |metric: &MetricSummary| {
        let mean = &metric.time_mean;
        let interval = match (mean.mean_low_95, mean.mean_high_95) {
            (Some(_), Some(_)) => format!("{} to {}", number(mean.mean_low_95), number(mean.mean_high_95)),
            _ => String::new(),
        };
        vec![
            metric.name.clone(),
            unit(&metric.unit).to_owned(),
            number(mean.mean),
            interval,
            number(metric.last.mean),
            number(metric.minimum),
            number(metric.maximum),
        ]
    };
    let find = |name: &&str| summary.metrics.iter().find(|metric| metric.name == **name);
    let rows: Vec<Vec<String>> = shown.iter().filter_map(|name| find(name).map(row)).collect();
    terminal::table(&["metric", "unit", "mean", "95 % interval", "at the end", "lowest", "highest"], &rows)
}

/// A unit for a person: shares have none.
pub(super) fn unit(unit: &str) -> &str {
    if unit == "1" { "" } else { unit }
}

#[cfg(test)]
mod tests {
    use super::main_metrics;

    #[test]
    fn what_matters_comes_first_and_prices_fill_up() {
        let names = ["eth_price", "dollar_token_price", "refusals", "collateral_ratio", "pool_tvl"];
        assert_eq!(main_metrics(&names), ["collateral_ratio", "eth_price", "pool_tvl"]);
    }
}
