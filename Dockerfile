# The meeting service in a container. How to run it: docs/deploy.md, "In a container".

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Nothing here needs what packages would run at their installation.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY examples ./examples
RUN npm run build
COPY docs/deploy/service-packages.mjs ./docs/deploy/
RUN node docs/deploy/service-packages.mjs --keep && npm prune --ignore-scripts && rm -rf node_modules/.cache

FROM node:20-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4443 \
    RTC_PORT=44443 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/examples/meeting/dist ./examples/meeting/dist
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 4443/tcp 44443/udp
# Nobody new is let in; ends with the last meeting, after 30 seconds at the latest: give it more than that before the kill.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "examples/meeting/dist/server.js"]
