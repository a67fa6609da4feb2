//! What a vote may decide, at its bounds, when it is proposed and again when it takes effect; and who may propose it, and when.

use ballast::protocol::governance::{
    Measure, MeasureError, PauseId, Phase, Powers, Purpose, Readiness, Rules, Unready,
};
use ballast::quantity::Tick;
use ballast::venue::governance::{GovernAction, GovernRefusal, Governance, PhaseRules};
use ballast::venue::treasury::FxAction;
use ballast::venue::{Action, Deal, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;

use crate::bench::*;

fn measure(measure: Measure) -> GovernAction {
    GovernAction::Propose { measure }
}

fn why(bench: &mut Bench, action: GovernAction) -> MeasureError {
    match bench.refused(0, &[action]) {
        GovernRefusal::Measure(why) => why,
        other => panic!("expected a measure out of bounds, found {other}"),
    }
}

#[test]
fn measures_last_from_an_hour_to_a_year() {
    let mut bench = Bench::new();
    for hours in [0, 8_761] {
        let error = MeasureError::Hours { most: 8_760, found: hours };
        for wrong in [
            Measure::Pause { venue: PauseId(0), hours },
            Measure::Schedule { parameter: FEE, from: 0.0, to: 10.0, hours },
            Measure::Issue { tokens: atoms(1), hours, purpose: Purpose::Reserve },
            Measure::BuyBack { cash: atoms(1), hours },
        ] {
            assert_eq!(why(&mut bench, measure(wrong)), error, "{wrong:?}");
        }
    }
    for hours in [1, 8_760] {
        let pause = measure(Measure::Pause { venue: PauseId(0), hours });
        let mut bench = Bench::new();
        assert_eq!(bench.send(0, &[pause]), Ok(()));
    }
}

#[test]
fn a_vote_issues_and_spends_no_more_than_the_rules_let_it() {
    let mut bench = Bench::under(|governance| governance, RULES);
    bench.ledger.bridge_in(RESERVE, USD, atoms(1_000)).unwrap();
    bench.ledger.commit();
    let issue =
        |tokens| measure(Measure::Issue { tokens: atoms(tokens), hours: 1, purpose: Purpose::Reserve });
    let buy = |cash| measure(Measure::BuyBack { cash: atoms(cash), hours: 1 });
    // A tenth of a thousand tokens, a quarter of a thousand dollars; what is within bounds finds no market here.
    for (action, most, found) in [(issue(101), 100, 101), (issue(0), 100, 0), (buy(251), 250, 251)] {
        let error = MeasureError::Amount { most: atoms(most), found: atoms(found) };
        assert_eq!(why(&mut bench, action), error);
    }
    assert_eq!(why(&mut bench, issue(100)), MeasureError::NoMarket);
    assert_eq!(why(&mut bench, buy(250)), MeasureError::NoMarket);
    let nobody = measure(Measure::Spend { recipient: 99, cash: atoms(1) });
    assert_eq!(why(&mut bench, nobody), MeasureError::NoAccount(99));
}

/// What reached a venue's account unasked would be in nobody's books.
#[test]
fn venues_are_not_paid() {
    let people = |governance: Governance| {
        let mut governance = governance.with_reserve(RESERVE);
        governance.count_populations(vec![("holders".into(), AccountId(FIRST))], AccountId(FIRST + 3));
        governance
    };
    let mut bench = Bench::under(people, RULES);
    bench.ledger.bridge_in(RESERVE, USD, atoms(1_000)).unwrap();
    bench.ledger.commit();
    for venue in [POOL.0, ESCROW.0, FIRST + 3] {
        let spend = measure(Measure::Spend { recipient: venue, cash: atoms(1) });
        assert_eq!(why(&mut bench, spend), MeasureError::NoAccount(venue));
    }
    let spend = measure(Measure::Spend { recipient: FIRST, cash: atoms(1) });
    bench.send(0, &[spend]).unwrap();
}

/// Less is in the reserve than when it was proposed: enough to pay, too little for one vote to dispose of as much.
#[test]
fn bounds_hold_again_when_it_takes_effect() {
    let mut bench = Bench::under(|governance| governance, RULES);
    bench.ledger.bridge_in(RESERVE, USD, atoms(1_000)).unwrap();
    bench.ledger.commit();
    let grant = measure(Measure::Spend { recipient: holder_account(0).0, cash: atoms(200) });
    bench.send(0, &[grant, vote(true, 500)]).unwrap();
    bench.ledger.bridge_out(RESERVE, USD, atoms(300)).unwrap();
    bench.ledger.commit();
    bench.next_ticks(6);
    assert_eq!(bench.ledger.balance(RESERVE, USD), atoms(700));
    assert_eq!(bench.kinds(), ["proposal", "vote_result", "cancelled"]);
}

#[test]
fn exactly_the_threshold_proposes() {
    let mut bench = Bench::under(|governance| governance, Rules { proposal_threshold_share: 0.005, ..RULES });
    assert_eq!(bench.send(3, &[propose(FEE, 25.0)]), Ok(()), "five of a thousand");
    let mut bench = Bench::under(|governance| governance, Rules { proposal_threshold_share: 0.006, ..RULES });
    let refused = bench.refused(3, &[propose(FEE, 25.0)]);
    assert_eq!(refused, GovernRefusal::BelowThreshold { needed: atoms(6), held: atoms(5) });
}

#[test]
fn nobody_can_propose_while_it_is_full_or_cools_down() {
    let mut bench = Bench::new();
    let free = |bench: &Bench| bench.governance().may_anybody_propose(bench.clock.now_seconds());
    assert!(free(&bench));
    bench.send(0, &[propose(FEE, 25.0)]).unwrap();
    assert!(!free(&bench), "one is under way");
    bench.next_ticks(4);
    assert!(!free(&bench), "an hour of quiet");
    bench.next_tick();
    assert!(free(&bench));
}

/// What goes on to its second poll keeps nobody waiting; the end of a vote does.
#[test]
fn only_the_end_of_a_proposal_cools_down() {
    let rules = Rules { referendum_hours: 3.0, most_open: 2, cooldown_hours: 5.0, ..RULES };
    let mut bench = Bench::under(|governance| governance, rules);
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    bench.next_ticks(3);
    assert_eq!(bench.send(1, &[propose(REBATE, 0.5)]), Ok(()));
    bench.next_ticks(3);
    // The second has failed its referendum.
    let refused = bench.refused(1, &[propose(REBATE, 0.5)]);
    assert_eq!(refused, GovernRefusal::CoolingDown { until_seconds: 11 * HOUR });
}

#[test]
fn a_team_of_nobody_has_no_rights() {
    let phases = PhaseRules {
        first: Phase::Foundation,
        powers: [Phase::Foundation, Phase::Genesis, Phase::Dao].map(Powers::article),
        readiness: [Readiness::default(); 2],
    };
    let mut bench = Bench::under(|governance| governance.with_phases(phases), RULES);
    assert_eq!(bench.governance().in_force(0), Powers::NONE.in_force(0));
    assert_eq!(bench.send(1, &[propose(FEE, 25.0)]), Ok(()));
}

/// Each phase has its own days, and is measured from its beginning.
#[test]
fn the_days_of_a_phase_begin_with_it() {
    let day = Readiness { days: 1.0, ..Readiness::default() };
    let phases = PhaseRules { first: Phase::Foundation, powers: [Powers::NONE; 3], readiness: [day; 2] };
    let rules = Rules { cooldown_hours: 0.0, timelock_hours: 0.0, ..RULES };
    let mut bench = Bench::under(|governance| governance.with_phases(phases), rules);
    let advance = [measure(Measure::AdvancePhase), vote(true, 500)];
    bench.clock.begin(Tick(24));
    bench.send(0, &advance).unwrap();
    bench.next_ticks(4);
    assert_eq!(bench.governance().phase(), Phase::Genesis);
    let unready = GovernRefusal::Measure(MeasureError::NotReady(Unready::Days { needed: 1.0, found: 0.0 }));
    assert_eq!(bench.refused(0, &advance), unready);
    bench.next_ticks(24);
    assert_eq!(bench.send(0, &advance), Ok(()));
}

/// The pools are numbered first, then the treasury: a pool that is stopped stops nothing else.
#[test]
fn a_paused_pool_does_not_pause_the_treasury() {
    let rules = Rules { timelock_hours: 0.0, ..RULES };
    let mut bench = Bench::under(|governance| governance, rules);
    let pause = measure(Measure::Pause { venue: PauseId(0), hours: 9 });
    bench.send(0, &[pause, vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    assert!(bench.venues.paused_until(PauseId(0), bench.clock.now_seconds()).is_some());
    let Bench { ledger, venues, notes, oracle, clock } = &mut bench;
    let mut deal = Deal { ledger, oracle, clock, notes };
    let mint = Action::Fx(FxAction::MintFeth { collateral: Size::Exact(atoms(1)) });
    let outcome = venues.perform(&mut deal, holder_account(0), mint, atoms(0));
    assert_eq!(outcome, Err(Refusal::NoTreasury));
}
