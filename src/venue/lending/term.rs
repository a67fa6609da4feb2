//! Terms of a loan market: how one ends and is settled, and how the next begins.

use super::view::height;
use super::{LoanMarket, LoanMarketId, Performance, Series};
use crate::protocol::crp::{self, Profile};
use crate::quantity::Amount;
use crate::venue::exchange::ExchangeRefusal;
use crate::venue::pool::PoolRefusal;
use crate::venue::{Deal, Refusal, Undo, Venues};
use crate::world::ledger::AccountId;
use crate::world::notes::Note;

/// What rounding may take from the proceeds of a sale: an atom at the pool's curve, one at its guard.
const ROUNDING: Amount = Amount::from_atoms(2);

/// Brings every loan market to the present.
pub(in crate::venue) fn accrue(venues: &mut Venues, deal: &mut Deal<'_>) {
    for place in 0..venues.loans.len() {
        let id = LoanMarketId(place as u8);
        venues.track(deal, id);
        venues.follow_delta(deal, id);
        for step in [Venues::convert_if_due, Venues::roll_over_if_due, Venues::settle_if_due] {
            let record = venues.loans[place].record;
            venues.undo.push(Undo::Loan(id, Box::new(record)));
            let outcome = step(venues, deal, id);
            super::super::accrual::settle_attempt(venues, deal, outcome.is_ok());
        }
    }
}

impl LoanMarket {
    /// A term that begins now at this price of the collateral.
    pub(in crate::venue) fn open(
        &self,
        slot: u8,
        now_seconds: i64,
        spot: f64,
        mid: f64,
    ) -> Result<Series, crp::Refusal> {
        let expiry_seconds = now_seconds + self.rules.term_seconds;
        let terms = crp::Terms { expiry_block: height(expiry_seconds), ..self.rules.terms };
        let pool = crp::create(&terms, spot, height(now_seconds))?;
        Ok(Series {
            slot,
            opened_seconds: now_seconds,
            expiry_seconds,
            initial_loan_to_value: terms.initial_loan_to_value,
            conversion_ltv: terms.conversion_ltv,
            strike: pool.strike,
            weight: pool.weight_x,
            converted: false,
            over_since_seconds: None,
            virtual_yield: 0.0,
            performance: Performance {
                index: 1.0,
                frictionless: 1.0,
                frictionless_weight: pool.weight_x,
                price: mid,
                value: 0.0,
                joined: 0.0,
            },
            settled: None,
        })
    }
}

impl Venues {
    /// Ends a term that has run out and opens the next; the rate pool rolls over with it.
    ///
    /// A market whose last term but one could not be settled waits: its tokens are still owed.
    fn roll_over_if_due(&mut self, deal: &mut Deal<'_>, id: LoanMarketId) -> Result<(), Refusal> {
        let now = deal.clock.now_seconds();
        let market = &self.loans[id.0 as usize];
        let running = market.record.running;
        let unsettled = market.record.before.is_some_and(|before| before.settled.is_none());
        if now <= running.expiry_seconds || unsettled {
            return Ok(());
        }
        let Some(spot) = self.loan_spot(market, deal.ledger, deal.oracle) else { return Ok(()) };
        let mid = self.exchange.mid(deal.oracle, market.collateral).unwrap_or(spot);
        market.pay_out(deal)?;
        let next = market.open(1 - (running.slot & 1), now, spot, mid)?;
        let tokens = deal.ledger.units(market.rate_vault, market.token);
        let market = &mut self.loans[id.0 as usize];
        market.record.before = Some(running);
        market.record.running = Series { virtual_yield: tokens, ..next };
        market.record.terms_opened += 1;
        Ok(())
    }

    /// Settles the term before, if it has not been: buys what yield tokens are owed, with the reserve's help.
    fn settle_if_due(&mut self, deal: &mut Deal<'_>, id: LoanMarketId) -> Result<(), Refusal> {
        let market = &self.loans[id.0 as usize];
        let Some(series) = market.record.before.filter(|before| before.settled.is_none()) else {
            return Ok(());
        };
        let terms = market.terms(&series);
        let pool = market.pool(deal.ledger, &series);
        let (collateral, token, name) = (market.collateral, market.token, market.name.clone());
        let slot = *market.slot(&series);
        let mid = self.exchange.mid(deal.oracle, collateral).ok_or(Refusal::NoMarket)?;
        let now = height(deal.clock.now_seconds());
        let (default, shortfall) = (crp::is_default(&pool, mid), crp::shortfall(&pool, mid));
        let short = crp::yield_short_of(&pool, &terms);
        // Proceeds are rounded down, which must not cost the reserve of a solvent pool anything.
        let rounding = deal.ledger.asset(token).decimals.units(ROUNDING);
        let wanted = if short > 0.0 { short + rounding } else { 0.0 };
        let quoted = self.quote_purchase(deal, id, wanted, terms.profile);
        let sale = crp::plan_sale(&pool, &terms, now, quoted, f64::INFINITY)?;
        let unit = deal.ledger.asset(collateral).decimals;
        let needed = unit.ceil(sale.from_reserve_x)?;
        let (mut drawn, mut own) = ([0.0; 3], 0.0);
        if needed.is_positive() {
            let draw = self.draw_reserve(deal, collateral, needed, slot.vault)?;
            if draw.total() < needed {
                let held = unit.units(draw.total());
                return Err(crp::Refusal::ReserveShort { needed: unit.units(needed), held }.into());
            }
            drawn = draw.lines().map(|amount| unit.units(amount) * mid);
            own = unit.units(draw.fees);
        }
        // A quote beyond any ledger sells all there is.
        let held = deal.ledger.balance(slot.vault, collateral);
        let sold = if sale.sell_x < pool.balance_x { unit.ceil(sale.sell_x)?.min(held) } else { held };
        self.sell_unless_dust(deal, id, slot.vault, sold)?;
        let (held, owed) = (deal.ledger.balance(slot.vault, token), deal.ledger.supply(slot.yield_token));
        let missing = owed.saturating_less(held);
        if terms.profile == Profile::Whitepaper && missing.is_positive() {
            let draw = self.draw_reserve(deal, token, missing, slot.vault)?;
            let units = deal.ledger.asset(token).decimals;
            drawn = draw.lines().map(|amount| units.units(amount));
            own = drawn[0];
        }
        let held = deal.ledger.balance(slot.vault, token);
        let paid = if owed > held { held.atoms() as f64 / owed.atoms() as f64 } else { 1.0 };
        let haircut = deal.ledger.asset(token).decimals.units(owed.saturating_less(held));
        let market = &mut self.loans[id.0 as usize];
        market.record.before = Some(Series { settled: Some(paid), ..series });
        let totals = &mut market.record.totals;
        totals.settled_terms += 1;
        totals.defaults += u32::from(default);
        totals.shortfall += shortfall;
        totals.haircut += haircut;
        totals.drawn_fees += drawn[0];
        match terms.profile {
            Profile::Contract => totals.own_drawn_collateral += own,
            Profile::Whitepaper => totals.own_drawn_tokens += own,
        }
        totals.drawn_principal += drawn[1];
        totals.drawn_issued += drawn[2];
        let ratio = pool.loan_to_value(&terms, mid).ok();
        let told = format!(
            "{} rules; debt {:.2}, value {:.2}, short {shortfall:.2}, reserve paid {:.2} of its own, {:.2} of stakers, {:.2} issued; \
             {paid:.6} a yield token",
            terms.profile.name(),
            pool.yield_supply,
            pool.value_in_token(mid),
            drawn[0],
            drawn[1],
            drawn[2]
        );
        note(deal, if default { "default" } else { "settlement" }, name, told, ratio);
        self.redeem_liquidity(deal, id)
    }

    /// Sells collateral of `seller`; so little that nothing would come of it is kept.
    pub(super) fn sell_unless_dust(
        &mut self,
        deal: &mut Deal<'_>,
        id: LoanMarketId,
        seller: AccountId,
        amount: Amount,
    ) -> Result<Amount, Refusal> {
        if !amount.is_positive() {
            return Ok(Amount::ZERO);
        }
        match self.sell_collateral(deal, id, seller, amount) {
            Err(Refusal::Exchange(ExchangeRefusal::Dust) | Refusal::Pool(PoolRefusal::Dust)) => {
                Ok(Amount::ZERO)
            }
            outcome => outcome,
        }
    }

    /// Turns yield tokens of the term before, which the rate pool still holds, into tokens of the new one.
    fn redeem_liquidity(&mut self, deal: &mut Deal<'_>, id: LoanMarketId) -> Result<(), Refusal> {
        let market = &self.loans[id.0 as usize];
        let Some((series, _)) = market.settled() else { return Ok(()) };
        let old = market.slot(series).yield_token;
        let held = deal.ledger.balance(market.rate_vault, old);
        if !held.is_positive() {
            return Ok(());
        }
        let before = market.rate_state(deal.ledger).reserves();
        let paid = market.redeem_yield(deal, market.rate_vault, held)?;
        let brought = deal.ledger.asset(market.token).decimals.units(paid);
        // As a deposit in proportion: the standing rate does not move.
        let proportion = if before.token > 0.0 { before.yield_token / before.token } else { 1.0 };
        self.loans[id.0 as usize].record.running.virtual_yield += brought * proportion;
        Ok(())
    }

    /// Collateral that the market asks for so many loan tokens. The contract asks it in the wrong direction: what that
    /// many loan tokens would buy.
    fn quote_purchase(&self, deal: &Deal<'_>, id: LoanMarketId, tokens: f64, profile: Profile) -> f64 {
        if tokens <= 0.0 {
            return 0.0;
        }
        let market = &self.loans[id.0 as usize];
        let Some(mid) = self.exchange.mid(deal.oracle, market.collateral) else { return f64::MAX };
        let quoted = match (market.places.sales, profile) {
            (None, Profile::Contract) => self.exchange.quote_buy(mid, tokens),
            (None, Profile::Whitepaper) => self.exchange.worth_to_receive(tokens) / mid,
            (Some(pool), _) => {
                let pool = &self.pools[pool.0 as usize];
                let base_is_collateral = pool.coins[0] == market.collateral;
                let (buy, sell) = if base_is_collateral {
                    (crate::protocol::amm::Side::BuyBase, crate::protocol::amm::Side::SellBase)
                } else {
                    (crate::protocol::amm::Side::SellBase, crate::protocol::amm::Side::BuyBase)
                };
                match profile {
                    Profile::Contract => pool.quote(deal.ledger, buy, tokens).unwrap_or(f64::MAX),
                    Profile::Whitepaper => {
                        let net = pool.curve.in_given_out(pool.reserves(deal.ledger), sell, tokens);
                        net.map_or(f64::MAX, |net| net / (1.0 - pool.fee).max(0.01))
                    }
                }
            }
        };
        if quoted.is_finite() { quoted } else { f64::MAX }
    }

    /// Opens the first term of every loan market, and provides its first liquidity out of `founder`'s tokens.
    ///
    /// # Errors
    /// [`Refusal`]; the caller must then roll back.
    pub fn found_loan_market(
        &mut self,
        deal: &mut Deal<'_>,
        founder: AccountId,
        id: LoanMarketId,
        liquidity: Amount,
    ) -> Result<Amount, Refusal> {
        let market = &self.loans[id.0 as usize];
        let spot = self.loan_spot(market, deal.ledger, deal.oracle).ok_or(Refusal::NoMarket)?;
        let mid = self.exchange.mid(deal.oracle, market.collateral).ok_or(Refusal::NoMarket)?;
        let first = market.open(0, deal.clock.now_seconds(), spot, mid)?;
        let market = &mut self.loans[id.0 as usize];
        market.record.running = first;
        market.record.terms_opened = 1;
        if liquidity.is_positive() { market.provide(deal, founder, liquidity) } else { Ok(Amount::ZERO) }
    }
}

pub(super) fn note(
    deal: &mut Deal<'_>,
    kind: &'static str,
    subject: String,
    detail: String,
    value: Option<f64>,
) {
    deal.notes.add(Note {
        tick: deal.clock.tick(),
        block: deal.clock.block(),
        agent: None,
        kind,
        subject,
        detail,
        value,
    });
}
