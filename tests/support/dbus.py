"""A private D-Bus daemon with one service on it that answers, refuses, hangs, and tells by signals."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbus_fast import DBusError
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

NAME, PATH, INTERFACE = "org.example.Deeds", "/org/example/Deeds", "org.example.Deeds"
MISSING = shutil.which("dbus-daemon") is None

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
<deny send_interface="org.example.Forbidden"/></policy></busconfig>
"""


class Deeds(ServiceInterface):
    """Its jobs end by the signal Ended(number, job, how)."""

    def __init__(self) -> None:
        super().__init__(INTERFACE)
        self.jobs = 0

    @dbus_method()
    def Echo(self, word: "s", number: "u") -> "sua{sv}":
        from dbus_fast import Variant

        return [word, number, {"seen": Variant("b", True), "inner": Variant("a{sv}", {"x": Variant("s", "y")})}]

    @dbus_method()
    def Refuse(self):
        raise DBusError("org.example.Error.NoDeeds", "there is password=hunter2hunter2 to do")

    @dbus_method()
    async def Hang(self):
        await asyncio.sleep(60)

    @dbus_method()
    def Begin(self, how: "s") -> "o":
        self.jobs += 1
        job = f"{PATH}/job/{self.jobs}"
        loop = asyncio.get_running_loop()
        if how != "never":
            loop.call_later(0.05, self.Ended, self.jobs + 1000, f"{PATH}/job/other", "failed")
            loop.call_later(0.1, self.Ended, self.jobs, job, how)
        return job

    @dbus_method()
    def Tell(self, times: "u"):
        for number in range(times):
            self.Told(str(number))

    @dbus_signal()
    def Ended(self, number, job, how) -> "uos":
        return [number, job, how]

    @dbus_signal()
    def Told(self, word) -> "s":
        return word


@contextmanager
def daemon(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The bus's address, and its process."""
    config, socket = folder / "bus.conf", folder / "bus"
    config.write_text(CONFIG.format(path=socket))
    argv = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield f"unix:path={socket}", process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def service(address: str) -> Iterator[None]:
    """The service, in a thread of its own."""
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        bus = await MessageBus(bus_address=address).connect()
        bus.export(PATH, Deeds())
        await bus.request_name(NAME)
        ready.set()
        await stop.wait()
        bus.disconnect()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: (loop.run_until_complete(serve()), loop.close()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(10)
