use proptest::prelude::*;

use super::*;
use crate::agents::voter::Need;
use crate::agents::voter::situation::Situation;
use crate::protocol::governance::{Holding, Parameter, ParameterId, PauseId, Purpose, Remedy, Sensitivity};
use crate::quantity::{Amount, AssetId};
use crate::venue::governance::Health;

/// Asset 0 is the dollar, 1 the shares of the pool, 2 the token.
const SHARES: u8 = 1;
const TOKEN: AssetId = AssetId(2);

fn voter() -> Voter {
    Voter {
        civic_weight: 0.1,
        turnout_cost_share: 0.001,
        attention_probability: 1.0,
        peg_tolerance_share: 0.01,
        collateral_ratio_target: 1.5,
        step_share: 0.05,
        delegation_probability: 0.0,
        bribe_reluctance_share: 0.01,
    }
}

/// A pool fee: a basis point brings shareholders 0.3 % a year, and loosens the peg.
fn fee(value: f64, default: f64) -> Standing {
    let shares = Holding::Asset(AssetId(SHARES));
    Standing {
        id: ParameterId(0),
        parameter: Parameter {
            name: "pool.fee_bps".into(),
            unit: "bps",
            low: 0.0,
            high: 100.0,
            meaning: "fee",
            sensitivities: vec![Sensitivity { holding: shares, yearly_share_per_unit: 0.003 }],
            remedy: Remedy { peg: -1.0, ..Remedy::default() },
        },
        value,
        default,
        busy: false,
    }
}

/// A redemption fee: nobody holds what it touches, raising it helps the collateral ratio.
fn redemption_fee(value: f64) -> Standing {
    let parameter = Parameter {
        name: "treasury.redeem_fee_bps".into(),
        sensitivities: Vec::new(),
        remedy: Remedy { collateral: 1.0, ..Remedy::default() },
        ..fee(0.0, 0.0).parameter
    };
    Standing { id: ParameterId(1), parameter, value, default: value, busy: false }
}

const CALM: Health = Health {
    collateral_ratio: Some(2.0),
    stress_mode: 0,
    mode_changed: false,
    peg_deviation: Some(0.002),
    missing_usd: 0.0,
};
const NOTHING: Need = Need { peg: 0.0, collateral: 0.0, reserve: 0.0 };
const OFF_PEG: Health = Health { peg_deviation: Some(-0.03), ..CALM };
const THIN: Health = Health { collateral_ratio: Some(1.25), ..CALM };

/// A market worth 1,000 dollars for 100 tokens, 50 dollars in the reserve; atoms are units.
fn situation(health: Health) -> Situation {
    Situation {
        health,
        token: Some(TOKEN),
        market_cap_usd: 1_000.0,
        token_supply: 100.0,
        reserve_usd: 50.0,
        reserve_target_usd: None,
        dollar_atoms: 1.0,
        token_atoms: 1.0,
        claims: None,
    }
}

/// How it votes on giving the parameter a value.
fn on_value(voter: &Voter, standing: &Standing, to: f64, view: View<'_>) -> Choice {
    let measure = Measure::Set { parameter: standing.id, from: standing.value, to };
    voter.vote(voter.appeal(&measure, Some(standing), view), [0.0; 2])
}

/// The parameter it proposes to move, and to where.
fn proposed(voter: &Voter, standings: &[Standing], view: View<'_>) -> Option<(ParameterId, f64)> {
    voter.propose(standings, &[], view)?.target()
}

/// What the voter of the tests sees; a test's few situations outlive it.
fn seen(values: &[f64], situation: Situation) -> View<'_> {
    View::new(&voter(), 7, values, Box::leak(Box::new(situation)))
}

fn view(values: &[f64], health: Health) -> View<'_> {
    seen(values, situation(health))
}

#[test]
fn need_grows_from_the_threshold_and_is_bounded() {
    let need = |health| voter().need(&situation(health));
    assert_eq!(need(CALM), NOTHING);
    assert_eq!(need(OFF_PEG).peg, 1.0);
    // To the single precision in which a voter's numbers are kept.
    assert!((need(Health { peg_deviation: Some(0.015), ..CALM }).peg - 0.5).abs() < 1e-6);
    assert_eq!(need(THIN).collateral, 0.5);
    assert_eq!(need(Health { collateral_ratio: Some(0.2), ..CALM }).collateral, 1.0);
    assert_eq!(need(Health { stress_mode: 1, ..CALM }).collateral, 0.0);
    assert_eq!(need(Health { stress_mode: 2, ..CALM }).collateral, 1.0 / 3.0);
    assert_eq!(need(Health { stress_mode: 4, ..CALM }).collateral, 1.0);
    assert_eq!(need(Health::default()), NOTHING, "nothing known, nothing needed");
    let odd = Health {
        peg_deviation: Some(f64::NAN),
        collateral_ratio: Some(f64::NAN),
        stress_mode: 0,
        mode_changed: false,
        missing_usd: 0.0,
    };
    assert_eq!(need(odd), NOTHING);
}

#[test]
fn a_provider_votes_for_its_fees_and_others_for_the_peg() {
    let provider = [10.0, 90.0, 0.0];
    let holder = [100.0, 0.0, 0.0];
    let vote = |value, values: &[f64]| on_value(&voter(), &fee(30.0, 30.0), value, view(values, OFF_PEG));
    assert_eq!(vote(25.0, &provider), Choice::No, "-5 x 0.3 % x 0.9 outweighs 0.1 x 5 %");
    assert_eq!(vote(25.0, &holder), Choice::Yes);
    assert_eq!(vote(35.0, &provider), Choice::Yes);
    assert_eq!(vote(35.0, &holder), Choice::No);
}

#[test]
fn it_abstains_where_less_is_at_stake_than_voting_costs() {
    let dear = Voter { turnout_cost_share: 0.02, ..voter() };
    assert_eq!(on_value(&dear, &fee(30.0, 30.0), 25.0, view(&[10.0, 90.0, 0.0], OFF_PEG)), Choice::Abstain);
    // In calm, without interest in the fee, a change away from the default is a small nuisance.
    let calm = view(&[100.0, 0.0, 0.0], CALM);
    assert_eq!(on_value(&voter(), &fee(30.0, 30.0), 35.0, calm), Choice::No);
    assert_eq!(on_value(&voter(), &fee(30.0, 30.0), 30.5, calm), Choice::Abstain);
}

#[test]
fn it_proposes_the_remedy_that_health_asks_for() {
    let standings = [fee(30.0, 30.0), redemption_fee(10.0)];
    let propose = |health| proposed(&voter(), &standings, view(&[100.0, 0.0, 0.0], health));
    assert_eq!(propose(OFF_PEG), Some((ParameterId(0), 25.0)), "a step of 5 % of the range down");
    assert_eq!(propose(THIN), Some((ParameterId(1), 15.0)));
    assert_eq!(propose(CALM), None);
    let provider = proposed(&voter(), &standings, view(&[0.0, 100.0, 0.0], OFF_PEG));
    assert_eq!(provider, None, "the remedy would cost it more than it is worth to it");
}

#[test]
fn calm_brings_a_parameter_back_in_steps() {
    let propose = |standing: Standing| proposed(&voter(), &[standing], view(&[100.0, 0.0, 0.0], CALM));
    assert_eq!(propose(fee(15.0, 30.0)), Some((ParameterId(0), 20.0)));
    assert_eq!(propose(fee(27.0, 30.0)), Some((ParameterId(0), 30.0)), "not beyond the default");
    assert_eq!(propose(Standing { busy: true, ..fee(15.0, 30.0) }), None);
}

proptest! {
    /// Whatever it sees, a voter proposes a new value within the bounds that it would itself vote for.
    #[test]
    fn proposals_are_within_bounds_and_voted_for(
        value in 0.0_f64..=100.0, default in 0.0_f64..=100.0, step_share in 0.0_f64..=1.0,
        deviation in proptest::option::of(-1.0_f64..1.0), ratio in proptest::option::of(0.0_f64..5.0),
        mode in 0_u8..5, values in proptest::collection::vec(0.0_f64..1e6, 3),
    ) {
        let voter = Voter { step_share, ..voter() };
        let health = Health { collateral_ratio: ratio, stress_mode: mode, mode_changed: false, peg_deviation: deviation, missing_usd: 0.0 };
        let standings = [fee(value, default), redemption_fee(value)];
        let view = view(&values, health);
        if let Some((id, to)) = proposed(&voter, &standings, view) {
            let standing = &standings[id.index()];
            prop_assert_eq!(standing.parameter.check(to), Ok(()));
            prop_assert_ne!(to, value);
            prop_assert_eq!(on_value(&voter, standing, to, view), Choice::Yes);
        }
        let measure = Measure::Set { parameter: ParameterId(0), from: value, to: default };
        prop_assert!(voter.appeal(&measure, Some(&standings[0]), view).is_finite());
    }
}

#[test]
fn new_tokens_are_welcome_where_they_are_needed_and_to_those_they_rescue() {
    let issue = |purpose| Measure::Issue { tokens: Amount::from_atoms(25), hours: 24, purpose };
    let claims = Some([AssetId(0), AssetId(1)]);
    // Of 125 tokens 25 are new: a holder of tokens alone loses a fifth, a holder of the claims a rescue gains.
    let measure = issue(Purpose::Recapitalise);
    let holder =
        voter().own_effect(&measure, None, seen(&[0.0, 0.0, 10.0], Situation { claims, ..situation(THIN) }));
    assert!((holder + 0.2).abs() < 1e-12, "{holder}");
    let saver =
        voter().own_effect(&measure, None, seen(&[10.0, 0.0, 0.0], Situation { claims, ..situation(THIN) }));
    assert!((saver - 0.5 * 0.1).abs() < 1e-12, "half of the need: {saver}");
    assert!(voter().benefit(&measure, None, view(&[], THIN)) > 0.0);
    assert!(voter().benefit(&measure, None, view(&[], CALM)) < 0.0);
    let short = Situation { reserve_target_usd: Some(200.0), ..situation(CALM) };
    assert_eq!(voter().need(&short).reserve, 0.75);
    assert_eq!(voter().benefit(&issue(Purpose::Reserve), None, seen(&[], short)), 0.75);
    let buy = Measure::BuyBack { cash: Amount::from_atoms(10), hours: 24 };
    assert!(voter().benefit(&buy, None, seen(&[], short)) < 0.0);
    let rich = Situation { reserve_target_usd: Some(20.0), ..situation(CALM) };
    assert!(voter().benefit(&buy, None, seen(&[], rich)) > 0.0);
}

#[test]
fn a_robbery_appeals_to_the_robber_alone_unless_it_pays_for_votes() {
    let robbery = Measure::Spend { recipient: 7, cash: Amount::from_atoms(50) };
    let values = [60.0, 0.0, 40.0];
    let robber = view(&values, CALM);
    let holder = View { account: 8, ..robber };
    let appeal = |view| voter().appeal(&robbery, None, view);
    // Half of its wealth, less what the token loses and what it does to the protocol.
    assert!((appeal(robber) - (0.5 - 0.05 * 0.4 - 0.1)).abs() < 1e-8, "{}", appeal(robber));
    assert_eq!(voter().vote(appeal(holder), [0.0; 2]), Choice::No);
    assert_eq!(voter().vote(appeal(holder), [0.1, 0.0]), Choice::No, "0.12 is at stake, 0.01 is pride");
    assert_eq!(voter().vote(appeal(holder), [0.3, 0.0]), Choice::Yes);
    let bored = Voter { turnout_cost_share: 0.2, ..voter() };
    assert_eq!(bored.vote(appeal(holder), [0.0; 2]), Choice::Abstain);
}

/// What is paid counts by what exceeds the voter's pride, on the side it is paid for; the better offer wins.
#[test]
fn offers_are_weighed_against_pride_cost_and_each_other() {
    let vote = |appeal, bribe| voter().vote(appeal, bribe);
    // Pride is 0.01, voting costs 0.001.
    assert_eq!(vote(0.0, [0.01, 0.0]), Choice::Abstain);
    assert_eq!(vote(0.0, [0.0105, 0.0]), Choice::Abstain);
    assert_eq!(vote(0.0, [0.012, 0.0]), Choice::Yes);
    assert_eq!(vote(0.0, [0.0, 0.012]), Choice::No);
    assert_eq!(vote(-0.1, [0.2, 0.3]), Choice::No, "0.09 against 0.39");
    assert_eq!(vote(0.0005, [0.0; 2]), Choice::Abstain);
    assert_eq!(vote(-0.0005, [0.0; 2]), Choice::Abstain);
}

#[test]
fn a_pause_helps_in_stress_and_a_buy_back_those_who_hold_the_token() {
    let pause = Measure::Pause { venue: PauseId(1), hours: 24 };
    let benefit = |health| voter().benefit(&pause, None, view(&[], health));
    assert_eq!((benefit(CALM), benefit(THIN)), (-0.3, 0.3));
    assert_eq!(benefit(Health { stress_mode: 2, ..CALM }), -0.3, "a third of the need is not enough");
    // A hundred of a thousand dollars, for a voter half of whose wealth is tokens.
    let buy = Measure::BuyBack { cash: Amount::from_atoms(100), hours: 24 };
    let effect = voter().own_effect(&buy, None, view(&[50.0, 0.0, 50.0], CALM));
    assert!((effect - 0.05).abs() < 1e-12, "{effect}");
}
