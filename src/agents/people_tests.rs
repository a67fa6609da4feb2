//! Shipped profiles in a small world: one pool of fETH and dollars, no treasury, so that fETH is a stable asset by promise.

use std::path::Path;

use bevy_ecs::prelude::*;

use super::roster;
use super::stage::{ETH, FETH, FETH_SHARES, FETH_USD, ISSUER, Stage, USD, read};
use super::{Directory, Population};
use crate::quantity::{Amount, AssetId, Tick};
use crate::venue::attribution::Attribution;
use crate::venue::execute::{Receipts, execute_block};
use crate::venue::{Mempool, Valuation, Venues};
use crate::world::calendar::Calendar;
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Ordering;
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;
use crate::world::phase::{self, Blocks, Phase, Stage as TickStage};
use crate::world::streams::Streams;

fn observe(clock: Res<Clock>, mut oracle: ResMut<Oracle>) {
    oracle.observe(clock.tick().0, [2_000.0], 1.0);
}

fn audit(mut ledger: ResMut<Ledger>, mut receipts: ResMut<Receipts>) {
    ledger.audit(true).unwrap();
    receipts.begin();
}

fn world(populations: &[(&str, u32)]) -> (World, Vec<Population>) {
    let stage = Stage::new(100_000.0);
    let streams = Streams::new(5);
    let first = AccountId(stage.ledger.accounts());
    let mut world = World::new();
    world.insert_resource(stage.ledger);
    world.insert_resource(stage.venues);
    world.insert_resource(stage.oracle);
    world.insert_resource(stage.network);
    world.insert_resource(Clock::new(3_600, 2));
    world.insert_resource(Blocks::default());
    world.insert_resource(Calendar::new(&streams, first));
    world.insert_resource(Directory::default());
    world.insert_resource(Mempool::new(streams.per_agent("order"), Ordering::PriorityFee));
    world.insert_resource(streams);
    world.init_resource::<Notes>();
    world.init_resource::<Receipts>();
    world.init_resource::<Valuation>();
    world.init_resource::<Attribution>();
    world.allow_ambiguous_resource::<Mempool>();
    phase::install(&mut world, None);
    let kinds: Vec<&str> = populations.iter().map(|(name, _)| shipped(name).kind()).collect();
    roster::schedule(&mut world, &kinds);
    let mut add = |stage, system| {
        world.schedule_scope(stage, |_, schedule| {
            schedule.add_systems(system);
        });
    };
    add(TickStage::Open, observe.in_set(Phase::Market));
    add(TickStage::PeopleBlock, execute_block.in_set(Phase::Execute));
    add(TickStage::BotBlock, execute_block.in_set(Phase::Execute));
    add(TickStage::Close, audit.in_set(Phase::Audit));
    let populations = populations.iter().map(|(name, count)| populate(&mut world, name, *count)).collect();
    (world, populations)
}

fn shipped(name: &str) -> roster::Profile {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("agents/{name}.ron"));
    read(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// Draws agents from a shipped profile and gives them what it says, everything at par.
fn populate(world: &mut World, name: &str, count: u32) -> Population {
    let profile = shipped(name);
    let (population, wealth) = profile.populate(world, name, count).unwrap();
    let mut ledger = world.resource_mut::<Ledger>();
    for (account, wealth) in (population.first.0..).map(AccountId).zip(wealth) {
        for (symbol, share) in &profile.endowment().holdings {
            let asset = ledger.find(symbol).unwrap();
            let price = if asset == ETH { 2_000.0 } else { 1.0 };
            // The pool is small and nobody redeems: large purses would break the peg by themselves.
            let amount = ledger.asset(asset).decimals.floor(wealth.min(1_000.0) * share / price).unwrap();
            if asset == USD || asset == ETH {
                ledger.bridge_in(account, asset, amount).unwrap();
            } else {
                ledger.mint(ISSUER, account, asset, amount).unwrap();
            }
        }
    }
    ledger.commit();
    population
}

fn run(world: &mut World, ticks: std::ops::Range<u32>) {
    ticks.for_each(|tick| phase::run_tick(world, Tick(tick)));
}

fn held(world: &World, population: &Population, asset: AssetId) -> f64 {
    let ledger = world.resource::<Ledger>();
    let accounts = population.first.0..population.first.0 + population.count;
    accounts.map(|account| ledger.units(AccountId(account), asset)).sum()
}

fn price(world: &World) -> f64 {
    world.resource::<Venues>().pool(FETH_USD).price(world.resource::<Ledger>()).unwrap()
}

/// Somebody pours 30,000 fETH into a pool of 100,000: the price falls to 0.77, and savers run.
#[test]
fn a_broken_peg_sends_savers_running() {
    let sold = |poured: f64, name: &str| {
        let (mut world, populations) = world(&[(name, 25)]);
        run(&mut world, 0..240);
        let before = held(&world, &populations[0], FETH);
        let amount = Amount::from_atoms((poured * 1e9) as i64);
        let pool = world.resource::<Venues>().pool(FETH_USD).account;
        let mut ledger = world.resource_mut::<Ledger>();
        ledger.mint(ISSUER, pool, FETH, amount).unwrap();
        ledger.commit();
        run(&mut world, 240..288);
        assert!(world.resource::<Receipts>().succeeded() > 0);
        (1.0 - held(&world, &populations[0], FETH) / before, price(&world))
    };
    let (calm, _) = sold(0.0, "saver");
    let (patient, after_patient) = sold(30_000.0, "saver");
    let (anxious, after_anxious) = sold(30_000.0, "saver_anxious");
    assert!(calm.abs() < 0.05, "{calm}");
    assert!(patient > calm + 0.02, "{patient}");
    assert!(anxious > patient, "{anxious} {patient}");
    assert!(after_anxious < after_patient, "who runs drives the price: {after_anxious} {after_patient}");
}

/// Everybody comes for the fees that were promised; nobody trades. The mercenary leave, the loyal stay.
#[test]
fn without_fees_the_mercenary_leave_and_the_loyal_stay() {
    let (mut world, populations) = world(&[("lp_loyal", 30), ("lp_mercenary", 30)]);
    let mut most = [0.0_f64; 2];
    for day in 0..60 {
        run(&mut world, day * 24..(day + 1) * 24);
        for (most, population) in most.iter_mut().zip(&populations) {
            *most = most.max(held(&world, population, FETH_SHARES));
        }
    }
    let left = [0, 1].map(|kind| held(&world, &populations[kind], FETH_SHARES) / most[kind]);
    assert!(most.iter().all(|most| *most > 1_000.0), "{most:?}");
    assert!(left[0] > 0.95, "loyal: {left:?}");
    assert!(left[1] < 0.05, "mercenary: {left:?}");
    let receipts = world.resource::<Receipts>();
    let (succeeded, refused) = (receipts.succeeded(), receipts.refused());
    assert!(refused * 20 < succeeded, "{refused} refused, {succeeded} went through");
}
