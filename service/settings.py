"""Settings, read once at the entry point and passed down.

The conventional names of the field work as they are (NEO4J_URI, OPENAI_API_KEY, ...); everything else
is GLAN_ + the field's name in capitals. A `.env` file in the working directory is read too.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from generators.models.addresses import checked_address, checked_headers, checked_key
from generators.models.prices import OwnPrice, own_prices

if TYPE_CHECKING:
    from limits import RateLimitItem

T = TypeVar("T")


# A scheme, a host and a port; anything else, such as a user and a password, is refused.
ADDRESS = re.compile(r"([\w+.-]*://)?[^/@?#]*/?", re.ASCII)


def variable(name: str) -> str:
    """The environment variable of the field `name`."""
    alias = Settings.model_fields[name].validation_alias
    return str(alias.choices[-1]) if isinstance(alias, AliasChoices) else f"GLAN_{name.upper()}"


def listed(text: str | None) -> list[str]:
    """The parts of a comma-separated setting, such as GLAN_CORS_ORIGINS."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def rates(text: str) -> "list[RateLimitItem]":
    """Parses `600/minute`, or several with semicolons; raises ValueError with the right form."""
    from limits import parse_many  # only a service needs the library

    try:
        found = parse_many(text)
    except ValueError:
        found = []
    if not found or any(item.amount < 1 for item in found):
        raise ValueError(f"{text!r} must be written as 600/minute, or 20/second;600/minute")
    return found


def _checked(check: Callable[[Any], T], given: object) -> T:
    """The value that `check` returns; its ValueError becomes pydantic's message."""
    try:
        return check(given)
    except ValueError as error:
        raise PydanticCustomError("endpoint", "{problem}", {"problem": str(error)}) from None


class Settings(BaseSettings):
    """One field per setting; `docs/reference/settings.md` is made from it."""

    model_config = SettingsConfigDict(
        env_prefix="GLAN_",
        env_file=".env",
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        # Errors must not quote a key.
        hide_input_in_errors=True,
    )

    neo4j_uri: str | None = Field(
        default=None,
        validation_alias=AliasChoices("neo4j_uri", "NEO4J_URI"),
        description="Bolt address of a Neo4j server, 5.26 or newer; if not set, glan runs Neo4j itself",
    )
    neo4j_username: str = Field(
        default="neo4j",
        validation_alias=AliasChoices("neo4j_username", "NEO4J_USERNAME"),
        description="User name for NEO4J_URI",
    )
    neo4j_password: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("neo4j_password", "NEO4J_PASSWORD"),
        description="Password for NEO4J_URI",
    )
    neo4j_database: str | None = Field(
        default=None,
        validation_alias=AliasChoices("neo4j_database", "NEO4J_DATABASE"),
        description="Database at NEO4J_URI; default: the user's home database",
    )
    neo4j_read_username: str | None = Field(
        default=None,
        validation_alias=AliasChoices("neo4j_read_username", "NEO4J_READ_USERNAME"),
        description="User name for named queries and users' own Cypher; default: NEO4J_USERNAME",
    )
    neo4j_read_password: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("neo4j_read_password", "NEO4J_READ_PASSWORD"),
        description="Password of NEO4J_READ_USERNAME",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("openai_api_key", "OPENAI_API_KEY"),
        description="API key of the endpoint; without OPENAI_BASE_URL the endpoint is OpenAI",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("openai_base_url", "OPENAI_BASE_URL"),
        description="Address of any OpenAI-compatible endpoint: vLLM, llama.cpp, Ollama, a gateway",
    )

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("glan"),
        description="Data folder of the embedded Neo4j",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("glan"),
        description="Folder in which the downloaded jars of Neo4j are kept",
    )
    maven_url: str | None = Field(
        default=None,
        description="Maven repository to fetch the jars from; default: the one jgo is configured for",
    )
    neo4j_port: int = Field(
        default=0, ge=0, le=65535, description="Bolt port of the embedded Neo4j; 0: any free port"
    )
    neo4j_heap: str = Field(
        default="512m", pattern=r"^\d+[mg]$", description="Java heap of the embedded Neo4j"
    )
    neo4j_page_cache: str = Field(
        default="256m", pattern=r"^\d+[mg]$", description="Page cache of the embedded Neo4j"
    )
    disk_reserve_mb: int = Field(
        default=256,
        ge=0,
        description="Megabytes (2^20 bytes) to keep free on the disk of GLAN_HOME; below this, writing stops "
        "until there is room again",
    )
    linger_s: float = Field(
        default=30.0,
        ge=0,
        description="Seconds after its last client has left until the embedded Neo4j shuts down",
    )

    url: str | None = Field(
        default=None, description="Address of the running glan service that commands use (also --url)"
    )
    host: str = Field(default="127.0.0.1", description="Address `glan serve` listens on")
    port: int = Field(
        default=8321, ge=0, le=65535, description="Port `glan serve` listens on; 0: any free port"
    )
    token: SecretStr | None = Field(
        default=None,
        description="Bearer token with all rights, including that to create others (glan token); "
        "for a command: the token it sends",
    )

    max_body_mb: int = Field(
        default=32,
        ge=1,
        le=1000,
        description="Maximum size in megabytes of a request body; NDJSON of a bulk insertion is unlimited",
    )
    body_timeout_s: float = Field(
        default=60.0,
        gt=0,
        description="Maximum seconds between two parts of a request body; after that the answer is 408",
    )
    head_timeout_s: float = Field(
        default=20.0,
        gt=0,
        description="Maximum seconds for the head of a request; after that the connection is closed",
    )
    stall_timeout_s: float = Field(
        default=300.0,
        gt=0,
        description="Maximum seconds a client may leave a stream unread; after that it is cut off",
    )
    rate_limit: str | None = Field(
        default=None,
        description="Maximum requests per token (without one: per address), such as 600/minute or "
        "20/second;600/minute; each service counts separately; default: no limit",
    )
    cors_origins: str | None = Field(
        default=None,
        description="Comma-separated origins whose pages may use the service, such as "
        "https://lab.example; default: none",
    )
    trusted_proxies: str | None = Field(
        default=None,
        description="Comma-separated addresses or networks of proxies whose X-Forwarded-For and "
        "X-Forwarded-Proto are trusted; default: none, so the client is the other end of the connection",
    )
    root_path: str | None = Field(
        default=None,
        description="Path under which a proxy serves glan, such as /glan; links in responses start with it",
    )
    access_log: bool = Field(default=True, description="Whether `glan serve` logs every request")
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="json: one object per line; text: for people; auto: text on a terminal, else json",
    )
    idempotency_hours: float = Field(
        default=168.0,
        gt=0,
        le=100_000,
        description="Hours for which the response to an Idempotency-Key is kept",
    )

    query_timeout_s: float = Field(
        default=30.0,
        gt=0,
        le=86_400,
        description="Default timeout of a user's query in seconds",
    )
    query_longest_s: float = Field(
        default=300.0,
        gt=0,
        le=86_400,
        description="Longest timeout in seconds that a user's query may ask for",
    )
    query_most_rows: int = Field(
        default=100_000, ge=1, description="Maximum number of rows a user's query returns"
    )
    query_most_mb: int = Field(
        default=64,
        ge=1,
        le=4096,
        description="Maximum size in megabytes (2^20 bytes) of the result of a user's query",
    )

    model: str | None = Field(
        default=None, description="Model name, or the path of a .gguf file to run on this machine"
    )
    answer_model: str | None = Field(
        default=None, description="Model for the answers; default: the same model"
    )
    answer_base_url: str | None = Field(
        default=None, description="Endpoint for the answers; default: the same endpoint"
    )
    answer_api_key: SecretStr | None = Field(
        default=None, description="API key of the endpoint for the answers"
    )
    judge_model: str | None = Field(
        default=None, description="Model that judges questions and answers; default: the same model"
    )
    judge_base_url: str | None = Field(
        default=None, description="Endpoint of the judge; default: the same endpoint"
    )
    judge_api_key: SecretStr | None = Field(default=None, description="API key of the judge's endpoint")
    extra_headers: Annotated[dict[str, str], NoDecode] = Field(
        default={},
        repr=False,
        description="Headers sent with every request to the endpoint, as JSON: "
        '{"X-Title": "my data"}; they override glan\'s own headers of the same name',
    )
    answer_extra_headers: Annotated[dict[str, str], NoDecode] = Field(
        default={},
        repr=False,
        description="The same for the endpoint of the answers, if that is a different one",
    )
    judge_extra_headers: Annotated[dict[str, str], NoDecode] = Field(
        default={},
        repr=False,
        description="The same for the endpoint of the judge, if that is a different one",
    )
    # Not decoded by pydantic-settings, whose error would name neither the model nor the right form.
    prices: Annotated[dict[str, OwnPrice], NoDecode] = Field(
        default={},
        description="Your own prices in usd per million tokens, as JSON by model name: "
        '{"my-model": {"input": 0.15, "output": 0.6}}; they take precedence over those glan knows',
    )
    concurrency: int = Field(
        default=32,
        ge=1,
        le=4096,
        description="Upper bound on concurrent calls per model and endpoint; the actual number adapts",
    )
    connect_timeout_s: float = Field(
        default=10.0, gt=0, description="Timeout in seconds for connecting to an endpoint"
    )
    request_timeout_s: float = Field(
        default=300.0,
        gt=0,
        description="Seconds without any data from the endpoint after which a request is sent again",
    )
    patience_s: float = Field(
        default=300.0, gt=0, description="Seconds without any usable reply after which a job pauses"
    )
    models_folder: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("glan") / "models",
        description="Folder in which `glan model fetch` keeps models",
    )
    local_slots: int = Field(default=4, ge=1, le=64, description="Concurrent calls to the local model")
    lease_s: float = Field(
        default=10.0, ge=1, description="Seconds after which a dead worker's job may be taken over"
    )

    @field_validator("neo4j_uri")
    @classmethod
    def _address_alone(cls, given: str | None) -> str | None:
        if given is not None and not ADDRESS.fullmatch(given):
            # Not quoted: errors are printed and logged, and it may contain a password.
            raise PydanticCustomError(
                "address",
                "must be an address alone, such as bolt://127.0.0.1:7687: put the user into NEO4J_USERNAME "
                "and the password into NEO4J_PASSWORD",
            )
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, given: str | None) -> str | None:
        for network in listed(given):
            try:
                ipaddress.ip_network(network)
            except ValueError:
                raise PydanticCustomError(
                    "trusted_proxies",
                    "{network} is neither an address nor a network, such as 10.0.0.5 or 172.16.0.0/12",
                    {"network": network},
                ) from None
        return given

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(r"(/[\w.~-]+)+", given, re.ASCII):
            raise PydanticCustomError(
                "root_path",
                "{path} must be a path such as /glan, without a slash at its end",
                {"path": given},
            )
        return given

    @field_validator("openai_base_url", "answer_base_url", "judge_base_url")
    @classmethod
    def _address(cls, given: str | None) -> str | None:
        return given if given is None else _checked(checked_address, given)

    @field_validator("openai_api_key", "answer_api_key", "judge_api_key")
    @classmethod
    def _key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            _checked(checked_key, given.get_secret_value())
        return given

    @field_validator("extra_headers", "answer_extra_headers", "judge_extra_headers", mode="before")
    @classmethod
    def _headers(cls, given: object) -> dict[str, str]:
        return _checked(checked_headers, given)

    @field_validator("rate_limit")
    @classmethod
    def _countable(cls, given: str | None) -> str | None:
        try:
            if given is not None:
                rates(given)
        except ValueError as error:
            raise PydanticCustomError("rate_limit", "{problem}", {"problem": str(error)}) from None
        return given

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, given: str | None) -> str | None:
        for origin in listed(given):
            if not re.fullmatch(r"https?://[^/\s*]+", origin):
                raise PydanticCustomError(
                    "origin",
                    "{origin} must be scheme and host, such as https://lab.example",
                    {"origin": origin},
                )
        return given

    @field_validator("prices", mode="before")
    @classmethod
    def _priced(cls, given: object) -> dict[str, OwnPrice]:
        try:
            return own_prices(given)
        except ValueError as error:
            raise PydanticCustomError("prices", "{problem}", {"problem": str(error)}) from None
