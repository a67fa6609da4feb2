//! Matching throughput of an order book, in operations a second.
//!
//! `cargo bench --bench order_book`. The stream is like that of a busy venue: most orders rest near the best price and most
//! of them are cancelled, a tenth trade. Books of a hundred and of a hundred thousand orders.

#![allow(clippy::unwrap_used, reason = "a bench stops where its own set-up is wrong")]

use std::hint::black_box;

use ballast::protocol::order_book::{
    Budget, Fill, Limit, OrderBook, OrderId, SelfMatch, Side, TimeInForce, Trader,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const OPERATIONS: usize = 10_000;
const MIDDLE: u32 = 200_000;

/// What somebody asks of the book; a cancellation names one of the orders placed in the stream before it.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Place(Limit),
    Take(Trader, Side, u32),
    CancelPlaced(usize),
}

fn limit(random: &mut ChaCha8Rng) -> Limit {
    let side = if random.random() { Side::Buy } else { Side::Sell };
    let away = random.random_range(1..200_u32);
    Limit {
        owner: Trader(random.random_range(0..1_000)),
        side,
        price: if side == Side::Buy { MIDDLE - away } else { MIDDLE + away },
        lots: random.random_range(1..100),
        time_in_force: TimeInForce::GoodTillCancelled,
        self_match: SelfMatch::CancelResting,
    }
}

/// A book in which so many orders rest.
fn filled(orders: usize, random: &mut ChaCha8Rng) -> OrderBook {
    let (mut book, mut fills) = (OrderBook::default(), Vec::new());
    for _ in 0..orders {
        book.place(&limit(random), &mut fills).unwrap();
    }
    book.commit();
    book
}

/// Half of the operations place, four in ten cancel, one in ten takes.
fn stream(random: &mut ChaCha8Rng) -> Vec<Wish> {
    let mut placed = 0;
    (0..OPERATIONS)
        .map(|_| match random.random_range(0..10) {
            0..=3 if placed > 0 => Wish::CancelPlaced(random.random_range(0..placed)),
            4 => {
                let side = if random.random() { Side::Buy } else { Side::Sell };
                Wish::Take(Trader(random.random_range(0..1_000)), side, random.random_range(1..200))
            }
            _ => {
                placed += 1;
                Wish::Place(limit(random))
            }
        })
        .collect()
}

/// Each operation is a transaction of its own.
fn run(
    book: &mut OrderBook,
    wishes: &[Wish],
    fills: &mut Vec<Fill>,
    placed: &mut Vec<Option<(Trader, OrderId)>>,
) {
    for wish in wishes {
        fills.clear();
        match *wish {
            Wish::Place(limit) => {
                let resting = book.place(&limit, fills).unwrap().resting;
                placed.push(resting.map(|(id, _)| (limit.owner, id)));
            }
            Wish::Take(owner, side, lots) => {
                book.market(owner, side, Budget::Lots(lots), SelfMatch::CancelResting, fills).unwrap();
            }
            Wish::CancelPlaced(place) => {
                if let Some((owner, id)) = placed[place].take() {
                    // It may have traded before.
                    let _ = black_box(book.cancel(owner, id));
                }
            }
        }
        book.commit();
    }
}

fn criterion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("order_book");
    group.throughput(Throughput::Elements(OPERATIONS as u64)).sample_size(30);
    for orders in [100, 100_000] {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let (book, wishes) = (filled(orders, &mut random), stream(&mut random));
        group.bench_function(format!("{orders} orders"), |bench| {
            bench.iter_batched_ref(
                || (book.clone(), Vec::with_capacity(64), Vec::with_capacity(OPERATIONS)),
                |(book, fills, placed)| run(book, &wishes, fills, placed),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, criterion);

fn main() {
    // `cargo test --benches` runs benches too; it only needs to know that they start.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
