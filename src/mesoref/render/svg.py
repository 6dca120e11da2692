"""SVG: charts drawn by hand, valid by construction, readable in the light, in the dark, on paper and in grey."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, TextIO
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mesoref import values
from mesoref.render.breaks import NO_BREAK
from mesoref.render.clean import xml as clean
from mesoref.render.marks import groups, key, marked, open_ends, signs, ticks
from mesoref.views import Chart, Point, View

MARGIN, GAP, HEAD, BODY, SMALL, LEADING = 24, 12, 18, 12, 11, 1.35
FONT = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
PLACES: Final = {"pipeline": (1120, 0, 0), "timeline": (1120, 520, 740), "survival": (960, 384, 700)}
"""How wide a chart is, and where its plot begins and ends."""
NAMES, FAR, DOTS_IN_A_ROW = 204, 480, 6

CIRCLE, SQUARE = "M-1 0A1 1 0 1 1 1 0A1 1 0 1 1-1 0Z", "M-.9-.9H.9V.9H-.9Z"
TRIANGLE = "M-.8-1L1 0-.8 1Z"
SHAPES: Final = {
    "●": (CIRCLE, "full blue"), "○": (CIRCLE, "open grey"), "◆": ("M0-1.25L1.25 0 0 1.25-1.25 0Z", "full red"),
    "▷": (TRIANGLE, "open green"), "▶": (TRIANGLE, "full green"), "■": (SQUARE, "full green"),
    "×": ("M-.9-.9L.9 .9M-.9 .9L.9-.9", "open red"), "+": ("M-1 0H1M0-1V1", "open red"),
    "‖": ("M-.5-1V1M.5-1V1", "open red"), "□": (SQUARE, "open grey"),
    "(": ("M-1.5-1.4Q-2.3 0-1.5 1.4M1.5-1.4Q2.3 0 1.5 1.4", "open thin grey")}
"""Each sign as a path two units wide, with its classes. The colours are those of Okabe and Ito."""

LIGHT = {"paper": "#ffffff", "ink": "#1a1a1a", "soft": "#555555", "faint": "#d4d4d4", "band": "#e3eef6",
         "blue": "#0072b2", "green": "#00795a", "red": "#c24e00", "grey": "#555555"}
DARK = {"paper": "#15181b", "ink": "#f0f0f0", "soft": "#b8b8b8", "faint": "#43474b", "band": "#1d3442",
        "blue": "#56b4e9", "green": "#2bb78d", "red": "#f0873c", "grey": "#b8b8b8"}


def write_svg(view: View, stream: TextIO) -> None:
    """Write a chart as a picture that stands alone."""
    assert isinstance(view, Chart)
    stream.write(picture(view) + "\n")


def picture(view: Chart, notes: values.Notes | None = None) -> str:
    """The picture of a chart, to stand in a file or in a page; `notes` if that page numbers the sources."""
    sheet = Sheet(view)
    notes = notes or values.Notes(view.context)
    sheet.opening(view)
    if view.columns:
        _lattice(sheet, view, notes)
    else:
        _scale(sheet, view, notes)
    sheet.closing(view, notes)
    # Its lines are broken already; whoever looks for `12 months` in the file types a blank.
    return sheet.xml().replace(NO_BREAK, " ")


def breadth(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text may get at most, in the widest of the common typefaces."""
    units = sum(.33 if each in "ijlI'|" else .4 if each in " \u00a0.,:;!()[]frt/-" else .99 if each in "mwMW%@"
                or east_asian_width(each) in "WF" else .79 if each.isupper() else .59 if each in "ckvxyzs" else .64
                for each in text)
    return units * size * (1.1 if bold else 1)


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """A text in lines that fit; a word that is too long for one is broken."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if breadth(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        lines += [word] if lines[-1] else []
        lines[-1] = lines[-1] or word
        while breadth(lines[-1], size, bold=bold) > width and len(lines[-1]) > 1:
            fit = next(n for n in range(len(lines[-1]) - 1, 0, -1)
                       if n == 1 or breadth(lines[-1][:n], size, bold=bold) <= width)
            lines[-1:] = [lines[-1][:fit], lines[-1][fit:]]
    return lines


class Sheet:
    """A drawing that grows downwards; `y` is where it has got to."""

    def __init__(self, view: Chart) -> None:
        name = f"mesoref-{view.name}"
        self.width, self.left, self.right = PLACES[view.name]
        self.end = self.width - MARGIN
        self.root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "id": name, "role": "img", "lang": "en-GB",
                                    "aria-labelledby": f"{name}-title {name}-desc", "font-family": FONT})
        SubElement(self.root, "title", id=f"{name}-title").text = clean(view.title)
        said = f"{len(view.points)} entries. The same as text: mesoref chart {view.name} -f plain"
        SubElement(self.root, "desc", id=f"{name}-desc").text = clean(" ".join(
            each for each in (view.warning, *view.notes, said, values.disclaimer(view.context.as_of)) if each))
        SubElement(self.root, "style").text = _style(f"#{name}")
        self.paper = self.put("rect", "paper", width=self.width)
        self.back = SubElement(self.root, "g")
        self.y: float = MARGIN

    def put(self, tag: str, look: str, inside: Element | None = None, **attributes: float | str) -> Element:
        """Add a shape."""
        given = {name.replace("_", "-"): value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
                 for name, value in attributes.items()}
        return SubElement(self.root if inside is None else inside, tag, {"class": look} | given)

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str = "rule") -> None:
        """Add a line; one that holds no data lies behind everything else."""
        self.put("line", look, self.back if look in ("rule", "strong") else None, x1=x1, y1=y1, x2=x2, y2=y2)

    def text(self, x: float, y: float, words: str, *, look: str = "ink", size: int = SMALL,
             anchor: str = "start") -> None:
        """Add one line of text on its baseline."""
        self.put("text", look, x=x, y=y, font_size=size, text_anchor=anchor).text = clean(words)

    def paragraph(self, x: float, y: float, width: float, words: str, *, look: str = "ink", size: int = SMALL) -> float:
        """Add wrapped text below `y`; the answer is where it ends."""
        for each in wrapped(words, width, size, bold="bold" in look) if words else ():
            y += size * LEADING
            self.text(x, y - size * (LEADING - 1), each, look=look, size=size)
        return y

    def sign(self, x: float, y: float, character: str, size: float = 5) -> None:
        """Add a sign."""
        path, look = SHAPES[character]
        self.put("path", look, d=path, transform=f"translate({x:.1f} {y:.1f}) scale({size:g})")

    def opening(self, view: Chart) -> None:
        """Title, warning, how to read it, and the key to its signs."""
        width = self.end - MARGIN
        self.y = self.paragraph(MARGIN, self.y, width, view.title, look="ink bold", size=HEAD) + 4
        if view.warning:
            end = self.paragraph(MARGIN + 14, self.y + 8, width - 28, view.warning, look="ink bold", size=BODY + 1) + 8
            self.put("rect", "warning", self.back, x=MARGIN, y=self.y, width=width, height=end - self.y)
            self.y = end + 4
        for each in view.notes:
            self.y = self.paragraph(MARGIN, self.y, width, each, look="soft")
        x, self.y = float(MARGIN), self.y + 18
        if view.key:
            self.text(x, self.y, f"{view.key}:")
            x += breadth(view.key, SMALL) + 16
        for character, meaning in key(view):
            room = 23 + breadth(meaning, SMALL)
            if x > MARGIN and x + room > self.end:
                x, self.y = float(MARGIN), self.y + 18
            self.sign(x + 9, self.y - 4, character)
            self.text(x + 23, self.y, meaning)
            x += room + 12
        self.y += 8

    def closing(self, view: Chart, notes: values.Notes) -> None:
        """The sources by number, the key to the levels and the line on medical advice; the sheet gets its height."""
        self.line(MARGIN, self.y + 6, self.end, self.y + 6, "strong")
        sources = " ".join(f"[{number}]{NO_BREAK}{each.id}" for number, each in notes.sources())
        for each in (f"Sources (in full: mesoref cite ID): {sources}", values.key_of_levels()) if sources else ():
            self.y = self.paragraph(MARGIN, self.y + 8, self.end - MARGIN, each, look="soft")
        last = values.disclaimer(view.context.as_of)
        self.y = self.paragraph(MARGIN, self.y + 8, self.end - MARGIN, last, look="ink bold", size=BODY)
        height = math.ceil(self.y + MARGIN - 8)
        self.paper.set("height", str(height))
        for name, value in (("width", self.width), ("height", height), ("viewBox", f"0 0 {self.width} {height}")):
            self.root.set(name, str(value))

    def xml(self) -> str:
        """The drawing as text."""
        indent(self.root, " ")
        return tostring(self.root, encoding="unicode")


def _style(scope: str) -> str:
    def colours(palette: dict[str, str]) -> str:
        plain = "".join(f"{scope} .{name}{{fill:{palette[name]}}}" for name in ("paper", "ink", "soft", "band"))
        lines = f"{scope} .rule,{scope} .strong{{stroke:{palette['faint']}}}{scope} .warning{{stroke:{palette['red']}}}"
        return plain + lines + "".join(
            f"{scope} .full.{name}{{fill:{palette[name]}}}{scope} .open.{name}{{stroke:{palette[name]}}}"
            for name in ("blue", "green", "red", "grey"))

    fixed = (f"{scope} .bold{{font-weight:bold}}{scope} .open{{fill:none;stroke-width:.42}}"
             f"{scope} .thin{{stroke-width:.28}}{scope} .strong,{scope} .range{{stroke-width:2}}"
             f"{scope} .dots{{stroke-dasharray:2 3}}{scope} .warning{{fill:none;stroke-width:2}}")
    return f"{fixed}{colours(LIGHT)}@media screen and (prefers-color-scheme:dark){{{colours(DARK)}}}"


def _scale(sheet: Sheet, view: Chart, notes: values.Notes) -> None:
    """Rows along a scale: words on the left, signs in the middle, more words on the right."""
    low, high = view.scale

    def place(value: float) -> float:
        return sheet.left + (min(value, high) - low) / (high - low) * (sheet.right - sheet.left)

    top, labelled = sheet.y + 28, -math.inf
    for name, points in groups(view):
        if name == view.apart:
            sheet.y += 14
            sheet.line(MARGIN, sheet.y, sheet.end, sheet.y, "strong")
        labels = name == view.apart or sheet.y - labelled > FAR
        width = (sheet.left if labels else sheet.end) - MARGIN - GAP
        sheet.y = sheet.paragraph(MARGIN, sheet.y + 9, width, name, look="ink bold", size=BODY + 1) + 3
        if labels:
            labelled = sheet.y
            for tick in ticks(view, 8):
                sheet.text(place(tick), sheet.y - 5, str(tick), look="soft", anchor="middle")
        sheet.line(MARGIN, sheet.y, sheet.end, sheet.y)
        for point, again in points:
            sheet.y += 1 if again else 5
            _track(sheet, view, point, place)
            sheet.y = _row(sheet, view, point, notes, again=again) + 4
    for tick in ticks(view, 8):
        sheet.line(place(tick), top, place(tick), sheet.y)
    sheet.y += 4


def _row(sheet: Sheet, view: Chart, point: Point, notes: values.Notes, *, again: bool) -> float:
    """The words of a row; the answer is where the longer side ends."""
    width, x = sheet.left - MARGIN - GAP, sheet.right + GAP + 4
    end = sheet.y if again else sheet.paragraph(MARGIN, sheet.y, width, point.row, look="ink bold", size=BODY)
    if view.header[-1]:
        end = sheet.paragraph(MARGIN, end, width, f"{point.detail}, {marked(point.label, notes)}", look="soft")
        return max(end, sheet.paragraph(x, sheet.y, sheet.end - x, marked(point.said, notes)))
    end, beside = sheet.paragraph(MARGIN, end, width, point.detail, look="soft"), sheet.y
    for index, piece in enumerate(point.label):
        look, size = ("soft", SMALL) if index else ("ink bold", BODY)
        beside = sheet.paragraph(x, beside, sheet.end - x, marked((piece,), notes), look=look, size=size)
    return max(end, beside)


def _track(sheet: Sheet, view: Chart, point: Point, place: Callable[[float], float]) -> None:
    """A range with its sign; an end that is missing is dotted, one that lies beyond the scale has an arrow."""
    if not isinstance(point.at, float):
        return
    x, y = place(point.at), sheet.y + 9
    hue = SHAPES[signs(view, point)[0]][1].split()[-1]
    if point.low is not None and point.high is not None:
        sheet.line(place(point.low), y, place(point.high), y, f"open range {hue}")
        for each in (point.low, point.high):
            if math.isinf(each):
                sheet.put("path", f"full {hue}", d=f"M{sheet.right} {y - 4:.1f}l7 4-7 4Z")
            else:
                sheet.line(place(each), y - 4, place(each), y + 4, f"open range {hue}")
    for missing, side in zip(open_ends(point), (-1, 1), strict=True):
        if missing:
            sheet.line(x + side * 7, y, min(x + side * 22, sheet.right + GAP), y, f"open range dots {hue}")
    for character in signs(view, point):
        sheet.sign(x, y, character)


def _lattice(sheet: Sheet, view: Chart, notes: values.Notes) -> None:
    """Rows against columns; a band leads to the column that a row has reached."""
    left, names = MARGIN + NAMES, NAMES - GAP
    width = (sheet.end - left) / max(1, len(view.columns))
    ends = [sheet.paragraph(left + index * width + 8, sheet.y + 10, width - 12, each)
            for index, each in enumerate(view.columns)]
    top, sheet.y = sheet.y + 10, max(ends, default=sheet.y) + 6
    sheet.line(MARGIN, sheet.y, sheet.end, sheet.y, "strong")
    for row, points in groupby(view.points, key=lambda each: each.row):
        start, cells = sheet.y + 4, []
        end = sheet.paragraph(MARGIN, start + 4, names, row, look="ink bold", size=BODY)
        band = sheet.put("rect", "band", sheet.back, x=left, y=start)
        for point in points:
            x, label = left + view.columns.index(str(point.at)) * width, point.label
            if view.looks[-1] in point.looks:
                band.set("width", f"{x + width - 4 - left:.1f}")
                end, label = sheet.paragraph(MARGIN, end, names, marked(label[-1:], notes), look="soft"), label[:-1]
            cells.append(_cell(sheet, signs(view, point), [marked((each,), notes) for each in label],
                               (x + 8, start + 4, width - 14)))
        end = max(end, *cells)
        band.set("height", f"{end + 5 - start:.1f}")
        sheet.y = end + 9
        sheet.line(MARGIN, sheet.y, sheet.end, sheet.y)
    for index in range(len(view.columns) + 1):
        sheet.line(left + index * width, top, left + index * width, sheet.y)
    sheet.y += 6


def _cell(sheet: Sheet, drawn: Sequence[str], words: Sequence[str], place: tuple[float, float, float]) -> float:
    """The signs of a cell over its words; the answer is where they end."""
    x, y, width = place
    for index, each in enumerate(drawn):
        line, column = divmod(index, DOTS_IN_A_ROW)
        sheet.sign(x + 5 + column * 13, y + 7 + line * 13, each, 4.4)
    y += 16 + (len(drawn) - 1) // DOTS_IN_A_ROW * 13
    for each in words:
        y = sheet.paragraph(x, y, width, each)
    return y
