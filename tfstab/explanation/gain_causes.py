"""Causes that lie in layers: their weights amplify noise more than the differences between images."""

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.lazy import pick
from tfstab.explanation.cause import Cause, measured_on
from tfstab.explanation.gain import Gains, edge_step, gains_of
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE
from tfstab.metrics.median import estimate_median

# A layer whose weights amplify noise so many times as much as differences between images has a high gain. 1 is what
# weights drawn at random do; layers of untouched networks that take other layers' outputs have 0.5 to 1.07.
# Missed: 2 of 55 planted gains; named without reason: none.
GAIN_STEP = 1.1
# The same for a layer that takes the image itself, as a power of `edge_step`: 0 for random weights, 1 for a filter of
# differences between neighbouring pixels, which answers to nothing but fine detail. Untouched networks: -0.7 to 0.4.
FIRST_STEP = 0.5
MOST_EDGES = 100  # images that say how smooth they are


def gain_causes(run: ExplanationRun) -> list[Cause]:
    """Return the layers that amplify noise: in each network the one farthest above its threshold."""
    gains = gains_of(run)
    if gains is None:
        return []
    edges, takes_image, found = _edges(run), gains.takes_image, list[Cause]()
    for network in gains.networks:
        layers, steps, limits = steps_of(run, gains, network)
        beyond = [step.low / limit for step, limit in zip(steps, limits, strict=True)]
        best = int(np.argmax(np.nan_to_num(beyond)))
        if beyond[best] > 1:
            step, position = steps[best], layers[best]
            name = str(gains.names[position])
            text = (
                f"The weights of layer {name} amplify noise {step.value:.2f} times ({step.low:.2f} to {step.high:.2f}"
                f"{all_layers(gains, network)}) as much as the differences between images."
            )
            if takes_image[position]:
                text += (
                    " This layer takes the image itself and responds to fine detail: a filter that returns nothing but "
                    f"the differences between neighbouring pixels would have a factor of {edges:.1f}."
                )
            else:
                text += _falling(gains, position)
            text += f" {measured_on(int(np.isfinite(gains.step[:, position]).sum()))}"
            found.append(Cause("gain", text, step, limits[best], name, network))
    return found


def _falling(gains: Gains, position: int) -> str:
    """Return that the gain of a layer is lower than that of the one before, as a chart of gains shows; "" if it is not.

    The weights of a layer can amplify what a pooling before them has damped.
    """
    before, here = (float(np.nanmedian(gains.gain[:, k])) for k in (position - 1, position))
    if round(here, 2) >= round(before, 2):
        return ""
    return (
        " This is about its weights alone. The relative gain, which accumulates from the image and includes activations"
        f" and pooling, falls from {before:.2f} at layer {gains.names[position - 1]} to {here:.2f} at this layer."
    )


def steps_of(run: ExplanationRun, gains: Gains, network: int) -> tuple[list[int], list[Estimate], list[float]]:
    """Return the layers of a network, the layer gain of each with an interval that holds for all, and its threshold."""
    edges, layers = _edges(run), gains.layers(network)[1:]
    steps = [_median(gains.step[:, k], len(layers)) for k in layers]
    return list(layers), steps, [first_step(edges) if gains.takes_image[k] else GAIN_STEP for k in layers]


def first_step(edges: float) -> float:
    """Return the threshold for the layer gain that takes the image itself, at least that of other layers."""
    return max(GAIN_STEP, float(edges**FIRST_STEP)) if np.isfinite(edges) else GAIN_STEP


def _edges(run: ExplanationRun) -> float:
    """Return the layer gain of a filter of differences between the pixels of the first images."""
    return edge_step(pick(run.clean.images, run.rows[:MOST_EDGES]))


def _median(values: NDArray[np.float64], tests: int) -> Estimate:
    """Return the median of the values that are numbers, with an interval that holds for so many tests together."""
    values = values[np.isfinite(values)]
    return estimate_median(values, 1 - (1 - CONFIDENCE) / tests) if len(values) else NO_ESTIMATE


def all_layers(gains: Gains, network: int) -> str:
    """Return why the interval of a layer gain of `steps_of` is wide: it holds for all layers; "" if there is one."""
    layers = len(gains.layers(network)) - 1
    which = "both" if layers == 2 else f"all {layers}"
    return f", for {which} layers at once" if layers > 1 else ""
