//! Ctrl-C: the first asks for a stop, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use super::terminal::tell;

static STOP: AtomicBool = AtomicBool::new(false);

/// Listens from now on; the answer turns true when somebody asks for a stop.
pub(super) fn watch() -> Result<&'static AtomicBool, Failure> {
    let asked = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        tell("stopping: finished runs are kept; once more to stop at once");
    };
    ctrlc::set_handler(asked).map_err(|error| Failure::Run(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(&STOP)
}
