"""The list of jobs, its rows and their results, each by itself; what they ask for is noted."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal

from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.widgets.jobs import job_row, jobs_panel, results
from tfstab.gui.widgets.jobs.job_row import JobRow
from tfstab.gui.widgets.jobs.jobs_panel import JobsPanel, job_offers
from tfstab.gui.widgets.jobs.results import show_results


class Jobs(QObject):
    """A queue without a child process."""

    jobs_changed = Signal()
    job_changed = Signal(object)
    ended = Signal(object)
    waiting = JobQueue.waiting

    def __init__(self):
        super().__init__()
        self.jobs, self.asked = [], []

    def __getattr__(self, name):
        return lambda job: self.asked.append((name, job))


def run_job(state=State.WAITING, out="/runs/search", **more):
    return Job(RunOrder(1, "search", "net", "digits", out), state, **more)


def command_job(task="report", state=State.RUNNING, **more):
    return Job(CommandOrder(1, task, f"/runs/{task}", {}), state, **more)


@pytest.fixture
def controller(qapp):
    """A controller that notes which runs are to be opened and what is said; none is open, and the user is idle."""
    asked, told, arrivals = [], [], SimpleNamespace(may_show=lambda job: True)
    said = SimpleNamespace(emit=told.append)
    return SimpleNamespace(
        jobs=Jobs(), asked=asked, told=told, said=said, reveal=asked.append, open=asked.append, arrivals=arrivals
    )


@pytest.fixture
def row_of(controller, qtbot):
    def made(job):
        row = JobRow(controller, job)
        qtbot.addWidget(row)
        return row

    return made


def shown(row):
    return [button.text() for button in row.buttons if not button.isHidden()]


RUN, REPORT = ("run", Path("/runs/a")), ("report", Path("/runs/a/report.html"))


def test_while_a_job_runs_its_buttons_stay_where_they_are_when_its_state_gets_shorter(row_of):
    job = command_job(progress=Progress(1, 25, 100, 0.25, 12.0, "images", note="a long note " * 12))
    row = row_of(job)
    row.resize(220, 400)
    row.show()

    def top_of(button):
        row.refresh()
        row.layout().activate()
        return button.y()

    placed = top_of(row.cancel)
    job.progress = Progress(1, 26, 100, 0.26, 12.0, "images")
    assert top_of(row.cancel) == placed
    job.state = State.FINISHED
    assert top_of(row.remove) < placed, "it ends, and needs the room no longer"


@pytest.mark.parametrize(
    ("job", "buttons"),
    [
        (command_job(), ["Cancel"]),
        (command_job(made=[RUN]), ["Show", "Cancel"]),
        (command_job(state=State.WAITING, made=[RUN]), ["Cancel"]),
        (command_job(state=State.STARTING, made=[RUN]), ["Cancel"]),
        (command_job(state=State.FINISHED, made=[REPORT], printed="a table"), ["Report", "Results", "Remove"]),
        (run_job(State.RUNNING), ["Pause", "Show", "Cancel"]),
        (run_job(State.PAUSED), ["Continue", "Show", "Cancel"]),
        (run_job(State.STARTING), ["Cancel"]),
        (run_job(State.STOPPING), ["Show", "Cancel"]),
        (run_job(State.FAILED), ["Resume", "Edit and retry…", "Show", "Remove"]),
        (run_job(State.FAILED, wrong_input=True), ["Edit and retry…", "Remove"]),
        (run_job(State.FINISHED), ["Show", "Remove"]),
    ],
)
def test_a_job_can_be_done_with_what_its_state_allows(row_of, controller, job, buttons):
    row = row_of(job)
    assert shown(row) == buttons and row.cancel.isEnabled() == (job.state is not State.STOPPING)
    assert row.bar.isHidden() == (job.state is State.WAITING) and row.bar.maximum() == 1000
    row.show()
    row.refresh()
    assert row.bar.maximum() == (0 if job.state is State.STARTING else 1000)
    for button, name in ((row.pause, "pause"), (row.go_on, "go_on"), (row.cancel, "cancel"), (row.resume, "resume"),
                         (row.remove, "remove")):  # fmt: skip
        button.click()
        if button is not row.cancel or button.isEnabled():
            assert controller.jobs.asked.pop() == (name, job)


def test_a_row_leads_to_what_its_job_has_made(row_of, controller, monkeypatch):
    monkeypatch.setattr(job_row, "open_report", lambda path: f"Opened {path}")
    later = Path("/runs/b")
    row = row_of(command_job(made=[RUN, REPORT, ("run", later), ("report", later / "report.html")]))
    row.report.click()
    assert controller.told == [f"Opened {later / 'report.html'}"]
    row.show_run.click()
    assert controller.asked == [RUN[1], [RUN[1], later]], "no run of these is open"
    controller.asked.clear()
    row = row_of(run_job(State.RUNNING))
    row.show_run.click()
    assert controller.asked == [Path("/runs/search"), [Path("/runs/search")]]
    controller.asked.clear()
    controller.reveal = lambda path: True
    row.show_run.click()
    assert controller.asked == []


def test_a_row_says_what_failed_and_the_latest_remarks(row_of):
    job = run_job(State.FAILED, sentence="no such data", remarks=list("abcde"))
    row = row_of(job)
    assert row.state.text() == "Failed: no such data" and row.notes.text() == "\n".join(f"Note: {r}" for r in "bcde")
    assert row.title.toolTip() == "search of net on digits\n/runs/search" and row.sizeHint().width() == 200
    job.state, job.remarks = State.FINISHED, []
    row.refresh()
    assert row.state.text() == "Finished" and row.notes.isHidden() and row.bar.value() == 1000
    row = row_of(command_job())
    assert row.title.toolTip() == "report\n/runs/report"
    asked = []
    row.edit_asked.connect(asked.append)
    row.edit.click()
    assert asked == [row.job]


def test_running_jobs_are_on_top_and_ended_ones_below(controller, qtbot, monkeypatch, qapp):
    told = []
    monkeypatch.setattr(jobs_panel, "show_results", lambda job, parent: told.append(job) or "Opened its report.")
    states = (State.FINISHED, State.RUNNING, State.WAITING, State.FAILED, State.WAITING)
    jobs = [run_job(state, out=f"/runs/{n}") for n, state in enumerate(states)]
    queue = controller.jobs
    panel = JobsPanel(controller)
    qtbot.addWidget(panel)
    panel.resize(230, 100)
    panel.show()
    assert panel.empty.isVisible()

    def listed():
        rows = [panel.widget().layout().itemAt(k).widget() for k in range(panel.widget().layout().count())]
        return [jobs.index(row.job) for row in rows if isinstance(row, JobRow)]

    for n in range(len(jobs)):
        panel.verticalScrollBar().setValue(panel.verticalScrollBar().maximum())
        queue.jobs = jobs[: n + 1]
        queue.jobs_changed.emit()
        assert panel.verticalScrollBar().value() == 0, "a new job is in sight"
        qapp.processEvents()
    assert listed() == [1, 2, 4, 3, 0] and not panel.empty.isVisible()
    jobs[1].state = State.FAILED
    jobs[2].state = State.RUNNING
    queue.job_changed.emit(jobs[2])
    assert listed() == [2, 4, 3, 1, 0] and panel.rows[jobs[2]].pause.isVisible()
    queue.job_changed.emit(run_job())
    for job in (jobs[1], jobs[0]):
        queue.ended.emit(job)
    assert told == [jobs[0]], "a failed job has no results to show"
    assert controller.told == ["Opened its report."]
    edited = []
    panel.edit_asked.connect(edited.append)
    panel.rows[jobs[3]].edit.click()
    assert edited == [jobs[3]]
    queue.jobs = [jobs[4], jobs[2]]
    queue.jobs_changed.emit()
    assert listed() == [2, 4] and list(panel.rows) == [jobs[2], jobs[4]]
    qtbot.waitUntil(lambda: len(panel.findChildren(JobRow)) == 2)
    queue.jobs = []
    queue.jobs_changed.emit()
    assert listed() == [] and panel.empty.isVisible()


@pytest.mark.parametrize(
    ("job", "offered"),
    [
        (None, []), (run_job(State.RUNNING), ["cancel", "pause"]), (command_job(), ["cancel"]),
        (run_job(State.PAUSED), ["cancel", "pause"]), (run_job(State.STARTING), []), (run_job(State.STOPPING), []),
    ],
)  # fmt: skip
def test_the_active_job_can_be_paused_and_cancelled(qapp, job, offered):
    queue = Jobs()
    queue.active = job
    offers = job_offers(queue)
    assert sorted(offers) == offered
    if job is not None and job.state is State.PAUSED:
        assert offers["pause"].text == "C&ontinue"
        offers["pause"].do()
        assert queue.asked == [("go_on", job)]
    elif "pause" in offers:
        offers["pause"]()
        assert queue.asked == [("pause", job)]


OTHER = ("report", Path("/runs/b/report.html"))


@pytest.mark.parametrize(
    ("task", "made", "printed", "expected"),
    [
        ("report", [REPORT, OTHER], "saved", OTHER[1]), ("report", [RUN, REPORT], "saved", None),
        ("report", [], "saved", "saved"), ("assess", [REPORT], "a verdict", None),
        ("evaluate", [], "a table", "a table"), ("evaluate", [], "", None), ("evaluate", [RUN], "a table", None),
        ("gone", [], "a table", None),
    ],
)  # fmt: skip
def test_of_a_finished_command_the_report_or_what_it_printed_is_shown(monkeypatch, task, made, printed, expected):
    told = []
    monkeypatch.setattr(results, "open_report", lambda path: told.append(path) or "opened")
    monkeypatch.setattr(results, "show_printed", lambda job, parent: told.append(job.printed))
    said = show_results(command_job(task, State.FINISHED, made=made, printed=printed), None)
    assert told == ([] if expected is None else [expected])
    assert said == ("opened" if isinstance(expected, Path) else "")
