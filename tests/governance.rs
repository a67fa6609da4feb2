//! Governance from outside: whatever is proposed and voted, tokens are conserved and values stay within bounds; and in a
//! running world a passed proposal changes the pool's fee from the next tick on.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

use ballast::agents::profile::Archetype;
use ballast::agents::voter::{self, Voter};
use ballast::agents::{self, Dice, Directory};
use ballast::protocol::amm::Curve;
use ballast::protocol::governance::{ParameterError, ParameterId, Rules, VoteError};
use ballast::quantity::{Amount, Asset, AssetId, Tick};
use ballast::venue::attribution::Attribution;
use ballast::venue::exchange::{Exchange, ExchangeSettings, Listing};
use ballast::venue::execute::{Network, Receipts, execute_block};
use ballast::venue::governance::{self as govern, GovernAction, GovernRefusal, Governance, Health};
use ballast::venue::pool::oracle::PoolOracle;
use ballast::venue::pool::{Pool, PoolRecord};
use ballast::venue::{Action, Deal, Mempool, Refusal, Valuation, Venues, value};
use ballast::world::calendar::Calendar;
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Issuance, Ledger};
use ballast::world::mempool::{Ordering, Size};
use ballast::world::notes::Notes;
use ballast::world::oracle::{Oracle, OracleSettings};
use ballast::world::phase::{self, Blocks, Phase, Stage};
use ballast::world::streams::Streams;
use bevy_ecs::prelude::*;
use proptest::prelude::*;

const USD: AssetId = AssetId(0);
const ETH: AssetId = AssetId(1);
const SHARES: AssetId = AssetId(2);
const TOKEN: AssetId = AssetId(3);

const ISSUER: AccountId = AccountId(0);
const POOL: AccountId = AccountId(1);
const RESERVE: AccountId = AccountId(2);
const ESCROW: AccountId = AccountId(3);
const FIRST: u32 = 4;

const FEE: ParameterId = ParameterId(0);
const REBATE: ParameterId = ParameterId(1);
const HOUR: i64 = 3_600;

const RULES: Rules = Rules {
    quorum_share: 0.1,
    approval_share: 0.5,
    voting_hours: 4.0,
    timelock_hours: 2.0,
    proposal_threshold_share: 0.01,
    cooldown_hours: 1.0,
};

fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::new(vec![
        (Asset::new("USD", 6), Issuance::Bridged),
        (Asset::new("ETH", 9), Issuance::Bridged),
        (Asset::new("LP", 6), Issuance::By(POOL)),
        (Asset::new("GOV", 6), Issuance::By(ISSUER)),
    ]);
    ledger.open_accounts(FIRST).unwrap();
    ledger.bridge_in(POOL, USD, atoms(2_000_000_000_000)).unwrap();
    ledger.bridge_in(POOL, ETH, atoms(1_000_000_000_000)).unwrap();
    ledger.commit();
    ledger
}

fn venues() -> Venues {
    let pool = Pool {
        name: "eth_pool".into(),
        account: POOL,
        coins: [ETH, USD],
        shares: SHARES,
        reserve: RESERVE,
        curve: Curve::ConstantProduct,
        follows_nav: false,
        fee: 0.003,
        rebate: 0.8,
        oracle: PoolOracle::default(),
        provision: None,
        record: PoolRecord::default(),
    };
    let exchange = Exchange::new(ExchangeSettings::default(), USD, vec![Listing { asset: ETH, feed: 0 }]);
    Venues::new(exchange, vec![pool], None).governed_by(Governance::new(RULES, TOKEN, ESCROW).unwrap())
}

/// Governance without a world around it: four holders with 50, 30, 15 and 5 of a hundred tokens.
struct Bench {
    ledger: Ledger,
    venues: Venues,
    notes: Notes,
    oracle: Oracle,
    clock: Clock,
}

const HOLDERS: [i64; 4] = [500, 300, 195, 5];

impl Bench {
    fn new() -> Self {
        let mut ledger = ledger();
        ledger.open_accounts(HOLDERS.len() as u32).unwrap();
        for (holder, held) in HOLDERS.into_iter().enumerate() {
            ledger.mint(ISSUER, holder_account(holder), TOKEN, atoms(held)).unwrap();
        }
        ledger.commit();
        Self {
            ledger,
            venues: venues(),
            notes: Notes::default(),
            oracle: Oracle::new(OracleSettings::default(), &[2000.0]),
            clock: Clock::new(HOUR, 1),
        }
    }

    /// One transaction: all actions or none, as a block applies it.
    fn send(&mut self, holder: usize, actions: &[GovernAction]) -> Result<(), Refusal> {
        let mut deal = Deal {
            ledger: &mut self.ledger,
            oracle: &self.oracle,
            clock: &self.clock,
            notes: &mut self.notes,
        };
        let outcome = actions.iter().try_for_each(|action| {
            let action = Action::Govern(*action);
            self.venues.perform(&mut deal, holder_account(holder), action, Amount::ZERO).map(|_| ())
        });
        if outcome.is_ok() {
            deal.ledger.commit();
            self.venues.commit();
            deal.notes.keep();
        } else {
            deal.ledger.rollback();
            self.venues.rollback();
            deal.notes.forget();
        }
        outcome
    }

    /// Ends the tick and begins the next.
    fn next_tick(&mut self) {
        self.venues.govern(&mut self.ledger, &mut self.notes, &self.clock).unwrap();
        self.clock.begin(Tick(self.clock.tick().0 + 1));
    }

    fn next_ticks(&mut self, ticks: u32) {
        (0..ticks).for_each(|_| self.next_tick());
    }

    fn governance(&self) -> &Governance {
        self.venues.governance().unwrap()
    }

    fn balances(&self) -> Vec<Amount> {
        self.ledger.holdings(TOKEN).map(|(_, amount)| amount).collect()
    }

    fn value(&self, parameter: ParameterId) -> f64 {
        self.venues.parameter_value(parameter).unwrap()
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.notes.all().iter().map(|note| note.kind).collect()
    }
}

fn holder_account(holder: usize) -> AccountId {
    AccountId(FIRST + holder as u32)
}

fn propose(parameter: ParameterId, value: f64) -> GovernAction {
    GovernAction::Propose { parameter, value }
}

fn vote(support: bool, weight: i64) -> GovernAction {
    GovernAction::Vote { support, weight: Size::Exact(atoms(weight)) }
}

#[test]
fn a_proposal_passes_waits_and_takes_effect() {
    let mut bench = Bench::new();
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    bench.send(1, &[vote(false, 100)]).unwrap();
    bench.send(1, &[vote(false, 200)]).unwrap();
    assert_eq!(bench.ledger.balance(ESCROW, TOKEN), atoms(800));
    bench.next_ticks(3);
    assert!(bench.governance().open().is_some());
    bench.next_tick();
    // The vote closed at the end of hour 4; everything is back, and the timelock runs until hour 6.
    assert_eq!(bench.ledger.balance(ESCROW, TOKEN), Amount::ZERO);
    assert_eq!(bench.balances()[FIRST as usize..], HOLDERS.map(atoms));
    assert_eq!(bench.governance().turnout(), Some(0.8));
    assert_eq!((bench.governance().queue().len(), bench.value(FEE)), (1, 30.0));
    bench.next_tick();
    assert_eq!(bench.value(FEE), 30.0);
    bench.next_tick();
    assert_eq!((bench.clock.now_seconds(), bench.value(FEE)), (6 * HOUR, 25.0));
    assert_eq!(bench.venues.parameter_default(FEE), Some(30.0));
    assert_eq!(bench.kinds(), ["proposal", "vote_result", "enacted"]);
    let notes = bench.notes.all();
    assert_eq!(notes[1].detail, "passed: 0.0005 for, 0.0003 against, turnout 80.000 %");
    assert!(notes.iter().all(|note| note.agent == Some(holder_account(0)) && note.value == Some(25.0)));
    assert!(notes.iter().all(|note| note.subject == "#1 eth_pool.fee_bps"));
    let outcomes = bench.governance().outcomes();
    assert_eq!((outcomes.passed, outcomes.enacted, outcomes.cancelled), (1, 1, 0));
}

#[test]
fn refusals_have_reasons() {
    let mut bench = Bench::new();
    let mut refused = |holder, actions: &[GovernAction]| match bench.send(holder, actions) {
        Err(Refusal::Governance(refusal)) => refusal,
        other => panic!("expected a refusal by governance, found {other:?}"),
    };
    assert_eq!(refused(0, &[vote(true, 1)]), GovernRefusal::NothingOpen);
    let poor = GovernRefusal::BelowThreshold { needed: atoms(10), held: atoms(5) };
    assert_eq!(refused(3, &[propose(FEE, 25.0)]), poor);
    assert_eq!(refused(0, &[propose(FEE, 30.0)]), GovernRefusal::NoChange);
    let wide = ParameterError::OutOfBounds { low: 0.0, high: 100.0, found: 100.5 };
    assert_eq!(refused(0, &[propose(FEE, 100.5)]), GovernRefusal::Parameter(wide));
    let odd = GovernRefusal::Parameter(ParameterError::NotFinite);
    assert_eq!(refused(0, &[propose(FEE, f64::NAN)]), odd);
    let unknown = GovernRefusal::Parameter(ParameterError::Unknown(2));
    assert_eq!(refused(0, &[propose(ParameterId(2), 1.0)]), unknown);
    let open = GovernRefusal::AlreadyOpen { closes_seconds: 4 * HOUR };
    assert_eq!(refused(0, &[propose(FEE, 25.0), propose(REBATE, 0.5)]), open);
    let weightless = GovernRefusal::Vote(VoteError::NoWeight);
    assert_eq!(refused(0, &[propose(FEE, 25.0), vote(true, 0)]), weightless);

    let mut ungoverned = Venues::new(Exchange::new(ExchangeSettings::default(), USD, vec![]), vec![], None);
    std::mem::swap(&mut bench.venues, &mut ungoverned);
    let none = Err(Refusal::Governance(GovernRefusal::NoGovernance));
    assert_eq!(bench.send(0, &[vote(true, 1)]), none);
    assert_eq!(bench.send(0, &[propose(FEE, 25.0)]), none);
    bench.next_tick();
}

#[test]
fn votes_end_cool_down_and_queues_block_the_same_parameter() {
    let mut bench = Bench::new();
    bench.send(0, &[propose(FEE, 25.0), vote(true, 500)]).unwrap();
    bench.next_ticks(4);
    let late = Err(Refusal::Governance(GovernRefusal::CoolingDown { until_seconds: 5 * HOUR }));
    assert_eq!(bench.send(0, &[propose(REBATE, 0.5)]), late);
    bench.next_tick();
    let queued = Err(Refusal::Governance(GovernRefusal::AlreadyQueued { executes_seconds: 6 * HOUR }));
    assert_eq!(bench.send(0, &[propose(FEE, 20.0)]), queued);
    assert_eq!(bench.send(0, &[propose(REBATE, 0.5), vote(true, 100)]), Ok(()));
    bench.next_ticks(4);
    assert_eq!(bench.governance().outcomes().passed, 2, "exactly at quorum");
}

#[test]
fn a_vote_in_a_block_at_the_close_is_refused() {
    let mut bench = Bench::new();
    bench.send(0, &[propose(FEE, 25.0)]).unwrap();
    // The clock jumps to the closing time without the tick's end having counted the votes.
    bench.clock.begin(Tick(4));
    let late = Err(Refusal::Governance(GovernRefusal::Vote(VoteError::NotOpen)));
    assert_eq!(bench.send(0, &[vote(true, 500)]), late);
    bench.clock.begin(Tick(3));
    assert_eq!(bench.send(0, &[vote(true, 500)]), Ok(()));
}

#[test]
fn a_rolled_back_proposal_and_vote_leave_no_trace() {
    let mut bench = Bench::new();
    let actions = [propose(FEE, 25.0), vote(true, 300), vote(false, 100), vote(true, 101)];
    assert!(matches!(bench.send(0, &actions), Err(Refusal::Ledger(_))), "501 of 500 tokens");
    assert_eq!(bench.governance(), &Governance::new(RULES, TOKEN, ESCROW).unwrap());
    assert_eq!(bench.balances()[FIRST as usize..], HOLDERS.map(atoms));
    assert!(bench.kinds().is_empty());
}

#[derive(Debug, Clone)]
enum Step {
    Send(usize, Vec<GovernAction>),
    Wait(u32),
}

fn any_action() -> impl Strategy<Value = GovernAction> {
    let value = prop_oneof![-5.0_f64..110.0, 0.0_f64..1.0, Just(f64::NAN), Just(30.0)];
    prop_oneof![
        (0_u16..3, value).prop_map(|(parameter, value)| propose(ParameterId(parameter), value)),
        (any::<bool>(), -1_i64..400).prop_map(|(support, weight)| vote(support, weight)),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..4, proptest::collection::vec(any_action(), 1..4)).prop_map(|(who, list)| Step::Send(who, list)),
        1 => (1_u32..4).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Tokens are conserved, the escrow holds exactly the open votes, no value leaves its bounds, and what is refused
    /// changes nothing.
    #[test]
    fn whatever_is_proposed_and_voted(steps in proptest::collection::vec(any_step(), 1..80)) {
        let mut bench = Bench::new();
        let supply = bench.ledger.supply(TOKEN);
        for step in steps {
            match step {
                Step::Send(holder, actions) => {
                    let before = (bench.governance().clone(), bench.balances(), bench.kinds());
                    if bench.send(holder, &actions).is_err() {
                        prop_assert_eq!((bench.governance().clone(), bench.balances(), bench.kinds()), before);
                    }
                }
                Step::Wait(ticks) => bench.next_ticks(ticks),
            }
            let governance = bench.governance();
            let locked: i64 = governance.stakes().iter().map(|stake| stake.weight.atoms()).sum();
            let counted = governance.open().map_or(0, |ballot| ballot.proposal.cast().atoms());
            prop_assert_eq!(bench.ledger.balance(ESCROW, TOKEN), atoms(locked));
            prop_assert_eq!(locked, counted, "nothing is locked but for the open vote");
            prop_assert_eq!(bench.ledger.supply(TOKEN), supply);
            for (place, parameter) in (0..).zip(bench.venues.parameters()) {
                prop_assert_eq!(parameter.check(bench.value(ParameterId(place))), Ok(()));
            }
            for enacted in bench.notes.all().iter().filter(|note| note.kind == "enacted") {
                let (_, name) = enacted.subject.split_once(' ').unwrap();
                let id = bench.venues.find_parameter(name).unwrap();
                let value = enacted.value.unwrap();
                prop_assert_eq!(bench.venues.parameter(id).unwrap().check(value), Ok(()));
            }
            prop_assert_eq!(bench.ledger.audit(true), Ok(()));
        }
        let count = |kind| bench.kinds().iter().filter(|found| **found == kind).count() as u64;
        let outcomes = bench.governance().outcomes();
        let decided = outcomes.passed + outcomes.without_quorum + outcomes.not_approved;
        prop_assert_eq!(count("vote_result"), decided);
        prop_assert_eq!(count("proposal"), decided + u64::from(bench.governance().open().is_some()));
        prop_assert_eq!(outcomes.passed, outcomes.enacted + bench.governance().queue().len() as u64);
        prop_assert_eq!(outcomes.cancelled, 0);
    }
}

/// The fee of the pool as agents see it, one a tick.
#[derive(Debug, Default, Resource)]
struct Seen(Vec<f64>);

fn see(venues: Res<Venues>, mut seen: ResMut<Seen>) {
    seen.0.push(venues.parameter_value(FEE).unwrap());
}

fn audit(mut ledger: ResMut<Ledger>, mut receipts: ResMut<Receipts>) {
    ledger.audit(true).unwrap();
    receipts.begin();
}

/// A world of voters: five dollar holders, and the provider of the pool's liquidity with too few tokens to propose.
fn world() -> World {
    let streams = Streams::new(7);
    let mut world = World::new();
    world.insert_resource(ledger());
    world.insert_resource(venues());
    world.insert_resource(Clock::new(HOUR, 2));
    world.insert_resource(Blocks::default());
    world.insert_resource(Calendar::new(&streams, AccountId(FIRST)));
    world.insert_resource(Directory::default());
    world.insert_resource(Oracle::new(OracleSettings::default(), &[2000.0]));
    world.insert_resource(Network { account: RESERVE, asset: USD, gas_per_action: Amount::ZERO });
    world.insert_resource(Mempool::new(streams.per_agent("order"), Ordering::PriorityFee));
    world.insert_resource(Dice::<Voter>::new(&streams, "voter"));
    world.init_resource::<Notes>();
    world.init_resource::<Receipts>();
    world.init_resource::<Valuation>();
    world.init_resource::<Attribution>();
    world.init_resource::<Seen>();
    phase::install(&mut world, None);
    govern::install(&mut world);
    world.schedule_scope(Stage::Open, |_, schedule| {
        schedule.add_systems(value.in_set(Phase::Accrue));
    });
    world.schedule_scope(Stage::PeopleBlock, |_, schedule| {
        schedule.add_systems((voter::decide.in_set(Phase::Decide), execute_block.in_set(Phase::Execute)));
    });
    world.schedule_scope(Stage::BotBlock, |_, schedule| {
        schedule.add_systems(see.in_set(Phase::Decide));
    });
    world.schedule_scope(Stage::Close, |_, schedule| {
        schedule.add_systems(audit.in_set(Phase::Audit));
    });
    let voter = Voter {
        civic_weight: 0.1,
        turnout_cost_share: 0.001,
        attention_probability: 1.0,
        peg_tolerance_share: 0.01,
        collateral_ratio_target: 1.5,
        step_share: 0.05,
    };
    agents::enter(&mut world, Voter::KIND, "voter", vec![(1.0, voter); 6]).unwrap();
    let ledger = &mut *world.resource_mut::<Ledger>();
    for voter in 0..6 {
        ledger.bridge_in(holder_account(voter), USD, atoms(1_000_000_000)).unwrap();
        let held = if voter == 5 { 5 } else { 100 };
        ledger.mint(ISSUER, holder_account(voter), TOKEN, atoms(held)).unwrap();
    }
    ledger.mint(POOL, holder_account(5), SHARES, atoms(2_000_000_000)).unwrap();
    ledger.commit();
    ledger.audit(true).unwrap();
    world
}

#[test]
fn voters_lower_the_fee_off_the_peg_and_raise_it_again_in_calm() {
    let mut world = world();
    let escrow = |world: &World| world.resource::<Ledger>().balance(ESCROW, TOKEN);
    world.resource_mut::<Health>().peg_deviation = Some(-0.05);
    phase::run_tick(&mut world, Tick(0));
    assert_eq!(escrow(&world), atoms(100), "a proposer votes for its proposal at once");
    (1..3).for_each(|tick| phase::run_tick(&mut world, Tick(tick)));
    assert_eq!(escrow(&world), atoms(505), "everybody has voted");
    assert_eq!(world.resource::<Receipts>().refused(), 4, "four lost the race to propose");
    phase::run_tick(&mut world, Tick(3));
    assert_eq!(escrow(&world), Amount::ZERO, "and has its tokens back");
    let vote = world.resource::<Venues>().governance().unwrap().last().unwrap().proposal;
    assert_eq!((vote.power_for, vote.power_against), (atoms(500), atoms(5)), "the provider is against");
    (4..7).for_each(|tick| phase::run_tick(&mut world, Tick(tick)));
    // Proposed in hour 0, voted on until hour 4, enacted at hour 6: the ticks before that trade under the old fee.
    assert_eq!(world.resource::<Seen>().0, [30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 25.0]);

    world.resource_mut::<Health>().peg_deviation = Some(0.0);
    (7..20).for_each(|tick| phase::run_tick(&mut world, Tick(tick)));
    assert_eq!(world.resource::<Seen>().0.last(), Some(&30.0));
}
