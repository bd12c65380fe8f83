"""What a million clips would take: bytes and rows per clip, and how much one run can hand out and take in.

    python benchmarks/scale.py OUT [--db postgresql+psycopg://…] [--tasks 300] [--copies 300]

OUT is a folder of results that `knee-track batch` wrote. Printed are the size of its results; the rows and
bytes per clip of the store `--db` (an EMPTY database, filled here; by default a SQLite file that is taken
away) and the clips per second that it takes; and how many tasks that cost nothing a Ray pool does.
Of the pool, what counts is the driver's own processor time per task: actors share the cores with it here and
have their own on a cluster. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select, text

from knee_track.batch.clips import Clip, Job
from knee_track.batch.elsewhere import Elsewhere
from knee_track.batch.pool import Ended
from knee_track.batch.ray_pool import RayPool
from knee_track.batch.work import Equipment
from knee_track.batch.worker import Task
from knee_track.settings import Settings
from knee_track.store import open_store
from knee_track.store.locks import Claims
from knee_track.store.records import StoredClip
from knee_track.store.tables import Base

ACTORS: Final = 4
WAITED_FOR: Final = 1000
CLIPS_PER_CLIENT: Final = 20
PLACE: Final = "memory://results"  # costs nothing: what a real storage adds is its own answering time


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="results of a batch")
    parser.add_argument("--db", help="an empty database to fill; default: a SQLite file")
    parser.add_argument(
        "--tasks", type=int, default=300, help="for the Ray pool, 0: leave it out; default 300"
    )
    parser.add_argument("--copies", type=int, default=300, help="clips to store; default 300")
    arguments = parser.parse_args()
    clips = stored(arguments.out)
    results(arguments.out, clips)
    with tempfile.TemporaryDirectory() as folder:
        store(arguments.db or f"{folder}/store.db", clips, arguments.copies)
        if arguments.tasks:
            driver(Path(folder), arguments.tasks)


def stored(out: Path) -> list[StoredClip]:
    with open_store(out, create=False) as one:
        return [clip for person in one.clients() for clip in one.history(person.id)]


def results(out: Path, clips: Sequence[StoredClip]) -> None:
    """Bytes per clip and kind of file."""
    sizes = Counter[str]()
    files = 0
    for clip in clips:
        for path in (out / clip.folder).iterdir():
            files += 1
            sizes["annotated video" if path.suffix == ".mp4" else path.name] += path.stat().st_size
    seconds = sum(clip.analysis.source.duration_s or 0 for clip in clips)
    print(f"{len(clips)} clips of {seconds / len(clips):.1f} s, {files / len(clips):.0f} files each")
    for name, size in sizes.most_common(5):
        print(f"  {name:<16}{size / len(clips) / 1e3:>9.0f} kB/clip")
    print(f"  {'all':<16}{sizes.total() / len(clips) / 1e3:>9.0f} kB/clip")


def store(where: str, clips: Sequence[StoredClip], copies: int) -> None:
    """Take in copies under other contents and days, as a run with results at a URL does; what that takes."""
    given = [(clip, clip.analysis.model_dump_json().encode()) for clip in clips]
    with (
        open_store(where, PLACE) as one,
        Claims(one) as claims,
        Elsewhere(PLACE, one, claims, Path()) as ground,
    ):
        before = size_of(one)
        start_s, cpu_s = time.perf_counter(), time.process_time()
        for number in range(copies):
            take_in(one, ground, number, *given[number % len(given)])
        wall_s, cpu_s = time.perf_counter() - start_s, time.process_time() - cpu_s
        with one.reading() as session:
            rows = {
                table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in Base.metadata.sorted_tables
            }
        start_s = time.perf_counter()
        ground.write_overview(one)
        overview_s = time.perf_counter() - start_s
        print(f"store {one.engine.dialect.name}: {copies / wall_s:.0f} clips/s from claim to rows,")
        print(f"  {cpu_s / copies * 1e3:.1f} ms of a core each; {sum(rows.values()) / wall_s:.0f} rows/s;")
        print(f"  {(size_of(one) - before) / copies / 1e3:.1f} kB/clip with indexes")
        print(f"  overview of {copies} clips {overview_s:.2f} s: {overview_s / copies * 1e3:.2f} ms/clip")
        each = ", ".join(f"{name} {count / copies:.2f}" for name, count in rows.items() if count)
        print(f"  {sum(rows.values()) / copies:.1f} rows/clip: {each}")


def take_in(one: Any, ground: Elsewhere, number: int, like: StoredClip, analysis: bytes) -> None:
    """All that a run itself does for one clip, but for handing it out."""
    client = one.enrol(f"client {number // CLIPS_PER_CLIENT}")
    key = like.key._replace(sha256=hashlib.sha256(str(number).encode()).hexdigest())
    day = like.day + timedelta(days=number % CLIPS_PER_CLIENT)
    clip = Clip(Path("clip.mp4"), f"{number}.mp4", "client", day, 0)
    job = Job(clip, client, day, key, 0.0, f"{client}_{number}.mp4")
    assert ground.claim(key)
    ground.task(number, job, 60.0)
    ground.take_in(number, job, analysis)
    ground.clear(number, job)
    ground.release(key)


def size_of(one: Any) -> int:
    """Bytes that a database takes."""
    sqlite = one.engine.dialect.name == "sqlite"
    query = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if sqlite
        else "SELECT pg_database_size(current_database())"
    )
    with one.reading() as session:
        return int(session.scalar(text(query)))


class Nothing:
    """Tasks that end at once: looks at a clip that is not there."""

    def __init__(self, folder: Path, count: int) -> None:
        self._left = [Task(number, folder / "none.mp4", None, 60.0) for number in range(count)]

    def take(self) -> Task | None:
        """The next."""
        return self._left.pop() if self._left else None

    def waiting(self) -> bool:
        """Whether there are more."""
        return bool(self._left)


def driver(folder: Path, count: int) -> None:
    """Tasks per second through a Ray pool of this machine, and what they cost the driver."""
    with RayPool(None, ACTORS, Equipment(Settings())) as pool:
        timed(pool, folder, 10 * ACTORS)  # until all actors are there
        wall_s, cpu_s = timed(pool, folder, count)
        print(f"Ray: {count / wall_s:.0f} empty tasks/s by {ACTORS} actors that share the driver's cores;")
        print(
            f"  driver {cpu_s / count * 1e3:.2f} ms of a core per task: {count / cpu_s:.0f} tasks/s at most"
        )
        print(f"  waiting for {WAITED_FOR} actors at once: {waiting_ms():.1f} ms per round")


def timed(pool: RayPool, folder: Path, count: int) -> tuple[float, float]:
    start_s, cpu_s = time.perf_counter(), time.process_time()
    ended = sum(isinstance(event, Ended) for event in pool.run(Nothing(folder, count)))
    assert ended == count
    return time.perf_counter() - start_s, time.process_time() - cpu_s


def waiting_ms() -> float:
    """How long it takes to see which of many actors has something to say, when one has."""
    import ray

    @ray.remote(num_cpus=0)
    def later() -> None:
        time.sleep(600)

    slow = later.remote()

    @ray.remote(num_cpus=0)
    def never(_: Any) -> None: ...

    refs = [never.remote(slow) for _ in range(WAITED_FOR - 1)] + [ray.put(0)]
    rounds = 50
    start_s = time.perf_counter()
    for _ in range(rounds):
        ray.wait(refs, num_returns=1, timeout=1.0, fetch_local=False)
        ray.wait(refs, num_returns=len(refs), timeout=0, fetch_local=False)
    return (time.perf_counter() - start_s) / rounds * 1e3


if __name__ == "__main__":
    main()
