"""Findings: the statements about a set that the report prints first and the protocol is built from.

Stable ids (protocol/rules.yaml refers to them; add freely, rename never). `leg` is the leg meant; "both" is one
finding that holds on either side; None where no leg is meant. Every finding's `evidence` holds its numbers.

=========================== ====================== ==================================================================
id                          leg                    meaning (evidence keys beyond numbers and bands)
=========================== ====================== ==================================================================
medial_knee                 left | right | both    the leg's grade is mild or worse (grade, worst_grade, borderline,
                                                   shallow, phases, reps_with_events, reps)
intermittent_medial_knee    left | right | both    the median rep is fine, but some reps hold events (as above)
descent_only                left | right | both    all events of the leg lie in the descent
bottom_only                 left | right | both    all events of the leg lie in the bottom
ascent_only                 left | right | both    all events lie in the ascent, or begin in the bottom and go on in it
worsening                   left | right | both    later reps are worse than earlier ones beyond the error
static_alignment            left | right | both    knock-knee or bow-leg already in standing: anatomy (direction
                                                   "knock_knee" | "bow_leg")
asymmetric_medial_knee      left | right           the worse leg; the legs differ beyond limit and band, one is medial
lateral_knee                left | right | both    the knees go too far out
lateral_drift               left | right | both    the knees go a little outside the line; noted, nothing to change
pelvic_drop                 left | right           the side that drops
trunk_lean                  left | right           the side leaned to
hip_shift                   left | right           the side the hips move to
toe_out_wide                left | right | both    feet turned out far
shallow_depth               None                   the reps stay shallow, so grades say less
good_tracking               None                   knees were measured and nothing medial or lateral was found
view_refused                None                   knees not measured because of the camera's place (reasons)
low_quality                 None                   the clip allows only weak or no statements (level, warnings)
no_reps                     None                   no complete repetition was found
=========================== ====================== ==================================================================
"""
