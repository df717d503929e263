"""Progress bars of sweeps: one for a sweep; for several, one for all and one for the sweep that is running."""

from collections.abc import Sequence
from typing import Any

from rich.progress import Progress

from tfstab.sweep.progress import SweepProgress

COLUMNS: dict[str, Any] = {"unit": "images", "note": ""}  # values of the columns that are not rich's own


class SweepsWatch:
    """Shows sweeps that run one after the other.

    Parameters
    ----------
    bar : Progress
        The bars.
    sweeps : sequence of (str, int)
        Title of each sweep and its number of degraded images.
    """

    def __init__(self, bar: Progress, sweeps: Sequence[tuple[str, int]]) -> None:
        self.bar, self.sweeps = bar, sweeps
        self._place, self._before = -1, 0
        self._all = None
        if len(sweeps) > 1:
            self._all = bar.add_task(f"{len(sweeps)} sweeps", total=sum(rows for _, rows in sweeps), **COLUMNS)
        self._one = bar.add_task("", total=None, visible=False, **COLUMNS)

    def begin(self) -> None:
        """Show the next sweep."""
        self._place += 1
        title, rows = self.sweeps[self._place]
        self.bar.reset(self._one, total=rows, description=title, visible=True)

    def on_progress(self, progress: SweepProgress) -> None:
        """Show the progress of the sweep that is running."""
        note = f"clean images first: {progress.clean:,} of {progress.clean_total:,}" if progress.clean_total else ""
        self.bar.update(self._one, completed=progress.done, total=progress.total, note=note)
        self._show_all(self._rows * progress.done // max(1, progress.total))

    def finish(self) -> None:
        """Count the sweep as done; the bar of one that was stopped early stays as it is."""
        self._show_all(self._rows)
        self._before += self._rows

    @property
    def _rows(self) -> int:
        """Degraded images that were planned for the sweep that is running."""
        return self.sweeps[self._place][1]

    def _show_all(self, done: int) -> None:
        """Show the progress of all sweeps, of which the running one has so many degraded images."""
        if self._all is not None:
            note = f"{self._place + 1} of {len(self.sweeps)}"
            self.bar.update(self._all, completed=self._before + done, note=note)
