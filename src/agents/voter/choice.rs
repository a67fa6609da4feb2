//! How a voter chooses: what a change is worth to it, how it votes, what it proposes.

use super::Voter;
use crate::protocol::governance::{Parameter, ParameterId};
use crate::quantity::AssetId;
use crate::venue::governance::Health;

/// What a voter does about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It votes for.
    Yes,
    /// It votes against.
    No,
    /// Too little is at stake.
    Abstain,
}

/// What a voter looks at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What it holds, in dollars, by asset.
    pub values: &'a [f64],
    /// The governance token.
    pub token: AssetId,
    /// How the protocol is doing.
    pub health: Health,
}

/// A parameter, where it stands, and where it stood before votes moved it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its place in the registry.
    pub id: ParameterId,
    /// What it is.
    pub parameter: Parameter,
    /// Its present value.
    pub value: f64,
    /// Its value before any vote.
    pub default: f64,
    /// A change of it waits out its timelock.
    pub queued: bool,
}

/// How much a remedy is needed, from 0 (not at all) to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    /// For the peg: 0 within tolerance, 1 at twice the tolerance and beyond.
    pub peg: f64,
    /// For the collateral ratio: 0 at the target, 1 at a ratio of one and below; at least a third for each stress mode beyond
    /// stability. Where stability mode begins is itself voted on: an alarm at it would call for a higher threshold, and that
    /// for the alarm, without end.
    pub collateral: f64,
}

impl Voter {
    /// What this voter thinks the protocol needs. What is undefined needs nothing.
    #[must_use]
    pub fn need(&self, health: Health) -> Need {
        let peg = match health.peg_deviation {
            Some(deviation) if !deviation.is_nan() => deviation.abs() / self.peg_tolerance_share - 1.0,
            _ => 0.0,
        };
        let shortfall = match health.collateral_ratio {
            Some(ratio) if !ratio.is_nan() => {
                (self.collateral_ratio_target - ratio) / (self.collateral_ratio_target - 1.0)
            }
            _ => 0.0,
        };
        let collateral = shortfall.max(f64::from(health.stress_mode.saturating_sub(1)) / 3.0);
        Need { peg: peg.clamp(0.0, 1.0), collateral: collateral.clamp(0.0, 1.0) }
    }

    /// What moving a parameter to `value` does for the protocol, from -1 to 1 for a move across the whole range.
    ///
    /// In need it is the remedy; in calm it is how much closer the parameter comes to where it stood before votes.
    fn benefit(&self, standing: &Standing, value: f64, health: Health) -> f64 {
        let need = self.need(health);
        let Standing { parameter, value: now, default, .. } = standing;
        if need.peg > 0.0 || need.collateral > 0.0 {
            let remedy = need.peg * parameter.remedy.peg + need.collateral * parameter.remedy.collateral;
            remedy * parameter.share_of_range(value - now)
        } else {
            parameter.share_of_range((now - default).abs() - (value - default).abs())
        }
    }

    /// What moving a parameter to `value` is worth to this voter, as a share of its portfolio, before the cost of voting.
    #[must_use]
    pub fn appeal(&self, standing: &Standing, value: f64, view: View<'_>) -> f64 {
        let own = standing.parameter.effect(value - standing.value, view.values, view.token);
        own + self.civic_weight * self.benefit(standing, value, view.health)
    }

    /// How it votes on moving a parameter to `value`.
    #[must_use]
    pub fn vote(&self, standing: &Standing, value: f64, view: View<'_>) -> Choice {
        let appeal = self.appeal(standing, value, view);
        if appeal > self.turnout_cost_share {
            Choice::Yes
        } else if appeal < -self.turnout_cost_share {
            Choice::No
        } else {
            Choice::Abstain
        }
    }

    /// What it proposes: of the steps that would help the protocol the one that appeals most, if that is worth the cost.
    #[must_use]
    pub fn propose(&self, standings: &[Standing], view: View<'_>) -> Option<(ParameterId, f64)> {
        let mut best = None;
        let mut most = self.turnout_cost_share;
        for standing in standings.iter().filter(|standing| !standing.queued) {
            for value in self.steps(standing) {
                let helps = self.benefit(standing, value, view.health) > 0.0;
                let appeal = self.appeal(standing, value, view);
                if helps && appeal > most {
                    most = appeal;
                    best = Some((standing.id, value));
                }
            }
        }
        best
    }

    /// A step down, a step up, and back to the default where that is nearer than a step.
    fn steps(&self, standing: &Standing) -> impl Iterator<Item = f64> {
        let Standing { parameter, value: now, default, .. } = standing;
        let (now, default, low, high) = (*now, *default, parameter.low, parameter.high);
        let step = self.step_share * (high - low);
        let near = ((default - now).abs() < step).then_some(default);
        [now - step, now + step]
            .into_iter()
            .chain(near)
            // Rounded to the billionth of the unit: people propose round numbers.
            .map(move |value| (libm::round(value * 1e9) / 1e9).max(low).min(high))
            .filter(move |value| value.is_finite() && *value != now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::governance::{Holding, Remedy, Sensitivity};

    /// Asset 0 is the dollar, 1 the shares of the pool, 2 the token.
    const SHARES: u8 = 1;
    const TOKEN: AssetId = AssetId(2);

    fn voter() -> Voter {
        Voter {
            civic_weight: 0.1,
            turnout_cost_share: 0.001,
            attention_probability: 1.0,
            peg_tolerance_share: 0.01,
            collateral_ratio_target: 1.5,
            step_share: 0.05,
        }
    }

    /// A pool fee: a basis point brings shareholders 0.3 % a year, and loosens the peg.
    fn fee(value: f64, default: f64) -> Standing {
        let shares = Holding::Asset(AssetId(SHARES));
        Standing {
            id: ParameterId(0),
            parameter: Parameter {
                name: "pool.fee_bps".into(),
                unit: "bps",
                low: 0.0,
                high: 100.0,
                meaning: "fee",
                sensitivities: vec![Sensitivity { holding: shares, yearly_share_per_unit: 0.003 }],
                remedy: Remedy { peg: -1.0, collateral: 0.0 },
            },
            value,
            default,
            queued: false,
        }
    }

    /// A redemption fee: nobody holds what it touches, raising it helps the collateral ratio.
    fn redemption_fee(value: f64) -> Standing {
        let parameter = Parameter {
            name: "treasury.redeem_fee_bps".into(),
            sensitivities: Vec::new(),
            remedy: Remedy { peg: 0.0, collateral: 1.0 },
            ..fee(0.0, 0.0).parameter
        };
        Standing { id: ParameterId(1), parameter, value, default: value, queued: false }
    }

    const CALM: Health = Health {
        collateral_ratio: Some(2.0),
        stress_mode: 0,
        mode_changed: false,
        peg_deviation: Some(0.002),
    };
    const OFF_PEG: Health = Health { peg_deviation: Some(-0.03), ..CALM };
    const THIN: Health = Health { collateral_ratio: Some(1.25), ..CALM };

    fn view(values: &[f64], health: Health) -> View<'_> {
        View { values, token: TOKEN, health }
    }

    #[test]
    fn need_grows_from_the_threshold_and_is_bounded() {
        let need = |health| voter().need(health);
        assert_eq!(need(CALM), Need { peg: 0.0, collateral: 0.0 });
        assert_eq!(need(OFF_PEG).peg, 1.0);
        assert!((need(Health { peg_deviation: Some(0.015), ..CALM }).peg - 0.5).abs() < 1e-12);
        assert_eq!(need(THIN).collateral, 0.5);
        assert_eq!(need(Health { collateral_ratio: Some(0.2), ..CALM }).collateral, 1.0);
        assert_eq!(need(Health { stress_mode: 1, ..CALM }).collateral, 0.0);
        assert_eq!(need(Health { stress_mode: 2, ..CALM }).collateral, 1.0 / 3.0);
        assert_eq!(need(Health { stress_mode: 4, ..CALM }).collateral, 1.0);
        assert_eq!(
            need(Health::default()),
            Need { peg: 0.0, collateral: 0.0 },
            "nothing known, nothing needed"
        );
        let odd = Health {
            peg_deviation: Some(f64::NAN),
            collateral_ratio: Some(f64::NAN),
            stress_mode: 0,
            mode_changed: false,
        };
        assert_eq!(need(odd), Need { peg: 0.0, collateral: 0.0 });
    }

    #[test]
    fn a_provider_votes_for_its_fees_and_others_for_the_peg() {
        let provider = [10.0, 90.0, 0.0];
        let holder = [100.0, 0.0, 0.0];
        let vote = |value, values: &[f64]| voter().vote(&fee(30.0, 30.0), value, view(values, OFF_PEG));
        assert_eq!(vote(25.0, &provider), Choice::No, "-5 x 0.3 % x 0.9 outweighs 0.1 x 5 %");
        assert_eq!(vote(25.0, &holder), Choice::Yes);
        assert_eq!(vote(35.0, &provider), Choice::Yes);
        assert_eq!(vote(35.0, &holder), Choice::No);
    }

    #[test]
    fn it_abstains_where_less_is_at_stake_than_voting_costs() {
        let dear = Voter { turnout_cost_share: 0.02, ..voter() };
        assert_eq!(dear.vote(&fee(30.0, 30.0), 25.0, view(&[10.0, 90.0, 0.0], OFF_PEG)), Choice::Abstain);
        // In calm, without interest in the fee, a change away from the default is a small nuisance.
        let calm = view(&[100.0, 0.0, 0.0], CALM);
        assert_eq!(voter().vote(&fee(30.0, 30.0), 35.0, calm), Choice::No);
        assert_eq!(voter().vote(&fee(30.0, 30.0), 30.5, calm), Choice::Abstain);
    }

    #[test]
    fn it_proposes_the_remedy_that_health_asks_for() {
        let standings = [fee(30.0, 30.0), redemption_fee(10.0)];
        let propose = |health| voter().propose(&standings, view(&[100.0, 0.0, 0.0], health));
        assert_eq!(propose(OFF_PEG), Some((ParameterId(0), 25.0)), "a step of 5 % of the range down");
        assert_eq!(propose(THIN), Some((ParameterId(1), 15.0)));
        assert_eq!(propose(CALM), None);
        let provider = voter().propose(&standings, view(&[0.0, 100.0, 0.0], OFF_PEG));
        assert_eq!(provider, None, "the remedy would cost it more than it is worth to it");
    }

    #[test]
    fn calm_brings_a_parameter_back_in_steps() {
        let propose = |standing: Standing| voter().propose(&[standing], view(&[100.0, 0.0, 0.0], CALM));
        assert_eq!(propose(fee(15.0, 30.0)), Some((ParameterId(0), 20.0)));
        assert_eq!(propose(fee(27.0, 30.0)), Some((ParameterId(0), 30.0)), "not beyond the default");
        assert_eq!(propose(Standing { queued: true, ..fee(15.0, 30.0) }), None);
    }

    proptest! {
        /// Whatever it sees, a voter proposes a new value within the bounds that it would itself vote for.
        #[test]
        fn proposals_are_within_bounds_and_voted_for(
            value in 0.0_f64..=100.0, default in 0.0_f64..=100.0, step_share in 0.0_f64..=1.0,
            deviation in proptest::option::of(-1.0_f64..1.0), ratio in proptest::option::of(0.0_f64..5.0),
            mode in 0_u8..5, values in proptest::collection::vec(0.0_f64..1e6, 3),
        ) {
            let voter = Voter { step_share, ..voter() };
            let health = Health { collateral_ratio: ratio, stress_mode: mode, mode_changed: false, peg_deviation: deviation };
            let standings = [fee(value, default), redemption_fee(value)];
            let view = view(&values, health);
            if let Some((id, proposed)) = voter.propose(&standings, view) {
                let standing = &standings[id.index()];
                prop_assert_eq!(standing.parameter.check(proposed), Ok(()));
                prop_assert_ne!(proposed, value);
                prop_assert_eq!(voter.vote(standing, proposed, view), Choice::Yes);
            }
            prop_assert!(voter.appeal(&standings[0], default, view).is_finite());
        }
    }
}
