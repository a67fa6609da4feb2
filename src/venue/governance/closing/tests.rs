use bevy_ecs::prelude::World;
use bevy_ecs::system::RunSystemOnce;

use super::super::Roll;
use super::*;
use crate::protocol::amm::Curve;
use crate::protocol::governance::{ParameterId, Rules};
use crate::quantity::{Asset, AssetId, Tick};
use crate::venue::accrual::{TreasuryPolicy, accrue};
use crate::venue::exchange::{Exchange, ExchangeSettings};
use crate::venue::governance::Health;
use crate::venue::pool::oracle::PoolOracle;
use crate::venue::pool::{Pool, PoolRecord};
use crate::world::ledger::Issuance;
use crate::world::notes::Notes;
use crate::world::oracle::{Oracle, OracleSettings};

const ANYBODY: AccountId = AccountId(0);

fn venues(rules: Rules) -> Venues {
    let pool = Pool {
        name: "pool".into(),
        account: ANYBODY,
        coins: [AssetId(0); 2],
        shares: AssetId(0),
        reserve: ANYBODY,
        curve: Curve::ConstantProduct,
        follows_nav: false,
        slide: None,
        fee: 0.003,
        rebate: 1.0,
        oracle: PoolOracle::default(),
        provision: None,
        record: PoolRecord::default(),
    };
    let exchange = Exchange::new(ExchangeSettings::default(), AssetId(0), Vec::new());
    let governance = Governance::new(rules, AssetId(0), ANYBODY).unwrap();
    Venues::new(exchange, vec![pool], None).governed_by(governance)
}

/// A poll on which ten atoms have voted for the measure.
fn poll(rules: &Rules, measure: Measure, now_seconds: i64) -> Poll {
    let ten = Amount::from_atoms(10);
    let proposal = Proposal::open(rules, measure, ten, now_seconds).vote(now_seconds, true, ten).unwrap();
    let ballot = Ballot { number: 1, poll: 1, proposer: ANYBODY, proposal, bribe: None };
    Poll { ballot, roll: Roll::default() }
}

/// What no action lets through: a passed proposal for a value outside the bounds, or for no parameter at all.
#[test]
fn what_cannot_take_effect_is_cancelled() {
    let rules = Rules { voting_hours: 1.0, timelock_hours: 0.0, ..Rules::plain() };
    let mut venues = venues(rules);
    let mut ledger = Ledger::new(vec![(Asset::new("GOV", 6), Issuance::By(ANYBODY))]);
    let mut notes = Notes::default();
    let oracle = Oracle::new(OracleSettings::default(), &[2000.0]);
    let mut clock = Clock::new(3_600, 1);
    for (tick, parameter) in [0_u16, 9].into_iter().enumerate() {
        clock.begin(Tick(tick as u32));
        let measure = Measure::Set { parameter: ParameterId(parameter), from: 30.0, to: 500.0 };
        let poll = poll(&rules, measure, clock.now_seconds());
        venues.governance.as_mut().unwrap().open.push(poll);
        let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
        venues.govern(&mut deal).unwrap();
    }
    let kinds: Vec<_> = notes.all().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, ["vote_result", "cancelled", "vote_result", "cancelled"]);
    assert_eq!(notes.all()[1].detail, "expected a value from 0 to 100, found 500");
    assert_eq!(venues.parameter_value(ParameterId(0)), Some(30.0));
    let outcomes = venues.governance().unwrap().outcomes();
    assert_eq!((outcomes.passed, outcomes.cancelled, outcomes.enacted), (2, 2, 0));
}

/// Where there is no treasury nothing is known of the protocol's health, a week later or ever.
#[test]
fn without_a_treasury_measures_are_forgotten_after_a_week() {
    let rules = Rules { voting_hours: 1.0, timelock_hours: 0.0, ..Rules::plain() };
    let mut venues = venues(rules);
    let measure = Measure::Set { parameter: ParameterId(0), from: 30.0, to: 50.0 };
    venues.governance.as_mut().unwrap().open.push(poll(&rules, measure, 0));
    let mut ledger = Ledger::new(vec![(Asset::new("GOV", 6), Issuance::By(ANYBODY))]);
    ledger.open_accounts(1).unwrap();
    let (mut notes, mut clock) = (Notes::default(), Clock::new(3_600, 1));
    let oracle = Oracle::new(OracleSettings::default(), &[2000.0]);
    clock.begin(Tick(0));
    let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
    venues.govern(&mut deal).unwrap();
    let mut world = World::new();
    world.insert_resource(venues);
    world.insert_resource(ledger);
    world.insert_resource(notes);
    world.insert_resource(oracle);
    world.insert_resource(clock);
    world.init_resource::<Health>();
    world.init_resource::<TreasuryPolicy>();
    let mut kept = Vec::new();
    for tick in [1, 7 * 24, 1 + 7 * 24] {
        world.resource_mut::<Clock>().begin(Tick(tick));
        world.run_system_once(accrue).unwrap();
        kept.push(world.resource::<Venues>().governance().unwrap().effects.len());
    }
    assert_eq!(kept, [1, 1, 0]);
    let kinds: Vec<_> = world.resource::<Notes>().all().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, ["vote_result", "enacted"], "nothing is told of what is not there");
}
