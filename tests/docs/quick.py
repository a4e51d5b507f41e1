"""The commands of the documents, with the time taken out that they are given there: what they say is run, only shorter and on smaller models."""

import re

#: What a documented command is given where it names none itself. Engines that start at once, and half a second of measuring.
SHORT = {
    "bench": {"--budget": "500ms", "--launches": "1", "--warm-up": "50ms"},
    "optimize": {"--budget": "6s", "--backends": "onnxruntime", "--precisions": "fp32", "--warm-up": "50ms"},
    "verify": {"--no-speed": ""},  # what half a second measured says nothing about another half
}
#: Left as the document has them; the others become as short as above.
KEPT = {"--backends", "--precisions"}
ON_ONNX = {"--backends": "onnxruntime,openvino", "--precisions": "fp32"}
ON_TORCH = {"--precisions": "fp32"}


def quick(command: str) -> str:
    command = re.sub(r"torchvision:\w+", "python:small:model", command)
    command = re.sub(r"(run_overhead \S+) \d+", r"\1 1", command)
    command = re.sub(r"p99<=\d+ms", "p99<=9000ms", command)  # whatever else runs here
    verb = re.search(r"\bpodium (\w+)", command)
    flags = dict(SHORT.get(verb[1], {})) if verb else {}
    if verb and verb[1] == "bench" and not re.search(r"\bbench best\b", command):
        flags |= ON_TORCH if "python:small" in command else ON_ONNX
    for flag, value in flags.items():
        if not re.search(rf"(?<!\S){flag} ", command):
            command = with_flag(command, f"{flag} {value}".strip())
        elif flag not in KEPT:
            command = re.sub(rf"(?<!\S){flag} \S+", f"{flag} {value}", command)
    return command


def with_flag(command: str, flag: str) -> str:
    """Behind podium's own words, before another command or a comment."""
    end = re.search(r"podium \w+(?:(?!\s&&|\s#).)*", command).end()
    return f"{command[:end].rstrip()} {flag}{command[end:]}"
