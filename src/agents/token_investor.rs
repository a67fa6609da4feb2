//! The token investor: holds the governance token for what it believes it is worth.
//!
//! What it sees: the price in the token's pool, how many tokens there are, the stress mode of the treasury, its own purse.
//!
//! Nothing backs the token, so that opinions differ: each investor begins with a belief of its own about its worth, a multiple
//! of the price at the start (Harrison and Kreps 1978, "Speculative investor behavior in a stock market with heterogeneous
//! expectations", Quarterly Journal of Economics 92). The whole is worth what it was worth, however many parts it is cut
//! into, so that the belief falls as the supply grows; and each step of stress takes a part of the confidence. It changes its
//! mind by and by, buys where the pool asks less than its belief by a band, sells where it pays more, each time a part of
//! what it has, and at no worse price than that.

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::routes::{Market, treasury_quote};
use super::wallet::{Purse, remembered};
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::fx::StressMode;
use crate::quantity::{Amount, SECONDS_PER_DAY};
use crate::venue::execute::Network;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::rescue::mode_of;
use crate::venue::token::TokenMarket;
use crate::venue::{Action, Mempool};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::Stage;

/// A token investor. Shares as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct TokenInvestor {
    pub pool: PoolId,
    pub worth: f32,
    pub fear_share: f32,
    pub half_life_days: f32,
    pub band_share: f32,
    pub adjustment_share: f32,
    pub min_trade_usd: f32,
    /// What it believes at present, over the price at the start.
    pub belief: f32,
    /// When it last looked.
    pub looked: u32,
}

/// What token investors are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenInvestorProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the pool it trades in: one of the governance token.
    pub pool: String,
    /// What it believes a token is worth when all is calm and nothing was issued, over the price at the start.
    pub worth_over_initial_price: Dist,
    /// The part of its belief that it loses with each step of the stress mode.
    pub fear_per_mode_share: Dist,
    /// Half-life of an old belief, days.
    pub belief_half_life_days: Dist,
    /// Distance of the price from its belief within which it does nothing, as a share.
    pub band_share: Dist,
    /// Part of its cash or its tokens that it puts into a trade.
    pub adjustment_share: Dist,
    /// Smallest trade, dollars.
    pub min_trade_usd: Dist,
}

/// What an investor sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The tick.
    pub tick: u32,
    /// Length of a tick, days.
    pub tick_days: f64,
    /// Marginal price of a token in the pool, dollars.
    pub price_usd: f64,
    /// What a token was worth at the start, dollars.
    pub initial_price_usd: f64,
    /// Tokens that there were at the start over those that there are.
    pub initial_over_supply: f64,
    /// Fee of the pool, as a share.
    pub fee: f64,
    /// Stress mode of the treasury.
    pub mode: StressMode,
    /// Cash.
    pub cash: Purse,
    /// Tokens, at the pool's price.
    pub tokens: Purse,
}

/// A trade, and the marginal price of the pool beyond which it is not to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// Spend so much cash up to a price in dollars.
    Buy {
        /// How much.
        cash: Amount,
        /// Up to which price.
        limit_usd: f64,
    },
    /// Sell so many tokens down to a price in dollars.
    Sell {
        /// How many.
        tokens: Amount,
        /// Down to which price.
        limit_usd: f64,
    },
}

/// What the investor comes to believe, over the price at the start.
#[must_use]
pub fn new_belief(sight: &Sight, investor: &TokenInvestor) -> f64 {
    let confidence = 1.0 - f64::from(investor.fear_share);
    let steps = f64::from(sight.mode as u8);
    let settled = f64::from(investor.worth) * sight.initial_over_supply * libm::pow(confidence, steps);
    let days = f64::from(sight.tick.saturating_sub(investor.looked)) * sight.tick_days;
    let old = remembered(days, f64::from(investor.half_life_days));
    settled + (f64::from(investor.belief) - settled) * old
}

/// What an investor does about what it sees; changes its mind on the way.
#[must_use]
pub fn choose(sight: &Sight, investor: &mut TokenInvestor) -> Option<Choice> {
    let belief = new_belief(sight, investor);
    if belief.is_finite() {
        investor.belief = belief as f32;
        investor.looked = sight.tick;
    }
    let worth_usd = f64::from(investor.belief) * sight.initial_price_usd;
    let (band, part) = (f64::from(investor.band_share), f64::from(investor.adjustment_share));
    let worthwhile = |purse: Purse| {
        let usd = purse.usd * part;
        usd > 0.0 && usd >= f64::from(investor.min_trade_usd)
    };
    // The fee comes on top of what is paid, and off what is received.
    let kept = 1.0 - sight.fee;
    let (most, least) = (worth_usd * (1.0 - band) * kept, worth_usd * (1.0 + band) / kept);
    if sight.price_usd < most && worthwhile(sight.cash) {
        return Some(Choice::Buy { cash: sight.cash.amount.share(part), limit_usd: most });
    }
    if sight.price_usd > least && least.is_finite() && worthwhile(sight.tokens) {
        return Some(Choice::Sell { tokens: sight.tokens.amount.share(part), limit_usd: least });
    }
    None
}

impl Archetype for TokenInvestor {
    const KIND: &'static str = "token_investor";
    type Profile = TokenInvestorProfile;

    fn problems(profile: &TokenInvestorProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, ANY)
            .endowment(&profile.endowment)
            .law("worth_over_initial_price", &profile.worth_over_initial_price, 0.0, ANY)
            .law("fear_per_mode_share", &profile.fear_per_mode_share, 0.0, 1.0)
            .law("belief_half_life_days", &profile.belief_half_life_days, 0.0, ANY)
            .law("band_share", &profile.band_share, 0.0, 1.0)
            .law("adjustment_share", &profile.adjustment_share, 0.0, 1.0)
            .law("min_trade_usd", &profile.min_trade_usd, 0.0, ANY)
            .done()
    }

    fn endowment(profile: &TokenInvestorProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &TokenInvestorProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let economy = around.venues.token().ok_or_else(|| ProfileProblem {
            field: "pool".into(),
            expected: "a world that allots its token, `governance.allocation`".into(),
            found: "none".into(),
        })?;
        let pool = around.pool_with("pool", &profile.pool, &[economy.token])?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let worth = draw(&profile.worth_over_initial_price);
        let agent = Self {
            pool,
            worth,
            fear_share: draw(&profile.fear_per_mode_share),
            half_life_days: draw(&profile.belief_half_life_days),
            band_share: draw(&profile.band_share),
            adjustment_share: draw(&profile.adjustment_share),
            min_trade_usd: draw(&profile.min_trade_usd),
            belief: worth,
            looked: 0,
        };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// Where the investor trades; `None` where the other coin of the pool has no price outside.
fn market_of<'v>(eyes: &'v Eyes<'_>, investor: &TokenInvestor) -> Option<TokenMarket<'v>> {
    let pool = eyes.venues.pools().get(investor.pool.0 as usize)?;
    let side = pool.coins.iter().position(|coin| Some(*coin) == eyes.venues.token().map(|own| own.token))?;
    Some(TokenMarket { id: investor.pool, pool, is_base: side == 0, cash: pool.coins[1 - side] })
}

/// Submits what those awake choose.
pub fn decide(
    mut awake: Awake<TokenInvestor>,
    eyes: Eyes,
    network: Res<Network>,
    mut mempool: ResMut<Mempool>,
) {
    let Some(economy) = eyes.venues.token() else { return };
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    let mode = eyes.venues.treasury.as_ref().map_or(StressMode::Normal, |treasury| {
        mode_of(treasury, treasury.valuation(&eyes.ledger, &eyes.oracle, &eyes.clock).as_ref())
    });
    let supply = eyes.ledger.supply(economy.token).atoms() as f64;
    let dollar = eyes.oracle.dollar_token();
    awake.each(|id: AccountId, investor| {
        let Some(place) = market_of(&eyes, investor) else { return };
        let Some(cash_usd) = eyes.venues.exchange.mid(&eyes.oracle, place.cash) else { return };
        let cash_usd = cash_usd * dollar;
        let Some(price) = place.pool.price(&eyes.ledger) else { return };
        let price_usd = place.cash_per_token(price) * cash_usd;
        let sight = Sight {
            tick: eyes.clock.tick().0,
            tick_days: eyes.clock.tick_seconds() as f64 / SECONDS_PER_DAY as f64,
            price_usd,
            initial_price_usd: economy.initial_price_usd,
            initial_over_supply: if supply > 0.0 {
                economy.initial_supply.atoms() as f64 / supply
            } else {
                1.0
            },
            fee: place.pool.fee,
            mode,
            cash: Purse::new(&market, place.cash, market.spendable(id, place.cash), cash_usd),
            tokens: Purse::new(&market, economy.token, market.spendable(id, economy.token), price_usd),
        };
        let (side, amount, limit_usd) = match choose(&sight, investor) {
            None => return,
            Some(Choice::Buy { cash, limit_usd }) => (place.side_to_buy(), cash, limit_usd),
            Some(Choice::Sell { tokens, limit_usd }) => (place.side_to_sell(), tokens, limit_usd),
        };
        let swap = PoolAction::SwapToPrice {
            pool: place.id,
            side,
            amount: Size::Exact(amount),
            limit: place.cash_per_token(limit_usd / cash_usd),
        };
        mempool.submit(id, &[Action::Pool(swap)]);
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INVESTOR: TokenInvestor = TokenInvestor {
        pool: PoolId(0),
        worth: 1.5,
        fear_share: 0.2,
        half_life_days: 4.0,
        band_share: 0.1,
        adjustment_share: 0.25,
        min_trade_usd: 50.0,
        belief: 1.5,
        looked: 0,
    };

    fn sight(price_usd: f64) -> Sight {
        let purse = |atoms, usd| Purse { amount: Amount::from_atoms(atoms), usd };
        Sight {
            tick: 0,
            tick_days: 1.0 / 24.0,
            price_usd,
            initial_price_usd: 0.02,
            initial_over_supply: 1.0,
            fee: 0.0,
            mode: StressMode::Normal,
            cash: purse(4_000, 400.0),
            tokens: purse(8_000, 800.0),
        }
    }

    #[test]
    fn it_buys_below_and_sells_above_its_belief_and_waits_between() {
        let after = |price| choose(&sight(price), &mut INVESTOR.clone());
        // It believes in three cents: it buys below 2.7, sells above 3.3.
        assert!(matches!(after(0.0269), Some(Choice::Buy { cash, limit_usd })
            if cash.atoms() == 1_000 && (limit_usd - 0.027).abs() < 1e-9));
        assert_eq!(after(0.0271), None);
        assert_eq!(after(0.0329), None);
        assert!(matches!(after(0.0331), Some(Choice::Sell { tokens, limit_usd })
            if tokens.atoms() == 2_000 && (limit_usd - 0.033).abs() < 1e-9));
        // What is not worth the trouble is left alone.
        let poor = Sight { cash: Purse { usd: 199.0, ..sight(0.01).cash }, ..sight(0.01) };
        assert_eq!(choose(&poor, &mut INVESTOR.clone()), None);
    }

    /// More parts of the same whole, and stress: each by the rule, and each by and by.
    #[test]
    fn dilution_and_stress_lower_the_belief_by_and_by() {
        let calm = sight(0.03);
        let settled = |sight: Sight| {
            let later = Sight { tick: 24 * 400, ..sight };
            new_belief(&later, &INVESTOR)
        };
        assert!((settled(calm) - 1.5).abs() < 1e-6);
        assert!((settled(Sight { initial_over_supply: 0.8, ..calm }) - 1.2).abs() < 1e-6);
        let stressed = Sight { mode: StressMode::UserRebalance, ..calm };
        assert!((settled(stressed) - 1.5 * 0.64).abs() < 1e-6);
        // Half of the way in a half-life.
        let halfway = new_belief(&Sight { tick: 96, ..stressed }, &INVESTOR);
        assert!((halfway - 0.5 * (1.5 + 0.96)).abs() < 1e-6, "{halfway}");
        let mut investor = INVESTOR;
        let _ = choose(&Sight { tick: 96, ..stressed }, &mut investor);
        assert_eq!((investor.looked, investor.belief), (96, halfway as f32));
    }

    proptest! {
        /// After the fee, it never pays more than its belief nor takes less.
        #[test]
        fn no_trade_is_worse_than_its_belief(
            price in 1e-6_f64..1.0,
            worth in 0.01_f32..20.0,
            band in 0.0_f32..=1.0,
            fee in 0.0_f64..0.99,
        ) {
            let mut investor = TokenInvestor { worth, belief: worth, band_share: band, ..INVESTOR };
            let sight = Sight { fee, ..sight(price) };
            let belief = f64::from(worth) * 0.02;
            match choose(&sight, &mut investor) {
                Some(Choice::Buy { limit_usd, .. }) => {
                    prop_assert!(price < limit_usd && limit_usd / (1.0 - fee) <= belief * (1.0 + 1e-9));
                }
                Some(Choice::Sell { limit_usd, .. }) => {
                    prop_assert!(price > limit_usd && limit_usd * (1.0 - fee) >= belief * (1.0 - 1e-9));
                }
                None => {}
            }
        }
    }
}
