"""Checks of training images before training starts, and changes that make them fit a network."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tfstab.classifier import Classifier
from tfstab.classifier.input_note import heed
from tfstab.datasets import Dataset
from tfstab.datasets.store import slices, stored
from tfstab.errors import DataError, InputError
from tfstab.names import printed, shortened
from tfstab.warning import warn
from tfstab.wording import counted

SCORED = 1_000  # training images, at most, that are scored to check the model's preprocessing
SHOWN = 5  # classes that a message lists


def relabelled(dataset: Dataset, class_names: tuple[str, ...], kind: str) -> Dataset:
    """Return images of a kind, "test" or "validation", with labels renumbered to match these class names.

    Labels without names of their own are positions in these, as they are outputs of a model.

    Raises
    ------
    InputError
        An image's class is not among these.
    """
    if dataset.class_names == class_names:
        return dataset
    known = dataset.class_names[: len(class_names)] if dataset.numbered else class_names
    place = {name: k for k, name in enumerate(known)}
    for label in np.unique(dataset.labels):
        if dataset.class_names[label] not in place:
            raise _untrained_class(dataset, dataset.class_names[label], class_names, kind)
    positions = np.array([place.get(name, 0) for name in dataset.class_names], np.int64)
    return replace(dataset, labels=positions[dataset.labels], class_names=class_names)


def fitted(dataset: Dataset, shape: tuple[int, int, int], name: str) -> Dataset:
    """Return images of the shape (H, W, C) that a network takes; grey ones get three channels if it takes colour.

    Parameters
    ----------
    dataset : Dataset
        The images.
    shape : tuple of int
        What the network takes.
    name : str
        The network's name.

    Raises
    ------
    InputError
        The images have another size, or are in colour and the network takes grey ones.
    """
    _check_shape(dataset, shape, name)
    if dataset.image_shape == shape:
        return dataset
    images = dataset.images
    in_colour = (np.repeat(images[few], shape[2], axis=3) for few in slices(len(images), 3 * images[:1].nbytes))
    return replace(dataset, images=stored(in_colour, shape))


def _check_shape(dataset: Dataset, shape: tuple[int, int, int], name: str) -> None:
    """Raise InputError unless `fitted` can make these images fit."""
    height, width, channels = dataset.image_shape
    if (height, width) != shape[:2]:
        raise InputError(
            f"{printed(dataset.name)} has images of {width} x {height} pixels but {name} takes {shape[1]} x "
            f"{shape[0]}: have them resized with --resize crop or --resize stretch (in Python "
            f"load_dataset(..., size={shape[:2]}, resize='crop'))."
        )
    if channels > shape[2]:
        raise InputError(
            f"{printed(dataset.name)} has images in colour but {name} takes grey ones: choose a network for colours, "
            "or convert the images to grey."
        )


def check_training_images(
    model: Classifier | tuple[int, int, int],
    class_names: tuple[str, ...],
    train: Dataset,
    test: Dataset | None = None,
    *,
    validation: float | Dataset | None = 0.1,
    seed: int = 0,
) -> None:
    """Check, before training starts, that the images can train a model and test it fairly.

    Parameters
    ----------
    model : Classifier or tuple of int
        The model to train; or, if it is still to be built, the shape (H, W, C) of its images.
    class_names : tuple of str
        Names of the model's outputs.
    train : Dataset
        Training images, with labels that are outputs of the model.
    test : Dataset, optional
        Test images, with labels of the same kind.
    validation : float, Dataset or None
        Share of the training images that is held out for validation, or validation images with labels of the same kind;
        None for neither.
    seed : int
        Seed of the choice of validation images.

    Raises
    ------
    InputError
        The images do not fit the model, a class with test images has no training images, or another preprocessing or
        another assignment of outputs to classes fits the training images clearly better.
    DataError
        A class has too few training images, or images of one kind are among those of another.

    Warns
    -----
    UserWarning
        An existing model has classes without training images, or images of one kind are of the same groups as those of
        another.

    Examples
    --------
    >>> from tfstab.training.material import check_training_images
    >>> more = tfstab.load_dataset("mnist-5k").take(100).without(digits)
    >>> check_training_images(classifier, classifier.class_names, more, digits)    # nothing is wrong with them
    """
    others = {"test": test, "validation": validation if isinstance(validation, Dataset) else None}
    apart = {kind: images for kind, images in others.items() if images is not None}
    for images in (train, *apart.values()):
        if isinstance(model, Classifier):
            model.for_images(images.image_shape)
        else:
            _check_shape(images, model, "the network")
    if isinstance(model, Classifier):
        for kind, images in apart.items():
            _check_alike(train, images, kind)
    _check_several(class_names, train)
    if isinstance(validation, float):
        _check_validation(class_names, train, validation, seed)
    for kind, images in apart.items():
        _check_classes(class_names, train, images, kind)
        _check_disjoint(train, images, ("training", kind))
        _tell_shared_groups(train, images, ("training", kind))
    if len(apart) == 2:
        _check_disjoint(apart["validation"], apart["test"], ("validation", "test"))
        _tell_shared_groups(apart["validation"], apart["test"], ("validation", "test"))
    if isinstance(model, Classifier):
        _check_inputs(model, train)
        _tell_untrained(model, train)


def _check_alike(train: Dataset, images: Dataset, kind: str) -> None:
    """Raise InputError if images of a kind, "test" or "validation", do not have the shape of the training images."""
    if images.image_shape != train.image_shape:
        (height, width, channels), trained = images.image_shape, train.image_shape
        raise InputError(
            f"{printed(images.name)} has {kind} images of {width} x {height} x {channels} but {printed(train.name)} "
            f"has training images of {trained[1]} x {trained[0]} x {trained[2]}: expected the same width, height and "
            "number of channels; have them resized with --resize."
        )


def _check_several(class_names: tuple[str, ...], train: Dataset) -> None:
    """Raise InputError if all training images are of one class."""
    label = train.labels[0]
    if (train.labels == label).all():
        raise InputError(
            f"all training images of {printed(train.name)} are of class '{printed(class_names[label])}', from which a "
            "network learns nothing but that answer; expected two classes or more."
        )


def _check_validation(class_names: tuple[str, ...], train: Dataset, validation: float, seed: int) -> None:
    """Raise DataError if a class has too few images for both training and validation."""
    counts = np.bincount(train.labels)
    without_pixels = replace(train, images=np.zeros((len(train), 1, 1, 1), np.uint8))
    left = np.bincount(without_pixels.split_off(validation, seed)[0].labels, minlength=len(counts))
    for label in np.flatnonzero(counts):
        if counts[label] < 2 or not left[label]:
            raise DataError(
                f"class '{printed(class_names[label])}' of {printed(train.name)} has "
                f"{counted(counts[label], 'training image')}, too few to hold some out for validation: add "
                "images of it, or remove the class."
            )


def _check_classes(class_names: tuple[str, ...], train: Dataset, test: Dataset, kind: str) -> None:
    """Raise InputError if a class has images of a kind, "test" or "validation", but no training images."""
    untrained = np.setdiff1d(test.labels, train.labels)
    if len(untrained):
        trained = tuple(class_names[k] for k in np.unique(train.labels))
        raise _untrained_class(test, class_names[untrained[0]], trained, kind)


def _check_disjoint(train: Dataset, test: Dataset, kinds: tuple[str, str]) -> None:
    """Raise DataError if the second images are among the first ones. kinds: what both are for."""
    channels = max(train.image_shape[2], test.image_shape[2])
    trained = {digest: row for row, digest in enumerate(digests(train, channels))}
    pairs = [(row, trained[digest]) for row, digest in enumerate(digests(test, channels)) if digest in trained]
    if not pairs:
        return
    row, same = pairs[0]
    one = len(pairs) == 1
    raise DataError(
        f"{len(pairs):,} of the {len(test):,} {kinds[1]} images of {printed(test.name)}, {'' if one else 'such as '}"
        f"{printed(test.name_of(row))}, {'is' if one else 'are'} among the {kinds[0]} images of {printed(train.name)} "
        f"({printed(train.name_of(same))} there): leave {'it' if one else 'them'} out of one of the two."
    )


def _tell_shared_groups(train: Dataset, test: Dataset, kinds: tuple[str, str]) -> None:
    """Warn if the second images have groups of the first ones. kinds: what both are for."""
    if train.groups is None or test.groups is None or train.groups.dtype.kind != test.groups.dtype.kind:
        return
    shared = np.intersect1d(train.groups, test.groups)
    if len(shared):
        of = counted(len(np.unique(test.groups)), "group")
        warn(
            f"{len(shared):,} of the {of} of the {kinds[1]} images of {printed(test.name)}, such as "
            f"{printed(shortened(str(shared[0]), 40))}, also have {kinds[0]} images. Images of one group resemble "
            f"each other, so the model may look better on the {kinds[1]} images than it is: divide the images by whole "
            "groups."
        )


def _check_inputs(classifier: Classifier, train: Dataset) -> None:
    """Raise InputError if another preprocessing or assignment of classes fits the training images clearly better."""
    from tfstab.classifier.input_check import check_inputs  # here, as scipy would delay every start

    sample, classifier = train.take(SCORED), classifier.for_images(train.image_shape)
    note = check_inputs(classifier, sample, classifier.scores(np.asarray(sample.images)))
    if note.of_model:
        raise InputError(note.whole)
    if note.text:
        images, network = printed(train.name), printed(classifier.name)
        raise InputError(f"the training images of {images} do not fit {network}. {note.whole}")
    heed(note)


def _tell_untrained(classifier: Classifier, train: Dataset) -> None:
    """Warn of classes of the model that have no training images."""
    missing = np.setdiff1d(np.arange(classifier.num_classes), train.labels)
    if len(missing):
        names = _listed(tuple(classifier.class_names[k] for k in missing))
        warn(
            f"{printed(train.name)} has no training images of {len(missing)} of the {classifier.num_classes} classes "
            f"of {printed(classifier.name)} ({names}), which it may forget.",
        )


def _untrained_class(test: Dataset, name: str, trained: tuple[str, ...], kind: str) -> InputError:
    """Return the error for images of a kind, of a class without training images."""
    return InputError(
        f"{printed(test.name)} has {kind} images of class '{printed(name)}', but there are no training images of it, "
        f"only of {_listed(trained)}: add some, or remove the {kind} images of this class."
    )


def _listed(names: tuple[str, ...]) -> str:
    """Return the first few names as text."""
    return printed(", ".join(names[:SHOWN])) + ", ..." * (len(names) > SHOWN)


def digests(dataset: Dataset, channels: int) -> Iterator[bytes]:
    """Yield a hash of each image's pixels; a grey image is repeated to have this number of channels."""
    for image in dataset.images:
        pixels = image if image.shape[2] == channels else np.repeat(image, channels, axis=2)
        yield hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).digest()
