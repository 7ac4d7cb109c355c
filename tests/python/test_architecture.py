"""The arrows of the design: who may import whom, and what a fast start must not import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLCHAIN, CONVERTER = ROOT / "python" / "seefud", ROOT / "converter" / "seefud_converter"
FOLDERS = {"seefud": TOOLCHAIN, "seefud_converter": CONVERTER}
MODULES = sorted([*TOOLCHAIN.rglob("*.py"), *CONVERTER.rglob("*.py")])
MAY_CONVERT = {
    "build",
    "ship",
    "measurement",
    "file_evaluation",
    "parity_cases",
    "golden_cases",
    "recommender",
    "user_profile",
    "model_difference",  # compares two files' own parts and tables
    "list_difference",  # ranks with two files
    "file_difference",  # reads two files for these two
    "simulation",  # keeps the older file where a gate refuses the new one
    "kernel_error",  # asks what the kernel will do, before a file exists
    "warm_start",  # reads the tables of an earlier file
    "delivery",  # signs what the distrustful reader has read, and nothing else
    "cli",
}


def named(path: Path) -> str:
    """``seefud.cli.building`` for its file."""
    parts = list(path.relative_to(TOOLCHAIN.parent if path.is_relative_to(TOOLCHAIN) else CONVERTER.parent).parts)
    parts[-1] = path.stem
    return ".".join(parts[:-1] if path.stem == "__init__" else parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Every absolute module name that a file imports, late imports and those for type checking included."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute | ast.Name)
            and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
            in {"import_module", "__import__"}
        ):
            found |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def test_there_are_modules_to_look_at() -> None:
    assert {"seefud.build", "seefud.cli", "seefud_converter.runtime"} <= {named(path) for path in MODULES}


def test_the_converter_never_imports_the_toolchain() -> None:
    assert [named(path) for path in CONVERTER.rglob("*.py") if "seefud" in packages(path)] == []


def test_the_converter_reads_no_tables_of_data() -> None:
    assert [named(path) for path in CONVERTER.rglob("*.py") if packages(path) & {"pandas", "csv", "pyarrow"}] == []


def test_of_the_toolchain_only_the_rim_imports_the_converter() -> None:
    users = {named(path).split(".")[1] for path in TOOLCHAIN.rglob("*.py") if "seefud_converter" in packages(path)}
    assert users <= MAY_CONVERT


def interpreters(path: Path) -> set[str]:
    """Names in code, not in comments, that reach an interpreter; the schema's reader beside it is plain Python."""
    homes = ("ai_edge_litert", "tflite_runtime")
    found = {name for name in imports(path) if name.startswith(homes)}
    found = {name for name in found if not f"{name}.".startswith("ai_edge_litert.schema_py_generated.")} - {*homes}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and node.value in {"ai_edge_litert.interpreter", "tensorflow.lite"}:
            found.add(node.value)
        name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
        if isinstance(name, str) and name in {"Interpreter", "OpResolverType", "InterpreterWithCustomOps"}:
            found.add(name)
    return found


def test_one_module_touches_an_interpreter() -> None:
    assert [named(path) for path in MODULES if interpreters(path)] == ["seefud_converter.runtime"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_public_module_says_what_it_is_and_what_it_offers(path: Path) -> None:
    module = tree(path)
    if path.stem.startswith("_") and path.stem not in {"__init__", "__main__"}:
        pytest.skip("a private module")
    assert ast.get_docstring(module), f"{named(path)}: expected a docstring of the module"
    lists = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    ]
    assert len(lists) == 1, f"{named(path)}: expected one __all__"
    public = ast.literal_eval(lists[0])
    defined: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign):
            defined |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined.add(node.target.id)
    # Names that are looked up when they are used stand under TYPE_CHECKING.
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in node.names}
    assert sorted(set(public) - defined) == []
    assert len(set(public)) == len(public)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_everything_public_has_a_docstring(path: Path) -> None:
    module = tree(path)
    public = {
        name
        for node in module.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets)
        for name in ast.literal_eval(node.value)
    }
    bare = [
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in public and not ast.get_docstring(node)
    ]
    assert bare == []


def test_the_public_surface_is_there_and_names_itself_in_its_error() -> None:
    import seefud

    for name in seefud.__all__:
        assert getattr(seefud, name) is not None
    with pytest.raises(AttributeError, match=r"module 'seefud' has no attribute 'recommand'; public are .*train"):
        _ = seefud.recommand


@pytest.mark.parametrize(
    "module", ["seefud", "seefud.recommender", "seefud.cli", "seefud_converter", "seefud_converter.runtime"]
)
def test_a_fast_start_imports_neither_tensorflow_nor_pandas(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'tensorflow', 'pandas', 'keras'}} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.split() == []
