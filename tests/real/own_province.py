"""A province without people, for tests that kill, stop and upgrade it; with an operator's certificate."""

import datetime
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from huep.state import StateFolder
from tests.clients.running import first_settings, free_port, start_huep, stop_huep
from tests.soak import processes

QUICK_RESTARTS = "tests.soak.quick_restarts"


class OwnProvince:
    """Shared, for every start takes long; each test finds it as it needs it, running or stopped."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(folder / "state")
        self.certificate, key = write_certificate(folder, "localhost")
        """Which clients are to trust."""
        self.tls_url = f"https://localhost:{(port := free_port())}"
        self.phones_url = f"https://localhost:{(phones := free_port())}"
        """Where the push gateway speaks https."""
        first_settings(self.state.root)
        tls = (
            f'[synapse]\ntls_certificate = "{self.certificate}"\ntls_private_key = "{key}"\ntls_bind = "127.0.0.1"\n'
            f'tls_port = {port}\npublic_url = "{self.tls_url}"\n'
        )
        toml = self.state.config_file.read_text()
        push = f'[push]\ntls_bind = "127.0.0.1"\ntls_port = {phones}\n'
        self.state.config_file.write_text(toml.replace("[synapse]\n", tls).replace("[push]\n", push))
        self._log = folder / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    def running(self) -> "subprocess.Popen[bytes]":
        """`huep up` that is ready."""
        if self._process is None or self._process.poll() is not None:
            self._process = start_huep(self.state.root, log=self._log, module=QUICK_RESTARTS)
        return self._process

    def stopped(self) -> StateFolder:
        """The state folder of a province that was up before."""
        if self._process is None:
            self.running()
        self.stop()
        return self.state

    def kill(self, service: str) -> None:
        """End a service as a crash does, and wait until it is back."""
        before = processes.restarts(self.state, service)
        assert processes.kill(self.state, service)
        deadline = time.monotonic() + processes.READY_AGAIN_S
        while processes.restarts(self.state, service) == before or not processes.all_ready(self.state):
            assert time.monotonic() < deadline, processes.services(self.state)
            time.sleep(processes.POLL_S)

    def stop(self) -> None:
        """End it as Ctrl-C does, where it runs."""
        if self._process is not None and self._process.poll() is None:
            assert stop_huep(self._process) == 0


def write_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate for `host`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private
