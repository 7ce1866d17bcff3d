"""What each SCIM request does to the store: read the request, one transaction, the answer, and the hook after it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from scim2_models import (
    Context,
    InvalidSyntaxException,
    ListResponse,
    NotFoundException,
    PatchOp,
    PreconditionFailedException,
    Resource,
    ResponseParameters,
    SearchRequest,
    TooManyException,
)
from sqlalchemy import Engine

from hr_provisioner.scim import store
from hr_provisioner.scim.model import (
    LARGEST_PAGE,
    PAGE_SIZE,
    POLICY,
    RESOURCES,
    GroupResource,
    UserResource,
    patch_policy,
    refuse_unknown,
)
from hr_provisioner.scim.query import SCANNED_AT_MOST, narrowed
from hr_provisioner.scim.store import Stored
from huep.clock import Clock

Changed = Callable[[str | None], None]
"""Told after each committed write: an officer code, or None when units changed."""

_ANY = UserResource | GroupResource


@dataclass(frozen=True)
class Asked:
    """One request, as far as SCIM cares."""

    kinds: tuple[str, ...]
    """`User`, `Group`, or both where the root is searched."""
    resource_id: str
    base_url: str
    """Without a slash at its end."""
    parameters: Mapping[str, str]
    body: bytes
    if_match: str | None
    if_none_match: str | None

    @property
    def kind(self) -> str:
        """The kind of an endpoint that serves one."""
        return self.kinds[0]


@dataclass(frozen=True)
class Answer:
    """Status and content of a response."""

    status: int
    content: Mapping[str, object] | None = None
    etag: str | None = None
    location: str | None = None

    @property
    def text(self) -> str:
        """The body; empty where there is none."""
        return "" if self.content is None else json.dumps(self.content, ensure_ascii=False)


class Exchange:
    """The operations of RFC 7644, section 3, on the store."""

    def __init__(self, engine: Engine, changed: Changed, now: Clock) -> None:
        self._engine = engine
        self._changed = changed
        self._now = now

    def create(self, asked: Asked) -> Answer:
        """POST: a new resource. Raises UniquenessException, ValidationError."""
        resource = _resource(asked, Context.RESOURCE_CREATION_REQUEST)
        with self._engine.begin() as connection:
            stored = store.add(connection, asked.kind, resource, self._now())
        self._tell(stored)
        return _answer(asked, stored, Context.RESOURCE_CREATION_RESPONSE, 201)

    def read(self, asked: Asked) -> Answer:
        """GET of one. Raises NotFoundException."""
        with self._engine.connect() as connection:
            stored = _found(store.find(connection, asked.kind, asked.resource_id), asked)
        if _names(asked.if_none_match, stored):
            return Answer(304, etag=stored.etag)
        return _answer(asked, stored, Context.RESOURCE_QUERY_RESPONSE)

    def replace(self, asked: Asked) -> Answer:
        """PUT. Raises NotFoundException, PreconditionFailedException, UniquenessException, ValidationError."""
        wanted = _resource(asked, Context.RESOURCE_REPLACEMENT_REQUEST)

        def change(resource: Resource[Any]) -> Resource[Any]:
            with POLICY:
                wanted.replace(resource)
            return wanted

        return self._change(asked, change, Context.RESOURCE_REPLACEMENT_RESPONSE)

    def patch(self, asked: Asked) -> Answer:
        """PATCH, all operations or none. Raises what `replace` raises, and what an operation may."""
        model, policy = RESOURCES[asked.kind], patch_policy(asked.body)
        operations = PatchOp.__class_getitem__(model).model_validate_json(
            asked.body, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=policy
        )

        def change(resource: Resource[Any]) -> Resource[Any]:
            operations.patch(resource, scim_policy=policy)
            # An operation may write one value of several: what came of it is judged as a whole.
            return model.model_validate(resource.model_dump(), scim_policy=POLICY)

        return self._change(asked, change, Context.RESOURCE_PATCH_RESPONSE)

    def delete(self, asked: Asked) -> Answer:
        """DELETE: gone for SCIM, and left for the register. Raises NotFoundException, PreconditionFailedException."""
        with self._engine.begin() as connection:
            stored = _found(store.find(connection, asked.kind, asked.resource_id), asked)
            _check_precondition(asked, stored)
            store.remove(connection, stored, self._now())
        self._tell(stored)
        return Answer(204)

    def list(self, asked: Asked) -> Answer:
        """GET of many, by the parameters of the address."""
        return self._query(asked, _request_model(asked.kinds).model_validate(dict(asked.parameters)))

    def search(self, asked: Asked) -> Answer:
        """POST to `.search`: the same, asked for in the body."""
        return self._query(
            asked, _request_model(asked.kinds).model_validate_json(asked.body or b"{}", scim_ctx=Context.SEARCH_REQUEST)
        )

    def _change(self, asked: Asked, change: Callable[[Resource[Any]], Resource[Any]], context: Context) -> Answer:
        with self._engine.begin() as connection:
            before = _found(store.find(connection, asked.kind, asked.resource_id), asked)
            _check_precondition(asked, before)
            after = store.replace(connection, before, change(before.resource(asked.base_url)), self._now())
        self._tell(before, after)
        return _answer(asked, after, context)

    def _query(self, asked: Asked, request: SearchRequest[Any]) -> Answer:
        """Raises InvalidFilterException, TooManyException."""
        start = request.start_index or 1
        limit = min(PAGE_SIZE if request.count is None else request.count, LARGEST_PAGE)
        with self._engine.connect() as connection:
            if request.filter is None:
                total = store.count(connection, asked.kinds)
                found = [
                    stored.resource(asked.base_url)
                    for stored in store.page(connection, asked.kinds, offset=start - 1, limit=limit)
                ]
            else:
                where = narrowed(request.filter.ast)
                if store.count(connection, asked.kinds, where) > SCANNED_AT_MOST:
                    raise TooManyException(
                        detail="Filter by eq on id, userName, externalId, employeeNumber or the unit code."
                    )
                candidates = (one.resource(asked.base_url) for one in store.page(connection, asked.kinds, where))
                matching = [one for one in candidates if request.filter.match(one)]
                total, found = len(matching), matching[start - 1 : start - 1 + limit]
        return Answer(200, _list_response(found, total, start, request))

    def _tell(self, *versions: Stored) -> None:
        """Call the hook once for every officer whom a write concerned: two, where the officer code was changed."""
        if versions[0].kind == "Group":
            self._changed(None)
            return
        for code in dict.fromkeys(one.code for one in versions if one.code is not None):
            self._changed(code)


def _request_model(kinds: tuple[str, ...]) -> type[SearchRequest[Any]]:
    """Bound to what the endpoint serves, so that an attribute that nothing there has is refused."""
    served: Any = _ANY if len(kinds) > 1 else RESOURCES[kinds[0]]
    return cast("type[SearchRequest[Any]]", SearchRequest.__class_getitem__(served))


def _resource(asked: Asked, context: Context) -> Resource[Any]:
    if not asked.body:
        raise InvalidSyntaxException(detail="The request has no body.")
    resource = RESOURCES[asked.kind].model_validate_json(asked.body, scim_ctx=context, scim_policy=POLICY)
    refuse_unknown(resource)
    return resource


def _found(stored: Stored | None, asked: Asked) -> Stored:
    if stored is None:
        raise NotFoundException(detail=f"There is no {asked.kind} {asked.resource_id}.")
    return stored


def _names(header: str | None, stored: Stored) -> bool:
    """Whether a list of entity tags names this version, or any."""
    return header is not None and (header.strip() == "*" or stored.etag in map(str.strip, header.split(",")))


def _check_precondition(asked: Asked, stored: Stored) -> None:
    if asked.if_match is not None and not _names(asked.if_match, stored):
        raise PreconditionFailedException


def _answer(asked: Asked, stored: Stored, context: Context, status: int = 200) -> Answer:
    parameters: ResponseParameters[Any] = ResponseParameters.model_validate(
        {key: value for key, value in asked.parameters.items() if key in ("attributes", "excludedAttributes")}
    )
    resource = stored.resource(asked.base_url)
    content = resource.model_dump(scim_ctx=context, response_parameters=parameters)
    location = resource.meta.location if resource.meta else None
    return Answer(status, content, stored.etag, location)


def _list_response(
    found: Iterable[Resource[Any]], total: int, start: int, request: SearchRequest[Any]
) -> Mapping[str, object]:
    resources = list(found)
    response = ListResponse.__class_getitem__(_ANY)(
        total_results=total, start_index=start, items_per_page=len(resources), resources=resources
    )
    content: Mapping[str, object] = response.model_dump(scim_ctx=Context.SEARCH_RESPONSE, response_parameters=request)
    return content
