//! Exponential and logarithm.
//!
//! Both split off a power of two and approximate what is left by a polynomial near-minimax on its interval, fitted in
//! 50-digit arithmetic (Chebyshev interpolation; the method is in Muller, "Elementary Functions", 3rd edition, 2016).

use super::{WHOLE, WHOLE_BITS};

/// 1.5 * 2^52: added to a number below 2^51 it leaves the nearest whole number in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first with enough trailing zeros that its product with an exponent is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Below this the exponential is held, so that it stays a normal number.
const LOWEST: f64 = -708.0;
/// Above this the exponential is held, so that it stays finite.
const HIGHEST: f64 = 709.0;

/// The exponential, within 4e-16 of its value for `-708 <= x <= 709` and held at the ends beyond them.
#[inline(always)]
#[must_use]
pub fn exp(x: f64) -> f64 {
    let x = if x < LOWEST { LOWEST } else { x };
    let x = if x > HIGHEST { HIGHEST } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUNDER;
    let power = rounded - ROUNDER;
    let r = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    // |r| <= ln(2) / 2, degree 11, relative error 3.2e-18 before rounding.
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = r2 * (0.500_000_000_000_001_8 + r * 0.166_666_666_666_666_82);
    let middle = (0.041_666_666_666_488_09 + r * 0.008_333_333_333_319_601)
        + r2 * (0.001_388_888_895_231_477_5 + r * 1.984_126_989_004_711_4e-4);
    let high = (2.480_148_548_232_849e-5 + r * 2.755_724_091_857_897e-6)
        + r2 * (2.763_263_963_904_103e-7 + r * 2.511_003_760_596_378e-8);
    // The largest part last, so that it is rounded once.
    let mantissa = 1.0 + (r + (low + r4 * (middle + r4 * high)));
    mantissa * f64::from_bits((rounded.to_bits() << 52).wrapping_add(1.0_f64.to_bits()))
}

/// sqrt(1/2), the lower end of the mantissas that [`ln`] expands about 1.
const SQRT_HALF_BITS: u64 = 0x3FE6_A09E_667F_3BCD;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;

/// The natural logarithm of a positive normal number, within 1e-15 of the larger of 1 and its size.
#[inline(always)]
#[must_use]
pub fn ln(x: f64) -> f64 {
    let shifted = x.to_bits().wrapping_add(1.0_f64.to_bits() - SQRT_HALF_BITS);
    let power = f64::from_bits(WHOLE_BITS | (shifted >> 52)) - (WHOLE + 1023.0);
    let mantissa = f64::from_bits((shifted & MANTISSA).wrapping_add(SQRT_HALF_BITS));
    // ln m = 2 atanh(f): |f| <= 3 - 2 sqrt(2), degree 6 in f^2, error 3.5e-16 of 2 atanh(f) / f.
    let f = (mantissa - 1.0) / (mantissa + 1.0);
    let g = f * f;
    let g2 = g * g;
    let low = 2.0 + g * 0.666_666_666_665_529_2;
    let middle = 0.400_000_000_617_416_15 + g * 0.285_714_160_211_076_7;
    let high = (0.222_234_345_475_179_07 + g * 0.181_219_344_312_152_14) + g2 * 0.168_376_599_706_804_88;
    power * LN_2_HIGH + (f * (low + g2 * (middle + g2 * high)) + power * LN_2_LOW)
}

/// Logarithm of the odds `p / (1 - p)` of a share strictly between 0 and 1, as exact as [`ln`].
#[inline(always)]
#[must_use]
pub fn log_odds(p: f64) -> f64 {
    ln(p / (1.0 - p))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_examples() {
        assert_eq!((exp(0.0), ln(1.0), log_odds(0.5)), (1.0, 0.0, 0.0));
        assert!((exp(1.0) - std::f64::consts::E).abs() < 1e-15);
        assert!((ln(2.0) - std::f64::consts::LN_2).abs() < 1e-15);
        assert!((log_odds(0.9) - 2.197_224_577_336_219_6).abs() < 1e-14);
    }

    #[test]
    fn the_exponential_is_held_where_it_would_leave_the_normal_numbers() {
        for (x, held) in [(-1e9, -708.0), (f64::NEG_INFINITY, -708.0), (1e9, 709.0), (f64::INFINITY, 709.0)] {
            assert!((exp(x) / libm::exp(held) - 1.0).abs() < 4e-16, "{x}");
        }
    }

    proptest! {
        #[test]
        fn the_exponential_is_within_its_stated_error(x in -708.0..709.0_f64, small in -1.0..1.0_f64) {
            for x in [x, small] {
                prop_assert!((exp(x) / libm::exp(x) - 1.0).abs() <= 4e-16, "exp({x})");
            }
        }

        #[test]
        fn the_logarithm_is_within_its_stated_error(exponent in -700.0..700.0_f64, near in 0.5..2.0_f64) {
            for x in [libm::exp(exponent), near] {
                let exact = libm::log(x);
                prop_assert!((ln(x) - exact).abs() <= 1e-15 * exact.abs().max(1.0), "ln({x})");
            }
        }
    }
}
