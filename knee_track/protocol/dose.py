"""How much of an exercise, and how long that takes."""

from __future__ import annotations

from knee_track.protocol.choice import Candidate, Intake
from knee_track.protocol.library import TOP_LEVEL, Exercise, Library
from knee_track.protocol.texts import seen_words
from knee_track.results import Dose, Working


def set_amount(exercise: Exercise, level: int) -> int:
    """Repetitions, or seconds, of one set at a level.

    Release work and daily practice stay at the low end; the rest rises linearly from the low end at
    the exercise's own level to the high end at the top level. Seconds are rounded to 5.
    """
    low, high = exercise.dosage.amount_range
    if exercise.phase == "release" or exercise.daily or exercise.level == TOP_LEVEL:
        return low
    share = (level - exercise.level) / (TOP_LEVEL - exercise.level)
    amount = low + (high - low) * share
    return round(amount) if exercise.dosage.reps else 5 * round(amount / 5)


def exercise_s(exercise: Exercise, leg: Working, sets: int, amount: int, changeover_s: int) -> int:
    """Seconds that an exercise takes: sets x (work + rest) x sides + change-over (see library.yaml)."""
    dosage = exercise.dosage
    work_s = amount * (dosage.seconds_per_rep or 1)
    sides = 2 if dosage.per_side and leg == "both" else 1
    return sets * (work_s + dosage.rest_s) * sides + changeover_s


def prescribe(candidate: Candidate, sets: int, level: int, library: Library, intake: Intake) -> Dose:
    """The exercise as it stands in the plan, with one cue: the cues take turns from stage to stage."""
    exercise, dosage = candidate.exercise, candidate.exercise.dosage
    amount = set_amount(exercise, level)
    both_sides = dosage.per_side and candidate.leg == "both"
    needs = intake.equipment_for(exercise) or ()
    changeover_s = library.defaults.changeover_s
    return Dose(
        id=exercise.id,
        name=exercise.name,
        sets=sets,
        reps=amount if dosage.reps else None,
        hold_s=amount if dosage.hold_s else None,
        duration_s=amount if dosage.duration_s else None,
        tempo=dosage.tempo,
        rest_s=dosage.rest_s,
        per_side=both_sides,
        load=dosage.load,
        why=why(candidate),
        cues=[exercise.cues[(level - exercise.level) % len(exercise.cues)]],
        cautions=cautions(exercise, library),
        progression=exercise.progression,
        regression=exercise.regression,
        equipment=[library.equipment[item] for item in needs],
        total_s=exercise_s(exercise, candidate.leg, sets, amount, changeover_s),
        findings=list(dict.fromkeys(finding.id for finding in candidate.findings)),
        rules=[fired.rule.id for fired in candidate.because],
    )


def why(candidate: Candidate) -> str:
    """The reason in one sentence: what was seen, in short, which rule, what the exercise aims at."""
    seen = "; ".join(seen_words(finding) for finding in candidate.findings)
    titles = "; ".join(fired.rule.title for fired in candidate.because)
    aims = ", ".join(target.replace("_", " ") for target in candidate.exercise.targets)
    step = f"; an easier step of {candidate.stands_for.name}" if candidate.stands_for else ""
    return f"Because of {seen} (rule: {titles}); aims at {aims}{step}."


def cautions(exercise: Exercise, library: Library) -> list[str]:
    """The exercise's cautions, led by what rules it out."""
    if not exercise.contraindications:
        return list(exercise.cautions)
    words = ", ".join(library.contraindications[word] for word in exercise.contraindications)
    return [f"Leave it out, or ask a clinician first, with: {words}", *exercise.cautions]
