"""The files of a run folder, none of which may lie elsewhere.

    run.json       what was run: kind, seed, settings, model, data, versions, and the names of all planned parts
    clean.npz      the clean images and their scores
    clean.npy      the images, if there are many and no official data set has them
    parts/         finished parts, NAME-CHECKSUM.SUFFIX: a part belongs to the run once its file has this name; while
                   clean images are scored, also their scores so far, clean-NUMBER-CHECKSUM.npz, which a folder of runs
                   has too until a run in it has them
    log.jsonl      what happened when; the only file that differs between two runs of the same work
    run.lock       held by the one process that writes
    report.html    the page that `tfstab explain` writes about the run

A run may come from anybody. So none of these files may be a link, which would have other files read or written, nor a
pipe or a device, at which a reader would wait for ever.
"""

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from tfstab.errors import RunError, on_disk
from tfstab.paths import check_path, check_writable
from tfstab.reading import checksum_of
from tfstab.runs.atomic import remove_temporaries
from tfstab.wording import OUT

PARTS = "parts"
REPORT = "report.html"
RUN_LOCK = "run.lock"
ASSESSMENT = "assessment.json"  # beside the runs of an assessment, once it has ended
ASSESSING = ".assess.lock"  # beside them from the start on; held while the assessment is at work
# Beside them while it measures: the options of the call and the check of the inputs, later in assessment.json.
BEGUN = ".assess.json"
HARDENING = "hardening.json"  # in the folder of a hardening
COMPARISON = "comparison.json"  # in the same folder, once both networks have been measured
SIDES = "original", "hardened"  # the folders of the runs of both networks in it
SEARCH = "search"  # folder of an assessment: its search; those of the sweeps have the names of the families
RARE = "rare"  # folder of an assessment: sweeps of more images of rare classes, with the names of those beside it
PLAIN_FILES = ("run.json", "clean.npz", "clean.npy", "log.jsonl", RUN_LOCK, REPORT)
OWN_FILES = {*PLAIN_FILES, PARTS}
CHECKSUM_DIGITS = 16
PART_NAME = re.compile(r"[a-z]+-[0-9-]*[0-9]")
_PART = re.compile(rf"({PART_NAME.pattern})-([0-9a-f]{{{CHECKSUM_DIGITS}}})\.(npz|parquet)")
_UNNAMED_PART = re.compile(rf"\.?{PART_NAME.pattern}\.(npz|parquet)")
OF_CLEAN = "clean"  # how the names of files with scores of clean images begin, which are kept until clean.npz has all
_OF_CLEAN = re.compile(rf"{OF_CLEAN}-[0-9]+")
_LEFT_OF_CLEAN = re.compile(rf"\.{_OF_CLEAN.pattern}\.npz\.[0-9]+\.tmp")  # by a killed start


def of_rare_classes(run: Path) -> bool:
    """Return whether a run folder is a sweep of more images of rare classes, beside one of the same name."""
    return run.parent.name == RARE and (run.parent.parent / run.name / "run.json").exists()


def assessment_around(run: Path) -> Path:
    """Return the folder that would be the assessment if a run folder is part of one."""
    return run.parent.parent if of_rare_classes(run) else run.parent


def is_assessment(folder: Path) -> bool:
    """Return whether a folder has the runs of an assessment, which need not have ended."""
    return any((folder / name).is_file() for name in (ASSESSMENT, ASSESSING))


def is_side(folder: Path) -> bool:
    """Return whether a folder has the runs of one of the two networks of a hardening."""
    return folder.name in SIDES and (folder.parent / HARDENING).exists()


def checksum(path: Path) -> str:
    """Return the beginning of a file's SHA-256, as part names have it."""
    with on_disk(path):
        return checksum_of(path)[:CHECKSUM_DIGITS]


def is_whole(part: Path) -> bool:
    """Return whether a part's content has the checksum in its name."""
    return part.stem.rsplit("-", 1)[1] == checksum(part)


def find_parts(folder: Path) -> dict[str, Path]:
    """Return the paths of the finished parts, by name."""
    return {name: path for name, path in _named(folder) if not _OF_CLEAN.fullmatch(name)}


def find_scores(folder: Path) -> list[Path]:
    """Return the files with scores of clean images that a run keeps until it has them all."""
    return [path for name, path in _named(folder) if _OF_CLEAN.fullmatch(name)]


def remove_scores(folder: Path) -> None:
    """Remove the scores of clean images that were kept meanwhile, as clean.npz has them now."""
    for path in find_scores(folder):
        path.unlink(missing_ok=True)


def remove_scores_of_runs(folder: Path) -> None:
    """Remove the scores of clean images that a folder of runs kept, as a run in it has them now."""
    check_parts(folder)
    remove_temporaries(folder / PARTS, _UNNAMED_PART.fullmatch)
    remove_scores(folder)
    with contextlib.suppress(OSError):  # it does not exist, or holds other files
        (folder / PARTS).rmdir()


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the names and paths of a run's files with a checksum."""
    for entry in _listed(folder / PARTS):
        match = _PART.fullmatch(entry.name)
        if match and entry.is_file(follow_symlinks=False):
            yield match[1], Path(entry.path)


def remove_damaged(folder: Path) -> list[str]:
    """Remove the parts whose content does not have their checksum, and return their names."""
    damaged = {name: part for name, part in find_parts(folder).items() if not is_whole(part)}
    with on_disk(folder):
        for part in damaged.values():
            part.unlink(missing_ok=True)
    return list(damaged)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed writers of this run have left: temporary files of the run's own files."""
    remove_temporaries(folder, PLAIN_FILES.__contains__)
    remove_temporaries(folder / PARTS, _UNNAMED_PART.fullmatch)
    for entry in _listed(folder / PARTS):  # older versions renamed a part twice
        if entry.name[0] == "." and _UNNAMED_PART.fullmatch(entry.name[1:]) and not entry.is_dir(follow_symlinks=False):
            Path(entry.path).unlink(missing_ok=True)


def check_room(folder: Path, advice: str = f"with {OUT}") -> None:
    """Raise RunError if a folder cannot take a run: it is a file, or has files that do not belong to a run.

    A start that was killed leaves run.lock, which is made first, and perhaps clean images and scores of some, but never
    a part. So without run.json, any other file that is named as a run's is somebody's own.

    Parameters
    ----------
    folder : Path
        The run folder, which need not exist.
    advice : str
        How, or for what, another folder is chosen; ends the message.
    """
    check_path(folder, RunError, recorded=True)
    if folder.is_file():
        raise RunError(f"{folder} is a file: choose a folder {advice}.")
    check_writable(folder)
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set[str]()
    foreign = sorted(name for name in names if name not in OWN_FILES and name[0] != ".")
    if foreign:
        raise RunError(f"{folder} holds other files ({foreign[0]}): choose an empty or a new folder {advice}.")
    if "run.json" in names:
        return
    inside = [entry.name for entry in _listed(folder / PARTS)]
    if "run.lock" in names:
        kept = {path.name for path in find_scores(folder)}
        inside = [name for name in inside if name not in kept and not _LEFT_OF_CLEAN.fullmatch(name)]
    orphans = [f"{PARTS}/{name}" for name in inside]
    if "run.lock" not in names:
        orphans += sorted(names & {"clean.npz", "clean.npy", "log.jsonl"})
    orphans += sorted(names & {REPORT})
    if orphans:
        raise RunError(
            f"{folder} holds {orphans[0]} but no run.json, so it is not a run that can be resumed: choose an empty or "
            f"a new folder {advice}."
        )


def check_files(folder: Path) -> None:
    """Raise RunError if one of the run's files is a link, or not an ordinary file."""
    for name in PLAIN_FILES:
        check_own_file(folder / name)
    check_parts(folder)
    for entry in _listed(folder / PARTS):
        if entry.name[0] != "." and not entry.is_file(follow_symlinks=False):  # a writer makes and removes hidden ones
            raise _not_own(Path(entry.path), "file")


def check_parts(folder: Path) -> None:
    """Raise RunError if a folder's `parts` is a link, or no folder."""
    _check(folder / PARTS, stat.S_ISDIR, "folder")


def check_own_file(path: Path) -> None:
    """Raise RunError if this file is a link, a folder, a pipe or a device."""
    _check(path, stat.S_ISREG, "file")


def _check(path: Path, is_kind: Callable[[int], bool], kind: str) -> None:
    """Raise RunError if a path exists and is not of a kind."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not is_kind(mode):
        raise _not_own(path, kind)


def _not_own(path: Path, kind: str) -> RunError:
    """Return the error for a link, or for a path of another kind."""
    is_a = "a link" if path.is_symlink() else f"no {kind}"
    return RunError(f"{path} is {is_a}; expected an ordinary {kind}: put a copy in its place, or remove it.")


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    """Return a folder's entries by name; [] if there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
