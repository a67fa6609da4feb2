//! The voter: holds the governance token, sees its own portfolio and the protocol's health, wants both to do well.
//!
//! It votes as the rational voter of Riker and Ordeshook (1968), "A theory of the calculus of voting": when what it
//! expects a proposal to bring exceeds what voting costs. What it expects is the first-order effect on its own portfolio
//! over a year ([`crate::protocol::governance::Parameter::effect`] for a parameter) plus, by its civic weight, what the
//! change does for the protocol. It votes with all its tokens, as if its vote decided. It looks at each poll once, when it
//! first notices it; it may leave its votes to a delegate, and somebody may pay it for them. When health crosses its
//! thresholds it proposes the measure that it would vote for most gladly; in calm times, a step back to where a parameter
//! stood before votes moved it.
//!
//! A member of the team vetoes what it thinks harmful and, where the team may execute measures, calls for those it would
//! propose, joining the calls of others first.
//!
//! | file | content |
//! |---|---|
//! | `civic` | what makes somebody a voter |
//! | `situation` | what a measure means for the protocol and for a holder |
//! | `choice` | how it votes and what it proposes |
//! | `agenda` | what there is to vote on, the same for everybody |
//! | `looked` | who has looked at which poll |
//! | `sight` | what the voters of a block look at, and for whom of them there is something to do |
//! | `electorate` | voters who do something else beside |

mod agenda;
mod choice;
mod civic;
mod electorate;
mod looked;
mod sight;
mod situation;

use agenda::Agenda;
use bevy_ecs::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Dice, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::governance::{Executive, InForce};
use crate::quantity::Amount;
use crate::venue::governance::{Call, Counts, GovernAction, Governance, Health, Which, promised};
use crate::venue::{Action, Mempool, Valuation};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::Stage;

pub use choice::Choice;
pub use civic::CivicProfile;
pub use electorate::{Electorate, install as install_electorate};
use looked::Looked;
use sight::{Business, Sight};
pub use situation::{Need, Situation, Standing, View};

/// A voter. What need not be exact is kept in half the space: there may be very many.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct Voter {
    /// What it would give, as a share of its portfolio, for a remedy as strong as there is in the worst of health.
    pub civic_weight: f32,
    /// What voting costs it, as a share of its portfolio: it abstains where less is at stake.
    pub turnout_cost_share: f32,
    /// Probability that it notices, when it wakes, what is being voted on or ought to be.
    pub attention_probability: f32,
    /// Distance of the market from the peg, as a share, beyond which it is alarmed.
    pub peg_tolerance_share: f32,
    /// Collateral ratio below which it is alarmed.
    pub collateral_ratio_target: f32,
    /// How far it proposes to move a parameter at once, as a share of the range between the bounds.
    pub step_share: f64,
    /// Probability that it leaves its votes to a delegate; zero once it has decided.
    pub delegation_probability: f32,
    /// What a bribe must exceed for it to count at all, as a share of its portfolio.
    pub bribe_reluctance_share: f32,
}

/// What voters are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoterProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// How it votes.
    pub civic: CivicProfile,
}

impl Archetype for Voter {
    const KIND: &'static str = "voter";
    type Profile = VoterProfile;

    fn problems(profile: &VoterProfile) -> Vec<ProfileProblem> {
        let check = Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment);
        profile.civic.check(check).done()
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
            agent: profile.civic.draw(random),
        })
    }

    fn schedule(world: &mut World) {
        world.init_resource::<Health>();
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// What one voter does: reclaims, delegates, votes, proposes, and as a member of the team calls for what it thinks right.
fn act(
    id: AccountId,
    voter: &mut Voter,
    business: Business,
    sight: &mut Sight<'_, '_>,
    mempool: &mut Mempool,
) {
    let (governance, ledger, stakes) = (sight.governance, &sight.eyes.ledger, sight.eyes.venues.stakes());
    let Business { held, leads, seen, votes, proposes, reclaims, guards } = business;
    if reclaims {
        mempool.submit(id, &[Action::Govern(GovernAction::Reclaim)]);
    }
    if voter.delegation_probability > 0.0 && held.is_positive() {
        // Decided once: whether it does, and for whom.
        let probability = f64::from(std::mem::take(&mut voter.delegation_probability));
        let candidates = governance.candidates();
        let mut random = sight.dice.stream.at(id.0, sight.eyes.clock.tick().0);
        let [_attention, draw]: [f64; 2] = [random.random(), random.random()];
        let member = governance.team().has(id);
        if !candidates.is_empty() && !member && !leads && draw < probability {
            let to = candidates[random.random_range(0..candidates.len())];
            if to != id {
                mempool.submit(id, &[Action::Govern(GovernAction::Delegate { to: Some(to) })]);
                return;
            }
        }
    }
    let agenda =
        sight.agenda.get_or_insert_with(|| Agenda::of(sight.eyes, sight.valuation, sight.health, governance));
    sight.atoms.clear();
    sight.atoms.extend(ledger.wallet(id));
    for (asset, staked) in stakes.staked_by(id) {
        let atoms = &mut sight.atoms[asset.index()];
        *atoms = atoms.checked_add(staked).unwrap_or(Amount::MAX);
    }
    let tokens = match governance.counts() {
        Counts::Tokens => held,
        Counts::Apower => governance.tokens_of(ledger, stakes, id),
    };
    sight.atoms[governance.token().index()] = tokens;
    sight.values.clear();
    let prices = sight.atoms.iter().zip(&agenda.usd_per_atom);
    sight.values.extend(prices.map(|(atoms, price)| atoms.atoms() as f64 * price));
    let view = View::new(voter, id.0, &sight.values, &agenda.situation);
    if votes {
        sight.votes.clear();
        let mut wallet = governance.free_power(ledger, stakes, id);
        for question in agenda.questions.iter().filter(|question| question.poll > seen) {
            let appeal = voter.appeal(&question.measure, question.standing.as_ref(), view);
            let ballot = Which::Number(question.number);
            // Looked up for those who vote, or might for money.
            let weight = || {
                let voted = || held.saturating_less(governance.voted(ballot, id));
                if governance.locks_each_vote() { wallet } else { voted() }
            };
            let bribe = [true, false].map(|side| match question.bribe {
                Some(bribe) if bribe.support == side && view.whole > 0.0 => {
                    promised(&bribe, weight()).atoms() as f64 / agenda.situation.dollar_atoms / view.whole
                }
                _ => 0.0,
            });
            let support = match voter.vote(appeal, bribe) {
                Choice::Yes => true,
                Choice::No => false,
                Choice::Abstain => continue,
            };
            let weight = weight();
            if !weight.is_positive() && !leads {
                continue;
            }
            wallet = Amount::ZERO;
            let vote = GovernAction::Vote { ballot, support, weight: Size::Exact(weight) };
            sight.votes.push(Action::Govern(vote));
        }
        // What keeps one vote of a holder from counting keeps the others too: they go together. A delegate's followers may
        // have voted on some of the questions themselves.
        let together = if leads { 1 } else { sight.votes.len().max(1) };
        sight.votes.chunks(together).for_each(|votes| mempool.submit(id, votes));
    }
    if guards {
        guard(id, voter, agenda, view, sight.eyes, governance, sight.in_force, mempool);
    }
    let proposed = || agenda.options(sight.eyes, governance).best_for(voter, view);
    if proposes && let Some(measure) = proposed() {
        let proposal = Action::Govern(GovernAction::Propose { measure });
        let rules = governance.rules();
        let votes_at_once = rules.review_hours == 0.0;
        if votes_at_once && held.is_positive() {
            let weight = Size::Exact(governance.free_power(ledger, stakes, id));
            let vote = GovernAction::Vote { ballot: Which::Newest, support: true, weight };
            mempool.submit(id, &[proposal, Action::Govern(vote)]);
        } else {
            mempool.submit(id, &[proposal]);
        }
    }
}

impl Voter {
    /// Whether it notices what is going on, given its draw of [`Sight::attention`].
    fn notices(&self, draw: f64) -> bool {
        draw < f64::from(self.attention_probability)
    }
}

/// Harm, as a share of what a measure can do, from which a member of the team vetoes.
const VETOED_HARM: f64 = 0.05;

/// What a member of the team calls for.
#[allow(clippy::too_many_arguments, reason = "what the caller has looked up already")]
fn guard(
    id: AccountId,
    voter: &Voter,
    agenda: &Agenda,
    view: View<'_>,
    eyes: &Eyes<'_>,
    governance: &Governance,
    in_force: InForce,
    mempool: &mut Mempool,
) {
    let team = governance.team();
    if in_force.veto {
        for question in &agenda.vetoable {
            let benefit = voter.benefit(&question.measure, question.standing.as_ref(), view);
            let call = Call::Veto(question.number);
            if benefit < -VETOED_HARM && !team.has_called(id, call) {
                mempool.submit(id, &[Action::Govern(GovernAction::Veto { ballot: question.number })]);
            }
        }
    }
    let wanted = match in_force.executive {
        Executive::Nothing => None,
        Executive::Pauses => agenda::pause(eyes).filter(|pause| voter.benefit(pause, None, view) > 0.0),
        Executive::Anything => {
            let urgent = view.need.collateral > 0.0 || view.need.peg > 0.0;
            urgent.then(|| agenda.options(eyes, governance).best_for(voter, view)).flatten()
        }
    };
    // What others call for comes first: calls for different steps of one parameter would never be heard.
    let called = team.measures_called().find(|measure| {
        voter.benefit(measure, agenda.options(eyes, governance).standing(measure), view) > 0.0
    });
    if let Some(measure) = wanted.map(|wanted| called.unwrap_or(wanted))
        && !team.has_called(id, Call::Execute(measure))
    {
        mempool.submit(id, &[Action::Govern(GovernAction::Execute { measure })]);
    }
}

/// Submits the votes and proposals of those awake. A proposer votes for its proposal in the same transaction.
pub fn decide(
    mut awake: Awake<Voter>,
    eyes: Eyes,
    valuation: Res<Valuation>,
    health: Res<Health>,
    dice: Res<Dice<Voter>>,
    mut looked: Local<Looked>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(governance) = eyes.venues.governance() else { return };
    looked.follow(governance.open());
    let mut sight = Sight::new(&eyes, &valuation, &health, governance, &dice, looked.youngest());
    if !sight.concerns_somebody() {
        return;
    }
    let tick = eyes.clock.tick().0;
    awake.each(|id, voter| {
        let seen = looked.seen(id);
        if sight.concerns(id, seen) && voter.notices(dice.stream.at(id.0, tick).random()) {
            looked.mark(id);
            if let Some(business) = sight.business(id, seen) {
                act(id, voter, business, &mut sight, &mut mempool);
            }
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
            civic: (
                civic_weight: LogNormal(median: 0.05, sigma: 1),
                turnout_cost_share: LogNormal(median: 0.0005, sigma: 1),
                attention_probability: Beta(alpha: 2, beta: 3),
                peg_tolerance_share: Uniform(low: 0.005, high: 0.02),
                collateral_ratio_target: Uniform(low: 1.3, high: 1.7),
                step_share: 0.05,
            ),
        ))"#;
        let profile: crate::agents::roster::Profile = ron::from_str(text).unwrap();
        assert_eq!((profile.kind(), profile.problems()), ("voter", Vec::new()));
        let wrong = text.replace("Uniform(low: 1.3, high: 1.7)", "1");
        let profile: crate::agents::roster::Profile = ron::from_str(&wrong).unwrap();
        assert_eq!(profile.problems()[0].field, "civic.collateral_ratio_target");
    }
}
