"""The operator's certificate: Synapse speaks https itself and says where clients shall go."""

import ssl

import httpx

from tests.real.own_province import OwnProvince


def test_synapse_speaks_https_with_the_operators_certificate_and_serves_well_known(own: OwnProvince) -> None:
    own.running()
    trusted = ssl.create_default_context(cafile=str(own.certificate))
    answer = httpx.get(f"{own.tls_url}/.well-known/matrix/client", verify=trusted, trust_env=False, timeout=60)
    assert answer.json()["m.homeserver"]["base_url"] == f"{own.tls_url}/"
    versions = httpx.get(f"{own.tls_url}/_matrix/client/versions", verify=trusted, trust_env=False, timeout=60)
    assert "v1.11" in versions.json()["versions"]
    gateway = httpx.get(f"{own.phones_url}/_matrix/push/v1/notify", verify=trusted, trust_env=False, timeout=60)
    assert gateway.json() == {"unifiedpush": {"gateway": "matrix"}}
