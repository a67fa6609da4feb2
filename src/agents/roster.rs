//! The roster: one line for each kind of agent.

use bevy_ecs::prelude::World;
use serde::{Deserialize, Serialize};

use super::liquidity_provider::LiquidityProvider;
use super::noise_trader::NoiseTrader;
use super::profile::{Archetype, Endowment, ProfileProblem};
use super::saver::Saver;
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

        /// Adds the decide system of every kind to a world.
        pub fn schedule(world: &mut World) {
            $(super::install::<$kind>(world);)+
        }
    };
}

roster! {
    /// Trades at random.
    NoiseTrader,
    /// Holds the governance token and votes.
    Voter,
    /// Holds a stable asset for as long as it trusts it.
    Saver,
    /// Wants leverage on the collateral.
    XethSpeculator,
    /// Provides liquidity for as long as it pays.
    LiquidityProvider,
}
