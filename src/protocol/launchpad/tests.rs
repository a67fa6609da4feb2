//! Sales from registration to refund, their bias, and the sliding pool.

mod bias;
mod bootstrap;
mod sale;

use super::{Caller, Sale, Terms, Tier};
use crate::quantity::Amount;

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

/// Registration in 10..20, claim until 30, tickets at 7 each.
fn terms() -> Terms {
    Terms {
        tokens_per_ticket: atoms(50),
        price_per_ticket: atoms(7),
        activation_threshold: 1,
        registration_start: 10,
        registration_end: 20,
        claim_end: 30,
        max_tickets: 1_000,
        tiers: vec![
            Tier { apower_per_ticket: atoms(3), width: 4 },
            Tier { apower_per_ticket: atoms(5), width: 1 },
        ],
    }
}

/// A sale of so many tickets for which wallets have registered these.
fn registered(tickets: u64, wallets: &[u64]) -> Sale {
    let mut sale = Sale::open(terms(), 5).unwrap();
    sale.add_tickets(9, Caller::Operator, tickets).unwrap();
    for &wanted in wallets {
        sale.register(&mut None, 10, wanted).unwrap();
    }
    sale
}
