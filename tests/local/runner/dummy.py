"""A small service to supervise: python dummy.py PORT [crash|stubborn|fork] answers HTTP on PORT."""

import http.server
import os
import signal
import sys
import time


def main() -> None:
    """Serve, or do what the second argument says."""
    port, mode = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    if mode == "crash":
        sys.stderr.write("the reason it gave\n")
        sys.exit(7)
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "fork" and os.fork() == 0:
        while True:  # a worker that outlives its parent unless its group is ended
            time.sleep(1)
    http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()


if __name__ == "__main__":
    main()
