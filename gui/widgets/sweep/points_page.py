"""The misclassified images of a sweep as a table, with marks, notes and export."""

from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.grouping import IMAGE, PAIR, SEVERITY
from tfstab.gui.content.saved_names import filter_words, in_file_name
from tfstab.gui.content.selection import BOTH, ELSEWHERE, GAINED, LOST, SECOND, Against
from tfstab.gui.dialogs import ask_for_file
from tfstab.gui.exporting import save_rows
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.sessions.sweep_state import LONGEST_NAME
from tfstab.gui.sessions.sweep_view import Ask
from tfstab.gui.widgets.empty_hint import EmptyHint
from tfstab.gui.widgets.layouts import FlowLayout, fill_column, labelled
from tfstab.gui.widgets.marking import mark_offers
from tfstab.gui.widgets.sweep.points_model import PointsModel
from tfstab.gui.widgets.sweep.points_table import PointsTable
from tfstab.gui.widgets.sweep.why_empty import hides_marked, why_empty
from tfstab.gui.widgets.tag_box import TagBox
from tfstab.gui.widgets.view import View
from tfstab.wording import counted

WIDTHS = {
    "marked": 30, "image": 66, "file": 150, "severity": 60, "copy": 54, "psnr": 66, "score": 70, "true_score": 88,
    "note": 90,
}  # fmt: skip
CLASS_WIDTHS = {"actual": 100, "predicted": 100, "runner-up": 100, SECOND: 130}  # at least
ELSEWHERE_WIDTH = 230  # at most, of a title that ends with the name of a run
LETTERS, BESIDE = 18, 24  # letters of a class name for which a column has room, and pixels beside them
TOO_MANY = "This run is too large to list the correct ones of all classes: choose a class to list them"


class PointsPage(View, QWidget):
    """The table of a session's points; its current row is the session's selected point."""

    said = Signal(str)
    offers_changed = Signal()

    uses_filters = True

    def __init__(
        self,
        session: SweepSession,
        degraded: LazyPictures,
        runners_up: RunnersUp,
        commands: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self._first_wanted = False  # the first row is selected once the rows asked for are listed
        self.model, self._runners_up = PointsModel(session, degraded, runners_up, self), runners_up
        self.table = PointsTable(self.model, "Misclassified degraded images")
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.empty = EmptyHint(self.table, lambda: why_empty(session))
        self.correct = QCheckBox("correct ones too")
        self.marked = QCheckBox("marked only")
        self.all_marked = QToolButton()
        self.all_marked.setText("Show all marked")
        self.all_marked.setToolTip("Remove the other filters, which hide marked images; “marked only” stays ticked")
        self.all_marked.hide()
        self.tags = TagBox(session.marks, self)
        self.file = QLineEdit()
        self.file.setAcceptDrops(False)  # files are left to the window
        self.file.setAccessibleName("File name")
        self.file.setPlaceholderText("part of a file name")
        self.file.setToolTip("List only images whose file name contains this text, such as a folder or a number")
        self.file.setMaxLength(LONGEST_NAME)
        self.file.setClearButtonEnabled(True)
        if session.run.clean.names is None:  # otherwise the page shows it; shown now, it would be a window
            self.file.hide()
        self.against = QComboBox()
        self.against.setAccessibleName("Compared with the other run")
        self.against.setToolTip("List images by what the first compared run predicts for the same degraded image")
        self.groups = QComboBox()
        self.groups.setAccessibleName("Group rows by")
        parameter = session.run.degradation.parameter
        for text, by in (
            ("nothing", None),
            ("image", IMAGE),
            ("true and predicted class", PAIR),
            (parameter, SEVERITY),
        ):
            self.groups.addItem(text, by)
        self.fold = QToolButton()
        self.fold.setToolTip("Show or hide the rows of all groups; a click on a title does so for one")
        self.picked = QToolButton()
        self.picked.setText("Picked in the scatter plot ✕")
        self.picked.setToolTip("Only points picked in the scatter plot are listed; click to list all again")
        self.picked.hide()
        self.count = QLabel()
        self.count.setAccessibleName("Rows listed")
        self._buttons = [commands.button(name) for name in ("mark", "tag", "note", "save-table")]
        self._arrange()
        self._connect()
        for lazy in (degraded, runners_up):
            lazy.arrived.connect(self.table.viewport().update)
        self._set_widths()
        self._follow()

    def _show_all_marked(self) -> None:
        self._session.drop_filters()
        self._session.select_class(None)

    def first(self) -> QWidget:
        """Return the table."""
        return self.table

    def offers(self) -> Offers:
        """Return the commands that can be done with the rows."""
        selected = self.table.selectionModel().hasSelection()
        keys = self.table.selected_keys if selected else None
        return {**mark_offers(self._session, self, self.said.emit, keys), "save-table": self.export_csv}

    def select_first(self) -> None:
        """Select the first row, once the rows that were asked for last are listed."""
        self._first_wanted = True
        self._follow_choices(self._session.view.asked)
        self._select_first()

    def _arrange(self) -> None:
        for outcome, text in ((None, "all, here and there"), *((outcome, outcome) for outcome in (LOST, GAINED, BOTH))):
            self.against.addItem(text, outcome)
        controls = QWidget()
        flow = FlowLayout(controls, spacing=12)
        flow.setContentsMargins(8, 2, 8, 2)
        grouping = labelled("Group by:", self.groups)
        lists = (self.correct, self.marked, self.all_marked, self.tags, self.file, self.against, grouping, self.fold)
        for part in (*lists, self.picked, *self._buttons, self.count):
            flow.addWidget(part)
        fill_column(self, controls, self.table)

    def _connect(self) -> None:
        session = self._session
        self.correct.toggled.connect(lambda on: session.view.ask(correct_too=on))
        self.marked.toggled.connect(lambda on: session.view.ask(marked_only=on))
        self.all_marked.clicked.connect(self._show_all_marked)
        self.tags.chosen.connect(lambda tag: session.view.ask(tag=tag))
        self.file.textChanged.connect(lambda text: session.view.ask(file=text))
        self.file.textChanged.connect(self.offers_changed)
        self.against.currentIndexChanged.connect(self._compare)
        self.groups.currentIndexChanged.connect(lambda: session.view.ask(group=self.groups.currentData()))
        self.fold.clicked.connect(lambda: self.model.open_all(not self.model.opened))
        session.beside.changed.connect(self._follow)
        session.grids.changed.connect(self._show_groups)  # which tell how many degraded images there are
        self.picked.clicked.connect(lambda: session.pick(None))
        self.model.sort_asked.connect(session.sort)
        self.table.selectionModel().currentRowChanged.connect(self._select)
        session.view.rows_changed.connect(self._follow)
        self.model.modelReset.connect(self._show_anew)
        session.point_selected.connect(self._reveal)
        for changed in (self.model.modelReset, self.model.rowsInserted, self.model.rowsRemoved):
            changed.connect(self._show_groups)
        for changed in (self.table.selectionModel().selectionChanged, self.model.layoutChanged):
            changed.connect(self.offers_changed)

    def _set_widths(self) -> None:
        metrics, names = self.table.fontMetrics(), self._session.run.class_names
        titles, longest = self.table.horizontalHeader(), max(map(metrics.horizontalAdvance, names), default=0)
        of_class = BESIDE + min(longest, LETTERS * metrics.averageCharWidth())
        for place, column in enumerate(self.model.columns):
            least = CLASS_WIDTHS.get(column.name)
            if least is None:
                least = min(titles.sectionSizeHint(place), ELSEWHERE_WIDTH)
            self.table.setColumnWidth(place, WIDTHS.get(column.name) or max(least, of_class))
        self.table.show_pictures()
        titles.setStretchLastSection(True)
        titles.setTextElideMode(Qt.TextElideMode.ElideRight)

    # Following the session and updating it

    def _show_anew(self) -> None:
        """Restore widths and current row after the columns have been rebuilt."""
        self._set_widths()
        self._mark_current(self._session.point)

    def _compare(self) -> None:
        outcome = self.against.currentData()
        self._session.view.ask(against=None if outcome is None else Against(f"{ELSEWHERE}0", outcome))

    def _follow(self) -> None:
        view = self._session.view
        self.against.setVisible(bool(self._session.beside.neighbours))
        asked = view.asked.against
        self.against.blockSignals(True)
        self.against.setCurrentIndex(self.against.findData(None if asked is None else asked.outcome))
        self.against.blockSignals(False)
        self._follow_choices(view.asked)
        self.picked.setVisible(view.asked.picked is not None)
        if view.settled:
            self.all_marked.setVisible(hides_marked(self._session))
        self.correct.setEnabled(self._session.has_correct)
        self.correct.setToolTip("" if self._session.has_correct else TOO_MANY)
        self._show_groups()
        self._mark_current(self._session.point)
        self._select_first()
        self.offers_changed.emit()  # as the list may be restricted now, or no longer be

    def _show_groups(self) -> None:
        """Show how many rows and groups there are, and whether the groups can be opened or closed."""
        view = self._session.view
        rows, groups = view.rows, view.groups
        what = "" if view.lists_correct else " misclassified"
        listed = f"{len(rows):,}{what} of {self._session.listed_of}"
        others = view.asked.filter.but(severity_index=None, image=None, clean_wrong=True)  # the text names these
        listed += ", filtered" if replace(view.asked, filter=others).restricts else ""
        self.count.setText(listed + (f" in {counted(len(groups.codes), 'group')}" if groups is not None else ""))
        self.fold.setVisible(groups is not None)
        self.fold.setText("Close all" if self.model.opened else "Open all")

    def _select_first(self) -> None:
        session, view = self._session, self._session.view
        there = view.settled and view.points is not None and view.points.class_index == session.class_index
        if self._first_wanted and there:
            self._first_wanted = False
            if len(view.rows):
                session.select_point(int(view.rows[0]))

    def _follow_choices(self, asked: Ask) -> None:
        """Show what restricts and sorts the list, which a viewpoint can change too."""
        header = self.table.horizontalHeader()
        column = next((n for n, c in enumerate(self.model.columns) if c.name == asked.order.column), -1)
        order = Qt.SortOrder.DescendingOrder if asked.order.descending else Qt.SortOrder.AscendingOrder
        for widget in (self.correct, self.marked, self.file, self.groups, header):
            widget.blockSignals(True)
        self.correct.setChecked(asked.correct_too)
        self.marked.setChecked(asked.marked_only)
        self.tags.show_tag(asked.tag)
        if self.file.text() != asked.file:  # setting the same text would move the cursor
            self.file.setText(asked.file)
        self.groups.setCurrentIndex(self.groups.findData(asked.group))
        if (column, order) != (header.sortIndicatorSection(), header.sortIndicatorOrder()):
            header.setSortIndicator(column, order)
        for widget in (self.correct, self.marked, self.file, self.groups, header):
            widget.blockSignals(False)

    def _reveal(self, place: int | None) -> None:
        self._mark_current(place, reveal=True)

    def _mark_current(self, place: int | None, reveal: bool = False) -> None:
        row = self.model.row_of(place, reveal)
        self._following = True
        if row is None:
            self.table.selectionModel().clear()
        elif row != self.table.currentIndex().row() or not self.table.selectionModel().hasSelection():
            index = self.model.index(row, max(self.table.currentIndex().column(), 0))
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.table.scrollTo(index)
        self._following = False

    def _select(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following and self.model.group_at(current.row()) is None:
            self._session.select_point(int(self.model.rows[current.row()]))

    # Saving

    def export_csv(self) -> None:
        """Save the listed rows as CSV, in the order shown."""

        def save(path: str) -> None:
            session, points, rows = self._session, self._session.points, self._session.view.rows
            if points is not None:
                notes = {key: session.marks.of(key).text for key in session.marks.keys()}  # noqa: SIM118 - no dict
                elsewhere = [
                    (neighbour.name, neighbour.session.run.class_names, neighbour.predicted)
                    for neighbour in session.beside.neighbours
                    if len(neighbour.predicted) == len(points)
                ]
                runners_up = self._runners_up.known
                session.background.run(
                    lambda: save_rows(path, session.run, points, rows, notes, elsewhere, runners_up),
                    lambda count: self.said.emit(f"Saved {counted(count, 'row')} in {path}."),
                    owner=self,
                    saving=True,
                )

        session, asked = self._session, self._session.view.asked
        shown = [*filter_words(session.run, session.class_index, asked.filter), *asked.words]
        name = "-".join([session.name, *([in_file_name(*shown)] if shown else [])])
        ask_for_file(self, "Save the table", f"{name}.csv", "CSV (*.csv)", save)
