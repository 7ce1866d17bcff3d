"""`huep` whose supervisor forgives what lived a second: what is killed every few seconds need not wait for minutes."""

from huep.cli import main
from huep.stack import supervisor

supervisor.STEADY_AFTER_S = 1.0

if __name__ == "__main__":
    main()
