//! A small world with one pool, and what must hold in it.

use ballast::agents::Directory;
use ballast::experiment::world;
use ballast::protocol::liquidity::gate::GateRule;
use ballast::quantity::{Amount, AssetId, Tick};
use ballast::venue::accrual::accrue;
use ballast::venue::execute::{Receipts, execute_block};
use ballast::venue::pool::Pool;
use ballast::venue::pool::provision::{Provision, Request};
use ballast::venue::wallets::Wallets;
use ballast::venue::{Action, Equity, Mempool, Refusal, Valuation, Venues, value};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::mempool::Terms;
use ballast::world::notes::Notes;
use ballast::world::oracle::Oracle;
use bevy_ecs::prelude::*;

use crate::POOL;
use crate::common::{market, read};

pub(crate) const USD: AssetId = AssetId(0);
pub(crate) const ETH: AssetId = AssetId(1);
pub(crate) const SHARES: AssetId = AssetId(2);
/// Further wallets of each actor.
const WALLETS: u8 = 3;

/// Everything a transaction can change.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    balances: Vec<Vec<i64>>,
    pools: Vec<Pool>,
    wallets: Wallets,
    notes: usize,
}

pub(crate) struct Place {
    world: World,
    pub(crate) actors: Vec<AccountId>,
    tick: u32,
    price: f64,
}

impl Place {
    /// A pool of ETH and dollars worth a million under `rules`, ETH at 2,000 dollars, no gas; five actors, each with
    /// dollars, ETH and shares, and three further wallets not opened yet.
    pub(crate) fn new(rules: &str, seed: u64) -> Self {
        let experiment = read(&format!(
            "(
                name: \"place\", seed: {seed}, horizon_days: 1, network: (gas_usd_per_action: 0),
                price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
                pools: [(
                    name: \"eth_usd\", base: \"ETH\", fee_bps: 30, rebate_share: 0.5, initial_value_usd: 1000000,
                    liquidity: {rules},
                )],
                populations: [(profile: \"noise_trader\", count: 5, agent: NoiseTrader(
                    activity_per_day: 0,
                    endowment: (wealth_usd: LogNormal(median: 100000, sigma: 1), holdings: {{
                        \"USD\": 0.4, \"ETH\": 0.4, \"eth_usd_shares\": 0.2,
                    }}),
                    pool: \"eth_usd\", largest_trade_share: 0,
                ))],
            )"
        ));
        let mut world = world::build(&experiment, &market(&experiment, 0), 0, None).unwrap();
        let population = &world.resource::<Directory>().populations()[0];
        let actors: Vec<AccountId> =
            (population.first.0..population.first.0 + population.count).map(AccountId).collect();
        for owner in &actors {
            let first = world.resource_mut::<Ledger>().open_accounts(u32::from(WALLETS)).unwrap();
            world.resource_mut::<Venues>().wallets_mut().give(*owner, first, WALLETS);
        }
        Self { world, actors, tick: 0, price: 2_000.0 }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.world.resource()
    }

    pub(crate) fn venues(&self) -> &Venues {
        self.world.resource()
    }

    pub(crate) fn pool(&self) -> &Pool {
        self.venues().pool(POOL)
    }

    pub(crate) fn provision(&self) -> &Provision {
        self.pool().provision.as_ref().unwrap()
    }

    pub(crate) fn held(&self, account: AccountId, asset: AssetId) -> Amount {
        self.ledger().balance(account, asset)
    }

    pub(crate) fn equity(&self, account: AccountId) -> f64 {
        Equity::new(self.world.resource::<Valuation>(), self.ledger(), self.venues()).of(account)
    }

    pub(crate) fn notes(&self) -> Vec<(&'static str, String)> {
        let notes = self.world.resource::<Notes>().all();
        notes.iter().map(|note| (note.kind, note.detail.clone())).collect()
    }

    /// The account of a further wallet, open or not.
    pub(crate) fn further(&self, owner: AccountId, wallet: u8) -> Option<AccountId> {
        let owned = self.venues().wallets().of(owner)?;
        (wallet < owned.most).then(|| AccountId(owned.first.0 + u32::from(wallet)))
    }

    /// Brings more of an outside asset in.
    pub(crate) fn bring_in(&mut self, account: AccountId, asset: AssetId, amount: Amount) {
        let mut ledger = self.world.resource_mut::<Ledger>();
        ledger.bridge_in(account, asset, amount).unwrap();
        ledger.commit();
    }

    /// Gives a parameter a value, as a vote would.
    pub(crate) fn decree(&mut self, name: &str, value: f64) {
        let mut venues = self.world.resource_mut::<Venues>();
        let id = venues.find_parameter(name).unwrap();
        venues.set_parameter(id, value).unwrap();
        assert_eq!(venues.parameter_value(id), Some(value));
    }

    /// Sends one transaction in a block of its own.
    pub(crate) fn send(&mut self, actor: AccountId, actions: &[Action]) -> Result<Amount, Refusal> {
        self.world.resource_mut::<Mempool>().submit_on(actor, actions, Terms::default());
        self.world.run_system_cached(execute_block).unwrap();
        self.world.resource::<Receipts>().of_tick().last().unwrap().outcome
    }

    /// Hours pass, and the outside price with them; gates open as they should.
    pub(crate) fn pass(&mut self, hours: u32, factor: f64) {
        self.price *= factor;
        for _ in 0..hours {
            self.tick += 1;
            self.world.resource_mut::<Clock>().begin(Tick(self.tick));
            self.world.resource_mut::<Oracle>().observe(self.tick, [self.price], 1.0);
            self.world.resource_mut::<Receipts>().begin();
            let before = self.provision().clone();
            let supply = self.ledger().supply(SHARES);
            self.world.run_system_cached(accrue).unwrap();
            self.world.run_system_cached(value).unwrap();
            self.must_open_rightly(&before, supply);
            self.must_be_sound("time passes");
        }
    }

    /// What left is what the rule grants: no more than is allowed, all of it while somebody waits, the first first.
    fn must_open_rightly(&self, before: &Provision, supply: Amount) {
        let now = self.provision();
        let left = supply.atoms() - self.ledger().supply(SHARES).atoms();
        if now.record.cycle == before.record.cycle {
            assert_eq!((left, now.queue()), (0, before.queue()));
            return;
        }
        assert_eq!(now.record.cycle, before.record.cycle + 1, "a cycle is longer than an hour");
        assert_eq!(left, before.queued().atoms() - now.queued().atoms(), "who leaves, waited");
        let Some(gate) = before.rules.gate else { return };
        let allowed = (supply.atoms() + before.record.left_in_cycle.atoms()) as f64 * gate.max_share;
        let open = (allowed - before.record.left_in_cycle.atoms() as f64).max(0.0);
        assert!(left as f64 <= open + 1.0, "{left} left, {open} could");
        assert!(left as f64 >= open.min(before.queued().atoms() as f64) - 1.0, "{left} left of {open}");
        let granted = |request: &Request| {
            let after = now.queue().iter().find(|after| after.holder == request.holder);
            request.shares.atoms() - after.map_or(0, |after| after.shares.atoms())
        };
        let parts: Vec<(i64, i64)> =
            before.queue().iter().map(|one| (granted(one), one.shares.atoms())).collect();
        match gate.rule {
            GateRule::FirstCome => {
                let full = parts.iter().take_while(|(granted, asked)| granted == asked).count();
                assert!(parts.iter().skip(full + 1).all(|(granted, _)| *granted == 0), "{parts:?}");
            }
            GateRule::ProRata => {
                let asked: i64 = parts.iter().map(|(_, asked)| asked).sum();
                for (granted, mine) in &parts {
                    let exact = left as f64 * *mine as f64 / asked as f64;
                    assert!((*granted as f64 - exact).abs() <= 1.0 + exact * 1e-9, "{parts:?}");
                }
            }
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let ledger = self.ledger();
        let held = |(asset, _)| ledger.holdings(asset).map(|(_, held)| held.atoms()).collect();
        Snapshot {
            balances: ledger.assets().map(held).collect(),
            pools: self.venues().pools().to_vec(),
            wallets: self.venues().wallets().clone(),
            notes: self.world.resource::<Notes>().all().len(),
        }
    }

    /// The invariant of the pool per share.
    pub(crate) fn worth_of_a_share(&self) -> f64 {
        let [base, quote] = self.pool().reserves(self.ledger());
        (base * quote).sqrt() / self.ledger().supply_units(SHARES)
    }

    /// What each wallet provides, by account.
    pub(crate) fn provided(&self) -> Vec<Amount> {
        let accounts = (0..self.ledger().accounts()).map(AccountId);
        accounts.map(|account| self.pool().provided(self.ledger(), account)).collect()
    }

    /// Whoever provides more than `before` is within the cap.
    pub(crate) fn must_respect_the_cap(&self, before: &[Amount], what: &str) {
        let Some(cap) = self.provision().rules.cap_share else { return };
        let most = self.ledger().supply(SHARES).atoms() as f64 * cap;
        let escrow = self.provision().accounts.escrow.index();
        for (account, (before, after)) in before.iter().zip(self.provided()).enumerate() {
            // What lies in escrow is counted where it is owed.
            if account == escrow {
                continue;
            }
            let within = after <= *before || after.atoms() as f64 <= most * (1.0 + 1e-12) + 1.0;
            assert!(within, "{what}\n{account} provides {after}, {most} is the most");
        }
    }

    /// The books balance, nobody owes, escrow holds what is owed and nothing else.
    pub(crate) fn must_be_sound(&mut self, what: &str) {
        assert_eq!(self.world.resource_mut::<Ledger>().audit(true), Ok(()), "{what}");
        let (ledger, provision) = (self.ledger(), self.provision());
        for (asset, _) in ledger.assets() {
            let owing = ledger.holdings(asset).find(|(_, held)| held.atoms() < 0);
            assert_eq!(owing, None, "{what}\n{asset:?}");
        }
        let owed: i64 = provision.escrowed().map(|(_, shares)| shares.atoms()).sum();
        assert_eq!(self.held(provision.accounts.escrow, SHARES).atoms(), owed, "{what}");
        for owner in &self.actors {
            for wallet in 0..WALLETS {
                let account = self.further(*owner, wallet).unwrap();
                assert_eq!([USD, ETH].map(|coin| self.held(account, coin)), [Amount::ZERO; 2], "{what}");
            }
            assert!(self.equity(*owner).is_finite() && self.equity(*owner) >= 0.0, "{what}");
        }
    }
}
