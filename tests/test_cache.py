"""The compiled base: whatever befalls it, the answer is the one that the sources give; and it is the user's alone."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import Mock

import pytest

from conftest import TINY, Run
from mesoref import cache, loader
from mesoref.errors import BaseError
from mesoref.kb import KnowledgeBase, open_base
from mesoref.queries.searching import search
from mesoref.store import Store, fulltext

SAMPLE = 150
FIRST_RUNS = 32
EVERY = 25
"""Every so many steps of a compilation are tried in the light tests."""

Content = dict[str, list[Any]]


def content(kb: KnowledgeBase) -> Content:
    """All that a compiled base answers from, with its full text."""
    kb.store.words_beginning("a")
    rows = kb.store.connection.execute
    tables = [name for name, in rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL")]
    return {name: rows(f'SELECT * FROM "{name}"').fetchall() for name in tables
            if name != "meta"}


def opened(base: Path) -> Content:
    kb = open_base(base)
    try:
        return content(kb)
    finally:
        kb.close()


@pytest.fixture(scope="module")
def truth() -> Content:
    return content(KnowledgeBase(Store(cache.compile_base([(TINY, False)], ""))))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of compiled bases, with nothing in it."""
    monkeypatch.setenv("MESOREF_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base that has not changed for a while."""
    copy = Path(shutil.copy(TINY, tmp_path / "base.yaml"))
    os.utime(copy, (1e9, 1e9))
    return copy


def compiled(home: Path) -> Path:
    [file] = home.glob("*.sqlite")
    return file


def refused(file: Path, base: Path) -> bool:
    return cache._open(file, cache.stamp([(base, False)])) is None


# --- damage ---


def test_a_compiled_base_is_used_again(home: Path, base: Path, truth: Content,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    opened(base)
    monkeypatch.setattr(cache, "compile_base", None)
    monkeypatch.setattr(fulltext, "with_full_text", None)

    assert truth == opened(base)


def test_full_text_is_made_when_somebody_searches_and_kept_then(home: Path, base: Path, run: Run,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(wraps=fulltext.with_full_text)
    monkeypatch.setattr(fulltext, "with_full_text", made)
    for command, count in (("list", 0), ("show gene-glow", 0), ("compare gene-glow light", 0), ("search glow", 1),
                           ("list", 1), ("search glow", 1), ("search light", 1)):
        run(*command.split(), "--data", base)

        assert (count, count) == (made.call_count, _is_indexed(compiled(home)))


def test_what_is_searched_first_is_found_as_ever(home: Path, base: Path, run: Run) -> None:
    first = run("search", "glow", "--data", base, "-f", "json")
    again = run("search", "glow", "--data", base, "-f", "json")

    assert (0, "") == (first.code, first.err)
    assert json.loads(first.out)["records"]
    assert first.out == again.out


def test_where_full_text_cannot_be_kept_every_search_makes_it(home: Path, base: Path, run: Run,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    run("list", "--data", base)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache, "save", full)
    told = [run("search", "glow", "--data", base) for _ in range(2)]

    assert [(0, "")] * 2 == [(each.code, each.err) for each in told]
    assert told[0].out == told[1].out != ""
    assert not _is_indexed(compiled(home))


@pytest.mark.parametrize("kept", [True, False])
def test_full_text_that_broke_off_is_made_anew(home: Path, base: Path, kept: bool,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    if not kept:
        monkeypatch.setenv("MESOREF_CACHE_DIR", "/dev/null/nowhere")
    open_base(base).close()
    kb = open_base(base)
    connection = kb.store.connection
    with monkeypatch.context() as broken:
        broken.setattr(fulltext, "_stems_of", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            search(kb, "glow")

    assert connection is kb.store.connection
    assert kb.find("gfp")
    assert search(kb, "glow").hits
    kb.close()


def test_a_first_search_leaves_a_base_alone_that_another_run_has_kept_meanwhile(home: Path, base: Path) -> None:
    for kb in (open_base(base), open_base(base)):
        base.write_text(base.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        open_base(base).close()
        newer = compiled(home).read_bytes()

        assert search(kb, "glow").hits
        assert newer == compiled(home).read_bytes()
        kb.close()


def _is_indexed(file: Path) -> bool:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return fulltext.is_indexed(connection)


def _damaged(home: Path, base: Path, positions: Callable[[int], list[int]]) -> None:
    opened(base)
    file = compiled(home)
    sound = file.read_bytes()
    with open(file, "r+b", buffering=0) as stream:
        for at in positions(len(sound)):
            stream.seek(at)
            stream.write(bytes([sound[at] ^ 0xFF]))
            assert refused(file, base), at
            stream.seek(at)
            stream.write(sound[at:at + 1])
    assert not refused(file, base)


def test_a_damaged_byte_is_always_noticed(home: Path, base: Path) -> None:
    _damaged(home, base, lambda size: [*range(100), *sorted(random.Random(0).sample(range(size), SAMPLE))])


@pytest.mark.heavy
def test_every_single_damaged_byte_is_noticed(home: Path, base: Path) -> None:
    _damaged(home, base, lambda size: list(range(size)))


@pytest.mark.parametrize("bit", range(8))
def test_a_single_flipped_bit_in_the_words_changes_no_answer(home: Path, base: Path, truth: Content, bit: int) -> None:
    opened(base)
    file = compiled(home)
    raw = bytearray(file.read_bytes())
    at = raw.index(b"Seen in 2 of 10 people.")
    raw[at + len("Seen in ")] ^= 1 << bit
    file.write_bytes(raw)

    assert truth == opened(base)
    assert not refused(file, base)


WRECKS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "a byte": lambda raw: raw[:1],
    "the header": lambda raw: raw[:100],
    "half": lambda raw: raw[:len(raw) // 2],
    "all but a byte": lambda raw: raw[:-1],
    "a byte more": lambda raw: raw + b"\0",
    "twice": lambda raw: raw * 2,
    "nothing but zeros": lambda raw: bytes(len(raw)),
    "a page of zeros": lambda raw: raw[:8192] + bytes(4096) + raw[12288:],
    "other words": lambda raw: b"not a database at all\n" * 1000,
    "without its seal": lambda raw: raw[:60] + bytes(4) + raw[64:],
}


@pytest.mark.parametrize("name", WRECKS)
def test_a_wrecked_file_is_made_again(home: Path, base: Path, truth: Content, name: str) -> None:
    opened(base)
    file = compiled(home)
    file.write_bytes(WRECKS[name](file.read_bytes()))

    assert refused(file, base)
    assert truth == opened(base)
    assert not refused(file, base)


def test_another_database_in_its_place_is_not_asked(home: Path, base: Path, truth: Content) -> None:
    opened(base)
    file = compiled(home)
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE meta (key, value)")
    other.close()

    assert truth == opened(base)


def test_a_folder_in_its_place_is_left_alone(home: Path, base: Path, truth: Content) -> None:
    opened(base)
    file = compiled(home)
    file.unlink()
    (file / "kept").mkdir(parents=True)

    assert truth == opened(base)
    assert (file / "kept").is_dir()


@pytest.mark.parametrize("name", ["__version__", "LAYOUT"])
def test_another_version_compiles_for_itself(home: Path, base: Path, truth: Content, monkeypatch: pytest.MonkeyPatch,
                                             name: str) -> None:
    opened(base)
    before = compiled(home).stat().st_mtime_ns
    monkeypatch.setattr(cache, name, "9")

    assert truth == opened(base)
    assert before != compiled(home).stat().st_mtime_ns


def test_a_large_file_is_read_whole_only_when_it_has_changed(home: Path, base: Path, truth: Content,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LARGE", 0)
    opened(base)
    opened(base)
    file = compiled(home)
    checksum = cache._checksum
    monkeypatch.setattr(cache, "_checksum", None)
    assert truth == opened(base)

    monkeypatch.setattr(cache, "_checksum", checksum)
    before = file.stat()
    raw = file.read_bytes()
    file.write_bytes(raw.replace(b"Seen in 2", b"Seen in 3"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert truth == opened(base)


# --- the base that comes with the package ---


@pytest.mark.parametrize("damage", [False, True])
def test_the_shipped_compiled_base_is_used_if_it_is_whole(home: Path, base: Path, truth: Content, damage: bool,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    folder = base.parent / "data"
    folder.mkdir()
    base.rename(folder / "base.yaml")
    shipped = folder / cache.COMPILED
    cache.save(cache.compile_base([(folder, False)], cache.shipped_stamp(folder)), shipped)
    monkeypatch.setattr(cache, "data_folder", lambda: folder)
    if damage:
        shipped.write_bytes(shipped.read_bytes().replace(b"Seen in 2", b"Seen in 3"))

    assert truth == content(open_base())
    assert damage == home.exists()


# --- sources that change ---


def test_a_change_is_noticed_although_size_and_time_are_the_same(home: Path, base: Path) -> None:
    opened(base)
    base.write_text(base.read_text(encoding="utf-8").replace("Seen in 2", "Seen in 3"), encoding="utf-8")
    os.utime(base, (1e9, 1e9))

    assert "Seen in 3" in str(opened(base)["records"])


def test_a_change_within_the_same_tick_is_noticed(home: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base.touch()
    monkeypatch.setattr(cache, "change", lambda info: "the same")
    opened(base)
    base.write_text(base.read_text(encoding="utf-8").replace("Seen in 2", "Seen in 3"), encoding="utf-8")

    assert "Seen in 3" in str(opened(base)["records"])


def test_sources_that_were_just_changed_are_compared_until_they_were_left_alone(
        home: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[float] = []
    whole = cache.content_hash

    def watched(paths: cache.Paths) -> str:
        compared.append(cache.SETTLED)
        return whole(paths)

    monkeypatch.setattr(cache, "content_hash", watched)
    for settled in (1e9, 1e9, -1.0, -1.0):
        monkeypatch.setattr(cache, "SETTLED", settled)
        opened(base)

    assert [1e9, 1e9, -1.0] == compared


def _changing(monkeypatch: pytest.MonkeyPatch, base: Path, times: int) -> None:
    load, left = loader.load, iter(range(times))

    def change_after(*args: Any, **extra: Any) -> loader.Sources:
        found = load(*args, **extra)
        if (number := next(left, None)) is not None:
            base.write_text(TINY.read_text(encoding="utf-8").replace("of 10 people", f"of 1{number} people"),
                            encoding="utf-8")
        return found

    monkeypatch.setattr(loader, "load", change_after)


def test_sources_that_change_while_they_are_compiled_are_read_again(home: Path, base: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    _changing(monkeypatch, base, 2)

    assert "of 11 people" in str(opened(base)["records"])
    assert "of 11 people" in str(opened(base)["records"])


def test_sources_that_never_rest_are_an_error(home: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _changing(monkeypatch, base, 100)

    with pytest.raises(BaseError, match="changed while they were read"):
        open_base(base)


# --- places where nothing can be kept ---


def _below_a_file(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file" / "cache"


HOMELESS: dict[str, Callable[[Path], Path]] = {
    "below a file": _below_a_file,
    "where nothing can be made": lambda folder: Path("/proc/self/cache"),
    "a name too long": lambda folder: folder / ("a" * 300),
}


@pytest.mark.parametrize("name", HOMELESS)
def test_where_nothing_can_be_kept_the_answer_is_the_same(tmp_path: Path, base: Path, truth: Content, name: str,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOREF_CACHE_DIR", str(HOMELESS[name](tmp_path)))

    assert truth == opened(base)


def test_without_a_home_nothing_is_left_anywhere(tmp_path: Path, base: Path, truth: Content,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    assert truth == opened(base)
    assert [] == list((tmp_path / "here").iterdir())


def _refusing(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    """Let a call that makes or moves files fail."""

    def refuse(*args: Any, **extra: Any) -> None:
        raise OSError(number, os.strerror(number))

    open_ = os.open
    monkeypatch.setattr(os, call, refuse if call != "open" else
                        lambda path, flags, *mode, **extra: refuse() if flags & os.O_CREAT
                        else open_(path, flags, *mode, **extra))


@pytest.mark.parametrize("call", ["open", "replace", "mkdir"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
def test_a_disk_that_refuses_changes_no_answer_and_keeps_no_rest(home: Path, base: Path, truth: Content, call: str,
                                                                 number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _refusing(monkeypatch, call, number)

    assert truth == opened(base)
    assert [] == list(home.glob("*"))


@pytest.mark.parametrize("call", ["open", "replace"])
def test_a_disk_that_is_full_when_somebody_searches_keeps_what_was_there(home: Path, base: Path, truth: Content,
                                                                         call: str,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    open_base(base).close()
    before = {each.name: each.read_bytes() for each in home.iterdir()}
    _refusing(monkeypatch, call, errno.ENOSPC)

    assert truth == opened(base)
    assert before == {each.name: each.read_bytes() for each in home.iterdir()}


def test_a_disk_that_is_full_in_the_middle_keeps_no_rest(home: Path, base: Path) -> None:
    script = ("import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
              "sys.argv[0] = 'mesoref'; from mesoref.cli import main; main()")
    done = subprocess.run([sys.executable, "-B", "-c", script, "list", "--data", base], capture_output=True, text=True,
                          check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert "gene-glow" in done.stdout
    assert [] == list(home.glob("*"))


# --- whose file it is ---


def test_what_is_kept_is_the_users_alone(home: Path, base: Path) -> None:
    before = os.umask(0)
    try:
        opened(base)
    finally:
        os.umask(before)

    assert (0o700, 0o600) == (stat.S_IMODE(home.stat().st_mode), stat.S_IMODE(compiled(home).stat().st_mode))


def test_a_link_laid_in_its_place_is_neither_followed_nor_written_through(home: Path, base: Path, truth: Content,
                                                                          tmp_path: Path) -> None:
    opened(base)
    file = compiled(home)
    treasure = tmp_path / "treasure"
    file.rename(treasure)
    file.symlink_to(treasure)
    before = treasure.read_bytes()

    assert refused(file, base)
    assert truth == opened(base)
    assert before == treasure.read_bytes()
    assert not file.is_symlink()


def test_the_file_of_somebody_else_is_not_asked(home: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(base)
    file = compiled(home)
    owner = os.lstat(file).st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    assert refused(file, base)


@pytest.mark.parametrize(("mode", "used"), [
    (0o700, True), (0o755, True), (0o1777, True), (0o777, False), (0o770, False),
])
def test_a_folder_where_others_can_put_files_is_not_used(home: Path, base: Path, truth: Content, mode: int,
                                                         used: bool) -> None:
    home.mkdir()
    home.chmod(mode)

    assert truth == opened(base)
    assert used == bool(list(home.iterdir()))


def test_what_others_have_left_in_a_shared_folder_stays(home: Path, base: Path, truth: Content, tmp_path: Path) -> None:
    home.mkdir()
    home.chmod(0o1777)
    treasure = tmp_path / "treasure"
    treasure.write_text("gold")
    opened(base)
    file = compiled(home)
    file.unlink()
    for name in (file.name, f"{file.name}.whole", f"{file.name}.1-1.part"):
        (home / name).symlink_to(treasure)

    assert truth == opened(base)
    assert "gold" == treasure.read_text()


# --- many at once, and killed ---


def test_a_reader_is_not_disturbed_when_the_base_is_replaced(home: Path, base: Path, truth: Content) -> None:
    opened(base)
    kb = open_base(base)
    base.write_text(base.read_text(encoding="utf-8").replace("Seen in 2", "Seen in 3"), encoding="utf-8")
    opened(base)

    assert truth == content(kb)


def test_a_base_that_is_wrecked_while_it_is_read_is_a_clear_error(home: Path, base: Path, run: Run,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    opened(base)
    file = compiled(home)
    connect = sqlite3.connect

    def wreck(*args: Any, **extra: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **extra)
        os.truncate(file, 4096 * 3)
        return connection

    monkeypatch.setattr(sqlite3, "connect", wreck)
    answer = run("list", "--data", base)

    assert "Traceback" not in answer.err
    assert ((3, "") == (answer.code, answer.out) and "compiled base" in answer.err) or (
        answer.code == 0 and "gene-glow" in answer.out)


CROWD = textwrap.dedent("""
    import os, sys
    from pathlib import Path
    from mesoref.kb import open_base
    from mesoref import loader, store, derive
    gate, start = os.pipe()
    children = []
    for _ in range(int(sys.argv[2])):
        if (child := os.fork()) == 0:
            os.close(start)
            os.read(gate, 1)
            kb = open_base(Path(sys.argv[1]))
            found = kb.store.matching('"glow"', (1, 1, 1, 1))
            os._exit(0 if kb.find("Glowing").id == found[0] == "gene-glow" and len(kb.all("therapy")) == 2 else 1)
        children.append(child)
    os.close(start)
    sys.exit(sum(os.waitpid(each, 0)[1] != 0 for each in children))
""")


def test_so_many_first_runs_at_once_all_answer(home: Path, base: Path, truth: Content) -> None:
    done = subprocess.run([sys.executable, "-c", CROWD, base, str(FIRST_RUNS)], capture_output=True, text=True,
                          check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert [compiled(home)] == list(home.iterdir())
    assert truth == opened(base)


def _killed_at(step: int, base: Path) -> bool:
    """Whether a first run was killed at this step; a step is a call in the module that keeps compiled bases."""
    child = os.fork()
    if child == 0:
        left = step

        def count(frame: FrameType, event: str, _: Any) -> None:
            nonlocal left
            if frame.f_code.co_filename == cache.__file__:
                left -= 1
                if left < 0:
                    os._exit(9)

        sys.setprofile(count)
        cache.open_store(base).words_beginning("a")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def _survives(home: Path, base: Path, truth: Content, every: int) -> None:
    step = 0
    while _killed_at(step, base):
        assert truth == opened(base)
        shutil.rmtree(home)
        step += every
    assert step > 100


def test_a_first_run_killed_at_any_step_harms_no_later_one(home: Path, base: Path, truth: Content) -> None:
    _survives(home, base, truth, EVERY)


@pytest.mark.heavy
def test_a_first_run_killed_at_every_single_step_harms_no_later_one(home: Path, base: Path, truth: Content) -> None:
    _survives(home, base, truth, 1)


def test_what_killed_runs_left_is_cleared_away(home: Path, base: Path) -> None:
    opened(base)
    file = compiled(home)
    old, new = home / f"{file.name}.1-1.part", home / f"{file.name}.2-2.part"
    for part in (old, new):
        part.write_text("")
    os.utime(old, (time.time() - 2 * cache.ABANDONED,) * 2)
    file.unlink()
    opened(base)

    assert [False, True] == [old.exists(), new.exists()]


def test_a_lock_file_of_an_editor_beside_the_sources_is_no_source(tmp_path: Path) -> None:
    """Emacs leaves a link to nowhere there while a file has changes that are not saved."""
    folder = tmp_path / "data"
    shutil.copytree(cache.data_folder(), folder)
    (folder / ".#genes.yaml").symlink_to("nobody@host.123")

    assert "" != cache.shipped_stamp(folder)
    with contextlib.closing(open_base(folder)) as kb:
        assert kb.find("tp53")


def test_a_path_means_the_same_base_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(TINY, tmp_path / "base.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MESOREF_CACHE_DIR", str(tmp_path / "kept"))
    inodes = set()
    for path in (Path("base.yaml"), tmp_path / "base.yaml", Path("./base.yaml")):
        open_base(path).close()
        inodes |= {each.stat().st_ino for each in (tmp_path / "kept").glob("*.sqlite")}

    assert 1 == len(inodes)
