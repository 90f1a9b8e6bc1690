# Backend and workers of Earmark in one image: the command is `earmark`, its first word chooses (serve, worker, connect).
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements requirements
COPY pyproject.toml README.md ./
COPY backend backend
COPY earmark earmark
COPY label_config label_config
COPY model model
COPY training_jobs training_jobs
# The same step as `make setup`, so that PyTorch is the build that fits and label-studio-ml comes without its old pins.
RUN python requirements/install.py --runtime

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 earmark && mkdir /data && chown earmark /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    EARMARK_HOME=/data \
    EARMARK_HOST=0.0.0.0
# Its number, so that a host can tell that it is not root.
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 9090
ENTRYPOINT ["earmark"]
CMD ["serve"]
