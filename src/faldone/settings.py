"""Settings: one frozen tree from the home's ``faldone.toml`` and the environment.

Order of strength: ``FALDONE_OCR__TIMEOUT_S`` (environment) over ``faldone.toml`` over the defaults here. Unknown
names are refused, in the file and in the environment alike. Units stand in the names.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from faldone.classify.decide import DEFAULT_THRESHOLDS
from faldone.domain.inbox import Inbox, Originals
from faldone.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE_NAME = "faldone.toml"
_PREFIX = "FALDONE_"
_OUTSIDE_NAMES = {"FALDONE_HOME", "FALDONE_FONTS", "FALDONE_DEBUG"}  # ours, but not settings of an archive
_Positive = Annotated[int, Field(gt=0)]
_Seconds = Annotated[float, Field(gt=0)]
_Share = Annotated[float, Field(gt=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InboxSettings(_Part):
    """One watched folder and what is known of all that arrives there. ``path`` is absolute or relative to the home."""

    path: Path = Path("inbox")
    polling: bool = False
    """True for network shares, where the system says nothing of changes."""
    batch: Literal["folder", "day"] = "folder"
    """What makes a batch: each folder directly below the inbox, or each day."""
    service: str | None = None
    comune: str | None = None
    box: str | None = None


class IntakeSettings(_Part):
    """How files are picked up. The sweep is the truth; events only make it come sooner."""

    done: Path = Path("done")
    """Where an original goes once it is sealed; absolute or relative to the home."""
    originals: Originals = Originals.MOVE
    """What becomes of an original once it is sealed: it moves to ``done``, stays, or is deleted."""
    min_free_mb: Annotated[int, Field(ge=0)] = 500
    """With less free space than this, in megabytes, nothing more is taken in until there is more."""
    quiet_s: _Seconds = 0.5
    """A file is taken when its size and time of change stood still for so long and nobody has it open for writing."""
    share_quiet_s: _Seconds = 3.0
    """The same for inboxes that are polled: on a network share nobody can say who is still writing."""
    patience_s: _Seconds = 60.0
    """A file that is empty or looks cut short is given so long to grow after its last change."""
    sweep_s: _Seconds = 10.0
    ignore: tuple[str, ...] = (
        ".*",
        "~$*",
        "*.tmp",
        "*.part",
        "*.crdownload",
        "Thumbs.db",
        "desktop.ini",
        "@eaDir",
        "#recycle",
    )


class LimitSettings(_Part):
    """What is refused rather than tried."""

    max_pixels: _Positive = 200_000_000
    max_pages: _Positive = 20_000
    max_bytes: _Positive = 4 * 1024**3
    max_parts: _Positive = 1_000
    """Files in one archive, mail or envelope."""
    max_unpacked_bytes: _Positive = 4 * 1024**3
    max_expansion: _Positive = 200
    """How many times its own size an archive may unpack to, once that is more than 10 MB."""
    max_depth: _Positive = 5
    """Archives, mails and envelopes inside each other."""
    open_timeout_s: _Seconds = 60.0
    pdf_passwords: Path | None = None
    """A text file with a password a line, tried on protected PDFs; absolute or relative to the home."""


class SheetSettings(_Part):
    """Sheets laid between the papers. ``patch_texts`` are bar codes of plain patch sheets, which start a document."""

    patch_texts: tuple[str, ...] = ("PATCH-T", "PATCHT", "PATCH T")


class OcrSettings(_Part):
    """Recognition of scanned pages.

    ``engine`` is Tesseract either way: its library in processes that live on from page to page, or its program.
    """

    engine: Literal["tesserocr", "pytesseract"] = "tesserocr"
    language: str = "ita"
    timeout_s: _Seconds = 120.0
    attempts: _Positive = 1
    """Tries of a page that fail, each with the usual settings and then with others, before it is quarantined."""


class FilingSettings(_Part):
    """What is filed without a person's look.

    ``holder``, ``type`` and ``service`` are the least confidences; ``faldone classify evaluate`` says which give a
    wanted error rate on the office's own papers.
    """

    holder: _Share = DEFAULT_THRESHOLDS.holder
    type: _Share = DEFAULT_THRESHOLDS.type
    service: _Share = DEFAULT_THRESHOLDS.service
    staff: Path | None = None
    """A text file with a name or code a line: who works here, and is the holder of no paper for having signed it."""


class ReviewSettings(_Part):
    """What people are asked.

    One in ``recheck_one_in`` documents that were filed by themselves is asked again, blind; 0: none.
    """

    recheck_one_in: Annotated[int, Field(ge=0, le=1_000_000)] = 50


class PdfSettings(_Part):
    """Searchable copies. ``keep``: one of every document is made when nothing else is to be done, in ``pdf/``."""

    keep: bool = False


class WorkerSettings(_Part):
    """How much is done at a time. ``threads`` = 0 means one a core."""

    threads: Annotated[int, Field(ge=0)] = 0
    queue_length: _Positive = 64
    """Most messages of one kind that wait in the queue: the rest waits in the catalog."""

    @property
    def thread_count(self) -> int:
        """The number of worker threads."""
        return self.threads or len(os.sched_getaffinity(0))


class BrokerSettings(_Part):
    """Where messages travel. No address: within the process."""

    url: str | None = None


class CatalogSettings(_Part):
    """Where the record of truth is. No address: ``catalog.sqlite`` in the home."""

    url: str | None = None


class SearchSettings(_Part):
    """Which index answers. No address: Tantivy in the home; an http(s) address, or several: Elasticsearch."""

    url: str | tuple[str, ...] | None = None
    index: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")] = "faldone-documents"
    api_key: SecretStr | None = None
    user: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    shards: _Positive = 1
    replicas: Annotated[int, Field(ge=0)] | None = None
    """Copies of each shard; none given: one as soon as the cluster has a second node."""
    timeout_s: Annotated[float, Field(gt=0)] = 30.0


class LogSettings(_Part):
    """The log is for operators of the machine; it holds ids and counts, never names or text."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    form: Literal["console", "json"] = "console"


class WebSettings(_Part):
    """The web app: where it listens, and how people reach it (``url``, where a proxy in front of it has another)."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)] = 8080
    url: str | None = None
    views_mb: _Positive = 5_000
    """Room for pictures of pages that were shown before, in megabytes, in ``views/``."""
    threads: Annotated[int, Field(ge=2, le=64)] = 4
    """So many requests are worked on at once. More make all of them slower, but where Elasticsearch does the work."""


class OidcSettings(_Part):
    """The OpenID Connect provider that says who somebody is. No issuer: accounts have passwords of their own."""

    issuer: str | None = None
    client_id: str = "faldone"
    client_secret: SecretStr | None = None
    label: str = "Accesso dell'ente · Office sign-in"


class DistrictSettings(_Part):
    """The office, and its comuni by sub-ambito: ``sub_ambiti.Crema = ["Crema", "Bagnolo Cremasco"]``."""

    name: str = "Servizi sociali"
    sub_ambiti: dict[str, tuple[str, ...]] = {}


class Settings(BaseSettings):
    """All settings of one archive."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    home: Path
    inbox: tuple[InboxSettings, ...] = (InboxSettings(),)
    intake: IntakeSettings = IntakeSettings()
    sheets: SheetSettings = SheetSettings()
    limits: LimitSettings = LimitSettings()
    ocr: OcrSettings = OcrSettings()
    filing: FilingSettings = FilingSettings()
    review: ReviewSettings = ReviewSettings()
    pdf: PdfSettings = PdfSettings()
    worker: WorkerSettings = WorkerSettings()
    broker: BrokerSettings = BrokerSettings()
    catalog: CatalogSettings = CatalogSettings()
    search: SearchSettings = SearchSettings()
    web: WebSettings = WebSettings()
    oidc: OidcSettings = OidcSettings()
    district: DistrictSettings = DistrictSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; the file's place is known only from the home."""
        home = init_settings()["home"]
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(home) / FILE_NAME)

    @property
    def url(self) -> str:
        """How people reach the web app."""
        return (self.web.url or f"http://{self.web.host}:{self.web.port}").rstrip("/")

    def inside(self, path: Path) -> Path:
        """``path`` as it is when absolute, else below the home; without ``..``."""
        return _straight(self.home / path)

    @property
    def inboxes(self) -> tuple[Inbox, ...]:
        """The watched folders with their rules, paths absolute."""
        return tuple(
            Inbox(self.inside(one.path), one.polling, one.batch, one.service, one.comune, one.box) for one in self.inbox
        )


def load(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the archive in ``home``.

    Raises:
        ConfigError: a name is unknown, a value does not fit, or folders overlap.
    """
    _refuse_unknown_names(environment)
    try:
        settings = Settings(home=_straight(home.absolute()))
    except ValidationError as error:
        found = [(".".join(map(str, one["loc"])), one) for one in error.errors()]
        italian = "; ".join(f"{name}: {_in_italian(one)}" for name, one in found)
        english = "; ".join(f"{name}: {one['msg']}" for name, one in found)
        raise ConfigError(
            f"Impostazioni non valide: {italian}. / The settings are not valid: {english}.",
            hint="faldone config show",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{FILE_NAME} non si legge: {error}. / {FILE_NAME} cannot be read: {error}.",
            hint=f"Correggere {home / FILE_NAME}. / Mend {home / FILE_NAME}.",
        ) from error
    _refuse_overlaps(settings)
    _refuse_to_ignore_all(settings)
    return settings


_MISTAKES: Final[Mapping[str, str]] = {
    "greater_than": "deve essere maggiore di {gt:.15g}",
    "greater_than_equal": "deve essere almeno {ge:.15g}",
    "less_than": "deve essere minore di {lt:.15g}",
    "less_than_equal": "può essere al massimo {le:.15g}",
    "missing": "manca",
    "extra_forbidden": "non è un'impostazione di faldone",
    "enum": "deve essere {expected}",
    "literal_error": "deve essere {expected}",
    "string_pattern_mismatch": "ha una forma che non va (vale {pattern})",
    "string_type": "deve essere un testo tra virgolette",
    "path_type": "deve essere un percorso tra virgolette",
    "tuple_type": "deve essere un elenco tra parentesi quadre",
    "model_type": "deve essere una tabella, come [ocr]",
    "dict_type": "deve essere una tabella",
    "bool_type": "deve essere true o false",
    "bool_parsing": "deve essere true o false",
    "int_type": "deve essere un numero intero",
    "int_parsing": "deve essere un numero intero",
    "int_from_float": "deve essere un numero intero",
    "float_type": "deve essere un numero",
    "float_parsing": "deve essere un numero",
}
"""What pydantic says of a value, by the type of its mistake."""


def _in_italian(mistake: ErrorDetails) -> str:
    words = _MISTAKES.get(mistake["type"])
    if words is None:
        return mistake["msg"]  # English is better than nothing
    return words.format(**mistake.get("ctx", {})).replace("' or '", "' o '")


def _straight(path: Path) -> Path:
    """The path without ``..``: in that of a file it is taken for a way out of the inbox."""
    return path.resolve() if ".." in path.parts else path


def _refuse_unknown_names(environment: Mapping[str, str]) -> None:
    # pydantic-settings passes over a top-level name that it does not know: a typo would be silent.
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields} | _OUTSIDE_NAMES
    for name in environment:
        if name.startswith(_PREFIX) and name.split("__")[0] not in known:
            raise ConfigError(
                f"La variabile d'ambiente {name} non è un'impostazione di faldone. / "
                f"The environment variable {name} is no setting of faldone.",
                hint="faldone config show",
            )


_SCANS: Final = ("0001.pdf", "scansione.tif", "IMG_0001.JPG")


def _refuse_to_ignore_all(settings: Settings) -> None:
    for pattern in settings.intake.ignore:
        if all(fnmatch(name, pattern) for name in _SCANS):
            raise ConfigError(
                f"intake.ignore: «{pattern}» passa sopra a ogni scansione. / "
                f"intake.ignore: “{pattern}” passes over every scan.",
            )


def _refuse_overlaps(settings: Settings) -> None:
    # What we write must never be picked up as what has arrived, nor originals be put among what is sealed.
    own = {name: settings.home / name for name in ("store", "index", "work", "views", "pdf")}
    done = settings.inside(settings.intake.done)
    for name, folder in own.items():
        if done.resolve().is_relative_to(folder.resolve()):
            raise ConfigError(
                f"intake.done: gli originali non possono andare in {done}, che è della cartella «{name}» "
                f"dell'archivio. / intake.done: originals cannot go to {done}, which is the archive's own “{name}”.",
            )
    own["done"] = done
    inboxes = [inbox.path.resolve() for inbox in settings.inboxes]
    for number, inbox in enumerate(inboxes):
        for other in inboxes[:number]:
            if inbox.is_relative_to(other) or other.is_relative_to(inbox):
                raise ConfigError(
                    f"Le cartelle di arrivo {other} e {inbox} si sovrappongono. / "
                    f"The inboxes {other} and {inbox} overlap.",
                )
        if settings.home.resolve().is_relative_to(inbox):
            raise ConfigError(
                f"La cartella di arrivo {inbox} contiene l'archivio. / The inbox {inbox} holds the archive itself.",
            )
        for name, folder in own.items():
            folder = folder.resolve()
            if folder.is_relative_to(inbox) or inbox.is_relative_to(folder):
                raise ConfigError(
                    f"La cartella di arrivo {inbox} e la cartella «{name}» si sovrappongono. / "
                    f"The inbox {inbox} and the folder “{name}” overlap.",
                )


def origins(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, tuple[Any, str]]:
    """Every setting as ``part.name`` with its value and where it comes from. Secrets stay hidden."""
    file = settings.home / FILE_NAME
    in_file = tomllib.loads(file.read_text()) if file.exists() else {}
    found: dict[str, tuple[Any, str]] = {}
    for part, value in settings:
        if not isinstance(value, BaseModel):
            variable = f"{_PREFIX}{part}".upper()
            origin = variable if variable in environment else FILE_NAME if part in in_file else "default"
            found[part] = (value, origin)
            continue
        for name, inner in value:
            variable = f"{_PREFIX}{part}__{name}".upper()
            origin = variable if variable in environment else "default"
            if origin == "default" and name in in_file.get(part, {}):
                origin = FILE_NAME
            found[f"{part}.{name}"] = (inner, origin)
    return found
