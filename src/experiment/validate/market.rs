//! The outside market: the process, its files, its tickers.

use super::Check;
use crate::experiment::config::Experiment;
use crate::experiment::ensemble::DataInput;
use crate::experiment::load::{Loaded, Problem};
use crate::experiment::syntax::{Kind, Node};

/// Checks everything under `price`.
pub(super) fn check(loaded: &Loaded<Experiment>, data: &[DataInput], check: &mut Check) {
    let experiment = &loaded.value;
    for problem in experiment.price.problems() {
        check.push(Problem::new(dotted(&problem.field), problem.expected, problem.found));
    }
    for input in data {
        if !input.path.is_file() {
            let place = input.path.display();
            let problem =
                Problem::new(&input.field, "a file of candles", format!("no file {:?}", input.written));
            check.push(problem.help(format!("it was looked for at {place}")));
        }
    }
    let taken: Vec<&str> = ["USD"].into_iter().chain(issued(experiment)).collect();
    for symbol in experiment.price.symbols() {
        if taken.contains(&symbol) {
            let path = place_of(loaded.document.node("price"), "price", symbol);
            check.push(Problem::new(path, "a ticker that no other asset has", format!("`{symbol}`")));
        }
    }
    let (days, ticks) = (experiment.horizon_days, experiment.horizon_ticks());
    if days > 0.0
        && experiment.tick_seconds() > 0
        && let Some(most) = experiment.price.length_ticks(experiment.tick_seconds())
        && ticks > most
    {
        let longest = f64::from(most) * experiment.tick_hours / 24.0;
        let expected = format!("at most {longest:.3} days: there the prices end");
        check.push(Problem::new("horizon_days", expected, days.to_string()));
    }
}

/// `assets[0].volatility` under `price`, as paths are written in configs.
fn dotted(field: &str) -> String {
    let field = field.replace('[', ".").replace(']', "");
    if field.is_empty() { "price".into() } else { format!("price.{field}") }
}

/// The tickers that venues issue.
fn issued(experiment: &Experiment) -> Vec<&str> {
    let fx = if experiment.fx.is_some() { &["fETH", "xETH"][..] } else { &[] };
    let token = experiment.governance.iter().map(|governance| governance.token.as_str());
    fx.iter().copied().chain(token).collect()
}

/// The path of the value `text` below a node, or of the node.
fn place_of(node: Option<&Node>, path: &str, text: &str) -> String {
    node.and_then(|node| search(node, path, text)).unwrap_or_else(|| path.to_owned())
}

fn search(node: &Node, path: &str, text: &str) -> Option<String> {
    match &node.kind {
        Kind::Text(found) if found == text => Some(path.to_owned()),
        Kind::Struct { fields, .. } => {
            fields.iter().find_map(|field| search(&field.value, &format!("{path}.{}", field.name.text), text))
        }
        Kind::List(items) => {
            items.iter().enumerate().find_map(|(place, item)| search(item, &format!("{path}.{place}"), text))
        }
        Kind::Tuple { items, .. } => items.iter().find_map(|item| search(item, path, text)),
        Kind::Some(inner) => search(inner, path, text),
        _ => None,
    }
}
