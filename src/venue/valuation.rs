//! What things are worth: the yardstick for equity, profit and loss.
//!
//! Everything is valued in on-chain dollars at what backs it, not at what a thin market happens to pay: a bridged asset
//! at the outside mid price, fETH and xETH at net asset value, a pool share at its part of the reserves. Only the governance
//! token, which nothing backs, counts at what its pool has asked for it on average. The prices are taken once a tick, after
//! settlement, so that what happens within the tick shows up as somebody's gain or loss.

use std::borrow::Cow;

use bevy_ecs::prelude::*;

use super::Venues;
use super::lending::LoanMarket;
use crate::quantity::AssetId;
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::oracle::Oracle;
use crate::world::register::Register;

/// The value of one unit of each asset, in on-chain dollars, this tick.
#[derive(Debug, Clone, Default, Resource)]
pub struct Valuation {
    price: Vec<f64>,
    governance_token: Option<(AssetId, f64)>,
}

impl Valuation {
    /// The value of one unit of `asset`; zero for what has no value.
    #[must_use]
    #[inline]
    pub fn price(&self, asset: AssetId) -> f64 {
        self.price.get(asset.index()).copied().unwrap_or(0.0)
    }

    /// A valuation in which the governance token counts at this many dollars while it has no market of its own.
    #[must_use]
    pub const fn with_governance_token(token: AssetId, price_usd: f64) -> Self {
        Self { price: Vec::new(), governance_token: Some((token, price_usd)) }
    }

    /// The value of what is in `account`'s wallet.
    #[must_use]
    fn wallet(&self, ledger: &Ledger, account: AccountId) -> f64 {
        ledger.assets().map(|(asset, _)| ledger.units(account, asset) * self.price(asset)).sum()
    }

    /// Yield tokens count at what the rate pool pays for them, at most at what backs them; key tokens at the rest of what
    /// their pool is worth. The two together are worth what the pool holds.
    fn update_loans(&mut self, market: &LoanMarket, ledger: &Ledger, clock: &Clock) {
        let (collateral, token) = (self.price(market.collateral), self.price(market.token));
        let running = Some(&market.record.running);
        for series in running.into_iter().chain(market.record.before.as_ref()) {
            let slot = market.slot(series);
            let value = ledger.units(slot.vault, market.collateral) * collateral
                + ledger.units(slot.vault, market.token) * token;
            let (bonds, keys) = (ledger.supply_units(slot.yield_token), ledger.supply_units(slot.key_token));
            let ended = series.expiry_seconds < clock.now_seconds();
            let market_price = if ended { None } else { market.bond_price(ledger, clock) };
            let most = if bonds > 0.0 { value / bonds } else { 0.0 };
            let bond = (market_price.unwrap_or(1.0) * token).min(most);
            self.price[slot.yield_token.index()] = bond;
            self.price[slot.key_token.index()] =
                if keys > 0.0 { (value - bonds * bond).max(0.0) / keys } else { 0.0 };
        }
        let shares = ledger.supply_units(market.shares);
        if shares > 0.0 {
            let held = |asset| ledger.units(market.rate_vault, asset) * self.price(asset);
            let bonds: f64 = market.slots.iter().map(|slot| held(slot.yield_token)).sum();
            self.price[market.shares.index()] = (held(market.token) + bonds) / shares;
        }
    }

    /// Shares of a vault count at the tokens behind them.
    fn update_vaults(&mut self, ledger: &Ledger, venues: &Venues, clock: &Clock) {
        for pool in venues.stakes().pools() {
            let Some(vault) = pool.vault() else { continue };
            let shares = ledger.supply_units(vault.shares);
            let backing =
                ledger.asset(pool.asset).decimals.units(vault.backing(&pool.rules, pool.height(clock)));
            let value = if shares > 0.0 { backing * self.price(pool.asset) / shares } else { 0.0 };
            self.price[vault.shares.index()] = value;
        }
    }

    /// Takes the prices anew.
    pub fn update(&mut self, ledger: &Ledger, venues: &Venues, oracle: &Oracle, clock: &Clock) {
        self.price.clear();
        self.price
            .extend(ledger.assets().map(|(asset, _)| venues.exchange.mid(oracle, asset).unwrap_or(0.0)));
        if let Some(treasury) = &venues.treasury {
            // Where the contracts refuse to value the claims, all collateral belongs to fETH.
            let navs =
                treasury.valuation(ledger, oracle, clock).map(|value| [value.feth_nav, value.xeth_nav]);
            let navs = navs.unwrap_or_else(|| {
                let state = treasury.state(ledger);
                let supply = state.holdings.feth_supply.max(f64::MIN_POSITIVE);
                [state.holdings.collateral * oracle.spot(treasury.feed) / supply, 0.0]
            });
            for (asset, nav) in [treasury.assets.feth, treasury.assets.xeth].into_iter().zip(navs) {
                self.price[asset.index()] = nav / oracle.dollar_token();
            }
        }
        if let Some((token, price)) = self.governance_token {
            self.price[token.index()] = venues.average_price(ledger, oracle, clock, token).unwrap_or(price);
        }
        for market in venues.loans() {
            self.update_loans(market, ledger, clock);
        }
        self.update_vaults(ledger, venues, clock);
        for pool in venues.pools() {
            let supply = ledger.supply_units(pool.shares);
            if supply > 0.0 {
                let reserves = pool.reserves(ledger);
                let value = reserves[0] * self.price(pool.coins[0]) + reserves[1] * self.price(pool.coins[1]);
                self.price[pool.shares.index()] = value / supply;
            }
        }
    }
}

/// What venues keep for each account, in on-chain dollars: stakes, locked votes, resting orders, tickets of launches, shares
/// that wait or are committed, shares in further wallets, tokens offered for loans and what loans of them owe. Neither its
/// wallet nor what it has staked in the treasury's rebalance pool.
#[derive(Debug, Clone, Default)]
pub struct Kept(Register<f64>);

impl Kept {
    /// What is kept at these prices.
    #[must_use]
    pub fn new(valuation: &Valuation, ledger: &Ledger, venues: &Venues) -> Self {
        let mut kept = Self::default();
        if let Some(governance) = venues.governance() {
            let token = governance.token();
            for (voter, amount) in governance.locks() {
                kept.add(voter, ledger.asset(token).decimals.units(amount) * valuation.price(token));
            }
        }
        for book in venues.books() {
            for (owner, reserved) in book.reserves(ledger) {
                let worth = reserved.into_iter().zip(book.terms.coins);
                kept.add(owner, worth.map(|(units, coin)| units * valuation.price(coin)).sum());
            }
        }
        for launch in venues.launches() {
            let coins = [launch.terms.cash, launch.terms.token];
            for (holder, entry) in launch.entries() {
                let owed = launch.owed(entry).into_iter().zip(coins);
                let value =
                    |(amount, coin)| ledger.asset(coin).decimals.units(amount) * valuation.price(coin);
                kept.add(holder, owed.map(value).sum());
            }
        }
        let further = venues.wallets();
        for pool in venues.pools() {
            let value =
                |shares| ledger.asset(pool.shares).decimals.units(shares) * valuation.price(pool.shares);
            let escrowed = pool.provision.iter().flat_map(|provision| provision.escrowed());
            let spread = further.all().iter().flat_map(|owned| owned.open());
            let spread = spread.map(|wallet| (wallet, ledger.balance(wallet, pool.shares)));
            for (holder, shares) in escrowed.chain(spread) {
                kept.add(further.owner_of(holder), value(shares));
            }
        }
        for pool in venues.stakes().pools() {
            let price = valuation.price(pool.asset);
            for (owner, staker) in pool.stakers() {
                kept.add(owner, ledger.asset(pool.asset).decimals.units(staker.principal()) * price);
            }
        }
        if let Some(desk) = venues.desk() {
            let prices = [valuation.price(desk.token), valuation.price(desk.dollar)];
            for (account, [tokens, dollars]) in desk.positions(ledger) {
                kept.add(account, tokens * prices[0] + dollars * prices[1]);
            }
        }
        kept
    }

    fn add(&mut self, account: AccountId, value: f64) {
        self.0.set(account, self.0.get(account) + value);
    }
}

/// What accounts are worth: their wallets, what they have staked in the treasury's rebalance pool, and what is kept for them.
#[derive(Debug)]
pub struct Equity<'w> {
    valuation: &'w Valuation,
    ledger: &'w Ledger,
    venues: &'w Venues,
    kept: Cow<'w, Kept>,
}

impl<'w> Equity<'w> {
    /// Equity at these prices and balances.
    #[must_use]
    pub fn new(valuation: &'w Valuation, ledger: &'w Ledger, venues: &'w Venues) -> Self {
        let kept = Cow::Owned(Kept::new(valuation, ledger, venues));
        Self { valuation, ledger, venues, kept }
    }

    /// The same, where what is kept at these prices and balances is known.
    #[must_use]
    pub fn given(kept: &'w Kept, valuation: &'w Valuation, ledger: &'w Ledger, venues: &'w Venues) -> Self {
        Self { valuation, ledger, venues, kept: Cow::Borrowed(kept) }
    }

    /// What `account` is worth, in on-chain dollars.
    #[must_use]
    pub fn of(&self, account: AccountId) -> f64 {
        let staked = self.venues.treasury.as_ref().map_or(0.0, |treasury| {
            let (feth, collateral) = treasury.stake_of(account);
            feth * self.valuation.price(treasury.assets.feth)
                + collateral * self.valuation.price(treasury.assets.collateral)
        });
        self.valuation.wallet(self.ledger, account) + staked + self.kept.0.get(account)
    }
}

/// Updates the valuation: runs last in [`crate::world::phase::Phase::Accrue`].
pub fn value(
    mut valuation: ResMut<Valuation>,
    ledger: Res<Ledger>,
    venues: Res<Venues>,
    oracle: Res<Oracle>,
    clock: Res<Clock>,
) {
    valuation.update(&ledger, &venues, &oracle, &clock);
}
