//! Special functions behind intervals and draws: the normal law, the incomplete beta function, Student's t.
//!
//! They stand here, and not in a crate, because every transcendental step must come from `libm`: the generic crates take
//! theirs from the platform as soon as any other dependency turns on the standard library's, and a draw would then differ
//! between platforms in its last bits. The tests hold them against published tables and against `statrs`.

use std::f64::consts::{PI, SQRT_2};

/// Steps after which the continued fraction is taken as it stands; it needs about `sqrt(max(a, b))`.
const FRACTION_STEPS: u32 = 10_000;
/// Halvings after which a bracketed root is taken as it stands; a bracket over all doubles needs about 1,100.
const ROOT_STEPS: u32 = 1_200;

/// Density of the standard normal law at `x`.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt()
}

/// Probability that a standard normal variable is at most `x`, with full relative precision in the lower tail.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The `x` below which a standard normal variable falls with probability `p`; `None` unless `0 < p < 1`.
///
/// Starts from Abramowitz and Stegun 26.2.23 (error below 4.5e-4) and takes Halley steps on the lower tail, each of
/// which triples the number of right digits.
#[must_use]
pub fn normal_quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    if p == 0.5 {
        return Some(0.0);
    }
    if p > 0.5 {
        // 1 - p is exact here, so the upper tail mirrors the lower one.
        return normal_quantile(1.0 - p).map(|x| -x);
    }
    let t = (-2.0 * libm::log(p)).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = numerator / denominator - t;
    for _ in 0..3 {
        let step = (normal_cdf(x) - p) / normal_density(x);
        if !step.is_finite() {
            // Below about 1e-308 the density underflows; the starting value is the best there is.
            break;
        }
        x -= step / (1.0 + 0.5 * x * step);
    }
    Some(x)
}

/// The regularised incomplete beta function `I_x(a, b)`: the probability that a Beta(a, b) variable is at most `x`.
///
/// `None` unless `a > 0`, `b > 0` and `0 <= x <= 1`. Continued fraction 8.17.22 of the NIST Digital Library of
/// Mathematical Functions, evaluated by Lentz's method.
#[must_use]
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> Option<f64> {
    let shapes = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !shapes || !(0.0..=1.0).contains(&x) {
        return None;
    }
    if x == 0.0 || x == 1.0 {
        return Some(x);
    }
    // The fraction converges fast on this side of the mean; the other side is its mirror image.
    if x > (a + 1.0) / (a + b + 2.0) {
        return Some((1.0 - tail_by_fraction(b, a, 1.0 - x)).clamp(0.0, 1.0));
    }
    Some(tail_by_fraction(a, b, x).clamp(0.0, 1.0))
}

/// Logarithm of the density of Beta(a, b) at `x`, times `x (1 - x)`.
fn log_front(a: f64, b: f64, x: f64) -> f64 {
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    a * libm::log(x) + b * libm::log1p(-x) - log_beta
}

fn tail_by_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=FRACTION_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    libm::exp(log_front(a, b, x)) * fraction / a
}

/// The `x` at which `I_x(a, b) = p`: the quantile of the Beta(a, b) law.
///
/// `None` unless `a > 0`, `b > 0` and `0 <= p <= 1`. Newton's method kept inside a shrinking bracket.
#[must_use]
pub fn incomplete_beta_inverse(a: f64, b: f64, p: f64) -> Option<f64> {
    // At `x = p` only to check the arguments, which have the same bounds.
    incomplete_beta(a, b, p)?;
    if p == 0.0 || p == 1.0 {
        return Some(p);
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = a / (a + b);
    for _ in 0..ROOT_STEPS {
        let excess = incomplete_beta(a, b, x)? - p;
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = libm::exp(log_front(a, b, x)) / (x * (1.0 - x));
        let newton = x - excess / density;
        let next = if newton > low && newton < high { newton } else { middle(low, high) };
        if (next - x).abs() <= 1e-15 * next || next <= low || next >= high {
            return Some(next);
        }
        x = next;
    }
    Some(x)
}

/// Between two bounds in (0, 1): by ratio where they lie orders of magnitude apart, else by difference.
fn middle(low: f64, high: f64) -> f64 {
    let floor = low.max(f64::MIN_POSITIVE);
    if high > 4.0 * floor { (floor * high).sqrt() } else { 0.5 * (low + high) }
}

/// The `t` with which `P(|T| <= t) = level` for Student's t with `degrees` degrees of freedom.
///
/// `None` unless `degrees >= 1` and `0 < level < 1`. From `P(|T| <= t) = I_y(1/2, degrees/2)` with
/// `y = t^2 / (degrees + t^2)` (Abramowitz and Stegun 26.7.1).
#[must_use]
pub fn student_t_two_sided(level: f64, degrees: f64) -> Option<f64> {
    if !(level > 0.0 && level < 1.0 && degrees >= 1.0 && degrees.is_finite()) {
        return None;
    }
    let y = incomplete_beta_inverse(0.5, 0.5 * degrees, level)?;
    Some((degrees * y / (1.0 - y)).sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};
    use statrs::function::beta::beta_reg;

    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
    }

    /// Abramowitz and Stegun, tables 26.1 and 26.5, and the far tail by asymptotic expansion.
    #[test]
    fn the_normal_law_agrees_with_tables() {
        close(normal_cdf(1.0), 0.841_344_746_068_543, 1e-14);
        close(normal_quantile(0.975).unwrap(), 1.959_963_984_540_054, 1e-14);
        close(normal_quantile(0.8).unwrap(), 0.841_621_233_572_914_3, 1e-14);
        close(normal_quantile(1e-10).unwrap(), -6.361_340_902_404_056, 1e-13);
        assert_eq!(normal_quantile(0.5), Some(0.0));
        assert_eq!([normal_quantile(0.0), normal_quantile(1.0), normal_quantile(f64::NAN)], [None; 3]);
    }

    /// `P(|T| <= t)` for an even number of degrees: Abramowitz and Stegun 26.7.4.
    fn even_degrees(t: f64, degrees: u32) -> f64 {
        let angle = libm::atan(t / f64::from(degrees).sqrt());
        let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
        let terms = (1..degrees / 2).scan(1.0, |term, k| {
            *term *= f64::from(2 * k - 1) / f64::from(2 * k) * cosine * cosine;
            Some(*term)
        });
        sine * (1.0 + terms.sum::<f64>())
    }

    /// With one degree of freedom `P(|T| <= t) = 2 atan(t) / pi`; 2.228 and 2.750 are in the tables of every textbook.
    #[test]
    fn student_t_agrees_with_closed_forms_and_with_statrs() {
        close(student_t_two_sided(0.95, 1.0).unwrap(), libm::tan(0.475 * PI), 1e-12);
        close(student_t_two_sided(0.95, 10.0).unwrap(), 2.228_138_852, 1e-9);
        close(student_t_two_sided(0.99, 30.0).unwrap(), 2.749_995_654, 1e-9);
        for (level, degrees) in [(0.95, 2), (0.95, 10), (0.99, 30), (0.5, 200)] {
            let t = student_t_two_sided(level, f64::from(degrees)).unwrap();
            close(even_degrees(t, degrees), level, 1e-13);
        }
        close(student_t_two_sided(0.95, 1e6).unwrap(), 1.959_966_4, 1e-7);
        for degrees in [1.0, 2.0, 5.0, 29.0, 400.0] {
            let other = StudentsT::new(0.0, 1.0, degrees).unwrap().inverse_cdf(0.95);
            close(student_t_two_sided(0.9, degrees).unwrap(), other, 1e-9);
        }
        assert_eq!(student_t_two_sided(0.95, 0.0), None);
        assert_eq!(student_t_two_sided(1.0, 5.0), None);
    }

    /// `I_x(2, 3) = x^2 (6 - 8 x + 3 x^2)`, by integrating `12 x (1 - x)^2`.
    #[test]
    fn the_incomplete_beta_function_agrees_with_the_polynomial() {
        for x in [0.01_f64, 0.3, 0.5, 0.77, 0.999] {
            close(incomplete_beta(2.0, 3.0, x).unwrap(), x * x * (6.0 - 8.0 * x + 3.0 * x * x), 1e-13);
        }
        assert_eq!(incomplete_beta(0.0, 1.0, 0.5), None);
        assert_eq!(incomplete_beta(1.0, 1.0, 1.5), None);
    }

    proptest! {
        #[test]
        fn the_incomplete_beta_function_agrees_with_statrs(a in 0.05..50.0_f64, b in 0.05..50.0_f64, x in 0.0..1.0_f64) {
            let found = incomplete_beta(a, b, x).unwrap();
            prop_assert!((found - beta_reg(a, b, x)).abs() < 1e-10);
        }

        #[test]
        fn inverses_come_back(a in 0.05..2e3_f64, b in 0.05..2e3_f64, p in 1e-6..0.999_999_f64) {
            let x = incomplete_beta_inverse(a, b, p).unwrap();
            prop_assert!((0.0..=1.0).contains(&x));
            // Where the law crowds against 1, neighbouring doubles are far apart in probability.
            let slack = if x > 0.999 { 1.0 } else { 1e-9 };
            prop_assert!((incomplete_beta(a, b, x).unwrap() - p).abs() < slack);
            prop_assert!((normal_cdf(normal_quantile(p).unwrap()) - p).abs() < 1e-14 * p.max(1e-3));
        }
    }
}
