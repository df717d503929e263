"""`SearchRun`, the opened run folder of a search; works without TensorFlow."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.groups import together_note
from tfstab.datasets.remarks import remarks_of
from tfstab.errors import RunError
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.runs.log import read_log
from tfstab.search.aim import Aim
from tfstab.search.config import SearchConfig
from tfstab.search.course import Course, load_course
from tfstab.search.doubts import doubts_in_words, too_few_queries
from tfstab.search.part import problem_of
from tfstab.search.result import FIGURES, MinimumNoise
from tfstab.search.summary import SearchSummary
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd


def part_name(image: int) -> str:
    """Return the name of the part that holds the image with this index."""
    return f"image-{image:09d}"


class SearchRun(RunFolder):
    """The run folder of a search, finished or not.

    Iterating yields the results of the finished images in the order of the data set.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Raises
    ------
    RunError
        The folder is not a search or is damaged.

    Examples
    --------
    >>> run = tfstab.open_run("runs/search")
    >>> run.progress
    (3, 3)
    >>> [result.found for result in run]
    [True, True, True]
    >>> run.result(int(run.images[0])).degraded.shape
    (28, 28, 1)
    >>> len(run.to_pandas())
    3
    """

    kind = "search"
    title = "minimum noise"  # its name in reports

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._parts_seen: dict[str, Path] = {}
        _ = self.config, self.target  # raise RunError for settings that no search has recorded
        self._log_seen: tuple[int, dict[str, float]] = (0, {})  # the log's size when it was read, and its seconds

    @cached_property
    def config(self) -> SearchConfig:
        """The settings of the search."""
        return SearchConfig.of_settings(self.info["settings"], self.seed)

    @property
    def target(self) -> int | None:
        """The class that images had to be classified as; None for any wrong class."""
        target = self.info["settings"].get("target")
        if target is not None and target not in range(len(self.class_names)):
            raise RunError(f"{self.path / 'run.json'} is damaged (target {target}): restore it, or make the run again.")
        return None if target is None else int(target)

    @property
    def images(self) -> NDArray[np.int64]:
        """Indices (n,) of the finished images in the full split."""
        there = self.parts
        return np.array([i for i in self.clean.indices if part_name(i) in there], np.int64)

    @property
    def extent(self) -> str:
        """What the run has so far, in words: "7 of 10 images"."""
        done, total = self.progress
        return f"{done:,} of {counted(total)}"

    @property
    def amount(self) -> str:
        """What the run has, in words: "7 images"."""
        return counted(self.progress[0])

    def result(self, image: int) -> MinimumNoise:
        """Return the result of one image.

        Parameters
        ----------
        image : int
            Its index in the full split.

        Raises
        ------
        InputError
            The run does not have this image.
        RunError
            The image has not been searched yet, or its part is damaged.
        """
        self.clean.row(image)
        name = part_name(image)
        if not self._parts_seen.get(name, self.path / name).exists():  # a running search adds parts
            self._parts_seen = self.parts
        if name not in self._parts_seen:
            raise RunError(f"image {image} has not been searched yet: resume the search.")
        return self._load(self._parts_seen[name], name)

    def course(self, result: MinimumNoise) -> Course | None:
        """Return some of the best noises on the way to a result of this run, so that its search can be replayed.

        None for images that needed no search, and in runs of older versions. Raises RunError for a damaged part.

        Examples
        --------
        >>> run = tfstab.open_run("runs/search")
        >>> run.course(run.result(int(run.images[0]))).at(1)[1].shape
        (28, 28, 1)
        """
        name = part_name(result.image)
        part = self._parts_seen.get(name) or self.parts[name]
        return load_course(part, result.noise.shape, result.generations)

    sample = result  # the name that a sweep has for it

    def to_pandas(self) -> "pd.DataFrame":
        """Return a table with one row for each finished image, whose index in the full split is the table's index.

        The columns are attributes of `MinimumNoise`, which explains them: class_index (the true class), needed_noise,
        found, predicted, score (of the predicted class), true_score, margin, objective, norm (that was minimised), size
        (of the noise in this norm), size_uint8 (the same of the nearest 8-bit image that is misclassified, too), l2,
        l2_unit (L2 / 255), l2_uint8, linf, l1, l0, psnr, queries, gradients, generations, seconds and stop_reason.

        The last column, clean_score, is the score of the true class before any noise. A column "file" comes first if
        the images have file names. An image that is misclassified when clean has noise of 0 (`needed_noise` is False:
        leave it out of a median). Where no noise was found (`found` is False: count it as infinite), the figures are of
        the best noise that was tried, which changes no prediction and may be 0.

        Examples
        --------
        >>> table = tfstab.open_run("runs/search").to_pandas()
        >>> needed = table[table.needed_noise]
        >>> bool(needed.l2.where(needed.found, float("inf")).median() > 0)
        True
        """
        import pandas as pd

        table = pd.DataFrame([result.figures() for result in self], columns=list(FIGURES)).set_index("image")
        rows = [self.clean.row(image) for image in table.index]
        table["clean_score"] = self.clean.scores[rows, self.clean.class_index[rows]]
        if self.clean.names is not None:
            table.insert(0, "file", [self.clean.name(int(image)) for image in table.index])
        return table

    def summary(self) -> str:
        """Return a few lines: model, data, and the minimum noise of the images that needed noise."""
        grouped = filter(None, [together_note(remarks_of(self.info["data"]))])
        return "\n".join([self.heading, *grouped, *self.in_numbers().lines(), *self.notes])

    def in_numbers(self) -> SearchSummary:
        """Return the minimum noise of the finished images in a few numbers.

        Examples
        --------
        >>> tfstab.open_run("runs/search").in_numbers().found
        3
        """
        return SearchSummary.of(self, Aim(self.target).reached(self.clean))

    @property
    def notes(self) -> list[str]:
        """What makes it doubtful that the noise found is near the minimum, in sentences; [] if nothing does.

        The model's gradients, which the search used, do not fit its scores; scores change in steps; or none was found
        for some images with a limit of queries that is too low for the engine.
        """
        return [*doubts_in_words(self.info), *too_few_queries(self.config, self)]

    __str__ = summary

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(self.summary(), self.to_pandas())

    def __iter__(self) -> Iterator[MinimumNoise]:
        """Iterate over the results of the finished images."""
        parts = self.parts
        for image in self.clean.indices:
            name = part_name(image)
            if name in parts:
                yield self._load(parts[name], name)

    def _load(self, path: Path, name: str) -> MinimumNoise:
        """Return the result in a part; raise RunError unless it could be the run's."""
        self.check_whole(path)
        result = MinimumNoise.load(path, self.clean.images[:1].size)
        row = self.clean.row(result.image)
        problem = problem_of(result, self.clean, row, self.target, self.config.norm)
        if part_name(result.image) != name or problem:
            problem = problem or "it belongs to another image"
            raise RunError(f"{path} is damaged ({problem}): remove it, and {self.again}.")
        return replace(result, seconds=self._seconds().get(name, math.nan))

    def _seconds(self) -> dict[str, float]:
        """Return the seconds that each part's search took, by name, as far as they are in the log.

        The log is read again only if its size has changed.
        """
        log = self.path / "log.jsonl"
        try:
            size = log.stat().st_size
        except OSError:  # the log was not copied with the run
            return {}
        if size == self._log_seen[0]:
            return self._log_seen[1]
        seconds, known = {}, set(self.info["parts"])
        for entry in read_log(log):
            with contextlib.suppress(ValueError, TypeError, KeyError, ArithmeticError):  # other events
                if entry["part"] in known:
                    seconds[entry["part"]] = float(entry["search_seconds"])
        self._log_seen = size, seconds
        return seconds

    def __len__(self) -> int:
        """Return the number of finished images."""
        return len(self.images)
