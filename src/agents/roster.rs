//! The roster: one line for each kind of agent.

use bevy_ecs::prelude::World;
use serde::{Deserialize, Serialize};

use super::arbitrageur::Arbitrageur;
use super::attacker::Attacker;
use super::borrower::Borrower;
use super::keeper::Keeper;
use super::launch_participant::LaunchParticipant;
use super::lender::Lender;
use super::liquidity_provider::LiquidityProvider;
use super::market_maker::MarketMaker;
use super::noise_trader::NoiseTrader;
use super::profile::{Archetype, Endowment, ProfileProblem};
use super::rebalancer::Rebalancer;
use super::saver::Saver;
use super::staker::Staker;
use super::token_investor::TokenInvestor;
use super::voter::Voter;
use super::xeth_speculator::XethSpeculator;

macro_rules! roster {
    ($($(#[$meaning:meta])* $kind:ident),+ $(,)?) => {
        /// A profile of any kind: what stands in a file of `agents/`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[allow(clippy::large_enum_variant, reason = "an experiment has a few profiles: their size does not matter")]
        pub enum Profile {
            $($(#[$meaning])* $kind(<$kind as Archetype>::Profile),)+
        }

        impl Profile {
            /// The name of the kind: `saver`.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => <$kind as Archetype>::KIND,)+ }
            }

            /// Everything that is wrong with the profile by itself.
            #[must_use]
            pub fn problems(&self) -> Vec<ProfileProblem> {
                match self { $(Self::$kind(profile) => $kind::problems(profile),)+ }
            }

            /// How many further wallets each of its agents can open.
            #[must_use]
            pub fn further_wallets(&self) -> u8 {
                match self { $(Self::$kind(profile) => $kind::further_wallets(profile),)+ }
            }

            /// What its agents own at the start.
            #[must_use]
            pub fn endowment(&self) -> &Endowment {
                match self { $(Self::$kind(profile) => $kind::endowment(profile),)+ }
            }

            /// Draws `count` agents and brings them into the world; answers with each one's wealth in dollars.
            ///
            /// # Errors
            /// [`super::PopulateError`] if the profile names what this world does not have.
            pub fn populate(
                &self,
                world: &mut World,
                name: &str,
                count: u32,
            ) -> Result<(super::Population, Vec<f64>), super::PopulateError> {
                match self { $(Self::$kind(profile) => super::populate::<$kind>(world, profile, name, count),)+ }
            }
        }

        /// Adds the decide system of each of these kinds to a world: who is absent costs no time.
        pub fn schedule(world: &mut World, kinds: &[&str]) {
            $(if kinds.contains(&<$kind as Archetype>::KIND) {
                super::install::<$kind>(world);
            })+
        }
    };
}

roster! {
    /// Trades at random.
    NoiseTrader,
    /// Holds the governance token and votes.
    Voter,
    /// Locks the governance token for new ones.
    Staker,
    /// Holds a stable asset for as long as it trusts it.
    Saver,
    /// Wants leverage on the collateral.
    XethSpeculator,
    /// Provides liquidity for as long as it pays.
    LiquidityProvider,
    /// Borrows dollars against collateral for a fixed term.
    Borrower,
    /// Lends dollars for a fixed term.
    Lender,
    /// Trades price differences away.
    Arbitrageur,
    /// Settles, liquidates and harvests at the treasury.
    Keeper,
    /// Takes what votes can take, when it pays.
    Attacker,
    /// Trades the collateral pools of loan markets back to the outside price.
    Rebalancer,
    /// Holds the governance token for what it believes it is worth.
    TokenInvestor,
    /// Quotes both sides of an order book.
    MarketMaker,
    /// Registers for tickets of a launch.
    LaunchParticipant,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::stage::read;
    use super::*;

    fn shipped() -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("agents");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
            .map(|path| {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    #[test]
    fn shipped_profiles_are_read_and_have_no_problems() {
        let files = shipped();
        assert!(files.len() >= 8);
        for (name, text) in files {
            let profile = read(&text).unwrap_or_else(|error| panic!("agents/{name}.ron: {error}"));
            assert_eq!(profile.problems(), [], "agents/{name}.ron");
            let written = ron::to_string(&profile).unwrap();
            assert_eq!(ron::from_str::<Profile>(&written).unwrap(), profile, "{name} comes back as written");
        }
    }

    #[test]
    fn every_number_people_tune_is_explained() {
        for (name, text) in shipped() {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for (place, line) in lines.iter().enumerate() {
                let field = line.split_once(": ").is_some_and(|(field, value)| {
                    !field.starts_with("//")
                        && field.chars().all(|c| c.is_alphanumeric() || c == '_')
                        && value != "("
                });
                let style = line.starts_with("style:");
                if field && !style {
                    assert!(lines[place - 1].starts_with("//"), "agents/{name}.ron: `{line}` has no comment");
                }
            }
        }
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let (_, saver) = shipped().into_iter().find(|(name, _)| name == "saver").unwrap();
        let wrong = saver.replace("slippage_share: 0.005", "slippage_share: 1.5");
        let problems = read(&wrong).unwrap().problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(
            (problems[0].field.as_str(), problems[0].expected.as_str(), problems[0].found.as_str()),
            ("slippage_share", "values from 0 to 1", "values from 1.5 to 1.5")
        );
        let unknown = saver.replace("slippage_share", "slipage_share");
        assert!(read(&unknown).unwrap_err().contains("slippage_share"));
    }
}
