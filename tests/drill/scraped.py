# SPDX-License-Identifier: Apache-2.0
"""Scrapes the server during a drill, and draws the first rows of the dashboard from that.

Drills without a dashboard need neither Prometheus nor Matplotlib, so both are imported late.
"""

import datetime
import time
from pathlib import Path

_SCRAPE_SECONDS = 1
# Whether users are hurt, whose fault it is, and which address.
_ROWS = 3


def prometheus(target: str):
    """target: HOST:PORT of an admin port. Use the result in `with`."""
    from prometheus_process import PrometheusProcess
    return PrometheusProcess(target, _SCRAPE_SECONDS)


def draw(scraper, lasted: float, note: str, file: Path):
    """lasted: how many seconds are shown, up to now."""
    import dashboard_panels
    import dashboard_picture
    end = time.time()
    rows = dashboard_panels.read()[:_ROWS]
    dashboard_panels.fill(rows, scraper, end - lasted, end, _SCRAPE_SECONDS)
    dashboard_picture.draw(rows, end - lasted, end, file,
                           f"{note}, {datetime.date.today().isoformat()}")
