//! Ctrl-C: the first asks for a stop, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use super::terminal::tell;

static STOP: AtomicBool = AtomicBool::new(false);

/// Listens from now on, and then says what is kept; the answer turns true when somebody asks for a stop.
pub(super) fn watch(kept: &'static str) -> Result<&'static AtomicBool, Failure> {
    let asked = move || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        tell(&format!("stopping: {kept}; once more to stop at once"));
    };
    ctrlc::set_handler(asked).map_err(|error| Failure::Run(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(&STOP)
}
