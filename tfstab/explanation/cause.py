"""Why a network loses images: the causes that stand out, from stated thresholds, with their evidence.

Each of the `DETECTORS` looks at one figure. It names a cause only if the whole interval of the figure lies beyond a
threshold. tests/benchmarks/planted_causes.py plants known causes in many networks; the thresholds were fixed on some of
them, and the guide says in measurements/explanation-measured.md how often the right cause was named in the others. "No
single cause" is a valid answer. The comments on thresholds, in the modules of the detectors, say how often they were
wrong in 30 other untouched networks and 138 with a planted cause.
"""

from dataclasses import dataclass

import numpy as np

from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.runs.kinds import imported
from tfstab.wording import counted

RIGHT = "that are right when clean"  # the images whose margin counts

TITLES = {
    "gain": "High gain for noise",
    "margin": "Slim margin",
    "clean": "Wrong or unsure already when clean",
    "high": "Sensitive to high frequencies",
    "low": "Sensitive to low frequencies",
    "direction": "One special direction",
}


@dataclass(frozen=True)
class Cause:
    """One cause of lost images.

    Attributes
    ----------
    kind : str
        One of `TITLES`.
    text : str
        The evidence: one or two plain sentences with the figure and its interval.
    figure : Estimate
        The figure on which it rests.
    threshold : float
        The value that the whole interval lies beyond.
    layer : str
        The layer that it is about; "" for none.
    network : int
        The member of an ensemble that it is about; 0 for any other model.
    classes : tuple of int
        The classes that it is about.
    named : str
        What it is called if that depends on its classes: two causes of a kind would have the same title otherwise.
    """

    kind: str
    text: str
    figure: Estimate
    threshold: float
    layer: str = ""
    network: int = 0
    classes: tuple[int, ...] = ()
    named: str = ""

    def __str__(self) -> str:
        """Return title and evidence."""
        return f"{self.title}. {self.text}"

    @property
    def title(self) -> str:
        """The cause in a few words: "High gain for noise at layer conv2d_1"."""
        return self.named or TITLES[self.kind] + (f" at layer {self.layer}" if self.layer else "")

    @property
    def strength(self) -> float:
        """How far the figure lies beyond its threshold, as a factor of 1 or more."""
        ratio = self.figure.value / self.threshold if self.threshold else np.inf
        return float(max(ratio, 1 / ratio)) if ratio > 0 else float("inf")


def causes_of(run: ExplanationRun) -> list[Cause]:
    """Return the causes that stand out in a network; [] if none does, or if fewer than 20 images are explained.

    Those of the whole network come before those of single classes, whose margin a high gain makes smaller too; and of
    either kind the clearest comes first.
    """
    if len(run.rows) < LEAST_OF_NETWORK:
        return []
    found = [cause for detector in DETECTORS for cause in imported(detector)(run)]
    return sorted(found, key=lambda cause: (bool(cause.classes), -cause.strength))


def measured_on(images: int, which: str = "") -> str:
    """Return from how many images a figure is, as a sentence."""
    return f"Measured on {counted(images)}{' ' * bool(which)}{which}."


# "module:name" of functions that take a run and return the causes they find.
DETECTORS = (
    "tfstab.explanation.gain_causes:gain_causes",
    "tfstab.explanation.direction_causes:high_causes",
    "tfstab.explanation.class_causes:margin_causes",
    "tfstab.explanation.class_causes:clean_causes",
    "tfstab.explanation.direction_causes:direction_causes",
    "tfstab.explanation.direction_causes:low_causes",
)
