//! Trades between two coins that each have a pool: sold for x in the one, bought with it in the other.

use serde_json::Value;

use super::{Known, Pool, World, argument, library_pool, loss, sell, terms, token};
use crate::alex::equations::Coin;
use crate::alex::fixed::Fixed;
use crate::alex::reading::{Outcome, Rounded, answer, exactly, library, lone, optional, tokens, unsigned};
use crate::alex::weighted::code;

/// The pools that a call sells to and buys from, or `None` where it names no such two.
pub fn legs(pools: &[Known], step: &Value, general: &str) -> Outcome<Option<[usize; 2]>> {
    let moves =
        ["swap-x-for-y", "swap-y-for-x", "swap-helper", "get-helper", "get-y-given-x", "get-x-given-y"];
    if !moves.contains(&general) {
        return Ok(None);
    }
    let of = |coin: &str, weight: u128| {
        pools.iter().position(|known| known.coins[1] == coin && known.pool.weights[1] == weight)
    };
    let x = of(token(step, 0), argument(step, 2)?);
    let y = of(token(step, 1), argument(step, 3)?);
    let [from, to] = if general.ends_with("y-for-x") || general == "get-x-given-y" { [y, x] } else { [x, y] };
    Ok(from.zip(to).map(|(from, to)| [from, to]))
}

impl World {
    /// A trade or a quote through two pools.
    pub(super) fn route(
        &mut self,
        step: &Value,
        general: &str,
        [from, to]: [usize; 2],
        at: usize,
    ) -> Outcome {
        let theirs = answer(step)?;
        let amount = argument(step, at)?;
        let [first, second] = [self.pools[from].pool, self.pools[to].pool];
        // What the first power loses is worth the second pool's price; both lose at most this.
        let price = |pool: &Pool| tokens(pool.balances[1]) / tokens(pool.balances[0]);
        let lost = loss(&first, Coin::Y) * price(&second) + loss(&second, Coin::X);
        let [ours_first, ours_second] = [library_pool(&first), library_pool(&second)];
        if general.starts_with("get-") {
            let quote = |pool: &Pool, name, given| match pool.question(name, false, given) {
                Some(found) => found.map(|numbers| numbers[0].1),
                None => Ok(0),
            };
            let exact: Fixed = quote(&first, "get-x-given-y", amount)
                .and_then(|middle| quote(&second, "get-y-given-x", middle));
            exactly(theirs, exact.map(lone))?;
            return library(theirs, |factor| {
                let caps = |pool| super::caps(pool, factor);
                let middle =
                    ours_first.quote_out(&caps(&first), sell(Coin::Y), tokens(amount)).map_err(code)?;
                let out = ours_second.quote_out(&caps(&second), sell(Coin::X), middle).map_err(code)?;
                Ok(lone(Rounded::new(out, lost)))
            });
        }
        let least = optional(&step["args"][at + 1]).map(unsigned).transpose()?;
        let sold = first.swap(Coin::Y, amount, None);
        let bought = sold.and_then(|sold| second.swap(Coin::X, sold.out, least));
        // The general calls echo what was paid.
        let helper = general == "swap-helper";
        let turned = general.ends_with("y-for-x");
        let exact = bought.map(|bought| {
            let [dx, dy] = if turned { [bought.out, amount] } else { [amount, bought.out] };
            if helper { lone(bought.out) } else { vec![("dx", dx), ("dy", dy)] }
        });
        exactly(theirs, exact)?;
        library(theirs, |factor| {
            let middle = ours_first.swap(&terms(&first, factor), sell(Coin::Y), tokens(amount));
            let middle = middle.map_err(code)?.out;
            let done = ours_second.swap(&terms(&second, factor), sell(Coin::X), middle).map_err(code)?;
            let slack = if factor < 1.0 { lost } else { 0.0 };
            let done = done.at_least(least.map_or(0.0, tokens) - slack).map_err(code)?;
            let (paid, out) = (Rounded::close(tokens(amount)), Rounded::new(done.out, lost));
            let [dx, dy] = if turned { [out, paid] } else { [paid, out] };
            Ok(if helper { lone(out) } else { vec![("dx", dx), ("dy", dy)] })
        })?;
        let (Ok(sold), Ok(bought)) = (sold, bought) else { return Ok(()) };
        for (at, coin, done) in [(from, 1, sold), (to, 0, bought)] {
            self.pools[at].pool = done.next;
            let brought = self.pools[at].coins[coin].clone();
            *self.credited.entry(brought).or_default() += done.to_reserve;
        }
        Ok(())
    }
}
