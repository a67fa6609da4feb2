//! A small world in which one transaction can be sent at a time, and what must hold in it.

use ballast::agents::Directory;
use ballast::experiment::world;
use ballast::protocol::amm::{self, Curve, stable_swap::StableSwap, weighted};
use ballast::protocol::fx::StressMode;
use ballast::protocol::order_book::Side;
use ballast::quantity::{Amount, AssetId, Tick};
use ballast::record::recorder;
use ballast::venue::accrual::accrue;
use ballast::venue::book::Book;
use ballast::venue::execute::{Receipts, execute_block};
use ballast::venue::governance::{Governance, Health, govern};
use ballast::venue::pool::{Pool, PoolId};
use ballast::venue::staking::StakePool;
use ballast::venue::treasury::Treasury;
use ballast::venue::{Action, Equity, Mempool, Refusal, Valuation, Venues, value};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::mempool::Terms;
use ballast::world::notes::Notes;
use ballast::world::oracle::Oracle;
use bevy_ecs::prelude::*;

use crate::chance::Chance;
use crate::common::{market, read};

pub(crate) const USD: AssetId = AssetId(0);
pub(crate) const ETH: AssetId = AssetId(1);
pub(crate) const FETH: AssetId = AssetId(2);
pub(crate) const XETH: AssetId = AssetId(3);
pub(crate) const GOV: AssetId = AssetId(4);

/// What differs between walks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Design {
    profile: &'static str,
    under_collateral: &'static str,
    rebalance_pool: &'static str,
    oracle: &'static str,
    fee_bps: f64,
}

impl Design {
    /// Three designs, two ways of being under water, three generations of rebalance pool.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for profile in ["Deployed2023", "EraA", "WhitepaperV1"] {
            for under_collateral in ["Revert", "BetaOne"] {
                for rebalance_pool in ["Absent", "First", "Boostable"] {
                    // Every other world has an averaging oracle that loses its validity, and pools that ask nothing.
                    let even = all.len() % 2 == 0;
                    all.push(Self {
                        profile,
                        under_collateral,
                        rebalance_pool,
                        oracle: if even {
                            "()"
                        } else {
                            "(twap_ticks: 4, lag_ticks: 1, validity_limit_percent: 3)"
                        },
                        fee_bps: if even { 30.0 } else { 0.0 },
                    });
                }
            }
        }
        all
    }
}

/// Everything a transaction can change.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    balances: Vec<Vec<i64>>,
    supplies: Vec<Amount>,
    treasury: Option<Treasury>,
    pools: Vec<Pool>,
    books: Vec<Book>,
    governance: Option<Governance>,
    notes: usize,
}

/// What a transaction may not make worse.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Invariant of each pool per share.
    pools: Vec<f64>,
    /// NAVs, xETH supply and the value of the collateral; none where the claims have no value.
    claims: Option<[f64; 4]>,
}

impl Standing {
    /// Fails where a pool's shares or a holder's tokens are worth less than before.
    pub(crate) fn must_follow(&self, before: &Self, rescue: bool, what: &str) {
        for (place, (now, then)) in self.pools.iter().zip(&before.pools).enumerate() {
            assert!(
                *now >= then * (1.0 - 1e-11),
                "{what}\npool {place}: invariant per share {then} -> {now}"
            );
        }
        if rescue {
            return;
        }
        match (before.claims, self.claims) {
            (Some(then), Some(now)) => {
                let [feth, xeth, supply, worth] = now;
                assert!(feth >= then[0] * (1.0 - 1e-11), "{what}\nfETH NAV {} -> {feth}", then[0]);
                // Atoms are worth a few millionths of a dollar; the rest is the noise of large sums.
                let noise = (1e-5 + 1e-12 * worth.max(then[3])) / supply;
                assert!(
                    supply == 0.0 || xeth >= then[1] - noise,
                    "{what}\nxETH NAV {} -> {xeth} of {supply}",
                    then[1]
                );
            }
            (Some(then), None) => panic!("{what}\nthe claims were {then:?} and have no value any more"),
            (None, _) => {}
        }
    }
}

pub(crate) struct Place {
    world: World,
    pub(crate) actors: Vec<AccountId>,
    tick: u32,
    price: f64,
    coarsest: f64,
}

impl Place {
    pub(crate) fn new(design: Design, seed: u64) -> Self {
        let Design { profile, under_collateral, rebalance_pool, oracle, fee_bps } = design;
        let experiment = read(&format!(
            "(
                name: \"place\", seed: {seed}, horizon_days: 1, oracle: {oracle},
                price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
                network: (gas_usd_per_action: {gas}),
                fx: (
                    profile: {profile}, under_collateral: {under_collateral}, rebalance_pool: {rebalance_pool},
                    initial_collateral: 1000, reserve: 40, unlock_days: 1, staking_yield_per_year: 2,
                    recapitalisation: (budget: 200, way: {way}),
                ),
                pools: [
                    (name: \"feth_usd\", base: \"fETH\", curve: StableSwap(amplification: 80, nav_rate: true),
                     fee_bps: {fee_bps}, rebate_share: 0.5, initial_value_usd: 200000),
                    (name: \"xeth_eth\", base: \"xETH\", quote: \"ETH\", fee_bps: {fee_bps}, rebate_share: 0.8,
                     initial_value_usd: 100000),
                    (name: \"eth_usd\", base: \"ETH\", curve: Weighted(base_weight: 0.9), fee_bps: {fee_bps},
                     initial_value_usd: 30000),
                ],
                order_books: [
                    (name: \"eth_book\", base: \"ETH\", tick_size: 5, lot_size: 0.001, maker_fee_bps: {maker_fee_bps},
                     taker_fee_bps: {fee_bps}, self_match: {self_match}),
                    (name: \"feth_book\", base: \"fETH\", quote: \"ETH\", tick_size: 0.000001, lot_size: 0.5,
                     taker_fee_bps: 0.00001),
                ],
                governance: (initial_price_usd: 0.01, peg_price: {peg_price}, rules: (
                    quorum_share: 0.001, voting_hours: 4, timelock_hours: 2, cooldown_hours: 1,
                    proposal_threshold_share: 0.001,
                )),
                populations: [(profile: \"noise_trader\", count: 4, agent: NoiseTrader(
                    activity_per_day: 0,
                    endowment: (wealth_usd: LogNormal(median: 500000, sigma: 2), holdings: {{
                        \"USD\": 0.3, \"ETH\": 0.3, \"fETH\": 0.1, \"xETH\": 0.1, \"GOV\": 0.05,
                        \"feth_usd_shares\": 0.05, \"xeth_eth_shares\": 0.05, \"eth_usd_shares\": 0.05,
                    }}),
                    pool: \"feth_usd\", largest_trade_share: 0,
                ))],
            )",
            gas = if fee_bps > 0.0 { 0.01 } else { 0.0 },
            maker_fee_bps = if fee_bps > 0.0 { 7.3 } else { 0.0 },
            self_match = ["CancelBoth", "CancelResting", "CancelIncoming"][seed as usize % 3],
            peg_price = if fee_bps > 0.0 { "Twap" } else { "Spot" },
            way = if fee_bps > 0.0 { "MintXeth" } else { "BuyFeth" },
        ));
        let mut world = world::build(&experiment, &market(&experiment, 0), 0, None).unwrap();
        let population = &world.resource::<Directory>().populations()[0];
        let actors = (population.first.0..population.first.0 + population.count).map(AccountId).collect();
        for (asset, symbol) in [(USD, "USD"), (ETH, "ETH"), (FETH, "fETH"), (XETH, "xETH"), (GOV, "GOV")] {
            assert_eq!(world.resource::<Ledger>().find(symbol), Some(asset));
        }
        world.resource_mut::<Ledger>().audit(true).unwrap();
        Self { world, actors, tick: 0, price: 2_000.0, coarsest: 0.0 }
    }

    fn ledger(&self) -> &Ledger {
        self.world.resource()
    }

    fn venues(&self) -> &Venues {
        self.world.resource()
    }

    fn treasury(&self) -> &Treasury {
        self.venues().treasury.as_ref().unwrap()
    }

    pub(crate) fn held(&self, account: AccountId, asset: AssetId) -> Amount {
        self.ledger().balance(account, asset)
    }

    /// Brings more of an outside asset in.
    pub(crate) fn bring_in(&mut self, account: AccountId, asset: AssetId, amount: Amount) {
        let mut ledger = self.world.resource_mut::<Ledger>();
        ledger.bridge_in(account, asset, amount).unwrap();
        ledger.commit();
    }

    /// What a pool holds of base and quote.
    pub(crate) fn reserves(&self, at: usize) -> [Amount; 2] {
        let pool = &self.venues().pools()[at];
        pool.coins.map(|coin| self.held(pool.account, coin))
    }

    /// The marginal price in a pool.
    pub(crate) fn price_in(&self, pool: PoolId) -> Option<f64> {
        self.venues().pools().get(pool.0 as usize)?.price(self.ledger())
    }

    /// Averages of the price in a pool: over time and over trades.
    pub(crate) fn averages(&self, pool: PoolId) -> (f64, f64) {
        let (pool, clock) = (self.venues().pool(pool), self.world.resource::<Clock>());
        (pool.twap(self.ledger(), clock).unwrap(), pool.resilient_price(self.ledger()).unwrap())
    }

    /// Hours pass in which nothing happens.
    pub(crate) fn wait(&mut self, hours: u32) {
        for _ in 0..hours {
            self.tick += 1;
            self.world.resource_mut::<Clock>().begin(Tick(self.tick));
            self.world.run_system_cached(accrue).unwrap();
        }
    }

    /// How far voters see fETH from its peg, were the tick to begin now.
    pub(crate) fn peg_deviation(&mut self) -> f64 {
        self.world.run_system_cached(accrue).unwrap();
        self.world.resource::<Health>().peg_deviation.unwrap()
    }

    /// Fails where the price in a pool has passed the limit of a swap.
    pub(crate) fn must_respect(&self, pool: PoolId, side: amm::Side, limit: f64, what: &str) {
        let price = self.price_in(pool).unwrap();
        let respected = if side == amm::Side::SellBase { price >= limit } else { price <= limit };
        assert!(respected, "{what}\nthe price is {price}, the limit was {limit}");
    }

    /// Atoms by which rounding can make an exact output dearer: one of what goes in, what an atom of what comes out costs,
    /// and the noise of the reserves, which counts as often as the output is nearer to all of the reserve.
    pub(crate) fn rounding_of_cost(&self, pool: PoolId, side: amm::Side, wanted: Amount) -> i64 {
        let pool = &self.venues().pools()[pool.0 as usize];
        let [paid, out] =
            [side.coin_in(), side.coin_out()].map(|coin| self.held(pool.account, pool.coins[coin]));
        let unit = self.ledger().asset(pool.coins[side.coin_out()]).decimals;
        let units = unit.units(wanted);
        let cost = |units| {
            let cost = pool.quote_exact_out(self.ledger(), side, units).unwrap_or(f64::INFINITY);
            cost / self.ledger().asset(pool.coins[side.coin_in()]).decimals.units(Amount::from_atoms(1))
        };
        let noise = unit.units(out) * 32.0 * f64::EPSILON + 2.0 * unit.units(Amount::from_atoms(1));
        let slope = cost(units + noise) - cost(units);
        (4.0 + 2.0 * slope + paid.atoms() as f64 * 64.0 * f64::EPSILON).ceil() as i64
    }

    pub(crate) fn pools(&self) -> usize {
        self.venues().pools().len()
    }

    /// Coins and shares of a pool.
    pub(crate) fn pool(&self, at: usize) -> ([AssetId; 2], AssetId) {
        let pool = &self.venues().pools()[at];
        (pool.coins, pool.shares)
    }

    /// The bounds of every parameter.
    pub(crate) fn parameters(&self) -> Vec<(f64, f64)> {
        self.venues().parameters().iter().map(|parameter| (parameter.low, parameter.high)).collect()
    }

    /// Outside stress, with an oracle that counts.
    pub(crate) fn is_calm(&self) -> bool {
        let (oracle, clock) = (self.world.resource::<Oracle>(), self.world.resource::<Clock>());
        let view = self.treasury().view(self.ledger(), oracle, clock);
        view.is_some_and(|view| view.mode == StressMode::Normal && view.oracle_valid)
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

    /// Whether the transaction would go through; nothing changes.
    pub(crate) fn try_out(&mut self, actor: AccountId, actions: &[Action]) -> bool {
        // More than anybody owns is demanded, so that it fails at the very end or before.
        let all = ballast::world::mempool::MinimumGain { asset: USD, amount: Amount::MAX };
        let outcome =
            self.send(actor, actions, Terms { priority_fee: Amount::ZERO, minimum_gain: Some(all) });
        matches!(outcome, Err(Refusal::GainTooSmall { .. }))
    }

    /// Some hours pass, and prices with them.
    pub(crate) fn move_on(&mut self, chance: &mut Chance) {
        for _ in 0..=chance.below(3) {
            self.world.run_system_cached::<(), _, _>(govern).unwrap();
            self.tick += if chance.one_in(4) { 30 } else { 1 };
            // The price is drawn back to where it began, so that a walk sees every mode.
            self.price *= chance.move_of_price() * libm::pow(2_000.0 / self.price, 0.05);
            let dollar = if chance.one_in(10) { 0.9 + 0.1 * chance.share() } else { 1.0 };
            self.world.resource_mut::<Clock>().begin(Tick(self.tick));
            self.world.resource_mut::<Oracle>().observe(self.tick, [self.price], dollar);
            self.world.resource_mut::<Receipts>().begin();
            self.world.run_system_cached(accrue).unwrap();
            self.world.run_system_cached(value).unwrap();
            self.world.run_system_cached(recorder::record).unwrap();
            self.must_be_sound("time passes");
            self.must_have_values();
        }
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
            treasury: venues.treasury.clone(),
            pools: venues.pools().to_vec(),
            books: venues.books().to_vec(),
            governance: venues.governance().cloned(),
            notes: self.world.resource::<Notes>().all().len(),
        }
    }

    pub(crate) fn standing(&self) -> Standing {
        let (oracle, clock) = (self.world.resource::<Oracle>(), self.world.resource::<Clock>());
        let claims = self.treasury().valuation(self.ledger(), oracle, clock);
        let per_share =
            |pool: &Pool| invariant(pool, self.ledger()) / self.ledger().supply_units(pool.shares);
        Standing {
            pools: self.venues().pools().iter().map(per_share).collect(),
            claims: claims.filter(|claims| claims.collateral > 0.0).map(|claims| {
                [claims.feth_nav, claims.xeth_nav, claims.xeth_supply, claims.collateral * claims.price]
            }),
        }
    }

    /// How far the claims of a rebalance pool may be off.
    ///
    /// Somebody who stakes a single atom alone earns thousands per fETH, and sums that large have coarse steps; a pool
    /// that lost all but a billionth is shared out among stakes below an atom. What is paid is never more than is held.
    fn coarseness(&self) -> f64 {
        let (sums, product) = match self.treasury().record.pool {
            Some(StakePool::First(pool)) => (pool.sums, pool.product),
            Some(StakePool::Boostable(pool)) => (pool.sums, pool.product),
            None => return 0.0,
        };
        let staked = self.ledger().units(self.treasury().accounts.stakes, FETH);
        let steps = (sums.proceeds + sums.streamed[0]) / product.magnitude * f64::EPSILON * 64.0 * staked;
        if product.scale > 0 { f64::INFINITY } else { steps.max(self.coarsest) }
    }

    /// The books balance, nobody owes, stakes are covered.
    pub(crate) fn must_be_sound(&mut self, what: &str) {
        let balanced = self.world.resource_mut::<Ledger>().audit(true);
        assert_eq!(balanced, Ok(()), "{what}");
        self.coarsest = self.coarseness();
        let (ledger, treasury) = (self.ledger(), self.treasury());
        for (asset, _) in ledger.assets() {
            let owing = ledger.holdings(asset).find(|(_, held)| held.atoms() < 0);
            assert_eq!(owing, None, "{what}\n{asset:?}");
        }
        let claims = self.actors.iter().map(|actor| treasury.stake_of(*actor));
        let (feth, collateral) = claims.fold((0.0, 0.0), |sum, claim| (sum.0 + claim.0, sum.1 + claim.1));
        let steps = self.coarsest;
        for (asset, claimed) in [(FETH, feth), (ETH, collateral)] {
            let held = ledger.units(treasury.accounts.stakes, asset);
            let covered = claimed >= 0.0 && claimed <= held + 1e-3 + held * 1e-9 + steps;
            let pool = treasury.record.pool;
            assert!(covered, "{what}\n{claimed} of {asset:?} are claimed, {held} held: {pool:?}");
        }
        for book in self.venues().books() {
            self.must_be_covered(book, what);
        }
        let governance = self.venues().governance().unwrap();
        let locked: i64 = governance.locks().map(|(_, locked)| locked.atoms()).sum();
        assert_eq!(ledger.balance(governance.escrow(), GOV).atoms(), locked, "{what}");
    }

    /// A book's account holds what its orders hold ready, order by order, and no bid meets an offer.
    fn must_be_covered(&self, book: &Book, what: &str) {
        let (mut base, mut quote) = (0_i128, 0_i128);
        for (id, resting) in Side::BOTH.into_iter().flat_map(|side| book.orders().orders(side)) {
            let lots = i128::from(resting.lots);
            match id.side {
                Side::Buy => quote += lots * i128::from(id.price) * i128::from(book.terms.tick_lot_atoms),
                Side::Sell => base += lots * i128::from(book.terms.lot_atoms),
            }
        }
        let held = book.terms.coins.map(|coin| i128::from(self.held(book.terms.account, coin).atoms()));
        assert_eq!(held, [base, quote], "{what}\n{}", book.terms.name);
        let by_owner = self.actors.iter().map(|actor| book.reserved_by(*actor));
        let owed =
            by_owner.fold([0; 2], |sum, [base, quote]| [sum[0] + base.atoms(), sum[1] + quote.atoms()]);
        assert_eq!(held, owed.map(i128::from), "{what}\n{}", book.terms.name);
        if let (Some(bid), Some(ask)) = (book.best(Side::Buy), book.best(Side::Sell)) {
            assert!(bid < ask, "{what}\n{} is crossed at {bid} and {ask}", book.terms.name);
        }
    }

    /// The order books.
    pub(crate) fn books(&self) -> &[Book] {
        self.venues().books()
    }

    /// Everything that can be looked at is a number.
    fn must_have_values(&self) {
        let (ledger, venues) = (self.ledger(), self.venues());
        let (oracle, clock) = (self.world.resource::<Oracle>(), self.world.resource::<Clock>());
        let treasury = self.treasury();
        let valuation = self.world.resource::<Valuation>();
        for (asset, what) in ledger.assets() {
            let price = valuation.price(asset);
            assert!(price.is_finite() && price >= 0.0, "{} is worth {price}", what.symbol);
        }
        let equity = Equity::new(valuation, ledger, venues);
        for actor in &self.actors {
            assert!(equity.of(*actor) >= 0.0 && equity.of(*actor).is_finite(), "{}", equity.of(*actor));
        }
        let seen = format!(
            "{:?} {:?} {:?}",
            treasury.view(ledger, oracle, clock),
            treasury.record,
            venues.pools().iter().map(|pool| (pool.record, pool.price(ledger))).collect::<Vec<_>>()
        );
        for pool in venues.pools() {
            let (price, twap) = (pool.price(ledger), pool.twap(ledger, clock));
            let resilient = pool.resilient_price(ledger);
            let sound = |price: Option<f64>| price.is_some_and(|price| price > 0.0 && price.is_finite());
            assert!(sound(price) && sound(twap) && sound(resilient), "{price:?} {twap:?} {resilient:?}");
        }
        assert!(!seen.contains("NaN") && !seen.contains("inf"), "{seen}");
    }
}

/// What the curve of a pool holds constant, in units that double when both reserves do.
fn invariant(pool: &Pool, ledger: &Ledger) -> f64 {
    let reserves = pool.reserves(ledger);
    match pool.curve {
        Curve::ConstantProduct => (reserves[0] * reserves[1]).sqrt(),
        Curve::Weighted { weight_base } => {
            weighted::invariant(&reserves, &[weight_base, 1.0 - weight_base]).unwrap_or(0.0)
        }
        Curve::StableSwap { amplification, rates } => {
            StableSwap { amplification, rates }.invariant(&reserves).unwrap_or(0.0)
        }
    }
}
