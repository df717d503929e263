"""A folder of runs that belong together is one item, and is followed while it grows, is damaged or disappears."""

import shutil

import pytest
from numpy_runs import classifier, dataset, sweep
from PySide6.QtWidgets import QMessageBox

from tfstab import SweepConfig
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.opening import NEW_RUN, items_of, open_folder
from tfstab.gui.widgets.bars import BarRow
from tfstab.runs.together import SIDES


def test_a_folder_of_an_assessment_and_other_runs_opens_all_of_them(open_window, together, tmp_path):
    shutil.copytree(together, tmp_path / "assessed")
    for name in ("jpeg", "search"):  # which would belong together
        shutil.copytree(together / name, tmp_path / name)
    window = open_window(tmp_path)
    assert [session.path.name for session in window.controller.sessions] == ["assessed", "jpeg", "search"]


def test_figures_of_other_images_are_not_shown_as_if_they_were_of_the_same(open_window, explained, settle, tmp_path):
    few = dataset().take(6)
    for name, config in (("noise", None), ("fog", SweepConfig(degradation="fog"))):
        sweep(tmp_path / "few" / name, config, few, classifier(fingerprint="few"))
    window = open_window(explained, tmp_path / "few", overview=True)
    session, overview = window.controller.sessions[0], window.page().overview
    assert not overview.unlike.isVisible()
    session.compared.compare([window.controller.sessions[1]])
    settle(window)
    whole = len(dataset())
    assert overview.unlike.isVisible()
    said = f"few was measured on other images: {whole} in this run, 6 in that one, 6 in common."
    assert overview.unlike.text().startswith(said)
    assert "in few (other images)" in overview.numbers[0].caption
    assert [curve.name for curve in overview.curve.curves][1:] == ["few (other images)"]
    own = ", each run on its own images"
    for block in (overview.kept, overview.curve_block, overview.classes):
        assert own in block.title.text()
    legend = overview.curve.legend.text()
    assert legend.startswith("Each run on its own images:") and "few (other images) (6 images)" in legend
    session.compared.compare([])
    settle(window)
    assert not overview.unlike.isVisible() and "few" not in overview.numbers[0].caption
    assert own not in overview.kept.title.text() + overview.curve_block.title.text()


def test_a_folder_that_grows_or_disappears_is_followed(open_window, explained, qtbot, settle, tmp_path):
    folder = shutil.copytree(explained, tmp_path / "growing", ignore=shutil.ignore_patterns("fog"))
    window = open_window(folder)
    session, page = window.controller.current, window.page()
    page.tabs.show_view("Overview")
    settle(window)
    assert [bar.label for bar in page.overview.kept.bars] == ["Gaussian noise, 9 images"]
    classes = [bar for bar in page.overview.classes.findChildren(BarRow) if not bar.isHidden()]
    assert [bar.label for bar in classes] == [c.name for c in session.computed.figures.weakest_classes]
    shutil.copytree(explained / "fog", folder / "fog")
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: len(page.overview.kept.bars) == 2)
    assert window.controller.current is session and len(page.robustness.heat_map.rows) == 2
    shutil.rmtree(folder)
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: session.gone)
    assert "no longer exists" in page.header.state.text() and len(page.overview.kept.bars) == 2


def test_a_damaged_part_leaves_out_its_degradation_only(open_window, explained, qtbot, settle, tmp_path):
    folder = shutil.copytree(explained, tmp_path / "damaged")
    (folder / "assessment.json").write_text("{}")
    part = next((folder / "fog" / "parts").iterdir())
    content = part.read_bytes()
    part.write_bytes(content[:-9])
    window = open_window(folder)
    page = window.page()
    page.tabs.show_view("Overview")
    settle(window)
    line = f"Fog is left out, because files in {folder / 'fog'} are damaged: run `tfstab assess` again"
    assert page.overview.drawn.isVisible() and page.overview.drawn.text().startswith(line)
    assert page.overview.verdict.label.text().startswith("The results for fog are damaged and left out.")
    assert len(page.overview.kept.bars) == 1 and page.overview.waiting.isHidden()
    assert page.robustness.waiting.text().startswith(line) and len(page.robustness.heat_map.rows) == 1
    assert not window.findChildren(QMessageBox)
    part.unlink()  # as the command does, which then makes it again
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: "damaged" not in page.overview.verdict.label.text())
    part.write_bytes(content)
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: len(page.overview.kept.bars) == 2)
    assert page.overview.drawn.isHidden() and len(page.robustness.heat_map.rows) == 2


@pytest.mark.parametrize("broken", ["assessment_session.compute", "assessment_session.grid_of"])
def test_an_unexpected_error_is_said_where_the_result_would_be(open_window, together, settle, monkeypatch, broken):
    def fail(*_):
        raise KeyError("surprise")

    with monkeypatch.context() as harm:
        harm.setattr(f"tfstab.gui.sessions.{broken}", fail)
        window = open_window(together, overview=True)
        page, session = window.page(), window.controller.current
        page.robustness.show_part(1)
        settle(window)
    (box,) = window.findChildren(QMessageBox)
    assert "KeyError" in box.detailedText()
    box.close()
    where = page.overview.waiting if session.computed is None else page.robustness.image_view.about
    assert "failed because of an unexpected error" in where.text()
    session.reload()
    settle(window)
    assert page.overview.waiting.isHidden() and page.robustness.image_view.about.text() == session.grid.title


def test_runs_of_several_networks_open_one_by_one(runs, together):
    assert items_of(runs) == sorted(runs / name for name in ("search", "sweep", "jpeg", "occlusion", "rain", "rgb"))
    assert items_of(runs / "sweep") == [runs / "sweep"]
    assert items_of(together.parent) == [together], "as in the folder of a hardening"


def test_images_and_models_are_no_runs_but_can_be_measured(tmp_path):
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    assert not str(open_folder(tmp_path / "photos")).endswith(NEW_RUN)
    (tmp_path / "photos" / "cat" / "1.png").touch()
    (tmp_path / "net.keras").touch()
    for name in ("photos", "net.keras"):
        assert str(open_folder(tmp_path / name)).endswith(f". {NEW_RUN}")
    (tmp_path / "photos" / "cat" / "run.json").touch()
    for damaged in ("photos", "photos/cat"):
        assert not str(open_folder(tmp_path / damaged)).endswith(NEW_RUN), "a damaged run is no folder of images"


def test_further_images_of_rare_classes_are_no_item_of_an_unfinished_assessment(together, tmp_path):
    copy = shutil.copytree(together, tmp_path / "begun")
    for name in ("sweep", "jpeg"):
        shutil.copytree(together / name, copy / "rare" / name)
    assert items_of(copy) == items_of(tmp_path) == [copy]
    assert items_of(copy / "rare") == items_of(copy / "rare" / "jpeg") == [copy], "they belong to it"


def test_an_assessment_grows_with_its_further_images_of_rare_classes_alone(together, tmp_path):
    copy = shutil.copytree(together, tmp_path / "begun")
    opened = OpenedAssessment(copy)
    before = opened.progress
    assert opened.how_far() == before
    rare = shutil.copytree(together / "jpeg", copy / "rare" / "jpeg")
    more = len(list((rare / "parts").iterdir()))
    assert opened.how_far() == (before[0] + more, before[1] + more), "the assessment is read again"


def test_a_folder_above_has_the_assessments_of_hardenings_and_no_explanations(runs, together, explained, tmp_path):
    sides = [tmp_path / "harden-digits" / side for side in SIDES]
    for side in sides:
        shutil.copytree(together, side)
    shutil.copytree(runs / "sweep", tmp_path / "sweep")
    shutil.copytree(explained / "explanation", tmp_path / "explanation-digits")
    assert items_of(tmp_path) == [*sorted(sides), tmp_path / "sweep"]
    assert items_of(sides[0].parent) == sorted(sides)
    assert items_of(tmp_path / "explanation-digits") == [tmp_path / "explanation-digits"], "opening it says where"


def test_a_damaged_run_does_not_keep_the_others_from_opening(open_window, together, qtbot, settle, tmp_path):
    copy = shutil.copytree(together, tmp_path / "copy")
    (copy / "jpeg" / "run.json").write_text("{")
    window, said = open_window(), []
    window.controller.failed.connect(lambda sentence, details: said.append(sentence))
    window.controller.open([copy])
    settle(window)
    (session,) = window.controller.sessions
    assert [family.name for family in session.computed.families] == ["occlusion", "gaussian_noise"]
    assert len(said) == 1 and said[0].startswith(f"{copy / 'jpeg' / 'run.json'} is damaged")
