"""The HTTP face of users: accounts, and whether a password fits."""

from fastapi import FastAPI
from pydantic import BaseModel, Field

from demo_services.common.database import open_database
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.users.accounts import SCHEMA, Accounts
from demo_services.users.domain import User


class NewUser(BaseModel):
    email: str = Field(max_length=200)
    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=100)


class Credentials(BaseModel):
    email: str = Field(max_length=200)
    password: str = Field(max_length=100)


class Renaming(BaseModel):
    name: str = Field(min_length=1, max_length=100)


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="users", version="1")
    engine = open_database(runtime.settings, "users", SCHEMA)
    runtime.uses_database(engine)
    accounts = Accounts(engine)

    @app.post("/users", status_code=201, responses=said(409, 422))
    def create(user: NewUser) -> User:
        return accounts.create(user.email, user.name, user.password)

    @app.post("/sessions", responses=said(401))
    def sign_in(credentials: Credentials) -> User:
        return accounts.sign_in(credentials.email, credentials.password)

    @app.get("/users/{user_id}", responses=said(404))
    def get(user_id: str) -> User:
        return accounts.get(user_id)

    @app.put("/users/{user_id}", responses=said(404))
    def rename(user_id: str, renaming: Renaming) -> User:
        return accounts.rename(user_id, renaming.name)

    @app.delete("/users/{user_id}", status_code=204, responses=said(404))
    def delete(user_id: str) -> None:
        accounts.delete(user_id)

    return app
