"""The layer that makes one classifier of several. Importing this module starts TensorFlow."""

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
    """Softmax scores of several members, each (N, K), to one (N, K) that sums to 1.

    combine: "mean", the mean of the scores (Ciresan et al. 2012); "geometric", their geometric mean, normalised, which
    one confident member can veto; "vote", the share of members that predict each class, in which the members' mean
    counts as one vote more, so that it decides ties and nothing else.
    """

    def __init__(self, combine: str = "mean", **settings: Any) -> None:
        super().__init__(**settings)
        if combine not in MODES:
            raise ValueError(f"combine is '{combine}'; expected one of {', '.join(MODES)}.")
        self.combine = combine

    def call(self, scores: list[Any]) -> Any:
        least = np.finfo(np.float32).tiny
        return tf.exp(self.combined_in_graph([tf.math.log(tf.maximum(score, least)) for score in scores]))

    def combined_in_graph(self, log_scores: Sequence[Any]) -> Any:
        """The logarithm of the combined scores, float32 (N, K), of the members' log-scores, each (N, K)."""
        stacked = tf.stack(log_scores)
        mean = tf.reduce_logsumexp(stacked, axis=0) - np.float32(np.log(len(log_scores)))
        if self.combine == "mean":
            return mean
        if self.combine == "geometric":
            return tf.nn.log_softmax(tf.reduce_mean(stacked, axis=0))
        votes = tf.one_hot(tf.argmax(stacked, axis=-1), mean.shape[-1], dtype=mean.dtype)
        return tf.math.log((tf.reduce_sum(votes, axis=0) + tf.exp(mean)) / (len(log_scores) + 1))

    def combined(self, log_scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """The same with NumPy, float64, member after member, so that the bits do not depend on the batch."""
        count, largest = len(log_scores), np.maximum.reduce(log_scores)
        if self.combine == "geometric":
            return log_softmax(np.add.reduce(log_scores) / count)
        total = sum(np.exp(member - largest) for member in log_scores)
        mean = largest + np.log(total / count)
        if self.combine == "mean":
            return mean
        votes = sum(np.eye(mean.shape[1])[member.argmax(axis=1)] for member in log_scores)
        return np.log((votes + np.exp(mean)) / (count + 1))

    def compute_output_shape(self, shapes: list[Any]) -> Any:
        return tuple(shapes[0])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "combine": self.combine}
