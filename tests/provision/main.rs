//! Rules on the provision of liquidity: whatever anybody asks, the books balance, a refusal leaves no trace, what is escrowed
//! is owed to somebody, nobody adds beyond the cap, and no more leaves than the gate allows.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

#[path = "../common/mod.rs"]
mod common;
mod examples;
mod place;

use std::collections::BTreeMap;

use ballast::protocol::amm::Side;
use ballast::quantity::Amount;
use ballast::venue::Action;
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::venue::wallets::WalletAction;
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;
use place::{ETH, Place, SHARES, USD};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Walks through each set of rules; `BALLAST_WALKS` asks for more.
const WALKS: u64 = 8;
/// Transactions in a walk.
const STEPS: u32 = 600;
const POOL: PoolId = PoolId(0);

const RULES: [&str; 4] = [
    "(cap_share: 0.2, cycle_hours: 24, gate: (max_share_per_cycle: 0.05, rule: ProRata), \
     insurance: (initial_usd: 500, fee_share: 0.5, max_cycles: 3))",
    "(cycle_hours: 7, gate: (max_share_per_cycle: 0.3, rule: FirstCome))",
    "(cap_share: 0.4, cycle_hours: 5, insurance: (initial_usd: 1e6, max_cycles: 6, coverage: 1))",
    "(cap_share: 0.01)",
];

struct Chance(ChaCha8Rng);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    fn one_in(&mut self, many: u32) -> bool {
        self.0.random_range(0..many) == 0
    }

    /// Part of what is held; now and then nothing, all, too much or nonsense.
    fn amount(&mut self, held: Amount) -> Amount {
        const ODD: [i64; 6] = [0, -1, 1, 2, i64::MAX, i64::MIN];
        let held = held.atoms();
        let atoms = match self.below(12) {
            0 => ODD[self.below(ODD.len())],
            1 => held,
            2 => held.saturating_add(1),
            _ => (held as f64 * libm::pow(self.0.random(), 2.0)) as i64,
        };
        Amount::from_atoms(atoms)
    }

    fn size(&mut self, held: Amount) -> Size {
        if self.one_in(6) { Size::Previous } else { Size::Exact(self.amount(held)) }
    }

    fn action(&mut self, place: &Place, actor: AccountId) -> Action {
        let pool = if self.one_in(80) { PoolId(9) } else { POOL };
        let wallet = if self.one_in(8) { 3 } else { self.below(2) as u8 };
        let inside = place.further(actor, wallet).map_or(Amount::ZERO, |inside| place.held(inside, SHARES));
        let (coins, shares) = ([ETH, USD].map(|coin| place.held(actor, coin)), place.held(actor, SHARES));
        match self.below(14) {
            0..=2 => {
                let side = if self.one_in(2) { Side::SellBase } else { Side::BuyBase };
                let amount = self.size(coins[side.coin_in()]);
                Action::Pool(PoolAction::Swap { pool, side, amount, min_out: Amount::ZERO })
            }
            3 | 4 => {
                Action::Pool(PoolAction::AddLiquidity { pool, max: coins.map(|coin| self.amount(coin)) })
            }
            5 => Action::Pool(PoolAction::RemoveLiquidity { pool, shares: self.size(shares) }),
            6 => Action::Pool(PoolAction::RequestWithdrawal { pool, shares: self.size(shares) }),
            7 => Action::Pool(PoolAction::CancelWithdrawal { pool }),
            8 => {
                let cycles = self.below(5) as u16;
                Action::Pool(PoolAction::Commit { pool, shares: self.size(shares), cycles })
            }
            9 => Action::Pool(PoolAction::Leave { pool }),
            10 => Action::Wallet(WalletAction::Open { cost: self.amount(Amount::from_atoms(1_000)) }),
            11 => {
                let max = coins.map(|coin| self.amount(coin));
                Action::Wallet(WalletAction::AddLiquidity { wallet, pool, max })
            }
            12 => {
                let shares = self.amount(inside);
                Action::Wallet(if self.one_in(3) {
                    WalletAction::RemoveLiquidity { wallet, pool, shares }
                } else {
                    WalletAction::RequestWithdrawal { wallet, pool, shares }
                })
            }
            _ => {
                let waits = |wallet: &u8| {
                    let account = place.further(actor, *wallet);
                    account.is_some_and(|account| place.provision().request(account).is_some())
                };
                let wallet = (0..3).find(waits).unwrap_or(wallet);
                Action::Wallet(WalletAction::CancelWithdrawal { wallet, pool })
            }
        }
    }
}

/// How often each kind of action was tried, and how often it went through.
type Tally = BTreeMap<&'static str, [u64; 2]>;

fn walk(rules: &str, seed: u64, tally: &mut Tally) {
    let mut place = Place::new(rules, seed);
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
    for step in 0..STEPS {
        if chance.one_in(5) {
            let hours = 1 + chance.below(12) as u32;
            let factor = 0.9 + 0.2 * chance.0.random::<f64>();
            place.pass(hours, factor);
        }
        let actor = place.actors[chance.below(place.actors.len())];
        let count = if chance.one_in(2) { 1 } else { 1 + chance.below(4) };
        let actions: Vec<Action> = (0..count).map(|_| chance.action(&place, actor)).collect();
        let what = format!("{rules}, seed {seed}, step {step}, {actor:?}: {actions:?}");
        let before = place.snapshot();
        let (worth, provided) = (place.worth_of_a_share(), place.provided());
        let outcome = place.send(actor, &actions);
        if outcome.is_err() {
            assert!(place.snapshot() == before, "{what}\nrefused ({outcome:?}), but it left a trace");
        } else {
            assert!(place.worth_of_a_share() >= worth * (1.0 - 1e-11), "{what}\na share is worth less");
            if let [Action::Pool(PoolAction::AddLiquidity { .. }) | Action::Wallet(_)] = actions[..] {
                place.must_respect_the_cap(&provided, &what);
            }
        }
        place.must_be_sound(&what);
        for action in &actions {
            let [tried, went] = tally.entry(action.name()).or_default();
            *tried += 1;
            *went += u64::from(outcome.is_ok());
        }
    }
}

#[test]
fn whatever_anybody_asks() {
    let walks = std::env::var("BALLAST_WALKS").map_or(WALKS, |walks| walks.parse().unwrap());
    let mut tally = Tally::new();
    for (place, rules) in (0..).zip(RULES) {
        (0..walks).for_each(|number| walk(rules, 1_000 * place + number, &mut tally));
    }
    for (kind, [tried, went]) in &tally {
        println!("{kind}: {went} of {tried}");
        assert!(*went > 10 && tried > went, "{kind}: {went} of {tried} went through");
    }
    assert_eq!(tally.len(), 12, "every kind was tried: {tally:?}");
}
