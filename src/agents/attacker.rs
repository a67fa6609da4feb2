//! The attacker: takes what one vote can take out of the reserve, when that exceeds what the vote costs.
//!
//! What it sees: what carrying a vote would cost now and bring ([`crate::venue::Venues::capture`]), its own purse, the
//! proposals under way.
//!
//! What it does, one step a tick:
//!
//! - *watch*: while capture would pay by less than it demands, nothing;
//! - *acquire*: buys tokens in the market, a part of the pool at a time, until it holds what carries a vote against those
//!   expected to oppose, and a margin; gives up where its money ends, or where capture no longer pays;
//! - *strike*: proposes that the reserve pays it as much as one vote may, votes with all it has in every poll on that, and
//!   puts up dollars for the votes of others where its share for bribes allows;
//! - *leave*: sells what it holds, a part at a time, and watches again.
//!
//! Source of the behaviour: the takeover of Beanstalk's governance of April 2022 (bought and borrowed votes pass a proposal
//! that pays the proposer), and the markets for votes of Curve's gauges (dollars for votes by the token). That expected
//! turnout decides what capture costs: Adams and Ferreira 2008, "One share-one vote: the empirical evidence", for firms.

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::routes::{Market, treasury_quote};
use super::wallet::Trade;
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::governance::{Capture, Locking, Measure, Reclaim};
use crate::quantity::{Amount, AssetId};
use crate::venue::execute::Network;
use crate::venue::governance::{GovernAction, Governance, Which};
use crate::venue::{Action, Mempool, Valuation};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::Stage;

/// What an attacker is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// Waits until capture pays.
    #[default]
    Watch,
    /// Buys tokens.
    Acquire,
    /// Has proposed, and votes.
    Strike,
    /// Sells what it holds.
    Leave,
}

/// An attacker. Shares as numbers; the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct Attacker {
    pub cash: AssetId,
    pub min_profit_usd: f64,
    pub margin_share: f64,
    pub purchase_share: f64,
    pub bribe_share: f64,
    pub slippage_share: f64,
    pub step: Step,
    pub polls_seen: u32,
}

/// What attackers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackerProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start: its budget.
    pub endowment: Endowment,
    /// Ticker of what it pays with.
    pub cash: String,
    /// What capture must bring it at least, in dollars.
    pub min_profit_usd: Dist,
    /// How many more votes it wants than it expects to need, as a share of these.
    pub margin_share: Dist,
    /// The part of its money that it spends on tokens at once, and of its tokens that it sells at once.
    pub purchase_share: Dist,
    /// The part of what it can take that it offers for votes; 0 for none.
    pub bribe_share: Dist,
    /// What may be missing from the expected outcome of a trade when the block comes, as a share.
    pub slippage_share: Dist,
}

impl Archetype for Attacker {
    const KIND: &'static str = "attacker";
    type Profile = AttackerProfile;

    fn problems(profile: &AttackerProfile) -> Vec<ProfileProblem> {
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment)
            .law("min_profit_usd", &profile.min_profit_usd, 0.0, f64::INFINITY)
            .law("margin_share", &profile.margin_share, 0.0, 10.0)
            .law("purchase_share", &profile.purchase_share, 1e-3, 1.0)
            .law("bribe_share", &profile.bribe_share, 0.0, 1.0)
            .law("slippage_share", &profile.slippage_share, 0.0, 1.0)
            .done()
    }

    fn endowment(profile: &AttackerProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &AttackerProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        Ok(Drawn {
            activity: around.activity(profile.activity_per_day.sample(random)),
            wealth_usd: profile.endowment.wealth_usd.sample(random),
            agent: Self {
                cash: around.asset("cash", &profile.cash)?,
                min_profit_usd: profile.min_profit_usd.sample(random),
                margin_share: profile.margin_share.sample(random),
                purchase_share: profile.purchase_share.sample(random),
                bribe_share: profile.bribe_share.sample(random),
                slippage_share: profile.slippage_share.sample(random),
                step: Step::Watch,
                polls_seen: 0,
            },
        })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::BotBlock, decide);
    }
}

/// What an attacker sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// What capture costs and brings.
    pub capture: Capture,
    /// Tokens it has, in its wallet and locked.
    pub tokens: f64,
    /// Tokens that a proposer must hold.
    pub threshold: f64,
    /// Dollars it has.
    pub cash_usd: f64,
    /// Its own proposal is under way or waits.
    pub own_proposal: bool,
    /// A proposal can be made, and none like it is under way.
    pub may_propose: bool,
}

/// What an attacker does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Nothing.
    Wait,
    /// Buy tokens.
    Buy,
    /// Propose that the reserve pays it.
    Propose,
    /// Vote where it has not.
    Vote,
    /// Sell tokens.
    Sell,
}

/// Dollars below which an attacker counts its money as spent.
const CRUMBS_USD: f64 = 10.0;

/// What an attacker does about what it sees; goes on to its next step on the way.
#[must_use]
pub fn choose(sight: &Sight, attacker: &mut Attacker) -> Move {
    let profit = sight.capture.profit_usd();
    let pays = profit.is_some_and(|profit| profit > attacker.min_profit_usd);
    let wanted =
        sight.capture.tokens.map(|tokens| (tokens * (1.0 + attacker.margin_share)).max(sight.threshold));
    let enough = wanted.is_some_and(|wanted| sight.tokens >= wanted);
    match attacker.step {
        Step::Watch if pays => {
            attacker.step = Step::Acquire;
            Move::Wait
        }
        Step::Watch => Move::Wait,
        Step::Acquire if enough && sight.may_propose => {
            attacker.step = Step::Strike;
            Move::Propose
        }
        Step::Acquire if enough => Move::Wait,
        // What is spent is spent: it goes on for as long as what can be taken exceeds what it demands.
        Step::Acquire
            if sight.capture.value_usd <= attacker.min_profit_usd || sight.cash_usd < CRUMBS_USD =>
        {
            attacker.step = Step::Leave;
            Move::Sell
        }
        Step::Acquire => Move::Buy,
        Step::Strike if sight.own_proposal => Move::Vote,
        Step::Strike => {
            attacker.step = Step::Leave;
            Move::Sell
        }
        Step::Leave if sight.tokens > 0.0 => Move::Sell,
        Step::Leave => {
            attacker.step = Step::Watch;
            Move::Wait
        }
    }
}

/// The first of its own proposals that is under way or waits.
fn own(governance: &Governance, id: AccountId) -> Option<(u32, bool)> {
    let open = governance.open().iter().map(|poll| (&poll.ballot, true));
    let queued = governance.queue().iter().map(|ballot| (ballot, false));
    open.chain(queued).find(|(ballot, _)| ballot.proposer == id).map(|(ballot, open)| (ballot.number, open))
}

/// Submits what attackers choose.
pub fn decide(
    mut awake: Awake<Attacker>,
    eyes: Eyes,
    network: Res<Network>,
    valuation: Res<Valuation>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(governance) = eyes.venues.governance() else { return };
    let token = governance.token();
    let Some(capture) = eyes.venues.capture(&eyes.ledger, &eyes.oracle, valuation.price(token)) else {
        return;
    };
    let now = eyes.clock.now_seconds();
    let supply = eyes.ledger.supply(token);
    let scale = eyes.ledger.asset(token).decimals;
    let threshold = scale.units(governance.rules().proposal_threshold(supply));
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    awake.each(|id, attacker| {
        if governance.rules().reclaim == Reclaim::Called && governance.reclaimable(id).is_positive() {
            mempool.submit(id, &[Action::Govern(GovernAction::Reclaim)]);
        }
        let held = governance.tokens_of(&eyes.ledger, eyes.venues.stakes(), id);
        let robbery = Measure::Spend { recipient: id.0, cash: governance.disposable(&eyes.ledger) };
        let under_way = own(governance, id);
        let sight = Sight {
            capture,
            tokens: scale.units(held),
            threshold,
            cash_usd: eyes.ledger.units(id, attacker.cash) * valuation.price(attacker.cash),
            own_proposal: under_way.is_some(),
            may_propose: governance.may_propose(id, held, supply, now).is_ok()
                && governance.in_the_way(&robbery).is_none(),
        };
        let (slippage, money) = (attacker.slippage_share, attacker.cash);
        let trade = |part: Amount, mempool: &mut Mempool, buys: bool| {
            let trade = if buys {
                Trade::Buy { cash: part, most_cost_share: f64::INFINITY }
            } else {
                Trade::Sell { tokens: part, most_cost_share: f64::INFINITY }
            };
            trade.submit(&market, mempool, id, token, money, slippage);
        };
        match choose(&sight, attacker) {
            Move::Wait => {}
            Move::Buy => {
                let cash = market.spendable(id, attacker.cash);
                trade(cash.share(attacker.purchase_share), &mut mempool, true);
            }
            Move::Sell => {
                let tokens = market.spendable(id, token);
                let part = tokens.share(attacker.purchase_share);
                trade(if part.is_positive() { part } else { tokens }, &mut mempool, false);
            }
            Move::Propose => {
                let offered = capture.value_usd * attacker.bribe_share;
                mempool.submit(id, &strike(&eyes, governance, attacker, robbery, offered));
            }
            Move::Vote => {
                if let Some((number, true)) = under_way {
                    vote(governance, &eyes, id, attacker, number, &mut mempool);
                }
            }
        }
    });
}

/// The proposal, and the offer for votes on it where one can be made at once.
fn strike(
    eyes: &Eyes<'_>,
    governance: &Governance,
    attacker: &Attacker,
    robbery: Measure,
    offered_usd: f64,
) -> Vec<Action> {
    let mut actions = vec![Action::Govern(GovernAction::Propose { measure: robbery })];
    let dollar = eyes.venues.exchange.dollar();
    let expected = governance.expected_votes(eyes.ledger.supply(governance.token()));
    let cash = eyes.ledger.asset(dollar).decimals.floor(offered_usd).unwrap_or(Amount::ZERO);
    if attacker.cash == dollar && cash.is_positive() && expected.is_positive() {
        let rate = cash.atoms() as f64 / expected.atoms() as f64;
        let offer = GovernAction::OfferBribe { ballot: Which::Newest, support: true, cash, rate };
        actions.push(Action::Govern(offer));
    }
    actions
}

/// Votes with all it has in a poll on its own proposal in which it has not voted.
fn vote(
    governance: &Governance,
    eyes: &Eyes<'_>,
    id: AccountId,
    attacker: &mut Attacker,
    number: u32,
    mempool: &mut Mempool,
) {
    let Some(poll) = governance.poll(Which::Number(number)) else { return };
    if !poll.ballot.proposal.is_polled() || poll.ballot.poll <= attacker.polls_seen {
        return;
    }
    let weight = match governance.rules().locking {
        Locking::Shared => {
            governance.available(&eyes.ledger, eyes.venues.stakes(), Which::Number(number), id)
        }
        Locking::EachVote => eyes.ledger.balance(id, governance.token()),
    };
    if weight.is_positive() {
        attacker.polls_seen = poll.ballot.poll;
        let ballot = Which::Number(number);
        let vote = GovernAction::Vote { ballot, support: true, weight: Size::Exact(weight) };
        mempool.submit(id, &[Action::Govern(vote)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attacker(step: Step) -> Attacker {
        Attacker {
            cash: AssetId(0),
            min_profit_usd: 100.0,
            margin_share: 0.1,
            purchase_share: 0.2,
            bribe_share: 0.0,
            slippage_share: 0.01,
            step,
            polls_seen: 0,
        }
    }

    fn sight(cost: f64, value: f64, tokens: f64) -> Sight {
        let capture = Capture {
            tokens: Some(1_000.0),
            purchase_usd: Some(cost),
            borrowing_usd: None,
            value_usd: value,
        };
        Sight { capture, tokens, threshold: 50.0, cash_usd: 1e4, own_proposal: false, may_propose: true }
    }

    fn after(step: Step, sight: Sight) -> (Move, Step) {
        let mut attacker = attacker(step);
        (choose(&sight, &mut attacker), attacker.step)
    }

    #[test]
    fn it_waits_until_capture_pays_and_buys_what_carries_the_vote() {
        assert_eq!(after(Step::Watch, sight(500.0, 550.0, 0.0)), (Move::Wait, Step::Watch));
        assert_eq!(after(Step::Watch, sight(500.0, 700.0, 0.0)), (Move::Wait, Step::Acquire));
        assert_eq!(after(Step::Acquire, sight(500.0, 700.0, 1_099.0)), (Move::Buy, Step::Acquire));
        assert_eq!(after(Step::Acquire, sight(500.0, 700.0, 1_100.0)), (Move::Propose, Step::Strike));
        let steep = Sight { threshold: 2_000.0, ..sight(500.0, 700.0, 1_999.0) };
        assert_eq!(after(Step::Acquire, steep), (Move::Buy, Step::Acquire), "not enough to propose");
        assert_eq!(after(Step::Acquire, Sight { tokens: 2_000.0, ..steep }), (Move::Propose, Step::Strike));
        let busy = Sight { may_propose: false, ..sight(500.0, 700.0, 1_100.0) };
        assert_eq!(after(Step::Acquire, busy), (Move::Wait, Step::Acquire));
    }

    #[test]
    fn it_gives_up_where_nothing_is_left_to_take_or_to_spend() {
        assert_eq!(after(Step::Acquire, sight(500.0, 90.0, 10.0)), (Move::Sell, Step::Leave));
        assert_eq!(after(Step::Acquire, sight(500.0, 100.0, 10.0)), (Move::Sell, Step::Leave), "no more");
        assert_eq!(after(Step::Acquire, sight(500.0, 101.0, 10.0)), (Move::Buy, Step::Acquire));
        let broke = Sight { cash_usd: 5.0, ..sight(500.0, 700.0, 10.0) };
        assert_eq!(after(Step::Acquire, broke), (Move::Sell, Step::Leave));
        let nobody = Capture { tokens: None, ..sight(500.0, 700.0, 0.0).capture };
        let impossible = Sight { capture: nobody, cash_usd: 5.0, ..sight(500.0, 700.0, 1e9) };
        assert_eq!(after(Step::Acquire, impossible), (Move::Sell, Step::Leave));
    }

    #[test]
    fn it_votes_while_its_proposal_lives_and_then_leaves() {
        let own = Sight { own_proposal: true, ..sight(500.0, 700.0, 1_100.0) };
        assert_eq!(after(Step::Strike, own), (Move::Vote, Step::Strike));
        assert_eq!(after(Step::Strike, sight(500.0, 700.0, 1_100.0)), (Move::Sell, Step::Leave));
        assert_eq!(after(Step::Leave, sight(500.0, 700.0, 3.0)), (Move::Sell, Step::Leave));
        assert_eq!(after(Step::Leave, sight(500.0, 700.0, 0.0)), (Move::Wait, Step::Watch));
    }
}
