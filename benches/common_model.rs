//! Scratch.
use ballast::agents::arbitrageur::{self, Arbitrageur};
use ballast::agents::noise_trader::{self, NoiseTrader};
use ballast::agents::{self, Dice, Directory};
use ballast::protocol::amm::Curve;
use ballast::quantity::*;
use ballast::venue::exchange::*;
use ballast::venue::execute::*;
use ballast::venue::pool::*;
use ballast::venue::*;
use ballast::world::calendar::Calendar;
use ballast::world::clock::Clock;
use ballast::world::ledger::*;
use ballast::world::mempool::Ordering;
use ballast::world::notes::Notes;
use ballast::world::oracle::*;
use ballast::world::phase::{self, *};
use ballast::world::streams::Streams;
use bevy_ecs::prelude::*;

#[derive(Resource)]
struct Path(Vec<f64>);
fn market(path: Res<Path>, clock: Res<Clock>, mut oracle: ResMut<Oracle>) {
    let t = clock.tick().index() % path.0.len();
    oracle.observe(clock.tick().0, [path.0[t]], 1.0);
}
fn audit(mut ledger: ResMut<Ledger>, mut receipts: ResMut<Receipts>) {
    ledger.audit(false).unwrap();
    receipts.begin();
}

fn world(n: u32) -> World {
    let streams = Streams::new(7);
    let mut world = World::new();
    let mut ledger = Ledger::new(vec![
        (Asset::new("USD", 6), Issuance::Bridged),
        (Asset::new("ETH", 9), Issuance::Bridged),
        (Asset::new("LP", 6), Issuance::By(AccountId(1))),
    ]);
    let network = ledger.open_accounts(1).unwrap();
    let account = ledger.open_accounts(1).unwrap();
    let reserve = ledger.open_accounts(1).unwrap();
    let (usd, eth) = (AssetId(0), AssetId(1));
    ledger.bridge_in(account, usd, Amount::from_atoms(20_000_000_000_000)).unwrap();
    ledger.bridge_in(account, eth, Amount::from_atoms(10_000_000_000_000)).unwrap();
    ledger.commit();
    let first = AccountId(ledger.accounts());
    let pool = Pool {
        name: "p".into(),
        account,
        coins: [eth, usd],
        shares: AssetId(2),
        reserve,
        curve: Curve::ConstantProduct,
        follows_nav: false,
        fee: 0.003,
        rebate: 1.0,
        record: PoolRecord::default(),
    };
    world.insert_resource(Venues::new(
        Exchange::new(ExchangeSettings::default(), usd, vec![Listing { asset: eth, feed: 0 }]),
        vec![pool],
        None,
    ));
    world.insert_resource(Clock::new(3600, 2));
    world.insert_resource(Blocks::default());
    world.insert_resource(Calendar::new(&streams, first));
    world.insert_resource(Directory::new(first));
    world.insert_resource(Oracle::new(OracleSettings::default(), &[2000.0]));
    world.insert_resource(Notes::default());
    world.insert_resource(Receipts::default());
    world.insert_resource(Network { account: network, asset: usd, gas_per_action: Amount::ZERO });
    world.insert_resource(Mempool::new(streams.per_agent("order"), Ordering::PriorityFee));
    world.insert_resource(Dice::<NoiseTrader>::new(&streams, "noise"));
    world.insert_resource(Valuation::default());
    world.insert_resource(attribution::Attribution::default());
    world.insert_resource(ledger);
    let mut rng = streams.sequential("path");
    use rand::RngExt;
    let mut s = 2000.0;
    world.insert_resource(Path(
        (0..10000)
            .map(|_| {
                s *= 1.0 + 0.01 * (rng.random::<f64>() - 0.5);
                s
            })
            .collect(),
    ));
    phase::install(&mut world, None);
    world.schedule_scope(Stage::Open, |_, s| {
        s.add_systems(market.in_set(Phase::Market));
    });
    world.schedule_scope(Stage::PeopleBlock, |_, s| {
        s.add_systems((noise_trader::decide.in_set(Phase::Decide), execute_block.in_set(Phase::Execute)));
    });
    world.schedule_scope(Stage::BotBlock, |_, s| {
        s.add_systems((arbitrageur::decide.in_set(Phase::Decide), execute_block.in_set(Phase::Execute)));
    });
    world.schedule_scope(Stage::Close, |_, s| {
        s.add_systems(audit.in_set(Phase::Audit));
    });
    agents::enter(
        &mut world,
        "noise_trader",
        "x",
        vec![(0.02, NoiseTrader { pool: PoolId(0), largest_trade_share: 0.1 }); n as usize],
    )
    .unwrap();
    agents::enter(&mut world, "arbitrageur", "x", vec![(1.0, Arbitrageur::default())]).unwrap();
    let ledger = &mut *world.resource_mut::<Ledger>();
    for a in first.0..ledger.accounts() {
        ledger.bridge_in(AccountId(a), usd, Amount::from_atoms(2_000_000_000)).unwrap();
        ledger.bridge_in(AccountId(a), eth, Amount::from_atoms(1_000_000_000)).unwrap();
    }
    ledger.commit();
    ledger.audit(true).unwrap();
    world
}
fn main() {
    for n in [0_u32, 1000, 100_000, 1_000_000] {
        let mut world = world(n);
        for t in 0..200 {
            phase::run_tick(&mut world, Tick(t));
        }
        let start = std::time::Instant::now();
        let ticks = if n >= 1_000_000 {
            300
        } else if n == 0 {
            100_000
        } else {
            3000
        };
        for t in 200..200 + ticks {
            phase::run_tick(&mut world, Tick(t));
        }
        let dt = start.elapsed().as_secs_f64();
        let r = world.resource::<Receipts>();
        println!(
            "{n}: {:.3e} agent-ticks/s, {:.3} us/tick, {} ok {} refused",
            f64::from(n) * f64::from(ticks) / dt,
            dt / f64::from(ticks) * 1e6,
            r.succeeded(),
            r.refused()
        );
    }
}
