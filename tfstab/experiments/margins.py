"""The margins and the gain of networks, from explanations, and their ratios for two networks on the same images.

The paper explains instability by a slim margin between classes "in the feature space computed by the layer just before
the classification layer", or by a large change of the output for a small change of the input. Both are measured here:
the margin in that layer and in the input, and how much noise grows between the two. No TensorFlow is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.experiments.same_images import check_finished, check_same_images
from tfstab.explanation.flatness import flatness_of
from tfstab.explanation.gain import Gains, gains_of
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.median import estimate_median
from tfstab.metrics.paired import Ratio, median_ratio


@dataclass(frozen=True)
class Measure:
    """Something that is measured of each image.

    Attributes
    ----------
    title : str
        What it is.
    of_right : bool
        Whether only images that are right when clean have it.
    """

    title: str
    of_right: bool = True


# The margins are linearised: distances to the boundary if the network were linear from that layer on.
MEASURES: Mapping[str, Measure] = {
    "feature_margin": Measure("relative margin before the last layer"),
    "gain": Measure("relative gain before the last layer", of_right=False),
    "input_margin": Measure("relative margin in the input"),
    "noise": Measure("minimum noise, L2 in grey levels"),
    "flatness": Measure("flatness ratio"),
}
WHOLE = "whole"  # an ensemble, in contrast to its members


@dataclass(frozen=True, eq=False)
class Values:
    """One of `MEASURES` of the images of an explanation.

    Attributes
    ----------
    measure : str
        Which one.
    run : ExplanationRun
        The explanation.
    value : ndarray of float64 (n,)
        Of each of its images; NaN where it could not be measured. A flatness ratio is infinite if random noise flips
        more than half of an image's copies.
    right : ndarray of bool (n,)
        Whether the network is right about the clean image.
    """

    measure: str
    run: ExplanationRun
    value: NDArray[np.float64]
    right: NDArray[np.bool_]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which images count: bool (n,)."""
        known = ~np.isnan(self.value)
        return known & self.right if MEASURES[self.measure].of_right else known

    @property
    def median(self) -> Estimate:
        """The median over images; NaN if there is no value."""
        return estimate_median(self.value[self.counted])


@dataclass(frozen=True, eq=False)
class Margins:
    """What was measured of one network: a classifier, a whole ensemble, or one of its members.

    Attributes
    ----------
    part : str
        "" for a classifier that is one network; `WHOLE` or "member 1", "member 2" ... for an ensemble.
    values : mapping of str to Values
        The measures that there are, by their names in `MEASURES`. Margins and gain need gradients, and are of single
        networks, so a whole ensemble has none; its members have no minimum noise and no flatness ratio of their own.
    """

    part: str
    values: Mapping[str, Values]

    def median(self, measure: str) -> Estimate:
        """Return the median over images of one of `MEASURES`; NaN if it was not measured."""
        return self.values[measure].median if measure in self.values else NO_ESTIMATE


def margins_of(*runs: ExplanationRun) -> list[Margins]:
    """Return the margins of a classifier; of an ensemble those of the whole, then those of its members.

    Parameters
    ----------
    *runs : ExplanationRun
        Explanations of the classifier, finished or not: one, or one of its layers and then one of its minimum noise.
    """
    noise: dict[str, Values] = {}
    members: list[dict[str, Values]] = []
    for run in runs:
        if run.has("noise") and not noise:
            noise = _of_noise(run)
        gains = gains_of(run)
        if gains is not None and not members:
            members = [_of_layers(run, gains, k) for k in gains.networks]
    if len(members) < 2:
        return [Margins("", noise.copy() | (members[0] if members else {}))]
    return [Margins(WHOLE, noise), *(Margins(f"member {k + 1}", member) for k, member in enumerate(members))]


def paired_ratio(first: Margins, second: Margins, measure: str) -> Ratio:
    """Compare two networks by one of `MEASURES`, image by image.

    The interval comes from the order of the images' ratios. The spreads that margins and gains are relative to count
    as known: their ratio has a standard deviation of its own of about 1 %, as they are taken from distances to 256
    images.

    Parameters
    ----------
    first, second, measure
        As for `paired_values`, with the same errors.

    Returns
    -------
    Ratio
        The two medians, and the median over images of the second's value divided by the first's, with its interval; NaN
        if one of them does not have this measure.
    """
    return median_ratio(*paired_values(first, second, measure))


def paired_values(first: Margins, second: Margins, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values that two networks have for the same images.

    Parameters
    ----------
    first, second : Margins
        The networks.
    measure : str
        One of `MEASURES`.

    Returns
    -------
    two ndarrays of float64 (N,)
        The values of the images that both explanations have and for which the measure is known for both networks;
        empty if one of them does not have this measure.

    Raises
    ------
    InputError
        The explanations are of different images, or their settings differ.
    """
    if measure not in first.values or measure not in second.values:
        return np.empty(0), np.empty(0)
    one, other = first.values[measure], second.values[measure]
    if replace(one.run.config, only=()) != replace(other.run.config, only=()):
        raise InputError(f"{one.run.path} and {other.run.path} have different settings: explain both with the same.")
    images, a, b = np.intersect1d(one.run.images, other.run.images, return_indices=True)
    check_finished(one.run, other.run, images)
    check_same_images(one.run, other.run, images)
    both = one.counted[a] & other.counted[b]
    values = one.value[a][both], other.value[b][both]
    usable = (values[0] > 0) & (values[1] > 0) & np.isfinite(values[0]) & np.isfinite(values[1])
    return values[0][usable], values[1][usable]


def _of_layers(run: ExplanationRun, gains: Gains, network: int) -> dict[str, Values]:
    """Return the margins and the gain of each image for one network."""
    first, last = int(gains.layers(network)[0]), gains.last_hidden(network)
    measured = {
        "feature_margin": gains.margin[:, last],
        "gain": gains.gain[:, last],
        "input_margin": gains.margin[:, first],
    }
    return {name: Values(name, run, value, gains.right[:, first]) for name, value in measured.items()}


def _of_noise(run: ExplanationRun) -> dict[str, Values]:
    """Return the minimum noise of each image, in grey levels, and its flatness ratio."""
    noise, right = run.arrays("noise"), run.clean.correct[run.rows]
    measured = {"noise": np.where(noise["found"], noise["l2"], np.nan), "flatness": _flatness(run)}
    return {name: Values(name, run, value, right) for name, value in measured.items()}


def _flatness(run: ExplanationRun) -> NDArray[np.float64]:
    """Return the flatness ratio of each image at the run's sigma; NaN where it cannot be compared."""
    flatness = flatness_of(run)
    position = int(np.abs(flatness.sigmas - run.config.sigma).argmin())  # the same sigma for all networks
    return np.where(flatness.comparable()[:, position], flatness.ratio[:, position], np.nan)
