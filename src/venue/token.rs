//! The governance token as a means of payment: who was allotted how much of it, what has vested, and what it costs.
//!
//! The foundation issues the token. With an allocation the supply is kept apart: the foundation's own, the community's, from
//! which staking is rewarded, and what insiders do not own yet. Insiders are paid once a day, at the first tick of each.
//!
//! The token costs what the first pool asks for it that trades it against a coin of the outside market.

use super::governance::registry::Governed;
use super::issuance::TokenRecord;
use super::launch::Launch;
use super::pool::{Pool, PoolId};
use super::{Deal, Refusal, Undo, Venues};
use crate::protocol::amm::Side;
use crate::protocol::governance::{Parameter, Remedy};
use crate::protocol::vesting::Schedule;
use crate::quantity::{Amount, AssetId, SECONDS_PER_DAY};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::notes::Note;
use crate::world::oracle::Oracle;

/// How far votes can raise the target of the reserve, as a multiple of what it was at the start.
const MOST_TARGET: f64 = 4.0;

/// Seconds in the year by which releases are told: 365 days.
const YEAR_SECONDS: i64 = 365 * SECONDS_PER_DAY;

/// The token's accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenAccounts {
    /// Issues the token, and holds what is the foundation's.
    pub foundation: AccountId,
    /// Out of which staking is rewarded.
    pub community: AccountId,
    /// What insiders do not own yet.
    pub vesting: AccountId,
    /// Tokens that are being sold, and those bought back until they are burned a moment later.
    pub issuance: AccountId,
    /// Where the dollars of a sale go, and those of a buy-back come from.
    pub reserve: AccountId,
}

/// Whose a vested grant becomes, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Vesting {
    /// When.
    pub schedule: Schedule,
    /// The first of the accounts it goes to; they lie next to one another.
    pub first: AccountId,
    /// The grant of each.
    pub grants: Vec<Amount>,
}

/// The governance token of a world that allots it.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenEconomy {
    /// The token.
    pub token: AssetId,
    /// Its accounts.
    pub accounts: TokenAccounts,
    /// Supply at the start.
    pub initial_supply: Amount,
    /// What a token was worth at the start, in dollars.
    pub initial_price_usd: f64,
    /// Dollars that the reserve ought to hold, if it was given a target; votes move it.
    pub reserve_target_usd: Option<f64>,
    /// The same at the start.
    pub initial_target_usd: Option<f64>,
    /// Grants that have yet to vest.
    pub vesting: Option<Vesting>,
    /// What changes, and is restored when a transaction fails.
    pub record: TokenRecord,
}

/// Where a token trades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenMarket<'v> {
    /// The pool's place.
    pub id: PoolId,
    /// The pool.
    pub pool: &'v Pool,
    /// Whether the token is its base coin.
    pub is_base: bool,
    /// The other coin, which the outside market prices.
    pub cash: AssetId,
}

impl TokenMarket<'_> {
    /// A price of the pool, quote per base, as units of cash a token; and the other way round.
    #[must_use]
    pub fn cash_per_token(&self, pool_price: f64) -> f64 {
        if self.is_base { pool_price } else { pool_price.recip() }
    }

    /// The side on which the token goes in.
    #[must_use]
    pub const fn side_to_sell(&self) -> Side {
        if self.is_base { Side::SellBase } else { Side::BuyBase }
    }

    /// The side on which the token comes out.
    #[must_use]
    pub const fn side_to_buy(&self) -> Side {
        if self.is_base { Side::BuyBase } else { Side::SellBase }
    }
}

impl TokenEconomy {
    /// Tokens that somebody can trade: the supply less what the foundation and the community keep, what has not vested, what
    /// is still to be sold and what lies with `launches`.
    #[must_use]
    pub fn circulating(&self, ledger: &Ledger, launches: &[Launch]) -> Amount {
        let TokenAccounts { foundation, community, vesting, issuance, .. } = self.accounts;
        [foundation, community, vesting, issuance]
            .into_iter()
            .chain(launches.iter().map(|launch| launch.terms.account))
            .fold(ledger.supply(self.token), |left, account| {
                left.saturating_less(ledger.balance(account, self.token))
            })
    }
}

/// What the reserve ought to hold, where it was given a target: for what tokens are issued, and what a buy-back leaves alone.
/// Voters think nothing of it by itself: a target that is lowered makes no reserve fuller.
impl Governed for TokenEconomy {
    fn parameter_count(&self) -> usize {
        usize::from(self.initial_target_usd.is_some())
    }

    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |target: f64| Parameter {
            name: "reserve.target_usd".into(),
            unit: "usd",
            low: 0.0,
            high: MOST_TARGET * target,
            meaning: "dollars that the reserve ought to hold",
            sensitivities: Vec::new(),
            remedy: Remedy::default(),
        };
        self.initial_target_usd.map(parameter).into_iter().collect()
    }

    fn parameter_value(&self, _: usize) -> Option<f64> {
        self.reserve_target_usd
    }

    fn set_parameter(&mut self, _: usize, value: f64) {
        self.reserve_target_usd = Some(value);
    }
}

impl Venues {
    /// The same venues, whose governance token is allotted like this.
    #[must_use]
    pub fn allotting(self, token: TokenEconomy) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The governance token, if this world allots it.
    #[must_use]
    pub const fn token(&self) -> Option<&TokenEconomy> {
        self.token.as_ref()
    }

    /// Names those to whom the insiders' part goes.
    pub fn vest(&mut self, vesting: Vesting) {
        if let Some(token) = &mut self.token {
            token.vesting = Some(vesting);
        }
    }

    /// The first pool that trades `asset` against a coin of the outside market.
    #[must_use]
    pub fn market_against_cash(&self, oracle: &Oracle, asset: AssetId) -> Option<TokenMarket<'_>> {
        self.pools.iter().enumerate().find_map(|(place, pool)| {
            let side = pool.coins.iter().position(|coin| *coin == asset)?;
            let cash = pool.coins[1 - side];
            self.exchange.mid(oracle, cash)?;
            Some(TokenMarket { id: PoolId(place as u8), pool, is_base: side == 0, cash })
        })
    }

    /// What a unit of `asset` costs in its market, in on-chain dollars: the pool's average over its window.
    #[must_use]
    pub fn average_price(
        &self,
        ledger: &Ledger,
        oracle: &Oracle,
        clock: &Clock,
        asset: AssetId,
    ) -> Option<f64> {
        let market = self.market_against_cash(oracle, asset)?;
        let cash = market.cash_per_token(market.pool.twap(ledger, clock)?);
        priced(cash * self.exchange.mid(oracle, market.cash)?)
    }

    /// What a unit of `asset` costs in its market at the margin, in on-chain dollars and before fees.
    #[must_use]
    pub fn spot_price(&self, ledger: &Ledger, oracle: &Oracle, asset: AssetId) -> Option<f64> {
        let market = self.market_against_cash(oracle, asset)?;
        let cash = market.cash_per_token(market.pool.price(ledger)?);
        priced(cash * self.exchange.mid(oracle, market.cash)?)
    }

    /// Pays insiders what has vested, once a day.
    ///
    /// # Errors
    /// [`Refusal`] if what has not vested was touched by something else; the caller then rolls back.
    pub(super) fn release_vested(&mut self, deal: &mut Deal<'_>) -> Result<(), Refusal> {
        let Some(token) = &mut self.token else { return Ok(()) };
        let Some(vesting) = &token.vesting else { return Ok(()) };
        let (before, now) = (token.record.vested_until_seconds, deal.clock.now_seconds());
        if now.div_euclid(SECONDS_PER_DAY) == before.div_euclid(SECONDS_PER_DAY) {
            return Ok(());
        }
        self.undo.push(Undo::Token(Box::new(token.record)));
        let mut released = Amount::ZERO;
        for (account, grant) in (vesting.first.0..).map(AccountId).zip(&vesting.grants) {
            let due = vesting.schedule.released(*grant, now);
            let due = due.saturating_less(vesting.schedule.released(*grant, before));
            if due.is_positive() {
                deal.ledger.transfer(token.accounts.vesting, account, token.token, due)?;
                released = released.checked_add(due).unwrap_or(released);
            }
        }
        let record = &mut token.record;
        record.vested_until_seconds = now;
        record.released_since_told = record.released_since_told.checked_add(released).unwrap_or(released);
        let year = now.div_euclid(YEAR_SECONDS);
        if year > before.div_euclid(YEAR_SECONDS) && record.released_since_told.is_positive() {
            let scale = deal.ledger.asset(token.token);
            let units = scale.decimals.units(record.released_since_told);
            record.released_since_told = Amount::ZERO;
            deal.notes.add(Note {
                tick: deal.clock.tick(),
                block: deal.clock.block(),
                agent: None,
                kind: "vesting",
                subject: scale.symbol.clone(),
                detail: format!("{units} tokens released up to year {year}"),
                value: Some(units),
            });
        }
        Ok(())
    }
}

fn priced(price: f64) -> Option<f64> {
    (price.is_finite() && price >= 0.0).then_some(price)
}
