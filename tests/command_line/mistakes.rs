//! Mistakes in a config, to the letter.

use super::desk::{Desk, TINY};

fn with(from: &str, to: &str) -> String {
    assert!(TINY.contains(from), "{from}");
    TINY.replace(from, to)
}

#[test]
fn a_mistyped_field() {
    let told = Desk::new().checked(&with("with: (pool:", "with: (pol:"));
    assert_eq!(
        told,
        "\
error: unknown field `pol` in `NoiseTrader`
 --> wrong.ron:9:53
  |
9 |         (profile: \"noise_trader\", count: 20, with: (pol: \"pool\", endowment: (holdings: {\"USD\": 0.5, \"ETH\": 0.5}))),
  |                                                     ^^^ no such field
  |
  = note: its fields are `activity_per_day`, `endowment`, `pool`, `largest_trade_share` and `orders`
  = help: did you mean `pool`?

error: the config cannot be run
"
    );
}

#[test]
fn a_value_of_another_type() {
    let told = Desk::new().checked(&with("fee_bps: 30", "fee_bps: \"30\""));
    assert_eq!(
        told,
        "\
error: expected a number for `pools.0.fee_bps`, found the string \"30\"
 --> wrong.ron:7:50
  |
7 |     pools: [(name: \"pool\", base: \"ETH\", fee_bps: \"30\", initial_value_usd: 1e6)],
  |                                                  ^^^^ expected a number
  |
  = help: write `30`, without quotes

error: the config cannot be run
"
    );
}

#[test]
fn a_law_with_a_slip() {
    let told = Desk::new()
        .checked(&with("pool: \"pool\"", "largest_trade_share: Uniform(low: 0, hi: 1), pool: \"pool\""));
    let expected = "error: `populations.0.agent.largest_trade_share`: expected a number or a distribution such as \
                    `Uniform(low: 0.1, high: 0.9)`: unknown field `hi`, expected `low` or `high`\n --> wrong.ron:9:74\n";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn values_out_of_range_all_at_once() {
    let config = with("fee_bps: 30", "fee_bps: 10001, rebate_share: 1.5").replace("runs: 2", "runs: 0");
    let told = Desk::new().checked(&config.replace("horizon_days: 2", "horizon_days: -2"));
    assert_eq!(
        told,
        "\
error: expected a whole number from 1 to 1000000 for `runs`, found 0
 --> wrong.ron:4:11
  |
4 |     runs: 0,
  |           ^ expected a whole number from 1 to 1000000

error: expected a number above 0 and at most 365000 days for `horizon_days`, found -2
 --> wrong.ron:5:19
  |
5 |     horizon_days: -2,
  |                   ^^ expected a number above 0 and at most 365000 days

error: expected a number from 0 to 10000 basis points for `pools.0.fee_bps`, found 10001
 --> wrong.ron:7:50
  |
7 |     pools: [(name: \"pool\", base: \"ETH\", fee_bps: 10001, rebate_share: 1.5, initial_value_usd: 1e6)],
  |                                                  ^^^^^ expected a number from 0 to 10000 basis points

error: expected a number from 0 to 1 for `pools.0.rebate_share`, found 1.5
 --> wrong.ron:7:71
  |
7 |     pools: [(name: \"pool\", base: \"ETH\", fee_bps: 10001, rebate_share: 1.5, initial_value_usd: 1e6)],
  |                                                                       ^^^ expected a number from 0 to 1

error: the config cannot be run
"
    );
}

/// Steps that would have to be rounded, a name and a coin that are taken, too many for the eye.
#[test]
fn an_order_book_whose_steps_are_no_atoms() {
    let books = "pools: [(name: \"pool\", base: \"ETH\", fee_bps: 30, initial_value_usd: 1e6)],
    order_books: [
        (name: \"pool\", base: \"ETH\", tick_size: 0.01, lot_size: 0.00001),
        (name: \"b\", base: \"ETH\", quote: \"ETH\", tick_size: 0, lot_size: 1, taker_fee_bps: -1),
    ],";
    let told = Desk::new().checked(&with(
        "pools: [(name: \"pool\", base: \"ETH\", fee_bps: 30, initial_value_usd: 1e6)],",
        books,
    ));
    let errors: Vec<&str> =
        told.lines().filter(|line| line.starts_with("error") || line.contains("= help")).collect();
    assert_eq!(
        errors,
        [
            "error: expected a name that no pool has for `order_books.0.name`, found `pool` again",
            "  = help: `pool_book` would do",
            "error: expected whole atoms: a lot in steps of 1e-9 ETH, a tick times a lot in steps of 1e-6 USD for \
             `order_books.0.lot_size`, found a tick of 0.01 and a lot of 0.00001",
            "  = help: take a larger lot or a larger tick: what is paid is never rounded",
            "error: expected another coin than the base for `order_books.1.quote`, found `ETH`",
            "error: expected a number above 0 and at most 9000000000000 quote units for `order_books.1.tick_size`, \
             found 0",
            "error: expected a number from 0 to 10000 basis points for `order_books.1.taker_fee_bps`, found -1",
            "error: the config cannot be run",
        ]
    );
}

/// A token that nobody issues, hours out of order, a power that nobody can burn or earn, a weight that slides nowhere.
#[test]
fn a_launch_of_nothing_and_a_pool_that_cannot_slide() {
    let launches = "pools: [(name: \"pool\", base: \"ETH\", fee_bps: 30, initial_value_usd: 1e6, bootstrap: (from_weight: 0.9, to_weight: 1.5, to_hours: 9))],
    launches: [(
        name: \"pool\", tickets: 0, tokens_per_ticket: 1, price_per_ticket_usd: 1, opens_hours: 5, closes_hours: 5,
        claims_end_hours: 9, most_tickets: 1, power: \"ETH\", tiers: [(power_per_ticket: -1, width: 0)],
    ), (
        name: \"earned\", tickets: 1, tokens_per_ticket: 1, price_per_ticket_usd: 1, closes_hours: 5, claims_end_hours: 9,
        most_tickets: 1, power: \"APower\", tiers: [(power_per_ticket: 1, width: 1)],
    )],";
    let told = Desk::new().checked(&with(
        "pools: [(name: \"pool\", base: \"ETH\", fee_bps: 30, initial_value_usd: 1e6)],",
        launches,
    ));
    let errors: Vec<&str> =
        told.lines().filter(|line| line.starts_with("error") || line.contains("= help")).collect();
    assert_eq!(
        errors,
        [
            "error: expected a pool with a weighted curve for `pools.0.bootstrap.from_weight`, found another curve",
            "  = help: `curve: Weighted(base_weight: 0.9)` would do",
            "error: expected a number between 0 and 1 for `pools.0.bootstrap.to_weight`, found 1.5",
            "error: expected `governance`, whose token is sold for `launches`, found none",
            "  = help: `governance: (initial_price_usd: 0.02)` would do",
            "error: expected a name that no pool and no order book has for `launches.0.name`, found `pool` again",
            "error: expected a whole number from 1 to 1000000 for `launches.0.tickets`, found 0",
            "error: expected hours after 5 for `launches.0.closes_hours`, found 5",
            "error: expected an asset that venues issue, so that it can be burned for `launches.0.power`, found `ETH`",
            "error: expected a number from 0 to 9000000000000 units for `launches.0.tiers.0.power_per_ticket`, found -1",
            "error: expected a whole number from 1 to 1000000 for `launches.0.tiers.0.width`, found 0",
            "error: expected `staking`, which APower comes from for `launches.1.power`, found none",
            "   = help: `staking: [(name: \"gov\", asset: \"GOV\", emission: Alex)]` would do",
            "error: the config cannot be run",
        ]
    );
}

/// The foundation cannot sell what it does not have.
#[test]
fn a_launch_of_more_than_there_is() {
    let launches = "governance: (initial_price_usd: 1, initial_supply: 1000),
    launches: [(
        name: \"ido\", tickets: 11, tokens_per_ticket: 100, price_per_ticket_usd: 1, closes_hours: 5,
        claims_end_hours: 9, most_tickets: 1,
    )],
    pools: [";
    let config = with("pools: [", launches).replace("\"ETH\": 0.5}", "\"ETH\": 0.4, \"GOV\": 0.1}");
    let told = Desk::new().checked(&config);
    for expected in [
        "launch `ido` sells 1100 GOV, but the foundation has 1000 to give: sell fewer `tickets`",
        "launches: [(",
    ] {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
}

/// Tokens that are won are sold where they trade.
#[test]
fn a_participant_that_would_sell_in_another_pool() {
    let launches = "governance: (initial_price_usd: 1, allocation: (foundation: 0.5, distributed: 0.5)),
    launches: [(
        name: \"ido\", tickets: 10, tokens_per_ticket: 1, price_per_ticket_usd: 1, closes_hours: 5, claims_end_hours: 9,
        most_tickets: 1,
    )],
    pools: [(name: \"gov_usd\", base: \"GOV\", fee_bps: 30, initial_value_usd: 1000), ";
    let buyers = |pool: &str| {
        let buyer = "endowment: (holdings: {\"USD\": 0.9, \"GOV\": 0.1})";
        format!(
            "populations: [(profile: \"launch_participant\", count: 2, with: (pool: \"{pool}\", {buyer})),"
        )
    };
    for (pool, expected) in [
        ("pool", "expected a pool of GOV against USD for `populations.0.agent.pool`"),
        ("pol", "expected the name of a pool (gov_usd, pool) for `populations.0.agent.pool`"),
    ] {
        let config = with("pools: [", launches).replace("populations: [", &buyers(pool));
        let told = Desk::new().checked(&config);
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
}

#[test]
fn an_allocation_that_does_not_add_up_or_has_nobody_to_go_to() {
    let allocation = "governance: (initial_price_usd: 1, allocation: (distributed: 0.5, insiders: (\
                      share: 0.4, population: \"noise_tradr\", cliff_days: 2000))),";
    let told = Desk::new().checked(&with("pools: [", &format!("{allocation}\n    pools: [")));
    for expected in [
        "error: expected shares that add up to 1 for `governance.allocation`, found a sum of 0.9\n --> wrong.ron:7:",
        "help: what nobody else gets is the `foundation`'s",
        "error: expected a number from 0 to 1460 days for `governance.allocation.insiders.cliff_days`, found 2000",
        "error: expected the name of a population for `governance.allocation.insiders.population`, found `noise_tradr`",
        "help: did you mean `noise_trader`?",
    ] {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
}

#[test]
fn a_target_of_a_reserve_that_nothing_could_fill() {
    let told = Desk::new().checked(&with("pools: [", "reserve: (target_usd: 5),\n    pools: ["));
    let expected = "error: expected `governance.allocation`, for tokens to be sold up to a target for `reserve.target_usd`";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn an_unknown_profile() {
    let told = Desk::new().checked(&with("profile: \"noise_trader\"", "profile: \"noise_tradr\""));
    assert_eq!(
        told,
        "\
error: there is no profile `noise_tradr` for `populations.0.profile`
 --> wrong.ron:9:19
  |
9 |         (profile: \"noise_tradr\", count: 20, with: (pool: \"pool\", endowment: (holdings: {\"USD\": 0.5, \"ETH\": 0.5}))),
  |                   ^^^^^^^^^^^^^ no such profile
  |
  = note: looked next to the config, in agents/ next to it or its parent, in ./agents and among the shipped profiles
  = help: did you mean `noise_trader`?

error: the config cannot be run
"
    );
}

#[test]
fn a_missing_file_of_candles() {
    let desk = Desk::new();
    let price = "price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.8)])";
    let told = desk.checked(&with(price, "price: Replay(path: \"data/eth.csv\", symbol: \"ETH\")"));
    let place = std::fs::canonicalize(desk.path("")).unwrap();
    let place = if told.contains(place.to_str().unwrap()) { place } else { desk.path("") };
    assert_eq!(
        told,
        format!(
            "\
error: expected a file of candles for `price.path`, found no file \"data/eth.csv\"
 --> wrong.ron:6:25
  |
6 |     price: Replay(path: \"data/eth.csv\", symbol: \"ETH\"),
  |                         ^^^^^^^^^^^^^^ expected a file of candles
  |
  = help: it was looked for at {}

error: the config cannot be run
",
            place.join("data/eth.csv").display()
        )
    );
}

#[test]
fn parts_that_do_not_go_together() {
    let told = Desk::new().checked(&with("base: \"ETH\"", "base: \"fETH\""));
    assert_eq!(
        told,
        "\
error: expected the ticker of an asset for `pools.0.base`, found `fETH`
 --> wrong.ron:7:34
  |
7 |     pools: [(name: \"pool\", base: \"fETH\", fee_bps: 30, initial_value_usd: 1e6)],
  |                                  ^^^^^^ expected the ticker of an asset
  |
  = help: fETH and xETH exist only with a treasury: `fx: (profile: Deployed2023, initial_collateral: 10000)`

error: the config cannot be run
"
    );
}

#[test]
fn an_assertion_with_a_slip() {
    let told = Desk::new()
        .checked(&with("runs: 2,", "runs: 2, assertions: [\"P(eth_price < 1300 for 24h) < 0.01\"],"));
    assert_eq!(
        told,
        "\
error: expected `>` or `>=` for `assertions.0`, found `24h`
 --> wrong.ron:4:51
  |
4 |     runs: 2, assertions: [\"P(eth_price < 1300 for 24h) < 0.01\"],
  |                                                   ^^^ expected `>` or `>=`

error: the config cannot be run
"
    );
}

#[test]
fn an_assertion_about_a_metric_that_is_not_there() {
    let told = Desk::new().checked(&with("runs: 2,", "runs: 2, assertions: [\"mean(eth_prize) > 0\"],"));
    assert_eq!(
        told,
        "\
error: expected a metric of this experiment for `assertions.0`, found `eth_prize`
 --> wrong.ron:4:33
  |
4 |     runs: 2, assertions: [\"mean(eth_prize) > 0\"],
  |                                 ^^^^^^^^^ expected a metric of this experiment
  |
  = help: did you mean `eth_price`?

error: the config cannot be run
"
    );
}

#[test]
fn other_assertions_that_say_nothing() {
    let desk = Desk::new();
    for (assertions, parts) in [
        ("[\"p(eth_price < 1) < 1\"]", &["wrong.ron:4:28", "did you mean `P`?"][..]),
        ("[\"maen(eth_price) < 1\"]", &["wrong.ron:4:28", "did you mean `mean`?"]),
        ("[\"P(eth_price < 1 for > 3 hm) < 1\"]", &["wrong.ron:4:52", "a unit of time", "did you mean `h`?"]),
        ("[\"P(eth_price < 1) < 5%\"]", &["wrong.ron:4:47", "one per cent is `0.01`"]),
        ("[\"mean(eth_price) <\"]", &["wrong.ron:4:45", "found the end"]),
        ("[\"\"]", &["wrong.ron:4:27", "found nothing"]),
        // All at once, and a raw string too.
        ("[\"mean(eth_price)\", r#\"share(eth_price)\"#]", &["wrong.ron:4:43", "wrong.ron:4:64"]),
        ("[\"mean(collateral_ratio) > 1\"]", &["wrong.ron:4:33", "there are", "`ballast list metrics`"]),
        (
            "[\"P(pnl_noise_trader < 0 for > 6h) < 1\"]",
            &["wrong.ron:4:30", "read at surveys", "leave out `for`"],
        ),
        ("[3]", &["wrong.ron:4:27", "expected a string"]),
    ] {
        let told = desk.checked(&with("runs: 2,", &format!("runs: 2, assertions: {assertions},")));
        for part in parts {
            assert!(told.contains(part), "no {part:?} for {assertions}:\n{told}");
        }
    }
    // At surveys as frequent as the records it can be asked.
    let often =
        "runs: 2, record: (survey_every_ticks: 1), assertions: [\"P(pnl_noise_trader < 0 for > 6h) <= 1\"],";
    desk.write("often.ron", &with("runs: 2,", often));
    desk.well("check often.ron");
    let told = desk.with(&["check", "tiny.ron", "--set", "assertions=[\"mean(eth_prize) > 0\"]"]);
    assert_eq!(told.code, 2);
    assert!(
        told.stderr.contains("eth_prize") && told.stderr.contains("--set assertions="),
        "{}",
        told.stderr
    );
}

#[test]
fn other_impossible_worlds() {
    let desk = Desk::new();
    let fx = "runs: 2, fx: (profile: Deployed2023, initial_collateral: 1000, thresholds: (stability: 1.1, user_rebalance: \
              1.2, protocol_rebalance: 1.14, recapitalisation: 1)),";
    for (from, to, parts) in [
        ("runs: 2,", fx, &["fx.thresholds.stability", "more than `user_rebalance`"][..]),
        ("runs: 2,", "runs: 2, governance: (initial_price_usd: 1),", &["a population that holds `GOV`"]),
        (
            "runs: 2,",
            "runs: 2, fx: (profile: EraA, initial_collateral: 10, initial_collateral_ratio: 1),",
            &["initial_collateral_ratio", "above 1"],
        ),
        (
            "runs: 2,",
            "runs: 2, fx: (profile: EraA, initial_collateral: 10, collateral: \"BTC\"),",
            &["fx.collateral", "`ETH`"],
        ),
        ("\"ETH\": 0.5}", "\"xETH\": 0.5}", &["holdings.xETH", "only with a treasury"]),
        ("\"ETH\": 0.5}", "\"ETH\": 0.6}", &["shares that add up to 1"]),
        ("pool: \"pool\"", "pool: \"pol\"", &["populations.0.agent.pool", "the name of a pool (pool)"]),
        (
            "profile: \"noise_trader\"",
            "profile: \"xeth_trend\"",
            &["unknown field `pool` in `XethSpeculator`"],
        ),
        ("horizon_days: 2", "horizon_days: 2, start: \"soon\"", &["RFC 3339"]),
        ("horizon_days: 2", "horizon_days: 0.01", &["at least one tick"]),
        ("horizon_days: 2", "horizon_days: 2, record: (every_ticks: 0)", &["record.every_ticks"]),
        ("symbol: \"ETH\"", "symbol: \"USD\"", &["price.assets.0.symbol", "no other asset"]),
        ("volatility: 0.8", "volatility: -1", &["price.assets.0.volatility"]),
        ("name: \"pool\"", "name: \"eth\"", &["pools.0.name", "another metric is called `eth_price`"]),
        (
            "(name: \"pool\",",
            "(name: \"pool\", base: \"ETH\", fee_bps: 1, initial_value_usd: 1), (name: \"pool\",",
            &["no other pool"],
        ),
        ("name: \"tiny\"", "name: \"a/b\"", &["letters, digits"]),
        (
            "profile: \"noise_trader\"",
            "profile: \"./noise_trader.ron\"",
            &["expected the name of a profile", "without the ending"],
        ),
        ("count: 20", "count: 20, extra: 1", &["unknown field `extra`"]),
        (
            "initial_value_usd: 1e6",
            "initial_value_usd: 1e6, curve: StableSwap(amplification: 100, nav_rate: true)",
            &["nav_rate"],
        ),
        (
            "initial_value_usd: 1e6",
            "initial_value_usd: 1e6, twap_hours: 0",
            &["expected a number from 0.1 to 8760 hours for `pools.0.twap_hours`, found 0"],
        ),
        (
            "initial_value_usd: 1e6",
            "initial_value_usd: 1e6, resilient_average: 1.5",
            &["expected a number from 0 to 1 for `pools.0.resilient_average`, found 1.5"],
        ),
        ("runs: 2,", "extends: \"nothing\",", &["cannot extend `nothing`"]),
        ("runs: 2,", "extends: \"wrong\",", &["cannot extend `wrong`"]),
    ] {
        let told = desk.checked(&with(from, to));
        for part in parts {
            assert!(told.contains(part), "no {part:?} for {to}:\n{told}");
        }
        assert!(told.contains("--> "), "{told}");
    }
}

#[test]
fn a_config_that_is_not_there() {
    let desk = Desk::new();
    let told = desk.ballast("run baselin");
    assert_eq!((told.code, told.stdout.as_str()), (2, ""));
    assert!(told.stderr.contains("there is no config `baselin`"), "{}", told.stderr);
    assert!(told.stderr.contains("did you mean `baseline`?"), "{}", told.stderr);
    assert_eq!(desk.ballast("run .").code, 2);
    std::fs::write(desk.path("bytes.ron"), b"(name: \"\xff\")").unwrap();
    let told = desk.ballast("check bytes.ron");
    assert!(told.stderr.contains("bytes.ron:1:9"), "{}", told.stderr);
}

#[test]
fn mistakes_for_machines() {
    let desk = Desk::new();
    desk.write("wrong.ron", &with("fee_bps: 30", "fee_bps: -1"));
    let told = desk.ballast("run wrong.ron --json");
    let json = told.json();
    assert_eq!((told.code, &json["status"]), (2, &"invalid".into()));
    let fault = &json["diagnostics"][0];
    assert_eq!(
        (&fault["file"], &fault["line"], &fault["column"], &fault["path"]),
        (&"wrong.ron".into(), &7.into(), &50.into(), &"pools.0.fee_bps".into())
    );
    let told = desk.ballast("check tiny.ron wrong.ron --json");
    assert_eq!(told.code, 2);
    assert_eq!((&told.json()[0]["fine"], &told.json()[1]["fine"]), (&true.into(), &false.into()));
}

#[test]
fn a_mistake_on_the_command_line_is_shown_there() {
    let desk = Desk::new();
    for (assignment, part) in [
        ("pools.pol.fee_bps=10", "did you mean `pool`?"),
        ("pools.pool.fee_bps=20000", "0 to 10000"),
        ("populations.noise_trader.polo=1", "unknown field `polo` in `NoiseTrader`"),
        ("runs", "an override is written `path=value`"),
        ("seed=-1", "an integer from 0 up"),
    ] {
        let told = desk.with(&["check", "tiny.ron", "--set", assignment]);
        assert_eq!(told.code, 2, "{assignment}: {}", told.stderr);
        assert!(told.stderr.contains(part), "{}", told.stderr);
        assert!(told.stderr.contains(&format!("--set {assignment}")), "{}", told.stderr);
    }
}

#[test]
fn rules_on_liquidity_out_of_range() {
    let rules = "fee_bps: 30, liquidity: (cap_share: 2, cycle_hours: 0, gate: (max_share_per_cycle: 0), \
                 insurance: (coverage: 3, min_cycles: 5, max_cycles: 4))";
    let told = Desk::new().checked(&with("fee_bps: 30", rules));
    for wrong in [
        "expected a number from 0.001 to 1 for `pools.0.liquidity.cap_share`, found 2",
        "expected a number from 1 to 8760 hours for `pools.0.liquidity.cycle_hours`, found 0",
        "expected a number from 0.001 to 1 for `pools.0.liquidity.gate.max_share_per_cycle`, found 0",
        "expected a number from 0 to 2 for `pools.0.liquidity.insurance.coverage`, found 3",
        "expected a whole number from 5 to 1000 for `pools.0.liquidity.insurance.max_cycles`, found 4",
    ] {
        assert!(told.contains(wrong), "`{wrong}` is not in\n{told}");
    }
}
