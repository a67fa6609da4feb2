//! Assertions and quantities of the response that say nothing, and those about metrics that are not there.

use super::Problem;
use crate::experiment::config::{Experiment, RecordSettings};
use crate::experiment::diagnostic::{Diagnostic, Label};
use crate::experiment::load::Loaded;
use crate::experiment::names::{listed, nearest};
use crate::experiment::source::Span;
use crate::record::assertion::{Assertion, Quantity, SyntaxError};
use crate::record::recorder::{Cadence, Metric};

/// Those that do not follow the grammar.
pub(super) fn syntax(loaded: &Loaded<Experiment>) -> Vec<Diagnostic> {
    let wrong = |(path, text, read): (String, &String, Result<Quantity, SyntaxError>)| {
        let error = read.err()?;
        let mut problem = Problem::new(path, error.expected, &error.found);
        let found = error.found.trim_matches('`');
        if let Some(near) = nearest(found, error.known.iter().copied()) {
            problem = problem.help(format!("did you mean `{near}`?"));
        } else if found.ends_with('%') {
            problem = problem.help("probabilities and shares go from 0 to 1: one per cent is `0.01`");
        } else if problem.expected == "the end of the quantity" && found.starts_with(['<', '>']) {
            problem =
                problem.help("a quantity alone is compared across variants; a claim belongs in `assertions`");
        }
        Some(within(loaded, &problem, text, error.range))
    };
    stated(&loaded.value).filter_map(wrong).collect()
}

/// Those that name a metric which is not recorded, or not often enough for the question.
pub(super) fn metrics(loaded: &Loaded<Experiment>, metrics: &[Metric]) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (path, text, read) in stated(&loaded.value) {
        let Ok(quantity) = read else { continue };
        for mention in quantity.mentions() {
            let found = metrics.iter().find(|metric| metric.name == mention.name);
            let problem = match found {
                None => unknown(&path, &mention.name, metrics),
                Some(metric) if quantity.asks_how_long() && rare(metric, &loaded.value.record) => {
                    let expected = "a metric that is read at every recorded tick";
                    let found = format!("`{}`, which is read at surveys", mention.name);
                    Problem::new(&path, expected, found).help(
                        "how long, it cannot say: leave out `for`, or set `record.survey_every_ticks: 1`",
                    )
                }
                Some(_) => continue,
            };
            faults.push(within(loaded, &problem, text, mention.range.clone()));
        }
    }
    faults
}

/// The quantities of assertions and of the response: where they stand, their text and what was read.
fn stated(experiment: &Experiment) -> impl Iterator<Item = (String, &String, Result<Quantity, SyntaxError>)> {
    let claims = experiment.assertions.iter().enumerate().map(|(place, text)| {
        let read = text.parse().map(|assertion: Assertion| assertion.quantity);
        (format!("assertions.{place}"), text, read)
    });
    let asked = experiment.response.iter().enumerate();
    claims.chain(asked.map(|(place, text)| (format!("response.{place}"), text, text.parse())))
}

/// Whether a metric is null at some of the recorded ticks because it is not read there.
fn rare(metric: &Metric, record: &RecordSettings) -> bool {
    metric.cadence == Cadence::Survey && !record.every_ticks.is_multiple_of(record.survey_every_ticks)
}

fn unknown(path: &str, name: &str, metrics: &[Metric]) -> Problem {
    let names = || metrics.iter().map(|metric| metric.name.as_str());
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}; `ballast list metrics` tells them all", listed(names(), "and")),
    };
    Problem::new(path, "a metric of this experiment", format!("`{name}`")).help(help)
}

/// The problem, shown at those bytes of the text rather than at all of it.
fn within(
    loaded: &Loaded<Experiment>,
    problem: &Problem,
    text: &str,
    range: std::ops::Range<usize>,
) -> Diagnostic {
    let mut fault = loaded.diagnose(problem);
    let span = &fault.primary.span;
    let whole = span.range();
    // A string with escapes is not written as it reads; then the whole of it is shown.
    let inside = span.text().find(text).filter(|_| !text.is_empty());
    if let Some(begins) = inside {
        let from = whole.start + begins + range.start;
        // Behind the end stands the closing quote: something to point at.
        let to = (whole.start + begins + range.end).max(from + 1).min(whole.end);
        fault.primary = Label { span: Span::new(span.source(), from..to), text: fault.primary.text };
    }
    fault
}
