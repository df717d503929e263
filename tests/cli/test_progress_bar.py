"""The progress bar of long work."""

import io

import pytest
from rich.console import Console

from tfstab.cli import output


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_note_leaves_the_figures_of_the_bar_whole(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(output, "err", Console(file=shown, width=width, force_terminal=True, color_system=None))
    with output.progress_bar() as bar:
        task = bar.add_task("measuring", total=122_234, unit="images", note="photos/" + 80 * "x" + ".png")
        bar.update(task, completed=70_000)
    last = [line for line in shown.getvalue().splitlines() if "measuring" in line][-1]
    assert "70000/122234" in last
    assert "-:--:--" in last or "0:00:0" in last
    assert "photos" in last
