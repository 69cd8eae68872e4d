"""The accounts, kept in the database of users."""

import uuid

import sqlalchemy as sa

from demo_services.common.errors import Conflict, NotFound, NotSignedIn
from demo_services.users.domain import User, checked_email, fits, hashed

SCHEMA = sa.MetaData()
_users = sa.Table(
    "users",
    SCHEMA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("email", sa.String, nullable=False, unique=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("password", sa.String, nullable=False),
)


class Accounts:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def create(self, email: str, name: str, password: str) -> User:
        """Raises Conflict for an address that has an account."""
        user = User(uuid.uuid4().hex, checked_email(email), name)
        row = {"id": user.id, "email": user.email, "name": user.name, "password": hashed(password)}
        try:
            with self._engine.begin() as connection:
                connection.execute(_users.insert().values(row))
        except sa.exc.IntegrityError as error:
            raise Conflict(f"{user.email} has an account already") from error
        return user

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        with self._engine.connect() as connection:
            row = connection.execute(_users.select().where(_users.c.id == user_id)).one_or_none()
        if row is None:
            raise NotFound(f"{user_id}: no such user")
        return User(row.id, row.email, row.name)

    def sign_in(self, email: str, password: str) -> User:
        """Raises NotSignedIn, without saying which of the two is wrong."""
        with self._engine.connect() as connection:
            row = connection.execute(_users.select().where(_users.c.email == email.lower())).one_or_none()
        if row is None or not fits(password, row.password):
            raise NotSignedIn("email or password is wrong")
        return User(row.id, row.email, row.name)

    def rename(self, user_id: str, name: str) -> User:
        """Raises NotFound."""
        with self._engine.begin() as connection:
            connection.execute(_users.update().where(_users.c.id == user_id).values(name=name))
        return self.get(user_id)

    def delete(self, user_id: str) -> None:
        """Raises NotFound."""
        with self._engine.begin() as connection:
            if connection.execute(_users.delete().where(_users.c.id == user_id)).rowcount == 0:
                raise NotFound(f"{user_id}: no such user")
