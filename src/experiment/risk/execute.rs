//! A study of risk from its models to its directory of results.
//!
//! Each model is simulated once for all loans that any part of the study asks of it, on all threads; models follow one
//! another. Nothing is written before everything is estimated, so that an interrupted study leaves a manifest that says so
//! and no figures.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

use super::case::{Part, RiskCase};
use super::config::{RareSettings, RiskStudy};
use super::summary::{Estimate, RiskSummary, published_point, summarise};
use super::table::{self, Spread, TABLES};
use crate::experiment::ensemble::{
    DataInput, ENGINE_VERSION, Formats, Progress, describe, keep_columns, read_data, stopwatch,
};
use crate::record::atomic::FileError;
use crate::record::csv;
use crate::record::directory::{DirectoryError, Intent, Opened, OutputDirectory, Place};
use crate::record::hash;
use crate::record::manifest::{DataFile, FORMAT, Host, Manifest, Status};
use crate::record::parquet;
use crate::record::store::StoreError;
use crate::record::summary::LoanRules;
use crate::record::table::{Table, TableError};
use crate::risk::{
    Outcomes, RareEstimate, RiskError, RiskEstimate, RiskModel, Sample, estimate_at, estimate_rare, simulate,
};

/// The file of the summary.
const SUMMARY: &str = "summary.json";

/// How a study is run.
#[derive(Debug, Clone)]
pub struct RiskPlan {
    /// The study, checked.
    pub study: RiskStudy,
    /// Its models, each with its loans.
    pub cases: Vec<RiskCase>,
    /// Its resolved text: running it gives the same bytes.
    pub resolved: String,
    /// Every file of data that its price reads.
    pub data: Vec<DataInput>,
    /// The directory that holds all results.
    pub out: PathBuf,
    /// What to do about results that are there.
    pub intent: Intent,
    /// Threads that simulate.
    pub threads: usize,
    /// Which files are written.
    pub formats: Formats,
}

/// How a study ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskOutcome {
    /// Where the results are.
    pub directory: PathBuf,
    /// The manifest.
    pub manifest: Manifest,
    /// What was found; none where the results were there already or the study was interrupted.
    pub summary: Option<RiskSummary>,
}

/// Why a study did not end well.
#[derive(Debug, Error)]
pub enum RiskRunError {
    /// A model could not be simulated.
    #[error("{model}: {source}")]
    Model {
        /// Its name.
        model: String,
        /// Why not.
        source: RiskError,
    },
    /// The output directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A file was refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// A table could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table could not be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The threads could not be started.
    #[error("cannot start {0} threads: {1}")]
    Threads(usize, String),
}

/// Simulates, estimates and stores.
///
/// # Errors
/// [`RiskRunError`]; the directory then says that the study failed.
pub fn execute(
    plan: &RiskPlan,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<RiskOutcome, RiskRunError> {
    let wall_seconds = stopwatch();
    let contents = read_data(&plan.data)?;
    let data: Vec<DataFile> = plan.data.iter().zip(&contents).map(describe).collect();
    let digests: Vec<String> = data.iter().map(|file| file.sha256.clone()).collect();
    let digest = hash::of_experiment(&plan.resolved, plan.study.seed, ENGINE_VERSION, &digests);
    let place =
        Place { out: plan.out.clone(), name: plan.study.name.clone(), digest: digest.clone(), shard: None };
    let directory = match OutputDirectory::open(&place, plan.intent)? {
        Opened::Finished { path, manifest } => {
            return Ok(RiskOutcome { directory: path, manifest: *manifest, summary: None });
        }
        Opened::Ready(directory) => directory,
    };
    let mut manifest = begun(plan, digest, data);
    directory.write_manifest(&manifest)?;
    let found = simulate_all(plan, stop, progress);
    manifest.wall_seconds = wall_seconds();
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => {
            directory.write_manifest(&manifest)?;
            return Ok(RiskOutcome { directory: directory.path().to_owned(), manifest, summary: None });
        }
        Err(error) => {
            manifest.status = Status::Failed { reason: error.to_string() };
            manifest.exit_code = manifest.status.exit_code(0);
            directory.write_manifest(&manifest)?;
            return Err(error);
        }
    };
    for (input, bytes) in plan.data.iter().zip(contents) {
        directory.write_file(&input.stored, |path| Ok(std::fs::write(path, bytes)?))?;
    }
    let summary = summarise(&plan.study, &plan.cases, found.estimates);
    store(plan, &directory, &summary, &found.spreads)?;
    manifest.runs_finished = manifest.runs_requested;
    manifest.notes.clone_from(&summary.few_events);
    manifest.wall_seconds = wall_seconds();
    manifest.status = Status::Done;
    manifest.exit_code = manifest.status.exit_code(0);
    let path = directory.path().to_owned();
    directory.close(&manifest)?;
    Ok(RiskOutcome { directory: path, manifest, summary: Some(summary) })
}

/// The manifest of a study that is under way.
fn begun(plan: &RiskPlan, digest: String, data: Vec<DataFile>) -> Manifest {
    Manifest {
        format: FORMAT,
        name: plan.study.name.clone(),
        description: plan.study.description.clone(),
        status: Status::Interrupted,
        exit_code: Status::Interrupted.exit_code(0),
        digest,
        engine_version: ENGINE_VERSION.into(),
        seed: plan.study.seed,
        seed_rule: "path k of every model draws counter-based words keyed by the seed and k".into(),
        runs_requested: plan.cases.len() as u32,
        runs_finished: 0,
        data,
        files: Vec::new(),
        host: Host::this_machine(plan.threads),
        wall_seconds: 0.0,
        loan_rules: rules(&plan.cases),
        notes: Vec::new(),
        resolved_config: plan.resolved.clone(),
    }
}

/// By whose rules the pools of the study are run; the changes of the base as variants where theirs are others.
fn rules(cases: &[RiskCase]) -> Vec<LoanRules> {
    let rules = |variant: Option<&RiskCase>, profile| LoanRules {
        variant: variant.map(|case| case.name.clone()),
        market: "pool".into(),
        profile,
    };
    let Some(first) = cases.first().map(RiskCase::rules) else { return Vec::new() };
    let others = cases.iter().filter(|case| case.rules() != first);
    let others: Vec<_> = others.map(|case| rules(Some(case), case.rules())).collect();
    std::iter::once(rules(None, first)).chain(others).collect()
}

/// What was found in all cases.
struct Found {
    estimates: Vec<Estimate>,
    spreads: Vec<Spread>,
}

/// Simulates every model. None if somebody asked for a stop.
fn simulate_all(
    plan: &RiskPlan,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Option<Found>, RiskRunError> {
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.threads)
        .build()
        .map_err(|error| RiskRunError::Threads(plan.threads, error.to_string()))?;
    threads.install(|| {
        let models = distinct(&plan.cases);
        let grid = plan.cases.iter().filter(|case| case.part == Part::Grid);
        let loans: usize = grid.map(|case| case.ltvs.len()).sum();
        let rare = plan.study.rare.map_or(0, |_| loans);
        progress.started((models.len() + rare) as u32);
        let (mut risks, mut spreads) = (Vec::new(), Vec::new());
        for (place, (model, ltvs)) in models.iter().enumerate() {
            let sample =
                Sample { ltvs, paths: plan.study.paths, seed: plan.study.seed, base_dir: Path::new("") };
            let found = simulate(model, &sample, stop, |paths| progress.ticks(paths));
            let named = |source| RiskRunError::Model { model: name_of(plan, model), source };
            let outcomes = found.map_err(named)?;
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            // The paths of one model at a time are held in memory.
            risks.push(estimate_at(&outcomes, &[plan.study.loss_threshold], &plan.study.levels()));
            spreads.extend(spread(plan, model, &outcomes));
            progress.finished(place as u32);
        }
        let estimates = estimate_all(plan, &models, &risks, stop, progress)?;
        Ok(estimates.map(|estimates| Found { estimates, spreads }))
    })
}

/// How the losses of each loan of the grid are spread, if the model is one of the grid.
fn spread(plan: &RiskPlan, model: &RiskModel, outcomes: &Outcomes) -> Vec<Spread> {
    let cases = plan.cases.iter().filter(|case| case.part == Part::Grid && case.model == *model);
    let of_case = |case: &RiskCase| {
        let place = |ltv: &f64| outcomes.ltvs().iter().position(|found| found == ltv);
        let spreads = case.ltvs.iter().filter_map(|ltv| Spread::of(case, *ltv, outcomes, place(ltv)?));
        spreads.collect::<Vec<_>>()
    };
    cases.flat_map(of_case).collect()
}

/// The models of all cases, each once, with all loans that are asked of it.
fn distinct(cases: &[RiskCase]) -> Vec<(&RiskModel, Vec<f64>)> {
    let mut models: Vec<(&RiskModel, Vec<f64>)> = Vec::new();
    for case in cases {
        let place = models.iter().position(|(model, _)| **model == case.model).unwrap_or_else(|| {
            models.push((&case.model, Vec::new()));
            models.len() - 1
        });
        let ltvs = &mut models[place].1;
        ltvs.extend(case.ltvs.iter().filter(|ltv| !ltvs.contains(ltv)).copied().collect::<Vec<_>>());
    }
    models
}

fn name_of(plan: &RiskPlan, model: &RiskModel) -> String {
    let case = plan.cases.iter().find(|case| case.model == *model);
    case.map_or_else(String::new, |case| case.name.clone())
}

/// The estimates of all cases, from those of each model. None if somebody asked for a stop.
fn estimate_all(
    plan: &RiskPlan,
    models: &[(&RiskModel, Vec<f64>)],
    risks: &[Vec<RiskEstimate>],
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Option<Vec<Estimate>>, RiskRunError> {
    let mut estimates = Vec::new();
    for case in &plan.cases {
        let place = models.iter().position(|(model, _)| **model == case.model);
        let risks = place.and_then(|place| risks.get(place)).map_or(&[][..], Vec::as_slice);
        for ltv in &case.ltvs {
            let Some(risk) = risks.iter().find(|risk| risk.ltv == *ltv) else { continue };
            let rare = match plan.study.rare.filter(|_| case.part == Part::Grid) {
                Some(settings) => rare(plan, case, *ltv, settings, stop, progress)?,
                None => None,
            };
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            estimates.push(Estimate {
                part: case.part.name().into(),
                model: case.name.clone(),
                rules: case.rules(),
                jump_amplifier: case.amplifier(),
                risk: risk.clone(),
                published: published_point(&plan.study, case, *ltv),
                rare,
            });
        }
    }
    Ok(Some(estimates))
}

fn rare(
    plan: &RiskPlan,
    case: &RiskCase,
    ltv: f64,
    settings: RareSettings,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Option<RareEstimate>, RiskRunError> {
    // To the display one loan counts as much as one model.
    let share = |paths: u64| progress.ticks(paths * plan.study.paths / settings.paths);
    match estimate_rare(&case.model, ltv, settings.paths, plan.study.seed, stop, share) {
        Ok(found) => {
            progress.finished(0);
            Ok(Some(found))
        }
        Err(RiskError::Stopped) => Ok(None),
        Err(source) => Err(RiskRunError::Model { model: case.name.clone(), source }),
    }
}

/// Writes tables, summary and config.
fn store(
    plan: &RiskPlan,
    directory: &OutputDirectory,
    summary: &RiskSummary,
    spreads: &[Spread],
) -> Result<(), RiskRunError> {
    let tables = [table::estimates(&summary.estimates)?, table::losses(spreads)?];
    for (name, table) in TABLES.into_iter().zip(&tables) {
        if plan.formats.parquet {
            directory.write_file(&format!("{name}.parquet"), |path| Ok(parquet::write(path, table)?))?;
        }
        if plan.formats.csv {
            directory.write_file(&format!("{name}.csv"), |path| Ok(write_csv(path, table)?))?;
        }
    }
    if plan.formats.csv {
        keep_columns(directory)?;
    }
    let text = serde_json::to_string_pretty(summary)
        .map_err(|error| FileError::new("write", &directory.path().join(SUMMARY), error))?;
    directory.write_file(SUMMARY, |path| Ok(std::fs::write(path, text + "\n")?))?;
    directory.write_file("config.ron", |path| Ok(std::fs::write(path, &plan.resolved)?))?;
    Ok(())
}

fn write_csv(path: &Path, table: &Table) -> Result<(), StoreError> {
    let mut sink = csv::CsvSink::create(path, table)?;
    sink.append(table)?;
    sink.finish()
}
