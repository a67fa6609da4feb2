//! Who holds it: concentration of liquidity and of tokens among the agents.
//!
//! Holders are the agents: the vaults of venues and the foundation are not counted. Five figures of one subject are read
//! from a single look at the ledger, which the five metrics share.

use std::sync::{Arc, Mutex, PoisonError};

use crate::numerics::concentration::Holdings;
use crate::quantity::{AssetId, Tick};
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::world::ledger::{AccountId, Ledger};

/// An asset whose spread over holders is of interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Prefix of its metrics: the pool's name, or `feth_holders`.
    pub name: String,
    /// In words, for charts.
    pub meaning: String,
    /// The asset counted.
    pub asset: AssetId,
}

/// The subjects of a world: the shares of each pool, and each token that people hold for its own sake.
#[must_use]
pub fn subjects(ledger: &Ledger, venues: &Venues) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = venues
        .pools()
        .iter()
        .map(|pool| Subject {
            name: pool.name.clone(),
            meaning: format!("liquidity of {}", pool.name),
            asset: pool.shares,
        })
        .collect();
    subjects.extend(venues.loans().iter().map(|market| Subject {
        name: format!("{}_rates", market.name),
        meaning: format!("liquidity of the rate pool of {}", market.name),
        asset: market.shares,
    }));
    if let Some(treasury) = &venues.treasury {
        for asset in [treasury.assets.feth, treasury.assets.xeth] {
            let symbol = &ledger.asset(asset).symbol;
            subjects.push(Subject {
                name: format!("{}_holders", symbol.to_lowercase()),
                meaning: format!("holders of {symbol}"),
                asset,
            });
        }
    }
    if let Some(governance) = venues.governance() {
        subjects.push(Subject {
            name: "voting_power".into(),
            meaning: "voting power".into(),
            asset: governance.token(),
        });
    }
    subjects
}

/// What the agents hold of `asset`, votes that are locked and stakes included.
#[must_use]
pub fn holdings(scene: &Scene<'_>, asset: AssetId, first_agent: AccountId) -> Option<Holdings> {
    match scene.venues.governance().filter(|governance| governance.token() == asset) {
        Some(governance) => governance.power_of_holders(&scene.ledger, scene.venues.stakes(), first_agent),
        None => {
            let wallets = scene.ledger.holdings(asset).skip(first_agent.index());
            let mut held: Vec<i64> = wallets.map(|(_, amount)| amount.atoms()).collect();
            for (owner, staked) in scene.venues.stakes().principals(asset) {
                let place = owner.index().checked_sub(first_agent.index());
                if let Some(held) = place.and_then(|place| held.get_mut(place)) {
                    *held = held.saturating_add(staked.atoms());
                }
            }
            Holdings::from_atoms(held)
        }
    }
}

/// The last look at the ledger, so that five metrics cost one.
#[derive(Debug, Default)]
struct Look {
    taken_at: Option<Tick>,
    figures: Option<[f64; 5]>,
}

impl Look {
    fn at(&mut self, scene: &Scene<'_>, asset: AssetId, first_agent: AccountId) -> Option<[f64; 5]> {
        let now = scene.clock.tick();
        if self.taken_at != Some(now) {
            self.taken_at = Some(now);
            self.figures = holdings(scene, asset, first_agent).map(|held| {
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
            let (asset, look) = (subject.asset, Arc::clone(&look));
            let read = move |scene: &Scene<'_>| {
                let mut look = look.lock().unwrap_or_else(PoisonError::into_inner);
                look.at(scene, asset, first_agent).map(|figures| figures[place])
            };
            let name = format!("{}_{suffix}", subject.name);
            metrics
                .push(Metric::new(name, "1", format!("{}: {meaning}", subject.meaning), read).at_surveys());
        }
    }
    metrics
}
