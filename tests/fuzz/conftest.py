"""What `make fuzz` prints at its end; children that are processes of their own."""

import os

import pytest

from tfstab.models import child, onnx_file, weights


@pytest.fixture(autouse=True)
def new_children(monkeypatch):
    """Check models in new processes, whose CPU time is counted, and not in forks of `warm_child`."""
    for module in (weights, onnx_file):
        monkeypatch.setattr(module, "answer_of_child", child.answer_of_child)


def pytest_terminal_summary(terminalreporter):
    if "TFSTAB_FUZZ_CASES" not in os.environ:
        return
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, []) if r.when == "call"]
    counted = sorted(
        (properties["fuzz"], r.outcome) for r in reports if "fuzz" in (properties := dict(r.user_properties))
    )
    terminalreporter.section("fuzzing: cases, taken, refused, slowest (s of CPU time), most memory (MB)")
    for (name, cases, taken, refused, seconds, megabytes), outcome in counted:
        terminalreporter.line(
            f"{name:16} {cases:6,} {taken:6,} {refused:6,} {seconds:6.1f} {megabytes:6,.0f}  {outcome}"
        )
    terminalreporter.line(f"{'all':16} {sum(counts[1] for counts, _ in counted):6,}")
