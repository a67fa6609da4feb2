//! Where names lead, what overrides reach, and the resolved text.

use super::desk::{Desk, TINY};

fn resolved(desk: &Desk, arguments: &str) -> String {
    desk.well(&format!("check --resolved {arguments}")).stdout
}

#[test]
fn the_resolved_text_is_a_fixed_point() {
    let desk = Desk::new();
    for config in ["tiny.ron", "baseline", "tiny.ron --set pools.pool.fee_bps=10 --seed 3 --runs 9"] {
        let once = resolved(&desk, config);
        assert!(once.contains("agent: ") && !once.contains("with:") && !once.contains("extends"), "{once}");
        desk.write("elsewhere/once.ron", &once);
        assert_eq!(resolved(&desk, "elsewhere/once.ron"), once, "{config}");
    }
}

#[test]
fn overrides_reach_every_field() {
    let desk = Desk::new();
    let assignments = [
        "pools.pool.fee_bps=10",
        "price.assets.ETH.volatility=0.5",
        "populations.noise_trader.largest_trade_share=Uniform(low: 0.1, high: 0.2)",
        "populations.0.endowment.wealth_usd=12345",
        "populations.noise_trader.count=5",
        "populations.noise_trader.agent.activity_per_day=3",
        "network.blocks.people=2",
        "name=renamed",
    ];
    let mut arguments = vec!["check", "--resolved", "tiny.ron"];
    assignments.iter().for_each(|assignment| arguments.extend(["--set", assignment]));
    let told = desk.with(&arguments);
    assert_eq!(told.code, 0, "{}", told.stderr);
    for part in [
        "fee_bps: 10,",
        "volatility: 0.5,",
        "low: 0.1,",
        "wealth_usd: 12345,",
        "count: 5,",
        "activity_per_day: 3,",
        "people: 2,",
        "name: \"renamed\",",
    ] {
        assert!(told.stdout.contains(part), "no {part:?} in {}", told.stdout);
    }
    let by_name = desk.with(&["check", "--resolved", "baseline", "--set", "populations.lp_xeth.count=1"]);
    assert_eq!(by_name.code, 0, "{}", by_name.stderr);
}

#[test]
fn profiles_are_found_next_to_the_config_before_the_shipped_ones() {
    let desk = Desk::new();
    let profile = |share: &str| {
        format!(
            "NoiseTrader(activity_per_day: 1, endowment: (wealth_usd: 1000, holdings: {{\"USD\": 0.5, \"ETH\": 0.5}}), \
             pool: \"pool\", largest_trade_share: {share})"
        )
    };
    let share = |desk: &Desk| {
        let text = resolved(desk, "work/configs/tiny.ron");
        text.lines().find_map(|line| line.trim().strip_prefix("largest_trade_share: ")).unwrap().to_owned()
    };
    desk.write(
        "work/configs/tiny.ron",
        &TINY.replace(", with: (pool: \"pool\", endowment: (holdings: {\"USD\": 0.5, \"ETH\": 0.5}))", ""),
    );
    // The shipped noise trader trades in a pool that is not here.
    assert!(desk.ballast("check work/configs/tiny.ron").stderr.contains("(shipped)"));
    for (place, number) in [
        ("agents/noise_trader.ron", "0.01,"),
        ("work/agents/noise_trader.ron", "0.02,"),
        ("work/configs/agents/noise_trader.ron", "0.03,"),
        ("work/configs/noise_trader.ron", "0.04,"),
    ] {
        desk.write(place, &profile(number.trim_end_matches(',')));
        assert_eq!(share(&desk), number, "{place}");
    }
    // Another experiment of that name is no profile.
    desk.write("work/configs/noise_trader.ron", TINY);
    assert_eq!(share(&desk), "0.03,");
}

#[test]
fn parents_are_found_next_to_the_config_then_in_configs_then_among_the_shipped() {
    let desk = Desk::new();
    desk.write("mine/child.ron", "(extends: \"parent\", runs: 3)");
    desk.write("configs/parent.ron", &TINY.replace("seed: 7", "seed: 8"));
    assert!(resolved(&desk, "mine/child.ron").contains("seed: 8,"));
    desk.write("mine/parent.ron", &TINY.replace("seed: 7", "seed: 9"));
    let text = resolved(&desk, "mine/child.ron");
    assert!(text.contains("seed: 9,") && text.contains("runs: 3,"), "{text}");
    // A config of the name of its parent means the parent further out.
    desk.write("configs/baseline.ron", "(extends: \"baseline\", runs: 77)");
    let text = resolved(&desk, "configs/baseline.ron");
    assert!(text.contains("runs: 77,") && text.contains("fx: ("), "{text}");
    desk.write("mine/a.ron", "(extends: \"b\")");
    desk.write("mine/b.ron", "(extends: \"a\")");
    assert!(desk.ballast("check mine/a.ron").stderr.contains("in a circle"));
}

#[test]
fn an_agent_that_is_written_out_wins() {
    let desk = Desk::new();
    let agent = "agent: NoiseTrader(activity_per_day: 1, endowment: (wealth_usd: 1000, holdings: {\"USD\": 1.0}), pool: \"pool\", \
                 largest_trade_share: 0.5)";
    desk.write(
        "inline.ron",
        &TINY.replace(
            "count: 20, with: (pool: \"pool\", endowment: (holdings: {\"USD\": 0.5, \"ETH\": 0.5}))",
            &format!("count: 20, {agent}, with: (activity_per_day: 2)"),
        ),
    );
    let text = resolved(&desk, "inline.ron");
    assert!(text.contains("activity_per_day: 2,") && text.contains("largest_trade_share: 0.5,"), "{text}");
}

#[test]
fn check_says_what_would_be_run() {
    let desk = Desk::new();
    let told = desk.well("check tiny.ron baseline");
    assert!(
        told.stdout.starts_with(
            "tiny.ron: fine; 2 runs of 48 ticks, 1 pool, 20 agents in 1 population\nbaseline: fine;"
        ),
        "{}",
        told.stdout
    );
}
