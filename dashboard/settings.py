"""Settings of the dashboard process, read once in `main()` from the environment (prefix `SPANSCAPE_`)."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the collector answers and where the dashboard listens."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="SPANSCAPE_")

    collector_url: str = Field("http://127.0.0.1:4320", pattern=r"^https?://")
    dashboard_host: str = "127.0.0.1"
    dashboard_port: int = Field(8050, ge=0, le=65535)  # 0 takes a free port
    dashboard_max_pages: int = Field(200, ge=1)  # open pages; further ones show no live data
    dashboard_max_answer_bytes: int = Field(2**28, ge=1)  # of the collector, as passed on to scripts of a page
    upload_max_bytes: int = Field(32 * 2**20, ge=1024)  # of a recording that is handed in; the collector has the same
