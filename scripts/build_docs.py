"""Builds the documentation's site: the pages in docs/, README and its like, a page for each command made from the program's own help, the
options of each backend as the backend itself lists them, and a page for each published schema.

usage: PYTHON build_docs.py PROGRAM BACKENDS OUTPUT
PROGRAM: the built podium. BACKENDS: the folder of its backends' descriptions (*.json). OUTPUT: where the site goes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mkdocs.contrib.search
import yaml
from pygments.formatters import HtmlFormatter

import schema_page

ROOT = Path(__file__).resolve().parent.parent
# Pages that lie outside docs/, and their names on the site.
MOVED = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "bench/README.md": "bench.md", "examples/README.md": "examples.md"}
LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]*)(#[^)\s]*)?\)")
OPTIONS_MARK = "<!-- options -->"
SITE = ROOT / "docs/site"  # what the theme lacks
SCHEMAS = ROOT / "docs/schema"
CODE_STYLES = {"code-light.css": "default", "code-dark.css": "github-dark"}


def sources() -> dict[Path, Path]:
    """Every page of the repository → its place on the site."""
    pages = {ROOT / file: Path(name) for file, name in MOVED.items()}
    for file in sorted((ROOT / "docs").rglob("*")):
        if file.suffix in (".md", ".json"):
            pages[file] = file.relative_to(ROOT / "docs")
    return pages


def with_lists(text: str) -> str:
    """A list may follow a line of text at once, as GitHub shows it; Python's Markdown wants an empty line between, or the points run together."""
    lines: list[str] = []
    in_code = False
    for line in text.splitlines(keepends=True):
        before = lines[-1] if lines else ""
        in_code ^= line.startswith("```")
        begins_list = re.match(r"(?:[-*]|1\.) ", line) and not in_code
        if begins_list and before.strip() and not re.match(r"[-*#|\s]|\d+\. ", before):
            lines.append("\n")
        lines.append(line)
    return "".join(lines)


def title_of(page: Path) -> str:
    return re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)[1]


def with_links(text: str, source: Path, pages: dict[Path, Path]) -> str:
    """Links between pages as they are on the site, by the page's title where the words are its file; what has no page there (a source file)
    keeps its name only."""

    def replaced(link: re.Match[str]) -> str:
        words, target, anchor = link[1], link[2], link[3] or ""
        if not target or "://" in target:
            return link[0]
        file = (source.parent / target).resolve()
        if file in pages:
            page = pages[file].with_suffix(".md") if file.parent == SCHEMAS else pages[file]  # which links to the schema itself
            if file.suffix == ".md" and os.path.basename(words) == file.name:
                words = title_of(file)
            return f"[{words}]({os.path.relpath(page, pages[source].parent)}{anchor})"
        if not file.exists():
            return link[0]  # mkdocs will say that it leads nowhere
        return words

    return LINK.sub(replaced, text)


def values_of(option: dict) -> str:
    if option["type"] == "flag":
        return "`on`, `off`"
    if option["type"] == "integer":
        return f"{option['minimum']} to {option['maximum']}"
    return ", ".join(f"`{choice}`" for choice in option["choices"]) or "any text"


def default_of(option: dict) -> str:
    default = option["default"]
    return f"`{'on' if default is True else 'off' if default is False else default}`" if default != "" else "none"


def options_table(backend: dict) -> str:
    if not backend.get("options"):
        return f"No options here: {backend['reason']}." if backend.get("reason") else "It has no options."
    name = backend["name"]
    rows = ["| " + " | ".join([f"`{name}.{option['name']}`", values_of(option), default_of(option), option["help"].replace("|", "\\|")]) + " |" for option in backend["options"]]
    return "\n".join(["## Options", "", f"As `--set {name}.OPTION=VALUE` takes them; several values, with commas, make a row each.", "",
                      "| option | values | default | |", "| --- | --- | --- | --- |", *rows])


def write_pages(program: Path, backends: Path, folder: Path) -> None:
    pages = sources()
    described = {description["name"]: description for description in (json.loads(file.read_text(encoding="utf-8")) for file in backends.glob("*.json"))}
    for source, name in pages.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        if name.parent == Path("backends"):
            backend = described.pop(name.stem, {"name": name.stem, "reason": "this build does not have it"})
            text = text.replace(OPTIONS_MARK, options_table(backend))
        target.write_text(with_links(with_lists(text), source, pages) if name.suffix == ".md" else text, encoding="utf-8")
    if described:
        raise SystemExit(f"error: these backends have no page: {', '.join(sorted(described))}\n  mend: write docs/backends/{min(described)}.md")
    for file in SCHEMAS.glob("*.json"):
        page = schema_page.page_of(json.loads(file.read_text(encoding="utf-8")), file.name)
        (folder / pages[file]).with_suffix(".md").write_text(page, encoding="utf-8")
    subprocess.run([program, "help", "--format", "markdown", "--into", folder / "commands"], check=True)


def write_config(folder: Path, output: Path) -> Path:
    config = yaml.safe_load((ROOT / "docs/mkdocs.yml").read_text(encoding="utf-8"))
    reference = {"Commands": "commands", "Backends": "backends"}
    for title, name in reference.items():
        config["nav"].insert(2, {title: [str(page.relative_to(folder)) for page in sorted((folder / name).glob("*.md"))]})
    # Below the page that says which file is which.
    files = next(entry["Files"] for entry in config["nav"] if "Files" in entry)
    files += [str(page.relative_to(folder)) for page in sorted((folder / "schema").glob("*.md"))]
    config["theme"]["custom_dir"] = str(SITE)
    file = folder.parent / "mkdocs.yml"
    file.write_text(yaml.safe_dump(config | {"docs_dir": str(folder), "site_dir": str(output.absolute())}), encoding="utf-8")
    return file


def write_search(output: Path) -> None:
    """The index as a script, which a page opened from disk may load, and the library that reads it."""
    index = (output / "search/search_index.json").read_text(encoding="utf-8")
    (output / "search/index.js").write_text(f"const searchIndex = {index};\n", encoding="utf-8")
    (output / "search/search_index.json").unlink()
    shutil.copy(Path(mkdocs.contrib.search.__file__).parent / "templates/search/lunr.js", output / "search/lunr.js")


def write_code_styles(output: Path) -> None:
    for file, style in CODE_STYLES.items():
        (output / file).write_text(HtmlFormatter(style=style).get_style_defs(".codehilite") + "\n", encoding="utf-8")


def main(program: str, backends: str, output: str) -> int:
    with tempfile.TemporaryDirectory(prefix="podium-docs-") as work:
        folder = Path(work) / "pages"
        write_pages(Path(program), Path(backends), folder)
        shutil.rmtree(output, ignore_errors=True)
        config = write_config(folder, Path(output))
        # Not --quiet: that would silence the warnings that --strict fails on.
        built = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)], check=False).returncode
    if built == 0:
        write_search(Path(output))
        write_code_styles(Path(output))
    return built


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
