//! What can be voted on at a pool: its fee, the part of it that providers keep, the rules on provision that it has.

use super::Pool;
use super::provision::{InsuranceRules, LEAST_SHARE, MOST_COMMITTED_CYCLES, MOST_COVERAGE};
use crate::protocol::governance::{Holding, Parameter, Remedy, Sensitivity};
use crate::venue::governance::registry::Governed;

/// How often the value of a pool is traded in a year, in the eyes of a voter who estimates what a fee would bring. A busy
/// pair of a volatile asset and a dollar; voters do not expect volume to answer to the fee.
const POOL_TURNOVER_PER_YEAR: f64 = 30.0;

/// How often a holder of the base coin expects to trade what it holds in a year, paying the fee each time.
const HOLDER_TRADES_PER_YEAR: f64 = 2.0;

/// What a pool is worth over what the governance token is worth, in the eyes of a token holder who estimates what fees
/// that go to the reserve bring it.
const POOL_OVER_TOKEN_VALUE: f64 = 0.1;

const FEE_BPS: usize = 0;
const REBATE_SHARE: usize = 1;

/// What freedom to provide and to leave is worth to a provider, a year of what it provides, between none and all of it.
const FREEDOM_PER_YEAR: f64 = 0.02;
/// What holders of the governance token expect concentrated or flighty liquidity to cost it in the same range.
const FLIGHT_PER_YEAR: f64 = 0.01;

/// What a provider expects to lose against holding in a year: an eighth of the square of a volatility of 0.5.
const IMPERMANENT_LOSS_PER_YEAR: f64 = 0.03;

/// A rule on the provision of liquidity that can be voted on where a pool has it.
#[derive(Clone, Copy)]
enum ProvisionParameter {
    Cap,
    Gate,
    Coverage,
    FundShare,
    LongestCommitment,
}

/// What votes can change of an insurance.
const INSURANCE: [ProvisionParameter; 3] =
    [ProvisionParameter::Coverage, ProvisionParameter::FundShare, ProvisionParameter::LongestCommitment];

impl Pool {
    /// The rules that this pool has, in the order of the registry. Votes change their values, never which there are.
    fn provision_parameters(&self) -> impl Iterator<Item = ProvisionParameter> {
        let rules = self.provision.as_ref().map(|provision| provision.rules);
        let cap = rules.and_then(|rules| rules.cap_share).map(|_| ProvisionParameter::Cap);
        let gate = rules.and_then(|rules| rules.gate).map(|_| ProvisionParameter::Gate);
        let insured = rules.and_then(|rules| rules.insurance).map(|_| INSURANCE);
        cap.into_iter().chain(gate).chain(insured.into_iter().flatten())
    }

    fn provision_parameter(&self, which: ProvisionParameter) -> Parameter {
        let gain = |holding, yearly_share_per_unit| Sensitivity { holding, yearly_share_per_unit };
        let both = |provider, token| {
            vec![gain(Holding::Asset(self.shares), provider), gain(Holding::GovernanceToken, token)]
        };
        let free = || both(FREEDOM_PER_YEAR, -FLIGHT_PER_YEAR);
        let peg = |peg| Remedy { peg, ..Remedy::default() };
        let insurance = self.provision.as_ref().and_then(|provision| provision.rules.insurance);
        let insurance = insurance.unwrap_or(InsuranceRules { coverage: 0.0, fee_share: 0.0, cycles: [1, 1] });
        let not_kept = POOL_TURNOVER_PER_YEAR * self.fee * (1.0 - self.rebate);
        let (name, unit, range, meaning, sensitivities, remedy) = match which {
            ProvisionParameter::Cap => {
                let meaning = "largest share of the pool that a wallet may hold after adding";
                ("cap_share", "share", [LEAST_SHARE, 1.0], meaning, free(), peg(0.25))
            }
            // A wider gate lets a run empty the pool when its price is already off.
            ProvisionParameter::Gate => {
                let meaning = "largest share of the pool that leaves in a cycle";
                ("gate_share", "share", [LEAST_SHARE, 1.0], meaning, free(), peg(-0.5))
            }
            // The fund pays until it is empty: what is promised costs the token what the fund is given.
            ProvisionParameter::Coverage => {
                let meaning =
                    "what a commitment made from now on can claim, in multiples of its impermanent loss";
                let range = [0.0, MOST_COVERAGE];
                ("insurance_coverage", "1", range, meaning, both(IMPERMANENT_LOSS_PER_YEAR, 0.0), peg(0.25))
            }
            // Fees come in both coins, and the fund takes the quote.
            ProvisionParameter::FundShare => {
                let meaning = "part of the reserve's fees in quote that insures commitments";
                let gains = both(0.5 * not_kept, -0.5 * not_kept * POOL_OVER_TOKEN_VALUE);
                let remedy = Remedy { peg: 0.1, reserve: -0.5, ..Remedy::default() };
                ("insurance_fee_share", "share", [0.0, 1.0], meaning, gains, remedy)
            }
            ProvisionParameter::LongestCommitment => {
                let meaning = "longest commitment that can be made";
                let range = [f64::from(insurance.cycles[0]), f64::from(MOST_COMMITTED_CYCLES)];
                ("longest_commitment_cycles", "cycles", range, meaning, Vec::new(), Remedy::default())
            }
        };
        let ([low, high], name) = (range, format!("{}.{name}", self.name));
        Parameter { name, unit, low, high, meaning, sensitivities, remedy }
    }
}

/// A pool's fee, the part of it that liquidity providers keep, and the cap, the gate and the insurance where it has them.
///
/// One basis point more brings providers `turnover x rebate` of their value a year, and the reserve (so the token) the
/// rest; holders of the base coin pay it when they trade. A lower fee narrows the band in which arbitrage leaves the price
/// alone, and so holds a peg more tightly; a larger rebate draws liquidity, which does a little of the same.
impl Governed for Pool {
    fn parameter_count(&self) -> usize {
        2 + self.provision_parameters().count()
    }

    fn parameters(&self) -> Vec<Parameter> {
        let gain = |holding, yearly_share_per_unit| Sensitivity { holding, yearly_share_per_unit };
        let per_bps = POOL_TURNOVER_PER_YEAR * 1e-4;
        let fees_share = POOL_TURNOVER_PER_YEAR * self.fee;
        let mut parameters = vec![
            Parameter {
                name: format!("{}.fee_bps", self.name),
                unit: "bps",
                low: 0.0,
                high: 100.0,
                meaning: "fee on what is swapped in",
                sensitivities: vec![
                    gain(Holding::Asset(self.shares), per_bps * self.rebate),
                    gain(Holding::GovernanceToken, per_bps * (1.0 - self.rebate) * POOL_OVER_TOKEN_VALUE),
                    gain(Holding::Asset(self.coins[0]), -HOLDER_TRADES_PER_YEAR * 1e-4),
                ],
                remedy: Remedy { peg: -1.0, ..Remedy::default() },
            },
            Parameter {
                name: format!("{}.rebate_share", self.name),
                unit: "share",
                low: 0.0,
                high: 1.0,
                meaning: "part of the fee that stays with liquidity providers; the rest goes to the reserve",
                sensitivities: vec![
                    gain(Holding::Asset(self.shares), fees_share),
                    gain(Holding::GovernanceToken, -fees_share * POOL_OVER_TOKEN_VALUE),
                ],
                remedy: Remedy { peg: 0.25, reserve: -0.5, ..Remedy::default() },
            },
        ];
        parameters.extend(self.provision_parameters().map(|which| self.provision_parameter(which)));
        parameters
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        match place {
            // Rounded to the billionth of a basis point, so that what was voted reads as it was voted.
            FEE_BPS => Some(libm::round(self.fee * 1e13) / 1e9),
            REBATE_SHARE => Some(self.rebate),
            _ => {
                let rules = self.provision.as_ref()?.rules;
                let insured = |read: fn(&InsuranceRules) -> f64| rules.insurance.as_ref().map(read);
                match self.provision_parameters().nth(place - 2)? {
                    ProvisionParameter::Cap => rules.cap_share,
                    ProvisionParameter::Gate => rules.gate.map(|gate| gate.max_share),
                    ProvisionParameter::Coverage => insured(|insurance| insurance.coverage),
                    ProvisionParameter::FundShare => insured(|insurance| insurance.fee_share),
                    ProvisionParameter::LongestCommitment => {
                        insured(|insurance| f64::from(insurance.cycles[1]))
                    }
                }
            }
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the bounds")]
    fn set_parameter(&mut self, place: usize, value: f64) {
        match place {
            FEE_BPS => self.fee = value / 1e4,
            REBATE_SHARE => self.rebate = value,
            _ => {
                let which = self.provision_parameters().nth(place - 2);
                let Some(provision) = &mut self.provision else { return };
                let rules = &mut provision.rules;
                match (which, &mut rules.gate, &mut rules.insurance) {
                    (Some(ProvisionParameter::Cap), ..) => rules.cap_share = Some(value),
                    (Some(ProvisionParameter::Gate), Some(gate), _) => gate.max_share = value,
                    (Some(ProvisionParameter::Coverage), _, Some(insurance)) => insurance.coverage = value,
                    (Some(ProvisionParameter::FundShare), _, Some(insurance)) => insurance.fee_share = value,
                    (Some(ProvisionParameter::LongestCommitment), _, Some(insurance)) => {
                        insurance.cycles[1] = value.round() as u16;
                    }
                    _ => {}
                }
            }
        }
    }
}
