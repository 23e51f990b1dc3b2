"""Cold start and memory of the program, beside importing the two platforms' SDKs alone, in the same run.

`python -m benchmarks.start [--runs 7]` prints the median CPU of each, their ratio, and the memory of the started bot.
The database is there and up to date, as at every start but the first. What a thread makes ready while the bot serves
already, the reading of commands and dates, is shown on a line of its own and not counted in the ratio.
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
import gc, os, sys, time
gc.disable()  # as `learnbot serve` does
from bot.app import build, web
from bot.server import spare_the_collector
from bot.config import Settings, Slack, Teams
from bot.policy import load
from storage.sealed import Keyring
settings = Settings(f"sqlite:///{sys.argv[1]}/learnbot.db", Keyring([b"k" * 32]), load("southampton"),
    slack=Slack("xoxb-1", ("benchmark-signing-secret",)),
    teams=Teams("00000000-0000-4000-8000-0000000000b0", "00000000-0000-4000-8000-00000000007e", None, local=True))
bot = build(settings)
web(bot)
spare_the_collector()
resident = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before = time.process_time()
bot.warm()
print(f"{resident:.0f} {time.process_time() - before:.3f}")
bot.close()
"""


def cpu_of(code: str, folder: str) -> tuple[float, float, str]:
    """CPU seconds, wall seconds and output of a fresh interpreter that runs `code`."""
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
    with tempfile.TemporaryDirectory() as folder:
        cpu_of(IMPORTS, folder)  # compiled and in the file cache
        first = cpu_of(START, folder)[0]  # makes the database too
        pairs = [(cpu_of(IMPORTS, folder), cpu_of(START, folder)) for _ in range(runs)]
    warming = statistics.median(float(pair[1][2].split()[-1]) for pair in pairs)
    imports = statistics.median(pair[0][0] for pair in pairs)
    ready = [pair[1][0] - float(pair[1][2].split()[-1]) for pair in pairs]
    start = statistics.median(ready)
    ratio = statistics.median(own / pair[0][0] for own, pair in zip(ready, pairs, strict=True))
    memory = max(float(pair[1][2].split()[-2]) for pair in pairs)
    console = Console()
    console.print(f"{runs} pairs; Python {sys.version.split()[0]}, {os.cpu_count()} cores; medians")
    console.print(f"importing the two SDKs      {imports:.2f} s CPU")
    console.print(f"starting the whole program  {start:.2f} s CPU, {ratio:.2f} times; {memory:.0f} MB resident")
    console.print(f"afterwards, in a thread     {warming:.2f} s CPU to be ready for what is typed")
    console.print(f"the very first start        {first:.2f} s CPU with that, and with making the database")


if __name__ == "__main__":
    main()
