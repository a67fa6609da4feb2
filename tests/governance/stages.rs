//! Several proposals at once, stages before the vote, locking and reclaiming, delegation, measures on their way.

use ballast::protocol::governance::{Locking, Measure, ProposalState, Reclaim, Rules};
use ballast::quantity::Amount;
use ballast::venue::governance::{GovernAction, GovernRefusal, Which};
use proptest::prelude::*;

use crate::bench::*;

const ARTICLE: Rules = Rules {
    review_hours: 2.0,
    referendum_hours: 3.0,
    implementation_hours: 1.0,
    most_open: 3,
    cooldown_hours: 0.0,
    ..RULES
};

const CONTRACT: Rules = Rules {
    quorum_share: 0.0,
    timelock_hours: 0.0,
    cooldown_hours: 0.0,
    most_open: 3,
    locking: Locking::EachVote,
    reclaim: Reclaim::Called,
    ..RULES
};

#[test]
fn the_articles_process_takes_two_polls() {
    let mut bench = Bench::under(|governance| governance, ARTICLE);
    bench.send(0, &[propose(FEE, 25.0)]).unwrap();
    let state = |bench: &Bench| bench.governance().open()[0].ballot.proposal.state;
    assert_eq!(state(&bench), ProposalState::Review);
    assert!(bench.send(0, &[vote(true, 1)]).is_err());
    bench.next_ticks(2);
    assert_eq!(state(&bench), ProposalState::Referendum);
    bench.send(0, &[vote(true, 500)]).unwrap();
    bench.next_ticks(3);
    assert_eq!((state(&bench), bench.balance(0)), (ProposalState::Implementation, 500), "locks are released");
    bench.next_tick();
    assert_eq!(state(&bench), ProposalState::Voting);
    bench.send(0, &[vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    assert_eq!((bench.value(FEE), bench.governance().queue().len()), (30.0, 1));
    bench.next_ticks(2);
    assert_eq!(bench.value(FEE), 25.0);
    assert_eq!(bench.kinds(), ["proposal", "referendum_result", "vote_result", "enacted"]);
    // Turned down in the referendum, it never comes to the vote.
    bench.send(0, &[propose(FEE, 40.0)]).unwrap();
    bench.next_ticks(2);
    bench.send(0, &[vote(false, 500)]).unwrap();
    bench.next_ticks(12);
    assert_eq!((bench.value(FEE), bench.governance().outcomes().not_approved), (25.0, 1));
}

#[test]
fn a_shared_token_votes_on_everything_and_returns_with_the_last() {
    let mut bench =
        Bench::under(|governance| governance, Rules { most_open: 3, cooldown_hours: 0.0, ..RULES });
    bench.send(0, &[propose(FEE, 25.0), vote(true, 300)]).unwrap();
    bench.next_tick();
    bench.send(0, &[propose(REBATE, 0.5), vote(true, 400)]).unwrap();
    assert_eq!(bench.balance(0), 100, "the second vote moves what exceeds the first");
    assert_eq!(
        bench.refused(0, &[vote_on(1, true, 201)]),
        GovernRefusal::NotAvailable { available: atoms(200), wanted: atoms(201) }
    );
    let same = bench.refused(1, &[propose(FEE, 20.0)]);
    assert!(matches!(same, GovernRefusal::Collides { number: 1, .. }), "{same:?}");
    bench.next_ticks(3);
    assert_eq!(bench.balance(0), 100, "the second vote still needs 400");
    bench.next_tick();
    assert_eq!(bench.balance(0), 500);
}

/// The largest open vote holds tokens back, not all of them together; what is free comes back with the close of a larger one.
#[test]
fn shared_tokens_come_back_down_to_the_largest_open_vote() {
    let mut bench =
        Bench::under(|governance| governance, Rules { most_open: 3, cooldown_hours: 0.0, ..RULES });
    let pause = Measure::Pause { venue: ballast::protocol::governance::PauseId(0), hours: 1 };
    bench.send(0, &[propose(FEE, 25.0), vote(true, 400)]).unwrap();
    bench.next_tick();
    bench.send(0, &[propose(REBATE, 0.5), vote(true, 300)]).unwrap();
    bench.send(0, &[GovernAction::Propose { measure: pause }, vote(true, 200)]).unwrap();
    bench.next_ticks(3);
    assert_eq!((bench.balance(0), bench.governance().locked(holder_account(0))), (200, atoms(300)));
    assert_eq!(bench.governance().reclaimable(holder_account(0)), Amount::ZERO);
}

/// Proposals that are sixteen apart are remembered by the same mark: that one of them is over says nothing of the other.
#[test]
fn a_vote_is_not_forgotten_with_that_on_another_proposal() {
    let long = Rules { most_open: 3, cooldown_hours: 0.0, voting_hours: 100.0, ..RULES };
    let mut bench = Bench::under(|governance| governance, long);
    bench.send(0, &[propose(FEE, 25.0), vote(true, 400)]).unwrap();
    for number in 2..=17 {
        bench.send(0, &[propose(REBATE, 0.5), vote(true, 300)]).unwrap();
        let voted =
            [1, number].map(|number| bench.governance().voted(Which::Number(number), holder_account(0)));
        assert_eq!(voted, [400, 300].map(atoms));
        assert!(bench.send(0, &[vote_on(number, true, 201)]).is_err(), "more than the rest of 500");
        bench.send(0, &[GovernAction::Cancel { ballot: number }]).unwrap();
        bench.next_tick();
        assert_eq!((bench.balance(0), bench.governance().locked(holder_account(0))), (100, atoms(400)));
    }
    assert_eq!(bench.governance().voted(Which::Number(1), holder_account(0)), atoms(400));
    assert_eq!(
        bench.refused(0, &[vote_on(1, true, 101)]),
        GovernRefusal::NotAvailable { available: atoms(100), wanted: atoms(101) }
    );
    bench.next_ticks(100);
    assert_eq!(bench.balance(0), 500);
}

#[test]
fn each_poll_has_a_number_and_a_turnout_that_is_remembered() {
    let mut bench = Bench::under(|governance| governance, Rules { quorum_share: 0.0, ..ARTICLE });
    bench.send(0, &[propose(FEE, 25.0)]).unwrap();
    assert_eq!((bench.governance().open()[0].ballot.poll, bench.governance().turnout_average()), (0, None));
    bench.next_ticks(2);
    assert_eq!((bench.governance().open()[0].ballot.poll, bench.governance().polls()), (1, 1));
    bench.send(0, &[vote(true, 400)]).unwrap();
    bench.next_ticks(4);
    assert_eq!((bench.governance().open()[0].ballot.poll, bench.governance().polls()), (2, 2));
    assert_eq!(bench.governance().turnout_average(), Some(0.4));
    bench.send(1, &[vote(true, 200)]).unwrap();
    bench.next_ticks(4);
    let average = bench.governance().turnout_average().unwrap();
    assert!((average - (0.75 * 0.4 + 0.25 * 0.2)).abs() < 1e-12, "{average}");
}

/// Tokens that are locked for one vote are no power in another, of their owner's or of its delegate's.
#[test]
fn a_delegate_finds_what_its_follower_has_locked_elsewhere_gone() {
    let mut bench = Bench::under(|governance| governance, CONTRACT);
    bench.send(1, &[GovernAction::Delegate { to: Some(holder_account(3)) }]).unwrap();
    bench.send(0, &[propose(FEE, 25.0)]).unwrap();
    bench.send(1, &[vote(true, 120)]).unwrap();
    bench.send(0, &[propose(REBATE, 0.5)]).unwrap();
    bench.send(3, &[vote(true, 5)]).unwrap();
    let tally = bench.governance().poll(Which::Newest).unwrap().ballot.proposal;
    assert_eq!(tally.power_for, atoms(185), "five, and 180 of its follower's 300");
    let gone = GovernRefusal::NotAvailable { available: Amount::ZERO, wanted: atoms(1) };
    assert_eq!(bench.refused(1, &[vote_on(1, true, 1)]), gone);
}

#[test]
fn in_the_contracts_every_vote_locks_tokens_of_its_own_until_they_are_reclaimed() {
    let mut bench = Bench::under(|governance| governance, CONTRACT);
    bench.send(0, &[propose(FEE, 25.0), vote(true, 300)]).unwrap();
    bench.send(0, &[propose(REBATE, 0.5), vote(true, 200)]).unwrap();
    assert_eq!(bench.balance(0), 0);
    assert!(bench.send(0, &[vote_on(1, false, 1)]).is_err(), "nothing is left");
    assert_eq!(bench.refused(0, &[GovernAction::Reclaim]), GovernRefusal::NothingToReclaim);
    bench.next_ticks(4);
    // No quorum and no timelock: one vote decided, at once. The tokens wait.
    assert_eq!((bench.value(FEE), bench.value(REBATE), bench.balance(0)), (25.0, 0.5, 0));
    bench.send(0, &[GovernAction::Reclaim]).unwrap();
    assert_eq!(bench.balance(0), 500);
    // A tie fails.
    bench.send(1, &[propose(FEE, 60.0), vote(true, 100), vote(false, 100)]).unwrap();
    bench.next_ticks(5);
    assert_eq!((bench.value(FEE), bench.governance().outcomes().not_approved), (25.0, 1));
}

#[test]
fn a_delegate_votes_what_its_followers_have_not() {
    let mut bench = Bench::under(|governance| governance, RULES);
    let to = |holder: usize| GovernAction::Delegate { to: Some(holder_account(holder)) };
    assert_eq!(bench.refused(0, &[to(0)]), GovernRefusal::OwnDelegate);
    bench.send(1, &[to(3)]).unwrap();
    bench.send(2, &[to(3)]).unwrap();
    bench.send(0, &[propose(FEE, 25.0), vote(false, 400)]).unwrap();
    bench.send(2, &[vote(false, 95)]).unwrap();
    // Five of its own, 300 and the 100 that the third has left.
    bench.send(3, &[vote(true, 5)]).unwrap();
    let tally = bench.governance().open()[0].ballot.proposal;
    assert_eq!((tally.power_for, tally.power_against), (atoms(405), atoms(495)));
    assert_eq!((bench.balance(1), bench.balance(2), bench.balance(3)), (0, 0, 0), "all of it is locked");
    bench.next_ticks(4);
    assert_eq!(bench.balances()[FIRST as usize..], HOLDERS.map(atoms));
    bench.send(1, &[GovernAction::Delegate { to: None }]).unwrap();
    assert_eq!(bench.governance().citizens().followers(holder_account(3)), [holder_account(2)]);
}

#[test]
fn a_schedule_moves_in_a_straight_line_and_a_later_set_ends_it() {
    let mut bench =
        Bench::under(|governance| governance, Rules { timelock_hours: 0.0, cooldown_hours: 0.0, ..RULES });
    let slow = Measure::Schedule { parameter: FEE, from: 0.0, to: 10.0, hours: 10 };
    bench.send(0, &[GovernAction::Propose { measure: slow }, vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    let values: Vec<f64> = (0..4)
        .map(|_| {
            bench.next_tick();
            bench.value(FEE)
        })
        .collect();
    assert_eq!(values, [28.0, 26.0, 24.0, 22.0]);
    bench.send(0, &[propose(FEE, 50.0), vote(true, 500)]).unwrap();
    bench.next_ticks(8);
    assert_eq!(bench.value(FEE), 50.0);
    assert_eq!(bench.venues.parameter_default(FEE), Some(30.0));
}

#[test]
fn its_proposer_can_withdraw_a_proposal_and_nobody_else() {
    let mut bench = Bench::under(|governance| governance, RULES);
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    assert_eq!(bench.refused(1, &[GovernAction::Cancel { ballot: 1 }]), GovernRefusal::NotYours);
    assert_eq!(bench.refused(0, &[GovernAction::Cancel { ballot: 2 }]), GovernRefusal::NoSuchProposal);
    bench.send(0, &[GovernAction::Cancel { ballot: 1 }]).unwrap();
    bench.next_tick();
    assert_eq!((bench.balance(0), bench.governance().open().len()), (500, 0));
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    // Passed and waiting, it can still be withdrawn.
    bench.send(0, &[GovernAction::Cancel { ballot: 2 }]).unwrap();
    bench.next_ticks(3);
    assert_eq!((bench.value(FEE), bench.governance().outcomes().cancelled), (30.0, 2));
}

fn any_action() -> impl Strategy<Value = GovernAction> {
    let measure = prop_oneof![
        (0_u16..3, 0.0_f64..100.0).prop_map(|(parameter, to)| Measure::Set {
            parameter: ballast::protocol::governance::ParameterId(parameter),
            from: 0.0,
            to
        }),
        (0_u16..2, 0.0_f64..1.0, 0_u32..5).prop_map(|(parameter, to, hours)| Measure::Schedule {
            parameter: ballast::protocol::governance::ParameterId(parameter),
            from: 0.0,
            to,
            hours
        }),
    ];
    let which = prop_oneof![Just(Which::Newest), (0_u32..8).prop_map(Which::Number)];
    prop_oneof![
        3 => measure.prop_map(|measure| GovernAction::Propose { measure }),
        6 => (which, any::<bool>(), 0_i64..400).prop_map(|(ballot, support, weight)| GovernAction::Vote {
            ballot,
            support,
            weight: ballast::world::mempool::Size::Exact(atoms(weight)),
        }),
        1 => proptest::option::of(0_usize..4)
            .prop_map(|to| GovernAction::Delegate { to: to.map(holder_account) }),
        1 => Just(GovernAction::Reclaim),
        1 => (0_u32..8).prop_map(|ballot| GovernAction::Cancel { ballot }),
    ]
}

proptest! {
    /// Under either way of locking: every token is in a wallet or in the escrow under its owner's name, no token counts
    /// twice in a poll, what is refused changes nothing, and in the end everybody can have everything back.
    #[test]
    fn no_token_votes_twice_and_none_is_lost(
        each in any::<bool>(),
        steps in proptest::collection::vec(
            (0_usize..4, proptest::collection::vec(any_action(), 1..4), 0_u32..3), 1..60,
        ),
    ) {
        let mut bench = Bench::under(|governance| governance, if each { CONTRACT } else { ARTICLE });
        let supply = bench.ledger.supply(TOKEN);
        for (holder, actions, ticks) in steps {
            let before = (bench.governance().clone(), bench.balances(), bench.kinds());
            if bench.send(holder, &actions).is_err() {
                prop_assert_eq!((bench.governance().clone(), bench.balances(), bench.kinds()), before);
            }
            bench.next_ticks(ticks);
            let governance = bench.governance();
            let locked: i64 = governance.locks().map(|(_, locked)| locked.atoms()).sum();
            prop_assert_eq!(bench.ledger.balance(ESCROW, TOKEN), atoms(locked));
            for poll in governance.open() {
                let proposal = poll.ballot.proposal;
                let power = |entry: fn(&ballast::venue::governance::Entry) -> Amount| -> i64 {
                    poll.roll.iter().map(|(_, vote)| entry(vote).atoms()).sum()
                };
                prop_assert_eq!(proposal.power_for.atoms(), power(|vote| vote.power_for));
                prop_assert_eq!(proposal.power_against.atoms(), power(|vote| vote.power_against));
                let number = Which::Number(poll.ballot.number);
                for (voter, vote) in poll.roll.iter() {
                    prop_assert_eq!(governance.voted(number, voter), vote.weight());
                    prop_assert!(vote.weight() <= governance.locked(voter), "voted beyond what is locked");
                }
            }
            prop_assert_eq!(bench.ledger.supply(TOKEN), supply);
            prop_assert_eq!(bench.ledger.audit(true), Ok(()));
        }
        bench.next_ticks(30);
        for holder in 0..4 {
            if bench.governance().reclaimable(holder_account(holder)).is_positive() {
                prop_assert_eq!(bench.send(holder, &[GovernAction::Reclaim]), Ok(()));
            }
        }
        prop_assert_eq!(bench.balances()[FIRST as usize..].to_vec(), HOLDERS.map(atoms).to_vec());
    }
}
