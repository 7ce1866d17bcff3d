"""What can go wrong between us and the homeserver, one type a remedy."""

from huep.errors import HuepError


class MatrixError(HuepError):
    """Anything that the homeserver, or the way to it, refused."""


class ServerUnreachable(MatrixError):
    """Nobody answers at the homeserver's address."""

    def __init__(self, homeserver: str) -> None:
        super().__init__(f"Synapse does not answer at {homeserver}: see `huep status`, and start HueP with `huep up`.")
        self.homeserver = homeserver


class RequestRefused(MatrixError):
    """The homeserver answered with an error of the specification."""

    def __init__(self, status: int, errcode: str, reason: str, what: str) -> None:
        super().__init__(f"Synapse refused {what}: {status} {errcode} {reason}".rstrip() + ".")
        self.status = status
        self.errcode = errcode
        self.reason = reason


class AccountLocked(RequestRefused):
    """The account is locked or expired: its person left the register, or was suspended."""


class SessionEnded(RequestRefused):
    """The access token is no longer known: the device was removed, or the server restored from before it."""


class SessionExpired(SessionEnded):
    """The access token ran out while the device lives on (soft logout): a login as the same device mends it."""


class WrongPassword(RequestRefused):
    """The homeserver does not accept this name and password."""


class RateLimited(RequestRefused):
    """The homeserver keeps asking us to wait, longer than we are ready to."""


class BadAnswer(MatrixError):
    """The homeserver's answer is not what the specification says."""


class DeviceInUse(MatrixError):
    """Another process holds the device; two on one crypto store would corrupt it."""

    def __init__(self, place: str) -> None:
        super().__init__(f"Another process is using the encrypted device in {place}: stop that one first.")


class DeviceKeysDiffer(MatrixError):
    """The server holds other keys for our device than our crypto store does."""


class IdentityDiffers(MatrixError):
    """The server knows a cross-signing identity whose private keys are not in our folder.

    Never replaced silently: whoever verified the old one would be shown a warning.
    """


class NotCrossSigned(MatrixError):
    """The server did not keep our signatures: others would refuse to encrypt for this device."""


class NoSuchRoom(MatrixError):
    """We are not in this room."""

    def __init__(self, room_id: str) -> None:
        super().__init__(f"This account is not in the room {room_id}: join it first.")


class EncryptionUnknown(MatrixError):
    """Whether, or how, a room is encrypted cannot be told, so nothing is said in it in clear."""

    def __init__(self, room_id: str) -> None:
        super().__init__(f"How the room {room_id} is encrypted cannot be told: nothing was sent there.")
        self.room_id = room_id


class RoomEncrypted(MatrixError):
    """A room in which something was to be said in clear is encrypted."""

    def __init__(self, room_id: str) -> None:
        super().__init__(f"The room {room_id} is encrypted: nothing was sent there in clear.")
        self.room_id = room_id


class FileRefused(MatrixError):
    """A file was not fetched, or not taken: too large, of another kind, or not the one that its sender hashed."""

    @classmethod
    def larger_than(cls, most_bytes: int) -> "FileRefused":
        return cls(f"The file is larger than {most_bytes} bytes, so it was not fetched.")
