"""Groups of images that belong together, such as the frames of one video, of which one image each is measured."""

import hashlib
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.file_names import file_names
from tfstab.datasets.remarks import count_in
from tfstab.errors import DataError
from tfstab.names import composed, encodable, printed, quoted, shortened
from tfstab.warning import warn
from tfstab.wording import counted, listed

if TYPE_CHECKING:
    from tfstab.datasets.dataset import Dataset

Groups = NDArray[np.int64] | NDArray[np.str_]
DRAWN = "one image of each group, drawn at random"  # in the remarks on data sets, which runs record
UNGROUPED = "images without a group"  # likewise, of a table that names the groups of others
UNUSED = "groups named in a table in the folder are not used"  # likewise, of a folder given in place of its table
TOGETHER = "several images of the same group"  # likewise, of images that were all wanted
IF_ALIKE = "If several images show the same object, such as frames of one video, the intervals are too narrow"
UNNAMED_SIGNS = "apparently 30 frames each of 421 signs"  # likewise, of the test images of GTSRB
MOST_MIXED = 0.1  # share of groups with several classes: up to this, mistakes in the labels are likely
MOSTLY_MIXED = 0.5  # the same share: from this on, numbers of groups may start again in each class
FEW, MANY_EACH = 30, 20  # groups, and images of each, that suggest that the groups were not meant as such
LONGEST_NAME = 60  # characters of a group's name in a sentence
NOTED = re.compile(rf"(?:^|, ){DRAWN}: (\d[\d,]{{0,12}}) of (\d[\d,]{{0,12}})(?:, |$)")


def as_groups(groups: Sequence[object] | np.ndarray, count: int, name: str) -> Groups:
    """Return the groups of images as an array (count,) of int64 or of texts; raise DataError for anything else."""
    given = np.asarray(groups)
    if given.shape != (count,):
        raise DataError(f"{name}: {count} images but groups of shape {given.shape}; expected ({count},).")
    if given.dtype.kind in "iu":
        return given.astype(np.int64)
    texts = given.tolist()
    if not all(isinstance(text, str) and text for text in texts):
        raise DataError(
            f"{name}: the groups are neither whole numbers nor texts; expected one of these for each image."
        )
    return named_groups(texts, name)


def named_groups(texts: Sequence[str], where: str) -> NDArray[np.str_]:
    """Return names of groups as an array (N,) of composed texts; raise DataError if one is too long."""
    form = {text: composed(text) for text in dict.fromkeys(texts)}
    for text in form.values():
        if len(text) > limits.GROUP_NAME or not encodable(text):
            raise DataError(
                f"{where}: the group {shortened(ascii(text), 40)} has {len(text):,} characters or is no valid UTF-8; "
                f"expected at most {limits.GROUP_NAME:,} characters."
            )
    return np.array([form[text] for text in texts], np.str_)


def group_names(groups: Groups | None) -> NDArray[np.str_] | None:
    """Return groups as texts (N,) that every file and terminal can show; None without groups."""
    return None if groups is None else file_names(map(str, groups))


def drawn_rows(groups: Groups, keys: Iterable[Hashable], seed: int) -> NDArray[np.int64]:
    """Return the row of one image of each group, drawn at random, in rising order.

    The image whose key has the smallest hash is drawn. So what is drawn of a group does not change if images of other
    groups are added.

    Parameters
    ----------
    groups : ndarray of int or str, (N,)
        Group of each image.
    keys : iterable
        What names each image, N different values.
    seed : int
        Seed of the draw.
    """
    drawn = [hashlib.blake2b(f"{seed}/{key}".encode(), digest_size=8).digest() for key in keys]
    order = np.argsort(np.array(drawn), kind="stable")
    return np.sort(order[np.unique(groups[order], return_index=True)[1]])


def independent(dataset: "Dataset") -> "Dataset":
    """Return the images on which intervals hold: one image of each group, or all if they have no groups.

    Images that were chosen regardless of their groups are returned unchanged.
    """
    chosen = dataset.groups is None or TOGETHER in dataset.remarks
    return dataset if chosen else dataset.one_of_each_group()


def together_remark(dataset: "Dataset") -> str:
    """Return the remark on a data set of which several images of a group are measured; "" for others."""
    if dataset.groups is None or TOGETHER in dataset.remarks or len(np.unique(dataset.groups)) == len(dataset):
        return ""
    return TOGETHER


def warn_of_groups(dataset: "Dataset") -> None:
    """Warn if several images of a group are to be measured, unless they were chosen regardless of their groups."""
    if together_remark(dataset):
        warn(f"{dataset.name}: {_several()} To measure one image of each group, give dataset.one_of_each_group().")


def together_note(*remarks: str, of: str = "") -> str:
    """Return a sentence on images of which several are of the same group; "" for others.

    Parameters
    ----------
    *remarks : str
        The remarks on the images of each of the runs that share them. If one of the runs has one image of each group,
        so have the images that all of them share.
    of : str
        What the images are called; by default nothing.

    Examples
    --------
    >>> from tfstab.datasets.groups import TOGETHER, drawn_remark, together_note
    >>> together_note(TOGETHER, of="photos").partition(":")[0]
    'Several images of photos are of the same group, so intervals are too narrow'
    >>> together_note(TOGETHER, drawn_remark(12, 60))
    ''
    """
    together = any(TOGETHER in each for each in remarks) and not any(map(drawn_in, remarks))
    return _several(of) if together else ""


def groups_note(*remarks: str) -> str:
    """Return a sentence on the groups of the images that figures are of; "" without groups.

    remarks: as in `together_note`.

    Examples
    --------
    >>> from tfstab.datasets.groups import drawn_remark, groups_note
    >>> groups_note(drawn_remark(12, 60))
    'The images are drawn at random from 60 images of 12 groups, no two of the same group.'
    """
    drawn = next(filter(None, map(drawn_from, remarks)), "")
    return f"The images are {drawn}, no two of the same group." if drawn else together_note(*remarks)


def _several(of: str = "") -> str:
    """Return the sentence of `together_note`."""
    images = f"Several images of {of}" if of else "Several images"
    return f"{images} are of the same group, so intervals are too narrow: images of one group are not independent."


def drawn_remark(groups: int, images: int) -> str:
    """Return the remark with the numbers of groups and images from which one image of each group was drawn."""
    return f"{DRAWN}: {groups:,} of {images:,}"


def drawn_in(remarks: str) -> tuple[int, int] | None:
    """Return the numbers of groups and images in the remark of `drawn_remark` among others; None without it."""
    found = NOTED.search(remarks)
    return None if found is None else (int(found[1].replace(",", "")), int(found[2].replace(",", "")))


def needed_images(count: str, remarks: str, images: str = "images") -> str:
    """Return how many images are needed; if one of each group is measured, of how many groups.

    Parameters
    ----------
    count : str
        How many, in words.
    remarks : str
        The remarks on the images that were measured.
    images : str
        What to call them.

    Examples
    --------
    >>> from tfstab.datasets.groups import drawn_remark, needed_images
    >>> needed_images("about 84", ""), needed_images("about 84", drawn_remark(21, 210))
    ('about 84 images', 'images of about 84 groups')
    """
    return f"{images} of {count} groups" if drawn_in(remarks) else f"{count} {images}"


def ungrouped_remark(images: int) -> str:
    """Return the remark with the number of images without a group; "" for none."""
    return f"{UNGROUPED}: {images:,}" if images else ""


def groups_drawn(remarks: str) -> str:
    """Return in words from which groups one image each was drawn, by the remarks; "" if none was drawn.

    Examples
    --------
    >>> from tfstab.datasets.groups import drawn_remark, groups_drawn
    >>> groups_drawn(drawn_remark(12, 60)), groups_drawn(f"images without a group: 2, {drawn_remark(12, 60)}")
    ('12 groups', '10 groups and 2 images without a group')
    """
    if (drawn := drawn_in(remarks)) is None:
        return ""
    alone = min(count_in(remarks, UNGROUPED), drawn[0])
    groups = counted(drawn[0] - alone, "group")
    return f"{groups} and {counted(alone)} without a group" if alone else groups


def drawn_from(remarks: str) -> str:
    """Return in words from how many images of which groups one each was drawn, by the remarks; "" if none was drawn."""
    drawn = drawn_in(remarks)
    return f"drawn at random from {counted(drawn[1])} of {groups_drawn(remarks)}" if drawn else ""


def mixed_groups(groups: Groups, labels: NDArray[np.int64], class_names: Sequence[str]) -> str:
    """Return a sentence on groups with images of several classes if they are very few or most of all groups; else "".

    Labels of patients, videos and the like are mostly the same for all images, so if nearly all groups have only one
    class, others are probably mistakes. If most groups have several, and numbers as names, these may start again in
    each class.
    """
    names, of = np.unique(groups, return_inverse=True)
    classes = np.unique(np.stack([of, labels]), axis=1)  # each class of each group once
    several = np.bincount(classes[0]) > 1
    mixed, together = int(several.sum()), int((np.bincount(of) > 1).sum())
    few = mixed <= MOST_MIXED * together
    numbered = mixed > 1 and all(str(name).isdecimal() for name in names[several])
    restarted = numbered and mixed >= MOSTLY_MIXED * together
    if not mixed or not (few or restarted):
        return ""
    first = int(np.flatnonzero(several)[0])
    name = printed(shortened(str(names[first]), LONGEST_NAME))
    example = listed([quoted(printed(class_names[k])) for k in classes[1][classes[0] == first]])
    has = "has" if mixed == 1 else "have"
    counts = f"{mixed:,} of {counted(together, 'group')} with several images {has} images of several classes"
    if few:
        return (
            f"{counts}, all others of only one class: check the labels of {name} ({example}), of which some may be "
            "wrong."
        )
    return (
        f"{counts}, such as {name} ({example}). If the numbers of groups start again in each class, make them "
        "distinct, such as CLASS-NUMBER: groups with the same name count as one."
    )


def few_groups_advice(groups: int, images: int) -> str:
    """Return what to do if the groups are suspiciously few for the images, "" if they are not.

    Examples
    --------
    >>> from tfstab.datasets.groups import few_groups_advice
    >>> few_groups_advice(400, 1200)
    ''
    """
    if groups >= FEW or images < MANY_EACH * groups:
        return ""
    return (
        "If the images of a group are independent, as when the groups are cameras or places, rename the column 'group' "
        "or delete it (in Python leave out groups=); then all images are measured."
    )
