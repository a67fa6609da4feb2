//! `fixed-weight-pool-v1-01` in its own integers.

use serde_json::Value;

use crate::alex::equations::{
    Coin, proportional_burn, proportional_mint, weighted_in_within, weighted_invariant, weighted_out_within,
    weighted_to_price,
};
use crate::alex::fixed::{Failure, Fixed, ONE, add, div_down, mul_down, mul_up, require, subtract};
use crate::alex::reading::{Named, Outcome, lone, unsigned};

/// The numbers of a pool's record, its weights, which are its name, and the caps of x and y that its equations keep.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pool {
    pub weights: [u128; 2],
    pub caps: [u128; 2],
    pub balances: [u128; 2],
    pub total_supply: u128,
    pub fee_rates: [u128; 2],
    pub fee_rebate: u128,
    pub oracle_enabled: bool,
    pub oracle_average: u128,
    pub oracle_resilient: u128,
}

/// A swap, done.
#[derive(Clone, Copy)]
pub struct Swapped {
    pub next: Pool,
    pub net: u128,
    pub out: u128,
    pub to_reserve: u128,
}

impl Pool {
    pub fn read(record: &Value) -> Outcome<Self> {
        let number = |name: &str| unsigned(&record[name]);
        Ok(Self {
            weights: [0; 2],
            caps: [0; 2],
            balances: [number("balance-x")?, number("balance-y")?],
            total_supply: number("total-supply")?,
            fee_rates: [number("fee-rate-x")?, number("fee-rate-y")?],
            fee_rebate: number("fee-rebate")?,
            oracle_enabled: record["oracle-enabled"] == true,
            oracle_average: number("oracle-average")?,
            oracle_resilient: number("oracle-resilient")?,
        })
    }

    /// The record after a setting, or `None` for a name that is none.
    pub fn configured(mut self, function: &str, value: u128) -> Option<Fixed<Self>> {
        let checked = match function {
            "set-fee-rate-x" | "set-fee-rate-y" | "set-fee-rebate" => Ok(()),
            "set-oracle-enabled" => require(!self.oracle_enabled, 7003),
            "set-oracle-average" => {
                require(self.oracle_enabled, 7002).and_then(|()| require(value < ONE, 7004))
            }
            _ => return None,
        };
        match function {
            "set-fee-rate-x" => self.fee_rates[0] = value,
            "set-fee-rate-y" => self.fee_rates[1] = value,
            "set-fee-rebate" => self.fee_rebate = value,
            "set-oracle-enabled" => self.oracle_enabled = true,
            _ => self.oracle_average = value,
        }
        Some(checked.and_then(|()| {
            if function == "set-oracle-average" {
                self.oracle_resilient = self.oracle("get-oracle-instant", false)?;
            }
            Ok(self)
        }))
    }

    /// `get-oracle-instant` and `get-oracle-resilient`; `turned` where the call names the tokens the other way round.
    pub fn oracle(&self, function: &str, turned: bool) -> Fixed {
        // Asked the other way round the contract turns the weights and not the tokens, and so finds no pool.
        require(!turned, 2001)?;
        require(self.oracle_enabled, 7002)?;
        let ([x, y], [w_x, w_y]) = (self.balances, self.weights);
        let instant = div_down(mul_down(y, w_x)?, mul_down(x, w_y)?)?;
        if function == "get-oracle-instant" {
            return Ok(instant);
        }
        let past = mul_down(self.oracle_average, self.oracle_resilient)?;
        add(mul_down(subtract(ONE, self.oracle_average)?, instant)?, past)
    }

    pub fn swap(&self, sold: Coin, gross: u128, least: Option<u128>) -> Fixed<Swapped> {
        require(gross > 0, 2003)?;
        let (coin_in, coin_out) = if sold == Coin::X { (0, 1) } else { (1, 0) };
        let fee = mul_up(gross, self.fee_rates[coin_in])?;
        let net = gross.saturating_sub(fee);
        let rebate = mul_down(fee, self.fee_rebate)?;
        let out = weighted_out_within(self.caps, self.balances, self.weights, sold, net)?;
        let mut next = *self;
        next.balances[coin_in] += net + rebate;
        next.balances[coin_out] = self.balances[coin_out].saturating_sub(out);
        next.oracle_resilient =
            if self.oracle_enabled { self.oracle("get-oracle-resilient", false)? } else { 0 };
        let average = if sold == Coin::X { div_down(out, net)? } else { div_down(net, out)? };
        let ([x, y], [w_x, w_y]) = (self.balances, self.weights);
        let spot = div_down(mul_down(y, w_x)?, mul_down(x, w_y)?)?;
        require(if sold == Coin::X { average < spot } else { average > spot }, 2003)?;
        require(least.unwrap_or(0) <= out, 2020)?;
        // A transfer of nothing fails in the token.
        require(out > 0, 3)?;
        Ok(Swapped { next, net, out, to_reserve: subtract(fee, rebate)? })
    }

    fn minted(&self, dx: u128, dy: u128) -> Fixed<[u128; 2]> {
        proportional_mint(self.balances, self.total_supply, [dx, dy], || {
            weighted_invariant([dx, dy], self.weights)
        })
    }

    /// The record after a deposit, and shares and y.
    pub fn deposit(&self, dx: u128, most: Option<u128>) -> Fixed<(Self, [u128; 2])> {
        require(dx > 0, 2003)?;
        require(self.weights[0].checked_add(self.weights[1]) == Some(ONE), 4000)?;
        let [shares, dy] = self.minted(dx, most.unwrap_or(u128::MAX))?;
        require(dy > 0, 2003)?;
        require(most.is_none_or(|most| most >= dy), 2020)?;
        let [x, y] = self.balances;
        let next = Self { balances: [x + dx, y + dy], total_supply: self.total_supply + shares, ..*self };
        Ok((next, [shares, dy]))
    }

    /// The record after a withdrawal, and both coins.
    pub fn withdraw(&self, percent: u128, shares: u128) -> Fixed<(Self, [u128; 2])> {
        require(percent <= ONE, 5000)?;
        let [dx, dy] = proportional_burn(self.balances, self.total_supply, shares)?;
        let [x, y] = self.balances;
        let next = Self {
            balances: [x.saturating_sub(dx), y.saturating_sub(dy)],
            total_supply: self.total_supply.saturating_sub(shares),
            ..*self
        };
        Ok((next, [dx, dy]))
    }

    /// A quote by its name, or `None` for a name that is none.
    pub fn question(&self, function: &str, turned: bool, given: u128) -> Option<Fixed<Named<u128>>> {
        let (caps, balances, weights) = (self.caps, self.balances, self.weights);
        let out = |sold| weighted_out_within(caps, balances, weights, sold, given).map(lone);
        let input = |bought| weighted_in_within(caps, balances, weights, bought, given).map(lone);
        let coin = |named: Coin| if turned { named.other() } else { named };
        let (x, y) = (coin(Coin::X), coin(Coin::Y));
        let refuse = |failure: Failure| Some(Err(failure));
        Some(match function {
            "get-y-given-x" | "get-helper" => out(x),
            "get-x-given-y" => out(y),
            "get-y-in-given-x-out" => input(x),
            "get-x-in-given-y-out" => input(y),
            // Prices and positions are only known under the pool's own name.
            _ if turned => return refuse(Failure::Code(2001)),
            "get-x-given-price" => weighted_to_price(balances, weights, Coin::X, given).map(lone),
            "get-y-given-price" => weighted_to_price(balances, weights, Coin::Y, given).map(lone),
            "get-token-given-position" => {
                self.minted(given, u128::MAX).map(|[token, dy]| vec![("token", token), ("dy", dy)])
            }
            "get-position-given-mint" | "get-position-given-burn" => {
                let coins = proportional_burn(balances, self.total_supply, given);
                coins.map(|[dx, dy]| vec![("dx", dx), ("dy", dy)])
            }
            _ => return None,
        })
    }
}
