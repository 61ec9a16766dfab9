"""Checks in processes of their own, with limits of time and memory: a bomb ends its process, not the desk.

The next process is started ahead and waits, so that nobody waits for Python to load its libraries.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pipelines.desk.frames import packed, unpacked
from pipelines.desk.settings import MEGABYTE, DeskSettings

_TRACEBACK = 1  # how Python ends when nobody caught an exception
_MOST_ANSWER = 300 * MEGABYTE


class TooMuch(Exception):
    """A check took more time or memory than it may, or died of its file."""


class Broken(Exception):
    """A check failed by a fault of the program's own."""


class Workers:
    """Starts a process for each request and holds it to its limits."""

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings
        self._turn = asyncio.Semaphore(settings.checks)
        self._spare: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()  # of two that start at once one would be forgotten
        self._warming: asyncio.Task[None] | None = None

    async def ask(self, facts: Mapping[str, object], content: bytes = b"") -> tuple[dict[str, object], Sequence[bytes]]:
        """What a worker answers. Raises TooMuch or Broken."""
        async with self._turn:
            process = await self._take()
            try:
                async with asyncio.timeout(self._settings.seconds):
                    answer = await _exchange(process, packed(facts, content))
                return unpacked(answer)
            except (TimeoutError, ValueError, TypeError, OSError) as error:
                raise TooMuch from error
            finally:
                await _end(process)

    async def start_spare(self) -> None:
        """Have a process ready."""
        async with self._starting:
            if self._spare is None or self._spare.returncode is not None:
                self._spare = await self._start()

    async def _take(self) -> asyncio.subprocess.Process:
        while (process := self._spare) is None or process.returncode is not None:  # another may have taken it
            await self.start_spare()
        self._spare = None
        self._warming = asyncio.create_task(self.start_spare())
        return process

    async def _start(self) -> asyncio.subprocess.Process:
        limits = [str(self._settings.memory_megabytes), str(self._settings.seconds)]
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pipelines.desk.worker", *limits),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if os.environ.get("OPENDATA_DESK_DEBUG") else asyncio.subprocess.DEVNULL,
        )

    async def close(self) -> None:
        """End the process that waits, or is being started."""
        if self._warming is not None:
            await self._warming
        if self._spare is not None:
            await _end(self._spare)


async def _exchange(process: asyncio.subprocess.Process, message: bytes) -> bytes:
    """Say one thing and hear the answer, which may not be endless. Raises ValueError when there is none."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # its answer, or its lack, tells
        process.stdin.write(message)
        await process.stdin.drain()
        process.stdin.close()
    answer = bytearray()
    while block := await process.stdout.read(1 << 16):
        answer += block
        if len(answer) > _MOST_ANSWER:
            raise ValueError("an answer without end")
    if (code := await process.wait()) == _TRACEBACK:
        raise Broken
    if code != 0:
        raise ValueError("the worker died of its file")
    return bytes(answer)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()
