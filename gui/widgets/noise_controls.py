"""Controls for colouring noise: the gain, and the channel to show."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSlider, QWidget

from tfstab.gui.widgets.view_keys import keep_arrows

STEPS = 10  # slider steps per doubling of the gain
MOST = 64  # largest gain
CHANNELS = ("strongest", "red", "green", "blue")


class NoiseControls(QWidget):
    """Gain slider, "fit", "true scale", and the choice of a channel.

    "fit" gives full colour to the largest difference in the image; "true scale" to a difference of 255 grey levels; the
    slider to a difference of 255 / gain grey levels.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fit = QCheckBox("fit")
        self.fit.setAccessibleName("Fit the colours to this image")
        self.fit.setToolTip("Give full colour to the largest difference in this image")
        self.fit.setChecked(True)
        self.true_scale = QCheckBox("true scale")
        self.true_scale.setToolTip("Use the scale of the images: full colour for a difference of 255 grey levels")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Gain of the colours")
        keep_arrows(self.slider)
        self.slider.setRange(0, STEPS * (MOST.bit_length() - 1))
        self.slider.setPageStep(STEPS)
        self.slider.setValue(3 * STEPS)
        self.slider.setFixedWidth(96)
        self.slider.setToolTip("How much differences are amplified")
        self.value = QLabel()
        self.value.setFixedWidth(self.fontMetrics().horizontalAdvance("× 64.0 "))
        self.channel = QComboBox()
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("Channel to show; strongest: at each pixel, the channel with the largest difference")
        self.channel.addItems(CHANNELS)
        self._channel_label = QLabel("Channel:")
        self._channel_label.setBuddy(self.channel)
        self._arrange()
        self.fit.toggled.connect(self._choose_fit)
        self.true_scale.toggled.connect(self._choose_true)
        self.slider.valueChanged.connect(self._choose_gain)
        self.channel.currentIndexChanged.connect(self.changed)
        self._show_gain()

    @property
    def gain(self) -> float | None:
        """Gain of the colours; None to fit them to the image."""
        if self.true_scale.isChecked():
            return 1.0
        return None if self.fit.isChecked() else float(2 ** (self.slider.value() / STEPS))

    def set_colour(self, colour: bool) -> None:
        """Show the choice of a channel if the image has colour."""
        for control in (self.channel, self._channel_label):
            control.setVisible(colour)

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        label = QLabel("Gain:")
        label.setBuddy(self.slider)
        for widget in (self._channel_label, self.channel, label, self.slider, self.value, self.fit, self.true_scale):
            layout.addWidget(widget)

    def _choose_fit(self, on: bool) -> None:
        if on:
            self._set_quietly(self.true_scale, False)
        self._tell()

    def _choose_true(self, on: bool) -> None:
        if on:
            self._set_quietly(self.fit, False)
        self._tell()

    def _choose_gain(self) -> None:
        for box in (self.fit, self.true_scale):
            self._set_quietly(box, False)
        self._tell()

    def _set_quietly(self, box: QCheckBox, on: bool) -> None:
        """Tick or untick a box without emitting signals."""
        box.blockSignals(True)
        box.setChecked(on)
        box.blockSignals(False)

    def _tell(self) -> None:
        self._show_gain()
        self.changed.emit()

    def _show_gain(self) -> None:
        gain = self.gain
        self.value.setText("" if gain is None else f"× {gain:.3g}")
        self.value.setVisible(gain is not None)  # the heading beside it needs the room
