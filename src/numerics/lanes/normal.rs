//! The standard normal law: its distribution function and draws from it.

use super::elementary::{exp, ln};
use super::float_of;

/// Arguments of [`normal_cdf`] farther from zero are held here, where 1.1e-19 is left.
pub const FARTHEST_ARGUMENT: f64 = 9.0;

/// No draw of [`normal_pair`] is farther from zero: sqrt(66 ln 2). The law itself leaves 1.3e-11 beyond.
pub const FARTHEST_DRAW: f64 = 6.763_9;

/// Probability that a standard normal variable is at most `x`.
///
/// The absolute error is below 1e-15 everywhere; the relative error is below 2e-14 down to `x = -9`, beyond which the
/// value is held. In the lower tail it is `exp(-x^2 / 2)` times a rational approximation of Mills' ratio of degree 7 over
/// 8, fitted in 50-digit arithmetic by iterated weighted least squares (relative error 1.7e-15); the upper half is its
/// mirror image.
#[inline(always)]
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > FARTHEST_ARGUMENT { FARTHEST_ARGUMENT } else { a };
    let a2 = a * a;
    let a4 = a2 * a2;
    let above = ((0.499_999_999_999_999_4 + a * 0.609_020_953_659_222)
        + a2 * (0.368_719_715_479_961_65 + a * 0.137_755_011_535_480_56))
        + a4 * ((0.033_845_412_303_091_37 + a * 0.005_445_056_875_986_684)
            + a2 * (5.325_947_704_569_561e-4 + a * 2.468_906_370_840_583e-5));
    let below = ((1.0 + a * 2.015_926_468_121_096)
        + a2 * (1.845_916_035_593_740_8 + a * 1.006_336_214_548_39))
        + a4 * ((0.358_831_803_982_224_2 + a * 0.086_172_492_020_717_44)
            + a2 * (0.013_710_637_365_658_28 + a * 0.001_335_016_616_073_205))
        + a4 * a4 * 6.188_631_175_906_501e-5;
    let tail = exp(-0.5 * a2) * (above / below);
    if x < 0.0 { tail } else { 1.0 - tail }
}

const HALF_TURN_BITS: u64 = 1 << 30;
const SIGN: u64 = 1 << 63;

/// Two independent standard normal draws from two random words below 2^32.
///
/// Box and Muller (Annals of Mathematical Statistics 29, 1958). The first word is the radius, `sqrt(-2 ln u)` at the
/// middle of one of 2^32 equal cells, so that no draw lies beyond [`FARTHEST_DRAW`]; the second is the angle: 30 bits
/// within an eighth of a turn either way, one to mirror it in the diagonal, one for the sign. Arithmetic adds an error of
/// at most 1e-12.
#[inline(always)]
#[must_use]
pub fn normal_pair(radius: u64, angle: u64) -> (f64, f64) {
    let u = (float_of(radius) + 0.5) * (1.0 / 4_294_967_296.0);
    let r = (-2.0 * ln(u)).sqrt();
    // In turns, between -1/8 and 1/8.
    let turn = (float_of(angle & (HALF_TURN_BITS - 1)) + 0.5) * (0.25 / 1_073_741_824.0) - 0.125;
    let g = turn * turn;
    let g2 = g * g;
    // Absolute errors 2.7e-14 and 5.6e-14.
    let sine = turn
        * ((6.283_185_307_179_56 + g * -41.341_702_240_275_78)
            + g2 * ((81.605_249_183_483_92 + g * -76.705_834_458_451_28)
                + g2 * (42.055_569_255_944_99 + g * -14.916_565_118_819_118)));
    let cosine = (0.999_999_999_999_944_4 + g * -19.739_208_801_922_548)
        + g2 * ((64.939_393_831_348_3 + g * -85.456_764_937_194_06)
            + g2 * (60.238_183_593_014_54 + g * -26.058_123_753_882_79));
    let cosine = f64::from_bits(cosine.to_bits() ^ ((angle << 32) & SIGN));
    let mirrored = angle & HALF_TURN_BITS != 0;
    let (first, second) = (if mirrored { sine } else { cosine }, if mirrored { cosine } else { sine });
    (r * first, r * second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::numerics::lanes::philox4x32;
    use crate::numerics::special;

    #[test]
    fn worked_examples_of_the_distribution() {
        assert!((normal_cdf(0.0) - 0.5).abs() < 1e-15);
        assert!((normal_cdf(1.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
        assert!((normal_cdf(-3.0) / 0.001_349_898_031_630_094_6 - 1.0).abs() < 5e-15);
        assert_eq!((normal_cdf(f64::NEG_INFINITY), normal_cdf(f64::INFINITY)), (normal_cdf(-9.0), 1.0));
    }

    /// The first radius cell has its middle at 2^-33; the angle word 0 is at an eighth of a turn, just inside.
    #[test]
    fn worked_examples_of_a_draw() {
        let (first, second) = normal_pair(0, 0);
        let radius = (2.0 * 33.0 * std::f64::consts::LN_2).sqrt();
        assert!((first.hypot(second) - radius).abs() < 1e-12 && radius < FARTHEST_DRAW);
        assert!((first + second).abs() < 1e-8 && first > 0.0, "{first} {second}");
        assert_eq!(normal_pair(0, 1 << 31), (-first, second));
        assert_eq!(normal_pair(0, 1 << 30), (second, first));
    }

    /// Moments and the shares beyond 1, 2, 3 and 4 of a million draws, all within 4 standard errors.
    #[test]
    fn draws_follow_the_normal_law() {
        let mut draws = Vec::new();
        for counter in 0..250_000_u64 {
            let words = philox4x32([7, 11], [counter, 0, 0, 0]);
            for (first, second) in [normal_pair(words[0], words[1]), normal_pair(words[2], words[3])] {
                draws.extend([first, second]);
            }
        }
        let n = draws.len() as f64;
        let within = |found: f64, expected: f64, variance: f64| {
            let error = (found - expected) / (variance / n).sqrt();
            assert!(error.abs() < 4.0, "{found} for {expected}: {error} standard errors");
        };
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let moment =
                draws.iter().map(|z| (0..power).fold(1.0, |product, _| product * z)).sum::<f64>() / n;
            within(moment, expected, variance);
        }
        for beyond in [1.0, 2.0, 3.0, 4.0] {
            let p = special::normal_cdf(-beyond);
            for sign in [-1.0, 1.0] {
                within(draws.iter().filter(|z| sign * **z > beyond).count() as f64 / n, p, p * (1.0 - p));
            }
        }
        let product = draws.chunks_exact(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / (0.5 * n);
        within(product, 0.0, 2.0);
    }

    proptest! {
        #[test]
        fn the_distribution_is_within_its_stated_error(x in -12.0..12.0_f64) {
            let exact = special::normal_cdf(x);
            prop_assert!((normal_cdf(x) - exact).abs() < 1e-15, "{x}");
            if x > -9.0 {
                prop_assert!((normal_cdf(x) / exact - 1.0).abs() < 2e-14, "{x}");
            }
        }

        #[test]
        fn a_pair_is_that_of_the_textbook(radius in 0..=u64::from(u32::MAX), angle in 0..1_u64 << 30) {
            let u = (radius as f64 + 0.5) / 4_294_967_296.0;
            let turn = ((angle as f64 + 0.5) / 1_073_741_824.0 - 0.5) * 0.25;
            let r = (-2.0 * libm::log(u)).sqrt();
            let (first, second) = normal_pair(radius, angle);
            let theta = turn * std::f64::consts::TAU;
            prop_assert!((first - r * libm::cos(theta)).abs() < 1e-12);
            prop_assert!((second - r * libm::sin(theta)).abs() < 1e-12);
        }
    }
}
