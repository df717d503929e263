"""Why one image of a run is misclassified, in words; needs the run's model, but no explanation.

The viewer's card of an image begins with the same words. It asks for one figure after the other, and draws them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.errors import InputError, RunError
from tfstab.explanation.degraded_image import (
    DegradedImage,
    LayersOfImage,
    Reference,
    blend_margins,
)
from tfstab.explanation.image_words import (
    NOISE,
    ONLY_CLASSES,
    ImageFindings,
    called,
    clean_scores,
    gain_ratios,
    spectrum_of,
)
from tfstab.explanation.layers import has_layers
from tfstab.explanation.lost_class import lost_class
from tfstab.explanation.random_noise import random_noise
from tfstab.explanation.run_of_image import Run, Runs, run_to_explain
from tfstab.explanation.shared_mistake import shared_mistake
from tfstab.explanation.staying_right import layers_compared
from tfstab.explanation.tried import Tried
from tfstab.explanation.unseen import where_unknown
from tfstab.explanation.weak_class import weak_class_of
from tfstab.names import html_lines
from tfstab.runs.other_model import refuse_other_model
from tfstab.search import SearchRun
from tfstab.search.norm import get_norm, sized
from tfstab.stepwise import finished
from tfstab.sweep import SweepRun
from tfstab.sweep.unswept import not_swept

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


@dataclass(frozen=True)
class _Chosen:
    """Which degraded image of a run is explained: in words, its severity and copy in a sweep, and its pixels."""

    where: str
    severity: float | None
    copy: int | None
    degraded: np.ndarray
    severity_index: int | None = None


@dataclass(frozen=True, eq=False)
class Failure:
    """What `explain_failure` found: the figures of one image, and in words why it is misclassified.

    Attributes
    ----------
    image : int
        Index of the image in the full split.
    where : str
        Which image is explained: "Image 17 under fog, density 20 %, copy 3", or "Image 17 when clean".
    severity, copy : float and int, or None
        Its severity and the number of its copy; None in a search, and for the clean image.
    findings : ImageFindings
        The figures. `findings.gains`: for each hidden layer, how many times as far its output moves under the change as
        under random noise of the same L2. `findings.places`: what each layer does to the margin of the clean image,
        compared with that of a typical image. `findings.margins`: the logit margin in equal steps from the clean to the
        degraded image. `ExplanationRun.layers` has the layers' figures for a whole set of images.
    severity_index : int or None
        The index of its severity, for `degraded_image` of the sweep; None where `severity` is None.

    Examples
    --------
    >>> failure = tfstab.explain_failure(classifier, sweep, int(sweep.clean.indices[0]), severity=80)
    >>> failure.severity, failure.findings.change
    (80.0, 'noise')
    """

    image: int
    where: str
    severity: float | None
    copy: int | None
    findings: ImageFindings
    severity_index: int | None = None

    @property
    def cause(self) -> str:
        """The cause in a sentence, or what is known instead."""
        return self.findings.title

    @property
    def sentences(self) -> list[str]:
        """The findings that the cause rests on."""
        return self.findings.sentences

    def to_json(self) -> dict[str, Any]:
        """Return image, severity, copy, names of the true and the predicted class, cause and sentences."""
        return {
            "image": self.image, "severity": self.severity, "copy": self.copy, "actual": self.findings.actual,
            "predicted": self.findings.predicted, "cause": self.cause, "sentences": self.sentences,
        }  # fmt: skip

    def __repr__(self) -> str:
        """Return the class, which image is explained, and the cause."""
        return f"{type(self).__name__}({self.where!r}, {self.cause!r})"

    def _repr_html_(self) -> str:
        """Return cause and findings as HTML, for a notebook."""
        return html_lines(str(self))

    def __str__(self) -> str:
        """Return which image it is, what it is taken for, the cause, and a line for each finding."""
        found = self.findings
        taken = "still right" if found.predicted == found.actual else f"taken for {found.predicted}"
        lines = (f"- {sentence}" for sentence in self.sentences)
        return "\n".join([f"{self.where}: {found.actual}, {taken}", f"{self.cause}.", *lines])


def explain_failure(classifier: "Classifier", run: Run | Runs, image: int, severity: float | None = None) -> Failure:
    """Find out why one image of an assessment, a sweep or a search is misclassified, when degraded or clean.

    Takes seconds for small networks: the image is compared with a few dozen images of the run. Of an image that is
    wrong when clean, the answer is about the clean image, and about the severities of the sweep at which it is right.

    Parameters
    ----------
    classifier : Classifier
        The model that the run was made with.
    run : SweepRun, SearchRun or Assessment
        The run. An assessment stands for its sweep in which the largest share of the image's copies is misclassified,
        or for its search if no copy is.
    image : int
        Index of the image in the full split.
    severity : float, optional
        One of the severities of a sweep; `run` must then be this sweep. By default the mildest one at which a copy of
        the image is misclassified, or the strongest one if none is. Of the misclassified copies at this severity, or of
        all if none is, the one with the lowest score of the true class is explained. For an image that is wrong when
        clean, the clean image by default.

    Returns
    -------
    Failure
        The cause in words, and the findings that it rests on.

    Raises
    ------
    InputError
        The model is another one, takes its images in another form or returns only classes; the run is no assessment,
        sweep or search; or it has no such severity.
    RunError
        There is no such image, it has not been measured yet, or the search found no noise that changes its prediction.

    Examples
    --------
    >>> config = tfstab.SweepConfig(degradation="gaussian_blur", severities=(4,), copies=1)
    >>> blurred = tfstab.run_sweep(classifier, digits, config, "runs/blur")
    >>> row = blurred.measures.weakest_images()[0]
    >>> failure = tfstab.explain_failure(classifier, blurred, int(blurred.measures.images[row]))
    >>> failure.severity, failure.copy, len(failure.sentences) > 1
    (4.0, 0, True)
    """
    from tfstab.classifier.classifier import check_classifier  # here, as it imports TensorFlow

    runs = _runs_of(run, image, severity)
    run = runs[0]
    check_classifier(classifier)
    classifier = classifier.for_images(run.clean.images.shape[1:])
    _check_model(classifier, run)
    clean, row = run.clean, run.clean.row(image)
    if severity is None and (when_clean := failure_when_clean(runs, image)) is not None:
        return when_clean
    chosen = _of_search(run, image, severity) if isinstance(run, SearchRun) else _of_sweep(run, image, severity)
    label, scores = int(clean.class_index[row]), clean.scores[row]
    pair = DegradedImage.of(classifier, image, clean.images[row], chosen.degraded, label)
    margins, predicted = blend_margins(classifier, pair)
    layers = _layers(classifier, run, pair, chosen.severity_index)
    names = run.class_names
    findings = ImageFindings(
        actual=names[label],
        predicted=names[int(predicted[-1])],
        **clean_scores(names, scores, label),
        margins=tuple(margins.tolist()),
        random=random_noise(classifier, pair, names, lambda: clean),
        places=[] if layers is None else layers.places,
        unseen=where_unknown(run.info, "this model") if layers is None else "",
        gains={} if layers is None else gain_ratios(layers.names, layers.gain, layers.random_gain),
        others=None if layers is None else layers.others,
        spectrum=spectrum_of(pair.clean, pair.noise) if isinstance(run, SearchRun) else None,
        change=called(NOISE if isinstance(run, SearchRun) else run.degradation.difference),
        weak_class=weak_class_of(clean, row),
        shared=shared_mistake(run, chosen.severity_index, int(predicted[-1])),
        lost=lost_class(run, chosen.severity_index, label),
    )
    return Failure(image, chosen.where, chosen.severity, chosen.copy, findings, chosen.severity_index)


def failure_when_clean(runs: Sequence[Run], image: int) -> Failure | None:
    """Return what runs of a model say of an image that is wrong when clean, without the model; None if it is right.

    Parameters
    ----------
    runs : sequence of SweepRun or SearchRun
        Runs that have the image, at least one.
    image : int
        Index of the image in the full split.
    """
    names, clean = runs[0].class_names, runs[0].clean
    row = clean.row(image)
    if clean.correct[row]:
        return None
    label = int(clean.class_index[row])
    found = (Tried.in_run(run, image) for run in runs if isinstance(run, SweepRun))
    findings = ImageFindings(
        actual=names[label],
        predicted=names[int(clean.predicted[row])],
        **clean_scores(names, clean.scores[row], label),
        weak_class=weak_class_of(clean, row),
        tried=tuple(one for one in found if one is not None),
    )
    return Failure(image, f"{clean.title(image)} when clean", None, None, findings)


def _runs_of(given: Run | Runs, image: int, severity: float | None) -> list[Run]:
    """Return the run that was given; of an assessment, the runs that have an image, beginning with the one to explain.

    severity: as in `explain_failure`; an assessment has several degradations, each with its own.
    """
    if isinstance(given, SweepRun | SearchRun):
        return [given]
    if not isinstance(given, Runs):
        raise InputError(
            f"{given!r} is no assessment, sweep or search: open one with tfstab.open_assessment or tfstab.open_run."
        )
    first = given.whole[0].path
    if severity is not None:
        raise InputError(
            f"{given.path} is an assessment, in which each degradation has its own severities: give one of its runs "
            f"with the severity, such as assessment.run('{first.name}')."
        )
    clean = max(given.whole, key=lambda run: len(run.clean.indices)).clean
    row = clean.row(image)
    having = [run for run in given.whole if image in run.clean.indices]
    chosen = run_to_explain(having, image)
    if chosen is None and clean.correct[row]:
        raise RunError(
            f"no run of {given.path} has finished image {image}: assess for longer, or sweep it alone with "
            "tfstab.run_sweep."
        )
    return sorted(having, key=lambda run: run is not chosen)


def _check_model(classifier: "Classifier", run: Run) -> None:
    """Raise InputError unless it is the model of the run and its scores vary smoothly."""
    refuse_other_model(run.path, run.info["model"], classifier)
    if classifier.labels_only or classifier.combine == "vote":
        raise InputError(ONLY_CLASSES)


def _layers(
    classifier: "Classifier", run: Run, pair: DegradedImage, severity_index: int | None
) -> LayersOfImage | None:
    """Return what the layers do to the image; None if they cannot be looked at."""
    if not has_layers(classifier):
        return None
    config = run.config if isinstance(run, SweepRun) else None
    return finished(layers_compared(Reference(classifier, run.clean), pair, config, severity_index))


def _of_search(run: SearchRun, image: int, severity: float | None) -> _Chosen:
    """Return the image with its minimum noise."""
    if severity is not None:
        raise InputError(f"{run.path} is a search, which has no severities: leave the severity out.")
    result = run.result(image)
    if not result.found:
        raise RunError(f"the search found no noise that changes the prediction of image {image}.")
    norm = get_norm(result.norm)
    size = f"{norm.title} {sized(norm, result.size, '.1f')} {norm.unit}"
    return _Chosen(f"{run.clean.title(image)} with its minimum noise, {size}", None, None, result.degraded)


def _of_sweep(run: SweepRun, image: int, severity: float | None) -> _Chosen:
    """Return the copy of a sweep that is explained."""
    table = run.samples(image=image, columns=["severity_index", "copy", "predicted", "class_index", "true_score"])
    if not len(table):
        raise not_swept(run, image)
    at, copies, predicted, label, score = (table[name].to_numpy() for name in table.column_names)
    if severity is None:
        order = [index for index in run.config.mildest_first.tolist() if index in at]
        chosen = next((index for index in order if (predicted != label)[at == index].any()), order[-1])
    else:
        chosen = run.config.severity_index(severity)
    rows = np.flatnonzero(at == chosen)
    if not len(rows):
        raise not_swept(run, image, severity=run.severities[chosen])
    lost = rows[(predicted != label)[rows]]
    rows = lost if len(lost) else rows
    family, copy = run.degradation, int(copies[rows[np.argmin(score[rows])]])
    value = run.severities[chosen]
    where = f"{run.clean.title(image)} under {family.title}, {family.at(f'{value:g}')}"
    number = f", copy {copy}" if run.config.copies > 1 else ""
    return _Chosen(where + number, value, copy, run.degraded_image(image, chosen, copy), chosen)
