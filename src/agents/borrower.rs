//! The borrower: wants dollars for a fixed term without selling its collateral, or collateral on credit.
//!
//! What it sees: the fixed rate and what its own size would do to it, the pool's loan-to-value, the time left, its own
//! collateral, dollars and key tokens. A borrower joins the collateral pool, receives yield and key tokens and sells the
//! yield tokens: their discount is its interest.
//!
//! *How much.* Demand falls with the rate: at the rate `r` for all of what it adds (price impact, fees and, in the end,
//! gas included) it wants a debt of
//!
//! `borrow_share x base x (1 - r / highest)^elasticity`
//!
//! and none from `highest` on. The highest acceptable rates differ between borrowers, so that the demand of all together
//! slopes down as well. Demand for loans against crypto collateral answers to its rate: Gudgeon, Werner, Perez and
//! Knottenbelt 2020, "DeFi protocols for loanable funds", AFT '20; for credit at large Karlan and Zinman 2008, "Credit
//! elasticities in less-developed economies", American Economic Review 98. The power form is an assumption.
//!
//! *What for.* [`Style::Cash`] keeps the dollars; its base is its collateral, free or pledged. The other styles buy
//! collateral with them and pledge that again, round by round or at once with a flash loan; their base is what their
//! collateral is worth after debt, and the debt wanted may exceed it (leverage of lending loops: Heimbach and Huang 2024,
//! "DeFi leverage", BIS Working Papers 1171).
//!
//! *When.* Not late in a term: gas and impact are paid once, the loan lasts until expiry. Not near the conversion
//! threshold, where the pool sells everything.
//!
//! *At expiry.* Nobody repays. A key token is an option on what is left after the debt (Merton 1974, "On the pricing of
//! corporate debt", Journal of Finance 29): it is claimed when that is worth more than the gas, else the borrower walks
//! away and keeps the loan. That the right to walk away is worth something beforehand enters only through the highest
//! rate. With its roll probability, drawn once a term, it goes on: it first buys collateral back with a part of its
//! dollars, since part of what it had was sold for the debt. Otherwise it sits a term out.

mod loan;
mod profile;

use bevy_ecs::prelude::*;
pub use loan::{Loan, MOST_ROUNDS, Style};
pub use profile::{BorrowerProfile, StyleProfile};
use rand::RngExt;

use super::loan_sight::{LastLook, LoanSight, RateCurve};
use super::wallet::Purse;
use super::{Awake, Dice, Eyes};
use crate::numerics::roots::brent_root;
use crate::quantity::{Amount, SECONDS_PER_DAY, SECONDS_PER_YEAR};
use crate::venue::exchange::Order;
use crate::venue::execute::Network;
use crate::venue::lending::{LendAction, LoanMarketId};
use crate::venue::{Action, Mempool};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

/// A borrower. Shares and rates as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct Borrower {
    pub market: LoanMarketId,
    pub style: Style,
    pub borrow_share: f32,
    pub highest_rate: f32,
    pub elasticity: f32,
    pub least_term_days: f32,
    pub conversion_distance: f32,
    pub min_loan_usd: f32,
    pub roll_probability: f32,
    pub rebuy_share: f32,
    pub memory: Memory,
}

/// What a borrower remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// The term it last made up its mind about.
    pub term: u32,
    /// It sits that term out.
    pub out: bool,
    /// It means to buy collateral back.
    pub rebuys: bool,
}

/// Key tokens of the term before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// How many.
    pub keys: Amount,
    /// What they would be paid now, dollars; `None` while the term is not settled.
    pub usd: Option<f64>,
}

/// What a borrower sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The market.
    pub market: LoanSight,
    /// Collateral in its wallet, at the outside price.
    pub free: Purse,
    /// Dollars in its wallet.
    pub cash: Purse,
    /// Key tokens of the running term: its debt at face value, dollars.
    pub debt: f64,
    /// Those of the term before, if it has any.
    pub claim: Option<Claim>,
    /// A draw between 0 and 1.
    pub draw: f64,
}

/// What a borrower does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Choice {
    /// Key tokens to claim on.
    pub claim: Option<Amount>,
    /// Dollars to spend on collateral.
    pub rebuy: Amount,
    /// A loan to take, against so much collateral of its own.
    pub borrow: Option<(Amount, Loan)>,
}

/// The debt wanted at a rate, at face value.
#[must_use]
pub fn wanted_debt(sight: &Sight, borrower: &Borrower, rate: f64) -> f64 {
    let ratio = sight.market.loan_to_value_outside;
    // Behind a debt stands its share of the pool.
    let pledged = if ratio > 0.0 { sight.debt / ratio } else { 0.0 };
    let base = match borrower.style {
        Style::Cash => sight.free.usd + pledged,
        Style::Loop { .. } | Style::Margin | Style::Roll => sight.free.usd + (pledged - sight.debt).max(0.0),
    };
    // A highest rate of zero leaves none: minus infinity, or no number.
    let room = 1.0 - rate / f64::from(borrower.highest_rate);
    if room > 0.0 && base.is_finite() {
        f64::from(borrower.borrow_share) * base * libm::pow(room.min(1.0), f64::from(borrower.elasticity))
    } else {
        0.0
    }
}

/// Days in a year.
const DAYS_PER_YEAR: f64 = SECONDS_PER_YEAR / SECONDS_PER_DAY as f64;

/// Whether it would join now at all.
fn is_welcome(sight: &Sight, borrower: &Borrower, curve: &RateCurve) -> bool {
    let market = &sight.market;
    market.open
        && curve.years * DAYS_PER_YEAR >= f64::from(borrower.least_term_days)
        && market.loan_to_value_outside.max(market.loan_to_value)
            <= market.conversion_loan_to_value - f64::from(borrower.conversion_distance)
}

/// The loan whose rate makes it want just that debt, or the largest that its collateral and the market allow.
#[must_use]
pub fn loan(sight: &Sight, borrower: &Borrower) -> Option<(Amount, Loan)> {
    let market = &sight.market;
    let curve = market.rates.filter(|curve| is_welcome(sight, borrower, curve))?;
    let least = f64::from(borrower.min_loan_usd).max(0.0);
    let highest = f64::from(borrower.highest_rate);
    let most_wanted = wanted_debt(sight, borrower, curve.standing_rate()?) - sight.debt;
    let free = sight.free.usd / market.mid;
    if !(most_wanted > 0.0 && most_wanted >= least && free > 0.0 && free.is_finite()) {
        return None;
    }
    let take = |collateral: f64| borrower.style.loan(market, &curve, collateral, free, highest);
    let missing = |collateral: f64| {
        if collateral <= 0.0 {
            return most_wanted;
        }
        take(collateral)
            .map_or(-most_wanted, |loan| wanted_debt(sight, borrower, loan.rate) - sight.debt - loan.face)
    };
    let collateral = if missing(free) >= 0.0 {
        free
    } else {
        // The root may lie on the edge of what the market takes: a step back is inside.
        brent_root(missing, 0.0, free, free * 1e-6).ok()? * 0.999
    };
    let loan = take(collateral)?;
    let gas = market.gas_usd * f64::from(borrower.style.actions());
    let all_in = curve.rate(loan.net_cash - gas, loan.face)?;
    let worthwhile = loan.face >= least && all_in <= highest && sight.cash.usd >= gas;
    let pledged = sight.free.worth(collateral * market.mid);
    (worthwhile && pledged.is_positive()).then_some((pledged, loan))
}

/// What a borrower does about what it sees; makes up its mind about a new term on the way.
#[must_use]
pub fn choose(sight: &Sight, borrower: &mut Borrower) -> Choice {
    let mut choice = Choice::default();
    let term = sight.market.term;
    let settled = sight.claim.is_none_or(|claim| claim.usd.is_some());
    if !settled {
        return choice;
    }
    if borrower.memory.term != term {
        let rolls = sight.draw < f64::from(borrower.roll_probability);
        let had_a_loan = sight.claim.is_some();
        borrower.memory = Memory { term, out: had_a_loan && !rolls, rebuys: had_a_loan && rolls };
    }
    let gas = sight.market.gas_usd;
    choice.claim = sight.claim.filter(|claim| claim.usd.is_some_and(|usd| usd > gas)).map(|claim| claim.keys);
    if choice.claim.is_some() {
        // What the claim brings is in the wallet when it looks again.
        return choice;
    }
    if std::mem::take(&mut borrower.memory.rebuys) {
        let kept = gas * f64::from(borrower.style.actions() + 2);
        let usd = f64::from(borrower.rebuy_share) * (sight.cash.usd - kept);
        if usd > 0.0 && usd >= f64::from(borrower.min_loan_usd) {
            choice.rebuy = sight.cash.worth(usd);
            return choice;
        }
    }
    if !borrower.memory.out {
        choice.borrow = loan(sight, borrower);
    }
    choice
}

/// What the borrower `id` sees; `None` while the market says nothing.
fn look(
    eyes: &Eyes<'_>,
    market: Option<LoanSight>,
    id: AccountId,
    borrower: &Borrower,
    draw: f64,
) -> Option<Sight> {
    let seen = market?;
    let market = eyes.venues.loan(borrower.market);
    let purse = |asset, price: f64| Purse {
        amount: eyes.ledger.balance(id, asset),
        usd: eyes.ledger.units(id, asset) * price,
    };
    let claim = market.record.before.as_ref().and_then(|before| {
        let keys = eyes.ledger.balance(id, market.slot(before).key_token);
        keys.is_positive().then(|| {
            let paid = before.settled.and_then(|_| market.quote_claim(&eyes.ledger, Amount::ZERO, keys));
            let usd = paid.map(|[collateral, tokens]| {
                let units = |asset, amount| eyes.ledger.asset(asset).decimals.units(amount);
                units(market.collateral, collateral) * seen.mid + units(market.token, tokens)
            });
            Claim { keys, usd }
        })
    });
    Some(Sight {
        market: seen,
        free: purse(market.collateral, seen.mid),
        cash: purse(market.token, 1.0),
        debt: eyes.ledger.units(id, market.slot(&market.record.running).key_token),
        claim,
        draw,
    })
}

/// Submits what those awake choose.
pub fn decide(
    mut awake: Awake<Borrower>,
    eyes: Eyes,
    network: Res<Network>,
    dice: Res<Dice<Borrower>>,
    mut mempool: ResMut<Mempool>,
) {
    let tick = eyes.clock.tick().0;
    let mut last = LastLook::default();
    awake.each(|id, borrower| {
        let draw = dice.stream.at(id.0, tick).random();
        let seen = last.at(&eyes, &network, borrower.market);
        let Some(sight) = look(&eyes, seen, id, borrower, draw) else { return };
        let choice = choose(&sight, borrower);
        let market = eyes.venues.loan(borrower.market);
        if let Some(keys) = choice.claim {
            let claim = LendAction::RedeemKey { market: borrower.market, key_tokens: Size::Exact(keys) };
            mempool.submit(id, &[Action::Lend(claim)]);
        }
        if choice.rebuy.is_positive() {
            let buy = Order::Buy { asset: market.collateral, dollars: Size::Exact(choice.rebuy) };
            mempool.submit(id, &[Action::Exchange(buy)]);
        }
        let taken = choice.borrow.and_then(|(collateral, loan)| {
            borrower.style.transaction(market, &eyes.ledger, borrower.market, collateral, &loan)
        });
        if let Some((actions, count, terms)) = taken {
            mempool.submit_on(id, &actions[..count], terms);
        }
    });
}

#[cfg(test)]
mod tests;
