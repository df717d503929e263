"""Comparisons of two runs in sentences."""

import math
from typing import TYPE_CHECKING

from tfstab.runs import RunFolder
from tfstab.search.norm import get_norm, sized
from tfstab.sweep import SweepRun
from tfstab.wording import counted, distinct_names, percent

if TYPE_CHECKING:
    from tfstab.experiments.comparison import SearchComparison, SweepComparison
    from tfstab.experiments.folders_compared import Folder, FolderComparison
    from tfstab.metrics.paired import Difference, Paired


def clean_sentence(pair: "SweepComparison | SearchComparison", names: tuple[str, str] | None = None) -> str:
    """Return the clean accuracies and McNemar's test. names: of the two, if they are not what differs in the runs."""
    (a, b), test = names or short_names(pair.first, pair.second), pair.mcnemar
    first, second = (percent(share, 2) for share in (pair.clean.first, pair.clean.second))
    return (
        f"Clean accuracy {first} ({a}) and {second} ({b}) on {counted(len(pair.images))}. Only {a} is right on "
        f"{test.only_first:,} of them, only {b} on {test.only_second:,}: McNemar's exact p = {test.p_value:.3g}."
    )


def sweep_sentences(pair: "SweepComparison") -> list[str]:
    """Return the comparison of two sweeps."""
    first: SweepRun = pair.first
    return [
        clean_sentence(pair),
        *_clipping(pair),
        f"Over {first.degradation.together} {_points(pair.accuracy())}; over images that both get right when clean "
        f"{_points(pair.accuracy(clean_correct=True))}.",
    ]


def _clipping(pair: "SweepComparison") -> list[str]:
    """Return a sentence if one of two sweeps of the same network clips and the other does not."""
    if pair.first.config.clip == pair.second.config.clip:
        return []
    one, other = short_names(pair.first, pair.second)
    clipped, unclipped = (one, other) if pair.first.config.clip else (other, one)
    return [f"Degraded images are clipped to grey levels 0 to 255 in {clipped} and not clipped in {unclipped}."]


def search_sentences(pair: "SearchComparison", names: tuple[str, str] | None = None) -> list[str]:
    """Return the comparison of two searches. names: of the two, if they are not what differs in the runs."""
    ratio, missing, norm = pair.ratio(), pair.not_found, get_norm(pair.first.config.norm)
    a, b = names = names or short_names(pair.first, pair.second)
    if not (compared := int(pair.compared.sum())):
        found = "There is no image that both get right when clean and find noise for, so no noise is compared."
    else:
        found = (
            f"The median {norm.title} is {sized(norm, ratio.first)} {norm.unit} ({a}) and {sized(norm, ratio.second)} "
            f"{norm.unit} ({b}), over the {counted(compared)} that both get right when clean and find noise "
            f"for. The median of these images' own ratios, {b} over {a}, is {ratio.value:.3f} "
            f"({ratio.ends(3) or 'too few images for an interval'}){undecided(ratio)}."
        )
    lines = [clean_sentence(pair, names), found]
    if missing.first or missing.second:
        lines.append(f"Left out, because no noise was found: {counted(missing.first)} of {a}, {missing.second} of {b}.")
    return lines


def folder_sentences(pair: "FolderComparison") -> list[str]:
    """Return the comparison of two folders of runs."""
    mean, count = pair.overall, len(pair.pairs)
    names = short_names(pair.first, pair.second)
    lines = [clean_sentence(pair.largest, names)]
    if mean is not None:
        over = counted(count, "degradation")
        lines.append(f"Accuracy over {over}, on the {counted(mean.count)} that all have: {_points(mean)}.")
    lines += search_sentences(pair.searches, names)[1:] if pair.searches is not None else []
    return lines


def run_name(run: "RunFolder | Folder") -> str:
    """Return the name of the model and of the folder of a run, or of a folder of runs."""
    return f"{run.model} ({run.path.name})" if run.model else run.path.name


def short_names(first: "RunFolder | Folder", second: "RunFolder | Folder") -> tuple[str, str]:
    """Return what distinguishes two runs, or folders of runs: model, folder, or place among the two."""
    one, other = distinct_names((first.path, second.path), (first.model, second.model))
    return (one, other) if one != other else ("the first", "the second")


def undecided(p: "Paired") -> str:
    """Say how many images would decide, with a probability of 80 %; empty if the comparison is decided."""
    if p.sign or not p.count:
        return ""
    needed = p.needed()
    if not math.isfinite(needed):
        return ", undecided"
    return f", undecided: if it really is so large, about {needed:,.0f} images in all would decide"


def _points(d: "Difference") -> str:
    """Return both accuracies and their difference in words."""
    first, second = percent(d.first, 2), percent(d.second, 2)
    return (
        f"{first} and {second}, a difference (second less first) of {100 * d.value:+.2f} points "
        f"({100 * d.low:+.2f} to {100 * d.high:+.2f}){undecided(d)}"
    )
