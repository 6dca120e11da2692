"""The package as people get it: what is in it, and that it answers from anywhere without writing a thing."""

from __future__ import annotations

import contextlib
import email
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import Run
from mesoref import __version__
from mesoref.store.fulltext import is_indexed

ROOT = Path(__file__).parents[1]
AT_THE_TOP = {"src", "data", "tests", "docs", "benchmarks", "hatch_build.py", "pyproject.toml", "README.md",
              "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CITATION.cff", "LICENSE", "PKG-INFO", ".gitignore"}


class Built(NamedTuple):
    """The package in its forms; the wheel is made from the sdist, as every installer makes it."""

    sdist: Path
    wheel: Path
    installed: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    made = tmp_path_factory.mktemp("package")
    hatch(ROOT, "sdist", made)
    sdist = next(made.glob("*.tar.gz"))
    call("tar", "-xzf", sdist, cwd=made)
    hatch(made / f"mesoref-{__version__}", "wheel", made)
    wheel = next(made.glob("*.whl"))
    installed = made / "installed"
    call(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
         "--disable-pip-version-check", "--target", installed, wheel)
    return Built(sdist, wheel, installed)


def hatch(project: Path, target: str, into: Path) -> None:
    call(sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", into, cwd=project)


def call(*args: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """What a program writes; it must succeed."""
    done = subprocess.run([str(each) for each in args], cwd=cwd, env=os.environ | environment, check=False,
                          capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(f"mesoref-{__version__}.dist-info/METADATA"))


def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_code_the_knowledge_and_its_compiled_form_and_nothing_else(built: Built) -> None:
    package = ROOT / "src" / "mesoref"
    code = {f"mesoref/{each.relative_to(package).as_posix()}" for each in package.rglob("*")
            if each.is_file() and "__pycache__" not in each.parts}
    data = {f"mesoref/data/{each.name}" for each in (ROOT / "data").iterdir()}
    found = {each for each in members(built.wheel) if ".dist-info/" not in each}

    assert "mesoref/py.typed" in code
    assert found == code | data | {"mesoref/data/base.sqlite"}


def test_the_compiled_base_in_the_wheel_can_be_searched_at_once(built: Built) -> None:
    with contextlib.closing(sqlite3.connect(built.installed / "mesoref" / "data" / "base.sqlite")) as connection:
        assert is_indexed(connection)


def test_the_sdist_holds_what_the_project_is_made_of(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {Path(each).relative_to(f"mesoref-{__version__}").parts[0] for each in archive.getnames()}

    assert names <= AT_THE_TOP
    assert {"src", "data", "tests", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE"} <= names


def test_what_the_package_says_of_itself_is_so(built: Built) -> None:
    said = metadata(built.wheel)

    assert (said["Name"], said["Version"], said["License-Expression"]) == ("mesoref", __version__, "MIT")
    assert {re.split("[<>=]", each)[0] for each in said.get_all("Requires-Dist", []) if "extra ==" not in each} == {
        "typer", "rich", "pyyaml", "platformdirs", "jinja2"}


def test_the_program_is_installed_under_its_name(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        points = archive.read(f"mesoref-{__version__}.dist-info/entry_points.txt").decode()

    assert points.split() == ["[console_scripts]", "mesoref", "=", "mesoref.__main__:main"]


def test_an_installed_package_answers_from_anywhere_and_keeps_nothing(built: Built, run: Run, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    answers = [call(sys.executable, "-m", "mesoref", *args, cwd=tmp_path, PYTHONPATH=str(built.installed),
                    MESOREF_CACHE_DIR=str(cache)) for args in (["list"], ["show", "car-t"], ["info", "-f", "json"])]
    paths = [each["value"] for each in json.loads(answers[2])["records"] if each["section"] == "Paths"]

    assert answers[:2] == [run("list").out, run("show", "car-t").out]
    assert Path(paths[0]) == built.installed / "mesoref" / "data"
    assert not cache.exists()


def test_an_installed_package_knows_its_version(built: Built, tmp_path: Path) -> None:
    said = call(sys.executable, "-m", "mesoref", "--version", cwd=tmp_path, PYTHONPATH=str(built.installed))

    assert said.startswith(f"mesoref {__version__}, knowledge as of ")


def test_a_checkout_answers_from_anywhere(run: Run, tmp_path: Path) -> None:
    said = json.loads(call(sys.executable, "-m", "mesoref", "info", "-f", "json", cwd=tmp_path,
                           PYTHONPATH=str(ROOT / "src")))

    assert str(ROOT / "data") in {each["value"] for each in said["records"]}
    assert run("list").out == call(sys.executable, "-m", "mesoref", "list", cwd=tmp_path, PYTHONPATH=str(ROOT / "src"))
