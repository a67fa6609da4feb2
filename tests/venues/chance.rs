//! Random wishes, sensible and absurd.

use ballast::protocol::amm::Side;
use ballast::protocol::governance::{Measure, ParameterId, PauseId};
use ballast::protocol::order_book::{self, TimeInForce};
use ballast::quantity::{Amount, AssetId};
use ballast::venue::Action;
use ballast::venue::book::{BookAction, BookId};
use ballast::venue::exchange::Order;
use ballast::venue::governance::{GovernAction, Which};
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::venue::treasury::FxAction;
use ballast::world::ledger::AccountId;
use ballast::world::mempool::{MinimumGain, Size, Terms};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::place::{ETH, FETH, GOV, Place, USD, XETH};

pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn one_in(&mut self, many: u32) -> bool {
        self.0.random_range(0..many) == 0
    }

    /// Uniform between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// A factor of a price: mostly a few percent, at times a crash or a rally.
    pub(crate) fn move_of_price(&mut self) -> f64 {
        match self.below(20) {
            0 => 0.55 + 0.3 * self.share(),
            1 => 1.1 + 0.7 * self.share(),
            2 => 0.9 + 0.08 * self.share(),
            _ => 0.97 + 0.06 * self.share(),
        }
    }

    /// Part of what is held, mostly a small one; now and then nothing, all, too much or nonsense.
    fn amount(&mut self, held: Amount) -> Amount {
        const ODD: [i64; 8] = [0, -1, 1, 2, i64::MAX, i64::MIN, i64::MAX / 2, -1_000_000];
        let held = held.atoms();
        let atoms = match self.below(16) {
            0 => ODD[self.below(ODD.len())],
            1 => held,
            2 => held.saturating_add(1),
            3 => 1 + self.below(5_000) as i64,
            _ => (held as f64 * libm::pow(self.share(), 4.0)) as i64,
        };
        Amount::from_atoms(atoms)
    }

    fn size(&mut self, held: Amount) -> Size {
        if self.one_in(4) { Size::Previous } else { Size::Exact(self.amount(held)) }
    }

    pub(crate) fn action(&mut self, place: &Place, actor: AccountId) -> Action {
        match self.below(13) {
            10.. => Action::Book(self.book_action(place, actor)),
            0 => Action::Exchange(self.order(place, actor)),
            1..=3 => Action::Pool(self.pool_action(place, actor)),
            4..=8 => Action::Fx(self.fx_action(place, actor)),
            9 => Action::Govern(self.govern_action(place, actor)),
        }
    }

    fn order(&mut self, place: &Place, actor: AccountId) -> Order {
        let asset = if self.one_in(8) { AssetId(self.below(20) as u8) } else { ETH };
        if self.one_in(2) {
            Order::Buy { asset, dollars: self.size(place.held(actor, USD)) }
        } else {
            Order::Sell { asset, amount: self.size(place.held(actor, ETH)) }
        }
    }

    fn pool_action(&mut self, place: &Place, actor: AccountId) -> PoolAction {
        let at = self.below(place.pools());
        let pool = if self.one_in(50) { PoolId(200) } else { PoolId(at as u8) };
        let (coins, shares) = place.pool(at);
        match self.below(6) {
            0 => {
                let max = coins.map(|coin| self.amount(place.held(actor, coin)));
                PoolAction::AddLiquidity { pool, max }
            }
            1 => PoolAction::RemoveLiquidity { pool, shares: self.size(place.held(actor, shares)) },
            2 => {
                let side = self.side();
                let held = place.held(actor, coins[side.coin_in()]);
                let max_in = if self.one_in(3) { self.size(held) } else { Size::Exact(held) };
                let amount_out = self.amount(place.reserves(at)[side.coin_out()]);
                PoolAction::SwapExactOut { pool, side, amount_out, max_in }
            }
            3 => {
                let side = self.side();
                let amount = self.size(place.held(actor, coins[side.coin_in()]));
                PoolAction::SwapToPrice { pool, side, amount, limit: self.limit(place, pool, side) }
            }
            _ => {
                let side = self.side();
                let amount = self.size(place.held(actor, coins[side.coin_in()]));
                let min_out =
                    if self.one_in(5) { self.amount(Amount::from_atoms(1_000_000)) } else { Amount::ZERO };
                PoolAction::Swap { pool, side, amount, min_out }
            }
        }
    }

    fn side(&mut self) -> Side {
        if self.one_in(2) { Side::SellBase } else { Side::BuyBase }
    }

    /// Mostly a price that the side moves towards, near or far; now and then the price itself, one behind it, or none.
    fn limit(&mut self, place: &Place, pool: PoolId, side: Side) -> f64 {
        let price = place.price_in(pool).unwrap_or(1.0);
        let away = libm::pow(self.share(), 4.0);
        let towards = if side == Side::SellBase { 1.0 - away } else { 1.0 / (1.0 - away) };
        match self.below(12) {
            0 => [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300, 1e-300][self.below(6)],
            1 => price,
            2 => price / towards,
            3 => price * (1.0 + (towards - 1.0) * 1e-12),
            _ => price * towards,
        }
    }

    /// An output to be asked of some pool.
    pub(crate) fn exact_output(&mut self, place: &Place) -> (PoolId, Side, Amount) {
        let (at, side) = (self.below(place.pools()), self.side());
        let amount = self.amount(place.reserves(at)[side.coin_out()]);
        (PoolId(at as u8), side, amount)
    }

    fn fx_action(&mut self, place: &Place, actor: AccountId) -> FxAction {
        let [eth, feth, xeth] = [ETH, FETH, XETH].map(|asset| place.held(actor, asset));
        match self.below(16) {
            0 | 1 => FxAction::MintFeth { collateral: self.size(eth) },
            2 | 3 => FxAction::MintXeth { collateral: self.size(eth) },
            4 => FxAction::RedeemFeth { feth: self.size(feth) },
            5 => FxAction::RedeemXeth { xeth: self.size(xeth) },
            6 => FxAction::AddCollateral { collateral: self.size(eth) },
            7 => FxAction::Liquidate { feth: self.size(feth) },
            8 => FxAction::Settle,
            9 => FxAction::ProtocolRebalance,
            10 => FxAction::LiquidateRebalancePool,
            11 => FxAction::Harvest,
            12 | 13 => FxAction::StakeFeth { feth: self.size(feth) },
            14 => FxAction::UnstakeFeth { feth: self.size(feth) },
            _ => FxAction::CollectStake,
        }
    }

    /// Prices around the middle, or around where ETH began; mostly small orders.
    fn book_action(&mut self, place: &Place, actor: AccountId) -> BookAction {
        let at = self.below(place.books().len());
        let book = if self.one_in(60) { BookId(9) } else { BookId(at as u8) };
        let known = &place.books()[at];
        let side = if self.one_in(2) { order_book::Side::Buy } else { order_book::Side::Sell };
        let [paid, _] = known.flow(side);
        match self.below(10) {
            0 => BookAction::CancelAll { book },
            1 => {
                let own = known.orders().orders_of(order_book::Trader(actor.0));
                let all = order_book::Side::BOTH.into_iter().flat_map(|side| known.orders().orders(side));
                let some: Vec<_> =
                    if self.one_in(4) { all.map(|(id, _)| id).collect() } else { own.collect() };
                let order = match some.len() {
                    0 => order_book::OrderId { side, price: 400, number: 3 },
                    count => some[self.below(count)],
                };
                BookAction::Cancel { book, order }
            }
            2..=4 => {
                let min_out =
                    if self.one_in(5) { self.amount(Amount::from_atoms(1_000_000)) } else { Amount::ZERO };
                BookAction::Market { book, side, amount: self.size(place.held(actor, paid)), min_out }
            }
            _ => {
                let middle = known.orders().mid().unwrap_or(if at == 0 { 400.0 } else { 500.0 });
                let price = match self.below(30) {
                    0 => [0, 1, u32::MAX][self.below(3)],
                    _ => (middle * (0.97 + 0.06 * self.share())) as u32,
                };
                let held = self.amount(place.held(actor, paid)).share(0.3);
                let lots = match (self.below(30), side) {
                    (0, _) => [0, 1, u32::MAX][self.below(3)],
                    (_, order_book::Side::Buy) => known.lots_for(held, price),
                    (_, order_book::Side::Sell) => known.lots(held),
                };
                let time_in_force = [
                    TimeInForce::GoodTillCancelled,
                    TimeInForce::GoodTillCancelled,
                    TimeInForce::ImmediateOrCancel,
                    TimeInForce::PostOnly,
                ][self.below(4)];
                BookAction::Limit { book, side, price, lots, time_in_force }
            }
        }
    }

    fn govern_action(&mut self, place: &Place, actor: AccountId) -> GovernAction {
        if self.one_in(2) {
            let known = place.parameters();
            let parameter = ParameterId(self.below(known.len() + 1) as u16);
            let value = match (self.below(8), known.get(parameter.index())) {
                (0, _) => [f64::NAN, f64::INFINITY, -1.0, 1e300][self.below(4)],
                (1, Some((low, _))) => *low,
                (2, Some((_, high))) => *high,
                (_, Some((low, high))) => low + (high - low) * self.share(),
                (_, None) => 1.0,
            };
            let hours = self.below(40) as u32;
            let measure = match self.below(10) {
                0 => Measure::AdvancePhase,
                1 => Measure::Pause { venue: PauseId(self.below(4) as u8), hours },
                2 => Measure::Spend { recipient: actor.0, cash: self.amount(place.held(actor, USD)) },
                3 | 4 => Measure::Schedule { parameter, from: 0.0, to: value, hours },
                _ => Measure::Set { parameter, from: 0.0, to: value },
            };
            match self.below(12) {
                0 => GovernAction::Execute { measure },
                _ => GovernAction::Propose { measure },
            }
        } else {
            let weight = if self.one_in(3) {
                self.size(place.held(actor, GOV))
            } else {
                Size::Exact(place.held(actor, GOV).share(0.5))
            };
            let number = self.below(6) as u32;
            let ballot = if self.one_in(2) { Which::Newest } else { Which::Number(number) };
            let support = !self.one_in(5);
            match self.below(16) {
                0 => GovernAction::Reclaim,
                1 => GovernAction::Delegate {
                    to: (!self.one_in(4)).then(|| AccountId(actor.0.saturating_sub(self.below(3) as u32))),
                },
                2 => GovernAction::Cancel { ballot: number },
                3 => {
                    let cash = self.amount(place.held(actor, USD)).share(0.01);
                    GovernAction::OfferBribe { ballot, support, cash, rate: self.share() - 0.05 }
                }
                4 => GovernAction::Veto { ballot: number },
                5 => GovernAction::Suspend,
                _ => GovernAction::Vote { ballot, support, weight },
            }
        }
    }

    pub(crate) fn terms(&mut self, place: &Place, actor: AccountId) -> Terms {
        let priority_fee = match self.below(12) {
            0 => self.amount(place.held(actor, USD)),
            1..=3 => Amount::from_atoms(self.below(1_000_000) as i64),
            _ => Amount::ZERO,
        };
        let minimum_gain = self.one_in(8).then(|| MinimumGain {
            asset: [USD, ETH, FETH, XETH][self.below(4)],
            amount: self.amount(Amount::from_atoms(1_000_000)),
        });
        Terms { priority_fee, minimum_gain }
    }

    /// Actions that lead back to where they began, and the assets of which there may not be more afterwards.
    pub(crate) fn round_trip(&mut self, place: &Place, actor: AccountId) -> (Vec<Action>, Vec<AssetId>) {
        let back = Size::Previous;
        let mut of = |asset: AssetId| {
            let held = place.held(actor, asset).atoms() as f64;
            let atoms = if self.one_in(3) {
                1 + self.below(100_000) as i64
            } else {
                (held * libm::pow(self.share(), 4.0)) as i64
            };
            Size::Exact(Amount::from_atoms(atoms))
        };
        let fx = |there: FxAction, back: FxAction| vec![Action::Fx(there), Action::Fx(back)];
        let [eth, feth, xeth, usd] = [ETH, FETH, XETH, USD].map(&mut of);
        match self.below(12) {
            0 => (fx(FxAction::MintFeth { collateral: eth }, FxAction::RedeemFeth { feth: back }), vec![ETH]),
            1 => (fx(FxAction::MintXeth { collateral: eth }, FxAction::RedeemXeth { xeth: back }), vec![ETH]),
            2 => (fx(FxAction::RedeemFeth { feth }, FxAction::MintFeth { collateral: back }), vec![FETH]),
            3 => (fx(FxAction::RedeemXeth { xeth }, FxAction::MintXeth { collateral: back }), vec![XETH]),
            4 => {
                let there = Order::Buy { asset: ETH, dollars: usd };
                (
                    vec![Action::Exchange(there), Action::Exchange(Order::Sell { asset: ETH, amount: back })],
                    vec![USD],
                )
            }
            5 => {
                let at = self.below(place.pools());
                let (coins, _) = place.pool(at);
                let pool = PoolId(at as u8);
                let most = place.held(actor, coins[0]).atoms().min(place.held(actor, coins[1]).atoms());
                let max = [Amount::from_atoms((most as f64 * self.share()) as i64); 2];
                let remove = PoolAction::RemoveLiquidity { pool, shares: back };
                (
                    vec![Action::Pool(PoolAction::AddLiquidity { pool, max }), Action::Pool(remove)],
                    coins.to_vec(),
                )
            }
            _ => {
                let at = self.below(place.pools());
                let (coins, _) = place.pool(at);
                let (there, home) = if self.one_in(2) {
                    (Side::SellBase, Side::BuyBase)
                } else {
                    (Side::BuyBase, Side::SellBase)
                };
                let swap = |side, amount| {
                    Action::Pool(PoolAction::Swap {
                        pool: PoolId(at as u8),
                        side,
                        amount,
                        min_out: Amount::ZERO,
                    })
                };
                let paid = place.held(actor, coins[there.coin_in()]).atoms() as f64;
                let paid = Amount::from_atoms((paid * libm::pow(self.share(), 6.0)) as i64);
                let pool = PoolId(at as u8);
                let out = match self.below(3) {
                    0 => swap(there, Size::Exact(paid)),
                    1 => {
                        let most = place.held(actor, coins[there.coin_in()]);
                        let held = place.reserves(at)[there.coin_out()].atoms() as f64;
                        let amount_out = Amount::from_atoms((held * libm::pow(self.share(), 6.0)) as i64);
                        let max_in = Size::Exact(most);
                        Action::Pool(PoolAction::SwapExactOut { pool, side: there, amount_out, max_in })
                    }
                    _ => {
                        let limit = self.limit(place, pool, there);
                        let amount = Size::Exact(paid);
                        Action::Pool(PoolAction::SwapToPrice { pool, side: there, amount, limit })
                    }
                };
                let home = match self.below(4) {
                    0 => {
                        let limit = self.limit(place, pool, home);
                        Action::Pool(PoolAction::SwapToPrice { pool, side: home, amount: back, limit })
                    }
                    _ => swap(home, back),
                };
                (vec![out, home], vec![coins[there.coin_in()]])
            }
        }
    }
}
