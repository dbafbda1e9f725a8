"""``faldone users``: who may enter the web app, and what they see."""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import replace
from typing import Any

from faldone.bootstrap import open_archive
from faldone.cli.console import add_by, add_home, emit, err, out, plain, say, settings_of, table
from faldone.domain.access import Sensitivity
from faldone.domain.account import GIVEABLE, Ability, Account, AccountRole, Rights
from faldone.pipeline.accounts.accounts import (
    FIRST_LINK,
    LINK,
    account_name,
    change_account,
    create_account,
    invite,
    invite_first_administrator,
    remove_second_factor,
)
from faldone.pipeline.accounts.say_rights import ABILITIES, ROLES, say_rights
from faldone.pipeline.ports import Ports

_ALL = "tutti"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")

    def verb(name: str, words: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=words, description=words)
        add_home(made)
        made.set_defaults(action=_ACTIONS[name])
        return made

    listed = verb("list", "chi può entrare · who may enter")
    shown = verb("show", "un operatore e quel che vede · an account and what it sees")
    added = verb("add", "un operatore nuovo, e il suo collegamento · a new account, and its link")
    invited = verb("invite", "un collegamento per scegliere la password · a link to choose a password")
    disabled = verb("disable", "sospende un operatore: esce subito · disable an account: it is out at once")
    enabled = verb("enable", "riattiva un operatore · enable an account again")
    dropped = verb("drop-factor", "toglie il secondo fattore a chi non l'ha più · remove a second factor that was lost")
    invited.add_argument(
        "name", nargs="?", metavar="NOME", help="senza: il primo amministratore · without: the first administrator"
    )
    for one in (shown, added, disabled, enabled, dropped):
        one.add_argument("name", metavar="NOME", help="il nome con cui entra · the name it enters with")
    for one in (listed, shown):
        one.add_argument("--json", action="store_true", help="un oggetto JSON per riga · one JSON object a line")
    for one in (added, invited, disabled, enabled, dropped):
        add_by(one, "chi lo fa · who does it")
    added.add_argument("--full-name", required=True, metavar="«NOME COGNOME»", help="come si legge · as people read it")
    roles = [role.value for role in AccountRole]
    added.add_argument("--role", required=True, choices=roles, help="che cosa può fare · what it may do")
    added.add_argument(
        "--services", default="", metavar="A,B", help="codici, o «tutti»; niente: nessuno · codes, or «tutti»"
    )
    added.add_argument("--comuni", default=_ALL, metavar="A,B", help="nomi, o «tutti» (così, se non si dice) · names")
    levels = [level.name.lower() for level in Sensitivity]
    added.add_argument(
        "--sensitivity", default=levels[0], choices=levels, help="fino a quale livello · up to which level"
    )
    added.add_argument(
        "--intake", action="store_true", help="anche le carte senza servizio · papers too that have no service yet"
    )
    added.add_argument("--since", type=_day, metavar="AAAA-MM-GG", help="dal giorno · from the day")
    added.add_argument("--until", type=_day, metavar="AAAA-MM-GG", help="fino al giorno compreso · until the day")
    also = sorted(ability.value for ability in GIVEABLE)
    added.add_argument("--also", action="append", default=[], choices=also, help="può anche (ripetibile) · may also")


def run(args: argparse.Namespace) -> int:
    """Carries out one verb."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        args.action(args, ports, settings.url)
    return 0


def _list(args: argparse.Namespace, ports: Ports, url: str) -> None:
    accounts = ports.catalog.accounts()
    if args.json:
        for account in accounts:
            emit(_as_json(account, ports))
        return
    if not accounts:
        say("Nessuno può ancora entrare: «faldone users invite»", "nobody can enter yet")
    rows = table("operatore · account", "ruolo · role", "permessi · rights")
    for account in accounts:
        role, rights = " · ".join(ROLES[account.role]), say_rights(account, ports.lexicon, _today(ports))[0]
        rows.add_row(*f"{plain(account.name)}\n{plain(account.full_name)}", plain(role), plain(rights))
    if rows.row_count:
        out.print(rows)


def _show(args: argparse.Namespace, ports: Ports, url: str) -> None:
    account = ports.catalog.account(account_name(args.name))
    if args.json:
        emit(_as_json(account, ports))
        return
    rows = table("", "")
    for name, value in (
        ("operatore · account", account.name),
        ("nome · full name", account.full_name),
        ("ruolo · role", " · ".join(ROLES[account.role])),
        ("permessi · rights", "\n".join(say_rights(account, ports.lexicon, _today(ports)))),
        ("può · may", ", ".join(ABILITIES[ability][0] for ability in ABILITIES if ability in account.abilities)),
        ("password", "sì · yes" if ports.catalog.credentials(account.name).password else "no"),
        ("secondo fattore · second factor", "sì · yes" if ports.catalog.credentials(account.name).totp else "no"),
    ):
        rows.add_row(plain(name), plain(value))
    out.print(rows)


def _add(args: argparse.Namespace, ports: Ports, url: str) -> None:
    rights = Rights(
        services=_named(args.services),
        comuni=_named(args.comuni),
        sensitivity=Sensitivity[args.sensitivity.upper()],
        intake=args.intake,
        since=args.since,
        until=args.until,
    )
    also = frozenset(map(Ability, args.also))
    account = create_account(Account(args.name, args.full_name, AccountRole(args.role), rights, also), args.by, ports)
    say(f"«{account.name}» è fra gli operatori", "the account is made")
    err.print(plain(say_rights(account, ports.lexicon, _today(ports))[0]))
    _say_link(invite(account.name, args.by, ports), LINK, url)
    if not any(one.role is AccountRole.ADMINISTRATOR for one in ports.catalog.accounts()):
        say(
            "Nessuno è amministratore, e il collegamento del primo non vale più: aggiungine uno con "
            "«faldone users add --role amministratore»",
            "nobody is an administrator, and the first one's link serves no more",
        )


def _invite(args: argparse.Namespace, ports: Ports, url: str) -> None:
    if args.name is None:
        _say_link(invite_first_administrator(ports), FIRST_LINK, url)
    else:
        _say_link(invite(account_name(args.name), args.by, ports), LINK, url)


def _disable(args: argparse.Namespace, ports: Ports, url: str) -> None:
    account = ports.catalog.account(account_name(args.name))
    change_account(replace(account, disabled=True), args.by, ports)
    say(f"«{account.name}» non entra più; sessioni e token sono chiusi", "disabled; its sessions and tokens have ended")


def _enable(args: argparse.Namespace, ports: Ports, url: str) -> None:
    account = ports.catalog.account(account_name(args.name))
    change_account(replace(account, disabled=False), args.by, ports)
    say(f"«{account.name}» può entrare di nuovo", "enabled again")


def _drop_factor(args: argparse.Namespace, ports: Ports, url: str) -> None:
    account = ports.catalog.account(account_name(args.name))
    remove_second_factor(account.name, args.by, ports)
    say(f"«{account.name}» entra con la sola password; sessioni e token sono chiusi", "the password alone lets it in")


def _say_link(secret: str, lasts: dt.timedelta, url: str) -> None:
    hours = int(lasts.total_seconds()) // 3600
    say(f"Questo collegamento vale una volta, per {hours} ore:", f"this link serves once, for {hours} hours")
    out.print(f"{url}/invito/{secret}", markup=False)


def _named(text: str) -> frozenset[str] | None:
    if text.strip().lower() == _ALL:
        return None
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"«{text}» non è una data · is no date: AAAA-MM-GG") from error


def _today(ports: Ports) -> dt.date:
    return ports.clock().astimezone().date()


def _as_json(account: Account, ports: Ports) -> dict[str, Any]:
    rights, credentials = account.rights, ports.catalog.credentials(account.name)
    return {
        "name": account.name,
        "full_name": account.full_name,
        "role": account.role.value,
        "services": sorted(rights.services) if rights.services is not None else None,
        "comuni": sorted(rights.comuni) if rights.comuni is not None else None,
        "sensitivity": rights.sensitivity.name.lower(),
        "intake": rights.intake,
        "since": rights.since.isoformat() if rights.since is not None else None,
        "until": rights.until.isoformat() if rights.until is not None else None,
        "also": sorted(account.also),
        "disabled": account.disabled,
        "password": credentials.password is not None,
        "second_factor": credentials.totp is not None,
    }


_ACTIONS = {
    "list": _list,
    "show": _show,
    "add": _add,
    "invite": _invite,
    "disable": _disable,
    "enable": _enable,
    "drop-factor": _drop_factor,
}
