"""What a Drive holds: files, folders, shortcuts, and who may use them."""

import base64
import hashlib
import mimetypes
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

GOOGLE = "application/vnd.google-apps."
FOLDER = GOOGLE + "folder"
SHORTCUT = GOOGLE + "shortcut"
DOCUMENT = GOOGLE + "document"
SPREADSHEET = GOOGLE + "spreadsheet"
PRESENTATION = GOOGLE + "presentation"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""From least to most; all of them may read (Drive, guide "Roles and permissions")."""

_BY_SUFFIX = {
    ".docx": DOCX,
    ".xlsx": XLSX,
    ".pptx": PPTX,
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".eml": "message/rfc822",
    ".msg": "application/vnd.ms-outlook",
    ".epub": "application/epub+zip",
    ".rtf": "application/rtf",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".tsv": "text/tab-separated-values",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One entry of an item's access list; `address` is an e-mail address, a domain, or empty for anyone."""

    type: str
    role: str
    address: str = ""
    discoverable: bool = False
    """allowFileDiscovery: found by search, and not by its link only (domain and anyone)."""
    expires: str = ""
    view: str = ""
    origin: str = ""
    """The folder that an inherited entry came from, where that folder is not known to carry it."""
    own_id: str = ""

    @property
    def principal(self) -> tuple[str, str]:
        """Whom it names."""
        return self.type, self.address

    @property
    def id(self) -> str:
        """The permission's id: the same for the same principal on every item, as in Drive."""
        if self.own_id:
            return self.own_id
        if self.type == "anyone":
            return "anyone" if self.discoverable else "anyoneWithLink"
        return _permission_id(self.type, self.address)


@cache
def _permission_id(kind: str, address: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"{kind}{address}".encode()).digest()[:8], "big")
    return f"{number:020d}" + ("k" if kind == "domain" else "")


@dataclass(slots=True)
class Item:
    """A file, folder or shortcut. `key` is its name for ever in the sidecar and in event scripts."""

    id: str
    key: str
    name: str
    mime: str
    parent: str = ""
    owner: str = ""
    drive_id: str = ""
    stored_mime: str = ""
    """The type of the stored bytes, where the item appears as a Google type."""
    path: str = ""
    """Where the bytes are, below the served folder; empty when `content` holds them or there are none."""
    content: str = ""
    """The SHA-256 of bytes kept in the state; wins over `path`."""
    size: int = 0
    mtime_ns: int = 0
    created: str = ""
    modified: str = ""
    permissions: list[Permission] = field(default_factory=list)
    """Those given on the item itself."""
    withheld: list[str] = field(default_factory=list)
    """Grants of folders above that do not reach this item, as `folder id:permission id`."""
    limited: bool = False
    trashed: bool = False
    trashed_at: str = ""
    version: int = 1
    link: str = ""
    resource_key: str = ""
    target_id: str = ""
    target_mime: str = ""
    no_copy: bool = False
    """copyRequiresWriterPermission: readers and commenters may not download."""
    starred: list[str] = field(default_factory=list)
    description: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others."""
        return self.mime == FOLDER

    @property
    def is_native(self) -> bool:
        """Whether it is a Google type, which is exported and not downloaded."""
        return self.mime.startswith(GOOGLE)

    def to_json(self) -> dict[str, Any]:
        """All of it, for the state."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Item":
        """The item that `to_json` saved."""
        permissions = [Permission(**one) for one in saved.pop("permissions")]
        return cls(**saved, permissions=permissions)


def stable_id(kind: str, key: str) -> str:
    """An opaque id for a key, the same on every start: 33 characters, as Drive's are."""
    digest = hashlib.sha256(f"{kind}\0{key}".encode()).digest()
    return "1" + base64.urlsafe_b64encode(digest[:24]).decode()


def guess_mime(name: str) -> str:
    """The MIME type that Drive gives an uploaded file of this name."""
    return _mime_of("." + name.rpartition(".")[2].lower() if "." in name else "")


@cache
def _mime_of(suffix: str) -> str:
    return _BY_SUFFIX.get(suffix) or mimetypes.guess_type("x" + suffix)[0] or "application/octet-stream"


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds, as Drive writes it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@cache
def moment(text: str) -> str:
    """A time as Drive writes it; empty when it is not one."""
    try:
        return timestamp(seconds_of(text))
    except ValueError:
        return ""


def seconds_of(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time; no zone means UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
