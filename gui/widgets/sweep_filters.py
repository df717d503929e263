"""What of a sweep is shown: class, sigma, images that are wrong when clean; and how many points that is."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QWidget

from tfstab.gui.points import CLEAN_WRONG, CORRECT, WRONG
from tfstab.gui.sweep_session import SweepSession
from tfstab.gui.triple import class_label
from tfstab.gui.widgets.theme import point_colours

LEGEND = ((CORRECT, "correct"), (WRONG, "misclassified"))


class SweepFilters(QWidget):
    """Sets the filters of a session."""

    def __init__(self, session: SweepSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.classes = QComboBox()
        self.classes.setAccessibleName("Class")
        for k in session.classes:
            self.classes.addItem(class_label(k, session.run.class_names), k)
        self.sigmas = QComboBox()
        self.sigmas.setAccessibleName("Sigma")
        self.sigmas.addItem("all", None)
        for s, sigma in sorted(enumerate(session.run.sigmas), key=lambda pair: pair[1]):
            self.sigmas.addItem(f"{sigma:g}", s)
        self.clean_wrong = QCheckBox("wrong when clean")
        self.clean_wrong.setToolTip("Also show the points of images that are misclassified without any noise")
        self.clean_wrong.setChecked(True)
        self.legend = QLabel()
        self.count = QLabel("Reading…")
        self.count.setAccessibleName("Points shown")
        self._arrange()
        self.classes.currentIndexChanged.connect(self._select_class)
        self.sigmas.currentIndexChanged.connect(self._select_sigma)
        self.clean_wrong.toggled.connect(session.show_clean_wrong)
        session.points_changed.connect(self._show_count)
        session.shown_changed.connect(self._show_count)
        self._colour_legend()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour_legend()

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        for text, control in (("Class:", self.classes), ("Sigma:", self.sigmas)):
            label = QLabel(text)
            label.setBuddy(control)
            layout.addWidget(label)
            layout.addWidget(control)
            layout.addSpacing(6)
        layout.addWidget(self.legend)
        layout.addSpacing(6)
        layout.addWidget(self.clean_wrong)
        layout.addStretch(1)
        layout.addWidget(self.count)

    def _select_class(self) -> None:
        self.count.setText("Reading…")
        self._session.select_class(self.classes.currentData())

    def _select_sigma(self) -> None:
        self._session.filter_sigma(self.sigmas.currentData())

    def _show_count(self) -> None:
        self.classes.setCurrentIndex(self.classes.findData(self._session.class_index))
        points = self._session.points
        if points is None:
            self.count.setText("cannot be read")
        else:
            self.count.setText(f"shown {len(self._session.shown):,} of {len(points):,}")

    def _colour_legend(self) -> None:
        colours = point_colours(self.palette())
        parts = [f'<span style="color: rgb{colours[kind]}">●</span>&nbsp;{text}' for kind, text in LEGEND]
        self.legend.setText("&nbsp; ".join(parts))
        self.clean_wrong.setIcon(ring(QColor(*colours[CLEAN_WRONG])))


def ring(colour: QColor) -> QIcon:
    """The mark of a point whose image is wrong when clean, as the plot draws it."""
    picture = QPixmap(14, 14)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 2))
    painter.drawEllipse(3, 3, 8, 8)
    painter.end()
    return QIcon(picture)
