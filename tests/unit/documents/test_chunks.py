"""What cutting into chunks promises."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.documents.chunks import cut
from shared.models import Block, Extraction, Locator, Section

WORDS = st.text(alphabet="abcdefg ", min_size=1, max_size=40).map(lambda text: f"x{text}x")
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=12).map(". ".join)


def document(*sections: tuple[tuple[str, ...], list[str]], page: int | None = None) -> Extraction:
    """An extraction of plain paragraphs."""
    return Extraction(
        "Title",
        tuple(
            Section(path, tuple(Block(text, Locator(page=page, heading=path)) for text in texts))
            for path, texts in sections
        ),
    )


def squeezed(text: str) -> str:
    """The text without white space."""
    return re.sub(r"\s", "", text)


@given(st.lists(st.lists(PARAGRAPHS, min_size=1, max_size=20), min_size=1, max_size=4), st.integers(60, 400))
@settings(max_examples=40, deadline=None)
def test_all_text_comes_out_once_and_in_order(sections: list[list[str]], limit: int) -> None:
    """Chunks joined give the text of the document; none is over the limit, keys and ordinals are unique."""
    extraction = document(*(((f"H{n}",), texts) for n, texts in enumerate(sections)))
    chunks = cut(extraction, "a.txt", limit)
    whole = "".join(block.text for section in extraction.sections for block in section.blocks)
    assert squeezed("".join(chunk.text for chunk in chunks)) == squeezed(whole)
    assert all(len(chunk.text) <= limit for chunk in chunks)
    assert len({chunk.key for chunk in chunks}) == len(chunks)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))


def test_an_edit_leaves_the_other_chunks_of_a_long_section_alone() -> None:
    """One paragraph changed, added or removed in 400 renews at most three keys, wherever it is."""
    texts = [
        f"Paragraph {n} says {n * 7919 % 1013} things of note, and then {n * 31 % 97} more."
        for n in range(400)
    ]
    before = {chunk.key for chunk in cut(document(((), texts)), "a.txt")}
    assert len(before) > 20
    for at in range(0, 400, 57):
        for edited in (
            [*texts[:at], "Something else entirely.", *texts[at + 1 :]],
            [*texts[:at], "A new paragraph.", *texts[at:]],
            [*texts[:at], *texts[at + 1 :]],
        ):
            after = {chunk.key for chunk in cut(document(((), edited)), "a.txt")}
            assert len(after - before) <= 3


def test_an_edit_in_one_section_leaves_other_sections_alone() -> None:
    """Keys of sections that did not change are the same, also when sections are added before them."""
    one, two = (("A",), ["First text."]), (("B",), ["Second text."])
    before = {chunk.key for chunk in cut(document(one, two), "a.txt")}
    after = {chunk.key for chunk in cut(document((("New",), ["x"]), (("A",), ["Changed."]), two), "a.txt")}
    assert len(before & after) == 1


def test_keys_come_from_section_and_text_not_from_the_place_or_the_name() -> None:
    """A text that only moved to another page, in a file that was renamed, keeps its key."""
    texts = [f"Sentence number {n} of the section." for n in range(5)]
    first, second = cut(document(((), texts), page=1), "a.pdf"), cut(document(((), texts), page=7), "b.pdf")
    assert [chunk.key for chunk in first] == [chunk.key for chunk in second]
    assert re.fullmatch(r"[0-9a-f]{20}", first[0].key)


def test_the_same_text_twice_has_two_keys() -> None:
    """Repeated sections are told apart, the first as if it were alone."""
    alone = cut(document((("A",), ["Same."])), "a.txt")
    twice = cut(document((("A",), ["Same."]), (("A",), ["Same."])), "a.txt")
    assert twice[0].key == alone[0].key
    assert twice[0].key != twice[1].key


def test_no_chunk_holds_two_pages() -> None:
    """A page ends a chunk; the locator says which page it is."""
    blocks = tuple(Block(f"On page {page}.", Locator(page=page)) for page in (1, 1, 2))
    chunks = cut(Extraction("", (Section((), blocks),), 2), "a.pdf")
    assert [(chunk.text, chunk.locator.page) for chunk in chunks] == [
        ("On page 1.\nOn page 1.", 1),
        ("On page 2.", 2),
    ]


def test_every_chunk_of_a_table_has_the_header_and_its_own_range() -> None:
    """Rows are never cut; each chunk begins with the header and names the rows it holds."""
    rows = ["Name | Price", *(f"Kettle number {n} | {n}.50" for n in range(2, 200))]
    block = Block("\n".join(rows), Locator(sheet="Prices", range="B3:C201"), "table", "Name | Price")
    chunks = cut(Extraction("", (Section(("Prices",), (block,)),)), "a.xlsx", 500)
    assert len(chunks) > 5
    expected = 3
    for chunk in chunks:
        lines = chunk.text.split("\n")
        assert lines[0] == "Name | Price"
        own = lines if chunk.ordinal == 0 else lines[1:]
        assert chunk.locator.range == f"B{expected}:C{expected + len(own) - 1}"
        assert own == rows[expected - 3 : expected - 3 + len(own)]
        expected += len(own)
    assert expected == 202


def test_a_row_inserted_renews_few_chunks_of_a_table() -> None:
    """A sheet of 2,000 rows with one more in the middle keeps nearly all its keys."""
    rows = ["Name | Price", *(f"Kettle number {n} | {n}.50" for n in range(2_000))]

    def keys(lines: list[str]) -> set[str]:
        block = Block("\n".join(lines), Locator(range=f"A1:B{len(lines)}"), "table", lines[0])
        return {chunk.key for chunk in cut(Extraction("", (Section((), (block,)),)), "a.csv")}

    before, after = keys(rows), keys([*rows[:900], "Teapot | 3", *rows[900:]])
    assert len(before) > 40
    assert len(after - before) <= 3


def test_the_context_is_one_line_of_name_title_and_headings() -> None:
    """The suffix is left out, and so is a part that only repeats another."""
    chunks = cut(document((("Leave", "Parental\nleave"), ["Text."])), "Handbook 2025.docx")
    assert chunks[0].context == "Handbook 2025 > Title > Leave > Parental leave"
    assert cut(document((("Title",), ["Text."])), "title.md")[0].context == "title"


def test_a_paragraph_over_the_limit_is_cut_between_sentences() -> None:
    """Sentences stay whole when they fit; closing quotes stay with their sentence."""
    text = 'He said "Stop there." Then came 3.5 litres of water. ' * 10
    chunks = cut(document(((), [text.strip()])), "a.txt", 120)
    assert all(chunk.text.endswith((".", '."')) for chunk in chunks)


def test_a_text_without_any_boundary_is_cut_all_the_same() -> None:
    """A line of 50,000 letters ends in chunks within the limit."""
    chunks = cut(document(((), ["a" * 50_000])), "a.txt", 900)
    assert max(len(chunk.text) for chunk in chunks) <= 900
    assert sum(len(chunk.text) for chunk in chunks) == 50_000
