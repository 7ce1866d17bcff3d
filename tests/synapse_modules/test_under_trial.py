"""The tests of tests/trial, run by Twisted's own runner in a process of its own."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_callbacks_and_endpoints_hold_on_a_real_reactor(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twisted.trial", f"--temp-directory={tmp_path / 'trial'}", "tests.trial"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ran = re.search(r"Ran (\d+) tests", done.stdout)
    assert ran and int(ran[1]) >= len(list((ROOT / "tests" / "trial").glob("test_*.py"))), done.stdout
