//! `ballast check`: everything wrong with configs, without running them.

use clap::Args;
use serde_json::{Value, json};

use super::Overrides;
use super::failure::Failure;
use super::terminal::{colour, counted, print, print_json, tell};
use crate::experiment::config::Experiment;
use crate::experiment::diagnostic::Diagnostics;
use crate::experiment::resolve::{Resolved, ResolvedRisk, names_risk, resolve, resolve_risk};

/// Arguments of `ballast check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Configs: files, or names of shipped ones
    #[arg(value_name = "CONFIG", required = true)]
    configs: Vec<String>,
    #[command(flatten)]
    overrides: Overrides,
    /// Print the resolved experiment: what it extends laid in, profiles written out, overrides applied
    #[arg(long)]
    resolved: bool,
    /// Print the verdicts as one JSON list on standard output
    #[arg(long)]
    pub(super) json: bool,
}

/// Checks every config and tells all mistakes of all of them.
pub(super) fn check(arguments: &Arguments) -> Result<(), Failure> {
    let assignments = arguments.overrides.assignments();
    let mut verdicts = Vec::new();
    let mut bad = 0;
    for name in &arguments.configs {
        let outcome = Checked::of(name, &assignments);
        bad += usize::from(outcome.is_err());
        if arguments.json {
            verdicts.push(to_json(name, &outcome, arguments.resolved));
        }
        match outcome {
            Ok(resolved) if arguments.json => drop(resolved),
            Ok(resolved) if arguments.resolved => {
                let head = if arguments.configs.len() > 1 { format!("// {name}\n") } else { String::new() };
                print(&format!("{head}{}", resolved.local_text()))?;
            }
            Ok(resolved) => print(&format!("{name}: {}\n", resolved.told()))?,
            Err(faults) => tell(&format!("{}\n", faults.render(colour()))),
        }
    }
    if arguments.json {
        print_json(&Value::Array(verdicts))?;
    }
    match bad {
        0 => Ok(()),
        _ if arguments.json => Err(Failure::Reported),
        1 if arguments.configs.len() == 1 => Err(Failure::Usage("the config cannot be run".into())),
        _ => Err(Failure::Usage(format!("{bad} of {} configs cannot be run", arguments.configs.len()))),
    }
}

/// A config that is fine.
enum Checked {
    Experiment(Box<Resolved>),
    Risk(Box<ResolvedRisk>),
}

impl Checked {
    fn of(name: &str, assignments: &[String]) -> Result<Self, Diagnostics> {
        if names_risk(name) {
            return Ok(Self::Risk(Box::new(resolve_risk(name, assignments)?)));
        }
        Ok(Self::Experiment(Box::new(resolve(name, assignments)?)))
    }

    fn local_text(&self) -> String {
        match self {
            Self::Experiment(resolved) => resolved.local_text(),
            Self::Risk(resolved) => resolved.local_text(),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Experiment(resolved) => told(&resolved.loaded.value),
            Self::Risk(resolved) => {
                let loans: usize = resolved.cases.iter().map(|case| case.ltvs.len()).sum();
                let (paths, cases) = (resolved.loaded.value.paths, resolved.cases.len() as u64);
                format!(
                    "fine; {} of {}, {}",
                    counted(paths, "path"),
                    counted(cases, "model"),
                    counted(loans as u64, "loan")
                )
            }
        }
    }
}

fn told(experiment: &Experiment) -> String {
    let agents: u64 = experiment.populations.iter().map(|population| u64::from(population.count)).sum();
    let assertions = match experiment.assertions.len() {
        0 => String::new(),
        count => format!(", {}", counted(count as u64, "assertion")),
    };
    format!(
        "fine; {} of {}, {}, {} in {}{assertions}",
        counted(u64::from(experiment.runs), "run"),
        counted(u64::from(experiment.horizon_ticks()), "tick"),
        counted(experiment.pools.len() as u64, "pool"),
        counted(agents, "agent"),
        counted(experiment.populations.len() as u64, "population")
    )
}

fn to_json(name: &str, outcome: &Result<Checked, Diagnostics>, with_text: bool) -> Value {
    match outcome {
        Ok(resolved) => {
            let text = with_text.then(|| resolved.local_text());
            json!({ "config": name, "fine": true, "diagnostics": [], "resolved": text })
        }
        Err(faults) => {
            json!({ "config": name, "fine": false, "diagnostics": faults.to_json(), "resolved": null })
        }
    }
}
