//! Files that are whole or not there.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Anything a writer of tables may fail with.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// Something that could not be done with a file: what, where, why, and what may help.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {reason}{}", .path.display(), advice(.reason.as_ref()))]
pub struct FileError {
    /// What was tried: `write`, `create the directory`.
    pub doing: &'static str,
    /// Where.
    pub path: PathBuf,
    /// Why not.
    pub reason: BoxedError,
}

impl FileError {
    /// That `doing` failed at `path` for this reason.
    pub fn new(doing: &'static str, path: &Path, reason: impl Into<BoxedError>) -> Self {
        Self { doing, path: path.to_owned(), reason: reason.into() }
    }

    /// What the operating system said, if it was the operating system that refused.
    #[must_use]
    pub fn kind(&self) -> Option<io::ErrorKind> {
        kind_of(self.reason.as_ref())
    }
}

/// The writers of Parquet and CSV wrap what the system said; it is at the bottom of the chain.
fn kind_of(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(system) = error.downcast_ref::<io::Error>() {
            return Some(system.kind());
        }
        link = error.source();
    }
    None
}

fn advice(error: &(dyn Error + 'static)) -> &'static str {
    match kind_of(error) {
        Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
            "; free some space or name another directory with --out, then continue with --resume"
        }
        Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            "; name a directory you may write to with --out"
        }
        Some(io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists) => {
            "; a file stands where a directory should: move it or name another directory with --out"
        }
        Some(io::ErrorKind::NotFound) => "; check the path",
        _ => "",
    }
}

/// The name under which `path` is written until it is whole: hidden, in the same directory, so that a rename suffices.
#[must_use]
pub fn temporary_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

/// Whether [`temporary_name`] made this name.
#[must_use]
pub fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".part")
}

/// The name that a file will have: undoes [`temporary_name`], and leaves other names alone.
#[must_use]
pub fn final_name(name: &str) -> &str {
    name.strip_prefix('.').and_then(|name| name.strip_suffix(".part")).unwrap_or(name)
}

/// Makes the file `path` by letting `write` fill a temporary one, which then takes the name in one step.
///
/// An existing file is replaced. If `write` fails, nothing stands under either name and an existing file is untouched. The
/// bytes are on the disk before the name is, so that even a power cut leaves no half-written file under its final name.
///
/// # Errors
/// [`FileError`] with the reason, also if it was `write` that failed.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), BoxedError>,
) -> Result<(), FileError> {
    if let Some(parent) = path.parent() {
        create_directory(parent)?;
    }
    let temporary = temporary_name(path);
    let written = write(&temporary)
        .and_then(|()| Ok(File::options().write(true).open(&temporary)?.sync_all()?))
        .and_then(|()| Ok(fs::rename(&temporary, path)?));
    written.map_err(|reason| {
        // The write has failed already; a leftover that cannot be removed is swept when the directory is opened again.
        let _ = fs::remove_file(&temporary);
        FileError::new("write", path, reason)
    })
}

/// Makes a directory and those above it; one that is there is fine.
///
/// # Errors
/// [`FileError`] with the reason.
pub fn create_directory(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|reason| FileError::new("create the directory", path, reason))
}

/// Removes a file or a directory with all it holds; one that is not there is fine.
///
/// # Errors
/// [`FileError`] with the reason.
pub fn remove(path: &Path) -> Result<(), FileError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
            Err(FileError::new("remove", path, reason))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_final_name_is_that_before_the_temporary_one() {
        let temporary = temporary_name(Path::new("out/series.csv"));
        let name = temporary.file_name().unwrap().to_str().unwrap();
        assert_eq!(
            (final_name(name), final_name("series.csv"), final_name(".lock")),
            ("series.csv", "series.csv", ".lock")
        );
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("charts/peg.svg");
        write_whole(&path, |temporary| Ok(fs::write(temporary, "old")?)).unwrap();
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let error = write_whole(&path, |temporary| {
            fs::write(temporary, "half")?;
            Err(full().into())
        })
        .unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert_eq!(error.kind(), Some(io::ErrorKind::StorageFull));
        let text = error.to_string();
        assert!(text.contains("peg.svg") && text.contains("--out") && text.contains("--resume"), "{text}");
    }

    /// What a Parquet writer says of a full disk is wrapped once more; the advice must still be found.
    #[test]
    fn the_reason_is_found_below_its_wrappers() {
        let inner = io::Error::from(io::ErrorKind::StorageFull);
        let wrapped = parquet::errors::ParquetError::External(Box::new(inner));
        let error = FileError::new("write", Path::new("a.parquet"), wrapped);
        assert_eq!(error.kind(), Some(io::ErrorKind::StorageFull));
    }

    #[test]
    fn a_file_in_place_of_a_directory_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("out");
        fs::write(&file, "").unwrap();
        for error in [
            create_directory(&file.join("below")).unwrap_err(),
            write_whole(&file.join("below/table.csv"), |_| Ok(())).unwrap_err(),
        ] {
            assert!(error.to_string().contains("a file stands where a directory should"), "{error}");
        }
    }

    /// A writer that reports success without a file must not pass for a whole file.
    #[test]
    fn a_writer_that_writes_nothing_fails() {
        let directory = tempfile::tempdir().unwrap();
        assert!(write_whole(&directory.path().join("empty"), |_| Ok(())).is_err());
    }
}
