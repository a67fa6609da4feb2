//! Calls that join several steps into one: cash for the new debt, leverage by flash loan, and rolling over.
//!
//! What the coins of a wallet suffice for is not followed: such a call is refused on chain where they do not.

use ballast::protocol::crp;
use ballast::protocol::yield_token::Side;

use super::call::{Reply, answer, join, redeem};
use super::check::{Answer, Stop};
use super::world::{Call, Key, World};

/// The key of the pool of another expiry.
fn rolled(key: &Key, expiry: u64) -> Key {
    (key.0.clone(), key.1.clone(), expiry)
}

/// What a flash loan is paid back with.
fn with_fee(world: &World, loan: f64) -> f64 {
    loan * (1.0 + world.globals.flash_loan_fee_rate)
}

/// Joins, and sells the yield tokens for cash.
pub fn join_and_sell(world: &mut World, call: &Call<'_>) -> Reply {
    let (key, claims) = (call.key()?, [call.text(3)?, call.text(4)?]);
    let spot = world.market.spot(&key.1, &key.0)?;
    let minted = join(world, call.who(), &key, claims, spot, call.fixed(5)?)?;
    let pair = (key.2, claims[0], key.0.as_str());
    let [net, out] = world.trade_rate(call.who(), pair, Side::SellYield, minted, call.limit(6)?)?;
    world.lost.set(world.lost.get() + 1e-7 * minted);
    Ok(Answer::Tuple(vec![("dx", out), ("dy", net)]))
}

/// Joins `key` with `gross` collateral, of which the loan is paid back by selling the yield tokens for more collateral.
fn leveraged(
    world: &mut World,
    call: &Call<'_>,
    key: &Key,
    spot: f64,
    [own, gross]: [f64; 2],
) -> Result<f64, Stop> {
    let claims = [call.text(3)?, call.text(4)?];
    let owed = with_fee(world, gross - own);
    let minted = join(world, call.who(), key, claims, spot, gross)?;
    let pair = (key.2, claims[0], key.0.as_str());
    let [_, cash] = world.trade_rate(call.who(), pair, Side::SellYield, minted, call.limit(6)?)?;
    let World { market, reserve, .. } = world;
    market.swap([&key.0, &key.1], cash, false, call.now, reserve)?;
    // Once more the price of the market, for the collateral that the loan is counted in.
    Ok(owed)
}

pub fn margin(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let spot = world.market.spot(&key.1, &key.0)?;
    let loan = world.loan(&key)?;
    let own = call.fixed(5)?;
    let ratio = loan.pool.loan_to_value(&loan.terms, spot)?;
    if own <= 0.0 {
        // Nothing over anything is nothing, which the join refuses.
        return Err(Stop::Code(2003));
    }
    if ratio >= 1.0 {
        return Err(Stop::Abort("ArithmeticUnderflow"));
    }
    let gross = crp::margin_gross(own, ratio)?;
    Ok(Answer::number(leveraged(world, call, &key, spot, [own, gross])?))
}

pub fn roll_borrow(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let spot = world.market.spot(&key.1, &key.0)?;
    let [dx, dy] = redeem(world, call, &key, call.text(4)?, false, 1.0)?;
    let mut own = dx;
    if dy > 0.0 {
        let World { market, reserve, .. } = world;
        own += market.swap([&key.0, &key.1], dy, false, call.now, reserve)?;
    }
    let next = rolled(&key, call.plain(5)?);
    let loan = world.loan(&next)?;
    let ratio = loan.pool.loan_to_value(&loan.terms, spot)?;
    if ratio > 1.0 {
        return Err(Stop::Abort("ArithmeticUnderflow"));
    }
    if own <= 0.0 {
        return Err(Stop::Code(2003));
    }
    let gross = crp::roll_gross(own, ratio)?;
    Ok(Answer::number(leveraged(world, call, &next, spot, [own, gross])?))
}

/// Redeems yield tokens and lends the proceeds again.
pub fn roll_deposit(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let yield_token = call.text(3)?;
    let [_, cash] = redeem(world, call, &key, yield_token, true, call.fixed(5)?)?;
    let pair = (call.plain(4)?, yield_token, key.0.as_str());
    let [net, out] = world.trade_rate(call.who(), pair, Side::BuyYield, cash, call.limit(6)?)?;
    world.lost.set(world.lost.get() + 1e-7 * cash);
    Ok(Answer::Tuple(vec![("dx", net), ("dy", out)]))
}

/// One call for each of a list of expiries; each is refused or done on its own.
pub fn many(world: &mut World, call: &Call<'_>) -> Reply {
    let one = call.function.trim_end_matches("-many");
    let (last, names) = call.args.len().checked_sub(1).map_or((0, 2), |last| (last, 2));
    let mut replies = Vec::new();
    for expiry in call.list(last)? {
        // The single calls take the expiry after the coins, and a limit at the end of a roll.
        let mut args = call.args.clone();
        args.truncate(last);
        args.insert(names, Some(expiry));
        match one {
            // (.. yield, next expiry, percent) is told in this order by both forms.
            "roll-deposit" | "roll-borrow" => args.push(None),
            _ => {}
        }
        let single = Call { function: one, args, ..*call };
        let before = world.clone();
        let reply = answer(world, &single);
        if reply.is_err() {
            *world = before;
        }
        replies.push(reply);
    }
    Ok(Answer::List(replies))
}
