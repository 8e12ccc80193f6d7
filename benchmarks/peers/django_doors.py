"""Django's login view behind django-axes, and django-allauth's with its rate limit."""

import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.peers.door import ALLOWED, PASSWORD, note

_APPS = [f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")]
_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
_SHARED = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}


class _Django:
    hash = "Argon2id, 100 MiB, t=2, p=8"
    locks = True
    nobodies = 60
    field = "username"
    cache: ClassVar[dict[str, object]] = _SHARED
    special: ClassVar[dict[str, Any]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open_(self) -> None:
        """Django, set up in this process."""
        from django.conf import settings

        (self.folder / "login.html").write_text("{{ form }}")
        urls = sys.modules["peer_urls"] = types.ModuleType("peer_urls")
        urls.urlpatterns = []  # type: ignore[attr-defined]  # filled below, when Django is there
        settings.configure(
            SECRET_KEY="storm",
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="peer_urls",
            USE_TZ=True,
            DATABASES={
                "default": {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": str(self.folder / "db"),
                    "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE"},
                }
            },
            CACHES={"default": self.cache},
            PASSWORD_HASHERS=["noting_hasher.Noting"],
            TEMPLATES=[
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "APP_DIRS": True,
                    "DIRS": [str(self.folder)],
                    "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
                }
            ],
            LOGGING_CONFIG=None,
            **self.special,
        )
        import django
        from django.contrib.auth.hashers import Argon2PasswordHasher

        class Noting(Argon2PasswordHasher):
            def verify(self, password: str, encoded: str) -> bool:
                note()
                return super().verify(password, encoded)

        sys.modules["noting_hasher"] = module = types.ModuleType("noting_hasher")
        module.Noting = Noting  # type: ignore[attr-defined]  # a module made for this
        django.setup()
        urls.urlpatterns = self.urls()

    def urls(self) -> list[Any]:
        """Where one logs in."""
        raise NotImplementedError

    def create(self, logins: Sequence[str]) -> None:
        """The tables, the shared cache, and the users."""
        from django.contrib.auth import get_user_model
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        for login in logins:
            get_user_model().objects.create_user(login, f"{login}@example.jp", PASSWORD)

    def log_in(self, login: str, password: str) -> bool:
        """By the form, from a browser that was never there before."""
        from django.test import Client

        return Client().post("/login", {self.field: login, "password": password}).status_code == 302

    def bare(self) -> Callable[[], object]:
        """Django's own hasher."""
        from django.contrib.auth.hashers import Argon2PasswordHasher

        hasher = Argon2PasswordHasher()
        stored = hasher.encode(PASSWORD, hasher.salt())
        return lambda: hasher.verify(PASSWORD, stored)


class Axes(_Django):
    """Django's login view, django-axes before it, counting by login in the database."""

    packages = ("django-axes", "django")
    special: ClassVar[dict[str, Any]] = {
        "INSTALLED_APPS": [*_APPS, "axes"],
        "MIDDLEWARE": [*_MIDDLEWARE, "axes.middleware.AxesMiddleware"],
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        "AXES_FAILURE_LIMIT": ALLOWED,
        "AXES_LOCKOUT_PARAMETERS": ["username"],
        "AXES_VERBOSE": False,
    }

    def urls(self) -> list[Any]:
        """Django's own view."""
        from django.contrib.auth.views import LoginView
        from django.urls import path

        return [path("login", LoginView.as_view(template_name="login.html"))]


class Allauth(_Django):
    """django-allauth's login view, its rate limit in a cache that all processes share."""

    packages = ("django-allauth", "django")
    nobodies = 320  # a cache in the database keeps 300 entries, unless it is told otherwise
    field = "login"
    special: ClassVar[dict[str, Any]] = {
        "INSTALLED_APPS": [*_APPS, "allauth", "allauth.account"],
        "MIDDLEWARE": [*_MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"],
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "ACCOUNT_RATE_LIMITS": {"login": False, "login_failed": f"{ALLOWED}/60m/key"},
        "ACCOUNT_LOGIN_METHODS": {"username"},
    }

    def urls(self) -> list[Any]:
        """The view of allauth."""
        from allauth.account.views import login
        from django.urls import include, path

        return [path("login", login), path("accounts/", include("allauth.account.urls"))]


class AllauthLocalCache(Allauth):
    """The same with Django's default cache, which is each process's own."""

    nobodies = 20
    cache: ClassVar[dict[str, object]] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
