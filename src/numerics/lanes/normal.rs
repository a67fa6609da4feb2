//! The standard normal law: its two sides and draws from it.

use super::elementary::{exp2, ln};

/// Arguments farther from zero are held here, where 1.1e-19 is left.
pub const FARTHEST_ARGUMENT: f32 = 9.0;

/// No draw of [`normal_pair`] from a number of at least 2^-32 is farther from zero: sqrt(64 ln 2). The law itself leaves
/// 2.7e-11 beyond.
pub const FARTHEST_DRAW: f32 = 6.660_5;

#[inline(always)]
fn distance(x: f32) -> f32 {
    let a = x.abs();
    if a > FARTHEST_ARGUMENT { FARTHEST_ARGUMENT } else { a }
}

/// Mills' ratio at `|x|` over sqrt(2 pi): what the law leaves beyond over `exp(-x^2 / 2)`.
///
/// A rational approximation of degree 3 over 4, fitted by iterated weighted least squares; relative error 2e-7 before
/// rounding.
#[inline(always)]
#[must_use]
pub fn mills_ratio(x: f32) -> f32 {
    let a = distance(x);
    let a2 = a * a;
    let above = (0.5 + a * 0.348_014_1) + a2 * (0.111_651_86 + a * 0.015_209_973);
    let below = (1.0 + a * 1.493_906_5) + a2 * ((0.915_333_9 + a * 0.279_521_8) + a2 * 0.038_136_495);
    above / below
}

/// Probabilities that a standard normal variable is below and that it is above `x`, given [`mills_ratio`] at `x`.
///
/// Each is exact relative to its own size, within `5e-7 + 1e-7 x^2`, down to 9 deviations, beyond which both are held. The
/// ratio is asked for because two short loops overlap better in a processor than a long one.
#[inline(always)]
#[must_use]
pub fn normal_sides(x: f32, mills_ratio: f32) -> (f32, f32) {
    let a = distance(x);
    let tail = exp2(a * a * (-0.5 * std::f32::consts::LOG2_E)) * mills_ratio;
    let body = 1.0 - tail;
    if x < 0.0 { (tail, body) } else { (body, tail) }
}

const SIGN: u32 = 1 << 31;

/// Two independent standard normal draws from two independent numbers, `u` above 0 up to 1 and `turn` from -1/2 to 1/2.
///
/// Box and Muller (Annals of Mathematical Statistics 29, 1958): the radius is `sqrt(-2 ln u)` and the angle a turn, which is
/// taken apart into a quarter turn either way and a sign. Arithmetic adds an error of at most 5e-6.
#[inline(always)]
#[must_use]
pub fn normal_pair(u: f32, turn: f32) -> (f32, f32) {
    // A number that rounding has put above 1.
    let u = if u > 1.0 { 1.0 } else { u };
    let r = (-2.0 * ln(u)).sqrt();
    let quarter = turn.abs() - 0.25;
    let g = quarter * quarter;
    let g2 = g * g;
    // Absolute errors 6e-7 and 5e-8 before rounding.
    let sine = quarter * ((6.283_164 + g * -41.337_143) + g2 * (81.340_77 + g * -70.993_43));
    let cosine = (0.999_999_95 + g * -19.739_172) + g2 * ((64.934_59 + g * -85.240_33) + g2 * 56.242_38);
    let cosine = f32::from_bits(cosine.to_bits() ^ (turn.to_bits() & SIGN));
    (r * sine, r * cosine)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::numerics::lanes::philox4x32;
    use crate::numerics::special;

    fn sides(x: f32) -> (f64, f64) {
        let (below, above) = normal_sides(x, mills_ratio(x));
        (f64::from(below), f64::from(above))
    }

    #[test]
    fn worked_examples_of_the_sides() {
        assert_eq!(sides(0.0), (0.5, 0.5));
        assert!((sides(1.0).0 - 0.841_344_746).abs() < 2e-7 && (sides(1.0).1 - 0.158_655_254).abs() < 1e-7);
        assert!((sides(-3.0).0 / 0.001_349_898_03 - 1.0).abs() < 1e-6);
        assert_eq!(sides(f32::NEG_INFINITY), sides(-9.0));
        assert_eq!(sides(f32::INFINITY), sides(9.0));
        assert!((sides(9.0).1 / 1.128_588_4e-19 - 1.0).abs() < 1e-5);
    }

    const LEAST: f32 = 1.0 / 4_294_967_296.0;

    /// The least number gives the largest radius; a quarter of a turn is at the end of the sine.
    #[test]
    fn worked_examples_of_a_draw() {
        let (first, second) = normal_pair(LEAST, 0.0);
        let radius = (64.0 * std::f32::consts::LN_2).sqrt();
        assert!((first + radius).abs() < 5e-6 && first.abs() < FARTHEST_DRAW, "{first}");
        assert!(second.abs() < 5e-6, "{second}");
        let (first, second) = normal_pair(LEAST, 0.25);
        assert!(first.abs() < 5e-6 && (second - radius).abs() < 5e-6 && second < FARTHEST_DRAW);
        assert_eq!(normal_pair(LEAST, -0.25), (first, -second));
        assert_eq!(normal_pair(1.0, 0.1).0, 0.0);
        assert_eq!(normal_pair(1.0 + f32::EPSILON, 0.1), normal_pair(1.0, 0.1));
    }

    /// Moments and the shares beyond 1, 2, 3 and 4 of a million draws, all within 4 standard errors.
    #[test]
    fn draws_follow_the_normal_law() {
        let mut draws = Vec::new();
        let number = |word: u64| (word as f32 + 0.5) / 4_294_967_296.0;
        for counter in 0..250_000_u64 {
            let words = philox4x32([7, 11], [counter, 0, 0, 0]).map(number);
            for (u, turn) in [(words[0], words[1]), (words[2], words[3])] {
                let (first, second) = normal_pair(u, turn - 0.5);
                draws.extend([f64::from(first), f64::from(second)]);
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
        fn the_sides_are_within_their_stated_error(x in -9.0..9.0_f32) {
            let (below, above) = sides(x);
            let x = f64::from(x);
            let most = 5e-7 + 1e-7 * x * x;
            for (found, exact) in [(below, special::normal_cdf(x)), (above, special::normal_cdf(-x))] {
                prop_assert!((found / exact - 1.0).abs() < most, "{x}: {found} for {exact}");
            }
        }

        #[test]
        fn a_pair_is_that_of_the_textbook(exponent in -22.0..0.0_f64, turn in -0.5..0.5_f32) {
            let u = libm::exp(exponent) as f32;
            let r = (-2.0 * libm::log(f64::from(u))).sqrt();
            let (first, second) = normal_pair(u, turn);
            // An eighth of a turn and mirror images from the textbook's, which is the same law.
            let theta = (f64::from(turn).abs() - 0.25) * std::f64::consts::TAU;
            prop_assert!((f64::from(first) - r * libm::sin(theta)).abs() < 5e-6);
            let sign = f64::from(turn.signum());
            prop_assert!((f64::from(second) - sign * r * libm::cos(theta)).abs() < 5e-6);
        }
    }
}
