//! Tables like those of an experiment: a market that halves, a treasury that goes through its stress modes, voters
//! that answer. Nothing here is a model; it gives the charts something to show.

use ballast::record::response::{Asked, Responses};
use ballast::record::table::{Cells, Column, Table};

const START: i64 = 1_731_888_000; // 2024-11-18

/// A small generator of our own, so that the pictures never change with a library.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn column(name: &str, unit: &str, cells: Cells) -> Column {
    Column { name: name.into(), unit: unit.into(), meaning: format!("sample of {name}"), cells }
}

pub(crate) fn time(tick: i64) -> String {
    let second = START + 3600 * tick;
    let (days, hour) = (second.div_euclid(86_400), second.rem_euclid(86_400) / 3600);
    // Civil date of a day number, after Hinnant.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:00:00Z")
}

/// What a run of the sample yields.
pub(crate) struct Sample {
    pub(crate) series: Table,
    pub(crate) events: Table,
    pub(crate) agents: Table,
    pub(crate) lorenz: Table,
}

const KINDS: [(&str, f64); 7] = [
    ("arbitrageur", 210.0),
    ("keeper", 35.0),
    ("saver", -160.0),
    ("xeth_speculator", -420.0),
    ("lp", -90.0),
    ("borrower", 40.0),
    ("noise_trader", -130.0),
];
const TOKEN: [&str; 10] = [
    "token_price",
    "token_supply",
    "token_circulating",
    "token_unvested",
    "token_foundation",
    "token_community",
    "sale_left_tokens",
    "issued_tokens",
    "burned_tokens",
    "dilution_share",
];
const SUBJECTS: [(&str, f64); 4] = [("pool_lps", 1.1), ("feth", 1.6), ("xeth", 1.35), ("voting_power", 0.95)];

/// The tables of `runs` runs of `ticks` hours.
pub(crate) fn sample(runs: i64, ticks: i64, severity: f64) -> Sample {
    let names: Vec<String> = [
        ("eth_price"),
        ("feth_price"),
        ("feth_nav"),
        ("feth_peg_deviation"),
        ("collateral_ratio"),
        ("stress_mode"),
        ("xeth_nav"),
        ("xeth_price"),
        ("xeth_leverage"),
        ("feth_supply"),
        ("xeth_supply"),
        ("turnout"),
        ("param_feth_redeem_fee_bps"),
        ("param_beta"),
        ("param_stability_threshold"),
        ("param_emission_per_day"),
        ("governance_phase"),
        ("capture_cost_usd"),
        ("capture_value_usd"),
        ("emission_scheduled"),
        ("emission_minted"),
        ("emission_claimed"),
        ("gov_staked_share"),
        ("gov_stake_apr"),
        ("lp_staked_share"),
        ("lp_stake_apr"),
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(KINDS.iter().map(|(kind, _)| format!("pnl_{kind}")))
    .chain(SUBJECTS.iter().flat_map(|(s, _)| {
        ["hhi", "gini", "nakamoto", "top1_share", "top5_share"].map(|m| format!("{s}_{m}"))
    }))
    .chain(TOKEN.map(str::to_owned))
    .collect();
    let mut cells: Vec<Vec<Option<f64>>> = vec![Vec::new(); names.len()];
    let (mut run_cells, mut tick_cells, mut time_cells) = (Vec::new(), Vec::new(), Vec::new());
    let mut events = EventCells::default();
    for run in 0..runs {
        let mut noise = Noise::new(run as u64 + 11);
        let (mut price, mut nav, mut feth, mut collateral) = (3100.0_f64, 1.0_f64, 1.6e6_f64, 1100.0_f64);
        let (mut deviation, mut mode, mut pnl) = (0.0_f64, 0_i64, KINDS.map(|_| 0.0));
        let xeth = 1.8e6;
        for tick in 0..ticks {
            let crash = (tick - 760 - 12 * run).clamp(0, 90);
            let falling = crash > 0 && crash < 90;
            let drift = if falling {
                -0.0086 * severity
            } else if crash == 90 {
                0.00025
            } else {
                0.0001
            };
            let step = drift + noise.normal() * if falling { 0.012 } else { 0.0045 };
            let before = price;
            price *= libm::exp(step);
            nav *= 1.0 + 0.1 * (price / before - 1.0);
            let ratio = collateral * price / (feth * nav);
            let now = match ratio {
                r if r > 1.30 => 0,
                r if r > 1.20 => 1,
                r if r > 1.14 => 2,
                r if r > 1.0 => 3,
                _ => 4,
            };
            if now != mode {
                events.push(run, tick, "mode_change", "treasury", &format!("{mode} -> {now}"), ratio);
                mode = now;
            }
            if mode >= 1 && noise.uniform() < 0.05 * mode as f64 {
                let burned = feth * 0.008 * mode as f64;
                feth -= burned;
                collateral -= burned * nav / price;
                events.push(
                    run,
                    tick,
                    if mode == 3 { "protocol_rebalance" } else { "rebalance" },
                    "pool",
                    "",
                    burned,
                );
            }
            if mode == 4 && noise.uniform() < 0.3 {
                collateral += 40.0;
                events.push(run, tick, "recapitalisation", "reserve", "", 40.0);
            }
            if mode == 0 && ratio > 1.75 && noise.uniform() < 0.06 {
                feth += 9000.0;
                collateral += 9000.0 * nav / price;
            }
            let target = if mode > 0 { -0.5 * mode as f64 } else { 0.04 };
            deviation += (target - deviation) * 0.05 + noise.normal() * (0.05 + 0.09 * mode as f64);
            let x_nav = ((collateral * price - feth * nav) / xeth).max(0.0);
            let leverage = if ratio > 1.001 { (1.0 - 0.1 / ratio) / (1.0 - 1.0 / ratio) } else { 100.0 };
            let voted = tick >= 1100;
            let undefined = (1500..1530).contains(&tick);
            let mut row: Vec<Option<f64>> = vec![
                Some(price),
                (!undefined).then(|| nav * (1.0 + deviation / 100.0)),
                Some(nav),
                (!undefined).then_some(deviation),
                Some(ratio),
                Some(mode as f64),
                Some(x_nav),
                Some(x_nav * (1.0 + noise.normal() * 0.006)),
                Some(leverage),
                Some(feth),
                Some(xeth),
                (tick % 168 < 72 && tick > 100).then(|| 9.0 + 5.0 * mode as f64 + noise.uniform()),
                Some(if voted { 0.0 } else { 25.0 }),
                Some(if tick > 1700 { 0.12 } else { 0.1 }),
                Some(if tick > 1980 {
                    1.4
                } else if tick > 1340 {
                    1.35
                } else {
                    1.3
                }),
                Some(1000.0 - 250.0 * (tick / 720) as f64),
                Some(if tick > 1340 { 2.0 } else { 1.0 }),
                (tick > 50).then(|| 4e5 * libm::exp(libm::sin(tick as f64 / 300.0))),
                Some(5e5),
            ];
            let emitted = 24e3 * (tick.min(1_100) as f64 + 0.5 * (tick - 1_100).max(0) as f64);
            let share = 0.6 * (1.0 - (-tick as f64 / 300.0).exp());
            row.extend([1.0, 0.9, 0.7].map(|part| Some(part * emitted)));
            for scale in [1.0, 0.6] {
                row.push(Some(scale * share));
                row.push((tick > 24).then(|| if tick < 1_100 { 0.4 } else { 0.2 } / (scale * share)));
            }
            for (kind, total) in pnl.iter_mut().zip(KINDS) {
                let speed = if falling { 6.0 } else { 0.5 };
                *kind += total.1 * speed * (1.0 + noise.normal()) / 10.0;
                row.push(Some(*kind * 100.0));
            }
            for (place, (_, exponent)) in SUBJECTS.iter().enumerate() {
                let stress = 1.0
                    + 0.12 * (tick as f64 / 700.0).min(2.0) * (place as f64 - 1.5)
                    + 0.0015 * noise.normal();
                let (hhi, gini, nakamoto, top1, top5) = measures(&holdings(exponent / stress, 60));
                row.extend([Some(hhi), Some(gini), Some(nakamoto), Some(top1), Some(top5)]);
            }
            row.extend(token(tick, price).map(Some));
            for (cells, value) in cells.iter_mut().zip(row) {
                cells.push(value);
            }
            run_cells.push(run);
            tick_cells.push(tick);
            time_cells.push(Some(time(tick)));
        }
        proposals(&mut events, run);
        events.push(run, 899, "sale", "reserve", "begins: up to 80000000 tokens", 0.0);
        events.push(run, 1100, "sale", "reserve", "ends, out of time", 1e6);
    }
    let mut columns = vec![
        column("run", "", Cells::Integer(run_cells)),
        column("tick", "", Cells::Integer(tick_cells)),
        column("time", "", Cells::Text(time_cells)),
    ];
    for (name, cells) in names.iter().zip(cells) {
        let unit = match name.as_str() {
            "feth_peg_deviation" | "turnout" => "%",
            "collateral_ratio" | "stress_mode" | "param_beta" | "param_stability_threshold" => "1",
            "xeth_leverage" => "x",
            "feth_supply" => "fETH",
            "xeth_supply" => "xETH",
            "param_feth_redeem_fee_bps" => "bps",
            "param_emission_per_day" => "token/day",
            name if name.ends_with("share") || name.ends_with("hhi") || name.ends_with("gini") => "1",
            name if name.ends_with("nakamoto") => "holders",
            _ => "usd",
        };
        columns.push(column(name, unit, Cells::Real(cells)));
    }
    Sample {
        series: Table::new(columns).unwrap(),
        events: events.table(),
        agents: agents(runs),
        lorenz: lorenz(ticks),
    }
}

/// The token at `tick`: grants vest, and 60 of 80 million tokens issued by vote are sold over two hundred hours.
fn token(tick: i64, eth_price: f64) -> [f64; 10] {
    let of_sale = ((tick - 900) as f64 / 200.0).clamp(0.0, 1.0);
    let (issued, sold) = (if tick >= 900 { 8e7 } else { 0.0 }, 6e7 * of_sale);
    let burned = if tick >= 1100 { 2e7 } else { 0.0 };
    let vested = 3e8 * tick as f64 / 35_040.0;
    let left = issued - sold - burned;
    let price = 0.02 * libm::sqrt(eth_price / 3_100.0) * (1.0 - 0.3 * of_sale);
    let supply = 1e9 + issued - burned;
    let circulating = 1.7e8 + vested + sold;
    let dilution = (issued - burned) / 1e9;
    [price, supply, circulating, 3e8 - vested, 3e7, 5e8, left, issued, burned, dilution]
}

fn holdings(exponent: f64, holders: usize) -> Vec<f64> {
    (1..=holders).map(|rank| libm::pow(rank as f64, -1.0 / exponent)).rev().collect()
}

fn measures(holdings: &[f64]) -> (f64, f64, f64, f64, f64) {
    let total: f64 = holdings.iter().sum();
    let count = holdings.len() as f64;
    let hhi = holdings.iter().map(|x| (x / total) * (x / total)).sum();
    let ranked: f64 = holdings.iter().enumerate().map(|(rank, x)| (rank + 1) as f64 * x).sum();
    let gini = 2.0 * ranked / (count * total) - (count + 1.0) / count;
    let mut sum = 0.0;
    let nakamoto = 1 + holdings
        .iter()
        .rev()
        .take_while(|x| {
            sum += **x;
            sum <= total / 2.0
        })
        .count();
    let top = |n: usize| holdings.iter().rev().take(n).sum::<f64>() / total;
    (hhi, gini, nakamoto as f64, top(1), top(5))
}

fn lorenz(ticks: i64) -> Table {
    let (mut tick_cells, mut subjects, mut holders, mut held) = (vec![], vec![], vec![], vec![]);
    for tick in [0, ticks / 2, ticks - 1] {
        for (place, (subject, exponent)) in SUBJECTS.iter().enumerate() {
            let stress = 1.0 + 0.12 * (tick as f64 / 700.0).min(2.0) * (place as f64 - 1.5);
            let holdings = holdings(exponent / stress, 60);
            let total: f64 = holdings.iter().sum();
            let mut sum = 0.0;
            for n in 0..=holdings.len() {
                tick_cells.push(tick);
                subjects.push(Some((*subject).to_owned()));
                holders.push(Some(n as f64 / holdings.len() as f64));
                held.push(Some(sum / total));
                sum += holdings.get(n).copied().unwrap_or(0.0);
            }
        }
    }
    Table::new(vec![
        column("run", "", Cells::Integer(vec![0; tick_cells.len()])),
        column("tick", "", Cells::Integer(tick_cells)),
        column("subject", "", Cells::Text(subjects)),
        column("holders_share", "1", Cells::Real(holders)),
        column("holdings_share", "1", Cells::Real(held)),
    ])
    .unwrap()
}

fn agents(runs: i64) -> Table {
    let causes = ["fees", "arbitrage", "lvr", "liquidation", "emissions", "price"];
    let weights: [[f64; 6]; 7] = [
        [-18.0, 240.0, 0.0, 4.0, 0.0, -16.0],
        [-6.0, 12.0, 0.0, 31.0, 0.0, -2.0],
        [9.0, 0.0, 0.0, -38.0, 22.0, -153.0],
        [-31.0, 0.0, 0.0, -64.0, 12.0, -337.0],
        [92.0, 0.0, -171.0, 0.0, 74.0, -85.0],
        [-14.0, 0.0, 0.0, -22.0, 0.0, 76.0],
        [-88.0, 0.0, 0.0, 0.0, 0.0, -42.0],
    ];
    let mut noise = Noise::new(77);
    let (mut run_cells, mut ids, mut kinds) = (vec![], vec![], vec![]);
    let mut values: Vec<Vec<Option<f64>>> = vec![vec![]; causes.len() + 2];
    for run in 0..runs {
        for (place, (kind, _)) in KINDS.iter().enumerate() {
            for member in 0..12 {
                run_cells.push(run);
                ids.push(place as i64 * 100 + member);
                kinds.push(Some((*kind).to_owned()));
                let size = 180.0 * libm::exp(noise.normal() * 0.6);
                let flows = weights[place].map(|weight| weight * size);
                let total: f64 = flows.iter().sum();
                values[0].push(Some(50_000.0 + total));
                values[1].push(Some(total));
                for (cause, flow) in flows.into_iter().enumerate() {
                    values[cause + 2].push(Some(flow));
                }
            }
        }
    }
    let names = ["equity_usd".to_owned(), "pnl_usd".to_owned()];
    let names = names.into_iter().chain(causes.iter().map(|cause| format!("pnl_{cause}_usd")));
    let mut columns = vec![
        column("run", "", Cells::Integer(run_cells)),
        column("agent", "", Cells::Integer(ids)),
        column("kind", "", Cells::Text(kinds)),
    ];
    columns.extend(names.zip(values).map(|(name, values)| column(&name, "usd", Cells::Real(values))));
    Table::new(columns).unwrap()
}

#[derive(Default)]
struct EventCells {
    run: Vec<i64>,
    tick: Vec<i64>,
    words: [Vec<Option<String>>; 3],
    value: Vec<Option<f64>>,
}

impl EventCells {
    fn push(&mut self, run: i64, tick: i64, kind: &str, subject: &str, detail: &str, value: f64) {
        self.run.push(run);
        self.tick.push(tick);
        for (cells, word) in self.words.iter_mut().zip([kind, subject, detail]) {
            cells.push((!word.is_empty()).then(|| word.to_owned()));
        }
        self.value.push(Some(value));
    }

    fn table(self) -> Table {
        let [kind, subject, detail] = self.words;
        Table::new(vec![
            column("run", "", Cells::Integer(self.run)),
            column("tick", "", Cells::Integer(self.tick)),
            column("kind", "", Cells::Text(kind)),
            column("subject", "", Cells::Text(subject)),
            column("detail", "", Cells::Text(detail)),
            column("value", "", Cells::Real(self.value)),
        ])
        .unwrap()
    }
}

/// The events of a run in which `count` proposals are made about one thing.
pub(crate) fn proposals_about(subject: &str, count: i64) -> Table {
    let mut events = EventCells::default();
    for number in 1..=count {
        events.push(0, 100 * number, "proposal", &format!("#{number} {subject}"), "from 1.3 to 1.35", 0.0);
    }
    events.table()
}

fn proposals(events: &mut EventCells, run: i64) {
    let plan = [
        ("#1 emission_per_day", "from 1000 to 750", 480, 552, 624, Some(720)),
        ("#2 feth_redeem_fee_bps", "from 25 to 0 bps; for the peg", 880, 930, 1002, Some(1100)),
        ("#3 pause minting", "for 24 h", 905, 940, 1010, None),
        (
            "#4 stability_threshold",
            "from 1.3 to 1.35; for the collateral ratio",
            1150,
            1200,
            1272,
            Some(1340),
        ),
        ("#5 buy_back", "100 dollars over 24 h; at the cost of the reserve", 1400, 1450, 1522, None),
        ("#6 beta", "from 0.1 to 0.12; for the collateral ratio", 1500, 1560, 1632, Some(1700)),
    ];
    for (name, what, open, vote, result, enacted) in plan {
        events.push(run, open, "proposal", name, what, 0.0);
        events.push(run, vote, "referendum_result", name, "passed", 0.0);
        let passed = if enacted.is_some() { "passed" } else { "rejected" };
        events.push(run, result, "vote_result", name, passed, 0.0);
        if let Some(tick) = enacted {
            events.push(run, tick, "enacted", name, "", 0.0);
        }
    }
    events.push(
        run,
        1800,
        "proposal",
        "#7 stability_threshold",
        "from 1.35 to 1.3; at the cost of the collateral ratio",
        0.0,
    );
    events.push(run, 1860, "vetoed", "#7 stability_threshold", "", 0.0);
    events.push(run, 1980, "executed", "stability_threshold", "by the team: from 1.35 to 1.4; was 1.35", 1.4);
    events.push(run, 2050, "proposal", "#8 raise quorum", "", 0.0);
}

/// A beta spectrum of twenty runs a beta.
pub(crate) fn spectrum() -> Table {
    let mut noise = Noise::new(5);
    let mut cells: [Vec<Option<f64>>; 4] = Default::default();
    for step in 0..=10 {
        let beta = f64::from(step) / 10.0;
        for _ in 0..20 {
            let spread = libm::exp(0.12 * noise.normal());
            let row = [
                beta,
                78.0 * beta * spread,
                1.1e6 * (1.0 + 1.9 * beta) * spread,
                100.0 * beta * (0.97 + 0.02 * noise.normal()),
            ];
            for (cells, value) in cells.iter_mut().zip(row) {
                cells.push(Some(value));
            }
        }
    }
    let names = [
        ("beta", "1"),
        ("feth_nav_volatility", "%/yr"),
        ("feth_capacity_usd", "usd"),
        ("eth_growth_captured", "%"),
    ];
    Table::new(
        names
            .into_iter()
            .zip(cells)
            .map(|((name, unit), cells)| column(name, unit, Cells::Real(cells)))
            .collect(),
    )
    .unwrap()
}

/// The fall from 2000 to 900 by number of settlements, and by rule.
pub(crate) fn settlements() -> (Table, Table) {
    let nav = |steps: i64, to: f64| {
        let step = libm::pow(to / 2000.0, 1.0 / steps as f64);
        libm::pow(1.0 + 0.1 * (step - 1.0), steps as f64)
    };
    let counts = [1, 2, 3, 4, 6, 10, 20, 50, 100, 200, 500, 1000];
    let table = Table::new(vec![
        column("settlements", "", Cells::Integer(counts.to_vec())),
        column("feth_nav", "usd", Cells::Real(counts.iter().map(|count| Some(nav(*count, 900.0))).collect())),
    ]);
    let (mut rules, mut prices, mut navs) = (vec![], vec![], vec![]);
    for (rule, steps) in [
        ("settled once", 1),
        ("settled 4 times", 4),
        ("settled without pause", 1000),
        ("what can be paid", 0),
    ] {
        for step in 0..=110 {
            let price = 2000.0 - 10.0 * f64::from(step);
            rules.push(Some(rule.to_owned()));
            prices.push(Some(price));
            navs.push(Some(if steps == 0 {
                nav(1000, price).min(2.0 * price / 2000.0)
            } else {
                nav(steps, price)
            }));
        }
    }
    let paths = Table::new(vec![
        column("rule", "", Cells::Text(rules)),
        column("eth_price", "usd", Cells::Real(prices)),
        column("feth_nav", "usd", Cells::Real(navs)),
    ]);
    (table.unwrap(), paths.unwrap())
}

/// What six variants answer to three quantities, by the runs of each.
pub(crate) fn responses() -> Responses {
    let quantities = ["mean(collateral_ratio)", "P(stress_mode >= 1)", "final(reserve_usd)"];
    let asked = |text: &str| Asked { text: text.into(), quantity: text.parse().unwrap() };
    let names = ["no delay", "1 day", "3 days", "7 days", "14 days", "a timelock of a month, with a veto"];
    let mut noise = Noise::new(3);
    let (mut runs, mut ratios, mut modes, mut reserves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for place in 0..names.len() {
        for run in 0..8 {
            runs.push((8 * place + run) as i64);
            ratios.push(Some(1.6 - 0.04 * place as f64 + 0.08 * noise.normal()));
            modes.push(Some(if noise.uniform() < 0.15 * place as f64 { 1.0 } else { 0.0 }));
            reserves.push((place != 2).then(|| 2e6 - 2e5 * place as f64 + 1e5 * noise.normal()));
        }
    }
    let ticks = vec![0; runs.len()];
    let table = Table::new(vec![
        column("run", "", Cells::Integer(runs)),
        column("tick", "", Cells::Integer(ticks)),
        column("collateral_ratio", "1", Cells::Real(ratios)),
        column("stress_mode", "1", Cells::Real(modes)),
        column("reserve_usd", "usd", Cells::Real(reserves)),
    ])
    .unwrap();
    let variants = names.map(|name| (name.to_owned(), 3_600));
    let mut responses = Responses::new(quantities.map(asked).to_vec(), variants, 8);
    responses.add(&table).unwrap();
    responses
}
