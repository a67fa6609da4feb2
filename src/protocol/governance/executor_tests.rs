//! The executor DAO: votes that lock, and the two teams.

use proptest::prelude::*;

use super::emergency::EmergencyTeam;
use super::executive::ExecutiveTeam;
use super::locked_vote::{DaoRefusal, LockedVotes, MotionId, OpenSubmission, has_share};
use crate::quantity::Amount;

const MOTION: MotionId = MotionId(1);

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

fn fine() -> Result<(), DaoRefusal> {
    Ok(())
}

/// A proposal that cannot be executed.
fn broken() -> Result<(), DaoRefusal> {
    Err(DaoRefusal::Overflow)
}

/// Open over blocks 100..200, with these votes of wallet 9.
fn voted(power_for: i64, power_against: i64) -> LockedVotes {
    let mut votes = LockedVotes::default();
    votes.submit(MOTION, 100, 200).unwrap();
    for (support, weight) in [(true, power_for), (false, power_against)] {
        if weight > 0 {
            votes.vote(MOTION, 9, 150, support, atoms(weight)).unwrap();
        }
    }
    votes
}

#[test]
fn there_is_no_quorum_and_a_tie_fails() {
    for (power_for, power_against, passes) in [(1, 0, true), (0, 0, false), (5, 5, false), (6, 5, true)] {
        let mut votes = voted(power_for, power_against);
        assert_eq!(votes.conclude(MOTION, 200, fine), Ok(passes));
        assert_eq!(votes.is_executed(MOTION), passes);
    }
}

#[test]
fn a_voter_may_split_and_add_and_locks_it_all() {
    let mut votes = voted(7, 3);
    votes.vote(MOTION, 9, 199, true, atoms(5)).unwrap();
    assert_eq!(votes.get(MOTION).unwrap().locked_by(9), atoms(15));
    assert_eq!(votes.reclaim(MOTION, 9), Err(DaoRefusal::NotConcluded));
    assert_eq!(votes.reclaim(MOTION, 8), Err(DaoRefusal::NoVotes), "checked before the conclusion");
    votes.conclude(MOTION, 200, fine).unwrap();
    assert_eq!(votes.reclaim(MOTION, 9), Ok(atoms(15)));
    assert_eq!(votes.reclaim(MOTION, 9), Err(DaoRefusal::NoVotes), "once");
}

#[test]
fn the_window_includes_its_start_and_not_its_end() {
    let mut votes = voted(0, 0);
    for (height, open) in [(99, false), (100, true), (199, true), (200, false)] {
        assert_eq!(votes.vote(MOTION, 9, height, true, atoms(1)).is_ok(), open, "{height}");
    }
    let early = votes.conclude(MOTION, 199, fine);
    assert_eq!(early, Err(DaoRefusal::EndNotReached { end: 200, height: 199 }));
    assert_eq!(votes.vote(MOTION, 9, 99, true, atoms(0)).unwrap_err().code(), Some(3006), "checked first");
    assert_eq!(votes.vote(MOTION, 9, 150, true, atoms(0)), Err(DaoRefusal::NoWeight));
    assert_eq!(votes.vote(MotionId(2), 9, 150, true, atoms(1)), Err(DaoRefusal::Unknown));
}

#[test]
fn what_cannot_be_executed_can_never_conclude_and_keeps_its_votes() {
    let mut votes = voted(5, 0);
    for height in [200, 300, 1_000_000] {
        assert_eq!(votes.conclude(MOTION, height, broken), Err(DaoRefusal::Overflow));
        assert_eq!(votes.reclaim(MOTION, 9), Err(DaoRefusal::NotConcluded));
    }
    assert!(!votes.is_executed(MOTION));
    assert_eq!(votes.conclude(MOTION, 1_000_001, fine), Ok(true), "until what stood in its way is gone");
}

#[test]
fn execution_is_at_the_conclusion_and_at_most_once() {
    let mut votes = voted(5, 0);
    let mut calls = 0;
    let passed = votes.conclude(MOTION, 200, || {
        calls += 1;
        fine()
    });
    assert_eq!((passed, calls), (Ok(true), 1));
    assert_eq!(votes.conclude(MOTION, 200, fine), Err(DaoRefusal::AlreadyConcluded));
    assert_eq!(votes.execute(MOTION, fine), Err(DaoRefusal::AlreadyExecuted { code: 1001 }));
    assert_eq!(votes.submit(MOTION, 300, 400).unwrap_err().code(), Some(3002));
}

#[test]
fn what_failed_cannot_be_submitted_again() {
    let mut votes = voted(0, 5);
    assert_eq!(votes.submit(MOTION, 300, 400).unwrap_err().code(), Some(3003));
    assert_eq!(votes.conclude(MOTION, 200, broken), Ok(false), "a failed vote executes nothing");
    assert_eq!(votes.submit(MOTION, 300, 400).unwrap_err().code(), Some(3003));
}

#[test]
fn the_emergency_team_proposes_without_delay_until_its_sunset() {
    let (mut team, mut votes) = (EmergencyTeam::deployed([1, 2, 3, 4, 5], 1_000), LockedVotes::default());
    assert_eq!(team.propose(&mut votes, MOTION, 6, 99_999), Err(DaoRefusal::NotMember));
    assert_eq!(team.propose(&mut votes, MOTION, 1, 27_280).unwrap_err().code(), Some(3002));
    team.propose(&mut votes, MOTION, 1, 27_279).unwrap();
    let vote = votes.get(MOTION).unwrap();
    assert_eq!((vote.start, vote.end), (27_279, 28_719));
    assert_eq!(team.set_sunset(30_000, 30_000).unwrap_err().code(), Some(3003));
    team.set_sunset(30_000, 30_001).unwrap();
    team.propose(&mut votes, MotionId(2), 5, 30_000).unwrap();
}

#[test]
fn three_of_five_execute_at_once_and_outrun_a_vote() {
    let (mut team, mut votes) = (ExecutiveTeam::deployed([1, 2, 3, 4, 5], 0), voted(0, 90));
    assert_eq!(team.signal(&mut votes, MOTION, 6, 150, fine), Err(DaoRefusal::NotMember));
    assert_eq!(team.signal(&mut votes, MOTION, 1, 150, fine), Ok(1));
    assert_eq!(team.signal(&mut votes, MOTION, 1, 150, fine), Ok(1), "a member signals once");
    assert_eq!(team.signal(&mut votes, MOTION, 2, 150, fine), Ok(2));
    assert!(!votes.is_executed(MOTION));
    assert_eq!(team.signal(&mut votes, MOTION, 3, 150, broken), Err(DaoRefusal::Overflow));
    assert_eq!(
        (team.signals(MOTION), votes.is_executed(MOTION)),
        (2, false),
        "a refused signal does not count"
    );
    assert_eq!(team.signal(&mut votes, MOTION, 3, 150, fine), Ok(3));
    assert!(votes.is_executed(MOTION), "with every vote against it");
    let again = team.signal(&mut votes, MOTION, 4, 150, fine);
    assert_eq!(again.unwrap_err().code(), Some(1001));
    // A vote that passes now cannot conclude any more.
    votes.vote(MOTION, 8, 160, true, atoms(100)).unwrap();
    assert_eq!(votes.conclude(MOTION, 200, fine).unwrap_err().code(), Some(1001));
}

#[test]
fn the_executives_lapse() {
    let (mut team, mut votes) = (ExecutiveTeam::deployed([1, 2, 3], 0), LockedVotes::default());
    assert_eq!(team.signal(&mut votes, MOTION, 1, 13_139, fine), Ok(1));
    assert_eq!(team.signal(&mut votes, MOTION, 2, 13_140, fine).unwrap_err().code(), Some(3003));
    assert_eq!(team.set_sunset(13_140, 13_140).unwrap_err().code(), Some(3004));
    team.set_sunset(13_140, 20_000).unwrap();
    team.members.remove(&1);
    assert_eq!(team.signal(&mut votes, MOTION, 2, 13_140, fine), Ok(2), "signals of those who left count");
    assert!(team.has_signalled(MOTION, 1) && !team.has_signalled(MOTION, 3));
}

#[test]
fn open_submission_takes_a_share_and_a_delay() {
    let (rules, mut votes) = (OpenSubmission::UPSTREAM, LockedVotes::default());
    let mut propose = |start, holding| {
        let refused = rules.propose(&mut votes, MOTION, 1_000, start, [atoms(holding), atoms(1_000)]);
        refused.err().and_then(|refusal| refusal.code())
    };
    assert_eq!(propose(1_143, 0), Some(3104));
    assert_eq!(propose(2_009, 0), Some(3105));
    assert_eq!(propose(1_144, 9), Some(3102));
    let latest = rules.propose(&mut LockedVotes::default(), MOTION, 1_000, 2_008, [atoms(10), atoms(1_000)]);
    assert_eq!(latest, Ok(()));
    assert_eq!(propose(1_144, 10), None, "exactly one per cent");
    assert_eq!(votes.get(MOTION).map(|vote| vote.end), Some(2_584));
    assert!(has_share(atoms(1), atoms(100), 100_000) && !has_share(atoms(1), atoms(101), 100_000));
}

proptest! {
    /// Every token that was locked comes back, once, whatever the outcome.
    #[test]
    fn all_locked_tokens_come_back(ballots in prop::collection::vec((0..5_u32, any::<bool>(), 1..1_000_i64), 0..30)) {
        let mut votes = voted(0, 0);
        for &(voter, support, weight) in &ballots {
            votes.vote(MOTION, voter, 150, support, atoms(weight)).unwrap();
        }
        let vote = votes.get(MOTION).unwrap();
        let cast = vote.votes_for.atoms() + vote.votes_against.atoms();
        let carried = vote.is_carried();
        prop_assert_eq!(votes.conclude(MOTION, 200, fine), Ok(carried));
        let back: i64 = (0..5).filter_map(|voter| votes.reclaim(MOTION, voter).ok()).map(Amount::atoms).sum();
        prop_assert_eq!(back, cast);
    }
}
