"""The layer that combines the scores of several members into one.

Importing this module starts TensorFlow.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import backend
from tfstab.classifier.logits import log_softmax

tf, keras = backend.tensorflow(), backend.keras()

MODES = ("mean", "geometric", "vote")


@keras.saving.register_keras_serializable(package="tfstab")
class CombineScores(keras.layers.Layer):  # type: ignore[name-defined]
    """Combines the softmax scores of several members, each (N, K), into scores (N, K) that sum to 1.

    Parameters
    ----------
    combine : str
        "mean": the mean of the scores. "geometric": their geometric mean, normalised; one confident member can veto a
        class. "vote": the share of members that predict each class; the mean of the scores counts as one more vote,
        which decides ties and nothing else.

    References
    ----------
    Ciresan, Meier and Schmidhuber, Multi-column deep neural networks for image classification, CVPR 2012 ("mean").
    """

    def __init__(self, combine: str = "mean", **settings: Any) -> None:
        super().__init__(**settings)
        if combine not in MODES:
            raise ValueError(f"combine is '{combine}'; expected one of {', '.join(MODES)}.")
        self.combine = combine

    def call(self, scores: list[Any]) -> Any:
        """Compute the combined scores in a TensorFlow graph."""
        least = np.finfo(np.float32).tiny
        return tf.exp(self.combined_in_graph([tf.math.log(tf.maximum(score, least)) for score in scores]))

    def combined_in_graph(self, log_scores: Sequence[Any]) -> Any:
        """Return the logarithm of the combined scores, float32 (N, K), of log-scores (N, K) of each member."""
        stacked = tf.stack(log_scores)
        mean = tf.reduce_logsumexp(stacked, axis=0) - np.float32(np.log(len(log_scores)))
        if self.combine == "mean":
            return mean
        if self.combine == "geometric":
            return tf.nn.log_softmax(tf.reduce_mean(stacked, axis=0))
        votes = tf.one_hot(tf.argmax(stacked, axis=-1), mean.shape[-1], dtype=mean.dtype)
        return tf.math.log((tf.reduce_sum(votes, axis=0) + tf.exp(mean)) / (len(log_scores) + 1))

    def combined(self, log_scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the logarithm of the combined scores, float64 (N, K), computed with NumPy.

        Members are added up one after the other, so that the bits do not depend on the batch.
        """
        count, largest = len(log_scores), np.maximum.reduce(log_scores)
        if self.combine == "geometric":
            return log_softmax(np.add.reduce(log_scores) / count)
        total = sum(np.exp(member - largest) for member in log_scores)
        mean = largest + np.log(total / count)
        if self.combine == "mean":
            return np.asarray(mean)
        votes = sum(np.eye(mean.shape[1])[member.argmax(axis=1)] for member in log_scores)
        return np.asarray(np.log((votes + np.exp(mean)) / (count + 1)))

    def compute_output_shape(self, shapes: list[Any]) -> Any:
        """Return the output's shape: that of the first member's scores."""
        return tuple(shapes[0])

    def get_config(self) -> dict[str, Any]:
        """Return the settings, from which Keras makes the layer again."""
        return {**super().get_config(), "combine": self.combine}
