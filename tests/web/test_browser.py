"""The pages in a real browser, with a file for its camera; no errors on its console, no sideways scroll."""

import json
import os
import time

import numpy as np
import pytest
from live_pages import jpegs
from web_server import CHROMIUM, start_server, wait_until

from knee_track.web.addresses import own_addresses

pytestmark = pytest.mark.alone

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
SHOTS = os.environ.get("KNEETRACK_SHOTS")
"""A folder for pictures of the pages, to be looked at."""


@pytest.fixture(scope="module")
def camera_file(tmp_path_factory, samples_dir):
    """The sample with valgus as the fake camera plays it, 30 pictures per second, without end.

    It begins with standing, for as long as a busy machine needs to get ready.
    """
    pictures = [data for _, data in jpegs(samples_dir / "front_squat_valgus.mp4", 640)]
    path = tmp_path_factory.mktemp("camera") / "front_squat_valgus.mjpeg"
    path.write_bytes(b"".join([pictures[0]] * 600 + pictures + [pictures[-1]] * 120))
    return path


@pytest.fixture(scope="module")
def playwright(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright, chromium, camera_file):
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera_file}",
    ]
    opened = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM, *camera])
    yield opened
    opened.close()


class Pages:
    """Opens pages of a server; wrong: what the browser complained about."""

    def __init__(self, browser, server):
        self.browser, self.server, self.wrong = browser, server, []

    def open(self, path, viewport=DESK, scheme="light"):
        context = self.browser.new_context(viewport=viewport, color_scheme=scheme)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console",
            lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("request", lambda asked: self._watch(asked.url))
        page.goto(self.server.url + path)
        page.wait_for_load_state("networkidle") if path != "/live" else None
        return page

    def _watch(self, url):
        if not url.startswith((self.server.url, "data:", "blob:", self.server.url.replace("http", "ws"))):
            self.wrong.append(f"asked for {url}")


@pytest.fixture
def pages(browser, server):
    opened = Pages(browser, server)
    yield opened
    for context in browser.contexts:
        context.close()
    assert opened.wrong == []


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


@pytest.fixture(scope="module")
def uploaded(browser, server, samples_dir, tmp_path_factory):
    """The sample under a hostile name, chosen on the page Analyse, its report opened in place."""
    path = tmp_path_factory.mktemp("clips") / '<img src=x onerror="document.title=1">.mp4'
    path.write_bytes((samples_dir / "front_squat_valgus.mp4").read_bytes())
    own = Pages(browser, server)
    page = own.open("/analyse")
    page.set_input_files("#file", path)
    page.click("summary")
    page.fill("[name=client]", "K7")
    page.fill("[name=height]", "1.75")
    page.click("form button.main")
    page.wait_for_selector(".job progress", timeout=20_000)
    page.wait_for_selector("#report:not([hidden])", timeout=120_000)
    report = page.frame_locator("#report-frame")
    report.locator("h1").wait_for()
    shoot(page, "analyse_done")
    video = report.locator("video").first
    assert wait_until(lambda: video.evaluate("video => video.readyState") >= 1)  # the sandboxed page gets it
    report.locator("button.jump").first.click()
    assert "rep" in report.locator("#readout").inner_text()  # and its own script runs
    assert page.inner_text(".job h3") == path.name
    assert own.wrong == []
    page.context.close()
    return path.name


def test_a_clip_is_analysed_and_its_name_is_only_text(pages, uploaded):
    page = pages.open("/results")
    assert page.inner_text("tbody th a") == uploaded
    assert page.title() == "Results – knee-track" and page.locator("tbody img").count() == 0
    page.click("tbody th a")
    page.frame_locator("iframe").locator("h1").wait_for()
    assert page.inner_text("h1") == uploaded


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_scrolls_sideways(pages, uploaded, viewport, scheme):
    with pages.server.client() as client:
        results = client.get("/results").text
    id_ = results.partition('name="run" value="')[2].partition('"')[0]
    paths = [
        "/",
        "/analyse",
        "/live",
        "/results",
        f"/results/{id_}",
        f"/results/{id_}/delete",
        f"/compare?run={id_}&run={id_}",
    ]
    for path in [*paths, "/nowhere"]:
        page = pages.open(path, viewport, scheme)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        shoot(
            page,
            f"{path.strip('/').partition('?')[0].replace('/', '_') or 'home'}_{viewport['width']}_{scheme}",
        )
        page.context.close()
    pages.wrong = [said for said in pages.wrong if "404" not in said]  # /nowhere is one


def test_results_are_compared_and_deleted_by_keyboard(pages, server, uploaded, add_run):
    add_run(server.out, "before.mp4", recorded_at="2026-01-01T10:00:00")
    add_run(server.out, "after.mp4", recorded_at="2026-02-01T10:00:00")
    page = pages.open("/results")
    assert page.is_disabled("#compare")
    for name in ("before.mp4", "after.mp4"):
        page.focus(f"[aria-label='Compare {name}']")
        page.keyboard.press("Space")
    page.focus("#compare")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?**")
    assert "Left: not comparable" in page.inner_text("main")
    shoot(page, "compare_desk")
    page.goto(server.url + "/results")
    page.focus("[aria-label='Delete before.mp4']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/delete")
    page.focus("text=Delete for good")
    page.keyboard.press("Enter")
    page.wait_for_url("**/results")
    assert "before.mp4" not in page.inner_text("main") and "after.mp4" in page.inner_text("main")


def live_state(page):
    return {
        "stage": page.get_attribute("#stage", "data-state"),
        "count": int(page.inner_text("#count")),
        "grades": {side: page.get_attribute(f"#knee-{side}", "data-grade") for side in ("left", "right")},
    }


def watch_set(page, timeout_s=150):
    """Look at the page until four reps are counted; every grade that the left panel showed."""
    shown, end_s = set(), time.monotonic() + timeout_s
    while (now := live_state(page))["count"] < 4:
        assert time.monotonic() < end_s, page.inner_text("main")
        grade = now["grades"]["left"]
        if grade not in shown and grade not in ("none", "unknown"):
            shoot(page, f"live_{grade}")
        shown.add(grade)
        page.wait_for_timeout(100)
    return shown


def test_a_set_before_the_camera(pages, server, analysis):
    page = pages.open("/live")
    page.evaluate("speechSynthesis.speak = () => {}")
    page.click("#start")
    page.wait_for_selector("#stage[data-state=ready], #stage[data-state=measuring]", timeout=60_000)
    shown = watch_set(page)
    assert "moderate" in shown  # its left knee goes in by 9 to 10 degrees
    assert page.locator("#reps tbody tr").count() == 4
    assert "pictures per second" in page.inner_text("#facts")
    assert (
        page.evaluate("document.querySelector('#overlay').width") == 360
    )  # drawn on, as large as the picture
    page.keyboard.press("f")
    page.wait_for_selector("#report:not([hidden])", timeout=120_000)
    page.frame_locator("#report-frame").locator("h1").wait_for()
    shoot(page, "live_after")
    name = page.inner_text("#report-name")
    after = json.loads((server.out / f"{name}_kneetrack" / "analysis.json").read_text())
    assert len(after["reps"]) == len(analysis.reps) == 4
    apart = [
        new["legs"][leg]["peak_deviation_deg"] - getattr(old.legs, leg).peak_deviation_deg
        for new, old in zip(after["reps"], analysis.reps, strict=True)
        for leg in ("left", "right")
    ]
    assert np.median(np.abs(apart)) <= 1.5
    assert list((server.out / f"{name}_kneetrack").glob("*.mp4")) == []  # not asked to record
    page.click("#start")
    assert page.inner_text("#instruction") == "The camera is off."


def test_keys_and_mirror_never_swap_the_clients_sides(pages):
    page = pages.open("/live")

    def places():
        return [page.locator(f"#knee-{side}").bounding_box()["x"] for side in ("left", "right")]

    left, right = places()
    assert left < right  # as in a mirror
    page.keyboard.press("m")
    left, right = places()
    assert left > right  # as the camera sees it
    assert page.inner_text("#knee-left h2") == "Left knee"
    for key, id_ in (("s", "sound"), ("v", "speech"), ("m", "mirror")):
        before = page.get_attribute(f"#{id_}", "aria-pressed")
        page.keyboard.press(key)
        assert page.get_attribute(f"#{id_}", "aria-pressed") != before


def test_a_second_tab_is_told_and_may_take_over(pages):
    first, second = pages.open("/live"), pages.open("/live")
    first.click("#start")
    first.wait_for_selector("#pause:enabled")
    assert wait_until(lambda: live_state(first)["stage"] != "off" or first.wait_for_timeout(100))
    second.click("#start")
    second.wait_for_selector("#busy:not([hidden])")
    assert second.inner_text("#busy-text") == "The camera session is in use by a page on this machine."
    second.click("#take-over")
    first.wait_for_selector("#problem:not([hidden])")
    assert "taken over by a page on this machine" in first.inner_text("#problem")
    assert first.is_disabled("#pause")
    assert wait_until(lambda: live_state(second)["stage"] != "off" or second.wait_for_timeout(100))
    second.click("#start")


def test_a_page_without_a_camera_says_why(playwright, chromium, server):
    opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
    page = opened.new_page()
    page.goto(server.url + "/live")
    page.click("#start")
    page.wait_for_selector("#problem:not([hidden])")
    assert "camera" in page.inner_text("#problem")
    opened.close()


def own_url(server):
    """The address that was printed, with its token."""
    return server.said[0].rpartition(" ")[2]


def test_a_phone_comes_in_by_its_token_over_https(browser, tmp_path, bundle):
    server = start_server(tmp_path / "out", tmp_path / "tmp", "--port", "0", "--host", "0.0.0.0", "--https")
    # As after the user has compared the fingerprint and gone on.
    context = browser.new_context(viewport=PHONE, ignore_https_errors=True)
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(own_url(server))
    page.wait_for_selector("text=What would you like to do?")
    assert "token" not in page.url
    page.click("nav >> text=Live")
    assert page.is_hidden("#insecure")
    page.click("#start")
    page.wait_for_selector("#pause:enabled")
    assert wait_until(lambda: live_state(page)["stage"] != "off" or page.wait_for_timeout(100))
    shoot(page, "live_phone")
    context.close()
    server.stop()
    assert wrong == []


def test_a_phone_without_https_is_told_why_it_has_no_camera(browser, tmp_path, bundle):
    addresses = own_addresses()
    if not addresses:
        pytest.skip("this machine is in no network")
    server = start_server(tmp_path / "out", tmp_path / "tmp", "--port", "0", "--host", "0.0.0.0")
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(next(line for line in server.said if addresses[0] in line).rpartition(" ")[2])
    page.click("nav >> text=Live")
    page.wait_for_selector("#insecure:not([hidden])")
    page.wait_for_selector("#start:disabled")
    assert "--https" in page.inner_text("#insecure")
    context.close()
    server.stop()
