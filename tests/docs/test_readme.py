"""What README.md says holds: its commands run as they are written there, its table names the engines that there are. Links of all documents lead somewhere."""

import json
import re
import shlex

import pytest

from documents import BUILD, DOCUMENTS, ROOT, Workspace, blocks_of

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(*, excused: bool) -> list[str]:
    return [command for block in blocks_of("README.md") if bool(block.excuse) == excused for command in block.commands]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("readme") / "place")


@pytest.mark.parametrize("command", commands(excused=False))
def test_command_of_the_readme_runs_as_written(command: str, workspace: Workspace) -> None:
    done = workspace.run_to_its_end(command)
    words = shlex.split(command)
    assert done.stdout.strip() or "-o" in words, "it printed nothing"
    for flag in ("--json", "--csv", "--markdown", "--html", "-o"):
        if flag in words:
            assert (workspace.folder / words[words.index(flag) + 1]).stat().st_size > 0


def test_readme_has_commands_of_both_kinds() -> None:
    assert len(commands(excused=False)) >= 5
    assert commands(excused=True) == ["scripts/demo", "scripts/test", "scripts/setup --build release --light", "build/release/podium bench model.onnx --html report.html"]


def test_every_block_of_the_readme_is_of_commands() -> None:
    assert {block.language for block in blocks_of("README.md")} == {"sh"}


def test_table_of_engines_names_the_backends_that_are_built() -> None:
    described = {json.loads(file.read_text())["name"]: json.loads(file.read_text()) for file in (BUILD / "backends").glob("*.json")}
    section = README.split("## Engines")[1].split("\n## ")[0]
    rows = {row[1]: row[3] for row in (line.split("|") for line in section.splitlines() if line.startswith("| `"))}
    named = {name.strip(" `"): {precision.strip() for precision in precisions.split(",")} for name, precisions in rows.items()}
    assert named.keys() == described.keys()
    for name, descriptor in described.items():
        if descriptor["launch"] != "none":
            assert named[name] == set(descriptor["precisions"]), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in target or (ROOT / document).parent.joinpath(target).exists(), f"{document} links to {target}"
