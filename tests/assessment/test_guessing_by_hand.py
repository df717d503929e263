"""When a verdict says that always giving the same answer would be right about as often as the network."""

import re

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from findings_by_hand import figures_of, said

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures
from tfstab.assessment.plot import GUESSING, kept_figure


def test_the_figure_marks_what_guessing_keeps_only_where_its_axis_ends_beyond_that(tmp_path):
    """Of 100 images, 80 are of one class; always answering it would keep 160 % of an accuracy of 50 %."""
    labels, legends = (np.arange(100) >= 80).astype(int), []
    for name, right in (("weak", 50), ("good", 90)):
        clean = np.where(np.arange(100) % 10 < right / 10, labels, 1 - labels)
        config = SweepConfig(degradation="fog", severities=(20, 40), copies=1)
        run = made_sweep(tmp_path / name, config, clean[:, None, None].repeat(2, 1), labels, clean, classes=2)
        figure = kept_figure(Figures.of([run]))
        dotted = [drawn for drawn in figure.axes[0].collections if drawn.get_linestyle()[0][1] is not None]
        legends.append((len(dotted), GUESSING in [text.get_text() for text in figure.legends[0].texts]))
    assert legends == [(0, False), (1, True)]


def test_what_guessing_keeps_is_not_known_where_no_clean_image_is_right(tmp_path):
    clean = np.arange(8) >= 4
    runs = [
        sweep_of(tmp_path, name, first_of((1,), count), (20,), clean=clean[:count])
        for name, count in (("fog", 4), ("brightness", 8))
    ]
    assert np.isnan(Figures.of(runs).chance_kept)
    assert Figures.of(runs[1:]).chance_kept == pytest.approx(3 / 8 / 0.5)


def test_a_commonest_class_that_is_right_almost_as_often_makes_the_accuracy_low(tmp_path):
    """Of 1,000 clean images 700 are right, and 610 are of class 0: the same answer for all keeps 87 % of that."""
    labels, right = np.repeat([0, 1], [610, 390]), np.arange(1000) % 10 < 7
    run = made_sweep(
        tmp_path / "fog", SweepConfig(degradation="fog", severities=(50,), copies=1),
        np.where(right, labels, 1 - labels)[:, None, None], labels, np.where(right, labels, 1 - labels), classes=2,
    )  # fmt: skip
    ((level, text),) = said(Figures.of([run]), "clean")
    assert level == "bad" and re.fullmatch(
        r"Of 1,000 clean images, 70 % \(\d\d–\d\d\) are right\. Of the images, 61 % are of class 0: a model that "
        r"always answers 0 would be right on 61 %\. So look at the recall of class 1: "
        r"273 of 390 when clean \(70 %, 65–75\)\.", text
    )  # fmt: skip
    assert len(said(Figures.of([run]), "classes")) == 1
    threes, half = np.arange(90) % 3, np.arange(90) % 2
    search = made_search(tmp_path / "search", np.full(90, 5.0), threes, (threes + half) % 3)
    ((level, text),) = said(Figures.of([search]), "clean")
    assert level == "bad" and re.fullmatch(
        r"Of 90 clean images, only 50 % \(\d\d–\d\d\) are right\. Always .* be right on 33 %\.", text
    )


def test_families_under_which_it_may_as_well_guess_are_counted_beyond_four(tmp_path):
    """The commonest of three classes has 40 of 120 images, or 40 of 118."""
    names = ("contrast", "gaussian_blur", "jpeg", "rotation", "gamma")
    figures = figures_of(tmp_path, fog=((0.9, 0.3), 118), **dict.fromkeys(names, ((0.9, 0.3), 120)))
    ((_, text),) = said(figures, "chance")
    assert "and under 2 other degradations, the network's" in text and text.endswith("the same class (33–34 %).")
