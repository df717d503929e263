"""Causes that lie in the direction of the noise."""

from types import SimpleNamespace

import numpy as np
import pytest

from made_runs import made_explanation
from tfstab.explanation.cause import causes_of
from tfstab.explanation.direction_causes import direction_causes


@pytest.mark.parametrize(("share", "named"), [(0.2, True), (0.8, False)])
def test_minimum_noise_far_below_what_random_noise_implies_is_a_special_direction(share, named, tmp_path):
    # The margins have mean 1 and this deviation, so noise of sigma 10 implies a distance of 10 / deviation.
    implied = 10 / (np.linspace(-1, 1, 20) / 10).std(ddof=1)
    run = made_explanation(tmp_path / "run", np.ones(30), l2=share * implied * np.linspace(0.9, 1.1, 30))
    assert [cause.kind for cause in direction_causes(run)] == (["direction"] if named else [])
    assert any(cause.title == "One special direction" for cause in causes_of(run)) == named


def test_an_interval_that_reaches_the_threshold_is_not_beyond_it(tmp_path, monkeypatch):
    run = made_explanation(tmp_path / "run", np.ones(30), l2=np.linspace(0.9, 1.1, 30))
    (found,) = direction_causes(run)
    monkeypatch.setattr("tfstab.explanation.direction_causes.SPECIAL", found.figure.high)
    assert direction_causes(run) == []


@pytest.mark.parametrize("only", ["noise", "copies"])
def test_noise_and_copies_are_needed_to_compare_them(only):
    assert direction_causes(SimpleNamespace(has=only.__eq__)) == []


def test_few_images_name_no_direction(tmp_path):
    assert direction_causes(made_explanation(tmp_path / "run", np.ones(10), l2=np.ones(10))) == []
