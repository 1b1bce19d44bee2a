# wordvec serve in a container: docker build -t wordvec . ; see docs/serving.md.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
# Extras of the package; with `map` (some 300 MB more), the server draws maps on demand.
ARG EXTRAS=serve,mcp
WORKDIR /build
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY src ./src
RUN python -m venv /opt/wordvec \
    && /opt/wordvec/bin/pip install --no-cache-dir --constraint constraints.txt ".[${EXTRAS}]"

FROM python:${PYTHON}-slim
RUN groupadd --system --gid 10001 wordvec \
    && useradd --system --uid 10001 --gid wordvec --no-create-home --home-dir /cache wordvec \
    && install --directory --owner=wordvec --group=wordvec --mode=0700 /cache
COPY --from=build /opt/wordvec /opt/wordvec
ENV PATH=/opt/wordvec/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/cache
USER 10001:10001
WORKDIR /models
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/ready', timeout=4)"]
# All addresses, as those outside of the container come by another one; so WORDVEC_TOKEN must be set.
ENTRYPOINT ["wordvec", "serve", "--host", "0.0.0.0", "--port", "8765"]
CMD ["/models/model.wv"]
