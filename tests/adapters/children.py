"""The program of a child that does whatever it is asked to do wrong: its requests are words."""

from __future__ import annotations

import os
import time

from adapters.candidate_child import serve


def answered(request: bytes) -> bytes:
    word = request.decode()
    if word == "loop":
        while True:
            pass
    if word == "sleep":
        time.sleep(60)
    if word == "swell":
        return bytes(len(bytearray(2**31)))
    if word == "die":
        os.abort()
    if word == "raise":
        raise ValueError(word)
    if word == "environment":
        return "\n".join(sorted(os.environ)).encode()
    if word == "write":
        with open("/tmp/assay-never-written", "w", encoding="ascii") as stream:  # noqa: PTH123, S108
            stream.write("x")
    if word == "talk":
        print("to standard output")  # noqa: T201
    return f"{word} {os.getpid()} {os.getppid()}".encode()


if __name__ == "__main__":
    serve(answered)
