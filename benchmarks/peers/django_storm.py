"""The storm of tests/storms at Django with django-axes, or with django-allauth: how many guesses are evaluated.

    python benchmarks/peers/django_storm.py axes      # Django, its own login view, django-axes before it
    python benchmarks/peers/django_storm.py allauth   # django-allauth's login view with its rate limit
    python benchmarks/peers/django_storm.py axes --one-by-one            # the same guesses in a row
    python benchmarks/peers/django_storm.py allauth --local-cache        # with Django's default cache

Four processes of sixteen threads each guess once at one account, all at once; the rule allows seven.  What is evaluated
is written down by the password hasher itself (Argon2, Django's parameters).  Both keep what they count where all
processes see it: axes in the database, allauth in a cache in the database.

Shape:  one line of JSON: package, versions, guesses, evaluated.
Source: issue 7, part 6; TRAPS "check → verify → count".
"""

import json
import multiprocessing
import os
import sys
import tempfile
from importlib.metadata import version
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Thread
from typing import Any

ALLOWED = 7
PROCESSES, THREADS = 4, 16
PASSWORD, WRONG = "soil7+rain", "wr0ng-guess"


def configure(peer: str, folder: Path) -> None:
    """Django as somebody sets it up who reads the peer's documentation."""
    from django.conf import settings

    os.environ["PEERS_EVALUATED"] = str(folder / "evaluated")
    apps = [f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")]
    middleware = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    special: dict[str, Any] = {
        "axes": {
            "INSTALLED_APPS": [*apps, "axes"],
            "MIDDLEWARE": [*middleware, "axes.middleware.AxesMiddleware"],
            "AUTHENTICATION_BACKENDS": [
                "axes.backends.AxesStandaloneBackend",
                "django.contrib.auth.backends.ModelBackend",
            ],
            "AXES_FAILURE_LIMIT": ALLOWED,
            "AXES_LOCKOUT_PARAMETERS": ["username"],
            "AXES_VERBOSE": False,
        },
        "allauth": {
            "INSTALLED_APPS": [*apps, "allauth", "allauth.account"],
            "MIDDLEWARE": [*middleware, "allauth.account.middleware.AccountMiddleware"],
            "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
            "ACCOUNT_RATE_LIMITS": {"login": False, "login_failed": f"{ALLOWED}/60m/key"},
            "ACCOUNT_LOGIN_METHODS": {"username"},
        },
    }[peer]
    settings.configure(
        SECRET_KEY="storm",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=f"{peer}_urls",
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "db"),
                "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE"},
            }
        },
        CACHES={
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
            if "--local-cache" in sys.argv
            else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
        },
        PASSWORD_HASHERS=["hashers.Noting"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "DIRS": [str(folder)],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        LOGGING_CONFIG=None,
        **special,
    )
    sys.path.insert(0, str(folder))
    import django

    django.setup()


MODULES = {
    "hashers.py": """
import os
from django.contrib.auth.hashers import Argon2PasswordHasher
class Noting(Argon2PasswordHasher):
    def verify(self, password, encoded):
        line = os.open(os.environ["PEERS_EVALUATED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(line, b"x\\n")
        os.close(line)
        return super().verify(password, encoded)
""",
    "axes_urls.py": """
from django.contrib.auth.views import LoginView
from django.urls import path
urlpatterns = [path("login", LoginView.as_view(template_name="login.html"))]
""",
    "allauth_urls.py": """
from allauth.account.views import login
from django.urls import include, path
urlpatterns = [path("login", login), path("accounts/", include("allauth.account.urls"))]
""",
    "login.html": "{{ form }}",
}


def guess(peer: str, password: str) -> int:
    """One login from an address of its own: the status."""
    from django.test import Client

    field = "login" if peer == "allauth" else "username"
    return Client().post("/login", {field: "taro0001", "password": password}).status_code


def storming(peer: str, folder: Path, start: Barrier, told: "Queue[object]") -> None:
    """A process of the storm."""
    configure(peer, folder)

    def one() -> None:
        start.wait()
        try:
            told.put(guess(peer, WRONG))
        except Exception as failure:  # noqa: BLE001 -- nobody waits for one who has died without a word
            told.put(type(failure).__name__)

    crowd = [Thread(target=one) for _ in range(THREADS)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def main(peer: str, *options: str) -> None:
    """Set the peer up, let the storm rage, and count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in MODULES.items():
            (folder / file).write_text(text)
        configure(peer, folder)
        from django.contrib.auth import get_user_model
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        get_user_model().objects.create_user("taro0001", "taro@example.jp", PASSWORD)
        if "--one-by-one" in options:
            heard = [guess(peer, WRONG) for _ in range(3 * ALLOWED)]
        else:
            spawn = multiprocessing.get_context("spawn")
            start, told = spawn.Barrier(PROCESSES * THREADS), spawn.Queue()
            crowd = [spawn.Process(target=storming, args=(peer, folder, start, told)) for _ in range(PROCESSES)]
            for process in crowd:
                process.start()
            heard = [told.get(timeout=180) for _ in range(PROCESSES * THREADS)]
            for process in crowd:
                process.join()
        noted = folder / "evaluated"
        evaluated = len(noted.read_text().splitlines())
        # The owner's right password, after the storm.
        afterwards = guess(peer, PASSWORD)
    versions = {one: version(one) for one in ("django", f"django-{peer}")}
    answers = {str(one): heard.count(one) for one in dict.fromkeys(heard)}
    print(
        json.dumps(
            {**versions, "guesses": len(heard), "allowed": ALLOWED, "evaluated": evaluated, "answers": answers}
            | {"right one afterwards": afterwards}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
