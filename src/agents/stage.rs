//! A small market for the tests of agents: ETH at 2,000 dollars, one pool of fETH and dollars, one of xETH and ETH.

use ron::extensions::Extensions;

use super::roster::Profile;
use super::routes::{FxQuote, Market};
use crate::protocol::amm::Curve;
use crate::protocol::fx::StressMode;
use crate::protocol::order_book::{FeeRate, SelfMatch, Side, TimeInForce};
use crate::quantity::{Amount, Asset, AssetId};
use crate::venue::book::{Book, BookAction, BookId, BookTerms};
use crate::venue::exchange::{Exchange, ExchangeSettings, Listing};
use crate::venue::execute::Network;
use crate::venue::pool::oracle::PoolOracle;
use crate::venue::pool::{Pool, PoolId, PoolRecord};
use crate::venue::treasury::{FxAction, FxView, TreasuryAssets};
use crate::venue::{Action, Deal, Venues};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Issuance, Ledger};
use crate::world::notes::Notes;
use crate::world::oracle::{Oracle, OracleSettings};

pub const USD: AssetId = AssetId(0);
pub const ETH: AssetId = AssetId(1);
pub const FETH: AssetId = AssetId(2);
pub const XETH: AssetId = AssetId(3);
pub const FETH_SHARES: AssetId = AssetId(4);
pub const FX_ASSETS: TreasuryAssets = TreasuryAssets { collateral: ETH, feth: FETH, xeth: XETH };
pub const FETH_USD: PoolId = PoolId(0);
pub const XETH_ETH: PoolId = PoolId(1);
/// Issues the tokens.
pub const ISSUER: AccountId = AccountId(0);
/// The agent.
pub const AGENT: AccountId = AccountId(3);

/// A profile as it stands in a file of `agents/`.
pub fn read(text: &str) -> Result<Profile, String> {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    let options = ron::Options::default().with_default_extension(extensions);
    options.from_str(text).map_err(|error| error.to_string())
}

pub struct Stage {
    pub ledger: Ledger,
    pub venues: Venues,
    pub oracle: Oracle,
    pub network: Network,
}

/// ETH at 2,000 dollars, 1,000 ETH against 1,000,000 fETH and 1,000,000 xETH, everything open, no fees.
pub fn calm() -> FxView {
    FxView {
        collateral_price: 2_000.0,
        oracle_valid: true,
        collateral: 1_000.0,
        feth_supply: 1e6,
        xeth_supply: 1e6,
        feth_nav: 1.0,
        xeth_nav: 1.0,
        collateral_ratio: Some(2.0),
        leverage: Some(1.9),
        mode: StressMode::Normal,
        feth_mint_fee: 0.0,
        xeth_mint_fee: 0.0,
        feth_redeem_fee: 0.0,
        xeth_redeem_fee: 0.0,
        feth_mint_open: true,
        xeth_redeem_open: true,
        xeth_mint_bonus: 0.0,
        feth_redeem_bonus: 0.0,
        settled_seconds_ago: 0,
        staked_feth: 0.0,
    }
}

/// What a treasury that shows `view` would pay out, without zones or caps.
pub fn simple_quote(view: FxView) -> impl Fn(FxAction, f64) -> Option<f64> {
    move |action, amount| match action {
        FxAction::MintFeth { .. } => view
            .feth_mint_open
            .then(|| amount * view.collateral_price * (1.0 - view.feth_mint_fee) / view.feth_nav),
        FxAction::MintXeth { .. } => {
            Some(amount * view.collateral_price * (1.0 - view.xeth_mint_fee) / view.xeth_nav)
        }
        FxAction::RedeemFeth { .. } => {
            Some(amount * view.feth_nav * (1.0 - view.feth_redeem_fee) / view.collateral_price)
        }
        FxAction::RedeemXeth { .. } => view
            .xeth_redeem_open
            .then(|| amount * view.xeth_nav * (1.0 - view.xeth_redeem_fee) / view.collateral_price),
        _ => None,
    }
}

impl Stage {
    /// The pools hold 100,000 fETH against `usd`, and 100,000 xETH against 50 ETH; the agent holds nothing. Fee 0.3 %,
    /// gas 1 dollar an action, outside trades are free.
    pub fn new(usd: f64) -> Self {
        let asset = |symbol: &str, places| Asset::new(symbol, places);
        let mut ledger = Ledger::new(vec![
            (asset("USD", 6), Issuance::Bridged),
            (asset("ETH", 9), Issuance::Bridged),
            (asset("fETH", 9), Issuance::By(ISSUER)),
            (asset("xETH", 9), Issuance::By(ISSUER)),
            (asset("fETH/USD", 6), Issuance::By(AccountId(1))),
            (asset("xETH/ETH", 6), Issuance::By(AccountId(2))),
        ]);
        ledger.open_accounts(4).unwrap();
        let pool = |name: &str, account, base, quote, shares| Pool {
            name: name.into(),
            account: AccountId(account),
            coins: [base, quote],
            shares,
            reserve: ISSUER,
            curve: Curve::ConstantProduct,
            follows_nav: false,
            slide: None,
            fee: 0.003,
            rebate: 1.0,
            oracle: PoolOracle::default(),
            provision: None,
            record: PoolRecord::default(),
        };
        let pools =
            vec![pool("feth_usd", 1, FETH, USD, FETH_SHARES), pool("xeth_eth", 2, XETH, ETH, AssetId(5))];
        let outside = ExchangeSettings { half_spread_bps: 0.0, impact_bps: 0.0, hourly_depth_usd: 1e6 };
        let exchange = Exchange::new(outside, USD, vec![Listing { asset: ETH, feed: 0 }]);
        let mut stage = Self {
            ledger,
            venues: Venues::new(exchange, pools, None),
            oracle: Oracle::new(OracleSettings::default(), &[2_000.0]),
            network: Network { account: ISSUER, asset: USD, gas_per_action: Amount::from_atoms(1_000_000) },
        };
        stage.give(AccountId(1), FETH, 100_000.0);
        stage.give(AccountId(1), USD, usd);
        stage.give(AccountId(2), XETH, 100_000.0);
        stage.give(AccountId(2), ETH, 50.0);
        let shares = Amount::from_atoms(100_000_000_000);
        stage.ledger.mint(AccountId(1), ISSUER, FETH_SHARES, shares).unwrap();
        stage
    }

    pub fn give(&mut self, to: AccountId, asset: AssetId, units: f64) {
        let amount = self.ledger.asset(asset).decimals.floor(units).unwrap();
        if asset == USD || asset == ETH {
            self.ledger.bridge_in(to, asset, amount).unwrap();
        } else {
            self.ledger.mint(ISSUER, to, asset, amount).unwrap();
        }
        self.ledger.commit();
    }

    /// The same beside a book in which somebody offers so many fETH at so many ten-thousandths of a dollar; its lot is a
    /// hundredth, its fee 10 basis points.
    pub fn with_offer(mut self, price: u32, feth: u32) -> Self {
        self.give(ISSUER, FETH, f64::from(feth));
        let book = Book::new(BookTerms {
            name: "feth_book".into(),
            account: AccountId(1),
            coins: [FETH, USD],
            reserve: ISSUER,
            tick_size: 1e-4,
            lot_atoms: 10_000_000,
            tick_lot_atoms: 1,
            maker_fee: FeeRate::default(),
            taker_fee: FeeRate::from_bps(10.0),
            self_match: SelfMatch::default(),
        });
        self.venues = self.venues.with_books(vec![book]);
        let (clock, mut notes) = (Clock::new(3_600, 1), Notes::default());
        let mut deal =
            Deal { ledger: &mut self.ledger, oracle: &self.oracle, clock: &clock, notes: &mut notes };
        let offer = BookAction::Limit {
            book: BookId(0),
            side: Side::Sell,
            price,
            lots: feth * 100,
            time_in_force: TimeInForce::GoodTillCancelled,
        };
        self.venues.perform(&mut deal, ISSUER, Action::Book(offer), Amount::ZERO).unwrap();
        self.ledger.commit();
        self.venues.commit();
        self
    }

    pub fn market<'w>(&'w self, view: Option<FxView>, fx_quote: &'w FxQuote<'w>) -> Market<'w> {
        Market {
            ledger: &self.ledger,
            venues: &self.venues,
            oracle: &self.oracle,
            network: &self.network,
            fx: view.map(|view| (FX_ASSETS, view)),
            fx_quote,
            leaving: None,
        }
    }
}
