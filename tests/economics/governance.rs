//! The loop between market and votes: votes change trades, the market changes votes, delay costs, apathy is cheap to buy.

use std::collections::BTreeMap;

use super::paired::{assert_falls, assert_rises, average, over_runs, series, sets};
use super::shipped::{run, shipped};
use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunTables;
use ballast::record::table::Cells;

/// A shipped experiment with a fifth of its people.
fn small(name: &str, overrides: &[&str]) -> Experiment {
    let mut all = sets(&[
        "variants=[]",
        "study=None",
        "populations.saver.count=450",
        "populations.saver_anxious.count=120",
        "populations.xeth_trend.count=90",
        "populations.xeth_mean_reversion.count=70",
        "populations.xeth_constant_leverage.count=60",
        "populations.noise_feth.count=80",
        "populations.noise_xeth.count=80",
    ]);
    all.extend(sets(overrides));
    shipped(name, &all)
}

fn texts<'a>(tables: &'a RunTables, column: &str) -> &'a [Option<String>] {
    match &tables.events.column(column).unwrap().cells {
        Cells::Text(cells) => cells,
        other => panic!("{column} is no text: {other:?}"),
    }
}

fn ticks(tables: &RunTables) -> &[i64] {
    tables.events.integer("tick").unwrap()
}

/// The events of one kind: tick, subject, detail.
fn events(tables: &RunTables, kind: &str) -> Vec<(i64, String, String)> {
    let (kinds, subjects, details) =
        (texts(tables, "kind"), texts(tables, "subject"), texts(tables, "detail"));
    let rows = kinds.iter().enumerate().filter(|(_, found)| found.as_deref() == Some(kind));
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    rows.map(|(row, _)| (ticks(tables)[row], text(&subjects[row]), text(&details[row]))).collect()
}

const QUICK: [&str; 8] = [
    "governance.profile=Plain",
    "governance.rules.review_hours=0",
    "governance.rules.referendum_hours=0",
    "governance.rules.implementation_hours=0",
    "governance.rules.voting_hours=24",
    "governance.rules.timelock_hours=12",
    "governance.rules.cooldown_hours=0",
    "horizon_days=12",
];

/// The same seeds and the same votes, whose measures take effect after twelve hours or never: until the first takes effect
/// everybody trades alike, and afterwards not.
#[test]
fn a_passed_proposal_changes_trades_and_nothing_else_does() {
    let world = |timelock: &str| {
        let timelock = format!("governance.rules.timelock_hours={timelock}");
        let mut all = QUICK.to_vec();
        all.extend(["governance.rules.quorum_share=0.0005", &timelock]);
        run(&small("governance_baseline", &all), 0, 0)
    };
    let (passes, fails) = (world("12"), world("8760"));
    let first = events(&passes, "enacted").first().expect("something was enacted").0;
    assert!(events(&fails, "enacted").is_empty());
    for pool in ["feth_usd", "xeth_usd", "eth_usd", "gov_usd"] {
        let name = format!("{pool}_volume");
        let (one, two) = (series(&passes, &name), series(&fails, &name));
        let parted = one.iter().zip(&two).position(|(one, two)| one != two);
        assert!(
            parted.is_none_or(|tick| tick as i64 > first),
            "{pool} parted at {parted:?}, enacted at {first}"
        );
    }
    let moved = |name: &str| series(&passes, name) != series(&fails, name);
    assert!(
        moved("eth_usd_volume") || moved("feth_usd_volume") || moved("gov_usd_volume"),
        "no trade changed"
    );
}

/// The same seeds with and without a crash during a vote: the proposal is the same, and people vote otherwise.
#[test]
fn what_the_market_did_changes_how_people_vote() {
    let world = |factor: &str| {
        let price = format!(
            "price=Shocked(base: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.4)]), \
             shocks: [Jump(at_hours: 30, over_hours: 6, factor: {factor})])"
        );
        let mut all = QUICK.to_vec();
        all.extend(["governance.rules.voting_hours=96", &price]);
        run(&small("governance_baseline", &all), 1, 1)
    };
    let (calm, crash) = (world("1"), world("0.6"));
    let made_before = |tables: &RunTables| {
        let made = events(tables, "proposal").into_iter().filter(|(tick, ..)| *tick < 30);
        made.map(|(_, subject, detail)| (subject, detail)).collect::<BTreeMap<_, _>>()
    };
    let before = made_before(&calm);
    assert!(!before.is_empty(), "nothing was proposed before the crash");
    assert_eq!(before, made_before(&crash), "until the crash both worlds are one");
    let result = |tables: &RunTables, subject: &str| {
        let results = events(tables, "vote_result");
        results.into_iter().find(|(_, found, _)| found == subject).map(|(.., detail)| detail)
    };
    let changed = before.keys().filter(|subject| result(&calm, subject) != result(&crash, subject));
    assert!(changed.count() > 0, "every vote went as if nothing had happened");
}

/// A longer timelock in a crash: the remedy comes later, and the treasury spends the time with less collateral.
#[test]
fn a_longer_timelock_leaves_the_treasury_thinner() {
    let ratio = |hours: &str| {
        let set = format!("governance.rules.timelock_hours={hours}");
        over_runs(&small("slow_governance", &[&set]), 10, |tables| {
            average(&series(tables, "collateral_ratio"))
        })
    };
    assert_falls("mean collateral ratio with 14 days of timelock", &ratio("0"), &ratio("336"));
}

/// `capture` with a fifth of its people, to whom voting costs `share` of what they have, and overrides.
fn captured(share: &str, overrides: &[&str]) -> Experiment {
    let civic =
        ["saver", "xeth_mean_reversion", "xeth_constant_leverage", "lp_loyal", "lp_gov", "token_investor"];
    let voters = ["voter", "founders", "delegates"];
    let civic = civic.iter().map(|name| format!("populations.{name}.civic.turnout_cost_share={share}"));
    let voters =
        voters.iter().map(|name| format!("populations.{name}.agent.civic.turnout_cost_share={share}"));
    let all: Vec<String> = civic.chain(voters).chain(sets(overrides)).collect();
    small("capture", &all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Fewer who turn out make capture cheaper: where voting costs half of what one has hardly anybody does, and few tokens carry a
/// vote.
#[test]
fn apathy_makes_capture_cheap() {
    let needed = |share: &str| {
        let experiment = captured(share, &["horizon_days=20", "populations.attacker.count=0"]);
        over_runs(&experiment, 10, |tables| *series(tables, "capture_share").last().unwrap())
    };
    assert_rises("share of the supply that capture takes", &needed("0.5"), &needed("0.00001"));
}

/// The more holders lend, the less it costs to borrow what carries a vote: what lies at the desk is used less.
#[test]
fn more_to_lend_makes_capture_cheap() {
    let cost = |share: &str| {
        let lends = ["saver", "token_investor", "noise_gov"]
            .map(|name| format!("populations.{name}.lends=(share: {share})"));
        let mut all =
            vec!["horizon_days=10", "populations.attacker.count=0", "governance.vote_market.loans=()"];
        all.extend(lends.iter().map(String::as_str));
        over_runs(&captured("0.5", &all), 10, |tables| *series(tables, "capture_cost_usd").last().unwrap())
    };
    assert_falls("cost of capture where a tenth and where most is lent", &cost("0.1"), &cost("0.8"));
}

/// An attacker whose money is collateral for the votes it needs but does not buy them takes half of the reserve where votes are
/// lent, and nothing where nobody lends, or where a vote can take less than a loan costs.
#[test]
fn who_can_only_borrow_takes_the_reserve_where_that_pays() {
    let world = |lent: &str, spend: &str| {
        let lends = ["saver", "token_investor", "noise_gov", "lp_gov"]
            .map(|name| format!("populations.{name}.lends=(share: {lent})"));
        let spend = format!("governance.rules.most_spend_share={spend}");
        let mut all = vec![
            "horizon_days=20",
            "populations.attacker.count=1",
            "populations.attacker.agent.endowment.wealth_usd=700000",
            "populations.attacker.agent.min_profit_usd=0",
            "governance.vote_market.loans=(collateral_ratio: 1.1)",
            "governance.vote_market.expected_turnout_share=0.02",
            &spend,
        ];
        all.extend(lends.iter().map(String::as_str));
        run(&captured("0.5", &all), 0, 0)
    };
    let most = |tables: &RunTables, name: &str| series(tables, name).into_iter().fold(0.0, f64::max);
    let left = |tables: &RunTables| *series(tables, "reserve_usd").last().unwrap();
    let (pays, nobody, poor) = (world("0.6", "0.5"), world("0.0", "0.5"), world("0.6", "0.00005"));
    assert!(most(&pays, "token_loans_lent") > 1e7, "it borrowed {}", most(&pays, "token_loans_lent"));
    assert!(left(&pays) < 1.1e6, "the reserve kept {}", left(&pays));
    let lent = series(&pays, "token_loans_lent");
    let returned = lent.windows(2).filter(|pair| pair[0] > 0.0 && pair[1] == 0.0).count();
    assert!(returned > 0, "what was lent came back");
    assert_eq!(most(&pays, "token_loans_settled"), 0.0);
    for (what, tables) in [("nobody lends", &nobody), ("there is little to take", &poor)] {
        assert_eq!(most(tables, "token_loans_lent"), 0.0, "{what}");
        assert!(left(tables) > 1.99e6, "{what}: the reserve kept {}", left(tables));
    }
}
