"""An assessment keeps to its time, is continued and interrupted without loss, and says what it found."""

import contextlib
import html
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from assessment_runs import LEVELS, PLENTY, grey_squares
from own_time import own_time
from typer.testing import CliRunner

import tfstab
from tfstab import Classifier, Dataset, open_assessment
from tfstab.assessment import noise_search, parse_requirements
from tfstab.assessment.clean_sample import CleanSample
from tfstab.assessment.continuing import check_continued, continued_note
from tfstab.assessment.opened import Assessment
from tfstab.assessment.outcomes import junit
from tfstab.assessment.results import RESULTS, earlier_seconds, earlier_settings, measured_before
from tfstab.classifier.source import Source
from tfstab.cli.app import app
from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.remarks import UNDIVIDED
from tfstab.errors import InputError, RunError
from tfstab.experiments.robustness import Robustness
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.orders.repair import repair_line
from tfstab.report.assess import Interrupted, run_assessment
from tfstab.report.explain import write_page
from tfstab.report.numbers import big_numbers
from tfstab.report.robustness_tables import robustness_json
from tfstab.report.run_report import report_page
from tfstab.report.sweep_tables import severity_table
from tfstab.runs.files import BEGUN
from tfstab.runs.known_models import known_model

FAMILIES = ("gaussian_noise", "jpeg", "fog")
QUERIES = (400, 200)


def brightness(images):
    """Class 0, 1 or 2 by how bright an image is."""
    return -np.abs(images.mean(axis=(1, 2, 3))[:, None] - LEVELS) / 10


def network(function=brightness, name="bright"):
    return Classifier.from_function(function, (4, 4, 1), 3, fingerprint=name, name=name, outputs="logits")


@pytest.fixture(scope="module", autouse=True)
def few_queries():
    """A search of a function as fast as these would be given 20,000 queries for an image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noise_search, "GENETIC", QUERIES)
        yield


@pytest.fixture
def clock():
    """The clock of a budget, to which a model's function adds the time that it would take."""
    with own_time() as clock:
        yield clock


@pytest.fixture(scope="module")
def watched(squares, tmp_path_factory):
    """A finished assessment, and the states that it showed."""
    states = []
    folder = tmp_path_factory.mktemp("assessments") / "bright"
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES, on_state=states.append)
    return made, states


def parts_of(folder):
    """The parts of all runs, with the times when they were written."""
    return {path.relative_to(folder): path.stat().st_mtime_ns for path in Path(folder).glob("*/parts/*")}


def test_there_is_a_run_for_each_part_with_figures_verdict_and_report(watched, squares):
    made, states = watched
    assert sorted(run.path.name for run in made.runs) == ["fog", "gaussian_noise", "jpeg", "search"]
    right = brightness(squares.images.astype(np.float32)).argmax(1) == squares.labels
    assert made.figures.clean == states[-1].clean and made.figures.clean.value == right.mean()
    assert 1 <= made.figures.noise.count == made.figures.noise.found == states[-1].noise.searched <= right.sum()
    assert {f.name: f.kept.value for f in states[-1].families} != {}
    shown = {f.name: f.kept for f in states[-1].families}
    assert shown == {f.name: f.kept for f in made.figures.families}
    assert made.verdict.lead.rpartition(". ")[2] in re.sub("<[^>]+>", "", made.report.read_text("utf-8"))
    first, *others = made.verdict.paragraphs
    assert made.summary().startswith("\n".join([first, "", *(f"- {one}" for one in others)]))
    assert len(others) > 0 and f"- {made.verdict.findings[-1].text}" in made.summary()
    record = json.loads((made.path / "assessment.json").read_text("utf-8"))
    assert record["verdict"]["lead"] == made.verdict.lead and record["minutes"] == PLENTY
    assert record["clean"]["value"] == right.mean() and len(record["families"]) == 3
    assert record["input_note"] is record["unsearched"] is None and record["unmeasured"] == []
    assert record["image_seconds"] > 0, "for the next call"
    assert record["settings"] == {"minutes": PLENTY, "degradation": "gaussian_noise,jpeg,fog"}


def test_runs_are_found_by_name_and_the_table_has_their_copies(watched):
    made, _ = watched
    assert made.run("fog").path.name == "fog" and made.run("search") in made.runs
    with pytest.raises(InputError, match="unknown run 'fogg': did you mean 'fog'"):
        made.run("fogg")
    table = made.to_pandas()
    jpeg, (family,) = made.run("jpeg"), [one for one in made.figures.families if one.name == "jpeg"]
    degraded = len(jpeg.samples())
    assert table.loc["jpeg", "copies"] == degraded / len(jpeg.severities) / table.loc["jpeg", "images"]
    assert table.loc["jpeg", "severity50"] == -family.severity50.value == -np.inf, "the quality falls; not reached"


def test_print_shows_a_line_for_each_degradation_and_stage(squares, tmp_path, capsys, clock):
    made = tfstab.assess(network(), squares, minutes=0.05, out=tmp_path, degradations=["fog", "jpeg"], on_state=print)
    *taken, clean, fog, jpeg, begun, done = [
        line for line in capsys.readouterr().out.splitlines() if not line.startswith("minimum noise: ")
    ]
    assert len(taken) >= 2 and clean.startswith("clean accuracy: ") and begun.startswith("every degradation has")
    assert re.fullmatch(r"fog: \d+ % \(\d+–\d+\) of the accuracy kept, 6 images; \d+ s left", fog), fog
    assert jpeg.startswith("JPEG compression: ") and done == "2 degradations measured on 6 images each"
    assert made.next_steps and str(made) == f"{made.summary()}\n\nNext: " + "\n      ".join(made.next_steps)
    assert "tfstab guide training-loop  # a more stable model: train it on degraded images" in made.next_steps[-1]


def test_a_later_reader_of_a_functions_assessment_learns_what_to_do_next(watched):
    """Calls in Python are in the report, too, and an assessment that is opened again has what was recorded."""
    made, _ = watched
    lost, *_ = calls = [step.split("  # ")[0] for step in made.next_steps]
    assert lost.startswith("tfstab.explain_failure(classifier, assessment.run(")
    again = open_assessment(made.path)
    assert [step.split("  # ")[0].rpartition("/")[2] for step in again.next_steps] == [
        call.rpartition("/")[2] for call in calls
    ], "the path of the program apart"
    assert str(again).startswith(made.summary()) and f"\n\nNext (as recorded): {lost}" in str(again)
    advice = html.unescape(made.report.read_text("utf-8").split("What to do next</h2>")[1])
    opened = f"assessment = tfstab.open_assessment({str(made.path)!r})"
    assert f"<code>import tfstab\n\n{opened}</code>" in advice
    assert all(f"<code>{step.split('  # ')[0]}</code>" in advice for step in again.next_steps)
    assert "in your own program; tfstab cannot train this model or examine its layers:</p>" in advice


def test_everything_there_is_was_measured_and_then_it_ends(watched, squares):
    made, states = watched
    copies = {run.path.name: run.copies_done for run in made.runs if run.path.name != "search"}
    assert copies == {"gaussian_noise": (20, 20), "jpeg": (1, 1), "fog": (1, 1)}
    assert all(run.complete and len(run.clean.indices) == len(squares) for run in made.runs if run.kind == "sweep")
    assert states[-1].left > 0


def test_a_first_number_of_each_family_comes_before_any_is_made_precise(watched):
    _, states = watched
    order = [next(f.name for f in s.families if f.working) for s in states if any(f.working for f in s.families)]
    assert order[:3] == ["gaussian_noise", "jpeg", "fog"]
    assert [s.stage for s in states][:2] == ["clean", "measuring"] and states[-1].stage == "finished"
    model, images, few = states[0].lines
    assert few.startswith("note: 6 images say little about the model")
    assert model.startswith("bright: 4 x 4 x 1") and images.startswith("squares: 6 images")


def test_a_notebook_shows_the_verdict_without_markup_from_names(watched):
    made, _ = watched
    assert made._repr_html_().startswith("<p>") and made._repr_html_().count("<li>") == len(made.verdict.details) > 2
    assert repr(tfstab.open_assessment(made.path)) == f"Assessment('{made.path}', 4 runs)"
    begun, kept = (
        f"continues the assessment in {made.path}",
        "the model keeps the name bright, with which it was begun",
    )
    assert continued_note(made.path, 6, "bright") == begun and continued_note(made.path, 6, "new") == f"{begun}; {kept}"
    figures, counts = made.figures, f"6 images, {len(made.figures.families)} degradations"
    assert repr(figures) == f"Figures('bright', 'squares', {counts})"
    shown = figures._repr_html_()
    assert shown.startswith(f"<p>bright on squares: {counts}, clean accuracy: ") and "<td>" in shown


def test_a_slow_model_ends_in_time_with_what_it_has_and_goes_on_from_there(tmp_path, clock):
    scored = []

    def slow(images):
        scored.append(len(images))
        clock.now += 0.002 * len(images)
        return brightness(images)

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
    scored = []

    def slow(images):
        scored.append(len(images))
        clock.now += 0.001 * len(images)
        return brightness(images)

    every = grey_squares(900)
    rows = np.r_[np.flatnonzero(every.labels == 0), np.flatnonzero(every.labels)[:160]]
    given = {"degradations": ["contrast"], "minutes": 0.06, "search": False, "out": tmp_path}
    tfstab.assess(network(slow), every.select(np.sort(rows)), **given)
    further = tfstab.open_run(tmp_path / "rare/contrast")
    assert max(scored) <= 72 < len(further.clean.indices)


def test_whatever_is_planned_the_same_images_come_first_so_that_assessments_can_be_compared(tmp_path, clock):
    """A model for which there is less time plans fewer images."""

    def slowly(images):
        clock.now += 0.01 * len(images)
        return brightness(images)

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


def test_ctrl_c_keeps_what_is_finished_and_writes_its_report(squares, tmp_path):
    def stop_at_fog(state):
        if any(family.name == "fog" and family.working for family in state.families):
            raise KeyboardInterrupt

    folder = tmp_path / "stopped"
    with pytest.raises(Interrupted) as stopped:
        tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES, on_state=stop_at_fog)
    assert stopped.value.assessment.report.exists()
    assert str(stopped.value).startswith(
        f"what is finished is kept in {folder}, and its report is {folder / 'report.html'}"
    )
    assert [f.name for f in stopped.value.assessment.figures.families] == ["gaussian_noise", "jpeg"]
    said = "2 of 3 degradations were measured; the assessment ended before it came to fog."
    assert stopped.value.assessment.summary().startswith(said) and said in (folder / "report.html").read_text("utf-8")
    opened = tfstab.open_assessment(folder)
    assert opened.unmeasured == ["fog"] and opened.figures.available == len(squares)
    assert "The assessment ended before it came to fog." in report_page(tfstab.open_assessment(folder).runs)
    kept = parts_of(folder)
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert kept.items() <= parts_of(folder).items() and len(made.figures.families) == 3
    assert not made.unmeasured and "ended before" not in made.summary()


KILLED = """
import sys; sys.path.insert(0, {tests!r})
import os, signal, test_assess as t
t.noise_search.GENETIC = t.QUERIES


def at_noise(state):
    if state.noise.searched >= 2:
        os.kill(os.getpid(), signal.SIGKILL)


given = dict(minutes=t.PLENTY, degradations=t.FAMILIES, on_state=at_noise)
t.tfstab.assess(t.network(), t.grey_squares(), out={out!r}, **given)
"""


def test_after_a_kill_it_goes_on_and_ends_like_one_that_was_not_disturbed(watched, squares, tmp_path):
    code = KILLED.format(tests=str(Path(__file__).parent), out=str(tmp_path / "killed"))
    environment = {"PYTHONPATH": str(Path(__file__).parents[1])}
    killed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False, timeout=200
    )
    assert killed.returncode == -9, killed.stderr
    recorded = {"minutes": PLENTY, "degradation": ",".join(FAMILIES)}
    assert earlier_settings(tmp_path / "killed") == recorded and not (tmp_path / "killed" / RESULTS).exists()
    with pytest.raises(RunError, match="seed = 0, not 5"):
        tfstab.assess(network(), squares, out=tmp_path / "killed", seed=5, degradations=["fog"])
    assert earlier_settings(tmp_path / "killed") == recorded, "a refused call changes nothing"
    kept = parts_of(tmp_path / "killed")
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=tmp_path / "killed", degradations=FAMILIES)
    assert kept.items() < parts_of(made.path).items()
    assert earlier_settings(made.path) == recorded and not (made.path / BEGUN).exists()
    undisturbed, _ = watched
    for run, other in zip(made.runs, undisturbed.runs, strict=True):
        if run.kind == "sweep":  # how long an image is searched depends on the speed
            assert {path.name for path in run.parts.values()} == {path.name for path in other.parts.values()}
    assert {f.name: f.kept for f in made.figures.families} == {f.name: f.kept for f in undisturbed.figures.families}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"minutes": 0}, "minutes is 0"), ({"minutes": "5"}, "minutes is '5'; expected a number"),
     ({"degradations": ["fogg"]}, "did you mean 'fog'"), ({"limit": 0}, "at least 1 is needed"),
     ({"limit": "5"}, "a sample of '5' images")],
)  # fmt: skip
def test_options_out_of_range_are_one_sentence(squares, tmp_path, options, sentence):
    with pytest.raises(InputError, match=sentence):
        tfstab.assess(network(), squares, out=tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


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


def test_a_folder_with_anything_else_is_left_alone(watched, squares, tmp_path):
    made, _ = watched
    (tmp_path / "letter.txt").write_text("mine")
    (tmp_path / "file").touch()
    for folder, sentence in (
        (tmp_path, "holds other files"), (tmp_path / "file", "is a file"), (made.path / "fog", "is a run folder"),
    ):  # fmt: skip
        with pytest.raises(RunError, match=sentence):
            tfstab.assess(network(), squares, out=folder)
    with pytest.raises(RunError, match=r"^\\udcff cannot be used as a path \(it is not UTF-8"):
        tfstab.assess(network(), squares, out="\udcff")
    (tmp_path / "taken" / "report.html").mkdir(parents=True)
    with pytest.raises(RunError, match=r"report.html is no file, and is to be written"):
        tfstab.assess(network(), squares, out=tmp_path / "taken")
    with pytest.raises(RunError, match="holds no runs"):
        tfstab.open_assessment(tmp_path)
    with pytest.raises(RunError, match="another model"):
        tfstab.assess(network(name="other"), squares, minutes=0.1, out=made.path, degradations=FAMILIES)


OTHERS = {
    "model": ({"model": network(name="another")}, "copy has results of another model"),
    "images": ({"labels": [0] * 6}, "begun with other data .* since; give the same"),
    "seed": ({"seed": 3}, "begun with seed = 0, not 3"),
}


@pytest.mark.parametrize(("others", "said"), OTHERS.values(), ids=OTHERS)
def test_what_another_model_or_other_images_gave_is_never_shown(watched, squares, tmp_path, others, said):
    """Not even if there is no time for anything, or for another degradation."""
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    before = parts_of(folder), (folder / "assessment.json").read_bytes()
    given = replace(squares, labels=np.array(others.get("labels", squares.labels)))
    model, seed = others.get("model", network()), others.get("seed", 0)
    for families in (FAMILIES, ("contrast",)):
        with pytest.raises(RunError, match=said):
            tfstab.assess(model, given, minutes=1e-6, out=folder, degradations=families, seed=seed)
    assert (parts_of(folder), (folder / "assessment.json").read_bytes()) == before


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


def test_a_run_in_the_folder_of_another_is_not_taken_for_it(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    shutil.rmtree(folder / "jpeg")
    (folder / "fog").rename(folder / "jpeg")
    with pytest.raises(RunError, match="jpeg is a run of fog, and would be taken for one of jpeg"):
        tfstab.assess(network(), squares, minutes=1e-6, out=folder, degradations=FAMILIES)


def test_a_finished_assessment_that_is_made_again_tells_the_viewer_where_the_model_is(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    model, before = network(), parts_of(folder)
    model.source = Source(str(tmp_path / "my.keras"), {})
    tfstab.assess(model, squares, minutes=1e-6, out=folder, degradations=FAMILIES)
    assert known_model(model.fingerprint)[0] == model.source.path and parts_of(folder) == before


def test_a_verdict_without_minimum_noise_says_why(watched, squares, tmp_path):
    made = tfstab.assess(network(), squares, minutes=1e-6, out=tmp_path / "short", degradations=["fog"])
    said = "The minimum noise was not searched for, because the assessment ended before the search: give it more"
    for assessment in (made, tfstab.open_assessment(made.path)):
        (finding,) = assessment.verdict.of_kind("noise")
        assert finding.text.startswith(said) and finding.text in str(assessment)
    assert said in json.loads((made.path / RESULTS).read_text("utf-8"))["unsearched"]
    assert not watched[0].unsearched and "not searched" not in str(watched[0])
    minutes = re.search(r"about (\d+) for", made.unsearched)[1]
    assert any(f"minutes={minutes}," in step for step in made.next_steps), (minutes, made.next_steps)


def test_a_damaged_part_is_left_out_and_made_again(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    harmed = [next(folder.glob(f"{name}/parts/*")) for name in ("fog", "search")]
    for part in harmed:
        part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(RunError, match=r"is damaged: run `tfstab assess` again to make it again\.$"):
        _ = tfstab.open_assessment(folder).figures
    left = Assessment(folder, skip_damaged=True)
    assert [damage.what for damage in left.damaged] == ["fog", "the minimum noise"]
    assert str(left).startswith("The results for fog and the minimum noise are damaged and left out. ")
    assert left.figures.family("fog") is None and left.figures.search is None and not left.unmeasured
    assert left.to_json()["damaged"] == ["fog", "search"]
    others = {f.name: f.kept for f in watched[0].figures.families if f.name != "fog"}
    assert others and {f.name: f.kept for f in left.figures.families} == others
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert parts_of(folder).keys() == parts_of(watched[0].path).keys()
    assert made.figures.family("fog").kept == watched[0].figures.family("fog").kept
    again = Assessment(folder, skip_damaged=True)
    assert again.damaged == [] and "damaged" not in again.to_json()


@pytest.mark.parametrize("name", ["run.json", "clean.npz"])
def test_a_run_that_cannot_be_opened_is_left_out_until_its_folder_is_deleted(watched, squares, tmp_path, name):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    (folder / "fog" / name).write_text("x")
    left = Assessment(folder, skip_damaged=True)
    ((damage,), info) = left.damaged, left.whole[0].info
    said = repair_line(damage, info)
    first = "delete the folder" if name == "run.json" else "run `tfstab assess` again"
    assert said.startswith(f"Fog is left out, because files in {folder / 'fog'} are damaged: {first}")
    compared = CliRunner().invoke(app, ["compare", str(folder), str(watched[0].path), "--json"])
    assert compared.exit_code == 0, compared.output
    (pair,) = json.loads(compared.stdout)
    assert pair["left_out"] == [said], "not also that only the other one has fog"
    assert {row["degradation"] for row in pair["Accuracy by degradation"]} == {"JPEG compression", "Gaussian noise"}
    summed = CliRunner().invoke(app, ["robustness", str(folder), "--json"])
    assert summed.exit_code == 0 and said in summed.stderr and "jpeg" in summed.stdout and "fog" not in summed.stdout
    before = parts_of(folder)
    if name == "run.json":
        with pytest.raises(RunError, match=r"fog cannot be continued, because files in it are damaged: delete this"):
            tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
        shutil.rmtree(damage.path)
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert not made.damaged and (name == "run.json" or parts_of(folder) == before)
    assert made.figures.family("fog").kept == watched[0].figures.family("fog").kept
    for run in folder.glob("*/run.json"):
        run.write_text("x")
    with pytest.raises(RunError, match="is damaged"):
        Assessment(folder, skip_damaged=True)


@pytest.mark.parametrize("classes", [(), ("--class", "0")])
def test_the_gate_fails_if_what_was_to_be_compared_cannot_be_read(watched, tmp_path, classes):
    whole = shutil.copytree(watched[0].path, tmp_path / "whole")
    copies = {name: shutil.copytree(whole, tmp_path / name) for name in ("damaged", "lost", "gone", "less")}
    (copies["damaged"] / "fog" / "clean.npz").write_text("x")
    (copies["lost"] / "jpeg" / "run.json").unlink()
    for name in ("gone", "less"):
        shutil.rmtree(copies[name] / "fog")
    record = json.loads((copies["less"] / RESULTS).read_text("utf-8"))
    record["families"] = [family for family in record["families"] if family["name"] != "fog"]
    (copies["less"] / RESULTS).write_text(json.dumps(record), "utf-8")
    found = {}
    for name, folder in copies.items():
        for pair in ([whole, folder], [folder, whole]):
            done = CliRunner().invoke(app, ["compare", *map(str, pair), *classes, "--fail-if-worse"])
            found.setdefault(name, set()).add(done.exit_code and str(done.exception))
            assert name not in ("less", "gone") or "Not compared: fog" in done.stdout
            gone = f"Fog is left out, because its folder {copies['gone'] / 'fog'} is missing: run `tfstab assess` again"
            assert (gone in done.stdout) == (name == "gone")
    again = "run `tfstab assess` again with the options of the first time, then compare again."
    said = "--fail-if-worse cannot decide, because files of the results to compare are damaged or missing"
    assert found == {
        "damaged": {f"{said} (fog in {copies['damaged']}): {again}"},
        "lost": {f"{said} (JPEG compression in {copies['lost']}): {again}"},
        "gone": {f"{said} (fog in {copies['gone']}): {again}"},
        "less": {0},
    }


@pytest.mark.parametrize(("name", "what"), [("fog", "fog"), ("search", "the minimum noise")])
def test_damage_in_a_run_that_is_not_continued_is_left_out_of_the_report(watched, squares, tmp_path, name, what):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    (folder / name / "clean.npz").write_text("x")
    states = []
    planned = [family for family in FAMILIES if family != name]
    options = {"out": folder, "degradations": planned, "search": name != "search", "on_state": states.append}
    made = tfstab.assess(network(), squares, minutes=PLENTY, **options)
    assert states[-1].stage == "finished" and [damage.what for damage in made.damaged] == [what]
    said = f"The results for {what} are damaged and left out."
    page = made.report.read_text("utf-8")
    assert (
        said in str(made)
        and f"are damaged: {'delete the folder' if name == 'search' else 'run'}" in page
        and ">JPEG compression<" in page
    )
    record = json.loads((folder / RESULTS).read_text("utf-8"))
    assert record["damaged"] == [name] and said in record["verdict"]["lead"]


def test_damaged_clean_images_are_restored_only_if_they_are_the_same(watched, squares, tmp_path):
    """One file may be that of all degradations. Which images a run was begun with may be known to it alone."""
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    for name in ("fog", "jpeg"):
        (folder / name / "clean.npz").write_text("x")
        info = json.loads((folder / name / "run.json").read_text("utf-8"))
        info["data"]["fingerprint"] = "0" * 64
        (folder / name / "run.json").write_text(json.dumps(info), "utf-8")
    both = r"jpeg and .*fog cannot be continued, because files in them are damaged: delete these folders, then run"
    with pytest.raises(RunError, match=both):
        tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)


@pytest.mark.parametrize("name", ["search"])
def test_damage_in_a_run_that_is_continued_is_found_before_anything_is_measured(watched, squares, tmp_path, name):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    (folder / name / "clean.npz").write_text("x")
    states = []
    with pytest.raises(RunError, match=rf"{name} cannot be continued, because files in it are damaged: delete this"):
        tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES, on_state=states.append)
    assert "measuring" not in {state.stage for state in states}
    shutil.rmtree(folder / name)
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert not made.damaged and parts_of(folder).keys() == parts_of(watched[0].path).keys()


def test_a_damaged_explanation_is_left_out_of_the_report(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    why = run_explanation(
        network(), squares, ExplanationConfig(copies=2, max_queries=100, only=("copies",)), folder / "explanation"
    )
    (why.path / "clean.npz").write_text("x")
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert "The explanation is left out. " in made.report.read_text("utf-8")


def test_the_seconds_are_those_of_all_calls_in_the_record_and_in_the_report(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    record = json.loads((folder / RESULTS).read_text("utf-8"))
    (folder / RESULTS).write_text(json.dumps(record | {"seconds": 9000.4}), "utf-8")
    again = tfstab.assess(network(), squares, minutes=1e-3, out=folder, degradations=["fog"])
    seconds = json.loads((folder / RESULTS).read_text("utf-8"))["seconds"]
    assert 0 < record["seconds"] < 9000.4 <= seconds < 9100
    written = re.search(r"Measured in (\d+) s on", again.report.read_text("utf-8"))
    assert written and float(written[1]) == pytest.approx(seconds, abs=0.6)


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


@pytest.mark.parametrize(
    ("entry", "note"),
    [(None, ""), ("<b>use</b>", "<b>use</b>"), ("\x1b[2J", None), (["use"], None), ("x" * 3_000_000, None)],
)
def test_a_strangers_note_on_the_inputs_is_one_printable_text_or_none(watched, entry, note, tmp_path):
    made = shutil.copytree(watched[0].path, tmp_path / "copy")
    (made / "assessment.json").write_text(json.dumps({"input_note": entry}))
    opened = tfstab.open_assessment(made)
    assert opened.input_note == note
    assert ("&lt;b&gt;use" in opened._repr_html_()) == bool(note) and "<b>" not in opened._repr_html_()
    if note:
        assert opened._repr_html_().startswith("<p><strong>The inputs or classes seem to be wrong. &lt;b&gt;use")
        assert str(opened).startswith(
            f"The inputs or classes seem to be wrong. {note}\n\n{opened.verdict.paragraphs[0]}\n\n- "
        )


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
