//! Whatever anybody asks of a loan market, in whatever order: the books balance, a refusal leaves no trace, claims are
//! covered, nothing comes from nowhere, and nobody earns from going forth and back.

use std::collections::BTreeMap;

use ballast::quantity::Amount;
use ballast::venue::Action;
use ballast::world::mempool::{MinimumGain, Terms};

use crate::chance::Chance;
use crate::place::{CONTRACT, Design, FREE, PAPER, Place};

/// Walks through each design; `BALLAST_WALKS` asks for more.
const WALKS: u64 = 12;
/// Transactions in a walk.
const STEPS: u32 = 1_200;

/// How often each kind of action was tried, and how often it went through.
type Tally = BTreeMap<String, [u64; 2]>;

const COSTLY: &str = "(half_spread_bps: 20, impact_bps: 300, hourly_depth_usd: 2000000)";
const RICH: &str = "(initial: { \"USD\": 5000000, \"ETH\": 3000 }, stakers_principal: { \"USD\": 100000 })";
const POOR: &str = "(initial: { \"USD\": 1000, \"ETH\": 1 }, stakers_principal: { \"USD\": 20000, \"ETH\": 10 }, \
                    backstop: { \"USD\": 500, \"ETH\": 1 }, mixed_ledger: true)";
const IN_POOL: &str = "profile: Whitepaper, fee_bps: 20, conversion_delay_hours: 2, sales: Pool(\"eth_usd\"), \
                       spot: Resilient(\"eth_usd\")";
const CONTRACT_IN_POOL: &str = "profile: Contract, conversion_loan_to_value: 0.9, moving_average: 0.95, fee_bps: 20, \
                                max_trade_ratio: 0.05, sales: Pool(\"eth_usd\"), closing_days: 1";

const DESIGNS: [Design; 8] = [
    Design { loan: PAPER, reserve: RICH, exchange: FREE },
    Design { loan: PAPER, reserve: POOR, exchange: COSTLY },
    Design { loan: CONTRACT, reserve: RICH, exchange: FREE },
    Design { loan: CONTRACT, reserve: POOR, exchange: COSTLY },
    Design { loan: IN_POOL, reserve: POOR, exchange: FREE },
    Design { loan: IN_POOL, reserve: "()", exchange: COSTLY },
    Design { loan: CONTRACT_IN_POOL, reserve: RICH, exchange: COSTLY },
    Design { loan: CONTRACT_IN_POOL, reserve: POOR, exchange: FREE },
];

fn kind(action: &Action) -> String {
    let text = format!("{action:?}");
    text.split(['(', ' ', ')']).nth(1).unwrap_or_default().to_owned()
}

fn walk(design: Design, seed: u64, tally: &mut Tally) {
    let mut place = Place::new(design, seed);
    let mut chance = Chance::new(seed);
    for step in 0..STEPS {
        if chance.one_in(6) {
            // The price is drawn back to where it began, so that a walk sees every state of a loan.
            let price = place.price * chance.move_of_price() * libm::pow(2_000.0 / place.price, 0.05);
            let dollar = if chance.one_in(10) { 0.9 + 0.1 * chance.share() } else { 1.0 };
            let tick = place.tick + chance.hours();
            place.at_peg(tick, price, dollar);
        }
        let actor = place.actors[chance.below(place.actors.len())];
        let count = if chance.one_in(2) { 1 } else { 1 + chance.below(4) };
        let actions: Vec<Action> = (0..count).map(|_| chance.action(&place, actor)).collect();
        let terms = chance.terms(&place, actor);
        let what = format!("{design:?}, seed {seed}, step {step}, {actor:?}: {actions:?} {terms:?}");
        let before = place.snapshot();
        let worth = place.worth();
        let outcome = place.send(actor, &actions, terms);
        if let Err(refusal) = &outcome {
            let after = place.snapshot();
            assert!(
                after == before,
                "{what}\nrefused ({refusal}), but it left\n{after:?}\nin place of\n{before:?}"
            );
        }
        // Coins come from outside for what they are worth there, or less.
        assert!(place.worth() <= worth * (1.0 + 1e-14), "{what}\n{worth} became {}", place.worth());
        place.must_be_sound(&what);
        for action in &actions {
            let [tried, went] = tally.entry(kind(action)).or_default();
            *tried += 1;
            *went += u64::from(outcome.is_ok());
        }
        if chance.one_in(4) {
            forth_and_back(&mut place, &mut chance, &what, tally);
        }
    }
    let totals = place.loan().record.totals;
    for (kind, count) in [
        ("term settled", totals.settled_terms),
        ("default", totals.defaults),
        ("conversion", totals.conversions),
        ("haircut", u32::from(totals.haircut > 0.0)),
        ("draw", u32::from(totals.drawn_fees > 0.0)),
    ] {
        tally.entry(kind.into()).or_default()[1] += u64::from(count);
    }
}

/// Goes forth and back at once and demands one atom of gain: it must be refused.
fn forth_and_back(place: &mut Place, chance: &mut Chance, what: &str, tally: &mut Tally) {
    let actor = place.actors[chance.below(place.actors.len())];
    let (actions, asset) = chance.round_trip(place, actor);
    let demand =
        |amount| Terms { priority_fee: Amount::ZERO, minimum_gain: Some(MinimumGain { asset, amount }) };
    // The half of it must be possible at all, or the whole proves nothing.
    let alone = place.send(actor, &actions, demand(Amount::MAX));
    let possible = matches!(alone, Err(ballast::venue::Refusal::GainTooSmall { .. }));
    let [tried, went] = tally.entry(format!("{} and back", kind(&actions[0]))).or_default();
    *tried += 1;
    *went += u64::from(possible);
    let outcome = place.send(actor, &actions, demand(Amount::from_atoms(1)));
    assert!(outcome.is_err(), "{what}\n{actor:?} gained from {actions:?}: {outcome:?}");
}

/// Everything a walk can do was done, and refused, often enough to mean something.
fn must_cover(tally: &Tally) {
    for (kind, [tried, went]) in tally {
        println!("{kind}: {went} of {tried}");
    }
    let total: u64 = tally.values().map(|[tried, _]| tried).sum();
    assert!(total > 200_000, "{total} actions");
    for kind in [
        "Exchange",
        "Swap",
        "Join",
        "JoinLevered",
        "SellYield",
        "BuyYield",
        "Provide",
        "Withdraw",
        "Rebalance",
        "RedeemYield",
        "RedeemKey",
        "Provide and back",
        "SellYield and back",
        "BuyYield and back",
    ] {
        let [tried, went] = tally.get(kind).copied().unwrap_or_default();
        assert!(went > 20 && tried > went || kind == "Exchange", "{kind}: {went} of {tried} went through");
    }
    for kind in ["term settled", "default", "conversion", "haircut", "draw"] {
        assert!(tally.get(kind).is_some_and(|[_, seen]| *seen > 5), "{kind} was hardly seen");
    }
}

#[test]
fn whatever_anybody_asks() {
    let walks = std::env::var("BALLAST_WALKS").map_or(WALKS, |walks| walks.parse().unwrap());
    let mut tally = Tally::new();
    for (place, design) in (0..).zip(DESIGNS) {
        (0..walks).for_each(|walk_of_design| walk(design, 1_000 * place + walk_of_design, &mut tally));
    }
    must_cover(&tally);
}
