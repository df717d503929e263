"""A hardening whose test images are a split that is not called "test"."""

import keras
import numpy as np
import pytest
from own_time import own_time

from tfstab import harden, load_dataset
from tfstab.assessment import paired_search
from tfstab.errors import RunError
from tfstab.models.validation import validation_images
from tfstab.report.hardening_limits import set_aside
from tfstab.runs.info import read_info, run_folders

SIZE = 8
PARTS = {"training": slice(100), "validation": slice(100, 140), "other": slice(140, 180)}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Images whose left or right half is brighter, beside a network that tells which."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paired_search, "FEWEST_SEARCHED", 10**9)
    labels, images = np.arange(180) % 2, np.random.default_rng(0).integers(60, 100, (180, SIZE, SIZE, 1))
    images[labels == 0, :, :4] += 60
    images[labels == 1, :, 4:] += 60
    arrays = {f"x_{name}": images[rows].astype(np.uint8) for name, rows in PARTS.items()}
    np.savez("parts.npz", **arrays, **{f"y_{name}": labels[rows] for name, rows in PARTS.items()})
    weights = np.full((SIZE, SIZE, 2), 0.002)
    weights[:, :4, 0] = weights[:, 4:, 1] = 0.004
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential(layers)
    model.set_weights([weights.reshape(-1, 2), np.array([0.6, -0.6])])
    model.save("tiny.keras")
    return tmp_path / "parts.npz"


def test_a_hardening_is_tested_on_a_split_of_another_name_and_goes_on_with_it_alone(file):
    given = {"against": ["fog"], "degradations": ["fog"], "minutes": 0.05}
    with own_time(0.01):
        made = harden("tiny.keras", "parts.npz", split="validation", **given)
        trained = made.model.stat().st_mtime_ns
        again = harden("tiny.keras", "parts.npz", split="validation", **given)
        with pytest.raises(RunError, match="harden-tiny-parts-validation"):
            harden("tiny.keras", "parts.npz", split="other", out=made.path, **given)
    assert made.path.name.startswith("harden-tiny-parts-validation-") and again.model.stat().st_mtime_ns == trained
    (run, *_) = run_folders(made.path / "original")
    assert read_info(run)["data"]["split"] == "validation" and read_info(run)["data"]["images"] <= 30
    used = made.card["data"]
    assert (used["training"]["split"], used["validation"]["images"]) == ("training", 10)
    assert any("set aside for validation" in sentence for sentence in made.next_steps), "no split of their own"
    page = made.report.read_text("utf-8")
    assert "of the test images, not used in the comparison" in page and set_aside(made.card) == 10
    assessed = load_dataset(file, "validation")
    assert validation_images(made.classifier, assessed) == 10
