//! Governance: the token, the rules, the people it names.

use super::{Check, MOST_UNITS};
use crate::experiment::config::{Experiment, GovernanceSettings, PopulationSettings};
use crate::experiment::load::Problem;
use crate::experiment::names::listed;
use crate::experiment::resolve::Unread;

/// Checks `governance`.
pub(super) fn check(
    experiment: &Experiment,
    governance: &GovernanceSettings,
    unread: &Unread,
    check: &mut Check,
) {
    check.name("governance.token", &governance.token);
    if ["USD", "fETH", "xETH"].contains(&governance.token.as_str()) {
        let found = format!("`{}`", governance.token);
        check.push(Problem::new("governance.token", "a ticker that no other asset has", found));
    }
    check.positive("governance.initial_supply", governance.initial_supply, MOST_UNITS, "tokens");
    check.positive("governance.initial_price_usd", governance.initial_price_usd, MOST_UNITS, "dollars");
    if let Err(wrong) = governance.rules().check() {
        let path = format!("governance.rules.{}", wrong.field);
        check.push(Problem::new(path, wrong.expected, wrong.found.to_string()));
    }
    let holds = |place: usize| {
        let population = &experiment.populations[place];
        let share = population.agent.endowment().holdings.get(&governance.token).copied().unwrap_or(0.0);
        population.count > 0 && share > 0.0
    };
    if unread.is_empty() && !(0..experiment.populations.len()).any(holds) {
        let token = &governance.token;
        let expected = format!("a population that holds `{token}`");
        let problem = Problem::new("governance", expected, "none");
        check.push(problem.help(format!(
            "give voters some of it, `holdings: {{\"{token}\": 1.0}}`, or leave `governance` out"
        )));
    }
    people(experiment, governance, unread, check);
    let market = governance.vote_market;
    check.range("governance.vote_market.resale_share", market.resale_share, 0.0, 1.0, "");
    let expected = market.expected_turnout_share;
    check.range("governance.vote_market.expected_turnout_share", expected, 0.0, 1.0, "");
    if let Some(loans) = &market.loans {
        let path = |field: &str| format!("governance.vote_market.loans.{field}");
        let ratio = loans.collateral_ratio;
        let fine = ratio > 1.0 && ratio <= 100.0;
        check.number(path("collateral_ratio"), ratio, fine, "a number above 1 and at most 100");
        check.range(path("base_rate_per_year"), loans.base_rate_per_year, 0.0, 100.0, "a year");
        check.range(path("rate_slope_per_year"), loans.rate_slope_per_year, 0.0, 100.0, "a year");
        check.range(path("term_days"), loans.term_days, 1.0, 36_500.0, "days");
    }
    for (name, readiness) in
        [("to_genesis", governance.phases.to_genesis), ("to_dao", governance.phases.to_dao)]
    {
        check.range(format!("governance.phases.{name}.days"), readiness.days, 0.0, 36_500.0, "days");
        check.range(
            format!("governance.phases.{name}.turnout"),
            readiness.turnout,
            0.0,
            1.0,
            "of the supply",
        );
    }
}

/// The populations that `governance` names.
fn people(experiment: &Experiment, governance: &GovernanceSettings, unread: &Unread, check: &mut Check) {
    let team = governance.team.as_ref();
    let named = team.map(|team| ("governance.team.population", team.population.as_str()));
    let delegates = Some(("governance.delegates", governance.delegates.as_str()));
    for (path, name) in named.into_iter().chain(delegates.filter(|(_, name)| !name.is_empty())) {
        let labels = || experiment.populations.iter().map(PopulationSettings::label);
        let Some(place) = experiment.population(name) else {
            let expected = format!("the name of a population ({})", listed(labels(), "or"));
            check.push(Problem::new(path, expected, format!("`{name}`")));
            continue;
        };
        let population = &experiment.populations[place];
        let votes = population.civic.is_some() || population.agent.kind() == "voter";
        if !unread.contains(&place) && !votes {
            let problem = Problem::new(path, "a population that votes", format!("`{name}`"));
            check.push(problem.help(format!("give `{name}` a `civic: ()`, or name a population of voters")));
        }
    }
    if let Some(team) = team
        && !(1..=team.members.max(1)).contains(&team.signals)
    {
        let expected = format!("from 1 to {} signals, as many as there are members", team.members.max(1));
        check.push(Problem::new("governance.team.signals", expected, team.signals.to_string()));
    }
}
