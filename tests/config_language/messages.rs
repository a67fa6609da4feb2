//! Every kind of mistake and the message it gets, to the letter.

use ballast::experiment::diagnostic::Diagnostics;
use ballast::experiment::load::Problem;

use crate::toy::{FULL, LEAST, read};

fn faults(text: &str, overrides: &[&str]) -> Diagnostics {
    match read(text, overrides) {
        Ok(_) => panic!("no mistake was found in {text}"),
        Err(faults) => faults,
    }
}

/// [`LEAST`] with one line changed.
fn least(old: &str, new: &str) -> String {
    assert!(LEAST.contains(old), "{old}");
    LEAST.replacen(old, new, 1)
}

/// [`FULL`] with one part changed.
fn full(old: &str, new: &str) -> String {
    assert!(FULL.contains(old), "{old}");
    FULL.replacen(old, new, 1)
}

/// A mistake on one line: place, message, label in brackets, advice.
fn brief(faults: &Diagnostics) -> String {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| {
            let file = if fault.file() == "test.ron" { String::new() } else { format!("{}:", fault.file()) };
            let place = format!("{file}{}:{}", fault.line(), fault.column());
            let helps = fault.helps.iter().map(|help| format!(" -> {help}")).collect::<String>();
            format!("{place} {} [{}]{helps}", fault.message, fault.primary.text)
        })
        .collect();
    lines.join("\n")
}

fn check(cases: &[(String, &[&str], &str)]) {
    for (text, overrides, expected) in cases {
        let found = brief(&faults(text, overrides));
        assert_eq!(found, *expected, "in {overrides:?}\n{text}");
    }
}

#[test]
fn wrong_fields_variants_and_types() {
    check(&[
        (full("theta: 5e-1", "thteta: 5e-1"), &[], "11:9 unknown field `thteta` in `Heston` [no such field] -> did you mean `theta`?"),
        (full("theta: 5e-1", "volume: 5e-1"), &[], concat!(
            "9:12 missing field `theta` in `Heston` [missing field `theta`]", "\n",
            "11:9 unknown field `volume` in `Heston` [no such field]",
        )),
        (full("price: Heston(", "price: Hestn("), &[], "9:12 unknown variant `Hestn` of `Price` [no such variant] -> did you mean `Heston`?"),
        (full("price: Heston(", "price: \"Heston\", x: ("), &[], concat!(
            r##"9:12 expected one of `Flat`, `Gbm`, `Heston`, `Candles` or `Mix` for `price`, found the string "Heston" [expected one of `Flat`, `Gbm`, `Heston`, `Candles` or `Mix`] -> write `Heston`, without quotes"##, "\n",
            "9:22 unknown field `x` in `Experiment` [no such field]",
        )),
        (full("fee_bps: 4", "fee_bps: \"4\""), &[], r##"15:32 expected an integer from 0 to 65535 for `venues.feth_pool.fee_bps`, found the string "4" [expected an integer from 0 to 65535] -> write `4`, without quotes"##),
        (full("fee_bps: 4", "fee_bps: 70000"), &[], "15:32 expected an integer from 0 to 65535 for `venues.feth_pool.fee_bps`, found the integer `70000` [expected an integer from 0 to 65535]"),
        (full("rho: -0.7", "rho: -1.7"), &[], "12:14 `price.rho`: a correlation lies from -1 to 1 [found the number `-1.7`]"),
        (full("kappa: 2.0,\n", ""), &[], "9:12 missing field `kappa` in `Heston` [missing field `kappa`]"),
        (full("count: 100", "count: 1.0"), &[], "19:33 expected an integer from 0 to 4294967295 for `populations.0.count`, found the number `1.0` [expected an integer from 0 to 4294967295] -> write `1`"),
        (full("activity: 0.5", "activity: \"often\""), &[], r##"19:48 expected a number or one of `Constant`, `Uniform` or `Normal` for `populations.0.activity`, found the string "often" [expected a number or one of `Constant`, `Uniform` or `Normal`]"##),
        (full("activity: 0.5", "activity: Unifrm(0.1, 0.2)"), &[], "19:48 unknown variant `Unifrm` for `populations.0.activity` [no such variant] -> did you mean `Uniform`?"),
        (full("activity: 0.5", "activity: Uniform(0.1)"), &[], "19:48 expected 2 values for `populations.0.activity`, found 1 value [expected 2 values]"),
        (full("activity: 0.5", "activity: Uniform(0.1, x)"), &[], "19:61 expected a number for `populations.0.activity.1`, found the bare word `x` [expected a number]"),
        (full("sd: 0.05", "sdd: 0.05"), &[], "20:64 unknown field `sdd` in `Normal` [no such field] -> did you mean `sd`?"),
        (full("name: \"full\"", "name: full"), &[], r##"4:11 expected a string for `name`, found the bare word `full` [expected a string] -> strings stand in double quotes: "full""##),
        (full("runs: 8", "runs: 0"), &[], "7:11 expected an integer from 1 to 4294967295 for `runs`, found the integer `0` [expected an integer from 1 to 4294967295]"),
        (full("band: (0.99, 1.01)", "band: [0.99, 1.01]"), &[], "29:11 expected a tuple of 2 values `(...)` for `band`, found a list of 2 [expected a tuple of 2 values `(...)`] -> tuples are written `(a, b)`"),
        (full("band: (0.99, 1.01)", "band: (0.99, 1.01, 3)"), &[], "29:11 expected 2 values for `band`, found 3 values [expected 2 values]"),
        (full("\"perp\": (", "perp: ("), &[], r##"16:9 expected a string as a key for `venues`, found the bare word `perp` [expected a string as a key] -> strings stand in double quotes: "perp""##),
        (full("Experiment(", "Experimnt("), &[], "3:1 expected a struct `Experiment` with fields in `(...)`, found `Experimnt` with named fields [expected a struct `Experiment` with fields in `(...)`] -> write `Experiment(...)`, or leave the name out"),
        (full("Depeg(2.5)", "Depeg"), &[], "28:51 expected `Depeg` with a value in brackets for `shocks.2`, found the bare word `Depeg` [expected `Depeg` with a value in brackets]"),
        (full("Depeg(2.5)", "Jump(2.5)"), &[], "28:51 expected `Jump` with named fields in brackets for `shocks.2`, found `Jump` with unnamed values [expected `Jump` with named fields in brackets]"),
        (full("None,", "None(1),"), &[], "28:18 expected `,` or `]` in the list, found `(` [expected `,` here]"),
        (least("price: Flat", "price: Flat(1)"), &[], "5:12 expected `Flat` without brackets for `price`, found `Flat` with unnamed values [expected `Flat` without brackets]"),
        (least("price: Flat", "price: Gbm"), &[], "5:12 expected `Gbm` with named fields in brackets for `price`, found the bare word `Gbm` [expected `Gbm` with named fields in brackets]"),
        (least("price: Flat", "price: Gbm()"), &[], "5:12 missing field `volatility` in `Gbm` [missing field `volatility`]"),
        (least("price: Flat", "price: Heston(kappa: 2)"), &[], "5:12 missing field `theta` in `Heston` [missing field `theta`]"),
        (full("strict: true", "strict: yes"), &[], "31:13 expected `true` or `false` for `strict`, found the bare word `yes` [expected `true` or `false`]"),
        ("(name: 7, sed: 3, horizon: \"x\", price: Heston(kapa: x, rho: 9), runs: -1, populations: [(count: 1), (name: \"x\", count: 1, activity: (1))])".into(), &[], concat!(
            "1:8 expected a string for `name`, found the integer `7` [expected a string]", "\n",
            "1:11 unknown field `sed` in `Experiment` [no such field] -> did you mean `seed`?", "\n",
            r##"1:28 expected a number for `horizon`, found the string "x" [expected a number]"##, "\n",
            "1:40 missing field `theta` in `Heston` [missing field `theta`]", "\n",
            "1:47 unknown field `kapa` in `Heston` [no such field] -> did you mean `kappa`?", "\n",
            "1:53 expected a number for `price.kappa`, found the bare word `x` [expected a number]", "\n",
            "1:61 `price.rho`: a correlation lies from -1 to 1 [found the integer `9`]", "\n",
            "1:71 expected an integer from 1 to 4294967295 for `runs`, found the integer `-1` [expected an integer from 1 to 4294967295]", "\n",
            "1:89 missing field `name` in `Population` [missing field `name`]", "\n",
            "1:89 missing field `activity` in `Population` [missing field `activity`]", "\n",
            "1:133 expected a number or one of `Constant`, `Uniform` or `Normal` for `populations.1.activity`, found a tuple of 1 [expected a number or one of `Constant`, `Uniform` or `Normal`]",
        )),
        ("()".into(), &[], concat!(
            "1:1 missing field `name` in `Experiment` [missing field `name`]", "\n",
            "1:1 missing field `seed` in `Experiment` [missing field `seed`]", "\n",
            "1:1 missing field `horizon` in `Experiment` [missing field `horizon`]", "\n",
            "1:1 missing field `price` in `Experiment` [missing field `price`]",
        )),
        ("7".into(), &[], "1:1 expected a struct `Experiment` with fields in `(...)`, found the integer `7` [expected a struct `Experiment` with fields in `(...)`]"),
    ]);
}

#[test]
fn overrides() {
    check(&[
        (
            LEAST.into(),
            &["price.volatilty=0.5"],
            "command line:1:13 expected `Flat` without brackets for `price`, found `Flat` with named fields [expected `Flat` without brackets]",
        ),
        (
            full("Heston(", "Heston("),
            &[
                "price.kapa=0.5",
                "seed=abc",
                "venues.feth_pol.fee_bps=3",
                "populations.7.count=2",
                "populations.bots.counts=2",
                "name",
                "=3",
                "seed.x=3",
                "a..b=3",
                "seed=(1",
            ],
            concat!(
                "command line:1:13 unknown field `kapa` in `Heston` [no such field] -> did you mean `kappa`?",
                "\n",
                "command line:1:14 `venues` has no part `feth_pol` [no such part] -> did you mean `feth_pool`?",
                "\n",
                "command line:1:19 `populations` has no part `7` [no such part] -> its items are `0` to `2`",
                "\n",
                "command line:1:24 unknown field `counts` in `Population` [no such field] -> did you mean `count`?",
                "\n",
                "command line:1:7 an override is written `path=value` [there is no `=`] -> for example `price.volatility=0.5`",
                "\n",
                "command line:1:7 a part of the path is empty [expected a name here]",
                "\n",
                "command line:1:12 expected an integer from 0 up for `seed`, found `abc` with named fields [expected an integer from 0 up]",
                "\n",
                "command line:1:9 a part of the path is empty [expected a name here]",
                "\n",
                "command line:1:14 expected `)` to close the tuple, found the end of the text [expected `)` here]",
            ),
        ),
    ]);
}

#[test]
fn extends() {
    check(&[
        (
            "(extends: \"clam\")".into(),
            &[],
            "1:11 cannot extend `clam`: no config of this name [not found] -> did you mean `calm`?",
        ),
        (
            "(extends: \"round_a\")".into(),
            &[],
            "round_b:1:11 configs extend one another in a circle: round_a -> round_b -> round_a [this closes the circle] -> let one of them extend nothing",
        ),
        (
            "(extends: \"broken\")".into(),
            &[],
            "broken:1:8 expected a value, found `)` [expected a value here]",
        ),
        (
            "(extends: 7)".into(),
            &[],
            "1:11 `extends` names a config, found the integer `7` [expected a string]",
        ),
        (
            "(extends: \"stormy\", price: Gbm(drft: 1))".into(),
            &[],
            "1:32 unknown field `drft` in `Gbm` [no such field] -> did you mean `drift`?",
        ),
    ]);
}

#[test]
fn syntax() {
    check(&[
        (
            full("theta: 5e-1", "theta 5e-1"),
            &[],
            "11:14 expected `:` after the field name `theta`, found `5e-1` [expected `:` here]",
        ),
        (
            full("theta: 5e-1", "theta = 5e-1"),
            &[],
            "11:15 expected `:` after the field name `theta`, found `=` [expected `:` here]",
        ),
        (
            full("kappa: 2.0,", "kappa: 2.0"),
            &[],
            "10:19 expected `,` or `)` in `Heston`, found `theta` [expected `,` here]",
        ),
        (
            full("    ),\n    venues", "    venues"),
            &[],
            "31:2 expected `)` to close `Experiment`, found the end of the text [expected `)` here]",
        ),
        (
            full("\"perp\": (fee_bps: 10),\n    },", "\"perp\": (fee_bps: 10),\n    "),
            &[],
            "32:1 expected `}` to close the map, found `)` [expected `}` here]",
        ),
        (
            full("    strict: true,\n)\n", "    strict: true,\n"),
            &[],
            "31:18 expected `)` to close `Experiment`, found the end of the text [expected `)` here]",
        ),
        (full("bots\"", "bots"), &[], "22:19 a string is not closed [the string begins here]"),
        (
            full("name: \"full\"", "name: \"full"),
            &[],
            "5:24 expected `,` or `)` in `Experiment`, found `a` [expected `,` here]",
        ),
        (
            full("nested */ */", "nested */"),
            &[],
            "8:18 a block comment is not closed [the comment begins here] -> end it with `*/`; comments may stand inside one another",
        ),
        (
            full("'A'", "'Abc'"),
            &[],
            r##"30:12 expected one character between single quotes [not one character] -> strings stand in double quotes: "text""##,
        ),
        (full("0x10", "0xzz"), &[], "6:11 `0xzz` is not a number [not a number]"),
        (
            full("0x10", "1e999"),
            &[],
            "6:11 the number is too large [beyond the largest 64-bit number, 1.8e308]",
        ),
        (full("0x10", "NaN"), &[], "6:11 numbers of a config are finite [not a finite number]"),
        (full("0x10", "99999999999999999999"), &[], "6:11 the integer is too large [beyond 64 bits]"),
        (full("seed: 0x10", "seed: 1, seed: 2"), &[], "6:14 the field `seed` stands twice [the second time]"),
        (
            full("seed: 0x10", "seed: ,"),
            &[],
            concat!(
                "6:11 expected a value, found `,` [expected a value here]",
                "\n",
                "6:12 expected a value or `)`, found `,` [one comma too many]",
            ),
        ),
        (
            full("seed: 0x10", "\"seed\": 1"),
            &[],
            r##"6:5 names of fields carry no quotes [expected a bare name] -> write `seed: ...`, or a map `{"seed": ...}`"##,
        ),
        (
            full("\\\"quoted", "\\quoted"),
            &[],
            r##"5:26 unknown escape in a string [known escapes: \n \r \t \0 \\ \" \' \x41 \u{e9}]"##,
        ),
        (
            full("implicit_some", "implicit_som"),
            &[],
            "1:11 unknown extension `implicit_som` [] -> did you mean `implicit_some`?",
        ),
        (format!("{LEAST} 7"), &[], "7:2 expected the end of the text, found `7` [a config is one value]"),
        ("".into(), &[], "1:1 expected a value, found the end of the text [expected a value here]"),
        ("[".repeat(100), &[], "1:65 the config is nested deeper than 64 levels [one level too many]"),
        (
            full("seed: 0x10,", "seed: $, runs 7"),
            &[],
            concat!(
                "6:11 unexpected character '$' [no value begins with it]",
                "\n",
                "6:18 expected `:` after the field name `runs`, found `7` [expected `:` here]",
                "\n",
                "6:20 expected `,` or `)` in `Experiment`, found `runs` [expected `,` here]",
                "\n",
                "7:5 the field `runs` stands twice [the second time]",
            ),
        ),
        (
            full("(0.99, 1.01)", "(0.99, 1.01]"),
            &[],
            "29:22 expected `)` to close the tuple, found `]` [expected `)` here]",
        ),
    ]);
}

#[test]
fn shown_as_a_compiler_does() {
    let text = full("theta: 5e-1", "thteta: 5e-1");
    assert_eq!(
        faults(&text, &[]).to_string(),
        "\
error: unknown field `thteta` in `Heston`
  --> test.ron:11:9
   |
11 |         thteta: 5e-1,
   |         ^^^^^^ no such field
   |
   = note: its fields are `kappa`, `theta` and `rho`
   = help: did you mean `theta`?"
    );
    assert_eq!(
        faults(LEAST, &["seed=7", "price.volatilty=0.5"]).to_string(),
        "\
error: expected `Flat` without brackets for `price`, found `Flat` with named fields
 --> command line:1:13
  |
1 | --set price.volatilty=0.5
  |             ^^^^^^^^^ expected `Flat` without brackets"
    );
}

#[test]
fn an_open_bracket_is_searched_for_by_indentation() {
    let text = full("    ),\n    venues", "    venues");
    assert_eq!(
        faults(&text, &[]).to_string(),
        "\
error: expected `)` to close `Experiment`, found the end of the text
  --> test.ron:31:2
   |
 3 | Experiment(
   |           - `Experiment` opened here
...
 9 |     price: Heston(
   |                  - its partner is indented differently: is this the one left open?
...
31 | )
   |  ^ expected `)` here"
    );
}

#[test]
fn a_lost_quote_is_searched_for() {
    assert_eq!(
        faults(&full("name: \"full\"", "name: \"full"), &[]).to_string(),
        "\
error: expected `,` or `)` in `Experiment`, found `a`
 --> test.ron:5:24
  |
4 |     name: \"full,
  |           - this string runs over the end of its line: is its closing quote missing?
5 |     description: Some(\"a \\\"quoted\\\" text\"),
  |                        ^ expected `,` here"
    );
}

#[test]
fn a_circle_shows_all_its_links() {
    assert_eq!(
        faults("(extends: \"round_a\")", &[]).to_string(),
        "\
error: configs extend one another in a circle: round_a -> round_b -> round_a
 --> round_b:1:11
  |
1 | (extends: \"round_a\")
  |           ^^^^^^^^^ this closes the circle
  |
 ::: round_a:1:11
  |
1 | (extends: \"round_b\")
  |           --------- leads to round_b
  |
  = help: let one of them extend nothing"
    );
}

#[test]
fn a_mistake_in_a_parent_is_shown_in_the_parent() {
    use ballast::experiment::{load::load, merge::Shelf, source::Source};
    let shelf = Shelf::from([("base.ron", "(\n    fee_bps: -1,\n)")]);
    let child = Source::new("child.ron", "(extends: \"base.ron\", depth: 3)");
    let faults = load::<crate::toy::Venue>(&child, &shelf, &[]).unwrap_err();
    let places: Vec<String> =
        faults.iter().map(|fault| format!("{}:{}:{}", fault.file(), fault.line(), fault.column())).collect();
    assert_eq!(places, ["child.ron:1:23", "base.ron:2:14"]);
}

#[test]
fn mistakes_for_machines() {
    let faults = faults(&full("count: 3", "count: -3"), &[]);
    let json = faults.to_json();
    assert_eq!(json[0]["fault"], "wrong_value");
    assert_eq!(json[0]["path"], "populations.1.count");
    assert_eq!(
        (&json[0]["line"], &json[0]["column"], &json[0]["end_column"]),
        (&20.into(), &33.into(), &35.into())
    );
    assert!(faults.render(true).contains("\u{1b}["), "colour was asked for");
    assert!(!faults.render(false).contains('\u{1b}'));
}

#[test]
fn problems_found_later_come_back_to_their_place() {
    let loaded = read(FULL, &["price.rho=0.3"]).unwrap();
    for (path, place) in [
        ("populations.1.activity", "test.ron:20:46"),
        ("populations.whales.activity.sd", "test.ron:20:68"),
        ("price.kappa", "test.ron:10:16"),
        ("price.rho", "command line:1:17"),
        ("venues.perp.fee_bps", "test.ron:16:27"),
        ("venues.perp.depth_usd", "test.ron:16:17"),
        ("shocks.2", "test.ron:28:51"),
        ("no.such.thing", "test.ron:3:1"),
        ("", "test.ron:3:1"),
    ] {
        let fault = loaded.diagnose(&Problem::new(path, "something else", "this"));
        assert_eq!(format!("{}:{}:{}", fault.file(), fault.line(), fault.column()), place, "{path}");
    }
    assert!(loaded.document.locate("venues.perp.depth_usd").is_none());
}

/// A type that contains itself, checks fields against one another, and refuses stand-ins.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tangle {
    #[expect(dead_code, reason = "only its reading is tested")]
    band: Band,
    #[expect(dead_code, reason = "only its reading is tested")]
    next: Option<Box<Tangle>>,
    #[expect(dead_code, reason = "only its reading is tested")]
    tree: Tree,
    #[expect(dead_code, reason = "only its reading is tested")]
    size: u8,
}

#[derive(Debug, serde::Deserialize)]
enum Tree {
    #[expect(dead_code, reason = "only its reading is tested")]
    Fork(Box<Tree>, Box<Tree>),
    Leaf,
}

#[derive(Debug, serde::Deserialize)]
#[serde(try_from = "(f64, f64)")]
struct Band;

impl TryFrom<(f64, f64)> for Band {
    type Error = String;

    fn try_from((low, high): (f64, f64)) -> Result<Self, String> {
        if low < high { Ok(Self) } else { Err(format!("the band is empty: {low} is not below {high}")) }
    }
}

#[test]
fn what_follows_from_a_mistake_is_not_reported() {
    use ballast::experiment::{load::load, merge::Shelf, source::Source};
    let tangle = |text: &str| match load::<Tangle>(&Source::new("test.ron", text), &Shelf::default(), &[]) {
        Ok(_) => String::new(),
        Err(faults) => brief(&faults),
    };
    assert_eq!(tangle("(band: (1, 2), tree: Fork(Leaf, Leaf), size: 3)"), "");
    assert_eq!(
        tangle("(band: (2, 1), tree: Leaf, size: 300)"),
        "1:8 `band`: the band is empty: 2 is not below 1 [found a tuple of 2]\n\
         1:34 expected an integer from 0 to 255 for `size`, found the integer `300` [expected an integer from 0 to 255]"
    );
    // The stand-in for `x` makes an empty band, and there is none for a tree: neither is the writer's mistake.
    assert_eq!(
        tangle("(band: (1, x), tree: Leef, next: (band: (x, 1), size: \"\"), size: -1)"),
        "1:12 expected a number for `band.1`, found the bare word `x` [expected a number]\n\
         1:22 unknown variant `Leef` of `Tree` [no such variant] -> did you mean `Leaf`?\n\
         1:34 missing field `tree` in `Tangle` [missing field `tree`]\n\
         1:42 expected a number for `next.band.0`, found the bare word `x` [expected a number]\n\
         1:55 expected an integer from 0 to 255 for `next.size`, found the string \"\" [expected an integer from 0 to 255]\n\
         1:66 expected an integer from 0 to 255 for `size`, found the integer `-1` [expected an integer from 0 to 255]"
    );
}
