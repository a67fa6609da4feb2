//! What came of the assertions of an experiment, for the terminal and for the report.

use super::figures::number;
use super::terminal;
use crate::record::summary::{AssertionOutcome, AssertionVerdict, Summary};
use crate::record::table::{Cells, Column, Table};

/// One line an assertion, and what to make of those that are undecided; nothing without assertions.
pub(super) fn told(summary: &Summary) -> String {
    let row = |(variant, outcome): (Option<&str>, &AssertionOutcome)| {
        let interval = match (outcome.low_95, outcome.high_95) {
            (Some(_), Some(_)) => format!("{} to {}", number(outcome.low_95), number(outcome.high_95)),
            _ => String::new(),
        };
        let figures =
            [number(outcome.estimate), interval, outcome.runs.to_string(), outcome.verdict.name().to_owned()];
        let names = variant.map(str::to_owned).into_iter().chain([outcome.assertion.clone()]);
        names.chain(figures).collect()
    };
    let rows: Vec<Vec<String>> = summary.outcomes().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = ["variant", "assertion", "estimate", "95 % interval", "runs", "verdict"];
    let head = if summary.variants.is_empty() { &head[1..] } else { &head[..] };
    let open = match summary.count(AssertionVerdict::Undecided) {
        0 => String::new(),
        1 => "note: one assertion is undecided: more runs may settle it\n".into(),
        count => format!("note: {count} assertions are undecided: more runs may settle them\n"),
    };
    format!("{}{open}\n", terminal::table(head, &rows))
}

/// The same as a table of the report.
pub(super) fn table(summary: &Summary) -> Option<Table> {
    let column = |name: &str, meaning: &str, cells| Column {
        name: name.into(),
        unit: String::new(),
        meaning: meaning.into(),
        cells,
    };
    let outcomes: Vec<(Option<&str>, &AssertionOutcome)> = summary.outcomes().collect();
    let text = |read: fn(&AssertionOutcome) -> &str| {
        Cells::Text(outcomes.iter().map(|(_, outcome)| Some(read(outcome).to_owned())).collect())
    };
    let real = |read: fn(&AssertionOutcome) -> Option<f64>| {
        Cells::Real(outcomes.iter().map(|(_, outcome)| read(outcome)).collect())
    };
    let variants = outcomes.iter().map(|(variant, _)| variant.map(str::to_owned)).collect();
    let variant = column("variant", "variant of the experiment", Cells::Text(variants));
    let runs = outcomes.iter().map(|(_, outcome)| i64::try_from(outcome.runs).unwrap_or(i64::MAX)).collect();
    let columns = [
        column("assertion", "what is claimed", text(|outcome| &outcome.assertion)),
        column("estimate", "share of runs, or mean over runs", real(|outcome| outcome.estimate)),
        column("from", "lower end of the 95 % interval", real(|outcome| outcome.low_95)),
        column("to", "upper end of the 95 % interval", real(|outcome| outcome.high_95)),
        column("runs", "runs behind the estimate", Cells::Integer(runs)),
        column("verdict", "what can be said", text(|outcome| outcome.verdict.name())),
    ];
    let variant = (!summary.variants.is_empty()).then_some(variant);
    // All columns have one cell an assertion.
    Table::new(variant.into_iter().chain(columns).collect()).ok().filter(|table| table.rows() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::summary::VariantSummary;

    fn summary(verdicts: &[AssertionVerdict]) -> Summary {
        let outcome = |verdict: &AssertionVerdict| AssertionOutcome {
            assertion: "P(feth_price < 0.9) < 0.1".into(),
            verdict: *verdict,
            estimate: Some(0.0),
            low_95: Some(0.0),
            high_95: (*verdict == AssertionVerdict::Holds).then_some(0.05),
            runs: 70,
        };
        let assertions = verdicts.iter().map(outcome).collect();
        let (metrics, response, variants) = (Vec::new(), Vec::new(), Vec::new());
        Summary { runs: 70, loan_rules: Vec::new(), metrics, assertions, response, variants }
    }

    #[test]
    fn verdicts_are_told_in_a_row_each() {
        let of_two = summary(&[AssertionVerdict::Holds, AssertionVerdict::Undecided]);
        let expected = "\
assertion                  estimate  95 % interval  runs  verdict
P(feth_price < 0.9) < 0.1         0      0 to 0.05    70  holds
P(feth_price < 0.9) < 0.1         0                   70  undecided
note: one assertion is undecided: more runs may settle it

";
        assert_eq!(told(&of_two), expected);
        assert_eq!(table(&of_two).unwrap().text("verdict").unwrap()[1].as_deref(), Some("undecided"));
        assert_eq!((told(&summary(&[])), table(&summary(&[]))), (String::new(), None));
    }

    #[test]
    fn variants_are_named() {
        let variant =
            |name: &str, verdict| VariantSummary { name: name.into(), summary: summary(&[verdict]) };
        let variants =
            vec![variant("with", AssertionVerdict::Holds), variant("without", AssertionVerdict::Fails)];
        let of_all = Summary { variants, ..summary(&[]) };
        assert_eq!((of_all.count(AssertionVerdict::Fails), of_all.outcomes().count()), (1, 2));
        let told = told(&of_all);
        assert!(told.starts_with("variant  assertion ") && told.contains("\nwithout  P(feth"), "{told}");
        let named: Vec<_> =
            table(&of_all).unwrap().text("variant").unwrap().iter().flatten().cloned().collect();
        assert_eq!(named, ["with", "without"]);
    }
}
