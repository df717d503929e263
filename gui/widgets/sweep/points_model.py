"""The degraded images of a sweep as table rows, with marks and notes."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt

from tfstab.gui.content.runner_up import UNKNOWN, certain_runner_up, second_when_clean
from tfstab.gui.content.selection import ELSEWHERE
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.sweep_session import SECOND, SweepSession
from tfstab.gui.widgets.array_model import LEFT, ArrayModel, Column, Index, decimals, named, whole
from tfstab.gui.widgets.marking import MARK
from tfstab.gui.widgets.thumbnails import PICTURES, Pictures

ALIGNED = Qt.ItemDataRole.TextAlignmentRole
RUNNER_UP = (
    "Class with the second highest score; sweeps do not record it, so the model computes it for the rows in view"
)


class PointsModel(ArrayModel):
    """Table model of the rows in a session's view.

    The first column shows marks, which belong to the session; the last one shows notes and can be edited.
    """

    def __init__(
        self, session: SweepSession, degraded: LazyPictures, runners_up: RunnersUp, parent: Any = None
    ) -> None:
        super().__init__(parent)
        self._session, self._degraded, self._runners_up = session, degraded, runners_up
        self._points: object = None
        session.view.rows_changed.connect(self.follow)
        session.marks.changed.connect(self._tell_marks)
        session.beside.changed.connect(self._remake)
        self.follow()

    def follow(self) -> None:
        """Take over the points and rows of the view."""
        view = self._session.view
        if view.points is not self._points or not self.columns:
            self._points = view.points
            self.set_columns(self._make_columns(), view.rows)
        else:
            self.set_rows(view.rows)

    def _remake(self) -> None:
        """Rebuild the columns, which include the predictions of the compared runs."""
        self.set_columns(self._make_columns(), self._session.view.rows)

    def key(self, row: int) -> tuple[int, int, int]:
        """Return (image, severity index, copy) of a row."""
        points = self._session.points
        assert points is not None
        return points.key(int(self.rows[row]))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, pictures or alignment; pictures, marks and notes are found by the row's key."""
        name = self.columns[index.column()].name
        if name == "pictures":
            return self._pictures(self.key(index.row())) if role == PICTURES else None
        if name == "marked":
            if role == Qt.ItemDataRole.DisplayRole:
                return MARK if self.key(index.row()) in self._session.marks else ""
            return Qt.AlignmentFlag.AlignCenter if role == Qt.ItemDataRole.TextAlignmentRole else None
        if name == "runner-up":
            return (
                self._runner_up(index.row())
                if role == Qt.ItemDataRole.DisplayRole
                else LEFT
                if role == ALIGNED
                else None
            )
        if name == "note":
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole)
            return self._session.marks.note(self.key(index.row())) if shown else None
        return super().data(index, role)

    def _pictures(self, key: tuple[int, int, int]) -> Pictures:
        """Return the clean and the degraded image."""
        clean, degraded = self._session.run.clean, self._degraded.get(key)
        return (key[0], clean.images[clean.row(key[0])]), None if degraded is None else (key, degraded)

    def _runner_up(self, row: int) -> str:
        """Return the runner-up of a row, or – as long as it is not known."""
        points, place = self._session.points, int(self.rows[row])
        assert points is not None
        actual, predicted = int(points.actual[place]), int(points.predicted[place])
        found = certain_runner_up(actual, predicted, float(points.score[place]), float(points.true_score[place]))
        return named(self._session.run.class_names)(found if found != UNKNOWN else self._runners_up.get(self.key(row)))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Make the notes editable."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.columns[index.column()].name == "note" else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Store an edited note."""
        if role != Qt.ItemDataRole.EditRole or self.columns[index.column()].name != "note":
            return False
        self._session.marks.write(self.key(index.row()), str(value).strip())
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Request sorting, except by notes and by what is known of the rows in view alone."""
        if not (0 <= column < len(self.columns) and self.columns[column].name in ("note", "runner-up")):
            super().sort(column, order)

    def _tell_marks(self) -> None:
        if len(self.rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    def _make_columns(self) -> list[Column]:
        points, run = self._session.points, self._session.run
        none = np.empty(0)

        def values(name: str) -> np.ndarray:
            return none if points is None else getattr(points, name)

        classes, family = named(run.class_names), run.degradation
        elsewhere = [
            Column(
                f"{ELSEWHERE}{n}",
                f"Predicted in {neighbour.session.name}",
                neighbour.predicted,
                classes,
                right=False,
                tip="Class predicted in that run for the same degraded image; – if it does not have that image",
            )
            for n, neighbour in enumerate(self._session.beside.neighbours)
            if points is not None and len(neighbour.predicted) == len(points)
        ]
        return [
            Column(
                "marked", MARK, none, str, right=False, tip="Marked rows; press M to mark or unmark the selected ones"
            ),
            Column("image", "Image", values("image"), whole, tip="Index in the full split"),
            Column(
                "pictures", "Pictures", none, str, right=False, tip="Clean and degraded image", pictures=lambda _: ()
            ),
            Column("actual", "True", values("actual"), classes, right=False),
            Column("predicted", "Predicted", values("predicted"), classes, right=False),
            *elsewhere,
            Column("runner-up", "Runner-up", none, str, right=False, tip=RUNNER_UP),
            Column(
                SECOND,
                "Second when clean",
                values("image"),
                lambda image: classes(second_when_clean(run.clean, np.array([image]))[0]),
                right=False,
                tip="Class with the second highest score on the clean image",
            ),
            Column(
                "severity",
                family.parameter.capitalize(),
                values("severity_index"),
                lambda s: f"{run.severities[s]:g}",
                tip=family.unit.capitalize(),
            ),
            Column("copy", "Copy", values("copy"), whole, tip=f"Number of the copy at this {family.parameter}"),
            Column("psnr", "PSNR", values("psnr"), _decibels, tip="PSNR in dB, after any clipping; ∞ if unchanged"),
            Column("score", "Score", values("score"), decimals(4), tip="Softmax score of the predicted class"),
            Column("true_score", "True score", values("true_score"), decimals(4), tip="Score of the true class"),
            Column("note", "Note", none, str, right=False, tip="Double-click, or press F2, to edit"),
        ]


def _decibels(value: float) -> str:
    """Format a PSNR, or ∞ if the image is unchanged."""
    return f"{value:.2f}" if np.isfinite(value) else "∞"
