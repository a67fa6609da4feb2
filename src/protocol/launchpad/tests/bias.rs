//! What the walk does to sellers and to those who come late: the figures of a simulation of the same walk, here again.

use super::super::{Caller, Sale, Terms};
use super::{atoms, terms};

/// Mean share of tickets sold, and mean place of the last winner on the line, over seeds.
fn outcome(tickets: u64, registered: u64) -> (f64, f64) {
    let terms = Terms { max_tickets: u64::MAX, price_per_ticket: atoms(0), ..terms() };
    let mut sale = Sale::open(terms, 5).unwrap();
    sale.add_tickets(9, Caller::Operator, tickets).unwrap();
    for _ in 0..registered {
        sale.register(&mut None, 10, 1).unwrap();
    }
    let seeds: Vec<u64> = (0..60).map(|seed: u64| seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    let (mut sold, mut last) = (0.0, 0.0);
    for &seed in &seeds {
        let winners = sale.draw(seed).unwrap();
        sold += winners.len() as f64 / tickets as f64;
        last += f64::from(*winners.last().unwrap() + 1) / registered as f64;
    }
    (sold / seeds.len() as f64, last / seeds.len() as f64)
}

#[test]
fn a_sale_that_is_just_subscribed_sells_three_quarters() {
    for (demand, expected) in [(2, 0.75), (3, 0.90), (4, 0.99)] {
        let (sold, _) = outcome(1_000, 500 * demand);
        assert!((sold - expected).abs() < 0.02, "{demand} halves: {sold}");
    }
}

#[test]
fn the_last_to_register_cannot_win_a_sale_in_demand() {
    for (demand, expected) in [(5, 0.85), (20, 0.78)] {
        let (sold, last) = outcome(400, 400 * demand);
        assert!((sold - 1.0).abs() < 1e-9, "{demand} times: sold out");
        assert!((last - expected).abs() < 0.015, "{demand} times: {last}");
    }
}
