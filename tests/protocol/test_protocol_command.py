import re

import pytest
from plan_cases import analysis_of, found
from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.errors import OutputError, ProtocolError, UsageError
from knee_track.protocol.markdown import protocol_markdown
from knee_track.results import Analysis


@pytest.fixture
def saved(tmp_path):
    analysis = analysis_of([found("medial_knee", "left")])
    path = tmp_path / "analysis.json"
    path.write_text(analysis.model_dump_json(), encoding="utf-8")
    return analysis, path


def run(*arguments):
    return CliRunner().invoke(app, ["protocol", *map(str, arguments)])


def test_writes_the_plan_beside_the_analysis(saved):
    analysis, path = saved
    result = run(path)
    assert result.exit_code == 0, result.output
    written = (path.parent / "protocol.md").read_text(encoding="utf-8")
    assert written == protocol_markdown(analysis.protocol, analysis)
    assert "8 weeks" in result.output and "protocol.md" in result.output


def test_writes_where_it_is_told(saved, tmp_path):
    _, path = saved
    assert run(path, "-o", tmp_path / "plans" / "anna").exit_code == 0
    assert (tmp_path / "plans" / "anna" / "protocol.md").exists()
    assert not (path.parent / "protocol.md").exists()


def test_a_file_that_is_no_analysis_is_a_usage_error(tmp_path):
    path = tmp_path / "notes.json"
    path.write_text('{"reps": 3}', encoding="utf-8")
    error = run(path).exception
    assert isinstance(error, UsageError) and "notes.json: not an analysis.json" in str(error)


def test_an_unwritable_place_leaves_nothing_behind(saved, tmp_path):
    _, path = saved
    (tmp_path / "plans" / "protocol.md").mkdir(parents=True)  # a folder where the file should be
    error = run(path, "-o", tmp_path / "plans").exception
    assert isinstance(error, OutputError)
    assert [entry.name for entry in (tmp_path / "plans").iterdir()] == ["protocol.md"]
    assert isinstance(run(path, "-o", path).exception, OutputError)


def test_the_clients_minutes_and_equipment_shape_the_plan(saved, tmp_path):
    _, path = saved
    intake = tmp_path / "anna.toml"
    intake.write_text('minutes = 20\nequipment = ["wall"]\nforbid = ["act_wall_sit"]\n', encoding="utf-8")
    assert run(path, "--intake", intake).exit_code == 0
    text = (tmp_path / "protocol.md").read_text(encoding="utf-8")
    minutes = [int(number) for number in re.findall(r"\((\d+) minutes\)", text)]
    assert minutes and max(minutes) <= 20
    assert set(re.findall(r"You need: (.*)", text)) <= {"wall."} and "### Wall sit" not in text


def test_reasons_for_and_against_are_printed(saved, tmp_path):
    _, path = saved
    intake = tmp_path / "anna.toml"
    intake.write_text('contraindications = ["blood_thinners"]\nequipment = []\n', encoding="utf-8")
    lines = run(path, "--intake", intake, "--explain").output.splitlines()
    assert any(line.startswith("Clamshell: Because of a knee inside its line (left)") for line in lines)
    assert any("not TFL self-massage" in line and "blood-thinning" in line for line in lines)
    assert any("not Banded crab" in line and "not at hand: mini band" in line for line in lines)


def test_the_questions_give_the_plan_that_the_file_gives(saved, tmp_path):
    _, path = saved
    flags, ruled_out = "\n", "4, 14\n"  # no red flag; blood thinners and sciatica
    answers = f"{flags}2\n{ruled_out}3\n2\n4 11 22\n2\n30\n3\n2\n2\n"  # an arch that drops, left
    first = CliRunner().invoke(
        app,
        [
            "protocol",
            str(path),
            "--ask",
            "-o",
            str(tmp_path / "asked"),
            "--save-intake",
            str(tmp_path / "a.toml"),
        ],
        input=answers,
    )
    assert first.exit_code == 0, first.output
    saved_text = (tmp_path / "a.toml").read_text(encoding="utf-8")
    assert 'contraindications = ["blood_thinners", "sciatica"]' in saved_text
    assert 'seen = ["arch_drop.left"]' in saved_text
    assert 'equipment = ["chair", "mini_band", "wall"]' in saved_text and 'old_injury = "left"' in saved_text
    assert run(path, "--intake", tmp_path / "a.toml", "-o", tmp_path / "read").exit_code == 0
    asked, read = (
        (tmp_path / name / "protocol.md").read_text(encoding="utf-8") for name in ("asked", "read")
    )
    assert asked == read and "2 × " in read.splitlines()[4]


@pytest.mark.parametrize(("number", "cleared"), [("8", False), ("17", True)])  # locked knee, swollen knee
def test_a_red_flag_ends_the_questions(saved, tmp_path, number, cleared):
    _, path = saved
    result = CliRunner().invoke(
        app, ["protocol", str(path), "--ask", "-o", str(tmp_path)], input=f"{number}\nn\n"
    )
    assert result.exit_code == 0, result.output
    told = [line for line in result.output.splitlines() if not line.startswith("Written: ")]
    assert "No plan" in result.output and "knee" in told[-1]
    assert ("Has a doctor looked at it" in result.output) == cleared


def test_an_answer_out_of_range_is_asked_again(saved, tmp_path):
    _, path = saved
    result = CliRunner().invoke(
        app, ["protocol", str(path), "--ask", "-o", str(tmp_path)], input="99\nx\n\n11\n6\n"
    )
    assert result.output.count("not one of the answers") == 3
    assert "No loading: pain 6/10" in result.output


@pytest.mark.parametrize(
    ("option", "content", "told"),
    [
        ("--intake", "pain = 11\n", "mine.toml:1: 'pain'"),
        ("--intake", "minutes = 30\npane = 1\n", "mine.toml:2: 'pane': unknown field"),
        ("--library", "version: 2\n", "mine.toml:1: 'status'"),
        ("--rules", "- a\n- a: [\n", "mine.toml:3: not valid YAML"),
    ],
)
def test_a_malformed_file_is_named_and_nothing_is_written(saved, tmp_path, option, content, told):
    _, path = saved
    mine = tmp_path / "mine.toml"
    mine.write_text(content, encoding="utf-8")
    result = run(path, option, mine, "-o", tmp_path / "plan")
    assert isinstance(result.exception, ProtocolError) and told in str(result.exception)
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize(
    "wrong", [["--start", "30.11.2026"], ["--language", "xx"], ["--save-intake", "a.toml"]]
)
def test_wrong_usage_writes_nothing(saved, tmp_path, wrong):
    _, path = saved
    result = run(path, "-o", tmp_path / "plan", *wrong)
    assert isinstance(result.exception, UsageError) and wrong[-1].split(".")[0] in str(result.exception)
    assert not (tmp_path / "plan").exists()


def test_a_red_flag_leaves_no_training_in_the_folder(saved, tmp_path):
    _, path = saved
    assert run(path, "-o", tmp_path / "plan", "--start", "2026-11-30", "--pdf").exit_code == 0
    before = {entry.name for entry in (tmp_path / "plan").iterdir()}
    assert {"handout.html", "handout.pdf", "sessions.ics"} <= before
    intake = tmp_path / "anna.toml"
    intake.write_text('red_flags = ["calf_swelling"]\n', encoding="utf-8")
    assert run(path, "-o", tmp_path / "plan", "--intake", intake).exit_code == 0
    after = {entry.name for entry in (tmp_path / "plan").iterdir()}
    assert after == {"protocol.md", "protocol.json", "handout.html"}
    page = (tmp_path / "plan" / "handout.html").read_text(encoding="utf-8")
    assert "get medical help the same day" in page and "Side clam" not in page


def test_beside_the_analysis_the_run_itself_gets_the_new_plan(saved, tmp_path):
    """A red flag told afterwards leaves no first plan in report and analysis, which compare reads."""
    analysis, path = saved
    section = '<section id="protocol" aria-labelledby="h-protocol">old plan</section>'
    (tmp_path / "report.html").write_text(f"<p>before</p>{section}<p>after</p>", encoding="utf-8")
    assert analysis.protocol.status == "corrective"
    intake = tmp_path / "anna.toml"
    intake.write_text('red_flags = ["locked_knee"]\n', encoding="utf-8")
    assert run(path, "--intake", intake, "--language", "de").exit_code == 0
    told = Analysis.model_validate_json(path.read_text(encoding="utf-8"))
    assert told.protocol.status == "none" and "see a doctor urgently" in told.protocol.referral[0]
    assert told.findings == analysis.findings
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<p>before</p>") and page.endswith("<p>after</p>")
    assert "old plan" not in page and "see a doctor urgently" in page
    assert "blockiertes Knie" in (tmp_path / "protocol.md").read_text(encoding="utf-8")
