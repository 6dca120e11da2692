"""A whole base in a file or a folder: what the handbook, the object, the tables and their description hold."""

from __future__ import annotations

import base64
import contextlib
import csv
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conftest import TINY, Run
from mesoref import cache
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS, LEVELS
from mesoref.render.pages import environment
from mesoref.tables import sheets

ENDINGS = (".html", ".json", ".sqlite", ".csv")
MOST_BYTES = 2_500_000
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \x1b[31m\u202e & \"quoted\" 'too'"


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, its text, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside != "style":
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def values(self, attribute: str) -> list[str]:
        return [str(each[attribute]) for _, each in self.elements if attribute in each]


def exported(run: Run, target: Path | str, *args: str | Path) -> Path:
    answer = run("export", target, *args)

    assert (0, "") == (answer.code, answer.err)
    return Path(target)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The handbook of the shipped base."""
    return exported(Run(), tmp_path_factory.mktemp("book") / "handbook.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(book: str) -> Page:
    return Page(book)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    file = exported(Run(), tmp_path_factory.mktemp("database") / "base.sqlite")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        yield connection


# --- the handbook ------------------------------------------------------------------------------------------------


def test_every_record_stands_in_the_handbook_once(kb: KnowledgeBase, page: Page) -> None:
    ids = Counter(page.values("id"))

    assert [] == [id for id, count in ids.items() if count > 1]
    assert [] == [record.id for kind in KINDS for record in kb.all(kind) if record.id not in ids]


def test_every_link_within_the_handbook_leads_somewhere(page: Page) -> None:
    inner = {each[1:] for each in page.values("href") if each.startswith("#")}

    assert len(inner) > 5000
    assert set() == inner - set(page.values("id"))


def test_every_footnote_leads_to_its_source_and_back(kb: KnowledgeBase, book: str) -> None:
    for record in kb.all("therapies"):
        text = book.partition(f'id="{record.id}"')[2].partition("</article>")[0]
        for mark, source in re.findall(r'<sup id="(_\d+)">\[<a href="#([^"]+)"', text):
            entry = book.partition(f'<li id="{source}"')[2].partition("</li>")[0]

            assert f'href="#{mark}"' in entry


def test_every_statement_stands_in_the_handbook(kb: KnowledgeBase, page: Page) -> None:
    texts = [each["text"] for kind in KINDS for record in kb.all(kind) for value in record.data.values()
             if isinstance(value, list) for each in value if isinstance(each, dict) and "measure" not in each
             and each.get("text")]

    assert len(texts) > 2000
    assert [] == [each for each in texts if each not in page.text]


def test_what_can_go_wrong_and_what_is_not_known_come_before_how_it_works(book: str) -> None:
    text = book.partition('id="car-t"')[2].partition("</article>")[0]
    places = [text.index(f"<h2>{each}") for each in (
        "What it is", "What can go wrong", "What nobody knows yet", "Steps", "Questions for the care team",
        "Agents", "Trials")]

    assert places == sorted(places)


def test_the_opening_says_what_it_is_and_how_to_read_it(kb: KnowledgeBase, page: Page) -> None:
    assert "This is not medical advice." in page.text
    assert page.text.count(kb.as_of) > 1
    assert [] == [each for each in LEVELS.values() if each not in page.text]


def test_the_handbook_asks_nothing_of_the_outside(book: str, page: Page) -> None:
    loading = [(tag, each) for tag, each in page.elements
               if "src" in each or "srcset" in each or (tag == "link" and each.get("href") != "data:,")
               or tag in ("iframe", "object", "embed", "base")]

    assert [] == loading
    assert [] == re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|sendBeacon|import\(", book)
    assert {"https:", "http:"} >= {each.partition("//")[0] for each in page.values("href")
                                   if not each.startswith(("#", "data:,"))}


def test_only_the_script_of_the_handbook_may_run(page: Page) -> None:
    policy = next(str(each["content"]) for tag, each in page.elements if tag == "meta" and "http-equiv" in each)
    script = environment().loader.get_source(environment(), "handbook.js")[0].strip()  # type: ignore[union-attr]
    seal = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{seal}'" in policy
    assert script == page.scripts[-1]
    assert [] == [name for _, each in page.elements for name in each if name.startswith("on")]


def test_the_script_stands_behind_all_that_is_read(book: str) -> None:
    assert book.index("<script") > book.index("</footer>")


def test_the_handbook_is_small_enough_to_be_mailed(book: str) -> None:
    assert len(book.encode()) < MOST_BYTES


def test_the_handbook_speaks_british_english(page: Page) -> None:
    assert ("html", {"lang": "en-GB"}) == page.elements[0]


def hostile(folder: Path) -> Path:
    """More records, with text that would harm a page, a terminal or a spreadsheet."""
    more = folder / "more.yaml"
    more.write_text("schema: 1\nterms:\n  hostile:\n    name: " + json.dumps(HOSTILE) + "\n    aliases: ['=1+1']\n"
                    "    definition:\n      - {text: " + json.dumps(HOSTILE) + ", refs: [able-2020]}\n")
    return more


def test_text_of_a_base_is_harmless_in_the_handbook(run: Run, tmp_path: Path) -> None:
    page = Page(exported(run, tmp_path / "x.html", "--data", TINY, "--with", hostile(tmp_path)).read_text())

    assert 2 == len([tag for tag, _ in page.elements if tag == "script"])
    assert [] == [tag for tag, _ in page.elements if tag == "img"]
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text
    assert "</script><script>alert(1)</script>" in page.text


def test_the_templates_are_part_of_the_package() -> None:
    assert {"base.css", "handbook.css", "handbook.html", "handbook.js", "leaf.html", "page.html", "parts.html",
            "start.html"} <= set(environment().list_templates())


# --- the object, the tables and the folder -------------------------------------------------------------------------


def test_the_object_is_the_usual_one_with_all_kinds(run: Run, kb: KnowledgeBase, tmp_path: Path) -> None:
    found = json.loads(exported(run, tmp_path / "base.json").read_text())
    ids = {record.id for kind in KINDS for record in kb.all(kind)}

    assert (1, kb.as_of, kb.meta["hash"], None) == tuple(found[each] for each in ("format", "as_of", "hash", "kind"))
    assert len(found["records"]) == found["count"]
    assert ids == {each["id"] for each in found["records"]} | set(found["references"])
    assert [kind for kind in KINDS if not KINDS[kind].citable] == list(dict.fromkeys(
        each["kind"] for each in found["records"]))


def test_every_key_in_the_database_is_true(database: sqlite3.Connection) -> None:
    assert [] == database.execute("PRAGMA foreign_key_check").fetchall()
    assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()


def test_the_database_has_a_table_a_kind_and_all_their_records(database: sqlite3.Connection, kb: KnowledgeBase) -> None:
    counts = {name: database.execute(f'SELECT count(*) FROM "{kind.plural}"').fetchone()[0]
              for name, kind in KINDS.items()}

    assert kb.store.counts() == counts


@pytest.mark.parametrize(("table", "word"), [("records", "tumours"), ("statements", "fever"), ("records", "cell")])
def test_the_database_is_searched_by_words_as_people_type_them(database: sqlite3.Connection, table: str,
                                                               word: str) -> None:
    found = database.execute(f"SELECT snippet({table}_fts, -1, '', '', '', 5) FROM {table} JOIN {table}_fts "
                             f"ON {table}.rowid = {table}_fts.rowid WHERE {table}_fts MATCH ?", (word,)).fetchall()

    assert len(found) > 10
    assert word[:4] in found[0][0].lower()


def test_sql_finds_what_a_statement_rests_on(database: sqlite3.Connection) -> None:
    found = database.execute('SELECT DISTINCT year FROM statements JOIN citations USING (record, field, position) '
                             'JOIN "references" ON source = "references".id WHERE record = ? AND field = ?',
                             ("car-t", "plain")).fetchall()

    assert len(found) > 1


def test_every_table_stands_in_the_folder_as_it_is_described(run: Run, tmp_path: Path) -> None:
    folder = exported(run, tmp_path / "base", "--data", TINY)
    package = json.loads((folder / "datapackage.json").read_text())

    assert [each.name for each in sheets()] == [each["name"] for each in package["resources"]]
    for each in package["resources"]:
        with (folder / each["path"]).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)

        assert [field["name"] for field in each["schema"]["fields"]] == header
        assert {len(header)} >= {len(row) for row in rows}


def test_text_of_a_base_is_harmless_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    folder = exported(run, f"{tmp_path}/base/", "--data", TINY, "--with", hostile(tmp_path))
    cells = [cell for file in folder.glob("*.csv")
             for row in csv.reader(file.read_text(encoding="utf-8").splitlines()) for cell in row]

    assert len(cells) > 100
    assert [] == [each for each in cells if each.startswith(("=", "+", "@", "-")) or "\x1b" in each]


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_export_says_version_date_and_hash(run: Run, tiny: KnowledgeBase, tmp_path: Path, ending: str) -> None:
    target = exported(run, tmp_path / f"base{ending}", "--data", TINY)
    files = [target / "datapackage.json"] if target.is_dir() else [target]
    content = b"".join(each.read_bytes() for each in files)
    digest = tiny.meta["hash"][:12] if ending == ".html" else tiny.meta["hash"]

    assert [True] * 3 == [each.encode() in content for each in (tiny.meta["version"], tiny.as_of, digest)]


def contents(target: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (target.iterdir() if target.is_dir() else [target])}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_base_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    """Whatever the folder, the order of hashing and whether it was compiled before."""
    written = []
    for place, seed in (("here", "1"), ("there", "2")):
        folder = tmp_path / place
        folder.mkdir()
        shutil.copy(TINY, folder / "tiny.yaml")
        subprocess.run([sys.executable, "-m", "mesoref", "export", folder / f"base{ending}", "--data",
                        folder / "tiny.yaml"], check=True, capture_output=True,
                       env={"PYTHONHASHSEED": seed, "MESOREF_CACHE_DIR": str(tmp_path / "cache"), "PATH": "",
                            "PYTHONPATH": str(Path(cache.PACKAGE).parent)})
        written.append(contents(folder / f"base{ending}"))

    assert written[0] == written[1]


# --- where it goes -----------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_export_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    answer = run("export", tmp_path / "mine", "--data", TINY)

    assert (2, "") == (answer.code, answer.out)
    assert "no earlier export" in answer.err
    assert ["letter.txt"] == [each.name for each in (tmp_path / "mine").iterdir()]


def test_an_earlier_export_is_replaced_unless_something_was_added(run: Run, tmp_path: Path) -> None:
    folder = exported(run, tmp_path / "base", "--data", TINY)
    (folder / "terms.csv").write_text("old")
    exported(run, folder, "--data", TINY)

    assert (folder / "terms.csv").read_text() != "old"
    (folder / "notes.txt").write_text("mine")
    assert run("export", folder, "--data", TINY).code == 2
    assert (folder / "notes.txt").read_text() == "mine"
    assert ["base"] == [each.name for each in tmp_path.iterdir()]


def test_an_empty_folder_may_be_filled(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert (exported(run, tmp_path / "empty", "--data", TINY) / "datapackage.json").is_file()


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_stood_there_stays_if_writing_fails(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                 ending: str) -> None:
    target = exported(run, tmp_path / f"base{ending}", "--data", TINY)
    before = contents(target)

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mesoref.queries.exporting.list_", fail)
    for module in ("database", "document", "folder"):
        __import__(f"mesoref.export.{module}")
        monkeypatch.setattr(f"mesoref.export.{module}.edition", fail)
    answer = run("export", target, "--data", TINY)

    assert (2, True) == (answer.code, "no space left on device" in answer.err)
    assert before == contents(target)
    assert [target.name] == [each.name for each in tmp_path.iterdir()]


@pytest.mark.parametrize("target", ["base.docx", "no/such/place/base.json", "no/such/place/base/"])
def test_a_place_that_cannot_be_is_refused(run: Run, tmp_path: Path, target: str) -> None:
    answer = run("export", f"{tmp_path}/{target}", "--data", TINY)

    assert (2, "") == (answer.code, answer.out)
    assert answer.err.startswith("mesoref: ")


def test_a_slash_at_the_end_asks_for_a_folder(run: Run, tmp_path: Path) -> None:
    assert (exported(run, f"{tmp_path}/base.html/", "--data", TINY) / "datapackage.json").is_file()


# --- the peers that read it ----------------------------------------------------------------------------------------


@pytest.mark.heavy
def test_frictionless_accepts_the_folder(run: Run, tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed")
    folder = exported(run, tmp_path / "base")
    report = frictionless.validate(str(folder / "datapackage.json"))

    assert [] == report.flatten(["title", "note"])
    assert report.valid


@pytest.mark.heavy
def test_sqlite_utils_reads_the_tables_and_their_keys(run: Run, tmp_path: Path) -> None:
    sqlite_utils = pytest.importorskip("sqlite_utils", reason="sqlite-utils is not installed")
    database = sqlite_utils.Database(exported(run, tmp_path / "base.sqlite"))
    found = list(database["records"].search("mesothelin"))
    tables = set(database.table_names())
    keys = {each.other_table for each in database["trials"].foreign_keys}
    database.close()

    assert {each.plural for each in KINDS.values()} <= tables
    assert {"records", "therapies"} == keys
    assert "msln" in {each["id"] for each in found}


@pytest.mark.heavy
def test_datasette_opens_the_file_and_searches_it(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("datasette", reason="Datasette is not installed")
    file = exported(run, tmp_path / "base.sqlite")
    program = Path(sys.executable).parent / "datasette"
    answers = [json.loads(subprocess.run([program, file, "--get", path], check=True, capture_output=True).stdout)
               for path in ("/base/trials.json?_shape=objects", "/base/records.json?_search=mesothelin&_shape=objects")]

    assert [] == [each.get("error") for each in answers if each.get("error")]
    assert "NCT02414269" in {each["id"] for each in answers[0]["rows"]}
    assert 10 < answers[1]["filtered_table_rows_count"] < 1000
