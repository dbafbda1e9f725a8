"""What happens when a part of a page is changed in place: focus, messages, live streams."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.slow


def part(page: Page) -> None:
    """A button of the test's own that swaps what is beside it."""
    page.evaluate(
        """() => {
            document.querySelector('main').insertAdjacentHTML('beforeend',
                `<button id="ask" hx-get="/part" hx-target="#part" hx-swap="outerHTML">Chiedi</button>
                <p id="part">prima</p>`)
            htmx.process(document.querySelector('main'))
        }"""
    )


def answer(page: Page, body: str, status: int = 200) -> None:
    page.route("**/part", lambda route: route.fulfill(status=status, body=body, content_type="text/html"))


def test_after_a_swap_the_focus_is_where_the_fragment_says_and_it_is_said(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    part(page)
    answer(page, '<div id="part" data-focus="#then" data-announce="Prossimo: decreto"><h2 id="then">dopo</h2></div>')
    page.locator("#ask").press("Enter")
    expect(page.locator("#then")).to_be_focused()
    expect(page.locator("#annuncio")).to_have_text("Prossimo: decreto")


def test_what_waits_for_an_answer_is_busy_until_it_is_there(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    part(page)
    held: list[Route] = []
    page.route("**/part", lambda route: held.append(route))
    page.locator("#ask").click()
    expect(page.locator("#part")).to_have_attribute("aria-busy", "true")
    while not held:
        page.wait_for_timeout(20)
    held[0].fulfill(body='<p id="part">dopo</p>', content_type="text/html")
    expect(page.locator("#part")).to_have_text("dopo")
    assert page.locator("#part").get_attribute("aria-busy") is None


@pytest.mark.parametrize("status", [403, 422, 500])
def test_a_refusal_is_said_among_the_messages_and_the_page_stays(open_screen: Open, status: int) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    part(page)
    answer(page, '<div class="alert" role="alert">Non si può.</div>', status)
    page.locator("#ask").click()
    expect(page.locator("#messaggi").get_by_role("alert")).to_have_text("Non si può.")
    expect(page.locator("#part")).to_have_text("prima")


def test_a_lost_connection_is_said_with_its_time(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    part(page)
    page.route("**/part", lambda route: route.abort())
    page.locator("#ask").click()
    expect(page.locator("#messaggi")).to_contain_text("Connessione persa alle")
    expect(page.locator("#part")).to_have_text("prima")


def test_nothing_of_a_page_is_kept_in_the_browsers_storage(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    part(page)
    answer(page, '<p id="part">BIANCHI LUCA</p>')
    page.locator("#ask").click()
    expect(page.locator("#part")).to_have_text("BIANCHI LUCA")
    page.get_by_role("link", name="Ricerca", exact=True).click()
    page.wait_for_load_state()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "BIANCHI" not in kept


def test_a_live_stream_is_closed_on_a_hidden_tab_and_taken_up_where_it_was(open_screen: Open) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    did = page.evaluate(
        """() => {
            const opened = []
            let hidden = false
            Object.defineProperty(document, 'hidden', { get: () => hidden })
            window.EventSource = class extends EventTarget {
                constructor(url) { super(); this.readyState = 1; opened.push(this); this.address = String(url) }
                close() { this.readyState = 2 }
            }
            Object.assign(window.EventSource, { CONNECTING: 0, OPEN: 1, CLOSED: 2 })
            const turn = (to) => { hidden = to; document.dispatchEvent(new Event('visibilitychange')) }
            const heard = []
            const stream = htmx.createEventSource('/acquisizione/eventi')
            stream.addEventListener('lotto', (event) => heard.push(event.data))
            opened[0].dispatchEvent(new MessageEvent('lotto', { data: 'uno', lastEventId: '7' }))
            turn(true)
            const whileHidden = opened[0].readyState
            turn(false)
            opened[1].dispatchEvent(new MessageEvent('lotto', { data: 'due', lastEventId: '8' }))
            stream.close()
            turn(true)
            turn(false)
            return [opened.map((one) => new URL(one.address).search), whileHidden, heard, stream.readyState]
        }"""
    )
    assert did == [["", "?last=7"], 2, ["uno", "due"], 2]
