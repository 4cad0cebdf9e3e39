"""Runs `glan` in processes that are forked from one that has imported it.

Each is a process of its own, with its own environment, folder and streams, run by the entry point of the
installed command; it is spared the seconds of importing, which are most of what a command costs.
"""

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

GLAN = Path(sys.executable).with_name("glan")
# What modules read when they are imported is that of the process that has imported them.
READ_AT_IMPORT = ("PYTHON", "COLUMNS", "TERM", "FORCE_", "HF_", "SSL_", "LANG", "LC_", "TYPER_")


class Forks:
    """Runs commands one after the other."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def run(
        self, args: list[str], cwd: Path, env: dict[str, str], timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Runs `glan` to its end, with nothing on stdin; raises TimeoutExpired."""
        server = self._ready(env)
        if server is None:
            return subprocess.run(
                [GLAN, *args], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=timeout_s, check=False,
            )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            asked = {"args": args, "cwd": str(cwd), "env": env, "timeout_s": timeout_s}
            code = _asked(server, asked | {"out": str(out), "err": str(err)})
            if code is None:
                raise subprocess.TimeoutExpired([GLAN, *args], timeout_s)
            return subprocess.CompletedProcess([GLAN, *args], code, out.read_text(), err.read_text())

    def _ready(self, env: dict[str, str]) -> "subprocess.Popen[str] | None":
        """The process that forks; None: it has imported what this environment changes."""
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, __file__], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self._env = env
            atexit.register(self._server.communicate)
        names = {name for name in env.keys() | self._env.keys() if name.startswith(READ_AT_IMPORT)}
        return self._server if all(env.get(name) == self._env.get(name) for name in names) else None


def _asked(server: "subprocess.Popen[str]", asked: dict[str, Any]) -> int | None:
    assert server.stdin
    assert server.stdout
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())


def serve() -> None:
    """Forks a process for each line on stdin; returns in each of them, and when stdin ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
            return
        print(json.dumps(_waited(pid, asked["timeout_s"])), flush=True)
    os._exit(0)


def _become(asked: dict[str, Any]) -> None:
    written = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], written),
        (2, asked["err"], written),
    ):
        opened = os.open(path, mode)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = [str(GLAN), *asked["args"]]


def _waited(pid: int, timeout_s: float) -> int | None:
    """The exit code of a process; None: it took too long, and was killed."""

    def end(*_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    _, status = os.waitpid(pid, 0)
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(status) if left else None


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    for name in ("glan_entry", "service.cli", "service.server", "generators.models.registry"):
        importlib.import_module(name)

    serve()
    importlib.import_module("glan_entry").main()
