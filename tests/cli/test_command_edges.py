"""What the commands make of their options and of runs, without TensorFlow: runs of tiny NumPy classifiers."""

import errno
import io
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from numpy_runs import NAMES, dataset, search, sweep
from own_time import own_time
from rich.console import Console
from rich.progress import Progress

from processes import refused, tfstab_here
from tfstab import Classifier, SearchProgress, SweepConfig, open_run
from tfstab.cli import app as app_module
from tfstab.cli import desktop_entry, observing, view
from tfstab.cli import sweep as sweep_module
from tfstab.cli.cluster import computing_on
from tfstab.cli.image_details import search_facts
from tfstab.cli.output import long_work, print_table, progress_bar, remarks
from tfstab.cli.reproduce import _pair
from tfstab.cli.reproduce import _Watch as StepWatch
from tfstab.cli.robustness import sweeps_in
from tfstab.cli.search_watch import SearchWatch
from tfstab.cli.sweep import _configs, _title
from tfstab.cli.sweep_watch import SweepsWatch
from tfstab.cli.train import _accuracy, _folder, _noise, _suffix
from tfstab.cli.train import _Watch as TrainingWatch
from tfstab.cli.workload import clean_speed, state_work
from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.errors import InputError, RunError
from tfstab.orders import ImageOptions, ModelOptions, Subject, kind_name, run_name
from tfstab.orders.degradations import degradations_named
from tfstab.orders.images import _span, size_taken
from tfstab.report.tables import Table
from tfstab.sweep.progress import SweepProgress
from tfstab.training import RECIPES, TrainingNoise
from tfstab.wording import roughly


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with a search, a sweep and one of another network."""
    folder = tmp_path_factory.mktemp("cli")
    search(folder / "search", queries=100)
    sweep(folder / "sweep")
    return folder


# --- options ---


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0:100", (0, 100)),
        ("7", (7, 8)),
        (":5", (0, 5)),
        ("5:", (5, sys.maxsize)),
        (":", (0, sys.maxsize)),
        ("0", (0, 1)),
    ],
)
def test_images_from_to(text, span):
    assert _span(text) == span


@pytest.mark.parametrize("text", ["5:5", "6:5", "-1:5", "-1", "a:b", "1:2:3", "1.5"])
def test_images_that_are_no_span(text):
    with pytest.raises(InputError, match="--images is"):
        _span(text)


@pytest.mark.parametrize(
    ("data", "end"),
    [("mnist-5k", "mnist-5k"), ("folder:/data/my signs/", "my signs"), ("a/b.npz", "b"), ("images:c/d.png", "d")],
)
def test_where_a_run_goes_by_default(data, end):
    assert run_name("sweep", "nets/mine.keras", data) == f"sweep-mine-{end}"


def test_the_data_of_a_command(tmp_path):
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels)

    def chosen(**more):
        return Subject(ModelOptions("mnist-lenet"), ImageOptions(str(tmp_path / "few.npz"), **more)).dataset

    assert chosen().indices.tolist() == list(range(9)) and chosen(images="2:4").indices.tolist() == [2, 3]
    assert len(chosen(limit=3)) == 3 and chosen(limit=1, images="5").indices.tolist() == [5]
    assert chosen(resize="stretch:6x5").image_shape == (5, 6, 1)
    (tmp_path / "m.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    for model, said in (
        (ModelOptions("mnist-lenot"), "unknown model 'mnist-lenot'"),
        (ModelOptions("mnist-lenet", preprocess="x"), "unknown preprocess"),
        (ModelOptions(str(tmp_path / "m.h5"), trust=True), "which images"),
    ):
        with pytest.raises(InputError, match=said):
            _ = Subject(model, ImageOptions()).dataset

    with pytest.raises(InputError, match="any takes images of any size: give one"):
        size_taken("any", (None, 7, 1))


def test_noise_and_names_of_a_training():
    assert _noise(None, False, None) is None
    assert _noise(3, False, None) == TrainingNoise.fixed(3)
    assert _noise(2, False, "5,6") == TrainingNoise.fixed(2, (5, 6))
    assert _noise(None, True, None) == TrainingNoise.fresh() and _noise(None, True, "5") == TrainingNoise.fresh((5,))
    for wrong in ((3, True, None), (None, False, "5")):
        with pytest.raises(InputError, match="expected"):
            _noise(*wrong)
    plain = RECIPES["mnist-lenet"]
    assert _suffix(plain, None) == "" and _suffix(plain, 5) == "-ensemble-5"
    assert _suffix(replace(plain, noise=TrainingNoise.fresh()), None) == "-fresh-noise"
    assert _suffix(replace(plain, noise=TrainingNoise.fixed(3)), 2) == "-noise-copies-3-ensemble-2"
    nothing = dict.fromkeys(("limit", "epochs", "seed"))
    assert _folder("mnist-lenet", plain, None, nothing) == "train-mnist-lenet"
    changed = nothing | {"limit": 500, "seed": 3, "sigmas": (5.0, 20.0)}
    noisy = replace(plain, noise=TrainingNoise.fresh((5, 20)))
    named = "train-mnist-lenet-fresh-noise-limit-500-seed-3-sigmas-5-20"
    assert _folder("mnist-lenet", noisy, None, changed) == named
    told = _accuracy({"accuracy": 0.98765, "images": 12345, "interval_95": [0.98, 0.99]})
    assert told == "98.8 % (98.0–99.0) of 12,345 test images right"
    assert _pair("ensemble=a=b.keras") == ("ensemble", "a=b.keras")
    for text in ("ensemble", "=x", "x="):
        with pytest.raises(InputError, match="expected KIND=PATH"):
            _pair(text)


def test_a_sweep_of_all_families_has_copies_where_something_is_drawn():
    configs = _configs(degradations_named("all"), 7, 3)
    assert {config.seed for config in configs} == {3} and len(configs) >= 18
    assert {config.degradation.random for config in configs if config.copies == 7} == {True}
    assert all(config.copies == 1 for config in configs if not config.degradation.random)
    own = {config.degradation.name: config for config in _configs(degradations_named("all"), None, 0)}
    assert own[GAUSSIAN_NOISE.name].copies == 20 and own["jpeg"].copies == 1
    gaussian, jpeg = SweepConfig(sigmas=(5,), copies=1), SweepConfig(degradation="jpeg")
    assert (_title(gaussian), kind_name("sweep", gaussian)) == ("Noise sweep", "sweep")
    assert (_title(jpeg)[:1], _title(jpeg)[-6:], kind_name("sweep", jpeg)) == ("J", " sweep", "sweep-jpeg")


def test_several_degradations_by_name():
    assert degradations_named("fog, jpeg,fog") == ["fog", "jpeg"] and degradations_named("jpeg") == ["jpeg"]
    said = "unknown degradation 'blur': did you mean 'gaussian_blur', 'motion_blur' or 'defocus_blur'?"
    for text in ("blur", "fog,blur"):
        with pytest.raises(InputError) as told:
            degradations_named(text)
        assert str(told.value) == said
    for text in ("", " , "):
        with pytest.raises(InputError, match="such as fog,jpeg"):
            degradations_named(text)


def test_a_command_computes_in_one_place():
    with computing_on(None, None) as here, computing_on("tcp://host:1", None) as there:
        assert here is None and there == "tcp://host:1"
    with pytest.raises(InputError, match="both given"), computing_on("tcp://host:1", 2):
        pass
    with pytest.raises(InputError, match="number of workers is 0"), computing_on(None, 0):
        pass


def test_each_of_several_sweeps_has_the_same_share_of_the_minutes_that_are_left(monkeypatch):
    """Of 4 minutes for four sweeps, the first takes 1 and the second more than there is."""
    now, shares = [500.0], []
    monkeypatch.setattr(sweep_module, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def run(seconds):
        def made(classifier, on_progress, scored_in, minutes):
            now[0] += seconds
            shares.append((minutes, scored_in))
            return SimpleNamespace(path=f"{seconds} s")

        return SimpleNamespace(run=made)

    watch = SweepsWatch(Progress(disable=True), [("fog", 5)] * 4)
    sweep_module._run([run(60), run(190), run(0), run(0)], watch, None, 4)
    least = sweep_module.SHORTEST
    assert shares == [(1, []), (1, ["60 s"]), (least / 2, ["60 s"]), (least, ["60 s"])]


# --- progress ---


def test_bars_by_hand(runs, tmp_path):
    bar = Progress(disable=True)
    watch = SearchWatch(bar, 20, runs / "search", norm="linf")
    (task,) = bar.tasks
    assert (task.completed, task.total) == (9, 20)

    def progress(generation, flipped):
        return SearchProgress(3, generation, 50, 1.0, 2.0, 41.6, flipped, 0.5, np.zeros((1, 1, 1), np.float32))

    watch.on_generation(progress(9, True))
    assert task.fields["note"] == ""
    watch.on_generation(progress(10, True))
    assert task.fields["note"] == "image 3, generation 10: Linf 41.6"
    watch.on_generation(progress(20, False))
    assert task.fields["note"] == "image 3, generation 20: not yet flipped"
    watch.on_result(None)
    assert task.completed == 10
    watch.finish()
    assert task.completed == 10 and task.fields["note"] == ""  # it may have been stopped

    swept = SweepsWatch(bar, [("title", 50)])
    swept.begin()
    swept.on_progress(SweepProgress(13, 50))
    assert bar.tasks[1].completed == 13 and bar.tasks[1].description == "title" and bar.tasks[1].visible
    swept.finish()
    assert bar.tasks[1].completed == 13 and len(bar.tasks) == 2

    training = TrainingWatch(bar, replace(RECIPES["mnist-lenet"], epochs=4), 3)
    training.on_batch(2, 1, 5, 10)
    assert (bar.tasks[2].completed, bar.tasks[2].total) == ((4 + 1) * 10 + 5, 3 * 4 * 10)
    training.on_epoch(2, {"epoch": 3.0, "validation_accuracy": 0.5})
    assert bar.tasks[2].fields["note"] == "network 2 of 3, epoch 3: validation 50.0 %"
    alone = TrainingWatch(bar, RECIPES["mnist-lenet"], 1)
    alone.member(alone.on_epoch)({"epoch": 1.0, "validation_accuracy": 0.123})
    assert bar.tasks[3].fields["note"] == "epoch 1: validation 12.3 %"

    steps = StepWatch(bar)
    steps.on_step("sweep", 1, 4)
    steps.on_step("sweep", 2, 4)
    steps.on_step("search", 1, 2)
    assert [(t.description, t.completed, t.total) for t in bar.tasks[4:]] == [("sweep", 2, 4), ("search", 1, 2)]


def test_two_bars_for_many_sweeps():
    bar = Progress(disable=True)
    watch = SweepsWatch(bar, [("fog", 50), ("jpeg", 30), ("noise", 20)])
    everything, one = bar.tasks
    assert (everything.total, everything.description) == (100, "3 sweeps") and not one.visible
    for number, (title, total, before) in enumerate([("fog", 50, 0), ("jpeg", 30, 50), ("noise", 20, 80)], 1):
        watch.begin()
        assert (one.description, one.completed, one.total, one.visible) == (title, 0, total, True)
        watch.on_progress(SweepProgress(13, total))
        assert (one.completed, everything.completed) == (13, before + 13)
        assert everything.fields["note"] == f"{number} of 3"
        watch.finish()
    assert (one.completed, everything.completed, len(bar.tasks)) == (13, 100, 2)
    watch.on_progress(SweepProgress(10, 40))  # the run has other copies than were asked for
    assert (one.completed, one.total) == (10, 40)
    for progress, done in ((SweepProgress(10, 30), 6), (SweepProgress(1, 1), 20), (SweepProgress(0, 0), 0)):
        watch.on_progress(progress)
        assert everything.completed == 100 + done, "in images that were planned, of which there are 20"


def test_the_work_in_words(capsys):
    state_work("noise sweep: 6,000 degraded images of 100 images", 6_000, 290)
    state_work("search", 6_000, 1e9, searching=True)
    state_work("fog", 6_000, None)
    state_work("fog", 6_000, 290, minutes=1.5, known="an accuracy within 0.5 points")
    assert capsys.readouterr().err.splitlines() == [
        "noise sweep: 6,000 degraded images of 100 images; about 20 s at the speed of the clean images",
        "search; scoring so many takes about 1 s at the speed of the clean images, without the search's own work",
        "fog",
        "fog; about 20 s at the speed of the clean images; stops at an accuracy within 0.5 points; stops after 1.5 min",
    ]  # fmt: skip
    times = [0, 0.4, 7.7, 23, 89, 91, 3_000, 5_900, 200_000]
    assert [roughly(seconds) for seconds in times] == [
        "1 s", "1 s", "8 s", "20 s", "2 min", "2 min", "50 min", "1 h 40 min", "56 h",
    ]  # fmt: skip


def test_the_speed_is_of_whole_batches():
    seen = []

    def function(images):
        seen.append(images.shape)
        clock.now += 0.05
        return np.full((len(images), 3), 1 / 3)

    slow = Classifier.from_function(function, (2, 2, 1), 3, fingerprint="slow", batch_size=20)
    with own_time() as clock:
        assert clean_speed(slow, np.zeros((3, 2, 2, 1), np.uint8)) == pytest.approx(400, rel=1e-3)
    assert seen == [(20, 2, 2, 1)] * 2


def test_ctrl_c_and_warnings_amid_long_work(capsys):
    with pytest.raises(typer.Exit) as ended, long_work("run it again"):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130 and "stopped: what is finished is kept; run it again" in capsys.readouterr().err
    told = SimpleNamespace(remark=pytest.fail)
    with observing.observed_by(told), pytest.raises(typer.Exit), long_work("run it again"):
        raise KeyboardInterrupt  # the viewer, which observes commands, says this beside its button
    assert capsys.readouterr().err == ""
    with remarks():
        warnings.warn("look at this", stacklevel=1)
        warnings.warn("for programmers", DeprecationWarning, stacklevel=1)
    told = capsys.readouterr().err
    assert told.strip() == "note: look at this"
    with pytest.raises(RunError), progress_bar() as bar:
        raise RunError("last word")
    assert bar.disable


# --- what ends a command ---


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "full", "/w"), "/w"), (OSError(errno.ENOSPC, "full"), "a file"),
        (OSError(errno.EROFS, "no", "/x"), "/x"), (PermissionError(errno.EACCES, "no", "/y"), "/y"),
        (OSError(errno.EISDIR, "no", "/z"), f"/z cannot be used ({os.strerror(errno.EISDIR)}): choose another path."),
        (RuntimeError("Could not determine home directory."), "a path begins with ~"),
        (RunError("a \x1b sentence."), "a   sentence."),
    ],
)  # fmt: skip
def test_errors_that_end_in_a_sentence(monkeypatch, capsys, error, said):
    def fail(**_):
        raise error

    monkeypatch.setattr(app_module, "app", fail)
    with pytest.raises(SystemExit) as ended:
        app_module.main()
    told = capsys.readouterr().err
    assert ended.value.code == 2 and told.startswith("tfstab: ") and said in told and told.count("\n") == 1


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("a bug"), OSError("a bug")])
def test_errors_that_are_bugs_are_tracebacks(monkeypatch, error):
    def fail(**_):
        raise error

    monkeypatch.setattr(app_module, "app", fail)
    with pytest.raises(type(error)):
        app_module.main()


def test_the_traceback_of_a_bug_is_pythons_own(monkeypatch, capsys):
    def fail(_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("tfstab.cli.data.data_directory", fail)
    monkeypatch.setattr(sys, "argv", ["tfstab", "datasets"])
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    with pytest.raises(RuntimeError) as raised:
        app_module.main()
    sys.excepthook(raised.type, raised.value, raised.tb)  # as Python does
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n") and told.endswith("\nRuntimeError: a bug\n")


def test_wrong_options_are_one_sentence():
    assert refused(tfstab_here("search", "--no-such")).endswith("search --help.")
    assert "--quick: give --minutes 1 instead; see " in refused(tfstab_here("explain", "--quick"))
    for given in ("--rescale=255", "--normalize"):  # no option with a similar name, such as --resize
        told = refused(tfstab_here("evaluate", given))
        assert (
            f"No such option: {given.partition('=')[0]}: give --preprocess unit for inputs in 0..1, signed for" in told
        )
    assert "--preprocess" not in refused(tfstab_here("compare", "--rescale")), "which has no such option"
    assert "No such command" in refused(tfstab_here("no-such"))
    assert tfstab_here("--version").returncode == 0 and tfstab_here().returncode == 2


# --- commands on runs ---


def test_inspect_tells_a_search_in_figures(runs, monkeypatch):
    run = open_run(runs / "search")
    result = run.result(1)
    facts = dict(search_facts(run, replace(result, queries=12345)).rows)
    clean = result.clean_scores
    assert facts == {
        "true class": "dog", "predicted clean": f"dog ({clean[1]:.3f})",
        "predicted degraded": f"{NAMES[result.predicted]} ({result.scores.max():.3f})",
        "true class's score": f"{clean[1]:.3f} → {result.scores[1]:.3f}",
        "found": "yes" if result.found else "no",
        "norm minimised": "L2", "L1": f"{result.l1:,.0f} grey levels", "gradients": "0",
        "L0": f"{result.l0} values",
        "L2": f"{result.l2:.2f} grey levels", "L2 / 255": f"{result.l2 / 255:.4f}",
        "Linf": f"{np.abs(result.noise).max():.2f} grey levels",
        "L2 of the 8-bit image": f"{result.l2_uint8:.2f} grey levels",
        "PSNR": f"{20 * math.log10(255 * 4 / result.l2):.2f} dB", "margin": f"{result.margin:.5f}",
        "objective": f"{result.objective:.6g}", "queries": "12,345", "generations": f"{result.generations:,}",
        "stopped by": "queries",
    }  # fmt: skip
    none = dict(search_facts(run, replace(result, size_uint8=math.nan, found=False)).rows)
    assert none["found"] == "no: the figures below are of the best noise that was tried"
    assert none["L2 of the 8-bit image"] == "none found"
    monkeypatch.setitem(run.info["data"], "remarks", "classes as predicted")
    unknown = dict(search_facts(run, result).rows)
    assert unknown.keys() == facts.keys() - {"true class's score"} and unknown["true class"].startswith("unknown; ")
    told = json.loads(tfstab_here("inspect", runs / "search", "--json").stdout)
    assert [len(rows) for rows in told.values()] == [9, 3 + 1]
    assert "choose it with --image" in refused(tfstab_here("inspect", runs / "search", "--out", runs / "x"))
    told = tfstab_here("inspect", runs / "sweep")
    assert told.returncode == 0 and told.stdout.startswith("brightness on levels under Gaussian noise\n")
    assert "is not in this run" in refused(tfstab_here("inspect", runs / "sweep", "--image", -1))


def test_sweeps_are_summed_up(runs, tmp_path):
    jpeg = tmp_path / "jpeg"
    for images in (6, 9):
        sweep(jpeg, SweepConfig(degradation="jpeg", severities=(5, 60)), dataset().select(range(images)))
    assert json.loads(tfstab_here("robustness", runs / "sweep", jpeg, "--json").stdout)
    assert "is a search run; expected sweeps" in refused(tfstab_here("robustness", runs / "search"))
    told = tfstab_here("robustness", runs)
    assert told.returncode == 0 and "not sweeps, and left out: search (search) in" in " ".join(told.stderr.split())
    (tmp_path / "file").touch()
    assert "is a file: choose a folder" in refused(tfstab_here("robustness", jpeg, "--out", tmp_path / "file"))
    assert [run.path for run in sweeps_in([tmp_path])] == [jpeg] and [run.path for run in sweeps_in([jpeg])] == [jpeg]
    list(open_run(jpeg).parts.values())[-1].unlink()
    assert "is not finished and has 1 copy for 6 of 9 images so far: the summary covers these." in " ".join(
        tfstab_here("robustness", jpeg).stderr.split()
    )


def test_a_summary_of_unfinished_sweeps_says_that_it_covers_their_common_images(runs, tmp_path):
    def part_of(degradation, severities, images):
        path = tmp_path / degradation
        for count in (images, 9):
            sweep(path, SweepConfig(degradation=degradation, severities=severities), dataset().select(range(count)))
        list(open_run(path).parts.values())[-1].unlink()
        return path

    def told(*sweeps):
        return " ".join(tfstab_here("robustness", *sweeps).stderr.split())

    covered = "the summary covers only the 4 images that all sweeps have. The report of an assessment uses all images"
    jpeg, fog = part_of("jpeg", (5, 60), 4), part_of("fog", (0.1, 0.5), 6)
    assert f"jpeg is not finished and has 1 copy for 4 of 9 images so far: {covered}" in told(runs / "sweep", jpeg)
    assert told(runs / "sweep", jpeg, fog).startswith(f"2 of the 3 sweeps are not finished: {covered}")


def test_settings_of_commands_that_contradict_each_other(runs, tmp_path):
    for value in ("0", "-1", "inf", "nan"):
        assert "--fail-under is" in refused(tfstab_here("search", "--fail-under", value))
    for option in (["--sigmas", "1"], ["--severities", "1"], ["--common-noise"]):
        assert "expected none of" in refused(tfstab_here("sweep", "--degradation", "all", *option))
    assert "expected --ensemble" in refused(tfstab_here("train", "--combine", "mean", "--out", tmp_path / "x"))
    assert "unknown model" in refused(tfstab_here("train", "--model", "lenet"))
    assert "cannot be reproduced; expected paper" in refused(tfstab_here("reproduce", "thesis"))


def test_lists_of_what_there_is(tmp_path):
    told = json.loads(tfstab_here("datasets", "--json", "--data-dir", tmp_path).stdout)
    assert told["data_dir"] == str(tmp_path) and len(told["datasets"]) == 10
    assert f"Official files are kept in {tmp_path}." in tfstab_here("datasets", "--data-dir", tmp_path).stdout
    rows = {line.split()[0]: line for line in tfstab_here("models").stdout.splitlines() if line.strip()}
    assert "431,080" in rows["mnist-lenet"] and "images:" in rows["mnist-lenet"]
    families = json.loads(tfstab_here("degradations", "--json").stdout)
    jpeg = next(f for f in families if f["name"] == "jpeg")
    assert jpeg["copies"] == 1 and jpeg["parameter"] == "quality" and len(families) >= 18
    assert "copies: by default" in tfstab_here("degradations").stdout


# --- the viewer ---


def test_the_viewer_needs_a_display_and_runs(runs, monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if view.sys.platform.startswith("linux"):
        assert not view.has_display()
        assert "there is no display here" in refused(tfstab_here("view", runs / "search"))
    assert "is not a run folder" in refused(tfstab_here("view", tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.setenv(name, ":1")
        assert view.has_display()
        monkeypatch.delenv(name)
    command = view.viewer_command([Path("a b")])
    assert command[1:] == ["-P", "-m", "tfstab.gui", "a b"]
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.setattr(view, "viewer_command", lambda runs, _: [shutil.which("sh"), "-c", f"exit {3 + len(runs)}"])
    assert tfstab_here("view", runs / "search").returncode == 4
    monkeypatch.setattr(view, "viewer_command", lambda runs, imports: [shutil.which("sh"), "-c", "kill -ABRT $$"])
    assert "tfstab guide install" in refused(tfstab_here("view", runs / "search"))
    monkeypatch.setattr(view, "viewer_command", lambda runs, _: [shutil.which("sh"), "-c", f"exit {3 + len(runs)}"])
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{")
    opened = tfstab_here("view", runs / "search", tmp_path / "damaged", runs / "sweep")
    assert opened.returncode == 5 and str(tmp_path / "damaged") in opened.stderr
    info = json.loads((runs / "search" / "run.json").read_text())
    for name in ("why", "why-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps({**info, "kind": "explanation"}))
    alone = refused(tfstab_here("view", tmp_path / "why"))
    opened = tfstab_here("view", runs / "search", tmp_path / "why")
    assert opened.returncode == 4 and f"tfstab: {opened.stderr.strip()}" == alone and str(tmp_path / "why") in alone
    opened = tfstab_here("view", runs / "search", tmp_path / "why", tmp_path / "why-2")
    assert opened.returncode == 4 and opened.stderr.startswith("2 explanations are not listed")


@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("HUP", 129), ("INT", 130)])
def test_a_signal_that_ends_the_command_ends_the_viewer(runs, monkeypatch, tmp_path, name, code):
    number = signal.Signals[f"SIG{name}"]
    heard = signal.signal(number, signal.default_int_handler if name == "INT" else signal.SIG_DFL)
    try:
        monkeypatch.setenv("DISPLAY", ":1")
        script = f"echo $$ > {tmp_path}/viewer; kill -{name} $PPID; exec sleep 60"
        monkeypatch.setattr(view, "viewer_command", lambda runs, imports: [shutil.which("sh"), "-c", script])
        assert tfstab_here("view", runs / "search").returncode == code
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "viewer").read_text()), 0)
        assert signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler), "as before"
    finally:
        signal.signal(number, heard)


@pytest.mark.parametrize(
    ("word", "quoted"),
    [("plain/path-1", "plain/path-1"), ("a b", '"a b"'), ("50%", "50%%"), ("$x", '"\\\\$x"'), ('a"b', '"a\\\\"b"'),
     ("a\\b", '"a\\\\\\\\b"')],
)  # fmt: skip
def test_words_of_a_desktop_entry(word, quoted):
    assert desktop_entry._quoted(word) == quoted


def test_the_desktop_entry_is_written_for_this_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    said = tfstab_here("view", "--install-desktop-entry")
    entry = tmp_path / "applications" / "tfstab-viewer.desktop"
    icon = tmp_path / "icons" / "hicolor" / "scalable" / "apps" / "tfstab-viewer.svg"
    assert said.stdout.split() == ["written:", str(entry), "written:", str(icon)]
    assert icon.read_text().lstrip().startswith("<") and f"Exec={desktop_entry._command()}" in entry.read_text()
    monkeypatch.setattr(desktop_entry.sys, "platform", "darwin")
    with pytest.raises(InputError, match="desktop entries are Linux's"):
        desktop_entry.install_desktop_entry()


def test_brackets_in_names_are_no_markup():
    with progress_bar() as bar:
        bar.add_task("[/b]", total=2, unit="images", note="cat/[/red].png, generation 10")
        text = Console(width=120, file=io.StringIO())
        text.print(bar.get_renderable())
    print_table(Table("net[/b] on photos", ("[/i]",), [("[/u]",)]))
    assert "cat/[/red].png" in text.file.getvalue()


@pytest.mark.parametrize("number", [math.nan, 0.0, -1.0, 1e300, math.inf])
def test_a_time_or_precision_that_is_none_is_refused_before_anything_is_loaded(number):
    for command, name in (("sweep", "minutes"), ("sweep", "precision"), ("search", "minutes")):
        with pytest.raises(InputError, match=rf"{name} is .*; expected a number above 0 and at most"):
            app_module.app(
                [command, "--model", "no.keras", "--data", "no", f"--{name}={number}"], standalone_mode=False
            )


INTERRUPTED = """
import sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == "tfstab.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from tfstab.cli import main
main()
"""


def test_ctrl_c_while_the_commands_are_loaded_ends_without_a_traceback():
    result = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (130, "tfstab: stopped.\n")
