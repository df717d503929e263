"""Commands with a NumPy classifier in the place of the bundled network: options, what is printed, and exit codes."""

import csv
import hashlib
import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, dataset, search, sweep
from PIL import Image
from typer.testing import CliRunner

from tfstab import SearchConfig, Stop, open_run
from tfstab.cli import search as search_command
from tfstab.cli.app import app
from tfstab.errors import InputError, RunError, WrongInputsError
from tfstab.orders import model as models
from tfstab.report.run_files import run_section

SETTINGS = ["--max-queries", "100"]
SWEPT = "sweep-mnist-lenet-photos-sigmas-5"


@pytest.fixture
def command(tmp_path, monkeypatch):
    """command(*arguments) -> its result, on few.npz unless --data is given; command.loaded: the loaded models."""
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    monkeypatch.chdir(tmp_path)

    def load(name, **options):
        run.loaded.append((name, options))
        return classifier()

    monkeypatch.setattr(models, "load_classifier", load)

    def run(name, *arguments):
        data = [] if "--data" in arguments else ["--data", "few.npz"]
        model = [] if "--model" in arguments else ["--model", "mnist-lenet"]
        return CliRunner().invoke(app, [name, *model, *data, *map(str, arguments)])

    run.loaded = []
    return run


def test_a_search_prints_its_results_and_where_they_are(command, tmp_path):
    told = command("search", *SETTINGS, "--seed", 3, "--beta", 50, "--lambda", 0.01, "--patience", 7)
    assert told.exit_code == 0, told.output
    settings = b"queries-100-lambda-0.01-beta-50-patience-7-seed-3"
    name = f"search-mnist-lenet-few-{hashlib.sha256(settings).hexdigest()[:8]}"
    run = open_run(tmp_path / "runs" / name)
    assert run.config == SearchConfig(max_queries=100, seed=3, beta=50, lambda_=0.01, patience=7) and run.complete
    assert f"The run is in runs/{name}; look at it with: tfstab view" in told.stdout
    work = "minimum noise of 9 images: at most 201 degraded images of each; scoring so many takes about"
    assert work in told.stderr and "at the speed of the clean images" in told.stderr
    assert all(name in told.stdout for name in ("cat", "dog")) and "left out" not in told.stderr
    options = {"preprocess": None, "outputs": None, "threshold": None, "trust": False, "imports": ()}
    assert command.loaded == [("mnist-lenet", options | {"class_names": None})]


@pytest.mark.parametrize("name", ["evaluate", "search", "sweep"])
def test_ones_own_images_need_their_model_and_no_prefix(name, tmp_path, monkeypatch, command):
    pixels = dataset().images
    for k in range(3):
        (tmp_path / "photos" / NAMES[k]).mkdir(parents=True)
        Image.fromarray(pixels[4 * k, ..., 0]).save(tmp_path / "photos" / NAMES[k] / f"{k}.png")
    told = CliRunner().invoke(app, [name, "--data", "photos"])
    assert isinstance(told.exception, InputError) and "photos has images of your own" in str(told.exception)
    few = {"search": SETTINGS, "sweep": ["--copies", 1, "--sigmas", 5]}.get(name, [])
    told = command(name, "--data", "photos", *few)
    assert told.exit_code == 0, told.output
    made = [path.name for path in (tmp_path / "runs").glob("*")]
    assert made == {"search": ["search-mnist-lenet-photos-queries-100"], "evaluate": []}.get(name, [SWEPT])


def test_a_search_as_json_of_chosen_images(command, tmp_path):
    more = ["--images", "2:6", "--limit", 3, "--trust", "--outputs", "scores", "--preprocess", "unit", "--out", "x"]
    told = command("search", *SETTINGS, "--json", *more)
    answer = json.loads(told.stdout)
    assert [row["images"] for row in answer["classes"]] == [3] and answer["summary"]["needed_noise"] == 3
    assert answer["run"] == "x" and len(answer["images"]) == 3 and "look at it with" not in told.stdout
    assert set(open_run(tmp_path / "x").images.tolist()) < {2, 3, 4, 5}
    options = {"preprocess": "unit", "outputs": "scores", "threshold": None, "trust": True, "imports": ()}
    assert command.loaded == [("mnist-lenet", options | {"class_names": None})]


def test_a_target_leaves_out_its_own_images(command, tmp_path):
    told = command("search", *SETTINGS, "--target", "cat", "--out", "x")
    left = int((dataset().labels == 0).sum())
    assert told.exit_code == 0 and f"{left} images of the target class are left out" in told.stderr
    assert len(open_run(tmp_path / "x").images) == 9 - left and open_run(tmp_path / "x").target == 0


def test_a_search_guards_a_model_by_its_median(command):
    run = search("reference", queries=100)
    needed = [result for result in run if result.clean_scores.argmax() == result.class_index]
    assert len(needed) < len(run)  # an image that is wrong when clean does not count
    median = float(np.median([result.l2 if result.found else np.inf for result in needed]))
    assert 1 < median < np.inf
    for bound, code in ((median * 0.99, 0), (median, 0), (median * 1.01, 1)):
        told = command("search", *SETTINGS, "--out", "x", "--fail-under", bound)
        assert told.exit_code == code and ("is under" in told.stderr) == bool(code)
    assert f"the median L2 of {median:.1f} grey levels is under {bound:g}" in told.stderr
    with pytest.raises(InputError, match="--fail-under is 0; expected a norm above 0"):
        raise command("search", "--fail-under", 0).exception


def test_a_search_shows_its_generations(command, monkeypatch):
    seen = []
    monkeypatch.setattr(search_command.SearchWatch, "on_generation", lambda watch, progress: seen.append(progress))
    assert command("search", *SETTINGS, "--images", "3:5", "--out", "x").exit_code == 0
    assert {progress.image for progress in seen} == {3, 4} and seen[-1].generation > 0


def test_ctrl_c_says_how_to_resume(command, tmp_path, monkeypatch):
    def interrupt(watch, result):
        raise KeyboardInterrupt

    monkeypatch.setattr(search_command.SearchWatch, "on_result", interrupt)
    told = command("search", *SETTINGS, "--out", "x")
    assert told.exit_code == 130 and "run the same command again to resume." in told.stderr
    monkeypatch.undo()
    assert open_run(tmp_path / "x").progress == (1, 9)


def test_a_search_says_how_much_of_it_is_done_and_how_small_its_random_noise_was(command, monkeypatch):
    random = ["--engine", "random", "--max-queries", "300", "--images", "3:9", "--out", "x"]
    with monkeypatch.context() as patch:
        patch.setattr(search_command.SearchWatch, "on_generation", lambda watch, progress: Stop.ALL)
        told = command("search", *random).stdout
    assert "\nSo far 1 of 6 images.\nNoise was found for 0 of the 0 images" in told
    told = command("search", *random).stdout
    assert "So far" not in told and "Random noise was tried only up to sigma 1.2 grey levels" in told
    assert "(--max-queries was reached; more may find noise)" in told
    assert json.loads(command("search", *random, "--json").stdout)["notes"] == open_run("x").notes != []
    assert open_run("x").notes[0] in run_section(open_run("x")).lines


def test_a_sweep_prints_severities_and_classes(command, tmp_path):
    told = command("sweep", "--sigmas", "5,90", "--copies", 3, "--seed", 2, "--common-noise")
    assert told.exit_code == 0, told.output
    name = "sweep-mnist-lenet-few-sigmas-5-90-common-noise-seed-2"
    run = open_run(tmp_path / "runs" / name)
    assert (run.severities, run.config.copies, run.seed, run.config.common_noise) == ((5, 90), 3, 2, True)
    assert told.stdout.startswith("brightness on few (test) under") or "brightness on few" in told.stdout
    assert f"The run is in runs/{name}; look" in told.stdout
    assert "Certified radii need at least 11 copies of each image" in told.stdout
    answer = json.loads(command("sweep", "--sigmas", "5,90", "--copies", 3, "--out", "y", "--json").stdout)
    assert answer["run"] == "y" and len(answer) > 2
    own = command("sweep", "--degradation", "jpeg", "--severities", "5,60")
    assert own.exit_code == 0 and "certified" not in own.stdout.lower()
    assert open_run(tmp_path / "runs" / "sweep-jpeg-mnist-lenet-few-severities-5-60").severities == (5, 60)
    work = "JPEG compression sweep: 18 degraded images of 9 images"
    assert f"{work}; about 1 s at the speed of the clean images\n" in own.stderr
    again = command("sweep", "--degradation", "jpeg", "--severities", "5,60")
    assert again.exit_code == 0 and f"{work}\n" in again.stderr  # nothing is measured for a run that goes on


def test_a_corrected_command_does_not_collide_with_the_first(command, tmp_path):
    first = ["sweep", "--sigmas", "5", "--copies", 1]
    corrections = [], ["--preprocess", "unit"], ["--seed", 1], ["--images", "2:4"], ["--resize", "stretch:4x4"]
    for correction in corrections:
        told = command(*first, *correction)
        assert told.exit_code == 0, told.output
    assert len(list((tmp_path / "runs").iterdir())) == len(corrections)


def test_several_sweeps_and_their_summary(command, tmp_path):
    told = command("sweep", "--degradation", "fog,jpeg", "--images", "0:3", "--json")
    assert told.exit_code == 0, told.output
    assert "2 sweeps: 30 degraded images of 3 images; about 1 s" in told.stderr
    assert [entry["degradation"] for entry in json.loads(told.stdout)["families"]] == ["fog", "jpeg"]
    runs = sorted((tmp_path / "runs" / "robustness-mnist-lenet-few").iterdir())
    assert [path.name for path in runs] == ["fog", "jpeg"] and all(open_run(path).complete for path in runs)
    shutil.rmtree(runs[1])
    again = command("sweep", "--degradation", "fog,jpeg", "--images", "0:3", "--json")
    assert "2 sweeps: 30 degraded images of 3 images\n" in again.stderr  # nothing is measured for runs that go on
    with pytest.raises(InputError, match="--degradation fog,jpeg sweeps each degradation at its own severities"):
        raise command("sweep", "--degradation", "fog,jpeg", "--severities", "5").exception


def test_sweeps_do_not_go_beside_those_of_another_model(command, tmp_path):
    sweep(tmp_path / "x" / "gaussian_noise", model=classifier(fingerprint="other"))
    with pytest.raises(
        RunError, match=r"^x has results of another model \(other\): choose another folder, as with --out x-2"
    ):
        raise command("sweep", "--degradation", "fog,jpeg", "--out", "x").exception
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["gaussian_noise"]


def test_sweeps_of_all_degradations_do_not_go_into_a_run(command, tmp_path):
    search("x", data=dataset(2), queries=100)
    with pytest.raises(InputError, match="x is a run folder; expected a folder for the runs of all degradations"):
        raise command("sweep", "--degradation", "all", "--out", "x").exception
    assert command.loaded == []


def test_an_evaluation_is_printed_and_written(command, tmp_path):
    told = command("evaluate", "--out", "x")
    assert told.exit_code == 0 and "written to x" in told.stderr
    assert "brightness on few" in told.stdout and "cat" in told.stdout
    answer = json.loads((tmp_path / "x" / "evaluation.json").read_text())
    assert json.loads(command("evaluate", "--json").stdout) == answer
    with (tmp_path / "x" / "confusion.csv").open() as file:
        rows = list(csv.reader(file))
    assert [row[1] for row in rows] == ["name", *NAMES] and sum(int(n) for row in rows[1:] for n in row[2:]) == 9
    assert (tmp_path / "x" / "classes.csv").read_text().count("\n") >= 4


SWEEP_TABLES = [
    "Accuracy under Gaussian noise", "Classes over all noise, the weakest first", "Images, the weakest first",
    "Certified radius",
]  # fmt: skip
SEARCH_TABLES = ["Minimum noise", "Minimum noise by class"]


def titles(told):
    """The titles of the tables that are printed: the lines above the empty one above the columns above a rule."""
    assert told.exit_code == 0, told.output
    lines, found = [line.strip() for line in told.stdout.splitlines()], []
    for rule, line in enumerate(lines):
        if line and set(line) == {"─"}:
            stop = max(k for k in range(rule) if not lines[k])
            start = max((k + 1 for k in range(stop) if not lines[k]), default=0)
            found.append(" ".join(lines[start:stop]))
    return found


def test_commands_print_all_their_tables(command):
    """What a command makes is printed as `tfstab inspect` prints it, and two runs beside each other by `compare`."""
    sweeping = ("sweep", "--sigmas", "5,60", "--copies", 11, "--out")
    assert titles(command(*sweeping, "a")) == SWEEP_TABLES
    assert titles(command("sweep", "--degradation", "jpeg", "--severities", "5,60", "--out", "j")) == [
        "Accuracy under JPEG compression", "Classes over all severities, the weakest first",
        "Images, the weakest first",
    ]  # fmt: skip
    assert titles(command("search", *SETTINGS, "--out", "s")) == SEARCH_TABLES
    evaluated = titles(command("evaluate"))
    assert len(evaluated) == 2 and evaluated[1].startswith("Confusion: true")
    for told, expected in (
        (["inspect", "a"], SWEEP_TABLES), (["inspect", "s"], SEARCH_TABLES),
        (["inspect", "a", "--image", "3"], ["Image 3", "Image 3 under Gaussian noise"]),
        (["inspect", "s", "--image", "3"], ["Image 3"]),
        (["compare", "a", "a"], ["Accuracy by sigma", "Recall by class, over all noise"]),
        (["compare", "s", "s"], ["Minimum noise by class"]), (["robustness", "a", "j"], ["Robustness of brightness"]),
    ):  # fmt: skip
        assert titles(CliRunner().invoke(app, told)) == expected, told


def test_a_command_computes_in_one_place_only(command):
    with pytest.raises(InputError, match="both given"):
        raise command("search", *SETTINGS, "--out", "x", "--cluster", "tcp://h:1", "--workers", 2).exception
    with pytest.raises(InputError, match="expected an address"):
        raise command("sweep", "--copies", 1, "--out", "y", "--cluster", "nowhere").exception


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sweep", ["--copies", 1, "--sigmas", 5]),
        ("search", [*SETTINGS, "--limit", 20]),
        ("explain", ["--copies", 2, "--only", "copies"]),
    ],
)
def test_commands_stop_at_classes_that_are_certainly_wrong_and_repeat_it_if_they_are_told_to_go_on(
    name, options, command, tmp_path
):
    data = dataset(30)
    np.savez("turned.npz", images=data.images, labels=(data.labels + 1) % 3, class_names=np.array(NAMES))
    made = (
        [name, "mnist-lenet", "turned.npz"] if name == "explain" else [name, "--model=mnist-lenet", "--data=turned.npz"]
    )
    arguments = [*map(str, [*made, *options]), "--out", "run"]
    stopped = CliRunner().invoke(app, arguments)
    assert isinstance(stopped.exception, WrongInputsError) and not (tmp_path / "run").exists()
    note = stopped.exception.note
    assert "if the model's outputs mean other classes" in note and "add --as-is" in str(stopped.exception)
    anyway = CliRunner().invoke(app, [*arguments, "--as-is"])
    assert anyway.exit_code == 0 and anyway.stderr.count(note) == 1, anyway.output
    assert open_run("run").input_note == note
    again = CliRunner().invoke(app, arguments)  # a run that was begun with --as-is goes on without it
    assert again.exit_code == 0 and note not in again.output
    assert CliRunner().invoke(app, ["inspect", "run"]).stderr.count(note) == 1
    CliRunner().invoke(app, ["report", "run", "--out", "page"])
    page = html.unescape((tmp_path / "page/report.html").read_text("utf-8"))
    assert note in page.split('<p class="warning">')[1].split("</p>")[0] and page.count(note) == 1


def test_a_norm_that_counts_is_printed_in_whole_numbers(command, tmp_path):
    told = command("search", *SETTINGS, "--norm", "l0", "--images", "3:9", "--out", "x")
    assert told.exit_code == 0, told.output
    run = open_run("x")
    image = next(r.image for r in run if r.needed_noise)
    size = f"{run.result(image).size:.0f}"
    said = CliRunner().invoke(app, ["inspect", "x", "--image", str(image)]).stdout
    assert f"{size} values" in said and f"{size}.0" not in said
    assert not re.search(r"\d\.00? values|L0.*?\d\.0\b", told.stdout.partition("PSNR in dB")[0] + told.stdout[-400:])
    said = CliRunner().invoke(app, ["compare", "x", "x"]).stdout
    assert "The median L0 of the noise found is " in said and not re.search(r"\d\.\d+ values", said)
    wrong = CliRunner().invoke(app, ["inspect", "x", "--image", "8"]).stdout  # wrong when clean
    assert "infinite: there is no noise" in wrong and "inf dB" not in wrong


def test_inspect_takes_an_assessment_and_one_image_of_it(command, tmp_path):
    """Any folder of runs will do."""
    assert command("sweep", "--degradation", "fog,jpeg", "--out", "all").exit_code == 0
    assert command("search", *SETTINGS, "--out", "all/search").exit_code == 0
    told = CliRunner().invoke(app, ["inspect", "all"])
    assert told.exit_code == 0, told.output
    assert all(name in told.stdout for name in ("all/fog", "all/jpeg", "all/search", "JPEG compression"))
    assert "tfstab inspect all/fog; one image in all of them: add --image N" in told.stderr
    image = CliRunner().invoke(app, ["inspect", "all", "--image", "3"])
    assert titles(image) == ["Image 3", "Where its degraded copies fail", "Minimum noise"]
    assert set(json.loads(CliRunner().invoke(app, ["inspect", "all", "--image", "3", "--json"]).stdout)) == {
        "Image 3", "Where its degraded copies fail", "Minimum noise",
    }  # fmt: skip
    drawn = CliRunner().invoke(app, ["inspect", "all", "--image", "3", "--out", "x.png"])
    assert "search drawn into x.png" in drawn.stderr and Path("x.png").stat().st_size > 1000
    wrong = CliRunner().invoke(app, ["inspect", "all", "--image", "8", "--why", "--out", "x.png"])  # wrong when clean
    assert wrong.stdout.startswith(
        "Image 8 when clean: cat, taken for 2\nWrong already when clean.\n- Its highest scores"
    )
    assert "changes that were tried (2 degradations)" in wrong.stdout and "search drawn" not in wrong.stderr
    assert "Where its degraded copies are right" in wrong.stdout and "copies fail" not in wrong.stdout
    shutil.rmtree("all/search")
    (most,) = [name for name, other in (("fog", "jpeg"), ("jpeg", "fog")) if _failed(name) > _failed(other)]
    drawn = CliRunner().invoke(app, ["inspect", "all", "--image", "3", "--out", "y.png"])
    assert f"{most} drawn into y.png" in drawn.stderr and Path("y.png").stat().st_size > 1000
    whole = CliRunner().invoke(app, ["inspect", "all", "--out", "x.png"])
    assert "draws one image or one run: add --image, or name a run, such as all/fog" in str(whole.exception)


def _failed(name):
    """Share of the copies of image 3 that a sweep of the folder `all` has failing."""
    return open_run(f"all/{name}").measures_of(3).wrong_share.mean()


def test_a_search_in_which_no_image_is_right_has_no_minimum_noise_to_guard(command):
    data = dataset(6)
    turned = (classifier().scores(data.images).argmax(1) + 1) % 3
    np.savez("turned.npz", images=data.images, labels=turned, class_names=np.array(NAMES))
    told = command("search", *SETTINGS, "--data", "turned.npz", "--as-is", "--out", "x", "--fail-under", 1)
    assert told.exit_code == 1 and "no image is right when clean, so none has a minimum noise" in told.stderr
    assert "is under" not in told.stderr
    with pytest.raises(InputError, match=r"--refine-gradients is 7; expected 8 or more\."):
        raise command("search", "--refine-gradients", 7).exception
