# Two images from one file, one per role:
#   docker build --target api -t grantkeeper-api .
#   docker build --target worker -t grantkeeper-worker .

# The digest is what counts, of the index for all platforms; the tag says which version it is.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS base

FROM base AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY .swcrc rolldown.config.js ormconfig.ts ./
COPY scripts scripts
COPY libs libs
COPY apps apps
RUN node scripts/bootstrap.mjs build
# Leaves out the compilers and, being optional, the embedded PostgreSQL.
RUN npm prune --omit=dev --omit=optional --ignore-scripts
RUN mkdir -p data

FROM base AS runtime
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    GRANTKEEPER_DATA_DIR=/var/lib/grantkeeper
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/scripts scripts
COPY --from=build --chown=1000:1000 /app/data /var/lib/grantkeeper
# The image's user `node`, by its number: orchestrators check that it is not 0.
USER 1000:1000
VOLUME /var/lib/grantkeeper
STOPSIGNAL SIGTERM

FROM runtime AS worker
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_PORT || 3001}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "dist/apps/worker/main.js"]

FROM runtime AS api
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "dist/apps/api/main.js"]
