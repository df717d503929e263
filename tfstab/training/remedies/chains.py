"""Mixtures of an image with the results of chains of random changes, for AugMix and PRIME."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tfstab.classifier import backend
from tfstab.training.remedies import draws

WIDTH = 3  # chains that are mixed
DEPTH = 3  # changes in the longest chain

Change = Callable[[Any, Any], Any]  # function of images (N, H, W, C) and a seed; changes each image in its own way


def mixtures(images: Any, seed: Any, changes: Sequence[Change], number: int) -> list[Any]:
    """Mix each image with results of chains of changes, `number` times.

    Three chains of one to three changes each are applied to the image. Their results are averaged with weights from a
    Dirichlet distribution, and that average with the image by a share drawn evenly from 0 to 1.

    Parameters
    ----------
    images : tensor of float32, (B, H, W, C)
        Images in grey levels 0..255.
    seed : tensor of int64, (2,)
        Seed.
    changes : sequence of callable
        The changes, equally likely; each takes images (N, H, W, C) and a seed, and returns changed images in 0..255.
    number : int
        How many mixtures of each image to make.

    Returns
    -------
    list of tensor of float32, each (B, H, W, C)
        The mixtures.

    References
    ----------
    Hendrycks et al. 2020, AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty.
    """
    tf = backend.tensorflow()
    for_depth, for_weights, for_share, *for_steps = draws.split(seed, 3 + DEPTH)
    chains = tf.concat([images] * (number * WIDTH), axis=0)  # of all mixtures at once
    depths = tf.random.stateless_uniform(tf.shape(chains)[:1], for_depth, 1, DEPTH + 1, tf.int32)
    for step, for_step in enumerate(for_steps):
        chains = _change_some(chains, step < depths, changes, for_step)
    # Exponentially distributed numbers divided by their sum have a Dirichlet distribution with all parameters 1.
    weights = -tf.math.log1p(-tf.random.stateless_uniform([number, WIDTH, tf.shape(images)[0], 1, 1, 1], for_weights))
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    shares = tf.random.stateless_uniform([number, tf.shape(images)[0], 1, 1, 1], for_share)
    ends = tf.split(chains, number * WIDTH)
    return [_mix(images, ends[k * WIDTH : (k + 1) * WIDTH], weights[k], shares[k]) for k in range(number)]


def _change_some(images: Any, active: Any, changes: Sequence[Change], seed: Any) -> Any:
    """Change each active image by a change drawn at random; each change sees its own images only."""
    tf = backend.tensorflow()
    for_choice, *for_changes = draws.split(seed, 1 + len(changes))
    count = tf.shape(images)[0]
    choice = tf.random.stateless_uniform([count], for_choice, 0, len(changes), tf.int32)
    choice = tf.where(active, choice, len(changes))
    parts = tf.dynamic_partition(images, choice, len(changes) + 1)
    places = tf.dynamic_partition(tf.range(count), choice, len(changes) + 1)
    changed = [
        # If there are few images, a change may get none, which some operations do not accept.
        tf.cond(tf.size(part) > 0, partial(change, part, key), partial(tf.identity, part))
        for change, part, key in zip(changes, parts, for_changes, strict=False)
    ]
    return tf.ensure_shape(tf.dynamic_stitch(places, [*changed, parts[-1]]), images.shape)


def _mix(images: Any, ends: Sequence[Any], weights: Any, share: Any) -> Any:
    """Mix the results of the chains by their weights, and that with the image by the share."""
    tf = backend.tensorflow()
    mixed = tf.add_n([weight * end for weight, end in zip(tf.unstack(weights, num=WIDTH), ends, strict=True)])
    return tf.clip_by_value(images + share * (mixed - images), 0.0, 255.0)
