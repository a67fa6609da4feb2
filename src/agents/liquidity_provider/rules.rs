//! What a provider makes of a pool's rules: caps and how to dodge them, gates and when to run, insured commitments.

use super::LiquidityProvider;
use crate::agents::routes::Market;
use crate::quantity::{Amount, SECONDS_PER_YEAR};
use crate::venue::pool::Pool;
use crate::world::ledger::AccountId;

/// Days of excess return that must pay for a further wallet: providers plan for a quarter.
const WALLET_PAYS_IN_DAYS: f64 = 90.0;

/// Part of what is left under a cap that a provider counts on: others may withdraw before its block comes, and the cap
/// shrinks with the pool.
const SURE_ROOM: f64 = 0.99;

/// What a provider sees of a pool's rules. The default is a pool without any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RulesSight {
    /// What its own wallet may still add, dollars.
    pub own_room_usd: f64,
    /// Of its open further wallets the one that may add most, and how much, dollars.
    pub further_room: Option<(u8, f64)>,
    /// What a wallet that it could still open might add, dollars.
    pub fresh_room_usd: Option<f64>,
    /// Value of what it has at the gate or committed, dollars.
    pub bound_usd: f64,
    /// Cycles that the queue of the others would take at the gate; none where there is no gate.
    pub queue_cycles: Option<f64>,
    /// Whether it waits itself.
    pub waits: bool,
    /// What has become of its commitment.
    pub commitment: Standing,
    /// The insurance of commitments, where there is one.
    pub insurance: Option<InsuranceSight>,
}

/// What has become of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// There is none.
    #[default]
    Absent,
    /// It runs.
    Bound,
    /// It is over.
    Ended,
}

/// What a provider sees of the insurance of commitments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InsuranceSight {
    /// What the fund holds, dollars.
    pub fund_usd: f64,
    /// Value of all that is committed, each part times the coverage that it was promised, dollars.
    pub promised_usd: f64,
    /// Claim over impermanent loss that is promised now.
    pub coverage: f64,
    /// Length of a cycle, years.
    pub cycle_years: f64,
    /// Fewest and most cycles of a commitment.
    pub cycles: [u16; 2],
}

/// Through which wallet liquidity is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Its own.
    Own,
    /// A further one that is open.
    Further(u8),
    /// A further one that is opened for it.
    Fresh,
}

impl Default for RulesSight {
    fn default() -> Self {
        Self {
            own_room_usd: f64::INFINITY,
            further_room: None,
            fresh_room_usd: None,
            bound_usd: 0.0,
            queue_cycles: None,
            waits: false,
            commitment: Standing::Absent,
            insurance: None,
        }
    }
}

impl RulesSight {
    /// Looks at the rules of `pool`, a share of which is worth `share_usd` and a quote coin `quote_usd`.
    #[must_use]
    pub fn of(market: &Market<'_>, pool: &Pool, id: AccountId, share_usd: f64, quote_usd: f64) -> Self {
        let Some(provision) = &pool.provision else { return Self::default() };
        let ledger = market.ledger;
        let units = |shares: Amount| ledger.asset(pool.shares).decimals.units(shares);
        let usd = |shares: Amount| units(shares) * share_usd;
        let room = |wallet: AccountId| {
            let staked = market.venues.stakes().principal_of(pool.shares, wallet);
            let room = pool.room(ledger, wallet, staked);
            if room == Amount::MAX { f64::INFINITY } else { usd(room) * SURE_ROOM }
        };
        let owned = market.venues.wallets().of(id);
        let open = owned.into_iter().flat_map(|owned| owned.open());
        let mut further_room: Option<(u8, f64)> = None;
        let mut waiting = provision.request(id).map_or(Amount::ZERO, |(_, request)| request.shares).atoms();
        for (place, wallet) in (0_u8..).zip(open) {
            let left = room(wallet);
            if further_room.is_none_or(|(_, most)| left > most) {
                further_room = Some((place, left));
            }
            waiting += provision.request(wallet).map_or(0, |(_, request)| request.shares.atoms());
        }
        let closed = owned.filter(|owned| owned.opened < owned.most);
        // A wallet that holds nothing: the next one's is as empty as any.
        let fresh_room_usd = closed.map(|owned| room(AccountId(owned.first.0 + u32::from(owned.opened))));
        let commitment = provision.commitment(id);
        let bound = waiting + commitment.map_or(0, |commitment| commitment.shares.atoms());
        let queue_cycles = provision.rules.gate.map(|gate| {
            let others = Amount::from_atoms(provision.queued().atoms() - waiting);
            units(others) / (ledger.supply_units(pool.shares) * gate.max_share)
        });
        let insurance = provision.rules.insurance.map(|insurance| {
            let promised = provision.commitments().map(|(_, one)| usd(one.shares) * one.coverage).sum();
            InsuranceSight {
                fund_usd: ledger.units(provision.accounts.fund, pool.coins[1]) * quote_usd,
                promised_usd: promised,
                coverage: insurance.coverage,
                cycle_years: provision.rules.cycle_seconds as f64 / SECONDS_PER_YEAR,
                cycles: insurance.cycles,
            }
        });
        Self {
            own_room_usd: room(id),
            further_room,
            fresh_room_usd,
            bound_usd: usd(Amount::from_atoms(bound)),
            queue_cycles: queue_cycles.filter(|cycles| cycles.is_finite()),
            waits: waiting > 0,
            commitment: match commitment {
                None => Standing::Absent,
                Some(commitment) if provision.record.cycle > commitment.until_cycle => Standing::Ended,
                Some(_) => Standing::Bound,
            },
            insurance,
        }
    }

    /// What it demands on top of its usual return because of those who wait at the gate before it, per year.
    ///
    /// Who waits bears what the pool loses in the meantime. The longer the queue, the more leave; the more leave, the longer
    /// the queue: a run, as at a bank whose depositors are served in order (Diamond and Dybvig 1983, "Bank runs, deposit
    /// insurance, and liquidity").
    #[must_use]
    pub fn fear(&self, provider: &LiquidityProvider) -> f64 {
        self.queue_cycles.map_or(0.0, |cycles| f64::from(provider.gate_fear) * cycles.max(0.0))
    }

    /// Through which wallet it adds, and how much of `usd` at most; `None` where the cap leaves no room that is worth its
    /// cost. `excess` is what it expects beyond its reservation return, per year.
    #[must_use]
    pub fn place(&self, provider: &LiquidityProvider, usd: f64, excess: f64) -> Option<(Through, f64)> {
        let least = f64::from(provider.min_trade_usd).min(usd);
        let enough = |room: f64| room > 0.0 && room >= least;
        if enough(self.own_room_usd) {
            return Some((Through::Own, usd.min(self.own_room_usd)));
        }
        if let Some((wallet, room)) = self.further_room.filter(|(_, room)| enough(*room)) {
            return Some((Through::Further(wallet), usd.min(room)));
        }
        let fits = usd.min(self.fresh_room_usd.filter(|room| enough(*room))?);
        let gain = fits * excess * WALLET_PAYS_IN_DAYS / 365.0;
        (gain > f64::from(provider.split_cost_usd)).then_some((Through::Fresh, fits))
    }

    /// For how many cycles it commits liquidity worth `usd`; `None` where commitments are not insured, one runs already, or
    /// the fund could not make good what it expects all that is committed to lose in that time (`variance / 8` a year).
    #[must_use]
    pub fn commitment(&self, provider: &LiquidityProvider, usd: f64) -> Option<u16> {
        let insurance = self.insurance.filter(|_| self.commitment == Standing::Absent)?;
        let [least, most] = insurance.cycles;
        if provider.commitment_cycles == 0 || usd < f64::from(provider.min_trade_usd) || usd <= 0.0 {
            return None;
        }
        let cycles = provider.commitment_cycles.clamp(least, most.max(least));
        let years = f64::from(cycles) * insurance.cycle_years;
        let loss = super::lvr(provider) * years;
        let covered = (insurance.promised_usd + usd * insurance.coverage) * loss <= insurance.fund_usd;
        covered.then_some(cycles)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::provider;
    use super::*;

    fn capped(own: f64) -> RulesSight {
        RulesSight { own_room_usd: own, ..RulesSight::default() }
    }

    #[test]
    fn without_rules_nothing_changes() {
        let free = RulesSight::default();
        assert_eq!(free.place(&provider(), 250.0, 0.01), Some((Through::Own, 250.0)));
        assert_eq!((free.fear(&provider()), free.commitment(&provider(), 1e6)), (0.0, None));
    }

    /// A wallet for 1,000 dollars at an excess of 10 % a year earns 24.66 dollars in a quarter.
    #[test]
    fn a_wallet_is_opened_when_it_pays() {
        let whale = |cost| LiquidityProvider { split_cost_usd: cost, ..provider() };
        assert_eq!(capped(40.0).place(&whale(1.0), 1_000.0, 0.1), Some((Through::Own, 40.0)));
        assert_eq!(capped(5.0).place(&whale(1.0), 1_000.0, 0.1), None, "five dollars are not worth the gas");
        let full = RulesSight { fresh_room_usd: Some(1_000.0), ..capped(0.0) };
        assert_eq!(full.place(&whale(24.0), 5_000.0, 0.1), Some((Through::Fresh, 1_000.0)));
        assert_eq!(full.place(&whale(25.0), 5_000.0, 0.1), None);
        assert_eq!(full.place(&whale(f32::INFINITY), 5_000.0, 0.1), None);
        let open = RulesSight { further_room: Some((2, 300.0)), ..full };
        assert_eq!(open.place(&whale(24.0), 5_000.0, 0.1), Some((Through::Further(2), 300.0)));
    }

    #[test]
    fn fear_grows_with_the_queue() {
        let afraid = LiquidityProvider { gate_fear: 0.1, ..provider() };
        let queue = |cycles| RulesSight { queue_cycles: Some(cycles), ..RulesSight::default() };
        assert!((queue(3.0).fear(&afraid) - 0.3).abs() < 1e-7);
        assert_eq!((queue(3.0).fear(&provider()), queue(0.0).fear(&afraid)), (0.0, 0.0));
    }

    /// A variance of 0.16 costs 2 % a year: half a year of 11,000 dollars at 1.1 costs 121. Who was promised half as much asks
    /// half as much of the fund.
    #[test]
    fn a_promise_counts_as_long_as_the_fund_can_keep_it() {
        let steady = LiquidityProvider { commitment_cycles: 5, ..provider() };
        let promised = |promised_usd, fund_usd| RulesSight {
            insurance: Some(InsuranceSight {
                fund_usd,
                promised_usd,
                coverage: 1.1,
                cycle_years: 0.1,
                cycles: [1, 8],
            }),
            ..RulesSight::default()
        };
        let insured = |fund_usd| promised(11_000.0, fund_usd);
        assert_eq!(insured(122.0).commitment(&steady, 1_000.0), Some(5));
        assert_eq!(promised(5_500.0, 67.0).commitment(&steady, 1_000.0), Some(5));
        assert_eq!(promised(5_500.0, 65.0).commitment(&steady, 1_000.0), None);
        assert_eq!(insured(120.0).commitment(&steady, 1_000.0), None);
        assert_eq!(
            insured(1e6).commitment(&LiquidityProvider { commitment_cycles: 20, ..steady }, 1e3),
            Some(8)
        );
        assert_eq!(insured(1e6).commitment(&provider(), 1_000.0), None, "it binds itself to nothing");
        let bound = RulesSight { commitment: Standing::Bound, ..insured(1e6) };
        assert_eq!(bound.commitment(&steady, 1_000.0), None);
    }
}
