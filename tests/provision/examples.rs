//! Worked examples of the cap, the gate and the insurance in a world.

use ballast::protocol::amm::Side;
use ballast::protocol::liquidity::insurance::impermanent_loss;
use ballast::quantity::Amount;
use ballast::venue::pool::{PoolAction, PoolRefusal};
use ballast::venue::wallets::{WalletAction, WalletRefusal};
use ballast::venue::{Action, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;

use crate::POOL;
use crate::place::{ETH, Place, SHARES, USD};

const ALL: [Amount; 2] = [Amount::from_atoms(1_000_000_000_000), Amount::from_atoms(2_000_000_000_000)];

fn add(max: [Amount; 2]) -> Action {
    Action::Pool(PoolAction::AddLiquidity { pool: POOL, max })
}

fn request(shares: Amount) -> Action {
    Action::Pool(PoolAction::RequestWithdrawal { pool: POOL, shares: Size::Exact(shares) })
}

fn rich(rules: &str) -> (Place, [AccountId; 3]) {
    let mut place = Place::new(rules, 1);
    let actors = [place.actors[0], place.actors[1], place.actors[2]];
    for actor in actors {
        place.bring_in(actor, ETH, Amount::from_atoms(4_000_000_000_000));
        place.bring_in(actor, USD, Amount::from_atoms(8_000_000_000_000));
    }
    (place, actors)
}

#[test]
fn the_cap_says_what_is_allowed_and_that_much_is() {
    let (mut place, [whale, ..]) = rich("(cap_share: 0.3)");
    let Err(Refusal::Pool(PoolRefusal::AboveCap { asked, allowed })) = place.send(whale, &[add(ALL)]) else {
        panic!("above the cap")
    };
    assert!(asked > allowed && allowed.is_positive(), "{asked} {allowed}");
    assert_eq!(allowed, place.pool().room(place.ledger(), whale, Amount::ZERO));
    // Coins for all that is allowed: rounded down, for what an addition takes is rounded up.
    let coins = place.pool().stands_for(place.ledger(), allowed).unwrap();
    place.send(whale, &[add(coins)]).unwrap();
    let share = place.held(whale, SHARES).atoms() as f64 / place.ledger().supply(SHARES).atoms() as f64;
    assert!(share <= 0.3 && share > 0.299_999, "{share}");
    assert!(matches!(place.send(whale, &[add(ALL)]), Err(Refusal::Pool(PoolRefusal::AboveCap { .. }))));
}

#[test]
fn a_second_wallet_dodges_the_cap_at_its_cost() {
    let (mut place, [whale, other, _]) = rich("(cap_share: 0.3)");
    let room = place.pool().room(place.ledger(), whale, Amount::ZERO);
    let coins = place.pool().stands_for(place.ledger(), room).unwrap();
    place.send(whale, &[add(coins)]).unwrap();
    let into = |max| Action::Wallet(WalletAction::AddLiquidity { wallet: 0, pool: POOL, max });
    let not_open = Err(Refusal::Wallet(WalletRefusal::NotOpen { wallet: 0 }));
    assert_eq!(place.send(whale, &[into(coins)]), not_open);
    let open = Action::Wallet(WalletAction::Open { cost: Amount::from_atoms(50_000_000) });
    let (before, supply) = (place.held(whale, USD), place.ledger().supply(USD));
    place.send(whale, &[open]).unwrap();
    assert_eq!(before.atoms() - place.held(whale, USD).atoms(), 50_000_000);
    assert_eq!(supply.atoms() - place.ledger().supply(USD).atoms(), 50_000_000, "it leaves the world");
    let worth = place.equity(whale);
    place.send(whale, &[into(coins)]).unwrap();
    assert!((place.equity(whale) / worth - 1.0).abs() < 1e-9, "shares in a further wallet are one's own");
    let inside = place.further(whale, 0).unwrap();
    let together = place.held(inside, SHARES).atoms() + place.held(whale, SHARES).atoms();
    assert!(together as f64 > 0.33 * place.ledger().supply(SHARES).atoms() as f64);
    assert_eq!(place.venues().wallets().owner_of(inside), whale);
    // What comes out goes to the owner; nobody else can reach it.
    let shares = place.held(inside, SHARES);
    let out = Action::Wallet(WalletAction::RemoveLiquidity { wallet: 0, pool: POOL, shares });
    assert!(place.send(other, &[out]).is_err());
    let before = place.held(whale, ETH);
    place.send(whale, &[out]).unwrap();
    assert!(place.held(whale, ETH) > before && place.held(inside, SHARES).is_zero());
    for _ in 0..2 {
        place.send(whale, &[open]).unwrap();
    }
    assert_eq!(place.send(whale, &[open]), Err(Refusal::Wallet(WalletRefusal::NoneLeft { most: 3 })));
}

#[test]
fn the_gate_lets_a_tenth_leave_in_a_cycle() {
    for (rule, parts) in [("ProRata", [0.75, 0.25]), ("FirstCome", [1.0, 0.0])] {
        let rules = format!("(cycle_hours: 10, gate: (max_share_per_cycle: 0.1, rule: {rule}))");
        let (mut place, [first, second, third]) = rich(&rules);
        for actor in [first, second] {
            place.send(actor, &[add(ALL)]).unwrap();
        }
        let shares = place.held(first, SHARES);
        let remove = PoolAction::RemoveLiquidity { pool: POOL, shares: Size::Exact(shares) };
        assert_eq!(place.send(first, &[Action::Pool(remove)]), Err(PoolRefusal::UseGate.into()));
        let asked = [shares.share(0.9), shares.share(0.3)];
        place.send(first, &[request(asked[0])]).unwrap();
        place.send(second, &[request(asked[1])]).unwrap();
        let again = place.send(second, &[request(asked[1])]);
        assert_eq!(again, Err(PoolRefusal::AlreadyWaiting { waiting: asked[1] }.into()));
        let supply = place.ledger().supply(SHARES);
        let (coins, worth) = (place.held(first, ETH), place.equity(first));
        place.pass(9, 1.0);
        assert_eq!(place.ledger().supply(SHARES), supply, "the cycle has not ended");
        place.pass(1, 1.0);
        let left = supply.atoms() - place.ledger().supply(SHARES).atoms();
        assert!((left as f64 / supply.atoms() as f64 - 0.1).abs() < 1e-9, "{left}");
        for (actor, (asked, part)) in [first, second].into_iter().zip(asked.into_iter().zip(parts)) {
            let waits = place.provision().request(actor).map_or(0, |(_, request)| request.shares.atoms());
            let granted = (asked.atoms() - waits) as f64 / left as f64;
            assert!((granted - part).abs() < 1e-6, "{rule}: {granted}");
        }
        assert!(place.held(first, ETH) > coins, "coins arrive without further asking");
        assert!((place.equity(first) / worth - 1.0).abs() < 1e-9, "and nothing is lost on the way");
        assert!(matches!(&place.notes()[..], [("gate", detail)] if detail.contains("granted 10.000 %")));
        // Who thinks better of it has the shares back.
        let cancel = Action::Pool(PoolAction::CancelWithdrawal { pool: POOL });
        let waits = place.provision().request(second).unwrap().1.shares;
        assert_eq!(place.send(second, &[cancel]), Ok(waits));
        assert_eq!(place.send(third, &[cancel]), Err(PoolRefusal::NotWaiting.into()));
    }
}

#[test]
fn who_stayed_is_paid_what_providing_cost() {
    for (fund, full) in [(5e6, true), (1_000.0, false)] {
        let rules =
            format!("(cycle_hours: 10, insurance: (initial_usd: {fund}, coverage: 1.1, max_cycles: 2))");
        let (mut place, [first, second, trader]) = rich(&rules);
        place.pass(1, 1.0);
        for actor in [first, second] {
            place.send(actor, &[add(ALL)]).unwrap();
        }
        let shares = place.held(first, SHARES);
        let commit = |cycles| {
            let shares = Size::Exact(shares);
            Action::Pool(PoolAction::Commit { pool: POOL, shares, cycles })
        };
        let leave = Action::Pool(PoolAction::Leave { pool: POOL });
        let length = PoolRefusal::CommitmentLength { least: 1, most: 2, found: 3 };
        assert_eq!(place.send(first, &[commit(3)]), Err(length.into()));
        place.send(first, &[commit(1)]).unwrap();
        place.send(second, &[commit(1)]).unwrap();
        assert_eq!(
            place.send(first, &[leave]),
            Err(PoolRefusal::StillCommitted { until_cycle: 1, cycle: 0 }.into())
        );
        let original = place.provision().commitment(first).unwrap().original;
        // The price falls to less than a half, and stays there.
        let eth = place.pool().reserves(place.ledger())[0] * 0.5;
        let amount = Size::Exact(Amount::from_atoms((eth * 1e9) as i64));
        let sale = PoolAction::Swap { pool: POOL, side: Side::SellBase, amount, min_out: Amount::ZERO };
        place.send(trader, &[Action::Pool(sale)]).unwrap();
        // Right after it the price is off its average: what is committed now would be recorded at odd coins.
        let early = place.send(
            trader,
            &[Action::Pool(PoolAction::Commit {
                pool: POOL,
                shares: Size::Exact(Amount::from_atoms(1_000)),
                cycles: 1,
            })],
        );
        assert_eq!(early, Err(PoolRefusal::OffAverage.into()));
        place.pass(19, 1.0);
        let price = place.pool().price(place.ledger()).unwrap();
        let held = [first, second].map(|actor| [ETH, USD].map(|coin| place.held(actor, coin)));
        for actor in [first, second] {
            place.send(actor, &[leave]).unwrap();
        }
        let got = [ETH, USD].map(|coin| place.held(first, coin));
        let units = |[eth, usd]: [i64; 2]| [eth as f64 / 1e9, usd as f64 / 1e6];
        let left = units([0, 1].map(|coin| got[coin].atoms() - held[0][coin].atoms()));
        let loss = impermanent_loss(units(original.map(Amount::atoms)), left, price).unwrap();
        assert!(loss > 10_000.0, "{loss}");
        let claims: Vec<f64> =
            place.provision().claims().iter().map(|claim| claim.amount.atoms() as f64 / 1e6).collect();
        assert!((claims[0] / (1.1 * loss) - 1.0).abs() < 1e-6, "{claims:?}, a loss of {loss}");
        place.pass(10, 1.0);
        let paid = (place.held(first, USD).atoms() - got[1].atoms()) as f64 / 1e6;
        let together = claims[0] + claims[1];
        let expected = if full { claims[0] } else { fund * claims[0] / together };
        assert!((paid - expected).abs() < 2e-6, "{paid}, expected {expected}");
        let record = place.provision().record;
        let sums = [record.claimed, record.paid].map(|sum| sum.atoms() as f64 / 1e6);
        assert!((sums[0] - together).abs() < 1e-3);
        assert!((sums[1] - if full { together } else { fund }).abs() < 1e-3, "{sums:?}");
        assert_eq!(place.notes().last().unwrap().0, "insurance");
    }
}

#[test]
fn cap_and_gate_can_be_voted_on_where_they_stand() {
    let names = |place: &Place| -> Vec<String> {
        place.venues().parameters().into_iter().map(|parameter| parameter.name).collect()
    };
    let (fee, rebate) = ("eth_usd.fee_bps", "eth_usd.rebate_share");
    assert_eq!(names(&Place::new("()", 1)), [fee, rebate]);
    let gated = Place::new("(gate: (max_share_per_cycle: 0.3))", 1);
    assert_eq!(names(&gated), [fee, rebate, "eth_usd.gate_share"]);
    let (mut place, [whale, other, _]) =
        rich("(cap_share: 0.3, cycle_hours: 10, gate: (max_share_per_cycle: 0.1))");
    assert_eq!(names(&place), [fee, rebate, "eth_usd.cap_share", "eth_usd.gate_share"]);
    let room = place.pool().room(place.ledger(), whale, Amount::ZERO);
    place.decree("eth_usd.cap_share", 1.0);
    assert!(place.pool().room(place.ledger(), whale, Amount::ZERO) > room);
    place.send(whale, &[add(ALL)]).unwrap();
    place.decree("eth_usd.gate_share", 0.4);
    let shares = place.held(whale, SHARES);
    place.send(whale, &[request(shares)]).unwrap();
    let supply = place.ledger().supply(SHARES).atoms() as f64;
    place.pass(10, 1.0);
    let left = place.ledger().supply(SHARES).atoms() as f64 / supply;
    assert!((left - 0.6).abs() < 1e-9, "{left}");
    // Who is above a cap that was lowered keeps what it has and adds nothing.
    place.decree("eth_usd.cap_share", 0.001);
    assert!(place.pool().room(place.ledger(), other, Amount::ZERO).is_zero());
    assert!(place.provision().request(whale).is_some());
}
