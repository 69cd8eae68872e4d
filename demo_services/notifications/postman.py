"""Sends mail over SMTP, guarded, with a client span of its own: no library instruments smtplib."""

import smtplib
from email.message import EmailMessage

from opentelemetry import trace
from opentelemetry.trace import SpanKind

from demo_services.common.errors import PeerUnavailable
from demo_services.common.guard import Guard
from demo_services.services import MAIL

_SENDER = "shop@shop.example"
_SPAN_NAME = "SMTP send"
_tracer = trace.get_tracer(__name__)


class Postman:
    def __init__(self, host: str, port: int, timeout_s: float, guard: Guard) -> None:
        self._host = host
        self._port = port
        self._timeout_s = timeout_s
        self._guard = guard

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Raises PeerUnavailable."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = _SENDER, recipient, subject
        message.set_content(text)
        self._guard.call(_SPAN_NAME, lambda: self._send(message))

    def _send(self, message: EmailMessage) -> None:
        attributes: dict[str, str | int] = {
            "service.peer.name": MAIL,
            "server.address": self._host,
            "server.port": self._port,
        }
        with _tracer.start_as_current_span(_SPAN_NAME, kind=SpanKind.CLIENT, attributes=attributes):
            try:
                with smtplib.SMTP(self._host, self._port, timeout=self._timeout_s) as server:
                    server.send_message(message)
            except (OSError, smtplib.SMTPException) as error:
                raise PeerUnavailable(f"mail: {type(error).__name__}") from error
