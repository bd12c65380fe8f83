import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_fakes import FakeEngine, FakeSource, Kept, PoseMaker, Told, live_threads, rising, wait_until
from mjpeg_server import mjpeg_server

from knee_track.errors import ModelError, PoseError
from knee_track.live import runner
from knee_track.live.connection import Backoff
from knee_track.live.film import Film
from knee_track.live.pace import Pace, Step, ladder
from knee_track.live.poses import MAX_PEOPLE
from knee_track.live.runner import LiveRunner
from knee_track.live.sources import open_source
from knee_track.live.stream import Stream, Timeouts
from knee_track.pose.bundles import Bundle
from knee_track.pose.landmarker import PoseProcess
from knee_track.video.reader import VideoReader, frame_times_s


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert wait_until(lambda: not live_threads()), live_threads()


def run(source: Any, sink: Any, poses: Any, engine: Any = None, **options: Any) -> LiveRunner[Any]:
    options.setdefault("pace", Pace([Step("full", 640)]))
    return LiveRunner(source, engine or FakeEngine(), sink, make_pose=poses, **options)


def test_every_picture_of_a_slow_source_is_decided_in_order() -> None:
    kept, poses = Kept(), PoseMaker(full=0.0)
    with FakeSource(10, interval_s=0.05) as source, run(source, kept, poses) as live:
        assert live.wait(30)
    assert kept.numbers[-1] == 9
    assert rising(kept.numbers)
    assert [state[1] for state in kept.states] == [frame.time_s for frame in kept.frames]


def test_a_source_faster_than_the_inference_is_never_queued() -> None:
    kept, poses = Kept(), PoseMaker(full=0.02)
    with FakeSource(interval_s=0.0005) as source, run(source, kept, poses) as live:
        assert wait_until(lambda: len(kept.frames) >= 100, 60)
    (_, pose), *others = poses.made
    assert others == []
    assert pose.most_on_their_way == 1
    assert rising(kept.numbers)
    assert kept.timings[-1].skipped > 100
    # One picture of inference and a little: the last is no later than the first.
    totals_s = np.array([timing.total_s for timing in kept.timings])
    assert np.median(totals_s[-30:]) < np.median(totals_s[:30]) + 0.02
    assert np.median(totals_s) < 2 * 0.02 + 0.05
    assert live.statistics.summary().frames == len(kept.frames)


def test_a_picture_is_decided_before_the_next_takes_the_cores() -> None:
    log: list[Any] = []
    kept, poses = Kept(), PoseMaker(log, full=0.02)
    with FakeSource(interval_s=0.001) as source, run(source, kept, poses, FakeEngine(log)):
        assert wait_until(lambda: len(kept.frames) >= 30)
    kinds = [kind for kind, _ in log[1:]]  # without the empty picture at the start
    assert kinds[:4] == ["track", "step"] * 2
    assert set(kinds[::2]) == {"track"} and set(kinds[1::2]) == {"step"}


def test_people_come_in_pixels_of_the_whole_picture() -> None:
    kept, poses = Kept(), PoseMaker(full=0.0)
    with FakeSource(3, 0.05, size=(1280, 720)) as source, run(source, kept, poses) as live:
        live.wait(30)
    people, _, size = kept.states[-1]
    assert size == (1280, 720)
    assert poses.made[0][1].sizes[-1] == (640, 360)
    assert people.image_px[0, 0] == pytest.approx((640, 360))


def test_a_picture_that_waited_long_is_passed_over_for_the_next() -> None:
    """Inference of 1.6 pictures: without waiting for a fresh one, pictures would be up to 0.9 old."""
    kept, poses = Kept(), PoseMaker(full=0.1)
    with FakeSource(interval_s=0.0625) as source, run(source, kept, poses):
        assert wait_until(lambda: len(kept.frames) >= 25, 60)
    waited_s = [timing.taken_s - timing.captured_s for timing in kept.timings[3:]]
    assert np.median(waited_s) < 0.03


def test_the_rate_and_the_age_in_pictures_are_told() -> None:
    kept, poses = Kept(), PoseMaker(full=0.04)
    with FakeSource(interval_s=0.01) as source, run(source, kept, poses):
        assert wait_until(lambda: len(kept.frames) >= 40, 60)
    last = kept.timings[-1]
    assert 2 < last.fps < 25
    assert np.median([timing.behind for timing in kept.timings]) >= 2
    assert last.inference_s >= 0.039
    assert last.total_s == pytest.approx(last.inference_s + last.overhead_s)


def test_what_ends_the_pose_process_is_raised() -> None:
    class Dying(PoseMaker):
        def __call__(self, variant: Any) -> Any:
            pose = super().__call__(variant)
            answer = pose.receive

            def receive() -> Any:
                if len(pose.sizes) > 3:
                    raise PoseError("The pose process failed (gone); run 'knee-track doctor'.")
                return answer()

            pose.receive = receive  # type: ignore[method-assign]
            return pose

    poses = Dying(full=0.0)
    with (
        pytest.raises(PoseError, match="gone"),
        FakeSource() as source,
        run(source, Kept(), poses) as live,
    ):
        live.wait(30)
    assert poses.made[0][1].closed


def test_an_error_of_the_sink_ends_the_run_and_is_raised() -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("full disk")

    with (
        pytest.raises(RuntimeError, match="full disk"),
        FakeSource() as source,
        run(source, broken, PoseMaker(full=0.0)) as live,
    ):
        live.wait(30)


def test_a_missing_model_is_raised_on_entering() -> None:
    def missing(variant: Any) -> Any:
        raise ModelError("No usable pose model 'full' on this machine.")

    with pytest.raises(ModelError), FakeSource() as source, run(source, Kept(), missing):
        pass


def test_a_source_that_says_nothing_and_gives_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "STALL_S", 0.15)
    told, kept = Told(), Kept()
    source = FakeSource(20, 0.01, pauses={10: 1.0})
    source.on_status = told
    with source, run(source, kept, PoseMaker(full=0.0)) as live:
        assert live.wait(30)
    assert told.kinds == ["stalled", "back"]
    assert kept.numbers[-1] == 19


def test_a_stream_that_stalls_and_returns_goes_on() -> None:
    told, kept = Told(), Kept()
    with mjpeg_server() as server:
        source = Stream(server.url, on_status=told, timeouts=Timeouts(1.0, 0.4), backoff=Backoff(0.02, 0.1))
        with source, run(source, kept, PoseMaker(full=0.001)):
            assert wait_until(lambda: len(kept.frames) > 5)
            server.mode = "stall"
            assert wait_until(lambda: told.kinds == ["stalled"])
            before = len(kept.frames)
            server.mode = "serve"
            assert wait_until(lambda: len(kept.frames) > before + 5)
    assert told.kinds == ["stalled", "back"]
    assert rising(kept.numbers)


def test_a_machine_too_slow_for_a_model_goes_over_to_the_lighter_one() -> None:
    told, kept, poses = Told(), Kept(), PoseMaker(full=0.06, lite=0.002)
    source = FakeSource(interval_s=0.02, size=(1280, 720))
    source.on_status = told
    with source, run(source, kept, poses, pace=Pace(ladder(["full", "lite"]))):
        assert wait_until(lambda: len(poses.made) == 2 and len(poses.made[1][1].sizes) > 10, 60)
    (first, full), (second, lite) = poses.made
    assert (first, second) == ("full", "lite")
    assert full.closed and lite.closed
    assert {size[0] for size in full.sizes} == {64, 960, 640}
    assert full.restarts == 2  # after the empty picture, and for the smaller size
    assert told.kinds == ["slow"]
    assert rising(kept.numbers)


def test_nothing_changes_in_the_middle_of_a_rep() -> None:
    class Busy(FakeEngine):
        resting = False

    kept, poses = Kept(), PoseMaker(full=0.05)
    source = FakeSource(interval_s=0.01, size=(1280, 720))
    with source, run(source, kept, poses, Busy(), pace=Pace(ladder(["full"]))):
        assert wait_until(lambda: len(kept.frames) > 45, 60)
    assert {size[0] for size in poses.made[0][1].sizes} == {64, 960}


def test_an_engine_that_wants_to_sees_everybody_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOOK_AROUND_S", 0.1)

    class Watchful(FakeEngine):
        seen: list[Any] = []

        def see_everybody(self, people: Any, time_s: float, size: tuple[int, int]) -> None:
            self.seen.append((people.image_px[0, 0].tolist(), size))

    kept, poses, engine = Kept(), PoseMaker(full=0.01), Watchful()
    with FakeSource(interval_s=0.005, size=(1280, 720)) as source, run(source, kept, poses, engine):
        assert wait_until(lambda: len(engine.seen) >= 3, 60)
    pose = poses.made[0][1]
    assert engine.seen[0] == ([640, 360], (1280, 720))
    assert pose.most_on_their_way == 1
    assert pose.probes - 1 <= len(kept.frames)  # one for the start
    assert rising(kept.numbers)


def test_nobody_looks_around_for_an_engine_that_does_not_care() -> None:
    kept, poses = Kept(), PoseMaker(full=0.0)
    with FakeSource(20) as source, run(source, kept, poses) as live:
        live.wait(30)
    assert poses.made[0][1].probes == 0


def test_the_film_holds_every_picture_that_came(tmp_path: Path) -> None:
    film = Film(tmp_path / "set.mp4")
    with (
        FakeSource(30, 0.02) as source,
        run(source, Kept(), PoseMaker(full=0.05), film=film) as live,
    ):
        live.wait(30)
    film.close()
    assert len(frame_times_s(film.path)) + film.dropped == 30
    assert [path.name for path in tmp_path.iterdir()] == ["set.mp4"]
    with VideoReader(film.path) as reader:
        assert (reader.info.width_px, reader.info.height_px) == (64, 48)


def test_a_film_that_cannot_be_written_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    told, kept = Told(), Kept()
    source = FakeSource(30, 0.01)
    source.on_status = told
    film = Film(tmp_path / "none" / "set.mp4")
    with source, run(source, kept, PoseMaker(full=0.0), film=film) as live:
        live.wait(30)
    film.close()
    assert told.kinds == ["unkept"]
    assert "cannot be written" in told[0].sentence
    assert kept.numbers[-1] == 29


def test_no_film_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with FakeSource(5) as source, run(source, Kept(), PoseMaker(full=0.0)) as live:
        live.wait(30)
        assert not [thread for thread in threading.enumerate() if thread.name == "live-film"]
    assert list(tmp_path.iterdir()) == []


def test_a_camera_is_read_while_the_pose_process_starts_and_that_is_not_counted_as_skipped() -> None:
    kept, poses = Kept(), PoseMaker(full=0.3)
    source = FakeSource(interval_s=0.01)
    source.waits = False
    with source, run(source, kept, poses):
        assert wait_until(lambda: len(kept.frames) > 1)
    assert kept.numbers[0] >= 5  # captured and thrown away during the first 0.3 s
    assert kept.timings[0].skipped < kept.timings[0].behind + 5  # those of the first inference only


def test_an_inference_that_hangs_does_not_keep_the_program_from_ending() -> None:
    kept, poses = Kept(), PoseMaker(full=0.0)
    with FakeSource() as source, run(source, kept, poses):
        assert wait_until(lambda: len(kept.frames) > 3)
        poses.made[0][1].takes_s = 600.0
        time.sleep(0.05)
    assert poses.made[0][1].closed


def test_a_clip_in_real_time_through_the_real_pose_process(samples_dir: Path, bundle: Bundle) -> None:
    pids: list[int] = []

    def make(variant: Any) -> PoseProcess:
        pose = PoseProcess(bundle.data, MAX_PEOPLE)
        pids.append(pose.pid)
        return pose

    kept = Kept()
    with open_source(samples_dir / "front_squat_good.mp4") as source, run(source, kept, make) as live:
        assert live.wait(120)
    assert kept.numbers[0] == 0  # nothing is lost while the pose process starts
    assert kept.numbers[-1] == len(frame_times_s(samples_dir / "front_squat_good.mp4")) - 1
    assert all(len(people) == 1 for people, _, _ in kept.states)
    ankles_px = kept.states[-1][0].image_px[0, 27:29]
    assert ((ankles_px > 0) & (ankles_px < (720, 1280))).all()
    assert ankles_px[:, 1].min() > 640  # in the lower half of the full-size picture
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
