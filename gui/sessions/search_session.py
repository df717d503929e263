"""An open search run: its finished images, and the one that is selected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.errors import RunError, TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.obstacles import of_searches
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.replay import replay_triple
from tfstab.gui.content.saved_names import image_words, in_file_name
from tfstab.gui.content.search_overview import headline_of_search
from tfstab.gui.content.triple import Picture, triple_of_search
from tfstab.gui.content.viewpoint import State, is_whole
from tfstab.gui.sessions.compared_searches import ComparedSearches
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.session import Session

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise, SearchRun
    from tfstab.search.course import Course

AT_ONCE = 64  # results read in one batch, after which they are shown


class SearchSession(Session):
    """An open search.

    Attributes
    ----------
    entries : list of Entry
        The results read so far, in the order of the data set.
    image : int or None
        Index of the selected image.
    result : MinimumNoise or None
        Its result.
    course : Course or None
        Noises kept on the way to its result, for a replay.
    compared : ComparedSearches
        The compared runs.

    Signals
    -------
    entries_changed
        A batch of results was read.
    selected : int
        Another image was selected: its position in `entries`.
    result_changed : MinimumNoise
        The result of the selected image was read.
    """

    entries_changed = Signal()
    selected = Signal(int)
    result_changed = Signal(object)

    def __init__(self, run: "SearchRun", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.entries: list[Entry] = []
        self.image: int | None = None
        self.result: MinimumNoise | None = None
        self.course: Course | None = None
        self._replayed: int | None = None  # the generation whose noise is shown in place of the final one
        self._damaged: set[int] = set()
        self._reading = False
        self._wanted: int | None = None  # an image that is selected once its result is read
        self.compared = ComparedSearches(self)
        self.comparison = self.compared
        self._unread = False  # the result of the selected image could not be read
        self.reload()

    @property
    def about(self) -> str:
        """Model, data, seed, target and mask in one line."""
        target = self.run.target
        aims = [] if target is None else [f"target {class_label(target, self.run.class_names)}"]
        return ", ".join([super().about, *aims, *(["masked"] if "mask" in self.run.info["settings"] else [])])

    def obstacle(self, other: Session) -> str:
        """Return why the other run cannot be compared with this one, "" if it can."""
        return of_searches(self.run, other.run) if isinstance(other, SearchSession) else super().obstacle(other)

    @property
    def place(self) -> int | None:
        """Position of the selected image in `entries`, or None."""
        return self._place_of(self.image)

    @property
    def mark_key(self) -> MarkKey | None:
        """The selected image's key in `marks`."""
        return None if self.image is None else (self.image,)

    def picture(self, key: MarkKey) -> Picture:
        """Return the clean and the degraded image, if possible one that 8 bits hold exactly; runs in a worker."""
        result = read_result(self.run, key[0])
        whole = result.degraded_uint8
        name = in_file_name(*image_words(self.run.clean, key[0]))
        return name, result.clean, result.degraded if whole is None else whole.astype(np.float32)

    def select(self, place: int) -> None:
        """Select the image at this position of `entries`; `result_changed` follows when its result is read."""
        entry, self._wanted = self.entries[place], None
        if entry.image != self.image or self._unread:
            self.image = entry.image
            self.selected.emit(place)
            self._read_selected(entry.image)

    def _place_of(self, image: int | None) -> int | None:
        return next((k for k, entry in enumerate(self.entries) if entry.image == image), None)

    @property
    def sample(self) -> tuple[int | None, None]:
        """The selected image, at once if its result is still to be read."""
        return self.image if self._wanted is None else self._wanted, None

    def select_image(self, image: int) -> None:
        """Select an image by its index, if its result has been read."""
        place = self._place_of(image)
        if place is not None:
            self.select(place)

    def viewpoint_state(self) -> dict[str, Any]:
        """Return the selected image ("selected": its index, or None) and the compared runs, as JSON values by key."""
        return super().viewpoint_state() | {"selected": self.sample[0]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Select the image that a viewpoint's state names under "selected"; if there is none, all stays."""
        values, image = State(state), state.get("selected")
        if image is None:
            return
        if not is_whole(image) or image not in self.run.clean.indices:
            values.refuse("selected", image)
        self._wanted = image
        self.select_image(image)

    def _read_selected(self, image: int) -> None:
        run, self._unread = self.run, False
        self.background.run(
            lambda: read_with_course(run, image), self._show, lambda: self._show_unreadable(image), self
        )

    def step(self, by: int) -> None:
        """Select the image that many positions further on."""
        if self.entries:
            here = self.place or 0
            self.select(min(max(here + by, 0), len(self.entries) - 1))

    def reload(self) -> None:
        """Read the results that have been added."""
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
            self.headline = headline_of_search(self.entries)
            self.changed.emit()
            self._end_reading()
            if self._wanted is not None:  # its image is not finished, or damaged
                self._wanted = None
                self._show_entries()
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
        if not self.entries:
            return
        if self._wanted is not None:
            self.select_image(self._wanted)
        elif self.image is None:
            self.select(0)
        elif self.place is not None:
            self.selected.emit(self.place)

    def _show_unreadable(self, image: int) -> None:
        """Show nothing instead of the image selected before; selecting the image again tries again."""
        if image == self.image:
            self._unread, self.result, self.course = True, None, None
            self._set_triple(None)

    def replay(self, generation: int | None) -> None:
        """Show the best noise of a generation, counted from 1, or the final one for None; the nearest that was kept."""
        result, course = self.result, self.course
        if result is None or course is None:
            return
        if generation is None:
            if self._replayed is not None:
                self._replayed = None
                self._show_final(result)
            return
        kept, _ = course.at(generation)
        if kept != self._replayed:
            self._replayed = kept
            self._set_triple(replay_triple(result, course, generation, self.run))

    def _show(self, read: "tuple[MinimumNoise, Course | None]") -> None:
        result, course = read
        if result.image != self.image:  # another image was selected meanwhile
            return
        self.result, self.course, self._replayed = result, course, None
        self.result_changed.emit(result)
        self._show_final(result)

    def _show_final(self, result: "MinimumNoise") -> None:
        title = self.run.clean.title(result.image)
        self._set_triple(triple_of_search(result, self.run.class_names, title, self.run))


@dataclass(frozen=True)
class Batch:
    """Results read together.

    Attributes
    ----------
    entries : list of Entry
        The results.
    damaged : dict of int to TfstabError
        Images whose results cannot be read.
    """

    entries: list[Entry]
    damaged: dict[int, TfstabError]


def read_result(run: "SearchRun", image: int) -> "MinimumNoise":
    """Return the result of an image; raise RunError if it is damaged or the run folder has disappeared."""
    if not run.path.is_dir():
        raise RunError(f"{run.path} no longer exists: put it back, or close the run.")
    return run.result(image)


def read_with_course(run: "SearchRun", image: int) -> "tuple[MinimumNoise, Course | None]":
    """Return the result of an image and the noises kept on the way to it; raises what `read_result` raises."""
    result = read_result(run, image)
    return result, run.course(result)


def read_entries(run: "SearchRun", known: set[int]) -> Batch:
    """Read up to AT_ONCE results of finished images that are not in `known`."""
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
