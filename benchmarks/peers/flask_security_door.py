"""Flask-Security's login view.  It counts nothing: that is left to the application."""

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.door import PASSWORD
from benchmarks.peers.noting import note_each_argon2


class FlaskSecurity:
    """Over Flask-SQLAlchemy, as its quick start has it."""

    packages = ("Flask-Security", "Flask")
    hash = "Argon2id, 64 MiB, t=3, p=4, over an HMAC"
    locks = False
    nobodies = 40

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open_(self) -> None:
        """The application."""
        from flask import Flask
        from flask_security import Security, SQLAlchemyUserDatastore
        from flask_security.models import fsqla_v3
        from flask_sqlalchemy import SQLAlchemy

        note_each_argon2()
        app = self.app = Flask("storm")
        app.config |= {
            "SECRET_KEY": "storm",
            "SECURITY_PASSWORD_SALT": "146585145368132386173505678016728509634",
            "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder}/db?timeout=60",
            "WTF_CSRF_ENABLED": False,
        }
        self.db = SQLAlchemy(app)
        fsqla_v3.FsModels.set_db_info(self.db)

        class Role(self.db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined,misc]  # made by the library
            pass

        class User(self.db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined,misc]  # the same
            pass

        self.users = SQLAlchemyUserDatastore(self.db, User, Role)
        self.security = Security(app, self.users)

    def create(self, logins: Sequence[str]) -> None:
        """The tables and the users."""
        from flask_security import hash_password

        with self.app.app_context():
            self.db.create_all()
            for login in logins:
                self.users.create_user(email=f"{login}@example.jp", password=hash_password(PASSWORD))
            self.db.session.commit()

    def log_in(self, login: str, password: str) -> bool:
        """By the form."""
        form = {"email": f"{login}@example.jp", "password": password}
        return self.app.test_client().post("/login", data=form).status_code == 302

    def bare(self) -> Callable[[], object]:
        """Its own hash, of what stands in its database."""
        from flask_security import hash_password
        from flask_security.utils import verify_password

        with self.app.app_context():
            stored = hash_password(PASSWORD)

        def verify() -> None:
            with self.app.app_context():
                assert verify_password(PASSWORD, stored)

        return verify
