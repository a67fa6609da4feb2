//! What an archetype is made from: a profile, whose fields are numbers or laws from which each agent draws its own.

use std::collections::BTreeMap;

use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::numerics::distribution::Dist;
use crate::quantity::AssetId;
use crate::venue::Venues;
use crate::venue::book::BookId;
use crate::venue::launch::LaunchId;
use crate::venue::lending::LoanMarketId;
use crate::venue::pool::PoolId;
use crate::venue::stake_pools::EmissionPoolId;
use crate::world::ledger::Ledger;

/// A mistake in a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// The field, dotted from the profile's root: `endowment.wealth_usd`.
    pub field: String,
    /// What is allowed.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// What an agent owns when the run begins.
///
/// Assets from outside (dollars, ETH) are brought in as wished. Assets that venues issue (fETH, xETH, pool shares, the
/// governance token) have a supply of their own at genesis: it is shared out in proportion to what everybody wished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endowment {
    /// Value of all it owns, in dollars.
    pub wealth_usd: Dist,
    /// Which share of it is held in which asset, by ticker; the shares add up to one.
    pub holdings: BTreeMap<String, f64>,
}

/// What an archetype finds its way with when it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'w> {
    /// The assets there are.
    pub ledger: &'w Ledger,
    /// The venues there are.
    pub venues: &'w Venues,
    /// The length of a tick, in days.
    pub tick_days: f64,
}

impl Surroundings<'_> {
    /// The pool of that name.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the pools there are.
    pub fn pool(&self, field: &str, name: &str) -> Result<PoolId, ProfileProblem> {
        let pools = self.venues.pools().iter().map(|pool| &pool.name);
        named(field, name, "a pool", pools).map(PoolId)
    }

    /// The pool of that name, if it trades these coins, on whichever side.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the pools there are, or says that this one does not trade them.
    pub fn pool_with(&self, field: &str, name: &str, coins: &[AssetId]) -> Result<PoolId, ProfileProblem> {
        let id = self.pool(field, name)?;
        if coins.iter().all(|coin| self.venues.pool(id).coins.contains(coin)) {
            return Ok(id);
        }
        let symbols: Vec<&str> = coins.iter().map(|coin| self.ledger.asset(*coin).symbol.as_str()).collect();
        Err(ProfileProblem {
            field: field.into(),
            expected: format!("a pool of {}", symbols.join(" against ")),
            found: format!("`{name}`"),
        })
    }

    /// The order book of that name.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the order books there are.
    pub fn book(&self, field: &str, name: &str) -> Result<BookId, ProfileProblem> {
        let books = self.venues.books().iter().map(|book| &book.terms.name);
        named(field, name, "an order book", books).map(BookId)
    }

    /// The launch of that name.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the launches there are.
    pub fn launch(&self, field: &str, name: &str) -> Result<LaunchId, ProfileProblem> {
        let launches = self.venues.launches().iter().map(|launch| &launch.terms.name);
        named(field, name, "a launch", launches).map(LaunchId)
    }

    /// The pool of that name, if it trades the two coins of the book.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the pools there are, or says that the coins differ.
    pub fn pool_of_coins(&self, field: &str, name: &str, book: BookId) -> Result<PoolId, ProfileProblem> {
        let (id, book) = (self.pool(field, name)?, self.venues.book(book));
        if self.venues.pool(id).coins == book.terms.coins {
            return Ok(id);
        }
        Err(ProfileProblem {
            field: field.into(),
            expected: format!("a pool of the coins of `{}`", book.terms.name),
            found: format!("`{name}`"),
        })
    }

    /// The loan market of that name.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the loan markets there are.
    pub fn loan_market(&self, field: &str, name: &str) -> Result<LoanMarketId, ProfileProblem> {
        let markets = self.venues.loans().iter().map(|market| &market.name);
        named(field, name, "a loan market", markets).map(LoanMarketId)
    }

    /// The staking pool of that name.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the staking pools there are.
    pub fn staking_pool(&self, field: &str, name: &str) -> Result<EmissionPoolId, ProfileProblem> {
        let pools = self.venues.stakes().pools().iter().map(|pool| &pool.name);
        named(field, name, "a staking pool", pools).map(EmissionPoolId)
    }

    /// The asset of that ticker.
    ///
    /// # Errors
    /// [`ProfileProblem`] that lists the assets there are.
    pub fn asset(&self, field: &str, symbol: &str) -> Result<AssetId, ProfileProblem> {
        self.ledger.find(symbol).ok_or_else(|| ProfileProblem {
            field: field.into(),
            expected: format!(
                "the ticker of an asset ({})",
                names(self.ledger.assets().map(|(_, asset)| &asset.symbol))
            ),
            found: format!("`{symbol}`"),
        })
    }

    /// The probability of being active in a tick at this many wake-ups a day (a Poisson process).
    #[must_use]
    pub fn activity(&self, per_day: f64) -> f64 {
        -libm::expm1(-per_day.max(0.0) * self.tick_days)
    }
}

/// The place of `name` among `all`, or what `what` there is to name.
fn named<'a>(
    field: &str,
    name: &str,
    what: &str,
    all: impl Iterator<Item = &'a String> + Clone,
) -> Result<u8, ProfileProblem> {
    let mut places = (0..).zip(all.clone());
    let place = places.find(|(_, other)| *other == name).map(|(place, _)| place);
    place.ok_or_else(|| ProfileProblem {
        field: field.into(),
        expected: format!("the name of {what} ({})", names(all)),
        found: format!("`{name}`"),
    })
}

fn names<'a>(all: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<&str> = all.map(String::as_str).collect();
    if all.is_empty() { "there is none".into() } else { all.join(", ") }
}

/// One agent, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn<T> {
    /// Probability of being active in a tick.
    pub activity: f64,
    /// Value of all it owns, in dollars.
    pub wealth_usd: f64,
    /// The component.
    pub agent: T,
}

/// A kind of agent.
pub trait Archetype: Component<Mutability = Mutable> + Copy {
    /// Its name: `saver`.
    const KIND: &'static str;
    /// What it is drawn from; the body of `agents/*.ron`.
    type Profile: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned;

    /// Everything that is wrong with a profile by itself.
    fn problems(profile: &Self::Profile) -> Vec<ProfileProblem>;

    /// What its agents own at the start.
    fn endowment(profile: &Self::Profile) -> &Endowment;

    /// How many further wallets each of its agents can open: most kinds have no use for any.
    fn further_wallets(_: &Self::Profile) -> u8 {
        0
    }

    /// Draws one agent. Each field draws in a fixed order, one uniform number each.
    ///
    /// # Errors
    /// [`ProfileProblem`] if the profile names a pool or an asset that this world does not have.
    fn draw(
        profile: &Self::Profile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem>;

    /// Adds the decide system to a world, to the people's block or to the bots'.
    fn schedule(world: &mut World);
}

/// Collects the problems of a profile's fields.
#[derive(Debug, Default)]
pub struct Check {
    problems: Vec<ProfileProblem>,
}

impl Check {
    /// A law whose draws must lie within `low..=high`.
    #[must_use]
    pub fn law(mut self, field: &str, law: &Dist, low: f64, high: f64) -> Self {
        for problem in law.problems() {
            let field = if problem.field.is_empty() {
                field.to_owned()
            } else {
                format!("{field}.{}", problem.field)
            };
            self.problems.push(ProfileProblem { field, expected: problem.expected, found: problem.found });
        }
        let (least, most) = law.range();
        if least < low || most > high {
            self.problems.push(ProfileProblem {
                field: field.into(),
                expected: format!("values from {low} to {high}"),
                found: format!("values from {least} to {most}"),
            });
        }
        self
    }

    /// A number that must lie within `low..=high`.
    #[must_use]
    pub fn number(mut self, field: &str, value: f64, low: f64, high: f64) -> Self {
        if !(value >= low && value <= high) {
            self.problems.push(ProfileProblem {
                field: field.into(),
                expected: format!("a number from {low} to {high}"),
                found: value.to_string(),
            });
        }
        self
    }

    /// An endowment: positive wealth, shares that add up to one.
    #[must_use]
    pub fn endowment(self, endowment: &Endowment) -> Self {
        let mut check = self.law("endowment.wealth_usd", &endowment.wealth_usd, 0.0, f64::INFINITY);
        let whole: f64 = endowment.holdings.values().sum();
        for (symbol, share) in &endowment.holdings {
            check = check.number(&format!("endowment.holdings.{symbol}"), *share, 0.0, 1.0);
        }
        if (whole - 1.0).abs() > 1e-9 || whole.is_nan() {
            check.problems.push(ProfileProblem {
                field: "endowment.holdings".into(),
                expected: "shares that add up to 1".into(),
                found: format!("a sum of {whole}"),
            });
        }
        check
    }

    /// What was found.
    #[must_use]
    pub fn done(self) -> Vec<ProfileProblem> {
        self.problems
    }
}
