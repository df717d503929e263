"""`augment`: degradations as a Keras layer and as a step of a tf.data pipeline."""

from typing import TYPE_CHECKING

from tfstab.degradations.ranges import Families

if TYPE_CHECKING:
    from tfstab.degradations.random_layer import RandomDegradation


def augment(families: Families | None = None, *, clean_share: float = 0.0, seed: int = 0) -> "RandomDegradation":
    """Make a Keras layer that degrades each training image by a family and a severity drawn at random.

    Use it as a layer of a model, where it degrades in training only, or in a tf.data pipeline:
    `dataset.apply(layer.epoch(0))`. All built-in families work on whole batches in TensorFlow.

    Parameters
    ----------
    families : sequence of str or Degradation, mapping, str or Degradation, optional
        Families, or a mapping from their names to (weakest, strongest) severities, or to None for the default range; by
        default all built-in ones. All are equally likely. Severities are drawn evenly, by default between the neutral
        one, which leaves an image unchanged, and the family's strongest default severity.
    clean_share : float
        Share of the images that stay clean, from 0 to 1.
    seed : int
        Seed of all random numbers, 0 to 2^31 - 1.

    Returns
    -------
    RandomDegradation
        The layer.

    Raises
    ------
    InputError
        A family is unknown or given twice, or a number is out of range.

    Examples
    --------
    >>> from tfstab.degradations import augment
    >>> layer = augment({"fog": (20, 80), "gaussian_noise": (0, 40)}, clean_share=0.25, seed=1)
    >>> layer(digits.images, training=True).shape
    TensorShape([10, 28, 28, 1])
    """
    from tfstab.degradations.random_layer import RandomDegradation

    return RandomDegradation(families, clean_share, seed)
