//! The market and the world of the first run, built once before anything is run.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bevy_ecs::prelude::World;

use super::{assertions, ticker_help};
use crate::agents::PopulateError;
use crate::experiment::config::Experiment;
use crate::experiment::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::experiment::endow::EndowError;
use crate::experiment::ensemble::DataInput;
use crate::experiment::load::{Loaded, Problem};
use crate::experiment::world::{self, BuildError};
use crate::price::{CandleError, PriceError};
use crate::record::recorder::Recorder;
use crate::world::streams::Streams;

/// Columns of `series` that are no metrics.
const KEYS: [&str; 4] = ["run", "tick", "time", "variant"];

/// Builds the first run. Answers with the names of its metrics.
///
/// # Errors
/// What keeps it from starting.
pub(crate) fn trial(loaded: &Loaded<Experiment>, data: &[DataInput]) -> Result<Vec<String>, Diagnostics> {
    let experiment = &loaded.value;
    let streams = Streams::of_run(experiment.seed, 0);
    let (ticks, seconds) = (experiment.horizon_ticks(), experiment.tick_seconds());
    let path = experiment.price.generate(ticks, seconds, &streams, Path::new(""));
    let path = Arc::new(path.map_err(|error| price(loaded, data, &error))?);
    let empty = Experiment { populations: Vec::new(), ..experiment.clone() };
    let mut world = world::build(&empty, &path, 0, None).map_err(|error| build(loaded, &error))?;
    let mut faults = twice(loaded, &metrics(&world));
    faults.extend(surroundings(loaded, &mut world));
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let world = world::build(experiment, &path, 0, None).map_err(|error| build(loaded, &error))?;
    let faults = assertions::metrics(loaded, world.resource::<Recorder>().metrics());
    if faults.is_empty() { Ok(metrics(&world)) } else { Err(faults.into()) }
}

fn metrics(world: &World) -> Vec<String> {
    world.resource::<Recorder>().metrics().iter().map(|metric| metric.name.clone()).collect()
}

/// One agent of each population in a world without others: all populations that do not fit are found at once.
fn surroundings(loaded: &Loaded<Experiment>, world: &mut World) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (place, population) in loaded.value.populations.iter().enumerate() {
        if let Err(PopulateError::Profile(wrong)) = population.agent.populate(world, population.label(), 1) {
            let path = format!("populations.{place}.agent.{}", wrong.field);
            let mut problem = Problem::new(path, wrong.expected, &wrong.found);
            let symbol = wrong.found.trim_matches('`');
            if problem.expected.contains("ticker") {
                problem = problem.help(ticker_help(&loaded.value, symbol));
            }
            faults.push(loaded.diagnose(&problem));
        }
    }
    faults
}

fn at(loaded: &Loaded<Experiment>, path: &str, message: String, label: &str) -> Diagnostic {
    let node = loaded.document.node(path).unwrap_or(&loaded.document.root);
    Diagnostic::error(Fault::Semantic, message, node.head(), label).at(path)
}

fn price(loaded: &Loaded<Experiment>, data: &[DataInput], error: &PriceError) -> Diagnostic {
    let file = match error {
        PriceError::Candles(
            CandleError::Unreadable { file, .. }
            | CandleError::UnknownForm { file, .. }
            | CandleError::TooFew { file, .. }
            | CandleError::BadRows { file, .. },
        )
        | PriceError::NotCovered { file, .. }
        | PriceError::TooCoarse { file, .. } => Some(file),
        _ => None,
    };
    let input = file.and_then(|file| data.iter().find(|input| input.path == *file));
    let path = match (input, error) {
        (Some(input), _) => input.field.as_str(),
        (None, PriceError::Run { .. } | PriceError::AfterTo { .. }) => "horizon_days",
        (None, _) => "price",
    };
    at(loaded, path, error.to_string(), "the market cannot be generated from this")
}

fn build(loaded: &Loaded<Experiment>, error: &BuildError) -> Diagnostic {
    let experiment = &loaded.value;
    let population = |name: &str| {
        let place = experiment.populations.iter().position(|population| population.label() == name);
        place.map(|place| format!("populations.{place}"))
    };
    let pool = |name: &str| {
        let place = experiment.pools.iter().position(|pool| pool.name == name);
        place.map(|place| format!("pools.{place}"))
    };
    let path = match error {
        BuildError::Population { name, .. } => population(name),
        BuildError::UnknownCoin { pool: name, .. } => pool(name),
        BuildError::UnknownBookCoin { book: name, .. } | BuildError::BookSteps { book: name } => {
            let place = experiment.order_books.iter().position(|book| book.name == *name);
            place.map(|place| format!("order_books.{place}"))
        }
        BuildError::Launch { launch: name, .. }
        | BuildError::Endow(EndowError::LaunchTooLarge { launch: name, .. }) => {
            let place = experiment.launches.iter().position(|launch| launch.name == *name);
            place.map(|place| format!("launches.{place}"))
        }
        BuildError::UnknownCollateral { .. } => Some("fx.collateral".into()),
        BuildError::Endow(EndowError::Founding { venue, .. }) => {
            pool(venue).or_else(|| experiment.fx.as_ref().map(|_| "fx".into()))
        }
        BuildError::Endow(
            EndowError::Amount { population: name, .. } | EndowError::UnknownAsset { population: name, .. },
        ) => population(name).or_else(|| pool(name)).or_else(|| {
            let venue = loaded.document.node(name);
            venue.map(|_| name.clone())
        }),
        _ => None,
    };
    at(loaded, path.as_deref().unwrap_or_default(), error.to_string(), "the world cannot be built with this")
}

/// Metrics of one name: they would be one column.
fn twice(loaded: &Loaded<Experiment>, names: &[String]) -> Vec<Diagnostic> {
    let mut seen: BTreeSet<&str> = KEYS.into();
    let twice = names.iter().map(String::as_str).filter(|name| !seen.insert(name));
    let fault = |name: &str| {
        let pools = loaded.value.pools.iter();
        let pool = pools.enumerate().find(|(_, pool)| {
            name.strip_prefix(pool.name.as_str()).is_some_and(|rest| rest.starts_with('_'))
        });
        let problem = match pool {
            Some((place, pool)) => {
                let path = format!("pools.{place}.name");
                Problem::new(
                    path,
                    "a name that gives its metrics names of their own",
                    format!("`{}`", pool.name),
                )
                .help(format!("another metric is called `{name}` already; `{}_pool` would do", pool.name))
            }
            None => Problem::new("", "metrics of different names", format!("`{name}` twice")),
        };
        loaded.diagnose(&problem)
    };
    twice.map(fault).collect()
}
