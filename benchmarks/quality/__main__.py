"""`make bench-quality DATA=FOLDER [SETS="a b"]`: every set below FOLDER, every system, one table."""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from benchmarks.quality import rivals
from benchmarks.quality.answering import answers, computed, lies
from benchmarks.quality.embedding import CachedEmbedder
from benchmarks.quality.followups import followups
from benchmarks.quality.injection import injected
from benchmarks.quality.report import Results, write
from benchmarks.quality.run import MEASURES, Curves, Measured, Scored, ask, curves, declining, joined, scored
from benchmarks.quality.sets import load, names_of_sets
from benchmarks.record import ROOT, about
from shared.settings import SearchSettings

CACHE = ROOT / ".docent" / "bench" / "quality"
PACKAGES = ROOT / ".docent" / "bench" / "rivals"


TOGETHER = ("demo", "office_contoso_pdf", "company_reports_dragonball", "chatlog_lihua")
"""The sets that the one threshold is judged by, together."""
JOINED = "demo, contoso, company_reports and chatlog together"


async def _measure(
    folder: Path, embedder: CachedEmbedder, drawn: int, *, llama: bool
) -> tuple[Measured, Curves, Scored]:
    run = await ask(load(folder, CACHE), embedder, drawn, llama=llama)
    measured: Measured = {}
    for measure in MEASURES:
        measured |= measure(run)
    for answered in (answers, lies, computed, followups):
        measured |= await answered(run)
    payloads = folder.parent / "injection" / "indirect_payloads.jsonl"
    if folder.name == "demo" and payloads.exists():
        measured |= await injected(run, payloads.read_text("utf-8").splitlines())
    return measured, curves(run), scored(run)


def main() -> int:
    """Measure and write; returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--without-llamaindex", action="store_true", help="spare the embedding of its chunks")
    parser.add_argument("--drawn", type=int, default=100, help="questions of each set that are answered")
    chosen = parser.parse_args()
    known = names_of_sets(chosen.data)
    unknown = [name for name in chosen.sets if name not in known]
    if unknown:
        print(f"no such set: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    rivals.use_packages(PACKAGES)
    embedder = CachedEmbedder(CACHE)
    origin = {**about(), "drawn": chosen.drawn}
    results: Results = {}
    drawn: dict[str, Curves] = {}
    scores: dict[str, Scored] = {}
    for name in chosen.sets or known:
        begun = time.monotonic()
        measured, found, scores[name] = asyncio.run(
            _measure(chosen.data / name, embedder, chosen.drawn, llama=not chosen.without_llamaindex)
        )
        results[name] = measured
        if found:
            drawn[name] = found
        if all(one in scores for one in TOGETHER):
            together = joined([scores[one] for one in TOGETHER])
            results[JOINED] = declining(together, SearchSettings().evidence_threshold)
        write(results, drawn, origin)
        shown = ", ".join(
            f"{key} {row['docent'].value:.3f}" for key, row in measured.items() if "docent" in row
        )
        print(f"{name}: {shown} ({time.monotonic() - begun:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
