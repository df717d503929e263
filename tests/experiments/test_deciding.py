"""Verdicts from p-values by hand, at their bounds, and how many images would decide."""

import math
from statistics import NormalDist
from types import SimpleNamespace

import pytest

from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNTESTED, Claim
from tfstab.experiments.deciding import Finding, Question, decide, of_sign, toward

CLAIM = Claim("mnist", "It is so.", "section 3", UNTESTED, "criterion", "Measured by the paper.")
OTHER = Question(CLAIM, Finding("Nothing.", 0.9, 1.0, 1.0))


def asked(holds, fails=1.0, needed=100.0, measured=1000, **more):
    return Question(CLAIM, Finding("Seen.", holds, fails, needed, measured=measured), **more)


@pytest.mark.parametrize(
    ("value", "neutral", "above", "below"),
    [(2.0, 1.0, 0.03, 1.0), (0.5, 1.0, 1.0, 0.03), (1.0, 1.0, 1.0, 1.0), (-1.0, 0.0, 1.0, 0.03)],
)
def test_a_p_value_counts_for_the_sign_that_was_seen(value, neutral, above, below):
    paired = SimpleNamespace(value=value, neutral=neutral, p_value=0.03, needed=lambda: 7.0, count=4)
    assert (toward(paired, 1), toward(paired, -1)) == (above, below)
    assert of_sign("", paired, 1) == Finding("", above, below, 7.0, measured=4)
    assert of_sign("", paired, -1) == Finding("", below, above, 7.0, measured=4)
    assert math.isnan(toward(SimpleNamespace(value=math.nan, neutral=neutral, p_value=0.03), 1))


@pytest.mark.parametrize(
    ("holds", "fails", "others", "verdict", "adjusted"),
    [
        (0.049, 1.0, 0, HOLDS, 0.049), (0.05, 1.0, 0, UNDECIDED, 0.05), (1.0, 0.049, 0, FAILS, 0.049),
        (1.0, 0.05, 0, UNDECIDED, 0.05), (0.012, 1.0, 3, HOLDS, 0.048), (0.012, 1.0, 4, UNDECIDED, 0.06),
        (0.0, 1.0, 4, HOLDS, 0.0), (1.0, 0.0, 4, FAILS, 0.0),
    ],
)  # fmt: skip
def test_a_verdict_follows_from_the_corrected_p_value(holds, fails, others, verdict, adjusted):
    first, *_ = decide([asked(holds, fails), *[OTHER] * others])
    assert first.verdict == verdict and first.adjusted == pytest.approx(adjusted)
    assert first.p_value == min(holds, fails)
    alone = f"Taken alone, this would be significant (p = {holds:.2g})"
    assert (alone in first.evidence) == (verdict == UNDECIDED and holds < 0.05)
    assert ("would decide" in first.evidence) == (verdict == UNDECIDED) == (first.needed is not None)


def more_for(tests):
    """The factor by which more images are needed where a test is one of several."""
    one, several = (NormalDist().inv_cdf(1 - 0.025 / times) + NormalDist().inv_cdf(0.8) for times in (1, tests))
    return (several / one) ** 2


@pytest.mark.parametrize(
    ("needed", "others", "images", "said"),
    [
        (99.0, 0, 0, 99), (99.0, 0, 1, 99), (100.0, 0, 100, 100), (100.1, 0, 110, 110), (1001.0, 0, 1100, 1100),
        (1001.0, 0, 1099, 1100), (1e5, 0, 0, 10**5), (1.01e5, 0, 0, None), (9e4, 1, 0, None), (math.inf, 0, 0, None),
        (1000.0, 1, 0, 100 * math.ceil(10 * more_for(2))), (1000.0, 4, 0, 100 * math.ceil(10 * more_for(5))),
    ],
)  # fmt: skip
def test_how_many_images_would_decide(needed, others, images, said):
    first, *_ = decide([asked(0.5, needed=needed, images=images), *[OTHER] * others])
    assert first.needed == said
    text = "If the true effect is as small as the measured one, "
    more = "it takes more than 100 times as many images to decide this."
    text += "no number of images would decide." if needed == math.inf else more
    if said is not None:
        more = f", more than the test set's {images:,}" if images in (1, 1099) else ""
        text = f"If the true effect is as large as the measured one, about {said:,} images would decide{more}."
    assert first.evidence == f"Seen. {text} Measured by the paper."


@pytest.mark.parametrize(("measured", "images"), [(5, 0), (1, 10_000), (0, 0)])
def test_no_number_of_images_follows_from_a_few(measured, images):
    for needed in (99.0, math.inf):
        (claim,) = decide([asked(0.5, needed=needed, measured=measured, images=images)])
        assert claim.needed is None and claim.evidence == "Seen. Measured by the paper."
    (claim,) = decide([asked(0.5, measured=0, images=10_000)])  # stored by an earlier version
    assert claim.needed == 100


def test_a_finding_of_several_tests_needs_more_images():
    (claim,) = decide([Question(CLAIM, Finding("Seen.", 0.5, 1.0, 1000.0, tests=3, measured=1000))])
    assert claim.needed == 100 * math.ceil(10 * more_for(3))


def test_claims_without_data_and_without_a_finding_count_for_nothing():
    nothing = Finding("No image.", math.nan, math.nan, math.nan)
    unclipped = Finding("Less.", 1.0, 0.001, 5.0)
    untested, without, found = decide([Question(CLAIM), Question(CLAIM, nothing), asked(0.04, unclipped=unclipped)])
    assert untested is CLAIM
    assert (without.verdict, without.p_value, without.adjusted, without.needed) == (UNDECIDED, None, None, None)
    assert without.evidence == "No image. Measured by the paper."
    assert found.verdict == HOLDS and found.unclipped == FAILS and without.unclipped is None
    assert found.evidence == f"Seen. Without clipping: Less. Verdict: {FAILS}. Measured by the paper."
