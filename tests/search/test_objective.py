"""Equations 2 and 3, and a fitness that keeps its slope where scores saturate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import log_softmax, softmax

from tfstab.search.goal import FLIP_MARGIN, AnyWrongClass, TargetClass
from tfstab.search.objective import at_no_noise, evaluate

logits = arrays(np.float64, (6, 4), elements=st.floats(-30, 30))
norms = arrays(np.float64, 6, elements=st.floats(0, 1000))


@given(logits, norms, st.integers(0, 3))
def test_the_objective_is_equations_2_and_3(z, norm, c):
    result = evaluate(log_softmax(z, axis=1), AnyWrongClass(c), norm, beta=1e8, lambda_=1e-3)
    for b, scores in enumerate(softmax(z, axis=1)):
        best_other = np.delete(scores, c).max()
        flipped = np.log(best_other) - np.log(scores[c]) > FLIP_MARGIN
        psi = best_other - scores[c] if flipped else 1e8 * scores[c]
        np.testing.assert_allclose(result.objective[b], psi + 1e-3 * norm[b], rtol=1e-9)
        assert result.flipped[b] == flipped


@given(logits, norms, st.integers(0, 3), st.sampled_from([1e-9, 1e-3, 1.0, 1e9]))
def test_whatever_is_misclassified_ranks_above_whatever_is_not(z, norm, c, lambda_):
    result = evaluate(log_softmax(z, axis=1), AnyWrongClass(c), norm, beta=1e8, lambda_=lambda_)
    if result.flipped.any() and not result.flipped.all():
        assert result.fitness[result.flipped].min() > result.fitness[~result.flipped].max()


@given(logits, norms, st.integers(0, 3))
def test_equation_1_is_the_score_of_the_true_class_and_the_norm(z, norm, c):
    result = evaluate(log_softmax(z, axis=1), AnyWrongClass(c), norm, beta=1e8, lambda_=1e-3, equation="eq1")
    np.testing.assert_allclose(result.objective, softmax(z, axis=1)[:, c] + 1e-3 * norm, rtol=1e-9, atol=1e-300)


@given(logits, norms, st.integers(0, 3))
def test_a_target_counts_as_flipped_only_when_it_leads(z, norm, t):
    result = evaluate(log_softmax(z, axis=1), TargetClass((t + 1) % 4, t), norm, beta=1e8, lambda_=1e-3)
    others = np.delete(log_softmax(z, axis=1), t, axis=1).max(axis=1)
    np.testing.assert_array_equal(result.flipped, log_softmax(z, axis=1)[:, t] - others > FLIP_MARGIN)
    if result.flipped.any() and not result.flipped.all():
        assert result.fitness[result.flipped].min() > result.fitness[~result.flipped].max()


def test_a_lead_of_the_margin_is_no_flip_and_no_loss_is_below_zero():
    at_margin = np.array([[0.0, FLIP_MARGIN, -1.0]])
    for goal in (AnyWrongClass(0), TargetClass(0, 1)):
        assert goal.lead(at_margin) == FLIP_MARGIN
        for scores, flips in ((at_margin, False), (at_margin * 1.01, True)):
            flipped, *_ = goal.standing(scores[:, goal.pivot], goal.rivals(scores))
            assert flipped == flips
    assert TargetClass(0, 1).loss(np.array([1e-3, 0.0, -np.inf])).tolist() == [0, 0, 1]  # rounded above a score of 1


def test_the_plateau_has_a_slope():
    # Logit gaps of 60 and 61: both scores are 1 in float64, and eq. 3 alone cannot tell them apart.
    log_scores = log_softmax(np.array([[60.0, 0.0], [61.0, 0.0]]), axis=1)
    result = evaluate(log_scores, AnyWrongClass(0), np.array([5.0, 0.0]), beta=1e8, lambda_=1e-3)
    assert np.exp(log_scores[0, 0]) == np.exp(log_scores[1, 0]) == 1
    assert result.fitness[0] > result.fitness[1]


def test_the_objective_of_no_noise():
    scores = np.array([0.7, 0.2, 0.1])
    assert at_no_noise(scores, AnyWrongClass(0), beta=100) == pytest.approx(70)
    assert at_no_noise(scores, AnyWrongClass(0), beta=100, equation="eq1") == pytest.approx(0.7)
    assert at_no_noise(scores, TargetClass(0, 1), beta=100) == pytest.approx(80)
    assert at_no_noise(scores, TargetClass(0, 1), beta=100, equation="eq1") == pytest.approx(0.8)


def test_a_lead_of_the_flip_margin_is_no_flip_yet():
    logs = np.array([[-0.7, FLIP_MARGIN * 0.999 - 0.7]])
    assert not evaluate(logs, AnyWrongClass(0), np.zeros(1), beta=1, lambda_=1).flipped[0]
    logs = np.array([[-0.7, FLIP_MARGIN * 1.001 - 0.7]])
    assert evaluate(logs, AnyWrongClass(0), np.zeros(1), beta=1, lambda_=1).flipped[0]


def test_all_that_an_evaluation_says_of_a_target():
    scores = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    said = evaluate(np.log(scores), TargetClass(0, 1), np.array([2.0, 3.0]), beta=10, lambda_=4)
    np.testing.assert_allclose(said.margin, [0.2, -0.5])
    np.testing.assert_allclose(said.log_odds, np.log([0.5 / 0.5, 0.9 / 0.1]), atol=1e-12)
    np.testing.assert_allclose(said.objective, [0.2 + 8, 10 * 0.9 + 12])
    np.testing.assert_allclose(said.fitness, [-8.2 / 4, -1e9 - np.log(9)], rtol=1e-15)
    said = evaluate(np.log(scores), AnyWrongClass(0), np.array([2.0, 3.0]), beta=10, lambda_=0.5)
    np.testing.assert_allclose(said.margin, [0.3, -0.3])
    np.testing.assert_allclose(said.log_odds, np.log([0.2 / 0.8, 0.6 / 0.4]))
    np.testing.assert_allclose(said.objective, [0.3 + 1, 10 * 0.6 + 1.5])
    np.testing.assert_allclose(said.fitness, [-1.3, -1e9 - np.log(1.5)], rtol=1e-15)
