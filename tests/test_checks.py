"""Numbers of a wrong type, given in Python, are errors in one sentence; those of NumPy are taken."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tfstab
from tfstab.errors import InputError
from tfstab.training import RECIPES, HardenConfig, TrainingNoise

SEEDED = {
    "assess": lambda net, images, seed: tfstab.assess(net, images, seed=seed),
    "sweep": lambda net, images, seed: tfstab.SweepConfig(seed=seed),
    "search": lambda net, images, seed: tfstab.SearchConfig(seed=seed),
    "explain": lambda net, images, seed: tfstab.explain(net, images, seed=seed),
    "harden": lambda net, images, seed: tfstab.harden(net, images, seed=seed),
    "train": lambda net, images, seed: tfstab.train("mnist-lenet", images, out="never", seed=seed),
    "build_model": lambda net, images, seed: tfstab.build_model("mnist-lenet", seed),
    "sample": lambda net, images, seed: images.take(3, seed),
}


@pytest.mark.parametrize(("seed", "shown"), [("5", "'5'"), (None, "None"), (2.5, "2.5"), ([5], "[5]"), (True, "True")])
@pytest.mark.parametrize("call", SEEDED)
def test_a_seed_is_a_whole_number(mnist_lenet, few_digits, call, seed, shown):
    with pytest.raises(InputError) as told:
        SEEDED[call](mnist_lenet, few_digits, seed)
    assert str(told.value).startswith(f"seed is {shown}; expected a whole number from 0 to 2^")


@pytest.mark.parametrize("given", ["5", "55", 5, {5: 5}, ["5"], [None], np.array(5), [[5]], np.array([1j]), {5}])
def test_severities_are_a_sequence_of_numbers(given):
    with pytest.raises(InputError, match=r"^sigma of gaussian_noise is .*; expected one or more numbers above 0"):
        tfstab.SweepConfig(sigmas=given)


def test_severities_may_be_a_column_of_pandas_and_of_any_size():
    assert tfstab.SweepConfig(pd.Series([5, 10], index=["a", "b"])).severities == (5.0, 10.0)
    with pytest.raises(InputError, match=r"^sigma of gaussian_noise is \[inf\]; expected one or more numbers above 0"):
        tfstab.SweepConfig([10**400])


@pytest.mark.parametrize("size", ["5", "55", 5, [5], (5, "5"), (5, 5, 5), (5.5, 5)])
def test_a_size_is_two_whole_numbers(size):
    with pytest.raises(InputError, match=r"^size is .*; expected \(height, width\) in pixels"):
        tfstab.load_dataset("mnist-5k", size=size, resize="crop")


@pytest.mark.parametrize(
    ("given", "shown"), [("5", "'5'"), (1.5, "1.5"), (None, "None"), (float("nan"), "nan"), (1, "1")]
)
def test_a_size_of_a_batch_is_a_whole_number(given, shown):
    makes = [lambda: replace(RECIPES["mnist-lenet"], batch_size=given)]
    makes += [lambda: HardenConfig(batch_size=given)] if given is not None else []  # which stands for the default
    for make in makes:
        with pytest.raises(InputError, match=f"^batch_size is {shown}; expected a whole number, 2 or more.$"):
            make()


@pytest.mark.parametrize(
    ("given", "shown"), [("5", "'5'"), (2.5, "2.5"), (None, "None"), (float("nan"), "nan"), (-1, "-1")]
)
def test_parts_of_a_data_set_need_numbers(few_digits, given, shown):
    for name, span in (("start", (given, 9)), ("stop", (0, given))):
        with pytest.raises(InputError, match=f"^{name} is {shown}; expected a whole number, 0 or more.$"):
            few_digits.between(*span)
    with pytest.raises(InputError, match=f"^fraction is {shown}; expected a share between 0 and 1.$"):
        few_digits.split_off(given)
    assert len(few_digits.split_off(np.float32(0.5))[1]) == round(len(few_digits) / 2)
    assert len(few_digits.between(np.int64(0), np.uint16(60000))) == len(few_digits)


@pytest.mark.parametrize(
    ("given", "shown"), [("5", "'5'"), (None, "None"), (float("nan"), "nan"), (True, "True"), (-1, "-1"), ([1], "[1]")]
)
def test_a_recipe_is_of_numbers(given, shown):
    whole, number = "expected a whole number, {} or more", "expected a number, 0 or more"
    for name, expected in {
        "epochs": whole.format(1), "patience": whole.format(0), "learning_rate": number, "weight_decay": number,
        "validation": "expected a share between 0 and 1",
    }.items():  # fmt: skip
        with pytest.raises(InputError) as told:
            replace(RECIPES["mnist-lenet"], **{name: given})
        assert str(told.value) == f"{name} is {shown}; {expected}."
    with pytest.raises(
        InputError, match=r"^noise sigmas are .*; expected one or more numbers from 0, in grey levels\.$"
    ):
        TrainingNoise((given,))
    if given is not None:
        with pytest.raises(InputError, match=r"^noise copies is .*; expected a whole number from 1 to 1,000\.$"):
            TrainingNoise((5,), given)


def test_whole_numbers_of_numpy_can_be_written():
    noise = TrainingNoise(np.array([5, 10]), np.int64(2))
    given = {"epochs": np.int32(3), "batch_size": np.int64(16), "validation": np.float32(0.5), "noise": noise}
    trained = json.loads(json.dumps(replace(RECIPES["mnist-lenet"], **given).settings))
    assert (trained["epochs"], trained["batch_size"], trained["validation"]) == (3, 16, 0.5)
    assert trained["noise"] == {"sigmas": [5.0, 10.0], "copies": 2}
    assert json.loads(json.dumps(HardenConfig(batch_size=np.int16(8)).identity))["batch_size"] == 8
    config = tfstab.SweepConfig(np.array([5, 10]), np.int64(3), np.uint8(7))
    explained = tfstab.ExplanationConfig(copies=np.int64(3), max_queries=np.int16(200), seed=np.int64(7))
    assert json.dumps([config.severities, config.copies, config.seed]) == "[[5.0, 10.0], 3, 7]"
    assert json.loads(json.dumps(explained.settings))["copies"] == 3 and explained.seed == 7
