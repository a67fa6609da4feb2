//! What the walks have found, one by one.

use ballast::protocol::amm::Side;
use ballast::quantity::{Amount, AssetId};
use ballast::venue::exchange::{ExchangeRefusal, Order};
use ballast::venue::pool::{PoolAction, PoolId, PoolRefusal};
use ballast::venue::{Action, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::{Size, Terms};

use crate::place::{Design, ETH, Place, USD};

/// The pool of ETH and dollars, nine tenths ETH by weight.
const ETH_USD: PoolId = PoolId(2);

fn rich() -> (Place, AccountId) {
    let mut place = Place::new(Design::all()[1], 1);
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
