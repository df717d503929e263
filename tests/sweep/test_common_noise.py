"""With common noise an image's copy has one field, scaled to every sigma; all else is as without."""

import json

import numpy as np
import pytest

from processes import content
from tfstab import SweepConfig, run_sweep
from tfstab.degradations import COMMON, standard_normal
from tfstab.errors import RunError

CONFIG = SweepConfig(sigmas=(5, 60, 120), copies=7, seed=3, common_noise=True)


@pytest.fixture(scope="module")
def run(mnist_lenet, digits, tmp_path_factory):
    return run_sweep(mnist_lenet, digits.take(12), CONFIG, tmp_path_factory.mktemp("common") / "run")


def test_frozen_values():
    field = standard_normal((28, 28, 1), 0, 5, COMMON, 3)
    frozen = ["0x1.b65eeap-2", "-0x1.179f14p-2", "-0x1.10f3f8p+0", "-0x1.10aaa0p-1"]
    assert [float(v) for v in field.ravel()[:4]] == [float.fromhex(v) for v in frozen]


def test_a_copy_has_one_field_at_all_sigmas(run):
    image = int(run.clean.indices[3])
    clean = run.clean.images[run.clean.row(image)].astype(np.float32)
    for copy in range(CONFIG.copies):
        field = standard_normal(clean.shape, CONFIG.seed, image, COMMON, copy)
        for place, sigma in enumerate(CONFIG.severities):
            expected = np.clip(clean + np.float32(sigma) * field, 0, 255)
            np.testing.assert_array_equal(run.degraded_image(image, place, copy), expected)


def test_any_degraded_image_is_made_again_and_scores_what_is_stored(run, mnist_lenet):
    rows = run.samples().to_pylist()
    degraded = [run.degraded_image(r["image"], r["severity_index"], r["copy"]) for r in rows]
    for row, scores in zip(rows, mnist_lenet.scores(np.stack(degraded)), strict=True):
        assert (scores.argmax(), scores.max()) == (row["predicted"], np.float32(row["score"]))


def test_it_does_not_depend_on_the_batch(run, mnist_lenet, digits, tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.sweep.running.in_large_batches", lambda classifier: classifier)
    again = run_sweep(mnist_lenet.with_batch_size(10), digits.take(12), CONFIG, tmp_path / "run")
    assert content(again.path) == content(run.path)


def test_it_is_another_run_than_one_of_independent_noise(run, mnist_lenet, digits, tmp_path):
    independent = SweepConfig((5, 60, 120), 7, seed=3)
    with pytest.raises(RunError, match="begun with common_noise = True;"):
        run_sweep(mnist_lenet, digits.take(12), independent, run.path)
    begun = run_sweep(mnist_lenet, digits.take(1), independent, tmp_path / "run")
    with pytest.raises(RunError, match="begun without common_noise;"):
        run_sweep(mnist_lenet, digits.take(1), CONFIG, begun.path)


def test_runs_of_independent_noise_are_described_as_before_there_was_a_choice(mnist_lenet, digits, tmp_path):
    run = run_sweep(mnist_lenet, digits.take(1), SweepConfig((5,), 2), tmp_path / "run")
    settings = json.loads((run.path / "run.json").read_text("utf-8"))["settings"]
    assert settings == {"sigmas": [5.0], "copies": 2, "degradation": "gaussian_noise"}
