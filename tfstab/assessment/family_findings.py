"""Sentences on families of degradations: which break the network, and which hardly touch it."""

from collections.abc import Sequence

import numpy as np

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import SIGMA, Figures
from tfstab.assessment.finding import Finding, Level
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.losses import losses
from tfstab.assessment.ranking import Extreme, Standing, extreme
from tfstab.assessment.recall_findings import falls_clause, open_sentence
from tfstab.assessment.words import severity
from tfstab.degradations import BUILT_IN
from tfstab.metrics import Estimate
from tfstab.metrics.shares import inside, percent
from tfstab.wording import capital, counted, first_few, listed

AVERAGED = "averaged over the severities"
# Said after the share that is still right, so that it is not taken for the same measure.
ALL_IMAGES, WHY_ALL = "Over all images", "including those wrong when clean"
WHY_OPEN = (
    "Some intervals in brackets do not overlap, but this does not decide it: each holds for one degradation alone, and "
    "comparing all of them at once takes larger differences"
)
FEWER = 0.5  # candidates tested on fewer images than this share of those of the first come with their number of images
NAMED = 3  # candidates for the most harmful family that are named one by one


def worst_finding(standings: Sequence[Standing]) -> Finding | None:
    """Return which family hurts the network most, or among which ones it is."""
    if not standings:
        return None
    worst = extreme([s.family for s in standings], harmful=True)
    first = worst.members[0]
    about = tuple(f.name for f in worst.members[:NAMED])
    if len(standings) == 1:
        text = f"Under {first.title} the network keeps {percent(first.kept)} of its accuracy, {AVERAGED}."
        return Finding("worst", _level(standings[0]), text, about)
    if first.kept.value >= 1:
        return _no_loss(standings, about)
    open_among_most = NAMED < len(worst.members) > len(standings) / 2
    if open_among_most:
        said = _none_stands_out(worst, standings)
    else:
        said = _most(worst, standings) + _left_out(worst, standings)
    if all(s.harmless for s in standings):
        text = f"None of the {len(standings)} degradations costs the network more than a tenth of its accuracy"
        once = capital(said.replace(f", {AVERAGED}", ""))
        return Finding("worst", "good", f"{text}, {AVERAGED}. {once}", about)
    level: Level = "bad" if any(s.breaks for s in standings) else "mid"
    among = f"of the {len(standings)} degradations measured, "
    if len(standings) == len(BUILT_IN) or open_among_most:  # then the sentence needs no number, or has it
        among = ""
    return Finding("worst", level, capital(f"{among}{said}"), about)


def _no_loss(standings: Sequence[Standing], about: tuple[str, ...]) -> Finding:
    """Return that no loss was measured under any of several families, and down to where an interval reaches."""
    text = f"The images tested show no loss of accuracy under any of the {len(standings)} degradations."
    if all((s.family.overall.part >= s.family.overall.whole).all() for s in standings):
        text = f"No image tested that is right when clean became wrong under any of the {len(standings)} degradations."
    if all(s.together.low > HARMLESS for s in standings):
        return Finding("worst", "good" if all(s.harmless for s in standings) else "unsure", text, about)
    lowest = min((s.family for s in standings), key=lambda family: family.kept.low)
    text += (
        f" The images are too few to exclude a loss: under {lowest.title}, {percent(lowest.kept)} of the accuracy is "
        f"kept, {AVERAGED}."
    )
    return Finding("worst", "unsure", text, (lowest.name,))


def does_harm(standings: Sequence[Standing], extent: str, verb: str = "") -> str:
    """Return "does the most harm", or "costs the most accuracy" if a class loses recall that accuracy does not show.

    extent: "most" or "least". verb: such as "may" for "may do the most harm", or "may cost the most accuracy".
    """
    if any(s.falls for s in standings):
        return f"{f'{verb} cost' if verb else 'costs'} the {extent} accuracy"
    return f"{f'{verb} do' if verb else 'does'} the {extent} harm"


def _none_stands_out(worst: Extreme, standings: Sequence[Standing]) -> str:
    """Return that any of most families may be the most harmful one, and under which of them least is kept."""
    members, measured = len(worst.members), len(standings)
    which = f"of the {measured} degradations, any of {members}"
    if members == measured:
        which = f"any of the {measured} degradations"
    may = does_harm(standings, "most", "may")
    among = "" if members == measured else " among them"
    named = worst.members[:NAMED]
    text = f"no single degradation clearly stands out: {which} {may}. The largest losses measured{among} are"
    text += f" under {listed(kept_values(named))}."
    why = _why_open(named)
    return text + (f" The images tested do not show which it is.{why}" if why else "")


def _most(worst: Extreme, standings: Sequence[Standing]) -> str:
    """Return the most harmful family, and which others it may be instead; the sentence begins with a small letter."""
    first, members = worst.members[0], worst.members
    if len(members) == 1:
        does = does_harm(standings, "most")
        return f"{first.title} {does}: the network keeps {percent(first.kept)} of its accuracy, {AVERAGED}."
    shown = first_few(members, NAMED)
    others = [f"{f.title} ({inside(f.kept)}{_fewer_images(f, first)})" for f in shown[1:]]
    if rest := len(members) - len(shown):
        others.append(f"{rest} others")
    seems = does_harm(standings, "most", "seems to")
    open_yet = f"but the images tested do not rule out {listed(others, 'or')}.{_why_open(shown)}"
    return f"{first.title} {seems} ({_of_accuracy(first)}), {open_yet}"


def _fewer_images(family: FamilyFigures, first: FamilyFigures) -> str:
    """Return on how many images a family was tested if that is far fewer than another one; else ""."""
    count = len(family.images)
    return f", tested on only {counted(count)}" if count < FEWER * len(first.images) else ""


def _why_open(named: Sequence[FamilyFigures]) -> str:
    """Return why intervals that do not overlap do not decide which family is worse; "" if all overlap the first's."""
    first, *rest = named
    if not any(f.kept.low > first.kept.high for f in rest):
        return ""
    alike = all(np.array_equal(f.images, first.images) for f in rest)
    return f" {WHY_OPEN}{'' if alike else '. Any two are compared only on the images that both have'}."


def _left_out(worst: Extreme, standings: Sequence[Standing]) -> str:
    """Return why families are not named although less is kept under them than under one that is; "" if none are."""
    first, *others = worst.members[:NAMED]
    if not others:
        return ""
    families = [s.family for s in standings if s.family.kept.value < others[-1].kept.value]
    out = [family.title for family in families if family not in worst.members]
    if not out:
        return ""
    are, costs = ("is", "it certainly costs") if len(out) == 1 else ("are", "they certainly cost")
    return (
        f" {capital(listed(out, most=len(out)))} {are} ruled out: compared on the same images, {costs} less accuracy "
        f"than {first.title}."
    )


def kept_values(families: Sequence[FamilyFigures]) -> list[str]:
    """Return the names of families with the accuracy kept; the first says what the number is."""
    first, *rest = families
    return [f"{first.title} ({_of_accuracy(first)})", *(f"{f.title} ({inside(f.kept)})" for f in rest)]


def _of_accuracy(family: FamilyFigures) -> str:
    """Return the accuracy kept for use within brackets: "48 % of the accuracy kept, 36–59"."""
    value, ends = inside(family.kept).split(", ")
    return f"{value} of the accuracy kept, {ends}"


def broken_finding(standings: Sequence[Standing], worst: Finding | None) -> Finding | None:
    """Return under which families less than half of the accuracy is kept; None if the worst one says so already."""
    broken = [s.family for s in standings if s.breaks]
    if not broken or (worst and len(worst.about) == 1 and worst.about == tuple(f.name for f in broken)):
        return None
    if len(broken) == len(standings) > 1:
        text = f"Each of the {len(broken)} degradations costs it more than half of its accuracy."
    else:
        text = f"Less than half of its accuracy is kept under {listed([f.title for f in broken], most=8)}."
    return Finding("broken", "bad", text, tuple(f.name for f in broken))


def spared_finding(standings: Sequence[Standing]) -> Finding | None:
    """Return which families hardly touch the network, or which one is the least harmful."""
    spared = [s.family for s in standings if s.harmless][::-1]
    if spared:
        verb = "does" if len(spared) == 1 else "do"
        names = capital(listed([f.title for f in spared], most=8))
        text = f"{names} {verb} little harm: the network keeps more than 90 % of its accuracy, {AVERAGED}."
        text += _at_strongest([s for s in standings if s.harmless])
        text += open_sentence([recall for s in standings if s.harmless for recall in s.recalls])
        return Finding("spared", "good", text, tuple(f.name for f in spared))
    if len(standings) < 2:
        return None
    least = extreme([s.family for s in standings], harmful=False).members
    if len(least) > 1 or any(_hides_loss(s) for s in standings if s.family is least[0]):
        return None
    does, kept = does_harm(standings, "least"), percent(least[0].kept)
    text = f"{capital(least[0].title)} {does}: the network keeps {kept} of its accuracy, {AVERAGED}."
    return Finding("spared", "mid", text, (least[0].name,))


def _at_strongest(spared: Sequence[Standing]) -> str:
    """Return which harmless families certainly keep less than 90 % at the strongest severity, after a space.

    "" if there is none. Like the verdict's other statements on several families, this holds for all of them at once.
    """
    found = []
    for family, confidence in ((s.family, s.confidence) for s in spared):
        strongest = int(family.run.config.mildest_first[-1])
        if family.kept_at(confidence)[2, strongest] < HARMLESS:
            kept = Estimate(*map(float, family.kept_at()[:, strongest]))
            found.append((kept, family, severity(family.run.degradation, family.run.severities[strongest])))
    if not found:
        return ""
    if len(spared) == 1:
        return f" At the strongest severity, {found[0][2]}, it keeps {percent(found[0][0])}."
    found.sort(key=lambda one: one[0].value)
    named = [f"{family.title} ({inside(kept)}, at {where})" for kept, family, where in found]
    less = f"less than {100 * HARMLESS:g} % is kept"
    return f" At the strongest severity, {less} under {listed(named, most=NAMED)}."


def _hides_loss(standing: Standing) -> bool:
    """Return whether the accuracy kept hides that a recall falls, or, where one class is common, that it may fall."""
    may_fall = standing.family.one_common and bool(standing.doubtful_recalls)
    return standing.family.hides_recall or bool(standing.falls) or may_fall


def gaussian_finding(figures: Figures, standings: Sequence[Standing]) -> Finding | None:
    """Return what Gaussian noise of sigma 20 leaves, and at which sigma 10 % and 50 % of the accuracy are lost."""
    standing = next((s for s in standings if s.family.name == "gaussian_noise"), None)
    if standing is None:
        return None
    sentences = []
    level: Level = "mid"
    if (e := figures.sigma20) is not None:
        sentences.append(
            f"Of the images that are right when clean, {percent(e)} are still right under {standing.family.title} of "
            f"sigma {SIGMA:g}."
        )
        level = "bad" if e.high < 0.5 else "good" if e.low > 0.9 and not standing.falls else "mid"
    # If all clean images are right, those right when clean are all images, and there is no difference to point out.
    over_all = "" if standing.family.clean_right.all() else f"{ALL_IMAGES}, {WHY_ALL}"
    sentences += losses(standing, over_all if sentences else f"Under {standing.family.title}")
    return Finding("gaussian", level, " ".join(sentences), (standing.family.name,)) if sentences else None


def family_finding(standing: Standing) -> Finding:
    """Return what one family leaves: over all severities, at the middle one, and where accuracy is lost."""
    family = standing.family
    middle = severity(family.run.degradation, family.middle_severity)
    sentences = [
        f"{capital(family.title)}: {percent(family.kept)} of the accuracy is kept, {AVERAGED}.",
        f"At the middle severity, {middle}, {percent(family.middle)} of the images that are right when clean are "
        "still right.",
        *losses(standing, "" if family.clean_right.all() else ALL_IMAGES),
    ]
    if standing.falls:
        sentences.append(f"But {falls_clause(standing.falls)}.")
    return Finding("family", _level(standing), " ".join(sentences), (family.name,))


def _level(standing: Standing) -> Level:
    """Return how bad a family is."""
    if standing.breaks:
        return "bad"
    if standing.harmless:
        return "good"
    return "mid" if standing.sure else "unsure"
