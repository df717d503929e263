"""What a remedy changed, in sentences that claim no more than the intervals support."""

from typing import TYPE_CHECKING

from tfstab.experiments.also_taken import number_word, shares_taken, taken_clause
from tfstab.experiments.class_text import class_sentences, mostly_wrong_sentences, undecided_classes
from tfstab.experiments.comparison_text import chosen_notes, mcnemar_words
from tfstab.experiments.false_alarms import LEAST, alarm_sentences, from_to
from tfstab.experiments.recall_changes import NOTABLE, PROBABLY_REAL, largest_likely, recall_sentences
from tfstab.experiments.remedy_rare import rare_class, rare_recall_sentences, rare_sentences
from tfstab.experiments.too_few_degraded import uncompared_note
from tfstab.metrics.paired import Paired, Ratio
from tfstab.metrics.shares import rounded, signed, signed_ends
from tfstab.names import all_named, all_quoted, shortened
from tfstab.wording import capital, counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfstab.experiments.clean_comparison import ClassChange
    from tfstab.experiments.recall_changes import RecallChange
    from tfstab.experiments.remedy_change import Change
    from tfstab.experiments.remedy_comparison import RemedyComparison

LISTED = 6  # names in a list before "and 3 others"
MOST_FIRST = 3  # the same, in the sentences of the lead on what became better or worse
DEGRADE_MORE = (
    "Run the same command again, if possible with more minutes: it does not train again, but degrades more images."
)


def lead(comparison: "RemedyComparison") -> str:
    """Return the accuracies before and after, what became better or worse, and the largest likely loss."""
    if comparison.unchanged:
        return (
            f"{comparison.before} stays unchanged. Nothing that was tried made it clearly more stable within the limit "
            "for its clean accuracy."
        )
    accuracy, clean = comparison.change("accuracy"), comparison.change("clean")
    several = len(comparison.families) > 1
    combined = any(before.degradation.steps for before, _ in comparison.pairs)
    alone = "" if combined else " applied one at a time,"
    average = f"averaged over {len(comparison.families)} degradations,{alone}"
    where = average if several else accuracy.title.partition(" ")[2]
    what = f"{capital(where)} accuracy" if several else f"Accuracy {where}"
    on = f" on {counted(clean.images)}" if clean.images != accuracy.images else ""
    told = f"{_moved(what, accuracy.paired)} {_moved(f'Clean accuracy{on}', clean.paired)}"
    gained, lost = gain_sentences(comparison), price_sentences(comparison)
    wrong = mostly_wrong_sentences(comparison.on_clean)
    return " ".join([*rare_sentences(comparison), told, *wrong, *gained, *lost, *loss_sentences(comparison)])


def _few_certain(recalls: "Sequence[RecallChange]") -> str:
    """Return, before the largest likely loss, that no recall is certainly lower, or only recalls that said little."""
    count, lower = f"{len(recalls):,}", sum(change.sign < 0 for change in recalls)
    if not lower:
        return f"None of the {count} recalls under the degradations is certainly lower."
    these, them = ("is", "this class") if lower == 1 else ("are", "these classes")
    return (
        f"{capital(number_word(lower))} of the {count} recalls under the degradations {these} certainly lower, but far "
        f"fewer images of other classes are now taken for {them}."
    )


def gain_sentences(comparison: "RemedyComparison") -> list[str]:
    """Return under which degradations accuracy certainly rises, decided for all at once, the largest rise first.

    [] if there are none, or if the average over all degradations rises: then it shows that the remedy helps.
    """
    risen = [family for family in comparison.families if family.decided > 0]
    if len(comparison.families) < 2 or not risen or comparison.change("accuracy").paired.sign > 0:
        return []
    risen.sort(key=lambda family: -family.paired.value)
    each = [f"{family.title} ({signed(family.paired.value)} points)" for family in risen]
    return [f"Accuracy certainly rises under {listed(each, most=MOST_FIRST)}."]


def price_sentences(comparison: "RemedyComparison") -> list[str]:
    """Return in one sentence what became worse besides the accuracies in `lead`; [] if nothing certainly did.

    Each loss is decided as in the sentences that follow the lead: for all classes, all degradations and all recalls at
    once. A lower recall under a degradation does not count if the original took far more images of other classes for
    the class. One on clean images counts, with a note if certainly fewer images of other classes are now taken for it;
    likewise the largest under a degradation. More false alarms count, clean or degraded.
    """
    rare = rare_class(comparison)  # whose fall is told before the accuracies
    classes = [c for c in comparison.on_clean.changed_classes if c.sign < 0 and (rare is None or c.index != rare.index)]
    families = [family for family in comparison.families if family.decided < 0 and len(comparison.families) > 1]
    fallen = [change for change in comparison.recalls if change.sign < 0]
    lower = [change for change in fallen if not change.says_little]
    noise = [c for c in comparison.changes if c.name == "minimum_noise" and c.told and c.decides and c.paired.sign < 0]
    worse = []
    if classes:
        names = all_quoted(shortened(c.name, 60) for c in classes)
        each = [f"{name} ({_fewer(c.recall)})" for name, c in zip(names, classes, strict=True)]
        which = "class" if len(each) == 1 else "the classes"
        fewer = taken_clause(classes, -1, names if len(names) > 1 else ["it"])
        but = f", but {fewer}" if fewer else ""
        worse.append(f"recall on clean images of {which} {listed(each, most=MOST_FIRST)}{but}")
    if families:
        each = [f"{family.title} ({_from_to(family.paired)})" for family in families]
        worse.append(f"accuracy under {listed(each, most=MOST_FIRST)}")
    if lower:
        most = min(lower, key=lambda change: change.paired.value)
        of = f"{len(lower):,} of the {len(comparison.recalls):,} recalls under the degradations, such as that of "
        fell = _from_to(most.paired)
        if fewer_taken(comparison, most):
            first, second = shares_taken(most.taken, digits=1)
            fell += ", while fewer degraded images of other classes are taken for this class: "
            fell += f"{second} instead of {first}"
        worse.append(f"{of if len(lower) > 1 else 'the recall of '}{most.which} ({fell})")
        if rest := [change for change in fallen if change.says_little]:
            of, this = ("recall", "this class") if len(rest) == 1 else ("recalls", "these classes")
            which = listed([change.which for change in rest], most=MOST_FIRST)
            worse.append(f"the {of} of {which}, but far fewer images of other classes are now taken for {this}")
    worse += _more_alarms(comparison)
    if noise:
        worse.append(f"the minimum noise (typically {noise[0].paired.value:.2f} times what it was)")
    return [f"Worse than before: {'; '.join(worse)}."] if worse else []


def _more_alarms(comparison: "RemedyComparison") -> list[str]:
    """Return for which class there are more false alarms than before, and for how many fewer; [] if for none more."""
    more, fewer = ([one for one in comparison.false_alarms if one.specificity.sign == sign] for sign in (-1, 1))
    if not more:
        return []
    others = f" and in {counted(len(more) - 1, 'other case')}" if len(more) > 1 else ""
    but = f", but fewer in {counted(len(fewer), 'case')}" if fewer else ""
    return [f"more false alarms for {more[0].which} ({from_to(more[0])}){others}{but}"]


def loss_sentences(comparison: "RemedyComparison") -> list[str]:
    """Return which loss of recall is likely although none is decided; [] without one."""
    loss = largest_likely(comparison.recalls, -1, NOTABLE)
    if loss is None:
        return []
    (more, less), (before, after), count = loss.changed, loss.taken, f"{len(comparison.recalls):,}"
    images = counted(loss.paired.count)
    decide = "more images of this class can decide it"
    if loss.paired.count < comparison.on_clean.recalls[loss.index].count:
        decide += ": run the same command again, which degrades more images"
    doubt = f"This may be chance, because {count} recalls are compared at once; {decide}"
    if loss.is_hardly_chance(len(comparison.recalls)):
        doubt = (
            f"{PROBABLY_REAL.format('loss')} It is not called certain, because rare "
            f"images that change strongly in the other direction may be missing among only {images}; {decide}"
        )
    told = [
        f"{_few_certain(comparison.recalls)} The largest likely loss is that of "
        f"{loss.which} ({_from_to(loss.paired)}): of {images}, {more or 'none'} {'is' if more == 1 else 'are'} right "
        f"more often than before, and {less:,} less often. {doubt}."
    ]
    if fewer_taken(comparison, loss):
        told.append(
            "At the same time, fewer degraded images of other classes are taken for this class: "
            f"{rounded(after)} % instead of {rounded(before)} %."
        )
    return told


def fewer_taken(comparison: "RemedyComparison", change: "RecallChange") -> bool:
    """Return whether clearly fewer degraded images of other classes are taken for a class after the remedy.

    They are certainly fewer, by at least LEAST. False if it is not known.
    """
    before, after = change.taken
    if not before - after >= LEAST:  # NaN if not known
        return False
    pair = next(pair for pair in comparison.compared if pair.first.degradation.title == change.family)
    return pair.specificity(change.index).sign > 0


def _fewer(recall: Paired) -> str:
    """Return how many images of a class are right: "288 of 375 right before, 249 after"."""
    before, after = (round(share * recall.count) for share in (recall.first, recall.second))
    return f"{before:,} of {recall.count:,} right before, {after:,} after"


def _from_to(paired: Paired) -> str:
    """Return two shares: "from 84.2 % to 60.5 %"."""
    return f"from {100 * paired.first:.1f} % to {100 * paired.second:.1f} %"


def unmeasured_sentence(measured: int, titles: "Sequence[str]") -> str:
    """Return how many degradations were measured before and after, and for which there was no time.

    titles: titles of the latter, at least one.
    """
    of, were = measured + len(titles), "was" if measured == 1 else "were"
    missing = listed(titles, most=len(titles))
    return f"Only {measured} of {of} degradations {were} measured; there was no time for {missing}."


def sentences(comparison: "RemedyComparison", caveats: "Sequence[str]" = ()) -> list[str]:
    """Return what is compared, the lead, which families' accuracy changes, and the other figures.

    caveats: what to know of the gains, in paragraphs that follow the lead.
    """
    if comparison.unchanged:
        return [lead(comparison)]
    before, after = all_named(comparison.before, comparison.after)
    lines = [f"{after} compared with {before} on {images_compared(comparison)}"]
    lines += [lead(comparison), *caveats]
    lines += clean_sentences(comparison)
    if len(comparison.families) > 1:
        lines.append(families_sentence(comparison))
    lines += sentences_of_recalls(comparison)
    return lines + [_figure(change, len(comparison.images)) for change in comparison.changes[2:] if change.told]


def images_compared(comparison: "RemedyComparison") -> str:
    """Return how many images all degradations have, and how many a single one has at most."""
    images, most = len(comparison.images), max(family.images for family in comparison.families)
    return counted(images) + (f" (up to {most:,} under a single degradation)" if most > images else "")


def sentences_of_recalls(comparison: "RemedyComparison") -> list[str]:
    """Return what changed for classes under degradations, and what is not known for lack of degraded images."""
    recalls, (before, after) = comparison.recalls, all_named(comparison.before, comparison.after)
    accuracies = {family.title: family.paired for family in comparison.families}
    uncompared = uncompared_note(recalls, accuracies, DEGRADE_MORE)
    told = recall_sentences(recalls, before, after, largest_likely(recalls, -1, NOTABLE), uncompared)
    return [*told, *alarm_sentences(comparison.false_alarms, before, after), *rare_recall_sentences(comparison)]


def clean_sentences(comparison: "RemedyComparison") -> list[str]:
    """Return on how many clean images only one of the networks is right, and in which classes more often."""
    clean, (before, after) = comparison.on_clean, all_named(comparison.before, comparison.after)
    told = mcnemar_words(clean, before, after)
    classes = class_sentences(clean, before, after)
    if not classes and len(clean.recalls) > 1:
        classes = [_undecided_classes(clean.class_changes)]
    classes += undecided_classes(clean, before, after)
    return [f"Of {counted(len(clean.images), 'clean image')}, {told}.", *chosen_notes(clean, before, after), *classes]


def _undecided_classes(changes: list["ClassChange"]) -> str:
    """Return that no class is decided, and the largest fall and rise of a recall."""
    least, most = (extreme(changes, key=lambda change: change.recall.value) for extreme in (min, max))
    names = all_quoted(shortened(c.name, 60) for c in (least, most))
    low, high = (f"{signed(c.recall.value)} points (class {n})" for c, n in zip((least, most), names, strict=True))
    measured = f"; the changes measured are from {low} to {high}" if least.recall.value < most.recall.value else ""
    return (
        f"In none of the {len(changes)} classes do the clean images decide whether more or fewer of them are right "
        f"than before{measured}."
    )


def families_sentence(comparison: "RemedyComparison") -> str:
    """Return under which families accuracy rises or falls, the largest change first, and which are not decided."""
    ordered = sorted(comparison.families, key=lambda family: -abs(family.paired.value))
    by_sign = {s: [family.title for family in ordered if family.decided == s] for s in (1, -1, 0)}
    verbs = ((1, "rises"), (-1, "falls"))
    told = [f"{verb} under {listed(by_sign[sign], most=LISTED)}" for sign, verb in verbs if by_sign[sign]]
    wider = ""
    if any(family.paired.sign for family in comparison.families if not family.decided):
        wider = (
            " Many comparisons are made at once, so to decide takes wider intervals than the 95 % interval of a single "
            "one."
        )
    if not told:
        return "For no single degradation do the images decide whether accuracy rises or falls." + wider
    undecided = f"; not decided: {listed(by_sign[0], most=LISTED)}" if by_sign[0] else ""
    return f"Accuracy {' and '.join(told)}{undecided}.{wider}"


def _figure(change: "Change", images: int) -> str:
    """Return a figure before and after in one line. images: of how many figures are, if it does not say it."""
    p = change.paired
    if isinstance(p, Ratio):
        # The median noise may rise although most images need less, so it comes second. It is left out unless a change
        # is decided: with few images, it may well rise while the median of the ratios is below 1.
        meanings = {1: "more noise is needed than before", -1: "less noise is enough than before"}
        meaning = meanings.get(p.sign, "it is not decided whether more or less noise is needed")
        medians = f"; the median itself is {p.first:.1f} grey levels before and {p.second:.1f} after" if p.sign else ""
        if (p.second - p.first) * p.sign < 0:
            medians += " (each image has its own ratio, so the median ratio may contradict these medians)"
        if not change.decides:
            meaning = (
                "less or more noise is found than before; as the searches are not refined, this does not decide "
                "whether the minimum changes"
            )
        return (
            f"Minimum noise found (L2) in {counted(change.images)}, after divided by before: median {p.value:.2f} "
            f"(95 % interval {p.ends(2)}), so {meaning}{medians}"
        )
    on = f" on {counted(change.images)}" if change.images != images else ""
    return f"{capital(change.title)}{on}: {before_after(p)} ({points(p)})"


def _moved(what: str, paired: Paired) -> str:
    """Return that a share rises or falls, and from which value to which, or that this is not decided."""
    if not paired.sign:
        return f"{what} is {before_after(paired)}; whether it changes is not decided ({points(paired)})."
    verb = "rises" if paired.sign > 0 else "falls"
    return f"{what} {verb} {_from_to(paired)} ({points(paired)})."


def before_after(paired: Paired) -> str:
    """Return two shares: "42.0 % before and 51.2 % after"."""
    return f"{100 * paired.first:.1f} % before and {100 * paired.second:.1f} % after"


def points(paired: Paired) -> str:
    """Return a difference of two shares with its interval: "+9.2 points, 95 % interval +8.3 to +10.1"."""
    return f"{signed(paired.value)} points, 95 % interval {signed_ends(paired.low, paired.high)}"
