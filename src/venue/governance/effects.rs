//! What enacted measures did: the protocol's health when one took effect, and a week later, side by side in the event log.
//!
//! It is what happened next, not what the measure caused: other things happen in a week too. The cause is what two runs of one
//! seed show, with the measure and without.

use super::{Ballot, Health, closing::note};
use crate::quantity::SECONDS_PER_DAY;
use crate::venue::{Deal, Venues};

/// After how many seconds an enacted measure is looked back upon.
const LOOK_BACK_SECONDS: i64 = 7 * SECONDS_PER_DAY;

/// A measure in effect that has not been looked back upon.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Effect {
    pub(super) ballot: Ballot,
    pub(super) subject: String,
    /// The health of the first tick under it.
    pub(super) before: Option<(i64, Health)>,
}

impl Venues {
    /// Keeps the health under which measures took effect, and tells what it is a week later, if anything is known of it.
    pub(in crate::venue) fn look_back(&mut self, deal: &mut Deal<'_>, health: &Health) {
        let now = deal.clock.now_seconds();
        let Some(governance) = &mut self.governance else { return };
        governance.effects.retain_mut(|effect| {
            let (since, before) = *effect.before.get_or_insert((now, *health));
            if now < since.saturating_add(LOOK_BACK_SECONDS) {
                return true;
            }
            if [&before, health].into_iter().any(is_known) {
                let detail = compare(&before, health);
                deal.notes.add(note(
                    deal.clock,
                    "effect",
                    Some(effect.ballot),
                    &effect.subject,
                    detail,
                    None,
                ));
            }
            false
        });
        deal.notes.keep();
    }
}

fn is_known(health: &Health) -> bool {
    health.collateral_ratio.is_some() || health.peg_deviation.is_some()
}

/// Two healths in words.
fn compare(before: &Health, after: &Health) -> String {
    let share =
        |value: Option<f64>| value.map_or("undefined".into(), |value| format!("{:.2} %", value * 100.0));
    let ratio = |value: Option<f64>| value.map_or("undefined".into(), |value| format!("{value:.4}"));
    format!(
        "7 days later: collateral ratio {} -> {}, peg deviation {} -> {}, stress mode {} -> {}",
        ratio(before.collateral_ratio),
        ratio(after.collateral_ratio),
        share(before.peg_deviation),
        share(after.peg_deviation),
        before.stress_mode,
        after.stress_mode,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undefined_is_said_to_be() {
        let before = Health { collateral_ratio: Some(1.25), stress_mode: 2, ..Health::default() };
        let after = Health { collateral_ratio: Some(1.5), peg_deviation: Some(-0.004), ..Health::default() };
        assert_eq!(
            compare(&before, &after),
            "7 days later: collateral ratio 1.2500 -> 1.5000, peg deviation undefined -> -0.40 %, stress mode 2 -> 0"
        );
    }
}
