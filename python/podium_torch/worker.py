"""The Python worker: `python -m podium_torch.worker --backend NAME --socket 3 --inputs 4 --arena 5`, or `--describe FILE`."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path

from podium_torch import descriptors, protocol
from podium_torch.service import Service
from podium_torch.shared_memory import Arena, InputMemory

_BROKEN_PROTOCOL = 2


def serve(service: Service, connection: socket.socket) -> int:
    """Answers until the supervisor says quit or goes away; the status to end with."""
    while True:
        try:
            request = protocol.receive(connection)
        except protocol.ProtocolError as error:
            print(f"podium_torch.worker: {error}", file=sys.stderr)
            return _BROKEN_PROTOCOL
        except ConnectionError:
            return 0
        if request is None:
            return 0
        try:
            protocol.send(connection, service.reply(request))
        except ConnectionError:
            return 0
        if request.get("op") == "quit":
            return 0


def _forget_current_folder() -> None:
    """`python -m` looks for modules in the current folder first: a torch.py of the user's would go before PyTorch."""
    if getattr(sys.flags, "safe_path", False):
        return
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="podium_torch.worker", description=__doc__)
    parser.add_argument("--backend", required=True, choices=sorted(descriptors.DESCRIPTORS))
    parser.add_argument("--describe", metavar="FILE", help="write the backend's description to FILE ('-': standard output) and end")
    for name in ("socket", "inputs", "arena"):
        parser.add_argument(f"--{name}", type=int, metavar="DESCRIPTOR")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    if options.describe:
        text = descriptors.as_json(options.backend)
        if options.describe == "-":
            sys.stdout.write(text)
        else:
            Path(options.describe).write_text(text)
        return 0
    if None in (options.socket, options.inputs, options.arena):
        print("podium_torch.worker: --socket, --inputs and --arena are needed; podium starts this program itself", file=sys.stderr)
        return _BROKEN_PROTOCOL
    _forget_current_folder()
    connection = socket.socket(fileno=options.socket)
    return serve(Service(options.backend, InputMemory(options.inputs), Arena(options.arena)), connection)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # PyTorch's own tear-down waits for compilers that may still be at work
