//! A loan market as people see it: what fixed rate a size would get, and which size a rate would bear.
//!
//! Rates are simple interest a year until the end of the term, price impact and fee included: `(face / cash - 1) / years`.
//! Who lends pays cash now and receives the face value at expiry, who borrows the other way round, so that one formula
//! serves both. The sizes are the inverse of the curve of [`crate::protocol::yield_token`], in closed form.

use super::Eyes;
use crate::protocol::yield_token::{self, BLOCKS_PER_YEAR, Side, State, Terms};
use crate::venue::execute::Network;
use crate::venue::lending::{LoanMarket, LoanMarketId};

/// A trade at a cap is refused; this much of it is not.
const BELOW_CAP: f64 = 0.999;

/// The rate pool of a running term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateCurve {
    /// What the pool holds.
    pub state: State,
    /// What it trades on.
    pub terms: Terms,
    /// The present block.
    pub height: u64,
    /// Until the end of the term; above zero.
    pub years: f64,
}

impl RateCurve {
    /// The pool, while there is time left and it has tokens.
    #[must_use]
    pub fn of(market: &LoanMarket, eyes: &Eyes<'_>) -> Option<Self> {
        let (terms, height) = (market.rate_terms(), market.rate_height(&eyes.clock));
        let years = terms.maturity.blocks_left(height) as f64 / BLOCKS_PER_YEAR;
        let curve = Self { state: market.rate_state(&eyes.ledger), terms, height, years };
        (years > 0.0 && curve.price().is_some()).then_some(curve)
    }

    /// Yield tokens for one token at the margin, at least one.
    fn price(&self) -> Option<f64> {
        yield_token::price(&self.state, &self.terms, self.height).ok()
    }

    /// Face value at expiry of one token now, at this rate.
    #[must_use]
    pub fn growth(&self, rate: f64) -> f64 {
        1.0 + rate * self.years
    }

    /// The rate between cash now and face value at expiry; `None` without cash.
    #[must_use]
    pub fn rate(&self, cash: f64, face: f64) -> Option<f64> {
        let rate = (face / cash - 1.0) / self.years;
        (cash > 0.0 && rate.is_finite()).then_some(rate)
    }

    /// The rate at the margin.
    #[must_use]
    pub fn standing_rate(&self) -> Option<f64> {
        self.rate(1.0, self.price()?)
    }

    /// Yield tokens for so many tokens, fee taken; `None` where the pool refuses.
    #[must_use]
    pub fn lend(&self, tokens: f64) -> Option<f64> {
        self.swap(Side::BuyYield, tokens).map(|(out, _)| out)
    }

    /// Tokens for so many yield tokens, fee taken, and the pool afterwards; `None` where the pool refuses.
    #[must_use]
    pub fn borrow(&self, yield_tokens: f64) -> Option<(f64, Self)> {
        self.swap(Side::SellYield, yield_tokens)
    }

    fn swap(&self, side: Side, paid: f64) -> Option<(f64, Self)> {
        let swapped = yield_token::swap(&self.state, &self.terms, self.height, side, paid, None).ok()?;
        Some((swapped.out, Self { state: swapped.next, ..*self }))
    }

    /// Tokens that can be lent until the next one would earn just `rate`, fee taken; nothing where already the first earns
    /// no more, and never more than the pool can serve.
    #[must_use]
    pub fn most_lent(&self, rate: f64) -> f64 {
        let most = || {
            let price = self.price()?;
            // The fee is a share of the interest at the price before the trade, whatever the size.
            let kept = 1.0 - (price - 1.0) * self.terms.token_fee_rate;
            let target = (self.growth(rate) / kept).max(1.0);
            let t = self.terms.maturity.time_at(self.height).ok()?;
            let reserves = self.state.reserves();
            let by_rate = reserves.token_in_to_price(target, t).ok()?;
            let offered = self.state.yield_token.min(self.terms.caps.max_out * reserves.yield_token);
            let by_offer = reserves.in_given_out(Side::BuyYield, t, BELOW_CAP * offered).ok()?;
            let net = by_rate.min(by_offer).min(BELOW_CAP * self.terms.caps.max_in * reserves.token);
            Some(net / kept)
        };
        most().filter(|most| most.is_finite()).unwrap_or(0.0)
    }

    /// Yield tokens that the pool takes in one trade.
    #[must_use]
    pub fn most_sold(&self) -> f64 {
        let most = || {
            let (t, reserves) = (self.terms.maturity.time_at(self.height).ok()?, self.state.reserves());
            let paid = BELOW_CAP * self.terms.caps.max_out * reserves.token;
            let by_out = reserves.in_given_out(Side::SellYield, t, paid).ok()?;
            Some(by_out.min(BELOW_CAP * self.terms.caps.max_in * reserves.yield_token))
        };
        most().filter(|most| most.is_finite()).unwrap_or(0.0)
    }
}

/// A loan market before somebody's eyes. Ratios and rates as numbers (0.01 is 1 %), prices in loan tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoanSight {
    /// Which market.
    pub id: LoanMarketId,
    /// The rate pool; `None` while it says nothing.
    pub rates: Option<RateCurve>,
    /// Which term runs, counted from one.
    pub term: u32,
    /// Whether borrowers can join.
    pub open: bool,
    /// What the collateral pool takes for the price of its collateral.
    pub spot: f64,
    /// The outside price of the collateral.
    pub mid: f64,
    /// Debt at face value over value, as the pool sees it: the ratio at which borrowers join.
    pub loan_to_value: f64,
    /// The same at the outside price.
    pub loan_to_value_outside: f64,
    /// The ratio at which the pool leaves its collateral.
    pub conversion_loan_to_value: f64,
    /// Collateral that can still be brought, units.
    pub room: f64,
    /// Part of a small purchase of collateral outside that is lost.
    pub purchase_cost_share: f64,
    /// Fee of a flash loan of collateral, as a share of it.
    pub flash_fee: f64,
    /// Gas of one action, dollars.
    pub gas_usd: f64,
}

impl LoanSight {
    /// What these eyes see of a market; `None` while its collateral has no price.
    #[must_use]
    pub fn look(eyes: &Eyes<'_>, network: &Network, id: LoanMarketId) -> Option<Self> {
        let market = eyes.venues.loan(id);
        let view = eyes.venues.loan_view(market, &eyes.ledger, &eyes.oracle, &eyes.clock)?;
        let size = view.pool.value_in_collateral(view.spot).ok()?;
        let depth = market.places.sales.map_or(f64::INFINITY, |pool| {
            let held = eyes.ledger.units(eyes.venues.pool(pool).account, market.collateral);
            held * view.terms.capacity_multiplier
        });
        Some(Self {
            id,
            rates: RateCurve::of(market, eyes),
            term: market.record.terms_opened,
            open: view.open,
            spot: view.spot,
            mid: view.mid,
            loan_to_value: view.loan_to_value,
            loan_to_value_outside: view.loan_to_value_outside,
            conversion_loan_to_value: view.terms.conversion_ltv,
            room: BELOW_CAP * (depth.min(market.rules.collateral_cap) - size).max(0.0),
            purchase_cost_share: eyes.venues.exchange.cost_share(0.0),
            flash_fee: market.rules.flash_fee,
            gas_usd: eyes.ledger.asset(network.asset).decimals.units(network.gas_per_action),
        })
    }
}

/// The market an agent looked at last: within a block all see the same.
#[derive(Debug, Default)]
pub struct LastLook(Option<(LoanMarketId, Option<LoanSight>)>);

impl LastLook {
    /// The market `id`, seen anew only if the last look was at another one.
    pub fn at(&mut self, eyes: &Eyes<'_>, network: &Network, id: LoanMarketId) -> Option<LoanSight> {
        match self.0 {
            Some((last, sight)) if last == id => sight,
            _ => {
                let sight = LoanSight::look(eyes, network, id);
                self.0 = Some((id, sight));
                sight
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::yield_token::Maturity;

    /// Blocks in a quarter of a year.
    const QUARTER: u64 = 13_140;

    /// A quarter left, four years of curve: 1,000,000 tokens against that many times `ratio` yield tokens, 1,000,000 of them
    /// virtual; a fee of 1 % of the interest.
    pub(in crate::agents) fn curve(ratio: f64) -> RateCurve {
        let scale = yield_token::TimeScale::LatestExpiry { height: 16 * QUARTER };
        let maturity = Maturity { listed: 0, expiry: QUARTER, scale };
        RateCurve {
            state: State {
                token: 1e6,
                yield_token: (ratio - 1.0) * 1e6,
                virtual_yield_token: 1e6,
                shares: 1e6,
            },
            terms: Terms { small_threshold: 0.0, ..Terms::mainnet(maturity) },
            height: 0,
            years: 0.25,
        }
    }

    /// Y / X = 1.4 and t = 1/16: a token is 1.4^(1/16) = 1.021252 yield tokens, 8.50 % a year.
    #[test]
    fn worked_example_of_a_rate() {
        let curve = curve(1.4);
        assert!((curve.standing_rate().unwrap() - 4.0 * (libm::pow(1.4, 1.0 / 16.0) - 1.0)).abs() < 1e-12);
        assert!((curve.rate(100.0, 102.0).unwrap() - 0.08).abs() < 1e-12);
        assert!((curve.growth(0.08) - 1.02).abs() < 1e-12);
        assert_eq!(curve.rate(0.0, 1.0), None);
    }

    #[test]
    fn a_pool_without_yield_tokens_cannot_be_lent_to() {
        assert_eq!(curve(1.0).most_lent(0.0), 0.0);
        assert!(curve(1.0).most_sold() > 100_000.0);
    }

    proptest! {
        /// After lending that much, the next token earns just the rate; a lender of less does better on average.
        #[test]
        fn the_marginal_rate_after_the_largest_loan_is_the_rate(ratio in 1.05..3.0_f64, part in 0.0..1.0_f64) {
            let curve = curve(ratio);
            let standing = curve.standing_rate().unwrap();
            let rate = part * standing;
            let most = curve.most_lent(rate);
            prop_assume!(most > 1.0);
            let out = curve.lend(most);
            prop_assert!(out.is_some_and(|out| out < curve.state.yield_token), "the pool serves it");
            let out = out.unwrap();
            prop_assert!(curve.rate(most, out).unwrap() >= rate - 1e-9);
            let less = curve.lend(most * (1.0 - 1e-4)).unwrap();
            let marginal = curve.rate(most * 1e-4, out - less).unwrap();
            prop_assert!(marginal >= rate - 1e-4 * standing, "{} against {}", marginal, rate);
            let capped = most > 0.29 * curve.state.token || out > 0.99 * curve.state.yield_token.min(0.3 * ratio * 1e6);
            prop_assert!(capped || marginal <= rate + 1e-3 * standing, "{} against {}", marginal, rate);
        }

        #[test]
        fn what_can_be_sold_is_bought(ratio in 1.0..5.0_f64) {
            let curve = curve(ratio);
            prop_assert!(curve.borrow(curve.most_sold()).is_some());
        }
    }
}
