"""`make bench`: how long the commands take on the demo, beside the floor of the same machine in the same run.

Each command runs warm, several times; the median counts. The floors: a bare interpreter for `--help`; reading the
same workbook with python-calamine alone for `check`; smtplib alone for letters (`tests/bench_mail.py`). Promises are
ratios to the floor, since the speed of a shared machine changes from one hour to the next. Exits 1 when one isn't kept.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests import bench_mail
from tests.demos import AS_OF, installation

REPEAT = 7
SLOWER = 5  # times that handing over, with three commits a letter, may take beside smtplib alone
READ_ALL = (
    "import sys, python_calamine as c; w = c.load_workbook(sys.argv[1]);"
    "[w.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in w.sheet_names]"
)


def seconds(command: Sequence[str], **environment: str) -> float:
    """Median wall-clock seconds of a command, after one run that warms the caches."""
    times = []
    for _ in range(REPEAT + 1):
        start = time.perf_counter()
        subprocess.run(command, check=False, capture_output=True, env={**os.environ, **environment})
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> int:
    """Prints one line a measure: seconds, ratio to its floor, promise."""
    with tempfile.TemporaryDirectory() as name:
        at = installation(Path(name) / "demo", size=703)
        python, cdi = sys.executable, str(Path(sys.executable).parent / "cdi")
        options = ["--config", str(at.folder / "settings.toml"), "--as-of", AS_OF.isoformat()]
        subprocess.run([cdi, "run", *options], check=True, capture_output=True)
        bare = seconds([python, "-c", "pass"])
        read = seconds([python, "-c", READ_ALL, str(at.workbook)])
        reading = "calamine reading it"
        measures = [
            ("cdi --help", seconds([cdi, "--help"]), bare, "a bare interpreter", 10),
            (
                "cdi check, afresh",
                seconds([cdi, "check", *options], XDG_CACHE_HOME="/dev/null/none"),
                read,
                reading,
                10,
            ),
            ("cdi check, nothing new", seconds([cdi, "check", *options], XDG_CACHE_HOME=name), read, reading, 3),
            ("cdi run, nothing new", seconds([cdi, "run", *options]), read, reading, 30),
        ]
    kept = True
    for what, took, floor, peer, promise in measures:
        ratio = took / floor
        kept &= ratio < promise
        mark = "kept" if ratio < promise else "NOT KEPT"
        print(f"{what:28} {took:6.3f} s   {ratio:5.1f} x {peer} ({floor:.3f} s)   promise < {promise} x: {mark}")
    speeds = bench_mail.measure()
    slower = speeds.alone / speeds.delivered
    kept &= slower < SLOWER
    mark = "kept" if slower < SLOWER else "NOT KEPT"
    print(
        f"{bench_mail.told(speeds, bench_mail.LETTERS)}   {slower:.1f} x smtplib alone   promise < {SLOWER} x: {mark}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
