"""An assessment keeps to its time, and uses more of it to measure more."""

import contextlib
import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from assessment_runs import PLENTY, grey_squares
from bright_network import FAMILIES, brightness, network, parts_of

import tfstab
from tfstab import Classifier, Dataset
from tfstab.assessment import parse_requirements
from tfstab.assessment.continuing import check_continued
from tfstab.assessment.opened import Assessment
from tfstab.assessment.outcomes import junit
from tfstab.assessment.results import RESULTS, earlier_seconds, measured_before
from tfstab.errors import InputError, RunError
from tfstab.report.assess import Interrupted, run_assessment

pytestmark = pytest.mark.usefixtures("few_queries")


def slowed(clock, seconds):
    """A model that takes so many seconds for an image by the clock, and the sizes of the batches that it has scored."""
    scored = []

    def slow(images):
        scored.append(len(images))
        clock.now += seconds * len(images)
        return brightness(images)

    return slow, scored


def test_a_slow_model_ends_in_time_with_what_it_has_and_goes_on_from_there(tmp_path, clock):
    slow, scored = slowed(clock, 0.002)
    states = []
    options = {"out": tmp_path / "slow", "degradations": FAMILIES, "minutes": 0.1}
    squares, network_of = grey_squares(60), network(slow, "slow")
    first = tfstab.assess(network_of, squares, on_state=states.append, **options)
    assert next(s for s in states if s.stage == "report").left > 0.3  # for the report
    kept, before = parts_of(first.path), sum(scored)
    assert kept and len(first.figures.families) == 3

    def stop_after_a_part(state):
        if state.stage == "measuring" and parts_of(first.path).keys() > kept.keys():
            raise KeyboardInterrupt

    with contextlib.suppress(Interrupted):
        tfstab.assess(network_of, squares, on_state=stop_after_a_part, **options)
    later = parts_of(first.path)
    assert kept.items() < later.items() and sum(scored) > before  # nothing was scored again, and more was scored


def test_a_slow_function_gets_small_batches_of_further_images_of_rare_classes_too(tmp_path, clock):
    """2 % of the 3.6 s are enough for 72 images."""
    slow, scored = slowed(clock, 0.001)
    every = grey_squares(900)
    rows = np.r_[np.flatnonzero(every.labels == 0), np.flatnonzero(every.labels)[:160]]
    given = {"degradations": ["contrast"], "minutes": 0.06, "search": False, "out": tmp_path}
    tfstab.assess(network(slow), every.select(np.sort(rows)), **given)
    further = tfstab.open_run(tmp_path / "rare/contrast")
    assert max(scored) <= 72 < len(further.clean.indices)


def test_whatever_is_planned_the_same_images_come_first_so_that_assessments_can_be_compared(tmp_path, clock):
    """A model for which there is less time plans fewer images."""
    slowly, _ = slowed(clock, 0.01)
    images, taken = grey_squares(120), []
    for name, function in (("slow", slowly), ("fast", brightness)):
        given = {"degradations": ["contrast"], "search": False, "out": tmp_path / name}
        (run,) = tfstab.assess(network(function, name), images, minutes=0.04, **given).runs
        taken.append(run.clean.indices[run.clean.order].tolist())
    slow, fast = taken
    assert len(slow) < len(fast) == 120 and fast[: len(slow)] == slow
    longer = tfstab.assess(network(slowly, "slow"), images, minutes=0.08, **given | {"out": tmp_path / "slow"})
    more = longer.runs[0].clean.indices[longer.runs[0].clean.order].tolist()
    assert len(more) > len(slow) and more == fast[: len(more)], "a run that grows takes the next images"


def test_it_goes_on_with_more_images_and_degradations_and_with_fewer(tmp_path, clock):
    """The search keeps its images, although another family now says in which order images come."""
    images = grey_squares(60)
    options = {"minutes": 0.05, "out": tmp_path / "some"}
    first = tfstab.assess(network(), images.take(30), degradations=["fog", "fog"], **options)
    searched = {run.kind: run for run in first.runs}["search"].images
    more = tfstab.assess(network(), images, degradations=["gaussian_noise", "fog"], **options)
    assert set(searched) <= set({run.kind: run for run in more.runs}["search"].images)
    again = tfstab.assess(network(), images.take(6), degradations=["fog"], **options | {"minutes": 0.01})
    assert again.figures.images == more.figures.images == 60


def test_it_goes_on_with_fewer_images_of_which_none_was_searched(tmp_path):
    images, model = numpy_runs.dataset(), numpy_runs.classifier()
    numpy_runs.sweep(tmp_path / "fog", tfstab.SweepConfig(degradation="fog"), images)
    numpy_runs.search(tmp_path / "search", images.select(np.array([6, 7])), queries=100)
    check_continued(tmp_path, model, images.select(np.arange(3)), seed=0)
    with pytest.raises(RunError, match="cannot be continued: it was begun with other data"):
        check_continued(tmp_path, model, replace(images, class_names=("cat", "dog", "3")), seed=0)


@pytest.mark.parametrize(("record", "kept"), [({}, 6.25), ({"report_seconds": 8}, 10), ({"report_seconds": 99}, 15)])
def test_the_report_has_a_quarter_more_time_than_the_one_before_but_at_most_a_quarter_of_all(
    record, kept, squares, tmp_path, monkeypatch
):
    def begun(*_, reserve, **__):
        raise InterruptedError(reserve)

    (tmp_path / RESULTS).write_text(json.dumps(record))
    monkeypatch.setattr("tfstab.report.assess.Running", begun)
    with pytest.raises(InterruptedError) as told:
        tfstab.assess(network(), squares, minutes=1, out=tmp_path)
    assert told.value.args == (kept,)


@pytest.mark.parametrize("content", ["[", '{"report_seconds": 1' + "0" * 400 + "}", '{"report_seconds": "x"}', "[3]"])
def test_a_record_from_elsewhere_says_nothing_of_the_time(content, tmp_path):
    (tmp_path / "assessment.json").write_text(content)
    assert earlier_seconds(tmp_path) is None
    (tmp_path / "assessment.json").write_text(content.replace("report_", ""))
    assert measured_before(tmp_path) == 0


def test_it_goes_on_until_all_requirements_are_decided(squares, tmp_path):
    """The accuracy of six images, 83 %, is certainly not 0 %, and whether it is 70 % they cannot tell."""
    subject = SimpleNamespace(dataset=squares, classifier=network(), changed={})
    require = parse_requirements(["clean:0", "clean:70"])
    made = run_assessment(subject, minutes=PLENTY, out=tmp_path / "a", degradations=["gaussian_noise"], require=require)
    assert [run.copies_done for run in made.runs if run.kind == "sweep"] == [(20, 20)]
    record = json.loads((made.path / "assessment.json").read_text("utf-8"))
    assert [each["status"] for each in record["requirements"]] == ["met", "not decided"]
    names, near = squares.class_names, f"{squares.class_names[0]}s"
    for unknown, advice in (
        ("zebra", f"choose one of the classes with images: {', '.join(names[:-1])} or {names[-1]}."),
        (near, f"did you mean '{names[0]}'?"),
    ):
        sentence = f"requirement 'recall {unknown}:5' cannot be checked, as no image is of class {unknown}: {advice}"
        with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
            run_assessment(subject, out=tmp_path / "b", require=parse_requirements([f"recall {unknown}:5"]))
    assert not (tmp_path / "b").exists(), "said before anything is scored"


def test_a_requirement_on_clean_images_has_all_of_them_scored(tmp_path, clock):
    """Of 300 images that take a millisecond each, a tenth of three seconds would be enough for 80."""

    def function(images):
        clock.now += 0.001 * len(images)
        return np.eye(2)[(images.mean(axis=(1, 2, 3)) > 128).astype(int)]

    labels = (np.arange(300) % 25 == 0).astype(int)
    pixels = np.broadcast_to((40 + 160 * labels)[:, None, None, None], (300, 4, 4, 1)).astype(np.uint8)
    pixels = pixels + (np.arange(300) % 40).astype(np.uint8)[:, None, None, None]
    parts = Dataset.from_arrays("parts", "test", pixels, labels, ("good", "defect"))
    slow = Classifier.from_function(function, (4, 4, 1), 2, fingerprint="slow", name="slow")
    given = SimpleNamespace(dataset=parts, classifier=slow, changed={})
    required = parse_requirements(["recall defect:80"])
    options = {"minutes": 0.05, "degradations": ["fog"], "search": False}
    made = run_assessment(given, out=tmp_path / "runs", require=required, **options)
    assert (
        made.figures.images == 300 and "12 clean images of class defect" in made.check(["recall defect:80"])[0].sentence
    )
    in_python = tfstab.assess(slow, parts, out=tmp_path / "python", require=["recall defect:80"], **options)
    assert in_python.figures.images == 300 and in_python.outcomes == in_python.check(["recall defect:80"])
    assert 'name="tfstab assess: slow"' in junit(in_python.outcomes)
    later = Assessment(in_python.path, planned=["fog", "jpeg"])
    (undecided,) = later.check(["jpeg:50"])
    assert undecided.status == "not decided" and undecided.sentence.endswith("it more minutes.")
    with pytest.raises(InputError, match=r"the requirements are the text 'clean:9'; expected a list, such as"):
        tfstab.assess(slow, parts, out=tmp_path / "text", require="clean:9")
