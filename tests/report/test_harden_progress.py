"""What `harden(on_progress=print)` prints: a readable log, which says that a control has clean images only."""

import pytest

from tfstab.report import harden as harden_module
from tfstab.report.harden_progress import HardenProgress, Tenths
from tfstab.training.rounds import HardeningProgress


def test_of_many_steps_the_beginning_of_each_part_and_each_tenth_is_said():
    said = []
    tell = Tenths(said.append)
    for step in range(896):
        tell(HardenProgress("training", "mixture of degradations", step, 895))
    assert [progress.done for progress in said] == [0, 90, 179, 269, 358, 448, 537, 627, 716, 806, 895]
    said.clear()
    for what, done, total in (("clean images", 0, 0), ("fog", 0, 0), ("fog", 0, 60), ("fog", 5, 60), ("fog", 6, 60),
                              ("fog", 7, 60), ("rotation", 7, 60), ("rotation", 8, 60)):  # fmt: skip
        tell(HardenProgress("measuring", what, done, total))
    assert [(one.what, one.done) for one in said] == [("clean images", 0), ("fog", 0), ("fog", 6), ("rotation", 7)]


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "mixture of degradations"), ({"clean_share": 1}, "clean images only"),
     ({"clean_share": 1, "remedy": "augmix"}, "AugMix")],
)  # fmt: skip
def test_print_gets_few_lines_and_other_observers_all(monkeypatch, mnist_lenet, digits, capsys, given, said):
    def training(*_, on_progress, **__):
        for step in range(1, 101):
            on_progress(HardeningProgress(step, 100, None))
        raise RuntimeError("trained")

    monkeypatch.setattr(harden_module, "run_hardening", training)
    monkeypatch.setattr(harden_module, "check_time", lambda *_: None)
    every = []
    for on_progress in (print, every.append):
        with pytest.raises(RuntimeError, match="trained"):
            harden_module.harden(mnist_lenet, train=digits, on_progress=on_progress, **given)
    lines = capsys.readouterr().out.splitlines()
    assert len(every) == 101 and len(lines) == 11
    assert lines[0] == f"training: {said}" and lines[1] == f"training: {said}, 10 of 100 steps"


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """Images that are divided into training and test images."""
    from tfstab import load_dataset

    monkeypatch.chdir(tmp_path)
    return load_dataset("mnist-5k").take(120)
