"""`ExplanationRun`, the opened run folder of an explanation; works without TensorFlow."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.errors import DataError, RunError
from tfstab.explanation.analyses import analyses
from tfstab.explanation.analysis import Arrays, problem_of
from tfstab.explanation.config import ExplanationConfig
from tfstab.runs import RunFolder
from tfstab.runs.arrays import read_arrays

if TYPE_CHECKING:
    from tfstab.explanation.one_image import ImageExplanation


def part_name(analysis: str, first: int, stop: int) -> str:
    """Return the name of the part that holds an analysis of the images from `first` to `stop` in the run's order."""
    return f"{analysis}-{first:07d}-{stop:07d}"


class ExplanationRun(RunFolder):
    """The run folder of an explanation, finished or not.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Raises
    ------
    RunError
        The folder is not an explanation or is damaged.
    """

    kind = "explanation"
    title = "explanation"  # its name in reports

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        _ = self.config  # raises RunError for settings that no explanation has recorded
        self._read: dict[tuple[str, int], Arrays] = {}

    @cached_property
    def config(self) -> ExplanationConfig:
        """The settings."""
        return ExplanationConfig.of_settings(self.info["settings"], self.seed)

    @cached_property
    def blocks(self) -> list[tuple[int, int]]:
        """Places (first, stop) in the run's order of the blocks of images for which every analysis is finished."""
        planned: dict[tuple[int, int], set[str]] = {}
        for name in self.info["parts"]:
            analysis, _, span = name.partition("-")
            first, _, stop = span.partition("-")
            if analysis in analyses() and analyses()[analysis].of_images and stop.isdigit():
                planned.setdefault((int(first), int(stop)), set()).add(name)
        there = self.parts
        return sorted(span for span, names in planned.items() if names <= there.keys())

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows (n,) of `clean` that are explained, in the order of all arrays of images."""
        order = self.clean.order
        if order is None:
            raise RunError(f"{self.path} is damaged (no order of its images): make the run again.")
        return np.concatenate([np.empty(0, np.int64), *(order[first:stop] for first, stop in self.blocks)])

    @property
    def images(self) -> NDArray[np.int64]:
        """Indices (n,) in the full split of the images that are explained."""
        return self.clean.indices[self.rows]

    @property
    def extent(self) -> str:
        """What the run has so far, in words: "32 of 100 images"."""
        return f"{len(self.rows):,} of {self.info['data']['images']:,} images"

    def has(self, analysis: str) -> bool:
        """Return whether there are results of an analysis; not if the network does not allow it."""
        if analyses()[analysis].of_images:
            return bool(self.blocks) and any(name.startswith(f"{analysis}-") for name in self.parts)
        return any(name.startswith(f"{analysis}-") for name in self.parts)

    def arrays(self, analysis: str) -> Arrays:
        """Return the arrays of an analysis.

        Parameters
        ----------
        analysis : str
            Its name, one of `tfstab.explanation.analyses`.

        Returns
        -------
        dict of str to ndarray
            By name, as the analysis describes its fields. Arrays of images have the order of `rows` and `images`.

        Raises
        ------
        RunError
            There is no result yet, or a part is damaged.
        """
        kind = analyses()[analysis]
        if not self.has(analysis):
            raise RunError(
                f"{self.path} has no results of '{analysis}': resume it, or choose a network that allows it."
            )
        if not kind.of_images:
            [name] = [name for name in self.parts if name.startswith(f"{analysis}-")]
            _, first, stop = name.split("-")
            return self.part(analysis, int(first), int(stop))
        parts = [self.part(analysis, *block) for block in self.blocks]
        return {
            name: np.concatenate([part[name] for part in parts]) if field.axes[:1] == ("image",) else parts[0][name]
            for name, field in kind.fields.items()
        }

    def of(self, image: int) -> "ImageExplanation":
        """Return what was found of one image. Raises RunError if the run does not have it.

        Parameters
        ----------
        image : int
            Its index in the full split.
        """
        from tfstab.explanation.one_image import ImageExplanation

        return ImageExplanation(self, image)

    def summary(self) -> str:
        """Return a few lines: model, data, and what was found."""
        return f"{self.heading}\n{self.extent}"

    def part(self, analysis: str, first: int, stop: int) -> Arrays:
        """Return the arrays of one part, checked. Raises RunError if it is damaged or not there."""
        if (analysis, first) in self._read:
            return self._read[analysis, first]
        name, kind = part_name(analysis, first, stop), analyses()[analysis]
        path = self.parts.get(name)
        if path is None:
            raise RunError(f"{self.path} has no part {name}: resume the explanation.")
        self.check_whole(path)
        _, height, width, channels = self.clean.images.shape
        sizes = {"h": height, "w": width, "c": channels, "class": self.clean.scores.shape[1], "image": stop - first}
        kinds = {entry: (field.kind, len(field.axes)) for entry, field in kind.fields.items()}
        try:
            arrays = read_arrays(path, kinds, limits.SMALL_RUN)
        except (DataError, ValueError, OSError) as error:
            raise RunError(f"{path} is damaged ({error}): remove it, and resume the explanation.") from error
        problem = problem_of(arrays, kind.fields, sizes)
        if problem:
            raise RunError(f"{path} is damaged ({problem}): remove it, and resume the explanation.")
        self._read[analysis, first] = arrays
        return arrays
