//! Governance: turnout, outcomes of votes, and the parameters in force.

use crate::protocol::governance::ParameterId;
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
        of_governance("votes_open", "1", "proposals being voted on", |governance| {
            Some(f64::from(u8::from(governance.open().is_some())))
        }),
        of_governance("votes_passed", "1", "votes passed since the start", |governance| {
            Some(governance.outcomes().passed as f64)
        }),
        of_governance("votes_rejected", "1", "votes rejected since the start", |governance| {
            Some(rejected(governance.outcomes()) as f64)
        }),
        of_governance("pass_rate", "1", "share of closed votes that passed", |governance| {
            let outcomes = governance.outcomes();
            let closed = outcomes.passed + rejected(outcomes);
            (closed > 0).then(|| outcomes.passed as f64 / closed as f64)
        }),
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
