"""How much of an exercise, and how long that takes."""

from __future__ import annotations

from knee_track.protocol.catalogue import Catalogue
from knee_track.protocol.choice import Brief, Candidate
from knee_track.protocol.library import TOP_LEVEL, Exercise, Library
from knee_track.protocol.sentences import seen_words
from knee_track.results import Dose, Working


def set_amount(exercise: Exercise, level: int) -> int:
    """Repetitions, or seconds, of one set at a level.

    Release work and daily practice stay at the low end; the rest rises linearly from the low end at
    the exercise's own level to the high end at the top level. Seconds are rounded to 5.
    """
    low, high = low_amount(exercise), exercise.dosage.amount_range[1]
    if exercise.phase == "release" or exercise.daily or exercise.level == TOP_LEVEL:
        return low
    share = (level - exercise.level) / (TOP_LEVEL - exercise.level)
    amount = low + (high - low) * share
    return round(amount) if exercise.dosage.reps else 5 * round(amount / 5)


def low_amount(exercise: Exercise) -> int:
    """The least of one set."""
    return exercise.dosage.amount_range[0]


def exercise_s(exercise: Exercise, leg: Working, sets: int, amount: int, changeover_s: int) -> int:
    """Seconds that an exercise takes: sets x (work + rest) x sides + change-over (see library.yaml)."""
    dosage = exercise.dosage
    work_s = amount * (dosage.seconds_per_rep or 1)
    sides = 2 if dosage.per_side and leg == "both" else 1
    return sets * (work_s + dosage.rest_s) * sides + changeover_s


def prescribe(brief: Brief, candidate: Candidate, sets: int, amount: int, level: int) -> Dose:
    """The exercise as it stands in the plan, with one cue: the cues take turns from stage to stage."""
    exercise, dosage, library = candidate.exercise, candidate.exercise.dosage, brief.library
    needs = brief.intake.equipment_for(exercise) or ()
    return Dose(
        id=exercise.id,
        name=exercise.name,
        plain=exercise.plain,
        how=exercise.how,
        sets=sets,
        reps=amount if dosage.reps else None,
        hold_s=amount if dosage.hold_s else None,
        duration_s=amount if dosage.duration_s else None,
        tempo=dosage.tempo,
        rest_s=dosage.rest_s,
        per_side=dosage.per_side and candidate.leg == "both",
        leg=candidate.leg,
        load=dosage.load,
        why=why(brief, candidate),
        cues=[exercise.cues[(level - exercise.level) % len(exercise.cues)]],
        cautions=cautions(exercise, library, brief.words),
        progression=exercise.progression,
        regression=exercise.regression,
        equipment=[library.equipment[item] for item in needs],
        total_s=exercise_s(exercise, candidate.leg, sets, amount, library.defaults.changeover_s),
        findings=list(dict.fromkeys(finding.id for finding in candidate.findings)),
        rules=[fired.rule.id for fired in candidate.because],
    )


def why(brief: Brief, candidate: Candidate) -> str:
    """The reason in one sentence: what was seen, in short, which rule, what the exercise aims at."""
    words, named = brief.words, candidate.stands_for
    step = ""
    if named is not None:
        if candidate.exercise not in brief.library.ladder(named):
            key = "why.instead"
        else:
            key = "why.easier_step" if candidate.exercise.level < named.level else "why.harder_step"
        step = words.text(key, name=named.name)
    return words.text(
        "why.sentence",
        seen="; ".join(seen_words(finding, words) for finding in candidate.findings),
        rules="; ".join(fired.rule.title for fired in candidate.because),
        targets=", ".join(target.replace("_", " ") for target in candidate.exercise.targets),
        step=step,
    )


def cautions(exercise: Exercise, library: Library, words: Catalogue) -> list[str]:
    """The exercise's cautions, led by what rules it out."""
    if not exercise.contraindications:
        return list(exercise.cautions)
    named = ", ".join(library.contraindications[word] for word in exercise.contraindications)
    return [words.text("why.caution", words=named), *exercise.cautions]
