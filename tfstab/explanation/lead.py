"""The answer of an explanation in a few sentences: the causes, or that none stands out, and how sure that is."""

import contextlib

import numpy as np

from tfstab.errors import TfstabError
from tfstab.explanation.cause import causes_of
from tfstab.explanation.classes import LEAST_IMAGES, LEAST_OF_NETWORK, short_names
from tfstab.explanation.gain import Gains, gains_of
from tfstab.explanation.gain_causes import all_layers, steps_of
from tfstab.explanation.noisy_copies import kept_under_noise, weakest_under_noise
from tfstab.explanation.run import ExplanationRun
from tfstab.explanation.undecided import undecided
from tfstab.metrics import Estimate
from tfstab.metrics.chance import guessing_warning, may_be_guessing
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.shares import percent
from tfstab.names import named
from tfstab.runs.files import ASSESSMENT
from tfstab.runs.info import read_info, runs_in, without_classes
from tfstab.wording import capital, counted, listed

LITTLE_HARM = 0.9  # share of noisy copies that stay right, as in an assessment

Step = tuple[int, Estimate, float]  # position of a layer, its layer gain, and its threshold

NOTHING = "No image has been explained yet."
ASSESS = "`tfstab assess` measures which degradation does the most harm, and "
NEXT_STEPS = (
    f"What to do next: {ASSESS}`tfstab harden` trains a more stable model. `tfstab inspect RUN --image N --why` (in "
    "Python `tfstab.explain_failure`) and, in the viewer (`tfstab view`), the card of an image say why it is "
    "misclassified, whatever the degradation."
)

GO_ON = ": to go on, run the same command again"
ONLY_CLEAN = " Why noise changes images that are right when clean is not explained by this: no cause stands out for it."
OTHERWISE = "Errors under other degradations, such as rotation or fog, may have other causes."


def lead(run: ExplanationRun) -> str:
    """Return the answer in a few sentences: the causes, or that none stands out, and how sure that is."""
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
    """Return the causes, or that none stands out, and how sure that is."""
    causes, name = causes_of(run), named(run.model)
    if not causes:
        return f"{_not_noise(run)}{_no_cause(run)}"
    titles = [cause.title[0].lower() + cause.title[1:] for cause in causes]
    little = ONLY_CLEAN if all(cause.kind == "clean" for cause in causes) else _little_harm(run)
    if len(titles) == 1:
        return f"One cause stands out in {name}: {titles[0]}.{little}"
    return f"{len(titles)} causes stand out in {name}: {', '.join(titles[:-1])} and {titles[-1]}.{little}"


def _not_noise(run: ExplanationRun) -> str:
    """Return that noise costs hardly any images, so that little can be said about lost images; "" if it costs more."""
    kept, weakest = kept_under_noise(run), weakest_under_noise(run)
    if not kept.low >= LITTLE_HARM or (weakest is not None and weakest[1].high < LITTLE_HARM):
        return ""
    return (
        f"Noise of sigma {run.config.sigma:g} costs {named(run.model)} hardly any images: of the noisy copies of "
        f"images that are right when clean, {percent(kept)} are right. This explanation looks for reasons why noise "
        "does harm, so it says little about images that are lost under other degradations. "
    )


def _little_harm(run: ExplanationRun) -> str:
    """Return that random noise does little harm, or that it did in these images: what stands out then costs little."""
    kept, sigma = kept_under_noise(run), f"{run.config.sigma:g}"
    if not kept.value >= LITTLE_HARM:
        return ""
    weakest = weakest_under_noise(run)
    if weakest is not None and weakest[1].high < LITTLE_HARM:
        which = short_names(run, [weakest[0]])[0]
        return (
            f" Of the noisy copies (sigma {sigma}) of images that are right when clean, {percent(kept)} are right; of "
            f"class {which}, only {percent(weakest[1])}. So what stands out may cost little on average, but more in "
            "some classes."
        )
    if not kept.low >= LITTLE_HARM:
        return (
            f" But of the noisy copies (sigma {sigma}) of images that are right when clean, {percent(kept)} are right. "
            "So what stands out may cost little; more images would decide it."
        )
    return (
        f" But noise of sigma {sigma} does little harm: of the noisy copies of images that are right when clean, "
        f"{percent(kept)} are right. So what stands out costs little unless the noise is stronger, or made to mislead "
        "the network."
    )


def open_causes(run: ExplanationRun) -> str:
    """Return what else may be a cause; "" for nothing, and if no cause is named, because `lead` says it then."""
    causes = causes_of(run)
    return undecided(run, causes) if causes else ""


def scope(run: ExplanationRun) -> str:
    """Return under which noise the causes were measured; "" if no image is explained."""
    if not len(run.rows):
        return ""
    kinds = {
        "Gaussian noise": run.has("copies") or run.has("layers"),
        "the minimum noise": run.has("noise"),
        "noise of single frequencies": run.has("frequency"),
    }
    there = [kind for kind, measured in kinds.items() if measured]
    if not there:
        return OTHERWISE
    return f"Measured under {'noise: ' * (len(there) > 1)}{listed(there)}. {OTHERWISE}"


def next_steps(run: ExplanationRun) -> str:
    """Return what can be done if no cause stands out although the images suffice, "" otherwise."""
    if len(run.rows) < LEAST_OF_NETWORK or causes_of(run):
        return ""
    return NEXT_STEPS.replace(ASSESS, "") if _is_assessed(run) else NEXT_STEPS


def unseen_classes(run: ExplanationRun) -> str:
    """Return that no image of some classes is explained; "" if each has one, without any image, and without labels."""
    if not len(run.rows) or without_classes(run.info):
        return ""
    there = set(run.clean.class_index[run.rows].tolist())
    names = short_names(run, (k for k in range(len(run.class_names)) if k not in there))
    if not names:
        return ""
    if len(names) == 1:
        return f"No image of class {names[0]} is explained, so nothing is said of it."
    return (
        f"No image of {len(names):,} of the {len(run.class_names):,} classes is explained "
        f"({listed(names)}), so nothing is said of them."
    )


def _is_assessed(run: ExplanationRun) -> bool:
    """Return whether the run lies in or beside an assessment of the same model."""
    around = run.path.absolute().parent
    for results in [*around.glob(ASSESSMENT), *around.glob(f"*/{ASSESSMENT}")]:
        for path in runs_in(results.parent):
            with contextlib.suppress(TfstabError):  # damaged: it says nothing
                info = read_info(path)
                if info["kind"] == "sweep" and info["model"]["fingerprint"] == run.info["model"]["fingerprint"]:
                    return True
    return False


def _no_cause(run: ExplanationRun) -> str:
    """Return that no cause stands out, the layer that comes closest, and what the images are too few for."""
    count, gains = len(run.rows), gains_of(run)
    unseen = " Its layers were not examined." if gains is None else ""  # as of an ONNX file or a function
    if count < LEAST_OF_NETWORK:
        return (
            f"{counted(count)} {'is' if count == 1 else 'are'} too few to say whether a cause stands out in "
            f"{named(run.model)}: it takes at least {LEAST_OF_NETWORK}, and {LEAST_IMAGES} of a class that is compared "
            f"with the others.{unseen}"
        )
    more, open_ones = _to_go_on(run), undecided(run)
    examined = listed([thing for thing, there in _examined(run) if there], "or")
    text = (
        f"No single cause stands out{' yet' * bool(more)}: no {examined} of {named(run.model)} is certainly beyond the "
        f"threshold from which it is called a cause.{f' {open_ones}' * bool(open_ones)}{more}{_closest(run)}"
        f"{_not_examined(run)}"
    )
    shown = np.bincount(run.clean.class_index[run.rows], minlength=len(run.class_names))
    few = int(((shown < LEAST_IMAGES) & (shown > 0)).sum())
    if few:
        have = "has" if few == 1 else "have"
        text += (
            f" {counted(few, 'class', 'classes')} {have} fewer than {LEAST_IMAGES} explained images, too few to "
            "compare with the others."
        )
    return text


def _to_go_on(run: ExplanationRun) -> str:
    """Return that more images may show a cause; "" if all are explained."""
    count, planned = len(run.rows), int(run.info["data"]["images"])
    if count >= planned:
        return ""
    return f" This rests on {count:,} of {counted(planned)}, and the others may show a cause{GO_ON}."


def _examined(run: ExplanationRun) -> list[tuple[str, bool]]:
    """Return what can be a cause, and whether the run has examined it."""
    return [
        ("layer", gains_of(run) is not None),
        ("class", True),
        ("direction", run.has("noise") and run.has("copies")),
        ("frequency", run.has("frequency")),
    ]


def _not_examined(run: ExplanationRun) -> str:
    """Return what was not examined: layers of an ONNX file or a function, and what `--only` leaves out."""
    names = {
        "layer": "its layers",
        "direction": "special directions",
        "frequency": "noise of single frequencies",
    }
    missing = [names[thing] for thing, there in _examined(run) if not there]
    if not missing:
        return ""
    return f" {capital(listed(missing))} {'was' if missing == [names['frequency']] else 'were'} not examined."


def _closest(run: ExplanationRun) -> str:
    """Return the gain of the layer that comes closest to its threshold, with its interval; "" without layers."""
    gains = gains_of(run)
    if gains is None:
        return ""
    steps = finite_steps(run, gains)
    if not steps:
        return ""
    layer, step, limit = closest_step(steps)
    decided = "" if step.high < limit else f" The interval reaches {limit:.2f}, so more images are needed to decide."
    higher = {gains.names[one]: its_limit for one, _, its_limit in steps if its_limit > limit}
    more = "".join(f" (for {name}, which takes the image itself, {higher[name]:.2f})" for name in list(higher)[:1])
    return (
        f" The layer that comes closest is {gains.names[layer]}: its own weights change noise by a factor of "
        f"{step.value:.2f} ({step.low:.2f} to {step.high:.2f}{all_layers(gains, gains.network[layer])}), compared with "
        f"the differences between images. This factor is its layer gain; above {limit:.2f}{more}, a layer is called a "
        f"cause.{decided} The relative gain of a layer includes the effect of all earlier layers, so it may be larger; "
        "it has no threshold."
    )


def finite_steps(run: ExplanationRun, gains: Gains) -> list[Step]:
    """Return the layer gains of all networks that could be measured, with intervals that hold for all."""
    every = [one for network in gains.networks for one in zip(*steps_of(run, gains, network), strict=True)]
    return [(layer, step, limit) for layer, step, limit in every if np.isfinite(step.low + step.high)]


def closest_step(steps: list[Step]) -> Step:
    """Return the layer gain that comes closest to its threshold, or lies farthest beyond it."""
    return max(steps, key=lambda one: one[1].high / one[2])
