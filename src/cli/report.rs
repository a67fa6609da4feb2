//! `ballast report`: charts and report of finished results, drawn again.

use std::path::PathBuf;

use clap::Args;

use super::draw::{self, REPORT};
use super::failure::Failure;
use super::{results, risk, terminal};
use crate::experiment::resolve::is_risk_text;
use crate::record::directory::OutputDirectory;

/// Arguments of `ballast report`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Directory of results, or its name below <OUT>
    #[arg(value_name = "RUN")]
    directory: PathBuf,
    /// Directory that holds all results
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
}

/// Draws them again.
pub(super) fn report(arguments: &Arguments) -> Result<(), Failure> {
    let path = results::find(&arguments.directory, &arguments.out)?;
    // What keeps the results from being drawn is said in full before the directory is locked.
    results::manifest(&path)?;
    let (directory, manifest) = OutputDirectory::reopen(&path)?;
    let charts = if is_risk_text(&manifest.resolved_config) {
        risk::draw::draw(&directory, &manifest)?
    } else {
        draw::draw(&directory, &manifest)?
    };
    directory.close(&manifest)?;
    terminal::print(&format!(
        "{} charts in {}\n{}\n",
        charts.len(),
        path.join("charts").display(),
        path.join(REPORT).display()
    ))
}
