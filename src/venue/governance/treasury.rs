//! What can be voted on at the f(x) treasury: beta, fees, thresholds, incentives, the bonus.
//!
//! Sensitivities are first-order guesses of a holder: a fee that one pays on `TRADES_PER_YEAR` of one's holdings, an
//! incentive that costs fETH in the share of a year spent in stress, a beta that moves risk between the two tokens.

use super::registry::Governed;
use crate::protocol::fx::FeePair;
use crate::protocol::governance::{Holding, Parameter, Remedy, Sensitivity};
use crate::quantity::AssetId;
use crate::venue::treasury::Treasury;

/// How often a holder expects to mint or redeem what it holds in a year.
const TRADES_PER_YEAR: f64 = 2.0;
/// The share of a year that a holder expects to be spent in stress.
const STRESS_SHARE: f64 = 0.05;
/// What the platform's fees are worth to the token: the value of the treasury over that of the token.
const TREASURY_OVER_TOKEN_VALUE: f64 = 0.5;

/// A governable field of the treasury.
struct Field {
    name: &'static str,
    unit: &'static str,
    low: f64,
    high: f64,
    meaning: &'static str,
    /// Yearly gain per unit of fETH, xETH and the governance token, as a share of the holding.
    gains: [f64; 3],
    remedy: Remedy,
    get: fn(&Treasury) -> f64,
    set: fn(&mut Treasury, f64),
}

const fn remedy(peg: f64, collateral: f64) -> Remedy {
    Remedy { peg, collateral, reserve: 0.0 }
}

const FEE_BPS: f64 = TRADES_PER_YEAR * 1e-4;
const TO_TOKEN: f64 = FEE_BPS * TREASURY_OVER_TOKEN_VALUE;

/// What a voter expects the collateral to yield in a year.
const YIELD_PER_YEAR: f64 = 0.03;

/// Gives a fee another value outside stress; in stress it stays what it is.
fn set_calm(fee: &mut FeePair, bps: f64) {
    let stressed = fee.stressed();
    fee.default = bps / 1e4;
    fee.extra = stressed - fee.default;
}

const FIELDS: [Field; 10] = [
    Field {
        name: "fx.beta",
        unit: "1",
        low: 0.0,
        high: 1.0,
        meaning: "share of a price move of the collateral that fETH takes",
        // A holder of the quiet token wants quiet, one of the levered token leverage.
        gains: [-0.02, -0.05, 0.0],
        remedy: remedy(0.0, 1.0),
        get: |treasury| treasury.rules.beta,
        set: |treasury, value| treasury.rules.beta = value,
    },
    Field {
        name: "fx.feth_mint_fee_bps",
        unit: "bps",
        low: 0.0,
        high: 200.0,
        meaning: "fee on minting fETH",
        gains: [-FEE_BPS, 0.0, TO_TOKEN],
        remedy: remedy(-1.0, 0.25),
        get: |treasury| treasury.rules.fees.feth_mint.default * 1e4,
        set: |treasury, value| treasury.rules.fees.feth_mint.default = value / 1e4,
    },
    Field {
        name: "fx.feth_redeem_fee_bps",
        unit: "bps",
        low: 0.0,
        high: 200.0,
        meaning: "fee on redeeming fETH outside stress; in stress it stays free",
        gains: [-FEE_BPS, 0.0, TO_TOKEN],
        remedy: remedy(-1.0, -0.25),
        get: |treasury| treasury.rules.fees.feth_redeem.default * 1e4,
        set: |treasury, value| set_calm(&mut treasury.rules.fees.feth_redeem, value),
    },
    Field {
        name: "fx.xeth_redeem_stress_fee_bps",
        unit: "bps",
        low: 0.0,
        high: 2_000.0,
        meaning: "fee on redeeming xETH in stress",
        gains: [FEE_BPS * STRESS_SHARE, -FEE_BPS * STRESS_SHARE, TO_TOKEN * STRESS_SHARE],
        remedy: remedy(0.0, 0.5),
        get: |treasury| treasury.rules.fees.xeth_redeem.stressed() * 1e4,
        set: |treasury, value| {
            treasury.rules.fees.xeth_redeem.extra = value / 1e4 - treasury.rules.fees.xeth_redeem.default;
        },
    },
    Field {
        name: "fx.stability_threshold",
        unit: "1",
        low: 1.21,
        high: 2.0,
        meaning: "collateral ratio below which stability mode begins",
        gains: [0.05, -0.03, 0.0],
        // Below it fETH cannot be minted, and nothing holds its market price down to the NAV.
        remedy: remedy(-0.5, 1.0),
        get: |treasury| treasury.rules.thresholds.stability,
        set: |treasury, value| {
            treasury.rules.thresholds.stability = value;
            treasury.staking.rules.liquidation_ratio = value;
        },
    },
    Field {
        name: "fx.bonus_share",
        unit: "1",
        low: 0.0,
        high: 0.2,
        meaning: "share of a helpful trade that the reserve adds to it",
        gains: [0.02, 0.05, -0.1],
        remedy: remedy(0.0, 0.75),
        get: |treasury| treasury.rules.bonus_ratio,
        set: |treasury, value| treasury.rules.bonus_ratio = value,
    },
    Field {
        name: "fx.stability_incentive_share",
        unit: "1",
        low: 0.0,
        high: 0.1,
        meaning: "what those who add collateral in stress earn from fETH holders",
        gains: [-STRESS_SHARE, 4.0 * STRESS_SHARE, 0.0],
        remedy: remedy(0.0, 0.75),
        get: |treasury| treasury.rules.incentives.stability,
        set: |treasury, value| treasury.rules.incentives.stability = value,
    },
    // What is asked outside stress only, and how yield is split, is nobody's remedy for stress.
    Field {
        name: "fx.xeth_mint_fee_bps",
        unit: "bps",
        low: 0.0,
        high: 500.0,
        meaning: "fee on minting xETH outside stress; in stress it stays what it is",
        gains: [0.0, -FEE_BPS, TO_TOKEN],
        remedy: remedy(0.0, 0.0),
        get: |treasury| treasury.rules.fees.xeth_mint.default * 1e4,
        set: |treasury, value| set_calm(&mut treasury.rules.fees.xeth_mint, value),
    },
    Field {
        name: "fx.xeth_redeem_fee_bps",
        unit: "bps",
        low: 0.0,
        high: 500.0,
        meaning: "fee on redeeming xETH outside stress; in stress it stays what it is",
        gains: [0.0, -FEE_BPS, TO_TOKEN],
        remedy: remedy(0.0, 0.0),
        get: |treasury| treasury.rules.fees.xeth_redeem.default * 1e4,
        set: |treasury, value| set_calm(&mut treasury.rules.fees.xeth_redeem, value),
    },
    Field {
        name: "fx.rebalance_pool_yield_share",
        unit: "1",
        low: 0.0,
        // A tenth is the most that whoever harvests may keep.
        high: 0.9,
        meaning: "share of the collateral's yield that goes to the rebalance pool",
        gains: [YIELD_PER_YEAR, 0.0, -YIELD_PER_YEAR * TREASURY_OVER_TOKEN_VALUE],
        remedy: remedy(0.0, 0.0),
        get: |treasury| treasury.rules.harvest.rebalance_pool_ratio,
        set: |treasury, value| treasury.rules.harvest.rebalance_pool_ratio = value,
    },
];

impl Governed for Treasury {
    fn parameter_count(&self) -> usize {
        FIELDS.len()
    }

    fn parameters(&self) -> Vec<Parameter> {
        let gain = |asset: AssetId, yearly_share_per_unit| Sensitivity {
            holding: Holding::Asset(asset),
            yearly_share_per_unit,
        };
        FIELDS
            .iter()
            .map(|field| {
                let [feth, xeth, token] = field.gains;
                Parameter {
                    name: field.name.into(),
                    unit: field.unit,
                    low: field.low,
                    high: field.high,
                    meaning: field.meaning,
                    sensitivities: vec![
                        gain(self.assets.feth, feth),
                        gain(self.assets.xeth, xeth),
                        Sensitivity { holding: Holding::GovernanceToken, yearly_share_per_unit: token },
                    ],
                    remedy: field.remedy,
                }
            })
            .collect()
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        // Rounded to the billionth, so that what was voted reads as it was voted.
        FIELDS.get(place).map(|field| libm::round((field.get)(self) * 1e9) / 1e9)
    }

    fn set_parameter(&mut self, place: usize, value: f64) {
        if let Some(field) = FIELDS.get(place) {
            (field.set)(self, value);
        }
    }
}
