"""Answers in a second or two whether it is the photograph or the model, without trying all changes.

Only the changes that could undo what is unusual, or nearly so, about the picture are tried. The verdict equals that of
`tfstab inspect RUN PICTURE`, which tries the others as well; this may add a hint at a fault (`one_kind`) and, with
`--why`, the advice to check its class.
"""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.registry import BUILT_IN
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_compared import compared_steps
from tfstab.explanation.picture_trials import findings_of
from tfstab.explanation.run_looks import stands

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages


def answer_steps(
    classifier: "Classifier",
    image: NDArray[np.uint8],
    undone: NDArray[np.uint8],
    clean: "CleanImages",
    true_class: int,
    *,
    with_classes: bool = True,
) -> Generator[None, None, PictureFindings]:
    """Return the findings on which the verdict rests, with few of the changes; yield after each batch of images.

    Parameters
    ----------
    classifier : Classifier
        The model.
    image : ndarray of uint8 (H, W, C)
        The picture, as large as the images of the run.
    undone : ndarray of uint8 (W, H, W, C)
        The picture after each way of `tfstab.explanation.mix_ups.undone`: turned, as a negative, and so on.
    clean : CleanImages
        The clean images of the run.
    true_class : int
        The picture's true class.
    with_classes : bool
        Whether the classes of the images are known.
    """
    found = findings_of(classifier, image, [], "", true_class, undone_scores=classifier.scores(undone))
    yield
    if found.right:
        return found
    looks = [one for one in stands(image, clean) if one.told]
    undoing = {pair for one in looks for pair in one.trait.undone}
    tried = []
    for name in sorted({name for name, _ in undoing} & BUILT_IN.keys()):  # `compared_steps` tries centring
        of_family = findings_of(classifier, image, [BUILT_IN[name]], "", true_class)
        tried += [one for one in of_family.tried if (name, one.above) in undoing]
        yield
    found = replace(found, tried=tuple(tried))
    return (yield from compared_steps(classifier, found, clean, "", with_classes=with_classes))
