//! `yield-token-pool` in its own integers.

use serde_json::Value;

use crate::alex::equations::{Coin, Variant};
use crate::alex::fixed::{Fixed, ONE, add, div_down, mul_down, mul_up, pow_down, require, subtract};
use crate::alex::reading::{Named, Outcome, lone, unsigned};

/// Global height below which every expiry lies.
const MAX_EXPIRY: u128 = 210_240;
/// Largest normalised time.
const MAX_TIME: u128 = 95_000_000;

/// The numbers of a pool's record.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pool {
    pub total_supply: u128,
    pub balance_token: u128,
    pub balance_yield_token: u128,
    pub balance_virtual: u128,
    pub fee_rate_token: u128,
    pub fee_rate_yield_token: u128,
    pub fee_rebate: u128,
    pub small_threshold: u128,
    pub min_fee: u128,
    pub listed: u128,
}

/// A swap, done.
#[derive(Clone, Copy)]
pub struct Swapped {
    pub next: Pool,
    pub net: u128,
    pub out: u128,
    pub to_reserve: u128,
}

/// `get-t`.
pub fn time(expiry: u128, listed: u128, height: u128) -> Fixed {
    require(MAX_EXPIRY > expiry && MAX_EXPIRY > height, 2009)?;
    let unit = subtract(MAX_EXPIRY, listed)?;
    Ok(div_down(expiry.saturating_sub(height), unit)?.min(MAX_TIME))
}

impl Pool {
    pub fn read(record: &Value) -> Outcome<Self> {
        Ok(Self {
            total_supply: unsigned(&record["total-supply"])?,
            balance_token: unsigned(&record["balance-token"])?,
            balance_yield_token: unsigned(&record["balance-yield-token"])?,
            balance_virtual: unsigned(&record["balance-virtual"])?,
            fee_rate_token: unsigned(&record["fee-rate-token"])?,
            fee_rate_yield_token: unsigned(&record["fee-rate-yield-token"])?,
            fee_rebate: unsigned(&record["fee-rebate"])?,
            small_threshold: unsigned(&record["small-threshold"])?,
            min_fee: unsigned(&record["min-fee"])?,
            listed: unsigned(&record["listed"])?,
        })
    }

    fn reserves(&self) -> Fixed<[u128; 2]> {
        Ok([self.balance_token, add(self.balance_yield_token, self.balance_virtual)?])
    }

    fn quote_out(&self, t: u128, sold: Coin, amount: u128) -> Fixed {
        let reserves = self.reserves()?;
        let small = amount <= self.small_threshold;
        let curve = || Variant::Pool.out(reserves, t, sold, amount);
        let spot = || Variant::Pool.price(reserves, t);
        match sold {
            Coin::X => {
                let out = if small { mul_down(amount, spot()?)? } else { curve()? };
                require(self.balance_yield_token > out, 2016)?;
                Ok(out.max(amount))
            }
            Coin::Y => Ok(if small { div_down(amount, spot()?)? } else { curve()? }.min(amount)),
        }
    }

    fn quote_in(&self, t: u128, bought: Coin, amount: u128) -> Fixed {
        let input = Variant::Pool.input(self.reserves()?, t, bought, amount)?;
        if bought == Coin::X {
            return Ok(input.max(amount));
        }
        require(self.balance_yield_token > amount, 2016)?;
        Ok(input.min(amount))
    }

    pub fn swap(
        &self,
        expiry: u128,
        height: u128,
        sold: Coin,
        gross: u128,
        least: Option<u128>,
    ) -> Fixed<Swapped> {
        require(gross > 0, 2003)?;
        let t = time(expiry, self.listed, height)?;
        let interest = Variant::Pool.price(self.reserves()?, t)? - ONE;
        let rate = if sold == Coin::X { self.fee_rate_token } else { self.fee_rate_yield_token };
        let fee = mul_down(gross, mul_up(interest, rate)?)?.max(self.min_fee);
        let net = gross.saturating_sub(fee);
        let rebate = mul_down(fee, self.fee_rebate)?;
        let out = self.quote_out(t, sold, net)?;
        require(least.unwrap_or(0) < out, 2020)?;
        let mut next = *self;
        match sold {
            Coin::X => {
                next.balance_token += net + rebate;
                next.balance_yield_token = self.balance_yield_token.saturating_sub(out);
            }
            Coin::Y => {
                next.balance_yield_token += net + rebate;
                next.balance_token = self.balance_token.saturating_sub(out);
            }
        }
        Ok(Swapped { next, net, out, to_reserve: subtract(fee, rebate)? })
    }

    /// Shares, real and virtual yield tokens for a deposit.
    fn minted(&self, dx: u128) -> Fixed<[u128; 3]> {
        require(dx > 0, 2002)?;
        let [x, y] = self.reserves()?;
        let (shares, yields) = if self.total_supply == 0 || x == y {
            (dx, dx)
        } else {
            let share = div_down(dx, x)?;
            (mul_down(self.total_supply, share)?, mul_down(y, share)?)
        };
        if shares == yields {
            return Ok([shares, 0, shares]);
        }
        let real = if y == 0 { 0 } else { mul_down(yields, div_down(self.balance_yield_token, y)?)? };
        Ok([shares, real, yields.saturating_sub(real)])
    }

    /// The record after a deposit, and shares, tokens, real and virtual yield tokens.
    pub fn deposit(&self, dx: u128, most: Option<u128>) -> Fixed<(Self, [u128; 4])> {
        require(dx > 0, 2003)?;
        let [shares, real, virtual_] = self.minted(dx)?;
        require(real > 0 || virtual_ > 0, 2003)?;
        require(most.is_none_or(|most| most >= real), 2020)?;
        let next = Self {
            total_supply: self.total_supply + shares,
            balance_token: self.balance_token + dx,
            balance_yield_token: self.balance_yield_token + real,
            balance_virtual: self.balance_virtual + virtual_,
            ..*self
        };
        Ok((next, [shares, dx, real, virtual_]))
    }

    /// Tokens, real and virtual yield tokens of some shares.
    fn of_shares(&self, shares: u128) -> Fixed<[u128; 3]> {
        let [x, y] = self.reserves()?;
        let [dx, yields] = super::super::equations::yield_burn([x, y], self.total_supply, shares)?;
        let real = mul_down(yields, div_down(self.balance_yield_token, y)?)?;
        Ok([dx, real, yields.saturating_sub(real)])
    }

    /// The record after a withdrawal, and tokens and real yield tokens.
    pub fn withdraw(&self, percent: u128, shares: u128) -> Fixed<(Self, [u128; 2])> {
        require(percent <= ONE, 5000)?;
        let [dx, real, virtual_] = self.of_shares(shares)?;
        let next = Self {
            total_supply: self.total_supply.saturating_sub(shares),
            balance_token: self.balance_token.saturating_sub(dx),
            balance_yield_token: self.balance_yield_token.saturating_sub(real),
            balance_virtual: self.balance_virtual.saturating_sub(virtual_),
            ..*self
        };
        Ok((next, [dx, real]))
    }

    /// A quote by its name, or `None` for a name that is none.
    pub fn question(
        &self,
        function: &str,
        expiry: u128,
        height: u128,
        given: u128,
    ) -> Option<Fixed<Named<u128>>> {
        let names: &[&'static str] = match function {
            "get-token-given-position" => &["token", "dy-act", "dy-vir"],
            "get-position-given-mint" | "get-position-given-burn" => &["dx", "dy-act", "dy-vir"],
            _ => &[],
        };
        let several = |numbers: Fixed<[u128; 3]>| Ok(names.iter().copied().zip(numbers?).collect());
        let at = |quote: &dyn Fn(u128) -> Fixed| time(expiry, self.listed, height).and_then(quote).map(lone);
        let price = |t| Variant::Pool.price(self.reserves()?, t);
        let target = |t, coin, price| Variant::Pool.to_price(self.reserves()?, t, coin, price);
        Some(match function {
            "get-price" => at(&price),
            "get-price-down" => at(&|t| {
                let [x, y] = self.reserves()?;
                Ok(pow_down(super::super::fixed::div_up(y, x)?, t)?.max(ONE))
            }),
            "get-yield" => at(&|t| Ok(price(t)? - ONE)),
            "get-y-given-x" => at(&|t| self.quote_out(t, Coin::X, given)),
            "get-x-given-y" => at(&|t| self.quote_out(t, Coin::Y, given)),
            "get-y-in-given-x-out" => at(&|t| self.quote_in(t, Coin::X, given)),
            "get-x-in-given-y-out" => at(&|t| self.quote_in(t, Coin::Y, given)),
            "get-x-given-price" => at(&|t| target(t, Coin::X, given)),
            "get-y-given-price" => at(&|t| target(t, Coin::Y, given)),
            "get-x-given-yield" => at(&|t| target(t, Coin::X, add(given, ONE)?)),
            "get-y-given-yield" => at(&|t| target(t, Coin::Y, add(given, ONE)?)),
            "get-token-given-position" => several(self.minted(given)),
            "get-position-given-mint" | "get-position-given-burn" => several(self.of_shares(given)),
            _ => return None,
        })
    }
}
