"""Django admin: schedules and their runs, read-only, with a run that asks for a reason."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.storage.commands.schedules import RunSchedule, when_of
from apps.storage.domain.times import in_words
from apps.storage.models.schedules import Schedule, ScheduleRun
from calypso.kernel.admin import ReadOnlyAdmin, dispatching, pretty


def run(schedule: Schedule, reason: str) -> RunSchedule:
    return RunSchedule(name=schedule.name, due=timezone.now().replace(microsecond=0), reason=reason)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "enabled", "words", "changed_at")
    list_filter = ("kind", "enabled")
    search_fields = ("name",)
    ordering = ("name",)
    exclude = ("when", "job")
    readonly_fields = ("words", "job_text")
    actions = ("run_now",)

    run_now = dispatching("Run the chosen schedules now", run)

    @admin.display(description="When")
    def words(self, schedule: Schedule) -> str:
        return in_words(when_of(schedule))

    @admin.display(description="Job")
    def job_text(self, schedule: Schedule) -> SafeString:
        return pretty(schedule.job)


@admin.register(ScheduleRun)
class ScheduleRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "due", "state", "made", "expired", "missed", "detail")
    list_filter = ("state", "manual", "made_up")
    search_fields = ("name",)
    ordering = ("-due",)
