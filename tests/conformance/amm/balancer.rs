//! Balancer: weighted and stable mathematics of its contracts and of two packages.

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::fees::InputFee;
use ballast::protocol::amm::stable_swap::{self, StableSwap};
use ballast::protocol::amm::weighted::{self, RatioCaps};
use serde_json::Value;

use super::{
    OF_BALANCE, Outcome, amount_or_refusal, close, decimal, decimals, fields, number, numbers, refused,
    tolerance, within,
};

/// Two coins of a weighted pool.
struct Coins {
    balance_in: f64,
    weight_in: f64,
    balance_out: f64,
    weight_out: f64,
}

impl Coins {
    fn read(inputs: &Value) -> Outcome<Self> {
        Ok(Self {
            balance_in: decimal(inputs, "balanceIn")?,
            weight_in: decimal(inputs, "weightIn")?,
            balance_out: decimal(inputs, "balanceOut")?,
            weight_out: decimal(inputs, "weightOut")?,
        })
    }

    fn out_given_in(&self, net: f64) -> Result<f64, SwapError> {
        weighted::out_given_in(self.balance_in, self.weight_in, self.balance_out, self.weight_out, net)
    }

    fn in_given_out(&self, out: f64) -> Result<f64, SwapError> {
        weighted::in_given_out(self.balance_in, self.weight_in, self.balance_out, self.weight_out, out)
    }

    fn capped_out(&self, net: f64) -> Result<f64, SwapError> {
        RatioCaps::BALANCER.check_in(net, self.balance_in).and_then(|()| self.out_given_in(net))
    }

    fn capped_in(&self, out: f64) -> Result<f64, SwapError> {
        RatioCaps::BALANCER.check_out(out, self.balance_out).and_then(|()| self.in_given_out(out))
    }
}

/// `WeightedMath.sol`: swaps after the fee, with the limits of 30 %.
pub(super) fn weighted(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    const KNOWN: [&str; 8] = [
        "balanceIn",
        "weightIn",
        "balanceOut",
        "weightOut",
        "amountInGross",
        "swapFee",
        "amountInNet",
        "amountOutWanted",
    ];
    fields(inputs, "inputs", &KNOWN)?;
    fields(expected, "expected", &["outGivenInNet", "inGivenOut"])?;
    let coins = Coins::read(inputs)?;
    let fee = refused("fee", InputFee::new(decimal(inputs, "swapFee")?, 1.0))?;
    let gross = decimal(inputs, "amountInGross")?;
    let net = decimal(inputs, "amountInNet")?;
    within("amountInNet", refused("fee", fee.split(gross))?.net, net, 4e-15 * gross + 1e-18)?;
    amount_or_refusal("outGivenInNet", coins.capped_out(net), &expected["outGivenInNet"], coins.balance_out)?;
    let wanted = decimal(inputs, "amountOutWanted")?;
    amount_or_refusal("inGivenOut", coins.capped_in(wanted), &expected["inGivenOut"], coins.balance_in)
}

/// Version 3: the same and the invariant, rounded down and up.
pub(super) fn weighted_v3(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    const KNOWN: [&str; 6] = ["balanceIn", "weightIn", "balanceOut", "weightOut", "amountIn", "amountOut"];
    fields(inputs, "inputs", &KNOWN)?;
    fields(expected, "expected", &["outGivenIn", "inGivenOut", "invariantDown", "invariantUp"])?;
    let coins = Coins::read(inputs)?;
    let out = coins.capped_out(decimal(inputs, "amountIn")?);
    amount_or_refusal("outGivenIn", out, &expected["outGivenIn"], coins.balance_out)?;
    let input = coins.capped_in(decimal(inputs, "amountOut")?);
    amount_or_refusal("inGivenOut", input, &expected["inGivenOut"], coins.balance_in)?;
    let balances = [coins.balance_in, coins.balance_out];
    let invariant =
        refused("invariant", weighted::invariant(&balances, &[coins.weight_in, coins.weight_out]))?;
    close("invariantDown", invariant, decimal(expected, "invariantDown")?, OF_BALANCE)?;
    close("invariantUp", invariant, decimal(expected, "invariantUp")?, OF_BALANCE)
}

/// The order router: swaps with their fee, and the price after one.
pub(super) fn weighted_with_fee(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    const KNOWN: [&str; 7] =
        ["balanceIn", "weightIn", "balanceOut", "weightOut", "amountIn", "fee", "amountOut"];
    fields(inputs, "inputs", &KNOWN)?;
    fields(expected, "expected", &["outGivenInFee", "inGivenOutFee", "spotPriceAfterSwapOutGivenIn"])?;
    let coins = Coins::read(inputs)?;
    let fee = refused("fee", InputFee::new(decimal(inputs, "fee")?, 1.0))?;
    let net = refused("fee", fee.split(decimal(inputs, "amountIn")?))?.net;
    let out = coins.out_given_in(net);
    amount_or_refusal("outGivenInFee", out, &expected["outGivenInFee"], coins.balance_out)?;
    let input = coins.in_given_out(decimal(inputs, "amountOut")?).and_then(|net| fee.gross(net));
    amount_or_refusal("inGivenOutFee", input, &expected["inGivenOutFee"], coins.balance_in)?;
    // The price that the next buyer pays, with the fee; this one's fee does not count as balance.
    let left = coins.balance_out - refused("out", out)?;
    let spot = weighted::spot_price(left, coins.weight_out, coins.balance_in + net, coins.weight_in);
    let price = refused("spot", spot)? / (1.0 - fee.rate);
    close("spotPriceAfterSwap", price, decimal(expected, "spotPriceAfterSwapOutGivenIn")?, tolerance(case))
}

/// Invariant, an uneven join and an exit in the first coin for a fiftieth of the supply.
pub(super) fn invariant(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    fields(inputs, "inputs", &["weights", "balances", "amountsIn", "bptSupply", "swapFee"])?;
    const KNOWN: [&str; 3] = ["invariant", "bptOutGivenExactTokensIn", "tokenOut0GivenBptIn_supply50"];
    fields(expected, "expected", &KNOWN)?;
    let read = |key| numbers(inputs, key).map(|list| list.iter().map(|raw| raw / 1e18).collect::<Vec<_>>());
    let (weights, balances, amounts) = (read("weights")?, read("balances")?, read("amountsIn")?);
    let (supply, fee) = (decimal(inputs, "bptSupply")?, decimal(inputs, "swapFee")?);
    let own = refused("invariant", weighted::invariant(&balances, &weights))?;
    close("invariant", own, decimal(expected, "invariant")?, OF_BALANCE)?;
    let minted =
        refused("join", weighted::liquidity_for_amounts(&balances, &weights, &amounts, supply, fee))?;
    close("bptOut", minted, decimal(expected, "bptOutGivenExactTokensIn")?, tolerance(case))?;
    let paid = weighted::amount_for_liquidity(balances[0], weights[0], supply / 50.0, supply, fee);
    close(
        "tokenOut0",
        refused("exit", paid)?,
        decimal(expected, "tokenOut0GivenBptIn_supply50")?,
        tolerance(case),
    )
}

/// The contract's power against the one that invariants here are made of.
pub(super) fn power(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    fields(inputs, "inputs", &["x", "y"])?;
    fields(expected, "expected", &["pow"])?;
    let power = libm::pow(decimal(inputs, "x")?, decimal(inputs, "y")?);
    let wanted = decimal(expected, "pow")?;
    within("pow", power, wanted, 1e-12 * wanted + 2e-18)
}

/// Runs `f::<N>` for the number of coins of a case.
macro_rules! for_coins {
    ($coins:expr, $f:ident ( $($argument:expr),* )) => {
        match $coins {
            2 => $f::<2>($($argument),*),
            3 => $f::<3>($($argument),*),
            4 => $f::<4>($($argument),*),
            5 => $f::<5>($($argument),*),
            6 => $f::<6>($($argument),*),
            7 => $f::<7>($($argument),*),
            8 => $f::<8>($($argument),*),
            coins => Err(format!("a pool of {coins} coins")),
        }
    };
}
pub(super) use for_coins;

/// `StableMath.sol`.
pub(super) fn stable(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    const KNOWN: [&str; 6] =
        ["ampTimes1000", "balances", "tokenIn", "tokenOut", "amountIn", "amountOutWanted"];
    fields(inputs, "inputs", &KNOWN)?;
    fields(expected, "expected", &["invariant", "outGivenIn", "inGivenOut"])?;
    let (i, j) = (number(inputs, "tokenIn")? as usize, number(inputs, "tokenOut")? as usize);
    let amounts = [decimal(inputs, "amountIn")?, decimal(inputs, "amountOutWanted")?];
    for_coins!(numbers(inputs, "balances")?.len(), stable_of(case, 1.0, [i, j], amounts))
}

/// The order router's `StableMath`, whose routine in floating point multiplies A by n^n where the contract has n.
pub(super) fn stable_with_fee(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    fields(inputs, "inputs", &["ampTimes1000", "balances", "amountIn", "amountOut", "fee"])?;
    fields(expected, "expected", &["invariant", "outGivenIn", "inGivenOut"])?;
    let coins = numbers(inputs, "balances")?.len();
    let in_integers = case["program"].as_str().is_some_and(|program| program.contains("BigInt"));
    let convention = if in_integers { 1.0 } else { (coins as f64).powi(coins as i32 - 1) };
    let amounts = [decimal(inputs, "amountIn")?, decimal(inputs, "amountOut")?];
    for_coins!(coins, stable_of(case, convention, [0, 1], amounts))
}

fn stable_of<const N: usize>(case: &Value, convention: f64, coins: [usize; 2], amounts: [f64; 2]) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    let [i, j] = coins;
    if i.max(j) >= N {
        return Err(format!("coins {coins:?} of {N}"));
    }
    let amplification = number(inputs, "ampTimes1000")? / 1000.0 * convention;
    let balances: [f64; N] = decimals(inputs, "balances")?;
    let fee = refused("fee", InputFee::new(decimal(inputs, "fee").unwrap_or(0.0), 1.0))?;
    let pool = refused("pool", StableSwap::<N>::new(amplification))?;
    if expected.get("invariant").is_some() {
        let own = refused("invariant", stable_swap::invariant(amplification, &balances))?;
        close("invariant", own, decimal(expected, "invariant")?, OF_BALANCE)?;
    }
    let out = fee.split(amounts[0]).and_then(|split| pool.out_given_in(&balances, i, j, split.net));
    amount_or_refusal("outGivenIn", out, &expected["outGivenIn"], balances[j])?;
    let input = pool.in_given_out(&balances, i, j, amounts[1]).and_then(|net| fee.gross(net));
    amount_or_refusal("inGivenOut", input, &expected["inGivenOut"], balances[i])
}
