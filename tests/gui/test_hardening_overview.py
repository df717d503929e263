"""The folder of a hardening: what the overviews of its networks say beside the change, and other runs in it."""

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from PySide6.QtCore import Qt

from tfstab import open_run
from tfstab.assessment.figures import Figures
from tfstab.degradations import BUILT_IN
from tfstab.gui.content.hardening import change_of
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.report.hardening_limits import LONGER_ONLY, PERHAPS_LONGER, TOO_BRIEF
from tfstab.runs.files import SIDES
from tfstab.wording import listed

IMAGES, DEGRADED = 60, 40
ASIDE = "20 of the test images were set aside to choose the weights, so they are left out here"
COMPARED = (
    "When it has ended, compare both hardened networks with the button “Compare with…”. Robustness > Other networks "
    "then shows"
)
REST = "what remains of the gain."
ADDED = "to find out what degraded images add: Clean share 0.25"
HIDDEN = "(you find them under More; all other fields are filled in already, as for this hardening)"
SHORT = "or lack of time, only 40 of the"


@pytest.fixture
def hardened(tmp_path):
    """hardened(**entries of the card) -> a folder of a hardening that is more often right, of 60 clean images and 40
    degraded ones; `clean`: how many are right when clean.
    """

    def made(clean=(24, 54), **entries):
        folder = tmp_path / "harden"
        for side, right, name in zip(SIDES, clean, ("two", "two-hardened"), strict=True):
            for family, count in (("fog", IMAGES), ("jpeg", DEGRADED)):
                shares = first_of((0.3 if side == SIDES[0] else 0.9,), count)
                sweep_of(folder / side, family, shares, severities=(20,), clean=np.arange(count) < right, name=name)
        fingerprint = open_run(folder / SIDES[1] / "fog").info["model"]["fingerprint"]
        card = {"fingerprint": fingerprint, "remedy": {"name": "mixture"}, "settings": {"clean_share": 0.25}}
        card |= {"data": {"validation": {"split": "test", "images": 20}}} | entries
        (folder / "two-hardened.json").write_text(json.dumps(card))
        for name in ("hardening.json", "two-hardened.keras"):
            (folder / name).touch()
        (folder / "comparison.json").write_text("{}")
        return folder

    return made


def told_of(folder):
    """What the overviews of both networks say about the hardening, which is the same for both."""
    networks = [Figures.of([open_run(run) for run in sorted((folder / side).iterdir())]) for side in SIDES]
    told = change_of(*networks)
    assert told == change_of(*reversed(networks)) and told.startswith("Averaged over 2 degradations")
    return told


def told_in(window, qtbot, settle):
    """What the overview says of the hardening, the same for both networks; each is clicked in the list of runs."""
    rows, said = window.run_list.list, []
    for place in range(2):
        where = rows.visualItemRect(window.run_list.runs()[place]).center()
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=where)
        settle(window)
        shown = window.page().overview.verdict.label
        qtbot.waitUntil(lambda shown=shown: "Before and after" in shown.text())
        lines = shown.text().partition("<br><br>")[0].split("<br>")
        assert all(line.startswith("The hardened network is the file") for line in lines if "is the file" in line)
        said.append(" ".join(lines))
    assert said[0] == said[1]
    return said[0]


def test_longer_training_left_out_images_and_the_file_are_told_after_the_change(open_window, qtbot, settle, hardened):
    folder = hardened()
    window = open_window(folder, overview=True)
    told = told_in(window, qtbot, settle)
    change, _, besides = told.partition(f" {TOO_BRIEF} ")
    assert "accuracy rises from 37.5 % to 95.0 %" in change and "Clean accuracy on 60 images rises" in change
    left_out = f"{ASIDE}; f{SHORT} others are compared under every degradation."
    control = "To find out how much, choose Harden… in the tab Why of the run original, with "
    told_besides = (
        f'{control}"1" in the field Clean share {HIDDEN}. {COMPARED} {REST} {left_out} The '
        f"hardened network is the file {folder / 'two-hardened.keras'}. "
    )
    assert besides.startswith(html.escape(told_besides))


@pytest.mark.parametrize(
    ("clean", "entries", "expected"),
    [
        ((54, 54), {"data": {"validation": {"split": "val", "images": 20}}}, f"F{SHORT} test images"),
        ((54, 54), {}, PERHAPS_LONGER),
        ((24, 54), {"settings": {"clean_share": 1}}, LONGER_ONLY),
        (
            (54, 54),
            {"settings": {"clean_share": 0.5, "against": {name: [0, 1] for name in BUILT_IN}}},
            f"Trained on clean images and on images degraded by the 19 built-in degradations.\n{PERHAPS_LONGER}",
        ),
        (
            (54, 54),
            {"settings": {"clean_share": 0, "against": {"rain": [0, 1], "jpeg": [100, 10]}}},
            "Trained on images degraded by JPEG compression and rain. Also measured, but not used in training: fog.",
        ),
        ((24, 54), {"cannot_train": "it is frozen"}, "to choose the remedy, so they are left out here"),
    ],
)
def test_what_is_told_depends_on_the_card(hardened, clean, entries, expected):
    told = told_of(hardened(clean, **entries))
    assert expected in told and TOO_BRIEF not in told
    assert ("longer training" in told) == ("cannot_train" not in entries)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"steps": 1647, "minutes": 2.4}, "to find out how much: Clean share 1, Steps 1647 and Minutes 4"),
        ({"steps": 1647, "minutes": 2.5}, "to find out how much: Clean share 1, Steps 1647 and Minutes 5"),
        ({"settings": {"clean_share": 1}, "steps": 80}, f"{ADDED} and Steps 80"),
        ({"settings": {"clean_share": 1}}, ADDED),
        ({"remedy": {"name": "fresh_noise"}}, "to find out how much: Remedy mixture and Clean share 1"),
        ({"steps": "many", "minutes": float("inf")}, "to find out how much: Clean share 1"),
        ({"cannot_train": "it is frozen"}, ""),
    ],
)
def test_how_to_tell_the_remedy_from_longer_training(hardened, entries, told):
    said = told_of(hardened(**entries))
    aim, _, rest = said.partition("To find out ")[2].partition(", choose Harden… in the tab Why of the run original")
    filled = re.findall(r'"([^"]+)" in the field ([A-Z][a-z]+(?: [a-z]+)?)', rest.partition(COMPARED)[0])
    fields = [f"{name.removesuffix(' and')} {value}" for value, name in filled]
    found = ": ".join(["to find out " + aim, *([listed(fields)] if fields else [])]) if aim else ""
    shown = "the difference." if "add" in told else REST
    assert found == told and (f"{COMPARED} {shown}" in said) == bool(told)


def test_harden_of_the_hardened_network_says_that_it_is_hardened(open_window, qtbot, settle, hardened):
    window = open_window(hardened(), overview=True)
    for name, warned in (("hardened", True), ("original", False)):
        session = next(each for each in window.controller.sessions if each.name == name)
        window.controller.select(session)
        settle(window)
        window.page().tabs.show_view("Why")
        settle(window)
        session.run.info["environment"]["device"] = "CPU"  # as if the model were in a file
        qtbot.mouseClick(window.page().why.harden, Qt.MouseButton.LeftButton)
        dialog = next(each for each in window.findChildren(NewRunDialog) if each.isVisible())
        assert dialog.kinds.kind == "harden" and dialog.failure.isVisible()
        assert ("the hardened one" in dialog.failure.said.text()) == warned
        assert ("as for the hardening of this run" in dialog.failure.said.text()) != warned
        assert dialog.failure.said.text().endswith("choose Harden… in the run original.") == warned
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("degraded", "said"),
    [
        (0.7, "but 3.0 points of clean accuracy are lost (6 of 200 images); the limit is 1 point (2 of 200), and "
         '"3" in the field Keep clean allows this loss.'),
        ("0.7", ""),
    ],
)  # fmt: skip
def test_what_the_limit_for_clean_accuracy_cost_is_told(hardened, degraded, said):
    figures = ((0, 0.9, 0.5), (0.3, 0.895, 0.6), (1, 0.87, degraded))
    rows = [dict(zip(("share", "clean", "degraded"), row, strict=True)) for row in figures]
    settings = {"clean_share": 0.25, "keep_clean": 1, "against": {}}
    validation = {"images": 200, "by_share": rows}
    told = told_of(hardened(share_of_new_weights=0.3, settings=settings, validation=validation))
    assert said in told and ("Because of the limit for clean accuracy" in told) == bool(said)


@pytest.mark.parametrize("entries", [{"fingerprint": "another"}, {"data": {"validation": 7}}, {"remedy": []}])
def test_the_card_of_another_network_or_a_damaged_one_tells_nothing(hardened, entries):
    told = told_of(hardened(**entries))
    assert "set aside" not in told and "longer training" not in told and "The hardened network is" not in told


@pytest.mark.parametrize(
    ("beside", "found"),
    [({}, True), ({"steps": 8}, False), ({"original": {"fingerprint": "of another"}}, False),
     ({"settings": {"clean_share": 0.25}}, False), ({"settings": "damaged"}, False)],
)  # fmt: skip
def test_a_control_that_is_there_is_not_asked_for_again(hardened, tmp_path, beside, found):
    same = {"original": {"fingerprint": "of both"}, "steps": 9}
    folder = hardened(**same)
    control = json.loads((folder / "two-hardened.json").read_text())
    control |= {"fingerprint": "of the control", "settings": {"clean_share": 1}} | beside
    (tmp_path / "longer" / SIDES[1]).mkdir(parents=True)
    (tmp_path / "longer" / "two-control.json").write_text(json.dumps(control))
    said = told_of(folder)
    there = "compare it with the run hardened in longer (a control, trained equally long) with the button"
    assert (there in said) == found and ("choose Harden… in the tab Why" in said) != found


def test_lack_of_time_is_not_told_before_the_hardening_has_ended(hardened):
    folder = hardened()
    (folder / "comparison.json").unlink()
    (folder / "two-hardened.keras").unlink()  # and a file that is gone is not named
    told = told_of(folder)
    assert (
        f"{TOO_BRIEF} To find out how much" in told
        and f"{COMPARED} {REST}\n{ASIDE}." in told
        and SHORT not in told
        and "The hardened network is" not in told
    )


def test_new_runs_are_proposed_beside_a_hardening_whose_networks_come_first(
    open_window, qtbot, settle, hardened, tmp_path
):
    folder = hardened()
    for family in ("fog", "jpeg"):  # another run that an earlier version proposed to put there
        sweep_of(folder / "assess-two-hardened", family, first_of((0.5,), 12), name="another")
    window = open_window(folder, overview=True)
    names = [session.name for session in window.controller.sessions]
    assert names == ["hardened", "original", "assess-two-hardened"] and window.controller.current.name == "hardened"
    assert "Before and after hardening" in told_in(window, qtbot, settle)
    for item in window.run_list.runs():
        where = window.run_list.list.visualItemRect(item).center()
        qtbot.mouseClick(window.run_list.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
        settle(window)
        window.commands["new"].trigger()
        dialog = next(each for each in window.findChildren(NewRunDialog) if each.isVisible())
        assert Path(dialog.out.text()).parent == tmp_path
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
