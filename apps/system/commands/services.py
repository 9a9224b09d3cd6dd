"""Commands on services."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.system.domain.services import Action
from apps.system.domain.units import checked_name
from apps.system.models.services import Service, ServiceDetail
from apps.system.plans import services as plans
from apps.system.plans.services import ServiceFacts
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, Reason, command
from calypso.kernel.errors import NotFound
from calypso.kernel.plans import Plan

RUNS = ("active", "activating", "reloading", "deactivating")


class ServiceRequest(BaseModel):
    """The body of a write on a service that its address names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason = Field("", description="Why; it stands in the audit trail.")
    confirm: str | None = Field(None, max_length=255, description="The unit's name again, where one would miss it.")


class OnService(ServiceRequest, Command):
    """A command on one unit, by its whole name."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]

    def version(self) -> int | None:
        return find_service(self.name).version

    def facts(self) -> ServiceFacts:
        """Raises Invalid or NotFound."""
        return service_facts(find_service(self.name))


def find_service(name: str) -> Service:
    """Raises Invalid for what is no name of a unit, NotFound for one that is not on the box."""
    found = Service.objects.filter(pk=checked_name(name)).first()
    if found is None:
        raise NotFound(
            f"There is no unit “{name}” on the box.",
            field="name",
            code="no_such_unit",
            hint="Look at the list of units.",
        )
    return found


def service_facts(service: Service) -> ServiceFacts:
    """What a plan has to know of it."""
    detail = ServiceDetail.objects.filter(pk=service.unit).first()
    shown = detail.properties if detail else {}
    needed_by = detail.dependencies.get("required_by", []) if detail else []
    running = Service.objects.filter(pk__in=needed_by, active__in=RUNS).order_by("unit")
    return ServiceFacts(
        unit=service.unit,
        load=service.load,
        active=service.active,
        file_state=service.file_state,
        branch=service.branch,
        needed_by=tuple(running.values_list("unit", flat=True)),
        can_reload=bool(shown.get("CanReload", True)),
        refuses_start=bool(shown.get("RefuseManualStart", False)),
        refuses_stop=bool(shown.get("RefuseManualStop", False)),
    )


class ActOnService(OnService):
    ACTION: ClassVar[Action]

    def plan(self, operation: UUID) -> Plan:
        return plans.act(self.facts(), self.ACTION)


@command("system.StartService", Permission.OPERATE)
class StartService(ActOnService):
    """Starts a unit, and sees whether it runs."""

    ACTION = "start"


@command("system.StopService", Permission.OPERATE)
class StopService(ActOnService):
    """Stops a unit. One that would be missed takes its name repeated in ``confirm``."""

    ACTION = "stop"


@command("system.RestartService", Permission.OPERATE)
class RestartService(ActOnService):
    """Restarts a unit, and sees whether it runs. One that would be missed takes its name repeated in ``confirm``."""

    ACTION = "restart"


@command("system.ReloadService", Permission.OPERATE)
class ReloadService(ActOnService):
    """Has a unit read its configuration again while it runs."""

    ACTION = "reload"


@command("system.EnableService", Permission.ADMINISTER)
class EnableService(OnService):
    """Has a unit started with the box."""

    def plan(self, operation: UUID) -> Plan:
        return plans.enable(self.facts())


@command("system.DisableService", Permission.ADMINISTER)
class DisableService(OnService):
    """Has a unit not started with the box any more. It goes on running."""

    def plan(self, operation: UUID) -> Plan:
        return plans.disable(self.facts())


@command("system.MaskService", Permission.ADMINISTER)
class MaskService(OnService):
    """Makes a unit impossible to start, by whomever. It goes on running."""

    def plan(self, operation: UUID) -> Plan:
        return plans.mask(self.facts())


@command("system.UnmaskService", Permission.ADMINISTER)
class UnmaskService(OnService):
    """Makes a masked unit startable again."""

    def plan(self, operation: UUID) -> Plan:
        return plans.unmask(self.facts())


BY_ACTION: dict[str, type[OnService]] = {
    "start": StartService,
    "stop": StopService,
    "restart": RestartService,
    "reload": ReloadService,
    "enable": EnableService,
    "disable": DisableService,
    "mask": MaskService,
    "unmask": UnmaskService,
}
