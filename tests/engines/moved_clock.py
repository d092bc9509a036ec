"""`cdi` under a clock that isn't today's, for tests: python -m tests.engines.moved_clock START SPEED ARGUMENTS…

START: Morocco's local time, as 2026-11-23T06:55. SPEED: seconds of that clock in a real second; 0: it stands still.
The service then ticks every fifth of a second.
"""

import sys
import time
from datetime import datetime, timedelta

from cdi_sync.cli import main
from cdi_sync.edges import clock
from cdi_sync.engines import in_process

if __name__ == "__main__":
    start, speed = datetime.fromisoformat(sys.argv[1]).replace(tzinfo=clock.MOROCCO), float(sys.argv[2])
    began = time.monotonic()
    clock.now = lambda: start + timedelta(seconds=(time.monotonic() - began) * speed)
    in_process.TICK = timedelta(seconds=0.2)
    main(sys.argv[3:])
