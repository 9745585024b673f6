"""Markdown: headings open sections, tables become tables, code is kept as it is."""

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from shared.documents import limits
from shared.documents.formats.text import decode
from shared.documents.outline import Outline
from shared.documents.reasons import Unreadable, empty
from shared.documents.source import Source
from shared.documents.tables import header_line, line, table_text
from shared.models import BlockKind, Extraction

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE | re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*\|)")
_PICTURE = re.compile(r"^\[image\d*\]:[ \t]*<?data:[^\n]*$", re.MULTILINE)


def read(source: Source) -> Extraction:
    """CommonMark with tables, as Google Docs exports it; front matter gives the title."""
    return read_text(decode(source.data()))


def read_text(text: str) -> Extraction:
    """As `read`, from characters."""
    outline = Outline()
    add(text, outline)
    return outline.extraction()


def add(text: str, outline: Outline) -> None:
    """Append Markdown text to an outline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _PICTURE.sub("", text)  # Google Docs' export carries its pictures as data at the end
    if not text.strip():
        raise empty()
    if front := _FRONT_MATTER.match(text):
        title = _TITLE.search(front[1])
        outline.title = outline.title or (title[1] if title else "")
        outline.add(front[1])
        text = text[front.end() :]
    if len(text) > limits.MARKDOWN_CHARACTERS or _steps(text) > limits.MARKDOWN_STEPS:
        for paragraph in text.split("\n\n"):
            outline.add(paragraph)
        return
    parser = MarkdownIt("commonmark", {"maxNesting": limits.NESTING // 2}).enable(["table", "strikethrough"])
    for node in SyntaxTreeNode(parser.parse(text)).children:
        _block(node, outline)


def _steps(text: str) -> int:
    """How long parsing may take at worst; rows of a table stand for themselves."""
    blocks = _PARAGRAPH.split(text)
    return sum(len(block) * sum(map(block.count, "[*_`<!~&")) for block in blocks)


def _block(node: SyntaxTreeNode, outline: Outline) -> None:
    match node.type:
        case "heading":
            outline.heading(int(node.tag[1]), _inline(node))
        case "table":
            rows = [
                [_inline(cell) for cell in row.children] for part in node.children for row in part.children
            ]
            outline.add(table_text(rows), "table", header=header_line(rows) or line(rows[0]))
        case "fence" | "code_block":
            outline.add(node.content, "code")
        case "html_block":
            _html(node.content, outline)
        case "bullet_list" | "ordered_list":
            outline.add("\n".join(_items(node, 0)), "list")
        case "blockquote":
            for child in node.children:
                _block(child, outline)
        case "hr":
            pass
        case _:
            outline.add(_inline(node), _kind(node))


def _kind(node: SyntaxTreeNode) -> BlockKind:
    return "list" if node.type == "list_item" else "paragraph"


def _items(node: SyntaxTreeNode, depth: int) -> list[str]:
    """A list's lines with their marks, lists within lists indented."""
    lines: list[str] = []
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    for item in node.children:
        mark = f"{number}." if number else "-"
        number += bool(number)
        for child in item.children:
            if child.type in {"bullet_list", "ordered_list"}:
                lines += _items(child, depth + 1)
                continue
            text = child.content.rstrip("\n") if child.type in {"fence", "code_block"} else _inline(child)
            lines.append("  " * depth + (f"{mark} {text}" if mark else f"  {text}"))
            mark = ""
    return lines


def _inline(node: SyntaxTreeNode) -> str:
    """The words of a node: marks of emphasis gone, code and link texts kept, breaks as line breaks."""
    match node.type:
        case "text" | "code_inline" | "fence" | "code_block":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline":
            return "\n" if node.content.lower().startswith("<br") else ""
        case "image":
            return node.content
        case "link":
            return _link(node)
        case _:
            joint = "" if node.type in {"inline", "strong", "em", "s", "heading", "paragraph"} else "\n"
            return joint.join(_inline(child) for child in node.children)


def _link(node: SyntaxTreeNode) -> str:
    return "".join(_inline(child) for child in node.children)


def _html(content: str, outline: Outline) -> None:
    from shared.documents.formats.html import add_html

    try:
        add_html(content, outline)
    except Unreadable as error:
        if error.code != "empty":  # a comment, or a closing tag alone
            raise
