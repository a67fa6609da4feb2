//! `ballast list`: everything that can be named in a config.

mod fields;
mod profiles;

use std::path::Path;
use std::sync::Arc;

use bevy_ecs::prelude::World;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::failure::Failure;
use super::figures::unit;
use super::terminal::{print, print_json, table};
use crate::experiment::config::Experiment;
use crate::experiment::resolve::resolve;
use crate::experiment::shipped::{self, BASELINE};
use crate::experiment::syntax::Node;
use crate::experiment::world;
use crate::price::{FieldNote, PriceSpec, Scenario};
use crate::protocol::governance::ParameterId;
use crate::record::recorder::{Cadence, Recorder};
use crate::venue::Venues;
use crate::world::streams::Streams;

/// Arguments of `ballast list`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to list; everything if not given
    #[arg(value_name = "WHAT", value_enum)]
    what: Option<What>,
    /// Experiment whose metrics and governable parameters are listed
    #[arg(long, value_name = "CONFIG", default_value = BASELINE)]
    config: String,
    /// Print one JSON value on standard output
    #[arg(long)]
    pub(super) json: bool,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Shipped profiles and their fields
    Agents,
    /// Shipped configs
    Configs,
    /// Metrics that are recorded
    Metrics,
    /// Price processes and scenarios
    Prices,
    /// Fields of a config, and what voters can change
    Parameters,
}

impl What {
    const ALL: [Self; 5] = [Self::Agents, Self::Configs, Self::Metrics, Self::Prices, Self::Parameters];

    const fn name(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Configs => "configs",
            Self::Metrics => "metrics",
            Self::Prices => "prices",
            Self::Parameters => "parameters",
        }
    }
}

/// A list: its heading, its columns, its rows.
struct List {
    heading: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// Lists.
pub(super) fn list(arguments: &Arguments) -> Result<(), Failure> {
    let asked = arguments.what.map_or_else(|| What::ALL.to_vec(), |what| vec![what]);
    let mut text = String::new();
    let mut object = serde_json::Map::new();
    for what in asked {
        let lists = match what {
            What::Agents => profiles::lists(),
            What::Configs => vec![configs()],
            What::Metrics => vec![metrics(&arguments.config)?],
            What::Prices => prices(),
            What::Parameters => vec![fields::list(), fields::of_risk(), governable(&arguments.config)?],
        };
        for list in &lists {
            text.push_str(&format!("{}\n\n{}\n", list.heading, indented(&table(&list.columns, &list.rows))));
        }
        object.insert(what.name().into(), Value::Array(lists.iter().map(to_json).collect()));
    }
    if arguments.json { print_json(&Value::Object(object)) } else { print(&text) }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn to_json(list: &List) -> Value {
    let row = |row: &Vec<String>| {
        let entries = list.columns.iter().zip(row);
        Value::Object(entries.map(|(name, cell)| (name.replace(' ', "_"), json!(cell))).collect())
    };
    json!({ "heading": list.heading, "entries": list.rows.iter().map(row).collect::<Vec<Value>>() })
}

/// The comment at the head of a text, in lines without the slashes.
fn header(text: &str) -> Vec<&str> {
    let lines = text.lines().take_while(|line| line.starts_with("//"));
    lines.map(|line| line.trim_start_matches('/').trim()).collect()
}

fn configs() -> List {
    let row = |config: shipped::Shipped| {
        let node = Node::parse(&config.source).ok();
        let description = node.as_ref().and_then(|node| node.field("description")?.value.as_text());
        let head = header(config.source.text());
        let words = description.or_else(|| head.first().copied()).unwrap_or_default();
        vec![config.name.clone(), words.to_owned()]
    };
    List {
        heading: "configs: `ballast run NAME` (`ballast risk NAME` for risk/...), or `extends: \"NAME\"` in a config".into(),
        columns: vec!["name", "what it tries"],
        rows: shipped::configs().into_iter().map(row).collect(),
    }
}

/// The experiment of that name and its first world.
fn built(config: &str) -> Result<(Experiment, World), Failure> {
    let experiment = resolve(config, &[])?.loaded.value;
    let streams = Streams::of_run(experiment.seed, 0);
    let (ticks, seconds) = (experiment.horizon_ticks(), experiment.tick_seconds());
    let refused = |error: &dyn std::error::Error| Failure::Run(error.to_string());
    let path = experiment.price.generate(ticks, seconds, &streams, Path::new(""));
    let path = Arc::new(path.map_err(|error| refused(&error))?);
    let world = world::build(&experiment, &path, 0, None).map_err(|error| refused(&error))?;
    Ok((experiment, world))
}

fn metrics(config: &str) -> Result<List, Failure> {
    let (experiment, world) = built(config)?;
    let row = |metric: &crate::record::recorder::Metric| {
        let cadence = match metric.cadence {
            Cadence::Tick => experiment.record.every_ticks,
            Cadence::Survey => experiment.record.survey_every_ticks,
        };
        vec![metric.name.clone(), unit(metric.unit).to_owned(), format!("{cadence}"), metric.meaning.clone()]
    };
    Ok(List {
        heading: format!("metrics of `{}`: columns of `series`", experiment.name),
        columns: vec!["name", "unit", "every ticks", "meaning"],
        rows: world.resource::<Recorder>().metrics().iter().map(row).collect(),
    })
}

fn governable(config: &str) -> Result<List, Failure> {
    let (experiment, world) = built(config)?;
    let venues = world.resource::<Venues>();
    let number = |value: f64| value.to_string();
    let row = |(place, parameter): (usize, crate::protocol::governance::Parameter)| {
        let id = u16::try_from(place).ok().map(ParameterId);
        let value = id.and_then(|id| venues.parameter_value(id)).map(number).unwrap_or_default();
        vec![
            parameter.name.clone(),
            unit(parameter.unit).to_owned(),
            value,
            number(parameter.low),
            number(parameter.high),
            parameter.meaning.to_owned(),
        ]
    };
    Ok(List {
        heading: format!("what voters can change in `{}`", experiment.name),
        columns: vec!["name", "unit", "at first", "lowest", "highest", "meaning"],
        rows: venues.parameters().into_iter().enumerate().map(row).collect(),
    })
}

fn prices() -> Vec<List> {
    let field = |prefix: &str, note: &FieldNote| {
        vec![
            format!("{prefix}{}", note.name),
            unit(note.unit).to_owned(),
            note.default.to_owned(),
            note.meaning.to_owned(),
        ]
    };
    let process = |note: &crate::price::ProcessNote| {
        let list = if note.fields.iter().any(|field| field.name == "others") { "others" } else { "assets" };
        let fields = note.fields.iter().map(|note| field("", note));
        let prefix = format!("{list}.");
        let asset = note.asset_fields.iter().map(|note| field(&prefix, note));
        List {
            heading: format!("price {}: {}", note.name, note.meaning),
            columns: vec!["field", "unit", "default", "meaning"],
            rows: fields.chain(asset).collect(),
        }
    };
    let scenarios = List {
        heading: "scenarios: `price: Scenario(name: \"NAME\")`".into(),
        columns: vec!["name", "what it was"],
        rows: Scenario::names().map(|(name, meaning)| vec![name.to_owned(), meaning.to_owned()]).collect(),
    };
    PriceSpec::CATALOGUE.iter().map(process).chain([scenarios]).collect()
}
