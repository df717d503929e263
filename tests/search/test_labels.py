"""The engine `labels` uses nothing but labels, and finds the slope of a boundary from them."""

import numpy as np
import pytest
from numpy_networks import curved, images_of

from tfstab import Classifier, SearchConfig, search_minimum_noise
from tfstab.search.basis import Basis
from tfstab.search.engines.labels.belief import Belief
from tfstab.search.engines.labels.spread import refined

FEW = SearchConfig(engine="labels", max_queries=300)


def test_labels_alone_are_enough():
    network = curved()
    images, labels = images_of(network, 2)

    def predicted(batch):
        return network.scores(batch).argmax(axis=1)

    shape, classes = images.shape[1:], network.num_classes
    only = Classifier.from_function(predicted, shape, classes, fingerprint="labels", outputs="labels")
    both = Classifier.from_function(network.scores, shape, classes, fingerprint="scores")
    for a, b in zip(*(search_minimum_noise(c, images, labels, FEW) for c in (only, both)), strict=True):
        assert a.found and a.l2 < 1.3 * b.l2  # not the same: with scores, a lead within rounding is no flip


@pytest.mark.parametrize("norm", ["l2", "linf", "l1"])
def test_noise_comes_near_that_of_a_search_with_scores(norm):
    network = curved()
    images, labels = images_of(network, 2)
    with_scores = search_minimum_noise(network, images, labels, SearchConfig(max_queries=2000, norm=norm))
    found = search_minimum_noise(network, images, labels, SearchConfig("labels", max_queries=1500, norm=norm))
    assert all(f.found and f.size < 1.5 * s.size for f, s in zip(found, with_scores, strict=True))


def test_a_classifier_that_always_answers_the_same_ends_the_search_without_noise():
    always = Classifier.from_function(
        lambda batch: np.zeros(len(batch), int), (8, 8, 1), 3, fingerprint="always", outputs="labels"
    )
    (result,) = search_minimum_noise(always, np.full((1, 8, 8, 1), 90, np.uint8), [0], FEW)
    assert not result.found and not result.noise.any() and result.stop_reason == "queries"


def test_labels_reveal_the_direction_of_a_gradient_but_not_its_length():
    rng = np.random.default_rng(0)
    gradient, belief = rng.normal(size=30), Belief(np.ones(30), 500)
    for _ in range(20):
        moves = rng.normal(size=(20, 30)).astype(np.float32)
        belief.label(moves, moves @ gradient < 0, np.full(20, 0.01))
    found = belief.gradient
    assert gradient @ found > 0.97 * np.linalg.norm(gradient) * np.linalg.norm(found)
    before = belief.learnt.mean()
    belief.move(0.1, 0.5)
    assert 0.4 * before < belief.learnt.mean() < 0.6 * before


def test_the_prior_follows_where_the_slope_is_found():
    basis = Basis((16, 16, 3))
    before = basis.prior / basis.prior.sum()
    slope = np.where(basis.place == 5, 1.0, 0.1)
    after = refined(before, basis, slope, np.ones(len(slope)))
    assert before.sum() == pytest.approx(1) == after.sum()
    share = [variances[basis.place == 5].sum() for variances in (before, after)]
    assert share[1] > 3 * share[0]
    np.testing.assert_array_equal(refined(before, basis, np.zeros(len(slope)), np.zeros(len(slope))), before)
