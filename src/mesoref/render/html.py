"""HTML: one small page that stands alone, readable on a phone, in the dark and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from mesoref import values
from mesoref.render import plain
from mesoref.render.clean import html as clean
from mesoref.render.clean import web
from mesoref.render.grid import grid
from mesoref.views import Comparison, Hits, Profiles, Table, View

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #888; }
thead th { border-bottom: 2px solid; }
sup a, .level { white-space: nowrap; }
li { margin: .2rem 0; }
ul { margin: 0; padding-left: 1.2rem; }
.same { font-weight: 600; }
.note { border-top: 1px solid #888; margin-top: 2rem; padding-top: .5rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  a { color: inherit; }
  tr { break-inside: avoid; }
}
"""


def write_html(view: View, stream: TextIO) -> None:
    """Write a view as a page."""
    title, body = page(view)
    stream.write(f'<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
                 f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                 f"<title>{clean(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
                 + "\n".join(body) + "\n</main>\n</body>\n</html>\n")


def page(view: View) -> tuple[str, list[str]]:
    """The title and the lines of a view's page."""
    match view:
        case Profiles():
            return profiles(view)
        case Comparison():
            return comparison(view)
        case Table():
            title = f"{view.kind.plural} in mesoref"
            _, rows = grid(view)
            return title, [f"<h1>{clean(title)}</h1>", *table(values.header(view), rows),
                           *closing(view.context.as_of)]
        case Hits():
            title = f"Search: {view.query}"
            return title, [f"<h1>{clean(title)}</h1>", "<ul>", *(
                f"<li><b>{clean(each.line.title)}</b> ({each.line.kind} {clean(each.line.id)})<br>"
                + "".join(f"<mark>{clean(text)}</mark>" if marked else clean(text) for text, marked in each.passage)
                + "</li>" for each in view.hits), "</ul>", *closing(view.context.as_of)]
        case _:
            lines = plain.lines_of(view)
            return lines[0], [f"<h1>{clean(lines[0])}</h1>",
                              f"<pre>{clean_lines(lines[1:])}</pre>"]


def clean_lines(lines: Iterable[str]) -> str:
    """Lines of text, each made harmless."""
    return "\n".join(clean(each) for each in lines)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table with a header."""
    labels = "".join(f'<th scope="col">{clean(each)}</th>' for each in header)
    return ["<table>", f"<thead><tr>{labels}</tr></thead>", "<tbody>", *("<tr>" + "".join(f"<td>{clean(each)}</td>" for each in row) + "</tr>" for row in rows),
            "</tbody>", "</table>"]


def marks(piece: values.Piece, notes: values.Notes) -> str:
    """The footnote of a piece, its numbers linked to the sources."""
    if not piece.refs:
        return ""
    links = ", ".join(f'<a href="#source-{notes.number(each)}">{notes.number(each)}</a>' for each in piece.refs)
    rest = notes.mark(piece)[1:-1].split(" ", len(piece.refs))[-1]
    return f' <sup>[{links} {clean(rest)}]</sup>'


def profiles(view: Profiles) -> tuple[str, list[str]]:
    """Each record under its title, its sources at the end."""
    notes = values.Notes(view.context)
    lines: list[str] = []
    for profile in view.profiles:
        lines += ["<article>", f"<h1>{clean(values.heading(profile.record))}</h1>"]
        if profile.record.data.get("aliases"):
            lines.append(f"<p>Also called: {clean('; '.join(profile.record.data['aliases']))}</p>")
        for section, pieces in values.filled(profile, view.context):
            lines += [f"<h2>{clean(section.label)}</h2>", "<ul>",
                      *(f"<li>{clean(each.text)}{marks(each, notes)}</li>" for each in pieces), "</ul>"]
        for group in profile.groups:
            lines += [f"<h2>{clean(values.group_label(group))}</h2>", "<ul>",
                      *(f"<li>{clean(values.named(each))}</li>" for each in group.lines), "</ul>"]
        lines.append("</article>")
    title = ", ".join(each.record.title for each in view.profiles)
    return title, [*lines, *sources(notes), *closing(view.context.as_of)]


def comparison(view: Comparison) -> tuple[str, list[str]]:
    """A column a record; what all share is marked with an equals sign."""
    notes = values.Notes(view.context)
    title = " and ".join(each.title for each in view.records)
    lines = [f"<h1>{clean(title)}</h1>", "<table>", "<thead><tr><td></td>"
             + "".join(f'<th scope="col">{clean(each.title)}</th>' for each in view.records)
             + "</tr></thead>", "<tbody>"]
    for label, same, cells in values.compared(view):
        lines.append(f'<tr><th scope="row">{clean(label)}<br><small>{"same" if same else "different"}</small></th>')
        for cell in cells:
            items = "".join(f'<li{" class=same" if shared else ""}>{"= " if shared else ""}{clean(piece.text)}'
                            f"{marks(piece, notes)}</li>" for piece, shared in cell)
            lines.append(f"<td><ul>{items}</ul></td>" if items else f"<td>{values.NOT_FOUND}</td>")
        lines.append("</tr>")
    return title, [*lines, "</tbody>", "</table>", "<p>= stands in every record compared.</p>", *sources(notes),
                   *closing(view.context.as_of)]


def sources(notes: values.Notes) -> list[str]:
    """The sources by number, each to be linked to, and the key to the levels."""
    lines = []
    for number, reference in notes.sources():
        where = web(values.address(reference))
        link = f' <a href="{clean(where)}">{clean(where)}</a>' if where else ""
        lines.append(f'<li id="source-{number}" value="{number}">'
                     f"{clean(values.full_citation(reference, linked=False))}{link}</li>")
    return ["<h2>Sources</h2>", "<ol>", *lines, "</ol>",
            f"<p>{clean(values.key_of_levels())}</p>"] if lines else []


def closing(as_of: str) -> list[str]:
    """The line on medical advice."""
    return [f'<p class="note">{clean(values.disclaimer(as_of))}</p>']
