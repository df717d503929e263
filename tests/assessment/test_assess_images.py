"""What an assessment says of the model and the images that it is given, and of inputs that would be better."""

import json
import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from assessment_runs import PLENTY, grey_squares
from bright_network import brightness, network
from typer.testing import CliRunner

import tfstab
from tfstab import Classifier, Dataset, open_assessment
from tfstab.assessment import parse_requirements
from tfstab.assessment.clean_sample import CleanSample
from tfstab.assessment.continuing import check_continued
from tfstab.assessment.results import RESULTS
from tfstab.cli.app import app
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.remarks import UNDIVIDED
from tfstab.errors import InputError, RunError
from tfstab.experiments.robustness import Robustness
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.report import write_report
from tfstab.report.assess import run_assessment
from tfstab.report.explain import write_page
from tfstab.report.numbers import big_numbers
from tfstab.report.robustness_tables import robustness_json
from tfstab.report.sweep_tables import severity_table

pytestmark = pytest.mark.usefixtures("few_queries")


def test_accuracy_that_is_100_percent_by_definition_has_no_interval(squares, tmp_path):
    """Images without classes have the classes that are predicted for them."""
    seen, states = network().scores(squares.images).argmax(axis=1), []
    dataset = replace(squares, labels=seen, remarks="resized to 4 x 4 (stretch), classes as predicted")
    out = tmp_path / "without"
    made = tfstab.assess(network(), dataset, minutes=PLENTY, out=out, degradations=["fog"], on_state=states.append)
    assert states[-1].images == len(squares) and not any(state.clean for state in states)
    assert big_numbers(made.figures)[0].detail == "by definition, as the images have no classes"
    said = "100 % by definition, as the images have no classes"
    assert f"clean accuracy: {said}\n" in made.runs[0].summary()
    assert severity_table(made.runs[0]).rows[0][2:6] == (len(squares), 100, None, None)
    for text in ("clean:70", "recall:60", "recall 0:60"):
        sentence = f"requirement '{text}' is about clean images, on which the accuracy is {said}: give images with"
        with pytest.raises(InputError, match=sentence):
            made.check([text])
        with pytest.raises(InputError, match=sentence):
            run_assessment(SimpleNamespace(dataset=dataset, classifier=None), require=parse_requirements([text]))
    robustness = Robustness(made.runs[:1])
    assert f"clean accuracy: {said}\n" in robustness.summary()
    assert robustness_json(robustness)["clean_accuracy"] == {"value": 1, "interval_95": [None, None]}
    evaluation = tfstab.evaluate(network(), dataset)
    assert evaluation.sentence() == f"accuracy (top-1): {said}, {len(squares)} of {len(squares)} images"
    assert evaluation.to_json()["interval_95"] == [None, None]


def test_another_model_with_other_preprocessing_is_not_taken_for_the_same_one(mnist_lenet, tmp_path):
    images, unit = numpy_runs.dataset(), mnist_lenet.with_preprocess("unit")
    run = numpy_runs.sweep(tmp_path / "fog", tfstab.SweepConfig(degradation="fog"), images)
    said = (
        rf"has results of another model \(.*\) and of other images \({images.name}, not mine\): choose another folder"
    )
    with pytest.raises(RunError, match=said):
        check_continued(tmp_path, unit, replace(images, name="mine"), seed=0)
    info = json.loads((run.path / "run.json").read_text("utf-8"))
    info["model"]["fingerprint"] = mnist_lenet.fingerprint
    (run.path / "run.json").write_text(json.dumps(info))
    with pytest.raises(RunError, match="was begun with preprocess = none, not unit; repeat its settings"):
        check_continued(tmp_path, unit, images, seed=0)


def test_a_renamed_model_that_lost_the_file_with_its_preprocessing_is_told_so(mnist_lenet, digits, tmp_path):
    before, after = tmp_path / "net.keras", tmp_path / "net2.keras"
    mnist_lenet.model.save(before)
    (tmp_path / "net.json").write_text('{"form": {"preprocess": "unit"}}')
    options = {"minutes": 0.02, "degradations": ["fog"], "out": tmp_path / "made", "as_is": True}
    tfstab.assess(before, digits.take(10), **options)
    before.rename(after)
    said = (
        "was begun with preprocess = unit, not none; repeat its settings or, if they were in net.json beside "
        f"{before}, put this file beside net2.keras as net2.json"
    )
    with pytest.raises(RunError, match=re.escape(said)):
        tfstab.assess(after, digits.take(10), **options)
    (tmp_path / "net.json").rename(tmp_path / "net2.json")
    assert tfstab.assess(after, digits.take(10), **options).figures.families


def test_a_model_that_is_never_right_is_measured_without_a_search(squares, tmp_path):
    def wrong(images):
        return np.roll(brightness(images), 1, axis=1)

    some = squares.select(np.arange(3))
    made = tfstab.assess(network(wrong, "wrong"), some, minutes=PLENTY, out=tmp_path / "w", degradations=["fog"])
    assert [run.path.name for run in made.runs] == ["fog"] and made.figures.noise is None and not made.unsearched


def test_a_report_of_assessments_does_not_warn_of_runs_that_are_partial_on_purpose(tmp_path):
    from tfstab.report import write_report

    run = tfstab.run_sweep(network(), grey_squares(60), out=tmp_path / "run", minutes=1e-6)
    given = {"minutes": 1e-6, "degradations": ["fog"], "search": False, "out": tmp_path / "assessed"}
    made = tfstab.assess(network(), grey_squares(60), **given)
    shutil.copytree(run.path, made.path / "gaussian_noise")
    assessment = tfstab.open_assessment(made.path)
    assert not run.complete and not assessment.run("gaussian_noise").complete
    pages = [
        write_report(runs, tmp_path / f"{k}.html").read_text("utf-8")
        for k, runs in enumerate(([assessment], assessment.runs, [run, assessment]))
    ]
    assert pages[0] == pages[1] and "Not finished" not in pages[0]
    assert pages[2].count("Not finished: ") == 1 == pages[2].count("Not finished: run has ")


@pytest.mark.parametrize(("name", "hinted"), [("folder:signs/train", True), ("folder:train/signs", False)])
def test_images_that_are_called_training_images_get_a_hint(squares, tmp_path, name, hinted):
    states = []
    named = replace(squares, name=name)
    made = tfstab.assess(
        network(),
        named,
        minutes=PLENTY,
        out=tmp_path / "out",
        degradations=["fog"],
        search=False,
        on_state=states.append,
    )
    said = "note: these may be training images, as their folder is called train. If the model was trained on them, it"
    assert any(line.startswith(said) for line in states[-1].lines) is hinted
    page = made.report.read_text("utf-8")
    assert ("The images of signs train may be training images" in page) is hinted
    told = CliRunner().invoke(app, ["inspect", str(made.path / "fog")]).output
    assert ("If bright was trained on them, it looks more accurate" in " ".join(told.split())) is hinted


def test_images_that_are_not_divided_may_include_training_images(squares, tmp_path):
    states, data = [], replace(squares, name="folder:photos", note=UNDIVIDED, remarks=UNDIVIDED)
    out = {"out": tmp_path / "out", "degradations": ["fog"], "search": False}
    made = tfstab.assess(network(), data, minutes=PLENTY, on_state=states.append, **out)
    said = "may include training images, as they are not divided into training and test images. If"
    assert any(line.startswith(f"note: these {said} the model was trained on some of") for line in states[-1].lines)
    page = " ".join(made.report.read_text("utf-8").split())
    assert f"The images of photos {said} bright was trained on some of them, it looks more accurate" in page
    assert "images of photos · " in page and "photos (test)" not in page and "photos, test" not in page
    assert made.run("fog").heading.startswith("fog sweep of bright on folder:photos, 6 images")


def test_a_function_that_takes_no_other_inputs_leaves_it_unknown_whether_they_are_better(tmp_path, recwarn):
    def strict(images):
        if images.max() <= 1 or images.min() < 0:
            raise ValueError("grey levels only")
        return brightness(images)

    options = {"minutes": PLENTY, "out": tmp_path / "strict", "degradations": ["fog"], "search": False}
    made = tfstab.assess(network(strict, "strict"), grey_squares(60), **options)
    told = [str(one.message) for one in recwarn if "whether other inputs fit strict better" in str(one.message)]
    assert len(told) == 1 and "(grey levels only)" in told[0]
    assert made.input_note is None is open_assessment(made.path).input_note
    assert "input_note" not in json.loads((made.path / "assessment.json").read_text("utf-8"))


def test_while_it_measures_the_folder_says_what_the_check_of_the_inputs_found(tmp_path):
    def unit(images):
        return brightness(np.minimum(images * 255, 255))

    seen = []

    def look(state):
        if state.stage == "measuring" and any(family.images for family in state.families):
            opened = open_assessment(tmp_path / "fed")
            seen.append((opened.input_note, dict(opened.advised)))

    fed = Classifier.from_function(unit, (4, 4, 1), 3, fingerprint="unit", name="unit", outputs="logits")
    options = {"minutes": PLENTY, "degradations": ["fog"], "search": False, "as_is": True, "on_state": look}
    with pytest.warns(UserWarning, match="inputs 0"):
        made = tfstab.assess(fed, grey_squares(60), out=tmp_path / "fed", **options)
    assert made.input_note and set(map(str, seen)) == {str((made.input_note, dict(made.advised)))}


def test_what_many_images_show_of_the_inputs_is_not_forgotten_because_fewer_do_not_show_it(tmp_path):
    """A sixth of the images are bright; fed 0..255, the function calls all dark, which 8 images do not show."""
    bright = np.arange(2400) % 6 == 0
    levels = np.where(bright, 200, 60)[:, None, None, None] + np.arange(2400).reshape(-1, 1, 1, 1) % 20
    images = Dataset.from_arrays("lamps", "test", np.broadcast_to(levels, (2400, 4, 4, 1)), bright.astype(np.int64))

    def scores(inputs):
        level = inputs.mean(axis=(1, 2, 3))
        logit = np.where(level > 1, -20, 20 * (level - 0.5))
        return np.stack([-logit, logit], axis=1) / 2

    fed = Classifier.from_function(scores, (4, 4, 1), 2, fingerprint="lamps", name="lamps", outputs="logits")
    sample = CleanSample(fed, images, stratified_order(images.labels), tmp_path / "run", 0, images=8, as_is=True)
    with pytest.warns(UserWarning, match=r"It is 100\.0 % with inputs 0\.\.1"):
        sample.check_rare_classes(2400)
    sample.check_inputs()
    assert "It is 100.0 % with inputs 0..1" in sample.note


def test_an_explanation_beside_an_assessment_belongs_to_it_if_model_and_images_are_the_same(tmp_path):
    settings = ExplanationConfig(copies=2, max_queries=100, only=("copies",))
    folder = tmp_path / "assess-mine"
    numpy_runs.sweep(folder / "noise")
    (folder / RESULTS).write_text("{}", "utf-8")
    assert open_assessment(folder).explanation is None
    inverted = replace(numpy_runs.dataset(), images=255 - numpy_runs.dataset().images)
    run_explanation(numpy_runs.classifier(), inverted, settings, tmp_path / "explanation-inverted")
    assert open_assessment(folder).explanation is None
    few = numpy_runs.dataset().take(4)  # the runs may have different samples
    why = run_explanation(numpy_runs.classifier(), few, settings, tmp_path / "explanation-mine")
    assert open_assessment(folder).explanation.path == why.path
    less = shutil.copytree(why.path, tmp_path / "explanation-less")
    next(less.glob("parts/*")).unlink()
    assert open_assessment(folder).explanation.path == why.path, "the one with the most results"
    write_page(why)
    told = CliRunner().invoke(app, ["report", str(folder), "--out", str(folder)])
    assert told.exit_code == 0, told.output
    page = (folder / "report.html").read_text("utf-8")
    assert 'href="../explanation-mine/report.html"' in page and "explanation of 4 images" in page
    both = [open_assessment(folder), open_assessment(shutil.copytree(folder, tmp_path / "assess-other"))]
    page = write_report(both, tmp_path / "both.html").read_text("utf-8")
    assert page.count("explanation of 4 images") == 1, "it is beside both"
