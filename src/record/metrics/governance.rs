//! Governance: turnout, outcomes of votes, and the parameters in force.

use crate::protocol::governance::{Capture, ParameterId, Way};
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::governance::{Governance, Outcomes};

fn of_governance(
    name: &str,
    unit: &'static str,
    meaning: &str,
    read: impl Fn(&Governance) -> Option<f64> + Send + Sync + 'static,
) -> Metric {
    Metric::new(name, unit, meaning, move |scene: &Scene<'_>| read(scene.venues.governance()?))
}

fn captured(
    name: &str,
    meaning: &str,
    read: impl Fn(&Capture) -> Option<f64> + Send + Sync + 'static,
) -> Metric {
    Metric::new(name, "usd", meaning, move |scene: &Scene<'_>| {
        let token = scene.venues.governance()?.token();
        let capture = scene.venues.capture(scene.ledger, scene.oracle, scene.valuation.price(token))?;
        read(&capture)
    })
}

fn rejected(outcomes: Outcomes) -> u64 {
    outcomes.without_quorum + outcomes.not_approved
}

pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    if venues.governance().is_none() {
        return Vec::new();
    }
    let mut metrics = vec![
        of_governance(
            "turnout",
            "1",
            "share of the token's supply that took part in the last vote",
            |governance| governance.turnout(),
        ),
        of_governance("votes_open", "1", "referendums and votes being held", |governance| {
            Some(governance.open().iter().filter(|poll| poll.ballot.proposal.is_polled()).count() as f64)
        }),
        of_governance("proposals_open", "1", "proposals from review to timelock", |governance| {
            Some((governance.open().len() + governance.queue().len()) as f64)
        }),
        of_governance("proposals_enacted", "1", "proposals enacted since the start", |governance| {
            Some(governance.outcomes().enacted as f64)
        }),
        of_governance(
            "governance_phase",
            "1",
            "how far power has been handed over: 0 foundation, 1 genesis, 2 DAO",
            |governance| Some(f64::from(governance.phase().number())),
        ),
        of_governance("delegations", "1", "accounts that have delegated their votes", |governance| {
            Some(governance.citizens().delegations() as f64)
        }),
        Metric::new(
            "capture_share",
            "1",
            "share of the token's supply that carries a vote against those expected to oppose it; null where nothing does",
            |scene: &Scene<'_>| {
                let token = scene.venues.governance()?.token();
                let price = scene.valuation.price(token);
                let capture = scene.venues.capture(scene.ledger, scene.oracle, price)?;
                let supply = scene.ledger.supply_units(token);
                capture.tokens.filter(|_| supply > 0.0).map(|tokens| tokens / supply)
            },
        ),
        captured(
            "capture_cost_usd",
            "cheapest way to carry a vote now; null where there is none",
            |capture| capture.cost_usd(),
        ),
        captured(
            "capture_purchase_usd",
            "what carrying a vote now costs who buys the tokens and sells them afterwards; null where they cannot be bought",
            |capture| capture.cost_of(Way::Buy),
        ),
        captured(
            "capture_borrowing_usd",
            "what carrying a vote now costs who borrows the tokens; null where they cannot be borrowed",
            |capture| capture.cost_of(Way::Borrow),
        ),
        captured("capture_value_usd", "what one vote can take out of the reserve", |capture| {
            Some(capture.value_usd)
        }),
        captured(
            "capture_profit_usd",
            "what one vote can take, less the cheapest way to carry it",
            |capture| capture.profit_usd(),
        ),
        of_governance("votes_passed", "1", "votes passed since the start", |governance| {
            Some(governance.outcomes().passed as f64)
        }),
        of_governance("votes_rejected", "1", "votes rejected since the start", |governance| {
            Some(rejected(governance.outcomes()) as f64)
        }),
        of_governance(
            "pass_rate",
            "1",
            "share of the proposals decided by votes that passed; a referendum that fails decides",
            |governance| {
                let outcomes = governance.outcomes();
                let closed = outcomes.passed + rejected(outcomes);
                (closed > 0).then(|| outcomes.passed as f64 / closed as f64)
            },
        ),
    ];
    for (place, parameter) in venues.parameters().into_iter().enumerate() {
        let id = ParameterId(place as u16);
        metrics.push(Metric::new(
            format!("param_{}", parameter.name.replace('.', "_")),
            parameter.unit,
            format!("{} ({}), as voters have set it", parameter.meaning, parameter.name),
            move |scene| scene.venues.parameter_value(id),
        ));
    }
    metrics
}
