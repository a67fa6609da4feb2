//! The voter: holds the governance token, sees its own portfolio and the protocol's health, wants both to do well.
//!
//! It votes as the rational voter of Riker and Ordeshook (1968), "A theory of the calculus of voting": when what it
//! expects a proposal to bring exceeds what voting costs. What it expects is the first-order effect on its own portfolio
//! over a year ([`crate::protocol::governance::Parameter::effect`]) plus, by its civic weight, what the change does for the protocol. It votes with all
//! its free tokens, as if its vote decided. When health crosses its thresholds it proposes the change that it would vote
//! for most gladly; in calm times, a step back to where a parameter stood before votes moved it.

mod choice;

use bevy_ecs::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Dice, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::governance::ParameterId;
use crate::quantity::AssetId;
use crate::venue::governance::{GovernAction, Governance, Health};
use crate::venue::{Action, Mempool, Valuation};
use crate::world::mempool::Size;
use crate::world::phase::Stage;

pub use choice::{Choice, Need, Standing, View};

/// A voter.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct Voter {
    /// What it would give, as a share of its portfolio, for a remedy as strong as there is in the worst of health.
    pub civic_weight: f64,
    /// What voting costs it, as a share of its portfolio: it abstains where less is at stake.
    pub turnout_cost_share: f64,
    /// Probability that it notices, when it wakes, what is being voted on or ought to be.
    pub attention_probability: f64,
    /// Distance of the market from the peg, as a share, beyond which it is alarmed.
    pub peg_tolerance_share: f64,
    /// Collateral ratio below which it is alarmed.
    pub collateral_ratio_target: f64,
    /// How far it proposes to move a parameter at once, as a share of the range between the bounds.
    pub step_share: f64,
}

/// What voters are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoterProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// What it would give for the best remedy in the worst of health, as a share of its portfolio.
    pub civic_weight: Dist,
    /// What voting costs it, as a share of its portfolio.
    pub turnout_cost_share: Dist,
    /// Probability that it notices, when it wakes, what is being voted on or ought to be.
    pub attention_probability: Dist,
    /// Distance of the market from the peg, as a share, beyond which it is alarmed.
    pub peg_tolerance_share: Dist,
    /// Collateral ratio below which it is alarmed; above 1.
    pub collateral_ratio_target: Dist,
    /// How far it proposes to move a parameter at once, as a share of the range between the bounds.
    pub step_share: Dist,
}

impl Archetype for Voter {
    const KIND: &'static str = "voter";
    type Profile = VoterProfile;

    fn problems(profile: &VoterProfile) -> Vec<ProfileProblem> {
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment)
            .law("civic_weight", &profile.civic_weight, 0.0, f64::INFINITY)
            .law("turnout_cost_share", &profile.turnout_cost_share, 0.0, f64::INFINITY)
            .law("attention_probability", &profile.attention_probability, 0.0, 1.0)
            .law("peg_tolerance_share", &profile.peg_tolerance_share, 1e-6, 1.0)
            .law("collateral_ratio_target", &profile.collateral_ratio_target, 1.0 + 1e-6, 100.0)
            .law("step_share", &profile.step_share, 0.0, 1.0)
            .done()
    }

    fn endowment(profile: &VoterProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &VoterProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        Ok(Drawn {
            activity: around.activity(profile.activity_per_day.sample(random)),
            wealth_usd: profile.endowment.wealth_usd.sample(random),
            agent: Self {
                civic_weight: profile.civic_weight.sample(random),
                turnout_cost_share: profile.turnout_cost_share.sample(random),
                attention_probability: profile.attention_probability.sample(random),
                peg_tolerance_share: profile.peg_tolerance_share.sample(random),
                collateral_ratio_target: profile.collateral_ratio_target.sample(random),
                step_share: profile.step_share.sample(random),
            },
        })
    }

    fn schedule(world: &mut World) {
        world.init_resource::<Health>();
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// What there is to vote on or to propose, and what things are worth: the same for all voters of a block.
struct Agenda {
    standings: Vec<Standing>,
    /// The place in `standings` of the parameter being voted on, and the value proposed.
    open: Option<(usize, f64)>,
    /// Dollars per unit, by asset.
    prices: Vec<f64>,
}

impl Agenda {
    fn of(eyes: &Eyes, valuation: &Valuation, governance: &Governance) -> Self {
        let standings: Vec<Standing> = (0_u16..)
            .zip(eyes.venues.parameters())
            .filter_map(|(place, parameter)| {
                let id = ParameterId(place);
                let value = eyes.venues.parameter_value(id)?;
                let default = eyes.venues.parameter_default(id)?;
                let queued = governance.queued(id).is_some();
                Some(Standing { id, parameter, value, default, queued })
            })
            .collect();
        let open = governance.open().and_then(|ballot| {
            let at = standings.iter().position(|standing| standing.id == ballot.proposal.parameter)?;
            Some((at, ballot.proposal.new_value))
        });
        let mut prices: Vec<f64> = eyes.ledger.assets().map(|(asset, _)| valuation.price(asset)).collect();
        let token = governance.token();
        if let Some(price) = prices.get_mut(token.index()).filter(|price| **price == 0.0) {
            *price = market_price(eyes, valuation, token).unwrap_or(0.0);
        }
        Self { standings, open, prices }
    }
}

/// What a token that nothing backs is worth in the first pool that trades it, in dollars.
fn market_price(eyes: &Eyes, valuation: &Valuation, token: AssetId) -> Option<f64> {
    let pool = eyes.venues.pools().iter().find(|pool| pool.coins.contains(&token))?;
    let price = pool.price(&eyes.ledger)?;
    let dollars = if pool.coins[0] == token {
        price * valuation.price(pool.coins[1])
    } else {
        valuation.price(pool.coins[0]) / price
    };
    dollars.is_finite().then_some(dollars)
}

/// Submits the votes and proposals of those awake. A proposer votes for its proposal in the same transaction.
pub fn decide(
    mut awake: Awake<Voter>,
    eyes: Eyes,
    valuation: Res<Valuation>,
    health: Res<Health>,
    dice: Res<Dice<Voter>>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(governance) = eyes.venues.governance() else { return };
    let (tick, now, token) = (eyes.clock.tick().0, eyes.clock.now_seconds(), governance.token());
    let supply = eyes.ledger.supply(token);
    let mut agenda = None;
    let mut values = Vec::new();
    awake.each(|id, voter| {
        let held = eyes.ledger.balance(id, token);
        let may_act = governance.open().is_some() || governance.may_propose(held, supply, now).is_ok();
        if !held.is_positive() || !may_act {
            return;
        }
        let draw: f64 = dice.stream.at(id.0, tick).random();
        if draw >= voter.attention_probability {
            return;
        }
        let agenda = agenda.get_or_insert_with(|| Agenda::of(&eyes, &valuation, governance));
        values.clear();
        values.extend(eyes.ledger.assets().map(|(asset, _)| {
            let price = agenda.prices[asset.index()];
            eyes.ledger.units(id, asset) * price
        }));
        let view = View { values: &values, token, health: *health };
        let vote = |support| Action::Govern(GovernAction::Vote { support, weight: Size::Exact(held) });
        if let Some((at, value)) = agenda.open {
            match voter.vote(&agenda.standings[at], value, view) {
                Choice::Yes => mempool.submit(id, &[vote(true)]),
                Choice::No => mempool.submit(id, &[vote(false)]),
                Choice::Abstain => {}
            }
        } else if let Some((parameter, value)) = voter.propose(&agenda.standings, view) {
            let proposal = Action::Govern(GovernAction::Propose { parameter, value });
            mempool.submit(id, &[proposal, vote(true)]);
        }
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_profile_is_read_drawn_and_checked() {
        let text = r#"Voter((
            activity_per_day: 4,
            endowment: (wealth_usd: Pareto(minimum: 1000, alpha: 1.3, cap: 1e7), holdings: {"GOV": 1}),
            civic_weight: LogNormal(median: 0.05, sigma: 1),
            turnout_cost_share: LogNormal(median: 0.0005, sigma: 1),
            attention_probability: Beta(alpha: 2, beta: 3),
            peg_tolerance_share: Uniform(low: 0.005, high: 0.02),
            collateral_ratio_target: Uniform(low: 1.3, high: 1.7),
            step_share: 0.05,
        ))"#;
        let profile: crate::agents::roster::Profile = ron::from_str(text).unwrap();
        assert_eq!((profile.kind(), profile.problems()), ("voter", Vec::new()));
        let wrong = text.replace("Uniform(low: 1.3, high: 1.7)", "1");
        let profile: crate::agents::roster::Profile = ron::from_str(&wrong).unwrap();
        assert_eq!(profile.problems()[0].field, "collateral_ratio_target");
    }
}
