//! What it would cost to carry a vote now, and what could be taken with it.
//!
//! Whoever is expected to vote is expected to oppose: as many tokens as people remember to have voted; before the first
//! poll as many as a captor expects, at least those that make a quorum. What can be taken is what one vote may dispose of in
//! the reserve. Borrowing costs what the desk asks now for what lies there now, for the days from proposal to close.

use serde::{Deserialize, Serialize};

use super::{Counts, Governance};
use crate::protocol::amm::Side;
use crate::protocol::governance::{Capture, Outlay, Way, votes_to_carry};
use crate::protocol::securities_lending::{TokenLoanTerms, days_begun, fee_usd};
use crate::quantity::{Amount, AssetId, SECONDS_PER_DAY, SECONDS_PER_HOUR};
use crate::venue::Venues;
use crate::venue::pool::Pool;
use crate::world::ledger::Ledger;
use crate::world::oracle::Oracle;

/// Hours between borrowing and the opening of a poll, and between its close and the return, in which the tokens are kept.
const ASIDE_HOURS: f64 = 3.0;

/// How votes can be had for money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VoteMarket {
    /// What tokens bought for a capture can be sold for afterwards, as a share of what they cost.
    pub resale_share: f64,
    /// Turnout that a captor expects before the first poll, as a share of the supply; never less than the quorum.
    pub expected_turnout_share: f64,
    /// The desk at which tokens are lent, if there is one: populations with `lends` offer theirs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loans: Option<TokenLoanTerms>,
}

impl Default for VoteMarket {
    /// Half of the price left, nobody expected but the quorum, nothing to borrow: assumptions.
    fn default() -> Self {
        Self { resale_share: 0.5, expected_turnout_share: 0.0, loans: None }
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
        let ways = tokens.map_or([None; 3], |tokens| self.ways_to_hold(ledger, oracle, tokens, token_usd));
        let value_usd = ledger.asset(governance.dollar).decimals.units(governance.disposable(ledger));
        Some(Capture { tokens, ways, value_usd })
    }

    /// What it takes to hold so many more tokens until a vote is over: buying, borrowing, both. APower can be neither bought nor
    /// borrowed.
    #[must_use]
    pub fn ways_to_hold(
        &self,
        ledger: &Ledger,
        oracle: &Oracle,
        tokens: f64,
        token_usd: f64,
    ) -> [Option<Outlay>; 3] {
        let Some(governance) = self.governance.as_ref().filter(|one| one.counts() == Counts::Tokens) else {
            return [None; 3];
        };
        let lendable =
            self.desk.as_ref().map_or(0.0, |desk| ledger.asset(desk.token).decimals.units(desk.lendable()));
        let buying = |tokens: f64| {
            let (pool, side, quote) = self.market_for(governance.token)?;
            let paid = pool.quote_exact_out(ledger, side, tokens)? * self.exchange.mid(oracle, quote)?;
            let cost_usd = paid * (1.0 - governance.vote_market.resale_share);
            cost_usd.is_finite().then_some(Outlay {
                way: Way::Buy,
                borrowed: 0.0,
                cost_usd,
                needed_usd: paid,
            })
        };
        let borrowing = |tokens: f64| {
            let desk = self.desk.as_ref()?;
            let hours = governance.rules.review_hours
                + governance.rules.referendum_hours
                + governance.rules.implementation_hours
                + governance.rules.voting_hours;
            let days = days_begun(((hours + ASIDE_HOURS) * SECONDS_PER_HOUR as f64).ceil() as i64);
            let in_time = days.saturating_mul(SECONDS_PER_DAY) <= desk.terms.term_seconds();
            let rate = desk.quote_rate(ledger.asset(desk.token).decimals.floor(tokens).ok()?);
            (tokens <= lendable && in_time).then_some(Outlay {
                way: Way::Borrow,
                borrowed: tokens,
                cost_usd: fee_usd(tokens * token_usd, rate, days),
                needed_usd: desk.terms.collateral_usd(tokens * token_usd),
            })
        };
        let both = || {
            let lent = (lendable > 0.0 && lendable < tokens).then(|| borrowing(lendable))??;
            let bought = buying(tokens - lendable)?;
            Some(Outlay {
                way: Way::Both,
                borrowed: lendable,
                cost_usd: lent.cost_usd + bought.cost_usd,
                needed_usd: lent.needed_usd + bought.needed_usd,
            })
        };
        [buying(tokens), borrowing(tokens), both()]
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
        let at_first =
            || self.rules.quorum(supply).max(supply.share(self.vote_market.expected_turnout_share));
        self.turnout_average().map_or_else(at_first, |turnout| supply.share(turnout))
    }
}
