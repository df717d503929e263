"""Says in one line each what a model and images were taken for, so that a wrong guess is seen."""

import numpy as np

from tfstab.classifier.classifier import Classifier
from tfstab.classifier.preprocess import about
from tfstab.classifier.threshold import DEFAULT
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.groups import TOGETHER, UNGROUPED, UNNAMED_SIGNS, drawn_from, drawn_in
from tfstab.datasets.registry import FOLDER
from tfstab.datasets.remarks import TURNED_UPRIGHT, UNDIVIDED, UPPER_BITS, count_in
from tfstab.datasets.resize import resizing_said
from tfstab.datasets.splits import named_splits, training_warning
from tfstab.names import printed, shortened
from tfstab.wording import counted

REPEATED = "grey images, whose channel is repeated"  # in run.json too
FEW_IMAGES = 50  # with fewer, the interval of an accuracy may be more than 25 points wide
MOST_CLASSES, LONGEST_NAME = 12, 30  # classes that are all listed, and characters of a name
FEW_CLASSES = 3  # classes without images that are named


def describe_model(classifier: Classifier) -> str:
    """Return in one line what a model was taken for.

    Parameters
    ----------
    classifier : Classifier
        The model.

    Returns
    -------
    str
        Its name, image size, number of outputs, whether it returns scores or logits, for two classes the decision
        threshold, and how its inputs are scaled.

    Examples
    --------
    >>> from tfstab.classifier.taken import describe_model
    >>> describe_model(classifier)
    'mnist-lenet: 28 x 28 x 1, 10 outputs, scores, grey levels 0..255, rescaled by a layer of the model'
    """
    height, width, channels = classifier.model_shape
    size = f"{height} x {width} x {channels}" if height and width else f"any size x {channels}"
    parts = [
        size,
        f"{classifier.num_classes} outputs",
        classifier.returns,
        *_threshold(classifier),
        _inputs(classifier),
    ]
    grey = f"; given {REPEATED}" if repeats_grey(classifier) else ""
    return f"{printed(classifier.name)}: {', '.join(parts)}{grey}"


def describe_images(dataset: Dataset) -> str:
    """Return in one line what images were taken for.

    Parameters
    ----------
    dataset : Dataset
        Images with labels that `match_classes` has matched to a model.

    Returns
    -------
    str
        The data set's name, the split if a folder has one for each split, the number of images, which output of the
        model each class is, and, if they were drawn from groups, how many there are.

    Examples
    --------
    >>> from tfstab.classifier.taken import describe_images
    >>> describe_images(digits)
    'mnist-5k: 10 images, 10 classes, numbered as the outputs 0 to 9'
    """
    outputs, resized = np.unique(dataset.labels).tolist(), resizing_said(dataset.remarks)
    images, classes = counted(len(dataset)), counted(len(outputs), "class", "classes")
    name = printed(dataset.name) + _split(dataset)
    if AS_PREDICTED in dataset.remarks:
        return (
            f"{name}: {images}{resized and f'{resized},'} without classes; what the model predicts "
            "without degradation counts as the true class"
        )
    meant = _mapping(dataset.class_names, outputs) + _without(dataset, outputs)
    return f"{name}: {images}{resized}, {classes}, {meant}{_files(dataset)}{_drawn(dataset)}"


def _split(dataset: Dataset) -> str:
    """Return the split in brackets if the folder or table given has one of that name; otherwise ""."""
    own = dataset.name.startswith(FOLDER) or dataset.name.endswith(".csv")
    return f" ({printed(dataset.split)})" if own and dataset.split in named_splits(dataset.name) else ""


def _files(dataset: Dataset) -> str:
    """Return in words that only the upper 8 of 16 bits are used, and that files are turned upright; "" if none are."""
    said = {
        UPPER_BITS: "have 16 bits a channel, of which the upper 8 are used",
        TURNED_UPRIGHT: "are turned upright, as their EXIF data say",
    }
    counts = {words: count_in(dataset.remarks, remark) for remark, words in said.items()}
    # Not the number: it is that of all files of the split, of which the images may be a sample.
    return "".join(f"; {'' if n >= len(dataset) else 'some '}files {words}" for words, n in counts.items() if n)


def _drawn(dataset: Dataset) -> str:
    """Return in words which images belong together and whether one of each group was drawn; "" without groups."""
    if TOGETHER in dataset.remarks:
        return "; several are of the same group, so intervals are too narrow"
    if UNNAMED_SIGNS in dataset.remarks:
        return f"; {UNNAMED_SIGNS}, so intervals hold for these signs only"
    drawn = drawn_in(dataset.remarks)
    if drawn is None:
        return ""
    most = "at most " if len(dataset) < drawn[0] else ""
    one_of_each = f"; {drawn_from(dataset.remarks)}, {most}one image of each group"
    if count_in(dataset.remarks, UNGROUPED):
        return f"{one_of_each}; those without a group count as independent"
    return f"{one_of_each}, so that intervals hold"


def _without(dataset: Dataset, outputs: list[int]) -> str:
    """Return in words which of the model's classes have no images; "" if none, or if there is only one with images."""
    without = sorted(set(range(dataset.num_classes)) - set(outputs))
    if not without or len(outputs) == 1:
        return ""
    if len(without) > FEW_CLASSES:
        return f"; no images of the model's {len(without):,} other classes"
    return f"; no images of {', '.join(shortened(printed(dataset.class_names[k]), LONGEST_NAME) for k in without)}"


def few_note(dataset: Dataset) -> str:
    """Return a sentence on images that say little about the model, as they are few or all of one class; else "".

    Examples
    --------
    >>> from tfstab.classifier.taken import few_note
    >>> few_note(digits)
    'note: 10 images say little about the model: intervals will be wide. Give a few hundred images if you can.'
    >>> few_note(digits.take(1))
    'note: 1 image says little about the model: intervals will be wide. Give a few hundred images if you can.'
    """
    more = "images of a few hundred groups" if drawn_in(dataset.remarks) else "a few hundred images"
    one_class = dataset.num_classes > 1 and len(np.unique(dataset.labels)) == 1 and AS_PREDICTED not in dataset.remarks
    few = len(dataset) < FEW_IMAGES
    if few:
        say = "says" if len(dataset) == 1 else "say"
        of = "of one class " if one_class and len(dataset) > 1 else ""
        text = f"{counted(len(dataset))} {of}{say} little about the model: intervals will be wide"
        return f"note: {text}. Give {more}{' of all classes' if of else ''} if you can."
    if one_class:
        only = printed(dataset.class_names[dataset.labels[0]])
        return f"note: all images are of the class {only}, so the results say nothing about the model's other classes."
    return ""


def training_note(dataset: Dataset) -> str:
    """Return a sentence on images on which the model may have been trained, to judge by what is known of them; else "".

    Examples
    --------
    >>> from tfstab.classifier.taken import training_note
    >>> training_note(digits)
    ''
    """
    said = training_warning(dataset.name, dataset.split, dataset.remarks, "these", "the model")
    how = " (`tfstab guide images` shows how to tell them apart)" * (UNDIVIDED in dataset.remarks)
    return f"note: {said}: use images that it has not seen{how}." if said else ""


def repeats_grey(classifier: Classifier) -> bool:
    """Return whether a model for colours is given grey images, so that their channel is repeated."""
    return classifier.takes_colours and classifier.input_shape[2] == 1


def _threshold(classifier: Classifier) -> list[str]:
    """Return in words the decision threshold of a model for two classes; nothing for others."""
    if classifier.num_classes != 2 or classifier.labels_only:
        return []
    shown = " for output 1, shown as score 0.5" if classifier.threshold != DEFAULT else ""
    return [f"threshold {classifier.threshold:g}{shown}"]


def _inputs(classifier: Classifier) -> str:
    """Return in words how the model's inputs are scaled."""
    if classifier.preprocess != "none":
        return f"inputs {about(classifier.preprocess)}"
    return "grey levels 0..255" + ", rescaled by a layer of the model" * classifier.normalises


def _mapping(names: tuple[str, ...], outputs: list[int]) -> str:
    """Return in words which output each class is."""
    if all(names[k] == str(k) for k in outputs) and len(outputs) == outputs[-1] - outputs[0] + 1 > 1:
        return f"numbered as the outputs {outputs[0]} to {outputs[-1]}"
    parts = [f"{k} = {shortened(printed(names[k]), LONGEST_NAME)}" for k in outputs]
    if len(parts) > MOST_CLASSES:
        parts = [*parts[:3], "...", parts[-1]]
    return f"output {', '.join(parts)}"
