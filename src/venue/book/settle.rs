//! Placing, taking, cancelling: the orders move first, then the money.
//!
//! Where anything is refused the transaction is rolled back as a whole, orders and ledger, so that nothing here undoes by
//! hand.

use super::{Book, BookAction, BookRefusal};
use crate::protocol::order_book::{Limit, Reserved, Side, Taken, TimeInForce, Trader};
use crate::quantity::{Amount, AssetId};
use crate::venue::{Deal, Refusal};
use crate::world::ledger::AccountId;

impl Book {
    pub(in crate::venue) fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: BookAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        self.fills.clear();
        self.moved.clear();
        self.uncounted += 1;
        match action {
            BookAction::Limit { side, price, lots, time_in_force, .. } => {
                self.place(deal, actor, (side, price, lots), time_in_force)
            }
            BookAction::Market { side, amount, min_out, .. } => {
                self.trade(deal, actor, side, amount.resolve(previous), min_out)
            }
            BookAction::Cancel { order, .. } => {
                let released = self.orders.cancel(Trader(actor.0), order).map_err(BookRefusal::from)?;
                let [base, quote] = self.release(deal, actor, released)?;
                Ok(if order.side == Side::Buy { quote } else { base })
            }
            BookAction::CancelAll { .. } => {
                let released = self.orders.cancel_all(Trader(actor.0));
                self.release(deal, actor, released)?;
                Ok(Amount::ZERO)
            }
        }
    }

    fn place(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        (side, price, lots): (Side, u32, u32),
        time_in_force: TimeInForce,
    ) -> Result<Amount, Refusal> {
        let self_match = self.terms.self_match;
        let order = Limit { owner: Trader(actor.0), side, price, lots, time_in_force, self_match };
        let placed = self.orders.place(&order, &mut self.fills).map_err(BookRefusal::from)?;
        let received = self.settle(deal, actor, side, &placed.taken)?;
        if let Some((id, lots)) = placed.resting {
            let reserved = Reserved::by(side, id.price, lots);
            let held = self.amounts(reserved.lots, reserved.notional)?;
            for (coin, amount) in self.terms.coins.into_iter().zip(held) {
                if amount.is_positive() {
                    deal.ledger.transfer(actor, self.terms.account, coin, amount)?;
                }
            }
            self.moved.push((actor, held.map(Amount::atoms)));
        }
        Ok(received)
    }

    fn trade(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        side: Side,
        paid: Amount,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        let (budget, self_match) = (self.budget(side, paid), self.terms.self_match);
        let taken = self.orders.market(Trader(actor.0), side, budget, self_match, &mut self.fills);
        let taken = taken.map_err(BookRefusal::from)?;
        if taken.lots == 0 {
            return Err(BookRefusal::NothingTrades.into());
        }
        let received = self.settle(deal, actor, side, &taken)?;
        if received < min_out {
            return Err(BookRefusal::Slippage { wanted: min_out, found: received }.into());
        }
        Ok(received)
    }

    /// Gives back what cancelled orders held ready. Answers with base and quote.
    fn release(
        &mut self,
        deal: &mut Deal<'_>,
        owner: AccountId,
        released: Reserved,
    ) -> Result<[Amount; 2], Refusal> {
        let held = self.amounts(released.lots, released.notional)?;
        for (coin, amount) in self.terms.coins.into_iter().zip(held) {
            if amount.is_positive() {
                deal.ledger.transfer(self.terms.account, owner, coin, amount)?;
            }
        }
        if held != [Amount::ZERO; 2] {
            self.moved.push((owner, held.map(|amount| -amount.atoms())));
        }
        Ok(held)
    }

    /// Moves the money of what was taken: each maker is paid what its order receives, the taker what the makers held ready.
    /// Answers with what the taker received.
    fn settle(
        &mut self,
        deal: &mut Deal<'_>,
        taker: AccountId,
        side: Side,
        taken: &Taken,
    ) -> Result<Amount, Refusal> {
        // What comes back pays for what is bought.
        self.release(deal, taker, taken.released)?;
        if taken.lots == 0 {
            return Ok(Amount::ZERO);
        }
        let [paid, bought] = self.flow(side);
        let to_makers = match side {
            Side::Buy => Settlement { maker_gains: 1, maker_gives: 0, coin: paid },
            Side::Sell => Settlement { maker_gains: 0, maker_gives: 1, coin: paid },
        };
        let maker_fees = self.pay_makers(deal, taker, &to_makers)?;
        if maker_fees.is_positive() {
            deal.ledger.transfer(taker, self.terms.reserve, paid, maker_fees)?;
        }
        let all = self.amounts(taken.lots, taken.notional)?;
        let (gross, spent) = match side {
            Side::Buy => (all[0], all[1]),
            Side::Sell => (all[1], all[0]),
        };
        let fee = self.terms.taker_fee.of(gross);
        let received = gross.saturating_less(fee);
        deal.ledger.transfer(self.terms.account, taker, bought, received)?;
        if fee.is_positive() {
            deal.ledger.transfer(self.terms.account, self.terms.reserve, bought, fee)?;
        }
        self.remember(deal, side, all, (spent, maker_fees), (gross, fee));
        Ok(received)
    }

    /// Pays each maker from the taker, less the maker's fee. Answers with the sum of these fees.
    fn pay_makers(
        &mut self,
        deal: &mut Deal<'_>,
        taker: AccountId,
        way: &Settlement,
    ) -> Result<Amount, Refusal> {
        let mut fees = Amount::ZERO;
        for place in 0..self.fills.len() {
            let fill = self.fills[place];
            let both = self.amounts(u128::from(fill.lots), fill.notional())?;
            let gross = both[way.maker_gains];
            let fee = self.terms.maker_fee.of(gross);
            let net = gross.saturating_less(fee);
            let maker = AccountId(fill.maker.0);
            deal.ledger.transfer(taker, maker, way.coin, net)?;
            fees = fees.checked_add(fee).ok_or(BookRefusal::TooLarge)?;
            let mut change = [0; 2];
            change[way.maker_gains] = net.atoms();
            change[way.maker_gives] = -both[way.maker_gives].atoms();
            self.moved.push((maker, change));
        }
        self.record.trades += self.fills.len() as u64;
        Ok(fees)
    }

    /// Adds to volume and fees, in quote units.
    fn remember(
        &mut self,
        deal: &Deal<'_>,
        side: Side,
        all: [Amount; 2],
        (spent, maker_fees): (Amount, Amount),
        (gross, taker_fee): (Amount, Amount),
    ) {
        let quote = deal.ledger.asset(self.terms.coins[1]).decimals.units(all[1]);
        let share = |part: Amount, of: Amount| part.atoms() as f64 / of.atoms() as f64;
        self.record.volume_quote += quote;
        // Each fee is a share of what it is taken from, and both sides of a trade are worth the same.
        self.record.fees_quote += quote * (share(maker_fees, spent) + share(taker_fee, gross));
        debug_assert!(side == Side::Buy || spent == all[0]);
    }

    fn amounts(&self, lots: u128, notional: u128) -> Result<[Amount; 2], BookRefusal> {
        let (base, quote) = self.atoms(lots, notional).ok_or(BookRefusal::TooLarge)?;
        Ok([base, quote])
    }
}

/// Which of base and quote a maker receives and gives, and the coin in which the taker pays.
struct Settlement {
    maker_gains: usize,
    maker_gives: usize,
    coin: AssetId,
}
