"""Why one degraded image of a sweep or a search is misclassified, in words; needs the run's model, but no explanation.

The viewer's card of an image says the same. It asks for one figure after the other, and draws them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tfstab.errors import InputError, RunError
from tfstab.explanation.degraded_image import (
    DegradedImage,
    LayersOfImage,
    Reference,
    blend_margins,
    layers_of,
    random_flips,
)
from tfstab.explanation.image_words import ONLY_CLASSES, ImageFindings, gain_ratios, spectrum_of
from tfstab.explanation.layers import has_layers
from tfstab.runs.info import model_of
from tfstab.runs.other_model import is_other
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


@dataclass(frozen=True, eq=False)
class Failure:
    """Why a degraded image is misclassified, as far as it is known.

    Attributes
    ----------
    image : int
        Index of the image in the full split.
    where : str
        Which of its degraded copies is explained: "fog, density 20 %, copy 3".
    findings : ImageFindings
        The figures.
    """

    image: int
    where: str
    findings: ImageFindings

    @property
    def cause(self) -> str:
        """The cause in a few words, or what is known instead."""
        return self.findings.title

    @property
    def sentences(self) -> list[str]:
        """The findings that the cause rests on."""
        return self.findings.sentences

    def __str__(self) -> str:
        """Return the copy, what it is taken for, the cause, and a line for each finding."""
        found = self.findings
        head = f"{self.where}: {found.actual}, taken for {found.predicted}"
        return "\n".join([head, f"{self.cause}.", *(f"- {sentence}" for sentence in self.sentences)])


def explain_failure(
    classifier: "Classifier", run: SweepRun | SearchRun, image: int, severity: float | None = None
) -> Failure:
    """Find out why one image of a sweep or a search is misclassified when degraded, under any degradation.

    Takes seconds for small networks: the image is compared with a few dozen images of the run.

    Parameters
    ----------
    classifier : Classifier
        The model that the run was made with.
    run : SweepRun or SearchRun
        The run.
    image : int
        Index of the image in the full split.
    severity : float, optional
        One of the severities of a sweep; by default the mildest one at which a copy of the image is misclassified, or
        the strongest one if none is. Of the copies, the one with the lowest score of the true class is explained.

    Returns
    -------
    Failure
        The cause in words, and the findings that it rests on.

    Raises
    ------
    InputError
        The model is another one or returns only classes, or the run has no such image or severity.
    RunError
        The image has not been measured yet.

    Examples
    --------
    >>> blurred = tfstab.SweepConfig(degradation="gaussian_blur", severities=(3,), copies=1)
    >>> blurred = tfstab.run_sweep(classifier, digits, blurred, "runs/blur")
    >>> print(tfstab.explain_failure(classifier, blurred, image=int(blurred.measures.weakest_images()[0])))
    """
    model = model_of(run.info)
    if is_other(model, classifier) or model.get("preprocess", "none") != classifier.preprocess:
        raise InputError(
            f"{classifier.name} is not the model of {run.path} ({model['name']}), or takes its images in another form: "
            "give the model that the run was made with."
        )
    if classifier.labels_only or classifier.combine == "vote":
        raise InputError(ONLY_CLASSES)
    clean, row = run.clean, run.clean.row(image)
    where, degraded = _of_search(run, image) if isinstance(run, SearchRun) else _of_sweep(run, image, severity)
    label, scores = int(clean.class_index[row]), clean.scores[row]
    pair = DegradedImage.of(classifier, image, clean.images[row], degraded, label)
    margins, predicted = blend_margins(classifier, pair)
    layers = _layers(classifier, run, pair)
    names = run.class_names
    findings = ImageFindings(
        actual=names[label],
        predicted=names[int(predicted[-1])],
        clean_prediction=names[int(scores.argmax())],
        clean_score=float(scores.max()),
        margins=tuple(margins.tolist()),
        flips=random_flips(classifier, pair),
        places=[] if layers is None else layers.places,
        gains={} if layers is None else gain_ratios(layers.names, layers.gain, layers.typical_gain),
        spectrum=spectrum_of(pair.clean, pair.noise),
        change="noise" if isinstance(run, SearchRun) or run.degradation.difference == "Noise" else "change",
    )
    return Failure(image, where, findings)


def _layers(classifier: "Classifier", run: SweepRun | SearchRun, pair: DegradedImage) -> LayersOfImage | None:
    """Return what the layers do to the image; None if they cannot be looked at."""
    if not has_layers(classifier):
        return None
    reference = Reference(classifier, run.clean)
    for _ in reference.read_layers():
        pass
    return layers_of(reference, pair)


def _of_search(run: SearchRun, image: int) -> tuple[str, np.ndarray]:
    """Return what is explained of a search, in words, and the image with its minimum noise."""
    result = run.result(image)
    return f"{run.clean.title(image)} with its minimum noise, L2 {result.l2:.3g} grey levels", result.degraded


def _of_sweep(run: SweepRun, image: int, severity: float | None) -> tuple[str, np.ndarray]:
    """Return which copy of a sweep is explained, in words, and the degraded image."""
    table = run.samples(image=image, columns=["severity_index", "copy", "predicted", "class_index", "true_score"])
    if not len(table):
        raise RunError(f"image {image} has not been swept yet: resume the sweep to go on with it.")
    at, copies, predicted, label, score = (table[name].to_numpy() for name in table.column_names)
    if severity is None:
        order = [index for index in run.config.mildest_first.tolist() if index in at]
        chosen = next((index for index in order if (predicted != label)[at == index].any()), order[-1])
    else:
        chosen = run.config.severity_index(severity)
    rows = np.flatnonzero(at == chosen)
    if not len(rows):
        raise RunError(f"image {image} has not been swept at severity {severity:g} yet: resume the sweep.")
    worst = rows[np.argmin(score[rows])]
    family, copy = run.degradation, int(copies[worst])
    unit = " %" if family.unit.startswith("%") else ""
    where = f"{run.clean.title(image)} under {family.title}, {family.parameter} {run.severities[chosen]:g}{unit}"
    number = f", copy {copy}" if run.config.copies > 1 else ""
    return where + number, run.degraded_image(image, chosen, copy)
