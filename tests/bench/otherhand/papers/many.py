"""Lists and rankings: about many, in nobody's dossier."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper


def _people(case: Case, count: int) -> list[list[str]]:
    everybody = [x for x in case.people.by_cf.values() if x.born < case.date]
    chosen = case.rng.sample(everybody, min(count, len(everybody)))
    for person in chosen:
        case.others.append(("cited", person))
    code = case.rng.random() < 0.3
    return [
        [str(number), voice.name(person, "caps"), voice.day(person.born, "num"), (person.cf if code else person.town)]
        for number, person in enumerate(chosen, start=1)
    ]


@paper("elenco", "ECA SAP FNB2 NID CRD TRS PAS AFT SAD CDD", weight=1.2)
def roll(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(
        case.pick(
            "ELENCO UTENTI", "GRADUATORIA", "ELENCO NOMINATIVI", "GRADUATORIA PROVVISORIA", "RIEPILOGO UTENTI IN CARICO"
        )
    )
    p.centre(case.rng.choice(case.served.names))
    p.line(f"{case.pick('Aggiornato al', 'Data', 'alla data del')} {case.on()}", 1.4)
    rows = _people(case, case.rng.choice([8, 14, 25, 45]))
    p.table(
        [["N.", "Cognome e nome", "Data di nascita", "C.F." if len(rows[0][3]) == 16 else "Comune"], *rows],
        [5, 34, 16, 18],
    )
    p.line(f"Totale {len(rows)}", 1.4)
    case.holders = []
