//! The rows and their order.

use super::*;
use crate::quantity::Tick;
use crate::venue::exchange::{Exchange, ExchangeSettings};

#[test]
fn notes_stand_before_the_transactions_of_their_block_and_have_no_action() {
    let note = |tick| Note {
        tick: Tick(tick),
        block: 0,
        agent: None,
        kind: "mode_change",
        subject: "treasury".into(),
        detail: String::new(),
        value: Some(f64::NAN),
    };
    let ledger = Ledger::new(Vec::new());
    let exchange = Exchange::new(ExchangeSettings::default(), AssetId(0), Vec::new());
    let venues = Venues::new(exchange, Vec::new(), None);
    let notes = [note(1), note(2)];
    let refusals = CountedRefusal {
        tick: Tick(1),
        block: 0,
        agent: AccountId(0),
        deed: Deed::GAS,
        reason: "dust",
        count: 3,
        group: 0,
    };
    let events = merge(&notes, [Event::Refusals(&refusals)].into_iter());
    let happened = Happened { events, ledger: &ledger, venues: &venues };
    let table = events_table(&happened, 4, 0, 3_600, |agent| Some(format!("kind {agent}"))).unwrap();
    let words = |name| table.text(name).unwrap().iter().map(Option::as_deref).collect::<Vec<_>>();
    assert_eq!(words("kind"), [Some("mode_change"), Some("refusals"), Some("mode_change")]);
    assert_eq!(words("subject"), [Some("treasury"), Some("network"), Some("treasury")]);
    assert_eq!(words("action"), [None, Some("gas"), None]);
    assert_eq!(words("refusal"), [None, Some("dust"), None]);
    assert_eq!(words("agent"), [None; 3]);
    assert_eq!(words("agent_kind"), [None, Some("kind 0"), None]);
    assert_eq!(table.real("value").unwrap(), [None, Some(3.0), None]);
    assert_eq!(table.integer("tick").unwrap(), [1, 1, 2]);
}
