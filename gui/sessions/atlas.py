"""The map of a run's images: asked of the child process, or read from the cache; and what is picked in it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from tfstab.gui.background import Background
from tfstab.gui.content.atlas import AtlasMap, Keys
from tfstab.gui.jobs.mapping import CLEAN, LEAST
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.atlas_cache import Arrays, cache_path, keep_map, read_map

PCA, TSNE = METHODS = "PCA", "t-SNE"
NONE = np.empty(0, np.intp)


class Atlas(QObject):
    """Computes the map when it is first looked at.

    Parameters
    ----------
    run : SearchRun or SweepRun
        Its images and model.
    keys : callable
        Returns the keys (N, 3) of the images to map; called in the window's thread when the map is begun.
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
        run: Any,
        keys: Callable[[], Keys],
        scorer: Scorer,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.run, self._keys, self._scorer, self._background = run, keys, scorer, background
        self.points: AtlasMap | None = None
        self.waiting = self.problem = ""
        self.picked: NDArray[np.intp] = NONE
        self._asked: Keys | None = None
        self._ticket: int | None = None

    @property
    def states(self) -> list[str]:
        """What each severity index is called."""
        run = self.run
        if run.kind == "search":
            return ["with minimum noise"]
        return [f"{run.degradation.parameter} {severity:g}" for severity in run.severities]

    def start(self) -> None:
        """Compute the map unless that is done or being done; after a failure, try again."""
        if self.points is not None or self.waiting:
            return
        keys, run = self._keys(), self.run
        if not len(keys):
            self.problem = "There is nothing to map yet: no image is finished."
            self.changed.emit()
            return
        self._asked = keys
        self._wait("Looking for the map in the cache…")
        self._background.run(
            lambda: read_map(cache_path(run.info, keys), len(keys)), lambda kept: self._begin(keys, kept), owner=self
        )

    def pick(self, places: NDArray[np.intp]) -> None:
        """List these points."""
        self.picked = places
        self.picked_changed.emit()

    def image(self, place: int) -> NDArray[np.float32] | NDArray[np.uint8]:
        """Return the image (H, W, C) of a point; takes milliseconds, so it runs in a worker."""
        assert self.points is not None
        run = self.run
        image, severity_index, copy = self.points.keys[place].tolist()
        if severity_index == CLEAN:
            return np.asarray(run.clean.images[run.clean.row(image)])
        if run.kind == "search":
            return np.asarray(run.result(image).degraded)
        return np.asarray(run.degraded_image(image, severity_index, copy))

    def stop(self) -> None:
        """Stop asking, because the run is closed."""
        self._scorer.drop(self._ticket)

    def _begin(self, keys: Keys, kept: Arrays | None) -> None:
        if kept is not None:
            self._show(keys, kept)
            self._show_tsne(kept["tsne"])
            return
        arrays: Arrays = {}
        self._wait("Waiting for the model, which takes some seconds the first time…")

        def take(part: str, values: dict[str, Any]) -> None:
            if part == "share":
                self._wait(f"Looking at {len(keys):,} images: {values['share']:.0%}")
            elif part == "points":
                arrays.update({name: np.asarray(value) for name, value in values.items()})
                self._show(keys, arrays)
                if len(keys) > LEAST:
                    self._wait("This is PCA. t-SNE, which shows groups better, follows in half a minute at most…")
            else:
                arrays["tsne"] = values["map"]
                self._show_tsne(values["map"])
                path = cache_path(self.run.info, keys)
                self._background.run(lambda: keep_map(path, arrays), lambda _: None, owner=self)

        self._ticket = self._scorer.ask(
            self.run.info["model"],
            "atlas",
            {"run": str(self.run.path), "keys": keys, "image_shape": list(self.run.clean.images.shape[1:])},
            take,
            self._fail,
        )

    def _show(self, keys: Keys, arrays: Arrays) -> None:
        rows = np.array([self.run.clean.row(image) for image in keys[:, 0].tolist()])
        explained = arrays["explained"]
        self.points = AtlasMap(
            keys,
            np.asarray(self.run.clean.class_index[rows], np.int64),
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
