//! One panel laid out: its marks become shapes between its axes.

use super::axis::{LARGEST, Ruler, Scale};
use super::figure::{Mark, Panel};
use super::font;
use super::scene::{Align, Area, Pixel, Scene};
use super::style::{Colour, GREY, GRID, INK, LEADING, PAPER, SMALL, Stroke};
use super::thin;

/// Room for the words at the right of a panel, at most.
const ASIDE_ROOM: f64 = 215.0;
/// Room for the words at the left, at most.
const NAME_ROOM: f64 = 190.0;
/// Length of a line sample.
const SAMPLE: f64 = 24.0;

/// A panel with its vertical axis and margins decided.
pub(super) struct Measured<'a> {
    panel: &'a Panel,
    y: Ruler,
    /// Room the words at the left need.
    pub(super) left: f64,
    /// Room the words at the right need.
    pub(super) right: f64,
}

/// Words in the right margin.
struct Aside {
    height: f64,
    words: String,
    colour: Colour,
    sample: Option<Stroke>,
}

/// Decides what does not depend on the width: the vertical axis and the margins.
pub(super) fn measure(panel: &Panel, height: f64) -> Measured<'_> {
    let y = Ruler::new(
        &panel.y,
        span(&panel.marks, panel.y.scale == Scale::Log, vertical),
        ((height / 28.0) as usize).max(3),
        true,
    );
    let words = y.ticks.iter().map(|tick| font::width(&tick.1, SMALL, false).min(NAME_ROOM));
    let left = words.fold(24.0, f64::max) + 9.0;
    let mut measured = Measured { panel, y, left, right: 22.0 };
    let area = Area { left: 0.0, top: 0.0, right: 1.0, bottom: height };
    let asides = measured.asides(&area).into_iter().map(|aside| {
        let sample = if aside.sample.is_some() { SAMPLE + 5.0 } else { 0.0 };
        font::width(&aside.words, SMALL, false) + sample + 16.0
    });
    measured.right = asides.fold(measured.right, f64::max).min(ASIDE_ROOM);
    measured
}

impl Measured<'_> {
    /// Draws axes and marks into an area.
    pub(super) fn draw(&self, scene: &mut Scene, area: &Area) {
        let most = ((area.width() / 78.0) as usize).max(2);
        let x = Ruler::new(
            &self.panel.x,
            span(&self.panel.marks, self.panel.x.scale == Scale::Log, horizontal),
            most,
            false,
        );
        let at_x = |number: f64| x.share(number).map(|share| area.left + share * area.width());
        let at_y = |number: f64| self.y.share(number).map(|share| area.bottom - share * area.height());
        for mark in &self.panel.marks {
            shade(scene, mark, area, &at_x, &at_y);
        }
        self.grid(scene, area, &x);
        for mark in &self.panel.marks {
            draw(scene, mark, area, &at_x, &at_y);
        }
        self.axes(scene, area, &x);
        if !self.panel.marks.iter().any(Mark::is_data) {
            let middle = (f64::midpoint(area.left, area.right), f64::midpoint(area.top, area.bottom));
            scene.text(middle, "no defined value", SMALL, GREY, Align::Middle);
        }
        self.label_right(scene, area);
    }

    fn grid(&self, scene: &mut Scene, area: &Area, x: &Ruler) {
        for (place, _) in &x.ticks {
            if let Some(share) = x.share(*place).filter(|share| (0.0..=1.0).contains(share)) {
                let at = area.left + share * area.width();
                scene.rule((at, area.top), (at, area.bottom), GRID, 0.7);
            }
        }
        if matches!(self.panel.y.scale, Scale::Names(_)) {
            return;
        }
        for (value, _) in &self.y.ticks {
            if let Some(share) = self.y.share(*value).filter(|share| (0.0..=1.0).contains(share)) {
                let at = area.bottom - share * area.height();
                let (colour, width) = if *value == 0.0 { (GREY, 0.9) } else { (GRID, 0.9) };
                scene.rule((area.left, at), (area.right, at), colour, width);
            }
        }
    }

    fn axes(&self, scene: &mut Scene, area: &Area, x: &Ruler) {
        scene.rule((area.left, area.bottom), (area.right, area.bottom), INK, 0.9);
        for (value, words) in &self.y.ticks {
            if let Some(share) = self.y.share(*value).filter(|share| (0.0..=1.0).contains(share)) {
                let at = area.bottom - share * area.height();
                let words = font::shorten(words, SMALL, NAME_ROOM);
                scene.text((area.left - 7.0, at + 4.2), words, SMALL, INK, Align::End);
            }
        }
        for (place, words) in &x.ticks {
            let Some(share) = x.share(*place).filter(|share| (0.0..=1.0).contains(share)) else { continue };
            let at = area.left + share * area.width();
            scene.rule((at, area.bottom), (at, area.bottom + 4.0), INK, 0.9);
            if self.panel.x_written {
                scene.text((at, area.bottom + 17.0), words, SMALL, INK, Align::Middle);
            }
        }
        if self.panel.x_written && !self.panel.x.label.is_empty() {
            let place = (f64::midpoint(area.left, area.right), area.bottom + 34.0);
            scene.text(place, &self.panel.x.label, SMALL, GREY, Align::Middle);
        }
    }

    fn asides(&self, area: &Area) -> Vec<Aside> {
        let height = |value: f64| {
            let share = self.y.share(value).filter(|share| (-1e-9..=1.0 + 1e-9).contains(share))?;
            Some(area.bottom - share * area.height())
        };
        let aside = |mark: &Mark| match mark {
            Mark::Level { value, label: Some(words), stroke } => Some(Aside {
                height: height(*value)?,
                words: words.clone(),
                colour: stroke.colour,
                sample: None,
            }),
            Mark::Line { points, ending: Some(words), stroke, .. } => {
                let last = points.iter().rev().find_map(|point| point.1.filter(|y| y.is_finite()))?;
                let share = self.y.share(last)?.clamp(0.0, 1.0);
                let height = area.bottom - share * area.height();
                Some(Aside { height, words: words.clone(), colour: stroke.colour, sample: Some(*stroke) })
            }
            Mark::Aside { value, words } => {
                Some(Aside { height: height(*value)?, words: words.clone(), colour: INK, sample: None })
            }
            _ => None,
        };
        let mut asides: Vec<Aside> = self.panel.marks.iter().filter_map(aside).collect();
        asides.sort_by(|a, b| a.height.total_cmp(&b.height));
        asides
    }

    fn label_right(&self, scene: &mut Scene, area: &Area) {
        let asides = self.asides(area);
        let wanted: Vec<f64> = asides.iter().map(|aside| aside.height).collect();
        for (aside, height) in asides.iter().zip(spread(&wanted, LEADING, area.top - 4.0, area.bottom)) {
            let edge = area.right + 2.0;
            if (height - aside.height).abs() > 2.0 {
                scene.rule((edge, aside.height), (edge + 8.0, height), GREY, 0.7);
            }
            let mut start = edge + 10.0;
            if let Some(stroke) = &aside.sample {
                sample_line(scene, (start, height), stroke);
                start += SAMPLE + 5.0;
            }
            let room = area.right + ASIDE_ROOM - 4.0 - start;
            let colour = if aside.colour.lightness() > 0.5 { INK } else { aside.colour };
            scene.text(
                (start, height + 4.2),
                font::shorten(&aside.words, SMALL, room),
                SMALL,
                colour,
                Align::Start,
            );
        }
    }
}

/// Moves heights apart to at least `gap`, each as little as the others let it, within the ends while they fit.
fn spread(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut placed: Vec<f64> = wanted.to_vec();
    for n in 1..placed.len() {
        placed[n] = placed[n].max(placed[n - 1] + gap);
    }
    let mut limit = bottom;
    for height in placed.iter_mut().rev() {
        *height = height.min(limit);
        limit = *height - gap;
    }
    let mut limit = top;
    for height in &mut placed {
        *height = height.max(limit);
        limit = *height + gap;
    }
    placed
}

/// A short piece of a line style, for legends.
pub(super) fn sample_line(scene: &mut Scene, (x, y): Pixel, stroke: &Stroke) {
    let area = Area { left: x, top: y - 6.0, right: x + SAMPLE, bottom: y + 6.0 };
    let unmarked = Stroke { marker: None, ..*stroke };
    scene.trace(&[(x, y), (x + SAMPLE, y)], &unmarked, &area);
    if let Some(marker) = stroke.marker {
        scene.mark((x + SAMPLE / 2.0, y), marker, 3.6, stroke.colour);
    }
}

/// The key of a mark in a legend, left end at a place.
pub(super) fn sample(scene: &mut Scene, (x, y): Pixel, mark: &Mark) {
    let block = Area { left: x, top: y - 5.0, right: x + SAMPLE, bottom: y + 5.0 };
    match mark {
        Mark::Line { stroke, .. } => sample_line(scene, (x, y), stroke),
        Mark::Upright { stroke, .. } => {
            let (at, area) = (x + SAMPLE / 2.0, Area { top: y - 7.0, bottom: y + 7.0, ..block });
            scene.trace(&[(at, area.top), (at, area.bottom)], stroke, &area);
        }
        Mark::Band { fill, .. }
        | Mark::Span { fill, .. }
        | Mark::Shelf { fill, .. }
        | Mark::Bar { fill, .. } => {
            scene.block(block, fill);
            if fill.colour == PAPER || fill.colour.lightness() > 0.9 {
                let Area { left, top, right, bottom } = block;
                for (from, to) in [
                    ((left, top), (right, top)),
                    ((left, bottom), (right, bottom)),
                    ((left, top), (left, bottom)),
                    ((right, top), (right, bottom)),
                ] {
                    scene.rule(from, to, GREY, 0.6);
                }
            }
        }
        Mark::Dots { marker, colour, .. } => scene.mark((x + SAMPLE / 2.0, y), *marker, 4.0, *colour),
        Mark::Level { .. } | Mark::Aside { .. } => {}
    }
}

/// The width of a key.
pub(super) const fn sample_width() -> f64 {
    SAMPLE
}

type Place<'a> = &'a dyn Fn(f64) -> Option<f64>;

/// Draws what lies beneath the grid.
fn shade(scene: &mut Scene, mark: &Mark, area: &Area, at_x: Place<'_>, at_y: Place<'_>) {
    match mark {
        Mark::Span { from, to, fill, tag, .. } => {
            let Some((from, to)) = at_x(*from).zip(at_x(*to)) else { return };
            let (left, right) = (from.min(to).max(area.left), from.max(to).min(area.right));
            if right <= left {
                return;
            }
            if fill.colour != PAPER {
                scene.block(Area { left, right, ..*area }, fill);
            }
            if let Some(tag) = tag.as_ref().filter(|tag| font::width(tag, SMALL, false) + 6.0 < right - left)
            {
                let place = (f64::midpoint(left, right), area.top + 13.0);
                scene.text(place, tag, SMALL, GREY, Align::Middle);
            }
        }
        Mark::Shelf { from, to, fill, .. } => {
            let Some((from, to)) = at_y(*from).zip(at_y(*to)) else { return };
            let (top, bottom) = (from.min(to).max(area.top), from.max(to).min(area.bottom));
            scene.block(Area { top, bottom, ..*area }, fill);
        }
        _ => {}
    }
}

/// Draws what lies above the grid.
fn draw(scene: &mut Scene, mark: &Mark, area: &Area, at_x: Place<'_>, at_y: Place<'_>) {
    match mark {
        Mark::Line { points, stroke, stepped, .. } => {
            let placed: Vec<_> =
                points.iter().filter_map(|&(x, y)| Some((at_x(x)?, y.and_then(at_y)))).collect();
            for part in thin::line(&placed, 0.8) {
                match part.as_slice() {
                    [only] if area.clamp(*only) == *only => {
                        scene.mark(*only, super::style::Marker::Disc, 2.2, stroke.colour);
                    }
                    places if *stepped => scene.trace(&thin::steps(places), stroke, area),
                    places => scene.trace(places, stroke, area),
                }
            }
        }
        Mark::Band { points, fill, .. } => {
            let placed: Vec<_> = points
                .iter()
                .filter_map(|&(x, ends)| {
                    let ends = ends.and_then(|(low, high)| at_y(low).zip(at_y(high)));
                    Some((at_x(x)?, ends.map(|(low, high)| (low.min(high), low.max(high)))))
                })
                .collect();
            for part in thin::band(&placed, 1.6) {
                let upper = part.iter().map(|&(x, top, _)| area.clamp((x, top)));
                let lower = part.iter().rev().map(|&(x, _, bottom)| area.clamp((x, bottom)));
                let places: Vec<Pixel> = upper.chain(lower).collect();
                if part.len() > 1 {
                    let (colour, opacity) = (fill.colour, fill.opacity);
                    scene.shapes.push(super::scene::Shape::Polygon { places, colour, opacity });
                }
            }
        }
        Mark::Level { value, stroke, .. } => {
            if let Some(at) = at_y(*value) {
                let stroke = Stroke { marker: None, ..*stroke };
                scene.trace(&[(area.left, at), (area.right, at)], &stroke, area);
            }
        }
        Mark::Upright { place, stroke, .. } => {
            if let Some(at) = at_x(*place) {
                scene.trace(&[(at, area.top), (at, area.bottom)], stroke, area);
            }
        }
        Mark::Bar { x, y, fill, .. } => {
            let corners = at_x(x.0).zip(at_y(y.0)).zip(at_x(x.1).zip(at_y(y.1)));
            let Some((a, b)) = corners else { return };
            let (a, b) = (area.clamp(a), area.clamp(b));
            let bar =
                Area { left: a.0.min(b.0), top: a.1.min(b.1), right: a.0.max(b.0), bottom: a.1.max(b.1) };
            scene.block(bar, fill);
        }
        Mark::Dots { points, marker, colour, .. } => {
            let mut last: Option<Pixel> = None;
            for place in points.iter().filter_map(|&(x, y)| at_x(x).zip(at_y(y))) {
                let near = |last: Pixel| (place.0 - last.0).abs() < 3.0 && (place.1 - last.1).abs() < 3.0;
                if area.clamp(place) == place && !last.is_some_and(near) {
                    scene.mark(place, *marker, 4.0, *colour);
                    last = Some(place);
                }
            }
        }
        Mark::Span { .. } | Mark::Shelf { .. } | Mark::Aside { .. } => {}
    }
}

fn span(marks: &[Mark], log: bool, numbers: fn(&Mark, &mut dyn FnMut(f64))) -> Option<(f64, f64)> {
    let mut found: Option<(f64, f64)> = None;
    for mark in marks {
        numbers(mark, &mut |number| {
            if number.is_finite() && number.abs() <= LARGEST && (!log || number > 0.0) {
                found =
                    Some(found.map_or((number, number), |(low, high)| (low.min(number), high.max(number))));
            }
        });
    }
    found
}

fn vertical(mark: &Mark, take: &mut dyn FnMut(f64)) {
    match mark {
        Mark::Line { points, .. } => points.iter().filter_map(|point| point.1).for_each(take),
        Mark::Band { points, .. } => {
            points.iter().filter_map(|point| point.1).flat_map(|(low, high)| [low, high]).for_each(take);
        }
        Mark::Bar { y, .. } => [y.0, y.1].into_iter().for_each(take),
        Mark::Dots { points, .. } => points.iter().map(|point| point.1).for_each(take),
        Mark::Span { .. } | Mark::Shelf { .. } | Mark::Level { .. } => {}
        Mark::Upright { .. } | Mark::Aside { .. } => {}
    }
}

fn horizontal(mark: &Mark, take: &mut dyn FnMut(f64)) {
    match mark {
        Mark::Line { points, .. } => points.iter().map(|point| point.0).for_each(take),
        Mark::Band { points, .. } => points.iter().map(|point| point.0).for_each(take),
        Mark::Span { from, to, .. } => [*from, *to].into_iter().for_each(take),
        Mark::Bar { x, .. } => [x.0, x.1].into_iter().for_each(take),
        Mark::Dots { points, .. } => points.iter().map(|point| point.0).for_each(take),
        Mark::Shelf { .. } | Mark::Level { .. } | Mark::Upright { .. } | Mark::Aside { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_moved_apart_and_kept_in() {
        assert_eq!(spread(&[50.0], 10.0, 0.0, 100.0), [50.0]);
        assert_eq!(spread(&[50.0, 52.0, 53.0], 10.0, 0.0, 100.0), [50.0, 60.0, 70.0]);
        assert_eq!(spread(&[97.0, 98.0, 99.0], 10.0, 0.0, 100.0), [80.0, 90.0, 100.0]);
    }
}
