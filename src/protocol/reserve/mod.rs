//! The ALEX reserve: a ledger for each token, and what stands behind it.
//!
//! | symbol | name in the code | unit | source |
//! |---|---|---|---|
//! | F | [`Reserve::fees`] | tokens | un-rebated fees of swaps |
//! | P | [`Reserve::principal`] | tokens | stakes |
//! | F + P | [`Reserve::ledger`] | tokens | the contract's one number |
//!
//! The contract keeps *one* number for each token and adds to it both fees, which are the protocol's, and the principal of
//! every stake, which is not. A shortfall of a collateral pool is paid from that number: as far as the ledger is concerned,
//! stakers insure borrowers. This module keeps the two apart and says of each draw whose money it was; [`Backing`] chooses
//! whether a draw may reach into the principal (the contract) or stops at the fees.
//!
//! A reserve is kept *per token*. Fees arrive in the coin that was brought into a swap, or in yield tokens; a shortfall
//! falls due in the collateral token. Valued in dollars, a reserve can look rich and still lack the one token that is due.
//!
//! Sources: `alex-reserve-pool` (`add-to-balance`, `remove-from-balance`, `stake-tokens`, `claim-staking-reward`); ALEX
//! economics paper for the case study in [`coverage`].

mod coverage;
mod ledger;

pub use coverage::{CaseStudy, months_of_fees, months_of_fees_usd};
pub use ledger::{Backing, Draw, Refusal, Reserve};
