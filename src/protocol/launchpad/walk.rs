//! The walk that picks the winners.
//!
//! Every ticket owns a slot of width `W = 100,000` on a line, in the order of registration. With `R` tickets registered
//! and `T` on sale,
//!
//! ```text
//! max_step = floor(floor(R W / T) 15 / 10)
//! g(c)     = ((134775813 c + 1) mod 2^32) mod max_step
//! first    = g(seed)
//! next     = (floor(p / W) + 1) W + g(p)
//! ```
//!
//! The slot that a position falls into wins, until `T` have won or the line ends. A step is on average about
//! `1/2 + 3/4 R/T` slots long. That is more than `R/T` below twice the tickets, so that a sale that is just subscribed sells
//! three quarters of them; and less above, so that the walk of a sale in demand ends before the line does and the last to
//! register cannot win.
//!
//! Source: `alex-launchpad-v1-1` of `alexgo-io/alex-v1` at `5146658f` (`calculate-max-step-size`, `lcg-next`,
//! `verify-winner-iter`).

use super::refusal::Refusal;

/// Width of a ticket's slot.
pub const WALK_RESOLUTION: u64 = 100_000;
const MULTIPLIER: u64 = 134_775_813;
const INCREMENT: u64 = 1;
const MODULUS: u64 = 1 << 32;

/// Largest step for `registered` tickets and `tickets` on sale.
///
/// # Errors
/// [`Refusal::NoWalk`] where there are no tickets; [`Refusal::Overflow`].
pub fn max_step(registered: u64, tickets: u64) -> Result<u64, Refusal> {
    let per_ticket = (u128::from(registered) * u128::from(WALK_RESOLUTION)).checked_div(u128::from(tickets));
    let step = per_ticket.ok_or(Refusal::NoWalk)? * 15 / 10;
    u64::try_from(step).map_err(|_| Refusal::Overflow)
}

/// The pseudo-random part of a step, below `max_step`.
///
/// # Errors
/// [`Refusal::NoWalk`] for a largest step of zero.
///
/// ```
/// use ballast::protocol::launchpad::step;
/// assert_eq!(step(1, 150_000)?, 75_814);
/// # Ok::<(), ballast::protocol::launchpad::Refusal>(())
/// ```
pub fn step(position: u64, max_step: u64) -> Result<u64, Refusal> {
    // The modulus divides 2^64, so wrapping loses nothing.
    let drawn = MULTIPLIER.wrapping_mul(position).wrapping_add(INCREMENT) % MODULUS;
    drawn.checked_rem(max_step).ok_or(Refusal::NoWalk)
}

/// The position after `position`.
///
/// # Errors
/// As [`step`]; [`Refusal::Overflow`].
pub fn next_position(position: u64, max_step: u64) -> Result<u64, Refusal> {
    let slot = (position / WALK_RESOLUTION + 1).checked_mul(WALK_RESOLUTION).ok_or(Refusal::Overflow)?;
    slot.checked_add(step(position, max_step)?).ok_or(Refusal::Overflow)
}

/// The seed that a block's verifiable random value gives: its low eight bytes, the lowest first. The contract takes the
/// second block after registration has ended.
#[must_use]
pub fn seed_of_vrf(vrf: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *vrf;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_the_contract() {
        assert_eq!(max_step(1_050, 1_050), Ok(150_000));
        assert_eq!(max_step(501, 500), Ok(150_300));
        assert_eq!(max_step(99_999, 500), Ok(29_999_700));
        assert_eq!(step(4_294_967_295, 300_000), Ok(91_484));
        assert_eq!(step(7, 1), Ok(0));
    }

    #[test]
    fn a_step_leaves_its_slot_and_lands_within_the_largest_step() {
        for position in [0, 99_999, 100_000, 123_456_789] {
            let next = next_position(position, 150_000).unwrap();
            let slot = position / WALK_RESOLUTION + 1;
            assert!(next >= slot * WALK_RESOLUTION && next < slot * WALK_RESOLUTION + 150_000);
        }
    }

    #[test]
    fn a_walk_without_steps_is_refused() {
        assert_eq!(max_step(5, 0), Err(Refusal::NoWalk));
        assert_eq!(max_step(0, 5), Ok(0));
        assert_eq!(step(1, 0), Err(Refusal::NoWalk));
        assert_eq!(max_step(u64::MAX, 1), Err(Refusal::Overflow));
        assert_eq!(next_position(u64::MAX, 1), Err(Refusal::Overflow));
    }

    #[test]
    fn the_lowest_byte_comes_first() {
        let mut vrf = [0; 32];
        (vrf[0], vrf[1], vrf[8]) = (1, 2, 9);
        assert_eq!(seed_of_vrf(&vrf), 513);
    }
}
