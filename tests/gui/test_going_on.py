"""How much of a run is done and what does the rest: said where the pointer rests on it, in commands of the window."""

import pytest
from assessment_runs import first_of, sweep_of

from tfstab.runs.files import SIDES

MORE = "File > Measure more…"


@pytest.fixture
def unfinished(tmp_path):
    """unfinished(folder) -> two sweeps in this folder, which lack a part each."""

    def made(folder):
        for family in ("fog", "jpeg"):
            run = sweep_of(tmp_path / folder, family, first_of((0.5,), 12), severities=(20,))
            next((run.path / "parts").iterdir()).unlink()
        return tmp_path / folder

    return made


def told(window):
    """What the tool tip of the line above the run says, in one line."""
    assert "same command" not in window.page().header.bar.toolTip()
    return window.page().header.state.toolTip().replace("\n", " ")


def test_the_rest_of_an_assessment_is_measured_by_the_menu(open_window, settle, unfinished):
    folder = unfinished("assessed")
    (folder / "assessment.json").write_text("{}")
    window = open_window(folder)
    settle(window)
    assert told(window).endswith(f"of the planned work is finished. {MORE}, with more minutes, does the rest.")
    assert window.commands["more"].isEnabled()
    window.controller.current.at_work = True
    window.controller.current.changed.emit()
    assert told(window).endswith("of the planned work is finished.")


def test_a_sweep_of_an_assessment_that_has_ended_is_measured_more_with_it(open_window, settle, unfinished):
    folder = unfinished("assessed")
    (folder / "assessment.json").write_text("{}")
    window = open_window(folder / "fog")
    settle(window)
    assert f"an assessment that has ended. {MORE} gives it more minutes" in window.page().header.bar.toolTip()
    assert window.commands["more"].isEnabled()


def test_a_hardening_is_measured_more_as_a_whole(open_window, settle, unfinished, tmp_path):
    for side in SIDES:
        unfinished(f"harden/{side}")
    (tmp_path / "harden" / "hardening.json").touch()
    window = open_window(tmp_path / "harden")
    settle(window)
    assert "choose Measure more… for it in the panel Jobs" in told(window) and MORE not in told(window)
    assert not window.commands["more"].isEnabled()


def test_where_the_menu_offers_nothing_the_tip_says_what_to_do(open_window, settle, unfinished):
    """For a folder of several runs, one of these runs, and a run of which not all options are recorded."""
    folder = unfinished("sweeps")
    window = open_window(folder)
    settle(window)
    assert not window.commands["more"].isEnabled()
    assert told(window).endswith("to measure more, open one of the runs by itself.")
    window = open_window(folder / "fog")
    settle(window)
    assert told(window).endswith(f"{MORE} does the rest.") and window.commands["more"].isEnabled()
    window.controller.current.run.info["settings"]["target"] = 1
    window.controller.current.changed.emit()
    assert told(window).endswith("choose New run… with the same settings and the same Output folder.")
