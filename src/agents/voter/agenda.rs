//! What there is to vote on or to propose, and what things are worth: the same for all voters of a block.

use std::cell::OnceCell;

use super::Voter;
use super::situation::{Situation, Standing, View};
use crate::agents::Eyes;
use crate::protocol::governance::{Measure, Parameter, ParameterId, Purpose};
use crate::quantity::Amount;
use crate::venue::Valuation;
use crate::venue::governance::{Ballot, Bribe, Governance, Health};
use crate::venue::names::Place;

/// For how many hours tokens are sold or bought back, where a voter proposes it: a week.
const MARKET_HOURS: u32 = 168;
/// For how many hours a voter of the team would stop the treasury.
const PAUSE_HOURS: u32 = 24;
/// What the reserve must hold beyond its target for anybody to propose a buy-back, as a share of the target.
const LEAST_SURPLUS: f64 = 0.02;
/// More tokens are offered than the price of the moment asks for, because a sale lowers it; what is left over is burned.
const SALE_MARGIN: f64 = 1.5;

/// A poll to be voted on.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The proposal's number.
    pub(super) number: u32,
    /// The poll's number.
    pub(super) poll: u32,
    pub(super) measure: Measure,
    /// How the parameter stands that it moves.
    pub(super) standing: Option<Standing>,
    pub(super) bribe: Option<Bribe>,
}

/// What there is to vote on.
pub(super) struct Agenda {
    /// Polls, oldest first.
    pub(super) questions: Vec<Question>,
    /// Proposals that have not taken effect and could be vetoed.
    pub(super) vetoable: Vec<Question>,
    pub(super) situation: Situation,
    /// Dollars per atom, by asset.
    pub(super) usd_per_atom: Vec<f64>,
    options: OnceCell<Options>,
}

/// What could be proposed.
pub(super) struct Options {
    /// Parameters that could be moved by a step.
    standings: Vec<Standing>,
    /// Measures beside.
    others: Vec<Measure>,
}

impl Agenda {
    pub(super) fn of(eyes: &Eyes, valuation: &Valuation, health: &Health, governance: &Governance) -> Self {
        let question = |ballot: &Ballot| {
            let measure = ballot.proposal.measure;
            let parameter = measure.target().and_then(|(id, _)| Some((id, eyes.venues.parameter(id)?)));
            let standing = parameter.and_then(|(id, parameter)| standing(eyes, governance, id, parameter));
            Question { number: ballot.number, poll: ballot.poll, measure, standing, bribe: ballot.bribe }
        };
        let open = || governance.open().iter().map(|poll| &poll.ballot);
        let questions = open().filter(|ballot| ballot.proposal.is_polled()).map(question).collect();
        let vetoable = open().chain(governance.queue()).map(question).collect();
        let prices: Vec<f64> = eyes.ledger.assets().map(|(asset, _)| valuation.price(asset)).collect();
        let situation = situation(eyes, health, governance, &prices);
        let usd_per_atom = eyes
            .ledger
            .assets()
            .zip(&prices)
            .map(|((_, asset), price)| price * asset.decimals.units(Amount::from_atoms(1)));
        let usd_per_atom = usd_per_atom.collect();
        Self { questions, vetoable, situation, usd_per_atom, options: OnceCell::new() }
    }

    /// What could be proposed, found out when the first one asks who may propose something.
    pub(super) fn options(&self, eyes: &Eyes, governance: &Governance) -> &Options {
        self.options.get_or_init(|| {
            let parameters = (0_u16..).map(ParameterId).zip(eyes.venues.parameters());
            Options {
                standings: parameters
                    .filter_map(|(id, parameter)| standing(eyes, governance, id, parameter))
                    .collect(),
                others: others(eyes, governance, &self.situation),
            }
        })
    }
}

impl Options {
    /// What a voter would propose.
    pub(super) fn best_for(&self, voter: &Voter, view: View<'_>) -> Option<Measure> {
        voter.propose(&self.standings, &self.others, view)
    }

    /// How the parameter stands that a measure would move.
    pub(super) fn standing(&self, measure: &Measure) -> Option<&Standing> {
        let (id, _) = measure.target()?;
        self.standings.iter().find(|standing| standing.id == id)
    }
}

fn standing(eyes: &Eyes, governance: &Governance, id: ParameterId, parameter: Parameter) -> Option<Standing> {
    let value = eyes.venues.parameter_value(id)?;
    let default = eyes.venues.parameter_default(id)?;
    let step = Measure::Set { parameter: id, from: value, to: value };
    let busy = governance.in_the_way(&step).is_some();
    Some(Standing { id, parameter, value, default, busy })
}

fn situation(eyes: &Eyes, health: &Health, governance: &Governance, prices: &[f64]) -> Situation {
    let token = governance.token();
    let dollar = eyes.venues.exchange.dollar();
    let token_supply = eyes.ledger.supply_units(token);
    let price = prices.get(token.index()).copied().unwrap_or(0.0);
    // Powers of ten up to the ledger's places are exact.
    let atoms = |asset| 1.0 / eyes.ledger.asset(asset).decimals.units(Amount::from_atoms(1));
    Situation {
        health: *health,
        token: Some(token),
        market_cap_usd: token_supply * price,
        token_supply,
        reserve_usd: governance.reserve().map_or(0.0, |reserve| eyes.ledger.units(reserve, dollar)),
        reserve_target_usd: eyes.venues.reserve_target_usd(),
        dollar_atoms: atoms(dollar),
        token_atoms: atoms(token),
        claims: eyes.venues.treasury.as_ref().map(|treasury| [treasury.assets.feth, treasury.assets.xeth]),
    }
}

/// Measures that somebody might propose now, beside moving a parameter. Those that could not take effect are left out.
fn others(eyes: &Eyes, governance: &Governance, situation: &Situation) -> Vec<Measure> {
    let now = eyes.clock.now_seconds();
    let price = situation.market_cap_usd / situation.token_supply.max(f64::MIN_POSITIVE);
    let tokens_for = |dollars: f64| {
        let units = if price > 0.0 { dollars * SALE_MARGIN / price } else { 0.0 };
        let most = governance.rules().most_issued(eyes.ledger.supply(governance.token()));
        let wanted = eyes.ledger.asset(governance.token()).decimals.floor(units);
        wanted.unwrap_or(most).min(most)
    };
    let mut measures = Vec::new();
    let missing = situation.health.missing_usd;
    if missing > 0.0 {
        let (tokens, purpose) = (tokens_for(missing), Purpose::Recapitalise);
        measures.push(Measure::Issue { tokens, hours: MARKET_HOURS, purpose });
    }
    if let Some(target) = situation.reserve_target_usd {
        if situation.reserve_usd < target {
            let (tokens, purpose) = (tokens_for(target - situation.reserve_usd), Purpose::Reserve);
            measures.push(Measure::Issue { tokens, hours: MARKET_HOURS, purpose });
        } else {
            let over = situation.reserve_usd - target;
            let most = governance.disposable(&eyes.ledger);
            let cash = eyes.ledger.asset(eyes.venues.exchange.dollar()).decimals.floor(over);
            let cash = cash.unwrap_or(Amount::ZERO).min(most);
            if over > LEAST_SURPLUS * target {
                measures.push(Measure::BuyBack { cash, hours: MARKET_HOURS });
            }
        }
    }
    measures.push(Measure::AdvancePhase);
    measures.retain(|measure| {
        governance.in_the_way(measure).is_none()
            && eyes.venues.check_measure(&eyes.ledger, measure, now).is_ok()
    });
    measures
}

/// The pause of the treasury that a team might execute; `None` where there is none, or it is stopped already.
pub(super) fn pause(eyes: &Eyes) -> Option<Measure> {
    let venue = eyes.venues.pause_id(Place::Treasury)?;
    let stopped = eyes.venues.paused_until(venue, eyes.clock.now_seconds()).is_some();
    (!stopped).then_some(Measure::Pause { venue, hours: PAUSE_HOURS })
}
