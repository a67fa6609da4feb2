//! The equation libraries of ALEX in their own rounding: `weighted-equation-v1-01`, `simple-equation`,
//! `yield-token-equation`, and the yield-token pool's own copy of the last.

use super::fixed::{
    Fixed, ONE, add, div_down, div_up, mild, mul_down, mul_up, pow_down, pow_up, require, subtract,
};

/// Half, the exponent of a square root.
const HALF: u128 = ONE / 2;
/// Caps of the libraries: 1 %.
pub const CAP: u128 = ONE / 100;
/// Caps of the simple library and of the yield-token pool as deployed: 5 %.
pub const WIDE_CAP: u128 = ONE / 20;

/// Refuses an amount of `x` (4001) or `y` (4002) of its cap or more.
fn capped(amount: u128, balance: u128, cap: u128, code: u32) -> Fixed<()> {
    require(amount < mul_down(balance, cap)?, code)
}

/// Which of the two coins an amount is.
#[derive(Clone, Copy, PartialEq)]
pub enum Coin {
    X,
    Y,
}

impl Coin {
    /// The code that a cap of this coin refuses with, in the weighted and simple libraries.
    pub fn code(self) -> u32 {
        if self == Self::X { 4001 } else { 4002 }
    }

    pub fn other(self) -> Self {
        if self == Self::X { Self::Y } else { Self::X }
    }

    /// `[x, y]` as `[this, the other]`.
    pub fn first<T: Copy>(self, [x, y]: [T; 2]) -> [T; 2] {
        if self == Self::X { [x, y] } else { [y, x] }
    }
}

fn weights_sum(weights: [u128; 2]) -> Fixed<()> {
    require(weights[0].checked_add(weights[1]) == Some(ONE), 4000)
}

/// `balance_out (1 - (b / (b + in))^(w_in / w_out))`.
pub fn weighted_out(balances: [u128; 2], weights: [u128; 2], sold: Coin, amount: u128) -> Fixed {
    weighted_out_within([CAP; 2], balances, weights, sold, amount)
}

/// As [`weighted_out`], within caps of x and y.
pub fn weighted_out_within(
    caps: [u128; 2],
    balances: [u128; 2],
    weights: [u128; 2],
    sold: Coin,
    amount: u128,
) -> Fixed {
    weights_sum(weights)?;
    let ([b_in, b_out], [w_in, w_out]) = (sold.first(balances), sold.first(weights));
    let [cap_in, cap_out] = sold.first(caps);
    capped(amount, b_in, cap_in, sold.code())?;
    let power = pow_up(div_up(b_in, add(b_in, amount)?)?, mild(div_up(w_in, w_out)?))?;
    let out = mul_down(b_out, ONE.saturating_sub(power))?;
    capped(out, b_out, cap_out, sold.other().code())?;
    Ok(out)
}

/// `balance_in ((b / (b - out))^(w_out / w_in) - 1)`, rounded down.
pub fn weighted_in(balances: [u128; 2], weights: [u128; 2], bought: Coin, amount: u128) -> Fixed {
    weighted_in_within([CAP; 2], balances, weights, bought, amount)
}

/// As [`weighted_in`], within caps of x and y.
pub fn weighted_in_within(
    caps: [u128; 2],
    balances: [u128; 2],
    weights: [u128; 2],
    bought: Coin,
    amount: u128,
) -> Fixed {
    weights_sum(weights)?;
    let ([b_out, b_in], [w_out, w_in]) = (bought.first(balances), bought.first(weights));
    let [cap_out, cap_in] = bought.first(caps);
    capped(amount, b_out, cap_out, bought.code())?;
    let power = pow_down(div_down(b_out, subtract(b_out, amount)?)?, mild(div_down(w_out, w_in)?))?;
    let input = mul_down(b_in, power.saturating_sub(ONE))?;
    capped(input, b_in, cap_in, bought.other().code())?;
    Ok(input)
}

/// Amount of `sold` that moves the price (y for x) to `price`.
pub fn weighted_to_price(balances: [u128; 2], weights: [u128; 2], sold: Coin, price: u128) -> Fixed {
    weights_sum(weights)?;
    let spot = div_down(mul_down(balances[1], weights[0])?, mul_up(balances[0], weights[1])?)?;
    let ratio = match sold {
        Coin::X => require(price < spot, 2002).and_then(|()| div_up(spot, price))?,
        Coin::Y => require(price > spot, 2002).and_then(|()| div_up(price, spot))?,
    };
    let ([balance, _], [_, other_weight]) = (sold.first(balances), sold.first(weights));
    mul_up(balance, pow_down(ratio, other_weight)?.saturating_sub(ONE))
}

pub fn weighted_invariant(balances: [u128; 2], weights: [u128; 2]) -> Fixed {
    weights_sum(weights)?;
    mul_down(pow_down(balances[0], weights[0])?, pow_down(balances[1], weights[1])?)
}

/// Pool tokens and `y` for a deposit of `[dx, dy]`; the first mints `first`.
pub fn proportional_mint(
    balances: [u128; 2],
    supply: u128,
    [dx, dy]: [u128; 2],
    first: impl FnOnce() -> Fixed,
) -> Fixed<[u128; 2]> {
    if supply == 0 {
        return Ok([first()?, dy]);
    }
    let of = |amount| div_down(mul_down(amount, dx)?, balances[0]);
    Ok([of(supply)?, of(balances[1])?])
}

/// Coins that go with pool tokens.
pub fn proportional_burn(balances: [u128; 2], supply: u128, tokens: u128) -> Fixed<[u128; 2]> {
    require(supply > 0, 2002)?;
    let of = |amount| div_down(mul_down(amount, tokens)?, supply);
    Ok([of(balances[0])?, of(balances[1])?])
}

pub fn simple_invariant(balances: [u128; 2]) -> Fixed {
    pow_down(mul_down(balances[0], balances[1])?, HALF)
}

pub fn simple_out(balances: [u128; 2], sold: Coin, amount: u128) -> Fixed {
    let [b_in, b_out] = sold.first(balances);
    capped(amount, b_in, WIDE_CAP, sold.code())?;
    let out = div_down(mul_down(b_out, amount)?, add(b_in, amount)?)?;
    capped(out, b_out, WIDE_CAP, sold.other().code())?;
    Ok(out)
}

pub fn simple_in(balances: [u128; 2], bought: Coin, amount: u128) -> Fixed {
    let [b_out, b_in] = bought.first(balances);
    capped(amount, b_out, WIDE_CAP, bought.code())?;
    let input = div_down(mul_down(b_in, amount)?, subtract(b_out, amount)?)?;
    capped(input, b_in, WIDE_CAP, bought.other().code())?;
    Ok(input)
}

pub fn simple_to_price(balances: [u128; 2], sold: Coin, price: u128) -> Fixed {
    let spot = div_down(balances[1], balances[0])?;
    let (ratio, reachable) = match sold {
        Coin::X => (div_down(spot, price)?, price < spot),
        Coin::Y => (div_down(price, spot)?, price > spot),
    };
    let power = pow_down(ratio, HALF)?;
    require(reachable, 2002)?;
    mul_down(sold.first(balances)[0], power.saturating_sub(ONE))
}

/// The yield-token equation exists twice.
#[derive(Clone, Copy, PartialEq)]
pub enum Variant {
    /// `yield-token-equation`: caps 1 %, rounds down almost everywhere.
    Library,
    /// The pool's own: caps 5 %, rounds against the trader.
    Pool,
}

impl Variant {
    fn cap(self) -> u128 {
        if self == Self::Library { CAP } else { WIDE_CAP }
    }

    fn up(self, a: u128, b: u128) -> Fixed {
        if self == Self::Library { pow_down(a, b) } else { pow_up(a, b) }
    }

    pub fn price(self, [x, y]: [u128; 2], t: u128) -> Fixed {
        match self {
            Self::Library => {
                require(y >= x, 1001)?;
                pow_up(div_down(y, x)?, t)
            }
            Self::Pool => Ok(pow_up(div_up(y, x)?, t)?.max(ONE)),
        }
    }

    pub fn out(self, balances: [u128; 2], t: u128, sold: Coin, amount: u128) -> Fixed {
        let [b_in, b_out] = sold.first(balances);
        require(b_in >= amount, 1001)?;
        capped(amount, b_in, self.cap(), 4001)?;
        let k = ONE.saturating_sub(t);
        let inverse = mild(if self == Self::Library { div_down(ONE, k)? } else { div_up(ONE, k)? });
        let before = add(self.up(balances[0], k)?, self.up(balances[1], k)?)?;
        let term = before.saturating_sub(pow_down(add(b_in, amount)?, k)?);
        let out = b_out.saturating_sub(self.up(term, inverse)?);
        capped(out, b_out, self.cap(), 4002)?;
        Ok(out)
    }

    pub fn input(self, balances: [u128; 2], t: u128, bought: Coin, amount: u128) -> Fixed {
        let [b_out, b_in] = bought.first(balances);
        require(b_out >= amount, 1001)?;
        capped(amount, b_out, self.cap(), 4002)?;
        let k = ONE.saturating_sub(t);
        let inverse = mild(div_down(ONE, k)?);
        let before = add(pow_down(balances[0], k)?, pow_down(balances[1], k)?)?;
        let term = before.saturating_sub(pow_up(b_out.saturating_sub(amount), k)?);
        let input = pow_down(term, inverse)?.saturating_sub(b_in);
        capped(input, b_in, self.cap(), 4001)?;
        Ok(input)
    }

    /// `get-x-given-price`; and `get-y-given-price`, which is the yield reserve less the token reserve after the trade.
    pub fn to_price(self, [x, y]: [u128; 2], t: u128, sold: Coin, price: u128) -> Fixed {
        let spot = self.price([x, y], t)?;
        require(if sold == Coin::X { price < spot } else { price > spot }, 2002)?;
        let k = ONE.saturating_sub(t);
        let inverse = mild(div_down(ONE, k)?);
        let numerator = add(ONE, pow_down(div_down(y, x)?, k)?)?;
        let denominator = add(ONE, pow_down(price, div_down(k, t)?)?)?;
        let lead = pow_down(div_down(numerator, denominator)?, inverse)?;
        let times = |factor| if self == Self::Library { mul_up(x, factor) } else { mul_down(x, factor) };
        match sold {
            Coin::X => times(lead.saturating_sub(ONE)),
            Coin::Y => Ok(y.saturating_sub(times(lead)?)),
        }
    }
}

/// Pool tokens and yield tokens for a deposit in the yield-token library.
pub fn yield_mint(balances: [u128; 2], supply: u128, [dx, dy]: [u128; 2]) -> Fixed<[u128; 2]> {
    require(dx > 0, 2002)?;
    if supply == 0 || balances[0] == balances[1] {
        return Ok([dx, dy]);
    }
    let share = div_down(dx, balances[0])?;
    Ok([mul_down(supply, share)?, mul_down(balances[1], share)?])
}

pub fn yield_burn(balances: [u128; 2], supply: u128, tokens: u128) -> Fixed<[u128; 2]> {
    require(supply > 0, 2002)?;
    let share = div_down(tokens, supply)?;
    Ok([mul_down(balances[0], share)?, mul_down(balances[1], share)?])
}
