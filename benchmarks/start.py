"""Cold start and memory of the program, beside importing the two platforms' SDKs alone, in the same run.

`python -m benchmarks.start [--runs 7]` prints the median CPU of each, their ratio, and the memory of the running bot.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from rich.console import Console

IMPORTS = "import slack_bolt.async_app, slack_sdk.web.async_client, microsoft_teams.apps"
START = """
import os, sys
from bot.app import build, web
from bot.config import Settings, Slack, Teams
from bot.policy import load
from storage.sealed import Keyring
settings = Settings(f"sqlite:///{sys.argv[1]}/learnbot.db", Keyring([b"k" * 32]), load("southampton"),
    slack=Slack("xoxb-1", ("benchmark-signing-secret",)),
    teams=Teams("00000000-0000-4000-8000-0000000000b0", "00000000-0000-4000-8000-00000000007e", None, local=True))
bot = build(settings)
web(bot)
resident = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
print(f"{resident:.0f}")
bot.close()
"""


def cpu_of(code: str) -> tuple[float, float, str]:
    """CPU seconds, wall seconds and output of a fresh interpreter that runs `code`."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code, folder], check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = time.perf_counter() - began
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    cpu_of(IMPORTS), cpu_of(START)  # compiled and in the file cache
    pairs = [(cpu_of(IMPORTS), cpu_of(START)) for _ in range(runs)]
    imports = statistics.median(pair[0][0] for pair in pairs)
    start = statistics.median(pair[1][0] for pair in pairs)
    ratio = statistics.median(pair[1][0] / pair[0][0] for pair in pairs)
    memory = max(float(pair[1][2].split()[-1]) for pair in pairs)
    console = Console()
    console.print(f"{runs} pairs; Python {sys.version.split()[0]}, {os.cpu_count()} cores; medians")
    console.print(f"importing the two SDKs      {imports:.2f} s CPU")
    console.print(f"starting the whole program  {start:.2f} s CPU, {ratio:.2f} times; {memory:.0f} MB resident")


if __name__ == "__main__":
    main()
