//! What tickets cost in APower: more per ticket, the more tickets.

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::quantity::Amount;

/// One step of the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// APower burned per ticket of this tier, in atoms.
    pub apower_per_ticket: Amount,
    /// How many tickets the tier has: its *width*, not the ticket it ends with. The last tier takes all the rest.
    pub width: u64,
}

/// Most tiers a sale may have.
pub const MAX_TIERS: usize = 6;

/// APower burned for so many tickets: tiers are used up in order, each for its width, the last without end. Without tiers
/// tickets cost none.
///
/// # Errors
/// [`Refusal::Overflow`].
///
/// ```
/// use ballast::protocol::launchpad::{Tier, apower_required};
/// use ballast::quantity::Amount;
///
/// let tier = |cost, width| Tier { apower_per_ticket: Amount::from_atoms(cost), width };
/// let tiers = [tier(1, 5), tier(2, 10), tier(4, 20)];
/// // 5 tickets at 1 and 10 at 2, though the second tier is called 10.
/// assert_eq!(apower_required(&tiers, 15)?, Amount::from_atoms(25));
/// assert_eq!(apower_required(&tiers, 35)?, Amount::from_atoms(105));
/// # Ok::<(), ballast::protocol::launchpad::Refusal>(())
/// ```
pub fn apower_required(tiers: &[Tier], tickets: u64) -> Result<Amount, Refusal> {
    let (mut left, mut atoms) = (tickets, 0_i128);
    for (index, tier) in tiers.iter().enumerate() {
        let taken = if index + 1 == tiers.len() { left } else { left.min(tier.width) };
        left -= taken;
        let cost = i128::from(taken) * i128::from(tier.apower_per_ticket.atoms());
        atoms = atoms.checked_add(cost).ok_or(Refusal::Overflow)?;
    }
    i64::try_from(atoms).map(Amount::from_atoms).map_err(|_| Refusal::Overflow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tier((cost, width): (i64, u64)) -> Tier {
        Tier { apower_per_ticket: Amount::from_atoms(cost), width }
    }

    #[test]
    fn the_first_sale_on_mainnet() {
        // AGP029: widths 5 to 50 at 10 to 250 APower.
        let tiers = [(10, 5), (50, 10), (100, 20), (150, 30), (200, 40), (250, 50)].map(tier);
        let cost = |tickets| apower_required(&tiers, tickets).unwrap().atoms();
        assert_eq!([1, 5, 6, 50].map(cost), [10, 50, 100, 50 + 500 + 2_000 + 15 * 150]);
        assert_eq!(cost(105), 50 + 500 + 2_000 + 4_500 + 8_000);
        assert_eq!(cost(1_105), cost(105) + 250_000, "the last tier has no end");
        assert_eq!(apower_required(&[], 9), Ok(Amount::ZERO));
        assert_eq!(apower_required(&tiers, u64::MAX), Err(Refusal::Overflow));
    }

    proptest! {
        /// Tickets bought one by one would cost the same.
        #[test]
        fn the_price_of_a_ticket_is_that_of_its_tier(
            tiers in prop::collection::vec((0..100_i64, 1..9_u64), 1..=MAX_TIERS), tickets in 0..80_u64,
        ) {
            let tiers: Vec<Tier> = tiers.into_iter().map(tier).collect();
            let price_of = |ticket: u64| {
                let mut end = 0;
                let found = tiers.iter().find(|tier| { end += tier.width; ticket < end });
                found.or(tiers.last()).unwrap().apower_per_ticket.atoms()
            };
            let sum: i64 = (0..tickets).map(price_of).sum();
            prop_assert_eq!(apower_required(&tiers, tickets), Ok(Amount::from_atoms(sum)));
        }
    }
}
