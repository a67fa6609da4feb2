//! What the functions of the router and of the exchange behind it answer.

use super::call::{Reply, set, unknown};
use super::check::{Answer, Stop};
use super::exchange::{ALEX, Market, SimplePool};
use super::world::{Call, World};

/// A function of the router.
pub fn router(world: &mut World, call: &Call<'_>) -> Reply {
    let (from, to) = (call.text(0)?, call.text(1)?);
    let into_token = to == ALEX;
    let World { market, reserve, .. } = world;
    match call.function {
        "oracle-resilient-helper" => Ok(Answer::number(market.spot(from, to)?)),
        "oracle-instant-helper" => match market {
            Market::Stub { spot } => Ok(Answer::number(*spot)),
            Market::Real(exchange) => Ok(Answer::number(exchange.instant(from, to)?)),
        },
        "get-helper" => Ok(Answer::number(market.quote(from, to, call.fixed(2)?, into_token)?)),
        "swap-helper" => {
            let out = market.swap([from, to], call.fixed(2)?, into_token, call.now, reserve)?;
            Ok(Answer::number(out))
        }
        _ => unknown(call),
    }
}

/// A function of the exchange behind the router.
pub fn exchange(world: &mut World, call: &Call<'_>) -> Reply {
    let World { market: Market::Real(exchange), reserve, .. } = world else { return unknown(call) };
    let done = Ok(Answer::Flag(true));
    match (call.contract, call.function) {
        ("simple-equation", "set-max-in-ratio") => return set(&mut exchange.max_in_ratio, call),
        ("simple-equation", "set-max-out-ratio") => return set(&mut exchange.max_out_ratio, call),
        ("simple-equation", _) => return unknown(call),
        (_, "create-pool") => {
            let (balance_x, balance_y) = (call.fixed(4)?, call.fixed(5)?);
            // Opening and closing blocks are set by the harness unless a step sets them.
            let made = SimplePool {
                balance_x,
                balance_y,
                supply: libm::sqrt(balance_x * balance_y),
                fee_rate_x: 0.0,
                fee_rate_y: 0.0,
                rebate_share: 0.0,
                oracle_enabled: false,
                oracle_average: 0.0,
                oracle_resilient: 0.0,
                start_block: 0.0,
                end_block: f64::INFINITY,
            };
            exchange.pools.insert(call.text(1)?.to_owned(), made);
            return done;
        }
        (_, "swap-alex-for-y") => {
            let [net, out] = exchange.swap(ALEX, call.text(0)?, call.fixed(1)?, call.now, reserve)?;
            return Ok(Answer::Tuple(vec![("dx", net), ("dy", out)]));
        }
        (_, "swap-y-for-alex") => {
            let [net, out] = exchange.swap(call.text(0)?, ALEX, call.fixed(1)?, call.now, reserve)?;
            return Ok(Answer::Tuple(vec![("dx", out), ("dy", net)]));
        }
        _ => {}
    }
    let (x, y) = (call.text(0)?, call.text(1)?);
    match call.function {
        "swap-x-for-y" => {
            let paid = call.fixed(2)?;
            let [_, out] = exchange.swap(x, y, paid, call.now, reserve)?;
            return Ok(Answer::Tuple(vec![("dx", paid), ("dy", out)]));
        }
        "swap-y-for-x" => {
            let paid = call.fixed(2)?;
            let [_, out] = exchange.swap(y, x, paid, call.now, reserve)?;
            return Ok(Answer::Tuple(vec![("dx", out), ("dy", paid)]));
        }
        "get-oracle-instant" => return Ok(Answer::number(exchange.instant(x, y)?)),
        "get-helper" | "get-y-given-x" => {
            return Ok(Answer::number(exchange.quote(x, y, call.fixed(2)?)?));
        }
        "get-x-given-y" => return Ok(Answer::number(exchange.quote(y, x, call.fixed(2)?)?)),
        _ => {}
    }
    let pool = exchange.pools.get_mut(y).ok_or(Stop::Code(2001))?;
    match call.function {
        "get-oracle-resilient" => return Ok(Answer::number(pool.own_resilient()?)),
        "set-oracle-enabled" => pool.oracle_enabled = true,
        "set-oracle-average" => {
            pool.oracle_average = call.fixed(2)?;
            pool.oracle_resilient = pool.instant(true)?;
        }
        "set-fee-rate-x" => pool.fee_rate_x = call.fixed(2)?,
        "set-fee-rate-y" => pool.fee_rate_y = call.fixed(2)?,
        "set-fee-rebate" => pool.rebate_share = call.fixed(2)?,
        "set-start-block" => pool.start_block = call.plain(2)? as f64,
        "set-end-block" => pool.end_block = call.text(2)?.parse().unwrap_or(f64::INFINITY),
        _ => return unknown(call),
    }
    done
}
