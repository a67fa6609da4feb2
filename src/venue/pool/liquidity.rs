//! Providing liquidity to a pool and taking it back: always both coins, in the proportion of the reserves.

use super::{Pool, PoolRefusal};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal};
use crate::world::ledger::AccountId;

impl Pool {
    /// Takes both coins in the proportion of the reserves, rounded up, and mints shares, rounded down.
    ///
    /// The first provider sets the price and receives sqrt(base x quote) shares, of which [`LOCKED_SHARES`] stay with the
    /// pool for ever, so that a pool can never be emptied to the last atom (Uniswap v2 white paper, section 3.4).
    pub(super) fn add_liquidity(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
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
            let mut taken = [Amount::ZERO; 2];
            for (coin, reserve) in reserves.into_iter().enumerate() {
                let atoms = mul_div(minted, reserve, supply, Round::Up).ok_or(PoolRefusal::Dust)?;
                taken[coin] = Amount::from_atoms(atoms);
            }
            (taken, Amount::from_atoms(minted))
        };
        for (coin, amount) in self.coins.into_iter().zip(taken) {
            deal.ledger.transfer(actor, self.account, coin, amount)?;
        }
        deal.ledger.mint(self.account, actor, self.shares, minted)?;
        if supply == 0 {
            self.record.resilient = self.price(deal.ledger);
        }
        Ok(minted)
    }

    /// Burns shares and pays out their part of both reserves, rounded down. Answers with the amount of quote.
    pub(super) fn remove_liquidity(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        shares: Amount,
    ) -> Result<Amount, Refusal> {
        let supply = deal.ledger.supply(self.shares).atoms();
        if !shares.is_positive() || supply == 0 {
            return Err(PoolRefusal::Dust.into());
        }
        self.credit_standing_price(deal.ledger, deal.clock);
        let mut paid = Amount::ZERO;
        for coin in self.coins {
            let reserve = deal.ledger.balance(self.account, coin).atoms();
            let atoms = mul_div(shares.atoms(), reserve, supply, Round::Down).ok_or(PoolRefusal::Dust)?;
            paid = Amount::from_atoms(atoms);
            deal.ledger.transfer(self.account, actor, coin, paid)?;
        }
        deal.ledger.burn(self.account, actor, self.shares, shares)?;
        Ok(paid)
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
