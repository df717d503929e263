"""The overview of a sweep."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from tfstab.gui.background import Steps
from tfstab.gui.content.class_bars import ClassBar
from tfstab.gui.content.examples import Pair, Weak
from tfstab.gui.content.gallery import LOST
from tfstab.gui.content.other_images import on_its_own
from tfstab.gui.content.overview import SweepOverview, Swept, overview_of_sweep
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.bars import BarRow
from tfstab.gui.widgets.blocks import Block, Caption
from tfstab.gui.widgets.overview.block_plot import OnBlock
from tfstab.gui.widgets.overview.class_block import ClassBlock
from tfstab.gui.widgets.overview.overview_page import EVERYTHING, WRONG_CLEAN, OverviewPage
from tfstab.gui.widgets.overview.tiles import TileBlock
from tfstab.gui.widgets.sweep.accuracy_plot import AccuracyPlot
from tfstab.gui.widgets.tips import plain

if TYPE_CHECKING:
    from tfstab.degradations import Degradation

READING = "Reading what has been swept…"
UNREADABLE = "A part of this sweep cannot be read, so there is no overview. Restore the part, then refresh (F5)."
NOTHING = "No part of this sweep is finished yet. The overview appears with the first part and grows with each other."


class OverviewCurve(OnBlock, AccuracyPlot):
    """The accuracy curve on a block; a click asks for a severity.

    Signals
    -------
    severity_asked : float
        The severity nearest to a click.
    """

    severity_asked = Signal(float)

    def __init__(self, family: "Degradation", parent: QWidget | None = None) -> None:
        super().__init__(family, parent)
        self.settle()
        self.scene().sigMouseClicked.connect(self._click)

    def _click(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.curves:
            severities = self.curves[0].severities
            x = self.getViewBox().mapSceneToView(event.scenePos()).x()
            self.severity_asked.emit(float(severities[np.abs(severities - x).argmin()]))


class SweepOverviewPage(OverviewPage):
    """Verdict, headline numbers, accuracy curve, classes, leading confusions and weakest images of one SweepSession."""

    has_figure = True

    def __init__(self, session: SweepSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._session = session

    def build(self) -> Steps:
        """Make the blocks in steps."""
        session = self._session
        family = session.run.degradation
        metrics = self.view("Metrics", metrics={"severity_index": None, "right_when_clean": False, "table": "Classes"})
        confusion = self.view(
            "Metrics", metrics={"severity_index": None, "right_when_clean": False, "table": "Confusion"}
        )
        self._metrics = metrics
        self.curve = OverviewCurve(family)
        self.curve_block = Block(f"Accuracy by {family.parameter}", "Metrics", self.go(metrics), term="accuracy")
        self.curve_block.add(self.curve.legend)
        self.curve_block.add(self.curve)
        self.key = Caption()
        self.curve_block.add(self.key)
        self.curve_block.body.addStretch(1)
        yield
        self.classes_block = ClassBlock(f"over {family.together}", "Metrics", self.go(metrics))
        self.pairs = TileBlock(
            f"Leading confusions over {family.together}",
            "No image was taken for another class.",
            "Confusion matrix",
            self.go(confusion),
        )
        self.weakest = TileBlock(
            "Weakest images that are right when clean",
            "No image that is right when clean was misclassified.",
            "Gallery",
            self.go(self.view("Gallery", gallery=EVERYTHING | {"only": LOST, "sort": "share misclassified"})),
        )
        self.add(self.curve_block, self.classes_block)
        self.add(self.pairs)
        self.add(self.weakest)
        self.curve.severity_asked.connect(self._list_severity)
        session.measures_changed.connect(self.refresh_later)
        session.compared_changed.connect(self.refresh_later)
        self.wait_for(READING)

    def blocks(self) -> list[QWidget]:
        """Return what is hidden until the overview has been computed."""
        return [*super().blocks(), self.curve_block, self.classes_block, self.pairs, self.weakest]

    def figure(self) -> Figure:
        """Return the curves as a figure to save."""
        names = ", ".join(curve.name for curve in self.curve.curves)
        about = f"{self.curve_block.title.text()}: {names}"
        return Figure(self.curve_block, f"{self._session.name}-accuracy", about)

    def fit(self) -> None:
        """Show the whole curve."""
        self.curve.fit()

    def refresh(self) -> None:
        """Compute the overview, and show it."""
        session, measured = self._session, self._session.measured
        if measured is None:
            self.wait_for(UNREADABLE if session.unmeasured else READING)
            return
        if not len(measured.measures):
            self.wait_for(NOTHING)
            return
        name, *names = session.beside.names
        own = Swept(name, measured)
        beside = [(of, s.measured) for s, of in zip(session.beside.runs, names, strict=True) if s.measures]
        others = [Swept(of, run) for of, run in beside if run is not None]
        self.compute(lambda: overview_of_sweep(own, others))

    def show_overview(self, overview: SweepOverview) -> Steps:
        """Show what has been computed."""
        metrics = self._metrics
        links = {
            "clean": self.view("Gallery", gallery=WRONG_CLEAN),
            "accuracy": metrics,
            "kept": metrics,
            "recall": metrics,
            "half": metrics,
        }
        self.wait_for("")
        self.show_head(overview.verdict, overview.level, overview.numbers, links, overview.unlike)
        yield
        own = on_its_own(images=bool(overview.unlike))
        self.curve_block.title.setText(f"Accuracy by {self._session.run.degradation.parameter}{own}")
        self.curve.set_curves(list(overview.curves))
        self.curve.legend.setVisible(len(overview.curves) > 1)
        self.key.setVisible(len(overview.curves) == 1)
        self.key.setText(overview.curves[0].key)
        yield
        self.classes_block.show_classes(overview.classes, self._bar, " in Metrics")
        yield
        self.show_pairs(self.pairs, overview.pairs, overview.leading)
        yield
        self.show_weakest(self.weakest, overview.weakest)
        yield
        for block in (self.curve_block, self.classes_block, self.pairs, self.weakest):
            block.show()

    def pair_link(self, pair: Pair) -> Viewpoint:
        """Return the place that lists the copies of one class that are taken for another."""
        return self.view("Misclassifications", **{"class": pair.actual, "filter": {"predicted": pair.predicted}})

    def taken_link(self, pair: Pair) -> Viewpoint:
        """Return the same place with the copy selected that the pair shows."""
        there = self.pair_link(pair)
        return self.view(there.view, **there.state, selected=list(pair.key or ()))

    def weak_link(self, weak: Weak) -> Viewpoint:
        """Return the place that lists the misclassified copies of an image."""
        chosen = {"class": weak.class_index, "filter": {"image": weak.image}, "selected": weak.image}
        return self.view("Misclassifications", **chosen)

    def _bar(self, each: ClassBar) -> BarRow:
        there = self.go(self.view("Misclassifications", **{"class": each.class_index, "filter": {}}))
        tip = plain(f"{each.tip}. Click to list its misclassified copies{each.beside}")
        return BarRow(each.name, each.share, each.text, each.tone, there, each.ends, tip, others=each.others)

    def _list_severity(self, severity: float) -> None:
        place = self._session.run.config.severity_index(severity)
        self.visit_asked.emit(self.view("Misclassifications", **{"class": None, "filter": {"severity_index": place}}))
