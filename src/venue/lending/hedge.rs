//! The hedge of a loan market: the weight that follows the delta, what it costs, and the sale at the conversion threshold.

use super::term::note;
use super::view::height;
use super::{LoanMarket, LoanMarketId, Performance, Series};
use crate::protocol::crp::{self, Profile};
use crate::quantity::SECONDS_PER_YEAR;
use crate::venue::{Deal, Refusal, Venues};
use crate::world::clock::Clock;

impl LoanMarket {
    /// Updates of the weight that have fallen due since the last tick.
    fn updates_due(&self, series: &Series, clock: &Clock) -> i64 {
        let now = clock.now_seconds();
        let updates = |seconds: i64| (seconds - series.opened_seconds) / self.rules.update_seconds.max(1);
        updates(now) - updates((now - clock.tick_seconds()).max(series.opened_seconds))
    }
}

impl Venues {
    /// Brings the two measures of performance up to now, at the outside price.
    pub(super) fn track(&mut self, deal: &Deal<'_>, id: LoanMarketId) {
        let market = &self.loans[id.0 as usize];
        let Some(mid) = self.exchange.mid(deal.oracle, market.collateral) else { return };
        let running = market.record.running;
        let pool = market.pool(deal.ledger, &running);
        let (terms, before) = (market.terms(&running), running.performance);
        let value = pool.value_in_token(mid);
        let brought = before.value + before.joined;
        let index = if brought > 0.0 { before.index * value / brought } else { before.index };
        let years = (running.expiry_seconds - deal.clock.now_seconds()).max(0) as f64 / SECONDS_PER_YEAR;
        let delta = crp::call_delta(crp::log_moneyness(mid, running.strike), terms.volatility, years);
        let kept = kept_share(&terms, market.updates_due(&running, deal.clock));
        let weight = crp::smoothed(delta, before.frictionless_weight, 1.0 - kept);
        // Nobody has joined yet: nothing can be lost.
        let frictionless = if brought > 0.0 {
            before.frictionless
                * crp::curve_value_factor(before.frictionless_weight, mid / before.price)
                * crp::rebalancing_factor(before.frictionless_weight, weight)
        } else {
            before.frictionless
        };
        self.loans[id.0 as usize].record.running.performance =
            Performance { index, frictionless, frictionless_weight: weight, price: mid, value, joined: 0.0 };
    }

    /// Moves the weight on by the updates that are due, where time and not trades move it.
    pub(super) fn follow_delta(&mut self, deal: &Deal<'_>, id: LoanMarketId) {
        let market = &self.loans[id.0 as usize];
        let running = market.record.running;
        let terms = market.terms(&running);
        let due = market.updates_due(&running, deal.clock);
        if terms.profile == Profile::Contract || due == 0 {
            return;
        }
        let Some(spot) = self.loan_spot(market, deal.ledger, deal.oracle) else { return };
        let pool = market.pool(deal.ledger, &running);
        let terms = crp::Terms { moving_average: kept_share(&terms, due), ..terms };
        // Refused after expiry and once converted: the weight then stays.
        if let Ok(next) = crp::update_weight(&pool, &terms, spot, height(deal.clock.now_seconds())) {
            self.loans[id.0 as usize].record.running.weight = next.weight_x;
        }
    }

    /// Sells everything when the loan-to-value has been at the conversion threshold for as long as the delay.
    pub(super) fn convert_if_due(&mut self, deal: &mut Deal<'_>, id: LoanMarketId) -> Result<(), Refusal> {
        let market = &self.loans[id.0 as usize];
        let running = market.record.running;
        let terms = market.terms(&running);
        if terms.profile == Profile::Contract || running.converted {
            return Ok(());
        }
        let Some(spot) = self.loan_spot(market, deal.ledger, deal.oracle) else { return Ok(()) };
        let pool = market.pool(deal.ledger, &running);
        let now = deal.clock.now_seconds();
        let over = pool.yield_supply > 0.0 && crp::is_at_conversion(&pool, &terms, spot).unwrap_or(true);
        let since = over.then(|| running.over_since_seconds.unwrap_or(now));
        let (vault, delay) = (market.slot(&running).vault, market.rules.conversion_delay_seconds);
        let (name, collateral) = (market.name.clone(), market.collateral);
        self.loans[id.0 as usize].record.running.over_since_seconds = since;
        if since.is_none_or(|since| now - since < delay) {
            return Ok(());
        }
        let held = deal.ledger.balance(vault, collateral);
        if crp::plan_conversion(&pool, &terms, spot, height(now)).is_err() || !held.is_positive() {
            return Ok(());
        }
        let sold = self.sell_unless_dust(deal, id, vault, held)?;
        let record = &mut self.loans[id.0 as usize].record;
        record.running.converted = true;
        record.running.weight = 0.0;
        record.totals.conversions += 1;
        let unit = |asset, amount| deal.ledger.asset(asset).decimals.units(amount);
        let (x, y) = (unit(collateral, held), unit(self.loans[id.0 as usize].token, sold));
        let ratio = pool.loan_to_value(&terms, spot).ok();
        note(
            deal,
            "conversion",
            name,
            format!(
                "{} rules; {x:.4} collateral sold for {y:.2}, weight {:.3}",
                terms.profile.name(),
                pool.weight_x
            ),
            ratio,
        );
        Ok(())
    }
}

/// The share of the old weight that so many updates towards one target leave.
fn kept_share(terms: &crp::Terms, updates: i64) -> f64 {
    libm::pow(terms.moving_average, updates.max(0) as f64)
}
