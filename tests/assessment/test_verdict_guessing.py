"""Where a network may as well guess: when clean, and under which degradations."""

import re

import numpy as np
import pytest
from assessment_runs import texts
from verdict_figures import figures_of, other_network

from tfstab.assessment import verdict
from tfstab.metrics import Estimate


def test_a_network_that_guesses_is_told_first(tmp_path):
    clean = np.arange(90) % 10 < 3
    figures = figures_of(tmp_path, [(1, 1, 0.5), (1, 1, 1)], 90, clean)
    v = verdict(figures, [other_network(figures, Estimate(0.5, 0.49, 0.51))])
    assert v.lead.startswith("Of 90 clean images, 30 % (21–41) are right. That may be no better than guessing")
    assert v.level == "bad"
    assert "guessing among 3 classes (33.3 %), so the other figures may mean nothing" in v.lead
    assert v.findings[0].kind == "clean" and v.findings[0].level == "bad"
    assert v.of_kind("reference") == []  # to keep all of a guess is no merit
    assert {finding.kind for finding in v.findings} == {"clean", "family"} and v.text == v.lead


@pytest.mark.parametrize(("right", "low"), [(24, True), (50, True), (56, True), (60, False), (62, False)])
def test_a_low_clean_accuracy_comes_first(right, low, tmp_path):
    """Of 100 clean images; 56 are below 60, and of 56 or more guessing keeps less than two thirds."""
    figures = figures_of(tmp_path, [(1, 1, 1), (1, 1, 0.9)], 100, np.arange(100) % 100 < right)
    v = verdict(figures, ())
    if right == 24:
        assert v.lead.startswith("Of 100 clean images, 24 %") and "guessing" in v.lead
    elif low:
        assert re.match(
            rf"Of 100 clean images, only {right} % \(\d\d–\d\d\) are right\. "
            rf"A network that kept all of this accuracy would still misclassify {100 - right} % of the images\. ",
            v.lead,
        )
        floor = "Always answering the same class would be right on 34 %."
        assert (floor in v.lead) == (right == 50), "said only if it is high"
    assert (v.findings[0].kind == "clean") == low
    assert ("clean images" in v.lead) == low
    assert v.of_kind("clean")[0].level == ("bad" if low else "mid")


def test_families_under_which_it_may_as_well_guess_are_told_with_the_severity(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.9, 0.35, 0.33), (0.95, 0.9, 0.2), (1, 1, 0.5), (1, 1, 0.34)], 120), ())
    (finding,) = v.of_kind("chance")
    assert finding.text == (
        "At factor 0.3 under contrast, the network's accuracy is 20 % (13–29), lower than that of always answering the "
        "same class (33 %). From density 40 % on under fog (at most 35 %, 26–45) and at quality 10 under JPEG "
        "compression (34 %, 25–44), the network's accuracy is not clearly better than that."
    )
    assert finding.level == "bad" and finding.about == ("fog", "contrast", "jpeg")
    assert finding.text in v.lead and v.findings.index(finding) < 3


def test_lower_than_always_answering_the_same_class_holds_for_all_families_at_once(tmp_path):
    """Of 200 images, 53 are right: lower than 34 % for one family, with 95 % confidence, but not for five at once."""
    shares = (0.9, 0.5, 0.265)
    (alone,) = texts(verdict(figures_of(tmp_path / "one", [shares], 200), ()), "chance")
    assert alone == (
        "At density 60 % under fog, the network's accuracy is 26 % (20–34), lower than that of always answering the "
        "same class (34 %)."
    )
    (many,) = texts(verdict(figures_of(tmp_path / "many", [shares] * 5, 200), ()), "chance")
    assert "not clearly better than" in many and "lower" not in many
    (reached,) = texts(verdict(figures_of(tmp_path / "reached", [(0.9, 0.32, 0.05)], 200), ()), "chance")
    assert "at most 32 % (25–39), not clearly better than" in reached


def test_guessing_that_is_not_of_the_worst_family_is_no_part_of_the_lead(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.6, 0.6, 0.55), (1, 1, 0.33)], 200), ())
    (finding,) = v.of_kind("chance")
    assert finding.about == ("contrast",) and finding.text not in v.lead


def test_of_five_families_under_which_it_may_as_well_guess_all_are_named(tmp_path):
    (text,) = texts(verdict(figures_of(tmp_path, [(0.9, 0.5, 0.3)] * 5, 120), ()), "chance")
    assert text == (
        "At density 60 % under fog (30 %, 21–40), at factor 0.3 under contrast (30 %, 21–40), at sigma 3 under "
        "Gaussian blur (30 %, 21–40), at quality 10 under JPEG compression (30 %, 21–40) and at angle 20 under "
        "rotation (30 %, 21–40), the network's accuracy is not clearly better than that of always answering the same "
        "class (33 %)."
    )


@pytest.mark.parametrize(
    ("shares", "images", "clean"),
    [
        ((1, 0.8, 0.5), 200, None),  # clearly better than a third
        ((0.9, 0.3, 0.9), 200, None),  # better again at the strongest severity
        ((1, 0.5, 0), 4, None),  # even the clean images do not show that it is better
        ((1, 1, 0.5), 90, np.arange(90) % 10 < 3),  # it guesses when clean: another finding says so
    ],
)
def test_guessing_is_not_claimed(tmp_path, shares, images, clean):
    assert not texts(verdict(figures_of(tmp_path, [shares], images, clean), ()), "chance")
