//! A small world with an allotted token, a pool of it, and staking pools for both.

use std::fmt::Debug;

use ballast::agents::Directory;
use ballast::experiment::config::Experiment;
use ballast::experiment::world;
use ballast::quantity::{Amount, AssetId, Tick};
use ballast::venue::accrual::accrue;
use ballast::venue::stake_pools::{EmissionPool, EmissionPoolId, StakeAccounts};
use ballast::venue::{Action, Refusal, Venues, value};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::notes::{Note, Notes};
use bevy_ecs::prelude::*;

use crate::common::{market, read};
use crate::transact::transact;

pub(crate) const GOV: AssetId = AssetId(2);
pub(crate) const SHARES: AssetId = AssetId(3);
/// Atoms of a token, and of a dollar.
pub(crate) const UNIT: i64 = 1_000_000;
/// The pool of the token, and that of the pool's shares.
pub(crate) const TOKEN: EmissionPoolId = EmissionPoolId(0);
pub(crate) const LIQUIDITY: EmissionPoolId = EmissionPoolId(1);

/// Cycles of a day for the token, of two days for liquidity.
pub(crate) const STAKING: &str = r#"
    (name: "gov", asset: "GOV", emission: Halving(tokens_per_cycle: 1000), halving_cycles: 10, cycle_blocks: 144, vault: (end_cycle: 40)),
    (name: "lp", asset: "gov_usd_shares", emission: Eras(tokens_per_cycle: (700, 300, 100, 0, 50)), halving_cycles: 7,
     cycle_blocks: 288, apower_multiplier: 0.3, tiers: [(lock_cycles: 4, weight: 1.5), (lock_cycles: 16, weight: 2.25)])"#;

/// A world whose agents hold still: `count` people with tokens, shares and dollars.
pub(crate) fn experiment(staking: &str, count: u32, community: f64, rest: &str) -> Experiment {
    let foundation = 0.5 - community;
    read(&format!(
        "(
            name: \"staking\", horizon_days: 400, exchange: (half_spread_bps: 0, impact_bps: 0),
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
            governance: (initial_price_usd: 0.02, initial_supply: 1000000,
                profile: Plain, rules: (quorum_share: 0, voting_hours: 72, timelock_hours: 24, cooldown_hours: 0),
                allocation: (foundation: {foundation}, distributed: 0.5, community: {community})),
            pools: [(name: \"gov_usd\", base: \"GOV\", fee_bps: 30, initial_value_usd: 2000)],
            staking: [{staking}],
            populations: [(profile: \"noise_trader\", name: \"crowd\", count: {count}, agent: NoiseTrader(
                activity_per_day: 0, pool: \"gov_usd\", largest_trade_share: 0,
                endowment: (wealth_usd: LogNormal(median: 1000, sigma: 1),
                    holdings: {{\"GOV\": 0.5, \"gov_usd_shares\": 0.25, \"USD\": 0.25}}),
            ))],
            {rest}
        )"
    ))
}

/// A world of which single ticks can be taken.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) tick: u32,
}

impl Place {
    pub(crate) fn new(experiment: &Experiment) -> Self {
        // The price stands still: a day of it is as good as all.
        let path = market(&Experiment { horizon_days: 1.0, ..experiment.clone() }, 0);
        let mut world = world::build(experiment, &path, 0, None).unwrap();
        world.resource_mut::<Ledger>().audit(true).unwrap();
        Self { world, tick: 0 }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.world.resource()
    }

    pub(crate) fn venues(&self) -> &Venues {
        self.world.resource()
    }

    pub(crate) fn pool(&self, id: EmissionPoolId) -> &EmissionPool {
        self.venues().stakes().pool(id).unwrap()
    }

    pub(crate) fn accounts(&self) -> StakeAccounts {
        *self.venues().stakes().accounts().unwrap()
    }

    pub(crate) fn held(&self, account: AccountId, asset: AssetId) -> i64 {
        self.ledger().balance(account, asset).atoms()
    }

    /// One of the crowd.
    pub(crate) fn person(&self, place: u32) -> AccountId {
        AccountId(self.world.resource::<Directory>().populations()[0].first.0 + place)
    }

    /// One transaction: all actions or none.
    pub(crate) fn send(&mut self, actor: AccountId, actions: &[Action]) -> Result<Amount, Refusal> {
        transact(&mut self.world, |venues, deal| {
            actions
                .iter()
                .try_fold(Amount::ZERO, |previous, action| venues.perform(deal, actor, *action, previous))
        })
    }

    /// Everything a transaction can change.
    pub(crate) fn snapshot(&self) -> impl PartialEq + Debug + use<> {
        let ledger = self.ledger();
        let assets: Vec<AssetId> = ledger.assets().map(|(asset, _)| asset).collect();
        let balances: Vec<Vec<Amount>> =
            assets.iter().map(|asset| ledger.holdings(*asset).map(|(_, amount)| amount).collect()).collect();
        let supplies: Vec<Amount> = assets.iter().map(|asset| ledger.supply(*asset)).collect();
        // Totals of cycles that nobody has staked for may have been made room for: they are zero either way.
        let stakes: Vec<_> = self
            .venues()
            .stakes()
            .pools()
            .iter()
            .map(|pool| {
                let totals: Vec<_> = (0..500)
                    .map(|cycle| (pool.rules.total_at(cycle), pool.rules.weighted_total_at(cycle)))
                    .collect();
                let stakers: Vec<_> =
                    pool.stakers().map(|(account, staker)| (account, staker.clone())).collect();
                (
                    totals,
                    stakers,
                    pool.vault().cloned(),
                    pool.rules.books,
                    pool.rules.activation,
                    pool.unpaid(),
                )
            })
            .collect();
        let governance = self.venues().governance().cloned();
        (balances, supplies, stakes, governance, self.world.resource::<Notes>().all().len())
    }

    /// What time alone brings in the tick that begins `hours` later; the ticks between are skipped, but votes close.
    pub(crate) fn skip(&mut self, hours: u32) {
        for _ in 0..hours {
            self.world.run_system_cached::<(), _, _>(ballast::venue::governance::govern).unwrap();
            self.tick += 1;
            self.world.resource_mut::<Clock>().begin(Tick(self.tick));
        }
        self.world.run_system_cached(accrue).unwrap();
        self.world.run_system_cached(value).unwrap();
        self.world.resource_mut::<Ledger>().audit(true).unwrap();
    }

    pub(crate) fn events(&self, kind: &str) -> Vec<&Note> {
        self.world.resource::<Notes>().all().iter().filter(|note| note.kind == kind).collect()
    }
}
