"""The minimum noise found for one image, as a type that is saved (`tfstab.search.stored`), loaded and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import l2_norm, psnr
from tfstab.search.norm import get_norm, in_words
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.figure import Figure
    from tfstab.search.course import Course


class Generation(NamedTuple):
    """The figures of one generation.

    Attributes
    ----------
    best, mean : float
        The objective of the best chromosome so far, and the mean of this generation.
    norm : float
        The norm of the best chromosome, in its unit: grey levels, or values for L0.
    share_misclassified : float
        Share of this generation that flipped.
    """

    best: float
    mean: float
    norm: float
    share_misclassified: float


HISTORY = Generation._fields
FIGURES = (
    "image",
    "class_index",
    "needed_noise",
    "found",
    "predicted",
    "score",
    "true_score",
    "margin",
    "objective",
    "norm",
    "size",
    "size_uint8",
    "l2",
    "l2_unit",
    "l2_uint8",
    "linf",
    "l1",
    "l0",
    "psnr",
    "queries",
    "gradients",
    "generations",
    "seconds",
    "stop_reason",
)


@dataclass(frozen=True, eq=False)
class MinimumNoise:
    """What a search found for one image.

    Attributes
    ----------
    image : int
        Index in the full split.
    class_index : int
        The true class.
    found : bool
        Whether `degraded` is misclassified (as the target, if there is one). It is also True, with zero noise, for an
        image that is misclassified when clean; `needed_noise` is False for this one.
    clean : ndarray
        The clean image (H, W, C), uint8.
    noise : ndarray
        The noise (H, W, C), float32, in grey levels, as it remains after clipping: clean + noise lies in 0..255. If
        `found` is False, it is the best that was tried, or zero, and no minimum.
    scores, clean_scores : ndarray
        Scores of the degraded and of the clean image (K,), float32.
    l2_uint8 : float
        L2, in grey levels, of the 8-bit image nearest in `norm` that still flips; NaN if the repair found none.
    objective : float
        The value that was minimised: equation 2 or, if the settings say so, 1. For an image that needs no noise, its
        margin.
    queries : int
        Degraded images that were scored: by the engine, by the refinement, by the last check of the result and by the
        repair. Gradients are counted apart. (Results of older versions leave the last check out.)
    generations : int
        Generations of the search.
    stop_reason : str
        A value of `tfstab.search.trace.StopReason`: "patience", "queries", "observer", "converged" or "misclassified
        when clean".
    history : ndarray
        One row for each generation, (generations, 4), float64, with the columns of `HISTORY`.
    seconds : float
        Time from the first generation to the result, during which other images were searched too; NaN if unknown. It
        differs from run to run, so it is recorded in the run's log and not in the result's file.
    repair_queries : int
        The part of `queries` that the repair scored, which looks for the 8-bit image of `l2_uint8`. It is 0 if no noise
        was found, and in results of older versions, whose `queries` leave the repair out.
    gradients : int
        Gradients that were computed, each at one degraded image: by the engine and by the refinement. It is 0 in
        results of older versions, whose `queries` contain the gradients.
    norm : str
        The norm that was minimised: "l2", "linf", "l1" or "l0" (`tfstab.search.norm`).
    size_uint8 : float
        As `l2_uint8`, but measured in `norm`, as `size` is.
    course : Course or None
        Some of the best noises on the way, for a replay; None if the result was read (`SearchRun.course` reads it).

    References
    ----------
    Section 3 of Aghdam, Heravi and Puig.

    Examples
    --------
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
    repair_queries: int = 0
    gradients: int = 0
    norm: str = "l2"
    size_uint8: float = float("nan")
    course: "Course | None" = None

    def __repr__(self) -> str:
        """Return one line, without the arrays."""
        found = f"found, predicted={self.predicted}, {self.norm}={self.size:.1f}" if self.found else "not found"
        return f"MinimumNoise(image={self.image}, class_index={self.class_index}, {found}, queries={self.queries})"

    @property
    def degraded(self) -> NDArray[np.float32]:
        """The degraded image, float32 (H, W, C)."""
        return np.asarray(np.clip(self.clean + self.noise, 0, 255).astype(np.float32))

    @property
    def degraded_uint8(self) -> NDArray[np.uint8] | None:
        """The 8-bit image of `l2_uint8`, uint8 (H, W, C), which is misclassified too; None if none was found.

        `degraded` itself may be classified right again when it is rounded. A result stores only the norms of the 8-bit
        image, by which it is found again among the candidates of the search.
        """
        from tfstab.search.repair import candidates_of  # here, because it is rarely needed

        candidates = candidates_of(self.clean, self.noise)
        moves = candidates - self.clean
        sizes = get_norm(self.norm).length(moves.reshape(len(moves), -1))
        lengths = np.array([l2_norm(move) for move in moves])
        same = np.isclose(sizes, self.size_uint8, 1e-9) & np.isclose(lengths, self.l2_uint8, 1e-9)
        return candidates[same.argmax()].astype(np.uint8) if same.any() else None

    @property
    def needed_noise(self) -> bool:
        """Whether the image needed noise: False if it is misclassified when clean, as the target if there is one."""
        from tfstab.search.trace import StopReason  # which imports this module

        return self.stop_reason != StopReason.MISCLASSIFIED

    @property
    def predicted(self) -> int:
        """The class predicted for the degraded image."""
        return int(self.scores.argmax())

    @property
    def score(self) -> float:
        """Score of the predicted class, 0..1."""
        return float(self.scores.max())

    @property
    def true_score(self) -> float:
        """Score of the true class, 0..1."""
        return float(self.scores[self.class_index])

    @property
    def margin(self) -> float:
        """L[k] - L[c] of equation 3, with c the true class and k the best other class (not always the target)."""
        return float(np.delete(self.scores, self.class_index).max() - self.scores[self.class_index])

    @property
    def size(self) -> float:
        """The norm of the noise that was minimised (`l2`, `linf`, `l1` or `l0`), in its unit."""
        return float(getattr(self, get_norm(self.norm).name))

    @property
    def l2(self) -> float:
        """Euclidean norm ||r||_2 of the noise, in grey levels."""
        return float(l2_norm(self.noise))

    @property
    def l2_unit(self) -> float:
        """L2 / 255, the norm for images in 0..1, which other tools report."""
        return self.l2 / 255

    @property
    def linf(self) -> float:
        """The largest change of a value, in grey levels; a pixel has one value for each colour channel."""
        return float(np.abs(self.noise).max())

    @property
    def l1(self) -> float:
        """The sum of the absolute changes of all values, in grey levels."""
        return float(np.abs(self.noise).sum(dtype=np.float64))

    @property
    def l0(self) -> int:
        """How many values change; a pixel has one value for each colour channel."""
        return int(np.count_nonzero(self.noise))

    @property
    def psnr(self) -> float:
        """PSNR of the degraded image in dB; infinite if the noise is zero."""
        return float(psnr(self.noise))

    def plot(self, class_names: Sequence[str] | None = None, title: str = "") -> "Figure":
        """Draw clean image, noise and degraded image.

        Parameters
        ----------
        class_names : sequence of str, optional
            Names of the K classes; by default their indices.
        title : str, optional
            Title of the figure, such as the image's file name.

        Returns
        -------
        matplotlib.figure.Figure
            The three images side by side.
        """
        from tfstab.search.plot import triple_figure

        return triple_figure(self, class_names or [str(k) for k in range(len(self.scores))], title)

    def summary(self, class_names: Sequence[str] | None = None) -> str:
        """Return one sentence: the image, its classes before and after, and how large the noise is.

        Parameters
        ----------
        class_names : sequence of str, optional
            Names of the K classes; by default their indices.
        """
        names = class_names or [str(k) for k in range(len(self.scores))]
        start = f"image {self.image}, class {names[self.class_index]}"
        if not self.needed_noise:
            return f"{start}: misclassified as {names[self.predicted]} when clean, so it needs no noise."
        queries = counted(self.queries, "query", "queries")
        if not self.found:
            return f"{start}: no noise was found in {queries} (stopped by: {self.stop_reason})."
        return (
            f"{start}: taken for {names[self.predicted]} with noise of {in_words(get_norm(self.norm), self.size)} "
            f"(PSNR {self.psnr:.1f} dB), found in {queries} (stopped by: {self.stop_reason})."
        )

    __str__ = summary

    def figures(self) -> dict[str, Any]:
        """Return all single values by name, in the order of `FIGURES`: one row of a table."""
        return {name: getattr(self, name) for name in FIGURES}

    def to_pandas(self) -> "pd.DataFrame":
        """Return the history: one row for each generation, from 1, with the columns of `HISTORY`."""
        import pandas as pd

        return pd.DataFrame(self.history, pd.RangeIndex(1, len(self.history) + 1, name="generation"), HISTORY)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for a notebook."""
        return self.plot()._repr_png_()

    def save(self, path: Path) -> None:
        """Write all fields but `seconds` to an npz file; `load` reads it."""
        from tfstab.search.stored import save

        save(self, path)

    @classmethod
    def load(cls, path: Path, pixels: int | None = None) -> "MinimumNoise":
        """Read a file that `save` wrote: see `tfstab.search.stored.load`."""
        from tfstab.search.stored import load

        return load(path, pixels)
