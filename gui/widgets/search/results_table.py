"""The results of a search as a table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Signal
from PySide6.QtWidgets import QLabel, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.result_filter import ResultFilter
from tfstab.gui.content.stop_reasons import stop_reason
from tfstab.gui.dialogs import ask_to_save
from tfstab.gui.exporting import save_table
from tfstab.gui.sessions.compared_searches import ComparedSearches, entries_elsewhere
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.marks import MarkKey, tag_name
from tfstab.gui.sessions.search_session import SearchSession, read_result
from tfstab.gui.widgets.array_model import ArrayModel, Column, decimals, file_column, named, whole
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.layouts import FlowLayout, fill_column
from tfstab.gui.widgets.marking import MARK, mark_offers
from tfstab.gui.widgets.pressable import LinkButton
from tfstab.gui.widgets.search.compared_line import ComparedLine
from tfstab.gui.widgets.tag_box import TagBox
from tfstab.gui.widgets.thumbnails import Pictures
from tfstab.gui.widgets.view import View
from tfstab.search.norm import GREY, get_norm
from tfstab.wording import counted, rounded_to

ONE_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
PICTURES_TIP = "Clean and degraded image"
RUNNER_UP = "Class with the second highest score on the degraded image"
SECOND = "Class with the second highest score on the clean image"
MARK_TIP = "Marked images; press M to mark or unmark the selected ones"
EIGHT_BIT_TIP = "{} of the nearest 8-bit image that flips the prediction"


class ResultsTable(View, QWidget):
    """A table with one row per image; its current row is the session's selected image."""

    said = Signal(str)
    offers_changed = Signal()

    def __init__(
        self, session: SearchSession, commands: Actions, compared: ComparedSearches, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._compared = session, compared
        self._following = False
        self._degraded = LazyPictures(session.background, lambda image: read_result(session.run, image).degraded, self)
        self.model = ArrayModel(self)
        self.table = ArrayTable(self.model, "Minimum noise of each image", own_sorting=True)
        self.table.verticalHeader().hide()
        self.tags = TagBox(session.marks, self)
        self._tag = ""
        self.count = QLabel()
        self.count.setAccessibleName("Rows listed")
        self.filter = ResultFilter()
        self.all = LinkButton("Show all", self.show_all)
        self.save = commands.button("save-table")
        top = QWidget()
        flow = FlowLayout(top)
        flow.setContentsMargins(8, 4, 8, 2)
        self.told = QLabel()
        buttons = map(commands.button, ("mark", "tag", "note"))
        for part in (self.tags, *buttons, self.save, self.count, self.all, self.told):
            flow.addWidget(part)
        self.compared_line = ComparedLine(session, compared)
        fill_column(self, top, self.compared_line, self.table)
        self.table.selectionModel().currentRowChanged.connect(self._select)
        for changed in (self.table.selectionModel().selectionChanged, self.model.layoutChanged):
            changed.connect(lambda *_: self.offers_changed.emit())
        session.entries_changed.connect(self._fill)
        compared.changed.connect(self._fill)
        session.marks.changed.connect(self._fill)
        self.tags.chosen.connect(self._choose_tag)
        session.selected.connect(self._mark)
        self._degraded.arrived.connect(self.table.viewport().update)
        self._fill()

    def first(self) -> QWidget:
        """Return the table."""
        return self.table

    def offers(self) -> Offers:
        """Return the commands that can be done with the rows."""
        keys = self._keys if self.table.selectionModel().hasSelection() else None
        return {**mark_offers(self._session, self, self.said.emit, keys), "save-table": self._save}

    def viewpoint_state(self) -> dict[str, Any]:
        """Return which results are listed."""
        return {"results": self.filter.values(), "results-tag": self._tag}

    def restore(self, state: Mapping[str, Any]) -> None:
        """List the same results again."""
        if "results-tag" in state:
            self._choose_tag(tag_name(state["results-tag"]))
        if "results" in state:
            self.list_only(ResultFilter.of(state["results"], len(self._session.run.class_names)))

    def show_all(self) -> None:
        """List all results."""
        self._tag = ""
        self.tags.show_tag("")
        self.list_only(ResultFilter())

    def list_only(self, chosen: ResultFilter) -> None:
        """List the results that meet these conditions."""
        self.filter = chosen
        self._fill()

    def _listed(self) -> np.ndarray:
        """Return the positions of the entries to list."""
        marks, entries, places = self._session.marks, self._session.entries, self.filter.places(self._session.entries)
        tagged = [not self._tag or self._tag in marks.of((entries[k].image,)).tags for k in places.tolist()]
        return np.asarray(places[np.array(tagged, bool)])

    def _choose_tag(self, tag: str) -> None:
        self._tag = tag
        self.tags.show_tag(tag)
        self._fill()

    def _keys(self) -> Iterator[MarkKey]:
        """Iterate over the keys of the selected images."""
        entries = self._session.entries
        return ((entries[self.model.rows[row]].image,) for row in self.table.selected_rows())

    def _fill(self) -> None:
        entries, names = self._session.entries, self._session.run.class_names
        header = self.table.horizontalHeader()
        column, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        sorted_by = self.model.columns[column].name if 0 <= column < len(self.model.columns) else None
        marked, note = self._mark_columns()
        own = result_columns(entries, names)
        self.told.setText(f"{_units(entries)}. Click a column title to sort.")
        elsewhere = [
            c for run in self._compared.runs for c in columns_elsewhere(entries, run, self._compared.name_of(run))
        ]
        files = file_column(self._session.run.clean, np.array([entry.image for entry in entries], np.int64))
        pictures = Column("pictures", "Pictures", np.arange(len(entries)), str, False, PICTURES_TIP, self._pictures)
        self.model.set_columns([marked, own[0], pictures, *files, *own[1:], *elsewhere, note], self._listed())
        # The column that the table is sorted by may have moved or be gone.
        column = next((n for n, c in enumerate(self.model.columns) if c.name == sorted_by), -1)
        header.setSortIndicator(column, order)
        self.model.sort(column, order)
        self.table.fit_columns()
        self.table.show_pictures()
        self._show_count()
        if self._session.place is not None:
            self._mark(self._session.place)

    def _pictures(self, place: int) -> Pictures:
        """Return the clean and the degraded image of the entry at this position."""
        entry = self._session.entries[place]
        degraded = self._degraded.get(entry.image) if entry.found else None
        return (entry.image, entry.clean), None if degraded is None else ((entry.image, "degraded"), degraded)

    def _show_count(self) -> None:
        entries, listed = self._session.entries, len(self.model.rows)
        norm = entries[0].title if entries else "L2"
        said = self.filter.said(self._session.run.class_names, norm), f"#{self._tag}" if self._tag else ""
        conditions = ", ".join(part for part in said if part)
        few = f"{listed:,} of {counted(len(entries))} ({conditions})"
        self.count.setText(few if conditions else counted(len(entries)))
        self.all.setVisible(bool(conditions))

    def _mark_columns(self) -> list[Column]:
        marks, keys = self._session.marks, [(entry.image,) for entry in self._session.entries]
        marked = np.array([key in marks for key in keys], bool)
        notes = np.array([marks.of(key).text for key in keys], object).astype(str)
        return [
            Column("marked", MARK, marked, lambda on: MARK if on else "", right=False, tip=MARK_TIP),
            Column("note", "Note", notes, str, right=False, tip="Press N to write a note"),
        ]

    def _select(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._session.select(int(self.model.rows[current.row()]))

    def _mark(self, place: int) -> None:
        rows = np.flatnonzero(self.model.rows == place)
        if len(rows) and rows[0] != self.table.currentIndex().row():
            self._following = True
            # selectRow could add to the selection, as a click does while Ctrl is held.
            self.table.selectionModel().setCurrentIndex(self.model.index(int(rows[0]), 0), ONE_ROW)
            self._following = False

    def _save(self) -> None:
        name, failed = f"{self._session.name}.csv", self._session.background.failed.emit
        ask_to_save(self, "the table", name, "CSV (*.csv)", self._write, self.said.emit, failed)

    def _write(self, path: str) -> None:
        save_table(path, self.model, self.model.texts)


def columns_elsewhere(entries: Sequence[Entry], other: SearchSession, name: str) -> list[Column]:
    """Return norm and predicted class of another search for the same images, or – if it has found nothing."""
    found = [e if e is not None and e.found else None for e in entries_elsewhere(entries, other.entries)]
    size = np.array([np.nan if e is None else e.size for e in found], np.float64)
    norm = other.run.config.norm
    predicted = np.array([-1 if e is None else e.predicted for e in found], np.int64)
    tip = "For the same image in that run; – if it was not searched there or nothing was found"
    names = named(other.run.class_names)
    own = decimals(2 if norm in GREY else 0)
    return [
        Column(f"{norm} {other.path}", f"{get_norm(norm).title} in {name}", size, own, tip=tip),
        Column(f"predicted {other.path}", f"Predicted in {name}", predicted, names, right=False, tip=tip),
    ]


def _units(entries: Sequence[Entry]) -> str:
    """Say in which units the norms are."""
    norm = get_norm(entries[0].norm if entries else "l2")
    return "Norms in grey levels" if norm.name in GREY else f"{norm.title} in {norm.unit}, other norms in grey levels"


def result_columns(entries: Sequence[Entry], names: tuple[str, ...]) -> list[Column]:
    """Return the columns of the table; figures of images for which nothing was found are NaN and sorted last."""

    def values(name: str) -> np.ndarray:
        return np.array([getattr(e, name) if e.found else np.nan for e in entries], np.float64)

    def numbers(name: str) -> np.ndarray:
        return np.array([getattr(e, name) for e in entries], np.int64)

    size, reasons = values("size"), [stop_reason(e.stop_reason) for e in entries]
    norm = entries[0].norm if entries else "l2"
    title, gradients = get_norm(norm).title, numbers("gradients")
    own = decimals(2 if norm in GREY else 0)
    titles = {name: get_norm(name).title for name in ("l2", "linf") if name != norm}
    scaled = [Column(f"{norm}_255", f"{title}/255", size / 255, decimals(4))] if norm in GREY else []
    others = [Column(name, text, values(name), decimals(2), term=text) for name, text in titles.items()]
    counted = [Column("gradients", "Gradients", gradients, _thousands, tip="Gradients computed")]
    stop = np.array(reasons, object).astype(str)
    return [
        Column("image", "Image", numbers("image"), whole, tip="Index in the full split"),
        Column("true", "True", numbers("class_index"), named(names), right=False),
        Column("predicted", "Predicted", np.where(np.isnan(size), -1, numbers("predicted")), named(names), right=False),
        Column("runner-up", "Runner-up", numbers("runner_up"), named(names), right=False, tip=RUNNER_UP),
        Column("second", "Second when clean", numbers("second_when_clean"), named(names), right=False, tip=SECOND),
        Column(norm, title, size, own, term=title),
        *scaled,
        Column(f"{norm}_uint8", f"{title} 8-bit", values("size_uint8"), own, tip=EIGHT_BIT_TIP.format(title)),
        *others,
        Column("psnr", "PSNR", values("psnr"), decimals(2), tip="PSNR of the degraded image, in dB", term="PSNR"),
        Column("score", "Score", values("score"), decimals(3), tip="Score of the predicted class", term="score"),
        Column(
            "margin",
            "Lead",
            values("margin"),
            _three_digits,
            tip="Score of the predicted class less that of the true one; the image's card has the margin of logits",
            term="margin",
        ),
        Column("queries", "Queries", numbers("queries"), _thousands, term="query"),
        *(counted if gradients.any() else []),
        Column("stop", "Stop reason", stop, str, right=False),
    ]


def _three_digits(value: float) -> str:
    """Format a number with three significant digits, or one that is not finite as a dash."""
    return rounded_to(value, 3) if np.isfinite(value) else "–"


def _thousands(count: float) -> str:
    """Format a count."""
    return f"{int(count):,}"
