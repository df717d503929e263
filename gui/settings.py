"""What the viewer remembers from one start to the next."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from tfstab.gui.theme import SYSTEM, THEMES

MOST_RECENT = 8
# Raised when docks are renamed or moved, so that an old layout is not forced upon a new window.
LAYOUT_VERSION = 3


class Settings:
    """Recent runs, the window's place and the layout of its docks."""

    def __init__(self) -> None:
        self._store = QSettings(QSettings.defaultFormat(), QSettings.Scope.UserScope, "tfstab", "viewer")

    def recent(self) -> list[Path]:
        """The run folders opened last that are still there, latest first."""
        return [path for path in self._recent() if (path / "run.json").is_file()]

    def add_recent(self, path: Path) -> None:
        """Put a run folder first."""
        path = path.resolve()
        paths = [path, *(other for other in self._recent() if other != path)]
        self._store.setValue("recent", [str(p) for p in paths[:MOST_RECENT]])

    def clear_recent(self) -> None:
        self._store.remove("recent")

    def geometry(self) -> QByteArray | None:
        return self._bytes(f"window-{LAYOUT_VERSION}/geometry")

    def layout(self) -> QByteArray | None:
        return self._bytes(f"window-{LAYOUT_VERSION}/layout")

    def save_geometry(self, geometry: QByteArray) -> None:
        self._store.setValue(f"window-{LAYOUT_VERSION}/geometry", geometry)

    def save_layout(self, layout: QByteArray) -> None:
        self._store.setValue(f"window-{LAYOUT_VERSION}/layout", layout)

    def theme(self) -> str:
        """One of `tfstab.gui.theme.THEMES`."""
        value = self._store.value("theme")
        return value if value in THEMES else SYSTEM

    def save_theme(self, theme: str) -> None:
        self._store.setValue("theme", theme)

    def rate(self, kind: str, model: str) -> float | None:
        """Degraded images a second of the last run of this kind and model on this machine."""
        value = self._store.value(_key("rates", f"{kind} {model}"))
        return float(value) if isinstance(value, str | float | int) else None

    def remember_rate(self, kind: str, model: str, rate: float) -> None:
        self._store.setValue(_key("rates", f"{kind} {model}"), rate)

    def model_of(self, fingerprint: str, name: str) -> str | None:
        """The bundled name or the file of a run's model, or None where it is not known."""
        from tfstab.models import bundled_names

        value = self._store.value(_key("models", fingerprint))
        if isinstance(value, str) and (value in bundled_names() or Path(value).is_file()):
            return value
        return name if name in bundled_names() else None

    def remember_model(self, fingerprint: str, model: str) -> None:
        self._store.setValue(_key("models", fingerprint), model)

    def runs_folder(self) -> Path:
        """Where new runs go: where the last one went."""
        value = self._store.value("runs-folder")
        return Path(value) if isinstance(value, str) and value else Path.home() / "tfstab-runs"

    def remember_runs_folder(self, folder: Path) -> None:
        self._store.setValue("runs-folder", str(folder))

    def _recent(self) -> list[Path]:
        return [Path(value) for value in self._list("recent")]

    def _list(self, key: str) -> list[str]:
        # An INI file gives a list of one back as a string.
        stored = self._store.value(key, [])
        values = [stored] if isinstance(stored, str) else stored
        return [str(value) for value in values] if isinstance(values, list) else []

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None


def _key(group: str, name: str) -> str:
    """A key for any name: slashes would make groups of it."""
    return f"{group}/{name.replace('/', '|').replace(chr(92), '|')}"
