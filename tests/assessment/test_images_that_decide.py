"""What the intervals leave open, and how many images would decide it."""

from types import SimpleNamespace

import numpy as np
import pytest
from findings_by_hand import figures_of, said

from tfstab.assessment import Figures
from tfstab.assessment.ranking import Extreme, Standing, compared, standings
from tfstab.assessment.undecided import _narrowing
from tfstab.metrics import Estimate


def test_open_questions_say_how_many_images_each_family_has(tmp_path):
    figures = figures_of(tmp_path, fog=((0.47, 0.47), 60), contrast=((0.46, 0.46), 50))
    text = said(figures, "undecided")[0][1]
    assert text.endswith("(so far 50 to 60) would decide this for both.")
    (fog,) = (family.run for family in figures.families if family.name == "fog")
    assert said(Figures.of([fog]), "undecided")[0][1].endswith("(so far 60) would decide this.")
    near = said(figures_of(tmp_path / "near", fog=((0.48, 0.48), 50)), "undecided")[0][1]
    assert near.endswith(" This is too close to say how many images would decide it: intervals of half the width take "
                         "about four times as many.")  # fmt: skip
    mixed = figures_of(tmp_path / "mixed", fog=((0.49, 0.49), 1000), contrast=((0.48, 0.48), 100))
    assert said(mixed, "undecided")[0][1].endswith("(so far 1,000) would decide this for fog.")
    few = said(figures_of(tmp_path / "few", fog=((0.8, 0.8), 5), contrast=((0.6, 0.6), 5)), "undecided")
    few = [text for _, text in few]
    unknown = " 5 images under a degradation cannot tell how many would decide this."
    assert few and all(text.endswith(unknown) for text in few), "they say too little of how images differ"


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        ((300, 100, 400, 200), "about 400 images under each degradation (so far 60) would decide this."),
        ((300, 100, np.inf, 200), "about 200 images under each degradation (so far 60) would narrow it down to"),
        ((300, np.inf, 100, np.inf), "about 300 images under each degradation (so far 60) would narrow it down"),
        ((np.inf, 100, np.inf, np.inf), "it takes more than 100 times as many images to decide this."),
        ((100, np.inf), "it takes more than 100 times as many images to decide this."),
        ((300, 100, 5000, 200), "about 200 images under each degradation (so far 60) would narrow it down to"),
        ((5000, 5000, np.inf, np.inf), "it takes more than 100 times as many images to decide this."),
        ((5000, 100), "This is too close to say how many images would decide it"),
    ],
)  # fmt: skip
def test_how_many_images_leave_one_or_three_candidates(needed, text):
    """Of five candidates, the one that is ahead and the two that need most images are left.

    A number beyond 30 times the images measured is not named.
    """
    family = SimpleNamespace(images=np.arange(60))
    assert text in _narrowing(
        Extreme([family] * (len(needed) + 1), list(needed)), SimpleNamespace(available=None, info={"data": {}})
    )


def test_where_some_degradations_have_enough_images_only_the_others_are_named():
    fog, noise, blur = (
        SimpleNamespace(images=np.arange(n), title=t) for n, t in ((300, "fog"), (70, "noise"), (60, "blur"))
    )
    nothing = SimpleNamespace(available=None, info={"data": {}})
    said = [_narrowing(Extreme([fog, *rest], [200] * len(rest)), nothing) for rest in ((noise,), (noise, blur))]
    assert "about 200 images under each degradation (so far, noise has only 70) would decide this" in said[0]
    assert "(so far, noise and blur have only 60 to 70) would" in said[1]


@pytest.mark.parametrize(
    ("together", "needed"),
    [
        (Estimate(0.5625, 0.4375, 0.75), 60 * 4),  # 1/8 down to the end, 1/16 to the limit
        (Estimate(0.4375, 0.25, 0.5625), 60 * 4),
        (Estimate(0.5625, -0.0625, 1), 60 * 100),
        (Estimate(0.5625, -0.0675, 1), np.inf),
        (Estimate(0.5, 0.4, 0.6), np.inf),
        (Estimate(0.875, 0.75, 0.9), 60 * (0.025 / (0.9 - 0.875)) ** 2),
        (Estimate(0.7, 0.6, 0.8), 0),
    ],
)
def test_images_that_narrow_an_interval_down_to_the_limit(together, needed):
    family = SimpleNamespace(images=np.arange(60))
    assert Standing(family, together, 0.95).images_needed == pytest.approx(needed)


def test_half_of_the_accuracy_is_not_less_than_half():
    ends = [Standing(None, Estimate(0.4, 0.3, high), 0.95).breaks for high in (0.499, 0.5)]
    assert ends == [True, False]


def test_intervals_of_more_families_are_wider(tmp_path):
    figures = figures_of(tmp_path, fog=((1,), 9), jpeg=((1,), 9), contrast=((0.5,), 9))
    for count in (1, 2, 3):
        assert standings(figures.families[:count])[0].confidence == pytest.approx(1 - 0.06 / count)


@pytest.mark.parametrize(
    ("own", "other", "comparisons", "higher"),
    [  # half widths of 3 and 4 points make one of 5, which is 1.107 times as wide for one comparison, 1.314 for three
        (Estimate(0.856, 0.826, 0.99), Estimate(0.8, 0.6, 0.84), 1, 1),
        (Estimate(0.855, 0.825, 0.99), Estimate(0.8, 0.6, 0.84), 1, 0),
        (Estimate(0.856, 0.826, 0.99), Estimate(0.8, 0.6, 0.84), 3, 0),
        (Estimate(0.866, 0.836, 0.99), Estimate(0.8, 0.6, 0.84), 3, 1),
        (Estimate(0.744, 0.5, 0.774), Estimate(0.8, 0.76, 0.99), 1, -1),
        (Estimate(0.745, 0.5, 0.775), Estimate(0.8, 0.76, 0.99), 1, 0),
        (Estimate(0.744, 0.5, 0.774), Estimate(0.8, 0.76, 0.99), 3, 0),
    ],
)
def test_two_estimates_are_told_apart_by_their_facing_ends(own, other, comparisons, higher):
    assert compared(own, other, comparisons) == higher
