//! Exponential and logarithms.
//!
//! All split off a power of two and approximate what is left by a polynomial near-minimax on its interval, fitted by
//! iterated weighted least squares (the splitting is in Muller, "Elementary Functions", 3rd edition, 2016).

/// 1.5 * 2^23: added to a number below 2^22 it leaves the nearest whole number in the lowest bits.
const ROUNDER: f32 = 12_582_912.0;
/// The exponential is held below and above these, so that it stays a normal and finite number.
const LOWEST: f32 = -87.0;
const HIGHEST: f32 = 88.0;

/// Two to the power of `x`, for `-126 <= x <= 127`, within 2e-7 of its value.
#[allow(clippy::approx_constant, reason = "a fitted coefficient, which is not quite the logarithm of two")]
#[inline(always)]
pub(super) fn exp2(x: f32) -> f32 {
    let rounded = x + ROUNDER;
    let r = x - (rounded - ROUNDER);
    // |r| <= 1/2, degree 5, relative error 9e-8 before rounding.
    let r2 = r * r;
    let mantissa = (1.0 + r * 0.693_147)
        + r2 * ((0.240_222_42 + r * 0.055_507_336) + r2 * (0.009_671_513 + r * 0.001_326_472_7));
    f32::from_bits(mantissa.to_bits().wrapping_add(rounded.to_bits() << 23))
}

/// The exponential for `-87 <= x <= 88`, held at the ends beyond them. The relative error is below `2e-7 + 1e-7 |x|`.
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    let x = if x < LOWEST { LOWEST } else { x };
    let x = if x > HIGHEST { HIGHEST } else { x };
    exp2(x * std::f32::consts::LOG2_E)
}

const EXPONENT: u32 = 0xFF80_0000;
const HALF_EXPONENT: i32 = 0x0040_0000;

/// The natural logarithm of `x / y`, of two positive normal numbers, within 8e-7 of its size.
///
/// `y` is brought near to `x` by a power of two, exactly, and the rest is `2 atanh((x - y) / (x + y))`: one division in all,
/// and exact differences where the two are close.
#[inline(always)]
#[must_use]
pub fn log_ratio(x: f32, y: f32) -> f32 {
    // Bit patterns of floats are their logarithms, roughly.
    let apart = x.to_bits().cast_signed().wrapping_sub(y.to_bits().cast_signed()).wrapping_add(HALF_EXPONENT);
    let near = f32::from_bits(y.to_bits().wrapping_add(apart.cast_unsigned() & EXPONENT));
    // 2/3 <= x / near <= 3/2, so that |f| <= 1/5; degree 2 in f^2, relative error 3.7e-7 at the ends.
    let f = (x - near) / (x + near);
    let g = f * f;
    (apart >> 23) as f32 * std::f32::consts::LN_2 + f * (2.0 + g * (0.666_460_1 + g * 0.416_489_4))
}

/// The natural logarithm of a positive normal number, as exact as [`log_ratio`].
#[inline(always)]
#[must_use]
pub fn ln(x: f32) -> f32 {
    log_ratio(x, 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_examples() {
        assert_eq!((exp(0.0), ln(1.0), log_ratio(0.3, 0.3)), (1.0, 0.0, 0.0));
        assert!((exp(1.0) - std::f32::consts::E).abs() < 6e-7);
        assert!((ln(2.0) - std::f32::consts::LN_2).abs() < 3e-7);
        assert!((log_ratio(0.9, 0.1) - 2.197_224_6).abs() < 1e-6);
        // The last bit of a number near another is not lost in a quotient.
        assert_eq!(log_ratio(1.0 + f32::EPSILON, 1.0), f32::EPSILON);
    }

    #[test]
    fn the_exponential_is_held_where_it_would_leave_the_normal_numbers() {
        for (x, held) in [(-1e9, -87.0), (f32::NEG_INFINITY, -87.0), (1e9, 88.0), (f32::INFINITY, 88.0)] {
            assert!((f64::from(exp(x)) / libm::exp(held) - 1.0).abs() < 1e-5, "{x}");
        }
    }

    proptest! {
        #[test]
        fn the_exponential_is_within_its_stated_error(x in -87.0..88.0_f32, small in -1.0..1.0_f32) {
            for x in [x, small] {
                let error = f64::from(exp(x)) / libm::exp(f64::from(x)) - 1.0;
                prop_assert!(error.abs() <= 2e-7 + 1e-7 * f64::from(x).abs(), "exp({x}): {error}");
            }
        }

        #[test]
        fn the_logarithms_are_within_their_stated_error(exponent in -80.0..80.0_f32, near in 0.5..2.0_f32) {
            for (x, y) in [(libm::expf(exponent), near), (near, 1.0), (near, libm::expf(exponent)), (0.7, near)] {
                let exact = libm::log(f64::from(x) / f64::from(y));
                let error = f64::from(log_ratio(x, y)) - exact;
                prop_assert!(error.abs() <= 8e-7 * exact.abs(), "ln({x} / {y}): {error}");
            }
        }
    }
}
