"""`tfstab reproduce`: repeat the paper's experiments, or compare all remedies with each other."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from tfstab.cli.observing import made
from tfstab.cli.options import DataDir, Imports, Json, Outputs, Preprocess, Trust
from tfstab.cli.output import RESUME, long_work, print_json, print_table, progress_bar, remark
from tfstab.cli.panels import RESULTS_PANEL
from tfstab.errors import InputError
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction import reproduce as reproduce_paper
from tfstab.experiments.scales import MODELS, SCALES
from tfstab.paths import check_writable


def reproduce(
    what: Annotated[
        str,
        typer.Argument(
            help="paper: the paper's experiments; remedies: all remedies for one network, compared with each other.",
            metavar="paper|remedies",
        ),
    ],
    data: Annotated[
        str, typer.Option("--data", help=f"Data set: {', '.join(MODELS)}.", metavar="|".join(MODELS))
    ] = "mnist",
    scale: Annotated[
        str,
        typer.Option(
            "--scale",
            help=f"Amount of work: {', '.join(SCALES)}, for minutes, hours or days.",
            metavar="|".join(SCALES),
        ),
    ] = "small",
    network: Annotated[
        list[str] | None,
        typer.Option(
            "--network",
            help="Use your own network as single, ensemble, augmented or any other name; may be given several times.",
            metavar="KIND=PATH",
        ),
    ] = None,
    preprocess: Preprocess = None,
    outputs: Outputs = None,
    trust: Trust = False,
    data_dir: DataDir = None,
    imports: Imports = None,
    as_json: Json = False,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Output folder; its report covers all data sets; existing runs are resumed.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = Path("reproduction"),
) -> None:
    """Repeat the paper's experiments with one data set and show its figures beside ours, or compare all remedies."""
    check_writable(out)
    if what == "remedies":
        if network or preprocess or outputs or trust or imports:
            raise InputError(
                "remedies are compared for a bundled network; --network, --preprocess, --outputs, --trust and --import "
                "are for paper only."
            )
        _reproduce_remedies(data, scale, out, data_dir, as_json)
        return
    if what != "paper":
        raise InputError(f"'{what}' cannot be reproduced; expected paper or remedies.")
    networks = dict(_pair(text) for text in network or ())
    with long_work(RESUME), progress_bar() as bar:
        watch = _Watch(bar)
        loading = {"preprocess": preprocess, "outputs": outputs, "trust": trust, "imports": imports or ()}
        reproduce_paper(data, scale, out, networks, data_dir=data_dir, on_step=watch.on_step, loading=loading)

    from tfstab.report.agreement_tables import compare_with_stored
    from tfstab.report.claim_tables import claims_table, verdict_table
    from tfstab.report.margin_tables import margin_records
    from tfstab.report.paper_tables import accuracy_table
    from tfstab.report.reproduction_report import reproduction_report, wrong_inputs
    from tfstab.report.saving import save_page
    from tfstab.report.tightness_table import tightness_table

    there = {name: Reproduction(out / name) for name in MODELS if (out / name / "reproduction.json").is_file()}
    beside = compare_with_stored(there)
    page, *_ = save_page(reproduction_report(there, beside), out)
    made("report", page)
    notes = wrong_inputs(there)
    tight = tightness_table(there)
    if as_json:
        accuracy, margins = accuracy_table(there).records(), margin_records(there)
        figures = {
            "input_notes": notes,
            "claims": claims_table(beside.found).records(),
            "accuracy": accuracy,
            "margins": margins,
            "stored": beside.record(),
        }
        print_json(figures | {"tightness": [] if tight is None else tight.records()})
        return
    accuracies = accuracy_table(there)
    print_table(accuracies.only(*(name for name in accuracies.columns if name != "right when clean")))
    if tight is not None:
        print_table(tight)
    print_table(verdict_table(beside.found))
    for one in (beside.accuracy_table(overall=True), beside.other_table(overall=True)):
        if one.rows:
            print_table(one.only(*one.columns[:-1]))
    for line in [*beside.lines, *notes]:
        remark(line)
    remark(f"all tables, figures and the evidence for each claim are in {page}")


def _reproduce_remedies(data: str, scale: str, out: Path, data_dir: Path | None, as_json: bool) -> None:
    """Train and measure all remedies with one data set, and print the comparison."""
    from tfstab.experiments.league import run_league
    from tfstab.report.league_tables import league_json, league_table

    folder = out / "remedies"
    with long_work(RESUME), progress_bar() as bar:
        league = run_league(data, scale, folder, data_dir=data_dir, on_step=_Watch(bar).on_step)
    if as_json:
        print_json(league_json(league))
        return
    print_table(league_table(league))
    remark(f"all runs are in {folder / data}; for the report of one remedy: tfstab report {folder / data}/mixture")


def _pair(text: str) -> tuple[str, str]:
    kind, equals, path = text.partition("=")
    if not (kind and equals and path):
        raise InputError(f"--network is '{text}'; expected KIND=PATH, such as ensemble=my.keras.")
    return kind, path


class _Watch:
    """Shows a progress bar for each step of the work."""

    def __init__(self, bar: Progress) -> None:
        self.bar, self.what = bar, ""

    def on_step(self, what: str, done: int, total: int) -> None:
        if what != self.what:
            self.what = what
            self.task = self.bar.add_task(what, total=total, unit="", note="")
        self.bar.update(self.task, completed=done, total=total)
