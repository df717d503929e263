"""How commands read their options: images, names of runs, degradations, copies and minutes."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import dataset
from rich.progress import Progress

from tfstab import SweepConfig
from tfstab.cli import sweep as sweep_module
from tfstab.cli.cluster import computing_on
from tfstab.cli.reproduce import _pair
from tfstab.cli.sweep import _configs, _title
from tfstab.cli.sweep_watch import SweepsWatch
from tfstab.cli.train import _accuracy, _folder, _noise, _suffix
from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.errors import InputError
from tfstab.orders import ImageOptions, ModelOptions, Subject, kind_name, run_name
from tfstab.orders.degradations import degradations_named
from tfstab.orders.images import _span, size_taken
from tfstab.training import RECIPES, TrainingNoise


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0:100", (0, 100)),
        ("7", (7, 8)),
        (":5", (0, 5)),
        ("5:", (5, sys.maxsize)),
        (":", (0, sys.maxsize)),
        ("0", (0, 1)),
    ],
)
def test_images_from_to(text, span):
    assert _span(text) == span


@pytest.mark.parametrize("text", ["5:5", "6:5", "-1:5", "-1", "a:b", "1:2:3", "1.5"])
def test_images_that_are_no_span(text):
    with pytest.raises(InputError, match="--images is"):
        _span(text)


@pytest.mark.parametrize(
    ("data", "end"),
    [("mnist-5k", "mnist-5k"), ("folder:/data/my signs/", "my signs"), ("a/b.npz", "b"), ("images:c/d.png", "d")],
)
def test_where_a_run_goes_by_default(data, end):
    assert run_name("sweep", "nets/mine.keras", data) == f"sweep-mine-{end}"


def test_the_data_of_a_command(tmp_path):
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels)

    def chosen(**more):
        return Subject(ModelOptions("mnist-lenet"), ImageOptions(str(tmp_path / "few.npz"), **more)).dataset

    assert chosen().indices.tolist() == list(range(9)) and chosen(images="2:4").indices.tolist() == [2, 3]
    assert len(chosen(limit=3)) == 3 and chosen(limit=1, images="5").indices.tolist() == [5]
    assert chosen(resize="stretch:6x5").image_shape == (5, 6, 1)
    (tmp_path / "m.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    for model, said in (
        (ModelOptions("mnist-lenot"), "unknown model 'mnist-lenot'"),
        (ModelOptions("mnist-lenet", preprocess="x"), "unknown preprocess"),
        (ModelOptions(str(tmp_path / "m.h5"), trust=True), "which images"),
    ):
        with pytest.raises(InputError, match=said):
            _ = Subject(model, ImageOptions()).dataset

    with pytest.raises(InputError, match="any takes images of any size: give one"):
        size_taken("any", (None, 7, 1))


def test_noise_and_names_of_a_training():
    assert _noise(None, False, None) is None
    assert _noise(3, False, None) == TrainingNoise.fixed(3)
    assert _noise(2, False, "5,6") == TrainingNoise.fixed(2, (5, 6))
    assert _noise(None, True, None) == TrainingNoise.fresh() and _noise(None, True, "5") == TrainingNoise.fresh((5,))
    for wrong in ((3, True, None), (None, False, "5")):
        with pytest.raises(InputError, match="expected"):
            _noise(*wrong)
    plain = RECIPES["mnist-lenet"]
    assert _suffix(plain, None) == "" and _suffix(plain, 5) == "-ensemble-5"
    assert _suffix(replace(plain, noise=TrainingNoise.fresh()), None) == "-fresh-noise"
    assert _suffix(replace(plain, noise=TrainingNoise.fixed(3)), 2) == "-noise-copies-3-ensemble-2"
    nothing = dict.fromkeys(("limit", "epochs", "seed"))
    assert _folder("mnist-lenet", plain, None, nothing) == "train-mnist-lenet"
    changed = nothing | {"limit": 500, "seed": 3, "sigmas": (5.0, 20.0)}
    noisy = replace(plain, noise=TrainingNoise.fresh((5, 20)))
    named = "train-mnist-lenet-fresh-noise-limit-500-seed-3-sigmas-5-20"
    assert _folder("mnist-lenet", noisy, None, changed) == named
    told = _accuracy({"accuracy": 0.98765, "images": 12345, "interval_95": [0.98, 0.99]})
    assert told == "98.8 % (98.0–99.0) of 12,345 test images right"
    assert _pair("ensemble=a=b.keras") == ("ensemble", "a=b.keras")
    for text in ("ensemble", "=x", "x="):
        with pytest.raises(InputError, match="expected KIND=PATH"):
            _pair(text)


def test_a_sweep_of_all_families_has_copies_where_something_is_drawn():
    configs = _configs(degradations_named("all"), 7, 3)
    assert {config.seed for config in configs} == {3} and len(configs) >= 18
    assert {config.degradation.random for config in configs if config.copies == 7} == {True}
    assert all(config.copies == 1 for config in configs if not config.degradation.random)
    own = {config.degradation.name: config for config in _configs(degradations_named("all"), None, 0)}
    assert own[GAUSSIAN_NOISE.name].copies == 20 and own["jpeg"].copies == 1
    gaussian, jpeg = SweepConfig(sigmas=(5,), copies=1), SweepConfig(degradation="jpeg")
    assert (_title(gaussian), kind_name("sweep", gaussian)) == ("Noise sweep", "sweep")
    assert (_title(jpeg)[:1], _title(jpeg)[-6:], kind_name("sweep", jpeg)) == ("J", " sweep", "sweep-jpeg")


def test_several_degradations_by_name():
    assert degradations_named("fog, jpeg,fog") == ["fog", "jpeg"] and degradations_named("jpeg") == ["jpeg"]
    said = "unknown degradation 'blur': did you mean 'gaussian_blur', 'motion_blur' or 'defocus_blur'?"
    for text in ("blur", "fog,blur"):
        with pytest.raises(InputError) as told:
            degradations_named(text)
        assert str(told.value) == said
    for text in ("", " , "):
        with pytest.raises(InputError, match="such as fog,jpeg"):
            degradations_named(text)


def test_a_command_computes_in_one_place():
    with computing_on(None, None) as here, computing_on("tcp://host:1", None) as there:
        assert here is None and there == "tcp://host:1"
    with pytest.raises(InputError, match="both given"), computing_on("tcp://host:1", 2):
        pass
    with pytest.raises(InputError, match="number of workers is 0"), computing_on(None, 0):
        pass


def test_each_of_several_sweeps_has_the_same_share_of_the_minutes_that_are_left(monkeypatch):
    """Of 4 minutes for four sweeps, the first takes 1 and the second more than there is."""
    now, shares = [500.0], []
    monkeypatch.setattr(sweep_module, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def run(seconds):
        def made(classifier, on_progress, scored_in, minutes):
            now[0] += seconds
            shares.append((minutes, scored_in))
            return SimpleNamespace(path=f"{seconds} s")

        return SimpleNamespace(run=made)

    watch = SweepsWatch(Progress(disable=True), [("fog", 5)] * 4)
    sweep_module._run([run(60), run(190), run(0), run(0)], watch, None, 4)
    least = sweep_module.SHORTEST
    assert shares == [(1, []), (1, ["60 s"]), (least / 2, ["60 s"]), (least, ["60 s"])]
