"""The report in a real browser: it fits from 400 to 1440 pixels, light and dark, and axe-core finds nothing.

It needs Chromium or Chrome; axe-core too if TFSTAB_AXE names its axe.min.js (`npm pack axe-core`).
"""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import brightness, classifier, dataset, search, sweep

from tfstab import ExplanationConfig, SweepConfig
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.explanation import run_explanation
from tfstab.orders.hardening import HardeningSubject
from tfstab.report.harden_page import harden_page
from tfstab.report.hardening import Hardening
from tfstab.report.run_report import report_page
from tfstab.training.hardening import Hardened

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
WIDTHS = {
    "light": ((400, 820, 920, 1090, 1440), (400,), (400, 1440), (400, 1440)),
    "dark": ((1440,), (), (1440,), (1440,)),
}  # of each page, in pixels
# Opens the page at each width in a frame, and writes what is wrong with it into the document, which is then printed.
SCRIPT = """
const found = [];
const axe = %(axe)s;
async function look(frame) {
  const doc = frame.contentDocument, width = frame.clientWidth, root = doc.documentElement;
  const say = (what, e) => found.push([width, what, e ? e.outerHTML.slice(0, 150) : ""]);
  await doc.fonts.ready;
  doc.querySelectorAll("details").forEach(e => e.open = true);
  for (const spacing of ["0.08em", ""]) {  // some systems have wider letters
    doc.body.style.letterSpacing = spacing;
    if (root.scrollWidth <= width) continue;
    const right = e => e.getBoundingClientRect().right, all = [...doc.querySelectorAll("body *")];
    const last = all.filter(e => !e.closest(".wide > *")).reduce((a, b) => right(b) > right(a) ? b : a);
    say("wider than its window, letters apart by " + (spacing || 0), last);
  }
  for (const e of doc.querySelectorAll("img")) if (!e.naturalWidth) say("a broken image", e);
  for (const e of doc.querySelectorAll(".num, .card, .verdict, .chart td, .chart th, figcaption"))
    if (!e.classList.contains("plot") && e.scrollWidth > e.clientWidth + 1) say("text that is cut", e);
  for (const row of doc.querySelectorAll(".axis, .x")) {
    const labels = [...row.children].map(e => e.getBoundingClientRect()).filter(r => r.width);
    labels.sort((a, b) => a.left - b.left);
    for (let k = 1; k < labels.length; k++) if (labels[k].left < labels[k - 1].right) say("labels that overlap", row);
  }
  for (const e of doc.querySelectorAll(".plot > svg, .box > svg")) {
    const box = e.getBoundingClientRect();
    if (box.width && box.width < 60) say("a plot that is too narrow", e);
  }
  for (const e of doc.querySelectorAll(".legend + .chart"))
    if (!e.querySelector(".plot svg").getBoundingClientRect().width) say("a legend of marks that are hidden", e);
  found.push([width, "background", getComputedStyle(doc.body).backgroundColor]);
  if (axe) {
    const script = doc.createElement("script");
    script.textContent = axe;
    doc.head.append(script);
    const result = await frame.contentWindow.axe.run(doc, {resultTypes: ["violations"]});
    for (const v of result.violations) for (const n of v.nodes) found.push([width, v.id, n.html.slice(0, 150)]);
  }
}
addEventListener("load", async () => {
  for (const frame of document.querySelectorAll("iframe")) await look(frame);
  document.querySelector("pre").textContent = JSON.stringify(found);
});
"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_is_accessible(scheme, pages, tmp_path):
    lib = os.environ.get("TFSTAB_AXE", "")
    axe = json.dumps(Path(lib).read_text("utf-8")).replace("</", "<\\/") if lib else "null"
    frames = "".join(
        f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(page)}"></iframe>'
        for page, widths in zip(pages, WIDTHS[scheme], strict=True)
        for width in widths
    )
    harness = tmp_path / "harness.html"
    harness.write_text(f"<!DOCTYPE html><pre></pre>{frames}<script>{SCRIPT % {'axe': axe}}</script>", "utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
               f"--blink-settings=preferredColorScheme={int(scheme == 'light')}", "--virtual-time-budget=60000",
               "--dump-dom", harness.as_uri()]  # fmt: skip
    printed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout
    told = re.search(r"<pre>(\[.*?\])</pre>", printed, re.DOTALL)
    assert told, printed[:2000]
    found = json.loads(html.unescape(told[1]))
    backgrounds = [tuple(map(int, re.findall(r"\d+", colour))) for _, what, colour in found if what == "background"]
    assert len(backgrounds) == sum(map(len, WIDTHS[scheme]))
    assert all((sum(colour[:3]) > 600) == (scheme == "light") for colour in backgrounds)
    assert [entry for entry in found if entry[1] != "background"] == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of one network, of two, of an explanation and of a hardening, without the policy that forbids scripts."""
    folder = tmp_path_factory.mktemp("browser")
    families = ("gaussian_noise", "fog", "jpeg", "salt_and_pepper", "translation")
    runs = [sweep(folder / name, SweepConfig(degradation=name, copies=1)) for name in families]
    runs.append(search(folder / "search", dataset().select(np.array([1, 2, 5])), queries=100))
    other = sweep(folder / "other", SweepConfig(degradation="fog"), model=classifier(fingerprint="other"))
    policy = re.compile(r"<meta http-equiv=\"Content-Security-Policy\".*?>")
    why = run_explanation(classifier(), dataset(), ExplanationConfig(copies=4, max_queries=100), folder / "why")
    written = [report_page(several) for several in (runs, [*runs, other], [why])]
    return [policy.sub("", page) for page in (*written, hardening_page(folder, runs))]


def hardening_page(folder, runs):
    """The page of a network that became another one, which takes bright images for dark ones."""
    after = classifier(lambda images: brightness(np.minimum(images, 150)), fingerprint="hardened")
    changed = [sweep(folder / f"after-{run.path.name}", run.config, model=after) for run in runs[:-1]]
    shares = dict.fromkeys(("clean_before", "clean_after", "degraded_before", "degraded_after"), 0.5)
    card = {"name": "hardened", "original": {"name": "brightness"}, "remedy": {"title": "mixture of degradations"},
            "steps": 1000, "share_of_new_weights": 0.7, "validation": shares}  # fmt: skip
    hardened = Hardened(after, card, None)
    hardening = Hardening(folder, hardened, RemedyComparison(runs[:-1], changed, ["fog"]), 3.0)
    return harden_page(hardening, HardeningSubject(classifier(), dataset(), dataset(), True, False, {}))
