"""What has a wrong type in Python is an error in one sentence; numbers of NumPy are taken."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tfstab
from tfstab.degradations import severity_ranges
from tfstab.errors import InputError, RunError
from tfstab.experiments import Robustness
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.report import networks_table, robustness_table
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


def brightness(images):
    """Scores of two classes: the second for images brighter than 128 on average."""
    second = 1 / (1 + np.exp((128 - images.mean(axis=(1, 2, 3))) / 20))
    return np.stack([1 - second, second], axis=1)


@pytest.fixture(scope="module")
def function():
    return tfstab.Classifier.from_function(brightness, (2, 2, 1), 2, fingerprint="b")


PAIR = np.repeat(np.uint8([60, 190, 200]), 4).reshape(3, 2, 2, 1), [0, 1, 1]
RUNS = {"sweep": tfstab.run_sweep, "search": tfstab.run_search, "explanation": run_explanation}
SETTINGS = {
    "sweep": tfstab.SweepConfig(sigmas=(20,), copies=1),
    "search": tfstab.SearchConfig(engine="labels", max_queries=100),
    "explanation": ExplanationConfig(copies=2, only=("copies",)),
}


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_takes_images_as_an_assessment_does(function, kind, tmp_path):
    run = RUNS[kind](function, PAIR, SETTINGS[kind], tmp_path / "pair")
    assert run.complete and run.info["data"]["name"] == "arrays"
    again = RUNS[kind](function, tfstab.load_dataset(PAIR), SETTINGS[kind], tmp_path / "pair")
    assert again.info["data"] == run.info["data"]
    with pytest.raises(InputError, match=r"^a ndarray was given; expected a data set's name, a path, .* arrays as"):
        RUNS[kind](function, PAIR[0], SETTINGS[kind], tmp_path / "array")


@pytest.mark.parametrize("kind", RUNS)
@pytest.mark.parametrize("given", ["fog", {"copies": 1}, HardenConfig()])
def test_settings_of_another_kind_are_refused_by_name(function, kind, given, tmp_path):
    expected = rf"^config is a {type(given).__name__}; expected an? {type(SETTINGS[kind]).__name__}, as in tfstab\."
    with pytest.raises(InputError, match=expected):
        RUNS[kind](function, PAIR, given, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_is_no_name_path_list_or_class_is_refused_in_a_sentence(function, tmp_path):
    sweep = tfstab.run_sweep(function, PAIR, SETTINGS["sweep"], tmp_path / "sweep")
    digits = tfstab.load_dataset(PAIR)
    for call, said in (
        (lambda: tfstab.SweepConfig(degradation=["fog", "jpeg"]), "degradation is a list; expected one name, as in"),
        (lambda: tfstab.SweepConfig(preset=5), "unknown preset '5'"),
        (lambda: tfstab.SearchConfig(engine=["pygad"]), "unknown engine"),
        (lambda: ExplanationConfig(only="copies"), "only is a str; expected a list"),
        (lambda: ExplanationConfig(only=5), "only is an int; expected a list"),
        (lambda: tfstab.search_minimum_noise(function, *PAIR, "pygad"), "config is a str; expected a SearchConfig"),
        (lambda: tfstab.assess(function, PAIR, degradations=5), "degradations is an int; expected a list"),
        (lambda: tfstab.assess(function, PAIR, degradations=[5]), "degradations holds 5; expected names"),
        (lambda: tfstab.assess(function, PAIR, require=[5]), "an entry of require is an int; expected a str"),
        (lambda: tfstab.assess(function, PAIR, out=5), "an object of type int was given; expected the path"),
        (lambda: tfstab.explain(function, PAIR, out=5), "an object of type int was given; expected the path"),
        (lambda: severity_ranges(5), "against is an int; expected a list"),
        (lambda: severity_ranges([5]), "a degradation is 5; expected a name"),
        (lambda: tfstab.open_run(None), "an object of type NoneType was given; expected the path"),
        (lambda: sweep.samples(class_index="cat"), "class_index is 'cat'; expected a whole number from 0 to 1, as run"),
        (lambda: sweep.samples(severity="mild"), "sigma 'mild' is not in this run; it has 20"),
        (lambda: sweep.samples(columns="psnr"), "columns is a str; expected a list"),
        (lambda: sweep.samples(image=[0]), "image .* is not in this run"),
        (lambda: Robustness(sweep), "runs is a SweepRun; expected a list"),
        (lambda: Robustness([sweep], [sweep.path]), "an entry of baselines is a PosixPath; expected a RunFolder"),
        (lambda: networks_table(Robustness([sweep])), "several is a Robustness; expected a list"),
        (lambda: robustness_table([sweep]), "r is a list; expected a Robustness"),
        (lambda: digits.without(PAIR), "other is a tuple; expected a Dataset, as in tfstab.load_dataset"),
        (lambda: tfstab.Dataset.from_arrays("a", "test", *PAIR, class_names=5), "class_names is an int; expected a"),
    ):
        with pytest.raises((InputError, RunError), match=rf"^{said}"):
            call()
