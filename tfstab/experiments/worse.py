"""In which respects the second of two networks is worse than the first, as a gate in continuous integration asks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.errors import InputError
from tfstab.experiments.class_text import shift_sentences
from tfstab.experiments.comparison_text import short_names
from tfstab.experiments.folders_compared import FolderComparison, recalls_of
from tfstab.experiments.gate_groups import Group, Respects, signs, together
from tfstab.experiments.named_classes import (
    LONGEST,
    Pair,
    class_groups,
    little_sentences,
    on_clean,
    possible_class_loss,
    sweeps_of,
)
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.metrics.paired import Ratio
from tfstab.names import all_quoted, quoted, shortened
from tfstab.wording import counted, listed, percent

if TYPE_CHECKING:
    from tfstab.metrics.paired import Paired

TOGETHER = "95 % confidence for all together"
UNDECIDED_NOISE = "minimum noise (the searches are not refined)"
ONE_NETWORK = "minimum noise (both searches are of the same network)"
MISSING = 20  # classes that are named
NAMED = 3  # degradations that are named


def respects(pair: Pair, of_classes: Sequence[str] = ()) -> Respects:
    """Return everything that is compared, by name: clean accuracies, classes, degradations and minimum noise.

    of_classes: as of `worse`.
    """
    return together(_groups(pair, of_classes))


def worse(pair: Pair, of_classes: Sequence[str] = (), tolerance: float = 0.0) -> Respects:
    """Return in which respects the second network is worse, decided for all of them at once.

    The classes share half of the permitted probability of an error, and everything else the other half. Otherwise, a
    loss of clean accuracy would go unnoticed where there are hundreds of classes.

    Parameters
    ----------
    pair : SweepComparison, SearchComparison or FolderComparison
        The networks.
    of_classes : sequence of str, optional
        Names of the only classes to compare, chosen before the results were known. Their recalls on clean images get
        half of the permitted probability of an error; their precision, and recalls and specificities under the
        degradations, the other half.
    tolerance : float
        Accepted loss, as a share: with 0.02, only a loss that is certainly larger than 2 points counts. It does not
        apply to the minimum noise.

    Raises
    ------
    InputError
        Both have no images of one of these classes, or the tolerance is not in 0..1.
    """
    return _worse_of(_groups(pair, of_classes), tolerance)


def worse_sentence(pair: Pair, of_classes: Sequence[str] = (), tolerance: float = 0.0) -> str:
    """Return in which respects the second network is worse, or that none is known, and what did not count.

    of_classes, tolerance: as in `worse`.
    """
    groups, (a, b) = _groups(pair, of_classes), short_names(pair.first, pair.second)
    found, lost = together(groups), _worse_of(groups, tolerance)
    total, beyond = f"of the {counted(len(found), 'comparison')}", _beyond(tolerance)
    what = f"{_kinds(groups)}; {TOGETHER}"
    outside = [*(_lower_recalls(pair) if not of_classes else []), *_not_compared(pair, of_classes)]
    outside += [*_not_in_both(pair, of_classes), *_unfinished(pair), *_possible(pair, of_classes)]
    little = little_sentences(pair, of_classes, a, b) if of_classes and not pair.same_network else []
    accepted = {title: paired for title, paired in _worse_of(groups).items() if title not in lost}
    within = [f"Worse, but not certainly{beyond}, so it does not count: {_with_values(accepted)}."] if accepted else []
    of_class = any(title in lost for group in groups if group.recalls for title in group.respects)
    shift = shift_sentences(on_clean(pair), a, b) if of_class else []
    notes = [*little, *shift, *within, *_decided_alone(groups), *outside, *_chosen(pair, a, b), *pair.chosen_by]
    rest = "".join(f" {sentence}" for sentence in notes)
    if not lost:
        return f"None {total} shows that {b} is worse than {a}{beyond} ({what}).{rest}"
    return f"{b} is worse than {a}{beyond} in {len(lost)} {total} ({what}): {_with_values(lost)}.{rest}"


def _beyond(tolerance: float) -> str:
    """Return the loss that is accepted, to follow "worse"; "" for none."""
    return f" by more than {100 * tolerance:g} point{'' if tolerance == 0.01 else 's'}" if tolerance else ""


def _groups(pair: Pair, of_classes: Sequence[str]) -> list[Group]:
    """Return the comparisons by what they are of; none of those without images.

    Classes and degradations are also decided among themselves, in the sentences and tables of a comparison.
    """
    if of_classes:
        return class_groups(pair, of_classes)
    sweeps = sweeps_of(pair)
    search = pair.searches if isinstance(pair, FolderComparison) else pair
    clean = on_clean(pair)
    recalls = clean.recalls if len(clean.recalls) > 1 else {}  # that of a single class is the clean accuracy
    each_class: Respects = {f"class {quoted(clean.name_of(k))}": recall for k, recall in recalls.items()}
    under: Respects = {sweep.first.degradation.title: sweep.accuracy() for sweep in sweeps}
    groups = [
        Group("clean images", {"clean images": clean.accuracy}),
        Group(counted(len(each_class), "class", "classes"), each_class, recalls=True),
        Group(counted(len(under), "degradation"), under),
    ]
    if isinstance(search, SearchComparison) and search.tells_networks_apart:
        groups.append(Group("minimum noise", {"minimum noise": search.ratio()}))
    return [group for group in groups if group.respects]


def _worse_of(groups: Sequence[Group], tolerance: float = 0.0) -> Respects:
    """Return in which of these respects the second network is worse, decided for all of them at once; see `worse`."""
    if not 0 <= tolerance < 1:
        raise InputError(f"the tolerance is {tolerance:g}; expected a share from 0 to less than 1, such as 0.02.")
    better = signs(groups, tolerance)
    return {title: paired for title, paired in together(groups).items() if better[title] < 0}


def _kinds(groups: Sequence[Group]) -> str:
    """Return what is compared: "clean images, 5 classes, 18 degradations and minimum noise"."""
    return listed([group.title if len(group.respects) > 1 else next(iter(group.respects)) for group in groups])


def _decided_alone(groups: Sequence[Group]) -> list[str]:
    """Return sentences on where the second network is worse if fewer comparisons count, as in tables."""
    found = together(groups)
    lost, sentences = _worse_of(groups), []
    for group in groups:
        alone = {title: paired for title, paired in _worse_of([group]).items() if title not in lost}
        if alone:
            by_themselves = f"for the {group.title} by themselves" if len(group.respects) > 1 else "by itself"
            sentences.append(
                f"Decided {by_themselves}, but not for all {len(found)} comparisons together, so it does not count: "
                f"{_with_values(alone)}."
            )
    return sentences


def _lower_recalls(pair: Pair) -> list[str]:
    """Return a sentence on the recalls under degradations that are certainly lower, because none of them counts."""
    sweeps = sweeps_of(pair)
    lower = sum(change.sign < 0 for change in recalls_of(sweeps)) if sweeps else 0
    if not lower:
        return []
    are, them = ("is", "it") if lower == 1 else ("are", "them")
    return [
        f"The recalls of single classes under degradation do not count: {lower:,} {are} certainly lower. "
        f"To make {them} count, name the classes that matter with --class NAME (in Python of_classes=)."
    ]


def _not_compared(pair: Pair, of_classes: Sequence[str]) -> list[str]:
    """Return a sentence on what only one of two folders of runs has, or what both have but cannot be compared.

    of_classes: the only classes that are compared, for which the minimum noise does not count.
    """
    found = {sweep.first.degradation.title for sweep in sweeps_of(pair)} if of_classes else set(respects(pair))
    if isinstance(pair, SearchComparison):
        left_out = ONE_NETWORK if pair.same_network else "" if pair.decides else UNDECIDED_NOISE
        return [f"Not compared: {left_out}."] if left_out and not of_classes else []
    if not isinstance(pair, FolderComparison):
        return []
    sweeps = [sweep for folder in (pair.first, pair.second) for sweep in folder.sweeps.values()]
    titles = [sweep.degradation.title for sweep in sweeps]
    titles += ["minimum noise"] if not of_classes and (pair.first.search or pair.second.search) else []
    missing = [title for title in dict.fromkeys(titles) if title not in found]
    if pair.searches is not None and pair.searches.same_network:
        missing = [ONE_NETWORK if title == "minimum noise" else title for title in missing]
    elif pair.searches is not None and not pair.searches.decides:
        missing = [UNDECIDED_NOISE if title == "minimum noise" else title for title in missing]
    return [f"Not compared: {listed(missing, most=len(missing))}."] if missing else []


def _not_in_both(pair: Pair, of_classes: Sequence[str]) -> list[str]:
    """Return sentences on the clean images, and on the classes, that only one of the two networks has measured."""
    compared, said = pair.largest if isinstance(pair, FolderComparison) else pair, list[str]()
    clean, measured = compared.on_clean, [run.clean for run in (compared.first, compared.second)]
    most, both = max(len(one.indices) for one in measured), len(clean.images)
    if both < most:
        said.append(f"Compared on {both:,} of {counted(most, 'clean image')}: both have measured only these.")
    there = set[int]().union(*(one.class_index.tolist() for one in measured))
    lost = [] if of_classes else sorted(there - clean.recalls.keys())
    if lost:
        names = listed(all_quoted(shortened(clean.name_of(k), LONGEST) for k in lost), most=MISSING)
        said.append(f"No clean image of {'class' if len(lost) == 1 else 'the classes'} {names} is among them.")
    return said


def _unfinished(pair: Pair) -> list[str]:
    """Return a sentence on the degradations for which one of the two has measured only some of the images."""
    sweeps, most = sweeps_of(pair), len(on_clean(pair).images)
    fewer = [
        sweep for sweep in sweeps if len(sweep.images) < most and not (sweep.first.complete and sweep.second.complete)
    ]
    titles = [sweep.first.degradation.title for sweep in fewer]
    if not titles:
        return []
    low, high = min(len(sweep.images) for sweep in fewer), max(len(sweep.images) for sweep in fewer)
    images = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    where = listed(titles) if len(titles) <= NAMED else f"{len(titles)} of the {len(sweeps)} degradations"
    if len(titles) == len(sweeps) > 1:
        where = f"all {len(titles)} degradations"
    more = " With more minutes, more are measured." if isinstance(pair, FolderComparison) else ""
    both = f"{images} of the {counted(most)} were measured for both networks; only these are compared."
    return [f"Under {where}, {both}{more}"]


def _possible(pair: Pair, of_classes: Sequence[str]) -> list[str]:
    """Return a sentence on the largest loss of recall of some classes that remains possible."""
    loss = possible_class_loss(pair, of_classes) if of_classes and not pair.same_network else None
    return list(filter(None, [loss.sentence()])) if loss else []


def _chosen(pair: Pair, a: str, b: str) -> list[str]:
    """Return a sentence on images that were perhaps chosen because a network fails on them."""
    low = [name for name, below in zip((a, b), on_clean(pair).below_guessing, strict=True) if below]
    return [f"Do not rely on this if the images were chosen because {name} fails on them." for name in low[:1]]


def _with_values(found: Respects) -> str:
    """Return respects with their values, the largest loss first, and ratios last.

    "class truck (40.9 % against 61.7 %) and fog (70.4 % against 81.2 %)".
    """
    worst = sorted(found.items(), key=lambda one: (isinstance(one[1], Ratio), one[1].value))
    return listed([f"{shortened(name, LONGEST)} ({_values(p)})" for name, p in worst], most=len(worst))


def _values(paired: "Paired") -> str:
    """Return the value of the second network beside that of the first: "81.2 % against 90.3 %"."""
    if isinstance(paired, Ratio):
        return f"median ratio {paired.value:.2f}"
    return f"{percent(paired.second, 1)} against {percent(paired.first, 1)}"
