"""Get, set, query of 20 and transaction through Google's client: ours, durable, beside two in memory.

The systems take turns operation by operation, in a different order each round, so whatever else the machine
does hits all of them. A ratio is the median over the rounds of ours divided by the other's.
"""

import contextlib
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from benchmarks.local import rivals
from benchmarks.local.report import Figure, micros

OURS = "docent"
ROUNDS = {"set": 300, "get": 300, "query of 20": 150, "transaction": 150}
WARM_UP = 20
_DATA = {"s": "text" * 10, "n": {"y": [1, 2, 3]}, "f": 1.5}

Operation = Callable[[firestore.Client, int], None]


def _set(client: firestore.Client, turn: int) -> None:
    client.document("a/b").set({**_DATA, "x": turn}, timeout=10)


def _get(client: firestore.Client, _: int) -> None:
    assert client.document("a/b").get(timeout=10).exists


def _query(client: firestore.Client, _: int) -> None:
    asked = client.collection("q").where(filter=FieldFilter("m", "==", 7))
    assert len(list(asked.stream(timeout=10))) == 20


def _transaction(client: firestore.Client, _: int) -> None:
    document = client.document("a/b")

    @firestore.transactional
    def increment(transaction: firestore.Transaction) -> None:
        found = document.get(transaction=transaction, timeout=10).get("x")
        transaction.update(document, {"x": found + 1})

    increment(client.transaction())


OPERATIONS: dict[str, Operation] = {
    "set": _set,
    "get": _get,
    "query of 20": _query,
    "transaction": _transaction,
}


def measure(folder: Path, seed: int = 11) -> list[Figure]:
    """The four figures. Raises rivals.NotInstalled when there is nobody to compare with."""
    python, modules = rivals.install(folder / "rivals")
    with contextlib.ExitStack() as running:
        state = running.enter_context(tempfile.TemporaryDirectory(dir=folder))
        addresses = {
            OURS: running.enter_context(rivals.ours(Path(state))),
            "@firestore-emulator/server": running.enter_context(rivals.npm_emulator(modules)),
            "drongo": running.enter_context(rivals.drongo(python)),
        }
        clients = {name: running.enter_context(_client(address)) for name, address in addresses.items()}
        for client in clients.values():
            _fill(client)
        chance = random.Random(seed)  # noqa: S311 - an order, not a secret
        return [_figure(name, _rounds(clients, name, chance)) for name in OPERATIONS]


@contextlib.contextmanager
def _client(address: str) -> Iterator[firestore.Client]:
    """Google's client of an emulator; it reads the address when it makes its channel."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = address
    client = firestore.Client(project="benchmark")
    client.document("a/b").set({**_DATA, "x": 0}, timeout=rivals.START_SECONDS)
    del os.environ["FIRESTORE_EMULATOR_HOST"]
    yield client
    client.close()


def _fill(client: firestore.Client) -> None:
    for number in range(20):
        client.document(f"q/d{number:02}").set({"i": number, "m": 7, "name": "n", "text": "lorem " * 20})


def _rounds(
    clients: Mapping[str, firestore.Client], name: str, chance: random.Random
) -> dict[str, list[float]]:
    """Seconds of each operation by system; a system that cannot do it is left out."""
    operation, able = OPERATIONS[name], dict(clients)
    for turn in range(WARM_UP):
        for system, client in list(able.items()):
            try:
                operation(client, turn)
            except (exceptions.GoogleAPICallError, ValueError, AssertionError, AttributeError):
                del able[system]
    taken: dict[str, list[float]] = {system: [] for system in able}
    for turn in range(ROUNDS[name]):
        for system in chance.sample(list(able), len(able)):
            started = time.perf_counter()
            operation(able[system], turn)
            taken[system].append(time.perf_counter() - started)
    return taken


def _figure(name: str, taken: dict[str, list[float]]) -> Figure:
    """Ours has to be no slower than the slower of the others."""
    values: dict[str, Any] = {system: micros(statistics.median(times)) for system, times in taken.items()}
    ratios = {
        system: statistics.median(mine / other for mine, other in zip(taken[OURS], times, strict=True))
        for system, times in taken.items()
        if system != OURS
    }
    return Figure(f"firestore {name}", "µs", values, ratios, kept=bool(ratios) and min(ratios.values()) <= 1)
