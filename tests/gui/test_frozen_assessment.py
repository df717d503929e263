"""The pages of an assessment described widget by widget, as they were last recorded with `make frozen`.

The runs have given predictions, and the model's answers are made up: no model is run.
"""

import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, sweep_of

from made_runs import made_explanation, made_search
from tfstab.gui.jobs.questions import Answer
from tfstab.gui.sessions import failure_card
from tfstab.models import bundled_names

CARD = {
    "margin": {"margins": np.linspace(2, -0.6, 11).tolist(), "predicted": [1] * 8 + [2] * 3, "rival": 2},
    "random": {"lengths": [1, 2, 4], "flips": [0.0, 0.25, 0.75]},
    "layers": {
        "names": ["input", "dense", "logits"], "gain": [1.0, 1.9, 2.5], "typical_gain": [1.0, 1.2, 2.3],
        "margin": [1.0, 0.6, 0.4], "places": [["dense", 2.0], ["logits", 0.5]], "member": None,
    },
    "neighbours": {
        "own": {"images": [2, 4], "distances": [0.5, 0.75]}, "other": {"images": [3], "distances": [0.25]}, "among": 20,
    },
    "maps": {name: np.array([[1, -1], [0.5, 0]], np.float32) for name in ("clean", "degraded", "path")} | {"rival": 2},
}  # fmt: skip
ONE, TWO = bundled_names()[:2]  # names of models that the viewer can find


def assess(folder, name, fog):
    """Gaussian noise on 20 images, fog on 10 of them, a search of 8. One image is wrong when clean."""
    clean = np.arange(20) != 9
    noise = first_of((1, 0.9, 0.6), 20, 4) & clean[:, None, None]
    noise[5, 2] = False, True, True, False
    sweep_of(folder, "gaussian_noise", noise, (10, 20, 40), 4, clean, psnr=np.float32(25), name=name)
    sweep_of(folder, "fog", first_of(fog, 10) & clean[:10, None, None], clean=clean[:10], name=name)
    l2 = np.array([2.0, 2, 3, 3, 4, np.inf, 5, 9])
    labels = np.arange(8) % CLASSES
    made_search(folder / "search", l2, labels, labels, CLASSES, name=name)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two assessments, of which the first has an explanation."""
    folder = tmp_path_factory.mktemp("assessments")
    assess(folder / "one", ONE, (0.9, 0.5, 0.2))
    assess(folder / "two", TWO, (1, 0.8, 0.6))
    explanation = made_explanation(folder / "one" / "explanation", np.linspace(0.02, 0.1, 8), gain=1.4, name=ONE)
    (explanation.path / "report.html").touch()
    return folder


def test_what_was_computed(frozen, open_window, made, settle):
    window = open_window(made / "one", made / "two", overview=True)
    window.controller.select(window.controller.sessions[0])
    settle(window)
    page, session = window.page(), window.controller.current
    page.compare.choices[window.controller.sessions[1]].trigger()
    settle(window)
    frozen("assessment-overview", page.header, page.overview, session, session.compared)
    page.overview.wait_for("There is news.")
    assert page.overview.waiting.isVisible() and not any(block.isVisible() for block in page.overview.blocks())
    page.tabs.show_view("Robustness")
    page.robustness.buttons.button(1).click()
    settle(window)
    frozen("assessment-robustness", page.robustness)
    page.tabs.show_view("Why")
    settle(window)
    frozen("assessment-why", page.why)


def test_what_the_model_is_asked(frozen, open_window, made, settle, qtbot, monkeypatch):
    monkeypatch.setattr(failure_card, "PATIENCE", 0)
    window = open_window(made / "one")
    window.resize(1700, 800)  # the images of the explorer stand side by side with all fonts
    page, session, process = window.page(), window.controller.current, window.controller.scorer.process

    def answer(question, **parts):
        qtbot.waitUntil(lambda: any(order.question == question for order in process.orders))
        order = next(order for order in process.orders if order.question == question)
        process.orders.remove(order)
        for part, values in parts.items():
            process.message.emit(Answer(order.ticket, part, values))
        return order

    session.select_image(5)
    session.select_copy("gaussian_noise", 2)
    asked = answer("card", **CARD)
    assert asked.arguments["class_index"] == session.run.clean.class_index[session.run.clean.row(session.image)]
    qtbot.waitUntil(lambda: window.controller.card.content.at_once is not None)
    settle(window)
    frozen("card", window.facts.card)

    page.tabs.show_view("Explorer")
    settle(window)
    explorer = page.explorer.view
    explorer.explorer.add("jpeg")
    explorer.explorer.set_severity(0, 30)
    settle(window)
    for _ in range(2):
        answer("scores", scores={"scores": np.array([[0.5, 0.2, 0.3]], np.float32)})
        settle(window)
    severities = np.linspace(0, 60, 7)
    answer("explore", track={"severities": severities, "predicted": np.array([1, 1, 2, 2, 2, 0, 0])})
    settle(window)
    frozen("explorer", explorer)

    page.tabs.show_view("Atlas")
    settle(window)
    atlas = page.atlas.view
    count = len(atlas.atlas.mapped.keys)
    places = np.stack([np.arange(count), np.arange(count) ** 2 % 7], axis=1).astype(np.float32)
    points = {
        "predicted": np.arange(count) % CLASSES, "map": places, "explained": np.array([0.5, 0.25]), "features": True,
    }  # fmt: skip
    answer("atlas", share={"share": 1.0}, points=points, tsne={"map": -places})
    atlas.atlas.pick(np.array([1, 4, 9]))
    settle(window)
    frozen("atlas", atlas)
