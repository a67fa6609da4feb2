//! The sliding pool.

use proptest::prelude::*;

use super::super::{BootstrapPool, Refusal};

fn pool() -> BootstrapPool {
    BootstrapPool {
        balances: [1_000.0, 200.0],
        weights_x: [0.9, 0.8],
        listed: 100,
        expiry: 200,
        price_bounds: [0.0, f64::MAX],
    }
}

#[test]
fn the_weight_slides_and_the_pool_ends_after_its_last_block() {
    let weights = [100, 150, 200].map(|height| pool().weight_x_at(height).unwrap());
    for (found, expected) in weights.into_iter().zip([0.9, 0.85, 0.8]) {
        assert!((found - expected).abs() < 1e-15);
    }
    assert_eq!(pool().weight_x_at(201).unwrap_err().code(), Some(2011));
    assert_eq!(pool().weight_x_at(50), Ok(0.9), "before it starts");
}

#[test]
fn refusals_come_in_the_contracts_order() {
    let narrow = BootstrapPool { price_bounds: [5.0, 6.0], ..pool() };
    let code = |outcome: Result<_, Refusal>| outcome.unwrap_err().code();
    assert_eq!(code(narrow.swap_x_for_y(201, 100.0, 1e9)), Some(2011));
    assert_eq!(code(narrow.swap_x_for_y(150, 10.0, 1e9)), Some(4001), "one hundredth is too much");
    assert_eq!(code(narrow.swap_x_for_y(150, 5.0, 1e9)), Some(4002));
    assert_eq!(code(narrow.swap_x_for_y(150, 1.0, 1e9)), Some(2020));
    assert_eq!(code(narrow.swap_x_for_y(150, 1.0, 0.0)), Some(2021));
    let low = BootstrapPool { price_bounds: [0.1, 0.2], ..pool() };
    assert_eq!(code(low.swap_y_for_x(150, 1.0, 0.0)), Some(2022));
    assert_eq!(code(pool().swap_x_for_y(150, 1.0, f64::NAN)), Some(2020));
    for bad in [
        BootstrapPool { weights_x: [0.5, 0.6], ..pool() },
        BootstrapPool { weights_x: [1.0, 0.6], ..pool() },
        BootstrapPool { weights_x: [f64::NAN, 0.6], ..pool() },
        BootstrapPool { expiry: 100, ..pool() },
        BootstrapPool { price_bounds: [2.0, 1.0], ..pool() },
    ] {
        assert_eq!(bad.swap_x_for_y(150, 1.0, 0.0), Err(Refusal::Terms));
    }
}

proptest! {
    /// A round trip in one block gains nothing, and a trade stays on the curve of its block.
    #[test]
    fn the_curve_of_a_block_holds(dx in 0.01..1.0_f64, height in 100..=200_u64) {
        let sold = pool().swap_x_for_y(height, dx, 0.0).unwrap();
        let back = sold.next.swap_y_for_x(height, sold.out, 0.0).unwrap();
        prop_assert!((back.out - dx).abs() < 1e-9);
        let weight = pool().weight_x_at(height).unwrap();
        let invariant = |pool: &BootstrapPool| {
            weight * libm::log(pool.balances[0]) + (1.0 - weight) * libm::log(pool.balances[1])
        };
        prop_assert!((invariant(&pool()) - invariant(&sold.next)).abs() < 1e-12);
    }

    /// Waiting makes the token cheaper.
    #[test]
    fn waiting_buys_more(height in 100..200_u64, dy in 0.01..1.0_f64) {
        let now = pool().swap_y_for_x(height, dy, 0.0).unwrap().out;
        prop_assert!(pool().swap_y_for_x(height + 1, dy, 0.0).unwrap().out > now);
    }
}
