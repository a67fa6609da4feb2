//! The books balance whatever happens.

use proptest::prelude::*;

use super::*;

const USD: AssetId = AssetId(0);
const SHARE: AssetId = AssetId(1);
const ISSUER: AccountId = AccountId(0);

fn ledger(accounts: u32) -> Ledger {
    let assets =
        vec![(Asset::new("USD", 6), Issuance::Bridged), (Asset::new("SHARE", 6), Issuance::By(ISSUER))];
    let mut ledger = Ledger::new(assets);
    ledger.open_accounts(accounts).unwrap();
    ledger
}

/// What everybody holds of everything.
fn held(ledger: &Ledger) -> Vec<i64> {
    ledger.cells.wallets().flatten().copied().collect()
}

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

#[test]
fn a_refused_leg_rolls_the_whole_back() {
    let mut ledger = ledger(3);
    ledger.bridge_in(AccountId(1), USD, atoms(100)).unwrap();
    ledger.commit();
    ledger.transfer(AccountId(1), AccountId(2), USD, atoms(60)).unwrap();
    ledger.mint(ISSUER, AccountId(1), SHARE, atoms(5)).unwrap();
    let refused = ledger.transfer(AccountId(1), AccountId(2), USD, atoms(60));
    assert_eq!(refused, Err(LedgerError::InsufficientBalance { needed: atoms(60), held: atoms(40) }));
    ledger.rollback();
    assert_eq!(ledger.balance(AccountId(1), USD), atoms(100));
    assert_eq!(ledger.supply(SHARE), Amount::ZERO);
    ledger.audit(true).unwrap();
}

#[test]
fn whoever_gets_what_is_watched_is_remembered() {
    let mut ledger = ledger(5);
    let [early, late, other, nobody] = [1, 2, 3, 4].map(AccountId);
    ledger.bridge_in(early, USD, atoms(1)).unwrap();
    assert!(ledger.may_have_held(nobody, USD), "nothing is known of what is not watched");
    ledger.watch(USD);
    ledger.mint(ISSUER, other, SHARE, atoms(1)).unwrap();
    ledger.transfer(early, late, USD, atoms(1)).unwrap();
    ledger.commit();
    let held = [early, late, other, nobody].map(|account| ledger.may_have_held(account, USD));
    assert_eq!(held, [true, true, false, false]);
    assert!(ledger.may_have_held(nobody, SHARE));
    assert_eq!(ledger.wallet(other).collect::<Vec<_>>(), [Amount::ZERO, atoms(1)]);
}

/// Wherever the cells lie in memory, and however often they move as accounts are opened.
#[test]
fn accounts_opened_later_leave_the_others_alone() {
    for assets in 1..=17_u8 {
        let bridged = |place| (Asset::new(format!("A{place}"), 6), Issuance::Bridged);
        let mut ledger = Ledger::new((0..assets).map(bridged).collect());
        let mut accounts = 0;
        for group in [1, 2, 40, 3, 1_000, 7] {
            assert_eq!(ledger.open_accounts(group).unwrap(), AccountId(accounts));
            for account in accounts..accounts + group {
                let asset = AssetId((account % u32::from(assets)) as u8);
                ledger.bridge_in(AccountId(account), asset, atoms(i64::from(account) + 1)).unwrap();
            }
            ledger.commit();
            accounts += group;
            assert_eq!(ledger.accounts(), accounts);
            for account in 0..accounts {
                for asset in 0..assets {
                    let held = if account % u32::from(assets) == u32::from(asset) { account + 1 } else { 0 };
                    assert_eq!(ledger.balance(AccountId(account), AssetId(asset)), atoms(i64::from(held)));
                }
            }
            ledger.audit(true).unwrap();
            assert_eq!(ledger.holdings(AssetId(0)).count(), accounts as usize);
        }
    }
}

#[test]
fn only_the_issuer_mints_and_only_the_bridge_bridges() {
    let mut ledger = ledger(2);
    assert_eq!(ledger.mint(AccountId(1), AccountId(1), SHARE, atoms(1)), Err(LedgerError::NotIssuer));
    assert_eq!(ledger.mint(ISSUER, AccountId(1), USD, atoms(1)), Err(LedgerError::NotIssuer));
    assert_eq!(ledger.bridge_in(AccountId(1), SHARE, atoms(1)), Err(LedgerError::NotBridged));
    assert_eq!(ledger.transfer(AccountId(0), AccountId(1), USD, atoms(-1)), Err(LedgerError::NegativeAmount));
}

#[test]
fn an_atom_from_nowhere_is_found_with_its_asset_and_amount() {
    let mut ledger = ledger(2);
    ledger.bridge_in(AccountId(1), USD, atoms(100)).unwrap();
    ledger.commit();
    *ledger.cells.get_mut(AccountId(1), USD) += 1;
    let breach = ledger.audit(true).unwrap_err();
    assert_eq!((breach.symbol.as_str(), breach.off), ("USD", 1));
}

#[test]
fn a_supply_that_does_not_fit_is_refused() {
    let mut ledger = ledger(2);
    ledger.mint(ISSUER, AccountId(0), SHARE, Amount::MAX).unwrap();
    assert_eq!(ledger.mint(ISSUER, AccountId(1), SHARE, atoms(1)), Err(LedgerError::Overflow));
}

#[test]
fn the_largest_supply_can_be_burned_and_minted_again() {
    let mut ledger = ledger(2);
    ledger.mint(ISSUER, AccountId(0), SHARE, Amount::MAX).unwrap();
    ledger.commit();
    ledger.audit(true).unwrap();
    ledger.burn(ISSUER, AccountId(0), SHARE, Amount::MAX).unwrap();
    ledger.mint(ISSUER, AccountId(1), SHARE, Amount::MAX).unwrap();
    ledger.commit();
    assert_eq!(ledger.supply(SHARE), Amount::MAX);
    ledger.audit(true).unwrap();
}

proptest! {
    /// Any sequence of verbs, committed or rolled back at random, leaves books that balance, and a rollback leaves
    /// no trace.
    #[test]
    fn books_balance_whatever_happens(
        steps in proptest::collection::vec((0_u8..5, 0_u32..4, 0_u32..4, -5_i64..2_000, any::<bool>()), 1..200),
    ) {
        let mut ledger = ledger(4);
        for (verb, from, to, amount, keep) in steps {
            let before = held(&ledger);
            let (from, to, amount) = (AccountId(from), AccountId(to), atoms(amount));
            let outcome = match verb {
                0 => ledger.transfer(from, to, USD, amount),
                1 => ledger.mint(ISSUER, to, SHARE, amount),
                2 => ledger.burn(ISSUER, from, SHARE, amount),
                3 => ledger.bridge_in(to, USD, amount),
                _ => ledger.bridge_out(from, USD, amount),
            };
            if outcome.is_ok() && keep {
                ledger.commit();
            } else {
                ledger.rollback();
                prop_assert_eq!(held(&ledger), before);
            }
            prop_assert!(held(&ledger).iter().all(|atoms| *atoms >= 0));
        }
        prop_assert_eq!(ledger.audit(true), Ok(()));
    }
}
