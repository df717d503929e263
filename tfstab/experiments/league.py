"""The league of remedies: all for one network, with equal numbers of passes, measured on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset, load_dataset
from tfstab.degradations import BUILT_IN
from tfstab.errors import RunError, unknown_name
from tfstab.experiments.league_entries import ENTRIES, HALF, ORIGINAL, workshop_of
from tfstab.experiments.networks import OnStep, quiet
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.scales import MODELS
from tfstab.paths import user_path
from tfstab.reading import read_json
from tfstab.runs import RunFolder, open_run
from tfstab.runs.atomic import make_folder, write_json
from tfstab.runs.files import check_own_file
from tfstab.search import SearchConfig, run_search
from tfstab.sweep import SweepConfig, run_sweep
from tfstab.training.checks import damage_reported

QUERIES = 400  # of the search for minimum noise, by gradients
SEARCH = "search"
NAMES = tuple(entry.name for entry in ENTRIES)


@dataclass(frozen=True)
class LeagueScale:
    """How much is computed.

    Attributes
    ----------
    passes : float
        How often each training image passes through a network during its fine-tuning, all views counted.
    images, searched : int
        Number of test images that are degraded, and of those whose minimum noise is searched.
    """

    passes: float
    images: int
    searched: int


SCALES = {"small": LeagueScale(2, 500, 20), "medium": LeagueScale(10, 1_000, 100), "full": LeagueScale(40, 10_000, 200)}


def run_league(
    data: str,
    scale: str = "small",
    out: str | Path = "league",
    only: Sequence[str] = (),
    *,
    data_dir: Path | None = None,
    on_step: OnStep | None = None,
) -> "League":
    """Train and measure all remedies for the bundled network of a data set, in the folder out/DATA.

    Finished work is not repeated.

    Parameters
    ----------
    data : str
        "mnist", "cifar10" or "gtsrb".
    scale : str
        How much to compute: "small", "medium" or "full".
    out : str or Path
        Folder for the leagues of all data sets.
    only : sequence of str
        Names of the entries to make, besides the original; by default all.
    data_dir : Path, optional
        Folder of the official data sets.
    on_step : callable, optional
        Called as on_step(what, done, total) to report progress.

    Returns
    -------
    League
        The results.

    Raises
    ------
    InputError
        There is no such data set, scale or entry.
    DataError
        The data set cannot be loaded.
    RunError
        The folder holds a league of another scale.
    """
    if data not in MODELS:
        raise unknown_name("data set", data, MODELS)
    if scale not in SCALES:
        raise unknown_name("scale", scale, SCALES)
    for name in only:
        if name not in NAMES:
            raise unknown_name("remedy", name, NAMES)
    size, step = SCALES[scale], on_step or quiet
    folder = user_path(out) / data
    info = _begun(folder, data, scale)
    workshop = workshop_of(data, size.passes, folder, step, data_dir)
    test = match_classes(workshop.original, load_dataset(data, "test", data_dir))
    make_folder(folder)
    for entry in ENTRIES:
        if only and entry.name not in only and entry is not ORIGINAL:
            continue
        classifier = entry.make(workshop)
        if classifier is None:
            continue
        _measure(classifier, test, size, folder / entry.name, entry.title, step)
        passes = None if entry.passes is None else entry.passes * size.passes
        info["entries"][entry.name] = {"passes": passes}
        write_json(folder / "league.json", info)
    return League(folder)


def _begun(folder: Path, data: str, scale: str) -> dict[str, Any]:
    """Return the contents of league.json, or those of a new one, which is written once the images are loaded."""
    path = folder / "league.json"
    if not path.exists():
        return {"data": data, "scale": scale, "entries": {}}
    info = _read(path)
    if info["scale"] != scale:
        raise RunError(
            f"{folder} holds a league of scale {info['scale']}: use this scale, or choose another folder with --out."
        )
    return info


def _read(path: Path) -> dict[str, Any]:
    """Read league.json, which may come from a stranger; raises RunError if it is damaged."""
    check_own_file(path)
    with damage_reported(path):
        info: dict[str, Any] = read_json(path, limits.LARGEST_TRAINING_JSON)
        for key in ("data", "scale"):
            if not isinstance(info[key], str):
                raise ValueError(f"{key} is not a text")
        for name, entry in info["entries"].items():
            if name not in NAMES:
                raise ValueError("it names an unknown remedy")
            if entry["passes"] is not None and type(entry["passes"]) not in (int, float):
                raise ValueError("passes is not a number")
    return info


def _measure(classifier: Any, test: Dataset, size: LeagueScale, folder: Path, title: str, step: OnStep) -> None:
    """Sweep all families and search minimum noise; what exists is resumed."""
    images = test.take(size.images)
    for k, family in enumerate(BUILT_IN.values()):
        step(f"measuring, {title}", k, len(BUILT_IN) + 1)
        run_sweep(classifier, images, SweepConfig(degradation=family, copies=1), folder / family.name)
    step(f"measuring, {title}", len(BUILT_IN), len(BUILT_IN) + 1)
    config = SearchConfig(engine="boundary", max_queries=QUERIES)
    run_search(classifier, test.take(size.searched), config, folder / SEARCH)
    step(f"measuring, {title}", len(BUILT_IN) + 1, len(BUILT_IN) + 1)


@dataclass(frozen=True)
class Standing:
    """One network of a league.

    Attributes
    ----------
    name, title : str
        Name of its folder, and its title in the table.
    passes : float or None
        How often each training image passed through it after the original training; None for a bundled network.
    inference : int
        Computation for an image, in multiples of the original network's.
    comparison : RemedyComparison
        Its comparison with the original network.
    """

    name: str
    title: str
    passes: float | None
    inference: int
    comparison: RemedyComparison


class League:
    """The results of `run_league`, finished or not. Reading them needs no TensorFlow.

    Parameters
    ----------
    folder : str or Path
        Folder of the league of one data set.

    Attributes
    ----------
    data, scale : str
        Names of the data set and of the scale.

    Raises
    ------
    RunError
        The folder is not a league, or league.json is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        path = self.folder / "league.json"
        if not path.is_file():
            raise RunError(f"{folder} is not a league: it holds no league.json.")
        self._info = _read(path)
        self.data, self.scale = str(self._info["data"]), str(self._info["scale"])

    def runs(self, name: str) -> list[RunFolder]:
        """Open the sweeps and the search of an entry."""
        paths = [self.folder / name / run for run in (*BUILT_IN, SEARCH)]
        return [open_run(path) for path in paths if (path / "run.json").is_file()]

    @cached_property
    def standings(self) -> list[Standing]:
        """The networks: the original first, the others by the accuracy they keep, the highest first."""
        original = self.runs(ORIGINAL.name)
        rows = [
            Standing(
                entry.name,
                entry.title,
                self._info["entries"][entry.name]["passes"],
                entry.inference,
                RemedyComparison(original, self.runs(entry.name), trained=HALF if entry.name == "mixture_half" else ()),
            )
            for entry in ENTRIES
            if entry.name in self._info["entries"]
        ]
        return sorted(rows, key=lambda s: (s.name != ORIGINAL.name, -s.comparison.change("kept").paired.second))
