"""What is written about the code is true of the code."""

import re
from pathlib import Path

from benchmarks import reliability
from shared import settings

ROOT = Path(__file__).parents[2]


def test_every_setting_is_documented_and_none_that_is_gone() -> None:
    """docs/settings.md has one row for each field of each settings class, with its default."""
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \|[^|]*\|([^|]*)\|", page, re.MULTILINE))
    fields = {
        kind.prefix + name.upper(): field
        for kind in vars(settings).values()
        if isinstance(kind, type) and issubclass(kind, settings.Settings)
        for name, field in kind.model_fields.items()
    }
    assert set(documented) == set(fields)
    for name, field in fields.items():
        shown = documented[name].strip().strip("`")
        if field.is_required():
            assert not shown, name
        elif shown not in ("none", "Google's"):
            default = field.default
            assert shown == (f"{default:g}" if isinstance(default, float) else str(default)), name


def test_every_route_is_documented_and_none_that_is_gone() -> None:
    """docs/api.md has one row for each route of each function."""
    from functions.auth import routes as auth
    from functions.chat import routes as chat
    from functions.health import routes as health
    from functions.ingest import routes as ingest

    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", page, re.MULTILINE))
    served = {
        f"{method} {one.path}"
        for module in (auth, chat, health, ingest)
        for one in module.ROUTES
        for method in (one.methods or set()) - {"HEAD"}
    }
    assert documented == served


def test_every_file_that_a_page_names_exists() -> None:
    """Links between pages, and paths of tests and code in tables, lead somewhere."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if link]
        assert not [link for link in links if not (page.parent / link).exists()], page
        named = re.findall(
            r"\b(?:tests|shared|local|functions|benchmarks)/[\w/.-]+\.(?:py|md|txt|jsonl)\b", text
        )
        assert not [name for name in named if "NAME" not in name and not (ROOT / name).exists()], page


def test_every_decision_has_a_number_of_its_own() -> None:
    """Pages are numbered without gaps or doubles, and the heading says the page's number."""
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [page.name[:3] for page in pages] == [f"{number:03}" for number in range(len(pages))]
    for page in pages[1:]:
        assert page.read_text(encoding="utf-8").startswith(f"# {page.name[:3]}: "), page.name


def test_a_strangers_path_is_short_and_says_what_is_proved() -> None:
    """docs/deploy.md takes at most ten steps; each names a test, or says that it is not seen here."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\| (\d+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert [int(number) for number, _, _ in steps] == list(range(1, len(steps) + 1))
    assert 5 <= len(steps) <= 10
    for number, _, proof in steps:
        paths = re.findall(r"`(tests/[\w/.]+)`", proof)
        assert all((ROOT / path).exists() for path in paths), number
        assert paths or "not here" in proof or "make test" in proof, number


def test_the_figures_of_reliability_are_those_of_the_results() -> None:
    """docs/reliability.md shows what benchmarks/results holds."""
    assert reliability.PAGE.read_text(encoding="utf-8") == reliability.page()
