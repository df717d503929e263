"""Equations 2 and 3, and a fitness that keeps its slope where scores saturate."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import log_softmax, softmax

from tfstab.search.goal import FLIP_MARGIN, AnyWrongClass, TargetClass
from tfstab.search.objective import evaluate

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
def test_equation_1_is_the_score_of_the_actual_class_and_the_norm(z, norm, c):
    result = evaluate(log_softmax(z, axis=1), AnyWrongClass(c), norm, beta=1e8, lambda_=1e-3, equation="eq1")
    np.testing.assert_allclose(result.objective, softmax(z, axis=1)[:, c] + 1e-3 * norm, rtol=1e-9, atol=1e-300)


@given(logits, norms, st.integers(0, 3))
def test_a_target_counts_as_flipped_only_when_it_leads(z, norm, t):
    result = evaluate(log_softmax(z, axis=1), TargetClass((t + 1) % 4, t), norm, beta=1e8, lambda_=1e-3)
    others = np.delete(log_softmax(z, axis=1), t, axis=1).max(axis=1)
    np.testing.assert_array_equal(result.flipped, log_softmax(z, axis=1)[:, t] - others > FLIP_MARGIN)
    if result.flipped.any() and not result.flipped.all():
        assert result.fitness[result.flipped].min() > result.fitness[~result.flipped].max()


def test_the_plateau_has_a_slope():
    # Logit gaps of 60 and 61: both scores are 1 in float64, and eq. 3 alone cannot tell them apart.
    log_scores = log_softmax(np.array([[60.0, 0.0], [61.0, 0.0]]), axis=1)
    result = evaluate(log_scores, AnyWrongClass(0), np.array([5.0, 0.0]), beta=1e8, lambda_=1e-3)
    assert np.exp(log_scores[0, 0]) == np.exp(log_scores[1, 0]) == 1
    assert result.fitness[0] > result.fitness[1]
