"""Clean images are scored first: their scores are kept, however the work ends, and the same call goes on from there."""

import errno
import os
import shutil

import numpy as np
import pytest
import typer
from numpy_runs import NAMES, SIDE, brightness, dataset

from processes import KILLED, content, end_in_child, refused, tfstab_here
from tfstab import Classifier, SearchConfig, SweepConfig, open_run, run_search, run_sweep
from tfstab.cli.output import long_work
from tfstab.errors import RunError, WrongInputsError
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.runs import scoring
from tfstab.runs.files import checksum
from tfstab.sweep.progress import SweepProgress

BEGUN = "has no results yet: its clean images, which come first, are not all scored"


class Counted:
    """A predict function that counts the images, and is interrupted or killed before it scores more than so many."""

    def __init__(self, most=10**9, kill=False):
        self.images, self.most, self.kill = 0, most, kill

    def __call__(self, images):
        if self.images + len(images) > self.most:
            if self.kill:
                os._exit(KILLED)
            raise KeyboardInterrupt
        self.images += len(images)
        return brightness(images)


def model(function, fingerprint="brightness"):
    """A classifier of two images at a time."""
    given = {"fingerprint": fingerprint, "class_names": NAMES, "batch_size": 2, "name": "small"}
    return Classifier.from_function(function, (SIDE, SIDE, 1), 3, **given)


def sweep(function, folder, images=None, **more):
    return run_sweep(model(function), images or dataset(), SweepConfig(sigmas=(5, 40), copies=2), folder, **more)


def search(function, folder):
    return run_search(model(function), dataset(), SearchConfig(max_queries=100), folder)


def explanation(function, folder):
    return run_explanation(model(function), dataset(), ExplanationConfig(copies=3, max_queries=100), folder)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(scoring, "STEP", 0)  # one batch


@pytest.fixture
def begun(tmp_path):
    """A sweep that was interrupted after four of nine clean images."""
    with pytest.raises(KeyboardInterrupt):
        sweep(Counted(4), tmp_path / "begun")
    return tmp_path / "begun"


@pytest.mark.parametrize("make", [sweep, search, explanation])
def test_an_interrupted_run_goes_on_and_ends_as_an_undisturbed_one(make, tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.search.running.find_doubts", lambda *_: {})  # it scores images, too
    make(Counted(), tmp_path / "first")  # what the check of the inputs finds is remembered
    counted = Counted(4)
    with pytest.raises(KeyboardInterrupt) as stopped:
        make(counted, tmp_path / "run")
    said = f"What is finished is kept in {tmp_path / 'run'}: repeat the same call to resume."
    assert stopped.value.__notes__ == [said]
    assert counted.images == 4
    counted = Counted(5)
    with pytest.raises(KeyboardInterrupt):
        make(counted, tmp_path / "run")
    assert counted.images == 4, "the next four"
    again, alone = Counted(), Counted()
    make(again, tmp_path / "run")
    make(alone, tmp_path / "alone")
    assert again.images == alone.images - 8
    assert content(tmp_path / "run") == content(tmp_path / "alone")


@pytest.mark.skipif(os.name != "posix", reason="only POSIX forks")
def test_a_kill_loses_only_what_was_not_yet_written(tmp_path, monkeypatch):
    monkeypatch.setattr(scoring, "KEEP", 0)
    end_in_child(lambda: sweep(Counted(4, kill=True), tmp_path / "run"))
    (tmp_path / "run" / "parts" / ".clean-2.npz.17.tmp").write_bytes(b"half")
    again, alone = Counted(), Counted()
    sweep(again, tmp_path / "run")
    sweep(alone, tmp_path / "alone")
    assert again.images == alone.images - 4 and content(tmp_path / "run") == content(tmp_path / "alone")


def test_a_run_that_is_given_more_images_keeps_their_scores(tmp_path):
    sweep(Counted(), tmp_path / "run", dataset().take(5))
    with pytest.raises(KeyboardInterrupt):
        sweep(Counted(2), tmp_path / "run")
    assert open_run(tmp_path / "run").complete, "it is still the run of five images"
    counted = Counted()
    assert sweep(counted, tmp_path / "run").complete
    again = 10  # all nine, in batches of two, to see whether their scores stay the same
    assert counted.images == 2 + again + 4 * 2 * 2, "two clean images, and four images that are degraded"
    assert not list(tmp_path.glob("run/parts/clean-*"))


def damaged(path):
    path.write_bytes(path.read_bytes()[:-1])


def rewritten(path, **changed):
    """Change arrays of a file, which gets the checksum of its new content."""
    with np.load(path) as archive:
        arrays = dict(archive) | changed
    path.unlink()
    np.savez(path, **arrays)
    path.rename(path.with_name(f"clean-0-{checksum(path)}.npz"))


HARM = {
    "damaged": damaged,
    "another model": lambda path: rewritten(path, key=np.array(["0" * 64])),
    "no scores": lambda path: rewritten(path, scores=np.full((4, 3), 2, np.float32)),
    "other classes": lambda path: rewritten(path, scores=np.full((4, 4), 0.25, np.float32)),
    "fewer scores": lambda path: rewritten(path, scores=np.full((3, 3), 0.25, np.float32)),
    "pickled": lambda path: rewritten(path, scores=np.full((4, 3), None)),
    "other images": lambda path: rewritten(path, images=np.zeros((4, 32), np.uint8)),
}


@pytest.mark.parametrize("harm", HARM)
def test_scores_that_may_be_wrong_are_computed_again(harm, begun, tmp_path):
    [kept] = begun.glob("parts/clean-*")
    HARM[harm](kept)
    sweep(Counted(), tmp_path / "first")  # the first run of a process calls the function more often, to check it
    again, alone = Counted(), Counted()
    sweep(again, begun)
    sweep(alone, tmp_path / "alone")
    assert again.images == alone.images and content(begun) == content(tmp_path / "alone")


def test_kept_scores_that_are_a_link_are_refused(begun, tmp_path):
    [kept] = begun.glob("parts/clean-*")
    shutil.move(kept, tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="holds parts/clean"):
        sweep(Counted(), begun)


@pytest.mark.parametrize("command", ["inspect", "report", "compare", "view"])
def test_readers_say_that_a_run_has_just_begun(command, begun):
    two = [begun, begun] if command == "compare" else [begun]
    said = refused(tfstab_here(command, *two))
    assert BEGUN in said and said.endswith("run the same command again to resume it.")


def test_a_folder_of_runs_of_which_one_has_just_begun_shows_the_others(begun):
    sweep(Counted(), begun.with_name("whole"))
    assert tfstab_here("inspect", begun.with_name("whole")).returncode == 0
    assert tfstab_here("report", begun.parent, "--out", begun.parent / "page").returncode == 0


def test_progress_is_told_while_clean_images_are_scored(tmp_path):
    told = []
    sweep(Counted(), tmp_path / "run", on_progress=told.append)
    assert told[:4] == [SweepProgress(0, 36, done, 9) for done in (2, 4, 6, 8)]
    assert told[4] == SweepProgress(0, 36) and told[-1] == SweepProgress(36, 36)


def test_wrong_inputs_leave_no_folder(tmp_path):
    with pytest.raises(WrongInputsError):
        sweep(lambda images: brightness(255 - images), tmp_path / "run", dataset(60))
    assert not (tmp_path / "run").exists()


@pytest.fixture
def full_disk(monkeypatch):
    """A disk on which no scores of clean images can be written any more."""

    def fill():
        monkeypatch.setattr("tfstab.runs.arrays._write", full)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return fill


@pytest.mark.parametrize(
    ("begun", "said"),
    [(0, "nothing is kept, not even the scores of the last 4 clean images"),
     (2, "what is finished is kept, but not the scores of the last 2 clean images")],
)  # fmt: skip
def test_ctrl_c_on_a_full_disk_is_still_an_interruption_that_says_what_is_lost(begun, said, full_disk, tmp_path):
    if begun:
        with pytest.raises(KeyboardInterrupt):
            sweep(Counted(begun), tmp_path / "run")
    full_disk()
    with pytest.raises(scoring.NotKeptInterrupt) as stopped:
        sweep(Counted(4 - begun), tmp_path / "run")
    assert str(stopped.value) == (
        f"{said}, as {tmp_path / 'run' / 'parts'} cannot be written, the disk is full (No space left on device): free "
        "some space, then run it again to go on."
    )
    assert hasattr(stopped.value, "__notes__") == (tmp_path / "run").exists() == bool(begun)


def test_another_error_on_a_full_disk_is_not_hidden(full_disk, tmp_path):
    full_disk()

    kept = scoring.KeptScores(tmp_path / "run", "key")
    with pytest.raises(MemoryError), kept:
        kept.add(dataset().images[:2], np.full((2, 3), 1 / 3, np.float32))
        raise MemoryError


def test_the_command_says_in_one_line_that_it_was_stopped_and_what_is_lost(capsys):
    with pytest.raises(typer.Exit) as ended, long_work("run it again."):
        raise scoring.NotKeptInterrupt("nothing is kept, as the disk is full: free some space.")
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "stopped: nothing is kept, as the disk is full: free some space.\n"
