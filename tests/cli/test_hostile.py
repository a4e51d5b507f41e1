"""A model and an engine with hostile names: what is written for others does no harm to who opens it, in any format."""

import csv
import json
import re
from xml.etree import ElementTree

import pytest

from conftest import Shell

EVIL = "=HYPERLINK(\"http://evil\");@everyone <script>alert(1)</script><img src=x onerror=alert(1)>|[a](javascript:alert(1))\x1b[2J\u202e"


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return {}


@pytest.fixture
def evil(shell: Shell, kept: dict[str, str]) -> str:
    if not kept:
        assert shell.bench("--json", "plain.json").returncode == 0
        results = json.loads((shell.folder / "plain.json").read_text(encoding="utf-8"))
        results["model"]["name"] = EVIL
        results["environment"]["cpu"] = EVIL
        results["environment"]["warnings"] = [EVIL]
        broken = results["cells"][0] | {"id": f"{EVIL}/bf16/b1/cpu", "status": "failed", "reason": EVIL, "latency_ms": None, "blocks": [], "rank": None}
        for cell in (results["cells"][0], broken):
            cell["backend"] = EVIL
        results["cells"].append(broken)
        kept["evil.json"] = json.dumps(results)
    (shell.folder / "evil.json").write_text(kept["evil.json"], encoding="utf-8")
    return "evil.json"


def written(shell: Shell, evil: str, name: str) -> str:
    done = shell.run("report", evil, "-o", name)
    assert done.returncode == 0 and "\x1b" not in done.stderr, done.stderr
    text = (shell.folder / name).read_text(encoding="utf-8")
    assert "\x1b" not in text and "\u202e" not in text
    return text


def test_csv_holds_no_formula_whichever_the_separator(shell: Shell, evil: str) -> None:
    text = written(shell, evil, "e.csv")
    for row in csv.reader(text.splitlines()):
        assert not [field for field in row if re.match(r"[=+@\t]|-(?![\d.])", field)]
    assert not [field for row in csv.reader(text.splitlines(), delimiter=";") for field in row if field.startswith(("=", "@", "+"))]


def test_markdown_holds_no_html_no_link_and_calls_nobody(shell: Shell, evil: str) -> None:
    text = written(shell, evil, "e.md").replace("<!-- -->", "\0")
    assert "<" not in text and "http://" not in text
    assert not re.search(r"(?<!\\)[\[\]]|@(?!\0)[a-z]", text)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in tables}) == 1


@pytest.mark.parametrize("name", ["e.svg", "e.html"])
def test_drawing_and_page_run_nothing_of_it(shell: Shell, evil: str, name: str) -> None:
    text = written(shell, evil, name)
    if name.endswith("svg"):
        elements = list(ElementTree.fromstring(text).iter())
        assert not [element for element in elements if element.tag.rsplit("}", 1)[-1] in {"script", "image", "foreignObject", "a"}]
        assert not [key for element in elements for key in element.attrib if key.startswith("on")]
    else:
        assert "<img src=x" not in text and "<script>alert" not in text
    assert "alert(1)" in text, "the name is shown as it is"


def test_terminal_is_not_driven(shell: Shell, evil: str) -> None:
    for command in (("report", evil, "--format", "markdown"), ("compare", evil, evil)):
        done = shell.run(*command)
        assert "\x1b" not in done.stdout + done.stderr and "\u202e" not in done.stdout + done.stderr
