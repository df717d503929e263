"""What the tab Why says before there is an explanation."""

from assessment_runs import first_of, sweep_of

IMAGES = 60


def test_before_an_explanation_it_is_said_that_noise_costs_little(open_window, settle, tmp_path):
    """And nothing of this where noise does harm, or where it does the most harm."""
    for name, noise, fog in (("little", 0.99, 0.2), ("much", 0.5, 0.2), ("most", 0.95, 0.99)):
        sweep_of(tmp_path / name, "gaussian_noise", first_of((noise,), IMAGES), (20,))
        sweep_of(tmp_path / name, "fog", first_of((fog,), IMAGES), (0.5,))
        window = open_window(tmp_path / name)
        window.page().tabs.show_view("Why")
        settle(window)
        said = window.page().why.waiting.text()
        assert "why noise changes predictions" in said
        told = "Under Gaussian noise, this network keeps 98 % (91–100) of its accuracy, so an explanation may find "
        assert (told in said) == (name == "little")
        assert ("choose Images lost under fog." in said) == (name == "little")
