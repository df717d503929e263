"""Clean and degraded image side by side, with the noise or difference between them."""

from collections.abc import Callable
from html import escape

import numpy as np
from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from tfstab.gui.commands import Offers
from tfstab.gui.content.colours import DIVERGING, as_levels, diverging, signed_extreme
from tfstab.gui.content.triple import Triple
from tfstab.gui.dialogs import ask_to_save
from tfstab.gui.figures import copy_pixels, save_pixels, triple_picture
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.noise_controls import NoiseControls
from tfstab.gui.widgets.tips import plain

BLINK = 250  # ms for which each of the two images is shown
UPRIGHT = 1.2  # height relative to the width from which on the images are stacked
GREY = np.repeat(np.arange(256)[:, None], 3, axis=1)
GREY_LABELS = ("0", "128", "255")
IMAGES_OF = "clean image, difference and degraded image of"


class TriplePanel(QWidget):
    """Shows a Triple; its three images zoom and move together."""

    said = Signal(str)  # a message for the status bar: the pixel under the mouse, or a file saved
    failed = Signal(str, str)  # an error: one sentence, and details
    offers_changed = Signal()  # `offers` would return something else: there are images now, or none any more

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.triple: Triple | None = None
        self._hint = hint
        self._mark = ""
        self._following = False
        self.heading = ElidedLabel(hint)
        self.clean = ImagePane("Clean image", ColourScale(GREY, GREY_LABELS))
        self.noise = ImagePane("Noise", ColourScale(DIVERGING, ("", "0", "")))
        self.degraded = ImagePane("Degraded image", ColourScale(GREY, GREY_LABELS))
        self.panes = (self.clean, self.noise, self.degraded)
        self.controls = NoiseControls()
        self._blink = QTimer(self)
        self._blink.setInterval(BLINK)
        self._showing_clean = False
        self._arrange()
        self._connect()
        self.set_triple(None)

    @property
    def limit(self) -> float:
        """Noise in grey levels that gets full colour."""
        gain = self.controls.gain
        if gain is not None:
            return 255 / gain
        largest = float(np.abs(self.triple.noise).max()) if self.triple is not None else 0.0
        return largest if largest > 0 else 1.0

    def set_triple(self, triple: Triple | None) -> None:
        """Show another triple, or the hint if None.

        Zoom is kept if the images have the same size, and blinking goes on.
        """
        same_size = triple and self.triple and triple.clean.shape == self.triple.clean.shape
        came_or_went = (triple is None) != (self.triple is None)
        self.triple = triple
        if triple is None:
            self.stop_blinking()
        self._show_heading()
        for part in (*self.panes, self.controls):
            part.setVisible(triple is not None)
        if came_or_went:
            self.offers_changed.emit()
        if triple is None:
            return
        self.controls.set_colour(triple.clean.shape[-1] == 3)
        self.clean.set_image(as_shown(triple.clean))
        self.clean.set_title(f"{triple.clean_is}:", triple.clean_says)
        self._show_noise()
        self._show_degraded()
        if not same_size:
            self.fit()

    def tell(self, text: str, more: str) -> None:
        """Show a line in place of the hint, until there is another triple. more: what its tool tip adds."""
        self.heading.setText(text)
        self.heading.setToolTip(plain(f"{text}. {more}"))

    def fit(self) -> None:
        """Undo zooming and moving."""
        for pane in self.panes:
            pane.fit()

    def set_mark(self, mark: str) -> None:
        """Show the image's mark and note, or "" for none."""
        self._mark = mark
        self._show_heading()

    def offers(self) -> Offers:
        """Return the commands that can be done with these images."""
        return {} if self.triple is None else triple_offers(self, lambda: self.triple, self.said.emit, self.failed.emit)

    def start_blinking(self) -> None:
        """Show the clean and the degraded image alternately in the same place, until `stop_blinking`."""
        if self.triple is not None and not self._blink.isActive():
            self._blink.start()
            self._turn()

    def stop_blinking(self) -> None:
        """Show the degraded image again."""
        self._blink.stop()
        self._showing_clean = False
        if self.triple is not None:
            self._show_degraded()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the images where the panel is higher than wide."""
        super().resizeEvent(event)
        upright = event.size().height() > UPRIGHT * event.size().width()
        direction = QBoxLayout.Direction.TopToBottom if upright else QBoxLayout.Direction.LeftToRight
        if direction != self._images.direction():
            self._images.setDirection(direction)
            self._top.setDirection(direction)  # there is height for the heading above the controls

    def _arrange(self) -> None:
        self._top = top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        top.addWidget(self.heading, 1)
        top.addWidget(self.controls)
        self._images = images = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        images.setSpacing(12)
        for pane in self.panes:
            images.addWidget(pane, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addLayout(top)
        layout.addLayout(images, 1)

    def _connect(self) -> None:
        self.controls.changed.connect(self._show_noise)
        self._blink.timeout.connect(self._turn)
        for pane in self.panes:
            pane.range_changed.connect(self._follow)
            pane.hovered.connect(self._tell_pixel)
            pane.left.connect(self._tell_nothing)
            pane.reset_asked.connect(self.fit)

    def _turn(self) -> None:
        """Swap clean and degraded image."""
        self._showing_clean = not self._showing_clean
        self._show_degraded()

    def _show_heading(self) -> None:
        mark = f" &nbsp;{escape(self._mark)}" if self._mark else ""
        self.heading.setText(f"<b>{escape(self.triple.title)}</b>{mark}" if self.triple else self._hint)
        self.heading.setToolTip(plain(f"{self.triple.title}  {self._mark}".strip()) if self.triple else "")

    def _show_degraded(self) -> None:
        assert self.triple is not None
        if self._showing_clean:
            self.degraded.set_image(as_shown(self.triple.clean))
            self.degraded.set_title(f"{self.triple.clean_is}:", self.triple.clean_says)
        else:
            self.degraded.set_image(as_shown(self.triple.degraded))
            self.degraded.set_title("Degraded:", self.triple.degraded_says)

    def _show_noise(self) -> None:
        if self.triple is None:
            return
        noise, limit = self.triple.noise, self.limit
        if noise.shape[-1] == 1:
            plane = noise[..., 0]
        elif self.controls.channel.currentIndex() == 0:
            plane = signed_extreme(noise)
        else:
            plane = noise[..., self.controls.channel.currentIndex() - 1]
        self.noise.set_image(diverging(plane, limit))
        self.noise.graphics.setAccessibleName(self.triple.noise_is)
        self.noise.set_title(f"{self.triple.noise_is}:", f"up to {np.abs(noise).max():.1f} grey levels")
        self.noise.scale.set_labels((f"−{limit:.3g}", "0", f"+{limit:.3g}"))

    def _follow(self, rectangle: QRectF) -> None:
        """Show the same part of the image in all three panes."""
        if self._following:
            return
        self._following = True
        for pane in self.panes:
            if pane is not self.sender():
                pane.show_range(rectangle)
        self._following = False

    def _tell_pixel(self, row: int, column: int) -> None:
        if self.triple is not None:
            t = self.triple
            pixels = (("clean", t.clean), (t.noise_is.lower(), t.noise), ("degraded", t.degraded))
            levels = "  ·  ".join(f"{what} {grey_levels(image[row, column])}" for what, image in pixels)
            self.said.emit(f"x {column}, y {row}:  {levels}  grey levels")

    def _tell_nothing(self) -> None:
        self.said.emit("")


def triple_offers(
    parent: QWidget,
    shown: Callable[[], Triple | None],
    said: Callable[[str], object],
    failed: Callable[[str, str], object],
) -> Offers:
    """Return the commands to copy and save the images shown at the moment of the command."""

    def copy() -> None:
        if triple := shown():
            copy_pixels(_side_by_side(triple))
            said(f"Copied {IMAGES_OF} {triple.title}.")

    def save() -> None:
        if triple := shown():
            pixels, what = _side_by_side(triple), f"{IMAGES_OF} {triple.title}"
            name = f"{triple.file_name}.png"
            ask_to_save(parent, what, name, "PNG (*.png)", lambda path: save_pixels(pixels, path), said, failed)

    return {"copy-images": copy, "save-images": save}


def _side_by_side(triple: Triple) -> np.ndarray:
    degraded = triple.in_files
    return triple_picture(triple.clean, degraded - triple.clean, degraded)


def as_shown(image: np.ndarray) -> np.ndarray:
    """Convert grey levels (H, W, C) to uint8 (H, W) or (H, W, 3); values beyond 0..255 are clipped."""
    levels = as_levels(image)
    return np.asarray(levels[..., 0] if levels.shape[-1] == 1 else levels)


def grey_levels(pixel: np.ndarray) -> str:
    """Format a pixel's values: "253", "-12.4" or "(12, 40, 7)"."""
    values = [str(v) if pixel.dtype == np.uint8 else f"{v:.1f}" for v in pixel]
    return values[0] if len(values) == 1 else f"({', '.join(values)})"
