//! `alex-reserve-pool`, and its version of December 2021: the library's pools under the names of the contract.
//!
//! The library rounds a reward once, the contracts twice (and differently in 2021); the answers are those of the contracts,
//! and the library's must be within two units of them.

use std::collections::{BTreeMap, BTreeSet};

use ballast::protocol::staking::{Activation, ActivationRules, Coinbase, Refusal, Staker, StakingPool};
use ballast::quantity::Amount;
use serde_json::Value;

use super::reply::{Answered, Call, Data, Played, Stop, atoms, bare, done, ok, refused, units};
use super::tokens::{ALEX, APOWER, Tokens};
use crate::alex::fixed::{Failure, Fixed, div_down, mul_down};
use crate::alex::reading::{Outcome, unsigned};

/// What the contract answers for a pool that has no activation height.
const NEVER: u64 = 100_000_000;
const OWNER: &str = "deployer";

/// One stakeable token.
#[derive(Debug, Clone)]
pub struct Stakeable {
    pub pool: StakingPool,
    pub stakers: BTreeMap<String, Staker>,
    ids: BTreeMap<String, u32>,
    /// Records that the contract has written, be they zero by now.
    written: BTreeSet<(u32, u32)>,
    approved: bool,
    multiplier: u128,
}

#[derive(Debug, Clone)]
pub struct ReservePool {
    /// The version of December 2021.
    crowd: bool,
    rules: ActivationRules,
    cycle_blocks: u64,
    halving_cycles: u32,
    pub tokens: BTreeMap<String, Stakeable>,
    owner: String,
    approved: BTreeSet<String>,
    /// What was credited to the reserve by hand or by pools.
    credited: BTreeMap<String, i128>,
}

/// The contract's answer to a refusal of the library's.
pub fn failure(refusal: &Refusal) -> Failure {
    refusal.code().map_or(Failure::Abort("the library alone refuses"), |code| Failure::Code(u32::from(code)))
}

impl Stakeable {
    fn new(cycle_blocks: u64) -> Self {
        let activation = Activation { cycle_blocks, ..Activation::default() };
        Self {
            pool: StakingPool::new(activation, Coinbase::NONE, 0.0),
            stakers: BTreeMap::new(),
            ids: BTreeMap::new(),
            written: BTreeSet::new(),
            approved: false,
            multiplier: 0,
        }
    }

    fn user(&self, id: u128) -> Option<&str> {
        self.ids.iter().find(|(_, known)| u128::from(**known) == id).map(|(user, _)| user.as_str())
    }

    /// Numbers a wallet that the library has just met.
    fn number(&mut self, user: &str) {
        let next = self.pool.activation.wallets;
        self.ids.entry(user.to_owned()).or_insert(next);
    }

    fn staker_of(&self, id: u128) -> Staker {
        self.user(id).and_then(|user| self.stakers.get(user)).cloned().unwrap_or_default()
    }

    /// Takes a staker's record as another contract has left it, with the cycles that were written.
    pub fn adopt(&mut self, user: &str, staker: &Staker, written: impl IntoIterator<Item = u32>) {
        if staker.is_known() {
            self.number(user);
            let id = self.ids[user];
            self.written.extend(written.into_iter().map(|cycle| (id, cycle)));
        }
        self.stakers.insert(user.to_owned(), staker.clone());
    }

    fn register(&mut self, rules: &ActivationRules, user: &str, height: u64) -> Fixed<()> {
        let staker = self.stakers.entry(user.to_owned()).or_default();
        self.pool.activation.register(rules, staker, height).map_err(|refusal| failure(&refusal))?;
        self.number(user);
        Ok(())
    }

    fn stake(&mut self, user: &str, height: u64, amount: Amount, lock: u32) -> Fixed<()> {
        let staker = self.stakers.entry(user.to_owned()).or_default();
        let staked = self.pool.stake(staker, height, amount, lock).map_err(|refusal| failure(&refusal))?;
        self.number(user);
        let id = self.ids[user];
        self.written.extend((staked.first..=staked.last).map(|cycle| (id, cycle)));
        Ok(())
    }

    /// A reward as the contract rounds it.
    pub fn reward(&self, crowd: bool, staker: &Staker, cycle: u32) -> Fixed {
        let coinbase = units(self.pool.coinbase.at(cycle));
        let [staked, total] = [staker.staked_at(cycle), self.pool.total_at(cycle)].map(units);
        if crowd {
            mul_down(coinbase, div_down(staked, total)?)
        } else {
            div_down(mul_down(coinbase, staked)?, total)
        }
    }

    fn cycle(&self, height: u64) -> Option<u64> {
        let activation = &self.pool.activation;
        // The contract's stand-in for never is a height like any other.
        Activation { height: Some(activation.height.unwrap_or(NEVER)), ..*activation }.cycle_of(height)
    }
}

impl ReservePool {
    pub fn new(crowd: bool) -> Self {
        Self {
            crowd,
            rules: ActivationRules::DEC_2021,
            cycle_blocks: 525,
            halving_cycles: 100,
            tokens: BTreeMap::new(),
            owner: OWNER.into(),
            approved: BTreeSet::new(),
            credited: BTreeMap::new(),
        }
    }

    /// Whether anybody has staked anything here.
    pub fn has_stakers(&self) -> bool {
        self.tokens.values().any(|token| !token.stakers.is_empty())
    }

    pub fn token(&mut self, token: &str) -> &mut Stakeable {
        let blocks = self.cycle_blocks;
        self.tokens.entry(token.to_owned()).or_insert_with(|| Stakeable::new(blocks))
    }

    /// Sets a schedule that was in force before the first step.
    pub fn preset(&mut self, token: &str, amounts: [u128; 5], halving_cycles: u32) -> Outcome {
        self.halving_cycles = halving_cycles;
        let mut coinbase = [Amount::ZERO; 5];
        for (amount, units) in coinbase.iter_mut().zip(amounts) {
            *amount = atoms(units)?;
        }
        self.token(token).pool.coinbase = Coinbase::new(coinbase).with_halving(halving_cycles);
        Ok(())
    }

    fn is_restricted(function: &str) -> bool {
        let exceptions = ["set-contract-owner", "add-token", "add-approved-contract"];
        (function.starts_with("set-")) || exceptions.contains(&function)
    }

    pub fn call(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        if Self::is_restricted(call.function) {
            if call.sender != self.owner {
                return refused(1000);
            }
            return self.govern(call);
        }
        match call.function {
            "stake-tokens" => self.stake(call, ledger),
            "claim-staking-reward" => {
                ok(self.claim(call, ledger, &call.name(0)?, &call.sender, call.small(1)?)?)
            }
            "register-user" if self.crowd => {
                let (rules, token) = (self.rules, call.name(0)?);
                if !self.token(&token).approved {
                    return refused(2026);
                }
                self.token(&token).register(&rules, &call.sender, call.height)?;
                done()
            }
            "add-to-balance" | "remove-from-balance" => self.book(call),
            _ => self.question(call),
        }
    }

    fn govern(&mut self, call: &Call<'_>) -> Answered {
        match call.function {
            "set-contract-owner" => self.owner = call.name(0)?,
            "add-approved-contract" => {
                self.approved.insert(call.name(0)?);
            }
            "add-token" => {
                let token = self.token(&call.name(0)?);
                token.approved = true;
                // Counting starts again, whoever is registered.
                token.pool.activation.wallets = 0;
            }
            "set-activation-block" if !self.crowd => {
                self.token(&call.name(0)?).pool.activation.height = Some(call.saturating(1)?);
            }
            "set-apower-multiplier-in-fixed" if !self.crowd => {
                let units = call.number(1)?;
                let token = self.token(&call.name(0)?);
                token.multiplier = units;
                token.pool.apower_multiplier = units as f64 / 1e8;
            }
            "set-activation-delay" if self.crowd => self.rules.delay_blocks = call.small(0)?,
            "set-activation-threshold" if self.crowd => self.rules.wallets = call.small(0)?,
            "set-reward-cycle-length" => {
                self.cycle_blocks = call.small(0)?;
                let blocks = self.cycle_blocks;
                self.tokens.values_mut().for_each(|token| token.pool.activation.cycle_blocks = blocks);
            }
            "set-token-halving-cycle" => {
                self.halving_cycles = call.small(0)?;
                let cycles = self.halving_cycles;
                for token in self.tokens.values_mut() {
                    token.pool.coinbase = token.pool.coinbase.with_halving(cycles);
                }
            }
            "set-coinbase-amount" => {
                let mut amounts = [0; 5];
                for (index, amount) in amounts.iter_mut().enumerate() {
                    *amount = call.number(index + 1)?;
                }
                self.preset(&call.name(0)?, amounts, self.halving_cycles)?;
            }
            _ => return call.unknown(),
        }
        done()
    }

    fn stake(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        let (token, amount, lock) = (call.name(0)?, call.number(1)?, call.number(2)?);
        let lock = u32::try_from(lock).unwrap_or(u32::MAX);
        let stakeable = self.token(&token);
        if !stakeable.approved {
            return refused(2026);
        }
        // The library wants an amount that it can hold; the contract finds out from the token.
        let fits = atoms(amount).unwrap_or(Amount::from_atoms(1));
        stakeable.stake(&call.sender, call.height, fits, lock)?;
        let moved = ledger.transfer(call, &token, &call.sender, ".alex-vault", amount);
        moved.map_err(|_| Failure::Code(3000))?;
        done()
    }

    /// Pays a cycle to a wallet.
    pub fn claim(
        &mut self,
        call: &Call<'_>,
        ledger: &mut Tokens,
        token: &str,
        user: &str,
        cycle: u32,
    ) -> Played<Data> {
        let crowd = self.crowd;
        let stakeable = self.token(token);
        if !stakeable.approved {
            return Err(Failure::Code(2026).into());
        }
        let staker = stakeable.stakers.entry(user.to_owned()).or_default().clone();
        let reward = stakeable.reward(crowd, &staker, cycle);
        let mut after = staker;
        let paid =
            stakeable.pool.claim(&mut after, call.height, cycle).map_err(|refusal| failure(&refusal))?;
        let reward = reward?;
        // A share that is rounded to eight decimals first, as in 2021, is off by that share of the coinbase.
        let coarse = if crowd { units(stakeable.pool.coinbase.at(cycle)) / 100_000_000 } else { 0 };
        if units(paid.reward).abs_diff(reward) > 2 + coarse {
            return Err(format!("the contract pays {reward}, the library {}", paid.reward).into());
        }
        stakeable.stakers.insert(user.to_owned(), after);
        let id = stakeable.ids.get(user).copied().unwrap_or_default();
        stakeable.written.insert((id, cycle));
        let apower = if crowd { Ok(0) } else { mul_down(reward, stakeable.multiplier) };
        let principal = units(paid.principal);
        ledger.book(token, ".alex-vault", user, principal);
        ledger.credit(ALEX, user, reward);
        ledger.credit(APOWER, user, apower.unwrap_or(0));
        Ok(Data::Tuple(vec![("to-return", Data::Units(principal)), ("entitled-token", Data::Units(reward))]))
    }

    /// Pays several cycles to the sender, as the staking helper does: refusals are part of the answer.
    pub fn claim_many(
        &mut self,
        call: &Call<'_>,
        ledger: &mut Tokens,
        token: &str,
        cycles: &[Value],
    ) -> Played<(u128, Vec<Data>)> {
        let (mut sum, mut answers) = (0, Vec::new());
        for cycle in cycles {
            let cycle = u32::try_from(unsigned(cycle)?).unwrap_or(u32::MAX);
            match self.claim(call, ledger, token, &call.sender, cycle) {
                Ok(Data::Tuple(fields)) => {
                    let paid =
                        fields.iter().map(|(_, paid)| if let Data::Units(paid) = paid { *paid } else { 0 });
                    sum += paid.sum::<u128>();
                    answers.push(Data::Response(Ok(Box::new(Data::Tuple(fields)))));
                }
                Err(Stop::Contract(Failure::Code(code))) => answers.push(Data::Response(Err(code))),
                other => return Err(format!("a claim answered {other:?}").into()),
            }
        }
        Ok((sum, answers))
    }

    fn book(&mut self, call: &Call<'_>) -> Answered {
        let (token, amount) = (call.name(0)?, call.number(1)?);
        if call.sender != self.owner && !self.approved.contains(&call.sender) {
            return refused(1000);
        }
        let held = self.balance(&token);
        let credited = self.credited.entry(token).or_default();
        if call.function == "add-to-balance" {
            *credited += amount.cast_signed();
        } else if amount.cast_signed() > held {
            return refused(2024);
        } else {
            *credited -= amount.cast_signed();
        }
        done()
    }

    /// The reserve ledger: what was credited, and everybody's principal.
    fn balance(&self, token: &str) -> i128 {
        let principal = self.tokens.get(token).map_or(0, |token| token.pool.books.principal.atoms());
        self.credited.get(token).copied().unwrap_or(0) + i128::from(principal)
    }

    fn question(&mut self, call: &Call<'_>) -> Answered {
        match call.function {
            "get-contract-owner" => return ok(Data::Name(self.owner.clone())),
            "get-reward-cycle-length" => return bare(Data::plain(self.cycle_blocks)),
            "get-token-halving-cycle" => return bare(Data::plain(self.halving_cycles)),
            "get-coinbase-thresholds" => {
                let names = [
                    "coinbase-threshold-1",
                    "coinbase-threshold-2",
                    "coinbase-threshold-3",
                    "coinbase-threshold-4",
                    "coinbase-threshold-5",
                ];
                let last = Coinbase::NONE.with_halving(self.halving_cycles).last_cycles;
                return ok(Data::Tuple(names.into_iter().zip(last.map(Data::plain)).collect()));
            }
            "get-activation-delay" if self.crowd => return bare(Data::plain(self.rules.delay_blocks)),
            "get-activation-threshold" if self.crowd => return bare(Data::plain(self.rules.wallets)),
            "mul-down" => return bare(Data::Plain(mul_down(call.number(0)?, call.number(1)?)?)),
            "div-down" => return bare(Data::Plain(div_down(call.number(0)?, call.number(1)?)?)),
            _ => {}
        }
        let name = call.name(0)?;
        if call.function == "get-balance" {
            return bare(Data::Units(u128::try_from(self.balance(&name)).unwrap_or(0)));
        }
        let (crowd, blocks, halving) = (self.crowd, self.cycle_blocks, self.halving_cycles);
        let mut unseen = Stakeable::new(blocks);
        unseen.pool.coinbase = unseen.pool.coinbase.with_halving(halving);
        let known = self.tokens.get(&name);
        let counted = known.is_some_and(|token| token.approved);
        let token = known.unwrap_or(&unseen);
        let cycle =
            |index: usize| -> Outcome<u32> { Ok(u32::try_from(call.number(index)?).unwrap_or(u32::MAX)) };
        let record = |staker: &Staker, cycle: u32| {
            let [staked, returned] = [staker.staked_at(cycle), staker.returned_at(cycle)].map(Data::atoms);
            Data::Tuple(vec![("amount-staked", staked), ("to-return", returned)])
        };
        bare(match call.function {
            "is-token-approved" => Data::Bool(token.approved),
            "get-apower-multiplier-in-fixed-or-default" if !crowd => Data::Plain(token.multiplier),
            "get-activation-block-or-default" => Data::plain(token.pool.activation.height.unwrap_or(NEVER)),
            "get-staking-stats-at-cycle" => {
                let total = Some(token.pool.total_at(cycle(1)?)).filter(|total| total.is_positive());
                Data::optional(total.map(Data::atoms))
            }
            "get-staking-stats-at-cycle-or-default" => Data::atoms(token.pool.total_at(cycle(1)?)),
            "staking-active-at-cycle" => Data::Bool(token.pool.total_at(cycle(1)?).is_positive()),
            "get-user-id" => Data::optional(token.ids.get(&call.name(1)?).copied().map(Data::plain)),
            "get-user" => Data::optional(token.user(call.number(1)?).map(|user| Data::Name(user.to_owned()))),
            "get-registered-users-nonce" => {
                Data::optional(counted.then(|| Data::plain(token.pool.activation.wallets)))
            }
            "get-registered-users-nonce-or-default" => Data::plain(token.pool.activation.wallets),
            "get-staker-at-cycle" => {
                let (cycle, id) = (cycle(1)?, call.small(2)?);
                let written = token.written.contains(&(id, cycle));
                Data::optional(written.then(|| record(&token.staker_of(u128::from(id)), cycle)))
            }
            "get-staker-at-cycle-or-default" => record(&token.staker_of(call.number(2)?), cycle(1)?),
            "get-reward-cycle" => Data::optional(token.cycle(call.saturating(1)?).map(Data::plain)),
            "get-first-stacks-block-in-reward-cycle" => {
                let first = token.pool.activation.height.unwrap_or(NEVER);
                Data::Plain(u128::from(first) + u128::from(blocks) * call.number(1)?)
            }
            "get-staking-reward" => {
                let staker = token.staker_of(call.number(1)?);
                let cycle = cycle(2)?;
                if token.cycle(call.height).is_none() {
                    Data::Units(0)
                } else {
                    let reward = token.reward(crowd, &staker, cycle)?;
                    let ours = units(token.pool.quote_reward(&staker, cycle));
                    if !crowd && ours.abs_diff(reward) > 2 {
                        return Err(format!("the contract quotes {reward}, the library {ours}").into());
                    }
                    Data::Units(reward)
                }
            }
            "get-coinbase-amount-or-default" => Data::Plain(units(token.pool.coinbase.at(cycle(1)?))),
            _ => return call.unknown(),
        })
    }
}

/// The schedule that a unit case was run with.
pub fn configured(pool: &mut ReservePool, case: &Value) -> Outcome {
    let config = &case["config"];
    if config.is_null() {
        return Ok(());
    }
    let token = super::reply::short(case["args"][0].as_str().unwrap_or_default());
    let mut amounts = [0; 5];
    for (index, amount) in amounts.iter_mut().enumerate() {
        *amount = unsigned(&config["coinbase"][index])? * 100_000_000;
    }
    let halving = &config["token_halving_cycle"];
    let halving = if halving.is_null() { 100 } else { unsigned(halving)? };
    pool.preset(&token, amounts, u32::try_from(halving).map_err(|error| error.to_string())?)
}
