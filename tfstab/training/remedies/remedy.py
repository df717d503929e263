"""`Remedy`: what views of a batch of training images a network is trained on, and with which loss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tfstab.classifier import backend

Views = Callable[[Any, Any, Any], tuple[Any, ...]]
Loss = Callable[[Any, Sequence[Any]], Any]


def cross_entropy(labels: Any, log_scores: Sequence[Any]) -> Any:
    """Return the mean cross-entropy of the first view.

    Parameters
    ----------
    labels : tensor of int64, (B,)
        True class of each image.
    log_scores : sequence of tensor, each float32 (B, K)
        Natural logarithms of the network's scores, for each view.

    Returns
    -------
    tensor of float32, ()
        The loss.
    """
    tf = backend.tensorflow()
    rows = tf.range(tf.shape(labels, labels.dtype)[0])
    return -tf.reduce_mean(tf.gather_nd(log_scores[0], tf.stack([rows, labels], axis=1)))


@dataclass(frozen=True)
class Remedy:
    """A way to train a network on degraded images.

    Attributes
    ----------
    name : str
        Name by which it is chosen and stored: lower-case letters, digits and underscores.
    title : str
        Title in tables and sentences, such as "Patch Gaussian".
    about : str
        What it does, as a predicate: "adds noise within a square at a random place".
    source : str
        Where it was published; "" if it is tfstab's own.
    views : callable
        Called in a TensorFlow graph as views(images, seed, mixture). `images` are float32 (B, H, W, C), grey levels
        0..255; `seed` is int64 (2,), for `tf.random.stateless_*`; `mixture` is the `RandomDegradation` of the families
        to harden against. Returns one or more batches for the network, each of the shape of `images` and within 0..255.
        The result depends on the arguments alone, so that an epoch can be repeated exactly.
    loss : callable
        Called as loss(labels, log_scores): classes int64 (B,), and for each view the natural logarithms of the
        network's scores, float32 (B, K). Returns the loss.
    passes : int
        Number of views. Remedies are compared at equal numbers of images that pass through the network.
    families : tuple of str, optional
        Names of the families of degradations in its views; by default those of the mixture.
    """

    name: str
    title: str
    about: str
    source: str
    views: Views
    loss: Loss = cross_entropy
    passes: int = 1
    families: tuple[str, ...] | None = None
