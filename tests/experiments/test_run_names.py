"""How compared runs are called in titles."""

from pathlib import Path
from types import SimpleNamespace

from tfstab.experiments.comparison_text import run_names


def test_runs_of_equal_names_are_told_apart_by_the_folders_above():
    def named(*paths):
        return run_names([SimpleNamespace(model="my-hardened", path=Path(path)) for path in paths])

    assert named("runs/a/hardened", "runs/b/hardened") == ["my-hardened (a/hardened)", "my-hardened (b/hardened)"]
    assert named("runs/a/hardened", "runs/a/other") == ["my-hardened (hardened)", "my-hardened (other)"]
    assert named("a/hardened", "a/hardened") == ["my-hardened (hardened)"] * 2
    assert named("runs/my-hardened", "runs/other") == ["my-hardened", "my-hardened (other)"]
