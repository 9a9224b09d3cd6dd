"""The disks that the guest of `make real` boots from, made once and kept outside the repository.

The system (Debian, OpenZFS) is kept by kernel, ZFS version and the text of its build script; Calypso's virtual
environment by the lock file; Calypso itself is copied anew for every run. `python -m tests.real.image` makes what is
missing; with --present it only says, by its exit code, whether the system is there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(__file__).with_name("build")
LOCK = ROOT / "requirements.txt"
PYTHON = "3.11"  # Debian 12's, which the guest runs
NEEDED = {
    "debootstrap": "debootstrap",
    "mke2fs": "e2fsprogs",
    "qemu-system-x86_64": "qemu-system-x86",
    "unshare": "util-linux",
}


@dataclass(frozen=True)
class System:
    """What a guest boots. ``folder`` holds root.ext4, vmlinuz, initrd and versions."""

    folder: Path

    @property
    def versions(self) -> dict[str, str]:
        """Of ``kernel`` and ``zfs``."""
        return dict(line.split("=", 1) for line in (self.folder / "versions").read_text().splitlines())

    def __str__(self) -> str:
        return "OpenZFS {zfs} on Linux {kernel}".format(**self.versions)


def cache() -> Path:
    return Path(os.environ.get("CALYPSO_CACHE") or Path.home() / ".cache" / "calypso")


def present() -> System | None:
    """The newest system that this very build script made."""
    found = sorted(cache().glob(f"guest-*-{_key(BUILD)}"), key=lambda folder: folder.stat().st_mtime)
    return System(found[-1]) if found else None


def system() -> System:
    """The system, built when there is none: some eight minutes. Raises SystemExit where that can't be done."""
    return present() or _build()


def environment() -> Path:
    """An ext4 image of Calypso's virtual environment, built when the lock file has changed."""
    image = cache() / f"venv-{_key(LOCK)}.ext4"
    if not image.exists():
        cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            _fill_environment(Path(folder) / "venv")
            ext4(Path(folder) / "venv", "calypso-venv", Path(folder) / "image", 256)
            (Path(folder) / "image").replace(image)
    return image


def checkout(image: Path) -> None:
    """Writes an ext4 image of this checkout: the files that git knows or would take, without the front end."""
    listed = _output("git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    with tempfile.TemporaryDirectory() as folder:
        for name in listed:
            if name and not name.startswith("frontend/") and (ROOT / name).is_file():
                target = Path(folder) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
        ext4(Path(folder), "calypso-code", image, 64)


def ext4(folder: Path, label: str, image: Path, spare: int) -> None:
    """Writes an image of a folder's content with so many MiB left free."""
    size = int(_output("du", "-sm", "--apparent-size", str(folder)).split()[0]) * 5 // 4 + spare
    argv = [
        "mke2fs",
        "-q",
        "-t",
        "ext4",
        "-L",
        label,
        "-E",
        "root_owner=0:0",
        "-d",
        str(folder),
        str(image),
        f"{size}M",
    ]
    subprocess.run(argv, check=True)


def require_tools() -> None:
    """Installs what is missing where that can be done. Raises SystemExit with what to install elsewhere."""
    missing = sorted({package for program, package in NEEDED.items() if shutil.which(program) is None})
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True, **quiet)
        missing = [
            package for package in missing if not all(shutil.which(p) for p, k in NEEDED.items() if k == package)
        ]
    if missing:
        raise SystemExit(f"The guest needs programs that are not here: install {' '.join(missing)}")


def mirror() -> str:
    """Where this machine has Debian from."""
    line = "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)"
    for found in _output("apt-get", "indextargets", "--format", line, "Created-By: Packages").splitlines():
        origin, label, component, uri = found.split("|")
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return uri
    raise SystemExit("The guest is made of Debian's packages, but apt knows no mirror of Debian here.")


def _build() -> System:
    if os.geteuid() != 0:
        raise SystemExit("Building the guest takes root (debootstrap, chroot).")
    require_tools()
    cache().mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=cache(), prefix="building-") as name:
        folder = Path(name)
        print(f"Building the guest from {mirror()}; its log is {cache()}/build.log", flush=True)
        with (cache() / "build.log").open("wb") as log:
            argv = ["unshare", "--mount", "--pid", "--fork", "--kill-child", str(BUILD), str(folder), mirror()]
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        if done.returncode:
            tail = (cache() / "build.log").read_text(errors="replace")[-2000:]
            raise SystemExit(f"The guest could not be built:\n{tail}")
        made = System(folder).versions
        final = cache() / f"guest-{made['kernel']}-zfs{made['zfs']}-{_key(BUILD)}"
        final.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.replace(final / file.name)
    print(f"Built {System(final)} in {time.monotonic() - started:.0f} s", flush=True)
    return System(final)


def _fill_environment(venv: Path) -> None:
    """A virtual environment for the guest's interpreter, whatever runs here: wheels alone, by hash."""
    packages = venv / "lib" / f"python{PYTHON}" / "site-packages"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(f"/usr/bin/python{PYTHON}")
    (venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {PYTHON}\n")
    argv = [sys.executable, "-m", "pip", "install", "-qq", "--require-hashes", "--only-binary=:all:", "--no-deps"]
    target = ["--target", str(packages), "--python-version", PYTHON, "--implementation", "cp"]
    subprocess.run([*argv, *target, "--disable-pip-version-check", "-r", str(LOCK)], check=True)


def _key(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def _output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["--present"]:
        there = present()
        print(there or "not built")
        raise SystemExit(0 if there else 1)
    print(f"{system()}; {environment().name}")
