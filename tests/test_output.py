"""The way out: closed pipes, full disks, poor terminals, pagers that fail, and Ctrl-C; no file is ever lost."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import select
import shutil
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY, Run
from mesoref import session

PROGRAM = (sys.executable, "-m", "mesoref")
PATIENCE = 60
ANSWERS = (("list",), ("list", "references"), ("show", "gene-glow", "NCT00000001"), ("explain", "gene-glow"),
           ("compare", "gene-glow", "gene-hum"), ("links", "gene-glow"), ("cite",), ("chart", "timeline"), ("info",))
ESCAPE = re.compile(rb"\x1b")


def some(*light: Any, heavy: tuple[Any, ...]) -> list[Any]:
    """Parameters, of which only the first are tried at every run of the tests."""
    return [*light, *(pytest.param(each, marks=pytest.mark.heavy) for each in heavy)]


def started(*args: str | Path, **extra: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*PROGRAM, *args], stdin=subprocess.DEVNULL, **extra)


def piped(*args: str | Path, out: Any = subprocess.PIPE, **extra: Any) -> tuple[int, bytes, str]:
    process = started(*args, stdout=out, stderr=subprocess.PIPE, **extra)
    said, complained = process.communicate(timeout=PATIENCE)
    return process.returncode, said, complained.decode()


def take_terminal() -> None:
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)


def on_terminal(*args: str | Path, size: tuple[int, int] = (24, 80), keys: Callable[[bytes], bytes] = lambda said: b"",
                **environment: str) -> tuple[int, bytes, str]:
    """Exit code, what the terminal got, what standard error got; `keys` is asked what is typed once there is output."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", *environment)}
    process = subprocess.Popen([*PROGRAM, *args], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                               start_new_session=True, preexec_fn=take_terminal,  # noqa: PLW1509 - no threads here
                               env=kept | {"TERM": "xterm-256color"} | environment)
    os.close(theirs)
    said, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if ours in select.select([ours], [], [], 0.1)[0]:
            try:
                said += os.read(ours, 65536)
            except OSError:
                break
            os.write(ours, keys(said))
        elif process.poll() is not None:
            break
    else:
        process.kill()
    complained = process.communicate(timeout=PATIENCE)[1].decode()
    os.close(ours)
    return process.returncode, said.replace(b"\r\n", b"\n"), complained


# --- pipes and full disks ---


@pytest.mark.parametrize("args", [("list", "references", "-f", "json"), ("--help",)])
@pytest.mark.usefixtures("kb")
def test_a_reader_that_has_read_enough_is_no_error(args: tuple[str, ...]) -> None:
    with started(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(1)
        process.stdout.close()

        assert (b"", 0) == (process.stderr.read(), process.wait(PATIENCE))


@pytest.mark.parametrize("args", some(("list", "references", "-f", "json"), ("--help",), heavy=(
    ("list",), ("list", "--help"), ("--version",), ("check", TINY))))
@pytest.mark.usefixtures("kb")
def test_a_full_disk_is_told_and_nothing_else(args: tuple[str | Path, ...]) -> None:
    with open("/dev/full", "w") as full:
        code, _, complained = piped(*args, out=full)

    assert (2, "mesoref: cannot write the answer: no space left on device\n") == (code, complained)


def test_a_closed_standard_output_is_told() -> None:
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, "list", "--data", TINY], capture_output=True,
                          text=True, check=False)

    assert (2, "mesoref: cannot write the answer: standard output is closed\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize(("args", "code"), [(("show", "nobody"), 1), (("nonsense",), 2), (("list", "--nonsense"), 2)])
def test_a_closed_standard_error_leaves_the_exit_code_and_standard_output_clean(args: tuple[str, ...],
                                                                                code: int) -> None:
    done = subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", *PROGRAM, *args], capture_output=True, text=True,
                          check=False)

    assert (code, "") == (done.returncode, done.stdout)


# --- files ---


UNWRITABLE: dict[str, Callable[[Path], Path]] = {
    "a folder that is not there": lambda folder: folder / "nowhere" / "x.json",
    "a folder": lambda folder: folder,
    "below a file": lambda folder: Path(shutil.copy(TINY, folder / "file")) / "x.json",
    "a full device": lambda folder: Path("/dev/full"),
    "a name too long": lambda folder: folder / ("a" * 300),
    "where nothing can be made": lambda folder: Path("/proc/self/x.json"),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_a_target_that_cannot_be_written_is_told(run: Run, tmp_path: Path, name: str) -> None:
    target = UNWRITABLE[name](tmp_path)
    before = sorted(tmp_path.iterdir())
    answer = run("list", "--data", TINY, "-f", "json", "-o", target)

    assert (2, "") == (answer.code, answer.out)
    assert answer.err.startswith(f"mesoref: cannot write {str(target)!r}: ")
    assert before == sorted(tmp_path.iterdir())


@pytest.mark.usefixtures("kb")
def test_a_database_that_does_not_fit_on_the_disk_is_told(tmp_path: Path) -> None:
    target = tmp_path / "base.sqlite"
    code, said, complained = piped("export", target, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (200_000, 200_000)))

    assert (2, b"") == (code, said)
    assert complained.startswith(f"mesoref: cannot write {str(target)!r}: ")
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_read_only_is_left_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.json"
    target.write_text("kept")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    answer = run("list", "--data", TINY, "-o", target)

    assert (2, "kept") == (answer.code, target.read_text())
    assert "read-only" in answer.err


def _fails_to_say(run: Run, target: Path, _: pytest.MonkeyPatch) -> int:
    return run("list", "--data", TINY, "-f", "svg", "-o", target).code


def _base_is_bad(run: Run, target: Path, _: pytest.MonkeyPatch) -> int:
    return run("list", "--data", target, "-f", "json", "-o", target).code


def _disk_is_full(run: Run, target: Path, _: pytest.MonkeyPatch) -> int:
    return piped("list", "references", "-f", "json", "-o", target,
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000)))[0]


def _move_fails(run: Run, target: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    def refuse(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", refuse)
    return run("list", "--data", TINY, "-f", "json", "-o", target).code


def _interrupted(run: Run, target: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    write = Path.write_text

    def half(path: Path, text: str, **extra: Any) -> int:
        write(path, text[:100], **extra)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", half)
    return run("list", "--data", TINY, "-f", "json", "-o", target).code


FAILURES = {2: (_fails_to_say, _disk_is_full, _move_fails), 3: (_base_is_bad,), 130: (_interrupted,)}


@pytest.mark.parametrize(("code", "fail"), [(code, each) for code, all_ in FAILURES.items() for each in all_])
def test_a_failed_run_leaves_the_file_as_it_was(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int,
                                                fail: Callable[[Run, Path, pytest.MonkeyPatch], int]) -> None:
    target = tmp_path / "kept.json"
    target.write_text("kept")

    assert code == fail(run, target, monkeypatch)
    assert "kept" == target.read_text()
    assert [target] == list(tmp_path.iterdir())


def test_a_run_that_is_killed_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "kept.json"
    target.write_text("kept")
    script = ("import os, sys; from pathlib import Path; write = Path.write_text\n"
              "def half(path, text, **extra): write(path, text[:100], **extra); os.kill(os.getpid(), 9)\n"
              "Path.write_text = half; from mesoref.cli import main; main()")
    done = subprocess.run([sys.executable, "-c", script, "list", "-f", "json", "-o", target], check=False)

    assert (-signal.SIGKILL, "kept") == (done.returncode, target.read_text())


def test_a_written_file_keeps_its_mode_and_its_link(run: Run, tmp_path: Path) -> None:
    file, link = tmp_path / "file.json", tmp_path / "link.json"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    run("list", "--data", TINY, "-o", link)

    assert link.is_symlink()
    assert (0o640, True) == (stat.S_IMODE(file.stat().st_mode), file.read_text().startswith("{"))


def test_a_new_file_has_the_mode_that_the_user_asks_for(run: Run, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        run("list", "--data", TINY, "-o", tmp_path / "x.json")
    finally:
        os.umask(before)

    assert 0o640 == stat.S_IMODE((tmp_path / "x.json").stat().st_mode)


def test_a_device_is_written_to_and_not_replaced() -> None:
    assert (0, "") == piped("list", "--data", TINY, "-f", "json", "-o", "/dev/null")[::2]
    code, said, complained = piped("list", "--data", TINY, "-f", "json", "-o", "/dev/stdout")

    assert (0, b"{", "") == (code, said[:1], complained)


# --- terminals ---


@pytest.mark.parametrize("encoding", some("ascii", "cp1252", heavy=("latin-1", "utf-8")))
@pytest.mark.usefixtures("kb")
def test_a_terminal_gets_only_what_its_encoding_holds(encoding: str) -> None:
    for args in (("show", "tp53"), ("chart", "timeline")):
        code, said, complained = on_terminal(*args, "--no-pager", PYTHONIOENCODING=encoding)

        assert (0, "") == (code, complained)
        said.decode(encoding)


def test_a_message_can_be_said_in_any_encoding() -> None:
    code, said, complained = piped("show", "ψ–β\u202e🧬", env=os.environ | {"PYTHONIOENCODING": "ascii"})

    assert (1, b"") == (code, said)
    assert complained.isascii()
    assert complained.startswith("mesoref: no record named")


@pytest.mark.parametrize("columns", ["1", "0", "-5", "abc", "", "²", "9" * 5_000, "21"],
                         ids=lambda columns: columns[:5])
def test_any_width_is_lived_with_and_nothing_is_cut(run: Run, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for args in ANSWERS:
        answer = run(*args, "--data", TINY, "-f", "table")

        assert (0, "", "") == (answer.code, answer.err, "…" if "…" in answer.out else "")
        if args == ANSWERS[2]:
            assert "Seenin2of10people." in re.sub(r"\s", "", answer.out)


@pytest.mark.parametrize("size", some((0, 0), (24, 3), heavy=((1, 1), (60_000, 60_000))))
def test_any_terminal_is_lived_with(size: tuple[int, int]) -> None:
    code, said, complained = on_terminal("show", "gene-glow", "--data", TINY, size=size, MESOREF_PAGER="cat")

    assert (0, "") == (code, complained)
    assert b"Seenin2of10people." in re.sub(rb"\s", b"", ESCAPE.sub(b"", re.sub(rb"\x1b\[[0-9;]*m", b"", said)))


@pytest.mark.parametrize("setting", some("TERM=dumb", "NO_COLOR=1", heavy=("TERM=unknown", "MESOREF_PLAIN=1",
                                                                           "ACCESSIBLE=1")))
def test_a_terminal_that_wants_no_colour_gets_no_escapes(setting: str) -> None:
    name, _, value = setting.partition("=")
    for args in (("show", "gene-glow"), ("list",)):
        asked = () if name == "TERM" else ("--no-pager",)
        code, said, complained = on_terminal(*args, *asked, "--data", TINY, **{name: value})  # type: ignore[arg-type]

        assert (0, "") == (code, complained)
        assert not ESCAPE.search(said)


# --- pagers ---


@cache
def answer_without_pager() -> bytes:
    return on_terminal("show", "gene-glow", "--data", TINY, "--no-pager")[1]


@pytest.mark.parametrize("pager", some("cat", "nosuchpager", __file__, heavy=("", "'unbalanced", "/", "/dev/null")))
def test_with_a_pager_or_without_one_that_runs_all_is_shown(pager: str) -> None:
    code, said, complained = on_terminal("show", "gene-glow", "--data", TINY, MESOREF_PAGER=pager)

    assert (0, "", answer_without_pager()) == (code, complained, said)


@pytest.mark.parametrize(("command", "posix", "words"), [
    (r"C:\Tools\less.exe -R", False, [r"C:\Tools\less.exe", "-R"]),
    (r'"C:\Program Files\less.exe" -R', False, [r"C:\Program Files\less.exe", "-R"]),
    ("less -R", False, ["less", "-R"]), ("less -R", True, ["less", "-R"]),
    ("'/opt/a b/less' -R", True, ["/opt/a b/less", "-R"]), (r"/opt/a\ b/less", True, ["/opt/a b/less"]),
    ("'unbalanced", True, []), ('"unbalanced', False, []), ("", True, []), ("", False, []),
])
def test_a_pager_is_named_as_the_system_names_programs(command: str, posix: bool, words: list[str]) -> None:
    assert words == session.words_of(command, posix=posix)


def test_a_pager_that_fails_is_told_and_all_is_shown() -> None:
    code, said, complained = on_terminal("show", "gene-glow", "--data", TINY, MESOREF_PAGER="sh -c 'exit 7'")

    assert (0, answer_without_pager()) == (code, said)
    assert "failed with exit code 7" in complained


def test_a_pager_that_is_left_early_is_no_error() -> None:
    code, said, complained = on_terminal("show", "gene-glow", "--data", TINY, MESOREF_PAGER="head -n 1")

    assert (0, "", 1) == (code, complained, said.count(b"\n"))


def test_ctrl_c_in_a_pager_is_the_pagers_business() -> None:
    pager = "sh -c 'trap \"echo heard; exit 0\" INT; cat >/dev/null; echo ready; while :; do sleep 0.1; done'"
    typed = iter([b"\x03"])
    code, said, complained = on_terminal("show", "gene-glow", "--data", TINY, MESOREF_PAGER=pager,
                                         keys=lambda said: next(typed, b"") if b"ready" in said else b"")

    assert (0, "") == (code, complained)
    assert b"heard" in said


def test_a_pager_that_ctrl_c_kills_ends_the_program_as_interrupted() -> None:
    pager = "sh -c 'cat >/dev/null; echo ready; exec sleep 60'"
    typed = iter([b"\x03"])
    code, _, complained = on_terminal("show", "gene-glow", "--data", TINY, MESOREF_PAGER=pager,
                                      keys=lambda said: next(typed, b"") if b"ready" in said else b"")

    assert (130, "") == (code, complained)


# --- Ctrl-C ---


@pytest.mark.parametrize("where", ["open_base", "writer", "emit"])
def test_ctrl_c_anywhere_is_130_and_silent(run: Run, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, where, interrupt)

    assert (130, "", "") == run("list", "--data", TINY)


@pytest.mark.parametrize("module", ["typer", "sqlite3", "mesoref.cli", "mesoref.render"])
def test_ctrl_c_while_the_program_is_loaded_is_130_and_silent(module: str) -> None:
    script = ("import builtins, sys; before = builtins.__import__\n"
              "def interrupt(name, *rest):\n"
              f"    if name.startswith({module!r}): raise KeyboardInterrupt\n"
              "    return before(name, *rest)\n"
              "from mesoref.__main__ import main; builtins.__import__ = interrupt; main()")
    done = subprocess.run([sys.executable, "-c", script, "list"], capture_output=True, text=True, check=False)

    assert (130, "", "") == (done.returncode, done.stdout, done.stderr)


def test_ctrl_c_while_a_base_is_compiled_is_130_and_silent(tmp_path: Path) -> None:
    base = tmp_path / "large.yaml"
    base.write_text("schema: 1\nas_of: 2026\nterms:\n" + "".join(
        f"  term-{n}:\n    name: Term {n}\n    definition: []\n" for n in range(60_000)))
    started_by = started("list", "terms", "--data", base, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.5)
    started_by.send_signal(signal.SIGINT)
    said, complained = started_by.communicate(timeout=PATIENCE)

    assert (130, b"") == (started_by.returncode, said)
    assert complained in (b"", b"mesoref: preparing the base\n")
