//! Roots and maxima of functions of one variable, without derivatives.
//!
//! [`brent_root`] keeps a bracket and so cannot diverge; [`brent_maximum`] needs a function with one hump, such as the
//! profit of a trade against a convex curve. Source: R. P. Brent, "Algorithms for Minimization without Derivatives"
//! (1973), chapters 4 (`zeroin`) and 5 (`localmin`).

use thiserror::Error;

/// More steps than either method needs for a bracket of any width in `f64`.
const MAX_STEPS: u32 = 200;
/// `(3 - sqrt 5) / 2`, the part of an interval that a golden-section step cuts off.
const GOLDEN: f64 = 0.381_966_011_250_105_1;
/// The square root of the precision of `f64`: nearer than this, relative, a maximum cannot be located.
const FLAT: f64 = 1.5e-8;

/// Why no root or maximum was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RootError {
    /// An end of the interval is not finite, or the ends are not in order.
    #[error("expected a finite interval with its lower end first")]
    Interval,
    /// The function has the same sign at both ends.
    #[error("expected a change of sign between the ends of the interval, found none: widen it")]
    NotBracketed,
    /// The function was not a number somewhere in the interval.
    #[error("the function is not a number inside the interval: narrow it to the domain of the function")]
    NotANumber,
    /// The steps ran out.
    #[error("no convergence: ask for a wider tolerance")]
    NoConvergence,
}

/// Where a function is largest, and how large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maximum {
    /// The argument.
    pub at: f64,
    /// The value of the function there.
    pub value: f64,
}

fn check_interval(low: f64, high: f64) -> Result<(), RootError> {
    if low.is_finite() && high.is_finite() && low <= high { Ok(()) } else { Err(RootError::Interval) }
}

/// A root of `function` between `low` and `high`, where it must change sign, by Brent's method.
///
/// `tolerance` is absolute; a few units in the last place of the root are always allowed on top.
///
/// # Errors
/// See [`RootError`].
///
/// ```
/// use ballast::numerics::roots::brent_root;
/// let root = brent_root(|x| x * x - 2.0, 0.0, 2.0, 1e-15)?;
/// assert!((root * root - 2.0).abs() < 1e-14);
/// # Ok::<(), ballast::numerics::roots::RootError>(())
/// ```
pub fn brent_root(
    mut function: impl FnMut(f64) -> f64,
    low: f64,
    high: f64,
    tolerance: f64,
) -> Result<f64, RootError> {
    check_interval(low, high)?;
    // `best` and `opposite` bracket the root and `best` is the nearer one; `previous` is the best of one step ago.
    let (mut previous, mut best) = (low, high);
    let (mut f_previous, mut f_best) = (function(low), function(high));
    if f_previous.is_nan() || f_best.is_nan() {
        return Err(RootError::NotANumber);
    }
    if f_previous == 0.0 {
        return Ok(low);
    }
    if f_best != 0.0 && (f_previous > 0.0) == (f_best > 0.0) {
        return Err(RootError::NotBracketed);
    }
    let (mut opposite, mut f_opposite) = (previous, f_previous);
    let mut step = best - previous;
    let mut step_before = step;
    for _ in 0..MAX_STEPS {
        if (f_best > 0.0) == (f_opposite > 0.0) {
            (opposite, f_opposite) = (previous, f_previous);
            step = best - previous;
            step_before = step;
        }
        if f_opposite.abs() < f_best.abs() {
            (previous, best, opposite) = (best, opposite, best);
            (f_previous, f_best, f_opposite) = (f_best, f_opposite, f_best);
        }
        let allowed = 2.0 * f64::EPSILON * best.abs() + 0.5 * tolerance;
        let half = 0.5 * (opposite - best);
        if half.abs() <= allowed || f_best == 0.0 {
            return Ok(best);
        }
        // Interpolate if the steps still shrink and the result stays well inside the bracket; otherwise halve it.
        let mut halve = true;
        if step_before.abs() >= allowed && f_previous.abs() > f_best.abs() {
            let ratio = f_best / f_previous;
            let (mut numerator, mut denominator) = if previous == opposite {
                (2.0 * half * ratio, 1.0 - ratio)
            } else {
                let (q, r) = (f_previous / f_opposite, f_best / f_opposite);
                (
                    ratio * (2.0 * half * q * (q - r) - (best - previous) * (r - 1.0)),
                    (q - 1.0) * (r - 1.0) * (ratio - 1.0),
                )
            };
            if numerator > 0.0 {
                denominator = -denominator;
            } else {
                numerator = -numerator;
            }
            let inside = 3.0 * half * denominator - (allowed * denominator).abs();
            if 2.0 * numerator < inside.min((step_before * denominator).abs()) {
                step_before = step;
                step = numerator / denominator;
                halve = false;
            }
        }
        if halve {
            step = half;
            step_before = half;
        }
        (previous, f_previous) = (best, f_best);
        best += if step.abs() > allowed { step } else { allowed.copysign(half) };
        f_best = function(best);
        if f_best.is_nan() {
            return Err(RootError::NotANumber);
        }
    }
    Err(RootError::NoConvergence)
}

/// The maximum of a function with one hump between `low` and `high`, by golden section with parabolic steps
/// (Brent's `localmin`).
///
/// `tolerance` is absolute, in the argument. A maximum is flat: arguments nearer than about 1e-8 of their size cannot
/// be told apart by their values.
///
/// # Errors
/// See [`RootError`].
pub fn brent_maximum(
    mut function: impl FnMut(f64) -> f64,
    mut low: f64,
    mut high: f64,
    tolerance: f64,
) -> Result<Maximum, RootError> {
    check_interval(low, high)?;
    let mut best = low + GOLDEN * (high - low);
    let mut f_best = function(best);
    if f_best.is_nan() {
        return Err(RootError::NotANumber);
    }
    let (mut second, mut f_second) = (best, f_best);
    let (mut third, mut f_third) = (best, f_best);
    let (mut step, mut step_before) = (0.0_f64, 0.0_f64);
    for _ in 0..MAX_STEPS {
        let middle = 0.5 * (low + high);
        let allowed = FLAT * best.abs() + tolerance.max(f64::MIN_POSITIVE) / 3.0;
        if (best - middle).abs() <= 2.0 * allowed - 0.5 * (high - low) {
            return Ok(Maximum { at: best, value: f_best });
        }
        let mut golden = true;
        if step_before.abs() > allowed {
            // The parabola through the three best points.
            let r = (best - second) * (f_best - f_third);
            let q = (best - third) * (f_best - f_second);
            let p = (best - third) * q - (best - second) * r;
            let twice = 2.0 * (q - r);
            let (numerator, denominator) = if twice > 0.0 { (-p, twice) } else { (p, -twice) };
            let limit = step_before;
            step_before = step;
            if numerator.abs() < (0.5 * denominator * limit).abs()
                && numerator > denominator * (low - best)
                && numerator < denominator * (high - best)
            {
                step = numerator / denominator;
                let trial = best + step;
                if trial - low < 2.0 * allowed || high - trial < 2.0 * allowed {
                    step = allowed.copysign(middle - best);
                }
                golden = false;
            }
        }
        if golden {
            step_before = if best < middle { high - best } else { low - best };
            step = GOLDEN * step_before;
        }
        let trial = best + if step.abs() >= allowed { step } else { allowed.copysign(step) };
        let f_trial = function(trial);
        if f_trial.is_nan() {
            return Err(RootError::NotANumber);
        }
        if f_trial >= f_best {
            if trial < best {
                high = best;
            } else {
                low = best;
            }
            (third, f_third) = (second, f_second);
            (second, f_second) = (best, f_best);
            (best, f_best) = (trial, f_trial);
        } else {
            if trial < best {
                low = trial;
            } else {
                high = trial;
            }
            if f_trial >= f_second || second == best {
                (third, f_third) = (second, f_second);
                (second, f_second) = (trial, f_trial);
            } else if f_trial >= f_third || third == best || third == second {
                (third, f_third) = (trial, f_trial);
            }
        }
    }
    Err(RootError::NoConvergence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn roots_of_known_functions() {
        let cube = brent_root(|x| x * x * x - 27.0, -10.0, 10.0, 1e-15).unwrap();
        assert!((cube - 3.0).abs() < 1e-14, "{cube}");
        // A flat approach and a steep one.
        let log = brent_root(|x| libm::log(x) - 5.0, 1e-300, 1e6, 0.0).unwrap();
        assert!((log / libm::exp(5.0) - 1.0).abs() < 1e-13, "{log}");
        assert_eq!(brent_root(|x| x, 0.0, 1.0, 0.0), Ok(0.0));
        assert_eq!(brent_root(|x| x - 1.0, 0.0, 1.0, 0.0), Ok(1.0));
    }

    #[test]
    fn what_cannot_be_solved_is_refused() {
        assert_eq!(brent_root(|x| x * x + 1.0, -1.0, 1.0, 0.0), Err(RootError::NotBracketed));
        assert_eq!(brent_root(|x| x, 1.0, f64::NAN, 0.0), Err(RootError::Interval));
        assert_eq!(brent_root(|_| f64::NAN, 0.0, 1.0, 0.0), Err(RootError::NotANumber));
        assert_eq!(brent_maximum(|_| f64::NAN, 0.0, 1.0, 0.0), Err(RootError::NotANumber));
        assert_eq!(brent_maximum(|x| x, 1.0, 0.0, 0.0), Err(RootError::Interval));
    }

    #[test]
    fn interpolation_beats_halving() {
        for top in [0.3, 0.9, 4.0, 7.3] {
            let mut calls = 0;
            let hump = |x: f64| {
                calls += 1;
                -libm::cosh(x - top)
            };
            let maximum = brent_maximum(hump, 0.0, 10.0, 1e-6).unwrap();
            assert!((maximum.at - top).abs() < 1e-6 && calls < 15, "{maximum:?} after {calls}");
            let mut calls = 0;
            let line = |x: f64| {
                calls += 1;
                libm::expm1(x - top)
            };
            brent_root(line, 0.0, 10.0, 0.0).unwrap();
            assert!(calls < 16, "{calls}");
        }
    }

    #[test]
    fn a_maximum_at_an_end_is_found() {
        let maximum = brent_maximum(|x| -x, 0.0, 1.0, 1e-9).unwrap();
        assert!(maximum.at < 1e-8, "{maximum:?}");
    }

    proptest! {
        #[test]
        fn a_root_is_a_root(root in -1e6..1e6_f64, width in 1e-3..1e6_f64, share in 0.01..0.99_f64) {
            let found = brent_root(|x| (x - root) * (1.0 + (x - root).abs()),
                root - share * width, root + (1.0 - share) * width, 0.0).unwrap();
            prop_assert!((found - root).abs() <= 1e-12 * root.abs().max(1.0), "{found} for {root}");
        }

        #[test]
        fn a_hump_is_found(top in -1e3..1e3_f64, width in 1e-2..1e3_f64, share in 0.01..0.99_f64) {
            let found = brent_maximum(|x| 5.0 - libm::log(1.0 + (x - top) * (x - top)),
                top - share * width, top + (1.0 - share) * width, 1e-9).unwrap();
            prop_assert!((found.at - top).abs() < 1e-6 * top.abs().max(1.0), "{found:?} for {top}");
            prop_assert!(found.value <= 5.0);
        }
    }
}
