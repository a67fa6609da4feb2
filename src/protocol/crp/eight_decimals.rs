//! The contract's arithmetic where it shows: whole multiples of 1e-8, truncated at every step.
//!
//! A term of one block is 0.00001902 years, and the delta divides by the square root of that: near expiry the truncated
//! digits move a weight by more than a millionth. The numbers here are counts of 1e-8, held exactly by `f64` as long as
//! they stay below 2^53.

/// One, in units of 1e-8.
pub(super) const ONE: f64 = 1e8;

/// What `f64` may have lost on a number that was a whole count of units, as a share of a unit.
const NOISE: f64 = 1e-6;

/// Square root of two as the contract writes it.
const SQRT_2: f64 = 141_421_356.0;

/// Coefficients of Abramowitz and Stegun 7.1.27.
const ERF: [f64; 4] = [27_839_300.0, 23_038_900.0, 97_200.0, 7_810_800.0];

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

/// Square root, truncated, less the margin that the contract takes off every power: 4e-8 of it and one unit.
#[inline]
pub(super) fn square_root_down(a: f64) -> f64 {
    let raw = (a * ONE).sqrt().floor();
    (raw - 1.0 - (4.0 * raw / ONE).ceil()).max(0.0)
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
        assert_eq!(square_root_down(0.25 * ONE), 0.5 * ONE - 3.0);
        assert_eq!(square_root_down(0.0), 0.0);
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
