//! What a chart is before it is laid out: panels in rows, and in each panel marks in the units of its axes.

use super::axis::Axis;
use super::style::{Colour, Fill, Marker, Stroke};

/// A place: a number on the horizontal axis and one on the vertical axis, `None` where undefined.
pub type Point = (f64, Option<f64>);

/// A chart: title, rows of panels, notes.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Name of its files, without ending.
    pub name: String,
    /// What is shown.
    pub title: String,
    /// Whose data, and what they say.
    pub subtitle: String,
    /// How to read it, a sentence or two for the report.
    pub reading: String,
    /// What a reader must know to trust it: definitions, omissions.
    pub footnote: String,
    /// Rows from top to bottom.
    pub rows: Vec<Row>,
}

/// Panels side by side, of one height.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Height of the data area, pixels.
    pub height: f64,
    /// Panels from left to right.
    pub panels: Vec<Panel>,
}

/// One pair of axes and what is drawn between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Name and unit of what the vertical axis shows.
    pub heading: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// Whether the horizontal axis is written under this panel.
    pub x_written: bool,
    /// Its share of the width of the row, against those of the other panels.
    pub weight: f64,
    /// What is drawn, in order: later marks cover earlier ones.
    pub marks: Vec<Mark>,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line through points; it breaks where a value is undefined.
    Line {
        /// The points, by rising `x`.
        points: Vec<Point>,
        /// How it is drawn.
        stroke: Stroke,
        /// Values hold until the next point.
        stepped: bool,
        /// Entry in the legend.
        legend: Option<String>,
        /// Words in the right margin beside its last point.
        ending: Option<String>,
    },
    /// The area between two lines.
    Band {
        /// `x`, and the lower and upper value.
        points: Vec<(f64, Option<(f64, f64)>)>,
        /// How it is filled.
        fill: Fill,
        /// Entry in the legend.
        legend: Option<String>,
    },
    /// An interval of the horizontal axis, shaded over the whole height.
    Span {
        /// Start.
        from: f64,
        /// End.
        to: f64,
        /// How it is filled.
        fill: Fill,
        /// A short word at its top, left out where there is no room.
        tag: Option<String>,
        /// Entry in the legend.
        legend: Option<String>,
    },
    /// An interval of the vertical axis, shaded over the whole width.
    Shelf {
        /// Lower end.
        from: f64,
        /// Upper end.
        to: f64,
        /// How it is filled.
        fill: Fill,
        /// Entry in the legend.
        legend: Option<String>,
    },
    /// A reference line across the panel, with words in the right margin.
    Level {
        /// Its value.
        value: f64,
        /// How it is drawn.
        stroke: Stroke,
        /// What it is.
        label: Option<String>,
    },
    /// A reference line from top to bottom.
    Upright {
        /// Its place.
        place: f64,
        /// How it is drawn.
        stroke: Stroke,
        /// Entry in the legend.
        legend: Option<String>,
    },
    /// A rectangle.
    Bar {
        /// Left and right.
        x: (f64, f64),
        /// Bottom and top.
        y: (f64, f64),
        /// How it is filled.
        fill: Fill,
        /// Entry in the legend.
        legend: Option<String>,
    },
    /// Points.
    Dots {
        /// Places.
        points: Vec<(f64, f64)>,
        /// Shape.
        marker: Marker,
        /// Colour.
        colour: Colour,
        /// Entry in the legend.
        legend: Option<String>,
    },
    /// Words in the right margin at a height.
    Aside {
        /// The height.
        value: f64,
        /// The words.
        words: String,
    },
}

impl Panel {
    /// An empty panel.
    #[must_use]
    pub fn new(heading: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { heading: heading.into(), x, y, x_written: false, weight: 1.0, marks: Vec::new() }
    }

    /// Adds a mark.
    pub fn draw(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// Adds an unlabelled line.
    #[must_use]
    pub fn with(mut self, mark: Mark) -> Self {
        self.draw(mark);
        self
    }
}

impl Row {
    /// A row of one panel.
    #[must_use]
    pub fn of(height: f64, panel: Panel) -> Self {
        Self { height, panels: vec![panel] }
    }
}

impl Figure {
    /// Says by whose rules the loans were run, where it does not say so yet.
    #[must_use]
    pub fn under_rules(mut self, rules: &str) -> Self {
        if !rules.is_empty() && !self.subtitle.contains(rules) {
            let begins = if self.subtitle.is_empty() { "" } else { " \u{b7} " };
            self.subtitle = format!("{}{begins}{rules}", self.subtitle);
        }
        self
    }

    /// Writes the horizontal axis under the last row only, as where all rows share it.
    #[must_use]
    pub fn sharing_x(mut self) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.panels.iter_mut().for_each(|panel| panel.x_written = true);
        }
        self
    }
}

impl Mark {
    /// A line with a legend.
    #[must_use]
    pub fn line(points: Vec<Point>, stroke: Stroke, legend: &str) -> Self {
        let legend = (!legend.is_empty()).then(|| legend.to_owned());
        Self::Line { points, stroke, stepped: false, legend, ending: None }
    }

    /// A line named at its end, in the right margin.
    #[must_use]
    pub fn named_line(points: Vec<Point>, stroke: Stroke, ending: &str) -> Self {
        Self::Line { points, stroke, stepped: false, legend: None, ending: Some(ending.to_owned()) }
    }

    /// A reference line.
    #[must_use]
    pub fn level(value: f64, stroke: Stroke, label: &str) -> Self {
        Self::Level { value, stroke, label: (!label.is_empty()).then(|| label.to_owned()) }
    }

    /// The same line in steps.
    #[must_use]
    pub fn stepped(mut self) -> Self {
        if let Self::Line { stepped, .. } = &mut self {
            *stepped = true;
        }
        self
    }

    /// Entry in the legend, if any.
    #[must_use]
    pub fn legend(&self) -> Option<&str> {
        match self {
            Self::Line { legend, .. }
            | Self::Band { legend, .. }
            | Self::Span { legend, .. }
            | Self::Shelf { legend, .. }
            | Self::Bar { legend, .. }
            | Self::Upright { legend, .. }
            | Self::Dots { legend, .. } => legend.as_deref(),
            Self::Level { .. } | Self::Aside { .. } => None,
        }
    }

    /// Whether it shows data; spans, shelves and reference lines alone leave a panel empty.
    #[must_use]
    pub fn is_data(&self) -> bool {
        match self {
            Self::Line { points, .. } => points.iter().any(|point| point.1.is_some_and(f64::is_finite)),
            Self::Band { points, .. } => points.iter().any(|point| point.1.is_some()),
            Self::Bar { .. } => true,
            Self::Dots { points, .. } => !points.is_empty(),
            Self::Span { .. } | Self::Shelf { .. } | Self::Level { .. } | Self::Upright { .. } => false,
            Self::Aside { .. } => false,
        }
    }
}
