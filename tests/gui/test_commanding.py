"""What a command in the child process tells the window: progress, an assessment that can be opened, and its end."""

import dataclasses
import json
import signal
import sys
import time

import made_up_runs
import pytest

from tfstab.assessment.state import AssessmentState, FamilyState, NoiseState
from tfstab.errors import InputError
from tfstab.gui.jobs import commanding, desk, protocol
from tfstab.gui.jobs.command_form import check_values, fields_of, looks_at_runs, rest_of, shared_by
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.commanding import LOADING, MOST_PRINTED, READING, CommandWatch, perform_command
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.protocol import Control, Failed, Finished, Opened, Progress, Remark, Stage
from tfstab.gui.jobs.tasks import SHARED, TASKS
from tfstab.metrics import Estimate


@pytest.fixture
def told():
    return []


@pytest.fixture
def clock(monkeypatch):
    """clock[0]: the time that every clock says."""
    now = [10.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def values(message):
    return tuple(getattr(message, field.name) for field in dataclasses.fields(message))


def test_progress_is_told_ten_times_a_second_and_at_its_end(told, clock):
    watch = CommandWatch(CommandOrder(3, "train", ""), desk.Desk(3), told.append)
    watch.progress("training", 1, 4, "epochs", "loss 2")
    watch.progress("training", 2, 4, "epochs", "")  # too soon
    watch.progress("training", 4, 4, "epochs", "")  # the end
    watch.progress("training", 5, 4, "epochs", "")  # beyond it
    clock[0] += 1
    watch.progress("loading", 7, None, "", "a file")
    watch.progress("loading", 7, None, "", "another")  # too soon
    clock[0] += 1
    watch.progress("waiting", 0, None, "", "")
    watch.remark("note: Look.")
    assert [type(message) for message in told] == [Progress, Progress, Progress, Stage, Stage, Remark]
    assert values(told[0]) == (3, 1, 4, 0.25, 0.0, "epochs", "training", "loss 2")
    assert [message.share for message in told[:3]] == [0.25, 1.0, 1.0] and told[2].done == 5
    assert [values(message) for message in told[3:]] == [(3, "loading · a file"), (3, "waiting"), (3, "Look.")]


def test_a_hardening_tells_its_step_and_the_share_of_all_its_time(told, clock):
    watch = CommandWatch(CommandOrder(3, "harden", "", {"minutes": 1.0}), desk.Desk(3), told.append)
    clock[0] += 6
    watch.progress("training", 0, None, "steps", "")
    watch.progress("training", 1, 40, "steps", "")  # too soon
    clock[0] += 24
    watch.progress("training", 40, 40, "steps", "")
    watch.progress("measuring", 0, None, "images", "")  # soon, but another step
    clock[0] += 15
    watch.progress("measuring", 10, 500, "images", "fog")
    watch.progress("report", 0, None, "", "")
    clock[0] += 60
    watch.progress("report", 1, 1, "", "")
    assert [(message.what, message.share) for message in told] == [
        ("step 1 of 3: training", 0.1), ("step 1 of 3: training", 0.5), ("step 2 of 3: measuring", 0.5),
        ("step 2 of 3: measuring", 0.75), ("step 3 of 3: report", 0.75), ("step 3 of 3: report", 1.0),
    ]  # fmt: skip
    job, now = Job(CommandOrder(3, "harden", ""), State.RUNNING), [0.0]
    job.pace = Pace(lambda: now[0])
    for now[0], k, said in (
        (6.0, 0, "Step 1 of 3: training"), (30.0, 1, "Step 1 of 3: training · 40 of 40 steps · 30 s left"),
        (45.0, 3, "Step 2 of 3: measuring · 10 of 500 images · fog · 15 s left"),
        (105.0, 5, "Step 3 of 3: report · 1 of 1"),
    ):  # fmt: skip
        job.progress = told[k]
        job.pace.advance(told[k].share)
        assert job.is_at == said
    watch = CommandWatch(CommandOrder(3, "harden", ""), desk.Desk(3), told.append)
    clock[0] += 60
    watch.progress("remedies", 5, 100, "%", "")
    assert told[-1].share == pytest.approx(0.1), "ten minutes, if no others are given"
    job.progress = told[-1]
    assert "5 %" in job.is_at and "100" not in job.is_at


def test_an_assessment_is_told_and_can_be_opened_once_it_has_a_run(told, clock, tmp_path):
    watch = CommandWatch(CommandOrder(3, "assess", str(tmp_path / "out")), desk.Desk(3), told.append)
    begun = (FamilyState("fog", "fog", images=2), FamilyState("jpeg", "JPEG", images=1, working=True))
    states = [
        AssessmentState("reading", 100.0, 100.0),
        AssessmentState("measuring", 100.0, 75.0, clean=Estimate(0.9, 0.8, 1.0), families=begun),
        AssessmentState("measuring", 100.0, 150.0, clean=Estimate(float("nan"), 0, 1), noise=NoiseState(working=True)),
        AssessmentState("report", 100.0, -5.0, families=(*begun, FamilyState("blur", "blur"))),
        AssessmentState("measuring", 0.0, 0.0, families=begun[:1]),
        AssessmentState("measuring", 1.0, 0.25, families=begun[:1]),
    ]
    for state in states:
        watch.assessment(state)
        watch.assessment(state)  # too soon
        clock[0] += 1
    assert values(told.pop(0)) == (3, "reading model and images"), "nothing is counted yet"
    assert [values(message)[1:4] + values(message)[6:] for message in told] == [
        (2, 2, 0.25, "JPEG", "90.0 % clean"),
        (0, 1, 0.0, "minimum noise", ""),
        (2, 3, 1.0, "JPEG", ""),
        (1, 1, 0.0, "measuring", ""),
        (1, 1, 0.75, "measuring", ""),
    ]
    assert {(message.unit, values(message)[4], message.job) for message in told} == {("degradations", 0.0, 3)}
    told.clear()
    made_up_runs.sweep(tmp_path / "out" / "gaussian_noise")
    made_up_runs.search(tmp_path / "out" / "search")
    watch.assessment(AssessmentState("finished", 100.0, 0.0))
    watch.assessment(AssessmentState("finished", 100.0, 0.0))  # the end is told without delay
    assert [type(message) for message in told] == [Progress, Progress], "no family has an image"
    told.clear()
    for _ in range(2):
        clock[0] += 1
        watch.assessment(states[1])
    assert [type(message) for message in told] == [Opened, Progress, Progress]
    assert values(told[0])[:2] == (3, str(tmp_path / "out"))
    told.clear()
    nowhere = CommandWatch(CommandOrder(3, "assess", ""), desk.Desk(3), told.append)
    nowhere.assessment(states[1])
    assert [type(message) for message in told] == [Progress]


def test_a_lost_interrupt_is_repeated_during_the_same_work(told, clock):
    asked = desk.Desk(3)
    watch = CommandWatch(CommandOrder(3, "train", ""), asked, told.append)
    watch.progress("importing", 0, None, "", "")
    asked.obey(Control(3, protocol.CANCEL))
    watch.progress("writing the report", 0, None, "", "")  # other work is finished
    with pytest.raises(KeyboardInterrupt):
        watch.progress("importing", 0, None, "", "")
    fresh = CommandWatch(CommandOrder(3, "assess", ""), asked, told.append)
    with pytest.raises(KeyboardInterrupt):
        fresh.assessment(AssessmentState("reading", 1.0, 1.0))


@pytest.fixture(autouse=True)
def started_in_the_background(tmp_path, monkeypatch):
    """Interrupts are ignored at first, as they are in a process that a script has started; commands write elsewhere."""
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def carried_out(told, order, asked=None):
    perform_command(order, asked or desk.Desk(order.job), told.append)
    return told


def test_a_command_prints_and_ends(told, tmp_path):
    runs = [str(made_up_runs.sweep(tmp_path / name)) for name in ("one", "two")]
    asked = desk.Desk(4)
    carried_out(told, CommandOrder(4, "compare", "", {"runs": runs}), asked)
    assert isinstance(told[0], Stage) and values(told[0]) == (4, READING)
    printed, finished = told[-2:]
    assert isinstance(printed, Printed) and "one" in printed.text and "two" in printed.text
    assert isinstance(finished, Finished) and values(finished)[:3] == (4, True, 0) and finished.seconds > 0
    assert asked.on_cancel is None
    told.clear()
    CommandWatch(CommandOrder(4, "report", ""), asked, told.append).made("report", tmp_path / "report.html")
    assert isinstance(told[0], Made) and values(told[0]) == (4, "report", str(tmp_path / "report.html"))


def test_wrong_input_of_a_command_is_told_in_a_sentence(told, tmp_path):
    asked = desk.Desk(4)
    carried_out(told, CommandOrder(4, "report", "", {"runs": [str(tmp_path / "nowhere")]}), asked)
    failed = told[-1]
    assert isinstance(failed, Failed) and failed.job == 4 and "nowhere is not a run folder" in failed.sentence
    assert not failed.wrong_input  # that is about images which do not fit the model
    assert asked.on_cancel is None and not any(isinstance(message, Finished) for message in told)
    told.clear()
    carried_out(told, CommandOrder(4, "report", "", {}), asked)
    assert told[-1].wrong_input and asked.on_cancel is None


@pytest.mark.parametrize(
    ("task", "given", "said"),
    [
        ("report", {}, "runs: nothing was given; tick one, or add a folder."),
        ("reproduce", {"data": "mnist"}, "what: nothing was given; give one."),
    ],
)
def test_what_a_command_needs_is_asked_for_before_it_is_ordered(task, given, said):
    with pytest.raises(InputError, match=said):
        check_values(CommandOrder(4, task, "", given))


def test_which_fields_a_task_has_of_its_own_and_which_it_shares():
    assert {name for name, task in TASKS.items() if looks_at_runs(task)} == {"report", "compare", "robustness"}
    shared = {name: shared_by(task) for name, task in TASKS.items()}
    assert shared["evaluate"] == set(SHARED) and shared["train"] == {"limit", "resize", "damaged"}
    assert shared["reproduce"] == shared["compare"] == set() and "split" in shared["harden"]
    own = {name: {field.name for field in fields_of(task)} for name, task in TASKS.items()}
    assert own["evaluate"] == {"as_is", "data_dir"} and {"model", "data", "epochs"} < own["train"]
    assert "limit" not in own["train"] and "runs" not in own["report"] and "degradation" not in own["degradations"]
    assert {field.name for field in rest_of("search")} - {field.name for field in rest_of("sweep")} == {
        "lambda_",
        "beta",
    }


@pytest.mark.parametrize("code", [0, 1, 130])
def test_how_a_command_ended(told, monkeypatch, code):
    def run(order, watch):
        sys.stdout.write("x" * (MOST_PRINTED + 5))
        return code

    monkeypatch.setattr(commanding, "_run", run)
    carried_out(told, CommandOrder(4, "evaluate", ""))
    assert [type(message) for message in told] == [Stage, Printed, *([Remark] if code == 1 else []), Finished]
    assert len(told[1].text) == MOST_PRINTED and values(told[-1])[1:3] == (code != 130, 0)


def test_a_command_whose_minutes_were_used_up_says_how_far_it_came(told, monkeypatch):
    monkeypatch.setattr(commanding, "_run", lambda order, watch: watch.out_of_time("34 of 100 images"))
    carried_out(told, CommandOrder(4, "explain", ""))
    assert values(told[0]) == (4, LOADING), "it may have read the images long before it says what it does next"
    assert told[-1].complete and told[-1].reached == "34 of 100 images"


def test_cancelling_interrupts_a_command(told, monkeypatch):
    asked, begun = desk.Desk(4), []

    def run(order, watch):
        begun.append(order)
        asked.obey(Control(4, protocol.CANCEL))  # which interrupts the main thread, as Ctrl-C does
        time.sleep(5)

    monkeypatch.setattr(commanding, "_run", run)
    carried_out(told, CommandOrder(4, "train", ""), asked)
    assert [type(message) for message in told] == [Stage, Finished]
    assert values(told[1]) == (4, False, 0, 0.0, "") and asked.on_cancel is None
    told.clear()
    carried_out(told, CommandOrder(4, "train", ""), asked)  # cancelled before it began
    assert [type(message) for message in told] == [Stage, Finished] and len(begun) == 1
    monkeypatch.setattr(commanding, "_run", lambda order, watch: json.loads("no"))
    told.clear()
    carried_out(told, CommandOrder(4, "train", ""))
    assert isinstance(told[-1], Failed) and not told[-1].wrong_input
    with pytest.raises(KeyboardInterrupt):
        monkeypatch.setattr(commanding, "_run", lambda order, watch: exec("raise KeyboardInterrupt"))
        carried_out(told, CommandOrder(4, "train", ""))
