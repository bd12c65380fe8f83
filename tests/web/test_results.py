"""The results so far: listed, opened, compared, deleted; and what cannot be reached through them."""

import html
import os
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from knee_track.web.app import create_app
from knee_track.web.runs import Runs, run_id
from knee_track.web.site import Site

HERE = "http://127.0.0.1:8765"
SCRIPT = '<img src=x onerror="alert(1)"><script src=y>.mp4'


@pytest.fixture
def out(tmp_path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


@pytest.fixture
def client(out):
    with TestClient(create_app(Site(out)), base_url=HERE, headers={"origin": HERE}) as client:
        yield client


def test_no_results_yet(client):
    assert "no results yet" in client.get("/results").text


def test_a_result_is_listed_with_its_numbers_and_bands(client, out, add_run, analysis):
    add_run(out, "anna.mp4", recorded_at="2026-11-03T10:20:30")
    page = html.unescape(client.get("/results").text)
    left = analysis.legs.left
    assert f"+{left.median_peak_deviation_deg:.1f}° ± {left.band_deg:.1f}°" in page
    assert "anna.mp4" in page and "2026-11-03" in page and ">4<" in page


def test_newest_first(client, out, add_run):
    for month in ("2026-10", "2026-12", "2026-11"):
        add_run(out, f"clip_{month}.mp4", recorded_at=f"{month}-01T10:00:00")
    assert re.findall(r">clip_(\S+).mp4</a>", client.get("/results").text) == [
        "2026-12",
        "2026-11",
        "2026-10",
    ]


def test_a_script_in_a_name_is_text(client, out, add_run):
    folder = add_run(out, "clip.mp4")
    (folder / "analysis.json").write_text(
        (folder / "analysis.json").read_text().replace('"clip.mp4"', '"' + SCRIPT.replace('"', r"\"") + '"')
    )
    id_ = run_id(folder.name)
    for path in ("/results", f"/results/{id_}", f"/results/{id_}/delete", f"/compare?run={id_}&run={id_}"):
        page = client.get(path).text
        assert "<img" not in page and "<script src=y" not in page
        assert "&lt;img src=x" in page


def report_of(client, folder: Path) -> str:
    return re.search(r'<iframe[^>]*src="([^"]+)"', client.get(f"/results/{run_id(folder.name)}").text)[1]


def test_the_report_is_a_page_of_nobody(client, out, add_run):
    address = report_of(client, add_run(out, "anna.mp4"))
    answer = client.get(address)
    policy = answer.headers["content-security-policy"]
    assert "<h1>Squat report</h1>" in answer.text
    assert "sandbox allow-scripts" in policy and "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy and "default-src 'none'" in policy


def test_other_files_are_saved_not_shown(client, out, add_run):
    folder = add_run(out, "anna.mp4")
    (folder / "evil.svg").write_text("<svg/>")
    base = report_of(client, folder).rpartition("/")[0]
    for name in ("analysis.json", "evil.svg"):
        assert client.get(f"{base}/{name}").headers["content-disposition"].startswith("attachment")


def test_a_video_can_be_sought_in(client, out, add_run):
    folder = add_run(out, "anna.mp4")
    (folder / "anna_annotated.mp4").write_bytes(bytes(range(100)))
    base = report_of(client, folder).rpartition("/")[0]
    part = client.get(f"{base}/anna_annotated.mp4", headers={"range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == bytes(range(10, 20))
    assert part.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2Fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "..%5Csecret.txt",
        "%2Fetc%2Fpasswd",
        "....//secret.txt",
        "report.html%00.txt",
        ".",
        "..",
        "link.html",
        "sub%2Finner.html",
    ],
)
def test_no_path_leads_out_of_a_result(client, out, add_run, name):
    folder = add_run(out, "anna.mp4")
    for secret in (out / "secret.txt", out.parent / "secret.txt"):
        secret.write_text("secret")
    os.symlink(out / "secret.txt", folder / "link.html")
    (folder / "sub").mkdir()
    (folder / "sub" / "inner.html").write_text("secret")
    base = report_of(client, folder).rpartition("/")[0]
    answer = client.get(f"{base}/{name}")
    assert answer.status_code == 404 and "secret" not in answer.text


def test_files_need_the_key_of_their_own_result(client, out, add_run):
    one, other = add_run(out, "one.mp4"), add_run(out, "other.mp4")
    address = report_of(client, one)
    assert client.get(address).status_code == 200
    assert client.get(address.replace(run_id(one.name), run_id(other.name))).status_code == 404
    assert client.get(re.sub(r"/[0-9a-f]{32}/", "/" + "0" * 32 + "/", address)).status_code == 404


@pytest.mark.parametrize("id_", ["..", "%2e%2e", "anna_kneetrack", "..%2f..%2fetc", "0" * 20, "*", ""])
def test_ids_that_are_of_no_result(client, out, add_run, id_):
    add_run(out, "anna.mp4")
    assert client.get(f"/results/{id_}/delete").status_code == 404
    assert client.post(f"/results/{id_}/delete").status_code in (404, 405)
    assert (out / "anna_kneetrack").is_dir()


class TestDelete:
    def test_asks_first_then_removes_that_folder_alone(self, client, out, add_run):
        gone, stays = add_run(out, "anna.mp4"), add_run(out, "berta.mp4")
        asked = client.get(f"/results/{run_id(gone.name)}/delete").text
        assert "anna_kneetrack" in asked and "for good" in asked and gone.is_dir()
        answer = client.post(f"/results/{run_id(gone.name)}/delete", follow_redirects=False)
        assert answer.status_code == 303 and answer.headers["location"] == "/results"
        assert sorted(path.name for path in out.iterdir()) == [stays.name]

    def test_only_own_pages_may(self, client, out, add_run):
        folder = add_run(out, "anna.mp4")
        for origin in ("http://evil.example", "null", ""):
            answer = client.post(f"/results/{run_id(folder.name)}/delete", headers={"origin": origin})
            assert answer.status_code == 403
        assert folder.is_dir()

    def test_links_in_it_are_removed_not_followed(self, client, out, add_run, tmp_path):
        precious = tmp_path / "precious"
        precious.mkdir()
        (precious / "photo.jpg").write_text("keep me")
        folder = add_run(out, "anna.mp4")
        os.symlink(precious, folder / "link")
        client.post(f"/results/{run_id(folder.name)}/delete")
        assert not folder.exists() and (precious / "photo.jpg").read_text() == "keep me"


def test_only_folders_of_runs_are_listed(out, add_run, tmp_path):
    real = add_run(out, "anna.mp4")
    elsewhere = add_run(tmp_path / "elsewhere", "other.mp4")
    os.symlink(elsewhere, out / "link_kneetrack")
    real_analysis = (real / "analysis.json").read_text()
    for name, content in {
        "photos": real_analysis,  # not named as a run
        ".kneetrack_tmp_x_kneetrack": real_analysis,
        "broken_kneetrack": "{",
        "strange_kneetrack": "[]",
        "empty_kneetrack": None,
    }.items():
        (out / name).mkdir()
        if content is not None:
            (out / name / "analysis.json").write_text(content)
    assert [run.folder for run in Runs(out).all()] == [real]


def test_a_changed_result_is_read_again(out, add_run):
    folder = add_run(out, "anna.mp4")
    runs = Runs(out)
    assert [run.name for run in runs.all()] == ["anna.mp4"]
    path = folder / "analysis.json"
    path.write_text(path.read_text().replace("anna.mp4", "berta and more.mp4"))
    assert [run.name for run in runs.all()] == ["berta and more.mp4"]


class TestCompare:
    def ids(self, out, add_run):
        return [
            run_id(add_run(out, f"{name}.mp4", recorded_at=f"{day}T10:00:00").name)
            for name, day in (("after", "2026-12-01"), ("before", "2026-11-01"))
        ]

    def test_says_what_the_command_says(self, client, out, add_run, analysis):
        after, before = self.ids(out, add_run)
        path = out / "after_kneetrack" / "analysis.json"
        text = path.read_text()
        path.write_text(text.replace('"end_s": ', '"end_s": 1', 1))  # another recording
        page = html.unescape(client.get(f"/compare?run={after}&run={before}").text)
        # Four reps are one too few (measurement.md §8), which the command says in these words.
        assert "Left: not comparable: 4 measured reps before, 5 are needed; film at least 5." in page
        assert page.index("before.mp4") < page.index("after.mp4")

    def test_two_clients_are_told_apart_in_a_sentence(self, client, out, add_run):
        after, before = self.ids(out, add_run)
        for name in ("after", "before"):
            path = out / f"{name}_kneetrack" / "analysis.json"
            path.write_text(
                re.sub(r'"client": \{\s*"id": null', f'"client": {{"id": "{name}"', path.read_text())
            )
        page = html.unescape(client.get(f"/compare?run={after}&run={before}").text)
        assert "The analyses are of clients before and after; give two of one client." in page

    @pytest.mark.parametrize("query", ["", "?run=x", "?run=a&run=b&run=c"])
    def test_two_are_needed(self, client, query):
        answer = client.get(f"/compare{query}")
        assert answer.status_code == 400 and "Tick two results" in answer.text


def test_an_unknown_page_is_told_in_a_sentence(client):
    answer = client.get("/no/such/page")
    assert answer.status_code == 404 and "There is no such page." in answer.text


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_what_is_not_served(client, path):
    assert client.get(path).status_code == 404


def test_pages_load_nothing_from_elsewhere(client, out, add_run):
    folder = add_run(out, "anna.mp4")
    static = Path(__file__).parents[2] / "knee_track" / "web" / "static"
    texts = [
        client.get(path).text
        for path in ("/", "/live", "/analyse", "/results", f"/results/{run_id(folder.name)}")
    ]
    texts += [path.read_text() for path in static.iterdir()]
    for text in texts:
        assert not re.search(r"""(?:src|href|url|import|from)\s*[=(]?\s*["']?(?:https?:)?//""", text)
