//! The registry of governable parameters: each venue says what can be voted on, in a fixed order.
//!
//! A venue joins with an implementation of [`Governed`] and a line in both of [`Venues::governed`] and
//! [`Venues::governed_mut`]. Governance knows a parameter by its place in the registry, its name and its bounds only.

use crate::protocol::governance::{Holding, Parameter, ParameterError, ParameterId, Remedy, Sensitivity};
use crate::venue::Venues;
use crate::venue::pool::Pool;
use crate::venue::pool::provision::LEAST_SHARE;

/// A venue some of whose parameters can be voted on. Their number and order never change during a run.
pub(in crate::venue) trait Governed {
    /// How many there are.
    fn parameter_count(&self) -> usize;

    /// What they are, by place. Sensitivities may depend on the venue's present state, names and bounds may not.
    fn parameters(&self) -> Vec<Parameter>;

    /// The present value of the one at `place`.
    fn parameter_value(&self, place: usize) -> Option<f64>;

    /// Gives the one at `place` a value that is within its bounds.
    fn set_parameter(&mut self, place: usize, value: f64);
}

impl Venues {
    /// The venues with governable parameters, in the order of the registry.
    fn governed(&self) -> impl Iterator<Item = &dyn Governed> {
        let treasury = self.treasury.iter().map(|treasury| treasury as &dyn Governed);
        let books = self.books.iter().map(|book| book as &dyn Governed);
        let stakes = self.stakes.pools().iter().map(|pool| pool as &dyn Governed);
        let pools = self.pools.iter().map(|pool| pool as &dyn Governed);
        pools.chain(treasury).chain(books).chain(stakes)
    }

    fn governed_mut(&mut self) -> impl Iterator<Item = &mut dyn Governed> {
        let treasury = self.treasury.iter_mut().map(|treasury| treasury as &mut dyn Governed);
        let books = self.books.iter_mut().map(|book| book as &mut dyn Governed);
        let stakes = self.stakes.pools_mut().map(|pool| pool as &mut dyn Governed);
        let pools = self.pools.iter_mut().map(|pool| pool as &mut dyn Governed);
        pools.chain(treasury).chain(books).chain(stakes)
    }

    /// Everything that can be voted on, by [`ParameterId`].
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        self.governed().flat_map(Governed::parameters).collect()
    }

    /// The parameter of that name, `feth_pool.fee_bps`.
    #[must_use]
    pub fn find_parameter(&self, name: &str) -> Option<ParameterId> {
        let place = self.parameters().iter().position(|parameter| parameter.name == name)?;
        u16::try_from(place).ok().map(ParameterId)
    }

    /// The parameter with that id.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<Parameter> {
        let mut place = id.index();
        for venue in self.governed() {
            let count = venue.parameter_count();
            if place < count {
                return venue.parameters().into_iter().nth(place);
            }
            place -= count;
        }
        None
    }

    /// The present value of a parameter.
    #[must_use]
    pub fn parameter_value(&self, id: ParameterId) -> Option<f64> {
        let mut place = id.index();
        for venue in self.governed() {
            let count = venue.parameter_count();
            if place < count {
                return venue.parameter_value(place);
            }
            place -= count;
        }
        None
    }

    /// The value a parameter had before any vote changed it.
    #[must_use]
    pub fn parameter_default(&self, id: ParameterId) -> Option<f64> {
        let original = self.governance.as_ref().and_then(|governance| governance.original(id));
        original.or_else(|| self.parameter_value(id))
    }

    /// Gives a parameter a value.
    ///
    /// # Errors
    /// [`ParameterError`] if there is no such parameter or the value is outside its bounds; then nothing changes.
    pub fn set_parameter(&mut self, id: ParameterId, value: f64) -> Result<(), ParameterError> {
        self.parameter(id).ok_or(ParameterError::Unknown(id.0))?.check(value)?;
        let mut place = id.index();
        for venue in self.governed_mut() {
            let count = venue.parameter_count();
            if place < count {
                venue.set_parameter(place, value);
                break;
            }
            place -= count;
        }
        Ok(())
    }
}

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

/// A rule on the provision of liquidity that can be voted on where a pool has it.
#[derive(Clone, Copy)]
enum ProvisionParameter {
    Cap,
    Gate,
}

impl Pool {
    /// The rules that this pool has, in the order of the registry. Votes change their values, never which there are.
    fn provision_parameters(&self) -> impl Iterator<Item = ProvisionParameter> {
        let rules = self.provision.as_ref().map(|provision| provision.rules);
        let cap = rules.and_then(|rules| rules.cap_share).map(|_| ProvisionParameter::Cap);
        let gate = rules.and_then(|rules| rules.gate).map(|_| ProvisionParameter::Gate);
        cap.into_iter().chain(gate)
    }

    fn provision_parameter(&self, which: ProvisionParameter) -> Parameter {
        let gain = |holding, yearly_share_per_unit| Sensitivity { holding, yearly_share_per_unit };
        let (name, meaning, peg) = match which {
            ProvisionParameter::Cap => {
                ("cap_share", "largest share of the pool that a wallet may hold after adding", 0.25)
            }
            // A wider gate lets a run empty the pool when its price is already off.
            ProvisionParameter::Gate => {
                ("gate_share", "largest share of the pool that leaves in a cycle", -0.5)
            }
        };
        Parameter {
            name: format!("{}.{name}", self.name),
            unit: "share",
            low: LEAST_SHARE,
            high: 1.0,
            meaning,
            sensitivities: vec![
                gain(Holding::Asset(self.shares), FREEDOM_PER_YEAR),
                gain(Holding::GovernanceToken, -FLIGHT_PER_YEAR),
            ],
            remedy: Remedy { peg, ..Remedy::default() },
        }
    }
}

/// A pool's fee, the part of it that liquidity providers keep, and the cap and the gate where it has them.
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
                match self.provision_parameters().nth(place - 2)? {
                    ProvisionParameter::Cap => rules.cap_share,
                    ProvisionParameter::Gate => rules.gate.map(|gate| gate.max_share),
                }
            }
        }
    }

    fn set_parameter(&mut self, place: usize, value: f64) {
        match place {
            FEE_BPS => self.fee = value / 1e4,
            REBATE_SHARE => self.rebate = value,
            _ => {
                let which = self.provision_parameters().nth(place - 2);
                let Some(provision) = &mut self.provision else { return };
                match (which, &mut provision.rules.gate) {
                    (Some(ProvisionParameter::Cap), _) => provision.rules.cap_share = Some(value),
                    (Some(ProvisionParameter::Gate), Some(gate)) => gate.max_share = value,
                    _ => {}
                }
            }
        }
    }
}
