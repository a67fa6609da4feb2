//! What the variants of an experiment answer to its `response`, for the terminal and for the report.

use super::figures::{number, unit};
use super::terminal;
use crate::record::response;
use crate::record::summary::{ResponseOutcome, Summary};
use crate::record::table::Table;

/// One line a quantity and variant; nothing where nothing is asked for.
pub(super) fn told(summary: &Summary) -> String {
    if summary.response.is_empty() {
        return String::new();
    }
    let interval = |low: Option<f64>, high: Option<f64>| match (low, high) {
        (Some(_), Some(_)) => format!("{} to {}", number(low), number(high)),
        _ => String::new(),
    };
    let row = |(place, outcome): (usize, &ResponseOutcome)| {
        // A quantity is named where it begins.
        let above = place.checked_sub(1).map(|above| summary.response[above].quantity.as_str());
        let begins = above != Some(outcome.quantity.as_str());
        let difference = outcome.difference.map_or_else(String::new, |value| number(Some(value)));
        vec![
            if begins { outcome.quantity.clone() } else { String::new() },
            if begins { unit(&outcome.unit).to_owned() } else { String::new() },
            outcome.variant.clone(),
            number(outcome.mean),
            interval(outcome.low_95, outcome.high_95),
            outcome.runs.to_string(),
            difference,
            interval(outcome.difference_low_95, outcome.difference_high_95),
        ]
    };
    let rows: Vec<Vec<String>> = summary.response.iter().enumerate().map(row).collect();
    let first = format!("less {}", summary.response[0].variant);
    let head =
        ["response", "unit", "variant", "mean", "95 % interval", "runs", first.as_str(), "95 % interval"];
    let several = summary.variants.len() > 1;
    let shown = if several { head.len() } else { head.len() - 2 };
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.into_iter().take(shown).collect()).collect();
    format!("{}\n", terminal::table(&head[..shown], &rows))
}

/// The same as a table of the report, under its heading.
pub(super) fn table(summary: &Summary) -> Option<(&'static str, Table)> {
    // All columns have one cell an outcome.
    let table = response::table(&summary.response).ok().filter(|table| table.rows() > 0)?;
    Some(("Response", table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::summary::VariantSummary;

    fn summary(response: Vec<ResponseOutcome>) -> Summary {
        let (metrics, assertions, variants) = (Vec::new(), Vec::new(), Vec::new());
        Summary { runs: 6, loan_rules: Vec::new(), metrics, assertions, response, variants }
    }

    fn outcome(quantity: &str, variant: &str, mean: f64, difference: Option<f64>) -> ResponseOutcome {
        ResponseOutcome {
            quantity: quantity.into(),
            unit: if quantity.starts_with('P') { String::new() } else { "usd".into() },
            variant: variant.into(),
            mean: Some(mean),
            low_95: Some(mean - 0.25),
            high_95: Some(mean + 0.25),
            runs: 3,
            difference,
            difference_low_95: None,
            difference_high_95: difference.map(|_| 1.0),
        }
    }

    #[test]
    fn a_quantity_is_named_once_and_the_first_variant_differs_from_nothing() {
        let of_one = |name: &str| VariantSummary { name: name.into(), summary: summary(Vec::new()) };
        let response = vec![
            outcome("min(price)", "no delay", 0.5, None),
            outcome("min(price)", "1 day", 0.75, Some(0.25)),
            outcome("P(mode >= 1)", "no delay", 0.25, None),
        ];
        let of_two = Summary { variants: vec![of_one("no delay"), of_one("1 day")], ..summary(response) };
        let expected = "\
response      unit  variant   mean  95 % interval  runs  less no delay  95 % interval
min(price)    usd   no delay   0.5   0.25 to 0.75     3
                    1 day     0.75       0.5 to 1     3           0.25
P(mode >= 1)        no delay  0.25       0 to 0.5     3

";
        assert_eq!(told(&of_two), expected);
        let alone = Summary { variants: Vec::new(), ..of_two.clone() };
        assert!(told(&alone).starts_with("response      unit  variant   mean  95 % interval  runs\n"));
        assert_eq!(table(&of_two).unwrap().1.rows(), 3);
        assert_eq!((told(&summary(Vec::new())), table(&summary(Vec::new()))), (String::new(), None));
    }
}
