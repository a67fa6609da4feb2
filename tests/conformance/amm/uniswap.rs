//! Uniswap v2: a pair that lives through a trajectory, to the last wei, and the quotes of its SDK.

use ballast::protocol::amm::exact::{
    UNISWAP_V2_FEE_PPM, burn_wide, check_swap_wide, in_given_out_wide, mint_wide, out_given_in_wide,
    price_seconds_wide, protocol_fee_wide,
};
use ballast::protocol::amm::fees::InputFee;
use ballast::protocol::amm::{SwapError, constant_product};
use ethnum::U256;
use serde_json::Value;

use super::{Outcome, close, equal, fields, integer, refused, seconds, text, within};

const STATE: [&str; 6] = ["reserve0", "reserve1", "totalSupply", "kLast", "price0Cum", "price1Cum"];

/// The storage of a pair.
struct Pair {
    fee_on: bool,
    reserves: [U256; 2],
    supply: U256,
    k_last: U256,
    price_seconds: [U256; 2],
    /// Seconds since the reserves were last written.
    idle_s: u64,
}

impl Pair {
    /// Writes new reserves; the price before them is credited for the time it stood.
    fn write(&mut self, reserves: [U256; 2]) -> Result<(), SwapError> {
        if self.idle_s > 0 && !self.reserves.contains(&U256::ZERO) {
            for (coin, sum) in self.price_seconds.iter_mut().enumerate() {
                let step = price_seconds_wide(self.reserves[coin], self.reserves[1 - coin], self.idle_s)?;
                *sum = sum.wrapping_add(step);
            }
        }
        self.idle_s = 0;
        self.reserves = reserves;
        Ok(())
    }

    fn k(&self) -> U256 {
        self.reserves[0] * self.reserves[1]
    }

    /// Supply after the protocol's liquidity.
    fn supply_with_fee(&self) -> Result<U256, SwapError> {
        let minted =
            if self.fee_on { protocol_fee_wide(self.supply, self.k(), self.k_last)? } else { U256::ZERO };
        Ok(self.supply + minted)
    }

    fn finish(&mut self, reserves: [U256; 2], supply: U256) -> Result<(), SwapError> {
        self.write(reserves)?;
        self.supply = supply;
        self.k_last = if self.fee_on { self.k() } else { U256::ZERO };
        Ok(())
    }

    fn mint(&mut self, amounts: [U256; 2]) -> Result<U256, SwapError> {
        let locked = U256::from(constant_product::MINIMUM_LIQUIDITY_ATOMS);
        let first = self.supply == U256::ZERO;
        let supply = self.supply_with_fee()?;
        let minted = mint_wide(amounts, self.reserves, supply, locked)?;
        let total = supply + minted + if first { locked } else { U256::ZERO };
        self.finish([self.reserves[0] + amounts[0], self.reserves[1] + amounts[1]], total)?;
        Ok(minted)
    }

    fn burn(&mut self, liquidity: U256) -> Result<[U256; 2], SwapError> {
        let supply = self.supply_with_fee()?;
        let paid = burn_wide(liquidity, self.reserves, supply)?;
        self.finish([self.reserves[0] - paid[0], self.reserves[1] - paid[1]], supply - liquidity)?;
        Ok(paid)
    }

    fn swap(&mut self, coin_in: usize, amount_in: U256, amount_out: U256) -> Result<(), SwapError> {
        let (reserve_in, reserve_out) = (self.reserves[coin_in], self.reserves[1 - coin_in]);
        check_swap_wide(reserve_in, reserve_out, amount_in, amount_out, UNISWAP_V2_FEE_PPM)?;
        let mut reserves = self.reserves;
        reserves[coin_in] += amount_in;
        reserves[1 - coin_in] -= amount_out;
        self.write(reserves)
    }

    fn compare(&self, state: &Value) -> Outcome {
        fields(state, "state", &STATE)?;
        let own = [
            self.reserves[0],
            self.reserves[1],
            self.supply,
            self.k_last,
            self.price_seconds[0],
            self.price_seconds[1],
        ];
        STATE.iter().zip(own).try_for_each(|(name, value)| equal(name, value, integer(state, name)?))
    }
}

/// The pair's own words for a refusal of `op`.
fn message(op: &str, refusal: SwapError, amount_out: U256) -> &'static str {
    match (refusal, op) {
        (SwapError::InvariantFalls, _) => "UniswapV2: K",
        (SwapError::Dust, "mint") => "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED",
        (SwapError::Dust, _) => "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED",
        (SwapError::InsufficientLiquidity, "burn") => "ds-math-sub-underflow",
        (SwapError::InsufficientLiquidity, _) => "UniswapV2: INSUFFICIENT_LIQUIDITY",
        (SwapError::Amount, _) if amount_out == U256::ZERO => "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT",
        (SwapError::Amount, _) => "UniswapV2: INSUFFICIENT_INPUT_AMOUNT",
        (SwapError::Overflow, _) => "UniswapV2: OVERFLOW",
        _ => "(no message)",
    }
}

/// Every operation, refusal and state of a trajectory.
pub(super) fn trajectory(case: &Value) -> Outcome {
    let inputs = fields(&case["inputs"], "inputs", &["protocolFeeOn"])?;
    fields(&case["expected"], "expected", &["final"])?;
    let mut pair = Pair {
        fee_on: inputs
            .get("protocolFeeOn")
            .and_then(Value::as_bool)
            .ok_or("protocolFeeOn: expected a boolean")?,
        reserves: [U256::ZERO; 2],
        supply: U256::ZERO,
        k_last: U256::ZERO,
        price_seconds: [U256::ZERO; 2],
        idle_s: 0,
    };
    for (index, step) in case["steps"].as_array().ok_or("no steps")?.iter().enumerate() {
        apply(&mut pair, step).map_err(|why| format!("step {index}: {why}"))?;
    }
    pair.compare(&case["expected"]["final"])
}

fn apply(pair: &mut Pair, step: &Value) -> Outcome {
    const KNOWN: [&str; 10] = [
        "op",
        "dt",
        "amount0",
        "amount1",
        "amountIn",
        "amountOutRequested",
        "liquidity",
        "status",
        "revert",
        "state",
    ];
    fields(step, "step", &KNOWN)?;
    let op = text(step, "op")?;
    let accepted = text(step, "status")? == "ok";
    pair.idle_s += seconds(step, "dt")?;
    let mut requested = U256::ONE;
    let result = match op {
        "mint" => {
            let amounts = [integer(step, "amount0")?, integer(step, "amount1")?];
            if accepted {
                float_mint(pair, amounts, integer(step, "liquidity")?)?;
            }
            pair.mint(amounts).map(|minted| vec![("liquidity", minted)])
        }
        "burn" => pair
            .burn(integer(step, "liquidity")?)
            .map(|paid| vec![("amount0", paid[0]), ("amount1", paid[1])]),
        "swap0" | "swap1" => {
            let coin_in = usize::from(op == "swap1");
            let amount = integer(step, "amountIn")?;
            requested = integer(step, "amountOutRequested")?;
            float_swap(pair, coin_in, amount)?;
            pair.swap(coin_in, amount, requested).map(|()| Vec::new())
        }
        _ => return Err(format!("unknown operation {op}")),
    };
    match result {
        Ok(amounts) if accepted => {
            amounts.into_iter().try_for_each(|(name, value)| equal(name, value, integer(step, name)?))?;
        }
        Err(refusal) if !accepted => equal("revert", message(op, refusal, requested), text(step, "revert")?)?,
        other => return Err(format!("{op}: expected {}, found {other:?}", text(step, "status")?)),
    }
    pair.compare(&step["state"])
}

/// The floating-point quote agrees with the largest integer that the pair would pay.
fn float_swap(pair: &Pair, coin_in: usize, amount_in: U256) -> Outcome {
    let (reserve_in, reserve_out) = (pair.reserves[coin_in], pair.reserves[1 - coin_in]);
    if [reserve_in, reserve_out, amount_in].contains(&U256::ZERO) {
        return Ok(());
    }
    let exact = refused("quote", out_given_in_wide(reserve_in, reserve_out, amount_in, UNISWAP_V2_FEE_PPM))?;
    let net = refused("fee", InputFee::UNISWAP_V2.split(amount_in.as_f64()))?.net;
    let quote =
        refused("quote", constant_product::out_given_in(reserve_in.as_f64(), reserve_out.as_f64(), net))?;
    within("f64 quote", quote, exact.as_f64(), 1e-12 * exact.as_f64() + 1.0)
}

/// The floating-point liquidity agrees with what the pair mints.
fn float_mint(pair: &Pair, amounts: [U256; 2], expected: U256) -> Outcome {
    let amounts = amounts.map(U256::as_f64);
    let minted = if pair.supply == U256::ZERO {
        constant_product::first_mint(amounts, constant_product::MINIMUM_LIQUIDITY_ATOMS as f64)
    } else {
        let supply = refused("fee", pair.supply_with_fee())?.as_f64();
        constant_product::later_mint(amounts, pair.reserves.map(U256::as_f64), supply)
    };
    let expected = expected.as_f64();
    within("f64 liquidity", refused("mint", minted)?, expected, 1e-12 * expected + 1.0)?;
    if pair.fee_on && pair.k_last > U256::ZERO {
        let [root, root_last] = [pair.k(), pair.k_last].map(|k| k.as_f64().sqrt());
        let supply = pair.supply.as_f64();
        let share = constant_product::UNISWAP_V2_FEE_SHARE;
        let float = constant_product::protocol_fee_liquidity(supply, root, root_last, share);
        let exact = refused("fee", pair.supply_with_fee())? - pair.supply;
        within("f64 protocol fee", refused("fee", float)?, exact.as_f64(), 1e-12 * supply)?;
    }
    Ok(())
}

/// The SDK's quotes: the wei, and the same in floating point.
pub(super) fn quotes(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    let expected = &case["expected"];
    fields(inputs, "inputs", &["reserve0", "reserve1", "amountIn0", "wantOut1"])?;
    fields(expected, "expected", &["amountOut", "newReserve0", "newReserve1", "amountInForOut"])?;
    let reserves = [integer(inputs, "reserve0")?, integer(inputs, "reserve1")?];
    let amount = integer(inputs, "amountIn0")?;
    let out = refused("out", out_given_in_wide(reserves[0], reserves[1], amount, UNISWAP_V2_FEE_PPM))?;
    equal("amountOut", out, integer(expected, "amountOut")?)?;
    equal("newReserve0", reserves[0] + amount, integer(expected, "newReserve0")?)?;
    equal("newReserve1", reserves[1] - out, integer(expected, "newReserve1")?)?;
    let wanted = integer(inputs, "wantOut1")?;
    let input = refused("in", in_given_out_wide(reserves[0], reserves[1], wanted, UNISWAP_V2_FEE_PPM))?;
    equal("amountInForOut", input, integer(expected, "amountInForOut")?)?;

    let [x, y] = reserves.map(U256::as_f64);
    let fee = InputFee::UNISWAP_V2;
    let net = refused("fee", fee.split(amount.as_f64()))?.net;
    let float = refused("f64 out", constant_product::out_given_in(x, y, net))?;
    within("f64 amountOut", float, out.as_f64(), 1e-12 * out.as_f64() + 1.0)?;
    let float = refused("f64 in", constant_product::in_given_out(x, y, wanted.as_f64()))?;
    close("f64 amountInForOut", refused("fee", fee.gross(float))?, input.as_f64(), 1e-12)
}
