//! What a book's account holds must be what its orders hold ready, to the atom.

use bevy_ecs::prelude::*;

use super::Book;
use crate::quantity::Amount;
use crate::venue::Venues;
use crate::world::audit::{Breach, Imbalance};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;

impl Book {
    /// The first coin of which the account does not hold what the orders hold ready: its place, what was expected, what was
    /// found. With `count` the orders are counted anew; without, they are as soon as as many actions were performed as there
    /// are orders, and what was summed up meanwhile is believed until then.
    pub(in crate::venue) fn imbalance(
        &mut self,
        ledger: &Ledger,
        count: bool,
    ) -> Option<(usize, i128, i128)> {
        let mut reserved = self.orders.reserved();
        if count || self.uncounted >= self.orders.len() {
            self.uncounted = 0;
            reserved = self.orders.count_reserved();
        }
        let (base, quote) =
            self.atoms(reserved.lots, reserved.notional).unwrap_or((Amount::MAX, Amount::MAX));
        let expected = [base, quote].map(|amount| i128::from(amount.atoms()));
        let found = self.terms.coins.map(|coin| i128::from(ledger.balance(self.terms.account, coin).atoms()));
        (0..2)
            .find(|place| expected[*place] != found[*place])
            .map(|place| (place, expected[place], found[place]))
    }
}

/// Audits the order books: a system of [`crate::world::phase::Phase::Audit`].
pub fn audit(mut venues: ResMut<Venues>, ledger: Res<Ledger>, clock: Res<Clock>, mut breach: ResMut<Breach>) {
    for book in venues.books_mut() {
        if let Some((place, owed, held)) = book.imbalance(&ledger, false) {
            let symbol = ledger.asset(book.terms.coins[place]).symbol.clone();
            let venue = format!("the order book `{}`", book.terms.name);
            breach.report(clock.tick(), Imbalance::Claims { venue, symbol, owed, held });
        }
    }
}
