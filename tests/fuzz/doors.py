"""The doors by which strangers' files come in: each opens what a case's folder holds, and reads all of it."""

import contextlib
import io
from pathlib import Path

import numpy as np
from fuzz import good

from tfstab import SweepRun, load_classifier, load_dataset, open_run, run_search, run_sweep, train
from tfstab.explanation import ExplanationRun
from tfstab.models import card_of
from tfstab.report.explanation.topics import parts_of_image, sections_of
from tfstab.report.sweep_json import sweep_json
from tfstab.search import SearchRun
from tfstab.search.aim import read_mask

MOST_SCORED = 1 << 20  # numbers in an image; a model may take larger ones, which are not asked for


def model(folder: Path, name: str = "m.keras") -> None:
    """Load a model, and score an image with it."""
    path = folder / name
    card_of(path)
    classifier = load_classifier(path)
    shape = tuple(size or 4 for size in classifier.input_shape)
    if np.prod(shape) <= MOST_SCORED:
        classifier.for_images(shape).scores(np.zeros((1, *shape), np.uint8))


def onnx_model(folder: Path) -> None:
    model(folder, "m.onnx")


def tflite_model(folder: Path) -> None:
    model(folder, "m.tflite")


def run(folder: Path) -> None:
    """Open a run, and read all of it."""
    opened = open_run(folder / "run")
    repr(opened), opened.complete, opened.extent, opened.outdated, opened.damaged()
    first = int(opened.clean.indices[0])
    if isinstance(opened, SweepRun):
        _read_sweep(opened, first)
    elif isinstance(opened, ExplanationRun):
        _read_explanation(opened)
    else:
        _read_search(opened)


def _read_sweep(opened: SweepRun, first: int) -> None:
    opened.samples()
    sweep_json(opened)
    opened.measures.to_pandas()
    opened.measures_of(first)
    opened.degraded_image(first, 0, 0)
    if opened.parts:
        opened.sample(first, 0, 0)


def _read_search(opened: SearchRun) -> None:
    for result in opened:
        repr(result), result.degraded, result.to_pandas()
        assert not result.found or result.predicted != result.class_index
    opened.to_pandas()


def _read_explanation(opened: ExplanationRun) -> None:
    opened.summary(), opened.to_pandas()
    sections_of(opened)
    if len(opened.rows):
        parts_of_image(opened, int(opened.images[0]))


def resumed_sweep(folder: Path) -> None:
    run_sweep(good.classifier(), good.dataset(), good.SWEEP, folder / "run")


def resumed_search(folder: Path) -> None:
    run_search(good.classifier(), good.dataset(), good.SEARCH, folder / "run")


def resumed_training(folder: Path) -> None:
    train(good.RECIPE, *good.training_data(), out=folder / "training")


def mask(folder: Path) -> None:
    read_mask(folder / "m.png")


def data(folder: Path) -> None:
    """Load images from a folder, and look at them."""
    np.asarray(load_dataset(f"folder:{folder / 'd'}").images)


def resized_data(folder: Path) -> None:
    np.asarray(load_dataset(f"folder:{folder / 'd'}", size=(3, 5), resize="crop", damaged="skip").images)


def npz(folder: Path) -> None:
    np.asarray(load_dataset(folder / "d.npz").images)


# --- the viewer, whose readers return what can be read: nothing is raised ---


def settings(folder: Path) -> None:
    from PySide6.QtCore import QSettings

    from tfstab.gui.settings import Settings
    from tfstab.runs.known_models import find_model

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    kept = Settings()
    kept.recent(), kept.geometry(), kept.layout(), kept.theme(), kept.runs_folder()
    kept.rate("sweep", "mnist-lenet")
    find_model({"name": "mnist-lenet", "fingerprint": "f"})
    find_model({"name": "mine", "fingerprint": "g"})
    kept.add_recent(folder)
    kept._store.sync()


def marks(folder: Path) -> None:
    """Read marks, and mark another image: what cannot be read is kept beside."""
    from tfstab.gui.sessions.marks import Marks

    kept = Marks(folder / "marks.json")
    for key in kept.keys():  # noqa: SIM118  # it is no dict
        kept.note(key)
    problems: list[str] = []
    kept.failed.connect(problems.append)
    kept.write((1, 2, 3), "a note")
    assert (1, 2, 3) in kept and all("\n" not in problem for problem in (kept.problem, *problems))


def jobs(folder: Path) -> None:
    """The orders of windows that are gone."""
    from unittest import mock

    from tfstab.gui.jobs.unfinished import Unfinished

    with mock.patch("tfstab.gui.jobs.unfinished.user_data_path", lambda *_, **__: folder):
        window = Unfinished()
        for order in window.take_over():
            repr(order)
        window.release()


def quietly(door, folder: Path) -> None:
    """Open a door without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        door(folder)
