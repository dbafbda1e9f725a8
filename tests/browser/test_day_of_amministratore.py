"""A day of who hands out rights: an account, its link that serves once, and not a paper seen."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from faldone.domain.events import EventType
from tests.browser.conftest import Open
from tests.browser.days import Hands
from tests.twins import Archive

pytestmark = pytest.mark.slow

PASSWORD = "quattro parole messe a caso"


def test_an_account_is_made_and_its_link_serves_once(open_screen: Open, archive: Archive, tmp_path: Path) -> None:
    admin = open_screen("amministratore")
    hands = Hands(admin.page)
    page = admin.goto("/")
    expect(page).to_have_url("/amministrazione")
    expect(page.get_by_role("link", name="Ricerca", exact=True)).to_have_count(0)
    page.goto("/amministrazione/utenti")
    page.get_by_role("link", name="Nuovo operatore").press("Enter")
    page.get_by_label("Nome dell'operatore").focus()
    hands.type("bruna")
    page.get_by_label("Nome e cognome").focus()
    hands.type("Bruna Prova")
    page.get_by_label("Tutti i servizi").press("Space")
    page.get_by_role("button", name="Crea l'operatore").press("Enter")
    link = page.locator("code", has_text="/invito/")
    expect(link).to_be_visible()
    path = urlsplit(link.inner_text()).path
    page.goto("/amministrazione/utenti/bruna")
    assert path not in page.content()
    expect(page.locator("main")).to_contain_text("non ancora scelta")

    guest = open_screen(None)
    page = guest.goto(path)
    page.get_by_label("Nuova password").fill(PASSWORD)
    page.get_by_label("Ancora la password").fill(PASSWORD)
    page.get_by_role("button", name="Salva la password").press("Enter")
    expect(page.locator("body")).not_to_contain_text("Ancora la password")
    page.goto("/accedi")
    page.get_by_label(re.compile("^(Nome|Operatore)")).first.fill("bruna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page).to_have_url(re.compile("/ricerca$"))
    expect(page.locator(".menu-box")).to_contain_text("Bruna Prova")
    assert guest.complaints == []

    again = open_screen(None)
    answer = again.page.goto(path)
    assert answer is not None
    assert answer.status in (404, 410)
    expect(again.page.get_by_label("Nuova password")).to_have_count(0)
    kinds = [entry.record.type for entry in archive.catalog.events(["bruna"])]
    assert EventType.ACCOUNT_CHANGED in kinds
    assert EventType.CREDENTIALS_CHANGED in kinds
    assert hands.clicks == 0
    assert admin.complaints == []
