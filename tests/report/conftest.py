"""A sweep with given predictions; a tiny network to harden, the clock by which this is done, and a hardening of it."""

import numpy as np
import pytest
from given_sweep import CLEAN, CONFIG, LABELS, PREDICTED
from halves import COUNT, GIVEN, SIZE
from own_time import own_time

from made_runs import made_sweep
from tfstab import harden
from tfstab.assessment import paired_search
from tfstab.degradations import get_degradation
from tfstab.runs.info import read_info, run_folders
from tfstab.runs.known_models import known_model
from tfstab.runs.together import SIDES


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Five images of two classes, the fourth wrong when clean; a third class has none. Its sigmas fall."""
    psnr = np.broadcast_to(np.array([[[10, 10, 10, 20]]]), (5, 1, 4)) + np.array([[[0], [20]]])
    folder = tmp_path_factory.mktemp("given")
    return made_sweep(folder / "run", CONFIG, PREDICTED, LABELS, CLEAN, indices=[3, 9, 4, 8, 30], psnr=psnr)


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
