"""The client's plain words, and the German of library.yaml and rules.yaml."""

import re
from pathlib import Path
from statistics import median

import pytest
import yaml
from textstat.textstat import textstatistics

from knee_track.protocol import library as library_module
from knee_track.protocol.document import Document

FOLDER = Path(library_module.__file__).parent
LIBRARY, RULES = (
    yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")) for name in ("library.yaml", "rules.yaml")
)
# Document refuses a key given twice.
ENGLISH, GERMAN = (Document(FOLDER / "texts" / f"{language}.yaml").data for language in ("en", "de"))

FIELDS = ("name", "plain", "how", "targets", "cues", "cautions", "regression", "progression")
RULE = ("title", "contributor", "advice", "camera_advice")
PLAIN = {  # what a client reads of an exercise, by language
    "en": {exercise["id"]: exercise for exercise in LIBRARY["exercises"]},
    "de": GERMAN["library"]["exercises"],
}
CUE_WORDS = {"en": 6, "de": 7}  # measurement.md §5; German needs one word more
LENGTHS = {"en": {"plain": 32, "how": 110}, "de": {"plain": 36, "how": 130}}
COACH_WORDS = (
    r"\b[A-Z]{2,}s?\b|(?i:muscle|muskel|glut(e|aeus|eus)|\bquad|hamstring|adduc|addukt|abduc|abdukt|soleus|vastus"
    r"|rectus|tensor|fasci|biceps|bizeps|achill|pelvi|patell|femur|isometri|eccentric|exzentri|valgus|rotation)"
)
FORBIDDEN = {
    "en": r"diagnos|\btreat|therap(y|ies)|rehab|prevent\w* (an |any )?injur|injury prevention",
    "de": r"diagnos|behand(el|l)|(?<!physio)therapie|rehab|vorbeug|verletzungspräv",
}


def english():
    """Every English text a person reads, laid out as de.yaml has to be."""
    exercises = {}
    for exercise in LIBRARY["exercises"]:
        dosage = {key: exercise["dosage"][key] for key in ("tempo", "load") if key in exercise["dosage"]}
        if re.fullmatch(r"\d+-\d+-\d+", dosage["tempo"]):
            del dosage["tempo"]
        words = exercise | {"dosage": dosage} if dosage else exercise
        fields = (*FIELDS, "dosage") if dosage else FIELDS
        exercises[exercise["id"]] = {field: words[field] for field in fields if field in words}
    return ENGLISH | {
        "library": {
            "stop_signs": LIBRARY["defaults"]["stop_signs"],
            "equipment": LIBRARY["equipment"],
            "contraindications": LIBRARY["contraindications"],
            "exercises": exercises,
        },
        "rules": {
            "plans": {
                plan["id"]: {"summary": plan["summary"]}
                | (
                    {"stages": [{"focus": stage["focus"]} for stage in plan["stages"]]}
                    if "stages" in plan
                    else {}
                )
                for plan in RULES["plans"]
            },
            "next_clips": {clip["id"]: {"text": clip["text"]} for clip in RULES["next_clips"]},
            "rules": {
                rule["id"]: {field: rule[field] for field in RULE if field in rule} for rule in RULES["rules"]
            },
        },
    }


def texts(tree, place=""):
    """Place and text of every leaf; an empty list is a leaf of its own, so it cannot go missing."""
    if isinstance(tree, dict | list) and tree:
        pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {key: text for name, part in pairs for key, text in texts(part, f"{place}/{name}").items()}
    return {place: tree}


ENGLISH_TEXTS, GERMAN_TEXTS = texts(english()), texts(GERMAN)
PAIRS = [
    (place, text, GERMAN_TEXTS[place])
    for place, text in ENGLISH_TEXTS.items()
    if isinstance(text, str) and isinstance(GERMAN_TEXTS.get(place), str)
]


def shared(language, field):
    return [words.get(field) or "" for words in PLAIN[language].values()]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("field", ["plain", "how"])
def test_every_exercise_has_plain_words_that_fit(language, field):
    limit = LENGTHS[language][field]
    wrong = {name: words.get(field) for name, words in PLAIN[language].items()}
    assert {name: text for name, text in wrong.items() if not text or len(text) > limit} == {}


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_two_exercises_share_an_everyday_name(language):
    names = shared(language, "plain")
    assert len(set(names)) == len(names) == len(LIBRARY["exercises"])


@pytest.mark.parametrize("language", ["en", "de"])
def test_how_is_one_or_two_sentences_without_numbers(language):
    for how in shared(language, "how"):
        assert how[-1:] == "." and len(re.findall(r"[.!?](?:\s|$)", how)) <= 2, how
        assert not re.search(r"\d", how), how  # the dose stands beside it


@pytest.mark.parametrize(("language", "most"), CUE_WORDS.items())
def test_a_cue_is_a_few_words(language, most):
    cues = {name: words["cues"] for name, words in PLAIN[language].items()}
    assert all(cues.values())
    assert [(name, cue) for name, said in cues.items() for cue in said if len(cue.split()) > most] == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_cue_holds_no_quote_marks(language):
    cues = [cue for words in PLAIN[language].values() for cue in words["cues"]]
    assert [
        cue for cue in cues if re.search(r"[\"“”„«»‚‘]|'(?!\w)|(?<!\w)'", cue)
    ] == []  # it is quoted itself


@pytest.mark.parametrize("language", ["en", "de"])
def test_plain_words_need_no_anatomy(language):
    plain = shared(language, "plain") + shared(language, "how")
    assert [text for text in plain if re.search(COACH_WORDS, text)] == []
    assert any(re.search(COACH_WORDS, name) for name in shared(language, "name"))


def test_english_instructions_are_for_a_reader_of_12():
    scores = [textstatistics().automated_readability_index(how) for how in shared("en", "how")]
    assert median(scores) <= 6 and max(scores) <= 9


def test_german_instructions_are_for_a_reader_of_12():
    assert german_grade(shared("de", "how")) <= 7
    assert german_grade(shared("de", "name")) > 7  # the coach's names are harder


def german_grade(parts):
    """School year that reads these as one text."""
    german = textstatistics()
    german.set_lang("de")
    return german.wiener_sachtextformel(". ".join(part.rstrip(".") for part in parts) + ".", 1)


def test_german_has_every_text_and_nothing_else():
    assert set(GERMAN_TEXTS) == set(ENGLISH_TEXTS)
    for place, text in GERMAN_TEXTS.items():
        assert type(text) is type(ENGLISH_TEXTS[place]) and (text == [] or text.strip()), place


def test_german_is_translated():
    words = [
        (text, german) for _, text, german in PAIRS if re.search(r"[a-zA-Z]{2}", re.sub(r"\{.*?\}", "", text))
    ]
    same = {german for text, german in words if text.casefold() == german.casefold()}
    assert same == {
        *(
            "normal",
            "Kettlebell",
            "Gastrocnemius",
            "Iliopsoas",
            "Soleus",
            "Split Squat",
            "Tempo",
            "Phase",
            "Name",
        ),
        *("April", "August", "September", "November"),
    }


@pytest.mark.parametrize("pattern", [r"\{\w*\}", r"\d+"], ids=["placeholders", "numbers"])
def test_german_keeps(pattern):
    for place, text, german in PAIRS:
        assert sorted(re.findall(pattern, german)) == sorted(re.findall(pattern, text)), place
    assert any(re.search(pattern, text) for _, text, _ in PAIRS)


@pytest.mark.parametrize(("language", "all_texts"), [("en", ENGLISH_TEXTS), ("de", GERMAN_TEXTS)])
def test_no_text_promises_medical_effects(language, all_texts):
    promise = re.compile(FORBIDDEN[language], re.IGNORECASE)
    found = {place for place, text in all_texts.items() if text and promise.search(text)}
    assert found <= {"/safety/disclaimer"}  # which says what the plan does not do
