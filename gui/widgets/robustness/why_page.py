"""Why images are lost: what the explanation in an assessment's folder says."""

from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tfstab.assessment.levels import HARMLESS
from tfstab.errors import InputError, TfstabError
from tfstab.glossary import terms
from tfstab.gui.background import unexpected
from tfstab.gui.content.reports import own_report
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.content.why import Layer, Why, why_of
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.theme import BAD, MIDDLE, PLAIN, tone_colour
from tfstab.gui.widgets.bars import BarBlock, BarRow
from tfstab.gui.widgets.blocks import Block, BlockColumn, BlockRow, Caption, TextVerdict
from tfstab.gui.widgets.jobs.results import open_report
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.wrapped import SentenceLabel
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import percent
from tfstab.runs import RunFolder
from tfstab.wording import counted

READING = "The explanation is being read…"
NOTHING = (
    "This assessment has no explanation yet. An explanation finds out why noise changes predictions: in which layers "
    "it grows, how near the decision boundary is, and which directions and frequencies do most harm. It takes minutes."
)
LITTLE = (
    "Under Gaussian noise, this network keeps {} of its accuracy, so an explanation may find no cause. It also says "
    "little about images that are lost under other degradations; to see those, choose {}."
)
EXPLAIN = "Explain…", "Open a new run with the model and images of this assessment filled in"
CONTINUE = "Continue…", "Open a new run that continues this explanation; nothing is measured twice"
MORE = "Measure more…", "Open a new run that explains more images in the same folder; nothing is measured twice"
UNFINISHED = "Explained so far: {}. Continue… explains the others, unless a job is doing that now."
HARDEN = "What may help: fine-tune the model on degraded images, and compare it with the original"
NEXT_STEPS = (
    "What to do next: Robustness shows which degradation does the most harm, Harden… trains a more stable model, and a "
    "click on an image shows why it is misclassified."
)
NO_REPORT = (
    "There is no report yet. If the explanation has just ended, the report is being written; otherwise, choose New "
    "run, Report, and add the folder of the explanation."
)
ALL_IN_REPORT = " The report shows everything that was measured."
REPORT_LATER = "The report is written when the explanation ends."
NO_LAYERS = "There is no figure of the layers yet: Explain… measures them."
LOST = "Images lost under {}"
LOST_TIP = (
    "Of the images tested, the network keeps the least accuracy under {}. Click an image there: its card says why it "
    "is misclassified. The explanation here is about noise."
)
NOISE = "gaussian_noise"  # the degradation that explanations are about
GAIN, MARGIN = "relative gain", "relative margin"  # terms of the glossary
BELOW = "Medians over images, with the 95 % interval."
ALONE = "It accumulates from the image on, so the weights of one layer can amplify noise even where it is below 1."
AMPLIFIES = (
    "above 1 with the whole interval: noise has grown on the way to this layer. A layer is named as a cause only if "
    "its own weights amplify noise clearly."
)


class Explained(Caption):
    """What the bars of a figure mean, and what their colour means if there are coloured ones."""

    def __init__(self, text: str, coloured: bool) -> None:
        self._text, self._coloured = escape(text), coloured
        super().__init__()

    def _recolour(self) -> None:
        super()._recolour()
        sign = f'<span style="color:{tone_colour(self.palette(), MIDDLE).name()}">●</span>&nbsp;'
        self.setText(f"{sign}{AMPLIFIES}<br>{self._text}" if self._coloured else self._text)


class WhyPage(View, BlockColumn):
    """The causes, gain and margin by layer, and the way to the report.

    Signals
    -------
    said : str
        A message for the status bar.
    asked_for : str
        The user wants to "explain" or to "harden" the model.
    visit_asked : Viewpoint
        A link was clicked.
    """

    said = Signal(str)
    asked_for = Signal(str)
    visit_asked = Signal(object)
    shows_triple = False
    has_figure = True

    def __init__(self, session: AssessmentSession) -> None:
        super().__init__()
        self._session = session
        self._read: object = None  # the run that was read
        self.why: Why | None = None
        self.verdict, self.waiting = TextVerdict(), Caption()
        self.causes = Block("Causes that stand out", "Report", self._open_report)
        self.gain = BarBlock("Relative gain for noise, by layer", term=GAIN)
        self.margin = BarBlock("Relative margin, by layer", term=MARGIN)
        self.layers = BlockRow(self.gain, self.margin)
        self.explain = QPushButton()
        self.explain.clicked.connect(lambda _=False: self.asked_for.emit("explain"))
        self.explain.hide()
        self.harden = QPushButton("Harden…")
        self.harden.setToolTip(HARDEN)
        self.harden.clicked.connect(lambda _=False: self.asked_for.emit("harden"))
        self.lost = QPushButton()
        self.lost.clicked.connect(lambda _=False: self._visit_lost())
        self.lost.hide()
        row = QHBoxLayout(buttons := QWidget())
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.explain)
        row.addWidget(self.harden)
        row.addWidget(self.lost)
        row.addStretch(1)
        self.add(buttons)  # at the top, where they stay when the explanation has been read
        self.add(self.verdict)
        self.add(self.waiting)
        self.add(self.causes)
        self.add(self.layers)
        session.changed.connect(self._refresh)
        self._hide()

    def figure(self) -> Figure:
        """Return gain and margin by layer as a figure to save."""
        if not self.layers.isVisibleTo(self):
            raise InputError(NO_LAYERS)
        session = self._session
        return Figure(self.layers, f"{session.name}-layers", f"{session.name}: {session.about}")

    def shown(self) -> None:
        """Read the explanation if that has not been done."""
        run = self._session.run.opened.explanation
        text, tip = EXPLAIN if run is None else MORE if run.complete else CONTINUE
        self.explain.show()
        self.explain.setText(text)
        self.explain.setToolTip(tip)
        self._offer_lost()
        if run is None:
            self._hide()
            self.waiting.setText("\n".join([NOTHING, *self._little()]))
            self._look_again()
        elif run is not self._read:
            self._read = run
            self.waiting.setText(READING)
            failed = TfstabError(unexpected("Reading the explanation"))
            show = partial(self._show, run)
            self._session.background.run(partial(_read, run), show, lambda: show(failed), self)
        elif self.why is not None and self.why.report is None:
            self._look_for_report(run, self.why)

    def _offer_lost(self) -> None:
        """Offer the images lost under the degradation under which least is kept; the explanation is about noise."""
        computed = self._session.computed
        self.lost.setVisible(computed is not None and bool(computed.families))
        if computed is not None and computed.families:
            title = computed.families[0].title
            self.lost.setText(LOST.format(title))
            self.lost.setToolTip(plain(LOST_TIP.format(title)))

    def _little(self) -> list[str]:
        """Return a sentence if noise costs little, so that an explanation may say little."""
        computed = self._session.computed
        families = [] if computed is None else computed.families
        kept = next((one.kept for one in families if one.name == NOISE and one.keeps), NO_ESTIMATE)
        little = kept.value > HARMLESS and families[0].name != NOISE
        return [LITTLE.format(percent(kept), self.lost.text())] if little else []

    def _visit_lost(self) -> None:
        computed = self._session.computed
        if computed is not None and computed.families:
            shown = {"class": None, "filter": {"clean_wrong": False} if computed.families[0].keeps else {}}
            self.visit_asked.emit(Viewpoint.at(computed.families[0].path, "Misclassifications", **shown))

    def _look_for_report(self, run: RunFolder, why: Why) -> None:
        """Look for the report, which is written after the last part of the explanation."""

        def show(report: Path | None) -> None:
            if report is not None and why is self.why:
                self._show(run, replace(why, report=report))

        self._session.background.run(partial(own_report, run.path), show, owner=self)

    def _look_again(self) -> None:
        """Look beside the assessment for an explanation, which does not change the assessment's own folder."""
        opened = self._session.run.opened

        def show(found: object) -> None:
            if found is not None and opened is self._session.run.opened:
                self._refresh()

        self._session.background.run(opened.find_explanation, show, owner=self)

    def _refresh(self) -> None:
        if self.isVisible():
            self.shown()

    def _hide(self) -> None:
        for block in (self.causes, self.layers):
            block.hide()
        self.verdict.set_text("")

    def _show(self, run: object, why: Why | TfstabError) -> None:
        if run is not self._read:
            return
        if isinstance(why, TfstabError):
            self._hide()
            self.waiting.setText(str(why))
            return
        self.why = why
        self.verdict.set_text(escape(why.lead), BAD if why.causes else PLAIN)
        lines = [f"From {counted(why.images)}, their minimum noise and noisy copies of them."] if why.images else []
        lines += [UNFINISHED.format(why.unfinished)] if why.unfinished else []
        self.waiting.setText("\n".join(lines))
        self.causes.clear()
        for title, text, helps in why.causes:
            advice = f"<br>What helps: {escape(helps)}" if helps else ""
            self.causes.add(SentenceLabel(f"<b>{escape(title)}.</b> {escape(text)}{advice}"))
        if not why.causes:
            self.causes.add(Caption(f"None.{ALL_IN_REPORT if why.report is not None else ''}"))
        if why.none_stands_out:
            self.causes.add(Caption(NEXT_STEPS))
        self.causes.add(Caption(why.scope))
        self.causes.link.setEnabled(why.report is not None)
        if why.report is None:
            self.causes.add(Caption(REPORT_LATER if why.unfinished else NO_REPORT))
        self.causes.setVisible(why.images > 0)
        self.layers.setVisible(bool(why.layers))
        _fill(self.gain, GAIN, why.layers, "gain")
        _fill(self.margin, MARGIN, why.layers, "margin")

    def _open_report(self) -> None:
        report = None if self.why is None else self.why.report
        if report is not None:
            self.said.emit(open_report(report))


def _read(run: object) -> "Why | TfstabError":
    try:
        return why_of(run)  # type: ignore[arg-type]
    except TfstabError as error:
        return error


def _fill(block: BarBlock, term: str, layers: tuple[Layer, ...], name: str) -> None:
    """Show a figure of each layer as bars."""
    values: list[tuple[str, Estimate]] = [(layer.name, getattr(layer, name)) for layer in layers]
    most = max((abs(e.high) for _, e in values if abs(e.high) < float("inf")), default=1.0) or 1.0
    bars = []
    for layer, e in values:
        grows = name == "gain" and e.low > 1
        tip = f"{layer}: {e.value:.3g} ({e.low:.3g}–{e.high:.3g})"
        ends = (max(e.low, 0) / most, max(e.high, 0) / most)
        tone = MIDDLE if grows else PLAIN
        bars.append(BarRow(layer, max(e.value, 0) / most, f"{e.value:.2g}", tone, interval=ends, tip=plain(tip)))
    coloured = any(bar.tone == MIDDLE for bar in bars)
    below = f"{ALONE} {BELOW}" if name == "gain" else BELOW
    block.show_bars(bars, Explained(f"{terms()[term]} {below}", coloured))
