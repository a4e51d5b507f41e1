"""Builds the documentation's site: the pages in docs/, README and its like, a page for each command made from the program's own help, and the
options of each backend as the backend itself lists them.

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

import yaml

ROOT = Path(__file__).resolve().parent.parent
# Pages that lie outside docs/, and their names on the site.
MOVED = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "bench/README.md": "bench.md"}
LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]*)(#[^)\s]*)?\)")
OPTIONS_MARK = "<!-- options -->"


def sources() -> dict[Path, Path]:
    """Every page of the repository → its place on the site."""
    pages = {ROOT / file: Path(name) for file, name in MOVED.items()}
    for file in sorted((ROOT / "docs").rglob("*")):
        if file.suffix in (".md", ".json"):
            pages[file] = file.relative_to(ROOT / "docs")
    return pages


def with_links(text: str, source: Path, pages: dict[Path, Path]) -> str:
    """Links between pages as they are on the site; what has no page there (a source file) keeps its name only."""

    def replaced(link: re.Match[str]) -> str:
        words, target, anchor = link[1], link[2], link[3] or ""
        if not target or "://" in target:
            return link[0]
        file = (source.parent / target).resolve()
        if file in pages:
            return f"[{words}]({os.path.relpath(pages[file], pages[source].parent)}{anchor})"
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
        target.write_text(with_links(text, source, pages) if name.suffix == ".md" else text, encoding="utf-8")
    if described:
        raise SystemExit(f"error: these backends have no page: {', '.join(sorted(described))}\n  mend: write docs/backends/{min(described)}.md")
    subprocess.run([program, "help", "--format", "markdown", "--into", folder / "commands"], check=True)


def write_config(folder: Path, output: Path) -> Path:
    config = yaml.safe_load((ROOT / "docs/mkdocs.yml").read_text(encoding="utf-8"))
    reference = {"Commands": "commands", "Backends": "backends"}
    for title, name in reference.items():
        config["nav"].insert(2, {title: [str(page.relative_to(folder)) for page in sorted((folder / name).glob("*.md"))]})
    file = folder.parent / "mkdocs.yml"
    file.write_text(yaml.safe_dump(config | {"docs_dir": str(folder), "site_dir": str(output.absolute())}), encoding="utf-8")
    return file


def main(program: str, backends: str, output: str) -> int:
    with tempfile.TemporaryDirectory(prefix="podium-docs-") as work:
        folder = Path(work) / "pages"
        write_pages(Path(program), Path(backends), folder)
        shutil.rmtree(output, ignore_errors=True)
        config = write_config(folder, Path(output))
        # Not --quiet: that would silence the warnings that --strict fails on.
        return subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
