//! ALEX launchpad: a lottery of tickets, and a pool whose weights slide.
//!
//! Wallets pay for tickets up front and burn APower for them, each further tier of tickets dearer. A walk over the line of
//! all tickets picks the winners; losers are paid back the price, never the APower.
//!
//! | symbol | name in the code | unit | source |
//! |---|---|---|---|
//! | `T` | [`Sale::tickets`] | tickets on sale | `add-to-position` |
//! | `R` | [`Sale::registered`] | tickets registered | `register` |
//! | `W` | [`WALK_RESOLUTION`] | width of a ticket's slot | `walk-resolution` |
//! | `max_step` | [`Sale::max_step`] | as `W` | `calculate-max-step-size` |
//! | `g(c)` | [`step`] | as `W` | `lcg-next` |
//! | `w0`, `w1` | [`BootstrapPool::weights_x`] | share of value | `get-weight-x` |
//!
//! The owner and operators submit winners and refunds; a day after the end of the claim anyone may. Whoever draws the seed
//! is outside: the library is given a number. Source: `alex-launchpad-v1-1` and `liquidity-bootstrapping-pool` of
//! `alexgo-io/alex-v1` at `5146658f`.
//!
//! ```
//! use ballast::protocol::launchpad::{Caller, Refusal, Sale, Terms, Tier};
//! use ballast::quantity::Amount;
//!
//! let atoms = Amount::from_atoms;
//! let terms = Terms {
//!     tokens_per_ticket: atoms(100),
//!     price_per_ticket: atoms(33),
//!     activation_threshold: 2,
//!     registration_start: 10,
//!     registration_end: 20,
//!     claim_end: 30,
//!     max_tickets: 50,
//!     tiers: vec![Tier { apower_per_ticket: atoms(10), width: 5 }, Tier { apower_per_ticket: atoms(50), width: 10 }],
//! };
//! let mut sale = Sale::open(terms, 5)?;
//! sale.add_tickets(6, Caller::Operator, 2)?;
//! let (mut first, mut second) = (None, None);
//! assert_eq!(sale.register(&mut first, 10, 6)?.apower, atoms(100));
//! sale.register(&mut second, 11, 1)?;
//! let (seed, winners) = (4, sale.draw(4)?);
//! let sold = sale.submit(21, Caller::Operator, seed, &winners)?;
//! assert_eq!((sold.tickets, sold.proceeds), (2, atoms(66)));
//! // One ticket of each has won.
//! assert_eq!(winners, [0, 1]);
//! assert_eq!(sale.refund(22, Caller::Operator, seed, 0)?, atoms(33 * 5));
//! # Ok::<(), Refusal>(())
//! ```

mod bootstrap;
mod refusal;
mod sale;
mod tiers;
mod walk;

pub use bootstrap::{BootstrapPool, Bootstrapped, sliding_weight};
pub use refusal::Refusal;
pub use sale::{Caller, Entry, GRACE_BLOCKS, Registered, Sale, Sold, Terms};
pub use tiers::{MAX_TIERS, Tier, apower_required};
pub use walk::{WALK_RESOLUTION, max_step, next_position, seed_of_vrf, step};

#[cfg(test)]
mod tests;
