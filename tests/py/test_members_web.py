"""A resolver that asks the database who is a member."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from freehold import AsyncTenants, NotAllowed, NotMember, Tenants, TenantSuspended
from freehold.web import AsyncMembers, AsyncResolver, Header, Members, Parts, Resolved, Resolver
from support.database import Database
from support.patience import until
from support.world import World, provision

ISSUER = "https://login.example.com"


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, "create table note (body text)")


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    world.admin.execute(f"grant freehold_resolver to {'app' if request.param == 'role' else 'asker'}".encode())
    yield world
    world.admin.execute("delete from freehold.membership; delete from freehold.app_user")
    world.close()


def parts(slug: str) -> Parts:
    return Parts("/", (("X-Tenant", slug),))


def test_the_database_says_who_is_a_member(world: World) -> None:
    control = world.control
    ada = control.user_ensure(ISSUER, "ada")["id"]
    control.member_add("acme", ada, "viewer")
    with Tenants(world.conninfo, **world.options(), ttl=600) as tenants:
        members = Members(tenants, ISSUER)
        resolver = Resolver(tenants, Header("X-Tenant"), member=members)
        found = resolver.resolve(parts("acme"), user="ada")
        assert members.member_id("ada", found.tenant_id) == str(ada)
        assert (members.permits(found, "data:read"), members.permits(found, "data:write")) == (True, False)
        assert not members.permits(Resolved("beta", found.tenant_id, "ada"), "data:read")
        assert not members.permits(Resolved(found.slug, found.tenant_id, None), "data:read")
        for slug, user in (
            ("beta", "ada"),
            ("acme", "eve"),
            ("acme", "Ada"),
            ("acme", str(ada)),
            ("acme", "' or true --"),
        ):
            with pytest.raises(NotMember):
                resolver.resolve(parts(slug), user=user)
        with pytest.raises(NotMember):
            Resolver(tenants, Header("X-Tenant"), member=Members(tenants, "https://other.example")).resolve(
                parts("acme"), user="ada"
            )
        by_id = Resolver(tenants, Header("X-Tenant"), member=Members(tenants))
        assert by_id.resolve(parts("acme"), user=str(ada)).slug == "acme"
        for user in ("ada", "7b0c", str(ada).replace("-", "")[:-1]):
            with pytest.raises(NotMember):
                by_id.resolve(parts("acme"), user=user)


def test_a_yes_is_kept_until_the_database_tells_of_a_change(world: World) -> None:
    control = world.control
    ada = control.user_ensure(ISSUER, "ada")["id"]
    control.member_add("acme", ada, "viewer")
    with Tenants(world.conninfo, **world.options(), ttl=600) as tenants:
        resolver = Resolver(tenants, Header("X-Tenant"), member=Members(tenants, ISSUER))

        def is_in() -> bool:
            try:
                return resolver.resolve(parts("acme"), user="ada").user == "ada"
            except NotMember:
                return False

        # The listener clears what is known when it begins to listen.
        until(lambda: tenants._core.directory.era > 0)
        assert is_in()
        # Without a word from the functions it is not asked again.
        world.admin.execute("update freehold.membership set active = false")
        assert is_in()
        world.admin.execute("update freehold.membership set active = true")
        control.member_deactivate("acme", ada)
        until(lambda: not is_in())
        control.member_activate("acme", ada)
        # A no is not kept.
        assert is_in()
        control.user_deactivate(ada)
        until(lambda: not is_in())
        control.user_activate(ada)
        assert is_in()
        control.member_remove("acme", ada)
        until(lambda: not is_in())
        control.member_add("acme", ada)
        assert is_in()
        control.user_erase(ada, "asked")
        until(lambda: not is_in())
        control.tenant_suspend("acme")
        try:
            until(lambda: _refusal(resolver) is TenantSuspended)
        finally:
            control.tenant_resume("acme")
            if world.level == "login":
                world.open_login("acme")


def _refusal(resolver: Resolver) -> type[BaseException] | None:
    try:
        resolver.resolve(parts("acme"), user="ada")
    except (NotMember, TenantSuspended) as error:
        return type(error)
    return None


def test_the_same_with_async(world: World) -> None:
    ada = world.control.user_ensure(ISSUER, "ada")["id"]
    world.control.member_add("acme", ada, "viewer")

    async def main() -> None:
        async with AsyncTenants(world.conninfo, **world.options(), listen=False) as tenants:
            members = AsyncMembers(tenants, ISSUER)
            resolver = AsyncResolver(tenants, Header("X-Tenant"), member=members)
            found = await resolver.resolve(parts("acme"), user="ada")
            assert await members.permits(found, "data:read")
            assert not await members.permits(found, "data:write")
            assert await members.member_id("ada", found.tenant_id) == str(ada)
            for slug, user in (("beta", "ada"), ("acme", "eve")):
                with pytest.raises(NotMember):
                    await resolver.resolve(parts(slug), user=user)

    asyncio.run(main())


@pytest.mark.parametrize("world", ["role"], indirect=True)
def test_a_login_that_may_not_ask_is_told(world: World) -> None:
    world.admin.execute("revoke freehold_resolver from app")
    with Tenants(world.conninfo, **world.options(), listen=False) as tenants:
        resolver = Resolver(tenants, Header("X-Tenant"), member=Members(tenants, ISSUER))
        for _ in range(2):
            with pytest.raises(NotAllowed, match="freehold_resolver"):
                resolver.resolve(parts("acme"), user="ada")
        assert tenants.counts()["open"] == 1
