"""Python imports this first in the processes of a moved clock.

Told to leave the monotonic clock alone, libfaketime 0.9.10 refuses absolute sleeps (EINVAL), and Python sleeps so.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
