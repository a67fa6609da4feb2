//! Expiry: turning collateral into the loan tokens that the yield tokens are owed.
//!
//! Settlement is of the whole pool, not of one holder's share, and it sells outside, so it is three steps:
//! [`yield_short_of`] says how many loan tokens to buy, the market quotes the collateral for them, [`plan_sale`] says how
//! much is sold and who brings it, and [`settle`] takes the proceeds in.
//!
//! | | [`Profile::Contract`] | [`Profile::Whitepaper`] |
//! |---|---|---|
//! | bought | 1.1 times what is missing | what is missing |
//! | collateral beyond the pool's | from the reserve's ledger of the collateral token | none is sold |
//! | a reserve that is too small | nobody redeems ([`Refusal::ReserveShort`]) | yield holders share the haircut |
//! | the cushion | goes to the key holders, who have defaulted | there is none |

use super::pool::Pool;
use super::refusal::{Refusal, not_negative};
use super::terms::{Profile, Terms};

/// Collateral that is sold to settle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sale {
    /// Collateral to be sold for loan tokens outside.
    pub sell_x: f64,
    /// The part of it that the reserve brings, in collateral tokens.
    pub from_reserve_x: f64,
}

/// A settled pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    /// The pool after settlement.
    pub next: Pool,
    /// Loan tokens that the reserve pays in.
    pub from_reserve_y: f64,
    /// Loan tokens still missing for all yield tokens.
    pub missing_y: f64,
}

/// Loan tokens to buy so that every yield token is paid, with the cushion; zero where the pool holds enough.
#[must_use]
pub fn yield_short_of(pool: &Pool, terms: &Terms) -> f64 {
    if pool.yield_supply <= pool.balance_y {
        0.0
    } else {
        (pool.yield_supply - pool.balance_y) * terms.shortfall_coverage
    }
}

/// What to sell, when the market quotes `quoted_x` collateral for the loan tokens that [`yield_short_of`] asks for and the
/// reserve's ledger holds `reserve_x` collateral.
///
/// The contract quotes the purchase in the wrong direction (as a sale of loan tokens for collateral); its cushion is to
/// cover that. Give it that quote.
///
/// # Errors
/// [`Refusal::NotExpired`] until expiry is over, [`Refusal::NotPositive`] for a quote that is no amount,
/// [`Refusal::ReserveShort`] in [`Profile::Contract`].
pub fn plan_sale(
    pool: &Pool,
    terms: &Terms,
    height: f64,
    quoted_x: f64,
    reserve_x: f64,
) -> Result<Sale, Refusal> {
    refuse_until_expired(terms, height)?;
    not_negative("the quote", quoted_x)?;
    if yield_short_of(pool, terms) == 0.0 {
        return Ok(Sale { sell_x: 0.0, from_reserve_x: 0.0 });
    }
    match terms.profile {
        Profile::Whitepaper => Ok(Sale { sell_x: quoted_x.min(pool.balance_x), from_reserve_x: 0.0 }),
        Profile::Contract => {
            let needed = (quoted_x - pool.balance_x).max(0.0);
            if needed > 0.0 && (reserve_x.is_nan() || needed > reserve_x) {
                return Err(Refusal::ReserveShort { needed, held: reserve_x });
            }
            Ok(Sale { sell_x: quoted_x, from_reserve_x: needed })
        }
    }
}

/// The pool after the sale brought `proceeds_y`, where the reserve will pay up to `reserve_y` loan tokens
/// ([`Profile::Whitepaper`]).
///
/// # Errors
/// [`Refusal::NotPositive`] for proceeds or a reserve that are no amounts.
pub fn settle(
    pool: &Pool,
    terms: &Terms,
    sale: &Sale,
    proceeds_y: f64,
    reserve_y: f64,
) -> Result<Settled, Refusal> {
    let held = pool.balance_y + not_negative("the proceeds", proceeds_y)?;
    let missing = (pool.yield_supply - held).max(0.0);
    let from_reserve_y = match terms.profile {
        Profile::Contract => 0.0,
        Profile::Whitepaper => missing.min(not_negative("the reserve", reserve_y)?),
    };
    // With help from the reserve everything the pool had is sold.
    let balance_x = if sale.from_reserve_x > 0.0 { 0.0 } else { (pool.balance_x - sale.sell_x).max(0.0) };
    Ok(Settled {
        next: Pool { balance_x, balance_y: held + from_reserve_y, ..*pool },
        from_reserve_y,
        missing_y: missing - from_reserve_y,
    })
}

/// Refuses until the block after expiry.
#[inline]
pub(super) fn refuse_until_expired(terms: &Terms, height: f64) -> Result<(), Refusal> {
    if height > terms.expiry_block {
        Ok(())
    } else {
        Err(Refusal::NotExpired { expiry: terms.expiry_block, height })
    }
}
