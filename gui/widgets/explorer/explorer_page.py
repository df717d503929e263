"""The explorer: the image and what the model makes of it, beside the degradations."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from tfstab.errors import InputError
from tfstab.gui.commands import Offer, Offers
from tfstab.gui.content.explorer import KEY, Exploring, Step, families
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.viewpoint import State
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import ask_to_save
from tfstab.gui.exporting import save_scores
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.sessions.picture_verdict import PictureVerdict
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.explorer.image_pair import ImagePair
from tfstab.gui.widgets.explorer.own_picture import OwnPictureBar
from tfstab.gui.widgets.explorer.step_list import StepList
from tfstab.gui.widgets.image_field import ImageField
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.locate_button import LocateButton
from tfstab.gui.widgets.marking import no_marks
from tfstab.gui.widgets.pressable import arrow_button
from tfstab.gui.widgets.score_bars import ScoreBars
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.triple_panel import GREY, GREY_LABELS, as_shown, triple_offers
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.wrapped import SentenceLabel

STEPS = 300  # pixels for the degradations, where there is room for three times as much beside them
WAITING = "the model is being loaded…"
OPENED = "Only images of the run can be marked, not a picture that you opened."
OTHER = "The panel Image shows the degraded image of the run: {}."


class ExplorerPage(View, QWidget):
    """Shows an Explorer of a session's run; it follows the selected image.

    Parameters
    ----------
    controller : Controller
    session : Session
        Whose selection is followed.
    parent : QWidget, optional

    Signals
    -------
    said : str
        A message for the status bar.
    offers_changed
        `offers` would return something else.
    """

    said = Signal(str)
    offers_changed = Signal()

    shows_triple = False
    has_figure = True

    def __init__(self, controller: Controller, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._failed = session, session.background.failed.emit
        self._followed: tuple[int | None, Step | None] = (None, None)  # the selected sample that was followed last
        self._leading = False  # whether this page is selecting its own image in the session
        self.explorer = Explorer(session.run, controller.scorer, controller.background, self)
        self.steps = StepList(self.explorer)
        self.image = ImageField(lambda: session.run.clean)
        self.previous = arrow_button(Qt.ArrowType.LeftArrow, "Previous image")
        self.next = arrow_button(Qt.ArrowType.RightArrow, "Next image")
        self.title = ElidedLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)  # file and class names may contain HTML tags
        self.own = OwnPictureBar(self.explorer, controller, session)
        self.verdict = PictureVerdict(self.explorer, controller.scorer, self)
        self.clean = ImagePane("Clean image", ColourScale(GREY, GREY_LABELS))
        self.degraded = ImagePane("Degraded image", ColourScale(GREY, GREY_LABELS))
        for pane in (self.clean, self.degraded):
            pane.scale.hide()  # grey levels explain themselves, and the bars need the room
        self.other = Caption()  # always there, so that nothing jumps when it says something
        self.other.setTextFormat(Qt.TextFormat.PlainText)
        self.other.setContentsMargins(8, 0, 8, 0)
        self.answer = SentenceLabel()  # whether the photograph or the model is to blame
        self.answer.setTextFormat(Qt.TextFormat.PlainText)
        self.answer.setContentsMargins(8, 4, 8, 0)
        self.answer.hide()
        self._pictures = QWidget()  # what is saved as a figure
        self.scores = ScoreBars()
        self.locate = LocateButton(controller.scorer, self.explorer.ask_again)
        self.problem = SentenceLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.own.take_drops(self)
        self._arrange()
        self._connect()
        self.follow_selection()
        self._show_image()

    def viewpoint_state(self) -> dict[str, Any]:
        """Return image, degradations and seed."""
        return {KEY: self.explorer.state.to_json()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show what a viewpoint's state says; raise InputError if that is damaged."""
        if KEY in state:
            self.own.restore(Exploring.from_json(state[KEY]), State(state).inner(KEY))
            self._followed = self._session.sample  # it may be read later than this, and must not replace the image

    def first(self) -> QWidget:
        """Return the first slider, or the list of degradations."""
        return self.steps.rows[0].slider.slider if self.steps.rows else self.steps.adding

    def shown(self) -> None:
        """Begin to degrade and score, with the selected sample or the run's own degradation."""
        explorer = self.explorer
        self.follow_selection()
        self._show_panel()
        if not explorer.state.steps and not explorer.awake:
            recorded = getattr(explorer.run, "degradation", None)
            name = recorded.name if recorded is not None and recorded.name in families() else "gaussian_noise"
            explorer.add(name)
        explorer.wake()

    def offers(self) -> Offers:
        """Return the commands that this view can do: it has its own images, and its own next and previous one."""
        explorer = self.explorer
        return {
            "next": partial(self._step, 1),
            "previous": partial(self._step, -1),
            "save-table": Offer(self._save_scores, text="Save &scores…"),
            **triple_offers(self, lambda: explorer.triple, self.said.emit, self._failed),
            **(no_marks(OPENED) if explorer.state.own is not None and explorer.state.own.path is not None else {}),
        }

    def figure(self) -> Figure:
        """Return images and scores as a figure to save; raise InputError while the scores are of an earlier state."""
        if not self.explorer.followed and not self.explorer.problem:
            raise InputError("The figure is not complete yet: wait until the model has scored the degraded image.")
        triple = self.explorer.triple
        caption = f"{self._session.name}: {triple.title}"
        return Figure(self._pictures, triple.file_name, caption, proposed=self._filled)

    def _filled(self, size: QSize) -> QSize:
        """Return a size within this one without grey bands around the images."""
        below = QSize(0, self._pictures.height() - self._pair.height())
        return self._pair.filled(size - below) + below

    def fit(self) -> None:
        """Undo all zooming."""
        for pane in (self.clean, self.degraded):
            pane.fit()

    def _arrange(self) -> None:
        label = QLabel("Image:")
        label.setBuddy(self.image)
        top = QHBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        for widget in (label, self.previous, self.image, self.next):
            top.addWidget(widget)
        top.addWidget(self.title, 1)
        top.addWidget(self.own)
        pictures = QVBoxLayout(self._pictures)
        pictures.setContentsMargins(0, 0, 0, 0)
        self._pair = ImagePair(self.clean, self.degraded)
        pictures.addWidget(self._pair, 1)
        pictures.addWidget(self.scores)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._pictures, 1)
        column.addWidget(self.problem)
        column.addWidget(self.locate)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.steps)
        parts.addWidget(right)
        parts.setStretchFactor(1, 1)
        parts.setSizes([STEPS, 3 * STEPS])
        parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.answer)
        layout.addWidget(self.other)
        layout.addWidget(parts, 1)

    def _connect(self) -> None:
        explorer, session = self.explorer, self._session
        self.previous.clicked.connect(lambda: self._step(-1))
        self.next.clicked.connect(lambda: self._step(1))
        self.image.asked.connect(self._go_to)
        self.image.said.connect(self.said)
        explorer.image_changed.connect(self._show_image)
        explorer.image_changed.connect(self.offers_changed)
        self.own.absent_changed.connect(self._show_image)
        explorer.degraded_changed.connect(self._show_degraded)
        explorer.scores_changed.connect(self._show_scores)
        session.triple_changed.connect(self.follow_selection)
        session.triple_changed.connect(self._show_panel)
        explorer.scores_changed.connect(self._show_panel)
        self.own.said.connect(self.said)
        self.verdict.changed.connect(self._show_answer)
        self.destroyed.connect(explorer.stop)
        session.changed.connect(self._follow_run)
        for pane, other in ((self.clean, self.degraded), (self.degraded, self.clean)):
            pane.range_changed.connect(partial(self._follow_range, other))
            pane.reset_asked.connect(self.fit)
        self._following = False

    def follow_selection(self) -> None:
        """Explore the sample that is selected in the session, if it is another one than before."""
        sample, state = self._session.sample, self.explorer.state
        image, step = sample
        if image is not None and sample != self._followed and self.isVisible() and not self._leading:
            first, self._followed = self._followed[0] is None, sample
            if first and (state.own is not None or self.own.opener.awaited):  # the run selects an image, not the user
                return
            steps = (step,) if step is not None and step.name in families() else state.steps
            self.explorer.restore(replace(state, image=image, steps=steps, own=None))

    def _follow_run(self) -> None:
        self.explorer.take_run(self._session.run)

    def _follow_range(self, other: ImagePane, rectangle: Any) -> None:
        if not self._following:
            self._following = True
            other.show_range(rectangle)
            self._following = False

    def _step(self, by: int) -> None:
        self.explorer.step_image(by)
        self._lead()

    def _lead(self) -> None:
        """Let other tabs show the image that the user has chosen here."""
        self._leading = True
        self._session.take_explored(self.explorer.state.image)
        self._leading = False
        self._followed = self._session.sample  # so that its degradation is not taken over

    def _go_to(self, image: int) -> None:
        self.explorer.set_image(image)
        self._lead()

    def _show_image(self) -> None:
        explorer = self.explorer
        original = explorer.original
        own = explorer.state.own
        self.image.show_image(explorer.state.image if own is None or own.path is None else None)
        actual = original.actual if own is None else None  # a picture has a list of true classes beside it
        named = "" if actual is None else f", {class_label(actual, explorer.run.class_names)}"
        absent = self.own.in_place_of
        title = f"{original.title}{named}{f' (in place of {absent})' if absent else ''}"
        self.title.setText(title)
        self.title.setToolTip(plain(title))
        other = self.clean.shown is None or self.clean.shown.shape[:2] != explorer.clean.shape[:2]
        self.clean.set_image(as_shown(explorer.clean))
        self.clean.set_title(f"{explorer.triple.clean_is}:", explorer.triple.clean_says)
        self._show_degraded()
        self._show_scores()
        self._show_panel()
        if other:
            self.fit()

    def _show_degraded(self) -> None:
        self.degraded.set_image(as_shown(self.explorer.degraded))
        self._show_other()

    def _show_other(self) -> None:
        """Say so if the panel has the card of another degraded copy of the image explored.

        Of a picture of the user's own, say what is known of its true class; the panel is about it, too.
        """
        explorer, there = self.explorer, self._session.triple
        if (own := explorer.state.own) is not None:
            self.other.setText(own.about(explorer.run.class_names))
            return
        if explorer.made != explorer.state:  # the image is about to change
            return
        same = there is None or self._session.explored is not None or np.array_equal(there.degraded, explorer.degraded)
        self.other.setText("" if there is None or same else OTHER.format(there.title))

    def _show_answer(self) -> None:
        self.answer.setText(self.verdict.sentence)
        self.answer.setVisible(bool(self.verdict.sentence))

    def _show_scores(self) -> None:
        explorer = self.explorer
        triple, problem = explorer.triple, explorer.problem
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.locate.offer(explorer.run, problem)
        self.scores.set_bars(triple.bars, triple.clean_is.lower())
        self.degraded.set_title("Degraded:", triple.degraded_says or ("" if problem else WAITING))

    def _show_panel(self) -> None:
        self.own.show_in_panel(self.isVisible())
        self._show_other()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the panel Image to the selected image."""
        super().hideEvent(event)
        self._show_panel()

    def _save_scores(self) -> None:
        """Ask for a file, and save the scores of all classes as CSV."""
        explorer, scores = self.explorer, self.explorer.scores
        if scores is None or not explorer.followed:
            self.said.emit(f"There are no scores to save: {explorer.problem or 'they are being computed.'}")
            return
        original = explorer.original
        triple, both = explorer.triple, (original.scores, scores)
        what, name = f"the scores of {triple.title}", f"{triple.file_name}.csv"
        write = partial(
            save_scores,
            explored=explorer.made,
            true_class=original.actual,
            names=explorer.run.class_names,
            scores=both,
        )
        ask_to_save(self, what, name, "CSV (*.csv)", write, self.said.emit, self._failed)
