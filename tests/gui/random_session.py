"""One random session: somebody opens runs and clicks; after each step the parts of the page must agree."""

import contextlib
import gc
import traceback
from typing import ClassVar

import numpy as np
import page_checks
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PySide6.QtWidgets import QMessageBox
from random_hand import about, choose, click_item, dialogs, press, use, within_reach
from random_stage import DRAWN, Stage, told, work

from tfstab.gui.content.scripts import python_of
from tfstab.gui.content.viewpoint import Viewpoint

COMMANDS = (
    "next", "previous", "next-class", "previous-class", "mark", "tag-again", "undo", "redo", "show-all", "all-classes",
    "pick-nothing", "fit", "refresh", "back", "forward", "close", "move", "rectangle", "lasso", "theme-dark",
    "theme-light", "copy-python", "copy-command", "copy-figure", "copy-images",
)  # fmt: skip
SWEEPS = ("sweep", "jpeg", "occlusion")
NEEDS_CHILD = ("Explorer", "Atlas")
number = st.integers(0, 10**6)


def step(**strategies):
    """A rule, without a precondition: what Hypothesis draws must not depend on the window."""
    return lambda act: rule(**strategies)(told(act))


class Session(RuleBasedStateMachine):
    """A window with runs, and somebody who clicks."""

    stage: ClassVar[Stage]

    def __init__(self):
        super().__init__()
        self.did, self.scripts, self.failed = [], 0, False
        self.window = self.stage.new_window()
        self.controller = self.window.controller
        self.open_all()

    @property
    def session(self):
        return self.controller.current

    @property
    def page(self):
        return self.window.page()

    def do(self, act, *arguments, what=""):
        """Do something, and see to it that nothing failed and no message appeared."""
        self.did.append(what or f"{act.__name__} {arguments}")
        heart = self.stage.heart
        heart.begin()
        with self.stage.caught() as errors:
            act(*arguments)
            self.stage.settle(self.window)
        heart.end(self.did[-1])
        said = [box.text() for box in self.window.findChildren(QMessageBox) if box.isVisible()]
        for dialog in dialogs(self.window):
            dialog.close()
        assert not errors, "".join(f"{kind.__name__}: {error}" for kind, error, _ in errors) + "".join(
            traceback.format_exception(errors[0][1])
        )
        assert not said, said

    # What somebody does

    @told
    def open_all(self):
        self.do(self.controller.open, [self.stage.runs / name for name in self.stage.names], what="open the runs")

    @step(n=number)
    def open_or_select_a_run(self, n):
        name = self.stage.names[n % len(self.stage.names)]
        self.do(self.controller.open, [self.stage.runs / name], what=f"open {name}")

    @step(n=number)
    def choose_a_command(self, n):
        possible = [name for name in COMMANDS if self.window.commands[name].isEnabled()]
        if len(self.controller.sessions) == 1:
            possible.remove("close")
        name = possible[n % len(possible)]
        self.do(press, self.window, self.window.commands[name], what=f"command {name}")

    @step(n=number)
    def click_a_tab(self, n):
        bar = self.page.tabs.tabBar()
        title = bar.tabText(n % bar.count())
        if self.stage.child or title not in NEEDS_CHILD:
            self.do(use, bar, n, what=f"tab {title}")

    @step(which=number, n=number)
    def use_something_in_sight(self, which, n):
        self.use_any(which, n)

    @step(which=number, n=number)
    def use_something_else_in_sight(self, which, n):
        self.use_any(which, n)

    def use_any(self, which, n):
        bars = () if self.stage.child else (self.page.tabs.tabBar(),)  # it leads to the explorer
        found = [widget for widget in within_reach(self.window) if widget not in bars]
        widget = found[which % len(found)]
        self.do(use, widget, n, what=f"{about(widget)} in {self.page.tabs.title()} of {self.session.name}, {n}")

    @step(n=number, name=st.sampled_from(["odd", "blurred"]))
    def tag(self, n, name):
        if self.session.mark_key is None:
            self.do(self.session.step, 1, what="next image")
        if self.session.mark_key is not None:
            self.do(self.session.marks.tag, [self.session.mark_key], name, what=f"tag {name}")

    @step()
    def save_what_is_on_screen(self):
        self.save_it()

    def save_it(self):
        self.do(self.controller.visits.save, "kept", what="save the view")

    @step()
    def show_what_was_saved(self):
        kept = self.controller.visits.saved.views()
        if kept:
            self.do(self.controller.visits.visit_saved, kept[-1], what="show the saved view")
        else:
            self.save_it()

    @step(n=number, which=st.sampled_from(["classes", "severities", "predicted"]))
    def choose_in_a_list(self, n, which):
        self.show(n, "Scatter")
        self.do(choose, getattr(self.page.filters, which), n, what=f"choose in {which}, {n}")

    @step(n=number)
    def select_a_row(self, n):
        self.show(n, "Misclassifications")
        self.do(click_item, self.page.points_page.table, n, what=f"select a row, {n}")

    @step(n=number)
    def group(self, n):
        self.show(n, "Misclassifications")
        self.do(choose, self.page.points_page.groups, n, what=f"group, {n}")

    @step(n=number)
    def compare(self, n):
        if not self.page.compare.choices:
            self.show(n, "Scatter")
        choices = [choice for choice in self.page.compare.choices.values() if choice.isEnabled()]
        if choices:
            choice = choices[n % len(choices)]
            self.do(choice.trigger, what=f"compare with {choice.text()}")

    def show(self, n, title):
        """Show a tab of a sweep, opening one if none is in view."""
        if self.session.kind != "sweep":
            name = SWEEPS[n % len(SWEEPS)]
            self.do(self.controller.open, [self.stage.runs / name], what=f"open {name}")
        if self.page.tabs.title() != title:
            self.do(self.page.tabs.show_view, title, what=f"show {title}")

    # What must hold

    @invariant()
    @told
    def the_parts_of_the_page_agree(self):
        if self.session is not None:
            page_checks.check(self.page, self.session)

    # The end: what is on screen is shown and computed again

    def teardown(self):
        """Repeat what is on screen, and close the window."""
        try:
            if self.session is not None and not self.failed:
                self.replay()
        finally:
            self.close()
        self.stage.played.append((len(self.did), self.scripts))

    @told
    def replay(self):
        before = page_checks.look(self.page, self.session)
        there = Viewpoint.from_json(before[0].to_json())
        self.did.append(f"run the script of {there}")
        marked = self.session.marks.keys(there.state.get("listed", {}).get("tag", ""))
        script = python_of(there, self.session.run, marked)
        names = {}
        with contextlib.redirect_stdout(None):
            exec(compile(script, "copied", "exec"), names)
        self.scripts += 1
        if "points" in names:
            table = names["points"]
            keys = list(zip(table["image"], table["severity_index"], table["copy"], strict=True))
            assert keys == before[1]
        if there.view == "Explorer" and "explorer" in there.state:
            explored, again = self.page.explorer.view.explorer, names["degraded"]
            same = lambda: np.array_equal(np.rint(explored.degraded), np.rint(again))  # noqa: E731
            self.stage.wait_for(same, "the explorer shows another image than its script makes")
        elif "degraded" in names:
            assert names["degraded"].tolist() == before[3]
        for session in list(self.controller.sessions):
            self.controller.close(session)
        self.stage.settle(self.window)
        self.do(self.controller.visit, there, what="show what was on screen again")
        after = page_checks.look(self.page, self.session)
        assert after == before, (after[0], before[0])

    def close(self):
        self.window.close()
        if not self.failed:
            self.stage.wait_for(lambda: not self.window.isVisible(), "the window does not close")
        self.window.deleteLater()
        work(DRAWN)
        gc.collect()  # or the next window would stall
