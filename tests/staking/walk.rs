//! Random walks: whatever is staked, claimed, compounded, refused and rolled back, the books add up to the atom.

use ballast::protocol::governance::ParameterId;
use ballast::quantity::Amount;
use ballast::venue::Action;
use ballast::venue::stake_pools::{EmissionPoolId, StakeAction};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;
use proptest::prelude::*;

use crate::place::{GOV, LIQUIDITY, Place, SHARES, STAKING, TOKEN, UNIT, experiment};

const PEOPLE: u32 = 4;

#[derive(Debug, Clone)]
enum Step {
    /// A transaction; with `fails` its last action is refused.
    Send {
        who: u32,
        actions: Vec<StakeAction>,
        fails: bool,
    },
    /// A vote changes the emission, what comes with it, or the bounty.
    Set {
        parameter: u16,
        share: f64,
    },
    Wait {
        hours: u32,
    },
}

fn action() -> impl Strategy<Value = StakeAction> {
    let pool = prop_oneof![Just(TOKEN), Just(LIQUIDITY), Just(EmissionPoolId(9))];
    let amount =
        prop_oneof![0_i64..5, 1..20_000 * UNIT].prop_map(|atoms| Size::Exact(Amount::from_atoms(atoms)));
    (pool, amount, 0_u32..35, 0_u8..11, 0.0_f64..1.5).prop_map(|(pool, amount, lock_cycles, kind, share)| {
        match kind {
            0..5 => StakeAction::Stake { pool, amount, lock_cycles },
            5..7 => StakeAction::Claim { pool },
            7..9 => StakeAction::VaultDeposit { pool, amount },
            9 => StakeAction::VaultRoll { pool },
            _ => StakeAction::VaultRedeem { pool, share },
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..PEOPLE, prop::collection::vec(action(), 1..4), prop::bool::weighted(0.2))
            .prop_map(|(who, actions, fails)| Step::Send { who, actions, fails }),
        1 => (0_u16..7, 0.0_f64..=1.0).prop_map(|(parameter, share)| Step::Set { parameter, share }),
        4 => (1_u32..100).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// What must hold after every step: principal and what vaults hold are in the account of the stakes, and all that left the
/// community's account was paid out or lies there.
fn must_be_sound(place: &Place, community: i64) {
    let accounts = place.accounts();
    for (id, asset) in [(TOKEN, GOV), (LIQUIDITY, SHARES)] {
        let pool = place.pool(id);
        let idle = pool.vault().map_or(0, |vault| vault.vault.idle.atoms());
        assert_eq!(place.held(accounts.stakes, asset), pool.rules.books.principal.atoms() + idle, "{id:?}");
        let owned = pool.stakers().map(|(_, staker)| staker.principal().atoms()).sum::<i64>()
            + pool.vault().map_or(0, |vault| vault.vault.staker.principal().atoms());
        assert_eq!(pool.rules.books.principal.atoms(), owned);
    }
    let pools = place.venues().stakes().pools();
    let paid: i64 = pools.iter().map(|pool| pool.rules.books.minted.atoms() - pool.unpaid().atoms()).sum();
    assert_eq!(place.held(accounts.community, GOV), community - paid);
    let apower: i64 = pools.iter().map(|pool| pool.rules.books.apower.atoms()).sum();
    assert_eq!(place.ledger().supply(accounts.apower).atoms(), apower);
    let vault = place.pool(TOKEN).vault().unwrap();
    assert_eq!(place.ledger().supply(vault.shares), vault.vault.shares);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_books_add_up(
        steps in prop::collection::vec(step(), 1..60),
        community in prop_oneof![3 => Just(0.4), 1 => 0.001_f64..0.02],
    ) {
        let mut place = Place::new(&experiment(STAKING, PEOPLE, community, ""));
        let supply = place.ledger().supply(GOV);
        let community = place.held(place.accounts().community, GOV);
        let parameters = place.venues().parameters();
        let first = parameters.iter().position(|parameter| parameter.name == "gov.emission_per_cycle").unwrap();
        prop_assert_eq!(first + 7, parameters.len(), "the last of the registry");
        for step in &steps {
            match step {
                Step::Wait { hours } => place.skip(*hours),
                Step::Set { parameter, share } => {
                    let place_of = first as u16 + parameter;
                    let Some(found) = parameters.get(usize::from(place_of)) else { continue };
                    let value = found.low + share * (found.high - found.low);
                    let mut venues = place.world.resource_mut::<ballast::venue::Venues>();
                    venues.set_parameter(ParameterId(place_of), value).unwrap();
                }
                Step::Send { who, actions, fails } => {
                    let actor: AccountId = place.person(*who);
                    let before = place.snapshot();
                    let mut actions: Vec<Action> = actions.iter().copied().map(Action::Stake).collect();
                    if *fails {
                        actions.push(Action::Stake(StakeAction::Claim { pool: EmissionPoolId(9) }));
                    }
                    if place.send(actor, &actions).is_err() {
                        prop_assert_eq!(place.snapshot(), before, "{:?} was refused", actions);
                    }
                }
            }
            must_be_sound(&place, community);
            prop_assert_eq!(place.ledger().supply(GOV), supply, "emission is not minted, but paid");
            prop_assert_eq!(place.world.resource_mut::<ballast::world::ledger::Ledger>().audit(true), Ok(()));
        }
    }
}
