"""An open search run: its finished images, and the one that is selected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tfstab.errors import RunError, TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.triple import Picture, class_label, triple_of_search
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.session import Session

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise, SearchRun

AT_ONCE = 64  # results read before the strip shows them


class SearchSession(Session):
    """entries: the results read so far, in the order of the data set; they arrive in batches."""

    entries_changed = Signal()
    selected = Signal(int)  # place in `entries`
    result_changed = Signal(object)  # MinimumNoise

    unit = "images"

    def __init__(self, run: "SearchRun", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.entries: list[Entry] = []
        self.image: int | None = None
        self.result: MinimumNoise | None = None
        self._damaged: set[int] = set()
        self._reading = False
        self._unread = False  # the result of the selected image could not be read
        self.reload()

    @property
    def about(self) -> str:
        target = self.run.target
        aims = [] if target is None else [f"target {class_label(target, self.run.class_names)}"]
        return ", ".join([super().about, *aims, *(["masked"] if "mask" in self.run.info["settings"] else [])])

    @property
    def place(self) -> int | None:
        """Where the selected image stands in `entries`."""
        return next((k for k, entry in enumerate(self.entries) if entry.image == self.image), None)

    @property
    def mark_key(self) -> MarkKey | None:
        return None if self.image is None else (self.image,)

    def picture(self, key: MarkKey) -> Picture:
        result = read_result(self.run, key[0])
        return f"image-{key[0]}", result.clean, result.degraded

    def select(self, place: int) -> None:
        """Select the image at this place of `entries`; its result follows by `result_changed`."""
        entry = self.entries[place]
        if entry.image != self.image or self._unread:
            self.image = entry.image
            self.selected.emit(place)
            self._read_selected(entry.image)

    def _read_selected(self, image: int) -> None:
        run, self._unread = self.run, False
        self.background.run(lambda: read_result(run, image), self._show, lambda: self._show_unreadable(image), self)

    def step(self, by: int) -> None:
        if self.entries:
            here = self.place or 0
            self.select(min(max(here + by, 0), len(self.entries) - 1))

    def reload(self) -> None:
        if self._unread and self.image is not None:
            self._read_selected(self.image)
        if not self._reading:
            self._reading = True
            self._read_some()

    def _read_some(self) -> None:
        run, known = self.run, {entry.image for entry in self.entries} | self._damaged
        self.background.run(lambda: read_entries(run, known), self._add, self._end_reading, self)

    def _end_reading(self) -> None:
        self._reading = False

    def _add(self, batch: "Batch") -> None:
        if not batch.entries and not batch.damaged:
            self._end_reading()
            return
        if self.stopped:
            return
        row = self.run.clean.row
        self.entries = sorted(self.entries + batch.entries, key=lambda entry: row(entry.image))
        self._damaged |= batch.damaged.keys()
        for error in batch.damaged.values():
            self.background.failed.emit(str(error), "")
        if batch.entries:
            self._show_entries()
        self._read_some()

    def _show_entries(self) -> None:
        self.entries_changed.emit()
        if self.image is None:
            self.select(0)
        elif self.place is not None:
            self.selected.emit(self.place)

    def _show_unreadable(self, image: int) -> None:
        """Show nothing rather than the image selected before; it is tried again when asked for again."""
        if image == self.image:
            self._unread, self.result = True, None
            self._set_triple(None)

    def _show(self, result: "MinimumNoise") -> None:
        if result.image != self.image:  # another image was selected meanwhile
            return
        self.result = result
        self.result_changed.emit(result)
        self._set_triple(triple_of_search(result, self.run.class_names))


@dataclass(frozen=True)
class Batch:
    """entries: results read. damaged: why an image's result cannot be read."""

    entries: list[Entry]
    damaged: dict[int, TfstabError]


def read_result(run: "SearchRun", image: int) -> "MinimumNoise":
    """The result of an image. Raises RunError, which says so where the whole run is gone."""
    if not run.path.is_dir():
        raise RunError(f"{run.path} is not there any more: put it back, or close the run.")
    return run.result(image)


def read_entries(run: "SearchRun", known: set[int]) -> Batch:
    """Up to AT_ONCE results of finished images that are not known yet."""
    from tfstab.search.run import part_name

    batch = Batch([], {})
    parts = run.parts  # listed once: a run can have thousands
    images = [i for i in run.clean.indices.tolist() if i not in known and part_name(i) in parts]
    for image in images[:AT_ONCE]:
        try:
            batch.entries.append(Entry.of(run.result(image)))
        except TfstabError as error:
            batch.damaged[image] = error
    return batch
