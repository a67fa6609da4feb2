//! What a book's account holds must be what its orders hold ready, to the atom.

use bevy_ecs::prelude::*;

use super::Book;
use crate::quantity::Amount;
use crate::venue::Venues;
use crate::world::audit::{Breach, Imbalance};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;

impl Book {
    /// The first coin of which the account does not hold what the orders hold ready: its place, what is owed, what is held.
    ///
    /// The orders are counted anew as soon as as many actions were performed as there are orders, so that the cost stays
    /// proportional to the work done; in between, what was summed up as they came and went is believed.
    fn imbalance(&mut self, ledger: &Ledger) -> Option<(usize, i128, i128)> {
        let mut reserved = self.orders.reserved();
        if self.uncounted >= self.orders.len() {
            self.uncounted = 0;
            reserved = self.orders.count_reserved();
        }
        let owed = self.atoms(reserved.lots, reserved.notional).unwrap_or([Amount::MAX; 2]);
        let owed = owed.map(|amount| i128::from(amount.atoms()));
        let held = self.terms.coins.map(|coin| i128::from(ledger.balance(self.terms.account, coin).atoms()));
        let off = (0..2).find(|place| owed[*place] != held[*place])?;
        Some((off, owed[off], held[off]))
    }
}

/// Audits the order books: a system of [`crate::world::phase::Phase::Audit`].
pub fn audit(mut venues: ResMut<Venues>, ledger: Res<Ledger>, clock: Res<Clock>, mut breach: ResMut<Breach>) {
    for book in venues.books_mut() {
        if let Some((place, owed, held)) = book.imbalance(&ledger) {
            let symbol = ledger.asset(book.terms.coins[place]).symbol.clone();
            let venue = format!("the order book `{}`", book.terms.name);
            breach.report(clock.tick(), Imbalance::Claims { venue, symbol, owed, held });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::order_book::{FeeRate, SelfMatch, Side, TimeInForce};
    use crate::quantity::{Asset, AssetId, Tick};
    use crate::venue::book::{BookAction, BookId, BookTerms};
    use crate::venue::exchange::{Exchange, ExchangeSettings};
    use crate::venue::{Action, Deal};
    use crate::world::audit::Imbalance;
    use crate::world::ledger::{AccountId, Issuance};
    use crate::world::notes::Notes;
    use crate::world::oracle::{Oracle, OracleSettings};

    const ACCOUNT: AccountId = AccountId(0);
    const TRADER: AccountId = AccountId(1);

    #[test]
    fn an_atom_that_is_missing_stops_the_run() {
        let coins = [AssetId(0), AssetId(1)];
        let mut ledger = Ledger::new(vec![
            (Asset::new("A", 6), Issuance::Bridged),
            (Asset::new("B", 6), Issuance::Bridged),
        ]);
        ledger.open_accounts(2).unwrap();
        ledger.bridge_in(TRADER, coins[1], Amount::from_atoms(1_000)).unwrap();
        let book = Book::new(BookTerms {
            name: "b".into(),
            account: ACCOUNT,
            coins,
            reserve: TRADER,
            tick_size: 1.0,
            lot_atoms: 1,
            tick_lot_atoms: 1,
            maker_fee: FeeRate::default(),
            taker_fee: FeeRate::default(),
            self_match: SelfMatch::default(),
        });
        let outside = ExchangeSettings::default();
        let mut venues = Venues::new(Exchange::new(outside, coins[1], Vec::new()), Vec::new(), None);
        venues = venues.with_books(vec![book]);
        let (clock, mut notes) = (Clock::new(3_600, 1), Notes::default());
        let oracle = Oracle::new(OracleSettings::default(), &[]);
        let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
        let (book, time_in_force) = (BookId(0), TimeInForce::PostOnly);
        let bid = BookAction::Limit { book, side: Side::Buy, price: 7, lots: 100, time_in_force };
        venues.perform(&mut deal, TRADER, Action::Book(bid), Amount::ZERO).unwrap();
        let mut world = World::new();
        world.insert_resource(venues);
        world.insert_resource(ledger);
        world.insert_resource(clock);
        world.insert_resource(Breach::default());
        world.run_system_cached(audit).unwrap();
        assert_eq!(world.resource::<Breach>().found(), None);
        let one = Amount::from_atoms(1);
        world.resource_mut::<Ledger>().transfer(ACCOUNT, TRADER, coins[1], one).unwrap();
        world.run_system_cached(audit).unwrap();
        let (tick, found) = world.resource::<Breach>().found().unwrap();
        let venue = "the order book `b`".into();
        assert_eq!(
            (tick, found),
            (Tick(0), &Imbalance::Claims { venue, symbol: "B".into(), owed: 700, held: 699 })
        );
        assert_eq!(
            found.to_string(),
            "the order book `b` owes 700 atoms of B and its account holds 699 (-1 off)"
        );
    }
}
