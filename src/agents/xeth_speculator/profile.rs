//! What xETH speculators are drawn from.

use bevy_ecs::prelude::World;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::add_decision;
use super::super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Memory, Style, XethSpeculator, decide};
use crate::numerics::distribution::Dist;
use crate::world::phase::Stage;

/// How speculators find the share of wealth that they want in xETH.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum StyleProfile {
    /// With the trend of the collateral's price.
    Trend {
        /// Look-back window, days.
        look_back_days: Dist,
        /// Return over the window, in standard deviations of the window, at which it is fully invested.
        full_signal: Dist,
    },
    /// Against it.
    MeanReversion {
        /// Look-back window, days.
        look_back_days: Dist,
        /// Distance from the window's mean, in its standard deviations, at which it is fully in or out.
        full_signal: Dist,
    },
    /// At a constant exposure to the collateral.
    ConstantLeverage {
        /// Exposure over wealth: 1 is that of the collateral itself.
        exposure: Dist,
    },
}

/// What xETH speculators are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XethSpeculatorProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Ticker of the levered token.
    pub asset: String,
    /// Ticker of what it pays with and leaves to: the dollar or the collateral.
    pub cash: String,
    /// How it finds the share of wealth that it wants.
    pub style: StyleProfile,
    /// Largest share of wealth in xETH, bonuses apart.
    pub most_share: Dist,
    /// Does nothing while it is off its target by less than this share of wealth.
    pub band_share: Dist,
    /// Smallest trade, dollars.
    pub min_trade_usd: Dist,
    /// The most that a trade may cost, as a share of its value: fees, impact, gas, distance to the NAV.
    pub most_cost_share: Dist,
    /// What may be missing from the expected outcome when the block comes, as a share.
    pub slippage_share: Dist,
    /// Stress bonus, less the mint fee, that it must exceed to be tempted, as a share; the whole trade must gain as much.
    pub required_premium: Dist,
    /// Share of wealth that it adds when tempted; zero for never.
    pub bonus_appetite_share: Dist,
    /// Sells everything when the NAV is this far below its average cost, as a share; 1 for never.
    pub stop_loss: Dist,
    /// Sells everything when the NAV is this far above its average cost, as a share.
    pub take_profit: Dist,
    /// The most that such a sale may cost, as a share of its value.
    pub exit_cost_share: Dist,
    /// How long it keeps out after such a sale, days.
    pub pause_days: Dist,
}

impl Archetype for XethSpeculator {
    const KIND: &'static str = "xeth_speculator";
    type Profile = XethSpeculatorProfile;

    fn problems(profile: &XethSpeculatorProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        // A signal of zero would divide by zero; smaller ones only mean "all or nothing".
        const SHARPEST: f64 = 1e-3;
        let check = Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment);
        let check = match &profile.style {
            StyleProfile::Trend { look_back_days, full_signal }
            | StyleProfile::MeanReversion { look_back_days, full_signal } => check
                .law("style.look_back_days", look_back_days, 0.0, 3_650.0)
                .law("style.full_signal", full_signal, SHARPEST, ANY),
            StyleProfile::ConstantLeverage { exposure } => check.law("style.exposure", exposure, 0.0, ANY),
        };
        check
            .law("most_share", &profile.most_share, 0.0, 1.0)
            .law("band_share", &profile.band_share, 0.0, 1.0)
            .law("min_trade_usd", &profile.min_trade_usd, 0.0, ANY)
            .law("most_cost_share", &profile.most_cost_share, 0.0, 1.0)
            .law("slippage_share", &profile.slippage_share, 0.0, 1.0)
            .law("required_premium", &profile.required_premium, 0.0, ANY)
            .law("bonus_appetite_share", &profile.bonus_appetite_share, 0.0, 1.0)
            .law("stop_loss", &profile.stop_loss, 0.0, 1.0)
            .law("take_profit", &profile.take_profit, 0.0, ANY)
            .law("exit_cost_share", &profile.exit_cost_share, 0.0, 1.0)
            .law("pause_days", &profile.pause_days, 0.0, ANY)
            .done()
    }

    fn endowment(profile: &XethSpeculatorProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &XethSpeculatorProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let asset = around.asset("asset", &profile.asset)?;
        let cash = around.asset("cash", &profile.cash)?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        // At least one tick; what is longer than the run reaches back to its first price.
        let ticks = |days: f32| (f64::from(days) / around.tick_days).round().max(1.0) as u32;
        let style = match &profile.style {
            StyleProfile::Trend { look_back_days, full_signal } => {
                Style::Trend { look_back_ticks: ticks(draw(look_back_days)), full_signal: draw(full_signal) }
            }
            StyleProfile::MeanReversion { look_back_days, full_signal } => Style::MeanReversion {
                look_back_ticks: ticks(draw(look_back_days)),
                full_signal: draw(full_signal),
            },
            StyleProfile::ConstantLeverage { exposure } => {
                Style::ConstantLeverage { exposure: draw(exposure) }
            }
        };
        let agent = Self {
            asset,
            cash,
            style,
            most_share: draw(&profile.most_share),
            band_share: draw(&profile.band_share),
            min_trade_usd: draw(&profile.min_trade_usd),
            most_cost_share: draw(&profile.most_cost_share),
            slippage_share: draw(&profile.slippage_share),
            required_premium: draw(&profile.required_premium),
            bonus_appetite_share: draw(&profile.bonus_appetite_share),
            stop_loss: draw(&profile.stop_loss),
            take_profit: draw(&profile.take_profit),
            exit_cost_share: draw(&profile.exit_cost_share),
            pause_days: draw(&profile.pause_days),
            memory: Memory::default(),
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}
