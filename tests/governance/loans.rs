//! Loans of the token: what they cost, who votes with what is lent, what becomes of a loan that is not returned; and whatever is
//! done at the desk, nothing is lost.

use ballast::protocol::governance::{Measure, Rules};
use ballast::protocol::securities_lending::TokenLoanTerms;
use ballast::quantity::Amount;
use ballast::venue::exchange::{Exchange, ExchangeSettings};
use ballast::venue::governance::{GovernAction, GovernRefusal, Governance, Which};
use ballast::venue::names::Place;
use ballast::venue::token_loans::{DeskAction, DeskRefusal, LendingDesk};
use ballast::venue::{Action, Deal, Refusal, Venues};
use ballast::world::ledger::{AccountId, LedgerError};
use ballast::world::mempool::Size;
use proptest::prelude::*;

use crate::bench::*;

/// Behind the holders: the token's pool and the desk.
const MARKET: AccountId = AccountId(FIRST + 4);
const DESK: AccountId = AccountId(FIRST + 5);
const MILLION: i64 = 1_000_000;

/// Holders of 600, 300, 100 and no tokens, the last with 10,000 dollars; a pool in which a token costs two dollars.
fn desk_bench(terms: TokenLoanTerms) -> Bench {
    let mut bench = Bench::new();
    bench.ledger.open_accounts(2).unwrap();
    for (holder, tokens) in [600, 300, 100].into_iter().enumerate() {
        let more = tokens * MILLION - HOLDERS[holder];
        bench.ledger.mint(ISSUER, holder_account(holder), TOKEN, atoms(more)).unwrap();
    }
    bench.ledger.burn(ISSUER, holder_account(3), TOKEN, atoms(HOLDERS[3])).unwrap();
    bench.ledger.bridge_in(holder_account(3), USD, atoms(10_000 * MILLION)).unwrap();
    bench.ledger.mint(ISSUER, MARKET, TOKEN, atoms(1_000 * MILLION)).unwrap();
    bench.ledger.bridge_in(MARKET, USD, atoms(2_000 * MILLION)).unwrap();
    bench.ledger.commit();
    let pool = pool("gov_pool", MARKET, [TOKEN, USD]);
    let rules = Rules { proposal_threshold_share: 0.1, ..RULES };
    let governance = Governance::new(rules, TOKEN, ESCROW).unwrap();
    let exchange = Exchange::new(ExchangeSettings::default(), USD, vec![]);
    bench.venues = Venues::new(exchange, vec![pool], None).governed_by(governance);
    bench.venues.open_desk(LendingDesk::new(DESK, TOKEN, USD, terms));
    bench
}

impl Bench {
    fn desk(&self) -> &LendingDesk {
        self.venues.desk().unwrap()
    }

    /// One transaction at the desk or at the ballot: all or nothing.
    fn act(&mut self, holder: usize, actions: &[Action]) -> Result<Amount, Refusal> {
        let Self { ledger, venues, notes, oracle, clock } = self;
        let mut deal = Deal { ledger, oracle, clock, notes };
        let outcome = actions.iter().try_fold(Amount::ZERO, |previous, action| {
            venues.perform(&mut deal, holder_account(holder), *action, previous)
        });
        if outcome.is_ok() {
            deal.ledger.commit();
            venues.commit();
        } else {
            deal.ledger.rollback();
            venues.rollback();
        }
        outcome
    }

    fn at_desk(&mut self, holder: usize, action: DeskAction) -> Result<i64, Refusal> {
        self.act(holder, &[Action::Desk(action)]).map(Amount::atoms)
    }

    fn refused_at_desk(&mut self, holder: usize, action: DeskAction) -> DeskRefusal {
        match self.at_desk(holder, action) {
            Err(Refusal::Desk(refusal)) => refusal,
            other => panic!("expected a refusal by the desk, found {other:?}"),
        }
    }

    /// Lets hours pass, at the start of each of which loans are charged.
    fn pass(&mut self, hours: u32) {
        for _ in 0..hours {
            self.next_tick();
            let Self { ledger, venues, notes, oracle, clock } = self;
            venues.charge_token_loans(&mut Deal { ledger, oracle, clock, notes });
        }
    }

    fn dollars(&self, holder: usize) -> i64 {
        self.ledger.balance(holder_account(holder), USD).atoms()
    }

    /// Puts dollars into the token's pool, or takes them out, until a token costs so much.
    fn price(&mut self, cents: i64) {
        let wanted = cents * self.ledger.balance(MARKET, TOKEN).atoms() / 100;
        let held = self.ledger.balance(MARKET, USD).atoms();
        if wanted > held {
            self.ledger.bridge_in(MARKET, USD, atoms(wanted - held)).unwrap();
        } else {
            self.ledger.bridge_out(MARKET, USD, atoms(held - wanted)).unwrap();
        }
        self.ledger.commit();
    }
}

fn size(tokens: i64) -> Size {
    Size::Exact(atoms(tokens))
}

fn offer(tokens: i64) -> DeskAction {
    DeskAction::Offer { tokens: size(tokens * MILLION) }
}

fn take_back(tokens: i64) -> DeskAction {
    DeskAction::TakeBack { tokens: size(tokens * MILLION) }
}

fn borrow(tokens: i64) -> DeskAction {
    DeskAction::Borrow { tokens: size(tokens * MILLION) }
}

/// 900 tokens are offered and 450 of them lent at two dollars: 1,350 dollars of collateral at 1.5, and 14.5 % a year, which is
/// .357534 dollars a day, rounded up.
#[test]
fn a_loan_is_charged_by_the_day_and_the_lenders_share_what_it_costs() {
    let mut bench = desk_bench(TokenLoanTerms::default());
    bench.at_desk(0, offer(600)).unwrap();
    bench.at_desk(1, offer(300)).unwrap();
    assert_eq!((bench.balance(0), bench.desk().lendable()), (0, atoms(900 * MILLION)));
    assert_eq!(bench.at_desk(3, borrow(450)).unwrap(), 450 * MILLION);
    assert_eq!((bench.balance(3), bench.dollars(3)), (450 * MILLION, 8_650 * MILLION));
    let loan = *bench.desk().loan_of(holder_account(3)).unwrap();
    assert_eq!((loan.rate_per_year, loan.price_usd), (0.02 + 0.25 * 0.5, 2.0));
    // The first day is charged at once, two thirds of it to the first.
    let due = |bench: &Bench, holder| bench.desk().due_to(holder_account(holder)).atoms();
    assert_eq!((due(&bench, 0), due(&bench, 1)), (238_356, 119_178));
    bench.pass(24);
    assert_eq!(due(&bench, 0), 238_356, "the day is not over");
    bench.pass(49);
    assert_eq!((due(&bench, 0), due(&bench, 1)), (953_426, 476_713), "four days of 357,535");
    // What is lent comes back when it is returned, not before.
    let lent = DeskRefusal::Lent { available: atoms(450 * MILLION), wanted: atoms(600 * MILLION) };
    assert_eq!(bench.refused_at_desk(0, take_back(600)), lent);
    assert_eq!(bench.at_desk(3, DeskAction::Return).unwrap(), 4 * 357_535);
    assert_eq!((bench.balance(3), bench.dollars(3)), (0, 10_000 * MILLION - 4 * 357_535));
    assert_eq!(bench.at_desk(0, take_back(600)).unwrap(), 600 * MILLION);
    assert_eq!(bench.at_desk(0, DeskAction::Collect).unwrap(), 953_426);
    assert_eq!(bench.refused_at_desk(0, DeskAction::Collect), DeskRefusal::NothingDue);
    // One atom of rounding stays for ever.
    assert_eq!(bench.at_desk(1, DeskAction::Collect).unwrap(), 476_713);
    assert_eq!(
        (bench.ledger.balance(DESK, USD), bench.desk().owed()),
        (atoms(1), [300 * i128::from(MILLION), 1])
    );
}

#[test]
fn the_desk_says_why_it_refuses() {
    let mut bench = desk_bench(TokenLoanTerms::default());
    let nothing = DeskRefusal::Lent { available: atoms(0), wanted: atoms(MILLION) };
    assert_eq!(bench.refused_at_desk(3, borrow(1)), nothing);
    bench.at_desk(0, offer(500)).unwrap();
    let not_offered =
        |offered, wanted| DeskRefusal::NotOffered { offered: atoms(offered), wanted: atoms(wanted) };
    assert_eq!(bench.refused_at_desk(1, take_back(1)), not_offered(0, MILLION));
    assert_eq!(bench.refused_at_desk(0, take_back(501)), not_offered(500 * MILLION, 501 * MILLION));
    assert_eq!(bench.refused_at_desk(3, DeskAction::Return), DeskRefusal::NoLoan);
    assert!(matches!(bench.at_desk(0, offer(0)), Err(Refusal::Dust)));
    assert!(matches!(bench.at_desk(3, borrow(0)), Err(Refusal::Dust)));
    bench.at_desk(3, borrow(100)).unwrap();
    assert_eq!(bench.refused_at_desk(3, borrow(1)), DeskRefusal::HasLoan { owed: atoms(100 * MILLION) });
    // No dollars, no loan: and nothing has changed.
    let before = bench.desk().clone();
    assert!(matches!(
        bench.at_desk(1, borrow(1)),
        Err(Refusal::Ledger(LedgerError::InsufficientBalance { .. }))
    ));
    assert_eq!(bench.desk(), &before);
    bench.venues = Venues::new(Exchange::new(ExchangeSettings::default(), USD, vec![]), vec![], None);
    assert_eq!(bench.refused_at_desk(0, DeskAction::Collect), DeskRefusal::NoDesk);
    bench.venues.open_desk(LendingDesk::new(DESK, TOKEN, USD, TokenLoanTerms::default()));
    assert_eq!(bench.refused_at_desk(3, borrow(1)), DeskRefusal::NoPrice);
}

/// What is lent votes for whoever borrowed it and for nobody else, and cannot be returned while the poll is open.
#[test]
fn lent_tokens_vote_for_the_borrower_alone() {
    let mut bench = desk_bench(TokenLoanTerms::default());
    bench.at_desk(0, offer(600)).unwrap();
    let govern = |action| [Action::Govern(action)];
    let vote = |support, tokens: i64| vote(support, tokens * MILLION);
    bench.at_desk(3, borrow(400)).unwrap();
    bench.act(3, &govern(propose(FEE, 25.0))).unwrap();
    let power = |bench: &Bench, holder| {
        bench.governance().power_of(&bench.ledger, bench.venues.stakes(), holder_account(holder)).atoms()
    };
    assert_eq!((power(&bench, 0), power(&bench, 3)), (0, 400 * MILLION));
    let none = GovernRefusal::NotAvailable { available: Amount::ZERO, wanted: atoms(MILLION) };
    assert_eq!(bench.refused(0, &[vote(false, 1)]), none);
    bench.act(3, &govern(vote(true, 400))).unwrap();
    bench.act(1, &govern(vote(false, 300))).unwrap();
    let short = LedgerError::InsufficientBalance { needed: atoms(400 * MILLION), held: Amount::ZERO };
    assert_eq!(bench.at_desk(3, DeskAction::Return), Err(Refusal::Ledger(short)));
    bench.pass(4);
    assert_eq!(bench.governance().outcomes().passed, 1);
    bench.at_desk(3, DeskAction::Return).unwrap();
    assert_eq!(bench.at_desk(0, take_back(600)).unwrap(), 600 * MILLION);
}

/// No fees, so that figures are round.
const FREE: TokenLoanTerms = TokenLoanTerms {
    collateral_ratio: 1.5,
    base_rate_per_year: 0.0,
    rate_slope_per_year: 0.0,
    term_days: 30.0,
};

#[test]
fn a_loan_that_is_not_returned_is_settled_in_dollars() {
    let mut bench = desk_bench(FREE);
    bench.at_desk(0, offer(600)).unwrap();
    bench.at_desk(1, offer(200)).unwrap();
    bench.at_desk(3, borrow(400)).unwrap();
    bench.pass(30 * 24 - 1);
    assert!(bench.desk().loan_of(holder_account(3)).is_some());
    bench.pass(1);
    // 800 dollars for 400 tokens: three quarters of either to the first. 400 of the 1,200 go back, and the tokens stay.
    assert_eq!((bench.desk().loan_of(holder_account(3)), bench.desk().record.settled), (None, 1));
    assert_eq!((bench.balance(3), bench.dollars(3)), (400 * MILLION, 9_200 * MILLION));
    let claim = |bench: &Bench, holder| {
        let account = holder_account(holder);
        (bench.desk().offered_by(account).atoms(), bench.desk().due_to(account).atoms())
    };
    assert_eq!(claim(&bench, 0), (300 * MILLION, 600 * MILLION));
    assert_eq!(claim(&bench, 1), (100 * MILLION, 200 * MILLION));
    assert_eq!(bench.kinds(), ["token_loan_settled"]);
    let told = "its term is over: the lenders receive 800 dollars for 400 tokens, the borrower 400";
    assert_eq!(bench.notes.all()[0].detail, told);
    // Who has got its claims out is forgotten.
    bench.act(0, &[Action::Desk(take_back(300)), Action::Desk(DeskAction::Collect)]).unwrap();
    assert_eq!(bench.desk().claims().map(|(lender, _)| lender).collect::<Vec<_>>(), [holder_account(1)]);
    assert_eq!((bench.balance(0), bench.dollars(0)), (300 * MILLION, 600 * MILLION));
}

/// A token is backed by three dollars: at 2.99 that will do, at 3.01 it will not.
#[test]
fn a_loan_is_settled_when_its_collateral_is_used_up() {
    let mut bench = desk_bench(FREE);
    bench.at_desk(0, offer(500)).unwrap();
    bench.at_desk(3, borrow(500)).unwrap();
    bench.price(299);
    bench.pass(2);
    assert_eq!(bench.desk().record.lent, atoms(500 * MILLION));
    bench.price(301);
    bench.pass(1);
    assert_eq!((bench.desk().record.lent, bench.desk().record.offered), (atoms(0), atoms(0)));
    assert_eq!(bench.at_desk(0, DeskAction::Collect).unwrap(), 1_500 * MILLION);
    // What is missing is told.
    let detail = &bench.notes.all()[0].detail;
    assert!(
        detail.starts_with("it is worth what is left of its collateral: the lenders receive 1500 "),
        "{detail}"
    );
    assert!(detail.contains(" dollars short, the borrower 0"), "{detail}");
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Desk(usize, DeskAction),
    /// Two actions in one transaction, the second of which is refused.
    Undone(usize, DeskAction),
    Hours(u32),
    Price(i64),
}

fn action() -> impl Strategy<Value = DeskAction> {
    let amount = 1_i64..700 * MILLION;
    prop_oneof![
        3 => amount.clone().prop_map(|atoms| DeskAction::Offer { tokens: size(atoms) }),
        3 => amount.clone().prop_map(|atoms| DeskAction::TakeBack { tokens: size(atoms) }),
        2 => Just(DeskAction::Collect),
        3 => amount.prop_map(|atoms| DeskAction::Borrow { tokens: size(atoms) }),
        2 => Just(DeskAction::Return),
    ]
}

fn step(prices: bool) -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_usize..4, action()).prop_map(|(holder, action)| Step::Desk(holder, action)),
        3 => (0_usize..4, action()).prop_map(|(holder, action)| Step::Undone(holder, action)),
        2 => (1_u32..60).prop_map(Step::Hours),
        1 => (100_i64..600).prop_map(move |price| if prices { Step::Price(price) } else { Step::Hours(1) }),
    ]
}

/// Takes a step and checks the books; what is undone has not happened.
fn take(bench: &mut Bench, step: Step) {
    match step {
        Step::Desk(holder, action) => {
            let _refused = bench.at_desk(holder, action);
        }
        Step::Undone(holder, action) => {
            let before = (bench.desk().clone(), bench.balances(), bench.dollars(3));
            // Nobody can vote where nothing is proposed.
            let refused = Action::Govern(GovernAction::Cancel { ballot: 77 });
            assert!(bench.act(holder, &[Action::Desk(action), refused]).is_err());
            assert_eq!((bench.desk().clone(), bench.balances(), bench.dollars(3)), before);
        }
        Step::Hours(hours) => bench.pass(hours),
        Step::Price(cents) => bench.price(cents),
    }
    bench.ledger.audit(true).unwrap();
    let held = [TOKEN, USD].map(|asset| i128::from(bench.ledger.balance(DESK, asset).atoms()));
    let desk = bench.desk();
    assert_eq!(desk.owed(), held);
    let claimed: i64 = desk.claims().map(|(_, claim)| claim.tokens.atoms()).sum();
    let due: i64 = (0..4).map(|holder| desk.due_to(holder_account(holder)).atoms()).sum();
    assert_eq!(claimed, desk.record.offered.atoms());
    assert!(due <= desk.record.uncollected.atoms(), "{due} of {:?}", desk.record.uncollected);
}

/// Gives everybody dollars, so that everybody can borrow.
fn rich_bench(terms: TokenLoanTerms) -> Bench {
    let mut bench = desk_bench(terms);
    for holder in 0..3 {
        bench.ledger.bridge_in(holder_account(holder), USD, atoms(10_000 * MILLION)).unwrap();
    }
    bench.ledger.commit();
    bench.ledger.audit(true).unwrap();
    bench
}

/// The terms of the next loan can be voted on; those of a loan that stands cannot.
#[test]
fn a_loan_keeps_the_rate_at_which_it_was_made() {
    let mut bench = desk_bench(TokenLoanTerms::default());
    let rate = bench.venues.find_parameter("token_loans.base_rate_per_year").unwrap();
    let ratio = bench.venues.find_parameter("token_loans.collateral_ratio").unwrap();
    bench.at_desk(0, offer(600)).unwrap();
    bench.at_desk(3, borrow(60)).unwrap();
    let before = *bench.desk().loan_of(holder_account(3)).unwrap();
    bench.venues.set_parameter(rate, 0.5).unwrap();
    bench.venues.set_parameter(ratio, 3.0).unwrap();
    assert!(bench.venues.set_parameter(ratio, 1.0).is_err(), "never less than the loan is worth");
    assert_eq!(bench.desk().loan_of(holder_account(3)), Some(&before));
    bench.at_desk(3, DeskAction::Return).unwrap();
    bench.at_desk(3, borrow(60)).unwrap();
    let after = bench.desk().loan_of(holder_account(3)).unwrap();
    assert!((after.rate_per_year - before.rate_per_year - 0.48).abs() < 1e-12);
    assert_eq!(after.put_up.atoms(), 2 * before.put_up.atoms());
}

/// A stopped desk lends nothing and gives back everything.
#[test]
fn a_stopped_desk_takes_nothing_in() {
    let mut bench = desk_bench(TokenLoanTerms::default());
    bench.at_desk(0, offer(300)).unwrap();
    bench.at_desk(3, borrow(60)).unwrap();
    let venue = bench.venues.pause_id(Place::Desk).unwrap();
    let measure = Measure::Pause { venue, hours: 24 };
    let vote = GovernAction::Vote { ballot: Which::Newest, support: true, weight: size(300 * MILLION) };
    bench.send(0, &[GovernAction::Propose { measure }, vote]).unwrap();
    bench.next_ticks(6);
    let stopped = |outcome| matches!(outcome, Err(Refusal::Paused { .. }));
    assert!(stopped(bench.at_desk(0, offer(1))) && stopped(bench.at_desk(2, borrow(1))));
    bench.at_desk(3, DeskAction::Return).unwrap();
    bench.at_desk(0, take_back(300)).unwrap();
    bench.at_desk(0, DeskAction::Collect).unwrap();
    bench.next_ticks(24);
    bench.at_desk(0, offer(1)).unwrap();
}

proptest! {
    /// Whatever is done at the desk, at whatever prices: tokens and dollars are conserved, the account holds what is owed to
    /// the atom, and what is undone leaves no trace.
    #[test]
    fn the_desk_owes_what_it_holds(steps in proptest::collection::vec(step(true), 1..60)) {
        let mut bench = rich_bench(TokenLoanTerms { term_days: 3.0, ..TokenLoanTerms::default() });
        for step in steps {
            take(&mut bench, step);
        }
    }

    /// While loans are returned nobody loses an atom of tokens; of the fees the desk keeps less than an atom for each time that
    /// somebody's were counted.
    #[test]
    fn no_lender_loses_an_atom_while_loans_are_returned(steps in proptest::collection::vec(step(false), 1..60)) {
        let terms = TokenLoanTerms { term_days: 3_000.0, ..TokenLoanTerms::default() };
        let mut bench = rich_bench(terms);
        let count = steps.len() as i64;
        for step in steps {
            take(&mut bench, step);
            for (holder, tokens) in [600, 300, 100, 0].into_iter().enumerate() {
                let account = holder_account(holder);
                let owed = bench.desk().loan_of(account).map_or(0, |loan| loan.tokens.atoms());
                let owned = bench.balance(holder) + bench.desk().offered_by(account).atoms() - owed;
                prop_assert_eq!(owned, tokens * MILLION);
            }
            let due: i64 = (0..4).map(|holder| bench.desk().due_to(holder_account(holder)).atoms()).sum();
            prop_assert!(bench.desk().record.uncollected.atoms() - due <= 4 + 4 * count);
        }
        // Everybody can get everything out in the end, even those who have lent what they had borrowed.
        for _ in 0..8 {
            for holder in 0..4 {
                let back = bench.desk().offered_by(holder_account(holder)).min(bench.desk().lendable());
                let _nothing = bench.at_desk(holder, DeskAction::TakeBack { tokens: Size::Exact(back) });
                let _nothing = bench.at_desk(holder, DeskAction::Return);
            }
        }
        prop_assert_eq!(bench.ledger.balance(DESK, TOKEN), Amount::ZERO);
    }
}
