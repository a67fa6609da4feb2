//! Swaps: of a given input, for a given output, up to a price.
//!
//! All three settle what [`Pool::fill`] says of an input, in atoms; they differ in how they find it. An exact output
//! costs the smallest input found for which a swap of that input would pay as much, so that nobody gains by asking the one
//! way and not the other. A limit is checked on the reserves that the ledger would hold afterwards.

use super::{Pool, PoolRefusal};
use crate::protocol::amm::curve::FeeOn;
use crate::protocol::amm::limit::{PoolFee, input_to_price};
use crate::protocol::amm::{Side, SwapError};
use crate::quantity::{Amount, AssetId};
use crate::venue::{Deal, Refusal};
use crate::world::ledger::{AccountId, Ledger};

/// What the rounding of `f64` can add to an output, as a share of the reserve: it is not paid out.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// What an input would do.
#[derive(Debug, Clone, Copy)]
struct Fill {
    paid: Amount,
    received: Amount,
    to_reserve: Amount,
    /// Marginal price before it.
    spot: f64,
    traded_quote: f64,
    fee_quote: f64,
}

impl Pool {
    /// What `amount` units put in on `side` would yield now, fee taken.
    #[must_use]
    pub fn quote(&self, ledger: &Ledger, side: Side, amount: f64) -> Option<f64> {
        self.price_swap(self.reserves(ledger), side, amount).ok().map(|swap| swap.out)
    }

    /// What `amount` units coming out would cost on `side` now, fee included.
    #[must_use]
    pub fn quote_exact_out(&self, ledger: &Ledger, side: Side, amount: f64) -> Option<f64> {
        self.price_exact_out(self.reserves(ledger), side, amount).ok().filter(|cost| cost.is_finite())
    }

    #[inline]
    pub(super) fn swap(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        side: Side,
        paid: Amount,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        if !paid.is_positive() {
            return Err(PoolRefusal::Dust.into());
        }
        let fill = self.fill(deal.ledger, self.reserves(deal.ledger), side, paid)?;
        if fill.received.is_zero() {
            return Err(PoolRefusal::Dust.into());
        }
        if fill.received < min_out {
            return Err(PoolRefusal::Slippage { wanted: min_out, found: fill.received }.into());
        }
        self.settle(deal, actor, side, &fill)
    }

    /// Pays out `wanted` to the atom, and takes what it costs, at most `most`.
    pub(super) fn swap_exact_out(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        side: Side,
        wanted: Amount,
        most: Amount,
    ) -> Result<Amount, Refusal> {
        const TOO_MUCH: PoolRefusal = PoolRefusal::Curve(SwapError::InsufficientLiquidity);
        if !wanted.is_positive() {
            return Err(PoolRefusal::Dust.into());
        }
        let (coin_in, coin_out) = (self.coins[side.coin_in()], self.coins[side.coin_out()]);
        if wanted > self.most_paid(deal.ledger, coin_out) {
            return Err(TOO_MUCH.into());
        }
        let reserves = self.reserves(deal.ledger);
        // What a swap would hold back for rounding has to be paid for as well.
        let out = deal.ledger.asset(coin_out).decimals.units(wanted) + reserves[side.coin_out()] * ROUNDING;
        let cost = self.price_exact_out(reserves, side, out).map_err(PoolRefusal::Curve)?;
        let mut paid = deal.ledger.asset(coin_in).decimals.ceil(cost).map_err(|_| TOO_MUCH)?;
        let mut step = 1_i64;
        let mut fill = loop {
            let fill = self.fill(deal.ledger, reserves, side, paid)?;
            if fill.received >= wanted {
                break fill;
            }
            paid = paid.checked_add(Amount::from_atoms(step)).ok_or(TOO_MUCH)?;
            step = step.checked_mul(2).ok_or(TOO_MUCH)?;
        };
        if paid > most {
            return Err(PoolRefusal::TooDear { wanted: most, found: paid }.into());
        }
        fill.received = wanted;
        self.settle(deal, actor, side, &fill)
    }

    /// Swaps `most` or as much of it as does not take the marginal price beyond `limit`.
    pub(super) fn swap_to_price(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        side: Side,
        most: Amount,
        limit: f64,
    ) -> Result<Amount, Refusal> {
        if !most.is_positive() {
            return Err(PoolRefusal::Dust.into());
        }
        if !(limit > 0.0 && limit < f64::INFINITY) {
            return Err(PoolRefusal::Curve(SwapError::Price).into());
        }
        let reserves = self.reserves(deal.ledger);
        let spot = self.curve.spot_price(reserves).map_err(PoolRefusal::Curve)?;
        if (side == Side::SellBase && spot <= limit) || (side == Side::BuyBase && spot >= limit) {
            return Err(PoolRefusal::AtLimit.into());
        }
        let within = |fill: &Fill| self.respects(deal.ledger, side, fill, limit);
        let whole = self.fill(deal.ledger, reserves, side, most).ok().filter(within);
        let fill = match whole {
            Some(fill) => fill,
            None => {
                let fee = PoolFee { rate: self.fee, rebate: self.rebate };
                let input = input_to_price(&self.curve, reserves, side, fee, limit);
                let input = input.map_err(PoolRefusal::Curve)?;
                let unit = deal.ledger.asset(self.coins[side.coin_in()]).decimals;
                let mut paid = unit.floor(input).map_or(most, |paid| paid.min(most));
                let mut step = 1_i64;
                loop {
                    if !paid.is_positive() {
                        return Err(PoolRefusal::Dust.into());
                    }
                    let fill = self.fill(deal.ledger, reserves, side, paid)?;
                    if within(&fill) {
                        break fill;
                    }
                    // Rounding alone: the next atoms below.
                    paid = paid.saturating_less(Amount::from_atoms(step));
                    step = step.saturating_mul(2);
                }
            }
        };
        if fill.received.is_zero() {
            return Err(PoolRefusal::Dust.into());
        }
        self.settle(deal, actor, side, &fill)
    }

    /// What `paid` atoms put in on `side` would do.
    #[inline]
    fn fill(
        &self,
        ledger: &Ledger,
        reserves: [f64; 2],
        side: Side,
        paid: Amount,
    ) -> Result<Fill, PoolRefusal> {
        let (coin_in, coin_out) = (self.coins[side.coin_in()], self.coins[side.coin_out()]);
        let (scale_in, scale_out) = (ledger.asset(coin_in).decimals, ledger.asset(coin_out).decimals);
        let gross = scale_in.units(paid);
        let Priced { out, fee, spot } = self.price_swap(reserves, side, gross)?;
        let favour = reserves[side.coin_out()] * ROUNDING;
        let received = scale_out.floor((out - favour).max(0.0)).map_err(|_| PoolRefusal::Empty)?;
        let received = received.min(self.most_paid(ledger, coin_out));
        let (fee_scale, held) = match self.curve.fee_on() {
            FeeOn::Input => (scale_in, ledger.balance(self.account, coin_in).checked_add(paid)),
            FeeOn::Output => (scale_out, ledger.balance(self.account, coin_out).checked_sub(received)),
        };
        let left = held.unwrap_or(Amount::MAX).saturating_less(Amount::from_atoms(1));
        let to_reserve = fee_scale.floor(fee * (1.0 - self.rebate)).unwrap_or(Amount::ZERO).min(left);
        // At the price of the trade, where the fee is not in quote.
        let price = out / gross;
        let (traded_quote, fee_quote) = match (side, self.curve.fee_on()) {
            (Side::SellBase, FeeOn::Input) => (out, fee * price),
            (Side::SellBase, FeeOn::Output) => (out, fee),
            (Side::BuyBase, FeeOn::Input) => (gross, fee),
            (Side::BuyBase, FeeOn::Output) => (gross, fee / price),
        };
        Ok(Fill { paid, received, to_reserve, spot, traded_quote, fee_quote })
    }

    /// True if the marginal price after the fill is not beyond `limit`.
    fn respects(&self, ledger: &Ledger, side: Side, fill: &Fill, limit: f64) -> bool {
        let fee_coin = match self.curve.fee_on() {
            FeeOn::Input => side.coin_in(),
            FeeOn::Output => side.coin_out(),
        };
        let mut after = [0.0; 2];
        for (place, coin) in self.coins.into_iter().enumerate() {
            let balance = ledger.balance(self.account, coin);
            let brought = if place == side.coin_in() { fill.paid } else { Amount::ZERO };
            let taken = if place == side.coin_out() { fill.received } else { Amount::ZERO };
            let to_reserve = if place == fee_coin { fill.to_reserve } else { Amount::ZERO };
            let left = balance.checked_add(brought).and_then(|sum| sum.checked_sub(taken));
            let Some(left) = left.and_then(|left| left.checked_sub(to_reserve)) else { return false };
            after[place] = ledger.asset(coin).decimals.units(left);
        }
        self.curve.spot_price(after).is_ok_and(|price| match side {
            Side::SellBase => price >= limit,
            Side::BuyBase => price <= limit,
        })
    }

    #[inline]
    fn settle(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        side: Side,
        fill: &Fill,
    ) -> Result<Amount, Refusal> {
        let (coin_in, coin_out) = (self.coins[side.coin_in()], self.coins[side.coin_out()]);
        deal.ledger.transfer(actor, self.account, coin_in, fill.paid)?;
        deal.ledger.transfer(self.account, actor, coin_out, fill.received)?;
        if fill.to_reserve.is_positive() {
            let fee_coin = match self.curve.fee_on() {
                FeeOn::Input => coin_in,
                FeeOn::Output => coin_out,
            };
            let insured = self.insured_fee(fee_coin, fill.to_reserve);
            if let Some((fund, part)) = insured {
                deal.ledger.transfer(self.account, fund, fee_coin, part)?;
            }
            let rest = insured.map_or(fill.to_reserve, |(_, part)| fill.to_reserve.saturating_less(part));
            deal.ledger.transfer(self.account, self.reserve, fee_coin, rest)?;
        }
        self.credit(Some(fill.spot), deal.clock);
        self.store_resilient(fill.spot);
        self.record.volume_quote += fill.traded_quote;
        self.record.fees_quote += fill.fee_quote;
        Ok(fill.received)
    }

    /// All but one atom: no curve ever pays its whole reserve, but what is left can be less than `f64` can tell from none.
    #[inline]
    fn most_paid(&self, ledger: &Ledger, coin: AssetId) -> Amount {
        ledger.balance(self.account, coin).saturating_less(Amount::from_atoms(1))
    }

    /// What `gross` units put in on `side` yield.
    #[inline]
    fn price_swap(&self, reserves: [f64; 2], side: Side, gross: f64) -> Result<Priced, SwapError> {
        match self.curve.fee_on() {
            FeeOn::Input => {
                let fee = gross * self.fee;
                let (out, spot) = self.curve.out_and_spot(reserves, side, gross - fee)?;
                Ok(Priced { out, fee, spot })
            }
            FeeOn::Output => {
                let (out, spot) = self.curve.out_and_spot(reserves, side, gross)?;
                let fee = out * self.fee;
                Ok(Priced { out: out - fee, fee, spot })
            }
        }
    }

    /// What `out` units coming out cost on `side`, fee included.
    fn price_exact_out(&self, reserves: [f64; 2], side: Side, out: f64) -> Result<f64, SwapError> {
        match self.curve.fee_on() {
            FeeOn::Input => Ok(self.curve.in_given_out(reserves, side, out)? / (1.0 - self.fee)),
            FeeOn::Output => self.curve.in_given_out(reserves, side, out / (1.0 - self.fee)),
        }
    }
}

/// What an input yields, before anything is rounded.
struct Priced {
    /// Paid out, fee taken.
    out: f64,
    /// The fee, in the coin that the curve charges it on.
    fee: f64,
    /// Marginal price before.
    spot: f64,
}
