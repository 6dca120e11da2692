"""Templates to pages: the one Jinja environment, through which all text of a base goes on its way to HTML."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from mesoref import values
from mesoref.render import clean

DATE: Final = re.compile(r"(?<![\w-])\d{4}-\d\d(?:-\d\d)?(?![\w-])")


def render(template: str, **names: Any) -> str:
    """A template filled in."""
    return environment().get_template(template).render(names)


@cache
def environment() -> Environment:
    """The templates of the package; what they print is made harmless first and escaped then."""
    made = Environment(loader=PackageLoader("mesoref.render"), autoescape=True, finalize=_harmless, trim_blocks=True,
                       lstrip_blocks=True, undefined=StrictUndefined)
    made.filters.update(web=clean.web, dates=dates, citation=values.full_citation, address=values.address)
    made.globals.update(values=values, zip=zip)
    return made


def dates(text: str) -> str:
    """Text as markup, harmless and escaped, in which no line breaks within a date."""
    return DATE.sub(r'<span class="date">\g<0></span>', clean.html(text))


def _harmless(value: Any) -> Any:
    """Text of a base without controls; markup that a template has made stays as it is."""
    return clean.line(value) if type(value) is str else value


class Anchors(values.Notes):
    """Footnotes whose numbers lead to the sources of the same page."""

    def anchor(self, ref: str) -> str:
        """The id that a source has on the page."""
        return f"source-{self.number(ref)}"
