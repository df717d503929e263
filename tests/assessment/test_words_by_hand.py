"""The numbers in sentences, where they are rounded or change their words."""

import math
from dataclasses import replace

import pytest

from tfstab.assessment.noise import NoiseFigures
from tfstab.assessment.noise_findings import NO_BETTER, noise_sentences
from tfstab.assessment.state import AssessmentState, FamilyState, NoiseState
from tfstab.assessment.words import at_least, number, severity, severity_range
from tfstab.degradations import BUILT_IN
from tfstab.metrics import Estimate
from tfstab.metrics.outlook import round_up
from tfstab.metrics.shares import interval, percent, rounded, share
from tfstab.wording import listed


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(Estimate(0.5, 0.49, 0.51)), "50 % (49–51)"),
        (percent(Estimate(0.5, 0.49, 0.509)), "50.0 % (49.0–50.9)"),
        (share(Estimate(0.5, 0.49, 0.509)), "50.0 %"),
        (share(Estimate(math.nan, math.nan, math.nan)), "–"),
        (interval(Estimate(0.5, 0.4951, 0.5049)), "49.5–50.5"),
        (interval(Estimate(0.5, 0.401, 0.599)), "40–60"),
        (interval(Estimate(0.5, 0.401, 0.599), 1), "40.1–59.9"),
        (interval(Estimate(0.5, 0.4011, 0.5989), 1), "40.1–59.9"),
        (severity(BUILT_IN["translation"], 8.0), "distance 8 %"),  # of the shorter side
        (severity(BUILT_IN["gaussian_noise"], 8.25), "sigma 8.25"),
        (severity(BUILT_IN["fog"], 8.25, measured=True), "density 8.2 %"),
        (rounded(0.996), "99.6"),
        (rounded(0.994), "99"),
        (rounded(0.004), "0.4"),
        (rounded(0.006), "1"),
        (rounded(0.1234, 1), "12.3"),
        (severity_range(Estimate(32, 29, 36)), "29–36"),
        (severity_range(Estimate(0.7, 0.8, 0.6)), "0.60–0.80"),
        (severity_range(Estimate(-12, -8.1, -15)), "-15 to -8.1"),
        (severity_range(Estimate(-45, -44, math.inf)), "-44 or stronger"),
        (rounded(math.nextafter(0.195, 0)), rounded(0.195)),
        (rounded(0.99996, 2), "99.99"),
        (rounded(0.00001, 2), "0.01"),
        (percent(Estimate(0.9936, 0.9931, 0.9941)), "99.36 % (99.31–99.41)"),
        (rounded(1.2), "120"),
        (rounded(-0.2), "-20"),
        (number(0), "0"),
        (number(1), "1.0"),
        (number(9.96), "10.0"),
        (number(10), "10"),
        (number(0.5), "0.50"),
        (number(-3.26), "-3.3"),
        (at_least(0.0419), "0.041"),
        (at_least(3.29), "3.2"),
        (at_least(1999.9), "1,999"),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c", "d"]), "a, b, c and d"),
        (listed(list("abc"), most=2), "a and 2 others"),
        (str([round_up(x) for x in (0, 1, 99, 100, 100.1, 110, 1200, 1201)]), "[0, 1, 99, 100, 110, 110, 1200, 1300]"),
    ],
)
def test_numbers_at_the_ends_of_their_ranges(written, expected):
    assert written == expected


NOISE = NoiseFigures(8, 8, "l2", Estimate(30.0, 20.0, 40.0), (25.0, 35.0), (9.5, 35.0), 8, Estimate(3.0, 2.0, 4.0), 0)
INFINITE = Estimate(math.inf, 2.0, math.inf)
UNKNOWN = Estimate(math.nan, 2.0, math.inf)


@pytest.mark.parametrize(
    ("change", "said", "unsaid"),
    [
        (
            {},
            "For a quarter of the 8 images, 25 or less is enough; for another quarter, the smallest noise found is 35 "
            "or more. For a typical image, random noise, which is not fitted to the image, must be 3.0 times as "
            "large (2.0–4.0) to do the same: the median of the 8 images compared.",
            "found none",
        ),
        (
            {"whole": Estimate(46.0, 30.0, math.inf)},
            "found is 35 or more. With whole grey levels only, as in an image file, the smallest noise found for a "
            "typical image has an L2 of 46 grey levels (30–∞). For a typical image, random",
            "found none",
        ),
        (
            {"whole": replace(INFINITE, low=40.0)},
            "as in an image file, it found none for a typical image. For a typical",
            "46",
        ),
        (
            {"whole": Estimate(31.0, 30.0, 60.0), "whole_low": 38.0},
            "has an L2 of 31 grey levels (30–60); for a quarter of the images, 38 or less is enough. For a typical",
            "none",
        ),
        (
            {"whole": replace(INFINITE, low=40.0), "whole_low": 38.0},
            "file, for a quarter of the images, 38 or less is enough, and it found none for a typical image. For a",
            "L2 of 38",
        ),
        ({"whole": Estimate(45.0, 30.0, 60.0), "whole_low": 37.5}, "35 or more. For a typical image, random", "file"),
        ({"count": 7, "found": 7}, "The search had 7 images.", "quarter"),
        (
            {"count": 9},
            "For a quarter of the 9 images, 25 or less is enough; for another quarter, the smallest noise found is 35 "
            "or more. For one of them it found none.",
            "had",
        ),
        (
            {"count": 9, "quartiles": (25.0, math.inf)},
            "The search had 9 images. For one of them it found none.",
            "quarter",
        ),
        ({"random_ratio": None}, "35 or more.", "andom noise"),
        ({"random_ratio": Estimate(3.0, 0.0, 4.0)}, "35 or more.", "andom noise"),
        (
            {"random_ratio": replace(UNKNOWN, low=1.19), "tolerant": 4, "strongest": 40.0},
            "random noise, which is not fitted to the image, must be at least 1.1 times as large to do the same (the "
            "lower end of the 95 % interval). The exact factor is not known, because 4 of the 8 images compared stay "
            "right under all random noise tried (up to sigma 40).",
            "nan",
        ),
        (
            {"random_ratio": replace(UNKNOWN, high=9.0), "tolerant": 8, "strongest": 40.0},
            "must be 2.0 to 9.0 times as large to do the same (the 95 % interval). The exact factor is not "
            "known, because all 8 images compared stay right",
            "at least",
        ),
        (
            {"random_ratio": replace(UNKNOWN, low=0.94), "tolerant": 4, "strongest": 40.0},
            f"40). {NO_BETTER}",
            "lower b",
        ),
        ({"random_ratio": replace(UNKNOWN, low=0.0), "tolerant": 4, "strongest": 40.0}, "35 or more.", "andom noise"),
        ({"random_ratio": Estimate(3.0, 2.0, math.inf)}, "must be 3.0 times as large (2.0–∞)", "unknown"),
        ({"found": 0}, "The search found no noise that flips any of 8 images.", "typical"),
        (
            {"found": 1, "size": INFINITE},
            "changes the prediction of 1 of 8 images, with an L2 of 9.5 to 35 grey levels; for the others it found "
            "none. This does not show that they need more: a search may miss noise that is enough.",
            "at least",
        ),
        ({"found": 1, "size": INFINITE, "found_range": (7.0, 7.0)}, "with an L2 of 7.0 grey levels;", "at least"),
        ({"random_ratio": Estimate(3.2, 0.94, 7.9)}, f"8 images compared. {NO_BETTER}", "lower bound"),
        ({"random_ratio": Estimate(3.2, 1.0, 7.9)}, "8 images compared.", NO_BETTER),
        ({"size": Estimate(30.0, 20.0, math.inf)}, "30 grey levels (20–∞)", "at least"),
        (
            {"found": 1, "size": replace(INFINITE, low=math.inf)},
            "changes the prediction of 1 of 8 images; for a typical image it found none.",
            "too few",
        ),
        ({"size": Estimate(30.0, 0.0, math.inf)}, "30 grey levels (of unknown precision)", "at least"),
    ],
)
def test_what_is_said_of_minimum_noise(change, said, unsaid):
    text = noise_sentences(replace(NOISE, **change)).text
    assert said in text and unsaid not in text


def test_how_far_an_assessment_is_in_one_line():
    begun = (FamilyState("fog", "fog"), FamilyState("jpeg", "JPEG", images=3, working=True))
    early = AssessmentState("reading", 100.0, 99.6)
    late = AssessmentState("report", 100.0, -5.0, (), 9, Estimate(0.9, 0.8, 1), begun, NoiseState(searched=1))
    assert str(early) == "reading: 100 s left"
    assert str(late) == (
        "report: 0 s left, clean accuracy 90 % (80–100), 1 degradation measured, JPEG: 3 images, 1 image searched for "
        "minimum noise"
    )
