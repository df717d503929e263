"""The session of an assessment by itself: what it tells and when; figures are computed when the test says."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from doubles import Held
from numpy_runs import classifier, dataset, sweep

from tfstab import SweepConfig, run_sweep
from tfstab.errors import InputError, RunError
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.explorer import Step
from tfstab.gui.content.robustness import in_words, range_of
from tfstab.gui.sessions import assessment_session as module
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.metrics import Estimate

SIGNALS = ("computed_changed", "image_changed", "grid_changed", "changed", "triple_changed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Gaussian noise on images 0 to 8, and JPEG compression of 2 to 8."""
    folder = tmp_path_factory.mktemp("session") / "assessed"
    sweep(folder / "gaussian_noise", SweepConfig(sigmas=(5, 90), copies=2))
    sweep(folder / "jpeg", SweepConfig(degradation="jpeg", severities=(60, 1)), dataset().select(np.arange(2, 9)))
    return folder


@pytest.fixture
def held(qapp):
    return Held()


@pytest.fixture
def session(held, folder):
    """A session that has not computed anything; `heard()` is what it told since the last call."""
    made, told = AssessmentSession(OpenedAssessment(folder), held), []
    for name in SIGNALS:
        getattr(made, name).connect(lambda *_, name=name: told.append(name))

    def heard():
        answer, told[:] = list(told), []
        return answer

    made.heard = heard
    return made


def test_an_image_is_chosen_once_the_figures_are_known(session, held):
    session.step(1)
    session.select_weakest()
    session.select_copy("jpeg", 0)
    session.want_grid(True)
    assert session.heard() == [] and len(held.waiting) == 1 and session.viewpoint_state()["selected"] is None
    session.select_image(4)
    session.select_image(5)
    session.restore({"selected": 3})
    assert session.viewpoint_state()["selected"] == 3 and session.image is None
    held.answer()
    assert session.heard() == ["computed_changed", "changed", "image_changed"] and session.image == 3
    assert session.computed.images == [2, 3, 4, 5, 6, 7, 8] and session.headline.endswith(" % kept")
    assert session.grid is None and len(held.waiting) == 1
    held.answer()
    assert session.heard() == ["grid_changed"] and session.grid.image == 3 == session.selected_image
    session.select_image(3)
    session.select_image(99)
    session.restore({"selected": None})
    assert session.heard() == [] and session.image == 3
    refused = {
        99: "Image 99 was not measured under any degradation. In the Explorer, any",
        True: "no selected",
        "3": "no selected",
    }
    for wrong, why in refused.items():
        with pytest.raises(InputError, match=why):
            session.restore({"selected": wrong})
    for by, image in ((1, 4), (-9, 2), (2, 4), (99, 8), (-1, 7)):
        session.step(by)
        assert session.image == image
    session.select_weakest()
    assert session.image == session.computed.weakest
    assert len(held.waiting) == session.heard().count("image_changed")
    held.answer_all()
    assert session.heard() == ["grid_changed"], "those of images that were left are not shown"
    session.want_grid(False)
    session.select_image(5)
    held.answer_all()
    assert session.grid is None and session.heard() == ["image_changed"], "nobody looks at it"
    session.want_grid(True)
    held.answer_all()
    assert session.grid.image == 5 == session.viewpoint_state()["selected"] and session.heard() == ["grid_changed"]
    session.want_grid(True)
    assert held.waiting == [], "it is there"


@pytest.mark.parametrize("visited", [True, False])
def test_an_image_that_a_viewpoint_names_is_said_if_it_was_not_measured(session, held, visited):
    if visited:
        session.restore({"selected": 99})
    else:  # only looked at in the explorer
        session.select_image(99)
    held.answer()
    assert session.image == session.computed.weakest
    assert held.said == [session.lacks(99)] * visited and "was not measured under any degradation" in session.lacks(99)


def test_an_image_that_some_degradations_lack_is_shown_under_the_others(session, held):
    session.restore({"selected": 0, "copy": ["gaussian_noise", 1]})  # images 0 and 1 have not been compressed
    session.want_grid(True)
    held.answer_all()
    assert session.image == 0 == session.grid.image and session.triple.title.startswith("Image 0, Gaussian noise")
    assert [line.name for line in session.grid.lines] == ["gaussian_noise"] and not held.said
    assert session.grid.lacks.startswith("Not measured for this image: JPEG compression. In the Explorer")
    with pytest.raises(InputError, match="no copy"):
        session.restore({"selected": 0, "copy": ["jpeg", 0]})
    for by, image in ((-1, 2), (1, 3)):
        session.step(by)
        assert session.image == image, "only images with all degradations are stepped through"
    session.select_image(1)
    session.step(1)
    held.answer_all()
    assert session.image == 2 and session.grid.lacks == "" and len(session.grid.lines) == 2


def test_an_image_stays_when_the_figures_are_computed_again(session, held, folder):
    held.answer_all()
    assert session.image == session.computed.weakest
    session.select_image(4)
    held.answer_all()
    session.heard()
    before = session.computed
    session.reload()
    held.answer()
    assert session.image == 4 and session.computed is not before
    assert session.heard() == ["computed_changed", "changed", "image_changed"]
    session.reload()
    session.run = OpenedAssessment(folder)
    held.answer()
    assert session.heard() == [], "the run was read again meanwhile"
    session.reload()
    session.stop()
    held.answer()
    assert session.heard() == [] and held.waiting == []


def test_the_copy_that_was_asked_for_last_is_shown(session, held):
    held.answer_all()
    session.select_image(4)
    held.answer_all()
    session.heard()
    session.select_copy("gaussian_noise", 1)
    session.select_copy("jpeg", 1)
    assert len(held.waiting) == 2
    held.answer(1)
    assert session.heard() == ["triple_changed"] and session.triple.title == "Image 4, JPEG compression, quality 1"
    held.answer()
    assert session.heard() == []
    # Of another image, the copy at the same severity of the same degradation is shown.
    session.step(1)
    assert session.sample == (5, Step("jpeg", 1.0)) and session.triple.title.startswith("Image 4")
    session.step(-1)
    session.step(2)
    session.heard()
    held.answer_all()
    assert session.heard() == ["triple_changed"] and session.triple.title == "Image 6, JPEG compression, quality 1"
    session.select_image(6)
    session.reload()
    held.answer_all()
    assert session.heard() == ["computed_changed", "changed", "image_changed"], "it stays"
    with pytest.raises(RunError, match="open the run of the degradation"):
        session.picture((4,))


def test_a_link_names_a_copy_of_an_image(session, held):
    held.answer_all()
    session.restore({"selected": 4, "copy": ["gaussian_noise", 1]})
    held.answer_all()
    assert session.image == 4 and session.copy == ("gaussian_noise", 1)
    assert session.triple.title.startswith("Image 4, Gaussian noise, sigma 90")
    wrong = (["fog", 0], ["jpeg", 2], ["jpeg", -1], ["jpeg", True], ["jpeg"], [], [3, 0], [["jpeg"], 0], "jpeg")
    for copy in wrong:
        with pytest.raises(InputError, match="no copy"):
            session.restore({"selected": 5, "copy": copy})
    assert session.image == 4 and session.copy == ("gaussian_noise", 1), "nothing has changed"


def test_an_image_without_the_chosen_copy_has_no_pictures(session, held, monkeypatch):
    held.answer_all()
    session.select_image(4)
    session.select_copy("jpeg", 0)
    held.answer_all()
    session.select_image(0)  # which has not been compressed
    held.answer_all()
    assert session.triple is None and session.sample == (0, None)
    session.select_image(4)
    held.answer_all()
    assert session.triple.title == "Image 4, JPEG compression, quality 60" and not held.said
    monkeypatch.setattr(module, "triple_of", lambda *_: 1 / 0)
    session.step(1)
    held.answer_all()
    assert session.triple is None and len(held.said) == 1


@pytest.mark.parametrize("error", [RunError("It is damaged."), KeyError("x")])
def test_figures_and_pictures_that_cannot_be_made_are_said(session, held, monkeypatch, error):
    def fail(*_):
        raise error

    expected = isinstance(error, RunError)
    with monkeypatch.context() as harm:
        if expected:
            harm.setattr(module, "compute", lambda run: error)
        else:
            harm.setattr(module, "compute", fail)
        session.reload()
        del held.waiting[0]
        held.answer()
    assert session.heard() == ["computed_changed"] and session.computed is None and len(held.said) == 1
    assert session.problem.startswith("It is damaged." if expected else "Computing the figures failed")
    session.want_grid(True)
    session.reload()
    held.answer()
    assert session.problem == "" and session.heard() == ["computed_changed", "changed", "image_changed"]
    monkeypatch.setattr(module, "grid_of", fail)
    session.step(1)
    session.step(-1)
    session.heard()
    held.answer()  # with the real function, of the first image, which is in view again
    assert session.grid is not None and session.heard() == ["grid_changed"]
    held.answer()
    assert session.problem == "" and session.heard() == [], "of an image that was left"
    held.answer()
    assert session.problem.startswith("Degrading the image failed") and session.heard() == ["grid_changed"]


def test_figures_that_fail_when_nobody_waits_for_them_are_not_told(session, held, folder, monkeypatch):
    def fail(_):
        raise KeyError("x")

    monkeypatch.setattr(module, "compute", fail)
    for leave in (lambda: setattr(session, "run", OpenedAssessment(folder)), session.stop):
        session.reload()
        del held.waiting[:-1]
        leave()
        held.answer()
        assert session.heard() == [] and session.problem == ""


def test_which_runs_are_the_same_assessment(session, folder, tmp_path, held):
    assert session.takes(OpenedAssessment(folder)) and session.about == "brightness on levels (test)"
    config = SweepConfig(sigmas=(5,), copies=1)
    sweep(tmp_path / "own" / "gaussian_noise", config, model=classifier(fingerprint="other"))
    other = OpenedAssessment(tmp_path / "own")
    assert not session.takes(other) and not session.takes(next(iter(other.opened.runs)))
    inside = SweepSession(next(iter(session.run.opened.runs)), held)
    assert session.obstacle(inside) == "another kind of run: sweep" and session.comparable(session)
    sweep(tmp_path / "images" / "gaussian_noise", config, dataset(seed=1))
    unlike = AssessmentSession(OpenedAssessment(tmp_path / "images"), held)
    assert session.obstacle(unlike).startswith("measured on other images of the same name")
    for of, key, value in (("model", "preprocess", "unit"), ("data", "name", "x"), ("data", "split", "train")):
        changed = OpenedAssessment(folder)
        changed.info = changed.info | {of: changed.info[of] | {key: value}}
        assert not session.takes(changed)


def test_a_folder_of_runs_tells_what_it_has_and_whether_that_has_changed(folder, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    opened = OpenedAssessment(copy)
    assert opened.extent == "9 images, 2 degradations on 7 to 9 images each"
    assert opened.how_far() == opened.progress == (3, 3)
    run_sweep(classifier(), dataset(), SweepConfig(degradation="fog"), tmp_path / "few" / "fog", degraded=4)
    assert OpenedAssessment(tmp_path / "few").extent == "9 images, 1 degradation on 4 images"
    run_sweep(classifier(), dataset(), SweepConfig(degradation="contrast"), tmp_path / "few" / "contrast")
    whole = OpenedAssessment(tmp_path / "few")
    assert whole.extent == "9 images, 2 degradations on 4 to 9 images each", "one with all images does not hide it"
    parts = (copy / "jpeg" / "parts").rename(tmp_path / "parts")
    (copy / "jpeg" / "parts").mkdir()
    without = OpenedAssessment(copy)  # as after a cancellation
    assert without.extent == "9 images, 1 degradation" and len(without.opened.figures.families) == 1
    (copy / "jpeg" / "parts").rmdir()
    parts.rename(copy / "jpeg" / "parts")
    shutil.copytree(copy / "jpeg", copy / "more")
    assert opened.how_far() == (0, -1)
    (copy / "more" / "run.json").write_text("{")
    damaged = OpenedAssessment(copy)
    assert len(damaged.damaged) == 1 and damaged.how_far() == (3, 3)
    info = json.loads((copy / "jpeg" / "run.json").read_text())
    (copy / "jpeg" / "run.json").write_text(json.dumps(info | {"seed": 5}))
    assert damaged.how_far() == (0, -1), "one of its runs is another one"
    for name in ("gaussian_noise", "jpeg", "more"):
        shutil.rmtree(copy / name)
    assert damaged.how_far() is None
    copy.rmdir()
    assert damaged.how_far() is None


def test_a_run_that_cannot_be_opened_is_said(held, folder, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "jpeg" / "run.json").write_text("{")
    session = AssessmentSession(OpenedAssessment(copy), held)
    assert len(held.said) == 1 and "run.json is damaged" in held.said[0]
    held.answer_all()
    assert session.computed.images == list(range(9))


def test_pairs_of_compared_assessments_follow_their_figures(session, held, folder, tmp_path, monkeypatch):
    paired = "tfstab.gui.sessions.compared_assessments.pair_of_assessments"
    monkeypatch.setattr(paired, lambda own, theirs, name: (own, theirs, name))  # the real one takes a second
    copy = shutil.copytree(folder, tmp_path / "copy")
    other = AssessmentSession(OpenedAssessment(copy), held)
    compared, told = session.compared, []
    compared.changed.connect(lambda: told.append(compared.problem))
    held.answer()
    told.clear()
    compared.compare([other])
    assert told == [""] and compared.pairings == [] and len(held.waiting) == 1, "the other is being computed"
    compute, done, _ = held.waiting.pop()
    done(RunError("It is damaged."))
    assert told[1:] == ["copy: It is damaged."] and held.waiting == []
    done(compute())
    held.answer()
    assert told[2:] == ["", ""]
    assert compared.pairings == [(session.computed.figures, other.computed.figures, "copy")]
    assert compared.name_of(session) == "assessed"
    session.computed_changed.emit()
    assert compared.pairings == []
    compared.compare([])
    held.answer_all()
    assert compared.pairings == [], "it is compared no more"
    for error, said in ((RunError("They differ."), "They differ."), (KeyError("x"), "Comparing the images failed")):

        def fail(*_, error=error):
            raise error

        monkeypatch.setattr(paired, fail)
        compared.compare([other])
        held.answer_all()
        assert compared.pairings == [] and told[-1].startswith(said) and compared.problem == told[-1]
        compared.compare([])
        assert compared.problem == ""


def test_images_are_lost_that_are_right_when_clean_and_wrong_in_any_copy(session, held):
    held.answer_all()
    for row, family in zip(session.computed.families, session.computed.figures.families, strict=True):
        run = family.run
        samples = run.samples().to_pandas()
        samples["wrong"] = samples.predicted != samples.class_index
        wrong = samples[samples.image.isin(run.clean.indices[run.clean.correct])].groupby(["severity_index", "image"])
        lost = wrong.wrong.any().groupby("severity_index").sum()
        assert row.name == family.name
        assert [cell.severity_index for cell in row.cells] == run.config.mildest_first.tolist()
        assert {cell.severity_index: cell.lost for cell in row.cells} == lost.to_dict()
        assert lost.sum() > 0 or family.name == "jpeg"
    rows = {row.name: in_words(row, row.cells[0]) for row in session.computed.families}
    assert rows["gaussian_noise"].startswith("Gaussian noise, sigma 5 grey levels: ")
    assert rows["jpeg"].startswith("JPEG compression, quality 60: ") and range_of(Estimate(math.nan, 0, 1)) == "–"
