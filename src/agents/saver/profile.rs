//! What savers are drawn from.

use bevy_ecs::prelude::World;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::add_decision;
use super::super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Memory, NONE, Saver, decide};
use crate::numerics::distribution::Dist;
use crate::world::phase::Stage;

/// What savers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaverProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Ticker of the stable asset.
    pub asset: String,
    /// Ticker of what it pays with and flees to: the dollar or the collateral.
    pub cash: String,
    /// Name of the pool in which it reads the asset's market price.
    pub pool: String,
    /// Share of wealth in the asset at full trust.
    pub target_share: Dist,
    /// Does nothing while it is off its target by less than this share of wealth.
    pub band_share: Dist,
    /// Smallest trade, dollars.
    pub min_trade_usd: Dist,
    /// The most that a calm trade may cost, as a share of its value: fees, impact, gas, distance to the NAV.
    pub most_cost_share: Dist,
    /// What may be missing from the expected outcome when the block comes, as a share.
    pub slippage_share: Dist,
    /// Trust at the start, 0 to 1.
    pub initial_trust: Dist,
    /// Distance of the market price from the NAV that does not worry, as a share.
    pub tolerated_deviation: Dist,
    /// Trust lost for each unit of distance beyond that.
    pub deviation_weight: Dist,
    /// Collateral ratio from which on it does not worry.
    pub comfortable_ratio: Dist,
    /// Trust lost for each unit of collateral ratio below that.
    pub ratio_weight: Dist,
    /// Trust lost for each step of the stress mode (1 stability to 4 recapitalisation).
    pub mode_weight: Dist,
    /// Trust lost for each unit that the NAV has lost, as a share of the level the saver is used to.
    pub loss_weight: Dist,
    /// Half-life with which trust returns, and with which losses are forgotten, days.
    pub trust_half_life_days: Dist,
    /// Panics below this trust.
    pub panic_trust: Dist,
    /// Share of its holding that it sells at once in panic.
    pub panic_share: Dist,
    /// The most that a panic sale may cost, as a share of its value.
    pub panic_cost_share: Dist,
    /// Share of its holding that goes into the rebalance pool when that pays; zero for never.
    pub stake_share: Dist,
    /// Expected yield that the rebalance pool must beat, per year.
    pub reservation_yield_per_year: Dist,
    /// Believed staking yield of the collateral times the part that the rebalance pool receives, per year.
    pub believed_stake_yield_per_year: Dist,
    /// Delay of withdrawals from the rebalance pool, days; zero if there is none.
    pub unlock_days: f64,
}

impl Archetype for Saver {
    const KIND: &'static str = "saver";
    type Profile = SaverProfile;

    fn problems(profile: &SaverProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment)
            .law("target_share", &profile.target_share, 0.0, 1.0)
            .law("band_share", &profile.band_share, 0.0, 1.0)
            .law("min_trade_usd", &profile.min_trade_usd, 0.0, ANY)
            .law("most_cost_share", &profile.most_cost_share, 0.0, 1.0)
            .law("slippage_share", &profile.slippage_share, 0.0, 1.0)
            .law("initial_trust", &profile.initial_trust, 0.0, 1.0)
            .law("tolerated_deviation", &profile.tolerated_deviation, 0.0, ANY)
            .law("deviation_weight", &profile.deviation_weight, 0.0, ANY)
            .law("comfortable_ratio", &profile.comfortable_ratio, 0.0, ANY)
            .law("ratio_weight", &profile.ratio_weight, 0.0, ANY)
            .law("mode_weight", &profile.mode_weight, 0.0, ANY)
            .law("loss_weight", &profile.loss_weight, 0.0, ANY)
            .law("trust_half_life_days", &profile.trust_half_life_days, 0.0, ANY)
            .law("panic_trust", &profile.panic_trust, 0.0, 1.0)
            .law("panic_share", &profile.panic_share, 0.0, 1.0)
            .law("panic_cost_share", &profile.panic_cost_share, 0.0, 1.0)
            .law("stake_share", &profile.stake_share, 0.0, 1.0)
            .law("reservation_yield_per_year", &profile.reservation_yield_per_year, 0.0, ANY)
            .law("believed_stake_yield_per_year", &profile.believed_stake_yield_per_year, 0.0, ANY)
            .number("unlock_days", profile.unlock_days, 0.0, 3_650.0)
            .done()
    }

    fn endowment(profile: &SaverProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &SaverProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let asset = around.asset("asset", &profile.asset)?;
        let cash = around.asset("cash", &profile.cash)?;
        let pool = around.pool("pool", &profile.pool)?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let agent = Self {
            asset,
            cash,
            pool,
            target_share: draw(&profile.target_share),
            band_share: draw(&profile.band_share),
            min_trade_usd: draw(&profile.min_trade_usd),
            most_cost_share: draw(&profile.most_cost_share),
            slippage_share: draw(&profile.slippage_share),
            tolerated_deviation: draw(&profile.tolerated_deviation),
            deviation_weight: draw(&profile.deviation_weight),
            comfortable_ratio: draw(&profile.comfortable_ratio),
            ratio_weight: draw(&profile.ratio_weight),
            mode_weight: draw(&profile.mode_weight),
            loss_weight: draw(&profile.loss_weight),
            trust_half_life_days: draw(&profile.trust_half_life_days),
            panic_trust: draw(&profile.panic_trust),
            panic_share: draw(&profile.panic_share),
            panic_cost_share: draw(&profile.panic_cost_share),
            stake_share: draw(&profile.stake_share),
            reservation_yield: draw(&profile.reservation_yield_per_year),
            believed_stake_yield: draw(&profile.believed_stake_yield_per_year),
            unlock_days: profile.unlock_days as f32,
            memory: Memory { trust: draw(&profile.initial_trust), usual_nav: 0.0, looked: 0, unlocks: NONE },
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}
