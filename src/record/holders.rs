//! Who ended up with what: the final state of every agent, and Lorenz curves at chosen ticks.

use bevy_ecs::prelude::*;

use super::metrics::Group;
use super::metrics::concentration::{Subject, holdings};
use super::recorder::{Onlooker, Scene, column};
use super::table::{Cells, Table, TableError};
use crate::quantity::AssetId;
use crate::venue::attribution::Cause;
use crate::world::ledger::AccountId;

/// Points of a Lorenz curve.
const LORENZ_POINTS: usize = 41;

/// Keeps what every agent owned at the start, and takes Lorenz curves on the way.
#[derive(Debug, Resource)]
pub struct Holders {
    groups: Vec<Group>,
    subjects: Vec<Subject>,
    first_agent: AccountId,
    opening_equity: Vec<f64>,
    lorenz_ticks: [u32; 4],
    lorenz: Vec<(u32, usize, f64, f64)>,
}

impl Holders {
    /// Looks at these groups and subjects; takes Lorenz curves at the start, the end and two ticks between.
    #[must_use]
    pub fn new(groups: Vec<Group>, subjects: Vec<Subject>, last_tick: u32) -> Self {
        let first_agent = groups.first().map_or(AccountId(u32::MAX), |group| group.first);
        let third = last_tick / 3;
        Self {
            groups,
            subjects,
            first_agent,
            opening_equity: Vec::new(),
            lorenz_ticks: [0, third, third * 2, last_tick],
            lorenz: Vec::new(),
        }
    }

    fn agents(&self) -> impl Iterator<Item = (AccountId, &str)> {
        self.groups.iter().flat_map(|group| {
            (group.first.0..group.first.0 + group.count).map(|account| (AccountId(account), &*group.name))
        })
    }

    fn look(&mut self, scene: &Scene<'_>) {
        let tick = scene.clock.tick().0;
        if self.opening_equity.is_empty() {
            let equity = scene.equity();
            self.opening_equity = self.agents().map(|(agent, _)| equity.of(agent)).collect();
        }
        if !self.lorenz_ticks.contains(&tick) {
            return;
        }
        for (place, subject) in self.subjects.iter().enumerate() {
            if let Some(held) = holdings(scene, subject, self.first_agent) {
                self.lorenz.extend(
                    held.lorenz(LORENZ_POINTS)
                        .into_iter()
                        .map(|(holders, held)| (tick, place, holders, held)),
                );
            }
        }
    }

    /// The `lorenz` table of run number `run`.
    ///
    /// # Errors
    /// None in practice: the columns are built to one length.
    pub fn lorenz_table(&self, run: u32) -> Result<Table, TableError> {
        let rows = &self.lorenz;
        let names = rows
            .iter()
            .map(|row| Some(format!("{}{}", self.subjects[row.1].name, self.subjects[row.1].ending())))
            .collect();
        Table::new(vec![
            column("run", "", "number of the run", Cells::Integer(vec![i64::from(run); rows.len()])),
            column(
                "tick",
                "",
                "time step",
                Cells::Integer(rows.iter().map(|row| i64::from(row.0)).collect()),
            ),
            column("subject", "", "what is held", Cells::Text(names)),
            column(
                "holders_share",
                "1",
                "share of holders, from the smallest",
                Cells::Real(rows.iter().map(|row| Some(row.2)).collect()),
            ),
            column(
                "holdings_share",
                "1",
                "share of all that they hold together",
                Cells::Real(rows.iter().map(|row| Some(row.3)).collect()),
            ),
        ])
    }

    /// The `agents` table of run number `run`: final holdings, equity, and profit by cause.
    ///
    /// # Errors
    /// [`TableError::Shape`] if two assets share a ticker.
    pub fn agents_table(&self, scene: &Scene<'_>, run: u32) -> Result<Table, TableError> {
        let agents: Vec<(AccountId, &str)> = self.agents().collect();
        let reals = |read: &dyn Fn(usize, AccountId) -> f64| {
            let cells = agents.iter().enumerate().map(|(place, (agent, _))| Some(read(place, *agent)));
            Cells::Real(cells.map(|cell| cell.filter(|value| value.is_finite())).collect())
        };
        let worth = scene.equity();
        let equity = |agent| worth.of(agent);
        let opening = |place: usize| self.opening_equity.get(place).copied().unwrap_or(0.0);
        let booked =
            |agent| Cause::ALL.iter().map(|cause| scene.attribution.booked(agent, *cause)).sum::<f64>();
        let mut columns = vec![
            column("run", "", "number of the run", Cells::Integer(vec![i64::from(run); agents.len()])),
            column(
                "agent",
                "",
                "account",
                Cells::Integer(agents.iter().map(|(agent, _)| i64::from(agent.0)).collect()),
            ),
            column(
                "kind",
                "",
                "population",
                Cells::Text(agents.iter().map(|(_, kind)| Some((*kind).to_owned())).collect()),
            ),
            column("equity_usd", "usd", "value of all it holds", reals(&|_, agent| equity(agent))),
            column(
                "pnl_usd",
                "usd",
                "profit and loss since the start",
                reals(&|place, agent| equity(agent) - opening(place)),
            ),
            column(
                "pnl_price_usd",
                "usd",
                "from prices of what it held",
                reals(&|place, agent| equity(agent) - opening(place) - booked(agent)),
            ),
        ];
        for cause in Cause::ALL {
            columns.push(column(
                &format!("pnl_{}_usd", cause.name()),
                "usd",
                cause.meaning(),
                reals(&|_, agent| scene.attribution.booked(agent, cause)),
            ));
        }
        for (asset, known) in scene.ledger.assets().collect::<Vec<(AssetId, _)>>() {
            columns.push(column(
                &format!("holds_{}", known.symbol.to_lowercase()),
                &known.symbol,
                "final holding",
                reals(&|_, agent| scene.ledger.units(agent, asset)),
            ));
        }
        Table::new(columns)
    }
}

/// Looks at the holders: a system of [`crate::world::phase::Phase::Record`].
pub fn look_at_holders(onlooker: Onlooker, mut holders: ResMut<Holders>) {
    holders.look(&onlooker.scene());
}
