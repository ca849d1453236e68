# One image for every service and for the command line: `steward serve rules`, `steward migrate`.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/steward
WORKDIR /source
COPY requirements/run.txt requirements/
RUN /opt/steward/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY requirements/*.in requirements/
COPY services services
COPY shared shared
COPY steward steward
RUN /opt/steward/bin/pip install --no-deps .

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --user-group --home-dir /home/steward --create-home steward
COPY --from=build /opt/steward /opt/steward
ENV PATH=/opt/steward/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STEWARD_HOST=0.0.0.0
USER 10001:10001
WORKDIR /home/steward
ENTRYPOINT ["steward"]
CMD ["--help"]
