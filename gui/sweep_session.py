"""An open sweep run: the class whose points are shown, the filters, and the selected point."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.points import CLEAN_WRONG, CORRECT, WRONG, Cloud, SweepPoints, read_points
from tfstab.gui.session import Session
from tfstab.gui.triple import class_label, triple_of_point

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun
    from tfstab.sweep.results import SigmaAccuracy


class SweepSession(Session):
    """clouds: the shown points by kind. points: all of the class, None until they are read."""

    points_changed = Signal()  # another class was read
    shown_changed = Signal()  # other points of it pass the filters
    point_selected = Signal(object)  # place in `points`, or None
    accuracy_changed = Signal()

    def __init__(self, run: "SweepRun", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.classes: list[int] = [int(k) for k in np.unique(run.clean.class_index)]
        self.class_index: int = self.classes[0]
        self.sigma_index: int | None = None
        self.clean_wrong = True
        self.points: SweepPoints | None = None
        self.shown: NDArray[np.intp] = np.empty(0, np.intp)
        self.clouds: dict[int, Cloud] = {}
        self.point: int | None = None
        self.accuracy: list[SigmaAccuracy] = []
        self.reload()

    def select_class(self, class_index: int) -> None:
        """Show the points of another class, once they are read."""
        if class_index != self.class_index:
            self.class_index = class_index
            self._select(None)
            self._read_class()

    def filter_sigma(self, sigma_index: int | None) -> None:
        """Show the points of one sigma, or of all (None)."""
        self.sigma_index = sigma_index
        self._filter()

    def show_clean_wrong(self, show: bool) -> None:
        """Show or hide the points of images that are wrong when clean."""
        self.clean_wrong = show
        self._filter()

    def select_point(self, place: int) -> None:
        """Select the point at this place of `points`: its degraded image is made again."""
        self._select(place)

    def describe(self, place: int) -> str:
        """A point in one line."""
        points, names = self.points, self.run.class_names
        assert points is not None
        image, sigma_index, copy = points.key(place)
        clean = ", wrong when clean" if points.kind[place] == CLEAN_WRONG else ""
        return (
            f"Image {image}{clean} · sigma {self.run.sigmas[sigma_index]:g} · copy {copy} · "
            f"predicted {class_label(int(points.predicted[place]), names)} · score {points.score[place]:.3f} · "
            f"PSNR {points.psnr[place]:.2f} dB"
        )

    def reload(self) -> None:
        self._read_class()
        run = self.run
        self.background.run(run.accuracy_by_sigma, self._show_accuracy)

    def _read_class(self) -> None:
        run, class_index = self.run, self.class_index

        def read() -> SweepPoints | TfstabError:
            try:
                return read_points(run, class_index)
            except TfstabError as error:
                return error

        def show(outcome: SweepPoints | TfstabError) -> None:
            if isinstance(outcome, SweepPoints):
                self._show_points(outcome)
            elif class_index == self.class_index:
                self._show_unreadable(outcome)

        self.background.run(read, show)

    def _show_unreadable(self, error: TfstabError) -> None:
        self.points, self.shown, self.clouds = None, np.empty(0, np.intp), {}
        self._select(None)
        self.points_changed.emit()
        self.background.failed.emit(str(error), "")

    def _show_points(self, points: SweepPoints) -> None:
        if points.class_index != self.class_index:  # another class was chosen meanwhile
            return
        selected = self.points.key(self.point) if self.points is not None and self.point is not None else None
        self.points = points
        self._choose_shown()
        self.points_changed.emit()
        if selected is not None:
            self._select(points.find(selected))

    def _filter(self) -> None:
        if self.points is not None:
            self._choose_shown()
            self.shown_changed.emit()

    def _choose_shown(self) -> None:
        points = self.points
        assert points is not None
        self.shown = points.select(self.sigma_index, self.clean_wrong)
        kinds = points.kind[self.shown]
        self.clouds = {kind: Cloud.of(points, self.shown[kinds == kind]) for kind in (CORRECT, CLEAN_WRONG, WRONG)}

    def _select(self, place: int | None) -> None:
        self.point = place
        self.point_selected.emit(place)
        triple = None
        if place is not None and self.points is not None:
            triple = triple_of_point(self.run, self.points, place)
        self._set_triple(triple)

    def _show_accuracy(self, accuracy: "list[SigmaAccuracy]") -> None:
        self.accuracy = accuracy
        self.accuracy_changed.emit()
