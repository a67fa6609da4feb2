//! What an attacker does about what it sees.

use super::{Attacker, Step};
use crate::protocol::governance::{Outlay, Way};

/// What an attacker sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Dollars that one vote can take.
    pub value_usd: f64,
    /// Tokens that carry the vote, and a margin; `None` where nobody could carry it.
    pub wanted: Option<f64>,
    /// The cheapest way to the votes it lacks that it can pay for.
    pub way: Option<Outlay>,
    /// Tokens it has, in its wallet and locked, borrowed ones included.
    pub tokens: f64,
    /// What they are worth, dollars.
    pub tokens_usd: f64,
    /// Those in its wallet.
    pub wallet: f64,
    /// Tokens it owes.
    pub owed: f64,
    /// Tokens that it can borrow: as many as lie at the desk and as its dollars cover.
    pub lendable: f64,
    /// Tokens that a proposer must hold.
    pub threshold: f64,
    /// Dollars it has.
    pub cash_usd: f64,
    /// Whether its own proposal is being decided, where it has one; if not, it has passed and waits.
    pub own_proposal: Option<bool>,
    /// A proposal could be made by somebody with the tokens, and none like it is under way.
    pub may_propose: bool,
}

/// What an attacker does next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Move {
    /// Nothing.
    Wait,
    /// Buy tokens, up to this many.
    Buy(f64),
    /// Borrow this many tokens.
    Borrow(f64),
    /// Propose that the reserve pays it.
    Propose,
    /// Vote where it has not.
    Vote,
    /// Return what it has borrowed.
    Return,
    /// Sell tokens.
    Sell,
}

/// Dollars below which an attacker counts its money as spent, and its tokens as sold.
const CRUMBS_USD: f64 = 10.0;

/// What an attacker does about what it sees; goes on to its next step on the way.
#[must_use]
pub fn choose(sight: &Sight, attacker: &mut Attacker) -> Move {
    match attacker.step {
        Step::Watch => watch(sight, attacker),
        Step::Acquire => acquire(sight, attacker),
        Step::Strike => match sight.own_proposal {
            Some(true) => Move::Vote,
            // Nobody needs votes any more while it waits for the money.
            Some(false) => repay(sight).unwrap_or(Move::Wait),
            None => {
                attacker.step = Step::Leave;
                leave(sight, attacker)
            }
        },
        Step::Leave => leave(sight, attacker),
    }
}

fn watch(sight: &Sight, attacker: &mut Attacker) -> Move {
    if let Some(outlay) = paying(sight, attacker) {
        attacker.way = outlay.way;
        attacker.step = Step::Acquire;
    }
    Move::Wait
}

/// The way it would go, where that brings as much as it demands.
fn paying(sight: &Sight, attacker: &Attacker) -> Option<Outlay> {
    sight.way.filter(|outlay| sight.value_usd - outlay.cost_usd > attacker.min_profit_usd)
}

fn acquire(sight: &Sight, attacker: &mut Attacker) -> Move {
    let wanted =
        if attacker.way == Way::Bribe { sight.wanted.map(|_| sight.threshold) } else { sight.wanted };
    if wanted.is_some_and(|wanted| sight.tokens >= wanted) {
        if !sight.may_propose {
            return Move::Wait;
        }
        attacker.step = Step::Strike;
        return Move::Propose;
    }
    // What is spent is spent: it goes on for as long as what it still lacks costs less than can be taken.
    let outlay = paying(sight, attacker);
    let missing = wanted.map(|wanted| wanted - sight.tokens);
    let (Some(outlay), Some(missing)) = (outlay, missing.filter(|_| sight.cash_usd >= CRUMBS_USD)) else {
        attacker.step = Step::Leave;
        return leave(sight, attacker);
    };
    if sight.owed <= 0.0 {
        attacker.way = outlay.way;
    }
    // It buys first what it has to buy: that raises the price, and who owes tokens by then may see its loan settled.
    let borrows = matches!(attacker.way, Way::Borrow | Way::Both) && sight.owed <= 0.0;
    let borrowed = if borrows { sight.lendable } else { 0.0 };
    if missing > borrowed {
        return Move::Buy(missing - borrowed);
    }
    // A loan costs by the day: it is taken when it can be used.
    if sight.may_propose { Move::Borrow(missing) } else { Move::Wait }
}

/// Returns a loan as soon as the tokens are there again.
fn repay(sight: &Sight) -> Option<Move> {
    (sight.owed > 0.0).then_some(if sight.wallet >= sight.owed { Move::Return } else { Move::Wait })
}

fn leave(sight: &Sight, attacker: &mut Attacker) -> Move {
    if let Some(repaying) = repay(sight) {
        return repaying;
    }
    if sight.tokens_usd >= CRUMBS_USD {
        return Move::Sell;
    }
    attacker.step = Step::Watch;
    Move::Wait
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::AssetId;

    fn attacker(step: Step, way: Way) -> Attacker {
        Attacker {
            cash: AssetId(0),
            min_profit_usd: 100.0,
            margin_share: 0.1,
            purchase_share: 0.2,
            bribe_share: 0.0,
            vote_price_share: 0.0,
            slippage_share: 0.01,
            step,
            way,
            polls_seen: 0,
        }
    }

    const SIGHT: Sight = Sight {
        value_usd: 700.0,
        wanted: Some(1_100.0),
        way: Some(Outlay { way: Way::Buy, borrowed: 0.0, cost_usd: 500.0, needed_usd: 1_000.0 }),
        tokens: 0.0,
        tokens_usd: 0.0,
        wallet: 0.0,
        owed: 0.0,
        lendable: 0.0,
        threshold: 50.0,
        cash_usd: 1e4,
        own_proposal: None,
        may_propose: true,
    };

    fn holding(tokens: f64) -> Sight {
        Sight { tokens, tokens_usd: tokens, wallet: tokens, ..SIGHT }
    }

    fn with(way: Way, cost_usd: f64, sight: Sight) -> Sight {
        Sight { way: Some(Outlay { way, borrowed: 0.0, cost_usd, needed_usd: 0.0 }), ..sight }
    }

    fn after(step: Step, way: Way, sight: Sight) -> (Move, Step) {
        let mut attacker = attacker(step, way);
        (choose(&sight, &mut attacker), attacker.step)
    }

    #[test]
    fn it_waits_until_capture_pays_and_buys_what_carries_the_vote() {
        use Step::{Acquire, Strike, Watch};
        let buying = |step, sight| after(step, Way::Buy, sight);
        assert_eq!(buying(Watch, with(Way::Buy, 600.0, SIGHT)), (Move::Wait, Watch));
        assert_eq!(buying(Watch, with(Way::Buy, 599.0, SIGHT)), (Move::Wait, Acquire));
        assert_eq!(buying(Watch, Sight { way: None, ..SIGHT }), (Move::Wait, Watch), "no way it can pay for");
        assert_eq!(buying(Acquire, holding(1_099.0)), (Move::Buy(1.0), Acquire));
        assert_eq!(buying(Acquire, holding(1_100.0)), (Move::Propose, Strike));
        assert_eq!(buying(Acquire, Sight { may_propose: false, ..holding(1_100.0) }), (Move::Wait, Acquire));
        assert_eq!(buying(Acquire, Sight { way: None, ..SIGHT }), (Move::Wait, Watch), "nothing spent yet");
    }

    #[test]
    fn it_gives_up_where_nothing_is_left_to_take_or_to_spend() {
        let buying = |sight| after(Step::Acquire, Way::Buy, sight);
        assert_eq!(buying(Sight { value_usd: 90.0, ..holding(10.0) }), (Move::Sell, Step::Leave));
        // What it still lacks costs too much by now, or more than it has.
        assert_eq!(buying(with(Way::Buy, 600.0, holding(10.0))), (Move::Sell, Step::Leave));
        assert_eq!(buying(Sight { way: None, ..holding(10.0) }), (Move::Sell, Step::Leave));
        assert_eq!(buying(Sight { cash_usd: 5.0, ..holding(10.0) }), (Move::Sell, Step::Leave));
        assert_eq!(buying(Sight { wanted: None, cash_usd: 5.0, ..holding(1e9) }), (Move::Sell, Step::Leave));
    }

    #[test]
    fn it_votes_while_its_proposal_lives_and_then_leaves() {
        let buying = |step, sight| after(step, Way::Buy, sight);
        let own = |deciding| Sight { own_proposal: Some(deciding), ..holding(1_100.0) };
        assert_eq!(buying(Step::Strike, own(true)), (Move::Vote, Step::Strike));
        assert_eq!(buying(Step::Strike, own(false)), (Move::Wait, Step::Strike));
        assert_eq!(buying(Step::Strike, holding(1_100.0)), (Move::Sell, Step::Leave));
        assert_eq!(buying(Step::Leave, holding(11.0)), (Move::Sell, Step::Leave));
        assert_eq!(buying(Step::Leave, holding(9.0)), (Move::Wait, Step::Watch), "crumbs nobody buys");
    }

    #[test]
    fn it_borrows_when_it_can_propose_and_returns_when_the_poll_has_closed() {
        let sight = Sight { lendable: 2_000.0, ..with(Way::Borrow, 5.0, SIGHT) };
        let borrowing = |step, sight| after(step, Way::Borrow, sight);
        assert_eq!(
            borrowing(Step::Acquire, Sight { may_propose: false, ..sight }),
            (Move::Wait, Step::Acquire)
        );
        assert_eq!(borrowing(Step::Acquire, sight), (Move::Borrow(1_100.0), Step::Acquire));
        let held = Sight { tokens: 1_100.0, wallet: 1_100.0, owed: 1_100.0, ..sight };
        assert_eq!(borrowing(Step::Acquire, held), (Move::Propose, Step::Strike));
        let locked = Sight { wallet: 0.0, own_proposal: Some(true), ..held };
        assert_eq!(borrowing(Step::Strike, locked), (Move::Vote, Step::Strike));
        let passed = Sight { own_proposal: Some(false), ..held };
        assert_eq!(borrowing(Step::Strike, passed), (Move::Return, Step::Strike));
        // Whose tokens come back only when called for waits for them.
        assert_eq!(borrowing(Step::Strike, Sight { wallet: 0.0, ..passed }), (Move::Wait, Step::Strike));
        // Rejected: it returns, and never sells what it owes.
        assert_eq!(borrowing(Step::Strike, held), (Move::Return, Step::Leave));
        assert_eq!(borrowing(Step::Leave, Sight { wallet: 0.0, ..held }), (Move::Wait, Step::Leave));
    }

    #[test]
    fn with_too_little_to_borrow_it_buys_the_rest_and_then_borrows() {
        let sight = Sight { lendable: 300.0, ..with(Way::Both, 5.0, SIGHT) };
        let cheaper = after(Step::Acquire, Way::Buy, sight);
        assert_eq!(cheaper, (Move::Buy(800.0), Step::Acquire), "the cheaper way by now");
        let bought = Sight { lendable: 300.0, ..with(Way::Borrow, 5.0, holding(800.0)) };
        assert_eq!(after(Step::Acquire, Way::Both, bought), (Move::Borrow(300.0), Step::Acquire));
        // It has a loan, and needs more than it thought.
        let more = Sight { owed: 300.0, wanted: Some(1_200.0), ..holding(1_100.0) };
        assert_eq!(after(Step::Acquire, Way::Both, more), (Move::Buy(100.0), Step::Acquire));
    }

    #[test]
    fn who_pays_for_votes_holds_what_a_proposer_must() {
        assert_eq!(after(Step::Acquire, Way::Bribe, holding(50.0)), (Move::Propose, Step::Strike));
        let short = with(Way::Bribe, 5.0, holding(49.0));
        assert_eq!(after(Step::Acquire, Way::Bribe, short), (Move::Buy(1.0), Step::Acquire));
    }
}
