"""HTML: one small page that stands alone, readable on a phone, in the dark and on paper."""

from __future__ import annotations

from typing import TextIO

from mesoref import values
from mesoref.render import plain
from mesoref.render.grid import grid
from mesoref.render.pages import Anchors, render
from mesoref.render.svg import picture
from mesoref.views import Bibliography, Chart, Comparison, Hits, Profiles, Table, Tree, View


def write_html(view: View, stream: TextIO) -> None:
    """Write a view as a page."""
    stream.write(page(view))


def page(view: View) -> str:
    """A view's page."""
    match view:
        case Profiles():
            title = ", ".join(values.title_of(each.record) for each in view.profiles)
            return _page("profiles.html", title, view, notes=Anchors(view.context))
        case Comparison():
            title = " and ".join(map(values.title_of, view.records))
            return _page("comparison.html", title, view, notes=Anchors(view.context))
        case Table():
            header, rows = values.header(view), grid(view)[1]
            return _page("table.html", f"{view.kind.plural.capitalize()} in mesoref", view, header=header, rows=rows)
        case Hits():
            return _page("hits.html", f"Search: {view.query}", view, notes=Anchors(view.context))
        case Tree():
            return _page("tree.html", f"Links of {values.title_of(view.root.line)}", view)
        case Chart():
            columns, cells = values.charted(view)
            return _page("chart.html", view.title, view, notes=Anchors(view.context), header=columns, rows=cells,
                         picture=picture(view))
        case Bibliography():
            return _page("bibliography.html", "Sources", view)
        case _:
            first, *rest = plain.lines_of(view)
            return render("lines.html", title=first, as_of="", lines=rest)


def _page(template: str, title: str, view: Profiles | Comparison | Table | Hits | Tree | Bibliography | Chart,
          **names: object) -> str:
    return render(template, title=title, as_of=view.context.as_of, view=view, **names)
