//! Voters in a running world: a passed proposal changes the pool's fee from the next tick on.

use ballast::agents::profile::Archetype;
use ballast::agents::voter::{self, Electorate, Voter};
use ballast::agents::{self, Dice, Directory};
use ballast::quantity::{Amount, Tick};
use ballast::venue::attribution::Attribution;
use ballast::venue::execute::{Network, Receipts, execute_block};
use ballast::venue::governance::{self as govern, Health};
use ballast::venue::{Mempool, Valuation, Venues, value};
use ballast::world::calendar::Calendar;
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::mempool::Ordering;
use ballast::world::notes::Notes;
use ballast::world::oracle::{Oracle, OracleSettings};
use ballast::world::phase::{self, Blocks, Phase, Stage};
use ballast::world::streams::Streams;
use bevy_ecs::prelude::*;

use crate::bench::*;

/// The fee of the pool as agents see it, one a tick.
#[derive(Debug, Default, Resource)]
struct Seen(Vec<f64>);

fn see(venues: Res<Venues>, mut seen: ResMut<Seen>) {
    seen.0.push(venues.parameter_value(FEE).unwrap());
}

fn audit(mut ledger: ResMut<Ledger>, mut receipts: ResMut<Receipts>) {
    ledger.audit(true).unwrap();
    receipts.begin();
}

/// Somebody who notices everything, and abstains where less than a thousandth is at stake.
pub(crate) const VOTER: Voter = Voter {
    civic_weight: 0.1,
    turnout_cost_share: 0.001,
    attention_probability: 1.0,
    peg_tolerance_share: 0.01,
    collateral_ratio_target: 1.5,
    step_share: 0.05,
    delegation_probability: 0.0,
    bribe_reluctance_share: 0.01,
};

/// Somebody whose own business does not matter here.
#[derive(Debug, Clone, Copy, Component)]
struct Busy;

/// A world of voters: five dollar holders, and the provider of the pool's liquidity with too few tokens to propose.
pub(crate) fn world(venues: Venues, voters: [Voter; 6]) -> World {
    settled(venues, |world| {
        world.schedule_scope(Stage::PeopleBlock, |_, schedule| {
            schedule.add_systems(voter::decide.in_set(Phase::Decide));
        });
        agents::enter(world, Voter::KIND, "voter", voters.map(|voter| (1.0, voter)).to_vec()).unwrap();
    })
}

/// The same six, who vote beside something else, in a world that knows who has ever held a token.
pub(crate) fn world_of_busy_people(venues: Venues, voters: [Voter; 6]) -> World {
    settled(venues, |world| {
        voter::install_electorate(world);
        world.resource_mut::<Ledger>().watch(TOKEN);
        let people = agents::enter(world, "busy", "busy", vec![(1.0, Busy); 6]).unwrap();
        world.get_resource_or_init::<Electorate>().enfranchise(&people, voters.to_vec());
    })
}

fn settled(venues: Venues, enter: impl FnOnce(&mut World)) -> World {
    let streams = Streams::new(7);
    let mut world = World::new();
    world.insert_resource(ledger());
    world.insert_resource(venues);
    world.insert_resource(Clock::new(HOUR, 2));
    world.insert_resource(Blocks::default());
    world.insert_resource(Calendar::new(&streams, AccountId(FIRST)));
    world.insert_resource(Directory::default());
    world.insert_resource(Oracle::new(OracleSettings::default(), &[2000.0]));
    world.insert_resource(Network { account: RESERVE, asset: USD, gas_per_action: Amount::ZERO });
    world.insert_resource(Mempool::new(streams.per_agent("order"), Ordering::PriorityFee));
    world.insert_resource(Dice::<Voter>::new(&streams, "voter"));
    world.init_resource::<Notes>();
    world.init_resource::<Receipts>();
    world.init_resource::<Valuation>();
    world.init_resource::<Attribution>();
    world.init_resource::<Seen>();
    phase::install(&mut world, None);
    govern::install(&mut world);
    world.schedule_scope(Stage::Open, |_, schedule| {
        schedule.add_systems(value.in_set(Phase::Accrue));
    });
    world.schedule_scope(Stage::PeopleBlock, |_, schedule| {
        schedule.add_systems(execute_block.in_set(Phase::Execute));
    });
    world.schedule_scope(Stage::BotBlock, |_, schedule| {
        schedule.add_systems(see.in_set(Phase::Decide));
    });
    world.schedule_scope(Stage::Close, |_, schedule| {
        schedule.add_systems(audit.in_set(Phase::Audit));
    });
    enter(&mut world);
    let ledger = &mut *world.resource_mut::<Ledger>();
    for voter in 0..6 {
        ledger.bridge_in(holder_account(voter), USD, atoms(1_000_000_000)).unwrap();
        let held = if voter == 5 { 5 } else { 100 };
        ledger.mint(ISSUER, holder_account(voter), TOKEN, atoms(held)).unwrap();
    }
    ledger.mint(POOL, holder_account(5), SHARES, atoms(2_000_000_000)).unwrap();
    ledger.commit();
    ledger.audit(true).unwrap();
    world
}

#[test]
fn voters_lower_the_fee_off_the_peg_and_raise_it_again_in_calm() {
    let mut world = world(venues(), [VOTER; 6]);
    let escrow = |world: &World| world.resource::<Ledger>().balance(ESCROW, TOKEN);
    world.resource_mut::<Health>().peg_deviation = Some(-0.05);
    phase::run_tick(&mut world, Tick(0));
    assert_eq!(escrow(&world), atoms(100), "a proposer votes for its proposal at once");
    (1..3).for_each(|tick| phase::run_tick(&mut world, Tick(tick)));
    assert_eq!(escrow(&world), atoms(505), "everybody has voted");
    assert_eq!(world.resource::<Receipts>().refused(), 4, "four lost the race to propose");
    phase::run_tick(&mut world, Tick(3));
    assert_eq!(escrow(&world), Amount::ZERO, "and has its tokens back");
    let vote = world.resource::<Venues>().governance().unwrap().last().unwrap().proposal;
    assert_eq!((vote.power_for, vote.power_against), (atoms(500), atoms(5)), "the provider is against");
    (4..7).for_each(|tick| phase::run_tick(&mut world, Tick(tick)));
    // Proposed in hour 0, voted on until hour 4, enacted at hour 6: the ticks before that trade under the old fee.
    assert_eq!(world.resource::<Seen>().0, [30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 25.0]);

    world.resource_mut::<Health>().peg_deviation = Some(0.0);
    (7..20).for_each(|tick| phase::run_tick(&mut world, Tick(tick)));
    assert_eq!(world.resource::<Seen>().0.last(), Some(&30.0));
}
