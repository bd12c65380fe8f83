import pytest

from knee_track.live.pace import (
    EASE_S,
    LONG_SIDES_PX,
    SETTLE_FRAMES,
    WINDOW_FRAMES,
    Change,
    Pace,
    Step,
    ladder,
)
from knee_track.pose.manifest import Variant

LARGE, SMALL = LONG_SIDES_PX
ENOUGH = SETTLE_FRAMES + WINDOW_FRAMES


class Machine:
    """Takes so long per picture, by model; a smaller picture saves a tenth. Plays a camera to a pace."""

    def __init__(self, pace: Pace, camera_fps: float = 30.0, **takes_s: float) -> None:
        self.pace = pace
        self.takes_s = takes_s
        self.clock_s = 0.0
        self.number = 0
        self._camera_fps = camera_fps

    def run(self, frames: int) -> list[Change]:
        changes = []
        for _ in range(frames):
            step = self.pace.step
            busy_s = self.takes_s[step.variant] * (1.0 if step.long_side_px == LARGE else 0.9)
            passed = max(1, round(busy_s * self._camera_fps))
            self.number += passed
            self.clock_s += passed / self._camera_fps
            change = self.pace.note(busy_s, self.clock_s, self.number)
            if change is not None:
                changes.append(change)
        return changes

    def run_for(self, seconds: float) -> list[Change]:
        end_s, changes = self.clock_s + seconds, []
        while self.clock_s < end_s:
            changes += self.run(1)
        return changes


def test_the_ladder_goes_down_by_size_then_by_model() -> None:
    assert ladder(["lite", "full", "heavy"], "heavy") == [
        Step("heavy", LARGE),
        Step("heavy", SMALL),
        Step("full", LARGE),
        Step("full", SMALL),
        Step("lite", LARGE),
        Step("lite", SMALL),
    ]


@pytest.mark.parametrize(
    ("available", "wanted", "variants"),
    [
        (["full"], "full", ["full"]),
        (["lite", "full", "heavy"], "full", ["full", "lite"]),
        (["lite"], "full", ["lite"]),
        (["heavy"], "full", ["heavy"]),
        ([], "full", []),
    ],
)
def test_only_models_that_are_here_are_steps(
    available: list[Variant], wanted: Variant, variants: list[Variant]
) -> None:
    assert list(dict.fromkeys(step.variant for step in ladder(available, wanted))) == variants


def test_a_fast_machine_stays_at_the_best() -> None:
    machine = Machine(Pace(ladder(["lite", "full"])), full=0.020)
    assert machine.run(500) == []
    assert machine.pace.step == Step("full", LARGE)


def test_a_smaller_picture_is_tried_first_and_kept_when_it_is_enough() -> None:
    machine = Machine(Pace(ladder(["lite", "full"])), full=0.045)
    assert machine.run(500) == [Change(Step("full", SMALL))]


def test_a_slowed_landmarker_gives_way_to_the_lighter_model_with_a_notice() -> None:
    machine = Machine(Pace(ladder(["lite", "full"])), full=0.080, lite=0.030)
    small, lite = machine.run(2 * ENOUGH)
    assert small == Change(Step("full", SMALL))
    assert lite.step == Step("lite", LARGE)
    assert lite.notice is not None and "'full' is too slow" in lite.notice and "'lite'" in lite.notice
    assert machine.run(1000) == []


def test_a_machine_that_cannot_hold_the_rate_with_anything_says_so_once() -> None:
    machine = Machine(Pace(ladder(["full"])), full=0.100)
    changes = machine.run(2000)
    assert [change.step for change in changes] == [Step("full", SMALL), None]
    notice = changes[1].notice
    assert notice is not None and "manages 11 pictures per second, 24 are needed" in notice
    assert "models fetch --variant lite" in notice


def test_the_lightest_model_is_not_told_to_get_a_lighter_one() -> None:
    changes = Machine(Pace(ladder(["lite"])), lite=0.100).run(2000)
    assert changes[-1].notice is not None and "fetch" not in changes[-1].notice


def test_single_slow_pictures_change_nothing() -> None:
    pace = Pace(ladder(["full"]))
    for number in range(600):
        busy_s = 0.5 if number % 5 == 0 or number < SETTLE_FRAMES else 0.02
        assert pace.note(busy_s, number / 30, number) is None


def test_a_machine_that_was_busy_for_a_while_goes_back_up() -> None:
    machine = Machine(Pace(ladder(["lite", "full"])), full=0.080, lite=0.030)
    machine.run(2 * ENOUGH)
    machine.takes_s.update(full=0.020, lite=0.010)
    assert machine.run_for(0.9 * EASE_S) == []
    steps = [change.step for change in machine.run_for(3 * EASE_S)]
    assert steps == [Step("full", SMALL), Step("full", LARGE)]


def test_it_does_not_flap_where_the_lighter_model_is_easy_and_the_other_too_much() -> None:
    machine = Machine(Pace(ladder(["lite", "full"])), full=0.060, lite=0.020)
    changes = machine.run_for(600.0)
    assert machine.pace.step.variant == "lite"
    assert len(changes) <= 16  # each attempt comes twice as late as the one before
    late = machine.run_for(600.0)
    assert len(late) <= 6


def test_a_slow_camera_is_told_once() -> None:
    machine = Machine(Pace(ladder(["full"])), camera_fps=15.0, full=0.020)
    (change,) = machine.run(500)
    assert change.step is None
    assert change.notice is not None and "camera gives only 15 pictures" in change.notice


def test_a_slow_clip_is_no_slow_camera() -> None:
    assert Machine(Pace(ladder(["full"]), camera=False), camera_fps=15.0, full=0.020).run(500) == []


def test_film_rate_counts_as_enough() -> None:
    assert Machine(Pace(ladder(["full"])), camera_fps=24000 / 1001, full=0.020).run(500) == []


def test_another_target_changes_the_choice() -> None:
    assert Machine(Pace(ladder(["full"]), target_fps=12.0), full=0.060).run(500) == []
    assert Machine(Pace(ladder(["full"]), target_fps=24.0), full=0.060).run(500) != []


def test_no_model_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="no pose model"):
        Pace([])
