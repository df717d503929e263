"""Evaluation of a classifier on clean images, as in the paper's Table 1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.input_note import heed
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import repeats_grey
from tfstab.datasets import Dataset
from tfstab.datasets.groups import group_names, independent
from tfstab.datasets.registry import as_dataset
from tfstab.datasets.remarks import with_split
from tfstab.datasets.resize import parse_resize
from tfstab.errors import InputError
from tfstab.metrics import ClassMetrics, Estimate, class_metrics, wilson_interval
from tfstab.metrics.chance import constant_answer, guessing_warning, is_near_constant, may_be_guessing
from tfstab.metrics.estimate import NO_ESTIMATE, mean_of_groups
from tfstab.metrics.shares import percent, rounded
from tfstab.models import load_classifier, own_data
from tfstab.names import html_summary
from tfstab.runs.info import clean_percent, without_classes
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

GREY = "The images are grey and the model takes colours, so their channel is repeated."


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Accuracy, precision and recall of a classifier on clean images.

    Attributes
    ----------
    model : dict
        Name and fingerprint of the model.
    data : dict
        Name, split, note, number of images and fingerprint of the data set.
    class_names : tuple of str
        Names of the classes.
    metrics : ClassMetrics
        Precision, recall and confusion matrix.
    interval : tuple of float
        Wilson's 95 % interval of the top-1 accuracy; NaN for images without classes, which are right by definition.
    indices, labels : ndarray of int64, (N,)
        Index and class of each image.
    files : ndarray of str, (N,), or None
        Names of their files; None if the images are not files.
    groups : ndarray of str, (N,), or None
        Their groups, such as the video of each frame; None without groups.
    scores : ndarray of float32, (N, K)
        Their scores.
    repeats_grey : bool
        Whether the images are grey and the model takes colours, so that their channel is repeated.

    Examples
    --------
    >>> evaluation = tfstab.evaluate(classifier, digits)
    >>> evaluation.class_names[:3], evaluation.metrics.total
    (('0', '1', '2'), 10)
    >>> images = evaluation.images_to_pandas()
    >>> list(images.columns), len(images[~images.right])
    (['file', 'true', 'predicted', 'score', 'true_score', 'right'], 0)
    """

    model: dict[str, str]
    data: dict[str, Any]
    class_names: tuple[str, ...]
    metrics: ClassMetrics
    interval: tuple[float, float]
    indices: NDArray[np.int64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    files: NDArray[np.str_] | None = field(repr=False)
    groups: NDArray[np.str_] | None = field(repr=False)
    scores: NDArray[np.float32] = field(repr=False)
    repeats_grey: bool = field(default=False, repr=False)

    @property
    def accuracy(self) -> float:
        """Share of the images that are classified correctly, 0..1."""
        return self.metrics.accuracy

    def sentence(self) -> str:
        """Return the accuracy and its interval."""
        m = self.metrics
        accuracy = clean_percent(Estimate(m.accuracy, *self.interval), {"data": self.data})
        return f"accuracy (top-1): {accuracy}, {m.correct:,} of {counted(m.total)}"

    def class_intervals(self) -> tuple[list[Estimate], list[Estimate]]:
        """Return precision and recall of each class with Wilson's 95 % intervals; NaN where there are no images."""
        m = self.metrics
        right, taken = np.diagonal(m.confusion), m.confusion.sum(axis=0)
        precision, recall = (
            [_share(int(k), int(n)) for k, n in zip(right, of, strict=True)] for of in (taken, m.support)
        )
        return precision, recall

    @property
    def mean_recall(self) -> Estimate:
        """Mean recall of the classes that have images, each counting the same, with its 95 % interval; NaN if none."""
        counts = zip(np.diagonal(self.metrics.confusion), self.metrics.support, strict=True)
        estimate = mean_of_groups([np.arange(of) < right for right, of in counts if of])
        return estimate if self._with_classes else replace(estimate, low=math.nan, high=math.nan)

    def constant_sentence(self) -> str:
        """Return how often always answering the commonest class is right, if nearly as often; otherwise ""."""
        m, clean = self.metrics, Estimate(self.accuracy, *self.interval)
        found = [
            (name, int(right), int(of))
            for name, right, of in zip(self.class_names, np.diagonal(m.confusion), m.support, strict=True)
            if of
        ]
        known = self._with_classes and is_near_constant(clean, [of for *_, of in found])
        return constant_answer(clean, found) if known else ""

    def chance_sentence(self) -> str:
        """Return that the model may be no better than guessing, or that it is worse, as `assess` says; otherwise ""."""
        clean, classes = Estimate(self.accuracy, *self.interval), len(self.class_names)
        known = self._with_classes and may_be_guessing(clean, classes)
        return guessing_warning(clean, classes, "use more images") if known else ""

    def recall_sentence(self) -> str:
        """Return the mean recall, which differs from the accuracy if classes have different numbers of images."""
        there, of = int((self.metrics.support > 0).sum()), len(self.metrics.support)
        over = f" of the {there} of {of:,} classes with images" if there < of else ""
        mean = percent(self.mean_recall, 1) if self._with_classes else f"{rounded(self.metrics.mean_recall, 1)} %"
        return f"mean recall{over}: {mean}, each class counting the same"

    def summary(self) -> str:
        """Return a few lines: model, data, accuracy with its interval, the class of the lowest recall, mean recall."""
        lines = [f"{self.model['name']} on {with_split(self.data['name'], self.data)}", self.sentence()]
        lines += [GREY] if self.repeats_grey else []
        recall = self.metrics.recall
        there = np.flatnonzero(~np.isnan(recall))
        if len(there):
            weakest = int(there[recall[there].argmin()])
            right, of = int(self.metrics.confusion[weakest, weakest]), int(self.metrics.support[weakest])
            found = f"recall {percent(_share(right, of), 1)}, {right:,} of {counted(of)}"
            lines += [f"weakest class: {self.class_names[weakest]}, {found}", self.recall_sentence()]
        return "\n".join([*lines, *filter(None, [self.chance_sentence() or self.constant_sentence()])])

    __str__ = summary

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each class: name, precision, recall, their 95 % intervals (_low, _high), and images."""
        import pandas as pd

        m = self.metrics
        columns: dict[str, Any] = {"name": self.class_names}
        for name, each in zip(("precision", "recall"), self.class_intervals(), strict=True):
            columns[name] = [e.value for e in each]
            columns |= {f"{name}_low": [e.low for e in each], f"{name}_high": [e.high for e in each]}
        columns["images"] = m.support
        return pd.DataFrame(columns, pd.RangeIndex(len(self.class_names), name="class"))

    def images_to_pandas(self) -> "pd.DataFrame":
        """Return one row for each image, such as to find the misclassified ones.

        Returns
        -------
        DataFrame
            Indexed by the image's index. The columns are file (None for images that are not files), predicted (the name
            of the predicted class, always a text) and score (its score, 0..1); for images with classes also true (the
            name of the true class), true_score (its score) and right (whether the prediction is right); for images with
            groups also group.
        """
        import pandas as pd

        files = self.files if self.files is not None else [""] * len(self.labels)
        names, rows = np.array(self.class_names, object), np.arange(len(self.labels))
        predicted = self.scores.argmax(axis=1)
        columns: dict[str, Any] = {
            "file": [str(file) or None for file in files],
            "true": names[self.labels],
            "predicted": names[predicted],
            "score": self.scores[rows, predicted],
            "true_score": self.scores[rows, self.labels],
            "right": predicted == self.labels,
        }
        if not self._with_classes:
            columns = {name: columns[name] for name in ("file", "predicted", "score")}
        if self.groups is not None:
            columns["group"] = self.groups.astype(object)
        return pd.DataFrame(columns, pd.Index(self.indices, name="image"))

    @property
    def _with_classes(self) -> bool:
        """Whether the true classes of the images are known."""
        return not without_classes({"data": self.data})

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(self.summary(), self.to_pandas())

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as values that JSON can represent.

        Returns
        -------
        dict
            All attributes but those of each image; None instead of NaN, which is the precision of a class that is
            never predicted, the recall of one without images, and the interval of what is right by definition.
        """
        m = self.metrics
        classes = [
            {
                "class": k,
                "name": name,
                "images": int(m.support[k]),
                "precision": _number(precision.value),
                "precision_interval_95": [_number(precision.low), _number(precision.high)],
                "recall": _number(recall.value),
                "recall_interval_95": [_number(recall.low), _number(recall.high)],
            }
            for k, (name, precision, recall) in enumerate(zip(self.class_names, *self.class_intervals(), strict=True))
        ]
        return {
            "model": self.model,
            "data": self.data,
            "accuracy": m.accuracy,
            "interval_95": [_number(end) for end in self.interval],
            "mean_recall": _number(m.mean_recall),
            "mean_recall_interval_95": [_number(self.mean_recall.low), _number(self.mean_recall.high)],
            "correct": m.correct,
            "images": m.total,
            "classes": classes,
            "confusion": m.confusion.tolist(),
        }


def evaluate(
    model: Any,
    data: Dataset | str | Path | Any = None,
    *,
    split: str = "test",
    data_dir: str | Path | None = None,
    size: tuple[int, int] | None = None,
    resize: str | None = None,
    damaged: str = "fail",
    limit: int | None = None,
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: Sequence[str] | None = None,
    as_is: bool = True,
) -> Evaluation:
    """Measure accuracy, precision and recall of a model on clean images, as `tfstab evaluate` does.

    It warns if the model seems to expect inputs of another range, or other classes.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier
        The model: name of a bundled network, path, Keras model or classifier; see `load_classifier`.
    data : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        The images: a data set, or what `load_dataset` takes. By default those of a bundled network's own data set. Of
        images with groups, one image of each group is taken.
    split, data_dir, size, resize, damaged
        How data that is not a Dataset is loaded; see `load_dataset`. With `resize` and no `size`, images get the
        model's size.
    limit : int, optional
        Number of images of a stratified sample; by default all are evaluated.
    preprocess, outputs, threshold, trust, imports, class_names
        How a model that is not a Classifier is loaded; see `load_classifier`.
    as_is : bool
        Whether to go on, with a warning, if other inputs or another order of classes make the model far more accurate;
        otherwise WrongInputsError is raised, as the command does without `--as-is`.

    Returns
    -------
    Evaluation
        Accuracy, precision and recall.

    Raises
    ------
    InputError
        The images or classes do not fit the model, or no data is given for a model that is not bundled.
    ModelError, DataError
        The model or the images cannot be loaded.

    References
    ----------
    Aghdam, Heravi and Puig, Table 1.

    Examples
    --------
    >>> evaluation = tfstab.evaluate("mnist-lenet", digits)
    >>> print(evaluation.summary())
    mnist-lenet on mnist-5k (test)
    accuracy (top-1): 100 % (72–100), 10 of 10 images
    weakest class: 0, recall 100.0 % (20.6–100.0), 1 of 1 image
    mean recall: 100.0 % (69.1–100.0), each class counting the same
    >>> tfstab.evaluate(classifier, "mnist-5k", limit=20).metrics.total
    20
    """
    from tfstab.classifier.input_check import check_inputs

    classifier = load_classifier(
        model,
        preprocess=preprocess,
        outputs=outputs,
        threshold=threshold,
        trust=trust,
        imports=imports,
        class_names=class_names,
    )
    if data is None and isinstance(model, str):
        data = own_data(model)
    if data is None:
        raise InputError(f"which images? give a data set or a folder, as {classifier.name} is not a bundled name.")
    fit = resize is not None and size is None and parse_resize(resize)[1] is None
    if fit and None not in classifier.input_shape[:2]:
        size = classifier.input_shape[:2]
    dataset = independent(as_dataset(data, split, data_dir, size=size, resize=resize, damaged=damaged))
    if limit is not None:
        dataset = dataset.take(limit)
    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    scores = classifier.scores(dataset.images)
    heed(check_inputs(classifier, dataset, scores), as_is=as_is)
    predicted = scores.argmax(axis=1)
    metrics = replace(class_metrics(dataset.labels, predicted, dataset.num_classes), class_names=dataset.class_names)
    described = {"name": classifier.name, "fingerprint": classifier.fingerprint}
    about = {
        "name": dataset.name,
        "split": dataset.split,
        "note": dataset.note,
        "remarks": dataset.remarks,
        "images": len(dataset),
        "fingerprint": dataset.fingerprint,
    }
    known = not without_classes({"data": about})
    interval = wilson_interval(metrics.correct, metrics.total) if known else (math.nan, math.nan)
    each = dataset.indices, dataset.labels, dataset.names, group_names(dataset.groups), scores
    return Evaluation(described, about, dataset.class_names, metrics, interval, *each, repeats_grey(classifier))


def _share(part: int, whole: int) -> Estimate:
    """Return a share of independent images with Wilson's interval; NaN of none."""
    return Estimate(part / whole, *wilson_interval(part, whole)) if whole else NO_ESTIMATE


def _number(value: float) -> float | None:
    """Return the value, or None for NaN."""
    return None if math.isnan(value) else float(value)
