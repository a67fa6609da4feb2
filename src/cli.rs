//! The command line: `ballast run | risk | check | list | report | compare`.
//!
//! Results go to stdout, everything else to stderr. Exit codes: 0 done; 1 a run failed or an invariant broke; 2 bad usage
//! or bad config; 3 an assertion of the experiment failed; 130 interrupted.

mod check;
mod compare;
mod draw;
mod failure;
mod figures;
mod interrupt;
mod list;
mod progress;
mod report;
mod responses;
mod results;
mod risk;
mod run;
mod terminal;
mod variants;
mod verdicts;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use failure::Failure;

/// Told at the end of `--help`.
const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 a run failed or an invariant broke; 2 bad usage or bad config; 3 an assertion of the experiment \
failed, all results are kept; 130 interrupted, what was finished is kept";

/// An agent-based market and governance simulator for pegged assets, leverage and DeFi protocols.
#[derive(Debug, Parser)]
#[command(name = "ballast", version, about, disable_help_subcommand = true, max_term_width = 110, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an experiment; its tables, charts and report go to <OUT>/<experiment>-<hash>/
    Run(run::Arguments),
    /// Estimate value-at-risk, expected shortfall and default probability of collateral pools by Monte Carlo
    Risk(risk::Arguments),
    /// Check configs without running them
    Check(check::Arguments),
    /// List what can be named in a config, with units, defaults and meanings
    List(list::Arguments),
    /// Draw the charts and the report of finished results again
    Report(report::Arguments),
    /// Compare results: overlaid charts, paired differences with intervals and verdicts
    Compare(compare::Arguments),
}

/// What changes a config from outside.
#[derive(Debug, Args)]
struct Overrides {
    /// Set a field of the config or of a profile, such as price.assets.ETH.volatility=0.5, pools.feth_usd.fee_bps=10 or
    /// populations.saver.target_share=0.3; can be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Seed of all randomness, in place of the config's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of runs, in place of the config's
    #[arg(long, value_name = "N")]
    runs: Option<u32>,
}

impl Overrides {
    fn assignments(&self) -> Vec<String> {
        let seed = self.seed.map(|seed| format!("seed={seed}"));
        let runs = self.runs.map(|runs| format!("runs={runs}"));
        self.set.iter().cloned().chain(seed).chain(runs).collect()
    }
}

impl Command {
    fn execute(&self) -> Result<(), Failure> {
        match self {
            Self::Run(arguments) => run::run(arguments),
            Self::Risk(arguments) => risk::risk(arguments),
            Self::Check(arguments) => check::check(arguments),
            Self::List(arguments) => list::list(arguments),
            Self::Report(arguments) => report::report(arguments),
            Self::Compare(arguments) => compare::compare(arguments),
        }
    }

    fn wants_json(&self) -> bool {
        match self {
            Self::Run(arguments) => arguments.json,
            Self::Risk(arguments) => arguments.json,
            Self::Check(arguments) => arguments.json,
            Self::List(arguments) => arguments.json,
            Self::Report(_) => false,
            Self::Compare(arguments) => arguments.json,
        }
    }
}

/// Reads the arguments of the process and does what they ask.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help for a pipe that was closed early is no error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match cli.command.execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(cli.command.wants_json()),
    }
}
