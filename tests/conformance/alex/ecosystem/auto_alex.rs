//! `auto-alex` and `auto-alex-v2`: the library's vaults, as one more staker of the reserve pool.

use std::collections::BTreeSet;

use ballast::protocol::staking::{AutoVault, Claimed, Generation, Refusal, Rolled};
use ballast::quantity::Amount;
use serde_json::Value;

use super::reply::{Answered, Call, Data, Played, atoms, bare, done, ok, refused, units};
use super::reserve_pool::{ReservePool, failure};
use super::tokens::{ALEX, APOWER, Tokens};
use crate::alex::fixed::{Failure, Fixed, ONE, div_down, mul_down};
use crate::alex::reading::Outcome;

/// What the contracts answer for a height or a cycle that was never set.
const NEVER: u128 = u128::MAX;

#[derive(Debug, Clone)]
pub struct Vault {
    pub vault: AutoVault,
    name: String,
}

impl Vault {
    pub fn new(contract: &str) -> Self {
        let generation = if contract == "auto-alex" {
            Generation::First { start_height: None }
        } else {
            Generation::Second {
                start_cycle: None,
                create_paused: true,
                redeem_paused: true,
                rolled: BTreeSet::new(),
            }
        };
        let vault = AutoVault::new(generation, Amount::from_atoms(100_000_000));
        Self { vault, name: format!(".{contract}") }
    }

    /// True once rewards were compounded: from then on the library's dust is in the stakes.
    pub fn has_compounded(&self) -> bool {
        self.vault.staker.is_known()
    }

    pub fn call(&mut self, call: &Call<'_>, reserve: &mut ReservePool, ledger: &mut Tokens) -> Answered {
        if call.function.starts_with("set-") || call.function.starts_with("pause-") {
            if call.sender != "deployer" {
                return refused(1000);
            }
            if call.function == "set-approved-contract" {
                return ledger.call(call);
            }
            return self.govern(call);
        }
        if let Ok(idle) = i64::try_from(ledger.held(ALEX, &self.name)) {
            self.vault.idle = Amount::from_atoms(idle);
        }
        match call.function {
            "add-to-position" => {
                self.add(call, reserve, ledger, call.number(0)?)?;
                done()
            }
            "claim-and-stake" => {
                self.roll(call, reserve, ledger)?;
                done()
            }
            "claim-and-mint" => self.mint(call, reserve, ledger),
            "reduce-position" => self.reduce(call, reserve, ledger),
            _ => self.question(call, reserve, ledger),
        }
    }

    fn govern(&mut self, call: &Call<'_>) -> Answered {
        let vault = &mut self.vault;
        let cycle = |index: usize| -> Outcome<Option<u32>> { Ok(u32::try_from(call.number(index)?).ok()) };
        match (call.function, &mut vault.generation) {
            ("set-start-block", Generation::First { start_height }) => {
                *start_height = u64::try_from(call.number(0)?).ok();
            }
            ("set-start-cycle", Generation::Second { start_cycle, .. }) => match cycle(0)? {
                Some(cycle) => vault.start_with(cycle),
                None => *start_cycle = None,
            },
            ("set-staked-cycle", Generation::Second { rolled, .. }) => {
                let number = call.small(0)?;
                if call.flag(1)? {
                    rolled.insert(number);
                } else {
                    rolled.remove(&number);
                }
            }
            ("pause-create", Generation::Second { create_paused, .. }) => *create_paused = call.flag(0)?,
            ("pause-redeem", Generation::Second { redeem_paused, .. }) => *redeem_paused = call.flag(0)?,
            ("set-end-cycle", _) => vault.end_cycle = cycle(0)?,
            ("set-bounty-in-fixed", _) => vault.bounty = atoms(call.number(0)?)?,
            _ => return call.unknown(),
        }
        done()
    }

    /// Shows the vault's record in the reserve pool.
    fn settle(&self, reserve: &mut ReservePool, claimed: Option<u32>) {
        let positions = self.vault.staker.positions();
        let upcoming = positions.iter().flat_map(|position| position.first()..=position.last());
        reserve.token(ALEX).adopt(&self.name, &self.vault.staker, claimed.into_iter().chain(upcoming));
    }

    fn add(
        &mut self,
        call: &Call<'_>,
        reserve: &mut ReservePool,
        ledger: &mut Tokens,
        dx: u128,
    ) -> Played<()> {
        let pool = &mut reserve.token(ALEX).pool;
        let made = match self.vault.deposit(pool, call.height, atoms(dx)?) {
            Ok(made) => made,
            Err(refusal) => return Err(self.answer(&refusal).into()),
        };
        self.settle(reserve, made.rolled.and_then(|_| made.staked.first.checked_sub(2)));
        if let Some(rolled) = &made.rolled {
            self.pay(call, ledger, rolled);
        }
        if let Err(short) = ledger.transfer(call, ALEX, &call.sender, &self.name, dx) {
            return Err(short.into());
        }
        ledger.book(ALEX, &self.name, ".alex-vault", dx);
        ledger.credit(&self.name, &call.sender, units(made.shares));
        Ok(())
    }

    /// A vault's own refusal as the contract's.
    fn answer(&self, refusal: &Refusal) -> Failure {
        match refusal {
            Refusal::NoBase => Failure::Abort("DivisionByZero"),
            other => failure(other),
        }
    }

    /// Books a roll: rewards and principal in, stakes out, the bounty to the caller.
    fn pay(&self, call: &Call<'_>, ledger: &mut Tokens, rolled: &Rolled) {
        self.receive(ledger, &rolled.claimed);
        let staked = rolled.staked.map_or(0, |staked| units(staked.amount));
        ledger.book(ALEX, &self.name, ".alex-vault", staked);
        ledger.book(ALEX, &self.name, &call.sender, units(rolled.bounty));
    }

    fn receive(&self, ledger: &mut Tokens, claimed: &Claimed) {
        ledger.credit(ALEX, &self.name, units(claimed.reward));
        ledger.credit(APOWER, &self.name, units(claimed.apower));
        ledger.book(ALEX, ".alex-vault", &self.name, units(claimed.principal));
    }

    fn roll(&mut self, call: &Call<'_>, reserve: &mut ReservePool, ledger: &mut Tokens) -> Played<()> {
        let cycle = u32::try_from(call.number(0)?).unwrap_or(u32::MAX);
        let pool = &mut reserve.token(ALEX).pool;
        match self.vault.roll(pool, call.height, cycle) {
            Ok(rolled) => {
                self.settle(reserve, Some(cycle));
                self.pay(call, ledger, &rolled);
                Ok(())
            }
            Err(refusal) => Err(self.answer(&refusal).into()),
        }
    }

    /// Claims the sender's own cycles and deposits what they paid.
    fn mint(&mut self, call: &Call<'_>, reserve: &mut ReservePool, ledger: &mut Tokens) -> Answered {
        let (sum, answers) = reserve.claim_many(call, ledger, ALEX, call.items(0)?)?;
        self.add(call, reserve, ledger, sum)?;
        ok(Data::List(answers))
    }

    fn reduce(&mut self, call: &Call<'_>, reserve: &mut ReservePool, ledger: &mut Tokens) -> Answered {
        let percent = call.number(0)?;
        let held = atoms(ledger.held(&self.name, &call.sender))?;
        let end = self.vault.end_cycle.unwrap_or_default();
        let pool = &mut reserve.token(ALEX).pool;
        let paid = match self.vault.redeem(pool, call.height, held, percent as f64 / ONE as f64) {
            Ok(paid) => paid,
            Err(Refusal::Share | Refusal::VaultNotStarted | Refusal::Paused)
                if mul_down(percent, units(held))? > units(self.vault.shares) =>
            {
                // More than there are is taken off the supply before anything else is looked at.
                return Err(Failure::Abort("ArithmeticUnderflow").into());
            }
            Err(refusal) => return Err(self.answer(&refusal).into()),
        };
        self.settle(reserve, Some(end));
        self.receive(ledger, &paid.claimed);
        let payout = units(paid.payout);
        ledger.transfer(call, ALEX, &self.name, &call.sender, payout)?;
        ledger.burn(call, &self.name, &call.sender, units(paid.burned))?;
        ok(Data::Units(payout))
    }

    fn question(&mut self, call: &Call<'_>, reserve: &mut ReservePool, ledger: &mut Tokens) -> Answered {
        let pool = &reserve.token(ALEX).pool;
        let first = matches!(self.vault.generation, Generation::First { .. });
        let base = self.vault.next_base(pool, call.height);
        let base = base.map(units).map_err(|refusal| self.answer(&refusal));
        let shares = units(self.vault.shares);
        let response = |found: Fixed| ok(Data::Units(found?));
        match (call.function, &self.vault.generation) {
            ("get-start-block", Generation::First { start_height }) => {
                bare(Data::Plain(start_height.map_or(NEVER, u128::from)))
            }
            ("get-start-cycle", Generation::Second { start_cycle, .. }) => {
                bare(Data::Plain(start_cycle.map_or(NEVER, u128::from)))
            }
            ("is-create-paused", Generation::Second { create_paused, .. }) => {
                bare(Data::Bool(*create_paused))
            }
            ("is-redeem-paused", Generation::Second { redeem_paused, .. }) => {
                bare(Data::Bool(*redeem_paused))
            }
            ("is-cycle-staked", Generation::Second { rolled, .. }) => {
                bare(Data::Bool(rolled.contains(&call.small(0)?)))
            }
            ("get-end-cycle", _) => bare(Data::Plain(self.vault.end_cycle.map_or(NEVER, u128::from))),
            ("get-bounty-in-fixed", _) if first => ok(Data::Plain(units(self.vault.bounty))),
            ("get-bounty-in-fixed", _) => bare(Data::Plain(units(self.vault.bounty))),
            ("get-next-base", _) => response(base),
            ("get-intrinsic", _) => response(base.and_then(|base| div_down(base, shares))),
            ("get-token-given-position", _) => {
                let quoted = self.vault.quote_shares(pool, call.height, atoms(call.number(0)?)?);
                response(quoted.map(units).map_err(|refusal| self.answer(&refusal)))
            }
            ("is-cycle-bountiable", _) => bare(Data::Bool(self.vault.is_bountiable(pool, call.small(0)?))),
            _ => ledger.call(call),
        }
    }
}

/// The contracts that are vaults.
pub fn is_vault(contract: &str) -> bool {
    ["auto-alex", "auto-alex-v2"].contains(&contract)
}

/// Reads a field of a tuple argument, however its name is written.
pub fn field<'a>(tuple: &'a Value, name: &str) -> Outcome<&'a Value> {
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let object = tuple.as_object().ok_or_else(|| format!("expected a tuple, found {tuple}"))?;
    let found = object.iter().find(|(known, _)| plain(known) == plain(name));
    found.map(|(_, value)| value).ok_or_else(|| format!("no {name} in {tuple}"))
}
