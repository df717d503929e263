"""The overview of an assessment."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from tfstab.errors import InputError
from tfstab.gui.background import Steps
from tfstab.gui.content.assessment_overview import AssessmentOverview, KeptBar, SweepInDetail, overview_of_assessment
from tfstab.gui.content.class_bars import ClassBar
from tfstab.gui.content.comparison import of_other_images
from tfstab.gui.content.examples import Pair, Weak
from tfstab.gui.content.other_images import on_its_own
from tfstab.gui.content.robustness import CLASSES, keeping
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.bars import BarBlock, BarRow
from tfstab.gui.widgets.blocks import Block, Caption
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.levels_legend import LevelsLegend
from tfstab.gui.widgets.overview.class_block import ClassBlock
from tfstab.gui.widgets.overview.overview_page import EVERYTHING, WRONG_CLEAN, OverviewPage
from tfstab.gui.widgets.overview.sweep_overview import OverviewCurve
from tfstab.gui.widgets.overview.tiles import TileBlock
from tfstab.gui.widgets.robustness.robustness_page import IMAGE, SHARES_RIGHT
from tfstab.gui.widgets.tips import plain

READING = "The runs are being read and the figures computed…"
KEPT = "Accuracy kept, worst first"
ACCURACY = "Accuracy under each degradation"
NONE_RIGHT = f"{SHARES_RIGHT}, averaged over the severities, with 95 % intervals."
NOTHING = "No degradation has been swept yet. The overview appears with the first finished part."


class AssessmentOverviewPage(OverviewPage):
    """Verdict, headline numbers, accuracy curve, families, leading confusions and weakest images of an assessment."""

    has_figure = True

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._session = session
        self._shown: SweepInDetail | None = None
        self._at_work = session.at_work

    def build(self) -> Steps:
        """Make the blocks in steps."""
        session = self._session
        self.curve: OverviewCurve | None = None
        self.curve_block = Block("Accuracy", "All severities", self._visit_shown, term="accuracy")
        self.key = Caption()
        self.kept = BarBlock(KEPT, "Robustness", self.go(self.view("Robustness")), term="accuracy kept")
        self.pairs = TileBlock(
            "Leading confusions", "No image was taken for another class.", "Confusion matrix", self._visit_confusion
        )
        self.weakest = TileBlock(
            "Weakest images that are right when clean, over all degradations",
            "No image that is right when clean was misclassified.",
            "One image",
            self.go(self.view("Robustness", robustness={"part": IMAGE})),
        )
        yield
        self.findings = Block("What else was found")
        self.text = Caption()
        self.findings.add(self.text)
        by_degradation = self.go(self.view("Robustness", robustness={"part": CLASSES}))
        self.classes = ClassBlock("over all degradations", "By degradation", by_degradation)
        left = QWidget()
        fill_column(left, self.curve_block, self.classes, spacing=SPACE * 3 // 2)
        self.add(left, self.kept)
        self.add(self.pairs)
        self.add(self.weakest)
        self.add(self.findings)
        session.compared.changed.connect(self.refresh_later)  # also when this session has been computed
        session.changed.connect(self._follow_work)
        self.wait_for(READING)

    def blocks(self) -> list[QWidget]:
        """Return what is hidden until the overview has been computed."""
        return [*super().blocks(), self.curve_block, self.classes, self.kept, self.pairs, self.weakest, self.findings]

    def figure(self) -> Figure:
        """Return the degradations with what the network keeps under them as a figure to save."""
        if not self.kept.isVisibleTo(self):
            raise InputError("There is no figure yet: wait until the first degradation has been measured.")
        session = self._session
        name, about = f"{session.name}-degradations", f"{session.name}: {session.about}"
        return Figure(self.kept, name, about, proposed=self.kept.filled)

    def fit(self) -> None:
        """Show the whole curve."""
        if self.curve is not None:
            self.curve.fit()

    def _follow_work(self) -> None:
        """Compute the overview again when a job begins or ends to measure more."""
        if self._session.at_work != self._at_work:
            self._at_work = self._session.at_work
            self.refresh_later()

    def refresh(self) -> None:
        """Compute the overview, and show it."""
        own = self._session.computed
        if own is None:
            self.wait_for(self._session.problem or READING)
            return
        compared = self._session.compared
        name, *names = compared.names
        known = [(of, s.computed) for s, of in zip(compared.runs, names, strict=True)]
        others = [(of, computed.figures) for of, computed in known if computed is not None]
        shown, pairings = (name, own.figures, own.verdict, own.families, own.images), compared.pairings
        going_on = self._session.at_work
        self.compute(lambda: overview_of_assessment(*shown, others, pairings, going_on))

    def show_overview(self, overview: AssessmentOverview) -> Steps:
        """Show what has been computed."""
        self._shown = overview.shown
        robustness = self.view("Robustness")
        closer = None if overview.shown is None else overview.shown.path
        links = {"clean": robustness, "kept": robustness, "recall": robustness, "half": robustness, "noise": robustness}
        if closer is not None:
            links |= {
                "clean": Viewpoint.at(closer, "Gallery", gallery=WRONG_CLEAN),
                "half": Viewpoint.at(closer, "Metrics"),
            }
        if overview.search is not None:
            links["noise"] = Viewpoint.at(overview.search)
        self.wait_for("" if overview.bars or overview.search else NOTHING)
        repairs = () if self._session.computed is None else self._session.computed.repairs
        self.show_head(
            overview.verdict, overview.level, overview.numbers, links, overview.unlike, repairs, overview.change
        )
        yield
        yield from self._show_curve(overview.shown)
        yield
        legend = LevelsLegend()
        bars = [bar.row for bar in overview.bars]
        legend.explain(not all(row.sure for row in bars), any(row.guessed <= 1 for row in bars), overview.others)
        kept = keeping(bars)
        self.kept.title.setText(f"{KEPT if kept else ACCURACY}{overview.apart}")
        self.kept.show_bars([self._bar(bar) for bar in overview.bars], legend if kept else NONE_RIGHT)
        self.classes.show_classes(overview.classes, self._class_bar)
        yield
        if overview.shown is not None:
            family = overview.shown.family
            self.pairs.title.setText(f"Leading confusions under {family.title}, over all severities")
            self.show_pairs(self.pairs, overview.shown.pairs, overview.shown.leading)
        self.show_weakest(self.weakest, overview.weakest)
        self.text.setText("\n\n".join(overview.findings))
        yield
        for block, content in (
            (self.curve_block, overview.shown),
            (self.pairs, overview.shown),
            (self.classes, overview.classes.bars),
            (self.kept, overview.bars),
            (self.weakest, overview.weakest),
            (self.findings, overview.findings),
        ):
            block.setVisible(bool(content))

    def pair_link(self, pair: Pair) -> Viewpoint:
        """Return the place that lists the copies of one class that are taken for another."""
        chosen = {"class": pair.actual, "filter": {"predicted": pair.predicted}}
        return Viewpoint.at(self._path(), "Misclassifications", **chosen)

    def taken_link(self, pair: Pair) -> Viewpoint:
        """Return the same place with the copy selected that the pair shows."""
        there = self.pair_link(pair)
        return Viewpoint(there.run, there.view, there.state | {"selected": list(pair.key or ())})

    def typical_link(self, pair: Pair) -> Viewpoint:
        """Return the typical image in the gallery of the sweep that is shown in more detail."""
        return Viewpoint.at(self._path(), "Gallery", gallery=EVERYTHING, selected=pair.example)

    def weak_link(self, weak: Weak) -> Viewpoint:
        """Return the view of the image under all families, with a lost copy selected."""
        copy = {} if weak.copy is None else {"copy": list(weak.copy)}
        return self.view("Robustness", robustness={"part": IMAGE}, selected=weak.image, **copy)

    def _path(self) -> Path:
        return self._session.path if self._shown is None else self._shown.path

    def _visit_shown(self) -> None:
        self.visit_asked.emit(Viewpoint.at(self._path(), "Metrics"))

    def _visit_confusion(self) -> None:
        table = {"severity_index": None, "right_when_clean": False, "table": "Confusion"}
        self.visit_asked.emit(Viewpoint.at(self._path(), "Metrics", metrics=table))

    def _show_curve(self, shown: SweepInDetail | None) -> Steps:
        if shown is None:
            return
        if self.curve is None:
            self.curve = OverviewCurve(shown.family)
            self.curve_block.add(self.curve.legend)
            self.curve_block.add(self.curve)
            self.curve_block.add(self.key)
            self.curve_block.body.addStretch(1)
            self.curve.severity_asked.connect(self._list_severity)
            yield
        own = on_its_own(images=of_other_images(shown.curves))
        self.curve_block.title.setText(f"Accuracy under {shown.family.title}{own}")
        self.curve.set_curves(list(shown.curves))
        self.curve.legend.setVisible(len(shown.curves) > 1)
        self.key.setVisible(len(shown.curves) == 1)
        self.key.setText(shown.curves[0].key)

    def _list_severity(self, severity: float) -> None:
        computed, shown = self._session.computed, self._shown
        family = None if computed is None or shown is None else computed.figures.family(shown.family.name)
        if family is not None:
            chosen = {"severity_index": family.run.config.severity_index(severity)}
            self.visit_asked.emit(Viewpoint.at(self._path(), "Misclassifications", **{"class": None, "filter": chosen}))

    def _class_bar(self, each: ClassBar) -> BarRow:
        assert each.worst is not None
        path, title = each.worst
        there = self.go(Viewpoint.at(path, "Misclassifications", **{"class": each.class_index, "filter": {}}))
        click = f"Click to list its misclassified images under {title}, where the fewest are right"
        tip = plain(f"{each.tip}. {click}{each.beside}")
        return BarRow(each.name, each.share, each.text, each.tone, there, each.ends, tip, others=each.others)

    def _bar(self, bar: KeptBar) -> BarRow:
        row = bar.row
        shown = row.shown
        ends, there = (shown.low, shown.high), self.go(Viewpoint.at(row.path))
        tip, text = plain(bar.tip), bar.text
        return BarRow(
            row.label, shown.value, text, row.tone, there, ends, tip, sure=row.sure, mark=row.guessed, others=bar.others
        )
