"""How far a hardening has got, for those who show or print it."""

from collections.abc import Callable
from dataclasses import dataclass

from tfstab.wording import percent


@dataclass(frozen=True)
class HardenProgress:
    """How far `harden` has got.

    Attributes
    ----------
    stage : str
        "training", or "remedies" for remedies without training; then "measuring" and "report".
    what : str
        What is trained or measured now.
    done, total : int
        Finished steps of the stage, and steps in all; both 0 if unknown.
    clean : float or None
        Accuracy on clean validation images, 0..1, after the last round of training; None before the first.
    """

    stage: str
    what: str
    done: int = 0
    total: int = 0
    clean: float | None = None

    @property
    def unit(self) -> str:
        """What `done` and `total` count: "steps", "%", "images", or nothing for the report."""
        return {"training": "steps", "remedies": "%", "report": ""}.get(self.stage, "images")

    def __str__(self) -> str:
        """Return in one line how far `harden` has got, for those who print progress."""
        what = f": {self.what}" if self.what not in ("", self.stage) else ""
        done = f"{self.done} %" if self.unit == "%" else f"{self.done:,} of {self.total:,} {self.unit}"
        count = f", {done}" if self.total else ""
        clean = "" if self.clean is None else f", clean validation accuracy {percent(self.clean, 1)}"
        return f"{self.stage}{what}{count}{clean}"


OnProgress = Callable[[HardenProgress], None]


class Tenths:
    """Observer of a hardening that passes on the beginning of each part, and each tenth of a stage.

    Parameters
    ----------
    tell : callable
        Gets a HardenProgress.
    """

    def __init__(self, tell: Callable[[HardenProgress], object]) -> None:
        self._tell = tell
        self._told: tuple[str, str, int] | None = None

    def __call__(self, progress: HardenProgress) -> None:
        """Pass it on if another part or tenth has begun since the last one."""
        tenth = 10 * progress.done // progress.total if progress.total else 0
        if (part := (progress.stage, progress.what, tenth)) != self._told:
            self._told = part
            self._tell(progress)
