"""What HueP keeps of a SCIM resource, and what it publishes about itself.

The schemas hold what the register needs and no more: telephone numbers, photos, home addresses and passwords that a
sender adds are dropped before anything is stored (Law 91/2025/QH15 asks for the least).
"""

from collections.abc import Callable, Collection
from typing import Annotated, Any

from pydantic import Field, field_validator
from scim2_models import (
    URN,
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    InvalidValueException,
    Pagination,
    Patch,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from hr_provisioner.register.vocabulary import STANDINGS, STATUSES, UNIT_KINDS
from hr_provisioner.sources.cells import Fault, read_code, read_date, read_email
from huep.names import fold, normalise

PAGE_SIZE = 100
LARGEST_PAGE = 200
LARGEST_BODY_BYTES = 1_048_576

_DAY = ["2026-07-01"]
"""How a day is written; published as the canonical value, so that a sender sees the form."""
_STANDINGS = ["head", "deputy", "staff"]
_POST_TYPES = ["concurrent", "secondment"]
_STATUSES = ["working", "maternity", "study", "sick", "suspension", "left", "retired", "dismissed"]
_UNIT_KINDS = ["province", "department", "ward", "commune", "office", "school", "health_centre", "centre", "team"]


def _refuse(what: str) -> Exception:
    return InvalidValueException(detail=what).as_pydantic_error()


def _day(value: str | None) -> str | None:
    if value is not None and isinstance(read_date(value), Fault):
        raise _refuse(f"{value!r} is not a day: write it as 2026-07-01 or 01/07/2026")
    return value


def _code(value: str | None) -> str | None:
    if value is not None and isinstance(read_code(value), Fault):
        raise _refuse(f"{value!r} is not a code: letters without diacritics, digits and . - _ / inside, 40 at most")
    return value


def _one_of(words: Collection[str], shown: list[str]) -> Callable[[str | None], str | None]:
    def check(value: str | None) -> str | None:
        if value is not None and fold(value) not in words:
            raise _refuse(f"{value!r} is not one of {', '.join(shown)}")
        return value

    return check


class Name(ComplexAttribute):
    """The parts of a name; Vietnamese registers have the whole one in `formatted`."""

    formatted: str | None = Field(default=None, description="Full name as the register writes it (họ và tên).")
    family_name: str | None = Field(default=None, description="Family name (họ).")
    middle_name: str | None = Field(default=None, description="Middle name (tên đệm).")
    given_name: str | None = Field(default=None, description="Given name (tên).")


class Email(ComplexAttribute):
    """An address of the service (thư công vụ)."""

    value: str | None = Field(default=None, description="Address.")
    type: str | None = Field(default=None, examples=["work"])
    primary: bool | None = None

    @field_validator("value")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and isinstance(read_email(value), Fault):
            raise _refuse(f"{value!r} is not an e-mail address")
        return value


class User(Resource[AnyExtension]):
    """A civil servant."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = Field(
        default=None, description="The sender's own name for the person; HueP makes its account names itself."
    )
    name: Name | None = None
    display_name: str | None = Field(default=None, description="Full name, where name.formatted is not given.")
    title: str | None = Field(
        default=None, description="Position (chức vụ) of the main post, where no posts are listed."
    )
    active: bool | None = Field(
        default=None, description="false: the person's last day is over, and the account is locked."
    )
    emails: list[Email] | None = None

    @field_validator("user_name")
    @classmethod
    def _is_a_name(cls, value: str | None) -> str | None:
        if value is not None and not normalise(value):
            raise _refuse("userName is empty")
        return value


class EnterpriseUser(Extension):
    """What of the enterprise extension the register needs."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: Annotated[str | None, Uniqueness.server] = Field(
        default=None, description="Officer code (mã cán bộ): it makes the person."
    )
    department: str | None = Field(default=None, description="Unit code (mã đơn vị), where no posts are listed.")

    _codes = field_validator("employee_number", "department")(_code)


class Post(ComplexAttribute):
    """One post (vị trí)."""

    unit: Annotated[str | None, CaseExact.true] = Field(default=None, description="Unit code (mã đơn vị).")
    position: str | None = Field(default=None, description="Chức vụ.")
    position_code: Annotated[str | None, CaseExact.true] = Field(default=None, description="Mã chức vụ.")
    standing: str | None = Field(default=None, description="Cấp.", examples=_STANDINGS)
    rank: str | None = Field(default=None, description="Ngạch.")
    type: str | None = Field(default=None, description="Where it is not the main post.", examples=_POST_TYPES)
    primary: bool | None = Field(default=None, description="The main post.")
    valid_from: str | None = Field(default=None, description="First day.", examples=_DAY)
    valid_to: str | None = Field(default=None, description="Last day, inclusive.", examples=_DAY)

    _codes = field_validator("unit")(_code)
    _days = field_validator("valid_from", "valid_to")(_day)
    _standing = field_validator("standing")(_one_of(STANDINGS, _STANDINGS))
    _type = field_validator("type")(_one_of(_POST_TYPES, _POST_TYPES))


class HuepUser(Extension):
    """What a civil servant has and an employee of RFC 7643 has not."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:huep:2.0:User")

    birth_date: str | None = Field(default=None, description="Ngày sinh.", examples=["1985-03-15"])
    standing: str | None = Field(
        default=None, description="Of the main post, where no posts are listed.", examples=_STANDINGS
    )
    rank: str | None = Field(default=None, description="Ngạch of the main post, where no posts are listed.")
    valid_from: str | None = Field(default=None, description="First day of the main post.", examples=_DAY)
    valid_to: str | None = Field(default=None, description="Last day of the main post.", examples=_DAY)
    posts: list[Post] | None = Field(
        default=None, description="All posts; with them title and department do not count."
    )
    status: str | None = Field(default=None, description="Tình trạng; working by default.", examples=_STATUSES)
    status_from: str | None = Field(default=None, description="First day of a long leave.", examples=_DAY)
    status_to: str | None = Field(default=None, description="Last day of a long leave, inclusive.", examples=_DAY)
    retires_on: str | None = Field(default=None, description="Ngày nghỉ hưu.", examples=["2045-04-01"])
    last_day: str | None = Field(default=None, description="Last day of service.", examples=_DAY)

    _days = field_validator(
        "birth_date", "valid_from", "valid_to", "status_from", "status_to", "retires_on", "last_day"
    )(_day)
    _standing = field_validator("standing")(_one_of(STANDINGS, _STANDINGS))
    _status = field_validator("status")(_one_of(STATUSES, _STATUSES))


class Member(ComplexAttribute):
    """Somebody whom the sender counts to a group; posts decide who belongs to a unit."""

    value: Annotated[str | None, CaseExact.true] = Field(default=None, description="id of a User.")
    display: str | None = None


class Group(Resource[AnyExtension]):
    """A unit (đơn vị)."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = Field(default=None, description="Tên đơn vị.")
    members: list[Member] | None = Field(
        default=None, description="Kept and given back; membership follows from the posts."
    )


class HuepGroup(Extension):
    """What a unit of the state has and a group of RFC 7643 has not."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:huep:2.0:Group")

    code: Annotated[str | None, Uniqueness.server, CaseExact.true] = Field(default=None, description="Mã đơn vị.")
    short_name: str | None = Field(default=None, description="Tên viết tắt.")
    kind: str | None = Field(default=None, description="Loại.", examples=_UNIT_KINDS)
    level: int | None = Field(default=None, description="Cấp bậc: 0 is the province.")
    parent: Annotated[str | None, CaseExact.true] = Field(
        default=None, description="Code of the unit above (mã cấp trên)."
    )
    successors: list[str] | None = Field(
        default=None, description="Codes of the units that take over when it is dissolved."
    )
    valid_from: str | None = Field(default=None, description="First day.", examples=_DAY)
    valid_to: str | None = Field(default=None, description="Last day, inclusive.", examples=_DAY)

    _codes = field_validator("code", "parent")(_code)
    _days = field_validator("valid_from", "valid_to")(_day)
    _kind = field_validator("kind")(_one_of(UNIT_KINDS, _UNIT_KINDS))

    @field_validator("successors")
    @classmethod
    def _are_codes(cls, value: list[str] | None) -> list[str] | None:
        for code in value or ():
            _code(code)
        return value


UserResource = User[EnterpriseUser | HuepUser]
GroupResource = Group[HuepGroup]
RESOURCES: dict[str, type[Resource[Any]]] = {"User": UserResource, "Group": GroupResource}
"""The models by the kind under which the store keeps them."""

POLICY = ScimPolicy(unknown=ScimPolicy.Unknown.ignore, remove_value_as_filter=ScimPolicy.RemoveValue.apply)
"""What a sender adds to the core schemas is dropped; what it misspells in ours is refused (`refuse_unknown`)."""

_STRICT = ScimPolicy(unknown=ScimPolicy.Unknown.forbid, remove_value_as_filter=ScimPolicy.RemoveValue.apply)
_OURS = b"schemas:extension:huep:"


def patch_policy(body: bytes) -> ScimPolicy:
    """A patch that touches our extensions is read strictly: the models forget what they drop from an operation."""
    return _STRICT if _OURS in body.lower() else POLICY


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=LARGEST_BODY_BYTES),
    filter=Filter(supported=True, max_results=LARGEST_PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    pagination=Pagination(
        cursor=False,
        index=True,
        default_pagination_method=Pagination.DefaultPaginationMethod.index,
        default_page_size=PAGE_SIZE,
        max_page_size=LARGEST_PAGE,
    ),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="The token of the state folder's secrets, as Authorization: Bearer.",
            primary=True,
        )
    ],
)
"""What `/ServiceProviderConfig` says."""

PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, HuepUser, Group, HuepGroup, Schema, ResourceType, ServiceProviderConfig],
    resource_types=[ResourceType.from_resource(UserResource), ResourceType.from_resource(GroupResource)],
    config=CONFIG,
    policy=POLICY,
)


def refuse_unknown(resource: Resource[Any]) -> None:
    """An attribute that our own extensions do not have is a slip of the sender's, not one to drop in silence.

    Raises:
        InvalidValueException: names it.
    """
    for urn, extension in type(resource).get_extension_models().items():
        value = resource[extension]
        if value is None or extension is EnterpriseUser:
            continue
        nested = value.posts or [] if isinstance(value, HuepUser) else []
        for part in (value, *nested):
            for unknown in part.unknown_attributes:
                raise InvalidValueException(detail=f"{urn} has no attribute {unknown!r}")
