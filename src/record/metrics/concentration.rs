//! Who holds it: concentration of liquidity and of tokens among the agents.
//!
//! Holders are the agents: the vaults of venues and the foundation are not counted. Shares that wait at a gate or are
//! committed count for whose they are. By wallet every address is a holder, as the chain sees it; by owner an agent's further
//! wallets are counted with it, which is told apart for pools with rules on their provision. Five figures of one subject are read
//! from a single look at the ledger, which the five metrics share.

use std::sync::{Arc, Mutex, PoisonError};

use crate::numerics::concentration::Holdings;
use crate::quantity::{AssetId, Tick};
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::stake_pools::EmissionPoolId;
use crate::world::ledger::{AccountId, Ledger};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// An asset, wherever it lies for its owner.
    Asset(AssetId),
    /// What is locked in a staking pool. What a vault has staked is the vault's and not counted.
    Stake(EmissionPoolId),
}

/// Something whose spread over holders is of interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Prefix of its metrics: the pool's name, or `feth_holders`.
    pub name: String,
    /// In words, for charts.
    pub meaning: String,
    /// What is counted.
    pub held: Held,
    /// Whether further wallets are counted with their owner.
    pub by_owner: bool,
}

impl Subject {
    /// What comes after the figure in the name of a metric.
    #[must_use]
    pub const fn ending(&self) -> &'static str {
        if self.by_owner { "_by_owner" } else { "" }
    }
}

/// The subjects of a world: the shares of each pool, each token that people hold for its own sake, votes, and stakes.
#[must_use]
pub fn subjects(ledger: &Ledger, venues: &Venues) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::new();
    for pool in venues.pools() {
        let subject = Subject {
            name: pool.name.clone(),
            meaning: format!("liquidity of {}", pool.name),
            held: Held::Asset(pool.shares),
            by_owner: false,
        };
        subjects.push(subject.clone());
        if pool.provision.is_some() {
            let meaning = format!("liquidity of {} by owner of wallets", pool.name);
            subjects.push(Subject { meaning, by_owner: true, ..subject });
        }
    }
    subjects.extend(venues.loans().iter().map(|market| Subject {
        name: format!("{}_rates", market.name),
        meaning: format!("liquidity of the rate pool of {}", market.name),
        held: Held::Asset(market.shares),
        by_owner: false,
    }));
    if let Some(treasury) = &venues.treasury {
        for asset in [treasury.assets.feth, treasury.assets.xeth] {
            let symbol = &ledger.asset(asset).symbol;
            subjects.push(Subject {
                name: format!("{}_holders", symbol.to_lowercase()),
                meaning: format!("holders of {symbol}"),
                held: Held::Asset(asset),
                by_owner: false,
            });
        }
    }
    if let Some(governance) = venues.governance() {
        subjects.push(Subject {
            name: "voting_power".into(),
            meaning: "voting power".into(),
            held: Held::Asset(governance.token()),
            by_owner: false,
        });
    }
    subjects.extend((0..).zip(venues.stakes().pools()).map(|(place, pool)| Subject {
        name: format!("{}_stakers", pool.name),
        meaning: format!("stake in {}", pool.name),
        held: Held::Stake(EmissionPoolId(place)),
        by_owner: false,
    }));
    subjects
}

/// What the agents hold of the subject, what is locked in votes, waits at gates or is committed included.
#[must_use]
pub fn holdings(scene: &Scene<'_>, subject: &Subject, first_agent: AccountId) -> Option<Holdings> {
    let asset = match subject.held {
        Held::Asset(asset) => asset,
        Held::Stake(id) => {
            let stakers =
                scene.venues.stakes().pool(id)?.stakers().filter(|(owner, _)| *owner >= first_agent);
            return Holdings::from_atoms(stakers.map(|(_, staker)| staker.principal().atoms()));
        }
    };
    let wallets = scene.ledger.holdings(asset).skip(first_agent.index()).map(|(_, amount)| amount.atoms());
    let governance = scene.venues.governance().filter(|governance| governance.token() == asset);
    let ruled = || scene.venues.pools().iter().filter_map(|pool| Some((pool, pool.provision.as_ref()?)));
    let staked = || scene.venues.stakes().principals(asset).next().is_some();
    if governance.is_none() && ruled().next().is_none() && !staked() {
        return Holdings::from_atoms(wallets);
    }
    let mut held: Vec<i64> = match governance {
        Some(governance) => governance.power_by_account(scene.ledger, scene.venues.stakes(), first_agent),
        None => wallets.collect(),
    };
    let mut at = |account: AccountId, change: &dyn Fn(i64) -> i64| {
        let place = account.index().checked_sub(first_agent.index());
        if let Some(held) = place.and_then(|place| held.get_mut(place)) {
            *held = change(*held);
        }
    };
    // Of the governance token they are counted already.
    let elsewhere = scene.venues.stakes().principals(asset).filter(|_| governance.is_none());
    for (owner, staked) in elsewhere {
        at(owner, &|held| held.saturating_add(staked.atoms()));
    }
    // Behind those of the agents lies the desk's, where tokens vote for nobody.
    if let Some(desk) = scene.venues.desk() {
        at(desk.account, &|_| 0);
    }
    for (pool, provision) in ruled() {
        // Accounts of the pool's lie behind those of the agents.
        at(provision.accounts.escrow, &|_| 0);
        at(provision.accounts.fund, &|_| 0);
        for (holder, shares) in provision.escrowed().filter(|_| pool.shares == asset) {
            at(holder, &|held| held.saturating_add(shares.atoms()));
        }
    }
    if subject.by_owner {
        let place = |account: AccountId| account.index().checked_sub(first_agent.index());
        for owned in scene.venues.wallets().all() {
            for wallet in owned.open() {
                let inside = place(wallet).and_then(|place| held.get_mut(place)).map(std::mem::take);
                if let Some((owner, inside)) =
                    place(owned.owner).and_then(|place| held.get_mut(place)).zip(inside)
                {
                    *owner = owner.saturating_add(inside);
                }
            }
        }
    }
    Holdings::from_atoms(held)
}

/// The last look at the ledger, so that five metrics cost one.
#[derive(Debug, Default)]
struct Look {
    taken_at: Option<Tick>,
    figures: Option<[f64; 5]>,
}

impl Look {
    fn at(&mut self, scene: &Scene<'_>, subject: &Subject, first_agent: AccountId) -> Option<[f64; 5]> {
        let now = scene.clock.tick();
        if self.taken_at != Some(now) {
            self.taken_at = Some(now);
            self.figures = holdings(scene, subject, first_agent).map(|held| {
                [held.hhi(), held.gini(), held.nakamoto() as f64, held.top_share(1), held.top_share(5)]
            });
        }
        self.figures
    }
}

pub(super) fn metrics(subjects: &[Subject], first_agent: AccountId) -> Vec<Metric> {
    const FIGURES: [(&str, &str); 5] = [
        ("hhi", "Herfindahl-Hirschman index, 0 to 1"),
        ("gini", "Gini coefficient, 0 to 1"),
        ("nakamoto", "fewest holders who together have more than half"),
        ("top1_share", "share of the largest holder"),
        ("top5_share", "share of the five largest holders"),
    ];
    let mut metrics = Vec::new();
    for subject in subjects {
        let look = Arc::new(Mutex::new(Look::default()));
        for (place, (suffix, meaning)) in FIGURES.into_iter().enumerate() {
            let (looked, look) = (subject.clone(), Arc::clone(&look));
            let read = move |scene: &Scene<'_>| {
                let mut look = look.lock().unwrap_or_else(PoisonError::into_inner);
                look.at(scene, &looked, first_agent).map(|figures| figures[place])
            };
            let name = format!("{}_{suffix}{}", subject.name, subject.ending());
            metrics
                .push(Metric::new(name, "1", format!("{}: {meaning}", subject.meaning), read).at_surveys());
        }
    }
    metrics
}
