"""The atlas: the map, what its colours stand for, and the points picked in it."""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from tfstab.errors import InputError
from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offer, Offers
from tfstab.gui.content.atlas import (
    COLOURINGS,
    PREDICTED,
    AtlasMap,
    ImageState,
    Mapped,
    about,
    describe,
    groups,
)
from tfstab.gui.content.saved_names import in_file_name
from tfstab.gui.controller import Controller
from tfstab.gui.figures import Figure
from tfstab.gui.jobs.mapping import CLEAN
from tfstab.gui.sessions.atlas import NONE, TSNE, Atlas
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.atlas.atlas_boxes import AtlasBoxes
from tfstab.gui.widgets.atlas.atlas_plot import AtlasPlot, Spots
from tfstab.gui.widgets.atlas.colours import DIFFERENT, group_colour
from tfstab.gui.widgets.atlas.peek import Peek
from tfstab.gui.widgets.atlas.picked_list import PickedList
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.locate_button import LocateButton
from tfstab.gui.widgets.pick_box import Tool
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.wrapped import SentenceLabel
from tfstab.runs.info import FUNCTION, model_of

KEY = "atlas"  # of its part of a viewpoint's state
HINT = "Point at an image to see it, click to select it, or list several with the lasso."
SIGNS = "● clean &nbsp; ▲ degraded, right &nbsp; ✕ degraded, wrong"
LINES = " &nbsp; ○─○ {}"
MOST_NAMED = 20  # groups in the legend
OF_CLASSES = COLOURINGS[: COLOURINGS.index(PREDICTED) + 1]
ALIKE = ". Some classes have the same colour: choose one class, or point at an image."


class AtlasPage(View, QWidget):
    """Shows the Atlas of a session's run.

    Parameters
    ----------
    controller : Controller
    session : Session
        Whose selection is shown.
    commands : Actions
        The window's commands, for buttons.
    source : callable
        Returns which images are mapped, or None if there are none yet.
    select : callable
        Called with (image, state, copy) of a point that was clicked; the state is None for a clean image.
    parent : QWidget, optional

    Signals
    -------
    said : str
        A message for the status bar.
    offers_changed
        `offers` would return something else than before.
    """

    said = Signal(str)
    offers_changed = Signal()

    has_figure = True

    def __init__(
        self,
        controller: Controller,
        session: Session,
        commands: Actions,
        source: Callable[[], Mapped | None],
        select: Callable[[int, ImageState | None, int], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._names, self._select = session, tuple(session.run.class_names), select
        self.atlas = Atlas(source, controller.scorer, controller.background, self)
        self._ringed = ""  # the title of the selected image, if it is in the map
        self._groups = ""  # the part of the legend that names the groups and their colours
        self._drawn: object = None  # the points and the method that the range was last fitted to
        self.plot = AtlasPlot()
        self.peek = Peek(self.atlas, controller.background, self.plot)
        self.list = PickedList(self.atlas, self._names, controller.background)
        self.boxes = AtlasBoxes(self._names)
        self.tools = {tool: commands.button(tool.value) for tool in Tool}
        self.clear = commands.button("pick-nothing")
        self.legend, self.about, self.hint = SentenceLabel(), SentenceLabel(), ElidedLabel(HINT)
        self.hint.setToolTip(HINT)
        self.waiting = SentenceLabel()
        self.again, self.locate = QPushButton("Try again"), LocateButton(controller.scorer, self.atlas.start)
        self._arrange()
        self._connect()
        self._follow()

    @property
    def shows_triple(self) -> bool:  # type: ignore[override]
        """Whether there is an image to show, or a point to click for one."""
        return self.atlas.points is not None or self._session.triple is not None

    def first(self) -> QWidget:
        """Return the map or, until it is computed, the choice of its method."""
        return self.boxes.method if self.atlas.points is None else self.plot

    def shown(self) -> None:
        """Begin to compute the map, unless that has failed."""
        if self.isVisible() and (self.atlas.mapped is None or not self.atlas.problem):
            self.atlas.start()

    def fit(self) -> None:
        """Undo all zooming."""
        self.plot.fit()

    def offers(self) -> Offers:
        """Return the commands that can be done with the map."""
        offers: Offers = {tool.value: Offer(partial(self._use, tool), self.plot.box.tool is tool) for tool in Tool}
        if len(self.atlas.picked):
            offers["pick-nothing"] = partial(self._pick, None)
        return offers

    def figure(self) -> Figure:
        """Return the map as a figure to save."""
        session, boxes = self._session, self.boxes
        caption = f"{session.name}: {session.about}; {boxes.map_method}, coloured by {boxes.colouring.currentText()}"
        lines = f"; the lines join the copies of {self._ringed}" if self._ringed else ""
        shown = boxes.restrictions
        caption = "; ".join([caption, *([f"only {', '.join(shown)}"] if shown else [])])
        return Figure(self.plot, f"{session.name}-{in_file_name('atlas', *shown)}", f"{caption}{lines}")

    def viewpoint_state(self) -> dict[str, Any]:
        """Return what the boxes say."""
        return {KEY: self.boxes.chosen()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose in the boxes what a viewpoint's state says; raise InputError if that is damaged."""
        chosen = state.get(KEY, {})
        if not isinstance(chosen, dict):
            raise InputError("the state of the atlas is damaged; expected what its boxes say.")
        self.boxes.restore(chosen)

    def _arrange(self) -> None:
        picking = QHBoxLayout()
        picking.setContentsMargins(8, 0, 0, 0)
        for button in (*self.tools.values(), self.clear):
            picking.addWidget(button)
        picking.addWidget(self.hint, 1)
        for label in (self.hint, self.legend, self.about, self.waiting):
            label.setContentsMargins(8, 0, 8, 0)
        for label in (self.hint, self.waiting):
            label.setTextFormat(Qt.TextFormat.PlainText)  # class names may contain HTML tags
        told = QHBoxLayout()
        told.addWidget(self.waiting, 1)
        told.addWidget(self.locate)
        told.addWidget(self.again)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.plot)
        parts.addWidget(self.list)
        parts.setStretchFactor(0, 1)
        parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.boxes)
        layout.addLayout(told)
        layout.addLayout(picking)
        layout.addWidget(parts, 1)
        layout.addWidget(self.legend)
        layout.addWidget(self.about)

    def _connect(self) -> None:
        atlas, session = self.atlas, self._session
        atlas.changed.connect(self._follow)
        atlas.picked_changed.connect(self.offers_changed)
        self.boxes.changed.connect(self._draw)
        self.again.clicked.connect(atlas.start)
        self.plot.hovered.connect(self._name)
        self.plot.clicked.connect(self._choose)
        self.plot.picked.connect(self._pick)
        self.list.chosen.connect(self._choose)
        session.triple_changed.connect(self.follow_selection)
        self.destroyed.connect(atlas.stop)

    def _use(self, tool: Tool) -> None:
        self.plot.box.tool = tool
        self.offers_changed.emit()

    def _follow(self) -> None:
        atlas = self.atlas
        self.waiting.setText(atlas.problem or atlas.waiting)
        self.waiting.setVisible(bool(atlas.problem or atlas.waiting))
        self.hint.setVisible(atlas.points is not None)
        self.locate.offer(self._session.run, atlas.problem)
        # What the viewer cannot load, it cannot load later either.
        self.again.setVisible(bool(atlas.problem) and not model_of(self._session.run.info).get(FUNCTION))
        places = {} if atlas.points is None else atlas.points.places
        self.boxes.offer_methods(places)
        state = tuple(places)
        if state != self._known:
            self._known = state
            if TSNE in places and self.boxes.map_method != TSNE:  # it shows groups better
                self.boxes.method.setCurrentText(TSNE)  # which draws
            else:
                self._draw()

    _known: tuple[str, ...] = ("nothing was drawn yet",)

    def _draw(self) -> None:
        """Draw the points as the boxes say."""
        points, names = self.atlas.points, self._names
        method = self.boxes.map_method
        if points is None or method not in points.places:
            self._groups = ""
            self.legend.setText("")
            self.about.setText("")
            self.plot.set_spots(np.empty((0, 2), np.float32), [])
            self.plot.mark_selected(NONE, None, True)
            return
        by = self.boxes.colouring.currentText()
        shown = self.boxes.shown_of(points)
        found = groups(points, shown, by, names, self.atlas.states)
        count = len(names) if by in OF_CLASSES else len(self.atlas.states) + 1
        symbol = np.where(points.clean, 0, np.where(points.wrong, 2, 1))
        spots, told = [], []
        for group in found:
            colour = group_colour(self.palette(), by, group.number, count)
            for sign in np.unique(symbol[group.places]).tolist():
                spots.append(Spots(group.places[symbol[group.places] == sign], colour, sign))
            told.append(f'<span style="color: {colour.name()}">■</span>&nbsp;{escape(group.name)}')
        self.about.setText(about(points, method))
        more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
        more += ALIKE if by in OF_CLASSES and len({group.number % DIFFERENT for group in found}) < len(found) else ""
        self._groups = f"{' &nbsp; '.join(told[:MOST_NAMED])}{more}"
        self.plot.set_spots(points.places[method], spots)
        if self._drawn != (id(points.keys), method):
            self._drawn = id(points.keys), method
            self.plot.fit()
            self._pick(None)
        self.follow_selection()

    def changeEvent(self, event: Any) -> None:
        """Draw in the colours of another palette."""
        super().changeEvent(event)
        if event.type() == event.Type.PaletteChange:
            self._draw()

    def _name(self, place: int | None) -> None:
        points = self.atlas.points
        self.hint.setText(HINT if place is None or points is None else self._text(points, place))
        self.peek.show_point(place)

    def _text(self, points: AtlasMap, place: int) -> str:
        return describe(points, place, self._names, self.atlas.states)

    def _choose(self, place: int) -> None:
        mapped = self.atlas.mapped
        if mapped is not None:
            image, state, copy = mapped.keys[place].tolist()
            self._select(image, None if state == CLEAN else mapped.states[state], copy)

    def _pick(self, outline: np.ndarray | None) -> None:
        points, method = self.atlas.points, self.boxes.map_method
        self.plot.mark_outline(outline)
        if outline is None or points is None:
            self.atlas.pick(NONE)
        else:
            self.atlas.pick(points.inside(method, outline, self.boxes.shown_of(points)))

    def follow_selection(self) -> None:
        """Ring the selected image, wherever it was selected, and name it."""
        points, image, key = self.atlas.points, self._session.selected_image, self._session.mark_key
        if points is None or self.boxes.map_method not in points.places:
            return
        places = NONE if image is None else points.of_image(image)
        wanted, mapped = None if key is None else [*key, 0, 0][:3], self.atlas.mapped
        exact = next((k for k in places.tolist() if points.keys[k].tolist() == wanted), None)
        self.plot.mark_selected(places, exact, mapped is not None and mapped.ordered)
        self._ringed = "" if image is None or not len(places) else self._session.run.clean.title(image)
        lines = LINES.format(escape(f"{self._ringed}, {self._session.selected_is}")) if self._ringed else ""
        self.legend.setText(f"{SIGNS}{lines} &nbsp;&nbsp; {self._groups}")
