"""Comparisons of two runs in sentences."""

import math
from typing import TYPE_CHECKING

from tfstab.datasets.groups import IF_ALIKE, drawn_in, groups_note, needed_images, together_note
from tfstab.datasets.remarks import remarks_of
from tfstab.degradations.alone import applied_alone
from tfstab.experiments.class_text import class_sentences, mostly_wrong_sentences, undecided_classes
from tfstab.experiments.degradations_decided import degradation_sentences
from tfstab.experiments.false_alarms import alarm_changes, alarm_sentences
from tfstab.experiments.rare_images import rare_images_note
from tfstab.experiments.recall_changes import recall_sentences
from tfstab.experiments.too_few_degraded import few_note, too_few_sentences, uncompared_note
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.outlook import MOST, images_advised, round_up
from tfstab.metrics.shares import signed, signed_ends
from tfstab.names import all_named
from tfstab.runs import RunFolder
from tfstab.runs.info import without_classes
from tfstab.search.norm import get_norm, sized
from tfstab.sweep import SweepRun
from tfstab.wording import counted, distinct_names, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.folders_compared import Folder, FolderComparison
    from tfstab.experiments.search_comparison import SearchComparison
    from tfstab.experiments.sweep_comparison import SweepComparison
    from tfstab.metrics.paired import Difference, Paired

PLACES = ("the first", "the second")  # what two runs of the same name are called
SAME_NETWORK = (
    "Both are the same network, so any difference below comes from how each was measured (draws of noise, images, "
    "queries of the search), not from the network."
)
THESE_TWO = (
    "All this is about these two networks, not about how they were trained: two networks whose trainings differ only "
    "in the seed may differ as much. To compare two ways of training, train several networks in each way."
)
TOO_SURE = "differences may be called decided although they are not"
SAME_SEARCHED = (
    "Both searches are of the same network, so this ratio compares the searches, and --fail-if-worse leaves it out."
)
UNREFINED = (
    "These searches are not refined. How far they end above the minimum differs from network to network, so this ratio "
    "does not show which network needs more noise, and --fail-if-worse leaves it out: "
)
SEARCHED = (
    "if both models have gradients, as most Keras models do, add --refine to both searches, or use --engine boundary "
    "for both; otherwise, compare the models by their accuracy under noise (`tfstab sweep`)."
)
FEW_IN_COMMON = 0.5  # of the images that each network has, below which the advice is to assess both alike
MORE_DEGRADED = "More degraded images of %s are needed: assess both models again with more minutes, or give {}."
MORE_IMAGES = "To compare more images, assess both models again with more minutes."
ASSESS_MORE = "To compare more recalls, assess both models again with more minutes."
ASSESSED = "refined searches need gradients, which these models lack. Compare their accuracy under noise instead."


def clean_sentences(pair: "SweepComparison | SearchComparison", names: tuple[str, str] | None = None) -> list[str]:
    """Return the clean accuracies with McNemar's test, and the classes in which one network is better.

    names: of the two, by default those of `sentence_names`.
    """
    (a, b), clean = names or sentence_names(pair), pair.clean
    first, second = (percent(share, 2) for share in (clean.first, clean.second))
    only = mcnemar_words(pair.on_clean, a, b)
    open_ = "" if clean.sign or pair.same_network else ", undecided"
    accuracy = (
        f"Clean accuracy {first} ({a}) and {second} ({b}) on {counted(clean.count)}, a difference (second less first) "
        f"of {signed(clean.value, 2)} points ({signed_ends(clean.low, clean.high, 2)}){open_}. Of these images, {only}."
    )
    classes = *class_sentences(pair.on_clean, a, b), *undecided_classes(pair.on_clean, a, b)
    wrong = [] if pair.same_network else mostly_wrong_sentences(pair.on_clean)
    return [accuracy, *wrong, *chosen_notes(pair.on_clean, a, b), *classes]


def sentence_names(pair: "SweepComparison | SearchComparison | FolderComparison") -> tuple[str, str]:
    """Return what two runs are called in sentences: their models, or "the first" and "the second" if these are alike.

    Folders may have long names, which would stand several times in a sentence.
    """
    models = pair.first.model, pair.second.model
    return _for_sentence(models if all(models) and len(set(models)) > 1 else PLACES)


def untitled_names(pair: "SearchComparison") -> tuple[str, str]:
    """Return the same for sentences without a title that says which run is the first: models, or folders if alike."""
    return _for_sentence(short_names(pair.first, pair.second))


def _for_sentence(names: tuple[str, str]) -> tuple[str, str]:
    """Return two names for use in a sentence."""
    if names == PLACES:
        return names
    a, b = all_named(*names)
    return a, b


def chosen_notes(clean: "CleanComparison", a: str, b: str) -> list[str]:
    """Return a note if a network does worse than guessing, as on images that were chosen because it fails on them."""
    low = [(name, right) for name, right, below in zip((a, b), clean.right, clean.below_guessing, strict=True) if below]
    if not low:
        return []
    right = " and ".join(f"{name} gets {count:,} right" for name, count in low)
    fails = f"{low[0][0]} fails" if len(low) == 1 else "one of the networks fails"
    classes = len(clean.class_names)
    return [
        f"Of these {counted(len(clean.images), 'clean image')}, {right}, fewer than by guessing among {classes:,} "
        f"classes ({100 / classes:.3g} %). If the images were chosen because {fails} on them, the other network looks "
        "better on them than it is, even if it is worse (regression to the mean): compare the networks also on images "
        "that were not chosen by failure. If they were not chosen in this way, check what inputs the model expects, "
        "and the order of its classes."
    ]


def mcnemar_words(clean: "CleanComparison", a: str, b: str) -> str:
    """Return how many images are right with only one of two networks, and the p-value, to follow "Of 90 images, "."""
    test = clean.mcnemar
    first, second = (f"{number:,}" if number else "none" for number in (test.only_first, test.only_second))
    return (
        f"{first} {'is' if test.only_first < 2 else 'are'} right with {a} only, and {second} with {b} only (McNemar's "
        f"exact test: p = {test.p_value:.3g}{_disagreement(clean)})"
    )


def _disagreement(clean: "CleanComparison") -> str:
    """Return what decides if McNemar's test and the interval of the difference disagree; otherwise ''."""
    d = clean.accuracy
    if (clean.mcnemar.p_value < 1 - CONFIDENCE) == (d.sign != 0):
        return ""
    return (
        f"; tfstab decides by the interval of the difference, {signed_ends(d.low, d.high, 2)} points, and the two may "
        "disagree in close cases"
    )


def sweep_sentences(pair: "SweepComparison") -> list[str]:
    """Return the comparison of two sweeps."""
    first: SweepRun = pair.first
    falls = any(one.sign < 0 for one in pair.recalls)  # which the accuracy may not show
    of_all, of_right = (_points(pair.accuracy(clean_correct=right), pair) for right in (False, True))
    return [
        *([SAME_NETWORK] if pair.same_network else []),
        *clean_sentences(pair),
        *_clipping(pair),
        f"Over {first.degradation.together} {of_all}; over images that both get right when clean {of_right}.",
        *([] if pair.same_network else [pair.possible_loss.sentence(*sentence_names(pair))]),
        *(recall_sentences(pair.recalls, *sentence_names(pair)) if falls else []),
        *([] if pair.same_network else alarm_sentences(alarm_changes(pair.on_clean, [pair]), *sentence_names(pair))),
        *_limits(pair),
    ]


def _limits(pair: "SweepComparison | FolderComparison") -> list[str]:
    """Return what a comparison of two networks does not say, and when its intervals are too narrow; [] for one."""
    if pair.same_network:
        return []
    alone = []
    if hasattr(pair, "pairs"):  # of one degradation, it goes without saying
        families = [one.first.degradation for one in pair.pairs]
        alone = [applied_alone([family.title for family in families if family.steps], compared=True)]
    if together_note(*pair.remarks):
        return [*alone, f"{THESE_TWO} As several images are of the same group, {TOO_SURE}."]
    return [*alone, THESE_TWO if groups_note(*pair.remarks) else f"{THESE_TWO} {IF_ALIKE}, and {TOO_SURE}."]


def _clipping(pair: "SweepComparison") -> list[str]:
    """Return a sentence if one of two sweeps of the same network clips and the other does not."""
    if pair.first.config.clip == pair.second.config.clip:
        return []
    one, other = sentence_names(pair)
    clipped, unclipped = (one, other) if pair.first.config.clip else (other, one)
    return [f"Degraded images are clipped to grey levels 0 to 255 in {clipped} and not clipped in {unclipped}."]


def search_sentences(pair: "SearchComparison", names: tuple[str, str] | None = None) -> list[str]:
    """Return the comparison of two searches. names: of the two, by default those of `sentence_names`."""
    names = names or sentence_names(pair)
    return [*clean_sentences(pair, names), *noise_sentences(pair, names)]


def noise_sentences(pair: "SearchComparison", names: tuple[str, str]) -> list[str]:
    """Return the comparison of the minimum noise, and how many images are left out of it."""
    ratio, missing, norm = pair.ratio(), pair.not_found, get_norm(pair.first.config.norm)
    a, b = names
    if not (compared := int(pair.compared.sum())):
        found = "There is no image that both get right when clean and find noise for, so no noise is compared."
    else:
        decides = pair.decides and not pair.same_network
        more = (undecided(ratio, _remarks(pair.first)) or _needs(ratio, b)) if decides else ""
        found = (
            f"The median {norm.title} of the noise found is {sized(norm, ratio.first)} {norm.unit} ({a}) and "
            f"{sized(norm, ratio.second)} {norm.unit} ({b}), over the {counted(compared)} that both get right when "
            f"clean and find noise for. The median of these images' own ratios, {b} over {a}, is {ratio.shown(3)} "
            f"({ratio.ends(3) or 'too few images for an interval'}){more}."
        )
    lines = [found]
    if missing.first or missing.second:
        lines.append(f"Left out, because no noise was found: {counted(missing.first)} of {a}, {missing.second} of {b}.")
    return lines + unrefined(pair)


def _needs(ratio: "Paired", second: str) -> str:
    """Return whether the second network needs more noise, or less, if that is decided, to follow its interval."""
    return (
        f", so changing a prediction of {second} takes {'more' if ratio.sign > 0 else 'less'} noise"
        if ratio.sign
        else ""
    )


def unrefined(pair: "SearchComparison") -> list[str]:
    """Return the sentence that the ratio decides nothing about two networks; [] if it does, or if there is none."""
    if pair.same_network:
        return [SAME_SEARCHED] if pair.compared.any() else []
    if pair.decides or not pair.compared.any():
        return []
    # An assessment walks along the boundary if the model has gradients; it has no option for refined searches.
    return [UNREFINED + (ASSESSED if pair.first.assessed and pair.second.assessed else SEARCHED)]


def folder_sentences(pair: "FolderComparison") -> list[str]:
    """Return the comparison of two folders of runs."""
    mean, count, names, same = pair.overall, len(pair.pairs), sentence_names(pair), pair.same_network
    lines = [SAME_NETWORK] if same else []
    lines += clean_sentences(pair.largest, names)
    accuracies = {one.first.degradation.title: one.accuracy() for one in pair.pairs}
    if mean is not None:
        over, points = counted(count, "degradation"), _points(mean, pair.largest)
        lines.append(f"Accuracy over {over}, on the {counted(mean.count)} that all have: {points}.")
        lines += [] if same else [rare_images_note(mean)]
        lines += _few_in_common(pair, mean.count) or [few_note(accuracies, mean.count, MORE_IMAGES)]
    lines += degradation_sentences(pair, names)
    lines += [] if same else [pair.possible_loss.sentence(*names)]
    lines += recall_sentences(pair.recalls, *names, uncompared=uncompared_note(pair.recalls, accuracies, ASSESS_MORE))
    lines += [] if same else alarm_sentences(alarm_changes(pair.largest.on_clean, pair.pairs), *names)
    if not without_classes(pair.largest.first.info):
        lines += _too_few(pair)
    lines += noise_sentences(pair.searches, names) if pair.searches is not None else []
    return [line for line in (*lines, pair.no_noise, *_limits(pair)) if line]


def _too_few(pair: "FolderComparison") -> list[str]:
    """Return which classes have too few degraded images for their recalls to be compared, and what helps."""
    clean, (first, second) = pair.largest.on_clean, pair.remarks
    drawn = [drawn_in(remarks) for remarks in (first, second)]
    more = MORE_DEGRADED.format("images of more groups" if any(drawn) else "more images")
    # If each network has seen an image of every group, more minutes degrade no other images of these classes.
    all_groups = all(groups is not None and groups[0] == len(clean.images) for groups in drawn)
    all_degraded = f"It takes {needed_images('more', first)} of %s." if all_groups else ""
    by_class = [one.by_class for one in pair.pairs]
    return too_few_sentences(by_class, clean.labels, clean.name_of, more, all_degraded)


def _few_in_common(pair: "FolderComparison", count: int) -> list[str]:
    """Return that few of the degraded images of both networks are the same, and what helps; [] if many are."""
    each = [min(len(run.measures.images) for run in (one.first, one.second)) for one in pair.pairs]
    if pair.same_network or count >= FEW_IN_COMMON * min(each):
        return []
    return [
        f"At least {min(each):,} images were degraded for each network, but only {count:,} are the same. To compare "
        "on more, assess both networks on the same images, none of which was used to harden either of them "
        "(`tfstab assess MODEL IMAGES`)."
    ]


def run_name(run: "RunFolder | Folder", folder: str = "") -> str:
    """Return the name of the model and of the folder of a run, or of a folder of runs.

    folder: what the folder is called, by default its name
    """
    folder = folder or run.path.name
    return with_folder(run.model, folder) if run.model else folder


def with_folder(name: str, folder: str) -> str:
    """Return the name of a network with the folder that tells it apart from others, or the name alone if equal."""
    return name if name == folder else f"{name} ({folder})"


def run_names(runs: "Sequence[RunFolder | Folder]") -> list[str]:
    """Return these names of several; if some are equal, folders are preceded by those above them."""
    names = [run_name(run) for run in runs]
    if len(set(names)) == len(names):
        return names
    return [run_name(run, folder) for run, folder in zip(runs, distinct_names([run.path for run in runs]), strict=True)]


def pair_title(one: str, other: str) -> str:
    """Return the title of a comparison of two networks, which says in what order they are given."""
    return f"{one}, first, and {other}, second"


def short_names(first: "RunFolder | Folder", second: "RunFolder | Folder") -> tuple[str, str]:
    """Return what distinguishes two runs, or folders of runs: model, folder, or place among the two."""
    one, other = distinct_names((first.path, second.path), (first.model, second.model))
    return (one, other) if one != other else PLACES


def undecided(p: "Paired", remarks: str = "") -> str:
    """Say how many images would decide, with a probability of 80 %; empty if the comparison is decided.

    remarks: on the images compared.
    """
    if p.sign or not p.count:
        return ""
    needed = p.needed()
    advised = images_advised(needed, p.count)
    if math.isfinite(advised):
        it_takes = needed_images(f"about {round_up(advised):,}", remarks)
        return f", undecided: if the true effect is this large, {it_takes} in all would decide"
    if math.isinf(advised) and math.isfinite(needed):
        return f", undecided: if the true effect is this small, it takes more than {MOST} times as many to decide"
    return ", undecided"


def _points(d: "Difference", pair: "SweepComparison") -> str:
    """Return both accuracies and their difference in words."""
    first, second = percent(d.first, 2), percent(d.second, 2)
    more = "" if pair.same_network else undecided(d, _remarks(pair.first))  # of two networks, more images could decide
    return (
        f"{first} and {second}, a difference (second less first) of {signed(d.value, 2)} points "
        f"({signed_ends(d.low, d.high, 2)}){more}"
    )


def _remarks(run: "RunFolder") -> str:
    """Return the remarks on the images of a run."""
    return remarks_of(run.info["data"])
