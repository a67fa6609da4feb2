//! The StableSwap curve: nearly constant sum near the peg, constant product far from it.
//!
//! `Ann S + D = Ann D + P`, with `S = sum x_k` and `P = D^(n+1) / (n^n prod x_k)`.
//!
//! | symbol | code | unit |
//! |---|---|---|
//! | A, Ann = A n | `amplification`, `ann` | 1; the `A` of Curve already contains n^(n-1), so it is *not* multiplied by n^n |
//! | x_k | `balances` times `rates` | worth, in a common unit |
//! | D | `invariant` | worth of the pool at the peg |
//! | P | `peg_term` | worth; equals D at the peg |
//!
//! `D` needs Newton's method: `D <- (Ann S + n P) D / ((Ann - 1) D + (n + 1) P)`. The function is convex, so that from
//! above (`D = S`) the steps fall until rounding stops them.
//!
//! Swaps need no iteration. Coin i grows to `x_i (1 + u)`, coin j shrinks to `x_j (1 - v)`; `D` and the others stand, so
//! `Ann (u x_i - v x_j) = P (1 / ((1 + u)(1 - v)) - 1)`: a quadratic in `v`, solved below without cancellation, so that a
//! trade of a billionth of the pool is as precise as a large one.
//!
//! Source: Egorov, "StableSwap" (2019); Curve `StableSwap3Pool.vy`, stableswap-ng; Balancer `StableMath.sol`.

use super::error::{SwapError, positive};
use super::fees::OutputFee;

/// Newton steps before the balances are declared too far apart, as in the contracts.
const MAX_STEPS: u32 = 255;

/// A pool's curve: amplification and the worth of a unit of each coin (1, or the rate of a yield-bearing coin).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StableSwap<const N: usize> {
    /// `A`, above zero; `Ann = A n`.
    pub amplification: f64,
    /// Worth of one unit of each coin in the common unit, above zero.
    pub rates: [f64; N],
}

/// An exchange, carried out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exchange<const N: usize> {
    /// What the trader receives.
    pub paid: f64,
    /// The fee, in the coin received.
    pub fee: f64,
    /// The part of the fee that leaves the pool.
    pub admin: f64,
    /// Balances after.
    pub balances: [f64; N],
}

/// The invariant `D` of balances that are worth one each.
///
/// # Errors
/// [`SwapError::Coin`] for fewer than two coins, [`SwapError::Amplification`], [`SwapError::Reserves`];
/// [`SwapError::NoConvergence`] where the balances lie further apart than `f64` can express.
///
/// ```
/// use ballast::protocol::amm::stable_swap::invariant;
/// assert_eq!(invariant(100.0, &[500.0, 500.0]), Ok(1000.0));
/// // A float routine published with another project uses A n^n and would say 3996.69 here.
/// assert!((invariant(100.0, &[1000.0, 3000.0])? - 3993.43).abs() < 0.01);
/// # Ok::<(), ballast::protocol::amm::SwapError>(())
/// ```
pub fn invariant(amplification: f64, balances: &[f64]) -> Result<f64, SwapError> {
    let coins = balances.len() as f64;
    if balances.len() < 2 {
        return Err(SwapError::Coin);
    }
    let ann = positive(amplification, SwapError::Amplification)? * coins;
    for &balance in balances {
        positive(balance, SwapError::Reserves)?;
    }
    let sum = positive(balances.iter().sum(), SwapError::Reserves)?;
    let at_sum = peg_term(sum, balances);
    if !at_sum.is_finite() {
        return Err(SwapError::NoConvergence);
    }
    // For Ann >= 1 the root has P <= Ann S: far from the peg a start much nearer than S, and still above the root.
    let mut invariant = if ann >= 1.0 && at_sum > ann * sum {
        sum * libm::pow(ann * sum / at_sum, 1.0 / (coins + 1.0)) * (1.0 + 1e-12)
    } else {
        sum
    };
    for _ in 0..MAX_STEPS {
        let peg = peg_term(invariant, balances);
        let next = (ann * sum + coins * peg) * invariant / ((ann - 1.0) * invariant + (coins + 1.0) * peg);
        if next >= invariant {
            return Ok(invariant);
        }
        if next.is_nan() {
            break;
        }
        invariant = next;
    }
    Err(SwapError::NoConvergence)
}

/// `P = D^(n+1) / (n^n prod x_k)`.
#[inline]
fn peg_term(invariant: f64, balances: &[f64]) -> f64 {
    let coins = balances.len() as f64;
    balances.iter().fold(invariant, |product, balance| product * (invariant / (coins * balance)))
}

/// The balance of `coin` at a given `D` and the other balances: `y^2 + (b - D) y = c`, with
/// `b = S_others + D / Ann` and `c = D^(n+1) / (n^n prod_others Ann)`.
///
/// # Errors
/// As [`invariant`]; [`SwapError::Coin`] for an index out of range.
pub fn balance_at(
    amplification: f64,
    balances: &[f64],
    coin: usize,
    invariant: f64,
) -> Result<f64, SwapError> {
    if coin >= balances.len() || balances.len() < 2 {
        return Err(SwapError::Coin);
    }
    let coins = balances.len() as f64;
    let ann = positive(amplification, SwapError::Amplification)? * coins;
    positive(invariant, SwapError::Reserves)?;
    let mut others = 0.0;
    let mut c = invariant / coins * (invariant / ann);
    for (index, &balance) in balances.iter().enumerate() {
        if index != coin {
            others += positive(balance, SwapError::Reserves)?;
            c *= invariant / (coins * balance);
        }
    }
    let half = 0.5 * (others + invariant / ann - invariant);
    let root = (half * half + c).sqrt();
    let balance = if half > 0.0 { c / (half + root) } else { root - half };
    positive(balance, SwapError::NoConvergence)
}

/// The share `v` by which coin j shrinks when coin i changes by `change` (negative: the shares are then growths).
///
/// With `a = Ann`, `d = change`, `p = 1 + u` the quadratic is
/// `a x_j v^2 - (a d + a x_j + P) v + (a d + P u / p) = 0`; its discriminant is a sum of two terms above zero,
/// `(a d - a x_j + P)^2 + 4 a x_j P / p`, and the smaller root is the swap.
#[inline]
fn counter_share(ann: f64, peg: f64, balance_i: f64, balance_j: f64, change: f64) -> f64 {
    let growth = change / balance_i;
    let factor = 1.0 + growth;
    let constant = ann * change + peg * growth / factor;
    let linear = ann * change + ann * balance_j + peg;
    let distance = ann * change - ann * balance_j + peg;
    let root = (distance * distance + 4.0 * ann * balance_j * (peg / factor)).sqrt();
    if linear > 0.0 { 2.0 * constant / (linear + root) } else { (linear - root) / (2.0 * ann * balance_j) }
}

impl<const N: usize> StableSwap<N> {
    /// A curve of coins that are worth one each.
    ///
    /// # Errors
    /// [`SwapError::Amplification`].
    pub fn new(amplification: f64) -> Result<Self, SwapError> {
        Self::with_rates(amplification, [1.0; N])
    }

    /// A curve of coins with the given worth per unit.
    ///
    /// # Errors
    /// [`SwapError::Amplification`], [`SwapError::Price`] for a rate that is not above zero, [`SwapError::Coin`] for
    /// fewer than two coins.
    pub fn with_rates(amplification: f64, rates: [f64; N]) -> Result<Self, SwapError> {
        let curve = Self { amplification, rates };
        curve.check()?;
        Ok(curve)
    }

    #[inline]
    fn check(&self) -> Result<(), SwapError> {
        if N < 2 {
            return Err(SwapError::Coin);
        }
        positive(self.amplification, SwapError::Amplification)?;
        self.rates.iter().try_for_each(|&rate| positive(rate, SwapError::Price).map(drop))
    }

    /// Balances in the common unit.
    #[must_use]
    #[inline]
    pub fn worth(&self, balances: &[f64; N]) -> [f64; N] {
        std::array::from_fn(|coin| balances[coin] * self.rates[coin])
    }

    /// The invariant of the balances.
    ///
    /// # Errors
    /// As [`invariant`].
    pub fn invariant(&self, balances: &[f64; N]) -> Result<f64, SwapError> {
        self.check()?;
        invariant(self.amplification, &self.worth(balances))
    }

    #[inline]
    pub(super) fn ann(&self) -> f64 {
        self.amplification * N as f64
    }

    /// Worth of the balances and `P`: what the swap formulas need.
    #[inline]
    fn state(&self, balances: &[f64; N], i: usize, j: usize) -> Result<([f64; N], f64), SwapError> {
        self.check()?;
        if i >= N || j >= N || i == j {
            return Err(SwapError::Coin);
        }
        let worth = self.worth(balances);
        let peg = peg_term(invariant(self.amplification, &worth)?, &worth);
        Ok((worth, peg))
    }

    /// Gross output of coin `j` for an input of coin `i`, before the fee.
    ///
    /// # Errors
    /// As [`invariant`]; [`SwapError::Amount`], [`SwapError::Coin`]; [`SwapError::InsufficientLiquidity`] for an input
    /// so large that the far balance would vanish.
    pub fn out_given_in(
        &self,
        balances: &[f64; N],
        i: usize,
        j: usize,
        amount_in: f64,
    ) -> Result<f64, SwapError> {
        let (worth, peg) = self.state(balances, i, j)?;
        self.output(balances, (&worth, peg), i, j, amount_in)
    }

    #[inline]
    fn output(
        &self,
        balances: &[f64; N],
        (worth, peg): (&[f64; N], f64),
        i: usize,
        j: usize,
        amount_in: f64,
    ) -> Result<f64, SwapError> {
        let change = positive(amount_in, SwapError::Amount)? * self.rates[i];
        let share = counter_share(self.ann(), peg, worth[i], worth[j], change);
        if (0.0..1.0).contains(&share) {
            Ok(balances[j] * share)
        } else {
            Err(SwapError::InsufficientLiquidity)
        }
    }

    /// Input of coin `i` for a gross output of coin `j`, before the fee.
    ///
    /// # Errors
    /// As [`Self::out_given_in`].
    pub fn in_given_out(
        &self,
        balances: &[f64; N],
        i: usize,
        j: usize,
        amount_out: f64,
    ) -> Result<f64, SwapError> {
        let (worth, peg) = self.state(balances, i, j)?;
        let change = positive(amount_out, SwapError::Amount)? * self.rates[j];
        if amount_out >= balances[j] || change >= worth[j] {
            return Err(SwapError::InsufficientLiquidity);
        }
        let growth = -counter_share(self.ann(), peg, worth[j], worth[i], -change);
        if (0.0..f64::INFINITY).contains(&growth) {
            Ok(balances[i] * growth)
        } else {
            Err(SwapError::InsufficientLiquidity)
        }
    }

    /// Exchanges `amount_in` of coin `i` for coin `j`. The fee is on the output, at the balances half-way through the
    /// trade where it is dynamic; its admin part leaves the pool.
    ///
    /// # Errors
    /// As [`Self::out_given_in`]; [`SwapError::Fee`].
    pub fn exchange(
        &self,
        balances: &[f64; N],
        i: usize,
        j: usize,
        amount_in: f64,
        fee: &OutputFee,
    ) -> Result<Exchange<N>, SwapError> {
        fee.check()?;
        let gross = self.out_given_in(balances, i, j, amount_in)?;
        let half_way_in = (balances[i] + 0.5 * amount_in) * self.rates[i];
        let half_way_out = (balances[j] - 0.5 * gross) * self.rates[j];
        let split = fee.split(gross, fee.rate_at(half_way_in, half_way_out));
        let mut after = *balances;
        after[i] += amount_in;
        after[j] -= split.paid + split.admin;
        Ok(Exchange { paid: split.paid, fee: split.fee, admin: split.admin, balances: after })
    }

    /// Marginal price of coin `i` in coin `j`, before the fee:
    /// `-dx_j/dx_i = (Ann x_i + P) x_j / ((Ann x_j + P) x_i)`, times the ratio of the rates.
    ///
    /// # Errors
    /// As [`Self::out_given_in`].
    pub fn spot_price(&self, balances: &[f64; N], i: usize, j: usize) -> Result<f64, SwapError> {
        let (worth, peg) = self.state(balances, i, j)?;
        let price = self.marginal(peg, worth[i], worth[j]) * (self.rates[i] / self.rates[j]);
        positive(price, SwapError::NoConvergence)
    }

    /// [`Self::out_given_in`], and [`Self::spot_price`] of the first coin in the second before it, of one invariant.
    pub(super) fn out_and_spot(
        &self,
        balances: &[f64; N],
        i: usize,
        j: usize,
        amount_in: f64,
    ) -> Result<(f64, f64), SwapError> {
        let (worth, peg) = self.state(balances, i, j)?;
        let out = self.output(balances, (&worth, peg), i, j, amount_in)?;
        let (base, quote) = (i.min(j), i.max(j));
        let price = self.marginal(peg, worth[base], worth[quote]) * (self.rates[base] / self.rates[quote]);
        Ok((out, positive(price, SwapError::NoConvergence)?))
    }

    /// `(Ann x_i + P) x_j / ((Ann x_j + P) x_i)` in the common unit.
    #[inline]
    fn marginal(&self, peg: f64, worth_i: f64, worth_j: f64) -> f64 {
        let ann = self.ann();
        (ann + peg / worth_i) / (ann + peg / worth_j)
    }
}

/// A pool of two coins along its curve, for the search of a price: `D` and `P` are solved once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    curve: StableSwap<2>,
    worth: [f64; 2],
    peg: f64,
}

impl Section {
    pub(super) fn new(curve: StableSwap<2>, balances: &[f64; 2]) -> Result<Self, SwapError> {
        let (worth, peg) = curve.state(balances, 0, 1)?;
        Ok(Self { curve, worth, peg })
    }

    /// Share by which the coin other than `input` shrinks if `input` grows by the share `growth`, and the marginal price
    /// of `input` there in the common unit.
    pub(super) fn after(&self, input: usize, growth: f64) -> (f64, f64) {
        let (balance_i, balance_j) = (self.worth[input], self.worth[1 - input]);
        let share = counter_share(self.curve.ann(), self.peg, balance_i, balance_j, balance_i * growth);
        let (factor_i, factor_j) = (1.0 + growth, 1.0 - share);
        let peg = self.peg / (factor_i * factor_j);
        (share, self.curve.marginal(peg, balance_i * factor_i, balance_j * factor_j))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn residual(amplification: f64, balances: &[f64], invariant: f64) -> f64 {
        let ann = amplification * balances.len() as f64;
        let sum: f64 = balances.iter().sum();
        (ann * sum + invariant - ann * invariant - peg_term(invariant, balances)) / (ann * sum + invariant)
    }

    #[test]
    fn the_two_coin_invariant_is_the_root_of_its_cubic() {
        // A = 1, x = (1, 3): 2 * 4 + D = 2 D + D^3 / 12.
        let d = invariant(1.0, &[1.0, 3.0]).unwrap();
        assert!((8.0 - d - d * d * d / 12.0).abs() < 1e-14, "{d}");
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let curve = StableSwap::<2>::new(100.0).unwrap();
            assert_eq!(invariant(bad, &[1.0, 1.0]), Err(SwapError::Amplification));
            assert_eq!(invariant(1.0, &[1.0, bad]), Err(SwapError::Reserves));
            assert_eq!(StableSwap::<2>::new(bad), Err(SwapError::Amplification));
            assert_eq!(StableSwap::with_rates(1.0, [1.0, bad]), Err(SwapError::Price));
            assert_eq!(curve.out_given_in(&[1.0, 1.0], 0, 1, bad), Err(SwapError::Amount));
            assert_eq!(curve.in_given_out(&[1.0, 1.0], 0, 1, bad), Err(SwapError::Amount));
            assert_eq!(curve.spot_price(&[bad, 1.0], 0, 1), Err(SwapError::Reserves));
        }
        let curve = StableSwap::<2>::new(100.0).unwrap();
        assert_eq!(curve.out_given_in(&[1.0, 1.0], 0, 0, 0.1), Err(SwapError::Coin));
        assert_eq!(curve.out_given_in(&[1.0, 1.0], 0, 2, 0.1), Err(SwapError::Coin));
        assert_eq!(curve.in_given_out(&[1.0, 1.0], 0, 1, 1.0), Err(SwapError::InsufficientLiquidity));
        assert_eq!(invariant(1.0, &[1.0]), Err(SwapError::Coin));
        assert_eq!(invariant(1.0, &[f64::MAX, f64::MAX]), Err(SwapError::Reserves));
        assert_eq!(invariant(1.0, &[1e-300, 1e300, 1.0]), Err(SwapError::NoConvergence));
        assert_eq!(balance_at(1.0, &[1.0, 1.0], 2, 1.0), Err(SwapError::Coin));
    }

    #[test]
    fn digits_survive_where_one_coin_is_scarce() {
        let (amplification, balances) = (2.0, [1e-7, 1e9]);
        let d = invariant(amplification, &balances).unwrap();
        let scarce = balance_at(amplification, &balances, 0, d).unwrap();
        assert!((scarce / 1e-7 - 1.0).abs() < 1e-11, "{scarce}");
        // Nearly a constant sum: here the other form of the root is the precise one.
        let d = invariant(1e9, &[500.0, 700.0]).unwrap();
        let plenty = balance_at(1e9, &[500.0, 700.0], 1, d).unwrap();
        assert!((plenty / 700.0 - 1.0).abs() < 1e-13, "{plenty}");
        // And with most of the plentiful coin gone, where the linear term of the quadratic is negative.
        let curve = StableSwap::<2>::new(1e7).unwrap();
        let out = curve.out_given_in(&[1e-3, 1e3], 0, 1, 500.0).unwrap();
        let back = curve.in_given_out(&[1e-3, 1e3], 0, 1, out).unwrap();
        assert!((back / 500.0 - 1.0).abs() < 1e-13, "{back}");
    }

    #[test]
    fn rates_scale_the_coins() {
        // A coin worth 2 behaves like twice the coin.
        let plain = StableSwap::<2>::new(50.0).unwrap();
        let rated = StableSwap::with_rates(50.0, [2.0, 1.0]).unwrap();
        let expected = plain.out_given_in(&[200.0, 300.0], 0, 1, 20.0).unwrap();
        let found = rated.out_given_in(&[100.0, 300.0], 0, 1, 10.0).unwrap();
        assert!((found / expected - 1.0).abs() < 1e-14);
        let price = rated.spot_price(&[100.0, 300.0], 0, 1).unwrap();
        assert!((price / 2.0 / plain.spot_price(&[200.0, 300.0], 0, 1).unwrap() - 1.0).abs() < 1e-14);
    }

    prop_compose! {
        fn pool()(
            power in -2.0..4.0_f64, scale in 1e-3..1e9_f64, skew in prop::array::uniform3(-3.0..3.0_f64),
        ) -> (f64, [f64; 3]) {
            (libm::pow(10.0, power), skew.map(|power| scale * libm::pow(10.0, power)))
        }
    }

    proptest! {
        #[test]
        fn the_invariant_solves_its_equation((amplification, balances) in pool()) {
            let d = invariant(amplification, &balances).unwrap();
            prop_assert!(residual(amplification, &balances, d).abs() < 1e-13);
            prop_assert!(d <= balances.iter().sum());
        }

        #[test]
        fn the_invariant_is_homogeneous((amplification, balances) in pool(), factor in 1e-6..1e6_f64) {
            let d = invariant(amplification, &balances).unwrap();
            let scaled = invariant(amplification, &balances.map(|balance| balance * factor)).unwrap();
            prop_assert!((scaled / (d * factor) - 1.0).abs() < 1e-13);
        }

        #[test]
        fn extremes_converge_or_are_refused(
            amplification in 1e-6..1e9_f64, powers in prop::array::uniform4(-150.0..150.0_f64), share in 1e-12..1e12_f64,
        ) {
            let balances = powers.map(|power| libm::pow(10.0, power));
            let curve = StableSwap::<4>::new(amplification).unwrap();
            if let Ok(d) = curve.invariant(&balances) {
                prop_assert!(d > 0.0 && d.is_finite());
            }
            if let Ok(out) = curve.out_given_in(&balances, 0, 1, balances[0] * share) {
                prop_assert!(out >= 0.0 && out < balances[1]);
            }
            if let Ok(input) = curve.in_given_out(&balances, 0, 1, balances[1] * share) {
                prop_assert!(input >= 0.0 && input.is_finite());
            }
            if let Ok(price) = curve.spot_price(&balances, 0, 1) {
                prop_assert!(price > 0.0 && price.is_finite());
            }
        }

        #[test]
        fn a_swap_keeps_the_invariant((amplification, balances) in pool(), share in 1e-9..3.0_f64) {
            let curve = StableSwap::<3>::new(amplification).unwrap();
            let done = curve.exchange(&balances, 0, 2, balances[0] * share, &OutputFee::NONE).unwrap();
            let (before, after) = (curve.invariant(&balances).unwrap(), curve.invariant(&done.balances).unwrap());
            let slack = 1e-13 * balances[2] / done.balances[2];
            prop_assert!((after / before - 1.0).abs() < slack, "{after} after {before}");
        }

        #[test]
        fn a_fee_makes_the_invariant_grow((amplification, balances) in pool(), share in 1e-3..1.0_f64, admin in 0.0..0.9_f64) {
            let curve = StableSwap::<3>::new(amplification).unwrap();
            let fee = OutputFee { rate: 0.01, admin_share: admin, off_peg_multiplier: 2.0 };
            let done = curve.exchange(&balances, 1, 0, balances[1] * share, &fee).unwrap();
            prop_assert!(curve.invariant(&done.balances).unwrap() > curve.invariant(&balances).unwrap() * (1.0 - 1e-13));
            let moved = balances[0] - done.balances[0];
            prop_assert!((moved - done.paid - done.admin).abs() <= 1e-15 * balances[0]);
        }

        #[test]
        fn in_undoes_out_for_the_smallest_trades((amplification, balances) in pool(), power in -9.0..0.0_f64) {
            let curve = StableSwap::<3>::new(amplification).unwrap();
            let amount = balances[0] * libm::pow(10.0, power);
            let out = curve.out_given_in(&balances, 0, 1, amount).unwrap();
            let back = curve.in_given_out(&balances, 0, 1, out).unwrap();
            prop_assert!((back / amount - 1.0).abs() < 1e-11 * balances[1] / (balances[1] - out), "{back} for {amount}");
        }

        #[test]
        fn the_swap_is_the_balance_at_the_invariant((amplification, balances) in pool(), share in 0.01..1.0_f64) {
            let curve = StableSwap::<3>::new(amplification).unwrap();
            let d = curve.invariant(&balances).unwrap();
            let out = curve.out_given_in(&balances, 0, 1, balances[0] * share).unwrap();
            let mut after = balances;
            after[0] *= 1.0 + share;
            let left = balance_at(amplification, &after, 1, d).unwrap();
            prop_assert!((balances[1] - left - out).abs() < 1e-11 * balances.iter().sum::<f64>());
        }

        #[test]
        fn the_spot_price_is_the_derivative((amplification, balances) in pool()) {
            let curve = StableSwap::<3>::new(amplification).unwrap();
            let step = 1e-6 * balances[0].min(balances[1]);
            let up = curve.out_given_in(&balances, 0, 1, step).unwrap();
            let down = curve.in_given_out(&balances, 1, 0, step).unwrap();
            let price = curve.spot_price(&balances, 0, 1).unwrap();
            prop_assert!((0.5 * (up + down) / step / price - 1.0).abs() < 1e-8);
        }
    }
}
