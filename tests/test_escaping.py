"""What a base says is data on every way out: read back by the parsers of others, it has gained and lost no meaning."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import bibtexparser  # type: ignore[import-untyped]
import html5lib  # type: ignore[import-untyped]
import pydot
import pytest
import rispy  # type: ignore[import-untyped]
from bibtexparser.bparser import BibTexParser  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bases import Document, written
from conftest import TINY, Answer, Run
from mesoref.cli import COMMANDS
from mesoref.kb import open_base
from mesoref.loader import load
from mesoref.render import FORMATS, clean
from mesoref.schema import Struct
from mesoref.shell import command

TEXTS = (
    "\x1b[31mred \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \x1b]0;owned\x07 \x9b31m \x90q\x9c \x08\x7f\x00",
    "\u202eevil\u202c \u2066x\u2069 \u200f\u061c \ufeff \U000e0041\U000e0042 \u206a",
    "a\u2028b\u2029c\x85d\x0be\x0cf\rg\nh\ti",
    "[bold red]x[/] [link=https://evil.example]y[/link] [/] [@click=app.bell]z[/]",
    "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt; &#106;avascript: <!-- ",
    "</title></style></textarea></script>--><svg onload=alert(1)> ]]> <?php",
    "\" onmouseover=\"alert(1)\" ' onfocus='alert(1)' x=`y`",
    "[x](javascript:alert(1)) ![i](https://evil.example/x.png) <javascript:alert(1)> [a]: b",
    "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", " =1+1", "\uff1d1+1", "\t=1+1",
    "a | b || c `code` *em* _em_ **b** ~~s~~ ==m== $x^2$ :smile: [^1] www.evil.example a@evil.example",
    "1990. A year", "- item", "+ plus", "=== ---", "---", "    code", "> quote", "| a | b |", "# h", "``` x", "1) one",
    "x\"]; evil -> owned [label=\"y\" URL=\"javascript:alert(1)\"]; subgraph { \\N \\G \\E \\l \\",
    "n1[\"x\"] --> n2; click n1 call f() %%{init: {}}%% end #quot; \"] n3",
    "} @comment{x, {{{ \\input{/etc/passwd} % $x$ & # _ ^ ~ \\",
    "TY  - BOOK", "x\nER  - \nTY  - BOOK\nAU  - Evil",
    "'; DROP TABLE records; --", "\" OR 1=1 NEAR(a b) * ^ col:x AND NOT (",
    "{{ 7 * 7 }} {% raw %} {# x #} ${7*7} {text} {0} %s %(x)s",
    "::error::owned %0A::set-env name=x::y",
    "\\u001b[31m \\x1b \\\\ \\n",
    "x'; touch owned; echo 'y", "x\u2019; touch owned; echo \u2018y", "\uff07`touch owned`$(touch owned)!!",
    "\x1b--output=owned",
)
ADDRESSES = ("https://example.org/'onclick='alert(1)", "https://example.org/](javascript:alert(1))",
             "https://example.org/{b}|c`d`\\e", "https://example.org/%0d%0a&amp;#x&lt;")
DOIS = ("10.1000/x\"><script>alert(1)</script>", "10.1000/x](javascript:alert(1))", "10.1000/}@x{y,\\z|`a`")
ROUNDS = range(10)
LIGHT = 1
ANSWERS = {
    "list": ("list", "therapies", "--columns", "id,name,aliases,plain,risks,genes,vectors,questions"),
    "list references": ("list", "references", "--columns", "id,title,venue,authors,pages,note,doi"),
    "show": ("show", "gene-glow", "gene-hum", "NCT00000001", "gfp", "lamp-virus", "sunburn", "glow-term", "glow-cures"),
    "show references": ("show", "able-2020", "baker-2019"),
    "explain": ("explain", "gene-glow"),
    "compare": ("compare", "gene-glow", "gene-hum"),
    "search": ("search", "light"),
    "links": ("links", "gene-glow", "--depth", "2", "--sources"),
    "cite": ("cite",),
    "chart": ("chart", "timeline"),
    "check": ("check",),
    "info": ("info",),
}
SILENT = ("export", "schema")
"""Commands whose answer holds nothing of a base, or that are tested elsewhere."""

Structure = list[Any]

# bibtexparser and pydot ask pyparsing for functions by their old names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


# --- a base that is hostile, and its twin that is not ---


def dressed(texts: Iterator[str], addresses: Iterator[str], dois: Iterator[str]) -> Document:
    """The small base with other words in every field that takes any."""
    document: Document = {"schema": 1, "as_of": "2026-01-02"}

    def walk(cls: type[Struct], body: Document) -> Document:
        new: Document = {}
        for key, field in cls.fields.items():
            if key == "id" or key not in body:
                continue
            shape = field.shape
            values = [walk(shape.struct_of(each), each) if shape.structs else
                      next(texts) if shape.scalar == (str,) and shape.marker is None else
                      next(addresses) if key == "url" else next(dois) if key == "doi" else each
                      for each in field.items(body)]
            new[key] = values if shape.many else values[0]
        return new

    for id, entry in load([(TINY, False)]).entries.items():
        document.setdefault(entry.kind.plural, {})[id] = walk(entry.kind.cls, entry.body)
    return document


def turned(values: tuple[str, ...], by: int) -> Iterator[str]:
    """The values round and round, each with a number of its own, so that no two records are called alike."""
    for number in count(by * 7):
        yield values[number % len(values)] + (f" n{number}" if values is TEXTS else "")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The other rounds are not even collected by the light tests: they would be two thousand to skip."""
    if "hostile" in metafunc.fixturenames:
        rounds = ROUNDS if metafunc.config.getoption("--heavy") else ROUNDS[:LIGHT]
        metafunc.parametrize("hostile", [
            pytest.param(each, marks=() if each < LIGHT else pytest.mark.heavy) for each in rounds],
            indirect=True, scope="module")


@pytest.fixture(scope="module")
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    turn = request.param
    return written(dressed(turned(TEXTS, turn), turned(ADDRESSES, turn), turned(DOIS, turn)),
                   tmp_path_factory.mktemp("hostile") / "base.yaml")


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(dressed((f"word n{n}" for n in count()), (f"https://example.org/{n}" for n in count()),
                           (f"10.1000/{n}" for n in count())), tmp_path_factory.mktemp("harmless") / "base.yaml")


def words_of(base: Path) -> list[str]:
    """Every free text of a base, as it should reach a reader."""
    found: list[str] = []

    def walk(value: Any) -> None:
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(each)
        if isinstance(value, str) and re.search(r" n\d+$", value):
            found.append(seen(value))

    for entry in load([(base, False)]).entries.values():
        walk(entry.body)
    return found


def seen(text: str) -> str:
    """What is to be seen of a text: no controls, on one line, blanks squeezed."""
    return " ".join(text.translate(clean.HARMFUL).split())


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


# --- readers: the structure of a text in a format, and the words in it ---


def read_lines(text: str) -> tuple[Structure, str]:
    return [], text


def read_json(text: str) -> tuple[Structure, str]:
    value = json.loads(text)
    said: list[str] = []

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(each) for key, each in value.items() if key != "hash"}
        if isinstance(value, list):
            return [shape(each) for each in value]
        said.append(value if isinstance(value, str) else "")
        return type(value).__name__

    return [shape(value)], "\n".join(seen(each) for each in said)


def read_jsonl(text: str) -> tuple[Structure, str]:
    parts = [read_json(each) for each in text.splitlines()]
    return [shape for shapes, _ in parts for shape in shapes], "\n".join(words for _, words in parts)


def read_csv(text: str) -> tuple[Structure, str]:
    rows = list(csv.reader(io.StringIO(text), strict=True))
    formulas = [each for row in rows for each in row if each.strip()[:1] in {*"=+-@\uff1d\uff0b\uff0d\uff20"}]
    assert not formulas
    return [len(each) for each in rows], "\n".join(each.removeprefix("'") for row in rows for each in row)


def read_tsv(text: str) -> tuple[Structure, str]:
    rows = [each.split("\t") for each in text.removesuffix("\n").split("\n")]
    return [len(each) for each in rows], "\n".join(each for row in rows for each in row)


def read_markdown(text: str) -> tuple[Structure, str]:
    structure: Structure = []
    words: list[str] = []
    for block in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        structure.append((block.type, block.tag, block.level))
        for each in block.children or ():
            if each.type == "link_open":
                assert str(each.attrs["href"]).startswith(("https://example.org/", "https://doi.org/",
                                                           "https://pubmed.ncbi.nlm.nih.gov/"))
                structure.append("link")
            elif each.type == "html_inline":
                structure.append(each.content)
            elif each.type != "text":
                structure.append(each.type)
            words.append(each.content)
        words.append("\n")
    return structure, "".join(words)


class _Raw(HTMLParser):
    """The tags and the attributes, as the parser of the standard library sees them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Structure = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(name for name, _ in attrs)))


def read_html(text: str) -> tuple[Structure, str]:
    raw = _Raw()
    raw.feed(re.sub(r"(?s)<svg.*?</svg>", "", text))
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=False)
    tree = parser.parse(text)
    structure: Structure = [raw.found]
    drawn = {each for picture in tree.iter("{http://www.w3.org/2000/svg}svg") for each in picture.iter()}
    for each in tree.iter():
        structure += [(each.tag, sorted(each.attrib))] if each not in drawn else []
        assert not [name for name in each.attrib if name.startswith("on")]
        assert each.attrib.get("href", "#").startswith(("#", "https://")) or each.attrib["href"] == "data:,"
    return structure, "\n".join(tree.itertext())


def read_svg(text: str) -> tuple[Structure, str]:
    tree = ET.fromstring(text)
    tags = {each.tag.rpartition("}")[2] for each in tree.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "g", "text", "tspan", "line", "path", "circle"}
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on") or "href" in name]
    return [], "".join(tree.itertext())


def read_dot(text: str) -> tuple[Structure, str]:
    graphs = pydot.graph_from_dot_data(text)
    assert graphs is not None
    assert not graphs[0].get_subgraphs()
    nodes = [(each.get_name(), sorted(each.get_attributes())) for each in graphs[0].get_nodes()]
    edges = [(each.get_source(), each.get_destination(), sorted(each.get_attributes()))
             for each in graphs[0].get_edges()]
    labels = [each.get_attributes().get("label", "") for each in graphs[0].get_nodes()]
    plain = [re.sub(r"\\(.)", lambda found: "" if found[1] == "n" else found[1], each).replace("&amp;", "&")
             for each in labels]
    return [nodes, edges], "\n".join(plain)


NODE = re.compile(r'  (n\d+)\["([^"\n<>]*)"\]')
EDGE = re.compile(r'  (n\d+) -->(?:\|"([^"\n<>]*)"\|)? (n\d+)')


def read_mermaid(text: str) -> tuple[Structure, str]:
    first, *lines = text.splitlines()
    structure: Structure = [first]
    words = []
    for each in lines:
        found = NODE.fullmatch(each) or EDGE.fullmatch(each)
        assert found, each
        structure.append((found[1], found.re is NODE))
        words.append(re.sub(r"#(\d+);", lambda code: chr(int(code[1])), found[2] or ""))
    return structure, "\n".join(words)


def read_bibtex(text: str) -> tuple[Structure, str]:
    found = bibtexparser.loads(text, BibTexParser(common_strings=False, ignore_nonstandard_types=False))
    assert not found.comments
    assert not found.preambles
    return [sorted(each) for each in found.entries], ""


def read_ris(text: str) -> tuple[Structure, str]:
    found = rispy.loads(text)
    return [sorted(each) for each in found], "\n".join(str(each.get("title")) for each in found)


def read_github(text: str) -> tuple[Structure, str]:
    return [each.split(" ")[0] for each in text.splitlines()], ""


READERS: dict[str, Callable[[str], tuple[Structure, str]]] = {
    "table": read_lines, "plain": read_lines, "json": read_json, "jsonl": read_jsonl, "csv": read_csv,
    "tsv": read_tsv, "markdown": read_markdown, "html": read_html, "svg": read_svg, "github": read_github,
    "dot": read_dot, "mermaid": read_mermaid, "bibtex": read_bibtex, "ris": read_ris, "csl-json": read_json,
}
WHOLE = ("json", "plain", "table", "markdown", "html")
"""The formats in which `show` says every word of a record."""


def test_every_format_has_a_reader_and_every_command_an_answer_here() -> None:
    assert sorted(FORMATS) == sorted(READERS)
    assert set(COMMANDS) == {each for each in (*(name.split()[0] for name in ANSWERS), *SILENT) if each in COMMANDS}


@cache
def once(base: Path, name: str, format: str) -> Answer:
    return Run()(*ANSWERS[name], "--data", base, "-f", format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", [each for each in ANSWERS if each.split()[0] in COMMANDS])
def test_a_hostile_base_is_written_like_any_other(run: Run, hostile: Path, harmless: Path, name: str,
                                                  format: str) -> None:
    ours = once(harmless, name, format)
    theirs = run(*ANSWERS[name], "--data", hostile, "-f", format)

    assert (ours.code, "") == (theirs.code, theirs.err if not ours.err else "")
    assert [] == harmful(theirs.out, "\n\t" if format == "tsv" else "\n")
    if ours.code == 0 and name not in ("check", "info"):
        assert READERS[format](ours.out)[0] == READERS[format](theirs.out)[0]


@pytest.mark.parametrize("format", WHOLE)
def test_every_word_of_a_hostile_base_is_there_to_be_read(run: Run, hostile: Path, format: str,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "4000")
    answer = run(*ANSWERS["show"], "--data", hostile, "-f", format)
    said = squeezed(READERS[format](answer.out)[1])

    assert [] == [each for each in words_of(hostile) if squeezed(each) not in said]


@pytest.mark.parametrize("name", ["base.html", "base.json", "csv"])
def test_a_hostile_base_is_exported_like_any_other(run: Run, hostile: Path, harmless: Path, tmp_path: Path,
                                                   name: str) -> None:
    told = []
    for base in (harmless, hostile):
        target = tmp_path / base.parent.name / name
        target.parent.mkdir()
        assert run("export", target, "--data", base).code == 0
        files = sorted(target.rglob("*.csv")) or [target]
        texts = [each.read_text(encoding="utf-8") for each in files]
        assert [] == [each for text in texts for each in harmful(text, "\n")]
        told.append([READERS[target.suffix[1:] or "csv"](each)[0] for each in texts])

    assert told[0] == told[1]


def harmful(text: str, allowed: str) -> list[str]:
    """The characters in a text that could drive a terminal, or hide or reorder what stands around them."""
    return [repr(each) for each in sorted(set(text)) if ord(each) in clean.HARMFUL and each not in allowed]


# --- the ways out, one by one ---


FEW = settings(max_examples=40, deadline=None)
ANY = st.text(st.characters(), max_size=60) | st.sampled_from(TEXTS)


@FEW
@given(ANY)
def test_a_line_is_one_line_that_can_be_shown(text: str) -> None:
    assert [] == harmful(clean.line(text), "")
    assert [clean.line(text)] == (clean.line(text).splitlines() or [""])
    clean.line(text).encode()


@FEW
@given(ANY)
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert clean.spreadsheet(text).lstrip()[:1] not in {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"}


@FEW
@given(ANY)
def test_json_says_the_same_and_can_be_shown(text: str) -> None:
    written = clean.json(json.dumps(text, ensure_ascii=False))

    assert text == json.loads(written)
    assert [] == harmful(written, "")


@FEW
@given(ANY)
def test_markdown_says_what_was_meant_wherever_it_stands(text: str) -> None:
    for before in ("", "- ", "# ", "| "):
        structure, words = read_markdown(f"{before}{clean.markdown('x' + text)}\n")

        assert structure == read_markdown(f"{before}x\n")[0]
        assert squeezed(clean.line(text).translate({0xFFFE: None})) in squeezed(words)


@FEW
@given(ANY.filter(lambda text: clean.line(text).strip()))
def test_markdown_begins_nothing(text: str) -> None:
    assert read_markdown(f"- {clean.markdown(text)}\n")[0] == read_markdown("- x\n")[0]


@FEW
@given(ANY)
def test_html_is_text_in_an_element_and_in_an_attribute(text: str) -> None:
    cleaned = clean.html(text)
    structure, words = read_html(f"<!DOCTYPE html><title>t</title><p title=\"{cleaned}\">{cleaned}</p>")

    assert structure == read_html("<!DOCTYPE html><title>t</title><p title=''>x</p>")[0]
    assert squeezed(clean.line(text)) in squeezed(words)


@FEW
@given(ANY)
def test_only_addresses_of_the_web_become_links(text: str) -> None:
    assert clean.web(text) in ("", text)
    assert clean.web(text).startswith(("https://", "http://")) or not clean.web(text)


@FEW
@given(ANY, st.sampled_from(["ascii", "cp1252", "latin-1", "cp437", "utf-8", "no-such-encoding"]))
def test_every_encoding_gets_what_it_can_hold(text: str, encoding: str) -> None:
    made = clean.to_encoding(clean.line(text), encoding)

    made.encode("ascii" if encoding.startswith("no") else encoding)
    assert encoding != "utf-8" or made == clean.line(text)


# --- questions ---


QUESTIONS = ("' OR 1=1 --", "\"; DROP TABLE records; --", "*", "%", "_", "a* OR b", "NEAR(a b)", "{x}:y", "^a", "(",
             "\"", "AND", "NOT a", "-a", "\\", "\u202e", "\ud800", "a\udcffb", "x" * 10_000, "🧬", "´", "٣")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_never_code(run: Run, question: str) -> None:
    for args in (("show",), ("list", "therapies", "--where"), ("list", "--where"), ("list",), ("search",), ("cite",)):
        asked = question if args[-1] != "--where" else f"name={question}" if len(args) == 3 else f"stage={question}"
        answer = run(*args, "--data", TINY, "--", asked) if args[-1] != "--where" else run(*args, asked, "--data", TINY)

        assert answer.code in (0, 1, 2)
        assert bool(answer.err) == (answer.code != 0)
        assert [] == harmful(answer.err, "\n")
    assert 10 == sum(open_base(TINY).store.counts().values())


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_command_to_be_typed_takes_a_name_as_one_word(text: str, encoding: str) -> None:
    shown = clean.to_encoding(clean.line(command("search", text)), encoding)
    verb, *names = shlex.split(shown)[1:]

    assert "search" == verb
    assert 1 == len([each for each in names if each != "--"])
    assert names[0] == "--" or not names[0].startswith("-")


def test_a_command_of_plain_words_is_not_quoted() -> None:
    assert "mesoref list trials --where therapy=car-t" == command("list", "trials", where="therapy=car-t")
    assert "mesoref search 'side effects'" == command("search", "side effects")
    assert "mesoref search --kind risks -- -1" == command("search", "-1", kind="risks")
