//! Who holds what, in the units of the contracts.
//!
//! A scenario may start with holdings that no step shows. What a wallet held before is then learned from the first balance
//! that is asked for, and until then an amount that it spends is believed. On a chain that is seen from its first blocks
//! everybody starts with nothing, and every balance is known.

use std::collections::{BTreeMap, BTreeSet};

use super::auto_alex::field;
use super::reply::{Answered, Call, Data, bare, done, ok, refused, short};
use crate::alex::fixed::{Failure, Fixed};
use crate::alex::reading::{Outcome, unsigned};

pub const ALEX: &str = ".age000-governance-token";
pub const APOWER: &str = ".token-apower";
/// Rounding that a spender may be short of once a vault has compounded, see [`super`].
const DUST: i128 = 100;

#[derive(Debug, Clone, Copy, Default)]
struct Holding {
    units: i128,
    /// Whether what it held before the first step is known.
    known: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Tokens {
    holdings: BTreeMap<(String, String), Holding>,
    /// By token; a part of the holdings that cannot be moved.
    pub locked: BTreeMap<(String, String), u128>,
    /// Contracts that may mint and burn, by token.
    approved: BTreeSet<(String, String)>,
    /// The chain is seen from its first blocks.
    pub fresh: bool,
    /// A vault has compounded.
    pub dusty: bool,
}

/// Tokens that are another's under a second name.
fn real(token: &str) -> &str {
    if token == ".token-wban" { ".token-banana" } else { token }
}

impl Tokens {
    /// A new scenario may start with anything.
    pub fn forget_openings(&mut self) {
        self.fresh = false;
        self.holdings.values_mut().for_each(|holding| holding.known = false);
    }

    fn holding(&mut self, token: &str, who: &str) -> &mut Holding {
        // Only these begin empty, and all but the vaults' shares may have been minted to their deployer before the first step.
        let shares = token.starts_with(".auto-alex");
        let empty = [ALEX, APOWER].contains(&token) && !["supply", "deployer"].contains(&who);
        let known = self.fresh && (shares || empty);
        self.holdings.entry((real(token).to_owned(), who.to_owned())).or_insert(Holding { units: 0, known })
    }

    pub fn credit(&mut self, token: &str, who: &str, units: u128) {
        self.holding(token, who).units += units.cast_signed();
        self.holding(token, "supply").units += units.cast_signed();
    }

    /// Moves what the protocol moves by itself.
    pub fn book(&mut self, token: &str, from: &str, to: &str, units: u128) {
        self.holding(token, from).units -= units.cast_signed();
        self.holding(token, to).units += units.cast_signed();
    }

    /// Takes from a holder, or refuses with 1.
    pub fn debit(&mut self, call: &Call<'_>, token: &str, who: &str, units: u128) -> Fixed<()> {
        let locked = self.locked.get(&(real(token).to_owned(), who.to_owned())).copied().unwrap_or(0);
        let dust = if self.dusty { DUST } else { 0 };
        let holding = self.holding(token, who);
        let short = holding.units - locked.cast_signed() + dust < units.cast_signed();
        let refuse = if holding.known { short } else { call.fails_with(1) || call.fails_with(3000) };
        if refuse {
            return Err(Failure::Code(1));
        }
        holding.units -= units.cast_signed();
        self.holding(token, "supply").units -= units.cast_signed();
        Ok(())
    }

    /// Burns or locks, which of nothing is refused.
    pub fn burn(&mut self, call: &Call<'_>, token: &str, who: &str, units: u128) -> Fixed<()> {
        if units == 0 { Err(Failure::Code(1)) } else { self.debit(call, token, who, units) }
    }

    pub fn transfer(&mut self, call: &Call<'_>, token: &str, from: &str, to: &str, units: u128) -> Fixed<()> {
        if units == 0 {
            return Err(Failure::Code(3));
        }
        if from == to {
            return Err(Failure::Code(2));
        }
        self.debit(call, token, from, units)?;
        self.credit(token, to, units);
        Ok(())
    }

    /// A balance that a step asks for, which teaches what is not known.
    pub fn balance(&mut self, call: &Call<'_>, token: &str, who: &str) -> Outcome<u128> {
        let shown = call.value();
        let holding = self.holding(token, who);
        if !holding.known {
            *holding = Holding { units: unsigned(shown)?.cast_signed(), known: true };
        }
        Ok(u128::try_from(holding.units).unwrap_or(0))
    }

    /// What a contract of ours holds, as far as the steps tell.
    pub fn held(&mut self, token: &str, who: &str) -> u128 {
        u128::try_from(self.holding(token, who).units).unwrap_or(0)
    }

    /// Whether a contract may mint and burn. Where the vector shows that it did, it was allowed before the first step.
    pub fn may_mint(&self, call: &Call<'_>, token: &str, who: &str) -> bool {
        self.approved.contains(&(token.to_owned(), who.to_owned())) || !call.has_failed()
    }

    /// The functions of a token.
    pub fn call(&mut self, call: &Call<'_>) -> Answered {
        let token = format!(".{}", call.contract);
        let owner = call.sender == "deployer";
        let is_alex = token == ALEX;
        let unauthorized = if is_alex { 3000 } else { 1000 };
        match call.function {
            "mint-fixed" | "mint" | "burn-fixed" | "burn" | "edg-mint" | "edg-burn" => {
                let (units, who) = (call.number(0)?, call.name(1)?);
                let mints = call.function.contains("mint");
                if call.function.starts_with("edg") && !is_alex {
                    return call.unknown();
                }
                if token == ".token-wstx" {
                    return refused(if mints { 6002 } else { 6003 });
                }
                if !owner && !self.approved.contains(&(token.clone(), call.sender.clone())) {
                    return refused(unauthorized);
                }
                if units == 0 {
                    return refused(1);
                }
                if mints {
                    self.credit(&token, &who, units);
                } else {
                    self.burn(call, &token, &who, units)?;
                }
                done()
            }
            "transfer-fixed" | "transfer" => {
                let (units, from, to) = (call.number(0)?, call.name(1)?, call.name(2)?);
                if token == APOWER {
                    return refused(3000);
                }
                if from != call.sender {
                    return refused(if is_alex { 4 } else { 1000 });
                }
                self.transfer(call, &token, &from, &to, units)?;
                done()
            }
            "get-balance-fixed" | "get-balance" | "edg-get-balance" => {
                ok(Data::Units(self.balance(call, &token, &call.name(0)?)?))
            }
            "get-total-supply-fixed" | "get-total-supply" => {
                ok(Data::Units(self.balance(call, &token, "supply")?))
            }
            "add-approved-contract" | "edg-add-approved-contract" | "set-approved-contract" => {
                // ALEX is governed by the DAO, the others by their owner.
                if !owner || is_alex {
                    return refused(unauthorized);
                }
                let key = (token, call.name(0)?);
                if call.args.len() < 2 || call.flag(1)? {
                    self.approved.insert(key);
                } else {
                    self.approved.remove(&key);
                }
                done()
            }
            "edg-get-locked" => {
                let key = (token, call.name(0)?);
                // What was voted, to the unit.
                ok(Data::Plain(self.locked.get(&key).copied().unwrap_or(0)))
            }
            "edg-has-percentage-balance" => {
                let (who, factor) = (call.name(0)?, call.number(1)?);
                // Of what is not known yet, no share can be told.
                if ["supply", who.as_str()].iter().any(|who| !self.holding(&token, who).known) {
                    return ok(Data::Bool(call.value().as_bool().ok_or("expected true or false")?));
                }
                let (held, supply) = (self.held(&token, &who), self.held(&token, "supply"));
                ok(Data::Bool(held * factor >= supply * 1000))
            }
            "mint-fixed-many" if !is_alex => {
                if !owner && !self.approved.contains(&(token.clone(), call.sender.clone())) {
                    return refused(unauthorized);
                }
                let mut answers = Vec::new();
                for item in call.items(0)? {
                    let units = unsigned(field(item, "amount")?)?;
                    let who = field(item, "recipient")?.as_str().ok_or("a recipient without a name")?;
                    answers.push(Data::Response(if units == 0 {
                        Err(1)
                    } else {
                        self.credit(&token, &short(who), units);
                        Ok(Box::new(Data::Bool(true)))
                    }));
                }
                ok(Data::List(answers))
            }
            "edg-transfer"
            | "edg-lock"
            | "edg-unlock"
            | "edg-mint-many"
            | "set-name"
            | "set-symbol"
            | "set-decimals"
            | "set-token-uri"
            | "is-dao-or-extension"
                if is_alex =>
            {
                refused(3000)
            }
            "get-decimals" => ok(Data::plain(8_u8)),
            "fixed-to-decimals" => bare(Data::Units(call.number(0)?)),
            "get-contract-owner" => ok(Data::Name("deployer".into())),
            _ => call.unknown(),
        }
    }
}
