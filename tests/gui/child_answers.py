"""What the viewer's child process answers, by the same functions, without the process."""

from collections.abc import Sequence

import numpy_runs

from tfstab.gui.jobs.exploring import explore
from tfstab.gui.jobs.questions import Answer
from tfstab.gui.jobs.verdict import verdict

QUESTIONS = {
    "explore": explore,
    "verdict": verdict,
    "scores": lambda model, arguments: [("scores", {"scores": model.scores(arguments["images"])})],
}


def answer_asked(process, questions: Sequence[str] = tuple(QUESTIONS)) -> None:
    """Answer what a process without a child has been asked of the model of `numpy_runs`.

    questions: kinds of questions to answer; questions of other kinds stay unanswered.
    """
    model = numpy_runs.classifier()
    for order in [order for order in process.orders if getattr(order, "question", "") in questions]:
        process.orders.remove(order)
        for part in QUESTIONS[order.question](model, order.arguments):
            if part is not None:
                process.message.emit(Answer(order.ticket, *part))
        process.message.emit(Answer(order.ticket, "", {}, last=True))
