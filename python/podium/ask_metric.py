"""Started by the search as a metric's program: asks the process that has the function, and prints what that returned.

usage: python ask_metric.py SOCKET FOLDER
"""

from __future__ import annotations

import socket
import sys


def main() -> None:
    place, folder = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(place)
        asked.sendall(folder.encode())
        asked.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: asked.recv(1 << 16), b"")).decode()
    outcome, _, text = answer.partition("\n")
    if outcome != "ok":
        sys.exit(text)
    print(text)


if __name__ == "__main__":
    main()
