//! Joining and leaving a StableSwap pool.
//!
//! Liquidity is a share of `D`. A join or an exit in other proportions than the pool's is in part a swap, so each
//! coin pays `f n / (4 (n - 1))` on its distance from the balance it would have had in proportion; the admin part of
//! that leaves the pool, the rest raises the worth of everybody's liquidity.
//!
//! | symbol | code |
//! |---|---|
//! | D0, D1, D2 | invariant before, with the amounts moved, and after the fees |
//! | T | `supply` of liquidity |
//! | f n / (4 (n - 1)) | [`OutputFee::imbalance_rate`] |
//!
//! Source: Curve `StableSwap3Pool.vy`.

use super::error::{SwapError, positive};
use super::fees::OutputFee;
use super::stable_swap::{StableSwap, balance_at};

/// A join or an exit, carried out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiquidityChange<const N: usize> {
    /// Liquidity minted by a join or burned by an exit.
    pub liquidity: f64,
    /// Coins brought or paid.
    pub amounts: [f64; N],
    /// Fee of each coin, inside the pool and outside it.
    pub fees: [f64; N],
    /// Balances after.
    pub balances: [f64; N],
}

impl<const N: usize> StableSwap<N> {
    /// Worth of one unit of liquidity: `D / T`. It never falls by trading.
    ///
    /// # Errors
    /// As [`StableSwap::invariant`].
    pub fn virtual_price(&self, balances: &[f64; N], supply: f64) -> Result<f64, SwapError> {
        Ok(self.invariant(balances)? / positive(supply, SwapError::Reserves)?)
    }

    /// Mints liquidity for `amounts`: `T (D2 - D0) / D0`, or `D1` into an empty pool (`supply` 0), which needs every
    /// coin.
    ///
    /// # Errors
    /// As [`StableSwap::invariant`]; [`SwapError::Amount`] for a negative amount, [`SwapError::Dust`] where nothing is minted,
    /// [`SwapError::Fee`].
    pub fn add_liquidity(
        &self,
        balances: &[f64; N],
        amounts: &[f64; N],
        supply: f64,
        fee: &OutputFee,
    ) -> Result<LiquidityChange<N>, SwapError> {
        check_amounts(amounts)?;
        fee.check()?;
        let moved = std::array::from_fn(|coin| balances[coin] + amounts[coin]);
        if supply == 0.0 {
            if !amounts.iter().all(|&amount| amount > 0.0) {
                return Err(SwapError::Amount);
            }
            let liquidity = self.invariant(&moved)?;
            return Ok(LiquidityChange { liquidity, amounts: *amounts, fees: [0.0; N], balances: moved });
        }
        let (change, fees, after) = self.uneven(balances, &moved, fee)?;
        let liquidity = positive(positive(supply, SwapError::Reserves)? * change, SwapError::Dust)?;
        Ok(LiquidityChange { liquidity, amounts: *amounts, fees, balances: after })
    }

    /// Burns the liquidity that pays exactly `amounts`: `T (D0 - D2) / D0`.
    ///
    /// # Errors
    /// As [`Self::add_liquidity`]; [`SwapError::InsufficientLiquidity`] where a balance or the supply does not suffice.
    pub fn remove_imbalance(
        &self,
        balances: &[f64; N],
        amounts: &[f64; N],
        supply: f64,
        fee: &OutputFee,
    ) -> Result<LiquidityChange<N>, SwapError> {
        check_amounts(amounts)?;
        fee.check()?;
        if (0..N).any(|coin| amounts[coin] >= balances[coin]) {
            return Err(SwapError::InsufficientLiquidity);
        }
        let moved = std::array::from_fn(|coin| balances[coin] - amounts[coin]);
        let (change, fees, after) = self.uneven(balances, &moved, fee)?;
        let liquidity = positive(-positive(supply, SwapError::Reserves)? * change, SwapError::Dust)?;
        if liquidity > supply {
            return Err(SwapError::InsufficientLiquidity);
        }
        Ok(LiquidityChange { liquidity, amounts: *amounts, fees, balances: after })
    }

    /// Relative change of `D` after the imbalance fees, the fees, and the balances less the admin part.
    fn uneven(
        &self,
        balances: &[f64; N],
        moved: &[f64; N],
        fee: &OutputFee,
    ) -> Result<(f64, [f64; N], [f64; N]), SwapError> {
        let before = self.invariant(balances)?;
        let growth = self.invariant(moved)? / before;
        let rate = fee.imbalance_rate(N);
        let fees: [f64; N] = std::array::from_fn(|coin| rate * (growth * balances[coin] - moved[coin]).abs());
        let charged: [f64; N] = std::array::from_fn(|coin| moved[coin] - fees[coin]);
        let after = std::array::from_fn(|coin| moved[coin] - fees[coin] * fee.admin_share);
        Ok(((self.invariant(&charged)? - before) / before, fees, after))
    }

    /// Burns `liquidity` for its share of every coin. No fee.
    ///
    /// # Errors
    /// [`SwapError::Amount`], [`SwapError::Reserves`]; [`SwapError::InsufficientLiquidity`] above the supply.
    pub fn remove_liquidity(
        &self,
        balances: &[f64; N],
        liquidity: f64,
        supply: f64,
    ) -> Result<LiquidityChange<N>, SwapError> {
        positive(liquidity, SwapError::Amount)?;
        positive(supply, SwapError::Reserves)?;
        if liquidity > supply {
            return Err(SwapError::InsufficientLiquidity);
        }
        balances.iter().try_for_each(|&balance| positive(balance, SwapError::Reserves).map(drop))?;
        let share = liquidity / supply;
        let amounts = balances.map(|balance| balance * share);
        let after = std::array::from_fn(|coin| balances[coin] - amounts[coin]);
        Ok(LiquidityChange { liquidity, amounts, fees: [0.0; N], balances: after })
    }

    /// Burns `liquidity` for `coin` alone.
    ///
    /// The invariant falls to `D1 = D0 (1 - l/T)`. Every balance is first charged the imbalance rate on its distance from
    /// proportion; the coin then pays what takes the charged balances down to `D1`.
    ///
    /// # Errors
    /// As [`StableSwap::invariant`]; [`SwapError::Amount`], [`SwapError::Coin`], [`SwapError::Fee`];
    /// [`SwapError::InsufficientLiquidity`] for the whole supply or more; [`SwapError::Dust`].
    pub fn remove_one_coin(
        &self,
        balances: &[f64; N],
        liquidity: f64,
        coin: usize,
        supply: f64,
        fee: &OutputFee,
    ) -> Result<LiquidityChange<N>, SwapError> {
        fee.check()?;
        positive(liquidity, SwapError::Amount)?;
        positive(supply, SwapError::Reserves)?;
        if coin >= N {
            return Err(SwapError::Coin);
        }
        if liquidity >= supply {
            return Err(SwapError::InsufficientLiquidity);
        }
        let before = self.invariant(balances)?;
        let worth = self.worth(balances);
        let share = liquidity / supply;
        let target = before * (1.0 - share);
        let free = balance_at(self.amplification, &worth, coin, target)?;
        let rate = fee.imbalance_rate(N);
        let charged: [f64; N] = std::array::from_fn(|index| {
            let distance =
                if index == coin { worth[index] * (1.0 - share) - free } else { worth[index] * share };
            worth[index] - rate * distance
        });
        let left = balance_at(self.amplification, &charged, coin, target)?;
        let paid = (charged[coin] - left) / self.rates[coin];
        let charge = (worth[coin] - free) / self.rates[coin] - paid;
        positive(paid, SwapError::Dust)?;
        let (mut amounts, mut fees, mut after) = ([0.0; N], [0.0; N], *balances);
        amounts[coin] = paid;
        fees[coin] = charge;
        after[coin] -= paid + charge * fee.admin_share;
        Ok(LiquidityChange { liquidity, amounts, fees, balances: after })
    }
}

/// Refuses amounts that are negative or not finite, and a set of zeros.
fn check_amounts(amounts: &[f64]) -> Result<(), SwapError> {
    let sound = amounts.iter().all(|&amount| (0.0..f64::INFINITY).contains(&amount));
    if sound && amounts.iter().any(|&amount| amount > 0.0) { Ok(()) } else { Err(SwapError::Amount) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FEE: OutputFee = OutputFee { rate: 0.0004, admin_share: 0.5, off_peg_multiplier: 1.0 };

    #[test]
    fn the_first_deposit_is_its_invariant_and_a_proportional_one_is_free() {
        let curve = StableSwap::<3>::new(100.0).unwrap();
        let first = curve.add_liquidity(&[0.0; 3], &[10.0, 10.0, 10.0], 0.0, &FEE).unwrap();
        assert_eq!(first.liquidity, 30.0);
        let second = curve.add_liquidity(&[10.0; 3], &[1.0; 3], 30.0, &FEE).unwrap();
        assert!((second.liquidity - 3.0).abs() < 1e-14);
        assert!(second.fees.iter().all(|fee| fee.abs() < 1e-15));
        assert_eq!(curve.virtual_price(&second.balances, 33.0).map(|price| (price * 1e12).round()), Ok(1e12));
    }

    #[test]
    fn refusals() {
        let curve = StableSwap::<2>::new(100.0).unwrap();
        let pool = [10.0, 10.0];
        assert_eq!(curve.add_liquidity(&[0.0; 2], &[1.0, 0.0], 0.0, &FEE), Err(SwapError::Amount));
        assert_eq!(curve.add_liquidity(&pool, &[0.0, 0.0], 20.0, &FEE), Err(SwapError::Amount));
        assert_eq!(curve.add_liquidity(&pool, &[1.0, -1.0], 20.0, &FEE), Err(SwapError::Amount));
        assert_eq!(
            curve.remove_imbalance(&pool, &[10.0, 0.0], 20.0, &FEE),
            Err(SwapError::InsufficientLiquidity)
        );
        assert_eq!(curve.remove_liquidity(&pool, 21.0, 20.0), Err(SwapError::InsufficientLiquidity));
        assert_eq!(curve.remove_one_coin(&pool, 20.0, 0, 20.0, &FEE), Err(SwapError::InsufficientLiquidity));
        assert_eq!(curve.remove_one_coin(&pool, 1.0, 2, 20.0, &FEE), Err(SwapError::Coin));
        assert_eq!(curve.remove_one_coin(&pool, f64::NAN, 0, 20.0, &FEE), Err(SwapError::Amount));
        let broken = OutputFee { rate: f64::NAN, ..FEE };
        assert_eq!(curve.remove_one_coin(&pool, 1.0, 0, 20.0, &broken), Err(SwapError::Fee));
    }

    prop_compose! {
        fn pool()(amplification in 1.0..2000.0_f64, scale in 1.0..1e9_f64, skew in prop::array::uniform3(0.05..1.0_f64))
            -> (StableSwap<3>, [f64; 3])
        {
            (StableSwap::new(amplification).unwrap(), skew.map(|share| share * scale))
        }
    }

    proptest! {
        #[test]
        fn the_virtual_price_never_falls(
            (curve, balances) in pool(), parts in prop::array::uniform3(0.001..0.5_f64), coin in 0_usize..3,
        ) {
            let supply = curve.invariant(&balances).unwrap();
            let price = curve.virtual_price(&balances, supply).unwrap();
            let amounts = std::array::from_fn(|index| balances[index] * parts[index]);
            let join = curve.add_liquidity(&balances, &amounts, supply, &FEE).unwrap();
            let joined = curve.virtual_price(&join.balances, supply + join.liquidity).unwrap();
            prop_assert!(joined >= price * (1.0 - 1e-13), "{joined} after {price}");
            let exit = curve.remove_imbalance(&balances, &amounts, supply, &FEE).unwrap();
            let left = curve.virtual_price(&exit.balances, supply - exit.liquidity).unwrap();
            prop_assert!(left >= price * (1.0 - 1e-13), "{left} after {price}");
            let one = curve.remove_one_coin(&balances, supply * parts[0], coin, supply, &FEE).unwrap();
            let alone = curve.virtual_price(&one.balances, supply * (1.0 - parts[0])).unwrap();
            prop_assert!(alone >= price * (1.0 - 1e-13), "{alone} after {price}");
        }

        #[test]
        fn without_a_fee_exits_undo_joins((curve, balances) in pool(), parts in prop::array::uniform3(0.001..0.5_f64)) {
            let supply = curve.invariant(&balances).unwrap();
            let amounts = std::array::from_fn(|index| balances[index] * parts[index]);
            let join = curve.add_liquidity(&balances, &amounts, supply, &OutputFee::NONE).unwrap();
            let exit =
                curve.remove_imbalance(&join.balances, &amounts, supply + join.liquidity, &OutputFee::NONE).unwrap();
            prop_assert!((exit.liquidity / join.liquidity - 1.0).abs() < 1e-10);
        }

        #[test]
        fn one_coin_out_is_an_uneven_exit_without_fee((curve, balances) in pool(), share in 0.001..0.3_f64) {
            let supply = curve.invariant(&balances).unwrap();
            let one = curve.remove_one_coin(&balances, supply * share, 1, supply, &OutputFee::NONE).unwrap();
            let exit = curve.remove_imbalance(&balances, &one.amounts, supply, &OutputFee::NONE).unwrap();
            prop_assert!((exit.liquidity / (supply * share) - 1.0).abs() < 1e-10);
        }
    }
}
