"""Neutralising: one function for each way out, through which all text of a base goes."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# C0 and C1 controls, which drive terminals, and the characters that reorder, hide or break the text around them.
CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC),
              *range(0xE0000, 0xE0080))
BREAKS = (9, 10, 11, 12, 13, 0x85, 0x2028, 0x2029)
HARMFUL: dict[int, str | None] = (dict.fromkeys((*CONTROLS, *DIRECTIONS)) | dict.fromkeys(BREAKS, " ")
                                  | dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
MARKDOWN = {ord(each): f"\\{each}" for each in "\\`*_{}[]<>#|~!&$@"}
BIBTEX = {ord(each): f"\\{each}" for each in "&%$#_"} | {
    ord("{"): "\\textbraceleft{}", ord("}"): "\\textbraceright{}", ord("\\"): "\\textbackslash{}",
    ord("~"): "\\textasciitilde{}", ord("^"): "\\textasciicircum{}"}
MERMAID = {ord(each): f"#{ord(each)};" for each in "\"#&<>\\`*_{}[]|$~;"}
HTML = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}


def line(text: str) -> str:
    """Text on one line that cannot drive a terminal or reorder what stands around it."""
    return text if text.isprintable() else text.translate(HARMFUL)


def lines(text: str) -> str:
    """The same for text of several lines, which stay."""
    return "\n".join(line(each) for each in text.split("\n"))


SIMPLER = {"\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2022": "-",
           "\u2026": "...", "\u2265": ">=", "\u2264": "<=", "\u00d7": "x", "\u2192": "->", "\u00b1": "+/-"}


def to_encoding(text: str, encoding: str) -> str:
    """Text that an encoding can hold: what it lacks becomes the nearest thing it has, and a question mark at worst."""
    try:
        text.encode(encoding)
    except LookupError:
        return to_encoding(text, "ascii")
    except UnicodeEncodeError:
        return "".join(each if _fits(each, encoding) else _simpler(each, encoding) for each in text)
    return text


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _simpler(letter: str, encoding: str) -> str:
    from mesoref.fold import GREEK, plain_letters

    simple = SIMPLER.get(letter) or GREEK.get(letter) or plain_letters(letter)
    return simple if _fits(simple, encoding) else "?"


def spreadsheet(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    text = line(text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def json(text: str) -> str:
    """JSON in which nothing can drive a terminal or reorder what stands around it; what it says is the same."""
    if text.isprintable():
        return text
    return "".join(each if ord(each) not in HARMFUL or each < "\x7f" else _escaped(ord(each)) for each in text)


def _escaped(code: int) -> str:
    units = (code,) if code < 0x10000 else (0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return "".join(f"\\u{each:04x}" for each in units)


def markdown(text: str) -> str:
    """Text without meaning in Markdown, fit for a table's cell and for the beginning of a line."""
    text = line(text).translate(MARKDOWN).replace("://", ":\\//").replace("www.", "www\\.")
    start = text.lstrip(" ")
    number = start[:len(start) - len(start.lstrip("0123456789"))]
    if start[:1] in ("-", "+", "="):
        start = f"\\{start}"
    elif number and start[len(number):len(number) + 1] in (".", ")"):
        start = f"{number}\\{start[len(number):]}"
    return f" {start}" if text.startswith(" ") else start


def html(text: str) -> str:
    """Text without meaning in HTML, in an element or in a quoted attribute."""
    return line(text).translate(HTML)


def dot(text: str) -> str:
    """Text without meaning between the quotes of Graphviz, which knows backslashes and entities there."""
    return line(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def mermaid(text: str) -> str:
    """Text without meaning between the quotes of Mermaid."""
    return line(text).translate(MERMAID)


def xml(text: str) -> str:
    """Text that XML may hold; whoever writes the XML escapes it."""
    return "".join(each for each in line(text) if not 0xD800 <= ord(each) <= 0xDFFF and ord(each) & 0xFFFE != 0xFFFE)


def bibtex(text: str) -> str:
    """Text without meaning in BibTeX and LaTeX; braces become commands, as BibTeX counts escaped ones too."""
    return line(text).translate(BIBTEX)


def verbatim(address: str) -> str:
    """An address for a field that LaTeX takes as it is, with nothing in it that could end the field."""
    return line(address).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def web(address: str) -> str:
    """An address if it is http or https, else nothing."""
    return address if address.startswith(("https://", "http://")) else ""
