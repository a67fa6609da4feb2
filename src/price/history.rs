//! Prices of the shipped stress scenarios.
//!
//! Open and low of each episode are the published facts (Binance spot ETHUSDT and BTCUSDT; USDC/USD of Chainlink). The
//! points between are opens of the hour in the same record, and the low stands at the hour in which it was traded. The
//! volatility is what hourly returns show around the straight lines between the points. A low lasts an instant in the
//! record and a whole tick here, which makes these paths a little harsher than history.

/// An episode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Episode {
    /// Name in a configuration.
    pub(super) name: &'static str,
    /// What it was.
    pub(super) meaning: &'static str,
    /// Tick 0, Unix seconds.
    pub(super) start_unix_seconds: i64,
    pub(super) eth: Leg,
    /// Absent where no record was at hand.
    pub(super) btc: Option<Leg>,
    /// (hours, usd, annual volatility on the way there) of the on-chain dollar, where it lost its peg.
    pub(super) usd_token: &'static [(f64, f64, f64)],
}

/// One asset in an episode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) open_usd: f64,
    /// (hours, usd).
    pub(super) points: &'static [(f64, f64)],
    /// Annual volatility around the points.
    pub(super) volatility: f64,
}

/// Log fall of BTC as a share of ETH's from open to low: the median of the five episodes that have both
/// (.91, .61, .74, .76, .71).
pub(super) const BTC_SHARE_OF_ETH: f64 = 0.74;
/// A round price for BTC where it has no record of its own.
pub(super) const BTC_ASSUMED_OPEN_USD: [(&str, f64); 2] =
    [("august_2024", 65_000.0), ("october_2025", 121_000.0)];

/// Every episode, in order of time.
pub(super) const EPISODES: &[Episode] = &[
    Episode {
        name: "black_thursday_2020",
        meaning: "ETH 194.61 to 86.00 in 26 hours, from 2020-03-12",
        start_unix_seconds: 1_583_971_200,
        eth: Leg {
            open_usd: 194.61,
            points: &[
                (10.0, 167.97),
                (12.0, 136.45),
                (18.0, 142.0),
                (24.0, 107.67),
                (26.0, 86.0),
                (27.0, 111.25),
                (36.0, 127.6),
                (48.0, 134.06),
            ],
            volatility: 5.37,
        },
        btc: Some(Leg {
            open_usd: 7934.58,
            points: &[
                (10.0, 7354.99),
                (12.0, 6064.27),
                (18.0, 6113.2),
                (24.0, 4800.01),
                (26.0, 3782.13),
                (27.0, 4848.7),
                (36.0, 5403.56),
                (48.0, 5576.05),
            ],
            volatility: 4.66,
        }),
        usd_token: &[],
    },
    Episode {
        name: "may_2021",
        meaning: "ETH 3375 to 1888 in 13 hours, 2021-05-19",
        start_unix_seconds: 1_621_382_400,
        eth: Leg {
            open_usd: 3375.08,
            points: &[
                (6.0, 2927.36),
                (12.0, 2721.08),
                (13.0, 1888.0),
                (14.0, 2493.68),
                (18.0, 2767.69),
                (25.0, 2231.96),
                (30.0, 2655.43),
                (36.0, 2754.4),
            ],
            volatility: 2.94,
        },
        btc: Some(Leg {
            open_usd: 42_849.78,
            points: &[
                (6.0, 39_200.0),
                (12.0, 38_700.0),
                (13.0, 30_000.0),
                (14.0, 35_863.06),
                (18.0, 39_366.87),
                (25.0, 35_825.8),
                (30.0, 39_936.75),
                (36.0, 40_476.68),
            ],
            volatility: 2.11,
        }),
        usd_token: &[],
    },
    Episode {
        name: "ust_2022",
        meaning: "ETH 2693 to 1800 in five days while UST failed, from 2022-05-07",
        start_unix_seconds: 1_651_881_600,
        eth: Leg {
            open_usd: 2692.86,
            points: &[
                (24.0, 2635.35),
                (60.0, 2406.04),
                (72.0, 2229.0),
                (96.0, 2342.04),
                (120.0, 2084.99),
                (125.0, 1800.0),
                (132.0, 1952.76),
                (150.0, 2107.4),
                (168.0, 2009.69),
            ],
            volatility: 1.8,
        },
        btc: Some(Leg {
            open_usd: 36_013.77,
            points: &[
                (24.0, 35_472.4),
                (60.0, 33_122.31),
                (72.0, 30_074.23),
                (96.0, 31_017.11),
                (120.0, 29_103.94),
                (125.0, 26_700.0),
                (132.0, 28_472.98),
                (150.0, 30_531.19),
                (168.0, 29_287.05),
            ],
            volatility: 1.43,
        }),
        usd_token: &[],
    },
    Episode {
        name: "three_arrows_2022",
        meaning: "ETH 1789 to 882 in nine days (Celsius, Three Arrows), from 2022-06-10",
        start_unix_seconds: 1_654_819_200,
        eth: Leg {
            open_usd: 1788.8,
            points: &[
                (30.0, 1668.95),
                (60.0, 1468.98),
                (76.0, 1350.96),
                (96.0, 1209.35),
                (132.0, 1120.05),
                (150.0, 1182.86),
                (192.0, 1086.93),
                (212.0, 881.56),
                (226.0, 992.6),
                (240.0, 1128.53),
            ],
            volatility: 1.86,
        },
        btc: Some(Leg {
            open_usd: 30_109.93,
            points: &[
                (30.0, 29_283.45),
                (60.0, 27_457.39),
                (76.0, 25_520.05),
                (96.0, 22_485.27),
                (132.0, 21_177.04),
                (150.0, 21_941.98),
                (192.0, 20_468.81),
                (212.0, 17_622.0),
                (226.0, 19_006.11),
                (240.0, 20_574.0),
            ],
            volatility: 1.25,
        }),
        usd_token: &[],
    },
    Episode {
        name: "ftx_2022",
        meaning: "ETH 1645 to 1074 in five days, from 2022-11-05",
        start_unix_seconds: 1_667_606_400,
        eth: Leg {
            open_usd: 1644.78,
            points: &[
                (60.0, 1579.99),
                (72.0, 1568.09),
                (88.0, 1462.48),
                (99.0, 1295.01),
                (108.0, 1220.05),
                (119.0, 1073.53),
                (126.0, 1187.25),
                (138.0, 1259.12),
                (144.0, 1299.28),
            ],
            volatility: 1.58,
        },
        btc: Some(Leg {
            open_usd: 21_148.52,
            points: &[
                (60.0, 20_733.97),
                (72.0, 20_590.67),
                (88.0, 19_522.0),
                (99.0, 18_127.94),
                (108.0, 17_817.07),
                (119.0, 15_588.0),
                (126.0, 16_726.58),
                (138.0, 17_197.23),
                (144.0, 17_602.45),
            ],
            volatility: 1.13,
        }),
        usd_token: &[],
    },
    Episode {
        name: "usdc_2023",
        meaning: "USDC at .88 on 2023-03-11 and below .99 for 48 hours; ETH recovers, from 2023-03-10",
        start_unix_seconds: 1_678_406_400,
        eth: Leg {
            open_usd: 1437.32,
            points: &[
                (10.0, 1368.39),
                (24.0, 1426.43),
                (36.0, 1427.1),
                (48.0, 1471.93),
                (66.0, 1514.98),
                (78.0, 1599.48),
                (90.0, 1669.36),
                (96.0, 1673.44),
            ],
            volatility: 0.88,
        },
        btc: Some(Leg {
            open_usd: 20_362.21,
            points: &[
                (10.0, 19_549.09),
                (24.0, 20_150.69),
                (36.0, 20_086.07),
                (48.0, 20_455.73),
                (66.0, 20_786.52),
                (78.0, 22_397.11),
                (90.0, 24_109.7),
                (96.0, 24_112.27),
            ],
            volatility: 0.85,
        }),
        // The low was at 07:51, drawn here at 08:00. The record ends in hour 56; what follows is a straight way back
        // that makes 48 hours below .99. Its hourly values move by 1.4 % around these points, 1.32 a year.
        usd_token: &[
            (22.0, 0.998, 0.1),
            (26.0, 0.9905, 0.1),
            (28.0, 0.94, 1.32),
            (30.0, 0.9327, 1.32),
            (32.0, 0.88, 1.32),
            (35.0, 0.9054, 1.32),
            (41.0, 0.9275, 1.32),
            (45.0, 0.9773, 1.32),
            (48.0, 0.9604, 1.32),
            (51.0, 0.9754, 1.32),
            (56.0, 0.955, 1.32),
            (74.0, 0.99, 0.3),
            (84.0, 0.998, 0.1),
            (96.0, 1.0, 0.05),
        ],
    },
    Episode {
        name: "august_2024",
        meaning: "ETH 3203 to 2111 in three days (yen carry trade), from 2024-08-02",
        start_unix_seconds: 1_722_556_800,
        eth: Leg {
            open_usd: 3203.4,
            points: &[
                (24.0, 2989.61),
                (48.0, 2903.65),
                (66.0, 2700.2),
                (72.0, 2688.91),
                (73.0, 2111.0),
                (80.0, 2357.54),
                (96.0, 2419.76),
                (120.0, 2461.33),
            ],
            volatility: 1.41,
        },
        btc: None,
        usd_token: &[],
    },
    Episode {
        name: "october_2025",
        meaning: "ETH 4368 to 3435 in 21 hours, 2025-10-10",
        start_unix_seconds: 1_760_054_400,
        eth: Leg {
            open_usd: 4368.09,
            points: &[
                (14.0, 4356.11),
                (20.0, 3997.56),
                (21.0, 3435.0),
                (22.0, 3950.0),
                (30.0, 3789.47),
                (48.0, 3746.8),
            ],
            volatility: 0.99,
        },
        btc: None,
        usd_token: &[],
    },
];
