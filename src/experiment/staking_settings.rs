//! Which staking pools there are, what they emit, when they open.

use serde::{Deserialize, Serialize};

use crate::protocol::staking::preset::{self, Preset};
use crate::protocol::staking::{CYCLE_BLOCKS, HALVING_CYCLES, Tier};

/// A pool in which an asset is staked for new governance tokens, paid out of the community's part of the supply:
///
/// ```ron
/// staking: [
///     (name: "gov", asset: "GOV", emission: Alex),
///     (name: "eth_usd", asset: "eth_usd_shares", emission: Halving(tokens_per_cycle: 50000), halving_cycles: 20,
///      tiers: [(lock_cycles: 8, weight: 1.5), (lock_cycles: 32, weight: 3)]),
/// ]
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakingSettings {
    /// Name, unique: the prefix of its metrics and of its governable parameters.
    pub name: String,
    /// Ticker of what is staked: the governance token, or the shares of a pool, such as `eth_usd_shares`.
    pub asset: String,
    /// What it emits.
    pub emission: EmissionSettings,
    /// Cycles of an era; the emission of each of five eras is its own, then there is none.
    #[serde(default = "alex_halving")]
    pub halving_cycles: u32,
    /// When it opens.
    #[serde(default)]
    pub opening: OpeningSettings,
    /// Blocks of a cycle; at ten minutes a block, ALEX's 525 are 3.65 days.
    #[serde(default = "alex_cycle")]
    pub cycle_blocks: u64,
    /// Minutes from block to block.
    #[serde(default = "bitcoin_block")]
    pub block_minutes: f64,
    /// `APower` for each token of reward; that of the emission's preset, or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apower_multiplier: Option<f64>,
    /// Commitment tiers, shortest lock first: longer locks count more. Without any, every stake counts alike.
    #[serde(default)]
    pub tiers: Vec<Tier>,
    /// A vault that stakes for the longest lock and compounds, if there is one; the governance token's pool only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<VaultSettings>,
}

/// What a pool emits per cycle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum EmissionSettings {
    /// ALEX by itself at launch: 413,000 and halves of it.
    Alex,
    /// STX-ALEX liquidity at launch: 138,000 and halves of it.
    StxAlex,
    /// STX-xBTC liquidity at launch: 688,000 and halves of it.
    StxXbtc,
    /// Each of the launch pools when they were made alike: 344,000 and halves of it.
    ThreeAlike,
    /// ALEX by itself from AGP014 on: 206,400 and halves of it.
    AlexAgp014,
    /// STX-ALEX liquidity from AGP014 on: 567,600 and halves of it.
    StxAlexAgp014,
    /// STX-xBTC liquidity from AGP014 on: 258,000 and halves of it.
    StxXbtcAgp014,
    /// ALEX-BANANA liquidity: 2,000 and halves of it.
    AlexBanana,
    /// ALEX-USDA liquidity: 2,000 and halves of it.
    AlexUsda,
    /// STX-xUSD liquidity: 20,000 and halves of it.
    StxXusd,
    /// An amount, and half of the last in each era after the first.
    Halving {
        /// Tokens per cycle in the first era.
        tokens_per_cycle: f64,
    },
    /// An amount for each era.
    Eras {
        /// Tokens per cycle, by era.
        tokens_per_cycle: [f64; 5],
    },
}

impl EmissionSettings {
    const fn preset(self) -> Option<Preset> {
        Some(match self {
            Self::Alex => preset::ALEX,
            Self::StxAlex => preset::STX_ALEX,
            Self::StxXbtc => preset::STX_XBTC,
            Self::ThreeAlike => preset::THREE_ALIKE,
            Self::AlexAgp014 => preset::ALEX_AGP014,
            Self::StxAlexAgp014 => preset::STX_ALEX_AGP014,
            Self::StxXbtcAgp014 => preset::STX_XBTC_AGP014,
            Self::AlexBanana => preset::ALEX_BANANA,
            Self::AlexUsda => preset::ALEX_USDA,
            Self::StxXusd => preset::STX_XUSD,
            Self::Halving { .. } | Self::Eras { .. } => return None,
        })
    }

    /// Tokens per cycle, by era.
    #[must_use]
    pub fn tokens_per_cycle(self) -> [f64; 5] {
        match self {
            Self::Halving { tokens_per_cycle: first } => {
                [1.0, 0.5, 0.25, 0.125, 0.062_5].map(|part| part * first)
            }
            Self::Eras { tokens_per_cycle } => tokens_per_cycle,
            // The others are presets.
            _ => self.preset().map_or([0.0; 5], |preset| preset.tokens_per_cycle),
        }
    }

    /// `APower` for each token of reward.
    #[must_use]
    pub fn apower_multiplier(self) -> f64 {
        self.preset().map_or(1.0, |preset| preset.apower_multiplier)
    }
}

/// When a pool opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum OpeningSettings {
    /// At a height.
    Height {
        /// Blocks from the start of the run.
        block: u64,
    },
    /// Some blocks after enough wallets have registered.
    Registrations {
        /// The wallet with this number starts the countdown: 20 in December 2021.
        wallets: u32,
        /// Blocks of the countdown: 150 in December 2021.
        delay_blocks: u64,
    },
}

impl Default for OpeningSettings {
    fn default() -> Self {
        Self::Height { block: 0 }
    }
}

/// A vault beside a pool.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VaultSettings {
    /// Tokens that whoever rolls a cycle keeps.
    pub bounty_tokens: f64,
    /// The last cycle it stakes for, after which shares are redeemed; never if not given.
    pub end_cycle: Option<u32>,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self { bounty_tokens: 1.0, end_cycle: None }
    }
}

fn alex_halving() -> u32 {
    HALVING_CYCLES
}
fn alex_cycle() -> u64 {
    CYCLE_BLOCKS
}
fn bitcoin_block() -> f64 {
    10.0
}

impl StakingSettings {
    /// Seconds from block to block.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "validated to be at most a day")]
    pub fn block_seconds(&self) -> i64 {
        ((self.block_minutes * 60.0).round() as i64).max(1)
    }
}
