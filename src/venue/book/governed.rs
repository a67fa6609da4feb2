//! The fees of an order book as governable parameters.

use super::Book;
use crate::protocol::governance::{Holding, Parameter, Remedy, Sensitivity};
use crate::protocol::order_book::FeeRate;
use crate::venue::governance::registry::Governed;

/// How often a holder of the base coin expects to trade what it holds in a year, half of it with patient orders.
const HOLDER_TRADES_PER_YEAR: f64 = 2.0;

/// What a year's trade in a book is over what the governance token is worth, in the eyes of a token holder who estimates
/// what fees that go to the reserve bring it: as for a pool, thirty turnovers of a tenth of that worth.
const VOLUME_OVER_TOKEN_VALUE: f64 = 3.0;

const MAKER_FEE: usize = 0;
const TAKER_FEE: usize = 1;

/// The fees of both sides. All of them go to the reserve, so that the token gains and whoever trades loses; a lower fee lets
/// arbitrage hold the price more tightly.
impl Governed for Book {
    fn parameter_count(&self) -> usize {
        2
    }

    fn parameters(&self) -> Vec<Parameter> {
        let fee = |name: &str, meaning| Parameter {
            name: format!("{}.{name}", self.terms.name),
            unit: "bps",
            low: 0.0,
            high: 100.0,
            meaning,
            sensitivities: vec![
                Sensitivity {
                    holding: Holding::GovernanceToken,
                    yearly_share_per_unit: VOLUME_OVER_TOKEN_VALUE * 1e-4,
                },
                Sensitivity {
                    holding: Holding::Asset(self.terms.coins[0]),
                    yearly_share_per_unit: -0.5 * HOLDER_TRADES_PER_YEAR * 1e-4,
                },
            ],
            remedy: Remedy { peg: -0.5, ..Remedy::default() },
        };
        vec![
            fee("maker_fee_bps", "fee on what an order that rested receives"),
            fee("taker_fee_bps", "fee on what an order that trades at once receives"),
        ]
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        match place {
            MAKER_FEE => Some(self.terms.maker_fee.bps()),
            TAKER_FEE => Some(self.terms.taker_fee.bps()),
            _ => None,
        }
    }

    fn set_parameter(&mut self, place: usize, value: f64) {
        match place {
            MAKER_FEE => self.terms.maker_fee = FeeRate::from_bps(value),
            TAKER_FEE => self.terms.taker_fee = FeeRate::from_bps(value),
            _ => {}
        }
    }
}
