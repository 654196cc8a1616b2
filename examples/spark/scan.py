"""A scan as a job of Spark: `scan.py LOG OUT`, in the session that the cluster gives the job.

LOG is a table of the catalogue or a path of storage, and so may the tables beside it be; OUT is a folder that the driver
can write to.
"""

from __future__ import annotations

import argparse
import sys

from stillwatch import scan
from stillwatch.errors import StillwatchError
from stillwatch.settings import load


def main() -> int:
    """Scan, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log")
    parser.add_argument("out")
    parser.add_argument("--master", help="only outside a job: local[4], sc://host:15002")
    for table in ("accounts", "networks", "models"):
        parser.add_argument(f"--{table}")
    given = vars(parser.parse_args())
    engine = {"engine.name": "spark", "engine.master": given.pop("master")}
    settings = load(overrides={name: value for name, value in engine.items() if value is not None})
    try:
        findings = scan(given.pop("log"), settings=settings, **given)
    except StillwatchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    for campaign in findings.campaigns:
        sys.stdout.write(f"{campaign.campaign_id} {campaign.verdict} {campaign.accounts.best} accounts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
