"""Images that are changed at random several times in a row, in several ways, and mixed: what AugMix and PRIME share."""

from collections.abc import Callable, Sequence
from typing import Any

from tfstab.classifier import backend
from tfstab.training.remedies import draws
from tfstab.training.remedies.consistency import jensen_shannon
from tfstab.training.remedies.remedy import cross_entropy

WIDTH = 3  # chains that are mixed
DEPTH = 3  # changes in the longest chain
WEIGHT = 12.0  # of the Jensen-Shannon divergence

Change = Callable[[Any, Any], Any]  # of images (N, H, W, C) and a seed; each image in its own way


def clean_and_two_mixtures(images: Any, seed: Any, changes: Sequence[Change]) -> tuple[Any, ...]:
    """Return the images, and twice a mixture of each with chains of changes.

    Three chains of one to three changes begin at the image. Weights from a Dirichlet distribution mix the three
    results, and a share drawn evenly from 0 to 1 mixes that with the image.

    Parameters
    ----------
    images : tensor of float32, (B, H, W, C)
        Images in grey levels 0..255.
    seed : tensor of int64, (2,)
        Seed.
    changes : sequence of callable
        The changes, equally likely; each takes images (N, H, W, C) and a seed, and returns changed images in 0..255.

    Returns
    -------
    tuple of tensor of float32, each (B, H, W, C)
        The clean images and two mixtures.

    References
    ----------
    Hendrycks et al. 2020, AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty.
    """
    tf = backend.tensorflow()
    for_depth, for_weights, for_share, *for_steps = draws.split(seed, 3 + DEPTH)
    chains = tf.concat([images] * (2 * WIDTH), axis=0)  # of both mixtures at once
    count = tf.shape(chains)[:1]
    depths = tf.random.stateless_uniform(count, for_depth, 1, DEPTH + 1, tf.int32)
    for step, for_step in enumerate(for_steps):
        chains = _change_some(chains, step < depths, changes, for_step)
    # Exponentially distributed numbers divided by their sum have a Dirichlet distribution with all parameters 1.
    weights = -tf.math.log1p(-tf.random.stateless_uniform([2, WIDTH, tf.shape(images)[0], 1, 1, 1], for_weights))
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    shares = tf.random.stateless_uniform([2, tf.shape(images)[0], 1, 1, 1], for_share)
    ends = tf.split(chains, 2 * WIDTH)
    mixed = [_mix(images, ends[:WIDTH], weights[0], shares[0]), _mix(images, ends[WIDTH:], weights[1], shares[1])]
    return images, *mixed


def _change_some(images: Any, active: Any, changes: Sequence[Change], seed: Any) -> Any:
    """Change each active image by a change drawn at random; each change sees its own images only."""
    tf = backend.tensorflow()
    for_choice, *for_changes = draws.split(seed, 1 + len(changes))
    count = tf.shape(images)[0]
    choice = tf.random.stateless_uniform([count], for_choice, 0, len(changes), tf.int32)
    choice = tf.where(active, choice, len(changes))
    parts = tf.dynamic_partition(images, choice, len(changes) + 1)
    places = tf.dynamic_partition(tf.range(count), choice, len(changes) + 1)
    changed = [change(part, key) for change, part, key in zip(changes, parts, for_changes, strict=False)]
    return tf.ensure_shape(tf.dynamic_stitch(places, [*changed, parts[-1]]), images.shape)


def _mix(images: Any, ends: Sequence[Any], weights: Any, share: Any) -> Any:
    """Mix the ends of an image's chains, and the share of that with the image."""
    tf = backend.tensorflow()
    mixed = tf.add_n([weight * end for weight, end in zip(tf.unstack(weights, num=WIDTH), ends, strict=True)])
    return tf.clip_by_value(images + share * (mixed - images), 0.0, 255.0)


def consistent(labels: Any, log_scores: Sequence[Any]) -> Any:
    """Return the cross-entropy of the clean view plus 12 times the Jensen-Shannon divergence of all views."""
    return cross_entropy(labels, log_scores) + WEIGHT * jensen_shannon(log_scores)
