"""A sweep checks a degradation of the user's own when it begins; assess takes names and objects."""

from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import classifier, dataset

import tfstab
from tfstab import SweepConfig, run_sweep
from tfstab.degradations import Degradation
from tfstab.errors import InputError
from tfstab.orders.degradations import families_of

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
    own = replace(SHIFT, function=lambda x, by, rng: (x - by) / 255)
    with pytest.raises(InputError, match=r"of a white image, at shift 10; expected grey levels 0\.\.255: multiply"):
        run_sweep(classifier(), dataset(4), SweepConfig(degradation=own), tmp_path / "run")
    black = replace(SHIFT, function=lambda x, by, rng: 0 * x)
    assert run_sweep(classifier(), dataset(4), SweepConfig(degradation=black), tmp_path / "run").complete


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
