"""A small base, the shipped one, and a way to run the program; nothing touches the real home."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mesoref import session
from mesoref.cli import build
from mesoref.kb import KnowledgeBase, open_base

TINY = Path(__file__).parent / "tiny.yaml"
GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files are rewritten on demand, and then looked at."""
    parser.addoption("--update-golden", action="store_true", help="write what is in tests/golden anew")
    parser.addoption("--heavy", action="store_true", help="run the heavy tests too, as .ci/run does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Heavy tests are skipped, and say why, unless they are asked for."""
    if not config.getoption("--heavy"):
        why = pytest.mark.skip(reason="heavy: takes long, or needs a browser, Datasette, Graphviz or Mermaid; --heavy")
        for item in items:
            if item.get_closest_marker("heavy"):
                item.add_marker(why)


class Answer(NamedTuple):
    """What the program did: its exit code and what it wrote."""

    code: int
    out: str
    err: str


class Run:
    """Runs the program in this process, as from a pipe."""

    def __call__(self, *args: str | Path) -> Answer:
        # As Python opens them: what cannot be encoded is escaped in messages, and an error in answers.
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=errors, newline="\n")
                    for errors in ("strict", "backslashreplace"))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                build()([str(each) for each in args], prog_name="mesoref")
                code = 0
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 1
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read())
        return Answer(code, *texts)


class Wire:
    """Whether a test may speak to the network; only what drives a browser or a server on this machine may."""

    free = False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto",
                 "socket.sendmsg", "socket.connect", "socket.bind") and not Wire.free:
        unix = getattr(socket, "AF_UNIX", None)
        if not (isinstance(args[0], socket.socket) and args[0].family == unix):
            raise RuntimeError(f"{event}: no test needs the network")


sys.addaudithook(_guard)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Free the wire for heavy tests alone."""
    Wire.free = item.get_closest_marker("heavy") is not None


@pytest.fixture(scope="session", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A home and a cache of their own, and no settings of whoever runs the tests."""
    for name in [each for each in os.environ if each.startswith("MESOREF_")]:
        del os.environ[name]
    for name in ("ACCESSIBLE", "FORCE_COLOR", "PAGER"):
        os.environ.pop(name, None)
    home = tmp_path_factory.mktemp("home")
    # What a script starts in the background has Ctrl-C ignored, and would hand that down to the programs under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # However slow the machine is, no test but that of the word on what takes its time shall meet it.
    session.PATIENCE = 600.0
    os.environ.update(HOME=str(home), XDG_CACHE_HOME=str(home / "cache"), COLUMNS="80", NO_COLOR="1")


@pytest.fixture
def run() -> Run:
    """The program."""
    return Run()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """What a file of `tests/golden` holds, which somebody has looked at; the second argument is what may replace it."""

    def held(name: str, new: str) -> str:
        file = GOLDEN / name
        if request.config.getoption("--update-golden"):
            file.write_text(new, encoding="utf-8", newline="\n")
        return file.read_text(encoding="utf-8")

    return held


@pytest.fixture(scope="session")
def kb() -> Iterator[KnowledgeBase]:
    """The shipped base."""
    with contextlib.closing(open_base()) as kb:
        yield kb


@pytest.fixture(scope="session")
def tiny() -> Iterator[KnowledgeBase]:
    """A base of a few records, for mechanism."""
    with contextlib.closing(open_base(TINY)) as kb:
        yield kb
