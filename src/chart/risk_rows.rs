//! What the charts of a study of risk ask of its table `estimates`.

use super::axis::Axis;
use super::data::NotDrawn;
use super::figure::Mark;
use super::style::{GREY, Stroke};
use crate::record::table::{Table, TableError};

/// Below this number of tail events a point is marked.
const FEW_EVENTS: i64 = 30;

/// One row: a loan of a model at a level. Shares are in per cent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) model: String,
    pub(super) ltv: f64,
    pub(super) confidence: f64,
    pub(super) default_probability: Figure,
    pub(super) rare_default_probability: Figure,
    pub(super) value_at_risk: Figure,
    pub(super) expected_shortfall: Option<f64>,
    pub(super) value_at_risk_given_default: Figure,
    /// Whether that rests on too few tail events.
    pub(super) rests_on_few: bool,
    pub(super) published: Option<f64>,
    pub(super) loss_threshold: Option<f64>,
    pub(super) exceedance: Figure,
}

/// A figure and the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    pub(super) value: Option<f64>,
    pub(super) ends: Option<(f64, f64)>,
}

impl Figure {
    /// Whether the interval of one holds nothing of that of the other; a figure without an interval stands for itself.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        let ends = |figure: &Self| figure.ends.or_else(|| figure.value.map(|value| (value, value)));
        let pair = ends(self).zip(ends(other));
        pair.is_some_and(|(one, other)| one.1 < other.0 || other.1 < one.0)
    }
}

/// The rows of a part of the study, in their order.
pub(super) fn rows(estimates: &Table, part: &str, chart: &'static str) -> Result<Vec<Row>, NotDrawn> {
    let table = estimates.only("part", part);
    if table.rows() == 0 {
        return Err(NotDrawn::NoRows { chart, table: "estimates" });
    }
    read(&table).map_err(|source| NotDrawn::Column { chart, source })
}

fn read(table: &Table) -> Result<Vec<Row>, TableError> {
    let column = |name: &str| {
        let cells = table.real(name)?;
        Ok::<Vec<Option<f64>>, TableError>(cells.iter().map(|cell| cell.map(|share| 100.0 * share)).collect())
    };
    let figure = |name: &str| {
        let (value, low, high) =
            (column(name)?, column(&format!("{name}_low"))?, column(&format!("{name}_high"))?);
        let ends = low.into_iter().zip(high).map(|(low, high)| low.zip(high));
        Ok(value.into_iter().zip(ends).map(|(value, ends)| Figure { value, ends }).collect::<Vec<_>>())
    };
    let model = table.text("model")?;
    let (ltv, confidence) = (column("ltv")?, column("confidence")?);
    let (default_probability, rare) = (figure("default_probability")?, figure("rare_default_probability")?);
    let (all, given) = (figure("value_at_risk")?, figure("value_at_risk_given_default")?);
    let shortfall = column("expected_shortfall")?;
    let events = table.integer("tail_events_given_default")?;
    let published = column("published_value_at_risk_given_default")?;
    let (threshold, exceedance) = (column("loss_threshold")?, figure("exceedance_probability")?);
    let row = |n: usize| {
        Some(Row {
            model: model[n].clone()?,
            ltv: ltv[n]?,
            confidence: confidence[n]?,
            default_probability: default_probability[n],
            rare_default_probability: rare[n],
            value_at_risk: all[n],
            expected_shortfall: shortfall[n],
            value_at_risk_given_default: given[n],
            rests_on_few: events[n] < FEW_EVENTS,
            published: published[n],
            loss_threshold: threshold[n],
            exceedance: exceedance[n],
        })
    };
    Ok((0..table.rows()).filter_map(row).collect())
}

/// The names of the models, in order, each once.
pub(super) fn models(rows: &[Row]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.model.as_str()) {
            names.push(&row.model);
        }
    }
    names
}

/// The horizontal axis of charts against the loan-to-value, with air at both ends.
pub(super) fn loan_axis(rows: &[Row]) -> Axis {
    let ends = rows.iter().fold(None, |ends: Option<(f64, f64)>, row| {
        Some(ends.map_or((row.ltv, row.ltv), |(low, high)| (low.min(row.ltv), high.max(row.ltv))))
    });
    let (low, high) = ends.unwrap_or((0.0, 100.0));
    let air = (0.03 * (high - low)).max(0.1);
    Axis::linear().label("loan-to-value, %").limits(low - air, high + air)
}

/// A share in per cent, as short as it can be told.
pub(super) fn per_cent(number: f64) -> String {
    format!("{} %", super::axis::number(number, 3))
}

/// A level in per cent, with as many digits as tell 99.99 from 100.
pub(super) fn level(number: f64) -> String {
    format!("{} %", super::axis::number(number, 5))
}

/// An upright interval at a place.
pub(super) fn whisker(place: f64, figure: &Figure) -> Option<Mark> {
    let (low, high) = figure.ends?;
    Some(Mark::line(vec![(place, Some(low)), (place, Some(high))], Stroke::solid(GREY, 1.1), ""))
}
