//! The yardstick: the common model as a hand-written loop over dense arrays, without ledger, receipts or audit.

use ballast::numerics::philox::Philox;
use rand::RngExt;

/// One ETH/USD constant-product pool, traders in two arrays, one arbitrageur with the closed-form trade.
pub(crate) struct Dense {
    usd: Vec<f64>,
    eth: Vec<f64>,
    pool: [f64; 2],
    activity: u32,
    prices: Vec<f64>,
    record: Vec<[f64; 2]>,
    tick: u32,
}

const FEE: f64 = 0.003;

impl Dense {
    /// `traders` traders, each active with probability `activity` a tick, along `prices`.
    pub(crate) fn new(traders: u32, activity: f64, prices: &[f64]) -> Self {
        let side = 200.0 * f64::from(traders.max(1_000));
        Self {
            usd: vec![2_000.0; traders as usize],
            eth: vec![1.0; traders as usize],
            pool: [side / 2_000.0, side],
            activity: (activity * f64::from(u32::MAX)) as u32,
            prices: prices.to_vec(),
            record: Vec::new(),
            tick: 0,
        }
    }

    fn swap(pool: &mut [f64; 2], into: usize, amount: f64) -> f64 {
        let net = amount * (1.0 - FEE);
        let out = pool[1 - into] * net / (pool[into] + net);
        pool[into] += amount;
        pool[1 - into] -= out;
        out
    }

    /// Everyone is visited: a coin toss each from a cheap sequential generator, and a swap of those whose coin says so.
    pub(crate) fn tick(&mut self) {
        let mut state = u64::from(self.tick).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for trader in 0..self.usd.len() {
            // xorshift64*: one multiplication a coin.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            if (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32 >= self.activity {
                continue;
            }
            let mut draws = Philox::new(7, trader as u32, self.tick);
            let (side, share): (f64, f64) = (draws.random(), draws.random());
            if side < 0.5 {
                let paid = self.eth[trader] * 0.1 * share;
                self.eth[trader] -= paid;
                self.usd[trader] += Self::swap(&mut self.pool, 0, paid);
            } else {
                let paid = self.usd[trader] * 0.1 * share;
                self.usd[trader] -= paid;
                self.eth[trader] += Self::swap(&mut self.pool, 1, paid);
            }
        }
        let outside = self.prices[self.tick as usize % self.prices.len()];
        let [x, y] = self.pool;
        let kept = 1.0 - FEE;
        if outside * kept > y / x {
            Self::swap(&mut self.pool, 1, ((kept * outside * x * y).sqrt() - y) / kept);
        } else if outside < kept * y / x {
            Self::swap(&mut self.pool, 0, ((kept * x * y / outside).sqrt() - x) / kept);
        }
        self.record.push([self.pool[1] / self.pool[0], outside]);
        self.tick += 1;
    }
}
