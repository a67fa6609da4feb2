//! The launch participant: registers for tickets that promise a gain, claims what they bring, sells a part.
//!
//! It sees how many tickets are on sale and how many are registered, what a ticket costs in dollars and in power, what the
//! token costs in its pool, and its own purse. It has a belief of its own about what the token is worth, a multiple of that
//! price. It expects registrations to go on as they came in so far, takes it that every ticket wins with the same chance
//! (those of the walk differ by the place in line, which hardly anybody knows), and registers for tickets as long as
//!
//! ```text
//! chance (worth of the tokens - price of the ticket) > power of the ticket's tier
//! ```
//!
//! up to what the launch, its dollars and its power allow: the choice of an investor in a fixed-price offering that is
//! rationed by lot, K. Rock, "Why new issues are underpriced", Journal of Financial Economics 15 (1986). Power that is earned by
//! staking it earns itself, if its profile says so (`power`).

mod power;

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::routes::{Market, treasury_quote};
use super::wallet::Purse;
use super::{Awake, Eyes, add_decision, staker};
use crate::numerics::distribution::Dist;
use crate::protocol::launchpad::Tier;
use crate::quantity::Amount;
use crate::venue::execute::Network;
use crate::venue::launch::{Launch, LaunchAction, LaunchId};
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::token::TokenMarket;
use crate::venue::{Action, Mempool};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::Stage;

pub use power::{Earner, EarnsPower};

/// A launch participant. Shares as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct LaunchParticipant {
    pub launch: LaunchId,
    pub pool: PoolId,
    pub worth: f32,
    pub budget_share: f32,
    pub min_gain_usd: f32,
    pub sell_share: f32,
    pub slippage_share: f32,
    pub earner: Option<Earner>,
}

/// What launch participants are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchParticipantProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the launch.
    pub launch: String,
    /// Name of the pool in which it looks up the price of the token and sells: one of the token against dollars.
    pub pool: String,
    /// What it believes a token is worth, over its price in the pool.
    pub worth_over_price: Dist,
    /// Largest part of its dollars that it ties up in tickets.
    pub budget_share: Dist,
    /// Smallest gain for which it takes the trouble, dollars.
    pub min_gain_usd: Dist,
    /// Part of the tokens won that it sells when it claims them.
    pub sell_share: Dist,
    /// Fall of the price, as a share, at which it stops selling.
    pub slippage_share: Dist,
    /// How it earns power by staking; not at all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earns_power: Option<EarnsPower>,
}

/// What a participant sees of a launch that is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight<'l> {
    /// Tickets that can win.
    pub tickets: u64,
    /// Tickets registered so far.
    pub registered: u64,
    /// Part of the registration that has passed, 0 to 1.
    pub passed: f64,
    /// Most tickets of one account.
    pub most: u64,
    /// What a ticket costs, dollars.
    pub ticket_usd: f64,
    /// What the tokens of a ticket cost in the pool, dollars.
    pub tokens_usd: f64,
    /// What tickets cost beside, step by step.
    pub tiers: &'l [Tier],
    /// Its power.
    pub power: Purse,
    /// Its dollars.
    pub cash: Purse,
}

/// The chance of a ticket to win, if registrations go on as they came in.
#[must_use]
pub fn chance(sight: &Sight<'_>) -> f64 {
    let expected = sight.registered as f64 / sight.passed.max(f64::MIN_POSITIVE);
    if expected > sight.tickets as f64 { sight.tickets as f64 / expected } else { 1.0 }
}

/// For how many tickets it registers; none where they do not pay.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floored, and no less than zero")]
pub fn choose(sight: &Sight<'_>, participant: &LaunchParticipant) -> u32 {
    let worth = sight.tokens_usd * f64::from(participant.worth);
    let gain_each = chance(sight) * (worth - sight.ticket_usd);
    let affordable = sight.cash.usd * f64::from(participant.budget_share) / sight.ticket_usd;
    if !(gain_each > 0.0 && affordable >= 1.0) {
        return 0;
    }
    let most = sight.most.min(affordable as u64);
    let (mut tickets, mut power, mut gain) = (0, sight.power.amount.atoms(), 0.0);
    // A launch without steps has one that costs nothing.
    let free = [Tier { apower_per_ticket: Amount::ZERO, width: u64::MAX }];
    let tiers = if sight.tiers.is_empty() { &free[..] } else { sight.tiers };
    for (place, tier) in tiers.iter().enumerate() {
        let cost = tier.apower_per_ticket.atoms();
        let held = sight.power.amount.atoms().max(1) as f64;
        let gain_here = gain_each - sight.power.usd * cost as f64 / held;
        if gain_here <= 0.0 {
            break;
        }
        let width = if place + 1 == tiers.len() { u64::MAX } else { tier.width };
        let payable = power.checked_div(cost).map_or(u64::MAX, |tickets| tickets.max(0).unsigned_abs());
        let taken = width.min(most - tickets).min(payable);
        tickets += taken;
        power = power.saturating_sub(cost.saturating_mul(i64::try_from(taken).unwrap_or(i64::MAX)));
        gain += gain_here * taken as f64;
        if taken < width {
            break;
        }
    }
    if gain >= f64::from(participant.min_gain_usd) { u32::try_from(tickets).unwrap_or(u32::MAX) } else { 0 }
}

impl LaunchParticipant {
    /// Whether it waits for no more power, once this part of the registration has passed.
    fn is_ready(&self, passed: f64) -> bool {
        self.earner.is_none_or(|earner| passed >= f64::from(earner.waits_share))
    }
}

impl Archetype for LaunchParticipant {
    const KIND: &'static str = "launch_participant";
    type Profile = LaunchParticipantProfile;

    fn problems(profile: &LaunchParticipantProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        let check = Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, ANY)
            .endowment(&profile.endowment)
            .law("worth_over_price", &profile.worth_over_price, 0.0, ANY)
            .law("budget_share", &profile.budget_share, 0.0, 1.0)
            .law("min_gain_usd", &profile.min_gain_usd, 0.0, ANY)
            .law("sell_share", &profile.sell_share, 0.0, 1.0)
            .law("slippage_share", &profile.slippage_share, 0.0, 1.0);
        match &profile.earns_power {
            Some(earns) => earns.check(check),
            None => check,
        }
        .done()
    }

    fn endowment(profile: &LaunchParticipantProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &LaunchParticipantProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let launch = around.launch("launch", &profile.launch)?;
        let terms = &around.venues.launch(launch).terms;
        let pool = around.pool_with("pool", &profile.pool, &[terms.token, terms.cash])?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let agent = Self {
            launch,
            pool,
            worth: draw(&profile.worth_over_price),
            budget_share: draw(&profile.budget_share),
            min_gain_usd: draw(&profile.min_gain_usd),
            sell_share: draw(&profile.sell_share),
            slippage_share: draw(&profile.slippage_share),
            earner: match &profile.earns_power {
                Some(earns) => Some(earns.draw(around, &mut draw)?),
                None => None,
            },
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// Submits what those awake choose.
pub fn decide(
    mut awake: Awake<LaunchParticipant>,
    eyes: Eyes,
    network: Res<Network>,
    mut mempool: ResMut<Mempool>,
) {
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    awake.each(|id: AccountId, participant| {
        let Some(launch) = eyes.venues.launches().get(participant.launch.0 as usize) else { return };
        let Some(pool) = eyes.venues.pools().get(participant.pool.0 as usize) else { return };
        if let Some(earner) = &participant.earner {
            staker::tend(&eyes, id, &earner.staker, &mut mempool);
        }
        let is_base = pool.coins[0] == launch.terms.token;
        let place = TokenMarket { id: participant.pool, pool, is_base, cash: launch.terms.cash };
        let Some(price) = pool.price(&eyes.ledger).map(|price| place.cash_per_token(price)) else { return };
        match launch.entry(id) {
            None if launch.is_open(&eyes.clock) && participant.is_ready(launch.passed(&eyes.clock)) => {
                let sight = sight(&market, launch, &eyes, id, price);
                let tickets = choose(&sight, participant);
                if tickets > 0 {
                    let register = LaunchAction::Register { launch: participant.launch, tickets };
                    mempool.submit(id, &[Action::Launch(register)]);
                }
            }
            Some(entry) if launch.record.drawn && !entry.refunded => {
                let claim = Action::Launch(LaunchAction::Claim { launch: participant.launch });
                let [_, tokens] = launch.owed(entry);
                let sold = tokens.share(participant.sell_share.into());
                let limit = price * (1.0 - f64::from(participant.slippage_share));
                if sold.is_positive() && limit > 0.0 {
                    let (side, amount) = (place.side_to_sell(), Size::Exact(sold));
                    let limit = place.cash_per_token(limit);
                    let sell = PoolAction::SwapToPrice { pool: place.id, side, amount, limit };
                    mempool.submit(id, &[claim, Action::Pool(sell)]);
                } else {
                    mempool.submit(id, &[claim]);
                }
            }
            _ => {}
        }
    });
}

fn sight<'l>(
    market: &Market<'_>,
    launch: &'l Launch,
    eyes: &Eyes<'_>,
    id: AccountId,
    price_usd: f64,
) -> Sight<'l> {
    let (sale, terms) = (launch.sale(), &launch.terms);
    let units = |asset, amount| eyes.ledger.asset(asset).decimals.units(amount);
    let power = terms.power.map_or_else(Purse::default, |(power, _)| {
        let unit_usd = if power == terms.token { price_usd } else { market.value(power).unwrap_or(0.0) };
        Purse::new(market, power, market.spendable(id, power), unit_usd)
    });
    Sight {
        tickets: sale.tickets,
        registered: sale.registered(),
        passed: launch.passed(&eyes.clock),
        most: sale.terms.max_tickets,
        ticket_usd: units(terms.cash, sale.terms.price_per_ticket),
        tokens_usd: units(terms.token, sale.terms.tokens_per_ticket) * price_usd,
        tiers: launch.tiers(),
        power,
        cash: Purse::new(market, terms.cash, market.spendable(id, terms.cash), 1.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARTICIPANT: LaunchParticipant = LaunchParticipant {
        launch: LaunchId(0),
        pool: PoolId(0),
        worth: 1.0,
        budget_share: 0.5,
        min_gain_usd: 1.0,
        sell_share: 0.5,
        slippage_share: 0.05,
        earner: None,
    };

    fn purse(atoms: i64, usd: f64) -> Purse {
        Purse { amount: Amount::from_atoms(atoms), usd }
    }

    fn tier(cost: i64, width: u64) -> Tier {
        Tier { apower_per_ticket: Amount::from_atoms(cost), width }
    }

    /// Tickets at 10 dollars for tokens at 15, halfway through; power at a dollar an atom.
    fn sight(tiers: &[Tier]) -> Sight<'_> {
        Sight {
            tickets: 100,
            registered: 50,
            passed: 0.5,
            most: 50,
            ticket_usd: 10.0,
            tokens_usd: 15.0,
            tiers,
            power: purse(30, 30.0),
            cash: purse(400, 400.0),
        }
    }

    #[test]
    fn it_registers_for_what_it_can_pay_if_it_pays() {
        assert_eq!(choose(&sight(&[]), &PARTICIPANT), 20, "half of its dollars");
        assert_eq!(choose(&Sight { most: 7, ..sight(&[]) }, &PARTICIPANT), 7);
        assert_eq!(choose(&Sight { tokens_usd: 10.0, ..sight(&[]) }, &PARTICIPANT), 0, "no gain");
        let believer = LaunchParticipant { worth: 1.1, ..PARTICIPANT };
        assert_eq!(choose(&Sight { tokens_usd: 10.0, ..sight(&[]) }, &believer), 20);
        let lazy = LaunchParticipant { min_gain_usd: 101.0, ..PARTICIPANT };
        assert_eq!(choose(&sight(&[]), &lazy), 0, "20 tickets promise 100 dollars");
    }

    #[test]
    fn the_chance_falls_with_the_demand_that_is_coming() {
        assert!((chance(&sight(&[])) - 1.0).abs() < 1e-12);
        assert!((chance(&Sight { passed: 0.1, ..sight(&[]) }) - 0.2).abs() < 1e-12);
        assert!((chance(&Sight { registered: 0, passed: 0.0, ..sight(&[]) }) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn dear_tiers_are_left_alone() {
        // Five dollars of gain a ticket: worth 1 and 4 of power, not 6.
        let tiers = [tier(1, 4), tier(4, 3), tier(6, 1)];
        assert_eq!(choose(&sight(&tiers), &PARTICIPANT), 7);
        // Half the chance, half the gain.
        assert_eq!(choose(&Sight { registered: 100, ..sight(&tiers) }, &PARTICIPANT), 4);
        // 30 of power: 4 tickets at 1, then 6 at 4.
        assert_eq!(choose(&sight(&[tier(1, 4), tier(4, 1)]), &PARTICIPANT), 10);
        assert_eq!(choose(&Sight { power: Purse::default(), ..sight(&tiers) }, &PARTICIPANT), 0);
    }

    proptest! {
        /// It can pay what it registers for.
        #[test]
        fn it_never_registers_for_more_than_it_can_pay(
            costs in prop::collection::vec((0..9_i64, 1..9_u64), 0..4),
            tokens_usd in 0.0..100.0_f64,
            power in 0..200_i64,
            cash in 0..2_000_i64,
            registered in 0..1_000_u64,
        ) {
            let tiers: Vec<Tier> = costs.into_iter().map(|(cost, width)| tier(cost, width)).collect();
            let (power, cash) = (purse(power, power as f64 * 0.1), purse(cash, cash as f64));
            let sight = Sight { tokens_usd, power, cash, registered, ..sight(&tiers) };
            let tickets = u64::from(choose(&sight, &PARTICIPANT));
            let burned = crate::protocol::launchpad::apower_required(&tiers, tickets).unwrap();
            prop_assert!(burned <= power.amount);
            prop_assert!(tickets as f64 * 10.0 <= cash.usd * 0.5 && tickets <= 50);
        }
    }
}
