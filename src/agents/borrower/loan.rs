//! A loan against so much collateral: what it brings in each style, and the transaction that takes it.

use crate::agents::loan_sight::{LoanSight, RateCurve};
use crate::protocol::crp;
use crate::quantity::Amount;
use crate::venue::Action;
use crate::venue::exchange::Order;
use crate::venue::lending::{LendAction, LeveredEntry, LoanMarket, LoanMarketId};
use crate::world::ledger::Ledger;
use crate::world::mempool::{MinimumGain, Size, Terms};

/// What a borrower does with the dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Keeps them.
    Cash,
    /// Buys collateral and joins again, so many rounds more; what the last sale brings becomes collateral, too.
    Loop {
        /// Rounds beyond the first, at most [`MOST_ROUNDS`].
        rounds: u8,
    },
    /// Joins `1 / LTV` of its collateral at once, with a flash loan.
    Margin,
    /// Joins `1 / (1 - LTV)` of its collateral at once, with a flash loan. What the interest and the fee take must come
    /// out of collateral that it keeps back.
    Roll,
}

/// The most rounds of a loop: its transaction has three actions a round.
pub const MOST_ROUNDS: u8 = 3;
/// Sales of yield tokens in the longest loop.
const MOST_SALES: usize = MOST_ROUNDS as usize + 1;
/// Actions of the longest transaction.
const MOST_ACTIONS: usize = 3 * MOST_SALES;

/// A loan. Amounts in units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loan {
    /// Debt at face value: yield tokens sold.
    pub face: f64,
    /// What they sell for, less what purchases of collateral and flash loans cost, before gas.
    pub net_cash: f64,
    /// The rate between the two.
    pub rate: f64,
    /// The least that each sale must bring, so that all together stay below the highest rate.
    pub least: [f64; MOST_SALES],
    /// The most of its collateral that may be gone afterwards; of use to flash loans, whose sale has no limit of its own.
    pub most_spent: f64,
}

impl Style {
    /// Actions of its transaction.
    #[must_use]
    pub const fn actions(self) -> u8 {
        match self {
            Self::Cash => 2,
            Self::Loop { rounds } => 3 * (rounds + 1),
            Self::Margin | Self::Roll => 1,
        }
    }

    /// What `collateral` of the `free` units would bring to one who pays at most the rate `highest`; `None` where the
    /// market does not take it, or where a flash loan could not be paid back at that rate.
    #[must_use]
    pub fn loan(
        self,
        market: &LoanSight,
        curve: &RateCurve,
        collateral: f64,
        free: f64,
        highest: f64,
    ) -> Option<Loan> {
        let entry = match self {
            Self::Cash => return rounds(market, curve, collateral, 0, 0.0, highest),
            Self::Loop { rounds: more } => {
                let more = more.min(MOST_ROUNDS);
                return rounds(market, curve, collateral, more, market.purchase_cost_share, highest);
            }
            Self::Margin => crp::margin_gross(collateral, market.loan_to_value),
            Self::Roll => crp::roll_gross(collateral, market.loan_to_value),
        };
        let joined = entry.ok().filter(|joined| *joined <= market.room)?;
        let face = market.loan_to_value * market.spot * joined;
        let (received, _) = curve.borrow(face)?;
        let due = (joined - collateral).max(0.0);
        let flash_fee = market.flash_fee * due;
        let dearer = 1.0 + market.purchase_cost_share;
        let net_cash = received / dearer - flash_fee * market.mid;
        // At the highest rate the flash loan must still be paid.
        let bought = face / curve.growth(highest) / market.mid + flash_fee;
        let most_spent = collateral + due + flash_fee - bought;
        let loan = Loan {
            face,
            net_cash,
            rate: curve.rate(net_cash, face)?,
            least: [0.0; MOST_SALES],
            most_spent: most_spent.max(0.0),
        };
        (most_spent <= free).then_some(loan)
    }

    /// The transaction that takes `loan` against `collateral`: its actions, how many they are, and their condition.
    #[must_use]
    pub fn transaction(
        self,
        market: &LoanMarket,
        ledger: &Ledger,
        id: LoanMarketId,
        collateral: Amount,
        loan: &Loan,
    ) -> Option<([Action; MOST_ACTIONS], usize, Terms)> {
        let buy = Action::Exchange(Order::Buy { asset: market.collateral, dollars: Size::Previous });
        let own = Size::Exact(collateral);
        let mut actions = [buy; MOST_ACTIONS];
        let mut terms = Terms::default();
        let entry = match self {
            Self::Cash | Self::Loop { .. } => None,
            Self::Margin => Some(LeveredEntry::Margin),
            Self::Roll => Some(LeveredEntry::Roll),
        };
        if let Some(entry) = entry {
            actions[0] = Action::Lend(LendAction::JoinLevered { market: id, collateral: own, entry });
            let spent = ledger.asset(market.collateral).decimals.floor(loan.most_spent).ok()?;
            let amount = Amount::from_atoms(-spent.atoms());
            terms.minimum_gain = Some(MinimumGain { asset: market.collateral, amount });
        } else {
            for (round, least) in actions.chunks_exact_mut(3).zip(loan.least) {
                let min_out = ledger.asset(market.token).decimals.ceil(least).ok()?;
                round[0] = Action::Lend(LendAction::Join { market: id, collateral: Size::Previous });
                round[1] =
                    Action::Lend(LendAction::SellYield { market: id, yield_tokens: Size::Previous, min_out });
            }
            actions[0] = Action::Lend(LendAction::Join { market: id, collateral: own });
        }
        Some((actions, self.actions() as usize, terms))
    }
}

/// Joins and sells, then so many times more buys collateral with the proceeds, joins and sells.
fn rounds(
    market: &LoanSight,
    curve: &RateCurve,
    collateral: f64,
    more: u8,
    purchase_cost_share: f64,
    highest: f64,
) -> Option<Loan> {
    let (mut joined, mut all_joined, mut after) = (collateral, 0.0, *curve);
    let (mut face, mut received) = (0.0, 0.0);
    let mut sales = [0.0; MOST_SALES];
    let dearer = 1.0 + purchase_cost_share;
    for sale in sales.iter_mut().take(usize::from(more) + 1) {
        let minted = market.loan_to_value * market.spot * joined;
        (*sale, after) = after.borrow(minted)?;
        face += minted;
        received += *sale;
        all_joined += joined;
        joined = *sale / (market.mid * dearer);
    }
    let net_cash = received / dearer;
    let rate = curve.rate(net_cash, face)?;
    // What the limit leaves to all sales together is shared out as they are expected.
    let scale = (face / curve.growth(highest) / net_cash).min(1.0);
    let least = sales.map(|sale| sale * scale);
    (all_joined <= market.room).then_some(Loan { face, net_cash, rate, least, most_spent: collateral })
}
