//! `ballast risk`: how likely lenders of collateral pools lose, and how much.

pub(super) mod draw;
mod told;

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::Args;
use serde_json::{Value, json};

use super::draw::REPORT;
use super::failure::Failure;
use super::interrupt;
use super::progress::Display;
use super::run::{Format, drawn, formats};
use super::terminal::{counted, print, print_json, tell};
use crate::experiment::resolve::{ResolvedRisk, resolve_risk};
use crate::experiment::risk::config::SHIPPED;
use crate::experiment::risk::execute::{RiskOutcome, RiskPlan, execute};
use crate::experiment::risk::summary::RiskSummary;
use crate::record::directory::{Intent, OutputDirectory};
use crate::record::manifest::Status;

/// Arguments of `ballast risk`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Config: a file, or the name of a shipped one (see `ballast list configs`)
    #[arg(value_name = "CONFIG", default_value = SHIPPED)]
    config: String,
    /// Set a field of the config, such as model.smoothing=0.05 or ltvs=[0.75]; can be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Seed of all randomness, in place of the config's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of paths of each model, in place of the config's
    #[arg(long, value_name = "N")]
    paths: Option<u64>,
    /// Directory that holds all results
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Threads that simulate; as many as there are cores if not given
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
    /// Simulate again although it is finished
    #[arg(long)]
    force: bool,
}

/// Estimates.
pub(super) fn risk(arguments: &Arguments) -> Result<(), Failure> {
    let seed = arguments.seed.map(|seed| format!("seed={seed}"));
    let paths = arguments.paths.map(|paths| format!("paths={paths}"));
    let assignments: Vec<String> = arguments.set.iter().cloned().chain(seed).chain(paths).collect();
    let resolved = resolve_risk(&arguments.config, &assignments)?;
    let say = |text: &str| {
        if !arguments.quiet {
            tell(text);
        }
    };
    let plan = plan(arguments, &resolved);
    let stop = interrupt::watch("nothing of an unfinished study is kept")?;
    let loans: usize = plan.cases.iter().map(|case| case.ltvs.len()).sum();
    say(&format!(
        "{}: {} of {} on {}",
        plan.study.name,
        counted(plan.study.paths, "path"),
        counted(loans as u64, "loan"),
        counted(plan.threads as u64, "thread")
    ));
    let display = Display::new(plan.study.paths, arguments.quiet).of("models");
    let outcome = execute(&plan, stop, &display);
    display.close();
    let outcome = outcome?;
    if outcome.manifest.status == Status::Interrupted {
        tell(&format!("interrupted: {} holds no results", outcome.directory.display()));
        if arguments.json {
            print_json(&json!({ "status": "interrupted", "exit_code": 130,
                "directory": outcome.directory.display().to_string() }))?;
        }
        return Err(Failure::Interrupted);
    }
    let found = outcome.summary.is_none();
    if found {
        say("found: this study is finished already, nothing was simulated (--force simulates it again)");
    }
    let summary = match &outcome.summary {
        Some(summary) => summary.clone(),
        None => draw::summary(&outcome.directory)?,
    };
    let charts = charts(&outcome.directory, found)?;
    if arguments.json {
        let status = if found { "found" } else { "done" };
        print_json(&to_json(&outcome, status, &charts, &summary)?)
    } else {
        print(&told::told(&outcome, &charts, &summary))
    }
}

fn plan(arguments: &Arguments, resolved: &ResolvedRisk) -> RiskPlan {
    let cores = || available_parallelism().map_or(1, std::num::NonZero::get);
    RiskPlan {
        study: resolved.loaded.value.clone(),
        cases: resolved.cases.clone(),
        resolved: resolved.text.clone(),
        data: resolved.data.clone(),
        out: arguments.out.clone(),
        intent: if arguments.force { Intent::Force } else { Intent::Start },
        threads: arguments.threads.map_or_else(cores, usize::from),
        formats: formats(&arguments.format),
    }
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

fn to_json(
    outcome: &RiskOutcome,
    status: &str,
    charts: &[String],
    summary: &RiskSummary,
) -> Result<Value, Failure> {
    let (manifest, directory) = (&outcome.manifest, &outcome.directory);
    let charts: Vec<String> = charts
        .iter()
        .map(|name| directory.join(format!("charts/{name}.svg")).display().to_string())
        .collect();
    let report = directory.join(REPORT);
    let mut told = json!({
        "status": status,
        "exit_code": manifest.exit_code,
        "study": manifest.name,
        "directory": directory.display().to_string(),
        "digest": manifest.digest,
        "engine_version": manifest.engine_version,
        "wall_seconds": manifest.wall_seconds,
        "charts": charts,
        "report": report.is_file().then(|| report.display().to_string()),
    });
    let summary = serde_json::to_value(summary)
        .map_err(|error| Failure::Run(format!("cannot tell the summary: {error}")))?;
    if let (Value::Object(told), Value::Object(summary)) = (&mut told, summary) {
        told.extend(summary);
    }
    Ok(told)
}
