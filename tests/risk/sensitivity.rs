//! The sensitivity table, row by row.

use ballast::risk::estimate;
use ballast::risk::sensitivity::{THRESHOLD, VARIANTS};

use crate::outcomes;

/// 4,000 paths a row. Slack: four standard errors of a probability on these paths, and the rounding of the table; for
/// quantiles the order-statistic interval here, widened by the .006 that the table's own sample may be off.
#[test]
fn every_row_of_the_table_comes_out() {
    let paths = 4_000;
    let mut misses = Vec::new();
    for variant in VARIANTS {
        let risk = &estimate(&outcomes(&variant.model(), &[variant.ltv], paths, 3), &[THRESHOLD])[0];
        let mut line = format!("{:<46}", variant.change);
        for (name, found, table) in [
            ("default", risk.default_probability.value, variant.default_probability),
            ("exceedance", risk.exceedances[0].probability.value, variant.exceedance),
        ] {
            let Some(table) = table else { continue };
            line += &format!(" {name} {found:.4} ({table})");
            let slack = 4.0 * (table.max(0.001) * (1.0 - table).max(0.001) / paths as f64).sqrt() + 0.006;
            if (found - table).abs() > slack {
                misses.push(format!("{}: {name} {found} for {table}", variant.change));
            }
        }
        for (tail, table) in risk.tails.iter().zip([variant.quantile_95, variant.quantile_99]) {
            let Some(table) = table else { continue };
            let found = tail.value_at_risk;
            line += &format!(" q{} {:.4} ({table})", tail.level, found.value);
            // The table converts on the curve instead of the hour's update of the weight, the engine after it: .02 less.
            let slack = if variant.change.starts_with("on the curve") { 0.025 } else { 0.006 };
            let (low, high) = (found.low.unwrap() - slack, found.high.unwrap() + slack);
            if !(low..=high).contains(&table) {
                misses.push(format!("{}: {} quantile {found:?} for {table}", variant.change, tail.level));
            }
        }
        println!("{line}");
    }
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
}
