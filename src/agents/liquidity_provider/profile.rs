//! What liquidity providers are drawn from.

use bevy_ecs::prelude::World;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::add_decision;
use super::super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{LiquidityProvider, Memory, StakesShares, decide};
use crate::numerics::distribution::Dist;
use crate::world::phase::Stage;

/// What liquidity providers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiquidityProviderProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the pool.
    pub pool: String,
    /// Ticker of what it buys a missing coin with and sells for: the dollar or the collateral.
    pub cash: String,
    /// Largest share of wealth in the pool.
    pub liquidity_share: Dist,
    /// Net return above which it adds, per year.
    pub reservation_return_per_year: Dist,
    /// Shortfall against the reservation return that it bears before it leaves, per year: 0 is mercenary, 1 very loyal.
    pub loyalty_per_year: Dist,
    /// Emissions it counts on, per year of the value it provides.
    pub emissions_per_year: Dist,
    /// Loss to arbitrageurs in multiples of that of a constant product, `sigma^2 / 8`.
    pub lvr_multiple: Dist,
    /// Fees over value that it expects before it has seen any, per year.
    pub initial_fee_return_per_year: Dist,
    /// Volatility of the fair price that it expects before it has seen any, per square root of a year.
    pub initial_volatility_per_year: Dist,
    /// Half-life of what it has seen of fees and volatility, days.
    pub memory_half_life_days: Dist,
    /// Part of the gap that it closes at a look: 1 is no inertia.
    pub adjustment_share: Dist,
    /// Smallest addition, and smallest remainder, dollars.
    pub min_trade_usd: Dist,
    /// The most that buying a missing coin may cost, as a share of its value.
    pub most_cost_share: Dist,
    /// What may be missing from the expected outcome when the block comes, as a share.
    pub slippage_share: Dist,
    /// Return that it demands on top for each cycle that the queue of others at a gate would take, per year: what ends in a
    /// run.
    #[serde(default = "nothing")]
    pub gate_fear_per_year: Dist,
    /// Cycles for which it commits liquidity where that is insured: 0 never.
    #[serde(default = "nothing")]
    pub commitment_cycles: Dist,
    /// What a further wallet costs it, dollars, if it would dodge a cap with one; it never does if this is left out.
    #[serde(default)]
    pub splits_wallet_cost_usd: Option<Dist>,
    /// The most further wallets that it can open.
    #[serde(default = "some_wallets")]
    pub most_wallets: u8,
    /// Takes everything out from user-rebalance mode on.
    pub leaves_in_stress: bool,
    /// Sells the base coin when it leaves in stress.
    pub sells_in_stress: bool,
    /// How it stakes its shares for emission, if it does; `emissions_per_year` then counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stakes_shares: Option<StakesShares>,
}

fn nothing() -> Dist {
    Dist::Constant(0.0)
}
fn some_wallets() -> u8 {
    8
}

/// The stream of an agent's draws that came to the profile later: older fields draw what they always drew.
const LATER: u64 = 1;

impl Archetype for LiquidityProvider {
    const KIND: &'static str = "liquidity_provider";
    type Profile = LiquidityProviderProfile;

    fn problems(profile: &LiquidityProviderProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        let check = match &profile.splits_wallet_cost_usd {
            Some(cost) => Check::default().law("splits_wallet_cost_usd", cost, 0.0, ANY),
            None => Check::default(),
        };
        let check = check
            .law("gate_fear_per_year", &profile.gate_fear_per_year, 0.0, ANY)
            .law("commitment_cycles", &profile.commitment_cycles, 0.0, 1_000.0)
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment)
            .law("liquidity_share", &profile.liquidity_share, 0.0, 1.0)
            .law("reservation_return_per_year", &profile.reservation_return_per_year, -1.0, ANY)
            .law("loyalty_per_year", &profile.loyalty_per_year, 0.0, ANY)
            .law("emissions_per_year", &profile.emissions_per_year, 0.0, ANY)
            .law("lvr_multiple", &profile.lvr_multiple, 0.0, ANY)
            .law("initial_fee_return_per_year", &profile.initial_fee_return_per_year, 0.0, ANY)
            .law("initial_volatility_per_year", &profile.initial_volatility_per_year, 0.0, ANY)
            .law("memory_half_life_days", &profile.memory_half_life_days, 0.0, ANY)
            .law("adjustment_share", &profile.adjustment_share, 0.0, 1.0)
            .law("min_trade_usd", &profile.min_trade_usd, 0.0, ANY)
            .law("most_cost_share", &profile.most_cost_share, 0.0, 1.0)
            .law("slippage_share", &profile.slippage_share, 0.0, 1.0);
        let stakes = profile.stakes_shares.as_ref();
        stakes.into_iter().fold(check, |check, stakes| stakes.check(check)).done()
    }

    fn endowment(profile: &LiquidityProviderProfile) -> &Endowment {
        &profile.endowment
    }

    fn further_wallets(profile: &LiquidityProviderProfile) -> u8 {
        if profile.splits_wallet_cost_usd.is_some() { profile.most_wallets } else { 0 }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cycles are checked to be at most a thousand"
    )]
    fn draw(
        profile: &LiquidityProviderProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let pool = around.pool("pool", &profile.pool)?;
        let cash = around.asset("cash", &profile.cash)?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut later = random.clone();
        later.set_stream(LATER);
        let mut draw_later = |law: &Dist| law.sample(&mut later) as f32;
        let gate_fear = draw_later(&profile.gate_fear_per_year);
        let commitment_cycles = draw_later(&profile.commitment_cycles).round() as u16;
        let split_cost_usd = profile.splits_wallet_cost_usd.as_ref().map_or(f32::INFINITY, draw_later);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let agent = Self {
            pool,
            cash,
            leaves_in_stress: profile.leaves_in_stress,
            sells_in_stress: profile.sells_in_stress,
            liquidity_share: draw(&profile.liquidity_share),
            reservation_return: draw(&profile.reservation_return_per_year),
            loyalty: draw(&profile.loyalty_per_year),
            emissions: draw(&profile.emissions_per_year),
            lvr_multiple: draw(&profile.lvr_multiple),
            memory_half_life_days: draw(&profile.memory_half_life_days),
            adjustment_share: draw(&profile.adjustment_share),
            min_trade_usd: draw(&profile.min_trade_usd),
            most_cost_share: draw(&profile.most_cost_share),
            slippage_share: draw(&profile.slippage_share),
            gate_fear,
            split_cost_usd,
            commitment_cycles,
            memory: Memory {
                fee_return: draw(&profile.initial_fee_return_per_year),
                variance: {
                    let volatility = draw(&profile.initial_volatility_per_year);
                    volatility * volatility
                },
                fees_quote: -1.0,
                log_price: 0.0,
                looked: 0,
            },
            staking: profile
                .stakes_shares
                .as_ref()
                .map(|stakes| stakes.draw(around, pool, &mut draw))
                .transpose()?,
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}
