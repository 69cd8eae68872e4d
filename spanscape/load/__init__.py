"""`spanscape load`: recorded telemetry from files to a collector over OTLP/HTTP.

A file goes through four steps, each in its own module: `sources` opens containers and yields their members as
streams, `documents` recognises a member's format by its content, `formats` turns documents into OTLP requests
(pure functions, one module per format), `sending` delivers them. `loading` puts the steps together.
"""
