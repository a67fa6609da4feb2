//! An order book in the world: [`crate::protocol::order_book`] with money behind it.
//!
//! A resting order holds ready what it would pay, in the book's own account: quote behind a bid, base behind an offer. A
//! price is a whole number of ticks and a size a whole number of lots, and a tick times a lot is a whole number of atoms, so
//! that no trade is ever rounded: the account holds what the orders add up to, to the atom, which [`audit()`] proves in every
//! tick. Makers are paid in the moment in which their orders trade.
//!
//! Both sides of a trade pay their fee in what they receive, rounded up to the atom, to the reserve: what an order holds
//! ready does not depend on a fee that voters may change while it rests.
//!
//! | file | content |
//! |---|---|
//! | `settle` | placing, taking, cancelling: who pays what to whom |
//! | `audit` | the account against the orders |
//! | `governed` | the fees as governable parameters |

mod audit;
mod governed;
mod settle;

use thiserror::Error;

pub use audit::audit;

use crate::protocol::order_book::{
    Budget, FeeRate, Fill, OrderBook, OrderId, Quote, Refusal as OrderRefusal, Reserved, SelfMatch, Side,
    TimeInForce, Trader,
};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Size;

/// The place of a book among the order books of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookId(pub u8);

/// What can be done at an order book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BookAction {
    /// Place a limit order. Answers with what is received at once.
    Limit {
        /// Where.
        book: BookId,
        /// To buy or to sell the base coin.
        side: Side,
        /// The worst price accepted, in ticks.
        price: u32,
        /// How much, in lots.
        lots: u32,
        /// What becomes of what does not trade at once.
        time_in_force: TimeInForce,
    },
    /// Trade at the best prices there are, as far as whole lots go. Answers with what is received.
    Market {
        /// Where.
        book: BookId,
        /// To buy or to sell the base coin.
        side: Side,
        /// At most how much goes in: quote to buy with, base to sell. What does not trade stays with the sender.
        amount: Size,
        /// Refuse to receive less.
        min_out: Amount,
    },
    /// Take a resting order back. Answers with what it held ready.
    Cancel {
        /// Where.
        book: BookId,
        /// Which.
        order: OrderId,
    },
    /// Take all one's resting orders back. Answers with nothing, for what comes back may be of both coins.
    CancelAll {
        /// Where.
        book: BookId,
    },
}

impl BookAction {
    /// The book addressed.
    #[must_use]
    pub const fn book(&self) -> BookId {
        match self {
            Self::Limit { book, .. }
            | Self::Market { book, .. }
            | Self::Cancel { book, .. }
            | Self::CancelAll { book } => *book,
        }
    }
}

/// Why a book refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum BookRefusal {
    /// The matching rules refuse.
    #[error(transparent)]
    Orders(#[from] OrderRefusal),
    /// The world has no such book.
    #[error("there is no such order book in this world")]
    NoBook,
    /// Nothing rests on the other side, or not even one lot of it can be paid.
    #[error("nothing trades: the other side of the book is empty, or the amount is less than a lot")]
    NothingTrades,
    /// The price moved.
    #[error("the output would be {found} atoms, at least {wanted} were asked for")]
    Slippage {
        /// Asked for.
        wanted: Amount,
        /// On offer.
        found: Amount,
    },
    /// More than the ledger can hold.
    #[error("price times size is more than the ledger can hold")]
    TooLarge,
}

/// What a book remembers beside its orders.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BookRecord {
    /// Quote units traded since the start.
    pub volume_quote: f64,
    /// Fees charged since the start, in quote units at the price of each trade.
    pub fees_quote: f64,
    /// Trades since the start: a resting order that trades counts once.
    pub trades: u64,
}

/// By how much somebody's claims changed, in atoms of base and quote: what is in the wallet and what resting orders hold
/// ready for it.
pub(super) type Moved = (AccountId, [i64; 2]);

/// What a book is.
#[derive(Debug, Clone, PartialEq)]
pub struct BookTerms {
    /// Name in configs, metrics and events.
    pub name: String,
    /// Holds what resting orders hold ready.
    pub account: AccountId,
    /// Base and quote coin.
    pub coins: [AssetId; 2],
    /// Where fees go.
    pub reserve: AccountId,
    /// Quote units per base unit in a tick of the price.
    pub tick_size: f64,
    /// Base atoms in a lot.
    pub lot_atoms: i64,
    /// Quote atoms that a lot costs for each tick of the price.
    pub tick_lot_atoms: i64,
    /// Fee of the order that rested, on what it receives.
    pub maker_fee: FeeRate,
    /// Fee of the order that came, on what it receives.
    pub taker_fee: FeeRate,
    /// What is done before somebody would trade with himself.
    pub self_match: SelfMatch,
}

/// An order book.
#[derive(Debug, Clone)]
pub struct Book {
    /// What it is.
    pub terms: BookTerms,
    /// What changes with every trade and is restored when a transaction fails.
    pub record: BookRecord,
    orders: OrderBook,
    fills: Vec<Fill>,
    moved: Vec<Moved>,
    /// Actions since the orders were last counted.
    uncounted: usize,
}

impl PartialEq for Book {
    /// Two books are equal if they are run on the same terms and hold the same orders and memories.
    fn eq(&self, other: &Self) -> bool {
        (&self.terms, self.record, &self.orders) == (&other.terms, other.record, &other.orders)
    }
}

impl Book {
    /// An empty book.
    #[must_use]
    pub fn new(terms: BookTerms) -> Self {
        Self {
            terms,
            record: BookRecord::default(),
            orders: OrderBook::default(),
            fills: Vec::new(),
            moved: Vec::new(),
            uncounted: 0,
        }
    }

    /// The orders.
    #[must_use]
    pub const fn orders(&self) -> &OrderBook {
        &self.orders
    }

    /// A price in ticks as quote units per base unit.
    #[must_use]
    pub fn price(&self, ticks: f64) -> f64 {
        ticks * self.terms.tick_size
    }

    /// The best price of a side, in quote units per base unit.
    #[must_use]
    pub fn best(&self, side: Side) -> Option<f64> {
        self.orders.best(side).map(|ticks| self.price(f64::from(ticks)))
    }

    /// Halfway between the best prices, in quote units per base unit; `None` while a side is empty.
    #[must_use]
    pub fn mid(&self) -> Option<f64> {
        self.orders.mid().map(|ticks| self.price(ticks))
    }

    /// A price in quote units per base unit as ticks, rounded away from the other side: down to buy, up to sell. At least
    /// one; `None` for what is no price or more than a book can tell.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    pub fn ticks(&self, side: Side, price: f64) -> Option<u32> {
        // A price that is a whole number of ticks but for rounding is that number.
        let ticks = price / self.terms.tick_size;
        let rounded = match side {
            Side::Buy => (ticks * (1.0 + 4.0 * f64::EPSILON)).floor().max(1.0),
            Side::Sell => (ticks * (1.0 - 4.0 * f64::EPSILON)).ceil().max(1.0),
        };
        (price > 0.0 && rounded <= f64::from(u32::MAX)).then_some(rounded as u32)
    }

    /// The whole lots in an amount of base.
    #[must_use]
    pub fn lots(&self, base: Amount) -> u32 {
        u32::try_from(base.atoms().max(0) / self.terms.lot_atoms).unwrap_or(u32::MAX)
    }

    /// The whole lots that an amount of quote buys at `price` ticks.
    #[must_use]
    pub fn lots_for(&self, quote: Amount, price: u32) -> u32 {
        let lots = self.notional_in(quote) / u128::from(price.max(1));
        u32::try_from(lots).unwrap_or(u32::MAX)
    }

    /// The tick-lots in an amount of quote.
    fn notional_in(&self, quote: Amount) -> u128 {
        u128::try_from(quote.atoms().max(0) / self.terms.tick_lot_atoms).unwrap_or(0)
    }

    /// The coin that an order of `side` pays, and the one it receives.
    #[must_use]
    pub const fn flow(&self, side: Side) -> [AssetId; 2] {
        let [base, quote] = self.terms.coins;
        match side {
            Side::Buy => [quote, base],
            Side::Sell => [base, quote],
        }
    }

    /// The budget of a market order of `side` that puts `paid` in.
    #[must_use]
    pub fn budget(&self, side: Side, paid: Amount) -> Budget {
        match side {
            Side::Buy => Budget::Notional(self.notional_in(paid)),
            Side::Sell => Budget::Lots(self.lots(paid)),
        }
    }

    /// What a market order that puts `paid` in would receive now, fee taken, and what of `paid` it would use.
    #[must_use]
    pub fn quote_market(&self, side: Side, paid: Amount) -> Option<BookQuote> {
        let quote = self.orders.quote_market(side, self.budget(side, paid));
        let [base, counter] = self.atoms(quote.lots, quote.notional)?;
        let (used, gross) = match side {
            Side::Buy => (counter, base),
            Side::Sell => (base, counter),
        };
        let fee = self.terms.taker_fee.of(gross);
        gross.is_positive().then(|| BookQuote { used, received: gross.saturating_less(fee) })
    }

    /// What the quote side of a depth is in atoms; as much as can be said where it is more.
    #[must_use]
    pub fn quote_atoms(&self, depth: Quote) -> Amount {
        self.atoms(0, depth.notional).map_or(Amount::MAX, |[_, quote]| quote)
    }

    /// Base and quote in atoms.
    fn atoms(&self, lots: u128, notional: u128) -> Option<[Amount; 2]> {
        let atoms = |count: u128, each: i64| {
            let all = count.checked_mul(u128::try_from(each).ok()?)?;
            i64::try_from(all).ok().map(Amount::from_atoms)
        };
        Some([atoms(lots, self.terms.lot_atoms)?, atoms(notional, self.terms.tick_lot_atoms)?])
    }

    /// What the resting orders of an account hold ready for it, in atoms of base and quote.
    #[must_use]
    pub fn reserved_by(&self, account: AccountId) -> [Amount; 2] {
        let reserved = self.orders.reserved_by(Trader(account.0));
        // The account holds it, so that it fits.
        self.atoms(reserved.lots, reserved.notional).unwrap_or_default()
    }

    /// What every resting order holds ready for its owner, in units of base and quote.
    pub fn reserves<'b>(&'b self, ledger: &'b Ledger) -> impl Iterator<Item = (AccountId, [f64; 2])> + 'b {
        let all = Side::BOTH.into_iter().flat_map(|side| self.orders.orders(side));
        all.map(|(id, resting)| (AccountId(resting.owner.0), self.reserved_units(id, resting.lots, ledger)))
    }

    fn reserved_units(&self, id: OrderId, lots: u32, ledger: &Ledger) -> [f64; 2] {
        let reserved = Reserved::by(id.side, id.price, lots);
        let [base, quote] = self.atoms(reserved.lots, reserved.notional).unwrap_or_default();
        let units = |place: usize, amount| ledger.asset(self.terms.coins[place]).decimals.units(amount);
        [units(0, base), units(1, quote)]
    }

    /// Whose claims the last action changed without that it shows in their own transactions, and by how much.
    pub(super) fn moved(&self) -> &[Moved] {
        &self.moved
    }

    pub(super) fn commit(&mut self) {
        self.orders.commit();
    }

    pub(super) fn rollback(&mut self) {
        self.orders.rollback();
    }
}

/// What a market order would do, in atoms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookQuote {
    /// What of the amount put in is used.
    pub used: Amount,
    /// What comes out, fee taken.
    pub received: Amount,
}
