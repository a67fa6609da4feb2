//! `alex-launchpad-v1-1`: the library's sales, with the owners, tokens and wallets of the contract around them.
//!
//! The seed of a walk is a random value of the simulated chain, which no step may show. Where the first position or the seed
//! is asked for, it is learned; winners without either cannot be checked and fail.

use std::collections::{BTreeMap, BTreeSet};

use ballast::protocol::launchpad::{
    Caller, Refusal, Sale, Terms, Tier, apower_required, max_step, seed_of_vrf, step,
};
use serde_json::Value;

use super::auto_alex::field;
use super::reply::{Answered, Call, Data, Played, atoms, bare, done, ok, refused, short, units};
use super::tokens::{APOWER, Tokens};
use crate::alex::fixed::{Failure, ONE, div_down, mul_down};
use crate::alex::reading::{Outcome, list, unsigned};

#[derive(Debug, Clone)]
struct Offering {
    sale: Sale,
    ido_token: String,
    payment_token: String,
    owner: String,
    tokens_per_ticket: u128,
    /// Entry of each wallet, as the library numbers them.
    wallets: BTreeMap<String, Option<u32>>,
    /// What the chain drew, once a step has shown it.
    first_position: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Launchpad {
    name: String,
    owner: String,
    operators: BTreeSet<String>,
    offerings: Vec<Offering>,
    /// Random values by height, as steps have shown them.
    seeds: BTreeMap<u64, u64>,
}

/// A refusal as the contract's; a walk that is not defined is a division by zero.
fn failure(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::NoWalk => Failure::Abort("DivisionByZero"),
        other => other.code().map_or(Failure::Abort("UnwrapFailure"), |code| Failure::Code(u32::from(code))),
    }
}

fn number(tuple: &Value, name: &str) -> Outcome<u64> {
    let found = unsigned(field(tuple, name)?)?;
    Ok(u64::try_from(found).unwrap_or(u64::MAX))
}

impl Offering {
    fn open(call: &Call<'_>) -> Played<Self> {
        let tuple = call.arg(2)?;
        let mut tiers = Vec::new();
        for tier in list(field(tuple, "apower-per-ticket-in-fixed")?) {
            let apower_per_ticket = atoms(unsigned(field(tier, "apower-per-ticket-in-fixed")?)?)?;
            tiers.push(Tier { apower_per_ticket, width: number(tier, "tier-threshold")? });
        }
        let tokens_per_ticket = u128::from(number(tuple, "ido-tokens-per-ticket")?);
        let terms = Terms {
            tokens_per_ticket: atoms(tokens_per_ticket * ONE)?,
            price_per_ticket: atoms(unsigned(field(tuple, "price-per-ticket-in-fixed")?)?)?,
            activation_threshold: number(tuple, "activation-threshold")?,
            registration_start: number(tuple, "registration-start-height")?,
            registration_end: number(tuple, "registration-end-height")?,
            claim_end: number(tuple, "claim-end-height")?,
            max_tickets: number(tuple, "registration-max-tickets")?,
            tiers,
        };
        let owner = field(tuple, "ido-owner")?.as_str().ok_or("the owner has no name")?;
        Ok(Self {
            sale: Sale::open(terms, call.height).map_err(|refusal| failure(&refusal))?,
            ido_token: call.name(0)?,
            payment_token: call.name(1)?,
            owner: short(owner),
            tokens_per_ticket,
            wallets: BTreeMap::new(),
            first_position: None,
        })
    }

    /// A seed that puts the walk where the chain put it: the library is given the position itself.
    fn learn(&mut self, position: u64) {
        self.first_position = Some(position);
        if self.sale.position.is_none() {
            self.sale.position = Some(position);
        }
    }

    fn entry(&self, wallet: &str) -> Option<u32> {
        self.wallets.get(wallet).copied().flatten()
    }

    fn record(&self) -> Data {
        let terms = &self.sale.terms;
        let tiers = terms.tiers.iter().map(|tier| {
            Data::Tuple(vec![
                ("apower-per-ticket-in-fixed", Data::atoms(tier.apower_per_ticket)),
                ("tier-threshold", Data::plain(tier.width)),
            ])
        });
        Data::Tuple(vec![
            ("ido-token-contract", Data::Name(self.ido_token.clone())),
            ("payment-token-contract", Data::Name(self.payment_token.clone())),
            ("ido-owner", Data::Name(self.owner.clone())),
            ("ido-tokens-per-ticket", Data::Plain(self.tokens_per_ticket)),
            ("price-per-ticket-in-fixed", Data::atoms(terms.price_per_ticket)),
            ("activation-threshold", Data::plain(terms.activation_threshold)),
            ("registration-start-height", Data::plain(terms.registration_start)),
            ("registration-end-height", Data::plain(terms.registration_end)),
            ("claim-end-height", Data::plain(terms.claim_end)),
            ("total-tickets", Data::plain(self.sale.tickets)),
            ("apower-per-ticket-in-fixed", Data::List(tiers.collect())),
            ("registration-max-tickets", Data::plain(terms.max_tickets)),
        ])
    }
}

impl Launchpad {
    pub fn new(contract: &str) -> Self {
        Self {
            name: format!(".{contract}"),
            owner: "deployer".into(),
            operators: BTreeSet::new(),
            offerings: Vec::new(),
            seeds: BTreeMap::new(),
        }
    }

    fn may(&self, call: &Call<'_>, offering: &Offering) -> Caller {
        let trusted = call.sender == self.owner
            || call.sender == offering.owner
            || self.operators.contains(&call.sender);
        if trusted { Caller::Operator } else { Caller::Anyone }
    }

    /// The offering that the first argument names.
    fn offering(&self, call: &Call<'_>) -> Outcome<Option<Offering>> {
        let id = call.number(0)?;
        Ok(usize::try_from(id).ok().and_then(|id| self.offerings.get(id)).cloned())
    }

    fn keep(&mut self, call: &Call<'_>, offering: Offering) -> Outcome {
        let id: usize = call.small(0)?;
        self.offerings[id] = offering;
        Ok(())
    }

    pub fn call(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        match call.function {
            "set-contract-owner" | "add-approved-operator" | "create-pool" | "transfer-all-to-owner"
                if call.sender != self.owner =>
            {
                refused(1000)
            }
            "set-contract-owner" => {
                self.owner = call.name(0)?;
                done()
            }
            "add-approved-operator" => {
                self.operators.insert(call.name(0)?);
                done()
            }
            "create-pool" => {
                self.offerings.push(Offering::open(call)?);
                ok(Data::Plain(self.offerings.len() as u128 - 1))
            }
            "transfer-all-to-owner" => {
                let token = call.name(0)?;
                let held = ledger.held(&token, &self.name);
                if held > 0 {
                    ledger.transfer(call, &token, &self.name, &self.owner, held)?;
                }
                done()
            }
            "add-to-position" => self.add(call, ledger),
            "register" => self.register(call, ledger),
            "claim" | "claim-optimal" => self.claim(call, ledger),
            "refund" | "refund-optimal" => self.refund(call, ledger),
            _ => self.question(call),
        }
    }

    fn add(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        let Some(mut offering) = self.offering(call)? else { return refused(2045) };
        let (tickets, caller) = (call.small(1)?, self.may(call, &offering));
        offering.sale.add_tickets(call.height, caller, tickets).map_err(|refusal| failure(&refusal))?;
        if call.name(2)? != offering.ido_token {
            return refused(2026);
        }
        let moved = offering.tokens_per_ticket * u128::from(tickets) * ONE;
        ledger.transfer(call, &offering.ido_token, &call.sender, &self.name, moved)?;
        self.keep(call, offering)?;
        done()
    }

    fn register(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        let Some(mut offering) = self.offering(call)? else { return refused(2045) };
        let tickets = u64::try_from(call.number(1)?).unwrap_or(u64::MAX);
        let wallet = offering.wallets.entry(call.sender.clone()).or_default();
        let made =
            offering.sale.register(wallet, call.height, tickets).map_err(|refusal| failure(&refusal))?;
        if call.name(2)? != offering.payment_token {
            return refused(2047);
        }
        let payment = offering.payment_token.clone();
        ledger.transfer(call, &payment, &call.sender, &self.name, units(made.paid))?;
        if !ledger.may_mint(call, APOWER, &self.name) && call.fails_with(1000) {
            return refused(1000);
        }
        ledger.burn(call, APOWER, &call.sender, units(made.apower))?;
        let entry = offering.sale.entries()[made.entry as usize];
        self.keep(call, offering)?;
        ok(Data::Tuple(vec![("start", Data::plain(entry.start)), ("end", Data::plain(entry.end()))]))
    }

    /// Puts the walk where the random value of its block begins it, once a step has shown that value.
    fn begin_walk(&self, offering: &mut Offering) -> Outcome {
        let seed = self.seeds.get(&(offering.sale.terms.registration_end + 1));
        if let (Some(&seed), Ok(most_step)) = (seed, offering.sale.max_step())
            && most_step > 0
        {
            offering.learn(step(seed, most_step).map_err(|refusal| refusal.to_string())?);
        }
        Ok(())
    }

    fn claim(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        let Some(mut offering) = self.offering(call)? else { return refused(2045) };
        // The library checks the step first too; a walk that has not begun needs a later block.
        offering.sale.max_step().map_err(|refusal| failure(&refusal))?;
        self.begin_walk(&mut offering)?;
        if offering.sale.position.is_none() {
            return if call.height <= offering.sale.terms.registration_end + 1 && call.has_failed() {
                refused(2042)
            } else {
                Err("no step shows where the walk begins".into())
            };
        }
        let mut winners = Vec::new();
        for winner in call.items(1)? {
            let wallet = short(winner.as_str().ok_or("a winner without a name")?);
            // No entry has the largest number.
            winners.push(offering.entry(&wallet).unwrap_or(u32::MAX));
        }
        let caller = self.may(call, &offering);
        let outcome = offering.sale.submit(call.height, caller, 0, &winners);
        // The tokens are checked after the walk and before everything else.
        if !matches!(outcome, Err(Refusal::Input { .. } | Refusal::Sequence)) {
            if call.name(2)? != offering.ido_token {
                return refused(2026);
            }
            if call.name(3)? != offering.payment_token {
                return refused(2047);
            }
        }
        let sold = outcome.map_err(|refusal| failure(&refusal))?;
        let (payment, owner) = (offering.payment_token.clone(), offering.owner.clone());
        ledger.transfer(call, &payment, &self.name, &owner, units(sold.proceeds))?;
        for winner in call.items(1)? {
            let wallet = short(winner.as_str().unwrap_or_default());
            let tokens = offering.tokens_per_ticket * ONE;
            let sent = ledger.transfer(call, &offering.ido_token, &self.name, &wallet, tokens);
            sent.map_err(|_| Failure::Abort("UnwrapFailure"))?;
        }
        self.keep(call, offering)?;
        done()
    }

    fn refund(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        let Some(mut offering) = self.offering(call)? else { return refused(2045) };
        if call.name(2)? != offering.payment_token {
            return refused(2047);
        }
        self.begin_walk(&mut offering)?;
        let caller = self.may(call, &offering);
        let optimal = call.function == "refund-optimal";
        for claim in call.items(1)? {
            let wallet = field(claim, "recipient")?.as_str().ok_or("a recipient without a name")?;
            let (wallet, amount) = (short(wallet), unsigned(field(claim, "amount")?)?);
            let number = offering.entry(&wallet).unwrap_or(u32::MAX);
            // The optimal call does not wait for the end of registration, and has one code for all.
            let height =
                if optimal { call.height.max(offering.sale.terms.registration_end) } else { call.height };
            let decided = offering.sale.position.is_some()
                || offering.sale.has_failed()
                || offering.sale.won == offering.sale.tickets;
            if !decided && !call.has_failed() {
                return Err("no step shows where the walk begins".into());
            }
            let due = offering.sale.refund(height, caller, 0, number).map_err(|refusal| match refusal {
                Refusal::Input { .. } if optimal => Failure::Code(2046),
                other => failure(&other),
            });
            let due = units(due?);
            if due != amount {
                return refused(2046);
            }
            let payment = offering.payment_token.clone();
            let paid = ledger.transfer(call, &payment, &self.name, &wallet, amount);
            paid.map_err(|_| Failure::Abort("UnwrapFailure"))?;
        }
        self.keep(call, offering)?;
        done()
    }

    fn question(&mut self, call: &Call<'_>) -> Answered {
        match call.function {
            "get-contract-owner" => return ok(Data::Name(self.owner.clone())),
            "get-ido-id-nonce" => return ok(Data::Plain(self.offerings.len() as u128)),
            "calculate-max-step-size" => {
                let found = max_step(call.small(0)?, call.small(1)?);
                return bare(Data::plain(found.map_err(|refusal| failure(&refusal))?));
            }
            "lcg-next" => {
                // Only the low bits of the position count.
                let position = call.number(0)? % (1 << 32);
                let found = step(position as u64, call.saturating(1)?);
                return bare(Data::plain(found.map_err(|refusal| failure(&refusal))?));
            }
            "mul-down" => {
                return bare(Data::Units(mul_down(call.number(0)?, call.number(1)?)?));
            }
            "div-down" => {
                return bare(Data::Units(div_down(call.number(0)?, call.number(1)?)?));
            }
            "buff-to-uint64" | "byte-to-uint" => {
                let digits = call.arg(0)?.as_str().ok_or("expected bytes")?;
                return bare(Data::plain(seed_of_vrf(&bytes(digits)?)));
            }
            "get-vrf-uint" => return self.vrf(call),
            "get-initial-walk-position" => {
                let end: u64 = call.small(0)?;
                let Some(&seed) = self.seeds.get(&(end + 1)) else {
                    return self.believe(call, end + 1, call.small(1)?);
                };
                let found = step(seed, call.small(1)?).map_err(|refusal| failure(&refusal))?;
                return ok(Data::plain(found));
            }
            _ => {}
        }
        let Some(mut offering) = self.offering(call)? else {
            return match call.function {
                "get-ido" => ok(Data::None),
                "get-apower-required-in-fixed" | "get-offering-walk-parameters" => refused(2045),
                "get-total-tickets-registered" | "get-total-tickets-won" | "get-tickets-won" => {
                    bare(Data::plain(0_u8))
                }
                "get-offering-ticket-bounds" | "get-offering-ticket-amounts" => bare(Data::None),
                _ => call.unknown(),
            };
        };
        let sale = &offering.sale;
        let entry = |index: usize| -> Outcome<_> {
            Ok(offering.entry(&call.name(index)?).and_then(|entry| sale.entries().get(entry as usize)))
        };
        match call.function {
            "get-ido" => ok(Data::Some(Box::new(offering.record()))),
            "get-apower-required-in-fixed" => {
                let found = apower_required(&sale.terms.tiers, call.small(1)?);
                ok(Data::atoms(found.map_err(|refusal| failure(&refusal))?))
            }
            "get-total-tickets-registered" => bare(Data::plain(sale.registered())),
            "get-total-tickets-won" => bare(Data::plain(sale.won)),
            "get-tickets-won" => bare(Data::plain(entry(1)?.map_or(0, |entry| entry.won))),
            "get-offering-ticket-amounts" => {
                bare(Data::optional(entry(1)?.map(|entry| Data::plain(entry.tickets))))
            }
            "get-offering-ticket-bounds" => {
                let bounds = entry(1)?.filter(|entry| !entry.refunded).map(|entry| {
                    Data::Tuple(vec![("start", Data::plain(entry.start)), ("end", Data::plain(entry.end()))])
                });
                bare(Data::optional(bounds))
            }
            "get-last-claim-walk-position" => {
                if sale.position.is_none() {
                    let (end, most_step) = (call.small::<u64>(1)?, call.small(2)?);
                    if let Some(position) = self.shown(call, end + 1, most_step)? {
                        offering.learn(position);
                        self.keep(call, offering.clone())?;
                    }
                }
                match offering.sale.position {
                    Some(position) => ok(Data::plain(position)),
                    None => refused(2042),
                }
            }
            "get-offering-walk-parameters" => {
                let most_step = sale.max_step().map_err(|refusal| failure(&refusal))?;
                let (tickets, threshold) = (sale.tickets, sale.terms.activation_threshold);
                let height = sale.terms.registration_end + 1;
                let shown = call.value().get("walk-position");
                let seeded = self.seeds.get(&height).map(|&seed| step(seed, most_step));
                let position = match (seeded, offering.first_position, shown) {
                    (Some(found), ..) => found.map_err(|refusal| failure(&refusal))?,
                    (None, Some(position), _) => position,
                    (None, None, Some(shown)) => within(shown, most_step)?,
                    (None, None, None) => return refused(2042),
                };
                offering.learn(position);
                self.keep(call, offering)?;
                ok(Data::Tuple(vec![
                    ("max-step-size", Data::plain(most_step)),
                    ("walk-position", Data::plain(position)),
                    ("total-tickets", Data::plain(tickets)),
                    ("activation-threshold", Data::plain(threshold)),
                ]))
            }
            _ => call.unknown(),
        }
    }

    /// A random value of the chain: of a block that does not exist yet there is none; what is shown once stays.
    fn vrf(&mut self, call: &Call<'_>) -> Answered {
        let height = call.small(0)?;
        if call.has_failed() {
            return refused(2042);
        }
        let shown = unsigned(call.value())?;
        let seed = u64::try_from(shown).map_err(|_| format!("{shown} is not of eight bytes"))?;
        ok(Data::plain(*self.seeds.entry(height).or_insert(seed)))
    }

    /// The first position that a step shows, which must be a step of the walk.
    fn shown(&self, call: &Call<'_>, height: u64, most_step: u64) -> Outcome<Option<u64>> {
        if let Some(&seed) = self.seeds.get(&height) {
            return step(seed, most_step).map(Some).map_err(|refusal| refusal.to_string());
        }
        if call.has_failed() { Ok(None) } else { within(call.value(), most_step).map(Some) }
    }

    fn believe(&self, call: &Call<'_>, height: u64, most_step: u64) -> Answered {
        match self.shown(call, height, most_step)? {
            Some(position) => ok(Data::plain(position)),
            None => refused(2042),
        }
    }
}

/// A position that the chain drew: below the largest step.
fn within(shown: &Value, most_step: u64) -> Outcome<u64> {
    let position = unsigned(shown)?;
    let position = u64::try_from(position).ok().filter(|position| *position < most_step);
    position.ok_or_else(|| format!("a first position of {shown} is not below {most_step}"))
}

/// Up to 32 bytes, written in hexadecimal.
fn bytes(digits: &str) -> Outcome<[u8; 32]> {
    let digits = digits.trim_start_matches("0x");
    let mut found = [0; 32];
    if !digits.len().is_multiple_of(2) || digits.len() > 64 {
        return Err(format!("expected up to 32 bytes, found {digits}"));
    }
    for (index, byte) in found.iter_mut().enumerate().take(digits.len() / 2) {
        *byte =
            u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).map_err(|error| error.to_string())?;
    }
    Ok(found)
}
