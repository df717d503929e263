"""What the viewer remembers from one start to the next."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

MOST_RECENT = 8
# Raised when docks are renamed or moved, so that an old layout is not forced upon a new window.
LAYOUT_VERSION = 1


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

    def _recent(self) -> list[Path]:
        # An INI file gives a list of one back as a string.
        stored = self._store.value("recent", [])
        values = [stored] if isinstance(stored, str) else stored
        return [Path(value) for value in values] if isinstance(values, list) else []

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None
