"""How the recall of a rare class changes, which the accuracies before and after a remedy hardly show."""

from collections import Counter
from typing import TYPE_CHECKING

from tfstab.datasets.groups import needed_images
from tfstab.datasets.remarks import remarks_of
from tfstab.experiments.also_taken import taken_clause
from tfstab.experiments.too_few_degraded import too_few_sentences
from tfstab.metrics.chance import constant_share, one_is_common
from tfstab.metrics.shares import rounded
from tfstab.names import named, quoted, shortened
from tfstab.runs.info import without_classes
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.experiments.clean_comparison import ClassChange
    from tfstab.experiments.remedy_comparison import RemedyComparison


def rare_class(comparison: "RemedyComparison") -> "ClassChange | None":
    """Return, where one class is common, the change of the other class that loses most recall; or None."""
    clean = comparison.on_clean
    sizes = Counter(clean.labels.tolist())
    if not one_is_common(list(sizes.values())):
        return None
    common = max(sizes, key=lambda k: sizes[k])
    return min((c for c in clean.class_changes if c.index != common), key=lambda c: c.recall.value)


def among_rare(comparison: "RemedyComparison") -> str:
    """Return among how many classes `rare_class` was chosen: "Of the 3 rarer classes, "; "" if there was no choice."""
    rarer = len(comparison.on_clean.class_changes) - 1
    return f"Of the {rarer:,} rarer classes, " if rarer > 1 else ""


def rare_sentences(comparison: "RemedyComparison") -> list[str]:
    """Return how the recall of a rare class changes, and what always answering the common one reaches; [] without."""
    change, clean = rare_class(comparison), comparison.on_clean
    if change is None:
        return []
    before, after = (right[clean.labels == change.index] for right in clean.correct)
    lost, won = int((before & ~after).sum()), int((after & ~before).sum())
    which, of = f"class {quoted(shortened(change.name, 60))}", counted(len(before), "clean image")
    first, second, moved = int(before.sum()), int(after.sum()), f"({lost:,} lost, {won:,} won)"
    if change.sign:
        verb, how = ("falls", "loses the most") if change.sign < 0 else ("rises", "gains the least")
        start = f"{among}{which} {how} recall, which" if (among := among_rare(comparison)) else f"The recall of {which}"
        told = f"{start} {verb} from {first:,} to {second:,} of {of} {moved}."
    else:
        among = among_rare(comparison)
        start = f"{among}{which} has the least favourable change of recall: of {of}" if among else f"Of {of} of {which}"
        told = f"{start}, {first:,} are right before and {second:,} after {moved}; whether it changes is not decided."
    taken = taken_clause([change], change.sign, ["it"])
    told += f" At the same time, {taken}." if taken else ""
    share = constant_share(list(Counter(clean.labels.tolist()).values()))
    reached = comparison.change("accuracy").paired.second
    than = f"more often than {named(comparison.after)} is under the degradations ({rounded(reached, 1)} %)"
    instead = f", {than}" if reached < share else ""
    return [
        told,
        f"Accuracy says little here: always answering the same class would be right on {rounded(share)} % of the "
        f"images{instead}.",
    ]


def rare_recall_sentences(comparison: "RemedyComparison") -> list[str]:
    """Return sentences on classes whose degraded images are too few to know how their recalls change.

    For the class that `rare_class` chooses, one says that its images decide no change, unless they decide one.
    """
    change = rare_class(comparison)
    info = comparison.pairs[0][0].info
    if without_classes(info):
        return []
    remarks = remarks_of(info["data"])
    more = f"It takes {needed_images('more', remarks, 'test images')} of %s."
    if len(comparison.images) < len(comparison.on_clean.images):
        more = "Run the same command again, which degrades more images."
    clean = comparison.on_clean
    told = too_few_sentences([one.by_class for one in comparison.compared], clean.labels, clean.name_of, more)
    own = [one for one in comparison.recalls if change is not None and one.class_name == change.name]
    if change is None or not own or any(one.sign for one in own):
        return told
    widest, counts = max(one.paired.high - one.paired.low for one in own), sorted({one.paired.count for one in own})
    these = " to ".join(f"{number:,}" for number in dict.fromkeys((counts[0], counts[-1])))
    return [
        f"The {these} degraded images of class {quoted(shortened(change.name, 60))} do not decide under any "
        f"degradation whether its recall changes: the 95 % intervals of the changes are up to {rounded(widest)} points "
        f"wide, and half of this width takes {needed_images('four times as many', remarks)} of this class. "
        f"{more.replace('%s', 'this class')}",
        *told,
    ]
