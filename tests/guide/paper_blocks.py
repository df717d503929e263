"""Blocks of README.md and of the guide on the paper, made from resources/paper/results.json."""

import math

import numpy as np
from page_blocks import table

from tfstab.experiments.claim import ALL, NAMES, UNTESTED
from tfstab.experiments.paper import NETWORKS, paper_table
from tfstab.experiments.scales import MODELS
from tfstab.report.claim_tables import verdict
from tfstab.report.paper_tables import CLEAN, EXACT, NOISY, UNCLIPPED

KINDS = {
    "single": "single network",
    "member": "the ensemble's first member",
    "ensemble": "ensemble of 5",
    "augmented": "trained on 15 noisy copies",
}
TESTS = {"clean": CLEAN, "noisy": NOISY, "unclipped": UNCLIPPED}


class Figures:
    """The stored figures of one data set, by what they are numbers of."""

    def __init__(self, one):
        self.one, self.by_key = one, {figure.key: figure for figure in one.figures}
        self.classes = {(c.network, c.test): c for c in one.classes}
        self.kinds = [kind for kind in KINDS if kind in one.networks]

    def percent(self, kind, test, sigma=None, measure="accuracy"):
        """Return a share in % with its interval; empty if there is none."""
        return shown(self.by_key.get((kind, test, sigma, measure)), lambda share: f"{100 * share:.2f}")

    def number(self, kind, test, measure):
        """Return any other number with its interval; empty if there is none."""
        return shown(self.by_key.get((kind, test, None, measure)), lambda value: f"{value:#.3g}".rstrip("."))


def shown(figure, form):
    """Return a figure with its interval as text; empty if there is none."""
    if figure is None:
        return ""
    value, *ends = (form(x) for x in (figure.value, figure.low, figure.high))
    return f"{value} ({ends[0]}–{ends[1]})" if math.isfinite(figure.high) else value


def amount(figure):
    """Return the number of images and copies of a figure: "10,000 x 150"."""
    return "" if figure is None else f"{figure.images:,} x {figure.copies}"


def noise(results):
    """Accuracy of each network, clean and over all noise, beside the paper's."""
    rows = [
        [
            f"{NAMES[data]}, {KINDS[kind]}",
            one.percent(kind, "clean"),
            one.percent(kind, "noisy"),
            paper_noisy(data, kind)[0],
            amount(one.by_key.get((kind, "noisy", None, "accuracy"))),
        ]
        for data, one in results.items()
        for kind in one.kinds
    ]
    return table(("network", "clean", "over all noise", "paper", "images x copies"), rows)


def recall(results):
    """Mean recall under noise of each network beside the paper's, where the paper has it."""
    rows = []
    for data, one in results.items():
        for kind in one.kinds:
            found, printed = one.classes.get((kind, "noisy")), paper_noisy(data, kind)[1]
            if found is not None and printed:
                rows.append([f"{NAMES[data]}, {KINDS[kind]}", f"{100 * np.nanmean(found.recall[0]):.2f}", printed])
    return table(("network", "mean recall", "paper"), rows)


def unclipped(results):
    """Accuracy over all noise with and without clipping to 0..255."""
    rows = [
        [f"{NAMES[data]}, {KINDS[kind]}", one.percent(kind, "noisy"), without]
        for data, one in results.items()
        for kind in one.kinds
        if (without := one.percent(kind, "unclipped"))
    ]
    return table(("network", "clipped", "not clipped"), rows)


def paper_noisy(data, kind):
    """Return the paper's accuracy under noise, and its mean recall if it can be computed from what it prints."""
    paper = paper_table(data, kind, True)
    if paper is None:
        return "", ""
    accuracy = "" if paper.accuracy_is == "mean recall" else f"{paper.accuracy:.2f}"
    return accuracy, f"{paper.mean_recall:.2f}" if paper.digits >= EXACT else ""


def margins(results):
    """Margins, gain and minimum noise, and what training on noise changes."""
    rows = []
    for one in results.values():
        for kind in ("single", "augmented"):
            if (kind, "layers", None, "gain") in one.by_key:
                ratio = f"{kind} / single"
                rows.append([
                    f"`{one.one.networks[kind]['name']}`",
                    one.number(kind, "layers", "feature_margin"),
                    one.number(kind, "layers", "gain"),
                    one.number(kind, "noise", "noise"),
                    one.number(ratio, "layers", "feature_margin"),
                    one.number(ratio, "noise", "noise"),
                ])  # fmt: skip
    columns = ("network", "relative margin", "relative gain", "minimum noise, L2", "ratio of margins", "ratio of noise")
    return table(columns, rows)


def searches(results):
    """Minimum noise of the genetic search and along the boundary, and its ratio to the network compared with."""
    rows = []
    for data, one in results.items():
        for kind in one.kinds:
            other = "member" if kind == "ensemble" and "member" in one.kinds else "single"
            ratio = f"{kind} / {other}"
            rows.append([
                f"{NAMES[data]}, {KINDS[kind]}",
                *(one.number(name, test, measure)
                  for test, measure in (("search", "l2"), ("noise", "noise")) for name in (kind, ratio)),
            ])  # fmt: skip
    columns = ("network", "genetic search", "ratio", "along the boundary", "ratio")
    return table(columns, rows)


def tightness(results):
    """How near each search ends to the least noise that any run of the reproduction found for an image."""
    rows = [
        [
            f"{NAMES[data]}, {KINDS.get(t.network, t.network)}",
            t.search,
            f"{t.images:,}",
            *(f"{x:.2f}" for x in (t.median, t.high)),
        ]
        for data, one in results.items()
        for t in one.one.tightness
        if t.images
    ]
    return table(("network", "search", "images", "median", "90th percentile"), rows, text=2)


def verdicts(results, claims):
    """The verdict on each claim for each data set."""
    said = dict.fromkeys(claim.said for claim in claims)
    found = {(claim.said, claim.data): verdict(claim) for claim in claims}
    rows = [[text, *(found.get((text, data), "") for data in results)] for text in said if (text, ALL) not in found]
    last = "".join(f"\nOf all data sets: {c.said}: {verdict(c)}.\n" for c in claims if c.data == ALL)
    columns = ("the paper says", *(NAMES[data] for data in results))
    return table(columns, rows, text=len(columns)) + last


def evidence(claims):
    """What decides each claim, and for each data set the verdict with the numbers behind it."""
    sections = {}
    for claim in claims:
        sections.setdefault((claim.said, claim.where, claim.criterion), []).append(claim)
    texts = []
    for (said, where, criterion), ones in sections.items():
        items = "\n".join(f"- **{NAMES.get(c.data, 'All data sets')}: {verdict(c)}.** {evidence_of(c)}" for c in ones)
        texts.append(f"### {said[0].upper()}{said[1:]}\n\nIn the paper: {where}. It holds if {criterion}.\n\n{items}\n")
    return "\n".join(texts)


def evidence_of(claim):
    """Return the evidence of a claim, with its p-value if it has one."""
    if claim.verdict == UNTESTED:  # its reason tells who reproduces the paper what to do
        return "The runs for this claim have not been made."
    if claim.adjusted is None:
        return claim.evidence
    p, corrected = (f"{value:.2g}" if value else "below 1e-300" for value in (claim.p_value, claim.adjusted))
    return f"{claim.evidence} P-value: {p}; corrected for the number of claims: {corrected}."


def by_sigma(results):
    """Accuracy at each sigma, of all images and of those right when clean, clipped and not."""
    texts = []
    for data, one in results.items():
        for test in ("noisy", "unclipped"):
            for measure, of in (("accuracy", "all images"), ("kept", "images right when clean")):
                keys = [key for key in one.by_key if key[1] == test and key[3] == measure and key[2] is not None]
                kinds = [kind for kind in one.kinds if any(key[0] == kind for key in keys)]
                rows = [
                    [f"{sigma:g}", *(one.percent(kind, test, sigma, measure) for kind in kinds)]
                    for sigma in sorted({key[2] for key in keys})
                ]
                if rows:
                    columns = ("sigma", *(KINDS[kind] for kind in kinds))
                    texts.append(f"## {NAMES[data]}, {TESTS[test]}, {of}\n\n{table(columns, rows)}")
    return "\n".join(texts)


def ensemble_by_sigma(results):
    """At which sigmas an ensemble is less accurate than the single network, with intervals that do not overlap."""
    lines = []
    for data, one in results.items():
        sigmas = sorted({key[2] for key in one.by_key if key[:2] == ("ensemble", "noisy") and key[2] is not None})
        figures = {s: [one.by_key[kind, "noisy", s, "accuracy"] for kind in ("ensemble", "single")] for s in sigmas}
        higher = [s for s, (ensemble, single) in figures.items() if ensemble.low > single.high]
        lower = [s for s, (ensemble, single) in figures.items() if ensemble.high < single.low]
        if not lower:
            continue
        assert sigmas.index(higher[-1]) == len(higher) - 1, "the sentence says: from the first sigma up to the last"
        accuracies = [
            " against ".join(shown(figure, lambda share: f"{100 * share:.2f}") for figure in figures[s])
            + f" at sigma {s:g}"
            for s in lower
        ]
        lines.append(
            f"On {NAMES[data]}, the ensemble is more accurate than the single network at each sigma up to "
            f"{higher[-1]:g}, but less accurate under the strongest noise: its accuracy in % is "
            f"{', and '.join(accuracies)}. At each of these sigmas, the 95 % intervals of the two do not overlap."
        )
    return "\n".join(lines) + "\n"


def classes(results, printed):
    """Precision and recall of each class, beside the paper's Tables 1 to 6 or (not `printed`) where it has none."""
    texts = []
    for data, one in results.items():
        for (kind, test), ours in one.classes.items():
            paper = None if kind not in NETWORKS else paper_table(data, kind, test != "clean")
            if (paper is not None) == printed:
                number = "" if paper is None else f" (Table {paper.table})"
                title = f"{NAMES[data]}, {KINDS.get(kind, kind)}, {TESTS[test]}{number}"
                note = "" if paper is None or not paper.note else f"\n{paper.note}\n"
                texts.append(f"### {title}\n\n{class_table(one.one.class_names, ours, paper)}{note}")
    return "\n".join(texts)


def class_table(names, ours, paper):
    """Return precision and recall of each class as a table, beside the paper's if it has them."""
    rows = []
    for k, name in enumerate(names):
        row = [f"{k} {name}" if name != str(k) else name]
        for what in ("precision", "recall"):
            value, low, high = getattr(ours, what)[:, k]
            row += [] if paper is None else [f"{getattr(paper, what)[k]:.{paper.digits}f}"]
            row.append("" if math.isnan(value) else f"{value:.4f} ({low:.4f}–{high:.4f})")
        rows.append(row)
    columns = ["class"]
    for what in ("precision", "recall"):
        columns += [what] if paper is None else [f"{what}, paper", f"{what}, here"]
    return table(columns, rows)


def made(results):
    """Scale, test images, hours and versions of the results of each data set."""
    lines = []
    for data, one in results.items():
        runs, environments = one.one.made["runs"], one.one.made["environments"]
        commits = dict.fromkeys(filter(None, (one.one.commit, *(run.get("commit") for run in runs.values()))))
        hours = sum(run["hours"] for run in runs.values())
        versions = [
            f"tfstab {e['versions']['tfstab']}, TensorFlow {e['versions']['tensorflow']}, {e['device']}"
            for e in environments
        ]
        images = one.one.images
        lines.append(
            f"- {NAMES[data]}: scale {one.one.scale}, {images['count']:,} test images ({images['note']}), {len(runs)} "
            f"runs that took {hours:.1f} hours, {'; '.join(dict.fromkeys(versions))}, collected at commit "
            f"{', '.join(commits) or 'unknown'}."
        )
        lines += [f"  - {line}" for line in one.one.unfinished.values()]
    missing = [NAMES[data] for data in MODELS if data not in results]
    if missing:
        lines.append(f"- There are no results yet of {' and '.join(missing)}.")
    return "\n".join(lines) + "\n"


def blocks(stored):
    """Return the text of each block by its name."""
    results = {data: Figures(one) for data, one in stored.data.items()}
    return {
        "noise": noise(results),
        "recall": recall(results),
        "unclipped": unclipped(results),
        "margins": margins(results),
        "searches": searches(results),
        "tightness": tightness(results),
        "verdicts": verdicts(results, stored.claims),
        "evidence": evidence(stored.claims),
        "by-sigma": by_sigma(results),
        "ensemble-by-sigma": ensemble_by_sigma(results),
        "classes": classes(results, printed=True),
        "more-classes": classes(results, printed=False),
        "made": made(results),
    }
