"""Filters of a sweep: class, severity, predicted class, image and scores; and how many points they let through."""

from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QIcon, QIntValidator, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG
from tfstab.gui.content.predictions import class_label
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.layouts import FlowLayout, labelled
from tfstab.gui.widgets.theme import point_colours
from tfstab.gui.widgets.tips import plain

LEGEND = ((CORRECT, "●", "correct"), (WRONG, "✕", "misclassified"))
ALL = "all"


class SweepFilters(QWidget):
    """Sets the filters of a session, and follows when something else sets them."""

    def __init__(self, session: SweepSession, commands: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        run, names = session.run, session.run.class_names
        severities = [(f"{run.severities[s]:g}", s) for s in run.config.mildest_first.tolist()]
        self._parameter = run.degradation.parameter.capitalize()
        classes = [(class_label(k, names), k) for k in session.classes]
        self.classes = _choices("Class", [*classes, ("all classes", None)])
        self.severities = _choices(self._parameter, [(ALL, None), *severities])
        self.severities.setToolTip(run.degradation.unit.capitalize())
        self.predicted = _choices("Predicted class", [(ALL, None), *((n, k) for k, n in enumerate(names))])
        self.image = QLineEdit()
        self.image.setAcceptDrops(False)  # files are left to the window
        self.image.setAccessibleName("Image")
        self.image.setPlaceholderText(ALL)
        self.image.setValidator(QIntValidator(0, 2**31 - 1, self))
        self.image.setFixedWidth(70)
        self.image.setClearButtonEnabled(True)
        self.low, self.high = _score("Lowest score", 0.0), _score("Highest score", 1.0)
        self.clean_wrong = QCheckBox("wrong when clean")
        self.clean_wrong.setToolTip("Also show points of images that are misclassified when clean")
        self.clean_wrong.setChecked(True)
        self.clear = commands.button("show-all")
        self.legend = QLabel()
        self.legend.setToolTip(
            plain(
                "Where points are dense, misclassified ones are hatched with oblique lines, and those of images that "
                "are wrong when clean with horizontal lines"
            )
        )
        self.count = QLabel("Reading…")
        self.count.setAccessibleName("Points shown")
        self.count.setToolTip(
            plain(
                "Unchanged images equal the clean one. Their PSNR is infinite, so the table lists them but the plot "
                "cannot show them"
            )
        )
        self.only = QLabel()  # without it, "750 of 750 shown" would seem to be everything
        self.only.setAccessibleName("Class or image shown")
        self._arrange()
        self._connect()
        self._colour_legend()
        self._follow()
        if session.points is not None:  # they were read before the page was made
            self._show_count()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour_legend()
            self._name_only()  # a link keeps the colour that it had when the text was set

    def _arrange(self) -> None:
        counts = QWidget()
        row = QHBoxLayout(counts)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.count)
        row.addWidget(self.only)
        layout = FlowLayout(self, spacing=12)
        layout.setContentsMargins(8, 2, 8, 2)
        for part in (
            labelled("Class:", self.classes),
            labelled(f"{self._parameter}:", self.severities),
            labelled("Predicted:", self.predicted),
            labelled("Image:", self.image),
            labelled("Score:", self.low, "to", self.high),
            self.clean_wrong,
            self.clear,
            self.legend,
            counts,
        ):
            layout.addWidget(part)

    def _connect(self) -> None:
        session = self._session
        self.classes.currentIndexChanged.connect(self._select_class)
        self.severities.currentIndexChanged.connect(self._select_severity)
        self.predicted.currentIndexChanged.connect(lambda: session.set_filter(predicted=self.predicted.currentData()))
        self.image.editingFinished.connect(self._select_image)
        self.image.textChanged.connect(self._clear_image)
        self.low.valueChanged.connect(lambda value: session.set_filter(low=value))
        self.high.valueChanged.connect(lambda value: session.set_filter(high=value))
        self.clean_wrong.toggled.connect(lambda on: session.set_filter(clean_wrong=on))
        self.only.linkActivated.connect(self._show_more)
        session.filter_changed.connect(self._follow)
        for signal in (session.points_changed, session.shown_changed, session.grids.changed):
            signal.connect(self._show_count)

    def _select_class(self) -> None:
        self.count.setText("Reading…")
        self._session.select_class(self.classes.currentData())

    def _select_severity(self) -> None:
        self._session.set_filter(severity_index=self.severities.currentData())

    def _select_image(self) -> None:
        text = self.image.text()
        self._session.set_filter(image=int(text) if text else None)

    def _clear_image(self, text: str) -> None:
        if not text:  # pressing the clear button does not emit editingFinished
            self._session.set_filter(image=None)

    def show_all(self) -> None:
        """Remove all filters, also those of the list."""
        self._session.view.ask(marked_only=False)
        self._session.drop_filters()

    def _follow(self) -> None:
        """Show the session's class and filter without emitting signals."""
        chosen = self._session.filter
        controls = (self.classes, self.severities, self.predicted, self.image, self.low, self.high, self.clean_wrong)
        for control in controls:
            control.blockSignals(True)
        self.classes.setCurrentIndex(self.classes.findData(self._session.class_index))
        self._name_only()
        self.severities.setCurrentIndex(self.severities.findData(chosen.severity_index))
        self.predicted.setCurrentIndex(self.predicted.findData(chosen.predicted))
        self.image.setText("" if chosen.image is None else str(chosen.image))
        self.low.setValue(chosen.low)
        self.high.setValue(chosen.high)
        self.clean_wrong.setChecked(chosen.clean_wrong)
        for control in controls:
            control.blockSignals(False)

    def _show_more(self) -> None:
        """Show all images if there is only one, or else all classes."""
        if self._session.filter.image is not None:
            self._session.set_filter(image=None)
        else:
            self._session.select_class(None)

    def _name_only(self) -> None:
        """Say that only one image or one class is shown, with a link to all of them."""
        chosen, image = self._session.class_index, self._session.filter.image
        of_class = chosen is not None and len(self._session.classes) > 1
        self.only.setVisible(image is not None or of_class)
        if image is not None:
            shown, others = f"image {image}", "all images"
        elif of_class:
            name = self._session.run.class_names[chosen]
            short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, self.classes.maximumWidth())
            shown, others = f"class {escape(short)}", "all classes"
        else:
            return
        link = self.palette().color(QPalette.ColorRole.Link).name()
        self.only.setText(f"{shown} only · <a href='all' style='color: {link}'>{others}</a>")

    def _show_count(self) -> None:
        session, points = self._session, self._session.points
        if session.class_index is None or (points is not None and points.class_index == session.class_index):
            self.count.setText(session.said)
        elif points is None:
            self.count.setText("cannot be read")

    def _colour_legend(self) -> None:
        colours = point_colours(self.palette())
        parts = [f'<b style="color: rgb{colours[kind]}">{mark}</b>&nbsp;{text}' for kind, mark, text in LEGEND]
        self.legend.setText("&nbsp; ".join(parts))
        self.clean_wrong.setIcon(ring(QColor(*colours[CLEAN_WRONG])))


def _choices(name: str, entries: list[tuple[str, int | None]]) -> QComboBox:
    """Make a drop-down list of (text, data) entries."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMaximumWidth(170)
    for text, data in entries:
        box.addItem(text, data)
    return box


def _score(name: str, value: float) -> QDoubleSpinBox:
    """Make an input field for a score."""
    box = QDoubleSpinBox()
    box.setAccessibleName(name)
    box.setToolTip(f"{name} of the predicted class")
    box.setRange(0, 1)
    box.setDecimals(3)
    box.setSingleStep(0.05)
    box.setValue(value)
    box.setKeyboardTracking(False)
    return box


def ring(colour: QColor) -> QIcon:
    """Return the symbol of points whose image is wrong when clean, as the plot draws it."""
    picture = QPixmap(14, 14)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 2))
    painter.drawEllipse(3, 3, 8, 8)
    painter.end()
    return QIcon(picture)
