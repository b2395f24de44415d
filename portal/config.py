"""Settings from the environment, read once, frozen. A missing or weak secret stops the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
SECRET_MIN_LENGTH = 32


class Settings(BaseSettings):
    """Every environment variable of the portal (prefix PORTAL_).

    Only ``PORTAL_DATABASE_URL`` and ``PORTAL_SECRET_KEY`` are required; the rest have safe defaults.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="ignore")

    database_url: str
    secret_key: SecretStr
    base_url: str = "http://127.0.0.1:8000"
    data_dir: Path = ROOT / "var" / "files"
    drop_dir: Path | None = None
    seal_dir: Path | None = None
    signature_roots: Path | None = None
    trusted_hosts: list[str] = Field(default_factory=list)
    proxy_hops: int = 0
    log_level: str = "INFO"
    upload_limit_mib: int = 25
    session_idle_minutes: int = 30
    session_absolute_hours: int = 8
    sign_in_failures: int = 10
    sign_in_window_minutes: int = 5
    password_min_length: int = 15
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "ssl", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_ca_file: Path | None = None
    mail_from: str = ""

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SECRET_MIN_LENGTH:
            raise ValueError(f"PORTAL_SECRET_KEY must be at least {SECRET_MIN_LENGTH} characters")
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host and "@" not in self.mail_from:
            raise ValueError("PORTAL_MAIL_FROM must be the sender's address where PORTAL_SMTP_HOST is set")
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError("PORTAL_SMTP_USER: a password is never sent without encryption; set PORTAL_SMTP_SECURITY")
        return self

    @property
    def sends_mail(self) -> bool:
        """Whether a mail server is configured; without one people are told in the portal only."""
        return bool(self.smtp_host)

    @property
    def https(self) -> bool:
        """Whether the portal is reached over TLS, which decides cookie names and flags."""
        return self.base_url.startswith("https://")

    def for_flask(self) -> dict[str, Any]:
        """The settings in Flask's own names."""
        return {
            "SECRET_KEY": self.secret_key.get_secret_value(),
            "SETTINGS": self,
            "MAX_CONTENT_LENGTH": (self.upload_limit_mib + 1) * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "MAX_FORM_PARTS": 2000,
            "TRUSTED_HOSTS": self.trusted_hosts or None,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": False,
            "SESSION_COOKIE_NAME": "__Host-form" if self.https else "form",
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "BABEL_DEFAULT_LOCALE": "vi",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
        }
