//! What types cannot see: values out of range, names that lead nowhere, parts that do not go together.
//!
//! [`problems`] looks at the numbers and names alone and reports everything at once. [`trial`] then generates the market of
//! the first run and builds its world, so that nothing is left that could stop a run before its first tick.

mod assertions;
mod governance;
mod launches;
mod loans;
mod market;
mod order_books;
mod people;
mod staking;
mod token;
mod trial;
mod venues;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::config::{Experiment, Study};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::ensemble::DataInput;
use super::load::{Loaded, Problem};
use super::names::{listed, nearest};
use super::resolve::Unread;
use super::resolve::populations::is_name;
pub(super) use trial::trial;

/// The longest run that a price path can hold, in ticks.
const MOST_TICKS: f64 = 20_000_000.0;

/// The most whole units of an asset with six decimals that the ledger holds, less a margin.
const MOST_UNITS: f64 = 9e12;
/// The same of an asset with nine decimals: everything from outside.
const MOST_OUTSIDE_UNITS: f64 = 9e9;

/// Everything wrong with the values. Populations in `unread` have been reported already.
pub(super) fn problems(loaded: &Loaded<Experiment>, data: &[DataInput], unread: &Unread) -> Diagnostics {
    let experiment = &loaded.value;
    let mut check = Check::default();
    time(experiment, &mut check);
    settings(experiment, &mut check);
    market::check(loaded, data, &mut check);
    venues::pools(experiment, &mut check);
    if let Some(fx) = &experiment.fx {
        venues::treasury(experiment, fx, &mut check);
    }
    order_books::check(experiment, &mut check);
    launches::check(experiment, &mut check);
    loans::check(experiment, &mut check);
    people::check(experiment, unread, &mut check);
    if let Some(settings) = &experiment.governance {
        governance::check(experiment, settings, unread, &mut check);
    }
    token::check(experiment, unread, &mut check);
    staking::check(experiment, &mut check);
    let variants = experiment.variants.iter().enumerate();
    let names = variants.map(|(place, variant)| (format!("variants.{place}.name"), variant.name.as_str()));
    check.unique(names.clone(), "variant");
    names.for_each(|(path, name)| check.title(path, name));
    response(experiment, &mut check);
    let faults = check.problems.iter().map(|problem| loaded.diagnose(problem));
    faults.chain(assertions::syntax(loaded)).collect::<Vec<Diagnostic>>().into()
}

/// Collects problems.
#[derive(Debug, Default)]
struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Whether the same has been reported.
    fn has(&self, problem: &Problem) -> bool {
        self.problems.contains(problem)
    }

    /// Reports a number that is not fine.
    fn number(&mut self, path: impl Into<String>, value: f64, fine: bool, expected: &str) {
        if !fine {
            self.push(Problem::new(path, expected, value.to_string()));
        }
    }

    fn range(&mut self, path: impl Into<String>, value: f64, low: f64, high: f64, unit: &str) {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let expected = format!("a number from {low} to {high}{unit}");
        self.number(path, value, (low..=high).contains(&value), &expected);
    }

    fn positive(&mut self, path: impl Into<String>, value: f64, most: f64, unit: &str) {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let expected = format!("a number above 0 and at most {most}{unit}");
        self.number(path, value, value > 0.0 && value <= most, &expected);
    }

    fn count(&mut self, path: impl Into<String>, value: u32, low: u32, high: u32) {
        if !(low..=high).contains(&value) {
            self.push(Problem::new(path, format!("a whole number from {low} to {high}"), value.to_string()));
        }
    }

    /// Reports what cannot stand in a legend.
    fn title(&mut self, path: impl Into<String>, name: &str) {
        if !(1..=64).contains(&name.chars().count())
            || name.trim().is_empty()
            || name.chars().any(char::is_control)
        {
            let expected = "1 to 64 printable characters";
            self.push(Problem::new(path, expected, format!("{name:?}")));
        }
    }

    /// Reports what cannot name a file, a column and a chart.
    fn name(&mut self, path: impl Into<String>, name: &str) {
        if !is_name(name) {
            let expected = "1 to 64 letters, digits, `_` or `-`";
            self.push(Problem::new(path, expected, format!("{name:?}")));
        }
    }

    /// Reports names that stand twice.
    fn unique<'a>(&mut self, names: impl Iterator<Item = (String, &'a str)>, what: &str) {
        let mut seen: Vec<&str> = Vec::new();
        for (path, name) in names {
            if seen.contains(&name) {
                let expected = format!("a name that no other {what} has");
                self.push(Problem::new(path, expected, format!("`{name}` again")));
            }
            seen.push(name);
        }
    }
}

/// Length of the run, of a tick, and where they lie in the calendar.
fn time(experiment: &Experiment, check: &mut Check) {
    let (days, hours) = (experiment.horizon_days, experiment.tick_hours);
    let seconds = hours * 3_600.0;
    let tick_is_fine = (1.0..=31_536_000.0).contains(&seconds) && (seconds - seconds.round()).abs() < 1e-6;
    if !tick_is_fine {
        let problem =
            Problem::new("tick_hours", "a whole number of seconds, up to a year", format!("{hours} h"));
        check.push(problem.help("the usual tick is an hour: `tick_hours: 1`"));
    }
    let ticks = days * 24.0 / hours;
    if days <= 0.0 || days > 365_000.0 {
        check.push(Problem::new(
            "horizon_days",
            "a number above 0 and at most 365000 days",
            days.to_string(),
        ));
    } else if tick_is_fine && ticks.round() < 1.0 {
        let found = format!("{days} days, which is less than a tick of {hours} h");
        check.push(Problem::new("horizon_days", "at least one tick", found));
    } else if tick_is_fine && ticks > MOST_TICKS {
        let found = format!("{days} days of {ticks:.0} ticks");
        let problem = Problem::new("horizon_days", "at most 20000000 ticks", found);
        check.push(problem.help("shorten the horizon or take longer ticks"));
    } else {
        start(experiment, check);
    }
}

fn start(experiment: &Experiment, check: &mut Check) {
    let found = || format!("{:?}", experiment.start);
    let Ok(start) = experiment.start.parse::<Timestamp>() else {
        let problem = Problem::new("start", "a date and time of RFC 3339", found());
        check.push(problem.help("for example \"2024-01-01T00:00:00Z\""));
        return;
    };
    let length = experiment.horizon_days * 86_400.0;
    if start.as_second() as f64 + length > Timestamp::MAX.as_second() as f64 {
        check.push(Problem::new("start", "a date from which the run ends before the year 10000", found()));
    }
}

/// What the study across variants needs.
fn response(experiment: &Experiment, check: &mut Check) {
    if experiment.study == Some(Study::Response) && experiment.response.is_empty() {
        let problem = Problem::new("study", "at least one quantity in `response`", "none");
        check.push(problem.help("for example `response: [\"mean(collateral_ratio)\"]`"));
    }
    let asked = experiment.response.iter().enumerate();
    check.unique(asked.map(|(place, text)| (format!("response.{place}"), text.as_str())), "quantity");
}

/// The plain settings.
fn settings(experiment: &Experiment, check: &mut Check) {
    check.name("name", &experiment.name);
    check.count("runs", experiment.runs, 1, 1_000_000);
    let oracle = &experiment.oracle;
    check.count("oracle.lag_ticks", oracle.lag_ticks, 0, 1_000_000);
    check.count("oracle.twap_ticks", oracle.twap_ticks, 1, 1_000_000);
    check.count("oracle.heartbeat_ticks", oracle.heartbeat_ticks, 1, u32::MAX);
    let threshold = oracle.deviation_threshold_percent;
    check.number("oracle.deviation_threshold_percent", threshold, threshold >= 0.0, "0 or more per cent");
    let limit = oracle.validity_limit_percent;
    check.number("oracle.validity_limit_percent", limit, limit > 0.0, "more than 0 per cent");
    let exchange = &experiment.exchange;
    check.range("exchange.half_spread_bps", exchange.half_spread_bps, 0.0, 5_000.0, "basis points");
    check.positive("exchange.hourly_depth_usd", exchange.hourly_depth_usd, MOST_UNITS, "dollars");
    check.range("exchange.impact_bps", exchange.impact_bps, 0.0, 1e6, "basis points");
    let network = &experiment.network;
    check.range("network.gas_usd_per_action", network.gas_usd_per_action, 0.0, 1e6, "dollars");
    check.count("network.blocks.people", network.blocks.people, 1, 1_000);
    check.count("network.blocks.bots", network.blocks.bots, 1, 1_000);
    check.count("record.every_ticks", experiment.record.every_ticks, 1, u32::MAX);
    check.count("record.survey_every_ticks", experiment.record.survey_every_ticks, 1, u32::MAX);
}

/// The tickers that a world of this experiment knows.
fn tickers(experiment: &Experiment) -> Vec<String> {
    let mut known = vec!["USD".to_owned()];
    known.extend(experiment.price.symbols().into_iter().map(str::to_owned));
    if experiment.fx.is_some() {
        known.extend(["fETH".to_owned(), "xETH".to_owned()]);
    }
    known.extend(experiment.governance.iter().map(|governance| governance.token.clone()));
    known.extend(experiment.pools.iter().map(|pool| format!("{}_shares", pool.name)));
    known.extend(experiment.loans.iter().flat_map(|loan| loans_tokens(&loan.name)));
    let mut seen = BTreeSet::new();
    known.retain(|symbol| seen.insert(symbol.clone()));
    known
}

fn loans_tokens(name: &str) -> impl Iterator<Item = String> {
    super::loans::tokens(name).into_iter().map(|(symbol, _)| symbol)
}

/// Advice about a ticker that is not known.
fn ticker_help(experiment: &Experiment, symbol: &str) -> String {
    let known = tickers(experiment);
    if ["fETH", "xETH"].contains(&symbol) && experiment.fx.is_none() {
        return "fETH and xETH exist only with a treasury: `fx: (profile: Deployed2023, initial_collateral: 10000)`".into();
    }
    if symbol == "GOV" && experiment.governance.is_none() {
        return "the governance token exists only with `governance: (initial_price_usd: 0.02)`".into();
    }
    let names = || known.iter().map(String::as_str);
    match nearest(symbol, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", listed(names(), "and")),
    }
}

/// A ticker that the world does not know, as a problem of the field that names it.
fn unknown_ticker(experiment: &Experiment, path: impl Into<String>, symbol: &str) -> Problem {
    Problem::new(path, "the ticker of an asset", format!("`{symbol}`")).help(ticker_help(experiment, symbol))
}
