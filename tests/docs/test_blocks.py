"""Every code block of the documents: commands are run as they stand there (shorter, on small models), code is compiled or called, JSON is read.
What cannot run here says why in the document, and is held to the program's own parser. README.md, as written, is in test_readme.py."""

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import unrun
from documents import BUILD, DOCUMENTS, ROOT, Block, Workspace, all_blocks, blocks_of
from quick import quick

BLOCKS = [block for block in all_blocks() if block.document != "README.md"]
#: Its Python goes on from block to block, and is run by tests/package.
PYTHON_PAGE = "docs/python.md"
LANGUAGES = {"sh", "json", "python", "cpp", "cmake", "text"}
#: The block is written into a file, and the command uses it.
SAVED = re.compile(r"saved as (\S+), then: (.+)")


def named(blocks: list[Block]) -> list:
    return [pytest.param(block, id=str(block)) for block in blocks]


def of_language(language: str, *, excused: bool = False) -> list:
    return named([block for block in BLOCKS if block.language == language and bool(block.excuse) == excused])


class Places(dict):
    """A workspace for each document, made when it is asked for: its commands go on from each other."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        super().__init__()
        self.factory = factory

    def __missing__(self, document: str) -> Workspace:
        self[document] = Workspace(self.factory.mktemp("blocks") / "place")
        return self[document]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return Places(tmp_path_factory)


def make_room(command: str, folder: Path) -> None:
    """A page shows several ways to the same thing; each may write where the last one has."""
    for name in re.findall(r"(?<!\S)-o (\S+)", command):
        subprocess.run(["rm", "-rf", folder / name], check=True)


def run_documented(command: str, place: Workspace) -> None:
    if "torchvision:" in command and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed: scripts/setup without --light")
    if "build/test/bench/" in command and not (BUILD / "bench/run_overhead").exists():
        pytest.skip("bench/ is not built: -DPODIUM_BUILD_BENCHMARKS=ON")
    make_room(command, place.folder)
    done = place.run_to_its_end(quick(command))
    assert done.stdout.strip() or " -o " in command, f"{command}: it printed nothing"


def test_every_block_says_what_it_is() -> None:
    for block in all_blocks():
        assert block.language in LANGUAGES, f"{block}: write ```sh, ```text, … before it"
        assert block.mark == "" or block.excuse or SAVED.fullmatch(block.mark), f"{block}: {block.mark}"
        assert block.language != "text" or not re.search(r"^podium ", block.text, re.MULTILINE), f"{block}: commands are ```sh"


@pytest.mark.parametrize("block", of_language("sh"))
def test_commands_run(block: Block, places: Places) -> None:
    for command in block.commands:
        run_documented(command, places[block.document])


@pytest.mark.parametrize("block", named([block for block in all_blocks() if block.excuse and block.language != "cpp"]))
def test_commands_that_are_not_run_are_right_as_far_as_can_be_told(block: Block, places: Places) -> None:
    for command in block.commands:
        unrun.check(command, places["none"])


@pytest.mark.parametrize("block", of_language("json") + named([block for block in BLOCKS if block.language == "python" and block.document != PYTHON_PAGE]))
def test_file_that_a_document_shows_does_what_it_says(block: Block, places: Places) -> None:
    saved = SAVED.fullmatch(block.mark)
    assert saved, f"{block}: say above it how it is used: <!-- saved as FILE, then: COMMAND -->"
    place = places[block.document]
    (place.folder / saved[1]).write_text(block.text, encoding="utf-8")
    if block.language == "json":
        json.loads(block.text)
    run_documented(saved[2], place)


@pytest.mark.parametrize("block", named([block for block in all_blocks() if block.excuse and block.language == "cpp"]))
def test_part_of_a_program_that_is_not_run_compiles(block: Block, tmp_path: Path) -> None:
    includes = "".join(re.findall(r"^#include.*\n", block.text, re.MULTILINE))
    (tmp_path / "part.cpp").write_text(
        f"#include <podium/artifact.h>\n#include <podium/optimize.h>\n#include <vector>\n{includes}"
        "void part(const podium::Model& model, const podium::OptimizeRequest& options, const std::vector<podium::Tensor>& inputs, "
        f"std::vector<podium::Tensor>& outputs, float* pointer) {{\n(void)outputs;\n{{\n{block.text.removeprefix(includes)}}}\n}}\n")
    command = [os.environ.get("PODIUM_TEST_CXX", "c++"), "-std=c++20", "-fsyntax-only", f"-I{ROOT / 'include'}", tmp_path / "part.cpp"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{block}: {done.stderr}"


@pytest.mark.parametrize("document", sorted({block.document for block in BLOCKS if block.language == "cpp" and not block.excuse}))
def test_program_is_built_as_shown_and_runs_on_what_the_commands_made(document: str, places: Places) -> None:
    """Behind the document's commands, which pack the artefact that it loads."""
    texts = {language: "".join(block.text for block in blocks_of(document) if block.language == language and not block.excuse) for language in ("cpp", "cmake")}
    includes = "".join(re.findall(r"^#include.*\n", texts["cpp"], re.MULTILINE))
    body = texts["cpp"].removeprefix(includes)
    place = places[document]
    source = place.folder / "server"
    source.mkdir()
    (source / "server.cpp").write_text(f"#include <vector>\n{includes}int main() {{\nconst std::vector<float> pixels(3 * 224 * 224);\n{body}return outputs.size() == 1 ? 0 : 1;\n}}\n")
    (source / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.22)\nproject(server LANGUAGES CXX)\nset(CMAKE_CXX_STANDARD 20)\nadd_executable(server server.cpp)\n{texts['cmake']}")
    compiler = f"-DCMAKE_CXX_COMPILER={os.environ.get('PODIUM_TEST_CXX', 'c++')}"
    for command in (f"cmake --install '{BUILD}' --component runtime --prefix prefix", f"cmake -S server -B server/build -DCMAKE_PREFIX_PATH=$PWD/prefix {compiler}", "cmake --build server/build"):
        place.run_to_its_end(command)
    done = place.run("server/build/server")
    assert done.returncode == 0, done.stderr


def examples_of_the_help() -> list[str]:
    commands = subprocess.run([BUILD / "podium", "--help"], capture_output=True, text=True, check=True).stdout.split("\nSubcommands:\n")[1].split("\n\n")[0]
    texts = [subprocess.run([BUILD / "podium", *command, "--help"], capture_output=True, text=True, check=True).stdout for command in ([], *([name] for name in re.findall(r"^  (\S+)", commands, re.MULTILINE)))]
    # What an example does stands beside it, behind two blanks or more.
    return sorted({line for text in texts for line in re.findall(r"^  (podium (?:bench|convert|inspect|optimize) \S.*?)(?:  .*)?$", text, re.MULTILINE)})


def test_help_has_examples() -> None:
    assert len(examples_of_the_help()) > 10


@pytest.mark.parametrize("example", examples_of_the_help())
def test_example_of_the_help_is_taken_by_the_parser(example: str, places: Places) -> None:
    command = re.sub(r"^(podium \w+) (best|model\.pt2)(?= |$)", r"\1 model.onnx", example)
    unrun.parses(command, places["none"])


def test_commands_in_running_text_have_flags_that_there_are() -> None:
    """`podium VERB --flag …` within a sentence, where a placeholder may stand for a value."""
    found = 0
    for document in DOCUMENTS:
        for command in re.findall(r"(?<!`)`((?:build/\w+/)?podium \w+[^`\n]*)`", (ROOT / document).read_text(encoding="utf-8")):
            verb = re.search(r"podium (\w+)", command)[1]
            done = subprocess.run([BUILD / "podium", "help", verb], capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{document}: {command}\n{done.stderr}"
            for flag in re.findall(r"(?<=\s)--[a-z][\w-]+", command):
                assert re.search(rf"{flag}\b", done.stdout), f"{document}: {command}: {flag}"
            found += 1
    assert found > 20
