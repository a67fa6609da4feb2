//! What loads, how configs are laid over one another, and what overrides do.

use ballast::experiment::load::load;
use ballast::experiment::merge::{Document, Shelf, lay_over};
use ballast::experiment::source::Source;
use ballast::experiment::syntax::Node;

use crate::toy::{Correlation, Draw, Experiment, FULL, Heston, LEAST, Price, Shock, Venue, read};

fn node(text: &str) -> Node {
    Node::parse(&Source::new("node.ron", text)).unwrap_or_else(|faults| panic!("{faults}"))
}

fn value(text: &str, overrides: &[&str]) -> Experiment {
    read(text, overrides).unwrap_or_else(|faults| panic!("{faults}")).value
}

#[test]
fn reads_one_of_everything() {
    let full = value(FULL, &[]);
    assert_eq!((full.name.as_str(), full.seed, full.runs.get()), ("full", 16, 8));
    assert_eq!(full.description.as_deref(), Some("a \"quoted\" text"));
    assert_eq!(full.price, Price::Heston(Heston { kappa: 2.0, theta: 0.5, rho: Correlation(-0.7) }));
    let fees: Vec<(&str, u16)> =
        full.venues.iter().map(|(name, venue)| (name.as_str(), venue.fee_bps)).collect();
    assert_eq!(fees, [("feth_pool", 4), ("perp", 10)]);
    assert_eq!(full.venues["feth_pool"].depth_usd, Some(Draw::Uniform(1e6, 2e6)));
    let activities: Vec<&Draw> = full.populations.iter().map(|population| &population.activity).collect();
    let expected = [Draw::Constant(0.5), Draw::Normal { mean: 0.1, sd: 0.05 }, Draw::Constant(1.0)];
    assert_eq!(activities, expected.iter().collect::<Vec<_>>());
    assert_eq!(full.populations[1].overrides.text(), "(\n    patience_days: 9,\n    mood: Calm,\n)\n");
    assert_eq!(full.governance.map(|governance| governance.timelock_hours), Some(48));
    assert_eq!(full.shocks[0], Shock::None);
    assert_eq!((full.band, full.grade, full.strict), ((0.99, 1.01), Some('A'), true));
}

#[test]
fn the_crate_ron_reads_the_same() {
    // A type without open fields: `ron` itself loses the name of a variant where a number is allowed too.
    let text = node(FULL)
        .field("venues")
        .unwrap()
        .value
        .to_ron()
        .replace("depth_usd: Uniform(1000000.0, 2000000),", "");
    let extensions =
        ron::extensions::Extensions::IMPLICIT_SOME | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES;
    let options = ron::Options::default().with_default_extension(extensions);
    let theirs: std::collections::BTreeMap<String, Venue> = options.from_str(&text).unwrap();
    let ours = load(&Source::new("venues.ron", text), &Shelf::default(), &[]).unwrap().value;
    assert_eq!(theirs, ours);
    for price in [
        "Flat",
        "Gbm(volatility: 0.5)",
        "Heston(kappa: 1, theta: 2.5, rho: 0.1)",
        "Mix(1, 2.5)",
        "Candles(\"a\\\\b\")",
    ] {
        let theirs: Price = options.from_str(price).unwrap();
        let ours: Price = load(&Source::new("price.ron", price), &Shelf::default(), &[]).unwrap().value;
        assert_eq!(theirs, ours, "{price}");
    }
}

#[test]
fn layers() {
    for (parent, child, merged) in [
        ("(a: 1, b: 2)", "(b: 3, c: 4)", "(a: 1, b: 3, c: 4)"),
        ("(a: (x: 1, y: 2))", "(a: (y: 3))", "(a: (x: 1, y: 3))"),
        ("(a: [1, 2, 3])", "(a: [4])", "(a: [4])"),
        ("(a: {\"x\": 1})", "(a: {\"y\": 2})", "(a: {\"y\": 2})"),
        ("(p: Gbm(v: 1, d: 2))", "(p: Gbm(v: 3))", "(p: Gbm(v: 3, d: 2))"),
        ("(p: Gbm(v: 1, d: 2))", "(p: (v: 3))", "(p: Gbm(v: 3, d: 2))"),
        ("(p: Gbm(v: 1, d: 2))", "(p: Heston(v: 3))", "(p: Heston(v: 3))"),
        ("(p: Gbm(v: 1, d: 2))", "(p: Flat)", "(p: Flat)"),
        ("(p: Gbm(v: 1, d: 2))", "(p: Gbm())", "(p: Gbm(v: 1, d: 2))"),
        ("(p: Gbm((v: 1, d: 2)))", "(p: Gbm((v: 3)))", "(p: Gbm((v: 3, d: 2)))"),
        ("(p: Mix(1, 2))", "(p: Mix(3, 4))", "(p: Mix(3, 4))"),
        ("(p: Wrap([1]))", "(p: Wrap([2]))", "(p: Wrap([2]))"),
        ("(o: Some((x: 1, y: 2)))", "(o: (y: 3))", "(o: Some((x: 1, y: 3)))"),
        ("(o: (x: 1, y: 2))", "(o: Some((y: 3)))", "(o: (x: 1, y: 3))"),
        ("(o: (x: 1))", "(o: None)", "(o: None)"),
        ("(o: None)", "(o: (x: 1))", "(o: (x: 1))"),
        ("Experiment(a: 1)", "(b: 2)", "Experiment(a: 1, b: 2)"),
        ("(a: 1)", "Experiment(b: 2)", "Experiment(a: 1, b: 2)"),
        ("(a: 1)", "()", "(a: 1)"),
        ("7", "(a: 1)", "(a: 1)"),
    ] {
        assert_eq!(lay_over(node(parent), node(child)), node(merged), "{child} over {parent}");
    }
}

#[test]
fn extends_over_two_generations() {
    let config = value("(extends: \"stormy\", seed: 9, price: Gbm(drift: 0.1))", &[]);
    assert_eq!((config.name.as_str(), config.seed), ("least", 9));
    assert_eq!(config.price, Price::Gbm { volatility: 0.9, drift: 0.1 });
    assert_eq!(value("(extends: \"stormy\")", &[]).price, Price::Gbm { volatility: 0.9, drift: 0.0 });
    assert_eq!(value("(extends: \"calm\")", &[]), value(LEAST, &[]));
}

#[test]
fn parents_are_looked_up_from_the_text_that_names_them() {
    let library = |name: &str, from: &Source| {
        let text = if name == "b" { "(extends: \"c\", runs: 2)" } else { LEAST };
        Ok(Source::new(format!("{}/{name}", from.name()), text))
    };
    let document = Document::resolve(&Source::new("a", "(extends: \"b\")"), &library).unwrap();
    let names: Vec<&str> = document.sources.iter().map(|source| source.name()).collect();
    assert_eq!(names, ["a", "a/b", "a/b/c"]);
}

#[test]
fn a_chain_without_end_is_refused() {
    let library =
        |name: &str, _: &Source| Ok(Source::new(format!("{name}x"), format!("(extends: \"{name}x\")")));
    let faults = Document::resolve(&Source::new("a", "(extends: \"b\")"), &library).unwrap_err();
    assert!(faults.to_string().contains("more than 32 configs"), "{faults}");
}

#[test]
fn overrides_reach_everywhere() {
    let config = value(
        FULL,
        &[
            "seed=9",
            "price.kappa = 3",
            "populations.2.count=5",
            "populations.savers.activity=Uniform(0.1, 0.9)",
            "populations.whales.activity.sd=0.5",
            "venues.perp.fee_bps=7",
            "venues.perp.depth_usd=5e5",
            "venues.new=(fee_bps: 1)",
            "governance.quorum=0.5",
            "shocks.2=Jump(at_tick: 1, size: 1)",
            "shocks.1.size=9",
            "band.1=2",
            "name=calm",
            "description=data/eth-2021.csv",
            "populations.0.name=2024-01-01",
        ],
    );
    assert_eq!(config.seed, 9);
    assert_eq!(config.price, Price::Heston(Heston { kappa: 3.0, theta: 0.5, rho: Correlation(-0.7) }));
    assert_eq!(config.populations[2].count, 5);
    assert_eq!(config.populations[0].activity, Draw::Uniform(0.1, 0.9));
    assert_eq!(config.populations[1].activity, Draw::Normal { mean: 0.1, sd: 0.5 });
    assert_eq!(config.venues["perp"], Venue { fee_bps: 7, depth_usd: Some(Draw::Constant(5e5)) });
    assert_eq!(config.venues["new"].fee_bps, 1);
    assert_eq!(config.governance.map(|governance| governance.quorum), Some(0.5));
    assert_eq!(
        config.shocks[1..],
        [Shock::Jump { at_tick: 10, size: 9.0 }, Shock::Jump { at_tick: 1, size: 1.0 }]
    );
    assert_eq!(config.band, (0.99, 2.0));
    assert_eq!((config.name.as_str(), config.description.as_deref()), ("calm", Some("data/eth-2021.csv")));
    assert_eq!(config.populations[0].name, "2024-01-01");
}

#[test]
fn wrappers_are_passed_through() {
    let text = LEAST.replace(
        "price: Flat",
        "price: Heston((kappa: 1, theta: 2)), governance: Some((quorum: 1, timelock_hours: 2))",
    );
    let config = value(&text, &["governance.quorum=0.5", "price.kappa=7", "price.rho=0.5", "grade=None"]);
    assert_eq!(config.governance.map(|governance| governance.quorum), Some(0.5));
    assert_eq!(config.price, Price::Heston(Heston { kappa: 7.0, theta: 2.0, rho: Correlation(0.5) }));
    assert_eq!(config.grade, None);
    let faults = read(&text, &["price.kappa=x"]).unwrap_err();
    assert_eq!(faults.iter().next().unwrap().path, "price.kappa");
}

#[test]
fn overrides_build_what_a_config_left_to_defaults() {
    let config = value(LEAST, &["governance.quorum=0.2", "governance.timelock_hours=24", "name=12"]);
    assert_eq!(config.governance.map(|governance| governance.timelock_hours), Some(24));
    assert_eq!(config.name, "12");
}

#[test]
fn words_of_the_command_line_are_strings_in_the_resolved_text_too() {
    let loaded = read(LEAST, &["name=calm"]).unwrap();
    assert!(loaded.resolved_text().contains("name: \"calm\""), "{}", loaded.resolved_text());
}

#[test]
fn resolved_text_is_a_fixed_point() {
    for (text, overrides) in [
        (FULL, &["price.kappa=3", "name=x"][..]),
        ("(extends: \"stormy\", price: (drift: 0.1))", &["seed=1"]),
        (LEAST, &[]),
    ] {
        let first = read(text, overrides).unwrap();
        let second = read(&first.resolved_text(), &[]).unwrap();
        assert_eq!(second.value, first.value);
        assert_eq!(second.resolved_text(), first.resolved_text());
    }
}

#[test]
fn a_profile_takes_the_overrides_of_a_population() {
    let config = read(FULL, &[]).unwrap();
    let mut profile =
        Document::parse(&Source::new("whale.ron", "(patience_days: 3, mood: Wild, nerve: 1)")).unwrap();
    profile.lay(config.document.fragment("populations.whales.overrides").unwrap());
    assert_eq!(profile.root, node("(patience_days: 9, mood: Calm, nerve: 1)"));
    let place = |path: &str| profile.locate(path).map(|span| (span.source().name().to_owned(), span.start()));
    assert_eq!(place("nerve"), Some(("whale.ron".into(), (1, 39))));
    assert_eq!(place("mood"), Some(("test.ron".into(), (20, 111))));
}
