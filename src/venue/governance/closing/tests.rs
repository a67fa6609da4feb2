use super::*;
use crate::protocol::amm::Curve;
use crate::protocol::governance::{ParameterId, Rules};
use crate::quantity::{Asset, AssetId, Tick};
use crate::venue::exchange::{Exchange, ExchangeSettings};
use crate::venue::pool::oracle::PoolOracle;
use crate::venue::pool::{Pool, PoolRecord};
use crate::world::ledger::Issuance;
use crate::world::notes::Notes;
use crate::world::oracle::{Oracle, OracleSettings};

const ANYBODY: AccountId = AccountId(0);

/// What no action lets through: a passed proposal for a value outside the bounds, or for no parameter at all.
#[test]
fn what_cannot_take_effect_is_cancelled() {
    let rules = Rules { voting_hours: 1.0, timelock_hours: 0.0, ..Rules::plain() };
    let pool = Pool {
        name: "pool".into(),
        account: ANYBODY,
        coins: [AssetId(0); 2],
        shares: AssetId(0),
        reserve: ANYBODY,
        curve: Curve::ConstantProduct,
        follows_nav: false,
        slide: None,
        fee: 0.003,
        rebate: 1.0,
        oracle: PoolOracle::default(),
        provision: None,
        record: PoolRecord::default(),
    };
    let exchange = Exchange::new(ExchangeSettings::default(), AssetId(0), Vec::new());
    let mut venues = Venues::new(exchange, vec![pool], None)
        .governed_by(Governance::new(rules, AssetId(0), ANYBODY).unwrap());
    let mut ledger = Ledger::new(vec![(Asset::new("GOV", 6), Issuance::By(ANYBODY))]);
    let mut notes = Notes::default();
    let oracle = Oracle::new(OracleSettings::default(), &[2000.0]);
    let mut clock = Clock::new(3_600, 1);
    for (tick, parameter) in [0_u16, 9].into_iter().enumerate() {
        clock.begin(Tick(tick as u32));
        let (id, ten) = (ParameterId(parameter), Amount::from_atoms(10));
        let measure = Measure::Set { parameter: id, from: 30.0, to: 500.0 };
        let proposal = Proposal::open(&rules, measure, ten, clock.now_seconds());
        let proposal = proposal.vote(clock.now_seconds(), true, ten).unwrap();
        let ballot = Ballot { number: 1, poll: 1, proposer: ANYBODY, proposal, bribe: None };
        venues.governance.as_mut().unwrap().open.push(Poll { ballot, roll: super::super::Roll::default() });
        let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
        venues.govern(&mut deal).unwrap();
    }
    let kinds: Vec<_> = notes.all().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, ["vote_result", "cancelled", "vote_result", "cancelled"]);
    assert_eq!(notes.all()[1].detail, "expected a value from 0 to 100, found 500");
    assert_eq!(venues.parameter_value(ParameterId(0)), Some(30.0));
    let outcomes = venues.governance().unwrap().outcomes();
    assert_eq!((outcomes.passed, outcomes.cancelled, outcomes.enacted), (2, 2, 0));
}
