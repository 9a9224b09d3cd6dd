"""Django admin: operations with their steps; alerts; the base of all read-only pages; actions that ask for a reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_q.models import Failure, OrmQ, Schedule, Success

from calypso.kernel import commands
from calypso.kernel.actors import Permission
from calypso.kernel.alerts.commands import AcknowledgeAlert
from calypso.kernel.commands import Command
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Alert, Operation
from calypso.kernel.plans import Request, Run, Step
from calypso.kernel.rest import authenticate


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # serves several models
    """Shows rows and changes none: everything changes through commands."""

    actions: Any = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role, as everywhere, not by Django's own permissions."""
        try:
            return authenticate(request).may(Permission.READ)
        except CalypsoError:
            return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def pretty(value: Any) -> SafeString:
    """JSON as a block of text."""
    return format_html("<pre style='margin:0;white-space:pre-wrap'>{}</pre>", json.dumps(value, indent=2, default=str))


def dispatching(
    title: str, make: Callable[[Any, str], Command]
) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    """An admin action that asks for a reason, shows the plan, and then dispatches one command a chosen row."""

    @admin.action(description=title)
    def action(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        reason = request.POST.get("reason", "").strip()
        if "confirmed" in request.POST and reason:
            _dispatch_all(model_admin, request, [make(row, reason) for row in rows])
            return None
        context = {
            **model_admin.admin_site.each_context(request),
            "title": title,
            "action": request.POST.get("action"),
            "rows": rows,
            "plans": [_plan_of(request, make(row, reason)) for row in rows],
            "missing_reason": "confirmed" in request.POST,
            "opts": model_admin.model._meta,
        }
        return TemplateResponse(request, "admin/calypso_action.html", context)

    return action


def _plan_of(request: HttpRequest, asked: Command) -> dict[str, Any]:
    try:
        plan = commands.preview(asked, authenticate(request))
    except CalypsoError as error:
        return {"title": asked.NAME, "refused": error.message, "hint": error.hint}
    return {"title": plan.title, "argv": [_told(step) for step in plan.steps]}


def _told(step: Step) -> str:
    """What the step does, in one line."""
    return " ".join(step.argv) if isinstance(step, Run) else step.text() if isinstance(step, Request) else step.title


def _dispatch_all(model_admin: Any, request: HttpRequest, asked: Iterable[Command]) -> None:
    for each in asked:
        try:
            operation = commands.dispatch(each, authenticate(request))
        except CalypsoError as error:
            model_admin.message_user(request, f"{error.message} {error.hint}", messages.ERROR)
        else:
            link = format_html(
                "{}: <a href='/admin/kernel/operation/{}/change/'>operation</a>", operation.title, operation.pk
            )
            model_admin.message_user(request, link, messages.SUCCESS)


admin.site.site_header = admin.site.site_title = "Calypso"
admin.site.index_title = "Records"
admin.site.unregister([Failure, OrmQ, Schedule, Success])  # the queue's insides: changing them would leave no record


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    list_display = ("title", "state", "actor", "reason", "requested_at", "ended_at")
    list_filter = ("state", "command", "actor", "requested_at")
    search_fields = ("title", "reason", "actor", "id")
    ordering = ("-position",)
    date_hierarchy = "requested_at"
    fields = (
        *("title", "state", "command", "actor", "auth", "source", "reason", "requested_at", "started_at", "ended_at"),
        *("step_list", "error_text", "input_text", "plan_text", "resources", "correlation_id", "id"),
    )
    readonly_fields = ("step_list", "error_text", "input_text", "plan_text")

    @admin.display(description="Steps")
    def step_list(self, operation: Operation) -> SafeString:
        rows = [
            (
                step["title"],
                step["state"],
                " ".join(step["argv"]) or step.get("call", ""),
                "" if step.get("exit_code") is None else step["exit_code"],
                "" if step.get("duration_ms") is None else f"{step['duration_ms']} ms",
                (step.get("stdout") or "") + (step.get("stderr") or ""),
            )
            for step in operation.steps
        ]
        head = format_html_join(
            "", "<th>{}</th>", [[h] for h in ("Step", "State", "Command", "Exit", "Time", "Output")]
        )
        cells = "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td><td><pre>{}</pre></td></tr>"
        return format_html("<table><thead><tr>{}</tr></thead>{}</table>", head, format_html_join("", cells, rows))

    @admin.display(description="Error")
    def error_text(self, operation: Operation) -> SafeString | str:
        return pretty(operation.error) if operation.error else "none"

    @admin.display(description="Input")
    def input_text(self, operation: Operation) -> SafeString:
        return pretty(operation.input)

    @admin.display(description="Plan")
    def plan_text(self, operation: Operation) -> SafeString:
        return pretty(operation.plan)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("title", "severity", "state", "resource", "raised_at", "changed_at", "cleared_at")
    list_filter = ("state", "severity", "rule", "raised_at")
    search_fields = ("title", "text", "resource", "id")
    ordering = ("-position",)
    date_hierarchy = "raised_at"
    actions = ("acknowledge",)

    acknowledge = dispatching(
        "Acknowledge the chosen alerts", lambda alert, reason: AcknowledgeAlert(alert=alert.id, reason=reason)
    )
