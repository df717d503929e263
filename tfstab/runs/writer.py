"""Writes a run folder: one writer at a time, whole parts, resumable."""

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from tfstab import limits
from tfstab.errors import RunError, on_disk
from tfstab.names import shortened
from tfstab.paths import user_path
from tfstab.runs.atomic import (
    make_folder,
    sync_folder,
    temporary_path,
    write_json,
    write_then_name,
)
from tfstab.runs.changed_code import check_code
from tfstab.runs.clean import MAPPED, CleanImages, fingerprint_of
from tfstab.runs.description import check_number, difference, identity, not_resumed
from tfstab.runs.environment import differing
from tfstab.runs.files import (
    PARTS,
    RUN_LOCK,
    check_files,
    check_room,
    checksum,
    find_parts,
    find_scores,
    remove_damaged,
    remove_leftovers,
    remove_scores,
)
from tfstab.runs.growth import describe_images, joined
from tfstab.runs.info import GROWING, INPUT_NOTE, is_run, read_info
from tfstab.runs.known_models import remember_model
from tfstab.runs.locking import being_written
from tfstab.runs.probe import changed_since
from tfstab.runs.twins import write_or_link
from tfstab.warning import warn
from tfstab.wording import OUT

if TYPE_CHECKING:
    from tfstab.classifier.source import Source

Grow = Callable[[dict[str, Any], CleanImages], tuple[dict[str, Any], list[str]]]


class RunWriter:
    """Makes or resumes a run folder; a context manager that holds the folder's lock.

    A damaged part is removed when the folder is opened, and so is written again.

    Parameters
    ----------
    path : str or Path
        The run folder.
    info : dict
        What `describe` returned.
    clean : CleanImages or callable
        The scored clean images, or a function that returns them. It is called once the folder is locked, so it may keep
        scores there.
    grow : callable, optional
        Plans a run that is given more images or more work: grow(run.json, images) returns the settings and the names of
        all parts. By default a run takes only the images, settings and parts that it was begun with.
    source : Source, optional
        The file of the model, which the viewer needs to explain the run; by default not known.

    Attributes
    ----------
    info, clean
        What was given or, of a run that has more, what it has.
    done : set of str
        Names of the finished parts.

    Raises
    ------
    RunError
        The folder has another run or other files, another process writes to it, the degradation's code has changed, or
        the run has unfinished parts and different random numbers are drawn here (see `probe`).
    """

    def __init__(
        self,
        path: str | Path,
        info: dict[str, Any],
        clean: CleanImages | Callable[[], CleanImages],
        grow: Grow | None = None,
        source: "Source | None" = None,
    ) -> None:
        self.path = user_path(path)
        self.info, self._given = info, clean
        self._here = info  # of this environment; self.info becomes that of the run in the folder
        self._grow, self._source = grow, source
        self._lock = FileLock(self.path / RUN_LOCK)
        self.done: set[str] = set()

    def __enter__(self) -> "RunWriter":
        """Lock the folder and make or open the run in it."""
        with on_disk(self.path):
            self._enter()
        if self._source is not None:
            remember_model(self.info["model"]["fingerprint"], self._source)
        return self

    def _enter(self) -> None:
        """Lock the folder and make or open the run; after an error, leave nothing of a run that did not begin."""
        check_room(self.path)
        is_new = make_folder(self.path)
        check_files(self.path)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise being_written(self.path) from None
        try:
            sync_folder(self.path)  # run.lock marks a start that is killed, so it comes first
            self._open()
        except BaseException as error:
            begun = is_run(self.path) or bool(find_scores(self.path))
            if begun:
                note_kept(error, self.path)
            else:
                self._discard()
            self._lock.release()
            if is_new and not begun:
                with contextlib.suppress(OSError):  # another process may have begun to use the folder
                    self.path.rmdir()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *traceback: object) -> None:
        """Release the lock."""
        self._lock.release()
        note_kept(error, self.path)

    def _open(self) -> None:
        """Open the run if there is one, otherwise begin it."""
        remove_leftovers(self.path)
        environment = self.info["environment"]
        there = self._check_same() if is_run(self.path) else None
        self.clean = self._given() if callable(self._given) else self._given
        self.info = _with_note(self.info, self.clean)
        if there is not None:
            was = self._restored_clean(there)
            self._take_up(there, was)
            for name in remove_damaged(self.path):
                self.log("damaged", part=name)
            self.done.update(find_parts(self.path))
            self._check_probe(there)
            self._write_grown(there, was)
        else:
            check_number(self.info["parts"])
            (self.path / PARTS).mkdir(exist_ok=True)
            self._write_clean()
            write_json(self.path / "run.json", self.info)
        remove_scores(self.path)
        self.log("opened", done=len(self.done), environment=environment)

    def _write_clean(self, link: bool = True) -> None:
        """Write the clean images, or link them to those of a run beside this one."""
        key = self.clean.fingerprint(self.info["data"]["images_fingerprint"])
        for name, save in self.clean.files(self.info["data"]).items():
            write_or_link(self.path / name, key, save, link)

    def _restored_clean(self, there: dict[str, Any]) -> CleanImages:
        """Return the clean images in the folder, which are written again if their files are damaged."""
        try:
            clean = CleanImages.load(self.path / "clean.npz", there["data"])
            if fingerprint_of(clean.images) != there["data"].get("images_fingerprint"):
                raise RunError(f"the images in {self.path} have changed.")
            return clean
        except RunError as error:
            if "begun" in there["data"]:  # which images came when is known to clean.npz alone
                raise RunError(
                    f"the clean images in {self.path} are damaged, and the run was given further images since it was "
                    "begun: restore clean.npz from a copy, or make the run again."
                ) from error
            if there["data"].get("images_fingerprint") != self.info["data"]["images_fingerprint"]:
                raise RunError(
                    f"the clean images in {self.path} are damaged: resume it with the {there['data']['images']} images "
                    "that it has, which restores them."
                ) from error
            self._write_clean(link=False)  # not to the damaged file itself, which may look unchanged
            self.log("damaged", part="clean.npz")
            return self.clean

    def _take_up(self, there: dict[str, Any], clean: CleanImages) -> None:
        """Take up the run in the folder, and plan the images and work that it does not have yet, without writing."""
        if self._grow is None:
            return
        try:
            joint = joined(clean, self.clean, there["data"], self.info["data"])
        except RunError as error:
            raise self.refused(str(error)) from error
        settings, parts = self._grow(there, joint)
        check_number(parts)
        own = self.info["data"]
        noted_data = there["data"] | {k: own[k] for k in ("note", "remarks")}  # which may count more images or groups
        data = there["data"] if joint is clean else describe_images(joint, noted_data)
        noted = there if joint is clean else _with_note(there, self.clean)
        self.info, self.clean = noted | {"data": data, "settings": settings, "parts": parts}, joint

    def replan(self, parts: list[str]) -> None:
        """Replace the planned parts by others, among which must be all that are finished."""
        self.info = self.info | {"parts": parts}
        with on_disk(self.path):
            write_json(self.path / "run.json", self.info)

    def _check_probe(self, there: dict[str, Any]) -> None:
        """Raise RunError if parts are left that would be made with different random numbers than the finished ones.

        Raise it, too, if the degradation's code has changed, even if no part is left, because the old numbers would be
        taken for those of the new code.
        """
        check_code(self.path, there, self._here)
        changed = changed_since(there, self._here.get("probe", {}), self._here["environment"]["versions"])
        if changed and not self.done.issuperset(self.info["parts"]):
            raise RunError(f"{self.path} cannot be resumed, as {changed}, or choose another folder with {OUT}.")

    def _write_grown(self, there: dict[str, Any], clean: CleanImages) -> None:
        """Write the images and the plan of a run that grows."""
        if self._grow is None:
            return
        if self.clean is not clean:
            self._write_clean()  # first, as images beyond those of run.json are ignored
        if self.info != there:
            write_json(self.path / "run.json", self.info)

    def _check_same(self) -> dict[str, Any]:
        """Return the run.json in the folder; raise RunError unless it is of the run to be written.

        Warn of another environment.
        """
        there = read_info(self.path)
        grows = self._grow is not None
        growing = GROWING.get(there["kind"], ()) if grows else ()
        for key in ("kind", "model", "data", "seed", "settings", "parts"):
            if grows and key in ("data", "parts"):
                continue
            was, now = (identity(info[key]) for info in (there, self.info))
            if key == "settings":
                was, now = ({name: s[name] for name in s if name not in growing} for s in (was, now))
            if was != now:
                raise self.refused(difference(key, there[key], self.info[key], growing))
        if changed := differing(there["environment"], self.info["environment"]):
            warn(f"{self.path} was begun with {changed}: its parts agree within rounding, not to the bit.")
        return there

    def refused(self, why: str) -> RunError:
        """Return the error for a run that cannot be resumed, which says why."""
        return not_resumed(self.path, why)

    def write(self, name: str, suffix: str, save: Callable[[Path], None], **figures: Any) -> Path:
        """Add a part.

        Parameters
        ----------
        name : str
            The part's name.
        suffix : str
            Ending of the file.
        save : callable
            Gets a path and writes the file there; then the file gets its checksum and its name in one step.
        **figures
            Numbers for the log.

        Returns
        -------
        Path
            The part's file.

        Raises
        ------
        DiskError
            The part cannot be written.
        """
        parts = self.path / PARTS
        with on_disk(parts):
            written = write_then_name(
                temporary_path(parts / f"{name}.{suffix}"),
                save,
                lambda temporary: parts / f"{name}-{checksum(temporary)}.{suffix}",
            )
        self.done.add(name)
        self.log("part", part=name, **figures)
        return written

    def log(self, event: str, **figures: Any) -> None:
        """Add a line to log.jsonl: the time (seconds since 1970), the event, and its figures."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **figures}) + "\n"
        path = self.path / "log.jsonl"
        with on_disk(path), path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a kill or a power cut tore the last line
                    line = "\n" + line
            file.write(line.encode())

    def _discard(self) -> None:
        """Remove all files of a run that could not be begun; the lock comes last, while it is held.

        `check_room` has made sure that none of them was there before, unless a killed start had left them.
        """
        with contextlib.suppress(OSError):  # the disk may fail here too; the first error is raised
            for name in ("clean.npz", MAPPED, "log.jsonl"):
                (self.path / name).unlink(missing_ok=True)
            if (self.path / PARTS).is_dir():
                (self.path / PARTS).rmdir()
            (self.path / "run.lock").unlink(missing_ok=True)


def note_kept(error: BaseException | None, folder: Path) -> None:
    """Add to an interruption, whose message is empty, where the finished work is and how to go on."""
    if isinstance(error, KeyboardInterrupt):
        error.add_note(f"What is finished is kept in {folder}: repeat the same call to resume.")


def _with_note(info: dict[str, Any], clean: CleanImages) -> dict[str, Any]:
    """Return the content of run.json with what the check of the inputs said of these images."""
    rest = {name: value for name, value in info.items() if name != INPUT_NOTE}
    return rest | ({INPUT_NOTE: shortened(clean.input_note, limits.LONGEST_TEXT)} if clean.input_note else {})
