//! From a checked experiment to a world ready to tick.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use thiserror::Error;

use super::config::Experiment;
use super::electorate;
use super::endow::{self, EndowError};
use super::venues::{NETWORK, open_venues, opening_valuation, treasury_policy};
use crate::agents::{self, Directory, PopulateError, Population, alarm, token_lender, voter};
use crate::price::MarketPath;
use crate::protocol::governance::RulesError;
use crate::protocol::staking::TierError;
use crate::quantity::Amount;
use crate::record::holders::{Holders, look_at_holders};
use crate::record::metrics::{self, Group};
use crate::record::recorder::{self, Recorder};
use crate::venue::accrual::accrue;
use crate::venue::attribution::Attribution;
use crate::venue::book;
use crate::venue::execute::{Network, Receipts, execute_block};
use crate::venue::governance::{self, Health};
use crate::venue::launch;
use crate::venue::token_loans;
use crate::venue::transactions::TransactionLog;
use crate::venue::{Mempool, Venues, value};
use crate::world::audit::{Breach, audit};
use crate::world::calendar::Calendar;
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger, LedgerError};
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;
use crate::world::phase::{self, Phase, Stage};
use crate::world::streams::Streams;

/// Why a world could not be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A population does not fit this world.
    #[error("population `{name}`: {source}")]
    Population {
        /// Which.
        name: String,
        /// Why.
        source: PopulateError,
    },
    /// A coin of a pool does not exist.
    #[error("pool `{pool}`: there is no asset `{symbol}`; there are {known}")]
    UnknownCoin {
        /// Which pool.
        pool: String,
        /// The ticker that was not found.
        symbol: String,
        /// The tickers there are.
        known: String,
    },
    /// A coin of an order book does not exist.
    #[error("order book `{book}`: there is no asset `{symbol}`; there are {known}")]
    UnknownBookCoin {
        /// Which book.
        book: String,
        /// The ticker that was not found.
        symbol: String,
        /// The tickers there are.
        known: String,
    },
    /// A tick or a lot of an order book is not a whole number of atoms.
    #[error(
        "order book `{book}`: `lot_size`, and `tick_size` times `lot_size`, must be whole numbers of atoms"
    )]
    BookSteps {
        /// Which book.
        book: String,
    },
    /// The collateral of the treasury is not an asset of the outside market.
    #[error("`fx.collateral`: expected the ticker of an outside asset ({known}), found `{symbol}`")]
    UnknownCollateral {
        /// The ticker that was not found.
        symbol: String,
        /// The tickers there are.
        known: String,
    },
    /// A loan market names what does not exist.
    #[error("loan market `{market}`: there is no {what} `{name}`; there are {known}")]
    Loan {
        /// Which market.
        market: String,
        /// What was looked for.
        what: &'static str,
        /// The name that was not found.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The commitment tiers of a staking pool are none.
    #[error(transparent)]
    Tiers(#[from] TierError),
    /// A launch cannot be held.
    #[error("launch `{launch}`: {what}")]
    Launch {
        /// Which launch.
        launch: String,
        /// Why not.
        what: String,
    },
    /// The rules of governance are not ones.
    #[error(transparent)]
    Governance(#[from] RulesError),
    /// Something could not be endowed.
    #[error(transparent)]
    Endow(#[from] EndowError),
    /// The ledger refused.
    #[error("the opening balances do not fit the ledger: {0}")]
    Ledger(#[from] LedgerError),
}

/// The outside market of a run.
#[derive(Debug, Clone, Resource)]
struct Outside(Arc<MarketPath>);

fn advance_market(
    outside: Res<Outside>,
    clock: Res<Clock>,
    mut oracle: ResMut<Oracle>,
    mut receipts: ResMut<Receipts>,
) {
    let path = &outside.0;
    let tick = clock.tick().index();
    let dollar = path.usd_token_price.get(tick).copied().unwrap_or(1.0);
    oracle.observe(
        clock.tick().0,
        path.prices_usd.iter().filter_map(|prices| prices.get(tick).copied()),
        dollar,
    );
    receipts.begin();
}

/// Builds the world of run number `run` along `path`.
///
/// # Errors
/// [`BuildError`] if the experiment asks for what cannot be.
pub fn build(
    experiment: &Experiment,
    path: &Arc<MarketPath>,
    run: u32,
    shuffle: Option<u64>,
) -> Result<World, BuildError> {
    let streams = Streams::of_run(experiment.seed, run);
    let mut world = World::new();
    let opening: Vec<f64> = path.prices_usd.iter().filter_map(|prices| prices.first().copied()).collect();
    let mut oracle = Oracle::new(experiment.oracle, &opening);
    oracle.observe(0, opening, path.usd_token_price.first().copied().unwrap_or(1.0));

    let (mut ledger, venues) = open_venues(experiment, path, &streams)?;
    world.insert_resource(treasury_policy(experiment));
    world.insert_resource(Health::default());
    if let Some(governance) = venues.governance() {
        ledger.watch(governance.counted(venues.stakes()));
    }
    let dollar = venues.exchange.dollar();
    let gas = ledger.asset(dollar).decimals.floor(experiment.network.gas_usd_per_action);
    let first_agent = AccountId(ledger.accounts());
    let blocks = experiment.network.blocks;

    world.insert_resource(streams);
    world.insert_resource(Clock::new(experiment.tick_seconds(), blocks.people + blocks.bots));
    world.insert_resource(blocks);
    world.insert_resource(Calendar::new(&streams, first_agent));
    world.insert_resource(Directory::default());
    world.insert_resource(Notes::default());
    world.insert_resource(Breach::default());
    world.insert_resource(Attribution::default());
    world.insert_resource(opening_valuation(experiment, &venues));
    world.insert_resource(Network {
        account: NETWORK,
        asset: dollar,
        gas_per_action: gas.unwrap_or(Amount::ZERO),
    });
    world.insert_resource(Mempool::new(streams.per_agent("order"), experiment.network.ordering));
    world.insert_resource(Outside(Arc::clone(path)));
    ledger.commit();
    world.insert_resource(ledger);
    world.insert_resource(oracle);
    world.insert_resource(venues);

    // Resources come before agents as far as they can: the world keeps a table as long as its population for each kind of
    // resource that comes after.
    world.insert_resource(Receipts::default());
    phase::install(&mut world, shuffle);
    add_systems(&mut world, experiment);
    alarm::install(&mut world, experiment.alarm);

    let groups = endow::found(&mut world, experiment)?;
    let firsts = groups.iter().map(|group| group.first).collect();
    electorate::constitute(&mut world, experiment, &groups);
    world.insert_resource(Receipts::logged(TransactionLog::new(experiment.record.transactions, firsts)));
    let (every, survey) = (experiment.record.every_ticks, experiment.record.survey_every_ticks);
    let last = experiment.horizon_ticks();
    let subjects = metrics::concentration::subjects(world.resource::<Ledger>(), world.resource::<Venues>());
    world.insert_resource(Holders::new(groups.clone(), subjects, last));
    let metrics = metrics::all(world.resource::<Ledger>(), world.resource::<Venues>(), &groups);
    world.insert_resource(Recorder::new(metrics, every, survey, last));
    Ok(world)
}

fn add_systems(world: &mut World, experiment: &Experiment) {
    // Every archetype submits to the mempool. Its order of execution is drawn, not that of submission.
    world.allow_ambiguous_resource::<Mempool>();
    world.schedule_scope(Stage::Open, |_, schedule| {
        schedule.add_systems((
            advance_market.in_set(Phase::Market),
            (accrue, value).chain().in_set(Phase::Accrue),
        ));
    });
    for stage in [Stage::PeopleBlock, Stage::BotBlock] {
        world.schedule_scope(stage, |_, schedule| {
            schedule.add_systems(execute_block.in_set(Phase::Execute));
        });
    }
    world.schedule_scope(Stage::Close, |_, schedule| {
        schedule.add_systems((
            audit.in_set(Phase::Audit),
            (recorder::record, look_at_holders).in_set(Phase::Record),
        ));
    });
    if !experiment.order_books.is_empty() {
        world.schedule_scope(Stage::Close, |_, schedule| {
            schedule.add_systems(book::audit.in_set(Phase::Audit).after(audit));
        });
    }
    if !experiment.launches.is_empty() {
        world.schedule_scope(Stage::Close, |_, schedule| {
            let books = experiment.order_books.is_empty();
            let launches = launch::audit.in_set(Phase::Audit).after(audit);
            schedule.add_systems(if books { launches } else { launches.after(book::audit) });
        });
    }
    let lends = experiment.governance.as_ref().is_some_and(|settings| settings.vote_market.loans.is_some());
    if lends {
        world.schedule_scope(Stage::Close, |_, schedule| {
            let mut desk = token_loans::audit.in_set(Phase::Audit).after(audit);
            if !experiment.order_books.is_empty() {
                desk = desk.after(book::audit);
            }
            if !experiment.launches.is_empty() {
                desk = desk.after(launch::audit);
            }
            schedule.add_systems(desk);
        });
    }
    governance::install(world);
    let kinds: Vec<&str> = experiment.populations.iter().map(|population| population.agent.kind()).collect();
    agents::roster::schedule(world, &kinds);
    if experiment.populations.iter().any(|population| population.civic.is_some()) {
        voter::install_electorate(world);
    }
    if experiment.populations.iter().any(|population| population.lends.is_some()) {
        token_lender::install(world);
    }
}

/// The populations of a world, as groups for the recorder.
pub(super) fn groups(populations: &[Population]) -> Vec<Group> {
    populations
        .iter()
        .map(|population| Group {
            name: population.profile.clone(),
            first: population.first,
            count: population.count,
        })
        .collect()
}
