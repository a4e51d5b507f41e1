"""A real Chromium that opens a file from disk, and tells what the page asked of the network and of the console."""

import json
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run")


def start(width: int = 1400, height: int = 900) -> webdriver.Chrome:
    options = Options()
    options.binary_location = CHROMIUM
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    set_width(driver, width, height)
    return driver


def set_width(driver: webdriver.Chrome, width: int, height: int = 900) -> None:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def set_theme(driver: webdriver.Chrome, theme: str) -> None:
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})


def wait_for(driver: webdriver.Chrome, script: str, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if driver.execute_script(f"return {script}"):
            return True
        time.sleep(0.05)
    return False


def charts_are_drawn(driver: webdriver.Chrome) -> bool:
    return wait_for(driver, "document.documentElement.dataset.charts === 'drawn'")


def open_page(driver: webdriver.Chrome, page: Path) -> None:
    driver.get_log("performance")
    driver.get_log("browser")
    driver.get(page.as_uri())
    assert charts_are_drawn(driver), "the charts were not drawn"


def requests(driver: webdriver.Chrome) -> list[str]:
    """Every address that was asked for, but for those whose content stands in the page."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return [url for url in asked if not url.startswith(("data:", "blob:"))]


def console(driver: webdriver.Chrome) -> list[str]:
    return [f"{entry['level']}: {entry['message']}" for entry in driver.get_log("browser")]


def serious_faults(driver: webdriver.Chrome) -> str:
    """What the accessibility checker finds, a line each."""
    from axe_selenium_python import Axe  # noqa: PLC0415  # bench/ does without it

    axe = Axe(driver)
    driver.execute_cdp_cmd("Runtime.evaluate", {"expression": Path(axe.script_url).read_text(encoding="utf-8")})
    found = axe.run()
    assert len(found["passes"]) > 10
    return "\n".join(f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found["violations"] if fault["impact"] in {"serious", "critical"})
