//! `ballast run`: an experiment from its config to its report.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::draw::{self, REPORT};
use super::failure::Failure;
use super::progress::{Display, duration};
use super::terminal::{counted, print, print_json, tell};
use super::{Overrides, figures, interrupt, responses, results, verdicts};
use crate::experiment::ensemble::{Formats, Outcome, Plan, execute};
use crate::experiment::resolve::{Resolved, resolve};
use crate::experiment::shipped::BASELINE;
use crate::record::directory::{Intent, OutputDirectory};
use crate::record::manifest::Status;
use crate::record::summary::{AssertionVerdict, Summary, rules_in_words};

/// Arguments of `ballast run`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Config: a file, or the name of a shipped one (see `ballast list configs`)
    #[arg(value_name = "CONFIG", default_value = BASELINE)]
    config: String,
    #[command(flatten)]
    overrides: Overrides,
    /// Directory that holds all results
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Runs at the same time; as many as there are cores if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Forms in which tables are stored
    #[arg(long, value_name = "FORMATS", value_enum, value_delimiter = ',', default_value = "parquet,csv")]
    format: Vec<Format>,
    /// Say nothing but errors while it runs
    #[arg(long)]
    quiet: bool,
    /// Print one JSON summary on standard output, and nothing else there
    #[arg(long)]
    pub(super) json: bool,
    /// Run it again although it is finished, or start again although runs of it are kept
    #[arg(long, conflicts_with = "resume")]
    force: bool,
    /// Continue where it was interrupted
    #[arg(long)]
    resume: bool,
}

/// How tables are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Apache Parquet
    Parquet,
    /// Comma-separated values, with columns.json
    Csv,
}

/// Runs the experiment.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let resolved = resolve(&arguments.config, &arguments.overrides.assignments())?;
    let experiment = &resolved.loaded.value;
    let say = |text: &str| {
        if !arguments.quiet {
            tell(text);
        }
    };
    let plan = plan(arguments, &resolved);
    let stop = interrupt::watch("finished runs are kept")?;
    let agents: u64 = experiment.populations.iter().map(|population| u64::from(population.count)).sum();
    let ticks = u64::from(experiment.horizon_ticks()) + 1;
    say(&format!(
        "{}: {} of {} ticks, {} on {}",
        experiment.name,
        counted(u64::from(plan.runs()), "run"),
        experiment.horizon_ticks(),
        counted(agents, "agent"),
        counted(plan.threads as u64, "thread")
    ));
    let display = Display::new(ticks, arguments.quiet);
    let outcome = execute(&plan, stop, &display);
    display.close();
    let outcome = outcome?;
    if outcome.manifest.status == Status::Interrupted {
        return interrupted(arguments, &outcome);
    }
    let found = outcome.summary.is_none();
    if found {
        say("found: this experiment is finished already, nothing was run (--force runs it again)");
        missing_formats(arguments, &outcome.directory, say);
    }
    let charts = charts(&outcome.directory, found)?;
    let summary = match &outcome.summary {
        Some(summary) => summary.clone(),
        None => results::summary(&outcome.directory)?,
    };
    if arguments.json {
        let status = if found { "found" } else { "done" };
        print_json(&to_json(&outcome, status, &charts, &summary))?;
    } else {
        print(&told(&outcome, &charts, &summary))?;
    }
    match summary.count(AssertionVerdict::Fails) {
        0 => Ok(()),
        failed => Err(Failure::Assertions(failed)),
    }
}

fn plan(arguments: &Arguments, resolved: &Resolved) -> Plan {
    let cores = || available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let intent = match (arguments.force, arguments.resume) {
        (true, _) => Intent::Force,
        (false, true) => Intent::Resume,
        (false, false) => Intent::Start,
    };
    Plan {
        experiment: resolved.loaded.value.clone(),
        variants: resolved.variants.clone(),
        resolved: resolved.text.clone(),
        data: resolved.data.clone(),
        out: arguments.out.clone(),
        intent,
        threads,
        formats: formats(&arguments.format),
    }
}

/// The forms asked for.
pub(super) fn formats(asked: &[Format]) -> Formats {
    Formats { parquet: asked.contains(&Format::Parquet), csv: asked.contains(&Format::Csv) }
}

/// Draws the charts, unless the results were there with theirs. Answers with their names.
fn charts(path: &Path, found: bool) -> Result<Vec<String>, Failure> {
    if found && path.join(REPORT).is_file() {
        return Ok(drawn(path));
    }
    let (directory, manifest) = OutputDirectory::reopen(path)?;
    let charts = draw::draw(&directory, &manifest)?;
    directory.close(&manifest)?;
    Ok(charts)
}

/// The names of the charts that are there.
pub(super) fn drawn(path: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(path.join("charts")) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".svg").map(str::to_owned)).collect();
    names.sort();
    names
}

fn missing_formats(arguments: &Arguments, path: &Path, say: impl Fn(&str)) {
    for (format, file) in [(Format::Parquet, "series.parquet"), (Format::Csv, "series.csv")] {
        if arguments.format.contains(&format) && !path.join(file).is_file() {
            say(&format!("note: {file} was not stored then; --force stores it"));
        }
    }
}

fn interrupted(arguments: &Arguments, outcome: &Outcome) -> Result<(), Failure> {
    let (finished, asked) = (outcome.manifest.runs_finished, outcome.manifest.runs_requested);
    tell(&format!(
        "interrupted: {finished} of {} are kept in {}; continue with --resume",
        counted(u64::from(asked), "run"),
        outcome.directory.display()
    ));
    if arguments.json
        && let Some(summary) = &outcome.summary
    {
        print_json(&to_json(outcome, "interrupted", &[], summary))?;
    }
    Err(Failure::Interrupted)
}

fn to_json(outcome: &Outcome, status: &str, charts: &[String], summary: &Summary) -> Value {
    let (manifest, directory) = (&outcome.manifest, &outcome.directory);
    let charts: Vec<String> = charts
        .iter()
        .map(|name| directory.join(format!("charts/{name}.svg")).display().to_string())
        .collect();
    let report = directory.join(REPORT);
    json!({
        "status": status,
        "exit_code": manifest.exit_code,
        "experiment": manifest.name,
        "directory": directory.display().to_string(),
        "digest": manifest.digest,
        "engine_version": manifest.engine_version,
        "seed": manifest.seed,
        "runs_requested": manifest.runs_requested,
        "runs_finished": manifest.runs_finished,
        "wall_seconds": manifest.wall_seconds,
        "loan_rules": manifest.loan_rules,
        "notes": manifest.notes,
        "charts": charts,
        "report": report.is_file().then(|| report.display().to_string()),
        "metrics": summary.metrics,
        "assertions": summary.assertions,
        "response": summary.response,
        "variants": summary.variants,
    })
}

fn told(outcome: &Outcome, charts: &[String], summary: &Summary) -> String {
    let (manifest, directory) = (&outcome.manifest, &outcome.directory);
    let mut text = format!(
        "{}, {} in {}, seed {}\n\n{}\n",
        manifest.name,
        counted(u64::from(manifest.runs_finished), "run"),
        duration(manifest.wall_seconds),
        manifest.seed,
        figures::key_figures(summary)
    );
    let rules = rules_in_words(&manifest.loan_rules);
    if !rules.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{rules}");
    }
    text.push_str(&responses::told(summary));
    text.push_str(&verdicts::told(summary));
    for note in &manifest.notes {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "note: {note}");
    }
    let _ = writeln!(text, "results: {}", directory.display());
    if let Some(main) = charts.first() {
        let _ = writeln!(text, "chart:   {}", directory.join(format!("charts/{main}.svg")).display());
    }
    let _ = writeln!(text, "report:  {}", directory.join(REPORT).display());
    text
}
