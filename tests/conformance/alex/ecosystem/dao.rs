//! `executor-dao` and its extensions: the library's votes and teams under the names of the contracts.
//!
//! What a proposal does is its own affair. Of those that are known the effect is played; whether another one fails when it
//! is executed is taken from the vector, and that a failure undoes the call is checked.

use std::collections::BTreeMap;

use super::reply::{Answered, Call, Data, Played, atoms, bare, done, ok, refused, units};
use super::tokens::{ALEX, Tokens};
use crate::alex::fixed::{Failure, Fixed};
use crate::alex::reading::Outcome;
use ballast::protocol::governance::{
    DaoRefusal, EMERGENCY_DURATION_BLOCKS, EMERGENCY_SUNSET_BLOCKS, EmergencyTeam, ExecutiveTeam,
    LockedVotes, MotionId,
};

const VOTING: &str = ".age001-proposal-voting";
const EMERGENCY: &str = ".age002-emergency-proposals";
const EXECUTIVE: &str = ".age003-emergency-execute";
const BOOTSTRAP: &str = ".agp000-bootstrap";
const KILL_EXECUTIVE: &str = ".agp001-kill-emergency-execute";
/// Both would open a sale at the first launchpad, whose owner the DAO is not.
const SALES: [&str; 2] = [".agp003-launchpad-alex", ".agp004-launchpad-alex"];
/// Codes that say something of the DAO, so that no proposal of ours fails with them.
const OF_THE_DAO: [u32; 9] = [1001, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3009];
/// Blocks that it may have taken to deploy everything.
const DEPLOYMENT_BLOCKS: u64 = 10;

#[derive(Debug, Clone)]
pub struct Dao {
    extensions: BTreeMap<String, bool>,
    constructed: bool,
    votes: LockedVotes,
    proposers: BTreeMap<MotionId, String>,
    emergency: EmergencyTeam,
    executive: ExecutiveTeam,
    executed: BTreeMap<MotionId, u64>,
    governance_token: String,
    /// Numbers of wallets and of proposals.
    names: Vec<String>,
    /// A proposal was executed whose effect nobody here knows: what the DAO says of itself is learned again.
    changed: bool,
}

/// How executing ended: refused by the DAO, or failed in the proposal itself.
#[derive(Debug, PartialEq)]
enum Stopped {
    Dao(DaoRefusal),
    Proposal(u32),
}

impl From<DaoRefusal> for Stopped {
    fn from(refusal: DaoRefusal) -> Self {
        Self::Dao(refusal)
    }
}

impl Stopped {
    fn failure(self) -> Failure {
        match self {
            Self::Dao(refusal) => failure(refusal),
            Self::Proposal(code) => Failure::Code(code),
        }
    }
}

fn failure(refusal: DaoRefusal) -> Failure {
    refusal.code().map_or(Failure::Abort("ArithmeticOverflow"), |code| Failure::Code(u32::from(code)))
}

impl Dao {
    pub fn new() -> Self {
        let mut dao = Self {
            extensions: BTreeMap::new(),
            constructed: false,
            votes: LockedVotes::default(),
            proposers: BTreeMap::new(),
            emergency: EmergencyTeam::deployed([], 0),
            executive: ExecutiveTeam::deployed([], 0),
            executed: BTreeMap::new(),
            governance_token: ALEX.into(),
            names: Vec::new(),
            changed: false,
        };
        dao.bootstrap();
        dao
    }

    /// As before the bootstrap proposal, for a scenario that runs it.
    pub fn deconstruct(&mut self) {
        *self = Self { extensions: BTreeMap::new(), constructed: false, ..Self::new() };
        self.emergency.members.clear();
        self.executive.members.clear();
    }

    /// What the repository's bootstrap does: one signal is enough, and the executives never lapse.
    fn bootstrap(&mut self) {
        for extension in [ALEX, VOTING, EMERGENCY, EXECUTIVE] {
            self.extensions.insert(extension.into(), true);
        }
        let member = self.id("emergency_team");
        self.emergency.members.insert(member);
        self.executive.members.insert(member);
        self.executive.signals_required = 1;
        self.executive.sunset = u64::MAX;
        self.constructed = true;
    }

    pub fn is_extension(contract: &str) -> bool {
        ["executor-dao", &VOTING[1..], &EMERGENCY[1..], &EXECUTIVE[1..]].contains(&contract)
    }

    fn id(&mut self, name: &str) -> u32 {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        index as u32
    }

    fn motion(&mut self, name: &str) -> MotionId {
        MotionId(self.id(name))
    }

    fn enabled(&self, extension: &str) -> bool {
        self.extensions.get(extension).copied().unwrap_or(false)
    }

    /// Whether the proposal itself runs through: of known ones that is known, of others it is as the vector says.
    fn runs(call: &Call<'_>, proposal: &str) -> Result<(), Stopped> {
        let runs = [BOOTSTRAP, KILL_EXECUTIVE].contains(&proposal);
        match call.failure() {
            _ if SALES.contains(&proposal) => Err(Stopped::Proposal(1000)),
            Some(code) if !runs && !OF_THE_DAO.contains(&code) => Err(Stopped::Proposal(code)),
            _ => Ok(()),
        }
    }

    fn play(&mut self, proposal: &str, height: u64) {
        let motion = self.motion(proposal);
        self.executed.insert(motion, height);
        match proposal {
            BOOTSTRAP => self.bootstrap(),
            KILL_EXECUTIVE => {
                self.extensions.insert(EXECUTIVE.into(), false);
            }
            _ => self.changed = true,
        }
    }

    /// Sets what a step shows, where an unknown proposal may have changed it.
    fn learn(&mut self, call: &Call<'_>) -> Outcome {
        let Some(shown) = call.value().as_bool().filter(|_| self.changed) else { return Ok(()) };
        let name = call.name(0)?;
        let member = self.id(&name);
        let team = match call.function {
            "is-extension" => {
                self.extensions.insert(name, shown);
                return Ok(());
            }
            "is-emergency-team-member" => &mut self.emergency.members,
            "is-executive-team-member" => &mut self.executive.members,
            _ => return Ok(()),
        };
        if shown {
            team.insert(member);
        } else {
            team.remove(&member);
        }
        Ok(())
    }

    pub fn call(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        self.learn(call)?;
        let executed = self.executed.len();
        let answered = match call.contract.as_str() {
            "executor-dao" => self.core(call),
            contract if contract == &VOTING[1..] => self.voting(call, ledger),
            contract if contract == &EMERGENCY[1..] => self.emergency(call),
            _ => self.executive(call),
        };
        if self.changed && self.executed.len() > executed {
            // It may have minted, too.
            ledger.forget_openings();
        }
        answered
    }

    fn core(&mut self, call: &Call<'_>) -> Answered {
        match call.function {
            "is-extension" => bare(Data::Bool(self.enabled(&call.name(0)?))),
            "executed-at" => {
                let motion = self.motion(&call.name(0)?);
                bare(Data::optional(self.executed.get(&motion).copied().map(Data::plain)))
            }
            "construct" => {
                if self.constructed || call.sender != "deployer" {
                    return refused(1000);
                }
                let proposal = call.name(0)?;
                Self::runs(call, &proposal).map_err(Stopped::failure)?;
                self.constructed = true;
                self.play(&proposal, call.height);
                let motion = self.motion(&proposal);
                let once = self.votes.execute(motion, || Ok::<(), DaoRefusal>(()));
                once.map_err(failure)?;
                done()
            }
            // Only the DAO itself and its extensions may, and no wallet is either.
            "set-extension" | "set-extensions" | "execute" => refused(1000),
            "request-extension-callback" => refused(1002),
            _ => call.unknown(),
        }
    }

    /// Passes a refusal where the voting contract is switched off for those who would use it.
    fn needs(&self, extension: &str, code: u32) -> Fixed<()> {
        if self.enabled(extension) { Ok(()) } else { Err(Failure::Code(code)) }
    }

    fn voting(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        match call.function {
            "vote" => {
                let (amount, support) = (call.number(0)?, call.flag(1)?);
                self.vote(call, ledger, (amount, support, &call.name(2)?, &call.name(3)?))?;
                done()
            }
            "conclude" => {
                let proposal = call.name(0)?;
                let motion = self.motion(&proposal);
                let allowed = self.enabled(VOTING);
                let passed = self.votes.conclude(motion, call.height, || {
                    if allowed { Self::runs(call, &proposal) } else { Err(Stopped::Proposal(1000)) }
                });
                let passed = passed.map_err(Stopped::failure)?;
                if passed {
                    self.play(&proposal, call.height);
                }
                ok(Data::Bool(passed))
            }
            "reclaim-votes" => {
                self.reclaim(call, ledger, &call.name(0)?, &call.name(1)?)?;
                done()
            }
            "reclaim-and-vote" => {
                let (amount, support) = (call.number(0)?, call.flag(1)?);
                let (proposal, from, token) = (call.name(2)?, call.name(3)?, call.name(4)?);
                self.reclaim(call, ledger, &from, &token)?;
                self.vote(call, ledger, (amount, support, &proposal, &token))?;
                done()
            }
            "get-proposal-data" => {
                let motion = self.motion(&call.name(0)?);
                let proposer = self.proposers.get(&motion).cloned().unwrap_or_default();
                let record = self.votes.get(motion).map(|vote| {
                    Data::Tuple(vec![
                        ("votes-for", Data::atoms(vote.votes_for)),
                        ("votes-against", Data::atoms(vote.votes_against)),
                        ("start-block-height", Data::plain(vote.start)),
                        ("end-block-height", Data::plain(vote.end)),
                        ("concluded", Data::Bool(vote.concluded.is_some())),
                        ("passed", Data::Bool(vote.concluded == Some(true))),
                        ("proposer", Data::Name(proposer)),
                    ])
                });
                bare(Data::optional(record))
            }
            "get-current-total-votes" => {
                let (motion, voter) = (self.motion(&call.name(0)?), self.id(&call.name(1)?));
                let ours = call.args.len() < 3 || call.name(2)? == self.governance_token;
                let locked =
                    self.votes.get(motion).filter(|_| ours).map_or(0, |vote| units(vote.locked_by(voter)));
                bare(Data::Units(locked))
            }
            "get-governance-token" => bare(Data::Name(self.governance_token.clone())),
            "add-proposal" | "set-governance-token" | "is-dao-or-extension" => refused(3000),
            "callback" => done(),
            _ => call.unknown(),
        }
    }

    fn vote(
        &mut self,
        call: &Call<'_>,
        ledger: &mut Tokens,
        (amount, support, proposal, token): (u128, bool, &str, &str),
    ) -> Played<()> {
        let (motion, voter) = (self.motion(proposal), self.id(&call.sender));
        if self.votes.get(motion).is_some() && token != self.governance_token {
            return Err(Failure::Code(3001).into());
        }
        if let Err(refusal) = self.votes.vote(motion, voter, call.height, support, atoms(amount)?) {
            return Err(failure(refusal).into());
        }
        if let Err(off) = self.needs(VOTING, 3000) {
            return Err(off.into());
        }
        // Taken out to see that it is there, and put back locked: it stays part of balance and supply.
        if let Err(short) = ledger.burn(call, token, &call.sender, amount) {
            return Err(short.into());
        }
        ledger.credit(token, &call.sender, amount);
        *ledger.locked.entry((token.to_owned(), call.sender.clone())).or_default() += amount;
        Ok(())
    }

    fn reclaim(&mut self, call: &Call<'_>, ledger: &mut Tokens, proposal: &str, token: &str) -> Played<()> {
        let (motion, voter) = (self.motion(proposal), self.id(&call.sender));
        if self.votes.get(motion).is_some() && token != self.governance_token {
            return Err(Failure::Code(3008).into());
        }
        let freed = match self.votes.reclaim(motion, voter) {
            Ok(freed) => units(freed),
            Err(refusal) => return Err(failure(refusal).into()),
        };
        if let Err(off) = self.needs(VOTING, 3000) {
            return Err(off.into());
        }
        let locked = ledger.locked.entry((token.to_owned(), call.sender.clone())).or_default();
        *locked = locked.checked_sub(freed).ok_or("more is freed than was locked")?;
        Ok(())
    }

    fn emergency(&mut self, call: &Call<'_>) -> Answered {
        match call.function {
            "is-emergency-team-member" => {
                let member = self.id(&call.name(0)?);
                bare(Data::Bool(self.emergency.members.contains(&member)))
            }
            "emergency-propose" => {
                let proposal = call.name(0)?;
                let (motion, member) = (self.motion(&proposal), self.id(&call.sender));
                // How long deployment took is known only when the sunset is that near; a proposal may have moved it.
                let late = EMERGENCY_SUNSET_BLOCKS..EMERGENCY_SUNSET_BLOCKS + DEPLOYMENT_BLOCKS;
                let moved = self.changed && call.height >= self.emergency.sunset;
                if (moved || late.contains(&call.height)) && !call.has_failed() {
                    self.emergency.sunset = call.height + 1;
                }
                let mut votes = self.votes.clone();
                let proposed = self.emergency.propose(&mut votes, motion, member, call.height);
                if !matches!(proposed, Err(DaoRefusal::NotMember | DaoRefusal::SunsetReached { .. })) {
                    self.needs(EMERGENCY, 3000)?;
                }
                proposed.map_err(failure)?;
                let ends = votes.get(motion).map(|vote| vote.end - vote.start);
                if ends != Some(EMERGENCY_DURATION_BLOCKS) {
                    return Err(format!("a vote of {ends:?} blocks").into());
                }
                self.votes = votes;
                self.proposers.insert(motion, call.sender.clone());
                done()
            }
            "set-emergency-proposal-duration"
            | "set-emergency-team-sunset-height"
            | "set-emergency-team-member"
            | "is-dao-or-extension" => refused(3000),
            "callback" => done(),
            _ => call.unknown(),
        }
    }

    fn executive(&mut self, call: &Call<'_>) -> Answered {
        match call.function {
            "is-executive-team-member" => {
                let member = self.id(&call.name(0)?);
                bare(Data::Bool(self.executive.members.contains(&member)))
            }
            "has-signalled" => {
                let (motion, member) = (self.motion(&call.name(0)?), self.id(&call.name(1)?));
                bare(Data::Bool(self.executive.has_signalled(motion, member)))
            }
            "get-signals-required" => bare(Data::plain(self.executive.signals_required)),
            "get-signals" => {
                let motion = self.motion(&call.name(0)?);
                bare(Data::plain(self.executive.signals(motion)))
            }
            "executive-action" => {
                let proposal = call.name(0)?;
                let (motion, member) = (self.motion(&proposal), self.id(&call.sender));
                let before = self.votes.is_executed(motion);
                let allowed = self.enabled(EXECUTIVE);
                let (team, votes) = (&mut self.executive, &mut self.votes);
                // Switched off, it may not execute at all: the core asks that first.
                let enough = team.members.contains(&member)
                    && team.signals(motion) + u32::from(!team.has_signalled(motion, member))
                        >= team.signals_required;
                if enough && call.height < team.sunset && !allowed {
                    return refused(1000);
                }
                let signals = team.signal(votes, motion, member, call.height, || Self::runs(call, &proposal));
                let signals = signals.map_err(Stopped::failure)?;
                if !before && self.votes.is_executed(motion) {
                    self.play(&proposal, call.height);
                }
                ok(Data::plain(signals))
            }
            "set-executive-team-sunset-height"
            | "set-executive-team-member"
            | "set-signals-required"
            | "is-dao-or-extension" => refused(3000),
            "callback" => done(),
            _ => call.unknown(),
        }
    }
}
