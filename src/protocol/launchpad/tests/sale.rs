//! The verbs of a sale.

use proptest::prelude::*;

use super::super::{Caller, Refusal, Sale, Terms};
use super::{atoms, registered, terms};

fn code<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Option<u16> {
    outcome.unwrap_err().code()
}

#[test]
fn heights_must_be_in_order() {
    for (start, end, claim, height) in [(10, 20, 30, 10), (10, 10, 30, 5), (10, 20, 20, 5), (20, 10, 30, 5)] {
        let terms = Terms { registration_start: start, registration_end: end, claim_end: claim, ..terms() };
        assert_eq!(code(Sale::open(terms, height)), Some(110));
    }
}

#[test]
fn tickets_are_added_by_operators_before_registration() {
    let mut sale = Sale::open(terms(), 5).unwrap();
    assert_eq!(code(sale.add_tickets(10, Caller::Anyone, 1)), Some(2042));
    assert_eq!(code(sale.add_tickets(9, Caller::Anyone, 1)), Some(1000));
    sale.add_tickets(8, Caller::Operator, 3).unwrap();
    sale.add_tickets(9, Caller::Operator, 4).unwrap();
    assert_eq!(sale.tickets, 7);
}

#[test]
fn a_wallet_registers_once_within_the_window() {
    let mut sale = registered(5, &[]);
    let mut wallet = None;
    for (height, tickets, refused) in [(9, 1, 2042), (20, 1, 2042), (9, 0, 2048), (10, 1_001, 2048)] {
        assert_eq!(code(sale.register(&mut wallet, height, tickets)), Some(refused));
    }
    let made = sale.register(&mut wallet, 10, 6).unwrap();
    assert_eq!((made.entry, made.paid, made.apower), (0, atoms(42), atoms(4 * 3 + 2 * 5)));
    assert_eq!(code(sale.register(&mut wallet, 9, 0)), Some(10_001), "checked first");
    let all = Terms { max_tickets: 5, ..terms() };
    assert!(Sale::open(all, 5).unwrap().register(&mut None, 10, 5).is_ok(), "as many as may be");
    sale.register(&mut None, 19, 2).unwrap();
    let bounds: Vec<_> = sale.entries().iter().map(|entry| (entry.start, entry.end())).collect();
    assert_eq!(bounds, [(0, 600_000), (600_000, 800_000)]);
    assert_eq!(sale.registered(), 8);
}

#[test]
fn winners_are_taken_in_order_and_in_parts() {
    let mut sale = registered(4, &[2, 3, 5]);
    let seed = 77;
    let winners = sale.draw(seed).unwrap();
    assert!(winners.len() >= 2);
    let wrong: Vec<u32> = winners.iter().rev().copied().collect();
    assert_eq!(code(sale.submit(21, Caller::Operator, seed, &wrong)), Some(2046));
    assert_eq!(code(sale.submit(21, Caller::Operator, seed, &[9])), Some(2048));
    sale.submit(21, Caller::Operator, seed, &winners[..1]).unwrap();
    assert_eq!(sale.draw(seed).unwrap(), winners[1..], "the walk goes on where it stood");
    let sold = sale.submit(22, Caller::Operator, seed, &winners[1..]).unwrap();
    assert_eq!(sold.proceeds.atoms(), 7 * (winners.len() as i64 - 1));
    assert_eq!(code(sale.submit(23, Caller::Operator, seed, &[])), Some(2031));
}

#[test]
fn submitting_is_refused_in_order() {
    let mut sale = registered(4, &[2, 3, 5]);
    let winners = sale.draw(1).unwrap();
    assert_eq!(code(sale.submit(19, Caller::Anyone, 1, &winners)), Some(2042));
    assert_eq!(code(sale.submit(173, Caller::Anyone, 1, &winners)), Some(1000));
    sale.terms.activation_threshold = 11;
    assert_eq!(code(sale.submit(173, Caller::Anyone, 1, &winners)), Some(2036));
    sale.terms.activation_threshold = 10;
    assert!(sale.submit(174, Caller::Anyone, 1, &winners).is_ok(), "a day after the claim anyone may");
}

#[test]
fn more_winners_than_tickets_are_refused() {
    // The walk of a sale in demand could go on after the last ticket.
    let mut sale = registered(1, &[40]);
    let winners = [0, 0];
    let before = sale.clone();
    let refused = (0..50).map(|seed| sale.submit(21, Caller::Operator, seed, &winners));
    let refused: Vec<_> = refused.filter(|outcome| *outcome != Err(Refusal::Sequence)).collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|outcome| *outcome == Err(Refusal::Oversold { won: 2, tickets: 1 })));
    assert_eq!(sale, before);
}

/// A slot ends where the next begins, and what is sold out takes no winners, however much of the line is left.
#[test]
fn a_walk_on_a_boundary_is_in_the_later_slot() {
    let mut sale = registered(4, &[2, 3, 5]);
    sale.position = Some(200_000);
    assert_eq!(code(sale.submit(21, Caller::Operator, 0, &[0])), Some(2046));
    assert!(sale.submit(21, Caller::Operator, 0, &[1]).is_ok());
    let mut sale = registered(1, &[40]);
    sale.submit(21, Caller::Operator, 0, &[0]).unwrap();
    assert!(sale.position.unwrap() < 4_000_000);
    assert_eq!(code(sale.submit(21, Caller::Operator, 0, &[])), Some(2031));
    assert_eq!(code(sale.submit(21, Caller::Operator, 0, &[0])), Some(2031));
}

#[test]
fn a_failed_sale_pays_everything_back_and_keeps_the_apower() {
    let mut sale = registered(20, &[2, 3]);
    sale.terms.activation_threshold = 6;
    assert_eq!(sale.draw(1), Ok(Vec::new()));
    assert_eq!(code(sale.refund(19, Caller::Operator, 1, 0)), Some(2042));
    assert_eq!(code(sale.refund(20, Caller::Anyone, 1, 0)), Some(1000));
    assert_eq!(sale.refund(20, Caller::Operator, 1, 0), Ok(atoms(14)));
    assert_eq!(code(sale.refund(20, Caller::Operator, 1, 0)), Some(2048), "once");
    assert_eq!(sale.refund(174, Caller::Anyone, 1, 1), Ok(atoms(21)));
}

#[test]
fn nobody_is_refunded_before_the_walk_has_passed() {
    let mut sale = registered(4, &[4, 4, 4, 4]);
    let winners = sale.draw(5).unwrap();
    assert_eq!(code(sale.refund(21, Caller::Operator, 5, 3)), Some(2046));
    sale.submit(21, Caller::Operator, 5, &winners).unwrap();
    let paid: i64 = (0..4).map(|entry| sale.refund(21, Caller::Operator, 5, entry).unwrap().atoms()).sum();
    assert_eq!(paid, 7 * (16 - winners.len() as i64));
}

#[test]
fn a_sale_without_a_walk_is_refused() {
    let mut sale = registered(0, &[4]);
    assert_eq!(sale.submit(21, Caller::Operator, 1, &[0]), Err(Refusal::NoWalk));
    assert_eq!(sale.draw(1), Err(Refusal::NoWalk));
    // No winner and no ticket are equal, so that the money comes back.
    assert_eq!(sale.refund(21, Caller::Operator, 1, 0), Ok(atoms(28)));
}

proptest! {
    /// Money in is money out, no slot wins twice, and no more than the tickets.
    #[test]
    fn what_is_paid_goes_to_the_owner_or_back(
        wallets in prop::collection::vec(1..40_u64, 1..30), tickets in 1..300_u64, seed: u64,
    ) {
        let mut sale = registered(tickets, &wallets);
        let winners = sale.draw(seed).unwrap();
        prop_assert!(winners.is_sorted());
        prop_assert!(winners.len() as u64 <= tickets);
        let mut paid = 0;
        for part in winners.chunks(7) {
            paid += sale.submit(21, Caller::Operator, seed, part).unwrap().proceeds.atoms();
        }
        for entry in sale.entries() {
            prop_assert!(entry.won <= entry.tickets);
        }
        for entry in 0..wallets.len() as u32 {
            paid += sale.refund(21, Caller::Operator, seed, entry).unwrap().atoms();
        }
        prop_assert_eq!(paid, 7 * wallets.iter().sum::<u64>() as i64);
    }
}
