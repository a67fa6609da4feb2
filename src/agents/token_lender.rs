//! Who lends its governance tokens while it goes about something else.
//!
//! A population whose settings give it a [`LendsProfile`] offers a share of its tokens at the desk, once, when it first wakes
//! with enough of them. After some time it wants them back: what is lent it waits for. It looks at no rate and at no vote, as
//! holders who leave their securities with a lending agent do; that what it lends may vote against it is not its concern.
//! What makes its agents lenders lies here, in the order of their accounts.

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::Check;
use super::{Eyes, Population, add_decision};
use crate::numerics::distribution::Dist;
use crate::quantity::{Amount, SECONDS_PER_DAY};
use crate::venue::token_loans::DeskAction;
use crate::venue::{Action, Mempool, Valuation};
use crate::world::calendar::Calendar;
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::{Blocks, Stage};

/// What lenders are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LendsProfile {
    /// The part of its governance tokens that it offers for loans.
    pub share: Dist,
    /// After how many days it wants them back.
    pub hold_days: Dist,
    /// Smallest offer, dollars.
    pub min_offer_usd: Dist,
}

impl Default for LendsProfile {
    /// Half of the tokens for a year, where that is worth the gas: assumptions.
    fn default() -> Self {
        let number = Dist::Constant;
        Self { share: number(0.5), hold_days: number(365.0), min_offer_usd: number(50.0) }
    }
}

impl LendsProfile {
    /// Everything that is wrong with it, found by a check whose fields begin with `lends.`.
    #[must_use]
    pub fn check(&self, check: Check) -> Check {
        check
            .law("lends.share", &self.share, 0.0, 1.0)
            .law("lends.hold_days", &self.hold_days, 0.0, f64::INFINITY)
            .law("lends.min_offer_usd", &self.min_offer_usd, 0.0, f64::INFINITY)
    }

    /// Draws one lender. Each field draws in a fixed order, one uniform number each.
    #[must_use]
    pub fn draw(&self, random: &mut ChaCha8Rng) -> TokenLender {
        TokenLender {
            share: self.share.sample(random),
            hold_days: self.hold_days.sample(random),
            min_offer_usd: self.min_offer_usd.sample(random),
            step: Step::Before,
        }
    }
}

/// How far a lender has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// It has offered nothing yet.
    #[default]
    Before,
    /// It has offered its tokens, in that second since the start of the run.
    Lends(i64),
    /// It wants back what it has there.
    Back,
}

/// A lender. The fields are those of the profile, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct TokenLender {
    pub share: f64,
    pub hold_days: f64,
    pub min_offer_usd: f64,
    pub step: Step,
}

/// What a lender sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The time, in seconds since the start of the run.
    pub now_seconds: i64,
    /// Tokens in its wallet.
    pub wallet: Amount,
    /// What they are worth, dollars.
    pub wallet_usd: f64,
    /// Tokens that it has at the desk.
    pub offered: Amount,
    /// Dollars that it can collect there.
    pub due: Amount,
    /// Tokens that lie there, anybody's.
    pub lendable: Amount,
}

/// What a lender does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Nothing.
    Wait,
    /// Offers tokens.
    Offer(Amount),
    /// Takes tokens back.
    TakeBack(Amount),
    /// Collects dollars: all that is left to it there.
    Collect,
}

/// What a lender does about what it sees; goes on to its next step on the way.
#[must_use]
pub fn choose(sight: &Sight, lender: &mut TokenLender) -> Choice {
    let nothing_there = sight.offered.is_zero() && sight.due.is_zero();
    if let Step::Lends(since) = lender.step {
        let held_days = (sight.now_seconds - since) as f64 / SECONDS_PER_DAY as f64;
        if nothing_there {
            // The offer met an empty wallet, because its tokens had just voted: it is made again.
            lender.step = Step::Before;
        } else if sight.offered.is_zero() || held_days >= lender.hold_days {
            lender.step = Step::Back;
        }
    }
    match lender.step {
        Step::Before => {
            let tokens = sight.wallet.share(lender.share);
            if !tokens.is_positive() || sight.wallet_usd * lender.share < lender.min_offer_usd {
                return Choice::Wait;
            }
            lender.step = Step::Lends(sight.now_seconds);
            Choice::Offer(tokens)
        }
        Step::Lends(_) => Choice::Wait,
        Step::Back => {
            let back = sight.offered.min(sight.lendable);
            if back.is_positive() {
                Choice::TakeBack(back)
            } else if sight.offered.is_zero() && sight.due.is_positive() {
                Choice::Collect
            } else {
                Choice::Wait
            }
        }
    }
}

/// The lenders of one population.
#[derive(Debug)]
struct Group {
    first: AccountId,
    lenders: Vec<TokenLender>,
}

/// Everybody who lends its tokens beside something else.
#[derive(Debug, Default, Resource)]
pub struct TokenLenders {
    groups: Vec<Group>,
}

impl TokenLenders {
    /// Lets the agents of a population lend.
    pub fn admit(&mut self, population: &Population, lenders: Vec<TokenLender>) {
        self.groups.push(Group { first: population.first, lenders });
    }
}

/// Submits what those awake choose.
fn decide(
    mut all: ResMut<TokenLenders>,
    calendar: Res<Calendar>,
    blocks: Res<Blocks>,
    eyes: Eyes,
    valuation: Res<Valuation>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(desk) = eyes.venues.desk() else { return };
    let (block, tick) = (eyes.clock.block(), eyes.clock.tick().0);
    let now_seconds = eyes.clock.now_seconds();
    let price = valuation.price(desk.token);
    for group in &mut all.groups {
        let count = u32::try_from(group.lenders.len()).unwrap_or(u32::MAX);
        for account in calendar.due(group.first, count) {
            // Each person acts in one of the people's blocks, as when it goes about its other business.
            if blocks.people > 1 && account.0.wrapping_add(tick) % blocks.people != block {
                continue;
            }
            let lender = &mut group.lenders[(account.0 - group.first.0) as usize];
            let sight = Sight {
                now_seconds,
                wallet: eyes.ledger.balance(account, desk.token),
                wallet_usd: eyes.ledger.units(account, desk.token) * price,
                offered: desk.offered_by(account),
                due: desk.due_to(account),
                lendable: desk.lendable(),
            };
            let action = match choose(&sight, lender) {
                Choice::Wait => continue,
                Choice::Offer(tokens) => DeskAction::Offer { tokens: Size::Exact(tokens) },
                Choice::TakeBack(tokens) => DeskAction::TakeBack { tokens: Size::Exact(tokens) },
                Choice::Collect => DeskAction::Collect,
            };
            mempool.submit(account, &[Action::Desk(action)]);
        }
    }
}

/// Adds the decisions of [`TokenLenders`] to a world.
pub fn install(world: &mut World) {
    add_decision(world, Stage::PeopleBlock, decide);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(hours: i64, wallet: i64, offered: i64, lendable: i64) -> Sight {
        let [wallet, offered, lendable] = [wallet, offered, lendable].map(Amount::from_atoms);
        let (now_seconds, wallet_usd) = (hours * 3_600, wallet.atoms() as f64);
        Sight { now_seconds, wallet, wallet_usd, offered, due: Amount::ZERO, lendable }
    }

    const LENDER: TokenLender =
        TokenLender { share: 0.4, hold_days: 10.0, min_offer_usd: 50.0, step: Step::Before };

    fn offer(atoms: i64) -> Choice {
        Choice::Offer(Amount::from_atoms(atoms))
    }

    fn back(atoms: i64) -> Choice {
        Choice::TakeBack(Amount::from_atoms(atoms))
    }

    /// Once offered they stay for ten days, then come back as far as they are not lent; they are not offered again.
    #[test]
    fn tokens_are_offered_once_and_wanted_back_in_time() {
        let mut lender = LENDER;
        assert_eq!(choose(&sight(0, 124, 0, 0), &mut lender), Choice::Wait, "49 dollars are too few");
        assert_eq!(choose(&sight(5, 200, 0, 0), &mut lender), offer(80));
        assert_eq!(choose(&sight(6, 900, 80, 80), &mut lender), Choice::Wait);
        assert_eq!(choose(&sight(244, 120, 80, 80), &mut lender), Choice::Wait);
        assert_eq!(choose(&sight(245, 120, 80, 30), &mut lender), back(30));
        assert_eq!(choose(&sight(246, 150, 50, 0), &mut lender), Choice::Wait, "the rest is lent");
        assert_eq!(choose(&sight(247, 150, 50, 60), &mut lender), back(50));
        let due = Sight { due: Amount::from_atoms(7), ..sight(248, 200, 0, 60) };
        assert_eq!(choose(&due, &mut lender), Choice::Collect);
        assert_eq!(choose(&sight(900, 200, 0, 60), &mut lender), Choice::Wait);
    }

    #[test]
    fn an_offer_that_failed_is_made_again_and_one_that_was_settled_is_not() {
        let mut lender = LENDER;
        assert_eq!(choose(&sight(5, 200, 0, 0), &mut lender), offer(80));
        assert_eq!(choose(&sight(9, 300, 0, 0), &mut lender), offer(120));
        // A borrower kept all of it: there are dollars in its place.
        let settled = Sight { due: Amount::from_atoms(7), ..sight(20, 180, 0, 0) };
        assert_eq!(choose(&settled, &mut lender), Choice::Collect);
        assert_eq!(choose(&sight(30, 180, 0, 0), &mut lender), Choice::Wait);
    }
}
