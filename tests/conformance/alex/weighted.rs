//! Group `weighted`: the equation library of the fixed-weight pools.

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::fixed_weight::{FixedWeightPool, Sell};
use ballast::protocol::amm::ratio_cap::{CoinCaps, alex_code};
use serde_json::Value;

use super::equations::{
    Coin, proportional_burn, proportional_mint, weighted_in, weighted_invariant, weighted_out,
    weighted_to_price,
};
use super::fixed::{Fixed, ONE};
use super::reading::{
    Named, Ours, Outcome, Rounded, answer, arguments, exactly, library, lone, nudged, text, tokens,
};

/// What one power may lose, as a share of the balance it multiplies: its margin of four to six units in 1e8, as much
/// again in its base, and twice the exponent for the base that is rounded before it.
pub fn power_loss(exponent: f64) -> f64 {
    1e-8 * (10.0 + 2.0 * exponent)
}

/// The amount that moves the price to a target. The contract's spot price has eight decimals, of which a low price leaves
/// few.
pub fn to_price(pool: &FixedWeightPool, sold: Sell, target: f64, factor: f64) -> Ours {
    let (target, moved) = nudged(target, factor);
    let found = pool.quote_to_price(sold, target).map_err(code)?;
    let balance = pool.balances[usize::from(sold == Sell::Y)];
    Ok(lone(Rounded::new(found, balance * (power_loss(1.0) + (3e-8 + moved) / target))))
}

/// The caps of the library, moved by a factor.
fn caps(factor: f64) -> CoinCaps {
    CoinCaps { max_x: CoinCaps::WEIGHTED.max_x * factor, max_y: CoinCaps::WEIGHTED.max_y * factor }
}

pub fn sell(coin: Coin) -> Sell {
    if coin == Coin::X { Sell::X } else { Sell::Y }
}

/// The library's refusal as the contract's code. What it calls no amount is no refusal of the contract.
pub fn code(refusal: SwapError) -> Option<u32> {
    alex_code(refusal)
}

pub fn check(case: &Value) -> Outcome {
    let theirs = answer(case)?;
    let function = text(case, "fn");
    let (exact, pool, rest) = match function {
        "get-invariant" => {
            let [x, y, wx, wy] = arguments(case)?;
            (weighted_invariant([x, y], [wx, wy]).map(lone), [x, y, wx, wy], [0; 3])
        }
        "get-token-given-position" => {
            let [x, y, wx, wy, supply, dx, dy] = arguments(case)?;
            (mint([x, y], [wx, wy], supply, [dx, dy]), [x, y, wx, wy], [supply, dx, dy])
        }
        "get-position-given-mint" | "get-position-given-burn" => {
            let [x, y, wx, wy, supply, minted] = arguments(case)?;
            let coins = (|| {
                weighted_sum([wx, wy])?;
                proportional_burn([x, y], supply, minted)
            })();
            (coins.map(|[dx, dy]| vec![("dx", dx), ("dy", dy)]), [x, y, wx, wy], [supply, minted, 0])
        }
        _ => {
            let [x, y, wx, wy, amount] = arguments(case)?;
            let (balances, weights) = ([x, y], [wx, wy]);
            let exact = match function {
                "get-y-given-x" => weighted_out(balances, weights, Coin::X, amount),
                "get-x-given-y" => weighted_out(balances, weights, Coin::Y, amount),
                "get-y-in-given-x-out" => weighted_in(balances, weights, Coin::X, amount),
                "get-x-in-given-y-out" => weighted_in(balances, weights, Coin::Y, amount),
                "get-x-given-price" => weighted_to_price(balances, weights, Coin::X, amount),
                "get-y-given-price" => weighted_to_price(balances, weights, Coin::Y, amount),
                other => return Err(format!("unknown function {other}")),
            };
            (exact.map(lone), [x, y, wx, wy], [amount, 0, 0])
        }
    };
    exactly(theirs, exact)?;
    library(theirs, |factor| in_floating_point(function, pool, rest, factor))
}

fn weighted_sum(weights: [u128; 2]) -> Fixed<()> {
    super::fixed::require(weights[0].checked_add(weights[1]) == Some(ONE), 4000)
}

fn mint(balances: [u128; 2], weights: [u128; 2], supply: u128, deposit: [u128; 2]) -> Fixed<Named<u128>> {
    weighted_sum(weights)?;
    let minted = proportional_mint(balances, supply, deposit, || weighted_invariant(deposit, weights))?;
    Ok(vec![("token", minted[0]), ("dy", minted[1])])
}

fn in_floating_point(function: &str, [x, y, wx, wy]: [u128; 4], rest: [u128; 3], factor: f64) -> Ours {
    // The pool of the library knows one weight, so that two which do not sum to one cannot be said.
    if wx.checked_add(wy) != Some(ONE) {
        return Err(alex_code(SwapError::Weight));
    }
    let [first, second, third] = rest.map(tokens);
    let pool = FixedWeightPool {
        balances: [tokens(x), tokens(y)],
        weight_x: tokens(wx),
        shares: 0.0,
        resilient_price: 0.0,
    };
    let [x, y] = pool.balances;
    let ratio = tokens(wx) / tokens(wy);
    let amount = |found: Result<f64, SwapError>, balance: f64, exponent: f64| {
        let found = found.map_err(code)?;
        Ok(lone(Rounded::new(found, balance * power_loss(exponent))))
    };
    match function {
        "get-y-given-x" => amount(pool.quote_out(&caps(factor), Sell::X, first), y, ratio),
        "get-x-given-y" => amount(pool.quote_out(&caps(factor), Sell::Y, first), x, 1.0 / ratio),
        "get-y-in-given-x-out" => amount(pool.quote_in(&caps(factor), Sell::Y, first), y, ratio),
        "get-x-in-given-y-out" => amount(pool.quote_in(&caps(factor), Sell::X, first), x, 1.0 / ratio),
        "get-x-given-price" => to_price(&pool, Sell::X, first, factor),
        "get-y-given-price" => to_price(&pool, Sell::Y, first, factor),
        "get-invariant" => {
            let found = FixedWeightPool { balances: [0.0; 2], ..pool }.deposit(x, y).map_err(code)?;
            Ok(lone(Rounded::close(found.shares)))
        }
        "get-token-given-position" => {
            let found = FixedWeightPool { shares: first, ..pool };
            let offered = if first == 0.0 { third } else { f64::MAX };
            let found = found.deposit(second, offered).map_err(code)?;
            Ok(vec![("token", Rounded::close(found.shares)), ("dy", Rounded::close(found.amounts[1]))])
        }
        _ => {
            let found = FixedWeightPool { shares: first, ..pool }.amounts_of_shares(second);
            let [dx, dy] = found.map_err(code)?;
            Ok(vec![("dx", Rounded::close(dx)), ("dy", Rounded::close(dy))])
        }
    }
}
