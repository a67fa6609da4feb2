//! What can be voted on at a loan market: its ratios, its fees, how far it may grow.
//!
//! As on mainnet, where a pool was created with its ratios and fees and multipliers were voted while it ran: a new
//! loan-to-value holds from the next term on, everything else at once. Bounds keep the ratio at which a term begins below
//! the one at which it converts: both end halfway between what they were at the start.

use super::{LoanMarket, LoanRules, Slot};
use crate::protocol::governance::{Holding, Parameter, Remedy, Sensitivity};
use crate::quantity::AssetId;
use crate::venue::governance::registry::Governed;

/// How often a pool's value is traded by those who rebalance it in a year, in the eyes of a voter.
const REBALANCED_PER_YEAR: f64 = 10.0;
/// The interest that a voter expects to be paid in a year, as a share of what is lent.
const INTEREST_PER_YEAR: f64 = 0.1;
/// What the loan markets are worth over what the governance token is worth, in the eyes of a token holder.
const LOANS_OVER_TOKEN_VALUE: f64 = 0.1;
/// What a year of a term at a loan-to-value of one more would cost a lender, and bring a borrower, of what it holds: a guess
/// whose sign matters.
const RATIO_PER_YEAR: f64 = 0.1;
/// How far votes can lead the ratio at which a term begins down, and raise that at which it converts.
const LEAST_INITIAL: f64 = 0.1;
const MOST_CONVERSION: f64 = 0.99;
/// How far votes can raise a size, as a multiple of what it was at the start.
const MOST_GROWTH: f64 = 8.0;

/// Yearly gain per unit, as a share of the holding.
#[derive(Clone, Copy, Default)]
struct Gains {
    /// Of lenders.
    yield_tokens: f64,
    /// Of borrowers.
    key_tokens: f64,
    /// Of those who provide to the rate pool.
    shares: f64,
    /// Of holders of the governance token.
    token: f64,
}

/// A governable field of the rules.
struct Field {
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    /// The bounds; `None` where the market has no such rule.
    bounds: fn(&LoanRules, sells_in_pool: bool) -> Option<[f64; 2]>,
    gains: Gains,
    /// What raising it does for the reserve.
    reserve: f64,
    get: fn(&LoanRules) -> f64,
    set: fn(&mut LoanRules, f64),
}

/// Halfway between the ratio at which the first term began and the one at which it converted.
fn divide(founded: &LoanRules) -> f64 {
    0.5 * (founded.terms.initial_loan_to_value + founded.terms.conversion_ltv)
}

const PER_BPS: f64 = REBALANCED_PER_YEAR * 1e-4;

const FIELDS: [Field; 8] = [
    Field {
        name: "initial_loan_to_value",
        unit: "1",
        meaning: "loan-to-value of the first to borrow, from the next term on",
        // Below the conversion ratio even where both are voted to the divide.
        bounds: |founded, _| {
            Some([LEAST_INITIAL.min(founded.terms.initial_loan_to_value), divide(founded) - 1e-3])
        },
        gains: Gains {
            yield_tokens: -RATIO_PER_YEAR,
            key_tokens: RATIO_PER_YEAR,
            shares: 0.0,
            token: -RATIO_PER_YEAR * LOANS_OVER_TOKEN_VALUE,
        },
        reserve: -1.0,
        get: |rules| rules.terms.initial_loan_to_value,
        set: |rules, value| rules.terms.initial_loan_to_value = value,
    },
    Field {
        name: "conversion_loan_to_value",
        unit: "1",
        meaning: "loan-to-value at which the pool leaves the collateral, from the next term on",
        bounds: |founded, _| Some([divide(founded), MOST_CONVERSION.max(founded.terms.conversion_ltv)]),
        gains: Gains {
            yield_tokens: -RATIO_PER_YEAR,
            key_tokens: RATIO_PER_YEAR,
            shares: 0.0,
            token: -RATIO_PER_YEAR * LOANS_OVER_TOKEN_VALUE,
        },
        reserve: -0.5,
        get: |rules| rules.terms.conversion_ltv,
        set: |rules, value| rules.terms.conversion_ltv = value,
    },
    Field {
        name: "fee_bps",
        unit: "bps",
        meaning: "fee on trades that rebalance the collateral",
        bounds: |_, _| Some([0.0, 100.0]),
        gains: Gains {
            yield_tokens: 0.0,
            key_tokens: 0.5 * PER_BPS,
            shares: 0.0,
            token: 0.5 * PER_BPS * LOANS_OVER_TOKEN_VALUE,
        },
        reserve: 0.1,
        get: |rules| rules.terms.fee_rate_x * 1e4,
        set: |rules, value| {
            rules.terms.fee_rate_x = value / 1e4;
            rules.terms.fee_rate_y = value / 1e4;
        },
    },
    Field {
        name: "rebate_share",
        unit: "share",
        meaning: "part of the fees that stays in both pools; the rest goes to the reserve",
        bounds: |_, _| Some([0.0, 1.0]),
        gains: Gains {
            yield_tokens: 0.0,
            key_tokens: 0.01 * INTEREST_PER_YEAR,
            shares: 0.01 * INTEREST_PER_YEAR,
            token: -0.01 * INTEREST_PER_YEAR * LOANS_OVER_TOKEN_VALUE,
        },
        reserve: -0.5,
        get: |rules| rules.rates.rebate_share,
        set: |rules, value| {
            rules.terms.rebate_share = value;
            rules.rates.rebate_share = value;
        },
    },
    Field {
        name: "interest_fee_share",
        unit: "share",
        meaning: "fee on trades of yield tokens, as a share of the interest traded",
        bounds: |_, _| Some([0.0, 0.25]),
        gains: Gains {
            yield_tokens: -INTEREST_PER_YEAR,
            key_tokens: -INTEREST_PER_YEAR,
            shares: 0.5 * INTEREST_PER_YEAR,
            token: 0.5 * INTEREST_PER_YEAR * LOANS_OVER_TOKEN_VALUE,
        },
        reserve: 0.25,
        get: |rules| rules.rates.token_fee_rate,
        set: |rules, value| {
            rules.rates.token_fee_rate = value;
            rules.rates.yield_token_fee_rate = value;
        },
    },
    Field {
        name: "flash_fee_bps",
        unit: "bps",
        meaning: "fee on collateral borrowed to join with more than one's own",
        bounds: |_, _| Some([0.0, 100.0]),
        gains: Gains {
            yield_tokens: 0.0,
            key_tokens: -1e-4,
            shares: 0.0,
            token: 1e-4 * LOANS_OVER_TOKEN_VALUE,
        },
        reserve: 0.1,
        get: |rules| rules.flash_fee * 1e4,
        set: |rules, value| rules.flash_fee = value / 1e4,
    },
    Field {
        name: "collateral_cap",
        unit: "units",
        meaning: "most collateral that may be in the pool after somebody joins",
        bounds: |founded, _| {
            let cap = founded.collateral_cap;
            cap.is_finite().then_some([0.0, MOST_GROWTH * cap])
        },
        gains: Gains { yield_tokens: 0.0, key_tokens: 0.0, shares: 0.0, token: 0.0 },
        reserve: -0.25,
        get: |rules| rules.collateral_cap,
        set: |rules, value| rules.collateral_cap = value,
    },
    Field {
        name: "capacity_multiplier",
        unit: "1",
        meaning: "how many times what the market takes of its collateral the pool may grow to",
        bounds: |founded, sells_in_pool| {
            let founded = founded.terms.capacity_multiplier;
            sells_in_pool.then_some([0.1 * founded, MOST_GROWTH * founded])
        },
        gains: Gains { yield_tokens: 0.0, key_tokens: 0.0, shares: 0.0, token: 0.0 },
        reserve: -0.25,
        get: |rules| rules.terms.capacity_multiplier,
        set: |rules, value| rules.terms.capacity_multiplier = value,
    },
];

impl LoanMarket {
    /// The fields that this market has, with their bounds. Votes change their values, never which there are.
    fn fields(&self) -> impl Iterator<Item = (&'static Field, [f64; 2])> {
        let sells_in_pool = self.places.sales.is_some();
        let fields = FIELDS.iter();
        fields.filter_map(move |field| Some((field, (field.bounds)(&self.founded, sells_in_pool)?)))
    }
}

/// The ratios, the fees and the sizes. A larger loan on the same collateral is the borrower's gain and the lender's risk, and
/// in the end the reserve's, which is the token's.
impl Governed for LoanMarket {
    fn parameter_count(&self) -> usize {
        self.fields().count()
    }

    fn parameters(&self) -> Vec<Parameter> {
        let one = |(field, [low, high]): (&Field, [f64; 2])| {
            let gain = |asset: AssetId, yearly_share_per_unit| Sensitivity {
                holding: Holding::Asset(asset),
                yearly_share_per_unit,
            };
            let of_term = |slot: &Slot| {
                [
                    gain(slot.yield_token, field.gains.yield_tokens),
                    gain(slot.key_token, field.gains.key_tokens),
                ]
            };
            let mut sensitivities: Vec<Sensitivity> = self.slots.iter().flat_map(of_term).collect();
            sensitivities.push(gain(self.shares, field.gains.shares));
            let token = field.gains.token;
            sensitivities
                .push(Sensitivity { holding: Holding::GovernanceToken, yearly_share_per_unit: token });
            sensitivities.retain(|sensitivity| sensitivity.yearly_share_per_unit != 0.0);
            Parameter {
                name: format!("{}.{}", self.name, field.name),
                unit: field.unit,
                low,
                high,
                meaning: field.meaning,
                sensitivities,
                remedy: Remedy { reserve: field.reserve, ..Remedy::default() },
            }
        };
        self.fields().map(one).collect()
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        // Rounded to the billionth, so that what was voted reads as it was voted.
        self.fields().nth(place).map(|(field, _)| libm::round((field.get)(&self.rules) * 1e9) / 1e9)
    }

    fn set_parameter(&mut self, place: usize, value: f64) {
        let field = self.fields().nth(place).map(|(field, _)| field);
        if let Some(field) = field {
            (field.set)(&mut self.rules, value);
        }
    }
}
