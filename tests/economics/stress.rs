//! What a crash does to f(x), and what helps.

use bevy_ecs::prelude::Mut;

use ballast::agents::Directory;
use ballast::experiment::world::build;
use ballast::protocol::fx;
use ballast::quantity::{Amount, Tick};
use ballast::venue::treasury::FxAction;
use ballast::venue::{Action, Deal, Refusal, Venues};
use ballast::world::clock::Clock;
use ballast::world::ledger::Ledger;
use ballast::world::mempool::Size;
use ballast::world::notes::Notes;
use ballast::world::oracle::Oracle;
use ballast::world::phase::run_tick;
use bevy_ecs::world::World;

use super::paired::{assert_falls, over_runs, series, sets};
use super::shipped::{path, shipped, variants};

/// Lets the first agent try something, for nothing: what it does is undone.
fn attempt(world: &mut World, action: Action) -> Result<Amount, Refusal> {
    let actor = world.resource::<Directory>().populations()[0].first;
    world.resource_scope(|world, mut venues: Mut<'_, Venues>| {
        world.resource_scope(|world, mut ledger: Mut<'_, Ledger>| {
            let (oracle, clock) = (world.resource::<Oracle>(), world.resource::<Clock>());
            let mut notes = Notes::default();
            let mut deal = Deal { ledger: &mut ledger, oracle, clock, notes: &mut notes };
            let outcome = venues.perform(&mut deal, actor, action, Amount::ZERO);
            ledger.rollback();
            venues.rollback();
            outcome
        })
    })
}

/// From a ratio of 2 a fall by half leaves `0.5 / 0.95 x 2 = 1.05`: every stress mode but the last. The deployed contracts
/// then refuse to mint fETH and take 8 % instead of 1 % on redeemed xETH (spec of f(x), sections 6 and 12).
#[test]
fn a_fall_by_half_stops_feth_mints_and_makes_leaving_xeth_dear() {
    let experiment = shipped(
        "beta_spectrum",
        &sets(&[
            "horizon_days=2",
            "price=Shocked(base: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.0)]), \
             shocks: [Jump(at_hours: 24, factor: 0.5)])",
            "populations=[(profile: \"keeper\", count: 1, with: (settle_interval_hours: 1000, settle_move_percent: 100, \
             endowment: (holdings: {\"USD\": 0.2, \"ETH\": 0.4, \"xETH\": 0.4})))]",
        ]),
    );
    let mut world = build(&experiment, &path(&experiment, 0), 0, None).unwrap();
    let coins = Amount::from_atoms(1_000_000_000);
    let mint = Action::Fx(FxAction::MintFeth { collateral: Size::Exact(coins) });
    let redeem = Action::Fx(FxAction::RedeemXeth { xeth: Size::Exact(Amount::from_atoms(100_000_000)) });
    let mut received = Vec::new();
    for tick in 0..=30 {
        run_tick(&mut world, Tick(tick));
        let venues = world.resource::<Venues>();
        let treasury = venues.treasury.as_ref().unwrap();
        let view = treasury.view(world.resource(), world.resource(), world.resource()).unwrap();
        if tick == 10 || tick == 30 {
            let worth = 100.0 * view.xeth_nav / view.collateral_price;
            let minted = attempt(&mut world, mint);
            let paid = attempt(&mut world, redeem).unwrap().atoms() as f64 * 1e-9;
            received.push((view, minted, 1.0 - paid / worth));
        }
    }
    let (calm, minted, fee) = &received[0];
    assert_eq!((calm.mode, minted.is_ok()), (fx::StressMode::Normal, true));
    assert!((fee - 0.01).abs() < 1e-6, "{fee}");
    let (crash, minted, fee) = &received[1];
    assert!((crash.collateral_ratio.unwrap() - 2.0 * 0.5 / 0.95).abs() < 1e-6);
    assert_eq!(crash.mode, fx::StressMode::ProtocolRebalance);
    assert!(matches!(minted, Err(Refusal::Fx(_))), "{minted:?}");
    assert!((fee - 0.08).abs() < 1e-6, "{fee}");
}

/// Liquidating staked fETH shrinks the claims on the collateral at once; without it the ratio waits for the price and for
/// people (spec of f(x), section 9).
#[test]
fn a_rebalance_pool_leads_back_sooner() {
    let hours_in_stress: Vec<Vec<f64>> = variants("rebalance_pool", &[])
        .iter()
        .filter(|(name, _)| name != "boostable")
        .map(|(_, experiment)| {
            over_runs(experiment, 10, |run| {
                series(run, "stress_mode").iter().filter(|mode| **mode > 0.0).count() as f64
            })
        })
        .collect();
    let crashes = hours_in_stress[0].iter().filter(|hours| **hours > 0.0).count();
    assert!(crashes >= 7, "the crash is one in most runs: {hours_in_stress:?}");
    assert_falls("hours below the stability threshold", &hours_in_stress[0], &hours_in_stress[1]);
}

/// The white paper's four modes are entered and left, and each rescue happens: in some run, for people may be quicker than the
/// protocol.
#[test]
fn the_four_modes_are_entered_and_left() {
    let experiment = shipped("four_modes", &[]);
    let runs: Vec<_> = (0..experiment.runs).map(|run| super::shipped::run(&experiment, run, run)).collect();
    let modes: Vec<Vec<f64>> = runs.iter().map(|run| series(run, "stress_mode")).collect();
    for mode in 0..=4 {
        assert!(
            modes.iter().flatten().any(|found| *found == f64::from(mode)),
            "mode {mode} is never entered"
        );
    }
    assert!(modes.iter().all(|run| run.first() == Some(&0.0) && run.last() == Some(&0.0)));
    for figure in ["feth_incentives_paid", "rebalanced_feth", "recapitalised"] {
        let happens = |run| series(run, figure).last().is_some_and(|sum| *sum > 0.0);
        assert!(runs.iter().any(happens), "{figure}");
    }
}
