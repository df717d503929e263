"""The single changes that a line of source can suffer without ceasing to be Python.

Left out, as no test should notice them: texts, type hints, what an error says, `__repr__`, looks and timings.
"""

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = {
    ast.Lt: ("<", "<=", ">="), ast.LtE: ("<=", "<", ">"), ast.Gt: (">", ">=", "<="), ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"), ast.Pow: ("**", "*"), ast.BitAnd: ("&", "|"),
}  # fmt: skip
_PAIRS = (
    ("min", "max"), ("any", "all"), ("argmin", "argmax"), ("minimum", "maximum"), ("floor", "ceil"),
    ("amin", "amax"), ("zeros", "ones"), ("startswith", "endswith"), ("nanmin", "nanmax"), ("append", "remove"),
)  # fmt: skip
SWAPPED = dict(_PAIRS) | {second: first for first, second in _PAIRS}
UNSEEN_CALLS = re.compile(  # looks, and what is said on the way
    r"(\w+\.)*((add|set)(Spacing|Stretch|ContentsMargins|ToolTip|StatusTip|Alignment|ObjectName|AccessibleName)"
    r"|set(Fixed|Minimum|Maximum)(Section)?(Size|Width|Height)|set\w*(Pen|Brush|Font|Margins?|Padding|Policy)|resize|QSize|mkPen"
    r"|mkBrush|QColor|painter\.end|tight_layout|legend|lru_cache|super\(\)\.(__init__|changeEvent)|(_?log|logger|logging)\.\w+)"
)
UNSEEN_CONSTANTS = re.compile(r"([A-Z]+_)?(WIDTH|HEIGHT|MARGIN)S?")  # of the viewer, in pixels
UNSEEN_ARGUMENTS = {
    "timeout", "maxsize", "indent", "fontsize", "figsize", "dpi", "alpha", "zorder", "rotation", "pad", "linewidth",
    "lw", "markersize", "symbolSize", "stacklevel", "width", "size", "margin", "spacing", "stretch", "strict",
    "optimize",  # how small a picture's file is
    "repr",  # of the fields of a dataclass
    "appauthor",  # of folders that only Windows has
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change to one file. lines: of the statement concerned. place: the function, or "" outside of all."""

    path: str
    place: str
    lines: range
    source: bytes
    start: int
    stop: int
    new: str

    @property
    def mutated(self) -> bytes:
        return self.source[: self.start] + self.new.encode() + self.source[self.stop :]

    @property
    def name(self) -> str:
        """What it is called in equivalent.txt; stays the same while its line does."""
        first = self.source.rfind(b"\n", 0, self.start) + 1
        last = (self.source + b"\n").find(b"\n", self.stop)
        old = self.source[first:last].decode()
        new = (self.source[first : self.start] + self.new.encode() + self.source[self.stop : last]).decode()
        return f"{self.path} {self.place}: {' '.join(old.split())} => {' '.join(new.split())}"

    @property
    def diff(self) -> str:
        old, new = (text.decode().splitlines() for text in (self.source, self.mutated))
        return "\n".join(difflib.unified_diff(old, new, self.path, self.path, n=1, lineterm=""))


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """All mutants of a file, in no order that means anything; none that does not compile."""
    finder = _Finder(source, path.startswith("gui/"))
    finder.visit(ast.parse(source))
    found = [Mutant(path, place, lines, source, *change) for place, lines, *change in finder.found]
    return [mutant for mutant in dict.fromkeys(found) if _compiles(mutant.mutated)]


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    def __init__(self, source: bytes, viewer: bool) -> None:
        self.source, self.viewer = source, viewer
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.names: list[str] = []
        self.returns = ""
        self.lines = range(0)
        self.found: list[tuple[str, range, int, int, str]] = []

    def _offsets(self, node: ast.AST) -> tuple[int, int]:
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.AST) -> str:
        start, stop = self._offsets(node)
        return self.source[start:stop].decode()

    def _replace(self, node: ast.AST, new: str) -> None:
        self.found.append((".".join(self.names), self.lines, *self._offsets(node), new))

    def _between(self, left: ast.AST, right: ast.AST, old: str, *others: str) -> None:
        """Replace an operator, which stands somewhere between its operands."""
        start, stop = self._offsets(left)[1], self._offsets(right)[0]
        gap = self.source[start:stop].decode()
        if old in gap:
            for new in others:
                self.found.append((".".join(self.names), self.lines, start, stop, gap.replace(old, new, 1)))

    def visit(self, node: ast.AST) -> None:
        before = self.lines
        if isinstance(node, ast.stmt):
            inner = [part.lineno for part in ast.walk(node) if isinstance(part, ast.stmt) and part is not node]
            self.lines = range(node.lineno, max(node.lineno + 1, min(inner, default=node.end_lineno + 1)))
        super().visit(node)
        self.lines = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__repr__", "__str__"):
            return
        outer, self.returns = self.returns, ast.unparse(node.returns) if node.returns else ""
        self.names.append(node.name)
        for part in [*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]:
            self.visit(part)
        self.names.pop()
        self.returns = outer

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """An argument whose name begins with an underscore is given by Qt, and not read."""
        named = [*node.args.posonlyargs, *node.args.args][-len(node.args.defaults) :]
        for argument, default in zip(named, node.args.defaults, strict=False):
            if not argument.arg.startswith("_"):
                self.visit(default)
        self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.append(node.name)
        for part in node.body:
            self.visit(part)
        self.names.pop()

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) not in ("TYPE_CHECKING", "__name__ == '__main__'"):
            self._negate(node)

    def _negate(self, node: ast.AST) -> None:
        """The tests that are no comparison and no `not`, which have mutants of their own."""
        tests = node.ifs if isinstance(node, ast.comprehension) else [node.test]
        for test in tests:
            if not isinstance(test, ast.Compare | ast.UnaryOp | ast.BoolOp | ast.Constant):
                self._replace(test, f"(not ({self._text(test)}))")
        self.generic_visit(node)

    visit_While = visit_IfExp = visit_comprehension = _negate

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call) and not UNSEEN_CALLS.fullmatch(ast.unparse(node.value.func)):
            self._replace(node, "pass")
            self.visit(node.value)

    def _remove(self, node: ast.stmt) -> None:
        self._replace(node, "pass")

    visit_Continue = visit_Break = visit_Delete = _remove

    def visit_Raise(self, node: ast.Raise) -> None:
        if node.exc is None or not ast.unparse(node.exc).startswith(("NotImplementedError", "AssertionError")):
            self._remove(node)  # the other two stand where nothing comes

    def visit_Assign(self, node: ast.Assign) -> None:
        places = [part for target in node.targets for part in getattr(target, "elts", [target])]
        if any(isinstance(place, ast.Name) and place.id == "__all__" for place in places):
            return
        names = [place.id for place in places if isinstance(place, ast.Name)]
        if self.viewer and names and all(map(UNSEEN_CONSTANTS.fullmatch, names)):
            return
        later = self.names and self.names[-1] not in ("__init__", "__post_init__")
        if later and all(isinstance(place, ast.Attribute | ast.Subscript) for place in places):
            self._replace(node, "pass")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace(node, "pass")
        old, *others = ARITHMETIC.get(type(node.op), ("",))
        self._between(node.target, node.value, f"{old}=", *(f"{new}=" for new in others))
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            return
        if self.returns == "bool" and not isinstance(value, ast.Compare | ast.UnaryOp | ast.BoolOp | ast.Constant):
            self._replace(value, f"not ({self._text(value)})")
        if "None" in self.returns and not isinstance(value, ast.Constant):
            self._replace(value, "None")
        self.visit(value)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, right, sign in zip(operands, operands[1:], node.ops, strict=False):
            self._between(left, right, *COMPARISONS[type(sign)])
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.JoinedStr, ast.List, ast.Tuple)
        joined = any(
            isinstance(side, texts) or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
            for side in (node.left, node.right)
        )
        if type(node.op) in ARITHMETIC and not joined:
            self._between(node.left, node.right, *ARITHMETIC[type(node.op)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._between(left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace(node, f"bool({self._text(node.operand)})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace(node, str(not value))
        elif isinstance(value, int):
            self._replace(node, str(value + 1))
        elif isinstance(value, float) and (other := round(value * 1.25, 9) or 0.1) != value:
            self._replace(node, repr(other))

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if UNSEEN_CALLS.fullmatch(ast.unparse(function)):
            return
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in SWAPPED:
            text = self._text(function)
            self._replace(function, text[: len(text) - len(name)] + SWAPPED[name])
        self.visit(function)
        parts = [*node.args, *(word.value for word in node.keywords if word.arg not in UNSEEN_ARGUMENTS)]
        if name == "reshape" and not ast.unparse(function).startswith("tf."):
            parts = [part for part in parts if ast.unparse(part) != "-1"]  # to NumPy, any number below 0 means the same
        for part in parts:
            self.visit(part)

    def _pass_over(self, node: ast.AST) -> None:
        """f-strings (whose parts have no true places before Python 3.12), and asserts."""

    visit_JoinedStr = visit_Assert = visit_Import = visit_ImportFrom = _pass_over


def sample(mutants: list[Mutant], size: int, shuffled: "Iterator[float]") -> list[Mutant]:
    """As many, spread over the files in proportion to their mutants. shuffled: random numbers from 0 to 1."""
    keyed = sorted((mutant.path, next(shuffled), k) for k, mutant in enumerate(mutants))
    step, first = max(1.0, len(keyed) / size), next(shuffled)
    places = (int((k + first) * step) for k in range(min(size, len(keyed))))
    return [mutants[keyed[place][2]] for place in places if place < len(keyed)]
