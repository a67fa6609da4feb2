use proptest::prelude::*;

use super::*;
use crate::protocol::order_book::{FeeRate, SelfMatch};
use crate::quantity::AssetId;
use crate::venue::book::BookTerms;

const STYLE: Style = Style {
    half_spread: 0.001,
    risk_aversion: 2.0,
    horizon_hours: 12.0,
    target_base_share: 0.5,
    offered_share: 0.5,
    levels: 2,
    level_step: 0.002,
    requote: 0.0005,
};

/// Dollars in cents, ETH in thousandths.
fn book() -> Book {
    Book::new(BookTerms {
        name: "eth_book".into(),
        account: AccountId(0),
        coins: [AssetId(1), AssetId(0)],
        reserve: AccountId(1),
        tick_size: 0.01,
        lot_atoms: 1_000_000,
        tick_lot_atoms: 10,
        maker_fee: FeeRate::default(),
        taker_fee: FeeRate::default(),
        self_match: SelfMatch::default(),
    })
}

/// By hand: a variance of 1e-4 an hour is a risk of 2 x 1e-4 x 12 = 0.0024; with all in base the maker is half long.
#[test]
fn the_stance_is_that_of_avellaneda_and_stoikov() {
    let balanced = STYLE.stance(2_000.0, 1e-4, [500.0, 500.0]).unwrap();
    assert_eq!(balanced.reservation, 2_000.0);
    assert!((balanced.half_spread - 0.0022).abs() < 1e-15);
    let long = STYLE.stance(2_000.0, 1e-4, [1_000.0, 0.0]).unwrap();
    assert!((long.reservation - 2_000.0 * (1.0 - 0.0012)).abs() < 1e-9);
    let short = STYLE.stance(2_000.0, 1e-4, [0.0, 1_000.0]).unwrap();
    assert!((short.reservation - 2_000.0 * (1.0 + 0.0012)).abs() < 1e-9);
    assert_eq!(STYLE.stance(2_000.0, 1e-4, [0.0, 0.0]), None);
    assert_eq!(STYLE.stance(f64::NAN, 1e-4, [1.0, 1.0]), None);
}

#[test]
fn orders_lie_around_the_reservation_price() {
    let stance = Stance { reservation: 2_000.0, half_spread: 0.001 };
    let held = [Amount::from_atoms(10_000_000_000), Amount::from_atoms(20_000_000_000)];
    let orders: Vec<_> = STYLE.orders(stance, &book(), held).collect();
    // A quarter of ten ETH, and of twenty thousand dollars, on each level.
    assert_eq!(
        orders,
        [
            (Side::Buy, 199_800, 2_502),
            (Side::Sell, 200_200, 2_500),
            (Side::Buy, 199_400, 2_507),
            (Side::Sell, 200_600, 2_500),
        ]
    );
    assert_eq!(STYLE.orders(stance, &book(), [Amount::ZERO; 2]).count(), 0);
}

#[test]
fn volatility_is_learnt_from_moves() {
    let mut memory = Memory { variance_per_hour: 0.0, half_life_hours: 2.0, last: None };
    memory.see(100.0, 0.0);
    assert_eq!(memory.variance_per_hour, 0.0, "one price is no move");
    memory.see(100.0 * libm::exp(0.02), 2.0);
    assert!((memory.variance_per_hour - 0.5 * 0.02 * 0.02 / 2.0).abs() < 1e-15);
    memory.see(105.0, 2.0);
    assert!((memory.variance_per_hour - 1e-4).abs() < 1e-15, "nothing moves in no time");
}

proptest! {
    /// Bids below offers, never more than is held, whatever the market.
    #[test]
    fn quotes_are_sound(
        fair in 0.02..1e5_f64, variance in 0.0..1.0_f64, base in 0..1_000_000_000_000_000_i64,
        quote in 0..1_000_000_000_000_i64, half_spread in 0.0..0.5_f64, levels in 1_u8..=8, step in 0.0..0.1_f64,
        offered_share in 0.0..=1.0_f64, target_base_share in 0.0..=1.0_f64,
    ) {
        let style = Style { half_spread, levels, level_step: step, offered_share, target_base_share, ..STYLE };
        let held = [base, quote].map(Amount::from_atoms);
        let worth = [base as f64 * 1e-9 * fair, quote as f64 * 1e-6];
        if let Some(stance) = style.stance(fair, variance, worth) {
            prop_assert!(stance.reservation > 0.0 && stance.half_spread >= half_spread.min(0.9));
            let book = book();
            let (mut pays, mut gives) = (0_i128, 0_i128);
            let (mut highest, mut lowest) = (0, u32::MAX);
            for (side, price, lots) in style.orders(stance, &book, held) {
                match side {
                    Side::Buy => {
                        pays += i128::from(price) * i128::from(lots) * 10;
                        highest = highest.max(price);
                    }
                    Side::Sell => {
                        gives += i128::from(lots) * 1_000_000;
                        lowest = lowest.min(price);
                    }
                }
            }
            prop_assert!(pays <= i128::from(quote) && gives <= i128::from(base));
            prop_assert!(highest < lowest, "{highest} and {lowest}");
        }
    }
}
