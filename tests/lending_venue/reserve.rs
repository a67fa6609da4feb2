//! What the metrics say of the reserve, against sums by hand.

use ballast::protocol::amm::Side;
use ballast::quantity::Amount;
use ballast::venue::Action;
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::world::mempool::{Size, Terms};

use crate::examples::near;
use crate::place::{Design, PAPER, Place};

/// The pool whose quote coin is ETH.
const USD_ETH: PoolId = PoolId(1);

#[test]
fn months_of_fees_count_the_fees_of_every_pool_in_dollars() {
    let mut place = Place::new(Design::free(PAPER, "(initial: { \"USD\": 1000 })"), 1);
    place.at(12, 2_000.0);
    assert_eq!(place.metric("reserve_months"), None, "there was no fee yet");
    let amount = Size::Exact(Amount::from_atoms(1_000_000_000));
    let swap = PoolAction::Swap { pool: USD_ETH, side: Side::BuyBase, amount, min_out: Amount::ZERO };
    place.send(place.actors[0], &[Action::Pool(swap)], Terms::default()).unwrap();
    // 30 basis points of an ETH of 2,000 dollars, half of which the liquidity providers keep: 3 dollars in half a day.
    let pace = 3.0 / 0.5 * 365.0 / 12.0;
    near(place.metric("reserve_months").unwrap() * pace / 1_003.0, 1.0, 2e-3);
    near(place.metric("reserve").unwrap(), 1_003.0, 0.01);
    near(
        place.metric("reserve_usd").unwrap() + 2_000.0 * place.metric("reserve_eth").unwrap(),
        1_003.0,
        0.01,
    );
    assert_eq!(place.metric("reserve_drawn"), Some(0.0));
}
