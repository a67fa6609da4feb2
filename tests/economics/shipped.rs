//! Shipped experiments as the tests run them: read from `configs/` and `agents/`, changed by overrides, run in memory.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ballast::experiment::config::Experiment;
use ballast::experiment::merge::{Absent, Document, lay_over};
use ballast::experiment::run::{RunSettings, RunTables, run_once};
use ballast::experiment::source::Source;
use ballast::experiment::syntax::{Field, Kind, Name, Node};
use ballast::price::MarketPath;
use ballast::world::streams::Streams;
use ron::extensions::Extensions;

const POPULATIONS: &str = "populations";

/// The fields of a population itself; any other name behind a population is a field of its agents.
const OWN: [&str; 7] = ["profile", "name", "count", "civic", "lends", "with", "agent"];

fn file(path: &str) -> Arc<Source> {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()));
    Source::new(path, text)
}

/// The experiment written in `text`, with `overrides` of the form `path=value`.
pub fn read(text: &str, overrides: &[String]) -> Experiment {
    let library = |name: &str, _: &Source| -> Result<_, Absent> { Ok(file(&format!("configs/{name}.ron"))) };
    let source = Source::new("test", text);
    let mut document = Document::resolve(&source, &library).unwrap_or_else(|faults| panic!("{faults}"));
    let mut inside = Vec::new();
    for assignment in overrides {
        let path = assignment.split('=').next().unwrap_or_default();
        let (&[POPULATIONS, label, field, ..], Some(rest)) =
            (&path.split('.').collect::<Vec<_>>()[..], assignment.splitn(3, '.').nth(2))
        else {
            set(&mut document, assignment);
            continue;
        };
        let place = place_of(&document.root, label);
        if let Some(inner) = rest.strip_prefix("agent.") {
            inside.push(format!("{POPULATIONS}.{place}.agent.{inner}"));
        } else if OWN.contains(&field) {
            set(&mut document, &format!("{POPULATIONS}.{place}.{rest}"));
        } else {
            inside.push(format!("{POPULATIONS}.{place}.agent.{rest}"));
        }
    }
    expand(&mut document.root);
    inside.iter().for_each(|assignment| set(&mut document, assignment));
    let options = ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
    options.from_str(&document.root.to_ron()).unwrap_or_else(|error| panic!("{error}"))
}

fn set(document: &mut Document, assignment: &str) {
    document.set(assignment).unwrap_or_else(|fault| panic!("{}", fault.render(false)));
}

/// The place of the population that goes by `label`: its name, else its profile.
fn place_of(root: &Node, label: &str) -> usize {
    let list = root.field(POPULATIONS).map(|field| &field.value.kind);
    let Some(Kind::List(items)) = list else { panic!("there are no populations") };
    let text = |item: &Node, name: &str| Some(item.field(name)?.value.as_text()?.to_owned());
    let called = |item: &Node| text(item, "name").or_else(|| text(item, "profile"));
    let mut places = items.iter().map(called);
    places
        .position(|name| name.as_deref() == Some(label))
        .unwrap_or_else(|| panic!("no population `{label}`"))
}

/// Puts each population's profile, with what `with` changes, under `agent`.
fn expand(root: &mut Node) {
    let Kind::Struct { fields, .. } = &mut root.kind else { return };
    let Some(populations) = fields.iter_mut().find(|field| field.name.text == POPULATIONS) else { return };
    let Kind::List(items) = &mut populations.value.kind else { return };
    for item in items {
        let Kind::Struct { fields, .. } = &mut item.kind else { continue };
        let get = |name: &str| fields.iter().find(|field| field.name.text == name).map(|field| &field.value);
        let mut agent = get("agent").cloned().unwrap_or_else(|| {
            let profile = get("profile").and_then(Node::as_text).expect("a population names its profile");
            Node::parse(&file(&format!("agents/{profile}.ron"))).unwrap_or_else(|faults| panic!("{faults}"))
        });
        if let Some(with) = get("with") {
            agent = lay_over(agent, with.clone());
        }
        fields.retain(|field| !["agent", "with"].contains(&field.name.text.as_str()));
        fields.push(Field { name: Name { text: "agent".into(), span: agent.span.clone() }, value: agent });
    }
}

/// A shipped experiment with overrides.
pub fn shipped(name: &str, overrides: &[String]) -> Experiment {
    read(file(&format!("configs/{name}.ron")).text(), overrides)
}

/// What is run for a shipped experiment: its variants, or the experiment itself under its own name.
pub fn variants(name: &str, overrides: &[String]) -> Vec<(String, Experiment)> {
    let whole = shipped(name, overrides);
    if whole.variants.is_empty() {
        return vec![(name.to_owned(), whole)];
    }
    let of = |variant: &ballast::experiment::config::Variant| {
        let mut all = overrides.to_vec();
        all.extend(variant.set.iter().map(|(path, value)| format!("{path}={value}")));
        (variant.name.clone(), shipped(name, &all))
    };
    whole.variants.iter().map(of).collect()
}

/// Run `run` of an experiment; runs of one number see the same market. `number` is the run's number in its tables.
pub fn run(experiment: &Experiment, run: u32, number: u32) -> RunTables {
    let path = path(experiment, run);
    let stop = AtomicBool::new(false);
    let settings = RunSettings { path, run, number, start_unix_seconds: 0, stop: &stop, shuffle: None };
    run_once(experiment, &settings, || ()).unwrap_or_else(|error| panic!("{}: {error}", experiment.name))
}

/// The outside market of run `run`.
pub fn path(experiment: &Experiment, run: u32) -> Arc<MarketPath> {
    let streams = Streams::of_run(experiment.seed, run);
    let (ticks, seconds) = (experiment.horizon_ticks(), experiment.tick_seconds());
    let path = experiment.price.generate(ticks, seconds, &streams, Path::new("."));
    Arc::new(path.unwrap_or_else(|error| panic!("{}: {error}", experiment.name)))
}

/// Every variant of every shipped experiment is read and comes through its first twelve hours.
#[test]
fn every_shipped_experiment_runs() {
    let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")).unwrap();
    let names =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "ron"));
    let mut names: Vec<String> =
        names.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        for (variant, mut experiment) in variants(&name, &[]) {
            assert_eq!(experiment.name, name);
            assert!(!experiment.description.is_empty(), "{name} has no description");
            // Candles are not shipped.
            if experiment.price.data_files().is_empty() {
                experiment.horizon_days = 0.5;
                let rows = run(&experiment, 0, 0).series.rows();
                assert_eq!(rows as u32, experiment.horizon_ticks() + 1, "{name}, {variant}");
            }
        }
    }
}
