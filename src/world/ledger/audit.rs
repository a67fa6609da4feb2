//! Proof that the books balance.

use thiserror::Error;

use super::Ledger;

/// A tick in which the books of an asset did not balance. Stops the run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the books of {symbol} do not balance: opening {opening} + minted {minted} - burned {burned} + bridged in {bridged_in} \
     - bridged out {bridged_out} = {expected} atoms expected, {found} found ({off} off; {how})"
)]
pub struct AuditBreach {
    /// Ticker of the asset.
    pub symbol: String,
    /// Supply when the tick began.
    pub opening: i64,
    /// Minted in the tick.
    pub minted: i64,
    /// Burned in the tick.
    pub burned: i64,
    /// Bridged in during the tick.
    pub bridged_in: i64,
    /// Bridged out during the tick.
    pub bridged_out: i64,
    /// What all accounts together should hold.
    pub expected: i128,
    /// What they hold.
    pub found: i128,
    /// The difference.
    pub off: i128,
    /// Which of the two checks failed.
    pub how: &'static str,
}

impl Ledger {
    /// Closes the tick's books and proves that they balance.
    ///
    /// Two independent checks: the sum of all journalled writes must equal the supply changes the verbs declared (every
    /// tick), and the sum of all accounts must equal the supply (`count`, or as soon as as many cells were written as
    /// there are, so that the cost stays proportional to the work done).
    ///
    /// # Errors
    /// [`AuditBreach`] with the asset and the amounts.
    pub fn audit(&mut self, count: bool) -> Result<(), Box<AuditBreach>> {
        for place in 0..self.books.len() {
            let book = &self.books[place];
            let declared = i128::from(book.supply()) - i128::from(book.opening);
            if declared != i128::from(book.written) {
                let found = i128::from(book.opening) + i128::from(book.written);
                return Err(self.breach(place, found, "sum of the journalled writes"));
            }
        }
        if count || self.writes_since_count >= self.cells.len() {
            self.count()?;
            self.writes_since_count = 0;
        }
        for book in &mut self.books {
            book.opening = book.supply();
            book.flows = [0; 4];
            book.written = 0;
        }
        Ok(())
    }

    fn count(&self) -> Result<(), Box<AuditBreach>> {
        let mut sums = vec![0_i128; self.books.len()];
        for wallet in self.cells.wallets() {
            for (sum, atoms) in sums.iter_mut().zip(wallet) {
                *sum += i128::from(*atoms);
            }
        }
        for (place, sum) in sums.into_iter().enumerate() {
            if sum != i128::from(self.books[place].supply()) {
                return Err(self.breach(place, sum, "sum of all accounts"));
            }
        }
        Ok(())
    }

    fn breach(&self, place: usize, found: i128, how: &'static str) -> Box<AuditBreach> {
        let book = &self.books[place];
        let [minted, burned, bridged_in, bridged_out] = book.flows;
        let expected = i128::from(book.supply());
        Box::new(AuditBreach {
            symbol: book.asset.symbol.clone(),
            opening: book.opening,
            minted,
            burned,
            bridged_in,
            bridged_out,
            expected,
            found,
            off: found - expected,
            how,
        })
    }
}
