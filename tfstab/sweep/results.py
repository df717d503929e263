"""A sweep's run folder, opened. Needs no TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tfstab.degradations import add_gaussian_noise
from tfstab.errors import InputError, RunError
from tfstab.metrics import ClassMetrics
from tfstab.runs import RunFolder
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.table import SCHEMA

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SigmaAccuracy:
    """Correct predictions at one sigma, over all images and over those that are right when clean."""

    sigma: float
    correct: int
    total: int
    correct_of_clean_correct: int
    total_of_clean_correct: int

    @property
    def accuracy(self) -> float:
        """NaN where nothing has been swept yet."""
        return self.correct / self.total if self.total else float("nan")

    @property
    def accuracy_of_clean_correct(self) -> float:
        """NaN where no image is right when clean."""
        total = self.total_of_clean_correct
        return self.correct_of_clean_correct / total if total else float("nan")


class SweepRun(RunFolder):
    """A sweep, finished or not: all methods speak of the parts that are there."""

    kind = "sweep"

    @cached_property
    def config(self) -> SweepConfig:
        settings = self.info["settings"]
        return SweepConfig(tuple(settings["sigmas"]), settings["copies"], self.seed)

    @property
    def sigmas(self) -> tuple[float, ...]:
        return self.config.sigmas

    def samples(
        self, class_index: int | None = None, sigma: float | None = None, image: int | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """The degraded images, a row each with the columns of `table.SCHEMA`, of a class, a sigma or an image.

        Only the parts and columns asked for are read. Raises InputError for an unknown class, sigma or column.
        """
        if image is not None and class_index is None:
            class_index = int(self.clean.class_index[self.clean.row(image)])
        if class_index is not None and not 0 <= class_index < len(self.class_names):
            raise InputError(f"class {class_index} is not in this run; it has 0 to {len(self.class_names) - 1}.")
        if sigma is not None and float(sigma) not in self.sigmas:
            raise InputError(f"sigma {sigma} is not in this run; it has {', '.join(f'{s:g}' for s in self.sigmas)}.")
        columns = list(columns or SCHEMA.names)
        for name in columns:
            if name not in SCHEMA.names:
                raise InputError(f"there is no column '{name}'; there are {', '.join(SCHEMA.names)}.")
        conditions: list[Any] = []
        if sigma is not None:
            conditions.append(pc.field("sigma") == pa.scalar(sigma, pa.float32()))
        if image is not None:
            conditions.append(pc.field("image") == image)
        condition = None
        for extra in conditions:
            condition = extra if condition is None else condition & extra
        prefix = "class-" if class_index is None else f"class-{class_index:05d}-"
        paths = [path for name, path in self.parts.items() if name.startswith(prefix)]
        schema = pa.schema([SCHEMA.field(name) for name in columns])
        try:
            tables = [pq.read_table(path, columns=columns, filters=condition, schema=SCHEMA) for path in paths]
        except (pa.ArrowException, OSError) as error:
            raise RunError(f"a part of {self.path} is damaged ({error}): resume the sweep to make it again.") from error
        return pa.concat_tables(tables).combine_chunks() if tables else schema.empty_table()

    def sample(self, image: int, sigma_index: int, copy: int) -> dict[str, Any]:
        """The row of one degraded image as a dict. Raises InputError or RunError where there is none."""
        self._check_key(sigma_index, copy)
        table = self.samples(image=image, sigma=self.sigmas[sigma_index])
        row = table.filter(pc.field("copy") == copy).to_pylist()
        if not row:
            raise RunError(f"image {image} has not been swept yet: resume the sweep to go on with it.")
        return row[0]

    def degraded_image(self, image: int, sigma_index: int, copy: int) -> NDArray[np.float32]:
        """The very image that was scored, float32 (H, W, C), grey levels 0..255, made again to the bit."""
        self._check_key(sigma_index, copy)
        clean = self.clean.images[self.clean.row(image)]
        return add_gaussian_noise(clean, self.sigmas[sigma_index], self.seed, image, sigma_index, copy)

    def plot(self, image: int) -> "Figure":
        """The clean image and, at each sigma, the copy that the true class scores worst on."""
        from tfstab.sweep.plot import worst_copies_figure

        return worst_copies_figure(self, image)

    def class_metrics(self, sigma: float | None = None, clean_correct: bool = False) -> ClassMetrics:
        """Precision and recall over all noise or one sigma (Tables 2 and 3).

        clean_correct: only images that are right when clean.
        """
        counts = self.confusion[:, self._places(sigma)].sum(axis=1)
        return ClassMetrics(counts[1] if clean_correct else counts.sum(axis=0))

    def accuracy_by_sigma(self) -> list[SigmaAccuracy]:
        """One entry a sigma."""
        correct = np.trace(self.confusion, axis1=2, axis2=3)
        total = self.confusion.sum(axis=(2, 3))
        return [
            SigmaAccuracy(
                sigma, int(correct[:, s].sum()), int(total[:, s].sum()), int(correct[1, s]), int(total[1, s])
            )
            for s, sigma in enumerate(self.sigmas)
        ]

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (2, S, K, K) of the parts there at the first look: clean wrong or right, sigma, actual, predicted."""
        classes, sigmas = len(self.class_names), np.array(self.sigmas, np.float32)
        by_value = np.argsort(sigmas)
        counts = np.zeros((2, len(sigmas), classes, classes), np.int64)
        right = np.zeros(int(self.clean.indices.max()) + 1, np.int64)
        right[self.clean.indices] = self.clean.correct
        for k in np.unique(self.clean.class_index):  # a class at a time bounds the memory
            table = self.samples(class_index=int(k), columns=["image", "sigma", "predicted"])
            place = by_value[np.searchsorted(sigmas[by_value], table["sigma"].to_numpy())]
            code = (right[table["image"].to_numpy()] * len(sigmas) + place) * classes + table["predicted"].to_numpy()
            counts[:, :, k] = np.bincount(code, minlength=2 * len(sigmas) * classes).reshape(2, len(sigmas), classes)
        return counts

    def _places(self, sigma: float | None) -> list[int]:
        if sigma is None:
            return list(range(len(self.sigmas)))
        if float(sigma) not in self.sigmas:
            raise InputError(f"sigma {sigma} is not in this run; it has {', '.join(f'{s:g}' for s in self.sigmas)}.")
        return [self.sigmas.index(float(sigma))]

    def _check_key(self, sigma_index: int, copy: int) -> None:
        if not 0 <= sigma_index < len(self.sigmas):
            raise InputError(f"sigma_index is {sigma_index}; this run has 0 to {len(self.sigmas) - 1}.")
        if not 0 <= copy < self.config.copies:
            raise InputError(f"copy is {copy}; this run has 0 to {self.config.copies - 1}.")
