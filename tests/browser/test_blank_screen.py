"""The blank screen: what lifts it, in a real browser with two tabs."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, Route, expect

from faldone.pipeline.accounts.passwords import hash_password
from faldone.web.site import Provider
from tests.browser.conftest import Open
from tests.browser.harness import Served, axe


def locked(page: Page) -> None:
    page.get_by_role("button", name="Blocca").click()
    expect(page.get_by_role("dialog", name="Schermo bloccato")).to_be_visible()


def test_no_other_page_lifts_it(open_screen: Open, served: Served) -> None:
    screen = open_screen("operatore")
    page = screen.goto("/aiuto/tasti")
    locked(page)
    other = screen.context.new_page()
    other.goto("/non-esiste")
    other.wait_for_load_state("load")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    assert other.evaluate("localStorage.getItem('faldone-locked')") == "1"
    expect(page.get_by_role("dialog", name="Schermo bloccato")).to_be_visible()


def test_who_has_a_password_is_asked_for_it_and_for_nothing_else(open_screen: Open, served: Served) -> None:
    page = open_screen("operatore").goto("/aiuto/tasti")
    ports = served.site.ports
    (account,) = ports.catalog.accounts()
    with ports.catalog.begin() as work:
        work.put_credentials(
            account.name, replace(ports.catalog.credentials(account.name), password=hash_password("la parola giusta"))
        )
    with page.expect_response("**/sblocca"):
        locked(page)
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(0)


def test_who_has_no_password_is_offered_the_provider_and_the_page_stays(open_screen: Open, served: Served) -> None:
    screen = open_screen("operatore")
    page = screen.goto("/aiuto/tasti")
    ports = served.site.ports
    (account,) = ports.catalog.accounts()
    with ports.catalog.begin() as work:
        work.put_credentials(account.name, replace(ports.catalog.credentials(account.name), subject="ente-7"))
    provider = Provider("https://ente.example", "faldone", "", "Accesso dell'ente · Office sign-in")
    object.__setattr__(served.site, "options", replace(served.site.options, provider=provider))
    locked(page)
    way = page.get_by_role("link", name="Accesso dell'ente")
    expect(way).to_be_focused()
    expect(page.get_by_label("Password")).to_be_hidden()
    assert axe(page) == []

    def shown(route: Route) -> None:
        # What the way back from the provider is answered with, once it has recognised the same person.
        frame = page.locator("script[src*='frame.js']").get_attribute("src")
        body = f"<!doctype html><script type='module' src='{frame}'></script><h1 data-unlocks>x</h1>"
        route.fulfill(body=body, content_type="text/html")

    page.evaluate("document.body.dataset.mine = 'typed'")
    screen.context.route("**/accedi/oidc?sblocca=1", shown)
    with screen.context.expect_page() as opened:
        way.click()
    opened.value.wait_for_load_state("load")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.body.dataset.mine") == "typed"


def test_once_everybody_has_left_pages_in_other_tabs_go_to_the_door(open_screen: Open, served: Served) -> None:
    screen = open_screen("operatore")
    page = screen.goto("/profilo")
    locked(page)
    with served.site.ports.catalog.begin() as work:
        work.end_sessions()
    other = screen.context.new_page()
    other.goto("/accedi")
    expect(page).to_have_url(served.url + "/accedi?next=/profilo")
