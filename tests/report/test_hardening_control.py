"""How a hardening is compared with a control, as commands and as Python calls, and the time of the other training."""

from pathlib import Path

import numpy as np
import pytest

from tfstab import harden
from tfstab.orders.call import written
from tfstab.report.hardening_calls import hardening_calls
from tfstab.report.hardening_control import control_steps, larger_share_steps, minutes_of_training

ASKED = {
    "model": "my.keras",
    "data": "photos",
    "train": "more",
    "minutes": 30.0,
    "remedy": "augmix",
    "clean_share": 0.5,
}
CONTROL = {"remedy": {"name": "mixture"}, "settings": {"clean_share": 1}, "steps": 637}
HARDENED = {"remedy": {"name": "augmix"}, "steps": 637}


@pytest.mark.parametrize(
    ("card", "folder", "other", "options"),
    [
        (HARDENED, "runs/a", "runs/a-control", "--minutes=5 --clean-share=1 --steps=637 --out=runs/a-control"),
        (CONTROL, "runs/a-control", "runs/a", "--minutes=5 --remedy=augmix --steps=637 --out=runs/a"),
        (CONTROL, "runs/a", "runs/a-remedy", "--minutes=5 --remedy=augmix --steps=637 --out=runs/a-remedy"),
        (CONTROL, "-control", "-control-remedy", "--minutes=5 --remedy=augmix --steps=637 --out=-control-remedy"),
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
    assert comparison.why == "the hardened model compared with its control"
    Path(other, "hardened").mkdir(parents=True)
    assert control_steps(Path(folder), card, ASKED, 5) == [comparison], "the other one is there"


def test_the_control_and_other_trainings_are_python_calls_after_a_call(tmp_path, monkeypatch):
    """Objects are called by the names of the parameters; what is at its default is left out."""
    monkeypatch.chdir(tmp_path)
    given = {"model": object(), "data": (np.zeros(3), [1, 2, 3]), "train": "more", "remedy": "augmix", "seed": 0,
             "steps": 90, "class_names": ["good", "defect"], "against": {"fog": (10, 30.5), "jpeg": None},
             "out": Path("runs/a"), "minutes": 4}  # fmt: skip
    begins = "tfstab.harden(model, data, train='more', against={'fog': (10, 30.5), 'jpeg': None}, "
    remedy, names = "remedy='augmix', ", ", class_names=class_names"
    comparison = "tfstab.compare('runs/a-control/hardened', 'runs/a/hardened')  # the hardened model compared with its "
    hardened, of_clean = ({**card, "validation": {}} for card in (HARDENED, CONTROL))
    calls = hardening_calls(Path("runs/a"), hardened, written(harden, given), 6, 4, gained=True)
    longer, control, compared = calls
    assert longer == f"longer = {begins}{remedy}minutes=12, out='runs/a-longer'{names})  # a longer training", "than 6"
    assert control == (
        f"control = {begins}steps=637, minutes=6, out='runs/a-control'{names}, clean_share=1)  # a control: as many "
        "training steps, on clean images only"
    )
    assert compared == f"{comparison}control"
    clean = written(harden, {**given, "model": "my.keras", "data": None, "remedy": "mixture", "clean_share": 1})
    remedied, _ = hardening_calls(Path("runs/a-control"), of_clean, clean, 6, 4, gained=True)
    assert (
        remedied.startswith("hardening = tfstab.harden('my.keras', train='more', against=")
        and "clean_share" not in remedied
    )
    assert "steps=637, minutes=6, out='runs/a'" in remedied
    limit = hardening_calls(Path("runs/a"), limited(), written(harden, given), 6, 4, gained=False)[-1]
    assert "out='runs/a-keep-clean-2'" in limit and "keep_clean=2)" in limit
    Path("runs/a-control/hardened").mkdir(parents=True)
    Path("runs/a-longer/hardened").mkdir(parents=True)
    assert hardening_calls(Path("runs/a"), hardened, {}, 6, 4, gained=True) == [compared], "the others are there"
    frozen, untrained = ({**HARDENED, "cannot_train": why} for why in ("its layers are frozen", None))
    assert hardening_calls(Path("runs/a"), frozen, {}, 6, 4, gained=False) == []
    (trained,) = hardening_calls(Path("runs/a"), untrained, {"remedy": "'without_training'"}, 6, 4, gained=False)
    assert (
        trained
        == "trained = tfstab.harden(minutes=4, out='runs/a-trained')  # a model that is trained on degraded images"
    )


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


def limited(chosen=0.2, limit=1.0, lost=0.02, **entries):
    """The card of a hardening whose fine-tuned weights alone are the best, but lose so much of the clean accuracy."""
    figures = ((0.0, 0.632, 0.46), (0.2, 0.624, 0.488), (1.0, 0.632 - lost, 0.552))
    rows = [dict(zip(("share", "clean", "degraded"), row, strict=True)) for row in figures]
    settings = {"keep_clean": limit, "clean_share": 0.25}
    card = {"remedy": {"name": "mixture"}, "settings": settings, "share_of_new_weights": chosen}
    return card | {"validation": {"images": 250, "by_share": rows}} | entries


@pytest.mark.parametrize(
    ("card", "folder", "other", "option", "why"),
    [
        (limited(), "runs/a", "runs/a-keep-clean-2", " --keep-clean=2", "2 points"),
        (limited(limit=0, lost=0.01), "runs/a", "runs/a-keep-clean-1", "", "1 point"),  # the default
        (limited(lost=0.028), "runs/a-keep-clean-2", "runs/a-keep-clean-2.8", " --keep-clean=2.8", "2.8 points"),
        (limited(lost=0.028), "a-keep-clean-1.5", "a-keep-clean-2.8", " --keep-clean=2.8", "2.8 points"),
    ],
)
def test_a_limit_that_cost_a_larger_share_is_proposed_with_another_folder(
    tmp_path, monkeypatch, card, folder, other, option, why
):
    monkeypatch.chdir(tmp_path)
    (step,) = larger_share_steps(Path(folder), card, {**ASKED, "clean_share": None, "remedy": None}, 5)
    assert " ".join(step.words) == f"harden my.keras photos --train=more --minutes=5{option} --out={other}"
    assert step.why == f"a larger share of the fine-tuned weights, if {why} of clean accuracy may be lost"
    Path(other, "hardened").mkdir(parents=True)
    assert larger_share_steps(Path(folder), card, ASKED, 5) == [], "it was trained already"


@pytest.mark.parametrize(
    "card",
    [
        limited(chosen=1.0, limit=2.0),  # all are adopted
        limited(chosen=0.0, limit=0.5),  # none is
        limited() | {"settings": {"keep_clean": 1.0, "clean_share": 1}},  # a control needs the same limit
        HARDENED | {"validation": {}},  # the card does not list the averages
    ],
)
def test_no_other_limit_is_proposed(card):
    assert larger_share_steps(Path("runs/a"), card, ASKED, 5) == []
