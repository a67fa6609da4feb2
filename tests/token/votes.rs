//! What people propose about the reserve, and what an attacker takes out of it.

use ballast::agents::Directory;
use ballast::experiment::config::Experiment;
use ballast::experiment::world;
use ballast::protocol::governance::{Measure, MeasureError, Purpose};
use ballast::quantity::{Amount, Tick};
use ballast::world::ledger::AccountId;
use ballast::world::phase::run_tick;

use crate::common::{market, read};
use crate::place::{GOV, Place, UNIT, USD};

/// A crowd that holds tokens and does nothing, and whoever else there is.
fn experiment(rules: &str, reserve: &str, others: &str) -> Experiment {
    read(&format!(
        "(
            name: \"votes\", horizon_days: 30, exchange: (half_spread_bps: 0, impact_bps: 0),
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
            governance: (initial_price_usd: 0.02, {rules},
                allocation: (foundation: 0.05, distributed: 0.45, community: 0.5)),
            pools: [(name: \"gov_usd\", base: \"GOV\", fee_bps: 30, initial_value_usd: 800000)],
            reserve: {reserve},
            populations: [
                (profile: \"noise_trader\", name: \"crowd\", count: 7, agent: NoiseTrader(
                    activity_per_day: 0, pool: \"gov_usd\", largest_trade_share: 0,
                    endowment: (wealth_usd: 100000, holdings: {{\"GOV\": 0.5, \"USD\": 0.5}}),
                )),
                {others}
            ],
        )"
    ))
}

const QUICK: &str = "profile: Plain, rules: (quorum_share: 0.002, voting_hours: 24, timelock_hours: 24,
    cooldown_hours: 0, most_open: 4, proposal_threshold_share: 0.0001)";

/// Three who notice everything and would give half of what they own for a full reserve.
fn voters(wealth_usd: u32) -> String {
    format!(
        "(profile: \"voter\", count: 3, agent: Voter(activity_per_day: 96,
            endowment: (wealth_usd: {wealth_usd}, holdings: {{\"GOV\": 0.5, \"USD\": 0.5}}),
            civic: (civic_weight: 0.5, turnout_cost_share: 0.0001, attention_probability: 1))),"
    )
}

fn attacker(bribe_share: f64) -> String {
    format!(
        "(profile: \"attacker\", count: 1, agent: Attacker(activity_per_day: 96,
            endowment: (wealth_usd: 1000000, holdings: {{\"USD\": 1}}), cash: \"USD\", min_profit_usd: 10000,
            margin_share: 0.25, purchase_share: 0.2, bribe_share: {bribe_share},
            vote_price_share: 0.02, slippage_share: 0.02)),"
    )
}

/// Lives through so many days, and shows every tick.
fn live(experiment: &Experiment, days: u32, mut each: impl FnMut(&Place)) -> Place {
    let world = world::build(experiment, &market(experiment, 0), 0, None).unwrap();
    let mut place = Place { world, tick: 0 };
    for tick in 0..24 * days {
        run_tick(&mut place.world, Tick(tick));
        each(&place);
    }
    place
}

/// What was proposed first about the reserve in two days, and its figure.
fn proposed(reserve: &str) -> Option<(String, f64)> {
    let place = live(&experiment(QUICK, reserve, &voters(40_000)), 2, |_| {});
    let proposals = place.events("proposal");
    let about =
        proposals.iter().find(|note| ["issue", "buy_back"].iter().any(|name| note.subject.contains(name)))?;
    Some((about.subject.split_once(' ')?.1.to_owned(), about.value?))
}

#[test]
fn people_fill_the_reserve_and_give_back_what_is_over() {
    // 100,000 dollars at two cents, and half as many tokens again as that takes.
    let short = proposed("(initial: {\"USD\": 100000}, target_usd: 200000)").unwrap();
    assert_eq!(short.0, "issue_for_reserve");
    assert!((short.1 / (7_500_000.0 * UNIT as f64) - 1.0).abs() < 0.01, "{}", short.1);
    // A tenth of all tokens is the most that one vote may issue.
    let empty = proposed("(initial: {\"USD\": 100}, target_usd: 900000000)");
    assert_eq!(empty, Some(("issue_for_reserve".into(), 1e8 * UNIT as f64)));
    let over = proposed("(initial: {\"USD\": 130000}, target_usd: 120000)");
    assert_eq!(over, Some(("buy_back".into(), 10_000.0 * UNIT as f64)));
    let far_over = proposed("(initial: {\"USD\": 200000}, target_usd: 120000)");
    assert_eq!(
        far_over,
        Some(("buy_back".into(), 50_000.0 * UNIT as f64)),
        "a quarter of the reserve at once"
    );
    assert_eq!(proposed("(initial: {\"USD\": 121000}, target_usd: 120000)"), None, "crumbs");
}

/// The accounts of a population.
fn first_of(place: &Place, profile: &str) -> AccountId {
    let populations = place.world.resource::<Directory>().populations();
    populations.iter().find(|population| population.profile == profile).unwrap().first
}

/// It buys, proposes, votes on its own proposal alone, is paid, and sells.
#[test]
fn an_attacker_takes_what_one_vote_may_take() {
    let rules = experiment(
        QUICK,
        "(initial: {\"USD\": 2000000}, target_usd: 1900000)",
        &(voters(500) + &attacker(0.0)),
    );
    let mut elsewhere = 0;
    let place = live(&rules, 14, |place| {
        let attacker = first_of(place, "attacker");
        let open = place.venues().governance().unwrap().open();
        let others = open.iter().filter(|poll| poll.ballot.proposer != attacker);
        elsewhere += others.filter(|poll| poll.roll.get(attacker).is_some()).count();
    });
    let attacker = first_of(&place, "attacker");
    let enacted = place.events("enacted");
    let robberies: Vec<_> = enacted.iter().filter(|note| note.agent == Some(attacker)).collect();
    assert!(robberies.iter().all(|note| note.subject.contains("spend")), "{robberies:?}");
    // A quarter of two millions, and then of what is left; less what its tokens lost.
    let taken: Vec<f64> = robberies.iter().filter_map(|note| note.value).collect();
    assert_eq!(taken.first(), Some(&(500_000.0 * UNIT as f64)));
    assert!(taken.windows(2).all(|pair| pair[1] < pair[0]), "{taken:?}");
    let made = (place.held(attacker, USD) - 1_000_000 * UNIT) as f64 / taken.iter().sum::<f64>();
    assert!((0.8..1.0).contains(&made), "{made}");
    assert_eq!(elsewhere, 0);
}

/// It offers two hundredths of the price for half of the tokens that are expected to vote, less those that it must hold to
/// propose, and a quarter more.
#[test]
fn an_attacker_offers_for_the_votes_it_expects() {
    let experiment = experiment(QUICK, "(initial: {\"USD\": 2000000})", &attacker(0.1));
    let mut seen = None;
    live(&experiment, 5, |place| {
        let open = place.venues().governance().unwrap().open();
        seen = seen.or(open.first().and_then(|poll| poll.ballot.bribe));
    });
    let bribe = seen.unwrap();
    // Two millions make the quorum, a hundred thousand may propose. What it has bought has raised the price by half a per cent.
    let votes = 1.25 * (0.5 * 2_100_000.0 - 100_000.0);
    let offered = bribe.left.atoms() as f64 / UNIT as f64;
    assert!(bribe.support && (offered / (votes * 0.0004) - 1.0).abs() < 0.02, "{offered}");
    assert!((bribe.rate / 0.0004 - 1.0).abs() < 0.02, "{}", bribe.rate);
}

/// Where tokens stay locked until they are asked for, it asks.
#[test]
fn an_attacker_gets_its_tokens_back() {
    let rules = "profile: Contract, rules: (voting_hours: 24, proposal_threshold_share: 0.002)";
    let place = live(&experiment(rules, "(initial: {\"USD\": 2000000})", &attacker(0.0)), 20, |_| {});
    let attacker = first_of(&place, "attacker");
    assert!(place.events("enacted").iter().any(|note| note.agent == Some(attacker)));
    assert_eq!(place.venues().governance().unwrap().reclaimable(attacker).atoms(), 0);
    assert!(place.held(attacker, GOV) < 2_500_000 * UNIT / 2, "it sells");
}

/// One program at a time, whichever way it moves the market.
#[test]
fn nothing_is_sold_or_bought_by_vote_while_a_program_goes_on() {
    let issue = Measure::Issue { tokens: Amount::from_atoms(UNIT), hours: 24, purpose: Purpose::Reserve };
    let buy = Measure::BuyBack { cash: Amount::from_atoms(UNIT), hours: 24 };
    let new = || Place::new(&experiment(QUICK, "(initial: {\"USD\": 2000000})", ""));
    let can =
        |place: &Place| [issue, buy].map(|measure| place.venues().check_measure(place.ledger(), &measure, 0));
    assert_eq!(can(&new()), [Ok(()); 2]);
    let mut buying = new();
    buying.buy_back(1_000, 24.0);
    assert_eq!(can(&buying), [Err(MeasureError::Busy); 2]);
    let mut selling = new();
    selling.sell(1_000, Purpose::Reserve, 24.0);
    assert_eq!(can(&selling), [Err(MeasureError::Busy); 2]);
}

/// A team of voters stops a treasury in stress for a day, and again when the day is over; never while it is stopped.
#[test]
fn a_team_does_not_pause_what_is_paused() {
    let experiment = read(&format!(
        "(
            name: \"pause\", horizon_days: 4, exchange: (half_spread_bps: 0, impact_bps: 0),
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
            fx: (profile: WhitepaperV1, under_collateral: BetaOne, initial_collateral: 1000, initial_collateral_ratio: 1.2),
            governance: (initial_price_usd: 0.02, allocation: (foundation: 0.5, distributed: 0.5),
                team: (population: \"voter\", members: 3, signals: 3), phases: (first: Genesis)),
            pools: [(name: \"gov\", base: \"GOV\", fee_bps: 30, initial_value_usd: 800000)],
            populations: [{}],
        )",
        voters(10_000)
    ));
    let place = live(&experiment, 4, |_| {});
    let stopped: Vec<u32> = place.events("executed").iter().map(|note| note.tick.0).collect();
    assert!(stopped.len() >= 3, "{stopped:?}");
    assert!(stopped.windows(2).all(|pair| pair[1] - pair[0] >= 24), "{stopped:?}");
}
