# One image for each kind of process: docker build --target collector|dashboard|shop .
ARG PYTHON_VERSION=3.11

FROM python:${PYTHON_VERSION}-slim AS build
WORKDIR /build
RUN python -m venv /opt/spanscape
ENV PATH=/opt/spanscape/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# Dependencies first: they change less often than the code, and their layer is kept.
COPY requirements/ requirements/
RUN pip install --require-hashes --only-binary :all: -r requirements/runtime.txt
COPY . .
RUN pip install --require-hashes --only-binary :all: -r requirements/build.txt \
 && pip install --no-deps --no-build-isolation . \
 && pip uninstall --yes setuptools

FROM python:${PYTHON_VERSION}-slim AS base
RUN groupadd --gid 10001 spanscape \
 && useradd --uid 10001 --gid spanscape --home-dir /data --no-create-home --shell /usr/sbin/nologin spanscape \
 && install -d -o spanscape -g spanscape /data
COPY --from=build /opt/spanscape /opt/spanscape
COPY deploy/healthcheck.py /opt/spanscape/healthcheck.py
ENV PATH=/opt/spanscape/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# By number, so that Kubernetes can tell that it is not root.
USER 10001:10001
WORKDIR /data

FROM base AS collector
ENV SPANSCAPE_HOST=0.0.0.0 SPANSCAPE_STORE_URL=chdb:///data
VOLUME /data
EXPOSE 4317 4318 4320
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["python", "/opt/spanscape/healthcheck.py", "http://127.0.0.1:4320/healthz"]
CMD ["python", "-m", "collector"]

FROM base AS dashboard
ENV SPANSCAPE_DASHBOARD_HOST=0.0.0.0
EXPOSE 8050
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["python", "/opt/spanscape/healthcheck.py", "http://127.0.0.1:8050/healthz"]
CMD ["python", "-m", "dashboard"]

# Every service of the demo shop; the command chooses which. Its health check fits the gateway.
FROM base AS shop
ENV SHOP_HOST=0.0.0.0 SHOP_DATA_DIR=/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["python", "/opt/spanscape/healthcheck.py", "http://127.0.0.1:8000/health/ready"]
CMD ["python", "-m", "demo_services.gateway.main"]
