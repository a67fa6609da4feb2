//! Where an experiment's results belong, and why they may not go there.

use std::path::PathBuf;

use thiserror::Error;

use crate::record::atomic::FileError;

/// Longest name of an experiment in a path; most file systems end at 255 bytes.
const LONGEST_NAME: usize = 100;

/// Where an experiment's results belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The directory that holds all results.
    pub out: PathBuf,
    /// Name of the experiment.
    pub name: String,
    /// Digest of the experiment.
    pub digest: String,
    /// `Some((i, n))` where this process does the i-th of n shares of the runs.
    pub shard: Option<(u32, u32)>,
}

impl Place {
    /// `<out>/<name>-<digest>`, with `.shard-<i>-of-<n>` for a share.
    ///
    /// What is no ASCII letter, digit, `-`, `_` or `.` in the name becomes `-`; the digest keeps two such names apart.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String =
            self.name.chars().map(|c| if plain(c) { c } else { '-' }).take(LONGEST_NAME).collect();
        let name = name.trim_start_matches('.');
        let share = self.shard.map(|(i, n)| format!(".shard-{i}-of-{n}")).unwrap_or_default();
        let name = if name.is_empty() { "experiment" } else { name };
        self.out.join(format!("{name}-{}{share}", self.digest))
    }
}

/// What to do about results that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Start, unless there is something to lose.
    Start,
    /// Continue with the runs that are missing; without any, start.
    Resume,
    /// Remove what the experiment has written before and start again.
    Force,
}

/// Why an output directory cannot be used.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// The file system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// Runs are there from an experiment that did not end.
    #[error(
        "{} holds {finished} finished runs of an experiment that did not end; \
         continue it with --resume or start again with --force", .path.display()
    )]
    Unfinished {
        /// The directory.
        path: PathBuf,
        /// How many runs are finished.
        finished: usize,
    },
    /// The directory holds something else.
    #[error(
        "{} holds `{example}` and no manifest of an experiment; \
         move that away or name another directory with --out", .path.display()
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// Something it holds.
        example: String,
    },
    /// Another process is writing there.
    #[error("another process is writing to {}; wait for it or name another directory with --out", .path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// Runs of different experiments do not go together.
    #[error("{} belongs to the experiment {found}, expected {expected}: merge shares of one experiment only", .path.display())]
    OtherExperiment {
        /// The directory.
        path: PathBuf,
        /// The digest expected.
        expected: String,
        /// The digest found, or a dash.
        found: String,
    },
    /// A file name that leads out of the directory.
    #[error("expected a file name inside the output directory, found `{name}`")]
    Name {
        /// The name.
        name: String,
    },
}
