"""What was seen, as a sentence with its numbers, made from a finding's evidence in the plan's language.

The analysis writes its findings in English. The catalogues' section `findings` has the same sentences by the
finding's id, filled from `evidence`. A sentence with a number that no evidence holds is found among the
`messages`; the last resort is the short form of section `seen`. A reason or warning that the messages lack
stays English rather than going missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from knee_track.findings.whole_set import Evidence, with_band
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.addon_words import response_long, size_cm
from knee_track.protocol.catalogue import DEFAULT, Catalogue
from knee_track.protocol.messages import translated
from knee_track.protocol.sentences import seen_words, upper_first
from knee_track.results import Finding

Fills = Mapping[str, object]


def finding_sentence(finding: Finding, words: Catalogue) -> str:
    """A finding in the language of `words`; in English the sentence of the analysis itself."""
    if words.language == DEFAULT:
        return finding.text
    return sentence_of(finding, words) or translated(finding.text, words) or _short(finding, words)


def sentence_of(finding: Finding, words: Catalogue) -> str | None:
    """The sentence made from the evidence; None where that lacks something.

    A single-leg test of the add-on tests stands in the evidence beside the clip's own (see protocol.addon).
    """
    try:
        text = _own(finding, words)
    except (KeyError, TypeError):  # evidence of another version, or of a coach's own finding
        return None
    if text is None:
        return None
    if finding.evidence.get("test") == "single_leg":
        text = words.text("tests.on_one_leg", leg=words.text(f"sides.{_tested(finding)}"), text=text)
    return " ".join([text, *_on_one_leg(finding, words)])


def _short(finding: Finding, words: Catalogue) -> str:
    return f"{upper_first(seen_words(finding, words))}."


def _on_one_leg(finding: Finding, words: Catalogue) -> list[str]:
    """What single-leg clips showed of a finding that the natural clip has as well."""
    texts = []
    for leg, evidence in finding.evidence.get("single_leg", {}).items():
        added = Finding(id=finding.id, leg=None, text="", evidence=evidence)
        text = sentence_of(added, words) or _short(added, words)
        texts.append(words.text("tests.on_one_leg", leg=words.text(f"sides.{leg}"), text=text))
    return texts


def _tested(finding: Finding) -> str:
    """The leg that a single-leg clip was of."""
    return str(finding.evidence.get("working_leg", finding.leg or "both"))


def _own(finding: Finding, words: Catalogue) -> str | None:
    """The finding's own sentence, one for each leg that it holds for."""
    key, evidence = f"findings.{finding.id}", finding.evidence
    if finding.id in _WHOLE:
        return _WHOLE[finding.id](key, evidence, words)
    legs = [leg for leg in LEGS if leg in evidence]
    if finding.id not in _PER_LEG or not legs:
        return None
    if "direction" in evidence:
        key = f"{key}.{evidence['direction']}"
    return " ".join(
        words.text(key, leg=_adjective(leg, words), **_PER_LEG[finding.id](evidence[leg], words))
        for leg in legs
    )


# ------------------------------------------------------------ one sentence per leg
def _medial(seen: Evidence, words: Catalogue) -> Fills:
    when = ""
    if seen["phases"]:
        phase = max(seen["phases"], key=seen["phases"].__getitem__)
        when = words.text("findings.when", reps=_reps(seen, words), phase=words.text(f"findings.in.{phase}"))
    return {
        "size": _size(seen["median_peak_deviation_deg"], seen["band_deg"], words),
        "grade": words.text(f"grades.{seen['grade']}"),
        "borderline": words.text("findings.borderline") if seen["borderline"] else "",
        "when": when,
        "shallow": words.text("findings.shallow") if seen["shallow"] else "",
    }


def _intermittent(seen: Evidence, words: Catalogue) -> Fills:
    return {
        "size": _size(seen["median_peak_deviation_deg"], seen["band_deg"], words),
        "reps": _reps(seen, words),
        "worst": words.text(f"grades.{seen['worst_grade']}"),
    }


def _no_numbers(_: Evidence, __: Catalogue) -> Fills:
    return {}


def _worsening(seen: Evidence, words: Catalogue) -> Fills:
    return {"size": _size(seen["change_deg"], seen["band_deg"], words)}


def _lateral(seen: Evidence, words: Catalogue) -> Fills:
    size = _size(seen["size_deg"], None, words)
    return {"size": size, "n": seen["reps_with_events"], "of": seen["reps"]}


def _static(seen: Evidence, words: Catalogue) -> Fills:
    return {"size": _size(seen["size_deg"], None, words)}


def _toe_out(seen: Evidence, words: Catalogue) -> Fills:
    return {"size": _size(seen["toe_out_deg"], seen["band_deg"], words)}


def _knee_to_wall(seen: Evidence, words: Catalogue) -> Fills:
    why = ", ".join(translated(reason, words) or reason for reason in seen["why"])
    return {"size": size_cm(seen["cm"], seen["band_cm"], words), "why": why}


def _cue(seen: Evidence, words: Catalogue) -> Fills:
    return {"numbers": response_long("cue", seen, words)}


def _heel_lift(seen: Evidence, words: Catalogue) -> Fills:
    return {"numbers": response_long("heel_lift", seen, words)}


_PER_LEG: Final[Mapping[str, Callable[[Evidence, Catalogue], Fills]]] = {
    "medial_knee": _medial,
    "intermittent_medial_knee": _intermittent,
    "descent_only": _no_numbers,
    "bottom_only": _no_numbers,
    "ascent_only": _no_numbers,
    "worsening": _worsening,
    "lateral_knee": _lateral,
    "lateral_drift": _lateral,
    "static_alignment": _static,
    "toe_out_wide": _toe_out,
    "knee_to_wall_short": _knee_to_wall,
    "cue_responsive": _cue,
    "cue_nonresponsive": _cue,
    "heel_lift_positive": _heel_lift,
    "heel_lift_negative": _heel_lift,
}


# ------------------------------------------------------------ one sentence for the whole set
def _asymmetric(key: str, seen: Evidence, words: Catalogue) -> str:
    leg: Leg = "left" if seen["asymmetry_deg"] > 0 else "right"
    size = _size(abs(seen["asymmetry_deg"]), seen["band_deg"], words)
    return words.text(key, leg=_adjective(leg, words), size=size)


def _sway(key: str, seen: Evidence, words: Catalogue) -> str:
    side: Leg = "left" if seen["value"] > 0 else "right"
    working = seen["working_leg"]
    where = "" if working == "both" else words.text("findings.where", leg=_adjective(working, words))
    unit = " %" if key.endswith("hip_shift") else "°"
    size = _size(abs(seen["value"]), seen["band"], words, unit)
    return words.text(
        key, side=_adjective(side, words), way=words.text(f"sides.{side}"), size=size, where=where
    )


def _good_tracking(key: str, seen: Evidence, words: Catalogue) -> str | None:
    parts = [
        words.text(
            "findings.good_leg",
            leg=words.text(f"sides.{leg}"),
            size=_size(seen[leg]["median_peak_deviation_deg"], seen[leg]["band_deg"], words),
            near=words.text("findings.near") if seen[leg]["borderline"] else "",
        )
        for leg in LEGS
        if leg in seen
    ]
    return words.text(key, legs="; ".join(parts)) if parts else None


def _view_refused(key: str, seen: Evidence, words: Catalogue) -> str:
    given = [reason.rstrip(".") for reason in seen["reasons"]] or ["the view does not allow it"]
    return words.text(key, why="; ".join(translated(reason, words) or reason for reason in given))


def _low_quality(key: str, seen: Evidence, words: Catalogue) -> str:
    warnings = [translated(warning, words) or warning for warning in seen["warnings"]]
    return " ".join([words.text(f"{key}.{seen['level']}"), *warnings])


_WHOLE: Final[Mapping[str, Callable[[str, Evidence, Catalogue], str | None]]] = {
    "asymmetric_medial_knee": _asymmetric,
    "pelvic_drop": _sway,
    "trunk_lean": _sway,
    "hip_shift": _sway,
    "good_tracking": _good_tracking,
    "view_refused": _view_refused,
    "low_quality": _low_quality,
}


def _adjective(leg: Any, words: Catalogue) -> str:
    return words.text(f"findings.sides.{leg}")


def _size(value: float, band: float | None, words: Catalogue, unit: str = "°") -> str:
    return words.decimals(with_band(value, band, unit))


def _reps(seen: Evidence, words: Catalogue) -> str:
    key = "rep" if seen["reps"] == 1 else "reps"
    return words.text(f"findings.{key}", n=seen["reps_with_events"], of=seen["reps"])
