//! The allocation of the governance token, and what the reserve ought to hold.

use super::{Check, MOST_UNITS};
use crate::experiment::config::Experiment;
use crate::experiment::load::Problem;
use crate::experiment::names::{listed, nearest};
use crate::experiment::resolve::Unread;
use crate::experiment::token_settings::{AllocationSettings, InsiderSettings};

/// How far from one the shares may add up: decimal fractions are not exact.
const SHARE_TOLERANCE: f64 = 1e-9;

/// Checks `governance.allocation` and `reserve.target_usd`.
pub(super) fn check(experiment: &Experiment, unread: &Unread, check: &mut Check) {
    let allocation = experiment.governance.as_ref().and_then(|governance| governance.allocation.as_ref());
    if let Some(target) = experiment.reserve.target_usd {
        check.range("reserve.target_usd", target, 0.0, MOST_UNITS, "dollars");
        if allocation.is_none() {
            let expected = "`governance.allocation`, for tokens to be sold up to a target";
            let problem = Problem::new("reserve.target_usd", expected, "none");
            check.push(problem.help("for example `allocation: (foundation: 0.05, distributed: 0.95)`"));
        }
    }
    if let Some(allocation) = allocation {
        shares(allocation, check);
        if let Some(insiders) = &allocation.insiders {
            schedule(insiders, check);
            population(experiment, insiders, unread, check);
        }
    }
}

fn shares(allocation: &AllocationSettings, check: &mut Check) {
    let fields = ["foundation", "distributed", "community", "insiders.share"];
    let mut all_fine = true;
    for (field, share) in fields.into_iter().zip(allocation.shares()) {
        all_fine &= (0.0..=1.0).contains(&share);
        check.range(format!("governance.allocation.{field}"), share, 0.0, 1.0, "");
    }
    let sum: f64 = allocation.shares().iter().sum();
    if all_fine && (sum - 1.0).abs() > SHARE_TOLERANCE {
        let problem =
            Problem::new("governance.allocation", "shares that add up to 1", format!("a sum of {sum}"));
        check.push(problem.help("what nobody else gets is the `foundation`'s"));
    }
}

fn schedule(insiders: &InsiderSettings, check: &mut Check) {
    let path = |field: &str| format!("governance.allocation.insiders.{field}");
    check.range(path("vesting_days"), insiders.vesting_days, 0.0, 36_500.0, "days");
    check.range(path("cliff_days"), insiders.cliff_days, 0.0, insiders.vesting_days.max(0.0), "days");
}

/// Insiders have to be people of the experiment.
fn population(experiment: &Experiment, insiders: &InsiderSettings, unread: &Unread, check: &mut Check) {
    let path = "governance.allocation.insiders.population";
    let names = || experiment.populations.iter().map(|population| population.label());
    match experiment.populations.iter().find(|population| population.label() == insiders.population) {
        Some(population) if population.count > 0 => {}
        Some(_) => {
            let found = format!("`{}`, which has none", insiders.population);
            check.push(Problem::new(path, "a population with at least one agent", found));
        }
        // A population that could not be read may be the one meant.
        None if !unread.is_empty() => {}
        None => {
            let problem =
                Problem::new(path, "the name of a population", format!("`{}`", insiders.population));
            check.push(match nearest(&insiders.population, names()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None if experiment.populations.is_empty() => {
                    problem.help("this experiment has no populations")
                }
                None => problem.help(format!("there are {}", listed(names(), "and"))),
            });
        }
    }
}
