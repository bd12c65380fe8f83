"""The add-on tests of one client: analyses and a tape measure in, findings and routes out.

docs/measurement.md §4: cue test, heel-lift test, single-leg test and knee-to-wall. Their numbers stand in
rules.yaml, `tests`; pure, no file is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, get_args

from knee_track.errors import UsageError
from knee_track.findings.whole_set import with_band
from knee_track.pose.skeleton import Leg
from knee_track.protocol.addon_words import verdict_words
from knee_track.protocol.assessment import (
    CLIPS,
    OTHER_LEG,
    SINGLE_LEG,
    Assessment,
    ClipName,
    LegResult,
    Route,
    Test,
)
from knee_track.protocol.catalogue import DEFAULT, Catalogue, load_catalogue
from knee_track.protocol.knee_to_wall import check_knee_to_wall, knee_to_wall_results, short_findings
from knee_track.protocol.library import Library, load_library
from knee_track.protocol.messages import translated
from knee_track.protocol.response import (
    CUE,
    HEEL_LIFT,
    MEDIAL,
    both_legs,
    response_findings,
    summary_of,
)
from knee_track.protocol.rules import AddOnTests, FiredRule, Rules, load_rules
from knee_track.protocol.seen import finding_sentence
from knee_track.protocol.sentences import seen_words, upper_first
from knee_track.report.words import MOVEMENTS
from knee_track.reps.movement import LOOKS_LIKE
from knee_track.results import Analysis, Finding, Rep

REFUSALS: Final = ("view_refused", "low_quality", "no_reps")


def assess(
    natural: Analysis,
    cued: Analysis | None = None,
    heel_lift: Analysis | None = None,
    single_left: Analysis | None = None,
    single_right: Analysis | None = None,
    knee_to_wall: Mapping[Leg, float] | None = None,
    *,
    library: Library | None = None,
    rules: Rules | None = None,
    language: str = DEFAULT,
) -> Assessment:
    """What the add-on tests of one session add to the natural clip.

    Parameters
    ----------
    natural
        Squats without cue or help; its findings are the base, and without them there is no plan.
    cued, heel_lift
        The same movement with one cue, and with the heels on a board.
    single_left, single_right
        Single-leg squats on that leg.
    knee_to_wall
        Toe to wall, cm, per leg.
    library, rules
        A coach's own; the package's by default.
    language
        Of what the tests say. What the clips' own analyses say stays English where it is a finding.

    Raises
    ------
    UsageError
        When the clips do not belong together, a distance is none, or there is no test.
    """
    words = load_catalogue(language)
    library = library or load_library()
    rules = rules or load_rules(library)
    given: dict[ClipName, Analysis | None] = dict(
        zip(get_args(ClipName), (natural, cued, heel_lift, single_left, single_right), strict=True)
    )
    clips = {name: analysis for name, analysis in given.items() if analysis is not None}
    if len(clips) == 1 and not knee_to_wall:
        raise UsageError("There is no test to judge; give at least one beside the natural clip.")
    check_belong(clips)
    check_knee_to_wall(knee_to_wall or {}, rules.tests)
    findings, results = _with_single_legs(clips, rules.tests, words)
    for trial in (CUE, HEEL_LIFT):
        if (other := clips.get(trial.clip)) is not None:
            legs = both_legs(trial, natural, other, rules.tests, library.defaults.retest, words)
            results += legs
            findings += response_findings(trial, legs, words)
    distances = knee_to_wall_results(knee_to_wall or {}, rules.tests, words)
    results += distances
    findings += short_findings(distances, words)
    results.sort(key=lambda one: get_args(Test).index(one.test))
    return Assessment(
        findings=tuple(findings),
        results=tuple(results),
        notes=tuple(_notes(clips, words)),
        route=tuple(_routes(findings, rules, words)),
        language=language,
    )


def check_belong(clips: Mapping[ClipName, Analysis]) -> None:
    """Raise UsageError for clips that cannot be one client's tests; `clips` may be only some of them."""
    for one, other in combinations(clips, 2):
        if _same_reps((one, clips[one]), (other, clips[other])):
            raise UsageError(f"{upper_first(CLIPS[one])} is also {CLIPS[other]}; give one clip per test.")
        ids = clips[one].client.id, clips[other].client.id
        if all(ids) and ids[0] != ids[1]:
            raise UsageError(
                f"{upper_first(CLIPS[one])} is of client {ids[0]} and {CLIPS[other]} of client {ids[1]}; "
                "give clips of one client."
            )
    for name, analysis in clips.items():
        _check_movement(clips.get("natural"), name, analysis)


def _same_reps(one: tuple[ClipName, Analysis], other: tuple[ClipName, Analysis]) -> bool:
    """Whether two analyses are of one recording and share reps.

    Two parts of a recording are a fair pair, and so are the reps on either leg of one single-leg clip.
    """
    first, second = one[1].source.sha256, other[1].source.sha256
    if first is None or first != second:
        return False
    reps, twins = _reps(*one), _reps(*other)
    if not reps or not twins:
        return True
    return any(rep.start_s < twin.end_s and twin.start_s < rep.end_s for rep in reps for twin in twins)


def _reps(name: ClipName, analysis: Analysis) -> list[Rep]:
    """The reps that count for a clip: of a single-leg clip those on its leg."""
    leg = SINGLE_LEG.get(name)
    return [rep for rep in analysis.reps if leg is None or rep.working_leg == leg]


def _check_movement(natural: Analysis | None, name: ClipName, analysis: Analysis) -> None:
    """A clip in which no movement was recognised is no mistake of the user: it says nothing, later."""
    if analysis.movement == "unknown":
        return
    leg = SINGLE_LEG.get(name)
    wanted = "single_leg_squat" if leg else natural.movement if natural else "unknown"
    if wanted not in ("unknown", analysis.movement):
        raise UsageError(
            f"{upper_first(CLIPS[name])} shows a {MOVEMENTS[analysis.movement]}, not a {MOVEMENTS[wanted]}; "
            "film that one, or declare it with analyze --movement and give the analysis.json."
        )
    if leg and analysis.reps and not _reps(name, analysis):
        raise UsageError(
            f"{upper_first(CLIPS[name])} holds no rep on the {leg} leg; are left and right swapped?"
        )


# ------------------------------------------------------------ single-leg test
def _with_single_legs(
    clips: Mapping[ClipName, Analysis], tests: AddOnTests, words: Catalogue
) -> tuple[list[Finding], list[LegResult]]:
    """The natural clip's findings joined by those of the single-leg clips, and what these showed."""
    findings, results = list(clips["natural"].findings), []
    for name, leg in SINGLE_LEG.items():
        if name not in clips:
            continue
        analysis = clips[name]
        why_not = _unusable(analysis, words)
        seen = [] if why_not else _of_leg(analysis, leg, tests)
        results.append(_single_result(analysis, leg, seen, why_not, words))
        for finding in seen:
            _join(findings, finding, leg, words)
    off_line = (*MEDIAL, "lateral_knee")
    if any(one.id in off_line for one in findings):
        findings = [one for one in findings if one.id != "good_tracking"]
    return findings, results


def _of_leg(analysis: Analysis, leg: Leg, tests: AddOnTests) -> list[Finding]:
    """What a single-leg clip adds about its leg: the pelvis drops on the other side, the trunk leans to it.

    A pelvis that drops, or a trunk that leans, the other way is how a client balances, not measurement.md §4
    row 2, and would be taken for a sign of the other leg.
    """
    found = []
    for finding in analysis.findings:
        if finding.id not in tests.single_leg_findings:
            continue
        on_leg = finding.evidence.get("working_leg", leg) == leg
        sides = (OTHER_LEG[leg],) if finding.id == "pelvic_drop" else (leg, "both")
        if on_leg and finding.leg in sides:
            found.append(finding)
    return found


def _single_result(
    analysis: Analysis, leg: Leg, seen: Sequence[Finding], why_not: str, words: Catalogue
) -> LegResult:
    if why_not:
        return LegResult("single_leg", leg, "not comparable", words.text("tests.says_nothing", why=why_not))
    if seen:
        text = _joined(finding_sentence(one, words) for one in seen)
        return LegResult("single_leg", leg, "seen", text, {"findings": [one.id for one in seen]})
    summary = summary_of(analysis, leg)
    peak, text = summary.median_peak_deviation_deg, verdict_words("nothing seen", words)
    if peak is not None:
        size = words.decimals(with_band(peak, summary.band_deg))
        text += words.text("tests.off_line", size=size)
    return LegResult("single_leg", leg, "nothing seen", text)


def _join(findings: list[Finding], added: Finding, leg: Leg, words: Catalogue) -> None:
    """Add a finding of a single-leg clip; one that the natural clip has for the leg keeps its own words."""
    text = words.text("tests.on_one_leg", leg=words.text(f"sides.{leg}"), text=finding_sentence(added, words))
    for index, own in enumerate(findings):
        if own.id == added.id and own.leg in (added.leg, "both"):
            single = {**own.evidence.get("single_leg", {}), leg: added.evidence}
            both = {
                "text": f"{finding_sentence(own, words)} {text}",
                "evidence": {**own.evidence, "single_leg": single},
            }
            findings[index] = own.model_copy(update=both)
            return
    evidence = {**added.evidence, "test": "single_leg"}
    findings.append(added.model_copy(update={"text": text, "evidence": evidence}))


def _unusable(analysis: Analysis, words: Catalogue) -> str:
    """Why a single-leg clip says nothing, also when it looks like something else; empty when it does."""
    unlike = [one for one in analysis.quality.warnings if LOOKS_LIKE in one]
    return _joined([*_refusals(analysis, words), *(translated(one, words) or one for one in unlike)])


def _refusals(analysis: Analysis, words: Catalogue) -> list[str]:
    return [finding_sentence(one, words) for one in analysis.findings if one.id in REFUSALS]


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(texts)).rstrip(".")


# ------------------------------------------------------------ notes and routes
def _notes(clips: Mapping[ClipName, Analysis], words: Catalogue) -> list[str]:
    notes = [
        words.text(
            "tests.cannot_be_used",
            test=words.text(f"tests.titles.{trial.test}"),
            clip=words.text(f"tests.clips.{trial.clip}"),
            why=_joined(refused),
        )
        for trial in (CUE, HEEL_LIFT)
        if trial.clip in clips and (refused := _refusals(clips[trial.clip], words))
    ]
    days = sorted({one.source.recorded_at[:10] for one in clips.values() if one.source.recorded_at})
    if len(days) > 1:
        notes.append(words.text("tests.days", days=", ".join(days)))
    return notes


def _routes(findings: Sequence[Finding], rules: Rules, words: Catalogue) -> list[Route]:
    """The routes of the rules that hold, unless there is no plan."""
    fired = rules.fire(findings)
    if rules.called_plan(fired).status == "none":
        return []
    routes = []
    for one in fired:
        if (name := one.rule.route) is not None:
            because = ", ".join(dict.fromkeys(_because(one, words)))
            leg, way = words.text(f"legs.{one.leg}"), words.text(f"routes.{name}")
            text = words.text("tests.route", way=way, leg=leg, because=because)
            routes.append(Route(name, one.leg, text))
    return routes


def _because(fired: FiredRule, words: Catalogue) -> list[str]:
    """What is behind a rule beside the medial knee; the leg is said where it is not the rule's."""
    seen = [one for one in fired.findings if one.id not in MEDIAL]
    return [words.text(f"seen.{one.id}") if one.leg == fired.leg else seen_words(one, words) for one in seen]
