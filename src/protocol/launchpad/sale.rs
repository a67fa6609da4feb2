//! A sale by lottery: registration, winners, refunds.

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::tiers::{Tier, apower_required};
use super::walk::{WALK_RESOLUTION, max_step, next_position, step};
use crate::quantity::Amount;

/// Blocks after the end of the claim from which on anyone may submit winners and refunds: about a day.
pub const GRACE_BLOCKS: u64 = 144;

/// What is sold, for what, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Tokens of a winning ticket, in atoms.
    pub tokens_per_ticket: Amount,
    /// Price of a ticket, in atoms of the payment token.
    pub price_per_ticket: Amount,
    /// Registered tickets below which there is no sale.
    pub activation_threshold: u64,
    /// First block of registration.
    pub registration_start: u64,
    /// First block after registration.
    pub registration_end: u64,
    /// End of the claim. From [`GRACE_BLOCKS`] later on anyone may submit.
    pub claim_end: u64,
    /// Most tickets of a wallet.
    pub max_tickets: u64,
    /// What tickets cost in APower.
    pub tiers: Vec<Tier>,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// The owner of the sale, of the launchpad, or an approved operator.
    Operator,
    /// Anyone else.
    Anyone,
}

/// A wallet's tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where its slots begin.
    pub start: u64,
    /// Tickets registered.
    pub tickets: u64,
    /// Tickets that have won so far.
    pub won: u64,
    /// Whether its losing tickets were paid back.
    pub refunded: bool,
}

impl Entry {
    /// Where its slots end, exclusive.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.start + self.tickets * WALK_RESOLUTION
    }
}

/// A registration, made. APower is burned for good, whether the tickets win or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// Its number, by which the sale knows the wallet.
    pub entry: u32,
    /// Price to pay.
    pub paid: Amount,
    /// APower to burn.
    pub apower: Amount,
}

/// Winners, accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    /// Tickets sold by this call; each winner receives [`Terms::tokens_per_ticket`].
    pub tickets: u64,
    /// What the owner receives.
    pub proceeds: Amount,
}

/// A sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale {
    /// Its terms.
    pub terms: Terms,
    /// Tickets on sale.
    pub tickets: u64,
    /// Tickets that have won so far.
    pub won: u64,
    /// Where the walk stands, once winners were submitted.
    pub position: Option<u64>,
    entries: Vec<Entry>,
}

impl Sale {
    /// Opens a sale that has no tickets yet.
    ///
    /// # Errors
    /// [`Refusal::Schedule`].
    pub fn open(terms: Terms, height: u64) -> Result<Self, Refusal> {
        let heights = [height, terms.registration_start, terms.registration_end, terms.claim_end];
        if !heights.is_sorted_by(|earlier, later| earlier < later) {
            return Err(Refusal::Schedule);
        }
        Ok(Self { terms, tickets: 0, won: 0, position: None, entries: Vec::new() })
    }

    /// Puts more tickets on sale, before registration. The caller moves their tokens in.
    ///
    /// # Errors
    /// [`Refusal::OutsideWindow`], [`Refusal::NotAuthorized`], in this order; [`Refusal::Overflow`].
    pub fn add_tickets(&mut self, height: u64, caller: Caller, tickets: u64) -> Result<(), Refusal> {
        window(height, 0, self.terms.registration_start)?;
        if caller == Caller::Anyone {
            return Err(Refusal::NotAuthorized { open_to_all: u64::MAX });
        }
        self.tickets = self.tickets.checked_add(tickets).ok_or(Refusal::Overflow)?;
        Ok(())
    }

    /// Registrations in their order, which is that of the line.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Tickets registered.
    #[must_use]
    pub fn registered(&self) -> u64 {
        self.line_end() / WALK_RESOLUTION
    }

    fn line_end(&self) -> u64 {
        self.entries.last().map_or(0, Entry::end)
    }

    /// True with fewer registered tickets than the sale needs: everybody is paid back.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.registered() < self.terms.activation_threshold
    }

    /// Registers a wallet, whose entry of this sale is `wallet`. It pays for all tickets now.
    ///
    /// # Errors
    /// [`Refusal::AlreadyRegistered`], [`Refusal::Input`], [`Refusal::OutsideWindow`], in this order;
    /// [`Refusal::Overflow`]. A refused registration changes nothing.
    pub fn register(
        &mut self,
        wallet: &mut Option<u32>,
        height: u64,
        tickets: u64,
    ) -> Result<Registered, Refusal> {
        if wallet.is_some() {
            return Err(Refusal::AlreadyRegistered);
        }
        if tickets == 0 || tickets > self.terms.max_tickets {
            return Err(Refusal::Input { most: self.terms.max_tickets });
        }
        window(height, self.terms.registration_start, self.terms.registration_end)?;
        let apower = apower_required(&self.terms.tiers, tickets)?;
        let paid = self.price_of(tickets)?;
        let start = self.line_end();
        let width = tickets.checked_mul(WALK_RESOLUTION).and_then(|width| start.checked_add(width));
        width.ok_or(Refusal::Overflow)?;
        let entry = u32::try_from(self.entries.len()).map_err(|_| Refusal::Overflow)?;
        self.entries.push(Entry { start, tickets, won: 0, refunded: false });
        *wallet = Some(entry);
        Ok(Registered { entry, paid, apower })
    }

    fn price_of(&self, tickets: u64) -> Result<Amount, Refusal> {
        let atoms = i128::from(tickets) * i128::from(self.terms.price_per_ticket.atoms());
        i64::try_from(atoms).map(Amount::from_atoms).map_err(|_| Refusal::Overflow)
    }

    /// Largest step of this sale's walk.
    ///
    /// # Errors
    /// As [`max_step`].
    pub fn max_step(&self) -> Result<u64, Refusal> {
        max_step(self.registered(), self.tickets)
    }

    fn position(&self, seed: u64) -> Result<u64, Refusal> {
        match self.position {
            Some(position) => Ok(position),
            None => step(seed, self.max_step()?),
        }
    }

    /// The entries that win from here on, one for each winning ticket, in order: what is computed off the chain.
    ///
    /// # Errors
    /// [`Refusal::NoWalk`], [`Refusal::Overflow`].
    pub fn draw(&self, seed: u64) -> Result<Vec<u32>, Refusal> {
        if self.has_failed() {
            return Ok(Vec::new());
        }
        let (mut position, most_step) = (self.position(seed)?, self.max_step()?);
        let mut winners = Vec::new();
        for (number, entry) in (0..).zip(&self.entries) {
            while position < entry.end() && self.won + (winners.len() as u64) < self.tickets {
                winners.push(number);
                position = next_position(position, most_step)?;
            }
        }
        Ok(winners)
    }

    /// Takes the next winners, which may be part of them, and checks each against the walk. The caller sends tokens and
    /// proceeds.
    ///
    /// # Errors
    /// [`Refusal::NoWalk`]; [`Refusal::Input`], [`Refusal::Sequence`], [`Refusal::OutsideWindow`],
    /// [`Refusal::NoMoreClaims`], [`Refusal::ThresholdNotReached`], [`Refusal::NotAuthorized`], in this order;
    /// [`Refusal::Oversold`], [`Refusal::Overflow`]. Refused winners change nothing.
    pub fn submit(
        &mut self,
        height: u64,
        caller: Caller,
        seed: u64,
        winners: &[u32],
    ) -> Result<Sold, Refusal> {
        let most_step = self.max_step()?;
        let first = self.position(seed)?;
        let mut position = first;
        for &winner in winners {
            let entry = self.entry(winner)?;
            if position < entry.start || position >= entry.end() {
                return Err(Refusal::Sequence);
            }
            position = next_position(position, most_step)?;
        }
        window(height, self.terms.registration_end, u64::MAX)?;
        if self.won >= self.tickets || first >= self.line_end() {
            return Err(Refusal::NoMoreClaims);
        }
        if self.has_failed() {
            let (registered, threshold) = (self.registered(), self.terms.activation_threshold);
            return Err(Refusal::ThresholdNotReached { registered, threshold });
        }
        self.authorize(height, caller)?;
        let tickets = winners.len() as u64;
        let won = self.won.saturating_add(tickets);
        if won > self.tickets {
            return Err(Refusal::Oversold { won, tickets: self.tickets });
        }
        let proceeds = self.price_of(tickets)?;
        for &winner in winners {
            self.entries[winner as usize].won += 1;
        }
        (self.position, self.won) = (Some(position), won);
        Ok(Sold { tickets, proceeds })
    }

    /// Takes back registrations and refunds: afterwards there are the first `entries` registrations, and the one of that
    /// number is as it was. For callers that undo a call of theirs as a whole.
    pub fn restore(&mut self, entries: usize, before: Option<(u32, Entry)>) {
        self.entries.truncate(entries);
        if let Some((number, entry)) = before
            && let Some(place) = self.entries.get_mut(number as usize)
        {
            *place = entry;
        }
    }

    /// The place on the line of the last ticket that won, from zero; `None` while none has. `seed` is that of the walk.
    ///
    /// # Errors
    /// [`Refusal::NoWalk`], [`Refusal::Overflow`].
    pub fn last_winning_slot(&self, seed: u64) -> Result<Option<u64>, Refusal> {
        let most_step = self.max_step()?;
        let mut position = step(seed, most_step)?;
        for _ in 1..self.won {
            position = next_position(position, most_step)?;
        }
        Ok((self.won > 0).then_some(position / WALK_RESOLUTION))
    }

    fn entry(&self, number: u32) -> Result<&Entry, Refusal> {
        let known = self.entries.get(number as usize).filter(|entry| !entry.refunded);
        known.ok_or(Refusal::Input { most: self.terms.max_tickets })
    }

    fn authorize(&self, height: u64, caller: Caller) -> Result<(), Refusal> {
        let open_to_all = self.terms.claim_end.saturating_add(GRACE_BLOCKS);
        let may = caller == Caller::Operator || height >= open_to_all;
        if may { Ok(()) } else { Err(Refusal::NotAuthorized { open_to_all }) }
    }

    /// What an entry is paid back in the end: the price of its tickets that did not win.
    ///
    /// # Errors
    /// [`Refusal::Input`] for no entry or one that was paid; [`Refusal::Overflow`].
    pub fn refund_due(&self, number: u32) -> Result<Amount, Refusal> {
        let entry = self.entry(number)?;
        self.price_of(entry.tickets.saturating_sub(entry.won))
    }

    /// Pays an entry back, once the walk has passed its slots, all tickets have won, or the sale has failed.
    ///
    /// # Errors
    /// [`Refusal::OutsideWindow`], [`Refusal::NotAuthorized`], [`Refusal::NoWalk`], [`Refusal::Input`],
    /// [`Refusal::Sequence`], in this order. A refused refund changes nothing.
    pub fn refund(&mut self, height: u64, caller: Caller, seed: u64, number: u32) -> Result<Amount, Refusal> {
        window(height, self.terms.registration_end, u64::MAX)?;
        self.authorize(height, caller)?;
        let decided = if self.won == self.tickets || self.has_failed() {
            self.line_end()
        } else {
            self.position(seed)?
        };
        let due = self.refund_due(number)?;
        if self.entry(number)?.end() > decided {
            return Err(Refusal::Sequence);
        }
        self.entries[number as usize].refunded = true;
        Ok(due)
    }
}

/// Refuses a height outside `from..until`.
fn window(height: u64, from: u64, until: u64) -> Result<(), Refusal> {
    if (from..until).contains(&height) { Ok(()) } else { Err(Refusal::OutsideWindow { height, from, until }) }
}
