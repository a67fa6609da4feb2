//! The lender: has dollars it can spare until expiry, for a rate.
//!
//! What it sees: the fixed rate and what its own size would do to it, the loan-to-value at the outside price, its own
//! dollars and yield tokens. A yield token pays one dollar at expiry and costs less: who buys it lends.
//!
//! *At which rate.* Parting with money for a term has a price (liquidity preference: Keynes 1936, "The General Theory",
//! chapter 13), which differs between people: the reservation rate. Lenders are paid after a pool of volatile collateral,
//! so that above a loan-to-value with which it is comfortable a lender demands more in proportion (a credit spread that
//! grows with leverage: Merton 1974, "On the pricing of corporate debt", Journal of Finance 29; a straight line is an
//! assumption).
//!
//! *How much.* Up to a share of its wealth (the rest stays liquid: Tobin 1958, "Liquidity preference as behavior towards
//! risk", Review of Economic Studies 25), and so much that the next dollar would earn just the required rate: lenders
//! together push the rate down to what the last of them asks, no further. The order carries that rate as its limit.
//!
//! *Before expiry.* It sells back, with a propensity at each look, when the loan-to-value passes its alarm, bearing a
//! loss up to a limit; and when the rate has fallen far below its reservation, which makes its tokens dear.
//!
//! *At expiry.* It claims whatever is worth more than the gas, and lends again in the next term.

mod profile;

use bevy_ecs::prelude::*;
pub use profile::LenderProfile;
use rand::RngExt;

use super::loan_sight::{LastLook, LoanSight};
use super::wallet::Purse;
use super::{Awake, Dice, Eyes};
use crate::quantity::Amount;
use crate::venue::execute::Network;
use crate::venue::lending::{LendAction, LoanMarketId};
use crate::venue::{Action, Mempool};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

/// A lender. Shares and rates as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct Lender {
    pub market: LoanMarketId,
    pub reservation_rate: f32,
    pub lend_share: f32,
    pub comfortable_loan_to_value: f32,
    pub risk_premium: f32,
    pub alarm_loan_to_value: f32,
    pub alarm_probability: f32,
    pub most_loss_share: f32,
    pub exit_rate_share: f32,
    pub exit_probability: f32,
    pub min_trade_usd: f32,
}

/// What a lender sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The market.
    pub market: LoanSight,
    /// Dollars that it can spend.
    pub cash: Purse,
    /// Yield tokens of the running term, at face value.
    pub held: Purse,
    /// Those of the term before, at what they are paid; worth nothing while it is not settled.
    pub claim: Purse,
    /// A draw between 0 and 1.
    pub draw: f64,
}

/// What a lender does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// Nothing.
    Stay,
    /// Claim on so many yield tokens.
    Claim(Amount),
    /// Pay dollars for at least so many yield tokens.
    Lend {
        /// Dollars.
        cash: Amount,
        /// Yield tokens, units.
        least: f64,
    },
    /// Part with yield tokens for at least so many dollars.
    SellBack {
        /// Yield tokens.
        yield_tokens: Amount,
        /// Dollars, units.
        least: f64,
    },
}

/// Actions for which gas is kept back: a loan, a sale, a claim.
const KEPT_ACTIONS: i64 = 3;

/// The rate per year from which on it lends.
#[must_use]
pub fn required_rate(sight: &Sight, lender: &Lender) -> f64 {
    let above = sight.market.loan_to_value_outside - f64::from(lender.comfortable_loan_to_value);
    let premium = if above > 0.0 { f64::from(lender.risk_premium) * above } else { 0.0 };
    f64::from(lender.reservation_rate) + premium
}

/// What a lender does about what it sees.
#[must_use]
pub fn choose(sight: &Sight, lender: &Lender) -> Choice {
    if sight.claim.usd > sight.market.gas_usd && sight.claim.amount.is_positive() {
        return Choice::Claim(sight.claim.amount);
    }
    sell_back(sight, lender).or_else(|| lend(sight, lender)).unwrap_or(Choice::Stay)
}

fn lend(sight: &Sight, lender: &Lender) -> Option<Choice> {
    let curve = sight.market.rates?;
    let required = required_rate(sight, lender);
    let wealth = sight.cash.usd + sight.held.usd;
    let gap = f64::from(lender.lend_share) * wealth - sight.held.usd;
    let size = gap.min(sight.cash.usd).min(curve.most_lent(required));
    if !(size > 0.0 && size >= f64::from(lender.min_trade_usd)) {
        return None;
    }
    let all_in = curve.rate(size + sight.market.gas_usd, curve.lend(size)?)?;
    let (cash, least) = (sight.cash.worth(size), size * curve.growth(required));
    (all_in >= required && cash.is_positive()).then_some(Choice::Lend { cash, least })
}

fn sell_back(sight: &Sight, lender: &Lender) -> Option<Choice> {
    let curve = sight.market.rates?;
    let face = sight.held.usd.min(curve.most_sold());
    if !(face > 0.0 && face >= f64::from(lender.min_trade_usd)) {
        return None;
    }
    let alarmed = sight.market.loan_to_value_outside > f64::from(lender.alarm_loan_to_value);
    // The price below which it rather waits for expiry.
    let floor = if alarmed && sight.draw < f64::from(lender.alarm_probability) {
        1.0 - f64::from(lender.most_loss_share)
    } else if !alarmed && sight.draw < f64::from(lender.exit_probability) {
        1.0 / curve.growth(f64::from(lender.exit_rate_share) * f64::from(lender.reservation_rate))
    } else {
        return None;
    };
    let (received, _) = curve.borrow(face)?;
    let (yield_tokens, least) = (sight.held.worth(face), face * floor);
    (received - sight.market.gas_usd >= least && yield_tokens.is_positive())
        .then_some(Choice::SellBack { yield_tokens, least })
}

/// What the lender `id` sees; `None` while the market says nothing.
fn look(
    eyes: &Eyes<'_>,
    network: &Network,
    seen: Option<LoanSight>,
    id: AccountId,
    lender: &Lender,
    draw: f64,
) -> Option<Sight> {
    let seen = seen?;
    let market = eyes.venues.loan(lender.market);
    let purse = |asset, amount, price: f64| Purse {
        amount,
        usd: eyes.ledger.asset(asset).decimals.units(amount) * price,
    };
    let gas = Amount::from_atoms(network.gas_per_action.atoms().saturating_mul(KEPT_ACTIONS));
    let cash = eyes.ledger.balance(id, market.token).saturating_less(gas);
    let bonds = market.slot(&market.record.running).yield_token;
    let claim = market.record.before.as_ref().map_or(Purse::default(), |before| {
        let bonds = market.slot(before).yield_token;
        purse(bonds, eyes.ledger.balance(id, bonds), before.settled.unwrap_or(0.0))
    });
    Some(Sight {
        market: seen,
        cash: purse(market.token, cash, 1.0),
        held: purse(bonds, eyes.ledger.balance(id, bonds), 1.0),
        claim,
        draw,
    })
}

/// Submits what those awake choose.
pub fn decide(
    mut awake: Awake<Lender>,
    eyes: Eyes,
    network: Res<Network>,
    dice: Res<Dice<Lender>>,
    mut mempool: ResMut<Mempool>,
) {
    let tick = eyes.clock.tick().0;
    let mut last = LastLook::default();
    awake.each(|id, lender| {
        let draw = dice.stream.at(id.0, tick).random();
        let seen = last.at(&eyes, &network, lender.market);
        let Some(sight) = look(&eyes, &network, seen, id, lender, draw) else { return };
        let market = eyes.venues.loan(lender.market);
        let least = |asset, units| eyes.ledger.asset(asset).decimals.ceil(units).unwrap_or(Amount::MAX);
        let action = match choose(&sight, lender) {
            Choice::Stay => return,
            Choice::Claim(amount) => {
                LendAction::RedeemYield { market: lender.market, yield_tokens: Size::Exact(amount) }
            }
            Choice::Lend { cash, least: units } => {
                let bonds = market.slot(&market.record.running).yield_token;
                let min_out = least(bonds, units);
                LendAction::BuyYield { market: lender.market, tokens: Size::Exact(cash), min_out }
            }
            Choice::SellBack { yield_tokens, least: units } => {
                let (paid, min_out) = (Size::Exact(yield_tokens), least(market.token, units));
                LendAction::SellYield { market: lender.market, yield_tokens: paid, min_out }
            }
        };
        mempool.submit(id, &[Action::Lend(action)]);
    });
}

#[cfg(test)]
mod tests;
