//! Finished results, as later commands read them.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::experiment::ensemble::TABLES;
use crate::record::manifest::{FILE_NAME, Manifest, Status};
use crate::record::summarise::Summariser;
use crate::record::summary::Summary;
use crate::record::table::Table;
use crate::record::{csv, parquet};

/// The results' directory that a person means: a path, or a name below `out`.
pub(super) fn find(named: &Path, out: &Path) -> Result<PathBuf, Failure> {
    let below = out.join(named);
    let holds = |path: &Path| path.join(FILE_NAME).is_file();
    if holds(named) {
        return Ok(named.to_owned());
    }
    if holds(&below) {
        return Ok(below);
    }
    let why = if named.is_file() {
        "it is a file; name the directory that holds it".to_owned()
    } else if named.is_dir() {
        format!("it holds no {FILE_NAME}")
    } else {
        format!("there is no such directory, nor {}", below.display())
    };
    let known = names_in(out);
    let help = if known.is_empty() {
        String::new()
    } else {
        format!("; {} holds {}", out.display(), known.join(", "))
    };
    Err(Failure::Usage(format!("expected a directory of results, found `{}`: {why}{help}", named.display())))
}

/// The directories of results below `out`, ten at most.
fn names_in(out: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(out) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join(FILE_NAME).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.truncate(10);
    names
}

/// The manifest of finished results.
pub(super) fn manifest(directory: &Path) -> Result<Manifest, Failure> {
    let unfinished = |why: String| Failure::Usage(format!("{} {why}", directory.display()));
    let manifest = Manifest::read(directory)?
        .ok_or_else(|| unfinished("holds no manifest: it is no directory of results".into()))?;
    match &manifest.status {
        Status::Done => Ok(manifest),
        Status::Interrupted => {
            let (finished, asked) = (manifest.runs_finished, manifest.runs_requested);
            let why = format!(
                "holds {finished} of {asked} runs: the experiment was interrupted or is running; continue it with `ballast run ... --resume`"
            );
            Err(unfinished(why))
        }
        Status::Failed { reason } => Err(unfinished(format!(
            "holds an experiment that failed ({reason}); run it again with `--force`"
        ))),
    }
}

/// A table of the results; `None` if it was not stored.
pub(super) fn table(directory: &Path, name: &str) -> Result<Option<Table>, Failure> {
    let stored = directory.join(format!("{name}.parquet"));
    let words = directory.join(format!("{name}.csv"));
    if stored.is_file() {
        return Ok(Some(parquet::read(&stored)?));
    }
    if words.is_file() {
        return Ok(Some(csv::read(&words)?));
    }
    Ok(None)
}

/// The table of metrics.
pub(super) fn series(directory: &Path) -> Result<Table, Failure> {
    let [name, ..] = TABLES;
    table(directory, name)?.ok_or_else(|| {
        if ["parquet", "csv"].iter().any(|ending| directory.join(format!("estimates.{ending}")).is_file()) {
            let why = "holds a study of risk, which has no metrics over time";
            return Failure::Usage(format!("{} {why}", directory.display()));
        }
        Failure::Run(format!(
            "{} holds neither {name}.parquet nor {name}.csv; run the experiment again with --force",
            directory.display()
        ))
    })
}

/// The figures of the results: as they were stored, or from the table of metrics.
pub(super) fn summary(directory: &Path) -> Result<Summary, Failure> {
    let stored = std::fs::read_to_string(directory.join("summary.json")).ok();
    if let Some(summary) = stored.and_then(|text| serde_json::from_str(&text).ok()) {
        return Ok(summary);
    }
    let mut summariser = Summariser::default();
    summariser.add(&series(directory)?).map_err(|error| Failure::Run(error.to_string()))?;
    Ok(summariser.finish(Vec::new()))
}
