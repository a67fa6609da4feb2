//! A figure laid out: plain shapes at pixels, from back to front. What both backends draw, and what tests look at.

use super::font;
use super::style::{Colour, Hatch, Marker, PAPER, Stroke};

/// A place in pixels, from the upper left corner.
pub type Pixel = (f64, f64);

/// Where text stands against its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Begins there.
    Start,
    /// Is centred there.
    Middle,
    /// Ends there.
    End,
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// Something to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A line through places.
    Path {
        /// The places, at least two.
        places: Vec<Pixel>,
        /// Colour.
        colour: Colour,
        /// Width.
        width: f64,
    },
    /// A filled polygon.
    Polygon {
        /// Its corners.
        places: Vec<Pixel>,
        /// Colour.
        colour: Colour,
        /// 1 hides what is beneath.
        opacity: f64,
    },
    /// A filled rectangle.
    Rectangle {
        /// Where.
        area: Area,
        /// Colour.
        colour: Colour,
        /// 1 hides what is beneath.
        opacity: f64,
    },
    /// A disc.
    Disc {
        /// Its centre.
        centre: Pixel,
        /// Its radius.
        radius: f64,
        /// Colour.
        colour: Colour,
    },
    /// One line of text.
    Text {
        /// Start, middle or end of its baseline.
        place: Pixel,
        /// What it says.
        words: String,
        /// Pixels an em.
        size: f64,
        /// Bold face.
        bold: bool,
        /// Colour.
        colour: Colour,
        /// Where it stands against its place.
        align: Align,
    },
}

/// All shapes of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// From back to front.
    pub shapes: Vec<Shape>,
}

impl Area {
    /// Its width.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The nearest place inside.
    #[must_use]
    pub fn clamp(&self, (x, y): Pixel) -> Pixel {
        (x.clamp(self.left, self.right), y.clamp(self.top, self.bottom))
    }

    /// The part of a segment inside, by Liang and Barsky (1984).
    #[must_use]
    pub fn clip(&self, from: Pixel, to: Pixel) -> Option<(Pixel, Pixel)> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        let edges = [
            (-dx, from.0 - self.left),
            (dx, self.right - from.0),
            (-dy, from.1 - self.top),
            (dy, self.bottom - from.1),
        ];
        for (run, room) in edges {
            if run == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if run < 0.0 {
                start = start.max(room / run);
            } else {
                end = end.min(room / run);
            }
        }
        let at = |share: f64| self.clamp((from.0 + share * dx, from.1 + share * dy));
        (start <= end).then(|| (at(start), at(end)))
    }
}

impl Scene {
    /// Adds a line of text.
    pub fn text(&mut self, place: Pixel, words: impl Into<String>, size: f64, colour: Colour, align: Align) {
        self.shapes.push(Shape::Text { place, words: words.into(), size, bold: false, colour, align });
    }

    /// Adds a bold line of text that starts at a place.
    pub fn bold(&mut self, place: Pixel, words: impl Into<String>, size: f64, colour: Colour) {
        let words = words.into();
        self.shapes.push(Shape::Text { place, words, size, bold: true, colour, align: Align::Start });
    }

    /// Adds a straight line.
    pub fn rule(&mut self, from: Pixel, to: Pixel, colour: Colour, width: f64) {
        self.shapes.push(Shape::Path { places: vec![from, to], colour, width });
    }

    /// Adds a line within an area, broken into dashes and with markers as its style says.
    pub fn trace(&mut self, places: &[Pixel], stroke: &Stroke, area: &Area) {
        for part in clipped(places, area) {
            let dashes = if stroke.dash.is_empty() { vec![part.clone()] } else { dashes(&part, stroke.dash) };
            for places in dashes.into_iter().filter(|places| places.len() > 1) {
                self.shapes.push(Shape::Path { places, colour: stroke.colour, width: stroke.width });
            }
            if let Some(marker) = stroke.marker {
                for place in along(&part, 70.0) {
                    self.mark(place, marker, 3.6, stroke.colour);
                }
            }
        }
    }

    /// Adds a filled rectangle with its hatching.
    pub fn block(&mut self, area: Area, fill: &super::style::Fill) {
        if area.width() <= 0.0 || area.height() <= 0.0 {
            return;
        }
        self.shapes.push(Shape::Rectangle { area, colour: fill.colour, opacity: fill.opacity });
        let mut lines: Vec<(Pixel, Pixel)> = Vec::new();
        let gap = 6.0;
        let Area { left, top, right, bottom } = area;
        let rising = matches!(fill.hatch, Hatch::Rising | Hatch::Crossed);
        let falling = matches!(fill.hatch, Hatch::Falling | Hatch::Crossed);
        let sweep = |length: f64| (0..=(length / gap) as usize).map(move |n| n as f64 * gap);
        if rising {
            lines.extend(
                sweep(area.width() + area.height())
                    .map(|at| ((left + at - area.height(), bottom), (left + at, top))),
            );
        }
        if falling {
            lines.extend(
                sweep(area.width() + area.height())
                    .map(|at| ((left + at - area.height(), top), (left + at, bottom))),
            );
        }
        if fill.hatch == Hatch::Level {
            lines.extend(sweep(area.height()).skip(1).map(|at| ((left, top + at), (right, top + at))));
        }
        if fill.hatch == Hatch::Upright {
            lines.extend(sweep(area.width()).skip(1).map(|at| ((left + at, top), (left + at, bottom))));
        }
        let colour = if fill.colour.lightness() > 0.55 { super::style::GREY } else { PAPER };
        for (from, to) in lines {
            if let Some((from, to)) = area.clip(from, to).filter(|(from, to)| from != to) {
                self.rule(from, to, colour, 0.9);
            }
        }
    }

    /// Adds a marker of a radius.
    pub fn mark(&mut self, (x, y): Pixel, marker: Marker, radius: f64, colour: Colour) {
        let r = radius;
        let polygon = |places: Vec<Pixel>| Shape::Polygon { places, colour, opacity: 1.0 };
        match marker {
            Marker::Disc => self.shapes.push(Shape::Disc { centre: (x, y), radius: r, colour }),
            Marker::Ring => {
                self.shapes.push(Shape::Disc { centre: (x, y), radius: r, colour });
                self.shapes.push(Shape::Disc { centre: (x, y), radius: r * 0.58, colour: PAPER });
            }
            Marker::Square => {
                let s = r * 0.88;
                self.shapes.push(polygon(vec![
                    (x - s, y - s),
                    (x + s, y - s),
                    (x + s, y + s),
                    (x - s, y + s),
                ]));
            }
            Marker::Up => {
                self.shapes.push(polygon(vec![(x - r, y + 0.8 * r), (x + r, y + 0.8 * r), (x, y - r)]));
            }
            Marker::Down => {
                self.shapes.push(polygon(vec![(x - r, y - 0.8 * r), (x + r, y - 0.8 * r), (x, y + r)]));
            }
            Marker::Diamond => {
                let s = r * 1.2;
                self.shapes.push(polygon(vec![(x - s, y), (x, y - s), (x + s, y), (x, y + s)]));
            }
            Marker::Cross => {
                self.rule((x - r, y - r), (x + r, y + r), colour, 1.6);
                self.rule((x - r, y + r), (x + r, y - r), colour, 1.6);
            }
            Marker::Stroke => self.rule((x, y - 1.3 * r), (x, y + 1.3 * r), colour, 1.8),
        }
    }

    /// The areas of its texts, for tests of legibility.
    #[must_use]
    pub fn text_areas(&self) -> Vec<(Area, String)> {
        let areas = self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text { place: (x, y), words, size, bold, align, .. } => {
                let width = font::width(words, *size, *bold);
                let left = match align {
                    Align::Start => *x,
                    Align::Middle => x - width / 2.0,
                    Align::End => x - width,
                };
                let area = Area { left, top: y - 0.74 * size, right: left + width, bottom: y + 0.2 * size };
                Some((area, words.clone()))
            }
            _ => None,
        });
        areas.collect()
    }
}

/// The parts of a line inside an area.
fn clipped(places: &[Pixel], area: &Area) -> Vec<Vec<Pixel>> {
    let mut parts: Vec<Vec<Pixel>> = Vec::new();
    for pair in places.windows(2) {
        let Some((from, to)) = area.clip(pair[0], pair[1]) else { continue };
        match parts.last_mut().filter(|part| part.last() == Some(&from)) {
            Some(part) => part.push(to),
            None => parts.push(vec![from, to]),
        }
    }
    parts
}

/// A line cut into dashes and gaps of the lengths given in turn.
fn dashes(places: &[Pixel], pattern: &[f64]) -> Vec<Vec<Pixel>> {
    let mut done = Vec::new();
    let (mut turn, mut left) = (0, pattern[0]);
    let mut current = vec![places[0]];
    for pair in places.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = (dx * dx + dy * dy).sqrt();
            if length <= left {
                left -= length;
                if turn % 2 == 0 {
                    current.push(to);
                }
                break;
            }
            from = (from.0 + dx * left / length, from.1 + dy * left / length);
            if turn % 2 == 0 {
                current.push(from);
                done.push(std::mem::take(&mut current));
            } else {
                current = vec![from];
            }
            turn = (turn + 1) % (pattern.len() + pattern.len() % 2);
            left = pattern[turn % pattern.len()];
        }
    }
    done.push(current);
    done
}

/// Places on a line, about `gap` pixels of its width apart, beginning half a gap in.
fn along(places: &[Pixel], gap: f64) -> Vec<Pixel> {
    let Some(first) = places.first() else { return Vec::new() };
    let mut next = first.0 + gap / 2.0;
    let mut found = Vec::new();
    for pair in places.windows(2) {
        while pair[1].0 >= next && pair[1].0 > pair[0].0 {
            let share = (next - pair[0].0) / (pair[1].0 - pair[0].0);
            found.push((next, pair[0].1 + share * (pair[1].1 - pair[0].1)));
            next += gap;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::style::INK;

    const AREA: Area = Area { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    #[test]
    fn a_line_is_cut_at_the_edges_of_its_area() {
        assert_eq!(AREA.clip((-5.0, 5.0), (5.0, 5.0)), Some(((0.0, 5.0), (5.0, 5.0))));
        assert_eq!(AREA.clip((-5.0, 5.0), (-1.0, 9.0)), None);
        let parts = clipped(&[(1.0, 1.0), (5.0, 20.0), (9.0, 1.0)], &AREA);
        assert_eq!(parts.len(), 2, "out at the bottom and in again");
    }

    #[test]
    fn dashes_and_gaps_have_their_lengths() {
        let cut = dashes(&[(0.0, 0.0), (10.0, 0.0)], &[3.0, 2.0]);
        assert_eq!(cut[..2], [[(0.0, 0.0), (3.0, 0.0)], [(5.0, 0.0), (8.0, 0.0)]]);
    }

    #[test]
    fn hatching_stays_inside() {
        let mut scene = Scene { width: 10.0, height: 10.0, shapes: Vec::new() };
        scene.block(AREA, &crate::chart::style::Fill::hatched(INK, Hatch::Crossed));
        assert!(scene.shapes.len() > 3);
        for shape in &scene.shapes {
            if let Shape::Path { places, .. } = shape {
                assert!(places.iter().all(|place| AREA.clamp(*place) == *place));
            }
        }
    }
}
