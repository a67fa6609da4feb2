//! The keeper (bot): makes the calls that the f(x) treasury cannot make by itself.
//!
//! It sees how old the settled NAV is, how far the collateral's price has moved since, the stress mode and what a call
//! would pay. Two kinds of call:
//!
//! - *duties* of a whitelisted keeper, which pay nothing: settling the NAV, liquidating the rebalance pool, the protocol
//!   rebalance. A keeper that has a duty does it and bears the gas.
//! - *paid calls*: harvesting the staking yield for its bounty, rolling the vault of a staking pool for its, and rescues for
//!   a reward from outside. They are made when
//!   reward less gas less bid is at least the keeper's minimum; keepers compete for them by fee, and a refused call costs
//!   nothing.
//!
//! Settling is not neutral: each settlement between two price moves changes who bears them (`feth_nav` compounds), so that
//! interval and threshold are parameters of the experiment as much as of the keeper. Who calls, and for what: contracts of
//! f(x) v1, `Treasury.protocolSettle`, `HarvestableTreasury.harvest`, `RebalancePool.liquidate`.

mod rolls;

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
pub use rolls::Roll;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::fx::StressMode;
use crate::quantity::{Amount, SECONDS_PER_HOUR};
use crate::venue::execute::Network;
use crate::venue::treasury::{FxAction, FxView, Treasury};
use crate::venue::{Action, Mempool};
use crate::world::mempool::{MinimumGain, Terms};
use crate::world::phase::Stage;

/// A keeper.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct Keeper {
    /// It settles the NAV, unpaid.
    pub duty_settles: bool,
    /// It liquidates the rebalance pool and runs the protocol rebalance, unpaid.
    pub duty_rescues: bool,
    /// It settles a NAV older than this, in hours.
    pub settle_interval_hours: f32,
    /// It settles when the collateral's price has moved this far since, in percent.
    pub settle_move_percent: f32,
    /// What a paid call must leave after gas and bid, in dollars.
    pub min_profit_usd: f32,
    /// The part of the expected profit that it bids for priority.
    pub bid_share: f32,
    /// What a rescue brings it from outside the simulated books, in dollars.
    pub rescue_reward_usd: f32,
}

/// What keepers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeeperProfile {
    /// Probability of being awake in a tick, 0 to 1.
    pub alertness: Dist,
    /// What it owns at the start; gas is paid in dollars.
    pub endowment: Endowment,
    /// It settles the NAV, unpaid.
    pub duty_settles: bool,
    /// It liquidates the rebalance pool and runs the protocol rebalance, unpaid.
    pub duty_rescues: bool,
    /// It settles a NAV older than this, in hours. Keepers with the same interval settle twice and both pay gas.
    pub settle_interval_hours: Dist,
    /// It settles when the collateral's price has moved this far since the last settlement, in percent.
    pub settle_move_percent: Dist,
    /// What a paid call must leave after gas and bid, in dollars.
    pub min_profit_usd: Dist,
    /// The part of the expected profit that it bids for priority, 0 to 1.
    pub bid_share: Dist,
    /// What a rescue brings it from outside the simulated books, in dollars (the first bots were paid 2, later 1 FXN).
    #[serde(default = "nothing")]
    pub rescue_reward_usd: Dist,
}

fn nothing() -> Dist {
    Dist::Constant(0.0)
}

impl Archetype for Keeper {
    const KIND: &'static str = "keeper";
    type Profile = KeeperProfile;

    fn problems(profile: &KeeperProfile) -> Vec<ProfileProblem> {
        Check::default()
            .law("alertness", &profile.alertness, 0.0, 1.0)
            .endowment(&profile.endowment)
            .law("settle_interval_hours", &profile.settle_interval_hours, 0.0, f64::INFINITY)
            .law("settle_move_percent", &profile.settle_move_percent, 0.0, f64::INFINITY)
            .law("min_profit_usd", &profile.min_profit_usd, 0.0, f64::INFINITY)
            .law("bid_share", &profile.bid_share, 0.0, 1.0)
            .law("rescue_reward_usd", &profile.rescue_reward_usd, 0.0, f64::INFINITY)
            .done()
    }

    fn endowment(profile: &KeeperProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &KeeperProfile,
        _around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        Ok(Drawn {
            activity: profile.alertness.sample(random),
            wealth_usd: profile.endowment.wealth_usd.sample(random),
            agent: Self {
                duty_settles: profile.duty_settles,
                duty_rescues: profile.duty_rescues,
                settle_interval_hours: profile.settle_interval_hours.sample(random) as f32,
                settle_move_percent: profile.settle_move_percent.sample(random) as f32,
                min_profit_usd: profile.min_profit_usd.sample(random) as f32,
                bid_share: profile.bid_share.sample(random) as f32,
                rescue_reward_usd: profile.rescue_reward_usd.sample(random) as f32,
            },
        })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::BotBlock, decide);
    }
}

/// What a keeper sees of a treasury.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// What anybody sees.
    pub view: FxView,
    /// How far the outside price of the collateral is from where it was at the last settlement, in percent.
    pub moved_percent: f64,
    /// Whether a settlement would go through now.
    pub can_settle: bool,
    /// Whether the rebalance pool could be liquidated now.
    pub can_liquidate: bool,
    /// Whether the protocol rebalance would go through now.
    pub can_rebalance: bool,
    /// What a harvest would pay its caller now, in collateral; `None` where it would be refused.
    pub bounty: Option<f64>,
}

/// A call worth making.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    /// What to do.
    pub action: FxAction,
    /// What to bid for priority, in dollars.
    pub bid_usd: f64,
    /// The collateral that the call must bring, in units; `None` for calls that pay none.
    pub least: Option<f64>,
}

/// The calls worth making now: settlement, liquidation of the rebalance pool, protocol rebalance, harvest.
#[must_use]
pub fn choose(keeper: &Keeper, sight: &Sight, gas_usd: f64) -> [Option<Call>; 4] {
    let view = &sight.view;
    let age_hours = view.settled_seconds_ago as f64 / SECONDS_PER_HOUR as f64;
    let due = age_hours >= f64::from(keeper.settle_interval_hours)
        || sight.moved_percent.abs() > f64::from(keeper.settle_move_percent);
    // A NAV settled this very moment needs no second settlement.
    let settles = keeper.duty_settles && sight.can_settle && due && view.settled_seconds_ago > 0;
    let settlement = settles.then_some(Call { action: FxAction::Settle, bid_usd: 0.0, least: None });

    let rescue = |action| {
        let paid = bid(keeper, f64::from(keeper.rescue_reward_usd), gas_usd);
        let bid_usd = if keeper.duty_rescues { Some(paid.unwrap_or(0.0)) } else { paid };
        bid_usd.map(|bid_usd| Call { action, bid_usd, least: None })
    };
    let stress = view.mode != StressMode::Normal;
    let liquidates = stress && view.staked_feth > 0.0 && sight.can_liquidate;
    let rebalances = view.mode == StressMode::ProtocolRebalance && sight.can_rebalance;
    [
        settlement,
        liquidates.then_some(FxAction::LiquidateRebalancePool).and_then(rescue),
        rebalances.then_some(FxAction::ProtocolRebalance).and_then(rescue),
        harvest(keeper, sight, gas_usd),
    ]
}

/// What to bid for a call that brings `reward_usd`; `None` if it does not leave the keeper's minimum.
fn bid(keeper: &Keeper, reward_usd: f64, gas_usd: f64) -> Option<f64> {
    let profit_usd = reward_usd - gas_usd;
    let bid_usd = (profit_usd * f64::from(keeper.bid_share)).max(0.0);
    let kept_usd = profit_usd - bid_usd;
    // False for NaN.
    (kept_usd > 0.0 && kept_usd >= f64::from(keeper.min_profit_usd)).then_some(bid_usd)
}

/// The harvest, if its bounty pays; it must then bring enough to cover gas, bid and minimum, so that the second of two
/// keepers is refused.
fn harvest(keeper: &Keeper, sight: &Sight, gas_usd: f64) -> Option<Call> {
    let price = sight.view.collateral_price;
    let bid_usd = bid(keeper, sight.bounty? * price, gas_usd)?;
    let least = (gas_usd + bid_usd + f64::from(keeper.min_profit_usd)) / price;
    Some(Call { action: FxAction::Harvest, bid_usd, least: Some(least) })
}

/// Sends the calls of those awake.
pub fn decide(mut awake: Awake<Keeper>, eyes: Eyes, network: Res<Network>, mut mempool: ResMut<Mempool>) {
    let dollars = eyes.ledger.asset(network.asset).decimals;
    let gas_usd = dollars.units(network.gas_per_action);
    let mut seen: Option<Option<Sight>> = None;
    let mut vaults: Option<Vec<Roll>> = None;
    awake.each(|id, keeper| {
        for roll in vaults.get_or_insert_with(|| rolls::look(&eyes)) {
            let to_dollars = |usd| dollars.floor(usd).unwrap_or(Amount::ZERO);
            if let Some((action, terms)) = rolls::choose(keeper, roll, gas_usd, to_dollars) {
                mempool.submit_on(id, &[action], terms);
            }
        }
        let Some(treasury) = &eyes.venues.treasury else { return };
        let collateral = treasury.assets.collateral;
        let Some(sight) = seen.get_or_insert_with(|| look(&eyes, treasury)) else { return };
        for call in choose(keeper, sight, gas_usd).iter().flatten() {
            let minimum_gain = call.least.map(|least| MinimumGain {
                asset: collateral,
                // A gain that does not fit the ledger cannot be reached: the call is then refused.
                amount: eyes.ledger.asset(collateral).decimals.ceil(least).unwrap_or(Amount::MAX),
            });
            let priority_fee = dollars.floor(call.bid_usd).unwrap_or(Amount::ZERO);
            mempool.submit_on(id, &[Action::Fx(call.action)], Terms { priority_fee, minimum_gain });
        }
    });
}

/// Looks at the treasury; `None` before genesis.
fn look(eyes: &Eyes<'_>, treasury: &Treasury) -> Option<Sight> {
    let view = treasury.view(&eyes.ledger, &eyes.oracle, &eyes.clock)?;
    // Calls of keepers take no input: the quote is what the caller receives.
    let ask = |action| treasury.quote(&eyes.ledger, &eyes.oracle, &eyes.clock, action, 0.0).ok();
    let feed =
        eyes.venues.exchange.listings().iter().find(|listing| listing.asset == treasury.assets.collateral)?;
    let ticks = view.settled_seconds_ago.max(0) / eyes.clock.tick_seconds();
    let ticks = u32::try_from(ticks).unwrap_or(u32::MAX);
    let (now, then) = (eyes.oracle.spot(feed.feed), eyes.oracle.spot_before(feed.feed, ticks));
    let stress = view.mode != StressMode::Normal;
    Some(Sight {
        view,
        moved_percent: (now / then - 1.0) * 100.0,
        can_settle: ask(FxAction::Settle).is_some(),
        can_liquidate: stress && ask(FxAction::LiquidateRebalancePool).is_some(),
        can_rebalance: stress && ask(FxAction::ProtocolRebalance).is_some(),
        bounty: ask(FxAction::Harvest),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAS_USD: f64 = 2.0;

    fn keeper() -> Keeper {
        Keeper {
            duty_settles: true,
            duty_rescues: true,
            settle_interval_hours: 24.0,
            settle_move_percent: 3.0,
            min_profit_usd: 5.0,
            bid_share: 0.5,
            rescue_reward_usd: 0.0,
        }
    }

    fn calm() -> Sight {
        Sight {
            view: FxView {
                collateral_price: 2_000.0,
                oracle_valid: true,
                collateral: 1_000.0,
                feth_supply: 1e6,
                xeth_supply: 1e6,
                feth_nav: 1.0,
                xeth_nav: 1.0,
                collateral_ratio: Some(2.0),
                leverage: Some(1.9),
                mode: StressMode::Normal,
                feth_mint_fee: 0.0025,
                xeth_mint_fee: 0.01,
                feth_redeem_fee: 0.0025,
                xeth_redeem_fee: 0.01,
                feth_mint_open: true,
                xeth_redeem_open: true,
                xeth_mint_bonus: 0.0,
                feth_redeem_bonus: 0.0,
                settled_seconds_ago: 3_600,
                staked_feth: 1_000.0,
            },
            moved_percent: 0.0,
            can_settle: true,
            can_liquidate: true,
            can_rebalance: true,
            bounty: Some(0.0),
        }
    }

    fn stressed(mode: StressMode) -> Sight {
        let mut sight = calm();
        sight.view.mode = mode;
        sight
    }

    fn actions(keeper: &Keeper, sight: &Sight) -> Vec<FxAction> {
        choose(keeper, sight, GAS_USD).iter().flatten().map(|call| call.action).collect()
    }

    #[test]
    fn an_old_nav_or_a_large_move_is_settled_by_whoever_has_the_duty() {
        assert_eq!(actions(&keeper(), &calm()), []);
        let mut old = calm();
        old.view.settled_seconds_ago = 24 * 3_600;
        assert_eq!(actions(&keeper(), &old), [FxAction::Settle]);
        for moved_percent in [3.1, -3.1] {
            assert_eq!(actions(&keeper(), &Sight { moved_percent, ..calm() }), [FxAction::Settle]);
        }
        assert_eq!(actions(&Keeper { duty_settles: false, ..keeper() }, &old), []);
        assert_eq!(actions(&keeper(), &Sight { can_settle: false, ..old }), [], "under water it would fail");
    }

    #[test]
    fn a_nav_settled_in_this_moment_is_left_alone() {
        let mut fresh = calm();
        fresh.view.settled_seconds_ago = 0;
        let eager = Keeper { settle_interval_hours: 0.0, ..keeper() };
        assert_eq!(actions(&eager, &fresh), []);
    }

    #[test]
    fn rescues_follow_the_mode() {
        let liquidation = FxAction::LiquidateRebalancePool;
        assert_eq!(actions(&keeper(), &stressed(StressMode::Stability)), [liquidation]);
        let worse = stressed(StressMode::ProtocolRebalance);
        assert_eq!(actions(&keeper(), &worse), [liquidation, FxAction::ProtocolRebalance]);
        assert_eq!(actions(&keeper(), &stressed(StressMode::Recapitalisation)), [liquidation]);
        let mut empty = stressed(StressMode::Stability);
        empty.view.staked_feth = 0.0;
        assert_eq!(actions(&keeper(), &empty), []);
    }

    #[test]
    fn without_the_duty_a_rescue_must_pay() {
        let free = Keeper { duty_rescues: false, ..keeper() };
        let stress = stressed(StressMode::Stability);
        assert_eq!(actions(&free, &stress), []);
        // 11 - 2 of gas leaves 9, half of which is bid: 4.50 is below the minimum of 5. At 12 it is met to the cent.
        assert_eq!(actions(&Keeper { rescue_reward_usd: 11.0, ..free }, &stress), []);
        let paid = Keeper { rescue_reward_usd: 12.0, ..free };
        let call = choose(&paid, &stress, GAS_USD)[1].unwrap();
        assert_eq!((call.action, call.bid_usd), (FxAction::LiquidateRebalancePool, 5.0));
    }

    #[test]
    fn the_yield_is_harvested_when_the_bounty_pays_and_never_for_less() {
        // 0.006 ETH are 12 dollars: 10 after gas, 5 bid, 5 kept.
        let call = choose(&keeper(), &Sight { bounty: Some(0.006), ..calm() }, GAS_USD)[3].unwrap();
        assert_eq!((call.action, call.bid_usd), (FxAction::Harvest, 5.0));
        assert!((call.least.unwrap() - 0.006).abs() < 1e-12, "gas, bid and minimum must come back");
        assert_eq!(actions(&keeper(), &Sight { bounty: Some(0.0059), ..calm() }), []);
        assert_eq!(actions(&keeper(), &Sight { bounty: None, ..calm() }), []);
    }

    #[test]
    fn a_keeper_is_small() {
        assert!(std::mem::size_of::<Keeper>() <= 100);
    }

    proptest! {
        /// What a paid call must bring always covers gas, bid and minimum, and is never more than expected.
        #[test]
        fn a_harvest_never_loses(
            bounty in 0.0..10.0_f64, price in 1.0..1e5_f64, gas in 0.0..100.0_f64, bid_share in 0.0..=1.0_f32,
            min_profit_usd in 0.0..100.0_f32,
        ) {
            let keeper = Keeper { bid_share, min_profit_usd, ..keeper() };
            let mut sight = Sight { bounty: Some(bounty), ..calm() };
            sight.view.collateral_price = price;
            if let Some(call) = choose(&keeper, &sight, gas)[3] {
                let least_usd = call.least.unwrap() * price;
                prop_assert!(call.bid_usd >= 0.0 && call.bid_usd.is_finite());
                prop_assert!(least_usd >= gas + call.bid_usd);
                prop_assert!(least_usd <= bounty * price * (1.0 + 1e-6) + 1e-9);
            }
        }
    }
}
