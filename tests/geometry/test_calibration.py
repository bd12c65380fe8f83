"""What is measured beside the clip, against rendered truth: marked third toes, camera, focal length.

Landmarks are faultless but for what a test shifts: exact joints, moved by the model's own offsets, seen by
the clip's camera.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.truth import load_truth
from knee_track.errors import UsageError
from knee_track.geometry import anatomy, calibration, deviation, legmodel
from knee_track.geometry.calibration import Calibration
from knee_track.geometry.camera import Camera
from knee_track.geometry.legfit import fit_legs
from knee_track.geometry.legmodel import Own, Shared
from knee_track.geometry.measure import Clip, measure
from knee_track.geometry.view import camera_in_metres
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, HIP, KNEE, LEGS
from knee_track.pose.track import PoseTrack
from knee_track.reps.movement import Recognition
from knee_track.reps.segmentation import RepSpan
from knee_track.settings import Settings

INDEX = {"hip": HIP, "knee": KNEE, "ankle": ANKLE, "heel": HEEL, "toe": FOOT_INDEX}
CLIPS = ["front_squat_good", "front_squat_valgus"]


def in_model_axes(points_m, truth):
    """World points in the leg model's axes, in shanks; with the axes, their origin, the shank in metres."""
    shank = np.linalg.norm(truth.point_m("left", "knee")[0] - truth.point_m("left", "ankle")[0])
    view = np.array(truth.camera["R"])[2] * [1.0, 1.0, 0.0]
    ahead = view / np.linalg.norm(view)
    axes = np.stack([ahead, np.cross([0.0, 0.0, 1.0], ahead), [0.0, 0.0, 1.0]])
    camera = np.array(truth.camera["position"]) * [1.0, 1.0, 0.0]
    floor = truth.p3d_m[0, :, 2, 2].mean() * np.array([0.0, 0.0, 1.0])
    return (points_m - camera - floor) @ axes.T / shank, axes, camera + floor, shank


def landmarks_m(truth, offset):
    """Landmarks (n, 2, 5, 3) in the world: the model's own, posed at the true joints.

    offset (2, 3): added to the toes, in shanks along each foot (forward, medial, up)."""
    joints, axes, origin, shank = in_model_axes(truth.p3d_m, truth)
    hip, knee, ankle, heel, _, _, toe = (joints[:, :, i] for i in range(7))
    n = len(hip)
    shared, own = np.zeros(legmodel.N_SHARED), np.zeros((n, len(Own)))
    shared[legmodel.ANKLE_X], shared[legmodel.ANKLE_Y] = ankle[0, :, 0], ankle[0, :, 1]
    foot = (toe - ankle)[0]
    shared[legmodel.AZIMUTH] = np.arctan2(foot[:, 1], foot[:, 0])
    pelvis = (hip[0, 0] - hip[0, 1])[:2]
    shared[Shared.HEADING] = np.arctan2(pelvis[1], pelvis[0]) - np.pi / 2
    shared[Shared.HALF_PELVIS] = np.linalg.norm(hip[0, 0] - hip[0, 1]) / 2
    shared[Shared.THIGH] = np.linalg.norm(hip[0, 0] - knee[0, 0])
    shared[Shared.FOOT] = np.hypot(*foot[:, :2].T).mean()
    shared[Shared.TOE_DROP] = -foot[:, 2].mean()
    shared[Shared.HEEL], shared[Shared.HEEL_DROP] = anatomy.ANKLE_TO_HEEL.mean, anatomy.HEEL_DROP.mean
    forward = legmodel.unit_azimuth(shared[legmodel.AZIMUTH])
    medial = legmodel.SIDE_SIGN[:, None] * legmodel.unit_azimuth(shared[legmodel.AZIMUTH] - np.pi / 2)
    bone = knee - ankle
    bone /= np.linalg.norm(bone, axis=-1, keepdims=True)
    own[:, legmodel.DEVIATION] = np.arcsin(np.sum(bone * medial, axis=-1))
    own[:, legmodel.TILT] = np.arctan2(np.sum(bone * forward, axis=-1), bone[..., 2])
    own[:, [Own.HIP_X, Own.HIP_Y, Own.HIP_Z]] = hip.mean(axis=1)
    marks = legmodel.pose_legs(shared, own, anatomy.BLAZEPOSE).landmarks
    up = np.broadcast_to([0.0, 0.0, 1.0], (2, 3))
    marks[:, :, -1] += np.einsum("sk,ksc->sc", offset, np.stack([forward, medial, up]))
    return marks * shank @ axes + origin


def seen_px(truth, points_m):
    """Pixels of world points."""
    camera = truth.camera
    x_cam = points_m @ np.array(camera["R"]).T + np.array(camera["t"])
    focal, centre = camera["K"][0][0], np.array([camera["K"][0][2], camera["K"][1][2]])
    return x_cam[..., :2] / x_cam[..., 2:] * focal + centre


def rendered(path, toes_off=((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))):
    """(track, truth) with the toe landmarks shifted by (forward, medial, up) shanks."""
    truth = load_truth(path)
    n = len(truth.times_s)
    image = np.full((n, 33, 2), np.nan)
    landmarks = landmarks_m(truth, np.array(toes_off))
    lopsided = np.zeros((2, len(anatomy.PARTS), 2))
    lopsided[1] = [anatomy.BLAZEPOSE[part].lopsided for part in anatomy.PARTS]
    shared = np.concatenate([np.zeros(len(Shared)), lopsided.ravel()])
    distance = np.linalg.norm(landmarks - truth.camera["position"], axis=-1)[..., None]
    shank = np.linalg.norm(truth.point_m("left", "knee")[0] - truth.point_m("left", "ankle")[0])
    px_per_shank = truth.camera["K"][0][0] * shank / distance
    points = seen_px(truth, landmarks) + legmodel.constant_errors(shared) * px_per_shank
    for part, name in enumerate(anatomy.PARTS):
        for side, leg in enumerate(LEGS):
            image[:, INDEX[name][leg]] = points[:, side, part]
    width, height = truth.camera["size"]
    return PoseTrack(
        truth.times_s, image, np.full((n, 33, 3), np.nan), np.ones((n, 33)), width, height
    ), truth


def true_toes(truth, moment=0):
    return {leg: tuple(truth.point_px(leg, "third_toe")[moment]) for leg in LEGS}


def camera_of(truth):
    """Height above the floor and distance along it to the middle between the ankles, metres."""
    position = np.array(truth.camera["position"])
    ankles = np.mean([truth.point_m(leg, "ankle")[0] for leg in LEGS], axis=0)
    return float(position[2]), float(np.linalg.norm((ankles - position)[:2]))


def toe_out_errors(fit, truth):
    true = [truth.toe_out_deg(leg)[0] for leg in LEGS]
    return np.abs(deviation.toe_out_deg(fit)[0] - true)


def line_errors(fit, truth):
    """Errors of the third-toe lines' directions against the direction to the camera, degrees (2,)."""
    joints = in_model_axes(truth.p3d_m, truth)[0][0]
    ankle, foot = joints[:, 2], joints[:, 6] - joints[:, 2]
    turn = np.arctan2(foot[:, 1], foot[:, 0]) - np.arctan2(-ankle[:, 1], -ankle[:, 0])
    off = legmodel.turn_from_camera(fit.shared) - legmodel.SIDE_SIGN * turn
    return np.abs(np.degrees((off + np.pi) % (2 * np.pi) - np.pi))


def loaded_band(fit, truth):
    return np.median(deviation.bands_deg(fit)[truth.depth > 0.2], axis=0)


def measured(track, truth, known, **more):
    """The set measured as one stance, whatever moves the picture."""
    n = len(track)
    span = RepSpan(0, n // 2, n - 1, 0.0, truth.times_s[n // 2], truth.times_s[-1], float(truth.depth.max()))
    found = Recognition("squat", [span], ["both"], [], [])
    clip = Clip(track, truth.depth, np.full(n, "descent"), np.ones(n, dtype=np.int64), np.zeros((n, 2)))
    return measure(clip, found, Settings(), mirrored=False, calibration=known, **more)


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("shift", [0.04, -0.04])
def test_marked_toes_correct_a_wrong_toe_landmark_and_narrow_the_band(samples_dir, name, shift):
    track, truth = rendered(samples_dir / f"{name}.truth.npz", [[0.0, shift, 0.0]] * 2)
    plain = fit_legs(track, truth.depth, LEGS, 0.0)
    marked = fit_legs(track, truth.depth, LEGS, 0.0, calibration=Calibration(true_toes(truth)))
    assert line_errors(plain, truth).min() > 3.0
    assert line_errors(marked, truth).max() < 1.8
    assert toe_out_errors(marked, truth).mean() < 0.5 * toe_out_errors(plain, truth).mean()
    assert (loaded_band(marked, truth) < loaded_band(plain, truth) - 0.3).all()


def test_one_marked_toe_narrows_the_band_of_its_own_leg_most(samples_dir):
    track, truth = rendered(samples_dir / "front_squat_good.truth.npz")
    left = Calibration({"left": true_toes(truth)["left"]})
    plain = fit_legs(track, truth.depth, LEGS, 0.0)
    marked = fit_legs(track, truth.depth, LEGS, 0.0, calibration=left)
    gain = loaded_band(plain, truth) - loaded_band(marked, truth)
    assert gain[0] > 2.0 * gain[1]


@pytest.mark.parametrize("name", CLIPS)
def test_height_and_distance_settle_the_camera(samples_dir, name):
    track, truth = rendered(samples_dir / f"{name}.truth.npz")
    height, distance = camera_of(truth)
    known = Calibration(
        camera_height_m=height, camera_distance_m=distance, client_height_m=truth.body_height_m
    )
    fit = fit_legs(track, truth.depth, LEGS, 0.0, calibration=known)
    shown = camera_in_metres(fit, truth.body_height_m)
    assert shown[0] == pytest.approx(height, rel=0.05)
    assert shown[1] == pytest.approx(distance, rel=0.06)
    plain = fit_legs(track, truth.depth, LEGS, 0.0)
    assert (loaded_band(fit, truth) <= loaded_band(plain, truth)).all()
    assert fit.covariance[Shared.HEIGHT, Shared.HEIGHT] < 0.7 * plain.covariance[Shared.HEIGHT, Shared.HEIGHT]


def test_the_scale_is_less_sure_without_the_clients_height():
    told, untold = Calibration(client_height_m=1.80).shank_m, Calibration().shank_m
    assert told.mean == pytest.approx(0.45, abs=0.01)  # ANSUR II: 0.24 to 0.26 of stature
    assert untold.sd / untold.mean == pytest.approx(np.hypot(0.012 / 0.25, 0.10 / 1.70))
    assert told.sd < 0.8 * untold.sd


def test_an_error_of_scale_is_shared_by_height_and_distance():
    """Both 6 % too long, as with a client who is taller than thought: cheaper than one up and one down."""
    known = Calibration(camera_height_m=1.0, camera_distance_m=2.8)
    shank = known.shank_m.mean

    def cost(height, distance):
        residuals = calibration.camera_residuals(known, height / shank, distance / shank)
        return float((residuals**2).sum())

    assert cost(1.0, 2.8) == pytest.approx(0.0, abs=1e-12)
    assert cost(1.06, 2.8 * 1.06) < 1.0 < cost(1.06, 2.8 * 0.94)


def test_focal_length_of_the_file_replaces_the_usual_one(samples_dir):
    track, truth = rendered(samples_dir / "front_squat_good.truth.npz")
    focal = truth.camera["K"][0][0] / max(truth.camera["size"])
    equivalent = focal * calibration.FILM_DIAGONAL_MM / (calibration.PHOTO_DIAGONAL * calibration.VIDEO_CROP)
    known = Calibration(focal_length_35mm=equivalent)
    assert np.exp(known.log_focal.mean) == pytest.approx(focal)
    fit = fit_legs(track, truth.depth, LEGS, 0.0, calibration=known)
    plain = fit_legs(track, truth.depth, LEGS, 0.0)
    off = [abs(one.shared[Shared.LOG_FOCAL] - np.log(focal)) for one in (fit, plain)]
    assert off[0] < 0.08 and off[0] <= off[1]
    assert fit.covariance[Shared.LOG_FOCAL, Shared.LOG_FOCAL] < 0.08**2
    phone = Calibration(focal_length_35mm=26.0)  # a phone's usual lens: video spans about 60 degrees
    assert 2 * np.degrees(np.arctan(0.5 / np.exp(phone.log_focal.mean))) == pytest.approx(61.0, abs=4.0)


def test_swaying_camera_and_late_marks(samples_dir):
    track, truth = rendered(samples_dir / "front_squat_good.truth.npz", [[0.0, 0.04, 0.0]] * 2)
    wave = 40.0 * np.sin(truth.times_s * 4.0)[:, None] * [1.0, 0.5]
    moment = int(np.argmax(wave[:, 0]))
    swaying = replace(track, image_px=track.image_px + wave[:, None, :])
    toes = {leg: tuple(np.array(mark) + wave[moment]) for leg, mark in true_toes(truth).items()}
    late = measured(swaying, truth, Calibration(toes, float(truth.times_s[moment])))
    still = measured(track, truth, Calibration(true_toes(truth)))
    assert late.marked == still.marked == ("left", "right")
    for leg in LEGS:
        assert late.posture[leg].toe_out_deg == pytest.approx(still.posture[leg].toe_out_deg, abs=1.0)
        assert late.posture[leg].toe_out_deg == pytest.approx(truth.toe_out_deg(leg)[0], abs=2.5)


def test_a_mirrored_mark_keeps_its_legs_name():
    known = Calibration({"left": (100.0, 50.0)}).mirrored(640)
    assert known.toes_px == {"left": (540.0, 50.0)}


def test_marks_on_the_wrong_foot_or_on_none_are_refused(samples_dir):
    track, truth = rendered(samples_dir / "front_squat_good.truth.npz")
    toes = true_toes(truth)
    with pytest.raises(UsageError, match="left lies on the other foot"):
        measured(track, truth, Calibration({"left": toes["right"], "right": toes["left"]}))
    with pytest.raises(UsageError, match="left third toe at 5,5 is not on the left foot"):
        measured(track, truth, Calibration({"left": (5.0, 5.0)}))


def test_marks_made_while_the_foot_stood_elsewhere_are_left_out(samples_dir):
    track, truth = rendered(samples_dir / "front_squat_good.truth.npz")
    image = track.image_px.copy()
    image[:10] += [80.0, 0.0]
    n = len(track)
    span = RepSpan(20, n // 2, n - 1, truth.times_s[20], truth.times_s[n // 2], truth.times_s[-1], 0.4)
    found = Recognition("squat", [span], ["both"], [], [])
    clip = Clip(
        replace(track, image_px=image), truth.depth, np.full(n, "descent"), np.ones(n, dtype=int), 0.0
    )
    clip = replace(clip, motion_px=np.zeros((n, 2)))
    early = Calibration(true_toes(truth), toes_at_s=0.0)
    assert measure(clip, found, Settings(), mirrored=False, calibration=early).marked == ()
    untimed = Calibration(true_toes(truth))
    assert measure(clip, found, Settings(), mirrored=False, calibration=untimed).marked == ("left", "right")


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (Calibration(camera_height_m=50.0), "A camera height of 50 m cannot be used.*0.05 to 3"),
        (Calibration(camera_distance_m=0.28), "A camera distance of 0.28 m cannot be used.*0.8 to 10"),
        (Calibration({"middle": (1.0, 1.0)}), "not on 'middle'"),
    ],
)
def test_impossible_values(known, sentence):
    with pytest.raises(UsageError, match=sentence):
        calibration.check_given(known)


def test_marks_outside_the_picture_or_the_part():
    known = Calibration({"right": (700.0, 20.0)}, toes_at_s=12.0)
    with pytest.raises(UsageError, match="right third toe at 700,20 lies outside the picture of 640 × 360"):
        calibration.check_in_picture(known, 640, 360)
    with pytest.raises(
        UsageError, match=r"marked at 12 s lie outside the part that is analysed, 0.0 to 2.0 s"
    ):
        calibration.check_time(known, np.array([0.0, 1.0, 2.0]))


def test_a_mark_is_worth_its_spread_near_and_far():
    """A mark that is 0.008 shanks off counts about one sigma where the shank is large in the picture."""
    camera = Camera(0.0, 0.0, focal_px=2000.0, height=1.0, centre_px=np.array([500.0, 500.0]))
    toes = np.array([[5.0, 0.5, 0.0], [5.0, -0.5, 0.0]])
    pixels, _ = camera.project(toes)
    off = Calibration({"left": tuple(pixels[0] + [0.008 * 400.0, 0.0]), "right": tuple(pixels[1])})
    residuals = calibration.toe_residuals(off, camera, toes)
    np.testing.assert_allclose(residuals, [-3.2 / np.hypot(3.2, 2.0), 0.0, 0.0, 0.0], atol=1e-9)


def test_only_marks_that_were_used_are_recorded():
    known = Calibration({"left": (1.0, 2.0), "right": (3.0, 4.0)}, toes_at_s=0.5, focal_length_35mm=26.0)
    record = calibration.record_of(known, ["left"])
    assert (record.third_toe.left_px, record.third_toe.right_px) == ((1.0, 2.0), None)
    assert record.camera.model_dump() == {"height_m": None, "distance_m": None, "focal_length_35mm": 26.0}
    assert [sentence.split(" was")[0] for sentence in calibration.left_out(known, ["left"])] == [
        "The marked right third toe"
    ]
    assert calibration.record_of(replace(known, focal_length_35mm=None), []) is None
