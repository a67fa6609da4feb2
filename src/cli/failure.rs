//! What can stop a command, and the exit code it has.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::terminal::{colour, print_json, tell};
use crate::chart::canvas::CanvasError;
use crate::experiment::diagnostic::{Diagnostics, Severity};
use crate::experiment::ensemble::EnsembleError;
use crate::experiment::risk::execute::RiskRunError;
use crate::record::atomic::FileError;
use crate::record::directory::DirectoryError;
use crate::record::manifest::ASSERTION_FAILED;
use crate::record::store::StoreError;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// A run failed, an invariant broke, the system refused.
    Run(String),
    /// The arguments make no sense.
    Usage(String),
    /// The config makes no sense.
    Config(Diagnostics),
    /// The config makes no sense, and everything has been said already.
    Reported,
    /// So many assertions of the experiment failed; all results are there.
    Assertions(usize),
    /// Somebody asked for a stop, and everything has been said already.
    Interrupted,
}

impl Failure {
    /// The exit code of the process.
    pub(super) const fn code(&self) -> u8 {
        match self {
            Self::Run(_) => 1,
            Self::Usage(_) | Self::Config(_) | Self::Reported => 2,
            Self::Assertions(_) => ASSERTION_FAILED,
            Self::Interrupted => 130,
        }
    }

    /// Tells the person what went wrong, and the machine if it asked for JSON.
    pub(super) fn report(&self, json: bool) -> ExitCode {
        match self {
            Self::Run(why) | Self::Usage(why) => tell(&format!("error: {why}")),
            Self::Config(faults) => tell(&format!("{}\n\n{}", faults.render(colour()), count(faults))),
            Self::Assertions(1) => tell("failed: an assertion of the experiment"),
            Self::Assertions(count) => tell(&format!("failed: {count} assertions of the experiment")),
            Self::Reported | Self::Interrupted => {}
        }
        if json && let Some(value) = self.to_json() {
            // The exit code tells the same.
            let _ = print_json(&value);
        }
        ExitCode::from(self.code())
    }

    fn to_json(&self) -> Option<Value> {
        let code = self.code();
        match self {
            Self::Run(why) => Some(json!({ "status": "failed", "exit_code": code, "error": why })),
            Self::Usage(why) => Some(json!({ "status": "invalid", "exit_code": code, "error": why })),
            Self::Config(faults) => {
                Some(json!({ "status": "invalid", "exit_code": code, "diagnostics": faults.to_json() }))
            }
            // All three have said so in what they printed.
            Self::Reported | Self::Assertions(_) | Self::Interrupted => None,
        }
    }
}

/// `3 mistakes`.
fn count(faults: &Diagnostics) -> String {
    match faults.iter().filter(|fault| fault.severity == Severity::Error).count() {
        1 => "1 mistake; nothing was run".into(),
        count => format!("{count} mistakes; nothing was run"),
    }
}

impl From<Diagnostics> for Failure {
    fn from(faults: Diagnostics) -> Self {
        Self::Config(faults)
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unfinished { .. } | DirectoryError::Foreign { .. } => {
                Self::Usage(error.to_string())
            }
            _ => Self::Run(error.to_string()),
        }
    }
}

impl From<EnsembleError> for Failure {
    fn from(error: EnsembleError) -> Self {
        match error {
            EnsembleError::Directory(error) => error.into(),
            _ => Self::Run(error.to_string()),
        }
    }
}

impl From<RiskRunError> for Failure {
    fn from(error: RiskRunError) -> Self {
        match error {
            RiskRunError::Directory(error) => error.into(),
            _ => Self::Run(error.to_string()),
        }
    }
}

macro_rules! failures {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Run(error.to_string())
            }
        })+
    };
}

failures!(FileError, StoreError, CanvasError);
