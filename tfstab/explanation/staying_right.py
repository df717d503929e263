"""How far a degradation moves the hidden layers of images that stay right under it, compared with random noise.

The same figures of a lost image say why it is lost only if they differ from these.
"""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError
from tfstab.explanation.amplified import Amplified
from tfstab.explanation.degraded_image import BATCH, DegradedImage, LayersOfImage, Reference, layers_of
from tfstab.explanation.image_words import gain_ratios
from tfstab.explanation.kept import kept_of
from tfstab.explanation.layers import Probe, probes_of
from tfstab.explanation.noise_of_length import directions, noisy
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.degrade import degraded_image

COMPARED = 40  # images that stay right; one of them may react as strongly as the lost one
LOOKED_AT = 96  # images that are right when clean, among which these are looked for
TRIES = 2  # random directions for each, as distances hardly depend on the direction

Ratios = dict[int, tuple[float, ...]]  # by image, for each hidden layer


def layers_compared(
    reference: Reference, pair: DegradedImage, config: SweepConfig | None, severity_index: int | None
) -> Generator[None, None, LayersOfImage]:
    """Return what the layers do to an image; if they react strongly to its change, compare with images that stay right.

    Parameters
    ----------
    reference : Reference
        Clean images of the run.
    pair : DegradedImage
        The image.
    config : SweepConfig or None
        Settings of the sweep that it is from; None for a search, where nothing else is compared.
    severity_index : int or None
        Index of its severity.
    """
    yield from reference.read_layers()
    found = layers_of(reference, pair)
    if config is None or severity_index is None:
        return found
    if not Amplified.of(gain_ratios(found.names, found.gain, found.random_gain)).much:
        return replace(found, others=())  # the comparison is not needed
    try:
        ratios = yield from _ratios(reference, config, severity_index, found.member or 0)
    except RunError:  # a degradation that is not available here
        return replace(found, others=())
    return replace(found, others=tuple(one for image, one in ratios.items() if image != pair.image))


def _ratios(
    reference: Reference, config: SweepConfig, severity_index: int, network: int
) -> Generator[None, None, Ratios]:
    """Return the ratios of the first images whose first copy stays right; they are kept for the next lost image."""
    classifier, clean = reference.classifier, reference.clean
    severity, family = config.severities[severity_index], config.degradation
    kept = kept_of(classifier, clean)
    key = "staying right", family.name, severity, severity_index, config.seed, config.common_noise, network
    if key in kept:
        return dict(kept[key])
    probe, found = probes_of(classifier)[network], Ratios()
    rows = np.flatnonzero(clean.correct)[:LOOKED_AT]
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        indices = clean.indices[part].tolist()
        images = np.asarray(clean.images[part], np.float32)
        degraded = np.stack(
            [
                degraded_image(config, clean.images[row], i, severity_index, 0)
                for row, i in zip(part, indices, strict=True)
            ]
        )
        right = np.flatnonzero(classifier.log_scores(degraded).argmax(axis=1) == clean.class_index[part])
        right = right[: COMPARED - len(found)]
        yield None
        if len(right):
            numbers = [indices[k] for k in right]
            found |= zip(numbers, _by_layer(probe, images[right], degraded[right], numbers), strict=True)
            yield None
        if len(found) == COMPARED:
            break
    kept[key] = found
    return dict(found)


def _by_layer(
    probe: Probe, clean: NDArray[np.float32], degraded: NDArray[np.float32], indices: list[int]
) -> list[tuple[float, ...]]:
    """Return how many times as far the changes of images (n, H, W, C) move each hidden layer as random noise does."""
    copies = []
    for image, changed, index in zip(clean, degraded, indices, strict=True):
        length = float(np.linalg.norm((changed - image).astype(np.float64)))
        copies.append(np.stack([changed, *noisy(image, directions(index, image.shape, TRIES), length)]))
    returned = probe.distances(clean, np.stack(copies))[:, :, : 1 + len(probe.names)]
    own, by_random = returned[:, 0], returned[:, 1:].mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # a change of nothing has no ratio
        ratios = own / own[:, :1] / (by_random / by_random[:, :1])
    return [tuple(row) for row in ratios[:, 1:-1].tolist()]
