"""One call of the program: which base it asks, and where and how the answer goes. The only module that writes out."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TextIO

from mesoref.errors import UsageError
from mesoref.kb import KnowledgeBase, open_base
from mesoref.render import format_named, format_of_suffix, writer
from mesoref.settings import Settings
from mesoref.views import Hits, Problems, Table, View

PAGED = ("table", "plain")
PATIENCE, BAR = 1.0, 30


class Session:
    """The base, opened when it is first needed, and the way out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.progress = Progress("preparing the base")

    @cached_property
    def kb(self) -> KnowledgeBase:
        """The knowledge base that is asked."""
        with self.progress as progress:
            return open_base(self.settings.data, self.settings.extra, progress)

    def close(self) -> None:
        """Close the base, if it was asked."""
        self.progress.clear()
        if "kb" in self.__dict__:
            self.kb.close()

    def asked_format(self) -> str:
        """The format asked for, by name or by a suffix, or none; raises UsageError for one that there is not."""
        if self.settings.format:
            return format_named(self.settings.format)
        return "" if self.settings.output is None else format_of_suffix(self.settings.output.suffix)

    def answer(self, view: View, *, found: bool = True) -> None:
        """Write a view where and how it was asked for.

        One that found nothing is written only as JSON, which is one object also when it is empty.
        """
        output = self.settings.output
        to_terminal = output is None and on_terminal()
        name = self.format_for(view, to_terminal=to_terminal)
        write = writer(name)
        buffer = _Buffer(encoding_of(sys.stdout) if to_terminal else "utf-8", terminal=to_terminal)
        write(view, buffer)
        text = buffer.getvalue()
        if not found and name != "json":
            return
        if output is not None:
            save(text, output)
        elif to_terminal and name in PAGED and self.settings.pager:
            page(text)
        else:
            emit(text)

    def conclude(self, view: View) -> str:
        """Write a view, and say why if the data says no."""
        match view:
            case Problems():
                self.answer(view)
                count = len(view.problems)
                return f"{count} problem{'s' * (count != 1)} found{view.hint}" if count else ""
            case Table(records=()):
                self.answer(view, found=False)
                return f"no {view.kind.plural} match{view.hint}"
            case Hits(hits=()):
                from mesoref.values import missing

                self.answer(view, found=False)
                where = f" among the {view.kind.plural}" if view.kind else ""
                return "\n".join([f"nothing found for {view.query!r}{where}", *missing(view)])
            case _:
                self.answer(view)
                return ""

    def format_for(self, view: View, *, to_terminal: bool) -> str:
        """The format asked for, or the one that suits the place."""
        if asked := self.asked_format():
            return asked
        if os.environ.get("ACCESSIBLE") or os.environ.get("MESOREF_PLAIN"):
            return "plain"
        if to_terminal:
            return "table"
        return "tsv" if isinstance(view, Table | Hits) else "plain"


class _Buffer(io.StringIO):
    """Text in memory that says where it will go, so that what is drawn can be shown there."""

    def __init__(self, encoding: str, *, terminal: bool) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def on_terminal() -> bool:
    """Whether the answer goes to a person's screen."""
    return sys.stdout is not None and sys.stdout.isatty()


def encoding_of(stream: TextIO) -> str:
    """The encoding of a stream."""
    return getattr(stream, "encoding", None) or "utf-8"


def emit(text: str) -> None:
    """Write to standard output: UTF-8 in a pipe; on a terminal what it cannot show becomes something that it can."""
    stream = sys.stdout
    if stream is None:
        raise UsageError("cannot write the answer: standard output is closed")
    if isinstance(stream, io.TextIOWrapper):
        if stream.isatty():
            from mesoref.render.clean import to_encoding

            text = to_encoding(text, encoding_of(stream))
        else:
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    stream.write(text)
    stream.flush()


def page(text: str) -> None:
    """Show text through the reader's pager if it is longer than the screen; if the pager fails, without it."""
    import shutil
    import signal
    import subprocess

    usual = "" if os.environ.get("TERM", "dumb") in ("dumb", "unknown") else "less -FRX"
    command = os.environ.get("MESOREF_PAGER", os.environ.get("PAGER", usual))
    words = words_of(command, posix=os.name == "posix")
    if text.count("\n") < shutil.get_terminal_size().lines or not words or not shutil.which(words[0]):
        return emit(text)
    from mesoref.render.clean import to_encoding

    encoding = encoding_of(sys.stdout)
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE)  # noqa: S603 - the reader's own choice
    except OSError:
        return emit(text)
    # While the reader reads, Ctrl-C is the pager's business.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with contextlib.suppress(OSError):
            process.communicate(to_encoding(text, encoding).encode(encoding, "replace"))
        process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if process.returncode in (-signal.SIGINT, 128 + signal.SIGINT):
        raise KeyboardInterrupt
    if process.returncode > 0:
        complain(f"the pager {command!r} failed with exit code {process.returncode}; the answer follows without it")
        emit(text)
    return None


def words_of(command: str, *, posix: bool) -> list[str]:
    """The words of a command as the system parts them, none where its quotes do not close.

    Only a POSIX shell takes backslashes away; on Windows they part the folders of a path.
    """
    import shlex

    try:
        words = shlex.split(command, posix=posix)
    except ValueError:
        return []
    return words if posix else [each.strip('"') for each in words]


def save(text: str, target: Path) -> None:
    """Write a file whole or not at all: aside first, then moved into place; raises UsageError where it cannot be."""
    with replacing(target) as part:
        part.write_text(text, encoding="utf-8", errors="replace", newline="\n")


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to, moved over it at the end; what stood there stays if anything fails."""
    try:
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UsageError(f"cannot write {str(target)!r}: it is a folder")
            yield target
            return
        real = Path(os.path.realpath(target))
        mode = 0o666
        if real.exists():
            if not os.access(real, os.W_OK):
                raise UsageError(f"cannot write {str(target)!r}: it is read-only")
            mode = stat.S_IMODE(real.stat().st_mode)
        part = real.with_name(f".mesoref-{os.getpid()}-{time.time_ns():x}.part")
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        try:
            yield part
            with open(part, "r+b") as written:
                os.fsync(written.fileno())
            if real.exists():
                part.chmod(mode)
            part.replace(real)
        finally:
            part.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write {str(target)!r}: {(error.strerror or str(error)).lower()}") from None


@contextlib.contextmanager
def replacing_folder(target: Path, own: Callable[[Path], bool]) -> Iterator[Path]:
    """The same for a folder; one that is there must be empty, or `own` must know it."""
    import shutil

    real = Path(os.path.realpath(target))
    part, old = (real.with_name(f".{real.name}.{os.getpid()}.{each}") for each in ("part", "old"))
    try:
        if real.exists() and not (real.is_dir() and (own(real) or not any(real.iterdir()))):
            raise UsageError(f"cannot write {str(target)!r}: it is there and is no earlier export; name another place")
        part.mkdir()
        try:
            yield part
            if real.exists():
                real.replace(old)
            part.replace(real)
        finally:
            if old.exists() and not real.exists():
                old.replace(real)
            for each in (part, old):
                shutil.rmtree(each, ignore_errors=True)
    except OSError as error:
        raise UsageError(f"cannot write {str(target)!r}: {(error.strerror or str(error)).lower()}") from None


def complain(message: str) -> None:
    """Write to standard error, harmless and in what it can show."""
    from mesoref.render.clean import lines, to_encoding

    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(to_encoding(f"mesoref: {lines(message)}\n", encoding_of(sys.stderr)))
            sys.stderr.flush()


class Progress:
    """Tells on standard error of what takes over a second: by a bar on a terminal while it lasts, else in one line."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self.begun = time.monotonic()
        self.told = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the bar away."""
        if self.told.startswith("\r"):
            _tell(f"\r{' ' * (len(self.told) - 1)}\r")
            self.told = ""

    def __call__(self, done: int, total: int) -> None:
        """So many records are done, of so many, or of nobody knows yet how many where that is 0."""
        if sys.stderr is None or time.monotonic() - self.begun < PATIENCE:
            return
        if done == total:
            self.clear()
        elif sys.stderr.isatty():
            verb, filled = ("written", BAR * done // total) if total else ("read", 0)
            bar = f"\rmesoref: {done:,} records {verb} [{'#' * filled}{'-' * (BAR - filled)}]"
            self.told = bar.ljust(len(self.told))
            _tell(self.told)
        elif not self.told:
            self.told = f"mesoref: {self.doing}\n"
            _tell(self.told)


def _tell(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()
