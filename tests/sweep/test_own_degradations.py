"""A sweep checks a degradation of the user's own when it begins; assess takes names and objects."""

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import classifier, dataset

import tfstab
from tfstab import SweepConfig, run_sweep
from tfstab.degradations import Degradation, register, registry
from tfstab.errors import InputError
from tfstab.orders.degradations import families_of
from tfstab.sweep import SweepRun

SHIFT = Degradation(
    "shifted", "a shift", "adds to all grey levels", lambda x, by, rng: x + by + rng.integers(2),
    parameter="shift", unit="", severities=(10.0, 20.0), neutral=0.0, low=0.0, high=99.0, version="1", copies=2,
)  # fmt: skip


def test_a_degradation_that_draws_elsewhere_than_from_its_generator_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    own = replace(SHIFT, function=lambda x, by, _: x + by * rng.normal(size=x.shape))
    with pytest.raises(InputError, match=r"'shifted' made two different images .* `rng`, not from np\.random"):
        run_sweep(classifier(), dataset(4), SweepConfig(degradation=own), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_degradation_that_returns_values_in_0_to_1_is_refused(tmp_path):
    for sign in (-1, 1):  # also if some values exceed 1
        own = replace(SHIFT, function=lambda x, by, rng, sign=sign: (x + sign * by) / 255)
        with pytest.raises(InputError, match=r"of a white image, at shift 10; expected grey levels 0\.\.255: multiply"):
            run_sweep(classifier(), dataset(4), SweepConfig(degradation=own), tmp_path / "run")
    black = replace(SHIFT, function=lambda x, by, rng: 0 * x)
    assert run_sweep(classifier(), dataset(4), SweepConfig(degradation=black), tmp_path / "run").complete


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"copies": 1},
            r"'shifted' draws random numbers, and its `copies` is 1, .*, as in Degradation\(\.\.\., copies=20\)",
        ),
        (
            {"function": lambda x, by, rng: x + by},
            "'shifted' drew no random numbers for a test image, so the 2 copies of",
        ),
        (
            {"function": lambda x, by, rng: x + 0 * rng.random()},
            "'shifted' did not change a test image at shift 20: check",
        ),
        ({}, ""),
        ({"function": lambda x, by, rng: x + by, "copies": 1}, ""),
    ],
)
def test_a_function_that_does_not_fit_its_settings_is_said_once(settings, said, tmp_path, recwarn):
    config = SweepConfig(degradation=replace(SHIFT, **settings))
    for _ in range(2):
        run_sweep(classifier(), dataset(4), config, tmp_path / "run")
    told = [str(one.message) for one in recwarn if "shifted" in str(one.message)]
    assert len(told) == bool(said) and all(re.search(said, one) for one in told)


def test_an_image_that_is_made_again_and_differs_from_the_one_that_was_scored_is_said_once(
    tmp_path, monkeypatch, recwarn
):
    monkeypatch.setattr(registry, "_registered", {})
    elsewhere = np.random.default_rng(0)

    def hidden(x, by, rng):
        """Draws from another generator for the first image only, as no test image shows."""
        return x + by + (20 * elsewhere.random() if np.array_equal(x, first) else 0)

    images = dataset(4)
    first = images.images[0].astype(np.float32)
    own = register(replace(SHIFT, function=hidden))
    run = run_sweep(classifier(), images, SweepConfig(degradation=own), tmp_path / "run")
    recwarn.clear()
    for image in images.indices[1:]:
        run.degraded_image(int(image), 0, 1)
    assert not recwarn.list
    for copy in (0, 1):
        run.degraded_image(int(images.indices[0]), 1, copy)
    told = [str(one.message) for one in recwarn]
    assert len(told) == 1 and "at shift 20 is not the one that was scored in" in told[0]


def test_an_image_that_is_made_again_is_compared_without_reading_those_of_other_images(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    images = dataset(4)
    run = run_sweep(classifier(), images, SweepConfig(degradation=register(SHIFT)), tmp_path / "run")
    read, samples = [], SweepRun.samples
    monkeypatch.setattr(SweepRun, "samples", lambda *of, **some: read.append(samples(*of, **some)) or read[-1])
    run.degraded_image(int(images.indices[0]), 1, 1)
    assert [len(table) for table in read] == [run.config.copies]


def test_more_copies_of_a_function_that_may_draw_lead_to_its_number_of_copies():
    with pytest.raises(InputError, match=r"by its `copies`, which is 1, shifted draws nothing .* if it does draw, set"):
        SweepConfig(degradation=replace(SHIFT, copies=1), copies=5)


def test_assess_takes_degradations_as_objects(tmp_path):
    made = tfstab.assess(
        classifier(), dataset(40), minutes=0.02, out=tmp_path / "a", degradations=[SHIFT], search=False
    )
    assert [family.name for family in made.figures.families] == ["shifted"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("fog", r"^degradations is 'fog'; expected a list, such as \['fog', 'jpeg'\]\.$"),
        (SHIFT, "^degradations is 'shifted'; expected a list"),
        (["fog", 3], "^degradations holds 3; expected names, such as 'fog', or Degradation"),
        ([SHIFT, replace(SHIFT, version="2")], "two different ones that are called 'shifted'"),
        (["fogg"], "did you mean 'fog'"),
    ],
)
def test_degradations_of_another_kind_are_refused(given, said):
    with pytest.raises(InputError, match=said):
        families_of(given)


def test_each_degradation_is_taken_once():
    assert [family.name for family in families_of(["fog", SHIFT, "fog", SHIFT])] == ["fog", "shifted"]
