"""A search's run folder, opened. Needs no TensorFlow."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError
from tfstab.runs import RunFolder
from tfstab.search.config import SearchConfig
from tfstab.search.result import MinimumNoise


def part_name(image: int) -> str:
    """The part that holds the image with this index."""
    return f"image-{image:09d}"


class SearchRun(RunFolder):
    """A search, finished or not; iterating gives the finished images' results in the order of the data set."""

    kind = "search"

    @cached_property
    def config(self) -> SearchConfig:
        return SearchConfig(seed=self.seed, **self.info["settings"])

    @property
    def images(self) -> NDArray[np.int64]:
        """The indices of the images that are finished."""
        there = self.parts
        return np.array([i for i in self.clean.indices if part_name(i) in there], np.int64)

    def result(self, image: int) -> MinimumNoise:
        """The result of the image with this index in the full split. Raises RunError where there is none yet."""
        self.clean.row(image)
        path = self.parts.get(part_name(image))
        if path is None:
            raise RunError(f"image {image} has not been searched yet: resume the search to go on with it.")
        return MinimumNoise.load(path)

    def __iter__(self) -> Iterator[MinimumNoise]:
        parts = self.parts
        for image in self.images:
            yield MinimumNoise.load(parts[part_name(image)])

    def __len__(self) -> int:
        return len(self.images)
