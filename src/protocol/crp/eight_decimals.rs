//! The contract's arithmetic where it shows: whole multiples of 1e-8, truncated at every step.
//!
//! A term of one block is 0.00001902 years: near expiry the truncated digits move a weight by more than a millionth, and
//! the square root of so short a time is not a square root at all. The numbers here are counts of 1e-8, held exactly by `f64` as long as
//! they stay below 2^53.

/// One, in units of 1e-8.
pub(super) const ONE: f64 = 1e8;

/// What `f64` may have lost on a number that was a whole count of units, as a share of a unit.
const NOISE: f64 = 1e-6;

/// Square root of two as the contract writes it.
const SQRT_2: f64 = 141_421_356.0;

/// Coefficients of Abramowitz and Stegun 7.1.27.
const ERF: [f64; 4] = [27_839_300.0, 23_038_900.0, 97_200.0, 7_810_800.0];

/// Exponents 16, 8 .. 1/16 and e to their power: the contract refuses exponents beyond 18.
const POWERS_OF_E: [(f64, f64); 9] = [
    (1_600_000_000.0, 888_611_052_050_787.0),
    (800_000_000.0, 298_095_798_704.0),
    (400_000_000.0, 5_459_815_003.0),
    (200_000_000.0, 738_905_610.0),
    (100_000_000.0, 271_828_183.0),
    (50_000_000.0, 164_872_127.0),
    (25_000_000.0, 128_402_542.0),
    (12_500_000.0, 113_314_845.0),
    (6_250_000.0, 106_449_446.0),
];

/// Whole units in `value`.
#[inline]
pub(super) fn units(value: f64) -> f64 {
    (value * ONE + NOISE).floor()
}

/// The number of so many units.
#[inline]
pub(super) fn number(units: f64) -> f64 {
    units / ONE
}

/// Product, truncated.
#[inline]
pub(super) fn multiply(a: f64, b: f64) -> f64 {
    (a * b / ONE).floor()
}

/// Ratio, truncated. Zero over anything is zero, zero included; `None` for anything else over zero.
#[inline]
pub(super) fn divide(a: f64, b: f64) -> Option<f64> {
    if a == 0.0 {
        Some(0.0)
    } else if b == 0.0 {
        None
    } else {
        Some((a * ONE / b).floor())
    }
}

/// Square root as the contract's power has it, less the margin that it takes off every power: 4e-8 of it and one unit.
///
/// The power is `exp(ln(a) / 2)`, and its logarithm divides by powers of e only what is above one. Below one it is the bare
/// series `2 (z + z^3/3 + ... + z^11/11)` with `z = (a - 1) / (a + 1)`, whose tail is missed the more the smaller `a` is:
/// the root of a quarter is right to 2e-4, that of 1,050 blocks in years is 0.189 where it should be 0.141.
#[inline]
pub(super) fn square_root_down(a: f64) -> f64 {
    let raw = if a < ONE { power_below_one(a, ONE / 2.0) } else { (a * ONE).sqrt().floor() };
    (raw - margin(raw)).max(0.0)
}

/// Share of `balance_out` that the contract's weighted curve pays for `net`, `1 - (b_i / (b_i + net))^(w_i / w_o)`: every
/// step rounds for the pool, so a trade that is tiny for it pays nothing.
#[inline]
pub(super) fn paid_share(balance_in: f64, net: f64, exponent: f64) -> f64 {
    let base = (balance_in / (balance_in + net) * ONE - NOISE).ceil();
    let raw = if base < ONE { power_below_one(base, (exponent * ONE - NOISE).ceil()) } else { ONE };
    number((ONE - raw - margin(raw)).max(0.0))
}

/// What the contract takes off or adds to a power, so that it errs for the pool.
#[inline]
fn margin(power: f64) -> f64 {
    1.0 + (4.0 * power / ONE).ceil()
}

/// The contract's power of a base below one.
#[inline]
fn power_below_one(base: f64, exponent: f64) -> f64 {
    if base == 0.0 {
        return 0.0;
    }
    let negated = (-logarithm_below_one(base) * exponent / ONE).floor();
    (ONE * ONE / exponential(negated)).floor()
}

/// The contract's exponential of a number not below zero: powers of e, then twelve terms of the series.
#[inline]
fn exponential(x: f64) -> f64 {
    let (mut rest, mut product) = (x, ONE);
    for (exponent, power) in POWERS_OF_E {
        if rest >= exponent {
            rest -= exponent;
            product = multiply(product, power);
        }
    }
    let (mut term, mut sum) = (rest, ONE + rest);
    for n in 2..=12 {
        term = (multiply(term, rest) / f64::from(n)).floor();
        sum += term;
    }
    multiply(product, sum)
}

/// The contract's logarithm of a number below one.
#[inline]
fn logarithm_below_one(a: f64) -> f64 {
    let z = ((a - ONE) * ONE / (a + ONE)).trunc();
    let square = (z * z / ONE).trunc();
    let (mut power, mut sum) = (z, z);
    for n in [3.0, 5.0, 7.0, 9.0, 11.0] {
        power = (power * square / ONE).trunc();
        sum += (power / n).trunc();
    }
    2.0 * sum
}

/// `erf(d / sqrt 2)` for `d` not below zero, within 5e-4: `1 - 1 / (1 + a1 z + a2 z^2 + a3 z^3 + a4 z^4)^4`.
#[inline]
pub(super) fn erf_of_d1(d: f64) -> f64 {
    let z = (d * ONE / SQRT_2).floor();
    let square = multiply(z, z);
    let cube = multiply(z, square);
    let fourth = multiply(z, cube);
    let [a1, a2, a3, a4] = ERF;
    let root = ONE + multiply(a1, z) + multiply(a2, square) + multiply(a3, cube) + multiply(a4, fourth);
    let base = multiply(root, multiply(root, multiply(root, root)));
    (ONE - ONE * (ONE / base)).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_whole_units_and_come_back() {
        for (value, count) in [(0.1, 1e7), (0.29, 29e6), (0.93750000, 93_750_000.0), (1e-8, 1.0), (0.0, 0.0)]
        {
            assert_eq!(units(value), count);
            assert_eq!(number(count), value);
        }
        assert_eq!(units(0.123456789), 12_345_678.0);
    }

    #[test]
    fn zero_over_zero_is_zero() {
        assert_eq!(divide(0.0, 0.0), Some(0.0));
        assert_eq!(divide(1.0, 0.0), None);
        assert_eq!(divide(1.0, 3.0 * ONE), Some(0.0));
        assert_eq!(divide(2.0 * ONE, 3.0 * ONE), Some(66_666_666.0));
    }

    #[test]
    fn a_power_is_short_by_its_margin() {
        // sqrt(1) = 1 less four units and one.
        assert_eq!(square_root_down(ONE), ONE - 5.0);
        assert_eq!(square_root_down(4.0 * ONE), 2.0 * ONE - 9.0);
        assert_eq!(square_root_down(0.0), 0.0);
    }

    #[test]
    fn the_root_of_a_short_time_is_too_large() {
        for (blocks, root) in
            [(52_559.0, 0.999_99), (13_140.0, 0.500_07), (1_050.0, 0.189_30), (1.0, 0.152_90)]
        {
            let years = (blocks * ONE / 52_560.0_f64).floor();
            assert!((number(square_root_down(years)) - root).abs() < 1e-5, "{blocks}");
        }
    }

    #[test]
    fn a_share_paid_errs_for_the_pool() {
        for (net, exponent) in [(1.0, 1.0), (3.0, 0.2), (0.5, 19.0)] {
            let exact = 1.0 - libm::pow(100.0 / (100.0 + net), exponent);
            let paid = paid_share(100.0, net, exponent);
            assert!(paid < exact && paid > exact - 6e-7, "{net} {exponent}: {paid} {exact}");
        }
        assert_eq!(paid_share(1e9, 1.0, 1.0), 0.0);
    }

    #[test]
    fn the_error_function_is_within_five_ten_thousandths() {
        for step in 0..600 {
            let d = f64::from(step) * 0.01;
            let exact = libm::erf(d * std::f64::consts::FRAC_1_SQRT_2);
            assert!((number(erf_of_d1(units(d))) - exact).abs() < 5.1e-4, "{d}");
        }
        assert_eq!(erf_of_d1(f64::INFINITY), ONE);
    }
}
