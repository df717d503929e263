"""Matches the labels of a data set to the classes of a model."""

import difflib
from dataclasses import replace

import numpy as np

from tfstab.classifier import from_one
from tfstab.classifier.class_check import far_better_outputs
from tfstab.classifier.class_names import are_numbers, classes_option, leave_out
from tfstab.classifier.classifier import Classifier, check_classifier
from tfstab.classifier.grey_files import in_grey
from tfstab.datasets import Dataset
from tfstab.datasets.registry import folders_without_images, meant_inside
from tfstab.errors import InputError, TfstabError
from tfstab.limits import MOST_CLASSES, NAMES_COMPARED
from tfstab.names import shortened
from tfstab.wording import capital, counted, listed

SHOWN = 10  # classes that a message lists
TYPED_RIGHT = 10  # times as many images as a class have those of a similar name if it may be a typing error
SAMPLE = 128  # images whose scores say which output a class is, if nothing else does


def match_classes(classifier: Classifier, dataset: Dataset) -> Dataset:
    """Return the data set with its labels renumbered as the model's classes.

    Classes are matched by name. Names that are numbers stand for positions: the class folders `3` and `00007` are the
    model's classes 3 and 7, unless the model has other numbers for names. If only the model has numbers for names, and
    the data set has as many classes as the model, its classes are taken in order.

    Labels without names, as in a pair of arrays, are the numbers of the model's outputs, whatever these are called.

    For a model that takes grey images, files with three equal channels become grey.

    Parameters
    ----------
    classifier : Classifier
        Model whose classes count.
    dataset : Dataset
        Images (N, H, W, C) with labels (N,) that index the data set's own class names.

    Returns
    -------
    Dataset
        The images with labels int64 (N,) that index the model's classes. The class names are the model's; the
        data set's own names are kept where the model has only numbers and the positions are the same.

    Raises
    ------
    InputError
        `classifier` is not a Classifier or `dataset` no Dataset, the model has too many classes, does not take such
        images or does not know a class, or it has no class names and another number of classes than the data set.
    """
    check_classifier(classifier)
    if not isinstance(dataset, Dataset):
        raise InputError(
            f"a {type(dataset).__name__} was given as images; expected a Dataset: make one with tfstab.load_dataset, "
            "which takes a name, a path or arrays as (images, labels)."
        )
    dataset = in_grey(dataset, classifier.model_shape, classifier.name)
    classifier.for_images(dataset.image_shape)
    model_names, names = classifier.class_names, dataset.class_names
    if len(model_names) > MOST_CLASSES:
        raise InputError(f"{classifier.name} has {len(model_names):,} classes; expected at most {MOST_CLASSES:,}.")
    in_order = list(range(len(names)))
    # If classes are called by the numbers of their labels, as digits are, a number without images is no class.
    counted_up = names == tuple(map(str, in_order))
    wanted = [names[k] for k in np.unique(dataset.labels)] if counted_up else names
    if dataset.numbered or names == model_names[: len(names)]:
        positions = in_order
    elif set(wanted) <= set(model_names):
        positions = [model_names.index(name) if name in model_names else len(model_names) for name in names]
    elif are_numbers(names) and _numbered_in_order(model_names):
        positions = [int(name) for name in names]
    elif are_numbers(names) or not are_numbers(model_names):
        raise _unknown_class(classifier, dataset)
    elif len(names) != classifier.num_classes:
        raise _other_number_of_classes(classifier, dataset)
    else:
        positions = in_order
    # Compared as Python integers: a folder's name can be a number that does not fit into 64 bits.
    there = [positions[k] for k in np.unique(dataset.labels)]
    if max(there) >= classifier.num_classes:
        raise _unknown_output(classifier, dataset, there)
    # Classes without images may lie beyond the model's; the minimum keeps their huge numbers out of the array.
    labels = np.array([min(position, classifier.num_classes) for position in positions], np.int64)[dataset.labels]
    own = names if are_numbers(model_names) and positions == in_order and not dataset.numbered else ()
    images = np.asarray(dataset.images)  # decodes images that are read lazily
    return replace(dataset, images=images, labels=labels, class_names=own + model_names[len(own) :])


def _numbered_in_order(names: tuple[str, ...]) -> bool:
    """Return whether those of a model's class names that are numbers are the numbers of their outputs."""
    return all(int(name) == k for k, name in enumerate(names) if name.isdecimal())


def _unknown_output(classifier: Classifier, dataset: Dataset, there: list[int]) -> InputError:
    """Return the error if one of the class numbers that have images is not an output of the model."""
    count, highest = classifier.num_classes, max(there)
    if dataset.numbered:
        return _label_beyond(classifier, dataset)
    if min(there) == 1 and highest == count:
        return InputError(
            f"{dataset.name} has classes from 1 to {count}, but the {count} outputs of the model {classifier.name} are "
            f"numbered from 0 to {count - 1}. {from_one.advice({k: str(k + 1) for k in range(count)}, count)}"
        )
    names = sorted(dataset.class_names[k] for k in np.unique(dataset.labels))
    if len(names) == count:
        return InputError(
            f"{dataset.name} has the classes {_listed(tuple(names))}, but the {count} outputs of the model "
            f"{classifier.name} have no names, only the numbers from 0 to {count - 1}, and a class that is called by a "
            "number stands for the output with this number. If the outputs are these classes in alphabetical order, as "
            "Keras reads folders, say so with "
            f"{classes_option(dict(enumerate(names)), count)} (class_names= in Python)."
        )
    return InputError(
        f"{dataset.name} has class {shortened(str(highest), 20)} but the model {classifier.name} has {count} classes "
        f"(0 to {count - 1}): if the model has more outputs, name all of them (--classes, class_names= in Python); "
        "otherwise choose a model trained on such data."
    )


def _label_beyond(classifier: Classifier, dataset: Dataset) -> InputError:
    """Return the error if a label without a name is not the number of an output of the model."""
    count, labels = classifier.num_classes, np.unique(dataset.labels).tolist()
    has = f"{dataset.name} has labels from {labels[0]} to {labels[-1]}, but the {count} outputs of the model "
    has += f"{classifier.name} are numbered from 0 to {count - 1}"
    if labels[0] == 1 and labels[-1] == count:
        return InputError(f"{has}. {from_one.advice(None, count)}")
    stands = f"{has}, and a label without a name is the number of an output"
    if {str(label) for label in labels} <= set(classifier.class_names):
        return InputError(
            f"{stands}. The labels seem to be names of outputs: renumber them, as in labels = "
            "[class_names.index(str(label)) for label in labels], with the names of all outputs in their order."
        )
    return InputError(f"{stands}: correct the labels, leave these images out, or choose a model trained on such data.")


def _unknown_class(classifier: Classifier, dataset: Dataset) -> InputError:
    """Return the error for a data set with a class that a model with class names does not know."""
    known = classifier.class_names
    with_images = set(np.unique(dataset.labels).tolist())
    unknown_classes = [(k, name) for k, name in enumerate(dataset.class_names) if name not in known]
    label, unknown = min(unknown_classes, key=lambda one: one[0] not in with_images)  # the first that has images
    has = f"{dataset.name} has {_images_of(dataset, label)} of a class '{unknown}' that {classifier.name} does not know"
    own = "in the class_names of the data" if dataset.names is None else "in the folders or the table"
    same = f"give both the same name, {own}, or with --classes (class_names= in Python)"
    if near := _most_similar(unknown, known):
        return InputError(f"{has}: did you mean '{near}'? If they are one class, {same}.")
    return InputError(
        f"{has}; the model's classes are {_listed(known)}: if '{unknown}' is one of them under another name, {same}; "
        f"{leave_out(dataset, label)}."
    )


def _images_of(dataset: Dataset, label: int) -> str:
    """Return in words how many images of a class there are, of a sample at least."""
    images = counted(int((dataset.labels == label).sum()))
    return f"at least {images}" if int(dataset.indices.max()) >= len(dataset) else images


def _smallest_class(dataset: Dataset) -> str:
    """Return a sentence on the class with the fewest images, which may be one of the others with a typing error.

    Return "" if several have the fewest, or if a sample lacks a class.
    """
    names, counts = dataset.class_names, np.bincount(dataset.labels, minlength=dataset.num_classes)
    label = int(counts.argmin())
    if np.count_nonzero(counts == counts[label]) > 1 or not counts[label]:
        return ""
    near = _most_similar(names[label], names[:label] + names[label + 1 :])
    rare = near is not None and counts[label] * TYPED_RIGHT <= counts[names.index(near)]
    question = f": did you mean '{near}'? If so, correct these labels" if rare else ""
    return f" The smallest class, '{names[label]}', has {_images_of(dataset, label)}{question}."


def _most_similar(name: str, known: tuple[str, ...]) -> str | None:
    """Return the class whose name is most similar, ignoring case; None if none is similar."""
    lower = {each.lower(): each for each in known[:NAMES_COMPARED]}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.8)
    return lower[near[0]] if near else None


def _other_number_of_classes(classifier: Classifier, dataset: Dataset) -> InputError:
    """Return the error for a data set with more or fewer classes than a model without class names."""
    names, count = dataset.class_names, classifier.num_classes
    classes = f"{counted(len(names), 'class', 'classes')} ({_listed(names)})"
    has = f"{dataset.name} has {classes} and {classifier.name} has {count} outputs without names"
    empty = folders_without_images(dataset)
    if empty:
        whose = "folder {} holds" if len(empty) == 1 else "folders {} hold"
        has = f"The {whose.format(listed(empty))} no images that are read. {has}"
    if len(names) > count:
        return InputError(
            f"{has}; expected at most one class for each output.{_smallest_class(dataset)} "
            f"{capital(leave_out(dataset))}; or choose another model."
        )
    if meant := meant_inside(dataset, count):
        return InputError(f"{has}. {meant} If not, name the outputs with --classes.")
    found = _outputs_by_scores(classifier, dataset)
    example = classes_option(dict(enumerate(names[:SHOWN])), count)
    if found is None:
        advice = f"as in {example} (in Python class_names={dict(enumerate(names[:2]))})"
    else:
        advice = f"judged by the scores of some images {classes_option(found, count)} (in Python class_names={found})"
    return InputError(f"{has}, so it is not known which output stands for which class: name the outputs, {advice}.")


def _outputs_by_scores(classifier: Classifier, dataset: Dataset) -> dict[int, str] | None:
    """Return {output: name} of all classes, judged by the scores of a sample, or None if that is not sure."""
    if dataset.num_classes > SHOWN:
        return None  # too many for a message
    sample = replace(dataset, indices=np.arange(len(dataset))).take(SAMPLE)
    try:
        scores = classifier.for_images(dataset.image_shape).scores(np.asarray(sample.images))
    except TfstabError:
        return None
    outputs = far_better_outputs(scores, sample.labels)
    if outputs is None or len(np.unique(sample.labels)) < dataset.num_classes:
        return None
    return {int(outputs[k]): name for k, name in enumerate(dataset.class_names)}


def _listed(names: tuple[str, ...]) -> str:
    """Return the first names as text."""
    return ", ".join(names[:SHOWN]) + ", ..." * (len(names) > SHOWN)
