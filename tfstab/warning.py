"""Warnings that point at the line of the user's program that led to them, not at a line of tfstab."""

import inspect
import warnings
from types import FrameType

# Modules that are not the user's program. The last two call context managers of tfstab, and modules being imported.
PASSED_OVER = ("tfstab", "contextlib", "importlib")


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn; the warning's place is the innermost line outside of tfstab that is being executed."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_back is not None and _name(frame).partition(".")[0] in PASSED_OVER:
        frame = frame.f_back
    if frame is None:  # a Python without frames
        warnings.warn(text, category, stacklevel=2)
        return
    place = frame.f_code.co_filename, frame.f_lineno, _name(frame)
    warnings.warn_explicit(text, category, *place, frame.f_globals.setdefault("__warningregistry__", {}))


def _name(frame: FrameType) -> str:
    """Return the name of the module of a frame."""
    return str(frame.f_globals.get("__name__", ""))
