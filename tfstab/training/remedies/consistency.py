"""How much the scores of several views of an image differ."""

from collections.abc import Sequence
from typing import Any

from tfstab.classifier import backend

LEAST = -30.0  # log-scores below this count as this, so that a score of 0 gives no infinite gradient


def divergence(reference: Any, other: Any) -> Any:
    """Return the mean Kullback-Leibler divergence KL(reference || other).

    Parameters
    ----------
    reference, other : tensor of float32, (B, K)
        Natural logarithms of scores.

    Returns
    -------
    tensor of float32, ()
        The divergence in nats, 0 or more; gradients flow into both.
    """
    tf = backend.tensorflow()
    reference, other = tf.maximum(reference, LEAST), tf.maximum(other, LEAST)
    return tf.reduce_mean(tf.reduce_sum(tf.exp(reference) * (reference - other), axis=1))


def jensen_shannon(log_scores: Sequence[Any]) -> Any:
    """Return the mean Jensen-Shannon divergence of the scores of all views.

    Parameters
    ----------
    log_scores : sequence of tensor, each float32 (B, K)
        Natural logarithms of the scores of each view.

    Returns
    -------
    tensor of float32, ()
        The divergence in nats, from 0, where all views give the same scores, to the logarithm of the number of views.
    """
    tf = backend.tensorflow()
    stacked = tf.maximum(tf.stack(list(log_scores)), LEAST)
    mean = tf.reduce_logsumexp(stacked, axis=0) - tf.math.log(float(len(log_scores)))
    return tf.add_n([divergence(view, mean) for view in tf.unstack(stacked)]) / len(log_scores)
