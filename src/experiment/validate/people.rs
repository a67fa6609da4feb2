//! Populations and their profiles.

use super::{Check, tickers, unknown_ticker};
use crate::agents::profile::Check as ProfileCheck;
use crate::experiment::config::Experiment;
use crate::experiment::load::Problem;
use crate::experiment::resolve::Unread;

/// The most agents of a population: their balances alone take a gigabyte.
const MOST_AGENTS: u32 = 10_000_000;

/// Checks `populations`.
pub(super) fn check(experiment: &Experiment, unread: &Unread, check: &mut Check) {
    let populations = &experiment.populations;
    let labels = populations.iter().enumerate().map(|(place, population)| {
        let field = if population.name.is_empty() { "profile" } else { "name" };
        (format!("populations.{place}.{field}"), population.label())
    });
    check.unique(labels, "population");
    let known = tickers(experiment);
    for (place, population) in populations.iter().enumerate() {
        if unread.contains(&place) {
            continue;
        }
        let path = |field: &str| format!("populations.{place}.{field}");
        check.name(path("profile"), &population.profile);
        if !population.name.is_empty() {
            check.name(path("name"), &population.name);
        }
        check.count(path("count"), population.count, 0, MOST_AGENTS);
        for problem in population.agent.problems() {
            let path = format!("populations.{place}.agent.{}", problem.field);
            check.push(Problem::new(path, problem.expected, problem.found));
        }
        if let Some(civic) = &population.civic {
            for problem in civic.check(ProfileCheck::default()).done() {
                check.push(Problem::new(path(&problem.field), problem.expected, problem.found));
            }
            if experiment.governance.is_none() {
                let problem =
                    Problem::new(path("civic"), "a world with `governance` for those who vote", "none");
                check.push(problem.help("add `governance: (...)` or leave `civic` out"));
            }
            if population.agent.kind() == "voter" {
                let problem = Problem::new(
                    path("civic"),
                    "nothing here: a voter's profile says how it votes",
                    "`civic`",
                );
                check.push(problem.help("write `with: (civic: (...))`"));
            }
        }
        if let Some(lends) = &population.lends {
            for problem in lends.check(ProfileCheck::default()).done() {
                check.push(Problem::new(path(&problem.field), problem.expected, problem.found));
            }
            let market = experiment.governance.as_ref().map(|governance| governance.vote_market);
            if market.is_none_or(|market| market.loans.is_none()) {
                let expected = "a world with `governance.vote_market.loans` for those who lend";
                let problem = Problem::new(path("lends"), expected, "none");
                check.push(
                    problem.help("add `vote_market: (loans: ())` to `governance`, or leave `lends` out"),
                );
            }
        }
        for symbol in population.agent.endowment().holdings.keys().filter(|symbol| !known.contains(symbol)) {
            let path = format!("populations.{place}.agent.endowment.holdings.{symbol}");
            check.push(unknown_ticker(experiment, path, symbol));
        }
        let governance = experiment.governance.as_ref();
        let allotted = governance.is_some_and(|governance| governance.allocation.is_some());
        let has_vault = experiment.staking.iter().any(|pool| pool.vault.is_some());
        let needs = match population.agent.kind() {
            "voter" if experiment.governance.is_none() => Some("governance"),
            "keeper" if experiment.fx.is_none() && !has_vault => Some("fx"),
            "token_investor" if !allotted => Some("governance.allocation"),
            "staker" if experiment.staking.is_empty() => Some("staking"),
            _ => None,
        };
        if let Some(needed) = needs {
            let kind = population.agent.kind();
            let problem =
                Problem::new(path("profile"), format!("a world with `{needed}` for a {kind}"), "none");
            check.push(problem.help(format!("add `{needed}: (...)` or leave this population out")));
        }
    }
}
