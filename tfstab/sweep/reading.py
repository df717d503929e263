"""Reads the samples of a sweep from its parts, each of which is checked when it is first read."""

import operator
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property, reduce
from numbers import Integral
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tfstab.checks import list_of
from tfstab.errors import InputError, RunError
from tfstab.runs import RunFolder
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.part import PartError, copies_of, read_part
from tfstab.sweep.plan import block_of, legacy_class
from tfstab.sweep.table import SAMPLES, SCHEMA, as_samples, stored_columns, texts_of, with_texts
from tfstab.wording import as_given

ROW = ("severity_index", "copy")  # what tells the samples of an image apart


class PartReader:
    """Reads samples from the parts of one run folder."""

    def __init__(self, folder: RunFolder, config: SweepConfig) -> None:
        self.folder, self.config = folder, config
        self._checked: set[str] = set()  # file names of checked parts
        self._checking = threading.Lock()  # the viewer reads points and measures at once; each part is checked once
        # The file name of the checked part of an older run that holds an image. The blocks of other runs are told apart
        # by their names (`problem_of_plan`).
        self._part_of: dict[int, str] = {}

    def samples(
        self,
        parts: Mapping[str, Path],
        class_index: int | None,
        severity: float | None,
        image: int | None,
        columns: Sequence[str] | None,
    ) -> pa.Table:
        """Return the samples of a class, a severity or an image in these parts; see `SweepRun.samples`.

        Only the parts whose names say that they may hold such samples are read.
        """
        classes = len(self.folder.class_names)
        if class_index is not None and not (isinstance(class_index, Integral) and 0 <= class_index < classes):
            raise InputError(
                f"class_index is {as_given(class_index)}; expected a whole number from 0 to {classes - 1}, as "
                "run.class_names.index(NAME) gives for the name of a class."
            )
        clean = self.folder.clean
        there = [*SAMPLES.names, *texts_of(clean)]
        columns = list_of("columns", columns or there, str, "['image', 'psnr']")
        for name in columns:
            if name not in there:
                raise InputError(f"there is no column '{name}'; there are {', '.join(there)}.")
        texts = [name for name in columns if name not in SAMPLES.names]
        needed = [*(["image"] if texts else []), *(ROW if image is not None else [])]
        wanted = [*(name for name in columns if name not in texts), *(name for name in needed if name not in columns)]
        condition = self._condition(class_index, severity, image)
        paths = [path for name, path in parts.items() if self._may_hold(name, class_index, image)]
        table = self._read(paths, wanted, condition)
        if image is not None:
            table = table.sort_by([(name, "ascending") for name in ROW])
        return (with_texts(table, clean, texts) if texts else table).select(columns)

    def read_part(self, path: Path, columns: Sequence[str]) -> pa.Table:
        """Return columns of the samples in one part, reading it only once even if it has not been checked yet."""
        return as_samples(self._part(path, stored_columns(columns)), columns, self.config)

    def _condition(self, class_index: int | None, severity: float | None, image: int | None) -> pc.Expression | None:
        """Return the condition on stored columns for the samples of a class, a severity or an image."""
        conditions = []
        if severity is not None:
            exact = self.config.severities[self.config.severity_index(severity)]
            conditions.append(pc.field("severity") == pa.scalar(exact, pa.float32()))
        if image is not None:
            conditions.append(pc.field("image") == image)
        if class_index is not None:
            conditions.append(pc.field("class_index") == class_index)
        return reduce(operator.and_, conditions) if conditions else None

    def _may_hold(self, name: str, class_index: int | None, image: int | None) -> bool:
        """Return whether a part of this name can have samples of a class and of an image."""
        clean = self.folder.clean
        row = None if image is None else clean.row(image)
        if (block := block_of(name)) is not None:
            held = (self._places >= block.first) & (self._places < block.stop)
            if class_index is not None:
                held &= clean.class_index == class_index
            return bool(held.any() if row is None else held[row])
        wanted = {class_index, None if row is None else int(clean.class_index[row])} - {None}
        return not wanted or wanted == {legacy_class(name)}

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Place of each row of the clean images in the order of the sweep, (N,)."""
        order = self.folder.clean.order
        if order is None:
            raise RunError(f"{self.folder.path / 'clean.npz'} is damaged (its order is missing): make the run again.")
        return np.argsort(order)

    def _read(self, paths: list[Path], columns: Sequence[str], condition: pc.Expression | None = None) -> pa.Table:
        """Return columns of the samples in these parts. condition: on stored columns. Raises RunError for damage."""
        stored = stored_columns(columns)
        if not paths:
            table = pa.schema([SCHEMA.field(name) for name in stored]).empty_table()
            return as_samples(table, columns, self.config)
        if condition is None and any(path.name not in self._checked for path in paths):
            # What is read to be checked is used at once.
            return as_samples(pa.concat_tables([self._part(path, stored) for path in paths]), columns, self.config)
        for path in paths:
            self._check(path)
        return as_samples(self._stored(paths, stored, condition), columns, self.config)

    def _part(self, path: Path, stored: Sequence[str]) -> pa.Table:
        """Return stored columns of one part."""
        table = self._check(path)
        return self._stored([path], stored) if table is None else table.select(list(stored))

    def _stored(self, paths: list[Path], stored: Sequence[str], condition: pc.Expression | None = None) -> pa.Table:
        """Return stored columns of checked parts."""
        import pyarrow.dataset as ds  # here, because it imports pandas, for which every start would wait

        try:
            parts = ds.dataset([str(path) for path in paths], SCHEMA, format="parquet")
            return parts.to_table(list(stored), filter=condition)
        except (pa.ArrowException, OSError) as error:
            raise RunError(
                f"a part of {self.folder.path} is damaged ({error}): {self.folder.again} to make it again."
            ) from error

    def _check(self, path: Path) -> pa.Table | None:
        """Return all stored columns of a part if it had to be read to be checked, or None if it is checked already.

        Raises RunError if no sweep writes it, or another part has its images.
        """
        with self._checking:
            return None if path.name in self._checked else self._first_read(path)

    def _first_read(self, path: Path) -> pa.Table:
        self.folder.check_whole(path)
        name = path.stem.rpartition("-")[0]
        try:
            table = read_part(path, name, self.config, self.folder.clean)
            if block_of(name) is None:
                per_image = len(self.config.severities) * len(copies_of(name, self.config))
                self._check_elsewhere(path, table["image"].to_numpy()[::per_image].tolist())
        except PartError as error:
            raise RunError(f"{path} is damaged ({error}): remove it, and {self.folder.again}.") from error
        except (pa.ArrowException, OSError, MemoryError) as error:
            raise RunError(f"{path} is damaged ({error}): {self.folder.again} to make it again.") from error
        self._checked.add(path.name)
        return table

    def _check_elsewhere(self, path: Path, images: list[int]) -> None:
        """Raise PartError if another part of an older run has one of a part's images."""
        elsewhere = next((i for i in images if self._part_of.get(i, path.name) != path.name), None)
        if elsewhere is not None:
            raise PartError(f"image {elsewhere} is in another part too")
        self._part_of.update(dict.fromkeys(images, path.name))
