"""The root of every error that HueP raises on purpose."""


class HuepError(Exception):
    """Something that a person can act on.

    The message is one sentence: what happened, naming the file, row, key or command, and what to do. The `huep`
    command prints it alone, without a traceback, and exits with `exit_code`.
    """

    exit_code = 1


class ConfigError(HuepError):
    """A key of huep.toml, or of the environment, cannot be used."""

    exit_code = 2
