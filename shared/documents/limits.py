"""How much work one file may cause. Past a limit a file ends `partial` or unreadable, never unbounded."""

from typing import Final

FILE_BYTES: Final = 256 * 2**20
"""The largest file that is opened at all."""

TEXT_BYTES: Final = 32 * 2**20
"""The largest file of plain text, Markdown, HTML or CSV, which are read whole."""

MARKDOWN_CHARACTERS: Final = 2 * 2**20
"""The longest Markdown whose structure is read; a longer one is read as plain text."""

MARKDOWN_STEPS: Final = 10**8
"""Marks of a paragraph times its length, summed: a parser may look for the end of each mark to the end of
the paragraph. Above this Markdown is read as plain text."""

CHARACTERS: Final = 8_000_000
"""Text kept of one file; about 2,700 printed pages."""

PAGES: Final = 3_000
"""Pages read of one PDF, slides of one deck."""

IMAGE_PAGES: Final = 100
"""Pages of one file that are sent to a reader of images."""

IMAGE_PIXELS: Final = 80_000_000
"""The largest picture that is decoded, in pixels."""

CELLS: Final = 1_000_000
"""Filled cells read of one workbook."""

ROWS: Final = 2**20
"""Rows read of one sheet, blank ones included: as many as Excel has."""

CELL: Final = 32_767
"""Characters of one cell, the most that Excel allows."""

COLUMNS: Final = 500
"""Columns read of one sheet or table."""

SPAN: Final = 1_000
"""Cells that one merged cell may cover before it is taken as layout."""

MEMBERS: Final = 20_000
"""Members of a ZIP package."""

MEMBER_BYTES: Final = 256 * 2**20
"""Unpacked size of one member of a ZIP package."""

PACKAGE_BYTES: Final = 512 * 2**20
"""Unpacked size of all members that were read of one ZIP package."""

TREE_BYTES: Final = 24 * 2**20
"""Unpacked size of an XML part that is held in memory as a tree."""

MARKS: Final = 2_000_000
"""Opening and closing tags of XML that is in memory at once."""

RATIO: Final = 250
"""Unpacked bytes a packed byte, above which a member of more than RATIO_FROM bytes is taken as a bomb."""

RATIO_FROM: Final = 16 * 2**20

DEPTH: Final = 4
"""Documents within documents: an attachment of an attachment of an archive."""

PARTS: Final = 200
"""Attachments or archive members read of one file."""

NESTING: Final = 150
"""Elements within elements, below what the interpreter's stack allows."""
