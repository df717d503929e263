"""Without clipping, a sweep scores clean + noise itself; runs of both kinds are kept apart."""

import json

import numpy as np
import pytest

from tfstab import Classifier, Dataset, SweepConfig, open_run, run_sweep
from tfstab.degradations import Degradation, register, standard_normal
from tfstab.errors import InputError, RunError

PIXELS = np.array([0, 40, 215, 255], np.uint8)[:, None, None, None] + np.zeros((1, 3, 3, 1), np.uint8)
IMAGES = Dataset.from_arrays("tiny", "test", PIXELS, np.array([0, 0, 1, 1]))
CONFIG = SweepConfig(sigmas=(5, 300), copies=3, seed=4, clip=False)


def brightness(images):
    logit = (images.mean(axis=(1, 2, 3)) - 128) / 20
    return np.stack([-logit, logit], axis=1)


def network():
    return Classifier.from_function(brightness, (3, 3, 1), 2, fingerprint="b", outputs="logits")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_sweep(network(), IMAGES, CONFIG, tmp_path_factory.mktemp("unclipped") / "run")


def test_what_is_scored_is_the_sum(run):
    for row in run.samples().to_pylist():
        image, place, copy = row["image"], row["severity_index"], row["copy"]
        field = standard_normal((3, 3, 1), CONFIG.seed, image, place, copy)
        degraded = run.degraded_image(image, place, copy)
        np.testing.assert_array_equal(degraded, np.float32(row["severity"]) * field + PIXELS[image])
        assert row["score"] == network().scores(np.stack([degraded] * 2)).max()
        noise = degraded.astype(np.float64) - PIXELS[image]
        assert row["psnr"] == pytest.approx(10 * np.log10(255**2 / np.mean(noise**2)), abs=1e-3)
    assert run.samples().to_pandas()["psnr"].min() < 0  # which clipped noise never is


def test_it_is_recorded_named_and_grows(run):
    assert run.info["settings"] == {"sigmas": [5, 300], "copies": 3, "degradation": "gaussian_noise", "clip": False}
    opened = open_run(run.path)
    assert opened.config == CONFIG and not opened.config.clip and opened.title == "unclipped noise sweep"
    assert opened.degradation.title == "unclipped Gaussian noise"
    more = SweepConfig(sigmas=(5, 300), copies=5, seed=4, clip=False)
    assert run_sweep(network(), IMAGES, more, run.path).copies_done == (5, 5)


def test_clipped_and_unclipped_runs_are_not_mixed(run, tmp_path):
    clipped = SweepConfig(sigmas=(5, 300), copies=3, seed=4)
    with pytest.raises(RunError, match="begun with clip = False, not True;"):
        run_sweep(network(), IMAGES, clipped, run.path)
    begun = run_sweep(network(), IMAGES, clipped, tmp_path / "run")
    assert "clip" not in begun.info["settings"]
    with pytest.raises(RunError, match="begun with clip = True, not False;"):
        run_sweep(network(), IMAGES, CONFIG, begun.path)


def test_a_setting_from_a_stranger_is_checked(run, tmp_path):
    info = json.loads((run.path / "run.json").read_text("utf-8"))
    for settings in ({"clip": "no"}, {"degradation": "fog", "severities": [5]}):
        (tmp_path / "run.json").write_text(json.dumps(info | {"settings": info["settings"] | settings}), "utf-8")
        with pytest.raises(RunError, match="is damaged"):
            open_run(tmp_path)


def test_a_model_that_clips_by_itself_is_named(tmp_path):
    camera = {"fingerprint": "c", "outputs": "logits", "name": "camera"}
    own = Classifier.from_function(lambda images: brightness(images.clip(0, 255)), (3, 3, 1), 2, **camera)
    with pytest.warns(UserWarning, match=r"camera seems to clip its inputs to 0..255 itself"):
        run_sweep(own, IMAGES, CONFIG, tmp_path / "run")


def test_a_model_whose_scores_are_saturated_is_not_said_to_clip(tmp_path, recwarn):
    """So are those of a network that was trained on 0..1 and gets 0..255."""
    sure = {"fingerprint": "s", "outputs": "logits", "name": "sure"}
    saturated = Classifier.from_function(lambda images: 255 * brightness(images), (3, 3, 1), 2, **sure)
    made = run_sweep(saturated, IMAGES, CONFIG, tmp_path / "run")
    assert set(made.samples().to_pandas()["score"]) == {1.0}
    assert not [warning for warning in recwarn if "clip" in str(warning.message)]


@pytest.mark.parametrize("name", ["uniform_noise", "speckle", "brightness"])
def test_families_that_add_can_be_left_unclipped(name, tmp_path):
    run = run_sweep(network(), IMAGES, SweepConfig(degradation=name, copies=1, clip=False), tmp_path / "run")
    opened = open_run(run.path)
    assert opened.config == run.config and opened.degradation.title.startswith("unclipped ")
    assert opened.degraded_image(3, 4, 0).max() > 255
    clipped = SweepConfig(degradation=name, copies=1)
    for image in range(4):
        unclipped = opened.degraded_image(image, 4, 0)
        made = run_sweep(network(), IMAGES, clipped, tmp_path / "clipped").degraded_image(image, 4, 0)
        np.testing.assert_array_equal(np.clip(unclipped, 0, 255), made)


def test_a_family_of_ones_own_and_what_is_refused(tmp_path):
    words = {
        "parameter": "shift",
        "unit": "",
        "severities": (300.0,),
        "neutral": 0,
        "low": 0,
        "high": 1e9,
        "version": "1",
    }
    own = Degradation("lift", "lift", "adds", lambda x, s, rng: x + s, **words, additive=True)
    run = run_sweep(network(), IMAGES, SweepConfig(degradation=register(own), clip=False), tmp_path / "run")
    assert run.degraded_image(3, 0, 0).tolist() == [[[555.0]] * 3] * 3
    register(Degradation("lift", "lift", "adds", lambda x, s, rng: x + s, **words))  # without the promise
    later = open_run(run.path)
    assert (later.degradation.title, later.config.clip) == ("unclipped lift", False)
    with pytest.raises(RunError, match="'lift' always clips here, unlike that of the run"):
        later.degraded_image(3, 0, 0)
    with pytest.raises(InputError, match=r"fog is always clipped .*; expected a degradation that adds"):
        SweepConfig(degradation="fog", clip=False)
    with pytest.raises(InputError, match=r"sigma is 1e\+20; expected at most 1,000,000 without clipping"):
        SweepConfig(sigmas=(1e20,), clip=False)
    with pytest.raises(InputError, match="'steep' made infinite grey levels at shift 300"):
        steep = Degradation("steep", "steep", "adds", lambda x, s, rng: x + np.inf, **words, additive=True)
        steep.without_clipping()(PIXELS[0], 300)
