"""All attacks, by what they are aimed at."""

from collections.abc import Mapping

from tests.real.attacks import on_accounts, on_rooms, on_services, on_words
from tests.real.attacks.attack import Attack

GROUPS: Mapping[str, tuple[Attack, ...]] = {
    "Accounts and sessions": on_accounts.ACCOUNT,
    "Names and profiles": on_accounts.PROFILE,
    "What belongs to others": on_accounts.OTHERS,
    "Making rooms": on_rooms.MAKING,
    "State of rooms": on_rooms.STATE,
    "Who is in": on_rooms.MEMBERS,
    "What is said": on_rooms.MESSAGES,
    "Reading others' rooms": on_rooms.READING,
    "Files": on_services.FILES,
    "The directory": on_services.DIRECTORY,
    "The provisioner's endpoints": on_services.BATCH,
    "Activation": on_services.ACTIVATION,
    "The operators' endpoints": on_services.OPERATORS,
    "From outside, and to outside": on_services.OUTSIDE,
    "Words in clear by other ways": on_words.WORDS_IN_CLEAR,
}
ATTACKS = tuple(attack for attacks in GROUPS.values() for attack in attacks)
