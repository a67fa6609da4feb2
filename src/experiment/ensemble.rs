//! All runs of an experiment, on all cores, into one directory.
//!
//! Every finished run is stored by itself, so that memory does not grow with the number of runs and a kill loses only what
//! was under way. In the end the parts are put together in the order of runs: the bytes do not depend on who finished
//! first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use rayon::prelude::*;
use thiserror::Error;

use super::config::Experiment;
use super::lending_settings::loan_rules;
use super::response_study::{NoQuantity, responses};
use super::run::{RunError, RunSettings, RunTables, run_once};
use crate::price::PriceError;
use crate::record::assertion::{Judge, SyntaxError};
use crate::record::atomic::{BoxedError, FileError};
use crate::record::csv::CsvSink;
use crate::record::directory::{DirectoryError, Intent, Opened, OutputDirectory, Place};
use crate::record::hash;
use crate::record::manifest::{DataFile, FORMAT, Host, Manifest, Status};
use crate::record::parquet::{self, ParquetSink};
use crate::record::store::StoreError;
use crate::record::summarise::{Summariser, SummaryError};
use crate::record::summary::{AssertionVerdict, Summary, VariantSummary};
use crate::record::table::{Cells, Column, Table, TableError};
use crate::world::streams::Streams;

/// The version of the program, part of every digest.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The tables of a run, in the order in which they are stored.
pub const TABLES: [&str; 4] = ["series", "events", "agents", "lorenz"];

/// In which forms tables are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formats {
    /// Apache Parquet.
    pub parquet: bool,
    /// Comma-separated values, with `columns.json`.
    pub csv: bool,
}

/// How an experiment is run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The experiment, checked.
    pub experiment: Experiment,
    /// Its variants by name, each a whole experiment; without any the experiment itself is run.
    pub variants: Vec<(String, Experiment)>,
    /// Its resolved text: running it gives the same bytes.
    pub resolved: String,
    /// Every file of data that its market reads.
    pub data: Vec<DataInput>,
    /// The directory that holds all results.
    pub out: PathBuf,
    /// What to do about results that are there.
    pub intent: Intent,
    /// Worlds run at the same time.
    pub threads: usize,
    /// Which files are written.
    pub formats: Formats,
}

impl Plan {
    /// How many runs there are in all: as many as the experiment says, for each variant.
    #[must_use]
    pub fn runs(&self) -> u32 {
        self.experiment.runs.saturating_mul(self.variants.len().max(1) as u32)
    }

    /// The variant of run `number`, what is run, and whose randomness it sees.
    #[must_use]
    pub fn run(&self, number: u32) -> (Option<&str>, &Experiment, u32) {
        match self.variants.get(self.variant(number)) {
            Some((name, experiment)) => (Some(name), experiment, number % self.experiment.runs.max(1)),
            None => (None, &self.experiment, number),
        }
    }

    /// The place of the variant of run `number`; zero where there are no variants.
    fn variant(&self, number: u32) -> usize {
        if self.variants.is_empty() { 0 } else { (number / self.experiment.runs.max(1)) as usize }
    }
}

/// A file of data that an experiment reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataInput {
    /// The field of the config that names it, such as `price.path`.
    pub field: String,
    /// What a person wrote there.
    pub written: String,
    /// Where it was found.
    pub path: PathBuf,
    /// The name of its copy beside the results, which the resolved config names: `data/eth.csv`.
    pub stored: String,
}

/// What the runs tell while they go on.
pub trait Progress: Sync {
    /// `missing` runs are about to start; the others are there already.
    fn started(&self, missing: u32) {
        let _ = missing;
    }
    /// `ticks` more ticks are done.
    fn ticks(&self, ticks: u64);
    /// Run number `run` is stored.
    fn finished(&self, run: u32);
}

/// How an experiment ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Where the results are.
    pub directory: PathBuf,
    /// The manifest.
    pub manifest: Manifest,
    /// The figures; none where the results were there already.
    pub summary: Option<Summary>,
}

/// Why an experiment did not end well. Finished runs are kept.
#[derive(Debug, Error)]
pub enum EnsembleError {
    /// The outside market could not be generated.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// A run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The output directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A file was refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// A table could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tables of two runs do not go together.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// An assertion is not one.
    #[error("`assertions`: `{text}`: {reason}")]
    Assertion {
        /// The assertion.
        text: String,
        /// What is wrong with it.
        reason: SyntaxError,
    },
    /// A quantity of the response is not one.
    #[error(transparent)]
    Quantity(#[from] NoQuantity),
    /// An assertion or a quantity names what is not recorded.
    #[error("cannot judge the assertions or the response: {0}")]
    Unrecorded(#[from] TableError),
    /// The date of the first tick is not one.
    #[error("`start`: expected a date such as 2024-01-01T00:00:00Z, found `{0}`")]
    Start(String),
    /// The threads could not be started.
    #[error("cannot start {0} threads: {1}")]
    Threads(usize, String),
}

/// Runs what is missing and puts the results together.
///
/// # Errors
/// [`EnsembleError`]. What was finished is kept and can be resumed.
pub fn execute(plan: &Plan, stop: &AtomicBool, progress: &dyn Progress) -> Result<Outcome, EnsembleError> {
    let began = Instant::now();
    let experiment = &plan.experiment;
    // What cannot be judged is told before anything is run.
    judges(plan)?;
    responses(experiment, &plan.variants)?;
    let contents = read_data(&plan.data)?;
    let data: Vec<DataFile> = plan.data.iter().zip(&contents).map(describe).collect();
    let digests: Vec<String> = data.iter().map(|file| file.sha256.clone()).collect();
    let digest = hash::of_experiment(&plan.resolved, experiment.seed, ENGINE_VERSION, &digests);
    let place =
        Place { out: plan.out.clone(), name: experiment.name.clone(), digest: digest.clone(), shard: None };
    let directory = match OutputDirectory::open(&place, plan.intent)? {
        Opened::Finished { path, manifest } => {
            return Ok(Outcome { directory: path, manifest: *manifest, summary: None });
        }
        Opened::Ready(directory) => directory,
    };
    let mut manifest = Manifest {
        format: FORMAT,
        name: experiment.name.clone(),
        description: experiment.description.clone(),
        status: Status::Interrupted,
        exit_code: Status::Interrupted.exit_code(0),
        digest,
        engine_version: ENGINE_VERSION.into(),
        seed: experiment.seed,
        seed_rule: "run k draws from streams keyed by SHA-256 of (seed, \"run k\")".into(),
        runs_requested: plan.runs(),
        runs_finished: 0,
        data,
        files: Vec::new(),
        host: Host::this_machine(plan.threads),
        wall_seconds: 0.0,
        loan_rules: loan_rules(experiment, &plan.variants),
        notes: Vec::new(),
        resolved_config: plan.resolved.clone(),
    };
    directory.write_manifest(&manifest)?;
    for (input, bytes) in plan.data.iter().zip(contents) {
        directory.write_file(&input.stored, |path| Ok(std::fs::write(path, bytes)?))?;
    }

    let failure = run_missing(plan, &directory, stop, progress).err();
    let finished = directory.finished_runs()?;
    manifest.runs_finished = finished.len() as u32;
    let assembled = assemble(&directory, plan, &finished);
    manifest.notes = notes(plan)?;
    manifest.wall_seconds = began.elapsed().as_secs_f64();
    manifest.status = match &failure {
        None => Status::Done,
        Some(EnsembleError::Run(RunError::Stopped)) => Status::Interrupted,
        Some(error) => Status::Failed { reason: error.to_string() },
    };
    let summary = assembled?;
    manifest.exit_code = manifest.status.exit_code(summary.count(AssertionVerdict::Fails));
    let path = directory.path().to_owned();
    directory.close(&manifest)?;
    match failure {
        Some(EnsembleError::Run(RunError::Stopped)) | None => {
            Ok(Outcome { directory: path, manifest, summary: Some(summary) })
        }
        Some(error) => Err(error),
    }
}

/// Tells the seconds since it was made, by the clock on the wall.
pub(super) fn stopwatch() -> impl Fn() -> f64 {
    let began = Instant::now();
    move || began.elapsed().as_secs_f64()
}

/// The data files, whole: the copy of one may be the file itself, and be removed before it is written again.
pub(super) fn read_data(data: &[DataInput]) -> Result<Vec<Vec<u8>>, FileError> {
    let read = |input: &DataInput| {
        std::fs::read(&input.path).map_err(|reason| FileError::new("read", &input.path, reason))
    };
    data.iter().map(read).collect()
}

/// A file of data with the digest of its contents.
pub(super) fn describe((input, contents): (&DataInput, &Vec<u8>)) -> DataFile {
    DataFile { name: input.written.clone(), sha256: hash::of_bytes(contents) }
}

/// The notes of the market: bars filled, prices held. They are the same for all runs of a replay.
fn notes(plan: &Plan) -> Result<Vec<String>, EnsembleError> {
    Ok(market(plan, 0)?.notes)
}

fn market(plan: &Plan, number: u32) -> Result<crate::price::MarketPath, PriceError> {
    let (_, experiment, run) = plan.run(number);
    let streams = Streams::of_run(experiment.seed, run);
    // The files are named by absolute paths by now.
    let base = Path::new("");
    experiment.price.generate(experiment.horizon_ticks(), experiment.tick_seconds(), &streams, base)
}

fn run_missing(
    plan: &Plan,
    directory: &OutputDirectory,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<(), EnsembleError> {
    let finished = directory.finished_runs()?;
    let missing: Vec<u32> = (0..plan.runs()).filter(|run| !finished.contains(run)).collect();
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.threads)
        .build()
        .map_err(|error| EnsembleError::Threads(plan.threads, error.to_string()))?;
    progress.started(missing.len() as u32);
    // One world a thread; after a failure no further run starts, and what was finished is kept.
    let failures: Mutex<BTreeMap<u32, EnsembleError>> = Mutex::default();
    let seen = || failures.lock().unwrap_or_else(PoisonError::into_inner);
    threads.install(|| {
        missing.into_par_iter().with_max_len(1).for_each(|run| {
            let failed = !seen().is_empty();
            if stop.load(Ordering::Relaxed) {
                seen().insert(run, RunError::Stopped.into());
            } else if !failed && let Err(failure) = run_and_store(plan, directory, run, stop, progress) {
                seen().insert(run, failure);
            }
        });
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A failure tells more than a stop; of several, that of the first run.
    let is_stop = |failure: &EnsembleError| matches!(failure, EnsembleError::Run(RunError::Stopped));
    let (stops, failures): (Vec<_>, Vec<_>) = failures.into_values().partition(is_stop);
    match failures.into_iter().chain(stops).next() {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

fn run_and_store(
    plan: &Plan,
    directory: &OutputDirectory,
    number: u32,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<(), EnsembleError> {
    let (variant, experiment, run) = plan.run(number);
    let path = Arc::new(market(plan, number)?);
    let start_unix_seconds = match path.start_unix_seconds {
        Some(seconds) => seconds,
        None => experiment
            .start
            .parse::<Timestamp>()
            .map_err(|_| EnsembleError::Start(experiment.start.clone()))?
            .as_second(),
    };
    let settings = RunSettings { path, run, number, start_unix_seconds, stop, shuffle: None };
    let mut unreported = 0;
    let tables = run_once(experiment, &settings, || {
        unreported += 1;
        if unreported == 64 {
            progress.ticks(unreported);
            unreported = 0;
        }
    })?;
    progress.ticks(unreported);
    directory.write_run(number, |into| store(into, &tables, variant))?;
    progress.finished(number);
    Ok(())
}

fn store(into: &Path, tables: &RunTables, variant: Option<&str>) -> Result<(), BoxedError> {
    let all = [&tables.series, &tables.events, &tables.agents, &tables.lorenz];
    for (name, table) in TABLES.into_iter().zip(all) {
        let path = into.join(format!("{name}.parquet"));
        match variant {
            None => parquet::write(&path, table)?,
            Some(variant) => parquet::write(&path, &labelled(table, variant)?)?,
        }
    }
    Ok(())
}

/// The table with a last column that names the variant.
fn labelled(table: &Table, variant: &str) -> Result<Table, TableError> {
    let mut columns = table.columns().to_vec();
    columns.push(Column {
        name: "variant".into(),
        unit: String::new(),
        meaning: "variant of the experiment".into(),
        cells: Cells::Text(vec![Some(variant.to_owned()); table.rows()]),
    });
    Table::new(columns)
}

/// A judge of what each variant asserts, or of what the experiment does where there are no variants.
fn judges(plan: &Plan) -> Result<Vec<Judge>, EnsembleError> {
    let judge = |experiment: &Experiment| {
        let read = |text: &String| {
            text.parse().map_err(|reason| EnsembleError::Assertion { text: text.clone(), reason })
        };
        let assertions = experiment.assertions.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Judge::new(assertions, experiment.tick_seconds()))
    };
    if plan.variants.is_empty() {
        return Ok(vec![judge(&plan.experiment)?]);
    }
    plan.variants.iter().map(|(_, experiment)| judge(experiment)).collect()
}

/// Puts the parts of the finished runs together, in the order of runs.
fn assemble(directory: &OutputDirectory, plan: &Plan, finished: &[u32]) -> Result<Summary, EnsembleError> {
    let mut summariser = Summariser::default();
    let mut of_variant: Vec<Summariser> = plan.variants.iter().map(|_| Summariser::default()).collect();
    let mut judges = judges(plan)?;
    let mut responses = responses(&plan.experiment, &plan.variants)?;
    for name in TABLES {
        let part = |run: u32| parquet::read(&directory.part(run, &format!("{name}.parquet")));
        if plan.formats.parquet {
            directory.write_file(&format!("{name}.parquet"), |path| {
                join(finished, part, path, ParquetSink::create, ParquetSink::append, ParquetSink::finish)
            })?;
        }
        if plan.formats.csv {
            directory.write_file(&format!("{name}.csv"), |path| {
                join(finished, part, path, CsvSink::create, CsvSink::append, CsvSink::finish)
            })?;
        }
        if name == "series" {
            for run in finished {
                let table = part(*run)?;
                summariser.add(&table)?;
                responses.add(&table)?;
                let variant = plan.variant(*run);
                if let Some(figures) = of_variant.get_mut(variant) {
                    figures.add(&table)?;
                }
                if let Some(judge) = judges.get_mut(variant) {
                    judge.add(&table)?;
                }
            }
        }
    }
    if plan.formats.csv {
        keep_columns(directory)?;
    }
    let mut verdicts = judges.into_iter().map(Judge::finish);
    // Variants are judged one by one: over all of them together an estimate would be one of nothing.
    let of_all = if plan.variants.is_empty() { verdicts.next().unwrap_or_default() } else { Vec::new() };
    let mut summary = summariser.finish(of_all);
    summary.loan_rules = loan_rules(&plan.experiment, &plan.variants);
    summary.response = responses.outcomes();
    summary.variants = plan
        .variants
        .iter()
        .zip(of_variant.into_iter().zip(verdicts))
        .map(|((name, experiment), (figures, verdicts))| VariantSummary {
            name: name.clone(),
            summary: Summary { loan_rules: loan_rules(experiment, &[]), ..figures.finish(verdicts) },
        })
        .collect();
    let text = summary
        .to_json()
        .map_err(|error| FileError::new("write", &directory.path().join("summary.json"), error))?;
    directory.write_file("summary.json", |path| Ok(std::fs::write(path, &text)?))?;
    directory.write_file("config.ron", |path| Ok(std::fs::write(path, &plan.resolved)?))?;
    Ok(summary)
}

/// The tables have entered their columns into `columns.json`; this makes it one of the files of the results.
pub(super) fn keep_columns(directory: &OutputDirectory) -> Result<(), DirectoryError> {
    let columns = directory.path().join("columns.json");
    if columns.is_file() {
        let told = std::fs::read(&columns).map_err(|reason| FileError::new("read", &columns, reason))?;
        directory.write_file("columns.json", |path| Ok(std::fs::write(path, told)?))?;
    }
    Ok(())
}

/// Appends one table a run to a sink.
fn join<S>(
    runs: &[u32],
    part: impl Fn(u32) -> Result<Table, StoreError>,
    path: &Path,
    create: impl Fn(&Path, &Table) -> Result<S, StoreError>,
    append: impl Fn(&mut S, &Table) -> Result<(), StoreError>,
    finish: impl Fn(S) -> Result<(), StoreError>,
) -> Result<(), BoxedError> {
    let mut sink = None;
    for run in runs {
        let table = part(*run)?;
        let sink = match &mut sink {
            Some(sink) => sink,
            empty => empty.insert(create(path, &table)?),
        };
        append(sink, &table)?;
    }
    if let Some(sink) = sink { Ok(finish(sink)?) } else { Ok(std::fs::write(path, [])?) }
}
