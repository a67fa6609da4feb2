//! The worlds in which what governance costs is measured.

use ballast::agents::voter::CivicProfile;
use ballast::experiment::config::Experiment;
use ballast::experiment::resolve::resolve;

use crate::world;

/// How many hold the token.
pub(crate) const VOTERS: u32 = 100_000;

/// Holders of the token who trade it at random, each active in one hour of fifty. With votes they are voters too: a reserve
/// far below its target makes them propose, again and again, to leave providers less of the fees.
///
/// `turnout_cost` is what voting costs half of them at least, as a share of what they own; `None` where nobody votes.
pub(crate) fn holders(turnout_cost: Option<f64>) -> Experiment {
    let per_day = -24.0 * (1.0_f64 - 0.02).ln();
    let civic = turnout_cost.map_or_else(String::new, |cost| {
        format!(
            "civic: (civic_weight: 0.2, turnout_cost_share: LogNormal(median: {cost}, sigma: 1), attention_probability: 0.2,
                step_share: 0.02, delegation_probability: 0.1),"
        )
    });
    let pools: String = (0..4)
        .map(|place| {
            format!(r#"(name: "eth_usd_{place}", base: "ETH", fee_bps: 30, initial_value_usd: 1e7),"#)
        })
        .collect();
    world::experiment(&format!(
        r#"(
            name: "governance", horizon_days: 400, network: (gas_usd_per_action: 0),
            price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, drift: 0, volatility: 0.8)]),
            pools: [{pools} (name: "gov_usd", base: "GOV", fee_bps: 30, initial_value_usd: 1e7)],
            reserve: (target_usd: 1e9),
            governance: (
                initial_price_usd: 0.02, profile: Plain, delegates: "delegates",
                allocation: (foundation: 0.3, distributed: 0.7),
                rules: (quorum_share: 0.0, voting_hours: 130, timelock_hours: 24, cooldown_hours: 0, most_open: 4,
                    proposal_threshold_share: 0, most_issue_share: 0),
            ),
            populations: [
                (profile: "holders", count: {VOTERS}, {civic} agent: NoiseTrader(
                    activity_per_day: {per_day},
                    endowment: (wealth_usd: Pareto(minimum: 500, alpha: 1.2, cap: 1e6), holdings: {{"USD": 0.5, "GOV": 0.5}}),
                    pool: "gov_usd", largest_trade_share: 0.1)),
                (profile: "delegates", count: 20, agent: Voter(
                    activity_per_day: 4,
                    endowment: (wealth_usd: 10000, holdings: {{"USD": 0.5, "GOV": 0.5}}),
                    civic: (civic_weight: 0.2, turnout_cost_share: 0.0001, attention_probability: 1))),
            ],
            record: (every_ticks: 24, survey_every_ticks: 1000000),
        )"#
    ))
}

/// The shipped `governance_baseline`, twenty times as large, for a year: savers, speculators, providers and traders around
/// f(x), all of whom may vote, with proposals as fast as the process takes them. None reaches its quorum, so that everybody trades as
/// in the same world without votes, in which nobody may propose.
///
/// `recorded` as the shipped experiment is, every tick and with a look at every account each day; else hardly at all.
pub(crate) fn market(governed: bool, recorded: bool) -> Experiment {
    const TIMES: u32 = 20;
    let overrides = [
        "horizon_days=400",
        "reserve.target_usd=1e9",
        "governance.rules.cooldown_hours=0",
        "governance.rules.most_open=2",
        "governance.rules.review_hours=12",
        "governance.rules.quorum_share=1",
    ];
    let hardly = ["record.every_ticks=24", "record.survey_every_ticks=1000000"];
    let overrides = overrides.into_iter().chain(hardly.into_iter().filter(|_| !recorded));
    let overrides: Vec<String> = overrides.map(str::to_owned).collect();
    let resolved = resolve("governance_baseline", &overrides).expect("a shipped config");
    let mut experiment = resolved.loaded.value;
    // The token's own pool is bounded by what the foundation holds of it.
    for pool in experiment.pools.iter_mut().filter(|pool| pool.base != "GOV") {
        pool.initial_value_usd *= f64::from(TIMES);
    }
    if let Some(fx) = &mut experiment.fx {
        fx.initial_collateral *= f64::from(TIMES);
        fx.reserve *= f64::from(TIMES);
    }
    if let Some(governance) = experiment.governance.as_mut().filter(|_| !governed) {
        governance.rules.proposal_threshold_share = Some(1.0);
    }
    for population in &mut experiment.populations {
        match population.agent.kind() {
            "arbitrageur" | "keeper" | "attacker" => {}
            "voter" if ["founders", "delegates"].contains(&population.label()) => {}
            "voter" => population.count = 0,
            _ => {
                population.count *= TIMES;
                population.civic =
                    governed.then(|| population.civic.clone().unwrap_or_else(CivicProfile::default));
            }
        }
    }
    experiment
}
