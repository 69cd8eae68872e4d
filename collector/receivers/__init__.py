"""OTLP over HTTP and gRPC: bytes in, a receipt out.

`http.py` and `grpc.py` are thin; what they share is in `otlp.py`. They hand serialised protobuf requests to a
`collector.model.Sink` and answer when its future has ended, which is after the commit.
"""
