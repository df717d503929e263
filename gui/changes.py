"""When a model's file changed last. No Qt in here."""

from pathlib import Path


def changed_at(path: Path) -> int:
    """Return the time of the last change of a file, or of anything in a folder, in ns; 0 if there is none."""
    if not is_there(path):
        return 0
    inside = path.rglob("*") if path.is_dir() else ()
    return max((p.stat().st_mtime_ns for p in (path, *inside) if p.exists()), default=0)


def is_there(path: Path) -> bool:
    """Return True if a file or folder exists and can be reached."""
    try:
        return path.exists()
    except OSError:
        return False
