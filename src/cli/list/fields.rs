//! The fields of a config, read off the documentation of the types that hold them, so that the two cannot drift apart.

use serde_json::Value;

use super::List;
use crate::experiment::resolve::{reread, reread_risk};

/// The files that declare what a config holds.
const TEXTS: [&str; 29] = [
    include_str!("../../experiment/config.rs"),
    include_str!("../../experiment/lending_settings.rs"),
    include_str!("../../experiment/token_settings.rs"),
    include_str!("../../experiment/order_book_settings.rs"),
    include_str!("../../experiment/launch_settings.rs"),
    include_str!("../../experiment/fx_settings.rs"),
    include_str!("../../experiment/governance_settings.rs"),
    include_str!("../../experiment/liquidity_settings.rs"),
    include_str!("../../protocol/liquidity/gate.rs"),
    include_str!("../../experiment/staking_settings.rs"),
    include_str!("../../protocol/staking/tier.rs"),
    include_str!("../../venue/governance/state.rs"),
    // Before those of the treasury: of two types of one name the first is meant, and the treasury's stands in no config.
    include_str!("../../protocol/governance/rules.rs"),
    include_str!("../../protocol/governance/phase.rs"),
    include_str!("../../venue/governance/capture.rs"),
    include_str!("../../protocol/securities_lending.rs"),
    include_str!("../../agents/voter/civic.rs"),
    include_str!("../../agents/token_lender.rs"),
    include_str!("../../world/oracle.rs"),
    include_str!("../../world/phase.rs"),
    include_str!("../../world/mempool.rs"),
    include_str!("../../venue/exchange.rs"),
    include_str!("../../venue/lending/mod.rs"),
    include_str!("../../venue/transactions.rs"),
    include_str!("../../venue/staking.rs"),
    include_str!("../../venue/rescue.rs"),
    include_str!("../../protocol/fx/rules.rs"),
    include_str!("../../protocol/fx/fees.rs"),
    include_str!("../../protocol/order_book/mod.rs"),
];

/// A config with one of everything and nothing that has a default.
const SMALLEST: &str =
    "(name: \"x\", horizon_days: 1, price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 1, volatility: 1)]),
    fx: (profile: Deployed2023, initial_collateral: 1, recapitalisation: (budget: 1)),
    pools: [(name: \"p\", base: \"ETH\", fee_bps: 1, initial_value_usd: 1,
        bootstrap: (from_weight: 0.9, to_weight: 0.5, to_hours: 1), liquidity: (gate: (max_share_per_cycle: 1), insurance: ()))], governance: (initial_price_usd: 1, vote_market: (loans: ()),
    allocation: (distributed: 1, insiders: (share: 0, population: \"x\"))),
    order_books: [(name: \"b\", base: \"ETH\", tick_size: 1, lot_size: 1)],
    staking: [(name: \"s\", asset: \"GOV\", emission: Alex, tiers: [(lock_cycles: 1, weight: 1)], vault: ())],
    launches: [(name: \"a\", tickets: 1, tokens_per_ticket: 1, price_per_ticket_usd: 1, closes_hours: 1, claims_end_hours: 2,
        most_tickets: 1, tiers: [(power_per_ticket: 1, width: 1)], power: \"GOV\")],
    loans: [(name: \"l\", profile: Contract, rates: (initial_liquidity_usd: 1))])";

/// The files that declare what a study of risk holds.
const RISK_TEXTS: [&str; 2] =
    [include_str!("../../experiment/risk/config.rs"), include_str!("../../risk/model.rs")];

/// A study of risk with one of everything and nothing that has a default.
const SMALLEST_RISK: &str = "(name: \"x\", model: (price: JumpDiffusion()), headline: (ltv: 0.75), rare: (paths: 2),
    sensitivity: (ltv: 0.75, variants: [(name: \"v\")]),
    case_study: (lending_share: 1, yield_token_share: 1, fees_per_year: 1, reserve_share: 1, cases: [(name: \"c\", sizing_ltv: 1, loss: 0)]))";

/// A struct or an enum.
#[derive(Debug, Default)]
struct Declared {
    name: String,
    is_enum: bool,
    /// Every field has a default.
    defaulted: bool,
    parts: Vec<Part>,
}

/// A field or a variant.
#[derive(Debug, Default, Clone)]
struct Part {
    name: String,
    kind: String,
    meaning: String,
    defaulted: bool,
    /// The fields of a variant.
    inner: Vec<Part>,
}

/// The list.
pub(super) fn list() -> List {
    let declared: Vec<Declared> = TEXTS.iter().flat_map(|text| declarations(text)).collect();
    let defaults = reread(SMALLEST).ok().and_then(|(experiment, _)| serde_json::to_value(experiment).ok());
    let mut rows = Vec::new();
    collect(&declared, "Experiment", "", defaults.as_ref(), &mut rows);
    List {
        heading:
            "fields of a config: PATH for `--set PATH=VALUE`; NAME stands for the name of a pool and so on"
                .into(),
        columns: vec!["path", "unit", "default", "meaning"],
        rows,
    }
}

/// The list of a study of risk.
pub(super) fn of_risk() -> List {
    let declared: Vec<Declared> = RISK_TEXTS.iter().flat_map(|text| declarations(text)).collect();
    let defaults = reread_risk(SMALLEST_RISK).ok().and_then(|study| serde_json::to_value(study).ok());
    let mut rows = Vec::new();
    collect(&declared, "RiskStudy", "", defaults.as_ref(), &mut rows);
    List {
        heading: "fields of a study of risk (`ballast risk`): PATH for `--set PATH=VALUE`; NAME stands for a place in a list"
            .into(),
        columns: vec!["path", "unit", "default", "meaning"],
        rows,
    }
}

/// The unit that a name ends with.
fn unit_of(name: &str) -> &'static str {
    const UNITS: [(&str, &str); 20] = [
        ("_per_hour", "1/hour"),
        ("volatility", "1/sqrt(year)"),
        ("drift", "1/year"),
        ("ltv", "share"),
        ("ltvs", "share"),
        ("loss", "share"),
        ("_threshold", "share"),
        ("_levels", "share"),
        ("jump_size", "share"),
        ("_usd_per_action", "usd"),
        ("_per_year", "1/year"),
        ("_usd", "usd"),
        ("_bps", "bps"),
        ("_days", "days"),
        ("_hours", "hours"),
        ("_ticks", "ticks"),
        ("_percent", "%"),
        ("_share", "share"),
        ("_ratio", "ratio"),
        ("_weight", "share"),
    ];
    UNITS.iter().find(|(ending, _)| name.ends_with(ending)).map_or("", |(_, unit)| unit)
}

fn row(path: String, name: &str, default: String, meaning: String) -> Vec<String> {
    vec![path, unit_of(name).to_owned(), default, meaning]
}

fn collect(
    declared: &[Declared],
    name: &str,
    prefix: &str,
    defaults: Option<&Value>,
    rows: &mut Vec<Vec<String>>,
) {
    let Some(found) = declared.iter().find(|found| found.name == name) else { return };
    for part in &found.parts {
        let (inner, is_list) = bare(&part.kind);
        let path = format!("{prefix}{}", part.name);
        let value = defaults.and_then(|value| value.get(&part.name));
        let below = declared.iter().find(|below| below.name == inner);
        match below {
            Some(below) if !below.is_enum => {
                let value = if is_list { value.and_then(|value| value.get(0)) } else { value };
                let optional = part.kind.starts_with("Option<");
                let default = if optional {
                    "none"
                } else if is_list {
                    "empty"
                } else {
                    ""
                };
                rows.push(row(path.clone(), "", default.into(), part.meaning.clone()));
                let prefix = if is_list { format!("{path}.NAME.") } else { format!("{path}.") };
                collect(declared, &inner, &prefix, value, rows);
            }
            _ => {
                let variants = below.map(|below| {
                    let names: Vec<&str> = below.parts.iter().map(|part| part.name.as_str()).collect();
                    format!(" One of {}.", names.join(", "))
                });
                let meaning = format!("{}{}", part.meaning, variants.unwrap_or_default());
                rows.push(row(path.clone(), &part.name, default(part, found, value), meaning));
                for variant in below.iter().flat_map(|below| &below.parts) {
                    // A variant that holds a struct has its fields.
                    let held = declared.iter().find(|held| held.name == variant.kind && !held.is_enum);
                    let whole = held.is_some_and(|held| held.defaulted);
                    for field in variant.inner.iter().chain(held.iter().flat_map(|held| &held.parts)) {
                        let default = if field.defaulted || whole { "" } else { "required" };
                        let meaning = format!("Of {}: {}", variant.name, field.meaning);
                        let name = format!("{path}.{}", field.name);
                        rows.push(row(name, &field.name, default.into(), meaning));
                    }
                }
            }
        }
    }
}

/// The default of a field as RON would write it.
fn default(part: &Part, of: &Declared, value: Option<&Value>) -> String {
    if !part.defaulted && !of.defaulted {
        return "required".into();
    }
    match value {
        Some(Value::Null) => "none".into(),
        Some(Value::Array(items)) if items.is_empty() => "empty".into(),
        Some(Value::Array(items)) if items.iter().all(Value::is_number) => {
            let words: Vec<String> = items.iter().map(Value::to_string).collect();
            format!("[{}]", words.join(", "))
        }
        Some(Value::String(text)) if part.kind == "String" => format!("{text:?}"),
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// `Option<Vec<PoolSettings>>` is a list of `PoolSettings`.
fn bare(kind: &str) -> (String, bool) {
    let mut kind = kind;
    let mut is_list = false;
    loop {
        let inner = |name: &str| kind.strip_prefix(name)?.strip_suffix('>');
        if let Some(found) = inner("Option<") {
            kind = found;
        } else if let Some(found) = inner("Vec<") {
            kind = found;
            is_list = true;
        } else {
            return (kind.to_owned(), is_list);
        }
    }
}

/// The public structs and enums of a source file, with their documentation.
fn declarations(text: &str) -> Vec<Declared> {
    let mut all = Vec::new();
    let mut current: Option<Declared> = None;
    let (mut meaning, mut defaulted) = (Vec::new(), false);
    for line in text.lines() {
        let bare = line.trim();
        if let Some(words) = bare.strip_prefix("///") {
            meaning.push(words.trim());
            continue;
        }
        if bare.starts_with("#[") {
            defaulted |= bare.starts_with("#[serde(") && bare.contains("default");
            continue;
        }
        let head = |kind: &str| {
            let name = line.strip_prefix(kind)?.strip_suffix(" {")?;
            Some(Declared { name: name.into(), is_enum: kind.contains("enum"), defaulted, parts: Vec::new() })
        };
        if let Some(found) = head("pub struct ").or_else(|| head("pub enum ")) {
            current = Some(found);
        } else if line == "}" {
            all.extend(current.take());
        } else if let Some(declared) = &mut current {
            let inside = || {
                line.strip_prefix("        ")
                    .filter(|_| declared.is_enum)?
                    .strip_suffix(',')?
                    .split_once(": ")
            };
            if let Some((name, kind)) = part(line, declared.is_enum) {
                let meaning = meaning.join(" ");
                declared.parts.push(Part { name, kind, meaning, defaulted, inner: Vec::new() });
            } else if let (Some((name, kind)), Some(variant)) = (inside(), declared.parts.last_mut()) {
                let (name, kind, meaning) = (name.to_owned(), kind.to_owned(), meaning.join(" "));
                variant.inner.push(Part { name, kind, meaning, defaulted, inner: Vec::new() });
            }
        }
        meaning.clear();
        defaulted = false;
    }
    all
}

/// The name and the type of a field, or the name of a variant.
fn part(line: &str, is_enum: bool) -> Option<(String, String)> {
    let written = line.strip_prefix("    ").filter(|rest| !rest.starts_with([' ', '}']))?;
    if is_enum {
        let name: String = written.chars().take_while(char::is_ascii_alphanumeric).collect();
        let held = written.strip_prefix(&name)?.strip_prefix('(').and_then(|rest| rest.strip_suffix("),"));
        return (!name.is_empty()).then_some((name, held.unwrap_or_default().to_owned()));
    }
    let (name, kind) = written.strip_prefix("pub ")?.strip_suffix(',')?.split_once(": ")?;
    Some((name.to_owned(), kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Vec<String> {
        let rows = list().rows;
        rows.into_iter().find(|row| row[0] == path).unwrap_or_else(|| panic!("no `{path}`"))
    }

    #[test]
    fn fields_have_their_defaults_and_meanings() {
        assert_eq!(found("runs")[2], "1");
        assert_eq!(found("horizon_days")[1..], ["days", "required", "Simulated time, in days."]);
        assert_eq!(found("pools.NAME.rebate_share")[2], "1.0");
        assert_eq!(found("pools.NAME.quote")[2], "\"USD\"");
        assert_eq!(found("network.blocks.people")[2], "1");
        assert!(found("fx.profile")[3].ends_with("One of WhitepaperV1, EraA, Deployed2023."));
        assert_eq!(found("fx.thresholds")[2], "none");
        assert_eq!(found("pools.NAME.curve.amplification")[2], "required");
        assert_eq!(found("governance.vote_market.resale_share")[2], "0.5");
        assert_eq!(found("governance.vote_market.loans.collateral_ratio")[1..3], ["ratio", "1.5"]);
        assert!(found("governance.rules.quorum_share")[3].contains("0.04"));
        assert_eq!(found("pools.NAME.liquidity.cycle_hours")[1..3], ["hours", "87.5"]);
        assert!(found("pools.NAME.liquidity.gate.rule")[3].ends_with("One of ProRata, FirstCome."));
    }

    #[test]
    fn studies_of_risk_have_theirs() {
        let rows = of_risk().rows;
        let found =
            |path: &str| rows.iter().find(|row| row[0] == path).unwrap_or_else(|| panic!("no `{path}`"));
        assert_eq!(found("confidence_levels")[1..3], ["share", "[0.95, 0.99]"]);
        assert_eq!(found("model.term_hours")[1..3], ["hours", "2190"]);
        assert_eq!(found("model.price.jump_probability_per_hour")[1], "1/hour");
        assert!(found("model.conversion.delay_hours")[3].starts_with("Of AtMarket: "));
    }

    #[test]
    fn every_field_is_listed_with_a_meaning() {
        let experiment = serde_json::to_value(reread(SMALLEST).unwrap().0).unwrap();
        let rows = list().rows;
        for name in experiment.as_object().unwrap().keys() {
            let found = rows.iter().find(|row| row[0] == *name).unwrap_or_else(|| panic!("no `{name}`"));
            assert!(!found[3].is_empty(), "`{name}` has no meaning");
        }
    }
}
