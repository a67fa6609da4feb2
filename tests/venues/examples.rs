//! What the walks have found, one by one.

use ballast::protocol::amm::{Side, SwapError};
use ballast::protocol::order_book::{self, TimeInForce};
use ballast::quantity::{Amount, AssetId};
use ballast::venue::book::{BookAction, BookId, BookRefusal};
use ballast::venue::exchange::{ExchangeRefusal, Order};
use ballast::venue::pool::{PoolAction, PoolId, PoolRefusal};
use ballast::venue::{Action, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::{Size, Terms};

use crate::place::{Design, ETH, FETH, Place, USD, XETH};

/// The pool of ETH and dollars, nine tenths ETH by weight.
const ETH_USD: PoolId = PoolId(2);

/// The pool of xETH and ETH: 50,000 against 25.
const XETH_ETH: PoolId = PoolId(1);

/// A world whose pools ask nothing.
fn rich() -> (Place, AccountId) {
    rich_in(Design::all()[1])
}

fn rich_in(design: Design) -> (Place, AccountId) {
    let mut place = Place::new(design, 1);
    let actor = place.actors[0];
    place.bring_in(actor, USD, dollars(100_000_000));
    place.bring_in(actor, ETH, eth(100_000));
    (place, actor)
}

const fn dollars(dollars: i64) -> Amount {
    Amount::from_atoms(dollars * 1_000_000)
}

const fn eth(eth: i64) -> Amount {
    Amount::from_atoms(eth * 1_000_000_000)
}

fn send(place: &mut Place, actor: AccountId, action: Action) -> Result<Amount, Refusal> {
    place.send(actor, &[action], Terms::default())
}

#[test]
fn an_outside_order_is_too_large_by_its_own_value() {
    let (mut place, actor) = rich();
    let buy = |asset: AssetId, paid| Action::Exchange(Order::Buy { asset, dollars: Size::Exact(paid) });
    let sell = |sold| Action::Exchange(Order::Sell { asset: ETH, amount: Size::Exact(sold) });
    // Depth is 50 million dollars an hour at 100 basis points: 10 million move the price by 0.2 %, and 0.02 % is spread.
    let bought = send(&mut place, actor, buy(ETH, dollars(10_000_000))).unwrap();
    let expected = 10_000_000.0 / (2_000.0 * 1.0022) * 1e9;
    assert!((bought.atoms() as f64 / expected - 1.0).abs() < 1e-9, "{bought}");
    assert!(send(&mut place, actor, sell(eth(5_000))).is_ok());
    let too_large = Err(Refusal::Exchange(ExchangeRefusal::TooLarge));
    assert_eq!(send(&mut place, actor, sell(eth(4_000_000))), too_large);
}

#[test]
fn liquidity_of_which_one_coin_is_none_or_less_is_refused() {
    let (mut place, actor) = rich();
    for odd in [0, -1, i64::MIN] {
        for max in [[Amount::from_atoms(odd), dollars(100)], [eth(1), Amount::from_atoms(odd)]] {
            let add = Action::Pool(PoolAction::AddLiquidity { pool: ETH_USD, max });
            assert_eq!(send(&mut place, actor, add), Err(Refusal::Pool(PoolRefusal::Dust)), "{max:?}");
        }
    }
}

#[test]
fn a_pool_is_never_emptied() {
    let (mut place, actor) = rich();
    let before = place.standing();
    // A thousand times the reserve of ETH, to the ninth power: the dollars left are less than `f64` tells from none.
    let sale = PoolAction::Swap {
        pool: ETH_USD,
        side: Side::SellBase,
        amount: Size::Exact(eth(50_000)),
        min_out: Amount::ZERO,
    };
    send(&mut place, actor, Action::Pool(sale)).unwrap();
    assert_eq!(place.reserves(2)[1], Amount::from_atoms(1));
    place.standing().must_follow(&before, false, "a sale of all there is");
    let back = PoolAction::Swap {
        pool: ETH_USD,
        side: Side::BuyBase,
        amount: Size::Exact(dollars(10_000)),
        min_out: Amount::ZERO,
    };
    assert!(send(&mut place, actor, Action::Pool(back)).unwrap() <= eth(50_000), "the pool still works");
}

fn exactly(pool: PoolId, amount_out: Amount, max_in: Amount) -> Action {
    let max_in = Size::Exact(max_in);
    Action::Pool(PoolAction::SwapExactOut { pool, side: Side::BuyBase, amount_out, max_in })
}

fn up_to(limit: f64, amount: Amount) -> Action {
    let (side, amount) = (Side::BuyBase, Size::Exact(amount));
    Action::Pool(PoolAction::SwapToPrice { pool: XETH_ETH, side, amount, limit })
}

const fn millionths(units: i64) -> Amount {
    Amount::from_atoms(units * 1_000_000)
}

#[test]
fn an_exact_output_costs_what_the_curve_says() {
    // 10,000 of 50,000 xETH leave, so a fourth of the ETH has to come: 6.25.
    let (mut place, actor) = rich();
    let before = [ETH, XETH].map(|asset| place.held(actor, asset).atoms());
    let refused = send(&mut place, actor, exactly(XETH_ETH, millionths(10_000), eth(6)));
    let Err(Refusal::Pool(PoolRefusal::TooDear { wanted, found })) = refused else { panic!("{refused:?}") };
    assert_eq!(wanted, eth(6));
    assert!((6_250_000_000..6_250_000_003).contains(&found.atoms()), "{found}");
    assert_eq!(place.held(actor, ETH).atoms(), before[0]);
    assert_eq!(send(&mut place, actor, exactly(XETH_ETH, millionths(10_000), found)), Ok(millionths(10_000)));
    let after = [ETH, XETH].map(|asset| place.held(actor, asset).atoms());
    assert_eq!((after[0], after[1]), (before[0] - found.atoms(), before[1] + 10_000_000_000));
    // All there is cannot be had at any price.
    let all = place.reserves(1)[0];
    let refused = send(&mut place, actor, exactly(XETH_ETH, all, eth(100_000)));
    assert!(matches!(refused, Err(Refusal::Pool(PoolRefusal::Curve(_)))), "{refused:?}");
}

#[test]
fn an_exact_output_pays_the_fee_of_its_curve() {
    let (mut place, actor) = rich_in(Design::all()[0]);
    // On the input, 0.3 %.
    let before = place.held(actor, ETH).atoms();
    send(&mut place, actor, exactly(XETH_ETH, millionths(10_000), eth(7))).unwrap();
    let paid = (before - place.held(actor, ETH).atoms()) as f64 * 1e-9;
    assert!((paid - 6.25 / 0.997).abs() < 3e-9, "{paid}");
    // On the output: the curve gives up a little more than is received, of which half stays as well.
    let before = (place.held(actor, FETH), place.reserves(0));
    send(&mut place, actor, exactly(PoolId(0), millionths(1_000), dollars(2_000))).unwrap();
    assert_eq!(place.held(actor, FETH).atoms() - before.0.atoms(), 1_000_000_000);
    let left = (before.1[0].atoms() - place.reserves(0)[0].atoms()) as f64 * 1e-6;
    let fee = 1_000.0 * 0.003 / 0.997;
    assert!((left - (1_000.0 + 0.5 * fee)).abs() < 3e-6, "{left}");
}

#[test]
fn a_swap_up_to_a_price_stops_there() {
    // To four times the price: as much ETH again as there is buys half of the xETH.
    let (mut place, actor) = rich();
    let price = place.price_in(XETH_ETH).unwrap();
    let before = place.held(actor, ETH).atoms();
    let bought = send(&mut place, actor, up_to(4.0 * price, eth(50_000))).unwrap();
    let paid = before - place.held(actor, ETH).atoms();
    assert!((25_000_000_000 - paid).abs() < 3, "{paid}");
    assert!((25_000_000_000 - bought.atoms()).abs() < 3, "{bought}");
    let after = place.price_in(XETH_ETH).unwrap();
    assert!(after <= 4.0 * price && after > 3.999_999 * price, "{after}");
    // Once there, nothing is swapped; a price that is none is refused as such.
    for (limit, refusal) in [(price, PoolRefusal::AtLimit), (f64::NAN, SwapError::Price.into())] {
        assert_eq!(send(&mut place, actor, up_to(limit, eth(1))), Err(Refusal::Pool(refusal)));
    }
    // Short of the limit all of it goes in.
    let before = place.held(actor, ETH).atoms();
    send(&mut place, actor, up_to(100.0 * price, eth(1))).unwrap();
    assert_eq!(before - place.held(actor, ETH).atoms(), 1_000_000_000);
}

#[test]
fn the_average_over_time_and_the_average_over_trades_of_a_pool() {
    let (mut place, actor) = rich();
    let opening = place.price_in(XETH_ETH).unwrap();
    let near =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
    assert_eq!(place.averages(XETH_ETH), (opening, opening));
    send(&mut place, actor, up_to(4.0 * opening, eth(50_000))).unwrap();
    // No time has passed and nobody has traded since: an instant counts for nothing, the reading for a twentieth.
    near(place.averages(XETH_ETH).0, 4.0 * opening);
    near(place.averages(XETH_ETH).1, (0.95 + 0.05 * 4.0) * opening);
    place.wait(1);
    // An hour at four times the price.
    near(place.averages(XETH_ETH).0, 4.0 * opening);
    send(&mut place, actor, up_to(16.0 * opening, eth(50_000))).unwrap();
    let stored = 0.95 + 0.05 * 4.0;
    near(place.averages(XETH_ETH).0, 4.0 * opening);
    near(place.averages(XETH_ETH).1, (0.95 * stored + 0.05 * 16.0) * opening);
    // Trades move the one, hours the other.
    place.wait(1);
    near(place.averages(XETH_ETH).0, 16.0 * opening);
    near(place.averages(XETH_ETH).1, (0.95 * stored + 0.05 * 16.0) * opening);
}

#[test]
fn a_price_of_the_moment_alarms_only_voters_who_look_at_it() {
    // Every other design asks a fee, and lets voters look at the average.
    for (design, averages) in [(Design::all()[0], true), (Design::all()[1], false)] {
        let (mut place, actor) = rich_in(design);
        place.wait(2);
        let before = place.peg_deviation();
        let buy = PoolAction::Swap {
            pool: PoolId(0),
            side: Side::BuyBase,
            amount: Size::Exact(dollars(90_000)),
            min_out: Amount::ZERO,
        };
        send(&mut place, actor, Action::Pool(buy)).unwrap();
        let moment = place.peg_deviation() - before;
        place.wait(1);
        let hour = place.peg_deviation() - before;
        assert!(hour > 0.01, "{hour}");
        assert_eq!(moment > 0.01, !averages, "{moment}");
    }
}

/// In dollars and thousandths of ETH, at 5 dollars a tick; takers pay 30 basis points, makers 7.3.
const ETH_BOOK: BookId = BookId(0);

/// An offer of 2 ETH at 2,000; 2,501 dollars buy 1.25 of it, for a lot costs 2 dollars.
#[test]
fn a_trade_in_a_book_pays_maker_taker_and_reserve_to_the_atom() {
    let (mut place, taker) = rich_in(Design::all()[0]);
    let maker = place.actors[1];
    place.bring_in(maker, ETH, eth(10));
    let reserve = place.books()[0].terms.reserve;
    let held = |place: &Place| {
        [maker, taker, reserve].map(|who| [USD, ETH].map(|coin| place.held(who, coin).atoms()))
    };
    let before = held(&place);
    let offer = BookAction::Limit {
        book: ETH_BOOK,
        side: order_book::Side::Sell,
        price: 400,
        lots: 2_000,
        time_in_force: TimeInForce::GoodTillCancelled,
    };
    assert_eq!(send(&mut place, maker, Action::Book(offer)), Ok(Amount::ZERO), "nothing is received at once");
    let market = |min_out| {
        let amount = Size::Exact(dollars(2_501));
        Action::Book(BookAction::Market { book: ETH_BOOK, side: order_book::Side::Buy, amount, min_out })
    };
    let received = Amount::from_atoms(1_250_000_000 - 3_750_000);
    let more = Amount::from_atoms(received.atoms() + 1);
    let slippage = BookRefusal::Slippage { wanted: more, found: received };
    assert_eq!(send(&mut place, taker, market(more)), Err(Refusal::Book(slippage)));
    assert_eq!(send(&mut place, taker, market(received)), Ok(received));
    let gas = 10_000;
    let after = held(&place);
    let change = |who: usize, coin: usize| after[who][coin] - before[who][coin];
    assert_eq!([change(0, 0), change(0, 1)], [2_500_000_000 - 1_825_000 - gas, -2_000_000_000]);
    assert_eq!([change(1, 0), change(1, 1)], [-2_500_000_000 - gas, received.atoms()]);
    assert_eq!([change(2, 0), change(2, 1)], [1_825_000, 3_750_000]);
    let left = place.books()[0].orders().orders_of(order_book::Trader(maker.0)).next().unwrap();
    let cancel = Action::Book(BookAction::Cancel { book: ETH_BOOK, order: left });
    let stranger = Refusal::Book(BookRefusal::Orders(order_book::Refusal::NotOwner));
    assert_eq!(send(&mut place, taker, cancel), Err(stranger));
    assert_eq!(send(&mut place, maker, cancel), Ok(Amount::from_atoms(750_000_000)));
    assert_eq!(send(&mut place, taker, market(Amount::ZERO)), Err(Refusal::Book(BookRefusal::NothingTrades)));
    let record = place.books()[0].record;
    assert_eq!((record.volume_quote, record.trades), (2_500.0, 1));
    assert!((record.fees_quote - 2_500.0 * 37.3e-4).abs() < 1e-9, "{}", record.fees_quote);
}

/// One who quotes both sides and crosses himself loses neither coin: what his own order held ready comes back first.
#[test]
fn an_order_that_meets_its_owner_gives_back_what_it_held_ready() {
    let (mut place, actor) = rich_in(Design::all()[0]);
    let limit = |side, price, lots| {
        let time_in_force = TimeInForce::GoodTillCancelled;
        Action::Book(BookAction::Limit { book: ETH_BOOK, side, price, lots, time_in_force })
    };
    let eth_before = place.held(actor, ETH);
    send(&mut place, actor, limit(order_book::Side::Sell, 400, 1_000)).unwrap();
    send(&mut place, actor, limit(order_book::Side::Buy, 400, 500)).unwrap();
    assert_eq!(place.held(actor, ETH), eth_before, "the offer was the older one");
    assert_eq!(place.books()[0].orders().len(), 1);
    assert_eq!(place.books()[0].reserved_by(actor), [Amount::ZERO, dollars(1_000)]);
    place.must_be_sound("a bid alone");
}
