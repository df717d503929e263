"""A sweep's run folder, opened. Needs no TensorFlow."""

import dataclasses
import functools
import operator
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from tfstab.errors import InputError, RunError
from tfstab.metrics import ClassMetrics
from tfstab.runs import RunFolder
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.counts import Counts, counted_columns
from tfstab.sweep.degrade import degraded_image
from tfstab.sweep.measures import SigmaAccuracy, SweepMeasures
from tfstab.sweep.table import SCHEMA

__all__ = ["SigmaAccuracy", "SweepRun"]

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SweepRun(RunFolder):
    """A sweep, finished or not: all methods speak of the parts that are there."""

    kind = "sweep"

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._counts: dict[str, Counts] = {}  # of parts, by the names of their files
        self._measures: SweepMeasures | None = None

    @cached_property
    def config(self) -> SweepConfig:
        known = {field.name for field in dataclasses.fields(SweepConfig)}
        settings = {name: value for name, value in self.info["settings"].items() if name in known}
        return SweepConfig(**settings, seed=self.seed)

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
        conditions = []
        if sigma is not None:
            conditions.append(pc.field("sigma") == pa.scalar(sigma, pa.float32()))
        if image is not None:
            conditions.append(pc.field("image") == image)
        prefix = "class-" if class_index is None else f"class-{class_index:05d}-"
        paths = [path for name, path in self.parts.items() if name.startswith(prefix)]
        return self._read(paths, columns, functools.reduce(operator.and_, conditions) if conditions else None)

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
        return degraded_image(self.config, clean, image, sigma_index, copy)

    def plot(self, image: int) -> "Figure":
        """The clean image and, at each sigma, the copy that the true class scores worst on."""
        from tfstab.sweep.plot import worst_copies_figure

        return worst_copies_figure(self, image)

    @property
    def measures(self) -> SweepMeasures:
        """Everything measured, of the parts that are there now; only those that are new since the last look are read.

        Raises RunError where one is damaged.
        """
        paths = {path.name: path for path in self.parts.values()}
        if self._measures is None or set(paths) != set(self._counts):
            self._counts = {name: self._counts.get(name) or self._count([path]) for name, path in paths.items()}
            self._measures = self._measure(list(self._counts.values()))
        return self._measures

    def measures_of(self, image: int) -> SweepMeasures:
        """The measures of one image alone, without reading the rest; empty where it has not been swept yet."""
        table = self.samples(image=image, columns=counted_columns(self.config))
        return self._measure([Counts.of(table, self.config, len(self.class_names))])

    def class_metrics(self, sigma: float | None = None, clean_correct: bool = False) -> ClassMetrics:
        """Precision and recall over all noise or one sigma (Tables 2 and 3).

        clean_correct: only images that are right when clean.
        """
        return self.measures.class_metrics(sigma, clean_correct)

    def accuracy_by_sigma(self) -> list[SigmaAccuracy]:
        """One entry a sigma."""
        return self.measures.accuracy_by_sigma()

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (2, S, K, K): images wrong or right when clean, sigma, actual class, predicted class."""
        return self.measures.confusion

    def _count(self, paths: list[Path]) -> Counts:
        table = self._read(paths, counted_columns(self.config))
        return Counts.of(table, self.config, len(self.class_names))

    def _measure(self, counts: list[Counts]) -> SweepMeasures:
        return SweepMeasures(Counts.sum(counts, self.config), self.clean, self.config, len(self.class_names))

    def _read(self, paths: list[Path], names: Sequence[str], condition: pc.Expression | None = None) -> pa.Table:
        schema = pa.schema([SCHEMA.field(name) for name in names])
        if not paths:
            return schema.empty_table()
        try:
            parts = ds.dataset([str(path) for path in paths], SCHEMA, format="parquet")
            return parts.to_table(list(names), filter=condition)
        except (pa.ArrowException, OSError) as error:
            raise RunError(f"a part of {self.path} is damaged ({error}): resume the sweep to make it again.") from error

    def _check_key(self, sigma_index: int, copy: int) -> None:
        if not 0 <= sigma_index < len(self.sigmas):
            raise InputError(f"sigma_index is {sigma_index}; this run has 0 to {len(self.sigmas) - 1}.")
        if not 0 <= copy < self.config.copies:
            raise InputError(f"copy is {copy}; this run has 0 to {self.config.copies - 1}.")
