"""The HTML report, in a real Chromium: it opens from disk without network, draws, filters and sorts, and can be read by everybody."""

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Shell, assert_one_error, folder_of_run, shell_in

pytest.importorskip("selenium", reason="selenium is not installed: scripts/setup --tests")
pytest.importorskip("axe_selenium_python", reason="axe-selenium-python is not installed: scripts/setup --tests")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

import browser  # noqa: E402
from histories import run_at, write_runs  # noqa: E402

if not Path(browser.CHROMIUM).exists() or not Path(browser.DRIVER).exists():
    pytest.skip("chromium and chromium-driver are not installed: scripts/setup --tests", allow_module_level=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    driver = browser.start()
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two precisions and three batch sizes, which the tests read."""
    return folder_of_run(tmp_path_factory, "bench", "model.onnx", "--backends", "fake", "--precisions", "fp32,bf16", "--batch", "1,2,4", "--budget", "1s", "--launches", "1",
                         "--warm-up", "50ms", "--html", "report.html", "--json", "results.json")


@pytest.fixture
def page(shell: Shell, measured: Path) -> Path:
    """Its page, with the results beside it."""
    for name in ("report.html", "results.json"):
        shutil.copy(measured / name, shell.folder)
    return shell.folder / "report.html"


def visible_rows(driver: webdriver.Chrome) -> list[str]:
    return driver.execute_script("return [...document.querySelectorAll('table.measured tbody tr')].filter(row => !row.hidden).map(row => row.querySelector('th').dataset.value + ' ' + row.dataset.batch)")


def states(driver: webdriver.Chrome) -> dict[str, str]:
    return driver.execute_script("return Object.fromEntries([...document.querySelectorAll('figure')].filter(f => !f.hidden).map(f => [f.id, f.dataset.state]))")


def marks(driver: webdriver.Chrome, figure: str) -> int:
    return driver.execute_script("return document.querySelectorAll(`#${arguments[0]} svg path, #${arguments[0]} canvas`).length", figure)


def tick(driver: webdriver.Chrome, key: str, value: str) -> None:
    driver.execute_script("arguments[0].click()", driver.find_element(By.CSS_SELECTOR, f"input[data-filter='{key}'][value='{value}']"))
    assert browser.charts_are_drawn(driver)


def test_page_asks_no_network_for_anything_and_the_console_is_silent(chromium: webdriver.Chrome, page: Path) -> None:
    browser.open_page(chromium, page)
    assert browser.requests(chromium) == [page.as_uri()]
    assert browser.console(chromium) == []


def test_every_chart_draws(chromium: webdriver.Chrome, page: Path) -> None:
    browser.open_page(chromium, page)
    drawn = states(chromium)
    assert {"chart-speed", "chart-times-b1", "chart-ratios-b2", "chart-accuracy-b4", "chart-latency-b1", "chart-memory-b1", "chart-warm-up-b1"} <= drawn.keys()
    assert set(drawn.values()) == {"drawn"}
    for figure in drawn:
        assert marks(chromium, figure) > 0, figure


def write_throughput(shell: Shell) -> None:
    """both.json: the results, with throughput at batch 2."""
    results = json.loads((shell.folder / "results.json").read_text())
    for number, cell in enumerate(cell for cell in results["cells"] if cell["batch"] == 2):
        cell["throughput"] = {"per_s": 300.0 + number, "ci95": [290.0, 310.0], "requests": 4, "tried": {"1": 200.0, "2": 280.0, "4": 300.0 + number, "16": 299.0}, "blocks_set_aside": 0, "warm_up": None}
    (shell.folder / "both.json").write_text(json.dumps(results))


def test_throughput_is_drawn_where_it_was_measured(chromium: webdriver.Chrome, shell: Shell, page: Path) -> None:
    write_throughput(shell)
    assert shell.run("report", "both.json", "-o", "both.html").returncode == 0
    browser.open_page(chromium, shell.folder / "both.html")
    assert browser.console(chromium) == []
    drawn = {figure for figure, state in states(chromium).items() if state == "drawn"}
    assert {"chart-throughput-b2", "chart-requests-b2"} <= drawn and not {"chart-throughput-b1", "chart-requests-b4"} & drawn

    def texts(figure: str) -> list[str]:
        return chromium.execute_script("return [...document.querySelectorAll(`#${arguments[0]} svg text`)].map(text => text.textContent)", figure)

    assert {"300.0 @4", "301.0 @4"} <= set(texts("chart-throughput-b2"))
    assert [text for text in texts("chart-requests-b2") if text in {"1", "2", "4", "16"}] == ["1", "2", "4", "16"]  # by number, not by name


def test_filters_choose_rows_and_charts(chromium: webdriver.Chrome, page: Path) -> None:
    browser.open_page(chromium, page)
    all_rows = visible_rows(chromium)
    assert len(all_rows) == 6
    tick(chromium, "precision", "bf16")
    assert all("fp32" in row for row in visible_rows(chromium)) and len(visible_rows(chromium)) == 3
    assert chromium.find_element(By.CSS_SELECTOR, "form.filters output").text == "3 of 6 cells shown"
    tick(chromium, "batch", "1")
    assert len(visible_rows(chromium)) == 2
    assert "chart-times-b1" not in states(chromium) and "chart-times-b2" in states(chromium)
    tick(chromium, "precision", "fp32")
    assert visible_rows(chromium) == [] and set(states(chromium).values()) == {"empty"}
    chromium.execute_script("arguments[0].click()", chromium.find_element(By.CSS_SELECTOR, "form.filters button"))
    assert browser.charts_are_drawn(chromium)
    assert visible_rows(chromium) == all_rows and set(states(chromium).values()) == {"drawn"}


def test_columns_sort_both_ways_and_say_so(chromium: webdriver.Chrome, page: Path) -> None:
    browser.open_page(chromium, page)
    heading = next(th for th in chromium.find_elements(By.CSS_SELECTOR, "table.measured th[scope=col]") if th.text.startswith("median ms"))

    def medians() -> list[float]:
        index = chromium.execute_script("return arguments[0].cellIndex", heading)
        return chromium.execute_script("return [...document.querySelectorAll('table.measured tbody tr')].map(row => Number(row.cells[arguments[0]].dataset.value))", index)

    for direction, is_down in (("ascending", False), ("descending", True)):
        chromium.execute_script("arguments[0].querySelector('button').click()", heading)
        assert heading.get_attribute("aria-sort") == direction
        assert medians() == sorted(medians(), reverse=is_down)
    assert chromium.find_element(By.ID, "said").get_attribute("textContent") == "sorted by median ms, descending"


def test_filters_sorting_and_theme_work_by_keyboard(chromium: webdriver.Chrome, page: Path) -> None:
    browser.open_page(chromium, page)
    heading = next(th for th in chromium.find_elements(By.CSS_SELECTOR, "table.measured th[scope=col]") if th.text.startswith("median ms"))
    box, theme = chromium.find_element(By.CSS_SELECTOR, "input[data-filter='precision']"), chromium.find_element(By.ID, "theme")
    reached = set()
    for _ in range(80):  # as far as somebody without a mouse comes
        chromium.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(chromium.switch_to.active_element.id)
    assert {box.id, theme.id, heading.find_element(By.TAG_NAME, "button").id} <= reached
    assert {region.id for region in chromium.find_elements(By.CSS_SELECTOR, ".scroll")} <= reached, "a table that is wider than the page is scrolled by its arrow keys"
    heading.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert heading.get_attribute("aria-sort") == "ascending"
    box.send_keys(Keys.SPACE)
    assert browser.charts_are_drawn(chromium)
    assert len(visible_rows(chromium)) == 3
    theme.send_keys(Keys.ENTER)
    assert theme.text == "Theme: dark"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_accessibility_checker_finds_nothing_serious(chromium: webdriver.Chrome, page: Path, width: int, theme: str) -> None:
    browser.set_width(chromium, width)
    browser.set_theme(chromium, theme)
    browser.open_page(chromium, page)
    assert not browser.serious_faults(chromium)


def test_page_of_a_phone_is_not_wider_than_the_phone(chromium: webdriver.Chrome, page: Path) -> None:
    browser.set_width(chromium, 400)
    browser.open_page(chromium, page)
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= 400
    browser.set_width(chromium, 1400)


def test_theme_can_be_chosen(chromium: webdriver.Chrome, page: Path) -> None:
    browser.set_theme(chromium, "light")
    browser.open_page(chromium, page)
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = chromium.execute_script(paper)
    chromium.find_element(By.ID, "theme").click()
    assert chromium.execute_script(paper) != light
    assert browser.charts_are_drawn(chromium)


def test_page_is_printed_on_white_and_without_what_can_only_be_clicked(chromium: webdriver.Chrome, page: Path) -> None:
    browser.set_theme(chromium, "dark")
    browser.open_page(chromium, page)
    looks = "const of = (name) => getComputedStyle(document.querySelector(name)); return [of('body').backgroundColor, of('form.filters').display, of('#theme').display, of('table.measured').display]"
    assert chromium.execute_script(looks)[0] != "rgb(255, 255, 255)"
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    assert chromium.execute_script(looks) == ["rgb(255, 255, 255)", "none", "none", "table"]
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_hostile_names_run_nothing(chromium: webdriver.Chrome, shell: Shell, page: Path) -> None:
    results = json.loads((shell.folder / "results.json").read_text())
    evil = "</script><script>window.harmed=1</script><img src=http://localhost/x onerror='window.harmed=1'>{{data}}"
    results["model"]["name"] = evil
    results["command"] = ["podium", "bench", evil]
    for cell in results["cells"]:
        cell["backend"] = evil
        cell["audit"]["providers"] = {evil: 1}
    (shell.folder / "evil.json").write_text(json.dumps(results))
    assert shell.run("report", "evil.json", "-o", "evil.html").returncode == 0
    browser.open_page(chromium, shell.folder / "evil.html")
    assert chromium.execute_script("return window.harmed === undefined")
    assert chromium.find_elements(By.TAG_NAME, "img") == []
    assert browser.requests(chromium) == [(shell.folder / "evil.html").as_uri()]
    assert set(states(chromium).values()) == {"drawn"}
    assert chromium.title.endswith(evil)


def test_page_tells_what_failed_and_why(chromium: webdriver.Chrome, shell: Shell) -> None:
    done = shell.run("bench", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--set", "fake.crash-at=never,load", "--budget", "300ms",
                     "--launches", "1", "--warm-up", "50ms", "--html", "broken.html")
    assert done.returncode == 1, done.stderr
    browser.open_page(chromium, shell.folder / "broken.html")
    assert "failed" in chromium.find_element(By.ID, "absent").text


@pytest.mark.parametrize(("count", "limit"), [(60, 3_000_000), (1000, 10_000_000)])
def test_page_of_many_cells_stays_small_enough_to_be_sent(shell: Shell, page: Path, count: int, limit: int) -> None:
    results = json.loads((shell.folder / "results.json").read_text())
    samples = [20_000_000 + 1013 * i for i in range(400)]
    first = results["cells"][0]
    results["cells"] = []
    for number in range(count):
        cell = copy.deepcopy(first)
        cell["id"] = f"fake/fp32/b1/cpu/number={number}"
        block = {**cell["blocks"][0], "set_aside": False}
        cell["blocks"] = [{**block, "round": n, "samples_ns": samples} for n in range(10)]
        results["cells"].append(cell)
    (shell.folder / "many.json").write_text(json.dumps(results))
    assert shell.run("report", "many.json", "-o", "many.html").returncode == 0
    text = (shell.folder / "many.html").read_text(encoding="utf-8")
    assert len(text.encode()) < limit
    assert f"At most {min(2000, 400_000 // count)} points of a cell are drawn" in text


@pytest.mark.parametrize(("file", "begins"), [("a.md", b"# "), ("a.csv", b"id,backend"), ("a.json", b"{"), ("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("a.html", b"<!doctype html>")])
def test_format_follows_the_ending(shell: Shell, page: Path, file: str, begins: bytes) -> None:
    done = shell.run("report", "results.json", "-o", file)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (shell.folder / file).read_bytes().startswith(begins)


def test_image_shows_throughput_where_it_was_measured(shell: Shell, page: Path) -> None:
    write_throughput(shell)
    assert shell.run("report", "both.json", "-o", "both.svg").returncode == 0
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", (shell.folder / "both.svg").read_text(encoding="utf-8"))
    assert {"Inputs a second at most, batch 2", "Inputs a second by requests in flight, batch 2", "300.0 @4", "301.0 @4"} <= set(texts)
    assert not [text for text in texts if text.startswith("Inputs a second") and not text.endswith("batch 2")]


def test_report_prints_what_has_no_file(shell: Shell, page: Path) -> None:
    assert shell.run("report", "results.json", "--format", "markdown").stdout.startswith("# model.onnx")


def test_report_names_the_flag_that_mends_it(shell: Shell, page: Path) -> None:
    assert_one_error(shell.run("report", "results.json"), 2, "--output", "-o report.html")
    assert_one_error(shell.run("report", "results.json", "-o", "a.xyz"), 2, "a.xyz", "--format")
    assert_one_error(shell.run("report", "results.json", "--format", "htlm"), 2, "did you mean 'html'?")
    assert_one_error(shell.run("report", "results.json", "-o", "results.json"), 2, "is the results file itself")
    assert_one_error(shell.run("report", "nowhere.json", "-o", "a.html"), 2, "nowhere.json")


def test_replay_writes_its_outcome_into_a_page(shell: Shell, page: Path) -> None:
    done = shell.run("replay", "results.json", "--budget", "300ms", "--html", "again.html")
    assert done.returncode in (0, 1), done.stderr
    text = (shell.folder / "again.html").read_text(encoding="utf-8")
    assert "Repeated" in text and "fake fp32" in text


def test_comparison_is_a_page_with_a_chart_of_the_changes(chromium: webdriver.Chrome, shell: Shell, page: Path) -> None:
    after = json.loads((shell.folder / "results.json").read_text(encoding="utf-8")) | {"started": "2026-03-01T03:15:00Z"}
    (shell.folder / "after.json").write_text(json.dumps(after), encoding="utf-8")
    done = shell.run("compare", "results.json", "after.json", "--html", "change.html")
    assert done.returncode == 0, done.stderr
    browser.open_page(chromium, shell.folder / "change.html")
    assert browser.requests(chromium) == [(shell.folder / "change.html").as_uri()] and browser.console(chromium) == []
    assert states(chromium) == {f"chart-change-b{batch}": "drawn" for batch in (1, 2, 4)}
    assert len(visible_rows(chromium)) == 6
    tick(chromium, "precision", "bf16")
    assert len(visible_rows(chromium)) == 3
    for width in (1400, 400):
        for theme in ("light", "dark"):
            browser.set_width(chromium, width)
            browser.set_theme(chromium, theme)
            browser.open_page(chromium, shell.folder / "change.html")
            assert not browser.serious_faults(chromium)
            assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
    browser.set_width(chromium, 1400)


@pytest.fixture(scope="module")
def history_page(measured: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve runs of six cells; one cell becomes slower, one drifts, one run of a third stands alone, and two runs are of another machine."""
    results = json.loads((measured / "results.json").read_text())
    ids = [cell["id"] for cell in results["cells"]]

    def run(day: int) -> dict:
        times = {name: 2.0 * (number + 1) * (1.004 if day % 2 else 0.996) for number, name in enumerate(ids)}
        times[ids[0]] *= 1.15 if day >= 7 else 1.0
        times[ids[1]] *= 1.2 ** (day / 11)
        times[ids[2]] *= 1.6 if day == 5 else 1.0
        return run_at(results, day, times)

    documents = [run(day) for day in range(14)]
    for document in documents[12:]:
        document["environment"]["cpu"] = "Another Processor"
    with shell_in(tmp_path_factory.mktemp("history")) as shell:
        done = shell.run("report", *write_runs(shell.folder, documents), "-o", "history.html")
        assert done.returncode == 0, done.stderr
    return shell.folder / "history.html"


def test_history_is_a_page_with_a_chart_for_each_cell(chromium: webdriver.Chrome, history_page: Path) -> None:
    browser.open_page(chromium, history_page)
    assert browser.requests(chromium) == [history_page.as_uri()] and browser.console(chromium) == []
    drawn = states(chromium)
    assert {f"chart-history-b{batch}" for batch in (1, 2, 4)} < drawn.keys() and sum(name.startswith("chart-course-") for name in drawn) == 12
    assert set(drawn.values()) == {"drawn"}
    for figure in drawn:
        assert marks(chromium, figure) > 0, figure
    assert "% slower since" in chromium.find_element(By.CSS_SELECTOR, "table.measured").text
    assert "drifts:" in chromium.find_element(By.CSS_SELECTOR, "table.measured").text
    assert "stand alone" in chromium.find_element(By.ID, "alone").text


def test_history_marks_the_run_from_which_on_a_cell_was_slower(chromium: webdriver.Chrome, history_page: Path) -> None:
    browser.open_page(chromium, history_page)
    texts = chromium.execute_script("return [...document.querySelectorAll('#chart-course-0 svg text')].map(text => text.textContent)")
    assert any(text.endswith("% slower") for text in texts), texts
    assert "run 8" in chromium.find_element(By.ID, "changes").text


def test_history_filters_hide_the_charts_of_cells_that_are_not_shown(chromium: webdriver.Chrome, history_page: Path) -> None:
    browser.open_page(chromium, history_page)
    tick(chromium, "setup", "B")
    assert sum(name.startswith("chart-course-") for name in states(chromium)) == 6
    tick(chromium, "precision", "bf16")
    assert sum(name.startswith("chart-course-") for name in states(chromium)) == 3
    assert len(visible_rows(chromium)) == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_history_can_be_read_by_everybody(chromium: webdriver.Chrome, history_page: Path, width: int, theme: str) -> None:
    browser.set_width(chromium, width)
    browser.set_theme(chromium, theme)
    browser.open_page(chromium, history_page)
    assert not browser.serious_faults(chromium)
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
    browser.set_width(chromium, 1400)
