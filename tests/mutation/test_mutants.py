"""What `make mutants` changes, and what it leaves alone."""

import itertools

import pytest

from mutation.mutants import mutants_of, sample


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b < c", {"a = b <= c", "a = b >= c"}),
        ("a = b is not c and d", {"a = b is c and d", "a = b is not c or d"}),
        ("a = not b", {"a = bool(b)"}),
        ("a = b * (c) // 2", {"a = b / (c) // 2", "a = b * (c) / 2", "a = b * (c) // 3"}),
        ("a = np.min(b, axis=1)", {"a = np.max(b, axis=1)", "a = np.min(b, axis=2)"}),
        (
            "for a in b:\n    if a:\n        break",
            {"for a in b:\n    if (not (a)):\n        break", "for a in b:\n    if a:\n        pass"},
        ),
        (
            "def f() -> bool:\n    return g('é', True)",
            {"def f() -> bool:\n    return not (g('é', True))", "def f() -> bool:\n    return g('é', False)"},
        ),
        ("def f(a):\n    raise NotImplementedError", set()),
        ("plot(a, 1, lw=2)", {"pass", "plot(a, 2, lw=2)"}),
        ("a = b.reshape(3, -1)", {"a = b.reshape(4, -1)"}),
        ("a = tf.reshape(b, [-1])", {"a = tf.reshape(b, [-2])"}),
        ("a = lambda b, _=False, c=1: g(2)", {"a = lambda b, _=False, c=2: g(2)", "a = lambda b, _=False, c=1: g(3)"}),
        ("def f(a, b=0):\n    a.b = b", {"def f(a, b=1):\n    a.b = b", "def f(a, b=0):\n    pass"}),
        ('"""Text 1."""\na: tuple[1] = f"{1 + 2}" + "3"\nif b < 2:\n    raise E(3)', {
            '"""Text 1."""\na: tuple[1] = f"{1 + 2}" + "3"\nif b <= 2:\n    raise E(3)',
            '"""Text 1."""\na: tuple[1] = f"{1 + 2}" + "3"\nif b >= 2:\n    raise E(3)',
            '"""Text 1."""\na: tuple[1] = f"{1 + 2}" + "3"\nif b < 3:\n    raise E(3)',
            '"""Text 1."""\na: tuple[1] = f"{1 + 2}" + "3"\nif b < 2:\n    pass',
        }),
    ],
)  # fmt: skip
def test_each_mutant_is_one_change(source, expected):
    assert {mutant.mutated.decode() for mutant in mutants_of("tfstab/a.py", source.encode())} == expected


def test_sizes_of_the_viewer_are_looks():
    assert not mutants_of("gui/a.py", b"LIST_WIDTH = 200") and not mutants_of("gui/a.py", b"WIDTH, HEIGHT = 1, 2")
    assert not mutants_of("gui/a.py", b"header.setMinimumSectionSize(10 + 1)")
    assert not mutants_of("gui/a.py", b"flow = FlowLayout(spacing=4)")
    assert not mutants_of("gui/a.py", b"def changeEvent(self, event):\n    super().changeEvent(event)\n")
    assert mutants_of("gui/a.py", b"WIDTH, MOST = 1, 2") and mutants_of("tfstab/a.py", b"WIDTH = 1")


def test_a_sample_takes_its_share_of_each_file():
    files = {"a.py": b"a = 1\n" * 20, "b.py": b"b = 1\n" * 10}
    mutants = [mutant for path, source in files.items() for mutant in mutants_of(path, source)]
    drawn = sample(mutants, 6, itertools.cycle([0.25, 0.75]))
    assert [mutant.path for mutant in drawn] == ["a.py"] * 4 + ["b.py"] * 2
    assert len(set(drawn)) == 6
