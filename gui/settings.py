"""What the viewer remembers between starts."""

import math
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from tfstab.gui.theme import DARK, LIGHT, SYSTEM, THEMES
from tfstab.runs.files import SIDES

MOST_RECENT = 8
FIGURE_DPI = 300  # dots per inch of figures, unless another resolution was chosen
# Incremented when docks are renamed or moved, so that old layouts are not applied.
LAYOUT_VERSION = 4


class Settings:
    """Recent runs, theme, layout, rates, and the folder of new runs; and where models are, which commands tell too."""

    def __init__(self) -> None:
        self._store = QSettings(QSettings.defaultFormat(), QSettings.Scope.UserScope, "tfstab", "viewer")

    def recent(self) -> list[Path]:
        """Return the run folders opened last that still exist, latest first."""
        return [path for path in self._recent() if _is_run(path)]

    def add_recent(self, path: Path) -> None:
        """Make a run folder the latest."""
        path = path.resolve()
        paths = [path, *(other for other in self._recent() if other != path)]
        self._store.setValue("recent", [str(p) for p in paths[:MOST_RECENT]])

    def clear_recent(self) -> None:
        """Forget the run folders opened last."""
        self._store.remove("recent")

    def geometry(self) -> QByteArray | None:
        """Return the window's place, or None."""
        return self._bytes(f"window-{LAYOUT_VERSION}/geometry")

    def layout(self) -> QByteArray | None:
        """Return the layout of the docks, or None."""
        return self._bytes(f"window-{LAYOUT_VERSION}/layout")

    def save_geometry(self, geometry: QByteArray) -> None:
        """Remember the window's place."""
        self._store.setValue(f"window-{LAYOUT_VERSION}/geometry", geometry)

    def save_layout(self, layout: QByteArray) -> None:
        """Remember the layout of the docks."""
        self._store.setValue(f"window-{LAYOUT_VERSION}/layout", layout)

    def theme(self) -> str:
        """Return the chosen theme, one of `tfstab.gui.theme.THEMES`."""
        value = self._store.value("theme")
        return value if value in THEMES else SYSTEM

    def save_theme(self, theme: str) -> None:
        """Remember the chosen theme."""
        self._store.setValue("theme", theme)

    def toolbar_text(self) -> bool:
        """Return True if the toolbar shows text under its icons."""
        return str(self._store.value("toolbar-text", "true")).lower() != "false"  # an INI file returns text

    def save_toolbar_text(self, shown: bool) -> None:
        """Remember whether the toolbar shows text under its icons."""
        self._store.setValue("toolbar-text", shown)

    def figure_look(self) -> tuple[str, int]:
        """Return theme and resolution (dots per inch) of the figure saved last."""
        theme, dpi = self._store.value("figure/theme"), str(self._store.value("figure/dpi", ""))
        known = dpi.isdecimal() and len(dpi) < 5
        return str(theme) if theme in (LIGHT, DARK) else LIGHT, int(dpi) if known else FIGURE_DPI

    def save_figure_look(self, theme: str, dpi: int) -> None:
        """Remember theme and resolution of a figure."""
        self._store.setValue("figure/theme", theme)
        self._store.setValue("figure/dpi", dpi)

    def rate(self, kind: str, model: str) -> float | None:
        """Return the degraded images a second of the last run of this kind and model on this machine, or None."""
        value = self._store.value(_key("rates", f"{kind} {model}"))
        try:
            rate = float(value) if isinstance(value, str | float | int) else math.nan
        except (ValueError, OverflowError):
            return None
        return rate if 0 < rate < math.inf else None

    def remember_rate(self, kind: str, model: str, rate: float) -> None:
        """Remember the degraded images a second of a run."""
        self._store.setValue(_key("rates", f"{kind} {model}"), rate)

    def runs_folder(self) -> Path:
        """Return the folder for new runs, that of the last run."""
        value = self._store.value("runs-folder")
        return Path(value) if isinstance(value, str) and value else Path.home() / "tfstab-runs"

    def remember_runs_folder(self, folder: Path) -> None:
        """Remember the folder for new runs."""
        self._store.setValue("runs-folder", str(folder))

    def training_images(self, model: str) -> str:
        """Return the training images with which a model was hardened last; "" if none are remembered."""
        value = self._store.value(_key("training-images", model))
        return value if isinstance(value, str) else ""

    def remember_training_images(self, model: str, images: str) -> None:
        """Remember the training images of a model."""
        self._store.setValue(_key("training-images", model), images)

    def _recent(self) -> list[Path]:
        return [Path(value) for value in self._list("recent")]

    def _list(self, key: str) -> list[str]:
        # An INI file returns a list with one item as a string.
        stored = self._store.value(key, [])
        values = [stored] if isinstance(stored, str) else stored
        return [str(value) for value in values] if isinstance(values, list) else []

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None


def _is_run(path: Path) -> bool:
    """Return True if a folder still exists and has a run, or runs in folders, as an assessment or a hardening has."""
    places = ("run.json", "*/run.json", *(f"{side}/*/run.json" for side in SIDES))
    try:
        return any(any(path.glob(place)) for place in places)
    except OSError:
        return False


def _key(group: str, name: str) -> str:
    """Return a key for any name, without slashes, which would divide it into groups."""
    return f"{group}/{name.replace('/', '|').replace(chr(92), '|')}"
