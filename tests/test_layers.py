"""The shape of the code: who may import, name, print and ask what, and what a command costs at the least."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from conftest import TINY
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.queries.showing import show

PACKAGE = Path(__file__).parents[1] / "src" / "mesoref"

ORDER = ("frozen", "errors", "shell", "sources", "fold", "schema", "model", "notes", "reading", "loader", "jsonschema",
         "derive", "checks", "tables", "rows", "store", "cache", "kb", "views", "values", "about", "queries",
         "render", "settings", "session", "export", "api", "completion", "commands", "cli", "__main__")
"""The modules from the ground up; each imports only what stands before it. A package counts as one."""

KIND_NAMES = {name for kind in KINDS.values() for name in (kind.name, kind.plural)}
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ATTACH|VACUUM|PRAGMA|WHERE|MATCH)\b")


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def module_of(file: Path) -> str:
    """The name of a module under `mesoref`; the package itself is the empty name."""
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {module_of(each) for each in files()}


def imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Everything imported, in functions too, by its full name."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                full = f"{node.module}.{each.name}"
                yield full if full.removeprefix("mesoref.") in MODULES else node.module or ""


def own_imports(file: Path) -> set[str]:
    """The modules of the package that a module imports."""
    found = {each.removeprefix("mesoref").removeprefix(".") for each in imports(ast.walk(tree_of(file)))
             if each.partition(".")[0] == "mesoref"}
    return found - {""}


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """The string literals of a module, docstrings left out: a string that stands alone documents and does nothing."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def names_used(tree: ast.Module) -> set[str]:
    return {node.id if isinstance(node, ast.Name) else node.attr for node in ast.walk(tree)
            if isinstance(node, ast.Name | ast.Attribute)}


def test_every_module_has_its_place_in_the_order() -> None:
    assert sorted({each.partition(".")[0] for each in MODULES} - {"", *ORDER}) == []


def test_imports_point_one_way() -> None:
    upward = [f"{module_of(file)} imports {target}" for file in files() if module_of(file)
              for target in sorted(own_imports(file))
              if ORDER.index(target.partition(".")[0]) > ORDER.index(module_of(file).partition(".")[0])]

    assert upward == []


def test_no_imports_run_in_a_circle() -> None:
    graph = {module_of(file): own_imports(file) for file in files() if module_of(file)}

    assert set(TopologicalSorter(graph).static_order()) == MODULES - {""}


def test_the_package_itself_imports_nothing_until_it_is_asked() -> None:
    top = iter(tree_of(PACKAGE / "__init__.py").body)

    assert [each for each in imports(top) if each.partition(".")[0] == "mesoref"] == []


def test_renderers_know_views_and_ask_no_base() -> None:
    asking = {"kb", "cache", "queries", "loader", "checks", "derive"}
    found = [f"{module_of(file)} imports {target}" for file in files() if module_of(file).startswith("render")
             for target in sorted(own_imports(file)) if target.partition(".")[0] in asking]

    assert found == []


def test_no_literal_outside_the_model_is_the_name_of_a_kind() -> None:
    """A name within a sentence is prose; a literal that is nothing but the name is code that knows the kind."""
    found = [f"{module_of(file)}:{node.lineno}: {node.value!r}" for file in files() if module_of(file) != "model"
             for node in literals(tree_of(file)) if node.value in KIND_NAMES]

    assert found == []


def test_no_class_of_a_kind_is_used_outside_the_model() -> None:
    classes = {each.cls.__name__ for each in KINDS.values()}
    found = [f"{module_of(file)}: {name}" for file in files() if module_of(file) != "model"
             for node in ast.walk(tree_of(file)) if isinstance(node, ast.ImportFrom) and node.module == "mesoref.model"
             for name in sorted({each.name for each in node.names} & classes)]

    assert found == []


def test_no_template_names_a_kind() -> None:
    found = [f"{file.name}: {name}" for file in sorted((PACKAGE / "render" / "templates").iterdir())
             for name in re.findall(r"""["']([\w-]+)["']""", file.read_text(encoding="utf-8")) if name in KIND_NAMES]

    assert found == []


def test_only_the_loader_imports_yaml() -> None:
    importing = [module_of(file) for file in files() if "yaml" in set(imports(ast.walk(tree_of(file))))]

    assert importing == ["loader"]


def test_only_the_store_speaks_sql() -> None:
    found = [f"{module_of(file)}:{node.lineno}: {node.value!r}" for file in files()
             if module_of(file).partition(".")[0] != "store"
             for node in literals(tree_of(file)) if SQL.search(str(node.value))]

    assert found == []


def test_only_renderers_the_command_line_and_the_session_print() -> None:
    ways_out = {"print", "Console", "stdout", "stderr"}
    printing = [module_of(file) for file in files() if ways_out & names_used(tree_of(file))]

    assert [each for each in printing if each not in ("cli", "session") and not each.startswith("render.")] == []


# --- what a command costs at the least ---

MEASURE = """
import json, sys
seen = []
def watch(event, args):
    if event == "open":
        seen.append(str(args[0]))
sys.addaudithook(watch)
from mesoref.cli import build
try:
    build()(sys.argv[1:], prog_name="mesoref")
except SystemExit:
    pass
print(json.dumps({"modules": sorted(sys.modules), "opened": seen}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the small base is compiled, so that what follows is warm."""
    found = os.environ | {"MESOREF_CACHE_DIR": str(tmp_path_factory.mktemp("warm"))}
    measured(found, "list")
    return found


def measured(environment: dict[str, str], *args: str) -> dict[str, list[str]]:
    """What a program of its own loaded and opened to answer from the small base."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *args, "--data", str(TINY)], env=environment, check=True,
                          capture_output=True, text=True, encoding="utf-8")
    found: dict[str, list[str]] = json.loads(done.stderr)
    return found


def test_a_list_as_json_loads_nothing_heavy(environment: dict[str, str]) -> None:
    loaded = set(measured(environment, "list", "-f", "json")["modules"])
    heavy = {"yaml", "rich", "jinja2", "platformdirs", "hashlib", "unicodedata", "dataclasses", "logging",
             "mesoref.loader", "mesoref.derive", "mesoref.checks", "mesoref.jsonschema", "mesoref.about",
             "mesoref.values", "mesoref.render.terminal", "mesoref.render.html", "mesoref.render.plain",
             "mesoref.queries.showing", "mesoref.queries.comparing",
             "mesoref.store.writing", "mesoref.store.fulltext", "mesoref.store.publishing"}

    assert "mesoref.queries.listing" in loaded
    assert sorted(heavy & loaded) == []


def test_plain_text_needs_neither_rich_nor_templates(environment: dict[str, str]) -> None:
    loaded = set(measured(environment, "show", "gene-glow")["modules"])

    assert sorted({"yaml", "rich", "jinja2", "mesoref.loader", "mesoref.checks"} & loaded) == []


def test_a_warm_show_opens_no_source(environment: dict[str, str]) -> None:
    opened = measured(environment, "show", "gene-glow", "-f", "json")["opened"]

    assert [each for each in opened if each.endswith((".yaml", ".yml"))] == []


def test_the_watch_on_opened_files_sees_sources_that_are_read(environment: dict[str, str], tmp_path: Path) -> None:
    cold = environment | {"MESOREF_CACHE_DIR": str(tmp_path)}

    assert str(TINY) in measured(cold, "show", "gene-glow", "-f", "json")["opened"]


@pytest.fixture
def traced(kb: KnowledgeBase) -> Iterator[list[str]]:
    """The SQL that the shipped base is asked while a test runs."""
    asked: list[str] = []
    kb.store.connection.set_trace_callback(asked.append)
    yield asked
    kb.store.connection.set_trace_callback(None)


def test_show_asks_as_often_for_a_big_record_as_for_a_small_one(kb: KnowledgeBase, traced: list[str]) -> None:
    show(kb, ["car-t"])
    big = len(traced)
    show(kb, ["bystander-effect"])

    assert len(traced) - big == big <= 8


def test_show_finds_its_rows_by_index(kb: KnowledgeBase, traced: list[str]) -> None:
    show(kb, ["car-t"])
    kb.store.connection.set_trace_callback(None)
    steps = [row[3] for sql in traced for row in kb.store.connection.execute(f"EXPLAIN QUERY PLAN {sql}")]

    assert steps
    assert [each for each in steps if each.startswith("SCAN") and not each.startswith("SCAN (subquery")] == []
