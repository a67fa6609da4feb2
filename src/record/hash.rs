//! Which experiment is this: short digests of everything that decides its bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Hexadecimal digits in the name of an output directory: 48 bits, so that ten thousand experiments clash once in 6 million.
pub const DIGITS: usize = 12;

/// The digest that names an experiment: resolved config, seed, engine version, contents of its data files.
///
/// `data` holds a digest of each data file's contents ([`of_file`]) in the order in which the config names them. Paths do
/// not count: moving a file changes nothing, changing it does. Every part is hashed with its length before it, so that no
/// two lists of parts read alike.
#[must_use]
pub fn of_experiment(resolved_config: &str, seed: u64, engine_version: &str, data: &[String]) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(resolved_config.as_bytes());
    part(&seed.to_le_bytes());
    part(engine_version.as_bytes());
    for digest in data {
        part(digest.as_bytes());
    }
    let mut digits = hexadecimal(&hash.finalize());
    digits.truncate(DIGITS);
    digits
}

/// SHA-256 of some bytes, in 64 hexadecimal digits.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of a file's contents, in 64 hexadecimal digits.
///
/// # Errors
/// What reading the file met.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match file.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if count == 0 {
            return Ok(hexadecimal(&hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(HEX[digit as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn known_answer() {
        assert_eq!(of_bytes(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_file_is_its_contents() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("candles.csv");
        let bytes = vec![7; 200_000];
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(of_file(&path).unwrap(), of_bytes(&bytes));
        assert!(of_file(&directory.path().join("none.csv")).is_err());
    }

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let data = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let base = of_experiment("(runs: 1)", 1, "0.1.0", &data(&["ab", "c"]));
        assert_eq!(base.len(), DIGITS);
        assert_eq!(base, of_experiment("(runs: 1)", 1, "0.1.0", &data(&["ab", "c"])));
        for other in [
            of_experiment("(runs: 2)", 1, "0.1.0", &data(&["ab", "c"])),
            of_experiment("(runs: 1)", 2, "0.1.0", &data(&["ab", "c"])),
            of_experiment("(runs: 1)", 1, "0.1.1", &data(&["ab", "c"])),
            of_experiment("(runs: 1)", 1, "0.1.0", &data(&["a", "bc"])),
            of_experiment("(runs: 1)", 1, "0.1.0", &data(&["ab"])),
        ] {
            assert_ne!(base, other);
        }
    }
}
