"""Images that do not fit the memory: the same results as of those that do, in memory that does not grow with them.

What fits is set to a few images here; the code that runs is that of a data set larger than the memory.
"""

import os
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from processes import content
from tfstab import SearchConfig, SweepConfig, load_dataset, open_run, run_search, run_sweep
from tfstab.errors import DataError, RunError
from tfstab.experiments.evaluation import evaluate
from tfstab.experiments.sweep_comparison import SweepComparison

SWEEP, SEARCH = SweepConfig(sigmas=(20, 90), copies=2), SearchConfig(max_queries=200)


@pytest.fixture
def little_memory(monkeypatch):
    """No more than ten digits are kept in memory."""
    monkeypatch.setattr("tfstab.datasets.store.IN_MEMORY", 10 * 784)
    monkeypatch.setattr("tfstab.runs.clean.LARGEST_COPY", 10 * 784)


@pytest.fixture
def photos(digits, tmp_path):
    """Forty digits as files, in class folders."""
    some = digits.take(40)
    for image, label, index in zip(some.images, some.labels, some.indices, strict=True):
        (tmp_path / "photos" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(tmp_path / "photos" / str(label) / f"{index:04}.png")
    return tmp_path / "photos"


def in_a_file(images):
    """Whether an array is mapped from one."""
    while images is not None and not isinstance(images, np.memmap):
        images = getattr(images, "base", None)
    return images is not None


def test_a_folder_is_decoded_when_it_is_needed_and_the_same(photos, digits, little_memory):
    made = load_dataset(photos)
    victim = next(photos.rglob("*.png"))
    assert made.image_shape == (28, 28, 1) and len(made) == 40
    assert made.fingerprint == digits.take(40).fingerprint
    assert in_a_file(np.asarray(made.images))
    few = load_dataset(photos).take(10)
    victim.write_bytes(victim.read_bytes()[:-30])
    assert few.indices.tolist() == digits.take(40).take(10).indices.tolist() or len(few) == 10
    with pytest.raises(DataError, match=f"1 of 40 files in .*{victim.name}"):
        _ = load_dataset(photos).fingerprint
    with pytest.warns(UserWarning, match="1 of 40 files"):
        assert len(load_dataset(photos, damaged="skip")) == 39


def test_selections_are_the_same_whether_copied_mapped_or_not_decoded(photos, digits, little_memory):
    whole, known = load_dataset(photos), digits.take(40)
    for rows in (np.arange(5), np.arange(3, 30), np.arange(39, 2, -2), np.array([], int)):
        np.testing.assert_array_equal(np.asarray(whole.select(rows).images), known.images[rows])
    decoded = replace(whole, images=np.asarray(whole.images))
    for rows in (np.arange(5), np.arange(3, 30), np.arange(39, 2, -2), np.arange(40) % 3 > 0):
        np.testing.assert_array_equal(decoded.select(rows).images, known.images[rows])
    assert decoded.take(20).fingerprint == whole.take(20).fingerprint == known.take(20).fingerprint


def test_runs_are_the_same_and_keep_the_images_in_a_file(photos, mnist_lenet, tmp_path, monkeypatch):
    def both(folder):
        data = load_dataset(photos)
        run_search(mnist_lenet, data.take(12), SEARCH, tmp_path / folder / "search")
        run_sweep(mnist_lenet, data, SWEEP, tmp_path / folder / "sweep")
        return evaluate(mnist_lenet, data).to_json()

    ordinary = both("ordinary")
    monkeypatch.setattr("tfstab.datasets.store.IN_MEMORY", 10 * 784)
    monkeypatch.setattr("tfstab.runs.clean.LARGEST_COPY", 10 * 784)
    assert both("large") == ordinary
    for kind in ("search", "sweep"):
        here, there = (content(tmp_path / folder / kind) for folder in ("large", "ordinary"))
        assert here.pop("clean.npy") and here.keys() == there.keys()
        assert {name for name in there if here[name] != there[name]} == {"clean.npz"}
        large, usual = (open_run(tmp_path / folder / kind) for folder in ("large", "ordinary"))
        assert in_a_file(large.clean.images) and not in_a_file(usual.clean.images)
        np.testing.assert_array_equal(large.clean.images, usual.clean.images)
    sweeps = [open_run(tmp_path / folder / "sweep") for folder in ("large", "ordinary")]
    assert len(SweepComparison(*sweeps).images) == 40


@pytest.mark.parametrize("harm", ["lost", "cut", "changed"])
def test_images_of_a_large_run_that_are_damaged_are_written_again(digits, mnist_lenet, tmp_path, little_memory, harm):
    data = replace(digits.take(20), name="mine")
    run = run_sweep(mnist_lenet, data, SWEEP, tmp_path / "run")
    file = run.path / "clean.npy"
    before = file.read_bytes()
    file.write_bytes(before[:-100] if harm == "cut" else before[:-1] + bytes([before[-1] ^ 1]))
    if harm == "lost":
        file.unlink()
    if harm != "changed":
        with pytest.raises(RunError, match="clean"):
            _ = open_run(run.path).clean
    run_sweep(mnist_lenet, data, SWEEP, run.path)
    assert file.read_bytes() == before


def test_the_images_of_a_run_are_never_read_through_a_link(digits, mnist_lenet, tmp_path, little_memory):
    run = run_sweep(mnist_lenet, replace(digits.take(20), name="mine"), SWEEP, tmp_path / "run")
    (run.path / "clean.npy").rename(tmp_path / "elsewhere.npy")
    (run.path / "clean.npy").symlink_to(tmp_path / "elsewhere.npy")
    with pytest.raises(RunError, match="is a link"):
        _ = open_run(run.path).clean


def test_the_memory_does_not_grow_with_the_images(tmp_path, monkeypatch):
    """154 MB of images in a mapped file are evaluated, selected and swept in half of that, most of it batches."""
    from tfstab import Classifier

    monkeypatch.setattr("tfstab.datasets.store.IN_MEMORY", 1 << 20)
    monkeypatch.setattr("tfstab.runs.clean.LARGEST_COPY", 1 << 20)
    count, side = 2000, 160
    images = np.lib.format.open_memmap(tmp_path / "images.npy", "w+", np.uint8, (count, side, side, 3))
    for k in range(count):
        images[k] = k % 256
    np.save(tmp_path / "labels.npy", np.arange(count) % 256 // 128)
    del images

    def bright(batch):
        share = batch[:, ::16, ::16].mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - share, share], axis=1)

    classifier = Classifier.from_function(bright, (side, side, 3), 2, fingerprint="bright", batch_size=8)
    brighter = SweepConfig(degradation="brightness", severities=(10,))
    few = load_dataset(tmp_path).between(0, 4)
    evaluate(classifier, few), run_sweep(classifier, few, brighter, tmp_path / "few")  # imports are not counted
    tracemalloc.start()
    data = load_dataset(tmp_path)
    assert evaluate(classifier, data).metrics.accuracy > 0.99
    assert len(data.select(np.flatnonzero(data.labels == 1))) < count
    run_sweep(classifier, data, brighter, tmp_path / "sweep")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 75e6, f"{peak / 1e6:.0f} MB"


def test_a_full_disk_is_said(digits, little_memory, monkeypatch):
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no /dev/full")
    monkeypatch.setattr("tfstab.datasets.store.tempfile.TemporaryFile", lambda **_: open("/dev/full", "wb"))  # noqa: PTH123, SIM115
    with pytest.raises(DataError, match=r"cannot be stored in .*No space left"):
        digits.take(40)
