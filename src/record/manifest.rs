//! The birth certificate of an experiment: what ran, from what, on what, and how it ended.
//!
//! Wall time and the host stand here and nowhere else, so that every other file of two equal experiments has equal bytes.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::atomic::{FileError, write_whole};
use super::summary::LoanRules;

/// The manifest's name in its directory.
pub const FILE_NAME: &str = "manifest.json";

/// The form of the manifest that this program writes.
pub const FORMAT: u32 = 1;

/// What ran, from what, on what, and how it ended. The order of fields is the order in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this file, [`FORMAT`].
    pub format: u32,
    /// Name of the experiment.
    pub name: String,
    /// What it tries, in a sentence or two.
    pub description: String,
    /// How it ended.
    pub status: Status,
    /// The exit code that says so: 0 done, 1 failed, 3 done and an assertion of the experiment failed, 130 interrupted.
    #[serde(default)]
    pub exit_code: u8,
    /// The digest in the directory's name.
    pub digest: String,
    /// Version of the program.
    pub engine_version: String,
    /// Seed of the experiment.
    pub seed: u64,
    /// How the seed of each run follows from it.
    pub seed_rule: String,
    /// Runs asked for.
    pub runs_requested: u32,
    /// Runs that came to their end.
    pub runs_finished: u32,
    /// The data files it read.
    pub data: Vec<DataFile>,
    /// The files it wrote, relative to the directory, in alphabetical order.
    pub files: Vec<String>,
    /// The machine it ran on.
    pub host: Host,
    /// Seconds from start to end by the clock on the wall; of a resumed experiment those of the last part.
    pub wall_seconds: f64,
    /// By whose rules loans were run; empty without loans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loan_rules: Vec<LoanRules>,
    /// Anything a reader should know: bars filled forward, values clamped, charts left out.
    pub notes: Vec<String>,
    /// The resolved, self-contained config: running it gives the same bytes.
    pub resolved_config: String,
}

/// How an experiment ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Every run came to its end and every file is written.
    Done,
    /// It was stopped, or is still running: this is what a manifest says from the start until it says something else.
    Interrupted,
    /// A run failed or a write was refused.
    Failed {
        /// Why.
        reason: String,
    },
}

/// The exit code of an experiment that was done, and in which an assertion failed.
pub const ASSERTION_FAILED: u8 = 3;

impl Status {
    /// The exit code, where so many assertions of the experiment failed.
    #[must_use]
    pub const fn exit_code(&self, assertions_failed: usize) -> u8 {
        match self {
            Self::Done if assertions_failed > 0 => ASSERTION_FAILED,
            Self::Done => 0,
            Self::Interrupted => 130,
            Self::Failed { .. } => 1,
        }
    }
}

/// A file of data that an experiment read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its name in the config.
    pub name: String,
    /// SHA-256 of its contents in hexadecimal digits.
    pub sha256: String,
}

/// The machine an experiment ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Operating system, as Rust calls it.
    pub os: String,
    /// Processor architecture, as Rust calls it.
    pub arch: String,
    /// Threads that worked.
    pub threads: usize,
}

impl Host {
    /// This machine, with so many working threads.
    #[must_use]
    pub fn this_machine(threads: usize) -> Self {
        Self { os: std::env::consts::OS.into(), arch: std::env::consts::ARCH.into(), threads }
    }
}

impl Manifest {
    /// The manifest of `directory`; `None` where there is none.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be read or is not a manifest.
    pub fn read(directory: &Path) -> Result<Option<Self>, FileError> {
        let path = directory.join(FILE_NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::new("read", &path, error)),
        };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            let advice = format!("{error}; move it away, or start the experiment again with --force");
            FileError::new("understand", &path, advice)
        })
    }

    /// Writes it into `directory` in one step, in place of an older one.
    ///
    /// # Errors
    /// [`FileError`] if that is refused.
    pub fn write(&self, directory: &Path) -> Result<(), FileError> {
        write_whole(&directory.join(FILE_NAME), |temporary| {
            let mut text = serde_json::to_string_pretty(self)?;
            text.push('\n');
            Ok(fs::write(temporary, text)?)
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::record) fn example(status: Status) -> Manifest {
        Manifest {
            format: FORMAT,
            name: "crash".into(),
            description: "ETH halves in a day.".into(),
            exit_code: status.exit_code(0),
            status,
            digest: "0123456789ab".into(),
            engine_version: "0.1.0".into(),
            seed: u64::MAX,
            seed_rule: "run i: first 8 bytes of SHA-256(seed, \"run i\")".into(),
            runs_requested: 4,
            runs_finished: 3,
            data: vec![DataFile { name: "eth.csv".into(), sha256: "ab".repeat(32) }],
            files: vec!["series.parquet".into()],
            host: Host::this_machine(2),
            wall_seconds: 1.25,
            loan_rules: Vec::new(),
            notes: vec!["2 bars filled forward".into()],
            resolved_config: "(\n    name: \"crash\",\n)\n".into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(directory.path()).unwrap(), None);
        for status in
            [Status::Interrupted, Status::Failed { reason: "books do not balance".into() }, Status::Done]
        {
            let manifest = example(status);
            manifest.write(directory.path()).unwrap();
            assert_eq!(Manifest::read(directory.path()).unwrap(), Some(manifest));
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    /// The form is a promise to whoever reads it with another program.
    #[test]
    fn keys_keep_their_order_and_names() {
        let text = serde_json::to_string(&example(Status::Failed { reason: "no".into() })).unwrap();
        assert!(text.starts_with(
            r#"{"format":1,"name":"crash","description":"ETH halves in a day.","status":{"state":"failed","reason":"no"},"exit_code":1,"digest":"#
        ));
        assert!(text.contains(r#""seed":18446744073709551615,"#));
        assert!(serde_json::to_string(&Status::Done).unwrap() == r#"{"state":"done"}"#);
        assert_eq!((Status::Done.exit_code(0), Status::Done.exit_code(2)), (0, 3));
        // What is not done says so first.
        assert_eq!(Status::Interrupted.exit_code(2), 130);
    }

    #[test]
    fn what_is_no_manifest_says_where() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE_NAME), "{\"format\": 1").unwrap();
        let error = Manifest::read(directory.path()).unwrap_err().to_string();
        assert!(error.contains("manifest.json") && error.contains("line 1"), "{error}");
    }
}
