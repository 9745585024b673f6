"""Compound files: what is in one decides who reads it."""

from shared.documents.compound import Compound
from shared.documents.reasons import Unreadable, encrypted
from shared.documents.source import Source
from shared.models import Extraction


def read(source: Source) -> Extraction:
    """Office files of 1995 to 2003 and Outlook messages; a locked newer file is `encrypted`."""
    compound = Compound(source.data())
    names = set(compound.names)
    if names & {"EncryptedPackage", "EncryptedSummary"}:
        raise encrypted()
    if "__properties_version1.0" in names:
        from shared.documents.formats import msg

        return msg.read(compound, source)
    if "WordDocument" in names:
        from shared.documents.formats import doc

        return doc.read(compound)
    if names & {"Workbook", "Book"}:
        from shared.documents.formats import xls

        return xls.read(compound)
    if "PowerPoint Document" in names:
        from shared.documents.formats import ppt

        return ppt.read(compound)
    raise Unreadable("unsupported", "This is an office file of unknown kind, which cannot be searched.")
