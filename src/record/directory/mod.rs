//! The output directory of an experiment: `<out>/<name>-<digest>/`.
//!
//! While the experiment runs, each finished run is a directory `parts/run-00003/` that appears whole, in one rename. A
//! kill therefore leaves whole runs only, and a resumed experiment continues with those that are missing. In the end the
//! parts are assembled into the final files, the manifest says *done*, and the parts go.
//!
//! An advisory lock on the file `.lock` keeps a second process out. The system lifts it when the process ends, however it
//! ends; the empty file stays, because removing it would let two later processes lock two different files of that name.

mod place;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use place::{DirectoryError, Intent, Place};

use super::atomic::{
    BoxedError, FileError, create_directory, is_temporary, remove, temporary_name, write_whole,
};
use super::manifest::{self, Manifest, Status};

const LOCK: &str = ".lock";
const PARTS: &str = "parts";

/// What opening a place found.
#[derive(Debug)]
pub enum Opened {
    /// The experiment is done; there is nothing to run.
    Finished {
        /// Its directory.
        path: PathBuf,
        /// Its manifest.
        manifest: Box<Manifest>,
    },
    /// A directory to write to, held by this process alone.
    Ready(OutputDirectory),
}

/// An output directory that this process alone writes to. Runs may be written from several threads.
#[derive(Debug)]
pub struct OutputDirectory {
    path: PathBuf,
    digest: String,
    is_share: bool,
    files: Mutex<BTreeSet<String>>,
    _lock: File,
}

impl OutputDirectory {
    /// Finds or makes the directory of an experiment.
    ///
    /// A finished experiment is found and left alone unless forced. Finished runs of one that did not end are neither lost
    /// nor used without being asked: that is an error under [`Intent::Start`]. Write a manifest that says *interrupted*
    /// right after: it then stays true whatever happens.
    ///
    /// # Errors
    /// [`DirectoryError`]: the file system refuses, another process writes there, or there is something to lose.
    pub fn open(place: &Place, intent: Intent) -> Result<Opened, DirectoryError> {
        let path = place.path();
        let forced = intent == Intent::Force;
        if !forced && let Some(manifest) = finished_manifest(&path)? {
            sweep_finished(&path, place.shard);
            return Ok(Opened::Finished { path, manifest });
        }
        create_directory(&path)?;
        let lock = lock(&path)?;
        // Once more: another process may have finished between the look and the lock.
        if !forced && let Some(manifest) = finished_manifest(&path)? {
            return Ok(Opened::Finished { path, manifest });
        }
        let manifest = match Manifest::read(&path) {
            Err(error) if !forced => return Err(error.into()),
            // What is not readable as a manifest names no files to remove; it is replaced like one.
            manifest => manifest.ok().flatten(),
        };
        refuse_foreign(&path)?;
        let directory = Self {
            files: Mutex::new(manifest.iter().flat_map(|manifest| manifest.files.iter().cloned()).collect()),
            path,
            digest: place.digest.clone(),
            is_share: place.shard.is_some(),
            _lock: lock,
        };
        directory.sweep_temporary()?;
        match intent {
            Intent::Start => {
                let finished = directory.finished_runs()?.len();
                if finished > 0 {
                    return Err(DirectoryError::Unfinished { path: directory.path, finished });
                }
            }
            Intent::Resume => {}
            Intent::Force => directory.clear()?,
        }
        Ok(Opened::Ready(directory))
    }

    /// The directory of a finished experiment, to draw its charts again.
    ///
    /// # Errors
    /// [`DirectoryError`] if there is no finished experiment or another process writes there.
    pub fn reopen(path: &Path) -> Result<(Self, Box<Manifest>), DirectoryError> {
        let Some(manifest) = finished_manifest(path)? else {
            let missing = io::Error::new(io::ErrorKind::NotFound, "no manifest of a finished experiment");
            return Err(FileError::new("read", path, missing).into());
        };
        let files = Mutex::new(manifest.files.iter().cloned().collect());
        let lock = lock(path)?;
        Ok((
            Self {
                path: path.to_owned(),
                digest: manifest.digest.clone(),
                is_share: true,
                files,
                _lock: lock,
            },
            manifest,
        ))
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The runs whose parts are whole, ascending.
    ///
    /// # Errors
    /// [`FileError`] if the parts cannot be listed.
    pub fn finished_runs(&self) -> Result<Vec<u32>, FileError> {
        finished_runs(&self.path)
    }

    /// Where the part `file` of run `run` stands once the run is finished.
    #[must_use]
    pub fn part(&self, run: u32, file: &str) -> PathBuf {
        self.run(run).join(file)
    }

    fn run(&self, run: u32) -> PathBuf {
        self.path.join(PARTS).join(format!("run-{run:05}"))
    }

    /// Stores a finished run: `write` puts its files into the directory it is given, which then takes its name in one step.
    ///
    /// # Errors
    /// [`FileError`] if the run is there already, `write` fails or the file system refuses; nothing is left then.
    pub fn write_run(
        &self,
        run: u32,
        write: impl FnOnce(&Path) -> Result<(), BoxedError>,
    ) -> Result<(), FileError> {
        let path = self.run(run);
        let temporary = temporary_name(&path);
        if path.exists() {
            return Err(FileError::new("write", &path, "the run is finished already"));
        }
        remove(&temporary)?;
        create_directory(&temporary)?;
        let written = write(&temporary).and_then(|()| Ok(fs::rename(&temporary, &path)?));
        written.map_err(|reason| {
            // The write has failed already; a leftover is swept when the directory is opened again.
            let _ = fs::remove_dir_all(&temporary);
            FileError::new("write", &path, reason)
        })
    }

    /// Copies the finished runs of another share of this experiment; those that are here stay. Returns what was copied.
    ///
    /// # Errors
    /// [`DirectoryError`] if the other directory belongs to another experiment or the file system refuses.
    pub fn adopt_runs(&self, other: &Path) -> Result<Vec<u32>, DirectoryError> {
        let found = Manifest::read(other)?.map_or_else(|| "-".to_owned(), |manifest| manifest.digest);
        if found != self.digest {
            let expected = self.digest.clone();
            return Err(DirectoryError::OtherExperiment { path: other.to_owned(), expected, found });
        }
        let mine: BTreeSet<u32> = self.finished_runs()?.into_iter().collect();
        let missing: Vec<u32> = finished_runs(other)?.into_iter().filter(|run| !mine.contains(run)).collect();
        for run in &missing {
            self.write_run(*run, |into| {
                for file in fs::read_dir(other.join(PARTS).join(format!("run-{run:05}")))? {
                    let file = file?;
                    fs::copy(file.path(), into.join(file.file_name()))?;
                }
                Ok(())
            })?;
        }
        Ok(missing)
    }

    /// Writes a final file, such as `series.parquet` or `charts/peg.svg`, whole or not at all, and notes its name.
    ///
    /// # Errors
    /// [`DirectoryError`] if the name leads elsewhere, `write` fails or the file system refuses.
    pub fn write_file(
        &self,
        name: &str,
        write: impl FnOnce(&Path) -> Result<(), BoxedError>,
    ) -> Result<(), DirectoryError> {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !inside {
            return Err(DirectoryError::Name { name: name.into() });
        }
        write_whole(&self.path.join(name), write)?;
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into());
        Ok(())
    }

    /// Writes the manifest, with the names of the files written so far.
    ///
    /// # Errors
    /// [`FileError`] if the file system refuses.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), FileError> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        Manifest { files, ..manifest.clone() }.write(&self.path)
    }

    /// Writes the last manifest; if it says *done* and this is no share of an experiment, the parts go.
    ///
    /// # Errors
    /// [`FileError`] if the file system refuses.
    pub fn close(self, manifest: &Manifest) -> Result<(), FileError> {
        self.write_manifest(manifest)?;
        if manifest.status == Status::Done && !self.is_share {
            remove(&self.path.join(PARTS))?;
        }
        Ok(())
    }

    /// Removes what an interrupted write left behind, here and one level down.
    fn sweep_temporary(&self) -> Result<(), FileError> {
        let below =
            entries(&self.path)?.into_iter().map(|name| self.path.join(name)).filter(|path| path.is_dir());
        for place in below.chain([self.path.clone()]) {
            for name in entries(&place)? {
                if is_temporary(&name) {
                    remove(&place.join(name))?;
                }
            }
        }
        Ok(())
    }

    /// Removes what the experiment has written: the parts, the files its manifest names, and last the manifest.
    fn clear(&self) -> Result<(), FileError> {
        remove(&self.path.join(PARTS))?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for name in std::mem::take(&mut *files) {
            // A manifest is a file anyone can edit: only plain names inside this directory are followed.
            if Path::new(&name).components().all(|part| matches!(part, Component::Normal(_))) {
                remove(&self.path.join(name))?;
            }
        }
        remove(&self.path.join(manifest::FILE_NAME))
    }
}

fn finished_manifest(path: &Path) -> Result<Option<Box<Manifest>>, FileError> {
    let manifest = Manifest::read(path)?;
    Ok(manifest.filter(|manifest| manifest.status == Status::Done).map(Box::new))
}

/// A kill between the last manifest and the removal of the parts leaves them; they are of no more use.
fn sweep_finished(path: &Path, shard: Option<(u32, u32)>) {
    if shard.is_none() && path.join(PARTS).exists() {
        // Only tidying: a directory that may not be written to is still a finished experiment.
        if let Ok(_lock) = lock(path) {
            let _ = remove(&path.join(PARTS));
        }
    }
}

fn lock(path: &Path) -> Result<File, DirectoryError> {
    let name = path.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&name);
    let file = opened.map_err(|reason| FileError::new("write", &name, reason))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DirectoryError::Locked { path: path.to_owned() }),
        // Some network file systems know no locks; there the user sees to it that one process writes.
        Err(TryLockError::Error(reason)) if reason.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(reason)) => Err(FileError::new("lock", &name, reason).into()),
    }
}

/// The names in a directory, in alphabetical order; none if it is not there.
fn entries(path: &Path) -> Result<Vec<String>, FileError> {
    let list = || -> io::Result<Vec<String>> {
        let names: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect();
        Ok(names?.into_iter().map(|name| name.to_string_lossy().into_owned()).collect())
    };
    let mut names = match list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(|reason| FileError::new("list", path, reason))?,
    };
    names.sort();
    Ok(names)
}

fn finished_runs(path: &Path) -> Result<Vec<u32>, FileError> {
    let names = entries(&path.join(PARTS))?;
    let mut runs: Vec<u32> =
        names.iter().filter_map(|name| name.strip_prefix("run-")?.parse().ok()).collect();
    runs.sort_unstable();
    Ok(runs)
}

/// Refuses a directory without manifest or parts that holds anything: someone else's files are never joined or removed.
fn refuse_foreign(path: &Path) -> Result<(), DirectoryError> {
    let names = entries(path)?;
    let ours = |name: &String| name == LOCK || is_temporary(name);
    if names.iter().any(|name| name == manifest::FILE_NAME || name == PARTS) {
        return Ok(());
    }
    match names.into_iter().find(|name| !ours(name)) {
        Some(example) => Err(DirectoryError::Foreign { path: path.to_owned(), example }),
        None => Ok(()),
    }
}
