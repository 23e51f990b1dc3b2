# Two stages: wheels are installed with hashes checked, then only what runs is copied. Non-root; works with a read-only
# root file system (everything it writes goes to /data).
FROM python:3.11-slim AS build
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY requirements.lock ./
RUN uv venv /app && VIRTUAL_ENV=/app uv pip install --no-cache --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot bot
COPY handlers handlers
COPY storage storage
COPY scheduling scheduling
RUN VIRTUAL_ENV=/app uv pip install --no-cache --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home learnbot \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LEARNBOT_HOST=0.0.0.0 \
    LEARNBOT_DATABASE_URL=sqlite:////data/learnbot.db
WORKDIR /data
USER 10001
VOLUME /data
EXPOSE 3978
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:3978/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["learnbot"]
CMD ["serve"]
