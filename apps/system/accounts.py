"""Accounts, their roles, and the record of every change to them, whoever makes it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from apps.system.domain.accounts import AccountChanged, AccountDeleted, user_stream
from calypso.kernel import store
from calypso.kernel.actors import GRANTS, Permission, Role, acting
from calypso.kernel.events import Change, Event
from calypso.kernel.projections import append

_WATCHED = ("username", "password", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")


def roles_of(user: User) -> frozenset[Role]:
    """The roles of an account: its groups of these names; a superuser is an administrator."""
    named = {role for role in Role if role in set(user.groups.values_list("name", flat=True))}
    return frozenset(named | ({Role.ADMINISTRATOR} if user.is_superuser else set()))


def permissions_of(user: User) -> frozenset[Permission]:
    found: set[Permission] = set()
    for role in roles_of(user):
        found |= GRANTS[role]
    return frozenset(found)


def set_roles(user: User, *roles: Role) -> None:
    """Gives an account just these roles."""
    user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])


def ensure_first_administrator(username: str, password: str) -> bool:
    """Makes the first administrator and the roles' groups when there is no account at all. Returns whether it did."""
    with store.writing():
        for role in Role:
            Group.objects.get_or_create(name=role.value)
        if User.objects.exists():
            return False
        user = User.objects.create_superuser(username, "", password)
        set_roles(user, Role.ADMINISTRATOR)
    return True


def watch() -> None:
    """Has every change of an account recorded, those made in Django's admin or a shell too."""
    pre_save.connect(_before, sender=User, dispatch_uid="calypso.account")
    post_save.connect(_saved, sender=User, dispatch_uid="calypso.account")
    post_delete.connect(_deleted, sender=User, dispatch_uid="calypso.account")
    m2m_changed.connect(_groups, sender=User.groups.through, dispatch_uid="calypso.account")
    pre_save.connect(_group_before, sender=Group, dispatch_uid="calypso.account")
    post_save.connect(_group_after, sender=Group, dispatch_uid="calypso.account")
    pre_delete.connect(_group_before, sender=Group, dispatch_uid="calypso.account")
    post_delete.connect(_group_after, sender=Group, dispatch_uid="calypso.account")


def _before(sender: Any, instance: User, **_: Any) -> None:
    old = User.objects.filter(pk=instance.pk).first() if instance.pk else None
    changed = [f for f in _WATCHED if old is None or getattr(old, f) != getattr(instance, f)]
    instance._calypso_changed = changed  # type: ignore[attr-defined]  # read by _saved


def _saved(sender: Any, instance: User, created: bool, **_: Any) -> None:
    changed = instance._calypso_changed  # type: ignore[attr-defined]  # set by _before
    if changed:
        _record(instance.username, _as_is(instance, created, changed))


def _groups(sender: Any, instance: Any, action: str, pk_set: set[int] | None, **_: Any) -> None:
    if action == "pre_clear" and isinstance(instance, Group):
        _group_before(Group, instance)
    elif action == "post_clear" and isinstance(instance, Group):
        _group_after(Group, instance)
    elif action in ("post_add", "post_remove", "post_clear"):
        users = [instance] if isinstance(instance, User) else list(User.objects.filter(pk__in=pk_set or ()))
        _record_roles(users)


def _group_before(sender: Any, instance: Group, **_: Any) -> None:
    """Keeps who is in the group and what it is called: afterwards nobody could tell whose roles have changed."""
    instance._calypso_users = list(User.objects.filter(groups=instance)) if instance.pk else []  # type: ignore[attr-defined]  # read by _group_after
    instance._calypso_name = Group.objects.filter(pk=instance.pk).values_list("name", flat=True).first()  # type: ignore[attr-defined]  # likewise


def _group_after(sender: Any, instance: Group, created: bool | None = None, **_: Any) -> None:
    """A group was renamed, deleted or emptied."""
    if created is None or instance.name != instance._calypso_name:  # type: ignore[attr-defined]  # set by _group_before
        _record_roles(instance._calypso_users)  # type: ignore[attr-defined]  # likewise


def _record_roles(users: list[User]) -> None:
    for user in users:
        _record(user.username, _as_is(user, False, ["roles"]))


def _deleted(sender: Any, instance: User, **_: Any) -> None:
    _record(instance.username, AccountDeleted(username=instance.username))


def _as_is(user: User, created: bool, fields: list[str]) -> AccountChanged:
    return AccountChanged(
        username=user.username,
        created=created,
        active=user.is_active,
        staff=user.is_staff,
        superuser=user.is_superuser,
        roles=tuple(sorted(roles_of(user))),
        fields=tuple(fields),
    )


def _record(username: str, fact: Event) -> None:
    with store.writing():
        append([Change(user_stream(username), fact)], acting().metadata())
