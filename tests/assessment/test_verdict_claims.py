"""A verdict claims what is false at most once in 20 assessments, whatever the network; a sample of the benchmark.

`tests/benchmarks/verdict_claims.py` does the same with 18 families and more networks.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from simulated import chancy, count_claims, count_class_claims, count_harm_claims, count_recall_claims, rare, tuned

from tfstab.assessment import ranking
from tfstab.assessment.classes import clean_classes
from tfstab.assessment.recalls import judged_recalls
from tfstab.metrics.kept import share_of
from tfstab.sweep.class_images import ClassImages

TRIALS = 60
ALLOWED = 0.05 + 3 * np.sqrt(0.05 * 0.95 / TRIALS)  # three standard deviations of so many trials
NETWORKS = {
    "all at 50 %": (rare, [0.5] * 5, 1),
    "all at 90 %": (rare, [0.9] * 5, 1),
    "two worst alike": (chancy, [0.6, 0.6, 0.7, 0.8, 0.95], 2),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_false_claims_are_rare(network):
    make, kept, copies = NETWORKS[network]
    shares = count_claims(tuned(make, kept, copies, images=4_000), 60, TRIALS)
    assert {kind: share for kind, share in shares.items() if share > ALLOWED} == {}


def test_the_count_would_notice_bold_claims(monkeypatch):
    monkeypatch.setattr(ranking, "ERROR", 0.9)
    shares = count_claims(tuned(rare, [0.5] * 5, images=4_000), 60, 40)
    assert shares["breaks"] > 0.3 and shares["worst left out"] > 0.3


@pytest.mark.parametrize("recalls", [[0.6] * 8, [0.97] * 8])
def test_equal_classes_are_seldom_called_weak(recalls):
    assert count_class_claims(recalls, 12, TRIALS) <= ALLOWED


@pytest.mark.parametrize(("kept", "way"), [(0.95, "chance"), (0.6, "lost")])
def test_of_classes_that_keep_the_same_share_one_is_seldom_called_harmed_more(kept, way):
    assert count_harm_claims([0.6] * 8, kept, 30, TRIALS, way) <= ALLOWED


@pytest.mark.parametrize("images", [np.full(10, 40), np.r_[np.full(5, 20), np.full(5, 400)]])
def test_equal_classes_are_seldom_called_weak_when_clean(images):
    """Near 100 %, where a comparison of intervals would be wrong in a tenth of the trials."""
    rng, labels, false = np.random.default_rng(6), np.repeat(np.arange(10), images), 0
    for _ in range(TRIALS):
        made = clean_classes(labels, np.where(rng.random(len(labels)) < 0.97, labels, -1), list("abcdefghij"))
        false += bool(ranking.weak_when_clean(made))
    assert false / TRIALS <= ALLOWED


def test_a_clear_difference_is_claimed():
    population = tuned(chancy, [0.3, 0.6, 0.7, 0.8, 0.97], 2, images=4_000)
    families = population.sample(np.random.default_rng(0), 300)
    assert [f.name for f in ranking.extreme(families, True).members] == ["family0"]
    assert [f.name for f in ranking.extreme(families, False).members] == ["family4"]
    assert [s.words for s in ranking.standings(families)][::4] == ["breaks", "hardly touches"]


def test_networks_that_keep_the_same_are_seldom_told_apart():
    """One network against three others, as the bundled ones are compared."""
    rng, false = np.random.default_rng(4), 0
    for _ in range(300):
        own, *others = (share_of(rng.beta(4, 1, size=80)) for _ in range(4))
        false += any(ranking.compared(own, other, 3) for other in others)
    assert 0 < false / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert ranking.compared(share_of(np.ones(80)), share_of(rng.beta(2, 2, size=80)), 3) == 1
    assert ranking.compared(share_of(np.zeros(80)), share_of(rng.beta(2, 2, size=80)), 3) == -1


@pytest.mark.parametrize(
    ("recalls", "kept", "images", "way"),
    [
        ([0.3] * 10, 0.9, 20, "chance"),
        ([0.3] * 10, 0.9, 20, "alike"),
        ([0.3] * 10, 1, 20, "chance"),
        ([0.6] * 10, 0.9, 60, "repaired"),
        ([0.9] * 2, [0.9, 1], 400, "chance"),
        ([0.9] * 2, [0.9, 1], 400, "alike"),
        ([0.9] * 2, 0.9, 400, "repaired"),
    ],
)
def test_a_change_of_recall_is_seldom_claimed_falsely(recalls, kept, images, way):
    """Where wrong images are repaired, a comparison of two independent recalls would be wrong in a tenth of trials."""
    shares = count_recall_claims(recalls, kept, images, TRIALS, 2, way)
    assert {kind: share for kind, share in shares.items() if share > ALLOWED} == {}


def test_falls_of_recall_of_a_few_images_are_found():
    """Each image is compared with itself; with two independent recalls, four of five of these falls would be found."""
    assert count_recall_claims([0.93] * 3, 0.7, 60, 20, 3, "lost")["found"] > 0.93


def test_a_clear_fall_of_recall_is_claimed():
    labels, right = np.repeat([0, 1], [300, 20]), np.arange(320) != 319
    shares = np.where(labels == 0, right, 0.2 * right)[:, None]
    images = ClassImages(np.arange(320), labels, shares, right, np.ones(320, bool))
    judged = judged_recalls(SimpleNamespace(of_classes=images), 18)
    assert [(one.index, one.falls, one.keeps) for one in judged] == [(0, False, True), (1, True, False)]
