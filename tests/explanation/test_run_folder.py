"""The run folder of an explanation: stopped anywhere, given more images, damaged, and from a stranger."""

import contextlib
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from networks import agreeing, convolutional, explained, fast, images
from numpy_runs import classifier, dataset

from processes import content
from tfstab import open_run
from tfstab.errors import InputError, RunError
from tfstab.explanation import run_explanation
from tfstab.explanation.analyses import analyses
from tfstab.explanation.budget import Budget
from tfstab.explanation.plan import Piece
from tfstab.models import make_ensemble
from tfstab.report.explanation.topics import sections_of, topics
from tfstab.report.run_report import report_page
from tfstab.runs.files import checksum, find_parts

FEW = fast()


def npz(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def first_part(run, analysis):
    return next(path for name, path in find_parts(run).items() if name.startswith(f"{analysis}-"))


def changed(run, analysis, **arrays):
    """The run with other arrays in the first part of an analysis, which has the checksum of its new content."""
    path = first_part(run, analysis)
    new = npz(path) | arrays
    path.unlink()
    file = path.with_name("new")
    with file.open("wb") as opened:
        np.savez(opened, **{name: array for name, array in new.items() if array is not None})
    name = path.name.rsplit("-", 1)[0]
    file.rename(path.with_name(f"{name}-{checksum(file)}.npz"))
    return run


@contextlib.contextmanager
def exchanged(run, analysis, **arrays):
    """Change a run as above, and undo it afterwards."""
    path = first_part(run, analysis)
    content = path.read_bytes()
    changed(run, analysis, **arrays)
    yield
    first_part(run, analysis).unlink()
    path.write_bytes(content)


# --- stopped and resumed ---


def test_a_run_that_is_stopped_at_any_part_ends_as_the_undisturbed_one(whole, network, few, tmp_path):
    run, parts = tmp_path / "run", list(whole.parts)
    assert len(parts) == len(analyses()) and whole.complete

    def once():
        """An observer that ends the run before its second part."""
        seen = []

        def stop(progress):
            seen.append(progress.what)
            if len(seen) == 2:
                raise KeyboardInterrupt

        return stop

    for made in range(1, len(parts)):
        with pytest.raises(KeyboardInterrupt):
            run_explanation(network, few, FEW, run, on_progress=once())
        opened = open_run(run)
        left = [analyses()[name.partition("-")[0]].of_images for name in parts[made:]]
        assert len(opened.parts) == made and not opened.complete and len(opened.rows) == (0 if any(left) else 5)
        assert made > 1 or "No image has been explained yet" in report_page([opened])  # but a part
        (run / "parts" / f".{parts[made]}.npz.17.tmp").write_bytes(b"half")  # as a kill leaves it
    run_explanation(network, few, FEW, run, on_progress=once())
    assert content(run) == content(whole.path)


def test_a_part_that_is_lost_or_damaged_is_made_again(whole, network, few, tmp_path):
    run = shutil.copytree(whole.path, tmp_path / "run")
    parts = [find_parts(run)[name] for name in whole.parts]
    parts[0].unlink()
    parts[1].write_bytes(parts[1].read_bytes()[:-9])
    assert not len(open_run(run).rows)
    run_explanation(network, few, FEW, run)
    assert content(run) == content(whole.path)


def test_the_clock_stops_it_with_whole_blocks_and_it_goes_on(tmp_path):
    ends = []
    first = run_explanation(classifier(), dataset(12), FEW, tmp_path / "run", minutes=1e-6, on_progress=ends.append)
    assert not first.complete and len(ends) == 1
    assert run_explanation(classifier(), dataset(12), FEW, tmp_path / "run").complete


def test_the_first_images_go_on_as_long_as_there_is_time_for_the_next_part(network, few, tmp_path, monkeypatch):
    """As the first part compiles the network, it takes 1,000 s. At its speed, the rest would take 2,500 of 1,200 s."""
    learn = Budget.learn

    def learnt(budget, piece, _):
        learn(budget, piece, 1000.0 if piece.analysis.name == "noise" else 0.0)

    monkeypatch.setattr(Budget, "learn", learnt)
    assert len(run_explanation(network, few, FEW, tmp_path / "run", minutes=20).rows) == len(few)


def test_an_analysis_for_which_there_is_no_time_is_left_out_until_there_is(tmp_path):
    settings, out = replace(FEW, only=("noise", "frequency")), tmp_path / "run"
    run = run_explanation(classifier(), dataset(12), settings, out, minutes=1e-6)
    slow = next(name for name in run.info["parts"] if name.startswith("frequency"))
    with (out / "log.jsonl").open("a") as log:  # as of a slow machine
        log.write(json.dumps({"event": "part", "part": slow, "seconds": 1e6}) + "\n")
    run = run_explanation(classifier(), dataset(12), settings, out, minutes=10)
    assert run.unfinished == ["frequency"] and not run.complete
    assert run.extent == "12 of 12 images, without the analysis frequency"
    assert run_explanation(classifier(), dataset(12), settings, out).complete


def test_a_block_is_begun_only_if_there_is_time_for_all_its_analyses(tmp_path):
    """Of 10 images the first block has 8. A log that says 55 s for an image leaves time for 8, but not for 10."""
    settings = replace(FEW, only=("noise", "copies"))

    def made(images, seconds):
        """The parts after a short run, and one of 10 minutes whose log says how long the copies of an image take."""
        out = tmp_path / f"{images} {seconds}"
        (first,) = run_explanation(classifier(), dataset(images), settings, out, minutes=1e-6).parts
        assert first == "noise-0000000-0000008"
        with (out / "log.jsonl").open("a") as log:
            log.write(json.dumps({"event": "part", "part": "copies-0000000-0000008", "seconds": 8 * seconds}) + "\n")
        return len(run_explanation(classifier(), dataset(images), settings, out, minutes=10).parts)

    assert (made(8, 70), made(10, 55)) == (1, 4)


def test_the_first_part_of_a_large_network_is_short_if_the_time_is_limited(network, few, tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.explanation.running.LARGE", 0)
    run = run_explanation(network, few, FEW, tmp_path / "run", minutes=1e-6)
    assert list(run.parts) == ["noise-0000000-0000002"]
    whole = run_explanation(network, few, FEW, tmp_path / "whole")
    assert f"noise-0000000-{min(8, len(few)):07}" in whole.parts


def test_it_grows_with_more_images_and_what_was_measured_stays(whole, network, tmp_path):
    more = agreeing(network, images(12))
    run = run_explanation(network, more.take(5), FEW, tmp_path / "run")
    before, images_before = content(run.path), run.images
    run = run_explanation(network, more, FEW, tmp_path / "run")
    after = content(run.path)
    assert all(after[name] == part for name, part in before.items() if name.startswith("parts"))
    assert run.complete and len(run.rows) == 12 and (run.images[:5] == images_before).all()
    at_once = run_explanation(network, more, FEW, tmp_path / "at once")
    order = [run.images.tolist().index(image) for image in at_once.images]
    for analysis, entries in {"noise": ("l2", "noise"), "copies": ("margins",)}.items():
        for entry in entries:
            np.testing.assert_array_equal(run.arrays(analysis)[entry][order], at_once.arrays(analysis)[entry])


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"sigma": 3.0}, "sigma"), ({"seed": 1}, "seed"), ({"copies": 9}, "copies")],
)
def test_a_run_with_other_settings_is_refused(whole, network, few, settings, said):
    with pytest.raises(RunError, match=said):
        run_explanation(network, few, replace(FEW, **settings), whole.path)


@pytest.mark.parametrize("other", [lambda clean: clean[:, ::-1], lambda clean: clean[:, :7]])
def test_features_of_another_layer_are_not_mixed_with_those_of_this_version(other, whole, network, few, tmp_path):
    run = shutil.copytree(whole.path, tmp_path / "run")
    was = npz(first_part(run, "features"))
    changed(run, "features", **{name: other(array) for name, array in was.items()})
    assert run_explanation(network, few, FEW, run).complete  # nothing is left to be made
    first_part(run, "layers").unlink()
    with pytest.raises(RunError, match=r"cannot be resumed: its features .* another layer; choose another folder"):
        run_explanation(network, few, FEW, run)


# --- what a network does not allow ---


def reported(run):
    """The sections of a run's report, with all figures, which are not drawn here."""
    sections = sections_of(run)
    assert "cause" in sections
    return sections


def test_without_gradients_what_is_possible_is_reported(tmp_path):
    run = run_explanation(classifier(), dataset(), FEW, tmp_path / "run")
    assert run.complete and run.has("noise") and run.has("copies") and not run.has("layers")
    assert "layers" not in reported(run)  # its page is in test_explanation_report.py
    with pytest.raises(RunError, match="has no layers to show"):
        run.plot()
    with pytest.raises(RunError, match="has no layers to show"):
        run.layers()
    with pytest.raises(RunError, match="has no results of 'layers'"):
        run.arrays("layers")
    assert run.to_pandas().shape == (9, 6) and "<table" in run._repr_html_()


def test_one_image_and_images_that_are_all_wrong(network, few, tmp_path):
    one = explained(network, tmp_path / "one", few.select(np.arange(1)))
    wrong = few.select(np.arange(3))
    wrong.labels[:] = (wrong.labels + 1) % 3
    lost = explained(network, tmp_path / "wrong", wrong)
    for run in (one, lost):
        assert run.complete
        reported(run)
    assert not lost.arrays("noise")["found"].any() and "layers" in reported(lost)


def test_two_classes_and_a_small_image(tmp_path):
    run = explained(convolutional(shape=(5, 5, 1), classes=2), tmp_path / "run")
    assert run.complete and len(run.class_names) == 2
    reported(run)


def test_an_ensemble_of_means_is_explained_and_one_that_votes_is_refused(few, tmp_path):
    models = [convolutional(seed=seed) for seed in (0, 1)]
    run = explained(make_ensemble(models), tmp_path / "run", few, only=("layers",))
    assert set(run.arrays("layers")["network"]) == {0, 1}
    with pytest.raises(InputError, match=r"votes.*combine='mean' or 'geometric'"):
        explained(make_ensemble(models, combine="vote"), tmp_path / "vote", few)


# --- from a stranger ---


HARM = {
    "another kind": lambda array: np.zeros(array.shape, float if array.dtype.kind in "Uib" else "U3"),
    "an axis more": lambda array: array[None],
    "an axis less": lambda array: array[0],
    "longer": lambda array: np.concatenate([array, array]),
    "empty": lambda array: array[:0],
    "nothing": lambda array: None,
}


def harmed(array, field, analysis):
    """{what: array} of arrays that the analysis would not have written."""
    harms = dict(HARM)
    if array.ndim == 1:
        del harms["an axis less"]
    alone = sum(field.axes[0] in other.axes for other in analysis.fields.values()) == 1
    if alone and field.axes[0] not in ("image", "h", "w"):
        del harms["longer"]  # nothing says how long it is
    cases = {what: harm(array) for what, harm in harms.items()}
    values = {"f": [np.inf], "i": [-1] if field.low == 0 else [], "U": ["x" * 2000]}.get(array.dtype.kind, [])
    if array.dtype.kind == "f":
        values += [] if field.missing else [np.nan]
        values += [bound for bound in (field.low - 1, field.high + 1) if abs(bound) < 1e30]
    if field.along:
        values.append(2**40)
    for value in values:
        wrong = array.astype("U2000") if array.dtype.kind == "U" else array.copy()
        wrong.flat[-1] = value
        cases[str(value)[:9]] = wrong
    return cases


def test_each_array_that_no_analysis_writes_is_refused_with_one_sentence(whole, tmp_path):
    accepted, tried, run = [], 0, shutil.copytree(whole.path, tmp_path / "run")
    for name, analysis in analyses().items():
        arrays = whole.arrays(name)
        for entry, field in analysis.fields.items():
            for what, wrong in harmed(arrays[entry], field, analysis).items():
                tried += 1
                with exchanged(run, name, **{entry: wrong}):
                    try:
                        open_run(run).arrays(name)
                        accepted.append((name, entry, what))
                    except RunError as error:
                        assert "is damaged (" in str(error) and "\n" not in str(error)
    assert not accepted and tried > 200


# The topics of the page that show each analysis; the minimum noise is in all of them.
SHOWN = {
    "attribution": ("place",), "occlusion": ("place",), "curvature": ("curvature",), "features": ("neighbours",),
    "spectrum": ("frequency",), "frequency": ("frequency", "cause"), "kernels": ("frequency", "cause"),
    "copies": ("flatness", "cause"), "layers": ("layers", "cause"),
}  # fmt: skip


def test_axes_of_other_lengths_give_a_report_or_one_sentence(whole, tmp_path):
    """Nothing but the analysis knows how long an axis such as "step" is."""
    run = shutil.copytree(whole.path, tmp_path / "run")
    for name, analysis in analyses().items():
        arrays = whole.arrays(name)
        free = {axis for field in analysis.fields.values() for axis in field.axes if isinstance(axis, str)}
        for axis in sorted(free - {"image", "h", "w", "c", "class"}):
            cut = {
                entry: arrays[entry][tuple(slice(1 if a == axis else None) for a in field.axes)]
                for entry, field in analysis.fields.items()
            }
            with exchanged(run, name, **cut):
                try:
                    for topic in SHOWN.get(name, topics()):
                        topics()[topic].section(open_run(run))
                except RunError as error:
                    assert "is damaged (" in str(error)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["noise--5", "noise-1", "dance-0000000-0000005"], None),
        (["copies-0000003-0000009"], "do not follow each other"),
        (["copies-0000005-0000005"], "do not follow each other"),
        (["copies-0000005-0009999"], "results of more images than it has"),
    ],
)
def test_plans_that_no_explanation_has(parts, said, whole, tmp_path):
    run = shutil.copytree(whole.path, tmp_path / "run")
    info = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(info | {"parts": info["parts"] + parts}))
    opened = open_run(run)
    if said is None:
        assert opened.extent == "5 of 5 images" and not opened.complete
        assert topics()["cause"].section(opened)
        return
    with pytest.raises(RunError, match=said):
        report_page([opened])


def test_names_of_layers_cannot_command_a_terminal_or_a_page(brief, tmp_path):
    run = shutil.copytree(brief.path, tmp_path / "run")
    names = npz(find_parts(run)["layers-0000000-0000005"])["names"].astype("U60")
    names[1] = "\x1b[31m<script>alert(1)</script>$x^{$"
    changed(run, "layers", names=names)
    page = report_page([open_run(run)])
    assert "\x1b" not in page and "<script" not in page
    assert "\x1b" not in open_run(run).summary()


def test_the_time_of_parts_is_learnt_from_the_log(tmp_path):
    """Four images took 80 s, so one takes 20 s and 5 more for caution."""
    (tmp_path / "log.jsonl").write_text('{"part": "noise-0000000-0000004", "seconds": 80}\n')
    budget = Budget(0.5)
    budget.learn_from(tmp_path)
    fits = [budget.fits([Piece(analyses()["noise"], 4, 4 + count)]) for count in (1, 2)]
    assert fits == [True, False]
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"part": "noise-0000004-0000008", "seconds": 0}\n')
    budget.learn_from(tmp_path)
    assert budget.fits([Piece(analyses()["noise"], 8, 108)]), "the latest part took no time"
