//! What anybody can see of a loan market.

use super::rates::SECONDS_PER_BLOCK;
use super::{LoanMarket, Series, Slot};
use crate::protocol::crp::{self, Pool, Terms};
use crate::quantity::SECONDS_PER_YEAR;
use crate::venue::Venues;
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;
use crate::world::oracle::Oracle;

/// A loan market as it stands. Prices in loan tokens; ratios and rates as numbers (0.01 is 1 %).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoanView {
    /// What the pool takes for the price of its collateral.
    pub spot: f64,
    /// The outside price of the collateral.
    pub mid: f64,
    /// The collateral pool.
    pub pool: Pool,
    /// Its terms.
    pub terms: Terms,
    /// Debt at face value over value, as the pool sees it.
    pub loan_to_value: f64,
    /// The same at the outside price.
    pub loan_to_value_outside: f64,
    /// Whether borrowers can join now.
    pub open: bool,
    /// Price of a yield token in the rate pool; `None` while it has none.
    pub bond_price: Option<f64>,
    /// Simple interest a year at that price.
    pub annual_rate: Option<f64>,
    /// Until the end of the term.
    pub years_left: f64,
    /// Yield tokens that the rate pool could pay out.
    pub yield_on_offer: f64,
    /// Loan tokens that the rate pool holds.
    pub tokens_on_offer: f64,
}

impl LoanMarket {
    /// The tokens and the vault of a term.
    #[must_use]
    pub const fn slot(&self, series: &Series) -> &Slot {
        // There are two, and a term takes them in turn.
        &self.slots[(series.slot & 1) as usize]
    }

    /// The collateral pool of a term.
    #[must_use]
    pub fn pool(&self, ledger: &Ledger, series: &Series) -> Pool {
        let slot = self.slot(series);
        Pool {
            strike: series.strike,
            weight_x: series.weight,
            balance_x: ledger.units(slot.vault, self.collateral),
            balance_y: ledger.units(slot.vault, self.token),
            yield_supply: ledger.supply_units(slot.yield_token),
            key_supply: ledger.supply_units(slot.key_token),
            converted: series.converted,
        }
    }

    /// The terms of the collateral pool of a term.
    #[must_use]
    pub fn terms(&self, series: &Series) -> Terms {
        Terms {
            expiry_block: height(series.expiry_seconds),
            initial_loan_to_value: series.initial_loan_to_value,
            conversion_ltv: series.conversion_ltv,
            ..self.rules.terms
        }
    }
}

impl Venues {
    /// What a pool takes for the price of its collateral now, in loan tokens; `None` while it has no price.
    #[must_use]
    pub fn loan_spot(&self, market: &LoanMarket, ledger: &Ledger, oracle: &Oracle) -> Option<f64> {
        let spot = match market.places.spot {
            Some(id) => self.pool(id).resilient_price(ledger)?,
            None => oracle.answer(market.places.feed).price / oracle.dollar_token(),
        };
        (spot > 0.0 && spot.is_finite()).then_some(spot)
    }

    /// What anybody can see of a loan market; `None` while its collateral has no price.
    #[must_use]
    pub fn loan_view(
        &self,
        market: &LoanMarket,
        ledger: &Ledger,
        oracle: &Oracle,
        clock: &Clock,
    ) -> Option<LoanView> {
        let running = &market.record.running;
        let spot = self.loan_spot(market, ledger, oracle)?;
        let mid = self.exchange.mid(oracle, market.collateral)?;
        let (pool, terms) = (market.pool(ledger, running), market.terms(running));
        // A pool without value has lent more than anything.
        let ratio = |price: f64| pool.loan_to_value(&terms, price).unwrap_or(f64::INFINITY);
        let loan_to_value = ratio(spot);
        let bond_price = market.bond_price(ledger, clock);
        let rate_state = market.rate_state(ledger);
        let left = (running.expiry_seconds - clock.now_seconds()).max(0);
        Some(LoanView {
            spot,
            mid,
            pool,
            terms,
            loan_to_value,
            loan_to_value_outside: ratio(mid),
            open: left > 0 && !pool.converted && loan_to_value <= terms.conversion_ltv,
            bond_price,
            annual_rate: bond_price.and_then(|price| market.annual_rate(clock, price)),
            years_left: left as f64 / SECONDS_PER_YEAR,
            yield_on_offer: rate_state.yield_token,
            tokens_on_offer: rate_state.token,
        })
    }

    /// The trade that brings a collateral pool to the outside price, if its fee and caps leave one.
    #[must_use]
    pub fn rebalancing_trade(view: &LoanView) -> Option<crate::protocol::amm::Trade> {
        crp::arbitrage_trade(&view.pool, &view.terms, view.mid)
    }

    /// What a trade of `amount` units with a collateral pool would do, at the weight it has stored; `None` where it would
    /// be refused.
    #[must_use]
    pub fn quote_rebalance(
        view: &LoanView,
        clock: &Clock,
        collateral_in: bool,
        amount: f64,
    ) -> Option<crp::Swapped> {
        let swap = if collateral_in { crp::swap_x_for_y } else { crp::swap_y_for_x };
        swap(&view.pool, &view.terms, view.spot, height(clock.now_seconds()), amount).ok()
    }
}

/// A moment in blocks of ten minutes, with its fraction.
#[must_use]
pub(super) fn height(seconds: i64) -> f64 {
    seconds as f64 / SECONDS_PER_BLOCK as f64
}
