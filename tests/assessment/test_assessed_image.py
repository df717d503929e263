"""One image in all runs of an assessment: `Assessment.image`, and `explain_failure` of an assessment."""

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_search
from tfstab import Classifier, explain_failure
from tfstab.assessment.opened import Assessment
from tfstab.cli import inspect_assessment
from tfstab.errors import InputError, RunError
from tfstab.explanation.run_of_image import run_to_explain


@pytest.fixture
def made(tmp_path):
    """Fog loses no image of four, JPEG one of two at quality 40; two images are searched, one is wrong when clean."""
    clean = np.arange(4) != 2
    sweep_of(tmp_path / "runs", "fog", first_of((1, 1, 1), 4), name="made", clean=clean)
    sweep_of(tmp_path / "runs", "jpeg", first_of((1, 0.5, 0), 2), (60, 40, 20), name="made")
    made_search(tmp_path / "runs" / "search", np.array([20.0, 30]), labels=[0, 1], name="made")
    return Assessment(tmp_path / "runs")


@pytest.fixture
def network():
    def scores(images):
        bright = images.mean(axis=(1, 2, 3))[:, None] / 255
        return np.concatenate([bright, (1 - bright) / 2, (1 - bright) / 2], axis=1)

    return Classifier.from_function(scores, (2, 2, 1), 3, fingerprint="made", name="made")


def test_the_table_has_a_row_for_each_degradation(made):
    one = made.image(1)
    table = one.to_pandas()
    assert table.index.tolist() == ["fog", "jpeg"] and table["title"].tolist() == ["fog", "JPEG compression"]
    assert table.loc["fog"].tolist()[1:4] == [3, 0, np.inf] and table.loc["jpeg"].tolist()[1:] == [3, 2, 40, "2"]
    assert table["taken_for"].isna().tolist() == [True, False]
    assert one.right and one.why is None and one.minimum_noise.l2 == made.run("search").result(1).l2
    assert repr(one).startswith("AssessedImage(1 of ") and made.image("1").image == 1
    with pytest.raises(RunError, match="image 9 is not in this run"):
        made.image(9)


def test_it_prints_what_the_command_prints(made, monkeypatch, capsys):
    """The command draws lines into its tables; the words are the same, in the same order."""
    wrong = "The image is wrong when clean, so it has no minimum noise."
    not_searched = "The minimum noise of this image was not searched for, only that of 2 others."
    for image, notes in ((1, []), (2, [wrong]), (3, [not_searched])):
        inspect_assessment.inspect_assessment(made.path, str(image), False, None, None)
        told, (shown, page) = capsys.readouterr(), (str(made.image(image)), made.image(image)._repr_html_())
        facts, proposed, _ = told.out.partition("\nnext:")
        assert bool(proposed) == (not made.image(image).right), "the command that says why a clean image is wrong"
        printed = [word for word in facts.split() if set(word) != {"─"}]
        assert shown.split() == printed + " ".join(notes).split()
        assert [f"{line[0].upper()}{line[1:]}." for line in told.err.splitlines()] == notes
        assert page.count("<table") == len(made.image(image).parts) and all(note in page for note in notes)


def test_an_image_that_is_wrong_when_clean_says_where_it_becomes_right(made):
    one = made.image(2)
    assert not one.right and str(one).startswith("Image 2 when clean: 2, taken for 0\nWrong already when clean.")
    assert [part.title for part in one.parts] == ["Image 2", "Where its degraded copies are right"]
    row = one.to_pandas().loc["fog"]
    assert (row["failing"], row["fails_at"]) == (0, 0), "it fails where the degradation changes nothing"


def test_what_was_not_degraded_is_said_and_not_drawn(tmp_path, network):
    run = sweep_of(tmp_path / "runs", "fog", first_of((1, 1, 1), 4), name="made")
    next(iter(run.parts.values())).unlink()
    assessment = Assessment(tmp_path / "runs")
    one = assessment.image(0)
    assert str(one).endswith("\n\nNo degraded copy of this image was measured.")
    row = one.to_pandas().loc["fog"]
    assert row["copies"] == 0 and np.isnan(row["fails_at"])
    with pytest.raises(RunError, match="was measured, so there is nothing to draw"):
        one.plot()
    with pytest.raises(RunError, match=r"has finished image 0: assess for longer, or sweep it alone with tfstab\.run"):
        explain_failure(network, assessment, 0)


def test_it_is_drawn_and_explained_in_the_run_that_says_most(made, network):
    assert made.image(1).drawn_run.path.name == "search" and made.image(3).drawn_run.path.name == "fog"
    assert made.image(3).plot().axes
    chosen = {image: run_to_explain(made.whole, image) for image in range(5)}
    assert [run and run.path.name for run in chosen.values()] == ["jpeg", "jpeg", "fog", "fog", None]
    without = [run for run in made.whole if run.path.name != "jpeg"]
    assert run_to_explain(without, 1).path.name == "search", "no copy of it fails"
    assert explain_failure(network, made, 1).where == "Image 1 under JPEG compression, quality 40"
    assert explain_failure(network, made, 2).where == "Image 2 when clean"
    with pytest.raises(RunError, match="image 9 is not in this run"):
        explain_failure(network, made, 9)
    with pytest.raises(InputError, match=r"own severities: give one of its runs .*, such as assessment.run\('fog'\)"):
        explain_failure(network, made, 1, severity=40)
    with pytest.raises(InputError, match=r"'fog' is no assessment, sweep or search: open one with tfstab\.open_as"):
        explain_failure(network, "fog", 1)
