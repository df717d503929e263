"""A sweep's run folder, opened. Needs no TensorFlow."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tfstab.checks import share_between, whole_number
from tfstab.datasets.groups import together_note
from tfstab.datasets.remarks import remarks_of
from tfstab.degradations import Degradation
from tfstab.degradations.directions import in_direction
from tfstab.errors import RunError
from tfstab.metrics import ClassMetrics, Estimate
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.runs.info import clean_percent
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.counts import Counts, counted_columns
from tfstab.sweep.degrade import degraded_image
from tfstab.sweep.frame import severities_frame
from tfstab.sweep.intervals import as_number, severity_of_loss
from tfstab.sweep.made_again import MadeAgain
from tfstab.sweep.measures import SeverityAccuracy, SweepMeasures
from tfstab.sweep.plan import block_of, check_plan, copies_done, copies_in_words, legacy_class
from tfstab.sweep.probe import changed_noise
from tfstab.sweep.reading import PartReader
from tfstab.sweep.unswept import not_swept
from tfstab.warning import warn
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.figure import Figure


class SweepRun(RunFolder):
    """A sweep's run folder, opened; the sweep may be unfinished, and methods then use the parts that exist.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Raises
    ------
    RunError
        The folder is not a sweep's, or is damaged.

    Examples
    --------
    >>> run = tfstab.open_run("runs/sweep")
    >>> [point.severity for point in run.accuracy_by_severity()]
    [10.0, 80.0]
    >>> worst = run.samples(severity=80).sort_by("true_score").slice(0, 1).to_pylist()[0]
    >>> run.degraded_image(worst["image"], worst["severity_index"], worst["copy"]).shape
    (28, 28, 1)
    """

    kind = "sweep"

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        check_plan(self.path, self.info, self.config.copies)
        self._reader = PartReader(self, self.config)  # raises RunError for settings that no sweep has recorded
        self._counts: dict[str, Counts] = {}  # of parts, by file name; snapshots share it
        self._made_again = MadeAgain()
        self._measures: tuple[list[str], SweepMeasures] | None = None  # with the file names of the parts

    def __repr__(self) -> str:
        """Return the class, the path, and how many images and parts are finished: few images may be planned."""
        blocks, (done, total) = [block_of(name) for name in self.parts], self.progress
        if not blocks or None in blocks:  # not begun, or an older run, whose parts have the images of a class each
            return super().__repr__()
        images = sum(block.images for block in blocks if block is not None and block.first_copy == 0)
        extent = f"{images:,} of {counted(self.info['data']['images'])}, {done:,} of {counted(total, 'part')}"
        return f"{type(self).__name__}({str(self.path)!r}, {extent})"

    @cached_property
    def config(self) -> SweepConfig:
        """The settings of the sweep."""
        return SweepConfig.of_settings(self.info["settings"], self.seed)

    @cached_property
    def degradation(self) -> Degradation:
        """The family of degradations; if it was applied in a direction that is not the default, its title says so."""
        return in_direction(self.config.degradation, self.severities)

    @property
    def title(self) -> str:
        """What a report calls it, such as "noise sweep"."""
        return f"{self.degradation.short_title} sweep"

    @property
    def severities(self) -> tuple[float, ...]:
        """The severities, in reporting order."""
        return self.config.severities

    @property
    def copies_done(self) -> tuple[int, int]:
        """The fewest and the most copies that an image of the run has so far."""
        there = self.parts
        blocks = [block for block in map(block_of, there) if block is not None]
        if not blocks:  # an older run, whose parts have all copies of some images
            return (self.config.copies if self.complete else 0), (self.config.copies if there else 0)
        done = copies_done(blocks, len(self.clean.indices))
        return int(done.min()), int(done.max())

    @property
    def share_done(self) -> float:
        """Share of the planned degraded images that are finished, 0 to 1; the parts differ in size."""
        planned, done = ([block_of(name) for name in names] for names in (self.info["parts"], self.parts))
        if None in planned:  # an older run, whose parts have the images of a class each
            return super().share_done
        rows, total = (sum(b.images * b.copies for b in blocks if b is not None) for blocks in (done, planned))
        return rows / max(total, 1)

    @property
    def extent(self) -> str:
        """What the run has so far, in words, such as "1 copy of each of 500 images (20 planned)"."""
        images, planned = len(self.clean.indices), self.config.copies
        if any(legacy_class(name) is not None for name in self.info["parts"]):
            # Which images an older run has is known only when its parts are read.
            return copies_in_words(np.full(images, planned), planned) if self.complete else super().extent
        return copies_in_words(self._copies, 0 if self.complete else planned)  # some images may be planned for no copy

    @property
    def amount(self) -> str:
        """What the run has, in words, such as "1 copy for 68 of 1,500 images"."""
        if any(legacy_class(name) is not None for name in self.info["parts"]):
            return self.extent
        return copies_in_words(self._copies, 0)

    @property
    def _copies(self) -> NDArray[np.int64]:
        """Number of copies that each image has, (N,)."""
        return copies_done(filter(None, map(block_of, self.parts)), len(self.clean.indices))

    def samples(
        self,
        class_index: int | None = None,
        severity: float | None = None,
        image: int | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Read the degraded images' scores: all, or those of a class, a severity or an image.

        Parameters
        ----------
        class_index : int, optional
            True class.
        severity : float, optional
            One of the run's severities.
        image : int, optional
            Index of the image in the full split.
        columns : sequence of str, optional
            Columns to read, by default all: image (index in the full split), class_index (true class),
            severity_index (index in the run's severities), severity, copy, psnr (in dB, after any clipping), predicted
            (class), score (of the predicted class), true_score (of the true class), degradation and, if the images have
            file names and groups, file and group.

        Returns
        -------
        pyarrow.Table
            One row for each degraded image; those of one image are sorted by severity and copy, others are in the order
            in which they were scored. Only the parts and columns needed are read.

        Raises
        ------
        InputError
            The class, severity, image or a column is not in this run.
        RunError
            A part is damaged.
        """
        return self._reader.samples(self.parts, class_index, severity, image, columns)

    def sample(self, image: int, severity_index: int, copy: int) -> dict[str, Any]:
        """Read the row of one degraded image.

        Parameters
        ----------
        image : int
            Index of the image in the full split.
        severity_index : int
            Index of the severity in the run's severities.
        copy : int
            Number of the copy, from 0.

        Returns
        -------
        dict
            The columns of `samples` and their values.

        Raises
        ------
        InputError
            The run has no such image, severity or copy.
        RunError
            The image has not been swept yet, or its part is damaged.
        """
        self._check_key(severity_index, copy)
        table = self.samples(image=image, severity=self.severities[severity_index])
        row = table.filter(pc.field("copy") == copy).to_pylist()
        if not row:
            raise not_swept(self, image, f"copy {copy} of ")
        sample: dict[str, Any] = row[0]
        return sample

    def degraded_image(self, image: int, severity_index: int, copy: int) -> NDArray[np.float32]:
        """Make the image that was scored again, identical to the bit.

        The first call draws a few random numbers and compares them with the numbers that the run recorded. Warns if
        the degradation depends on packages whose versions have changed (`Degradation.packages`), and if an image under
        a degradation of your own does not have the PSNR that was stored, as its function depends on something else.

        Parameters
        ----------
        image, severity_index, copy : int
            As in `sample`.

        Returns
        -------
        ndarray
            The degraded image, float32 (H, W, C), in grey levels, 0..255 if the sweep clips.

        Raises
        ------
        InputError
            The run has no such image, severity or copy.
        RunError
            The degradation is not installed here or has changed, or NumPy draws different random numbers here.
        """
        self._check_key(severity_index, copy)
        packages = self.changed_packages
        if self.changed_noise:
            raise RunError(f"degraded images of {self.path} cannot be made again, as {self.changed_noise}.")
        if packages:
            warn(f"{self.path} was made with {packages}: its degraded images may differ a little here.")
        clean = self.clean.images[self.clean.row(image)]
        degraded = degraded_image(self.config, clean, image, severity_index, copy)
        if not packages:
            self._made_again.check(self, clean, degraded, (image, severity_index, copy))
        return degraded

    def plot(self, image: int | None = None) -> "Figure":
        """Draw accuracy against severity, or one image: the clean one and its worst copy at each severity.

        Parameters
        ----------
        image : int, optional
            Index of an image in the full split. Of its copies at a severity, the one with the lowest score of the true
            class is drawn. By default accuracy is drawn with its 95 % interval, and beside it the accuracy of the
            images that are right when clean; `accuracy_figure([run])` of `tfstab.report` draws the interval of both.

        Returns
        -------
        matplotlib.figure.Figure
            The figure.
        """
        from tfstab.sweep import plot

        return plot.accuracy_curve_figure(self) if image is None else plot.worst_copies_figure(self, image)

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each severity, in the run's order; `samples().to_pandas()` has one for each copy.

        Returns
        -------
        DataFrame
            Indexed by `severity`, with the columns `accuracy`, `accuracy_low` and `accuracy_high` (of all images, with
            its 95 % interval, 0..1), `accuracy_kept`, `accuracy_kept_low` and `accuracy_kept_high` (the accuracy
            divided by the clean accuracy of the same images, with its interval; it may be above 1, and is NaN if fewer
            than five of them are right when clean), `clean_correct_accuracy`, `clean_correct_low` and
            `clean_correct_high` (the accuracy of the images that are right when clean), `psnr` (in dB, of the mean
            squared error over all images, so at most the mean of the PSNRs in `samples`), `calibration_error` (ECE,
            0..1), `images` and `degraded_images` (counts).

        Examples
        --------
        >>> sweep.to_pandas().index.tolist()
        [10.0, 80.0]
        """
        return severities_frame(self.measures)

    def summary(self) -> str:
        """Return a few lines: model, data, clean accuracy, accuracy over all severities, and the weakest class.

        Accuracies are with their 95 % intervals.
        """
        from tfstab.metrics import wilson_interval
        from tfstab.metrics.shares import rounded
        from tfstab.sweep.metrics import headline

        m = self.measures
        if not len(m):
            return f"{self.heading}\nNothing has been swept yet."
        clean = Estimate(m.clean_accuracy, *wilson_interval(int(m.clean_correct.sum()), len(m)))
        weakest = int(m.weakest_classes()[0])
        lines = [
            self.heading,
            *filter(None, [together_note(remarks_of(self.info["data"]))]),
            f"clean accuracy: {clean_percent(clean, self.info)}",
            *headline(m),
            f"weakest class: {self.class_names[weakest]}, recall {rounded(m.class_metrics().recall[weakest], 1)} %",
        ]
        return "\n".join(lines)

    __str__ = summary

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(self.summary(), self.to_pandas())

    @property
    def measures(self) -> SweepMeasures:
        """Everything measured on the parts that exist now. Only new parts are read.

        Raises RunError if one is damaged.
        """
        paths = {path.name: path for path in self.parts.values()}
        if self._measures is None or self._measures[0] != list(paths):
            for name in paths.keys() - self._counts.keys():
                self._counts[name] = self._count(paths[name])
            self._measures = list(paths), self._measure([self._counts[name] for name in paths])
        return self._measures[1]

    def measures_of(self, image: int) -> SweepMeasures:
        """Measure one image alone, without reading the others.

        Parameters
        ----------
        image : int
            Index of the image in the full split.

        Returns
        -------
        SweepMeasures
            Its measures; empty if it has not been swept yet.
        """
        table = self.samples(image=image, columns=counted_columns(self.config))
        return self._measure([Counts.of(table, self.config, len(self.class_names), self.threshold)])

    def class_metrics(self, severity: float | None = None, clean_correct: bool = False) -> ClassMetrics:
        """Compute precision and recall of each class.

        Parameters
        ----------
        severity : float, optional
            One of the run's severities; by default all together.
        clean_correct : bool
            Whether to count only images that are right when clean.

        Returns
        -------
        ClassMetrics
            The metrics, from counts of degraded images.

        References
        ----------
        Tables 2 and 3 of Aghdam, Heravi and Puig.
        """
        metrics = self.measures.class_metrics(severity, clean_correct)
        return replace(metrics, class_names=self.class_names, counted="copies")

    def accuracy_by_severity(self) -> list[SeverityAccuracy]:
        """Count correct predictions at each severity.

        Returns
        -------
        list of SeverityAccuracy
            One entry for each severity, in reporting order.
        """
        return self.measures.accuracy_by_severity()

    def severity_of_loss(self, lost: float = 0.5, class_index: int | None = None) -> Estimate:
        """Return the severity at which a share of the clean accuracy is lost, interpolated between those tried.

        Parameters
        ----------
        lost : float
            The share, between 0 and 1: with 0.2, accuracy falls below 80 % of the clean accuracy there.
        class_index : int, optional
            Only images of this true class, so that its recall is meant; by default all images.

        Returns
        -------
        Estimate
            The severity, in the unit of the degradation, with its 95 % interval, the milder end first; so `low` is the
            larger number where smaller severities are stronger, as for JPEG. The ends are the severities at
            which the ends of the interval of the accuracy kept reach this loss. The value or an end is infinite if it
            is not reached at any severity tried: `inf`, or `-inf` where smaller severities are stronger. All are NaN if
            severities lie on both sides of the neutral one (sweep each side by itself), or if fewer than five of the
            images are right when clean.

        Raises
        ------
        InputError
            `lost` is not between 0 and 1, or there is no such class.

        Examples
        --------
        >>> fog = tfstab.run_sweep(classifier, digits, tfstab.SweepConfig(degradation="fog", copies=1), out="losses")
        >>> fifth = fog.severity_of_loss(0.2)
        >>> print(f"a fifth is lost at density {fifth.value:.0f} % ({fifth.low:.0f}-{fifth.high:.0f})")
        a fifth is lost at density 30 % (9-58)
        """
        m, lost = self.measures, share_between("lost", lost)
        shares, right = 1 - m.wrong_share, m.clean_correct
        if class_index is not None:
            mine = m.labels == whole_number("class_index", class_index, 0, len(self.class_names) - 1)
            shares, right = shares[mine], right[mine]
        return as_number(m.config, severity_of_loss(m.config, shares, right, lost))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (2, S, K, K): images wrong or right when clean, severity, true class, predicted class."""
        return self.measures.confusion

    @cached_property
    def changed_packages(self) -> str:
        """Packages of the degradation with another version here, with the version that the run used; "" for none."""
        versions = self.info.get("environment", {}).get("versions", {})
        here = self.degradation.package_versions
        changed = [f"{name} {versions[name]}" for name in here if versions.get(name, here[name]) != here[name]]
        return " and ".join(changed)

    @cached_property
    def changed_noise(self) -> str:
        """Why degraded images would differ here from those scored, by the run's probe; "" if they do not.

        Raises RunError if the degradation is not available here.
        """
        return changed_noise(self.config, self.clean.images.shape[1:], self.info)

    def _count(self, path: Path) -> Counts:
        """Count the samples of a part."""
        table = self._reader.read_part(path, counted_columns(self.config))
        return Counts.of(table, self.config, len(self.class_names), self.threshold)

    def _measure(self, counts: list[Counts]) -> SweepMeasures:
        """Measure the counts of several parts together."""
        return SweepMeasures(
            Counts.sum(counts, self.config), self.clean, self.config, len(self.class_names), self.threshold
        )

    def _check_key(self, severity_index: int, copy: int) -> None:
        """Raise InputError unless the run has this severity and copy."""
        whole_number("severity_index", severity_index, 0, len(self.severities) - 1)
        whole_number("copy", copy, 0, self.config.copies - 1)
