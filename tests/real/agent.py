"""Runs commands in the guest for the host, over a virtio-serial port: a JSON line in, a JSON line out.

It runs on the guest's own Python, before and apart from Calypso: the standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time

PORT = "/dev/virtio-ports/calypso.agent"


def carry_out(request: dict) -> dict:
    """argv, stdin, timeout (seconds) → code (null: still running when the time was up), stdout, stderr."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    try:
        process = subprocess.Popen(
            request["argv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
    except OSError as error:
        return {"code": 127, "stdout": "", "stderr": str(error)}
    try:
        out, err = process.communicate(request["stdin"].encode(), timeout=request["timeout"])
    except subprocess.TimeoutExpired:
        process.kill()  # and not waited for: on a suspended pool it can't be ended
        return {"code": None, "stdout": "", "stderr": f"not within {request['timeout']} s"}
    return {"code": process.returncode, "stdout": out.decode(errors="replace"), "stderr": err.decode(errors="replace")}


def answer(port: int, lock: threading.Lock, request: dict) -> None:
    line = json.dumps({"id": request["id"], **carry_out(request)}).encode() + b"\n"
    with lock:
        while line:
            line = line[os.write(port, line) :]


def main() -> None:
    port, lock, pending = os.open(PORT, os.O_RDWR), threading.Lock(), b""
    while True:
        piece = os.read(port, 65536)
        if not piece:  # nobody is connected
            time.sleep(0.1)
        *lines, pending = (pending + piece).split(b"\n")
        for line in lines:
            threading.Thread(target=answer, args=(port, lock, json.loads(line)), daemon=True).start()


if __name__ == "__main__":
    main()
