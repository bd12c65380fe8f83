"""What is drawn, read back from the pixels."""

import numpy as np
import pytest

from knee_track.live.sources import Frame
from knee_track.live.state import Instruction, LegNow, LiveState
from knee_track.live.view import BAR_DEG, Extras, draw
from knee_track.pose.skeleton import KNEE
from knee_track.report.overlay import GRADE_COLOURS, LEG_COLOURS

WIDTH, HEIGHT = 1280, 720
KEYS = ("space: pause", "q: quit")
COLOURS = {grade: colour for grade, colour in GRADE_COLOURS.items() if grade not in ("none", "unknown")}


def extras(**changes):
    return Extras(
        **{"mirror": False, "note": "", "keys": KEYS, "fps": 30.0, "enter_deg": 4.0, "standing_s": 2.0}
        | changes
    )


def state(left=None, right=None, **changes):
    points = np.full((33, 2), np.nan)
    points[KNEE["left"]], points[KNEE["right"]] = (800.0, 450.0), (500.0, 450.0)
    legs = {"left": left or LegNow(), "right": right or LegNow()}
    given = {"time_s": 1.0, "stage": "measuring", "legs": legs, "landmarks_px": points, "phase": "bottom"}
    return LiveState(**given | changes)


def leg(deviation, grade, *, event=False, at=(800.0, 450.0), out=60.0):
    x, y = at
    line = np.array([[x, y + 200], [x + 20, y + 240]])
    return LegNow(deviation, 3.0, grade, event, line, np.array([x + out, y]))


def shown(one, **changes):
    frame = Frame(np.zeros((HEIGHT, WIDTH, 3), np.uint8), 0.0, one.time_s, 0)
    return draw(frame, one, extras(**changes))


def where(picture, colour):
    """(n, 2) x and y of the pixels of exactly this colour."""
    y, x = np.nonzero((picture == np.array(colour, np.uint8)).all(axis=2))
    return np.stack([x, y], axis=1)


def test_the_bar_is_as_long_as_the_deviation():
    lengths = {}
    for deviation in (5.0, 10.0):
        picture = shown(state(left=leg(deviation, "moderate")))
        bar = where(picture[:150], COLOURS["moderate"])
        row = bar[bar[:, 1] == 126]  # through the middle of the bar
        lengths[deviation] = np.ptp(row[:, 0])
    assert lengths[10.0] == pytest.approx(2 * lengths[5.0], rel=0.03)
    full = shown(state(left=leg(40.0, "severe")))
    bar = where(full[:150], COLOURS["severe"])
    assert np.ptp(bar[bar[:, 1] == 126][:, 0]) == pytest.approx(lengths[10.0] / 10.0 * BAR_DEG, rel=0.03)


def test_left_stays_the_clients_left_in_the_mirror():
    one = state(left=leg(9.0, "moderate"))
    plain, mirrored = shown(one), shown(one, mirror=True)
    for picture, side in ((plain, 1), (mirrored, -1)):
        assert np.sign(where(picture[:150], COLOURS["moderate"])[:, 0].mean() - WIDTH / 2) == side
        dot = where(picture[200:600], LEG_COLOURS["left"])
        assert np.sign(dot[:, 0].mean() - WIDTH / 2) == side
    assert where(mirrored[200:600], LEG_COLOURS["left"])[:, 0].mean() == pytest.approx(WIDTH - 800, abs=3)


@pytest.mark.parametrize(
    ("one", "phase"),
    [
        (leg(3.9, "none"), "bottom"),
        (leg(20.0, "none"), "bottom"),
        (leg(9.0, "moderate"), None),
        (None, "bottom"),
    ],
    ids=["below the threshold", "inside its band", "standing", "not measured"],
)
def test_noise_has_no_colour(one, phase):
    picture = shown(state(left=one, right=one, phase=phase))
    assert all(len(where(picture, colour)) == 0 for colour in COLOURS.values())


def test_an_event_is_ringed():
    ringed = where(shown(state(left=leg(9.0, "severe", event=True)))[200:], COLOURS["severe"])
    plain = where(shown(state(left=leg(9.0, "severe")))[200:], COLOURS["severe"])
    assert len(ringed) > len(plain) + 300
    assert np.abs(ringed - [800, 250]).max() > 30


def test_the_instruction_fits_a_narrow_picture():
    text = "Your legs can hardly be seen; clear what hides them, and add light, please, now."
    told = state(instruction=Instruction("x", text, blocking=True), phase=None, stage="setup")
    frame = Frame(np.zeros((1280, 720, 3), np.uint8), 0.0, 1.0, 0)
    x = where(draw(frame, told, extras()), GRADE_COLOURS["mild"])[:, 0]
    assert x.min() > 0 and x.max() < 719
    assert x.min() + x.max() == pytest.approx(720, abs=20)  # centred


def test_standing_still_fills_a_line():
    def length(standing_s):
        standing = state(
            stage="standing", phase=None, standing_s=standing_s, instruction=Instruction("a", "b")
        )
        return np.ptp(where(shown(standing)[500:], GRADE_COLOURS["none"])[:, 0])

    assert length(1.0) == pytest.approx(WIDTH / 2, abs=8)
    assert length(2.0) == pytest.approx(WIDTH, abs=8)


def test_the_camera_picture_itself_is_left_alone():
    rgb = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    draw(Frame(rgb, 0.0, 1.0, 0), state(left=leg(9.0, "severe", event=True)), extras())
    assert (rgb == 90).all()
