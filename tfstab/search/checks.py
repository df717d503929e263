"""Checks of a search: whether the engine can search the model, and whether the objective asks for noise at all."""

from tfstab.classifier import Classifier
from tfstab.classifier.classifier import check_classifier
from tfstab.errors import InputError
from tfstab.search.aim import Aim
from tfstab.search.config import SearchConfig
from tfstab.search.engines import get_engine
from tfstab.search.objective import at_no_noise
from tfstab.search.result import MinimumNoise
from tfstab.warning import warn
from tfstab.wording import counted


def prefers_no_noise(result: MinimumNoise, config: SearchConfig, aim: Aim) -> bool:
    """Return whether the objective is smaller for the clean image than for the noise that was found."""
    if not result.found or result.l2 == 0:
        return False
    goal = aim.goal(result.class_index)
    return result.objective >= at_no_noise(result.clean_scores, goal, beta=config.beta, equation=config.objective)


def check_model(classifier: Classifier, config: SearchConfig) -> None:
    """Raise InputError unless this is a classifier that the engine can search."""
    check_classifier(classifier)
    wanted = "refine" if config.refine else f"engine '{config.engine}'"
    if classifier.labels_only and (config.needs_gradients or get_engine(config.engine).scores):
        raise InputError(
            f"{wanted} needs scores, but {classifier.name} returns only the predicted class; expected engine 'labels' "
            "or 'random', without refinement."
        )
    if not classifier.differentiable and config.needs_gradients:
        raise InputError(
            f"{wanted} needs gradients, which {classifier.name} ({classifier.kind}) does not have; expected engine "
            "'pygad', 'labels' or 'random', without refinement, or a function with gradients= "
            "(Classifier.from_function)."
        )
    if classifier.combine == "vote":
        raise InputError(
            f"{classifier.name} is an ensemble that votes, whose scores are steps without a slope to search along: "
            "make it again with combine='mean' or 'geometric'."
        )


def warn_of_collapse(count: int, total: int) -> None:
    """Warn that the objective prefers no noise for some images."""
    if count:
        warn(
            f"for {count} of {counted(total)} the objective is smallest without any noise, so that lambda and beta do "
            "not ask for a flip; the result is the best noise that flips: lower lambda or raise beta.",
        )
