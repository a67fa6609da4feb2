//! What each function of the contracts answers.

use ballast::protocol::amm::weighted;
use ballast::protocol::crp::{self, Refusal, Terms};

use super::check::{Answer, Stop};
use super::leverage;
use super::rates::rates;
use super::router::{equation, exchange, router};
use super::world::{Call, Key, Loan, Who, World};

pub type Reply = Result<Answer, Stop>;

/// Runs a call.
pub fn answer(world: &mut World, call: &Call<'_>) -> Reply {
    if call.function == "get-contract-owner" {
        return Ok(Answer::Text(world.owner(call.contract).to_owned()));
    }
    if call.function == "set-contract-owner" {
        world.owned(call)?;
        world.owners.insert(call.contract.to_owned(), call.text(0)?.to_owned());
        return Ok(Answer::Flag(true));
    }
    match call.contract {
        "collateral-rebalancing-pool-v1" => pool(world, call),
        "yield-token-pool" => rates(world, call),
        "swap-helper-v1-03" => router(world, call),
        "simple-weight-pool-alex" | "fixed-weight-pool-v1-01" => exchange(world, call),
        "simple-equation" | "weighted-equation-v1-01" if !call.function.starts_with("add-") => {
            equation(world, call)
        }
        "alex-reserve-pool" => reserve(world, call),
        "alex-vault" => vault(world, call),
        _ => token(world, call),
    }
}

pub fn unknown(call: &Call<'_>) -> Reply {
    Err(Stop::Unknown(format!("a function nobody knows: {} {}", call.contract, call.function)))
}

/// The ledger of the reserve.
fn reserve(world: &mut World, call: &Call<'_>) -> Reply {
    let token = || call.text(0);
    match call.function {
        "get-balance" => {
            world.allow_left(token()?, None);
            Ok(Answer::number(world.look_at_reserve(token()?, call.result)))
        }
        "add-to-balance" | "remove-from-balance" => {
            world.owned(call)?;
            let amount = call.fixed(1)?;
            let adds = call.function == "add-to-balance";
            if !adds && amount > world.reserve_of(token()?, call) {
                return Err(Stop::Code(2024));
            }
            let change = if adds { amount } else { -amount };
            *world.reserve.entry(token()?.to_owned()).or_default() += change;
            Ok(Answer::Flag(true))
        }
        "add-approved-contract" | "add-token" => Ok(Answer::Flag(true)),
        _ => unknown(call),
    }
}

/// The vault that holds every coin.
fn vault(world: &mut World, call: &Call<'_>) -> Reply {
    match call.function {
        "get-flash-loan-fee-rate" => Ok(Answer::number(world.globals.flash_loan_fee_rate)),
        "set-flash-loan-fee-rate" => {
            world.owned(call)?;
            world.globals.flash_loan_fee_rate = call.fixed(0)?;
            Ok(Answer::Flag(true))
        }
        "add-approved-contract" | "add-approved-token" | "add-approved-flash-loan-user" => {
            world.owned(call)?;
            Ok(Answer::Flag(true))
        }
        _ => unknown(call),
    }
}

/// Tokens: coins that only set the stage, and the claims with an expiry whose holders are known.
fn token(world: &mut World, call: &Call<'_>) -> Reply {
    let name = format!(".{}", call.contract);
    let dated = |at: usize| call.plain(at);
    match (call.function, call.args.len()) {
        ("mint-fixed" | "burn-fixed", 3) => {
            let change = if call.function == "mint-fixed" { call.fixed(1)? } else { -call.fixed(1)? };
            *world.holding(&name, dated(0)?, call.text(2)?) += change;
            Ok(Answer::Flag(true))
        }
        ("transfer-fixed", 4) => {
            *world.holding(&name, dated(0)?, call.text(2)?) -= call.fixed(1)?;
            *world.holding(&name, dated(0)?, call.text(3)?) += call.fixed(1)?;
            Ok(Answer::Flag(true))
        }
        ("get-balance-fixed", 2) => {
            world.allow_left(&name, Some((dated(0)?, call.text(1)?)));
            let held = *world.holding(&name, dated(0)?, call.text(1)?);
            Ok(Answer::number(held))
        }
        ("mint-fixed" | "burn-fixed", 2) => {
            let change = if call.function == "mint-fixed" { call.fixed(0)? } else { -call.fixed(0)? };
            *world.shares.entry((name, call.text(1)?.to_owned())).or_default() += change;
            Ok(Answer::Flag(true))
        }
        _ if call.function.starts_with("add-approved-") => Ok(Answer::Flag(true)),
        _ => unknown(call),
    }
}

/// Sets a cap, which must lie above zero and below `limit`.
pub fn set_ratio(ratio: &mut f64, to: f64, limit: f64, code: u16) -> Reply {
    if to <= 0.0 || to >= limit {
        return Err(Stop::Code(code));
    }
    *ratio = to;
    Ok(Answer::Flag(true))
}

/// A function of the collateral rebalancing pool.
fn pool(world: &mut World, call: &Call<'_>) -> Reply {
    let who = call.who();
    match call.function {
        "create-pool" | "create-and-configure-pool" => create(world, call),
        "add-to-position" => {
            let (key, claims) = (call.key()?, [call.text(3)?, call.text(4)?]);
            let spot = world.market.spot(&key.1, &key.0)?;
            let minted = join(world, who, &key, claims, spot, call.fixed(5)?)?;
            Ok(Answer::minted(minted))
        }
        "add-to-position-and-switch" => leverage::join_and_sell(world, call),
        "create-margin-position" => leverage::margin(world, call),
        "roll-borrow" => leverage::roll_borrow(world, call),
        "roll-deposit" => leverage::roll_deposit(world, call),
        "reduce-position-yield-many"
        | "reduce-position-key-many"
        | "roll-borrow-many"
        | "roll-deposit-many" => leverage::many(world, call),
        "swap-x-for-y" | "swap-y-for-x" => swap(world, call),
        "reduce-position-yield" | "reduce-position-key" => {
            let for_yield = call.function == "reduce-position-yield";
            let [dx, dy] = redeem(world, call, &call.key()?, call.text(3)?, for_yield, call.fixed(4)?)?;
            Ok(Answer::Tuple(vec![("dx", dx), ("dy", dy)]))
        }
        "set-approved-contract" => {
            world.owned(call)?;
            let approved = call.flag(1)?;
            world.approvals.insert((call.contract.to_owned(), call.text(0)?.to_owned()), approved);
            Ok(Answer::Flag(true))
        }
        "get-spot" => Ok(Answer::number(world.market.spot(call.text(1)?, call.text(0)?)?)),
        "get-invariant" => {
            let [x, y, weight_x, weight_y] = [0, 1, 2, 3].map(|index| call.fixed(index));
            let (weight_x, weight_y) = (weight_x?, weight_y?);
            // Both come in whole units of 1e-8.
            if (weight_x + weight_y - 1.0).abs() > 1e-9 {
                return Err(Stop::Code(4000));
            }
            let found = weighted::invariant(&[x?, y?], &[weight_x, weight_y]);
            Ok(Answer::number(found.map_err(super::exchange::stop)?))
        }
        "set-fee-rebate" | "set-fee-rate-x" | "set-fee-rate-y" | "set-fee-to-address" => set_fee(world, call),
        _ => match global(world, call) {
            Some(reply) => reply,
            None => question(world, call),
        },
    }
}

/// A variable of the contract that is not of one pool, set or told.
fn global(world: &mut World, call: &Call<'_>) -> Option<Reply> {
    let owned = world.owned(call);
    let globals = &mut world.globals;
    let (variable, limit, code) = match call.function.get(4..)? {
        "shortfall-coverage" => (&mut globals.shortfall_coverage, f64::INFINITY, None),
        "strike-multiplier" => (&mut globals.strike_multiplier, f64::INFINITY, None),
        "capacity-multiplier" => (&mut globals.capacity_multiplier, f64::INFINITY, None),
        "max-in-ratio" => (&mut globals.max_in_ratio, 1.0, Some(4001)),
        "max-out-ratio" => (&mut globals.max_out_ratio, 1.0, Some(4002)),
        _ => return None,
    };
    if call.function.starts_with("get-") {
        return Some(Ok(Answer::number(*variable)));
    }
    Some(owned.and_then(|()| match code {
        Some(code) => set_ratio(variable, call.fixed(0)?, limit, code),
        None => {
            *variable = call.fixed(0)?;
            Ok(Answer::Flag(true))
        }
    }))
}

fn set_fee(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let owner = call.sender == world.owner(call.contract);
    let known = world.loans.get_mut(&key);
    // Rates can be set by the taker of the fees, so the pool is looked up first.
    let by_taker = matches!(call.function, "set-fee-rate-x" | "set-fee-rate-y");
    if by_taker && known.is_none() {
        return Err(Stop::Code(2001));
    }
    let taker = by_taker && known.as_ref().is_some_and(|loan| loan.fee_to == call.sender);
    if !owner && !taker {
        return Err(Stop::Code(1000));
    }
    let loan = known.ok_or(Stop::Code(2001))?;
    match call.function {
        "set-fee-rebate" => loan.terms.rebate_share = call.fixed(3)?,
        "set-fee-rate-x" => loan.terms.fee_rate_x = call.fixed(3)?,
        "set-fee-rate-y" => loan.terms.fee_rate_y = call.fixed(3)?,
        _ => call.text(3)?.clone_into(&mut loan.fee_to),
    }
    Ok(Answer::Flag(true))
}

/// A question to one pool.
fn question(world: &mut World, call: &Call<'_>) -> Reply {
    let key = call.key()?;
    let number = |value: Result<f64, Refusal>| Ok(Answer::number(value?));
    let (token, collateral) = (key.0.as_str(), key.1.as_str());
    // What asks for the price asks for it before it looks for the pool.
    let spot = match call.function {
        "get-weight-x"
        | "get-ltv"
        | "get-pool-value-in-token"
        | "get-pool-value-in-collateral"
        | "get-token-given-position"
        | "get-position-given-burn-key"
        | "get-position-given-mint" => world.market.spot(collateral, token)?,
        _ => f64::NAN,
    };
    if call.function == "get-position-given-mint" && call.now >= key.2 as f64 {
        return Err(Stop::Code(2017));
    }
    let loan = world.loan(&key)?;
    let Loan { terms, pool, .. } = &loan;
    match call.function {
        "get-pool-details" => Ok(Answer::Record(loan.record())),
        "get-y-given-x" => number(crp::quote_y_for_x(pool, terms, call.fixed(3)?)),
        "get-x-given-y" => number(crp::quote_x_for_y(pool, terms, call.fixed(3)?)),
        "get-x-given-price" => number(crp::quote_x_to_price(pool, call.fixed(3)?)),
        "get-y-given-price" => number(crp::quote_y_to_price(pool, call.fixed(3)?)),
        "get-fee-rate-x" => Ok(Answer::number(terms.fee_rate_x)),
        "get-fee-rate-y" => Ok(Answer::number(terms.fee_rate_y)),
        "get-fee-rebate" => Ok(Answer::number(terms.rebate_share)),
        "get-fee-to-address" => Ok(Answer::Text(loan.fee_to.clone())),
        "get-weight-x" => number(crp::next_weight(pool, terms, spot, call.now)),
        "get-ltv" => number(pool.loan_to_value(terms, spot)),
        "get-pool-value-in-token" => Ok(Answer::number(pool.value_in_token(spot))),
        "get-pool-value-in-collateral" => number(pool.value_in_collateral(spot)),
        "get-token-given-position" => {
            // The quote does not ask how high the ratio is.
            let open = Terms { conversion_ltv: f64::INFINITY, ..*terms };
            let depth = depth(world, &loan_key(&key), terms, pool, spot, call.fixed(3)?)?;
            let plan = crp::plan_join(pool, &open, spot, call.now, call.fixed(3)?, depth)?;
            Ok(Answer::minted(plan.minted))
        }
        "get-position-given-burn-key" => {
            let position = pool.key_position(terms, spot, call.fixed(3)?)?;
            Ok(Answer::Tuple(vec![("dx", position.x), ("dy", position.y)]))
        }
        "get-position-given-mint" => {
            let backing = pool.backing_of(terms, call.now, call.fixed(3)?)?;
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

fn loan_key(key: &Key) -> [&str; 2] {
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
    world.owned(call)?;
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
    let made = crp::create(&terms, spot, call.now);
    // The last of the conditions on the terms, before anything is computed from them.
    let computing = matches!(made, Ok(_) | Err(Refusal::DivisionByZero { .. }));
    if key.0 == key.1 && computing {
        return Err(Stop::Code(2001));
    }
    let pool = made?;
    let claims = [call.text(3)?, call.text(4)?];
    let [yield_token, key_token] = claims.map(str::to_owned);
    let fee_to = call.text(5)?.to_owned();
    world.loans.insert(key.clone(), Loan { terms, pool, yield_token, key_token, fee_to });
    let deposit = call.fixed(if configured { 14 } else { 11 })?;
    Ok(Answer::minted(join(world, call.who(), &key, claims, spot, deposit)?))
}

/// Pays collateral in. Returns how many of each claim were minted.
pub fn join(
    world: &mut World,
    who: Who<'_>,
    key: &Key,
    claims: [&str; 2],
    spot: f64,
    dx: f64,
) -> Result<f64, Stop> {
    let loan = world.loan(key)?;
    let wrong = claims != [loan.yield_token.as_str(), loan.key_token.as_str()];
    let route = loan_key(key);
    let depth = depth(world, &route, &loan.terms, &loan.pool, spot, dx)?;
    let plan = match crp::plan_join(&loan.pool, &loan.terms, spot, who.now, dx, depth) {
        Err(refusal @ (Refusal::NotPositive { .. } | Refusal::LoanToValueTooHigh { .. })) => {
            return Err(refusal.into());
        }
        _ if wrong => return Err(Stop::Code(2026)),
        plan => plan?,
    };
    let World { market, reserve, .. } = world;
    let proceeds = market.swap(route, plan.sell_x, true, who.now, reserve)?;
    let pool = crp::join(&loan.pool, &plan, proceeds)?;
    for token in [&loan.yield_token, &loan.key_token] {
        *world.holding(token, key.2, who.sender) += plan.minted;
    }
    world.loans.insert(key.clone(), Loan { pool, ..loan });
    Ok(plan.minted)
}

fn swap(world: &mut World, call: &Call<'_>) -> Reply {
    if !world.approved(call) {
        return Err(Stop::Code(1000));
    }
    let key = call.key()?;
    let amount = call.fixed(3)?;
    if amount <= 0.0 {
        return Err(Stop::Code(2003));
    }
    if call.now > key.2 as f64 {
        return Err(Stop::Code(2017));
    }
    let loan = world.loan(&key)?;
    let spot = world.market.spot(&key.1, &key.0)?;
    let selling_x = call.function == "swap-x-for-y";
    let (terms, before) = (&loan.terms, &loan.pool);
    let swapped = if selling_x {
        crp::swap_x_for_y(before, terms, spot, call.now, amount)
    } else {
        crp::swap_y_for_x(before, terms, spot, call.now, amount)
    }?
    .above(call.limit(4)?.unwrap_or(0.0))?;
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

/// Redeems a share of what the sender holds, and settles the pool. Returns collateral and tokens.
pub fn redeem(
    world: &mut World,
    call: &Call<'_>,
    key: &Key,
    claimed: &str,
    for_yield: bool,
    share: f64,
) -> Result<[f64; 2], Stop> {
    let part = crp::tokens_of_share(1.0, share)?;
    if call.now <= key.2 as f64 {
        return Err(Stop::Code(2017));
    }
    let loan = world.loan(key)?;
    let Loan { terms, pool, .. } = &loan;
    let claim = if for_yield { loan.yield_token.clone() } else { loan.key_token.clone() };
    world.allow_left(claimed, Some((key.2, call.sender)));
    let tokens = *world.holding(claimed, key.2, call.sender) * part;
    let [collateral, token] = loan_key(key);
    let short = crp::yield_short_of(pool, terms);
    let (mut quoted, mut proceeds) = (0.0, 0.0);
    if short > 0.0 {
        // Quoted the other way round, as a sale of loan tokens.
        quoted = world.market.quote(token, collateral, short, false)?;
        let World { market, reserve, .. } = &mut *world;
        proceeds = market.swap([collateral, token], quoted, true, call.now, reserve)?;
    }
    if claimed != claim {
        return Err(Stop::Code(2026));
    }
    let held = world.reserve_of(collateral, call);
    let sale = crp::plan_sale(pool, terms, call.now, quoted, held)?;
    let settled = crp::settle(pool, terms, &sale, proceeds, 0.0)?.next;
    let (next, paid) = if tokens == 0.0 {
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
    world.loans.insert(key.clone(), Loan { pool: next, ..loan });
    Ok(paid)
}
