"""An assessment makes a run for each degradation, and its table, its page and its lines say what was found."""

import html
import json
import re
import shutil

import numpy as np
import pytest
from assessment_runs import PLENTY
from bright_network import brightness, network

import tfstab
from tfstab import open_assessment
from tfstab.assessment.continuing import continued_note
from tfstab.assessment.results import RESULTS
from tfstab.degradations.alone import applied_alone
from tfstab.errors import InputError

pytestmark = pytest.mark.usefixtures("few_queries")


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
    assert made.next_steps and str(made) == f"{made.summary()}\n\n{applied_alone()}\n\nNext: " + "\n      ".join(
        made.next_steps
    )
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
    assert str(again).startswith(made.summary()) and f"{applied_alone()}\n\nNext (as recorded): {lost}" in str(again)
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


def test_the_seconds_are_those_of_all_calls_in_the_record_and_in_the_report(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    record = json.loads((folder / RESULTS).read_text("utf-8"))
    (folder / RESULTS).write_text(json.dumps(record | {"seconds": 9000.4}), "utf-8")
    again = tfstab.assess(network(), squares, minutes=1e-3, out=folder, degradations=["fog"])
    seconds = json.loads((folder / RESULTS).read_text("utf-8"))["seconds"]
    assert 0 < record["seconds"] < 9000.4 <= seconds < 9100
    written = re.search(r"Measured in (\d+) s on", again.report.read_text("utf-8"))
    assert written and float(written[1]) == pytest.approx(seconds, abs=0.6)


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
