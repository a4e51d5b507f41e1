"""Help, man pages and the documentation's reference say the same of every command, argument and flag."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import BUILD, Shell, assert_one_error
from help_text import Entry, commands, entries


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def rendered(page: str, columns: int = 3000) -> str:
    """As `man` shows it, after groff has found no fault in it; on a very wide terminal, where each entry is a line."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed; scripts/setup --tests installs it")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", f"-rLL={columns}n", "-rHY=0", "-P-c"], input=page, capture_output=True, text=True, check=True)
    assert not done.stderr, done.stderr
    return re.sub(r".\x08", "", done.stdout)


def without_markdown(page: str) -> str:
    return re.sub(r"\\([\\`*_<>\[\]|#])", r"\1", page).replace("`", "")


def man_page(shell: Shell, command: str) -> str:
    return shell.run("help", *command.split(), "--format", "man").stdout


def markdown_page(shell: Shell, command: str) -> str:
    return shell.run("help", *command.split(), "--format", "markdown").stdout


def stands_in(entry: Entry, text: str) -> bool:
    names = ", ".join(entry.names)
    return f"{names} {entry.value}".strip() in text and entry.text in text


def test_every_flag_argument_and_line_of_help_is_in_the_man_page(shell: Shell) -> None:
    for command in ["", *commands(shell)]:
        text = in_one_line(rendered(man_page(shell, command)))
        for entry in entries(shell, command) + entries(shell, command, "Positionals"):
            assert stands_in(entry, text), f"podium {command}: {entry}"


def test_every_flag_argument_and_line_of_help_is_in_the_reference(shell: Shell) -> None:
    for command in ["", *commands(shell)]:
        text = in_one_line(without_markdown(markdown_page(shell, command)))
        for entry in entries(shell, command) + entries(shell, command, "Positionals"):
            assert stands_in(entry, text), f"podium {command}: {entry}"


def test_text_below_the_flags_is_in_man_page_and_reference_whole(shell: Shell) -> None:
    for command in ["", *commands(shell)]:
        below = re.split(r"\n(?:Options|Subcommands):\n", shell.run(*command.split(), "--help").stdout)[-1].split("\n\n", 1)[1]
        man, reference = (in_one_line(text) for text in (rendered(man_page(shell, command)), without_markdown(markdown_page(shell, command))))
        for line in below.splitlines():
            words = in_one_line(re.sub("^(Examples|Exit status):", "", line))
            assert words in man and words in reference, f"podium {command}: {line}"


def test_man_page_fits_a_terminal_of_eighty_columns_and_has_its_sections(shell: Shell) -> None:
    for command in ["", *commands(shell)]:
        page = rendered(man_page(shell, command), columns=78)
        wide = [line for line in page.splitlines() if len(line) > 78 and not line.lstrip().startswith("podium ")]  # an example stays in one piece, to be copied
        assert not wide, wide[0]
    headings = re.findall(r"^[A-Z][A-Z ]+$", rendered(man_page(shell, "bench"), columns=78), re.MULTILINE)
    assert headings == ["NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "EXAMPLES", "SEE ALSO"]


def test_man_finds_and_shows_a_page_of_the_build(shell: Shell) -> None:
    if shutil.which("man") is None:
        pytest.skip("man is not installed; scripts/setup --tests installs it")
    for name in ["podium", *(f"podium-{command}" for command in commands(shell))]:
        done = subprocess.run(["man", "--warnings", "-l", str(BUILD / "share/man/man1" / f"{name}.1")], env=shell.environment | {"MANPAGER": "cat", "MANWIDTH": "100"}, capture_output=True, text=True, check=True)
        assert done.stderr == "" and f"NAME {name} - " in in_one_line(re.sub(r".\x08", "", done.stdout)), done.stderr


def test_pages_and_completion_that_the_build_made_are_those_of_the_program(shell: Shell) -> None:
    assert shell.run("help", "--format", "man", "--into", "man").returncode == 0
    made = {file.name: file.read_text() for file in (shell.folder / "man").iterdir()}
    assert made.keys() == {"podium.1", *(f"podium-{command}.1" for command in commands(shell))}
    assert made == {file.name: file.read_text() for file in (BUILD / "share/man/man1").iterdir()}
    for name, file in (("bash", "bash-completion/completions/podium"), ("fish", "fish/vendor_completions.d/podium.fish"), ("zsh", "zsh/site-functions/_podium")):
        assert (BUILD / "share" / file).read_text() == shell.run("completion", name).stdout


def test_help_of_a_command_is_what_its_flag_prints(shell: Shell) -> None:
    for command in ["", *commands(shell)]:
        assert shell.run("help", *command.split()).stdout == shell.run(*command.split(), "--help").stdout


def test_wrong_words_behind_help_are_errors_with_the_mend(shell: Shell) -> None:
    assert_one_error(shell.run("help", "bnech"), 2, "no command 'bnech', did you mean 'bench'?", "podium --help")
    assert_one_error(shell.run("help", "--format", "mna"), 2, "no such format, did you mean 'man'?", "text, man, markdown")
    assert_one_error(shell.run("help", "bench", "--into", "x"), 2, "--into", "podium help --help")
    (shell.folder / "file").write_text("")
    assert_one_error(shell.run("help", "--into", "file/x"), 3, "--into file/x", "yours to write")
