//! Physics that everybody shares: balances, time, order, chance.

pub mod account_set;
pub mod audit;
pub mod calendar;
pub mod clock;
pub mod ledger;
pub mod mempool;
pub mod notes;
pub mod oracle;
pub mod phase;
pub mod read_ahead;
pub mod records;
pub mod register;
pub mod streams;
