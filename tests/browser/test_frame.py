"""What every page has: the frame, the keys, the lists that propose, the blank screen."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from faldone.pipeline.accounts.entering import IDLE
from faldone.pipeline.accounts.passwords import hash_password
from faldone.web.render import STATIC, static
from tests.browser.conftest import Open
from tests.browser.harness import ROOT, Served, axe

pytestmark = pytest.mark.slow

AT_THE_DOOR = ["/accedi", "/aiuto/tasti", "/accessibilita"]
WIDTHS = [1280, 320]
BUDGET = 400_000


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", AT_THE_DOOR)
def test_pages_before_the_login_are_accessible_narrow_and_wide(open_screen: Open, path: str, width: int) -> None:
    screen = open_screen(None, width=width)
    page = screen.goto(path)
    expect(page.locator("h1")).to_have_count(1)
    assert axe(page) == []
    assert not screen.scrolls_sideways()
    assert screen.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_frame_of_who_has_entered_is_accessible_narrow_and_wide(open_screen: Open, width: int) -> None:
    screen = open_screen("responsabile", width=width)
    page = screen.goto("/aiuto/tasti")
    page.locator("details.menu-box summary").click()
    assert axe(page) == []
    assert not screen.scrolls_sideways()
    assert screen.complaints == []


def test_a_page_with_all_it_needs_is_within_its_budget(open_screen: Open) -> None:
    screen = open_screen("responsabile")
    with_sizes: list[int] = []
    screen.page.on("requestfinished", lambda request: with_sizes.append(request.sizes()["responseBodySize"]))
    screen.goto("/aiuto/tasti")
    screen.page.wait_for_load_state("networkidle")
    assert len(with_sizes) > 8
    assert sum(with_sizes) < BUDGET


def test_the_help_page_is_read_without_script(open_screen: Open) -> None:
    page = open_screen("operatore", java_script_enabled=False).goto("/aiuto/tasti")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tasti")
    expect(page.get_by_role("link", name="Ricerca", exact=True)).to_be_visible()


def test_a_slash_goes_to_the_search_box_and_a_question_mark_lists_the_keys(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    page.keyboard.press("/")
    expect(page.locator("#cerca")).to_be_focused()
    page.keyboard.type("?")
    expect(page.locator("#cerca")).to_have_value("?")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("#contenuto").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Tasti di questa pagina")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_single_keys_that_were_turned_off_do_nothing(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(page.locator("#cerca")).not_to_be_focused()
    expect(page.locator("dialog")).to_have_count(0)


def registry(page: Page) -> None:
    """A bench of the test's own, whose keys write down what they did."""
    page.evaluate(
        """async (address) => {
            const { keys } = await import(address)
            window.did = []
            window.registry = keys
            document.querySelector('main').innerHTML = `<div id="bench" tabindex="0" data-key-scope>
                <input id="field"><button id="button" data-key="s">Sospendi</button></div>
                <p id="outside" tabindex="0">x</p>`
            document.querySelector('#button').addEventListener('click', () => window.did.push('button'))
            keys(document.querySelector('#bench'), {
                n: [() => window.did.push('n'), 'poi / later'],
                'Shift+n': () => window.did.push('N'),
                Enter: () => window.did.push('Enter'),
            })
        }""",
        static_module(),
    )


def static_module() -> str:
    """keys.js by the very address under which the frame loads it, or there would be two registries."""
    return static("js/keys.js")


def test_keys_work_inside_their_scope_alone_and_not_in_fields(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    registry(page)
    page.locator("#outside").focus()
    page.keyboard.press("n")
    page.locator("#field").focus()
    page.keyboard.press("n")
    assert page.evaluate("window.did") == []
    page.locator("#bench").focus()
    for key in ["n", "Shift+N", "Enter", "s", "Control+n", "Alt+n"]:
        page.keyboard.press(key)
    assert page.evaluate("window.did") == ["n", "N", "Enter", "button"]


def test_enter_on_a_button_is_the_buttons_own(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    registry(page)
    page.locator("#button").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.did") == ["button"]


def test_a_key_that_is_held_or_pressed_as_the_page_changes_does_nothing(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    registry(page)
    page.locator("#bench").focus()
    page.evaluate(
        """() => {
            const press = (more) => document.querySelector('#bench').dispatchEvent(
                new KeyboardEvent('keydown', { key: 'n', bubbles: true, ...more }))
            press({ repeat: true })
            document.body.dispatchEvent(new CustomEvent('htmx:afterSwap', { bubbles: true }))
            press({})
        }"""
    )
    assert page.evaluate("window.did") == []
    page.wait_for_timeout(150)
    page.keyboard.press("n")
    assert page.evaluate("window.did") == ["n"]


def test_two_meanings_of_one_key_in_one_place_are_an_error(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    registry(page)
    said = page.evaluate(
        """() => {
            try {
                window.registry(document.querySelector('#bench'), { n: () => {} })
            } catch (error) {
                return error.message
            }
            return ''
        }"""
    )
    assert "has a meaning here already" in said


def test_proposals_are_asked_for_by_post_after_three_letters_and_picked_by_keys(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url} {route.request.post_data}")
        options = [("bianchi luca", "BIANCHI LUCA"), ("bianchi lucia", "BIANCHI LUCIA")]
        body = "".join(f'<li role="option" data-value="{value}">{words}</li>' for value, words in options)
        route.fulfill(body=body, content_type="text/html")

    page.route(re.compile("/ricerca/suggerimenti"), answer)
    box = page.locator("#cerca")
    box.press_sequentially("bi")
    page.wait_for_timeout(250)
    assert asked == []
    box.press_sequentially("anchi")
    expect(page.get_by_role("option")).to_have_count(2)
    assert len(asked) == 1
    assert asked[0].startswith("POST ")
    assert asked[0].endswith("/ricerca/suggerimenti q=bianchi")
    assert axe(page) == []
    box.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text("BIANCHI LUCA")
    active = box.get_attribute("aria-activedescendant")
    expect(page.get_by_role("option", selected=True)).to_have_attribute("id", active or "")
    box.press("Enter")
    expect(box).to_have_value("bianchi luca")
    expect(page.get_by_role("option")).to_have_count(0)


def test_escape_closes_the_proposals_and_keeps_what_was_typed(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    page.route(
        re.compile("/ricerca/suggerimenti"),
        lambda route: route.fulfill(body='<li role="option">X</li>', content_type="text/html"),
    )
    box = page.locator("#cerca")
    box.press_sequentially("bianchi")
    expect(page.get_by_role("option")).to_have_count(1)
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_value("bianchi")


def test_a_locked_screen_shows_nothing_and_stays_locked_when_loaded_again(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    page.get_by_role("button", name="Blocca").click()
    blank = page.get_by_role("dialog", name="Schermo bloccato")
    expect(blank).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(blank).to_be_visible()
    page.reload()
    expect(page.get_by_role("dialog", name="Schermo bloccato")).to_be_visible()


def test_a_locked_screen_opens_to_its_own_password_alone(open_screen: Open, served: Served) -> None:
    screen = open_screen("operatore")
    page = screen.goto("/aiuto/tasti")
    ports = served.site.ports
    (account,) = ports.catalog.accounts()
    with ports.catalog.begin() as work:
        credentials = ports.catalog.credentials(account.name)
        work.put_credentials(account.name, replace(credentials, password=hash_password("la parola giusta")))
    page.get_by_role("button", name="Blocca").click()
    page.get_by_label("Password").fill("una parola sbagliata")
    page.get_by_role("button", name="Sblocca schermo").click()
    expect(page.get_by_text("Password non riconosciuta")).to_be_visible()
    page.get_by_label("Password").fill("la parola giusta")
    page.get_by_role("button", name="Sblocca schermo").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_two_minutes_before_the_session_ends_one_may_stay(open_screen: Open) -> None:
    screen = open_screen("operatore")
    screen.page.clock.install()
    page = screen.goto("/aiuto/tasti")
    for _ in range(4):  # somebody reads: no request, and no blank screen
        page.clock.run_for(390 * 1000)
        page.mouse.move(10, 10)
        page.mouse.move(20, 20)
    expect(page.get_by_role("button", name="Resta collegato")).to_have_count(0)
    page.clock.run_for(150 * 1000)
    with page.expect_response("**/sessione") as answered:
        page.get_by_role("button", name="Resta collegato").click()
    assert answered.value.status == 204
    expect(page.get_by_role("button", name="Resta collegato")).to_have_count(0)


def test_the_page_knows_how_long_the_server_waits() -> None:
    minutes = re.search(r"SESSION_MS = (\d+) \* 60 \* 1000", (ROOT / "assets" / "js" / "idle.js").read_text())
    assert minutes is not None
    assert dt.timedelta(minutes=int(minutes[1])) == IDLE


def test_after_ten_idle_minutes_the_screen_is_blank(open_screen: Open) -> None:
    screen = open_screen("operatore")
    screen.page.clock.install()
    page = screen.goto("/aiuto/tasti")
    page.clock.run_for(9 * 60 * 1000)
    expect(page.get_by_role("dialog", name="Schermo bloccato")).to_have_count(0)
    page.clock.run_for(2 * 60 * 1000)
    expect(page.get_by_role("dialog", name="Schermo bloccato")).to_be_visible()


def test_every_icon_that_a_template_names_is_in_the_sprite(open_screen: Open) -> None:
    sprite = (STATIC / "sprite.svg").read_text()
    templates = STATIC.parent / "templates"
    named = {name for file in templates.rglob("*.html") for name in re.findall(r"\bit-[a-z-]+", file.read_text())}
    classes = ("it-header", "it-card", "it-footer", "it-timeline", "it-list")
    icons = {name for name in named if not name.startswith(classes)}
    assert {name for name in icons if f'id="{name}"' not in sprite} == set()
