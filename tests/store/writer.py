"""Run as a process of its own: open a store, enrol clients, add clips and a failure.

Prints "ready", waits for a line, and prints how many clips were new.

python writer.py ADDRESS OUT NUMBER_OF_CLIPS
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

from store_fakes import FIRST, key_of, made

from knee_track.store import open_store

NAMES = ("Anna", "Bo", "Cem")


def day_of(number: int) -> date:
    return FIRST + timedelta(days=number // 4)


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    address, out, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    new = 0
    with open_store(address, out) as store:
        for i in range(number):  # in one order: they meet at every clip
            client = store.enrol(NAMES[i % len(NAMES)])
            folder = f"{client}/clip{i}_kneetrack"
            new += store.add_analysis(key_of(f"clip{i}"), client, made(f"clip{i}"), folder, day_of(i))
        store.add_failure("broken.mp4", "the file is empty", "copy it again")
    print(new)
