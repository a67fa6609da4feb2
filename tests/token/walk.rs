//! Random walks: whatever is started, refused, traded and rolled back, the books are those of the record, to the atom.

use ballast::protocol::amm::Side;
use ballast::protocol::governance::Purpose;
use ballast::quantity::Amount;
use ballast::venue::issuance::SaleOrder;
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::venue::{Action, Refusal};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;
use proptest::prelude::*;

use crate::place::{GOV, PUBLISHED, Place, SUPPLY, UNIT, USD, experiment};

/// What can happen in a tick.
#[derive(Debug, Clone)]
enum Step {
    /// A vote takes effect; `fails` for one whose second half is refused.
    Sell { order: SaleOrder, fails: bool },
    /// As before.
    BuyBack { cash: i64, over_hours: f64, fails: bool },
    /// Somebody trades a share of all he has.
    Trade { who: usize, sells: bool, share: f64, fails: bool },
    /// Hours pass.
    Wait { hours: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let purposes = prop_oneof![9 => Just(Purpose::Reserve), 1 => Just(Purpose::Recapitalise)];
    let least = prop::option::of(0.0001_f64..0.05);
    let tokens = prop_oneof![0_i64..10, 1..200_000_000 * UNIT, i64::MAX - SUPPLY..=i64::MAX];
    prop_oneof![
        2 => (tokens, purposes, 0.0_f64..72.0, least, any::<bool>()).prop_map(
            |(tokens, purpose, over_hours, least_price_usd, fails)| Step::Sell {
                order: SaleOrder { tokens: Amount::from_atoms(tokens), purpose, over_hours, least_price_usd },
                fails: fails && tokens % 3 == 0,
            }
        ),
        2 => (prop_oneof![1_i64..10, 1..500_000 * UNIT], 0.0_f64..72.0, any::<bool>())
            .prop_map(|(cash, over_hours, fails)| Step::BuyBack { cash, over_hours, fails: fails && cash % 3 == 0 }),
        4 => (0_usize..7, any::<bool>(), 0.0_f64..=1.0, any::<bool>())
            .prop_map(|(who, sells, share, fails)| Step::Trade { who, sells, share, fails }),
        6 => (1_u32..30).prop_map(|hours| Step::Wait { hours }),
    ]
}

fn take(place: &mut Place, step: &Step) {
    let before = place.snapshot();
    let outcome = match *step {
        Step::Wait { hours } => {
            (0..hours).for_each(|_| place.skip(1));
            return;
        }
        Step::Sell { order, fails } => place.act(|venues, deal| {
            venues.start_sale(deal, order)?;
            if fails { Err(Refusal::Dust) } else { Ok(()) }
        }),
        Step::BuyBack { cash, over_hours, fails } => place.act(|venues, deal| {
            venues.start_buy_back(deal, Amount::from_atoms(cash), over_hours)?;
            if fails { Err(Refusal::Dust) } else { Ok(()) }
        }),
        Step::Trade { who, sells, share, fails } => {
            // The first of the crowd comes after the token's three accounts.
            let actor = AccountId(place.accounts().issuance.0 + 1 + who as u32);
            let (side, coin) = if sells { (Side::SellBase, GOV) } else { (Side::BuyBase, USD) };
            let amount = Size::Exact(place.ledger().balance(actor, coin).share(share));
            let swap = PoolAction::Swap { pool: PoolId(0), side, amount, min_out: Amount::ZERO };
            place.act(|venues, deal| {
                venues.perform(deal, actor, Action::Pool(swap), Amount::ZERO)?;
                if fails { Err(Refusal::Dust) } else { Ok(()) }
            })
        }
    };
    if outcome.is_err() {
        assert_eq!(place.snapshot(), before, "{step:?} was refused");
    }
}

/// What must hold after every step.
fn must_be_sound(place: &Place, target: i64, least_reserve: &mut i64) {
    let (record, accounts) = (place.token().record, place.accounts());
    let supply = place.ledger().supply(GOV).atoms();
    // What was bought back leaves room for more, so that the sum of all that was ever minted need not fit.
    let added = record.issued.atoms() - record.burned().atoms();
    assert_eq!(supply, SUPPLY + added, "{record:?}");
    // The issuance account holds what is to be sold and nothing else.
    assert_eq!(place.held(accounts.issuance, GOV), record.sale_left().atoms(), "{record:?}");
    assert_eq!(place.held(accounts.issuance, USD), 0);
    let unsold = (record.issued.atoms() - record.burned_unsold.atoms()) as f64 / SUPPLY as f64;
    assert!((place.token().dilution_share().unwrap() - unsold).abs() < 1e-12);
    let granted: i64 = place.held_by("team", GOV).iter().sum();
    assert_eq!(place.held(accounts.vesting, GOV), SUPPLY / 10 * 3 - granted);
    // A sale adds to the reserve; a buy-back takes only what is above the target.
    assert!(place.reserve() >= (*least_reserve).min(target), "{} of {target}", place.reserve());
    *least_reserve = place.reserve();
    if let Some(sale) = record.sale {
        assert!(
            sale.seconds_left > 0 || sale.order.over_hours == 0.0 || sale.sold == Amount::ZERO,
            "{sale:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_books_are_those_of_the_record(
        steps in prop::collection::vec(step(), 1..60),
        fee_bps in prop_oneof![Just(0.0), 0.0_f64..300.0],
        rebate in 0.0_f64..=1.0,
        inverse: bool,
        target in prop::option::of(0_i64..600_000),
    ) {
        let coins = if inverse { "base: \"USD\", quote: \"GOV\"" } else { "base: \"GOV\"" };
        let pool = format!(
            "(name: \"gov_usd\", {coins}, fee_bps: {fee_bps}, rebate_share: {rebate}, initial_value_usd: 800000)"
        );
        let with_target = target.map_or_else(String::new, |target| format!(", target_usd: {target}"));
        let reserve = format!("reserve: (initial: {{\"USD\": 300000}}{with_target})");
        let mut place = Place::new(&experiment(PUBLISHED, &pool, &reserve));
        let mut least_reserve = place.reserve();
        for step in &steps {
            take(&mut place, step);
            must_be_sound(&place, target.unwrap_or(0) * UNIT, &mut least_reserve);
        }
        // Whatever goes on comes to an end by itself.
        (0..73).for_each(|_| place.skip(1));
        let record = place.token().record;
        prop_assert_eq!((record.sale, record.buy_back), (None, None));
        prop_assert_eq!(place.held(place.accounts().issuance, GOV), 0);
    }
}
