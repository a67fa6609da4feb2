//! Random wishes, sensible and absurd.

use ballast::protocol::amm::Side;
use ballast::quantity::{Amount, AssetId};
use ballast::venue::Action;
use ballast::venue::exchange::Order;
use ballast::venue::lending::{LendAction, LeveredEntry, LoanMarketId};
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::world::ledger::AccountId;
use ballast::world::mempool::{MinimumGain, Size, Terms};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::place::{ETH, LOANS, Place, TERM, USD};

pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn one_in(&mut self, many: u32) -> bool {
        self.0.random_range(0..many) == 0
    }

    /// Uniform between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// Hours that pass: mostly one, at times weeks, now and then a term or more.
    pub(crate) fn hours(&mut self) -> u32 {
        match self.below(24) {
            0 => TERM - 1 + self.below(3) as u32,
            1..=3 => 24 * (1 + self.below(30) as u32),
            4 => 2 * TERM + 5,
            _ => 1 + self.below(6) as u32,
        }
    }

    /// A factor of a price: mostly a few percent, at times a crash or a rally.
    pub(crate) fn move_of_price(&mut self) -> f64 {
        match self.below(20) {
            0 => 0.55 + 0.3 * self.share(),
            1 => 1.1 + 0.7 * self.share(),
            2 => 0.9 + 0.08 * self.share(),
            _ => 0.97 + 0.06 * self.share(),
        }
    }

    /// Part of what is held, mostly a small one; now and then nothing, all, too much or nonsense.
    fn amount(&mut self, held: Amount) -> Amount {
        const ODD: [i64; 8] = [0, -1, 1, 2, i64::MAX, i64::MIN, i64::MAX / 2, -1_000_000];
        let held = held.atoms();
        let atoms = match self.below(16) {
            0 => ODD[self.below(ODD.len())],
            1 => held,
            2 => held.saturating_add(1),
            3 => 1 + self.below(5_000) as i64,
            _ => (held as f64 * libm::pow(self.share(), 4.0)) as i64,
        };
        Amount::from_atoms(atoms)
    }

    fn size(&mut self, held: Amount) -> Size {
        if self.one_in(6) { Size::Previous } else { Size::Exact(self.amount(held)) }
    }

    fn least(&mut self) -> Amount {
        if self.one_in(6) { self.amount(Amount::from_atoms(1_000_000_000)) } else { Amount::ZERO }
    }

    pub(crate) fn action(&mut self, place: &Place, actor: AccountId) -> Action {
        match self.below(12) {
            0 => {
                let bought = self.one_in(2);
                let size = self.size(place.held(actor, if bought { USD } else { ETH }));
                Action::Exchange(if bought {
                    Order::Buy { asset: ETH, dollars: size }
                } else {
                    Order::Sell { asset: ETH, amount: size }
                })
            }
            1 => {
                let side = if self.one_in(2) { Side::SellBase } else { Side::BuyBase };
                let amount = self.size(place.held(actor, [ETH, USD][side.coin_in()]));
                Action::Pool(PoolAction::Swap { pool: PoolId(0), side, amount, min_out: Amount::ZERO })
            }
            _ => Action::Lend(self.lend_action(place, actor)),
        }
    }

    fn lend_action(&mut self, place: &Place, actor: AccountId) -> LendAction {
        let market = if self.one_in(60) { LoanMarketId(7) } else { LOANS };
        let slot = place.slot();
        let of = |asset: AssetId| place.held(actor, asset);
        match self.below(14) {
            0 | 1 => LendAction::Join { market, collateral: self.size(of(ETH)) },
            2 => {
                let entry = if self.one_in(2) { LeveredEntry::Margin } else { LeveredEntry::Roll };
                LendAction::JoinLevered { market, collateral: self.size(of(ETH)), entry }
            }
            3 | 4 => LendAction::SellYield {
                market,
                yield_tokens: self.size(of(slot.yield_token)),
                min_out: self.least(),
            },
            5 | 6 => LendAction::BuyYield { market, tokens: self.size(of(USD)), min_out: self.least() },
            7 => LendAction::Provide { market, tokens: self.size(of(USD)) },
            8 => LendAction::Withdraw { market, shares: self.size(of(place.loan().shares)) },
            9..=11 => self.rebalance(place, market, actor),
            12 => {
                let before = &place.loan().slots[self.below(2)];
                LendAction::RedeemYield { market, yield_tokens: self.size(of(before.yield_token)) }
            }
            _ => {
                let before = &place.loan().slots[self.below(2)];
                LendAction::RedeemKey { market, key_tokens: self.size(of(before.key_token)) }
            }
        }
    }

    /// Half of the time what an arbitrageur would do.
    fn rebalance(&mut self, place: &Place, market: LoanMarketId, actor: AccountId) -> LendAction {
        let sensible = ballast::venue::Venues::rebalancing_trade(&place.view()).filter(|_| self.one_in(2));
        let (collateral_in, amount) = match sensible {
            Some(trade) => {
                let collateral_in = trade.side == Side::SellBase;
                let atoms = trade.amount_in * if collateral_in { 1e9 } else { 1e6 };
                (collateral_in, Size::Exact(Amount::from_atoms(atoms as i64)))
            }
            None => {
                let collateral_in = self.one_in(2);
                (collateral_in, self.size(place.held(actor, if collateral_in { ETH } else { USD })))
            }
        };
        LendAction::Rebalance { market, collateral_in, amount, min_out: self.least() }
    }

    pub(crate) fn terms(&mut self, place: &Place, actor: AccountId) -> Terms {
        let priority_fee = match self.below(12) {
            0 => self.amount(place.held(actor, USD)),
            1..=3 => Amount::from_atoms(self.below(1_000_000) as i64),
            _ => Amount::ZERO,
        };
        let minimum_gain = self.one_in(8).then(|| MinimumGain {
            asset: [USD, ETH, place.slot().yield_token][self.below(3)],
            amount: self.amount(Amount::from_atoms(1_000_000)),
        });
        Terms { priority_fee, minimum_gain }
    }

    /// Actions that lead back to where they began, and the asset of which there may not be more afterwards.
    pub(crate) fn round_trip(&mut self, place: &Place, actor: AccountId) -> ([Action; 2], AssetId) {
        let part = |chance: &mut Self, asset: AssetId| {
            let held = place.held(actor, asset).atoms() as f64;
            Size::Exact(Amount::from_atoms((held * libm::pow(chance.share(), 4.0)) as i64))
        };
        let (market, min_out) = (LOANS, Amount::ZERO);
        let bond = place.slot().yield_token;
        let (there, back, asset) = match self.below(3) {
            0 => (
                LendAction::Provide { market, tokens: part(self, USD) },
                LendAction::Withdraw { market, shares: Size::Previous },
                USD,
            ),
            1 => (
                LendAction::SellYield { market, yield_tokens: part(self, bond), min_out },
                LendAction::BuyYield { market, tokens: Size::Previous, min_out },
                bond,
            ),
            _ => (
                LendAction::BuyYield { market, tokens: part(self, USD), min_out },
                LendAction::SellYield { market, yield_tokens: Size::Previous, min_out },
                USD,
            ),
        };
        ([Action::Lend(there), Action::Lend(back)], asset)
    }
}
