"""The classes that requirements are about: whether the images have them, and what the results call them."""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from tfstab.assessment.required import LOWEST, RECALL, SPECIFICITY, Requirement, parse_requirements
from tfstab.assessment.words import name
from tfstab.classifier.class_names import class_called
from tfstab.datasets.dataset import BY_DEFINITION
from tfstab.errors import InputError, did_you_mean
from tfstab.names import all_quoted, quoted
from tfstab.wording import listed


def check_labelled(requirements: Sequence[Requirement], predicted: bool) -> None:
    """Check that no requirement needs classes that the images do not have.

    Parameters
    ----------
    requirements : sequence of Requirement
        The requirements.
    predicted : bool
        Whether the images came without classes: what is predicted for a clean image then counts as right.

    Raises
    ------
    InputError
        One is about clean images or classes, and the accuracy of clean images is 100 % by definition.
    """
    for r in requirements:
        if predicted and (r.on_clean or r.of_classes):
            raise InputError(
                f"requirement '{r.text}' is about clean images, on which the accuracy is 100 % {BY_DEFINITION}: give "
                "images with classes, or leave this requirement out."
            )


def with_classes(
    requirements: Sequence[Requirement], names: Sequence[str], there: Collection[int], complete: bool = True
) -> list[Requirement]:
    """Return requirements with the names of classes that the results use; check that the images have these classes.

    A number that is no name stands for a position, as in the names of class folders: the folder `00014` is class 14 of
    the model, so "recall 00014:60" is about the class that the model and the results call "stop".

    "specificity jar of jam:90" is about the class "jar of jam" if there is one, and else about the class "jar" and
    images of the class "jam".

    Parameters
    ----------
    requirements : sequence of Requirement
        The requirements.
    names : sequence of str
        Names of all classes of the model, as the results show them.
    there : collection of int
        The classes that have images.
    complete : bool
        Whether these are all of them; if not, a class of the model that is not among them is accepted.

    Raises
    ------
    InputError
        There are no images of a class whose recall is required, or of others, or of the one that is named, if its
        specificity is.
    """
    return [_with_classes(r, names, there, complete) for r in requirements]


def classes_of_recalls(texts: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the classes whose recall is required, in the order of the requirements, each once.

    Parameters
    ----------
    texts : sequence of str
        Requirements as an assessment recorded them; those that cannot be read are left out.
    names : sequence of str
        Names of all classes of the model.
    """
    found = list[int]()
    for text in texts:
        with suppress(InputError):
            (r,) = parse_requirements([text])
            index = class_called(r.what, names) if r.figure == RECALL and r.what else None
            found += [] if index is None or index in found else [index]
    return found


def _with_classes(r: Requirement, names: Sequence[str], there: Collection[int], complete: bool) -> Requirement:
    """Return one requirement as `with_classes` does."""
    if r.figure == LOWEST:
        return r if r.classes else replace(r, classes=tuple(sorted(there)))
    if not r.of_classes or not r.what:
        return r
    r = _parted(r, names)
    index = class_called(r.what, names)
    missing = complete and r.figure == RECALL and index not in there  # other images may be taken for it all the same
    if index is None or missing:
        raise _without_images(r, r.what, [names[k] for k in sorted(there)])
    if complete and r.figure == SPECIFICITY and set(there) == {index}:
        raise InputError(
            f"requirement '{r.text}' cannot be checked, as all images are of class {quoted(name(r.what))}: give images "
            "of other classes, too."
        )
    return replace(r, what=names[index], of=_other(r, index, names, there, complete) if r.of else "")


def _parted(r: Requirement, names: Sequence[str]) -> Requirement:
    """Return a requirement on CLASS of OTHER with both of them, unless there is a class with the whole name.

    If there are several ways to part it, it is the one with the most known classes, and of these the longest CLASS.
    """

    def known(parts: tuple[str, str]) -> tuple[int, bool]:
        """How many of the parts are classes, and whether the first one is."""
        there = [class_called(part, names) is not None for part in parts]
        return sum(there), there[0]

    if r.figure != SPECIFICITY or r.of or class_called(r.what, names) is not None:
        return r
    places = [place.span() for place in re.finditer(r"\s+of(?=\s)", r.what)]
    parts = [(r.what[:start], r.what[end:].strip()) for start, end in reversed(places)]
    what, of = max([(r.what, ""), *parts], key=known)
    return replace(r, what=what, of=of)


def _other(r: Requirement, index: int, names: Sequence[str], there: Collection[int], complete: bool) -> str:
    """Return the name of the other class of which the images are that may be taken for class `index`."""
    other = class_called(r.of, names)
    if other == index:
        raise InputError(
            f"requirement '{r.text}' names class {quoted(name(names[index]))} twice: give another class after 'of', or "
            f"require the recall of this class, as in '{RECALL} {name(names[index])}:{100 * r.least:g}'."
        )
    if other is None or (complete and other not in there):
        raise _without_images(r, r.of, [names[k] for k in sorted(set(there) - {index})])
    return names[other]


def _without_images(r: Requirement, called: str, known: Sequence[str]) -> InputError:
    """Return the error for a class without images. known: those to choose from."""
    choice = f"choose one of the classes with images: {listed(all_quoted(known), 'or')}." if known else ""
    advice = did_you_mean(called, known) or choice or "give images of other classes, too."
    return InputError(
        f"requirement '{r.text}' cannot be checked, as no image is of class {quoted(name(called))}: {advice}"
    )
