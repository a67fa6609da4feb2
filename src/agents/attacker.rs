//! The attacker: takes what one vote can take out of the reserve, when that exceeds what the vote costs.
//!
//! What it sees: what one vote can take and how many tokens carry it ([`crate::venue::Venues::capture`]), what they cost it
//! bought, borrowed, or some of each ([`crate::venue::Venues::ways_to_hold`]), its own purse, the proposals under way.
//!
//! What it does, one step a tick:
//!
//! - *watch*: of the ways that it can pay for it looks at the cheapest; while that would pay by less than it demands, nothing;
//! - *acquire*: buys tokens in the market, a part of its money at a time, and borrows at the desk in one go, until it holds what
//!   carries a vote against those expected to oppose, and a margin; gives up where what it still lacks costs more than it has,
//!   or more than would pay. One that means to pay for votes holds only what a proposer must;
//! - *strike*: proposes that the reserve pays it as much as one vote may, votes with all it has in every poll on that; where
//!   paying voters is the cheapest way, it puts up dollars for votes with the proposal. Once the vote is over it returns what it
//!   has borrowed;
//! - *leave*: returns what it owes as soon as the tokens are free, sells what it holds, a part at a time, and watches again.
//!
//! Source of the behaviour: the takeover of Beanstalk's governance of April 2022 (borrowed votes pass a proposal that pays the
//! proposer), and the markets for votes of Curve's gauges (dollars for votes by the token). Borrowing votes over the record
//! date: Christoffersen, Geczy, Musto and Reed 2007, "Vote trading and information aggregation", Journal of Finance 62. That
//! expected turnout decides what capture costs: Adams and Ferreira 2008, "One share-one vote: the empirical evidence", for firms.
//!
//! | file | content |
//! |---|---|
//! | `choice` | what it does about what it sees |

mod choice;

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::routes::{Market, treasury_quote};
use super::wallet::Trade;
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::governance::{Capture, Locking, Measure, Outlay, Reclaim, Way, cheapest, votes_to_turn};
use crate::quantity::{Amount, AssetId};
use crate::venue::execute::Network;
use crate::venue::governance::{GovernAction, Governance, Which};
use crate::venue::token_loans::{DeskAction, LendingDesk};
use crate::venue::{Action, Mempool, Valuation};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::Stage;
pub use choice::{Move, Sight, choose};

/// What an attacker is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// Waits until capture pays.
    #[default]
    Watch,
    /// Buys or borrows tokens.
    Acquire,
    /// Has proposed, and votes.
    Strike,
    /// Returns what it owes, sells what it holds.
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
    pub vote_price_share: f64,
    pub slippage_share: f64,
    pub step: Step,
    /// How it comes by the votes.
    pub way: Way,
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
    /// The most that it offers for votes, as a share of what it can take; 0 for nothing.
    pub bribe_share: Dist,
    /// What it believes a vote is sold for, as a share of the token's price.
    pub vote_price_share: Dist,
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
            .law("vote_price_share", &profile.vote_price_share, 0.0, 10.0)
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
                vote_price_share: profile.vote_price_share.sample(random),
                step: Step::Watch,
                way: Way::Buy,
                polls_seen: 0,
            },
        })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::BotBlock, decide);
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
    let (token, dollar) = (governance.token(), eyes.venues.exchange.dollar());
    let Some(capture) = eyes.venues.capture(&eyes.ledger, &eyes.oracle, valuation.price(token)) else {
        return;
    };
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    awake.each(|id, attacker| {
        if governance.rules().reclaim == Reclaim::Called && governance.reclaimable(id).is_positive() {
            mempool.submit(id, &[Action::Govern(GovernAction::Reclaim)]);
        }
        let robbery = Measure::Spend { recipient: id.0, cash: governance.disposable(&eyes.ledger) };
        let scene = Scene { eyes: &eyes, governance, price: valuation.price(token), capture: &capture };
        let cash = market.spendable(id, attacker.cash);
        let cash_usd = eyes.ledger.asset(attacker.cash).decimals.units(cash) * valuation.price(attacker.cash);
        let sight = scene.sight(id, attacker, cash_usd, &robbery);
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
            Move::Buy(tokens) => {
                let most = cash.share(attacker.purchase_share);
                let needed = scene.ways(tokens)[0].map(|outlay| outlay.needed_usd * (1.0 + slippage));
                // Not more than it lacks, as far as the market has that.
                let enough =
                    needed.map_or(most, |usd| if usd < cash_usd { cash.share(usd / cash_usd) } else { most });
                trade(most.min(enough), &mut mempool, true);
            }
            Move::Borrow(tokens) => {
                if let Ok(tokens) = eyes.ledger.asset(token).decimals.ceil(tokens) {
                    let lendable = eyes.venues.desk().map_or(Amount::ZERO, LendingDesk::lendable);
                    let tokens = Size::Exact(tokens.min(lendable));
                    mempool.submit(id, &[Action::Desk(DeskAction::Borrow { tokens })]);
                }
            }
            Move::Return => mempool.submit(id, &[Action::Desk(DeskAction::Return)]),
            Move::Sell => {
                let tokens = market.spendable(id, token);
                let part = tokens.share(attacker.purchase_share);
                let few =
                    eyes.ledger.asset(token).decimals.units(part) * valuation.price(token) < LEAST_SALE_USD;
                trade(if few { tokens } else { part }, &mut mempool, false);
            }
            Move::Propose => {
                let propose = Action::Govern(GovernAction::Propose { measure: robbery });
                let held = governance.tokens_of(&eyes.ledger, eyes.venues.stakes(), id);
                let offer =
                    scene.offer(attacker, held).filter(|_| attacker.way == Way::Bribe && money == dollar);
                match offer {
                    Some(offer) => mempool.submit(id, &[propose, Action::Govern(offer)]),
                    None => mempool.submit(id, &[propose]),
                }
            }
            Move::Vote => {
                if let Some((number, true)) = own(governance, id) {
                    vote(governance, &eyes, id, attacker, number, &mut mempool);
                }
            }
        }
    });
}

/// Dollars below which a part of what it sells is not worth a trade of its own.
const LEAST_SALE_USD: f64 = 100.0;

/// What all attackers look at.
struct Scene<'a, 'w> {
    eyes: &'a Eyes<'w>,
    governance: &'a Governance,
    price: f64,
    capture: &'a Capture,
}

impl Scene<'_, '_> {
    fn sight(&self, id: AccountId, attacker: &Attacker, cash_usd: f64, robbery: &Measure) -> Sight {
        let (governance, ledger) = (self.governance, &self.eyes.ledger);
        let token = governance.token();
        let scale = ledger.asset(token).decimals;
        let supply = ledger.supply(token);
        let threshold = scale.units(governance.rules().proposal_threshold(supply));
        let held = governance.tokens_of(ledger, self.eyes.venues.stakes(), id);
        let tokens = scale.units(held);
        let wanted =
            self.capture.tokens.map(|tokens| (tokens * (1.0 + attacker.margin_share)).max(threshold));
        let desk = self.eyes.venues.desk();
        let covered = desk.map_or(0.0, |desk| cash_usd / desk.terms.collateral_usd(self.price));
        let would_hold =
            wanted.and_then(|wanted| scale.ceil(wanted).ok()).map_or(held, |wanted| wanted.max(held));
        Sight {
            value_usd: self.capture.value_usd,
            wanted,
            way: wanted.and_then(|wanted| self.way(attacker, wanted - tokens, held, cash_usd)),
            tokens,
            tokens_usd: tokens * self.price,
            wallet: ledger.units(id, token),
            owed: desk.and_then(|desk| desk.loan_of(id)).map_or(0.0, |loan| scale.units(loan.tokens)),
            lendable: desk.map_or(0.0, |desk| scale.units(desk.lendable()).min(covered)),
            threshold,
            cash_usd,
            own_proposal: own(governance, id).map(|(_, open)| open),
            may_propose: governance
                .may_propose(id, would_hold, supply, self.eyes.clock.now_seconds())
                .is_ok()
                && governance.in_the_way(robbery).is_none(),
        }
    }

    /// What it takes to hold so many more tokens until the vote is over.
    fn ways(&self, tokens: f64) -> [Option<Outlay>; 3] {
        self.eyes.venues.ways_to_hold(&self.eyes.ledger, &self.eyes.oracle, tokens, self.price)
    }

    /// The cheapest way to `missing` more votes that it can pay for.
    fn way(&self, attacker: &Attacker, missing: f64, held: Amount, cash_usd: f64) -> Option<Outlay> {
        let bribe = || {
            let GovernAction::OfferBribe { cash, .. } = self.offer(attacker, held)? else { return None };
            let offered_usd = self.eyes.ledger.asset(self.eyes.venues.exchange.dollar()).decimals.units(cash);
            let seat = self.seat().saturating_less(held);
            let seat_units = self.eyes.ledger.asset(self.governance.token()).decimals.units(seat);
            // What a proposer must hold is bought.
            let seat = if seat.is_positive() { self.ways(seat_units)[0]? } else { Outlay::default() };
            let (cost_usd, needed_usd) = (seat.cost_usd + offered_usd, seat.needed_usd + offered_usd);
            Some(Outlay { way: Way::Bribe, borrowed: 0.0, cost_usd, needed_usd })
        };
        cheapest(self.ways(missing.max(0.0)).into_iter().chain([bribe()]), cash_usd)
    }

    /// What a proposer must hold.
    fn seat(&self) -> Amount {
        self.governance.rules().proposal_threshold(self.eyes.ledger.supply(self.governance.token()))
    }

    /// The offer for the votes of those who would oppose it, where it is within what it would give.
    fn offer(&self, attacker: &Attacker, held: Amount) -> Option<GovernAction> {
        let (governance, ledger) = (self.governance, &self.eyes.ledger);
        let supply = governance.power_supply(ledger, self.eyes.venues.stakes());
        let (own, opposing) = (held.max(self.seat()), governance.expected_votes(supply));
        let turned = votes_to_turn(governance.rules(), supply, own, opposing)?;
        let scale = ledger.asset(governance.token()).decimals;
        let price = self.price * attacker.vote_price_share;
        let offered_usd = scale.units(turned) * (1.0 + attacker.margin_share) * price;
        let cash = ledger.asset(self.eyes.venues.exchange.dollar()).decimals.ceil(offered_usd).ok()?;
        let rate = cash.atoms() as f64 / (turned.atoms() as f64 * (1.0 + attacker.margin_share));
        let fits = offered_usd <= self.capture.value_usd * attacker.bribe_share && cash.is_positive();
        fits.then_some(GovernAction::OfferBribe { ballot: Which::Newest, support: true, cash, rate })
    }
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
