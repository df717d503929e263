"""Stand-ins for the viewer's workers, which answer when the test says so or at once; and what a signal has sent."""

from collections.abc import Generator

from tfstab.gui.background import Background
from tfstab.gui.jobs.process import WorkerProcess
from tfstab.stepwise import finished


def telling(source, *signals):
    """The list to which each of these signals adds its name when it is sent."""
    told = []
    for name in signals:
        getattr(source, name).connect(lambda *_, name=name: told.append(name))
    return told


def heard(signal):
    """The list to which each sending of a signal adds its values."""
    told = []
    signal.connect(lambda *values: told.append(values))
    return told


class AtOnce(Background):
    """Work that is done when it is asked for."""

    def run(self, work, done, failed=None, owner=None, saving=False):
        done(work())


class Held(Background):
    """Work that is done when the test says so, in the order that it says."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.waiting, self.said = [], []
        self.failed.connect(lambda sentence, _: self.said.append(sentence))

    def run(self, work, done, failed=None, owner=None, saving=False):
        self.waiting.append((work, done, failed))

    def answer(self, place=0):
        work, done, failed = self.waiting.pop(place)
        try:
            outcome = work()
        except Exception as error:
            if failed is not None:
                failed()
            self._fail(error)
        else:
            done(outcome)

    def answer_all(self):
        while self.waiting:
            self.answer()


class Steps(Held):
    """Work that is done when the test says so, and whose result is shown without a pause."""

    def run(self, work, done, failed=None, owner=None, saving=False):
        def show(outcome):
            steps = done(outcome)
            if isinstance(steps, Generator):
                finished(steps)

        super().run(work, show, failed)


class Silent(WorkerProcess):
    """A child that is only written to; the test says what it answers."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.orders, self.killed, self.there = [], 0, False

    @property
    def running(self):
        return self.there

    def send(self, order):
        self.there = True
        self.orders.append(order)

    def kill(self, wait=False):
        self.killed += 1
        self.there = False

    def quit(self):
        self.there = False

    def shut_down(self):
        self.there = False
