//! A small world with one loan market, in which one transaction can be sent at a time.

use ballast::agents::Directory;
use ballast::experiment::world;
use ballast::quantity::{Amount, AssetId, Tick};
use ballast::record::recorder::{self, Recorder};
use ballast::venue::accrual::accrue;
use ballast::venue::execute::{Receipts, execute_block};
use ballast::venue::lending::{LendAction, LoanMarket, LoanMarketId, LoanView, Slot};
use ballast::venue::pool::Pool;
use ballast::venue::{Action, Mempool, Refusal, Valuation, Venues, value};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::mempool::Terms;
use ballast::world::notes::Notes;
use ballast::world::oracle::Oracle;
use bevy_ecs::prelude::*;

use crate::common::{market, read};

pub(crate) const USD: AssetId = AssetId(0);
pub(crate) const ETH: AssetId = AssetId(1);
/// The market of every world here.
pub(crate) const LOANS: LoanMarketId = LoanMarketId(0);
/// Ticks in a term: a quarter of a year of hours.
pub(crate) const TERM: u32 = 2_190;

/// What differs between worlds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Design {
    /// Profile and parameters of the market, as in a config.
    pub(crate) loan: &'static str,
    /// The reserve, as in a config.
    pub(crate) reserve: &'static str,
    /// The outside market, as in a config.
    pub(crate) exchange: &'static str,
}

/// An outside market that asks nothing.
pub(crate) const FREE: &str = "(half_spread_bps: 0, impact_bps: 0)";
/// White paper 3.
pub(crate) const PAPER: &str = "profile: Whitepaper";
/// Mainnet, with the closing week.
pub(crate) const CONTRACT: &str = "profile: Contract, conversion_loan_to_value: 0.95, volatility: 0.6, moving_average: 0, \
                                   closing_days: 7, strike_multiplier: 0.25";

impl Design {
    /// A market beside an outside market that asks nothing, with this reserve.
    pub(crate) const fn free(loan: &'static str, reserve: &'static str) -> Self {
        Self { loan, reserve, exchange: FREE }
    }
}

/// Everything a transaction can change.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    balances: Vec<Vec<i64>>,
    supplies: Vec<Amount>,
    loans: Vec<LoanMarket>,
    pools: Vec<Pool>,
    notes: usize,
}

pub(crate) struct Place {
    world: World,
    pub(crate) actors: Vec<AccountId>,
    pub(crate) tick: u32,
    pub(crate) price: f64,
}

impl Place {
    /// Four people with a million dollars and 500 ETH each; ETH at 2,000 dollars.
    pub(crate) fn new(design: Design, seed: u64) -> Self {
        let Design { loan, reserve, exchange } = design;
        let experiment = read(&format!(
            "(
                name: \"place\", seed: {seed}, horizon_days: 1, exchange: {exchange},
                price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
                network: (gas_usd_per_action: 0),
                pools: [(name: \"eth_usd\", base: \"ETH\", curve: Weighted(base_weight: 0.5), fee_bps: 30,
                         initial_value_usd: 4000000),
                        (name: \"usd_eth\", base: \"USD\", quote: \"ETH\", fee_bps: 30, rebate_share: 0.5,
                         initial_value_usd: 4000000)],
                loans: [({loan}, name: \"eth\", rates: (initial_liquidity_usd: 1000000))],
                reserve: {reserve},
                populations: [(profile: \"noise_trader\", count: 4, agent: NoiseTrader(
                    activity_per_day: 0,
                    endowment: (wealth_usd: 2000000, holdings: {{ \"USD\": 0.5, \"ETH\": 0.5 }}),
                    pool: \"eth_usd\", largest_trade_share: 0,
                ))],
            )"
        ));
        let mut world = world::build(&experiment, &market(&experiment, 0), 0, None).unwrap();
        let population = &world.resource::<Directory>().populations()[0];
        let actors = (population.first.0..population.first.0 + population.count).map(AccountId).collect();
        for (asset, symbol) in [(USD, "USD"), (ETH, "ETH")] {
            assert_eq!(world.resource::<Ledger>().find(symbol), Some(asset));
        }
        world.resource_mut::<Ledger>().audit(true).unwrap();
        Self { world, actors, tick: 0, price: 2_000.0 }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.world.resource()
    }

    pub(crate) fn venues(&self) -> &Venues {
        self.world.resource()
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.world.resource()
    }

    pub(crate) fn loan(&self) -> &LoanMarket {
        self.venues().loan(LOANS)
    }

    /// The tokens of the term that runs.
    pub(crate) fn slot(&self) -> Slot {
        *self.loan().slot(&self.loan().record.running)
    }

    /// The tokens of the term before.
    pub(crate) fn slot_before(&self) -> Slot {
        *self.loan().slot(self.loan().record.before.as_ref().unwrap())
    }

    pub(crate) fn view(&self) -> LoanView {
        let oracle = self.world.resource::<Oracle>();
        self.venues().loan_view(self.loan(), self.ledger(), oracle, self.clock()).unwrap()
    }

    pub(crate) fn held(&self, account: AccountId, asset: AssetId) -> Amount {
        self.ledger().balance(account, asset)
    }

    pub(crate) fn units(&self, account: AccountId, asset: AssetId) -> f64 {
        self.ledger().units(account, asset)
    }

    /// Sends one transaction in a block of its own.
    pub(crate) fn send(
        &mut self,
        actor: AccountId,
        actions: &[Action],
        terms: Terms,
    ) -> Result<Amount, Refusal> {
        self.world.resource_mut::<Mempool>().submit_on(actor, actions, terms);
        self.world.run_system_cached(execute_block).unwrap();
        self.world.resource::<Receipts>().of_tick().last().unwrap().outcome
    }

    /// Sends one action.
    pub(crate) fn lend(&mut self, actor: AccountId, action: LendAction) -> Result<Amount, Refusal> {
        let outcome = self.send(actor, &[Action::Lend(action)], Terms::default());
        self.must_be_sound(&format!("{action:?}"));
        outcome
    }

    /// It is that tick, and ETH costs that much.
    pub(crate) fn at(&mut self, tick: u32, price: f64) {
        self.at_peg(tick, price, 1.0);
    }

    /// The same while an on-chain dollar is worth `dollar`.
    pub(crate) fn at_peg(&mut self, tick: u32, price: f64, dollar: f64) {
        (self.tick, self.price) = (tick, price);
        self.world.resource_mut::<Clock>().begin(Tick(tick));
        self.world.resource_mut::<Oracle>().observe(tick, [price], dollar);
        self.world.resource_mut::<Receipts>().begin();
        self.world.run_system_cached(accrue).unwrap();
        self.world.run_system_cached(value).unwrap();
        self.must_be_sound(&format!("time passes until {tick}"));
    }

    /// The price of collateral outside, in on-chain dollars.
    pub(crate) fn mid(&self) -> f64 {
        self.venues().exchange.mid(self.world.resource::<Oracle>(), ETH).unwrap()
    }

    /// What all coins from outside are worth together.
    pub(crate) fn worth(&self) -> f64 {
        self.ledger().supply_units(USD) + self.ledger().supply_units(ETH) * self.mid()
    }

    /// What a metric reads now.
    pub(crate) fn metric(&mut self, name: &str) -> Option<f64> {
        self.world.run_system_cached(recorder::record).unwrap();
        let table = self.world.resource_mut::<Recorder>().take_series(0, 0, 3_600).unwrap();
        *table.real(name).unwrap().last().unwrap()
    }

    pub(crate) fn notes(&self, kind: &str) -> usize {
        self.world.resource::<Notes>().all().iter().filter(|note| note.kind == kind).count()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let (ledger, venues) = (self.ledger(), self.venues());
        let assets: Vec<AssetId> = ledger.assets().map(|(asset, _)| asset).collect();
        Snapshot {
            balances: assets
                .iter()
                .map(|asset| ledger.holdings(*asset).map(|(_, held)| held.atoms()).collect())
                .collect(),
            supplies: assets.iter().map(|asset| ledger.supply(*asset)).collect(),
            loans: venues.loans().to_vec(),
            pools: venues.pools().to_vec(),
            notes: self.world.resource::<Notes>().all().len(),
        }
    }

    /// The books balance, nobody owes, claims are covered, and every number is one.
    pub(crate) fn must_be_sound(&mut self, what: &str) {
        let balanced = self.world.resource_mut::<Ledger>().audit(true);
        assert_eq!(balanced, Ok(()), "{what}");
        let (ledger, loan) = (self.ledger(), self.loan());
        for (asset, _) in ledger.assets() {
            let owing = ledger.holdings(asset).find(|(_, held)| held.atoms() < 0);
            assert_eq!(owing, None, "{what}\n{asset:?}");
            let price = self.world.resource::<Valuation>().price(asset);
            assert!(price.is_finite() && price >= 0.0, "{what}\n{asset:?} is worth {price}");
        }
        let seen = format!("{:?} {:?}", loan.record, loan.rate_state(ledger));
        assert!(!seen.contains("NaN") && !seen.contains("inf"), "{what}\n{seen}");
        assert!(loan.record.running.virtual_yield >= 0.0, "{what}");
        assert!((0.0..=1.0).contains(&loan.record.running.weight), "{what}\n{seen}");
        for slot in loan.slots {
            let of_yield = ledger.supply(slot.yield_token);
            let settled = loan.record.before.filter(|before| loan.slots[before.slot as usize] == slot);
            if settled.is_none() {
                assert_eq!(of_yield, ledger.supply(slot.key_token), "{what}: minted together");
            }
        }
        self.claims_must_be_covered(what);
    }

    /// What all holders of the term before could claim is in its vault.
    fn claims_must_be_covered(&self, what: &str) {
        let (ledger, loan) = (self.ledger(), self.loan());
        if loan.record.before.is_none_or(|before| before.settled.is_none()) {
            return;
        }
        let slot = self.slot_before();
        let (mut x, mut y) = (0, 0);
        for account in (0..ledger.accounts()).map(AccountId) {
            let (bonds, keys) = (self.held(account, slot.yield_token), self.held(account, slot.key_token));
            let [collateral, tokens] = loan.quote_claim(ledger, bonds, keys).unwrap();
            x += collateral.atoms();
            y += tokens.atoms();
        }
        let (held_x, held_y) = (self.held(slot.vault, ETH).atoms(), self.held(slot.vault, USD).atoms());
        assert!(x <= held_x && y <= held_y, "{what}\n{x} of {held_x} ETH, {y} of {held_y} dollars claimed");
    }
}
