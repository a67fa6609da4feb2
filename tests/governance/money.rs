//! Votes and money: bribes are paid as offered and returned, the reserve is spent within its bound, capture has a price.

use ballast::protocol::governance::{Measure, MeasureError, Rules, Way};
use ballast::protocol::securities_lending::TokenLoanTerms;
use ballast::quantity::Amount;
use ballast::venue::exchange::{Exchange, ExchangeSettings};
use ballast::venue::governance::{GovernAction, GovernRefusal, Governance, VoteMarket, Which};
use ballast::venue::token_loans::{DeskAction, LendingDesk};
use ballast::venue::{Action, Deal, Venues};
use ballast::world::mempool::Size;
use proptest::prelude::*;

use crate::bench::*;

fn dollars(bench: &Bench, holder: usize) -> i64 {
    bench.ledger.balance(holder_account(holder), USD).atoms()
}

fn give(bench: &mut Bench, holder: usize, cash: i64) {
    bench.ledger.bridge_in(holder_account(holder), USD, atoms(cash)).unwrap();
    bench.ledger.commit();
}

fn offer(support: bool, cash: i64, rate: f64) -> GovernAction {
    GovernAction::OfferBribe { ballot: Which::Newest, support, cash: atoms(cash), rate }
}

#[test]
fn a_bribe_is_paid_by_the_token_and_the_rest_returned() {
    let mut bench = Bench::under(|governance| governance, RULES);
    give(&mut bench, 0, 1_000);
    bench.send(0, &[propose(FEE, 90.0), offer(true, 1_000, 2.5), vote(true, 100)]).unwrap();
    assert_eq!(
        (dollars(&bench, 0), bench.ledger.balance(ESCROW, USD)),
        (0, atoms(1_000)),
        "none for its own"
    );
    bench.send(1, &[vote(false, 100)]).unwrap();
    assert_eq!(dollars(&bench, 1), 0, "the other side");
    bench.send(1, &[vote(true, 200)]).unwrap();
    assert_eq!(dollars(&bench, 1), 500);
    bench.send(2, &[vote(true, 195)]).unwrap();
    assert_eq!(dollars(&bench, 2), 487, "rounded down");
    bench.next_ticks(4);
    assert_eq!((dollars(&bench, 0), bench.ledger.balance(ESCROW, USD)), (13, Amount::ZERO));
    assert_eq!(bench.refused(0, &[offer(true, 5, 1.0)]), GovernRefusal::NoSuchProposal);
}

#[test]
fn an_offer_ends_where_the_money_does() {
    let mut bench = Bench::under(|governance| governance, RULES);
    give(&mut bench, 3, 100);
    bench.send(0, &[propose(FEE, 90.0)]).unwrap();
    for wrong in
        [offer(true, 0, 1.0), offer(true, 5, 0.0), offer(true, 5, f64::NAN), offer(true, 5, f64::INFINITY)]
    {
        assert_eq!(bench.refused(3, &[wrong]), GovernRefusal::BadOffer);
    }
    bench.send(3, &[offer(true, 100, 1.0)]).unwrap();
    assert_eq!(bench.refused(3, &[offer(true, 1, 1.0)]), GovernRefusal::BadOffer, "one at a time");
    bench.send(0, &[vote(true, 70)]).unwrap();
    bench.send(1, &[vote(true, 70)]).unwrap();
    assert_eq!((dollars(&bench, 0), dollars(&bench, 1)), (70, 30));
}

/// What is offered in the referendum ends with it: nothing is paid, and nothing returned, a second time.
#[test]
fn an_offer_is_for_one_poll() {
    let rules = Rules { referendum_hours: 3.0, ..RULES };
    let mut bench = Bench::under(|governance| governance, rules);
    give(&mut bench, 0, 1_000);
    give(&mut bench, 2, 1_000);
    bench.send(0, &[propose(FEE, 90.0), offer(true, 1_000, 1.0)]).unwrap();
    bench.send(1, &[vote(true, 300)]).unwrap();
    bench.next_ticks(3);
    assert_eq!((dollars(&bench, 0), dollars(&bench, 1)), (700, 300));
    bench.send(2, &[offer(false, 1_000, 1.0)]).unwrap();
    bench.send(1, &[vote(true, 300)]).unwrap();
    bench.next_ticks(4);
    assert_eq!([0, 1, 2].map(|holder| dollars(&bench, holder)), [700, 300, 1_000]);
}

/// A pool of the token against dollars, with as many of both.
fn token_pool(market: VoteMarket) -> Bench {
    let mut bench = Bench::new();
    bench.ledger.bridge_in(RESERVE, USD, atoms(4_000_000)).unwrap();
    bench.ledger.mint(ISSUER, POOL, TOKEN, atoms(4_000)).unwrap();
    bench.ledger.bridge_in(POOL, USD, atoms(4_000)).unwrap();
    bench.ledger.bridge_out(POOL, USD, atoms(2_000_000_000_000)).unwrap();
    bench.ledger.commit();
    let mut pool = venues().pools()[0].clone();
    pool.coins = [TOKEN, USD];
    let exchange = Exchange::new(ExchangeSettings::default(), USD, Vec::new());
    let governance = Governance::new(RULES, TOKEN, ESCROW).unwrap().with_reserve(RESERVE);
    bench.venues = Venues::new(exchange, vec![pool], None).governed_by(governance.with_vote_market(market));
    bench
}

/// Before the first poll a quorum of 500 of 5,000 is expected to oppose, so that 501 carry it.
#[test]
fn what_is_bought_costs_what_is_not_got_back() {
    let cost = |resale_share: f64| {
        let bench = token_pool(VoteMarket { resale_share, ..VoteMarket::default() });
        let capture = bench.venues.capture(&bench.ledger, &bench.oracle, 1.0).unwrap();
        assert_eq!(capture.tokens, Some(501e-6));
        capture.cost_usd().unwrap()
    };
    let all = cost(0.0);
    assert!(all > 501e-6, "the pool's price rises on the way: {all}");
    assert_eq!(cost(1.0), 0.0);
    assert!((cost(0.75) / all - 0.25).abs() < 1e-9);
}

#[test]
fn a_vote_takes_no_more_of_the_reserve_than_it_may() {
    let mut bench = Bench::under(|governance| governance, RULES);
    bench.ledger.bridge_in(RESERVE, USD, atoms(1_000)).unwrap();
    bench.ledger.commit();
    let spend = |cash| GovernAction::Propose {
        measure: Measure::Spend { recipient: holder_account(0).0, cash: atoms(cash) },
    };
    let most = MeasureError::Amount { most: atoms(250), found: atoms(251) };
    assert_eq!(bench.refused(0, &[spend(251)]), GovernRefusal::Measure(most));
    bench.send(0, &[spend(250), vote(true, 500)]).unwrap();
    bench.next_ticks(6);
    assert_eq!((dollars(&bench, 0), bench.ledger.balance(RESERVE, USD)), (250, atoms(750)));
    bench.next_ticks(1);
    // By the time this one passes, less than that is there: it does not take effect.
    bench.send(0, &[spend(187), vote(true, 500)]).unwrap();
    bench.ledger.bridge_out(RESERVE, USD, atoms(700)).unwrap();
    bench.ledger.commit();
    bench.next_ticks(6);
    assert_eq!((dollars(&bench, 0), bench.governance().outcomes().cancelled), (250, 1));
}

/// A desk that asks half of the value a year, where the second holder has offered `tokens`.
fn open_desk(bench: &mut Bench, tokens: i64) {
    let account = bench.ledger.open_accounts(1).unwrap();
    let terms =
        TokenLoanTerms { base_rate_per_year: 0.5, rate_slope_per_year: 0.0, ..TokenLoanTerms::default() };
    bench.venues.open_desk(LendingDesk::new(account, TOKEN, USD, terms));
    let offer = Action::Desk(DeskAction::Offer { tokens: Size::Exact(atoms(tokens)) });
    let Bench { ledger, venues, notes, oracle, clock } = bench;
    let mut deal = Deal { ledger, oracle, clock, notes };
    venues.perform(&mut deal, holder_account(1), offer, Amount::ZERO).unwrap();
    deal.ledger.commit();
    venues.commit();
}

#[test]
fn fewer_voters_make_capture_cheaper() {
    let cost = |turnout: i64| {
        let rules = Rules { quorum_share: 0.01, ..RULES };
        let mut bench = Bench::under(|governance| governance, rules);
        open_desk(&mut bench, 300);
        bench.ledger.bridge_in(RESERVE, USD, atoms(4_000_000)).unwrap();
        bench.ledger.commit();
        bench.send(0, &[propose(FEE, 25.0), vote(true, turnout)]).unwrap();
        bench.next_ticks(4);
        let capture = bench.venues.capture(&bench.ledger, &bench.oracle, 1.0).unwrap();
        assert_eq!(capture.value_usd, 1.0, "a quarter of four dollars");
        (capture.tokens.unwrap(), capture.cost_usd().unwrap())
    };
    let (few, many) = (cost(50), cost(290));
    // One token more than those who oppose; a day of borrowing at a dollar each.
    assert_eq!((few.0, many.0), (51e-6, 291e-6));
    assert!((few.1 - 51e-6 * 0.5 / 365.0).abs() < 1e-18);
    assert!(few.1 < many.1);
}

/// What is not there cannot be borrowed, and without a market not be bought either.
#[test]
fn only_what_lies_at_the_desk_can_be_borrowed() {
    let ways = |offered: i64| {
        let mut bench = Bench::under(|governance| governance, Rules { quorum_share: 0.1, ..RULES });
        open_desk(&mut bench, offered);
        bench.venues.capture(&bench.ledger, &bench.oracle, 1.0).unwrap()
    };
    // A quorum of 100 is expected to oppose it.
    assert_eq!((ways(101).tokens, ways(100).tokens), (Some(101e-6), Some(101e-6)));
    assert_eq!(ways(100).cost_usd(), None);
    let borrowing = ways(101).ways[1].unwrap();
    assert_eq!((borrowing.way, borrowing.borrowed), (Way::Borrow, 101e-6));
    assert!((borrowing.needed_usd - 1.5 * 101e-6).abs() < 1e-18, "collateral, not the price");
}

/// Before the first poll a captor expects what it is told to, at least the quorum; afterwards what people remember.
#[test]
fn a_captor_expects_what_it_is_told_until_it_knows() {
    let expected = |share: f64| {
        let market = VoteMarket { expected_turnout_share: share, ..VoteMarket::default() };
        let mut bench = Bench::under(|governance| governance.with_vote_market(market), RULES);
        let before = bench.governance().expected_votes(atoms(1_000)).atoms();
        bench.send(0, &[propose(FEE, 25.0), vote(true, 150)]).unwrap();
        bench.next_ticks(4);
        (before, bench.governance().expected_votes(atoms(1_000)).atoms())
    };
    assert_eq!([0.0, 0.05, 0.3].map(expected), [(100, 150), (100, 150), (300, 150)]);
}

proptest! {
    /// Whatever is offered and voted, the escrow holds the locked tokens and what is left of the offers, to the atom.
    #[test]
    fn offers_are_conserved(
        votes in proptest::collection::vec((0_usize..4, any::<bool>(), 1_i64..300, 0_u32..2), 1..20),
        cash in 1_i64..10_000, rate in 0.001_f64..100.0, support in any::<bool>(),
    ) {
        let mut bench = Bench::under(|governance| governance, RULES);
        give(&mut bench, 2, 10_000);
        bench.send(0, &[propose(FEE, 90.0)]).unwrap();
        bench.send(2, &[offer(support, cash, rate)]).unwrap();
        for (holder, support, weight, ticks) in votes {
            let _refused = bench.send(holder, &[vote_on(1, support, weight)]);
            bench.next_ticks(ticks);
            let left = bench.governance().open().first().and_then(|poll| poll.ballot.bribe);
            prop_assert_eq!(bench.ledger.balance(ESCROW, USD), left.map_or(Amount::ZERO, |offer| offer.left));
        }
        bench.next_ticks(4);
        prop_assert_eq!((0..4).map(|holder| dollars(&bench, holder)).sum::<i64>(), 10_000);
    }
}
