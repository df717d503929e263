"""Whether a misclassified picture may show another class than the user says: advice to look, never a claim.

How often the advice is given where the class is right, and where it is wrong, is measured by
tests/benchmarks/picture_labels.py.
"""

from typing import TYPE_CHECKING

from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import quoted
from tfstab.wording import out_of, scored

if TYPE_CHECKING:
    from tfstab.explanation.picture import PictureFindings
    from tfstab.explanation.picture_compared import Compared

NEARLY_ALL = 0.9  # share of the most similar images that are right and of the predicted class
LOW = 0.25  # share of the right images of the predicted class that must have no higher score


def label_advice(found: "PictureFindings", compared: "Compared") -> str:
    """Return the advice to check what a misclassified picture shows, or that it may show something else; "" for none.

    Both need `why`, and a score that is not low for an image of the predicted class: the model's ordinary mistakes
    mostly have low ones.

    Parameters
    ----------
    found : PictureFindings
        What was found out about the picture.
    compared : Compared
        What the images of a run say about it.
    """
    why, (no_surer, right) = found.why, compared.as_sure or (0, 0)
    if why is None or found.suitable or min(len(why.nearest), right) < FEWEST or no_surer < LOW * right:
        return ""
    of, k, name = len(why.nearest), int(found.true_class or 0), found.class_names[found.predicted]
    alike, stated = sum(one.label == one.predicted == name for one in why.nearest), quoted(found.class_names[k])
    unchanged = not any(one.right(k).any() for one in found.tried)
    if alike >= NEARLY_ALL * of and unchanged and why.not_slim:
        return (
            f"Check whether it shows {stated} at all: {out_of(alike, of, 'the ')} images most "
            f"similar to it are of class {quoted(name)} and right, its score for {quoted(name)}, "
            f"{scored(float(found.scores[found.predicted]))}, is at least as high as for "
            f"{out_of(no_surer, right, 'the ')} right images of this class, and no change that was tried makes it right"
        )
    if any(one.label == found.class_names[k] for one in why.nearest):
        return ""
    classes = f"the {len(found.class_names):,} classes among which the model must choose"
    none = f"None of the {of} images most similar to it is of class {stated}"
    if alike >= NEARLY_ALL * of:
        return (
            f"{none}, and {out_of(alike, of)} are of class {quoted(name)}: it may show this, or even none of {classes}"
        )
    return f"{none}: it may show something else, even none of {classes}"
