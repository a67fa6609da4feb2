//! Providing liquidity to a pool and taking it back: always both coins, in the proportion of the reserves.

use super::{Pool, PoolRefusal};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal};
use crate::world::ledger::{AccountId, Ledger};

impl Pool {
    /// Takes both coins from `payer` in the proportion of the reserves, rounded up, and mints shares for `holder`, rounded
    /// down.
    ///
    /// The first provider sets the price and receives sqrt(base x quote) shares, of which [`LOCKED_SHARES`] stay with the
    /// pool for ever, so that a pool can never be emptied to the last atom (Uniswap v2 white paper, section 3.4).
    pub(in crate::venue) fn add_liquidity(
        &mut self,
        deal: &mut Deal<'_>,
        payer: AccountId,
        holder: AccountId,
        staked: Amount,
        max: [Amount; 2],
    ) -> Result<Amount, Refusal> {
        let supply = deal.ledger.supply(self.shares).atoms();
        self.credit_standing_price(deal.ledger, deal.clock);
        let reserves = self.coins.map(|coin| deal.ledger.balance(self.account, coin).atoms());
        let (taken, minted) = if supply == 0 {
            let value = (deal.ledger.asset(self.coins[0]).decimals.units(max[0])
                * deal.ledger.asset(self.coins[1]).decimals.units(max[1]))
            .sqrt();
            let minted =
                deal.ledger.asset(self.shares).decimals.floor(value).map_err(|_| PoolRefusal::Dust)?;
            let minted = minted.saturating_less(LOCKED_SHARES);
            if !minted.is_positive() {
                return Err(PoolRefusal::Dust.into());
            }
            deal.ledger.mint(self.account, self.account, self.shares, LOCKED_SHARES)?;
            (max, minted)
        } else {
            let mut minted = i64::MAX;
            for (most, reserve) in max.iter().zip(reserves) {
                if reserve <= 0 {
                    return Err(PoolRefusal::Empty.into());
                }
                if !most.is_positive() {
                    return Err(PoolRefusal::Dust.into());
                }
                minted = minted.min(mul_div(most.atoms(), supply, reserve, Round::Down).unwrap_or(i64::MAX));
            }
            if minted <= 0 || minted == i64::MAX {
                return Err(PoolRefusal::Dust.into());
            }
            let allowed = self.room(deal.ledger, holder, staked);
            if minted > allowed.atoms() {
                return Err(PoolRefusal::AboveCap { asked: Amount::from_atoms(minted), allowed }.into());
            }
            let mut taken = [Amount::ZERO; 2];
            for (coin, reserve) in reserves.into_iter().enumerate() {
                let atoms = mul_div(minted, reserve, supply, Round::Up).ok_or(PoolRefusal::Dust)?;
                taken[coin] = Amount::from_atoms(atoms);
            }
            (taken, Amount::from_atoms(minted))
        };
        for (coin, amount) in self.coins.into_iter().zip(taken) {
            deal.ledger.transfer(payer, self.account, coin, amount)?;
        }
        deal.ledger.mint(self.account, holder, self.shares, minted)?;
        if supply == 0 {
            self.record.resilient = self.price(deal.ledger);
        }
        Ok(minted)
    }

    /// Burns shares of `holder` and pays `payee` their part of both reserves. Answers with the amount of quote.
    pub(in crate::venue) fn remove_liquidity(
        &mut self,
        deal: &mut Deal<'_>,
        holder: AccountId,
        payee: AccountId,
        shares: Amount,
    ) -> Result<Amount, Refusal> {
        if self.provision.as_ref().is_some_and(|provision| provision.rules.gate.is_some()) {
            return Err(PoolRefusal::UseGate.into());
        }
        self.burn_shares(deal, holder, payee, shares).map(|[_, quote]| quote)
    }

    /// Burns shares of `holder` and pays `payee` their part of both reserves, rounded down. Answers with what was paid.
    pub(super) fn burn_shares(
        &mut self,
        deal: &mut Deal<'_>,
        holder: AccountId,
        payee: AccountId,
        shares: Amount,
    ) -> Result<[Amount; 2], Refusal> {
        let supply = deal.ledger.supply(self.shares).atoms();
        if !shares.is_positive() || supply == 0 {
            return Err(PoolRefusal::Dust.into());
        }
        self.credit_standing_price(deal.ledger, deal.clock);
        let paid = self.stands_for(deal.ledger, shares).ok_or(PoolRefusal::Dust)?;
        for (coin, amount) in self.coins.into_iter().zip(paid) {
            deal.ledger.transfer(self.account, payee, coin, amount)?;
        }
        deal.ledger.burn(self.account, holder, self.shares, shares)?;
        Ok(paid)
    }

    /// The base and quote for which shares stand, rounded down; `None` where there are no shares.
    #[must_use]
    pub fn stands_for(&self, ledger: &Ledger, shares: Amount) -> Option<[Amount; 2]> {
        let supply = ledger.supply(self.shares).atoms();
        let mut coins = [Amount::ZERO; 2];
        for (amount, coin) in coins.iter_mut().zip(self.coins) {
            let reserve = ledger.balance(self.account, coin).atoms();
            *amount = Amount::from_atoms(mul_div(shares.atoms(), reserve, supply, Round::Down)?);
        }
        Some(coins)
    }
}

/// Shares that the first provision locks in the pool for ever, in atoms.
pub const LOCKED_SHARES: Amount = Amount::from_atoms(1_000);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Down,
    Up,
}

/// `a b / c` in wide integers, or `None` where it does not fit or `c` is not positive.
fn mul_div(a: i64, b: i64, c: i64, round: Round) -> Option<i64> {
    if a < 0 || b < 0 || c <= 0 {
        return None;
    }
    let product = i128::from(a) * i128::from(b);
    let quotient = match round {
        Round::Down => product / i128::from(c),
        Round::Up => (product + i128::from(c) - 1) / i128::from(c),
    };
    i64::try_from(quotient).ok()
}
