"""What `podium COMMAND --help` says, as data: the measure that other pages are held against."""

import re
from dataclasses import dataclass

from conftest import Shell


@dataclass
class Entry:
    names: list[str]
    value: str
    text: str


def commands(shell: Shell) -> list[str]:
    listed = shell.run("--help").stdout.split("\nSubcommands:\n")[1].split("\n\n")[0]
    found = re.findall(r"^  (\S+)", listed, re.MULTILINE)
    assert len(found) > 10
    return found


def entries(shell: Shell, command: str, section: str = "Options") -> list[Entry]:
    """A flag's line, and the lines below it that are indented further: `  -o,--output FILE    where to write`."""
    help_text = shell.run(*command.split(), "--help").stdout
    lines = help_text.split(f"\n{section}:\n")[1].split("\n\n")[0].splitlines() if f"\n{section}:\n" in help_text else []
    found: list[Entry] = []
    for line in lines:
        if line.startswith("   "):
            found[-1].text = f"{found[-1].text} {line.strip()}".strip()
            continue
        head, text = (re.split(r"\s{2,}", line.strip(), maxsplit=1) + [""])[:2]
        names, value = (head.split(" ", 1) + [""])[:2]
        found.append(Entry([name.removesuffix("...") for name in names.split(",")], value.removesuffix(" ..."), text))
    return found


def flags(shell: Shell, command: str) -> set[str]:
    return {name for entry in entries(shell, command) for name in entry.names}
