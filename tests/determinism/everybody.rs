//! A small world with everything in it: a treasury, four pools, two order books, two loan markets, governance, every shipped
//! profile, a crash.

use std::path::Path;

use ballast::experiment::config::{Experiment, PopulationSettings};

use crate::common::read;

/// Each design of the treasury with a generation of rebalance pools.
pub(crate) const DESIGNS: [(&str, &str); 3] =
    [("Deployed2023", "First"), ("WhitepaperV1", "Absent"), ("EraA", "Boostable")];

/// Who acts, and how many.
const POPULATIONS: [(&str, u32); 20] = [
    ("saver", 20),
    ("saver_anxious", 20),
    ("xeth_constant_leverage", 8),
    ("xeth_mean_reversion", 8),
    ("xeth_trend", 8),
    ("lp_loyal", 5),
    ("lp_mercenary", 5),
    ("noise_trader", 40),
    ("arbitrageur", 2),
    ("arbitrageur_slow", 4),
    ("keeper", 2),
    ("borrower", 30),
    ("borrower_loop", 10),
    ("borrower_roll", 10),
    ("lender", 40),
    ("lender_cautious", 10),
    ("rebalancer", 2),
    ("rebalancer_slow", 2),
    ("market_maker", 3),
    ("launch_participant", 30),
];

const VOTER: &str = "Voter(
    activity_per_day: 4,
    endowment: (wealth_usd: Pareto(minimum: 1000, alpha: 1.3, cap: 1e7), holdings: {\"GOV\": 0.6, \"fETH\": 0.3, \"USD\": 0.1}),
    civic: (
        civic_weight: LogNormal(median: 0.05, sigma: 1),
        turnout_cost_share: LogNormal(median: 0.0005, sigma: 1),
        attention_probability: Beta(alpha: 2, beta: 3),
        peg_tolerance_share: Uniform(low: 0.005, high: 0.02),
        collateral_ratio_target: Uniform(low: 1.3, high: 1.7),
        step_share: 0.05,
    ),
)";

const ORDERS: &str = "NoiseTrader(
    activity_per_day: 8,
    endowment: (wealth_usd: Pareto(minimum: 1000, alpha: 1.3, cap: 1e6), holdings: {\"USD\": 0.5, \"ETH\": 0.5}),
    pool: \"eth_usd\",
    largest_trade_share: 0.2,
    orders: (book: \"eth_book\", share: 0.7, limit_share: 0.5, largest_distance_bps: Uniform(low: 10, high: 300)),
)";

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("agents").join(format!("{name}.ron"));
    let text = std::fs::read_to_string(path).unwrap();
    // Terms are short here, and so are the loans that people want.
    text.replace("least_term_days: Uniform(low: 5, high: 20)", "least_term_days: 0.5")
}

fn population(profile: &str, name: &str, count: u32, agent: &str) -> String {
    format!("(profile: \"{profile}\", name: \"{name}\", count: {count}, agent: {agent}),\n")
}

/// Nine days of hours: calm, a crash that goes under water, a recovery.
pub(crate) fn experiment(profile: &str, rebalance_pool: &str) -> Experiment {
    let mut populations: String =
        POPULATIONS.iter().map(|(name, count)| population(name, "", *count, &shipped(name))).collect();
    let voters = population("voter", "", 15, VOTER);
    populations.push_str(
        &voters.replace("count: 15,", "count: 15, lends: (share: 0.3, hold_days: 3, min_offer_usd: 0),"),
    );
    let hasty = shipped("borrower").replace("eth_loan", "contract_loan");
    populations.push_str(&population("borrower", "borrower_contract", 30, &hasty));
    let other =
        shipped("market_maker").replace("eth_book", "feth_book").replace("\"ETH\": 0.5", "\"fETH\": 0.5");
    populations.push_str(&population("market_maker", "maker_of_feth", 2, &other));
    populations.push_str(&population("noise_trader", "noise_in_books", 30, ORDERS));
    read(&format!(
        "(
            name: \"everybody\",
            seed: 11,
            horizon_days: 9,
            price: Bridge(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.6, points: [
                (hours: 60, usd: 2100), (hours: 90, usd: 1150), (hours: 110, usd: 1030), (hours: 120, usd: 650),
                (hours: 150, usd: 1250), (hours: 216, usd: 1400),
            ])]),
            fx: (
                profile: {profile}, initial_collateral: 2000, reserve: 100, rebalance_pool: {rebalance_pool},
                unlock_days: 1, staking_yield_per_year: 0.04, recapitalisation: (budget: 300),
            ),
            pools: [
                (name: \"feth_usd\", base: \"fETH\", curve: StableSwap(amplification: 100, nav_rate: true), fee_bps: 4,
                 rebate_share: 0.5, initial_value_usd: 600000),
                (name: \"xeth_eth\", base: \"xETH\", quote: \"ETH\", fee_bps: 30, initial_value_usd: 300000),
                (name: \"xeth_usd\", base: \"xETH\", curve: Weighted(base_weight: 0.6), fee_bps: 30,
                 initial_value_usd: 300000),
                (name: \"eth_usd\", base: \"ETH\", fee_bps: 30, initial_value_usd: 300000),
                (name: \"gov_usd\", base: \"GOV\", curve: Weighted(base_weight: 0.6), fee_bps: 30, initial_value_usd: 300000,
                 bootstrap: (from_weight: 0.6, to_weight: 0.5, to_hours: 100)),
            ],
            launches: [(
                name: \"ido\", tickets: 400, tokens_per_ticket: 1000, price_per_ticket_usd: 8, closes_hours: 40,
                claims_end_hours: 150, most_tickets: 30, power: \"GOV\",
                tiers: [(power_per_ticket: 10, width: 5), (power_per_ticket: 50, width: 5)],
            )],
            order_books: [
                (name: \"eth_book\", base: \"ETH\", tick_size: 0.01, lot_size: 0.001, taker_fee_bps: 5),
                (name: \"feth_book\", base: \"fETH\", tick_size: 0.0001, lot_size: 0.1, maker_fee_bps: 1,
                 taker_fee_bps: 2, self_match: CancelBoth),
            ],
            loans: [
                (name: \"eth_loan\", profile: Whitepaper, term_days: 4, rates: (initial_liquidity_usd: 100000)),
                (name: \"contract_loan\", profile: Contract, term_days: 6, closing_days: 2, moving_average: 0.5,
                 sales: Pool(\"eth_usd\"), spot: Resilient(\"eth_usd\"), rates: (initial_liquidity_usd: 100000)),
            ],
            reserve: (initial: {{\"USD\": 1000, \"ETH\": 5}}, backstop: {{\"USD\": 1000}}),
            governance: (initial_price_usd: 0.01, profile: Plain, rules: (
                quorum_share: 0.01, voting_hours: 12, timelock_hours: 6, cooldown_hours: 6,
                proposal_threshold_share: 0.001,
            ), vote_market: (loans: ())),
            populations: [{populations}],
        )"
    ))
}

fn others(experiment: &str) -> Vec<PopulationSettings> {
    read(&format!(
        "(name: \"others\", horizon_days: 1, price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 1, volatility: 0)]),
          populations: [{experiment}])"
    ))
    .populations
}

/// More savers, who do act.
pub(crate) fn onlookers() -> Vec<PopulationSettings> {
    others(&population("saver", "late_saver", 9, &shipped("saver")))
}

/// Holders of dollars alone who never wake.
pub(crate) fn sleepers() -> Vec<PopulationSettings> {
    let asleep = shipped("noise_trader")
        .replace("activity_per_day: 1", "activity_per_day: 0")
        .replace("{\"USD\": 0.5, \"fETH\": 0.5}", "{\"USD\": 1}");
    others(&population("noise_trader", "sleeper", 7, &asleep))
}
