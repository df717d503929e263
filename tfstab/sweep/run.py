"""A sweep's run folder, opened. Needs no TensorFlow."""

import functools
import operator
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from tfstab.degradations import Degradation
from tfstab.errors import InputError, RunError
from tfstab.metrics import ClassMetrics
from tfstab.runs import RunFolder
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.counts import Counts, counted_columns
from tfstab.sweep.degrade import degraded_image
from tfstab.sweep.measures import SeverityAccuracy, SweepMeasures
from tfstab.sweep.part import PartError, read_part
from tfstab.sweep.table import SCHEMA

__all__ = ["SeverityAccuracy", "SweepRun"]

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SweepRun(RunFolder):
    """A sweep, finished or not: all methods speak of the parts that are there.

    >>> run = tfstab.open_run("runs/sweep")
    >>> [round(point.sigma) for point in run.accuracy_by_sigma()]
    [10, 80]
    >>> worst = run.samples(sigma=80).sort_by("true_score").slice(0, 1).to_pylist()[0]
    >>> run.degraded_image(worst["image"], sigma_index=1, copy=worst["copy"]).shape
    (28, 28, 1)
    """

    kind = "sweep"

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        _ = self.config  # which raises for settings that no sweep has recorded
        self._counts: dict[str, Counts] = {}  # of parts, by the names of their files
        self._part_of: dict[int, str] = {}  # images of the parts that were checked, with the names of these files
        self._checked: set[str] = set()  # these files
        self._measures: SweepMeasures | None = None

    @cached_property
    def config(self) -> SweepConfig:
        return SweepConfig.of_settings(self.info["settings"], self.seed)

    @property
    def degradation(self) -> Degradation:
        return self.config.degradation

    @property
    def title(self) -> str:
        """What a report calls it, such as "noise sweep"."""
        return "noise sweep" if self.config.gaussian else f"{self.degradation.title} sweep"

    @property
    def severities(self) -> tuple[float, ...]:
        return self.config.severities

    @property
    def sigmas(self) -> tuple[float, ...]:
        """The severities of Gaussian noise, in grey levels. Raises InputError for another degradation."""
        return self.config.sigmas

    def samples(
        self, class_index: int | None = None, sigma: float | None = None, image: int | None = None,
        columns: Sequence[str] | None = None, *, severity: float | None = None,
    ) -> pa.Table:
        """The degraded images, a row each with the columns of `table.SCHEMA`, of a class, a severity or an image.

        sigma: the severity's name in a sweep with Gaussian noise. Only the parts and columns asked for are read.
        Raises InputError for an unknown class, severity or column.
        """
        severity = self._severity(sigma, severity)
        if image is not None and class_index is None:
            class_index = int(self.clean.class_index[self.clean.row(image)])
        if class_index is not None and not 0 <= class_index < len(self.class_names):
            raise InputError(f"class {class_index} is not in this run; it has 0 to {len(self.class_names) - 1}.")
        if severity is not None and float(severity) not in self.severities:
            known = ", ".join(f"{s:g}" for s in self.severities)
            raise InputError(f"{self.degradation.parameter} {severity} is not in this run; it has {known}.")
        columns = list(columns or SCHEMA.names)
        for name in columns:
            if name not in SCHEMA.names:
                raise InputError(f"there is no column '{name}'; there are {', '.join(SCHEMA.names)}.")
        conditions = []
        if severity is not None:
            conditions.append(pc.field("severity") == pa.scalar(severity, pa.float32()))
        if image is not None:
            conditions.append(pc.field("image") == image)
        prefix = "class-" if class_index is None else f"class-{class_index:05d}-"
        paths = [path for name, path in self.parts.items() if name.startswith(prefix)]
        return self._read(paths, columns, functools.reduce(operator.and_, conditions) if conditions else None)

    def sample(self, image: int, sigma_index: int, copy: int) -> dict[str, Any]:
        """The row of one degraded image as a dict. sigma_index: the place of its severity, whatever the degradation.

        Raises InputError or RunError where there is none.
        """
        self._check_key(sigma_index, copy)
        table = self.samples(image=image, severity=self.severities[sigma_index])
        row = table.filter(pc.field("copy") == copy).to_pylist()
        if not row:
            raise RunError(f"image {image} has not been swept yet: resume the sweep to go on with it.")
        return row[0]

    def degraded_image(self, image: int, sigma_index: int, copy: int) -> NDArray[np.float32]:
        """The very image that was scored, float32 (H, W, C), grey levels 0..255, made again to the bit.

        sigma_index: the place of its severity, whatever the degradation.
        Warns where the degradation is another package's work (`Degradation.packages`) and that has another version.
        """
        self._check_key(sigma_index, copy)
        if self.changed_packages:
            warnings.warn(
                f"{self.path} was made with {self.changed_packages}: its degraded images may differ a little here.",
                stacklevel=2,
            )
        clean = self.clean.images[self.clean.row(image)]
        return degraded_image(self.config, clean, image, sigma_index, copy)

    def plot(self, image: int) -> "Figure":
        """The clean image and, at each severity, the copy that the true class scores worst on."""
        from tfstab.sweep.plot import worst_copies_figure

        return worst_copies_figure(self, image)

    @property
    def measures(self) -> SweepMeasures:
        """Everything measured, of the parts that are there now; only those that are new since the last look are read.

        Raises RunError where one is damaged.
        """
        paths = {path.name: path for path in self.parts.values()}
        if self._measures is None or set(paths) != set(self._counts):
            self._counts = {name: self._counts.get(name) or self._count(path) for name, path in paths.items()}
            self._measures = self._measure(list(self._counts.values()))
        return self._measures

    def measures_of(self, image: int) -> SweepMeasures:
        """The measures of one image alone, without reading the rest; empty where it has not been swept yet."""
        table = self.samples(image=image, columns=counted_columns(self.config))
        return self._measure([Counts.of(table, self.config, len(self.class_names))])

    def class_metrics(
        self, sigma: float | None = None, clean_correct: bool = False, *, severity: float | None = None
    ) -> ClassMetrics:
        """Precision and recall over all noise or one severity (Tables 2 and 3), which is sigma for Gaussian noise.

        clean_correct: only images that are right when clean.
        """
        return self.measures.class_metrics(self._severity(sigma, severity), clean_correct)

    def accuracy_by_severity(self) -> list[SeverityAccuracy]:
        """One entry a severity."""
        return self.measures.accuracy_by_severity()

    def accuracy_by_sigma(self) -> list[SeverityAccuracy]:
        """The same of Gaussian noise, whose severities are sigmas. Raises InputError for another degradation."""
        return self.accuracy_by_severity() if self.sigmas else []

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (2, S, K, K): images wrong or right when clean, severity, actual class, predicted class."""
        return self.measures.confusion

    @cached_property
    def changed_packages(self) -> str:
        """The packages that degraded its images and have another version here, with that of the run; "" for none."""
        versions = self.info.get("environment", {}).get("versions", {})
        here = self.degradation.package_versions
        changed = [f"{name} {versions[name]}" for name in here if versions.get(name, here[name]) != here[name]]
        return " and ".join(changed)

    def _count(self, path: Path) -> Counts:
        columns = counted_columns(self.config)
        table = self._read([path], columns) if path.name in self._checked else self._first_read(path)
        return Counts.of(table.select(columns), self.config, len(self.class_names))

    def _measure(self, counts: list[Counts]) -> SweepMeasures:
        return SweepMeasures(Counts.sum(counts, self.config), self.clean, self.config, len(self.class_names))

    def _read(self, paths: list[Path], names: Sequence[str], condition: pc.Expression | None = None) -> pa.Table:
        schema = pa.schema([SCHEMA.field(name) for name in names])
        if not paths:
            return schema.empty_table()
        for path in paths:
            if path.name not in self._checked:
                self._first_read(path)
        try:
            parts = ds.dataset([str(path) for path in paths], SCHEMA, format="parquet")
            return parts.to_table(list(names), filter=condition)
        except (pa.ArrowException, OSError) as error:
            raise RunError(f"a part of {self.path} is damaged ({error}): resume the sweep to make it again.") from error

    def _first_read(self, path: Path) -> pa.Table:
        """A part with all its columns. Raises RunError where it holds what no sweep writes, or an image of another."""
        self.check_whole(path)
        try:
            table = read_part(path, path.stem.rpartition("-")[0], self.config, self.clean)
            images = table["image"].to_numpy()[:: self.config.rows_per_image].tolist()
            elsewhere = next((i for i in images if self._part_of.get(i, path.name) != path.name), None)
            if elsewhere is not None:
                raise PartError(f"image {elsewhere} is in another part too")
        except PartError as error:
            raise RunError(f"{path} is damaged ({error}): remove it, and resume the sweep.") from error
        except (pa.ArrowException, OSError, MemoryError) as error:
            raise RunError(f"{path} is damaged ({error}): resume the sweep to make it again.") from error
        self._part_of.update(dict.fromkeys(images, path.name))
        self._checked.add(path.name)
        return table

    def _severity(self, sigma: float | None, severity: float | None) -> float | None:
        """The one that is given. Raises InputError for a sigma of what is no Gaussian noise."""
        if sigma is None:
            return severity
        if severity is not None:
            raise InputError("sigma and severity were given, which are one thing; expected either.")
        return sigma if self.sigmas else None

    def _check_key(self, sigma_index: int, copy: int) -> None:
        if not 0 <= sigma_index < len(self.severities):
            raise InputError(f"sigma_index is {sigma_index}; this run has 0 to {len(self.severities) - 1}.")
        if not 0 <= copy < self.config.copies:
            raise InputError(f"copy is {copy}; this run has 0 to {self.config.copies - 1}.")
