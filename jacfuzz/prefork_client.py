"""The command that stands for a forked worker: it hands its standard streams to the fork server, and ends with it.

Run as a file by an interpreter without site packages, so that it starts at once; imports the standard library only.
"""

import json
import os
import signal
import socket
import sys


def main(address: str) -> int:
    """Ask for a worker, and return its exit code when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the worker, too, which ends in order
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        request = json.dumps({"environment": dict(os.environ), "folder": os.getcwd()})
        socket.send_fds(server, [f"{request}\n".encode()], [0, 1, 2])
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):  # whoever reads the worker's output shall see its end
            os.dup2(nothing, stream)
        code = server.recv(16)
    return int(code) if code else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
