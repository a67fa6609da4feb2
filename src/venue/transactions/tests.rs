//! What is entered, and what is not.

use super::*;
use crate::quantity::Asset;
use crate::venue::exchange::Order;
use crate::world::ledger::{Issuance, LedgerError};
use crate::world::mempool::Size;

const ETH: AssetId = AssetId(1);
const ACTION: Action = Action::Exchange(Order::Buy { asset: ETH, dollars: Size::Previous });
const SHORT: Refusal =
    Refusal::Ledger(LedgerError::InsufficientBalance { needed: Amount::ZERO, held: Amount::ZERO });

fn heading(number: u64, agent: u32) -> Heading {
    Heading { tick: Tick(1), block: 0, agent: AccountId(agent), number }
}

fn ledger() -> Ledger {
    let asset = |symbol| (Asset::new(symbol, 2), Issuance::Bridged);
    let mut ledger = Ledger::new(["USD", "ETH", "SHARE"].map(asset).to_vec());
    ledger.open_accounts(3).unwrap();
    ledger.bridge_in(AccountId(0), AssetId(0), Amount::from_atoms(100)).unwrap();
    ledger.bridge_in(AccountId(0), ETH, Amount::from_atoms(100)).unwrap();
    ledger.commit();
    ledger
}

#[test]
fn an_action_is_told_by_what_changed_hands_net() {
    let mut ledger = ledger();
    let atoms = Amount::from_atoms;
    ledger.transfer(AccountId(0), AccountId(1), AssetId(0), atoms(30)).unwrap();
    ledger.transfer(AccountId(1), AccountId(0), AssetId(0), atoms(10)).unwrap();
    ledger.transfer(AccountId(0), AccountId(1), ETH, atoms(7)).unwrap();
    ledger.bridge_in(AccountId(0), AssetId(2), atoms(5)).unwrap();
    let mut log = TransactionLog::new(Logging::All, Vec::new());
    log.enter(heading(0, 0), 0, Deed::of(&ACTION), &ledger, 0);
    log.keep();
    let moved: Vec<_> = log.actions().iter().map(|action| (action.paid, action.received)).collect();
    // Two coins leave, one enters: a second entry holds the second coin.
    assert_eq!(
        moved,
        [(Some((AssetId(0), atoms(20))), Some((AssetId(2), atoms(5)))), (Some((ETH, atoms(7))), None)]
    );
}

#[test]
fn what_was_performed_before_a_refusal_is_not_told_as_done() {
    for (logging, entries) in
        [(Logging::Off, 0), (Logging::Counted, 0), (Logging::Refused, 3), (Logging::All, 3)]
    {
        let mut log = TransactionLog::new(logging, Vec::new());
        if log.tells_actions() {
            log.enter(heading(0, 0), 0, Deed::of(&ACTION), &ledger(), 0);
        }
        log.refuse(heading(0, 0), &[ACTION; 3], 1, SHORT);
        assert_eq!(log.actions().len(), entries, "{logging:?}");
        assert!(log.actions().iter().all(|action| !action.succeeded && action.paid.is_none()));
        let refused: Vec<u32> = log
            .actions()
            .iter()
            .filter(|action| action.refusal.is_some())
            .map(|action| action.step)
            .collect();
        assert_eq!(refused, if entries == 0 { vec![] } else { vec![1] });
    }
}

#[test]
fn refused_gas_has_an_entry_and_a_refused_gain_stands_at_the_last_action() {
    let mut log = TransactionLog::new(Logging::Refused, Vec::new());
    log.refuse(heading(0, 0), &[ACTION], 1, SHORT);
    let gain = Refusal::GainTooSmall { wanted: Amount::ZERO, found: Amount::ZERO };
    log.refuse(heading(1, 0), &[ACTION], 1, gain);
    let told: Vec<_> =
        log.actions().iter().map(|action| (action.deed.name, action.refusal.is_some())).collect();
    assert_eq!(told, [("buy", false), ("gas", true), ("buy", true)]);
}

#[test]
fn equal_refusals_of_a_population_in_a_block_are_counted_together() {
    let mut log = TransactionLog::new(Logging::Counted, vec![AccountId(10), AccountId(20)]);
    for (number, agent) in [10, 20, 19, 11].into_iter().enumerate() {
        log.refuse(heading(number as u64, agent), &[ACTION], 0, SHORT);
    }
    log.refuse(heading(4, 10), &[ACTION], 0, Refusal::Dust);
    log.refuse(Heading { block: 1, ..heading(5, 10) }, &[ACTION], 0, SHORT);
    let counts: Vec<_> = log.counts().iter().map(|count| (count.block, count.reason, count.count)).collect();
    let short = "insufficient_balance";
    assert_eq!(counts, [(0, short, 3), (0, short, 1), (0, "dust", 1), (1, short, 1)]);
}
