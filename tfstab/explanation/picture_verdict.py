"""Whether a picture or the model is probably the reason why the picture is misclassified.

The first row that fits decides. No evidence is weighed against other evidence.

| evidence | verdict |
| --- | --- |
| a quarter turn makes it right, with a score that at most 1 of 99 misclassified images gets by a turn | photograph |
| an unusual trait, and right once this is undone | photograph |
| unusually blurred or colourless, and right images suffer from the same: `Lost.explains` | photograph |
| another unusual trait, or too few images to know | not known |
| usual, and more than a fifth of the images of its class are misclassified, beyond doubt | model |
| anything else | not known |

How often each of them is right is measured by tests/benchmarks/picture_faults.py.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.explanation.appearance import images_among
from tfstab.explanation.picture_turns import suitable
from tfstab.metrics.intervals import wilson_interval
from tfstab.metrics.weak_groups import FEWEST
from tfstab.wording import counted, listed, scored

if TYPE_CHECKING:
    from tfstab.explanation.picture import PictureFindings
    from tfstab.explanation.picture_compared import Compared

PHOTOGRAPH, MODEL, NOT_KNOWN = "photograph", "model", "not known"
NOT_EXAMINED = "wrong colours, hidden parts and cropping are not examined"
OFTEN = 0.2  # share of the images of a class: if more are misclassified, one more such image is no surprise


@dataclass(frozen=True)
class Verdict:
    """The answer to the question whether the photograph or the model is the reason.

    Attributes
    ----------
    says : str
        "photograph", "model" or "not known".
    reason : str
        Why, as a part of a sentence.
    if_upright : bool
        Whether this holds only if the picture is upright: a quarter turn makes it right, which may be chance.
    """

    says: str
    reason: str
    if_upright: bool = False

    @property
    def sentence(self) -> str:
        """The answer in a sentence."""
        if self.says == NOT_KNOWN:
            return f"Not known whether it is the photograph or the model: {self.reason}."
        condition = ", if the picture is upright" if self.if_upright else ""
        return f"Probably the {self.says}{condition}: {self.reason}."

    def to_json(self) -> dict[str, str | bool]:
        """Return all fields, and the sentence."""
        return {"says": self.says, "reason": self.reason, "if_upright": self.if_upright, "sentence": self.sentence}


def verdict_of(found: "PictureFindings", compared: "Compared") -> Verdict:
    """Return the verdict on a picture that is wrong.

    Parameters
    ----------
    found : PictureFindings
        What was found out about the picture.
    compared : Compared
        What the images of a run say about it.
    """
    k = int(found.true_class or 0)
    right = suitable(found.turned_scores, k)
    turn = _turned(right) if right else ""
    if right and compared.turned is not None and compared.turned.rare:
        return Verdict(PHOTOGRAPH, f"{turn}; {compared.turned.reached}")
    if right:
        turn += ", which may be chance" + ("" if compared.turned is None else f": {compared.turned.reached}")
    return _by_looks(found, compared, k) or _by_class(compared, turn)


def _turned(right: dict[str, float]) -> str:
    """Return the turns that make the picture right, and its scores then: the highest need not be of the upright one."""
    if len(right) > 1:
        turns = listed([f"{turn} (score {scored(score)})" for turn, score in right.items()], "or")
        return f"turned by {turns}, it is right"
    ((turn, score),) = right.items()
    return f"turned by {turn}, it is right with a score of {scored(score)}"


def _by_looks(found: "PictureFindings", compared: "Compared", k: int) -> Verdict | None:
    """Return the verdict if the picture looks unusual, or if this is not known; None if it does not."""
    unusual = sorted((one for one in compared.standings if one.unusual), key=lambda one: -one.exceeded)
    for one in unusual:
        if why := one.why(found.tried, k):
            return Verdict(PHOTOGRAPH, f"it {one.words}, and {why}")
    if unusual:
        return Verdict(NOT_KNOWN, f"it {unusual[0].words}, {unusual[0].doubt(found.tried, k)}")
    if not any(one.decided for one in compared.standings):
        images = counted(max(one.images for one in compared.standings))
        return Verdict(NOT_KNOWN, f"the run has {images}, too few to say whether the picture is unusual among them")
    return None


def _by_class(compared: "Compared", turned: str) -> Verdict:
    """Return the verdict on a picture that does not look unusual. turned: which turn makes it right, or ""."""
    images = images_among(compared.standings)
    usual = f"in brightness, contrast, sharpness and noise, it is not unusual among {images}, and"
    if compared.of_class is None:
        return Verdict(NOT_KNOWN, f"{usual} the classes of these images are not known")
    wrong, number = compared.of_class
    low, high = wilson_interval(wrong, number) if number else (0.0, 1.0)
    if number >= FEWEST and low > OFTEN:
        often = f"{wrong:,} of the {number:,} images of its class are misclassified, too"
        return Verdict(MODEL, f"{usual} {often}; {NOT_EXAMINED}", bool(turned))
    turn = f"; check whether it is upright: {turned}" if turned else ""
    if number < FEWEST:
        few = f"only {counted(number)}" if number else "no image"
        return Verdict(NOT_KNOWN, f"{usual} the run has {few} of its class{turn}")
    often = "it is not certain that its class is often" if high > OFTEN else "its class is not often"
    return Verdict(NOT_KNOWN, f"{usual} {often} misclassified ({wrong:,} of {number:,} images){turn}")
