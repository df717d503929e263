"""The degraded images of a sweep as table rows, with marks and notes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication

from tfstab.gui.content.grouping import IMAGE, Groups
from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.runner_up import UNKNOWN, certain_runner_up, runner_up
from tfstab.gui.content.selection import ELSEWHERE, SECOND
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.array_model import LEFT, RIGHT, ArrayModel, Column, decimals, file_column, named, whole
from tfstab.gui.widgets.marking import MARK
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.thumbnails import PICTURES, Pictures
from tfstab.gui.widgets.tips import plain
from tfstab.runs.info import without_classes

TITLE = Qt.ItemDataRole.UserRole + 22  # title of a group, in every cell of its title row; else None
OPEN, CLOSED = "▾", "▸"
FOUND = ("pictures", "marked", "runner-up", "note")  # columns that `_found` shows
DISPLAYED = Qt.ItemDataRole.DisplayRole
ALIGNED = Qt.ItemDataRole.TextAlignmentRole
TIP = Qt.ItemDataRole.ToolTipRole
ROLES = {
    int(r) for r in (DISPLAYED, ALIGNED, PICTURES, TITLE, TIP, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.BackgroundRole)
}
RUNNER_UP = (
    "Class with the second highest score, which the model computes for the rows in view: sweeps do not record it"
)


class PointsModel(ArrayModel):
    """Table model of the rows in a session's view.

    The first column shows marks, which belong to the session; the last one shows notes and can be edited. Rows can be
    in groups; `rows` then has -1 - g for the title of group g.

    Attributes
    ----------
    opened : set of int
        Codes of the groups whose rows are listed.
    """

    def __init__(
        self, session: SweepSession, degraded: LazyPictures, runners_up: RunnersUp, parent: Any = None
    ) -> None:
        super().__init__(parent)
        self._session, self._degraded, self._runners_up = session, degraded, runners_up
        # The numbers in `rows` count these points. The session may already have read those of another class.
        self._points: SweepPoints | None = None
        self._groups: Groups | None = None
        self.opened: set[int] = set()
        session.view.rows_changed.connect(self.follow)
        session.marks.changed.connect(self._tell_marks)
        session.beside.changed.connect(self._remake)
        self.follow()

    def follow(self) -> None:
        """Take over the points and rows of the view."""
        view, before = self._session.view, self._groups
        if view.groups is None or before is None or before.by != view.groups.by:
            self.opened = set()
        self._groups = view.groups
        if view.points is not self._points or not self.columns:
            self._remake()
        elif before is view.groups is None:
            self.set_rows(view.rows)
        else:
            self.beginResetModel()
            self.rows = self._lines()
            self.endResetModel()

    def _lines(self) -> np.ndarray:
        """Return the points listed, and the titles of groups between them."""
        view = self._session.view
        return view.rows if view.groups is None else view.groups.lines(view.rows, self.opened)

    # Groups

    @property
    def grouped(self) -> bool:
        """Whether rows are in groups."""
        return self._groups is not None

    def group_at(self, row: int) -> int | None:
        """Return the group whose title a row shows, or None."""
        return -1 - int(self.rows[row]) if self.rows[row] < 0 else None

    def toggle(self, group: int) -> None:
        """List the rows of a group below its title, or hide them."""
        assert self._groups is not None
        code, count = int(self._groups.codes[group]), int(self._groups.counts[group])
        title = int(np.flatnonzero(self.rows == -1 - group)[0])
        above, below = self.rows[: title + 1], self.rows[title + 1 :]
        if code in self.opened:
            self.beginRemoveRows(QModelIndex(), title + 1, title + count)
            self.opened.remove(code)
            self.rows = np.concatenate([above, below[count:]])
            self.endRemoveRows()
        else:
            self.beginInsertRows(QModelIndex(), title + 1, title + count)
            self.opened.add(code)
            start = int(self._groups.starts[group])
            self.rows = np.concatenate([above, self._session.view.rows[start : start + count], below])
            self.endInsertRows()
        self.dataChanged.emit(self.index(title, 0), self.index(title, 0))

    def open_all(self, opened: bool) -> None:
        """List the rows of all groups, or only the titles."""
        assert self._groups is not None
        self.beginResetModel()
        self.opened = set(self._groups.codes.tolist()) if opened else set()
        self.rows = self._lines()
        self.endResetModel()

    def row_of(self, place: int | None, reveal: bool) -> int | None:
        """Return the row that lists the point at this position, or None. reveal: open its group if it is closed."""
        if self._groups is not self._session.view.groups:  # a point is selected before `rows_changed` arrives here
            self.follow()
        listed = self._session.view.row_of(place)
        if self._groups is None or listed is None:
            return listed
        group = self._groups.group_of(listed)
        if int(self._groups.codes[group]) not in self.opened:
            if not reveal:
                return None
            self.toggle(group)
        return int(np.flatnonzero(self.rows == place)[0])

    def _remake(self) -> None:
        """Rebuild the columns, which include the predictions of the compared runs."""
        self._points = self._session.view.points
        self.set_columns(self._make_columns(), self._lines())

    def key(self, row: int) -> tuple[int, int, int]:
        """Return (image, severity index, copy) of a row."""
        assert self._points is not None
        return self._points.key(int(self.rows[row]))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, pictures or alignment."""
        if role not in ROLES:  # a view asks for a dozen of each cell that it paints
            return None
        name, group = self.columns[index.column()].name, self.group_at(index.row())
        if group is not None:
            return self._title(group, name, role)
        return self._found(index.row(), name, role) if name in FOUND else super().data(index, role)

    def _found(self, row: int, name: str, role: int) -> Any:
        """Return what a cell shows that is found by the row's key, and not an element of a column."""
        marks, key = self._session.marks, self.key(row)
        shown: dict[tuple[str, int], Callable[[], Any]] = {
            ("pictures", PICTURES): lambda: self._pictures(key),
            ("marked", DISPLAYED): lambda: MARK if key in marks else "",
            ("marked", ALIGNED): lambda: Qt.AlignmentFlag.AlignCenter,
            ("runner-up", DISPLAYED): lambda: self._runner_up(row)[0],
            ("runner-up", TIP): lambda: plain(self._runner_up(row)[1]),
            ("runner-up", ALIGNED): lambda: LEFT,
            ("note", DISPLAYED): lambda: marks.of(key).text,
            ("note", Qt.ItemDataRole.EditRole): lambda: marks.note(key),
        }
        return shown.get((name, role), lambda: None)()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title, tool tip or alignment, or a row's number, which rows in groups do not have."""
        if orientation == Qt.Orientation.Vertical and self.grouped:
            return None
        return super().headerData(section, orientation, role)

    def _title(self, group: int, name: str, role: int) -> Any:
        """Return what a cell of a title row shows: arrow, number of rows, clean image, and title."""
        groups, run = self._groups, self._session.run
        assert groups is not None
        if role == TITLE:
            return groups.title(group, run)
        if role == PICTURES and name == "pictures" and groups.by == IMAGE:
            image = int(groups.codes[group])
            return ((image, run.clean.images[run.clean.row(image)]),)
        if role == ALIGNED:
            return RIGHT if name == "image" else LEFT
        if role == Qt.ItemDataRole.BackgroundRole:
            return QGuiApplication.palette().button()
        if role != DISPLAYED:
            return None
        shown = {
            "marked": OPEN if int(groups.codes[group]) in self.opened else CLOSED,
            "image": f"{groups.counts[group]:,}",
            "actual": groups.title(group, run),
        }
        return shown.get(name, "")

    def _pictures(self, key: tuple[int, int, int]) -> Pictures:
        """Return the clean and the degraded image."""
        clean, degraded = self._session.run.clean, self._degraded.get(key)
        return (key[0], clean.images[clean.row(key[0])]), None if degraded is None else (key, degraded)

    def _runner_up(self, row: int) -> tuple[str, str]:
        """Return the runner-up of a row and "", or a sign and why it is not known."""
        points, place, names = self._points, int(self.rows[row]), self._session.run.class_names
        assert points is not None
        actual, predicted = int(points.actual[place]), int(points.predicted[place])
        score, true_score = float(points.score[place]), float(points.true_score[place])
        found = certain_runner_up(actual, predicted, score, true_score, len(names))
        if found == UNKNOWN:
            found = self._runners_up.get(self.key(row))
        return (names[found], "") if found != UNKNOWN else self._runners_up.unknown(self.key(row))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Make the notes editable."""
        flags = super().flags(index)
        if self.group_at(index.row()) is not None:
            return flags
        return flags | Qt.ItemFlag.ItemIsEditable if self.columns[index.column()].name == "note" else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Store an edited note."""
        note = self.columns[index.column()].name == "note" and self.group_at(index.row()) is None
        if role != Qt.ItemDataRole.EditRole or not note:
            return False
        self._session.marks.write(self.key(index.row()), str(value).strip())
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Request sorting, except by file (whose order is that of the images), note or runner-up."""
        if not (0 <= column < len(self.columns) and self.columns[column].name in ("file", "note", "runner-up")):
            super().sort(column, order)

    def _tell_marks(self) -> None:
        if len(self.rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    def _make_columns(self) -> list[Column]:
        points, run = self._points, self._session.run
        none = np.empty(0)

        def values(name: str) -> np.ndarray:
            return none if points is None else getattr(points, name)

        classes, family, known = named(run.class_names), run.degradation, not without_classes(run.info)
        tip = "Score of the true class"
        true_score = Column("true_score", "True score", values("true_score"), decimals(3), tip=tip, term="score")
        elsewhere = [
            Column(
                f"{ELSEWHERE}{n}",
                f"Predicted in {neighbour.name}",
                neighbour.predicted,
                classes,
                right=False,
                tip=f"Class predicted in {neighbour.name} for the same degraded image; – if it lacks that image",
            )
            for n, neighbour in enumerate(self._session.beside.neighbours)
            if points is not None and len(neighbour.predicted) == len(points)
        ]
        return [
            Column(
                "marked", MARK, none, str, right=False, tip="Marked rows; press M to mark or unmark the selected ones"
            ),
            Column("image", "Image", values("image"), whole, tip="Index in the full split"),
            *file_column(run.clean, values("image")),
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
                lambda image: classes(runner_up(run.clean.scores[run.clean.row(int(image))])),
                right=False,
                tip="Class with the second highest score on the clean image",
            ),
            Column(
                "severity",
                family.parameter.capitalize(),
                values("severity_index"),
                lambda s: f"{run.severities[s]:g}",
                tip=family.unit.capitalize(),
                term="severity",
            ),
            Column("copy", "Copy", values("copy"), whole, tip=f"Its number at this {family.parameter}", term="copy"),
            Column("psnr", "PSNR", values("psnr"), _decibels, tip="After any clipping; ∞ if unchanged", term="PSNR"),
            Column("score", "Score", values("score"), decimals(3), tip="Score of the predicted class", term="score"),
            *((true_score,) if known else ()),
            Column("note", "Note", none, str, right=False, tip="Double-click, or press F2, to edit"),
        ]


def _decibels(value: float) -> str:
    """Format a PSNR, or ∞ if the image is unchanged."""
    return f"{value:.2f}" if np.isfinite(value) else "∞"
