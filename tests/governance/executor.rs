//! The profile `Contract` against the contracts: one sequence of calls drives the rules of ALEX's executor DAO and the world,
//! a block of ten minutes a tick, and both must count, lock, decide and refuse alike.

use ballast::protocol::governance::{
    DaoRefusal, EMERGENCY_DURATION_BLOCKS, EMERGENCY_SUNSET_BLOCKS, EXECUTIVE_SUNSET_BLOCKS, EmergencyTeam,
    ExecutiveTeam, LockedVotes, Measure, MotionId, ParameterId, PauseId, Phase, Powers, Readiness, Rules,
};
use ballast::quantity::{Amount, Tick};
use ballast::venue::governance::{GovernAction, GovernRefusal, PhaseRules, Team, Which};
use ballast::venue::pool::PoolId;
use ballast::world::clock::Clock;
use proptest::prelude::*;

use crate::bench::*;

const BLOCK_SECONDS: i64 = 600;
/// Members of both teams: the four holders and one without tokens. It takes three of them to execute.
pub(crate) const MEMBERS: usize = 5;
pub(crate) const STRANGER: usize = 5;
/// Motions of the executives are numbered from here, so that none is voted on.
const EXECUTIVE: u32 = 1_000_000;

/// A proposal in both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) motion: MotionId,
    pub(crate) number: u32,
    pub(crate) measure: Measure,
    pub(crate) concluded: bool,
}

/// The contracts, and the world beside them.
pub(crate) struct Both {
    pub(crate) votes: LockedVotes,
    pub(crate) emergency: EmergencyTeam,
    pub(crate) executive: ExecutiveTeam,
    /// What each holder has not locked, in the contracts' token.
    pub(crate) free: [i64; 4],
    pub(crate) cases: Vec<Case>,
    /// How often each measure of the executives was executed: the next time it is another contract.
    pub(crate) executions: [u32; 3],
    /// What the executives decided in this block.
    pub(crate) decided: Vec<Measure>,
    pub(crate) fee: f64,
    pub(crate) rebate: f64,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) executed: u64,
    pub(crate) bench: Bench,
}

pub(crate) fn set(parameter: ParameterId, to: f64) -> Measure {
    Measure::Set { parameter, from: 0.0, to }
}

/// What the executives may call for.
fn wish(place: usize) -> Measure {
    set(FEE, [11.0, 12.0, 13.0][place])
}

impl Both {
    pub(crate) fn at(height: u64) -> Self {
        let phases = PhaseRules {
            first: Phase::Foundation,
            powers: [Phase::Foundation, Phase::Genesis, Phase::Dao].map(Powers::contract),
            readiness: [Readiness::default(); 2],
        };
        let mut bench = Bench::under(|governance| governance.with_phases(phases), Rules::contract());
        bench.ledger.open_accounts(2).unwrap();
        bench.clock = Clock::new(BLOCK_SECONDS, 1);
        let members: Vec<_> = (0..MEMBERS).map(holder_account).collect();
        bench.venues.governance_mut().unwrap().appoint(Team::new(members, 3));
        bench.clock.begin(Tick(u32::try_from(height).unwrap()));
        Self {
            votes: LockedVotes::default(),
            emergency: EmergencyTeam::deployed(0..5, 0),
            executive: ExecutiveTeam::deployed(0..5, 0),
            free: HOLDERS,
            cases: Vec::new(),
            executions: [0; 3],
            decided: Vec::new(),
            fee: 30.0,
            rebate: 0.8,
            passed: 0,
            failed: 0,
            executed: 0,
            bench,
        }
    }

    pub(crate) fn height(&self) -> u64 {
        u64::from(self.bench.clock.tick().0)
    }

    /// A measure that changes something, and that no other proposal is in the way of.
    fn measure(&self, kind: u8) -> Option<Measure> {
        // No two are alike.
        let turn = (self.cases.len() % 40) as f64;
        let measure = match kind {
            0 => set(FEE, 50.0 + turn),
            1 => set(REBATE, (10.0 + turn) / 100.0),
            _ => Measure::Pause { venue: PauseId(PoolId(0).0), hours: 1 },
        };
        self.bench.governance().in_the_way(&measure).is_none().then_some(measure)
    }

    pub(crate) fn submit(&mut self, who: usize, kind: u8) {
        let (height, motion) = (self.height(), MotionId(self.cases.len() as u32));
        let Some(measure) = self.measure(kind) else { return };
        let mut votes = self.votes.clone();
        match self.emergency.propose(&mut votes, motion, who as u32, height) {
            Ok(()) => {
                self.votes = votes;
                self.bench.send(who, &[GovernAction::Propose { measure }]).unwrap();
                let number = self.bench.governance().made();
                let end = self.votes.get(motion).unwrap().end;
                assert_eq!(end, height + EMERGENCY_DURATION_BLOCKS);
                let poll = self.bench.governance().poll(Which::Number(number)).unwrap();
                assert_eq!(poll.ballot.proposal.ends_seconds, end as i64 * BLOCK_SECONDS);
                self.cases.push(Case { motion, number, measure, concluded: false });
            }
            Err(DaoRefusal::NotMember) if height < self.emergency.sunset => {
                let refused = self.bench.refused(who, &[GovernAction::Propose { measure }]);
                assert_eq!(refused, GovernRefusal::NotTeam);
            }
            // What holders may do in the world after the sunset has a test of its own.
            Err(DaoRefusal::NotMember | DaoRefusal::SunsetReached { .. }) => {
                assert!(height >= self.emergency.sunset);
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Votes on one of the proposals, the `place`th from the last.
    pub(crate) fn vote(&mut self, holder: usize, place: usize, support: bool, weight: i64) {
        let case = self.cases.iter().rev().nth(place).copied();
        let motion = case.map_or(MotionId(u32::MAX), |case| case.motion);
        let (voter, height) = (holder as u32, self.height());
        let mut votes = self.votes.clone();
        // The token refuses what its holder has not, as it refuses nothing.
        let lacks = weight > self.free[holder];
        let outcome = votes.vote(motion, voter, height, support, atoms(weight));
        let ballot = vote_on(case.map_or(u32::MAX, |case| case.number), support, weight);
        if outcome.is_ok() && !lacks {
            self.bench.send(holder, &[ballot]).unwrap();
            self.votes = votes;
            self.free[holder] -= weight;
            return;
        }
        let refused = self.bench.refused(holder, &[ballot]);
        match outcome {
            // Counted at its close, a poll is gone in the world.
            Err(DaoRefusal::Unknown | DaoRefusal::Inactive { .. }) => {
                assert_eq!(refused, GovernRefusal::NoSuchProposal);
            }
            Err(DaoRefusal::NoWeight) => assert!(matches!(refused, GovernRefusal::Vote(_)), "{refused}"),
            Ok(()) => {
                let available = atoms(self.free[holder]);
                assert_eq!(refused, GovernRefusal::NotAvailable { available, wanted: atoms(weight) });
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// In the contracts a voter asks for each proposal, in the world for all at once.
    fn reclaim(&mut self, holder: usize) {
        let mut back = 0;
        for case in &self.cases {
            match self.votes.reclaim(case.motion, holder as u32) {
                Ok(freed) => {
                    assert!(case.concluded);
                    back += freed.atoms();
                }
                Err(DaoRefusal::NotConcluded) => assert!(!case.concluded),
                Err(refusal) => assert_eq!(refusal, DaoRefusal::NoVotes),
            }
        }
        self.free[holder] += back;
        assert_eq!(self.bench.governance().reclaimable(holder_account(holder)), atoms(back));
        let outcome = self.bench.send(holder, &[GovernAction::Reclaim]);
        let nothing = Err(GovernRefusal::NothingToReclaim.into());
        assert_eq!(outcome, if back > 0 { Ok(()) } else { nothing });
    }

    fn signal(&mut self, who: usize, place: usize) {
        let (height, member) = (self.height(), who as u32);
        let motion = MotionId(EXECUTIVE + 3 * self.executions[place] + place as u32);
        let twice = self.executive.has_signalled(motion, member);
        let mut executed = false;
        let outcome = self.executive.signal(&mut self.votes, motion, member, height, || {
            executed = true;
            Ok::<(), DaoRefusal>(())
        });
        let action = GovernAction::Execute { measure: wish(place) };
        match outcome {
            Ok(signals) if twice => {
                assert!(signals < 3 && !executed);
                assert_eq!(self.bench.refused(who, &[action]), GovernRefusal::AlreadyCalled);
            }
            Ok(signals) => {
                assert_eq!(executed, signals == 3);
                self.bench.send(who, &[action]).unwrap();
            }
            Err(DaoRefusal::NotMember) => {
                assert_eq!(self.bench.refused(who, &[action]), GovernRefusal::NotTeam);
            }
            Err(DaoRefusal::SunsetReached { .. }) => {
                assert_eq!(self.bench.refused(who, &[action]), GovernRefusal::NoSuchRight);
            }
            Err(other) => panic!("{other}"),
        }
        if executed {
            self.executions[place] += 1;
            self.decided.push(wish(place));
        }
    }

    fn take_effect(&mut self, measure: Measure) {
        match measure {
            Measure::Set { parameter: FEE, to, .. } => self.fee = to,
            Measure::Set { to, .. } => self.rebate = to,
            _ => {}
        }
    }

    /// Goes to a later block; at its beginning somebody concludes whatever can be.
    pub(crate) fn wait(&mut self, until: u64) {
        self.bench.clock.begin(Tick(u32::try_from(until - 1).unwrap()));
        self.bench.next_tick();
        for measure in std::mem::take(&mut self.decided) {
            self.take_effect(measure);
            self.executed += 1;
        }
        for place in 0..self.cases.len() {
            let Case { motion, measure, concluded, .. } = self.cases[place];
            match self.votes.conclude(motion, until, || Ok::<(), DaoRefusal>(())) {
                Ok(passed) => {
                    self.cases[place].concluded = true;
                    if passed {
                        self.passed += 1;
                        self.take_effect(measure);
                    } else {
                        self.failed += 1;
                    }
                }
                Err(DaoRefusal::AlreadyConcluded) => assert!(concluded),
                Err(refusal) => assert!(matches!(refusal, DaoRefusal::EndNotReached { .. }), "{refusal}"),
            }
        }
        assert_eq!((self.bench.value(FEE), self.bench.value(REBATE)), (self.fee, self.rebate));
    }

    fn compare(&self) {
        let governance = self.bench.governance();
        for case in &self.cases {
            let vote = self.votes.get(case.motion).unwrap();
            let poll = governance.poll(Which::Number(case.number));
            assert_eq!(poll.is_none(), case.concluded, "proposal {}", case.number);
            let Some(poll) = poll else { continue };
            let proposal = poll.ballot.proposal;
            assert_eq!((proposal.power_for, proposal.power_against), (vote.votes_for, vote.votes_against));
            assert_eq!((proposal.begins_seconds, proposal.ends_seconds), {
                (vote.start as i64 * BLOCK_SECONDS, vote.end as i64 * BLOCK_SECONDS)
            });
            for holder in 0..4 {
                let found = poll.roll.get(holder_account(holder));
                let weight = found.map_or(Amount::ZERO, |entry| entry.weight());
                assert_eq!(weight, vote.locked_by(holder as u32));
            }
        }
        for (holder, held) in HOLDERS.into_iter().enumerate() {
            assert_eq!(self.bench.balance(holder), self.free[holder]);
            assert_eq!(governance.locked(holder_account(holder)), atoms(held - self.free[holder]));
        }
        let outcomes = governance.outcomes();
        assert_eq!(
            (outcomes.passed, outcomes.enacted, outcomes.not_approved, outcomes.executed),
            (self.passed, self.passed, self.failed, self.executed)
        );
        assert_eq!((outcomes.without_quorum, outcomes.cancelled), (0, 0));
    }
}

#[derive(Debug, Clone)]
enum Step {
    Submit(usize, u8),
    Vote(usize, usize, bool, i64),
    Reclaim(usize),
    Signal(usize, usize),
    Blocks(u64),
    /// To the end of the oldest open vote, less one block, exactly, or one more.
    End(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..=STRANGER, 0_u8..3).prop_map(|(who, kind)| Step::Submit(who, kind)),
        9 => (0..4_usize, 0..4_usize, any::<bool>(), -1..220_i64)
            .prop_map(|(holder, place, support, weight)| Step::Vote(holder, place, support, weight)),
        3 => (0..4_usize).prop_map(Step::Reclaim),
        4 => (0..=STRANGER, 0..3_usize).prop_map(|(who, place)| Step::Signal(who, place)),
        2 => (1..700_u64).prop_map(Step::Blocks),
        3 => (0..3_u64).prop_map(Step::End),
        1 => Just(Step::Blocks(1)),
    ]
}

proptest! {
    #[test]
    fn the_profile_counts_locks_and_decides_as_the_contracts_do(
        begins in prop_oneof![
            3 => 0..50_u64,
            1 => EXECUTIVE_SUNSET_BLOCKS - 2..=EXECUTIVE_SUNSET_BLOCKS,
            1 => EMERGENCY_SUNSET_BLOCKS - 2..=EMERGENCY_SUNSET_BLOCKS,
            1 => EMERGENCY_SUNSET_BLOCKS - 900..EMERGENCY_SUNSET_BLOCKS,
        ],
        steps in proptest::collection::vec(any_step(), 1..70),
    ) {
        let mut both = Both::at(begins);
        for step in steps {
            match step {
                Step::Submit(who, kind) => both.submit(who, kind),
                Step::Vote(holder, place, support, weight) => both.vote(holder, place, support, weight),
                Step::Reclaim(holder) => both.reclaim(holder),
                Step::Signal(who, place) => both.signal(who, place),
                Step::Blocks(blocks) => both.wait(both.height() + blocks),
                Step::End(late) => {
                    let open = both.cases.iter().find(|case| !case.concluded);
                    let end = open.map(|case| both.votes.get(case.motion).unwrap().end + late - 1);
                    if let Some(end) = end.filter(|end| *end > both.height()) {
                        both.wait(end);
                    }
                }
            }
            both.compare();
        }
        // Once everything is concluded everybody has everything back, in both.
        both.wait(both.height() + EMERGENCY_DURATION_BLOCKS);
        (0..4).for_each(|holder| both.reclaim(holder));
        both.compare();
        prop_assert_eq!(both.free, HOLDERS);
    }
}
