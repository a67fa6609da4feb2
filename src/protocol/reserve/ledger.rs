//! Credits and debits of one token's ledger.

use thiserror::Error;

/// Why the reserve refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Refusal {
    /// An amount or a balance is not a finite number of at least zero.
    #[error("{what} must be a finite number of at least zero, found {found}")]
    Amount {
        /// Which number.
        what: &'static str,
        /// Its value.
        found: f64,
    },
    /// The ledger of this token holds less than is due. A collateral pool then refuses every redemption.
    #[error("the reserve holds {available} of this token, {due} are due: add to it or issue tokens")]
    Short {
        /// What may be drawn.
        available: f64,
        /// What was asked for.
        due: f64,
    },
    /// More principal is claimed than is staked.
    #[error("stakes hold {staked} of this token, {claimed} were claimed")]
    NotStaked {
        /// Principal in the ledger.
        staked: f64,
        /// What was asked for.
        claimed: f64,
    },
}

impl Refusal {
    /// The number the calling pool reports: 2024 for a shortfall that the ledger does not cover.
    #[must_use]
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::Short { .. } => Some(2024),
            Self::Amount { .. } | Self::NotStaked { .. } => None,
        }
    }
}

/// Whose money a shortfall may be paid from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Backing {
    /// The contract: one mixed number, fees first and then the stakers' principal.
    #[default]
    Mixed,
    /// Fees only: stakes are ring-fenced.
    FeesOnly,
}

/// The ledger of one token.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reserve {
    /// Fees held, the protocol's own.
    pub fees: f64,
    /// Stakers' principal held.
    pub principal: f64,
    /// Principal paid out for shortfalls and not restored: what the stakers would miss if all of them left.
    pub principal_spent: f64,
}

/// What a draw took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// The ledger after it.
    pub next: Reserve,
    /// Part paid from fees.
    pub from_fees: f64,
    /// Part paid from the stakers' principal.
    pub from_principal: f64,
}

impl Reserve {
    /// The contract's one number: fees and principal.
    #[must_use]
    pub fn ledger(&self) -> f64 {
        self.fees + self.principal
    }

    /// What a shortfall may draw.
    #[must_use]
    pub fn available(&self, backing: Backing) -> f64 {
        match backing {
            Backing::Mixed => self.ledger(),
            Backing::FeesOnly => self.fees,
        }
    }

    /// Credits the un-rebated part of a fee. It first restores principal that was spent.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    pub fn credit_fee(&self, amount: f64) -> Result<Self, Refusal> {
        self.check()?;
        checked("the fee", amount)?;
        let restored = amount.min(self.principal_spent);
        Ok(Self {
            fees: self.fees + (amount - restored),
            principal: self.principal + restored,
            principal_spent: self.principal_spent - restored,
        })
    }

    /// Credits the principal of a stake.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    pub fn credit_stake(&self, amount: f64) -> Result<Self, Refusal> {
        self.check()?;
        Ok(Self { principal: self.principal + checked("the stake", amount)?, ..*self })
    }

    /// Pays the principal of a stake back.
    ///
    /// Where principal was spent on a shortfall, whoever unstakes first is paid in full, from the others' principal and then
    /// from the fees, as the mixed ledger of the contract does without noticing.
    ///
    /// # Errors
    /// [`Refusal::NotStaked`] for more than all stakes; [`Refusal::Short`] where the ledger cannot pay it; [`Refusal::Amount`].
    pub fn debit_stake(&self, amount: f64) -> Result<Self, Refusal> {
        self.check()?;
        checked("the stake", amount)?;
        let staked = self.principal + self.principal_spent;
        if amount > staked {
            return Err(Refusal::NotStaked { staked, claimed: amount });
        }
        if amount > self.ledger() {
            return Err(Refusal::Short { available: self.ledger(), due: amount });
        }
        let from_principal = amount.min(self.principal);
        let from_fees = amount - from_principal;
        Ok(Self {
            fees: self.fees - from_fees,
            principal: self.principal - from_principal,
            // What the fees paid is no longer owed to anybody.
            principal_spent: self.principal_spent - from_fees,
        })
    }

    /// Pays a shortfall: fees first, then, if `backing` allows, the stakers' principal. All of it or nothing.
    ///
    /// # Errors
    /// [`Refusal::Short`] where the ledger of this token holds less, [`Refusal::Amount`].
    ///
    /// ```
    /// use ballast::protocol::reserve::{Backing, Reserve};
    /// let reserve = Reserve::default().credit_fee(30.0)?.credit_stake(1_000.0)?;
    /// // The contract pays a shortfall of 100, and 70 of it are the stakers'.
    /// let draw = reserve.draw_shortfall(100.0, Backing::Mixed)?;
    /// assert_eq!((draw.from_fees, draw.from_principal), (30.0, 70.0));
    /// // With stakes ring-fenced it is 70 short.
    /// assert_eq!(reserve.draw_shortfall(100.0, Backing::FeesOnly).unwrap_err().code(), Some(2024));
    /// # Ok::<(), ballast::protocol::reserve::Refusal>(())
    /// ```
    pub fn draw_shortfall(&self, due: f64, backing: Backing) -> Result<Draw, Refusal> {
        self.check()?;
        checked("the shortfall", due)?;
        let available = self.available(backing);
        if due > available {
            return Err(Refusal::Short { available, due });
        }
        let from_fees = due.min(self.fees);
        let from_principal = due - from_fees;
        let next = Self {
            fees: self.fees - from_fees,
            principal: (self.principal - from_principal).max(0.0),
            principal_spent: self.principal_spent + from_principal,
        };
        Ok(Draw { next, from_fees, from_principal })
    }

    fn check(&self) -> Result<(), Refusal> {
        checked("the fees held", self.fees)?;
        checked("the principal held", self.principal)?;
        checked("the principal spent", self.principal_spent).map(drop)
    }
}

/// `found`, or a refusal where it is no amount.
pub(super) fn checked(what: &'static str, found: f64) -> Result<f64, Refusal> {
    if (0.0..f64::INFINITY).contains(&found) { Ok(found) } else { Err(Refusal::Amount { what, found }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reserve() -> Reserve {
        Reserve::default().credit_fee(30.0).unwrap().credit_stake(1_000.0).unwrap()
    }

    #[test]
    fn the_ledger_mixes_fees_and_principal_and_a_draw_says_whose_money_it_was() {
        assert_eq!(reserve().ledger(), 1_030.0);
        let draw = reserve().draw_shortfall(100.0, Backing::Mixed).unwrap();
        assert_eq!((draw.from_fees, draw.from_principal), (30.0, 70.0));
        assert_eq!(draw.next, Reserve { fees: 0.0, principal: 930.0, principal_spent: 70.0 });
        let small = reserve().draw_shortfall(20.0, Backing::FeesOnly).unwrap();
        assert_eq!((small.from_fees, small.from_principal), (20.0, 0.0));
    }

    #[test]
    fn a_short_ledger_pays_nothing_at_all() {
        let refused = reserve().draw_shortfall(1_031.0, Backing::Mixed);
        assert_eq!(refused, Err(Refusal::Short { available: 1_030.0, due: 1_031.0 }));
        assert_eq!(refused.unwrap_err().code(), Some(2024));
        assert!(reserve().draw_shortfall(31.0, Backing::FeesOnly).is_err());
        assert!(reserve().draw_shortfall(1_030.0, Backing::Mixed).is_ok());
    }

    #[test]
    fn fees_restore_principal_that_was_spent() {
        let spent = reserve().draw_shortfall(100.0, Backing::Mixed).unwrap().next;
        let restored = spent.credit_fee(100.0).unwrap();
        assert_eq!(restored, Reserve { fees: 30.0, principal: 1_000.0, principal_spent: 0.0 });
    }

    #[test]
    fn the_first_to_unstake_is_paid_in_full_and_the_last_is_not() {
        let spent = reserve().draw_shortfall(100.0, Backing::Mixed).unwrap().next;
        let after_first = spent.debit_stake(500.0).unwrap();
        assert_eq!(after_first.ledger(), 430.0);
        assert_eq!(after_first.debit_stake(500.0), Err(Refusal::Short { available: 430.0, due: 500.0 }));
        let claim = after_first.debit_stake(501.0);
        assert_eq!(claim, Err(Refusal::NotStaked { staked: 500.0, claimed: 501.0 }));
    }

    #[test]
    fn fees_pay_stakes_that_a_shortfall_has_taken() {
        let short = Reserve { fees: 50.0, principal: 10.0, principal_spent: 40.0 };
        let paid = short.debit_stake(45.0).unwrap();
        assert_eq!(paid, Reserve { fees: 15.0, principal: 0.0, principal_spent: 5.0 });
    }

    #[test]
    fn bad_amounts_are_refused() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(reserve().credit_fee(bad), Err(Refusal::Amount { what: "the fee", .. })));
            assert!(reserve().credit_stake(bad).is_err() && reserve().debit_stake(bad).is_err());
            assert!(reserve().draw_shortfall(bad, Backing::Mixed).is_err());
            assert!(Reserve { fees: bad, ..reserve() }.credit_fee(1.0).is_err());
        }
    }

    proptest! {
        #[test]
        fn the_ledger_is_the_sum_of_what_came_and_went(
            moves in prop::collection::vec((0..4_u8, 0.0..1e6_f64), 1..40), mixed in prop::bool::ANY,
        ) {
            let backing = if mixed { Backing::Mixed } else { Backing::FeesOnly };
            let (mut reserve, mut sum, mut stakes) = (Reserve::default(), 0.0, 0.0);
            for (kind, amount) in moves {
                let next = match kind {
                    0 => reserve.credit_fee(amount).map(|next| (next, amount)),
                    1 => reserve.credit_stake(amount).map(|next| (next, amount)),
                    2 => reserve.debit_stake(amount).map(|next| (next, -amount)),
                    _ => reserve.draw_shortfall(amount, backing).map(|draw| (draw.next, -amount)),
                };
                let Ok((next, change)) = next else { continue };
                sum += change;
                if kind == 1 || kind == 2 {
                    stakes += change;
                }
                prop_assert!((next.ledger() - sum).abs() < 1e-6);
                prop_assert!((next.principal + next.principal_spent - stakes).abs() < 1e-6);
                prop_assert!(next.fees >= 0.0 && next.principal >= 0.0 && next.principal_spent >= -1e-9);
                prop_assert!(mixed || next.principal_spent <= 1e-9);
                reserve = next;
            }
        }
    }
}
