//! What there is to vote on or to propose, and what things are worth: the same for all voters of a block.

use super::situation::{Situation, Standing};
use crate::agents::Eyes;
use crate::protocol::governance::{Measure, ParameterId, Purpose};
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
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// The proposal's number.
    pub(super) number: u32,
    /// The poll's number.
    pub(super) poll: u32,
    pub(super) measure: Measure,
    /// The place in `standings` of the parameter that it moves.
    pub(super) standing: Option<usize>,
    pub(super) bribe: Option<Bribe>,
}

/// What there is to vote on or to propose.
pub(super) struct Agenda {
    pub(super) standings: Vec<Standing>,
    /// Polls, oldest first.
    pub(super) questions: Vec<Question>,
    /// Proposals that have not taken effect and could be vetoed.
    pub(super) vetoable: Vec<Question>,
    /// What could be proposed beside a parameter.
    pub(super) others: Vec<Measure>,
    pub(super) situation: Situation,
    /// Dollars per atom, by asset.
    pub(super) usd_per_atom: Vec<f64>,
}

impl Agenda {
    pub(super) fn of(eyes: &Eyes, valuation: &Valuation, health: &Health, governance: &Governance) -> Self {
        let standings: Vec<Standing> = (0_u16..)
            .zip(eyes.venues.parameters())
            .filter_map(|(place, parameter)| {
                let id = ParameterId(place);
                let value = eyes.venues.parameter_value(id)?;
                let default = eyes.venues.parameter_default(id)?;
                let step = Measure::Set { parameter: id, from: value, to: value };
                let busy = governance.in_the_way(&step).is_some();
                Some(Standing { id, parameter, value, default, busy })
            })
            .collect();
        let question = |ballot: &Ballot| {
            let measure = ballot.proposal.measure;
            let standing =
                measure.target().and_then(|(id, _)| standings.iter().position(|standing| standing.id == id));
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
        let others = others(eyes, governance, &situation);
        Self { standings, questions, vetoable, others, situation, usd_per_atom }
    }

    /// The standing of the parameter that a question is about.
    pub(super) fn standing(&self, question: &Question) -> Option<&Standing> {
        question.standing.map(|place| &self.standings[place])
    }
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
