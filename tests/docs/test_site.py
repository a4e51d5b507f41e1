"""The documentation's site as a reader has it: opened from disk in a real Chromium, on a desk and on a phone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
sys.path.insert(0, str(ROOT / "tests/cli"))

for module in ("mkdocs", "pygments", "selenium", "axe_selenium_python"):
    pytest.importorskip(module, reason=f"{module} is not in {sys.executable}; scripts/setup --tests installs it")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

import browser  # noqa: E402

if not Path(browser.CHROMIUM).exists() or not Path(browser.DRIVER).exists():
    pytest.skip("chromium and chromium-driver are not installed: scripts/setup --tests", allow_module_level=True)

SOME_PAGES = ("index.html", "measurement.html", "comparison.html", "commands/podium-bench.html", "backends/onnxruntime.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    done = subprocess.run([ROOT / "scripts/docs", "--build", BUILD, "--output", folder], env=os.environ | {"PODIUM_DOCS_PYTHON": sys.executable}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    driver = browser.start()
    yield driver
    driver.quit()


def pages(site: Path) -> list[Path]:
    found = [file for file in sorted(site.rglob("*.html")) if file.name != "404.html"]
    assert len(found) > 20
    return found


@pytest.mark.parametrize("width", [1400, 400])
def test_every_page_opens_without_a_complaint_and_is_no_wider_than_the_window(chromium: webdriver.Chrome, site: Path, width: int) -> None:
    browser.set_width(chromium, width)
    for page in pages(site):
        browser.console(chromium)
        chromium.get(page.as_uri())
        assert browser.console(chromium) == [], page
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width, page
    assert all(url.startswith("file:") for url in browser.requests(chromium))


def test_menu_fits_into_one_line_of_a_desk(chromium: webdriver.Chrome, site: Path) -> None:
    browser.set_width(chromium, 1400)
    chromium.get((site / "index.html").as_uri())
    tops = chromium.execute_script("return [...document.querySelectorAll('.navbar-nav > li > a')].map(link => Math.round(link.getBoundingClientRect().top))")
    assert len(tops) > 6 and len(set(tops)) == 1


def test_sidebar_leads_to_every_section_of_a_long_page(chromium: webdriver.Chrome, site: Path) -> None:
    browser.set_width(chromium, 1400)
    chromium.get((site / "measurement.html").as_uri())
    shown = chromium.execute_script("return [...document.querySelectorAll('.bs-sidebar a')].filter(link => link.offsetHeight > 0).map(link => link.textContent.trim())")
    headings = chromium.execute_script("return [...document.querySelectorAll('.col-md-9 h2')].map(heading => heading.firstChild.textContent.trim())")
    assert len(headings) > 20 and set(headings) <= set(shown), shown


def test_phone_has_the_sections_behind_a_button_that_says_so(chromium: webdriver.Chrome, site: Path) -> None:
    browser.set_width(chromium, 400)
    chromium.get((site / "measurement.html").as_uri())
    button = chromium.find_element(By.CSS_SELECTOR, ".bs-sidebar button")
    links = "[...document.querySelectorAll('.bs-sidebar a')].filter(link => link.offsetHeight > 0).length"
    assert button.text == "On this page" and chromium.execute_script(f"return {links}") == 0
    button.click()
    assert browser.wait_for(chromium, f"{links} > 20", 10)


def test_list_below_a_sentence_is_a_list(chromium: webdriver.Chrome, site: Path) -> None:
    """Markdown wants an empty line between the two; without it the points run together."""
    for page in pages(site):
        chromium.get(page.as_uri())
        assert chromium.execute_script(r"return [...document.querySelectorAll('p')].filter(text => /\n(-|\*|\d+\.) /.test(text.textContent)).map(text => text.textContent)") == [], page


def search_for(driver: webdriver.Chrome, words: str) -> list[tuple[str, str]]:
    """Title and address of what is found."""
    script = "const input = document.getElementById('mkdocs-search-query'); input.value = arguments[0]; input.dispatchEvent(new Event('input'));"
    driver.execute_script("document.getElementById('mkdocs-search-results').replaceChildren();" + script, words)
    assert browser.wait_for(driver, "document.getElementById('mkdocs-search-results').hasChildNodes()")
    return [(link.get_attribute("textContent"), link.get_attribute("href")) for link in driver.find_elements(By.CSS_SELECTOR, "#mkdocs-search-results a")]


def test_search_finds_words_beginnings_and_flags_from_every_folder(chromium: webdriver.Chrome, site: Path) -> None:
    for page in ("index.html", "commands/podium-bench.html"):
        chromium.get((site / page).as_uri())
        for words, goal in (("dequantizelinear", "precision.html"), ("winsor", None), ("change poi", "measurement.html"), ("--fail-above", "commands/podium-compare.html")):
            found = search_for(chromium, words)
            if goal is None:
                assert found == [] and "Nothing was found." in chromium.find_element(By.ID, "mkdocs-search-results").get_attribute("textContent")
                continue
            links = [address.removeprefix(f"{site.as_uri()}/") for _, address in found]
            assert any(link.split("#")[0] == goal for link in links), f"{words}: {links}"
            assert all((site / link.split("#")[0]).exists() for link in links)


def test_dark_theme_can_be_chosen_and_stays(chromium: webdriver.Chrome, site: Path) -> None:
    browser.set_theme(chromium, "light")
    chromium.get((site / "index.html").as_uri())
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = chromium.execute_script(paper)
    chromium.execute_script("document.querySelector('[data-bs-theme-value=dark]').click()")
    dark = chromium.execute_script(paper)
    assert dark != light
    chromium.get((site / "measurement.html").as_uri())
    assert chromium.execute_script(paper) == dark
    chromium.execute_script("document.querySelector('[data-bs-theme-value=auto]').click()")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_pages_can_be_read_by_everybody(chromium: webdriver.Chrome, site: Path, width: int, theme: str) -> None:
    browser.set_width(chromium, width)
    browser.set_theme(chromium, theme)
    for page in SOME_PAGES:
        chromium.get((site / page).as_uri())
        assert not browser.serious_faults(chromium), page
