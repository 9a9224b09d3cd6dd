"""Every address that Django serves."""

from django.contrib import admin
from django.urls import path, re_path

from calypso import pages
from calypso.api import api
from calypso.metrics import metrics

handler400 = "calypso.api.unreadable"
handler404 = "calypso.api.missing"
handler500 = "calypso.api.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("metrics", metrics),
    re_path(r"^(?!api/|admin/|static/|ws/).*$", pages.index),
]
