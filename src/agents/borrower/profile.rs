//! What borrowers are drawn from.

use bevy_ecs::prelude::World;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::add_decision;
use super::super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Borrower, MOST_ROUNDS, Memory, Style, decide};
use crate::numerics::distribution::Dist;
use crate::world::phase::Stage;

/// What borrowers do with the dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum StyleProfile {
    /// They keep them.
    Cash,
    /// They buy collateral and join again.
    Loop {
        /// How many times in a transaction, beyond the first: 1 to 3.
        rounds: u8,
    },
    /// They join `1 / LTV` of their collateral with a flash loan.
    Margin,
    /// They join `1 / (1 - LTV)` of it with a flash loan.
    Roll,
}

/// What borrowers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BorrowerProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start: collateral, and some dollars for gas.
    pub endowment: Endowment,
    /// Name of the loan market.
    pub market: String,
    /// What it does with the dollars.
    pub style: StyleProfile,
    /// Debt wanted at a rate of zero, as a share of its collateral (`Cash`) or of what that is worth after debt (others).
    pub borrow_share: Dist,
    /// From this all-in rate on it borrows nothing, per year.
    pub highest_rate_per_year: Dist,
    /// How demand falls towards that rate: 0 not before it, 1 in a straight line, more earlier.
    pub elasticity: Dist,
    /// It does not borrow for less than this, in days.
    pub least_term_days: Dist,
    /// It does not join nearer to the conversion threshold than this, in loan-to-value.
    pub conversion_distance: Dist,
    /// Smallest loan, and smallest purchase of collateral, dollars.
    pub min_loan_usd: Dist,
    /// Probability that it goes on in the term after a loan; else it sits one out.
    pub roll_probability: Dist,
    /// Share of its dollars that it spends on collateral when it goes on.
    pub rebuy_share: Dist,
}

impl Archetype for Borrower {
    const KIND: &'static str = "borrower";
    type Profile = BorrowerProfile;

    fn problems(profile: &BorrowerProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        let mut check = Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, ANY)
            .endowment(&profile.endowment);
        if let StyleProfile::Loop { rounds } = profile.style {
            check = check.number("style.rounds", f64::from(rounds), 1.0, f64::from(MOST_ROUNDS));
        }
        check
            .law("borrow_share", &profile.borrow_share, 0.0, 100.0)
            .law("highest_rate_per_year", &profile.highest_rate_per_year, 0.0, ANY)
            .law("elasticity", &profile.elasticity, 0.0, 100.0)
            .law("least_term_days", &profile.least_term_days, 0.0, ANY)
            .law("conversion_distance", &profile.conversion_distance, 0.0, 1.0)
            .law("min_loan_usd", &profile.min_loan_usd, 0.0, ANY)
            .law("roll_probability", &profile.roll_probability, 0.0, 1.0)
            .law("rebuy_share", &profile.rebuy_share, 0.0, 1.0)
            .done()
    }

    fn endowment(profile: &BorrowerProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &BorrowerProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let market = around.loan_market("market", &profile.market)?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let agent = Self {
            market,
            style: match profile.style {
                StyleProfile::Cash => Style::Cash,
                StyleProfile::Loop { rounds } => Style::Loop { rounds: rounds.min(MOST_ROUNDS) },
                StyleProfile::Margin => Style::Margin,
                StyleProfile::Roll => Style::Roll,
            },
            borrow_share: draw(&profile.borrow_share),
            highest_rate: draw(&profile.highest_rate_per_year),
            elasticity: draw(&profile.elasticity),
            least_term_days: draw(&profile.least_term_days),
            conversion_distance: draw(&profile.conversion_distance),
            min_loan_usd: draw(&profile.min_loan_usd),
            roll_probability: draw(&profile.roll_probability),
            rebuy_share: draw(&profile.rebuy_share),
            memory: Memory::default(),
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}
