import pytest
from plan_cases import analysis_of, found
from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.errors import OutputError, UsageError
from knee_track.protocol.markdown import protocol_markdown


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
