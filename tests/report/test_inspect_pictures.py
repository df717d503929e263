"""Many pictures of one's own: each has the answer of `inspect_picture`, and what is refused or not known."""

import re

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, brightness, classifier, dataset, sweep
from PIL import Image

from tfstab import Dataset, SweepConfig, inspect_picture, inspect_pictures
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.remarks import remarked
from tfstab.errors import DataError, InputError
from tfstab.explanation.picture_verdict import NOT_EXAMINED, Verdict
from tfstab.report.folder_findings import FolderFindings, InspectedPicture

FOG = SweepConfig(degradation="fog", severities=(20,), copies=1)
TRUE = {"cat/dark.png": "cat", "cat/bright.png": "cat", "dog/black.png": "dog", "dog/middling.png": "dog"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run in which most bright images are cats, which the model does not know."""
    data = dataset(200)
    labels = np.where(data.labels == 2, np.where(np.arange(200) % 8, 0, 2), data.labels)
    mixed = Dataset.from_arrays("mixed", "test", data.images, labels, NAMES)
    return sweep(tmp_path_factory.mktemp("run") / "fog", FOG, mixed)


@pytest.fixture
def complaints(tmp_path, run):
    """Pictures of cats and dogs, in folders named after them."""
    ordinary = run.clean.images[np.flatnonzero((run.clean.class_index == 0) & ~run.clean.correct)[0], ..., 0]
    dark, black, middling = (np.full((SIDE, SIDE), level, np.uint8) for level in (30, 20, 130))
    pictures = dict(zip(TRUE, (dark, ordinary, black, middling), strict=True))
    for name, pixels in pictures.items():
        (tmp_path / "complaints" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "complaints" / name)
    return tmp_path / "complaints"


def test_each_picture_has_the_answer_that_it_gets_alone(complaints, run):
    done = []
    found = inspect_pictures(classifier(), complaints, run=run, on_progress=lambda *at: done.append(at))
    assert [one.picture for one in found.pictures] == sorted(TRUE)
    assert done == [("inspecting pictures", number, 4) for number in (1, 2, 3, 4)]
    for one in found.pictures:
        alone = inspect_picture(classifier(), complaints / one.picture, TRUE[one.picture], run=run)
        assert (one.predicted, one.true_class, one.right) == (alone.predicted, alone.true_class, alone.right)
        assert one.verdict == alone.verdict and one.score == pytest.approx(float(alone.scores.max()))
    table = found.to_pandas().set_index("picture")
    assert table.answer.dropna().to_dict() == {"cat/bright.png": "model", "dog/black.png": "photograph"}
    assert table.reason["dog/black.png"].startswith("Probably the photograph: it is darker than all 200 images of the")
    assert table.right.to_list() == [False, True, False, True]
    shown = {row[0]: row[-1] for row in found.table.text_rows()}
    assert shown["dog/black.png"] == "photograph (90 %): darker than all 200" and shown["cat/dark.png"] == "–"
    assert re.fullmatch(
        r"model(, if .*)?: \d+ of \d+ other images of its class are wrong, too \(.* 9\d %\)", shown["cat/bright.png"]
    )
    on = " (for 1 only on the condition in the table)" if ", if " in shown["cat/bright.png"] else ""
    assert found.summary == (
        f"Of 4 pictures, 2 are right and 2 wrong. The reason is probably the photograph for 1 and the model for 1{on}."
    )
    assert str(found).endswith(f"\n{found.summary}") and "%): darker" in found._repr_html_()
    told = found.to_json()
    assert told["counts"] == {
        "pictures": 4, "unread": 0, "right": 2, "wrong": 2, "photograph": 1, "model": 1, "not_known": 0,
    }  # fmt: skip
    assert told["pictures"][2]["verdict"]["sentence"] == table.reason["dog/black.png"]


def test_the_share_of_such_pictures_that_would_otherwise_be_right_is_shown_and_summed(complaints, run):
    explained = "A percentage in brackets is an estimate: of misclassified pictures with this fault, "
    few = inspect_pictures(classifier(), complaints, run=run)
    assert any(note.startswith(explained) for note in few.table.notes) and "percentage" not in few.summary
    assert few.to_pandas().share.dropna().to_list() == [0.9] == [few.to_json()["pictures"][2]["verdict"]["share"]]
    for number in range(9):
        (complaints / f"dog/{number}.png").write_bytes((complaints / "dog/black.png").read_bytes())
    found = inspect_pictures(classifier(), complaints, run=run)
    assert found.summary.endswith(" Of the 10 with a percentage, about 9 would be right if they did not look unusual.")
    assert "The reason is probably the photograph for 10 (darker: 10) and the model for 1" in found.summary
    assert found.to_pandas().fault.value_counts().to_dict() == {"darker": 10}
    usual = inspect_pictures(classifier(), complaints / "cat", "cat", run=run)
    assert usual.wrong and not any(note.startswith(explained) for note in usual.table.notes)
    assert usual.to_pandas().share.isna().all()


def test_below_a_table_with_other_answers_than_the_photograph_is_said_what_would_not_be_noticed(complaints, run):
    unseen = f"{NOT_EXAMINED}."
    found = inspect_pictures(classifier(), complaints, run=run)
    assert unseen in found.table.notes and f" {unseen}" in found.pictures[0].verdict.sentence
    assert unseen not in inspect_pictures(classifier(), complaints / "dog", "dog", run=run).table.notes


def test_what_unusual_means_is_said_below_the_table(complaints, tmp_path, run):
    unlabelled = sweep(tmp_path / "unlabelled", FOG, remarked(dataset(60), AS_PREDICTED))
    hinted = inspect_pictures(classifier(), complaints / "cat", "cat", run=unlabelled)
    hint = "not known: check whether dark and bright are swapped in the picture"
    assert hint in {row[-1] for row in hinted.table.text_rows()}
    assert any(note.startswith("Where the last column asks to check something, ") for note in hinted.table.notes)
    (middling,) = np.flatnonzero(unlabelled.clean.predicted == 1)[:1]
    Image.fromarray(unlabelled.clean.images[middling, ..., 0]).save(complaints / "dog" / "usual.png")
    found = inspect_pictures(classifier(), complaints / "dog", "cat", run=unlabelled)
    assert "not known: nothing unusual" in {row[-1] for row in found.table.text_rows()}
    assert any(note.startswith("Labels are taken as given: ") for note in found.table.notes)
    unlike = "darker, brighter, less sharp, grainier, lower in contrast or (by a pixel or more) farther off-centre"
    said = f"Nothing unusual: not {unlike} than 98 % of them."
    assert said in found.table.notes and said in " ".join(str(found).split())
    assert said not in str(inspect_pictures(classifier(), complaints, run=run))


def test_images_of_the_run_are_changed_and_scored_once_for_all_pictures(complaints, tmp_path):
    scored = []

    def counting(images):
        scored.append(len(images))
        return brightness(images)

    def images_scored(name):
        own = sweep(tmp_path / name, FOG, dataset(200))
        scored.clear()
        inspect_pictures(classifier(counting), complaints / "dog", "dog", run=own)
        return sum(scored)

    one = images_scored("one")
    for number in range(9):
        (complaints / f"dog/{number}.png").write_bytes((complaints / "dog/black.png").read_bytes())
    assert images_scored("ten") < 3 * one


def test_files_that_cannot_be_read_are_listed_and_the_others_inspected(complaints, run):
    (complaints / "dog/broken.png").write_bytes((complaints / "dog/black.png").read_bytes()[:50])
    (complaints / "dog/notes.txt").write_text("no picture")
    (complaints / "dog/phone.heic").write_text("no picture that is read")
    with pytest.warns(UserWarning, match=r"left out of .*: 1 file of formats that are not read \(\.heic\)"):
        found = inspect_pictures(classifier(), complaints, run=run)
    assert [one.picture for one in found.unread] == ["dog/broken.png"] and len(found.pictures) == 5
    assert found.summary.endswith(" 1 file cannot be read.") and found.summary.startswith("Of 4 pictures, ")
    assert found.sentences[1] == f"- {found.unread[0].error}"
    assert "dog/broken.png cannot be read as an image (" in found.sentences[1]
    row = next(row for row in found.table.text_rows() if row[0] == "dog/broken.png")
    assert row[1:] == ["dog", "unreadable", "–", "–"]
    assert found.to_pandas().right.tolist()[3] is None and found.to_json()["counts"]["unread"] == 1
    for file in complaints.glob("*/*.png"):
        file.write_bytes(b"none")
    with pytest.raises(DataError, match=r"none of the 5 pictures in .* can be read: .*bright\.png cannot be read"):
        inspect_pictures(classifier(), complaints, run=run)


def test_without_classes_nothing_is_called_right_or_wrong(complaints, run):
    for given in ({"run": run}, {}):
        found = inspect_pictures(classifier(), complaints / "dog", **given)
        assert found.table.columns == ("picture", "predicted", "score") and not found.table.notes
        assert found.summary.startswith("Of 2 pictures, 1 is taken for cat and 1 for dog. The true classes are not kn")
        assert not {"right", "wrong"} & set(re.findall(r"\w+", str(found.table)))
        assert found.to_pandas()[["true_class", "right", "answer"]].isna().all(axis=None)
    for given in ({"run": run}, {}):
        with pytest.raises(InputError, match=r"unknown class 'dg': did you mean 'dog'.* classes, leave --class out \("):
            inspect_pictures(classifier(), complaints / "dog", "dg", **given)
    named = inspect_pictures(classifier(), complaints / "dog", "Dog", run=run)
    assert [one.right for one in named.pictures] == [False, True]


def test_without_a_run_it_is_said_which_are_right(complaints):
    found = inspect_pictures(classifier(), complaints)
    assert [row[-1] for row in found.table.rows] == ["no", "yes", "no", "yes"]
    assert found.summary == "Of 4 pictures, 2 are right and 2 wrong." and not any(one.verdict for one in found.pictures)
    assert inspect_pictures(classifier(), complaints / "dog", 1).summary == "Of 2 pictures, 1 is right and 1 wrong."


@pytest.mark.parametrize(
    ("folder", "true_class", "said"),
    [("dgs", None, "unknown class 'dgs': did you mean 'dog'? The {} has cat, dog and 2. The folders in"),
     ("horse", None, "unknown class 'horse': the {} has cat, dog and 2. The folders in"),
     ("horse", None, "horse. If its pictures show none of the classes, give this folder alone. If all pictures"),
     ("horse", "cat", "are named after classes (cat and dog): leave it out, or give one of these folders.")],
)  # fmt: skip
def test_folders_that_are_not_named_after_classes_are_refused(complaints, run, folder, true_class, said):
    (complaints / folder).mkdir()
    (complaints / folder / "one.png").write_bytes((complaints / "dog/black.png").read_bytes())
    for given, of in (({"run": run}, "run"), ({}, "model")):
        with pytest.raises(InputError, match=re.escape(said.format(of))):
            inspect_pictures(classifier(), complaints, true_class, **given)


def test_it_is_said_how_to_inspect_pictures_beside_the_class_folders(complaints, run):
    (complaints / "sign.png").write_bytes((complaints / "dog/black.png").read_bytes())
    said = (
        "1 image beside the class folders. To inspect an image beside the class folders, move it into the folder of its"
    )
    with pytest.warns(UserWarning, match=said):
        assert len(inspect_pictures(classifier(), complaints, run=run).pictures) == 4


def test_pictures_of_one_class_may_be_in_folders_with_any_names(complaints, run):
    (complaints / "cat").rename(complaints / "May")
    (complaints / "dog").rename(complaints / "June")
    found = inspect_pictures(classifier(), complaints, "cat", run=run)
    assert len(found.pictures) == 4 and {one.true_class for one in found.pictures} == {0}


def test_what_is_no_folder_of_pictures_is_refused(complaints, tmp_path, run):
    for given, said in (
        (complaints / "cat/dark.png", "is not a folder: give a folder of image files"),
        (tmp_path, "holds no pictures: .* did you mean .*complaints"),
        (tmp_path / "empty", "holds no pictures: give a folder of image files"),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(DataError, match=said):
            inspect_pictures(classifier(), given, run=run)
    (tmp_path / "empty/phone.heic").write_text("")
    with pytest.raises(DataError, match=r"Left out of .*empty: 1 file of formats that are not read \(\.heic\)"):
        inspect_pictures(classifier(), tmp_path / "empty", run=run)


def test_how_many_pictures_were_distorted_or_enlarged_is_said(tmp_path, run):
    def cautions(*sizes, **given):
        for number, size in enumerate(sizes):
            Image.fromarray(np.full(size, 130, np.uint8)).save(tmp_path / f"{number}.png")
        return inspect_pictures(classifier(), tmp_path, run=run, **given)

    found = cautions((SIDE, SIDE), (20, 40), (2, 2))
    assert found.cautions == (
        "1 of 3 pictures was stretched to 4 x 4 pixels from another shape, which distorts them: if your model was "
        "trained on cropped images, add --resize crop (in Python resize='crop').",
        "1 of 3 pictures was enlarged at least 1.5 times: details are missing.",
    )
    alone = inspect_picture(classifier(), tmp_path / "1.png", run=run)
    assert found.pictures[1].cautions == alone.cautions and not found.pictures[0].cautions
    assert not cautions((20, 40), (20, 40), (20, 40), resize="crop").cautions


@pytest.mark.parametrize(("scores", "said"), [(None, "one picture rarely shows it"), ((1.0, 0.5), "the first picture")])
def test_inputs_that_may_be_scaled_wrongly_are_said(complaints, run, monkeypatch, scores, said):
    monkeypatch.setattr("tfstab.classifier.scale_doubt.may_be_unscaled", lambda _: True)
    monkeypatch.setattr("tfstab.classifier.scale_doubt.scores_if_unscaled", lambda *_: scores)
    (caution,) = inspect_pictures(classifier(), complaints / "dog", resize="stretch").cautions
    assert said in caution and not inspect_pictures(classifier(), complaints / "dog", run=run).cautions


@pytest.mark.parametrize(
    ("predicted", "summary"),
    [((1, 1), "All 2 pictures are right."), ((1,), "The picture is right."), ((0,), "Of 1 picture, none is right and 1 "
     "wrong. Of the wrong one, the reason is not known.")],
)  # fmt: skip
def test_the_summary_of_few_pictures(predicted, summary):
    pictures = tuple(InspectedPicture(f"{number}.png", 1, k, 0.9) for number, k in enumerate(predicted))
    assert FolderFindings("x", "run", "", NAMES, pictures).summary == summary


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["turn"], "1"),
        (["turn", "less sharp", "less sharp"], "3 (less sharp: 2, turn: 1)"),
        (["turn"] * 2, "2 (turn: 2)"),
    ],
)
def test_faults_of_photographs_are_counted_from_two_photographs_on(faults, said):
    verdicts = [Verdict("photograph", "", fault=fault) for fault in faults]
    pictures = tuple(InspectedPicture(f"{k}.png", 1, 0, 0.9, verdict) for k, verdict in enumerate(verdicts))
    summary = FolderFindings("x", "run", "", NAMES, pictures).summary
    assert summary.endswith(f" The reason is probably the photograph for {said}.")


def test_the_classes_for_which_most_are_taken_are_counted():
    pictures = tuple(InspectedPicture(f"{number}.png", None, number % 7, 0.9) for number in range(15))
    found = FolderFindings("x", "", "", tuple("abcdefg"), pictures)
    assert found.summary.startswith(
        "Of 15 pictures, 3 are taken for a, 2 for b, 2 for c, 2 for d, 2 for e and 4 for other classes. The true"
    )
