//! An automated market maker in the world: a two-coin pool whose reserves are its ledger balances.
//!
//! The pool charges a fee where its curve customarily does. The liquidity providers' share of it stays in the pool; the rest
//! goes to the reserve account in the same coin. Shares of the pool are an asset like any other, so that who provides liquidity is
//! read off the ledger.

use thiserror::Error;

use super::{Deal, Refusal};
use crate::protocol::amm::curve::FeeOn;
use crate::protocol::amm::{Curve, Side, SwapError};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;

/// The place of a pool among the pools of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u8);

/// A pool: what it is, and the little it remembers beside its balances.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Name in configs, metrics and events.
    pub name: String,
    /// Its vault.
    pub account: AccountId,
    /// Base and quote coin.
    pub coins: [AssetId; 2],
    /// The asset that its shares are.
    pub shares: AssetId,
    /// Where the part of the fee goes that liquidity providers do not keep.
    pub reserve: AccountId,
    /// The curve.
    pub curve: Curve,
    /// Whether a StableSwap curve counts the base coin at its net asset value.
    pub follows_nav: bool,
    /// Fee, as a share of the input (of the output on a StableSwap curve).
    pub fee: f64,
    /// The part of the fee that stays with liquidity providers, 0 to 1.
    pub rebate: f64,
    /// What changes with every trade and is restored when a transaction fails.
    pub record: PoolRecord,
}

impl PoolAction {
    /// The pool addressed.
    #[must_use]
    pub const fn pool(&self) -> PoolId {
        match self {
            Self::Swap { pool, .. }
            | Self::AddLiquidity { pool, .. }
            | Self::RemoveLiquidity { pool, .. } => *pool,
        }
    }
}

/// The memory of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PoolRecord {
    /// Sum over time of ln(price) x seconds.
    pub log_price_seconds: f64,
    /// When the sum was last brought up to date, in seconds since the start.
    pub updated_seconds: i64,
    /// Quote units traded since the start.
    pub volume_quote: f64,
    /// Fees charged since the start, in quote units at the price of each trade.
    pub fees_quote: f64,
}

/// What can be done at a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PoolAction {
    /// Swap a given input.
    Swap {
        /// Where.
        pool: PoolId,
        /// Which coin goes in.
        side: Side,
        /// How much of it, fee included.
        amount: Size,
        /// Refuse to receive less.
        min_out: Amount,
    },
    /// Provide both coins, in the proportion of the reserves and at most these amounts.
    AddLiquidity {
        /// Where.
        pool: PoolId,
        /// At most this much base and quote.
        max: [Amount; 2],
    },
    /// Burn shares for both coins.
    RemoveLiquidity {
        /// Where.
        pool: PoolId,
        /// How many shares.
        shares: Size,
    },
}

/// Why a pool refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PoolRefusal {
    /// The curve refuses.
    #[error(transparent)]
    Curve(#[from] SwapError),
    /// The price moved.
    #[error("the output would be {found} atoms, at least {wanted} were asked for")]
    Slippage {
        /// Asked for.
        wanted: Amount,
        /// On offer.
        found: Amount,
    },
    /// Nothing would change hands.
    #[error("the amount is too small for this pool")]
    Dust,
    /// Nobody has provided liquidity.
    #[error("the pool is empty")]
    Empty,
}

impl Pool {
    /// The reserves, in units of base and quote.
    #[must_use]
    #[inline]
    pub fn reserves(&self, ledger: &Ledger) -> [f64; 2] {
        [ledger.units(self.account, self.coins[0]), ledger.units(self.account, self.coins[1])]
    }

    /// Quote per base at the margin, before fees; `None` while the pool is empty.
    #[must_use]
    #[inline]
    pub fn price(&self, ledger: &Ledger) -> Option<f64> {
        let reserves = self.reserves(ledger);
        self.curve.spot_price(reserves).ok()
    }

    /// What `amount` units put in on `side` would yield now, fee taken.
    #[must_use]
    pub fn quote(&self, ledger: &Ledger, side: Side, amount: f64) -> Option<f64> {
        self.price_swap(self.reserves(ledger), side, amount).ok().map(|(out, _)| out)
    }

    /// Brings the price accumulator up to `now_seconds`: the standing price held since the last update.
    #[inline]
    fn accumulate(&mut self, reserves: [f64; 2], now_seconds: i64) {
        let elapsed = now_seconds - self.record.updated_seconds;
        if elapsed > 0 {
            if let Ok(price) = self.curve.spot_price(reserves) {
                self.record.log_price_seconds += libm::log(price) * elapsed as f64;
            }
            self.record.updated_seconds = now_seconds;
        }
    }

    pub(super) fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: PoolAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        match action {
            PoolAction::Swap { side, amount, min_out, .. } => {
                self.swap(deal, actor, side, amount.resolve(previous), min_out)
            }
            PoolAction::AddLiquidity { max, .. } => self.add_liquidity(deal, actor, max),
            PoolAction::RemoveLiquidity { shares, .. } => {
                self.remove_liquidity(deal, actor, shares.resolve(previous))
            }
        }
    }

    #[inline]
    fn swap(
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
        let (coin_in, coin_out) = (self.coins[side.coin_in()], self.coins[side.coin_out()]);
        let reserves = self.reserves(deal.ledger);
        let scale_in = deal.ledger.asset(coin_in).decimals;
        let scale_out = deal.ledger.asset(coin_out).decimals;
        let gross = scale_in.units(paid);
        let (out, fee) = self.price_swap(reserves, side, gross).map_err(PoolRefusal::Curve)?;
        let favour = reserves[side.coin_out()] * ROUNDING;
        let received = scale_out.floor((out - favour).max(0.0)).map_err(|_| PoolRefusal::Empty)?;
        let received = received.min(self.most_paid(deal.ledger, coin_out));
        if received.is_zero() {
            return Err(PoolRefusal::Dust.into());
        }
        if received < min_out {
            return Err(PoolRefusal::Slippage { wanted: min_out, found: received }.into());
        }
        self.accumulate(reserves, deal.clock.now_seconds());
        deal.ledger.transfer(actor, self.account, coin_in, paid)?;
        deal.ledger.transfer(self.account, actor, coin_out, received)?;
        let (fee_coin, fee_scale) = match self.curve.fee_on() {
            FeeOn::Input => (coin_in, scale_in),
            FeeOn::Output => (coin_out, scale_out),
        };
        let to_reserve = fee_scale.floor(fee * (1.0 - self.rebate)).unwrap_or(Amount::ZERO);
        let to_reserve = to_reserve.min(self.most_paid(deal.ledger, fee_coin));
        if to_reserve.is_positive() {
            deal.ledger.transfer(self.account, self.reserve, fee_coin, to_reserve)?;
        }
        let quote_traded = if side == Side::SellBase { out } else { gross };
        let price = out / gross;
        self.record.volume_quote += quote_traded;
        self.record.fees_quote += if fee_coin == self.coins[1] {
            fee
        } else if side == Side::SellBase {
            fee * price
        } else {
            fee / price
        };
        Ok(received)
    }

    /// All but one atom: no curve ever pays its whole reserve, but what is left can be less than `f64` can tell from none.
    #[inline]
    fn most_paid(&self, ledger: &Ledger, coin: AssetId) -> Amount {
        ledger.balance(self.account, coin).saturating_less(Amount::from_atoms(1))
    }

    /// What `gross` units put in on `side` yield, and the fee within, in units of the coin that the curve charges it on.
    #[inline]
    fn price_swap(&self, reserves: [f64; 2], side: Side, gross: f64) -> Result<(f64, f64), SwapError> {
        match self.curve.fee_on() {
            FeeOn::Input => {
                let fee = gross * self.fee;
                Ok((self.curve.out_given_in(reserves, side, gross - fee)?, fee))
            }
            FeeOn::Output => {
                let out = self.curve.out_given_in(reserves, side, gross)?;
                let fee = out * self.fee;
                Ok((out - fee, fee))
            }
        }
    }

    /// Takes both coins in the proportion of the reserves, rounded up, and mints shares, rounded down.
    ///
    /// The first provider sets the price and receives sqrt(base x quote) shares, of which [`LOCKED_SHARES`] stay with the
    /// pool for ever, so that a pool can never be emptied to the last atom (Uniswap v2 white paper, section 3.4).
    fn add_liquidity(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        max: [Amount; 2],
    ) -> Result<Amount, Refusal> {
        let supply = deal.ledger.supply(self.shares).atoms();
        let reserves = self.coins.map(|coin| deal.ledger.balance(self.account, coin).atoms());
        let (taken, minted) = if supply == 0 {
            let value = (deal.ledger.asset(self.coins[0]).decimals.units(max[0])
                * deal.ledger.asset(self.coins[1]).decimals.units(max[1]))
            .sqrt();
            let minted =
                deal.ledger.asset(self.shares).decimals.floor(value).map_err(|_| PoolRefusal::Dust)?;
            let minted = minted.saturating_less(LOCKED_SHARES);
            if !minted.is_positive() {
                return Err(PoolRefusal::Dust.into());
            }
            deal.ledger.mint(self.account, self.account, self.shares, LOCKED_SHARES)?;
            (max, minted)
        } else {
            let mut minted = i64::MAX;
            for (most, reserve) in max.iter().zip(reserves) {
                if reserve <= 0 {
                    return Err(PoolRefusal::Empty.into());
                }
                if !most.is_positive() {
                    return Err(PoolRefusal::Dust.into());
                }
                minted = minted.min(mul_div(most.atoms(), supply, reserve, Round::Down).unwrap_or(i64::MAX));
            }
            if minted <= 0 || minted == i64::MAX {
                return Err(PoolRefusal::Dust.into());
            }
            let mut taken = [Amount::ZERO; 2];
            for (coin, reserve) in reserves.into_iter().enumerate() {
                let atoms = mul_div(minted, reserve, supply, Round::Up).ok_or(PoolRefusal::Dust)?;
                taken[coin] = Amount::from_atoms(atoms);
            }
            (taken, Amount::from_atoms(minted))
        };
        self.accumulate(self.reserves(deal.ledger), deal.clock.now_seconds());
        for (coin, amount) in self.coins.into_iter().zip(taken) {
            deal.ledger.transfer(actor, self.account, coin, amount)?;
        }
        deal.ledger.mint(self.account, actor, self.shares, minted)?;
        Ok(minted)
    }

    /// Burns shares and pays out their part of both reserves, rounded down. Answers with the amount of quote.
    fn remove_liquidity(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        shares: Amount,
    ) -> Result<Amount, Refusal> {
        let supply = deal.ledger.supply(self.shares).atoms();
        if !shares.is_positive() || supply == 0 {
            return Err(PoolRefusal::Dust.into());
        }
        self.accumulate(self.reserves(deal.ledger), deal.clock.now_seconds());
        let mut paid = Amount::ZERO;
        for coin in self.coins {
            let reserve = deal.ledger.balance(self.account, coin).atoms();
            let atoms = mul_div(shares.atoms(), reserve, supply, Round::Down).ok_or(PoolRefusal::Dust)?;
            paid = Amount::from_atoms(atoms);
            deal.ledger.transfer(self.account, actor, coin, paid)?;
        }
        deal.ledger.burn(self.account, actor, self.shares, shares)?;
        Ok(paid)
    }
}

/// What the rounding of `f64` can add to an output, as a share of the reserve: it is not paid out.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// Shares that the first provision locks in the pool for ever, in atoms.
pub const LOCKED_SHARES: Amount = Amount::from_atoms(1_000);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Down,
    Up,
}

/// `a b / c` in wide integers, or `None` where it does not fit or `c` is not positive.
fn mul_div(a: i64, b: i64, c: i64, round: Round) -> Option<i64> {
    if a < 0 || b < 0 || c <= 0 {
        return None;
    }
    let product = i128::from(a) * i128::from(b);
    let quotient = match round {
        Round::Down => product / i128::from(c),
        Round::Up => (product + i128::from(c) - 1) / i128::from(c),
    };
    i64::try_from(quotient).ok()
}
