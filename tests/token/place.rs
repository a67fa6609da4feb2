//! A small world with an allotted token and a pool of it.

use std::fmt::Debug;

use ballast::agents::Directory;
use ballast::experiment::config::Experiment;
use ballast::experiment::world::{self, BuildError};
use ballast::protocol::governance::Purpose;
use ballast::quantity::{Amount, AssetId, Tick};
use ballast::venue::accrual::accrue;
use ballast::venue::issuance::SaleOrder;
use ballast::venue::token::{TokenAccounts, TokenEconomy};
use ballast::venue::{Deal, Refusal, Valuation, Venues, value};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::notes::{Note, Notes};
use ballast::world::oracle::Oracle;
use bevy_ecs::prelude::*;

use crate::common::{market, read};
use crate::transact::transact;

pub(crate) const USD: AssetId = AssetId(0);
pub(crate) const GOV: AssetId = AssetId(2);
/// Atoms of a token, and of a dollar.
pub(crate) const UNIT: i64 = 1_000_000;
/// Tokens at the start.
pub(crate) const SUPPLY: i64 = 1_000_000_000 * UNIT;

/// ALEX's published shares.
pub(crate) const PUBLISHED: &str = "(foundation: 0.05, distributed: 0.15, community: 0.5,
    insiders: (share: 0.3, population: \"team\", vesting_days: 1460))";
/// A pool of 20 million tokens at two cents and as many dollars.
pub(crate) const POOL: &str = "(name: \"gov_usd\", base: \"GOV\", fee_bps: 30, initial_value_usd: 800000)";

/// A world whose agents hold still: seven people with tokens and dollars, and a team of three.
pub(crate) fn experiment(allocation: &str, pools: &str, rest: &str) -> Experiment {
    let people = |name: &str, count, holdings: &str| {
        format!(
            "(profile: \"noise_trader\", name: \"{name}\", count: {count}, agent: NoiseTrader(
                activity_per_day: 0, pool: \"gov_usd\", largest_trade_share: 0,
                endowment: (wealth_usd: LogNormal(median: 100000, sigma: 1), holdings: {{{holdings}}}),
            )),"
        )
    };
    read(&format!(
        "(
            name: \"token\", horizon_days: 2000, exchange: (half_spread_bps: 0, impact_bps: 0),
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
            governance: (initial_price_usd: 0.02, allocation: {allocation}),
            pools: [{pools}],
            populations: [{}{}],
            {rest}
        )",
        people("crowd", 7, "\"GOV\": 0.5, \"USD\": 0.5"),
        people("team", 3, "\"USD\": 1"),
    ))
}

/// A world of which single ticks can be taken.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) tick: u32,
}

impl Place {
    pub(crate) fn new(experiment: &Experiment) -> Self {
        Self::build(experiment).unwrap()
    }

    pub(crate) fn build(experiment: &Experiment) -> Result<Self, BuildError> {
        // The price stands still: a day of it is as good as all.
        let path = market(&Experiment { horizon_days: 1.0, ..experiment.clone() }, 0);
        let mut world = world::build(experiment, &path, 0, None)?;
        world.resource_mut::<Ledger>().audit(true).unwrap();
        Ok(Self { world, tick: 0 })
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.world.resource()
    }

    pub(crate) fn venues(&self) -> &Venues {
        self.world.resource()
    }

    pub(crate) fn token(&self) -> &TokenEconomy {
        self.venues().token().unwrap()
    }

    pub(crate) fn accounts(&self) -> TokenAccounts {
        self.token().accounts
    }

    pub(crate) fn held(&self, account: AccountId, asset: AssetId) -> i64 {
        self.ledger().balance(account, asset).atoms()
    }

    /// What each agent of a population holds.
    pub(crate) fn held_by(&self, population: &str, asset: AssetId) -> Vec<i64> {
        let populations = self.world.resource::<Directory>().populations();
        let found = populations.iter().find(|found| found.profile == population).unwrap();
        (found.first.0..found.first.0 + found.count).map(|agent| self.held(AccountId(agent), asset)).collect()
    }

    /// Does what an enacted vote or a transaction would: all of it, or nothing.
    pub(crate) fn act<T>(
        &mut self,
        act: impl FnOnce(&mut Venues, &mut Deal<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        transact(&mut self.world, act)
    }

    /// Starts a sale of so many tokens.
    pub(crate) fn sell(&mut self, tokens: i64, purpose: Purpose, over_hours: f64) {
        let tokens = Amount::from_atoms(tokens * UNIT);
        let order = SaleOrder { tokens, purpose, over_hours, least_price_usd: None };
        self.act(|venues, deal| venues.start_sale(deal, order)).unwrap();
    }

    /// Starts a buy-back for so many dollars.
    pub(crate) fn buy_back(&mut self, dollars: i64, over_hours: f64) {
        let cash = Amount::from_atoms(dollars * UNIT);
        self.act(|venues, deal| venues.start_buy_back(deal, cash, over_hours)).unwrap();
    }

    /// Dollars in the reserve, in atoms.
    pub(crate) fn reserve(&self) -> i64 {
        self.held(self.accounts().reserve, USD)
    }

    /// Everything a transaction can change.
    pub(crate) fn snapshot(&self) -> impl PartialEq + Debug + use<> {
        let ledger = self.ledger();
        let assets: Vec<AssetId> = ledger.assets().map(|(asset, _)| asset).collect();
        let balances: Vec<Vec<Amount>> =
            assets.iter().map(|asset| ledger.holdings(*asset).map(|(_, amount)| amount).collect()).collect();
        let supplies: Vec<Amount> = assets.iter().map(|asset| ledger.supply(*asset)).collect();
        let pools: Vec<_> = self.venues().pools().iter().map(|pool| pool.record).collect();
        (balances, supplies, pools, self.token().record, self.world.resource::<Notes>().all().len())
    }

    /// What time alone brings in the tick that begins `hours` later; the ticks between are skipped.
    pub(crate) fn skip(&mut self, hours: u32) {
        self.tick += hours;
        self.world.resource_mut::<Clock>().begin(Tick(self.tick));
        self.world.run_system_cached(accrue).unwrap();
        self.world.run_system_cached(value).unwrap();
        self.world.resource_mut::<Ledger>().audit(true).unwrap();
    }

    /// Dollars a token counts at.
    pub(crate) fn value(&self) -> f64 {
        self.world.resource::<Valuation>().price(GOV)
    }

    /// Marginal price of the token in its pool.
    pub(crate) fn price(&self) -> f64 {
        self.venues().spot_price(self.ledger(), self.world.resource::<Oracle>(), GOV).unwrap()
    }

    /// Gives an account more dollars.
    pub(crate) fn bring_dollars(&mut self, account: AccountId, dollars: i64) {
        let mut ledger = self.world.resource_mut::<Ledger>();
        ledger.bridge_in(account, USD, Amount::from_atoms(dollars * UNIT)).unwrap();
        ledger.commit();
    }

    pub(crate) fn events(&self, kind: &str) -> Vec<&Note> {
        self.world.resource::<Notes>().all().iter().filter(|note| note.kind == kind).collect()
    }
}
