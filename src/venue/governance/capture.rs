//! What it would cost to carry a vote now, and what could be taken with it.
//!
//! Whoever is expected to vote is expected to oppose: as many tokens as people remember to have voted; before the first
//! poll as many as make a quorum. What can be taken is what one vote may dispose of in the reserve.

use serde::{Deserialize, Serialize};

use super::{Counts, Governance};
use crate::protocol::amm::Side;
use crate::protocol::governance::{Capture, votes_to_carry};
use crate::quantity::{Amount, AssetId};
use crate::venue::Venues;
use crate::venue::pool::Pool;
use crate::world::ledger::Ledger;
use crate::world::oracle::Oracle;

/// How votes can be had for money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VoteMarket {
    /// What borrowing tokens costs, per year as a share of their value.
    pub borrow_rate_per_year: f64,
    /// How much of the supply can be borrowed, as a share.
    pub lendable_share: f64,
    /// What tokens bought for a capture can be sold for afterwards, as a share of what they cost.
    pub resale_share: f64,
}

impl Default for VoteMarket {
    /// Borrowing at a fifth a year, nothing to borrow, half of the price left: assumptions.
    fn default() -> Self {
        Self { borrow_rate_per_year: 0.2, lendable_share: 0.0, resale_share: 0.5 }
    }
}

impl Venues {
    /// The first pool that trades an asset, and the side on which it is bought there.
    fn market_for(&self, asset: AssetId) -> Option<(&Pool, Side, AssetId)> {
        self.pools.iter().find_map(|pool| match pool.coins {
            [base, quote] if base == asset => Some((pool, Side::BuyBase, quote)),
            [base, quote] if quote == asset => Some((pool, Side::SellBase, base)),
            _ => None,
        })
    }

    /// What capture costs and brings at these prices, with the token at `token_usd`; `None` where nothing is governed.
    #[must_use]
    pub fn capture(&self, ledger: &Ledger, oracle: &Oracle, token_usd: f64) -> Option<Capture> {
        let governance = self.governance.as_ref()?;
        let supply = governance.power_supply(ledger, &self.stakes);
        let opposing = governance.expected_votes(supply);
        let scale = ledger.asset(governance.token).decimals;
        let tokens = votes_to_carry(&governance.rules, supply, opposing).map(|votes| scale.units(votes));
        let market = governance.vote_market;
        // APower can be neither bought nor borrowed.
        let for_sale = tokens.filter(|_| governance.counts() == Counts::Tokens);
        let purchase_usd = for_sale.and_then(|tokens| {
            let (pool, side, quote) = self.market_for(governance.token)?;
            let paid = pool.quote_exact_out(ledger, side, tokens)?;
            let cost = paid * self.exchange.mid(oracle, quote)? * (1.0 - market.resale_share);
            cost.is_finite().then_some(cost)
        });
        let hours = governance.rules.referendum_hours
            + governance.rules.implementation_hours
            + governance.rules.voting_hours;
        let borrowing_usd = for_sale
            .filter(|tokens| *tokens <= market.lendable_share * scale.units(supply))
            .map(|tokens| tokens * token_usd * market.borrow_rate_per_year * hours / 8_760.0);
        let value_usd = ledger.asset(governance.dollar).decimals.units(governance.disposable(ledger));
        Some(Capture { tokens, purchase_usd, borrowing_usd, value_usd })
    }
}

impl Venues {
    /// Dollars that the reserve should hold, if somebody has said so.
    #[must_use]
    pub fn reserve_target_usd(&self) -> Option<f64> {
        self.token.as_ref()?.reserve_target_usd
    }
}

impl Governance {
    /// Tokens that are expected to vote in the next poll, in atoms.
    #[must_use]
    pub fn expected_votes(&self, supply: Amount) -> Amount {
        self.turnout_average().map_or_else(|| self.rules.quorum(supply), |turnout| supply.share(turnout))
    }
}
