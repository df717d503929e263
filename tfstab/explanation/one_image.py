"""Why one image is lost more easily than others: where its margin falls short of a typical image's."""

import html
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.explanation.gain import Gains, gains_of
from tfstab.explanation.shortfall import Place, places_of, relative_margin, weakest_network, where_lost
from tfstab.explanation.unseen import where_unknown
from tfstab.names import drawn, drawn_lines, quoted
from tfstab.wording import rounded_to, scored

if TYPE_CHECKING:
    from tfstab.explanation.run import ExplanationRun
    from tfstab.figure import Figure

LEFT_OUT = "It is not known where in the network it is lost: the layers of the network were not examined."
WIDTH = 26  # characters that fit above a picture


class ImageExplanation:
    """What an explanation found of one image. `ExplanationRun.of` returns it.

    Parameters
    ----------
    run : ExplanationRun
        The run.
    image : int
        Index of the image in the full split.

    Raises
    ------
    RunError
        The run does not have the image.
    InputError
        The image has not been explained yet.
    """

    def __init__(self, run: "ExplanationRun", image: int) -> None:
        self.run, self.image = run, image
        self.row = run.clean.row(image)
        rows = np.flatnonzero(run.rows == self.row)
        if not len(rows):
            raise InputError(f"image {image} has not been explained yet: repeat the explanation, with more minutes.")
        self.position = int(rows[0])

    @property
    def clean(self) -> NDArray[np.uint8]:
        """The clean image (H, W, C), grey levels."""
        return np.asarray(self.run.clean.images[self.row])

    @property
    def class_index(self) -> int:
        """The true class."""
        return int(self.run.clean.class_index[self.row])

    @property
    def right(self) -> bool:
        """Whether the clean image is classified correctly."""
        return bool(self.run.clean.correct[self.row])

    @cached_property
    def _noise(self) -> dict[str, np.ndarray]:
        if not self.run.has("noise"):  # which a run can leave out
            nothing = np.zeros(self.clean.shape, np.float32)
            return {"found": np.array(False), "l2": np.array(np.nan), "noise": nothing, "predicted": np.array(0)}
        arrays = self.run.arrays("noise")
        return {name: values[self.position] for name, values in arrays.items()}

    @property
    def found(self) -> bool:
        """Whether the image is right when clean and noise that flips it was found."""
        return bool(self._noise["found"])

    @property
    def noise(self) -> NDArray[np.float32]:
        """The minimum noise (H, W, C), grey levels; zero if none was found or needed."""
        return np.asarray(self._noise["noise"])

    @property
    def l2(self) -> float:
        """L2 of the minimum noise, grey levels; 0 if the clean image is wrong, NaN if none was found."""
        return float(self._noise["l2"])

    @property
    def predicted(self) -> int:
        """The class that the image with its minimum noise is taken for."""
        return int(self._noise["predicted"])

    @cached_property
    def _gains(self) -> Gains | None:
        return gains_of(self.run)

    @cached_property
    def network(self) -> int:
        """The network that is looked at: of an ensemble the member in which the image's margin is smallest."""
        return 0 if self._gains is None else weakest_network(self._gains, self.position)

    @cached_property
    def places(self) -> list[Place]:
        """What each place in the network does to the margin, the worst first; [] without layers or if it is wrong."""
        return [] if self._gains is None else places_of(self._gains, self.network, self.position)

    @property
    def share(self) -> float:
        """The image's relative margin at the input over that of a typical image; NaN if there is none."""
        return relative_margin(self.places)

    @property
    def cause(self) -> str:
        """Why the image is lost, in one or two sentences."""
        names = self.run.class_names
        if not self.right:
            taken = names[int(self.run.clean.predicted[self.row])]
            score = float(self.run.clean.scores[self.row].max())
            return f"It is wrong already when clean: taken for {quoted(taken)} with a score of {scored(score)}."
        if self._gains is None:
            return where_unknown(self.run.info) or LEFT_OUT
        return where_lost(self.places)

    @property
    def _size(self) -> str:
        """The L2 of the minimum noise in words; of an image close to the decision boundary, it is far below 1."""
        return f"{self.l2:.0f}" if self.l2 >= 10 else rounded_to(self.l2)

    def summary(self) -> str:
        """Return a few lines: the image, its minimum noise, and the cause."""
        names, title = self.run.class_names, self.run.clean.title(self.image)
        lines = [f"{title}, {names[self.class_index]}"]
        if self.found:
            lines.append(f"Noise of L2 {self._size} grey levels makes it {names[self.predicted]}.")
        elif self.right:
            lines.append("No noise that changes its prediction was found.")
        return "\n".join([*lines, self.cause])

    __str__ = summary

    def __repr__(self) -> str:
        """Return the class, the run and the image."""
        return f"{type(self).__name__}({str(self.run.path)!r}, image {self.image})"

    def _repr_html_(self) -> str:
        """Return the summary as HTML, for a notebook."""
        return "<br>".join(html.escape(line) for line in self.summary().splitlines())

    def plot(self) -> "Figure":
        """Draw the clean image, its minimum noise and the degraded image, and what each place does to the margin.

        Of an image without minimum noise, only the clean image is drawn, with the reason in its title.
        """
        from tfstab.figure import Figure

        names, pictures = self.run.class_names, 3 if self.found else 1
        widths = [1.0] * pictures + [1.6] * bool(self.places)
        figure = Figure(figsize=(1.75 * sum(widths), 3), layout="constrained")
        axes = figure.subplots(1, len(widths), squeeze=False, width_ratios=widths)[0]
        for axis in axes[:pictures]:
            axis.set_axis_off()
        title = drawn_lines(names[self.class_index], WIDTH)
        if not self.right:
            taken = names[int(self.run.clean.predicted[self.row])]
            title += "\nwrong when clean already:\n" + drawn_lines(f"taken for {taken}", WIDTH)
        elif not self.found:
            title += "\nno noise found"
        axes[0].imshow(self.clean.squeeze(), cmap="gray", vmin=0, vmax=255)
        axes[0].set_title(title, fontsize=8)
        if self.found:
            scale = float(np.abs(self.noise).max()) or 1.0
            axes[1].imshow(self.noise.mean(axis=-1), cmap="RdBu_r", vmin=-scale, vmax=scale)
            axes[1].set_title(f"noise, L2 {self._size}", fontsize=8)
            degraded = np.clip(self.clean + self.noise, 0, 255).astype(np.uint8)
            axes[2].imshow(degraded.squeeze(), cmap="gray", vmin=0, vmax=255)
            axes[2].set_title(drawn_lines(f"taken for {names[self.predicted]}", WIDTH), fontsize=8)
        if self.places:
            draw_places(axes[-1], self.places)
        return figure


def draw_places(axis: object, places: list[Place]) -> None:
    """Draw what each place does to the margin as bars; to the left of 1, it makes the margin smaller than usual."""
    from matplotlib.axes import Axes

    from tfstab.explanation.plot import log_scale

    assert isinstance(axis, Axes)
    shown = places[:8]
    if not shown:
        axis.set_axis_off()
        return
    factors = np.array([place.factor for place in shown])
    axis.barh(range(len(shown)), factors - 1, left=1, color=["#b2182b" if f < 1 else "#4393c3" for f in factors])
    axis.set_yticks(range(len(shown)), [drawn(place.name) for place in shown], fontsize=7)
    ends = max(2.0, factors.max() * 1.1, 1.1 / factors.min())
    axis.set_xlim(1 / ends, ends)
    log_scale(axis)
    axis.axvline(1, color="0.3", linewidth=0.8)
    axis.invert_yaxis()
    axis.set_title("factor of its margin (1: typical image)", fontsize=8)
    axis.tick_params(labelsize=7)
