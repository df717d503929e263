"""Finds out if a model seems to want its images scaled in another way, or its outputs to mean other classes."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_check import (
    FEWEST,
    MOSTLY,
    best_outputs,
    doubt_about,
    exchanged_outputs,
    far_better_outputs,
)
from tfstab.classifier.form_scores import (
    CLEARLY,
    FLOOR,
    SURE,
    FormScores,
    entropy_of,
    gains,
    is_better,
    is_surely_far_better,
    shows_wrong_form,
)
from tfstab.classifier.grey_level_note import DARK, dark_text, unscaled_text
from tfstab.classifier.input_note import (
    FormGain,
    InputNote,
    InUse,
    classes_note,
    form_note,
)
from tfstab.classifier.input_sample import SAMPLE, Weights, sample_of
from tfstab.classifier.input_scorer import Scorer
from tfstab.classifier.note_limits import untested_text
from tfstab.classifier.other_order import OtherOrder
from tfstab.classifier.preprocess import FORMS, in_reverse_order
from tfstab.classifier.unsteady import unsteady_text
from tfstab.metrics.estimate import accuracy_of

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset

FIRST = 32  # of them, after which a form that is clearly worse is given up
# Scalings with which blue, green, red is tried on all of them, and forms that are compared on more images if the sample
# does not tell which is the best: more would take longer.
CLOSEST = 2
MEASURED = 1_000  # images at most from which the figures of the form that is proposed are taken
MOST_KEPT = 64  # results of checks that are kept

_Found = tuple[FormGain, NDArray[np.int64] | None]  # a better form, and the output of each class if not the label
_results: "OrderedDict[str, _Found | None]" = OrderedDict()


class _UntestedError(Exception):
    """The model failed on images in all other forms, so that it is not known whether one of them is better."""


def check_inputs(classifier: "Classifier", dataset: "Dataset", scores: np.ndarray) -> InputNote:
    """Find out if a model fits its images better in another form of preprocessing or with other classes.

    Parameters
    ----------
    classifier : Classifier
        Model in question.
    dataset : Dataset
        Images with labels that `match_classes` has matched to the model.
    scores : ndarray (N, K)
        The model's scores of the images.

    Returns
    -------
    InputNote
        If another form, another assignment or both are better: which, and how to choose them. If the model gives
        different scores for the same images: a note that says so. Without text otherwise.
    """
    if len(dataset) < FEWEST:
        return InputNote()
    most = _largest_value(dataset)
    if text := unscaled_text(most):
        return InputNote(text)
    note, dark = _other_inputs(classifier, dataset, scores), dark_text(most)
    if dark:
        note = replace(note, text=f"{dark} {note.text}".strip())
    if text := unsteady_text(classifier, dataset, scores):
        return replace(note, text=f"{text} {note.text}".strip(), certain=True, of_model=True)
    return note


def _largest_value(dataset: "Dataset") -> int:
    """Return the largest value in up to 128 images, or in a few of them if they are bright, as most data sets are."""
    most = 0
    for count in (FEWEST, SAMPLE):
        rows = np.unique(np.linspace(0, len(dataset) - 1, count).astype(np.int64))  # of all classes, if sorted by class
        most = int(np.asarray(dataset.select(rows).images).max())
        if most >= DARK:
            break
    return most


def _other_inputs(classifier: "Classifier", dataset: "Dataset", scores: np.ndarray) -> InputNote:
    """Return the note of `check_inputs` on another form or other classes."""
    predicted = scores.argmax(axis=1)
    right = predicted == dataset.labels
    # If two outputs are exchanged, the threshold applies to the other one.
    exchanged = OtherOrder.of(classifier, dataset, np.array([1, 0]))
    outputs = far_better_outputs(exchanged.scores(scores), dataset.labels, right)
    if outputs is not None and (outputs[dataset.labels] == dataset.labels).all():  # only another threshold is better
        outputs = None
    relabelled = dataset if outputs is None else replace(dataset, labels=outputs[dataset.labels])
    # Labels alone do not say how sure the model is, by which forms are compared.
    try:
        found = (
            None
            if classifier.labels_only
            else better_form(classifier, relabelled, predicted == relabelled.labels, moved=outputs is not None)
        )
    except _UntestedError as why:
        if outputs is None:
            return InputNote(untested=str(why))
        found = None
    if found is None:
        if outputs is not None:
            return classes_note(classifier, dataset, outputs, scores)
        some = exchanged_outputs(exchanged.scores(scores), dataset.labels, right)
        if some is None:
            return InputNote()
        return classes_note(classifier, dataset, some[0], scores, shown=True, certain=some[1])
    gain, moved = found
    if outputs is not None:
        gain = replace(gain, certain=True)
        moved = outputs if moved is None else moved[outputs]
        if gain.doubt is not None:
            gain = replace(gain, doubt=replace(gain.doubt, label=int(np.flatnonzero(outputs == gain.doubt.label)[0])))
    if moved is not None and (moved[dataset.labels] == dataset.labels).all():
        moved = None
    typical = _typical_score(np.log(np.maximum(scores, np.exp(FLOOR))), dataset.labels)
    used = InUse(float(right.mean()), _mean_recall(right, dataset.labels), typical)
    return form_note(classifier, dataset, used, gain, moved)


def better_form(
    classifier: "Classifier", dataset: "Dataset", correct: NDArray[np.bool_], *, moved: bool = False
) -> _Found | None:
    """Return a form of preprocessing in which a model scores its images better, or None.

    The forms of preprocessing, among them blue, green, red if the images have colours, are compared on a sample of up
    to 128 images by the mean log-score of the true class. For each form, the logits are first divided by the best
    temperature that a trained network can need. A trained network can be too sure of itself because it is overfitted;
    if its scores are far surer even than that, it was hardly trained with this form, even if the order of the classes
    is as good.

    Another form is better if the interval of the paired difference is above zero, the order of the classes alone is not
    certainly worse, and the scores as the model gives them rise, or accuracy rises far. A form in which the model knows
    no more than how frequent each class is, is never better. If the model knows little in the form in use, or its
    outputs were taken for other classes there, they may be taken for other classes in another form. The figures of the
    best form come from up to 1,000 images. If the sample does not tell it from the second best, these decide; if they
    do not tell them apart either, the note names both.

    Forms in which the model fails are left out. If it fails in all of them, _UntestedError is raised.

    correct: which images the classifier gets right. moved: whether the labels are those of an assignment that was found
    with the form in use, in place of which others are tried with other forms. The other parameters are those of
    `check_inputs`.
    """
    rows, weights = sample_of(dataset, correct)
    sample = dataset.select(rows)
    key = f"{_key(classifier, sample)} {len(dataset)} {moved}"
    if key not in _results:
        best = _best_forms(classifier, sample, weights, moved)
        _results[key] = _best_of([_measured(classifier, dataset, *one, moved=moved) for one in best])
        while len(_results) > MOST_KEPT:
            _results.popitem(last=False)
    _results.move_to_end(key)  # the results that were not asked for longest are dropped first
    return _results[key]


_Best = tuple[str, bool, NDArray[np.int64] | None]  # a form, whether it is certain, and as in `_Found`
_Tried = tuple[FormScores, NDArray[np.int64] | None]  # a form's figures, and as in `_Found`


def _best_forms(classifier: "Classifier", sample: "Dataset", weights: Weights, moved: bool) -> list[_Best]:
    """Return the form of preprocessing that is best, with the classes for which it is; [] if none is better.

    If the sample does not certainly show that it is better than the second best, that comes next.
    """
    scorer = Scorer(classifier, sample)
    comparison = _Comparison(scorer, sample.labels, weights, moved)
    used, tried = comparison.used, comparison.of(scorer.scalings)
    for form, found in comparison.of(scorer.reversed, CLOSEST).items():
        ordered = in_reverse_order(form) or form
        plain = (used, None) if ordered == scorer.form else tried.get(ordered)
        # Where the order of the channels hardly matters, chance would decide.
        if plain is None or gains(found[0], plain[0], weights):
            tried[form] = found
    better = {form: found for form, found in tried.items() if comparison.is_better(*found)}
    if not better:
        if scorer.untested:
            raise _UntestedError(untested_text(classifier, *next(iter(scorer.failed.items()))))
        return []
    ranked = sorted(better, key=lambda form: better[form][0].value(weights), reverse=True)[:CLOSEST]
    leading = better[ranked[0]][0].likely

    def certain(scored: FormScores, outputs: NDArray[np.int64] | None) -> bool:
        shown = outputs is None and shows_wrong_form(scored, used, sample.labels, weights)
        return shown or is_surely_far_better(scored, used, weights)

    return [
        (form, certain(*better[form]), better[form][1])
        for form in ranked
        if form == ranked[0] or weights.bound(leading - better[form][0].likely, CLEARLY) <= 0
    ]


class _Comparison:
    """Compares other forms of preprocessing with the one in use, on a sample with these labels and weights.

    moved: as in `better_form`.
    """

    def __init__(self, scorer: Scorer, labels: NDArray[np.int64], weights: Weights, moved: bool) -> None:
        self.scorer, self.labels, self.weights = scorer, labels, weights
        log_scores = scorer(scorer.form, slice(0, None))
        self.used = FormScores.of(log_scores, labels, weights)
        self.head = weights.first(FIRST)
        self.used_first = FormScores.of(log_scores[:FIRST], labels[:FIRST], self.head)
        self.lost = weights.bound(self.used.best + entropy_of(labels, weights), SURE) <= 0
        # Whether other classes are tried, too.
        self.free = self.lost or moved or weights.mean(self.used.correct) < MOSTLY

    def of(self, forms: Iterable[str], most: int = len(FORMS)) -> dict[str, _Tried]:
        """Return what is found with these forms, but for those that fail or are soon seen to be worse.

        most: how many are compared on the whole sample; they are chosen by its first images.
        """
        heads = {
            form: log_scores for form in forms if (log_scores := self.scorer.attempt(form, slice(0, FIRST))) is not None
        }
        firsts = {form: FormScores.of(heads[form], self.labels[:FIRST], self.head) for form in heads}
        tried = {}
        for form in sorted(firsts, key=lambda form: self.head.mean(firsts[form].best))[-most:]:
            if not self.free and self.head.bound(self.used_first.best - firsts[form].best, CLEARLY) > 0:
                continue
            rest = self.scorer.attempt(form, slice(FIRST, None))
            if rest is not None:
                tried[form] = self._compared(np.concatenate([heads[form], rest]))
        return tried

    def _compared(self, log_scores: NDArray[np.float64]) -> _Tried:
        """Return the figures of log-scores, with other classes if these are tried and fit."""
        right = log_scores.argmax(axis=1) == self.labels
        outputs = far_better_outputs(np.exp(log_scores), self.labels, right) if self.free else None
        labels = self.labels if outputs is None else outputs[self.labels]
        return FormScores.of(log_scores, labels, self.weights), outputs

    def is_better(self, scored: FormScores, outputs: NDArray[np.int64] | None) -> bool:
        """Return whether a form is better; other classes count only if the one in use is lost or far worse."""
        if outputs is not None and not (self.lost or is_surely_far_better(scored, self.used, self.weights)):
            return False
        return is_better(scored, self.used, self.labels, self.weights)


def _measured(
    classifier: "Classifier",
    dataset: "Dataset",
    form: str,
    certain: bool,
    outputs: NDArray[np.int64] | None,
    *,
    moved: bool,
) -> tuple[FormScores, _Found]:
    """Return the figures of one of the best forms. Where it was chosen, they are too good, so more images are used."""
    sample = dataset.take(MEASURED)
    scorer = Scorer(classifier, sample)
    log_scores = scorer.attempt(form, slice(0, None))
    if log_scores is None:
        raise _UntestedError(untested_text(classifier, form, scorer.failed[form]))
    labels = sample.labels
    if outputs is not None:  # more images give a better assignment
        outputs = best_outputs(np.maximum(log_scores, FLOOR), labels)
        labels = outputs[labels]
    correct = log_scores.argmax(axis=1) == labels
    doubt = doubt_about(correct, sample.labels) if moved or outputs is not None else None
    typical = _typical_score(log_scores, labels)
    recall = _mean_recall(correct, sample.labels)
    gain = FormGain(form, accuracy_of(correct), recall, typical, len(sample), certain, doubt)
    return FormScores.of(log_scores, labels, _even(len(labels))), (gain, outputs)


def _best_of(measured: list[tuple[FormScores, _Found]]) -> _Found | None:
    """Return which of the measured forms the network was most likely trained with; None if there are none.

    It names the other one as its rival if these images do not show which of the two it was.
    """
    if not measured:
        return None
    weights = _even(len(measured[0][0].likely))
    (scored, (gain, outputs)), *others = sorted(measured, key=lambda one: one[0].value(weights), reverse=True)
    for other, (second, moved) in others:
        if outputs is None and moved is None and weights.bound(scored.likely - other.likely, SURE) <= 0:
            gain = replace(gain, rival=second.form)
    return gain, outputs


def _even(count: int) -> Weights:
    """Return the weights of images that count alike."""
    return Weights(np.ones(count, np.int64), (0.0, 1.0), count)


def _mean_recall(correct: NDArray[np.bool_], labels: NDArray[np.int64]) -> float:
    """Return the share of correct images, the mean of the classes that have images."""
    counts = np.bincount(labels)
    right = np.bincount(labels, correct, len(counts))
    return float((right[counts > 0] / counts[counts > 0]).mean())


def _typical_score(log_scores: np.ndarray, labels: NDArray[np.int64]) -> float:
    """Return the geometric mean of the score of the true class, with a floor."""
    return float(np.exp(np.maximum(log_scores[np.arange(len(labels)), labels], FLOOR).mean()))


def _key(classifier: "Classifier", sample: "Dataset") -> str:
    """Return a text that is the same only for the same model, preprocessing, images and labels."""
    digest = hashlib.sha256(f"{classifier.fingerprint} {classifier.preprocess} {sample.images.shape}".encode())
    digest.update(np.ascontiguousarray(sample.images).data)
    digest.update(np.ascontiguousarray(sample.labels).data)
    return digest.hexdigest()
