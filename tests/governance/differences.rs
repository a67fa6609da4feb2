//! Where the profile `Contract` differs from the contracts by design, as [`Rules::contract`] and [`Powers::contract`] tell.

use ballast::protocol::governance::{
    DaoRefusal, EMERGENCY_DURATION_BLOCKS, EMERGENCY_SUNSET_BLOCKS, Measure, MotionId, Phase, Powers, Rules,
};
use ballast::quantity::Tick;
use ballast::venue::governance::{GovernAction, GovernRefusal};

use crate::bench::*;
use crate::executor::{Both, Case, MEMBERS, STRANGER, set};

/// A measure is no contract with an address: what was turned down, and what was executed, can be proposed again.
#[test]
fn only_the_contracts_remember_what_was_decided() {
    let mut both = Both::at(0);
    both.submit(0, 0);
    let Case { motion, measure, .. } = both.cases[0];
    both.vote(0, 0, false, 5);
    both.wait(EMERGENCY_DURATION_BLOCKS);
    let height = both.height();
    let again = both.emergency.propose(&mut both.votes, motion, 0, height);
    assert_eq!(again.unwrap_err().code(), Some(3003));
    both.bench.send(0, &[GovernAction::Propose { measure }]).unwrap();
    // Nor do votes and executives get in each other's way, who in the contracts execute one thing once between them.
    let execute = |both: &mut Both| {
        for member in 0..3 {
            both.bench.send(member, &[GovernAction::Execute { measure }]).unwrap();
        }
        both.bench.next_tick();
    };
    both.bench.send(0, &[vote_on(2, true, 5)]).unwrap();
    execute(&mut both);
    assert_eq!(both.bench.value(FEE), 50.0);
    execute(&mut both);
    both.bench.clock.begin(Tick(2 * EMERGENCY_DURATION_BLOCKS as u32 - 1));
    both.bench.next_tick();
    let outcomes = both.bench.governance().outcomes();
    assert_eq!((outcomes.executed, outcomes.enacted), (2, 1));
}

/// A proposal that cannot take effect stays open in the contracts for ever, and its votes locked; in the world it is
/// cancelled, and they come back.
#[test]
fn only_the_contracts_get_stuck() {
    let mut both = Both::at(0);
    both.bench.ledger.bridge_in(RESERVE, USD, atoms(1_000)).unwrap();
    both.bench.ledger.commit();
    let measure = Measure::Spend { recipient: holder_account(0).0, cash: atoms(200) };
    both.bench.send(0, &[GovernAction::Propose { measure }, vote(true, 5)]).unwrap();
    both.bench.ledger.bridge_out(RESERVE, USD, atoms(900)).unwrap();
    both.bench.ledger.commit();
    both.bench.clock.begin(Tick(EMERGENCY_DURATION_BLOCKS as u32 - 1));
    both.bench.next_tick();
    let outcomes = both.bench.governance().outcomes();
    assert_eq!((outcomes.passed, outcomes.enacted, outcomes.cancelled), (1, 0, 1));
    assert_eq!(both.bench.send(0, &[GovernAction::Reclaim]), Ok(()));
    // The same in the contracts.
    both.emergency.propose(&mut both.votes, MotionId(1), 0, 0).unwrap();
    both.votes.vote(MotionId(1), 0, 0, true, atoms(5)).unwrap();
    let failure = || Err(DaoRefusal::Overflow);
    assert_eq!(both.votes.conclude(MotionId(1), 9_999, failure), Err(DaoRefusal::Overflow));
    assert_eq!(both.votes.reclaim(MotionId(1), 0), Err(DaoRefusal::NotConcluded));
}

/// When the right of the team has lapsed nobody can submit anything to ALEX's contracts; in the world whoever holds one per
/// cent can, as in the framework they build on, and the executives' right has lapsed in both.
#[test]
fn only_in_the_world_do_holders_follow_the_team() {
    let mut both = Both::at(EMERGENCY_SUNSET_BLOCKS - 1);
    both.submit(STRANGER, 0);
    both.submit(3, 0);
    assert_eq!(both.cases.len(), 1);
    both.wait(EMERGENCY_SUNSET_BLOCKS);
    let height = both.height();
    for who in 0..MEMBERS as u32 {
        let refused = both.emergency.propose(&mut both.votes, MotionId(77), who, height);
        assert_eq!(refused.unwrap_err().code(), Some(3002));
    }
    let propose = |value| GovernAction::Propose { measure: set(REBATE, value) };
    let refused = both.bench.refused(3, &[propose(0.5)]);
    assert_eq!(refused, GovernRefusal::BelowThreshold { needed: atoms(10), held: atoms(5) });
    assert_eq!(both.bench.send(1, &[propose(0.5)]), Ok(()));
    assert_eq!(both.bench.governance().in_force(both.bench.clock.now_seconds()), {
        Powers { alone_proposes_days: 0.0, ..Powers::contract(Phase::Foundation) }.in_force(i64::MAX)
    });
}

/// The world has room for sixteen proposals and for one on each thing; the contracts take any number.
#[test]
fn only_the_world_is_full() {
    assert_eq!(Rules::contract().most_open, 16);
    let mut both = Both::at(0);
    both.submit(0, 0);
    let again = both.bench.refused(1, &[GovernAction::Propose { measure: set(FEE, 99.0) }]);
    assert!(matches!(again, GovernRefusal::Collides { number: 1, .. }));
    for motion in 1..100 {
        assert_eq!(both.emergency.propose(&mut both.votes, MotionId(motion), 0, 0), Ok(()));
    }
}
