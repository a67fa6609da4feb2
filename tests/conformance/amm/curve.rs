//! Curve: the mathematics of stableswap-ng, the life of a three-coin pool, and curvesim's pools.

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::amplification::AmplificationRamp;
use ballast::protocol::amm::fees::OutputFee;
use ballast::protocol::amm::stable_liquidity::LiquidityChange;
use ballast::protocol::amm::stable_swap::{self, StableSwap};
use serde_json::Value;

use super::balancer::for_coins;
use super::{
    OF_BALANCE, Outcome, RELATIVE, close, decimal, decimals, fields, number, numbers, refused, seconds, text,
    tolerance, within,
};

/// Curve's fees have ten decimals.
const FEE_UNIT: f64 = 1e10;

/// D, and y at D and at nine tenths of it.
pub(super) fn mathematics(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    fields(inputs, "inputs", &["n", "A_times_100", "xp", "dx"])?;
    fields(&case["expected"], "expected", &["D", "y1_after_dx", "y0_at_D_times_0_9"])?;
    for_coins!(number(inputs, "n")? as usize, mathematics_of(case))
}

fn mathematics_of<const N: usize>(case: &Value) -> Outcome {
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    let amplification = number(inputs, "A_times_100")? / 100.0;
    let balances: [f64; N] = decimals(inputs, "xp")?;
    let amount = decimal(inputs, "dx")?;
    let d = refused("D", stable_swap::invariant(amplification, &balances))?;
    close("D", d, decimal(expected, "D")?, OF_BALANCE)?;
    let mut after = balances;
    after[0] += amount;
    let y = refused("y", stable_swap::balance_at(amplification, &after, 1, d))?;
    let expected_y = decimal(expected, "y1_after_dx")?;
    close("y1_after_dx", y, expected_y, tolerance(case))?;
    let y_at = refused("y at D", stable_swap::balance_at(amplification, &balances, 0, 0.9 * d))?;
    close("y0_at_D_times_0_9", y_at, decimal(expected, "y0_at_D_times_0_9")?, tolerance(case))?;
    // The swap formula against the same y.
    let pool = refused("pool", StableSwap::<N>::new(amplification))?;
    let out = refused("out", pool.out_given_in(&balances, 0, 1, amount))?;
    within("dy", out, balances[1] - expected_y, 1e-11 * balances[1])
}

/// A pool with its coins in atoms, as on a ledger.
struct Pool<const N: usize> {
    amplification: f64,
    fee: OutputFee,
    /// Atoms of one unit of each coin.
    units: [f64; N],
    atoms: [f64; N],
    /// Liquidity, 18 decimals.
    supply: f64,
}

impl<const N: usize> Pool<N> {
    fn curve(&self) -> Outcome<StableSwap<N>> {
        refused("pool", StableSwap::new(self.amplification))
    }

    fn balances(&self) -> [f64; N] {
        std::array::from_fn(|coin| self.atoms[coin] / self.units[coin])
    }

    /// An amount of `coin` within the tolerance of a difference of balances, and one atom.
    fn amount(&self, name: &str, coin: usize, found: f64, expected: f64) -> Outcome {
        let allowed = (RELATIVE * expected).max(OF_BALANCE * self.atoms[coin]).max(1.0);
        within(name, found, expected, allowed)
    }

    /// Tolerance of an amount of liquidity: fees are rounded to atoms, and an atom of a scarce coin may be worth many.
    fn liquidity_tolerance(&self, expected: f64) -> Outcome<f64> {
        let (curve, balances) = (self.curve()?, self.balances());
        let plenty = (0..N).fold(0, |most, coin| if balances[coin] > balances[most] { coin } else { most });
        let mut atoms = 0.0;
        for coin in (0..N).filter(|&coin| coin != plenty) {
            atoms += refused("spot", curve.spot_price(&balances, coin, plenty))? / self.units[coin];
        }
        Ok((RELATIVE * expected).max(OF_BALANCE * self.supply).max(atoms))
    }

    /// Takes over balances after a join or an exit, rounded to atoms against whoever trades.
    fn settle(&mut self, change: &LiquidityChange<N>, sign: f64) -> Outcome {
        for coin in 0..N {
            let unit = self.units[coin];
            let admin = (change.fees[coin] * self.fee.admin_share * unit).floor();
            self.atoms[coin] += sign * (change.amounts[coin] * unit).round() - admin;
            self.amount("balances after", coin, change.balances[coin] * unit, self.atoms[coin])?;
        }
        Ok(())
    }

    /// Compares the state, then takes over its atoms: where a coin with six decimals is scarce, one atom of rounding is
    /// more than the tolerance of the next step's amounts.
    fn compare(&mut self, state: &Value) -> Outcome {
        fields(state, "state", &["balances", "virtualPrice", "lpSupply", "A"])?;
        close("A", self.amplification, number(state, "A")?, RELATIVE)?;
        for (coin, expected) in numbers(state, "balances")?.into_iter().enumerate() {
            let allowed = (RELATIVE * expected).max(3.0);
            within(&format!("balance {coin}"), self.atoms[coin], expected, allowed)?;
            self.atoms[coin] = expected;
        }
        let supply = number(state, "lpSupply")? / 1e18;
        close("lpSupply", self.supply, supply, RELATIVE)?;
        self.supply = supply;
        let price = refused("virtual price", self.curve()?.virtual_price(&self.balances(), self.supply))?;
        close("virtualPrice", price, decimal(state, "virtualPrice")?, RELATIVE)
    }
}

/// Exchanges, joins and exits of `StableSwap3Pool.vy`; A as the contract reads it at each step.
pub(super) fn trajectory(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    fields(inputs, "inputs", &["A", "fee", "adminFee", "decimals"])?;
    fields(&case["expected"], "expected", &["final"])?;
    for_coins!(numbers(inputs, "decimals")?.len(), trajectory_of(case))
}

fn trajectory_of<const N: usize>(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    let decimals = numbers(inputs, "decimals")?;
    let mut pool = Pool::<N> {
        amplification: number(inputs, "A")?,
        fee: OutputFee {
            rate: number(inputs, "fee")? / FEE_UNIT,
            admin_share: number(inputs, "adminFee")? / FEE_UNIT,
            off_peg_multiplier: 1.0,
        },
        units: std::array::from_fn(|coin| 10_f64.powi(decimals[coin] as i32)),
        atoms: [0.0; N],
        supply: 0.0,
    };
    let mut time_s = 0;
    let mut readings: Vec<(u64, f64)> = Vec::new();
    for (index, step) in case["steps"].as_array().ok_or("no steps")?.iter().enumerate() {
        time_s += seconds(step, "dt")?;
        // The contract's A is an integer that it reads at the time of the step; the state shows it.
        pool.amplification = number(&step["state"], "A")?;
        readings.push((time_s, pool.amplification));
        apply(&mut pool, step).map_err(|why| format!("step {index}: {why}"))?;
    }
    ramp(&readings)?;
    pool.compare(&case["expected"]["final"])
}

/// While A moves it moves on a straight line, up to the contract's rounding to integers at both ends of the line.
fn ramp(readings: &[(u64, f64)]) -> Outcome {
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Ok(()) };
    let moving: Vec<_> =
        readings.iter().filter(|reading| reading.1 != first.1 && reading.1 != last.1).collect();
    let (Some(&&start), Some(&&end)) = (moving.first(), moving.last()) else { return Ok(()) };
    let line = refused("ramp", AmplificationRamp::new(start.1, end.1, start.0, end.0))?;
    moving.iter().try_for_each(|reading| within("A on its ramp", line.at(reading.0), reading.1, 2.0))
}

fn apply<const N: usize>(pool: &mut Pool<N>, step: &Value) -> Outcome {
    const KNOWN: [&str; 15] = [
        "op", "dt", "i", "j", "dx", "get_dy", "dy", "amounts", "minted", "burned", "lp", "outs", "calc",
        "out", "status",
    ];
    let known: Vec<&str> = KNOWN.into_iter().chain(["state", "revert"]).collect();
    fields(step, "step", &known)?;
    let result = operate(pool, step)?;
    match (result, text(step, "status")?) {
        (Ok(()), "ok") | (Err(_), "revert") => pool.compare(&step["state"]),
        (result, status) => Err(format!("expected {status}, found {result:?}")),
    }
}

/// A coin amount list of a step, in units.
fn units<const N: usize>(pool: &Pool<N>, step: &Value, key: &str) -> Outcome<[f64; N]> {
    let list = numbers(step, key)?;
    if list.len() != N {
        return Err(format!("{key}: expected {N} entries"));
    }
    Ok(std::array::from_fn(|coin| list[coin] / pool.units[coin]))
}

/// Carries out a step and compares its amounts; the inner error is the pool's refusal.
fn operate<const N: usize>(pool: &mut Pool<N>, step: &Value) -> Outcome<Result<(), SwapError>> {
    let (curve, balances, supply, fee) = (pool.curve()?, pool.balances(), pool.supply, pool.fee);
    let coin = |key| -> Outcome<usize> {
        let index = number(step, key)? as usize;
        if index < N { Ok(index) } else { Err(format!("{key}: coin {index} of {N}")) }
    };
    /// The value, or the refusal handed up.
    macro_rules! accepted {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(refusal) => return Ok(Err(refusal)),
            }
        };
    }
    match text(step, "op")? {
        "exchange" => {
            let (i, j) = (coin("i")?, coin("j")?);
            let done = accepted!(curve.exchange(&balances, i, j, number(step, "dx")? / pool.units[i], &fee));
            let unit = pool.units[j];
            let gross = ((done.paid + done.fee) * unit).floor();
            pool.amount("get_dy", j, gross - (gross * fee.rate).floor(), number(step, "get_dy")?)?;
            let paid = (done.paid * unit).floor();
            pool.amount("dy", j, paid, number(step, "dy")?)?;
            pool.atoms[i] += number(step, "dx")?;
            pool.atoms[j] -= paid + (done.admin * unit).floor();
        }
        "add_liquidity" => {
            let amounts = units(pool, step, "amounts")?;
            let done = accepted!(curve.add_liquidity(&balances, &amounts, supply, &fee));
            let expected = number(step, "minted")? / 1e18;
            let allowed =
                if supply > 0.0 { pool.liquidity_tolerance(expected)? } else { RELATIVE * expected };
            within("minted", done.liquidity, expected, allowed)?;
            pool.supply += done.liquidity;
            pool.settle(&done, 1.0)?;
        }
        "remove_imb" => {
            let amounts = units(pool, step, "amounts")?;
            let done = accepted!(curve.remove_imbalance(&balances, &amounts, supply, &fee));
            let expected = number(step, "burned")? / 1e18;
            let allowed = pool.liquidity_tolerance(expected)?;
            within("burned", done.liquidity, expected, allowed)?;
            pool.supply -= done.liquidity;
            pool.settle(&done, -1.0)?;
        }
        "remove" => {
            let liquidity = number(step, "lp")? / 1e18;
            let mut done = accepted!(curve.remove_liquidity(&balances, liquidity, supply));
            for (coin, expected) in numbers(step, "outs")?.into_iter().enumerate() {
                let paid = (done.amounts[coin] * pool.units[coin]).floor();
                pool.amount(&format!("out {coin}"), coin, paid, expected)?;
                done.amounts[coin] = paid / pool.units[coin];
            }
            pool.supply -= liquidity;
            pool.settle(&done, -1.0)?;
        }
        "remove_one" => {
            let (liquidity, i) = (number(step, "lp")? / 1e18, coin("i")?);
            let mut done = accepted!(curve.remove_one_coin(&balances, liquidity, i, supply, &fee));
            let paid = (done.amounts[i] * pool.units[i]).floor();
            pool.amount("calc", i, paid, number(step, "calc")?)?;
            pool.amount("out", i, paid, number(step, "out")?)?;
            done.amounts[i] = paid / pool.units[i];
            pool.supply -= liquidity;
            pool.settle(&done, -1.0)?;
        }
        op => return Err(format!("unknown operation {op}")),
    }
    Ok(Ok(()))
}

/// curvesim's pools: exchanges with a fixed or a dynamic fee, joins, spot prices.
pub(super) fn simulation(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    fields(inputs, "inputs", &["A", "n", "balances0", "fee", "fee_mul", "admin_fee"])?;
    fields(&case["expected"], "expected", &["balances"])?;
    for_coins!(number(inputs, "n")? as usize, simulation_of(case))
}

fn simulation_of<const N: usize>(case: &Value) -> Outcome {
    let inputs = &case["inputs"];
    let curve = refused("pool", StableSwap::<N>::new(number(inputs, "A")?))?;
    let multiplier = if inputs["fee_mul"].is_null() { 1.0 } else { number(inputs, "fee_mul")? / FEE_UNIT };
    let fee = OutputFee {
        rate: number(inputs, "fee")? / FEE_UNIT,
        admin_share: number(inputs, "admin_fee")? / FEE_UNIT,
        off_peg_multiplier: multiplier,
    };
    let mut balances: [f64; N] = decimals(inputs, "balances0")?;
    let mut supply = refused("D", curve.invariant(&balances))?;
    for (index, step) in case["steps"].as_array().ok_or("no steps")?.iter().enumerate() {
        simulate(&curve, &fee, &mut balances, &mut supply, step)
            .map_err(|why| format!("step {index}: {why}"))?;
    }
    let last: [f64; N] = decimals(&case["expected"], "balances")?;
    balances.iter().zip(last).try_for_each(|(found, expected)| close("balance", *found, expected, RELATIVE))
}

fn simulate<const N: usize>(
    curve: &StableSwap<N>,
    fee: &OutputFee,
    balances: &mut [f64; N],
    supply: &mut f64,
    step: &Value,
) -> Outcome {
    let mut rounding = 0.0;
    match text(step, "op")? {
        "exchange" => {
            const KNOWN: [&str; 10] =
                ["op", "i", "j", "dx", "dydxBefore", "dydxFeeBefore", "dy", "fee", "balances", "D"];
            fields(step, "step", &KNOWN)?;
            let (i, j) = (number(step, "i")? as usize, number(step, "j")? as usize);
            let spot = refused("spot", curve.spot_price(balances, i, j))?;
            close("dydxBefore", spot, number(step, "dydxBefore")?, RELATIVE)?;
            let after_fee = spot * (1.0 - fee.rate_at(balances[i], balances[j]));
            close("dydxFeeBefore", after_fee, number(step, "dydxFeeBefore")?, RELATIVE)?;
            let done = refused("exchange", curve.exchange(balances, i, j, decimal(step, "dx")?, fee))?;
            let difference = OF_BALANCE * balances[j];
            let paid = decimal(step, "dy")?;
            within("dy", done.paid, paid, (RELATIVE * paid).max(difference))?;
            let charged = decimal(step, "fee")?;
            // A dynamic rate is rounded down to the ten decimals that fees have.
            if fee.off_peg_multiplier > 1.0 {
                rounding = (paid + charged) / FEE_UNIT;
            }
            within("fee", done.fee, charged, (RELATIVE * charged).max(difference) + rounding)?;
            *balances = done.balances;
        }
        "add_liquidity" => {
            fields(step, "step", &["op", "amounts", "minted", "tokens", "virtualPrice", "balances", "D"])?;
            let done =
                refused("join", curve.add_liquidity(balances, &decimals(step, "amounts")?, *supply, fee))?;
            let expected = decimal(step, "minted")?;
            within("minted", done.liquidity, expected, (RELATIVE * expected).max(OF_BALANCE * *supply))?;
            *supply += done.liquidity;
            *balances = done.balances;
            let tokens = decimal(step, "tokens")?;
            close("tokens", *supply, tokens, RELATIVE)?;
            *supply = tokens;
            let price = refused("virtual price", curve.virtual_price(balances, *supply))?;
            close("virtualPrice", price, decimal(step, "virtualPrice")?, RELATIVE)?;
        }
        op => return Err(format!("unknown operation {op}")),
    }
    let after = decimals::<N>(step, "balances")?;
    for (found, expected) in balances.iter().zip(after) {
        within("balance", *found, expected, RELATIVE * expected + rounding)?;
    }
    // Steps start from the program's balances, so that its rounded rates do not add up.
    *balances = after;
    close("D", refused("D", curve.invariant(balances))?, decimal(step, "D")?, RELATIVE)
}
