//! Parameters of an f(x) market, the three designs that share the name, and the guards governance must respect.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::fees::FeePair;

/// Which text of the protocol is in force: the parameters alone do not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Generation {
    /// The white paper of May 2023: four modes, rescues paid by fETH holders and by the protocol's own reserve.
    WhitePaper,
    /// The contracts of September 2023: four modes, the protocol rebalance spends treasury ETH.
    EraA,
    /// The contracts at head: rebalance pools and a bonus reserve in place of the protocol rebalance.
    Head,
}

impl Generation {
    /// True where trades and settlements sample the leverage average.
    #[must_use]
    pub const fn samples_leverage(self) -> bool {
        !matches!(self, Self::EraA)
    }

    /// True where the reserve pays a bonus only while no fETH is staked in any pool.
    #[must_use]
    pub const fn bonus_needs_empty_pools(self) -> bool {
        !matches!(self, Self::EraA)
    }

    /// True where redeeming fETH in stress earns a bonus from the reserve.
    #[must_use]
    pub const fn bonus_on_feth_redeem(self) -> bool {
        matches!(self, Self::Head)
    }
}

/// What happens when the collateral is worth less than the fETH claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum UnderCollateral {
    /// As the contracts: every verb that values the claims refuses, and the market thaws when the price recovers.
    #[default]
    Revert,
    /// As the white paper: xETH is worth nothing, fETH takes the whole price move (beta is one), mints are off.
    BetaOne,
}

/// The collateral ratios at which the modes begin, strictly falling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Below it: stability mode.
    pub stability: f64,
    /// Below it: users may redeem fETH with an incentive.
    pub user_rebalance: f64,
    /// Below it: the protocol buys fETH back.
    pub protocol_rebalance: f64,
    /// Below it: recapitalisation, the incentives are off.
    pub recapitalisation: f64,
}

/// Incentives paid out of the fETH NAV, as ratios of the value traded.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incentives {
    /// To those who add collateral in stability mode.
    pub stability: f64,
    /// To those who redeem fETH in a user rebalance.
    pub user_rebalance: f64,
    /// To the protocol in its own rebalance.
    pub protocol_rebalance: f64,
}

/// The four fees, as ratios; each is a default and what is added to it in stability mode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// On ETH paid in for fETH.
    pub feth_mint: FeePair,
    /// On ETH paid in for xETH.
    pub xeth_mint: FeePair,
    /// On ETH paid out for fETH.
    pub feth_redeem: FeePair,
    /// On ETH paid out for xETH.
    pub xeth_redeem: FeePair,
}

/// What governance has switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pauses {
    /// All mints but genesis.
    pub mint: bool,
    /// All redemptions.
    pub redeem: bool,
    /// fETH mints at or below the stability threshold (and across it).
    pub feth_mint_in_stability: bool,
    /// xETH redemptions at or below the stability threshold (and across it).
    pub xeth_redeem_in_stability: bool,
}

/// How staking yield is split; the platform gets the remainder.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HarvestRules {
    /// To the caller, at most 10 %.
    pub bounty_ratio: f64,
    /// To the rebalance pool.
    pub rebalance_pool_ratio: f64,
}

/// All parameters of one market.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Which text of the protocol is in force.
    pub generation: Generation,
    /// Share of a price move that fETH takes, 0 to 1. A change acts on the whole period since the last settlement.
    pub beta: f64,
    /// Where the modes begin.
    pub thresholds: Thresholds,
    /// What rescuers earn from fETH holders.
    pub incentives: Incentives,
    /// What users pay to the platform.
    pub fees: Fees,
    /// What is switched off.
    #[serde(default)]
    pub pauses: Pauses,
    /// Share of a helpful trade that the reserve adds to it.
    pub bonus_ratio: f64,
    /// The most collateral mints may reach, in ETH.
    pub collateral_cap_eth: f64,
    /// fETH share of the value at genesis.
    pub initial_mint_ratio: f64,
    /// Time constant of the leverage average, in seconds.
    pub ema_interval_seconds: f64,
    /// How staking yield is split.
    pub harvest: HarvestRules,
    /// What happens below a collateral ratio of one.
    #[serde(default)]
    pub under_collateral: UnderCollateral,
}

/// A parameter set that governance could not have enacted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum RuleError {
    /// A parameter is outside its range.
    #[error("{field} must be in {range}, found {found}")]
    OutOfRange {
        /// Field path.
        field: &'static str,
        /// The range in words.
        range: &'static str,
        /// The value found.
        found: f64,
    },
    /// Two thresholds are not strictly ordered.
    #[error("thresholds.{higher} must exceed thresholds.{lower}, found {found_higher} and {found_lower}")]
    ThresholdOrder {
        /// The one that must be higher.
        higher: &'static str,
        /// The one that must be lower.
        lower: &'static str,
        /// Value of the first.
        found_higher: f64,
        /// Value of the second.
        found_lower: f64,
    },
    /// The default fee plus the extra fee leaves 0 to 1.
    #[error("fees.{fee}: default plus extra must be in [0, 1], found {found}")]
    TotalFee {
        /// Which fee.
        fee: &'static str,
        /// Default plus extra.
        found: f64,
    },
    /// Incentives are set in part, or out of order.
    #[error(
        "incentives must all be zero, or all above zero with user_rebalance >= protocol_rebalance, \
         found {stability}, {user_rebalance}, {protocol_rebalance}"
    )]
    Incentives {
        /// Stability incentive.
        stability: f64,
        /// User-rebalance incentive.
        user_rebalance: f64,
        /// Protocol-rebalance incentive.
        protocol_rebalance: f64,
    },
}

impl Rules {
    /// The white paper of May 2023: modes at 130, 120 and 114 %, no fETH mint in stability mode, fETH redeemed free of
    /// charge and xETH at a raised fee in stress, rescues paid by fETH holders.
    ///
    /// The paper calls the incentives "small": 2, 3 and 2.5 % are illustrations.
    #[must_use]
    pub const fn whitepaper_v1() -> Self {
        Self {
            generation: Generation::WhitePaper,
            thresholds: Thresholds {
                stability: 1.30,
                user_rebalance: 1.20,
                protocol_rebalance: 1.14,
                recapitalisation: 1.0,
            },
            incentives: Incentives { stability: 0.02, user_rebalance: 0.03, protocol_rebalance: 0.025 },
            bonus_ratio: 0.0,
            ..Self::deployed_2023()
        }
    }

    /// The contracts of September 2023 with the parameters of the deployment script: four modes as code.
    #[must_use]
    pub const fn era_a() -> Self {
        Self { generation: Generation::EraA, ..Self::deployed_2023() }
    }

    /// The deployment script of July 2023 on the contracts at head; the live chain may have changed them since.
    #[must_use]
    pub const fn deployed_2023() -> Self {
        Self {
            generation: Generation::Head,
            beta: 0.1,
            thresholds: Thresholds {
                stability: 1.3055,
                user_rebalance: 1.2067,
                protocol_rebalance: 1.1439,
                recapitalisation: 1.0,
            },
            incentives: Incentives { stability: 0.0, user_rebalance: 0.0, protocol_rebalance: 0.0 },
            fees: Fees {
                feth_mint: FeePair { default: 0.0025, extra: 0.0 },
                xeth_mint: FeePair { default: 0.01, extra: -0.01 },
                feth_redeem: FeePair { default: 0.0025, extra: -0.0025 },
                xeth_redeem: FeePair { default: 0.01, extra: 0.07 },
            },
            pauses: Pauses {
                mint: false,
                redeem: false,
                feth_mint_in_stability: true,
                xeth_redeem_in_stability: false,
            },
            bonus_ratio: 0.05,
            collateral_cap_eth: 1_000.0,
            initial_mint_ratio: 0.5,
            ema_interval_seconds: 900.0,
            harvest: HarvestRules { bounty_ratio: 0.01, rebalance_pool_ratio: 0.5 },
            under_collateral: UnderCollateral::Revert,
        }
    }

    /// Every guard of the setters that these parameters break; empty when governance could have enacted them.
    ///
    /// Incentives that are all zero pass: the setter refuses zero, but the deployment never called it.
    #[must_use]
    pub fn violations(&self) -> Vec<RuleError> {
        let mut found = Vec::new();
        let mut range = |field, range, value: f64, ok: bool| {
            if !(value.is_finite() && ok) {
                found.push(RuleError::OutOfRange { field, range, found: value });
            }
        };
        let unit = |value: f64| (0.0..=1.0).contains(&value);
        range("beta", "[0, 1]", self.beta, unit(self.beta));
        range("bonus_ratio", "[0, 1]", self.bonus_ratio, unit(self.bonus_ratio));
        range("collateral_cap_eth", "(0, inf)", self.collateral_cap_eth, self.collateral_cap_eth > 0.0);
        let ratio = self.initial_mint_ratio;
        range("initial_mint_ratio", "(0, 1)", ratio, ratio > 0.0 && ratio < 1.0);
        range(
            "ema_interval_seconds",
            "[60, inf)",
            self.ema_interval_seconds,
            self.ema_interval_seconds >= 60.0,
        );
        let bounty = self.harvest.bounty_ratio;
        range("harvest.bounty_ratio", "[0, 0.1]", bounty, (0.0..=0.1).contains(&bounty));
        let pool = self.harvest.rebalance_pool_ratio;
        range(
            "harvest.rebalance_pool_ratio",
            "[0, 1 - bounty_ratio]",
            pool,
            pool >= 0.0 && pool + bounty <= 1.0,
        );
        let recap = self.thresholds.recapitalisation;
        range("thresholds.recapitalisation", "[1, inf)", recap, recap >= 1.0);
        found.extend(self.threshold_violations());
        found.extend(self.fee_violations());
        found.extend(self.incentive_violation());
        found
    }

    fn threshold_violations(&self) -> impl Iterator<Item = RuleError> + use<> {
        let t = self.thresholds;
        [
            ("stability", t.stability, "user_rebalance", t.user_rebalance),
            ("user_rebalance", t.user_rebalance, "protocol_rebalance", t.protocol_rebalance),
            ("protocol_rebalance", t.protocol_rebalance, "recapitalisation", t.recapitalisation),
        ]
        .into_iter()
        .filter(|(_, upper, _, lower)| upper.partial_cmp(lower) != Some(std::cmp::Ordering::Greater))
        .map(|(higher, found_higher, lower, found_lower)| RuleError::ThresholdOrder {
            higher,
            lower,
            found_higher,
            found_lower,
        })
    }

    fn fee_violations(&self) -> impl Iterator<Item = RuleError> + use<> {
        let fees = self.fees;
        [
            ("feth_mint", fees.feth_mint),
            ("xeth_mint", fees.xeth_mint),
            ("feth_redeem", fees.feth_redeem),
            ("xeth_redeem", fees.xeth_redeem),
        ]
        .into_iter()
        .flat_map(|(fee, pair)| {
            let unit = |value: f64| (0.0..=1.0).contains(&value);
            let default = (!unit(pair.default)).then_some(RuleError::OutOfRange {
                field: fee,
                range: "[0, 1]",
                found: pair.default,
            });
            let total = pair.stressed();
            [default, (!unit(total)).then_some(RuleError::TotalFee { fee, found: total })]
        })
        .flatten()
    }

    fn incentive_violation(&self) -> Option<RuleError> {
        let Incentives { stability, user_rebalance, protocol_rebalance } = self.incentives;
        let all = [stability, user_rebalance, protocol_rebalance];
        let unset = all == [0.0; 3];
        let set = all.iter().all(|ratio| ratio.is_finite() && *ratio > 0.0 && *ratio <= 1.0)
            && user_rebalance >= protocol_rebalance;
        (!unset && !set).then_some(RuleError::Incentives { stability, user_rebalance, protocol_rebalance })
    }
}
