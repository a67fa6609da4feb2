//! The typeface: DejaVu Sans, embedded, so that a chart needs no font of the machine it is drawn on.
//!
//! The rasteriser is given the outlines; widths and side bearings are read from the font file here, because labels
//! have to be placed before anything is drawn and because the rasteriser drops the bearing of each glyph.
//! Tables read: `head`, `hhea`, `hmtx` and format 4 of `cmap`, as the OpenType specification lays them out.

use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};

/// The family as an SVG viewer is asked for it, and the name the embedded face is registered under.
pub const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// The widths of one face.
struct Face {
    bytes: &'static [u8],
    units_per_em: f64,
    long_metrics: usize,
    hmtx: usize,
    cmap: usize,
}

/// How far the pen moves over a character, and how far right of the pen its outline begins, both in ems.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Glyph {
    /// Movement of the pen.
    pub advance: f64,
    /// Start of the outline.
    pub bearing: f64,
}

/// Makes the face known to the rasteriser; must precede every drawing, and costs nothing after the first time.
/// False if the embedded file cannot be read, which a test excludes.
pub fn register() -> bool {
    static DONE: OnceLock<bool> = OnceLock::new();
    *DONE.get_or_init(|| {
        let faces = [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
        faces.into_iter().all(|(style, bytes)| register_font(FAMILY, style, bytes).is_ok())
    })
}

/// The measures of a character.
#[must_use]
pub fn glyph(character: char, bold: bool) -> Glyph {
    static FACES: OnceLock<[Option<Face>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| [dejavu::sans::regular(), dejavu::sans::bold()].map(Face::parse));
    let face = faces[usize::from(bold)].as_ref();
    face.and_then(|face| face.measure(character)).unwrap_or(Glyph { advance: 0.6, bearing: 0.0 })
}

/// The width of a line of text at a size (pixels an em), pixels.
#[must_use]
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    text.chars().map(|character| glyph(character, bold).advance * size).sum()
}

/// The text cut to a width, with an ellipsis where something is missing.
#[must_use]
pub fn shorten(text: &str, size: f64, room: f64) -> String {
    if width(text, size, false) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if width(&kept, size, false) + size > room {
            kept.pop();
            break;
        }
    }
    kept + "\u{2026}"
}

/// The text broken at spaces into lines of a width.
#[must_use]
pub fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line, size, false) + width(word, size, false) + 0.4 * size <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(shorten(word, size, room)),
        }
    }
    lines
}

impl Face {
    fn parse(bytes: &'static [u8]) -> Option<Self> {
        let table = |tag: &[u8; 4]| {
            let count = usize::from(u16_at(bytes, 4)?);
            let entry =
                (0..count).map(|place| 12 + 16 * place).find(|&at| bytes.get(at..at + 4) == Some(tag))?;
            Some(u32_at(bytes, entry + 8)? as usize)
        };
        let cmap_table = table(b"cmap")?;
        let subtables = usize::from(u16_at(bytes, cmap_table + 2)?);
        let cmap = (0..subtables)
            .filter_map(|place| Some(cmap_table + u32_at(bytes, cmap_table + 4 + 8 * place + 4)? as usize))
            .find(|&at| u16_at(bytes, at) == Some(4))?;
        Some(Self {
            bytes,
            units_per_em: f64::from(u16_at(bytes, table(b"head")? + 18)?),
            long_metrics: usize::from(u16_at(bytes, table(b"hhea")? + 34)?),
            hmtx: table(b"hmtx")?,
            cmap,
        })
    }

    fn measure(&self, character: char) -> Option<Glyph> {
        let index = usize::from(self.index(u16::try_from(u32::from(character)).ok()?)?);
        let last = self.long_metrics.checked_sub(1)?;
        let advance = u16_at(self.bytes, self.hmtx + 4 * index.min(last))?;
        let bearing = if index <= last {
            u16_at(self.bytes, self.hmtx + 4 * index + 2)?
        } else {
            u16_at(self.bytes, self.hmtx + 4 * self.long_metrics + 2 * (index - self.long_metrics))?
        };
        Some(Glyph {
            advance: f64::from(advance) / self.units_per_em,
            bearing: f64::from(bearing.cast_signed()) / self.units_per_em,
        })
    }

    /// The glyph of a code, by the segments of `cmap` format 4.
    fn index(&self, code: u16) -> Option<u16> {
        let word = |at: usize| u16_at(self.bytes, at);
        let doubled = usize::from(word(self.cmap + 6)?);
        let ends = self.cmap + 14;
        let segment =
            (0..doubled / 2).find(|&place| word(ends + 2 * place).is_some_and(|end| end >= code))?;
        let start_at = ends + doubled + 2 + 2 * segment;
        let start = word(start_at)?;
        if code < start {
            return None;
        }
        let delta = word(start_at + doubled)?;
        let offset_at = start_at + 2 * doubled;
        match word(offset_at)? {
            0 => Some(code.wrapping_add(delta)),
            offset => {
                let index = word(offset_at + usize::from(offset) + 2 * usize::from(code - start))?;
                Some(if index == 0 { 0 } else { index.wrapping_add(delta) })
            }
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_face_registers_and_measures() {
        assert!(register());
        // DejaVu Sans has 2048 units an em: "i" is 569 wide, "m" 1995, the digits 1303.
        assert_eq!(glyph('i', false).advance, 569.0 / 2048.0);
        assert_eq!(glyph('m', false).advance, 1995.0 / 2048.0);
        assert!("0123456789".chars().all(|digit| glyph(digit, false).advance == 1303.0 / 2048.0));
        assert!(glyph('m', true).advance > glyph('m', false).advance);
        assert!("\u{2212}\u{2013}\u{2026}\u{d7}\u{b1}\u{b7}".chars().all(|c| glyph(c, false).advance != 0.6));
    }

    #[test]
    fn long_text_is_cut_or_broken_to_its_room() {
        assert_eq!(shorten("short", 12.0, 200.0), "short");
        let cut = shorten("a very long name of a proposal", 12.0, 80.0);
        assert!(cut.ends_with('\u{2026}') && width(&cut, 12.0, false) <= 80.0, "{cut}");
        let lines = wrap("one two three four five six seven eight nine ten", 12.0, 90.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, 12.0, false) <= 90.0), "{lines:?}");
    }
}
