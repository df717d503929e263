"""The part of the form of a new run that is about the model and the images."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from tfstab.gui.background import Background
from tfstab.gui.jobs.command_order import MODEL_OPTIONS
from tfstab.gui.jobs.preview import preview_of
from tfstab.gui.jobs.tasks import SUBJECT
from tfstab.gui.jobs.training_preview import preview_of_hardening
from tfstab.gui.widgets.jobs.forms import plain_form
from tfstab.gui.widgets.jobs.model_settings import ModelSettings
from tfstab.gui.widgets.jobs.preview_strip import PreviewStrip
from tfstab.gui.widgets.jobs.source_picker import data_picker, model_picker
from tfstab.gui.widgets.tips import plain
from tfstab.models import bundled_names, own_data
from tfstab.orders import IMAGES

WAYS = (("unchanged", None), ("crop to the model's", "crop"), ("stretch to the model's", "stretch"))
STRETCHED = "stretched if needed"  # what a run does by default with images without classes
UNDIVIDED = ("test", "train")  # what is offered for data that are not divided, whose images are the same in both
DAMAGED = (("stop", None), ("leave out", "skip"))
ALL = frozenset(SUBJECT)


class SubjectForm(QWidget):
    """Fields for the model, its options, the data, and which of the images are taken in which size.

    Signals
    -------
    model_chosen
        Another model was chosen.
    changed
        Anything else was changed.
    """

    model_chosen = Signal()
    changed = Signal()

    def __init__(self, background: Background, parent: QWidget) -> None:
        super().__init__(parent)
        self.preview = PreviewStrip(background)
        self._shown: frozenset[str] = ALL
        self._optional: Mapping[str, str] = {}
        self._train = ""
        self.model, self.data, self.own_model = model_picker(self), data_picker(self), ModelSettings()
        self._proposed = self.data.value  # the data set that belongs to a bundled network
        self.limit = QSpinBox(maximum=10_000_000)
        self.limit.setGroupSeparatorShown(True)
        self.limit.setSpecialValueText("all")
        self.limit.setAccessibleName("How many images, 0 for all")
        self.limit.setToolTip("A sample with its share of every class; 0 takes all images")
        self.limit.setMinimumWidth(90)
        self.split = QComboBox()
        self.split.addItems(UNDIVIDED)
        self.split.setAccessibleName("Split of the data")
        self.span = QLineEdit(placeholderText="all, or A:B")
        self.span.setAccessibleName("Range of the images, as in 100:200, or one number; empty for all")
        self.span.setToolTip("Images A to B - 1 of the split, counted from 0, or one image by its number")
        self.resizing = QComboBox(editable=True, insertPolicy=QComboBox.InsertPolicy.NoInsert)
        for text, way in WAYS:
            self.resizing.addItem(text, way)
        self.resizing.setAccessibleName("Size of the images")
        self.resizing.setToolTip(
            plain(
                "Images may have any size. Crop takes the largest centred part with the model's proportions. For a "
                "model that takes any size, type one, as in crop:224 or stretch:320x240. The filter is bicubic; for "
                "another, type it too, as in stretch:bilinear (nearest, bilinear or lanczos)"
            )
        )
        self.damaged = QComboBox()
        for text, policy in DAMAGED:
            self.damaged.addItem(text, policy)
        self.damaged.setAccessibleName("Damaged files")
        self.damaged.setToolTip("What to do about image files that cannot be read; a note says how many are left out")
        self._arrange()
        self._connect()

    def show_only(self, names: Collection[str], optional: Mapping[str, str] | None = None) -> None:
        """Show the fields for these parameters.

        Parameters
        ----------
        names : collection of str
            The parameters.
        optional : mapping, optional
            Those of them that may be left empty, as in Task.
        """
        self._shown, self._optional = frozenset(names), optional or {}
        self.data.offer_nothing(self._optional.get("data", ""))
        form = self.form
        form.setRowVisible(self.model, "model" in names)
        form.setRowVisible(self.own_model, "model" in names and self.is_own)
        form.setRowVisible(self.data, "data" in names)
        form.setRowVisible(self._which, bool(self._shown & {"limit", "images", "split"}))
        shared = (self._split, self._span, (self.limit,), (self.resizing,), self._damaged)
        for name, widgets in zip(("split", "images", "limit", "resize", "damaged"), shared, strict=True):
            for widget in widgets:
                widget.setVisible(name in names)
        form.setRowVisible(self._reading, bool(self._shown & {"resize", "damaged"}))
        form.setRowVisible(self.preview, "data" in names)
        self._ask_for_preview()

    def follow_training_images(self, train: str) -> None:
        """Follow the training images of a hardening, in which its test and validation images may be."""
        if train != self._train:
            self._train = train
            self._ask_for_preview()

    @property
    def is_own(self) -> bool:
        """Whether the model is not a bundled one."""
        return self.model.value not in ("", *bundled_names())

    def lacks(self, name: str) -> bool:
        """Return True if "model" or "data" is needed and not chosen."""
        return name in self._shown - set(self._optional) and not {"model": self.model, "data": self.data}[name].value

    @property
    def images(self) -> dict[str, Any]:
        """Which images are taken, by name of parameter; None for the default."""
        typed = self.resizing.currentText().strip()
        place = self.resizing.findText(typed)
        chosen = {
            "split": self.split.currentText(),
            "limit": self.limit.value() or None,
            "images": self.span.text().strip() or None,
            "resize": self.resizing.itemData(place) if place >= 0 else typed or None,
            "damaged": self.damaged.currentData(),
        }
        return {name: value for name, value in chosen.items() if name in self._shown}

    @property
    def options(self) -> dict[str, Any]:
        """Options of the model that differ from their defaults."""
        return self.own_model.options if self.is_own and "model" in self._shown else {}

    @property
    def values(self) -> dict[str, Any]:
        """Everything, by name of parameter; None for the default."""
        source = {"model": self.model.value, "data": self.data.value or None}
        return {name: value for name, value in source.items() if name in self._shown} | self.images | self.options

    def field(self, name: str) -> QWidget | None:
        """Return the field of a parameter, or None."""
        own = {each: getattr(self.own_model, each) for each in MODEL_OPTIONS}
        images = {"split": self.split, "limit": self.limit, "images": self.span}
        images |= {"resize": self.resizing, "damaged": self.damaged}
        return ({"model": self.model.list, "data": self.data.list} | images | own).get(name)

    def fill(self, images: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        """Fill in which images are taken, and the options of the model."""
        if images.get("split"):
            if self.split.findText(images["split"]) < 0:  # it is not known yet which splits the data have
                self.split.addItem(images["split"])
            self.split.setCurrentText(images["split"])
        if "limit" in images:
            self.limit.setValue(images["limit"] or 0)
        self.span.setText(images.get("images") or "")
        self.resize_to(images.get("resize"))
        self.damaged.setCurrentIndex(max(self.damaged.findData(images.get("damaged")), 0))
        self.own_model.fill(options)

    def resize_to(self, way: str | None) -> None:
        """Choose how images are resized."""
        place = self.resizing.findData(way)
        if place >= 0:
            self.resizing.setCurrentIndex(place)
        else:
            self.resizing.setEditText(str(way))

    def _name_default_way(self) -> None:
        """Label the default size of the images by what it means for the chosen data."""
        before, typed = self.resizing.itemText(0), self.resizing.currentText()
        name = STRETCHED if self.data.value.startswith(IMAGES) else WAYS[0][0]
        self.resizing.setItemText(0, name)  # which Qt also shows in place of a size that the user has typed
        if typed not in (before, name):
            self.resizing.setEditText(typed)

    def follow_model(self) -> None:
        """Show the options of a model of the user's own, or the data set that belongs to a bundled network.

        Data that the user has chosen are kept. A model of the user's own has no data set that belongs to it, so data
        that were only proposed for the model before are taken out of the form.
        """
        data, proposed = own_data(self.model.value), self.data.value in ("", self._proposed)
        if data is not None or self.is_own:
            self._proposed = data or ""
            if proposed:
                self.data.choose(self._proposed)
        self.form.setRowVisible(self.own_model, self.is_own and "model" in self._shown)

    def _arrange(self) -> None:
        self._which = QWidget()
        which = QHBoxLayout(self._which)
        which.setContentsMargins(0, 0, 0, 0)
        split_label, span_label = QLabel("s&plit:"), QLabel("ran&ge:")
        split_label.setBuddy(self.split)
        span_label.setBuddy(self.span)
        self._split, self._span = (split_label, self.split), (span_label, self.span)
        for widget in (self.limit, span_label, self.span, split_label, self.split):
            which.addWidget(widget, 1 if widget is self.span else 0)
        which.addStretch(0)  # so that the number of images stays narrow where there is no range
        self._which.setFocusProxy(self.limit)
        self._reading = QWidget()
        reading = QHBoxLayout(self._reading)
        reading.setContentsMargins(0, 0, 0, 0)
        damaged_label = QLabel("damaged &files:")
        damaged_label.setBuddy(self.damaged)
        self._damaged = damaged_label, self.damaged
        for widget in (self.resizing, *self._damaged):
            reading.addWidget(widget, 1 if widget is self.resizing else 0)
        self.form = form = plain_form(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("M&odel:", self.model)
        form.addRow(self.own_model)
        form.addRow("&Data:", self.data)
        form.addRow("&Images:", self._which)
        form.addRow("Si&ze:", self._reading)
        form.addRow("", self.preview)
        # Qt passes the focus to a label's buddy, but not on to the focus proxy of a widget without a focus policy.
        inside = {self.model: self.model.list, self.data: self.data.list}
        for row, inner in (inside | {self._which: self.limit, self._reading: self.resizing}).items():
            label = form.labelForField(row)
            assert isinstance(label, QLabel)
            label.setBuddy(inner)

    def _offer_splits(self, splits: tuple[str, ...]) -> None:
        """Offer the splits of the data; if the chosen one is not among them, choose the first."""
        chosen, offered = self.split.currentText(), splits or UNDIVIDED
        if [self.split.itemText(k) for k in range(self.split.count())] == list(offered):
            return
        self.split.blockSignals(True)
        self.split.clear()
        self.split.addItems(offered)
        self.split.setCurrentText(chosen)
        self.split.blockSignals(False)
        if self.split.currentText() != chosen:
            self.changed.emit()

    def _ask_for_preview(self) -> None:
        if "data" in self._shown:
            model = self.model.value if "model" in self._shown else ""
            hardening = "data" in self._optional
            read = partial(preview_of_hardening, train=self._train) if hardening else preview_of
            classes = self.options.get("classes", "")
            self.preview.ask(partial(read, model, self.data.value, images=self.images, classes=classes))

    def _connect(self) -> None:
        self.preview.resize_asked.connect(self.resize_to)
        self.preview.splits_found.connect(self._offer_splits)
        self.data.changed.connect(self._name_default_way)
        self.changed.connect(self._ask_for_preview)
        self.model.changed.connect(self._ask_for_preview)
        self.model.changed.connect(self.model_chosen)
        for signal in (
            self.data.changed,
            self.own_model.changed,
            self.resizing.currentTextChanged,
            self.split.currentIndexChanged,
            self.span.textChanged,
            self.limit.valueChanged,
            self.damaged.currentIndexChanged,
        ):
            signal.connect(lambda *_: self.changed.emit())
