"""The minimum noise of one image."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.errors import RunError
from tfstab.metrics import l2_norm, psnr
from tfstab.names import shortened
from tfstab.runs.arrays import Kinds, read_arrays

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

KINDS: Kinds = {  # of all that is in a result's file
    "image": (np.integer, 0), "class_index": (np.integer, 0), "found": (np.bool_, 0), "clean": (np.uint8, 3),
    "noise": (np.floating, 3), "scores": (np.floating, 1), "clean_scores": (np.floating, 1),
    "l2_uint8": (np.floating, 0), "objective": (np.floating, 0), "queries": (np.integer, 0),
    "generations": (np.integer, 0), "stop_reason": (np.str_, 0), "history": (np.floating, 2),
}  # fmt: skip
BYTES_PER_PIXEL = 5  # of the clean image and the noise


class Generation(NamedTuple):
    """One generation: the best objective so far, the generation's mean, the best norm, and the share that flipped."""

    best: float
    mean: float
    norm: float
    share_misclassified: float


HISTORY = Generation._fields
FIGURES = (
    "image", "class_index", "found", "predicted", "score", "true_score", "margin", "objective", "l2", "l2_unit",
    "l2_uint8", "linf", "psnr", "queries", "generations", "seconds", "stop_reason",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class MinimumNoise:
    """What a search found for one image.

    image: index in the full split. class_index: the actual class. found: whether `degraded` is misclassified.
    clean: uint8 (H, W, C). noise: float32 (H, W, C), grey levels, what remains after clipping; degraded =
    clean + noise, in 0..255. scores, clean_scores: float32 (K,). l2_uint8: L2 of the nearest 8-bit image that
    still flips, NaN where the repair found none. objective: what was minimised, of eq. 2 or, where the settings say so,
    eq. 1, with the target where there is one; the margin of an image that needs no noise. stop_reason: "patience",
    "queries", "observer", "converged" or "misclassified when clean". history: float64 (generations, 4), the columns of
    `HISTORY`.
    seconds: from the first generation to the result, beside the other images that were searched at the time; not a
    part of the file, as it is never the same twice, but of the run's log; NaN where it is not known.

    >>> result = next(iter(search))
    >>> result.found and result.predicted != result.class_index
    True
    >>> result.noise.shape, bool(np.isclose(result.l2, np.linalg.norm(result.noise)))
    ((28, 28, 1), True)
    >>> result.to_pandas().columns.tolist()
    ['best', 'mean', 'norm', 'share_misclassified']
    """

    image: int
    class_index: int
    found: bool
    clean: NDArray[np.uint8]
    noise: NDArray[np.float32]
    scores: NDArray[np.float32]
    clean_scores: NDArray[np.float32]
    l2_uint8: float
    objective: float
    queries: int
    generations: int
    stop_reason: str
    history: NDArray[np.float64]
    seconds: float = float("nan")

    def __repr__(self) -> str:
        """A line: what the arrays hold would fill screens."""
        found = f"found, predicted={self.predicted}, l2={self.l2:.1f}" if self.found else "not found"
        return f"MinimumNoise(image={self.image}, class_index={self.class_index}, {found}, queries={self.queries})"

    @property
    def degraded(self) -> NDArray[np.float32]:
        """The degraded image, float32 (H, W, C)."""
        return np.clip(self.clean + self.noise, 0, 255).astype(np.float32)

    @property
    def predicted(self) -> int:
        """The class predicted for the degraded image."""
        return int(self.scores.argmax())

    @property
    def score(self) -> float:
        return float(self.scores.max())

    @property
    def true_score(self) -> float:
        return float(self.scores[self.class_index])

    @property
    def margin(self) -> float:
        """L[k] - L[c] of eq. 3: how far beyond the actual class's decision boundary, whether or not k is the target."""
        return float(np.delete(self.scores, self.class_index).max() - self.scores[self.class_index])

    @property
    def l2(self) -> float:
        """||r||_2 in grey levels of the float image."""
        return float(l2_norm(self.noise))

    @property
    def l2_unit(self) -> float:
        """L2 / 255: ||r||_2 of images in 0..1, as other tools give it."""
        return self.l2 / 255

    @property
    def linf(self) -> float:
        """The largest change of a pixel, in grey levels."""
        return float(np.abs(self.noise).max())

    @property
    def psnr(self) -> float:
        """dB; infinite where the noise is zero."""
        return float(psnr(self.noise))

    def plot(self, class_names: Sequence[str] | None = None) -> "Figure":
        """Clean image, noise and degraded image as a matplotlib figure."""
        from tfstab.search.plot import triple_figure

        return triple_figure(self, class_names or [str(k) for k in range(len(self.scores))])

    def figures(self) -> dict[str, Any]:
        """All that is one value, by name: an image's row in a table."""
        return {name: getattr(self, name) for name in FIGURES}

    def to_pandas(self) -> "pd.DataFrame":
        """The history: one row a generation (from 1), the columns of `HISTORY`."""
        import pandas as pd

        return pd.DataFrame(self.history, pd.RangeIndex(1, len(self.history) + 1, name="generation"), HISTORY)

    def _repr_png_(self) -> bytes:
        """The same in a notebook."""
        picture = io.BytesIO()
        self.plot().savefig(picture, format="png", dpi=110)
        return picture.getvalue()

    def save(self, path: Path) -> None:
        """Write all fields to an npz file."""
        with path.open("wb") as file:
            np.savez_compressed(file, **{name: np.asarray(getattr(self, name)) for name in KINDS})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path, pixels: int | None = None) -> "MinimumNoise":
        """Read what `save` wrote. Raises RunError for a damaged file.

        pixels: numbers in an image; a file whose arrays are far larger is refused before it is read.
        """
        try:
            small = limits.SMALL_RUN if pixels is None else limits.SMALL_ARRAY + BYTES_PER_PIXEL * pixels
            arrays = read_arrays(path, KINDS, small)
            values: dict[str, Any] = {name: arrays[name] for name in KINDS}
        except Exception as error:
            said = shortened(str(error), 200)
            raise RunError(f"{path} is damaged ({said}): resume the search to make it again.") from error
        return cls(**{name: value.item() if value.ndim == 0 else value for name, value in values.items()})
