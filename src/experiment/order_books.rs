//! Order books of an experiment, still empty.

use super::order_book_settings::OrderBookSettings;
use super::venues::{OUTSIDE_DECIMALS, TOKEN_DECIMALS};
use super::world::BuildError;
use crate::protocol::order_book::FeeRate;
use crate::quantity::{Amount, Decimals};
use crate::venue::book::{Book, BookTerms};
use crate::world::ledger::{AccountId, Ledger};

/// How far a product of decimal fractions may be from the whole number it is meant to be, by rounding alone.
const ROUNDING: f64 = 1e-9;

impl OrderBookSettings {
    /// What a lot is in atoms of the base coin, and what it costs for each tick of the price in atoms of the quote coin;
    /// `None` where one of the two is not a whole number above zero.
    #[must_use]
    pub fn steps(&self, base: Decimals, quote: Decimals) -> Option<(i64, i64)> {
        Some((whole(self.lot_size, base)?, whole(self.tick_size * self.lot_size, quote)?))
    }
}

#[allow(clippy::cast_possible_truncation, reason = "checked to fit")]
fn whole(units: f64, decimals: Decimals) -> Option<i64> {
    let atoms = units / decimals.units(Amount::from_atoms(1));
    let near = atoms.round();
    let fits = near >= 1.0 && near < i64::MAX as f64;
    (fits && (atoms - near).abs() <= ROUNDING * near).then_some(near as i64)
}

/// How finely a coin of that ticker divides, where its ledger does not exist yet.
pub(super) fn decimals(outside: &[&str], symbol: &str) -> Decimals {
    Decimals::new(if outside.contains(&symbol) { OUTSIDE_DECIMALS } else { TOKEN_DECIMALS })
}

/// An order book whose money is kept in `account`.
pub(super) fn book(
    settings: &OrderBookSettings,
    ledger: &Ledger,
    account: AccountId,
    reserve: AccountId,
) -> Result<Book, BuildError> {
    let coin = |symbol: &str| {
        ledger.find(symbol).ok_or_else(|| BuildError::UnknownBookCoin {
            book: settings.name.clone(),
            symbol: symbol.into(),
            known: ledger.assets().map(|(_, asset)| asset.symbol.as_str()).collect::<Vec<_>>().join(", "),
        })
    };
    let coins = [coin(&settings.base)?, coin(&settings.quote)?];
    let [base, quote] = coins.map(|coin| ledger.asset(coin).decimals);
    let steps = settings.steps(base, quote);
    let (lot_atoms, tick_lot_atoms) =
        steps.ok_or_else(|| BuildError::BookSteps { book: settings.name.clone() })?;
    Ok(Book::new(BookTerms {
        name: settings.name.clone(),
        account,
        coins,
        reserve,
        tick_size: settings.tick_size,
        lot_atoms,
        tick_lot_atoms,
        maker_fee: FeeRate::from_bps(settings.maker_fee_bps),
        taker_fee: FeeRate::from_bps(settings.taker_fee_bps),
        self_match: settings.self_match,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::order_book::SelfMatch;

    #[test]
    fn steps_are_whole_numbers_of_atoms() {
        let steps = |tick_size: f64, lot_size: f64| {
            let settings = OrderBookSettings {
                name: "b".into(),
                base: "ETH".into(),
                quote: "USD".into(),
                tick_size,
                lot_size,
                maker_fee_bps: 0.0,
                taker_fee_bps: 0.0,
                self_match: SelfMatch::default(),
            };
            settings.steps(Decimals::new(9), Decimals::new(6))
        };
        assert_eq!(steps(0.01, 0.001), Some((1_000_000, 10)));
        assert_eq!(steps(0.1, 0.3), Some((300_000_000, 30_000)));
        assert_eq!(steps(0.01, 0.000_01), None, "a tenth of an atom");
        assert_eq!(steps(0.01, 1e-10), None, "less than an atom");
        assert_eq!(steps(0.015, 0.0001), None, "an atom and a half");
        for odd in [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e30] {
            assert_eq!((steps(odd, 1.0), steps(1.0, odd)), (None, None), "{odd}");
        }
    }
}
