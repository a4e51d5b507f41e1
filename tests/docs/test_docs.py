"""The documentation's site is built by one command; its links lead somewhere, its words are spelt rightly, and it says what the program says."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from documents import DOCUMENTS

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["PODIUM_TEST_BUILD"])
PROGRAM = BUILD / "podium"


def needs(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not in {sys.executable}; scripts/setup --tests installs it")


def build(output: Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    needs("mkdocs")
    environment = os.environ | {"PODIUM_DOCS_PYTHON": sys.executable}
    return subprocess.run([root / "scripts/docs", "--build", BUILD, "--output", output], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Page(HTMLParser):
    """Text, links and anchors of a page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.words, self.links, self.loaded, self.anchors = "", [], [], set()
        self.feed(file.read_text(encoding="utf-8"))
        self.text = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag in ("script", "link", "img"):
            self.loaded.append(given.get("src") or given.get("href") or "")

    def handle_data(self, data: str) -> None:
        self.words += data


def pages(site: Path) -> dict[Path, Page]:
    found = {file: Page(file) for file in site.rglob("*.html") if file.name != "404.html"}
    assert len(found) > 20
    return found


def test_every_link_leads_to_a_page_and_an_anchor_that_are_there(site: Path) -> None:
    found = pages(site)
    for file, page in found.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            goal = (file.parent / target).resolve() if target else file
            goal = goal / "index.html" if goal.is_dir() else goal
            assert goal.exists(), f"{file.relative_to(site)}: {link}"
            assert not anchor or goal.suffix != ".html" or goal not in found or anchor in found[goal].anchors, f"{file.relative_to(site)}: {link}"


def test_pages_load_nothing_from_a_network(site: Path) -> None:
    for file, page in pages(site).items():
        assert not [source for source in page.loaded if source.startswith(("http", "//"))], file


def test_section_has_a_heading_and_not_bold_words_for_one() -> None:
    """The site's sidebar, its search and links know headings only."""
    for document in (*DOCUMENTS, "CHANGELOG.md"):
        found = re.findall(r"^\n\*\*?[^*\n]+\.\*\*? .{,40}|^\n\*\*[^*\n]+\*\*.{,40}", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)
        assert found == [], document


def test_every_command_has_a_page_with_every_flag_of_its_help(site: Path) -> None:
    listed = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout.split("\nSubcommands:\n")[1].split("\n\n")[0]
    for command in re.findall(r"^  (\S+)", listed, re.MULTILINE):
        text = Page(site / f"commands/podium-{command}.html").text
        shown = subprocess.run([PROGRAM, command, "--help"], capture_output=True, text=True, check=True).stdout
        flags = re.findall(r"^  (?:-\w,)?(--[\w-]+)", shown, re.MULTILINE)
        assert flags and all(flag in text for flag in flags), command


def test_every_backend_has_a_page_with_every_option(site: Path) -> None:
    for file in (BUILD / "backends").glob("*.json"):
        backend = json.loads(file.read_text(encoding="utf-8"))
        text = Page(site / f"backends/{backend['name']}.html").text
        for option in backend.get("options", []):
            assert f"{backend['name']}.{option['name']}" in text and " ".join(option["help"].split()) in text, option["name"]


def keys_in(schema: dict) -> set[str]:
    """Of all its objects, at any depth."""
    inner = [one for name in ("properties", "$defs") for one in schema.get(name, {}).values()] + [schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", [])]
    return set(schema.get("properties", {})).union(*(keys_in(one) for one in inner if isinstance(one, dict)))


def test_every_schema_has_a_page_with_every_key_and_what_is_said_of_it(site: Path) -> None:
    schemas = sorted((ROOT / "docs/schema").glob("*.json"))
    assert len(schemas) > 5
    overview = Page(site / "files.html")
    for file in schemas:
        schema = json.loads(file.read_text(encoding="utf-8"))
        page = Page(site / f"schema/{file.stem}.html")
        words = set(re.findall(r"\w+", page.text))
        assert schema["title"] in overview.text and f"schema/{file.stem}.html" in overview.links and file.name in page.links
        assert keys_in(schema) <= words, f"{file.name}: {keys_in(schema) - words}"
        for said in re.findall(r'"description": "([^"]{8,})"', file.read_text(encoding="utf-8")):
            assert " ".join(said.split())[1:] in page.text, f"{file.name}: {said}"


def test_dead_link_stops_the_build(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(ROOT / "docs", root / "docs")
    shutil.copytree(ROOT / "scripts", root / "scripts")
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md", "examples/README.md"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "docs/report.md").write_text((root / "docs/report.md").read_text() + "\n[nowhere](no-such-page.md)\n")
    done = build(tmp_path / "site", root)
    assert done.returncode != 0 and "no-such-page.md" in done.stdout + done.stderr


def test_script_without_a_build_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "scripts/docs", "--build", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "mend: " in done.stderr


def codespell(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    needs("codespell_lib")
    return subprocess.run([sys.executable, "-m", "codespell_lib", "--builtin", "clear,rare", "--ignore-words", ROOT / "tests/docs/words.txt", *arguments],
                          capture_output=True, text=True, check=False)


def test_documentation_help_and_comments_are_spelt_rightly() -> None:
    places = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "bench", "cli", "include", "src", "python", "scripts", "cmake")]
    done = codespell("--skip", "*.svg,*.csv,*.json", *places)
    assert done.returncode == 0, done.stdout + done.stderr


def test_misspelt_word_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("The lenght of it.\n")
    done = codespell(tmp_path / "page.md")
    assert done.returncode != 0 and "lenght" in done.stdout


def test_messages_that_the_questions_page_explains_are_messages_of_the_program() -> None:
    quoted = re.findall(r"^### `([^`]+)`$", (ROOT / "docs/questions.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(quoted) > 15
    code = "".join(file.read_text(encoding="utf-8") for folder in ("src", "cli", "python", "include") for file in sorted((ROOT / folder).rglob("*")) if file.suffix in (".cpp", ".h", ".py"))
    # Literals that go on in the next line, as one.
    code = re.sub(r'"\s*\n\s*f?"', "", code)
    for message in quoted:
        assert message in code, message


def test_what_mends_an_error_reads_alike_everywhere() -> None:
    """Behind "mend: ", in a table or within a sentence: it begins small and ends without a full stop."""
    verbs = "Build|Check|Convert|Copy|Declare|Download|Export|Free|Give|Install|Leave|Make|Name|Put|Raise|Save|Set|Take|Use|Write"
    for file in sorted((ROOT / "src").rglob("*.cpp")):
        found = re.findall(rf'"(?:{verbs}) [^"\n]*\."', file.read_text(encoding="utf-8"))
        assert found == [], f"{file.name}: {found}"


def test_flags_that_the_documents_name_exist() -> None:
    shown = "".join(subprocess.run([PROGRAM, "help", *command, "--format", "text"], capture_output=True, text=True, check=True).stdout
                    for command in ([], *([name] for name in ("bench", "compare", "convert", "doctor", "optimize", "pack", "replay", "report", "run", "verify"))))
    others = {"--noDataTransfers", "--useCudaGraph", "--fp16", "--onnx"}  # of other tools, in docs/comparison.md
    of_scripts = "".join((ROOT / "scripts" / name).read_text() for name in ("setup", "demo", "test", "docs"))
    for file in (ROOT / "docs/questions.md", ROOT / "docs/comparison.md", *sorted((ROOT / "docs/backends").glob("*.md"))):
        for flag in set(re.findall(r"(?<![\w-])--[a-zA-Z][\w-]+", file.read_text(encoding="utf-8"))) - others:
            assert re.search(rf"{flag}\b", shown + of_scripts), f"{file.name}: {flag}"
