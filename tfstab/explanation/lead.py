"""The answer of an explanation: what noise costs, the causes, or that none stands out; and what is open."""

from tfstab.explanation.assessment_near import assessment_near
from tfstab.explanation.cause import causes_of
from tfstab.explanation.classes import LEAST_IMAGES, LEAST_OF_NETWORK
from tfstab.explanation.details import details, examined, layers_unseen, scope, unseen_classes
from tfstab.explanation.gain import gains_of
from tfstab.explanation.noise_cost import noise_cost, what_it_means
from tfstab.explanation.run import ExplanationRun
from tfstab.explanation.undecided import Undecided, undecided
from tfstab.metrics.chance import guessing_warning, may_be_guessing
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.shares import percent
from tfstab.names import named
from tfstab.runs.info import without_classes
from tfstab.wording import counted, listed

NOTHING = "No image has been explained yet."
ASSESS = "`tfstab assess` measures which degradation does the most harm. "
NEXT_STEPS = (
    f"What to do next: {ASSESS}`tfstab inspect RUN --image N --why` (in Python `tfstab.explain_failure`) and, in the "
    "viewer (`tfstab view`), the card of an image say why it is misclassified, whatever the degradation. `tfstab "
    "harden` trains a more stable model."
)

GO_ON = ": to go on, run the same command again"


def lead(run: ExplanationRun) -> str:
    """Return in a few sentences what counts: what noise costs, and the causes, or that none stands out."""
    return f"{_guessing(run)}{_answer(run)}" if len(run.rows) else NOTHING


def _guessing(run: ExplanationRun) -> str:
    """Return that the clean images may be right by chance alone, "" if that is excluded."""
    accuracy, classes = accuracy_of(run.clean.correct), len(run.class_names)
    if without_classes(run.info) or not may_be_guessing(accuracy, classes):
        return ""
    images = counted(len(run.clean.correct), "clean image")
    warning = guessing_warning(accuracy, classes, "explain more images")
    return f"Of {images}, {percent(accuracy)} are right. {warning} "


def _answer(run: ExplanationRun) -> str:
    """Return what noise costs, the causes, or that none stands out, and what this means."""
    causes = causes_of(run)
    titles = [cause.title[0].lower() + cause.title[1:] for cause in causes]
    if not titles:
        answer = _no_cause(run)
    elif len(titles) == 1:
        answer = f"One cause stands out in {named(run.model)}: {titles[0]}."
    else:
        answer = f"{len(titles)} causes stand out in {named(run.model)}: {', '.join(titles[:-1])} and {titles[-1]}."
    return " ".join(filter(None, [noise_cost(run), answer, what_it_means(run, causes)]))


def _no_cause(run: ExplanationRun) -> str:
    """Return that no cause stands out, or that the images are too few to say so."""
    count = len(run.rows)
    if count < LEAST_OF_NETWORK:
        unseen = f" {layers_unseen(run)}" if gains_of(run) is None else ""
        return (
            f"{counted(count)} {'is' if count == 1 else 'are'} too few to say whether a cause stands out in "
            f"{named(run.model)}: it takes at least {LEAST_OF_NETWORK}, and {LEAST_IMAGES} of a class that is compared "
            f"with the others.{unseen}"
        )
    things = listed([thing for thing, there in examined(run) if there], "or")
    return (
        f"No single cause stands out{' yet' * (not _all_explained(run))}: no {things} of {named(run.model)} is "
        "certainly beyond the threshold from which it is called a cause."
    )


def after_causes(run: ExplanationRun) -> list[str]:
    """Return the paragraphs after the lead and the causes: what is open, details, and what was measured."""
    return [text for text in (open_causes(run), details(run), unseen_classes(run), scope(run)) if text]


def open_causes(run: ExplanationRun) -> str:
    """Return what else may be a cause, and what decides it; "" for nothing."""
    causes = causes_of(run)
    found = undecided(run, causes)
    return " ".join(filter(None, [found.text, "" if causes else _to_go_on(run, found)]))


def _to_go_on(run: ExplanationRun, found: Undecided) -> str:
    """Return that more images may show a cause; "" if all are explained, or too few to say that none stands out.

    found: what is undecided. The command proposed if `found.images` is set explains all others, too.
    """
    count, planned = len(run.rows), int(run.info["data"]["images"])
    if count < LEAST_OF_NETWORK or _all_explained(run):
        return ""
    rests = "Everything else rests" if found.of_clean else "This rests"
    go_on = "" if found.images else GO_ON
    return f"{rests} on {count:,} of {counted(planned)}, and the others may show a cause{go_on}."


def _all_explained(run: ExplanationRun) -> bool:
    """Return whether all images of the run are explained."""
    return len(run.rows) >= int(run.info["data"]["images"])


def next_steps(run: ExplanationRun) -> str:
    """Return what can be done if no cause stands out although the images suffice, "" otherwise."""
    if len(run.rows) < LEAST_OF_NETWORK or causes_of(run):
        return ""
    return NEXT_STEPS if assessment_near(run) is None else NEXT_STEPS.replace(ASSESS, "")
