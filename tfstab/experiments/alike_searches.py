"""Whether the minimum noise of two networks can be compared: only if both searches end about as near to the minimum.

No search ends at the minimum itself. How far above it differs between engines and, without gradients, from network to
network. Refined searches, and walks along the boundary (engine "boundary"), end within 2 % of the least noise known on
the bundled networks (medians). Without gradients it is up to 32 %, and on other networks it may be far more: see the
guide, measurements/search-measured.md.
"""

from tfstab.names import printed
from tfstab.runs.files import is_side
from tfstab.search import SearchRun
from tfstab.search.engines import engine_names
from tfstab.search.misfit import has_misfit
from tfstab.search.plateau import has_steps

NEAR = "boundary"  # the engine that ends near the minimum without refinement
COMMAND = (
    "tfstab search --model MODEL --data IMAGES --limit 50 {} --out FOLDER (in Python run_search with SearchConfig({}))"
)
REFINE, LABELS, PYGAD = (  # settings for both searches, in a command and in Python
    COMMAND.format("--refine", "refine=True"),
    COMMAND.format("--engine labels", "'labels'"),
    COMMAND.format("--engine pygad", "'pygad'"),
)


def is_near(run: SearchRun) -> bool:
    """Return whether a search ends near the minimum: it is refined, or walks along the boundary with gradients."""
    return bool(run.config.refine) or run.config.engine == NEAR


def why_unlike(first: SearchRun, second: SearchRun) -> str:
    """Return why the noise found in two networks cannot be compared, and what to do, in sentences; "" if it can.

    Two searches of the same network can: they compare the searches.
    """
    if first.info["model"]["fingerprint"] == second.info["model"]["fingerprint"]:
        return ""
    if any(has_steps(run.info) for run in (first, second)):
        return (
            "the scores of at least one of the models change in steps, so a search without gradients finds more "
            "noise than is needed. Compare these models by their accuracy under noise."
        )
    if any(has_misfit(run.info) for run in (first, second)):
        return (
            "the gradients of at least one of the models do not fit its scores, so a search that uses them may find "
            f"far more noise than is needed. Run both searches, with less certain results, with: {LABELS}"
        )
    difference = _difference(first, second)
    if difference and (fewer := _fewer_for_lack_of_time(first, second)):
        given = ", by the time that each assessment had)"
        advice = (
            f"the number is chosen when an assessment begins, so assess the one with {fewer} again into a new folder, "
            "with more minutes in one go."
        )
        return f"{difference.removesuffix(')')}{given}: {advice}"
    if difference and (model := _fewer_in_a_hardening(first, second)):
        return (
            f"{difference.removesuffix(')')}, as a hardening uses fewer): assess {model}, too, with `tfstab assess` "
            "(in Python tfstab.assess), on the same images and with as many minutes, and compare both assessments."
        )
    return f"{difference}. {_advice(first, second)}" if difference else ""


def _fewer_for_lack_of_time(first: SearchRun, second: SearchRun) -> int:
    """Return the lower number of queries if two searches of assessments differ only in this number, or else 0.

    An assessment chooses it by its time when it begins, and keeps it when it goes on.
    """
    timed = first.assessed and second.assessed and _only_queries_differ(first, second)
    return min(first.config.max_queries, second.config.max_queries) if timed else 0


def _fewer_in_a_hardening(first: SearchRun, second: SearchRun) -> str:
    """Return the model of the search with fewer queries if it is of a hardening and the other one is not, or else "".

    A hardening always uses the lower of the numbers that an assessment may choose, so that hardenings can be compared.
    """
    fewer, more = sorted((first, second), key=lambda run: run.config.max_queries)
    of_one = is_side(fewer.path.parent) and not is_side(more.path.parent) and _only_queries_differ(first, second)
    return printed(fewer.model) if of_one else ""


def _only_queries_differ(first: SearchRun, second: SearchRun) -> bool:
    one, other = first.config.settings, second.config.settings
    return {name for name in one | other if one.get(name) != other.get(name)} == {"max_queries"}


def _difference(first: SearchRun, second: SearchRun) -> str:
    """Return in what the ways of two searches differ; "" if both are refined, or their settings are equal."""
    one, other = first.config, second.config
    engines = f"engine {one.engine} and engine {other.engine}"
    if one.engine != other.engine and _has_gradients(first) != _has_gradients(second):
        return f"only one of the searches uses gradients ({engines}), so it ends nearer to the minimum"
    if bool(one.refine) != bool(other.refine):
        return "only one of the searches is refined"
    if one.refine or one.settings == other.settings:
        return ""
    if one.engine != other.engine:
        return f"the searches use {engines}, without refinement"
    before, after = one.settings, other.settings
    named = [(name.strip("_").replace("_", " "), before[name], after.get(name)) for name in before]
    changed = [f"{name} {value} and {other}" for name, value, other in named if value != other]
    return f"the searches have different settings ({', '.join(changed)})"


def _has_gradients(run: SearchRun) -> bool:
    """Return whether a search uses gradients; False for an engine that is not available here."""
    return bool(run.config.refine) or (run.config.engine in engine_names() and run.config.needs_gradients)


def _advice(first: SearchRun, second: SearchRun) -> str:
    """Return how to make two searches that can be compared."""
    engines = {run.config.engine for run in (first, second)}
    if all(map(_has_gradients, (first, second))):
        return f"Run both searches with: {REFINE}"
    without = LABELS if "labels" in engines else PYGAD
    return (
        f"If both models have gradients, run both searches with: {REFINE}; otherwise, with less certain "
        f"results, run both with: {without}"
    )
