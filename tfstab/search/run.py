"""A search's run folder, opened. Needs no TensorFlow."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError
from tfstab.runs import RunFolder
from tfstab.runs.log import read_log
from tfstab.search.config import SearchConfig
from tfstab.search.part import problem_of
from tfstab.search.result import FIGURES, MinimumNoise

if TYPE_CHECKING:
    import pandas as pd


def part_name(image: int) -> str:
    """The part that holds the image with this index."""
    return f"image-{image:09d}"


class SearchRun(RunFolder):
    """A search, finished or not; iterating gives the finished images' results in the order of the data set.

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
    title = "minimum noise"  # what a report calls it

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._parts_seen: dict[str, Path] = {}
        _ = self.config, self.target  # which raise for settings that no search has recorded
        self._log_seen: tuple[int, dict[str, float]] = (0, {})  # its size, and what it said

    @cached_property
    def config(self) -> SearchConfig:
        return SearchConfig.of_settings(self.info["settings"], self.seed)

    @property
    def target(self) -> int | None:
        """The class that the images were to be taken for, None where it was any wrong one."""
        target = self.info["settings"].get("target")
        if target is not None and target not in range(len(self.class_names)):
            raise RunError(f"{self.path / 'run.json'} is damaged (target {target}): restore it, or make the run anew.")
        return None if target is None else int(target)

    @property
    def images(self) -> NDArray[np.int64]:
        """The indices of the images that are finished."""
        there = self.parts
        return np.array([i for i in self.clean.indices if part_name(i) in there], np.int64)

    def result(self, image: int) -> MinimumNoise:
        """The result of the image with this index in the full split. Raises RunError where there is none yet."""
        self.clean.row(image)
        name = part_name(image)
        if not self._parts_seen.get(name, self.path / name).exists():  # a running search adds parts
            self._parts_seen = self.parts
        if name not in self._parts_seen:
            raise RunError(f"image {image} has not been searched yet: resume the search to go on with it.")
        return self._load(self._parts_seen[name], name)

    sample = result  # as it is called in a sweep

    def to_pandas(self) -> "pd.DataFrame":
        """What is known of each finished image, but for its arrays: one row an image."""
        import pandas as pd

        return pd.DataFrame([result.figures() for result in self], columns=list(FIGURES)).set_index("image")

    def _repr_html_(self) -> str:
        """The same in a notebook."""
        return str(self.to_pandas().to_html())

    def __iter__(self) -> Iterator[MinimumNoise]:
        parts = self.parts
        for image in self.clean.indices:
            name = part_name(image)
            if name in parts:
                yield self._load(parts[name], name)

    def _load(self, path: Path, name: str) -> MinimumNoise:
        self.check_whole(path)
        result = MinimumNoise.load(path, self.clean.images[:1].size)
        row = self.clean.row(result.image)
        problem = problem_of(result, self.clean, row, self.target)
        if part_name(result.image) != name or problem:
            problem = problem or "it is of another image"
            raise RunError(f"{path} is damaged ({problem}): remove it, and resume the search.")
        return replace(result, seconds=self._seconds().get(name, math.nan))

    def _seconds(self) -> dict[str, float]:
        """How long each part's search took, by name, as far as the log has it; read anew where it has grown."""
        log = self.path / "log.jsonl"
        try:
            size = log.stat().st_size
        except OSError:  # a log that was not copied
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
        return len(self.images)
