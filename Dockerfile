# The service and its workers. The database is another container (NEO4J_URI), see docker-compose.yml.
FROM python:3.12-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
ENV PIP_CACHE_DIR=/var/cache/pip PIP_ROOT_USER_ACTION=ignore
RUN --mount=type=cache,target=/var/cache/pip make install-runtime VENV=/opt/glan

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home glan
COPY --from=build /opt/glan /opt/glan
ENV PATH=/opt/glan/bin:$PATH PYTHONUNBUFFERED=1
USER glan
WORKDIR /home/glan
EXPOSE 8321
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8321/healthz', timeout=4)"]
CMD ["glan", "serve", "--host", "0.0.0.0"]
