//! The team: veto, suspension, execution without a vote, and how these end; phases and pauses.

use ballast::protocol::amm::Side;
use ballast::protocol::governance::{
    Measure, MeasureError, PauseId, Phase, Powers, Readiness, Rules, Unready,
};
use ballast::quantity::{Amount, Tick};
use ballast::venue::governance::{Call, GovernAction, GovernRefusal, PhaseRules, Team};
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::venue::{Action, Deal, Refusal};
use ballast::world::mempool::Size;

use crate::bench::*;

const DAY_HOURS: u32 = 24;

/// Holders 0, 1 and 2 are the team; it takes two of them.
fn governed(first: Phase, powers: fn(Phase) -> Powers, readiness: [Readiness; 2]) -> Bench {
    let phases =
        PhaseRules { first, powers: [Phase::Foundation, Phase::Genesis, Phase::Dao].map(powers), readiness };
    let rules = Rules { cooldown_hours: 0.0, ..RULES };
    let mut bench = Bench::under(|governance| governance.with_phases(phases), rules);
    let members = [0, 1, 2].map(holder_account).to_vec();
    bench.venues.governance_mut().unwrap().appoint(Team::new(members, 2));
    bench
}

#[test]
fn two_of_three_veto_what_a_majority_wants() {
    let mut bench = governed(Phase::Genesis, Powers::article, [Readiness::default(); 2]);
    bench.send(0, &[propose(FEE, 90.0), vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    let veto = GovernAction::Veto { ballot: 1 };
    assert_eq!(bench.refused(3, &[veto]), GovernRefusal::NotTeam);
    bench.send(1, &[veto]).unwrap();
    assert_eq!(bench.refused(1, &[veto]), GovernRefusal::AlreadyCalled);
    bench.next_tick();
    assert_eq!(bench.governance().queue().len(), 1, "one is not enough");
    bench.send(2, &[veto]).unwrap();
    bench.next_ticks(3);
    assert_eq!((bench.value(FEE), bench.governance().outcomes().enacted), (30.0, 0));
    assert_eq!(bench.kinds(), ["proposal", "vote_result", "vetoed"]);
    // In the last phase there is no veto.
    let mut free = governed(Phase::Dao, Powers::article, [Readiness::default(); 2]);
    free.send(0, &[propose(FEE, 90.0), vote(true, 500)]).unwrap();
    assert_eq!(free.refused(1, &[veto]), GovernRefusal::NoSuchRight);
}

/// A transaction that fails in its second half has called for nothing, also where its call would have been the last one.
#[test]
fn a_call_that_is_rolled_back_is_not_heard() {
    let mut bench = governed(Phase::Genesis, Powers::article, [Readiness::default(); 2]);
    bench.send(0, &[propose(FEE, 90.0), vote(true, 500)]).unwrap();
    let too_much = vote(true, 9_999);
    for member in [1, 2] {
        for call in [GovernAction::Veto { ballot: 1 }, GovernAction::Suspend] {
            let before = bench.governance().clone();
            bench.send(member, &[call, too_much]).unwrap_err();
            assert_eq!(bench.governance(), &before);
            if member == 1 {
                bench.send(member, &[call]).unwrap();
            }
        }
    }
    let cancel = GovernAction::Cancel { ballot: 1 };
    bench.send(0, &[cancel, too_much]).unwrap_err();
    bench.next_tick();
    assert_eq!(bench.governance().open().len(), 1);
    assert_eq!(bench.governance().suspended_until(bench.clock.now_seconds()), None);
}

#[test]
fn rights_end_with_the_phase_and_calls_with_the_proposal() {
    let mut bench = governed(Phase::Genesis, Powers::article, [Readiness::default(); 2]);
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    let veto = GovernAction::Veto { ballot: 1 };
    bench.send(1, &[veto]).unwrap();
    let called = |bench: &Bench| bench.governance().team().has_called(holder_account(1), Call::Veto(1));
    assert!(called(&bench));
    bench.next_ticks(6);
    assert!(bench.value(FEE) == 25.0 && !called(&bench), "it has taken effect");
    assert_eq!(bench.refused(2, &[veto]), GovernRefusal::NoSuchProposal);
    let mut free = governed(Phase::Dao, Powers::article, [Readiness::default(); 2]);
    assert_eq!(free.refused(0, &[GovernAction::Suspend]), GovernRefusal::NoSuchRight);
    let mut contract = governed(Phase::Genesis, Powers::contract, [Readiness::default(); 2]);
    assert_eq!(contract.refused(0, &[GovernAction::Suspend]), GovernRefusal::NoSuchRight);
}

#[test]
fn calls_for_a_veto_end_with_the_vote() {
    let mut bench = governed(Phase::Genesis, Powers::article, [Readiness::default(); 2]);
    bench.send(0, &[propose(FEE, 90.0), vote(false, 500)]).unwrap();
    bench.send(1, &[GovernAction::Veto { ballot: 1 }]).unwrap();
    let called = |bench: &Bench| bench.governance().team().has_called(holder_account(1), Call::Veto(1));
    bench.next_ticks(3);
    assert!(called(&bench), "the vote is open");
    bench.next_tick();
    assert_eq!(bench.kinds(), ["proposal", "vote_result"]);
    assert!(!called(&bench), "the vote has failed");
}

#[test]
fn a_suspension_puts_everything_off_and_ends_by_itself() {
    let mut bench = governed(Phase::Genesis, Powers::article, [Readiness::default(); 2]);
    bench.send(0, &[propose(FEE, 25.0), vote(true, 400)]).unwrap();
    bench.next_tick();
    bench.send(0, &[GovernAction::Suspend]).unwrap();
    bench.send(1, &[GovernAction::Suspend]).unwrap();
    bench.next_tick();
    let until_seconds = (2 + 168) * HOUR;
    assert_eq!(bench.refused(0, &[vote(true, 1)]), GovernRefusal::Suspended { until_seconds });
    assert_eq!(bench.refused(0, &[propose(REBATE, 0.1)]), GovernRefusal::Suspended { until_seconds });
    assert_eq!(bench.refused(2, &[GovernAction::Suspend]), GovernRefusal::Suspended { until_seconds });
    bench.next_ticks(168);
    // Two of four hours had passed: two are left, and everybody can use them.
    bench.send(1, &[vote(true, 100)]).unwrap();
    bench.next_ticks(2);
    assert_eq!(bench.governance().queue().len(), 1);
    bench.next_ticks(2);
    assert_eq!(bench.value(FEE), 25.0);
}

#[test]
fn the_executive_of_the_contracts_acts_at_once_until_its_right_lapses() {
    let mut bench = governed(Phase::Genesis, Powers::contract, [Readiness::default(); 2]);
    let measure = Measure::Set { parameter: FEE, from: 0.0, to: 55.0 };
    let execute = GovernAction::Execute { measure };
    bench.send(0, &[execute]).unwrap();
    bench.send(1, &[execute]).unwrap();
    assert_eq!(bench.value(FEE), 30.0, "everybody trades a whole tick under the same rules");
    bench.next_tick();
    assert_eq!((bench.value(FEE), bench.governance().outcomes().executed), (55.0, 1));
    let wide = Measure::Set { parameter: FEE, from: 0.0, to: 101.0 };
    assert!(matches!(
        bench.refused(0, &[GovernAction::Execute { measure: wide }]),
        GovernRefusal::Measure(_)
    ));
    assert_eq!(bench.refused(3, &[propose(FEE, 20.0)]), GovernRefusal::NotTeam, "the team alone proposes");
    // 13,140 blocks of ten minutes are 91.25 days.
    bench.clock.begin(Tick(2_189));
    assert_eq!(bench.send(0, &[execute]), Ok(()));
    bench.clock.begin(Tick(2_190));
    assert_eq!(bench.refused(1, &[execute]), GovernRefusal::NoSuchRight);
    // 26,280 blocks are 182.5 days: then holders propose, with the threshold.
    bench.clock.begin(Tick(4_379));
    assert_eq!(bench.refused(3, &[propose(FEE, 20.0)]), GovernRefusal::NotTeam);
    bench.clock.begin(Tick(4_380));
    assert!(matches!(bench.refused(3, &[propose(FEE, 20.0)]), GovernRefusal::BelowThreshold { .. }));
    assert_eq!(bench.send(0, &[propose(FEE, 20.0)]), Ok(()));
}

#[test]
fn a_phase_ends_by_a_vote_that_is_due() {
    let ready = Readiness { days: 1.0, nakamoto: 1, turnout: 0.4, enacted: 1 };
    let mut bench = governed(Phase::Foundation, Powers::article, [ready, Readiness::default()]);
    let advance = GovernAction::Propose { measure: Measure::AdvancePhase };
    let unready = |why| GovernRefusal::Measure(MeasureError::NotReady(why));
    assert_eq!(bench.refused(3, &[propose(FEE, 25.0)]), GovernRefusal::NotTeam);
    assert_eq!(bench.refused(0, &[advance]), unready(Unready::Days { needed: 1.0, found: 0.0 }));
    bench.send(2, &[propose(FEE, 25.0)]).unwrap();
    bench.send(0, &[vote(true, 500)]).unwrap();
    bench.next_ticks(DAY_HOURS + 1);
    assert_eq!(bench.governance().progress(bench.clock.now_seconds()).enacted, 1);
    bench.send(0, &[advance, vote(true, 500)]).unwrap();
    bench.next_ticks(6);
    assert_eq!(bench.governance().phase(), Phase::Genesis);
    assert!(bench.send(0, &[propose(FEE, 20.0)]).is_ok(), "holders propose now");
    bench.send(0, &[GovernAction::Cancel { ballot: 3 }, advance, vote(true, 500)]).unwrap_err();
    bench.next_ticks(8);
    bench.send(0, &[advance, vote(true, 500)]).unwrap();
    bench.next_ticks(6);
    assert_eq!(bench.governance().phase(), Phase::Dao);
    let last = GovernRefusal::Measure(MeasureError::LastPhase);
    assert_eq!(bench.refused(0, &[advance]), last);
}

#[test]
fn a_paused_pool_refuses_and_goes_on_by_itself() {
    let mut bench = governed(Phase::Genesis, Powers::article, [Readiness::default(); 2]);
    let pause = |hours| GovernAction::Execute { measure: Measure::Pause { venue: PauseId(0), hours } };
    let unknown = Measure::Pause { venue: PauseId(1), hours: 3 };
    assert!(matches!(
        bench.refused(0, &[GovernAction::Execute { measure: unknown }]),
        GovernRefusal::Measure(_)
    ));
    assert_eq!(
        bench.refused(0, &[GovernAction::Execute { measure: Measure::AdvancePhase }]),
        GovernRefusal::NoSuchRight,
        "pauses and nothing else"
    );
    let swap = |bench: &mut Bench| {
        let Bench { ledger, venues, notes, oracle, clock } = bench;
        ledger.bridge_in(holder_account(0), USD, atoms(1_000_000)).unwrap();
        let mut deal = Deal { ledger, oracle, clock, notes };
        let amount = Size::Exact(atoms(1_000_000));
        let swap = PoolAction::Swap { pool: PoolId(0), side: Side::BuyBase, amount, min_out: Amount::ZERO };
        venues.perform(&mut deal, holder_account(0), Action::Pool(swap), Amount::ZERO)
    };
    bench.send(0, &[pause(3)]).unwrap();
    bench.send(2, &[pause(3)]).unwrap();
    assert!(swap(&mut bench).is_ok(), "until the end of the tick");
    bench.next_tick();
    assert_eq!(swap(&mut bench), Err(Refusal::Paused { until_seconds: 4 * HOUR }));
    bench.next_ticks(3);
    assert!(swap(&mut bench).is_ok());
    assert_eq!(bench.kinds(), ["executed", "resumed"]);
}
