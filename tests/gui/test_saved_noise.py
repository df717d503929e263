"""*Save images* of a search: the saved file is misclassified, although plain rounding may undo its noise."""

import numpy as np
import pytest
from doubles import AtOnce
from numpy_runs import classifier, search
from PIL import Image

from tfstab.gui.exporting import save_marked
from tfstab.gui.sessions.search_session import SearchSession


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_a_saved_image_is_the_misclassified_one_of_8_bits_that_the_result_measures(tmp_path, norm):
    run, model = search(tmp_path / "run", norm=norm), classifier()
    found = [result for result in run if result.found and result.needed_noise]
    session = SearchSession(run, AtOnce())
    saved = save_marked(str(tmp_path), [(result.image,) for result in found], session.picture)
    assert saved.count == 2 * len(found) and not saved.problems
    undone = 0
    for result in found:
        with Image.open(tmp_path / f"image-{result.image}.png") as picture:
            levels = np.asarray(picture)[..., :1]
        assert model.scores(levels[None]).argmax() != result.class_index
        assert np.linalg.norm(levels.astype(float) - result.clean) == pytest.approx(result.l2_uint8)
        undone += model.scores(np.rint(result.degraded)[None]).argmax() == result.class_index
    assert undone  # so plain rounding would not do
