"""Packages and a signed repository of apt, made from files; it needs dpkg-deb, gpg and the standard library.

Tests use it as a module. Run as a program, it makes the repository of the scenario clickhouse.
"""

from __future__ import annotations

import email.utils
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ARCHITECTURE = "amd64"


def run(*command: str | Path, text: str | None = None) -> str:
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def build_deb(tree: Path, control: Mapping[str, str], output: Path, scripts: Mapping[str, str] | None = None) -> Path:
    """A package of a tree of files. control: its fields. scripts: of the maintainer, by name."""
    directory = tree / "DEBIAN"
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    fields = {"Architecture": ARCHITECTURE, "Description": "for tests", **control}
    (directory / "control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
    for name, script in (scripts or {}).items():
        (directory / name).write_text(script)
        (directory / name).chmod(0o755)
    path = output / f"{fields['Package']}_{fields['Version']}_{fields['Architecture']}.deb"
    # Fast rather than small.
    run("dpkg-deb", "--build", "--root-owner-group", "-Zgzip", "-z1", tree, path)
    return path


class SigningKey:
    """A key pair in a directory of its own; a path of a socket below it must be short."""

    def __init__(self, name: str = "Test repository") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="gpg"))
        self.home.chmod(0o700)
        self.gpg("--quick-generate-key", f"{name} <test@example.com>", "ed25519", "sign", "never")
        self.public = self.gpg("--armor", "--export")

    def gpg(self, *arguments: str, text: str | None = None) -> str:
        return run("gpg", "--homedir", self.home, "--batch", "--quiet", "--passphrase", "", *arguments, text=text)

    def sign(self, text: str) -> str:
        return self.gpg("--clearsign", text=text)

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)


def write_repository(directory: Path, channels: Mapping[str, Iterable[Path]], key: SigningKey) -> None:
    """A repository with these packages in each channel."""
    pool = directory / "pool"
    pool.mkdir(parents=True, exist_ok=True)
    for channel, debs in channels.items():
        entries = []
        for deb in debs:
            if not (pool / deb.name).exists():
                shutil.copy(deb, pool / deb.name)
            entries.append(
                f"{run('dpkg-deb', '--field', deb)}Filename: pool/{deb.name}\nSize: {deb.stat().st_size}\n"
                f"SHA256: {hashlib.sha256(deb.read_bytes()).hexdigest()}\n"
            )
        index = "\n".join(entries).encode()
        release = directory / "dists" / channel
        path = f"main/binary-{ARCHITECTURE}/Packages"
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        (release / path).write_bytes(index)
        text = (
            f"Origin: Test\nLabel: Test\nSuite: {channel}\nCodename: {channel}\n"
            f"Date: {email.utils.formatdate(usegmt=True)}\nArchitectures: {ARCHITECTURE}\nComponents: main\n"
            f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} {path}\n"
        )
        (release / "InRelease").write_text(key.sign(text))
