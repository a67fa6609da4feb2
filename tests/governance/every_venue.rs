//! Every kind of venue in one world: each can be stopped by a vote and goes on by itself, and each has its parameters.

use ballast::agents::Directory;
use ballast::experiment::world;
use ballast::protocol::amm::Side as SwapSide;
use ballast::protocol::governance::{Measure, ParameterError, ParameterId};
use ballast::protocol::order_book::{Side, TimeInForce};
use ballast::quantity::{Amount, AssetId, Tick};
use ballast::venue::accrual::accrue;
use ballast::venue::book::{BookAction, BookId};
use ballast::venue::governance::{GovernAction, Which, govern};
use ballast::venue::launch::{LaunchAction, LaunchId};
use ballast::venue::lending::{LendAction, LoanMarketId};
use ballast::venue::names::Place;
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::venue::stake_pools::{EmissionPoolId, StakeAction};
use ballast::venue::treasury::FxAction;
use ballast::venue::{Action, Refusal, Venues, value};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::mempool::Size;
use ballast::world::notes::Notes;
use bevy_ecs::prelude::*;

use crate::common::{market, read};
use crate::transact::transact;

const HOUR: i64 = 3_600;
/// For how many hours venues are stopped here.
const STOPPED: u32 = 12;

const ETH_USD: PoolId = PoolId(0);
const GOV_USD: PoolId = PoolId(1);
const LOANS: LoanMarketId = LoanMarketId(0);
const BOOK: BookId = BookId(0);
const TOKEN: EmissionPoolId = EmissionPoolId(0);
const LAUNCH: LaunchId = LaunchId(0);

/// Two people who hold some of everything: the first has most tokens, and what it proposes passes in an hour and takes
/// effect an hour later.
struct Town {
    world: World,
    tick: u32,
}

impl Town {
    fn new() -> Self {
        let experiment = read(
            r#"(
                name: "town", horizon_days: 1, exchange: (half_spread_bps: 0, impact_bps: 0),
                price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, volatility: 0)]),
                network: (gas_usd_per_action: 0),
                fx: (profile: Deployed2023, initial_collateral: 100, initial_collateral_ratio: 2.0, rebalance_pool: First),
                pools: [
                    (name: "eth_usd", base: "ETH", fee_bps: 30, initial_value_usd: 100000,
                     liquidity: (cap_share: 1, cycle_hours: 24, gate: (max_share_per_cycle: 1), insurance: (fee_share: 0.5))),
                    (name: "gov_usd", base: "GOV", fee_bps: 30, initial_value_usd: 2000),
                ],
                loans: [(name: "eth_loans", profile: Whitepaper, term_days: 2, sales: Pool("eth_usd"), collateral_cap: 100,
                         rates: (initial_liquidity_usd: 10000))],
                reserve: (target_usd: 1000),
                order_books: [(name: "eth_book", base: "ETH", tick_size: 0.01, lot_size: 0.001)],
                governance: (initial_price_usd: 0.02, initial_supply: 1000000, profile: Plain,
                    rules: (quorum_share: 0, voting_hours: 1, timelock_hours: 1, cooldown_hours: 0),
                    allocation: (foundation: 0.3, distributed: 0.4, community: 0.3)),
                staking: [(name: "gov", asset: "GOV", emission: Halving(tokens_per_cycle: 1000), cycle_blocks: 6, vault: ())],
                launches: [(name: "ido", tickets: 100, tokens_per_ticket: 100, price_per_ticket_usd: 1, activation_threshold: 50,
                            closes_hours: 8, claims_end_hours: 60, most_tickets: 20)],
                populations: [(profile: "noise_trader", count: 2, agent: NoiseTrader(
                    activity_per_day: 0, pool: "gov_usd", largest_trade_share: 0,
                    endowment: (wealth_usd: 20000, holdings: {"USD": 0.4, "ETH": 0.3, "GOV": 0.2, "gov_usd_shares": 0.05, "eth_usd_shares": 0.05}),
                ))],
            )"#,
        );
        let mut world = world::build(&experiment, &market(&experiment, 0), 0, None).unwrap();
        world.resource_mut::<Ledger>().audit(true).unwrap();
        Self { world, tick: 0 }
    }

    fn venues(&self) -> &Venues {
        self.world.resource()
    }

    fn now(&self) -> i64 {
        self.world.resource::<Clock>().now_seconds()
    }

    fn person(&self, place: u32) -> AccountId {
        AccountId(self.world.resource::<Directory>().populations()[0].first.0 + place)
    }

    fn held(&self, place: u32, symbol: &str) -> Amount {
        let ledger = self.world.resource::<Ledger>();
        ledger.balance(self.person(place), ledger.find(symbol).unwrap())
    }

    fn asset(&self, symbol: &str) -> AssetId {
        self.world.resource::<Ledger>().find(symbol).unwrap()
    }

    /// One transaction of one of the people: all actions or none.
    fn send(&mut self, place: u32, actions: &[Action]) -> Result<Amount, Refusal> {
        let actor = self.person(place);
        transact(&mut self.world, |venues, deal| {
            actions
                .iter()
                .try_fold(Amount::ZERO, |previous, action| venues.perform(deal, actor, *action, previous))
        })
    }

    fn hours(&mut self, hours: u32) {
        for _ in 0..hours {
            self.world.run_system_cached::<(), _, _>(govern).unwrap();
            self.tick += 1;
            self.world.resource_mut::<Clock>().begin(Tick(self.tick));
            self.world.run_system_cached(accrue).unwrap();
            self.world.run_system_cached(value).unwrap();
            self.world.resource_mut::<Ledger>().audit(true).unwrap();
        }
    }

    /// Has a measure proposed, voted and put into effect, which takes two hours.
    fn vote(&mut self, measure: Measure) {
        let propose = Action::Govern(GovernAction::Propose { measure });
        let weight = Size::Exact(self.held(0, "GOV").share(0.1));
        let vote = Action::Govern(GovernAction::Vote { ballot: Which::Newest, support: true, weight });
        self.send(0, &[propose, vote]).unwrap();
        self.hours(2);
    }

    fn stop(&mut self, venue: Place) {
        let venue = self.venues().pause_id(venue).unwrap();
        self.vote(Measure::Pause { venue, hours: STOPPED });
    }

    fn parameter(&self, name: &str) -> ParameterId {
        self.venues().find_parameter(name).unwrap_or_else(|| panic!("there is no `{name}`"))
    }

    fn voted(&mut self, name: &str, to: f64) {
        let parameter = self.parameter(name);
        self.vote(Measure::Set { parameter, from: 0.0, to });
        assert_eq!(self.venues().parameter_value(parameter), Some(to), "{name}");
    }

    /// Stops a venue: meanwhile it refuses each of `stopped` and says until when, and does each of `done`; then it goes on.
    #[track_caller]
    fn must_stop(&mut self, venue: Place, stopped: &[Action], done: &[Action]) {
        self.stop(venue);
        let until_seconds = self.now() + i64::from(STOPPED) * HOUR;
        for action in stopped {
            assert_eq!(self.send(0, &[*action]), Err(Refusal::Paused { until_seconds }), "{action:?}");
        }
        self.hours(STOPPED - 1);
        assert_eq!(self.send(0, &stopped[..1]), Err(Refusal::Paused { until_seconds }), "to the last hour");
        for action in done {
            assert!(self.send(0, &[*action]).is_ok(), "{action:?}: {:?}", self.send(0, &[*action]));
        }
        self.hours(1);
        for action in stopped {
            let outcome = self.send(0, &[*action]);
            assert!(outcome.is_ok(), "{action:?}: {outcome:?}");
        }
        let notes = self.world.resource::<Notes>().all();
        assert_eq!(notes.iter().filter(|note| note.kind == "resumed").count(), 1);
    }
}

fn exact(amount: Amount) -> Size {
    Size::Exact(amount)
}

fn limit(price: u32) -> Action {
    let (side, time_in_force) = (Side::Buy, TimeInForce::GoodTillCancelled);
    Action::Book(BookAction::Limit { book: BOOK, side, price, lots: 10, time_in_force })
}

#[test]
fn a_stopped_pool_lets_liquidity_leave() {
    let mut town = Town::new();
    let (dollar, shares) = (Amount::from_atoms(1_000_000), town.held(0, "gov_usd_shares").share(0.5));
    let (side, amount) = (SwapSide::BuyBase, exact(dollar));
    let swap = PoolAction::Swap { pool: GOV_USD, side, amount, min_out: Amount::ZERO };
    let add = PoolAction::AddLiquidity { pool: GOV_USD, max: [dollar.share(50.0), dollar] };
    let leave = PoolAction::RemoveLiquidity { pool: GOV_USD, shares: exact(shares) };
    town.must_stop(Place::Pool(GOV_USD), &[swap, add].map(Action::Pool), &[Action::Pool(leave)]);
}

#[test]
fn a_stopped_pool_stops_its_commitments_and_whoever_sells_in_it_but_not_its_gate() {
    let mut town = Town::new();
    let shares = town.held(0, "eth_usd_shares").share(0.4);
    let commit = Action::Pool(PoolAction::Commit { pool: ETH_USD, shares: exact(shares), cycles: 1 });
    let collateral = exact(town.held(0, "ETH").share(0.01));
    // A join sells part of the collateral in the pool.
    let join = Action::Lend(LendAction::Join { market: LOANS, collateral });
    let ask = Action::Pool(PoolAction::RequestWithdrawal { pool: ETH_USD, shares: exact(shares) });
    let think_better = Action::Pool(PoolAction::CancelWithdrawal { pool: ETH_USD });
    town.must_stop(Place::Pool(ETH_USD), &[commit, join], &[ask, think_better]);
}

#[test]
fn a_settlement_that_sells_in_a_stopped_pool_waits() {
    let mut town = Town::new();
    let collateral = exact(town.held(0, "ETH").share(0.5));
    town.send(0, &[Action::Lend(LendAction::Join { market: LOANS, collateral })]).unwrap();
    let settled = |town: &Town| town.venues().loan(LOANS).record.before.map(|before| before.settled);
    town.hours(45);
    town.stop(Place::Pool(ETH_USD));
    // The term ends an hour later.
    town.hours(STOPPED - 1);
    assert_eq!(settled(&town), Some(None));
    town.hours(1);
    assert_eq!(settled(&town), Some(Some(1.0)));
}

#[test]
fn a_stopped_treasury_does_nothing() {
    let mut town = Town::new();
    let collateral = exact(town.held(0, "ETH").share(0.01));
    let mint = Action::Fx(FxAction::MintXeth { collateral });
    town.must_stop(Place::Treasury, &[mint], &[]);
}

#[test]
fn a_stopped_loan_market_lets_lenders_leave() {
    let mut town = Town::new();
    let provide = |tokens| Action::Lend(LendAction::Provide { market: LOANS, tokens });
    let shares = town.send(0, &[provide(exact(Amount::from_atoms(100_000_000)))]).unwrap();
    let collateral = exact(town.held(0, "ETH").share(0.01));
    let join = Action::Lend(LendAction::Join { market: LOANS, collateral });
    let withdraw = Action::Lend(LendAction::Withdraw { market: LOANS, shares: exact(shares) });
    let stopped = [join, provide(exact(Amount::from_atoms(1_000_000)))];
    town.must_stop(Place::Loan(LOANS), &stopped, &[withdraw]);
}

#[test]
fn a_stopped_book_lets_orders_be_cancelled() {
    let mut town = Town::new();
    town.send(0, &[limit(150_000)]).unwrap();
    let side = Side::Buy;
    let (amount, min_out) = (exact(Amount::from_atoms(100_000_000)), Amount::ZERO);
    let market = Action::Book(BookAction::Market { book: BOOK, side, amount, min_out });
    // Somebody has to sell for a market order to be met.
    let (sell, time_in_force) = (Side::Sell, TimeInForce::GoodTillCancelled);
    let ask = BookAction::Limit { book: BOOK, side: sell, price: 210_000, lots: 1_000, time_in_force };
    town.send(1, &[Action::Book(ask)]).unwrap();
    let cancel = Action::Book(BookAction::CancelAll { book: BOOK });
    town.must_stop(Place::Book(BOOK), &[limit(140_000), market], &[cancel]);
}

#[test]
fn a_stopped_staking_pool_pays_what_was_earned() {
    let mut town = Town::new();
    let amount = exact(town.held(0, "GOV").share(0.1));
    let stake = Action::Stake(StakeAction::Stake { pool: TOKEN, amount, lock_cycles: 1 });
    let deposit = Action::Stake(StakeAction::VaultDeposit { pool: TOKEN, amount });
    town.hours(1);
    town.send(0, &[stake]).unwrap();
    let claim = Action::Stake(StakeAction::Claim { pool: TOKEN });
    town.must_stop(Place::Staking(TOKEN), &[stake, deposit], &[claim]);
    assert!(town.held(0, "APower").is_positive());
}

#[test]
fn a_stopped_launch_registers_nobody_and_pays_back() {
    let mut town = Town::new();
    let register = Action::Launch(LaunchAction::Register { launch: LAUNCH, tickets: 10 });
    town.send(0, &[register]).unwrap();
    let before = town.held(0, "USD");
    // Registration would end while it is stopped: the same votes extend it.
    town.stop(Place::Launch(LAUNCH));
    let until_seconds = town.now() + i64::from(STOPPED) * HOUR;
    assert_eq!(town.send(1, &[register]), Err(Refusal::Paused { until_seconds }));
    town.hours(6);
    // Ten of a hundred tickets, of which fifty were needed.
    let claim = Action::Launch(LaunchAction::Claim { launch: LAUNCH });
    assert_eq!(town.send(1, &[register]), Err(Refusal::Paused { until_seconds }));
    assert_eq!(town.send(0, &[claim]), Ok(Amount::ZERO), "no tokens");
    assert_eq!(town.held(0, "USD").saturating_less(before), Amount::from_atoms(10_000_000), "but the money");
    town.hours(STOPPED - 6);
    assert!(!matches!(town.send(1, &[register]), Err(Refusal::Paused { .. })));
}

#[test]
fn a_launch_that_was_stopped_can_be_kept_open_until_it_is_drawn() {
    let mut town = Town::new();
    town.voted("ido.closes_hours", 30.0);
    town.voted("ido.most_tickets", 40.0);
    town.voted("ido.activation_threshold", 30.0);
    town.stop(Place::Launch(LAUNCH));
    town.hours(STOPPED);
    let register = Action::Launch(LaunchAction::Register { launch: LAUNCH, tickets: 40 });
    town.send(1, &[register]).unwrap();
    town.hours(30 - town.tick);
    let launch = town.venues().launch(LAUNCH);
    assert!(launch.record.drawn && launch.sale().won == 40, "{} won", launch.sale().won);
    // Nothing of it can be changed any more, not even by what was proposed before.
    for (name, at, to) in [
        ("ido.closes_hours", 30.0, 40.0),
        ("ido.most_tickets", 40.0, 1.0),
        ("ido.activation_threshold", 30.0, 90.0),
    ] {
        let parameter = town.parameter(name);
        let venues = &mut *town.world.resource_mut::<Venues>();
        assert_eq!(venues.set_parameter(parameter, to), Err(ParameterError::Fixed { at }), "{name}");
        assert_eq!(venues.set_parameter(parameter, at), Ok(()), "{name}");
    }
}

#[test]
fn every_venue_is_listed_once_and_every_parameter_takes_its_bounds() {
    let mut town = Town::new();
    let places: Vec<Place> = town.venues().pausable().map(|(_, place)| place).collect();
    assert_eq!(
        places,
        [
            Place::Pool(ETH_USD),
            Place::Pool(GOV_USD),
            Place::Treasury,
            Place::Loan(LOANS),
            Place::Book(BOOK),
            Place::Staking(TOKEN),
            Place::Launch(LAUNCH),
        ]
    );
    let parameters = town.venues().parameters();
    let mut names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    for name in [
        "eth_usd.cap_share",
        "eth_usd.gate_share",
        "eth_usd.insurance_coverage",
        "eth_usd.insurance_fee_share",
        "eth_usd.longest_commitment_cycles",
        "fx.beta",
        "fx.xeth_mint_fee_bps",
        "fx.xeth_redeem_fee_bps",
        "fx.rebalance_pool_yield_share",
        "eth_book.maker_fee_bps",
        "eth_book.taker_fee_bps",
        "gov.emission_per_cycle",
        "gov.apower_multiplier",
        "gov.vault_bounty",
        "eth_loans.initial_loan_to_value",
        "eth_loans.conversion_loan_to_value",
        "eth_loans.fee_bps",
        "eth_loans.rebate_share",
        "eth_loans.interest_fee_share",
        "eth_loans.flash_fee_bps",
        "eth_loans.collateral_cap",
        "eth_loans.capacity_multiplier",
        "ido.activation_threshold",
        "ido.most_tickets",
        "ido.closes_hours",
        "reserve.target_usd",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "names are unique");
    let venues = &mut *town.world.resource_mut::<Venues>();
    for (place, parameter) in parameters.iter().enumerate() {
        let (id, name) = (ParameterId(place as u16), &parameter.name);
        let now = venues.parameter_value(id).unwrap();
        assert!((parameter.low..=parameter.high).contains(&now), "{name}: {now}");
        for value in [parameter.low, parameter.high] {
            venues.set_parameter(id, value).unwrap();
            let found = venues.parameter_value(id).unwrap();
            assert!((found - value).abs() < 1e-6 * value.abs().max(1e-3), "{name}: {value}, found {found}");
        }
        let too_high = parameter.high * 1.01 + 1e-3;
        assert!(
            matches!(venues.set_parameter(id, too_high), Err(ParameterError::OutOfBounds { .. })),
            "{name}"
        );
        venues.set_parameter(id, now).unwrap();
        let again = &venues.parameters()[place];
        assert_eq!(
            (again.low, again.high, &again.name),
            (parameter.low, parameter.high, name),
            "bounds stay"
        );
    }
}

#[test]
fn a_new_loan_to_value_holds_from_the_next_term_on_and_a_fee_at_once() {
    let mut town = Town::new();
    town.voted("eth_loans.initial_loan_to_value", 0.5);
    town.voted("eth_loans.conversion_loan_to_value", 0.95);
    town.voted("eth_loans.fee_bps", 10.0);
    town.voted("eth_loans.interest_fee_share", 0.02);
    let terms = |town: &Town| {
        let market = town.venues().loan(LOANS);
        let terms = market.terms(&market.record.running);
        [terms.initial_loan_to_value, terms.conversion_ltv, terms.fee_rate_y]
    };
    assert_eq!(terms(&town), [0.75, 0.9, 0.001]);
    assert_eq!(town.venues().loan(LOANS).rules.rates.yield_token_fee_rate, 0.02);
    let collateral = exact(town.held(0, "ETH").share(0.01));
    let join = Action::Lend(LendAction::Join { market: LOANS, collateral });
    let old = town.send(0, &[join]).unwrap();
    town.hours(2 * 24 + 1 - town.tick);
    assert_eq!(terms(&town), [0.5, 0.95, 0.001]);
    let new = town.send(0, &[join]).unwrap();
    let ratio = new.atoms() as f64 / old.atoms() as f64;
    assert!((ratio - 0.5 / 0.75).abs() < 1e-9, "{ratio}");
}

#[test]
fn what_was_promised_to_the_committed_is_kept() {
    let mut town = Town::new();
    let shares = exact(town.held(0, "eth_usd_shares").share(0.1));
    let commit = |cycles| Action::Pool(PoolAction::Commit { pool: ETH_USD, shares, cycles });
    town.hours(1);
    town.send(0, &[commit(1)]).unwrap();
    town.voted("eth_usd.insurance_coverage", 0.5);
    town.voted("eth_usd.longest_commitment_cycles", 3.0);
    assert!(town.send(1, &[commit(4)]).is_err());
    town.send(1, &[commit(3)]).unwrap();
    let provision = town.venues().pool(ETH_USD).provision.as_ref().unwrap();
    let coverage = |place| provision.commitment(town.person(place)).unwrap().coverage;
    assert_eq!([coverage(0), coverage(1)], [1.1, 0.5]);
}

#[test]
fn power_comes_with_rewards_as_voters_have_it() {
    let mut town = Town::new();
    let amount = exact(town.held(0, "GOV").share(0.1));
    let stake = |lock_cycles| Action::Stake(StakeAction::Stake { pool: TOKEN, amount, lock_cycles });
    town.hours(1);
    town.send(0, &[stake(1)]).unwrap();
    town.voted("gov.apower_multiplier", 0.25);
    town.hours(2);
    let before = town.held(0, "GOV");
    let apower = town.asset("APower");
    let reward = town.send(0, &[Action::Stake(StakeAction::Claim { pool: TOKEN })]).unwrap();
    assert!(reward.is_positive() && town.held(0, "GOV") > before);
    let held = town.world.resource::<Ledger>().balance(town.person(0), apower);
    assert_eq!(held, reward.share(0.25));
}

#[test]
fn a_fee_outside_stress_leaves_the_one_in_stress() {
    let mut town = Town::new();
    let fees = |town: &Town| {
        let fees = town.venues().treasury.as_ref().unwrap().rules.fees;
        [fees.feth_redeem, fees.xeth_mint, fees.xeth_redeem]
    };
    let before = fees(&town);
    for name in ["fx.feth_redeem_fee_bps", "fx.xeth_mint_fee_bps", "fx.xeth_redeem_fee_bps"] {
        town.voted(name, 40.0);
    }
    for (before, after) in before.iter().zip(fees(&town)) {
        assert!((after.stressed() - before.stressed()).abs() < 1e-12, "{before:?} {after:?}");
        assert!((after.default - 0.004).abs() < 1e-12 && (before.default - 0.004).abs() > 1e-4, "{after:?}");
    }
}
