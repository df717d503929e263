"""The overview of a search."""

from typing import Any

from PySide6.QtWidgets import QWidget

from tfstab.gui.background import Steps
from tfstab.gui.content.examples import Pair, Weak
from tfstab.gui.content.gallery import FLIPPED
from tfstab.gui.content.result_filter import FOUND, LARGEST, WRONG, ResultFilter
from tfstab.gui.content.search_overview import SearchOverview, overview_of_search
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.widgets.blocks import Block, Caption
from tfstab.gui.widgets.overview.class_boxes import ClassBoxes
from tfstab.gui.widgets.overview.histogram import HistogramPlot
from tfstab.gui.widgets.overview.overview_page import EVERYTHING, OverviewPage
from tfstab.gui.widgets.overview.tiles import TileBlock
from tfstab.gui.widgets.sweep.confusion_view import ConfusionView
from tfstab.search.norm import get_norm
from tfstab.wording import listed

KEY = "Dashed line and band: median with its 95 % interval."
NOTHING = "No image is finished yet. The overview appears with the first image and grows with each other."
MATRIX_ROWS = 12  # rows of the matrix in view; more scroll


class SearchOverviewPage(OverviewPage):
    """Verdict, headline numbers, histogram, classes, confusions and weakest images of one SearchSession."""

    has_figure = True

    def __init__(self, session: SearchSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._session = session

    def build(self) -> Steps:
        """Make the blocks in steps."""
        session = self._session
        results = self.go(self.view("Results", results={}))
        self.histogram = HistogramPlot()
        self.left_out = Caption()
        self.histogram_block = Block("How much noise flips an image", "Results", results, term="minimum noise")
        self.histogram_block.add(self.histogram)
        self.histogram_block.add(self.left_out)
        self.histogram_block.body.addStretch(1)
        yield
        self.boxes = ClassBoxes()
        self.boxes_block = Block("By class", "Results", results)
        self.boxes_block.add(self.boxes)
        self.boxes_block.body.addStretch(1)
        yield
        self.pairs = TileBlock("Leading confusions", "No noise has been found yet.", "Results", results)
        norm = get_norm(session.run.config.norm).title
        least = self.view("Gallery", gallery=EVERYTHING | {"only": FLIPPED, "sort": norm})
        self.weakest = TileBlock(
            "Images that need least noise", "No noise has been found yet.", "Gallery", self.go(least)
        )
        self.matrix = ConfusionView()
        self.matrix.setAccessibleName("True class by class found")
        self.matrix_block = Block("True class and class found", "Results", results)
        self.matrix_block.add(Caption("Rows: true class. Columns: class found. Click a number for its images."))
        self.matrix_block.add(self.matrix)
        yield
        self.add(self.histogram_block, self.boxes_block)
        self.add(self.pairs)
        self.add(self.weakest)
        self.add(self.matrix_block)
        self.histogram.range_asked.connect(lambda a, b: self.visit_asked.emit(self._listed(low=a, high=b)))
        self.boxes.image_asked.connect(lambda image: self.visit_asked.emit(self.view("Images", selected=image)))
        self.boxes.class_asked.connect(lambda k: self.visit_asked.emit(self._listed(actual=k, outcome=FOUND)))
        self.matrix.chosen.connect(lambda k, j: self.visit_asked.emit(self._listed(actual=k, predicted=j)))
        session.entries_changed.connect(self.refresh_later)
        session.compared.changed.connect(self.refresh_later)
        self.wait_for(NOTHING)

    def blocks(self) -> list[QWidget]:
        """Return what is hidden until the overview has been computed."""
        blocks = self.histogram_block, self.boxes_block, self.pairs, self.weakest, self.matrix_block
        return [*super().blocks(), *blocks]

    def figure(self) -> Figure:
        """Return the histogram as a figure to save."""
        about = f"{self._session.name}: {self._session.about}"
        return Figure(self.histogram_block, f"{self._session.name}-minimum-noise", about)

    def fit(self) -> None:
        """Show whole plots."""
        self.histogram.fit()
        self.boxes.fit()

    def refresh(self) -> None:
        """Compute the overview, and show it."""
        session = self._session
        if not session.entries:
            return
        name, *names = session.compared.names
        run, own = session.run, (name, list(session.entries))
        compared = list(zip(session.compared.runs, names, strict=True))
        others = [(of, list(s.entries)) for s, of in compared]

        def overview() -> SearchOverview:
            from tfstab.experiments.alike_searches import why_unlike

            apart = [of for s, of in compared if why_unlike(s.run, run)]
            return overview_of_search(run, own, others, apart)

        self.compute(overview)

    def show_overview(self, overview: SearchOverview) -> Steps:
        """Show what has been computed."""
        low, high = (min(end, LARGEST) for end in overview.middle)
        links = {
            "median": self._listed(outcome=FOUND),
            "half": self._listed(low=low, high=high),
            "found": self._listed(outcome=FOUND),
            "wrong": self._listed(outcome=WRONG),
        }
        self.wait_for("")
        self.show_head(overview.verdict, overview.level, overview.numbers, links)
        yield
        self.histogram.set_histogram(overview.histogram)
        first, *others = overview.histogram.names
        beside = f"Bars: {first}. Outline: {listed(others)}. " if others else ""
        self.left_out.setText(f"{beside}{KEY} {overview.histogram.note}".strip())
        yield
        self.boxes.set_classes(overview.classes, overview.histogram.norm, overview.histogram.unit)
        yield
        self.show_pairs(self.pairs, overview.pairs)
        yield
        self.show_weakest(self.weakest, overview.weakest)
        yield
        self.matrix.set_counts(overview.confusion, self._session.run.class_names)
        rows = min(len(overview.confusion), MATRIX_ROWS)
        height = self.matrix.verticalHeader().defaultSectionSize() * rows + self.matrix.horizontalHeader().height()
        bar = self.matrix.horizontalScrollBar().sizeHint().height()
        self.matrix.setFixedHeight(height + bar + 2 * self.matrix.frameWidth() + 2)
        yield
        for block in (self.histogram_block, self.boxes_block, self.pairs, self.weakest, self.matrix_block):
            block.show()

    def pair_link(self, pair: Pair) -> Viewpoint:
        """Return the place that lists the images of one class for which the other was found."""
        return self._listed(actual=pair.actual, predicted=pair.predicted)

    def taken_link(self, pair: Pair) -> Viewpoint:
        """Return the place that shows the image with the least noise of a pair."""
        return self.view("Images", selected=pair.image)

    def weak_link(self, weak: Weak) -> Viewpoint:
        """Return the place that shows an image."""
        return self.view("Images", selected=weak.image)

    def _listed(self, **conditions: Any) -> Viewpoint:
        """Return the table of results that meet conditions, with the one that needs least noise selected."""
        chosen, entries = ResultFilter(**conditions), self._session.entries
        found = [entries[n] for n in chosen.places(entries).tolist()]
        selected = {"selected": min(found, key=lambda e: e.size).image} if found else {}
        return self.view("Results", results=chosen.values(), **selected)
