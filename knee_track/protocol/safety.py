"""What is said about safety: once, in one place (docs/measurement.md §6)."""

from __future__ import annotations

from typing import Final

from knee_track.protocol.library import Defaults

_DISCLAIMER: Final = (
    "This report is an automated movement-coaching aid based on {basis}. It does not diagnose injury or "
    "disease, does not predict injury, and is not a medical device. Angles carry an error of several "
    "degrees and depend on {conditions}. Muscle names are coaching hypotheses, not "
    "findings. Stop and consult a doctor or physiotherapist if you have pain above 5/10, swelling, "
    "locking, giving way, numbness, recent injury or surgery. Exercise at your own pace; a qualified coach "
    "should review the plan."
)
DISCLAIMER: Final = _DISCLAIMER.format(basis="one camera", conditions="camera set-up, clothing and footwear")
MARKER_DISCLAIMER: Final = _DISCLAIMER.format(
    basis="3-D markers", conditions="where the markers sit and on footwear"
)
"""The same where no camera's picture was measured."""

RED_FLAGS: Final = (
    "Get medical help the same day, and do not train, with: a hot, red, swollen joint together with fever "
    "or feeling unwell; a possible fracture or dislocation; a torn quadriceps or patellar tendon; no "
    "weight possible on the leg, or no movement in the knee; a shape of the leg that quickly gets worse; a "
    "cold, pale or numb foot; a swollen, warm calf.",
    "See a doctor urgently with: a locked knee; a fresh ligament tear; a large swelling of the knee; a "
    "kneecap that went out of place in an accident.",
    "See a doctor before starting with: pain at night or at rest; constant pain; unexplained weight loss; "
    "a known cancer; a knee that gives way again and again; a swollen knee; surgery in the last 6 months; "
    "age under 16 with hip or knee pain.",
    "After a fall or blow have the knee looked at before training when one holds: age 55 or more; "
    "tenderness only of the kneecap, or of the bone at the outer knee; the knee does not bend to 90°; four "
    "steps are not possible.",
    "Ask a doctor first with: pregnancy, osteoporosis, a recent ligament or meniscus operation, very loose "
    "joints, dizziness or heart trouble.",
)


FIRST: Final = 2  # how many of the paragraphs stand before a plan; the rest follows it


def safety_text(defaults: Defaults) -> list[str]:
    """One paragraph each: stop signs, when to see a professional, then pain rule and red flags."""
    pain = defaults.pain_rule
    return [
        f"Stop at once with: {'; '.join(defaults.stop_signs)}.",
        "See a doctor or physiotherapist before you start after a recent injury or operation, with pain at "
        "rest or at night, or when anything listed after the plan holds.",
        f"Pain rule: at best {pain.ideal_max}/10 or less while you train, never above {pain.stop_above}/10; "
        f"back to normal within {pain.settle_minutes} minutes, and no worse the next morning.",
        *RED_FLAGS,
    ]
