//! What each function of the contracts answers.

use ballast::protocol::crp::{self, Refusal, Terms};
use serde_json::Value;

use super::check::{Answer, Stop};
use super::router::{exchange, router};
use super::world::{Call, Loan, World};

pub type Reply = Result<Answer, Stop>;

/// Runs a call. `theirs` is looked at only where the vectors do not say what was there before.
pub fn answer(world: &mut World, call: &Call<'_>, theirs: &Value) -> Reply {
    match call.contract {
        "collateral-rebalancing-pool-v1" => pool(world, call),
        "alex-reserve-pool" if call.function == "get-balance" => {
            Ok(Answer::number(world.look_at_reserve(call.text(0)?, theirs)))
        }
        "alex-reserve-pool" if call.function == "add-to-balance" => {
            *world.reserve.entry(call.text(0)?.to_owned()).or_default() += call.fixed(1)?;
            Ok(Answer::Flag(true))
        }
        "swap-helper-v1-03" => router(world, call),
        "simple-weight-pool-alex" | "simple-equation" => exchange(world, call),
        // Setting the stage: coins for the actors, contracts on the vault's lists.
        _ if call.function == "mint-fixed" || call.function.starts_with("add-approved-") => {
            Ok(Answer::Flag(true))
        }
        token if call.function == "get-balance-fixed" && call.args.len() == 2 => {
            let holding = *world.holding(&format!(".{token}"), call.plain(0)?, call.text(1)?);
            Ok(Answer::number(holding))
        }
        _ => unknown(call),
    }
}

pub fn unknown(call: &Call<'_>) -> Reply {
    Err(Stop::Unknown(format!("a function nobody knows: {} {}", call.contract, call.function)))
}

/// A function of the collateral rebalancing pool.
fn pool(world: &mut World, call: &Call<'_>) -> Reply {
    let globals = &mut world.globals;
    match call.function {
        "create-pool" | "create-and-configure-pool" => return create(world, call),
        "add-to-position" => return add(world, call),
        "swap-x-for-y" | "swap-y-for-x" => return swap(world, call),
        "reduce-position-yield" | "reduce-position-key" => return reduce(world, call),
        "set-approved-contract" => return Ok(Answer::Flag(true)),
        "get-shortfall-coverage" => return Ok(Answer::number(globals.shortfall_coverage)),
        "get-strike-multiplier" => return Ok(Answer::number(globals.strike_multiplier)),
        "get-capacity-multiplier" => return Ok(Answer::number(globals.capacity_multiplier)),
        "get-max-in-ratio" => return Ok(Answer::number(globals.max_in_ratio)),
        "get-max-out-ratio" => return Ok(Answer::number(globals.max_out_ratio)),
        "set-shortfall-coverage" => return set(&mut globals.shortfall_coverage, call),
        "set-strike-multiplier" => return set(&mut globals.strike_multiplier, call),
        "set-capacity-multiplier" => return set(&mut globals.capacity_multiplier, call),
        "set-max-in-ratio" => return set(&mut globals.max_in_ratio, call),
        "set-max-out-ratio" => return set(&mut globals.max_out_ratio, call),
        "get-spot" => return Ok(Answer::number(world.market.spot(call.text(1)?, call.text(0)?)?)),
        _ => {}
    }
    let key = call.key()?;
    let loan = world.loan(&key)?;
    let Loan { terms, pool, .. } = loan;
    let number = |value: Result<f64, Refusal>| Ok(Answer::number(value?));
    match call.function {
        "get-y-given-x" => {
            return number(crp::quote_y_for_x(&pool, &terms, call.fixed(3)?));
        }
        "get-x-given-y" => {
            return number(crp::quote_x_for_y(&pool, &terms, call.fixed(3)?));
        }
        "get-x-given-price" => {
            return number(crp::quote_x_to_price(&pool, call.fixed(3)?));
        }
        "get-y-given-price" => {
            return number(crp::quote_y_to_price(&pool, call.fixed(3)?));
        }
        "get-fee-rate-x" => return Ok(Answer::number(terms.fee_rate_x)),
        "get-fee-rate-y" => return Ok(Answer::number(terms.fee_rate_y)),
        "get-fee-rebate" => return Ok(Answer::number(terms.rebate_share)),
        _ => {}
    }
    let (token, collateral) = (key.0.as_str(), key.1.as_str());
    let spot = world.market.spot(collateral, token)?;
    match call.function {
        "get-weight-x" => number(crp::next_weight(&pool, &terms, spot, call.now)),
        "get-ltv" => number(pool.loan_to_value(&terms, spot)),
        "get-pool-value-in-token" => Ok(Answer::number(pool.value_in_token(spot))),
        "get-pool-value-in-collateral" => number(pool.value_in_collateral(spot)),
        "get-token-given-position" => {
            // The quote does not ask how high the ratio is.
            let open = Terms { conversion_ltv: f64::INFINITY, ..terms };
            let depth = depth(world, &loan_key(&key), &terms, &pool, spot, call.fixed(3)?)?;
            let plan = crp::plan_join(&pool, &open, spot, call.now, call.fixed(3)?, depth)?;
            Ok(Answer::minted(plan.minted))
        }
        "get-position-given-burn-key" => {
            let position = pool.key_position(&terms, spot, call.fixed(3)?)?;
            Ok(Answer::Tuple(vec![("dx", position.x), ("dy", position.y)]))
        }
        "get-position-given-mint" => {
            let backing = pool.backing_of(&terms, call.now, call.fixed(3)?)?;
            // The contract asks the router what so much *collateral* would bring.
            let bought = world.market.quote(collateral, token, backing.y, true)?;
            Ok(Answer::Tuple(vec![
                ("dx", backing.x + bought),
                ("dx-weighted", backing.x),
                ("dy-weighted", backing.y),
            ]))
        }
        _ => unknown(call),
    }
}

pub fn set(variable: &mut f64, call: &Call<'_>) -> Reply {
    if call.sender != "deployer" {
        return Err(Stop::Code(1000));
    }
    *variable = call.fixed(0)?;
    Ok(Answer::Flag(true))
}

fn loan_key(key: &super::world::Key) -> [&str; 2] {
    [key.1.as_str(), key.0.as_str()]
}

/// The depth of the market as the pool asks for it: without end, or none.
fn depth(
    world: &World,
    [collateral, token]: &[&str; 2],
    terms: &Terms,
    pool: &crp::Pool,
    spot: f64,
    dx: f64,
) -> Result<f64, Stop> {
    let size = crp::size_to_quote(pool, terms, spot, dx)?;
    let quoted = world.market.quote(collateral, token, size, true);
    Ok(if quoted.is_ok() { f64::INFINITY } else { 0.0 })
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let spot = world.market.spot(&key.1, &key.0)?;
    if call.sender != "deployer" {
        return Err(Stop::Code(1000));
    }
    if world.loans.contains_key(&key) {
        return Err(Stop::Code(2000));
    }
    let configured = call.function == "create-and-configure-pool";
    let optional = |index: usize| if configured { call.fixed(index) } else { Ok(0.0) };
    let globals = world.globals;
    let terms = Terms {
        initial_loan_to_value: call.fixed(6)?,
        conversion_ltv: call.fixed(7)?,
        volatility: call.fixed(8)?,
        moving_average: call.fixed(9)?,
        token_to_maturity_blocks: call.fixed(10)?,
        rebate_share: optional(11)?,
        fee_rate_x: optional(12)?,
        fee_rate_y: optional(13)?,
        strike_multiplier: globals.strike_multiplier,
        shortfall_coverage: globals.shortfall_coverage,
        capacity_multiplier: globals.capacity_multiplier,
        max_in_ratio: globals.max_in_ratio,
        max_out_ratio: globals.max_out_ratio,
        ..Terms::mainnet(key.2 as f64)
    };
    let pool = crp::create(&terms, spot, call.now)?;
    if key.0 == key.1 {
        return Err(Stop::Code(2001));
    }
    let [yield_token, key_token, fee_to] =
        [call.text(3)?.to_owned(), call.text(4)?.to_owned(), call.text(5)?.to_owned()];
    world.loans.insert(key, Loan { terms, pool, yield_token, key_token, fee_to });
    let deposit = call.fixed(if configured { 14 } else { 11 })?;
    deposit_collateral(world, call, spot, deposit)
}

fn add(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let spot = world.market.spot(&key.1, &key.0)?;
    deposit_collateral(world, call, spot, call.fixed(5)?)
}

fn deposit_collateral(world: &mut World, call: &Call<'_>, spot: f64, dx: f64) -> Reply {
    let key = call.key()?;
    let loan = world.loan(&key)?;
    let wrong = call.text(3)? != loan.yield_token || call.text(4)? != loan.key_token;
    let route = loan_key(&key);
    let depth = depth(world, &route, &loan.terms, &loan.pool, spot, dx)?;
    let plan = match crp::plan_join(&loan.pool, &loan.terms, spot, call.now, dx, depth) {
        Err(refusal @ (Refusal::NotPositive { .. } | Refusal::LoanToValueTooHigh { .. })) => {
            return Err(refusal.into());
        }
        _ if wrong => return Err(Stop::Code(2026)),
        plan => plan?,
    };
    let World { market, reserve, .. } = world;
    let proceeds = market.swap(route, plan.sell_x, true, call.now, reserve)?;
    let pool = crp::join(&loan.pool, &plan, proceeds)?;
    for token in [&loan.yield_token, &loan.key_token] {
        *world.holding(token, key.2, call.sender) += plan.minted;
    }
    world.loans.insert(key, Loan { pool, ..loan });
    Ok(Answer::minted(plan.minted))
}

fn swap(world: &mut World, call: &Call<'_>) -> Reply {
    if !call.approved {
        return Err(Stop::Code(1000));
    }
    let key = call.key()?;
    let loan = world.loan(&key)?;
    let spot = world.market.spot(&key.1, &key.0)?;
    let amount = call.fixed(3)?;
    let limit = if call.args.get(4).copied().flatten().is_some() { call.fixed(4)? } else { 0.0 };
    let selling_x = call.function == "swap-x-for-y";
    let (terms, before) = (&loan.terms, &loan.pool);
    let swapped = if selling_x {
        crp::swap_x_for_y(before, terms, spot, call.now, amount)
    } else {
        crp::swap_y_for_x(before, terms, spot, call.now, amount)
    }?
    .above(limit)?;
    let net = swapped.net_in;
    let (input, fields) = if selling_x {
        let out = swapped.amount_out;
        (&key.1, vec![("dx", net), ("dy", out)])
    } else {
        let out = swapped.amount_out;
        (&key.0, vec![("dx", out), ("dy", net)])
    };
    *world.reserve.entry(input.clone()).or_default() += swapped.to_reserve;
    world.loans.insert(key, Loan { pool: swapped.next, ..loan });
    Ok(Answer::Tuple(fields))
}

fn reduce(world: &mut World, call: &Call<'_>) -> Reply {
    let for_yield = call.function == "reduce-position-yield";
    let key = call.key()?;
    let part = crp::tokens_of_share(1.0, call.fixed(4)?)?;
    if call.now <= key.2 as f64 {
        return Err(Stop::Code(2017));
    }
    let loan = world.loan(&key)?;
    let Loan { terms, pool, .. } = &loan;
    let claim = if for_yield { loan.yield_token.clone() } else { loan.key_token.clone() };
    let tokens = *world.holding(call.text(3)?, key.2, call.sender) * part;
    let [collateral, token] = loan_key(&key);
    let short = crp::yield_short_of(pool, terms);
    let (mut quoted, mut proceeds) = (0.0, 0.0);
    if short > 0.0 {
        // Quoted the other way round, as a sale of loan tokens.
        quoted = world.market.quote(token, collateral, short, false)?;
        let World { market, reserve, .. } = &mut *world;
        proceeds = market.swap([collateral, token], quoted, true, call.now, reserve)?;
    }
    if call.text(3)? != claim {
        return Err(Stop::Code(2026));
    }
    let held = world.reserve.get(collateral).copied().unwrap_or_default();
    let sale = crp::plan_sale(pool, terms, call.now, quoted, held)?;
    let settled = crp::settle(pool, terms, &sale, proceeds, 0.0)?.next;
    let (next, [paid_x, paid_y]) = if tokens == 0.0 {
        (settled, [0.0; 2])
    } else {
        let redeemed = if for_yield {
            crp::redeem_yield(&settled, terms, call.now, tokens)
        } else {
            crp::redeem_key(&settled, terms, call.now, tokens)
        }?;
        (redeemed.next, [redeemed.paid_x, redeemed.paid_y])
    };
    *world.reserve.entry(collateral.to_owned()).or_default() -= sale.from_reserve_x;
    *world.holding(&claim, key.2, call.sender) -= tokens;
    world.loans.insert(key, Loan { pool: next, ..loan });
    Ok(Answer::Tuple(vec![("dx", paid_x), ("dy", paid_y)]))
}
