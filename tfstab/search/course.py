"""The course of a search: some of the best noises on its way, kept so that it can be replayed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.arrays import npz_keys
from tfstab.errors import RunError
from tfstab.limits import COURSE, SMALL_ARRAY
from tfstab.names import shortened
from tfstab.runs.arrays import Kinds, read_arrays

MOST = 20  # noises that are kept of a search
LEVELS = 127  # steps from 0 to the largest value of a noise, because 8 bits of a value are kept

KINDS: Kinds = {"course_generations": (np.integer, 1), "course_noises": (np.int8, 4), "course_scales": (np.floating, 1)}


@dataclass(frozen=True, eq=False)
class Course:
    """Best noises of some generations of a search, rounded to 1/127 of their largest value.

    Attributes
    ----------
    generations : ndarray
        The generations (S,), from 1, in ascending order.
    noises : ndarray
        int8 (S, H, W, C), in steps of `scales`.
    scales : ndarray
        Grey levels of a step (S,), float32.
    """

    generations: NDArray[np.int64]
    noises: NDArray[np.int8]
    scales: NDArray[np.float32]

    def at(self, generation: int) -> tuple[int, NDArray[np.float32]]:
        """Return the last generation kept up to a generation, or else the first, and its noise (H, W, C)."""
        place = max(int(np.searchsorted(self.generations, generation, side="right")) - 1, 0)
        return int(self.generations[place]), self.noises[place] * self.scales[place]

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by their names in a part."""
        return {
            "course_generations": self.generations,
            "course_noises": self.noises,
            "course_scales": self.scales,
        }


class Recorder:
    """Keeps at most MOST noises of a search, at equal distances; fewer if they are large.

    Parameters
    ----------
    shape : tuple of int
        Shape (H, W, C) of the noise.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape, self._every = shape, 1
        self._most = max(2, min(MOST, COURSE // int(np.prod(shape))))
        self._kept: list[tuple[int, NDArray[np.int8], float]] = []

    def take(self, generation: int, noise: np.ndarray) -> None:
        """Take the best noise, (G,) or (H, W, C), of a generation, counted from 1."""
        if (generation - 1) % self._every:
            return
        if len(self._kept) == self._most:
            self._kept, self._every = self._kept[::2], 2 * self._every
            if (generation - 1) % self._every:
                return
        scale = float(np.abs(noise).max()) / LEVELS
        rounded = np.rint(noise.reshape(self._shape) / (scale or 1.0)).astype(np.int8)
        self._kept.append((generation, rounded, scale))

    @property
    def course(self) -> Course | None:
        """What was kept; None if there was no generation."""
        if not self._kept:
            return None
        generations, noises, scales = zip(*self._kept, strict=True)
        return Course(np.array(generations, np.int64), np.stack(noises), np.array(scales, np.float32))


def load_course(path: Path, shape: tuple[int, ...], generations: int) -> Course | None:
    """Read the course in a part.

    Parameters
    ----------
    path : Path
        The part of a search, an npz file, which may come from anybody.
    shape : tuple of int
        Shape (H, W, C) of its images.
    generations : int
        Generations of the search.

    Returns
    -------
    Course or None
        None if the part has none, as those of older versions.

    Raises
    ------
    RunError
        The file is damaged.
    """
    try:
        if not set(KINDS) <= set(npz_keys(path)):
            return None
        arrays = read_arrays(path, KINDS, SMALL_ARRAY + 2 * int(np.prod(shape)))
        course = Course(*(arrays[name] for name in KINDS))
        steps, count = course.generations, len(course.generations)
        ascending = count > 0 and bool((np.diff(steps) > 0).all()) and steps[0] >= 1 and steps[-1] <= generations
        scales = course.scales
        sound = scales.shape == (count,) and bool(((scales >= 0) & (scales <= 255)).all())  # NaN is neither
        if not ascending or not sound or course.noises.shape != (count, *shape):
            raise ValueError("the noises of its course do not fit its history")
    except Exception as error:
        said = shortened(str(error), 200)
        raise RunError(f"{path} is damaged ({said}): resume the search to make it again.") from error
    return course
