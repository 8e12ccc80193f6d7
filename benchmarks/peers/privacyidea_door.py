"""privacyIDEA: /validate/check of a token whose PIN is the password, with a fail counter of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.door import ALLOWED, PASSWORD
from benchmarks.peers.noting import note_each_argon2

_CONFIGURATION = """
SUPERUSER_REALM = ["super"]
SECRET_KEY = "0123456789abcdef0123456789abcdef0123456789"
PI_PEPPER = "pepper-of-the-storm"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/db"
SQLALCHEMY_ENGINE_OPTIONS = {{"connect_args": {{"timeout": 60, "isolation_level": "IMMEDIATE"}}}}
PI_ENCFILE = "{folder}/enckey"
PI_AUDIT_KEY_PRIVATE = "{folder}/private.pem"
PI_AUDIT_KEY_PUBLIC = "{folder}/public.pem"
PI_AUDIT_SQL_TRUNCATE = True
PI_LOGFILE = "{folder}/log"
PI_LOGLEVEL = 40
"""


class PrivacyIdea:
    """A server of its own elsewhere; here its application, asked as its clients ask it."""

    packages = ("privacyIDEA", "Flask")
    hash = "Argon2id, 64 MiB, t=9, p=4, over a pepper"
    locks = True
    nobodies = 100

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open_(self) -> None:
        """The application, set up by its own program if that was not done."""
        configuration = self.folder / "pi.cfg"
        os.environ["PRIVACYIDEA_CONFIGFILE"] = str(configuration)
        if not configuration.exists():
            configuration.write_text(_CONFIGURATION.format(folder=self.folder))
            manage = Path(sys.executable).with_name("pi-manage")
            for what in ("create_enckey", "create_audit_keys", "create_tables"):
                subprocess.run([manage, "setup", what], check=True, capture_output=True)  # noqa: S603 -- the same
        from privacyidea.app import create_app

        note_each_argon2()
        self.app = create_app(config_name="production", config_file=str(configuration), silent=True)

    def create(self, logins: Sequence[str]) -> None:
        """A token for each."""
        from privacyidea.lib.token import init_token

        with self.app.app_context():
            for login in logins:
                token = init_token({"type": "spass", "serial": login, "pin": PASSWORD})
                token.set_maxfail(ALLOWED)
                token.save()

    def log_in(self, login: str, password: str) -> bool:
        """By the token's serial number."""
        told = self.app.test_client().post("/validate/check", data={"serial": login, "pass": password})
        if told.status_code >= 500:
            msg = f"status {told.status_code}: {told.get_data(as_text=True)[:300]}"
            raise RuntimeError(msg)
        return bool(told.get_json()["result"].get("value"))

    def bare(self) -> Callable[[], object]:
        """Its own hash."""
        from privacyidea.lib.crypto import pass_hash, verify_pass_hash

        with self.app.app_context():
            stored = pass_hash(PASSWORD)

        def verify() -> None:
            with self.app.app_context():
                assert verify_pass_hash(PASSWORD, stored)

        return verify
