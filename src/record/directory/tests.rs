use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::record::manifest::tests::example;

struct Room {
    place: Place,
    _root: tempfile::TempDir,
}

fn room() -> Room {
    let root = tempfile::tempdir().unwrap();
    let place = Place {
        out: root.path().join("output"),
        name: "crash".into(),
        digest: "0123456789ab".into(),
        shard: None,
    };
    Room { place, _root: root }
}

fn ready(place: &Place, intent: Intent) -> OutputDirectory {
    match OutputDirectory::open(place, intent).unwrap() {
        Opened::Ready(directory) => directory,
        Opened::Finished { path, .. } => panic!("{} is finished", path.display()),
    }
}

fn write_runs(directory: &OutputDirectory, runs: &[u32]) {
    for run in runs {
        directory
            .write_run(*run, |into| Ok(fs::write(into.join("series.parquet"), format!("run {run}"))?))
            .unwrap();
    }
}

fn finish(place: &Place, intent: Intent) {
    let directory = ready(place, intent);
    write_runs(&directory, &[0, 1]);
    directory.write_file("series.parquet", |path| Ok(fs::write(path, "all")?)).unwrap();
    directory.write_file("charts/peg.svg", |path| Ok(fs::write(path, "<svg/>")?)).unwrap();
    directory.close(&example(Status::Done)).unwrap();
}

#[test]
fn the_name_is_a_plain_one_and_keeps_shares_apart() {
    let path = |name: &str, shard| {
        let place = Place { out: "output".into(), name: name.into(), digest: "ab12".into(), shard };
        place.path().to_string_lossy().into_owned()
    };
    assert_eq!(path("crash", None), "output/crash-ab12");
    assert_eq!(path("../50 % crash", Some((2, 4))), "output/-50---crash-ab12.shard-2-of-4");
    assert_eq!(path("..", None), "output/experiment-ab12");
    assert!(path(&"é".repeat(400), None).len() < 200);
}

#[test]
fn a_finished_experiment_is_found_and_left_alone() {
    let room = room();
    finish(&room.place, Intent::Start);
    let path = room.place.path();
    assert_eq!(entries(&path).unwrap(), [".lock", "charts", "manifest.json", "series.parquet"]);
    for intent in [Intent::Start, Intent::Resume] {
        let Opened::Finished { manifest, .. } = OutputDirectory::open(&room.place, intent).unwrap() else {
            panic!("found nothing");
        };
        assert_eq!(manifest.files, ["charts/peg.svg", "series.parquet"]);
    }
    assert_eq!(fs::read_to_string(path.join("series.parquet")).unwrap(), "all");
}

#[test]
fn force_removes_what_the_experiment_wrote_and_nothing_else() {
    let room = room();
    finish(&room.place, Intent::Start);
    let path = room.place.path();
    fs::write(path.join("my-notes.txt"), "keep").unwrap();
    let directory = ready(&room.place, Intent::Force);
    assert_eq!(entries(&path).unwrap(), [".lock", "charts", "my-notes.txt"]);
    assert_eq!(entries(&path.join("charts")).unwrap(), [""; 0]);
    drop(directory);
    // A manifest is only text: a name in it that leads elsewhere must not remove anything.
    let outside = room.place.out.join("precious");
    fs::write(&outside, "keep").unwrap();
    Manifest { files: vec!["../precious".into()], ..example(Status::Done) }.write(&path).unwrap();
    ready(&room.place, Intent::Force);
    assert!(outside.exists() && !path.join("manifest.json").exists());
}

#[test]
fn a_kill_leaves_whole_runs_which_resume_continues() {
    let room = room();
    let directory = ready(&room.place, Intent::Start);
    directory.write_manifest(&example(Status::Interrupted)).unwrap();
    write_runs(&directory, &[3, 0]);
    // Ended between the writing of the temporary files and their renaming, in a run and in a chart.
    let kill = |path: &Path| -> Result<(), BoxedError> {
        fs::write(if path.is_dir() { path.join("series.parquet") } else { path.to_owned() }, "half")?;
        panic!("killed")
    };
    assert!(catch_unwind(AssertUnwindSafe(|| directory.write_run(1, kill))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| directory.write_file("charts/peg.svg", kill))).is_err());
    drop(directory);
    let path = room.place.path();
    assert_eq!(entries(&path.join("parts")).unwrap(), [".run-00001.part", "run-00000", "run-00003"]);

    let error = OutputDirectory::open(&room.place, Intent::Start).unwrap_err();
    assert!(matches!(error, DirectoryError::Unfinished { finished: 2, .. }), "{error}");
    assert!(error.to_string().contains("--resume"));

    let directory = ready(&room.place, Intent::Resume);
    assert_eq!(directory.finished_runs().unwrap(), [0, 3]);
    assert_eq!(entries(&path.join("parts")).unwrap(), ["run-00000", "run-00003"]);
    assert_eq!(entries(&path.join("charts")).unwrap(), [""; 0]);
    write_runs(&directory, &[1]);
    assert_eq!(fs::read_to_string(directory.part(1, "series.parquet")).unwrap(), "run 1");
    directory.close(&example(Status::Done)).unwrap();
    assert!(!path.join("parts").exists());
}

/// A kill after the last manifest and before the parts are gone.
#[test]
fn parts_of_a_finished_experiment_are_swept() {
    let room = room();
    finish(&room.place, Intent::Start);
    let parts = room.place.path().join("parts");
    fs::create_dir_all(parts.join("run-00000")).unwrap();
    assert!(matches!(OutputDirectory::open(&room.place, Intent::Start).unwrap(), Opened::Finished { .. }));
    assert!(!parts.exists());
}

#[test]
fn without_a_finished_run_there_is_nothing_to_lose() {
    let room = room();
    let directory = ready(&room.place, Intent::Start);
    directory.close(&example(Status::Failed { reason: "no price".into() })).unwrap();
    let again = ready(&room.place, Intent::Start);
    assert!(again.finished_runs().unwrap().is_empty());
    // Resuming what was never started is a start.
    drop(again);
    remove(&room.place.path()).unwrap();
    ready(&room.place, Intent::Resume);
}

#[test]
fn two_processes_do_not_write_one_directory() {
    let room = room();
    let first = ready(&room.place, Intent::Start);
    for intent in [Intent::Start, Intent::Resume, Intent::Force] {
        let error = OutputDirectory::open(&room.place, intent).unwrap_err();
        assert!(matches!(error, DirectoryError::Locked { .. }), "{error}");
    }
    drop(first);
    ready(&room.place, Intent::Start);
}

#[test]
fn what_others_wrote_is_not_joined() {
    let room = room();
    fs::create_dir_all(room.place.path()).unwrap();
    fs::write(room.place.path().join("thesis.tex"), "").unwrap();
    for intent in [Intent::Start, Intent::Resume, Intent::Force] {
        let error = OutputDirectory::open(&room.place, intent).unwrap_err();
        assert!(
            matches!(&error, DirectoryError::Foreign { example, .. } if example == "thesis.tex"),
            "{error}"
        );
    }
}

#[test]
fn a_file_in_place_of_a_directory_is_refused_with_its_path() {
    let room = room();
    fs::write(&room.place.out, "").unwrap();
    for intent in [Intent::Start, Intent::Force] {
        let text = OutputDirectory::open(&room.place, intent).unwrap_err().to_string();
        assert!(text.contains("output") && text.contains("a file stands where"), "{text}");
    }
}

#[test]
fn a_refused_write_leaves_nothing() {
    let room = room();
    let directory = ready(&room.place, Intent::Start);
    let full = |path: &Path| -> Result<(), BoxedError> {
        fs::write(if path.is_dir() { path.join("series.parquet") } else { path.to_owned() }, "half")?;
        Err(io::Error::from(io::ErrorKind::StorageFull).into())
    };
    let text = directory.write_run(7, full).unwrap_err().to_string();
    assert!(text.contains("run-00007") && text.contains("free some space"), "{text}");
    assert!(directory.write_file("series.parquet", full).is_err());
    assert_eq!(entries(&room.place.path().join("parts")).unwrap(), [""; 0]);
    assert_eq!(entries(&room.place.path()).unwrap(), [".lock", "parts"]);
    write_runs(&directory, &[7]);
    let twice = directory.write_run(7, |_| Ok(())).unwrap_err().to_string();
    assert!(twice.contains("finished already"), "{twice}");
    for name in ["", "/etc/x", "../x", "charts/../../x"] {
        assert!(matches!(directory.write_file(name, |_| Ok(())), Err(DirectoryError::Name { .. })), "{name}");
    }
}

#[test]
fn shares_come_together() {
    let room = room();
    let share = |i| Place { shard: Some((i, 2)), ..room.place.clone() };
    for (i, runs) in [(1, [0, 2]), (2, [1, 3])] {
        let directory = ready(&share(i), Intent::Start);
        write_runs(&directory, &runs);
        directory.close(&example(Status::Done)).unwrap();
    }
    let whole = ready(&room.place, Intent::Start);
    assert_eq!(whole.adopt_runs(&share(1).path()).unwrap(), [0, 2]);
    assert_eq!(whole.adopt_runs(&share(1).path()).unwrap(), [0; 0]);
    assert_eq!(whole.adopt_runs(&share(2).path()).unwrap(), [1, 3]);
    assert_eq!(whole.finished_runs().unwrap(), [0, 1, 2, 3]);
    assert_eq!(fs::read_to_string(whole.part(3, "series.parquet")).unwrap(), "run 3");
    Manifest { digest: "another".into(), ..example(Status::Done) }.write(&share(1).path()).unwrap();
    let error = whole.adopt_runs(&share(1).path()).unwrap_err().to_string();
    assert!(error.contains("expected 0123456789ab") && error.contains("another"), "{error}");
}

#[test]
fn charts_can_be_drawn_again() {
    let room = room();
    assert!(OutputDirectory::reopen(&room.place.path()).is_err());
    finish(&room.place, Intent::Start);
    let (directory, manifest) = OutputDirectory::reopen(&room.place.path()).unwrap();
    directory.write_file("charts/modes.svg", |path| Ok(fs::write(path, "<svg/>")?)).unwrap();
    directory.close(&manifest).unwrap();
    let files = Manifest::read(&room.place.path()).unwrap().unwrap().files;
    assert_eq!(files, ["charts/modes.svg", "charts/peg.svg", "series.parquet"]);
}

#[test]
fn a_broken_manifest_stops_everything_but_force() {
    let room = room();
    finish(&room.place, Intent::Start);
    fs::write(room.place.path().join("manifest.json"), "{").unwrap();
    let text = OutputDirectory::open(&room.place, Intent::Resume).unwrap_err().to_string();
    assert!(text.contains("manifest.json") && text.contains("--force"), "{text}");
    ready(&room.place, Intent::Force);
}
