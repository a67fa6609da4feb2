//! Whatever anybody asks of the venues, in whatever order and amount: the books balance, a refusal leaves no trace, pools
//! are never drained by their own arithmetic, holders are not diluted, and nobody earns from going forth and back.
//!
//! Long random walks through small worlds: every design of the treasury, both ways of being under water, every generation
//! of rebalance pool; jumping prices, odd amounts, transactions of several actions.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod chance;
#[path = "../common/mod.rs"]
mod common;
mod examples;
mod place;

use std::collections::BTreeMap;

use ballast::quantity::Amount;
use ballast::venue::pool::{PoolAction, PoolRefusal};
use ballast::venue::treasury::FxAction;
use ballast::venue::{Action, Refusal};
use ballast::world::mempool::{MinimumGain, Size, Terms};
use chance::Chance;
use place::{Design, Place, USD};

/// Walks through each design; `BALLAST_WALKS` asks for more.
const WALKS: u64 = 10;
/// Transactions in a walk.
const STEPS: u32 = 1_500;

/// How often each kind of action was tried, and how often it went through.
type Tally = BTreeMap<String, [u64; 2]>;

fn kind(action: &Action) -> String {
    let text = format!("{action:?}");
    let inner = match action {
        Action::Exchange(_) => "Exchange",
        Action::Pool(PoolAction::Swap { .. }) => "Swap",
        Action::Pool(PoolAction::SwapExactOut { .. }) => "SwapExactOut",
        Action::Pool(PoolAction::SwapToPrice { .. }) => "SwapToPrice",
        Action::Pool(PoolAction::AddLiquidity { .. }) => "AddLiquidity",
        Action::Pool(PoolAction::RemoveLiquidity { .. }) => "RemoveLiquidity",
        _ => text.split(['(', ' ', ')']).nth(1).unwrap_or_default(),
    };
    inner.to_owned()
}

/// True for what may lower a net asset value by design: an incentive that holders of fETH pay.
fn is_rescue(action: &Action) -> bool {
    matches!(
        action,
        Action::Fx(FxAction::Liquidate { .. } | FxAction::AddCollateral { .. } | FxAction::ProtocolRebalance)
    )
}

fn walk(design: Design, seed: u64, tally: &mut Tally) {
    let mut place = Place::new(design, seed);
    let mut chance = Chance::new(seed);
    for step in 0..STEPS {
        if chance.one_in(6) {
            place.move_on(&mut chance);
        }
        let actor = place.actors[chance.below(place.actors.len())];
        let count = if chance.one_in(2) { 1 } else { 1 + chance.below(4) };
        let actions: Vec<Action> = (0..count).map(|_| chance.action(&place, actor)).collect();
        let terms = chance.terms(&place, actor);
        let what = format!("{design:?}, seed {seed}, step {step}, {actor:?}: {actions:?} {terms:?}");
        let before = place.snapshot();
        let standing = place.standing();
        let outcome = place.send(actor, &actions, terms);
        match &outcome {
            Err(refusal) => {
                let after = place.snapshot();
                assert!(
                    after == before,
                    "{what}\nrefused ({refusal}), but it left\n{after:?}\nin place of\n{before:?}"
                );
            }
            Ok(_) => {
                if let [Action::Pool(PoolAction::SwapToPrice { pool, side, limit, .. })] = actions[..] {
                    place.must_respect(pool, side, limit, &what);
                }
                place.standing().must_follow(&standing, actions.iter().any(is_rescue), &what);
            }
        }
        place.must_be_sound(&what);
        for action in &actions {
            let [tried, went] = tally.entry(kind(action)).or_default();
            *tried += 1;
            *went += u64::from(outcome.is_ok());
        }
        if chance.one_in(8) {
            both_ways_of_asking(&mut place, &mut chance, &what, tally);
        }
        if chance.one_in(4) && place.is_calm() {
            forth_and_back(&mut place, &mut chance, &what, tally);
        }
    }
}

/// Goes forth and back at once and demands one atom of gain: it must be refused.
fn forth_and_back(place: &mut Place, chance: &mut Chance, what: &str, tally: &mut Tally) {
    let actor = place.actors[chance.below(place.actors.len())];
    let (actions, assets) = chance.round_trip(place, actor);
    // The half of it must be possible at all, or the whole proves nothing.
    let alone = place.try_out(actor, &actions);
    tally.entry(format!("{} and back", kind(&actions[0]))).or_default()[0] += 1;
    tally.entry(format!("{} and back", kind(&actions[0]))).or_default()[1] += u64::from(alone);
    for asset in assets {
        let minimum_gain = Some(MinimumGain { asset, amount: Amount::from_atoms(1) });
        let terms = Terms { priority_fee: Amount::ZERO, minimum_gain };
        let outcome = place.send(actor, &actions, terms);
        assert!(outcome.is_err(), "{what}\n{actor:?} gained from {actions:?}: {minimum_gain:?}");
    }
}

/// What an exact output costs buys it as an exact input, and no more than rounding less does not.
fn both_ways_of_asking(place: &mut Place, chance: &mut Chance, what: &str, tally: &mut Tally) {
    let actor = place.actors[chance.below(place.actors.len())];
    let (pool, side, wanted) = chance.exact_output(place);
    let ask = |max_in| {
        let max_in = Size::Exact(max_in);
        Action::Pool(PoolAction::SwapExactOut { pool, side, amount_out: wanted, max_in })
    };
    let Err(Refusal::Pool(PoolRefusal::TooDear { found, .. })) =
        place.send(actor, &[ask(Amount::ZERO)], Terms::default())
    else {
        return;
    };
    let what = format!("{what}\n{actor:?} asks {pool:?} {side:?} for {wanted}, which costs {found}");
    let refusal = place.send(actor, &[ask(Amount::from_atoms(found.atoms() - 1))], Terms::default());
    assert!(matches!(refusal, Err(Refusal::Pool(PoolRefusal::TooDear { .. }))), "{what}: {refusal:?}");
    let pay = |amount: Amount| {
        let amount = Size::Exact(amount);
        Action::Pool(PoolAction::Swap { pool, side, amount, min_out: wanted })
    };
    // What the swap would receive is known before it is known whether the sender can pay.
    let short = |outcome: &Result<Amount, Refusal>| {
        let pool = matches!(outcome, Err(Refusal::Pool(_)));
        pool && !matches!(outcome, Err(Refusal::Pool(PoolRefusal::Empty)))
    };
    let all = MinimumGain { asset: USD, amount: Amount::MAX };
    let terms = Terms { priority_fee: Amount::ZERO, minimum_gain: Some(all) };
    let outcome = place.send(actor, &[pay(found)], terms);
    assert!(!short(&outcome), "{what}, but that much buys less: {outcome:?}");
    let slack = place.rounding_of_cost(pool, side, wanted);
    let less = found.atoms() - slack;
    if less > 0 {
        let outcome = place.send(actor, &[pay(Amount::from_atoms(less))], terms);
        assert!(short(&outcome), "{what}, but {less} buy it: {outcome:?}");
    }
    let [tried, went] = tally.entry("Exact output as input".into()).or_default();
    *tried += 1;
    *went += u64::from(less > 0);
}

/// Everything a walk can do was done, and refused, often enough to mean something.
fn must_cover(tally: &Tally) {
    for (kind, [tried, went]) in tally {
        println!("{kind}: {went} of {tried}");
    }
    let total: u64 = tally.values().map(|[tried, _]| tried).sum();
    assert!(total > 200_000, "{total} actions");
    let [asked, compared] = tally.get("Exact output as input").copied().unwrap_or_default();
    assert!(compared > 2_000 && asked >= compared, "{compared} of {asked} exact outputs were compared");
    for kind in [
        "Exchange",
        "Swap",
        "SwapExactOut",
        "SwapToPrice",
        "AddLiquidity",
        "RemoveLiquidity",
        "MintFeth",
        "MintXeth",
        "RedeemFeth",
        "RedeemXeth",
        "AddCollateral",
        "Liquidate",
        "Settle",
        "ProtocolRebalance",
        "LiquidateRebalancePool",
        "Harvest",
        "StakeFeth",
        "UnstakeFeth",
        "CollectStake",
        "Propose",
        "Vote",
        "Limit",
        "Market",
        "Cancel",
        "CancelAll",
        "Exchange and back",
        "Swap and back",
        "SwapExactOut and back",
        "SwapToPrice and back",
        "AddLiquidity and back",
        "MintFeth and back",
        "MintXeth and back",
        "RedeemFeth and back",
        "RedeemXeth and back",
    ] {
        let [tried, went] = tally.get(kind).copied().unwrap_or_default();
        assert!(went > 20 && tried > went, "{kind}: {went} of {tried} went through");
    }
}

#[test]
fn whatever_anybody_asks() {
    let walks = std::env::var("BALLAST_WALKS").map_or(WALKS, |walks| walks.parse().unwrap());
    let mut tally = Tally::new();
    for (place, design) in (0..).zip(Design::all()) {
        (0..walks).for_each(|walk_of_design| walk(design, 1_000 * place + walk_of_design, &mut tally));
    }
    must_cover(&tally);
}
