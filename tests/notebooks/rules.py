"""The rules for the course's notebooks: each takes a notebook and returns a list of complaints.

Every function decorated with `rule` is one; RULES lists them. A cell tagged `exercise` is a card or
a task: it comes on top of the lesson, which is what the lesson's sizes count; the words that a
reveal opens are the lesson's. The rules of LESSONS_ONLY don't hold for a page that is no lesson,
whose name has no number.
"""

import ast
import io
import re
import statistics
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.tutor import lessons
from tests.notebooks.cells import calls

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TASKS = {"exercise"}
LESSON_CELLS, LESSON_CODE = (25, 45), (8, 16)
ALL_CELLS, ALL_CODE = 80, 39
LINES, MEDIAN_LINES, CODE_IN_A_ROW = 15, 4, 2
WORDS_PER_CODE_CELL = (50, 90)
BYTES = 1_500_000
OPENING = ("You will be able to", "You need", "Time")
CLOSING = ("What you saw", "Sources", "Next")
LEFTOVERS = {
    "lr", "momentum", "decay_rate", "beta1", "beta2", "eps", "weight_decay",
    "params", "grads", "key", "g", "h", "m", "v", "t",
}  # fmt: skip
LIBRARIES = {"course_utils", "numpy"} | sys.stdlib_module_names
NUMPY_RANDOM = "default_rng|Generator|SeedSequence|PCG64"  # what leaves the global state alone

Rule = Callable[[NotebookNode], list[str]]
RULES: list[Rule] = []
LESSONS_ONLY: set[Rule] = set()


def rule(function: Rule) -> Rule:
    RULES.append(function)
    return function


def lesson_rule(function: Rule) -> Rule:
    LESSONS_ONLY.add(function)
    return rule(function)


def rules_for(path: Path) -> list[Rule]:
    return [each for each in RULES if path.name[0].isdigit() or each not in LESSONS_ONLY]


# Reading a notebook


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def numbered(nb: NotebookNode, kind: str) -> Iterator[tuple[str, NotebookNode]]:
    for number, cell in enumerate(nb.cells, 1):
        if cell.cell_type == kind:
            yield f"cell {number}", cell


def code(nb: NotebookNode) -> list[tuple[str, NotebookNode]]:
    return list(numbered(nb, "code"))


def markdown(nb: NotebookNode) -> list[tuple[str, NotebookNode]]:
    return list(numbered(nb, "markdown"))


def lesson(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if not tags(cell) & TASKS]


def lesson_code(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in lesson(nb) if cell.cell_type == "code"]


def tree(cell: NotebookNode) -> ast.Module:
    """The parsed source; empty where it doesn't parse, which `plain_python` complains about."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return ast.Module([], [])


def imports(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Pairs of the full name of what is imported and the name it gets."""
    for node in ast.walk(tree(cell)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                source = "." * node.level + (node.module or "")
                yield f"{source}.{alias.name}", alias.asname or alias.name


def names(cell: NotebookNode) -> set[str]:
    """Plain and dotted names that the code uses: {'np', 'np.random', 'np.random.seed'}."""
    nodes = [n for n in ast.walk(tree(cell)) if isinstance(n, ast.Name | ast.Attribute)]
    return {ast.unparse(node) for node in nodes}


def uses(nb: NotebookNode, pattern: str) -> list[str]:
    """Complaints about cells that use or import a dotted name which matches `pattern`."""
    return [
        f"{where}: {name}"
        for where, cell in code(nb)
        for name in sorted(names(cell) | {full for full, _ in imports(cell)})
        if re.fullmatch(pattern, name)
    ]


def has_picture(cell: NotebookNode) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))


def output_texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        yield output.get("text", "")
        for kind, data in output.get("data", {}).items():
            if kind.startswith("text/") or kind == "image/svg+xml":
                yield data


def outside(what: str, value: float, limits: tuple[float, float]) -> list[str]:
    low, high = limits
    return [] if low <= value <= high else [f"{what}: {value:,}, expected {low:,} to {high:,}"]


def missing_labels(cells: list[NotebookNode], labels: tuple[str, ...], place: str) -> list[str]:
    """A label is bold text or a heading that starts with these words."""
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = [label for label in labels if re.search(rf"(\*\*|^#+ ){label}\b", text, re.M)]
    return [f"{place} lacks **{label}**" for label in labels if label not in found]


def words(text: str) -> int:
    """Words of prose: no code block, formula, row of a table, address or HTML tag."""
    blocks = r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|^\|.*?$"
    text = re.sub(rf"{blocks}|\]\([^)]*\)|</?[a-z][^>]*>|https?:\S+", " ", text, flags=re.S | re.M)
    return len(re.findall(r"[^\W_][\w'’-]*", text))


# What a cell may hold


@rule
def no_empty_cell(nb):
    """Nor one whose code is all commented out."""
    empty = [where for where, cell in markdown(nb) if not cell.source.strip()]
    for where, cell in code(nb):
        if all(line.lstrip()[:1] in ("", "#") for line in cell.source.splitlines()):
            empty.append(where)
    return [f"{where}: empty or commented out" for where in empty]


@rule
def plain_python(nb):
    """No magic, no shell command, no install."""
    complaints = []
    for where, cell in code(nb):
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            complaints.append(f"{where}: not plain Python: {(error.text or '').strip()}")
        if re.search(r"\b(pip|conda|mamba)\d?\b.*\binstall\b", cell.source):
            complaints.append(f"{where}: installs something")
    return complaints


@rule
def no_semicolon_at_the_end(nb):
    complaints = []
    blank = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.DEDENT, tokenize.ENDMARKER}
    for where, cell in code(nb):
        if tree(cell).body:
            tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
            if [token.string for token in tokens if token.type not in blank][-1] == ";":
                complaints.append(f"{where}: ends in ;")
    return complaints


@rule
def no_star_import(nb):
    return [f"{where}: {full}" for where, cell in code(nb) for full, n in imports(cell) if n == "*"]


@rule
def no_sys_path(nb):
    return uses(nb, r"sys\.path")


@rule
def reads_nothing_by_its_folder(nb, folder=NOTEBOOKS):
    """A notebook that was copied elsewhere, or that papermill runs from another folder, works."""
    return [
        f"{where}: {node.value} is a file"
        for where, cell in code(nb)
        for node in ast.walk(tree(cell))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (folder / node.value).is_file()
    ]


@rule
def no_pyplot(nb):
    return uses(nb, r"plt|(matplotlib|ipywidgets)\b.*")


@rule
def no_global_random_state(nb):
    return uses(nb, rf"(np|numpy)\.random\.(?!({NUMPY_RANDOM})\b)\w+|random\.seed")


@rule
def no_silenced_warnings(nb):
    silencers = r"warnings\.(filterwarnings|simplefilter|catch_warnings)|np\.(seterr|errstate)"
    return uses(nb, silencers)


@rule
def no_class_outside_exercises(nb):
    return [
        f"{where}: class {node.name}"
        for where, cell in code(nb)
        if not tags(cell) & TASKS
        for node in ast.walk(tree(cell))
        if isinstance(node, ast.ClassDef)
    ]


@rule
def imports_are_allowed(nb):
    return [
        f"{where}: {full} is neither course_utils, numpy nor the standard library"
        for where, cell in code(nb)
        for full, _ in imports(cell)
        if full.split(".")[0] not in LIBRARIES
    ]


@rule
def imports_are_used_and_not_repeated(nb):
    imported = [(where, name) for where, cell in code(nb) for _, name in imports(cell)]
    used = {name for _, cell in code(nb) for name in names(cell)} | {"*"}
    bound = [name for _, name in imported]
    complaints = [f"{where}: {name} is not used" for where, name in imported if name not in used]
    for place, (where, name) in enumerate(imported):
        if name in bound[:place]:
            complaints.append(f"{where}: {name} is imported again")
    return complaints


@rule
def marks_are_tags(nb):
    """nbval's marks are cell tags; a stored timing is one that nbval doesn't compare."""
    complaints = []
    for where, cell in code(nb):
        if re.search(r"^\s*#\s*(NBVAL|PYTEST)_", cell.source, re.M):
            complaints.append(f"{where}: nbval mark in a comment, expected a cell tag")
        if "keep-output" in tags(cell) and "nbval-ignore-output" not in tags(cell):
            complaints.append(f"{where}: keep-output needs nbval-ignore-output as well")
    return complaints


# Sizes


@rule
def code_cells_are_short(nb):
    lengths = {where: len(cell.source.splitlines()) for where, cell in code(nb)}
    complaints = [f"{where}: {n} lines, expected at most {LINES}"
                  for where, n in lengths.items() if n > LINES]  # fmt: skip
    median = statistics.median([len(c.source.splitlines()) for c in lesson_code(nb)] or [0])
    return complaints + outside("median lines of a code cell", median, (0, MEDIAN_LINES))


@rule
def few_code_cells_in_a_row(nb):
    """Cards are text."""
    kinds = "".join("m" if list(calls(cell)) else cell.cell_type[0] for cell in nb.cells)
    runs = re.finditer("c" * (CODE_IN_A_ROW + 1) + "+", kinds)
    return [f"cells {run.start() + 1} to {run.end()}: code without text between" for run in runs]


@lesson_rule
def size_of_the_lesson(nb):
    return (
        outside("cells of the lesson", len(lesson(nb)), LESSON_CELLS)
        + outside("code cells of the lesson", len(lesson_code(nb)), LESSON_CODE)
        + outside("cells with the tasks", len(nb.cells), (0, ALL_CELLS))
        + outside("code cells with the tasks", len(code(nb)), (0, ALL_CODE))
    )


@lesson_rule
def enough_prose_and_not_too_much(nb):
    texts = [cell.source for cell in lesson(nb) if cell.cell_type == "markdown"]
    for card, id in (call for cell in nb.cells for call in calls(cell)):
        if card == "reveal":
            texts.append(lessons.entry("prediction", id)["reading"])
    prose = sum(map(words, texts))
    per_cell = round(prose / max(1, len(lesson_code(nb))))
    return outside("words of prose per code cell", per_cell, WORDS_PER_CODE_CELL)


@rule
def small_file(nb):
    return outside("bytes", len(nbformat.v4.writes(nb).encode()), (0, BYTES))


# The text


@lesson_rule
def opening(nb):
    title = nb.cells and re.match(r"# \S", nb.cells[0].source)
    complaints = [] if title and nb.cells[0].cell_type == "markdown" else ["cell 1: no # title"]
    return complaints + missing_labels(nb.cells[:3], OPENING, "the opening")


@lesson_rule
def starts_with_its_picture(nb):
    """Playable at once: the second cell is an explorer."""
    second = nb.cells[1]
    shows = "explore_" in second.source and has_picture(second)
    return [] if shows else ["cell 2 is no explorer with its picture"]


@lesson_rule
def a_prediction_is_a_card(nb):
    found = [where for where, cell in markdown(nb) if re.search(r"\*\*Predict\*\*", cell.source)]
    return [f"{where}: **Predict** without a card" for where in found]


@lesson_rule
def a_task_can_not_lean_on_leftovers(nb):
    """No cell gives a value to a name that an answer could use for a setting or its state."""
    return [
        f"{where}: {name} is left over"
        for where, cell in code(nb)
        for statement in tree(cell).body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for name in sorted(assigned(statement) & LEFTOVERS)
    ]


def assigned(statement):
    """The names that a statement leaves behind; those of a comprehension are its own."""
    found, inside = set(), [statement]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp):
            inside += ast.iter_child_nodes(node)
    return found


@lesson_rule
def closing(nb):
    return missing_labels(nb.cells[-4:], CLOSING, "the end")


@rule
def pictures_are_told(nb):
    """After a picture comes text, or the card that opens it."""
    after = [cell.cell_type == "markdown" or bool(list(calls(cell))) for cell in nb.cells[1:]]
    return [
        f"cell {number}: no text after its picture"
        for number, (cell, told) in enumerate(zip(nb.cells, [*after, False], strict=True), 1)
        if has_picture(cell) and not told
    ]


@rule
def images_have_alternative_text(nb):
    complaints = []
    for where, cell in markdown(nb):
        complaints += [f"{where}: {image}" for image in re.findall(r"!\[\s*\]\S+", cell.source)]
        for image in re.findall(r"<img\b[^>]*>", cell.source):
            if not re.search(r"""\balt=(["'])\s*[^\s"']""", image):
                complaints.append(f"{where}: {image}")
    return complaints


@rule
def links_lead_somewhere(nb, folder=NOTEBOOKS):
    """Links and images that name a file by a path from the notebook's folder."""
    target = r"""\]\(\s*<?([^)\s>#]+)|\b(?:href|src)=["']([^"'#]+)"""
    return [
        f"{where}: {link} does not exist"
        for where, cell in markdown(nb)
        for pair in re.findall(target, cell.source)
        for link in pair
        if link and not re.match(r"[a-z]+:", link) and not (folder / link).exists()
    ]


# Stored outputs


@rule
def every_code_cell_has_run(nb):
    return [
        f"{where}: execution count {cell.execution_count}, expected {count}"
        for count, (where, cell) in enumerate(code(nb), 1)
        if cell.execution_count != count
    ]


@rule
def no_stored_error(nb):
    return [
        f"{where}: {output.ename}"
        for where, cell in code(nb)
        for output in cell.outputs
        if output.output_type == "error"
    ]


@rule
def outputs_hold_on_every_machine(nb):
    """No absolute path, no address in memory, no NumPy scalar as its repr."""
    path = r"(?<![\w.])/(?:home|tmp|root|work|Users)\b|\bC:\\"
    varies = rf"{path}|\bat 0x[0-9a-fA-F]+|\bnp\.(?:float|u?int)\d+\("
    return [
        f"{where}: {found}"
        for where, cell in code(nb)
        for text in output_texts(cell)
        for found in re.findall(varies, text)
    ]
