//! What voters send: each poll is looked at once, followers leave it to their delegate, offers count for their side, and
//! members of a team veto harm and join each other's calls.

use ballast::agents::voter::Voter;
use ballast::protocol::governance::{Locking, Phase, Powers, Readiness, Rules};
use ballast::quantity::Tick;
use ballast::venue::execute::Receipts;
use ballast::venue::governance::{GovernAction, Governance, Health, PhaseRules, Team, Which};
use ballast::venue::{Action, Mempool, Venues};
use ballast::world::ledger::Ledger;
use ballast::world::notes::Notes;
use ballast::world::phase;
use bevy_ecs::prelude::*;

use crate::bench::*;
use crate::world::{VOTER, world, world_of_busy_people};

/// A world, and its next tick.
struct Town {
    world: World,
    tick: u32,
}

impl Town {
    fn new(rules: Rules, change: impl FnOnce(&mut Governance), voters: [Voter; 6]) -> Self {
        Self::built(world, rules, change, voters)
    }

    fn built(
        build: fn(Venues, [Voter; 6]) -> World,
        rules: Rules,
        change: impl FnOnce(&mut Governance),
        voters: [Voter; 6],
    ) -> Self {
        let mut governance = Governance::new(rules, TOKEN, ESCROW).unwrap();
        change(&mut governance);
        Self { world: build(venues().governed_by(governance), voters), tick: 0 }
    }

    /// Somebody sends a transaction, which nobody sees before the next tick.
    fn send(&mut self, who: usize, actions: &[GovernAction]) {
        let actions: Vec<Action> = actions.iter().map(|action| Action::Govern(*action)).collect();
        self.world.resource_mut::<Mempool>().submit(holder_account(who), &actions);
        self.ticks(1);
    }

    fn ticks(&mut self, ticks: u32) {
        for _ in 0..ticks {
            phase::run_tick(&mut self.world, Tick(self.tick));
            self.tick += 1;
        }
    }

    fn venues(&self) -> &Venues {
        self.world.resource()
    }

    fn governance(&self) -> &Governance {
        self.venues().governance().unwrap()
    }

    /// Transactions that went through, and those that were refused.
    fn sent(&self) -> (u64, u64) {
        let receipts = self.world.resource::<Receipts>();
        (receipts.succeeded(), receipts.refused())
    }

    /// Votes for and against in the poll on a proposal.
    fn tally(&self, number: u32) -> (i64, i64) {
        let proposal = self.governance().poll(Which::Number(number)).unwrap().ballot.proposal;
        (proposal.power_for.atoms(), proposal.power_against.atoms())
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.world.resource::<Notes>().all().iter().map(|note| note.kind).collect()
    }
}

const TWO: Rules = Rules { most_open: 2, cooldown_hours: 0.0, quorum_share: 0.0, ..RULES };

/// All six would delegate to the first; the second is of the team.
#[test]
fn a_delegate_votes_once_for_those_who_follow_it() {
    let eager = Voter { delegation_probability: 1.0, ..VOTER };
    let change = |governance: &mut Governance| {
        governance.nominate(vec![holder_account(0)]);
        governance.appoint(Team::new(vec![holder_account(1)], 1));
    };
    let mut town = Town::new(TWO, change, [eager; 6]);
    town.send(0, &[propose(FEE, 80.0)]);
    town.ticks(4);
    let follows = |who| town.governance().citizens().get(holder_account(who)).delegate();
    assert_eq!([0, 1].map(follows), [None; 2], "nobody follows itself, and a member keeps its votes");
    assert_eq!([2, 3, 4, 5].map(follows), [Some(holder_account(0)); 4]);
    // Off its default a fee is a nuisance: all are against.
    let before = town.sent();
    town.send(0, &[propose(FEE, 81.0)]);
    town.ticks(1);
    assert_eq!(town.tally(2), (0, 505));
    assert_eq!(town.sent(), (before.0 + 3, before.1), "the proposal, and two votes for six");
    town.send(0, &[propose(REBATE, 0.1)]);
    town.ticks(2);
    assert_eq!(town.tally(3), (0, 505));
    assert_eq!(town.sent(), (before.0 + 6, before.1), "nobody votes again on the first");
}

/// Whether voting is all that people do or not, they do the same about it: what differs is how they are found.
#[test]
fn people_vote_alike_beside_something_else() {
    let inattentive = Voter { attention_probability: 0.3, ..VOTER };
    let indifferent = Voter { turnout_cost_share: 0.004, ..inattentive };
    let eager = Voter { attention_probability: 0.7, delegation_probability: 0.5, ..VOTER };
    let voters = [VOTER, inattentive, indifferent, eager, eager, VOTER];
    let rules = Rules { voting_hours: 9.0, proposal_threshold_share: 0.0, ..TWO };
    let change = |governance: &mut Governance| {
        governance.nominate(vec![holder_account(0), holder_account(1)]);
        team(Phase::Genesis, Powers::article, vec![2])(governance);
    };
    let told = |build| {
        let mut town = Town::built(build, rules, change, voters);
        for deviation in [-0.05, -0.012, 0.0, -0.3] {
            town.world.resource_mut::<Health>().peg_deviation = Some(deviation);
            town.ticks(25);
        }
        let notes = town.world.resource::<Notes>().all().iter();
        let notes: Vec<String> = notes.map(|note| format!("{note:?}")).collect();
        (town.sent(), town.governance().citizens().delegations(), notes)
    };
    let (only, beside) = (told(world), told(world_of_busy_people));
    assert!(only.0.0 > 30 && only.1 > 0 && only.2.len() > 10, "enough has happened");
    let unlike = only.2.iter().zip(&beside.2).find(|(one, other)| one != other);
    assert!(only == beside, "{:?} and {:?} sent; {unlike:#?}", only.0, beside.0);
}

/// It has looked at the poll and could not vote: tokens that come later vote on the next one.
#[test]
fn who_holds_nothing_when_it_looks_does_not_come_back_to_the_poll() {
    for build in [world, world_of_busy_people] {
        let mut town = Town::built(build, TWO, |_| {}, [VOTER; 6]);
        let change = |town: &mut Town, issue: fn(&mut Ledger)| {
            let mut ledger = town.world.resource_mut::<Ledger>();
            issue(&mut ledger);
            ledger.commit();
        };
        change(&mut town, |ledger| ledger.burn(ISSUER, holder_account(4), TOKEN, atoms(100)).unwrap());
        town.send(0, &[propose(FEE, 80.0)]);
        town.ticks(1);
        change(&mut town, |ledger| ledger.mint(ISSUER, holder_account(4), TOKEN, atoms(100)).unwrap());
        town.ticks(1);
        let cast = |town: &Town, number| town.tally(number).0 + town.tally(number).1;
        assert_eq!(cast(&town, 1), 405, "all but one");
        town.send(0, &[propose(REBATE, 0.1)]);
        town.ticks(1);
        assert_eq!(cast(&town, 2), 505);
    }
}

/// Somebody who has never held a token has no votes of its own, but those of its followers, and its right as a member.
#[test]
fn who_has_never_held_anything_still_leads_and_guards() {
    // Nobody looks for anything but the poll.
    const ONE: Rules = Rules { most_open: 1, ..TWO };
    let poor = |build, change: &dyn Fn(&mut Governance)| {
        let follower = Voter { delegation_probability: 1.0, ..VOTER };
        let mut town = Town::built(build, ONE, change, [VOTER, VOTER, VOTER, VOTER, follower, follower]);
        let mut ledger = town.world.resource_mut::<Ledger>();
        for who in [2, 3] {
            ledger.burn(ISSUER, holder_account(who), TOKEN, atoms(100)).unwrap();
        }
        ledger.commit();
        ledger.watch(TOKEN);
        town
    };
    for build in [world, world_of_busy_people] {
        let mut town = poor(build, &|governance| governance.nominate(vec![holder_account(3)]));
        town.send(0, &[propose(FEE, 80.0)]);
        town.ticks(4);
        assert_eq!(town.governance().citizens().followers(holder_account(3)).len(), 2);
        town.send(0, &[propose(REBATE, 0.1)]);
        town.ticks(1);
        assert_eq!(town.tally(2), (0, 305), "two who hold tokens, and a delegate for two more");
        let mut town = poor(build, &team(Phase::Genesis, Powers::article, vec![2]));
        town.send(0, &[propose(FEE, 80.0)]);
        town.ticks(2);
        assert_eq!(town.kinds(), ["proposal", "vetoed"]);
    }
}

#[test]
fn nobody_delegates_who_is_not_inclined_to() {
    let change = |governance: &mut Governance| governance.nominate(vec![holder_account(0)]);
    let mut town = Town::new(TWO, change, [VOTER; 6]);
    town.send(0, &[propose(FEE, 80.0)]);
    town.ticks(2);
    assert_eq!((town.governance().citizens().delegations(), town.tally(1).1), (0, 500));
}

/// Where every vote takes tokens of its own, the oldest poll gets them.
#[test]
fn a_token_is_sent_to_one_poll_only() {
    let mut town = Town::new(Rules { locking: Locking::EachVote, ..TWO }, |_| {}, [VOTER; 6]);
    town.send(0, &[propose(FEE, 80.0), propose(REBATE, 0.1)]);
    town.ticks(1);
    assert_eq!((town.tally(1).1, town.tally(2), town.sent().1), (500, (0, 0), 0));
}

/// A fifth of what they own for a vote that costs them a twentieth.
#[test]
fn an_offer_counts_for_its_side() {
    for support in [true, false] {
        let rules = Rules { proposal_threshold_share: 0.0, ..TWO };
        let mut town = Town::new(rules, |_| {}, [VOTER; 6]);
        let (ballot, cash) = (Which::Newest, atoms(900_000_000));
        let offer = GovernAction::OfferBribe { ballot, support, cash, rate: 2e6 };
        town.send(5, &[propose(FEE, 80.0), offer]);
        town.ticks(1);
        let (power_for, power_against) = town.tally(1);
        let (with, against) = if support { (power_for, power_against) } else { (power_against, power_for) };
        assert!(with >= 500 && against <= 5, "{power_for} for, {power_against} against");
    }
}

fn team(first: Phase, powers: fn(Phase) -> Powers, members: Vec<usize>) -> impl Fn(&mut Governance) {
    let phases = PhaseRules {
        first,
        powers: [Phase::Foundation, Phase::Genesis, Phase::Dao].map(powers),
        // Nobody thinks of the next phase.
        readiness: [Readiness { days: 1_000.0, ..Readiness::default() }; 2],
    };
    move |governance| {
        let needed = members.len() as u32;
        governance.appoint(Team::new(members.iter().map(|member| holder_account(*member)).collect(), needed));
        *governance = governance.clone().with_phases(phases);
    }
}

#[test]
fn a_member_vetoes_harm_and_lets_help_pass() {
    let mut town = Town::new(TWO, team(Phase::Genesis, Powers::article, vec![0]), [VOTER; 6]);
    town.world.resource_mut::<Health>().peg_deviation = Some(-0.05);
    town.ticks(7);
    assert_eq!(town.venues().parameter_value(FEE), Some(25.0));
    assert!(!town.kinds().contains(&"vetoed"));
    let mut town = Town::new(TWO, team(Phase::Genesis, Powers::article, vec![0]), [VOTER; 6]);
    town.send(0, &[propose(FEE, 80.0)]);
    town.ticks(2);
    assert_eq!(town.kinds(), ["proposal", "vetoed"]);
}

/// Two members with steps of their own would never call for the same.
#[test]
fn members_join_the_call_that_was_made_first() {
    let mut voters = [VOTER; 6];
    voters[1].step_share = 0.1;
    let mut town = Town::new(TWO, team(Phase::Genesis, Powers::contract, vec![0, 1]), voters);
    town.world.resource_mut::<Health>().peg_deviation = Some(-0.05);
    town.ticks(1);
    assert_eq!(town.governance().team().measures_called().count(), 2);
    town.ticks(1);
    assert!(town.governance().outcomes().executed > 0);
}
