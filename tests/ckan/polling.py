"""Readers that ask again and again while something is written, and keep what they saw."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Look = Callable[[], str]


@contextmanager
def polling(**looks: Look) -> Iterator[dict[str, Counter[str]]]:
    """Let each look run in a thread of its own until the block ends; how often each of its answers was seen.

    A look that raises is seen as the name of its error. Each one looks at least once before and once after the block.
    """
    seen = {name: Counter[str]() for name in looks}
    ended = threading.Event()
    begun = {name: threading.Event() for name in looks}

    def one(look: Look) -> str:
        try:
            return look()
        except Exception as error:  # noqa: BLE001 (whatever a reader meets is what it saw)
            return type(error).__name__

    def run(name: str) -> None:
        last = False
        while not last:
            last = ended.is_set()
            seen[name][one(looks[name])] += 1
            begun[name].set()

    threads = [threading.Thread(target=run, args=(name,), daemon=True) for name in looks]
    for thread in threads:
        thread.start()
    for event in begun.values():
        event.wait(60)
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join(60)
