//! What lenders are drawn from.

use bevy_ecs::prelude::World;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::add_decision;
use super::super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Lender, decide};
use crate::numerics::distribution::Dist;
use crate::world::phase::Stage;

/// What lenders are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LenderProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the loan market.
    pub market: String,
    /// It lends from this rate on, per year.
    pub reservation_rate_per_year: Dist,
    /// The most of its wealth that it lends.
    pub lend_share: Dist,
    /// Loan-to-value up to which it asks for no premium.
    pub comfortable_loan_to_value: Dist,
    /// Premium per year for each unit of loan-to-value above that (1 is one percentage point for one).
    pub risk_premium_per_year: Dist,
    /// Loan-to-value above which it is alarmed.
    pub alarm_loan_to_value: Dist,
    /// Probability that it sells back when it looks and is alarmed.
    pub alarm_probability: Dist,
    /// The most of the face value that it then gives up.
    pub most_loss_share: Dist,
    /// It sells back for a profit when it can do so at less than this share of its reservation rate.
    pub exit_rate_share: Dist,
    /// Probability that it does so when it looks.
    pub exit_probability: Dist,
    /// Smallest trade, dollars.
    pub min_trade_usd: Dist,
}

impl Archetype for Lender {
    const KIND: &'static str = "lender";
    type Profile = LenderProfile;

    fn problems(profile: &LenderProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, ANY)
            .endowment(&profile.endowment)
            .law("reservation_rate_per_year", &profile.reservation_rate_per_year, 0.0, ANY)
            .law("lend_share", &profile.lend_share, 0.0, 1.0)
            .law("comfortable_loan_to_value", &profile.comfortable_loan_to_value, 0.0, ANY)
            .law("risk_premium_per_year", &profile.risk_premium_per_year, 0.0, ANY)
            .law("alarm_loan_to_value", &profile.alarm_loan_to_value, 0.0, ANY)
            .law("alarm_probability", &profile.alarm_probability, 0.0, 1.0)
            .law("most_loss_share", &profile.most_loss_share, 0.0, 1.0)
            .law("exit_rate_share", &profile.exit_rate_share, 0.0, 1.0)
            .law("exit_probability", &profile.exit_probability, 0.0, 1.0)
            .law("min_trade_usd", &profile.min_trade_usd, 0.0, ANY)
            .done()
    }

    fn endowment(profile: &LenderProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &LenderProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let market = around.loan_market("market", &profile.market)?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let agent = Self {
            market,
            reservation_rate: draw(&profile.reservation_rate_per_year),
            lend_share: draw(&profile.lend_share),
            comfortable_loan_to_value: draw(&profile.comfortable_loan_to_value),
            risk_premium: draw(&profile.risk_premium_per_year),
            alarm_loan_to_value: draw(&profile.alarm_loan_to_value),
            alarm_probability: draw(&profile.alarm_probability),
            most_loss_share: draw(&profile.most_loss_share),
            exit_rate_share: draw(&profile.exit_rate_share),
            exit_probability: draw(&profile.exit_probability),
            min_trade_usd: draw(&profile.min_trade_usd),
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}
