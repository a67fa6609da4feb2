//! The number format of the ALEX contracts: unsigned integers in units of 1e-8, truncated at every step.
//!
//! The library computes in `f64` and leaves this rounding out. It is restated here so that a vector can be met to the last
//! unit: what the contract's rounding does is then known case by case, and not hidden in a tolerance.
//! Logarithm and exponential follow Balancer's LogExpMath with eight decimals; a power of a base below one takes the
//! logarithm's series without inverting the base, so that `0.00000001 ^ 0.5` is 0.15. The two largest constants are wrong in
//! the contracts, `e^32` by 100 and `e^64` by 1e8, so that whatever passes through them is too.

/// One, in units of 1e-8.
pub const ONE: u128 = 100_000_000;
const UNIT: i128 = 100_000_000;
/// Exponents of this and more are refused.
const EXPONENT_BOUND: u128 = (1 << 126) / ONE;
/// Domain of the exponential.
const EXPONENTS: std::ops::RangeInclusive<i128> = -18 * UNIT..=69 * UNIT;
/// What the contracts take for `e^64`, without decimals.
const E_64: i128 = 62_351_490_808_116_168_829;
/// `(2^k, e^(2^k))` for k from 5 to -4, the first as the contracts have it.
const POWERS_OF_E: [(i128, i128); 10] = [
    (3_200_000_000, 78_962_960_182_680_695_161),
    (1_600_000_000, 888_611_052_050_787),
    (800_000_000, 298_095_798_704),
    (400_000_000, 5_459_815_003),
    (200_000_000, 738_905_610),
    (100_000_000, 271_828_183),
    (50_000_000, 164_872_127),
    (25_000_000, 128_402_542),
    (12_500_000, 113_314_845),
    (6_250_000, 106_449_446),
];

/// How a contract call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// With a code of its own.
    Code(u32),
    /// The machine gives up.
    Abort(&'static str),
}

pub type Fixed<T = u128> = Result<T, Failure>;

const OVERFLOW: Failure = Failure::Abort("ArithmeticOverflow");
const DIVISION: Failure = Failure::Abort("DivisionByZero");

/// Refuses with `code` unless `holds`.
pub fn require(holds: bool, code: u32) -> Fixed<()> {
    if holds { Ok(()) } else { Err(Failure::Code(code)) }
}

pub fn add(a: u128, b: u128) -> Fixed {
    a.checked_add(b).ok_or(OVERFLOW)
}

pub fn subtract(a: u128, b: u128) -> Fixed {
    a.checked_sub(b).ok_or(Failure::Abort("ArithmeticUnderflow"))
}

fn product(a: u128, b: u128) -> Fixed {
    a.checked_mul(b).ok_or(OVERFLOW)
}

pub fn mul_down(a: u128, b: u128) -> Fixed {
    Ok(product(a, b)? / ONE)
}

pub fn mul_up(a: u128, b: u128) -> Fixed {
    Ok(product(a, b)?.div_ceil(ONE))
}

/// Zero over anything is zero, zero included.
pub fn div_down(a: u128, b: u128) -> Fixed {
    if a == 0 { Ok(0) } else { product(a, ONE)?.checked_div(b).ok_or(DIVISION) }
}

pub fn div_up(a: u128, b: u128) -> Fixed {
    if a == 0 { Ok(0) } else { Ok(1 + (product(a, ONE)? - 1).checked_div(b).ok_or(DIVISION)?) }
}

fn signed(a: i128, b: i128) -> Fixed<i128> {
    a.checked_mul(b).ok_or(OVERFLOW)
}

/// Logarithm for `a` of at least one; below it, the bare series.
fn ln_series(mut a: i128) -> Fixed<i128> {
    let mut sum = 0;
    if a >= signed(E_64, UNIT)? {
        a /= E_64;
        sum += 64 * UNIT;
    }
    for (exponent, power) in POWERS_OF_E {
        if a >= power {
            a = signed(a, UNIT)? / power;
            sum += exponent;
        }
    }
    let z = signed(a - UNIT, UNIT)? / (a + UNIT);
    let square = z * z / UNIT;
    let (mut term, mut series) = (z, z);
    for n in [3, 5, 7, 9, 11] {
        term = term * square / UNIT;
        series += term / n;
    }
    Ok(sum + 2 * series)
}

pub fn ln(a: i128) -> Fixed<i128> {
    if a <= 0 {
        return Err(Failure::Code(5013));
    }
    if a < UNIT { Ok(-ln_series(UNIT * UNIT / a)?) } else { ln_series(a) }
}

fn exp_positive(mut x: i128) -> Fixed<i128> {
    let mut first = 1;
    if x >= 64 * UNIT {
        x -= 64 * UNIT;
        first = E_64;
    }
    let mut product = UNIT;
    for (exponent, power) in POWERS_OF_E {
        if x >= exponent {
            x -= exponent;
            product = signed(product, power)? / UNIT;
        }
    }
    let (mut term, mut series) = (x, UNIT + x);
    for n in 2..=12 {
        term = term * x / UNIT / n;
        series += term;
    }
    signed(signed(product, series)? / UNIT, first)
}

pub fn exp(x: i128) -> Fixed<i128> {
    if !EXPONENTS.contains(&x) {
        return Err(Failure::Code(5012));
    }
    if x < 0 { Ok(UNIT * UNIT / exp_positive(-x)?) } else { exp_positive(x) }
}

/// `a^b`, refusing with a code.
pub fn pow_fixed(a: u128, b: u128) -> Fixed {
    let Ok(base) = i128::try_from(a) else { return Err(Failure::Code(5009)) };
    require(b < EXPONENT_BOUND, 5010)?;
    if b == 0 {
        return Ok(ONE);
    }
    if a == 0 {
        return Ok(0);
    }
    let exponent = signed(ln_series(base)?, i128::try_from(b).map_err(|_| OVERFLOW)?)? / UNIT;
    require(EXPONENTS.contains(&exponent), 5011)?;
    u128::try_from(exp(exponent)?).map_err(|_| OVERFLOW)
}

/// The power and its margin: four parts in 1e8 and one unit.
fn power_and_margin(a: u128, b: u128) -> Fixed<(u128, u128)> {
    let raw = pow_fixed(a, b).map_err(|failure| match failure {
        Failure::Code(_) => Failure::Abort("UnwrapFailure"),
        abort => abort,
    })?;
    Ok((raw, 1 + mul_up(raw, 4)?))
}

pub fn pow_down(a: u128, b: u128) -> Fixed {
    let (raw, margin) = power_and_margin(a, b)?;
    Ok(raw.saturating_sub(margin))
}

pub fn pow_up(a: u128, b: u128) -> Fixed {
    let (raw, margin) = power_and_margin(a, b)?;
    add(raw, margin)
}

/// An exponent, bounded as the contracts bound it.
pub fn mild(exponent: u128) -> u128 {
    exponent.min(EXPONENT_BOUND)
}
