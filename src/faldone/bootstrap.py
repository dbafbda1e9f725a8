"""The composition root: settings in, a working archive out. The only place that picks adapters."""

from __future__ import annotations

import datetime as dt
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from faldone.catalog.sql.catalog import SqlCatalog
from faldone.classify.decide import DEFAULT_THRESHOLDS
from faldone.classify.layers import GrowingRegister
from faldone.classify.lexicon import default_lexicon
from faldone.classify.register import NO_STAFF, Staff
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.page import EngineStamp
from faldone.errors import ConfigError, HomeBusyError
from faldone.ingest.inspect import Limits
from faldone.ocr.engine import OcrEngine
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import stay_in_one_thread
from faldone.pipeline.filing.model_file import ModelFile
from faldone.pipeline.ports import FACTOR_KEY, Options, Ports
from faldone.search.index import SearchIndex
from faldone.settings import FILE_NAME, Settings
from faldone.storage.local import LocalStore

_FIRST_SETTINGS = """\
# faldone: impostazioni di questo archivio / settings of this archive.
# «faldone config show» dice tutti i nomi, i valori e da dove vengono / says all names, values and where they come from.

[[inbox]]
path = "inbox"
"""


def init_home(settings: Settings) -> bool:
    """Makes a home that is ready for use; a home that is there already is only brought up to date.

    Returns:
        True when the home is new.

    Raises:
        ConfigError: sealed files are there but their catalog is not: an empty one would make them look forgotten.
    """
    home = settings.home
    new = not _catalog_file(settings).exists() if settings.catalog.url is None else not (home / FILE_NAME).exists()
    if new and any((home / "store").glob("sha256/*/*")):
        raise _lost_catalog(home)
    # An inbox elsewhere is not made: a share that is not mounted must be missed, not watched as an empty folder.
    inboxes = [inbox.path for inbox in settings.inboxes if inbox.path.is_relative_to(home)]
    for folder in (home, *inboxes, settings.inside(settings.intake.done), home / "work"):
        folder.mkdir(parents=True, exist_ok=True)
    if not (home / FILE_NAME).exists():
        (home / FILE_NAME).write_text(_FIRST_SETTINGS, encoding="utf-8")
    catalog = SqlCatalog(_catalog_url(settings))
    catalog.migrate()
    if catalog.ledger_tail().length == 0:
        with catalog.begin() as work:
            work.record(Event(EventType.ARCHIVE_CREATED, "archive", _now(), AGENT))
    catalog.close()
    return new


@contextmanager
def open_archive(settings: Settings) -> Iterator[Ports]:
    """The archive of a home, put together from its settings; closed at the end of the block.

    Raises:
        ConfigError: there is no archive in this home.
        DependencyError: tesseract or its language is missing.
    """
    if settings.catalog.url is None and not _catalog_file(settings).exists():
        if (settings.home / "store").exists():
            raise _lost_catalog(settings.home)
        raise ConfigError(
            f"In {settings.home} non c'è un archivio. / There is no archive in {settings.home}.",
            hint=f"faldone init --home {settings.home}",
        )
    _demand_known_services(settings)
    stay_in_one_thread()
    catalog = SqlCatalog(_catalog_url(settings))
    catalog.migrate()
    index = _search_index(settings)
    engine = _engine(settings)
    try:
        yield Ports(
            catalog=catalog,
            store=LocalStore(settings.home / "store"),
            engine=engine,
            index=index,
            register=GrowingRegister(catalog.register_version, catalog.persons, _staff(settings)),
            lexicon=default_lexicon(),
            clock=_now,
            options=Options(
                limits=_limits(settings),
                ocr=_ocr_options(settings),
                done=settings.inside(settings.intake.done),
                work=settings.home / "work",
                attempts=settings.ocr.attempts,
                patience_s=settings.intake.patience_s,
                factor_key=settings.home / FACTOR_KEY,
                originals=settings.intake.originals,
                min_free_bytes=settings.intake.min_free_mb * 1_000_000,
                patch_texts=frozenset(settings.sheets.patch_texts),
                copies=settings.home / "pdf" if settings.pdf.keep else None,
                thresholds=replace(
                    DEFAULT_THRESHOLDS,
                    holder=settings.filing.holder,
                    type=settings.filing.type,
                    service=settings.filing.service,
                ),
                recheck_one_in=settings.review.recheck_one_in,
            ),
            learned=ModelFile(model_file(settings)),
        )
    finally:
        engine.close()
        index.close()
        catalog.close()


def _demand_known_services(settings: Settings) -> None:
    for inbox in settings.inboxes:
        if inbox.service is not None and inbox.service not in default_lexicon().services:
            raise ConfigError(
                f"La cartella {inbox.path} ha un servizio sconosciuto: «{inbox.service}». / "
                f"The inbox {inbox.path} has an unknown service: “{inbox.service}”.",
                hint="faldone services list",
            )


def check(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What is odd about settings that hold, in Italian and English: nothing else is looked at than what they name.

    Raises:
        ConfigError: they name a service that is none, or a list that cannot be read.
    """
    _demand_known_services(settings)
    _limits(settings)
    _staff(settings)
    return tuple(_oddities(settings))


def _oddities(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.inboxes:
        yield (
            "nessuna cartella di arrivo (inbox): si prende solo quel che si dà con «faldone ingest»",
            "no inbox: only what is given to “faldone ingest” is taken in",
        )
    known = {comune.casefold() for comuni in settings.district.sub_ambiti.values() for comune in comuni}
    for inbox in settings.inboxes:
        if known and inbox.comune is not None and inbox.comune.casefold() not in known:
            yield (
                f"la cartella {inbox.path} ha il comune «{inbox.comune}», che non è in district.sub_ambiti",
                f"the inbox {inbox.path} has the comune “{inbox.comune}”, which is not in district.sub_ambiti",
            )


def _limits(settings: Settings) -> Limits:
    given = settings.limits
    return Limits(
        max_bytes=given.max_bytes,
        max_pages=given.max_pages,
        max_pixels=given.max_pixels,
        max_parts=given.max_parts,
        max_unpacked_bytes=given.max_unpacked_bytes,
        max_expansion=given.max_expansion,
        max_depth=given.max_depth,
        open_timeout_s=given.open_timeout_s,
        pdf_passwords=_passwords(settings),
    )


def _passwords(settings: Settings) -> tuple[str, ...]:
    if settings.limits.pdf_passwords is None:
        return ()
    file = settings.inside(settings.limits.pdf_passwords)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(
            f"L'elenco delle password {file} non si legge. / The list of passwords {file} cannot be read."
        ) from error
    return tuple(line for line in lines if line)


def _lost_catalog(home: Path) -> ConfigError:
    return ConfigError(
        f"In {home} ci sono file sigillati ma manca il catalogo. / "
        f"There are sealed files in {home}, but their catalog is missing.",
        hint="Rimettere catalog.sqlite da una copia di sicurezza. / Put catalog.sqlite back from a backup.",
    )


@contextmanager
def sole_runner(settings: Settings) -> Iterator[None]:
    """Makes this process the only one that works on the home, so that all claims of an earlier one are void.

    Raises:
        HomeBusyError: another process runs this home.
    """
    with (settings.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeBusyError(
                f"Un altro faldone lavora già su {settings.home}. / Another faldone runs {settings.home} already.",
                hint="faldone status",
            ) from error
        yield


def probe_engine(settings: Settings) -> EngineStamp:
    """The recognition engine that this machine has, archive or not.

    Raises:
        DependencyError: tesseract or its language is missing.
    """
    engine = _engine(settings)
    try:
        return engine.stamp(_ocr_options(settings))
    finally:
        engine.close()


def _engine(settings: Settings) -> OcrEngine:
    # The engine that is not used is not imported: every command pays for its imports.
    if settings.ocr.engine == "pytesseract":
        from faldone.ocr.tesseract import TesseractEngine

        return TesseractEngine(work_folder=settings.home / "work")
    from faldone.ocr.tesserocr_engine import TesserocrEngine

    return TesserocrEngine()


def _ocr_options(settings: Settings) -> OcrOptions:
    return OcrOptions(language=settings.ocr.language, timeout_s=settings.ocr.timeout_s)


def _search_index(settings: Settings) -> SearchIndex:
    # The engine that is not used is not imported: every command pays for its imports.
    search = settings.search
    if search.url is None:
        from faldone.search.tantivy import TantivyIndex

        return TantivyIndex(settings.home / "index")
    from faldone.search.elasticsearch import ElasticsearchIndex

    return ElasticsearchIndex(
        search.url,
        alias=search.index,
        api_key=search.api_key.get_secret_value() if search.api_key else None,
        basic_auth=(search.user, search.password.get_secret_value()) if search.user and search.password else None,
        ca_file=settings.inside(search.ca_file) if search.ca_file else None,
        shards=search.shards,
        replicas=search.replicas,
        timeout_s=search.timeout_s,
    )


def _staff(settings: Settings) -> Staff:
    """Who works for the office.

    Raises:
        ConfigError: the list is not there.
    """
    if settings.filing.staff is None:
        return NO_STAFF
    path = settings.inside(settings.filing.staff)
    try:
        return Staff.of(path.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise ConfigError(
            f"L'elenco del personale {path} non si legge. / The list of staff {path} cannot be read.",
            hint="filing.staff",
        ) from error


def model_file(settings: Settings) -> Path:
    """Where the model that was learnt from the office's decisions is kept."""
    return settings.home / "model.faldone"


def _catalog_file(settings: Settings) -> Path:
    return settings.home / "catalog.sqlite"


def _catalog_url(settings: Settings) -> str:
    return settings.catalog.url or f"sqlite:///{_catalog_file(settings)}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
