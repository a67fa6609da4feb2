//! What a chart looks like: colours, line styles, fills and sizes.
//!
//! Colours are those of Okabe and Ito (2008), which the colour-blind tell apart. No meaning rests on colour alone:
//! lines differ in dash and marker, fills in darkness and hatching, so that a greyscale print reads the same.

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// This colour over white, `share` of it (0 to 1).
    #[must_use]
    pub fn tint(self, share: f64) -> Self {
        let mix = |part: u8| (255.0 - (255.0 - f64::from(part)) * share.clamp(0.0, 1.0)).round() as u8;
        Self(mix(self.0), mix(self.1), mix(self.2))
    }

    /// Lightness as a greyscale print shows it, 0 (black) to 1 (white): ITU-R BT.601 luma.
    #[must_use]
    pub fn lightness(self) -> f64 {
        (0.299 * f64::from(self.0) + 0.587 * f64::from(self.1) + 0.114 * f64::from(self.2)) / 255.0
    }
}

/// Text and axes.
pub const INK: Colour = Colour(0x1f, 0x1f, 0x1f);
/// Secondary text.
pub const GREY: Colour = Colour(0x5a, 0x5a, 0x5a);
/// Grid lines.
pub const GRID: Colour = Colour(0xe4, 0xe4, 0xe4);
/// Paper.
pub const PAPER: Colour = Colour(0xff, 0xff, 0xff);
/// Okabe-Ito blue.
pub const BLUE: Colour = Colour(0x00, 0x72, 0xb2);
/// Okabe-Ito vermilion.
pub const VERMILION: Colour = Colour(0xd5, 0x5e, 0x00);
/// Okabe-Ito bluish green.
pub const GREEN: Colour = Colour(0x00, 0x9e, 0x73);
/// Okabe-Ito sky blue.
pub const SKY: Colour = Colour(0x56, 0xb4, 0xe9);
/// Okabe-Ito orange.
pub const ORANGE: Colour = Colour(0xe6, 0x9f, 0x00);
/// Okabe-Ito reddish purple, a little darker for thin lines.
pub const PURPLE: Colour = Colour(0xa8, 0x4f, 0x88);

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A filled disc.
    Disc,
    /// An empty ring.
    Ring,
    /// A filled square.
    Square,
    /// A filled triangle, point up.
    Up,
    /// A filled triangle, point down.
    Down,
    /// A filled diamond.
    Diamond,
    /// A diagonal cross.
    Cross,
    /// A vertical stroke.
    Stroke,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub colour: Colour,
    /// Width, pixels.
    pub width: f64,
    /// Lengths of dash and gap in turn, pixels; empty for an unbroken line.
    pub dash: &'static [f64],
    /// A marker now and then along the line.
    pub marker: Option<Marker>,
}

impl Stroke {
    /// An unbroken line.
    #[must_use]
    pub const fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dash: &[], marker: None }
    }

    /// A broken line.
    #[must_use]
    pub const fn dashed(colour: Colour, width: f64, dash: &'static [f64]) -> Self {
        Self { colour, width, dash, marker: None }
    }

    const fn marked(self, marker: Marker) -> Self {
        Self { marker: Some(marker), ..self }
    }
}

const STROKES: [Stroke; 9] = [
    Stroke::solid(BLUE, 1.9),
    Stroke::dashed(VERMILION, 1.9, &[8.0, 3.0]),
    Stroke::dashed(GREEN, 2.2, &[2.2, 2.6]),
    Stroke::dashed(PURPLE, 1.9, &[10.0, 3.0, 2.5, 3.0]),
    Stroke::solid(ORANGE, 1.7).marked(Marker::Disc),
    Stroke::solid(INK, 1.3).marked(Marker::Up),
    Stroke::dashed(SKY, 2.0, &[14.0, 4.0]).marked(Marker::Square),
    Stroke::solid(GREY, 1.3).marked(Marker::Cross),
    Stroke::dashed(INK, 1.3, &[4.0, 2.0]).marked(Marker::Diamond),
];

/// The line style of the n-th series of a chart; they repeat after nine.
#[must_use]
pub fn stroke(place: usize) -> Stroke {
    STROKES[place % STROKES.len()]
}

/// Lines over a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hatch {
    /// None.
    Plain,
    /// Rising to the right.
    Rising,
    /// Falling to the right.
    Falling,
    /// Both.
    Crossed,
    /// Horizontal.
    Level,
    /// Vertical.
    Upright,
}

/// How an area is filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Colour.
    pub colour: Colour,
    /// 1 hides what is beneath, 0 shows it all.
    pub opacity: f64,
    /// Lines over it.
    pub hatch: Hatch,
}

impl Fill {
    /// An opaque plain fill.
    #[must_use]
    pub const fn plain(colour: Colour) -> Self {
        Self { colour, opacity: 1.0, hatch: Hatch::Plain }
    }

    /// A fill one sees through.
    #[must_use]
    pub const fn veil(colour: Colour, opacity: f64) -> Self {
        Self { colour, opacity, hatch: Hatch::Plain }
    }

    /// An opaque hatched fill.
    #[must_use]
    pub const fn hatched(colour: Colour, hatch: Hatch) -> Self {
        Self { colour, opacity: 1.0, hatch }
    }
}

const FILLS: [Fill; 9] = [
    Fill::plain(BLUE),
    Fill::hatched(ORANGE, Hatch::Rising),
    Fill::plain(Colour(0xb9, 0xdd, 0xf2)),
    Fill::hatched(GREEN, Hatch::Falling),
    Fill::hatched(Colour(0xf1, 0xc9, 0xde), Hatch::Crossed),
    Fill::hatched(VERMILION, Hatch::Level),
    Fill::hatched(Colour(0xdc, 0xdc, 0xdc), Hatch::Upright),
    Fill::plain(Colour(0x22, 0x22, 0x22)),
    Fill::hatched(Colour(0xf6, 0xec, 0xa0), Hatch::Rising),
];

/// The fill of the n-th part of a stacked bar; they repeat after nine.
#[must_use]
pub fn fill(place: usize) -> Fill {
    FILLS[place % FILLS.len()]
}

/// The background of a stress mode, 1 to 4: each darker than the last. Mode 0 is paper.
#[must_use]
pub fn mode_fill(mode: u8) -> Fill {
    Fill::plain(match mode {
        0 => PAPER,
        1 => Colour(0xff, 0xf1, 0xc2),
        2 => Colour(0xfb, 0xd4, 0x83),
        3 => Colour(0xee, 0x9f, 0x62),
        _ => Colour(0xc9, 0x6a, 0x62),
    })
}

/// Net asset value: broad and light, so that a thin dark market price is seen upon it, in greyscale too.
pub const VALUE: Stroke = Stroke::solid(ORANGE, 4.0);
/// Market price: thin and dark.
pub const MARKET: Stroke = Stroke::solid(Colour(0x00, 0x4f, 0x86), 1.2);

/// Width of a figure, pixels.
pub const WIDTH: f64 = 1000.0;
/// Margin around a figure.
pub const MARGIN: f64 = 24.0;
/// Size of the title.
pub const TITLE: f64 = 21.0;
/// Size of subtitle and headings.
pub const TEXT: f64 = 13.5;
/// Size of tick labels, legend and labels at lines.
pub const SMALL: f64 = 12.0;
/// Size of the footnote.
pub const NOTE: f64 = 11.0;
/// Least distance of the baselines of two small labels.
pub const LEADING: f64 = 15.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_darken_in_greyscale_by_steps_one_can_see() {
        for mode in 1..=4 {
            let step = mode_fill(mode - 1).colour.lightness() - mode_fill(mode).colour.lightness();
            assert!(step > 0.04, "mode {mode} is {step} darker");
        }
    }

    #[test]
    fn strokes_differ_without_colour() {
        for (place, a) in STROKES.iter().enumerate() {
            for b in &STROKES[..place] {
                let alike = a.dash == b.dash && a.marker == b.marker;
                assert!(!alike, "{a:?} and {b:?} are one line in greyscale");
            }
        }
    }

    #[test]
    fn fills_differ_in_darkness_or_hatch() {
        for (place, a) in FILLS.iter().enumerate() {
            for b in &FILLS[..place] {
                let step = (a.colour.lightness() - b.colour.lightness()).abs();
                assert!(step > 0.2 || a.hatch != b.hatch, "{a:?} and {b:?} are one fill in greyscale");
            }
        }
    }
}
