"""Chains of cross-signing as the server shows them, whole and forged."""

from copy import deepcopy
from typing import Any

import pytest
from vodozemac import Account

from bots.matrix.cross_signing import CrossSigningKeys, unsigned_master
from bots.matrix.signing import SEED_BYTES, SigningKey, decode, encode
from bots.matrix.trust import Identities, Identity, Origin, Peer, identity_of

ANH = "@anh:hue.localhost"
DEVICE = "DEVICE"


class Owner:
    """A person with an identity and one device, as `/keys/query` shows them."""

    def __init__(self, user_id: str = ANH, seed: int = 1) -> None:
        self.user_id = user_id
        self.keys = CrossSigningKeys(*(SigningKey(bytes([seed + offset]) * SEED_BYTES) for offset in range(3)))
        self.account = Account()
        self.curve25519 = self.account.curve25519_key.to_base64()
        self.ed25519 = self.account.ed25519_key.to_base64()

    def device(self, *, signed: bool = True) -> dict[str, Any]:
        from bots.matrix.signing import canonical

        payload: dict[str, Any] = {
            "user_id": self.user_id,
            "device_id": DEVICE,
            "algorithms": [],
            "keys": {f"ed25519:{DEVICE}": self.ed25519, f"curve25519:{DEVICE}": self.curve25519},
        }
        signatures = {f"ed25519:{DEVICE}": self.account.sign(canonical(payload)).to_base64()}
        if signed:
            signatures[f"ed25519:{self.keys.self_signing.public}"] = self.keys.self_signing.sign(payload)
        return payload | {"signatures": {self.user_id: signatures}, "unsigned": {"device_display_name": "x"}}

    def answer(self, *, signed: bool = True) -> dict[str, Any]:
        public = self.keys.public(self.user_id, (DEVICE, "x"))
        return {
            "device_keys": {self.user_id: {DEVICE: self.device(signed=signed)}},
            "master_keys": {self.user_id: public["master_key"]},
            "self_signing_keys": {self.user_id: public["self_signing_key"]},
        }


async def anh_in(answer: dict[str, Any]) -> Identity:
    return await identity_of(answer, ANH)


async def test_a_whole_chain_is_trusted() -> None:
    owner = Owner()
    identity = await anh_in(owner.answer())
    assert identity.master == owner.keys.master.public
    assert identity.trusted == {Peer(ANH, DEVICE, owner.curve25519)}
    assert identity.untrusted == frozenset()


async def test_a_device_that_its_owner_has_not_signed_is_known_and_not_trusted() -> None:
    owner = Owner()
    identity = await anh_in(owner.answer(signed=False))
    assert identity.trusted == frozenset()
    assert identity.untrusted == {Peer(ANH, DEVICE, owner.curve25519)}


def test_key_ids_are_unpadded() -> None:
    public = Owner().keys.public(ANH, (DEVICE, "x"))
    for key in public.values():
        [key_id] = key["keys"]
        assert "=" not in key_id
        assert len(decode(key_id.removeprefix("ed25519:"))) == SEED_BYTES
    assert encode(b"\x00") == "AA"


def _unsigned_device(answer: dict[str, Any]) -> None:
    owner = Owner()
    answer["device_keys"][ANH][DEVICE]["signatures"][ANH].pop(f"ed25519:{owner.keys.self_signing.public}")


def _no_identity(answer: dict[str, Any]) -> None:
    answer["master_keys"].clear()
    answer["self_signing_keys"].clear()


def _foreign_self_signing_key(answer: dict[str, Any]) -> None:
    """The server puts in a self-signing key of its own, which the master key never signed."""
    forger = Owner(seed=40)
    answer["self_signing_keys"][ANH] = forger.keys.public(ANH, (DEVICE, "x"))["self_signing_key"]
    device = answer["device_keys"][ANH][DEVICE]
    forged = forger.keys.self_signing.sign({key: device[key] for key in device if key != "signatures"})
    device["signatures"][ANH][f"ed25519:{forger.keys.self_signing.public}"] = forged


def _swapped_curve_key(answer: dict[str, Any]) -> None:
    answer["device_keys"][ANH][DEVICE]["keys"][f"curve25519:{DEVICE}"] = Owner(seed=9).curve25519


def _wrong_usage(answer: dict[str, Any]) -> None:
    answer["master_keys"][ANH]["usage"] = ["user_signing"]


def _key_of_another_user(answer: dict[str, Any]) -> None:
    answer["master_keys"][ANH]["user_id"] = "@ke-gian:hue.localhost"


def _garbage(answer: dict[str, Any]) -> None:
    answer["device_keys"][ANH][DEVICE]["signatures"] = ["no"]


@pytest.mark.parametrize(
    "damage",
    [
        _unsigned_device,
        _no_identity,
        _foreign_self_signing_key,
        _swapped_curve_key,
        _wrong_usage,
        _key_of_another_user,
        _garbage,
    ],
)
async def test_a_broken_chain_is_trusted_nowhere(damage: Any) -> None:
    answer = Owner().answer()
    untouched = deepcopy(answer)
    damage(answer)
    assert answer != untouched
    assert (await anh_in(answer)).trusted == frozenset()


async def test_a_device_under_another_name_is_none() -> None:
    answer = Owner().answer()
    devices = answer["device_keys"][ANH]
    devices["OTHER"] = devices.pop(DEVICE)
    assert (await anh_in(answer)).devices == {}


async def test_an_event_is_trusted_only_with_both_keys_of_a_signed_device() -> None:
    owner, identities = Owner(), Identities()
    identities.put(await anh_in(owner.answer()))
    assert identities.origin(ANH, owner.curve25519, owner.ed25519) is Origin.CROSS_SIGNED
    assert identities.origin(ANH, owner.curve25519, Owner(seed=7).ed25519) is Origin.UNSIGNED
    assert identities.origin(ANH, Owner(seed=7).curve25519, owner.ed25519) is Origin.UNSIGNED
    assert identities.origin("@binh:hue.localhost", owner.curve25519, owner.ed25519) is Origin.UNSIGNED


async def test_what_was_known_of_somebody_is_forgotten() -> None:
    owner, identities = Owner(), Identities()
    identities.put(await anh_in(owner.answer()))
    assert ANH in identities
    identities.forget(ANH)
    assert ANH not in identities
    assert identities[ANH].trusted == frozenset()


def test_the_master_key_signs_the_other_two() -> None:
    from bots.matrix.signing import is_signed

    keys = Owner().keys
    public = keys.public(ANH, (DEVICE, "x"))
    for name in ("self_signing_key", "user_signing_key"):
        assert is_signed(public[name], ANH, keys.master.public, keys.master.public), name
        assert not is_signed(public[name] | {"usage": ["master"]}, ANH, keys.master.public, keys.master.public)
    assert unsigned_master(ANH, keys.master.public)["usage"] == ["master"]
