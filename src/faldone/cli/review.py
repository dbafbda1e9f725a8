"""``faldone review``: what waits for a person, the most valuable first; each decision can be taken back."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from faldone.bootstrap import open_archive
from faldone.catalog.records import Waiting
from faldone.classify.question import ABOUT_HOLDER
from faldone.cli.console import add_by, add_home, emit, err, out, plain, say, settings_of, table
from faldone.cli.words import service_name, type_name
from faldone.domain.attribution import DocumentProposal
from faldone.domain.decision import Decision, Settled
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import UndecidableError
from faldone.pipeline.filing.attribute import is_under_way
from faldone.pipeline.filing.persons import find_person, new_person
from faldone.pipeline.filing.results import document_json
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.boundaries import merge, split
from faldone.pipeline.review.order_pages import order_pages
from faldone.pipeline.review.settle import Done, accept, assign, undo
from faldone.pipeline.review.stale import short_name
from faldone.pipeline.review.typed import typed_day, typed_protocol
from faldone.pipeline.review.whereabouts import come_back, whereabouts

_SHOWN = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    listed = verbs.add_parser("list", help="quel che aspetta, dal più utile · what waits, the most valuable first")
    listed.add_argument("--limit", type=_count, default=_SHOWN, metavar="N", help="quanti al massimo · at most so many")
    listed.add_argument("--json", action="store_true", help="un oggetto JSON a riga · one JSON object a line")
    shown = verbs.add_parser("show", help="che cosa si chiede di un documento, e perché · what is asked, and why")
    shown.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")
    accepted = verbs.add_parser("accept", help="è giusto così · it is right as it is")
    assigned = verbs.add_parser("assign", help="corregge, e il resto è giusto · corrects, and the rest is right")
    assigned.add_argument(
        "--person",
        action="append",
        metavar="PERSONA",
        help="id, codice fiscale o «COGNOME NOME»; più volte per fratelli · id, code or name; again for siblings",
    )
    assigned.add_argument("--new-person", metavar="COGNOME,NOME", help="una persona nuova · a person not yet on record")
    assigned.add_argument("--born", type=_day, metavar="DATA", help="la sua nascita, AAAA-MM-GG · its birth date")
    assigned.add_argument("--cf", metavar="CODICE", help="il suo codice fiscale · its code")
    assigned.add_argument("--nobody", action="store_true", help="di nessuno: un elenco · nobody's: a list")
    assigned.add_argument("--type", metavar="TIPO", help="il tipo · the type")
    assigned.add_argument("--service", metavar="SERVIZIO", help="il servizio · the service")
    assigned.add_argument("--date", type=_day, metavar="DATA", help="la data, AAAA-MM-GG · the date")
    assigned.add_argument(
        "--protocol", metavar="NUMERO[/DATA]", help="il protocollo, con la data AAAA-MM-GG · number and date"
    )
    cut = verbs.add_parser("split", help="un altro documento comincia a questa pagina · another document starts here")
    cut.add_argument("--at", type=int, required=True, metavar="PAGINA", help="pagina del file, da 1 · page of the file")
    join = verbs.add_parser("merge", help="unisce il documento a quello prima · joins it to the one before")
    order = verbs.add_parser("order", help="le pagine si leggono in quest'ordine · the pages are read in this order")
    back = verbs.add_parser("undo", help="annulla l'ultima decisione · takes the last decision back")
    for verb in (accepted, assigned, back):
        verb.add_argument(
            "--together",
            action="store_true",
            help="anche per gli altri che chiedono lo stesso · also for the others that ask the same",
        )
    for verb in (shown, accepted, assigned, cut, join, order, back):
        verb.add_argument("document", metavar="DOCUMENTO")
    order.add_argument(
        "pages",
        type=int,
        nargs="+",
        metavar="PAGINA",
        help="tutte le pagine del documento, da 1, come si leggono · all pages of the document, as they are read",
    )
    for verb in (accepted, assigned, cut, join, order, back):
        add_by(verb, "chi decide · who decides")
    for verb in (listed, shown, accepted, assigned, cut, join, order, back):
        add_home(verb)


def run(args: argparse.Namespace) -> int:
    """Carries out one verb."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.verb == "list":
            return _list(args, ports)
        document = DocumentId(args.document)
        if args.verb == "show":
            return _show(document, args, ports)
        if args.verb in ("accept", "assign"):
            before = ports.catalog.decisions(ports.catalog.document(document).source).get(document)
            if args.verb == "accept":
                done = accept(document, args.by, ports, together=args.together)
            else:
                done = assign(document, _said(args, ports), args.by, ports, together=args.together)
            _told(done, ports)
            if before is not None and before.by != args.by:
                _tell_replaced(before, ports)
        elif args.verb == "split":
            split(document, args.at - 1, args.by, ports)
            say(f"Alla pagina {args.at} comincia un altro documento", "another document starts there")
        elif args.verb == "merge":
            merge(document, args.by, ports)
            say("Le pagine vanno con il documento prima", "the pages go with the document before")
        elif args.verb == "order":
            order_pages(document, args.pages, args.by, ports)
            say("Le pagine si leggono in quest'ordine", "the pages are read in this order")
        else:
            done = undo(document, args.by, ports, together=args.together)
            back = come_back(whereabouts(done.documents, ports))
            say(f"Annullato: {back[0]}", f"taken back: {back[1]}")
    return 0


def _list(args: argparse.Namespace, ports: Ports) -> int:
    waiting = ports.catalog.waiting_documents(args.limit)
    if args.json:
        for item in waiting:
            emit(_as_json(item, ports))
        return 0
    count = ports.catalog.count_waiting()
    if not count:
        say("Nessun documento aspetta", "no document waits")
        return 0
    say(f"{count} documenti aspettano; questi prima", "documents wait; these first")
    rows = table("documento", "proposto · proposed", "perché · why", "insieme")
    for item in waiting:
        proposal = item.document.proposal
        why = proposal.reasons[0].italian if proposal.reasons else ""
        together = f"{item.together}" if item.together > 1 else ""
        rows.add_row(item.document.id, plain(_proposed(proposal, ports)), plain(why), together)
    out.print(rows)
    say(
        "faldone review show|accept|assign DOCUMENTO; --together per tutti quelli insieme",
        "--together settles all that ask the same",
    )
    return 0


def _proposed(proposal: DocumentProposal, ports: Ports) -> str:
    holders = ", ".join(holder.value.name for holder in proposal.holders) or "?"
    kind = type_name(ports.lexicon, proposal.type.value) if proposal.type else "?"
    service = proposal.service.value if proposal.service else "?"
    date = proposal.date.value.strftime("%d/%m/%Y") if proposal.date else "?"
    return f"{holders} · {kind} · {service} · {date}"


def _as_json(item: Waiting, ports: Ports) -> dict[str, Any]:
    said = document_json(item.document.id, item.document.proposal)
    file = ports.catalog.intakes(item.document.source)[0].path
    return {"file": file, **said, "question": item.question, "together": item.together}


def _show(document: DocumentId, args: argparse.Namespace, ports: Ports) -> int:
    found = ports.catalog.document(document)
    item = next(iter(ports.catalog.waiting_documents(1, document=document)), Waiting(found, "", 1))
    decision = ports.catalog.decisions(found.source).get(document)
    if args.json:
        said = None
        if decision is not None:
            said = {"by": decision.by, "at": decision.at.isoformat(), "whole": decision.whole is not None}
        emit(_as_json(item, ports) | {"decision": said})
        return 0
    proposal = found.proposal
    out.print(f"[bold]{document}[/bold] — {plain(_proposed(proposal, ports))}")
    if decision is not None:
        say(f"Deciso da {plain(decision.by)} il {decision.at.astimezone():%d/%m/%Y %H:%M}", "decided")
    for reason in proposal.reasons:
        out.print(f"    {reason.italian} [dim]· {reason.english}[/dim]")
    rows = table("", "proposto · proposed", "sicurezza", "alternativa · runner-up", "prova · proof")
    for name, value, claim in (
        *(("intestatario · holder", _person(holder.value), holder) for holder in proposal.holders),
        ("tipo · type", type_name(ports.lexicon, proposal.type.value) if proposal.type else "", proposal.type),
        (
            "servizio · service",
            service_name(ports.lexicon, proposal.service.value) if proposal.service else "",
            proposal.service,
        ),
        ("data · date", proposal.date.value.strftime("%d/%m/%Y") if proposal.date else "", proposal.date),
    ):
        if claim is not None:
            proof = "; ".join(f"p. {e.page + 1} «{e.quote}»" for e in claim.evidence[:2])
            rows.add_row(name, plain(value), f"{claim.confidence:.0%}", plain(claim.runner_up or ""), plain(proof))
    out.print(rows)
    if set(proposal.reasons) & ABOUT_HOLDER:
        others = [person.value for person in proposal.persons if person not in proposal.holders]
        for person in others[:_SHOWN]:
            out.print(f"    {plain(_person(person))} [dim]({person.role.value})[/dim]")
    if item.together > 1:
        say(f"{item.together} documenti chiedono lo stesso (--together)", "documents ask the same")
    say(f"faldone page, faldone show --text {document}", "the pages and their text")
    return 0


def _person(mention: Any) -> str:
    born = mention.birth_date.strftime("%d/%m/%Y") if mention.birth_date else ""
    return " ".join(filter(None, (mention.name, mention.cf, born)))


def _said(args: argparse.Namespace, ports: Ports) -> Settled:
    """What the options say, checked against the archive and the lexicon."""
    holders: tuple[PersonId, ...] | None = None
    ways = sum(value not in (None, False) for value in (args.nobody, args.new_person, args.person))
    if ways > 1 or (args.new_person is None and (args.born or args.cf)):
        raise UndecidableError(
            "--person, --new-person e --nobody si escludono; --born e --cf vanno con --new-person. / "
            "--person, --new-person and --nobody exclude each other; --born and --cf go with --new-person."
        )
    for code, known, word in (
        (args.type, ports.lexicon.types, "tipo · type"),
        (args.service, ports.lexicon.services, "servizio · service"),
    ):
        if code is not None and code not in known:
            raise UndecidableError(
                f"«{code}» non è un {word} conosciuto. / is not known.",
                hint="faldone services list; " + ", ".join(sorted(known)[:8]) + "…",
            )
    protocol = None if args.protocol is None else typed_protocol(args.protocol)
    if ways == 0 and not (args.type or args.service or args.date or protocol):
        raise UndecidableError(
            "Non è detto che cosa correggere. / Nothing is said to be corrected.",
            hint="faldone review accept DOCUMENTO, se tutto è giusto · if all is right",
        )
    # Last, for it writes: what is refused leaves nobody on record.
    if args.nobody:
        holders = ()
    elif args.new_person is not None:
        surname, _, name = (part.strip() for part in args.new_person.partition(","))
        holders = (new_person(surname, name, args.cf, args.born, args.by, ports).id,)
    elif args.person:
        holders = tuple(find_person(text, ports).id for text in args.person)
    return Settled(holders, args.type, args.service, args.date, protocol)


def _day(text: str) -> dt.date:
    try:
        return typed_day(text, dt.datetime.now().astimezone().date())
    except UndecidableError as error:
        raise argparse.ArgumentTypeError(f"«{text}» non è un giorno passato · is no day in the past") from error


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"«{text}» non è un numero da 1 in su · is no number from 1 up")
    return int(text)


def _tell_replaced(before: Decision, ports: Ports) -> None:
    """Two who decide one after the other: the second is told whose word no longer holds, and how it would again."""
    who, when = plain(short_name(before.by, ports)), f"{before.at.astimezone():%d/%m/%Y %H:%M}"
    say(
        f"Sostituisce quel che {who} aveva deciso il {when}; «faldone review undo {before.document}» lo rimette",
        f"in the place of what {who} decided then; undo brings it back",
    )


def _told(done: Done, ports: Ports) -> None:
    at_work = {one for one in done.documents if is_under_way(ports.catalog.document(one).source, ports)}
    settled = [ports.catalog.document(one).proposal for one in done.documents if one not in at_work]
    decided, later, filed = len(done.documents), len(at_work), sum(not proposal.reasons for proposal in settled)
    say(f"Deciso: {decided} documenti, {filed} archiviati", f"decided: {decided} documents, {filed} filed")
    if later:
        err.print(
            f"  {later} tra poco: il loro file è in lavorazione, e la decisione vale appena è finita · "
            f"{later} shortly: their file is being worked on, and the decision holds as soon as that is done"
        )
    if filed < len(settled):
        err.print("  gli altri aspettano per un'altra ragione · the others wait for another reason")
    if done.reconsidered:
        say(
            f"{done.reconsidered} file che nominano la persona saranno riesaminati",
            "files that name the person are looked at again",
        )
