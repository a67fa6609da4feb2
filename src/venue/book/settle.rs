//! Placing, taking, cancelling: the orders move first, then the money.
//!
//! Where anything is refused the transaction is rolled back as a whole, orders and ledger, so that nothing here undoes by
//! hand.

use super::{Book, BookAction, BookRefusal};
use crate::protocol::order_book::{Limit, Reserved, Side, Taken, TimeInForce, Trader};
use crate::quantity::Amount;
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
        let (pays, gets) = places(side);
        let (account, reserve, coins) = (self.terms.account, self.terms.reserve, self.terms.coins);
        let maker_fees = self.pay_makers(deal, taker, side)?;
        if maker_fees.is_positive() {
            deal.ledger.transfer(taker, reserve, coins[pays], maker_fees)?;
        }
        let traded = self.amounts(taken.lots, taken.notional)?;
        let taker_fee = self.terms.taker_fee.of(traded[gets]);
        let received = traded[gets].saturating_less(taker_fee);
        deal.ledger.transfer(account, taker, coins[gets], received)?;
        if taker_fee.is_positive() {
            deal.ledger.transfer(account, reserve, coins[gets], taker_fee)?;
        }
        let quote = deal.ledger.asset(coins[1]).decimals.units(traded[1]);
        let share = |fee: Amount, of: Amount| fee.atoms() as f64 / of.atoms() as f64;
        self.record.trades += self.fills.len() as u64;
        self.record.volume_quote += quote;
        // Each fee is a share of one side of the trade, and both sides are worth the same.
        self.record.fees_quote += quote * (share(maker_fees, traded[pays]) + share(taker_fee, traded[gets]));
        Ok(received)
    }

    /// Pays each maker from the taker, less the maker's fee. Answers with the sum of these fees.
    fn pay_makers(&mut self, deal: &mut Deal<'_>, taker: AccountId, side: Side) -> Result<Amount, Refusal> {
        let (pays, gets) = places(side);
        let mut fees = Amount::ZERO;
        for place in 0..self.fills.len() {
            let fill = self.fills[place];
            let traded = self.amounts(u128::from(fill.lots), fill.notional())?;
            let fee = self.terms.maker_fee.of(traded[pays]);
            let net = traded[pays].saturating_less(fee);
            let maker = AccountId(fill.maker.0);
            deal.ledger.transfer(taker, maker, self.terms.coins[pays], net)?;
            fees = fees.checked_add(fee).ok_or(BookRefusal::TooLarge)?;
            let mut change = [0; 2];
            (change[pays], change[gets]) = (net.atoms(), -traded[gets].atoms());
            self.moved.push((maker, change));
        }
        Ok(fees)
    }

    fn amounts(&self, lots: u128, notional: u128) -> Result<[Amount; 2], BookRefusal> {
        self.atoms(lots, notional).ok_or(BookRefusal::TooLarge)
    }
}

/// Of base and quote, which a taker pays and which it gets.
const fn places(side: Side) -> (usize, usize) {
    match side {
        Side::Buy => (1, 0),
        Side::Sell => (0, 1),
    }
}
