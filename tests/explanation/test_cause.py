"""Causes of few images, of images that are all wrong, of two classes, and of an ensemble."""

import re

import numpy as np
import pytest
from benchmarks import planting
from explanation.networks import agreeing, convolutional, explained, images

from tfstab import Classifier, Dataset, make_ensemble
from tfstab.explanation.cause import causes_of
from tfstab.explanation.classes import class_ratios
from tfstab.explanation.details import OTHERWISE, details
from tfstab.explanation.lead import lead, next_steps
from tfstab.gui.content.why import why_of
from tfstab.report.explanation.cause import section

ONLY = ("layers", "kernels")


def wrong(model):
    dataset = agreeing(Classifier(model), images())
    return Dataset.from_arrays("wrong", "test", dataset.images, (dataset.labels + 1) % 3, dataset.class_names)


@pytest.mark.parametrize(
    ("classes", "data"),
    [(3, lambda model: images(1)), (3, wrong), (2, lambda model: images(6, classes=2))],
    ids=["one image", "all wrong", "two classes"],
)
def test_no_cause_is_made_up_from_too_little(classes, data, tmp_path):
    model = convolutional(classes=classes)
    run = explained(model, tmp_path / "run", data(model), only=ONLY)
    assert causes_of(run) == []
    assert "too few to say whether a cause stands out" in lead(run) and "No single cause" not in lead(run)
    assert next_steps(run) == ""


def test_that_no_cause_stands_out_is_said_with_the_figure_that_comes_closest(tmp_path):
    run = explained(convolutional(), tmp_path / "run", images(24), only=ONLY)
    assert causes_of(run) == []
    assert re.match("Of 24 clean images, .* guessing among 3 classes.* No single cause", lead(run))
    assert re.search(
        r"noise by a factor of [\d.]+ \([\d.]+ to [\d.]+, for (all \d|both) layers at once\), .* above 1\.\d+, a layer "
        "is called a cause",
        details(run),
    )
    assert "fewer than 5" not in details(run)
    said = next_steps(run)
    assert "tfstab assess" in said and "tfstab harden" in said and "tfstab view" in said
    scope = f"Measured under Gaussian noise. {OTHERWISE}"
    assert str(run).split("\n\n")[-2:] == [*section(run).lines[-2:]] == [scope, said] and why_of(run).none_stands_out
    assert run.summary().endswith(scope), "the command prints what to do next in commands that can be typed"
    assert "no layer or class of" in lead(run)
    assert details(run).endswith("Special directions and noise of single frequencies were not examined.")


def test_a_cause_names_the_member_of_an_ensemble(tmp_path):
    members = [convolutional(seed=0), convolutional(seed=1)]
    planting.high_frequency(members[1], 2)
    run = explained(make_ensemble([Classifier(member) for member in members]), tmp_path / "run", images(24), only=ONLY)
    assert [cause.network for cause in causes_of(run) if cause.kind == "high"] == [1]


def test_the_ratio_of_a_class_is_that_of_its_typical_image():
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(4), 30)
    margins = rng.lognormal(0, 0.5, 120) * np.where(classes == 2, 0.4, 1)
    margins[:3] = -1, np.nan, np.inf  # wrong, or not measured
    ratios = class_ratios(margins, classes)
    assert sorted(ratios) == [0, 1, 2, 3]
    assert ratios[2].low < 0.4 < ratios[2].high < 0.65
    assert all(ratios[c].low < 1.2 < ratios[c].high for c in (0, 1, 3))
