"""A way into the network at the other ends of a machine's cables, for clients here: as if they sat there."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.machine.machine import Machine

CLONE_NEWNET = 0x40000000
PATIENCE = 5.0  # seconds for a connection to be made
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def relay(machine: Machine, address: str, port: int) -> Iterator[str]:
    """The URL here of what listens at an address of the machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        namespace = os.open(f"/proc/{machine.surroundings}/ns/net", os.O_RDONLY)
        threading.Thread(target=_serve, args=(server, namespace, (address, port)), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, namespace: int, target: tuple[str, int]) -> None:
    """A thread, and those that it starts, are in the network that it enters; no other thread of this process is."""
    entered = _libc.setns(namespace, CLONE_NEWNET)
    os.close(namespace)
    assert entered == 0, os.strerror(ctypes.get_errno())
    with suppress(OSError):  # the server was closed
        while True:
            client, _ = server.accept()
            threading.Thread(target=_join, args=(client, target), daemon=True).start()


def _join(client: socket.socket, target: tuple[str, int]) -> None:
    with client, suppress(OSError), socket.create_connection(target, PATIENCE) as there:
        there.settimeout(None)
        back = threading.Thread(target=_copy, args=(there, client), daemon=True)
        back.start()
        _copy(client, there)
        back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end, how in ((source, socket.SHUT_RD), (sink, socket.SHUT_WR)):
        with suppress(OSError):
            end.shutdown(how)
