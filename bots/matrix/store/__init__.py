"""What an encrypted device keeps: sealed rows, in HueP's PostgreSQL for bots and in a folder for a person's terminal.

`Vault` holds changes in memory until `flush` writes them at once. On it stand nio's crypto store (`crypto`), and the
journal and the login (`bots.matrix.device`). `Shelf` is where the rows lie, and who may write them.
"""
