//! The f(x) treasury in the world: mints, redemptions and settlement on the ledger.
//!
//! The collateral and both supplies are ledger balances; the treasury itself remembers only its mark. The arithmetic is
//! [`crate::protocol::fx`]'s; here amounts become atoms, rounded in the treasury's favour: what users pay is rounded up,
//! what they receive is rounded down.

mod verbs;

use super::staking::{StakePool, Staking};
use crate::protocol::fx::{
    self, Conditions, Holdings, LeverageEma, Mark, OraclePrice, PriceUse, Rules, State, StressMode, Valuation,
};
use crate::quantity::AssetId;
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;
use crate::world::oracle::Oracle;

/// What can be done at the treasury. Sizes are base collateral (ETH), fETH or xETH as the field says.
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// The accounts of a treasury.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreasuryAccounts {
    /// The collateral behind both tokens.
    pub vault: AccountId,
    /// Fees and surplus.
    pub platform: AccountId,
    /// Collateral that pays bonuses and protocol rebalances.
    pub reserve: AccountId,
    /// fETH staked in the rebalance pool and the collateral that its liquidations brought.
    pub stakes: AccountId,
    /// Staking yield of the collateral, until it is harvested.
    pub staking_yield: AccountId,
    /// Collateral with which the protocol can be recapitalised.
    pub recapitaliser: AccountId,
}

/// The assets of a treasury.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreasuryAssets {
    /// The collateral (ETH).
    pub collateral: AssetId,
    /// The quiet token.
    pub feth: AssetId,
    /// The levered token.
    pub xeth: AssetId,
}

/// What a treasury remembers and a failed transaction restores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreasuryRecord {
    /// The settled NAV, the settled price and the leverage average.
    pub mark: Mark,
    /// When the NAV was last settled, in seconds since the start.
    pub settled_at_seconds: i64,
    /// Settlements since the start.
    pub settlements: u32,
    /// The rebalance pool's record, if there is a pool.
    pub pool: Option<StakePool>,
    /// Collateral charged as fees since the start, units.
    pub fees: f64,
    /// Collateral paid as bonuses from the reserve since the start, units.
    pub bonuses: f64,
    /// Dollars that fETH holders lost to incentives since the start.
    pub incentives_usd: f64,
    /// fETH burned by the rebalance pool and by protocol rebalances since the start, units.
    pub rebalanced_feth: f64,
    /// Collateral spent on recapitalisation since the start, units.
    pub recapitalised: f64,
}

/// An f(x) treasury.
#[derive(Debug, Clone, PartialEq)]
pub struct Treasury {
    /// Its accounts.
    pub accounts: TreasuryAccounts,
    /// What it deals in.
    pub assets: TreasuryAssets,
    /// The place of the collateral among the oracle's assets.
    pub feed: usize,
    /// The parameters in force.
    pub rules: Rules,
    /// The rebalance pool.
    pub staking: Staking,
    /// What it remembers.
    pub record: TreasuryRecord,
}

impl Treasury {
    /// A treasury before genesis, its price initialised at `price`.
    #[must_use]
    pub fn new(
        accounts: TreasuryAccounts,
        assets: TreasuryAssets,
        feed: usize,
        rules: Rules,
        staking: Staking,
        price: f64,
    ) -> Self {
        let mark = Mark { feth_nav: 1.0, price, leverage: LeverageEma::new(0) };
        let record = TreasuryRecord {
            mark,
            settled_at_seconds: 0,
            settlements: 0,
            pool: staking.opening_pool(),
            fees: 0.0,
            bonuses: 0.0,
            incentives_usd: 0.0,
            rebalanced_feth: 0.0,
            recapitalised: 0.0,
        };
        Self { accounts, assets, feed, rules, staking, record }
    }

    /// Balances and mark, as the protocol sees them.
    #[must_use]
    pub fn state(&self, ledger: &Ledger) -> State {
        State {
            holdings: Holdings {
                collateral: ledger.units(self.accounts.vault, self.assets.collateral),
                feth_supply: ledger.supply_units(self.assets.feth),
                xeth_supply: ledger.supply_units(self.assets.xeth),
            },
            mark: self.record.mark,
        }
    }

    /// What the protocol sees of the world now.
    #[must_use]
    pub fn conditions(&self, ledger: &Ledger, oracle: &Oracle, clock: &Clock) -> Conditions {
        let answer = oracle.answer(self.feed);
        Conditions {
            oracle: OraclePrice {
                valid: answer.valid,
                safe: answer.price,
                min: answer.low,
                max: answer.high,
            },
            now_seconds: clock.now_seconds(),
            rate: 1.0,
            reserve_balance: ledger.units(self.accounts.reserve, self.assets.collateral),
            feth_staked: self.record.pool.map_or(0.0, |pool| pool.staked()),
        }
    }

    /// The claims at the oracle's safe price; `None` where the protocol cannot value them.
    #[must_use]
    pub fn valuation(&self, ledger: &Ledger, oracle: &Oracle, clock: &Clock) -> Option<Valuation> {
        let price = self.conditions(ledger, oracle, clock).oracle.price_for(PriceUse::View).ok()?;
        Valuation::at(&self.state(ledger), &self.rules, price).ok()
    }

    /// What anybody can see now; `None` before genesis, and while the contracts' views refuse (policy `Revert`, under
    /// water).
    #[must_use]
    pub fn view(&self, ledger: &Ledger, oracle: &Oracle, clock: &Clock) -> Option<FxView> {
        let now = self.conditions(ledger, oracle, clock);
        let value = self.valuation(ledger, oracle, clock)?;
        if value.collateral <= 0.0 {
            return None;
        }
        let (rules, ratio) = (&self.rules, value.collateral_ratio());
        let mode = StressMode::at(ratio, &rules.thresholds);
        let stressed = mode != StressMode::Normal;
        let fee = |pair: fx::FeePair, raised: bool| if raised { pair.stressed() } else { pair.default };
        let rescue = stressed && mode < StressMode::Recapitalisation;
        let may_pay_bonus = stressed
            && now.reserve_balance > 0.0
            && !(rules.generation.bonus_needs_empty_pools() && now.feth_staked > 0.0);
        let bonus = if may_pay_bonus { rules.bonus_ratio } else { 0.0 };
        let add_incentive = if rescue { rules.incentives.stability } else { 0.0 };
        let redeem_incentive =
            if rescue && mode >= StressMode::UserRebalance { rules.incentives.user_rebalance } else { 0.0 };
        let redeem_bonus = if rules.generation.bonus_on_feth_redeem() { bonus } else { 0.0 };
        let at_threshold = ratio <= rules.thresholds.stability;
        let mints = !rules.pauses.mint && !value.is_under_water();
        let redemptions = !rules.pauses.redeem && !value.is_under_water();
        let share = value.feth_supply * value.feth_nav / (value.collateral * value.price);
        Some(FxView {
            collateral_price: value.price,
            oracle_valid: now.oracle.valid,
            collateral: value.collateral,
            feth_supply: value.feth_supply,
            xeth_supply: value.xeth_supply,
            feth_nav: value.feth_nav,
            xeth_nav: value.xeth_nav,
            collateral_ratio: ratio.is_finite().then_some(ratio),
            leverage: fx::leverage_white_paper(rules.beta, share),
            mode,
            feth_mint_fee: fee(rules.fees.feth_mint, stressed),
            xeth_mint_fee: fee(rules.fees.xeth_mint, stressed),
            feth_redeem_fee: fee(rules.fees.feth_redeem, stressed),
            xeth_redeem_fee: fee(rules.fees.xeth_redeem, stressed),
            feth_mint_open: now.oracle.valid
                && mints
                && !(rules.pauses.feth_mint_in_stability && at_threshold),
            xeth_redeem_open: redemptions && !(rules.pauses.xeth_redeem_in_stability && at_threshold),
            xeth_mint_bonus: bonus.max(add_incentive),
            feth_redeem_bonus: redeem_bonus.max(redeem_incentive),
            settled_seconds_ago: clock.now_seconds() - self.record.settled_at_seconds,
            staked_feth: now.feth_staked,
        })
    }
}
