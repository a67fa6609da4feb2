//! Group `ytp-eq`: the equation library of the yield-token pools.

use ballast::protocol::amm::weighted::RatioCaps;
use ballast::protocol::yield_token::{
    Refusal, Reserves, Side, State, quote_deposit, quote_shares, term_yield,
};
use serde_json::Value;

use super::equations::{Coin, Variant, yield_burn, yield_mint};
use super::fixed::{ONE, add};
use super::reading::{
    Ours, Outcome, Rounded, answer, arguments, exactly, library, lone, nudged, text, tokens,
};

/// What four powers may lose, as a share of the reserve: a margin of 4e-8 to 6e-8 each and as much again in their
/// logarithms, in the sum of two powers, divided by `k = 1 - t`.
pub fn curve_loss(t: f64) -> f64 {
    5e-7 / (1.0 - t)
}

/// What a target price may lose, as a share of the reserve: its power `k / t` is computed from a logarithm of eight
/// decimals. A price above the present one leaves a base below one, whose logarithm the contract takes from eleven powers of
/// its series: that may lose far more than any rounding, and is no part of the library.
fn target_loss(reserves: Reserves, t: f64, price: f64) -> f64 {
    let k = 1.0 - t;
    let power = |ratio: f64, exponent: f64| libm::pow(ratio, exponent);
    let base = (1.0 + power(reserves.yield_token / reserves.token, k)) / (1.0 + power(price, k / t));
    let z = (base - 1.0) / (base + 1.0);
    let series: f64 = [1, 3, 5, 7, 9, 11].iter().map(|&n| 2.0 * z.powi(n) / f64::from(n)).sum();
    let missing = if base < 1.0 { (libm::log(base) - series).abs() } else { 0.0 };
    curve_loss(t) + 1e-7 / t + missing / k
}

pub fn side(coin: Coin) -> Side {
    if coin == Coin::X { Side::BuyYield } else { Side::SellYield }
}

/// A target price (`get-x-given-yield` names the yield instead).
fn with_one(function: &str, target: u128) -> u128 {
    if function.ends_with("yield") { add(ONE, target).unwrap_or(u128::MAX) } else { target }
}

pub fn check(case: &Value) -> Outcome {
    let theirs = answer(case)?;
    let function = text(case, "fn");
    let library_of = Variant::Library;
    let (exact, pool, rest) = match function {
        "get-price" | "get-yield" => {
            let [x, y, t] = arguments(case)?;
            let price = library_of.price([x, y], t);
            let exact =
                if function == "get-price" { price } else { price.map(|price| price.saturating_sub(ONE)) };
            (exact.map(lone), [x, y, t], [0; 3])
        }
        "get-token-given-position" => {
            let [x, y, t, supply, dx, dy] = arguments(case)?;
            let minted = yield_mint([x, y], supply, [dx, dy]);
            (minted.map(|[token, dy]| vec![("token", token), ("dy", dy)]), [x, y, t], [supply, dx, dy])
        }
        "get-position-given-mint" | "get-position-given-burn" => {
            let [x, y, t, supply, minted] = arguments(case)?;
            let coins = yield_burn([x, y], supply, minted);
            (coins.map(|[dx, dy]| vec![("dx", dx), ("dy", dy)]), [x, y, t], [supply, minted, 0])
        }
        _ => {
            let [x, y, t, amount] = arguments(case)?;
            let target = with_one(function, amount);
            let exact = match function {
                "get-y-given-x" => library_of.out([x, y], t, Coin::X, amount),
                "get-x-given-y" => library_of.out([x, y], t, Coin::Y, amount),
                "get-y-in-given-x-out" => library_of.input([x, y], t, Coin::X, amount),
                "get-x-in-given-y-out" => library_of.input([x, y], t, Coin::Y, amount),
                "get-x-given-price" | "get-x-given-yield" => library_of.to_price([x, y], t, Coin::X, target),
                "get-y-given-price" | "get-y-given-yield" => library_of.to_price([x, y], t, Coin::Y, target),
                other => return Err(format!("unknown function {other}")),
            };
            (exact.map(lone), [x, y, t], [target.max(amount), 0, 0])
        }
    };
    exactly(theirs, exact)?;
    library(theirs, |factor| in_floating_point(function, pool, rest, factor))
}

fn in_floating_point(function: &str, [x, y, t]: [u128; 3], rest: [u128; 3], factor: f64) -> Ours {
    let reserves = Reserves { token: tokens(x), yield_token: tokens(y) };
    let (t, [first, second, third]) = (tokens(t), rest.map(tokens));
    let caps = RatioCaps {
        max_in: RatioCaps::ALEX.max_in * factor,
        max_out: RatioCaps::ALEX.max_out * factor,
        strict: true,
    };
    let of_reserve = |found: Result<f64, Refusal>, reserve: f64, loss: f64| {
        Ok(lone(Rounded::new(found.map_err(Refusal::code)?, reserve * loss)))
    };
    let state = |shares| State {
        token: reserves.token,
        yield_token: 0.0,
        virtual_yield_token: reserves.yield_token,
        shares,
    };
    let (x, y) = (reserves.token, reserves.yield_token);
    match function {
        "get-price" | "get-yield" => {
            let price = reserves.price_of_library(t);
            let found = if function == "get-price" { price } else { price.and_then(term_yield) };
            of_reserve(found, 0.0, 0.0)
        }
        "get-y-given-x" => of_reserve(reserves.capped_out(Side::BuyYield, t, first, &caps), y, curve_loss(t)),
        "get-x-given-y" => {
            of_reserve(reserves.capped_out(Side::SellYield, t, first, &caps), x, curve_loss(t))
        }
        "get-y-in-given-x-out" => {
            of_reserve(reserves.capped_in(Side::SellYield, t, first, &caps), y, curve_loss(t))
        }
        "get-x-in-given-y-out" => {
            of_reserve(reserves.capped_in(Side::BuyYield, t, first, &caps), x, curve_loss(t))
        }
        "get-x-given-price" | "get-x-given-yield" | "get-y-given-price" | "get-y-given-yield" => {
            // The library of the contract refuses a negative rate before it looks at the target.
            reserves.price_of_library(t).map_err(Refusal::code)?;
            let coin = if function.starts_with("get-x") { Coin::X } else { Coin::Y };
            to_price(reserves, t, coin, first, factor)
        }
        "get-token-given-position" => {
            if first == 0.0 || x == y {
                // Whatever is offered: only the pool makes a first deposit virtual.
                let found = quote_deposit(&state(0.0), second).map_err(Refusal::code)?;
                return Ok(vec![("token", Rounded::close(found.shares)), ("dy", Rounded::close(third))]);
            }
            let found = quote_deposit(&state(first), second).map_err(Refusal::code)?;
            let yields = found.yield_token + found.virtual_yield_token;
            // The share of the pool is rounded to eight decimals before it multiplies.
            Ok(vec![
                ("token", Rounded::new(found.shares, 1e-8 * first)),
                ("dy", Rounded::new(yields, 1e-8 * y)),
            ])
        }
        _ => {
            let found = quote_shares(&state(first), second).map_err(Refusal::code)?;
            let yields = found.yield_token + found.virtual_yield_token;
            Ok(vec![("dx", Rounded::new(found.token, 1e-8 * x)), ("dy", Rounded::new(yields, 1e-8 * y))])
        }
    }
}

/// The library's answer to the amount that moves the price to a target. The contract's answer for yield tokens is the yield
/// reserve less the token reserve after the trade, which the library does not offer: here it is put together from the
/// reserves at the target.
pub fn to_price(reserves: Reserves, t: f64, coin: Coin, target: f64, factor: f64) -> Ours {
    let (price, moved) = nudged(target, factor);
    let found = match coin {
        Coin::X => reserves.token_in_to_price(price, t),
        Coin::Y => reserves
            .yield_in_to_price(price, t)
            .and_then(|_| Ok((reserves.yield_token - reserves.at_price(price, t)?.token).max(0.0))),
    };
    let reserve = if coin == Coin::X { reserves.token } else { reserves.yield_token };
    let loss = target_loss(reserves, t, price) + moved / t;
    Ok(lone(Rounded::new(found.map_err(Refusal::code)?, reserve * loss)))
}
