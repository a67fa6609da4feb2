//! A scene drawn: the same shapes through the SVG and the bitmap backend of plotters.
//!
//! Both draw on a canvas four times as fine as the scene's pixels, because plotters places everything at whole
//! pixels. The SVG keeps that grid as its `viewBox`; the bitmap is averaged down to twice the scene's size. Text in
//! the bitmap is set glyph by glyph with the bearings of the font file. Nothing here reads a font, a clock or a
//! locale of the machine.

use std::path::Path;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::prelude::{DrawingBackend, RGBAColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, ShapeStyle, TextStyle};
use thiserror::Error;

use super::bitmap;
use super::figure::Figure;
use super::font;
use super::layout::lay_out;
use super::scene::{Align, Pixel, Scene, Shape};
use super::style::{Colour, PAPER};
use crate::record::store::{StoreError, write_file};

/// How many fine pixels make a pixel of the scene.
const FINE: f64 = 4.0;
/// How many fine pixels are averaged to one of the bitmap.
const AVERAGED: usize = 2;
/// The rasteriser takes the height of the line box for the size: ascent plus descent of DejaVu Sans, ems.
const BOX_PER_EM: f64 = 1.164_062_5;
/// plotters divides a size by this to write the `font-size` of an SVG.
const SVG_SIZE: f64 = 1.24;
/// plotters moves text anchored at its top down by this many ems in an SVG.
const SVG_DROP: f64 = 0.76;

/// A chart that could not be drawn or stored.
#[derive(Debug, Error)]
pub enum CanvasError {
    /// The backend refused a shape.
    #[error("cannot draw the chart `{chart}`: {why}")]
    Draw {
        /// The chart.
        chart: String,
        /// What the backend said.
        why: String,
    },
    /// The file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The figure as an SVG document, sized in the scene's pixels, with title and description for screen readers.
///
/// # Errors
/// [`CanvasError::Draw`] if the backend refuses.
pub fn svg(figure: &Figure) -> Result<String, CanvasError> {
    let scene = lay_out(figure);
    let mut written = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut written, fine_size(&scene));
        paint(&mut backend, &scene, true).map_err(|why| refused(figure, why))?;
        backend.present().map_err(|why| refused(figure, why.to_string()))?;
    }
    let body = written.find("<svg").and_then(|start| Some(start + written[start..].find('>')? + 1));
    let body = body.ok_or_else(|| refused(figure, "the document has no <svg> element"))?;
    let (width, height) = fine_size(&scene);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" stroke-linejoin=\"round\">\n<title>{}</title>\n<desc>{}</desc>{}",
        scene.width,
        scene.height,
        escape(&figure.title),
        escape(&format!("{} {}", figure.subtitle, figure.reading)),
        &written[body..]
    ))
}

/// Writes the figure as SVG.
///
/// # Errors
/// [`CanvasError`] if it cannot be drawn or stored.
pub fn write_svg(figure: &Figure, path: &Path) -> Result<(), CanvasError> {
    Ok(write_file(path, svg(figure)?.as_bytes())?)
}

/// Writes the figure as PNG, two pixels for each of the scene's.
///
/// # Errors
/// [`CanvasError`] if it cannot be drawn or stored.
pub fn write_png(figure: &Figure, path: &Path) -> Result<(), CanvasError> {
    let scene = lay_out(figure);
    let (width, height) = fine_size(&scene);
    let mut buffer = vec![255_u8; width as usize * height as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut buffer, (width, height));
        paint(&mut backend, &scene, false).map_err(|why| refused(figure, why))?;
    }
    let (image, size) = averaged(&buffer, width as usize, height as usize);
    drop(buffer);
    let file = bitmap::encode(&image, size).map_err(|why| refused(figure, why))?;
    Ok(write_file(path, &file)?)
}

fn refused(figure: &Figure, why: impl ToString) -> CanvasError {
    CanvasError::Draw { chart: figure.name.clone(), why: why.to_string() }
}

/// Text with the signs of markup made harmless.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Size in fine pixels, even so that it can be averaged.
fn fine_size(scene: &Scene) -> (u32, u32) {
    let fine = |length: f64| (length.clamp(1.0, 8000.0).ceil() * FINE) as u32;
    (fine(scene.width), fine(scene.height))
}

/// The mean of each square of fine pixels.
fn averaged(buffer: &[u8], width: usize, height: usize) -> (Vec<u8>, (u32, u32)) {
    let (columns, rows) = (width / AVERAGED, height / AVERAGED);
    let mut image = Vec::with_capacity(columns * rows * 3);
    for row in 0..rows {
        for column in 0..columns {
            for part in 0..3 {
                let mut sum = 0;
                for inner in 0..AVERAGED * AVERAGED {
                    let (x, y) = (column * AVERAGED + inner % AVERAGED, row * AVERAGED + inner / AVERAGED);
                    sum += usize::from(buffer[(y * width + x) * 3 + part]);
                }
                image.push(((sum + AVERAGED * AVERAGED / 2) / (AVERAGED * AVERAGED)) as u8);
            }
        }
    }
    (image, (columns as u32, rows as u32))
}

fn fine((x, y): Pixel) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn ink(colour: Colour, opacity: f64) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, opacity)
}

/// Draws a scene. `vector` says that the backend strokes wide lines and sets text itself.
fn paint<B: DrawingBackend>(backend: &mut B, scene: &Scene, vector: bool) -> Result<(), String> {
    if !font::register() {
        return Err("the embedded font cannot be read".into());
    }
    let paper = ShapeStyle { color: ink(PAPER, 1.0), filled: true, stroke_width: 1 };
    let size = fine_size(scene);
    backend.draw_rect((0, 0), (size.0 as i32, size.1 as i32), &paper, true).map_err(|why| why.to_string())?;
    for shape in &scene.shapes {
        paint_shape(backend, shape, vector)?;
    }
    Ok(())
}

/// What the backend said, if it refused.
type Painted = Result<(), String>;

fn told(why: impl ToString) -> String {
    why.to_string()
}

fn paint_shape<B: DrawingBackend>(backend: &mut B, shape: &Shape, vector: bool) -> Painted {
    match shape {
        Shape::Path { places, colour, width } => {
            let stroke_width = ((width * FINE).round() as u32).max(1);
            let style = ShapeStyle { color: ink(*colour, 1.0), filled: false, stroke_width };
            if vector {
                backend.draw_path(places.iter().map(|place| fine(*place)), &style).map_err(told)
            } else {
                paint_path(backend, places, width * FINE, &style)
            }
        }
        Shape::Polygon { places, colour, opacity } => {
            let style = ShapeStyle { color: ink(*colour, *opacity), filled: true, stroke_width: 1 };
            let mut corners: Vec<(i32, i32)> = places.iter().map(|place| fine(*place)).collect();
            corners.dedup();
            if corners.len() < 3 { Ok(()) } else { backend.fill_polygon(corners, &style).map_err(told) }
        }
        Shape::Rectangle { area, colour, opacity } => {
            let style = ShapeStyle { color: ink(*colour, *opacity), filled: true, stroke_width: 1 };
            let (from, to) = (fine((area.left, area.top)), fine((area.right, area.bottom)));
            // The bitmap counts the last pixel in, the SVG does not.
            let to = if vector { to } else { (to.0 - 1, to.1 - 1) };
            if to.0 < from.0 || to.1 < from.1 {
                Ok(())
            } else {
                backend.draw_rect(from, to, &style, true).map_err(told)
            }
        }
        Shape::Disc { centre, radius, colour } => {
            let style = ShapeStyle { color: ink(*colour, 1.0), filled: true, stroke_width: 1 };
            backend.draw_circle(fine(*centre), (radius * FINE).round() as u32, &style, true).map_err(told)
        }
        Shape::Text { place, words, size, bold, colour, align } => {
            let face = if *bold { FontStyle::Bold } else { FontStyle::Normal };
            if vector {
                let em = size * FINE;
                let anchor = match align {
                    Align::Start => HPos::Left,
                    Align::Middle => HPos::Center,
                    Align::End => HPos::Right,
                };
                let at = fine((place.0, place.1 - SVG_DROP * size));
                backend.draw_text(words, &letters(em * SVG_SIZE, face, *colour, anchor), at).map_err(told)
            } else {
                paint_text(backend, *place, words, *size, (*bold, face), *colour, *align)
            }
        }
    }
}

fn letters(size: f64, face: FontStyle, colour: Colour, anchor: HPos) -> TextStyle<'static> {
    let style =
        TextStyle::from((FontFamily::Name(font::FAMILY), size, face)).pos(Pos::new(anchor, VPos::Top));
    TextStyle { color: ink(colour, 1.0).to_backend_color(), ..style }
}

/// A wide line as one quadrilateral a segment and a disc a joint: a polygon around the whole of a jagged line would
/// have holes where it crosses itself.
fn paint_path<B: DrawingBackend>(
    backend: &mut B,
    places: &[Pixel],
    width: f64,
    style: &ShapeStyle,
) -> Painted {
    let style = ShapeStyle { filled: true, stroke_width: 1, ..*style };
    let half = width.max(1.0) / 2.0;
    for (n, pair) in places.windows(2).enumerate() {
        let [from, to] = [pair[0], pair[1]].map(|(x, y)| (x * FINE, y * FINE));
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        if length < 1e-6 {
            continue;
        }
        let (across, down) = (-dy / length * half, dx / length * half);
        if dx == 0.0 || dy == 0.0 {
            let corner = |x: f64, y: f64| (x.round() as i32, y.round() as i32);
            let (across, down) = (across.abs(), down.abs());
            let low = corner(from.0.min(to.0) - across, from.1.min(to.1) - down);
            let high = corner(from.0.max(to.0) + across, from.1.max(to.1) + down);
            let high = ((high.0 - 1).max(low.0), (high.1 - 1).max(low.1));
            backend.draw_rect(low, high, &style, true).map_err(told)?;
        } else {
            let corner = |x: f64, y: f64| (x.round() as i32, y.round() as i32);
            let corners = [
                corner(from.0 + across, from.1 + down),
                corner(to.0 + across, to.1 + down),
                corner(to.0 - across, to.1 - down),
                corner(from.0 - across, from.1 - down),
            ];
            backend.fill_polygon(corners, &style).map_err(told)?;
        }
        if n > 0 && half >= 2.0 {
            let at = (from.0.round() as i32, from.1.round() as i32);
            backend.draw_circle(at, half.round() as u32, &style, true).map_err(told)?;
        }
    }
    Ok(())
}

fn paint_text<B: DrawingBackend>(
    backend: &mut B,
    place: Pixel,
    words: &str,
    size: f64,
    (bold, face): (bool, FontStyle),
    colour: Colour,
    align: Align,
) -> Painted {
    let em = size * FINE;
    let width = font::width(words, em, bold);
    let start = match align {
        Align::Start => 0.0,
        Align::Middle => -width / 2.0,
        Align::End => -width,
    };
    let boxed = em * BOX_PER_EM;
    let style = letters(boxed, face, colour, HPos::Left);
    let (mut pen, baseline) = (place.0 * FINE + start, place.1 * FINE);
    let mut glyph = [0_u8; 4];
    for character in words.chars() {
        let measures = font::glyph(character, bold);
        if !character.is_whitespace() {
            let at = ((pen + measures.bearing * em).round() as i32, (baseline - boxed / 2.0).round() as i32);
            backend.draw_text(character.encode_utf8(&mut glyph), &style, at).map_err(told)?;
        }
        pen += measures.advance * em;
    }
    Ok(())
}
