"""The handbook in a real browser: with scripts and without, on a phone, in the dark, on paper."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY, Run
from mesoref.kb import KnowledgeBase

selenium = pytest.importorskip("selenium", reason="selenium is not installed")

from selenium import webdriver  # noqa: E402 - only where it is installed
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.remote.webelement import WebElement  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")
A4, LETTER = (8.27, 11.69), (8.5, 11)
PAGES = ("_start", "_therapies", "_trials", "_references", "_claims", "_charts", "car-t", "NCT02414269", "msln",
         "_compare=virotherapy,suicide-gene")
SMALL_PAGES = ("_start", "_therapies", "_trials", "_references", "_charts", "gene-glow", "gfp",
               "_compare=gene-glow,gene-hum", "_all")

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not BROWSER or not DRIVER, reason="chromium and chromedriver are not installed"),
]


class Reader:
    """Somebody with a browser and the handbook."""

    def __init__(self, folder: Path, address: str) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(BROWSER)
        for each in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(each)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver: Any = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
        self.driver.set_script_timeout(120)
        self.address = address

    def tell(self, command: str, **values: Any) -> Any:
        """Tell the browser itself."""
        return self.driver.execute_cdp_cmd(command, values)

    def screen(self, width: int = 1280, height: int = 900, *, dark: bool = False) -> None:
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 500)
        self.tell("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, page: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(f"{self.address}#{page}" if page else self.address)

    def turn_to(self, page: str) -> None:
        """Follow a link to a page, and wait until it is shown."""
        self.run("location.hash = arguments[0]", page)
        self.until(lambda: self.run("return decodeURIComponent(location.hash) === '#' + arguments[0]", page))
        self.run("return document.body.offsetHeight")

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def all(self, selector: str) -> list[WebElement]:
        """What is shown and fits a selector."""
        found: list[WebElement] = self.run(
            "return [...document.querySelectorAll(arguments[0])].filter(each => each.checkVisibility())", selector)
        return found

    def one(self, selector: str) -> WebElement:
        found: WebElement = self.until(lambda: self.all(selector))[0]
        return found

    def until(self, condition: Callable[[], Any]) -> Any:
        return WebDriverWait(self.driver, 60).until(lambda _: condition())

    def click(self, element: WebElement) -> None:
        """Bring something to the middle of the screen and click on it."""
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def heading(self) -> str:
        return self.one("h1").text

    def printed(self, paper: tuple[float, float], folder: Path) -> str:
        """The text of the page on paper."""
        if not shutil.which("pdftotext"):
            pytest.skip("pdftotext (poppler-utils) is not installed")
        pdf = self.tell("Page.printToPDF", paperWidth=paper[0], paperHeight=paper[1])["data"]
        (folder / "printed.pdf").write_bytes(base64.b64decode(pdf))
        return subprocess.run(["pdftotext", "-raw", folder / "printed.pdf", "-"], check=True, capture_output=True,
                              encoding="utf-8").stdout


def reading(folder: Path, *args: str | Path) -> Iterator[Reader]:
    file = folder / "handbook.html"
    assert Run()("export", file, *args).code == 0
    reader = Reader(folder / "profile", file.as_uri())
    yield reader
    reader.driver.quit()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader of the shipped base."""
    yield from reading(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader of a base of a few records, which has a page of every kind."""
    yield from reading(tmp_path_factory.mktemp("small"), "--data", TINY)


@pytest.fixture
def reader(whole: Reader) -> Reader:
    whole.screen()
    whole.open()
    return whole


def test_it_opens_without_an_error_and_without_a_request(reader: Reader) -> None:
    for page in PAGES:
        reader.turn_to(page)
    sent = [json.loads(each["message"])["message"] for each in reader.driver.get_log("performance")]
    asked = {each["params"]["request"]["url"].partition(":")[0] for each in sent
             if each["method"] == "Network.requestWillBeSent"}

    assert [] == reader.driver.get_log("browser")
    assert "file" in asked
    assert set() == asked & {"http", "https", "ws", "wss", "blob"}


def test_something_is_painted_before_the_script_runs(reader: Reader) -> None:
    painted, parsed = reader.run(
        "return [performance.getEntriesByName('first-contentful-paint')[0].startTime,"
        "performance.getEntriesByType('navigation')[0].domInteractive]")

    assert painted < parsed


@pytest.mark.parametrize(("words", "id"), [
    ("mesothelin", "msln"), ("NCT02414269", "NCT02414269"), ("tumor suppressor gene replacement", "tumor-suppressor"),
    ("oncolytic virotherapy", "virotherapy"), ("kymriah", "tisagenlecleucel"),
])
def test_search_finds_as_one_types(reader: Reader, words: str, id: str) -> None:
    reader.one("#_query").send_keys(words)
    first = reader.one("#_results li a")

    assert f"#{id}" == first.get_dom_attribute("href")
    first.click()
    assert [id] == [each.get_dom_attribute("id") for each in reader.all("article.page")]
    assert [] == reader.all("#_results")


def test_search_is_led_by_the_keyboard(reader: Reader) -> None:
    reader.one("#_query").send_keys("fever", Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    second = reader.all("#_results li a")[1]

    assert reader.driver.switch_to.active_element == second
    second.send_keys(Keys.ESCAPE)
    assert [] == reader.all("#_results")


def test_search_says_when_nothing_is_found(reader: Reader) -> None:
    reader.one("#_query").send_keys("zzzz")

    assert "0 found" == reader.one("#_results [role=status]").text


def cells(reader: Reader, place: int) -> list[str]:
    found: list[str] = reader.run(
        "return [...document.querySelectorAll('#_trials tbody tr:not([hidden])')].map(row => "
        "row.cells[arguments[0]].textContent.trim())", place)
    return found


def column(reader: Reader, label: str) -> int:
    return [each.text for each in reader.all("#_trials thead button")].index(label)


def test_the_filters_filter(reader: Reader) -> None:
    reader.turn_to("_trials")
    everything = len(cells(reader, 0))
    therapy, phase = (Select(each) for each in reader.all("#_trials .controls select")[:2])
    therapy.select_by_visible_text("CAR T-cell therapy")
    phase.select_by_visible_text("phase 1/2")

    assert {"CAR T-cell therapy"} == set(cells(reader, column(reader, "Therapy")))
    assert {"phase 1/2"} == set(cells(reader, column(reader, "Phase")))
    assert f"{len(cells(reader, 0))} of {everything}" == reader.one("#_trials .controls output").text
    therapy.select_by_visible_text("all")
    phase.select_by_visible_text("all")
    reader.one("#_trials .controls input").send_keys("pembrolizumab")
    assert 0 < len(cells(reader, 0)) < everything
    assert [] == [each for each in cells(reader, 0) if "pembrolizumab" not in each.lower()]


def test_words_filter_a_list_of_sources(reader: Reader) -> None:
    reader.turn_to("_references")
    reader.one("#_references .controls input").send_keys("adusumilli")
    texts = [each.text.lower() for each in reader.all("#_references li")]

    assert 0 < len(texts) < 50
    assert [] == [each for each in texts if "adusumilli" not in each]


def test_a_column_sorts_up_and_down_and_leaves_gaps_last(reader: Reader) -> None:
    reader.turn_to("_trials")
    button = next(each for each in reader.all("#_trials thead button") if each.text == "Enrolled")
    place = column(reader, "Enrolled")
    for direction in ("ascending", "descending"):
        button.click()
        found = cells(reader, place)
        numbers = [int(each) for each in found if each.isdigit()]

        assert numbers == sorted(numbers, reverse=direction == "descending")
        assert ["not found"] * (len(found) - len(numbers)) == found[len(numbers):]
        assert direction == button.find_element(By.XPATH, "..").get_dom_attribute("aria-sort")


def test_phases_are_sorted_in_their_own_order(reader: Reader) -> None:
    reader.turn_to("_trials")
    next(each for each in reader.all("#_trials thead button") if each.text == "Phase").click()

    assert ["pilot", "phase 1", "phase 1/2", "phase 2"] == list(dict.fromkeys(
        cells(reader, column(reader, "Phase"))))[:4]


def test_sources_are_listed_from_the_newest_on(reader: Reader) -> None:
    reader.turn_to("_references")
    Select(reader.all("#_references .controls select")[-1]).select_by_visible_text("Year")
    years = [int(each.text) for each in reader.all("#_references [data-k=year]")[:20]]

    assert years == sorted(years, reverse=True)
    assert 2000 < years[-1]


def chosen(reader: Reader, *titles: str) -> None:
    """Choose therapies in their list and ask to see them side by side."""
    reader.turn_to("_therapies")
    for box in reader.all("#_therapies tbody input"):
        if box.get_dom_attribute("aria-label") in {f"Compare {each}" for each in titles}:
            reader.click(box)
    reader.one("#_therapies .tray button").click()
    reader.one(".compared")


def test_what_is_chosen_stands_side_by_side(reader: Reader) -> None:
    chosen(reader, "Oncolytic virotherapy", "Suicide gene therapy")
    rows = {row.find_element(By.TAG_NAME, "th").text.partition("\n")[0]: row.text
            for row in reader.all(".compared tbody tr")}

    assert ["Suicide gene therapy", "Oncolytic virotherapy"] == [each.text for each in reader.all(".compared thead th")]
    assert {"What can go wrong", "What nobody knows yet", "Genes", "Vectors"} <= set(rows)
    assert "= Fever and flu-like symptoms" in reader.run(
        "return [...document.querySelectorAll('.shared')].map(each => '= ' + each.textContent).join('|')")
    assert [] != reader.all(".compared sup a")


def test_only_what_differs_can_be_seen(reader: Reader) -> None:
    chosen(reader, "Oncolytic virotherapy", "Suicide gene therapy")
    before = len(reader.all(".compared tbody tr"))
    same = len(reader.all(".compared tbody tr.same"))
    reader.one(".comparison .controls input").click()

    assert before - same == len(reader.all(".compared tbody tr"))


def test_one_chosen_or_too_many_cannot_be_compared(reader: Reader) -> None:
    reader.turn_to("_therapies")
    boxes = reader.all("#_therapies tbody input")
    reader.click(boxes[0])
    button = reader.one("#_therapies .tray button")

    assert not button.is_enabled()
    for box in boxes[1:6]:
        reader.click(box)
    assert not button.is_enabled()
    reader.click(boxes[1])
    assert button.is_enabled()


def test_a_footnote_leads_to_its_source_and_back(reader: Reader) -> None:
    reader.turn_to("virotherapy")
    mark = reader.one("#virotherapy sup")
    id, source = mark.get_dom_attribute("id"), mark.find_element(By.TAG_NAME, "a")
    target = str(source.get_dom_attribute("href"))
    source.click()
    back = reader.one(f'[id="{target[1:]}"] a[href="#{id}"]')

    assert "References" == reader.heading()
    back.click()
    assert "Oncolytic virotherapy" == reader.heading()
    assert reader.one(f'[id="{id}"]').is_displayed()


def test_the_way_back_is_the_browsers_own(reader: Reader) -> None:
    reader.click(reader.one('.cards a[href="#car-t"]'))
    Select(reader.one("#car-t .tools select")).select_by_visible_text("Oncolytic virotherapy")
    reader.click(reader.one('.compared thead a[href="#virotherapy"]'))
    titles = [reader.heading()]
    for _ in range(2):
        reader.driver.back()
        titles.append(reader.heading())

    assert ["Oncolytic virotherapy", "CAR T-cell therapy and Oncolytic virotherapy", "CAR T-cell therapy"] == titles


def test_an_address_opens_its_page_at_once(reader: Reader) -> None:
    reader.open("_compare=car-t,virotherapy")
    assert 1 == len(reader.all(".compared"))
    reader.open("car-t")
    assert "CAR T-cell therapy" == reader.heading()
    reader.open("no-such-thing")
    assert "Gene therapy for mesothelioma" == reader.heading()


def test_all_can_be_read_with_scripts_off(reader: Reader) -> None:
    reader.tell("Emulation.setScriptExecutionDisabled", value=True)
    try:
        reader.open()
        assert ["Gene therapy for mesothelioma"] == [each.text for each in reader.all("h1")]
        assert [] == reader.all("form, .controls, input")
        reader.click(reader.one('.cards a[href="#car-t"]'))
        assert ["CAR T-cell therapy"] == [each.text for each in reader.all("h1")]
        assert len(reader.all("#car-t li")) > 50
        reader.click(reader.one('.chapters a[href="#_trials"]'))
        assert len(reader.all("#_trials tbody tr")) > 50
        reader.click(reader.one("a.whole"))
        shown = reader.run("return [...document.querySelectorAll('.page')].filter("
                           "each => getComputedStyle(each).display !== 'none').length")
        assert len(reader.driver.find_elements(By.CSS_SELECTOR, ".page")) == shown
    finally:
        reader.tell("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("paper", [A4, LETTER])
def test_paper_holds_the_comparison_with_its_sources(
        reader: Reader, kb: KnowledgeBase, tmp_path: Path, paper: tuple[float, float]) -> None:
    ids = ("virotherapy", "suicide-gene")
    reader.turn_to(f"_compare={','.join(ids)}")
    text = " ".join(reader.printed(paper, tmp_path).split())
    firsts = [record.data[field][0]["text"] for record in kb.get(ids).values() for field in ("strengths", "unknowns")]

    assert "Oncolytic virotherapy and Suicide gene therapy" in text
    assert [] == [each for each in firsts if each.replace(" ", "") not in text.replace(" ", "")]
    assert "Sources" in text
    assert "Not medical advice. Knowledge as of" in text
    assert "Gene therapy for mesothelioma What is known" not in text
    assert "Search" not in text


def test_paper_holds_a_therapy_with_its_sources_in_full(reader: Reader, tmp_path: Path) -> None:
    reader.turn_to("car-t")
    text = " ".join(reader.printed(A4, tmp_path).split())

    assert "What it is" in text
    assert "Questions for the care team" in text
    assert "Adusumilli PS" in text
    assert "Compare with" not in text


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_the_screen(reader: Reader, width: int) -> None:
    reader.screen(width, 844)
    reader.open()
    wider = []
    for page in PAGES:
        reader.turn_to(page)
        if reader.run("return document.documentElement.scrollWidth") > width:
            wider.append(page)

    assert [] == wider


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_to_mend(small: Reader, dark: bool, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("the npm package axe-core is not installed")
    small.screen(width, dark=dark)
    small.open()
    small.run(AXE.read_text(encoding="utf-8"))
    found = []
    for page in (*SMALL_PAGES, "search"):
        if page == "search":
            small.turn_to("_start")
            small.one("#_query").send_keys("glow")
        else:
            small.turn_to(page)
        violations = small.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then(found => done(found.violations.map(each => "
            "[each.id, each.nodes.map(node => node.html).slice(0, 3)])), error => done([String(error)]))")
        found += [(page, each) for each in violations]

    assert [] == found
