"""Sentences on families of degradations: which break the network, which hardly touch it, and where."""

import math
from collections.abc import Sequence

from tfstab.assessment.chance import lost_from
from tfstab.assessment.figures import SIGMA, FamilyFigures, Figures
from tfstab.assessment.finding import Finding, Level
from tfstab.assessment.levels import BREAKS, HARMLESS
from tfstab.assessment.ranking import Extreme, Standing, extreme
from tfstab.assessment.words import number, severity
from tfstab.degradations import BUILT_IN, get_degradation
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import FEWEST_RIGHT, TOO_FEW
from tfstab.metrics.outlook import MOST, round_up
from tfstab.metrics.shares import inside, percent
from tfstab.wording import capital, counted, listed

AVERAGED = "averaged over the severities"
# Said after the share that is still right, so that it is not taken for the same measure.
ALL_IMAGES, WHY_ALL = "Over all images", "including those wrong when clean"
NOT_SHOWN = "the images tested do not show"
EXCLUDE = "the images are too few to exclude a larger loss"
NAMED = 3  # candidates for the most harmful family that are named one by one


def unmeasured_finding(measured: int, missing: Sequence[str]) -> Finding | None:
    """Return how many degradations were measured, and which were not. missing: names of families."""
    if not missing:
        return None
    titles = [get_degradation(name).title for name in missing]
    of, were = measured + len(missing), "was" if measured == 1 else "were"
    text = f"{measured} of {of} degradations {were} measured; the assessment ended before it came to"
    return Finding("unmeasured", "unsure", f"{text} {listed(titles, most=len(titles))}.", tuple(missing))


def few_finding(figures: Figures, seconds: float = 0.0) -> Finding | None:
    """Return under which degradations too few images are right when clean for a figure, and how many would be enough.

    seconds: how long all measuring took so far; 0 if that is not known.
    """
    few = [f for f in figures.families if not f.overall.enough]
    if not few or not figures.clean.value:  # if no image is right, this is said of the clean images
        return None
    titles = listed([f.title for f in few], most=8)
    what = f"{len(few)} of {len(figures.families)} degradations" if len(figures.families) > 1 else few[0].title
    text = f"What {what} would leave cannot be said yet, as {TOO_FEW}"
    text += f": {titles}." if len(figures.families) > 1 else "."
    images = math.ceil(FEWEST_RIGHT / figures.clean.value)
    available = figures.available
    if available is not None and images > available:
        text += f" About {round_up(images):,} images would be enough, but only {available:,} were given."
        return Finding("few", "unsure", text, tuple(f.name for f in few))
    rows = sum((max(images, len(f.images)) - len(f.images)) * len(f.run.severities) for f in few)
    done = sum(int(f.run.measures.total.sum()) for f in figures.families)
    more = math.ceil(seconds * rows / done / 60) if done else 0
    minutes = f", which may take about {counted(more, 'more minute')}" if more else ""
    text += f" About {round_up(images):,} images under each would be enough{minutes}."
    return Finding("few", "unsure", text, tuple(f.name for f in few))


def damaged_finding(damaged: Sequence[str]) -> Finding | None:
    """Return which results are left out because they are damaged. damaged: what they are of, in words."""
    if not damaged:
        return None
    text = f"The results for {listed(damaged, most=len(damaged))} are damaged and left out."
    return Finding("damaged", "unsure", text, tuple(damaged))


def worst_finding(standings: Sequence[Standing]) -> Finding | None:
    """Return which family hurts the network most, or among which ones it is."""
    if not standings:
        return None
    worst = extreme([s.family for s in standings], harmful=True)
    first, none_excluded = worst.members[0], len(worst.members) == len(standings)
    about = tuple(f.name for f in worst.members[:NAMED])
    if len(standings) == 1:
        text = f"Under {first.title} the network keeps {percent(first.kept)} of its accuracy, {AVERAGED}."
        return Finding("worst", _level(standings[0]), text, about)
    if first.kept.value >= 1:
        return _no_loss(standings, about)
    if all(s.harmless for s in standings):
        text = f"None of the {len(standings)} degradations costs the network more than a tenth of its accuracy."
        return Finding("worst", "good", f"{text} {capital(_most(worst, none_excluded))}", about)
    level: Level = "bad" if any(s.breaks for s in standings) else "mid"
    said, among = _most(worst, none_excluded), f"of the {len(standings)} degradations measured, "
    if len(standings) == len(BUILT_IN) or said.startswith(NOT_SHOWN):  # then the sentence has the number, or needs none
        among = ""
    return Finding("worst", level, capital(f"{among}{said}"), about)


def _no_loss(standings: Sequence[Standing], about: tuple[str, ...]) -> Finding:
    """Return that no loss was measured under any of several families, and down to where an interval reaches."""
    text = f"The images tested show no loss of accuracy under any of the {len(standings)} degradations."
    if all((s.family.overall.part >= s.family.overall.whole).all() for s in standings):
        text = f"None of the {len(standings)} degradations makes an image wrong that is right when clean."
    if all(s.harmless for s in standings):
        return Finding("worst", "good", text, about)
    lowest = min((s.family for s in standings), key=lambda family: family.kept.low)
    text += (
        f" The images are too few to exclude a loss: under {lowest.title}, {percent(lowest.kept)} of the accuracy is "
        f"kept, {AVERAGED}."
    )
    return Finding("worst", "unsure", text, (lowest.name,))


def _most(worst: Extreme, none_excluded: bool) -> str:
    """Return the same as a sentence that begins with a small letter. none_excluded: all families are candidates."""
    first, members = worst.members[0], worst.members
    if len(members) == 1:
        return f"{first.title} does the most harm: the network keeps {percent(first.kept)} of its accuracy, {AVERAGED}."
    named = _values(members[:NAMED])
    if none_excluded and len(members) > NAMED:
        text = (
            f"{NOT_SHOWN} which of the {len(members)} degradations does the most harm; the largest losses measured are"
        )
        return f"{text} under {listed(named)}."
    rest = len(members) - NAMED
    if rest > 0:
        named.append(f"one of {rest} others" if rest > 1 else "one other")
    return f"{listed(named, 'or')} does the most harm; the images tested do not show which."


def _values(families: Sequence[FamilyFigures]) -> list[str]:
    """Return the names of families with the accuracy kept; the first says what the number is."""
    first, *rest = families
    value, ends = inside(first.kept).split(", ")
    return [f"{first.title} ({value} of the accuracy kept, {ends})", *(f"{f.title} ({inside(f.kept)})" for f in rest)]


def broken_finding(standings: Sequence[Standing]) -> Finding | None:
    """Return under which families less than half of the accuracy is kept."""
    broken = [s.family for s in standings if s.breaks]
    if not broken:
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
        text = f"{names} {verb} little harm: more than 90 % of its accuracy is kept."
        return Finding("spared", "good", text, tuple(f.name for f in spared))
    if len(standings) < 2:
        return None
    least = extreme([s.family for s in standings], harmful=False).members
    if len(least) == 1 and not least[0].hides_recall:
        text = f"{capital(least[0].title)} does the least harm: {percent(least[0].kept)} of its accuracy is kept."
        return Finding("spared", "mid", text, (least[0].name,))
    return None


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
        level = "bad" if e.high < 0.5 else "good" if e.low > 0.9 else "mid"
    sentences += _losses(standing, f"{ALL_IMAGES}, {WHY_ALL}" if sentences else "")
    return Finding("gaussian", level, " ".join(sentences), (standing.family.name,)) if sentences else None


def family_finding(standing: Standing) -> Finding:
    """Return what one family leaves: over all severities, at the middle one, and where accuracy is lost."""
    family = standing.family
    middle = severity(family.run.degradation, family.middle_severity)
    sentences = [
        f"{capital(family.title)}: {percent(family.kept)} of the accuracy is kept, {AVERAGED}.",
        f"At the middle severity, {middle}, {percent(family.middle)} of the images that are right when clean are "
        "still right.",
        *_losses(standing, ALL_IMAGES),
    ]
    return Finding("family", _level(standing), " ".join(sentences), (family.name,))


def _losses(standing: Standing, opening: str) -> list[str]:
    """Return where 10 % and 50 % of the accuracy are lost; a sentence, or none if severities lie on both sides.

    It begins with `opening`, unless all clean images are right, so that the images right when clean are all images.
    """
    if standing.family.hides_recall and math.isinf(standing.family.severity10.value):
        return []  # to say that less is lost would reassure where the accuracy shows little
    sentences = _losses_alone(standing)
    if not opening or standing.family.clean_right.all():
        return sentences
    return [f"{opening}, {text[0].lower()}{text[1:]}" for text in sentences]


def _losses_alone(standing: Standing) -> list[str]:
    """Return the same without an opening."""
    family = standing.family
    if math.isnan(family.severity50.value):
        return []
    up_to = f"up to {severity(family.run.degradation, _strongest(family))}, the strongest tried"
    if standing.never_loses(0.1):
        return [f"It loses less than 10 % of its accuracy {up_to}."]
    least = _kept_up_to(standing, 0.1)
    tenth, half = _reached(standing, 0.1), _reached(standing, 0.5)
    kept, lost = f"It keeps 90 % of its accuracy up to at least {least}", f"It loses 10 % of its accuracy {tenth}"
    if not tenth:
        text = f"As measured, it loses less than 10 % of its accuracy {up_to}{_half_unknown(standing)}"
    elif family.guessing_keeps_half:  # where it does no better than guessing is said elsewhere
        text = f"{kept if least else lost}."
    elif standing.never_loses(0.5):
        text = f"{kept}, and more than half {up_to}." if least else f"{lost}, and keeps more than half {up_to}."
    elif not half:
        text = f"{kept if least else lost}. As measured, it loses less than half {up_to}, but {EXCLUDE}."
    elif half == tenth:  # both before the mildest severity
        text = f"It loses half of its accuracy {half}."
    else:
        text = f"{lost}, and half of it {half}."
    return [text]


def _half_unknown(standing: Standing) -> str:
    """Return the end of a sentence that says of a tenth only what was measured: what is known of half."""
    if standing.never_loses(0.5):
        return "; more than half is kept beyond doubt."
    least = _kept_up_to(standing, 0.5)
    return f", but {EXCLUDE}.{f' It keeps more than half up to at least {least}.' if least else ''}"


def _kept_up_to(standing: Standing, lost: float) -> str:
    """Return up to which severity at least so much is not lost, if the images tested do not lose it; "" if they do."""
    family = standing.family
    e = family.severity_of_loss(lost)
    if math.isfinite(e.value):
        return ""
    low = e.low if math.isfinite(e.low) else family.severity_of_loss(lost, standing.confidence).low
    return "" if family.run.config.before_mildest(low) else severity(family.run.degradation, low, measured=True)


def _reached(standing: Standing, lost: float) -> str:
    """Return in words at which severity an accuracy is lost; "" if the images show none, nor one before it."""
    family, degradation = standing.family, standing.family.run.degradation
    e = family.severity_of_loss(lost)
    if math.isinf(e.value):
        least = "" if standing.never_loses(lost) else _kept_up_to(standing, lost)
        return f"not before {least}, if at all" if least else ""
    if family.run.config.before_mildest(e.value):
        where = f"before {severity(degradation, _mildest(family))}, the mildest tried"
        if family.run.config.before_mildest(e.high):
            return where
        return f"probably {where}{f' (at the latest at {number(e.high)})' if math.isfinite(e.high) else ''}"
    where = f"at {severity(degradation, e.value, measured=True)}"
    if math.isinf(e.high):
        return where.replace("at ", "at about ", 1) + f" (not before {number(e.low)})"
    low, high = sorted((e.low, e.high))
    return f"{where} ({number(low)}–{number(high)})"


def instead_of_half(family: FamilyFigures, named: bool = True) -> tuple[str, str] | None:
    """Return what is said in place of the severity at which half of the accuracy is lost; None if it is that severity.

    It is a big number of a report or a headline number of the viewer, and what the number says, as measured: "less than
    half", "of its accuracy is lost under fog up to density 80 %". If always answering the same class would keep half of
    the accuracy, it is the severity from which on the network may do no better than that.

    Parameters
    ----------
    family : FamilyFigures
        The figures of a family.
    named : bool
        Whether to name the family.
    """
    degradation, config = family.run.degradation, family.run.config
    if family.guessing_keeps_half and (index := lost_from(family)) is not None:
        of = f"of {family.title}" if named else ""
        where = ", the strongest tried: there," if index == config.mildest_first[-1] else ": from there on,"
        text = f"{of}{where} accuracy may be no better than with one constant answer"
        return severity(degradation, config.severities[index]), text.lstrip(",: ")
    if family.hides_recall and math.isinf(family.severity10.value):
        return "not known", f"where recall is lost{f' under {family.title}' if named else ''}: the accuracy hides it"
    under, half = f" under {family.title}" if named else "", family.severity50.value
    if config.before_mildest(half):
        mildest = severity(degradation, _mildest(family))
        return "more than half", f"of its accuracy is lost{under} already at {mildest}, the mildest tried"
    if math.isfinite(half):
        return None
    lost = "less than 10 %" if math.isinf(family.severity10.value) else "less than half"
    return lost, f"of its accuracy is lost{under} up to {severity(degradation, _strongest(family))}"


def before_mildest(family: FamilyFigures, e: Estimate) -> str:
    """Return "before sigma 10" for a severity on the mild side of all that were tried, "" for any other.

    There the curve is a straight line from the clean images, too little for a number with an interval. If the interval
    ends at a severity that was tried, or beyond it, its end is added: "before sigma 10 (up to 12)".
    """
    if not family.run.config.before_mildest(e.value):
        return ""
    text = f"before {severity(family.run.degradation, _mildest(family))}"
    if family.run.config.before_mildest(e.high):
        return text
    return f"{text} ({f'up to {number(e.high)}' if math.isfinite(e.high) else 'or stronger'})"


def _mildest(family: FamilyFigures) -> float:
    """Return the mildest severity that was swept."""
    config = family.run.config
    return float(config.severities[config.mildest_first[0]])


def _strongest(family: FamilyFigures) -> float:
    """Return the strongest severity that was swept."""
    config = family.run.config
    return float(config.severities[config.mildest_first[-1]])


def _level(standing: Standing) -> Level:
    """Return how bad a family is."""
    if standing.breaks:
        return "bad"
    if standing.harmless:
        return "good"
    return "mid" if standing.sure else "unsure"


def undecided_findings(standings: Sequence[Standing], figures: Figures) -> list[Finding]:
    """Return which questions about families the images leave open, and how many images would answer them."""
    found = []
    for limit, what in ((BREAKS, "half"), (HARMLESS, "a tenth")):
        doubtful = [s for s in standings if s.doubtful == limit]
        if doubtful:
            listing = _values([s.family for s in doubtful])
            text = f"Not decided: whether it loses more than {what} of its accuracy under "
            text += f"{listed(listing, 'or', most=6)}."
            if any(not s.family.kept.low <= limit <= s.family.kept.high for s in doubtful):
                text += " Many questions are answered at once, so this takes wider intervals than those in brackets."
            text += _advice([s.images_needed for s in doubtful], [s.family for s in doubtful], figures)
            found.append(Finding("undecided", "unsure", text, tuple(s.family.name for s in doubtful)))
    blind = [s.family for s in standings if s.blind and s.doubtful is None and s.family.rare_right]
    if blind:
        text = "Not decided: whether a class loses more than a tenth of its recall under "
        text += f"{listed([f.title for f in blind], 'or', most=8)}. The accuracy does not show it, as always answering "
        text += "the same class would be right nearly as often, and there are few images of other classes."
        found.append(Finding("undecided", "unsure", text, tuple(f.name for f in blind)))
    worst = extreme([s.family for s in standings], harmful=True)
    if len(worst.members) > 1 and worst.members[0].kept.value < 1:
        names = [f.title for f in worst.members]
        text = f"Not decided: which of {listed(names, most=6)} does the most harm."
        text += _narrowing(worst, figures)
        found.append(Finding("undecided", "unsure", text, tuple(f.name for f in worst.members)))
    return found


def _advice(needed: Sequence[float], families: Sequence[FamilyFigures], figures: Figures) -> str:
    """Return how many images would decide it, if the values stay; nothing if too few were measured to say."""
    if any(map(math.isnan, needed)):
        return ""
    there = [n for n in needed if math.isfinite(n)]
    if not there:
        return f" Even {MOST} times as many images would probably not decide this."
    there = [n for n in there if figures.available is None or n <= figures.available] or there
    all_of_it = "this" if len(needed) == 1 else "all of this"
    what = f"{len(there)} of these {len(needed)}" if len(there) < len(needed) else all_of_it
    return _more(max(there), f"decide {what}", families, figures)


def _more(images: float, do: str, families: Sequence[FamilyFigures], figures: Figures) -> str:
    """Return what more images of these families would do, and how many there are."""
    available = figures.available
    text = f" If the values stay as measured, about {round_up(images):,} images in all under each degradation "
    if available is not None and images > available:
        if figures.limited:
            return f"{text}would {do}. It was limited to {available:,} of the data's images: raise this limit."
        return f"{text}would {do}. More minutes cannot decide this: only {available:,} images were given."
    counts = [len(family.images) for family in families]
    low, high = f"{min(counts):,}", f"{max(counts):,}"
    return f"{text}(so far {low if low == high else f'{low} to {high}'}) would {do}."


def _narrowing(worst: Extreme, figures: Figures) -> str:
    """Return how many images would leave one candidate for the most harmful family, or else a few."""
    few = sorted(worst.images_needed)[: 1 - NAMED]  # the first candidate and the hardest to exclude are left
    if math.inf in worst.images_needed and few and math.isfinite(few[-1]):
        return _more(few[-1], f"narrow it down to {NAMED} of them", worst.members, figures)
    return _advice([max(worst.images_needed)], worst.members, figures)
