"""`ExplanationRun`, the opened run folder of an explanation; works without TensorFlow."""

import re
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
from tfstab.names import html_summary, printed
from tfstab.runs import RunFolder
from tfstab.runs.arrays import read_arrays
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.explanation.gain import LayerFigures
    from tfstab.explanation.one_image import ImageExplanation
    from tfstab.figure import Figure


_PART = re.compile(r"([a-z]+)-(\d{7})-(\d{7})", re.ASCII)


def part_name(analysis: str, first: int, stop: int) -> str:
    """Return the name of the part that holds an analysis of the images from `first` to `stop` in the run's order."""
    return f"{analysis}-{first:07d}-{stop:07d}"


def parse_part(name: str) -> tuple[str, int, int] | None:
    """Return the analysis of a part and its places in the run's order; None if it is of no analysis that is known."""
    match = _PART.fullmatch(name)
    return (match[1], int(match[2]), int(match[3])) if match and match[1] in analyses() else None


class ExplanationRun(RunFolder):
    """The run folder of an explanation, finished or not.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Attributes
    ----------
    next_steps : list of str
        What to do next, as `tfstab.explain` knows it, each with what it is for after a "#": commands or, for a model or
        images that exist only in Python, calls, in which `model`, `data` and `class_names` stand for what `explain` was
        given. [] for an explanation that was opened again.

    Raises
    ------
    RunError
        The folder is not an explanation or is damaged.

    Examples
    --------
    >>> from tfstab.explanation import ExplanationConfig, run_explanation
    >>> explanation = run_explanation(classifier, digits.take(2), ExplanationConfig(copies=5), "runs/why")
    >>> list(explanation.to_pandas().columns)
    ['label', 'predicted', 'l2', 'falls_to', 'margin', 'noisy_right']
    >>> explanation.of(explanation.images[0]).right
    True
    """

    kind = "explanation"
    title = "explanation"  # its name in reports

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        _ = self.config  # raises RunError for settings that no explanation has recorded
        self._read: dict[tuple[str, int], Arrays] = {}
        self.next_steps: list[str] = []

    @cached_property
    def config(self) -> ExplanationConfig:
        """The settings."""
        return ExplanationConfig.of_settings(self.info["settings"], self.seed)

    @cached_property
    def blocks(self) -> list[tuple[int, int]]:
        """Places (first, stop) in the run's order of the blocks of images for which every analysis is finished."""
        planned: dict[tuple[int, int], set[str]] = {}
        for name in self.info["parts"]:
            place = parse_part(name)
            if place is not None and analyses()[place[0]].of_images:
                planned.setdefault(place[1:], set()).add(name)
        spans = sorted(planned)
        starts = [0, *(stop for _, stop in spans)]
        if [first for first, _ in spans] != starts[:-1] or any(first >= stop for first, stop in spans):
            raise RunError(f"{self.path} is damaged (its blocks of images do not follow each other): make it again.")
        if starts[-1] > len(self.clean.indices):
            raise RunError(f"{self.path} is damaged (it has results of more images than it has): make it again.")
        there = self.parts
        return [span for span in spans if planned[span] <= there.keys()]

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
        """What the run has so far, in words: "32 of 100 images, without the analysis frequency"."""
        images = f"{len(self.rows):,} of {counted(self.info['data']['images'])}"
        missing = self.unfinished
        if not missing or not len(self.rows):
            return images
        return f"{images}, without the {'analysis' if len(missing) == 1 else 'analyses'} {' and '.join(missing)}"

    def has(self, analysis: str) -> bool:
        """Return whether there are results of an analysis; not if the network does not allow it."""
        there = any(place is not None and place[0] == analysis for place in map(parse_part, self.parts))
        return there and (bool(self.blocks) or not analyses()[analysis].of_images)

    @property
    def left_out(self) -> list[str]:
        """Names of the analyses that the model does not allow, as it has no gradients or no layers to look at."""
        planned = {name.partition("-")[0] for name in self.info["parts"]}
        return [name for name in self.config.only or analyses() if name not in planned]

    @property
    def unfinished(self) -> list[str]:
        """Names of the analyses that are made once and are planned, but not made yet."""
        planned = {name.partition("-")[0] for name in self.info["parts"]}
        return [
            name for name, one in analyses().items() if name in planned and not one.of_images and not self.has(name)
        ]

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
            first, stop = next(place[1:] for place in map(parse_part, self.parts) if place and place[0] == analysis)
            return self.part(analysis, first, stop)
        parts = [self.part(analysis, *block) for block in self.blocks]
        try:
            return {
                name: np.concatenate([part[name] for part in parts]) if field.axes[:1] == ("image",) else parts[0][name]
                for name, field in kind.fields.items()
            }
        except ValueError as error:
            raise RunError(f"{self.path} is damaged (parts of {analysis} differ in shape): make it again.") from error

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
        """Return in short paragraphs: model, data, how far it is, the causes in words, with what helps, and details."""
        from tfstab.explanation.cause import causes_of
        from tfstab.explanation.lead import after_causes, lead
        from tfstab.explanation.remedies import with_remedies

        causes = "\n".join(f"- {told}" for told in with_remedies(causes_of(self)))
        return "\n\n".join(filter(None, [self.heading, lead(self), causes, *after_causes(self)]))

    def __str__(self) -> str:
        """Return the summary and what to do next."""
        from tfstab.explanation.lead import next_steps

        known = "Next: " + "\n      ".join(self.next_steps) if self.next_steps else next_steps(self)
        return "\n\n".join(filter(None, [self.summary(), known]))

    def to_pandas(self) -> "pd.DataFrame":
        """Return a table with one row for each explained image.

        Columns, as far as they were measured: label and predicted (indices of the true class and of that predicted for
        the clean image), l2 (minimum noise; 0 if wrong when clean, NaN if none was found) and falls_to (index of the
        class that it leads to, -1 for none), margin (logit margin of the clean image, nats), noisy_right (share of the
        copies with the run's sigma that are right). A column "file" comes first if the images have file names.
        """
        import pandas as pd

        clean, rows = self.clean, self.rows
        columns = {"label": clean.class_index[rows], "predicted": clean.predicted[rows]}
        if self.has("noise"):
            noise = self.arrays("noise")
            columns |= {"l2": noise["l2"], "falls_to": np.where(noise["found"], noise["predicted"], -1)}
        if self.has("copies"):
            copies = self.arrays("copies")
            column = int(np.argmin(np.abs(copies["sigmas"] - self.config.sigma)))
            columns["margin"] = copies["clean_margin"]
            columns["noisy_right"] = (copies["margins"][:, column] > 0).mean(axis=1)
        table = pd.DataFrame(columns, index=pd.Index(self.images, name="image")).sort_index()
        if clean.names is not None:
            table.insert(0, "file", [clean.name(int(image)) for image in table.index])
        return table

    def layers(self) -> "pd.DataFrame":
        """Return a table with one row for each layer that has a kernel, from the input to the logits.

        Returns
        -------
        pandas.DataFrame
            The figures of the table *Gain and margin by layer* of `tfstab explain`, indexed by the layers' names:
            medians over the images, all without a unit. Columns of the same names with `_low` and `_high` have the ends
            of 95 % intervals, 0 and infinity if there are too few images. For an ensemble, `member` is its member,
            counted from 1.

            - `relative_gain`: how far noise of the run's sigma moves what the layer returns, relative to the distance
              between images there, divided by the same at the input.
            - `gain_before`: the factor by which the relative gain changes between the weights of the row before and
              those of this layer, by activation, batch normalisation and pooling together. NaN at the input, and for
              a layer that takes the same as one above it, because both begin branches.
            - `layer_gain`: the factor by which the layer's weights alone change it.
            - `relative_margin`: distance to the decision boundary in the layer's output, divided by the spread of
              images there, over images that are right when clean; NaN if there are none.
            - `margin_per_gain`: relative margin over relative gain.

        Raises
        ------
        RunError
            The model shows no layers, or less than two images are explained.

        Notes
        -----
        `relative_gain` includes the layer's own activation, and so does `gain_before` of the next row: the factors do
        not depend on whether an activation is a layer of its own. If no factor is missing, the relative gain of the
        logits is, for each image, the product of all factors `gain_before` and `layer_gain`; for medians, this holds
        approximately. How layers are connected is not recorded. If other layers than that of the row before lead to a
        layer, as at the end of a skip connection, `gain_before` includes what they bring, and does not say what the
        layers in between do.

        Examples
        --------
        >>> from tfstab.explanation import ExplanationConfig, run_explanation
        >>> config = ExplanationConfig(copies=5, only=("layers",))
        >>> table = run_explanation(classifier, digits.take(10), config, "runs/why-layers").layers()
        >>> table.index[0], table.index[-1], float(table["relative_gain"].iloc[0])
        ('input', 'logits', 1.0)
        >>> amplified = table[table["gain_before_low"] > 1]
        """
        from tfstab.explanation.gain import layers_frame

        return layers_frame(self._layer_figures())

    def plot(self) -> "Figure":
        """Draw relative gain and relative margin of each layer; raise RunError if there are none."""
        from tfstab.explanation.plot import layers_figure

        return layers_figure(self._layer_figures())

    def _layer_figures(self) -> "list[LayerFigures]":
        from tfstab.explanation.gain import layer_table

        found = layer_table(self)
        if not found:
            raise RunError(
                f"{self.path} has no layers to show: less than two images are explained, or the model shows none."
            )
        return found

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(str(self), self.to_pandas())

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
        problem = problem_of(arrays, kind.fields, sizes) or (kind.check(arrays) if kind.check else None)
        if problem:
            raise RunError(f"{path} is damaged ({problem}): remove it, and resume the explanation.")
        for entry, array in arrays.items():
            if array.dtype.kind == "U":
                arrays[entry] = np.array([printed(text) for text in array.tolist()])
        self._read[analysis, first] = arrays
        return arrays
