"""Runs with given predictions and their report; a tiny network to harden, a clock for this, and a hardening of it."""

import given_assessment as given
import numpy as np
import pytest
from given_sweep import CLEAN, CONFIG, LABELS, PREDICTED
from halves import COUNT, GIVEN, SIZE
from own_time import own_time
from page_tags import Page

from made_runs import made_search, made_sweep
from tfstab import harden, open_run
from tfstab.assessment import paired_search
from tfstab.degradations import get_degradation
from tfstab.report.chapter import make_chapter
from tfstab.report.run_report import report_page
from tfstab.runs.info import read_info, run_folders
from tfstab.runs.known_models import known_model
from tfstab.runs.together import SIDES


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Five images of two classes, the fourth wrong when clean; a third class has none. Its sigmas fall."""
    psnr = np.broadcast_to(np.array([[[10, 10, 10, 20]]]), (5, 1, 4)) + np.array([[[0], [20]]])
    folder = tmp_path_factory.mktemp("given")
    return made_sweep(folder / "run", CONFIG, PREDICTED, LABELS, CLEAN, indices=[3, 9, 4, 8, 30], psnr=psnr)


@pytest.fixture(scope="session")
def assessed(tmp_path_factory):
    """Fog keeps 6 of 7 x 3, JPEG 7 of 7 x 2 and noise 14 of 7 x 3: of 7 images right when clean."""
    place = tmp_path_factory.mktemp("assessment")
    given.sweep(place / "fog", given.FOG, {0: [0, 1, 2], 1: [0, 1], 3: [0]})
    given.sweep(place / "jpeg", given.JPEG, {k: [0, 1] for k in range(7)})
    given.sweep(place / "gaussian_noise", given.NOISE, {k: [1, 2] for k in range(7)})
    made_search(place / "search", [40.0, np.inf, 4.0, 8.0, 16.0, 2.0, 12.0, 0.0], given.LABELS, given.CLEAN)
    return place


@pytest.fixture(scope="session")
def runs(assessed):
    return [open_run(path) for path in sorted(assessed.iterdir())]


@pytest.fixture(scope="session")
def chapter(runs):
    return make_chapter(runs, lambda _: None)


@pytest.fixture(scope="session")
def page(runs):
    return Page(report_page(runs, notes=["It took 5 minutes."]))


@pytest.fixture(scope="module")
def clock():
    """The clock of all budgets: about ten milliseconds for a step of the training, and none to search minimum noise."""
    with pytest.MonkeyPatch.context() as patch, own_time(0.01) as clock:
        patch.setattr(paired_search, "FEWEST_SEARCHED", 10**9)
        yield clock


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network that tells whether the left or the right half is brighter, images for it, and some of another kind."""
    import keras  # here, as most tests of this folder do without it

    path = tmp_path_factory.mktemp("harden")
    rng = np.random.default_rng(0)
    labels = np.arange(COUNT) % 2
    images = rng.integers(60, 100, (COUNT, SIZE, SIZE, 1))
    for label, half in enumerate((slice(0, SIZE // 2), slice(SIZE // 2, SIZE))):
        images[labels == label, :, half] += rng.integers(20, 90, (labels == label).sum())[:, None, None, None]
    names = np.array(["left", "right"])
    np.savez(path / "halves.npz", images=images.astype(np.uint8), labels=labels, class_names=names)
    np.savez(path / "third.npz", images=images[:9].astype(np.uint8), labels=labels[:9], class_names=["middle", "right"])
    weights = np.zeros((SIZE, SIZE, 2))
    weights[:, : SIZE // 2, 0] = weights[:, SIZE // 2 :, 1] = 0.002
    weights += 0.002  # the outputs also depend on the brightness, so that there is something to gain
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential(layers)
    model.set_weights([weights.reshape(-1, 2), np.array([0.6, -0.6])])
    model.save(path / "tiny.keras")
    return path


@pytest.fixture(scope="module")
def hardening(clock, folder):
    """A hardening that was interrupted while it measured, and then went on."""

    def interrupt(progress):
        if progress.stage == "measuring" and progress.done:
            raise KeyboardInterrupt

    given = {"train": folder / "halves.npz", "out": folder / "out"} | GIVEN
    as_object = given | {"degradations": ["fog", get_degradation("brightness")]}
    with pytest.raises(KeyboardInterrupt):
        harden(folder / "tiny.keras", **as_object, on_progress=interrupt)
    trained = (folder / "out" / "tiny-hardened.keras").stat().st_mtime_ns
    hardening = harden(folder / "tiny.keras", **given)
    assert hardening.model.stat().st_mtime_ns == trained, "it was trained once"
    for side, file in ((SIDES[0], folder / "tiny.keras"), (SIDES[1], hardening.model)):  # the viewer finds both models
        (run, *_) = run_folders(folder / "out" / side)
        assert known_model(read_info(run)["model"]["fingerprint"])[0] == str(file)
    return hardening
