//! Issuance by vote: tokens minted and sold for cash that the protocol lacks, and cash spent on tokens that are burned.
//!
//! An enacted vote starts a program, which goes on by itself: a slice at each tick, before anybody acts, through the pool
//! in which the token trades, at whatever the pool asks. A sale ends when everything is sold, when its time is over, or when
//! what it is for is filled: the reserve at its target, the treasury at the ratio that recapitalisation aims at. What is then
//! left unsold is burned. A buy-back never takes the reserve below its target, and burns what it buys at once.
//!
//! A sale for the treasury turns its proceeds into collateral outside and leaves them with the recapitaliser: from there
//! [`super::rescue`] takes what is needed, whether it was there from the start or raised. While such a sale goes on the
//! treasury is brought up to its target, not only out of its worst mode.
//!
//! Source: ALEX's articles name the reserve first and issuance by vote second, sold until the hole is filled, and buy-backs
//! with what the reserve has to spare; the white paper of f(x) names the sale of governance tokens. Neither gives a schedule or
//! a limit: both are the vote's.

mod programs;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::token::TokenEconomy;
use super::{Deal, Refusal, Undo, Venues};
use crate::protocol::governance::Purpose;
use crate::protocol::issuance::dilution_share;
use crate::quantity::{Amount, SECONDS_PER_HOUR};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;
use crate::world::notes::Note;
use crate::world::oracle::Oracle;

/// The longest program, in hours: a hundred years.
const MOST_HOURS: f64 = 876_000.0;

/// What voters decide to sell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SaleOrder {
    /// At most so many tokens: all of them are minted at once.
    pub tokens: Amount,
    /// For what.
    pub purpose: Purpose,
    /// Hours over which they are sold, evenly; what is not sold by then is burned.
    pub over_hours: f64,
    /// The marginal price below which nothing is sold, in on-chain dollars a token.
    pub least_price_usd: Option<f64>,
}

/// A sale that goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sale {
    /// What was decided.
    pub order: SaleOrder,
    /// Seconds that remain.
    pub seconds_left: i64,
    /// Tokens sold so far.
    pub sold: Amount,
    /// What they brought, in on-chain dollars at the outside mid price of what was paid.
    pub raised_usd: f64,
}

impl Sale {
    /// Tokens that are still to be sold.
    #[must_use]
    pub fn left(&self) -> Amount {
        self.order.tokens.saturating_less(self.sold)
    }
}

/// A buy-back that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuyBack {
    /// Dollars it may spend.
    pub cash: Amount,
    /// Seconds that remain.
    pub seconds_left: i64,
    /// Dollars spent so far.
    pub spent: Amount,
    /// Tokens bought for them, and burned.
    pub bought: Amount,
}

/// What the token remembers of vesting, sales and buy-backs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TokenRecord {
    /// Second of the run up to which grants have been released.
    pub vested_until_seconds: i64,
    /// Released since it was last told.
    pub released_since_told: Amount,
    /// The sale that goes on.
    pub sale: Option<Sale>,
    /// The buy-back that goes on.
    pub buy_back: Option<BuyBack>,
    /// Tokens minted by votes since the start.
    pub issued: Amount,
    /// Of these, burned because they were not sold.
    pub burned_unsold: Amount,
    /// Tokens bought back and burned since the start.
    pub bought_back: Amount,
}

/// Why a program cannot begin.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum IssuanceRefusal {
    /// The token is not allotted, or there is none.
    #[error("tokens can be issued and bought back only where `governance.allocation` says whose they are")]
    NotAllotted,
    /// The token has no market.
    #[error("there is no pool that trades the governance token against a coin of the outside market")]
    NoMarket,
    /// One at a time.
    #[error("another program of the same kind goes on for {seconds_left} s")]
    GoesOn {
        /// How long it may still take.
        seconds_left: i64,
    },
    /// Nothing is to be sold or spent.
    #[error("expected an amount above zero, found {found} atoms")]
    Nothing {
        /// The amount asked for.
        found: Amount,
    },
    /// The duration is none.
    #[error("expected 0 to 876000 hours, found {found}")]
    Hours {
        /// The duration asked for.
        found: f64,
    },
    /// The least price is none.
    #[error("expected a least price above zero dollars, found {found}")]
    Price {
        /// The price asked for.
        found: f64,
    },
}

fn positive(amount: Amount) -> Result<(), IssuanceRefusal> {
    if amount.is_positive() { Ok(()) } else { Err(IssuanceRefusal::Nothing { found: amount }) }
}

#[allow(clippy::cast_possible_truncation, reason = "checked to be at most a hundred years")]
fn seconds(hours: f64) -> Result<i64, IssuanceRefusal> {
    if !(0.0..=MOST_HOURS).contains(&hours) {
        return Err(IssuanceRefusal::Hours { found: hours });
    }
    Ok((hours * SECONDS_PER_HOUR as f64).round() as i64)
}

impl SaleOrder {
    /// Says whether the order makes sense by itself.
    ///
    /// # Errors
    /// [`IssuanceRefusal`].
    pub fn check(&self) -> Result<(), IssuanceRefusal> {
        positive(self.tokens)?;
        seconds(self.over_hours)?;
        match self.least_price_usd {
            Some(found) if !(found > 0.0 && found < f64::INFINITY) => Err(IssuanceRefusal::Price { found }),
            _ => Ok(()),
        }
    }
}

impl TokenRecord {
    /// Tokens burned since the start, unsold or bought back.
    #[must_use]
    pub fn burned(&self) -> Amount {
        self.burned_unsold.checked_add(self.bought_back).unwrap_or(Amount::MAX)
    }

    /// Tokens that wait to be sold.
    #[must_use]
    pub fn sale_left(&self) -> Amount {
        self.sale.map_or(Amount::ZERO, |sale| sale.left())
    }
}

impl TokenEconomy {
    /// Tokens minted by votes and not burned unsold, over the initial supply.
    #[must_use]
    pub fn dilution_share(&self) -> Option<f64> {
        dilution_share(self.record.issued, self.record.burned_unsold, self.initial_supply)
    }
}

impl Venues {
    /// Mints the tokens of a voted sale and lets it go on from the next tick.
    ///
    /// # Errors
    /// [`Refusal`]; the caller then rolls back, and otherwise commits.
    pub fn start_sale(&mut self, deal: &mut Deal<'_>, order: SaleOrder) -> Result<(), Refusal> {
        order.check()?;
        if order.purpose == Purpose::Recapitalise && self.treasury.is_none() {
            return Err(Refusal::NoTreasury);
        }
        let economy = self.may_begin(deal.oracle)?;
        if let Some(Sale { seconds_left, .. }) = economy.record.sale {
            return Err(IssuanceRefusal::GoesOn { seconds_left }.into());
        }
        let (token, accounts) = (economy.token, economy.accounts);
        let issued = economy.record.issued.checked_add(order.tokens);
        let issued = issued.ok_or(crate::world::ledger::LedgerError::Overflow)?;
        deal.ledger.mint(accounts.foundation, accounts.issuance, token, order.tokens)?;
        let seconds_left = seconds(order.over_hours)?;
        self.change_token(|record| {
            record.issued = issued;
            record.sale = Some(Sale { order, seconds_left, sold: Amount::ZERO, raised_usd: 0.0 });
        });
        let tokens = deal.ledger.asset(token).decimals.units(order.tokens);
        let purpose = order.purpose.name();
        let issued = format!("{tokens} tokens minted");
        deal.notes.add(note(deal.clock, "issuance", purpose.into(), issued, tokens));
        let least =
            order.least_price_usd.map_or_else(String::new, |least| format!(", at {least} usd or more"));
        let begins = format!("begins: up to {tokens} tokens over {} h{least}", order.over_hours);
        deal.notes.add(note(deal.clock, "sale", purpose.into(), begins, 0.0));
        Ok(())
    }

    /// Lets up to `cash` dollars of the reserve be spent on tokens from the next tick on, evenly over so many hours.
    ///
    /// # Errors
    /// [`Refusal`]; the caller then rolls back, and otherwise commits.
    pub fn start_buy_back(
        &mut self,
        deal: &mut Deal<'_>,
        cash: Amount,
        over_hours: f64,
    ) -> Result<(), Refusal> {
        positive(cash)?;
        let seconds_left = seconds(over_hours)?;
        if let Some(BuyBack { seconds_left, .. }) = self.may_begin(deal.oracle)?.record.buy_back {
            return Err(IssuanceRefusal::GoesOn { seconds_left }.into());
        }
        let program = BuyBack { cash, seconds_left, spent: Amount::ZERO, bought: Amount::ZERO };
        self.change_token(|record| record.buy_back = Some(program));
        let dollars = deal.ledger.asset(self.exchange.dollar()).decimals.units(cash);
        let begins = format!("begins: up to {dollars} usd over {over_hours} h");
        deal.notes.add(note(deal.clock, "buy_back", "reserve".into(), begins, 0.0));
        Ok(())
    }

    /// Tokens whose sale at once would bring `dollars`, in units: what a proposer has to ask for. `None` without a market, or
    /// where no sale brings as much.
    #[must_use]
    pub fn quote_sale(&self, ledger: &Ledger, oracle: &Oracle, dollars: f64) -> Option<f64> {
        let market = self.market_against_cash(oracle, self.token.as_ref()?.token)?;
        let cash = self.cash_to_receive(oracle, market.cash, self.exchange.dollar(), dollars)?;
        market.pool.quote_exact_out(ledger, market.side_to_sell(), cash)
    }

    /// The token, if it is allotted and has a market.
    fn may_begin(&self, oracle: &Oracle) -> Result<&TokenEconomy, IssuanceRefusal> {
        let economy = self.token.as_ref().ok_or(IssuanceRefusal::NotAllotted)?;
        match self.market_against_cash(oracle, economy.token) {
            Some(_) => Ok(economy),
            None => Err(IssuanceRefusal::NoMarket),
        }
    }

    /// Changes what the token remembers, so that a rollback restores it.
    fn change_token(&mut self, change: impl FnOnce(&mut TokenRecord)) {
        if let Some(economy) = &mut self.token {
            self.undo.push(Undo::Token(Box::new(economy.record)));
            change(&mut economy.record);
        }
    }
}

/// An event of a program: nobody's in particular.
fn note(clock: &Clock, kind: &'static str, subject: String, detail: String, value: f64) -> Note {
    Note { tick: clock.tick(), block: clock.block(), agent: None, kind, subject, detail, value: Some(value) }
}
