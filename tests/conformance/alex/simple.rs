//! Group `simple`: the half-and-half sibling of the weighted library, in closed form, with caps of 5 %.

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::fixed_weight::{FixedWeightPool, Sell};
use ballast::protocol::amm::ratio_cap::CoinCaps;
use serde_json::Value;

use super::equations::{
    Coin, proportional_burn, proportional_mint, simple_in, simple_invariant, simple_out, simple_to_price,
};
use super::reading::{Ours, Outcome, Rounded, answer, arguments, exactly, library, lone, text, tokens};
use super::weighted::{code, to_price};

/// The caps of the library, moved by a factor.
fn caps(factor: f64) -> CoinCaps {
    CoinCaps { max_x: CoinCaps::SIMPLE.max_x * factor, max_y: CoinCaps::SIMPLE.max_y * factor }
}

pub fn check(case: &Value) -> Outcome {
    let theirs = answer(case)?;
    let function = text(case, "fn");
    let (exact, balances, rest) = match function {
        "get-invariant" => {
            let [x, y] = arguments(case)?;
            (simple_invariant([x, y]).map(lone), [x, y], [0; 3])
        }
        "get-token-given-position" => {
            let [x, y, supply, dx, dy] = arguments(case)?;
            let minted = proportional_mint([x, y], supply, [dx, dy], || simple_invariant([dx, dy]));
            (minted.map(|[token, dy]| vec![("token", token), ("dy", dy)]), [x, y], [supply, dx, dy])
        }
        "get-position-given-mint" | "get-position-given-burn" => {
            let [x, y, supply, minted] = arguments(case)?;
            let coins = proportional_burn([x, y], supply, minted);
            (coins.map(|[dx, dy]| vec![("dx", dx), ("dy", dy)]), [x, y], [supply, minted, 0])
        }
        _ => {
            let [x, y, amount] = arguments(case)?;
            let exact = match function {
                "get-y-given-x" => simple_out([x, y], Coin::X, amount),
                "get-x-given-y" => simple_out([x, y], Coin::Y, amount),
                "get-y-in-given-x-out" => simple_in([x, y], Coin::X, amount),
                "get-x-in-given-y-out" => simple_in([x, y], Coin::Y, amount),
                "get-x-given-price" => simple_to_price([x, y], Coin::X, amount),
                "get-y-given-price" => simple_to_price([x, y], Coin::Y, amount),
                other => return Err(format!("unknown function {other}")),
            };
            (exact.map(lone), [x, y], [amount, 0, 0])
        }
    };
    exactly(theirs, exact)?;
    library(theirs, |factor| in_floating_point(function, balances, rest, factor))
}

fn in_floating_point(function: &str, balances: [u128; 2], rest: [u128; 3], factor: f64) -> Ours {
    let [first, second, third] = rest.map(tokens);
    let [x, y] = balances.map(tokens);
    let pool = FixedWeightPool { balances: [x, y], weight_x: 0.5, ..Default::default() };
    // Closed forms: no power, so no loss.
    let amount = |found: Result<f64, SwapError>| Ok(lone(Rounded::new(found.map_err(code)?, 4e-8)));
    match function {
        "get-y-given-x" => amount(pool.quote_out(&caps(factor), Sell::X, first)),
        "get-x-given-y" => amount(pool.quote_out(&caps(factor), Sell::Y, first)),
        "get-y-in-given-x-out" => amount(pool.quote_in(&caps(factor), Sell::Y, first)),
        "get-x-in-given-y-out" => amount(pool.quote_in(&caps(factor), Sell::X, first)),
        "get-x-given-price" => to_price(&pool, Sell::X, first, factor),
        "get-y-given-price" => to_price(&pool, Sell::Y, first, factor),
        "get-invariant" => {
            let found = FixedWeightPool { balances: [0.0; 2], ..pool }.deposit(x, y).map_err(code)?;
            Ok(lone(Rounded::close(found.shares)))
        }
        "get-token-given-position" => {
            let offered = if first == 0.0 { third } else { f64::MAX };
            let found = FixedWeightPool { shares: first, ..pool }.deposit(second, offered).map_err(code)?;
            Ok(vec![("token", Rounded::close(found.shares)), ("dy", Rounded::close(found.amounts[1]))])
        }
        _ => {
            let found = FixedWeightPool { shares: first, ..pool }.amounts_of_shares(second);
            let [dx, dy] = found.map_err(code)?;
            Ok(vec![("dx", Rounded::close(dx)), ("dy", Rounded::close(dy))])
        }
    }
}
