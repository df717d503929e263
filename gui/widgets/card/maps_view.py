"""Which pixels speak for the true class: attribution maps over the image, with a slider between the two."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from tfstab.gui.content.colours import diverging
from tfstab.gui.content.triple import Triple
from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.thumbnails import pixmap

KINDS = (("degraded", "Degraded image"), ("clean", "Clean image"), ("path", "Difference"))
STEPS, AT_FIRST = 100, 65  # of the slider: positions, and where it begins
CLIPPED = 99.5  # percentile of the map that gets full colour, because single pixels stand out far
SIDE = 200  # pixels of the picture, at most


class MapsView(QWidget):
    """The maps of one image; the slider blends from the image to the map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._triple: Triple | None = None
        self._maps: dict[str, NDArray[np.float32]] = {}
        self._classes = "", ""
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Map of")
        self.kind.setMinimumWidth(1)
        for name, text in KINDS:
            self.kind.addItem(text, name)
        self.blend = QSlider(Qt.Orientation.Horizontal)
        self.blend.setRange(0, STEPS)
        self.blend.setValue(AT_FIRST)
        self.blend.setAccessibleName("From the image to the map")
        self.blend.setToolTip("Image at the left, map at the right")
        self.says = Caption()
        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        controls.addWidget(self.kind)
        controls.addWidget(self.blend, 1)
        fill_column(self, self.picture, controls, self.says, spacing=SPACE // 2)
        self.kind.currentIndexChanged.connect(self._draw)
        self.blend.valueChanged.connect(self._draw)

    def set_maps(self, triple: Triple, maps: dict[str, NDArray[np.float32]], actual: str, rival: str) -> None:
        """Show the maps (H, W) "clean", "degraded" and "path" of the margin of the true class over a rival."""
        self._triple, self._maps, self._classes = triple, maps, (actual, rival)
        self._draw()

    def blank(self) -> None:
        """Show an empty square until there are maps again."""
        self._triple = None
        empty = self.picture.pixmap().copy()
        empty.fill(Qt.GlobalColor.transparent)
        self.picture.setPixmap(empty)

    def sizeHint(self) -> QSize:
        """Return the height of picture, controls and caption."""
        return QSize(SIDE, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the picture follow the width."""
        super().resizeEvent(event)
        self._draw()

    def _draw(self) -> None:
        triple = self._triple
        if triple is None:
            return
        name, (actual, rival) = self.kind.currentData(), self._classes
        image = triple.clean if name == "clean" else triple.degraded
        blended = blend(image, self._maps[name], self.blend.value() / STEPS)
        side = max(1, min(self.width(), SIDE))
        self.picture.setPixmap(pixmap(blended, side, self.devicePixelRatioF()))
        if name == "path":
            self.says.setText(f"Red: the difference speaks for {rival} here. Blue: it speaks for {actual}.")
        else:
            self.says.setText(f"Red pixels speak for {actual}, blue ones for {rival}.")


def blend(image: np.ndarray, values: NDArray[np.float32], share: float) -> NDArray[np.uint8]:
    """Return an image (H, W, C), faded to grey by a share of 0 to 1, with the map (H, W) over it, as (H, W, 3)."""
    levels = np.rint(np.asarray(image, np.float32)).clip(0, 255)
    colour = np.repeat(levels, 3, axis=2) if levels.shape[2] == 1 else levels
    grey = levels.mean(axis=2, keepdims=True)
    limit = float(np.percentile(np.abs(values), CLIPPED)) or float(np.abs(values).max()) or 1.0
    under = (1 - share) * colour + share * grey
    return np.asarray((1 - share) * under + share * diverging(values, limit), np.uint8)
