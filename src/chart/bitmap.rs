//! A picture in few bytes: at most 96 colours, which is all that lines, fills and their soft edges need.

use std::collections::BTreeMap;

type Colour = [u8; 3];

/// The most colours of a palette.
const MOST: usize = 96;
/// Squared distances up to which a rare colour counts as one that is there already, from what no eye tells apart on.
const ALIKE: [u32; 6] = [0, 48, 192, 768, 1_500, 3_000];
/// Squared distance up to which any two colours count as one where not all fit.
const SAME: u32 = 12;
/// What covers one pixel of so many is not rare: fills, and thin lines of a grid, keep their colour; soft edges may change.
const RARE: usize = 4_000;

/// An opaque picture, row by row, three bytes a pixel, as PNG with a palette.
///
/// # Errors
/// [`png::EncodingError`] if there are not as many bytes as the size says.
pub(super) fn encode(image: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let counted = counted(image);
    let palette = palette(&counted);
    let places: BTreeMap<Colour, u8> =
        counted.iter().map(|(colour, _)| (*colour, nearest(&palette, *colour))).collect();
    let mut last: Option<(Colour, u8)> = None;
    let mut pixels = Vec::with_capacity(image.len() / 3);
    for colour in image.as_chunks::<3>().0 {
        let place = match last {
            Some((known, place)) if known == *colour => place,
            _ => places.get(colour).copied().unwrap_or(0),
        };
        last = Some((*colour, place));
        pixels.push(place);
    }
    let mut written = Vec::new();
    let mut encoder = png::Encoder::new(&mut written, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::Best);
    encoder.set_filter(png::FilterType::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(written)
}

/// The colours of a picture and how often each occurs, the most frequent first.
fn counted(image: &[u8]) -> Vec<(Colour, usize)> {
    let mut counts: BTreeMap<Colour, usize> = BTreeMap::new();
    let mut rest = image.as_chunks::<3>().0;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|colour| *colour == first).count();
        *counts.entry(*first).or_default() += run;
        rest = &rest[run..];
    }
    let mut counted: Vec<(Colour, usize)> = counts.into_iter().collect();
    counted.sort_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    counted
}

/// All colours where they are few; else the frequent ones, and of the rare ones those that are like none of them.
fn palette(counted: &[(Colour, usize)]) -> Vec<Colour> {
    let pixels: usize = counted.iter().map(|(_, count)| count).sum();
    let frequent = counted.iter().take_while(|(_, count)| count * RARE >= pixels).count();
    let mut chosen: Vec<Colour> = Vec::new();
    for alike in ALIKE {
        chosen.clear();
        for (place, (colour, _)) in counted.iter().enumerate() {
            let alike = if place < frequent { alike.min(SAME) } else { alike };
            if chosen.len() <= MOST && chosen.iter().all(|known| distance(known, colour) > alike) {
                chosen.push(*colour);
            }
        }
        if chosen.len() <= MOST {
            break;
        }
    }
    chosen.truncate(MOST);
    chosen
}

fn nearest(palette: &[Colour], colour: Colour) -> u8 {
    let place = (0..palette.len()).min_by_key(|place| distance(&palette[*place], &colour)).unwrap_or(0);
    u8::try_from(place).unwrap_or(u8::MAX)
}

fn distance(a: &Colour, b: &Colour) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pixels of a picture that was written.
    fn decoded(file: &[u8]) -> Vec<u8> {
        let mut decoder = png::Decoder::new(file);
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut pixels).unwrap();
        pixels
    }

    #[test]
    fn a_picture_of_few_colours_is_kept_to_the_bit() {
        let image: Vec<u8> = (0..600_u32).map(|n| ((n / 3) % 90) as u8).collect();
        let file = encode(&image, (20, 10)).unwrap();
        assert_eq!(decoded(&file), image);
        assert_eq!(file, encode(&image, (20, 10)).unwrap());
    }

    #[test]
    fn of_many_colours_the_frequent_are_kept_and_the_others_are_near() {
        // Half of it is vermilion, the rest a plane of 4,096 colours.
        let mut image = [0xd5, 0x5e, 0x00].repeat(4_096);
        image.extend((0..4_096_u32).flat_map(|n| [((n % 64) * 4) as u8, (n / 64 * 4) as u8, 128]));
        let read = decoded(&encode(&image, (128, 64)).unwrap());
        assert_eq!(read[..3 * 4_096], image[..3 * 4_096]);
        let worst = image.iter().zip(&read).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(55), "{worst:?}");
    }

    /// A grid line near white among the soft edges of many letters.
    #[test]
    fn a_thin_line_keeps_its_colour() {
        let mut image = [255; 3].repeat(4_000);
        image.extend([0xe4; 3].repeat(60));
        image.extend((0..200_u8).flat_map(|n| [n, n / 2, 255 - n]));
        image.extend([250; 3].repeat(140));
        let read = decoded(&encode(&image, (100, 44)).unwrap());
        assert_eq!(read[3 * 4_000..3 * 4_060], image[3 * 4_000..3 * 4_060]);
        assert_eq!(read[..3 * 4_000], image[..3 * 4_000]);
    }

    #[test]
    fn a_size_that_does_not_fit_is_refused() {
        assert!(encode(&[0; 9], (2, 2)).is_err());
    }
}
