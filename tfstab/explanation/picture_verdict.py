"""Whether a picture or the model is probably the reason why the picture is misclassified.

The first row that fits decides. No evidence is weighed against other evidence.

| evidence | verdict |
| --- | --- |
| it is right once a mix-up (turned, negative, red and blue swapped) is undone, with a score that the same rarely gives
  to other images, also of its class; not if each of the three turns makes it right, or if it says little
  (`Rate.says_little`); if this holds for several mix-ups, all are named, as is a fault that a later row finds |
  photograph |
| unusually dark, bright or low in contrast, right once this is undone, and right images suffer from the same, more than
  are wrong anyway and right once it is undone: `Standing.explains` | photograph |
| unusually blurred or colourless, and right images suffer from the same, more than are wrong anyway | photograph |
| unusually grainy or off-centre, and right once this is undone, as less than half of the misclassified images are
  | photograph |
| another unusual trait, or too few images to know | not known |
| usual, and more than a fifth of the images of its class are misclassified, beyond doubt | model |
| anything else | not known |

Unless the answer is the photograph, hints may be added. One is that a mix-up, once undone, makes the picture right,
though this may be chance; if the answer is not known, this hint comes first. One is that only one kind of change makes
the picture right (`one_kind`). The last is that the picture is nearly unusual in a way that would otherwise be called
the reason (`Standing.hint`); then the answer is not known, even if it would be the model. If it is nearly unusual and
right once this is undone, but this is not called the reason, a remark says so and why (`Standing.remark`).

Unless the answer is the photograph, or the run has too few images, the reason is followed by `NOT_EXAMINED`. The last
two rows are also followed by advice on the class that the user states, if there are signs that it is wrong:
`label_advice`. If looks alone are the reason, the answer ends with the advice to look at the picture; if the model is,
with what may improve it.

How often each of them is right is measured by tests/benchmarks/picture_faults.py. Where the images of the run show what
the looks cost, the answer "photograph" has a share, which picture_shares.py compares with the truth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tfstab.explanation.appearance import not_unusual
from tfstab.explanation.mix_up_words import doubt, evidence, evidence_of_several
from tfstab.explanation.picture_label import label_advice
from tfstab.explanation.remedies import OFTEN_WRONG_CLASS
from tfstab.metrics.intervals import wilson_interval
from tfstab.metrics.weak_groups import FEWEST
from tfstab.wording import capital, counted, listed, out_of, percent

if TYPE_CHECKING:
    from tfstab.explanation.mix_ups import MixUp, Suitable
    from tfstab.explanation.picture import PictureFindings
    from tfstab.explanation.picture_compared import Compared
    from tfstab.explanation.standing import Standing

PHOTOGRAPH, MODEL, NOT_KNOWN = "photograph", "model", "not known"
NOT_EXAMINED = (
    "Compression, a colour cast, hidden parts, cropping, most turns and tilts, and an object that is too dark or too "
    "bright against its background would not be noticed, so look for these yourself"
)
NOTHING_UNUSUAL = f"{NOT_KNOWN}: nothing unusual"
LOOK = "Look at the picture before you rely on this"
TO_BLAME = "the model would be called the reason if certainly more than a fifth were"
OFTEN = 0.2  # share of the images of a class: if more are misclassified, one more such image is no surprise


@dataclass(frozen=True)
class Verdict:
    """The answer to the question whether the photograph or the model is the reason.

    Attributes
    ----------
    says : str
        "photograph", "model" or "not known".
    reason : str
        Why, as the end of a sentence; other sentences may follow, without the last full stop.
    condition : str
        On what the answer depends, such as "if the picture is upright" where a quarter turn makes it right, which may
        be chance; "" for nothing.
    brief : str
        The answer and the main part of the reason in a few words, for a table whose heading says "probable".
    hint : str
        What may be wrong with the picture, in sentences, if the photograph is not the answer; "" for nothing.
    advice : str
        What to do, in sentences; "" for nothing.
    mix_ups : tuple of MixUp
        The mix-up that is probably the reason, or several of which any one may be; () if none is.
    fault : str
        What is unusual about the photograph, or mixed up in it, such as "darker", "turn" or "turn or negative"; ""
        unless the photograph is the answer.
    share : float or None
        Of misclassified pictures that look like this and are right when this is undone, the estimated share that would
        be right if they did not look like this. None unless the answer is the photograph because of looks that were
        also given to images of the run.
    undone : str
        When such pictures are right, as in "when brighter"; "" if nothing can undo these looks.
    """

    says: str
    reason: str
    condition: str = ""
    brief: str = ""
    hint: str = ""
    advice: str = ""
    mix_ups: tuple["MixUp", ...] = ()
    fault: str = ""
    share: float | None = None
    undone: str = ""

    @property
    def sentence(self) -> str:
        """The answer in a sentence."""
        if self.says == NOT_KNOWN:
            told = f". {self.hint} {capital(self.reason)}" if self.hint else f": {self.reason}"
            return f"Not known whether it is the photograph or the model{told}."
        condition = f", {self.condition}" if self.condition else ""
        probably = f"Probably the {self.says}{condition}: {self.reason}."
        alike = f"Of misclassified pictures that look like this{f' and are right {self.undone}' if self.undone else ''}"
        share = f"{alike}, about {percent(self.share or 0)} would be right if they did not look like this."
        return " ".join(filter(None, [probably, share if self.share else "", self.hint, self.advice]))

    @property
    def short(self) -> str:
        """`brief`, with the share: "photograph (56 %): less sharp than 99 %"."""
        return self.brief.replace(self.says, f"{self.says} ({percent(self.share)})", 1) if self.share else self.brief

    def to_json(self) -> dict[str, str | float | None]:
        """Return the fields that sentences are made of, and the sentence."""
        return {
            "says": self.says,
            "reason": self.reason,
            "condition": self.condition,
            "hint": self.hint,
            "advice": self.advice,
            "fault": self.fault,
            "share": self.share,
            "sentence": self.sentence,
        }


def verdict_of(found: "PictureFindings", compared: "Compared") -> Verdict:
    """Return the verdict on a picture that is wrong.

    Parameters
    ----------
    found : PictureFindings
        What was found out about the picture.
    compared : Compared
        What the images of a run say about it.
    """
    near, alone = _near(found, compared), compared.one_kind
    verdict = _verdict(found, compared, hinted=bool(near))
    if verdict.says == PHOTOGRAPH:
        return verdict
    k = int(found.true_class or 0)
    remarks = filter(None, (one.remark(found.tried, k) for one in compared.standings))
    told = [*([verdict.hint] if verdict.hint else []), *_perhaps(near), *remarks]
    hints = " ".join([*told, *([alone.sentences] if alone is not None and alone.told else [])])
    if near and (verdict.says == MODEL or verdict.brief == NOTHING_UNUSUAL):
        return Verdict(NOT_KNOWN, verdict.reason, brief=f"{NOT_KNOWN}: {listed(list(near))}", hint=hints)
    return replace(verdict, hint=hints)


def _near(found: "PictureFindings", compared: "Compared") -> dict[str, str]:
    """Return what may be the reason although it is not unusual: how the picture stands, and a sentence on it."""
    k = int(found.true_class or 0)
    return {one.short: hint for one in compared.standings if (hint := one.hint(found.tried, k))}


def _perhaps(near: Mapping[str, str]) -> list[str]:
    """Return the sentences of `_near`, and that it may be chance."""
    if not near:
        return []
    this, it = ("This", "it") if len(near) == 1 else ("Each of these", "each")
    chance = f"{this} may be why it is misclassified, but {it} may also be chance"
    return [*near.values(), f"{chance}: one in twenty ordinary pictures stands out as much."]


def _verdict(found: "PictureFindings", compared: "Compared", *, hinted: bool) -> Verdict:
    """Return the verdict without the hint.

    found, compared: as in `verdict_of`. hinted: whether the answer says before it what is nearly unusual.
    """
    k = int(found.true_class or 0)
    if mixed_up := _by_mix_ups(found, compared):
        return mixed_up
    likely = [one for one in found.suitable if not (compared.same and one.mix_up.of_all)]
    surest = next((one for one in likely if not says_little(one, compared)), None)
    chance = _may_be_chance(surest, compared) if surest else ""
    may_be = surest.mix_up if surest else None
    return _by_looks(found, compared, k, may_be, chance) or _by_class(found, compared, may_be, chance, hinted=hinted)


def _by_mix_ups(found: "PictureFindings", compared: "Compared") -> Verdict | None:
    """Return the verdict if the picture shows signs of a mix-up, or of several; None if it does not."""
    signs = []
    for one in found.suitable:
        rate, unusual = compared.rates.get(one.mix_up), compared.unusual_by(one.mix_up) is not None
        if rate is not None and one.is_sign(rate, unusual=unusual):
            signs.append((one, rate, unusual))
    if not signs:
        return None
    one, rate, unusual = signs[0]
    why = evidence_of_several(signs) if signs[1:] else f"{one.right}. {evidence(rate, unusual=unusual)}"
    mix_ups = tuple(one.mix_up for one, _, _ in signs)
    looks = next((looks for mix_up in mix_ups if (looks := compared.unusual_by(mix_up))), None)
    lead = f"it {looks.words}, and " if looks else ""
    brief = f"{PHOTOGRAPH}: right {listed([one.ways for one, _, _ in signs], 'or')}"
    often = _often_wrong(compared)
    model = f", and the model is probably the reason: {often}, too" if often else ""
    advice = (
        f"{LOOK}." if signs[1:] else f"Look at the picture: {one.mix_up.condition}, this is chance after all{model}."
    )
    faults = [mix_up.name for mix_up in mix_ups]
    if other := _instead(found, compared, looks):
        standing, reason = other
        advice = f"But {reason}: this may be the reason instead. Look at the picture to see which it is."
        brief, faults = f"{brief}, or {standing.short}", [*faults, standing.look]
    fault = listed(faults, "or")
    return Verdict(PHOTOGRAPH, f"{lead}{why}", brief=brief, advice=advice, mix_ups=mix_ups, fault=fault)


def _instead(found: "PictureFindings", compared: "Compared", looks: "Standing | None") -> "tuple[Standing, str] | None":
    """Return the unusual trait that may be the reason instead of a mix-up, and the evidence; None if there is none.

    looks: the trait that the mix-up itself would cause, which the verdict has named before.
    """
    k = int(found.true_class or 0)
    for one in compared.unusual:
        if why := one.why(found.tried, k):
            return one, why if one is looks else f"it {one.words}, and {why}"
    return None


def _by_looks(
    found: "PictureFindings", compared: "Compared", k: int, may_be: "MixUp | None", chance: str
) -> Verdict | None:
    """Return the verdict if the picture looks unusual, or if this is not known; None if it does not.

    may_be, chance: as in `_by_class`.
    """
    unusual = compared.unusual
    for one in unusual:
        if why := one.why(found.tried, k):
            look = f"{LOOK}: {one.trait.mistaken}." if one.trait.mistaken else f"{LOOK}."
            others = [other for other in unusual if other is not one and not other.harmless]
            too = f"In addition, it {listed([other.words for other in others])}. " if others else ""
            rarer = [other.short for other in others if other.exceeded > one.exceeded]
            return Verdict(
                PHOTOGRAPH,
                f"it {one.words}, and {why}",
                brief=f"{PHOTOGRAPH}: {listed([one.short, *rarer])}",
                advice=f"{too}{look}",
                fault=one.look,
                share=one.share,
                undone=one.trait.when,
            )
    if unusual:
        brief = f"{NOT_KNOWN}{f': {may_be.check}' if may_be else ''}, though {unusual[0].short}"
        if unusual[0].harmless:
            brief += f" (harmless to other images{unusual[0].alike_class})"
        one, often = unusual[0], _often_wrong(compared)
        undone = not one.trait.undone or one.right_when_undone(found.tried, k)  # else the counts of its class decide
        model = "" if undone or not often else f" {capital(often)}, too, so the model itself may be the reason."
        reason = f"it {one.words}, {one.doubt(found.tried, k)}.{model} {NOT_EXAMINED}{f'. {chance}' if chance else ''}"
        return Verdict(NOT_KNOWN, reason, brief=brief)
    if not any(one.decided for one in compared.standings):
        images = counted(max(one.images for one in compared.standings))
        reason = f"the run has {images}, too few to say whether the picture is unusual among them"
        return Verdict(NOT_KNOWN, reason, brief=f"{NOT_KNOWN}: the run has only {images}")
    return None


def _by_class(
    found: "PictureFindings", compared: "Compared", may_be: "MixUp | None", chance: str, *, hinted: bool
) -> Verdict:
    """Return the verdict on a picture that does not look unusual.

    may_be: what may be mixed up in it. chance: as `_may_be_chance` returns it, or "". hinted: as in `_verdict`.
    """
    condition, brief = ("", NOTHING_UNUSUAL) if may_be is None else (may_be.condition, f"{NOT_KNOWN}: {may_be.check}")
    advice = label_advice(found, compared)
    label = f". {advice}" if advice else ""
    hint = f"{chance}." if chance and not advice else ""
    looks = "nothing else about it stands out" if hinted else f"it is {not_unusual(compared.standings)}"
    usual = f"{looks}, and"
    if compared.of_class is None:
        reason = f"{usual} the classes of the run's images are not known. {NOT_EXAMINED}"
        return Verdict(NOT_KNOWN, reason, brief=brief, hint=hint)
    wrong, number = compared.of_class
    image = "other image" if compared.same else "image"
    if often := _often_wrong(compared):
        depends = f"{MODEL}, {condition}" if condition else MODEL
        near = [one.short for one in compared.standings if one.near]
        nearly = f" ({listed(near)})" if near else ""
        of_class = f"{depends}: {out_of(wrong, number)} {image}s of its class are wrong, too{nearly}"
        more = label or (f". {chance}" if chance else "")
        reason = f"{usual} {often}, too. {NOT_EXAMINED}{more}"
        return Verdict(MODEL, reason, condition, of_class, advice=OFTEN_WRONG_CLASS)
    if number < FEWEST:
        few = f"only {counted(number, image)}" if number else f"no {image}"
        reason = f"{usual} the run has {few} of its class. {NOT_EXAMINED}{label}"
        return Verdict(NOT_KNOWN, reason, brief=brief, hint=hint)
    of, are = f"of the {number:,} {image}s of its class", "is" if wrong <= 1 else "are"
    more = ", a larger share than of the other classes together" if compared.weak_class else ""
    said = f"{wrong:,} {of} {are} misclassified{more} ({TO_BLAME})" if wrong else f"none {of} is misclassified"
    return Verdict(NOT_KNOWN, f"{usual} {said}. {NOT_EXAMINED}{label}", brief=brief, hint=hint)


def _often_wrong(compared: "Compared") -> str:
    """Return how many images of the picture's class are wrong; "" unless their share certainly exceeds `OFTEN`."""
    wrong, number = compared.of_class or (0, 0)
    if number < FEWEST or wilson_interval(wrong, number)[0] <= OFTEN:
        return ""
    return (
        f"{out_of(wrong, number, 'the ')} {'other image' if compared.same else 'image'}s of its class are misclassified"
    )


def says_little(one: "Suitable", compared: "Compared") -> bool:
    """Return whether it says little that a mix-up makes the picture right when undone."""
    rate = compared.rates.get(one.mix_up)
    return rate is not None and rate.likely_chance


def _may_be_chance(one: "Suitable", compared: "Compared") -> str:
    """Return what makes the picture right, and that this may be chance, with why it may; without the last full stop."""
    unusual = compared.unusual_by(one.mix_up) is not None
    said = doubt(one, compared.rates.get(one.mix_up), unusual=unusual)
    return f"{capital(one.mix_up.check)}: {one.right}. {said}"
