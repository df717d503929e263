"""An open sweep run, and the selected point."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from tfstab.errors import TfstabError
from tfstab.gui.background import Background
from tfstab.gui.content.explorer import Step
from tfstab.gui.content.points import Key, SweepPoints
from tfstab.gui.content.saved_names import image_words, in_file_name
from tfstab.gui.content.triple import OWN_FACTS, Facts, Picture, Triple, describe_point, triple_of_point
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.sweep_reading import SweepReading
from tfstab.gui.sessions.sweep_state import SweepState

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

# The fields of `Ask` that a viewpoint restores.
LISTED = ("picked", "correct_too", "marked_only", "tag", "file", "order", "against", "group")
Target = Key | int  # a point by its key, or an image by its index


class SweepSession(SweepReading):
    """An open sweep.

    Attributes
    ----------
    point : int or None
        Position of the selected point in `points`.

    Signals
    -------
    point_selected : int or None
        Another point was selected: its position in `points`.
    """

    point_selected = Signal(object)

    def __init__(self, run: "SweepRun", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.point: int | None = None
        self._wanted: Target | None = None  # selected once its class is read
        self.beside.changed.connect(self._follow_beside)
        self.reload()

    def select_class(self, class_index: int | None) -> None:
        """Show the points of another class, or of all classes (None), once they are read."""
        if class_index != self.class_index:
            self.class_index, self._wanted, self._chosen = class_index, None, True
            self.view.ask(picked=None)
            self._select(None)
            self.filter_changed.emit()
            self._read_class()

    def select_point(self, place: int) -> None:
        """Select the point at this position of `points` and recreate its degraded image."""
        self._select(place)

    def select(self, target: Target) -> None:
        """Select a point by its key, or the first failure of an image; its class comes into view if necessary."""
        class_index, place = self.class_of(target), self._find(target)
        if place is not None:
            self._select(place)
        elif self.class_index == class_index:
            self._wanted = target if self._unread else None
        else:
            self.select_class(class_index)
            self._wanted = None if self.gone else target

    def select_clean(self, image: int) -> None:
        """Select an image that has not been degraded: no point is selected, but the explorer takes the image."""
        self._wanted = image
        self._select(None)

    @property
    def without_card(self) -> int | None:
        """Index of the selected image if it was scored when clean, but not degraded, so that it has no card."""
        image, measures = self._wanted, self.measures
        return image if isinstance(image, int) and measures is not None and image not in measures.images else None

    def select_image(self, image: int) -> None:
        """Select the first failure of an image."""
        self.select(image)

    @property
    def selected(self) -> Target | None:
        """The selected point, or the one that will be selected once its class is read."""
        if self._wanted is not None:
            return self._wanted
        return None if self.point is None or self.points is None else self.points.key(self.point)

    @property
    def sample(self) -> tuple[int | None, Step | None]:
        """Image and severity of the selected point; of an image that is still to be read, no severity."""
        target = self.selected
        if target is None or isinstance(target, int):
            return target, None
        return target[0], Step(self.run.degradation.name, float(self.run.severities[target[1]]))

    def class_of(self, target: Target) -> int:
        """Return the true class of a point's image; raise RunError if the run does not have the image."""
        return int(self.run.clean.class_index[self.run.clean.row(target if isinstance(target, int) else target[0])])

    def viewpoint_state(self) -> dict[str, Any]:
        """Return class, filter, list, selection and compared runs, as JSON values by key."""
        return super().viewpoint_state() | SweepState(self.class_index, self.view.asked, self.selected).values()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose what a viewpoint's state says; `SweepState` describes its keys."""
        wanted = SweepState.of(state, self)
        self._chosen = self._chosen or any(state.get(key) is not None for key in ("class", "filter", "selected"))
        self.select_class(wanted.class_index)
        self.set_filter(**vars(wanted.ask.filter))
        lists = {name: getattr(wanted.ask, name) for name in LISTED}
        if any(value is not getattr(self.view.asked, name) for name, value in lists.items()):
            self.view.ask(**lists)
        if wanted.selected != self.selected:
            place = None if wanted.selected is None else self._find(wanted.selected)
            kept = self._unread or self._not_degraded(wanted.selected)
            self._wanted = wanted.selected if place is None and kept else None
            self._select(place)

    @property
    def mark_key(self) -> MarkKey | None:
        """The selected point's key in `marks`."""
        return None if self.point is None or self.points is None else self.points.key(self.point)

    def picture(self, key: MarkKey) -> Picture:
        """Return the clean and the degraded image; runs in a worker."""
        image, severity_index, copy = key
        clean = self.run.clean.images[self.run.clean.row(image)]
        words = *image_words(self.run.clean, image), self.run.degradation.parameter
        name = in_file_name(*words, f"{self.run.severities[severity_index]:g}", f"copy {copy}")
        return name, clean, self.run.degraded_image(image, severity_index, copy)

    def step(self, by: int) -> None:
        """Select the next row of the table."""
        rows = self.view.rows
        if len(rows):
            here = self.view.row_of(self.point)
            there = 0 if here is None else min(max(here + by, 0), len(rows) - 1)
            self._select(int(rows[there]))

    def describe(self, place: int, points: SweepPoints | None = None) -> str:
        """Describe a point in one line; it is one of `points`, by default of those of the class in view."""
        points = points or self.points
        assert points is not None
        return describe_point(self.run, points, place)

    def _select_again(self, before: SweepPoints | None) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None and before is not None and self.point is not None:
            wanted = before.key(self.point)  # the run was read again
        place = self._find(wanted) if wanted is not None else None
        if place is None and self._not_degraded(wanted):
            self._wanted = wanted
        if place is not None or self._wanted is not None or self.point is not None:
            self._select(place)

    def _select_nothing(self) -> None:
        self._wanted = None
        self._select(None)

    def _find(self, target: Target) -> int | None:
        if self.points is None or self._unread:
            return None
        if isinstance(target, int):
            return self.points.first_failure(target, self.run.config.distances)
        return self.points.find(target)

    def _not_degraded(self, target: Target | None) -> bool:
        """Whether this is an image of which the points that were read have no degraded copy."""
        points = None if self._unread else self.points
        return isinstance(target, int) and points is not None and target not in points.image

    def _select(self, place: int | None) -> None:
        if place is not None:  # it takes the place of an image that is not degraded
            self._wanted = None
        self.point = place
        self.point_selected.emit(place)
        self._set_triple(None if place is None or self.points is None else self._triple(place, self.points))

    def _follow_beside(self) -> None:
        """List and show what depends on the predictions of compared runs again."""
        if self.view.asked.against is not None:
            self.view.ask(against=self.view.asked.against if self.beside.neighbours else None)
        triple, place = self.triple, self.point
        if triple is not None and place is not None:
            self._set_triple(replace(triple, facts=triple.facts[:OWN_FACTS] + self._facts_elsewhere(place)))

    def _facts_elsewhere(self, place: int) -> Facts:
        """Return what the compared runs say about a point."""
        points, known = self.points, self.beside.neighbours
        return tuple(f for n in known if points is not None and len(n.places) == len(points) for f in n.facts(place))

    def _triple(self, place: int, points: SweepPoints) -> Triple | None:
        """Return the triple of a point; None, after reporting the error, if its image cannot be recreated."""
        try:
            triple = triple_of_point(self.run, points, place)
            return replace(triple, facts=triple.facts + self._facts_elsewhere(place))
        except TfstabError as error:
            self.background.failed.emit(str(error), "")
            return None
