"""The map of a run's images: asked of the child process, or read from the cache; and what is picked in it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from tfstab.gui.background import Background, unexpected
from tfstab.gui.content.atlas import AtlasMap, Mapped
from tfstab.gui.jobs.mapping import LEAST
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.atlas_cache import Arrays, cache_path, keep_map, read_map
from tfstab.runs.info import model_of
from tfstab.wording import counted

PCA, TSNE = METHODS = "PCA", "t-SNE"
NONE = np.empty(0, np.intp)


class Atlas(QObject):
    """Computes the map when it is first looked at.

    Parameters
    ----------
    source : callable
        Returns which images are mapped, or None if there are none yet; called when the map is begun.
    scorer : Scorer
        Asks the model.
    background : Background
        Reads, writes and degrades images.
    parent : QObject, optional

    Attributes
    ----------
    points : AtlasMap or None
        The map, once it is computed.
    waiting : str
        What it waits for, in a sentence; "" for nothing.
    problem : str
        Why there is no map, or "".
    picked : ndarray of int
        Points that were picked.

    Signals
    -------
    changed
        Points, or what they wait for, have changed.
    picked_changed
        Other points were picked.
    """

    changed = Signal()
    picked_changed = Signal()

    def __init__(
        self,
        source: Callable[[], Mapped | None],
        scorer: Scorer,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._source, self._scorer, self._background = source, scorer, background
        self.mapped: Mapped | None = None
        self.points: AtlasMap | None = None
        self.waiting = self.problem = ""
        self.picked: NDArray[np.intp] = NONE
        self._ticket: int | None = None

    @property
    def states(self) -> list[str]:
        """What the states of images are called."""
        return [] if self.mapped is None else self.mapped.names

    def start(self) -> None:
        """Compute the map unless that is done or being done; after a failure, or if the run has grown, do it again."""
        if self.waiting:
            return
        mapped = self._source()
        if mapped is None or not len(mapped.keys):
            self.problem = "There is nothing to map yet, because no image is finished."
            self.changed.emit()
            return
        if self.points is not None and np.array_equal(mapped.keys, self.points.keys):
            return
        self.mapped, self.points = mapped, None
        self.pick(NONE)
        self._wait("Looking for the map in the cache…")
        self._background.run(
            lambda: read_map(cache_path(mapped), len(mapped.keys)),
            lambda kept: self._begin(mapped, kept),
            lambda: self._fail(unexpected("Reading the map"), ""),
            self,
        )

    def pick(self, places: NDArray[np.intp]) -> None:
        """List these points."""
        self.picked = places
        self.picked_changed.emit()

    def image(self, place: int) -> NDArray[Any]:
        """Return the image (H, W, C) of a point; takes milliseconds, so it runs in a worker."""
        assert self.mapped is not None
        return self.mapped.image(place)

    def stop(self) -> None:
        """Stop asking, because the page is closed."""
        self._scorer.drop(self._ticket)

    def _begin(self, mapped: Mapped, kept: Arrays | None) -> None:
        if kept is not None:
            self._show(mapped, kept)
            self._show_tsne(kept["tsne"])
            return
        arrays: Arrays = {}
        count = len(mapped.keys)
        self._wait("Waiting for the model, which takes some seconds the first time…")

        def take(part: str, values: dict[str, Any]) -> None:
            if part == "share":
                self._wait(f"Computing the features of {counted(count)}: {100 * values['share']:.0f} %")
            elif part == "points":
                arrays.update({name: np.asarray(value) for name, value in values.items()})
                self._show(mapped, arrays)
                if count > LEAST:
                    self._wait("This is PCA. t-SNE, which shows groups better, follows in half a minute at most…")
            else:
                arrays["tsne"] = values["map"]
                self._show_tsne(values["map"])
                path = cache_path(mapped)
                self._background.run(lambda: keep_map(path, arrays), lambda _: None, owner=self)

        model = model_of(mapped.run.info)
        self._ticket = self._scorer.ask(model, "atlas", mapped.question(), take, self._fail, self)

    def _show(self, mapped: Mapped, arrays: Arrays) -> None:
        clean, explained = mapped.run.clean, arrays["explained"]
        rows = np.array([clean.row(image) for image in mapped.keys[:, 0].tolist()])
        self.points = AtlasMap(
            mapped.keys,
            np.asarray(clean.class_index[rows], np.int64),
            np.asarray(arrays["predicted"], np.int64),
            {PCA: np.asarray(arrays["map"], np.float32)},
            (float(explained[0]), float(explained[1])),
            bool(arrays["features"]),
        )
        self._wait("")

    def _show_tsne(self, places: np.ndarray) -> None:
        assert self.points is not None
        self.points = replace(self.points, places=self.points.places | {TSNE: np.asarray(places, np.float32)})
        self._wait("")

    def _wait(self, text: str) -> None:
        self.waiting, self.problem = text, ""
        self.changed.emit()

    def _fail(self, sentence: str, details: str) -> None:
        self.waiting, self.problem = "", sentence
        self.changed.emit()
