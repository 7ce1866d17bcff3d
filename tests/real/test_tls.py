"""The operator's certificate: Synapse speaks https itself and says where clients shall go."""

import datetime
import ssl
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.clients.running import first_settings, free_port, start_huep, stop_huep


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


def test_synapse_speaks_https_with_the_operators_certificate_and_serves_well_known(tmp_path: Path) -> None:
    chain, key = write_certificate(tmp_path, "localhost")
    port = free_port()
    state = tmp_path / "state"
    first_settings(state)
    toml = (state / "huep.toml").read_text()
    tls = (
        f'[synapse]\ntls_certificate = "{chain}"\ntls_private_key = "{key}"\ntls_bind = "127.0.0.1"\ntls_port = {port}\n'
        f'public_url = "https://localhost:{port}"\n'
    )
    phones = free_port()
    push = f'[push]\ntls_bind = "127.0.0.1"\ntls_port = {phones}\n'
    (state / "huep.toml").write_text(toml.replace("[synapse]\n", tls).replace("[push]\n", push))
    process = start_huep(state, log=tmp_path / "up.log")
    try:
        trusted = ssl.create_default_context(cafile=str(chain))
        answer = httpx.get(f"https://localhost:{port}/.well-known/matrix/client", verify=trusted, trust_env=False)
        assert answer.json()["m.homeserver"]["base_url"] == f"https://localhost:{port}/"
        versions = httpx.get(f"https://localhost:{port}/_matrix/client/versions", verify=trusted, trust_env=False)
        assert "v1.11" in versions.json()["versions"]
        gateway = httpx.get(f"https://localhost:{phones}/_matrix/push/v1/notify", verify=trusted, trust_env=False)
        assert gateway.json() == {"unifiedpush": {"gateway": "matrix"}}
    finally:
        assert stop_huep(process) == 0
