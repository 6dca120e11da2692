"""Whatever is typed: an exit code that is promised, a word on what is wrong, and no answer that cannot be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import TINY, Run
from fuzz_command_lines import made_up, parameters, try_out
from mesoref.cli import COMMANDS

LIGHT, HEAVY = 250, 10_000
NETWORK = ("socket", "_socket", "ssl", "http.client", "urllib.request", "asyncio", "ftplib", "smtplib", "xmlrpc")


def test_command_lines_that_are_made_up_keep_the_promises(tmp_path: Path) -> None:
    codes = try_out(range(LIGHT), tmp_path)

    assert {0, 1, 2, 3} == set(codes)
    assert codes[0] > LIGHT // 4


@pytest.mark.heavy
def test_ten_thousand_command_lines_that_are_made_up_keep_the_promises(tmp_path: Path) -> None:
    assert HEAVY == try_out(range(HEAVY), tmp_path).total()


def test_every_command_and_every_option_of_it_is_made_up() -> None:
    typed = {(line[0], word.partition("=")[0]) for line in map(made_up, range(HEAVY // 5)) for word in line}

    for command in COMMANDS:
        options = {flag for each in parameters(command) for flag in each.opts if each.param_type_name != "argument"}
        assert options <= {word for name, word in typed if name == command}


def test_a_base_that_may_not_be_read_is_no_wrong_command_line(run: Run, tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(shutil.copy(TINY, tmp_path))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(os, "open", refuse)

    assert (1, 3) == (run("check", base).code, run("list", "--data", base).code)


def test_no_command_loads_what_could_reach_a_network(tmp_path: Path) -> None:
    lines = [("list",), ("show", "gfp"), ("explain", "gene-glow"), ("compare", "gene-glow", "gene-hum"),
             ("search", "light"), ("links", "gfp"), ("cite",), ("chart", "timeline"), ("check",), ("schema",),
             ("info",), *(("list", "-f", format) for format in ("table", "html", "markdown", "csv")),
             ("export", str(tmp_path / "handbook.html")), ("export", str(tmp_path / "base.sqlite"))]
    script = ("import sys\nfrom mesoref.cli import build\n"
              f"for line in {lines!r}:\n"
              f"    try: build()([*line, '--data', {str(TINY)!r}], prog_name='mesoref')\n"
              "    except SystemExit as stop: assert not stop.code, line\n"
              f"print(*[each for each in {NETWORK!r} if each in sys.modules], file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr.strip())
