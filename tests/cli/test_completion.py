"""The Tab key, in real shells: what they offer is what the parser knows."""

import fcntl
import re
import shutil
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import BUILD, Shell, assert_one_error, wait_until
from help_text import commands, flags
from terminal import Terminal, final_screen

COLUMNS, ROWS = 200, 60
SHELLS = ["bash", "fish", "zsh"]


def installed(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; scripts/setup --tests installs it")
    return found


def environment(shell: Shell) -> dict[str, str]:
    return shell.environment | {"PATH": f"{BUILD}:{shell.environment['PATH']}", "HOME": str(shell.folder), "PODIUM_TEST_MARK": shell.mark}


def script(shell: Shell, name: str) -> Path:
    file = shell.folder / f"completion.{name}"
    assert shell.run("completion", name, "-o", file.name).returncode == 0
    return file


def offered_by_bash(shell: Shell, line: str) -> set[str]:
    """What the function leaves in COMPREPLY, with words and breaks as bash itself has them."""
    steps = f"""source {script(shell, 'bash')}
        compopt() {{ echo "compopt $*" >&2; }}
        COMP_LINE=$1 COMP_POINT=${{#1}}
        _podium podium
        printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run([installed("bash"), "--norc", "-c", steps, "bash", line], cwd=shell.folder, env=environment(shell), capture_output=True, text=True, check=True)
    assert not [error for error in done.stderr.splitlines() if not error.startswith("compopt ")], done.stderr
    return set(done.stdout.split())


def offered_by_fish(shell: Shell, line: str) -> set[str]:
    done = subprocess.run([installed("fish"), "-N", "-c", f"source {script(shell, 'fish')}; complete -C $argv[1]", line], cwd=shell.folder, env=environment(shell),
                          capture_output=True, text=True, check=True)
    assert not done.stderr
    return {offer.split("\t")[0] for offer in done.stdout.splitlines()}


class Prompt:
    """An interactive shell with podium's completion loaded."""

    LOAD = {
        "bash": "source completion.bash",
        "fish": "source completion.fish",
        "zsh": "autoload -Uz compinit && compinit -u -d dump && source completion.zsh",
    }
    START = {"bash": ["--norc", "--noprofile", "-i"], "fish": ["-N", "-i"], "zsh": ["-f", "-i"]}

    def __init__(self, shell: Shell, name: str) -> None:
        self.terminal = Terminal(COLUMNS, ROWS)
        script(shell, name)
        self.process = subprocess.Popen([installed(name), *self.START[name]], cwd=shell.folder, env=environment(shell) | {"TERM": "xterm", "PS1": "> ", "INPUTRC": "/dev/null"},
                                        stdin=self.terminal.program_end, stdout=self.terminal.program_end, stderr=self.terminal.program_end, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.terminal.type(self.LOAD[name] + "; echo load''ed\r")
        assert wait_until(lambda: re.search(r"^loaded", self.seen(), re.MULTILINE), 20), self.seen()

    def seen(self) -> str:
        """The screen now: shells draw pieces of a line wherever they like."""
        return "\n".join(final_screen(self.terminal.so_far(), COLUMNS, ROWS))

    def shows(self, typed: str, expected: str) -> bool:
        self.terminal.type(typed)
        return wait_until(lambda: expected in self.seen(), 20)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.terminal.text()


@pytest.fixture(params=SHELLS)
def prompt(request: pytest.FixtureRequest, shell: Shell) -> Iterator[Prompt]:
    made = Prompt(shell, request.param)
    yield made
    made.close()


def test_tab_completes_a_command_and_a_flag_at_a_real_prompt(prompt: Prompt) -> None:
    assert prompt.shows("podium ben\t", "podium bench "), prompt.seen()
    assert prompt.shows("--bac\t", "--backends "), prompt.seen()
    assert prompt.shows("onnxr\t", "onnxruntime"), prompt.seen()
    assert "rror" not in prompt.seen(), prompt.seen()


def test_tab_completes_a_files_name_at_a_real_prompt(prompt: Prompt) -> None:
    assert prompt.shows("podium inspect mod\t", "podium inspect model.onnx"), prompt.seen()


def test_prompt_lists_the_options_of_an_engine(prompt: Prompt) -> None:
    assert prompt.shows("podium bench --set onnxruntime.graph-o\t", "onnxruntime.graph-optimization="), prompt.seen()
    assert prompt.shows("bas\t", "onnxruntime.graph-optimization=basic"), prompt.seen()


@pytest.mark.parametrize("offered", [offered_by_bash, offered_by_fish])
def test_shell_offers_every_command_and_every_flag_that_help_has(shell: Shell, offered) -> None:
    assert offered(shell, "podium ") == set(commands(shell))
    common = flags(shell, "")
    for command in commands(shell):
        assert offered(shell, f"podium {command} -") == flags(shell, command) | common, command


@pytest.mark.parametrize("offered", [offered_by_bash, offered_by_fish])
def test_lists_go_on_behind_a_comma_without_what_is_there(shell: Shell, offered) -> None:
    assert offered(shell, "podium bench m.onnx --precisions fp16,int8") == {"fp16,int8-dynamic", "fp16,int8-static"}
    assert "fp16,fp16" not in offered(shell, "podium bench m.onnx --precisions fp16,")


def test_value_behind_an_equals_sign_is_completed_as_bash_breaks_words(shell: Shell) -> None:
    assert offered_by_bash(shell, "podium bench --mode=b") == {"both"}
    assert offered_by_bash(shell, "podium bench --set onnxruntime.spinning=") == {"on", "off"}
    assert offered_by_bash(shell, "podium bench torchv") == {"torchvision:"}


@pytest.mark.parametrize(("line", "expected"), [
    ("report --format m", {"markdown"}),
    ("bench --mode ", {"latency", "both"}),
    ("bench --timing-boundary h", {"host"}),
    ("bench --device ", {"cpu", "cuda:0"}),
    ("bench --metric max", {"max-error"}),
    ("bench --metric py", {"python:"}),
    ("convert --method min", {"min-max"}),
    ("convert --to int8-s", {"int8-static"}),
    ("compare a.json b.json --allow-different mo", {"model"}),
    ("replay a.json --allow-different ", {"machine"}),
    ("completion ", set(SHELLS)),
    ("help ver", {"verify"}),
    ("bench --quiet --mode la", {"latency"}),
    ("--no-colour ben", {"bench"}),
    ("bench -- --mo", set()),
    ("bench model.onnx ", set()),
    ("bench --seed ", set()),
    ("nothing --se", set()),
])
def test_program_answers_with_what_may_stand_there(shell: Shell, line: str, expected: set[str]) -> None:
    answer = shell.run("__complete", *line.split(" "))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert {offer.split("\t")[0] for offer in answer.stdout.splitlines()[1:]} == expected


@pytest.mark.parametrize(("line", "kind"), [("bench ", "files"), ("bench --data ", "files"), ("pack r.json -o ", "files"), ("bench --data=ph", "files"), ("bench --seed ", "words"), ("", "words"),
                                            ("report a.json b.json c.json ", "files"), ("compare a.json b.json c.json d.json ", "files")])
def test_program_says_where_files_may_stand(shell: Shell, line: str, kind: str) -> None:
    assert shell.run("__complete", *line.split(" ")).stdout.splitlines()[0] == kind


def test_every_value_in_the_help_is_known_to_completion(shell: Shell) -> None:
    """The program ends with an error for a value that nobody explained to it."""
    for command in commands(shell):
        for flag in flags(shell, command):
            done = shell.run("__complete", command, flag, "")
            assert (done.returncode, done.stderr) == (0, ""), f"{command} {flag}"
        for place in range(3):
            assert shell.run("__complete", command, *["x"] * place, "").returncode == 0, command


def test_offers_come_with_a_line_of_help(shell: Shell) -> None:
    offers = dict(offer.split("\t") for offer in shell.run("__complete", "bench", "--").stdout.splitlines()[1:])
    assert offers["--seed"] == "of the order of blocks and of generated inputs (default: 0)"
    assert all(offers.values())


def test_unknown_shell_is_an_error_that_names_the_known_ones(shell: Shell) -> None:
    assert_one_error(shell.run("completion", "bsh"), 2, "no completion for the shell 'bsh', did you mean 'bash'?", "bash, fish, zsh")
    assert_one_error(shell.run("completion"), 2, "no SHELL was given", "podium completion bash")
