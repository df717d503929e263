"""In which respects the second of two networks is worse than the first, as a gate in continuous integration asks."""

from typing import TYPE_CHECKING

from tfstab.experiments.comparison import SearchComparison, SweepComparison
from tfstab.experiments.comparison_text import short_names
from tfstab.experiments.folders_compared import FolderComparison
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Ratio
from tfstab.wording import counted, listed, percent

if TYPE_CHECKING:
    from tfstab.metrics.paired import Paired

TOGETHER = "95 % confidence for all together"

Pair = SweepComparison | SearchComparison | FolderComparison


def respects(pair: Pair) -> dict[str, "Paired"]:
    """Return the clean accuracies, the accuracies under each degradation, and the minimum noise, of what both have."""
    sweeps = pair.pairs if isinstance(pair, FolderComparison) else [pair] if isinstance(pair, SweepComparison) else []
    search = pair.searches if isinstance(pair, FolderComparison) else pair
    on_clean = pair.largest if isinstance(pair, FolderComparison) else pair
    found: dict[str, Paired] = {"clean images": on_clean.clean}
    found |= {sweep.first.degradation.title: sweep.accuracy() for sweep in sweeps}
    if isinstance(search, SearchComparison):
        found["minimum noise"] = search.ratio()
    return found


def worse(pair: Pair) -> dict[str, "Paired"]:
    """Return in which respects the second network is worse, decided for all of them at once."""
    return _worse_of(respects(pair))


def worse_sentence(pair: Pair) -> str:
    """Return in which respects the second network is worse, or that none is known, and what was not compared."""
    found, (a, b) = respects(pair), short_names(pair.first, pair.second)
    missing, lost = _missing_in(found, pair), _worse_of(found)
    left_out = f" Not compared: {listed(missing, most=len(missing))}." if missing else ""
    total = f"of the {counted(len(found), 'comparison')}"
    if not lost:
        return f"None {total} shows that {b} is worse than {a} ({TOGETHER}).{left_out}"
    which = listed([f"{title} ({_values(paired)})" for title, paired in lost.items()], most=len(lost))
    return f"{b} is worse than {a} in {len(lost)} {total} ({TOGETHER}): {which}.{left_out}"


def _worse_of(found: dict[str, "Paired"]) -> dict[str, "Paired"]:
    """Return in which of all respects the second network is worse."""
    signs = decided(list(found.values()))
    return {title: paired for (title, paired), sign in zip(found.items(), signs, strict=True) if sign < 0}


def _missing_in(found: dict[str, "Paired"], pair: Pair) -> list[str]:
    """Return what only one of two folders of runs has, or what both have but cannot be compared."""
    if not isinstance(pair, FolderComparison):
        return []
    sweeps = [sweep for folder in (pair.first, pair.second) for sweep in folder.sweeps.values()]
    titles = [sweep.degradation.title for sweep in sweeps]
    titles += ["minimum noise"] if pair.first.search or pair.second.search else []
    return [title for title in dict.fromkeys(titles) if title not in found]


def _values(paired: "Paired") -> str:
    """Return the value of the second network beside that of the first: "81.2 % against 90.3 %"."""
    if isinstance(paired, Ratio):
        return f"median ratio {paired.value:.2f}"
    return f"{percent(paired.second, 1)} against {percent(paired.first, 1)}"
