//! Loan markets and the reserve of an experiment, still empty.

use super::lending_settings::{LoanSettings, RateSettings};
use super::world::BuildError;
use crate::price::MarketPath;
use crate::protocol::crp;
use crate::protocol::yield_token::{self, Maturity};
use crate::quantity::{AssetId, SECONDS_PER_DAY, SECONDS_PER_HOUR};
use crate::venue::lending::{
    LoanMarket, LoanRecord, LoanRules, Performance, Places, Sales, Series, Slot, SpotSource, Totals,
};
use crate::venue::pool::PoolId;
use crate::world::ledger::{AccountId, Ledger};

/// Accounts that a loan market has: a vault for each of two terms, and that of the rate pool.
pub(super) const ACCOUNTS: u32 = 3;
/// The fee of a flash loan. Source: mainnet (AGP005, AGP006, AGP012).
const FLASH_FEE: f64 = 0.003;
/// Blocks of ten minutes in a day.
const BLOCKS_PER_DAY: f64 = 144.0;

/// The tokens of a loan market, in the order of their ids, with the place of the account that issues each.
pub(super) fn tokens(name: &str) -> [(String, u32); 5] {
    [
        (format!("{name}_yield_a"), 0),
        (format!("{name}_key_a"), 0),
        (format!("{name}_yield_b"), 1),
        (format!("{name}_key_b"), 1),
        (format!("{name}_rate_shares"), 2),
    ]
}

/// A loan market whose accounts begin with `first_account` and whose tokens begin with `first_asset`.
pub(super) fn market(
    settings: &LoanSettings,
    pools: &[String],
    path: &MarketPath,
    ledger: &Ledger,
    first_account: u32,
    first_asset: usize,
) -> Result<LoanMarket, BuildError> {
    let unknown = |what, name: &str, known: String| BuildError::Loan {
        market: settings.name.clone(),
        what,
        name: name.into(),
        known,
    };
    let feed = path.index_of(&settings.collateral);
    let feed = feed.ok_or_else(|| unknown("outside asset", &settings.collateral, path.assets.join(", ")))?;
    let collateral = ledger.find(&settings.collateral);
    let collateral =
        collateral.ok_or_else(|| unknown("outside asset", &settings.collateral, path.assets.join(", ")))?;
    let find = |name: &str| {
        let place = pools.iter().position(|pool| pool == name);
        place.map(|place| PoolId(place as u8)).ok_or_else(|| unknown("pool", name, pools.join(", ")))
    };
    let places = Places {
        sales: match &settings.sales {
            Sales::Outside => None,
            Sales::Pool(name) => Some(find(name)?),
        },
        spot: match &settings.spot {
            SpotSource::Oracle => None,
            SpotSource::Resilient(name) => Some(find(name)?),
        },
        feed,
    };
    let asset = |place: usize| AssetId((first_asset + place) as u8);
    let account = |place: u32| AccountId(first_account + place);
    Ok(LoanMarket {
        name: settings.name.clone(),
        collateral,
        token: AssetId(0),
        slots: [
            Slot { vault: account(0), yield_token: asset(0), key_token: asset(1) },
            Slot { vault: account(1), yield_token: asset(2), key_token: asset(3) },
        ],
        rate_vault: account(2),
        shares: asset(4),
        places,
        rules: rules(settings),
        founded: rules(settings),
        record: LoanRecord { running: NOT_OPENED, before: None, terms_opened: 0, totals: Totals::default() },
    })
}

/// The term before the first: it is opened when the market is founded.
const NOT_OPENED: Series = Series {
    slot: 0,
    opened_seconds: 0,
    expiry_seconds: 0,
    initial_loan_to_value: 0.0,
    conversion_ltv: 1.0,
    strike: 1.0,
    weight: 0.5,
    converted: false,
    over_since_seconds: None,
    virtual_yield: 0.0,
    performance: Performance {
        index: 1.0,
        frictionless: 1.0,
        frictionless_weight: 0.5,
        price: 1.0,
        value: 0.0,
        joined: 0.0,
    },
    settled: None,
};

/// What every term is run on.
#[allow(clippy::cast_possible_truncation, reason = "validated to be at most a hundred years")]
fn rules(settings: &LoanSettings) -> LoanRules {
    let fee = settings.fee_bps * 1e-4;
    let seconds = |days: f64| (days * SECONDS_PER_DAY as f64).round() as i64;
    LoanRules {
        terms: settings.terms(),
        rates: rate_terms(&settings.rates, settings.rebate_share),
        curve_blocks: (settings.rates.curve_days * BLOCKS_PER_DAY).round() as u64,
        term_seconds: seconds(settings.term_days),
        update_seconds: (settings.update_hours * SECONDS_PER_HOUR as f64).round() as i64,
        conversion_delay_seconds: (settings.conversion_delay_hours * SECONDS_PER_HOUR as f64).round() as i64,
        collateral_cap: settings.collateral_cap.unwrap_or(f64::INFINITY),
        flash_fee: FLASH_FEE.max(fee),
    }
}

impl LoanSettings {
    /// The terms of a collateral pool opened at height zero.
    #[must_use]
    pub fn terms(&self) -> crp::Terms {
        let base = match self.profile {
            crp::Profile::Contract => crp::Terms::mainnet(self.term_days * BLOCKS_PER_DAY),
            crp::Profile::Whitepaper => crp::Terms::white_paper_3(self.term_days * BLOCKS_PER_DAY),
        };
        crp::Terms {
            initial_loan_to_value: self.initial_loan_to_value,
            conversion_ltv: self.conversion_loan_to_value,
            volatility: self.volatility,
            moving_average: self.moving_average,
            token_to_maturity_blocks: match self.profile {
                crp::Profile::Contract => self.closing_days * BLOCKS_PER_DAY,
                crp::Profile::Whitepaper => 0.0,
            },
            strike_multiplier: self.strike_multiplier,
            fee_rate_x: self.fee_bps * 1e-4,
            fee_rate_y: self.fee_bps * 1e-4,
            rebate_share: self.rebate_share,
            max_in_ratio: self.max_trade_ratio,
            max_out_ratio: self.max_trade_ratio,
            ..base
        }
    }
}

fn rate_terms(settings: &RateSettings, rebate_share: f64) -> yield_token::Terms {
    yield_token::Terms {
        token_fee_rate: settings.fee_share_of_interest,
        yield_token_fee_rate: settings.fee_share_of_interest,
        rebate_share,
        small_threshold: settings.small_threshold_usd,
        caps: crate::protocol::amm::weighted::RatioCaps {
            max_in: settings.max_trade_ratio,
            max_out: settings.max_trade_ratio,
            strict: true,
        },
        // The maturity is that of each term.
        ..yield_token::Terms::mainnet(Maturity::contract(0, 1))
    }
}
