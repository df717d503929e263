"""What is on screen as a Python script or a command, which give the same numbers when they are run. No Qt in here."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfstab.datasets.resize import parse_resize
from tfstab.gui.content.comparison import CLEAN
from tfstab.gui.content.explorer import PICTURE
from tfstab.gui.content.false_alarms import FALSE_ALARMS
from tfstab.gui.content.own_picture import form_of_run
from tfstab.gui.content.robustness import CLASSES, ONE_IMAGE, OTHER_NETWORKS
from tfstab.gui.content.selection import ELSEWHERE, GAINED, LOST, SECOND
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.models import bundled_names
from tfstab.runs.form import recorded_form
from tfstab.runs.together import is_hardened_from

Lines = list[str]
MOST_MARKS = 10_000  # listed in a script
_COLUMNS = {"actual": "class_index"}  # names of the table's columns that have another name in `samples`


def python_of(viewpoint: Viewpoint, run: Any, marked: Sequence[tuple[int, ...]] = ()) -> str:
    """Return a Python script that computes what is on screen with tfstab's public functions.

    Parameters
    ----------
    viewpoint : Viewpoint
        What is on screen.
    run : SweepRun, SearchRun or OpenedAssessment
        Its run.
    marked : sequence of tuple of int
        Keys of the images that a list is restricted to, if it shows marked images alone.

    Returns
    -------
    str
        A script. It leaves what it computed in variables: `points` is the table of a sweep's listed images, `metrics`
        has precision, recall and counts of confusion (K, K), `results` is the table of a search, `clean` and `degraded`
        are the selected image, or the explored one, whose `scores` are computed if the model is a bundled one.
    """
    body = {"sweep": _sweep, "search": _search}.get(run.kind, _assessment)
    state = viewpoint.state
    if viewpoint.view == "Explorer" and "explorer" in state:
        return "\n".join([*_explorer(state["explorer"], viewpoint, run), ""])
    lines = ["import tfstab", "", f"run = tfstab.{_opener(run)}({viewpoint.run!r})"]
    compared = [str(folder) for folder in state.get("compared") or []]
    if compared:
        lines.append(f"others = [{', '.join(f'tfstab.{_opener(run)}({folder!r})' for folder in compared)}]")
    return "\n".join([*lines, *body(viewpoint, run, list(marked)[:MOST_MARKS]), ""])


def command_of(viewpoint: Viewpoint, run: Any) -> str:
    """Return the command that prints the numbers of the selected image, of compared runs, or of the whole run.

    For a picture of the user's own in the explorer, it is the command that tries all degradations on it.
    """
    state = viewpoint.state
    if own := state.get("explorer", {}).get(PICTURE):
        return shlex.join(["tfstab", *_inspected(own, viewpoint, run)])
    selected, compared = state.get("selected"), state.get("compared") or []
    image, part = str(selected[0] if isinstance(selected, list) else selected), _part(viewpoint)
    if compared and (viewpoint.view == "Metrics" or part == OTHER_NETWORKS):
        pairs = ((viewpoint.run, folder)[:: _order(viewpoint, folder)] for folder in compared)
        return " && ".join(shlex.join(["tfstab", "compare", *pair]) for pair in pairs)
    if part == ONE_IMAGE and selected is not None:
        words = ["inspect", viewpoint.run, "--image", image]
    elif run.kind not in ("sweep", "search"):
        words = ["report", viewpoint.run]
    elif selected is None or viewpoint.view in ("Metrics", "Overview"):
        words = ["inspect", viewpoint.run]
    else:
        words = ["inspect", viewpoint.run, "--image", image]
    return shlex.join(["tfstab", *words])


def _inspected(own: dict[str, Any], viewpoint: Viewpoint, run: Any) -> list[str]:
    """Return the words of the command for a picture of the user's own, as `OwnPicture.to_json` describes it.

    How it is resized is left out if the run says it itself.
    """
    from tfstab.orders.step import words_of  # imports what the empty window must not wait for

    given = own["resize"] is not None and form_of_run(run) is None
    return words_of(
        "inspect",
        {
            "run": viewpoint.run,
            "picture": own["file"],
            "why": True,
            "true_class": None if own["class"] is None else run.class_names[own["class"]],
            "resize": own["resize"] if given else None,
        },
    )


def _part(viewpoint: Viewpoint) -> str:
    """Return the title of the part of the tab Robustness in view, "" for another tab."""
    return str(viewpoint.state.get("robustness", {}).get("part", "")) if viewpoint.view == "Robustness" else ""


def _order(viewpoint: Viewpoint, compared: str) -> int:
    """Return 1 if the run in view is the first of two compared ones, as on screen; -1 if it is the second."""
    return 1 if is_hardened_from(Path(compared), Path(viewpoint.run)) else -1


def _explorer(explored: dict[str, Any], viewpoint: Viewpoint, run: Any) -> Lines:
    image, folder, model = explored["image"], viewpoint.run, run.info["model"]
    if run.kind not in ("sweep", "search"):  # an assessment has its images in its runs
        folder = next(str(one.path) for one in run.opened.runs if image in one.clean.indices)
    steps = [tuple(step) for step in explored["steps"]]
    imports, clean = _clean(explored, folder, run)
    lines = [
        "import tfstab",
        *imports,
        "from tfstab.degradations import chain",
        "",
        *clean,
        f"degraded = chain(clean, {steps!r}, seed={explored['seed']})",
    ]
    if model["name"] in bundled_names() and not recorded_form(model):
        load = f"classifier = tfstab.load_classifier({model['name']!r}).for_images(clean.shape)"
        lines += ["", load, "scores = classifier.scores(degraded[None])[0]", "print(scores)"]
    return lines


def _clean(explored: dict[str, Any], folder: str, run: Any) -> tuple[Lines, Lines]:
    """Return imports and lines that give the clean image: one of the run, or a picture of the user's own."""
    own = explored.get(PICTURE)
    if own is None:
        images = f"images = tfstab.open_run({folder!r}).clean"
        return [], [images, f"clean = images.images[images.row({explored['image']})]"]
    imports, resize = ["from pathlib import Path", "", "from tfstab.datasets.images import decode"], ""
    if own["resize"] is not None:
        way, size, named = parse_resize(own["resize"])
        imports.append("from tfstab.datasets.resize import Resize")
        resize = f", Resize({size!r}, {way!r}, {named!r})"
    grey = run.clean.images.shape[3] == 1
    return imports, [f"clean = decode(Path({own['file']!r}), {grey}{resize})"]


def _opener(run: Any) -> str:
    return "open_run" if run.kind in ("sweep", "search") else "open_assessment"


def _assessment(viewpoint: Viewpoint, run: Any, marked: list[tuple[int, ...]]) -> Lines:
    image, each = viewpoint.state.get("selected"), "for family in run.figures.families:"
    lines = ["print(run.summary())", "print(run.figures.clean, run.figures.mean_kept)"]
    lines += ["", each, "    print(family.title, family.kept)"]
    if _part(viewpoint) == CLASSES:  # each severity has the same images, so the mean is the recall over all
        column = "taken" if viewpoint.state["robustness"].get(FALSE_ALARMS) else "recall"
        lines += ["", f'print(run.recalls().groupby(["class", "degradation"])["{column}"].mean().unstack())']
    if viewpoint.view == "Robustness" and image is not None:  # the first copy of the image at each severity
        lines += [
            "",
            each,
            f"    if {image} in family.run.clean.indices:",
            f"        copies = family.run.samples(image={image}).to_pandas()",
            '        copies = copies[copies["copy"] == 0].sort_values("severity_index")',
            '        print(family.title, copies[["severity", "predicted", "score"]], sep="\\n")',
        ]
    compared = viewpoint.state.get("compared") or []
    if viewpoint.view == "Robustness" and compared:
        both = (("run", f"others[{k}]")[:: _order(viewpoint, folder)] for k, folder in enumerate(compared))
        pairs = ", ".join(f"({first}, {second})" for first, second in both)
        lines += [
            "",
            "from tfstab.experiments import SweepComparison",
            "",
            f"pairs = [{pairs}]  # a difference is the second minus the first",
            "for pair in pairs:",
            "    for family in run.figures.families:",
            "        first, second = (one.figures.family(family.name) for one in pair)",
            "        if first is not None and second is not None:",
            "            print(family.title, SweepComparison(first.run, second.run).accuracy())",
        ]
    return lines


def _search(viewpoint: Viewpoint, run: Any, marked: list[tuple[int, ...]]) -> Lines:
    lines, image = ["results = run.to_pandas()", "print(results)"], viewpoint.state.get("selected")
    if image is not None:
        lines += [
            "",
            f"result = run.result({image})",
            "clean, degraded = result.clean, result.degraded",
            "print(result.l2, result.predicted, result.queries)",
        ]
    return lines


def _sweep(viewpoint: Viewpoint, run: Any, marked: list[tuple[int, ...]]) -> Lines:
    lines = _metrics(viewpoint, run) if viewpoint.view in ("Metrics", "Overview") else _points(viewpoint, run, marked)
    selected = viewpoint.state.get("selected")
    if isinstance(selected, list):
        lines += [
            "",
            f"clean = run.clean.images[run.clean.row({selected[0]})]",
            "degraded = run.degraded_image({}, {}, {})".format(*selected),
            "print(run.sample({}, {}, {}))".format(*selected),
        ]
    return lines


def _metrics(viewpoint: Viewpoint, run: Any) -> Lines:
    chosen = viewpoint.state.get("metrics", {})
    place, right = chosen.get("severity_index"), bool(chosen.get("right_when_clean"))
    severity = f"severity={run.severities[place]!r}, " if isinstance(place, int) else ""
    lines = [f"metrics = run.class_metrics({severity}clean_correct={right})"]
    if place == CLEAN:
        lines = [
            "from tfstab.metrics import class_metrics",
            "",
            f"kept = {'run.clean.correct' if right else 'slice(None)'}",
            "labels, predicted = run.clean.class_index[kept], run.clean.predicted[kept]",
            "metrics = class_metrics(labels, predicted, len(run.class_names))",
        ]
    lines.append("print(metrics.precision, metrics.recall, metrics.counts, metrics.shares, sep='\\n')")
    if chosen.get("table") == "Weakest images":
        lines += [f"weakest = run.measures.weakest_images({right})", "print(weakest[:20])"]
    return [*lines, "for row in run.accuracy_by_severity():", "    print(row)"]


def _points(viewpoint: Viewpoint, run: Any, marked: list[tuple[int, ...]]) -> Lines:
    state = viewpoint.state
    class_index, chosen, listed = state.get("class"), state.get("filter", {}), state.get("listed", {})
    of_class = "" if class_index is None else f"class_index={class_index}"
    lines = [
        f"points = run.samples({of_class}).to_pandas()",
        'points = points.sort_values(["class_index", "image", "severity_index", "copy"], ignore_index=True)',
    ]
    lines += _against(listed, class_index, run)
    lines += [f"points = points[{condition}]" for condition in _conditions(chosen)]
    if listed.get("marked_only") or listed.get("tag"):
        lines += [
            f"marked = {marked!r}",
            'keys = zip(points["image"], points["severity_index"], points["copy"])',
            "points = points.loc[[key in marked for key in keys]]",
        ]
    elif not (listed.get("correct_too") or listed.get("against")):
        lines.append('points = points[points["predicted"] != points["class_index"]]')
    if listed.get("file"):
        lines.append(f'points = points[points["image"].isin(run.clean.named({listed["file"]!r}))]')
    if listed.get("picked") is not None:
        lines = ["from matplotlib.path import Path", "", *lines]
        lines += [
            f"outline = Path({listed['picked']!r})  # corners: PSNR, score",
            'points = points[outline.contains_points(points[["psnr", "score"]])]',
        ]
    lines += _sorting(listed.get("sort"), marked, class_index)
    return [*lines, *([] if listed.get("group") is None else _groups(listed["group"])), "print(points)"]


def _conditions(chosen: dict[str, Any]) -> Lines:
    """Return a filter's conditions as expressions."""
    spoken: dict[str, Callable[[Any], str]] = {
        "severity_index": lambda k: f'points["severity_index"] == {k}',
        "predicted": lambda k: f'points["predicted"] == {k}',
        "image": lambda k: f'points["image"] == {k}',
        "low": lambda score: f'points["score"].to_numpy() >= {score!r}',
        "high": lambda score: f'points["score"].to_numpy() <= {score!r}',
        "clean_wrong": lambda _: 'points["image"].isin(run.clean.indices[run.clean.correct])',
    }
    return [spoken[name](value) for name, value in chosen.items() if value is not None]


def _against(listed: dict[str, Any], class_index: int | None, run: Any) -> Lines:
    """Return the lines that look up what a compared run predicts, and keep the points for which that was chosen."""
    against, sort = listed.get("against"), listed.get("sort")
    column = against[0] if against is not None else sort[0] if sort is not None else ""
    if not column.startswith(ELSEWHERE) or class_index is None:
        return []
    drawn, same = run.degradation.random, ["image", "severity", "copy"]
    if drawn and not run.config.common_noise:
        same.append("severity_index")  # the noise depends on it
    lines = [
        f"other = others[{column.removeprefix(ELSEWHERE)}]",
        f"theirs = other.samples(class_index={class_index}).to_pandas().rename(columns={{'predicted': 'elsewhere'}})",
        *(["theirs = theirs[[run.seed == other.seed] * len(theirs)]  # otherwise the noise differs"] if drawn else []),
        f"same = {same!r}",
        'points = points.merge(theirs[[*same, "elsewhere"]], on=same, how="left").fillna({"elsewhere": -1})',
    ]
    if against is not None:
        here, there = ("!=" if wrong else "==" for wrong in (against[1] != GAINED, against[1] != LOST))
        lines += [
            'points = points[points["elsewhere"] >= 0]',
            f'points = points[points["predicted"] {here} points["class_index"]]',
            f'points = points[points["elsewhere"] {there} points["class_index"]]',
        ]
    return lines


def _groups(group: str) -> Lines:
    """Return the lines that count the rows of each group, and list the rows group by group as the window does."""
    columns = {"image": ["image"], "pair": ["class_index", "predicted"], "severity": ["severity_index"]}[group]
    order = (
        "groups = groups.reindex([k for k in run.config.mildest_first if k in groups.index])"
        if group == "severity"
        else 'groups = groups.sort_values(ascending=False, kind="stable")'
    )
    return [
        f"groups = points.groupby({columns!r}).size()",
        order,
        "print(groups)",
        f"place = groups.index.get_indexer(points.set_index({columns!r}).index)",
        'points = points.iloc[place.argsort(kind="stable")]',
    ]


def _sorting(sort: list[Any] | None, marked: list[tuple[int, ...]], class_index: int | None) -> Lines:
    """Return the lines that sort the rows, and compute what they are sorted by if the run does not record it."""
    if sort is None:
        return []
    name, descending = sort
    lines, column = [], _COLUMNS.get(name, name)
    if name.startswith(ELSEWHERE):
        column = "predicted" if class_index is None else "elsewhere"  # of all classes, only the own ones are known
    elif name == SECOND:
        lines = [
            'second = dict(zip(run.clean.indices, (-run.clean.scores).argsort(axis=1, kind="stable")[:, 1]))',
            'points = points.assign(second=points["image"].map(second))  # runner-up when clean',
        ]
    elif name == "marked":
        lines = [
            f"marked = {marked!r}",
            'keys = zip(points["image"], points["severity_index"], points["copy"])',
            "points = points.assign(marked=[key in marked for key in keys])",
        ]
    return [*lines, f'points = points.sort_values("{column}", ascending={not descending}, kind="stable")']
