//! The figures of a study of risk as tables, on the terminal and in the report.

use std::fmt::Write;

use super::super::draw::REPORT;
use super::super::progress::duration;
use super::super::terminal;
use crate::experiment::risk::Part;
use crate::experiment::risk::execute::RiskOutcome;
use crate::experiment::risk::summary::{Estimate, RiskSummary, level_percent, percent, with_interval};
use crate::record::table::{Cells, Column, Table};
use crate::risk::TailEstimate;

/// Behind a figure that rests on too few events.
const MARK: &str = "*";
/// What the mark says.
const MARK_SAYS: &str = "* rests on fewer than 30 tail events: a rough figure";

/// A heading, the names of columns, and rows of words.
struct Words {
    heading: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// What is printed of a finished study.
pub(super) fn told(outcome: &RiskOutcome, charts: &[String], summary: &RiskSummary) -> String {
    let (manifest, directory) = (&outcome.manifest, &outcome.directory);
    let mut text = format!(
        "{}, {} paths of each model in {}, seed {}; {} rules\n",
        manifest.name,
        summary.paths,
        duration(manifest.wall_seconds),
        manifest.seed,
        summary.rules
    );
    // Writing to a string cannot fail.
    for words in all(summary) {
        let head: Vec<&str> = words.head.iter().map(String::as_str).collect();
        let _ = write!(text, "\n{}\n{}", words.heading, terminal::table(&head, &words.rows));
    }
    if !summary.few_events.is_empty() {
        let _ = writeln!(text, "{MARK_SAYS}");
    }
    text.push('\n');
    if let Some(rms) = summary.rms_error_published {
        let _ = writeln!(text, "{}", compared(summary, rms));
    }
    for reading in &summary.readings {
        let _ = writeln!(text, "{reading}");
    }
    let _ = writeln!(text, "\nresults: {}", directory.display());
    if let Some(main) = charts.iter().find(|name| *name == "value_at_risk").or(charts.first()) {
        let _ = writeln!(text, "chart:   {}", directory.join(format!("charts/{main}.svg")).display());
    }
    let _ = writeln!(text, "report:  {}", directory.join(REPORT).display());
    text
}

fn compared(summary: &RiskSummary, rms: f64) -> String {
    format!(
        "Against {} published points: root mean square difference {rms:.4}, largest {:.4} of the initial pool value.",
        summary.points_published,
        summary.largest_error_published.unwrap_or(0.0)
    )
}

/// The tables of the report, under their headings.
pub(super) fn tables(summary: &RiskSummary) -> Vec<(&'static str, Table)> {
    let table = |words: Words| {
        let column = |(place, name): (usize, String)| Column {
            name,
            unit: String::new(),
            meaning: String::new(),
            cells: Cells::Text(words.rows.iter().map(|row| row.get(place).cloned()).collect()),
        };
        let columns = words.head.clone().into_iter().enumerate().map(column).collect();
        // All columns have one cell a row, and their names differ.
        Table::new(columns).ok().map(|table| (words.heading, table))
    };
    all(summary).into_iter().filter_map(table).collect()
}

fn all(summary: &RiskSummary) -> Vec<Words> {
    let words =
        [default(summary), severity(summary), rare(summary), sensitivity(summary), case_study(summary)];
    words.into_iter().filter(|words| !words.rows.is_empty()).collect()
}

fn grid(summary: &RiskSummary) -> impl Iterator<Item = &Estimate> {
    summary.estimates.iter().filter(|estimate| estimate.part == Part::Grid.name())
}

fn owned(head: &[&str]) -> Vec<String> {
    head.iter().map(|name| (*name).to_owned()).collect()
}

fn marked(words: String, few: bool) -> String {
    if few { words + MARK } else { words }
}

/// Over all loans.
fn default(summary: &RiskSummary) -> Words {
    let risk = grid(summary).next().map(|estimate| &estimate.risk);
    let threshold = risk.and_then(|risk| risk.exceedances.first()).map_or(0.0, |found| found.threshold);
    let mut head = owned(&["model", "LTV", "default"]);
    for level in risk.iter().flat_map(|risk| &risk.tails).map(|tail| level_percent(tail.level)) {
        head.push(format!("VaR {level}"));
        head.push(format!("ES {level}"));
    }
    head.push(format!("P(loss > {})", percent(threshold)));
    let row = |estimate: &Estimate| {
        let risk = &estimate.risk;
        let mut row = vec![
            estimate.model.clone(),
            percent(risk.ltv),
            marked(with_interval(&risk.default_probability), risk.too_few_defaults),
        ];
        for tail in &risk.tails {
            row.push(marked(percent(tail.value_at_risk.value), tail.too_few_tail_events));
            row.push(marked(percent(tail.expected_shortfall.value), tail.too_few_tail_events));
        }
        row.extend(
            risk.exceedances
                .iter()
                .map(|found| marked(with_interval(&found.probability), found.too_few_tail_events)),
        );
        row
    };
    Words {
        heading: "All loans: probability of default, value-at-risk (VaR) and expected shortfall (ES), % of initial pool value",
        head,
        rows: grid(summary).map(row).collect(),
    }
}

/// Among the loans that default.
fn severity(summary: &RiskSummary) -> Words {
    let has_published = grid(summary).any(|estimate| estimate.published.is_some());
    let levels =
        grid(summary).map(|estimate| &estimate.risk.tails_given_default).find(|tails| !tails.is_empty());
    let levels: Vec<f64> = levels.into_iter().flatten().map(|tail| tail.level).collect();
    let mut head = owned(&["model", "LTV", "defaults", "mean loss"]);
    for level in levels.iter().map(|level| level_percent(*level)) {
        head.push(format!("VaR {level}"));
        if has_published {
            head.push(format!("published {level}"));
        }
        head.push(format!("ES {level}"));
    }
    let row = |estimate: &Estimate| {
        let risk = &estimate.risk;
        let mean = risk.loss_given_default.map(|figure| percent(figure.value));
        let mut row = vec![
            estimate.model.clone(),
            percent(risk.ltv),
            risk.defaults.to_string(),
            marked(mean.unwrap_or_else(dash), risk.too_few_defaults),
        ];
        for (place, level) in levels.iter().enumerate() {
            let tail: Option<&TailEstimate> = risk.tails_given_default.get(place);
            let few = tail.is_some_and(|tail| tail.too_few_tail_events);
            let told = |figure: Option<String>| marked(figure.unwrap_or_else(dash), few);
            row.push(told(tail.map(|tail| with_interval(&tail.value_at_risk))));
            if has_published {
                row.push(estimate.published_at(*level).map_or_else(dash, percent));
            }
            row.push(told(tail.map(|tail| percent(tail.expected_shortfall.value))));
        }
        row
    };
    Words {
        heading: "Given default: quantiles of the loss among the loans that default, % of initial pool value",
        rows: if levels.is_empty() { Vec::new() } else { grid(summary).map(row).collect() },
        head,
    }
}

fn dash() -> String {
    "\u{2013}".into()
}

/// The second estimator beside the first.
fn rare(summary: &RiskSummary) -> Words {
    let row = |estimate: &Estimate| {
        let rare = estimate.rare?;
        let risk = &estimate.risk;
        Some(vec![
            estimate.model.clone(),
            percent(risk.ltv),
            marked(with_interval(&risk.default_probability), risk.too_few_defaults),
            marked(with_interval(&rare.default_probability), rare.too_few_tail_events),
            with_interval(&rare.expected_loss),
            rare.variance_ratio.map_or_else(dash, |ratio| format!("{ratio:.1}")),
        ])
    };
    Words {
        heading: "Probability of default: counted, and by importance sampling",
        head: owned(&["model", "LTV", "counted", "importance sampling", "expected loss", "variance ratio"]),
        rows: grid(summary).filter_map(row).collect(),
    }
}

fn sensitivity(summary: &RiskSummary) -> Words {
    let few = |name: &str| {
        let estimate = summary
            .estimates
            .iter()
            .find(|estimate| estimate.part == Part::Sensitivity.name() && estimate.model == name);
        let risk = estimate.map(|estimate| &estimate.risk);
        let tail = risk.and_then(|risk| risk.tails.last()).is_some_and(|tail| tail.too_few_tail_events);
        let above = risk.and_then(|risk| risk.exceedances.first());
        (tail, above.is_some_and(|found| found.too_few_tail_events))
    };
    let threshold = summary.estimates.first().and_then(|estimate| estimate.risk.exceedances.first());
    let likely = format!("P(loss > {})", percent(threshold.map_or(0.0, |found| found.threshold)));
    let level = summary.sensitivity.first().map_or(0.0, |change| change.level);
    let level = level_percent(level);
    let rows = summary.sensitivity.iter().map(|change| {
        let (tail, above) = few(&change.name);
        vec![
            change.name.clone(),
            marked(with_interval(&change.value_at_risk), tail),
            marked(with_interval(&change.exceedance), above),
            percent(change.default_probability.value),
            change.direction.clone(),
        ]
    });
    Words {
        heading: "Sensitivity: one change of the base at a time, over all loans",
        head: vec!["change".into(), format!("VaR {level}"), likely, "default".into(), "than the base".into()],
        rows: rows.collect(),
    }
}

fn case_study(summary: &RiskSummary) -> Words {
    let row = |case: &crate::experiment::risk::summary::Months| {
        let share = |share: Option<f64>| share.map_or_else(dash, percent);
        vec![
            case.name.clone(),
            share(case.collateral_share),
            percent(case.loss),
            share(case.loss_of_tvl),
            percent(case.income_per_month),
            case.months.map_or_else(dash, |months| format!("{months:.3}")),
        ]
    };
    Words {
        heading: "Case study: months of fees that make up for a loss (TVL: total value locked)",
        head: owned(&["case", "collateral / TVL", "loss", "loss / TVL", "income a month / TVL", "months"]),
        rows: summary.case_study.iter().map(row).collect(),
    }
}
