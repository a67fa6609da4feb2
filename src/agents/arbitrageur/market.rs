//! The places an arbitrageur trades at, as they stand now, and what one leg of a trade pays there.
//!
//! A *rate* is what the next small unit would pay; a *quote* is what a given size would pay, price impact included. Rates
//! are cheap and decide whether to look further; quotes decide.

use crate::protocol::amm::Side;
use crate::protocol::order_book;
use crate::quantity::{Amount, AssetId};
use crate::venue::book::{Book, BookAction, BookId, BookQuote};
use crate::venue::exchange::Order;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::treasury::{FxAction, FxView, TreasuryAssets};
use crate::venue::{Action, Venues};
use crate::world::ledger::Ledger;
use crate::world::mempool::Size;
use crate::world::oracle::Oracle;

/// Base goes into the pool.
pub const SELL_BASE: Side = Side::SellBase;
/// Quote goes into the pool.
pub const BUY_BASE: Side = Side::BuyBase;

/// A way to change one asset into another at the treasury.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Collateral into fETH.
    MintFeth,
    /// Collateral into xETH.
    MintXeth,
    /// Collateral into xETH, with the incentive of stability mode.
    AddCollateral,
    /// fETH into collateral.
    RedeemFeth,
    /// fETH into collateral, with the incentive of user-rebalance mode.
    Liquidate,
    /// xETH into collateral.
    RedeemXeth,
}

impl Door {
    /// The action that takes `size` in.
    #[must_use]
    pub const fn action(self, size: Size) -> FxAction {
        match self {
            Self::MintFeth => FxAction::MintFeth { collateral: size },
            Self::MintXeth => FxAction::MintXeth { collateral: size },
            Self::AddCollateral => FxAction::AddCollateral { collateral: size },
            Self::RedeemFeth => FxAction::RedeemFeth { feth: size },
            Self::Liquidate => FxAction::Liquidate { feth: size },
            Self::RedeemXeth => FxAction::RedeemXeth { xeth: size },
        }
    }
}

/// One step of a trade: it takes one asset in and pays another out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// A swap.
    Swap(PoolId, Side),
    /// A market order.
    Order(BookId, order_book::Side),
    /// Minting or redeeming.
    Fx(Door),
    /// Selling outside for dollars.
    Sell(AssetId),
    /// Buying outside with dollars.
    Buy(AssetId),
}

impl Leg {
    /// The action that takes `size` in.
    #[must_use]
    pub const fn action(self, size: Size) -> Action {
        match self {
            Self::Swap(pool, side) => {
                Action::Pool(PoolAction::Swap { pool, side, amount: size, min_out: Amount::ZERO })
            }
            Self::Order(book, side) => {
                Action::Book(BookAction::Market { book, side, amount: size, min_out: Amount::ZERO })
            }
            Self::Fx(door) => Action::Fx(door.action(size)),
            Self::Sell(asset) => Action::Exchange(Order::Sell { asset, amount: size }),
            Self::Buy(asset) => Action::Exchange(Order::Buy { asset, dollars: size }),
        }
    }
}

/// What an order of `side` receives for a unit at `price`, fee taken.
#[must_use]
pub fn book_rate(book: &Book, side: order_book::Side, price: f64) -> f64 {
    let kept = 1.0 - book.terms.taker_fee.share();
    match side {
        order_book::Side::Buy => kept / price,
        order_book::Side::Sell => kept * price,
    }
}

/// What the treasury would pay out for an input of so many units; `None` where it refuses.
pub type FxQuote<'w> = dyn Fn(FxAction, f64) -> Option<f64> + 'w;

/// The treasury as it stands now.
#[derive(Clone, Copy)]
pub struct Window<'w> {
    /// What it deals in.
    pub assets: TreasuryAssets,
    /// What anybody can see of it.
    pub view: FxView,
    /// What it would pay.
    pub quote: &'w FxQuote<'w>,
    /// Collateral that the reserve pays beside a mint of xETH, as a share of what is deposited.
    pub beside_xeth_mint: f64,
    /// Collateral that the reserve pays beside a redemption of fETH, as a share of what is paid out.
    pub beside_feth_redeem: f64,
}

/// The part of the collateral with which two quotes are compared.
const PROBE: f64 = 1e-6;

impl<'w> Window<'w> {
    /// The treasury seen as `view`.
    ///
    /// A bonus of the view is either an incentive, which [`Door::AddCollateral`] and [`Door::Liquidate`] pay out
    /// themselves, or comes from the reserve beside an ordinary trade. A small quote of both doors tells which.
    #[must_use]
    pub fn new(assets: TreasuryAssets, view: FxView, quote: &'w FxQuote<'w>) -> Self {
        let beside = |bonus: f64, plain: Door, incentive: Door, probe: f64| {
            if bonus <= 0.0 {
                return 0.0;
            }
            let ask = |door: Door| quote(door.action(Size::Previous), probe);
            match (ask(incentive), ask(plain)) {
                (Some(more), Some(less)) if more > less * (1.0 + 0.5 * bonus) => 0.0,
                (_, Some(less)) if less > 0.0 => bonus,
                _ => 0.0,
            }
        };
        let mint_probe = PROBE * view.collateral;
        let redeem_probe = PROBE * view.feth_supply;
        Self {
            assets,
            view,
            quote,
            beside_xeth_mint: beside(view.xeth_mint_bonus, Door::MintXeth, Door::AddCollateral, mint_probe),
            beside_feth_redeem: beside(
                view.feth_redeem_bonus,
                Door::RedeemFeth,
                Door::Liquidate,
                redeem_probe,
            ),
        }
    }

    /// What the next small unit pays at `door`, bonus included; zero where it is known to be closed.
    #[must_use]
    pub fn rate(&self, door: Door) -> f64 {
        let view = &self.view;
        let (from, to, fee, bonus) = match door {
            Door::MintFeth if !view.feth_mint_open => return 0.0,
            Door::RedeemXeth if !view.xeth_redeem_open => return 0.0,
            Door::MintFeth => (view.collateral_price, view.feth_nav, view.feth_mint_fee, 0.0),
            Door::MintXeth => {
                (view.collateral_price, view.xeth_nav, view.xeth_mint_fee, self.beside_xeth_mint)
            }
            Door::AddCollateral => {
                (view.collateral_price, view.xeth_nav, view.xeth_mint_fee, view.xeth_mint_bonus)
            }
            Door::RedeemFeth => {
                (view.feth_nav, view.collateral_price, view.feth_redeem_fee, self.beside_feth_redeem)
            }
            Door::Liquidate => {
                (view.feth_nav, view.collateral_price, view.feth_redeem_fee, view.feth_redeem_bonus)
            }
            Door::RedeemXeth => (view.xeth_nav, view.collateral_price, view.xeth_redeem_fee, 0.0),
        };
        if to > 0.0 { from * (1.0 - fee) * (1.0 + bonus) / to } else { 0.0 }
    }
}

/// Every place to trade at, as it stands now.
#[derive(Clone, Copy)]
pub struct Market<'w> {
    /// Reserves.
    pub ledger: &'w Ledger,
    /// Pools and the exchange.
    pub venues: &'w Venues,
    /// Outside prices.
    pub oracle: &'w Oracle,
    /// The treasury, if there is one that deals.
    pub treasury: Option<Window<'w>>,
}

impl Market<'_> {
    /// The on-chain dollar.
    #[must_use]
    pub fn dollar(&self) -> AssetId {
        self.venues.exchange.dollar()
    }

    /// The outside mid price, in on-chain dollars, of what is traded outside (the dollar included).
    #[must_use]
    pub fn mid(&self, asset: AssetId) -> Option<f64> {
        self.venues.exchange.mid(self.oracle, asset).filter(|mid| *mid > 0.0 && mid.is_finite())
    }

    /// What a unit of `asset` counts for, in dollars: the outside mid price, or the NAV.
    #[must_use]
    pub fn value(&self, asset: AssetId) -> Option<f64> {
        self.mid(asset).or_else(|| {
            let window = self.treasury.as_ref()?;
            let nav = if asset == window.assets.feth {
                window.view.feth_nav
            } else if asset == window.assets.xeth {
                window.view.xeth_nav
            } else {
                return None;
            };
            (nav > 0.0 && nav.is_finite()).then_some(nav)
        })
    }

    /// What the next small unit pays on `leg`; zero where nothing is on offer.
    #[must_use]
    pub fn rate(&self, leg: Leg) -> f64 {
        let spread = self.venues.exchange.cost_share(0.0);
        match leg {
            Leg::Swap(id, side) => {
                let pool = self.venues.pool(id);
                let Some(price) = pool.price(self.ledger) else { return 0.0 };
                (1.0 - pool.fee) * if side == SELL_BASE { price } else { 1.0 / price }
            }
            Leg::Order(id, side) => {
                let book = self.venues.book(id);
                let Some(price) = book.best(side.opposite()) else { return 0.0 };
                book_rate(book, side, price)
            }
            Leg::Fx(door) => self.treasury.as_ref().map_or(0.0, |window| window.rate(door)),
            Leg::Sell(asset) => self.mid(asset).map_or(0.0, |mid| mid * (1.0 - spread)),
            Leg::Buy(asset) => self.mid(asset).map_or(0.0, |mid| 1.0 / (mid * (1.0 + spread))),
        }
    }

    /// What `amount` units put in pay on `leg`; `None` where the size would be refused.
    #[must_use]
    pub fn quote(&self, leg: Leg, amount: f64) -> Option<f64> {
        let exchange = &self.venues.exchange;
        let out = match leg {
            Leg::Swap(id, side) => self.venues.pool(id).quote(self.ledger, side, amount),
            Leg::Order(id, side) => {
                let book = self.venues.book(id);
                let [_, received] = book.flow(side);
                let quote = self.book_quote(book, side, amount)?;
                Some(self.ledger.asset(received).decimals.units(quote.received))
            }
            Leg::Fx(door) => {
                self.treasury.as_ref().and_then(|window| (window.quote)(door.action(Size::Previous), amount))
            }
            Leg::Sell(asset) => {
                let mid = self.mid(asset)?;
                (exchange.cost_share(amount * mid) < 1.0).then(|| exchange.quote_sell(mid, amount))
            }
            Leg::Buy(asset) => {
                let mid = self.mid(asset)?;
                (exchange.cost_share(amount) < 1.0).then(|| exchange.quote_buy(mid, amount))
            }
        };
        out.filter(|out| out.is_finite() && *out > 0.0)
    }

    /// What of `amount` units put in `leg` uses: all of it, but for what is less than a lot, or more than there is, in an
    /// order book. The rest stays where it was.
    #[must_use]
    pub fn used(&self, leg: Leg, amount: f64) -> f64 {
        let Leg::Order(id, side) = leg else { return amount };
        let book = self.venues.book(id);
        let [paid, _] = book.flow(side);
        let used = self.book_quote(book, side, amount).map_or(Amount::ZERO, |quote| quote.used);
        self.ledger.asset(paid).decimals.units(used)
    }

    fn book_quote(&self, book: &Book, side: order_book::Side, amount: f64) -> Option<BookQuote> {
        let [paid, _] = book.flow(side);
        book.quote_market(side, self.ledger.asset(paid).decimals.floor(amount).ok()?)
    }
}
