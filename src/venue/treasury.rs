//! The f(x) treasury in the world.

use serde::{Deserialize, Serialize};

use super::{Deal, Refusal};
use crate::protocol::fx::StressMode;
use crate::quantity::{Amount, AssetId};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;
use crate::world::oracle::Oracle;

/// What can be done at the treasury. Sizes are base collateral (ETH), fETH or xETH as the field says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum FxAction {
    /// Deposit collateral, receive fETH.
    MintFeth {
        /// Collateral paid.
        collateral: Size,
    },
    /// Deposit collateral, receive xETH.
    MintXeth {
        /// Collateral paid.
        collateral: Size,
    },
    /// Burn fETH, receive collateral.
    RedeemFeth {
        /// fETH paid.
        feth: Size,
    },
    /// Burn xETH, receive collateral.
    RedeemXeth {
        /// xETH paid.
        xeth: Size,
    },
    /// Mint xETH in stability mode with an incentive paid by fETH holders.
    AddCollateral {
        /// Collateral paid.
        collateral: Size,
    },
    /// Redeem fETH in user-rebalance mode with an incentive paid by the remaining fETH holders.
    Liquidate {
        /// fETH paid.
        feth: Size,
    },
    /// Keeper: settle the fETH NAV at the oracle's price.
    Settle,
    /// Keeper: buy fETH in the market with reserve or treasury collateral and burn it.
    ProtocolRebalance,
    /// Keeper: redeem fETH staked in the rebalance pool until the pool's ratio is restored.
    LiquidateRebalancePool,
    /// Keeper: hand out the collateral's staking yield.
    Harvest,
    /// Stake fETH in the rebalance pool.
    StakeFeth {
        /// fETH staked.
        feth: Size,
    },
    /// Begin to withdraw staked fETH (first generation: a delay follows; second: at once).
    UnstakeFeth {
        /// fETH withdrawn, at most what is left of the stake.
        feth: Size,
    },
    /// Collect unlocked fETH, and the collateral that liquidations brought.
    CollectStake,
}

/// What anybody can see of the treasury now. Ratios and prices in units; fees as shares (0.01 is 1 %).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FxView {
    /// Oracle price of the collateral, dollars.
    pub collateral_price: f64,
    /// False while the oracle's answer does not count.
    pub oracle_valid: bool,
    /// Collateral held, units.
    pub collateral: f64,
    /// fETH supply, units.
    pub feth_supply: f64,
    /// xETH supply, units.
    pub xeth_supply: f64,
    /// NAV of fETH, dollars.
    pub feth_nav: f64,
    /// NAV of xETH, dollars; zero under water.
    pub xeth_nav: f64,
    /// Value of the collateral over the value of all fETH; `None` without fETH.
    pub collateral_ratio: Option<f64>,
    /// Leverage of xETH; `None` where undefined.
    pub leverage: Option<f64>,
    /// The stress mode.
    pub mode: StressMode,
    /// Fee that the next small mint of fETH pays.
    pub feth_mint_fee: f64,
    /// Fee that the next small mint of xETH pays.
    pub xeth_mint_fee: f64,
    /// Fee that the next small redemption of fETH pays.
    pub feth_redeem_fee: f64,
    /// Fee that the next small redemption of xETH pays.
    pub xeth_redeem_fee: f64,
    /// Whether fETH can be minted now.
    pub feth_mint_open: bool,
    /// Whether xETH can be redeemed now.
    pub xeth_redeem_open: bool,
    /// Extra value, as a share, for adding collateral now (incentive or reserve bonus); zero outside stress.
    pub xeth_mint_bonus: f64,
    /// Extra value, as a share, for redeeming or liquidating fETH now; zero outside stress.
    pub feth_redeem_bonus: f64,
    /// Seconds since the fETH NAV was last settled.
    pub settled_seconds_ago: i64,
    /// fETH staked in the rebalance pool, units.
    pub staked_feth: f64,
}

/// The accounts and assets of a treasury.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreasuryAssets {
    /// The collateral (ETH).
    pub collateral: AssetId,
    /// The quiet token.
    pub feth: AssetId,
    /// The levered token.
    pub xeth: AssetId,
}

/// An f(x) treasury.
#[derive(Debug, Clone, PartialEq)]
pub struct Treasury {
    /// Its vault.
    pub account: AccountId,
    /// What it deals in.
    pub assets: TreasuryAssets,
}

impl Treasury {
    /// What anybody can see now; `None` before genesis.
    #[must_use]
    pub fn view(&self, _ledger: &Ledger, _oracle: &Oracle, _clock: &Clock) -> Option<FxView> {
        None
    }

    /// What `action` would pay out now for an input of `amount` units, or why it would be refused. Changes nothing.
    ///
    /// # Errors
    /// The refusal that performing it would meet (balances of the sender apart).
    pub fn quote(
        &self,
        _ledger: &Ledger,
        _oracle: &Oracle,
        _clock: &Clock,
        _action: FxAction,
        _amount: f64,
    ) -> Result<f64, Refusal> {
        Ok(0.0)
    }

    /// What `account` has staked in the rebalance pool (compounded), and the collateral waiting for it, in units.
    #[must_use]
    pub fn stake_of(&self, _account: AccountId) -> (f64, f64) {
        (0.0, 0.0)
    }

    pub(super) fn perform(
        &mut self,
        _deal: &mut Deal<'_>,
        _actor: AccountId,
        _action: FxAction,
        _previous: Amount,
    ) -> Result<Amount, Refusal> {
        Ok(Amount::ZERO)
    }
}
