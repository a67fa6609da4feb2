//! Committed liquidity: bound until a cycle has ended, and insured.
//!
//! As with stakes of ALEX, what is committed in cycle `c` for `L` cycles counts from the next cycle, is bound through
//! cycle `c + L`, and leaves when that one is over. Leaving takes the coins out; what they are worth less than the original
//! coins would be, at the pool's average price, is a claim on the fund ([`crate::protocol::liquidity::insurance`]), settled
//! with all other claims at the end of the cycle. What part of it can be claimed is agreed when liquidity is committed: votes on
//! the coverage change what is promised later.
//!
//! Liquidity is also committed by staking its shares where a staking pool weighs longer locks more
//! ([`crate::protocol::staking::Tiers`]). The two stay apart, because little but the word is common to them: tiers divide an
//! emission, count blocks from the opening of a staking pool, take any asset, and give shares back, which then leave through the
//! gate like others; insurance is paid by the pool's own fees, ends with the pool's cycles, needs the coins for which shares
//! stood, and pays coins out past the gate. One mechanism with both as options would ask a pool that insures for a staking
//! pool that emits nothing, and for a governance token. A share lies in one of the two accounts at a time; a provider may divide
//! what it has.

use super::provision::{Claim, Commitment, InsuranceRules, Provision};
use super::{Pool, PoolRefusal};
use crate::protocol::liquidity::insurance::impermanent_loss;
use crate::quantity::{Amount, AssetId};
use crate::venue::{Deal, Refusal};
use crate::world::ledger::AccountId;

/// The most by which the price may be off its average while liquidity is committed, as a share.
///
/// The coins for which shares stand are worth more, at the fair price, while the price is pushed off it; who pushed it,
/// committed and let it return would have been given a claim. At two per cent the gain is `0.02^2 / 8` of the value, which
/// the fees of pushing exceed.
const MOST_OFF_AVERAGE: f64 = 0.02;

impl Pool {
    fn insurance(&self) -> Result<(&Provision, InsuranceRules), PoolRefusal> {
        let provision = self.provision.as_deref().ok_or(PoolRefusal::NoInsurance)?;
        Ok((provision, provision.rules.insurance.ok_or(PoolRefusal::NoInsurance)?))
    }

    /// What of a fee in `coin` that providers do not keep goes to the fund, and which account that is.
    #[inline]
    pub(super) fn insured_fee(&self, coin: AssetId, to_reserve: Amount) -> Option<(AccountId, Amount)> {
        let provision = self.provision.as_deref()?;
        let insurance = provision.rules.insurance.filter(|_| coin == self.coins[1])?;
        Some((provision.accounts.fund, to_reserve.share(insurance.fee_share)))
    }

    /// Binds shares for a number of cycles. Answers with the shares.
    pub(super) fn commit(
        &mut self,
        deal: &mut Deal<'_>,
        holder: AccountId,
        shares: Amount,
        cycles: u16,
    ) -> Result<Amount, Refusal> {
        let (provision, insurance) = self.insurance()?;
        if !shares.is_positive() {
            return Err(PoolRefusal::Dust.into());
        }
        let [least, most] = insurance.cycles;
        if !(least..=most).contains(&cycles) {
            return Err(PoolRefusal::CommitmentLength { least, most, found: cycles }.into());
        }
        if let Some(commitment) = provision.commitment(holder) {
            return Err(PoolRefusal::AlreadyCommitted { until_cycle: commitment.until_cycle }.into());
        }
        let (price, average) = (self.price(deal.ledger), self.twap(deal.ledger, deal.clock));
        let off = price.zip(average).map(|(price, average)| (price / average - 1.0).abs());
        if off.is_none_or(|off| off.is_nan() || off > MOST_OFF_AVERAGE) {
            return Err(PoolRefusal::OffAverage.into());
        }
        let original = self.stands_for(deal.ledger, shares).ok_or(PoolRefusal::Dust)?;
        let until_cycle = provision.record.cycle.saturating_add(u32::from(cycles));
        deal.ledger.transfer(holder, provision.accounts.escrow, self.shares, shares)?;
        if let Some(provision) = &mut self.provision {
            let commitment = Commitment { shares, original, until_cycle, coverage: insurance.coverage };
            provision.commitments.insert(holder, commitment);
        }
        Ok(shares)
    }

    /// Takes out what was committed, once its last cycle is over. Answers with the quote received.
    pub(super) fn leave(&mut self, deal: &mut Deal<'_>, holder: AccountId) -> Result<Amount, Refusal> {
        let (provision, _) = self.insurance()?;
        let commitment = *provision.commitment(holder).ok_or(PoolRefusal::NotCommitted)?;
        let (cycle, until_cycle) = (provision.record.cycle, commitment.until_cycle);
        if cycle <= until_cycle {
            return Err(PoolRefusal::StillCommitted { until_cycle, cycle }.into());
        }
        let escrow = provision.accounts.escrow;
        let price = self.twap(deal.ledger, deal.clock);
        let paid = self.burn_shares(deal, escrow, holder, commitment.shares)?;
        let units = |amounts: [Amount; 2]| {
            let [base, quote] = self.coins.map(|coin| deal.ledger.asset(coin).decimals);
            [base.units(amounts[0]), quote.units(amounts[1])]
        };
        let loss = price.and_then(|price| impermanent_loss(units(commitment.original), units(paid), price));
        let claim = loss.and_then(|loss| {
            deal.ledger.asset(self.coins[1]).decimals.floor(loss * commitment.coverage).ok()
        });
        if let Some(provision) = &mut self.provision {
            provision.commitments.remove(&holder);
            let left = &mut provision.record.left_in_cycle;
            *left = left.checked_add(commitment.shares).unwrap_or(*left);
            if let Some(amount) = claim.filter(|amount| amount.is_positive()) {
                provision.claims.push(Claim { payee: holder, amount });
            }
        }
        Ok(paid[1])
    }
}
