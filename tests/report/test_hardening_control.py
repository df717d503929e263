"""The commands with which a hardening is compared with a control, and the time that the other training gets."""

from pathlib import Path

import pytest

from tfstab.report.hardening_control import control_steps, minutes_of_training

ASKED = {
    "model": "my.keras",
    "data": "photos",
    "train": "more",
    "minutes": 30.0,
    "remedy": "augmix",
    "clean_share": 0.5,
}
CONTROL = {"remedy": {"name": "mixture"}, "settings": {"clean_share": 1}}
HARDENED = {"remedy": {"name": "augmix"}}


@pytest.mark.parametrize(
    ("card", "folder", "other", "options"),
    [
        (HARDENED, "runs/a", "runs/a-control", "--minutes=5 --clean-share=1 --out=runs/a-control"),
        (CONTROL, "runs/a-control", "runs/a", "--minutes=5 --remedy=augmix --out=runs/a"),
        (CONTROL, "runs/a", "runs/a-remedy", "--minutes=5 --remedy=augmix --out=runs/a-remedy"),
        (CONTROL, "-control", "-control-remedy", "--minutes=5 --remedy=augmix --out=-control-remedy"),
    ],
)
def test_the_other_hardening_gets_the_same_options_and_another_folder(
    tmp_path, monkeypatch, card, folder, other, options
):
    monkeypatch.chdir(tmp_path)
    hardening, comparison = control_steps(Path(folder), card, ASKED, 5)
    assert " ".join(hardening.words) == f"harden my.keras photos --train=more {options}"
    control, remedy = (folder, other) if card is CONTROL else (other, folder)
    assert comparison.words == ["compare", f"{control}/hardened", f"{remedy}/hardened"]
    Path(other, "hardened").mkdir(parents=True)
    assert control_steps(Path(folder), card, ASKED, 5) == [comparison], "the other one is there"


def test_a_folder_is_named_as_it_is_typed_in_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, comparison = control_steps(tmp_path / "runs" / "a", HARDENED, ASKED, 5)
    assert comparison.words == ["compare", "runs/a-control/hardened", "runs/a/hardened"]
    _, comparison = control_steps(Path(), HARDENED, ASKED, 5)
    assert comparison.words == ["compare", f"{tmp_path}-control/hardened", "hardened"]


@pytest.mark.parametrize(
    ("spent", "training", "expected"),
    [
        (2.7, 2.7, 5),  # of 5 minutes, what loading has left of the 3 for training
        (2.7, 2.9, 5),
        (17.5, 2.9, 30),  # trained by an earlier call with more minutes
        (2.7, 17.8, 5),
        (0, 2.9, 1),
        (None, 2.9, 5),  # not recorded
    ],
)
def test_a_control_gets_the_time_of_the_call_that_trained(spent, training, expected):
    assert minutes_of_training({"minutes": spent}, training, 30 if training > 10 else 5) == expected
