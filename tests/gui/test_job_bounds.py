"""What jobs are made of at the bounds of numbers, and for inputs that are seldom given; no window and no child."""

import errno
import json
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, dataset, sweep
from PIL import Image

from tfstab.degradations import BUILT_IN, chain
from tfstab.errors import InputError, ModelError, RunError
from tfstab.gui.jobs import plan, running
from tfstab.gui.jobs.card import MISSING, card
from tfstab.gui.jobs.command_form import check_limits, check_values
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import Draft, continued, draft_of_run
from tfstab.gui.jobs.estimate import estimate_order, rate_of_runs
from tfstab.gui.jobs.exploring import FINE, explore
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.preview import preview_of
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.gui.jobs.questions import QUESTIONS, urgency
from tfstab.gui.jobs.severities import settled, severity_at, share_at
from tfstab.gui.jobs.unfinished import Unfinished
from tfstab.gui.jobs.unknown_model import instead_of
from tfstab.runs.locking import check_unlocked, locked


def command(task, **values):
    return CommandOrder(0, task, "", values)


# --- time ---


@pytest.mark.parametrize(
    ("values", "text", "problem"),
    [
        ({}, "about 5 min, limited by Minutes", ""),
        ({"minutes": 0.5}, "about 30 s, limited by Minutes", ""),
        ({"minutes": 1.5}, "about 1.5 min, limited by Minutes", ""),
        ({"minutes": 120}, "about 2 h 0 min, limited by Minutes", ""),
        ({"quick": True}, "about 1 min, limited by Minutes", ""),
        ({"minutes": 7, "quick": True}, "–", "--quick and --minutes were both given"),
        ({"minutes": 0}, "–", "minutes is 0"),
        ({"minutes": float("inf")}, "–", "minutes is inf"),
        ({"minutes": "x"}, "–", "--minutes is 'x'"),
    ],
)
def test_the_time_of_an_assessment(values, text, problem):
    told = estimate_order(command("assess", model="mnist-lenet", data="mnist-5k", **values), 5.0, [])
    assert told.text == text and told.problem.startswith(problem) and bool(told.problem) == bool(problem)


def test_the_time_of_commands_without_a_limit(tmp_path):
    of_model = command("evaluate", model="mnist-lenet", data="mnist-5k")
    assert estimate_order(of_model, 5.0, []).text == "shown while it runs; it can be stopped and resumed"
    runs = [str(sweep(tmp_path / name, data=dataset(1)).path) for name in ("a", "b")]
    assert estimate_order(command("compare", runs=runs), 5.0, []).text == "short"


@pytest.mark.parametrize(
    ("parts", "rate"),
    [
        ([{"rows": 3, "seconds": 0.5}], 6.0),
        ([{"rows": 1, "seconds": 4}], 0.25),
        ([{"seconds": 2}], None),
        ([{"rows": 3, "seconds": 0}], None),
        ([{"rows": 3, "seconds": -1}], None),
        ([], None),
    ],
)
def test_rates_below_one_and_of_logs_that_have_none(tmp_path, parts, rate):
    run = sweep(tmp_path / "run", data=dataset(1)).path
    entries = [{"event": "opened"}, *({"event": "part"} | part for part in parts)]
    (run / "log.jsonl").write_text("\n".join(map(json.dumps, entries)))
    assert rate_of_runs([run], "sweep", "brightness") == rate


def test_the_time_left_is_known_from_the_least_share_on():
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.share == 0
    pace.advance(0.0)
    now[0] = 10.0
    pace.advance(0.005)
    assert pace.seconds_left == pytest.approx(10 * 0.995 / 0.005)


# --- a job in words ---


def test_a_command_is_told_by_what_it_does_until_it_has_ended():
    job = Job(command("assess"), State.RUNNING)
    job.progress = Progress(0, 3, 18, 0.25, 0.0, "degradations", "fog", "99 % clean")
    assert job.is_at == "Fog · 3 of 18 degradations · 99 % clean" and not job.can_pause
    for state, said in ((State.FINISHED, "Finished"), (State.FAILED, "Failed"), (State.STOPPED, "Stopped")):
        job.state = state
        assert job.is_at == said
    assert not job.wrong_input and job.resumable
    job.made = [("run", Path("a")), ("report", Path("b")), ("run", Path("c"))]
    assert job.made_of("run") == [Path("a"), Path("c")]


def test_an_image_that_is_searched_in_words():
    live = LiveImage(3)
    assert (live.generation, live.queries, live.norm, live.state) == (0, 0, 0.0, "not flipped yet")
    live.flipped = True
    for norm, said in ((3.0, "norm 3"), (0.0, "norm 0"), (3.04, "norm 3.0"), (2.5, "norm 2.5")):
        live.norm = norm
        assert live.state == said


# --- plans ---


def test_files_that_are_not_there_and_hidden_folders_hold_no_images(tmp_path):
    assert plan.draft_of([tmp_path / name for name in ("a.npz", "a.png", "a.keras")]) is None
    for name in ("photos/cat/1.png", "hidden/.git/1.png", "hidden/read.me"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2)).save(path, "png")
    (tmp_path / "photos" / "read.me").touch()
    assert plan.data_of_folder(tmp_path / "photos") == f"folder:{tmp_path / 'photos'}"
    assert plan.data_of_folder(tmp_path / "hidden") is None


def test_names_of_commands_say_what_they_are_about():
    assert plan.name_of(command("compare", runs=["/a/one", "/b/two"])) == "compare-one"
    assert plan.name_of(command("reproduce")) == "reproduce"
    assert plan.name_of(command("train", model="a/net.keras", runs=["/a/one"])) == "train-a/net.keras"
    assert plan.name_of(command("assess", model="a/net.keras", data="folder:/b/signs")) == "assess-net-signs"


def test_what_is_wrong_with_a_command_is_said_before_it_starts():
    subject = {"model": "mnist-lenet", "data": "mnist-5k"}
    assert plan.checked(command("evaluate", **subject)) == ""
    assert "/no.npz is not a file" in plan.checked(command("evaluate", **subject | {"data": "/no.npz"}))
    assert plan.checked(command("report", runs=["/no/run"])) == "", "the command says it"
    assert "runs: nothing was given" in plan.checked(command("report"))
    order = RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", "/nowhere/run", {"copies": 2}, limits={"minutes": 0})
    assert plan.checked(order).startswith("minutes is 0; expected a number above 0")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"workers": "x"}, "--workers is 'x'; expected a whole number."),
        ({"minutes": "1,5"}, "'1,5'; expected a number, such as 0.5."),
    ],
)
def test_limits_are_numbers(limits, said):
    with pytest.raises(InputError, match=said):
        check_limits(RunOrder(0, "sweep", "m", "d", "o", limits=limits))
    check_limits(RunOrder(0, "sweep", "m", "d", "o", limits={"workers": 2, "minutes": 0.5, "damaged": "skip"}))
    check_values(command("assess", model="m", data="d", minutes=2))


# --- drafts ---

INFO = {
    "kind": "sweep", "settings": {"sigmas": [5], "copies": 2, "mask": "m"}, "seed": 3,
    "model": {"name": "net", "fingerprint": "f"}, "data": {"name": "mnist-5k", "split": "train", "images": 7},
}  # fmt: skip


def test_a_draft_of_a_run(tmp_path):
    draft = draft_of_run(INFO, tmp_path / "run", ("net.keras", {"outputs": "logits"}))
    assert (draft.model, draft.options, draft.data, draft.kind) == (
        "net.keras", {"outputs": "logits"}, "mnist-5k", "sweep",
    )  # fmt: skip
    assert draft.settings == {"severities": [5], "copies": 2, "seed": 3} and draft.images == {"split": "train"}
    assert (draft.runs, draft.beside, draft.lacking) == ([tmp_path / "run"], tmp_path, "")
    bare = {name: value for name, value in INFO.items() if name != "seed"} | {"settings": {"copies": 2}}
    bare["data"] = {"name": "elsewhere"}
    lost = draft_of_run(bare, tmp_path / "run", None)
    assert lost.settings == {"copies": 2, "seed": 0} and (lost.data, lost.images) == ("", {})
    assert lost.model == "" and "does not know the file of the model net" in lost.lacking
    (tmp_path / "own").mkdir()
    data = {"name": f"folder:{tmp_path / 'own'}", "note": "images in own, resized to 32 x 28 (crop)"}
    chosen = data | {"note": "images in own, resized to 32 x 28 (crop, bilinear), damaged files left out: 1"}
    again = draft_of_run({"kind": "explanation", "data": chosen}, tmp_path / "run", None)
    assert again.images == {"split": "test", "resize": "crop:32x28:bilinear", "damaged": "skip"}
    other = draft_of_run({"kind": "explanation", "data": data}, tmp_path / "run", None)
    assert (other.model, other.kind, other.settings, other.lacking) == (None, None, {}, "")
    assert other.data == f"folder:{tmp_path / 'own'}" and other.images == {"split": "test", "resize": "crop:32x28"}


def test_an_explanation_goes_on_with_its_settings():
    info = {
        "settings": {"sigma": 20, "copies": 3, "rest": 1, "only": ["fog", "jpeg"]},
        "data": {"images": 7},
        "seed": 5,
    }
    draft = continued(Draft(images={"split": "train"}), info)
    assert draft.settings == {"sigma": 20, "copies": 3, "only": "fog,jpeg", "seed": 5}
    assert draft.images == {"split": "train", "limit": 7}
    assert continued(Draft(), info | {"settings": {}}).settings == {"only": None, "seed": 5}


def test_what_to_do_in_python_with_a_model_that_is_a_function():
    def lines(task, **draft):
        return instead_of(task, {"name": "net"}, Draft(**draft), Path("/out"))[1].splitlines()

    known = {"data": "mnist-5k", "images": {"split": "train"}}
    inside = [line.strip(" ,") for line in lines("explain", **known) if line.startswith("    ")]
    assert inside == ["classifier", "'mnist-5k'", "split='train'", "out='/out'"]
    assert not any(line.startswith(("# images", "# training")) for line in lines("explain", **known))
    assert not any("split" in line for line in lines("explain", data="a", images={"split": "test"}))
    harden = lines("harden", images={"split": "val"})
    inside = [line.strip(" ,") for line in harden if line.startswith("    ")]
    assert inside == ["classifier", "images", "train=training_images", "split='val'", "out='/out'"]
    assert sum(line.startswith(("# images", "# training")) for line in harden) == 2


# --- previews ---


def test_previews_are_spread_over_all_images(tmp_path):
    levels, labels = np.arange(15, dtype=np.uint8), np.arange(15) % 3
    images = np.broadcast_to(levels[:, None, None, None], (15, 4, 4, 1))
    np.savez(tmp_path / "a.npz", images=images, labels=labels, class_names=np.array(NAMES))
    shown = preview_of("", str(tmp_path / "a.npz"), {"resize": None})
    assert shown.images[:, 0, 0, 0].tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    assert shown.labels == tuple(NAMES[k % 3] for k in range(0, 15, 2))
    assert shown.text == "15 images in 3 classes, 4 x 4 x 1"
    few = preview_of("", str(tmp_path / "a.npz"), {"images": "5:12"})
    assert few.images[:, 0, 0, 0].tolist() == [5, 6, 7, 8, 9, 10, 11] and (few.problem, few.can_resize) == ("", False)
    one = preview_of("", str(tmp_path / "a.npz"), {"limit": 1})
    assert one.images.shape == (1, 4, 4, 1) and one.text == "1 image in 1 class, 4 x 4 x 1"
    none = preview_of("", "", {})
    assert none.images.shape == (0, 1, 1, 1) and none.text == "No images are chosen yet." and not none.can_resize


def test_a_preview_is_resized_with_the_filter_that_is_typed(tmp_path):
    levels = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 1), np.uint8)
    np.savez(tmp_path / "a.npz", images=levels, labels=[0, 1], class_names=np.array(NAMES[:2]))
    for name in ("bicubic", "bilinear"):
        shown = preview_of("", str(tmp_path / "a.npz"), {"resize": f"stretch:4x3:{name}"})
        expected = Image.fromarray(levels[1, ..., 0]).resize((4, 3), Image.Resampling[name.upper()])
        np.testing.assert_array_equal(shown.images[1, ..., 0], expected)


# --- severities and questions ---


def test_severities_between_the_places_of_a_slider():
    contrast, jpeg = BUILT_IN["contrast"], BUILT_IN["jpeg"]
    assert severity_at(contrast, -0.2) == pytest.approx(1 - 0.2 * 0.85) and severity_at(jpeg, 0.5) == 55
    assert share_at(contrast, 0.83) == pytest.approx(-0.2) and share_at(jpeg, 55) == 0.5
    assert severity_at(contrast, 0.2) == pytest.approx(1 + 0.2 * 5.7) == pytest.approx(2.14)
    assert (share_at(contrast, 2.14), share_at(contrast, 1)) == (pytest.approx(0.2), 0)
    assert (share_at(contrast, 6.7), share_at(contrast, 50), share_at(contrast, 0.1)) == (1, 1, -1)
    assert (share_at(jpeg, 100), share_at(jpeg, 5), share_at(BUILT_IN["gaussian_noise"], 50)) == (0, 1, 1)
    assert [settled(contrast, s) for s in (-1, 0, 100, 101)] == [0, 0, 100, 100]
    assert [settled(jpeg, s) for s in (98.5, 99.4, 99.5, 100, 120)] == [98, 99, 100, 100, 100]
    assert [settled(BUILT_IN["pixelate"], s) for s in (0.4, 1, 1.6, 10_001)] == [1, 1, 2, 10_000]
    assert settled(BUILT_IN["gaussian_noise"], 20_000) == 10_000 and settled(BUILT_IN["rotation"], -200) == -180
    assert settled(BUILT_IN["poisson"], 0.0005) == 0, "of two that are as near, the neutral one"


def test_the_step_between_two_others_is_explored():
    """The prediction changes between the second and third place; more places are looked at there."""
    model, image, along = classifier(), dataset().images[0], np.array([1.0, 2.0, 3.0, 4.0])
    steps = {"names": ["brightness", "gamma", "brightness"], "severities": [60, 1.0, 20.0]}
    *waits, (_, values) = explore(
        model, steps | {"image": image, "class_index": 0, "seed": 3, "place": 1, "along": along}
    )
    severities = values["severities"].tolist()
    images = [chain(image, [("brightness", 60), ("gamma", s), ("brightness", 20.0)], 3) for s in severities]
    predicted = model.scores(np.stack(images)).argmax(axis=1)
    assert np.array_equal(values["predicted"], predicted) and not any(waits)
    assert severities == pytest.approx([1, *(2 + np.arange(FINE + 2) / (FINE + 1)), 4])
    assert predicted[1] == predicted[0] != predicted[FINE + 2]


def test_urgency_follows_the_order_of_the_questions_and_an_unknown_one_is_refused_at_once():
    assert [urgency(name) for name in QUESTIONS] == list(range(len(QUESTIONS))) and urgency("unknown") == 0


def test_errors_of_a_block_of_the_card_are_told_in_a_sentence(monkeypatch):
    images = np.stack([np.full((4, 4, 1), level, np.float32) for level in (60, 200)])
    asked = {"images": images, "image": 3, "class_index": 0, "names": NAMES, "folder": "/nowhere"}
    asked["severity_index"] = None
    for error, said in (
        (RunError("A sentence."), "A sentence."),
        (KeyError("x"), "It could not be computed (KeyError"),
    ):

        def fail(*_, error=error):
            raise error

        monkeypatch.setattr("tfstab.explanation.degraded_image.blend_margins", fail)
        parts = dict(part for part in card(classifier(), asked) if part)
        assert parts["margin"][MISSING].startswith(said) and "strengths" in parts["random"], "the others come"


# --- how jobs end, and what is kept of them ---


def test_errors_that_are_the_users_or_the_disks(tmp_path):
    assert running.sentence_of(PermissionError(errno.EACCES, "denied", "/x"))[1] == ""
    assert running.sentence_of(OSError("odd"))[1].endswith("OSError: odd\n")
    errors = InputError(""), ModelError(""), RunError(""), OSError()
    assert [running.failure_of(error, 1).wrong_input for error in errors] == [True, True, False, False]
    assert not running.failure_of(RunError(""), 1).in_use
    with locked(tmp_path, "l", "working"), pytest.raises(RunError) as caught:
        check_unlocked(tmp_path, "l", "working")
    assert running.failure_of(caught.value, 1).in_use


def test_a_folder_among_the_files_of_jobs_is_left_alone(tmp_path):
    jobs = tmp_path / "data" / "tfstab" / "jobs"
    (jobs / "odd.jobs").mkdir(parents=True)
    closed = Unfinished()
    order = RunOrder(1, "search", "m", "d", str(tmp_path / "run"))
    for _ in range(2):
        closed.save([order])
    closed.release()
    again = Unfinished()
    assert [one.out for one in again.take_over()] == [order.out] and (jobs / "odd.jobs").is_dir()
    again.save([])
    again.save([])
    again.release()
    assert [path.name for path in jobs.iterdir()] == ["odd.jobs"]
