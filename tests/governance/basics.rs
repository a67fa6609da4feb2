//! One proposal at a time: what passes, what is refused, what is rolled back.

use ballast::protocol::governance::{MeasureError, ParameterError, ParameterId, VoteError};
use ballast::quantity::{Amount, Tick};
use ballast::venue::exchange::{Exchange, ExchangeSettings};
use ballast::venue::governance::{GovernAction, GovernRefusal, Governance};
use ballast::venue::{Refusal, Venues};
use proptest::prelude::*;

use crate::bench::*;

#[test]
fn a_proposal_passes_waits_and_takes_effect() {
    let mut bench = Bench::new();
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    bench.send(1, &[vote(false, 100)]).unwrap();
    bench.send(1, &[vote(false, 200)]).unwrap();
    assert_eq!(bench.ledger.balance(ESCROW, TOKEN), atoms(800));
    bench.next_ticks(3);
    assert_eq!(bench.governance().open().len(), 1);
    bench.next_tick();
    // The vote closed at the end of hour 4; everything is back, and the timelock runs until hour 6.
    assert_eq!(bench.ledger.balance(ESCROW, TOKEN), Amount::ZERO);
    assert_eq!(bench.balances()[FIRST as usize..], HOLDERS.map(atoms));
    assert_eq!(bench.governance().turnout(), Some(0.8));
    assert_eq!((bench.governance().queue().len(), bench.value(FEE)), (1, 30.0));
    bench.next_tick();
    assert_eq!(bench.value(FEE), 30.0);
    bench.next_tick();
    assert_eq!((bench.clock.now_seconds(), bench.value(FEE)), (6 * HOUR, 25.0));
    assert_eq!(bench.venues.parameter_default(FEE), Some(30.0));
    assert_eq!(bench.kinds(), ["proposal", "vote_result", "enacted"]);
    let notes = bench.notes.all();
    let told = "passed: 0.0005 for, 0.0003 against by 2 voters, turnout 80.000 %; largest: account 4 with 0.0005 for";
    assert_eq!(notes[0].detail, "from 30 to 25 bps; for the peg");
    assert_eq!(notes[1].detail, told);
    assert!(notes.iter().all(|note| note.agent == Some(holder_account(0)) && note.value == Some(25.0)));
    assert!(notes.iter().all(|note| note.subject == "#1 eth_pool.fee_bps"));
    let outcomes = bench.governance().outcomes();
    assert_eq!((outcomes.passed, outcomes.enacted, outcomes.cancelled), (1, 1, 0));
}

#[test]
fn refusals_have_reasons() {
    let mut bench = Bench::new();
    let mut refused = |holder, actions: &[GovernAction]| match bench.send(holder, actions) {
        Err(Refusal::Governance(refusal)) => refusal,
        other => panic!("expected a refusal by governance, found {other:?}"),
    };
    assert_eq!(refused(0, &[vote(true, 1)]), GovernRefusal::NoSuchProposal);
    let poor = GovernRefusal::BelowThreshold { needed: atoms(10), held: atoms(5) };
    assert_eq!(refused(3, &[propose(FEE, 25.0)]), poor);
    assert_eq!(refused(0, &[propose(FEE, 30.0)]), GovernRefusal::Measure(MeasureError::NoChange));
    let wide = ParameterError::OutOfBounds { low: 0.0, high: 100.0, found: 100.5 };
    assert_eq!(refused(0, &[propose(FEE, 100.5)]), GovernRefusal::Measure(wide.into()));
    let odd = GovernRefusal::Measure(ParameterError::NotFinite.into());
    assert_eq!(refused(0, &[propose(FEE, f64::NAN)]), odd);
    let unknown = GovernRefusal::Measure(ParameterError::Unknown(2).into());
    assert_eq!(refused(0, &[propose(ParameterId(2), 1.0)]), unknown);
    let open = GovernRefusal::TooManyOpen { ends_seconds: 4 * HOUR };
    assert_eq!(refused(0, &[propose(FEE, 25.0), propose(REBATE, 0.5)]), open);
    let weightless = GovernRefusal::Vote(VoteError::NoWeight);
    assert_eq!(refused(0, &[propose(FEE, 25.0), vote(true, 0)]), weightless);

    let mut ungoverned = Venues::new(Exchange::new(ExchangeSettings::default(), USD, vec![]), vec![], None);
    std::mem::swap(&mut bench.venues, &mut ungoverned);
    let none = Err(Refusal::Governance(GovernRefusal::NoGovernance));
    assert_eq!(bench.send(0, &[vote(true, 1)]), none);
    assert_eq!(bench.send(0, &[propose(FEE, 25.0)]), none);
    bench.next_tick();
}

#[test]
fn votes_end_cool_down_and_queues_block_the_same_parameter() {
    let mut bench = Bench::new();
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    let late = Err(Refusal::Governance(GovernRefusal::CoolingDown { until_seconds: 5 * HOUR }));
    assert_eq!(bench.send(0, &[propose(REBATE, 0.5)]), late);
    bench.next_tick();
    let queued = Err(Refusal::Governance(GovernRefusal::Collides { number: 1, ends_seconds: 6 * HOUR }));
    assert_eq!(bench.send(0, &[propose(FEE, 20.0)]), queued);
    assert_eq!(bench.send(0, &[propose(REBATE, 0.5), vote(true, 100)]), Ok(()));
    bench.next_ticks(4);
    assert_eq!(bench.governance().outcomes().passed, 2, "exactly at quorum");
}

#[test]
fn a_vote_in_a_block_at_the_close_is_refused() {
    let mut bench = Bench::new();
    bench.send(0, &[propose(FEE, 25.0)]).unwrap();
    // The clock jumps to the closing time without the tick's end having counted the votes.
    bench.clock.begin(Tick(4));
    let late = Err(Refusal::Governance(GovernRefusal::Vote(VoteError::NotOpen)));
    assert_eq!(bench.send(0, &[vote(true, 500)]), late);
    bench.clock.begin(Tick(3));
    assert_eq!(bench.send(0, &[vote(true, 500)]), Ok(()));
}

#[test]
fn a_rolled_back_proposal_and_vote_leave_no_trace() {
    let mut bench = Bench::new();
    let actions = [propose(FEE, 25.0), vote(true, 300), vote(false, 100), vote(true, 101)];
    let short = GovernRefusal::NotAvailable { available: atoms(100), wanted: atoms(101) };
    assert_eq!(bench.send(0, &actions), Err(Refusal::Governance(short)), "501 of 500 tokens");
    assert_eq!(bench.governance(), &Governance::new(RULES, TOKEN, ESCROW).unwrap());
    assert_eq!(bench.balances()[FIRST as usize..], HOLDERS.map(atoms));
    assert!(bench.kinds().is_empty());
}

#[derive(Debug, Clone)]
enum Step {
    Send(usize, Vec<GovernAction>),
    Wait(u32),
}

fn any_action() -> impl Strategy<Value = GovernAction> {
    let value = prop_oneof![-5.0_f64..110.0, 0.0_f64..1.0, Just(f64::NAN), Just(30.0)];
    prop_oneof![
        (0_u16..3, value).prop_map(|(parameter, value)| propose(ParameterId(parameter), value)),
        (any::<bool>(), -1_i64..400).prop_map(|(support, weight)| vote(support, weight)),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..4, proptest::collection::vec(any_action(), 1..4)).prop_map(|(who, list)| Step::Send(who, list)),
        1 => (1_u32..4).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Tokens are conserved, the escrow holds exactly the open votes, no value leaves its bounds, and what is refused
    /// changes nothing.
    #[test]
    fn whatever_is_proposed_and_voted(steps in proptest::collection::vec(any_step(), 1..80)) {
        let mut bench = Bench::new();
        let supply = bench.ledger.supply(TOKEN);
        for step in steps {
            match step {
                Step::Send(holder, actions) => {
                    let before = (bench.governance().clone(), bench.balances(), bench.kinds());
                    if bench.send(holder, &actions).is_err() {
                        prop_assert_eq!((bench.governance().clone(), bench.balances(), bench.kinds()), before);
                    }
                }
                Step::Wait(ticks) => bench.next_ticks(ticks),
            }
            let governance = bench.governance();
            let locked: i64 = governance.locks().map(|(_, locked)| locked.atoms()).sum();
            let counted = governance.open().first().map_or(0, |poll| poll.ballot.proposal.cast().atoms());
            prop_assert_eq!(bench.ledger.balance(ESCROW, TOKEN), atoms(locked));
            prop_assert_eq!(locked, counted, "nothing is locked but for the open vote");
            prop_assert_eq!(bench.ledger.supply(TOKEN), supply);
            for (place, parameter) in (0..).zip(bench.venues.parameters()) {
                prop_assert_eq!(parameter.check(bench.value(ParameterId(place))), Ok(()));
            }
            for enacted in bench.notes.all().iter().filter(|note| note.kind == "enacted") {
                let (_, name) = enacted.subject.split_once(' ').unwrap();
                let id = bench.venues.find_parameter(name).unwrap();
                let value = enacted.value.unwrap();
                prop_assert_eq!(bench.venues.parameter(id).unwrap().check(value), Ok(()));
            }
            prop_assert_eq!(bench.ledger.audit(true), Ok(()));
        }
        let count = |kind| bench.kinds().iter().filter(|found| **found == kind).count() as u64;
        let outcomes = bench.governance().outcomes();
        let decided = outcomes.passed + outcomes.without_quorum + outcomes.not_approved;
        prop_assert_eq!(count("vote_result"), decided);
        prop_assert_eq!(count("proposal"), decided + bench.governance().open().len() as u64);
        prop_assert_eq!(outcomes.passed, outcomes.enacted + bench.governance().queue().len() as u64);
        prop_assert_eq!(outcomes.cancelled, 0);
    }
}
