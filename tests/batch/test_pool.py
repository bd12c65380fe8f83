"""Workers that really die, hang and take too much, on tasks that cost nothing else."""

from pathlib import Path

import pytest

from knee_track.batch.pool import Ended, Pool, Started
from knee_track.batch.work import Equipment
from knee_track.batch.worker import Done, Failed, Task
from knee_track.settings import Settings


class Given:
    def __init__(self, tasks):
        self.left = list(tasks)

    def take(self):
        return self.left.pop(0) if self.left else None

    def waiting(self):
        return bool(self.left)


def run(tmp_path, paths, *, limit_s=60.0, workers=1, memory_mb=None):
    equipment = Equipment(Settings(), memory_mb=memory_mb)
    tasks = Given(Task(i, path, None, limit_s) for i, path in enumerate(paths))
    with Pool(workers, equipment, tmp_path) as pool:
        return list(pool.run(tasks))


def ended(events):
    return {event.task.what.name: event.result for event in events if isinstance(event, Ended)}


@pytest.fixture
def named(short, tmp_path):
    """Links to a readable clip under names that say what becomes of the worker."""

    def make(*names):
        paths = []
        for name in names:
            path = tmp_path / name
            path.symlink_to(short["good"])
            paths.append(path)
        return paths

    return make


def test_a_clip_that_ends_its_worker_twice_is_set_aside_and_the_others_go_on(named, sabotage, tmp_path):
    sabotage("die")
    events = run(tmp_path, named("deadly.mp4", "fine.mp4"))
    found = ended(events)
    assert isinstance(found["deadly.mp4"], Failed) and "twice" in found["deadly.mp4"].reason
    assert isinstance(found["fine.mp4"], Done)
    begun = [event.task.what.name for event in events if isinstance(event, Started)]
    assert begun.count("deadly.mp4") == 2


def test_a_worker_that_is_killed_once_costs_nothing(named, sabotage, tmp_path):
    sabotage("die_once")
    found = ended(run(tmp_path, named("unlucky.mp4", "fine.mp4"), workers=2))
    assert all(isinstance(result, Done) for result in found.values()) and len(found) == 2


def test_a_clip_that_never_ends_is_stopped_at_its_limit(named, sabotage, tmp_path):
    sabotage("hang")
    found = ended(run(tmp_path, named("endless.mp4", "fine.mp4"), limit_s=12.0))
    assert "limit" in found["endless.mp4"].reason and isinstance(found["fine.mp4"], Done)


def test_a_clip_that_takes_all_memory_fails_alone(named, sabotage, tmp_path):
    sabotage("devour")
    found = ended(run(tmp_path, named("huge.mp4", "fine.mp4"), memory_mb=2000))
    assert "memory" in found["huge.mp4"].reason and isinstance(found["fine.mp4"], Done)


def test_no_task_is_begun_once_stopping(named, tmp_path):
    tasks = Given(Task(i, path, None, 60.0) for i, path in enumerate(named("a.mp4", "b.mp4", "c.mp4")))
    with Pool(1, Equipment(Settings()), tmp_path) as pool:
        seen = []
        for event in pool.run(tasks):
            pool.stopping = True
            seen.append(event)
    assert list(ended(seen)) == ["a.mp4"] and len(tasks.left) == 2


def test_a_reason_does_not_repeat_the_path(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    (result,) = ended(run(tmp_path, [tmp_path / "text.mp4"])).values()
    assert result == Failed("is not a video that can be read", "Convert it to MP4 (H.264).")
    assert Path(tmp_path, "worker_1.log").stat().st_mode & 0o777 == 0o600
