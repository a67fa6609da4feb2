//! Governance without a world around it: four holders with 50, 30, 19.5 and 0.5 of a hundred tokens, a pool, a reserve.

use ballast::protocol::amm::Curve;
use ballast::protocol::governance::{Locking, Measure, ParameterId, Reclaim, Rules};
use ballast::quantity::{Amount, Asset, AssetId, Tick};
use ballast::venue::exchange::{Exchange, ExchangeSettings, Listing};
use ballast::venue::governance::{GovernAction, Governance, Which};
use ballast::venue::pool::oracle::PoolOracle;
use ballast::venue::pool::{Pool, PoolRecord};
use ballast::venue::{Action, Deal, Refusal, Venues};
use ballast::world::clock::Clock;
use ballast::world::ledger::{AccountId, Issuance, Ledger};
use ballast::world::mempool::Size;
use ballast::world::notes::Notes;
use ballast::world::oracle::{Oracle, OracleSettings};

pub const USD: AssetId = AssetId(0);
pub const ETH: AssetId = AssetId(1);
pub const SHARES: AssetId = AssetId(2);
pub const TOKEN: AssetId = AssetId(3);

pub const ISSUER: AccountId = AccountId(0);
pub const POOL: AccountId = AccountId(1);
pub const RESERVE: AccountId = AccountId(2);
pub const ESCROW: AccountId = AccountId(3);
pub const FIRST: u32 = 4;

pub const FEE: ParameterId = ParameterId(0);
pub const REBATE: ParameterId = ParameterId(1);
pub const HOUR: i64 = 3_600;

pub const RULES: Rules = Rules {
    quorum_share: 0.1,
    approval_share: 0.5,
    voting_hours: 4.0,
    timelock_hours: 2.0,
    proposal_threshold_share: 0.01,
    cooldown_hours: 1.0,
    review_hours: 0.0,
    referendum_hours: 0.0,
    implementation_hours: 0.0,
    most_open: 1,
    locking: Locking::Shared,
    reclaim: Reclaim::AtClose,
    most_issue_share: 0.1,
    most_spend_share: 0.25,
};

pub fn atoms(atoms: i64) -> Amount {
    Amount::from_atoms(atoms)
}

pub fn ledger() -> Ledger {
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

/// A pool of two coins that asks 30 bps and leaves four fifths of it with its providers.
pub fn pool(name: &str, account: AccountId, coins: [AssetId; 2]) -> Pool {
    Pool {
        name: name.into(),
        account,
        coins,
        shares: SHARES,
        reserve: RESERVE,
        curve: Curve::ConstantProduct,
        follows_nav: false,
        slide: None,
        fee: 0.003,
        rebate: 0.8,
        oracle: PoolOracle::default(),
        provision: None,
        record: PoolRecord::default(),
    }
}

pub fn venues() -> Venues {
    let exchange = Exchange::new(ExchangeSettings::default(), USD, vec![Listing { asset: ETH, feed: 0 }]);
    Venues::new(exchange, vec![pool("eth_pool", POOL, [ETH, USD])], None)
        .governed_by(Governance::new(RULES, TOKEN, ESCROW).unwrap())
}

/// Governance without a world around it: four holders with 50, 30, 15 and 5 of a hundred tokens.
pub struct Bench {
    pub ledger: Ledger,
    pub venues: Venues,
    pub notes: Notes,
    pub oracle: Oracle,
    pub clock: Clock,
}

pub const HOLDERS: [i64; 4] = [500, 300, 195, 5];

impl Bench {
    pub fn new() -> Self {
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
    pub fn send(&mut self, holder: usize, actions: &[GovernAction]) -> Result<(), Refusal> {
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
    pub fn next_tick(&mut self) {
        let mut deal = Deal {
            ledger: &mut self.ledger,
            oracle: &self.oracle,
            clock: &self.clock,
            notes: &mut self.notes,
        };
        self.venues.govern(&mut deal).unwrap();
        self.clock.begin(Tick(self.clock.tick().0 + 1));
    }

    pub fn next_ticks(&mut self, ticks: u32) {
        (0..ticks).for_each(|_| self.next_tick());
    }

    pub fn governance(&self) -> &Governance {
        self.venues.governance().unwrap()
    }

    pub fn balances(&self) -> Vec<Amount> {
        self.ledger.holdings(TOKEN).map(|(_, amount)| amount).collect()
    }

    pub fn value(&self, parameter: ParameterId) -> f64 {
        self.venues.parameter_value(parameter).unwrap()
    }

    pub fn kinds(&self) -> Vec<&'static str> {
        self.notes.all().iter().map(|note| note.kind).collect()
    }
}

pub fn holder_account(holder: usize) -> AccountId {
    AccountId(FIRST + holder as u32)
}

pub fn propose(parameter: ParameterId, value: f64) -> GovernAction {
    GovernAction::Propose { measure: Measure::Set { parameter, from: 0.0, to: value } }
}

pub fn vote(support: bool, weight: i64) -> GovernAction {
    GovernAction::Vote { ballot: Which::Newest, support, weight: Size::Exact(atoms(weight)) }
}

impl Bench {
    /// The bench under other rules.
    pub fn under(change: impl FnOnce(Governance) -> Governance, rules: Rules) -> Self {
        let mut bench = Self::new();
        let governance = Governance::new(rules, TOKEN, ESCROW).unwrap().with_reserve(RESERVE);
        bench.venues = venues().governed_by(change(governance));
        bench
    }

    pub fn balance(&self, holder: usize) -> i64 {
        self.ledger.balance(holder_account(holder), TOKEN).atoms()
    }

    /// The refusal by governance that these actions meet.
    pub fn refused(
        &mut self,
        holder: usize,
        actions: &[GovernAction],
    ) -> ballast::venue::governance::GovernRefusal {
        match self.send(holder, actions) {
            Err(Refusal::Governance(refusal)) => refusal,
            other => panic!("expected a refusal by governance, found {other:?}"),
        }
    }
}

/// A vote on a proposal by its number.
pub fn vote_on(number: u32, support: bool, weight: i64) -> GovernAction {
    GovernAction::Vote { ballot: Which::Number(number), support, weight: Size::Exact(atoms(weight)) }
}
