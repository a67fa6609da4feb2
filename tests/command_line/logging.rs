//! What the table of events tells of transactions.

use ballast::record::parquet;
use ballast::record::table::Table;

use super::desk::{Desk, assert_same};

const TICKS: usize = 48;

fn table(desk: &Desk, directory: &str, name: &str) -> Table {
    parquet::read(&desk.path(&format!("{directory}/{name}.parquet"))).unwrap()
}

fn run(desk: &Desk, more: &str) -> String {
    desk.well(&format!("run tiny.ron --json --quiet {more}")).directory()
}

/// The ETH in the pool at the end of a tick of run 0, from its value, its price and that of ETH.
fn eth_in_pool(series: &Table, tick: usize) -> f64 {
    let cell = |name| series.real(name).unwrap()[tick].unwrap();
    cell("pool_tvl") / (cell("eth_price") + cell("pool_price"))
}

#[test]
fn the_amounts_of_all_transactions_add_up_to_what_the_pool_gained() {
    let desk = Desk::new();
    let directory = run(&desk, "--set record.transactions=All");
    let (series, events) = (table(&desk, &directory, "series"), table(&desk, &directory, "events"));
    let words = |name| events.text(name).unwrap();
    let (subject, kind, action) = (words("subject"), words("kind"), words("action"));
    let flow = |amount, asset| {
        let (amounts, assets) = (events.real(amount).unwrap(), words(asset));
        (0..events.rows())
            .filter(|row| {
                events.integer("run").unwrap()[*row] == 0 && events.integer("tick").unwrap()[*row] > 0
            })
            .filter(|row| subject[*row].as_deref() == Some("pool") && assets[*row].as_deref() == Some("ETH"))
            .map(|row| amounts[row].unwrap())
            .sum::<f64>()
    };
    let (paid, received) = (flow("paid", "paid_asset"), flow("received", "received_asset"));
    let gained = eth_in_pool(&series, TICKS) - eth_in_pool(&series, 0);
    assert!(paid > 0.0 && received > 0.0, "{paid} {received}");
    assert!((paid - received - gained).abs() < 1e-6, "{paid} paid, {received} received, {gained} gained");
    // A transaction is a swap and its gas; its number groups the two.
    let numbers = events.real("transaction").unwrap();
    for row in (0..events.rows()).filter(|row| action[*row].as_deref() == Some("gas")) {
        assert_eq!(kind[row].as_deref(), Some("transaction"));
        assert_eq!(numbers[row], numbers[row - 1]);
        assert_eq!(action[row - 1].as_deref(), Some("swap"));
        assert_eq!(events.real("paid").unwrap()[row], Some(1.0));
    }
}

#[test]
fn refusals_carry_their_reason_counted_and_in_full() {
    let desk = Desk::new();
    let gas = "--set network.gas_usd_per_action=1000000";
    for (logging, kind) in [("Counted", "refusals"), ("Refused", "refused"), ("All", "refused")] {
        let directory = run(&desk, &format!("{gas} --set record.transactions={logging}"));
        let (series, events) = (table(&desk, &directory, "series"), table(&desk, &directory, "events"));
        let refused = series.real("refusals").unwrap()[..=TICKS].iter().flatten().sum::<f64>();
        let (reasons, runs) = (events.text("refusal").unwrap(), events.integer("run").unwrap());
        let rows: Vec<usize> =
            (0..events.rows()).filter(|row| runs[*row] == 0 && reasons[*row].is_some()).collect();
        let mut told = 0.0;
        for row in rows {
            let word = |name| events.text(name).unwrap()[row].as_deref();
            assert_eq!(word("kind"), Some(kind));
            assert_eq!(word("agent_kind"), Some("noise_trader"));
            assert_eq!((word("action"), word("subject")), (Some("gas"), Some("network")));
            assert_eq!(word("refusal"), Some("insufficient_balance"));
            told += events.real("value").unwrap()[row].unwrap_or(1.0);
        }
        assert!(refused > 0.0);
        assert_eq!(told, refused, "{logging}");
    }
}

#[test]
fn the_log_changes_nothing_but_the_table_of_events() {
    let desk = Desk::new();
    let gas = "--set network.gas_usd_per_action=5000";
    let off = run(&desk, &format!("{gas} --set record.transactions=Off"));
    for logging in ["Counted", "Refused", "All"] {
        let directory = run(&desk, &format!("{gas} --set record.transactions={logging}"));
        for name in ["series", "agents", "lorenz"] {
            let read = |directory| desk.read(format!("{directory}/{name}.parquet"));
            assert!(read(&directory) == read(&off), "{logging}: {name} differs");
        }
    }
    assert_eq!(table(&desk, &off, "events").rows(), 0);
    let one = run(&desk, "--set record.transactions=All --threads 1 --out one");
    let two = run(&desk, "--set record.transactions=All --threads 2 --out two");
    assert_same(&desk.files(&one), &desk.files(&two));
}
