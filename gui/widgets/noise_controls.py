"""How noise is turned into colours: its gain, and which channel is shown."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSlider, QWidget

from tfstab.gui.widgets.view_keys import keep_arrows

STEPS = 10  # of the slider for each doubling of the gain
MOST = 64
CHANNELS = ("strongest", "red", "green", "blue")


class NoiseControls(QWidget):
    """Gain slider, "fit", true scale and channel.

    Fit: the largest noise of the image has the full colour. True scale: colours have the scale of the images, 255
    grey levels. Else the gain of the slider: 255 / gain grey levels have the full colour.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fit = QCheckBox("fit")
        self.fit.setAccessibleName("Fit the colours to this image")
        self.fit.setToolTip("The largest difference of this image gets the full colour")
        self.fit.setChecked(True)
        self.true_scale = QCheckBox("true scale")
        self.true_scale.setToolTip("Colours on the scale of the images: 255 grey levels get the full one")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Gain of the colours")
        keep_arrows(self.slider)
        self.slider.setRange(0, STEPS * (MOST.bit_length() - 1))
        self.slider.setPageStep(STEPS)
        self.slider.setValue(3 * STEPS)
        self.slider.setFixedWidth(96)
        self.slider.setToolTip("How many times the colours are amplified")
        self.value = QLabel()
        self.value.setFixedWidth(self.fontMetrics().horizontalAdvance("× 64.0 "))
        self.channel = QComboBox()
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("Which channel is shown; strongest: at each pixel the channel with the most")
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
        """None for fit."""
        if self.true_scale.isChecked():
            return 1.0
        return None if self.fit.isChecked() else float(2 ** (self.slider.value() / STEPS))

    def set_colour(self, colour: bool) -> None:
        """Whether the image has channels to choose from."""
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
        box.blockSignals(True)
        box.setChecked(on)
        box.blockSignals(False)

    def _tell(self) -> None:
        self._show_gain()
        self.changed.emit()

    def _show_gain(self) -> None:
        gain = self.gain
        self.value.setText("" if gain is None else f"× {gain:.3g}")
