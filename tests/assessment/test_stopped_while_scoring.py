"""If an assessment or comparison is stopped while it scores clean images, the next call scores only the rest."""

import os
import shutil

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, brightness, dataset

import tfstab
from processes import KILLED, content, end_in_child, refused, tfstab_here
from tfstab import Classifier
from tfstab.assessment.before_after import BeforeAfter
from tfstab.assessment.plan import Clock
from tfstab.degradations import get_degradation
from tfstab.errors import RunError
from tfstab.runs import scoring

GIVEN = {"minutes": 10, "degradations": ["jpeg"], "search": False}  # far more time than is needed
STOP = 5  # the image at which the work is stopped


class Counted:
    """A predict function that counts how often it gets clean images, and is stopped at one of them."""

    def __init__(self, stop=None, kill=False):
        self.scored, self.kill = 0, kill
        self.stop = None if stop is None else dataset().images[stop]

    def __call__(self, images):
        if self.stop is not None and (images == self.stop).all(axis=(1, 2, 3)).any():
            if self.kill:
                os._exit(KILLED)
            raise KeyboardInterrupt
        self.scored += sum(any((image == clean).all() for clean in dataset().images) for image in images)
        return brightness(images)


def model(function, fingerprint="brightness"):
    """A classifier of two images at a time."""
    given = {"fingerprint": fingerprint, "class_names": NAMES, "batch_size": 2, "name": "small"}
    return Classifier.from_function(function, (SIDE, SIDE, 1), 3, **given)


def assess(function, folder):
    return tfstab.assess(model(function), dataset(), out=folder, **GIVEN)


def compare(function, folder):
    """The measuring of a hardening whose second network is counted."""
    networks, families = (model(brightness, "before"), model(function, "after")), [get_degradation("jpeg")]
    return BeforeAfter(*networks, dataset(), families, folder, Clock(600.0)).measure()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(scoring, "STEP", 0)  # one batch
    monkeypatch.setattr("tfstab.assessment.before_after.PairedSearch.run", lambda *_: [])  # it takes long


@pytest.mark.parametrize(("work", "place"), [(assess, ""), (compare, "hardened/")])
def test_what_is_scored_is_not_scored_again(work, place, tmp_path):
    work(Counted(), tmp_path / "first")  # what the check of the inputs finds is remembered
    with pytest.raises(KeyboardInterrupt):
        work(Counted(STOP), tmp_path / "stopped")
    [kept] = (tmp_path / "stopped").glob("**/clean-*")
    assert kept.parent == tmp_path / "stopped" / place / "parts"
    count = len(np.load(kept)["scores"])
    again, alone = Counted(), Counted()
    work(again, tmp_path / "stopped")
    work(alone, tmp_path / "alone")
    assert again.scored == alone.scored - count < alone.scored
    assert not list((tmp_path / "stopped").glob("**/clean-*")) and not (tmp_path / "stopped" / place / "parts").exists()
    for run in (tmp_path / "alone").glob("**/jpeg"):
        assert content(tmp_path / "stopped" / run.relative_to(tmp_path / "alone")) == content(run)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX forks")
def test_a_kill_loses_only_what_was_not_yet_written(tmp_path, monkeypatch):
    monkeypatch.setattr(scoring, "KEEP", 0)
    assess(Counted(), tmp_path / "alone")
    end_in_child(lambda: assess(Counted(STOP, kill=True), tmp_path / "killed"))
    (tmp_path / "killed" / "parts" / ".clean-2.npz.17.tmp").write_bytes(b"half")
    again, alone = Counted(), Counted()
    assess(again, tmp_path / "killed")
    assess(alone, tmp_path / "other")
    assert again.scored == alone.scored - 4 and not (tmp_path / "killed" / "parts").exists()
    assert content(tmp_path / "killed" / "jpeg") == content(tmp_path / "alone" / "jpeg")


@pytest.fixture
def stopped(tmp_path):
    """An assessment that was stopped while it scored clean images."""
    with pytest.raises(KeyboardInterrupt) as stopped:
        assess(Counted(STOP), tmp_path / "stopped")
    assert stopped.value.__notes__ == [
        f"What is finished is kept in {tmp_path / 'stopped'}: repeat the same call to resume."
    ]
    return tmp_path / "stopped"


@pytest.mark.parametrize("command", ["inspect", "report", "view"])
def test_readers_say_that_it_has_no_results_yet(command, stopped):
    assert "its clean images, which come first, are not all scored" in refused(tfstab_here(command, stopped))


def test_another_model_scores_all_images_and_leaves_nothing(stopped, tmp_path):
    again, alone = Counted(), Counted()
    for function, folder in ((Counted(), tmp_path / "first"), (again, stopped), (alone, tmp_path / "alone")):
        tfstab.assess(model(function, "another"), dataset(), out=folder, **GIVEN)
    assert again.scored == alone.scored and not (stopped / "parts").exists()


def test_scores_in_a_folder_that_is_a_link_are_refused(stopped, tmp_path):
    shutil.move(stopped / "parts", tmp_path / "elsewhere")
    (stopped / "parts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="parts is a link"):
        assess(Counted(), stopped)
    assert list((tmp_path / "elsewhere").iterdir())
